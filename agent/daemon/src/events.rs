//! `--events`: every decoded event as one line of JSON. The format is a contract; see docs/specs/events.md.

use crate::json::Json;
use holter_engine::flow::{Conversation, Endpoint};
use holter_phi::Names;
use holter_protocols::event::Value;
use holter_protocols::{Event, FieldSpec, Way};
use holter_terms::Nanos;
use std::io::{self, Write};

/// What stands for a field that may be about a person.
const PERSON: &str = "*";

pub(crate) struct EventWriter<W> {
    out: W,
    names: Names,
    line: Json,
}

impl<W: Write> EventWriter<W> {
    pub(crate) fn new(out: W, names: Names) -> Self {
        EventWriter { out, names, line: Json::default() }
    }

    pub(crate) fn write(&mut self, at: Nanos, talk: &Conversation, way: Way, event: &dyn Event) -> io::Result<()> {
        self.line.clear();
        let line = &mut self.line;
        line.open('{');
        line.key("time");
        line.time(at);
        line.key("conversation");
        line.number(talk.id);
        line.key("protocol");
        line.string(talk.protocol);
        line.key("event");
        line.string(event.spec().name);
        line.key("way");
        line.string(match way {
            Way::ToServer => "to-server",
            Way::ToClient => "to-client",
        });
        for (key, end) in [("client", &talk.client), ("server", &talk.server)] {
            line.key(key);
            endpoint(line, end);
        }
        line.key("fields");
        line.open('{');
        fields(line, event, &self.names);
        line.close('}');
        line.close('}');
        self.out.write_all(line.as_str().as_bytes())?;
        self.out.write_all(b"\n")
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn endpoint(line: &mut Json, end: &Endpoint) {
    line.open('{');
    line.key("ip");
    // A frame that carries no IP has none.
    if end.ip.is_unspecified() && end.port == 0 {
        line.null();
    } else {
        line.string(end.ip);
    }
    line.key("port");
    line.number(u64::from(end.port));
    line.key("mac");
    match end.mac {
        Some(mac) => line.string(mac),
        None => line.null(),
    }
    line.close('}');
}

/// Members by field name. Entries of a list come one after the other from the event, so an array stays open until
/// another field begins.
fn fields(line: &mut Json, event: &dyn Event, names: &Names) {
    let mut list: Option<&'static FieldSpec> = None;
    event.visit(&mut |field, shown| {
        if !list.is_some_and(|open| open.is(field)) {
            if list.take().is_some() {
                line.close(']');
            }
            line.key(field.name);
            if field.list {
                line.open('[');
                list = Some(field);
            }
        }
        value(line, shown, names);
    });
    if list.is_some() {
        line.close(']');
    }
}

fn value(line: &mut Json, value: Value<'_>, names: &Names) {
    match value {
        Value::Plain(field) => line.string(field.keep(names)),
        Value::Phi(_) => line.string(PERSON),
        Value::Number(n) => line.number(n),
        Value::Flag(flag) => line.bool(flag),
        Value::Address(ip) => line.string(ip),
        Value::Hardware(mac) => line.string(mac),
        Value::Codes(codes) => {
            line.open('[');
            codes.iter().for_each(|&code| line.number(u64::from(code)));
            line.close(']');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_phi::{Because, Phi, Plain};
    use holter_protocols::event::{Code, Codes, Count, Size};
    use holter_protocols::{Transport, dicom, hl7};
    use holter_terms::{Mac, Protocol, Visibility};
    use serde_json::{Value as Read, json};

    fn talk() -> Conversation {
        let end = |last, port| Endpoint { mac: Some(Mac([2, 0, 0, 0, 0, last])), ip: [10, 0, 0, last].into(), port };
        Conversation {
            slot: None,
            id: 7,
            client: end(1, 40000),
            server: Endpoint { mac: None, ..end(2, 104) },
            transport: Transport::Tcp,
            vlan: None,
            protocol: Protocol::Dicom,
            visibility: Visibility::Clear,
            packets: [1, 1],
            bytes: [1, 1],
            understood: 2,
            encrypted: 0,
            unknown: 0,
            missed: 0,
            first: 0,
            last: 0,
            handshake_seen: true,
        }
    }

    fn written(event: &dyn Event, names: Names) -> Read {
        let mut out = Vec::new();
        let mut writer = EventWriter::new(&mut out, names);
        writer.write(1, &talk(), Way::ToServer, event).expect("a vector takes everything");
        serde_json::from_slice(&out).expect("one line of JSON")
    }

    #[test]
    fn a_line_holds_who_when_what_and_every_field() {
        let syntaxes = [Plain::new(b"1.2.840.10008.1.2", Because::Vocabulary)];
        let context = dicom::Context {
            id: Code(1),
            abstract_syntax: Plain::new(b"1.2.840.10008.1.1", Because::Vocabulary),
            transfer_syntaxes: &syntaxes,
        };
        assert_eq!(
            written(&context, Names::shown()),
            json!({
                "time": "1970-01-01T00:00:00.000000001Z",
                "conversation": 7,
                "protocol": "dicom",
                "event": "dicom.context",
                "way": "to-server",
                "client": {"ip": "10.0.0.1", "port": 40000, "mac": "02:00:00:00:00:01"},
                "server": {"ip": "10.0.0.2", "port": 104, "mac": null},
                "fields": {
                    "dicom.context_id": 1,
                    "dicom.abstract_syntax": "1.2.840.10008.1.1",
                    "dicom.transfer_syntax": ["1.2.840.10008.1.2"],
                },
            })
        );
    }

    fn message<'a>(equipment: &'a [Plain<'a>], patient: &'a [Phi<'a>]) -> hl7::Message<'a> {
        hl7::Message {
            code: None,
            trigger: None,
            structure: None,
            version: None,
            charset: None,
            sending_application: Some(Plain::new(b"LAB \"A\"", Because::Site)),
            sending_facility: None,
            receiving_application: None,
            receiving_facility: None,
            profile: None,
            software_vendor: None,
            software_version: None,
            software_product: None,
            equipment,
            ack: None,
            answers: None,
            repeated: false,
            patient,
            segments: Count(3),
            size: Size(100),
            whole: true,
        }
    }

    #[test]
    fn a_patient_is_a_star_and_a_name_a_hash_unless_it_may_be_shown() {
        let equipment = [Plain::new(b"E1", Because::Site), Plain::new(b"E2", Because::Site)];
        let patients = [Phi::new(b"PAT000001")];
        let message = message(&equipment, &patients);
        for names in [Names::shown(), Names::hashed([7; 32])] {
            let shown = names.are_shown();
            let line = written(&message, names);
            assert_eq!(line["fields"]["hl7.patient"], json!(["*"]));
            assert!(!line.to_string().contains("PAT000001"));
            assert_eq!(line["fields"]["hl7.sending_application"] == "LAB \"A\"", shown);
            assert_eq!(line.to_string().contains("E2"), shown);
            assert_eq!(line["fields"]["hl7.equipment"].as_array().map(Vec::len), Some(2));
        }
    }

    #[test]
    fn protocol_codes_are_an_array_of_numbers() {
        let mut line = Json::default();
        value(&mut line, Value::Codes(Codes(&[1, 3, 6]).0), &Names::shown());
        assert_eq!(line.as_str(), "[1,3,6]");
    }
}
