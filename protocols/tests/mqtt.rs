//! MQTT: what is read of its packets, and what hostile ones lead to.

mod common;

use common::{Feed, Lines, one_way, protocol};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::mqtt::{HEAD_MAX, TOPICS_MAX};
use holter_protocols::{Transport, Verdict};

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut left = body.len();
    loop {
        let low = (left & 0x7f) as u8;
        left >>= 7;
        bytes.push(if left > 0 { low | 0x80 } else { low });
        if left == 0 {
            return [bytes, body.to_vec()].concat();
        }
    }
}

fn text(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes()[..], text].concat()
}

fn connect(level: u8, flags: u8) -> Vec<u8> {
    let properties: &[u8] = if level == 5 { &[5, 0x11, 0, 0, 0, 60] } else { &[] };
    let name = text(if level == 3 { b"MQIsdp" } else { b"MQTT" });
    packet(0x10, &[&name[..], &[level, flags, 0, 30], properties, &text(b"pump7")].concat())
}

fn hear(bytes: &[u8]) -> Vec<String> {
    one_way(protocol("mqtt"), bytes).0
}

#[test]
fn a_connect_of_each_version_says_who_asks_and_how() {
    for level in [3, 4, 5] {
        let lines = hear(&connect(level, 0xc6));
        let properties = if level == 5 { " mqtt.properties=5" } else { "" };
        let expected = format!(
            "mqtt.connect mqtt.level={level} mqtt.client=\"pump7\" mqtt.user=true mqtt.password=true mqtt.will=true \
             mqtt.clean=true mqtt.keep_alive=30{properties}"
        );
        assert_eq!(lines[0], expected);
        assert!(lines[1].starts_with("mqtt.packet mqtt.type=1"));
    }
}

#[test]
fn topics_are_read_with_and_without_properties_also_where_the_connect_was_not_seen() {
    let filters = [&[0u8, 9][..], &text(b"ward3/#"), &[1]].concat();
    let five = [&[0u8, 9, 2, 0x0b, 1][..], &text(b"ward3/#"), &[1]].concat();
    for bytes in [
        packet(0x82, &filters),
        packet(0x82, &five),
        [connect(5, 2), packet(0x82, &five)].concat(),
        [connect(4, 2), packet(0x82, &filters)].concat(),
    ] {
        let lines = hear(&bytes);
        let last = lines.last().expect("a line");
        assert!(last.contains("mqtt.transaction=9 mqtt.topic=\"ward3/#\""), "{last}");
    }
}

#[test]
fn a_payload_is_skipped_and_never_read() {
    let mut body = text(b"ward3/alarm");
    body.extend(b"MARKER".repeat(HEAD_MAX));
    let (lines, feed) = one_way(protocol("mqtt"), &[packet(0x30, &body), packet(0xc0, b"")].concat());
    assert!(lines[0].contains("mqtt.qos=0") && lines[0].contains("mqtt.topic=\"ward3/alarm\""));
    assert_eq!(lines[1], "mqtt.packet mqtt.type=12 mqtt.size=0");
    assert_eq!(feed.unseen, (body.len() - HEAD_MAX) as u64);
}

#[test]
fn a_topic_longer_than_what_is_read_is_malformed_and_the_next_packet_is_read() {
    let body = text(&vec![b'x'; HEAD_MAX]);
    let (lines, feed) = one_way(protocol("mqtt"), &[packet(0x30, &body), packet(0xd0, b"")].concat());
    assert_eq!(feed.malformed[0].field, "mqtt.topic");
    assert!(lines.last().is_some_and(|line| line.contains("mqtt.type=13")));
}

#[test]
fn a_client_name_past_its_packet_and_properties_past_theirs_are_malformed_and_recovered_from() {
    for (body, field) in [
        ([&text(b"MQTT")[..], &[4, 0, 0, 0], &[0xff, 0xff], b"x"].concat(), "mqtt.client"),
        ([&text(b"MQTT")[..], &[5, 0, 0, 0], &[0xff, 0xff, 0xff, 0x7f], b"x"].concat(), "mqtt.properties"),
        ([&text(b"MQTT")[..], &[5, 0, 0, 0], &[0xff, 0xff, 0xff, 0xff, 1], b"x"].concat(), "mqtt.properties"),
        ([&text(b"HTTP")[..], &[5, 0, 0, 0], b"xxxxx"].concat(), "mqtt.name"),
    ] {
        let (lines, feed) = one_way(protocol("mqtt"), &[packet(0x10, &body), packet(0xc0, b"")].concat());
        assert_eq!(feed.malformed[0].field, field);
        assert!(lines.last().is_some_and(|line| line.contains("mqtt.type=12")), "{lines:?}");
    }
}

#[test]
fn more_topics_than_the_bound_are_counted_as_odd() {
    let body = [&[0u8, 1][..], &[text(b"a/b"), vec![0]].concat().repeat(TOPICS_MAX + 1)].concat();
    let lines = hear(&[connect(4, 2), packet(0x82, &body)].concat());
    assert!(lines.contains(&"weird mqtt.topics".to_owned()));
    assert_eq!(lines.last().map(|line| line.matches("mqtt.topic=").count()), Some(TOPICS_MAX));
}

#[test]
fn after_a_broken_header_or_a_gap_the_next_packet_with_a_text_is_found() {
    let publish = packet(0x30, &[&text(b"ward3/status")[..], b"1"].concat());
    for broken in [&b"\x00\x00"[..], b"\x36\x01", b"\xc0\xff\xff\xff\xff\x01"] {
        let lines = hear(&[&connect(4, 2), broken, &publish, &packet(0xc0, b"")].concat());
        assert!(lines.contains(&"weird mqtt.header".to_owned()), "{lines:?}");
        assert!(lines.last().is_some_and(|line| line.contains("mqtt.type=12")), "{lines:?}");
    }
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("mqtt"));
    feed.bytes(ToServer, &connect(4, 2), &mut lines);
    feed.gap(ToServer, 77);
    feed.bytes(ToServer, &[&b"\x00\x99rest"[..], &publish].concat(), &mut lines);
    assert!(lines.lines.last().is_some_and(|line| line.contains("ward3/status")), "{:?}", lines.lines);
}

#[test]
fn only_a_connect_is_claimed_for_certain() {
    let probe = |way, bytes: &[u8]| protocol("mqtt").probe(Transport::Tcp, way, bytes);
    assert_eq!(probe(ToServer, &connect(4, 2)), Verdict::Yes);
    assert_eq!(probe(ToServer, &connect(4, 2)[..5]), Verdict::Unsure);
    assert_eq!(probe(ToClient, &[0x20, 2, 0, 0]), Verdict::Likely);
    assert_eq!(probe(ToServer, &packet(0x10, b"\0\x04HTTPxxxxxxxx")), Verdict::No);
    assert_eq!(probe(ToServer, b"\x16\x03\x01\x00\xff"), Verdict::No);
}

#[test]
fn no_user_name_password_will_or_payload_can_be_read() {
    let body = [&text(b"MQTT")[..], &[5, 0xee, 0, 9], &[14, 0x26, 0, 1, b'k', 0, 8]].concat();
    let body = [body, b"MARKERxx".to_vec(), text(b"mon1"), vec![0], text(b"t"), text(b"MARKER")].concat();
    let body = [body, text(b"MARKER"), text(b"MARKER")].concat();
    let publish = [&text(b"ward/x")[..], &[0], b"MARKER"].concat();
    let lines =
        hear(&[packet(0x10, &body), packet(0x30, &publish), packet(0xe0, b"\x04\x09\x1f\0\x06MARKER")].concat());
    assert!(lines[0].contains("mqtt.client=\"mon1\"") && lines.len() == 4, "{lines:#?}");
    assert!(!lines.join("\n").contains("MARKER"), "{lines:#?}");
}
