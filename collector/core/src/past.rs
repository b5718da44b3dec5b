//! The inventory as it was at any time, and what changed between two.
//!
//! *As of* a time means: what held then, by all that is known now. A device that a second sensor told us more about
//! later is shown with what was true of it then, as far as the evidence reaches back. Counts of conversations are not
//! kept by time and are left out.

use crate::card::Card;
use crate::decree::Said;
use crate::device::Device;
use crate::estate::Estate;
use crate::measures::QUIET_AFTER;
use crate::{DAY, HOUR};
use holter_identity::NAMED;
use holter_terms::{DeviceKey, Nanos};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Without a sighting for so long a device is no longer counted as there, unless asked otherwise.
pub const PRESENT_WITHIN: Nanos = DAY;
/// An address not seen for so long, while another was, is no longer its address.
const ADDRESS_WITHIN: Nanos = HOUR;

/// Whether a device was there at a time, and if not, whether we would know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Heard within the last half hour.
    Online,
    /// It fell silent while a sensor that heard it was listening.
    Quiet,
    /// The sensors that heard it stopped listening, or lost frames: it may be there.
    Unseen,
}

impl Presence {
    pub const fn as_str(self) -> &'static str {
        match self {
            Presence::Online => "online",
            Presence::Quiet => "quiet",
            Presence::Unseen => "unseen",
        }
    }
}

/// One thing that changed about a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub field: &'static str,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Changed {
    pub device: Device,
    pub changes: Vec<Change>,
}

/// What changed between two times.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// Never seen before the first time.
    pub appeared: Vec<Device>,
    /// Known before it and away at it, and there at the second.
    pub returned: Vec<Device>,
    /// There at the first and not at the second, and whether we would know.
    pub gone: Vec<(Device, Presence)>,
    pub changed: Vec<Changed>,
}

impl Estate {
    /// A device as it was at a time. `None` before it was first seen.
    pub fn device_as_of(&self, device: &Device, at: Nanos) -> Option<Device> {
        device.as_of(at, self.said_at(device, at))
    }

    fn said_at(&self, device: &Device, at: Nanos) -> Said {
        self.said(&device.site, device.faces.keys(), at)
    }

    /// Every device that had been seen by a time, as it was then.
    pub fn as_of(&self, at: Nanos) -> Vec<Device> {
        self.devices.values().filter_map(|device| self.device_as_of(device, at)).collect()
    }

    /// Whether a device was there at a time.
    pub fn presence_at(&self, device: &Device, at: Nanos) -> Option<Presence> {
        let mut last = None;
        let mut witnesses = BTreeSet::new();
        for (sensor, spans) in device.faces.values().flat_map(|face| &face.sensors) {
            let Some(seen) = spans.newest(at) else { continue };
            if last.is_none_or(|last| seen.last > last) {
                last = Some(seen.last);
            }
            witnesses.insert((seen.last, *sensor));
        }
        let last = last?;
        if at.saturating_sub(last) <= QUIET_AFTER {
            return Some(Presence::Online);
        }
        // Who heard it about then would have heard it again.
        let near = witnesses.iter().filter(|(seen, _)| last.saturating_sub(*seen) <= QUIET_AFTER);
        let listened = near.filter_map(|(_, id)| self.sensors.get(id)).any(|sensor| {
            let stretches = sensor.listening.until(at);
            let around = stretches.all().iter().find(|span| span.first <= last && last <= span.last);
            around.is_some_and(|span| span.last.saturating_sub(last) >= QUIET_AFTER)
        });
        Some(if listened { Presence::Quiet } else { Presence::Unseen })
    }

    /// What changed from one time to a later one. A device not seen for `within` is away.
    pub fn diff(&self, from: Nanos, to: Nanos, within: Nanos) -> Diff {
        let mut diff = Diff::default();
        let is_there =
            |device: &Device, at: Nanos| last_seen(device, at).is_some_and(|last| at.saturating_sub(last) <= within);
        for device in self.devices.values().filter(|device| device.shared.is_none()) {
            let stays = is_there(device, from) == is_there(device, to);
            if stays && device.seen.first <= from && self.is_as_before(device, from, to) {
                continue;
            }
            let Some(after) = self.device_as_of(device, to) else { continue };
            let Some(before) = self.device_as_of(device, from) else {
                diff.appeared.push(after);
                continue;
            };
            match (is_there(device, from), is_there(device, to)) {
                (true, false) => {
                    let presence = self.presence_at(device, to).unwrap_or(Presence::Unseen);
                    diff.gone.push((after.clone(), presence));
                }
                (false, true) => diff.returned.push(after.clone()),
                _ => {}
            }
            let changes = changes(&before, &after);
            if !changes.is_empty() {
                diff.changed.push(Changed { device: after, changes });
            }
        }
        diff
    }
}

impl Estate {
    /// Whether nothing between two times can have changed what a device is held to be: most are what they were, and
    /// need not be judged twice. Of several addresses one may have been given up without anything new, so those who have
    /// several are looked at.
    fn is_as_before(&self, device: &Device, from: Nanos, to: Nanos) -> bool {
        let within = |at: Nanos| from < at && at <= to;
        let told = device.faces.values().any(|face| {
            within(face.seen.first) || face.all_turns().any(within) || face.talks.values().any(|sum| within(sum.first))
        });
        let said = self
            .decrees_about(device)
            .iter()
            .any(|decree| within(decree.at) || decree.undone.as_ref().is_some_and(|(_, undone)| within(*undone)));
        !told && !said && device.faces.len() == 1 && device.addresses().len() <= 1
    }
}

fn last_seen(device: &Device, at: Nanos) -> Option<Nanos> {
    let spans = device.faces.values().flat_map(|face| face.sensors.values());
    spans.filter_map(|spans| spans.newest(at)).map(|seen| seen.last).max()
}

/// The addresses that a device has, of those that it had.
pub fn current_addresses(device: &Device) -> BTreeSet<IpAddr> {
    let mut all: Vec<(IpAddr, Nanos)> = Vec::new();
    for (key, face) in &device.faces {
        match key.key {
            DeviceKey::Mac(_) => all.extend(face.current_addresses().map(|(ip, seen)| (ip, seen.last))),
            // Who held it has it among his own.
            DeviceKey::Ip(ip) if key.host.is_none() => all.push((ip, face.seen.last)),
            DeviceKey::Ip(_) => {}
        }
    }
    let newest = all.iter().map(|(_, last)| *last).max().unwrap_or(0);
    all.into_iter().filter(|(_, last)| newest.saturating_sub(*last) <= ADDRESS_WITHIN).map(|(ip, _)| ip).collect()
}

/// What of a device a reader would call changed, each field with its values.
fn told(device: &Device) -> Vec<(&'static str, Vec<String>)> {
    let card: &Card = &device.card;
    let named = |of: &Option<(String, u8)>| -> Vec<String> {
        of.iter().filter(|(_, confidence)| *confidence >= NAMED).map(|(value, _)| value.clone()).collect()
    };
    let one = |of: &Option<String>| of.iter().cloned().collect();
    let sorted = |list: &[String]| list.iter().cloned().collect::<BTreeSet<String>>().into_iter().collect();
    let class = if card.class == "unknown" { Vec::new() } else { vec![card.class.clone()] };
    vec![
        ("name", vec![card.name.clone()]),
        ("class", class),
        ("maker", named(&card.maker)),
        ("family", named(&card.family)),
        ("model", named(&card.model)),
        ("version", named(&card.version)),
        ("os", named(&card.os)),
        ("role", sorted(&card.roles)),
        ("address", current_addresses(device).iter().map(IpAddr::to_string).collect()),
        ("mac", device.macs().iter().map(ToString::to_string).collect()),
        ("hostname", sorted(&card.hostnames)),
        ("ae", sorted(&card.ae_titles)),
        ("application", sorted(&card.applications)),
        ("serial", sorted(&card.serials)),
        ("port", card.ports.iter().map(ToString::to_string).collect()),
        ("owner", one(&card.owner)),
        ("location", one(&card.location)),
        ("criticality", card.criticality.iter().map(|one| one.as_str().to_owned()).collect()),
        ("tag", card.tags.clone()),
    ]
}

fn changes(before: &Device, after: &Device) -> Vec<Change> {
    let pairs = told(before).into_iter().zip(told(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| Change { field, before, after })
        .collect()
}
