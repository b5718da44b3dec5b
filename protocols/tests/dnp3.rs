//! DNP3: what is read, what is never, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, Sample, decode, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::dnp3::Dnp3;
use holter_protocols::{Protocol, Transport, Verdict};

/// Bit by bit, unlike the decoder's.
fn crc(bytes: &[u8]) -> [u8; 2] {
    let mut crc = 0u16;
    for &byte in bytes {
        crc ^= u16::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xa6bc } else { crc >> 1 };
        }
    }
    (!crc).to_le_bytes()
}

fn frame(control: u8, destination: u16, source: u16, carried: &[u8]) -> Vec<u8> {
    let addresses = [destination, source].map(u16::to_le_bytes).concat();
    let header = [&[5, 0x64, carried.len() as u8 + 5, control][..], &addresses].concat();
    let mut bytes = [&header[..], &crc(&header)].concat();
    for block in carried.chunks(16) {
        bytes.extend_from_slice(block);
        bytes.extend(crc(block));
    }
    bytes
}

fn read(source: u16) -> Vec<u8> {
    frame(0xc4, 10, source, &[0xc0, 0xc1, 1, 60, 2, 6])
}

fn said(way: Way, bytes: &[u8]) -> Vec<String> {
    let chunks = vec![(way, bytes.to_vec()), (way, read(999))];
    let sample = Sample { name: String::new(), protocol: "dnp3", transport: Transport::Tcp, chunks };
    let mut whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![1; bytes.len()]), whole, "segments must not matter");
    assert!(whole.pop().is_some_and(|last| last.contains("dnp3.function=1 ")), "the next is read: {whole:#?}");
    assert!(whole.pop().is_some_and(|last| last.contains("dnp3.source=999 ")));
    whole
}

fn of(name: &str) -> Vec<String> {
    let all = samples(protocol("dnp3"));
    decode(all.iter().find(|sample| sample.name == name).expect("the sample"), |_| Vec::new())
}

#[test]
fn a_poll_and_its_answer_are_told_and_the_points_are_not() {
    let lines = of("poll.stream");
    for part in [
        "dnp3.source=1 dnp3.destination=10 dnp3.master=true dnp3.primary=true dnp3.link_function=9 dnp3.size=0",
        "dnp3.function=1 dnp3.sequence=1 dnp3.first=true dnp3.last=true",
        "dnp3.function=129 dnp3.sequence=1 dnp3.first=true dnp3.last=true dnp3.confirm=false dnp3.unsolicited=false \
         dnp3.indications=36864 dnp3.object=258 dnp3.whole=false",
        "dnp3.function=130 dnp3.sequence=0 dnp3.first=true dnp3.last=true dnp3.confirm=true dnp3.unsolicited=true",
        "dnp3.function=5 dnp3.sequence=3",
    ] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part} in {lines:#?}");
    }
    assert_eq!(lines.iter().filter(|line| line.contains("dnp3.function=129")).count(), 1, "told once of two frames");
}

#[test]
fn frames_of_one_datagram_are_read_one_by_one() {
    let lines = of("unsolicited.datagrams");
    assert_eq!(lines.iter().filter(|line| line.starts_with("dnp3.link")).count(), 4, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("dnp3.function=13 ")), "{lines:#?}");
}

#[test]
fn a_block_with_a_wrong_crc_is_malformed_and_the_next_frame_is_read() {
    let mut broken = read(1);
    *broken.last_mut().expect("a byte") ^= 1;
    let lines = said(ToServer, &broken);
    assert!(lines[0].starts_with("dnp3.link") && lines[1] == "weird dnp3.block_crc", "{lines:?}");
    let mut header = read(1);
    header[8] ^= 1;
    assert_eq!(said(ToServer, &header), ["weird dnp3.header"]);
    let mut lines = Lines::default();
    assert!(Dnp3.datagram(ToServer, &[broken, read(2)].concat(), &mut lines).is_err());
    assert!(lines.lines.last().is_some_and(|line| line.contains("dnp3.function=1 ")), "{:?}", lines.lines);
}

#[test]
fn the_longest_frame_is_read_and_one_too_short_is_none() {
    let longest = said(ToClient, &frame(0x44, 1, 10, &[&[0x40, 0xc0, 129, 0, 0][..], &[7; 245]].concat()));
    assert!(longest[0].contains("dnp3.size=250"), "{longest:?}");
    let header = [5, 0x64, 4, 0xc4, 1, 0, 2, 0];
    assert_eq!(said(ToServer, &[&header[..], &crc(&header)].concat()), ["weird dnp3.header"]);
    let empty = said(ToServer, &frame(0xc4, 10, 1, &[0xc0]));
    assert_eq!(empty[1], "weird dnp3.application");
}

#[test]
fn what_points_and_files_hold_never_leaves() {
    let marker = b"QXJZVKWAAAAA";
    let carried = |function: u8| [&[0xc0, 0xc1, function, 0, 0, 70, 2, 0x5b, 1][..], marker].concat();
    for function in [2, 25, 32, 129, 130] {
        let mut lines = Lines { declared: Some(&Dnp3), ..Lines::default() };
        Feed::new(&Dnp3).bytes(ToServer, &frame(0xc4, 10, 1, &carried(function)), &mut lines);
        let all = format!("{:?} {} {}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
        assert!(lines.lines.len() == 2 && !all.contains("QXJZVKW"), "{all}");
    }
}

#[test]
fn after_a_gap_anywhere_a_later_frame_is_read() {
    let body = read(1).repeat(4);
    for from in 0..body.len() {
        let to = (from + 11).min(body.len());
        let mut lines = Lines::default();
        let mut feed = Feed::new(&Dnp3);
        feed.bytes(ToServer, &body[..from], &mut lines);
        feed.gap(ToServer, (to - from) as u64);
        feed.bytes(ToServer, &body[to..], &mut lines);
        feed.bytes(ToServer, &frame(0xc9, 10, 777, b""), &mut lines);
        assert!(lines.lines.last().is_some_and(|line| line.contains("=777 ")), "{from}: {:?}", lines.lines);
    }
}

#[test]
fn only_dnp3_is_taken_for_dnp3() {
    for transport in [Transport::Tcp, Transport::Udp] {
        assert_eq!(Dnp3.probe(transport, ToServer, &read(1)), Verdict::Yes);
        assert_eq!(Dnp3.probe(transport, ToServer, b"\x05\x64 anything else"), Verdict::No);
    }
    for cut in 0..10 {
        assert_eq!(Dnp3.probe(Transport::Tcp, ToServer, &read(1)[..cut]), Verdict::Unsure, "{cut}");
        assert_eq!(Dnp3.probe(Transport::Udp, ToServer, &read(1)[..cut]), Verdict::No, "{cut}");
    }
}
