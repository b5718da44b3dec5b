//! What NetBox's REST API tells: devices, virtual machines, their interfaces and addresses, page by page.
//!
//! Pure: [`Netbox::next`] says which page to fetch, [`Netbox::take`] takes it. The path of a page is made here; the
//! `next` of an answer only says whether there is one, so that an answer cannot send the token elsewhere.

use super::{Fault, Listed, Reading, address, mac};
use serde_json::Value;
use std::collections::BTreeMap;

/// Rows asked for at once. NetBox gives at most 1,000 unless its administrator says otherwise.
pub const PAGE: u64 = 500;
/// Pages of one kind; further ones are not asked for, and that is told.
pub const PAGES_MAX: u64 = 2_000;

/// What is fetched, in this order: what interfaces belong to is known before they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Devices,
    Machines,
    Interfaces,
    MachineInterfaces,
    Addresses,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Devices, Kind::Machines, Kind::Interfaces, Kind::MachineInterfaces, Kind::Addresses];

    const fn path(self) -> &'static str {
        match self {
            Kind::Devices => "/api/dcim/devices/",
            Kind::Machines => "/api/virtualization/virtual-machines/",
            Kind::Interfaces => "/api/dcim/interfaces/",
            Kind::MachineInterfaces => "/api/virtualization/interfaces/",
            Kind::Addresses => "/api/ipam/ip-addresses/",
        }
    }
}

/// A device or a virtual machine, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Device(u64),
    Machine(u64),
}

#[derive(Debug, Default)]
pub struct Netbox {
    kind: usize,
    offset: u64,
    pages: u64,
    rows: BTreeMap<Owner, Listed>,
    reading: Reading,
}

impl Netbox {
    /// The path and query of the page to fetch next. `None` when all is there.
    pub fn next(&self) -> Option<String> {
        let kind = Kind::ALL.get(self.kind)?;
        Some(format!("{}?limit={PAGE}&offset={}", kind.path(), self.offset))
    }

    /// Takes the page that [`Netbox::next`] asked for. What is wrong in a row is told, and the others are taken.
    pub fn take(&mut self, page: &[u8]) -> Result<(), Fault> {
        let Some(kind) = Kind::ALL.get(self.kind).copied() else { return Ok(()) };
        let place = format!("{}?offset={}", kind.path(), self.offset);
        let fault = |why| Fault { place: place.clone(), why };
        let answer: Value = serde_json::from_slice(page)
            .map_err(|error| Fault { place: format!("{place}:{}:{}", error.line(), error.column()), why: "no JSON" })?;
        let Some(results) = answer.get("results").and_then(Value::as_array) else {
            return Err(fault("no page of results: is this the address of a NetBox?"));
        };
        for (at, row) in results.iter().enumerate() {
            let at = self.offset.saturating_add(u64::try_from(at).unwrap_or(u64::MAX));
            let place = format!("{}#{at}", kind.path());
            if let Err(why) = self.row(kind, row, &place) {
                self.reading.faults.add(place, why);
            }
        }
        self.pages = self.pages.saturating_add(1);
        let more = answer.get("next").is_some_and(|next| !next.is_null()) && !results.is_empty();
        if more && self.pages >= PAGES_MAX {
            self.reading.faults.add(place, "more than 2,000 pages; the rest was not asked for");
        }
        if more && self.pages < PAGES_MAX {
            self.offset = self.offset.saturating_add(u64::try_from(results.len()).unwrap_or(PAGE));
        } else {
            (self.kind, self.offset, self.pages) = (self.kind.saturating_add(1), 0, 0);
        }
        Ok(())
    }

    /// All that was taken.
    pub fn finish(mut self) -> Reading {
        for row in self.rows.into_values() {
            self.reading.push(row);
        }
        self.reading
    }

    fn row(&mut self, kind: Kind, row: &Value, place: &str) -> Result<(), &'static str> {
        let id = row.get("id").and_then(Value::as_u64).ok_or("the row has no id")?;
        match kind {
            Kind::Devices => self.thing(Owner::Device(id), format!("netbox device {id}"), row, place),
            Kind::Machines => self.thing(Owner::Machine(id), format!("netbox virtual machine {id}"), row, place),
            Kind::Interfaces => self.interface(number(row, &["device"]).map(Owner::Device), row),
            Kind::MachineInterfaces => self.interface(number(row, &["virtual_machine"]).map(Owner::Machine), row),
            Kind::Addresses => self.address(row),
        }
    }

    fn thing(&mut self, owner: Owner, source: String, row: &Value, place: &str) -> Result<(), &'static str> {
        if self.rows.len() >= super::ROWS_MAX {
            self.reading.refused = self.reading.refused.saturating_add(1);
            return Ok(());
        }
        let named = |of: &str| text(row, &[of, "name"]).or_else(|| text(row, &[of, "display"]));
        let mut listed = Listed {
            source,
            id: text(row, &["asset_tag"]),
            name: text(row, &["name"]).or_else(|| text(row, &["display"])),
            serial: text(row, &["serial"]),
            maker: text(row, &["device_type", "manufacturer", "name"]),
            model: text(row, &["device_type", "model"]),
            // `device_role` until NetBox 3.5.
            class: named("role").or_else(|| named("device_role")),
            site: named("site"),
            location: named("location").or_else(|| named("rack")),
            owner: named("tenant"),
            status: text(row, &["status", "value"]).or_else(|| text(row, &["status"])),
            criticality: text(row, &["custom_fields", "criticality"])
                .or_else(|| text(row, &["custom_fields", "criticality", "value"])),
            ..Listed::default()
        };
        for of in ["primary_ip4", "primary_ip6", "primary_ip"] {
            if let Some(told) = text(row, &[of, "address"]) {
                match address(&told) {
                    Some(ip) => add(&mut listed.addresses, ip),
                    None => self.reading.faults.add(format!("{place}.{of}"), "no IP address"),
                }
            }
        }
        self.rows.insert(owner, listed);
        Ok(())
    }

    fn interface(&mut self, owner: Option<Owner>, row: &Value) -> Result<(), &'static str> {
        let owner = owner.ok_or("the interface belongs to nothing")?;
        // What it belongs to found no room, or was removed between two pages.
        let Some(listed) = self.rows.get_mut(&owner) else { return Ok(()) };
        // One member until NetBox 4.1, objects of their own since.
        let mut told: Vec<String> = text(row, &["mac_address"]).into_iter().collect();
        told.extend(text(row, &["primary_mac_address", "mac_address"]));
        let several = row.get("mac_addresses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        told.extend(several.iter().filter_map(|one| text(one, &["mac_address"])));
        let mut all_read = true;
        for one in told {
            match mac(&one) {
                Some(mac) => add(&mut listed.macs, mac),
                None => all_read = false,
            }
        }
        if all_read { Ok(()) } else { Err("the interface has a MAC address that is none") }
    }

    fn address(&mut self, row: &Value) -> Result<(), &'static str> {
        let told = text(row, &["address"]).ok_or("the row has no address")?;
        let assigned = ["assigned_object"];
        let path = |last| [assigned.as_slice(), &[last]].concat();
        let owner = number(row, &path("device"))
            .map(Owner::Device)
            .or_else(|| number(row, &path("virtual_machine")).map(Owner::Machine));
        // An address that nothing has.
        let Some(listed) = owner.and_then(|owner| self.rows.get_mut(&owner)) else { return Ok(()) };
        let ip = address(&told).ok_or("no IP address")?;
        add(&mut listed.addresses, ip);
        if listed.name.is_none() {
            listed.name = text(row, &["dns_name"]);
        }
        Ok(())
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if list.len() < super::KEYS_MAX && !list.contains(&one) {
        list.push(one);
    }
}

fn text(value: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(value, |value, member| value.get(member))?;
    let text = found.as_str()?.trim();
    (!text.is_empty() && text.len() <= super::VALUE_MAX).then(|| text.to_owned())
}

/// The id of what stands at a path.
fn number(value: &Value, path: &[&str]) -> Option<u64> {
    path.iter().try_fold(value, |value, member| value.get(member))?.get("id")?.as_u64()
}
