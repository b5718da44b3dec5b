//! DNS: what is read, and what hostile messages lead to. Names follow the list of bad inputs.

mod common;

use common::{Feed, Lines};
use holter_protocols::Way::ToServer;
use holter_protocols::dns::{Dns, RECORDS_MAX};
use holter_protocols::{MAX_NEED, Protocol, Sink, Transport, Verdict};

fn dns(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34];
    bytes.extend(flags.to_be_bytes());
    counts.iter().for_each(|count| bytes.extend(count.to_be_bytes()));
    bytes.extend(body);
    bytes
}

const QUESTION: &[u8] = b"\x04pacs\x04clin\x07example\x00\x00\x01\x00\x01";
const QUERY: u16 = 0x0100;
const ANSWER: u16 = 0x8180;

fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    [name, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &(data.len() as u16).to_be_bytes(), data].concat()
}

fn read(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines { declared: Some(&Dns), ..Lines::default() };
    if let Err(malformed) = Dns.datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

fn answer(records: &[Vec<u8>]) -> Vec<String> {
    read(&dns(ANSWER, [1, records.len() as u16, 0, 0], &[QUESTION, &records.concat()].concat()))
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes()[..], message].concat()
}

fn probe(bytes: &[u8]) -> Verdict {
    Dns.probe(Transport::Udp, ToServer, bytes)
}

#[test]
fn a_query_and_its_answers_are_read() {
    let query = read(&dns(QUERY, [1, 0, 0, 0], QUESTION));
    assert!(query[0].contains("dns.response=false"), "{query:?}");
    assert!(query[0].contains("dns.name=\"pacs.clin.example\" dns.qtype=1 dns.qclass=1"), "{query:?}");
    let lines = answer(&[
        record(b"\xc0\x0c", 1, &[10, 20, 0, 10]),
        record(b"\xc0\x0c", 28, &[0xfd, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        record(b"\xc0\x0c", 5, b"\x03pac\xc0\x11"),
        record(b"\xc0\x0c", 33, b"\0\0\0\0\0\x68\xc0\x0c"),
        record(b"\xc0\x0c", 15, b"\0\x0a\xc0\x0c"),
        record(b"\xc0\x0c", 16, b"\x04text"),
    ]);
    let starts = "dns.record dns.record.name=\"pacs.clin.example\"";
    assert_eq!(
        lines[1..],
        [
            format!("{starts} dns.record.section=1 dns.record.type=1 dns.record.ttl=60 dns.record.address=10.20.0.10"),
            format!("{starts} dns.record.section=1 dns.record.type=28 dns.record.ttl=60 dns.record.address=fd20::1"),
            format!(
                "{starts} dns.record.section=1 dns.record.type=5 dns.record.ttl=60 dns.record.target=\"pac.clin.example\""
            ),
            format!(
                "{starts} dns.record.section=1 dns.record.type=33 dns.record.ttl=60 dns.record.target=\"pacs.clin.example\""
            ),
            format!(
                "{starts} dns.record.section=1 dns.record.type=15 dns.record.ttl=60 dns.record.target=\"pacs.clin.example\""
            ),
            format!(
                "{starts} dns.record.section=1 dns.record.type=16 dns.record.ttl=60 dns.record.text_strings=1 dns.record.text_size=5"
            ),
        ]
    );
}

#[test]
fn the_response_code_is_extended_by_edns() {
    let opt = [&b"\0\0\x29\x10\0"[..], &[1, 0, 0, 0], &[0, 0]].concat();
    let lines = read(&dns(ANSWER, [1, 0, 0, 1], &[QUESTION, &opt].concat()));
    assert!(lines[0].contains("dns.rcode=16 "), "{lines:?}");
}

#[test]
fn dns_1_and_2_pointers_that_do_not_go_back_or_go_on_for_long_are_malformed() {
    for name in [&b"\xc0\x0c"[..], b"\xc0\x40", b"\x01a\xc0\x0c", b"\xc0\x0e\xc0\x0c"] {
        let lines = read(&dns(QUERY, [1, 0, 0, 0], &[name, b"\0\x01\0\x01"].concat()));
        assert_eq!(lines[1], "weird dns.pointer", "{name:?}");
        assert!(!lines[0].contains("dns.name="));
    }
    // A chain in which each pointer leads to the one before it, in the data of a record that nobody reads.
    let mut chain = Vec::new();
    let begin = 12 + QUESTION.len() + 12;
    (0..255usize).for_each(|n| {
        let target = if n == 0 { 12 } else { begin + 2 * (n - 1) };
        chain.extend((0xc000 | target as u16).to_be_bytes());
    });
    let last = (0xc000 | (begin + 2 * 254) as u16).to_be_bytes();
    let lines = answer(&[record(b"\xc0\x0c", 16, &chain), record(&last, 1, &[1, 2, 3, 4])]);
    assert_eq!(lines.last().map(String::as_str), Some("weird dns.pointer"), "{lines:?}");
}

#[test]
fn dns_3_labels_and_names_past_their_limits_are_malformed() {
    let long = [&b"\x3f"[..], &[b'a'; 63]].concat().repeat(5);
    for (name, field) in
        [(&b"\x40aaaa"[..], "dns.label_type"), (b"\x80aaaa", "dns.label_type"), (&long, "dns.name_length")]
    {
        let bytes = dns(QUERY, [1, 0, 0, 0], &[name, b"\0\0\x01\0\x01"].concat());
        assert_eq!(read(&bytes)[1], format!("weird {field}"));
        assert_eq!(probe(&bytes), Verdict::No);
    }
}

#[test]
fn dns_4_counts_that_promise_more_than_there_is_cost_nothing() {
    for counts in [[0, 65535, 65535, 65535], [65535; 4]] {
        let bytes = dns(ANSWER, counts, b"");
        let lines = read(&bytes);
        assert!(lines.iter().any(|line| line.contains("dns.answers=65535")));
        assert_eq!(lines.last().map(String::as_str), Some("weird dns.name"));
        assert_eq!(probe(&bytes), Verdict::No);
    }
}

#[test]
fn dns_5_record_data_past_the_end_is_malformed_and_the_records_before_it_are_kept() {
    let mut broken = record(b"\xc0\x0c", 1, &[10, 20, 0, 11]);
    broken[11] = 255;
    let lines = answer(&[record(b"\xc0\x0c", 1, &[10, 20, 0, 10]), broken]);
    assert!(lines[1].contains("10.20.0.10"), "{lines:?}");
    assert_eq!(lines[2], "weird dns.rdlength");
    let lines = answer(&[record(b"\xc0\x0c", 1, &[10, 20, 0]), record(b"\xc0\x0c", 28, &[0; 17])]);
    assert_eq!(lines.iter().filter(|line| *line == "weird dns.address_length").count(), 2, "{lines:?}");
}

#[test]
fn dns_6_lengths_of_nothing_and_of_everything_are_bounded_over_tcp() {
    let good = framed(&dns(QUERY, [1, 0, 0, 0], QUESTION));
    for length in [0u16, 1, 11] {
        let bad = framed(&vec![0; usize::from(length)]);
        let (lines, _) = common::one_way(&Dns, &[&good[..], &bad, &good].concat());
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert_eq!(lines[1], "weird dns.length");
    }
    let mut feed = Feed::new(&Dns);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &good, &mut lines);
    feed.bytes(ToServer, &[0xff, 0xff], &mut lines);
    for _ in 0..65_535 {
        feed.bytes(ToServer, &[0], &mut lines);
        assert!(feed.kept() < MAX_NEED && feed.decoder.held() == 0);
    }
    feed.bytes(ToServer, &good, &mut lines);
    assert!(lines.lines.last().is_some_and(|line| line.contains("pacs.clin.example")));
}

#[test]
fn messages_over_tcp_follow_their_lengths_and_survive_a_gap_within() {
    let message = dns(QUERY, [1, 0, 0, 0], QUESTION);
    let two = [framed(&message), framed(&message)].concat();
    assert_eq!(Dns.probe(Transport::Tcp, ToServer, &two), Verdict::Yes);
    for n in 0..framed(&message).len() {
        assert_eq!(Dns.probe(Transport::Tcp, ToServer, &two[..n]), Verdict::Unsure, "{n}");
    }
    let mut feed = Feed::new(&Dns);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &two, &mut lines);
    feed.bytes(ToServer, &two[..10], &mut lines);
    feed.gap(ToServer, 5);
    feed.bytes(ToServer, &two[15..], &mut lines);
    assert_eq!(lines.lines.iter().filter(|line| line.starts_with("dns.message")).count(), 3);
    assert!(lines.lines.contains(&"weird dns.cut".to_owned()));
}

#[test]
fn dns_7_a_second_question_is_counted() {
    let lines = read(&dns(QUERY, [2, 0, 0, 0], &QUESTION.repeat(2)));
    assert_eq!(lines[0], "weird dns.questions");
    assert!(lines[1].contains("dns.questions=2"));
}

#[test]
fn dns_8_a_second_opt_and_another_version_of_edns_are_noticed() {
    let opt = |version: u8| [&b"\0\0\x29\x10\0"[..], &[0, version, 0, 0], &[0, 0]].concat();
    let with = |options: &[Vec<u8>]| {
        read(&dns(QUERY, [1, 0, 0, options.len() as u16], &[QUESTION, &options.concat()].concat()))
    };
    assert_eq!(with(&[opt(0), opt(0)])[0], "weird dns.edns_twice");
    assert_eq!(with(&[opt(255)])[0], "weird dns.edns_version");
    assert_eq!(with(&[opt(0)]).len(), 1);
}

#[test]
fn dns_9_texts_of_any_length_are_not_read() {
    let text = [&[255u8][..], &[b'x'; 255]].concat().repeat(255);
    let lines = answer(&[record(b"\xc0\x0c", 16, &text), record(b"\xc0\x0c", 1, &[10, 20, 0, 10])]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[2].contains("10.20.0.10") && !lines.concat().contains("xxx"));
}

#[test]
fn dns_10_names_of_multicast_dns_llmnr_and_netbios_are_not_claimed() {
    let mut multicast = dns(0, [1, 0, 0, 0], b"\x04Roes\x05_http\x04_tcp\x05local\0\0\x0c\0\x01");
    multicast[..2].copy_from_slice(&[0, 0]);
    assert_eq!(probe(&multicast), Verdict::No);
    let unicast_bit = dns(0, [1, 0, 0, 0], b"\x04Roes\x05local\0\0\x0c\x80\x01");
    assert_eq!(probe(&unicast_bit), Verdict::No);
    let link_local = dns(0, [1, 0, 0, 0], b"\x06roespc\0\0\x01\0\x01");
    assert_eq!(probe(&link_local), Verdict::No);
    let netbios = dns(0x0110, [1, 0, 0, 0], b"\x20CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\x21\0\x01");
    assert_eq!(probe(&netbios), Verdict::No);
}

#[test]
fn dns_12_a_response_without_a_query_is_read_without_any_state() {
    for id in 0..2000u16 {
        let mut bytes = dns(ANSWER, [1, 0, 0, 0], QUESTION);
        bytes[..2].copy_from_slice(&id.to_be_bytes());
        assert!(read(&bytes)[0].contains(&format!("dns.transaction={id} ")));
    }
}

#[test]
fn dns_13_bytes_that_are_not_printable_are_written_as_numbers() {
    let lines = read(&dns(QUERY, [1, 0, 0, 0], b"\x09a\"\n\xff.\\\xe2\x80\xa8\x00\x00\x01\x00\x01"));
    // In the text of these tests quotes and backslashes are doubled.
    assert!(lines[0].contains(r#"dns.name="a\"\\010\\255\\.\\\\\\226\\128\\168""#), "{lines:?}");
}

#[test]
fn dns_14_dns_is_known_by_its_content() {
    assert_eq!(probe(&dns(QUERY, [1, 0, 0, 0], QUESTION)), Verdict::Yes);
    assert_eq!(
        probe(&dns(ANSWER, [1, 1, 0, 0], &[QUESTION, &record(b"\xc0\x0c", 1, &[1, 2, 3, 4])].concat())),
        Verdict::Yes
    );
    for other in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0; 48],
        &[0xff; 64],
        b"\x17\x03\x03\x00\x20aaaaaaaaaaaaaaaa",
        b"\x23\x00\x06\xec\0\0\0\0",
    ] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
}

#[test]
fn records_beyond_the_cap_are_counted() {
    let lines = answer(&vec![record(b"\xc0\x0c", 1, &[1, 2, 3, 4]); RECORDS_MAX + 7]);
    assert_eq!(lines.iter().filter(|line| line.starts_with("dns.record ")).count(), RECORDS_MAX);
    assert_eq!(lines.last().map(String::as_str), Some("weird dns.records"));
}
