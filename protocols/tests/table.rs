//! The table of protocols, and the two documents that are made from it: `PLAIN.md` (every field that may be read, for
//! a privacy reviewer) and `fields.json` (every field, for rules and the collector). `HOLTER_BLESS=1` rewrites them.

mod common;

use holter_protocols::{ALL, EventSpec, FieldSpec, Kind, Transport};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

fn events() -> impl Iterator<Item = &'static EventSpec> {
    ALL.iter().flat_map(|protocol| protocol.events().iter().copied())
}

fn fields() -> impl Iterator<Item = (&'static EventSpec, &'static FieldSpec)> {
    events().flat_map(|event| event.fields.iter().map(move |field| (event, *field)))
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn same_as(file: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("HOLTER_BLESS").is_some() {
        std::fs::write(&path, generated).expect("writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "{file} does not say what the declarations say: run with HOLTER_BLESS=1 and review"
    );
}

#[test]
fn every_folder_is_in_the_table() {
    let folders: BTreeSet<String> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .expect("the sources")
        .filter_map(|entry| {
            let path = entry.expect("readable").path();
            path.is_dir().then(|| path.file_name().expect("a name").to_string_lossy().into_owned())
        })
        .collect();
    let table: BTreeSet<String> = ALL.iter().map(|protocol| protocol.name().to_owned()).collect();
    assert_eq!(folders, table);
    for protocol in ALL {
        let samples = common::samples(*protocol);
        assert!(!samples.is_empty(), "{} has no samples", protocol.name());
        assert!(common::folder(*protocol).join("samples/README.md").is_file(), "{}: whose are they?", protocol.name());
        assert!(!protocol.transports().is_empty() && !protocol.events().is_empty(), "{}", protocol.name());
        let has_ports = protocol.transports().iter().any(|transport| transport.has_ports());
        assert_eq!(has_ports, !protocol.ports().is_empty(), "{}", protocol.name());
        assert_eq!(protocol.transports().contains(&Transport::Tcp), protocol.stream().is_some());
    }
}

#[test]
fn every_name_is_declared_once_and_says_what_it_is() {
    let mut names = BTreeSet::new();
    for protocol in ALL {
        for event in protocol.events() {
            assert!(event.name.starts_with(&format!("{}.", protocol.name())), "{}", event.name);
            assert!(names.insert(("event", event.name)), "{} twice", event.name);
            assert!(!event.doc.is_empty() && !event.fields.is_empty(), "{}", event.name);
        }
    }
    for (event, field) in fields() {
        assert!(names.insert(("field", field.name)), "{} twice", field.name);
        assert!(field.name.split('.').next() == event.name.split('.').next(), "{}", field.name);
        assert!(field.doc.ends_with('.'), "{}: {:?}", field.name, field.doc);
        assert_eq!(field.kind == Kind::Plain, field.because.is_some(), "{} needs its ground", field.name);
    }
}

#[test]
fn every_declared_event_occurs_in_a_sample_or_a_test() {
    let seen: BTreeSet<String> = common::all_samples()
        .iter()
        .flat_map(|sample| common::decode(sample, |_| Vec::new()))
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    // These need a long block, or MLLP release 2; their own tests show them.
    let elsewhere = ["hl7.end", "hl7.acknowledge"];
    for event in events() {
        assert!(seen.contains(event.name) || elsewhere.contains(&event.name), "{} never occurs", event.name);
    }
}

#[test]
fn plain_md_lists_every_field_that_may_be_read() {
    let mut text = String::from(
        "# Fields that may be read\n\nMade from the event declarations; reviewed by whoever answers for privacy. \
         Grounds: `equipment`: the standard gives\nthe field to a machine; `vocabulary`: a word of the protocol; `site`: \
         a name that the site gave, hashed unless it chose to\nshow it. Whatever is not listed here is a number, an \
         address of a machine, or is never read at all.\n\n| Field | Ground | What it is |\n|---|---|---|\n",
    );
    let mut rows: Vec<_> = fields().filter(|(_, field)| field.kind == Kind::Plain).map(|(_, field)| field).collect();
    rows.sort_by_key(|field| field.name);
    for field in rows {
        let because = field.because.expect("checked above").as_str();
        let _ = writeln!(text, "| `{}` | {because} | {} |", field.name, one_line(field.doc));
    }
    text.push_str("\n## Counted, never read\n\n| Field | What it is |\n|---|---|\n");
    for (_, field) in fields().filter(|(_, field)| field.kind == Kind::Phi) {
        let _ = writeln!(text, "| `{}` | {} |", field.name, one_line(field.doc));
    }
    same_as("PLAIN.md", &text);
}

#[test]
fn fields_json_lists_every_field() {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut rows = Vec::new();
    for (event, field) in fields() {
        let name = field.name.split('.').next().expect("a protocol");
        let mark =
            if common::protocol(name).word().is_from_specification() { ", \"from_specification\": true" } else { "" };
        rows.push(format!(
            "  {{\"field\": {}, \"event\": {}, \"kind\": {}, \"ground\": {}, \"doc\": {}{mark}}}",
            quoted(field.name),
            quoted(event.name),
            quoted(field.kind.as_str()),
            field.because.map_or("null".to_owned(), |because| quoted(because.as_str())),
            quoted(&one_line(field.doc)),
        ));
    }
    same_as("fields.json", &format!("[\n{}\n]\n", rows.join(",\n")));
}

#[test]
fn what_was_written_from_a_specification_alone_is_marked_and_nothing_else() {
    for protocol in ALL {
        let readme = std::fs::read_to_string(common::folder(*protocol).join("samples/README.md")).expect("its samples");
        let word = protocol.word();
        assert_eq!(
            readme.contains("From specification"),
            word.is_from_specification(),
            "{word}: whose are its samples?"
        );
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/specs/events.md");
    let page = std::fs::read_to_string(page).expect("the format of events");
    let (_, section) = page.split_once("## From specification\n").expect("a section");
    let section = section.split("\n## ").next().expect("its text");
    let listed: BTreeSet<&str> =
        section.lines().filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`')).collect();
    let marked: BTreeSet<&str> = ALL
        .iter()
        .map(|one| one.word())
        .filter(|word| word.is_from_specification())
        .map(|word| word.as_str())
        .collect();
    assert_eq!(listed, marked, "docs/specs/events.md");
}
