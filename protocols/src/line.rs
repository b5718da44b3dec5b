//! Lines of text protocols, and the few things that are read from a line.

use memchr::memchr;

/// Where the lines of one direction stand. A line longer than the bound is cut there; its rest passes unread.
#[derive(Default)]
pub(crate) struct Lines {
    /// Bytes in which there is no line feed, so that they are not searched again.
    searched: usize,
    /// The rest of a line that was cut is passing.
    passing: bool,
}

pub(crate) enum Cut<'a> {
    /// A line without its end; with it, `past` bytes. `whole` is false for one that was cut at the bound.
    Line {
        text: &'a [u8],
        past: usize,
        whole: bool,
    },
    /// This many bytes belong to a line that was cut.
    Rest(usize),
    Need(usize),
}

impl Lines {
    pub(crate) fn cut<'a>(&mut self, bytes: &'a [u8], max: usize) -> Cut<'a> {
        if self.passing {
            let end = memchr(b'\n', bytes);
            self.passing = end.is_none();
            return Cut::Rest(end.map_or(bytes.len(), |end| end.saturating_add(1)));
        }
        let within = bytes.get(..max).unwrap_or(bytes);
        let end = memchr(b'\n', within.get(self.searched..).unwrap_or_default());
        let end = end.map(|end| end.saturating_add(self.searched));
        self.searched = 0;
        match end {
            Some(end) => {
                let text = within.get(..end).unwrap_or_default();
                let text = text.strip_suffix(b"\r").unwrap_or(text);
                Cut::Line { text, past: end.saturating_add(1), whole: true }
            }
            None if within.len() < max => {
                self.searched = within.len();
                Cut::Need(within.len().saturating_add(1))
            }
            None => {
                self.passing = true;
                Cut::Line { text: within, past: within.len(), whole: false }
            }
        }
    }

    /// Bytes are missing: what follows is passed up to the next line.
    pub(crate) fn gap(&mut self) {
        self.searched = 0;
        self.passing = true;
    }

    /// What follows is no part of a line.
    pub(crate) fn reset(&mut self) {
        *self = Lines::default();
    }
}

/// The word of a table that a text begins with, in whatever case, and what stands behind it and its space.
pub(crate) fn word<'a>(text: &'a [u8], words: &[&'static [u8]]) -> Option<(&'static [u8], &'a [u8])> {
    let end = text.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
    let (first, rest) = text.split_at_checked(end)?;
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(first))?;
    Some((known, rest.get(1..).unwrap_or_default()))
}

/// The code of a reply, and whether more lines of it follow (RFC 959 4.2, RFC 5321 4.2.1).
pub(crate) fn reply(line: &[u8]) -> Option<(u16, bool)> {
    let [hundreds @ b'1'..=b'5', tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = line else { return None };
    let more = match rest.first() {
        None | Some(b' ') => false,
        Some(b'-') => true,
        Some(_) => return None,
    };
    let digit = |byte: &u8| u16::from(byte.saturating_sub(b'0'));
    let code = digit(hundreds).saturating_mul(100).saturating_add(digit(tens).saturating_mul(10));
    Some((code.saturating_add(digit(ones)), more))
}

pub(crate) fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Longest version that is taken for one.
pub(crate) const VERSION_MAX: usize = 24;

/// A product of a table that is named in a text, and the version behind its name. Nothing else of the text is given.
pub(crate) fn product<'a>(text: &'a [u8], products: &[&'static [u8]]) -> Option<(&'static [u8], Option<&'a [u8]>)> {
    let (product, after) = products.iter().find_map(|product| {
        let at = memchr::memmem::find(text, product)?;
        Some((*product, text.get(at.saturating_add(product.len())..)?))
    })?;
    let after = after.trim_ascii_start();
    let after = after.strip_prefix(b"/").or(after.strip_prefix(b"version ")).unwrap_or(after);
    let end = after.iter().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'-'));
    let version = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
    let holds =
        version.first().is_some_and(u8::is_ascii_digit) && version.contains(&b'.') && version.len() <= VERSION_MAX;
    Some((product, holds.then_some(version)))
}

/// Printable ASCII or the upper half, as text has it.
pub(crate) fn is_text(text: &[u8]) -> bool {
    text.iter().all(|&byte| byte >= 0x20 && byte != 0x7f || byte == b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_named_by_the_table_and_its_version_has_the_form_of_one() {
        let table: &[&'static [u8]] = &[b"vsFTPd", b"Exim"];
        assert_eq!(product(b"(vsFTPd 3.0.3)", table), Some((&b"vsFTPd"[..], Some(&b"3.0.3"[..]))));
        assert_eq!(product(b"mx ESMTP Exim 4.96-1 Mon", table), Some((&b"Exim"[..], Some(&b"4.96-1"[..]))));
        assert_eq!(product(b"Exim Jane Doe", table), Some((&b"Exim"[..], None)));
        assert_eq!(product(b"Exim 19700101", table), Some((&b"Exim"[..], None)), "a number without a dot");
        assert_eq!(product(b"Welcome, Jane", table), None);
    }

    #[test]
    fn a_reply_is_three_digits_and_a_space_or_a_hyphen() {
        assert_eq!(reply(b"220 x"), Some((220, false)));
        assert_eq!(reply(b"230-"), Some((230, true)));
        assert_eq!(reply(b"226"), Some((226, false)));
        assert_eq!(reply(b"2260"), None);
        assert_eq!(reply(b"620 x"), None);
        assert_eq!(reply(b" 220 x"), None);
    }
}
