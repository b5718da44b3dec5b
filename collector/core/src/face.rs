//! A face: one key under which sensors tell of a machine. A machine with two network cards has two, and so has one
//! that a second sensor sees behind a router, where its address is all that is left of it.

use crate::MINUTE;
use crate::spans::{Seen, Spans};
use crate::usage::Usage;
use holter_identity::{Evidence, is_exclusive, signal};
use holter_terms::{Attribute, DeviceKey, Mac, Nanos, Protocol, SensorId, Verb, Visibility};
use holter_wire::{EvidenceRow, Text};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The most reasons kept of one face; later ones are counted in `refused`.
pub const EVIDENCE_MAX: usize = 512;
/// The most services with peers kept of one face.
pub const TALKS_MAX: usize = 2048;
/// The most kinds of act with peers kept of one face.
pub const ACTS_MAX: usize = 2048;
/// The most addresses kept of one face; the one not seen for longest gives way.
pub const ADDRESSES_MAX: usize = 64;
/// The most stretches in which one sensor heard it, and for one reason or address.
pub const PRESENCE_MAX: usize = 96;
pub const STRETCHES_MAX: usize = 16;

/// Heard again within this time, it was not away.
pub const PRESENCE_GAP: Nanos = 5 * MINUTE;

/// Which end of a conversation the device was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Client,
    Server,
}

impl Side {
    pub const fn as_str(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Server => "server",
        }
    }
}

/// Names a face within a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaceKey {
    pub key: DeviceKey,
    /// Who held the address at the time, where the key is one: what was told of the address then is told of that one.
    pub host: Option<Mac>,
}

impl FaceKey {
    pub const fn of(key: DeviceKey) -> FaceKey {
        FaceKey { key, host: None }
    }
}

impl FaceKey {
    /// As it can stand in an address: `001865aa0021`, `10.20.0.5`, `fe80__1`, `10.20.0.5@001865aa0021`.
    pub fn id(self) -> String {
        let plain = |mac: Mac| mac.to_string().replace(':', "");
        let key = match self.key {
            DeviceKey::Mac(mac) => plain(mac),
            DeviceKey::Ip(ip) => ip.to_string().replace(':', "_"),
        };
        match self.host {
            None => key,
            Some(host) => format!("{key}@{}", plain(host)),
        }
    }

    pub fn parse(id: &str) -> Option<FaceKey> {
        match id.split_once('@') {
            None => Some(FaceKey::of(parse_key(id)?)),
            Some((key, host)) => {
                let (key @ DeviceKey::Ip(_), DeviceKey::Mac(host)) = (parse_key(key)?, parse_key(host)?) else {
                    return None;
                };
                Some(FaceKey { key, host: Some(host) })
            }
        }
    }
}

fn parse_key(key: &str) -> Option<DeviceKey> {
    if key.len() == 12 && key.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let mut bytes = [0u8; 6];
        for (byte, pair) in bytes.iter_mut().zip(key.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        return Some(DeviceKey::Mac(Mac(bytes)));
    }
    Some(DeviceKey::Ip(key.replace('_', ":").parse().ok()?))
}

impl std::fmt::Display for FaceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host {
            None => write!(f, "{}", self.key),
            Some(host) => write!(f, "{} while {host} held it", self.key),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TalkKey {
    pub peer: DeviceKey,
    pub side: Side,
    pub protocol: Protocol,
    pub port: u16,
    pub visibility: Visibility,
}

#[derive(Debug, Clone, Default)]
pub struct TalkSum {
    pub peer_ip: Option<IpAddr>,
    pub conversations: u64,
    pub packets: u64,
    pub sent: u64,
    pub received: u64,
    pub first: Nanos,
    pub last: Nanos,
}

impl TalkSum {
    pub(crate) fn add(&mut self, more: &TalkSum) {
        self.peer_ip = more.peer_ip.or(self.peer_ip);
        self.conversations = self.conversations.saturating_add(more.conversations);
        self.packets = self.packets.saturating_add(more.packets);
        self.sent = self.sent.saturating_add(more.sent);
        self.received = self.received.saturating_add(more.received);
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct ActSum {
    pub count: u64,
    pub bytes: u64,
}

pub type ActKey = (DeviceKey, Side, Verb);

type EvidenceKey = (Attribute, Text, Text, SensorId);

#[derive(Debug, Clone)]
struct Weighed {
    weight: i8,
    count: u32,
    /// Where another value was seen in between, a stretch ends.
    seen: Spans,
}

/// Whether one address was taken up after another of its kind was last seen.
fn is_successor(ip: IpAddr, last: Nanos, other: IpAddr, seen: &Spans) -> bool {
    other != ip && other.is_ipv4() == ip.is_ipv4() && seen.all().last().is_some_and(|newest| newest.first > last)
}

#[derive(Debug, Clone)]
pub struct Face {
    pub seen: Seen,
    pub addresses: BTreeMap<IpAddr, Spans>,
    pub talks: BTreeMap<TalkKey, TalkSum>,
    pub acts: BTreeMap<ActKey, ActSum>,
    pub usage: Usage,
    pub sensors: BTreeMap<SensorId, Spans>,
    /// Reasons, talks, acts and addresses that were left out.
    pub refused: u64,
    evidence: BTreeMap<EvidenceKey, Weighed>,
}

impl Face {
    pub(crate) fn new(at: Nanos) -> Face {
        Face {
            seen: Seen { first: at, last: at },
            addresses: BTreeMap::new(),
            talks: BTreeMap::new(),
            acts: BTreeMap::new(),
            usage: Usage::default(),
            sensors: BTreeMap::new(),
            refused: 0,
            evidence: BTreeMap::new(),
        }
    }

    pub(crate) fn seen_by(&mut self, sensor: SensorId, first: Nanos, last: Nanos) {
        self.seen.widen(first, last);
        self.sensors.entry(sensor).or_default().add(first, last, PRESENCE_GAP, PRESENCE_MAX);
    }

    /// True if the address is new to it. A stretch of its own begins where another had the address in between.
    pub(crate) fn address(&mut self, ip: IpAddr, first: Nanos, last: Nanos, goes_on: bool) -> bool {
        let before = self.addresses.get(&ip).and_then(Spans::whole).map_or(first, |whole| whole.last);
        let moved = first > before && self.addresses.iter().any(|(other, seen)| is_successor(ip, before, *other, seen));
        if let Some(seen) = self.addresses.get_mut(&ip) {
            match goes_on && !moved {
                true => seen.add(first, last, Nanos::MAX / 4, STRETCHES_MAX),
                false => seen.begin(first, last, STRETCHES_MAX),
            }
            return false;
        }
        if self.addresses.len() >= ADDRESSES_MAX {
            let last_of = |seen: &Spans| seen.whole().map(|whole| whole.last);
            let oldest = self.addresses.iter().min_by_key(|(_, seen)| last_of(seen)).map(|(ip, _)| *ip);
            if let Some(oldest) = oldest {
                self.addresses.remove(&oldest);
                self.refused = self.refused.saturating_add(1);
            }
        }
        self.addresses.insert(ip, Spans::of(first, last));
        true
    }

    /// The addresses that it has, of those that it had: one gives way to another of its kind that came after it.
    pub fn current_addresses(&self) -> impl Iterator<Item = (IpAddr, Seen)> {
        self.addresses.iter().filter_map(|(ip, seen)| {
            let newest = *seen.all().last()?;
            let given_up = self.addresses.iter().any(|(other, seen)| is_successor(*ip, newest.last, *other, seen));
            (!given_up).then_some((*ip, newest))
        })
    }

    /// A later row of the same sensor goes on where the earlier ended: sensors send what they have counted so far. True
    /// if it can change what the device is held to be.
    pub(crate) fn evidence(&mut self, sensor: SensorId, row: &EvidenceRow<Text>, not_before: Nanos) -> bool {
        let key = (row.attribute, row.value.clone(), row.rule.clone(), sensor);
        let told = Seen::new(row.first.max(not_before.min(row.last)), row.last);
        let Some(known) = self.evidence.get(&key) else {
            if self.evidence.len() >= EVIDENCE_MAX {
                self.refused = self.refused.saturating_add(1);
                return false;
            }
            let seen = Spans::of(told.first, told.last);
            self.evidence.insert(key, Weighed { weight: row.weight, count: row.count, seen });
            return true;
        };
        let before = known.seen.whole().map_or(told.last, |whole| whole.last);
        // Of the time since it was last told only the end is known.
        let new = if told.first <= before { Seen { first: told.last, last: told.last } } else { told };
        let replaced = new.last > before && is_exclusive(row.attribute) && self.replaced_since(&key, before, new.first);
        let Some(known) = self.evidence.get_mut(&key) else { return false };
        let changed = known.weight != row.weight || replaced;
        known.weight = row.weight;
        known.count = known.count.max(row.count);
        if replaced {
            known.seen.begin(new.first, new.last, STRETCHES_MAX);
        } else {
            known.seen.add(new.first, new.last, Nanos::MAX / 4, STRETCHES_MAX);
        }
        changed || new.last > before
    }

    /// Whether the same signal told this sensor another value after `since` and before `until`.
    fn replaced_since(&self, of: &EvidenceKey, since: Nanos, until: Nanos) -> bool {
        let of_signal = signal(of.2.as_str());
        self.of_attribute(of.0).any(|(key, weighed)| {
            key.3 == of.3
                && key.1 != of.1
                && signal(key.2.as_str()) == of_signal
                && weighed.seen.newest(until).is_some_and(|span| span.last > since)
        })
    }

    /// The times at which anything that is believed of it, or an address of it, began.
    pub(crate) fn all_turns(&self) -> impl Iterator<Item = Nanos> {
        let evidence = self.evidence.values().map(|weighed| &weighed.seen);
        evidence.chain(self.addresses.values()).flat_map(|spans| spans.all().iter().map(|span| span.first))
    }

    fn of_attribute(&self, attribute: Attribute) -> impl Iterator<Item = (&EvidenceKey, &Weighed)> {
        let from = (attribute, Text::default(), Text::default(), SensorId([0; 16]));
        self.evidence.range(from..).take_while(move |((this, ..), _)| *this == attribute)
    }

    /// What is believed of it at a time, by everything that is known now. A reason is as old as its newest stretch.
    pub(crate) fn reasons(&self, at: Nanos) -> impl Iterator<Item = Evidence<'_>> {
        self.evidence.iter().filter_map(move |((attribute, value, rule, _), weighed)| {
            let seen = weighed.seen.newest(at)?;
            let first = weighed.seen.whole().map_or(seen.first, |whole| whole.first);
            Some(Evidence {
                attribute: *attribute,
                value: value.as_str(),
                rule: rule.as_str(),
                weight: weighed.weight,
                count: weighed.count,
                first: if is_exclusive(*attribute) { seen.first } else { first },
                last: seen.last,
            })
        })
    }

    pub(crate) fn talk(&mut self, key: TalkKey, sum: &TalkSum) -> bool {
        if let Some(known) = self.talks.get_mut(&key) {
            known.add(sum);
            return false;
        }
        if self.talks.len() >= TALKS_MAX {
            self.refused = self.refused.saturating_add(1);
            return false;
        }
        self.talks.insert(key, sum.clone());
        true
    }

    pub(crate) fn act(&mut self, key: ActKey, count: u64, bytes: u64) {
        if !self.acts.contains_key(&key) && self.acts.len() >= ACTS_MAX {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        let entry = self.acts.entry(key).or_default();
        entry.count = entry.count.saturating_add(count);
        entry.bytes = entry.bytes.saturating_add(bytes);
    }

    /// The times at which what is believed of an attribute may have changed.
    pub(crate) fn turns(&self, attribute: Attribute) -> impl Iterator<Item = Nanos> {
        self.of_attribute(attribute).flat_map(|(_, weighed)| weighed.seen.all().iter().map(|span| span.first))
    }

    /// When it was heard, by whichever sensor.
    pub fn presence(&self) -> Spans {
        let mut all = Spans::default();
        for spans in self.sensors.values() {
            all.merge(spans, PRESENCE_GAP, PRESENCE_MAX);
        }
        all
    }

    /// The face as it was at a time; counts of conversations and acts are of today. `None` before it was first seen.
    pub(crate) fn as_of(&self, at: Nanos) -> Option<Face> {
        let seen = self.seen.until(at)?;
        let cut = |spans: &Spans| Some(spans.until(at)).filter(|spans| !spans.all().is_empty());
        let sensors: BTreeMap<_, _> =
            self.sensors.iter().filter_map(|(sensor, spans)| Some((*sensor, cut(spans)?))).collect();
        let last = sensors.values().filter_map(|spans| Some(spans.whole()?.last)).max();
        Some(Face {
            seen: Seen { first: seen.first, last: last.unwrap_or(seen.last) },
            addresses: self.addresses.iter().filter_map(|(ip, spans)| Some((*ip, cut(spans)?))).collect(),
            talks: self
                .talks
                .iter()
                .filter(|(_, sum)| sum.first <= at)
                .map(|(key, sum)| (key.clone(), TalkSum { last: sum.last.min(at), ..sum.clone() }))
                .collect(),
            acts: BTreeMap::new(),
            usage: Usage::default(),
            sensors,
            refused: self.refused,
            evidence: self
                .evidence
                .iter()
                .filter_map(|(key, weighed)| Some((key.clone(), Weighed { seen: cut(&weighed.seen)?, ..*weighed })))
                .collect(),
        })
    }
}
