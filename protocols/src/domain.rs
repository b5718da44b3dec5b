//! The form that DNS, multicast DNS, LLMNR and the NetBIOS name service share: a header, questions and records, with
//! names that point back (RFC 1035 4.1). What they mean, each protocol says for itself.

use crate::{Malformed, Reader};
use std::net::IpAddr;

/// Longest name on the wire, with its length bytes.
pub const NAME_WIRE_MAX: usize = 255;
/// Compression pointers followed in one name.
pub const POINTERS_MAX: usize = 32;
/// Longest name as text: each byte may become `\ddd`.
const TEXT_MAX: usize = NAME_WIRE_MAX * 4;

/// Bytes of the header (RFC 1035 4.1.1).
pub(crate) const HEADER: usize = 12;

pub(crate) const A: u16 = 1;
pub(crate) const NS: u16 = 2;
pub(crate) const CNAME: u16 = 5;
pub(crate) const PTR: u16 = 12;
pub(crate) const HINFO: u16 = 13;
pub(crate) const MX: u16 = 15;
pub(crate) const TXT: u16 = 16;
pub(crate) const AAAA: u16 = 28;
pub(crate) const SRV: u16 = 33;
pub(crate) const DNAME: u16 = 39;
pub(crate) const OPT: u16 = 41;

/// What a protocol calls the elements that may break.
pub(crate) struct Labels {
    pub(crate) header: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_length: &'static str,
    pub(crate) pointer: &'static str,
    pub(crate) label_type: &'static str,
    pub(crate) question: &'static str,
    pub(crate) record: &'static str,
    pub(crate) rdlength: &'static str,
}

macro_rules! labels {
    ($protocol:literal) => {
        $crate::domain::Labels {
            header: concat!($protocol, ".header"),
            name: concat!($protocol, ".name"),
            name_length: concat!($protocol, ".name_length"),
            pointer: concat!($protocol, ".pointer"),
            label_type: concat!($protocol, ".label_type"),
            question: concat!($protocol, ".question"),
            record: concat!($protocol, ".record"),
            rdlength: concat!($protocol, ".rdlength"),
        }
    };
}
pub(crate) use labels;

/// The fixed part of a message.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    pub(crate) id: u16,
    pub(crate) flags: u16,
    /// Questions, answers, authority and additional records, as promised.
    pub(crate) counts: [u16; 4],
}

impl Header {
    pub(crate) const fn response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    pub(crate) const fn opcode(&self) -> u16 {
        self.flags >> 11 & 15
    }

    pub(crate) const fn rcode(&self) -> u16 {
        self.flags & 15
    }
}

/// Where a name stands that a question asks for.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    pub(crate) at: usize,
    pub(crate) kind: u16,
    pub(crate) class: u16,
    pub(crate) next: usize,
}

/// A record's fixed part, and where its name and its data stand.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) at: usize,
    pub(crate) kind: u16,
    pub(crate) class: u16,
    pub(crate) ttl: u32,
    pub(crate) data: &'a [u8],
    /// Offset of the data in the message.
    pub(crate) data_at: usize,
    pub(crate) next: usize,
}

impl Record<'_> {
    /// The address of an A or AAAA record; an error where its data is not one.
    pub(crate) fn address(&self) -> Result<Option<IpAddr>, ()> {
        match self.kind {
            A => <[u8; 4]>::try_from(self.data).map(|bytes| Some(IpAddr::from(bytes))).map_err(|_| ()),
            AAAA => <[u8; 16]>::try_from(self.data).map(|bytes| Some(IpAddr::from(bytes))).map_err(|_| ()),
            _ => Ok(None),
        }
    }

    /// Where, within the message, the name begins that the data holds.
    pub(crate) fn target_at(&self) -> Option<usize> {
        let before = match self.kind {
            NS | CNAME | PTR | DNAME => 0,
            MX => 2,
            SRV => 6,
            _ => return None,
        };
        Some(self.data_at.saturating_add(before))
    }

    /// The character strings of the data (RFC 1035 3.3), up to one that does not fit.
    pub(crate) fn strings(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.data;
        std::iter::from_fn(move || {
            let (&length, after) = rest.split_first()?;
            let (text, after) = after.split_at_checked(usize::from(length))?;
            rest = after;
            Some(text)
        })
    }
}

pub(crate) enum Part<'a> {
    Question(Question),
    /// With its section: 1 answers, 2 authority, 3 additional.
    Record(u8, Record<'a>),
}

/// A message, and what its protocol calls its elements.
#[derive(Clone, Copy)]
pub(crate) struct Wire<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) labels: &'static Labels,
}

impl<'a> Wire<'a> {
    pub(crate) fn header(&self) -> Result<Header, Malformed> {
        let mut reader = Reader::new(self.bytes);
        let id = reader.u16(self.labels.header)?;
        let flags = reader.u16(self.labels.header)?;
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = reader.u16(self.labels.header)?;
        }
        Ok(Header { id, flags, counts })
    }

    pub(crate) fn question(&self, at: usize) -> Result<Question, Malformed> {
        let fixed = self.skip(at)?;
        let mut reader = Reader::based(self.bytes.get(fixed..).unwrap_or_default(), fixed);
        let (kind, class) = (reader.u16(self.labels.question)?, reader.u16(self.labels.question)?);
        Ok(Question { at, kind, class, next: reader.at() })
    }

    pub(crate) fn record(&self, at: usize) -> Result<Record<'a>, Malformed> {
        let fixed = self.skip(at)?;
        let mut reader = Reader::based(self.bytes.get(fixed..).unwrap_or_default(), fixed);
        let kind = reader.u16(self.labels.record)?;
        let class = reader.u16(self.labels.record)?;
        let ttl = reader.u32(self.labels.record)?;
        let length = usize::from(reader.u16(self.labels.record)?);
        let data_at = reader.at();
        let data = reader.take(length, self.labels.rdlength)?;
        Ok(Record { at, kind, class, ttl, data, data_at, next: reader.at() })
    }

    /// Walks the sections by what stands there, never by what the counts promise; returns where they end. `see` says
    /// whether to go on.
    pub(crate) fn walk(
        &self,
        header: &Header,
        see: &mut dyn FnMut(Part<'a>) -> Result<bool, Malformed>,
    ) -> Result<usize, Malformed> {
        let [questions, sections @ ..] = header.counts;
        let mut at = HEADER;
        for _ in 0..questions {
            let question = self.question(at)?;
            at = question.next;
            if !see(Part::Question(question))? {
                return Ok(at);
            }
        }
        for (section, count) in (1u8..).zip(sections) {
            for _ in 0..count {
                let record = self.record(at)?;
                at = record.next;
                if !see(Part::Record(section, record))? {
                    return Ok(at);
                }
            }
        }
        Ok(at)
    }

    /// Checks the name at `at` and returns where what follows it begins.
    pub(crate) fn skip(&self, at: usize) -> Result<usize, Malformed> {
        self.name_labels(at, &mut |_| {})
    }

    /// Shows the labels of a name. Every pointer leads to before the label run that it ends, so that no chain is
    /// walked twice; at most [`POINTERS_MAX`] of them and [`NAME_WIRE_MAX`] bytes are read.
    pub(crate) fn name_labels(&self, start: usize, label: &mut dyn FnMut(&'a [u8])) -> Result<usize, Malformed> {
        let Wire { bytes: message, labels } = *self;
        let malformed = |field, at: usize| Malformed { field, at: at.min(message.len()) };
        let mut at = start;
        let mut run = start;
        let mut after = None;
        let mut pointers = 0usize;
        let mut length = 1usize;
        loop {
            let &first = message.get(at).ok_or(malformed(labels.name, at))?;
            match first >> 6 {
                0 if first == 0 => return Ok(after.unwrap_or(at.saturating_add(1))),
                0 => {
                    let begin = at.saturating_add(1);
                    let end = begin.saturating_add(usize::from(first));
                    let bytes = message.get(begin..end).ok_or(malformed(labels.name, at))?;
                    length = length.saturating_add(1).saturating_add(bytes.len());
                    if length > NAME_WIRE_MAX {
                        return Err(malformed(labels.name_length, at));
                    }
                    label(bytes);
                    at = end;
                }
                3 => {
                    let &low = message.get(at.saturating_add(1)).ok_or(malformed(labels.name, at))?;
                    let target = usize::from(u16::from_be_bytes([first & 0x3f, low]));
                    pointers = pointers.saturating_add(1);
                    if target >= run || pointers > POINTERS_MAX {
                        return Err(malformed(labels.pointer, at));
                    }
                    after = after.or(Some(at.saturating_add(2)));
                    at = target;
                    run = target;
                }
                _ => return Err(malformed(labels.label_type, at)),
            }
        }
    }
}

/// A name as dotted text without the final dot; the root is empty. A byte that is not printable ASCII, and a dot or a
/// backslash within a label, is written as RFC 1035 5.1 does: `\ddd`, `\.`, `\\`.
pub(crate) struct Name {
    text: [u8; TEXT_MAX],
    len: usize,
}

impl Name {
    pub(crate) const fn new() -> Self {
        Name { text: [0; TEXT_MAX], len: 0 }
    }

    pub(crate) fn text(&self) -> &[u8] {
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
    pub(crate) fn read(&mut self, wire: &Wire<'_>, at: usize) -> Result<usize, Malformed> {
        self.len = 0;
        wire.name_labels(at, &mut |label| self.add(label))
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds a label.
    pub(crate) fn add(&mut self, label: &[u8]) {
        if self.len > 0 {
            self.push(b'.');
        }
        label.iter().for_each(|&byte| self.push_escaped(byte));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &[u8], at: usize) -> Result<(String, usize), Malformed> {
        let mut name = Name::new();
        let after = name.read(&Wire { bytes: message, labels: &labels!("dns") }, at)?;
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
