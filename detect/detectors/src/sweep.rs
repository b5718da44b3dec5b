//! `dicom-find-sweep`: a device that is no reader of images asks an archive about its patients.

use crate::associations::{Step, Title, What};
use crate::cases::{Cases, Content, Grade, Happening};
use crate::known::Known;
use crate::raised::{Fact, FactValue, Machine, Raised, seconds};
use crate::scene::Scene;
use crate::titles::Titles;
use holter_phi::Label;
use holter_terms::{DeviceKey, Nanos};

/// Devices, and their addresses, that are held to be readers of images.
const MAX_READERS: usize = 16_384;

/// Devices that may be under watch at the same time.
const MAX_CASES: usize = 1024;

/// A query this short, in bytes of its data set, holds hardly any key with a value.
const BROAD: u64 = 100;

/// A device that was known before, and asks for the first time, becomes a finding with this many queries or answers.
const QUERIES_OF_THE_KNOWN: u64 = 10;
const ANSWERS_OF_THE_KNOWN: u64 = 100;

/// From this many answers on it is grave whoever asks.
const MANY_ANSWERS: u64 = 100;

/// Archives that are told apart in one case; more are counted as this many.
const MAX_ARCHIVES: usize = 16;

struct Search {
    newcomer: bool,
    queries: u64,
    broad: u64,
    answers: u64,
    archives: Vec<DeviceKey>,
    borrowed: Option<(Title, Machine, Label)>,
    title: Option<Title>,
}

impl Content for Search {
    fn verdict(&self) -> Option<Grade> {
        if self.queries == 0 {
            return None;
        }
        let drew = self.answers > 0 || self.queries >= 3;
        if self.borrowed.is_some() && self.broad > 0 && drew {
            return Some(Grade::Graver);
        }
        let much = self.queries >= QUERIES_OF_THE_KNOWN || self.answers >= ANSWERS_OF_THE_KNOWN;
        let strange = self.newcomer && self.broad > 0 && drew;
        let grade = if self.answers > MANY_ANSWERS { Grade::Graver } else { Grade::Usual };
        (much || strange).then_some(grade)
    }

    fn facts(&self, first: Nanos, last: Nanos) -> Vec<Fact> {
        let mut facts = vec![
            Fact { name: "queries", value: FactValue::Number(self.queries) },
            Fact { name: "answers", value: FactValue::Number(self.answers) },
            Fact { name: "broad", value: FactValue::Number(self.broad) },
            Fact { name: "archives", value: FactValue::Number(self.archives.len() as u64) },
            Fact { name: "span", value: FactValue::Seconds(seconds(first, last)) },
        ];
        let title = self.borrowed.map(|(title, ..)| title).or(self.title);
        facts.extend(title.map(|title| Fact { name: "ae_title", value: FactValue::Text(title.label) }));
        facts.extend(self.borrowed.map(|(.., owner)| Fact { name: "ae_owner", value: FactValue::Text(owner) }));
        facts
    }
}

pub(crate) struct Sweep {
    readers: Known,
    cases: Cases<DeviceKey, Search>,
}

impl Sweep {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Sweep { readers: Known::new(MAX_READERS, seed), cases: Cases::new("dicom-find-sweep", MAX_CASES, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.readers.refused().saturating_add(self.cases.refused())
    }

    pub(crate) fn event(
        &mut self,
        at: Nanos,
        scene: &Scene,
        step: &Step,
        titles: &Titles,
        out: &mut dyn FnMut(Raised),
    ) {
        let reads =
            matches!(step.what, What::Query | What::QueryData { .. } | What::Match | What::Move { .. } | What::Get);
        if !reads {
            return;
        }
        let reader = scene.client.key;
        if scene.learning {
            self.readers.add(&scene.client, scene.protocol);
            return;
        }
        // A retrieval is the business of other detections, and does not make its sender a reader either.
        if self.readers.has(&scene.client, scene.protocol) || matches!(step.what, What::Move { .. } | What::Get) {
            return;
        }
        let owner = step.calling.and_then(|title| {
            let owner = titles.borrowed_from(&title, &scene.client)?;
            Some((title, owner, crate::raised::address_label(&owner)))
        });
        let event = Happening {
            at,
            subject: scene.client.machine(),
            peer: Some(scene.server.machine()),
            blind: scene.partly_blind,
        };
        let newcomer = !scene.client.known_before;
        let make =
            || Search { newcomer, queries: 0, broad: 0, answers: 0, archives: Vec::new(), borrowed: None, title: None };
        let change = |search: &mut Search| {
            match step.what {
                What::Query => search.queries = search.queries.saturating_add(1),
                What::QueryData { bytes } if bytes < BROAD => search.broad = search.broad.saturating_add(1),
                What::Match => search.answers = search.answers.saturating_add(1),
                _ => {}
            }
            search.borrowed = search.borrowed.or(owner);
            search.title = step.calling.or(search.title);
            if search.archives.len() < MAX_ARCHIVES && !search.archives.contains(&scene.server.key) {
                search.archives.push(scene.server.key);
            }
        };
        self.cases.add(&reader, &event, make, change, out);
    }

    pub(crate) fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        self.cases.tick(at, out);
    }
}
