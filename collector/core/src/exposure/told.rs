//! A device of the inventory as exposure asks for it.
//!
//! What a person set counts as certain, with the rule [`BY_HAND`]. Services are the conversations that were heard, on
//! either side of them. What decoders saw beyond a protocol's name is read from the rules of evidence in [`TRAITS`].

use super::state::{Exposure, Why};
use super::subject::{Claim, Service, Subject};
use crate::card::SET_BY_HAND;
use crate::decree::{Criticality, Field};
use crate::device::Device;
use crate::face::Side;
use holter_identity::Reason;
use holter_terms::{Attribute, DeviceClass, DeviceKey, Nanos, Protocol, Visibility, Zone};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The rule of what a person set.
pub const BY_HAND: &str = "person";

/// Rules of evidence that tell of a protocol more than its name, and the word of the table of insecure protocols. No
/// other trait is concluded: a decoder must have seen it.
pub const TRAITS: &[(&str, &str)] = &[("published:smb-dialect/smb-dialects.smb1", "smb1")];

/// What exposure needs of a device, gathered once.
#[derive(Debug)]
pub struct Told<'a> {
    device: &'a Device,
    id: String,
    by_hand: BTreeMap<Field, [Reason; 1]>,
    class: Option<DeviceClass>,
    services: Vec<Service>,
    traits: Vec<(&'static str, Nanos)>,
    reached_from_outside: bool,
}

impl<'a> Told<'a> {
    /// `outside` says whether an address is outside of the clinical networks.
    pub fn of(device: &'a Device, outside: &dyn Fn(IpAddr) -> bool) -> Told<'a> {
        let mut services: BTreeMap<(Protocol, u16, Visibility), (Nanos, Nanos)> = BTreeMap::new();
        let mut reached_from_outside = false;
        for (talk, sum) in device.faces.values().flat_map(|face| &face.talks) {
            let seen = services.entry((talk.protocol, talk.port, talk.visibility)).or_insert((sum.first, sum.last));
            *seen = (seen.0.min(sum.first), seen.1.max(sum.last));
            let peer = match talk.peer {
                DeviceKey::Ip(ip) => Some(ip),
                DeviceKey::Mac(_) => sum.peer_ip,
            };
            reached_from_outside |= talk.side == Side::Server && peer.is_some_and(outside);
        }
        let mut traits: BTreeMap<&'static str, Nanos> = BTreeMap::new();
        let verdicts = device.identity.verdicts.iter();
        for reason in verdicts.flat_map(|verdict| verdict.reasons.iter().chain(&verdict.against)) {
            for (_, word) in TRAITS.iter().filter(|(rule, _)| *rule == reason.rule) {
                traits.entry(word).and_modify(|first| *first = (*first).min(reason.first)).or_insert(reason.first);
            }
        }
        let by_hand = [Field::Maker, Field::Family, Field::Model, Field::Version, Field::Os].into_iter();
        let by_hand = by_hand.filter_map(|field| {
            let saying = device.said.fields.get(&field)?;
            let reason = Reason {
                rule: BY_HAND.to_owned(),
                value: saying.value.clone(),
                weight: 100,
                share: 100,
                count: 1,
                first: saying.at,
                last: saying.at,
            };
            Some((field, [reason]))
        });
        let class = match device.said.field(Field::Class) {
            Some(word) => DeviceClass::parse(word),
            None => device.identity.named(Attribute::Class).and_then(DeviceClass::parse),
        };
        Told {
            device,
            id: device.id(),
            by_hand: by_hand.collect(),
            class,
            services: services
                .into_iter()
                .map(|((protocol, port, visibility), (first, last))| Service {
                    protocol,
                    port,
                    visibility,
                    first,
                    last,
                })
                .collect(),
            traits: traits.into_iter().collect(),
            reached_from_outside,
        }
    }

    pub fn subject(&self) -> Subject<'_> {
        let claim = |field: Field, attribute: Attribute| match self.by_hand.get(&field) {
            Some(reasons) => {
                let [reason] = reasons;
                Some(Claim { value: &reason.value, confidence: SET_BY_HAND, reasons })
            }
            None => self.device.identity.best(attribute).map(Claim::from),
        };
        Subject {
            id: &self.id,
            maker: claim(Field::Maker, Attribute::Maker),
            family: claim(Field::Family, Attribute::Family),
            model: claim(Field::Model, Attribute::Model),
            version: claim(Field::Version, Attribute::Version),
            os: claim(Field::Os, Attribute::Os),
            class: self.class,
            services: &self.services,
            traits: &self.traits,
            reached_from_outside: self.reached_from_outside,
        }
    }

    /// By its class, or because its site says so.
    pub fn life_supporting(&self) -> bool {
        self.class.is_some_and(DeviceClass::is_life_supporting)
            || self.device.card.criticality == Some(Criticality::LifeSupport)
    }
}

/// Since when an item is known: since the advisory was there, and what decided was seen of the device. That is the
/// maker, whichever of family and model came first, and, where a version decided, the version; or the operating system.
pub fn known_since(subject: &Subject<'_>, item: &Exposure, received: Nanos) -> Nanos {
    let first = |claim: Option<Claim<'_>>| claim?.reasons.iter().map(|reason| reason.first).min();
    let by_version = matches!(item.why, Why::InRange | Why::OutOfRange | Why::StatedSafe);
    let seen = if item.by_stack {
        first(subject.os)
    } else {
        let product = [subject.family, subject.model].into_iter().filter_map(first).min();
        let version = if by_version { first(subject.version) } else { None };
        [first(subject.maker), product, version].into_iter().flatten().max()
    };
    seen.map_or(received, |seen| seen.max(received))
}

/// Whether an address is outside: where a site names zones, those that it calls external; else every address that can
/// be reached from the internet.
pub fn is_outside(ip: IpAddr, zone: Zone) -> bool {
    match zone {
        Zone::Clinical | Zone::Corporate => false,
        Zone::External => true,
        Zone::Unknown => match ip.to_canonical() {
            IpAddr::V4(v4) => {
                let shared = v4.octets().first() == Some(&100) && v4.octets().get(1).is_some_and(|b| b & 0xc0 == 64);
                !(v4.is_private()
                    || v4.is_loopback()
                    || v4.is_link_local()
                    || v4.is_multicast()
                    || v4.is_broadcast()
                    || v4.is_unspecified()
                    || shared)
            }
            // Global unicast is 2000::/3.
            IpAddr::V6(v6) => v6.segments().first().is_some_and(|first| first & 0xe000 == 0x2000),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_and_those_of_a_sites_own_zones_are_not_outside() {
        let outside = |ip: &str, zone| is_outside(ip.parse().unwrap(), zone);
        for inside in
            ["10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "224.0.0.251", "fe80::1", "fd00::1"]
        {
            assert!(!outside(inside, Zone::Unknown), "{inside}");
        }
        for out in ["203.0.113.9", "100.128.0.1", "2001:db8::1", "::ffff:203.0.113.9"] {
            assert!(outside(out, Zone::Unknown), "{out}");
            assert!(!outside(out, Zone::Clinical), "{out}");
        }
        assert!(outside("10.1.2.3", Zone::External));
    }
}
