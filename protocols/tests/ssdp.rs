//! SSDP: what is read, and what is not shown.

mod common;

use common::{Lines, decode, samples};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::ssdp::{Ssdp, TARGET_MAX};
use holter_protocols::{Protocol, Sink, Transport, Verdict};

fn read(text: &str) -> Vec<String> {
    let mut lines = Lines { declared: Some(&Ssdp), ..Lines::default() };
    if let Err(malformed) = Ssdp.datagram(ToServer, text.as_bytes(), &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

#[test]
fn notices_searches_and_answers_are_read() {
    let all: Vec<String> = samples(&Ssdp).iter().flat_map(|sample| decode(sample, |_| Vec::new())).collect();
    let device = "urn:schemas-upnp-org:device:MediaServer:1";
    let place = "ssdp.location=\"http://10.20.0.60:8200/rootDesc.xml\"";
    let server = "ssdp.server=\"Linux/5.10 UPnP/1.0 ExampleDMS/1.3\"";
    for line in [
        format!("ssdp.message ssdp.method=\"NOTIFY\" ssdp.nts=\"ssdp:byebye\" ssdp.target=\"{device}\" ssdp.usn=true {place} ssdp.host=\"239.255.255.250:1900\" {server}"),
        format!("ssdp.message ssdp.status=200 ssdp.target=\"{device}\" ssdp.usn=true {place} {server}"),
        "ssdp.message ssdp.method=\"M-SEARCH\" ssdp.target=\"ssdp:all\" ssdp.usn=false ssdp.host=\"239.255.255.250:1900\" ssdp.user_agent=\"Linux/6.1 UPnP/2.0 ExampleCP/1.0\"".to_owned(),
    ] {
        assert!(all.contains(&line), "{line}\n{all:#?}");
    }
}

#[test]
fn what_may_name_a_person_is_not_shown() {
    let long = format!("urn:x:device:{}", "Q".repeat(TARGET_MAX));
    for target in ["uuid:QXJZVKW", "QXJZVKW", "urn:QXJZVKW", "urn:x:device:QXJZVKW's recorder", &long] {
        let lines = read(&format!(
            "NOTIFY * HTTP/1.1\r\nNT: {target}\r\nNTS: QXJZVKW\r\nUSN: QXJZVKW\r\nLOCATION: http://a/?QXJZVKW\r\n\
             X-FRIENDLY-NAME: QXJZVKW\r\nCPFN.UPNP.ORG: QXJZVKW\r\n\r\nQXJZVKW"
        ));
        assert!(!lines.concat().contains("QXJZVKW") && !lines.concat().contains("QQQ"), "{lines:?}");
        assert!(lines[0].contains("ssdp.usn=true"));
    }
}

#[test]
fn what_is_broken_is_malformed_and_claimed_by_nobody() {
    assert_eq!(read("NOTIFY /x HTTP/1.1\r\n\r\n"), ["weird ssdp.start_line"]);
    assert_eq!(read("NOTIFY * HTTP/1.1\r\nno field\r\n\r\n")[0], "weird ssdp.field_line");
    let probe = |bytes: &[u8]| Ssdp.probe(Transport::Udp, ToClient, bytes);
    assert_eq!(probe(b"M-SEARCH * HTTP/1.1\r\n"), Verdict::Yes);
    assert_eq!(probe(b"HTTP/1.1 200 OK\r\nST: a\r\nUSN: b\r\n\r\n"), Verdict::Yes);
    assert_eq!(probe(b"HTTP/1.1 200 OK\r\n\r\n"), Verdict::Likely);
    assert_eq!(probe(b"M-SEARCH /x HTTP/1.1\r\n"), Verdict::No);
    assert_eq!(probe(b"INVITE sip:a SIP/2.0\r\n"), Verdict::No);
}
