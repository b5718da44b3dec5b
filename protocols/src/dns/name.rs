//! Domain names (RFC 1035 3.1, 4.1.4), read into a buffer on the stack.

use crate::Malformed;

/// Longest name on the wire, with its length bytes.
pub const NAME_WIRE_MAX: usize = 255;
/// Compression pointers followed in one name.
pub const POINTERS_MAX: usize = 32;
/// Longest name as text: each byte may become `\ddd`.
const TEXT_MAX: usize = NAME_WIRE_MAX * 4;

/// A name as dotted text without the final dot; the root is empty. A byte that is not printable ASCII, and a dot or a
/// backslash within a label, is written as RFC 1035 5.1 does: `\ddd`, `\.`, `\\`.
pub(super) struct Name {
    text: [u8; TEXT_MAX],
    len: usize,
}

impl Name {
    pub(super) const fn new() -> Self {
        Name { text: [0; TEXT_MAX], len: 0 }
    }

    pub(super) fn text(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.text.get_mut(self.len) {
            *slot = byte;
            self.len = self.len.saturating_add(1);
        }
    }

    fn push_escaped(&mut self, byte: u8) {
        match byte {
            b'.' | b'\\' => {
                self.push(b'\\');
                self.push(byte);
            }
            0x21..=0x7e => self.push(byte),
            _ => {
                self.push(b'\\');
                for divisor in [100u8, 10, 1] {
                    let digit = byte.checked_div(divisor).unwrap_or(0).checked_rem(10).unwrap_or(0);
                    self.push(b'0'.saturating_add(digit));
                }
            }
        }
    }

    /// Reads the name at `at` of the whole message; returns where what follows it begins.
    pub(super) fn read(&mut self, message: &[u8], at: usize) -> Result<usize, Malformed> {
        self.len = 0;
        walk(message, at, &mut |label| {
            if self.len > 0 {
                self.push(b'.');
            }
            label.iter().for_each(|&byte| self.push_escaped(byte));
        })
    }
}

/// Checks the name at `at` and returns where what follows it begins.
pub(super) fn skip(message: &[u8], at: usize) -> Result<usize, Malformed> {
    walk(message, at, &mut |_| {})
}

/// Shows the labels of a name. Every pointer leads to before the label run that it ends, so that no chain is walked
/// twice; at most [`POINTERS_MAX`] of them and [`NAME_WIRE_MAX`] bytes are read.
fn walk(message: &[u8], start: usize, label: &mut dyn FnMut(&[u8])) -> Result<usize, Malformed> {
    let malformed = |field, at: usize| Malformed { field, at: at.min(message.len()) };
    let mut at = start;
    let mut run = start;
    let mut after = None;
    let mut pointers = 0usize;
    let mut length = 1usize;
    loop {
        let &first = message.get(at).ok_or(malformed("dns.name", at))?;
        match first >> 6 {
            0 if first == 0 => return Ok(after.unwrap_or(at.saturating_add(1))),
            0 => {
                let begin = at.saturating_add(1);
                let end = begin.saturating_add(usize::from(first));
                let bytes = message.get(begin..end).ok_or(malformed("dns.name", at))?;
                length = length.saturating_add(1).saturating_add(bytes.len());
                if length > NAME_WIRE_MAX {
                    return Err(malformed("dns.name_length", at));
                }
                label(bytes);
                at = end;
            }
            3 => {
                let &low = message.get(at.saturating_add(1)).ok_or(malformed("dns.name", at))?;
                let target = usize::from(u16::from_be_bytes([first & 0x3f, low]));
                pointers = pointers.saturating_add(1);
                if target >= run || pointers > POINTERS_MAX {
                    return Err(malformed("dns.pointer", at));
                }
                after = after.or(Some(at.saturating_add(2)));
                at = target;
                run = target;
            }
            _ => return Err(malformed("dns.label_type", at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &[u8], at: usize) -> Result<(String, usize), Malformed> {
        let mut name = Name::new();
        let after = name.read(message, at)?;
        Ok((String::from_utf8(name.text().to_vec()).expect("ASCII"), after))
    }

    #[test]
    fn a_name_follows_pointers_back_and_goes_on_behind_the_first() {
        let message = b"\x03pac\x07example\0\x02ct\xc0\x04z";
        assert_eq!(read(message, 13), Ok(("ct.example".into(), 18)));
    }

    #[test]
    fn labels_are_escaped_so_that_dots_and_control_bytes_cannot_lie() {
        assert_eq!(read(b"\x04a.b\\\x03\n\xff \0", 0), Ok(("a\\.b\\\\.\\010\\255\\032".into(), 10)));
    }

    #[test]
    fn dns_1_pointers_to_themselves_forward_or_in_a_loop_are_malformed() {
        for (message, at) in [(&b"\xc0\x00"[..], 0), (b"\xc0\x02\x01a\0", 0), (b"\x01a\xc0\x04\xc0\x00", 4)] {
            assert!(matches!(read(message, at), Err(Malformed { field: "dns.pointer", .. })), "{message:?}");
        }
    }

    #[test]
    fn dns_3_wrong_label_types_and_names_over_255_bytes_are_malformed() {
        assert_eq!(read(b"\x40a\0", 0), Err(Malformed { field: "dns.label_type", at: 0 }));
        assert_eq!(read(b"\x80a\0", 0), Err(Malformed { field: "dns.label_type", at: 0 }));
        let mut long = [[b'x'; 64]; 4];
        long.iter_mut().for_each(|label| label[0] = 63);
        let long = long.concat();
        assert_eq!(read(&[&long[..192], b"\x3d", &[b'x'; 61], b"\0"].concat(), 0).map(|name| name.0.len()), Ok(253));
        assert!(matches!(read(&[&long[..], b"\0"].concat(), 0), Err(Malformed { field: "dns.name_length", .. })));
    }
}
