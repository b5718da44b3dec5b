use crate::{Malformed, Reader};

/// A name has at most 255 octets on the wire (RFC 1035 2.3.4); a byte takes at most four characters as text.
const WIRE_MAX: usize = 255;
const TEXT_MAX: usize = WIRE_MAX * 4;

/// A name as dotted text without the final dot. Bytes that are not printable, and dots and backslashes within a
/// label, are written as `\DDD` (RFC 4343 2.1).
pub(super) struct Name {
    text: [u8; TEXT_MAX],
    len: usize,
}

impl Name {
    /// Reads the name at the reader, following pointers into `whole`.
    pub(super) fn read<'a>(whole: &'a [u8], reader: &mut Reader<'a>, field: &'static str) -> Result<Name, Malformed> {
        let mut name = Name { text: [0; TEXT_MAX], len: 0 };
        walk(whole, reader, field, |label| name.label(label))?;
        Ok(name)
    }

    /// Passes over the name at the reader.
    pub(super) fn skip<'a>(whole: &'a [u8], reader: &mut Reader<'a>) -> Result<(), Malformed> {
        walk(whole, reader, "dns.record.name", |_| ())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }

    fn label(&mut self, label: &[u8]) {
        if self.len > 0 {
            self.push(b'.');
        }
        for &byte in label {
            if byte.is_ascii_graphic() && byte != b'.' && byte != b'\\' {
                self.push(byte);
            } else {
                self.push(b'\\');
                for digit in [byte / 100, byte / 10 % 10, byte % 10] {
                    self.push(b'0' | digit);
                }
            }
        }
    }

    fn push(&mut self, byte: u8) {
        if let Some(to) = self.text.get_mut(self.len) {
            *to = byte;
            self.len = self.len.saturating_add(1);
        }
    }
}

/// Walks the labels of a name. A pointer must go before the place where its name began, and each further pointer
/// before the last target, so the walk ends; 255 octets bound it besides.
fn walk<'a>(
    whole: &'a [u8],
    reader: &mut Reader<'a>,
    field: &'static str,
    mut label: impl FnMut(&[u8]),
) -> Result<(), Malformed> {
    let at = reader.at();
    let broken = Malformed { field, at };
    let mut octets = 0usize;
    let mut before = at;
    let mut elsewhere: Option<Reader<'a>> = None;
    loop {
        let source = elsewhere.as_mut().unwrap_or(&mut *reader);
        let length = source.u8(field).map_err(|_| broken)?;
        match length >> 6 {
            0 => {
                octets = octets.saturating_add(usize::from(length)).saturating_add(1);
                if octets > WIRE_MAX {
                    return Err(broken);
                }
                if length == 0 {
                    return Ok(());
                }
                label(source.take(usize::from(length), field).map_err(|_| broken)?);
            }
            3 => {
                let low = source.u8(field).map_err(|_| broken)?;
                let target = usize::from(u16::from_be_bytes([length & 0x3f, low]));
                if target >= before {
                    return Err(broken);
                }
                before = target;
                elsewhere = Some(Reader::based(whole.get(target..).ok_or(broken)?, target));
            }
            _ => return Err(broken),
        }
    }
}
