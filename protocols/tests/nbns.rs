//! NetBIOS name service: what is read, and what hostile messages lead to. Names follow the list of bad inputs.

mod common;

use common::{hear, sample};
use holter_protocols::Way::ToServer;
use holter_protocols::nbns::{NAMES_MAX, Nbns, RECORDS_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn encoded(name: &[u8; 16]) -> Vec<u8> {
    let letters = name.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]);
    std::iter::once(32).chain(letters).chain([0]).collect()
}

fn message(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    [&[1, 2][..], &flags.to_be_bytes(), &counts.map(u16::to_be_bytes).concat(), body].concat()
}

fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    [name, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 30], &(data.len() as u16).to_be_bytes(), data].concat()
}

fn query(name: &[u8]) -> Vec<u8> {
    message(0x0110, [1, 0, 0, 0], &[name, &[0, 32, 0, 1]].concat())
}

fn probe(bytes: &[u8]) -> Verdict {
    Nbns.probe(Transport::Udp, ToServer, bytes)
}

#[test]
fn a_registration_and_an_answer_say_who_bears_a_name() {
    let lines = hear(&Nbns, &sample(&Nbns, "register.bin")).lines;
    assert!(lines[0].contains("nbns.opcode=5 nbns.rcode=0 nbns.broadcast=true nbns.name=\"PACS01\" nbns.suffix=0"));
    assert!(lines[1].contains("nbns.record.group=false nbns.record.address=10.20.9.1"), "{lines:?}");
    assert!(hear(&Nbns, &sample(&Nbns, "group.bin")).shows("nbns.record.group=true"));
    let lines = hear(&Nbns, &sample(&Nbns, "query-reply.bin")).lines;
    assert!(lines[1].contains("nbns.record.name=\"PACS01\""), "{lines:?}");
}

#[test]
fn a_status_says_the_names_and_the_link_of_a_node() {
    let mut bytes = sample(&Nbns, "status-reply.bin");
    // Samba sends no address; a Windows host does.
    let at = 12 + 34 + 10 + 1 + 5 * 18;
    bytes[at..at + 6].copy_from_slice(&[2, 0, 0x5e, 0x20, 0, 1]);
    let lines = hear(&Nbns, &bytes).lines;
    assert_eq!(lines[2], "nbns.node nbns.node.names=5 nbns.node.mac=02:00:5e:20:00:01");
    assert_eq!(lines.iter().filter(|line| line.starts_with("nbns.node_name ")).count(), 5);
    assert!(lines[6].contains("name=\"CLINIC\" nbns.node_name.suffix=0 nbns.node_name.group=true"), "{lines:?}");
}

#[test]
fn dns_11_letters_outside_a_to_p_and_names_of_other_lengths_are_malformed() {
    let good = encoded(b"WS14           \x20");
    for (at, byte) in [(1, b'Q'), (32, b'a'), (7, 0), (9, 0xff), (0, 31), (0, 33), (0, 0xc0)] {
        let mut name = good.clone();
        name[at] = byte;
        let lines = hear(&Nbns, &query(&name)).lines;
        assert!(lines.len() == 2 && lines[1].starts_with("weird nbns."), "{lines:?}");
        assert!(!lines[0].contains("nbns.name"));
        assert_ne!(probe(&query(&name)), Verdict::Yes);
    }
    assert_eq!(probe(&query(&good)), Verdict::Yes);
    let lines = hear(&Nbns, &query(&good)).lines;
    assert!(lines[0].contains("nbns.name=\"WS14\" nbns.suffix=32"), "{lines:?}");
}

#[test]
fn dns_1_to_5_what_is_broken_is_malformed() {
    let name = encoded(b"WS14           \x20");
    let mut long = record(&name, 32, &[0, 0, 10, 20, 9, 14]);
    let at = long.len() - 7;
    long[at] = 99;
    assert!(hear(&Nbns, &message(0x8500, [0, 1, 0, 0], &long)).shows("weird nbns.rdlength"));
    assert!(hear(&Nbns, &message(0x8500, [0, 1, 0, 0], &record(b"\xc0\x0c", 32, &[0; 6]))).shows("weird nbns.pointer"));
    assert_eq!(hear(&Nbns, &message(0x8500, [65535; 4], b"")).lines.len(), 2);
    let status = record(&name, 33, &[200, 1, 2, 3]);
    assert!(hear(&Nbns, &message(0x8400, [0, 1, 0, 0], &status)).shows("weird nbns.node"));
}

#[test]
fn names_addresses_and_records_beyond_the_caps_are_not_kept() {
    let name = encoded(b"WS14           \x20");
    let entries = [&[255u8][..], &b"DOE            \x03\x04\0".repeat(255), &[0; 46]].concat();
    let lines = hear(&Nbns, &message(0x8400, [0, 1, 0, 0], &record(&name, 33, &entries))).lines;
    assert_eq!(lines.iter().filter(|line| line.starts_with("nbns.node_name ")).count(), NAMES_MAX);
    assert!(lines.contains(&"weird nbns.names".to_owned()));
    let many = record(&name, 32, &[0, 0, 10, 20, 9, 14].repeat(99));
    let lines = hear(&Nbns, &message(0x8400, [0, 1, 0, 0], &many)).lines;
    assert_eq!(lines[1].matches("10.20.9.14").count(), RECORDS_MAX);
    let count = RECORDS_MAX as u16 + 2;
    let lines =
        hear(&Nbns, &message(0x8400, [0, count, 0, 0], &record(&name, 1, &[]).repeat(usize::from(count)))).lines;
    assert_eq!(lines.last().map(String::as_str), Some("weird nbns.records"));
}

#[test]
fn statistics_of_a_node_and_other_records_are_not_read() {
    let name = encoded(b"WS14           \x20");
    let data = [&[0u8][..], &[0; 6], b"QXJZVKW"].concat();
    for kind in [10, 33, 99] {
        assert!(!hear(&Nbns, &message(0x8400, [0, 1, 0, 0], &record(&name, kind, &data))).shows("QXJZVKW"));
    }
}
