//! LLDP: what is read, and what hostile units lead to.

mod common;

use common::{hear, sample};
use holter_protocols::lldp::{ADDRESSES_MAX, ELEMENTS_MAX, Lldp};
use holter_protocols::{Protocol, Transport, Verdict, Way};

fn element(kind: u8, value: &[u8]) -> Vec<u8> {
    [&(u16::from(kind) << 9 | value.len() as u16).to_be_bytes()[..], value].concat()
}

fn unit(more: &[u8]) -> Vec<u8> {
    let first = [element(1, b"\x04\x02\0\x5e\x20\0\x07"), element(2, b"\x05eth0"), element(3, &[0, 120])];
    [&first.concat()[..], more].concat()
}

#[test]
fn a_phone_says_who_made_it() {
    let lines = hear(&Lldp, &sample(&Lldp, "phone.bin"));
    for part in [
        "lldp.chassis_type=5 lldp.chassis_address=10.20.9.7",
        "lldp.port_mac=02:00:5e:20:00:07 lldp.ttl=120",
        "lldp.system_name=\"phone-ward-7\" lldp.system_description=\"Example phone 3\"",
        "lldp.management_address=10.20.9.7 lldp.port_vlan=120 lldp.media_class=3",
        "lldp.firmware_revision=\"F1.0\" lldp.software_revision=\"S3.2.1\" lldp.serial=\"SN12345\"",
        "lldp.manufacturer=\"Example\" lldp.model=\"Phone 3\" lldp.asset=\"ASSET-9\"",
    ] {
        assert!(lines.shows(part), "{part} in {:?}", lines.lines);
    }
    assert!(!lines.shows("bed 2"), "where it stands is not read");
}

#[test]
fn ids_are_read_by_their_kind_and_never_as_another() {
    let lines = hear(&Lldp, &sample(&Lldp, "names.bin"));
    assert!(lines.shows("lldp.chassis=\"rack-2-switch\"") && lines.shows("lldp.port=\"GigabitEthernet0/1\""));
    for chassis in [&b"\x04\x02\0"[..], b"\x04\x02\0\x5e\x20\0\x07\x07", b"\x05\x01\x0a", b"\x05\x09abcd"] {
        let bytes = [element(1, chassis), element(2, b"\x07x"), element(3, &[0, 9])].concat();
        let lines = hear(&Lldp, &bytes);
        assert!(!lines.shows("lldp.chassis=") && !lines.shows("lldp.chassis_mac") && !lines.shows("chassis_address"));
    }
    assert!(hear(&Lldp, &sample(&Lldp, "leaves.bin")).shows("lldp.ttl=0"));
}

#[test]
fn a_length_past_the_end_is_malformed_and_the_earlier_elements_are_kept() {
    let lines = hear(&Lldp, &unit(&[&element(5, b"sw1")[..], &[0x0d, 0xff, b'x']].concat())).lines;
    assert!(lines[0].contains("lldp.system_name=\"sw1\""), "{lines:?}");
    assert_eq!(lines[1], "weird lldp.element_length");
    let whole = unit(b"");
    for cut in 0..whole.len() {
        let lines = hear(&Lldp, &whole[..cut]).lines;
        assert!(lines.len() == 1 && lines[0].starts_with("weird lldp."), "cut at {cut}: {lines:?}");
    }
    let swapped = [element(2, b"\x05eth0"), element(1, b"\x07x"), element(3, &[0, 120])].concat();
    assert_eq!(hear(&Lldp, &swapped).lines, ["weird lldp.chassis"]);
    for short in [element(7, &[0]), element(8, &[]), element(127, &[0, 0x80])] {
        assert_eq!(hear(&Lldp, &unit(&short)).lines[0], "weird lldp.element");
    }
}

#[test]
fn elements_and_addresses_beyond_the_caps_are_noticed() {
    let address = element(8, b"\x05\x01\x0a\x14\x09\x07\x02\0\0\0\x01\0");
    let lines = hear(&Lldp, &unit(&address.repeat(ADDRESSES_MAX + 1))).lines;
    assert_eq!(lines[0], "weird lldp.addresses");
    assert_eq!(lines[1].matches("10.20.9.7").count(), ADDRESSES_MAX);
    assert_eq!(hear(&Lldp, &unit(&element(99, b"").repeat(ELEMENTS_MAX + 1))).lines[0], "weird lldp.elements");
    assert_eq!(hear(&Lldp, &unit(&element(3, &[0, 1]))).lines[0], "weird lldp.repeated");
    // Behind the end there is nothing to say.
    assert_eq!(hear(&Lldp, &unit(&[&element(0, b"")[..], &[0xff; 40]].concat())).lines.len(), 1);
}

#[test]
fn elements_without_a_field_are_not_read() {
    let subtypes = (0..=255).filter(|subtype| !(5..=11).contains(subtype));
    let organisations = subtypes.flat_map(|subtype| [[0, 0x12, 0xbb, subtype], [0, 0x80, 0xc2, subtype]]);
    let others = (9..127).map(|kind| element(kind, b"QXJZVKW"));
    for more in others.chain(organisations.map(|head| element(127, &[&head[..], b"QXJZVKW"].concat()))) {
        assert!(!hear(&Lldp, &unit(&more)).shows("QXJZVKW"), "{more:?}");
    }
}

#[test]
fn only_the_three_first_elements_make_it_sure() {
    let probe = |bytes: &[u8]| Lldp.probe(Transport::Ether(0x88cc), Way::ToServer, bytes);
    assert_eq!(probe(&unit(b"")), Verdict::Yes);
    assert_eq!(probe(&unit(b"")[..12]), Verdict::Likely);
    assert_eq!(probe(&[0x55; 60]), Verdict::No);
}
