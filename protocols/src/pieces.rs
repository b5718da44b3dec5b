//! Bytes that come in pieces with offsets, in any order and more than once: fragments of DTLS, CRYPTO frames of QUIC.

use crate::Malformed;

/// The most that is joined.
pub(crate) const JOINED_MAX: usize = 16 * 1024;
/// Separate ranges that are remembered; a piece that would need one more is dropped.
pub(crate) const RANGES_MAX: usize = 32;

#[derive(Default)]
pub(crate) struct Pieces {
    /// Of [`JOINED_MAX`] bytes, from the first piece on.
    bytes: Vec<u8>,
    ranges: [(usize, usize); RANGES_MAX],
    count: usize,
}

impl Pieces {
    /// Puts a piece in its place. What is there already stays.
    pub(crate) fn put(&mut self, offset: u64, piece: &[u8], field: &'static str) -> Result<(), Malformed> {
        let broken = Malformed { field, at: 0 };
        let from = usize::try_from(offset).map_err(|_| broken)?;
        let to = from.checked_add(piece.len()).filter(|to| *to <= JOINED_MAX).ok_or(broken)?;
        if piece.is_empty() {
            return Ok(());
        }
        if self.bytes.is_empty() {
            self.bytes.resize(JOINED_MAX, 0);
        }
        self.fill(from, piece);
        self.join(from, to);
        Ok(())
    }

    /// The first writer of a byte wins, as in every stream here.
    fn fill(&mut self, from: usize, piece: &[u8]) {
        let mut at = from;
        let end = from.saturating_add(piece.len());
        while at < end {
            let known = self.known().iter().find(|(start, stop)| *start <= at && at < *stop);
            if let Some((_, stop)) = known {
                at = *stop;
                continue;
            }
            let next = self.known().iter().map(|(start, _)| *start).filter(|start| *start > at).min();
            let until = next.unwrap_or(end).min(end);
            let source = piece.get(at.saturating_sub(from)..until.saturating_sub(from));
            if let (Some(place), Some(source)) = (self.bytes.get_mut(at..until), source) {
                place.copy_from_slice(source);
            }
            at = until;
        }
    }

    fn known(&self) -> &[(usize, usize)] {
        self.ranges.get(..self.count).unwrap_or_default()
    }

    fn join(&mut self, mut from: usize, mut to: usize) {
        let mut kept = 0usize;
        for at in 0..self.count {
            let Some(&(start, stop)) = self.ranges.get(at) else { break };
            if start <= to && from <= stop {
                from = from.min(start);
                to = to.max(stop);
            } else if let Some(slot) = self.ranges.get_mut(kept) {
                *slot = (start, stop);
                kept = kept.saturating_add(1);
            }
        }
        if let Some(slot) = self.ranges.get_mut(kept) {
            *slot = (from, to);
            kept = kept.saturating_add(1);
        }
        self.count = kept;
    }

    /// What stands at the beginning without a hole.
    pub(crate) fn front(&self) -> &[u8] {
        let end = self.known().iter().find(|(start, _)| *start == 0).map_or(0, |(_, stop)| *stop);
        self.bytes.get(..end).unwrap_or_default()
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    /// Gives its memory back.
    pub(crate) fn free(&mut self) {
        *self = Pieces::default();
    }

    pub(crate) fn held(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(pieces: &mut Pieces, offset: u64, piece: &[u8]) -> bool {
        pieces.put(offset, piece, "x").is_ok()
    }

    #[test]
    fn pieces_join_in_any_order_and_the_first_writer_wins() {
        let mut pieces = Pieces::default();
        assert!(put(&mut pieces, 4, b"EF"));
        assert_eq!(pieces.front(), b"");
        assert!(put(&mut pieces, 1, b"BCDxx"));
        assert!(put(&mut pieces, 0, b"Ay"));
        assert_eq!(pieces.front(), b"ABCDEF");
        assert!(put(&mut pieces, 5, b"zG"));
        assert_eq!(pieces.front(), b"ABCDEFG");
        pieces.clear();
        assert_eq!(pieces.front(), b"");
    }

    #[test]
    fn offsets_beyond_the_bound_and_pieces_without_end_are_refused_or_dropped() {
        let mut pieces = Pieces::default();
        assert!(!put(&mut pieces, 1 << 62, b"x"));
        assert!(!put(&mut pieces, u64::MAX, b"x"));
        assert!(!put(&mut pieces, JOINED_MAX as u64, b"x"));
        assert!(put(&mut pieces, JOINED_MAX as u64 - 1, b"x"));
        for n in 0..4 * RANGES_MAX as u64 {
            assert!(put(&mut pieces, 2 * n + 1, b"x"));
        }
        assert_eq!(pieces.known().len(), RANGES_MAX);
        assert_eq!(pieces.held(), JOINED_MAX);
        pieces.free();
        assert_eq!(pieces.held(), 0);
    }
}
