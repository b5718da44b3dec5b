//! What a site has on paper, compared with what its sensors see.
//!
//! Readers turn a NetBox, a list of a maintenance system (CMMS) or an MDS2 worksheet into rows or facts; [`compare`] tells
//! for each row whether the device was seen, by which keys it was known again and what differs, and if it was not seen,
//! whether it would have been. Files are somebody else's: what is wrong in them is a [`Fault`] with its place, and the
//! rest goes on.

pub mod cmms;
pub mod columns;
mod compare;
mod differs;
mod index;
pub mod mds2;
pub mod netbox;
mod outcome;
pub mod sheet;
mod sight;

pub use compare::{Terms, compare};
pub use differs::Difference;
pub use outcome::{Ambiguous, Candidate, Comparison, KEYS, Key, Known, Missing, Outcome, Pairing, Strength};
pub use sight::{BITS_V4, BITS_V6, NETWORKS_MAX, STATIONS_MIN, Seeing, Segment, Sight};

use holter_terms::Mac;
use std::net::IpAddr;

/// The most rows that are compared; further ones are counted.
pub const ROWS_MAX: usize = 200_000;
/// The most faults that are told one by one; further ones are counted.
pub const FAULTS_MAX: usize = 1_000;
/// The largest file that is read, bytes.
pub const FILE_MAX: usize = 64 << 20;
/// Bytes of one value; a longer one is a fault.
pub const VALUE_MAX: usize = 4_096;
/// MACs and addresses of one row.
pub const KEYS_MAX: usize = 64;

/// One row of a list: what a site believes to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Where it stands: `assets.csv:14`, `netbox device 7`.
    pub source: String,
    /// The number by which its site knows it: asset tag, control number.
    pub id: Option<String>,
    pub name: Option<String>,
    pub macs: Vec<Mac>,
    pub addresses: Vec<IpAddr>,
    pub serial: Option<String>,
    pub maker: Option<String>,
    pub model: Option<String>,
    /// What kind of thing, in the list's own words.
    pub class: Option<String>,
    /// The site as the list calls it.
    pub site: Option<String>,
    pub location: Option<String>,
    pub owner: Option<String>,
    pub status: Option<String>,
    pub criticality: Option<String>,
}

/// What could not be read, and where; never what stood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Fault {
    /// `file:line:column`, `file:sheet!cell` or `document offset`.
    pub place: String,
    pub why: &'static str,
}

/// What was read of a list.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub rows: Vec<Listed>,
    pub faults: Faults,
    /// Rows beyond [`ROWS_MAX`].
    pub refused: u64,
}

/// Faults as far as they are kept, and how many there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    pub list: Vec<Fault>,
    pub total: u64,
}

impl Faults {
    pub fn add(&mut self, place: String, why: &'static str) {
        self.total = self.total.saturating_add(1);
        if self.list.len() < FAULTS_MAX {
            self.list.push(Fault { place, why });
        }
    }
}

impl Reading {
    pub(crate) fn push(&mut self, row: Listed) {
        if self.rows.len() >= ROWS_MAX {
            self.refused = self.refused.saturating_add(1);
        } else {
            self.rows.push(row);
        }
    }
}

/// A MAC in any of the spellings that lists use: `00:11:22:33:44:55`, `00-11-…`, `0011.2233.4455`, `001122334455`.
pub fn mac(text: &str) -> Option<Mac> {
    let mut bytes = [0u8; 6];
    let mut digits = 0usize;
    for letter in text.trim().bytes() {
        let Some(value) = char::from(letter).to_digit(16) else {
            if matches!(letter, b':' | b'-' | b'.' | b' ') && digits > 0 {
                continue;
            }
            return None;
        };
        let byte = bytes.get_mut(digits / 2)?;
        *byte = (*byte << 4) | u8::try_from(value).ok()?;
        digits += 1;
    }
    let mac = Mac(bytes);
    (digits == 12 && mac != Mac::ZERO && !mac.is_group()).then_some(mac)
}

/// An address, with or without the length of its prefix; none that says nothing (`0.0.0.0`, loopback, group).
pub fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim().split('/').next()?.split('%').next()?;
    let ip: IpAddr = bare.parse().ok()?;
    let ip = ip.to_canonical();
    (!ip.is_unspecified() && !ip.is_loopback() && !ip.is_multicast()).then_some(ip)
}

/// Letters and digits in upper case: what is left when the ways of writing a serial or a model are taken off.
pub fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// A serial as it is compared. `None` for what is written where there is none.
pub fn serial(text: &str) -> Option<String> {
    if let Some(hash) = text.trim().strip_prefix('#') {
        // A name that a sensor hashed: its digits are compared as they are.
        return (hash.len() == 16).then(|| format!("#{}", hash.to_lowercase()));
    }
    let serial = bare(text);
    let letters = serial.chars().collect::<std::collections::BTreeSet<_>>().len();
    const NONE: [&str; 8] =
        ["NONE", "UNKNOWN", "NOTAVAILABLE", "TOBEFILLED", "DEFAULT", "SERIAL", "123456789", "1234567890"];
    (serial.chars().count() >= 4 && letters >= 2 && !NONE.contains(&serial.as_str())).then_some(serial)
}

/// A host name as it is compared: the first label, in lower case.
pub fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let first = if text.parse::<IpAddr>().is_ok() { return None } else { text.split('.').next()? };
    (first.chars().count() >= 2).then(|| first.to_lowercase())
}

/// The words that say who made it, without those that say what kind of company it is.
pub fn maker(text: &str) -> std::collections::BTreeSet<String> {
    const FORMS: [&str; 22] = [
        "ag",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "group",
        "healthcare",
        "healthineers",
        "inc",
        "incorporated",
        "international",
        "kg",
        "limited",
        "llc",
        "ltd",
        "medical",
        "plc",
        "sa",
        "systems",
        "technologies",
    ];
    let words = |keep: bool| {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .filter(move |word| keep || !FORMS.contains(&word.as_str()))
            .collect::<std::collections::BTreeSet<_>>()
    };
    let own = words(false);
    if own.is_empty() { words(true) } else { own }
}

/// Whether two names can be of one maker: the words of one stand in the other. `None` where one says nothing.
pub fn same_maker(a: &str, b: &str) -> Option<bool> {
    let (a, b) = (maker(a), maker(b));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    Some(a.is_subset(&b) || b.is_subset(&a))
}
