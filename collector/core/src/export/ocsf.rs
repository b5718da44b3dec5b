//! OCSF 1.8.0, class 5001 Device Inventory Info, activity Collect: one event a line (JSON Lines).
//!
//! OCSF has no member for the room of a device, its AE titles or our classes: they stand in `unmapped`.

use super::{About, Item, milliseconds};
use crate::device::Device;
use crate::face::Face;
use holter_identity::NAMED;
use holter_terms::{DeviceClass, DeviceKey, Role, Severity};
use serde_json::{Map, Value, json};
use std::borrow::Borrow;
use std::io::{self, Write};

const CLASS: u32 = 5001;
const COLLECT: u32 = 2;

/// Devices as events, one a line. The number of devices written.
pub fn ocsf<D: Borrow<Device>>(
    mut out: impl Write,
    items: impl Iterator<Item = Item<D>>,
    about: &About<'_>,
) -> io::Result<u64> {
    let mut count = 0u64;
    for item in items {
        serde_json::to_writer(&mut out, &event(&item, about))?;
        out.write_all(b"\n")?;
        count = count.saturating_add(1);
    }
    out.flush()?;
    Ok(count)
}

fn event<D: Borrow<Device>>(item: &Item<D>, about: &About<'_>) -> Value {
    let device: &Device = item.device.borrow();
    let mut event = json!({
        "activity_id": COLLECT,
        "activity_name": "Collect",
        "category_uid": 5,
        "category_name": "Discovery",
        "class_uid": CLASS,
        "class_name": "Device Inventory Info",
        "type_uid": u64::from(CLASS) * 100 + u64::from(COLLECT),
        "type_name": "Device Inventory Info: Collect",
        "severity_id": 1,
        "severity": "Informational",
        "time": milliseconds(about.at),
        "metadata": {
            "version": "1.8.0",
            "product": { "name": about.program, "version": about.version, "vendor_name": "holter" },
        },
        "device": thing(device),
    });
    let unmapped = unmapped(item);
    if let (Value::Object(event), false) = (&mut event, unmapped.is_empty()) {
        event.insert("unmapped".to_owned(), Value::Object(unmapped));
    }
    event
}

fn thing(device: &Device) -> Value {
    let card = &device.card;
    let named = |of: &Option<(String, u8)>| of.as_ref().filter(|(_, c)| *c >= NAMED).map(|(value, _)| value.clone());
    let (type_id, type_name) = kind(device);
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    put("uid", device.id().into());
    put("name", card.name.clone().into());
    put("type_id", type_id.into());
    put("type", type_name.into());
    put("first_seen_time", milliseconds(device.seen.first).into());
    put("last_seen_time", milliseconds(device.seen.last).into());
    if let Some(name) = card.hostnames.iter().find(|name| is_hostname(name)) {
        put("hostname", name.clone().into());
    }
    if let Some(ip) = device.newest_addresses().first() {
        put("ip", ip.to_string().into());
    }
    if let Some(mac) = device.macs().first() {
        put("mac", mac.to_string().into());
    }
    if let Some(maker) = named(&card.maker) {
        put("vendor_name", maker.into());
    }
    if let Some(model) = named(&card.model).or_else(|| named(&card.family)) {
        put("model", model.into());
    }
    if let Some(os) = named(&card.os) {
        let (id, name) = system(&os);
        put("os", json!({ "name": os, "type_id": id, "type": name }));
    }
    if let Some(serial) = card.serials.first() {
        put("hw_info", json!({ "serial_number": serial }));
    }
    if let Some(owner) = &card.owner {
        put("owner", json!({ "name": owner }));
    }
    if !card.tags.is_empty() {
        let groups: Vec<Value> = card.tags.iter().map(|tag| json!({ "name": tag })).collect();
        put("groups", groups.into());
    }
    if let Some(worst) = device.worst.filter(|_| device.open > 0) {
        let (id, name) = risk(worst);
        put("risk_level_id", id.into());
        put("risk_level", name.into());
    }
    let interfaces: Vec<Value> = device.faces.iter().filter_map(|(key, face)| interface(key.key, face)).collect();
    if !interfaces.is_empty() {
        put("network_interfaces", interfaces.into());
    }
    Value::Object(out)
}

/// One for each link-layer address, with the address that it used last.
fn interface(key: DeviceKey, face: &Face) -> Option<Value> {
    let DeviceKey::Mac(mac) = key else { return None };
    let newest = face.addresses.iter().filter_map(|(ip, spans)| Some((spans.whole()?.last, ip))).max();
    let mut out = json!({ "mac": mac.to_string(), "type_id": 0, "type": "Unknown" });
    if let (Value::Object(out), Some((_, ip))) = (&mut out, newest) {
        out.insert("ip".to_owned(), ip.to_string().into());
    }
    Some(out)
}

/// The types of OCSF know computers and boxes of networks; a medical device is an IOT to them.
fn kind(device: &Device) -> (u32, &'static str) {
    let has = |role: Role| device.card.roles.iter().any(|word| word == role.as_str());
    match DeviceClass::parse(&device.card.class) {
        None | Some(DeviceClass::Unknown) => (0, "Unknown"),
        Some(DeviceClass::Server | DeviceClass::ClinicalIt) => (1, "Server"),
        Some(DeviceClass::Workstation) => (2, "Desktop"),
        Some(DeviceClass::Network) if has(Role::Router) => (12, "Router"),
        Some(DeviceClass::Network) if has(Role::Switch) => (10, "Switch"),
        Some(DeviceClass::Network) => (99, "Other"),
        Some(
            DeviceClass::Imaging
            | DeviceClass::Monitoring
            | DeviceClass::Therapy
            | DeviceClass::Laboratory
            | DeviceClass::Office
            | DeviceClass::Building
            | DeviceClass::Embedded,
        ) => (7, "IOT"),
    }
}

fn system(os: &str) -> (u32, &'static str) {
    const KNOWN: [(&str, u32, &str); 10] = [
        ("windows mobile", 101, "Windows Mobile"),
        ("windows", 100, "Windows"),
        ("android", 201, "Android"),
        ("linux", 200, "Linux"),
        ("ipados", 302, "iPadOS"),
        ("ios", 301, "iOS"),
        ("macos", 300, "macOS"),
        ("solaris", 400, "Solaris"),
        ("aix", 401, "AIX"),
        ("hp-ux", 402, "HP-UX"),
    ];
    let lower = os.to_lowercase();
    // Whole words: IOS of Cisco is no iOS, and is written so.
    let words: Vec<&str> = lower.split([' ', '/', '_', ',']).collect();
    let found = KNOWN.iter().find(|(word, id, _)| match *id {
        301 => os.split(' ').any(|word| word == "iOS"),
        _ => words.contains(word) || (word.contains(' ') && lower.contains(word)),
    });
    found.map_or((99, "Other"), |(_, id, name)| (*id, *name))
}

const fn risk(worst: Severity) -> (u32, &'static str) {
    match worst {
        Severity::Info => (0, "Info"),
        Severity::Low => (1, "Low"),
        Severity::Medium => (2, "Medium"),
        Severity::High => (3, "High"),
        Severity::Critical => (4, "Critical"),
    }
}

/// RFC 1123, which the schema asks for. A hashed name is none.
fn is_hostname(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn unmapped<D: Borrow<Device>>(item: &Item<D>) -> Map<String, Value> {
    let device: &Device = item.device.borrow();
    let card = &device.card;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    put("class", card.class.clone().into());
    put("class_confidence", card.class_confidence.into());
    put("site", device.site.clone().into());
    for (name, list) in [("roles", &card.roles), ("ae_titles", &card.ae_titles)] {
        if !list.is_empty() {
            put(name, list.clone().into());
        }
    }
    for (name, one) in [("version", card.version.as_ref().map(|(v, _)| v)), ("location", card.location.as_ref())] {
        if let Some(one) = one {
            put(name, one.clone().into());
        }
    }
    if let Some(criticality) = card.criticality {
        put("criticality", criticality.as_str().into());
    }
    if let Some(presence) = item.presence {
        put("presence", presence.as_str().into());
    }
    put("partly_blind", item.partly_blind.into());
    put("findings_open", device.open.into());
    out
}
