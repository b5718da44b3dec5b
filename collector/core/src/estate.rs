//! All that one tenant has, and how a record changes it.

mod grouping;
mod intake;
mod people;

use crate::bond::{Bond, Clue, Clues, Rule, Suggestion, made_of};
use crate::decree::Decree;
use crate::device::{Device, parse_id};
use crate::face::FaceKey;
use crate::finding::Case;
use crate::sensor::Sensor;
use crate::tenancy::Tenancy;
use holter_terms::{BootId, DeviceKey, Nanos, SensorId};
use holter_wire::{Party, Record, Text};
use std::collections::{BTreeMap, BTreeSet};

/// The most devices of one tenant; evidence of further ones is counted in `refused`.
pub const DEVICES_MAX: usize = 200_000;
/// The most findings; closed ones, the oldest first, give way to new ones.
pub const FINDINGS_MAX: usize = 50_000;
/// The most sensors.
pub const SENSORS_MAX: usize = 4_096;

/// Where a record comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub site: String,
    pub sensor: SensorId,
    pub boot: BootId,
}

/// What a record changed, for those who watch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub devices: BTreeSet<String>,
    pub findings: BTreeSet<String>,
    pub sensors: BTreeSet<SensorId>,
}

/// Names a device: a site and a key.
pub type Known = (String, DeviceKey);

/// Names a face: a site and its key there.
type Place = (String, FaceKey);

/// Names a bond: what it joins, by which rule, resting on what.
type BondKey = (String, FaceKey, FaceKey, Rule, String);

#[derive(Debug, Clone, Default)]
pub struct Estate {
    pub devices: BTreeMap<Known, Device>,
    pub findings: BTreeMap<String, Case>,
    pub sensors: BTreeMap<SensorId, Sensor>,
    /// Which machine held an address when.
    pub tenancy: Tenancy,
    pub decrees: BTreeMap<u64, Decree>,
    /// Rows that found no room.
    pub refused: u64,
    /// The device that a face belongs to.
    heads: BTreeMap<Place, DeviceKey>,
    clues: Clues,
    bonds: BTreeMap<BondKey, Bond>,
    /// The bonds of a face, whether the face is known yet or not.
    bound: BTreeMap<Place, BTreeSet<BondKey>>,
    of_clue: BTreeMap<(String, Clue, String), BTreeSet<BondKey>>,
    suggested: BTreeMap<(String, Clue, String), Vec<Suggestion>>,
    /// Pairs of faces that a person held apart, the lesser first, and by which decision.
    apart: BTreeMap<(String, FaceKey, FaceKey), u64>,
    decrees_of: BTreeMap<Place, Vec<u64>>,
    /// Faces that changed since the last settling, and how far.
    dirty: BTreeMap<Place, Touch>,
}

/// How far a record changes a face. A server talks with all in every minute: what is as before is not made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Touch {
    /// It was heard again.
    #[default]
    Heard,
    /// What lists show of it changed.
    Shown,
    /// What is believed of it may have changed.
    Believed,
}

impl Estate {
    /// Folds one record in. `received` is the time of the collector at which it came.
    pub fn apply(&mut self, source: &Source, record: &Record<Text>, received: Nanos) -> Changes {
        if !self.sensors.contains_key(&source.sensor) && self.sensors.len() >= SENSORS_MAX {
            self.refused = self.refused.saturating_add(1);
            return Changes::default();
        }
        let sensor = self.sensors.entry(source.sensor).or_default();
        sensor.site.clone_from(&source.site);
        sensor.heard = Some(sensor.heard.map_or(received, |heard| heard.max(received)));
        let mut findings = BTreeSet::new();
        match record {
            Record::Boot(boot) => sensor.boot(source.boot, boot, received),
            Record::Loss(loss) => sensor.loss(source.boot, loss),
            Record::Window(window) => {
                sensor.window(window, received);
                self.window(source, window);
            }
            Record::Devices(devices) => self.evidence(source, devices),
            Record::Finding(finding) => findings.extend(self.finding(source, finding)),
        }
        let devices = self.settle();
        Changes { devices, findings, sensors: BTreeSet::from([source.sensor]) }
    }

    /// The device with this id, under whatever key it is known now.
    pub fn device(&self, id: &str) -> Option<&Device> {
        let (site, key) = parse_id(id)?;
        self.device_by(site, key)
    }

    /// The device of a key: of an address the one that is known by nothing else, or else who held it last.
    pub fn device_by(&self, site: &str, key: DeviceKey) -> Option<&Device> {
        self.device_at(site, key, None)
    }

    /// The device of a key at a time.
    pub fn device_at(&self, site: &str, key: DeviceKey, at: Option<Nanos>) -> Option<&Device> {
        self.devices.get(&(site.to_owned(), self.head_at(site, key, at)?))
    }

    fn head_at(&self, site: &str, key: DeviceKey, at: Option<Nanos>) -> Option<DeviceKey> {
        let own = |face: FaceKey| self.heads.get(&(site.to_owned(), face)).copied();
        let DeviceKey::Ip(ip) = key else { return own(FaceKey::of(key)) };
        let holder = match at {
            Some(at) => self.tenancy.holder(site, ip, at),
            None => self.tenancy.holders(site, ip).last().copied(),
        };
        let held = || {
            let mac = holder.map(|holder| holder.mac).or_else(|| made_of(ip))?;
            own(FaceKey { key, host: Some(mac) }).or_else(|| own(FaceKey::of(DeviceKey::Mac(mac))))
        };
        match at {
            // What was told at a time belongs to who held the address then.
            Some(_) => held().or_else(|| own(FaceKey::of(key))),
            // A person may have held what was told of an address apart from its holder: then it goes by the address.
            None if self.devices.contains_key(&(site.to_owned(), key)) => Some(key),
            None => own(FaceKey::of(key)).or_else(held),
        }
    }

    fn known_at(&self, site: &str, key: DeviceKey, at: Nanos) -> Option<Known> {
        Some((site.to_owned(), self.head_at(site, key, Some(at))?))
    }

    /// Devices without the addresses that several routers share: those are no machines of their own.
    pub fn count(&self) -> usize {
        self.devices.values().filter(|device| device.shared.is_none()).count()
    }

    /// Brings what follows from faces up to date: bonds, identities, cards. The ids of the devices that changed.
    fn settle(&mut self) -> BTreeSet<String> {
        self.rebind();
        let mut changed: BTreeMap<Known, Touch> = BTreeMap::new();
        for ((site, face), touch) in std::mem::take(&mut self.dirty) {
            let Some(head) = self.heads.get(&(site.clone(), face)).copied() else { continue };
            let known = (site, head);
            if let Some(device) = self.devices.get_mut(&known)
                && let Some(seen) = device.faces.get(&face).map(|face| face.seen)
            {
                device.seen.widen(seen.first, seen.last);
            }
            let farthest = changed.entry(known).or_default();
            *farthest = touch.max(*farthest);
        }
        let mut ids = BTreeSet::new();
        for (known, touch) in changed {
            let Some(device) = self.devices.get_mut(&known) else { continue };
            match touch {
                Touch::Heard => {}
                Touch::Shown => device.make_card(),
                Touch::Believed => device.settle(),
            }
            ids.insert(device.id());
        }
        ids
    }

    /// A party in words: name and address.
    pub fn name_of(&self, site: &str, party: &Party, at: Nanos) -> String {
        let device = self.device_at(site, party.device, Some(at));
        let address = party.ip.map(|ip| ip.to_string());
        match (device.map(|device| device.card.name.clone()), address) {
            (Some(name), Some(address)) if !name.is_empty() && name != address => format!("{name} ({address})"),
            (_, Some(address)) => address,
            (Some(name), None) if !name.is_empty() => name,
            _ => party.device.to_string(),
        }
    }
}
