//! Devices by the keys that lists know them by.

use super::compare::Terms;
use super::outcome::{Key, Strength};
use super::{Listed, host, same_maker, serial};
use crate::device::Device;
use crate::estate::Estate;
use crate::past::current_addresses;
use holter_identity::NAMED;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

#[derive(Default)]
pub(super) struct Index<'a> {
    pub(super) devices: Vec<&'a Device>,
    serials: BTreeMap<String, Vec<usize>>,
    macs: BTreeMap<holter_terms::Mac, Vec<usize>>,
    names: BTreeMap<String, Vec<usize>>,
    addresses: BTreeMap<IpAddr, Vec<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(estate: &'a Estate) -> Index<'a> {
        let mut index = Index::default();
        for device in estate.devices.values().filter(|device| device.shared.is_none()) {
            let at = index.devices.len();
            index.devices.push(device);
            for of_it in device.card.serials.iter().filter_map(|text| serial(text)).collect::<BTreeSet<_>>() {
                index.serials.entry(of_it).or_default().push(at);
            }
            device.macs().into_iter().for_each(|mac| index.macs.entry(mac).or_default().push(at));
            let names = device.card.hostnames.iter().chain(&device.card.ae_titles);
            for of_it in names.filter_map(|text| host(text)).collect::<BTreeSet<_>>() {
                index.names.entry(of_it).or_default().push(at);
            }
            current_addresses(device).into_iter().for_each(|ip| index.addresses.entry(ip).or_default().push(at));
        }
        index
    }

    /// The devices that keys of the row point at.
    pub(super) fn candidates(&self, row: &Listed, terms: &Terms<'_>) -> BTreeMap<usize, BTreeSet<Key>> {
        let mut found: BTreeMap<usize, BTreeSet<Key>> = BTreeMap::new();
        let mut add = |at: &Vec<usize>, key| {
            for at in at {
                found.entry(*at).or_default().insert(key);
            }
        };
        let hashed = |text: &Option<String>| text.as_deref().and_then(|text| (terms.hashed)(text));
        let serials = [row.serial.as_deref().and_then(serial), hashed(&row.serial).as_deref().and_then(serial)];
        serials.iter().flatten().filter_map(|one| self.serials.get(one)).for_each(|at| add(at, Key::Serial));
        row.macs.iter().filter_map(|mac| self.macs.get(mac)).for_each(|at| add(at, Key::Mac));
        let names = [row.name.as_deref().and_then(host), hashed(&row.name)];
        for at in names.iter().flatten().filter_map(|one| self.names.get(one)) {
            // A name that several have says nothing.
            if let [_] = at.as_slice() {
                add(at, Key::Name);
            }
        }
        row.addresses.iter().filter_map(|ip| self.addresses.get(ip)).for_each(|at| add(at, Key::Address));
        found.retain(|at, keys| {
            let maker = self.devices.get(*at).and_then(|device| named_maker(device));
            let contradicts = row.maker.as_deref().zip(maker).and_then(|(a, b)| same_maker(a, b)) == Some(false);
            if contradicts {
                // Two makers may give the same number.
                keys.remove(&Key::Serial);
            }
            !keys.is_empty()
        });
        found
    }

    pub(super) fn strength(&self, at: usize, keys: &BTreeSet<Key>, row: &Listed) -> Strength {
        let best = keys.iter().map(|key| key.strength()).max().unwrap_or(Strength::Weak);
        let Some(device) = self.devices.get(at).filter(|_| best == Strength::Weak) else { return best };
        let maker = row.maker.as_deref().zip(named_maker(device)).and_then(|(a, b)| same_maker(a, b));
        let class = row.class.as_deref().map(|word| word.trim().to_lowercase() == device.card.class);
        let model = row.model.as_deref().zip(device.card.model.as_ref().filter(|(_, c)| *c >= NAMED));
        let model = model.map(|(a, (b, _))| super::differs::same_model(a, b));
        // A MAC in the list that is not the device's says that it is another one.
        let other = !row.macs.is_empty() && !device.macs().is_empty();
        let agrees = maker == Some(true) || class == Some(true) || model == Some(true);
        if agrees && maker != Some(false) && model != Some(false) && !other { Strength::Strong } else { Strength::Weak }
    }
}

fn named_maker(device: &Device) -> Option<&str> {
    device.card.maker.as_ref().filter(|(_, confidence)| *confidence >= NAMED).map(|(maker, _)| maker.as_str())
}
