//! TFTP: what is read, and what hostile packets lead to.

mod common;

use common::{decode, hear, sample};
use holter_protocols::Way::ToServer;
use holter_protocols::tftp::{OPTIONS_MAX, Tftp};
use holter_protocols::{Protocol, Transport, Verdict};

fn probe(bytes: &[u8]) -> Verdict {
    Tftp.probe(Transport::Udp, ToServer, bytes)
}

#[test]
fn a_request_says_which_file_and_how() {
    for (name, line) in [
        ("read.bin", "tftp.message tftp.opcode=1 tftp.file=\"pump-firmware.bin\" tftp.mode=\"octet\""),
        (
            "write.bin",
            "tftp.message tftp.opcode=2 tftp.file=\"config-ward7.txt\" tftp.mode=\"netascii\" tftp.file_size=4711",
        ),
    ] {
        assert_eq!(hear(&Tftp, &sample(&Tftp, name)).lines, [line]);
    }
    assert_eq!(
        hear(&Tftp, b"\0\x01a\0OcTeT\0").lines,
        ["tftp.message tftp.opcode=1 tftp.file=\"a\" tftp.mode=\"octet\""]
    );
}

#[test]
fn a_transfer_on_the_usual_port_is_followed() {
    let samples = common::samples(&Tftp);
    let transfer = samples.iter().find(|sample| sample.name == "one-port.datagrams").expect("a sample");
    let lines = decode(transfer, |_| Vec::new());
    assert_eq!(lines[3], "tftp.message tftp.opcode=3 tftp.block=1 tftp.block_size=32");
    assert_eq!(lines[5], "tftp.message tftp.opcode=5 tftp.error=1");
}

#[test]
fn what_is_carried_and_texts_of_errors_and_options_are_not_read() {
    for packet in [
        &b"\0\x03\0\x01QXJZVKW"[..],
        b"\0\x05\0\x01QXJZVKW\0",
        b"\0\x06QXJZVKW\0QXJZVKW\0",
        b"\0\x06tsize\0QXJZVKW\0",
        b"\0\x01a\0QXJZVKW\0",
        b"\0\x01a\0octet\0QXJZVKW\0QXJZVKW\0",
        b"\0\x09QXJZVKW",
    ] {
        for cut in 0..=packet.len() {
            assert!(!hear(&Tftp, &packet[..cut]).shows("QXJZVKW"), "{packet:?}");
        }
    }
}

#[test]
fn packets_cut_short_are_malformed_and_what_came_before_is_kept() {
    for (packet, field) in [
        (&b"\0\x01abc"[..], "tftp.file"),
        (b"\0\x01abc\0oct", "tftp.mode"),
        (b"\0\x01abc\0octet\0tsize\0", "tftp.option"),
        (b"\0\x03\0", "tftp.block"),
        (b"\0\x05", "tftp.error"),
        (b"\0", "tftp.opcode"),
        (b"\0\x07", "tftp.opcode"),
    ] {
        assert_eq!(hear(&Tftp, packet).lines.last(), Some(&format!("weird {field}")), "{packet:?}");
    }
    assert!(hear(&Tftp, b"\0\x01abc\0oct").shows("tftp.file=\"abc\""));
    assert_eq!(hear(&Tftp, b"\0\x01a\0binary\0").lines[0], "weird tftp.mode");
}

#[test]
fn options_beyond_the_cap_are_not_read() {
    let late = [&b"\0\x06"[..], &b"x\0y\0".repeat(OPTIONS_MAX), b"tsize\x009\0"].concat();
    assert!(!hear(&Tftp, &late).shows("tftp.file_size"));
    let early = [&b"\0\x06"[..], &b"x\0y\0".repeat(OPTIONS_MAX - 1), b"tsize\x009\0"].concat();
    assert!(hear(&Tftp, &early).shows("tftp.file_size=9"));
}

#[test]
fn only_a_whole_request_is_sure() {
    assert_eq!(probe(&sample(&Tftp, "read-options.bin")), Verdict::Yes);
    for weak in [&b"\0\x01a\0binary\0"[..], b"\0\x01a\0octet\0x", b"\0\x01a\0octet\0x\0", b"\0\x03\0\x01data"] {
        assert_eq!(probe(weak), Verdict::Likely, "{weak:?}");
    }
    for other in [&b"\0\x01\0octet\0"[..], b"\0\x01\x01\x02\0octet\0", &[0; 30], &[0xff; 30], b"\0"] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
}
