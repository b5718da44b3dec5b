//! QUIC: the hellos in its first packets, and what hostile datagrams lead to. Names follow the list of bad inputs.

mod common;

use common::{Hears, Lines, decode, protocol, samples};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::quic::{INITIAL_MAX, OPENED_MAX, Quic};
use holter_protocols::{Protocol, Sink, Transport, Verdict};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey, quic};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

fn told(name: &str) -> Vec<String> {
    let sample = samples(protocol("quic")).into_iter().find(|sample| sample.name == name).expect("a sample");
    decode(&sample, |_| Vec::new())
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(secret: &Prk, label: &str, length: usize) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let (size, named) = ((length as u16).to_be_bytes(), [label.len() as u8]);
    let info = [&size[..], &named, label.as_bytes(), &[0]];
    let mut key = vec![0; length];
    secret.expand(&info, Length(length)).expect("short").fill(&mut key).expect("fits");
    key
}

const ID: &[u8] = b"holter01";

/// An Initial packet of version 1 to the server, filled to 1200 bytes.
fn initial(number: u8, frames: &[u8]) -> Vec<u8> {
    const SALT: [u8; 20] = *b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a";
    let secret = Salt::new(HKDF_SHA256, &SALT).extract(ID);
    let secret = Prk::new_less_safe(HKDF_SHA256, &expand(&secret, "client in", 32));
    let mut header = [&[0xc0, 0, 0, 0, 1, 8][..], ID, &[0, 0]].concat();
    let mut body = frames.to_vec();
    body.resize(body.len().max(1200 - header.len() - 3 - 16), 0);
    header.extend((0x4000 | (body.len() + 17) as u16).to_be_bytes());
    let at = header.len();
    header.push(number);
    let mut nonce = expand(&secret, "quic iv", 12);
    nonce[11] ^= number;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &expand(&secret, "quic key", 16)).expect("a key"));
    let nonce = Nonce::try_assume_unique_for_key(&nonce).expect("12 bytes");
    key.seal_in_place_append_tag(nonce, Aad::from(&header), &mut body).expect("sealed");
    let mut packet = [header, body].concat();
    let protection = quic::HeaderProtectionKey::new(&quic::AES_128, &expand(&secret, "quic hp", 16)).expect("a key");
    let mask = protection.new_mask(&packet[at + 4..at + 20]).expect("16 bytes");
    packet[0] ^= mask[0] & 0x0f;
    packet[at] ^= mask[1];
    packet
}

fn variable(value: u64) -> [u8; 8] {
    (value | 3 << 62).to_be_bytes()
}

fn crypto(offset: u64, data: &[u8]) -> Vec<u8> {
    [&[6][..], &variable(offset), &variable(data.len() as u64), data].concat()
}

fn hello(name: &[u8]) -> Vec<u8> {
    let entry = [&[0, 0, 0, name.len() as u8 + 5, 0, name.len() as u8 + 3, 0, 0, name.len() as u8][..], name].concat();
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0, 0, entry.len() as u8], &entry].concat();
    [&[1, 0, 0, body.len() as u8][..], &body].concat()
}

fn hear(datagrams: &[Vec<u8>]) -> (Vec<String>, usize) {
    let mut lines = Lines { declared: Some(&Quic), ..Lines::default() };
    let mut session = Quic.session().expect("one");
    let mut most = 0;
    for datagram in datagrams {
        if let Err(malformed) = session.datagram(ToServer, datagram, &mut lines) {
            assert!(malformed.at <= datagram.len());
            lines.weird(malformed.field);
        }
        most = most.max(session.held());
    }
    (lines.lines, most)
}

fn has(lines: &[String], wanted: &str) -> bool {
    lines.iter().any(|line| line.contains(wanted))
}

#[test]
fn hellos_of_both_sides_are_read_in_versions_1_and_2() {
    for (name, version) in [("v1.datagrams", 1u32), ("v2.datagrams", 0x6b33_43cf)] {
        let lines = told(name);
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(lines[0].starts_with(&format!("quic.hello quic.client.version={version} ")));
        assert!(lines[0].contains(r#"quic.client.server_name="archive.clin.example" quic.client.alpn="h3""#));
        assert!(lines[0].contains(r#"quic.client.ja4="q13d"#) && lines[0].contains(r#"h3_"#));
        assert!(lines[1].starts_with("quic.server_hello") && lines[1].contains("chosen_tls_version=772"));
    }
}

#[test]
fn a_retry_is_told_and_the_hello_behind_it_is_read_with_new_keys() {
    let lines = told("retry.datagrams");
    assert!(lines.contains(&"quic.retry quic.retry.version=1".to_owned()), "{lines:#?}");
    assert!(has(&lines, "quic.hello") && has(&lines, "quic.server_hello") && !has(&lines, "weird"));
}

#[test]
fn a_hello_over_two_datagrams_is_joined() {
    let lines = told("long.datagrams");
    assert!(has(&lines, r#"quic.client.server_name="archive.clin.example""#), "{lines:#?}");
    assert!(!has(&lines, "weird"));
}

#[test]
fn versions_that_a_server_offers_are_told() {
    let lines = told("negotiation-reply.bin");
    let expected = "quic.negotiation quic.negotiation.version=1 quic.negotiation.version=1798521807 quic.negotiation.version=1516927626";
    assert_eq!(lines, [expected]);
}

#[test]
fn tls_9_frames_in_any_order_and_over_each_other_say_the_same() {
    let whole = hello(b"pacs.clin.example");
    let (expected, held) = hear(&[initial(0, &crypto(0, &whole))]);
    assert!(expected.len() == 1 && expected[0].contains(r#"server_name="pacs.clin.example""#) && held == 0);
    let (a, b, c) = (crypto(0, &whole[..30]), crypto(20, &whole[20..50]), crypto(45, &whole[45..]));
    for order in [[&a, &b, &c], [&c, &b, &a], [&b, &c, &a], [&c, &a, &b]] {
        let one = initial(0, &order.map(Clone::clone).concat());
        assert_eq!(hear(&[one]).0, expected);
        let several: Vec<_> = order.iter().enumerate().map(|(n, frame)| initial(n as u8, frame)).collect();
        let (lines, held) = hear(&several);
        assert_eq!(lines, expected);
        assert!(held <= 16 * 1024);
    }
    // What is sent again after it was read changes nothing.
    assert_eq!(hear(&[initial(0, &crypto(0, &whole)), initial(1, &crypto(0, &whole))]).0, expected);
}

#[test]
fn tls_9_offsets_lengths_and_ranges_that_promise_too_much_are_malformed_and_bounded() {
    let far = (1 << 62) - 1;
    let acknowledgement = [&[2][..], &variable(0), &variable(0), &variable(far), &variable(0)].concat();
    for (frames, field) in [
        (crypto(far, b"x"), "quic.crypto"),
        (crypto(16 * 1024, b"x"), "quic.crypto"),
        ([&[6][..], &variable(0), &variable(far)].concat(), "quic.crypto"),
        (acknowledgement, "quic.ack"),
        (vec![0x42], "quic.frame"),
        (crypto(0, &[11, 0, 0, 1, 0]), "quic.hello"),
        (crypto(0, &[1, 0, 0, 1, 0]), "quic.hello"),
    ] {
        let (lines, held) = hear(&[initial(0, &frames)]);
        assert_eq!(lines, [format!("weird {field}")]);
        assert!(held <= 16 * 1024);
    }
    let (lines, held) = hear(&[initial(0, &crypto(0, &[1, 0xff, 0xff, 0xff]))]);
    assert_eq!((lines, held), (vec!["weird quic.hello_length".to_owned()], 0));
    // After broken frames a good packet is still read.
    let (lines, _) = hear(&[initial(0, &[0x42]), initial(1, &crypto(0, &hello(b"pacs")))]);
    assert!(has(&lines, "quic.hello"));
}

#[test]
fn packets_that_do_not_open_are_malformed_and_tried_no_more_than_so_often() {
    let mut broken = initial(0, b"");
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let (lines, _) = hear(&vec![broken; usize::from(OPENED_MAX) + 9]);
    assert_eq!(lines, vec!["weird quic.initial"; usize::from(OPENED_MAX)]);
    let (lines, _) = hear(&[initial(0, &vec![0; INITIAL_MAX])]);
    assert_eq!(lines, ["weird quic.initial_length"]);
}

#[test]
fn the_side_of_a_server_alone_says_nothing() {
    let sample = samples(protocol("quic")).into_iter().find(|sample| sample.name == "v1.datagrams").expect("it");
    let mut hears = Hears::new(&Quic);
    let mut lines = Lines::default();
    for (way, bytes) in sample.chunks.iter().filter(|(way, _)| *way == ToClient) {
        hears.datagram(*way, bytes, &mut lines).expect("sealed");
    }
    assert!(lines.lines.is_empty());
}

#[test]
fn only_names_leave_a_hello() {
    let marker = b"QXJZVKWSECRET";
    let mut whole = hello(b"pacs");
    whole[6..19].copy_from_slice(marker);
    let close = [&[0x1c, 0, 0, 13][..], marker].concat();
    let mut lines = Lines { declared: Some(&Quic), ..Lines::default() };
    let mut hears = Hears::new(&Quic);
    let datagram = initial(0, &[crypto(0, &whole), close].concat());
    hears.datagram(ToServer, &datagram, &mut lines).expect("whole");
    let text = format!("{:?}{}{}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
    assert!(has(&lines.lines, "quic.hello") && !text.contains("QXJZ"));
}

#[test]
fn quic_is_known_by_its_long_header() {
    let probe = |bytes: &[u8]| Quic.probe(Transport::Udp, ToServer, bytes);
    let packet = initial(0, b"");
    assert_eq!(probe(&packet), Verdict::Yes);
    assert_eq!(probe(&packet[..600]), Verdict::No);
    let mut other = packet.clone();
    other[1..5].copy_from_slice(&[0x1a, 0x2a, 0x3a, 0x4a]);
    assert_eq!(probe(&other), Verdict::Likely);
    let mut long = packet.clone();
    long[5] = 21;
    assert_eq!(probe(&long), Verdict::No);
    for other in [&b""[..], b"\x00", &[0xff; 40], &[0xc0; 1200], &[0xc0, 0, 0, 0, 1, 0, 0, 0, 0]] {
        assert_ne!(probe(other), Verdict::Yes, "{other:?}");
    }
    for sample in samples(protocol("quic")).iter().filter(|sample| sample.name.ends_with(".datagrams")) {
        assert_eq!(probe(&sample.chunks[0].1), Verdict::Yes, "{}", sample.name);
    }
}
