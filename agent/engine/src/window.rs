//! One minute of packet time: who talked to whom, what they did, and what was not seen.
//!
//! Sums are kept in bounded maps under a seeded hash and sorted when the window closes, so that what is said does not
//! depend on the hash. What finds no room in a window is counted in it.

use crate::seeded::Seeded;
use hashbrown::HashMap;
use holter_phi::Label;
use holter_terms::{Nanos, Protocol, Verb, Visibility};
use holter_wire::{Act, CaptureCounters, CounterRow, Coverage, Party, ProtocolRow, Talk, Window};

/// The length of a window.
pub const WINDOW: Nanos = 60 * 1_000_000_000;

/// The most pairs that talk in one window; conversations beyond are counted as `window.talks_refused`.
pub const TALKS_MAX: usize = 16_384;

/// The most kinds of deed by pair in one window; deeds beyond are counted as `window.acts_refused`.
pub const ACTS_MAX: usize = 16_384;

/// The most named counters. Their names are words of the program, so this bound is never met in practice.
pub const COUNTERS_MAX: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct TalkKey {
    client: Party,
    server: Party,
    protocol: Protocol,
    port: u16,
}

#[derive(Debug, Clone, Copy)]
struct TalkSum {
    visibility: Visibility,
    conversations: u32,
    packets: u64,
    up: u64,
    down: u64,
    first: Nanos,
    last: Nanos,
}

/// What one conversation added to a window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub(crate) client: Party,
    pub(crate) server: Party,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
    pub(crate) visibility: Visibility,
    /// It is told of for the first time.
    pub(crate) new: bool,
    pub(crate) packets: u64,
    pub(crate) up: u64,
    pub(crate) down: u64,
    pub(crate) first: Nanos,
    pub(crate) last: Nanos,
    pub(crate) coverage: Coverage,
}

#[derive(Debug, Clone, Copy, Default)]
struct ProtocolSum {
    conversations: u64,
    events: u64,
    malformed: u64,
    bytes: u64,
}

/// Named counters, in the order in which they first moved.
#[derive(Debug, Clone, Default)]
pub struct Tallies(Vec<(&'static str, u64)>);

impl Tallies {
    pub(crate) fn add(&mut self, name: &'static str, n: u64) {
        if n == 0 {
            return;
        }
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            *count = count.saturating_add(n);
        } else if self.0.len() < COUNTERS_MAX {
            self.0.push((name, n));
        }
    }

    pub fn get(&self, name: &str) -> u64 {
        self.0.iter().find(|(known, _)| *known == name).map_or(0, |(_, count)| *count)
    }

    /// By name.
    pub fn sorted(&self) -> Vec<(&'static str, u64)> {
        let mut all = self.0.clone();
        all.sort_unstable();
        all
    }
}

pub(crate) struct Builder {
    start: Option<Nanos>,
    pub(crate) capture: CaptureCounters,
    pub(crate) coverage: Coverage,
    pub(crate) counters: Tallies,
    talks: HashMap<TalkKey, TalkSum, Seeded>,
    acts: HashMap<(Party, Party, Verb), (u64, u64), Seeded>,
    protocols: [ProtocolSum; Protocol::ALL.len()],
}

impl Builder {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Builder {
            start: None,
            capture: CaptureCounters::default(),
            coverage: Coverage::default(),
            counters: Tallies::default(),
            talks: HashMap::with_hasher(Seeded::new(seed)),
            acts: HashMap::with_hasher(Seeded::new(seed)),
            protocols: [ProtocolSum::default(); Protocol::ALL.len()],
        }
    }

    /// The window that `at` belongs to is not the one that is open.
    pub(crate) fn is_over(&self, at: Nanos) -> bool {
        self.start.is_some_and(|start| at.saturating_sub(start) >= WINDOW)
    }

    pub(crate) fn open(&mut self, at: Nanos) {
        if self.start.is_none() {
            self.start = Some(at.saturating_sub(at.rem_euclid(WINDOW)));
        }
    }

    /// Frames were lost in this window, or bytes of conversations never seen.
    pub(crate) fn is_blind(&self) -> bool {
        self.capture.ring_dropped > 0 || self.capture.interface_dropped > 0 || self.coverage.missed > 0
    }

    pub(crate) fn event(&mut self, protocol: Protocol) {
        self.protocol(protocol, |sum| sum.events += 1);
    }

    pub(crate) fn malformed(&mut self, protocol: Protocol, field: &'static str) {
        self.protocol(protocol, |sum| sum.malformed += 1);
        self.counters.add(field, 1);
    }

    /// Traffic of a protocol that has no conversations.
    pub(crate) fn bytes(&mut self, protocol: Protocol, bytes: u64) {
        self.protocol(protocol, |sum| sum.bytes = sum.bytes.saturating_add(bytes));
    }

    pub(crate) fn share(&mut self, share: &Share) {
        self.protocol(share.protocol, |sum| {
            sum.conversations += u64::from(share.new);
            sum.bytes = sum.bytes.saturating_add(share.up).saturating_add(share.down);
        });
        let coverage = &mut self.coverage;
        coverage.understood = coverage.understood.saturating_add(share.coverage.understood);
        coverage.encrypted = coverage.encrypted.saturating_add(share.coverage.encrypted);
        coverage.unknown = coverage.unknown.saturating_add(share.coverage.unknown);
        coverage.missed = coverage.missed.saturating_add(share.coverage.missed);
        let key = TalkKey { client: share.client, server: share.server, protocol: share.protocol, port: share.port };
        if self.talks.len() >= TALKS_MAX && !self.talks.contains_key(&key) {
            self.counters.add("window.talks_refused", 1);
            return;
        }
        let talk = self.talks.entry(key).or_insert(TalkSum {
            visibility: share.visibility,
            conversations: 0,
            packets: 0,
            up: 0,
            down: 0,
            first: share.first,
            last: share.last,
        });
        // One conversation in clear among encrypted ones is what a reader must see.
        talk.visibility = match (talk.visibility, share.visibility) {
            (Visibility::Clear, _) | (_, Visibility::Clear) => Visibility::Clear,
            (Visibility::Encrypted, _) | (_, Visibility::Encrypted) => Visibility::Encrypted,
            _ => Visibility::Unknown,
        };
        talk.conversations = talk.conversations.saturating_add(1);
        talk.packets = talk.packets.saturating_add(share.packets);
        talk.up = talk.up.saturating_add(share.up);
        talk.down = talk.down.saturating_add(share.down);
        talk.first = talk.first.min(share.first);
        talk.last = talk.last.max(share.last);
    }

    pub(crate) fn act(&mut self, client: Party, server: Party, verb: Verb, count: u64, bytes: u64) {
        let key = (client, server, verb);
        if self.acts.len() >= ACTS_MAX && !self.acts.contains_key(&key) {
            self.counters.add("window.acts_refused", count);
            return;
        }
        let (sum, total) = self.acts.entry(key).or_default();
        *sum = sum.saturating_add(count);
        *total = total.saturating_add(bytes);
    }

    /// What the window saw, if it saw anything; the builder is empty afterwards and keeps its memory.
    pub(crate) fn close(&mut self) -> Option<Window<Label>> {
        let start = self.start.take()?;
        let protocols = Protocol::ALL
            .iter()
            .zip(&self.protocols)
            .filter(|(_, sum)| sum.conversations + sum.events + sum.malformed + sum.bytes > 0)
            .map(|(&protocol, sum)| ProtocolRow {
                protocol,
                conversations: sum.conversations,
                events: sum.events,
                malformed: sum.malformed,
                bytes: sum.bytes,
            })
            .collect();
        let mut talks: Vec<_> = self.talks.drain().collect();
        talks.sort_unstable_by_key(|(key, _)| *key);
        let mut acts: Vec<_> = self.acts.drain().collect();
        acts.sort_unstable_by_key(|(key, _)| *key);
        let counters = std::mem::take(&mut self.counters);
        self.protocols = [ProtocolSum::default(); Protocol::ALL.len()];
        Some(Window {
            start,
            seconds: (WINDOW / 1_000_000_000) as u32,
            capture: std::mem::take(&mut self.capture),
            coverage: std::mem::take(&mut self.coverage),
            protocols,
            talks: talks
                .into_iter()
                .map(|(key, sum)| Talk {
                    client: key.client,
                    server: key.server,
                    protocol: key.protocol,
                    port: key.port,
                    visibility: sum.visibility,
                    conversations: sum.conversations,
                    packets: sum.packets,
                    bytes_up: sum.up,
                    bytes_down: sum.down,
                    first: sum.first,
                    last: sum.last,
                })
                .collect(),
            acts: acts
                .into_iter()
                .map(|((client, server, verb), (count, bytes))| Act { client, server, verb, count, bytes })
                .collect(),
            counters: counters
                .sorted()
                .into_iter()
                .map(|(name, count)| CounterRow { name: Label::word(name), count })
                .collect(),
        })
    }

    fn protocol(&mut self, protocol: Protocol, change: impl FnOnce(&mut ProtocolSum)) {
        if let Some(sum) = self.protocols.get_mut(protocol as usize) {
            change(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_terms::DeviceKey;
    use std::net::IpAddr;

    fn party(n: u32) -> Party {
        let ip = IpAddr::from(n.to_be_bytes());
        Party { device: DeviceKey::Ip(ip), ip: Some(ip) }
    }

    fn share(n: u32) -> Share {
        Share {
            client: party(n),
            server: party(0),
            protocol: Protocol::Hl7,
            port: 2575,
            visibility: Visibility::Clear,
            new: true,
            packets: 2,
            up: 10,
            down: 5,
            first: 1,
            last: 2,
            coverage: Coverage::default(),
        }
    }

    #[test]
    fn a_window_says_the_same_under_any_seed() {
        let windows: Vec<_> = [[1; 16], [2; 16]]
            .into_iter()
            .map(|seed| {
                let mut builder = Builder::new(seed);
                builder.open(61_000_000_000);
                (0..500u32).for_each(|n| {
                    builder.share(&share(n % 100));
                    builder.act(party(n), party(n % 7), Verb::Store, 1, 100);
                });
                builder.close()
            })
            .collect();
        assert_eq!(windows[0], windows[1]);
        let window = windows[0].as_ref().expect("a window");
        assert_eq!((window.start, window.talks.len(), window.acts.len()), (60_000_000_000, 100, 500));
        assert_eq!((window.talks[0].conversations, window.talks[0].bytes_up), (5, 50));
    }

    #[test]
    fn more_pairs_and_deeds_than_there_is_room_for_are_counted() {
        let mut builder = Builder::new([1; 16]);
        builder.open(0);
        for n in 0..(TALKS_MAX.max(ACTS_MAX) as u32 + 9) {
            builder.share(&share(n));
            builder.act(party(n), party(0), Verb::Echo, 1, 0);
        }
        let window = builder.close().expect("a window");
        assert_eq!((window.talks.len(), window.acts.len()), (TALKS_MAX, ACTS_MAX));
        let counts: Vec<_> = window.counters.iter().map(|row| (row.name.as_str(), row.count)).collect();
        assert_eq!(counts, [("window.acts_refused", 9), ("window.talks_refused", 9)]);
        assert_eq!(window.protocols[0].conversations, TALKS_MAX as u64 + 9, "the sum by protocol misses none");
        assert_eq!(builder.close(), None);
    }
}
