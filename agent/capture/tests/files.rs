//! Capture files: what is read, and what becomes of damaged ones.

use holter_capture::{CaptureError, CaptureFile, MAX_FRAME, MAX_INTERFACES};
use holter_terms::LinkType;
use std::io::{Read, Write};

#[derive(Debug, PartialEq, Eq, Clone)]
struct Seen {
    at: i64,
    link: u16,
    bytes: Vec<u8>,
    wire_len: u32,
}

fn read_all(source: impl Read) -> (Vec<Seen>, Option<CaptureError>) {
    let mut file = match CaptureFile::read(source) {
        Ok(file) => file,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut frames = Vec::new();
    loop {
        match file.next() {
            Ok(Some(frame)) => frames.push(Seen {
                at: frame.at,
                link: frame.link.0,
                bytes: frame.bytes.to_vec(),
                wire_len: frame.wire_len,
            }),
            Ok(None) => return (frames, None),
            Err(error) => {
                assert!(matches!(file.next(), Ok(None)), "after an error there is nothing");
                return (frames, Some(error));
            }
        }
    }
}

fn offset(error: Option<CaptureError>) -> u64 {
    match error {
        Some(CaptureError::Damaged { offset, .. } | CaptureError::Read { offset, .. }) => offset,
        other => panic!("{other:?}"),
    }
}

/// Numbers in one of the two byte orders.
#[derive(Clone, Copy)]
struct Order {
    big: bool,
}

impl Order {
    fn half(self, n: u16) -> [u8; 2] {
        if self.big { n.to_be_bytes() } else { n.to_le_bytes() }
    }

    fn word(self, n: u32) -> [u8; 4] {
        if self.big { n.to_be_bytes() } else { n.to_le_bytes() }
    }

    fn header(self, magic: u32, link: u32) -> Vec<u8> {
        let mut bytes = self.word(magic).to_vec();
        bytes.extend(self.half(2));
        bytes.extend(self.half(4));
        for n in [0, 0, 65_535, link] {
            bytes.extend(self.word(n));
        }
        bytes
    }

    fn record(self, seconds: u32, fraction: u32, length: u32, bytes: &[u8]) -> Vec<u8> {
        let head = [seconds, fraction, length, 1000].map(|n| self.word(n)).concat();
        [&head, bytes].concat()
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut padded = body.to_vec();
        padded.resize(body.len().next_multiple_of(4), 0);
        let length = self.word(u32::try_from(padded.len() + 12).unwrap());
        [&self.word(kind)[..], &length, &padded, &length].concat()
    }

    fn section(self) -> Vec<u8> {
        let body = [&self.word(0x1a2b_3c4d)[..], &self.half(1), &self.half(0), &[0xff; 8]].concat();
        self.block(0x0a0d_0d0a, &body)
    }

    fn interface(self, link: u16, snaplen: u32, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = [&self.half(link)[..], &[0, 0], &self.word(snaplen)].concat();
        for (code, value) in options {
            body.extend(self.half(*code));
            body.extend(self.half(u16::try_from(value.len()).unwrap()));
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        self.block(1, &body)
    }

    fn enhanced(self, interface: u32, time: u64, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap();
        let head = [interface, (time >> 32) as u32, time as u32, length, length + 7].map(|n| self.word(n)).concat();
        self.block(6, &[&head, bytes].concat())
    }
}

const BIG: Order = Order { big: true };
const LITTLE: Order = Order { big: false };

fn classic() -> Vec<u8> {
    let mut bytes = LITTLE.header(0xa1b2_c3d4, 1);
    for k in 0..3u32 {
        bytes.extend(LITTLE.record(100 + k, 5, 6, b"frame!"));
    }
    bytes
}

#[test]
fn cap_2_every_byte_order_and_resolution_gives_the_same_frames() {
    for order in [BIG, LITTLE] {
        for (magic, fraction) in [(0xa1b2_c3d4, 250_000), (0xa1b2_3c4d, 250_000_000)] {
            let bytes = [order.header(magic, 113), order.record(7, fraction, 3, b"abc")].concat();
            let (frames, error) = read_all(&bytes[..]);
            assert!(error.is_none());
            let expected = Seen { at: 7_250_000_000, link: 113, bytes: b"abc".to_vec(), wire_len: 1000 };
            assert_eq!(frames, [expected]);
        }
    }
}

#[test]
fn cap_2_the_modified_format_with_longer_record_headers_is_read() {
    let mut bytes = LITTLE.header(0xa1b2_cd34, 1);
    for _ in 0..2 {
        let mut record = LITTLE.record(7, 0, 3, b"");
        record.extend([9; 8]);
        record.extend(b"abc");
        bytes.extend(record);
    }
    let (frames, error) = read_all(&bytes[..]);
    assert!(error.is_none());
    assert!(frames.len() == 2 && frames.iter().all(|frame| frame.bytes == b"abc"));
}

#[test]
fn cap_1_cap_12_what_is_no_capture_is_refused_by_name() {
    for (bytes, said) in [
        (&b""[..], "empty"),
        (b"\xd4", "first four bytes"),
        (&classic()[..23], "24 bytes of its header"),
        (b"\x1f\x8b\x08\x00aaaa", "gzip"),
        (b"\x28\xb5\x2f\xfdaaaa", "zstd"),
        (b"PK\x03\x04aaaa", "ZIP"),
        (b"<html>", "no capture format"),
    ] {
        let (frames, error) = read_all(bytes);
        assert!(frames.is_empty());
        let error = error.unwrap();
        assert!(matches!(error, CaptureError::NotACapture(_)));
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn cap_4_a_file_cut_anywhere_gives_the_frames_before_and_the_place() {
    let whole = classic();
    for cut in 24..whole.len() {
        let (frames, error) = read_all(&whole[..cut]);
        let complete = (cut - 24) / 22;
        assert_eq!(frames.len(), complete);
        if (cut - 24) % 22 == 0 {
            assert!(error.is_none());
        } else {
            assert_eq!(offset(error), (24 + complete * 22) as u64);
        }
    }
}

#[test]
fn cap_3_a_record_that_claims_too_much_is_refused_and_nothing_is_allocated_for_it() {
    for claimed in [MAX_FRAME as u32 + 1, 0x7fff_ffff, u32::MAX] {
        let bytes = [classic(), LITTLE.record(9, 0, claimed, b"x")].concat();
        let (frames, error) = read_all(&bytes[..]);
        assert_eq!(frames.len(), 3);
        assert_eq!(offset(error), classic().len() as u64);
    }
}

#[test]
fn cap_6_times_that_run_backwards_and_fractions_beyond_a_second_are_counted() {
    let mut bytes = LITTLE.header(0xa1b2_3c4d, 1);
    for (seconds, fraction) in [(u32::MAX, 0), (5, 1_000_000_001), (1 << 31, 0)] {
        bytes.extend(LITTLE.record(seconds, fraction, 1, b"x"));
    }
    let mut file = CaptureFile::read(&bytes[..]).unwrap();
    while file.next().unwrap().is_some() {}
    assert_eq!((file.counts().frames, file.counts().backwards, file.counts().odd_fractions), (3, 1, 1));
}

#[test]
fn several_interfaces_have_each_their_link_type_and_clock() {
    for order in [BIG, LITTLE] {
        let offset = if order.big { 10i64.to_be_bytes() } else { 10i64.to_le_bytes() };
        let bytes = [
            order.section(),
            order.interface(1, 0, &[]),
            order.interface(113, 0, &[(2, b"eth1"), (9, &[9])]),
            order.interface(101, 0, &[(9, &[0x80 | 10]), (14, &offset), (0, &[])]),
            order.enhanced(0, 2_000_001, b"micro"),
            order.enhanced(1, 2_000_000_001, b"nano"),
            order.enhanced(2, 2048 + 512, b"binary"),
        ]
        .concat();
        let (frames, error) = read_all(&bytes[..]);
        assert!(error.is_none(), "{error:?}");
        let told: Vec<_> = frames.iter().map(|frame| (frame.at, frame.link, frame.bytes.as_slice())).collect();
        assert_eq!(
            told,
            [(2_000_001_000, 1, &b"micro"[..]), (2_000_000_001, 113, b"nano"), (12_500_000_000, 101, b"binary"),]
        );
        assert_eq!(frames[0].wire_len, 12);
    }
}

#[test]
fn simple_and_obsolete_packets_are_read() {
    let mut obsolete = [&LITTLE.half(0)[..], &LITTLE.half(3)].concat();
    for n in [0, 5_000_000, 3, 3] {
        obsolete.extend(LITTLE.word(n));
    }
    obsolete.extend(b"old");
    let simple = [&LITTLE.word(100)[..], b"0123456789"].concat();
    let bytes =
        [LITTLE.section(), LITTLE.interface(1, 10, &[]), LITTLE.block(2, &obsolete), LITTLE.block(3, &simple)].concat();
    let (frames, error) = read_all(&bytes[..]);
    assert!(error.is_none(), "{error:?}");
    assert_eq!((frames[0].at, frames[0].bytes.as_slice()), (5_000_000_000, &b"old"[..]));
    assert_eq!((frames[1].bytes.as_slice(), frames[1].wire_len), (&b"0123456789"[..], 100));
    assert_eq!(frames[1].at, frames[0].at, "a simple packet has no time of its own");
}

#[test]
fn cap_7_a_block_with_a_wrong_length_is_an_error_with_its_place() {
    let begin = [LITTLE.section(), LITTLE.interface(1, 0, &[]), LITTLE.enhanced(0, 1, b"good")].concat();
    for length in [0u32, 11, 13] {
        let bad = [&LITTLE.word(6)[..], &LITTLE.word(length), &[0; 64]].concat();
        let (frames, error) = read_all(&[&begin[..], &bad].concat()[..]);
        assert_eq!((frames.len(), offset(error)), (1, begin.len() as u64));
    }
    for kind in [6, 0x0bad] {
        let mut bad = LITTLE.block(kind, &[0; 40]);
        *bad.last_mut().unwrap() = 9;
        let (frames, error) = read_all(&[&begin[..], &bad].concat()[..]);
        assert_eq!(frames.len(), 1);
        assert!(offset(error) >= begin.len() as u64);
    }
}

#[test]
fn cap_8_packets_need_an_interface_and_interfaces_have_a_bound() {
    let without = [LITTLE.section(), LITTLE.enhanced(0, 1, b"x")].concat();
    let (frames, error) = read_all(&without[..]);
    assert_eq!((frames.len(), offset(error)), (0, 28));
    let mut many = LITTLE.section();
    for _ in 0..65_536 {
        many.extend(LITTLE.interface(1, 0, &[]));
    }
    let (_, error) = read_all(&many[..]);
    assert_eq!(offset(error), (28 + MAX_INTERFACES * 20) as u64);
}

#[test]
fn cap_9_options_without_an_end_are_read_as_far_as_they_go() {
    let bytes = [
        LITTLE.section(),
        LITTLE.interface(1, 0, &[(9, &[9]), (2, &[b'x'; 400])]),
        LITTLE.enhanced(0, 1_000_000_000, b"x"),
    ]
    .concat();
    assert_eq!(read_all(&bytes[..]).0[0].at, 1_000_000_000);
}

#[test]
fn cap_10_a_clock_that_cannot_be_counted_is_refused() {
    for resolution in [0xff, 0x7f, 20] {
        let bytes = [LITTLE.section(), LITTLE.interface(1, 0, &[(9, &[resolution])])].concat();
        assert_eq!(offset(read_all(&bytes[..]).1), 28);
    }
}

#[test]
fn cap_11_a_section_of_the_other_byte_order_is_followed_and_has_its_own_interfaces() {
    let bytes = [
        LITTLE.section(),
        LITTLE.interface(1, 0, &[]),
        LITTLE.enhanced(0, 1, b"little"),
        BIG.section(),
        BIG.interface(113, 0, &[]),
        BIG.enhanced(0, 1, b"big"),
        BIG.section(),
        BIG.enhanced(0, 1, b"none"),
    ]
    .concat();
    let (frames, error) = read_all(&bytes[..]);
    assert_eq!(frames.iter().map(|frame| frame.link).collect::<Vec<_>>(), [1, 113]);
    assert!(offset(error) > 0);
}

#[test]
fn cap_15_cap_16_blocks_of_comments_and_secrets_are_passed_over_whatever_their_size() {
    let secret = vec![b'k'; 3 * MAX_FRAME];
    let bytes =
        [LITTLE.section(), LITTLE.interface(1, 0, &[]), LITTLE.block(10, &secret), LITTLE.enhanced(0, 1, b"after")]
            .concat();
    let (frames, error) = read_all(&bytes[..]);
    assert!(error.is_none());
    assert_eq!(frames[0].bytes, b"after");
}

/// Gives a few bytes at a time, as a pipe does.
struct Slowly<'a>(&'a [u8]);

impl Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.len().min(buffer.len()).min(5);
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

#[test]
fn cap_13_a_stream_that_comes_in_small_parts_gives_the_same_frames() {
    let whole = classic();
    assert_eq!(read_all(Slowly(&whole)).0, read_all(&whole[..]).0);
}

/// Gives a header, then records without end.
struct Endless {
    header: Vec<u8>,
    record: Vec<u8>,
    at: u64,
    stop: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut n = 0;
        while n < buffer.len() && self.at < self.stop {
            let header = self.header.len() as u64;
            buffer[n] = match self.at.checked_sub(header) {
                None => self.header[self.at as usize],
                Some(at) => self.record[(at % self.record.len() as u64) as usize],
            };
            n += 1;
            self.at += 1;
        }
        Ok(n)
    }
}

#[test]
fn cap_14_a_long_file_passes_through_a_bounded_buffer() {
    let record = LITTLE.record(1, 0, 60_000, &[7; 60_000]);
    let stop = 24 + 800 * record.len() as u64;
    let source = Endless { header: LITTLE.header(0xa1b2_c3d4, 1), record, at: 0, stop };
    let mut file = CaptureFile::read(source).unwrap();
    while let Some(frame) = file.next().unwrap() {
        assert!(frame.bytes.iter().all(|byte| *byte == 7));
    }
    assert_eq!((file.counts().frames, file.offset()), (800, stop));
}

#[test]
fn cap_13_a_directory_a_missing_file_and_a_device_are_each_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let error = CaptureFile::open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("directory"), "{error}");
    assert!(matches!(CaptureFile::open(&folder.path().join("none")).err(), Some(CaptureError::Open(_))));
    let zero = CaptureFile::open("/dev/zero".as_ref()).err().unwrap();
    assert!(matches!(zero, CaptureError::NotACapture(_)), "{zero}");
}

#[test]
fn cap_17_the_same_file_twice_gives_the_same_frames() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&classic()).unwrap();
    let frames = || {
        let mut capture = CaptureFile::open(file.path()).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = capture.next().unwrap() {
            assert_eq!(frame.link, LinkType::ETHERNET);
            frames.push((frame.at, frame.bytes.to_vec()));
        }
        frames
    };
    assert_eq!(frames().len(), 3);
    assert_eq!(frames(), frames());
}
