//! The inventory for other programs: CSV, JSON, OCSF and CycloneDX, device by device as they are written, so that a large
//! estate is never one text in memory.

mod cyclonedx;
mod json;
mod ocsf;
mod rows;

pub use cyclonedx::cyclonedx;
pub use json::{Row as JsonRow, json};
pub use ocsf::ocsf;
pub use rows::{COLUMNS, Lines, csv};

use crate::device::Device;
use crate::past::Presence;
use holter_terms::Nanos;
use std::borrow::Borrow;

/// What all devices of an export have in common.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The time that the inventory is of.
    pub at: Nanos,
    /// Name and version of the program that writes it.
    pub program: &'a str,
    pub version: &'a str,
}

/// A device, and what only its estate knows of it.
#[derive(Debug, Clone)]
pub struct Item<D: Borrow<Device>> {
    pub device: D,
    pub presence: Option<Presence>,
    /// A sensor that sees it is away or lost frames.
    pub partly_blind: bool,
}

/// RFC 3339 in UTC.
pub fn time(at: Nanos) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(at)) {
        Ok(time) => time.to_string(),
        Err(_) => "1970-01-01T00:00:00Z".to_owned(),
    }
}

/// Milliseconds since 1970.
const fn milliseconds(at: Nanos) -> i64 {
    at.div_euclid(1_000_000)
}
