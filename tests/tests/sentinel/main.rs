//! Real devices, known again: data files are learned from some set-ups of a device and judge the others.
//!
//! The captures are not part of the repository; `tests/iot-sentinel/RESULTS.md` holds what came of them.

mod calibration;
#[path = "../identities/expected.rs"]
#[expect(dead_code, reason = "the other test reads the rest")]
mod expected;
mod learn;
mod looks;
#[path = "../played/mod.rs"]
#[expect(dead_code, reason = "other tests need the rest")]
mod played;
mod plot;
mod replay;
mod report;

use holter_evidence::Fingerprints;
use holter_terms::{Attribute, Mac};
use holter_tests::capture::Capture;
use holter_tests::places::{root, shared};
use learn::Seen;
use looks::Feature;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Machines that stand in the captures of so many devices belong to the set-up: its gateway, the phones.
const BYSTANDER: usize = 6;

/// The set-ups, one of each device, that were looked at while this was written. They teach, and are not measured.
const DEVELOPED_ON: usize = 0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    devices: Vec<String>,
    why: String,
}

/// One set-up of a device.
struct Setup {
    device: String,
    /// Which of the device's set-ups it is.
    turn: usize,
    /// What it is to be called: its group's name, where it has one.
    family: String,
    capture: Capture,
    station: Mac,
    seen: BTreeSet<Feature>,
}

/// What came of a set-up that was held out: the family that it was given, if any.
struct Outcome<'a> {
    setup: &'a Setup,
    named: Option<String>,
}

fn setups(folder: &std::path::Path, groups: &Groups) -> Vec<Setup> {
    let sorted = |path: &std::path::Path| {
        let mut paths: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let mut devices: Vec<(String, Vec<Capture>)> = Vec::new();
    for device in sorted(folder) {
        let captures = sorted(&device).iter().map(|path| Capture::read(path).unwrap()).collect();
        devices.push((device.file_name().unwrap().to_str().unwrap().to_owned(), captures));
    }
    let counted: Vec<BTreeMap<Mac, usize>> = devices
        .iter()
        .map(|(_, captures)| {
            let mut all = BTreeMap::new();
            for (mac, frames) in captures.iter().flat_map(replay::stations) {
                *all.entry(mac).or_default() += frames;
            }
            all
        })
        .collect();
    let is_bystander = |mac: &Mac| counted.iter().filter(|stations| stations.contains_key(mac)).count() >= BYSTANDER;
    let mut out = Vec::new();
    for ((device, captures), stations) in devices.into_iter().zip(&counted) {
        let (&station, _) =
            stations.iter().filter(|(mac, _)| !is_bystander(mac)).max_by_key(|(_, frames)| **frames).unwrap();
        let group = groups.group.iter().find(|group| group.devices.contains(&device));
        let family = group.map_or(device.clone(), |group| group.name.clone());
        out.extend(captures.into_iter().enumerate().map(|(turn, capture)| {
            let seen = replay::seen(&capture, station);
            Setup { device: device.clone(), turn, family: family.clone(), capture, station, seen }
        }));
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "data files are words of the program; these were made while it runs")]
fn learned<'a>(from: impl Iterator<Item = &'a Setup>) -> &'static Fingerprints {
    let mut seen = Seen::new();
    for setup in from {
        seen.entry(setup.family.clone()).or_default().push(setup.seen.clone());
    }
    let mut fingerprints = Fingerprints::empty();
    for (name, text) in learn::files(&seen) {
        let text: &'static str = text.leak();
        fingerprints.add(name.leak(), text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    Box::leak(Box::new(fingerprints))
}

fn named(setup: &Setup, fingerprints: &'static Fingerprints, without: &dyn Fn(&str) -> bool) -> Option<String> {
    let identity = replay::judged(&replay::rows(&setup.capture, setup.station, fingerprints), without);
    if std::env::var_os("HOLTER_SAY").is_some() {
        let best = identity.best(Attribute::Family);
        eprintln!("{} {:?}", setup.device, best.map(|best| (&best.value, best.confidence)));
        for reason in best.iter().flat_map(|best| best.reasons.iter().chain(&best.against)) {
            eprintln!("    {} {} {}", reason.rule, reason.value, reason.weight);
        }
    }
    identity.named(Attribute::Family).map(str::to_owned)
}

/// The turns whose set-ups are judged.
fn turns(setups: &[Setup]) -> BTreeSet<usize> {
    let develops = std::env::var_os("HOLTER_DEVELOP").is_some();
    setups.iter().map(|setup| setup.turn).filter(|&turn| (turn == DEVELOPED_ON) == develops).collect()
}

/// Each set-up judged by what the others taught: the second of every device is held out, then the third, and so on.
fn one_setup_out<'a>(setups: &'a [Setup], without: &dyn Fn(&str) -> bool) -> Vec<Outcome<'a>> {
    let mut out = Vec::new();
    for held in turns(setups) {
        let fingerprints = learned(setups.iter().filter(|setup| setup.turn != held));
        for setup in setups.iter().filter(|setup| setup.turn == held) {
            out.push(Outcome { setup, named: named(setup, fingerprints, without) });
        }
    }
    out
}

/// Each family judged by what all others taught: none of them is right.
fn one_family_out(setups: &[Setup]) -> Vec<Outcome<'_>> {
    let families: BTreeSet<&str> = setups.iter().map(|setup| setup.family.as_str()).collect();
    let mut out = Vec::new();
    for family in families {
        let fingerprints = learned(setups.iter().filter(|setup| setup.family != family));
        let turns = turns(setups);
        for setup in setups.iter().filter(|setup| setup.family == family && turns.contains(&setup.turn)) {
            out.push(Outcome { setup, named: named(setup, fingerprints, &|_| false) });
        }
    }
    out
}

fn groups() -> Groups {
    toml::from_str(&std::fs::read_to_string(root().join("tests/iot-sentinel/groups.toml")).unwrap()).unwrap()
}

#[test]
fn real_devices_are_known_again_as_the_committed_table_says() {
    let Some(folder) = shared("corpus/iot-sentinel") else { return };
    let groups = groups();
    let setups = setups(&folder, &groups);
    let again = one_setup_out(&setups, &|_| false);
    let without_oui = one_setup_out(&setups, &|rule| rule.starts_with("measured:oui/"));
    let strangers = one_family_out(&setups);
    let text = report::text(&groups, &again, &without_oui, &strangers);
    let path = root().join("tests/iot-sentinel/RESULTS.md");
    if std::env::var_os("HOLTER_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, committed, "HOLTER_BLESS=1 rewrites {}", path.display());
}
