//! Rows and devices brought together, by keys of stated strength, and never by a guess.

use super::differs::differences;
use super::index::Index;
use super::outcome::{Ambiguous, Candidate, Comparison, Key, Known, Missing, Outcome, Pairing, Strength};
use super::sight::{Seeing, Segment, Sight};
use super::{Listed, ROWS_MAX, host, serial};
use crate::device::Device;
use crate::estate::Estate;
use crate::past::{Presence, current_addresses};
use holter_terms::Nanos;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What is compared with what, and how.
pub struct Terms<'a> {
    /// The time that it is.
    pub now: Nanos,
    /// A device not seen for so long is absent.
    pub within: Nanos,
    /// What the sensors would have sent in the place of a name, where names are hashed.
    pub hashed: &'a dyn Fn(&str) -> Option<String>,
}

/// Compares a list with what sensors have seen.
pub fn compare(rows: &[Listed], estate: &Estate, terms: &Terms<'_>) -> Comparison {
    let (index, sight) = (Index::of(estate), Sight::of(estate));
    let mut taken: BTreeMap<usize, Vec<(usize, Strength)>> = BTreeMap::new();
    let mut held: BTreeSet<usize> = BTreeSet::new();
    let mut chosen = Vec::new();
    for (number, row) in rows.iter().enumerate().take(ROWS_MAX) {
        let found = index.candidates(row, terms);
        let choice = choose(&index, row, found);
        match &choice {
            Choice::One(at, _, strength) => taken.entry(*at).or_default().push((number, *strength)),
            Choice::Several(_, several) => held.extend(several.iter().map(|(at, _)| *at)),
            Choice::Weak(at) => {
                held.insert(*at);
            }
            Choice::None => {}
        }
        chosen.push(choice);
    }
    let judge = Judge { index: &index, sight: &sight, estate, terms };
    let mut comparison = Comparison {
        refused: u64::try_from(rows.len().saturating_sub(ROWS_MAX)).unwrap_or(u64::MAX),
        ..Comparison::default()
    };
    for (number, (choice, row)) in chosen.into_iter().zip(rows).enumerate() {
        let outcome = judge.outcome(number, row, choice, &taken);
        comparison.rows.push(Pairing { row: number, outcome });
    }
    for (at, device) in index.devices.iter().enumerate() {
        if taken.contains_key(&at) || held.contains(&at) {
            continue;
        }
        if is_outside(device) {
            comparison.outside = comparison.outside.saturating_add(1);
        } else {
            comparison.unlisted.push(Known { device: device.id(), last: device.seen.last });
        }
    }
    let shared = estate.devices.values().filter(|device| device.shared.is_some()).count();
    comparison.outside = comparison.outside.saturating_add(u64::try_from(shared).unwrap_or(u64::MAX));
    comparison
}

enum Choice {
    None,
    One(usize, BTreeSet<Key>, Strength),
    /// Only an address speaks for it.
    Weak(usize),
    Several(Ambiguous, Vec<(usize, BTreeSet<Key>)>),
}

fn choose(index: &Index<'_>, row: &Listed, found: BTreeMap<usize, BTreeSet<Key>>) -> Choice {
    let mut ranked: Vec<(Strength, usize, BTreeSet<Key>)> =
        found.into_iter().map(|(at, keys)| (index.strength(at, &keys, row), at, keys)).collect();
    let Some(best) = ranked.iter().map(|(strength, ..)| *strength).max() else { return Choice::None };
    ranked.retain(|(strength, ..)| *strength == best);
    if let [(_, at, keys)] = ranked.as_slice() {
        return match best {
            Strength::Weak => Choice::Weak(*at),
            _ => Choice::One(*at, keys.clone(), best),
        };
    }
    // Equally strong: whether they are so by the same key or by different ones.
    let common = ranked.iter().map(|(.., keys)| keys.clone()).reduce(|a, b| a.intersection(&b).copied().collect());
    let why = if common.is_some_and(|common| common.is_empty()) { Ambiguous::Keys } else { Ambiguous::Devices };
    Choice::Several(why, ranked.into_iter().map(|(_, at, keys)| (at, keys)).collect())
}

struct Judge<'a> {
    index: &'a Index<'a>,
    sight: &'a Sight,
    estate: &'a Estate,
    terms: &'a Terms<'a>,
}

impl Judge<'_> {
    fn outcome(
        &self,
        number: usize,
        row: &Listed,
        choice: Choice,
        taken: &BTreeMap<usize, Vec<(usize, Strength)>>,
    ) -> Outcome {
        let candidate = |at: usize, by: BTreeSet<Key>| Some(Candidate { device: self.index.devices.get(at)?.id(), by });
        match choice {
            Choice::None => Outcome::Unseen(self.missing(row)),
            Choice::Several(why, several) => {
                let several = several.into_iter().take(16).filter_map(|(at, by)| candidate(at, by)).collect();
                Outcome::Ambiguous(why, several)
            }
            Choice::Weak(at) => match self.index.devices.get(at) {
                Some(device) => {
                    let address = row.addresses.iter().find(|ip| current_addresses(device).contains(ip)).copied();
                    match address {
                        Some(address) => Outcome::Unseen(Missing::AddressOnly {
                            device: device.id(),
                            address,
                            last: device.seen.last,
                        }),
                        None => Outcome::Unseen(self.missing(row)),
                    }
                }
                None => Outcome::Unseen(self.missing(row)),
            },
            Choice::One(at, by, strength) => {
                let rivals = taken.get(&at).map(Vec::as_slice).unwrap_or_default();
                let stronger = rivals.iter().any(|(other, theirs)| *other != number && *theirs >= strength);
                match (self.index.devices.get(at), candidate(at, by)) {
                    (Some(device), Some(candidate)) if !stronger => self.seen(row, device, candidate),
                    (_, candidate) => Outcome::Ambiguous(Ambiguous::Rows, candidate.into_iter().collect()),
                }
            }
        }
    }

    fn seen(&self, row: &Listed, device: &Device, candidate: Candidate) -> Outcome {
        let last = device.seen.last;
        if self.terms.now.saturating_sub(last) <= self.terms.within {
            return Outcome::Seen(candidate, differences(row, device));
        }
        match self.estate.presence_at(device, self.terms.now) {
            Some(Presence::Unseen) => Outcome::Unseen(Missing::SensorAway { device: device.id(), last }),
            _ => {
                let segment = device.newest_addresses().first().map(|ip| Segment::of(*ip));
                Outcome::Unseen(Missing::Absent { segment, last: Some((device.id(), last)) })
            }
        }
    }

    /// Why nothing of it was seen.
    fn missing(&self, row: &Listed) -> Missing {
        let has_key = row.serial.as_deref().and_then(serial).is_some()
            || !row.macs.is_empty()
            || row.name.as_deref().and_then(host).is_some()
            || !row.addresses.is_empty();
        if !has_key {
            return Missing::NoKey;
        }
        let networks: Vec<(Segment, Option<Seeing>)> = row
            .addresses
            .iter()
            .map(|ip| (Segment::of(*ip), self.sight.network(*ip).map(|(_, seeing)| seeing)))
            .collect();
        let watched = networks.iter().find(|(_, seeing)| seeing.is_some_and(|seeing| seeing.is_watched()));
        let passing = networks.iter().find(|(_, seeing)| seeing.is_some());
        match (watched, passing, networks.first()) {
            (Some((segment, _)), ..) => Missing::Absent { segment: Some(*segment), last: None },
            (None, Some((segment, _)), _) => Missing::PassingOnly(*segment),
            (None, None, Some((segment, _))) => Missing::NoSight(*segment),
            (None, None, None) => Missing::NoSegment,
        }
    }
}

/// Known by a public address alone: a peer outside, for which no list has a row.
fn is_outside(device: &Device) -> bool {
    device.macs().is_empty()
        && device.addresses().keys().all(|ip| match ip {
            IpAddr::V4(v4) => !(v4.is_private() || v4.is_link_local() || is_shared_space(v4.octets())),
            IpAddr::V6(v6) => !(v6.is_unique_local() || v6.is_unicast_link_local()),
        })
}

/// 100.64.0.0/10, RFC 6598.
fn is_shared_space([a, b, ..]: [u8; 4]) -> bool {
    a == 100 && (64..128).contains(&b)
}
