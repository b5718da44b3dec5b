//! Who stands behind the ends of packets, remembered between one packet and the next.
//!
//! A cache before [`Neighbours`] and [`Devices`](crate::devices::Devices): most packets come from somebody heard a moment
//! ago, and then one look at one place tells who it is and where what is known of it stands. Its index is not keyed: who
//! aims many senders at one place makes each look cost what it costs without a cache.

use crate::aged::{NONE, Place};
use crate::neighbours::{Neighbours, Places, Version};
use holter_terms::{DeviceKey, Mac, Nanos};
use std::net::{IpAddr, Ipv4Addr};

/// Senders remembered.
const FACES: usize = 8192;

/// A sender, and what was found of it: one line of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Face {
    ip: IpAddr,
    mac: Option<Mac>,
    /// The station by which it was decided who this is.
    by: Option<Mac>,
    /// It is held by its address, and else by the link-layer address of that station.
    by_address: bool,
    /// The version of what was believed then.
    version: Version,
    /// Where the device stood last.
    pub(crate) device: Place,
    /// Where its addresses stood last.
    pub(crate) places: Places,
    heard: Heard,
}

/// In which second a sender was heard, and with which TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    second: u32,
    ttl: u8,
    known: bool,
}

impl Heard {
    const NEVER: Heard = Heard { second: 0, ttl: 0, known: false };

    /// Seconds are told apart by their lower half: a sender is not silent for a century.
    pub(crate) fn new(second: Nanos, ttl: u8) -> Self {
        Heard { second: second as u32, ttl, known: true }
    }
}

impl Face {
    fn new(mac: Option<Mac>, ip: IpAddr) -> Self {
        Face { mac, ip, ..NOBODY }
    }

    pub(crate) fn key(&self) -> DeviceKey {
        match self.by {
            Some(mac) if !self.by_address => DeviceKey::Mac(mac),
            _ => DeviceKey::Ip(self.ip),
        }
    }

    /// It was heard like this; whether that is news.
    pub(crate) fn is_heard_anew(&mut self, heard: Heard) -> bool {
        std::mem::replace(&mut self.heard, heard) != heard
    }
}

const NOBODY: Face = Face {
    ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    mac: None,
    by: None,
    by_address: true,
    version: Version::NONE,
    device: NONE,
    places: Places::UNKNOWN,
    heard: Heard::NEVER,
};

pub(crate) struct Faces {
    faces: Box<[Face; FACES]>,
}

impl Faces {
    pub(crate) fn new() -> Self {
        Faces { faces: Box::new([NOBODY; FACES]) }
    }

    /// The face of a sender, as `neighbours` know it now.
    pub(crate) fn of(&mut self, neighbours: &Neighbours, mac: Option<Mac>, ip: IpAddr) -> &mut Face {
        let face = &mut self.faces[slot(mac, ip) % FACES];
        if face.ip != ip || face.mac != mac {
            *face = Face::new(mac, ip);
        }
        if face.version != neighbours.version(ip, face.by) {
            let before = face.key();
            let (key, by) = neighbours.decided(mac, ip);
            face.by = by;
            face.by_address = matches!(key, DeviceKey::Ip(_));
            face.version = neighbours.version(ip, by);
            if before != key {
                face.device = NONE;
                face.heard = Heard::NEVER;
            }
        }
        face
    }
}

fn slot(mac: Option<Mac>, ip: IpAddr) -> usize {
    let mut mixed = match ip {
        IpAddr::V4(ip) => u64::from(u32::from(ip)),
        IpAddr::V6(ip) => u128::from(ip) as u64 ^ (u128::from(ip) >> 64) as u64,
    };
    if let Some(Mac([a, b, c, d, e, f])) = mac {
        mixed ^= u64::from_be_bytes([0, 0, a, b, c, d, e, f]).rotate_left(20);
    }
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Mac = Mac([2, 0, 0, 0, 0, 1]);
    const OTHER: Mac = Mac([2, 0, 0, 0, 0, 2]);

    #[test]
    fn what_is_remembered_is_what_is_believed_now() {
        let ip = IpAddr::from([10, 0, 0, 5]);
        let mut neighbours = Neighbours::new([1; 16]);
        let mut faces = Faces::new();
        assert_eq!(faces.of(&neighbours, Some(HOST), ip).key(), DeviceKey::Mac(HOST));
        faces.of(&neighbours, Some(HOST), ip).device = 7;
        neighbours.claims(0, OTHER, ip);
        let face = faces.of(&neighbours, Some(HOST), ip);
        assert_eq!((face.key(), face.device), (DeviceKey::Mac(OTHER), NONE), "another device: its place is another");
    }

    #[test]
    fn a_face_says_what_the_tables_say() {
        let mut neighbours = Neighbours::new([1; 16]);
        let mut faces = Faces::new();
        let mut random = 7u32;
        let mut draw = |n: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 8 & (n - 1)
        };
        for at in 0..200_000i64 {
            let mac = Mac([2, 0, 0, 0, 0, draw(16) as u8]);
            let ip = match draw(8) {
                0 => IpAddr::from([0, 0, 0, 0]),
                1 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, draw(16) as u16]),
                2 => IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, draw(16) as u16]),
                3 => IpAddr::from([224, 0, 0, 1]),
                _ => IpAddr::from([10, 0, 0, draw(64) as u8]),
            };
            match draw(4) {
                0 => neighbours.claims(at * 1_000_000_000, mac, ip),
                1 => neighbours.sent(at, mac, ip, [64, 63][draw(2) as usize], &mut { Places::UNKNOWN }),
                2 if draw(64) == 0 => neighbours.gateway(ip),
                _ => {}
            }
            let mac = Some(mac).filter(|_| draw(8) > 0);
            assert_eq!(faces.of(&neighbours, mac, ip).key(), neighbours.behind(mac, ip), "{at}");
        }
    }

    #[test]
    fn whoever_shares_a_place_is_not_taken_for_another() {
        let neighbours = Neighbours::new([1; 16]);
        let mut faces = Faces::new();
        for n in 0..20_000u32 {
            let ip = IpAddr::from((0x0a00_0000 + n).to_be_bytes());
            let face = faces.of(&neighbours, None, ip);
            assert_eq!(face.key(), DeviceKey::Ip(ip));
            assert!(face.is_heard_anew(Heard::new(1, 64)) && !face.is_heard_anew(Heard::new(1, 64)));
        }
    }

    #[test]
    fn a_face_is_one_line_of_the_cache() {
        assert_eq!(size_of::<Face>(), 64);
    }
}
