//! What a frame holds once its wrapping is off.

use holter_terms::Mac;
use std::net::IpAddr;

/// TCP flags, RFC 9293 3.1, in the order of their bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    pub const FIN: Flags = Flags(0x01);
    pub const SYN: Flags = Flags(0x02);
    pub const RST: Flags = Flags(0x04);
    pub const PSH: Flags = Flags(0x08);
    pub const ACK: Flags = Flags(0x10);
    pub const URG: Flags = Flags(0x20);
    /// ECE and CWR: in a SYN, an offer of explicit congestion notification (RFC 3168 6.1.1).
    pub const ECN: Flags = Flags(0xc0);

    /// Whether every flag of `other` is set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    pub const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp<'a> {
    pub source: u16,
    pub destination: u16,
    pub sequence: u32,
    pub acknowledgment: u32,
    pub flags: Flags,
    pub window: u16,
    pub urgent: u16,
    /// What stands behind the fixed header (RFC 9293 3.1).
    pub options: &'a [u8],
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// Bytes at the end of the payload that the capture left out.
    pub cut: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Udp<'a> {
    pub source: u16,
    pub destination: u16,
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// Bytes at the end of the payload that the capture left out.
    pub cut: u32,
}

/// ARP for IPv4 over a 48-bit link, RFC 826. The addresses of the machines are the packet's `src` (sender) and `dst`
/// (target).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arp<'a> {
    /// The whole message.
    pub message: &'a [u8],
    /// 1 request, 2 reply; other numbers as they came.
    pub operation: u16,
    pub sender: Mac,
    pub target: Mac,
}

/// ICMP of IPv4 (RFC 792) or IPv6 (RFC 4443).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icmp<'a> {
    /// 1, or 58 for that of IPv6.
    pub number: u8,
    pub kind: u8,
    pub code: u8,
    /// The whole message, from its type on.
    pub message: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport<'a> {
    Tcp(Tcp<'a>),
    Udp(Udp<'a>),
    Arp(Arp<'a>),
    Icmp(Icmp<'a>),
    /// Another IP protocol, by its number in the IANA registry, and what the packet carries of it.
    Other(u8, &'a [u8]),
    /// A frame with another EtherType, such as LLDP, and the bytes behind it. Its ends have no IP addresses.
    Ether(u16, &'a [u8]),
    /// A frame of 802.3 from its LLC header on, such as spanning tree. Its ends have no IP addresses.
    Llc(&'a [u8]),
}

/// One packet, without tags, tunnels and fragments. Within a tunnel, all but the depth is of the innermost packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Absent on links that carry none.
    pub src_mac: Option<Mac>,
    pub dst_mac: Option<Mac>,
    /// The innermost VLAN id, 1 to 4094. A priority tag (id 0) is not one.
    pub vlan: Option<u16>,
    /// Sender; for ARP the sender's protocol address.
    pub src: IpAddr,
    /// Receiver; for ARP the target's protocol address.
    pub dst: IpAddr,
    /// Time to live or hop limit; 0 for ARP.
    pub ttl: u8,
    /// IPv4 forbids to split it (DF).
    pub whole: bool,
    /// How many tunnels (GRE, VXLAN, IP in IP, ...) were taken off.
    pub tunnels: u8,
    pub transport: Transport<'a>,
    /// The capture left out a part of the packet.
    pub truncated: bool,
    /// Fragments of it contradicted each other.
    pub ambiguous: bool,
    pub sight: Sight,
}

/// Whether a packet is seen for the first time. What was heard moments ago is a copy: see [`super::COPY_WINDOW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    #[default]
    First,
    /// A copy, perhaps under another tag or in a tunnel.
    Again,
    /// A copy from another link address or with another TTL: the packet before or behind a router.
    Elsewhere,
}

impl Packet<'_> {
    pub const fn is_copy(&self) -> bool {
        !matches!(self.sight, Sight::First)
    }
}
