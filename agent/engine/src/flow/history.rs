//! What streams have lately passed on to those who read it, kept aside so that what comes again can be compared.
//!
//! Segments are passed on in place, and a receiver that has read a byte keeps it; but that another byte was sent for the
//! same place must be told. Only bytes that a decoder may look at are remembered, so the bulk of images and of what is
//! encrypted costs nothing. One ring serves all streams: what it forgets, it forgets by age.

use super::limits::{HISTORY_STEPS, wide};
use std::num::NonZeroU64;

/// How many runs of bytes are remembered.
const RUNS: usize = 16_384;

#[derive(Clone, Copy)]
struct Run {
    /// The sequence number of its first byte.
    at: u32,
    length: u32,
    /// Where it lies, counted from the first byte that was ever written.
    place: u64,
    /// The run before it in its stream.
    before: Mark,
}

/// The latest run of a stream, by one more than its number; of a stream of which nothing was remembered, none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark(Option<NonZeroU64>);

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// Nothing that was read differs.
    Same,
    Differs,
    /// Part of what was read is forgotten, and what is left is the same.
    Forgotten,
}

pub(super) struct History {
    bytes: Vec<u8>,
    written: u64,
    runs: Vec<Run>,
    next: u64,
}

impl History {
    /// Remembers the latest `room` bytes; with 0 nothing.
    pub(super) fn new(room: usize) -> Self {
        History { bytes: vec![0; room], written: 0, runs: Vec::with_capacity(RUNS), next: 0 }
    }

    /// Adds to what a stream has passed on; gives its new mark.
    pub(super) fn remember(&mut self, before: Mark, at: u32, bytes: &[u8]) -> Mark {
        // Longer than the ring, it is remembered as forgotten: nothing lies where it should.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let run = Run { at, length, place: self.written, before };
        match self.runs.get_mut(self.next as usize % RUNS) {
            Some(oldest) => *oldest = run,
            None => self.runs.push(run),
        }
        self.next = self.next.saturating_add(1);
        let mark = Mark(NonZeroU64::new(self.next));
        let room = self.bytes.len();
        if bytes.len() <= room
            && let Some(from) = usize::try_from(self.written).unwrap_or(0).checked_rem(room)
        {
            let (head, tail) = bytes.split_at(bytes.len().min(room.saturating_sub(from)));
            if let Some(target) = self.bytes.get_mut(from..from.saturating_add(head.len())) {
                target.copy_from_slice(head);
            }
            if let Some(target) = self.bytes.get_mut(..tail.len()) {
                target.copy_from_slice(tail);
            }
        }
        self.written = self.written.saturating_add(wide(bytes.len()));
        mark
    }

    /// Compares bytes with what their stream has passed on for the same place. What lies between its runs was not to be
    /// read by anyone.
    pub(super) fn compare(&self, latest: Mark, at: u32, bytes: &[u8]) -> Compared {
        let mut number = latest;
        for _ in 0..HISTORY_STEPS {
            let Mark(Some(there)) = number else { return Compared::Same };
            let Some(run) = self.run(there.get().saturating_sub(1)) else { return Compared::Forgotten };
            // Where the run begins, as seen from the bytes.
            let begins = i64::from(run.at.wrapping_sub(at).cast_signed());
            let ends = begins.saturating_add(i64::from(run.length));
            if ends <= 0 {
                return Compared::Same;
            }
            let from = usize::try_from(begins.max(0)).unwrap_or(usize::MAX);
            let to = usize::try_from(ends).unwrap_or(0).min(bytes.len());
            if let Some(new) = bytes.get(from..to).filter(|new| !new.is_empty()) {
                let skipped = wide(from).saturating_add_signed(begins.saturating_neg());
                match self.is_same(run.place.saturating_add(skipped), new) {
                    Some(true) => {}
                    Some(false) => return Compared::Differs,
                    None => return Compared::Forgotten,
                }
            }
            if begins <= 0 {
                return Compared::Same;
            }
            number = run.before;
        }
        Compared::Forgotten
    }

    fn run(&self, number: u64) -> Option<&Run> {
        let age = self.next.saturating_sub(number);
        if age > wide(RUNS) { None } else { self.runs.get(number as usize % RUNS) }
    }

    /// `None` where what lay at `place` has been written over.
    fn is_same(&self, place: u64, bytes: &[u8]) -> Option<bool> {
        let room = self.bytes.len();
        if self.written.saturating_sub(place) > wide(room) {
            return None;
        }
        let from = usize::try_from(place).ok()?.checked_rem(room)?;
        let (head, tail) = bytes.split_at(bytes.len().min(room.saturating_sub(from)));
        let there = self.bytes.get(from..from.saturating_add(head.len()))?;
        Some(there == head && self.bytes.get(..tail.len())? == tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_passed_on_is_compared_across_runs_and_the_end_of_the_ring() {
        let mut history = History::new(50);
        let (mut mine, mut other) = (Mark::default(), Mark::default());
        for n in 0..20u32 {
            let at = (u32::MAX - 4).wrapping_add(n * 10);
            mine = history.remember(mine, at, &[n as u8; 10]);
            other = history.remember(other, n * 3, b"abc");
            assert_eq!(history.compare(mine, at.wrapping_add(2), &[n as u8; 8]), Compared::Same);
            assert_eq!(history.compare(mine, at.wrapping_add(2), &[99; 1]), Compared::Differs);
            assert_eq!(history.compare(mine, at.wrapping_add(9), &[99; 4]), Compared::Differs);
            assert_eq!(history.compare(mine, at.wrapping_add(10), &[99; 4]), Compared::Same, "not passed on yet");
            assert_eq!(history.compare(other, n * 3, b"abX"), Compared::Differs);
            if n > 0 {
                let both = [[n as u8 - 1; 5], [n as u8; 5]].concat();
                assert_eq!(history.compare(mine, at.wrapping_sub(5), &both), Compared::Same);
                assert_eq!(history.compare(mine, at.wrapping_sub(6), &[&[99], &both[..]].concat()), Compared::Differs);
            }
        }
        assert_eq!(history.compare(mine, u32::MAX - 4, &[0; 10]), Compared::Forgotten);
        assert_eq!(history.compare(Mark::default(), 5, b"x"), Compared::Same);
    }

    #[test]
    fn what_nobody_read_is_not_compared() {
        let mut history = History::new(100);
        let mark = history.remember(Mark::default(), 0, b"aaaa");
        let mark = history.remember(mark, 10, b"bbbb");
        assert_eq!(history.compare(mark, 0, b"aaaaXXXXXXbbbb"), Compared::Same);
        assert_eq!(history.compare(mark, 4, b"XXXXXX"), Compared::Same);
        assert_eq!(history.compare(mark, 3, b"XXXXXX"), Compared::Differs);
    }

    #[test]
    fn a_look_back_is_bounded_and_what_lies_beyond_is_forgotten() {
        let mut history = History::new(100_000);
        let mut mark = Mark::default();
        for n in 0..20_000u32 {
            mark = history.remember(mark, n, b"x");
        }
        let reach = u32::try_from(HISTORY_STEPS).unwrap();
        assert_eq!(history.compare(mark, 20_000 - reach, b"x"), Compared::Same);
        assert_eq!(history.compare(mark, 20_000 - reach - 1, b"x"), Compared::Forgotten);
        let longer = history.remember(mark, 20_000, &[1; 100_001]);
        assert_eq!(history.compare(longer, 20_000, b"x"), Compared::Forgotten);
        let mut without = History::new(0);
        let mark = without.remember(Mark::default(), 0, b"aaaa");
        assert_eq!(without.compare(mark, 0, b"aaaa"), Compared::Forgotten);
    }
}
