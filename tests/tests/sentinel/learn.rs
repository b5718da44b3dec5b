//! From what was seen of families to data files, in the form of `fingerprints/data/`.
//!
//! What is chosen here was chosen by reasoning and by a look at the first set-up of each device ([`DEVELOPED_ON`]), which
//! is therefore no part of what is measured.
//!
//! [`DEVELOPED_ON`]: crate::DEVELOPED_ON

use crate::looks::{Feature, LOOKS};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A family with what each of its set-ups showed.
pub(crate) type Seen = BTreeMap<String, Vec<BTreeSet<Feature>>>;

/// Families that nobody has shown us and that have this feature too, in families.
const UNKNOWN: f64 = 0.25;

/// What was seen in a single set-up may be chance.
const LEAST: usize = 2;

/// What a value that no set-up of the family showed costs, where no set-up ever brings a new one.
const AGAINST: f64 = 0.7;

/// Something speaks for a family that is likelier behind it than all others together, the unknown ones among them. What
/// two families share would else add up, signal by signal, to a rival of both.
const LIKELIER: f64 = 0.5;

/// A rule that says less is left out.
const WORTH: f64 = 0.05;

/// One data file per family: its name and its text.
pub(crate) fn files(seen: &Seen) -> Vec<(String, String)> {
    let rates: BTreeMap<&str, BTreeMap<&Feature, f64>> =
        seen.iter().map(|(family, setups)| (family.as_str(), rates(setups))).collect();
    seen.iter().map(|(family, setups)| (slug(family), file(family, setups, &rates))).collect()
}

/// The share of set-ups that shows a feature.
fn rates(setups: &[BTreeSet<Feature>]) -> BTreeMap<&Feature, f64> {
    let mut rates = BTreeMap::new();
    for feature in setups.iter().flatten() {
        *rates.entry(feature).or_insert(0.0) += 1.0 / setups.len() as f64;
    }
    rates
}

fn file(family: &str, setups: &[BTreeSet<Feature>], rates: &BTreeMap<&str, BTreeMap<&Feature, f64>>) -> String {
    let mut out = format!("title = \"{family}\"\n");
    let mut rules = 0;
    for (feature, rate) in &rates[family] {
        let times = setups.iter().filter(|setup| setup.contains(*feature)).count();
        let others: f64 =
            rates.iter().filter(|(other, _)| **other != family).filter_map(|(_, of)| of.get(feature)).sum();
        let sure = times as f64 / (times as f64 + 1.0);
        let likely = rate / (rate + others + UNKNOWN);
        let weight = sure * likely;
        if times >= LEAST && likely > LIKELIER {
            rules += 1;
            rule(&mut out, family, rules, feature.look, &feature.only, &feature.tests, weight);
        }
    }
    for look in (0..LOOKS.len()).filter(|&look| LOOKS[look].closed) {
        let shown: Vec<BTreeSet<&Feature>> =
            setups.iter().map(|setup| setup.iter().filter(|feature| feature.look == look).collect()).collect();
        if shown.is_empty() || shown.iter().any(BTreeSet::is_empty) {
            continue;
        }
        // How often a set-up shows what the others of the family do not.
        let new = (0..shown.len())
            .filter(|&one| {
                let others: BTreeSet<_> =
                    (0..shown.len()).filter(|&other| other != one).flat_map(|other| &shown[other]).collect();
                shown[one].iter().any(|feature| !others.contains(feature))
            })
            .count();
        let stable = 1.0 - (new as f64 + 0.5) / (shown.len() as f64 + 1.0);
        let all: BTreeSet<&Feature> = shown.into_iter().flatten().collect();
        let Some(first) = all.first() else { continue };
        let denials: Vec<String> =
            all.iter().flat_map(|feature| &feature.tests).map(|test| format!("{test}, not = true")).collect();
        if AGAINST * stable >= WORTH {
            rules += 1;
            rule(&mut out, family, rules, look, &first.only, &denials, -AGAINST * stable);
        }
    }
    out
}

fn rule(out: &mut String, family: &str, number: usize, look: usize, only: &[String], tests: &[String], weight: f64) {
    let look = &LOOKS[look];
    let about = if look.event == "dhcp.message" { "about = \"dhcp-client\"\n" } else { "" };
    let when: String = only.iter().chain(tests).map(|test| format!("    {{ {test} }},\n")).collect();
    let _ = write!(
        out,
        "\n[[rule]]\nname = \"measured:{}/{}.r{number}\"\norigin = \"set-ups of the device\"\nevent = \"{}\"\n{about}when = [\n{when}]\n\
         says = [{{ attribute = \"family\", value = \"{family}\", weight = {} }}]\n",
        look.signal,
        slug(family),
        look.event,
        (weight * 100.0).round() as i8,
    );
}

fn slug(family: &str) -> String {
    family
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect()
}
