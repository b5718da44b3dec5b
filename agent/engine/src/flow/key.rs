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
    /// Halves of the two addresses: a whole number of 128 bits would be aligned to 16 bytes.
    low: [u64; 2],
    high: [u64; 2],
    ports: [u16; 2],
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

fn halves(number: u128) -> [u64; 2] {
    [(number >> 64) as u64, number as u64]
}

impl Key {
    pub(super) fn new(packet: &Packet<'_>, tcp: bool, source: u16, destination: u16) -> (Key, Side) {
        let (from, to) = ((number(packet.src), source), (number(packet.dst), destination));
        let tag = u8::from(tcp) | u8::from(packet.src.is_ipv6()) << 1;
        let ((low, low_port), (high, high_port), side) = if from <= to { (from, to, 0) } else { (to, from, 1) };
        (Key { low: halves(low), high: halves(high), ports: [low_port, high_port], tag }, side)
    }

    pub(super) fn hash(&self, seed: &[u8; 16]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(seed);
        let ([low_head, low], [high_head, high]) = (self.low, self.high);
        let [low_port, high_port] = self.ports.map(u64::from);
        hasher.write_u64(low_port << 32 | high_port << 16 | u64::from(self.tag));
        if self.tag & 2 == 0 {
            // IPv4: 16 bytes in place of 40.
            hasher.write_u64(low << 32 | high);
        } else {
            [low_head, low, high_head, high].into_iter().for_each(|word| hasher.write_u64(word));
        }
        hasher.finish()
    }
}
