//! Findings as people work on them: the sensor's account, and what people did with it.

use crate::estate::Source;
use holter_catalogue::{Account, Detection, Value};
use holter_terms::Nanos;
use holter_wire::{FactValue, Finding, Text};

/// The most moves kept of one finding; after that a move is refused.
pub const MOVES_MAX: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Open,
    Acknowledged,
    Closed,
}

impl Standing {
    pub const ALL: [Standing; 3] = [Standing::Open, Standing::Acknowledged, Standing::Closed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Acknowledged => "acknowledged",
            Standing::Closed => "closed",
        }
    }

    pub fn parse(text: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|standing| standing.as_str() == text)
    }
}

/// Who moved a finding where, and when.
#[derive(Debug, Clone)]
pub struct Move {
    pub to: Standing,
    pub who: String,
    pub at: Nanos,
    pub note: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Case {
    pub id: String,
    pub source: Source,
    pub finding: Finding<Text>,
    pub moves: Vec<Move>,
}

impl Case {
    pub fn standing(&self) -> Standing {
        self.moves.last().map_or(Standing::Open, |last| last.to)
    }

    pub fn detection(&self) -> Option<&'static Detection> {
        holter_catalogue::get(self.finding.detection.as_str())
    }

    /// The finding as text, from the catalogue. `name` turns a party into words.
    pub fn account(&self, name: &dyn Fn(&holter_wire::Party) -> String) -> Account {
        let Some(detection) = self.detection() else {
            return Account {
                title: format!("{}: {}", name(&self.finding.subject), self.finding.detection),
                happened: "A sensor reports a detection that this collector has no text for.".to_owned(),
                unusual: "The sensor is newer than the collector.".to_owned(),
                check: vec!["Update the collector.".to_owned()],
                against: Vec::new(),
            };
        };
        let subject = name(&self.finding.subject);
        let peer = self.finding.peer.as_ref().map(name);
        detection.account(&|fact| match fact {
            "subject" => Some(Value::Text(&subject)),
            "peer" => peer.as_deref().map(Value::Text),
            _ => self.finding.facts.iter().find(|known| known.name.as_str() == fact).map(|known| match &known.value {
                FactValue::Number(number) => Value::Number(*number),
                FactValue::Text(text) => Value::Text(text.as_str()),
                FactValue::Address(address) => Value::Address(*address),
                FactValue::Seconds(seconds) => Value::Seconds(*seconds),
                FactValue::Bytes(bytes) => Value::Bytes(*bytes),
            }),
        })
    }
}
