//! Who is on the lab's network: every machine of its truth, and what each signal is worth to what is told of it.

mod arithmetic;
#[expect(dead_code, reason = "another test reads the rest")]
mod expected;
#[path = "../played/mod.rs"]
mod played;
mod table;

use arithmetic::Item;
use expected::{Machine, machines};
use holter_engine::Engine;
use holter_engine::devices::Device;
use holter_identity::{Evidence, Identity, NAMED, Verdict, judge};
use holter_terms::{Attribute, DeviceKey};
use holter_tests::places::root;
use played::{device, engine, identity, labs, truth};
use std::collections::BTreeSet;
use std::path::Path;

fn evidence(device: &Device) -> Vec<Evidence<'_>> {
    let rows = device.sorted_rows().into_iter();
    rows.map(|row| Evidence {
        attribute: row.attribute,
        value: row.value.as_str(),
        rule: row.rule,
        weight: row.weight,
        count: row.count,
        first: row.first,
        last: row.last,
    })
    .collect()
}

/// What a verdict rests on.
fn reasons(verdict: &Verdict) -> Vec<Item> {
    let all = verdict.reasons.iter().chain(&verdict.against);
    all.map(|reason| Item { value: reason.value.clone(), rule: reason.rule.clone(), weight: reason.weight }).collect()
}

fn signal(rule: &str) -> &str {
    rule.split_once(':').unwrap().1.split_once('/').unwrap().0
}

/// A machine, and what is told of it if it was seen.
type Told<'a> = (&'a Machine, Option<Identity>);

/// Each machine as it is seen in one engine.
fn seen<'a>(machines: &'a [Machine], engine: &Engine) -> Vec<Told<'a>> {
    let one = |machine: &'a Machine| {
        // A machine behind the router is known by its address.
        let by_address = || engine.devices().get(&DeviceKey::Ip(machine.ip?));
        let device = device(engine, &machine.mac).or_else(by_address)?;
        Some(identity(device))
    };
    machines.iter().map(|machine| (machine, one(machine))).collect()
}

/// Holds what is told of a machine against what it is.
fn check(place: &Path, machine: &Machine, identity: &Identity, demo: bool) {
    let name = format!("{}: {}", place.display(), machine.host.name);
    let host = &machine.host;
    if let Some(class) = &host.class {
        let best = identity.best(Attribute::Class);
        assert_eq!(best.map(|best| best.value.as_str()), Some(class.as_str()), "{name}");
        let sure = best.map_or(0, |best| best.confidence);
        assert_eq!(sure >= NAMED, !host.only_a_hint, "{name}: {class} with {sure}");
    }
    let has = |attribute, wanted: &str| {
        let mut verdicts = identity.verdicts.iter().filter(|verdict| verdict.attribute == attribute);
        verdicts.any(|verdict| verdict.confidence >= NAMED && table::says(&verdict.value, wanted))
    };
    for role in &host.roles {
        assert!(has(Attribute::Role, role), "{name}: {role}");
    }
    if let Some(os) = machine.dhcp {
        assert!(has(Attribute::Os, os), "{name}: {os}");
    }
    for toolkit in &machine.dicom {
        let disguised = host.dicom_as.as_ref().is_some_and(|maker| has(Attribute::Maker, maker));
        assert!(disguised || host.class.is_none() || has(Attribute::Toolkit, toolkit), "{name}: {toolkit}");
    }
    // Older captures hold images of other makers.
    if demo {
        for (attribute, wanted) in
            [(Attribute::Maker, &host.maker), (Attribute::Family, &host.family), (Attribute::Model, &host.model)]
        {
            if let Some(wanted) = wanted {
                assert!(has(attribute, wanted), "{name}: {attribute} {wanted}");
            }
        }
    }
}

#[test]
fn every_machine_of_the_lab_is_identified_as_the_committed_table_says() {
    let mut text = table::HEAD.to_owned();
    for (baseline, incident) in labs() {
        let demo = baseline.starts_with(root().join("demo"));
        let machines = machines(&truth(&incident));
        for (title, captures) in
            [("A usual day", vec![baseline.clone()]), ("After the incident", vec![baseline.clone(), incident.clone()])]
        {
            let (engine, _) = engine(&captures);
            let seen = seen(&machines, &engine);
            for (machine, told) in &seen {
                let name = &machine.host.name;
                // Who does what the office PC and the laptop are made to do in the incident is no longer what it was.
                if matches!(name.as_str(), "office01" | "rogue") {
                    continue;
                }
                let identity = told.as_ref().unwrap_or_else(|| panic!("{name} was not seen"));
                check(captures.last().unwrap(), machine, identity, demo);
            }
            if demo {
                table::section(&mut text, title, &seen);
            }
        }
    }
    let path = root().join("tests/lab/IDENTITIES.md");
    if std::env::var_os("HOLTER_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, committed, "HOLTER_BLESS=1 rewrites {}", path.display());
}

#[test]
fn a_verdict_is_the_sum_of_its_reasons_and_each_share_is_what_is_lost_without_it() {
    let mut checked = 0;
    for (baseline, incident) in labs() {
        let (engine, _) = engine(&[baseline, incident]);
        for (key, device) in engine.devices().sorted() {
            for verdict in identity(device).verdicts {
                let (attribute, value, told) = (verdict.attribute, verdict.value.as_str(), verdict.confidence);
                let items = reasons(&verdict);
                assert_eq!(arithmetic::confidence(attribute, value, &items), told, "{key}: {verdict:?}");
                for (at, reason) in verdict.reasons.iter().enumerate() {
                    checked += 1;
                    let mut rest = items.clone();
                    rest.remove(at);
                    let without = arithmetic::confidence(attribute, value, &rest);
                    assert_eq!(told - without, reason.share, "{key}: {attribute} {value}: {}", reason.rule);
                }
            }
        }
    }
    assert!(checked >= 200, "{checked} reasons");
}

#[test]
fn without_one_signal_the_confidence_falls_by_what_was_stated() {
    let (mut by_share, mut by_signal) = (0, 0);
    for (baseline, incident) in labs() {
        let (engine, _) = engine(&[baseline, incident]);
        for (key, device) in engine.devices().sorted() {
            let all = evidence(device);
            let signals: BTreeSet<&str> = all.iter().map(|item| signal(item.rule)).collect();
            let before = judge(&all);
            for signal_gone in signals {
                let rest: Vec<Evidence<'_>> =
                    all.iter().copied().filter(|item| signal(item.rule) != signal_gone).collect();
                let after = judge(&rest);
                for verdict in before.verdicts.iter().filter(|verdict| verdict.confidence >= NAMED) {
                    let (attribute, value) = (verdict.attribute, verdict.value.as_str());
                    let items = if attribute == Attribute::Class {
                        arithmetic::of_class(&rest)
                    } else {
                        arithmetic::of_attribute(attribute, &rest)
                    };
                    let expected = arithmetic::confidence(attribute, value, &items);
                    let found =
                        after.verdicts.iter().find(|found| found.attribute == attribute && found.value == value);
                    // A value for which nothing speaks, and one that another now outdoes, has no verdict of its own.
                    let Some(found) = found else {
                        let best = after.best(attribute).map_or(0, |best| best.confidence);
                        let gone = !items.iter().any(|item| item.value == value && item.weight > 0);
                        assert!(gone || best >= expected, "{key}: {attribute} {value} without {signal_gone}");
                        continue;
                    };
                    assert_eq!(found.confidence, expected, "{key}: {attribute} {value} without {signal_gone}");
                    let of_it: Vec<_> =
                        verdict.reasons.iter().filter(|reason| signal(&reason.rule) == signal_gone).collect();
                    let speaks_elsewhere = attribute == Attribute::Class
                        && all.iter().any(|item| {
                            matches!(item.attribute, Attribute::Role | Attribute::Modality)
                                && signal(item.rule) == signal_gone
                        });
                    let against = verdict.against.iter().any(|reason| signal(&reason.rule) == signal_gone);
                    by_signal += usize::from(!of_it.is_empty());
                    if let ([reason], false, false) = (of_it.as_slice(), against, speaks_elsewhere) {
                        by_share += 1;
                        assert_eq!(
                            verdict.confidence - found.confidence,
                            reason.share,
                            "{key}: {attribute} {value}: the stated share of {signal_gone}"
                        );
                    }
                }
            }
        }
    }
    assert!(by_share >= 30 && by_signal >= 36, "{by_share} single reasons of {by_signal}");
}
