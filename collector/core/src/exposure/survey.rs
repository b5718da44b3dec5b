//! Many devices at once. Devices of one kind share what names of products say of them, so that it is worked out once.

use super::naming::Match;
use super::shelf::Shelf;
use super::state::{Exposure, State};
use super::subject::{Claim, Subject};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The most kinds of device that one survey remembers; of later ones each is worked out anew.
pub const KINDS_MAX: usize = 65_536;

/// Asks one shelf about many devices.
#[derive(Debug)]
pub struct Survey<'a> {
    shelf: &'a Shelf,
    kinds: BTreeMap<String, Vec<Match>>,
    key: String,
    found: Vec<Exposure>,
    /// Kinds that were not remembered.
    pub refused: u64,
}

/// How many items there are of each state, in the order of [`State::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts(pub [u64; 4]);

impl Counts {
    pub fn add(&mut self, state: State) {
        for (count, of) in self.0.iter_mut().zip(State::ALL) {
            *count = count.saturating_add(u64::from(of == state));
        }
    }

    pub fn of(&self, state: State) -> u64 {
        self.0.iter().zip(State::ALL).find(|(_, of)| *of == state).map_or(0, |(count, _)| *count)
    }
}

impl<'a> Survey<'a> {
    pub fn of(shelf: &'a Shelf) -> Survey<'a> {
        Survey { shelf, kinds: BTreeMap::new(), key: String::new(), found: Vec::new(), refused: 0 }
    }

    /// What [`Shelf::exposures`] says of a device; good until the next one.
    pub fn ask(&mut self, subject: &Subject<'_>) -> &[Exposure] {
        self.key.clear();
        for claim in [subject.maker, subject.family, subject.model, subject.os] {
            match claim {
                Some(Claim { value, confidence, .. }) => _ = write!(self.key, "{confidence} {value}\u{0}"),
                None => self.key.push('\u{0}'),
            }
        }
        self.found.clear();
        if let Some(matches) = self.kinds.get(&self.key) {
            self.shelf.settle(matches, subject.version, subject.os, &mut self.found);
        } else {
            let matches = self.shelf.matches(subject);
            self.shelf.settle(&matches, subject.version, subject.os, &mut self.found);
            if self.kinds.len() < KINDS_MAX {
                self.kinds.insert(self.key.clone(), matches);
            } else {
                self.refused = self.refused.saturating_add(1);
            }
        }
        &self.found
    }
}
