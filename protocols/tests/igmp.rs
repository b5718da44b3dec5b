//! IGMP: what is read, and what hostile messages lead to.

mod common;

use common::{hear, sample};
use holter_protocols::igmp::{Igmp, RECORDS_MAX};
use holter_protocols::{Protocol, Transport, Verdict, Way};

fn said(name: &str) -> Vec<String> {
    hear(&Igmp, &sample(&Igmp, name)).lines
}

#[test]
fn queries_reports_and_leaves_of_every_version_name_their_group() {
    for (name, line) in [
        ("query-1.bin", "igmp.message igmp.type=17 igmp.version=1"),
        ("query-2.bin", "igmp.message igmp.type=17 igmp.version=2 igmp.max_response=100"),
        ("query-2-group.bin", "igmp.message igmp.type=17 igmp.version=2 igmp.group=239.1.7.7 igmp.max_response=10"),
        ("query-3.bin", "igmp.message igmp.type=17 igmp.version=3 igmp.max_response=100 igmp.sources=0"),
        (
            "query-3-sources.bin",
            "igmp.message igmp.type=17 igmp.version=3 igmp.group=232.1.1.9 igmp.max_response=138 igmp.sources=2",
        ),
        ("report-1.bin", "igmp.message igmp.type=18 igmp.version=1 igmp.group=224.0.1.129"),
        ("report-2.bin", "igmp.message igmp.type=22 igmp.version=2 igmp.group=239.255.255.250"),
        ("leave-2.bin", "igmp.message igmp.type=23 igmp.version=2 igmp.group=239.255.255.250"),
    ] {
        assert_eq!(said(name), [line], "{name}");
    }
}

#[test]
fn a_report_of_version_3_tells_each_of_its_groups() {
    assert_eq!(
        said("report-3.bin"),
        [
            "igmp.message igmp.type=34 igmp.version=3 igmp.records=2",
            "igmp.record igmp.record.type=4 igmp.record.group=224.0.1.129 igmp.record.sources=0",
            "igmp.record igmp.record.type=4 igmp.record.group=239.255.255.250 igmp.record.sources=0",
        ]
    );
    assert_eq!(
        said("leave-3.bin")[1],
        "igmp.record igmp.record.type=3 igmp.record.group=224.0.1.129 igmp.record.sources=0"
    );
    let sources = said("report-3-sources.bin");
    assert_eq!(sources[1], "igmp.record igmp.record.type=1 igmp.record.group=232.1.1.9 igmp.record.sources=1");
    assert!(sources[2].contains("igmp.record.group=239.1.7.7"), "behind a source and auxiliary data: {sources:?}");
}

#[test]
fn a_message_that_is_cut_is_malformed_and_what_was_read_is_told() {
    for name in ["query-3-sources.bin", "report-3-sources.bin", "report-2.bin"] {
        let good = sample(&Igmp, name);
        for cut in 0..good.len() {
            // A query cut to eight or twelve bytes is another query.
            let lines = hear(&Igmp, &good[..cut]).lines;
            let whole = name.starts_with("query") && cut == 8;
            assert_eq!(lines.iter().any(|line| line.starts_with("weird igmp.")), !whole, "{name} at {cut}: {lines:?}");
            assert_eq!(lines[0].starts_with("igmp.message"), cut >= 8, "{name} at {cut}: {lines:?}");
        }
    }
    for length in 9..12 {
        let lines = hear(&Igmp, &sample(&Igmp, "query-3.bin")[..length]).lines;
        assert!(!lines[0].contains("version") && lines[1] == "weird igmp.query", "no version has it: {lines:?}");
    }
}

#[test]
fn records_are_capped_and_counts_that_lie_end_with_the_message() {
    let report = |count: u16, records: usize| {
        let head = [&[0x22, 0, 0, 0, 0, 0][..], &count.to_be_bytes()].concat();
        hear(&Igmp, &[&head[..], &[4, 0, 0, 0, 239, 1, 1, 1].repeat(records)].concat()).lines
    };
    let told = |lines: &[String]| lines.iter().filter(|line| line.starts_with("igmp.record")).count();
    let full = report(RECORDS_MAX as u16, RECORDS_MAX);
    assert!(told(&full) == RECORDS_MAX && !full.contains(&"weird igmp.records".to_owned()));
    let more = report(RECORDS_MAX as u16 + 1, RECORDS_MAX + 1);
    assert!(told(&more) == RECORDS_MAX && more.contains(&"weird igmp.records".to_owned()));
    let lies = report(3, 2);
    assert!(told(&lies) == 2 && lies.last().is_some_and(|line| line == "weird igmp.record"), "{lies:?}");
    let long =
        hear(&Igmp, &[&[0x22, 0, 0, 0, 0, 0, 0, 1, 4, 255, 255, 255, 239, 1, 1, 1][..], &[0; 40]].concat()).lines;
    assert_eq!(long[2], "weird igmp.record_length");
}

#[test]
fn what_shares_the_number_is_told_by_its_type() {
    for kind in [0x13, 0x14, 0x1e, 0x30, 0xfc, 0xff] {
        let lines = hear(&Igmp, &[kind, 9, 0, 0, 239, 1, 1, 1]).lines;
        assert_eq!(lines, [format!("igmp.message igmp.type={kind}")]);
    }
    let probe = |transport, bytes: &[u8]| Igmp.probe(transport, Way::ToServer, bytes);
    assert_eq!(probe(Transport::Ip(2), &[0; 7]), Verdict::No);
    assert_eq!(probe(Transport::Ip(2), &[0; 8]), Verdict::Likely);
    assert_eq!(probe(Transport::Ip(1), &[0; 8]), Verdict::No);
}
