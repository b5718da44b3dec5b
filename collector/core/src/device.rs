//! A device: its faces, what their evidence adds up to, and what people say of it.

use crate::card::Card;
use crate::decree::Said;
use crate::face::{ActKey, ActSum, Face, FaceKey, TalkKey, TalkSum};
use crate::spans::{Seen, Spans};
use holter_identity::{Evidence, Identity};
use holter_terms::{Attribute, DeviceKey, Nanos, SensorId, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The most faces of one device. One more stays a device of its own, and is counted.
pub const FACES_MAX: usize = 128;

#[derive(Debug, Clone)]
pub struct Device {
    pub site: String,
    /// The key of the face that the device is called by: of those with a link-layer address the one seen first.
    pub key: DeviceKey,
    pub faces: BTreeMap<FaceKey, Face>,
    pub seen: Seen,
    pub identity: Identity,
    pub card: Card,
    pub said: Said,
    /// The group that several machines answer for, where its address is one of those: no machine of its own.
    pub shared: Option<String>,
    /// Findings about it that are open, and the gravest of them.
    pub open: u64,
    pub worst: Option<Severity>,
}

impl Device {
    /// A device of these faces; `settle` makes the rest. `None` without a face.
    pub(crate) fn of(site: &str, faces: BTreeMap<FaceKey, Face>) -> Option<Device> {
        let key = head(&faces)?.key;
        let seen = faces.values().map(|face| face.seen).reduce(|mut all, one| {
            all.widen(one.first, one.last);
            all
        })?;
        let shared = match key {
            DeviceKey::Mac(mac) => crate::bond::shared_group(mac),
            DeviceKey::Ip(_) => None,
        };
        Some(Device {
            site: site.to_owned(),
            key,
            faces,
            seen,
            identity: Identity::default(),
            card: Card::default(),
            said: Said::default(),
            shared,
            open: 0,
            worst: None,
        })
    }

    pub fn id(&self) -> String {
        id_of(&self.site, &self.key)
    }

    /// Every address with the times at which it was used.
    pub fn addresses(&self) -> BTreeMap<IpAddr, Seen> {
        let mut all: BTreeMap<IpAddr, Seen> = BTreeMap::new();
        let mut add = |ip: IpAddr, seen: Seen| {
            all.entry(ip).and_modify(|known| known.widen(seen.first, seen.last)).or_insert(seen);
        };
        for (key, face) in &self.faces {
            if let DeviceKey::Ip(ip) = key.key {
                add(ip, face.seen);
            }
            for (ip, spans) in &face.addresses {
                spans.whole().into_iter().for_each(|seen| add(*ip, seen));
            }
        }
        all
    }

    /// Addresses, the one seen last first.
    pub fn newest_addresses(&self) -> Vec<IpAddr> {
        let mut all: Vec<_> =
            self.addresses().into_iter().map(|(ip, seen)| (std::cmp::Reverse(seen.last), ip)).collect();
        all.sort();
        all.into_iter().map(|(_, ip)| ip).collect()
    }

    /// Conversations of all faces.
    pub fn talks(&self) -> BTreeMap<TalkKey, TalkSum> {
        let mut all: BTreeMap<TalkKey, TalkSum> = BTreeMap::new();
        for (key, sum) in self.faces.values().flat_map(|face| &face.talks) {
            all.entry(key.clone()).and_modify(|known| known.add(sum)).or_insert_with(|| sum.clone());
        }
        all
    }

    pub fn acts(&self) -> BTreeMap<ActKey, ActSum> {
        let mut all: BTreeMap<ActKey, ActSum> = BTreeMap::new();
        for (key, sum) in self.faces.values().flat_map(|face| &face.acts) {
            let known = all.entry(*key).or_default();
            known.count = known.count.saturating_add(sum.count);
            known.bytes = known.bytes.saturating_add(sum.bytes);
        }
        all
    }

    /// The sensors that saw it, first and last.
    pub fn sensors(&self) -> BTreeMap<SensorId, Seen> {
        let mut all: BTreeMap<SensorId, Seen> = BTreeMap::new();
        for (sensor, spans) in self.faces.values().flat_map(|face| &face.sensors) {
            if let Some(seen) = spans.whole() {
                all.entry(*sensor).and_modify(|known| known.widen(seen.first, seen.last)).or_insert(seen);
            }
        }
        all
    }

    pub fn sensor_ids(&self) -> BTreeSet<SensorId> {
        self.faces.values().flat_map(|face| face.sensors.keys().copied()).collect()
    }

    /// When it was heard, by whichever sensor under whichever face.
    pub fn presence(&self) -> Spans {
        let mut all = Spans::default();
        for face in self.faces.values() {
            all.merge(&face.presence(), crate::face::PRESENCE_GAP, crate::face::PRESENCE_MAX);
        }
        all
    }

    /// Reasons, talks, acts and addresses that were left out.
    pub fn refused(&self) -> u64 {
        self.faces.values().fold(0, |sum, face| sum.saturating_add(face.refused))
    }

    /// Other ids under which it was known, or would be if its faces were held apart.
    pub fn macs(&self) -> Vec<holter_terms::Mac> {
        let macs = self.faces.keys().filter_map(|face| match face.key {
            DeviceKey::Mac(mac) => Some(mac),
            DeviceKey::Ip(_) => None,
        });
        macs.collect()
    }

    /// Judges the evidence anew.
    pub(crate) fn settle(&mut self) {
        self.identity = self.judged(Nanos::MAX);
        self.make_card();
    }

    pub(crate) fn make_card(&mut self) {
        self.card = Card::of(self);
    }

    pub(crate) fn judged(&self, at: Nanos) -> Identity {
        let mut merged: BTreeMap<(Attribute, &str, &str), Evidence<'_>> = BTreeMap::new();
        for reason in self.faces.values().flat_map(|face| face.reasons(at)) {
            let entry =
                merged.entry((reason.attribute, reason.value, reason.rule)).or_insert(Evidence { count: 0, ..reason });
            if reason.weight.unsigned_abs() > entry.weight.unsigned_abs() {
                entry.weight = reason.weight;
            }
            entry.count = entry.count.saturating_add(reason.count);
            entry.first = entry.first.min(reason.first);
            entry.last = entry.last.max(reason.last);
        }
        let evidence: Vec<Evidence<'_>> = merged.into_values().collect();
        holter_identity::judge(&evidence)
    }

    /// The device as it was at a time, by all that is known now. `None` before it was first seen.
    pub fn as_of(&self, at: Nanos, said: Said) -> Option<Device> {
        let faces = self.faces.iter().filter_map(|(key, face)| Some((*key, face.as_of(at)?))).collect();
        let mut then = Device::of(&self.site, faces)?;
        then.key = self.key;
        then.said = said;
        then.identity = then.judged(at);
        then.make_card();
        Some(then)
    }
}

/// The face that a device is called by.
fn head(faces: &BTreeMap<FaceKey, Face>) -> Option<FaceKey> {
    let by = |(key, face): &(&FaceKey, &Face)| (matches!(key.key, DeviceKey::Ip(_)), face.seen.first, **key);
    faces.iter().min_by_key(by).map(|(key, _)| *key)
}

/// The id of a device, which can stand in an address: `site~001865aa0021`, `site~10.20.0.5`, `site~fe80__1`.
pub fn id_of(site: &str, key: &DeviceKey) -> String {
    format!("{site}~{}", FaceKey::of(*key).id())
}

/// Site and key of an id.
pub fn parse_id(id: &str) -> Option<(&str, DeviceKey)> {
    let (site, key) = id.rsplit_once('~')?;
    let face = FaceKey::parse(key)?;
    face.host.is_none().then_some((site, face.key))
}
