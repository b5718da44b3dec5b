//! EtherNet/IP: what is read, what is never, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, Sample, decode, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::enip::{Enip, ITEMS_MAX, READ_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn packet(command: u16, session: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = [command.to_le_bytes(), (body.len() as u16).to_le_bytes()].concat();
    bytes.extend(session.to_le_bytes());
    bytes.extend([0; 16]);
    bytes.extend(body);
    bytes
}

fn items(items: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = (items.len() as u16).to_le_bytes().to_vec();
    for (kind, body) in items {
        bytes.extend(kind.to_le_bytes());
        bytes.extend((body.len() as u16).to_le_bytes());
        bytes.extend_from_slice(body);
    }
    bytes
}

fn request(cip: &[u8]) -> Vec<u8> {
    packet(0x6f, 7, &[&[0; 6][..], &items(&[(0, b""), (0xb2, cip)])].concat())
}

fn register() -> Vec<u8> {
    packet(0x65, 0, &[1, 0, 0, 0])
}

fn said(way: Way, bytes: &[u8]) -> Vec<String> {
    let chunks = vec![(way, bytes.to_vec()), (way, register())];
    let sample = Sample { name: String::new(), protocol: "enip", transport: Transport::Tcp, chunks };
    let mut whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![1; bytes.len()]), whole, "segments must not matter");
    assert!(whole.pop().is_some_and(|last| last.contains("enip.command=101")), "the next is read: {whole:#?}");
    whole
}

fn of(name: &str) -> Vec<String> {
    let all = samples(protocol("enip"));
    decode(all.iter().find(|sample| sample.name == name).expect("the sample"), |_| Vec::new())
}

#[test]
fn a_device_says_what_it_is_over_tcp_and_udp() {
    for name in ["client.stream", "identity.datagrams"] {
        let lines = of(name);
        let identity = lines.iter().find(|line| line.starts_with("enip.identity")).expect("an identity");
        assert!(
            identity.contains(
                "enip.vendor_id=1 enip.device_type=14 enip.product_code=54 enip.revision_major=20 \
                 enip.revision_minor=11 enip.identity_status=12640 enip.serial=\"006c061a\" \
                 enip.product=\"1756-L61/B LOGIX5561\""
            ),
            "{identity}"
        );
    }
}

#[test]
fn sessions_and_services_are_told() {
    let lines = of("attributes.stream");
    assert!(lines[1].contains("enip.command=101 enip.session=3279488321 enip.status=0"), "{}", lines[1]);
    assert!(lines[2].contains("enip.cip.service=14 enip.cip.response=false enip.cip.class=1 enip.cip.instance=1"));
    assert!(lines[3].contains("enip.cip.service=14 enip.cip.response=true enip.cip.status=0"), "{}", lines[3]);
}

#[test]
fn connected_data_tells_its_connection() {
    let body = items(&[(0xa1, &[9, 0, 0, 0]), (0xb1, &[1, 0, 0x4c, 3, 0x21, 0, 0x6b, 0, 0x24, 2, 0])]);
    let lines = said(ToServer, &packet(0x70, 7, &[&[0; 6][..], &body].concat()));
    assert!(
        lines[0].contains(
            "enip.connection=9 enip.cip.service=76 enip.cip.response=false enip.cip.class=107 enip.cip.instance=2"
        ),
        "{lines:?}"
    );
}

#[test]
fn what_a_controller_is_told_never_leaves() {
    let marker = b"QXJZVKWAAAAA";
    let symbol = [&[0x4c, 7, 0x91, 12][..], marker, &[1, 0]].concat();
    let write = [&[0x10, 2, 0x20, 1, 0x24, 1][..], marker].concat();
    let answer = [&[0x8e, 0, 0, 0][..], marker].concat();
    for (way, bytes) in [
        (ToServer, request(&symbol)),
        (ToServer, request(&write)),
        (ToClient, request(&answer)),
        (ToServer, packet(0, 7, marker)),
        (ToClient, packet(4, 0, &items(&[(0x100, &[&[1, 0, 0, 0][..], marker].concat())]))),
    ] {
        let mut lines = Lines { declared: Some(&Enip), ..Lines::default() };
        Feed::new(&Enip).bytes(way, &bytes, &mut lines);
        let all = format!("{:?} {} {}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
        assert!(!lines.lines.is_empty() && !all.contains("QXJZVKW"), "{all}");
    }
}

#[test]
fn a_long_packet_is_read_at_its_beginning_and_passed() {
    let long = request(&[&[0x4d, 2, 0x20, 1, 0x24, 1][..], &[0; 40_000]].concat());
    let lines = said(ToServer, &long);
    assert!(lines[0].contains("enip.size=40022") && lines[0].contains("enip.cip.class=1"), "{lines:?}");
    let mut feed = Feed::new(&Enip);
    feed.bytes(ToServer, &long[..READ_MAX], &mut common::Silent);
    assert_eq!(feed.kept(), 0);
    feed.bytes(ToServer, &long[READ_MAX..], &mut common::Silent);
    assert_eq!(feed.unseen, (long.len() - READ_MAX) as u64);
}

#[test]
fn items_are_capped_and_lying_counts_and_lengths_are_malformed() {
    let many = vec![(0u16, &b""[..]); ITEMS_MAX + 1];
    let lines = said(ToServer, &packet(0x6f, 7, &[&[0; 6][..], &items(&many)].concat()));
    assert_eq!(lines[0], "weird enip.items");
    let lying = said(ToServer, &packet(0x6f, 7, &[0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0]));
    assert_eq!(lying[1], "weird enip.item");
    let cut = said(ToClient, &packet(0x63, 0, &[1, 0, 0x0c, 0, 60, 0, 1, 0]));
    assert!(cut[0].contains("enip.items=1") && cut[1] == "weird enip.identity", "{cut:?}");
    let path = said(ToServer, &request(&[0x0e, 200, 0x20, 1]));
    assert_eq!(path[1], "weird enip.cip.path");
}

#[test]
fn after_a_gap_anywhere_a_later_packet_is_read() {
    let body = [register(), request(&[0x0e, 2, 0x20, 1, 0x24, 1])].concat().repeat(2);
    for from in 0..body.len() {
        let to = (from + 31).min(body.len());
        let mut lines = Lines::default();
        let mut feed = Feed::new(&Enip);
        feed.bytes(ToServer, &body[..from], &mut lines);
        feed.gap(ToServer, (to - from) as u64);
        feed.bytes(ToServer, &body[to..], &mut lines);
        feed.bytes(ToServer, &packet(0x66, 777, b""), &mut lines);
        assert!(lines.lines.last().is_some_and(|line| line.contains("=777 ")), "{from}: {:?}", lines.lines);
    }
}

#[test]
fn only_enip_is_taken_for_enip() {
    let probe = |bytes: &[u8]| Enip.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(probe(&register()), Verdict::Yes);
    assert_eq!(probe(&request(&[0x0e, 2, 0x20, 1, 0x24, 1])), Verdict::Yes);
    assert_eq!(probe(&packet(0x63, 0, b"")), Verdict::Yes);
    for cut in 0..24 {
        assert_eq!(probe(&register()[..cut]), Verdict::Unsure, "{cut}");
        assert_eq!(Enip.probe(Transport::Udp, ToServer, &register()[..cut]), Verdict::No, "{cut}");
    }
    assert_ne!(probe(&[0; 200]), Verdict::Yes, "zeros look like a packet that does nothing");
    assert_eq!(probe(&packet(0x65, 0, &[2, 0, 0, 0])), Verdict::No, "another version");
    assert_eq!(probe(&packet(0x67, 0, b"")), Verdict::No, "no command");
    let mut options = register();
    options[20] = 1;
    assert_eq!(probe(&options), Verdict::No);
}
