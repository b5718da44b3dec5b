//! Findings: behaviour that is unusual for the devices that show it.
//!
//! Each detector is a state machine that is handed events, the [`Scene`] they happened in and packet time. It knows no
//! fingerprint and no wire: what it needs of a device stands in the scene, in words of `holter_terms`. What it finds
//! is a detection of the catalogue with facts, and an id that stays the same when the same thing goes on, so that a
//! later report replaces the earlier one.
//!
//! A detector errs on the side of silence: during the learning time it only watches, and what it learned there never
//! raises a finding. Everything that a peer can make grow has a bound; what a bound refused is counted
//! ([`Detectors::refused`]).

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod associations;
mod borrowed;
mod cases;
mod guessing;
mod known;
mod moves;
mod raised;
mod scene;
mod speakers;
mod sweep;
mod table;
mod titles;
mod zones;

pub use raised::{Fact, FactValue, Machine, Raised};
pub use scene::{Party, Scene};

use associations::Associations;
use holter_phi::{Names, TallyKey};
use holter_protocols::{Event, EventSpec, dicom, hl7};
use holter_terms::Nanos;

/// What the detectors are given at the start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether names of machines are shown or hashed in facts.
    pub names: Names,
    /// The key under which people are counted.
    pub people: TallyKey,
    /// Keys the tables whose keys an attacker chooses. Random at each start, or fixed for a test.
    pub seed: [u8; 16],
}

/// The events that any detector looks at.
static LOOKED_AT: [&EventSpec; 8] = [
    &dicom::command::SPEC,
    &dicom::data_end::SPEC,
    &dicom::data_head::SPEC,
    &hl7::message::SPEC,
    &hl7::end::SPEC,
    &dicom::associate_rq::SPEC,
    &dicom::associate_ac::SPEC,
    &dicom::associate_rj::SPEC,
];

/// All detectors.
pub struct Detectors {
    names: Names,
    associations: Associations,
    titles: titles::Titles,
    sweep: sweep::Sweep,
    moves: moves::Moves,
    zones: zones::Zones,
    speakers: speakers::Speakers,
    guessing: guessing::Guessing,
    borrowed: borrowed::Borrowed,
}

impl Detectors {
    pub fn new(config: Config) -> Self {
        let seed = config.seed;
        Detectors {
            associations: Associations::new(seed),
            titles: titles::Titles::new(seed),
            sweep: sweep::Sweep::new(seed),
            moves: moves::Moves::new(seed),
            zones: zones::Zones::new(seed, config.people),
            speakers: speakers::Speakers::new(seed),
            guessing: guessing::Guessing::new(seed),
            borrowed: borrowed::Borrowed::new(seed, config.names.clone()),
            names: config.names,
        }
    }

    /// Whether a detector looks at events of this kind: the scene of any other need not be set.
    pub fn looks_at(spec: &EventSpec) -> bool {
        LOOKED_AT.iter().any(|looked_at| looked_at.is(spec))
    }

    /// Looks at an event.
    pub fn event(&mut self, at: Nanos, scene: &Scene, event: &dyn Event, out: &mut dyn FnMut(Raised)) {
        if !Self::looks_at(event.spec()) {
            return;
        }
        let step = self.associations.event(scene, event, &self.names);
        self.guessing.event(at, scene, &step, out);
        self.sweep.event(at, scene, &step, &self.titles, out);
        self.moves.event(at, scene, &step, &self.titles, out);
        self.zones.event(at, scene, &step, event, out);
        self.speakers.event(at, scene, &step, event, &self.names, out);
        self.borrowed.event(at, scene, &step, event, &self.titles, out);
        // Last, so that a title is judged by what was known before this event.
        self.titles.event(scene, &step);
    }

    /// A conversation ended.
    pub fn closed(&mut self, conversation: u64) {
        self.associations.closed(conversation);
    }

    /// Once per window and at the end: reports what changed since the last report, and forgets what has gone quiet.
    pub fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        self.guessing.tick(at, out);
        self.sweep.tick(at, out);
        self.moves.tick(at, out);
        self.zones.tick(at, out);
        self.speakers.tick(at, out);
        self.borrowed.tick(at, out);
    }

    /// What the bounds refused since the start, by table.
    pub fn refused(&self) -> [(&'static str, u64); 8] {
        [
            ("detect.associations", self.associations.refused()),
            ("detect.titles", self.titles.refused()),
            ("detect.guessing", self.guessing.refused()),
            ("detect.sweep", self.sweep.refused()),
            ("detect.moves", self.moves.refused()),
            ("detect.zones", self.zones.refused()),
            ("detect.speakers", self.speakers.refused()),
            ("detect.borrowed", self.borrowed.refused()),
        ]
    }
}
