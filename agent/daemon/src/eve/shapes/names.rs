//! DNS, multicast DNS and DHCP.

use super::{ALONE, Joins, Shape, Stands, flag, number, word};
use crate::eve::value::{self, As};
use crate::eve::words;
use As::{Flag, Listed, Same, Word};
use holter_protocols::{dns, mdns};

/// The list of a section (RFC 1035 4.1).
fn section(number: Option<u64>) -> Stands {
    Stands::In(match number {
        Some(2) => "authorities",
        Some(3) => "additionals",
        _ => "answers",
    })
}

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        event: "dns.message",
        kind: "dns",
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
        made: &[
            ("version", |_, _, _, line| {
                line.number(3);
                true
            }),
            ("qr", |event, _, _, line| {
                let response = flag(event, &dns::message::response);
                response.then(|| line.bool(true)).is_some()
            }),
            // What is told of a message is its first question.
            ("queries", |event, _, names, line| {
                let Some(name) = event.first(&dns::message::name) else { return false };
                line.open('[');
                line.open('{');
                line.key("rrname");
                value::write(line, Same, name, names);
                if let Some(kind) = event.first(&dns::message::qtype) {
                    line.key("rrtype");
                    value::write(line, Word(words::dns_type), kind, names);
                }
                line.close('}');
                line.close(']');
                true
            }),
        ],
        ..ALONE
    },
    Shape {
        event: "dns.record",
        kind: "dns",
        joins: |_, _| Joins::Last,
        stands: |event, _| section(number(event, &dns::record::section)),
        fields: &[
            ("dns.record.name", "rrname", Same),
            ("dns.record.type", "rrtype", Word(words::dns_type)),
            ("dns.record.ttl", "ttl", Same),
            ("dns.record.address", "rdata", Same),
            ("dns.record.target", "rdata", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "mdns.message",
        kind: "mdns",
        fields: &[
            ("mdns.response", "type", Flag(("response", "request"))),
            ("mdns.transaction", "id", Same),
            ("mdns.rcode", "rcode", Word(words::dns_rcode)),
            ("mdns.truncated", "tc", Same),
            ("mdns.questions", "question_count", Same),
            ("mdns.answers", "answer_count", Same),
            ("mdns.authority", "authority_count", Same),
            ("mdns.additional", "additional_count", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "mdns.question",
        kind: "mdns",
        joins: |_, _| Joins::Last,
        stands: |_, _| Stands::In("queries"),
        fields: &[("mdns.question.host", "rrname", Same), ("mdns.question.type", "rrtype", Word(words::dns_type))],
        ..ALONE
    },
    Shape {
        event: "mdns.record",
        kind: "mdns",
        joins: |_, _| Joins::Last,
        stands: |event, _| section(number(event, &mdns::record::section)),
        fields: &[
            ("mdns.record.host", "rrname", Same),
            ("mdns.record.type", "rrtype", Word(words::dns_type)),
            ("mdns.record.ttl", "ttl", Same),
            ("mdns.record.address", "rdata", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "dhcp.message",
        kind: "dhcp",
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
            ("dhcp.router", "routers", Listed),
            ("dhcp.name_server", "dns_servers", Listed),
            ("dhcp.parameters", "params", Word(words::dhcp_option)),
            ("dhcp.vendor_class", "vendor_class_identifier", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "arp.message",
        kind: "arp",
        fields: &[
            ("arp.opcode", "opcode", Word(words::arp_opcode)),
            ("arp.sender_mac", "src_mac", Same),
            ("arp.sender", "src_ip", Same),
            ("arp.target_mac", "dest_mac", Same),
            ("arp.target", "dest_ip", Same),
        ],
        // No other is decoded.
        made: &[
            ("hw_type", |_, _, _, line| word(line, Some("ethernet"))),
            ("proto_type", |_, _, _, line| word(line, Some("ipv4"))),
        ],
        ..ALONE
    },
];
