//! A JSON array, one device a line. The names of members are stable: members are added and never renamed.

use super::{Item, time};
use crate::device::Device;
use serde::Serialize;
use std::borrow::Borrow;
use std::io::{self, Write};

/// A value and how sure it is.
#[derive(Debug, Serialize)]
struct Verdict<'a> {
    attribute: &'a str,
    value: &'a str,
    /// Percent.
    confidence: u8,
    /// The rules that speak for it, and against it.
    reasons: Vec<&'a str>,
    against: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct Address {
    address: String,
    first_seen: String,
    last_seen: String,
}

/// One device as it is written.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    id: String,
    name: &'a str,
    site: &'a str,
    /// The key of the face that it is called by, if that is a MAC.
    mac: Option<String>,
    macs: Vec<String>,
    /// Those that were used last come first.
    addresses: Vec<String>,
    address_times: Vec<Address>,
    class: &'a str,
    class_confidence: u8,
    maker: Option<&'a str>,
    maker_confidence: u8,
    family: Option<&'a str>,
    model: Option<&'a str>,
    version: Option<&'a str>,
    os: Option<&'a str>,
    roles: &'a [String],
    hostnames: &'a [String],
    ae_titles: &'a [String],
    applications: &'a [String],
    serials: &'a [String],
    protocols: Vec<&'a str>,
    ports: Vec<u16>,
    owner: Option<&'a str>,
    location: Option<&'a str>,
    criticality: Option<&'a str>,
    tags: &'a [String],
    first_seen: String,
    last_seen: String,
    sensors: Vec<String>,
    peers: u64,
    findings_open: u64,
    worst: Option<&'a str>,
    presence: Option<&'a str>,
    partly_blind: bool,
    /// Of a group address that several routers answer for: its kind.
    shared: Option<&'a str>,
    identity: Vec<Verdict<'a>>,
}

impl<'a> Row<'a> {
    pub fn of<D: Borrow<Device>>(item: &'a Item<D>) -> Row<'a> {
        let device: &Device = item.device.borrow();
        let card = &device.card;
        let value = |of: &'a Option<(String, u8)>| of.as_ref().map(|(value, _)| value.as_str());
        let macs: Vec<String> = device.macs().iter().map(ToString::to_string).collect();
        Row {
            id: device.id(),
            name: &card.name,
            site: &device.site,
            mac: match device.key {
                holter_terms::DeviceKey::Mac(mac) => Some(mac.to_string()),
                holter_terms::DeviceKey::Ip(_) => None,
            },
            macs,
            addresses: device.newest_addresses().iter().map(ToString::to_string).collect(),
            address_times: device
                .addresses()
                .into_iter()
                .map(|(ip, seen)| Address {
                    address: ip.to_string(),
                    first_seen: time(seen.first),
                    last_seen: time(seen.last),
                })
                .collect(),
            class: &card.class,
            class_confidence: card.class_confidence,
            maker: value(&card.maker),
            maker_confidence: card.maker.as_ref().map_or(0, |(_, confidence)| *confidence),
            family: value(&card.family),
            model: value(&card.model),
            version: value(&card.version),
            os: value(&card.os),
            roles: &card.roles,
            hostnames: &card.hostnames,
            ae_titles: &card.ae_titles,
            applications: &card.applications,
            serials: &card.serials,
            protocols: card.protocols.iter().copied().collect(),
            ports: card.ports.iter().copied().collect(),
            owner: card.owner.as_deref(),
            location: card.location.as_deref(),
            criticality: card.criticality.map(|one| one.as_str()),
            tags: &card.tags,
            first_seen: time(device.seen.first),
            last_seen: time(device.seen.last),
            sensors: device.sensor_ids().iter().map(ToString::to_string).collect(),
            peers: card.peers,
            findings_open: device.open,
            worst: device.worst.map(|worst| worst.as_str()),
            presence: item.presence.map(|presence| presence.as_str()),
            partly_blind: item.partly_blind,
            shared: device.shared.as_deref(),
            identity: device
                .identity
                .verdicts
                .iter()
                .map(|verdict| Verdict {
                    attribute: verdict.attribute.as_str(),
                    value: &verdict.value,
                    confidence: verdict.confidence,
                    reasons: verdict.reasons.iter().map(|reason| reason.rule.as_str()).collect(),
                    against: verdict.against.iter().map(|reason| reason.rule.as_str()).collect(),
                })
                .collect(),
        }
    }
}

/// Devices as a JSON array. The number of devices written.
pub fn json<D: Borrow<Device>>(mut out: impl Write, items: impl Iterator<Item = Item<D>>) -> io::Result<u64> {
    out.write_all(b"[")?;
    let mut count = 0u64;
    for item in items {
        out.write_all(if count == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &Row::of(&item))?;
        count = count.saturating_add(1);
    }
    out.write_all(b"\n]\n")?;
    out.flush()?;
    Ok(count)
}
