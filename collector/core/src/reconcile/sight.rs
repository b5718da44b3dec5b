//! Which networks the sensors see, and how well: what decides whether a device that was not seen is absent.

use crate::estate::Estate;
use crate::spans::Seen;
use holter_terms::DeviceKey;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The length of prefix by which networks are told apart, as sites mostly cut them.
pub const BITS_V4: u8 = 24;
pub const BITS_V6: u8 = 64;
/// The most networks; of further ones nothing is known.
pub const NETWORKS_MAX: usize = 100_000;
/// So many machines with their link-layer address make a segment that is watched: one alone may be a visitor.
pub const STATIONS_MIN: u32 = 2;

/// A network, by its first address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    pub network: IpAddr,
    pub bits: u8,
}

impl Segment {
    pub fn of(ip: IpAddr) -> Segment {
        match ip {
            IpAddr::V4(v4) => {
                let bits = v4.to_bits() & (u32::MAX << (32 - u32::from(BITS_V4)));
                Segment { network: IpAddr::V4(bits.into()), bits: BITS_V4 }
            }
            IpAddr::V6(v6) => {
                let bits = v6.to_bits() & (u128::MAX << (128 - u32::from(BITS_V6)));
                Segment { network: IpAddr::V6(bits.into()), bits: BITS_V6 }
            }
        }
    }
}

impl std::fmt::Display for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.network, self.bits)
    }
}

/// How a network is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeing {
    /// Machines on it that are known by their link-layer address: a sensor stands on the segment.
    pub stations: u32,
    /// Machines of it that are known by their address alone: what they send to other networks passes a sensor.
    pub passing: u32,
    pub seen: Seen,
}

impl Seeing {
    pub const fn is_watched(&self) -> bool {
        self.stations >= STATIONS_MIN
    }
}

/// What the sensors of an estate see.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    networks: BTreeMap<Segment, Seeing>,
    /// Networks that found no room.
    pub refused: u64,
}

impl Sight {
    pub fn of(estate: &Estate) -> Sight {
        let mut sight = Sight::default();
        for device in estate.devices.values().filter(|device| device.shared.is_none()) {
            for (key, face) in &device.faces {
                match key.key {
                    DeviceKey::Mac(_) => {
                        for (ip, spans) in &face.addresses {
                            spans.whole().into_iter().for_each(|seen| sight.add(*ip, seen, true));
                        }
                    }
                    DeviceKey::Ip(ip) => sight.add(ip, face.seen, false),
                }
            }
        }
        sight
    }

    fn add(&mut self, ip: IpAddr, seen: Seen, station: bool) {
        let segment = Segment::of(ip);
        if !self.networks.contains_key(&segment) && self.networks.len() >= NETWORKS_MAX {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        let seeing = self.networks.entry(segment).or_insert(Seeing { stations: 0, passing: 0, seen });
        seeing.seen.widen(seen.first, seen.last);
        let count = if station { &mut seeing.stations } else { &mut seeing.passing };
        *count = count.saturating_add(1);
    }

    pub fn network(&self, ip: IpAddr) -> Option<(Segment, Seeing)> {
        let segment = Segment::of(ip);
        self.networks.get(&segment).map(|seeing| (segment, *seeing))
    }
}
