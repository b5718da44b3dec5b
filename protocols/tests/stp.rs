//! Spanning tree: what is read, and what hostile units lead to.

mod common;

use common::{hear, sample};
use holter_protocols::stp::Stp;
use holter_protocols::{Protocol, Transport, Verdict, Way};

#[test]
fn root_bridge_and_times_are_read_of_every_version() {
    for (name, parts) in [
        (
            "bridge.bin",
            &["stp.version=0 stp.type=0", "stp.root_priority=32768 stp.root_mac=02:00:5e:20:00:01", "stp.max_age=20"][..],
        ),
        ("change.bin", &["stp.type=128"]),
        ("rapid.bin", &["stp.version=2 stp.type=2 stp.flags=60 stp.port_role=3", "stp.bridge_mac=02:00:5e:20:00:05"]),
        (
            "multiple.bin",
            &["stp.version=3", "stp.region=\"clinic-region\" stp.revision=3 stp.own_priority=36864", "stp.instances=1"],
        ),
        ("per-vlan.bin", &["stp.vlan=20"]),
        ("per-vlan-rapid.bin", &["stp.version=2", "stp.vlan=20"]),
    ] {
        let lines = hear(&Stp, &sample(&Stp, name));
        assert!(lines.lines.len() == 1 && parts.iter().all(|part| lines.shows(part)), "{name}: {:?}", lines.lines);
    }
}

#[test]
fn units_cut_anywhere_are_malformed() {
    for (name, whole) in [("change.bin", 7), ("bridge.bin", 38), ("rapid.bin", 38), ("multiple.bin", 121)] {
        let bytes = sample(&Stp, name);
        for cut in 0..whole {
            let lines = hear(&Stp, &bytes[..cut]).lines;
            assert!(lines.last().is_some_and(|line| line.starts_with("weird stp.")), "{name} at {cut}: {lines:?}");
        }
    }
}

#[test]
fn a_part_of_mstp_that_lies_about_its_length_is_malformed_and_the_rest_is_told() {
    let bytes = sample(&Stp, "multiple.bin");
    for length in [0u16, 63, 65, 96, 0xffff] {
        let mut bytes = bytes.clone();
        bytes[39..41].copy_from_slice(&length.to_be_bytes());
        let lines = hear(&Stp, &bytes).lines;
        assert!(lines[0].contains("stp.root_mac"), "{lines:?}");
        assert!(lines[1].starts_with("weird stp."), "{length}: {lines:?}");
    }
    let mut other = bytes;
    other[6] = 7;
    assert_eq!(hear(&Stp, &other).lines, ["weird stp.type"]);
}

#[test]
fn the_digest_of_a_region_is_not_read() {
    let mut bytes = sample(&Stp, "multiple.bin");
    bytes[76..83].copy_from_slice(b"QXJZVKW");
    assert!(!hear(&Stp, &bytes).shows("QXJZVKW"));
}

#[test]
fn only_a_known_head_is_sure() {
    let probe = |bytes: &[u8]| Stp.probe(Transport::Llc, Way::ToServer, bytes);
    for name in ["bridge.bin", "change.bin", "rapid.bin", "multiple.bin", "per-vlan.bin"] {
        assert_eq!(probe(&sample(&Stp, name)), Verdict::Yes, "{name}");
    }
    assert_eq!(probe(b"\x42\x42\x03\0\x01\0\0\0"), Verdict::Likely, "another protocol of bridges");
    assert_eq!(probe(b"\xaa\xaa\x03\0\0\x0c\x20\0"), Verdict::No);
}
