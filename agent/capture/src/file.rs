//! Capture files: pcap in both byte orders with micro- and nanoseconds, and pcapng. Reads forward only, so a pipe will
//! do. Memory is one frame, of at most [`MAX_FRAME`] bytes.

use crate::Frame;
use holter_terms::{LinkType, Nanos};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The largest frame that is read. The largest that libpcap writes is 262,144 bytes.
pub const MAX_FRAME: u32 = 1024 * 1024;

/// The largest pcapng block that is not a frame, such as an interface description.
pub const MAX_BLOCK: u32 = 16 * 1024 * 1024;

/// The most interfaces of one pcapng section.
pub const MAX_INTERFACES: usize = 4096;

const SECOND: i128 = 1_000_000_000;

/// Why a file could not be read further, and where.
#[derive(Debug, thiserror::Error)]
#[error("byte {offset}: {reason}")]
pub struct FileError {
    /// Offset in the file of the record that could not be read.
    pub offset: u64,
    pub reason: Reason,
}

#[derive(Debug, thiserror::Error)]
pub enum Reason {
    #[error("neither pcap nor pcapng")]
    Format,
    #[error("compressed: unpack it first")]
    Compressed,
    #[error("pcap of a version that is not 2")]
    Version,
    #[error("the file ends within a record")]
    Cut,
    #[error("a frame longer than {MAX_FRAME} bytes")]
    FrameLength,
    #[error("a block length that is not a multiple of 4, below 12 or above {MAX_BLOCK}")]
    BlockLength,
    #[error("the two lengths of a block differ")]
    BlockTrailer,
    #[error("a block shorter than its fields")]
    BlockShort,
    #[error("a frame of an interface that was not described")]
    Interface,
    #[error("an interface whose stamps count more than 2^63 or 10^19 ticks a second")]
    Resolution,
    #[error("more than {MAX_INTERFACES} interfaces")]
    Interfaces,
    #[error("a block before the first section header, or a section header without byte order")]
    Section,
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self == Order::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self == Order::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
        Some(if self == Order::Little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }
}

#[derive(Clone, Copy)]
struct Interface {
    link: LinkType,
    snap: u32,
    /// Ticks in a second.
    ticks: u64,
    /// Seconds to add to each stamp.
    offset: i64,
}

enum Format {
    /// `extra`: bytes after the head of each record, in the format of a patched libpcap of the 1990s.
    Pcap { order: Order, link: LinkType, fraction: u32, extra: usize },
    Pcapng { order: Option<Order>, interfaces: Vec<Interface>, last: Nanos },
}

/// A capture file that is being read.
pub struct CaptureFile {
    from: Box<dyn Read + Send>,
    /// Bytes read so far.
    offset: u64,
    format: Format,
    frame: Vec<u8>,
    failed: bool,
}

impl CaptureFile {
    pub fn open(path: &Path) -> Result<CaptureFile, FileError> {
        let file = File::open(path).map_err(|error| FileError { offset: 0, reason: error.into() })?;
        CaptureFile::read(Box::new(file))
    }

    pub fn stdin() -> Result<CaptureFile, FileError> {
        CaptureFile::read(Box::new(io::stdin()))
    }

    /// Reads the header.
    pub fn read(from: Box<dyn Read + Send>) -> Result<CaptureFile, FileError> {
        let mut file = CaptureFile {
            from: Box::new(BufReader::with_capacity(256 * 1024, from)),
            offset: 0,
            format: Format::Pcapng { order: None, interfaces: Vec::new(), last: 0 },
            frame: Vec::new(),
            failed: false,
        };
        file.header().map_err(|reason| FileError { offset: 0, reason })?;
        Ok(file)
    }

    /// Bytes of the file that were read.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next frame; `None` at the end. After an error there is nothing more to read: neither format says where the
    /// next record would begin.
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, FileError> {
        if self.failed {
            return Ok(None);
        }
        let offset = self.offset;
        let found = match self.format {
            Format::Pcap { order, link, fraction, extra } => self.pcap(order, link, fraction, extra),
            Format::Pcapng { .. } => self.pcapng(),
        };
        match found {
            Ok(None) => Ok(None),
            Ok(Some((at, link, wire))) => Ok(Some(Frame { at, link, bytes: &self.frame, wire })),
            Err(reason) => {
                self.failed = true;
                Err(FileError { offset, reason })
            }
        }
    }

    fn header(&mut self) -> Result<(), Reason> {
        let mut magic = [0; 4];
        if !self.fill(&mut magic)? {
            return Err(Reason::Format);
        }
        let (order, fraction, extra) = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => (Order::Little, 1000, 0),
            [0xa1, 0xb2, 0xc3, 0xd4] => (Order::Big, 1000, 0),
            [0x4d, 0x3c, 0xb2, 0xa1] => (Order::Little, 1, 0),
            [0xa1, 0xb2, 0x3c, 0x4d] => (Order::Big, 1, 0),
            [0x34, 0xcd, 0xb2, 0xa1] => (Order::Little, 1000, 8),
            [0xa1, 0xb2, 0xcd, 0x34] => (Order::Big, 1000, 8),
            [0x0a, 0x0d, 0x0d, 0x0a] => return self.section(),
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] | [b'P', b'K', ..] | [0xfd, b'7', b'z', b'X'] => {
                return Err(Reason::Compressed);
            }
            _ => return Err(Reason::Format),
        };
        let mut rest = [0; 20];
        if !self.fill(&mut rest)? {
            return Err(Reason::Cut);
        }
        if order.u16(&rest, 0) != Some(2) {
            return Err(Reason::Version);
        }
        // The upper half may say how long the frame check sequence is.
        let link = LinkType(order.u32(&rest, 16).unwrap_or(0) as u16);
        self.format = Format::Pcap { order, link, fraction, extra };
        Ok(())
    }

    fn pcap(
        &mut self,
        order: Order,
        link: LinkType,
        fraction: u32,
        extra: usize,
    ) -> Result<Option<(Nanos, LinkType, u32)>, Reason> {
        let mut head = [0; 24];
        let head = head.get_mut(..16usize.saturating_add(extra)).unwrap_or_default();
        if !self.fill(head)? {
            return Ok(None);
        }
        let [seconds, part, captured, wire] = [0, 4, 8, 12].map(|at| order.u32(head, at).unwrap_or(0));
        if captured > MAX_FRAME {
            return Err(Reason::FrameLength);
        }
        self.body(captured)?;
        let at = i128::from(seconds) * SECOND + i128::from(part) * i128::from(fraction);
        Ok(Some((clamp(at), link, wire)))
    }

    /// The rest of a section header block, whose type was read.
    fn section(&mut self) -> Result<(), Reason> {
        let mut head = [0; 8];
        if !self.fill(&mut head)? {
            return Err(Reason::Cut);
        }
        let order = match head[4..] {
            [0x4d, 0x3c, 0x2b, 0x1a] => Order::Little,
            [0x1a, 0x2b, 0x3c, 0x4d] => Order::Big,
            _ => return Err(Reason::Section),
        };
        let length = order.u32(&head, 0).unwrap_or(0);
        if length < 28 || length % 4 != 0 || length > MAX_BLOCK {
            return Err(Reason::BlockLength);
        }
        self.body(length - 12)?;
        self.trailer(order, length)?;
        let last = match self.format {
            Format::Pcapng { last, .. } => last,
            Format::Pcap { .. } => 0,
        };
        self.format = Format::Pcapng { order: Some(order), interfaces: Vec::new(), last };
        Ok(())
    }

    fn pcapng(&mut self) -> Result<Option<(Nanos, LinkType, u32)>, Reason> {
        loop {
            let mut kind = [0; 4];
            if !self.fill(&mut kind)? {
                return Ok(None);
            }
            if kind == [0x0a, 0x0d, 0x0d, 0x0a] {
                self.section()?;
                continue;
            }
            let Format::Pcapng { order: Some(order), .. } = self.format else { return Err(Reason::Section) };
            let mut length = [0; 4];
            if !self.fill(&mut length)? {
                return Err(Reason::Cut);
            }
            let length = order.u32(&length, 0).unwrap_or(0);
            if length < 12 || length % 4 != 0 || length > MAX_BLOCK {
                return Err(Reason::BlockLength);
            }
            self.body(length - 8)?;
            self.trailer(order, length)?;
            let kind = order.u32(&kind, 0).unwrap_or(0);
            if let Some(found) = self.block(order, kind)? {
                return Ok(Some(found));
            }
        }
    }

    /// What a block says; its body is in the buffer. Types by the pcapng draft, 10.1.
    fn block(&mut self, order: Order, kind: u32) -> Result<Option<(Nanos, LinkType, u32)>, Reason> {
        let Format::Pcapng { interfaces, last, .. } = &mut self.format else { return Ok(None) };
        let body = &mut self.frame;
        let u32_at = |body: &[u8], at| order.u32(body, at).ok_or(Reason::BlockShort);
        let (interface, stamp, captured, wire, from) = match kind {
            // Interface description.
            1 => {
                if interfaces.len() >= MAX_INTERFACES {
                    return Err(Reason::Interfaces);
                }
                interfaces.push(interface(order, body)?);
                return Ok(None);
            }
            // Packet, obsolete: the interface is 16 bits wide.
            2 => {
                let interface = u32::from(order.u16(body, 0).ok_or(Reason::BlockShort)?);
                let stamp = (u32_at(body, 4)?, u32_at(body, 8)?);
                (interface, Some(stamp), u32_at(body, 12)?, u32_at(body, 16)?, 20)
            }
            // Simple packet: of the first interface, without a stamp, cut at its snapshot length.
            3 => {
                let wire = u32_at(body, 0)?;
                let snap = interfaces.first().map_or(0, |interface| interface.snap);
                let there = u32::try_from(body.len().saturating_sub(4)).unwrap_or(u32::MAX);
                let captured = if snap == 0 { wire.min(there) } else { wire.min(snap) };
                (0, None, captured, wire, 4)
            }
            // Enhanced packet.
            6 => {
                let stamp = (u32_at(body, 4)?, u32_at(body, 8)?);
                (u32_at(body, 0)?, Some(stamp), u32_at(body, 12)?, u32_at(body, 16)?, 20)
            }
            _ => return Ok(None),
        };
        let interface = usize::try_from(interface).ok().and_then(|n| interfaces.get(n)).ok_or(Reason::Interface)?;
        if captured > MAX_FRAME {
            return Err(Reason::FrameLength);
        }
        let captured = usize::try_from(captured).map_err(|_| Reason::FrameLength)?;
        if body.len() < captured.saturating_add(from) {
            return Err(Reason::BlockShort);
        }
        body.truncate(captured.saturating_add(from));
        body.drain(..from);
        if let Some((high, low)) = stamp {
            let ticks = u64::from(high) << 32 | u64::from(low);
            let at = i128::from(ticks) * SECOND / i128::from(interface.ticks.max(1));
            *last = clamp(at + i128::from(interface.offset) * SECOND);
        }
        Ok(Some((*last, interface.link, wire)))
    }

    fn trailer(&mut self, order: Order, length: u32) -> Result<(), Reason> {
        let end = self.frame.len().checked_sub(4).ok_or(Reason::BlockLength)?;
        if order.u32(&self.frame, end) != Some(length) {
            return Err(Reason::BlockTrailer);
        }
        self.frame.truncate(end);
        Ok(())
    }

    fn body(&mut self, length: u32) -> Result<(), Reason> {
        self.frame.clear();
        // Grows with what is there and not with what was announced.
        let read = (&mut self.from).take(u64::from(length)).read_to_end(&mut self.frame)?;
        self.offset = self.offset.saturating_add(read as u64);
        if read as u64 == u64::from(length) { Ok(()) } else { Err(Reason::Cut) }
    }

    /// Fills the buffer; false if the file ended before its first byte.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<bool, Reason> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.from.read(rest) {
                Ok(0) if done == 0 => return Ok(false),
                Ok(0) => return Err(Reason::Cut),
                Ok(n) => {
                    done = done.saturating_add(n);
                    self.offset = self.offset.saturating_add(n as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }
}

/// An interface description with the options that change stamps (pcapng draft, 4.2).
fn interface(order: Order, body: &[u8]) -> Result<Interface, Reason> {
    let link = LinkType(order.u16(body, 0).ok_or(Reason::BlockShort)?);
    let snap = order.u32(body, 4).ok_or(Reason::BlockShort)?;
    let mut interface = Interface { link, snap, ticks: 1_000_000, offset: 0 };
    let mut at = 8usize;
    // Within a body of at most MAX_BLOCK bytes nothing saturates.
    while let (Some(code), Some(length)) = (order.u16(body, at), order.u16(body, at.saturating_add(2))) {
        let value = at.saturating_add(4);
        let length = usize::from(length);
        match (code, length) {
            (0, _) => break,
            // if_tsresol: a power of ten, or of two where the top bit is set.
            (9, 1) => {
                let power = *body.get(value).ok_or(Reason::BlockShort)?;
                let exponent = u32::from(power & 0x7f);
                let ticks = if power & 0x80 == 0 { 10u64.checked_pow(exponent) } else { 1u64.checked_shl(exponent) };
                interface.ticks = ticks.ok_or(Reason::Resolution)?;
            }
            // if_tsoffset
            (14, 8) => interface.offset = order.u64(body, value).ok_or(Reason::BlockShort)?.cast_signed(),
            _ => {}
        }
        at = value.saturating_add(length.next_multiple_of(4));
    }
    Ok(interface)
}

fn clamp(at: i128) -> Nanos {
    Nanos::try_from(at).unwrap_or(if at < 0 { Nanos::MIN } else { Nanos::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file holds: stamps and lengths, and how it ended.
    fn read(bytes: &[u8]) -> (Vec<(Nanos, u16, usize)>, Option<String>) {
        let mut frames = Vec::new();
        let mut file = match CaptureFile::read(Box::new(io::Cursor::new(bytes.to_vec()))) {
            Ok(file) => file,
            Err(error) => return (frames, Some(error.to_string())),
        };
        loop {
            match file.next() {
                Ok(Some(frame)) => frames.push((frame.at, frame.link.0, frame.bytes.len())),
                Ok(None) => return (frames, None),
                Err(error) => {
                    assert!(matches!(file.next(), Ok(None)), "an error is said once");
                    return (frames, Some(error.to_string()));
                }
            }
        }
    }

    fn pcap(big: bool, nanos: bool) -> Vec<u8> {
        let u32 = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let magic = u32(if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 });
        let version = if big { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
        let mut file = [magic, version, u32(0), u32(0), u32(65535), u32(1)].concat();
        for n in 1..=2u32 {
            file.extend([u32(n), u32(n), u32(n), u32(100)].concat());
            file.extend(vec![0xaa; n as usize]);
        }
        file
    }

    fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
        let u32 = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let length = u32(body.len() as u32 + 12);
        [&u32(kind)[..], &length, &body, &length].concat()
    }

    fn pcapng(big: bool) -> Vec<u8> {
        let u32 = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let u16 = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let section = block(big, 0x0a0d_0d0a, &[&u32(0x1a2b_3c4d)[..], &u16(1), &u16(0), &[0xff; 8]].concat());
        let options = [&u16(9)[..], &u16(1), &[9, 0, 0, 0], &u16(0), &u16(0)].concat();
        let described = block(big, 1, &[&u16(113)[..], &u16(0), &u32(0), &options].concat());
        let enhanced = block(big, 6, &[&u32(0)[..], &u32(0), &u32(1500), &u32(3), &u32(60), &[1, 2, 3]].concat());
        let unknown = block(big, 0x0bad, &[0; 5]);
        let simple = block(big, 3, &[&u32(2)[..], &[1, 2]].concat());
        [section, described, enhanced, unknown, simple].concat()
    }

    #[test]
    fn pcap_is_read_in_both_orders_and_both_resolutions() {
        for big in [false, true] {
            for (nanos, factor) in [(false, 1000), (true, 1)] {
                let at = |n: i64| n * 1_000_000_000 + n * factor;
                assert_eq!(read(&pcap(big, nanos)), (vec![(at(1), 1, 1), (at(2), 1, 2)], None));
            }
        }
    }

    #[test]
    fn pcapng_is_read_in_both_orders_with_its_own_resolution() {
        for big in [false, true] {
            assert_eq!(read(&pcapng(big)), (vec![(1500, 113, 3), (1500, 113, 2)], None), "big: {big}");
        }
        let both = [pcapng(false), pcapng(true)].concat();
        assert_eq!(read(&both).0.len(), 4, "a section may change the order");
    }

    #[test]
    fn a_file_cut_anywhere_gives_what_is_whole_and_says_where_it_ends() {
        for whole in [pcap(false, false), pcapng(true)] {
            let all = read(&whole).0;
            for cut in 1..whole.len() {
                let (frames, error) = read(&whole[..cut]);
                assert_eq!(frames, all[..frames.len()]);
                assert!(error.is_some() || frames.len() < all.len(), "cut at {cut}");
            }
        }
        assert_eq!(read(&pcap(false, false)[..50]).1.as_deref(), Some("byte 41: the file ends within a record"));
    }

    #[test]
    fn lengths_that_lie_are_refused_without_being_allocated() {
        let mut file = pcap(false, false);
        file[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&file).1.as_deref(), Some("byte 24: a frame longer than 1048576 bytes"));
        for length in [0u32, 11, 14, 0xffff_fffc] {
            let mut file = pcapng(false);
            file[32..36].copy_from_slice(&length.to_le_bytes());
            assert!(read(&file).1.is_some_and(|error| error.starts_with("byte 28: a block length")), "{length}");
        }
    }

    #[test]
    fn what_is_no_capture_is_refused() {
        for bytes in [&b""[..], b"PK\x03\x04", b"\x0a\x0d\x0d\x0a\x1c\0\0\0aaaa"] {
            assert!(read(bytes).1.is_some());
        }
    }
}
