//! Screens from afar: RDP, one record for each step, and VNC, which EVE calls by its protocol (RFB), one for a conversation.

use super::{ALONE, Joins, Shape, Stands, flag, text, word};
use crate::eve::value::As;
use crate::eve::words::desks;
use crate::json::Json;
use As::{Same, Word};
use holter_phi::Names;
use holter_protocols::{Event, Way, vnc};

/// The step of RDP that an event is.
macro_rules! step {
    ($name:literal) => {
        ("event_type", |_, _, _, line| word(line, Some($name)))
    };
}

/// Half of `003.008`, of the side that says it (RFC 6143 7.1.1).
fn version(event: &dyn Event, of_server: bool, half: usize, line: &mut Json) -> bool {
    if flag(event, &vnc::version::server) != of_server {
        return false;
    }
    let said = text(event, &vnc::version::version).and_then(|said| std::str::from_utf8(said).ok());
    word(line, said.and_then(|said| said.split('.').nth(half)))
}

const fn one(_: &dyn Event, _: Way) -> Joins {
    Joins::One { begins: true }
}

fn security(_: &dyn Event, _: Way) -> Stands {
    Stands::Under("authentication")
}

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        event: "rdp.request",
        kind: "rdp",
        fields: &[("rdp.user", "cookie", Same)],
        made: &[step!("initial_request")],
        ..ALONE
    },
    Shape {
        event: "rdp.confirm",
        kind: "rdp",
        fields: &[
            ("rdp.confirm.protocol", "protocol", Word(desks::rdp_security)),
            ("rdp.confirm.failure", "error_code", Same),
        ],
        made: &[step!("initial_response")],
        ..ALONE
    },
    Shape {
        event: "rdp.client",
        kind: "rdp",
        fields: &[
            ("rdp.client.version", "client.version", Word(desks::rdp_version)),
            ("rdp.client.build", "client.build", Same),
            ("rdp.client.name", "client.client_name", Same),
            ("rdp.client.keyboard_layout", "client.keyboard_layout", Same),
            ("rdp.client.keyboard_type", "client.keyboard_type", Same),
        ],
        made: &[step!("connect_request")],
        ..ALONE
    },
    Shape { event: "rdp.server", kind: "rdp", made: &[step!("connect_response")], ..ALONE },
    Shape {
        event: "vnc.version",
        kind: "rfb",
        joins: one,
        done: |_, _, _| false,
        fields: &[("vnc.protocol_version", "", Same), ("vnc.from_server", "", Same)],
        made: &[
            ("server_protocol_version.major", |event, _, _: &Names, line| version(event, true, 0, line)),
            ("server_protocol_version.minor", |event, _, _: &Names, line| version(event, true, 1, line)),
            ("client_protocol_version.major", |event, _, _: &Names, line| version(event, false, 0, line)),
            ("client_protocol_version.minor", |event, _, _: &Names, line| version(event, false, 1, line)),
        ],
        ..ALONE
    },
    Shape { event: "vnc.offer", kind: "rfb", joins: one, done: |_, _, _| false, ..ALONE },
    Shape {
        event: "vnc.choice",
        kind: "rfb",
        joins: one,
        stands: security,
        done: |_, _, _| false,
        fields: &[("vnc.security_type", "security_type", Same)],
        ..ALONE
    },
    Shape {
        event: "vnc.outcome",
        kind: "rfb",
        joins: one,
        stands: security,
        done: |event, _, _| super::number(event, &vnc::outcome::status) != Some(0),
        fields: &[("vnc.status", "security_result", Word(desks::rfb_result))],
        ..ALONE
    },
    Shape {
        event: "vnc.desktop",
        kind: "rfb",
        joins: one,
        stands: |_, _| Stands::Under("framebuffer"),
        fields: &[("vnc.width", "width", Same), ("vnc.height", "height", Same), ("vnc.desktop_name", "name", Same)],
        ..ALONE
    },
];
