//! `dicom-ae-guessing`: one title after the other is tried until an association is accepted.

use crate::associations::{Step, What};
use crate::cases::{Cases, Content, Grade, Happening};
use crate::raised::{Fact, FactValue, Raised, seconds};
use crate::scene::Scene;
use holter_terms::{DeviceKey, Nanos};

const MAX_CASES: usize = 1024;

/// Titles that are told apart in one case; more are counted as this many.
const MAX_TITLES: usize = 64;

/// Rejected titles, all within ten minutes, that are no mistake any more.
const TITLES: usize = 4;

struct Guesses {
    titles: Vec<u64>,
    rejections: u64,
    accepted: u64,
    last_rejection: Nanos,
}

impl Content for Guesses {
    fn verdict(&self) -> Option<Grade> {
        (self.titles.len() >= TITLES).then_some(if self.accepted > 0 { Grade::Graver } else { Grade::Usual })
    }

    fn facts(&self, first: Nanos, _: Nanos) -> Vec<Fact> {
        let mut facts = vec![
            Fact { name: "titles", value: FactValue::Number(self.titles.len() as u64) },
            Fact { name: "rejections", value: FactValue::Number(self.rejections) },
            Fact { name: "span", value: FactValue::Seconds(seconds(first, self.last_rejection)) },
        ];
        if self.accepted > 0 {
            facts.push(Fact { name: "accepted", value: FactValue::Number(self.accepted) });
        }
        facts
    }
}

pub(crate) struct Guessing {
    cases: Cases<(DeviceKey, DeviceKey), Guesses>,
}

impl Guessing {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Guessing { cases: Cases::new("dicom-ae-guessing", MAX_CASES, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.cases.refused()
    }

    pub(crate) fn event(&mut self, at: Nanos, scene: &Scene, step: &Step, out: &mut dyn FnMut(Raised)) {
        let key = (scene.client.key, scene.server.key);
        let counts = match step.what {
            What::TitleRejected => true,
            What::Accepted => self.cases.get(&key).is_some(),
            _ => false,
        };
        if !counts {
            return;
        }
        let event = Happening {
            at,
            subject: scene.client.machine(),
            peer: Some(scene.server.machine()),
            blind: scene.partly_blind,
        };
        let make = || Guesses { titles: Vec::new(), rejections: 0, accepted: 0, last_rejection: at };
        let change = |guesses: &mut Guesses| {
            if step.what == What::Accepted {
                guesses.accepted = guesses.accepted.saturating_add(1);
                return;
            }
            guesses.rejections = guesses.rejections.saturating_add(1);
            guesses.last_rejection = at;
            if let Some(title) = step.called
                && guesses.titles.len() < MAX_TITLES
                && !guesses.titles.contains(&title.hash)
            {
                guesses.titles.push(title.hash);
            }
        };
        self.cases.add(&key, &event, make, change, out);
    }

    pub(crate) fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        self.cases.tick(at, out);
    }
}
