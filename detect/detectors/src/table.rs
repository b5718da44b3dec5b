use hashbrown::HashMap;
use siphasher::sip::SipHasher13;
use std::hash::{BuildHasher, Hash, Hasher};

/// Hashes under a key of this start, since peers choose what is hashed.
#[derive(Clone)]
pub(crate) struct Seeded([u8; 16]);

impl BuildHasher for Seeded {
    type Hasher = SipHasher13;

    fn build_hasher(&self) -> SipHasher13 {
        SipHasher13::new_with_key(&self.0)
    }
}

/// A map with a bound. What does not fit is refused and counted.
pub(crate) struct Table<K, V> {
    map: HashMap<K, V, Seeded>,
    limit: usize,
    refused: u64,
}

impl<K: Hash + Eq + Clone + Ord, V> Table<K, V> {
    pub(crate) fn new(limit: usize, seed: [u8; 16]) -> Self {
        Table { map: HashMap::with_hasher(Seeded(seed)), limit, refused: 0 }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.map.get_mut(key)
    }

    /// The entry of a key, made now if there is room.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        if self.map.len() >= self.limit && !self.map.contains_key(&key) {
            self.refused = self.refused.saturating_add(1);
            return None;
        }
        Some(self.map.entry(key).or_insert_with(make))
    }

    /// Whether a new key would be refused.
    pub(crate) fn is_full_for(&self, key: &K) -> bool {
        self.map.len() >= self.limit && !self.map.contains_key(key)
    }

    /// Takes out the entry with the smallest rank, of equal ones that with the smallest key, and counts it as refused.
    pub(crate) fn evict<R: Ord>(&mut self, rank: impl Fn(&V) -> R) {
        let least = self.map.iter().min_by(|a, b| (rank(a.1), a.0).cmp(&(rank(b.1), b.0))).map(|(key, _)| key.clone());
        if let Some(key) = least {
            self.map.remove(&key);
            self.refused = self.refused.saturating_add(1);
        }
    }

    #[cfg(test)]
    pub(crate) fn remove(&mut self, key: &K) {
        self.map.remove(key);
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&K, &mut V) -> bool) {
        self.map.retain(keep);
    }

    /// Keys in their order, which does not depend on the seed.
    pub(crate) fn sorted_keys(&self) -> Vec<K> {
        let mut keys: Vec<K> = self.map.keys().cloned().collect();
        keys.sort();
        keys
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.refused
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }
}

/// The hash of a machine's name, as the AE title rules compare names: without padding (PS3.5 6.2).
pub(crate) fn name_hash(seed: [u8; 16], name: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_key(&seed);
    hasher.write(name.trim_ascii());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_refuses_and_counts() {
        let mut table = Table::new(2, [0; 16]);
        for key in 0..5 {
            table.entry(key, || ());
        }
        assert_eq!((table.len(), table.refused()), (2, 3));
        assert!(table.entry(1, || ()).is_some(), "what is there stays reachable");
        table.remove(&0);
        assert!(table.entry(9, || ()).is_some());
    }
}
