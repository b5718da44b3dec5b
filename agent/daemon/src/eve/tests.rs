//! What shares a record, and what must not.

use super::*;
use holter_engine::flow::Endpoint;
use holter_phi::{Because, Plain};
use holter_protocols::event::{Code, Codes, Count, Size, Transaction};
use holter_protocols::{http, mqtt, smb, vnc};
use holter_terms::{Mac, Protocol, Visibility};
use serde_json::{Value, json};

fn talk(missed: u64) -> Conversation {
    let end = |last, port| Endpoint { mac: Some(Mac([2, 0, 0, 0, 0, last])), ip: [10, 0, 0, last].into(), port };
    Conversation {
        slot: None,
        id: 7,
        client: end(1, 40000),
        server: end(2, 80),
        transport: Transport::Tcp,
        vlan: None,
        protocol: Protocol::Http,
        visibility: Visibility::Clear,
        packets: [1, 1],
        bytes: [1, 1],
        understood: 2,
        encrypted: 0,
        unknown: 0,
        missed,
        first: 0,
        last: 0,
        handshake_seen: true,
    }
}

fn word(text: &str) -> Plain<'_> {
    Plain::new(text.as_bytes(), Because::Vocabulary)
}

fn request<'a>(path: &'a str, version: &'a str) -> http::Request<'a> {
    http::Request {
        method: Some(word("GET")),
        path: Some(Plain::new(path.as_bytes(), Because::Site)),
        rest: None,
        query: false,
        route: None,
        operation: None,
        host: None,
        user_agent: None,
        content_type: None,
        content_length: None,
        authorization: word("none"),
        upgrade: None,
        version: word(version),
    }
}

fn response(status: u64, version: &str) -> http::Response<'_> {
    http::Response {
        status: Code(status),
        server: None,
        content_type: None,
        content_length: Some(Size(status)),
        version: word(version),
    }
}

/// Event, its direction, and what the conversation had lost by then.
type Told<'a> = (&'a dyn Event, Way, u64);

fn written(told: &[Told<'_>]) -> Vec<Value> {
    let mut out = Vec::new();
    let mut writer = EveWriter::new(&mut out, Names::shown());
    for (n, (event, way, missed)) in (1..).zip(told) {
        writer.event(n, &talk(*missed), *way, *event).expect("a vector takes everything");
    }
    writer.closed(&talk(0), Close::Finished).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything");
    let text = String::from_utf8(out).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn pairs(records: &[Value]) -> Vec<(Value, Value)> {
    let http = records.iter().filter(|record| record["event_type"] == "http");
    http.map(|record| (record["http"]["url"].clone(), record["http"]["status"].clone())).collect()
}

const UP: Way = Way::ToServer;
const DOWN: Way = Way::ToClient;

#[test]
fn requests_that_do_not_wait_for_each_other_get_their_own_responses() {
    let (a, b, c) = (request("/a", "1.1"), request("/b", "1.1"), request("/c", "1.1"));
    let (go_on, ok, gone) = (response(100, "1.1"), response(200, "1.1"), response(404, "1.1"));
    let records =
        written(&[(&a, UP, 0), (&b, UP, 0), (&go_on, DOWN, 0), (&ok, DOWN, 0), (&c, UP, 0), (&gone, DOWN, 0)]);
    let expected = [(json!("/a"), json!(200)), (json!("/b"), json!(404)), (json!("/c"), Value::Null)];
    assert_eq!(pairs(&records), expected);
    assert_eq!(records.last().map(|record| &record["event_type"]), Some(&json!("flow")), "what waits comes before");
    assert!(records.iter().all(|record| record["src_port"] == 40000), "by who asks");
}

#[test]
fn a_response_behind_a_loss_is_not_taken_for_that_of_an_earlier_request() {
    let (a, ok) = (request("/a", "1.1"), response(200, "1.1"));
    let records = written(&[(&a, UP, 0), (&ok, DOWN, 1460)]);
    assert_eq!(pairs(&records), [(Value::Null, json!(200)), (json!("/a"), Value::Null)]);
}

#[test]
fn of_several_streams_in_one_connection_none_gets_the_response_of_another() {
    let (a, b, ok) = (request("/a", "2"), request("/b", "2"), response(200, "2"));
    let records = written(&[(&a, UP, 0), (&b, UP, 0), (&ok, DOWN, 0)]);
    assert_eq!(pairs(&records).len(), 3);
    let alone = written(&[(&a, UP, 0), (&ok, DOWN, 0)]);
    assert_eq!(pairs(&alone), [(json!("/a"), json!(200))]);
    assert_eq!(alone.last().map(|flow| &flow["app_proto"]), Some(&json!("http2")));
}

fn packet(kind: u64, id: Option<u64>) -> mqtt::Packet<'static> {
    mqtt::Packet {
        kind: Code(kind),
        size: Size(4),
        qos: (kind == 3).then_some(Code(2)),
        retain: None,
        repeated: None,
        transaction: id.map(Transaction),
        reason: None,
        topics: &[],
    }
}

#[test]
fn an_exchange_of_four_packets_is_one_record_and_the_servers_numbers_are_its_own() {
    let (publish, rec, rel, comp) = (packet(3, Some(1)), packet(5, Some(1)), packet(6, Some(1)), packet(7, Some(1)));
    let (other, ack) = (packet(3, Some(1)), packet(4, Some(1)));
    let records = written(&[
        (&publish, UP, 0),
        (&other, DOWN, 0),
        (&rec, DOWN, 0),
        (&ack, UP, 0),
        (&rel, UP, 0),
        (&comp, DOWN, 0),
    ]);
    let mqtt: Vec<_> = records.iter().filter(|record| record["event_type"] == "mqtt").collect();
    let keys = |record: &Value| record["mqtt"].as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let mut all: Vec<_> = mqtt.iter().map(|record| keys(record)).collect();
    all.sort();
    assert_eq!(all, [vec!["puback", "publish"], vec!["pubcomp", "publish", "pubrec", "pubrel"]]);
}

fn message(response: bool, status: Option<u64>) -> smb::Message<'static> {
    smb::Message {
        version: Code(2),
        command: Some(Code(3)),
        chained: &[],
        response: Some(response),
        status: status.map(Code),
        transaction: Some(Transaction(9)),
        tree: Some(Code(5)),
        signed: false,
        encrypted: false,
        compressed: false,
        size: Size(100),
    }
}

#[test]
fn an_interim_response_leaves_its_request_waiting_for_the_real_one() {
    let (asked, pending, done) = (message(false, None), message(true, Some(0x103)), message(true, Some(0)));
    let tree = smb::Tree { share: None, service: None, kind: Some(Code(1)) };
    let records = written(&[(&asked, UP, 0), (&pending, DOWN, 0), (&done, DOWN, 0), (&tree, DOWN, 0)]);
    let smb: Vec<_> = records.iter().filter(|record| record["event_type"] == "smb").collect();
    assert_eq!(smb.len(), 1, "{smb:?}");
    let smb = &smb[0]["smb"];
    assert_eq!((&smb["status"], &smb["status_code"]), (&json!("STATUS_SUCCESS"), &json!("0x0")));
    assert_eq!((&smb["command"], &smb["share_type"]), (&json!("SMB2_COMMAND_TREE_CONNECT"), &json!("FILE")));
}

#[test]
fn a_screen_from_afar_is_one_record_from_its_versions_to_its_desktop() {
    let versions = [true, false].map(|server| vnc::Version { version: word("003.008"), server });
    let (offer, choice) = (vnc::Offer { kinds: Codes(&[1, 2]) }, vnc::Choice { kind: Code(2), within: None });
    let outcome = |status| vnc::Outcome { status: Code(status) };
    let desktop = vnc::Desktop { width: Count(1280), height: Count(800), name: Some(word("ward 3")) };
    let (well, badly) = (outcome(0), outcome(1));
    let begin: [Told<'_>; 4] = [(&versions[0], DOWN, 0), (&versions[1], UP, 0), (&offer, DOWN, 0), (&choice, UP, 0)];
    let rfb = |end: &[Told<'_>]| -> Vec<Value> {
        let records = written(&[&begin, end].concat());
        records
            .into_iter()
            .filter(|record| record["event_type"] == "rfb")
            .map(|mut record| record["rfb"].take())
            .collect()
    };
    let version = json!({"major": "003", "minor": "008"});
    let opened = json!({
        "server_protocol_version": version, "client_protocol_version": version, "security_types": [1, 2],
        "authentication": {"security_type": 2, "security_result": "OK"},
        "framebuffer": {"width": 1280, "height": 800, "name": "ward 3"},
    });
    assert_eq!(rfb(&[(&well, DOWN, 0), (&desktop, DOWN, 0)]), [opened]);
    assert_eq!(rfb(&[(&badly, DOWN, 0)])[0]["authentication"]["security_result"], "FAIL");
}
