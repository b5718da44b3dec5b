//! HL7 v2 over MLLP: what is read, what is only counted, and what hostile blocks lead to.

#[allow(dead_code)]
mod text;

use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::hl7::Hl7;
use holter_protocols::{Protocol, Transport, Verdict};
use text::stream;

const ORU: &[u8] = b"\x0bMSH|^~\\&|MONITOR|ICU|ENGINE|HOSP|20261124||ORU^R01^ORU_R01|CTRL0001|P|2.6||||||UNICODE UTF-8\r\
PID|||MRN777^^^HOSP^MR||ROE^RICHARD||19700101|M\rOBR|1\rOBX|1|NM|8867-4^HR^LN||72|bpm|||||F|||||||0009FBFFFF123456^^^EUI-64\r\x1c\r";
const ACK: &[u8] = b"\x0bMSH|^~\\&|ENGINE|HOSP|MONITOR|ICU|20261124||ACK^R01^ACK|A1|P|2.6\rMSA|AA|CTRL0001\r\x1c\r";

fn both() -> Vec<String> {
    stream(&Hl7, &[(ToServer, ORU), (ToClient, ACK)], usize::MAX)
}

#[test]
fn a_message_and_its_acknowledgement_are_read_and_joined() {
    let lines = both();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for part in [
        "code=ORU trigger=R01 structure=ORU_R01 version=2.6",
        "charset=UNICODE UTF-8",
        "sending_application=MONITOR",
        "equipment=0009FBFFFF123456^^^EUI-64",
        "patient=*",
        "segments=4",
        "whole=true",
    ] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
    assert!(lines[1].contains("ack=AA answers=true"), "{}", lines[1]);
}

#[test]
fn nothing_of_a_patient_is_readable() {
    for marker in ["MRN777", "ROE", "19700101", "CTRL0001"] {
        assert!(!both().concat().contains(marker), "{marker}");
    }
}

#[test]
fn any_cut_gives_the_same_events() {
    for cut in 1..60 {
        assert_eq!(stream(&Hl7, &[(ToServer, ORU), (ToClient, ACK)], cut), both(), "cut every {cut} bytes");
    }
}

#[test]
fn hl7_1_a_block_without_end_is_read_once_and_streamed_past() {
    let mut long = ORU[..ORU.len() - 2].to_vec();
    long.extend(std::iter::repeat_n(b'x', 300_000));
    long.extend_from_slice(b"\x1c\r");
    long.extend_from_slice(ORU);
    let lines = stream(&Hl7, &[(ToServer, &long)], 1460);
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[0].contains("code=ORU") && lines[0].contains("whole=false"));
    assert_eq!(lines[1], format!("hl7.end size={}", ORU.len() - 3 + 300_000));
    assert!(lines[2].contains("whole=true"));
}

#[test]
fn hl7_3_an_end_without_its_return_closes_the_message() {
    let bytes = [&ORU[..ORU.len() - 1], ORU].concat();
    let lines = stream(&Hl7, &[(ToServer, &bytes)], usize::MAX);
    assert_eq!(lines.iter().filter(|line| line.starts_with("hl7.message")).count(), 2);
    assert!(lines.contains(&"weird mllp.end".to_owned()));
}

#[test]
fn hl7_4_a_start_within_a_block_cuts_the_old_message() {
    let bytes = [&ORU[..40], ORU].concat();
    let lines = stream(&Hl7, &[(ToServer, &bytes)], usize::MAX);
    assert_eq!(lines[0], "malformed mllp.unterminated");
    assert!(lines[1].contains("code=ORU"), "{lines:#?}");
}

#[test]
fn hl7_7_a_header_without_usable_delimiters_is_malformed_and_the_next_is_read() {
    for broken in [
        &b"\x0bMSH\r\x1c\r"[..],
        b"\x0bMSHA^~\\&AX\r\x1c\r",
        b"\x0bMSH||\r\x1c\r",
        b"\x0bMSH|^^\\&|\r\x1c\r",
        b"\x0bPID|1\r\x1c\r",
    ] {
        let lines = stream(&Hl7, &[(ToServer, &[broken, ORU].concat())], usize::MAX);
        assert_eq!(lines[0], "malformed hl7.msh", "{lines:#?}");
        assert!(lines[1].contains("code=ORU"), "{lines:#?}");
    }
}

#[test]
fn hl7_13_a_type_that_is_no_word_of_the_standard_is_not_kept() {
    let bytes = b"\x0bMSH|^~\\&|A|B|C|D|1||DOE^JANE^MARY|X|P|two\r\x1c\r";
    let lines = stream(&Hl7, &[(ToServer, bytes)], usize::MAX);
    let all = lines.concat();
    assert!(all.contains("weird hl7.code") && all.contains("hl7.message"));
    for text in ["DOE", "JANE", "MARY", "two"] {
        assert!(!all.contains(text), "{text}");
    }
}

#[test]
fn hl7_15_a_repeated_control_id_and_an_unasked_acknowledgement_are_marked() {
    let lines = stream(&Hl7, &[(ToServer, ORU), (ToServer, ORU)], usize::MAX);
    assert!(lines[0].contains("repeated=false") && lines[1].contains("repeated=true"));
    let lines = stream(&Hl7, &[(ToClient, ACK)], usize::MAX);
    assert!(lines[0].contains("answers=false"));
}

#[test]
fn hl7_20_commits_of_release_2_are_recognised() {
    let lines = stream(&Hl7, &[(ToServer, ORU), (ToClient, b"\x0b\x06\x1c\r\x0b\x15\x1c\r")], usize::MAX);
    assert_eq!(lines[1..], ["weird mllp.commit", "weird mllp.commit"]);
}

#[test]
fn a_batch_gives_each_of_its_messages() {
    let body = &ORU[1..ORU.len() - 2];
    let bytes = [b"\x0bFHS|^~\\&|A\rBHS|^~\\&|A\r", body, body, b"BTS|2\rFTS|1\r\x1c\r"].concat();
    let lines = stream(&Hl7, &[(ToServer, &bytes)], usize::MAX);
    assert_eq!(lines.iter().filter(|line| line.contains("code=ORU")).count(), 2, "{lines:#?}");
}

#[test]
fn only_hl7_is_taken_for_hl7() {
    let probe = |bytes: &[u8]| Hl7.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(probe(ORU), Verdict::Yes);
    assert_eq!(probe(&ORU[..4]), Verdict::Unsure);
    assert_eq!(probe(&[b"rest of one|before\r\x1c\r", ORU].concat()), Verdict::Yes);
    for other in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x0bHELLO",
        b"\x0bMSHAPE of things",
        b"\x16\x03\x01\x02\x00",
        b"SSH-2.0-x\r\n",
    ] {
        assert_eq!(probe(other), Verdict::No, "{}", String::from_utf8_lossy(other));
    }
}
