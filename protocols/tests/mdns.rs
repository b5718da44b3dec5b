//! Multicast DNS: what is read, and what hostile messages lead to. Names follow the list of bad inputs.

mod common;

use common::{hear, sample};
use holter_protocols::Way::ToServer;
use holter_protocols::mdns::{Mdns, QUESTIONS_MAX, RECORDS_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn message(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    [&[0, 0][..], &flags.to_be_bytes(), &counts.map(u16::to_be_bytes).concat(), body].concat()
}

fn name(labels: &[&[u8]]) -> Vec<u8> {
    let mut bytes: Vec<u8> = labels.iter().flat_map(|label| [&[label.len() as u8][..], label].concat()).collect();
    bytes.push(0);
    bytes
}

fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    [name, &kind.to_be_bytes(), &[0x80, 1, 0, 0, 0, 60], &(data.len() as u16).to_be_bytes(), data].concat()
}

fn answer(records: &[Vec<u8>]) -> common::Lines {
    hear(&Mdns, &message(0x8400, [0, records.len() as u16, 0, 0], &records.concat()))
}

fn probe(bytes: &[u8]) -> Verdict {
    Mdns.probe(Transport::Udp, ToServer, bytes)
}

#[test]
fn a_service_its_host_and_its_port_are_read_and_its_instance_is_not() {
    let lines = hear(&Mdns, &sample(&Mdns, "answer-reply.bin"));
    for part in [
        "mdns.response=true",
        "mdns.record.host=\"ct-scanner-02.local\" mdns.record.type=13",
        "mdns.record.cpu=\"X86_64\" mdns.record.os=\"LINUX\"",
        "mdns.record.service=\"_dicom._tcp\" mdns.record.instance=Phi(..) mdns.record.type=33",
        "mdns.record.port=104 mdns.record.target_host=\"ct-scanner-02.local\"",
        "mdns.record.service=\"_services._dns-sd._udp\"",
        "mdns.record.target_service=\"_http._tcp\"",
        "mdns.record.flush=true mdns.record.ttl=120 mdns.record.address=10.20.9.1",
        "mdns.record.text_strings=1 mdns.record.text_size=8",
    ] {
        assert!(lines.shows(part), "{part} in {:#?}", lines.lines);
    }
    assert!(!lines.shows("Roe") && !lines.shows("ae=CT02"));
}

#[test]
fn questions_say_what_is_looked_for_and_whether_the_answer_is_for_one() {
    let lines = hear(&Mdns, &sample(&Mdns, "query.bin")).lines;
    assert_eq!(
        lines[1..],
        [
            "mdns.question mdns.question.service=\"_dicom._tcp\" mdns.question.type=12 mdns.question.class=1 \
             mdns.question.unicast=false",
            "mdns.question mdns.question.service=\"_services._dns-sd._udp\" mdns.question.type=12 \
             mdns.question.class=1 mdns.question.unicast=true",
            "mdns.question mdns.question.host=\"ct-scanner-02.local\" mdns.question.type=13 mdns.question.class=1 \
             mdns.question.unicast=false",
        ]
    );
}

#[test]
fn dns_10_a_patient_in_a_name_never_leaves() {
    let marker = b"QXJZVKW";
    let texts: [&[u8]; 5] = [b"QXJZVKW's recorder", b"qxjzvkw", b"_QXJZVKW", b"QXJZVKW.local", b"Q QXJZVKW\xc3\xa9"];
    for text in texts {
        let names = [
            name(&[text, b"_dicom", b"_tcp", b"local"]),
            name(&[text, b"_sub", b"_http", b"_tcp", b"local"]),
            name(&[text, b"_tcp", b"local"]),
            name(&[b"_http", text, b"local"]),
            name(&[text, b"clin", b"example"]),
            name(&[b"_dicom", b"_tcp", text]),
            name(&[b"ws1", b"local", text]),
            name(&[text, b"in-addr", b"arpa"]),
            name(&[b"a", b"b", b"c", b"d", b"e", b"f", text, b"_http", b"_tcp", b"local"]),
        ];
        for owner in &names {
            let lines = answer(&[
                record(owner, 12, owner),
                record(owner, 33, &[&[0, 0, 0, 0, 0, 80], &owner[..]].concat()),
                record(owner, 16, &[&[7], &marker[..]].concat()),
                record(owner, 47, owner),
                record(owner, 9999, marker),
            ]);
            assert!(lines.shows("Phi(..)") && !lines.shows("QXJZVKW"), "{owner:?}: {:#?}", lines.lines);
            let asked = message(0, [1, 0, 0, 0], &[&owner[..], &[0, 12, 0, 1]].concat());
            assert!(!hear(&Mdns, &asked).shows("QXJZVKW"), "{owner:?}");
            for cut in 0..asked.len() {
                assert!(!hear(&Mdns, &asked[..cut]).shows("QXJZVKW"));
            }
        }
    }
}

#[test]
fn names_of_hosts_and_reversed_addresses_are_site_data() {
    let host = name(&[b"ws-14", b"local"]);
    let lines = answer(&[
        record(&host, 1, &[10, 20, 9, 14]),
        record(&name(&[b"14", b"9", b"20", b"10", b"IN-ADDR", b"arpa"]), 12, &host),
        record(&name(&[b"a_b", b"LOCAL"]), 28, &[0; 16]),
    ]);
    assert!(lines.shows("mdns.record.host=\"ws-14.local\""));
    assert!(lines.shows("mdns.record.host=\"14.9.20.10.IN-ADDR.arpa\""));
    assert!(lines.shows("mdns.record.target_host=\"ws-14.local\"") && lines.shows("a_b.LOCAL"));
}

#[test]
fn dns_1_and_3_and_5_broken_names_and_lengths_are_malformed_and_what_came_before_is_kept() {
    let good = record(&name(&[b"ws-14", b"local"]), 1, &[10, 20, 9, 14]);
    let mut long = record(b"\xc0\x0c", 1, &[1, 2, 3, 4]);
    long[11] = 99;
    for (broken, field) in [
        (record(b"\xc0\xff", 1, &[1, 2, 3, 4]), "mdns.pointer"),
        (record(b"\x40abc\0", 1, &[1, 2, 3, 4]), "mdns.label_type"),
        (long, "mdns.rdlength"),
        (b"\x01a\0\0\x01".to_vec(), "mdns.record"),
        (record(b"\xc0\x0c", 12, b"\x05ab"), "mdns.name"),
    ] {
        let lines = answer(&[good.clone(), broken]).lines;
        assert!(lines[1].contains("10.20.9.14"), "{lines:?}");
        assert_eq!(lines.last(), Some(&format!("weird {field}")), "{lines:?}");
    }
}

#[test]
fn dns_4_counts_that_promise_more_than_there_is_cost_nothing() {
    let lines = hear(&Mdns, &message(0, [65535; 4], b"")).lines;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(probe(&message(0, [65535; 4], b"")), Verdict::No);
}

#[test]
fn questions_and_records_beyond_the_caps_are_counted() {
    let owner = name(&[b"ws", b"local"]);
    let lines = answer(&vec![record(&owner, 1, &[1, 2, 3, 4]); RECORDS_MAX + 9]).lines;
    assert_eq!(lines.iter().filter(|line| line.starts_with("mdns.record ")).count(), RECORDS_MAX);
    assert_eq!(lines.last().map(String::as_str), Some("weird mdns.records"));
    let many = QUESTIONS_MAX + 9;
    let asked = [&owner[..], &[0, 1, 0, 1]].concat().repeat(many);
    let lines = hear(&Mdns, &message(0, [many as u16, 0, 0, 0], &asked)).lines;
    assert_eq!(lines.iter().filter(|line| line.starts_with("mdns.question ")).count(), QUESTIONS_MAX);
    assert_eq!(lines.last().map(String::as_str), Some("weird mdns.questions"));
}

#[test]
fn only_a_whole_message_about_local_names_is_sure() {
    assert_eq!(probe(&sample(&Mdns, "answer-reply.bin")), Verdict::Yes);
    assert_eq!(probe(&sample(&Mdns, "query.bin")), Verdict::Yes);
    // A question of DNS has the form; its port tells.
    let dns = [&[0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], b"\x04pacs\x04clin\0\0\x01\0\x01"].concat();
    assert_eq!(probe(&dns), Verdict::Likely);
    let mut whole = sample(&Mdns, "answer-reply.bin");
    whole.push(0);
    assert_eq!(probe(&whole), Verdict::Likely);
    for other in [&[0; 12][..], &[0xff; 64], b"NOTIFY * HTTP/1.1\r\n\r\n", &[0; 11]] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
}
