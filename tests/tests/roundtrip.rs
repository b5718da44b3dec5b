//! What independent programs encode, ours decode: random valid messages, field by field. `tests/encoders/README.md` has
//! the form. Where there is no `target/lab-venv`, nothing is compared, and it is said.

#[path = "../../protocols/tests/common/mod.rs"]
mod common;

use common::{Feed, Hears};
use holter_protocols::{ALL, Event, FieldSpec, Malformed, Protocol, Sink, Value as Held, Way};
use holter_tests::places;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;

/// Conversations per protocol.
const COUNT: &str = "300";
const SEED: &str = "20261125";

type Fields = BTreeMap<&'static str, Vec<Value>>;

#[derive(Default)]
struct Heard {
    events: Vec<(&'static str, Fields)>,
    odd: Vec<&'static str>,
}

impl Sink for Heard {
    fn event(&mut self, event: &dyn Event) {
        let mut fields = Fields::new();
        event.visit(&mut |field: &'static FieldSpec, value| {
            let shown = match value {
                Held::Plain(plain) => {
                    let text = String::from_utf8_lossy(plain.bytes());
                    // PS3.5 6.2 pads values to an even length, PS3.8 9.3.2 titles to 16 bytes.
                    let padded = field.name.starts_with("dicom.");
                    json!(if padded { text.trim_end_matches([' ', '\0']) } else { &text })
                }
                Held::Phi(_) => json!("present"),
                Held::Number(number) => json!(number),
                Held::Flag(flag) => json!(flag),
                Held::Address(address) => json!(address.to_string()),
                Held::Hardware(mac) => json!(mac.to_string()),
                Held::Codes(codes) => json!(codes),
            };
            fields.entry(field.name).or_default().push(shown);
        });
        self.events.push((event.spec().name, fields));
    }

    fn weird(&mut self, field: &'static str) {
        self.odd.push(field);
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn decode(protocol: &'static dyn Protocol, conversation: &Value) -> Heard {
    let mut heard = Heard::default();
    let mut feed = (conversation["transport"] == "tcp").then(|| Feed::new(protocol));
    let mut hears = Hears::new(protocol);
    for chunk in conversation["chunks"].as_array().unwrap() {
        let way = if chunk[0] == ">" { Way::ToServer } else { Way::ToClient };
        let bytes = bytes(chunk[1].as_str().unwrap());
        match &mut feed {
            Some(feed) => feed.bytes(way, &bytes, &mut heard),
            None => {
                if let Err(Malformed { field, .. }) = hears.datagram(way, &bytes, &mut heard) {
                    heard.odd.push(field);
                }
            }
        }
    }
    heard
}

/// What ours says otherwise.
fn differences(heard: &Heard, expected: &[Value]) -> Vec<String> {
    let mut wrong: Vec<String> = heard.odd.iter().map(|field| format!("held to be malformed: {field}")).collect();
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for event in expected {
        let name = event[0].as_str().unwrap();
        let nth = taken.entry(name).or_default();
        let ours = heard.events.iter().filter(|(other, _)| *other == name).nth(*nth);
        *nth += 1;
        let Some((_, fields)) = ours else {
            wrong.push(format!("{name}: missing"));
            continue;
        };
        for (field, value) in event[1].as_object().unwrap() {
            let got = fields.get(field.as_str());
            let same = match (value, got) {
                (Value::Null, None) => true,
                // Codes are one value that is a list; of others each is one.
                (Value::Array(list), Some(got)) => got == list || got.len() == 1 && got[0] == *value,
                (value, Some(got)) => got.len() == 1 && got[0] == *value,
                (_, None) => false,
            };
            if !same {
                wrong.push(format!("{name}: {field} is {got:?}, encoded was {value}"));
            }
        }
    }
    for (name, count) in taken {
        let ours = heard.events.iter().filter(|(other, _)| *other == name).count();
        if ours != count {
            wrong.push(format!("{name}: {ours} told, {count} encoded"));
        }
    }
    wrong
}

fn round_trip(name: &str) {
    let Some(python) = places::lab_python() else { return };
    let protocol = *ALL.iter().find(|protocol| protocol.name() == name).expect("in the table");
    let script = places::root().join("tests/encoders/encode.py");
    let output = Command::new(python).arg(script).args([name, COUNT, SEED]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut wrong = Vec::new();
    let (mut conversations, mut events) = (0, 0);
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let conversation: Value = serde_json::from_str(line).unwrap();
        let expected = conversation["events"].as_array().unwrap();
        conversations += 1;
        events += expected.len();
        let differs = differences(&decode(protocol, &conversation), expected);
        wrong.extend(differs.into_iter().map(|what| format!("conversation {conversations}: {what}")));
    }
    assert_eq!(conversations.to_string(), COUNT);
    assert!(
        wrong.is_empty(),
        "{} differences of {events} events:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
    eprintln!("{name}: {conversations} conversations, {events} events");
}

#[test]
fn dns_says_what_scapy_encoded() {
    round_trip("dns");
}

#[test]
fn dhcp_says_what_scapy_encoded() {
    round_trip("dhcp");
}

#[test]
fn dicom_says_what_pynetdicom_encoded() {
    round_trip("dicom");
}

#[test]
fn hl7_says_what_python_hl7_encoded() {
    round_trip("hl7");
}
