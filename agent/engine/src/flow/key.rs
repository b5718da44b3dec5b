use crate::link::Packet;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::net::IpAddr;

/// The two ends of a conversation and its transport, the same whichever end sends.
///
/// VLAN ids and link addresses are left out: mirrors show the two directions under different tags, and a router
/// changes the addresses between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    low: (u128, u16),
    high: (u128, u16),
    tag: u8,
}

/// Which of the two ends sent a packet: 0 the lower of the key, 1 the higher.
pub(super) type Side = usize;

pub(super) const fn other(side: Side) -> Side {
    side ^ 1
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

impl Key {
    pub(super) fn new(packet: &Packet<'_>, tcp: bool, source: u16, destination: u16) -> (Key, Side) {
        let (from, to) = ((number(packet.src), source), (number(packet.dst), destination));
        let tag = u8::from(tcp) | u8::from(packet.src.is_ipv6()) << 1;
        if from <= to { (Key { low: from, high: to, tag }, 0) } else { (Key { low: to, high: from, tag }, 1) }
    }

    pub(super) fn hash(&self, seed: &[u8; 16]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(seed);
        if self.tag & 2 == 0 {
            // IPv4: 13 bytes in place of 37.
            let addresses = (self.low.0 & 0xffff_ffff) << 32 | (self.high.0 & 0xffff_ffff);
            let ports = u128::from(self.low.1) << 80 | u128::from(self.high.1) << 64;
            hasher.write(&(addresses | ports | u128::from(self.tag) << 96).to_le_bytes());
        } else {
            hasher.write(&self.low.0.to_le_bytes());
            hasher.write(&self.high.0.to_le_bytes());
            let ports = u64::from(self.low.1) << 16 | u64::from(self.high.1);
            hasher.write(&(ports | u64::from(self.tag) << 32).to_le_bytes());
        }
        hasher.finish()
    }
}
