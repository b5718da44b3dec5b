use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

macro_rules! id128 {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// The id spelled as 32 hexadecimal digits.
            pub fn parse(text: &str) -> Option<Self> {
                let mut bytes = [0u8; 16];
                if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                    *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
                }
                Some(Self(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id128! {
    /// A sensor, named by its certificate and never by what it says of itself.
    SensorId
}
id128! {
    /// One start of the forwarding process; fresh at random each time.
    BootId
}

/// A lane of delivery: its records are numbered, kept and acknowledged on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Lane {
    /// Findings, boots, loss statements, health. Last to be given up.
    P0 = 0,
    /// What is known of devices.
    P1 = 1,
    /// Summaries of windows.
    P2 = 2,
    /// Diagnostics. First to be given up.
    P3 = 3,
}

impl Lane {
    pub const ALL: [Lane; 4] = [Lane::P0, Lane::P1, Lane::P2, Lane::P3];

    pub fn from_u8(n: u8) -> Option<Lane> {
        Lane::ALL.get(usize::from(n)).copied()
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Lane::P0 => "p0",
            Lane::P1 => "p1",
            Lane::P2 => "p2",
            Lane::P3 => "p3",
        }
    }
}

/// A 48-bit link-layer address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    pub const ZERO: Mac = Mac([0; 6]);

    /// Group bit: multicast or broadcast, never the address of a device.
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Set by an administrator or drawn at random: says nothing of the maker.
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 == 2
    }

    /// The address spelled with colons or hyphens.
    pub fn parse(text: &str) -> Option<Mac> {
        let mut bytes = [0u8; 6];
        let mut parts = text.split([':', '-']);
        for byte in &mut bytes {
            let part = parts.next()?;
            if part.len() != 2 || !part.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            *byte = u8::from_str_radix(part, 16).ok()?;
        }
        parts.next().is_none().then_some(Mac(bytes))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a sensor holds a device by. A host on the tapped segment is known by its MAC; one behind a router, whose
/// frames carry the router's MAC, by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeviceKey {
    Mac(Mac),
    Ip(IpAddr),
}

// Looked up for every packet: a word or two is hashed, where a derived hash goes byte by byte and length by length.

impl Hash for Mac {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Mac([a, b, c, d, e, f]) = *self;
        state.write_u64(u64::from_be_bytes([0, 0, a, b, c, d, e, f]));
    }
}

impl Hash for DeviceKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match *self {
            DeviceKey::Mac(Mac([a, b, c, d, e, f])) => state.write_u64(u64::from_be_bytes([1, 0, a, b, c, d, e, f])),
            DeviceKey::Ip(IpAddr::V4(ip)) => state.write_u64(2 << 56 | u64::from(ip.to_bits())),
            DeviceKey::Ip(IpAddr::V6(ip)) => state.write_u128(ip.to_bits()),
        }
    }
}

impl fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceKey::Mac(mac) => mac.fmt(f),
            DeviceKey::Ip(ip) => ip.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_read_back() {
        let id = SensorId([0x0f; 16]);
        assert_eq!(SensorId::parse(&id.to_string()), Some(id));
        let mac = Mac([0, 0x18, 0x65, 0xaa, 0, 0x21]);
        assert_eq!(Mac::parse(&mac.to_string()), Some(mac));
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for text in ["", "00:18:65:aa:00", "00:18:65:aa:00:21:22", "00:18:65:aa:00:+1", "é0:18:65:aa:00:2"] {
            assert_eq!(Mac::parse(text), None, "{text:?}");
        }
        assert_eq!(SensorId::parse("é0000000000000000000000000000000"), None);
    }
}
