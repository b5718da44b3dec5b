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

/// A sender, and what was found of it.
#[derive(Clone, Copy)]
pub(crate) struct Face {
    mac: Option<Mac>,
    ip: IpAddr,
    /// The station by which `key` was decided, and the version of what was believed then.
    by: Option<Mac>,
    version: Option<Version>,
    pub(crate) key: DeviceKey,
    /// Where the device stood last.
    pub(crate) device: Place,
    /// Where its addresses stood last.
    pub(crate) places: Places,
    /// When it was heard last, and how: hearing it so again tells nothing.
    pub(crate) heard: Option<Heard>,
}

/// In which second a sender was heard, and with which TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) second: Nanos,
    pub(crate) ttl: u8,
}

const NOBODY: Face = Face {
    mac: None,
    ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    by: None,
    version: None,
    key: DeviceKey::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
    device: NONE,
    places: Places::UNKNOWN,
    heard: None,
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
        if face.mac != mac || face.ip != ip {
            *face = Face { mac, ip, ..NOBODY };
        }
        let version = neighbours.version(ip, face.by);
        if face.version != Some(version) {
            let (key, by) = neighbours.decided(mac, ip);
            face.by = by;
            face.version = Some(neighbours.version(ip, by));
            if face.key != key {
                face.key = key;
                face.device = NONE;
                face.heard = None;
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
        assert_eq!(faces.of(&neighbours, Some(HOST), ip).key, DeviceKey::Mac(HOST));
        faces.of(&neighbours, Some(HOST), ip).device = 7;
        neighbours.claims(0, OTHER, ip);
        let face = faces.of(&neighbours, Some(HOST), ip);
        assert_eq!((face.key, face.device), (DeviceKey::Mac(OTHER), NONE), "another device: its place is another");
    }

    #[test]
    fn whoever_shares_a_place_is_not_taken_for_another() {
        let neighbours = Neighbours::new([1; 16]);
        let mut faces = Faces::new();
        for n in 0..20_000u32 {
            let ip = IpAddr::from((0x0a00_0000 + n).to_be_bytes());
            assert_eq!(faces.of(&neighbours, None, ip).key, DeviceKey::Ip(ip));
            let heard = Heard { second: 1, ttl: 64 };
            assert_eq!(faces.of(&neighbours, None, ip).heard.replace(heard), None);
        }
    }
}
