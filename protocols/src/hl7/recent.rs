use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Control ids that a direction of a conversation remembers.
pub const RECENT_MAX: usize = 64;

/// The last control ids (MSH-10) of one direction, as hashes: enough to see that one comes again or is answered.
///
/// The key is fixed. The ring is compared entry by entry, so that chosen ids cost no more than others, and whoever can
/// forge a collision can as well repeat the id itself. The hashes never leave the decoder.
pub(super) struct Recent {
    hashes: [u64; RECENT_MAX],
    used: usize,
    next: usize,
}

impl Default for Recent {
    fn default() -> Self {
        Recent { hashes: [0; RECENT_MAX], used: 0, next: 0 }
    }
}

impl Recent {
    fn hash(id: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(0x686f_6c74_6572_0001, 0x6d73_6831_3000_0002);
        hasher.write(id);
        hasher.finish()
    }

    #[cfg(test)]
    fn has(&self, id: &[u8]) -> bool {
        self.knows(Self::hash(id))
    }

    fn knows(&self, hash: u64) -> bool {
        self.hashes.iter().take(self.used).any(|&known| known == hash)
    }

    /// How many ids came after this one; `None` if it is not known.
    pub(super) fn back(&self, id: &[u8]) -> Option<usize> {
        let hash = Self::hash(id);
        let at = self.hashes.iter().take(self.used).position(|&known| known == hash)?;
        let behind = self.next.saturating_sub(1).checked_sub(at);
        Some(behind.unwrap_or(self.next.saturating_add(RECENT_MAX).saturating_sub(1).saturating_sub(at)))
    }

    /// Remembers an id and forgets the oldest. True if it was known.
    pub(super) fn add(&mut self, id: &[u8]) -> bool {
        let hash = Self::hash(id);
        let known = self.knows(hash);
        if !known && let Some(slot) = self.hashes.get_mut(self.next) {
            *slot = hash;
            self.next = if self.next.saturating_add(1) >= RECENT_MAX { 0 } else { self.next.saturating_add(1) };
            self.used = self.used.saturating_add(1).min(RECENT_MAX);
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_id_is_forgotten_when_the_ring_is_full() {
        let mut recent = Recent::default();
        assert!(!recent.add(b"first") && recent.add(b"first"));
        for n in 0..RECENT_MAX {
            recent.add(n.to_string().as_bytes());
        }
        assert!(!recent.has(b"first"));
        assert!(recent.has(b"0") && recent.has((RECENT_MAX - 1).to_string().as_bytes()));
        for n in 0..RECENT_MAX {
            assert_eq!(recent.back(n.to_string().as_bytes()), Some(RECENT_MAX - 1 - n), "{n}");
        }
        recent.add(b"last");
        assert_eq!((recent.back(b"last"), recent.back(b"2"), recent.back(b"0")), (Some(0), Some(RECENT_MAX - 2), None));
    }
}
