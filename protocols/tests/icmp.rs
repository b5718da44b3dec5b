//! ICMP: what is read, and what hostile messages lead to.

mod common;

use common::{hear, sample};
use holter_protocols::icmp::Icmp;
use holter_protocols::{Protocol, Transport, Verdict, Way};

#[test]
fn echoes_redirects_and_errors_say_what_they_are_about() {
    for (name, parts) in [
        ("echo.bin", &["icmp.type=8 icmp.code=0", "icmp.sequence=1 icmp.payload_size=24"][..]),
        ("unreachable.bin", &["icmp.type=3 icmp.code=3", "icmp.quoted_destination=10.20.9.1", "icmp.quoted_port=9999"]),
        ("redirect.bin", &["icmp.gateway=10.20.9.254", "icmp.quoted_destination=10.20.0.10", "icmp.quoted_port=104"]),
        ("too-big.bin", &["icmp.mtu=1400", "icmp.quoted_protocol=6", "icmp.quoted_port=11112"]),
        ("timestamp.bin", &["icmp.type=13 icmp.code=0 icmp.identifier=7 icmp.sequence=9"]),
    ] {
        let lines = hear(&Icmp, &sample(&Icmp, name));
        assert!(parts.iter().all(|part| lines.shows(part)), "{name}: {:?}", lines.lines);
    }
}

#[test]
fn a_quoted_datagram_that_is_cut_or_lies_is_malformed_and_the_error_is_still_told() {
    let good = sample(&Icmp, "unreachable.bin");
    for cut in 4..28 {
        let lines = hear(&Icmp, &good[..cut]).lines;
        assert!(lines[0].starts_with("icmp.message icmp.type=3 icmp.code=3"), "cut at {cut}: {lines:?}");
        assert!(lines[1].starts_with("weird icmp."), "cut at {cut}: {lines:?}");
    }
    for first in [0x00, 0x44, 0x65] {
        let mut bytes = good.clone();
        bytes[8] = first;
        assert_eq!(hear(&Icmp, &bytes).lines[1], "weird icmp.quoted");
    }
    // Options of the quoted header that reach past the end hide the port and nothing else.
    let mut bytes = good.clone();
    bytes[8] = 0x4f;
    let lines = hear(&Icmp, &bytes);
    assert!(lines.shows("icmp.quoted_destination") && !lines.shows("icmp.quoted_port"));
}

#[test]
fn what_is_carried_is_not_read() {
    let secret = [&[8, 0, 0, 0, 0, 1, 0, 1][..], b"QXJZVKW"].concat();
    assert!(!hear(&Icmp, &secret).shows("QXJZVKW"));
    let quoted = [&sample(&Icmp, "unreachable.bin")[..], b"QXJZVKW"].concat();
    assert!(!hear(&Icmp, &quoted).shows("QXJZVKW"));
}

#[test]
fn types_without_a_meaning_are_told_by_number() {
    for kind in 0..=255 {
        let lines = hear(&Icmp, &[kind, 9, 0, 0, 0, 0, 0, 0]).lines;
        assert!(lines[0].starts_with(&format!("icmp.message icmp.type={kind} icmp.code=9")), "{lines:?}");
    }
    let probe = |bytes: &[u8]| Icmp.probe(Transport::Ip(1), Way::ToServer, bytes);
    assert_eq!((probe(&[1, 2, 3]), probe(&[1, 2, 3, 4])), (Verdict::No, Verdict::Likely));
}
