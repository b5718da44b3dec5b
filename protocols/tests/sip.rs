//! SIP: what is read, who is not named, and what hostile messages lead to.

mod common;

use common::{Feed, Lines, decode, one_way, samples};
use holter_protocols::Way::ToServer;
use holter_protocols::sip::{HEAD_MAX, Sip};
use holter_protocols::{Protocol, Sink, Transport, Verdict};

const OPTIONS: &str =
    "OPTIONS sip:pbx.clin.example SIP/2.0\r\nFrom: <sip:nurse@a.example>\r\nContent-Length: 0\r\n\r\n";

fn read(text: &str) -> Vec<String> {
    let mut lines = Lines { declared: Some(&Sip), ..Lines::default() };
    if let Err(malformed) = Sip.datagram(ToServer, text.as_bytes(), &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

#[test]
fn a_call_reads_the_same_over_udp_and_tcp() {
    for sample in samples(&Sip) {
        let lines = decode(&sample, |_| Vec::new());
        let words: Vec<_> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
        let call = [
            "sip.method=\"INVITE\"",
            "sip.status=180",
            "sip.status=200",
            "sip.method=\"ACK\"",
            "sip.method=\"BYE\"",
            "sip.status=200",
        ];
        assert_eq!(words, call, "{}", sample.name);
        assert!(
            lines[0].contains("sip.from_user=Phi(..)") && lines[0].contains("sip.content_type=\"application/sdp\"")
        );
        assert!(lines[5].contains("sip.response.method=\"BYE\""), "{lines:#?}");
    }
}

#[test]
fn of_addresses_only_the_domains_are_shown() {
    for from in [
        "<sip:QXJZVKW@a.example>;tag=QXJZVKW",
        "\"QXJZVKW <sip:x@QXJZVKW> \\\" QXJZVKW\" <sips:QXJZVKW:QXJZVKW@a.example;p=QXJZVKW?QXJZVKW>",
        "QXJZVKW <sip:a.example>",
        "sip:QXJZVKW@a.example;tag=QXJZVKW",
        "<tel:QXJZVKW>",
        "<QXJZVKW>",
        "<sip:a@QXJZVKW%20>",
    ] {
        let fields = format!(
            "f: {from}\r\nt: {from}\r\nContact: {from}\r\nVia: QXJZVKW\r\nCall-ID: QXJZVKW\r\nSubject: QXJZVKW\r\nc: \
             QXJZVKW\r\nAuthorization: Digest username=\"QXJZVKW\"\r\nCSeq: 1 QXJZVKW\r\nl: 7\r\n\r\nQXJZVKW"
        );
        for first in
            ["INVITE sip:QXJZVKW@a.example;QXJZVKW SIP/2.0", "QXJZVKW tel:QXJZVKW SIP/2.0", "SIP/2.0 486 QXJZVKW"]
        {
            let lines = read(&format!("{first}\r\n{fields}"));
            assert!(lines.last().is_some_and(|line| line.starts_with("sip.")), "{lines:?}");
            assert!(!lines.concat().contains("QXJZVKW"), "{lines:?}");
        }
    }
    assert!(read(OPTIONS)[0].contains("sip.domain=\"pbx.clin.example\" sip.from_domain=\"a.example\""));
}

#[test]
fn lengths_that_cannot_be_are_counted() {
    for length in ["-1", "18446744073709551616", "4294967296", "x", "1\r\nl: 2"] {
        let lines = read(&format!("OPTIONS sip:a SIP/2.0\r\nContent-Length: {length}\r\n\r\n"));
        assert_eq!(lines[0], "weird sip.ambiguity", "{length}");
    }
}

#[test]
fn a_stream_goes_on_behind_what_is_broken_long_or_lost() {
    let long = format!("INVITE sip:a SIP/2.0\r\nSubject: {}\r\n\r\n", "x".repeat(HEAD_MAX));
    for (broken, field) in
        [(&long[..], "weird sip.head_length"), ("no message\r\nat all\r\n\r\n", "weird sip.start_line")]
    {
        let (lines, _) = one_way(&Sip, [broken, OPTIONS].concat().as_bytes());
        assert_eq!(lines[0], field);
        assert!(lines.len() == 2 && lines[1].starts_with("sip.request"), "{lines:#?}");
    }
    let (lines, feed) =
        one_way(&Sip, ["MESSAGE sip:a SIP/2.0\r\nl: 5\r\n\r\nhello\r\n\r\n", OPTIONS].concat().as_bytes());
    assert_eq!((lines.len(), feed.unseen), (2, 5));
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Sip);
    feed.bytes(ToServer, &OPTIONS.as_bytes()[..30], &mut lines);
    feed.gap(ToServer, 100);
    feed.bytes(ToServer, ["rest\r\n", OPTIONS].concat().as_bytes(), &mut lines);
    assert!(lines.lines.len() == 2 && lines.lines[0] == "weird sip.cut", "{:?}", lines.lines);
}

#[test]
fn a_probe_is_sure_of_nothing_but_sip() {
    let probe = |bytes: &[u8]| Sip.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(probe(OPTIONS.as_bytes()), Verdict::Yes);
    assert_eq!(probe(b"SIP/2.0 200 OK\r\n"), Verdict::Yes);
    assert_eq!(probe(b"OPTIONS sip:a"), Verdict::Unsure);
    assert_eq!(probe(b"OPTIONS * HTTP/1.1\r\n"), Verdict::No);
    assert_eq!(probe(b"\r\n\r\n"), Verdict::No);
    assert_eq!(read("\r\n\r\n"), [""; 0]);
}
