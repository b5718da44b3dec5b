//! A conversation that others encoded, what ours tells of it, and where the two differ.

use crate::common::{Feed, Hears};
use holter_protocols::{ALL, Event, FieldSpec, Malformed, Protocol, Sink, Value as Held, Way};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Conversation {
    pub(crate) stream: bool,
    pub(crate) chunks: Vec<(Way, Vec<u8>)>,
    /// `[event, {field: value}]`. Those of one name are compared in order; `null` must be absent, and what is not named
    /// is not compared.
    pub(crate) events: Vec<Value>,
}

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

fn decode(protocol: &'static dyn Protocol, conversation: &Conversation) -> Heard {
    let mut heard = Heard::default();
    let mut feed = conversation.stream.then(|| Feed::new(protocol));
    let mut hears = Hears::new(protocol);
    for (way, bytes) in &conversation.chunks {
        match &mut feed {
            Some(feed) => feed.bytes(*way, bytes, &mut heard),
            None => {
                if let Err(Malformed { field, .. }) = hears.datagram(*way, bytes, &mut heard) {
                    heard.odd.push(field);
                }
            }
        }
    }
    heard
}

pub(crate) fn protocol(name: &str) -> &'static dyn Protocol {
    *ALL.iter().find(|protocol| protocol.name() == name).expect("in the table")
}

/// What ours says otherwise.
pub(crate) fn differences(protocol: &'static dyn Protocol, conversation: &Conversation) -> Vec<String> {
    let heard = decode(protocol, conversation);
    let mut wrong: Vec<String> = heard.odd.iter().map(|field| format!("held to be malformed: {field}")).collect();
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &conversation.events {
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
            if !same(value, got) {
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

fn same(value: &Value, got: Option<&Vec<Value>>) -> bool {
    match (value, got) {
        (Value::Null, None) => true,
        (Value::Array(list), None) => list.is_empty(),
        // Codes are one value that is a list; of others each is one.
        (Value::Array(list), Some(got)) => got == list || got.len() == 1 && got[0] == *value,
        (value, Some(got)) => got.len() == 1 && got[0] == *value,
        (_, None) => false,
    }
}

/// All conversations say what was encoded, and every field of the protocol was compared with a value at least once,
/// except those `unsaid`, which the encoder cannot write.
pub(crate) fn judge(what: &str, protocol: &'static dyn Protocol, talks: &[Conversation], unsaid: Option<&[&str]>) {
    let mut wrong = Vec::new();
    for (n, conversation) in talks.iter().enumerate() {
        let differs = differences(protocol, conversation);
        wrong.extend(differs.into_iter().map(|what| format!("conversation {}: {what}", n + 1)));
    }
    let events: Vec<&Value> = talks.iter().flat_map(|talk| &talk.events).collect();
    assert!(
        wrong.is_empty(),
        "{what}: {} differences of {} events:\n{}",
        wrong.len(),
        events.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
    let said: BTreeSet<&str> = events
        .iter()
        .flat_map(|event| event[1].as_object().unwrap())
        .filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
        .map(|(field, _)| field.as_str())
        .collect();
    let all: Vec<&str> = protocol.events().iter().flat_map(|event| event.fields).map(|field| field.name).collect();
    eprintln!(
        "{what}: {} conversations, {} events, {} of {} fields compared",
        talks.len(),
        events.len(),
        said.len(),
        all.len()
    );
    let Some(unsaid) = unsaid else { return };
    let missing: Vec<_> = all.iter().filter(|field| !said.contains(**field) && !unsaid.contains(field)).collect();
    assert!(missing.is_empty(), "{what}: never compared: {missing:?}");
    let stale: Vec<_> = unsaid.iter().filter(|field| said.contains(**field)).collect();
    assert!(stale.is_empty(), "{what}: compared after all: {stale:?}");
}

/// Each field, once made another in what was encoded, is found, and so is an event that was not encoded.
pub(crate) fn plant(what: &str, protocol: &'static dyn Protocol, talks: &mut [Conversation]) {
    let mut planted = BTreeSet::new();
    for talk in talks.iter_mut() {
        let mut all = Vec::new();
        for (n, event) in talk.events.iter().enumerate() {
            all.extend(event[1].as_object().unwrap().keys().map(|field| (n, field.clone())));
        }
        for (n, field) in all {
            if !planted.insert(field.clone()) {
                continue;
            }
            let kept = talk.events[n][1][&field].clone();
            talk.events[n][1][&field] = other(&kept);
            assert!(!differences(protocol, talk).is_empty(), "{what}: another {field} is not found");
            talk.events[n][1][&field] = kept;
        }
    }
    // Where a protocol tells one event a datagram, the two of a conversation would be two datagrams.
    let again = |talk: &Conversation| {
        (1..talk.events.len()).find(|&n| talk.events[..n].iter().any(|event| event[0] == talk.events[n][0]))
    };
    if let Some((talk, n)) = talks.iter_mut().find_map(|talk| again(talk).map(|n| (talk, n))) {
        talk.events.remove(n);
        assert!(!differences(protocol, talk).is_empty(), "{what}: an event that was not encoded is not found");
    }
    assert!(planted.len() > 8, "{what}: only {} differences planted", planted.len());
}

fn other(value: &Value) -> Value {
    match value {
        Value::Null => json!("planted"),
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => json!(number.as_u64().unwrap() ^ 1),
        Value::String(text) => json!(format!("{text}x")),
        Value::Array(list) => json!([&list[..], &[json!(7)]].concat()),
        Value::Object(_) => Value::Null,
    }
}
