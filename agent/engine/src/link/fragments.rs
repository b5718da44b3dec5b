//! Joins the fragments of IP datagrams in a bounded table.
//!
//! Of two fragments of IPv4 that overlap, the receiver's policy decides; an IPv6 datagram whose fragments overlap is
//! dropped as RFC 5722 demands, unless the second is an exact repetition (RFC 8200 4.5). Different data for one place is
//! counted as ambiguous in either case.

use super::ip::Ends;
use super::layers::Around;
use crate::overlap::OverlapPolicy;
use hashbrown::HashTable;
use holter_terms::Nanos;
use siphasher::sip::SipHasher13;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

/// The most datagrams of which a fragment waits for others.
pub const MAX_DATAGRAMS: usize = 2048;
/// The most bytes that wait in all of them.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The most pieces of one datagram. The longest, in the 576 bytes that every link carries (RFC 791 3.1), has 119.
pub const MAX_PIECES: usize = 256;
/// How long a datagram is waited for. RFC 8200 4.5 says 60 s, Linux 30 s.
pub const PATIENCE: Nanos = 30_000_000_000;

/// What tells the fragments of one datagram from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) id: u32,
    pub(super) protocol: u8,
}

pub(super) struct Fragment<'a> {
    pub(super) key: Key,
    pub(super) around: Around,
    pub(super) ends: Ends,
    /// What the joined datagram carries, by this fragment.
    pub(super) protocol: u8,
    pub(super) offset: usize,
    pub(super) more: bool,
    pub(super) bytes: &'a [u8],
}

impl Fragment<'_> {
    /// What it holds of a part of the datagram.
    fn part(&self, from: usize, to: usize) -> Option<&[u8]> {
        self.bytes.get(from.checked_sub(self.offset)?..to.checked_sub(self.offset)?)
    }
}

/// What fragments came to; every refusal has its counter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FragmentCounts {
    pub fragments: u64,
    pub joined: u64,
    /// Datagrams given up since a part never came.
    pub expired: u64,
    /// Datagrams given up for newer ones since the table was full.
    pub evicted: u64,
    /// Fragments refused since their datagram lay in too many pieces.
    pub pieces: u64,
    /// Fragments that overlapped others with the same data.
    pub repeated: u64,
    /// Fragments that contradicted others: different data for the same place, or a different end.
    pub ambiguous: u64,
    /// IPv6 datagrams dropped since fragments overlapped.
    pub overlapped: u64,
}

struct Datagram {
    key: Key,
    around: Around,
    ends: Ends,
    protocol: u8,
    serial: u64,
    begun: Nanos,
    bytes: Vec<u8>,
    /// What is there of `bytes`, by fragments: sorted, not overlapping.
    pieces: Vec<(usize, usize)>,
    total: Option<usize>,
    ambiguous: bool,
    /// Not to be joined any more; kept until it expires so that its other fragments find it.
    spoiled: bool,
}

/// A joined datagram, taken from the table.
pub(super) struct Joined {
    pub(super) around: Around,
    pub(super) ends: Ends,
    pub(super) protocol: u8,
    pub(super) bytes: Vec<u8>,
    pub(super) ambiguous: bool,
}

pub(super) struct Fragments {
    seed: [u8; 16],
    index: HashTable<u32>,
    slots: Vec<Option<Datagram>>,
    free: Vec<u32>,
    /// Slot and serial in the order of their beginning; an entry whose serial is not the slot's is void.
    order: VecDeque<(u32, u64)>,
    serial: u64,
    held: usize,
    pub(super) counts: FragmentCounts,
}

impl Fragments {
    pub(super) fn new(seed: [u8; 16]) -> Self {
        Fragments {
            seed,
            index: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            order: VecDeque::new(),
            serial: 0,
            held: 0,
            counts: FragmentCounts::default(),
        }
    }

    /// Bytes that wait in the table.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    pub(super) fn waiting(&self) -> usize {
        self.index.len()
    }

    fn hash(seed: &[u8; 16], key: &Key) -> u64 {
        let mut hasher = SipHasher13::new_with_key(seed);
        key.hash(&mut hasher);
        hasher.finish()
    }

    fn at(slots: &[Option<Datagram>], slot: u32) -> Option<&Datagram> {
        slots.get(usize::try_from(slot).ok()?)?.as_ref()
    }

    /// Takes a fragment in; gives the datagram that it completes.
    pub(super) fn add(&mut self, now: Nanos, fragment: &Fragment<'_>, policy: OverlapPolicy) -> Option<Joined> {
        self.counts.fragments = self.counts.fragments.saturating_add(1);
        self.expire(now);
        let slot = self.slot_of(now, fragment)?;
        let datagram = self.slots.get_mut(usize::try_from(slot).ok()?)?.as_mut()?;
        if datagram.spoiled {
            return None;
        }
        let before = datagram.bytes.len();
        let ambiguous_before = datagram.ambiguous;
        let outcome = datagram.place(fragment, policy);
        self.held = self.held.saturating_add(datagram.bytes.len().saturating_sub(before));
        if datagram.ambiguous && !ambiguous_before {
            self.counts.ambiguous = self.counts.ambiguous.saturating_add(1);
        }
        match outcome {
            Placed::New => {}
            Placed::Repeated => self.counts.repeated = self.counts.repeated.saturating_add(1),
            Placed::TooManyPieces => self.counts.pieces = self.counts.pieces.saturating_add(1),
            Placed::Overlapped => {
                self.counts.overlapped = self.counts.overlapped.saturating_add(1);
                self.held = self.held.saturating_sub(datagram.bytes.len());
                datagram.bytes = Vec::new();
                datagram.pieces = Vec::new();
                datagram.spoiled = true;
                return None;
            }
        }
        if datagram.is_whole() {
            let Datagram { around, ends, protocol, bytes, ambiguous, .. } = self.remove(slot)?;
            self.counts.joined = self.counts.joined.saturating_add(1);
            return Some(Joined { around, ends, protocol, bytes, ambiguous });
        }
        while self.held > MAX_BYTES {
            self.evict_oldest();
        }
        None
    }

    fn slot_of(&mut self, now: Nanos, fragment: &Fragment<'_>) -> Option<u32> {
        let hash = Self::hash(&self.seed, &fragment.key);
        let slots = &self.slots;
        let found = self.index.find(hash, |slot| Self::at(slots, *slot).is_some_and(|there| there.key == fragment.key));
        if let Some(slot) = found {
            return Some(*slot);
        }
        if self.index.len() >= MAX_DATAGRAMS {
            self.evict_oldest();
        }
        self.serial = self.serial.wrapping_add(1);
        let datagram = Datagram {
            key: fragment.key,
            around: fragment.around,
            ends: fragment.ends,
            protocol: fragment.protocol,
            serial: self.serial,
            begun: now,
            bytes: Vec::new(),
            pieces: Vec::new(),
            total: None,
            ambiguous: false,
            spoiled: false,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                *self.slots.get_mut(usize::try_from(slot).ok()?)? = Some(datagram);
                slot
            }
            None => {
                self.slots.push(Some(datagram));
                u32::try_from(self.slots.len().saturating_sub(1)).ok()?
            }
        };
        let (slots, seed) = (&self.slots, &self.seed);
        self.index.insert_unique(hash, slot, |slot| {
            Self::at(slots, *slot).map_or(0, |datagram| Self::hash(seed, &datagram.key))
        });
        if self.order.len() >= MAX_DATAGRAMS.saturating_mul(2) {
            self.order.retain(|(slot, serial)| Self::at(slots, *slot).is_some_and(|there| there.serial == *serial));
        }
        self.order.push_back((slot, self.serial));
        Some(slot)
    }

    fn remove(&mut self, slot: u32) -> Option<Datagram> {
        let datagram = self.slots.get_mut(usize::try_from(slot).ok()?)?.take()?;
        let hash = Self::hash(&self.seed, &datagram.key);
        if let Ok(entry) = self.index.find_entry(hash, |other| *other == slot) {
            entry.remove();
        }
        self.free.push(slot);
        self.held = self.held.saturating_sub(datagram.bytes.len());
        Some(datagram)
    }

    fn evict_oldest(&mut self) {
        while let Some((slot, serial)) = self.order.pop_front() {
            if Self::at(&self.slots, slot).is_some_and(|there| there.serial == serial) {
                self.remove(slot);
                self.counts.evicted = self.counts.evicted.saturating_add(1);
                return;
            }
        }
        // Nothing is left to evict, so nothing can be held.
        self.held = 0;
    }

    fn expire(&mut self, now: Nanos) {
        while let Some((slot, serial)) = self.order.front().copied() {
            match Self::at(&self.slots, slot).filter(|there| there.serial == serial) {
                Some(there) if now.saturating_sub(there.begun) <= PATIENCE => return,
                Some(there) => {
                    if !there.spoiled {
                        self.counts.expired = self.counts.expired.saturating_add(1);
                    }
                    self.remove(slot);
                }
                None => {}
            }
            self.order.pop_front();
        }
    }
}

enum Placed {
    New,
    Repeated,
    TooManyPieces,
    Overlapped,
}

impl Datagram {
    fn is_whole(&self) -> bool {
        let there = self.pieces.iter().fold(0usize, |sum, (from, to)| sum.saturating_add(to.saturating_sub(*from)));
        self.total == Some(there)
    }

    fn place(&mut self, fragment: &Fragment<'_>, policy: OverlapPolicy) -> Placed {
        let start = fragment.offset;
        let end = start.saturating_add(fragment.bytes.len());
        if fragment.offset == 0 {
            self.protocol = fragment.protocol;
            self.around = fragment.around;
            self.ends = fragment.ends;
        }
        // The end, once told, stands.
        let beyond = self.total.is_some_and(|total| end > total || (!fragment.more && end != total));
        let short = !fragment.more && self.pieces.last().is_some_and(|(_, last)| *last > end);
        if beyond || short {
            self.ambiguous = true;
            return Placed::Repeated;
        }
        let mut overlap = false;
        let mut differs = false;
        for &(from, to) in &self.pieces {
            let (low, high) = (from.max(start), to.min(end));
            if low < high {
                overlap = true;
                differs |= self.bytes.get(low..high) != fragment.part(low, high);
            }
        }
        self.ambiguous |= differs;
        let exact = self.pieces.contains(&(start, end));
        if overlap && self.ends.src.is_ipv6() && (differs || !exact) {
            return Placed::Overlapped;
        }
        if !fragment.more {
            self.total = Some(end);
        }
        if exact && !differs {
            return Placed::Repeated;
        }
        if self.pieces.len() >= MAX_PIECES {
            return Placed::TooManyPieces;
        }
        self.fill(fragment, (start, end), policy);
        if overlap { Placed::Repeated } else { Placed::New }
    }

    /// Settles for each place whose it is, and copies what is the fragment's.
    fn fill(&mut self, fragment: &Fragment<'_>, sent: (usize, usize), policy: OverlapPolicy) {
        let (start, end) = sent;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        let mut made = Vec::with_capacity(self.pieces.len().saturating_add(2));
        let mut own = Vec::with_capacity(1);
        let mut settled = start;
        for &(from, to) in &self.pieces {
            let (low, high) = (from.max(start), to.min(end));
            if low >= high {
                made.push((from, to));
            } else if policy.fragment_takes(sent, (from, to)) {
                made.push((from, low));
                made.push((high, to));
                if high < to {
                    own.push((settled, high));
                    settled = high;
                }
            } else {
                made.push((from, to));
                own.push((settled, low));
                settled = high;
            }
        }
        own.push((settled, end));
        for &(from, to) in &own {
            if let (Some(target), Some(source)) = (self.bytes.get_mut(from..to), fragment.part(from, to)) {
                target.copy_from_slice(source);
            }
        }
        made.extend(own);
        made.retain(|(from, to)| from < to);
        made.sort_unstable();
        self.pieces = made;
    }
}
