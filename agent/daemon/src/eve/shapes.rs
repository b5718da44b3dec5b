//! Under which names events stand in EVE. An event that is not listed is written under its protocol's word, its fields
//! under their own names without the protocol before them.

use super::words;

#[derive(Clone, Copy)]
pub(super) enum As {
    /// As the kind of the field has it.
    Same,
    /// A number as EVE's word for it, where it has one.
    Word(fn(u64) -> Option<&'static str>),
    /// A flag as one of two words.
    Flag((&'static str, &'static str)),
}

pub(super) struct Shape {
    pub(super) event: &'static str,
    /// `event_type`, and the object's name.
    pub(super) kind: &'static str,
    /// Within the record of the same conversation before it, as an entry of this array.
    pub(super) joins: Option<&'static str>,
    /// Our field, its name in EVE (empty: left out), how it is written.
    pub(super) fields: &'static [(&'static str, &'static str, As)],
}

use As::{Flag, Same, Word};

pub(super) fn of(event: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.event == event)
}

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        event: "dns.message",
        kind: "dns",
        joins: None,
        fields: &[
            ("dns.response", "type", Flag(("response", "request"))),
            ("dns.transaction", "id", Same),
            ("dns.rcode", "rcode", Word(words::dns_rcode)),
            ("dns.name", "rrname", Same),
            ("dns.qtype", "rrtype", Word(words::dns_type)),
            ("dns.answers", "answer_count", Same),
            ("dns.truncated", "tc", Same),
            ("dns.authoritative", "aa", Same),
        ],
    },
    Shape {
        event: "dns.record",
        kind: "dns",
        joins: Some("answers"),
        fields: &[
            ("dns.record.name", "rrname", Same),
            ("dns.record.type", "rrtype", Word(words::dns_type)),
            ("dns.record.ttl", "ttl", Same),
            ("dns.record.address", "rdata", Same),
            ("dns.record.target", "rdata", Same),
        ],
    },
    Shape {
        event: "dhcp.message",
        kind: "dhcp",
        joins: None,
        fields: &[
            ("dhcp.op", "type", Word(words::dhcp_op)),
            ("dhcp.type", "dhcp_type", Word(words::dhcp_type)),
            ("dhcp.transaction", "id", Same),
            ("dhcp.client_address", "client_ip", Same),
            ("dhcp.your_address", "assigned_ip", Same),
            ("dhcp.next_server", "next_server_ip", Same),
            ("dhcp.relay", "relay_ip", Same),
            ("dhcp.requested_address", "requested_ip", Same),
            ("dhcp.lease", "lease_time", Same),
            ("dhcp.parameters", "params", Word(words::dhcp_option)),
            ("dhcp.vendor_class", "vendor_class_identifier", Same),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use holter_protocols::ALL;

    #[test]
    fn every_shape_names_an_event_and_fields_that_exist() {
        for shape in SHAPES {
            let event = ALL.iter().flat_map(|protocol| protocol.events()).find(|event| event.name == shape.event);
            let event = event.unwrap_or_else(|| panic!("no event {}", shape.event));
            for (field, ..) in shape.fields {
                assert!(event.fields.iter().any(|known| known.name == *field), "{} has no {field}", shape.event);
            }
        }
    }
}
