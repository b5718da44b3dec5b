//! Syslog: what is read of a message, and what hostile ones lead to.

mod common;

use common::{Feed, Lines, decode, one_way, protocol, samples};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::syslog::{HEAD_MAX, HOST_MAX, LENGTH_MAX, TAG_MAX};
use holter_protocols::{Sink, Transport, Verdict};

fn datagram(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines { declared: Some(protocol("syslog")), ..Lines::default() };
    if let Err(malformed) = protocol("syslog").datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

#[test]
fn both_forms_say_who_sends_and_audit_messages_are_known_by_their_mark() {
    assert_eq!(
        datagram(b"<132>Nov  5 22:53:19 vm ct01d[77]: text"),
        ["syslog.message syslog.facility=16 syslog.severity=4 syslog.host=\"vm\" syslog.application=\"ct01d\" \
          syslog.audit=false syslog.size=39"]
    );
    let audit = b"<85>1 2026-11-25T22:53:19Z vm archive 7 IHE+RFC-3881 - <AuditMessage/>";
    assert_eq!(
        datagram(audit),
        ["syslog.message syslog.facility=10 syslog.severity=5 syslog.version=1 syslog.host=\"vm\" \
          syslog.application=\"archive\" syslog.audit=true syslog.size=70"]
    );
}

#[test]
fn both_framings_of_tcp_are_read_and_may_follow_each_other() {
    for (name, count) in [("counted.stream", 5), ("counted-logger.stream", 1), ("lines.stream", 1)] {
        let sample = samples(protocol("syslog")).into_iter().find(|sample| sample.name == name).expect("a sample");
        let lines = decode(&sample, |_| Vec::new());
        assert_eq!(lines.len(), count, "{lines:#?}");
        assert!(lines.iter().all(|line| line.contains("syslog.host=\"vm\"")));
    }
    let (lines, _) = one_way(protocol("syslog"), b"6 <13>ab<14>x\n\n7 <15>abc<16>y\0\n");
    assert_eq!(lines.iter().filter(|line| line.starts_with("syslog.message")).count(), 4, "{lines:?}");
}

#[test]
fn what_is_no_message_is_malformed_and_the_next_is_read() {
    for broken in ["<192>x\n", "<>x\n", "x\n", "99999999999 <13>\n", "3 <1>\n", "6 abcdef\n", "6 <999>\u{1}\n"] {
        let (lines, feed) = one_way(protocol("syslog"), format!("{broken}<13>good\n").as_bytes());
        assert_eq!(feed.malformed.len(), 1, "{broken:?}: {lines:?}");
        assert!(lines.last().is_some_and(|line| line.contains("syslog.severity=5")), "{broken:?}: {lines:?}");
    }
    assert_eq!(datagram(b"<13"), ["weird syslog.priority"]);
    assert_eq!(datagram(b""), ["weird syslog.priority"]);
}

#[test]
fn long_messages_pass_unread_behind_the_bound() {
    let body = [&b"<13>"[..], &vec![b'x'; HEAD_MAX * 3]].concat();
    let (lines, feed) =
        one_way(protocol("syslog"), &[format!("{} ", body.len()).as_bytes(), &body, b"6 <14>ab"].concat());
    assert_eq!((lines.len(), feed.unseen), (2, (body.len() - HEAD_MAX) as u64), "{lines:?}");
    let (lines, feed) = one_way(protocol("syslog"), &[&body[..], b"\n<14>ab\n"].concat());
    assert_eq!((lines.len(), feed.kept()), (3, 0), "{lines:?}");
    assert_eq!(lines[0], "weird syslog.line_length");
    let beyond = format!("{} <13>x\n<14>y\n", LENGTH_MAX + 1);
    let (lines, feed) = one_way(protocol("syslog"), beyond.as_bytes());
    assert!(feed.malformed.len() == 1 && lines.len() == 2, "{lines:?}");
}

#[test]
fn names_longer_than_the_bounds_or_of_another_form_are_no_names() {
    let (host, tag) = ("h".repeat(HOST_MAX + 1), "t".repeat(TAG_MAX + 1));
    for line in [
        format!("<13>1 - {host} {tag} - - - x"),
        format!("<13>Nov 25 22:53:19 {host} {tag}: x"),
        "<13>1 - - - - - - x".to_owned(),
        "<13>Nov 25 22:53:19 Jane Doe was admitted".to_owned(),
        "<13>Jane: was admitted".to_owned(),
    ] {
        let lines = datagram(line.as_bytes());
        assert!(!lines[0].contains("syslog.host") && !lines[0].contains("syslog.application"), "{lines:?}");
    }
    assert_eq!(datagram(b"<13>1 yesterday vm app - - - x")[0], "weird syslog.header");
}

#[test]
fn after_a_gap_the_next_line_is_read_and_a_collectors_bytes_are_nothing() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("syslog"));
    feed.bytes(ToServer, b"<13>first", &mut lines);
    feed.gap(ToServer, 9);
    feed.bytes(ToServer, b"rest\n<14>next\n", &mut lines);
    feed.bytes(ToClient, b"<15>no\n", &mut lines);
    assert_eq!(lines.lines.len(), 1);
    assert!(lines.lines[0].contains("syslog.severity=6"));
}

#[test]
fn a_time_is_what_makes_it_certain() {
    let probe = |transport, bytes: &[u8]| protocol("syslog").probe(transport, ToServer, bytes);
    for transport in [Transport::Udp, Transport::Tcp] {
        assert_eq!(probe(transport, b"<13>Nov 25 22:53:19 vm x: y\n"), Verdict::Yes);
        assert_eq!(probe(transport, b"<13>1 2026-11-25T22:53:19Z vm x - - - y\n"), Verdict::Yes);
        assert_eq!(probe(transport, b"<13>hello, this is all there is\n"), Verdict::Likely);
        assert_eq!(probe(transport, b"<html><body>"), Verdict::No);
    }
    assert_eq!(probe(Transport::Tcp, b"39 <13>Nov 25 22:53:19 vm x: y"), Verdict::Yes);
    assert_eq!(probe(Transport::Tcp, b"39 <1"), Verdict::Unsure);
    assert_eq!(probe(Transport::Udp, b"<1"), Verdict::No);
}

#[test]
fn no_text_of_a_message_can_be_read() {
    for text in [
        "<13>1 2026-11-25T22:53:19Z vm app MARKER MARKER [a b=\"MARKER\"] <AuditMessage>MARKER",
        "<13>Nov 25 22:53:19 vm app[7]: MARKER",
        "<13>Nov 25 22:53:19 MARKER MARKER MARKER",
        "<13>MARKER: MARKER",
        "<13>1 MARKER MARKER MARKER MARKER",
        "<MARKER>1 - - -",
        "MARKER",
    ] {
        for cut in 0..=text.len() {
            let lines = datagram(&text.as_bytes()[..cut]);
            assert!(!lines.join("\n").contains("MARK"), "{lines:?}");
        }
    }
}
