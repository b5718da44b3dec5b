//! What can be said of a row, and the keys that say it.

use super::differs::Difference;
use super::sight::Segment;
use holter_terms::Nanos;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// By what a device was known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Serial,
    Mac,
    Name,
    Address,
}

/// How much a key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Says where to look. Alone it makes no match.
    Weak,
    /// Makes a match where nothing speaks against it.
    Strong,
    /// Belongs to one machine.
    Sure,
}

/// The keys, the strongest first: the table that matching goes by and docs/inventory.md shows.
pub const KEYS: [(Key, Strength, &str); 4] = [
    (
        Key::Serial,
        Strength::Sure,
        "Serial numbers are equal, without signs and case, four characters or more, and the makers do not contradict.",
    ),
    (Key::Mac, Strength::Sure, "The device was seen with a MAC of the row."),
    (
        Key::Name,
        Strength::Strong,
        "The first label of the host name, or the AE title, is equal, and no other device has it.",
    ),
    (
        Key::Address,
        Strength::Weak,
        "The device has the address now. With an equal maker or class it is strong: addresses are handed on.",
    ),
];

impl Key {
    pub const fn as_str(self) -> &'static str {
        match self {
            Key::Serial => "serial",
            Key::Mac => "mac",
            Key::Name => "name",
            Key::Address => "address",
        }
    }

    pub fn strength(self) -> Strength {
        KEYS.iter().find(|(key, ..)| *key == self).map_or(Strength::Weak, |(_, strength, _)| *strength)
    }
}

/// A device by its id and the keys that speak for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub device: String,
    pub by: BTreeSet<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambiguous {
    /// Several devices fit the row equally well.
    Devices,
    /// One key points at one device and another, as sure, at another one.
    Keys,
    /// Another row fits the device equally well.
    Rows,
}

/// Why a row's device was not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The row has nothing by which a device is known again.
    NoKey,
    /// The row has no address: nobody can say whether sensors see where it is.
    NoSegment,
    /// No sensor has ever seen that network.
    NoSight(Segment),
    /// Of that network only what passes a router is seen: what stays within it is not.
    PassingOnly(Segment),
    /// It was seen, and the sensors that saw it do not listen now.
    SensorAway { device: String, last: Nanos },
    /// Its address is used, and nothing tells by whom.
    AddressOnly { device: String, address: IpAddr, last: Nanos },
    /// Sensors see its network and not the device. `last` is when it was last seen, if ever.
    Absent { segment: Option<Segment>, last: Option<(String, Nanos)> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Seen and listed.
    Seen(Candidate, Vec<Difference>),
    Ambiguous(Ambiguous, Vec<Candidate>),
    /// Listed and not seen.
    Unseen(Missing),
}

#[derive(Debug, Clone)]
pub struct Pairing {
    /// Index into the rows.
    pub row: usize,
    pub outcome: Outcome,
}

/// A device that no row lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub device: String,
    pub last: Nanos,
}

#[derive(Debug, Clone, Default)]
pub struct Comparison {
    pub rows: Vec<Pairing>,
    /// Seen and not listed; without those that an ambiguous row may mean.
    pub unlisted: Vec<Known>,
    /// Addresses outside of the site and addresses shared by routers: a list has no rows for them.
    pub outside: u64,
    /// Rows beyond what is compared.
    pub refused: u64,
}
