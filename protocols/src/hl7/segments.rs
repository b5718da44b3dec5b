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
    /// Names as they were written, and their places: several that the standard does not know share one.
    written: ArrayVec<([u8; 3], usize), SEGMENT_NAMES_MAX>,
    refused: bool,
}

impl Segments {
    pub(super) fn new() -> Self {
        Segments { names: ArrayVec::new(), counts: ArrayVec::new(), written: ArrayVec::new(), refused: false }
    }

    pub(super) fn names(&self) -> &[Plain<'static>] {
        &self.names
    }

    pub(super) fn counts(&self) -> &[Count] {
        &self.counts
    }

    pub(super) fn add(&mut self, segment: &[u8], sink: &mut dyn Sink) {
        let name = segment.first_chunk().copied();
        // What comes again most often came last.
        let known = name.and_then(|name| self.written.iter().rev().find(|(written, _)| *written == name));
        let place = match known {
            Some((_, place)) => *place,
            None => {
                let word = tables::segment(segment.get(..3).unwrap_or(segment));
                let Some(place) = self.place(word) else {
                    if !std::mem::replace(&mut self.refused, true) {
                        sink.weird("hl7.segment_names");
                    }
                    return;
                };
                if let Some(name) = name {
                    // Of more, each is looked up again.
                    let _ = self.written.try_push((name, place));
                }
                place
            }
        };
        if let Some(Count(count)) = self.counts.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }

    /// The place of a word, made now if there is room.
    fn place(&mut self, word: &'static [u8]) -> Option<usize> {
        if let Some(place) = self.names.iter().position(|known| known.bytes() == word) {
            return Some(place);
        }
        self.names.try_push(Plain::new(word, Because::Vocabulary)).ok()?;
        self.counts.try_push(Count(0)).ok()?;
        Some(self.counts.len().saturating_sub(1))
    }
}
