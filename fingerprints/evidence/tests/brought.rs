//! Data files that a site or a newer bundle brings.

use holter_evidence::{Brought, FILE_BYTES_MAX, FILES_MAX, Fingerprints, Loaded, RULES_MAX};
use std::fmt::Write as _;

fn file(name: &str, word: &str) -> Brought {
    let text = format!(
        "title = \"Ward {name}\"\n[[rule]]\nname = \"measured:http-server/{name}.one\"\norigin = \"seen here\"\n\
         event = \"http.response\"\nwhen = [{{ field = \"http.server\", is = \"{name}-box\" }}]\n\
         says = [{{ attribute = \"family\", value = \"{word}\", weight = 80 }}]\n\n[[example]]\nevent = \"http.response\"\n\
         way = \"to-client\"\nfields = {{ \"http.server\" = \"{name}-box\" }}\nexpect = {{ family = \"{word}\" }}\norigin = \"seen here\"\n"
    );
    Brought { name: name.to_owned(), place: format!("/etc/ward/{name}.toml"), text }
}

fn said(loaded: &Loaded) -> Vec<String> {
    loaded.faults.iter().map(ToString::to_string).collect()
}

fn families(loaded: &Loaded) -> usize {
    loaded.fingerprints.families.len()
}

const BUILT_IN: fn() -> usize = || Fingerprints::builtin().families.len();

#[test]
fn what_a_site_brings_adds_to_what_is_built_in() {
    let loaded = Fingerprints::with(Vec::new(), vec![file("ward-a", "Tessivo"), file("ward-b", "Ondrel")]);
    assert_eq!((said(&loaded), loaded.refused, families(&loaded)), (Vec::new(), 0, BUILT_IN() + 2));
    assert_eq!(loaded.taken, ["ward-a", "ward-b"]);
    assert!(loaded.fingerprints.rules().any(|rule| rule.name == "measured:http-server/ward-a.one"));
}

#[test]
fn a_bundle_brings_newer_files_in_the_place_of_older_ones() {
    let newer = Brought { text: file("web-servers", "Newest").text, ..file("web-servers", "") };
    let loaded = Fingerprints::with(vec![newer, file("new-family", "Ondrel")], Vec::new());
    assert_eq!((said(&loaded), families(&loaded)), (Vec::new(), BUILT_IN() + 1));
    let of_web = loaded.fingerprints.rules().filter(|rule| rule.family() == "web-servers").count();
    assert_eq!(of_web, 1, "the older rules are gone");
}

#[test]
fn a_site_takes_no_name_that_is_in_use() {
    let loaded =
        Fingerprints::with(vec![file("new-family", "A")], vec![file("web-servers", "B"), file("new-family", "C")]);
    assert_eq!((loaded.refused, families(&loaded)), (2, BUILT_IN() + 1));
    assert!(said(&loaded).iter().all(|said| said.contains("has this name")), "{:?}", said(&loaded));
}

#[test]
fn a_bundle_with_a_fault_is_refused_whole_and_the_built_in_rules_stay() {
    let mut bad = file("bad", "Ondrel");
    bad.text = bad.text.replace("http.server\", is", "http.colour\", is");
    let loaded = Fingerprints::with(vec![file("good", "A"), bad.clone()], vec![file("ward-a", "B")]);
    assert_eq!(
        (loaded.taken.as_slice(), loaded.refused, families(&loaded)),
        (["ward-a"].as_slice(), 2, BUILT_IN() + 1)
    );
    assert!(said(&loaded)[0].starts_with("/etc/ward/bad.toml:6:"), "{:?}", said(&loaded));
    // A site's file with a fault is left out alone.
    let loaded = Fingerprints::with(vec![file("good", "A")], vec![file("ward-a", "B"), bad]);
    assert_eq!((loaded.taken.as_slice(), loaded.refused), (["good", "ward-a"].as_slice(), 1));
}

#[test]
fn a_file_whose_example_is_not_met_is_refused_with_the_line_of_the_example() {
    let mut wrong = file("ward-a", "Tessivo");
    wrong.text = wrong.text.replace("expect = { family = \"Tessivo\" }", "expect = { family = \"Another\" }");
    let loaded = Fingerprints::with(Vec::new(), vec![wrong.clone(), file("ward-b", "Ondrel")]);
    assert_eq!(
        (loaded.taken.as_slice(), loaded.refused, families(&loaded)),
        (["ward-b"].as_slice(), 1, BUILT_IN() + 1)
    );
    assert!(said(&loaded)[0].starts_with("/etc/ward/ward-a.toml:10:1: "), "{:?}", said(&loaded));
    let loaded = Fingerprints::with(vec![wrong, file("new-family", "A")], Vec::new());
    assert_eq!((loaded.taken.len(), loaded.refused), (0, 2));
}

#[test]
fn a_rule_that_no_example_shows_is_named() {
    let mut silent = file("ward-a", "Tessivo");
    silent.text = silent
        .text
        .replace("fields = { \"http.server\" = \"ward-a-box\" }\nexpect = { family = \"Tessivo\" }", "fields = {}");
    let loaded = Fingerprints::with(Vec::new(), vec![silent]);
    let family = loaded.fingerprints.families.iter().find(|family| family.name == "ward-a").unwrap();
    assert_eq!(loaded.fingerprints.unshown(family), ["measured:http-server/ward-a.one"]);
}

#[test]
fn more_than_there_can_be_is_refused_and_counted() {
    let many: Vec<_> = (0..=FILES_MAX).map(|n| file(&format!("ward-{n}"), "A")).collect();
    let loaded = Fingerprints::with(Vec::new(), many);
    assert_eq!((loaded.taken.len(), loaded.refused, families(&loaded)), (0, FILES_MAX + 1, BUILT_IN()));

    let mut long = file("ward-a", "A");
    long.text.push_str(&"#".repeat(FILE_BYTES_MAX));
    let loaded = Fingerprints::with(Vec::new(), vec![long, file("ward-b", "B")]);
    assert_eq!((loaded.taken.as_slice(), loaded.refused), (["ward-b"].as_slice(), 1));

    let rules = |name: &str, n: usize| {
        let mut text = format!("title = \"{name}\"\n");
        for number in 0..n {
            let _ = write!(
                text,
                "[[rule]]\nname = \"measured:http-server/{name}.r{number}\"\norigin = \"x\"\nevent = \"http.response\"\n\
                 says = [{{ attribute = \"family\", value = \"A\", weight = 1 }}]\n"
            );
        }
        Brought { name: name.to_owned(), place: name.to_owned(), text }
    };
    let many: Vec<_> = (0..=RULES_MAX / 1000).map(|n| rules(&format!("many-{n}"), 1000)).collect();
    let loaded = Fingerprints::with(Vec::new(), many);
    assert_eq!((loaded.taken.len(), loaded.refused), (RULES_MAX / 1000, 1));
    assert!(said(&loaded)[0].contains("more rules"), "{:?}", said(&loaded));
}

#[test]
fn a_word_that_the_sites_own_names_would_be_is_refused() {
    for (from, to) in [
        ("attribute = \"family\"", "attribute = \"hostname\""),
        ("value = \"Tessivo\"", "value_of = \"http.server\""),
        ("measured:http-server/", "trusted:http-server/"),
        ("weight = 80", "weight = 101"),
    ] {
        let mut bad = file("ward-a", "Tessivo");
        assert!(bad.text.contains(from));
        bad.text = bad.text.replace(from, to);
        let loaded = Fingerprints::with(Vec::new(), vec![bad]);
        assert_eq!((loaded.taken.len(), loaded.faults.len()), (0, 1), "{to}");
    }
}
