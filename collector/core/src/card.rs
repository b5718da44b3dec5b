//! What lists show of a device and filters look at, made when it changes.

use crate::decree::{Criticality, Field, Said};
use crate::device::Device;
use crate::face::Side;
use holter_identity::{NAMED, Verdict};
use holter_terms::{Attribute, DeviceKey};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The confidence in what a person set.
pub const SET_BY_HAND: u8 = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    pub applications: Vec<String>,
    pub serials: Vec<String>,
    pub owner: Option<String>,
    pub location: Option<String>,
    pub criticality: Option<Criticality>,
    pub tags: Vec<String>,
    pub peers: u64,
    pub protocols: BTreeSet<&'static str>,
    pub ports: BTreeSet<u16>,
    pub visibilities: BTreeSet<&'static str>,
    /// All of the above and the addresses in lower case, for plain text.
    pub haystack: String,
}

impl Card {
    pub(crate) fn of(device: &Device) -> Card {
        let (identity, said) = (&device.identity, &device.said);
        let best = |attribute, field| match said.field(field) {
            Some(value) => Some((value.to_owned(), SET_BY_HAND)),
            None => identity.best(attribute).map(|verdict| (verdict.value.clone(), verdict.confidence)),
        };
        let all = |attribute: Attribute| -> Vec<String> {
            let mut of_it: Vec<&Verdict> =
                identity.verdicts.iter().filter(|verdict| verdict.attribute == attribute).collect();
            // Of names that are equally credible the one heard last is the one it has now.
            of_it.sort_by_key(|verdict| {
                (std::cmp::Reverse(verdict.confidence), std::cmp::Reverse(last_heard(verdict)), &verdict.value)
            });
            of_it.into_iter().map(|verdict| verdict.value.clone()).collect()
        };
        let mut card = Card {
            maker: best(Attribute::Maker, Field::Maker),
            family: best(Attribute::Family, Field::Family),
            model: best(Attribute::Model, Field::Model),
            version: best(Attribute::Version, Field::Version),
            os: best(Attribute::Os, Field::Os),
            roles: all(Attribute::Role),
            hostnames: all(Attribute::Hostname),
            ae_titles: all(Attribute::AeTitle),
            applications: all(Attribute::Application),
            serials: all(Attribute::Serial),
            owner: said.field(Field::Owner).map(str::to_owned),
            location: said.field(Field::Location).map(str::to_owned),
            criticality: said.field(Field::Criticality).and_then(Criticality::parse),
            tags: said.tags.iter().cloned().collect(),
            ..Card::default()
        };
        if let Some(serial) = said.field(Field::Serial) {
            card.serials.retain(|other| other != serial);
            card.serials.insert(0, serial.to_owned());
        }
        // Below the naming threshold a class is a hint, and lists do not group by hints.
        let class = best(Attribute::Class, Field::Class);
        card.class_confidence = class.as_ref().map_or(0, |(_, confidence)| *confidence);
        card.class = class.filter(|(_, c)| *c >= NAMED).map_or_else(|| "unknown".to_owned(), |(class, _)| class);
        let mut peers = BTreeSet::new();
        for talk in device.faces.values().flat_map(|face| face.talks.keys()) {
            peers.insert(talk.peer);
            card.protocols.insert(talk.protocol.as_str());
            card.visibilities.insert(talk.visibility.as_str());
            if talk.side == Side::Server {
                card.ports.insert(talk.port);
            }
        }
        card.peers = peers.len() as u64;
        let addresses = device.newest_addresses();
        card.name = name(device, said, &card, &addresses);
        card.haystack = haystack(device, &card, &addresses);
        card
    }
}

fn last_heard(verdict: &Verdict) -> holter_terms::Nanos {
    verdict.reasons.iter().map(|reason| reason.last).max().unwrap_or(0)
}

fn name(device: &Device, said: &Said, card: &Card, addresses: &[IpAddr]) -> String {
    if let Some(name) = said.field(Field::Name) {
        return name.to_owned();
    }
    if let Some(group) = &device.shared {
        return group.clone();
    }
    // A name that only its bearer claims is a clue and not what the device is called: else whoever comes in chooses it.
    let confidence = |value: &str| {
        let of_it = device.identity.verdicts.iter().filter(|verdict| verdict.attribute == Attribute::Hostname);
        of_it.filter(|verdict| verdict.value == value).map(|verdict| verdict.confidence).max().unwrap_or(0)
    };
    let hostname = card.hostnames.first().filter(|name| confidence(name) >= NAMED).cloned();
    let model = card.model.as_ref().filter(|(_, c)| *c >= NAMED).map(|(v, _)| v.clone());
    hostname
        .or_else(|| card.ae_titles.first().cloned())
        .or(model)
        .or_else(|| addresses.first().map(IpAddr::to_string))
        .unwrap_or_else(|| device.key.to_string())
}

fn haystack(device: &Device, card: &Card, addresses: &[IpAddr]) -> String {
    let mut words = vec![card.name.clone(), card.class.clone(), device.site.clone()];
    for key in device.faces.keys() {
        if let DeviceKey::Mac(mac) = key.key {
            words.push(mac.to_string());
        }
    }
    words.push(device.key.to_string());
    words.extend(addresses.iter().map(IpAddr::to_string));
    let singles = [&card.maker, &card.family, &card.model, &card.version, &card.os];
    words.extend(singles.into_iter().flatten().map(|(value, _)| value.clone()));
    words.extend([&card.owner, &card.location].into_iter().flatten().cloned());
    for list in [&card.roles, &card.hostnames, &card.ae_titles, &card.applications, &card.serials, &card.tags] {
        words.extend(list.iter().cloned());
    }
    words.join("\n").to_lowercase()
}
