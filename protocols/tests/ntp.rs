//! NTP: what is read, and what hostile messages lead to.

mod common;

use common::{hear, sample};
use holter_protocols::Way::ToServer;
use holter_protocols::ntp::Ntp;
use holter_protocols::{Protocol, Transport, Verdict};

fn probe(bytes: &[u8]) -> Verdict {
    Ntp.probe(Transport::Udp, ToServer, bytes)
}

#[test]
fn mode_version_and_stratum_are_read_and_the_clock_by_its_word() {
    for (name, part) in [
        ("client.bin", "ntp.mode=3 ntp.version=4 ntp.leap=0 ntp.stratum=0"),
        ("server-reply.bin", "ntp.mode=4 ntp.version=4 ntp.leap=0 ntp.stratum=1"),
        ("clock-reply.bin", "ntp.stratum=1 ntp.poll=10 ntp.reference=\"GPS\" ntp.extended=false"),
        (
            "broadcast-reply.bin",
            "ntp.mode=5 ntp.version=3 ntp.leap=0 ntp.stratum=1 ntp.poll=10 ntp.reference=\"PPS\" ntp.extended=true",
        ),
        ("refused-reply.bin", "ntp.leap=3 ntp.stratum=0 ntp.poll=10 ntp.reference=\"RATE\""),
        (
            "control-reply.bin",
            "ntp.control.operation=2 ntp.control.response=true ntp.control.error=false ntp.control.size=10",
        ),
        ("private.bin", "ntp.private.implementation=3 ntp.private.request=42"),
    ] {
        let lines = hear(&Ntp, &sample(&Ntp, name));
        assert!(lines.lines.len() == 1 && lines.shows(part), "{name}: {:?}", lines.lines);
    }
}

#[test]
fn a_reference_that_is_no_word_of_the_table_is_not_read() {
    let mut bytes = sample(&Ntp, "clock-reply.bin");
    for reference in [b"DOEJ", b"gps\0", b"GPS ", b"\0\0\0\0", b"\xc0\xa8\0\x01"] {
        bytes[12..16].copy_from_slice(reference);
        assert!(!hear(&Ntp, &bytes).shows("ntp.reference"), "{reference:?}");
    }
    // Above stratum 1 it is an address.
    let mut bytes = sample(&Ntp, "clock-reply.bin");
    bytes[1] = 2;
    assert!(!hear(&Ntp, &bytes).shows("ntp.reference"));
}

#[test]
fn messages_cut_anywhere_are_malformed() {
    for (name, whole) in [("client.bin", 48), ("control-reply.bin", 22), ("private.bin", 4)] {
        let bytes = sample(&Ntp, name);
        for cut in 0..whole {
            let lines = hear(&Ntp, &bytes[..cut]).lines;
            assert!(lines.last().is_some_and(|line| line.starts_with("weird ntp.")), "{name} at {cut}: {lines:?}");
        }
    }
    let mut odd = sample(&Ntp, "client.bin");
    odd[1] = 200;
    assert_eq!(hear(&Ntp, &odd).lines[0], "weird ntp.stratum");
    assert_eq!(hear(&Ntp, &[0x20; 48]).lines, ["weird ntp.mode"]);
}

#[test]
fn variables_of_a_control_message_and_keys_are_not_read() {
    let mut bytes = sample(&Ntp, "control-reply.bin");
    bytes[12..19].copy_from_slice(b"QXJZVKW");
    assert!(!hear(&Ntp, &bytes).shows("QXJZVKW"));
    for name in ["client.bin", "private.bin"] {
        assert!(!hear(&Ntp, &[&sample(&Ntp, name)[..], b"QXJZVKWQXJZVKW"].concat()).shows("QXJZVKW"));
    }
}

#[test]
fn only_an_answer_whose_times_agree_is_sure() {
    assert_eq!(probe(&sample(&Ntp, "server-reply.bin")), Verdict::Yes);
    let mut late = sample(&Ntp, "server-reply.bin");
    late[40] ^= 1;
    assert_eq!(probe(&late), Verdict::Likely);
    for name in ["client.bin", "control.bin", "broadcast-reply.bin"] {
        assert_eq!(probe(&sample(&Ntp, name)), Verdict::Likely, "{name}");
    }
    for other in [&[0; 48][..], &[0xff; 48], b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01", &[0x23; 47]] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
}
