//! CycloneDX 1.6: each device is a component of type `device` with its operating system inside it. Known by listening,
//! this is no bill of what is in a device: the lifecycle says `discovery`, and what is believed carries its confidence.

use super::{About, Item, time};
use crate::device::Device;
use holter_identity::NAMED;
use serde_json::{Map, Value, json};
use std::borrow::Borrow;
use std::io::{self, Write};

/// Devices as one document. The number of devices written.
pub fn cyclonedx<D: Borrow<Device>>(
    mut out: impl Write,
    items: impl Iterator<Item = Item<D>>,
    about: &About<'_>,
) -> io::Result<u64> {
    let metadata = json!({
        "timestamp": time(about.at),
        "lifecycles": [{ "phase": "discovery" }],
        "tools": { "components": [{ "type": "application", "name": about.program, "version": about.version }] },
    });
    write!(
        out,
        "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"metadata\":{metadata},\"components\":["
    )?;
    let mut count = 0u64;
    for item in items {
        out.write_all(if count == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &component(&item))?;
        count = count.saturating_add(1);
    }
    out.write_all(b"\n]}\n")?;
    out.flush()?;
    Ok(count)
}

fn component<D: Borrow<Device>>(item: &Item<D>) -> Value {
    let device: &Device = item.device.borrow();
    let (card, id) = (&device.card, device.id());
    let named = |of: &Option<(String, u8)>| of.as_ref().filter(|(_, c)| *c >= NAMED).cloned();
    let (maker, model, version) = (named(&card.maker), named(&card.model), named(&card.version));
    // A component is named by what it is; which one it is stands in its reference.
    let product = model.clone().or_else(|| named(&card.family));
    let name = product.as_ref().map_or_else(|| card.name.clone(), |(product, _)| product.clone());
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    put("type", "device".into());
    put("bom-ref", id.clone().into());
    if let Some((maker, _)) = &maker {
        put("manufacturer", json!({ "name": maker }));
    }
    put("name", name.clone().into());
    if let Some((version, _)) = &version {
        put("version", version.clone().into());
    }
    if card.class != "unknown" {
        put("description", card.class.clone().into());
    }
    if let Some((os, _)) = named(&card.os) {
        put("components", json!([{ "type": "operating-system", "bom-ref": format!("{id}/os"), "name": os }]));
    }
    let mut evidence = Vec::new();
    for (field, believed) in [("name", &product), ("version", &version)] {
        if let Some((value, confidence)) = believed {
            evidence.push(json!({
                "field": field,
                "confidence": f64::from(*confidence) / 100.0,
                "concludedValue": value,
                "methods": [{
                    "technique": "other",
                    "confidence": f64::from(*confidence) / 100.0,
                    "value": "passive observation of network traffic",
                }],
            }));
        }
    }
    if !evidence.is_empty() {
        put("evidence", json!({ "identity": evidence }));
    }
    put("properties", properties(item, device).into());
    if !card.tags.is_empty() {
        // The schema wants each tag once.
        let tags: std::collections::BTreeSet<&String> = card.tags.iter().collect();
        put("tags", tags.into_iter().cloned().collect::<Vec<_>>().into());
    }
    Value::Object(out)
}

/// `cdx:device` is CycloneDX's own taxonomy; the others are ours.
fn properties<D: Borrow<Device>>(item: &Item<D>, device: &Device) -> Vec<Value> {
    let card = &device.card;
    let mut out = Vec::new();
    let mut put = |name: &str, value: &str| out.push(json!({ "name": name, "value": value }));
    put("holter:name", &card.name);
    put("holter:site", &device.site);
    put("holter:class", &card.class);
    put("holter:class:confidence", &card.class_confidence.to_string());
    card.serials.iter().for_each(|serial| put("cdx:device:serialNumber", serial));
    device.macs().iter().for_each(|mac| put("cdx:device:macAddress", &mac.to_string()));
    device.newest_addresses().iter().for_each(|ip| put("holter:address", &ip.to_string()));
    card.hostnames.iter().for_each(|name| put("holter:hostname", name));
    card.ae_titles.iter().for_each(|title| put("holter:ae-title", title));
    card.roles.iter().for_each(|role| put("holter:role", role));
    for (name, one) in [("holter:owner", &card.owner), ("holter:location", &card.location)] {
        one.iter().for_each(|one| put(name, one));
    }
    card.criticality.iter().for_each(|one| put("holter:criticality", one.as_str()));
    item.presence.iter().for_each(|one| put("holter:presence", one.as_str()));
    put("holter:first-seen", &time(device.seen.first));
    put("holter:last-seen", &time(device.seen.last));
    out
}
