//! The table of conversations: a slab, an index by key, and per class a list by age.
//!
//! Lists are linked through the slab, so that a packet costs no allocation. Within a class the oldest stands first;
//! what is evicted or expires therefore never depends on the order of a hash table.

use super::key::Key;
use hashbrown::HashTable;
use holter_terms::Nanos;

/// Where a conversation stands; each class has its own patience. The order is the order of eviction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Closed,
    Opening,
    /// A question and its answer in one datagram each, as most conversations over UDP are.
    Answered,
    Closing,
    Udp,
    Established,
}

impl Class {
    pub(super) const ALL: [Class; 6] =
        [Class::Closed, Class::Opening, Class::Answered, Class::Closing, Class::Udp, Class::Established];
}

/// Moving a conversation to the end of its list can wait until this much packet time has passed.
const TOUCH: Nanos = 1_000_000_000;

/// A slot, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link(u32);

impl Link {
    const NONE: Link = Link(u32::MAX);

    const fn to(slot: u32) -> Self {
        Link(slot)
    }

    fn slot(self) -> Option<u32> {
        (self != Link::NONE).then_some(self.0)
    }
}

struct Node<T> {
    key: Key,
    class: Class,
    touched: Nanos,
    older: Link,
    newer: Link,
    value: T,
}

#[derive(Clone, Copy)]
struct Ends {
    oldest: Link,
    newest: Link,
}

pub(super) struct Table<T> {
    seed: [u8; 16],
    index: HashTable<u32>,
    nodes: Vec<Option<Node<T>>>,
    free: Vec<u32>,
    lists: [Ends; Class::ALL.len()],
    latest: Link,
}

/// What a conversation takes in the table.
#[cfg(test)]
pub(super) const fn node_size<T>() -> usize {
    size_of::<Option<Node<T>>>()
}

fn get<T>(nodes: &[Option<Node<T>>], slot: u32) -> Option<&Node<T>> {
    nodes.get(usize::try_from(slot).ok()?)?.as_ref()
}

fn get_mut<T>(nodes: &mut [Option<Node<T>>], slot: u32) -> Option<&mut Node<T>> {
    nodes.get_mut(usize::try_from(slot).ok()?)?.as_mut()
}

impl<T> Table<T> {
    pub(super) const fn new(seed: [u8; 16]) -> Self {
        Table {
            seed,
            index: HashTable::new(),
            nodes: Vec::new(),
            free: Vec::new(),
            lists: [Ends { oldest: Link::NONE, newest: Link::NONE }; Class::ALL.len()],
            latest: Link::NONE,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn find(&mut self, key: &Key) -> Option<u32> {
        // Packets come in trains.
        if let Some(slot) = self.latest.slot()
            && get(&self.nodes, slot).is_some_and(|node| node.key == *key)
        {
            return Some(slot);
        }
        let nodes = &self.nodes;
        let found = self
            .index
            .find(key.hash(&self.seed), |slot| get(nodes, *slot).is_some_and(|node| node.key == *key))
            .copied();
        if let Some(slot) = found {
            self.latest = Link::to(slot);
        }
        found
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        get_mut(&mut self.nodes, slot).map(|node| &mut node.value)
    }

    pub(super) fn class(&self, slot: u32) -> Option<Class> {
        get(&self.nodes, slot).map(|node| node.class)
    }

    /// Where the next to come will stand.
    pub(super) fn next_slot(&self) -> Option<u32> {
        self.free.last().copied().or_else(|| u32::try_from(self.nodes.len()).ok())
    }

    pub(super) fn insert(&mut self, key: Key, class: Class, now: Nanos, value: T) -> Option<u32> {
        let node = Node { key, class, touched: now, older: Link::NONE, newer: Link::NONE, value };
        let slot = match self.free.pop() {
            Some(slot) => {
                *self.nodes.get_mut(usize::try_from(slot).ok()?)? = Some(node);
                slot
            }
            None => {
                let slot = u32::try_from(self.nodes.len()).ok()?;
                self.nodes.push(Some(node));
                slot
            }
        };
        let (nodes, seed) = (&self.nodes, &self.seed);
        self.index.insert_unique(key.hash(seed), slot, |slot| get(nodes, *slot).map_or(0, |node| node.key.hash(seed)));
        self.push(slot);
        self.latest = Link::to(slot);
        Some(slot)
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<T> {
        self.unlink(slot);
        let node = self.nodes.get_mut(usize::try_from(slot).ok()?)?.take()?;
        if let Ok(entry) = self.index.find_entry(node.key.hash(&self.seed), |other| *other == slot) {
            entry.remove();
        }
        self.free.push(slot);
        if self.latest == Link::to(slot) {
            self.latest = Link::NONE;
        }
        Some(node.value)
    }

    /// A packet was seen; the conversation may now be of another class.
    pub(super) fn touch(&mut self, slot: u32, class: Class, now: Nanos) {
        let Some(node) = get(&self.nodes, slot) else { return };
        if node.class == class && now.saturating_sub(node.touched) < TOUCH {
            return;
        }
        self.unlink(slot);
        if let Some(node) = get_mut(&mut self.nodes, slot) {
            node.class = class;
            node.touched = now.max(node.touched);
        }
        self.push(slot);
    }

    /// The oldest of a class, and when it was last touched.
    pub(super) fn oldest(&self, class: Class) -> Option<(u32, Nanos)> {
        let slot = self.lists.get(class as usize)?.oldest.slot()?;
        get(&self.nodes, slot).map(|node| (slot, node.touched))
    }

    /// The one to give up first.
    pub(super) fn least(&self) -> Option<u32> {
        Class::ALL.iter().find_map(|class| self.oldest(*class)).map(|(slot, _)| slot)
    }

    /// Every slot in use, in the order of the slab.
    pub(super) fn slots(&self) -> impl Iterator<Item = (u32, &T)> {
        self.nodes
            .iter()
            .enumerate()
            .filter_map(|(slot, node)| Some((u32::try_from(slot).ok()?, &node.as_ref()?.value)))
    }

    fn push(&mut self, slot: u32) {
        let Some(class) = self.class(slot) else { return };
        let Some(ends) = self.lists.get_mut(class as usize) else { return };
        let newest = std::mem::replace(&mut ends.newest, Link::to(slot));
        match newest.slot().and_then(|newest| get_mut(&mut self.nodes, newest)) {
            Some(node) => node.newer = Link::to(slot),
            None => ends.oldest = Link::to(slot),
        }
        if let Some(node) = get_mut(&mut self.nodes, slot) {
            node.older = newest;
            node.newer = Link::NONE;
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Some(node) = get(&self.nodes, slot) else { return };
        let (class, older, newer) = (node.class, node.older, node.newer);
        let Some(ends) = self.lists.get_mut(class as usize) else { return };
        match older.slot().and_then(|older| get_mut(&mut self.nodes, older)) {
            Some(node) => node.newer = newer,
            None => ends.oldest = newer,
        }
        match newer.slot().and_then(|newer| get_mut(&mut self.nodes, newer)) {
            Some(node) => node.older = older,
            None => ends.newest = older,
        }
    }
}
