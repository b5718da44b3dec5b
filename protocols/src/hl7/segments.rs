//! Segments of a message, counted by their names.

use super::tables;
use crate::Sink;
use crate::event::Count;
use arrayvec::ArrayVec;
use holter_phi::{Because, Plain};

/// Names counted in one message; the standard has about three times as many, of which a message uses a few.
pub const SEGMENT_NAMES_MAX: usize = 64;

pub(super) struct Segments {
    names: ArrayVec<Plain<'static>, SEGMENT_NAMES_MAX>,
    counts: ArrayVec<Count, SEGMENT_NAMES_MAX>,
    /// Place of the name that came last, which most often comes again.
    last: usize,
    refused: bool,
}

impl Segments {
    pub(super) fn new() -> Self {
        Segments { names: ArrayVec::new(), counts: ArrayVec::new(), last: 0, refused: false }
    }

    pub(super) fn names(&self) -> &[Plain<'static>] {
        &self.names
    }

    pub(super) fn counts(&self) -> &[Count] {
        &self.counts
    }

    pub(super) fn add(&mut self, segment: &[u8], sink: &mut dyn Sink) {
        let name = segment.get(..3).unwrap_or(segment);
        if self.names.get(self.last).is_none_or(|last| last.bytes() != name) {
            let word = tables::segment(name);
            let known = self.names.iter().position(|known| known.bytes() == word);
            self.last = known.unwrap_or(self.names.len());
            if known.is_none() {
                let new = Plain::new(word, Because::Vocabulary);
                if self.names.try_push(new).is_err() || self.counts.try_push(Count(0)).is_err() {
                    if !std::mem::replace(&mut self.refused, true) {
                        sink.weird("hl7.segment_names");
                    }
                    return;
                }
            }
        }
        if let Some(Count(count)) = self.counts.get_mut(self.last) {
            *count = count.saturating_add(1);
        }
    }
}
