//! `dicom-move-unknown-destination`: a C-MOVE names a destination that no known device has.

use crate::associations::{Step, Title, What};
use crate::cases::{Cases, Content, Grade, Happening};
use crate::raised::{Fact, FactValue, Raised, seconds};
use crate::scene::Scene;
use crate::titles::Titles;
use holter_terms::{DeviceKey, Nanos};

const MAX_CASES: usize = 1024;

struct Move {
    destination: Title,
    requests: u64,
    completed: u64,
    refused: u64,
}

impl Content for Move {
    fn verdict(&self) -> Option<Grade> {
        (self.requests > 0).then_some(if self.completed > 0 { Grade::Graver } else { Grade::Usual })
    }

    fn object(&self) -> &[u8] {
        self.destination.label.as_str().as_bytes()
    }

    fn facts(&self, first: Nanos, last: Nanos) -> Vec<Fact> {
        let mut facts = vec![
            Fact { name: "destination", value: FactValue::Text(self.destination.label) },
            Fact { name: "requests", value: FactValue::Number(self.requests) },
            Fact { name: "completed", value: FactValue::Number(self.completed) },
            Fact { name: "span", value: FactValue::Seconds(seconds(first, last)) },
        ];
        if self.refused > 0 {
            facts.push(Fact { name: "refused", value: FactValue::Number(self.refused) });
        }
        facts
    }
}

/// Who asked whom, for which destination.
type Key = (DeviceKey, DeviceKey, u64);

pub(crate) struct Moves {
    cases: Cases<Key, Move>,
}

impl Moves {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Moves { cases: Cases::new("dicom-move-unknown-destination", MAX_CASES, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.cases.refused()
    }

    pub(crate) fn event(
        &mut self,
        at: Nanos,
        scene: &Scene,
        step: &Step,
        titles: &Titles,
        out: &mut dyn FnMut(Raised),
    ) {
        let (destination, asked) = match step.what {
            What::Move { destination } => (destination, true),
            What::Moved { destination, .. } => (destination, false),
            _ => return,
        };
        let key = (scene.client.key, scene.server.key, destination.hash);
        // An answer belongs to a request that was judged when it came.
        let watched =
            if asked { !scene.learning && !titles.is_known(&destination) } else { self.cases.get(&key).is_some() };
        if !watched {
            return;
        }
        let event = Happening {
            at,
            subject: scene.client.machine(),
            peer: Some(scene.server.machine()),
            blind: scene.partly_blind,
        };
        let make = || Move { destination, requests: 0, completed: 0, refused: 0 };
        let change = |case: &mut Move| match step.what {
            What::Move { .. } => case.requests = case.requests.saturating_add(1),
            // Completed counts all sub-operations so far; only the last response has the sum (PS3.4 C.4.2.1.8).
            What::Moved { completed, failed, last: true, .. } => {
                case.completed = case.completed.saturating_add(completed);
                case.refused = case.refused.saturating_add(u64::from(failed));
            }
            _ => {}
        };
        self.cases.add(&key, &event, make, change, out);
    }

    pub(crate) fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        self.cases.tick(at, out);
    }
}
