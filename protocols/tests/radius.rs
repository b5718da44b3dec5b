//! RADIUS: what is read, and what hostile packets lead to.

mod common;

use common::Lines;
use holter_protocols::Way::ToServer;
use holter_protocols::radius::Radius;
use holter_protocols::{Protocol, Sink, Transport, Verdict};

fn attribute(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[kind, value.len() as u8 + 2][..], value].concat()
}

fn packet(code: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    let body = attributes.concat();
    [&[code, 7][..], &(20 + body.len() as u16).to_be_bytes(), b"QXJZVKW.........", &body].concat()
}

fn read(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines { declared: Some(&Radius), ..Lines::default() };
    if let Err(malformed) = Radius.datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

fn probe(bytes: &[u8]) -> Verdict {
    Radius.probe(Transport::Udp, ToServer, bytes)
}

#[test]
fn a_request_tells_who_asks_through_which_switch() {
    let lines = read(&packet(
        1,
        &[
            attribute(1, b"scan01"),
            attribute(2, &[0x51; 16]),
            attribute(4, &[10, 20, 0, 2]),
            attribute(32, b"sw-3"),
            attribute(31, b"00-50-56-AA-00-40"),
            attribute(30, b"00-50-56-AA-00-02:clinic"),
            attribute(8, &[10, 20, 0, 64]),
            attribute(79, &[2, 1, 0, 6, 3, 25]),
            attribute(80, &[0; 16]),
            attribute(26, &[0, 0, 0, 9, 1, 2]),
        ],
    ));
    assert_eq!(
        lines,
        ["radius.message radius.code=1 radius.transaction=7 radius.user=\"scan01\" radius.password=true \
          radius.nas_address=10.20.0.2 radius.nas_identifier=\"sw-3\" radius.calling_mac=00:50:56:aa:00:40 \
          radius.called_station=\"00-50-56-AA-00-02:clinic\" radius.framed_address=10.20.0.64 \
          radius.message_authenticator=true radius.eap_code=2 radius.eap_type=3 radius.vendor=9"]
    );
    let lines =
        read(&packet(4, &[attribute(40, &[0, 0, 0, 2]), attribute(46, &[0, 0, 0, 61]), attribute(49, &[0, 0, 0, 2])]));
    assert!(
        lines[0].contains("radius.accounting_status=2 radius.session_time=61 radius.terminate_cause=2"),
        "{lines:?}"
    );
}

#[test]
fn a_calling_station_is_a_mac_in_every_form_in_which_one_is_written() {
    for text in ["005056aa0040", "00:50:56:AA:00:40", "0050.56aa.0040", "005056-aa0040"] {
        let lines = read(&packet(1, &[attribute(31, text.as_bytes())]));
        assert!(lines[0].contains("radius.calling_mac=00:50:56:aa:00:40"), "{text}: {lines:?}");
    }
    for text in ["", "0050", "00:50:56:aa:00:40:41", "0-05056aa0040", "ward 3"] {
        let lines = read(&packet(1, &[attribute(31, text.as_bytes())]));
        assert!(lines[0].contains(&format!("radius.calling_station={text:?}")), "{text}: {lines:?}");
    }
}

#[test]
fn nothing_else_is_told() {
    let open = [1, 30, 31, 32];
    let attributes: Vec<_> =
        (1..=255).filter(|kind| !open.contains(kind)).map(|kind| attribute(kind, b"QXJZVKW")).collect();
    let whole = packet(1, &attributes);
    for cut in 0..=whole.len() {
        let mut bytes = whole[..cut].to_vec();
        if cut >= 4 {
            bytes[2..4].copy_from_slice(&(cut as u16).to_be_bytes());
        }
        let lines = read(&bytes).concat();
        assert!(!lines.contains("QXJZVKW"), "{lines}");
    }
}

#[test]
fn what_stands_before_a_broken_attribute_is_kept() {
    for broken in [&[32][..], &[32, 1], &[32, 0], &[32, 9, b'x']] {
        let lines = read(&packet(1, &[attribute(1, b"scan01"), broken.to_vec()]));
        assert!(lines[0].contains("radius.user=\"scan01\""), "{lines:?}");
        assert_eq!(lines[1], "weird radius.attribute");
    }
    let mut short = packet(1, &[]);
    short[3] = 19;
    assert_eq!(read(&short), ["weird radius.length"]);
    short[3] = 21;
    assert_eq!(read(&short), ["weird radius.length"]);
    let long = packet(1, &vec![attribute(18, &[0; 253]); 17]);
    assert_eq!(read(&long), ["weird radius.length"], "longer than 4096 bytes");
    assert_eq!(read(&[packet(2, &[]), vec![0]].concat())[0], "weird radius.padding");
}

#[test]
fn a_packet_without_telling_attributes_counts_only_on_its_ports() {
    let telling = [attribute(4, &[10, 20, 0, 2]), attribute(6, &[0, 0, 0, 2]), attribute(80, &[0; 16])];
    assert_eq!(probe(&packet(1, &telling)), Verdict::Yes);
    assert_eq!(probe(&packet(1, &telling[1..])), Verdict::Likely);
    assert_eq!(probe(&packet(5, &[])), Verdict::Likely);
    // What stands behind the length is padding (RFC 2865 3), and a packet may break behind a good start.
    assert_eq!(probe(&[packet(1, &telling), vec![0]].concat()), Verdict::Likely);
    assert_eq!(probe(&packet(1, &[attribute(1, b"scan01"), vec![2, 99]])), Verdict::Likely);
    assert_eq!(probe(&packet(1, &[&telling[..], &[attribute(8, b"x")]].concat())), Verdict::Likely);
    for other in [&packet(9, &telling)[..], &packet(1, &[attribute(1, b"")]), &[0; 20], b"\x01\x01\0\x14"] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
}
