//! All that one tenant has, and how a record changes it.

use crate::device::{Device, Side, TalkKey, TalkSum, parse_id};
use crate::finding::{Case, MOVES_MAX, Move, Standing};
use crate::sensor::Sensor;
use holter_terms::{Attribute, BootId, DeviceKey, Nanos, SensorId};
use holter_wire::{Devices, Finding, Party, Record, Text, Window};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

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

#[derive(Debug, Clone, Default)]
pub struct Estate {
    pub devices: BTreeMap<Known, Device>,
    pub findings: BTreeMap<String, Case>,
    pub sensors: BTreeMap<SensorId, Sensor>,
    /// Which MAC used an address last, by site.
    owners: BTreeMap<(String, IpAddr), (DeviceKey, Nanos)>,
    /// Rows that found no room.
    pub refused: u64,
    dirty: BTreeSet<Known>,
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

    /// A person moves a finding. `None` where there is none, or it was moved too often.
    pub fn move_finding(&mut self, id: &str, step: Move) -> Option<&Case> {
        let case = self.findings.get_mut(id)?;
        if case.moves.len() >= MOVES_MAX {
            return None;
        }
        case.moves.push(step);
        let (site, subject) = (case.source.site.clone(), case.finding.subject.device);
        self.recount(&(site.clone(), self.resolve(&site, subject)));
        self.findings.get(id)
    }

    /// The device with this id, under whatever key it is known now.
    pub fn device(&self, id: &str) -> Option<&Device> {
        let (site, key) = parse_id(id)?;
        self.device_by(site, key)
    }

    pub fn device_by(&self, site: &str, key: DeviceKey) -> Option<&Device> {
        let exact = self.devices.get(&(site.to_owned(), key));
        exact.or_else(|| self.devices.get(&(site.to_owned(), self.resolve(site, key))))
    }

    /// A machine behind a router for one sensor may stand on the segment of another: its address leads to its MAC.
    fn resolve(&self, site: &str, key: DeviceKey) -> DeviceKey {
        match key {
            DeviceKey::Mac(_) => key,
            DeviceKey::Ip(ip) => self.owners.get(&(site.to_owned(), ip)).map_or(key, |(owner, _)| *owner),
        }
    }

    fn entry(&mut self, site: &str, key: DeviceKey, at: Nanos) -> Option<&mut Device> {
        let known = (site.to_owned(), self.resolve(site, key));
        if !self.devices.contains_key(&known) && self.devices.len() >= DEVICES_MAX {
            self.refused = self.refused.saturating_add(1);
            return None;
        }
        self.dirty.insert(known.clone());
        let resolved = known.1;
        Some(self.devices.entry(known).or_insert_with(|| Device::new(site, resolved, at)))
    }

    /// A MAC was seen with an address. What was known under the address alone is its own from now on.
    fn owns(&mut self, site: &str, key: DeviceKey, ip: IpAddr, first: Nanos, last: Nanos) {
        if let DeviceKey::Mac(mac) = key
            && !mac.is_group()
            && !ip.is_unspecified()
            && !ip.is_multicast()
        {
            let place = (site.to_owned(), ip);
            let newer = self.owners.get(&place).is_none_or(|(_, since)| *since <= last);
            if newer && (self.owners.contains_key(&place) || self.owners.len() < DEVICES_MAX) {
                self.owners.insert(place, (key, last));
            }
            if let Some(orphan) = self.devices.remove(&(site.to_owned(), DeviceKey::Ip(ip))) {
                self.dirty.remove(&(site.to_owned(), DeviceKey::Ip(ip)));
                if let Some(device) = self.entry(site, key, first) {
                    device.absorb(orphan);
                }
            }
        }
        if let Some(device) = self.entry(site, key, first)
            && !ip.is_unspecified()
        {
            device.address(ip, first, last);
        }
    }

    fn evidence(&mut self, source: &Source, devices: &Devices<Text>) {
        for row in &devices.rows {
            if let (Attribute::Address, Ok(ip)) = (row.attribute, row.value.as_str().parse::<IpAddr>()) {
                self.owns(&source.site, row.device, ip, row.first, row.last);
            }
            if let Some(device) = self.entry(&source.site, row.device, row.first) {
                device.seen_by(source.sensor, row.first, row.last);
                device.evidence(source.sensor, row);
            }
        }
    }

    fn window(&mut self, source: &Source, window: &Window<Text>) {
        let site = source.site.as_str();
        for talk in &window.talks {
            for (party, peer, side) in
                [(&talk.client, &talk.server, Side::Client), (&talk.server, &talk.client, Side::Server)]
            {
                if is_group(party) {
                    continue;
                }
                if let Some(ip) = party.ip {
                    self.owns(site, party.device, ip, talk.first, talk.last);
                }
                let peer_key = self.resolve(site, peer.device);
                let (sent, received) = match side {
                    Side::Client => (talk.bytes_up, talk.bytes_down),
                    Side::Server => (talk.bytes_down, talk.bytes_up),
                };
                // A client that was never answered says nothing of whether the other exists.
                let spoke = side == Side::Client || talk.bytes_down > 0;
                let Some(device) = self.entry(site, party.device, talk.first) else { continue };
                if spoke {
                    device.seen_by(source.sensor, talk.first, talk.last);
                }
                device.talk(
                    TalkKey {
                        peer: peer_key,
                        side,
                        protocol: talk.protocol,
                        port: talk.port,
                        visibility: talk.visibility,
                    },
                    TalkSum {
                        peer_ip: peer.ip,
                        conversations: u64::from(talk.conversations),
                        packets: talk.packets,
                        sent,
                        received,
                        first: talk.first,
                        last: talk.last,
                    },
                );
            }
        }
        for act in &window.acts {
            for (party, peer, side) in
                [(&act.client, &act.server, Side::Client), (&act.server, &act.client, Side::Server)]
            {
                if is_group(party) {
                    continue;
                }
                let peer = self.resolve(site, peer.device);
                if let Some(device) = self.entry(site, party.device, window.start) {
                    device.act(peer, side, act.verb, act.count, act.bytes);
                }
            }
        }
    }

    fn finding(&mut self, source: &Source, finding: &Finding<Text>) -> Option<String> {
        let id: String = finding.id.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.findings.get_mut(&id) {
            // An id belongs to the sensor that made it: another cannot overwrite it.
            Some(known) if known.source.sensor != source.sensor => {
                self.refused = self.refused.saturating_add(1);
                return None;
            }
            Some(known) => {
                let worse = finding.severity > known.finding.severity;
                known.finding = finding.clone();
                if worse && known.standing() == Standing::Closed {
                    known.moves.push(Move {
                        to: Standing::Open,
                        who: "collector".to_owned(),
                        at: finding.last,
                        note: Some("It became graver after it was closed.".to_owned()),
                    });
                }
            }
            None => {
                if self.findings.len() >= FINDINGS_MAX {
                    let closed = self.findings.values().filter(|case| case.standing() == Standing::Closed);
                    let oldest = closed.min_by_key(|case| case.finding.last).map(|case| case.id.clone());
                    self.refused = self.refused.saturating_add(1);
                    self.findings.remove(&oldest?);
                }
                let case = Case { id: id.clone(), source: source.clone(), finding: finding.clone(), moves: Vec::new() };
                self.findings.insert(id.clone(), case);
            }
        }
        let site = source.site.as_str();
        if let Some(device) = self.entry(site, finding.subject.device, finding.first) {
            device.seen_by(source.sensor, finding.first, finding.last);
        }
        self.recount(&(site.to_owned(), self.resolve(site, finding.subject.device)));
        Some(id)
    }

    /// Counts the open findings of a device anew.
    fn recount(&mut self, known: &Known) {
        let (mut open, mut worst) = (0u64, None);
        for case in self.findings.values() {
            let subject = (case.source.site.clone(), self.resolve(&case.source.site, case.finding.subject.device));
            if subject == *known && case.standing() != Standing::Closed {
                open = open.saturating_add(1);
                worst = worst.max(Some(case.finding.severity));
            }
        }
        if let Some(device) = self.devices.get_mut(known) {
            (device.open, device.worst) = (open, worst);
        }
    }

    fn settle(&mut self) -> BTreeSet<String> {
        let dirty = std::mem::take(&mut self.dirty);
        let mut ids = BTreeSet::new();
        for known in dirty {
            if let Some(device) = self.devices.get_mut(&known) {
                device.settle();
                ids.insert(device.id());
            }
        }
        ids
    }

    /// A party in words: name and address.
    pub fn name_of(&self, site: &str, party: &Party) -> String {
        let device = self.device_by(site, party.device);
        let address = party.ip.map(|ip| ip.to_string());
        match (device.map(|device| device.card.name.clone()), address) {
            (Some(name), Some(address)) if !name.is_empty() && name != address => format!("{name} ({address})"),
            (_, Some(address)) => address,
            (Some(name), None) if !name.is_empty() => name,
            _ => party.device.to_string(),
        }
    }
}

fn is_group(party: &Party) -> bool {
    let by_mac = matches!(party.device, DeviceKey::Mac(mac) if mac.is_group() || mac == holter_terms::Mac::ZERO);
    let by_ip =
        matches!(party.device, DeviceKey::Ip(ip) if ip.is_multicast() || ip.is_unspecified() || is_broadcast(ip));
    by_mac || by_ip
}

fn is_broadcast(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(v4) if v4.is_broadcast())
}
