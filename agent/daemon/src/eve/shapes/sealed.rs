//! TLS, QUIC and SSH: one record for a handshake.

use super::{ALONE, Joins, Shape, Stands, flag, number, word};
use crate::eve::record::Record;
use crate::eve::value::As;
use crate::eve::words;
use crate::json::Json;
use As::{Date, Listed, Same, Word};
use holter_phi::Names;
use holter_protocols::event::Value;
use holter_protocols::{Event, FieldSpec, Way, quic, ssh, tls};

const TLS_1_3: u64 = 0x0304;

/// The certificate of the one that sends it, and not of those that vouch for it.
fn own(event: &dyn Event) -> bool {
    number(event, &tls::certificate::position) == Some(0)
}

/// A distinguished name of what is told of it (RFC 4514, in the order of the certificate).
fn distinguished(line: &mut Json, names: &Names, event: &dyn Event, parts: &[(&str, &'static FieldSpec)]) -> bool {
    let mut text = String::new();
    for (kind, field) in parts {
        let Some(Value::Plain(part)) = event.first(field) else { continue };
        let comma = if text.is_empty() { "" } else { ", " };
        text.push_str(&format!("{comma}{kind}={}", part.keep(names)));
    }
    word(line, Some(text.as_str()).filter(|text| !text.is_empty()))
}

/// A serial number as pairs of digits; what stands for it where the site hides it, as it is.
fn serial(event: &dyn Event, _: Way, names: &Names, line: &mut Json) -> bool {
    let Some(Value::Plain(serial)) = event.first(&tls::certificate::serial) else { return false };
    let shown = serial.keep(names).to_string();
    if shown.starts_with('#') {
        line.string(shown);
        return true;
    }
    let digits: Vec<char> = shown.to_ascii_uppercase().chars().collect();
    let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
    line.string(pairs.join(":"));
    true
}

/// A part of an identification, where it is of this side: `SSH-2.0-OpenSSH_9.2 Debian` (RFC 4253 4.2).
fn identification(event: &dyn Event, part: usize, of: bool, names: &Names, line: &mut Json) -> bool {
    let Some(Value::Plain(whole)) = event.first(&ssh::banner::protocol).filter(|_| of) else { return false };
    let text = whole.keep(names).to_string();
    let said = text.strip_prefix("SSH-").and_then(|rest| rest.splitn(2, '-').nth(part));
    word(line, said.and_then(|said| said.split(' ').next()))
}

fn side(way: Way) -> Stands {
    Stands::Under(if way == Way::ToServer { "client" } else { "server" })
}

/// Both sides said what they offer.
fn is_agreed(record: &Record) -> bool {
    record.has("client.kex") && record.has("server.kex")
}

/// The extensions of a hello, with what is told of two of them.
fn extensions(event: &dyn Event, _: Way, names: &Names, line: &mut Json) -> bool {
    let mut any = false;
    event.visit(&mut |field, value| {
        let Value::Number(kind) = value else { return };
        if !field.is(&quic::hello::extensions) {
            return;
        }
        if !std::mem::replace(&mut any, true) {
            line.open('[');
        }
        line.open('{');
        if let Some(name) = words::tls_extension(kind) {
            line.key("name");
            line.string(name);
        }
        line.key("type");
        line.number(kind);
        let wanted = match kind {
            0 => Some(&quic::hello::server_name),
            16 => Some(&quic::hello::alpn),
            _ => None,
        };
        if let Some(wanted) = wanted {
            line.key("values");
            line.open('[');
            event.visit(&mut |field, value| {
                if let (true, Value::Plain(text)) = (field.is(wanted), value) {
                    line.string(text.keep(names));
                }
            });
            line.close(']');
        }
        line.close('}');
    });
    if any {
        line.close(']');
    }
    any
}

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        event: "tls.client_hello",
        kind: "tls",
        joins: |_, _| Joins::One { begins: true },
        done: |_, _, _| false,
        fields: &[
            ("tls.client.version", "version", Word(words::tls_version)),
            ("tls.client.server_name", "sni", Same),
            ("tls.client.alpn", "client_alpns", Same),
            ("tls.client.ja3", "ja3.hash", Same),
            ("tls.client.ja4", "ja4", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "tls.server_hello",
        kind: "tls",
        joins: |_, _| Joins::One { begins: true },
        // What follows the hellos of TLS 1.3 is sealed.
        done: |event, _, _| {
            let last = number(event, &tls::server_hello::chosen) == Some(TLS_1_3);
            last && !flag(event, &tls::server_hello::retry)
        },
        fields: &[
            ("tls.server.chosen_version", "version", Word(words::tls_version)),
            ("tls.server.alpn", "server_alpns", Listed),
            ("tls.server.ja3s", "ja3s.hash", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "tls.certificate",
        kind: "tls",
        joins: |_, _| Joins::One { begins: true },
        stands: |event, way| match (own(event), way) {
            (false, _) => Stands::In("chain"),
            (true, Way::ToServer) => Stands::Under("client"),
            (true, Way::ToClient) => Stands::Under(""),
        },
        done: |_, _, _| false,
        fields: &[
            ("tls.certificate.dns_name", "subjectaltname", Same),
            ("tls.certificate.not_before", "notbefore", Date),
            ("tls.certificate.not_after", "notafter", Date),
        ],
        made: &[
            ("subject", |event, way, names, line| {
                let told = own(event) && way == Way::ToClient;
                told && distinguished(line, names, event, &[("CN", &tls::certificate::subject)])
            }),
            ("issuerdn", |event, way, names, line| {
                if !own(event) || way != Way::ToClient {
                    return false;
                }
                if flag(event, &tls::certificate::self_issued) {
                    return distinguished(line, names, event, &[("CN", &tls::certificate::subject)]);
                }
                let parts = [("O", &tls::certificate::organization), ("CN", &tls::certificate::issuer)];
                distinguished(line, names, event, &parts)
            }),
            ("serial", |event, way, names, line| own(event) && way == Way::ToClient && serial(event, way, names, line)),
        ],
    },
    Shape {
        event: "tls.alert",
        kind: "tls",
        joins: |_, _| Joins::One { begins: true },
        stands: |_, _| Stands::Under("alert"),
        // A fatal one ends the handshake.
        done: |event, _, _| number(event, &tls::alert::level) == Some(2),
        ..ALONE
    },
    // Messages and records without names of their own only say that a handshake is over.
    Shape {
        event: "tls.handshake",
        kind: "tls",
        joins: |_, _| Joins::One { begins: false },
        stands: |_, _| Stands::Nowhere,
        done: |event, _, _| number(event, &tls::handshake::kind) == Some(14),
        ..ALONE
    },
    Shape {
        event: "tls.record",
        kind: "tls",
        joins: |_, _| Joins::One { begins: false },
        stands: |_, _| Stands::Nowhere,
        done: |event, _, _| number(event, &tls::record::content) == Some(23),
        ..ALONE
    },
    Shape {
        event: "quic.hello",
        kind: "quic",
        fields: &[
            ("quic.client.version", "version", Word(words::quic_version)),
            ("quic.client.server_name", "sni", Same),
            ("quic.client.ja3", "ja3.hash", Same),
            ("quic.client.ja4", "ja4", Same),
            ("quic.client.extension", "", Same),
        ],
        made: &[("extensions", extensions)],
        ..ALONE
    },
    Shape {
        event: "quic.server_hello",
        kind: "quic",
        fields: &[
            ("quic.server.version", "version", Word(words::quic_version)),
            ("quic.server.ja3s", "ja3s.hash", Same),
        ],
        ..ALONE
    },
    Shape {
        event: "ssh.banner",
        kind: "ssh",
        joins: |_, _| Joins::One { begins: true },
        stands: |_, way| side(way),
        done: |_, _, record| is_agreed(record),
        made: &[
            ("client.proto_version", |event, way, names, line| {
                identification(event, 0, way == Way::ToServer, names, line)
            }),
            ("client.software_version", |event, way, names, line| {
                identification(event, 1, way == Way::ToServer, names, line)
            }),
            ("server.proto_version", |event, way, names, line| {
                identification(event, 0, way == Way::ToClient, names, line)
            }),
            ("server.software_version", |event, way, names, line| {
                identification(event, 1, way == Way::ToClient, names, line)
            }),
        ],
        ..ALONE
    },
    Shape {
        event: "ssh.offer",
        kind: "ssh",
        joins: |_, _| Joins::One { begins: true },
        stands: |_, way| side(way),
        done: |_, _, record| is_agreed(record),
        fields: &[
            ("ssh.offer.kex", "kex", Same),
            ("ssh.offer.host_key", "host_key", Same),
            ("ssh.offer.cipher_to_server", "cipher_to_server", Same),
            ("ssh.offer.cipher_to_client", "cipher_to_client", Same),
            ("ssh.offer.mac_to_server", "mac_to_server", Same),
            ("ssh.offer.mac_to_client", "mac_to_client", Same),
            ("ssh.offer.compression", "compression", Same),
        ],
        ..ALONE
    },
];
