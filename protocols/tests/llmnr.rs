//! LLMNR: what is read, and what hostile messages lead to. Names follow the list of bad inputs.

mod common;

use common::{hear, sample};
use holter_protocols::Way::ToServer;
use holter_protocols::llmnr::{Llmnr, RECORDS_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

const QUESTION: &[u8] = b"\x04ws14\0\0\x01\0\x01";

fn message(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    [&[0x38, 5][..], &flags.to_be_bytes(), &counts.map(u16::to_be_bytes).concat(), body].concat()
}

fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    [name, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 30], &(data.len() as u16).to_be_bytes(), data].concat()
}

#[test]
fn a_query_and_its_answer_are_read() {
    let lines = hear(&Llmnr, &sample(&Llmnr, "query-reply.bin")).lines;
    assert!(lines[0].contains("llmnr.response=true llmnr.transaction=14341"), "{lines:?}");
    assert!(lines[0].contains("llmnr.name=\"ws14\" llmnr.qtype=1 llmnr.qclass=1"), "{lines:?}");
    assert!(lines[1].ends_with("llmnr.record.type=1 llmnr.record.ttl=30 llmnr.record.address=10.20.9.14"), "{lines:?}");
    let lines = hear(&Llmnr, &message(0x8500, [1, 0, 0, 0], QUESTION)).lines;
    assert!(lines[0].contains("llmnr.conflict=true llmnr.truncated=false llmnr.tentative=true"), "{lines:?}");
}

#[test]
fn texts_are_not_read() {
    let body = [QUESTION, &record(b"\xc0\x0c", 16, b"\x07QXJZVKW"), &record(b"\xc0\x0c", 99, b"QXJZVKW")].concat();
    let lines = hear(&Llmnr, &message(0x8000, [1, 2, 0, 0], &body));
    assert!(lines.shows("llmnr.record.text_strings=1 llmnr.record.text_size=8") && !lines.shows("QXJZVKW"));
}

#[test]
fn dns_1_to_5_what_is_broken_is_malformed_and_what_came_before_is_kept() {
    let mut long = record(b"\xc0\x0c", 1, &[1, 2, 3, 4]);
    long[11] = 99;
    for (broken, field) in [
        (record(b"\xc0\xff", 1, &[1, 2, 3, 4]), "llmnr.pointer"),
        (record(b"\x80abc\0", 1, &[1, 2, 3, 4]), "llmnr.label_type"),
        (long, "llmnr.rdlength"),
    ] {
        let body = [QUESTION, &record(b"\xc0\x0c", 1, &[10, 20, 9, 14]), &broken].concat();
        let lines = hear(&Llmnr, &message(0x8000, [1, 2, 0, 0], &body)).lines;
        assert!(lines[1].contains("10.20.9.14"), "{lines:?}");
        assert_eq!(lines.last(), Some(&format!("weird {field}")));
    }
    assert_eq!(hear(&Llmnr, &message(0x8000, [65535; 4], b"")).lines.len(), 3, "two remarks and the message");
}

#[test]
fn records_beyond_the_cap_are_counted() {
    let body = [QUESTION, &record(b"\xc0\x0c", 1, &[1, 2, 3, 4]).repeat(RECORDS_MAX + 3)].concat();
    let lines = hear(&Llmnr, &message(0x8000, [1, RECORDS_MAX as u16 + 3, 0, 0], &body)).lines;
    assert_eq!(lines.iter().filter(|line| line.starts_with("llmnr.record ")).count(), RECORDS_MAX);
    assert_eq!(lines.last().map(String::as_str), Some("weird llmnr.records"));
}

#[test]
fn only_the_port_makes_it_llmnr() {
    let probe = |bytes: &[u8]| Llmnr.probe(Transport::Udp, ToServer, bytes);
    assert_eq!(probe(&sample(&Llmnr, "query.bin")), Verdict::Likely);
    for other in [
        &message(0, [2, 0, 0, 0], &QUESTION.repeat(2))[..],
        &[0; 40],
        &[0xff; 40],
        &message(0x2800, [1, 0, 0, 0], QUESTION),
    ] {
        assert_eq!(probe(other), Verdict::No);
    }
}
