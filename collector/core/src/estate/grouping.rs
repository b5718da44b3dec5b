//! Which faces are one device: bonds found and lost, and devices made anew from them.

use super::{BondKey, Estate, Known, Touch};
use crate::HOUR;
use crate::bond::{self, Bond, Clue, Rule, Suggestion};
use crate::device::{Device, FACES_MAX};
use crate::face::{Face, FaceKey};
use holter_terms::{DeviceKey, Nanos};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Two faces, the lesser first.
fn pair(a: FaceKey, b: FaceKey) -> (FaceKey, FaceKey) {
    if a <= b { (a, b) } else { (b, a) }
}

impl Estate {
    fn are_apart(&self, site: &str, a: FaceKey, b: FaceKey) -> Option<u64> {
        let (a, b) = pair(a, b);
        self.apart.get(&(site.to_owned(), a, b)).copied()
    }

    /// What a face stands with by its nature: an address with who held it, or, where a person held these apart, with
    /// the address alone.
    pub(super) fn anchor(&self, site: &str, face: FaceKey) -> Option<FaceKey> {
        let host = FaceKey::of(DeviceKey::Mac(face.host?));
        Some(match self.are_apart(site, face, host) {
            None => host,
            Some(_) => FaceKey::of(face.key),
        })
    }

    /// What was told of an address before anybody was seen to hold it, or after, belongs to a holder if all of it does.
    pub(super) fn bind_address(&mut self, site: &str, ip: IpAddr) {
        let alone = FaceKey::of(DeviceKey::Ip(ip));
        let Some(seen) = self.faces_of(site, alone).map(|face| face.seen) else { return };
        let [first, last] =
            [seen.first, seen.last].map(|at| self.tenancy.holder(site, ip, at).map(|holder| holder.mac));
        let bond = first.filter(|_| first == last).map(|mac| Bond {
            a: alone,
            b: FaceKey::of(DeviceKey::Mac(mac)),
            rule: Rule::Address,
            value: ip.to_string(),
            since: seen.first,
            decree: None,
        });
        let before: BTreeSet<BondKey> = self
            .bound
            .get(&(site.to_owned(), alone))
            .map(|keys| keys.iter().filter(|key| key.3 == Rule::Address).cloned().collect())
            .unwrap_or_default();
        self.replace_bonds(site, before, bond.into_iter().collect());
    }

    fn faces_of(&self, site: &str, face: FaceKey) -> Option<&Face> {
        let head = self.heads.get(&(site.to_owned(), face))?;
        self.devices.get(&(site.to_owned(), *head))?.faces.get(&face)
    }

    pub(super) fn key_of(site: &str, bond: &Bond) -> BondKey {
        let (a, b) = pair(bond.a, bond.b);
        let value = bond.decree.map_or_else(|| bond.value.clone(), |decree| decree.to_string());
        (site.to_owned(), a, b, bond.rule, value)
    }

    fn insert_bond(&mut self, site: &str, bond: Bond) {
        let key = Self::key_of(site, &bond);
        for end in [bond.a, bond.b] {
            self.bound.entry((site.to_owned(), end)).or_default().insert(key.clone());
        }
        self.bonds.insert(key, bond);
    }

    fn remove_bond(&mut self, key: &BondKey) {
        for end in [key.1, key.2] {
            let place = (key.0.clone(), end);
            if let Some(bound) = self.bound.get_mut(&place) {
                bound.remove(key);
                if bound.is_empty() {
                    self.bound.remove(&place);
                }
            }
        }
        self.bonds.remove(key);
    }

    /// Puts bonds in the place of others, and makes the devices anew that they touch.
    pub(super) fn replace_bonds(
        &mut self,
        site: &str,
        before: BTreeSet<BondKey>,
        after: Vec<Bond>,
    ) -> BTreeSet<BondKey> {
        let keys: BTreeSet<BondKey> = after.iter().map(|bond| Self::key_of(site, bond)).collect();
        let mut touched = BTreeSet::new();
        for key in before.difference(&keys) {
            touched.extend([key.1, key.2]);
            self.remove_bond(key);
        }
        for bond in after {
            let key = Self::key_of(site, &bond);
            if !before.contains(&key) {
                touched.extend([bond.a, bond.b]);
                self.insert_bond(site, bond);
            }
        }
        if !touched.is_empty() {
            self.regroup(site, &touched);
        }
        keys
    }

    /// Judges the groups of faces anew that share a clue with one that changed.
    pub(super) fn rebind(&mut self) {
        let mut groups: BTreeSet<(String, Clue, String)> = BTreeSet::new();
        for (place, touch) in &self.dirty {
            let (site, key) = place;
            let Some(face) = self
                .heads
                .get(place)
                .and_then(|head| self.devices.get(&(site.clone(), *head)))
                .and_then(|device| device.faces.get(key))
            else {
                continue;
            };
            // What an address alone tells is told of its holder, who has clues of his own.
            if key.host.is_some() {
                continue;
            }
            let last = face.seen.last;
            let touched: BTreeSet<(Clue, String)> = if *touch == Touch::Believed {
                self.clues.set(site, *key, bond::clues(face))
            } else {
                // That it was heard once more matters only where another of the group is there too.
                let company = |(clue, value): &&(Clue, String)| {
                    let others =
                        self.clues.sharing(site, *clue, value).into_iter().flatten().filter(|other| *other != key);
                    others
                        .filter_map(|other| self.faces_of(site, *other))
                        .any(|other| other.seen.last > last.saturating_sub(HOUR))
                };
                self.clues.of(site, *key).iter().filter(company).cloned().collect()
            };
            groups.extend(touched.into_iter().map(|(clue, value)| (site.clone(), clue, value)));
        }
        for group in groups {
            self.judge_group(&group);
        }
    }

    fn judge_group(&mut self, group: &(String, Clue, String)) {
        let (site, clue, value) = (group.0.as_str(), group.1, group.2.as_str());
        let faces: BTreeMap<FaceKey, &Face> = self
            .clues
            .sharing(site, clue, value)
            .into_iter()
            .flatten()
            .filter_map(|key| Some((*key, self.faces_of(site, *key)?)))
            .collect();
        let (bonds, suggestions) = bond::judge(clue, value, &faces);
        let before = self.of_clue.remove(group).unwrap_or_default();
        if suggestions.is_empty() {
            self.suggested.remove(group);
        } else {
            self.suggested.insert(group.clone(), suggestions);
        }
        if before.is_empty() && bonds.is_empty() {
            return;
        }
        let keys = self.replace_bonds(site, before, bonds);
        if !keys.is_empty() {
            self.of_clue.insert(group.clone(), keys);
        }
    }

    /// Makes the devices anew that hold these faces.
    pub(super) fn regroup(&mut self, site: &str, touched: &BTreeSet<FaceKey>) {
        let mut pool: BTreeMap<FaceKey, Face> = BTreeMap::new();
        let mut next: Vec<FaceKey> = touched.iter().copied().collect();
        while let Some(face) = next.pop() {
            let Some(head) = self.heads.get(&(site.to_owned(), face)).copied() else { continue };
            let Some(mut device) = self.devices.remove(&(site.to_owned(), head)) else { continue };
            let faces = std::mem::take(&mut device.faces);
            for key in faces.keys() {
                next.extend(self.anchor(site, *key));
                let bound = self.bound.get(&(site.to_owned(), *key)).into_iter().flatten();
                next.extend(bound.flat_map(|bond| [bond.1, bond.2]));
            }
            pool.extend(faces);
        }
        let groups = self.components(site, &pool);
        let mut changed: BTreeSet<Known> = BTreeSet::new();
        for group in groups {
            let faces: BTreeMap<FaceKey, Face> =
                group.iter().filter_map(|key| Some((*key, pool.remove(key)?))).collect();
            let Some(mut device) = Device::of(site, faces) else { continue };
            device.said = self.said(site, device.faces.keys(), Nanos::MAX);
            for face in device.faces.keys() {
                self.heads.insert((site.to_owned(), *face), device.key);
                self.dirty.insert((site.to_owned(), *face), Touch::Believed);
            }
            let known = (site.to_owned(), device.key);
            changed.insert(known.clone());
            // A face of an address and that of one who held it may go by the same key.
            match self.devices.get_mut(&known) {
                Some(there) => there.faces.extend(device.faces),
                None => drop(self.devices.insert(known, device)),
            }
        }
        self.recount(&changed);
    }

    /// Which of these faces stand together, by their anchors and bonds, the surest first.
    fn components(&self, site: &str, pool: &BTreeMap<FaceKey, Face>) -> Vec<BTreeSet<FaceKey>> {
        let mut group_of: BTreeMap<FaceKey, usize> = pool.keys().enumerate().map(|(at, key)| (*key, at)).collect();
        let mut groups: Vec<BTreeSet<FaceKey>> = pool.keys().map(|key| BTreeSet::from([*key])).collect();
        let mut unite = |a: FaceKey, b: FaceKey, decree: Option<u64>, always: bool| {
            let (Some(&x), Some(&y)) = (group_of.get(&a), group_of.get(&b)) else { return };
            let (Some(left), Some(right)) = (groups.get(x), groups.get(y)) else { return };
            if x == y {
                return;
            }
            let held = left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b)));
            let mut held = held.filter_map(|(a, b)| self.are_apart(site, a, b));
            // The later word of two that contradict each other holds.
            let forbidden = held.any(|ban| decree.is_none_or(|decree| decree < ban));
            let fits = left.len().saturating_add(right.len()) <= FACES_MAX;
            if !always && (forbidden || !fits) {
                return;
            }
            let moved = groups.get_mut(y).map(std::mem::take).unwrap_or_default();
            for key in &moved {
                group_of.insert(*key, x);
            }
            if let Some(into) = groups.get_mut(x) {
                into.extend(moved);
            }
        };
        for key in pool.keys() {
            if let Some(anchor) = self.anchor(site, *key) {
                unite(anchor, *key, None, true);
            }
        }
        // Where an address stands apart from who held it, all that was told of the address alone is one device.
        for key in pool.keys().filter(|key| key.host.is_some()) {
            if self.anchor(site, *key) == Some(FaceKey::of(key.key)) {
                for other in pool.keys().filter(|other| other.key == key.key && other.host.is_some()) {
                    if self.anchor(site, *other) == Some(FaceKey::of(key.key)) {
                        unite(*key, *other, None, true);
                    }
                }
            }
        }
        let keys: BTreeSet<&BondKey> =
            pool.keys().filter_map(|key| self.bound.get(&(site.to_owned(), *key))).flatten().collect();
        let mut bonds: Vec<&Bond> = keys.into_iter().filter_map(|key| self.bonds.get(key)).collect();
        bonds.sort_by_key(|bond| (bond.rule != Rule::Person, bond.rule, bond.since, bond.a, bond.b));
        for bond in bonds {
            unite(bond.a, bond.b, bond.decree, false);
        }
        groups.into_iter().filter(|group| !group.is_empty()).collect()
    }

    /// Why the faces of a device are one.
    pub fn bonds_of(&self, device: &Device) -> Vec<Bond> {
        let site = device.site.as_str();
        let mut all = Vec::new();
        for (key, face) in &device.faces {
            if let (Some(host), Some(anchor)) = (key.host, self.anchor(site, *key))
                && anchor.key == DeviceKey::Mac(host)
                && let DeviceKey::Ip(ip) = key.key
            {
                let rule = if bond::made_of(ip) == Some(host) { Rule::Eui64 } else { Rule::Address };
                let value = ip.to_string();
                all.push(Bond { a: *key, b: anchor, rule, value, since: face.seen.first, decree: None });
            }
            let bound = self.bound.get(&(site.to_owned(), *key)).into_iter().flatten();
            for bond in bound.filter_map(|bond| self.bonds.get(bond)) {
                if device.faces.contains_key(&bond.a) && device.faces.contains_key(&bond.b) && bond.a == *key {
                    all.push(bond.clone());
                }
            }
        }
        all.sort_by_key(|bond| (bond.since, bond.rule, bond.a, bond.b));
        all
    }

    /// Pairs of devices that may be one, for a person to look at. At most `limit`.
    pub fn suggestions(&self, limit: usize) -> Vec<(String, Suggestion)> {
        let all = self.suggested.iter().flat_map(|((site, ..), list)| list.iter().map(move |one| (site, one)));
        let open = all.filter(|(site, one)| {
            let head = |face: FaceKey| self.heads.get(&((*site).clone(), face));
            head(one.a) != head(one.b) && self.are_apart(site, one.a, one.b).is_none()
        });
        open.take(limit).map(|(site, one)| (site.clone(), one.clone())).collect()
    }
}
