//! Link headers, tags and tunnels, taken off one after another.

use super::checksum::Checksums;
use super::copies::{Mark, Marker};
use super::cursor::Cursor;
use super::error::{LinkError, Reason};
use super::fragments::Fragment;
use super::ip;
use super::packet::{Arp, Packet, Sight, Transport};
use super::wlan;
use holter_terms::{LinkType, Mac};
use std::net::{IpAddr, Ipv4Addr};

/// The most tags and tunnels within each other. A frame with more is an attack, not a network.
pub const MAX_NESTED: u8 = 8;

/// The most labels of one MPLS stack.
const MAX_LABELS: usize = 16;

pub(super) mod ethertype {
    pub(crate) const IPV4: u16 = 0x0800;
    pub(crate) const ARP: u16 = 0x0806;
    pub(crate) const TEB: u16 = 0x6558;
    pub(crate) const VLAN: u16 = 0x8100;
    pub(crate) const IPV6: u16 = 0x86dd;
    pub(crate) const MPLS: u16 = 0x8847;
    pub(crate) const MPLS_UPSTREAM: u16 = 0x8848;
    pub(crate) const PPPOE_SESSION: u16 = 0x8864;
    pub(crate) const QINQ: u16 = 0x88a8;
    /// Cisco TrustSec's tag of security groups.
    pub(crate) const SECURITY_GROUP: u16 = 0x8909;
    pub(crate) const ERSPAN_II: u16 = 0x88be;
    pub(crate) const ERSPAN_III: u16 = 0x22eb;
    pub(crate) const PPP: u16 = 0x880b;
    pub(crate) const WCCP: u16 = 0x883e;
    /// Tags of makers from before 802.1ad.
    pub(crate) const QINQ_OLD: [u16; 2] = [0x9100, 0x9200];
    /// Below it, the field is the length of an 802.3 frame.
    pub(crate) const LEAST: u16 = 0x0600;
}

/// What a frame turned out to be.
pub(super) enum Seen<'a> {
    Packet(Packet<'a>, Mark),
    Fragment(Fragment<'a>, Mark),
    /// Nothing that can be handed on: a control frame of PPP, a tunnel that carries nothing.
    NotIp,
}

/// What was learned on the way in.
#[derive(Clone, Copy)]
pub(super) struct Around {
    pub(super) src_mac: Option<Mac>,
    pub(super) dst_mac: Option<Mac>,
    pub(super) vlan: Option<u16>,
    pub(super) tunnels: u8,
    pub(super) nested: u8,
    pub(super) checksums: Checksums,
    pub(super) marker: Marker,
}

impl Around {
    pub(super) const fn new(checksums: Checksums, marker: Marker) -> Self {
        Around { src_mac: None, dst_mac: None, vlan: None, tunnels: 0, nested: 0, checksums, marker }
    }

    /// A packet without IP, and its bytes.
    fn bare<'a>(&self, transport: Transport<'a>, kind: u32, bytes: &[u8]) -> Seen<'a> {
        let ends = [self.src_mac, self.dst_mac].map(|mac| {
            let Mac([a, b, c, d, e, f]) = mac.unwrap_or(Mac::ZERO);
            u64::from_be_bytes([0, 0, a, b, c, d, e, f])
        });
        Seen::Packet(self.packet(transport), self.marker.link(ends, kind, bytes))
    }

    fn packet<'a>(&self, transport: Transport<'a>) -> Packet<'a> {
        let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Packet {
            src_mac: self.src_mac,
            dst_mac: self.dst_mac,
            vlan: self.vlan,
            src: nobody,
            dst: nobody,
            ttl: 0,
            whole: false,
            tunnels: self.tunnels,
            transport,
            truncated: false,
            ambiguous: false,
            sight: Sight::First,
        }
    }

    fn deeper(&mut self, cursor: &Cursor<'_>) -> Result<(), LinkError> {
        self.nested = self.nested.saturating_add(1);
        if self.nested > MAX_NESTED { Err(cursor.fail(Reason::Nested)) } else { Ok(()) }
    }

    /// The next layer lies in a tunnel: what is inside has ends of its own.
    pub(super) fn tunnel(&mut self, cursor: &Cursor<'_>) -> Result<(), LinkError> {
        self.tunnels = self.tunnels.saturating_add(1);
        self.deeper(cursor)
    }
}

/// What stands next in the frame.
#[derive(Clone, Copy)]
pub(super) enum Layer {
    Ethernet,
    Type(u16),
    /// An LLC header of 802.2.
    Llc,
    Wlan {
        padded: bool,
    },
    /// A PPP protocol field, with or without the address and control bytes before it.
    Ppp,
    Ip,
}

/// Takes layers off until a packet, a fragment or something else stands there.
pub(super) fn peel<'a>(
    link: LinkType,
    frame: &'a [u8],
    checksums: Checksums,
    marker: Marker,
) -> Result<Seen<'a>, LinkError> {
    let mut cursor = Cursor::new(frame);
    let mut around = Around::new(checksums, marker);
    let layer = outermost(link, &mut cursor, &mut around)?;
    peel_on(layer, &mut cursor, &mut around)
}

/// Goes on from a layer that stands next.
pub(super) fn peel_on<'a>(
    mut layer: Layer,
    cursor: &mut Cursor<'a>,
    around: &mut Around,
) -> Result<Seen<'a>, LinkError> {
    loop {
        layer = match layer {
            Layer::Ethernet => Layer::Type(ethernet(cursor, around)?),
            Layer::Ppp => match ppp(cursor)? {
                Some(layer) => layer,
                None => return Ok(Seen::NotIp),
            },
            Layer::Ip => match cursor.rest().first().map(|byte| byte >> 4) {
                Some(4) => Layer::Type(ethertype::IPV4),
                Some(6) => Layer::Type(ethertype::IPV6),
                _ => return Err(cursor.fail(Reason::IpVersion)),
            },
            Layer::Type(ethertype::IPV4) => match ip::v4(cursor, around)? {
                ip::Within::Seen(seen) => return Ok(seen),
                ip::Within::Layer(layer) => layer,
            },
            Layer::Type(ethertype::IPV6) => match ip::v6(cursor, around)? {
                ip::Within::Seen(seen) => return Ok(seen),
                ip::Within::Layer(layer) => layer,
            },
            Layer::Type(ethertype::ARP) => return arp(cursor, around),
            Layer::Type(ethertype::TEB) => Layer::Ethernet,
            Layer::Type(ethertype::MPLS | ethertype::MPLS_UPSTREAM) => {
                around.deeper(cursor)?;
                mpls(cursor)?
            }
            Layer::Type(ethertype::PPPOE_SESSION) => {
                around.deeper(cursor)?;
                pppoe(cursor)?
            }
            Layer::Type(ethertype::VLAN | ethertype::QINQ) => vlan(cursor, around)?,
            Layer::Type(kind) if ethertype::QINQ_OLD.contains(&kind) => vlan(cursor, around)?,
            Layer::Type(ethertype::SECURITY_GROUP) => security_group(cursor, around)?,
            Layer::Type(length) if length < ethertype::LEAST => {
                cursor.limit(usize::from(length));
                Layer::Llc
            }
            Layer::Llc => {
                let frame = cursor.rest();
                match llc(cursor)? {
                    Some(layer) => layer,
                    None => return Ok(around.bare(Transport::Llc(frame), 0, frame)),
                }
            }
            Layer::Wlan { padded } => match wlan::frame(cursor, around, padded)? {
                Some(layer) => layer,
                None => return Ok(Seen::NotIp),
            },
            Layer::Type(kind) => {
                let rest = cursor.rest();
                return Ok(around.bare(Transport::Ether(kind, rest), u32::from(kind), rest));
            }
        };
    }
}

fn outermost(link: LinkType, cursor: &mut Cursor<'_>, around: &mut Around) -> Result<Layer, LinkError> {
    match link {
        LinkType::ETHERNET => Ok(Layer::Ethernet),
        // 12 and 14 are what BSD systems write for raw IP.
        LinkType::RAW | LinkType(12 | 14) => Ok(Layer::Ip),
        LinkType::IPV4 => Ok(Layer::Type(ethertype::IPV4)),
        LinkType::IPV6 => Ok(Layer::Type(ethertype::IPV6)),
        LinkType::NULL | LinkType::LOOP => {
            // An address family in the byte order of the machine that captured. Only the version of IP hangs on it,
            // and the header says that itself.
            cursor.skip(4, Reason::Link)?;
            Ok(Layer::Ip)
        }
        LinkType::LINUX_SLL => {
            cursor.skip(2, Reason::Link)?;
            let hardware = cursor.u16(Reason::Link)?;
            let length = cursor.u16(Reason::Link)?;
            let [a, b, c, d, e, f, _, _] = cursor.array::<8>(Reason::Link)?;
            if hardware == ARPHRD_ETHER && length == 6 {
                around.src_mac = Some(Mac([a, b, c, d, e, f]));
            }
            cooked(hardware, cursor.u16(Reason::Link)?)
        }
        LinkType::LINUX_SLL2 => {
            let kind = cursor.u16(Reason::Link)?;
            cursor.skip(6, Reason::Link)?;
            let hardware = cursor.u16(Reason::Link)?;
            let [_, length] = cursor.array::<2>(Reason::Link)?;
            let [a, b, c, d, e, f, _, _] = cursor.array::<8>(Reason::Link)?;
            if hardware == ARPHRD_ETHER && length == 6 {
                around.src_mac = Some(Mac([a, b, c, d, e, f]));
            }
            cooked(hardware, kind)
        }
        // PPP, and PPP in HDLC-like framing.
        LinkType(9 | 50) => Ok(Layer::Ppp),
        LinkType(51) => Ok(Layer::Type(ethertype::PPPOE_SESSION)),
        LinkType(FDDI) => {
            cursor.skip(1, Reason::Link)?;
            around.dst_mac = Some(Mac(cursor.array(Reason::Link)?));
            around.src_mac = Some(Mac(cursor.array(Reason::Link)?));
            Ok(Layer::Llc)
        }
        LinkType(IEEE_802_11) => Ok(Layer::Wlan { padded: false }),
        LinkType(RADIOTAP) => wlan::radiotap(cursor).map(|padded| Layer::Wlan { padded }),
        _ => Err(cursor.fail(Reason::LinkType)),
    }
}

const FDDI: u16 = 10;
const IEEE_802_11: u16 = 105;
const RADIOTAP: u16 = 127;

const ARPHRD_ETHER: u16 = 1;
/// GRE, with whose frames a cooked capture carries a GRE protocol type in place of an ethertype.
const ARPHRD_IPGRE: u16 = 778;

fn cooked(hardware: u16, kind: u16) -> Result<Layer, LinkError> {
    Ok(match kind {
        // 802.2 without a length; the frame ends where the capture ends.
        0x0004 => Layer::Llc,
        _ if hardware == ARPHRD_IPGRE && kind == 0 => Layer::Ip,
        _ => Layer::Type(kind),
    })
}

fn ethernet(cursor: &mut Cursor<'_>, around: &mut Around) -> Result<u16, LinkError> {
    around.dst_mac = Some(Mac(cursor.array(Reason::Link)?));
    around.src_mac = Some(Mac(cursor.array(Reason::Link)?));
    cursor.u16(Reason::Link)
}

fn vlan(cursor: &mut Cursor<'_>, around: &mut Around) -> Result<Layer, LinkError> {
    around.deeper(cursor)?;
    let id = cursor.u16(Reason::Vlan)? & 0x0fff;
    if id != 0 && id != 0x0fff {
        around.vlan = Some(id);
    }
    cursor.u16(Reason::Vlan).map(Layer::Type)
}

/// Version, length in words of four bytes, at least one word, and the ethertype of what follows.
fn security_group(cursor: &mut Cursor<'_>, around: &mut Around) -> Result<Layer, LinkError> {
    around.deeper(cursor)?;
    let [_, words] = cursor.array::<2>(Reason::Vlan)?;
    cursor.skip(usize::from(words.max(1)).saturating_mul(4), Reason::Vlan)?;
    cursor.u16(Reason::Vlan).map(Layer::Type)
}

/// 802.2 LLC in a frame of 802.3: only SNAP with the ethertypes of RFC 1042 carries anything that is read here.
fn llc(cursor: &mut Cursor<'_>) -> Result<Option<Layer>, LinkError> {
    match cursor.rest().first_chunk() {
        Some([0xaa, 0xaa, 0x03]) => {
            cursor.skip(3, Reason::Llc)?;
            let oui = cursor.array::<3>(Reason::Llc)?;
            let kind = cursor.u16(Reason::Llc)?;
            Ok((oui == [0; 3] && kind >= ethertype::LEAST).then_some(Layer::Type(kind)))
        }
        Some(_) => Ok(None),
        None => Err(cursor.fail(Reason::Llc)),
    }
}

/// Labels of RFC 3032 down to the bottom of the stack, and a control word (RFC 4385) where one shows.
fn mpls(cursor: &mut Cursor<'_>) -> Result<Layer, LinkError> {
    for _ in 0..MAX_LABELS {
        let [_, _, bottom, _] = cursor.array::<4>(Reason::Mpls)?;
        if bottom & 1 == 0 {
            continue;
        }
        return Ok(match cursor.rest().first().map(|byte| byte >> 4) {
            Some(4) => Layer::Type(ethertype::IPV4),
            Some(6) => Layer::Type(ethertype::IPV6),
            Some(0) => {
                cursor.skip(4, Reason::Mpls)?;
                Layer::Ethernet
            }
            _ => Layer::Ethernet,
        });
    }
    Err(cursor.fail(Reason::Mpls))
}

fn pppoe(cursor: &mut Cursor<'_>) -> Result<Layer, LinkError> {
    let [version, code, _, _] = cursor.array::<4>(Reason::Ppp)?;
    if version != 0x11 || code != 0 {
        return Err(cursor.fail(Reason::Ppp));
    }
    let length = cursor.u16(Reason::Ppp)?;
    cursor.limit(usize::from(length));
    Ok(Layer::Ppp)
}

fn ppp(cursor: &mut Cursor<'_>) -> Result<Option<Layer>, LinkError> {
    if let Some([0xff, 0x03]) = cursor.rest().first_chunk() {
        cursor.skip(2, Reason::Ppp)?;
    }
    // A protocol field may be compressed to one byte, which is then odd (RFC 1661 6.5).
    let [first] = cursor.array(Reason::Ppp)?;
    let protocol = if first & 1 == 1 {
        u16::from(first)
    } else {
        let [second] = cursor.array(Reason::Ppp)?;
        u16::from_be_bytes([first, second])
    };
    Ok(match protocol {
        0x0021 => Some(Layer::Type(ethertype::IPV4)),
        0x0057 => Some(Layer::Type(ethertype::IPV6)),
        0x0281 => Some(Layer::Type(ethertype::MPLS)),
        _ => None,
    })
}

fn arp<'a>(cursor: &mut Cursor<'a>, around: &Around) -> Result<Seen<'a>, LinkError> {
    const HEAD_OF_ETHERNET_AND_IPV4: [u8; 6] = [0, 1, 8, 0, 6, 4];
    const HEAD_OF_802_AND_IPV4: [u8; 6] = [0, 6, 8, 0, 6, 4];
    const LENGTH: usize = 28;
    let message = cursor.rest();
    let head = cursor.array::<6>(Reason::Arp)?;
    if head != HEAD_OF_ETHERNET_AND_IPV4 && head != HEAD_OF_802_AND_IPV4 {
        return Err(cursor.fail(Reason::Arp));
    }
    let operation = cursor.u16(Reason::Arp)?;
    let sender = Mac(cursor.array(Reason::Arp)?);
    let src = IpAddr::V4(Ipv4Addr::from(cursor.array::<4>(Reason::Arp)?));
    let target = Mac(cursor.array(Reason::Arp)?);
    let dst = IpAddr::V4(Ipv4Addr::from(cursor.array::<4>(Reason::Arp)?));
    let message = message.get(..LENGTH).unwrap_or(message);
    let arp = Transport::Arp(Arp { message, operation, sender, target });
    Ok(match around.bare(arp, u32::from(ethertype::ARP), message) {
        Seen::Packet(packet, mark) => Seen::Packet(Packet { src, dst, ..packet }, mark),
        other => other,
    })
}
