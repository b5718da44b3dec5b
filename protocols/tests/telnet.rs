//! Telnet: what is read among text, and what hostile commands lead to.

mod common;

use common::{Feed, Lines, decode, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::telnet::{BANNER_MAX, SUBNEGOTIATION_MAX};
use holter_protocols::{Transport, Verdict};

const BANNER: &[u8] = b"Welcome to the SIGMA Spectrum Diagnostic Terminal";

fn hear(chunks: &[(Way, &[u8])]) -> Vec<String> {
    let mut lines = Lines { declared: Some(protocol("telnet")), ..Lines::default() };
    let mut feed = Feed::new(protocol("telnet"));
    chunks.iter().for_each(|(way, bytes)| feed.bytes(*way, bytes, &mut lines));
    lines.lines
}

#[test]
fn options_are_read_among_text_and_subnegotiations_pass() {
    let bytes = b"\xff\xfd\x18login\xff\xff: \xff\xfa\x18\x01\xff\xff\xff\xf0\xff\xfb\x01\xff\xf1";
    assert_eq!(
        hear(&[(ToClient, bytes)]),
        [
            "telnet.negotiation telnet.verb=\"DO\" telnet.code=24",
            "telnet.negotiation telnet.verb=\"SB\" telnet.code=24",
            "telnet.negotiation telnet.verb=\"WILL\" telnet.code=1",
        ]
    );
}

#[test]
fn the_banner_of_a_pump_is_known_by_the_words_of_our_table() {
    let sample =
        samples(protocol("telnet")).into_iter().find(|sample| sample.name == "banner.stream").expect("a sample");
    let expected = "telnet.banner telnet.vendor=\"Baxter\" telnet.product=\"SIGMA Spectrum\"".to_owned();
    assert!(decode(&sample, |_| Vec::new()).contains(&expected));
    assert_eq!(hear(&[(ToServer, BANNER)]).len(), 0, "a client has no banner");
    assert_eq!(hear(&[(ToClient, &[b"x", BANNER].concat())]).len(), 0, "not within a line");
    assert_eq!(hear(&[(ToClient, &[&vec![b'\n'; BANNER_MAX][..], BANNER].concat())]).len(), 0, "not too late");
    assert_eq!(hear(&[(ToClient, &[BANNER, b"\n", BANNER].concat())]).len(), 1, "once");
}

#[test]
fn a_subnegotiation_without_end_is_given_up_at_the_bound_or_at_the_next_command() {
    let long = [&b"\xff\xfa\x18"[..], &vec![b'x'; SUBNEGOTIATION_MAX as usize + 1], b"\xff\xfb\x01"].concat();
    let lines = hear(&[(ToClient, &long)]);
    assert_eq!(lines[1], "weird telnet.subnegotiation");
    assert!(lines[2].contains("telnet.code=1"));
    let lines = hear(&[(ToClient, b"\xff\xfa\x18abc\xff\xfb\x03")]);
    assert!(lines[1] == "weird telnet.subnegotiation" && lines[2].contains("telnet.code=3"), "{lines:?}");
}

#[test]
fn after_a_gap_commands_are_read_again() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("telnet"));
    feed.bytes(ToClient, b"\xff\xfa\x18abc", &mut lines);
    feed.gap(ToClient, 40);
    feed.bytes(ToClient, b"text\xff\xfb\x01", &mut lines);
    assert!(lines.lines.last().is_some_and(|line| line.contains("\"WILL\" telnet.code=1")));
}

#[test]
fn two_negotiations_are_certain_one_and_text_are_likely() {
    let probe = |bytes: &[u8]| protocol("telnet").probe(Transport::Tcp, ToClient, bytes);
    assert_eq!(probe(b"\xff\xfd\x18\xff\xfb\x01"), Verdict::Yes);
    assert_eq!(probe(BANNER), Verdict::Yes);
    assert_eq!(probe(b"\xff\xfd\x18"), Verdict::Likely);
    assert_eq!(probe(b"login: "), Verdict::Likely);
    assert_eq!(probe(b"\xff"), Verdict::Unsure);
    assert_eq!(probe(b"\x16\x03\x01\x02\x00\x01"), Verdict::No);
}

#[test]
fn what_is_binary_is_not_telnet_for_its_first_bytes() {
    let probe = |bytes: &[u8]| protocol("telnet").probe(Transport::Tcp, ToClient, bytes);
    for binary in [
        &b"\xff\xff\xff\xff\xff\xff"[..],
        b"\xff\xff",
        // A picture, sound, text of UTF-16, and a negotiation with binary behind it.
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"\xff\xd8",
        b"\xff\xfb\x90\x64\0\x0f",
        b"\xff\xfeP\0a\0t\0",
        b"\xff\xfb\x01\x01\x02\x03\x04",
        b"\xff\xfb\x01\xff\x02",
        b"\xff\xfb\x01\xff\xff\x02",
        // Two samples that look like negotiations, and one of those behind them that looks like no command.
        b"\xff\xfe\x10\xff\xfd\x22\xff\xfc\x04\xff\xd0\x80",
    ] {
        assert_eq!(probe(binary), Verdict::No, "{binary:02x?}");
    }
    let samples: Vec<u8> = (-1279i32..-256).flat_map(|sample| sample.to_be_bytes()[1..].to_vec()).collect();
    assert_ne!(probe(&samples), Verdict::Yes, "samples of 24 bits");
    // What Telnet says behind its negotiations does not hide it: subnegotiations, other commands, a greeting.
    for telnet in [
        &b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27"[..],
        b"\xff\xfb\x01\xff\xfb\x03\r\n\x1b[2JLogin: ",
        b"\xff\xfd\x18\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0\xff\xf1",
        b"\xff\xfd\x18\xff\xfb\x01\xff\xfa\x1f\0\x50",
        b"\xff\xfd\x18\xff\xfb\x01\xff",
    ] {
        assert_eq!(probe(telnet), Verdict::Yes, "{telnet:02x?}");
    }
    assert_eq!(probe(b"\xff\xfd\x28\xff\xfd\x19\xff\xfb\x19\x05\xc3\x11"), Verdict::Likely, "a terminal's screen");
    assert_eq!((probe(b"\xff\xfb"), probe(b"\xff\xf1")), (Verdict::Unsure, Verdict::Likely));
}

#[test]
fn no_text_either_way_can_be_read() {
    let lines = hear(&[
        (ToClient, b"MARKER login: \xff\xfb\x01"),
        (ToServer, b"MARKER\r\n\xff\xfa\x27\0\0USER\x01MARKER\xff\xf0"),
        (ToClient, &[BANNER, b" MARKER\r\nMAC: MARKER\r\n"].concat()),
    ]);
    assert!(lines.len() == 2 && !lines.join("\n").contains("MARKER"), "{lines:?}");
}
