//! CDP: what is read, and what hostile frames lead to.

mod common;

use common::{hear, sample};
use holter_protocols::cdp::{ADDRESSES_MAX, Cdp, ELEMENTS_MAX};
use holter_protocols::{Protocol, Transport, Verdict, Way};

const HEAD: &[u8] = &[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 2, 180, 0, 0];

fn element(kind: u16, value: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &(value.len() as u16 + 4).to_be_bytes(), value].concat()
}

fn frame(elements: &[u8]) -> Vec<u8> {
    [HEAD, elements].concat()
}

#[test]
fn a_switch_says_what_it_is() {
    let lines = hear(&Cdp, &sample(&Cdp, "core.bin"));
    for part in [
        "cdp.version=2 cdp.ttl=180 cdp.device=\"core-sw-3.clin.example\"",
        "cdp.address=10.20.9.1 cdp.address=fd20:9::1 cdp.port=\"GigabitEthernet1/0/7\" cdp.capabilities=41",
        "cdp.platform=\"example WS-0000\" cdp.vtp_domain=\"clinic\" cdp.native_vlan=20 cdp.full_duplex=true",
        "cdp.voice_vlan=120 cdp.system_name=\"core-sw-3\" cdp.management_address=10.20.9.1",
    ] {
        assert!(lines.shows(part), "{part} in {:?}", lines.lines);
    }
    assert!(!lines.shows("room 12"), "where it stands is not read");
    assert!(hear(&Cdp, &sample(&Cdp, "switch.bin")).shows("cdp.device=\"nurse-station-sw1\""));
}

#[test]
fn lengths_below_four_or_past_the_end_are_malformed_and_the_earlier_elements_are_kept() {
    for broken in [&[0, 5, 0, 0][..], &[0, 5, 0, 3], &[0, 5, 0xff, 0xff, b'x'], &[0, 5, 0]] {
        let lines = hear(&Cdp, &frame(&[&element(1, b"sw1")[..], broken].concat())).lines;
        assert!(lines[0].contains("cdp.device=\"sw1\""), "{lines:?}");
        assert!(lines[1].starts_with("weird cdp.element"), "{lines:?}");
    }
    for cut in 0..HEAD.len() {
        assert_eq!(hear(&Cdp, &HEAD[..cut]).lines.len(), 1);
    }
}

#[test]
fn addresses_that_lie_about_their_number_or_length_are_noticed() {
    let one = b"\x01\x01\xcc\0\x04\x0a\x14\x09\x01";
    let list = |count: u32, rest: &[u8]| element(2, &[&count.to_be_bytes()[..], rest].concat());
    let lines = hear(&Cdp, &frame(&list(u32::MAX, one))).lines;
    assert_eq!(lines[0], "weird cdp.addresses");
    assert!(lines[1].contains("cdp.address=10.20.9.1"));
    let many = ADDRESSES_MAX + 1;
    let lines = hear(&Cdp, &frame(&list(many as u32, &one.repeat(many)))).lines;
    assert_eq!(lines[0], "weird cdp.more_addresses");
    assert_eq!(lines[1].matches("10.20.9.1").count(), ADDRESSES_MAX);
    // Addresses of other protocols are passed by.
    assert!(!hear(&Cdp, &frame(&list(1, b"\x01\x01\x81\0\x04\x0a\x14\x09\x01"))).shows("cdp.address"));
}

#[test]
fn elements_beyond_the_cap_are_noticed_and_those_without_a_field_are_not_read() {
    assert_eq!(hear(&Cdp, &frame(&element(99, b"").repeat(ELEMENTS_MAX + 1))).lines[0], "weird cdp.elements");
    let known = [1, 3, 5, 6, 9, 20];
    let others: Vec<u8> =
        (0..200).filter(|kind| !known.contains(kind)).flat_map(|kind| element(kind, b"QXJZVKW")).collect();
    assert!(!hear(&Cdp, &frame(&others)).shows("QXJZVKW"));
}

#[test]
fn only_its_snap_header_makes_it_cdp() {
    let probe = |bytes: &[u8]| Cdp.probe(Transport::Llc, Way::ToServer, bytes);
    assert_eq!(probe(&sample(&Cdp, "core.bin")), Verdict::Yes);
    assert_eq!(probe(b"\xaa\xaa\x03\0\0\x0c\x20\x03\x02\xb4"), Verdict::No, "VTP");
    assert_eq!(probe(b"\x42\x42\x03\0\0\0\0\0"), Verdict::No);
}

#[test]
fn what_gre_carries_under_its_number_is_read_without_a_snap_header() {
    let bare = [&HEAD[8..], &element(1, b"sw1")[..]].concat();
    let probe = |bytes: &[u8]| Cdp.probe(Transport::Ether(0x2000), Way::ToServer, bytes);
    assert_eq!(probe(&bare), Verdict::Yes);
    assert_eq!(Cdp.probe(Transport::Ether(0x2001), Way::ToServer, &bare), Verdict::No);
    for other in [&bare[..7], b"\x03\xb4\0\0\0\x01\0\x05x", b"\x02\xb4\0\0\0\x01\0\x03x", b""] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
    assert!(hear(&Cdp, &bare).shows("cdp.version=2 cdp.ttl=180 cdp.device=\"sw1\""));
}
