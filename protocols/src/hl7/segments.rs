//! Segments of a message, counted by their names.

use super::tables;
use crate::Sink;
use crate::event::Count;
use holter_phi::{Because, Plain};

/// Names counted in one message; the standard has about three times as many, of which a message uses a few.
pub const SEGMENT_NAMES_MAX: usize = 64;

pub(super) struct Segments {
    names: [Plain<'static>; SEGMENT_NAMES_MAX],
    counts: [Count; SEGMENT_NAMES_MAX],
    used: usize,
    /// Place of the name that came last, which most often comes again.
    last: usize,
    refused: bool,
}

impl Segments {
    pub(super) fn new() -> Self {
        Segments {
            names: [Plain::new(b"", Because::Vocabulary); SEGMENT_NAMES_MAX],
            counts: [Count(0); SEGMENT_NAMES_MAX],
            used: 0,
            last: 0,
            refused: false,
        }
    }

    pub(super) fn names(&self) -> &[Plain<'static>] {
        self.names.get(..self.used).unwrap_or_default()
    }

    pub(super) fn counts(&self) -> &[Count] {
        self.counts.get(..self.used).unwrap_or_default()
    }

    pub(super) fn add(&mut self, segment: &[u8], sink: &mut dyn Sink) {
        let name = segment.get(..3).unwrap_or(segment);
        if self.names().get(self.last).is_none_or(|last| last.bytes() != name) {
            let word = tables::segment(name);
            let known = self.names().iter().position(|known| known.bytes() == word);
            self.last = known.unwrap_or(self.used);
            if known.is_none() {
                match self.names.get_mut(self.used) {
                    Some(slot) => {
                        *slot = Plain::new(word, Because::Vocabulary);
                        self.used = self.used.saturating_add(1);
                    }
                    None if !std::mem::replace(&mut self.refused, true) => return sink.weird("hl7.segment_names"),
                    None => return,
                }
            }
        }
        if let Some(Count(count)) = self.counts.get_mut(self.last) {
            *count = count.saturating_add(1);
        }
    }
}
