//! The risk of a device: a sum of named factors whose weights a site can edit. Every factor is shown with what it adds.

use super::error::FileError;
use super::state::State;
use holter_terms::{DeviceClass, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::Spanned;

/// A part of the risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    Severity,
    Certainty,
    Exploited,
    Consequence,
    Insecure,
    Reach,
    NoFix,
    Overdue,
}

impl Factor {
    pub const ALL: [Factor; 8] = [
        Factor::Severity,
        Factor::Certainty,
        Factor::Exploited,
        Factor::Consequence,
        Factor::Insecure,
        Factor::Reach,
        Factor::NoFix,
        Factor::Overdue,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Factor::Severity => "severity",
            Factor::Certainty => "certainty",
            Factor::Exploited => "exploited",
            Factor::Consequence => "consequence",
            Factor::Insecure => "insecure",
            Factor::Reach => "reach",
            Factor::NoFix => "no_fix",
            Factor::Overdue => "overdue",
        }
    }
}

/// Weights and the values of words, all 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    weights: BTreeMap<Factor, u8>,
    certainty: BTreeMap<State, u8>,
    class: BTreeMap<DeviceClass, u8>,
    insecure: BTreeMap<Severity, u8>,
}

/// What the risk of a device is made from. Exposures that are accepted are left out by who fills this in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Tenths of the gravest base score among affected and likely.
    pub worst_score: u8,
    /// The gravest state.
    pub state: Option<State>,
    pub exploited: bool,
    pub class: Option<DeviceClass>,
    pub insecure: Option<Severity>,
    pub reached_from_outside: bool,
    pub no_fix: bool,
    pub overdue: bool,
}

/// A risk with its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// Tenths, 0 to 1000: the sum of the parts.
    pub tenths: u16,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Part {
    pub factor: Factor,
    pub weight: u8,
    /// Percent of the weight that counts.
    pub value: u8,
    /// Tenths that it adds.
    pub adds: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    weights: Spanned<BTreeMap<Spanned<String>, Spanned<i64>>>,
    certainty: Spanned<BTreeMap<Spanned<String>, Spanned<i64>>>,
    class: Spanned<BTreeMap<Spanned<String>, Spanned<i64>>>,
    insecure: Spanned<BTreeMap<Spanned<String>, Spanned<i64>>>,
}

type Table = Spanned<BTreeMap<Spanned<String>, Spanned<i64>>>;

/// Every word of a vocabulary, each once, with a number of 0 to 100.
fn words<K: Ord + Copy>(
    (file, text): (&str, &str),
    table: &Table,
    all: &[K],
    parse: impl Fn(&str) -> Option<K>,
) -> Result<BTreeMap<K, u8>, FileError> {
    let mut found = BTreeMap::new();
    for (word, number) in table.get_ref() {
        let key = parse(word.get_ref())
            .ok_or_else(|| FileError::at(file, text, word.span(), "no such word in this table"))?;
        let number = u8::try_from(*number.get_ref()).ok().filter(|number| *number <= 100);
        let number = number.ok_or_else(|| FileError::at(file, text, word.span(), "a number of 0 to 100"))?;
        found.insert(key, number);
    }
    if all.iter().any(|key| !found.contains_key(key)) {
        return Err(FileError::at(file, text, table.span(), "a word of this table is missing"));
    }
    Ok(found)
}

impl Weights {
    pub fn built_in() -> Result<Weights, FileError> {
        Weights::read("risk.toml", include_str!("data/risk.toml"))
    }

    pub fn read(file: &str, text: &str) -> Result<Weights, FileError> {
        let parsed: File = toml::from_str(text).map_err(|error| FileError::toml(file, text, &error))?;
        let place = (file, text);
        let states = [State::Affected, State::Likely, State::Unknown];
        let state = |word: &str| states.into_iter().find(|state| state.as_str() == word);
        let factor = |word: &str| Factor::ALL.into_iter().find(|factor| factor.as_str() == word);
        let weights = words(place, &parsed.weights, &Factor::ALL, factor)?;
        if weights.values().map(|weight| u32::from(*weight)).sum::<u32>() > 100 {
            return Err(FileError::at(file, text, parsed.weights.span(), "the weights are more than 100 together"));
        }
        Ok(Weights {
            weights,
            certainty: words(place, &parsed.certainty, &states, state)?,
            class: words(place, &parsed.class, DeviceClass::ALL, DeviceClass::parse)?,
            insecure: words(place, &parsed.insecure, Severity::ALL, Severity::parse)?,
        })
    }

    pub fn risk(&self, facts: &Facts) -> Risk {
        let yes = |fact: bool| if fact { 100 } else { 0 };
        let value = |factor: Factor| match factor {
            Factor::Severity => facts.worst_score.min(100),
            Factor::Certainty => facts.state.and_then(|state| self.certainty.get(&state)).copied().unwrap_or(0),
            Factor::Exploited => yes(facts.exploited),
            Factor::Consequence => self.class.get(&facts.class.unwrap_or(DeviceClass::Unknown)).copied().unwrap_or(0),
            Factor::Insecure => facts.insecure.and_then(|grade| self.insecure.get(&grade)).copied().unwrap_or(0),
            Factor::Reach => yes(facts.reached_from_outside),
            Factor::NoFix => yes(facts.no_fix),
            Factor::Overdue => yes(facts.overdue),
        };
        let mut parts: Vec<Part> = Factor::ALL
            .into_iter()
            .map(|factor| {
                let (weight, value) = (self.weights.get(&factor).copied().unwrap_or(0), value(factor));
                let adds = u16::from(weight).saturating_mul(u16::from(value)).saturating_add(5) / 10;
                Part { factor, weight, value, adds }
            })
            .collect();
        // What a failure could do is no risk of a device to which nothing points.
        if parts.iter().all(|part| part.factor == Factor::Consequence || part.adds == 0) {
            parts.iter_mut().for_each(|part| part.adds = 0);
        }
        let tenths = parts.iter().fold(0_u16, |sum, part| sum.saturating_add(part.adds));
        Risk { tenths, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORST: Facts = Facts {
        worst_score: 100,
        state: Some(State::Affected),
        exploited: true,
        class: Some(DeviceClass::Therapy),
        insecure: Some(Severity::Critical),
        reached_from_outside: true,
        no_fix: true,
        overdue: true,
    };

    #[test]
    fn a_risk_is_the_sum_of_its_parts_and_never_above_a_hundred() {
        let weights = Weights::built_in().unwrap();
        let risk = weights.risk(&WORST);
        assert_eq!(risk.tenths, 1000);
        let facts = Facts { worst_score: 98, state: Some(State::Likely), ..Facts::default() };
        let risk = weights.risk(&facts);
        assert_eq!(risk.tenths, risk.parts.iter().map(|part| part.adds).sum::<u16>());
        // 25 x 0.98 + 15 x 0.6 + 15 x 0.3
        assert_eq!(risk.tenths, 245 + 90 + 45);
    }

    #[test]
    fn a_pump_to_which_nothing_points_has_no_risk() {
        let weights = Weights::built_in().unwrap();
        assert_eq!(weights.risk(&Facts { class: Some(DeviceClass::Therapy), ..Facts::default() }).tenths, 0);
    }

    #[test]
    fn a_site_can_edit_the_weights_and_a_fault_has_its_place() {
        let text = include_str!("data/risk.toml");
        let edited = text.replace("severity = 25", "severity = 0");
        assert_eq!(Weights::read("risk.toml", &edited).unwrap().risk(&WORST).tenths, 750);
        let line = text.lines().position(|line| line.starts_with("severity")).unwrap() + 1;
        let fault = |from: &str, to: &str| Weights::read("risk.toml", &text.replace(from, to)).unwrap_err();
        let error = fault("severity = 25", "severity = 101");
        assert_eq!((error.line, error.column, error.what.as_str()), (line, 1, "a number of 0 to 100"));
        assert_eq!(fault("severity = 25", "severita = 25").what, "no such word in this table");
        assert_eq!(fault("severity = 25\n", "").what, "a word of this table is missing");
        assert_eq!(fault("severity = 25", "severity = 26").what, "the weights are more than 100 together");
    }
}
