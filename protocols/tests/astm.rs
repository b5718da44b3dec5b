//! ASTM E1381 and E1394: what is read of an analyser's conversation, and what hostile frames lead to.

mod common;

use common::{Feed, Lines, decode, one_way, protocol, samples};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::astm::{NAME_MAX, TEXT_MAX};
use holter_protocols::{Transport, Verdict};

fn frame(number: u8, text: &[u8], end: u8) -> Vec<u8> {
    let body = [&[b'0' + number], text, &[end]].concat();
    let sum = body.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    [&[2], &body[..], format!("{sum:02X}\r\n").as_bytes()].concat()
}

fn hear(bytes: &[u8]) -> (Vec<String>, Feed) {
    one_way(protocol("astm"), bytes)
}

fn letters(lines: &[String]) -> String {
    lines.iter().filter_map(|line| line.strip_prefix("astm.record astm.letter=\"")?.chars().next()).collect()
}

#[test]
fn a_header_names_the_instrument_and_every_record_is_counted_by_its_letter() {
    let sample = samples(protocol("astm")).into_iter().find(|sample| sample.name == "result.stream").expect("a sample");
    let lines = decode(&sample, |_| Vec::new());
    let header = "astm.record astm.letter=\"H\" astm.sender=\"Sampler\" astm.model=\"X200\" astm.serial=\"SN0042\" \
                  astm.version=\"3.1.7\" astm.standard=\"LIS2-A2\" astm.secret=false";
    assert!(lines.iter().any(|line| line.starts_with(header)), "{lines:#?}");
    assert_eq!(letters(&lines), "HPORCL");
    assert_eq!(lines.iter().filter(|line| line.contains("\"ACK\"")).count(), 7);
    assert_eq!(lines.first().map(String::as_str), Some("astm.turn astm.word=\"ENQ\""));
    assert_eq!(lines.last().map(String::as_str), Some("astm.turn astm.word=\"EOT\""));
}

#[test]
fn records_over_several_frames_count_once_also_where_a_frame_is_sent_again() {
    let sample = samples(protocol("astm")).into_iter().find(|sample| sample.name == "long.stream").expect("a sample");
    let lines = decode(&sample, |_| Vec::new());
    assert_eq!(letters(&lines), format!("HPO{}LHQL", "R".repeat(12)));
    assert_eq!(lines.iter().filter(|line| line.contains("astm.valid=false")).count(), 1);
    assert_eq!(lines.iter().filter(|line| line.contains("astm.repeated=true")).count(), 1);
    assert!(lines.contains(&"weird astm.checksum".to_owned()));
}

#[test]
fn hl7_18_records_on_the_port_of_hl7_are_taken_for_what_they_are() {
    let bare = b"H|\\^&|||Sampler\rP|1|MRN777\rL|1|N\r";
    let wrapped = [b"\x0b", &bare[..], b"\x1c\r"].concat();
    let framed = [b"\x05", &frame(1, bare, 3)[..]].concat();
    for bytes in [&bare[..], &wrapped, &framed] {
        assert_eq!(protocol("astm").probe(Transport::Tcp, ToServer, bytes), Verdict::Yes);
        assert_eq!(protocol("hl7").probe(Transport::Tcp, ToServer, bytes), Verdict::No);
        assert_eq!(letters(&hear(bytes).0), "HPL");
    }
    for other in
        [&b"\x0bMSH|^~\\&|A"[..], b"<ClinicalDocument", b"{\"resourceType\":\"Patient\"}", b"HTTP/1.1 200 OK\r\n"]
    {
        assert_eq!(protocol("astm").probe(Transport::Tcp, ToServer, other), Verdict::No);
    }
}

#[test]
fn turns_alone_are_not_claimed() {
    for bytes in [&b"\x05"[..], b"\x06", b"\x05\x02", b"\x06\x06\x15"] {
        assert_eq!(protocol("astm").probe(Transport::Tcp, ToClient, bytes), Verdict::Unsure);
    }
    assert_eq!(protocol("astm").probe(Transport::Tcp, ToClient, &[6; 40]), Verdict::No);
    assert_eq!(protocol("astm").probe(Transport::Tcp, ToServer, b"\x021H|||"), Verdict::No);
}

#[test]
fn nothing_is_taken_from_a_frame_whose_checksum_is_wrong_and_the_next_is_read() {
    let mut wrong = frame(1, b"H|\\^&|||MARKER\r", 3);
    wrong[10] ^= 1;
    let (lines, _) = hear(&[&wrong[..], &frame(1, b"H|\\^&|||Sampler\r", 3)].concat());
    assert!(!lines.join("\n").contains("MARK") && letters(&lines) == "H", "{lines:?}");
}

#[test]
fn broken_frames_are_malformed_and_the_next_is_read() {
    let good = frame(2, b"L|1|N\r", 3);
    for (broken, field) in [
        (b"\x029H|\\^&\r\x0300\r\n".to_vec(), "astm.number"),
        (b"\x021H|\\^&\r\x03ZZ\r\n".to_vec(), "astm.checksum"),
        (b"\x021H|\\^&|||cut".to_vec(), "astm.frame"),
        ([&[2, b'1'][..], &vec![b'x'; TEXT_MAX]].concat(), "astm.frame"),
    ] {
        let (lines, feed) = hear(&[&broken[..], &good].concat());
        assert_eq!(feed.malformed[0].field, field);
        assert_eq!(letters(&lines), "L", "{lines:?}");
    }
}

#[test]
fn after_a_gap_the_next_frame_is_read() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("astm"));
    feed.bytes(ToServer, b"\x021H|\\^&|||Sam", &mut lines);
    feed.gap(ToServer, 50);
    feed.bytes(ToServer, &[&b"N|2\r\x03A0\r\n"[..], &frame(2, b"L|1|N\r", 3)].concat(), &mut lines);
    assert_eq!(letters(&lines.lines), "L");
}

#[test]
fn names_longer_than_the_bound_are_no_names() {
    let long = "x".repeat(NAME_MAX + 1);
    let (lines, _) = hear(&frame(1, format!("H|\\^&|||{long}^{long}^{long}/{long}\r").as_bytes(), 3));
    assert!(lines[1].starts_with("astm.record astm.letter=\"H\" astm.secret=false"), "{lines:?}");
}

#[test]
fn nothing_of_a_patient_an_order_or_a_result_can_be_read() {
    let mut text =
        String::from("H|\\^&|MARKER|MARKER|A^B^C/1|MARKER|MARKER|MARKER|MARKER|MARKER|MARKER|MARKER|MARKER|MARKER\r");
    for letter in ["P", "O", "R", "C", "Q", "M", "S", "L", "X", "MARKER"] {
        text += letter;
        text += &"|MARKER^MARKER\\MARKER".repeat(30);
        text += "\r";
    }
    for bytes in [text.as_bytes().to_vec(), frame(1, text.as_bytes(), 3), frame(1, text.as_bytes(), 0x17)] {
        let (lines, _) = hear(&bytes);
        assert!(lines.iter().any(|line| line.contains("astm.patient=Phi(..)")), "{lines:#?}");
        assert!(!lines.join("\n").contains("MARKER"), "{lines:#?}");
    }
    for cut in 0..text.len() {
        let (lines, _) = hear(&frame(1, &text.as_bytes()[..cut], 0x17));
        assert!(!lines.join("\n").contains("MARK"), "{cut}");
    }
}
