//! The examples in the data files are the tests of the rules beside them.

use holter_evidence::{Example, Fingerprints, Found, Observer};
use holter_identity::{Evidence, HINT_CAP, LIKELY_CAP, NAMED, judge};
use holter_phi::Names;
use holter_terms::Mac;
use std::collections::BTreeSet;

fn found(example: &Example) -> Vec<Found> {
    example.evidence(Fingerprints::builtin())
}

fn evidence(found: &[Found]) -> Vec<Evidence<'_>> {
    found.iter().map(Found::once).collect()
}

#[test]
fn every_data_file_is_compiled_in_and_every_field_in_it_exists() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    let compiled: BTreeSet<String> =
        Fingerprints::builtin().families.iter().map(|family| family.name.to_owned()).collect();
    assert_eq!(compiled, files, "a file with a fault is not loaded; its fault is printed by a debug build");
}

#[test]
fn every_example_gives_what_it_says() {
    let mut examples = 0;
    for family in &Fingerprints::builtin().families {
        for example in &family.examples {
            examples += 1;
            assert_eq!(example.fault(Fingerprints::builtin()), None);
        }
    }
    assert!(examples >= 50, "{examples} examples");
}

#[test]
fn every_rule_is_shown_by_an_example() {
    let mut fired: BTreeSet<&str> = BTreeSet::new();
    for family in &Fingerprints::builtin().families {
        for example in &family.examples {
            fired.extend(found(example).iter().map(|found| found.rule));
        }
    }
    let silent: Vec<_> =
        Fingerprints::builtin().rules().map(|rule| rule.name).filter(|name| !fired.contains(name)).collect();
    assert_eq!(silent, [] as [&str; 0]);
}

#[test]
fn a_published_rule_alone_is_at_most_likely() {
    for family in &Fingerprints::builtin().families {
        for example in &family.examples {
            let found = found(example);
            let published: Vec<_> =
                evidence(&found).into_iter().filter(|item| item.rule.starts_with("published:")).collect();
            for verdict in judge(&published).verdicts {
                assert!(verdict.confidence <= LIKELY_CAP, "{}:{}: {verdict:?}", example.file, example.line);
            }
        }
    }
}

#[test]
fn no_address_alone_names_a_maker() {
    for mac in ["00:18:65:aa:00:21", "44:4b:5d:aa:00:22", "00:09:fb:aa:00:23", "00:50:56:aa:00:10"] {
        let mut all = Vec::new();
        let about = holter_evidence::About::Client;
        Observer::new(Names::shown()).mac(Mac::parse(mac).unwrap(), about, &mut |found| all.push(found));
        assert!(!all.is_empty(), "{mac}");
        for verdict in judge(&evidence(&all)).verdicts {
            assert!(verdict.confidence <= HINT_CAP.min(NAMED - 1), "{mac}: {verdict:?}");
        }
    }
}

#[test]
fn no_two_rules_share_a_name() {
    let mut names: Vec<_> = Fingerprints::builtin().rules().map(|rule| rule.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
