//! WS-Discovery: what devices say of themselves, and what hostile documents lead to.

mod common;

use common::{Lines, decode, samples};
use holter_protocols::Way::ToServer;
use holter_protocols::wsd::{TYPES_MAX, WsDiscovery, XADDRS_MAX};
use holter_protocols::{Protocol, Sink, Transport, Verdict};

fn read(text: &str) -> Vec<String> {
    let mut lines = Lines { declared: Some(&WsDiscovery), ..Lines::default() };
    if let Err(malformed) = WsDiscovery.datagram(ToServer, text.as_bytes(), &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

fn hello(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s='a>b'><s:Header><a:Action>\
         http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01/Hello</a:Action><a:ReplyTo><a:Address>QXJZVKW</a:Address>\
         </a:ReplyTo></s:Header><s:Body><d:Hello>{body}</d:Hello></s:Body></s:Envelope>"
    )
}

#[test]
fn a_medical_device_is_read_as_its_stack_announces_it() {
    let lines: Vec<String> = samples(&WsDiscovery).iter().flat_map(|sample| decode(sample, |_| Vec::new())).collect();
    let about = "wsd.types=\"Device\" wsd.types=\"MedicalDevice\" wsd.medical=true wsd.scopes=3 wsd.sdc=true";
    let endpoint = "wsd.endpoint=\"urn:uuid:6f1f2a7e-4c3d-4f2b-9d6a-0c5b7e8f9a01\"";
    let xaddrs = "wsd.xaddrs=\"https://127.0.0.1:6464/6f1f2a7e\"";
    for action in ["Hello", "ProbeMatches", "ResolveMatches"] {
        let begin = format!("wsd.message wsd.action=\"{action}\" wsd.version=\"2009/01\" {about} wsd.location=\"/");
        let line = lines.iter().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("{action}: {lines:#?}"));
        assert!(line.ends_with(&format!("{endpoint} {xaddrs}")), "{line}");
    }
    for action in ["Probe", "Resolve", "Bye"] {
        assert!(lines.iter().any(|line| line.contains(&format!("wsd.action=\"{action}\""))), "{action}: {lines:#?}");
    }
}

#[test]
fn each_match_of_an_answer_is_a_device_of_its_own() {
    let one = |n: usize| {
        format!("<ProbeMatch><EndpointReference><Address>urn:uuid:{n}</Address></EndpointReference></ProbeMatch>")
    };
    let lines = read(&format!("<Envelope><ProbeMatches>{}{}</ProbeMatches></Envelope>", one(1), one(2)));
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].ends_with("wsd.endpoint=\"urn:uuid:2\""));
    assert_eq!(read("<Envelope><ProbeMatches/></Envelope>").len(), 1);
    assert_eq!(read("<Envelope><Probe/></Envelope>").len(), 1);
}

#[test]
fn lists_are_bounded_and_the_rest_is_counted() {
    let lines = read(&hello(&format!(
        "<Types>{}</Types><XAddrs>{}</XAddrs>",
        "p:T ".repeat(TYPES_MAX),
        "http://a ".repeat(XADDRS_MAX)
    )));
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let lines =
        read(&hello(&format!("<Types>{}</Types><XAddrs>{}</XAddrs>", "p:T ".repeat(900), "http://a ".repeat(900))));
    assert_eq!(lines[..2], ["weird wsd.types", "weird wsd.xaddrs"]);
    assert_eq!(lines[2].matches("wsd.types=").count(), TYPES_MAX);
    assert_eq!(lines[2].matches("wsd.xaddrs=").count(), XADDRS_MAX);
}

#[test]
fn nothing_is_expanded_and_nothing_but_what_names_a_machine_is_shown() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"QXJZVKW\">]>";
    let body = "<!-- <Types>QXJZVKW</Types> --><![CDATA[<Types>QXJZVKW</Types>]]><x:Types>QXJZVKW's &a;</x:Types>\
                <Scopes>sdc.ctxt.pat:QXJZVKW ldap:///cn=QXJZVKW</Scopes><XAddrs>http://a/?QXJZVKW</XAddrs><Name>QXJZVKW</Name>";
    let lines = read(&format!("{bomb}{}", hello(body).replace("QXJZVKW's &a;", "a:&a; b:x")));
    assert_eq!(lines[0], "weird wsd.document_type");
    assert!(lines[1].contains("wsd.types=\"x\" wsd.medical=false wsd.scopes=2"), "{lines:#?}");
    assert!(!lines.concat().contains("QXJZVKW"), "{lines:#?}");
}

#[test]
fn a_document_that_does_not_end_is_malformed_behind_what_it_said() {
    let text = hello("<Types>a:MedicalDevice</Types>");
    for cut in [text.len() - 1, text.len() - 40, 10] {
        let lines = read(&text[..cut]);
        assert_eq!(lines.last().map(String::as_str), Some("weird wsd.envelope"), "{lines:#?}");
    }
    assert!(read(&text[..text.len() - 36])[0].contains("wsd.medical=true"));
}

#[test]
fn a_probe_wants_an_envelope_that_speaks_of_discovery() {
    let probe = |text: &str| WsDiscovery.probe(Transport::Udp, ToServer, text.as_bytes());
    assert_eq!(probe(&hello("")), Verdict::Yes);
    assert_eq!(probe("<Envelope>http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</Envelope>"), Verdict::No);
    assert_eq!(probe("http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"), Verdict::No);
}
