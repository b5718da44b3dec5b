//! Header compression of HTTP/2 (RFC 7541), as far as a sensor needs it.
//!
//! The dynamic table keeps the values of those fields that are read; of all others, cookies among them, no more than
//! their size, and of credentials the scheme. It may also lack entries, after a gap or a header block that was too long:
//! what then points to one is a field that is not known, and no error.

use super::huffman;
use crate::fields::scheme;

/// Entries of the dynamic table that are remembered. The usual table, of 4096 bytes, can hold no more than 128.
pub const ENTRIES_MAX: usize = 256;
/// Bytes of values that are remembered.
pub const KEPT_MAX: usize = 8 * 1024;
const KEPT: u64 = KEPT_MAX as u64;
/// The most of a value that is read.
pub(super) const VALUE_MAX: usize = 1024;
/// The size that a table has until its peer says otherwise (RFC 9113 6.5.2).
const TABLE: u64 = 4096;
/// What an entry counts beside its text (RFC 7541 4.1).
const OVERHEAD: u64 = 32;

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum Name {
    #[default]
    Other,
    Method,
    Path,
    Authority,
    Status,
    Host,
    UserAgent,
    Server,
    ContentType,
    ContentLength,
    Authorization,
}

fn name(text: &[u8]) -> Name {
    match text {
        b":method" => Name::Method,
        b":path" => Name::Path,
        b":authority" => Name::Authority,
        b":status" => Name::Status,
        b"host" => Name::Host,
        b"user-agent" => Name::UserAgent,
        b"server" => Name::Server,
        b"content-type" => Name::ContentType,
        b"content-length" => Name::ContentLength,
        b"authorization" => Name::Authorization,
        _ => Name::Other,
    }
}

/// RFC 7541 appendix A.
#[rustfmt::skip]
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[derive(Clone, Copy, Default)]
struct Entry {
    name: Name,
    name_length: u64,
    size: u64,
    /// Where its value was written, counted from the first byte ever written.
    start: u64,
    length: usize,
}

pub(super) struct Table {
    entries: [Entry; ENTRIES_MAX],
    /// The place of the newest.
    newest: usize,
    count: usize,
    size: u64,
    limit: u64,
    kept: [u8; KEPT_MAX],
    written: u64,
}

impl Default for Table {
    fn default() -> Self {
        Table {
            entries: [Entry::default(); ENTRIES_MAX],
            newest: 0,
            count: 0,
            size: 0,
            limit: TABLE,
            kept: [0; KEPT_MAX],
            written: 0,
        }
    }
}

/// A name by its index, and the value that stands with it.
struct Known<'a> {
    name: Name,
    name_length: u64,
    value: Option<&'a [u8]>,
}

impl Table {
    /// Forgets every entry.
    pub(super) fn lose(&mut self) {
        self.count = 0;
        self.size = 0;
    }

    fn known(&self, index: u64) -> Option<Known<'_>> {
        let index = usize::try_from(index.checked_sub(1)?).ok()?;
        if let Some((text, value)) = STATIC.get(index) {
            let name_length = text.len() as u64;
            return Some(Known { name: name(text.as_bytes()), name_length, value: Some(value.as_bytes()) });
        }
        let back = index.saturating_sub(STATIC.len());
        let unknown = Known { name: Name::Other, name_length: 0, value: None };
        if back >= self.count {
            return Some(unknown);
        }
        let at = self.newest.wrapping_add(ENTRIES_MAX).wrapping_sub(back) % ENTRIES_MAX;
        let Some(entry) = self.entries.get(at) else { return Some(unknown) };
        let value = (self.written.saturating_sub(entry.start) <= KEPT)
            .then(|| {
                let from = usize::try_from(entry.start % KEPT).ok()?;
                self.kept.get(from..from.saturating_add(entry.length))
            })
            .flatten();
        Some(Known { name: entry.name, name_length: entry.name_length, value })
    }

    fn insert(&mut self, name: Name, name_length: u64, value: &[u8], value_length: u64) {
        let size = name_length.saturating_add(value_length).saturating_add(OVERHEAD);
        self.evict(self.limit.saturating_sub(size));
        if size > self.limit {
            self.lose();
            return;
        }
        if self.count == ENTRIES_MAX {
            self.drop_oldest();
        }
        // A value is not divided: what does not fit before the end of the buffer begins at its start.
        let from = usize::try_from(self.written % KEPT).unwrap_or(0);
        if from.saturating_add(value.len()) > KEPT_MAX {
            self.written = self.written.saturating_add(KEPT_MAX.saturating_sub(from) as u64);
        }
        let start = self.written;
        let from = usize::try_from(start % KEPT).unwrap_or(0);
        if let Some(room) = self.kept.get_mut(from..from.saturating_add(value.len())) {
            room.copy_from_slice(value);
        }
        self.written = self.written.saturating_add(value.len() as u64);
        self.newest = self.newest.wrapping_add(1) % ENTRIES_MAX;
        if let Some(entry) = self.entries.get_mut(self.newest) {
            *entry = Entry { name, name_length, size, start, length: value.len() };
        }
        self.count = self.count.saturating_add(1);
        self.size = self.size.saturating_add(size);
    }

    fn evict(&mut self, room: u64) {
        while self.count > 0 && self.size > room {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let back = self.count.saturating_sub(1);
        let at = self.newest.wrapping_add(ENTRIES_MAX).wrapping_sub(back) % ENTRIES_MAX;
        self.size = self.size.saturating_sub(self.entries.get(at).map_or(0, |entry| entry.size));
        self.count = back;
    }

    /// Reads a header block and shows each field that is known, with as much of its value as is read. `None` where the
    /// block is broken, and the table lost with it.
    pub(super) fn block(&mut self, block: &[u8], mut show: impl FnMut(Name, &[u8])) -> Option<()> {
        let read = self.fields(block, &mut show);
        if read.is_none() {
            self.lose();
        }
        read
    }

    fn fields(&mut self, block: &[u8], show: &mut dyn FnMut(Name, &[u8])) -> Option<()> {
        let mut rest = block;
        while let Some(&first) = rest.first() {
            match first {
                0x80.. => {
                    let known = self.known(integer(&mut rest, 7)?)?;
                    if let Some(value) = known.value.filter(|_| known.name != Name::Other) {
                        show(known.name, value);
                    }
                }
                0x40.. => self.literal(&mut rest, 6, true, show)?,
                0x20.. => {
                    self.limit = integer(&mut rest, 5)?;
                    self.evict(self.limit);
                }
                _ => self.literal(&mut rest, 4, false, show)?,
            }
        }
        Some(())
    }

    fn literal(
        &mut self,
        rest: &mut &[u8],
        prefix: u32,
        insert: bool,
        show: &mut dyn FnMut(Name, &[u8]),
    ) -> Option<()> {
        let (named, name_length) = match integer(rest, prefix)? {
            0 => {
                let mut buffer = [0; 24];
                let length = string(rest, &mut buffer)?;
                let text = usize::try_from(length).ok().and_then(|length| buffer.get(..length));
                (text.map_or(Name::Other, name), length)
            }
            index => {
                let known = self.known(index)?;
                (known.name, known.name_length)
            }
        };
        let mut buffer = [0; VALUE_MAX];
        let none: &mut [u8] = &mut [];
        let value_length = string(rest, if named == Name::Other { none } else { &mut buffer })?;
        let length = usize::try_from(value_length).unwrap_or(VALUE_MAX).min(VALUE_MAX);
        let value = match named {
            Name::Other => b"",
            Name::Authorization => scheme(buffer.get(..length)?).as_bytes(),
            _ => buffer.get(..length)?,
        };
        if named != Name::Other {
            show(named, value);
        }
        if insert {
            self.insert(named, name_length, value, value_length);
        }
        Some(())
    }
}

/// An integer behind a prefix of so many bits (RFC 7541 5.1).
fn integer(rest: &mut &[u8], prefix: u32) -> Option<u64> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    let mask = (1u64 << prefix).saturating_sub(1);
    let mut value = u64::from(*first) & mask;
    if value < mask {
        return Some(value);
    }
    // Five bytes hold any number of 32 bits.
    for shift in [0u32, 7, 14, 21, 28] {
        let (next, after) = rest.split_first()?;
        *rest = after;
        value = value.saturating_add(u64::from(next & 0x7f) << shift);
        if next & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A string (RFC 7541 5.2): as much of it as the buffer holds, and its length.
fn string(rest: &mut &[u8], buffer: &mut [u8]) -> Option<u64> {
    let coded = rest.first()? & 0x80 != 0;
    let length = usize::try_from(integer(rest, 7)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    if !coded {
        for (slot, byte) in buffer.iter_mut().zip(text) {
            *slot = *byte;
        }
        return Some(length as u64);
    }
    let mut decoded = 0usize;
    huffman::decode(text, |byte| {
        if let Some(slot) = buffer.get_mut(decoded) {
            *slot = byte;
        }
        decoded = decoded.saturating_add(1);
    })?;
    Some(decoded as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &mut Table, hex: &str) -> Option<String> {
        let digits: Vec<u8> = hex.bytes().filter(|byte| *byte != b' ').collect();
        let block: Vec<u8> =
            digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
        let mut text = String::new();
        table.block(&block, |name, value| text += &format!("{name:?}={} ", String::from_utf8_lossy(value)))?;
        Some(text)
    }

    /// RFC 7541 appendix C.4 and C.6.
    #[test]
    fn the_examples_of_the_standard_decode() {
        let mut table = Table::default();
        let first = "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff";
        assert_eq!(read(&mut table, first).as_deref(), Some("Method=GET Path=/ Authority=www.example.com "));
        assert_eq!(table.size, 57);
        let second = "8286 84be 5886 a8eb 1064 9cbf";
        assert_eq!(read(&mut table, second).as_deref(), Some("Method=GET Path=/ Authority=www.example.com "));
        assert_eq!(table.size, 110);
        let mut table = Table { limit: 256, ..Table::default() };
        read(
            &mut table,
            "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 \
             63c7 8f0b 97c8 e9ae 82ae 43d3",
        )
        .unwrap();
        assert_eq!(table.size, 222);
        assert_eq!(read(&mut table, "4883 640e ffc1 c0bf").as_deref(), Some("Status=307 "));
        assert_eq!((table.size, table.count), (222, 4));
    }

    #[test]
    fn a_table_larger_than_any_memory_keeps_its_newest() {
        let mut table = Table { limit: 1 << 30, ..Table::default() };
        for n in 0..ENTRIES_MAX + 40 {
            table.insert(Name::UserAgent, 10, format!("agent-{n}-{}", "x".repeat(80)).as_bytes(), 90);
        }
        assert_eq!(table.count, ENTRIES_MAX);
        let value = |index| table.known(index).and_then(|known| known.value.map(<[u8]>::to_vec));
        assert!(value(62).unwrap().starts_with(b"agent-295-"));
        assert!(value(62 + 60).unwrap().starts_with(b"agent-235-"));
        assert_eq!(value(62 + 200), None, "its value made room");
        assert_eq!(value(62 + 5000), None, "and this one is forgotten");
    }

    #[test]
    fn no_field_that_is_not_read_is_kept() {
        let mut table = Table::default();
        table.block(b"\x60\x07QXJZVKW\x57\x0dBasic QXJZVKW", |_, _| {}).unwrap();
        assert_eq!(table.count, 2);
        assert!(!table.kept.windows(7).any(|bytes| bytes == b"QXJZVKW"));
        assert_eq!(table.known(62).and_then(|known| known.value), Some(&b"basic"[..]));
    }

    #[test]
    fn broken_blocks_are_broken() {
        for block in ["80", "ffffffffffffff", "40", "4083616263", "0005", "4184ffffffff"] {
            assert_eq!(read(&mut Table::default(), block), None, "{block}");
        }
    }
}
