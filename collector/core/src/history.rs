//! What happened to a device, in sentences. It is made from the evidence when it is asked for and stored nowhere, so it
//! is the same in whatever order things became known.

use crate::device::Device;
use holter_terms::{Attribute, Nanos};
use std::collections::{BTreeMap, BTreeSet};

/// The most lines; the oldest are left out.
pub const LINES_MAX: usize = 200;
/// The most times at which a device is judged anew; the oldest are left out.
const TURNS_MAX: usize = 100;

/// Attributes whose values are told of.
const TOLD: [Attribute; 6] =
    [Attribute::Class, Attribute::Maker, Attribute::Family, Attribute::Model, Attribute::Version, Attribute::Os];
/// Others that the class follows from.
const LEADING: [Attribute; 2] = [Attribute::Role, Attribute::Modality];

/// The lines, newest first.
pub fn of(device: &Device) -> Vec<(Nanos, String)> {
    let mut lines = addresses(device);
    lines.extend(identity(device));
    lines.sort_by(|a, b| b.cmp(a));
    lines.truncate(LINES_MAX);
    lines
}

fn addresses(device: &Device) -> Vec<(Nanos, String)> {
    let mut lines = Vec::new();
    for (ip, spans) in device.faces.values().flat_map(|face| &face.addresses) {
        for (index, span) in spans.all().iter().enumerate() {
            let again = if index == 0 { "" } else { " again" };
            lines.push((span.first, format!("Uses the address {ip}{again}.")));
        }
    }
    lines
}

fn identity(device: &Device) -> Vec<(Nanos, String)> {
    let mut turns: BTreeSet<Nanos> = BTreeSet::new();
    for face in device.faces.values() {
        TOLD.iter().chain(&LEADING).for_each(|attribute| turns.extend(face.turns(*attribute)));
    }
    let left_out = turns.len().saturating_sub(TURNS_MAX);
    let mut before: BTreeMap<Attribute, String> = BTreeMap::new();
    let mut lines = Vec::new();
    for (index, at) in turns.into_iter().skip(left_out).enumerate() {
        let identity = device.judged(at);
        for attribute in TOLD {
            let after = identity.named(attribute).map(str::to_owned);
            let was = before.get(&attribute).cloned();
            // Where earlier turns are left out, the first is where the account begins.
            if after != was && (left_out == 0 || index > 0) {
                lines.push((
                    at,
                    match (&was, &after) {
                        (None, Some(after)) => format!("Its {attribute} became known: {after}."),
                        (Some(was), Some(after)) => format!("Its {attribute} is now {after}; before it was {was}."),
                        (Some(was), None) => format!("Its {attribute} is in doubt again; it was {was}."),
                        (None, None) => continue,
                    },
                ));
            }
            match after {
                Some(after) => before.insert(attribute, after),
                None => before.remove(&attribute),
            };
        }
    }
    lines
}
