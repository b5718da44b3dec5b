//! What sensors tell, filed under the face that it is about.

use super::{DEVICES_MAX, Estate, FINDINGS_MAX, Known, Place, Source, Touch};
use crate::bond::made_of;
use crate::device::{Device, FACES_MAX};
use crate::face::{Face, FaceKey, Side, TalkKey, TalkSum};
use crate::finding::{Case, MOVES_MAX, Move, Standing};
use crate::tenancy::Held;
use holter_terms::{Attribute, DeviceKey, Mac, Nanos};
use holter_wire::{Devices, Finding, Party, Text, Window};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

impl Estate {
    /// The face that a key stands for at a time, and since when. A machine behind a router for one sensor may stand on
    /// the segment of another: what is told of its address is told of who held it.
    fn face_of(&self, site: &str, key: DeviceKey, at: Nanos) -> (FaceKey, Nanos) {
        let DeviceKey::Ip(ip) = key else { return (FaceKey::of(key), Nanos::MIN) };
        if let Some(holder) = self.tenancy.holder(site, ip, at) {
            return (FaceKey { key, host: Some(holder.mac) }, holder.seen.first);
        }
        let made_of = made_of(ip).filter(|mac| self.is_known(site, FaceKey::of(DeviceKey::Mac(*mac))));
        (FaceKey { key, host: made_of }, Nanos::MIN)
    }

    pub(super) fn is_known(&self, site: &str, face: FaceKey) -> bool {
        self.heads.contains_key(&(site.to_owned(), face))
    }

    /// The face, made if there is room for it, and how far it changes.
    fn face(&mut self, site: &str, face: FaceKey, at: Nanos, touch: Touch) -> Option<&mut Face> {
        let place = (site.to_owned(), face);
        let (head, touch) = match self.heads.get(&place) {
            Some(head) => (*head, touch),
            None => (self.make(site, face, at)?, touch.max(Touch::Shown)),
        };
        self.touch(place, touch);
        self.devices.get_mut(&(site.to_owned(), head))?.faces.get_mut(&face)
    }

    fn touch(&mut self, place: Place, touch: Touch) {
        let farthest = self.dirty.entry(place).or_default();
        *farthest = touch.max(*farthest);
    }

    fn make(&mut self, site: &str, face: FaceKey, at: Nanos) -> Option<DeviceKey> {
        let place = (site.to_owned(), face);
        let host = self.anchor(site, face);
        let home = host.and_then(|host| self.heads.get(&(site.to_owned(), host)).copied());
        if let Some(home) = home
            && let Some(device) = self.devices.get_mut(&(site.to_owned(), home))
            && device.faces.len() < FACES_MAX
        {
            device.faces.insert(face, Face::new(at));
            self.heads.insert(place, home);
            return Some(home);
        }
        if self.devices.len() >= DEVICES_MAX || home.is_some() {
            self.refused = self.refused.saturating_add(1);
            return None;
        }
        let mut device = Device::of(site, BTreeMap::from([(face, Face::new(at))]))?;
        device.said = self.said(site, device.faces.keys(), Nanos::MAX);
        let head = device.key;
        // Another face may go by this key already: it is the same address.
        if let Some(there) = self.devices.get_mut(&(site.to_owned(), head)) {
            there.faces.extend(device.faces);
        } else {
            self.devices.insert((site.to_owned(), head), device);
        }
        self.heads.insert(place.clone(), head);
        if self.bound.contains_key(&place) {
            self.regroup(site, &BTreeSet::from([face]));
            return self.heads.get(&place).copied();
        }
        Some(head)
    }

    /// A MAC was seen with an address.
    fn holds(&mut self, site: &str, key: DeviceKey, ip: IpAddr, first: Nanos, last: Nanos) {
        let DeviceKey::Mac(mac) = key else { return };
        if mac.is_group() || mac == Mac::ZERO || ip.is_unspecified() || ip.is_multicast() {
            return;
        }
        // What several routers answer for is held by none of them.
        let held = self.tenancy.holds(site, ip, mac, first, last);
        let touch = if held == Held::Anew { Touch::Shown } else { Touch::Heard };
        let Some(face) = self.face(site, FaceKey::of(key), first, touch) else { return };
        face.address(ip, first, last, held != Held::Anew);
        self.bind_address(site, ip);
    }

    pub(super) fn evidence(&mut self, source: &Source, devices: &Devices<Text>) {
        let site = source.site.as_str();
        for row in &devices.rows {
            let last = row.last.max(row.first);
            if let (Attribute::Address, Ok(ip)) = (row.attribute, row.value.as_str().parse::<IpAddr>()) {
                self.holds(site, row.device, ip, row.first.min(last), last);
            }
            let (key, since) = self.face_of(site, row.device, last);
            if let Some(face) = self.face(site, key, row.first.max(since.min(last)), Touch::Believed) {
                face.seen_by(source.sensor, last, last);
                face.evidence(source.sensor, row, since);
                face.seen.widen(row.first.max(since.min(last)), last);
            }
            if let FaceKey { key: DeviceKey::Ip(ip), host: None } = key {
                self.bind_address(site, ip);
            }
        }
    }

    pub(super) fn window(&mut self, source: &Source, window: &Window<Text>) {
        let site = source.site.as_str();
        for talk in &window.talks {
            // Who holds which address first, so that both ends are found.
            for party in [&talk.client, &talk.server] {
                let spoke = std::ptr::eq(party, &talk.client) || talk.bytes_down > 0;
                if let (false, Some(ip), true) = (is_group(party), party.ip, spoke) {
                    self.holds(site, party.device, ip, talk.first, talk.last);
                }
            }
            for (party, peer, side) in
                [(&talk.client, &talk.server, Side::Client), (&talk.server, &talk.client, Side::Server)]
            {
                if is_group(party) {
                    continue;
                }
                let peer_key = self.owner(site, peer.device, talk.last);
                let (sent, received) = match side {
                    Side::Client => (talk.bytes_up, talk.bytes_down),
                    Side::Server => (talk.bytes_down, talk.bytes_up),
                };
                let (key, since) = self.face_of(site, party.device, talk.last);
                let first = talk.first.max(since.min(talk.last));
                // A client that was never answered says nothing of whether the other exists.
                let spoke = side == Side::Client || talk.bytes_down > 0;
                let Some(face) = self.face(site, key, first, Touch::Heard) else { continue };
                face.usage.talk(talk.last, sent.saturating_add(received));
                if spoke {
                    face.seen_by(source.sensor, first, talk.last);
                }
                let is_new = face.talk(
                    TalkKey {
                        peer: peer_key,
                        side,
                        protocol: talk.protocol,
                        port: talk.port,
                        visibility: talk.visibility,
                    },
                    &TalkSum {
                        peer_ip: peer.ip,
                        conversations: u64::from(talk.conversations),
                        packets: talk.packets,
                        sent,
                        received,
                        first,
                        last: talk.last,
                    },
                );
                if is_new {
                    self.touch((site.to_owned(), key), Touch::Shown);
                }
                if let FaceKey { key: DeviceKey::Ip(ip), host: None } = key {
                    self.bind_address(site, ip);
                }
            }
        }
        for act in &window.acts {
            for (party, peer, side) in
                [(&act.client, &act.server, Side::Client), (&act.server, &act.client, Side::Server)]
            {
                if is_group(party) {
                    continue;
                }
                let peer = self.owner(site, peer.device, window.start);
                let (key, _) = self.face_of(site, party.device, window.start);
                if let Some(face) = self.face(site, key, window.start, Touch::Heard) {
                    face.act((peer, side, act.verb), act.count, act.bytes);
                    face.usage.act(window.start, side, act.verb, act.count, act.bytes);
                }
            }
        }
    }

    /// Whose key it was at a time: the MAC that held an address, or the key itself.
    fn owner(&self, site: &str, key: DeviceKey, at: Nanos) -> DeviceKey {
        match self.face_of(site, key, at).0.host {
            Some(host) => DeviceKey::Mac(host),
            None => key,
        }
    }

    pub(super) fn finding(&mut self, source: &Source, finding: &Finding<Text>) -> Option<String> {
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
        let (key, _) = self.face_of(site, finding.subject.device, finding.last);
        if let Some(face) = self.face(site, key, finding.first, Touch::Heard) {
            face.seen_by(source.sensor, finding.last, finding.last);
        }
        let about = self.known_at(site, finding.subject.device, finding.last);
        self.recount(&about.into_iter().collect());
        Some(id)
    }

    /// A person moves a finding. `None` where there is none, or it was moved too often.
    pub fn move_finding(&mut self, id: &str, step: Move) -> Option<&Case> {
        let case = self.findings.get_mut(id)?;
        if case.moves.len() >= MOVES_MAX {
            return None;
        }
        case.moves.push(step);
        let (site, subject, at) = (case.source.site.clone(), case.finding.subject.device, case.finding.last);
        let about = self.known_at(&site, subject, at);
        self.recount(&about.into_iter().collect());
        self.findings.get(id)
    }

    /// Counts the open findings of devices anew.
    pub(super) fn recount(&mut self, of: &BTreeSet<Known>) {
        if of.is_empty() {
            return;
        }
        let mut sums: BTreeMap<&Known, (u64, Option<holter_terms::Severity>)> =
            of.iter().map(|known| (known, (0, None))).collect();
        for case in self.findings.values().filter(|case| case.standing() != Standing::Closed) {
            let finding = &case.finding;
            if let Some(about) = self.known_at(&case.source.site, finding.subject.device, finding.last)
                && let Some((open, worst)) = sums.get_mut(&about)
            {
                *open = open.saturating_add(1);
                *worst = (*worst).max(Some(finding.severity));
            }
        }
        let sums: Vec<(Known, _)> = sums.into_iter().map(|(known, sum)| (known.clone(), sum)).collect();
        for (known, sum) in sums {
            if let Some(device) = self.devices.get_mut(&known) {
                (device.open, device.worst) = sum;
            }
        }
    }
}

fn is_group(party: &Party) -> bool {
    let by_mac = matches!(party.device, DeviceKey::Mac(mac) if mac.is_group() || mac == Mac::ZERO);
    let by_ip =
        matches!(party.device, DeviceKey::Ip(ip) if ip.is_multicast() || ip.is_unspecified() || is_broadcast(ip));
    by_mac || by_ip
}

fn is_broadcast(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(v4) if v4.is_broadcast())
}
