//! `--eve`: EVE-shaped lines of JSON, with the names that users of Suricata know. The format is a contract; see
//! docs/specs/eve.md.
//!
//! A record is written when the next one begins: the answers of a DNS message come as events of their own and stand in
//! the record of their message.

mod shapes;
mod words;

use crate::json::Json;
use holter_engine::Odd;
use holter_engine::flow::{Close, Conversation, Endpoint};
use holter_phi::{Label, Names};
use holter_protocols::event::Value;
use holter_protocols::{ALL, Event, EventSpec, FieldSpec, Transport, Way};
use holter_terms::{DeviceKey, Nanos, Protocol};
use holter_wire::{FactValue, Finding, Party};
use shapes::{As, Shape};
use std::io::{self, Write};

/// What stands for a field that may be about a person.
const PERSON: &str = "*";

/// An event and how it is written.
struct Form {
    event: &'static EventSpec,
    shape: Option<&'static Shape>,
    kind: &'static str,
    fields: Vec<Named>,
}

/// A field under its name in EVE.
struct Named {
    field: &'static FieldSpec,
    key: String,
    how: As,
}

/// The record under way, where others may join it.
struct Open {
    conversation: u64,
    kind: &'static str,
    /// The array that is open in it.
    array: Option<&'static str>,
}

pub(crate) struct EveWriter<W> {
    out: W,
    names: Names,
    line: Json,
    forms: Vec<Form>,
    open: Option<Open>,
}

impl<W: Write> EveWriter<W> {
    pub(crate) fn new(out: W, names: Names) -> Self {
        let forms = ALL
            .iter()
            .flat_map(|protocol| protocol.events().iter().map(|event| Form::new(protocol.word().as_str(), event)));
        EveWriter { out, names, line: Json::default(), forms: forms.collect(), open: None }
    }

    pub(crate) fn event(&mut self, at: Nanos, talk: &Conversation, way: Way, event: &dyn Event) -> io::Result<()> {
        let Some(n) = self.forms.iter().position(|form| form.event.is(event.spec())) else { return Ok(()) };
        let joins = self.forms.get(n).and_then(|form| form.shape).and_then(|shape| shape.joins);
        let kind = self.forms.get(n).map_or("", |form| form.kind);
        let joined = match (&mut self.open, joins) {
            (Some(open), Some(array)) if open.conversation == talk.id && open.kind == kind => {
                if open.array != Some(array) {
                    if open.array.is_some() {
                        self.line.close(']');
                    }
                    self.line.key(array);
                    self.line.open('[');
                    open.array = Some(array);
                }
                true
            }
            _ => false,
        };
        if !joined {
            self.flush()?;
            self.head(at, kind, talk, way);
            self.line.key(kind);
        }
        self.line.open('{');
        if let Some(form) = self.forms.get(n) {
            fields(&mut self.line, form, event, &self.names);
        }
        if joined {
            self.line.close('}');
        } else {
            self.open = Some(Open { conversation: talk.id, kind, array: None });
        }
        Ok(())
    }

    /// The last word on a conversation: EVE's flow record.
    pub(crate) fn closed(&mut self, talk: &Conversation, why: Close) -> io::Result<()> {
        self.flush()?;
        self.head(talk.last, "flow", talk, Way::ToServer);
        let line = &mut self.line;
        line.key("app_proto");
        line.string(if talk.protocol == Protocol::Other { "failed" } else { talk.protocol.as_str() });
        line.key("flow");
        line.open('{');
        let [up, down] = talk.packets;
        let [sent, received] = talk.bytes;
        let counts =
            [("pkts_toserver", up), ("pkts_toclient", down), ("bytes_toserver", sent), ("bytes_toclient", received)];
        for (key, count) in counts {
            line.key(key);
            line.number(count);
        }
        for (key, at) in [("start", talk.first), ("end", talk.last)] {
            line.key(key);
            line.time(at);
        }
        line.key("age");
        line.signed(talk.last.saturating_sub(talk.first).div_euclid(1_000_000_000));
        line.key("state");
        line.string(match why {
            Close::Finished | Close::Reset => "closed",
            _ if down > 0 => "established",
            _ => "new",
        });
        line.key("reason");
        line.string(match why {
            Close::Finished | Close::Reset | Close::Reused => "tcp_reuse_or_close",
            Close::Idle => "timeout",
            Close::Evicted => "forced",
            Close::End => "shutdown",
        });
        line.key("visibility");
        line.string(talk.visibility);
        for (key, count) in [
            ("bytes_understood", talk.understood),
            ("bytes_encrypted", talk.encrypted),
            ("bytes_unknown", talk.unknown),
            ("bytes_missed", talk.missed),
        ] {
            line.key(key);
            line.number(count);
        }
        line.close('}');
        self.end()
    }

    /// Something against a standard: EVE's anomaly record. Says where, never what.
    pub(crate) fn odd(&mut self, talk: &Conversation, odd: Odd, what: &str) -> io::Result<()> {
        self.flush()?;
        self.head(talk.last, "anomaly", talk, Way::ToServer);
        let line = &mut self.line;
        line.key("anomaly");
        line.open('{');
        line.key("app_proto");
        line.string(talk.protocol);
        line.key("type");
        line.string("applayer");
        line.key("event");
        line.string(what);
        line.key("layer");
        line.string(match odd {
            Odd::Malformed => "proto_parser",
            Odd::Weird => "proto_detect",
        });
        line.close('}');
        self.end()
    }

    /// Behaviour judged unusual.
    pub(crate) fn finding(&mut self, finding: &Finding<Label>) -> io::Result<()> {
        self.flush()?;
        let line = &mut self.line;
        line.clear();
        line.open('{');
        line.key("timestamp");
        line.time(finding.last);
        line.key("event_type");
        line.string("finding");
        for (key, party) in [("src_ip", Some(&finding.subject)), ("dest_ip", finding.peer.as_ref())] {
            if let Some(ip) = party.and_then(|party| party.ip) {
                line.key(key);
                line.string(ip);
            }
        }
        line.key("finding");
        line.open('{');
        line.key("id");
        line.string(finding.id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        line.key("detection");
        line.string(finding.detection);
        line.key("severity");
        line.string(finding.severity);
        line.key("first");
        line.time(finding.first);
        line.key("partly_blind");
        line.bool(finding.partly_blind);
        for (key, party) in [("subject", Some(&finding.subject)), ("peer", finding.peer.as_ref())] {
            if let Some(Party { device, .. }) = party {
                line.key(key);
                match device {
                    DeviceKey::Mac(mac) => line.string(mac),
                    DeviceKey::Ip(ip) => line.string(ip),
                }
            }
        }
        line.key("facts");
        line.open('{');
        for fact in &finding.facts {
            line.key(fact.name.as_str());
            match &fact.value {
                FactValue::Number(n) | FactValue::Seconds(n) | FactValue::Bytes(n) => line.number(*n),
                FactValue::Text(text) => line.string(text),
                FactValue::Address(ip) => line.string(ip),
            }
        }
        line.close('}');
        line.close('}');
        self.end()
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.out.flush()
    }

    fn head(&mut self, at: Nanos, kind: &str, talk: &Conversation, way: Way) {
        let line = &mut self.line;
        line.clear();
        line.open('{');
        line.key("timestamp");
        line.time(at);
        if talk.id != 0 {
            line.key("flow_id");
            line.number(talk.id);
        }
        line.key("event_type");
        line.string(kind);
        if let Some(vlan) = talk.vlan {
            line.key("vlan");
            line.open('[');
            line.number(u64::from(vlan));
            line.close(']');
        }
        let ported = talk.transport.has_ports();
        for (ip, port, end) in [("src_ip", "src_port", talk.sender(way)), ("dest_ip", "dest_port", talk.receiver(way))]
        {
            let Endpoint { ip: address, port: number, .. } = end;
            if !address.is_unspecified() {
                line.key(ip);
                line.string(address);
            }
            if ported {
                line.key(port);
                line.number(u64::from(*number));
            }
        }
        if let Some(name) = match talk.transport {
            Transport::Tcp => Some("TCP"),
            Transport::Udp => Some("UDP"),
            Transport::Ip(1) => Some("ICMP"),
            Transport::Ip(58) => Some("IPv6-ICMP"),
            _ => None,
        } {
            line.key("proto");
            line.string(name);
        }
    }

    /// Closes the record that others might have joined.
    fn flush(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        if open.array.is_some() {
            self.line.close(']');
        }
        self.line.close('}');
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        self.line.close('}');
        self.out.write_all(self.line.as_str().as_bytes())?;
        self.out.write_all(b"\n")
    }
}

impl Form {
    fn new(protocol: &'static str, event: &'static EventSpec) -> Self {
        let shape = shapes::of(event.name);
        let fields = event.fields.iter().filter_map(|field| {
            let known = shape.and_then(|shape| shape.fields.iter().find(|(name, ..)| *name == field.name));
            let own = || field.name.split_once('.').map_or(field.name, |(_, rest)| rest).replace('.', "_");
            match known {
                Some((_, "", _)) => None,
                Some((_, key, how)) => Some(Named { field, key: (*key).to_owned(), how: *how }),
                None => Some(Named { field, key: own(), how: As::Same }),
            }
        });
        Form { event, shape, kind: shape.map_or(protocol, |shape| shape.kind), fields: fields.collect() }
    }
}

/// The members of an event's object. Entries of a list come one after the other, so an array stays open until another
/// field begins.
fn fields(line: &mut Json, form: &Form, event: &dyn Event, names: &Names) {
    let mut list: Option<&'static FieldSpec> = None;
    event.visit(&mut |field, shown| {
        let Some(named) = form.fields.iter().find(|named| named.field.is(field)) else { return };
        if !list.is_some_and(|open| open.is(field)) {
            if list.take().is_some() {
                line.close(']');
            }
            line.key(&named.key);
            if field.list {
                line.open('[');
                list = Some(field);
            }
        }
        value(line, named.how, shown, names);
    });
    if list.is_some() {
        line.close(']');
    }
}

fn value(line: &mut Json, how: As, value: Value<'_>, names: &Names) {
    match (how, value) {
        (_, Value::Phi(_)) => line.string(PERSON),
        (_, Value::Plain(field)) => line.string(field.keep(names)),
        (As::Word(word), Value::Number(n)) => match word(n) {
            Some(word) => line.string(word),
            None => line.number(n),
        },
        (As::Flag(when), Value::Flag(flag)) => line.string(if flag { when.0 } else { when.1 }),
        (_, Value::Number(n)) => line.number(n),
        (_, Value::Flag(flag)) => line.bool(flag),
        (_, Value::Address(ip)) => line.string(ip),
        (_, Value::Hardware(mac)) => line.string(mac),
        (As::Word(word), Value::Codes(codes)) => {
            line.open('[');
            for &code in codes {
                match word(u64::from(code)) {
                    Some(word) => line.string(word),
                    None => line.number(u64::from(code)),
                }
            }
            line.close(']');
        }
        (_, Value::Codes(codes)) => {
            line.open('[');
            codes.iter().for_each(|&code| line.number(u64::from(code)));
            line.close(']');
        }
    }
}
