//! A device: the evidence of several sensors, and what it adds up to.

use holter_identity::{Evidence, Identity, NAMED};
use holter_terms::{Attribute, DeviceKey, Nanos, Protocol, SensorId, Severity, Verb, Visibility};
use holter_wire::{EvidenceRow, Text};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

/// The most reasons kept of one device; later ones are counted in `refused`.
pub const EVIDENCE_MAX: usize = 512;
/// The most services with peers kept of one device.
pub const TALKS_MAX: usize = 2048;
/// The most kinds of act with peers kept of one device.
pub const ACTS_MAX: usize = 2048;
/// The most addresses kept of one device; the one not seen for longest gives way.
pub const ADDRESSES_MAX: usize = 64;
/// The most lines of history; the oldest gives way.
pub const HISTORY_MAX: usize = 200;

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

#[derive(Debug, Clone, Copy, Default)]
pub struct ActSum {
    pub count: u64,
    pub bytes: u64,
}

/// First and last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub first: Nanos,
    pub last: Nanos,
}

impl Seen {
    pub(crate) fn widen(&mut self, first: Nanos, last: Nanos) {
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }
}

type EvidenceKey = (Attribute, Text, Text, SensorId);

#[derive(Debug, Clone, Copy)]
struct Weighed {
    weight: i8,
    count: u32,
    seen: Seen,
}

/// What lists show and filters look at, made when the device changes.
#[derive(Debug, Clone, Default)]
pub struct Card {
    pub name: String,
    pub class: String,
    pub class_confidence: u8,
    pub maker: Option<(String, u8)>,
    pub family: Option<(String, u8)>,
    pub model: Option<(String, u8)>,
    pub version: Option<(String, u8)>,
    pub os: Option<(String, u8)>,
    pub roles: Vec<String>,
    pub hostnames: Vec<String>,
    pub ae_titles: Vec<String>,
    pub serials: Vec<String>,
    pub peers: u64,
    pub protocols: BTreeSet<&'static str>,
    pub ports: BTreeSet<u16>,
    pub visibilities: BTreeSet<&'static str>,
    /// All of the above and the addresses in lower case, for plain text.
    pub haystack: String,
}

#[derive(Debug, Clone)]
pub struct Device {
    pub site: String,
    pub key: DeviceKey,
    pub seen: Seen,
    pub addresses: BTreeMap<IpAddr, Seen>,
    pub talks: BTreeMap<TalkKey, TalkSum>,
    pub acts: BTreeMap<(DeviceKey, Side, Verb), ActSum>,
    pub sensors: BTreeMap<SensorId, Nanos>,
    pub history: VecDeque<(Nanos, String)>,
    pub identity: Identity,
    pub card: Card,
    /// Findings about it that are open, and the gravest of them.
    pub open: u64,
    pub worst: Option<Severity>,
    /// Reasons, talks and acts that were left out.
    pub refused: u64,
    evidence: BTreeMap<EvidenceKey, Weighed>,
}

impl Device {
    pub(crate) fn new(site: &str, key: DeviceKey, at: Nanos) -> Device {
        Device {
            site: site.to_owned(),
            key,
            seen: Seen { first: at, last: at },
            addresses: BTreeMap::new(),
            talks: BTreeMap::new(),
            acts: BTreeMap::new(),
            sensors: BTreeMap::new(),
            history: VecDeque::new(),
            identity: Identity::default(),
            card: Card::default(),
            open: 0,
            worst: None,
            refused: 0,
            evidence: BTreeMap::new(),
        }
    }

    pub fn id(&self) -> String {
        id_of(&self.site, &self.key)
    }

    /// Addresses, the one seen last first.
    pub fn newest_addresses(&self) -> Vec<IpAddr> {
        let mut all: Vec<_> = self.addresses.iter().map(|(ip, seen)| (std::cmp::Reverse(seen.last), *ip)).collect();
        all.sort();
        all.into_iter().map(|(_, ip)| ip).collect()
    }

    pub(crate) fn seen_by(&mut self, sensor: SensorId, first: Nanos, last: Nanos) {
        self.seen.widen(first, last);
        let newest = self.sensors.entry(sensor).or_insert(last);
        *newest = (*newest).max(last);
    }

    pub(crate) fn address(&mut self, ip: IpAddr, first: Nanos, last: Nanos) {
        match self.addresses.get_mut(&ip) {
            Some(seen) => seen.widen(first, last),
            None => {
                if self.addresses.len() >= ADDRESSES_MAX {
                    let oldest = self.addresses.iter().min_by_key(|(_, seen)| seen.last).map(|(ip, _)| *ip);
                    if let Some(oldest) = oldest {
                        self.addresses.remove(&oldest);
                        self.refused = self.refused.saturating_add(1);
                    }
                }
                self.addresses.insert(ip, Seen { first, last });
                self.note(first, format!("Uses the address {ip}."));
            }
        }
    }

    /// A later row of the same sensor replaces the earlier: sensors send what they have counted so far.
    pub(crate) fn evidence(&mut self, sensor: SensorId, row: &EvidenceRow<Text>) {
        let key = (row.attribute, row.value.clone(), row.rule.clone(), sensor);
        let seen = Seen { first: row.first.min(row.last), last: row.last.max(row.first) };
        if let Some(known) = self.evidence.get_mut(&key) {
            known.weight = row.weight;
            known.count = known.count.max(row.count);
            known.seen.widen(seen.first, seen.last);
        } else if self.evidence.len() >= EVIDENCE_MAX {
            self.refused = self.refused.saturating_add(1);
        } else {
            self.evidence.insert(key, Weighed { weight: row.weight, count: row.count, seen });
        }
    }

    pub(crate) fn talk(&mut self, key: TalkKey, sum: TalkSum) {
        if !self.talks.contains_key(&key) && self.talks.len() >= TALKS_MAX {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        let entry = self.talks.entry(key).or_insert(TalkSum { first: sum.first, ..TalkSum::default() });
        entry.peer_ip = sum.peer_ip.or(entry.peer_ip);
        entry.conversations = entry.conversations.saturating_add(sum.conversations);
        entry.packets = entry.packets.saturating_add(sum.packets);
        entry.sent = entry.sent.saturating_add(sum.sent);
        entry.received = entry.received.saturating_add(sum.received);
        entry.first = entry.first.min(sum.first);
        entry.last = entry.last.max(sum.last);
    }

    pub(crate) fn act(&mut self, peer: DeviceKey, side: Side, verb: Verb, count: u64, bytes: u64) {
        let key = (peer, side, verb);
        if !self.acts.contains_key(&key) && self.acts.len() >= ACTS_MAX {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        let entry = self.acts.entry(key).or_default();
        entry.count = entry.count.saturating_add(count);
        entry.bytes = entry.bytes.saturating_add(bytes);
    }

    /// Takes over what was known of the same machine under its address alone.
    pub(crate) fn absorb(&mut self, other: Device) {
        self.seen.widen(other.seen.first, other.seen.last);
        for (ip, seen) in other.addresses {
            self.address(ip, seen.first, seen.last);
        }
        for (key, weighed) in other.evidence {
            if self.evidence.len() < EVIDENCE_MAX || self.evidence.contains_key(&key) {
                self.evidence.entry(key).or_insert(weighed);
            } else {
                self.refused = self.refused.saturating_add(1);
            }
        }
        for (key, sum) in other.talks {
            self.talk(key, sum);
        }
        for ((peer, side, verb), sum) in other.acts {
            self.act(peer, side, verb, sum.count, sum.bytes);
        }
        for (sensor, last) in other.sensors {
            self.seen_by(sensor, last, last);
        }
        self.refused = self.refused.saturating_add(other.refused);
        self.note(other.seen.last, format!("Was known by its address {} alone until now.", other.key));
    }

    pub(crate) fn note(&mut self, at: Nanos, what: String) {
        if self.history.len() >= HISTORY_MAX {
            self.history.pop_front();
        }
        self.history.push_back((at, what));
    }

    /// Judges the evidence anew and makes the card. What gained or lost its name goes into the history.
    pub(crate) fn settle(&mut self) {
        let mut merged: BTreeMap<(Attribute, &str, &str), Weighed> = BTreeMap::new();
        for ((attribute, value, rule, _), weighed) in &self.evidence {
            let entry =
                merged.entry((*attribute, value.as_str(), rule.as_str())).or_insert(Weighed { count: 0, ..*weighed });
            if weighed.weight.unsigned_abs() > entry.weight.unsigned_abs() {
                entry.weight = weighed.weight;
            }
            entry.count = entry.count.saturating_add(weighed.count);
            entry.seen.widen(weighed.seen.first, weighed.seen.last);
        }
        let evidence: Vec<Evidence<'_>> = merged
            .iter()
            .map(|(&(attribute, value, rule), weighed)| Evidence {
                attribute,
                value,
                rule,
                weight: weighed.weight,
                count: weighed.count,
                first: weighed.seen.first,
                last: weighed.seen.last,
            })
            .collect();
        let identity = holter_identity::judge(&evidence);
        let mut notes = Vec::new();
        for attribute in [Attribute::Class, Attribute::Maker, Attribute::Family, Attribute::Model, Attribute::Version] {
            let (before, after) = (self.identity.named(attribute), identity.named(attribute));
            match (before, after) {
                (None, Some(after)) => notes.push(format!("Its {attribute} became known: {after}.")),
                (Some(before), Some(after)) if before != after => {
                    notes.push(format!("Its {attribute} is now {after}; before it was {before}."));
                }
                (Some(before), None) => notes.push(format!("Its {attribute} is in doubt again; it was {before}.")),
                _ => {}
            }
        }
        self.identity = identity;
        for note in notes {
            self.note(self.seen.last, note);
        }
        self.make_card();
    }

    fn make_card(&mut self) {
        let best = |attribute| self.identity.best(attribute).map(|v| (v.value.clone(), v.confidence));
        let all = |attribute: Attribute| -> Vec<String> {
            let of_it = self.identity.verdicts.iter().filter(|verdict| verdict.attribute == attribute);
            of_it.map(|verdict| verdict.value.clone()).collect()
        };
        let mut card = Card {
            maker: best(Attribute::Maker),
            family: best(Attribute::Family),
            model: best(Attribute::Model),
            version: best(Attribute::Version),
            os: best(Attribute::Os),
            roles: all(Attribute::Role),
            hostnames: all(Attribute::Hostname),
            ae_titles: all(Attribute::AeTitle),
            serials: all(Attribute::Serial),
            ..Card::default()
        };
        // Below the naming threshold a class is a hint, and lists do not group by hints.
        let class = best(Attribute::Class);
        card.class_confidence = class.as_ref().map_or(0, |(_, confidence)| *confidence);
        card.class = class.filter(|(_, c)| *c >= NAMED).map_or_else(|| "unknown".to_owned(), |(class, _)| class);
        let peers: BTreeSet<_> = self.talks.keys().map(|talk| talk.peer).collect();
        card.peers = peers.len() as u64;
        for talk in self.talks.keys() {
            card.protocols.insert(talk.protocol.as_str());
            card.visibilities.insert(talk.visibility.as_str());
            if talk.side == Side::Server {
                card.ports.insert(talk.port);
            }
        }
        let addresses = self.newest_addresses();
        let named = |of: &Option<(String, u8)>| of.as_ref().filter(|(_, c)| *c >= NAMED).map(|(v, _)| v.clone());
        // A name that only its bearer claims is a clue and not what the device is called: else whoever comes in chooses it.
        card.name = named(&best(Attribute::Hostname))
            .or_else(|| card.ae_titles.first().cloned())
            .or_else(|| named(&card.model))
            .or_else(|| addresses.first().map(IpAddr::to_string))
            .unwrap_or_else(|| self.key.to_string());
        let mut words = vec![card.name.clone(), card.class.clone(), self.key.to_string(), self.site.clone()];
        words.extend(addresses.iter().map(IpAddr::to_string));
        let singles = [&card.maker, &card.family, &card.model, &card.version, &card.os];
        words.extend(singles.into_iter().flatten().map(|(value, _)| value.clone()));
        for list in [&card.roles, &card.hostnames, &card.ae_titles, &card.serials] {
            words.extend(list.iter().cloned());
        }
        card.haystack = words.join("\n").to_lowercase();
        self.card = card;
    }
}

/// The id of a device, which can stand in an address: `site~001865aa0021`, `site~10.20.0.5`, `site~fe80__1`.
pub fn id_of(site: &str, key: &DeviceKey) -> String {
    match key {
        DeviceKey::Mac(mac) => format!("{site}~{}", mac.to_string().replace(':', "")),
        DeviceKey::Ip(ip) => format!("{site}~{}", ip.to_string().replace(':', "_")),
    }
}

/// Site and key of an id.
pub fn parse_id(id: &str) -> Option<(&str, DeviceKey)> {
    let (site, key) = id.rsplit_once('~')?;
    if key.len() == 12 && key.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let mut bytes = [0u8; 6];
        for (byte, pair) in bytes.iter_mut().zip(key.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        return Some((site, DeviceKey::Mac(holter_terms::Mac(bytes))));
    }
    Some((site, DeviceKey::Ip(key.replace('_', ":").parse().ok()?)))
}
