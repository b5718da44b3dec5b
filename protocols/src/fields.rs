//! Heads of text messages: a first line, then `Name: value` lines up to an empty one (RFC 9112 5, RFC 3261 7.3). HTTP,
//! SSDP and SIP share the form.

use memchr::{memchr, memchr_iter};

/// Where a head ends, its empty line included; searched from `from` on. A lone line feed ends a line, too.
pub(crate) fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr_iter(b'\n', rest).find_map(|at| {
        let after = at.saturating_add(1);
        let behind = match rest.get(after..)? {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return None,
        };
        Some(from.saturating_add(after).saturating_add(behind))
    })
}

/// From where to search again once `searched` bytes hold no end.
pub(crate) fn search_from(searched: usize) -> usize {
    searched.saturating_sub(2)
}

/// The first line without its end, and what follows.
pub(crate) fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr(b'\n', bytes).and_then(|at| bytes.split_at_checked(at)) {
        Some((line, rest)) => (line, rest.get(1..).unwrap_or_default()),
        None => (bytes, &[][..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// A header field. Of one that is folded over several lines the value is what stands on the first that has any.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) folded: bool,
    /// White space stands between the name and its colon: peers differ in what they make of it (RFC 9112 5.1).
    pub(crate) spaced: bool,
}

impl Field<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The fields of a head behind its first line; `None` for a line that is none.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(rest: &'a [u8]) -> Self {
        Fields { rest }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<Field<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = split_line(self.rest);
        self.rest = rest;
        if line.is_empty() {
            return None;
        }
        let mut more: &[u8] = b"";
        let mut folded = false;
        while matches!(self.rest.first(), Some(b' ' | b'\t')) {
            let (line, rest) = split_line(self.rest);
            self.rest = rest;
            folded = true;
            if more.is_empty() {
                more = line.trim_ascii();
            }
        }
        let Some((name, value)) = memchr(b':', line).and_then(|at| line.split_at_checked(at)) else {
            return Some(None);
        };
        let bare = name.trim_ascii();
        if bare.is_empty() {
            return Some(None);
        }
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let value = if value.is_empty() { more } else { value };
        Some(Some(Field { name: bare, value, folded, spaced: bare.len() != name.len() }))
    }
}

/// A character of a token (RFC 9110 5.6.2).
pub(crate) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

/// Decimal digits and nothing else, as a number that fits.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The longest media type that is taken for one.
pub(crate) const MEDIA_TYPE_MAX: usize = 96;

/// The media type of a `Content-Type` without its parameters, where it has the form of one (RFC 9110 8.3.1).
pub(crate) fn media_type(value: &[u8]) -> Option<&[u8]> {
    let end = value.iter().position(|byte| matches!(byte, b';' | b',')).unwrap_or(value.len());
    let media = value.get(..end)?.trim_ascii();
    let slash = memchr(b'/', media)?;
    let (major, minor) = media.split_at_checked(slash)?;
    let minor = minor.get(1..)?;
    let tokens = [major, minor].iter().all(|part| !part.is_empty() && part.iter().all(|byte| is_token(*byte)));
    (tokens && media.len() <= MEDIA_TYPE_MAX).then_some(media)
}

/// The scheme of an `Authorization` (RFC 9110 11.6.2): which one it is and never what follows.
pub(crate) fn scheme(value: &[u8]) -> &'static str {
    let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
    let name = value.get(..end).unwrap_or_default();
    ["basic", "bearer", "digest", "negotiate", "ntlm"]
        .into_iter()
        .find(|known| name.eq_ignore_ascii_case(known.as_bytes()))
        .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_end_at_an_empty_line_however_lines_end() {
        for (head, end) in [(&b"a\r\nb\r\n\r\nx"[..], Some(8)), (b"a\nb\n\nx", Some(5)), (b"a\n\r\nx", Some(4))] {
            assert_eq!(end_of_head(head, 0), end);
        }
        assert_eq!(end_of_head(b"a\r\nb\r\n\r", 0), None);
        assert_eq!(end_of_head(b"a\r\nb\r\n\r\n", search_from(7)), Some(8));
    }

    #[test]
    fn a_folded_field_is_one_field() {
        let fields: Vec<_> = Fields::new(b"A: 1\r\n 2\r\nB :\r\n\t3\r\nnone\r\n\r\nC: 4").collect();
        let shown: Vec<_> = fields.iter().map(|field| field.map(|f| (f.name, f.value, f.folded, f.spaced))).collect();
        assert_eq!(shown, [Some((&b"A"[..], &b"1"[..], true, false)), Some((b"B", b"3", true, true)), None]);
    }

    #[test]
    fn numbers_and_media_types_are_what_they_say() {
        assert_eq!(decimal(b"18446744073709551616"), None);
        assert_eq!(decimal(b"-1"), None);
        assert_eq!(decimal(b"0042"), Some(42));
        assert_eq!(media_type(b" text/html ; charset=x"), Some(&b"text/html"[..]));
        assert_eq!(media_type(b"a b/c"), None);
        assert_eq!(media_type(&[b"a/".as_slice(), &[b'b'; MEDIA_TYPE_MAX]].concat()), None);
        assert_eq!(scheme(b"BASIC x"), "basic");
        assert_eq!(scheme(b"hunter2"), "other");
    }
}
