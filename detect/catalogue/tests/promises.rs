//! Every file of the catalogue can be read, shown and trusted to name its facts.

use holter_catalogue::{Detection, FactKind, Value, all, get, read};
use std::collections::BTreeSet;

fn files() -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../findings");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect()
}

fn value<'a>(detection: &Detection, name: &str, text: &'a str) -> Value<'a> {
    let kind = detection.fact(name).map_or(FactKind::Text, |fact| fact.kind);
    let number = || text.parse().unwrap_or_else(|_| panic!("{}: {name} = {text}", detection.id));
    match kind {
        FactKind::Number => Value::Number(number()),
        FactKind::Seconds => Value::Seconds(number()),
        FactKind::Bytes => Value::Bytes(number()),
        FactKind::Address => Value::Address(text.parse().unwrap()),
        FactKind::Text => Value::Text(text),
    }
}

#[test]
fn every_file_is_compiled_in_and_read() {
    let ids: BTreeSet<String> = all().iter().map(|detection| detection.id.to_owned()).collect();
    assert_eq!(ids, files());
    for id in &ids {
        let text = std::fs::read_to_string(format!("{}/../findings/{id}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let id = get(id).unwrap().id;
        read(id, &text).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn every_example_reads_as_it_says() {
    for detection in all() {
        assert!(!detection.examples.is_empty(), "{}", detection.id);
        for example in &detection.examples {
            let fact = |name: &str| example.facts.get(name).map(|text| value(detection, name, text));
            let account = detection.account(&fact);
            assert_eq!(account.title, example.title);
            assert_eq!(account.happened, example.happened);
            let everything = format!("{account:?}");
            assert!(!everything.contains("unknown "), "{}: {everything}", detection.id);
            assert!(!everything.contains(['{', '}']) || everything.starts_with("Account {"), "{everything}");
        }
    }
}

#[test]
fn every_finding_says_what_to_check_and_what_speaks_against_it() {
    for detection in all() {
        assert!(!detection.techniques.is_empty(), "{}", detection.id);
        assert!(detection.check.len() >= 2, "{}", detection.id);
        assert!(!detection.against.is_empty(), "{}", detection.id);
        assert!(detection.graver.as_ref().is_none_or(|graver| graver.severity > detection.severity));
    }
}

#[test]
fn a_text_holds_without_its_optional_facts() {
    for detection in all() {
        let account = detection.account(&|name| {
            let needed = detection.fact(name).is_some_and(|fact| !fact.optional);
            (needed || name == "subject").then_some(Value::Number(2))
        });
        assert!(!format!("{account:?}").contains("unknown"), "{}: {account:?}", detection.id);
    }
}

#[test]
fn a_faulty_file_is_refused_with_its_place() {
    let good =
        std::fs::read_to_string(format!("{}/../findings/dicom-find-sweep.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for (from, to, line, what) in [
        ("severity = \"medium\"", "severity = \"urgent\"", 2, "no such severity"),
        ("{archives|archive|archives}", "{servers}", 4, "{servers} is no fact of this detection"),
        ("id = \"T1213\"", "id = \"X1213\"", 17, "an ATT&CK id looks like T1213 or T1048.003"),
        ("title = \"{subject}", "title = \"{peer}", 1, "{peer} may be absent: it belongs into []"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        let error = read("dicom-find-sweep", &bad).unwrap_err();
        assert_eq!((error.line, error.what.as_str()), (line, what), "{error}");
        assert!(error.to_string().starts_with(&format!("detect/findings/dicom-find-sweep.toml:{line}:")), "{error}");
    }
}
