//! HTTP and the calls of things: one record for a request and its response.

use super::{ALONE, Joins, Shape, Stands, number, text, word};
use crate::eve::value::{self, As};
use crate::eve::words;
use crate::json::Json;
use As::{Behind, Same, Within, Word};
use holter_phi::Names;
use holter_protocols::{Event, Way, http, mqtt};

/// Interim responses (RFC 9110 15.2), but for the one that changes the protocol.
fn is_final(event: &dyn Event) -> bool {
    number(event, &http::response::status).is_none_or(|status| status >= 200 || status == 101)
}

/// Numbers of what has no packet identifier.
const CONNECTION: u64 = 1 << 32;
const PING: u64 = 1 << 33;
/// Beside a packet identifier: the exchange was begun by the server, which counts on its own (MQTT 5.0 2.2.1).
const OF_SERVER: u64 = 1 << 16;

fn kind(event: &dyn Event) -> u64 {
    number(event, &mqtt::packet::kind).unwrap_or(0)
}

fn exchange(event: &dyn Event, way: Way) -> Joins {
    let id = number(event, &mqtt::packet::transaction);
    let own = |by: Way| id.map(|id| if by == Way::ToClient { id | OF_SERVER } else { id });
    let answer = |number: Option<u64>| number.map_or(Joins::Alone, Joins::Numbered);
    match kind(event) {
        // What the client says of itself came before it.
        1 | 2 => Joins::Numbered(CONNECTION),
        3 if id.is_some() => Joins::Begins(own(way)),
        // These go back to who published, and the release comes from there.
        4 | 5 | 7 => answer(own(way.other())),
        6 => answer(own(way)),
        8 | 10 => Joins::Begins(own(Way::ToServer)),
        9 | 11 => answer(own(Way::ToServer)),
        12 => Joins::Begins(Some(PING)),
        13 => Joins::Numbered(PING),
        _ => Joins::Alone,
    }
}

/// The topics of a packet, in their order.
fn listed(event: &dyn Event, how: As, names: &Names, line: &mut Json) -> bool {
    line.open('[');
    event.visit(&mut |field, topic| {
        if field.is(&mqtt::packet::topics) {
            value::write(line, how, topic, names);
        }
    });
    line.close(']');
    true
}

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        event: "http.request",
        kind: "http",
        joins: |_, _| Joins::Begins(None),
        done: |_, _, _| false,
        fields: &[
            ("http.method", "http_method", Same),
            ("http.path", "url", Same),
            ("http.host", "hostname", Same),
            ("http.user_agent", "http_user_agent", Same),
            ("http.version", "protocol", Behind("HTTP/")),
        ],
        ..ALONE
    },
    Shape {
        event: "http.response",
        kind: "http",
        // Responses of HTTP/1 come in the order of their requests; of HTTP/2 it is not told which request is answered.
        joins: |event, _| match text(event, &http::response::version) {
            Some(b"2") => Joins::Sole,
            _ => Joins::Oldest,
        },
        done: |event, _, _| is_final(event),
        fields: &[
            ("http.content_type", "http_content_type", Same),
            ("http.content_length", "length", Same),
            ("http.response.version", "", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "mqtt.packet",
        kind: "mqtt",
        joins: exchange,
        stands: |event, _| Stands::Under(words::mqtt_type(kind(event)).unwrap_or("other")),
        // Those that answer end it, but for the two in the middle of the longest exchange.
        done: |event, _, _| !matches!(kind(event), 1 | 3 | 5 | 6 | 8 | 10 | 12),
        fields: &[
            ("mqtt.repeated", "dup", Same),
            ("mqtt.transaction", "message_id", Same),
            ("mqtt.reason", "reason_code", Same),
            ("mqtt.topic", "", Same),
        ],
        made: &[
            ("publish.topic", |event, _, names, line| match event.first(&mqtt::packet::topics) {
                Some(topic) if kind(event) == 3 => {
                    value::write(line, Same, topic, names);
                    true
                }
                _ => false,
            }),
            ("subscribe.topics", |event, _, names, line| {
                kind(event) == 8 && listed(event, Within("topic"), names, line)
            }),
            ("unsubscribe.topics", |event, _, names, line| kind(event) == 10 && listed(event, Same, names, line)),
            ("connack.return_code", |event, _, _, line| {
                let reason = number(event, &mqtt::packet::reason).filter(|_| kind(event) == 2);
                reason.map(|reason| line.number(reason)).is_some()
            }),
        ],
    },
    Shape {
        event: "mqtt.connect",
        kind: "mqtt",
        joins: |_, _| Joins::Begins(Some(CONNECTION)),
        done: |_, _, _| false,
        stands: |_, _| Stands::Under("connect"),
        fields: &[
            ("mqtt.level", "protocol_version", Same),
            ("mqtt.client", "client_id", Same),
            ("mqtt.user", "flags.username", Same),
            ("mqtt.password", "flags.password", Same),
            ("mqtt.will", "flags.will", Same),
            ("mqtt.clean", "flags.clean_session", Same),
        ],
        // Each level has one name (MQTT 3.1 3.1, MQTT 5.0 3.1.2.1).
        made: &[("connect.protocol_string", |event, _, _, line| {
            word(
                line,
                match number(event, &mqtt::connect::level) {
                    Some(3) => Some("MQIsdp"),
                    Some(4 | 5) => Some("MQTT"),
                    _ => None,
                },
            )
        })],
    },
    Shape { event: "sip.request", kind: "sip", fields: &[("sip.user_agent", "user_agent", Same)], ..ALONE },
    Shape {
        event: "sip.response",
        kind: "sip",
        fields: &[("sip.status", "code", Same), ("sip.response.method", "method", Same)],
        ..ALONE
    },
    Shape {
        event: "tftp.message",
        kind: "tftp",
        fields: &[("tftp.opcode", "packet", Word(words::tftp_opcode))],
        ..ALONE
    },
];
