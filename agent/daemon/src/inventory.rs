//! `--inventory`: the devices as a JSON array, by device. The format is described in docs/specs/inventory.md.

use crate::json::Json;
use holter_engine::devices::{Device, Devices, judge};
use holter_identity::{Identity, Reason, Verdict, is_exclusive};
use holter_terms::{Attribute, DeviceKey};
use std::io::{self, Write};

/// A device as it is written: in an order that does not depend on that of its evidence.
pub(crate) struct Entry<'a> {
    pub(crate) key: DeviceKey,
    pub(crate) device: &'a Device,
    pub(crate) identity: Identity,
    pub(crate) addresses: Vec<std::net::IpAddr>,
}

pub(crate) fn entries(devices: &Devices) -> Vec<Entry<'_>> {
    let sorted = devices.sorted().into_iter();
    sorted
        .map(|(key, device)| {
            let mut addresses = device.addresses.clone();
            addresses.sort_unstable();
            Entry { key, device, identity: judge(&device.rows), addresses }
        })
        .collect()
}

impl Entry<'_> {
    /// The values of an attribute, the most credible first.
    pub(crate) fn values(&self, attribute: Attribute) -> impl Iterator<Item = &Verdict> {
        self.identity.verdicts.iter().filter(move |verdict| verdict.attribute == attribute)
    }

    pub(crate) fn best(&self, attribute: Attribute) -> Option<&Verdict> {
        self.values(attribute).next()
    }
}

pub(crate) fn write(out: &mut impl Write, entries: &[Entry<'_>]) -> io::Result<()> {
    let mut json = Json::default();
    out.write_all(b"[")?;
    for (n, entry) in entries.iter().enumerate() {
        json.clear();
        one(&mut json, entry);
        out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        out.write_all(json.as_str().as_bytes())?;
    }
    out.write_all(b"\n]\n")?;
    out.flush()
}

fn one(json: &mut Json, entry: &Entry<'_>) {
    json.open('{');
    json.key("device");
    json.string(entry.key);
    json.key("macs");
    json.open('[');
    if let DeviceKey::Mac(mac) = entry.key {
        json.string(mac);
    }
    json.close(']');
    json.key("addresses");
    json.open('[');
    entry.addresses.iter().for_each(|ip| json.string(ip));
    json.close(']');
    json.key("names");
    json.open('[');
    entry.values(Attribute::Hostname).for_each(|name| json.string(&name.value));
    json.close(']');
    json.key("first");
    json.time(entry.device.first);
    json.key("last");
    json.time(entry.device.last);
    json.key("identity");
    json.open('{');
    for &attribute in Attribute::ALL {
        if attribute == Attribute::Address || entry.values(attribute).next().is_none() {
            continue;
        }
        json.key(attribute.as_str());
        if is_exclusive(attribute) {
            entry.values(attribute).take(1).for_each(|best| verdict(json, best));
        } else {
            json.open('[');
            entry.values(attribute).for_each(|value| verdict(json, value));
            json.close(']');
        }
    }
    json.close('}');
    json.key("evidence_refused");
    json.number(u64::from(entry.device.refused));
    json.close('}');
}

fn verdict(json: &mut Json, verdict: &Verdict) {
    json.open('{');
    json.key("value");
    json.string(&verdict.value);
    json.key("confidence");
    json.number(u64::from(verdict.confidence));
    for (key, reasons) in [("evidence", &verdict.reasons), ("against", &verdict.against)] {
        json.key(key);
        json.open('[');
        reasons.iter().for_each(|why| reason(json, why));
        json.close(']');
    }
    json.close('}');
}

fn reason(json: &mut Json, reason: &Reason) {
    json.open('{');
    json.key("rule");
    json.string(&reason.rule);
    json.key("value");
    json.string(&reason.value);
    json.key("weight");
    json.signed(i64::from(reason.weight));
    json.key("share");
    json.number(u64::from(reason.share));
    json.key("count");
    json.number(u64::from(reason.count));
    json.key("first");
    json.time(reason.first);
    json.key("last");
    json.time(reason.last);
    json.close('}');
}
