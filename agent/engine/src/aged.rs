//! A bounded map that knows the order in which its entries were last touched. What it forgets, when full, depends on
//! that order only and never on a hash.

use crate::seeded::Seeded;
use hashbrown::HashMap;
use std::hash::Hash;

/// A number that says where an entry stands.
pub(crate) type Place = u32;

/// No place.
pub(crate) const NONE: Place = u32::MAX;

struct Slot<K, V> {
    entry: Option<(K, V)>,
    newer: u32,
    older: u32,
}

pub(crate) struct Aged<K, V> {
    map: HashMap<K, u32, Seeded>,
    slots: Vec<Slot<K, V>>,
    free: Vec<u32>,
    newest: u32,
    oldest: u32,
    max: usize,
}

impl<K: Copy + Eq + Hash, V> Aged<K, V> {
    /// A map of at most `max` entries (and at least one).
    pub(crate) fn new(max: usize, seed: [u8; 16]) -> Self {
        Aged {
            map: HashMap::with_hasher(Seeded::new(seed)),
            slots: Vec::new(),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
            max: max.clamp(1, NONE as usize - 1),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.map.len() >= self.max
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let slot = *self.map.get(key)?;
        self.slots.get(slot as usize)?.entry.as_ref().map(|(_, value)| value)
    }

    /// Where an entry stands: [`Aged::at`] finds it there without hashing, as long as it is there.
    pub(crate) fn place(&self, key: &K) -> Option<Place> {
        self.map.get(key).copied()
    }

    /// The entry of a key, if it stands in that place.
    pub(crate) fn at(&mut self, place: Place, key: &K) -> Option<&mut V> {
        match self.slots.get_mut(place as usize)?.entry.as_mut() {
            Some((there, value)) if there == key => Some(value),
            _ => None,
        }
    }

    /// Makes what stands in a place the newest.
    pub(crate) fn renew(&mut self, place: Place) {
        if place != self.newest && self.slots.get(place as usize).is_some_and(|slot| slot.entry.is_some()) {
            self.unlink(place);
            self.link(place);
        }
    }

    /// Looks without touching.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let slot = *self.map.get(key)?;
        self.slots.get_mut(slot as usize)?.entry.as_mut().map(|(_, value)| value)
    }

    /// Makes the entry the newest.
    pub(crate) fn touch(&mut self, key: &K) {
        if let Some(&slot) = self.map.get(key) {
            self.renew(slot);
        }
    }

    /// Puts in a new entry as the newest, and gives back the oldest one if there was no room.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<(K, V)> {
        let replaced = self.remove(&key).map(|value| (key, value));
        let evicted = if self.is_full() { self.pop_oldest() } else { None };
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(Slot { entry: None, newer: NONE, older: NONE });
                (self.slots.len() - 1) as u32
            }
        };
        if let Some(place) = self.slots.get_mut(slot as usize) {
            place.entry = Some((key, value));
        }
        self.link(slot);
        self.map.insert(key, slot);
        evicted.or(replaced)
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let slot = self.map.remove(key)?;
        self.unlink(slot);
        self.free.push(slot);
        self.slots.get_mut(slot as usize)?.entry.take().map(|(_, value)| value)
    }

    /// Forgets the entry that was touched longest ago.
    pub(crate) fn pop_oldest(&mut self) -> Option<(K, V)> {
        let oldest = self.oldest_key()?;
        Some((oldest, self.remove(&oldest)?))
    }

    /// The entries in no particular order: sort before anything of it is shown.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.slots.iter().filter_map(|slot| slot.entry.as_ref()).map(|(key, value)| (key, value))
    }

    fn oldest_key(&self) -> Option<K> {
        self.slots.get(self.oldest as usize)?.entry.as_ref().map(|(key, _)| *key)
    }

    fn link(&mut self, slot: u32) {
        let before = self.newest;
        if let Some(place) = self.slots.get_mut(slot as usize) {
            place.newer = NONE;
            place.older = before;
        }
        match self.slots.get_mut(before as usize) {
            Some(second) => second.newer = slot,
            None => self.oldest = slot,
        }
        self.newest = slot;
    }

    fn unlink(&mut self, slot: u32) {
        let Some((newer, older)) = self.slots.get(slot as usize).map(|place| (place.newer, place.older)) else {
            return;
        };
        match self.slots.get_mut(newer as usize) {
            Some(place) => place.older = older,
            None => self.newest = older,
        }
        match self.slots.get_mut(older as usize) {
            Some(place) => place.newer = newer,
            None => self.oldest = newer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_touched_longest_ago_is_forgotten_first() {
        let mut map = Aged::new(3, [1; 16]);
        for key in 0..3 {
            assert!(map.insert(key, key).is_none());
        }
        map.touch(&0);
        assert_eq!(map.insert(3, 3), Some((1, 1)));
        assert_eq!(map.remove(&2), Some(2));
        assert_eq!(map.insert(4, 4), None);
        assert_eq!(map.insert(5, 5), Some((0, 0)));
        assert_eq!(map.len(), 3);
    }

    #[test]
    fn a_million_keys_leave_no_more_than_the_bound() {
        let mut map = Aged::new(1000, [1; 16]);
        (0..1_000_000u32).for_each(|key| {
            let _ = map.insert(key, ());
        });
        assert_eq!((map.len(), map.slots.len()), (1000, 1000));
        assert!(map.get(&999_999).is_some() && map.get(&998_999).is_none());
    }
}
