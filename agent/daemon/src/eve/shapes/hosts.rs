//! What keeps machines running: SNMP.

use super::{ALONE, Shape, number};
use crate::eve::value::As;
use crate::eve::words;
use As::{Same, Word};
use holter_protocols::snmp;

pub(super) static SHAPES: &[Shape] = &[Shape {
    event: "snmp.message",
    kind: "snmp",
    fields: &[
        ("snmp.version", "", Same),
        ("snmp.pdu", "pdu_type", Word(words::snmp_pdu)),
        ("snmp.oid", "vars", Same),
        ("snmp.enterprise", "trap_oid", Same),
        ("snmp.agent_address", "trap_address", Same),
        ("snmp.generic_trap", "trap_type", Word(words::snmp_trap)),
        ("snmp.user", "usm", Same),
    ],
    // As they are called, not as they are sent (RFC 1157 4, RFC 1901 3).
    made: &[("version", |event, _, _, line| {
        let version = match number(event, &snmp::message::version) {
            Some(sent @ (0 | 1)) => Some(sent + 1),
            sent => sent,
        };
        version.map(|version| line.number(version)).is_some()
    })],
    ..ALONE
}];
