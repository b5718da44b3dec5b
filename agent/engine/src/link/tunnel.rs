//! Tunnels: GRE (RFC 2784, 2890, 2637), ERSPAN I to III, VXLAN (RFC 7348), Geneve (RFC 8926), GTP-U (3GPP TS 29.281),
//! Teredo (RFC 4380). What is inside counts as the packet.
//!
//! Tunnels over UDP are told by their port and by their header; what does not fit the header stays a datagram.

use super::cursor::Cursor;
use super::error::{LinkError, Reason};
use super::layers::{Around, Layer, ethertype};

const VXLAN: u16 = 4789;
/// The port of VXLAN before it had one, still the default of Linux.
const VXLAN_LINUX: u16 = 8472;
const GENEVE: u16 = 6081;
const GTP_U: u16 = 2152;
const TEREDO: u16 = 3544;

/// The most extension headers of one GTP-U packet; 3GPP TS 29.281 5.2 knows eight.
const MAX_GTP_EXTENSIONS: usize = 8;

mod gre_flag {
    pub(super) const CHECKSUM: u16 = 0x8000;
    pub(super) const ROUTING: u16 = 0x4000;
    pub(super) const KEY: u16 = 0x2000;
    pub(super) const SEQUENCE: u16 = 0x1000;
    pub(super) const ACKNOWLEDGMENT: u16 = 0x0080;
    pub(super) const VERSION: u16 = 0x0007;
}

/// What lies behind a GRE header; nothing where a header carries nothing, as keep-alives do.
pub(super) fn gre(cursor: &mut Cursor<'_>, around: &mut Around) -> Result<Option<Layer>, LinkError> {
    around.tunnel(cursor)?;
    let flags = cursor.u16(Reason::Tunnel)?;
    let kind = cursor.u16(Reason::Tunnel)?;
    if flags & gre_flag::ROUTING != 0 {
        return Err(cursor.fail(Reason::Tunnel));
    }
    let mut optional: usize = 0;
    for flag in [gre_flag::CHECKSUM, gre_flag::KEY, gre_flag::SEQUENCE] {
        if flags & flag != 0 {
            optional = optional.saturating_add(4);
        }
    }
    match (flags & gre_flag::VERSION, kind) {
        (0, _) => {}
        // PPTP: an acknowledgment may follow the sequence number, and data only with a sequence number.
        (1, ethertype::PPP) => {
            if flags & gre_flag::ACKNOWLEDGMENT != 0 {
                optional = optional.saturating_add(4);
            }
        }
        _ => return Err(cursor.fail(Reason::Tunnel)),
    }
    cursor.skip(optional, Reason::Tunnel)?;
    if cursor.len() == 0 {
        return Ok(None);
    }
    Ok(Some(match kind {
        ethertype::ERSPAN_II => {
            // Type I has neither a sequence number nor a header of its own.
            if flags & gre_flag::SEQUENCE != 0 {
                cursor.skip(8, Reason::Tunnel)?;
            }
            Layer::Ethernet
        }
        ethertype::ERSPAN_III => {
            let header = cursor.array::<12>(Reason::Tunnel)?;
            let [.., last] = header;
            if last & 1 == 1 {
                cursor.skip(8, Reason::Tunnel)?;
            }
            Layer::Ethernet
        }
        ethertype::PPP => Layer::Ppp,
        // Here the ethertype stands before the tag.
        ethertype::SECURITY_GROUP => {
            let kind = cursor.u16(Reason::Tunnel)?;
            let [_, words] = cursor.array::<2>(Reason::Tunnel)?;
            cursor.skip(usize::from(words.max(1)).saturating_mul(4), Reason::Tunnel)?;
            Layer::Type(kind)
        }
        // Version 2 of WCCP puts a header of its own before the packet, version 1 none.
        ethertype::WCCP => {
            if cursor.rest().first().is_some_and(|byte| byte >> 4 != 4) {
                cursor.skip(4, Reason::Tunnel)?;
            }
            Layer::Type(ethertype::IPV4)
        }
        kind => Layer::Type(kind),
    }))
}

/// A tunnel over UDP between two ports.
pub(super) fn udp(
    source: u16,
    destination: u16,
    cursor: &mut Cursor<'_>,
    around: &mut Around,
) -> Result<Option<Layer>, LinkError> {
    match destination {
        VXLAN | VXLAN_LINUX => {
            const HEADER: usize = 8;
            const LEAST: usize = HEADER + 14;
            // The flag that says that the network id counts is the one that must be set.
            let told = cursor.len() >= LEAST && cursor.rest().first().is_some_and(|flags| flags & 0x08 != 0);
            if !told {
                return Ok(None);
            }
            around.tunnel(cursor)?;
            cursor.skip(HEADER, Reason::Tunnel)?;
            Ok(Some(Layer::Ethernet))
        }
        GENEVE => {
            let Some(&[first, _, high, low, ..]) = cursor.rest().first_chunk::<8>() else { return Ok(None) };
            if first >> 6 != 0 {
                return Ok(None);
            }
            around.tunnel(cursor)?;
            cursor.skip(usize::from(first & 0x3f).saturating_mul(4).saturating_add(8), Reason::Tunnel)?;
            Ok(Some(Layer::Type(u16::from_be_bytes([high, low]))))
        }
        _ if destination == GTP_U || source == GTP_U => {
            let Some(header) = gtp(cursor.rest()) else { return Ok(None) };
            around.tunnel(cursor)?;
            cursor.skip(header, Reason::Tunnel)?;
            Ok(Some(Layer::Ip))
        }
        // A server answers from its port; peers behind it speak from any.
        _ if destination == TEREDO || source == TEREDO => {
            let Some(headers) = teredo(cursor.rest()) else { return Ok(None) };
            around.tunnel(cursor)?;
            cursor.skip(headers, Reason::Tunnel)?;
            Ok(Some(Layer::Type(ethertype::IPV6)))
        }
        _ => Ok(None),
    }
}

/// The length of a GTP-U header before an IP packet (3GPP TS 29.281 5.1).
fn gtp(datagram: &[u8]) -> Option<usize> {
    const VERSION_1_GTP: u8 = 0x30;
    const EXTENDED: u8 = 0x04;
    const OPTIONAL: u8 = 0x07;
    const G_PDU: u8 = 0xff;
    let [flags, kind, high, low, ..] = *datagram.first_chunk::<8>()?;
    if flags & 0xf0 != VERSION_1_GTP || kind != G_PDU {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([high, low])).saturating_add(8);
    let mut at: usize = 8;
    if flags & OPTIONAL != 0 {
        at = at.saturating_add(4);
        // The type of the next header counts only where the flag says so.
        let mut next = if flags & EXTENDED == 0 { 0 } else { *datagram.get(at.saturating_sub(1))? };
        for _ in 0..MAX_GTP_EXTENSIONS {
            if next == 0 {
                break;
            }
            let words = usize::from(*datagram.get(at)?);
            if words == 0 {
                return None;
            }
            at = at.saturating_add(words.saturating_mul(4));
            next = *datagram.get(at.saturating_sub(1))?;
        }
        if next != 0 {
            return None;
        }
    }
    // Captures cut datagrams: the length may say more than is there, but not less than its headers.
    let version = datagram.get(at)? >> 4;
    (matches!(version, 4 | 6) && at < length).then_some(at)
}

/// The length of what Teredo puts before an IPv6 packet that fills the rest (RFC 4380 5.1.1).
fn teredo(datagram: &[u8]) -> Option<usize> {
    const PREFIX: [u8; 4] = [0x20, 0x01, 0, 0];
    const LINK_LOCAL: [u8; 2] = [0xfe, 0x80];
    let mut at: usize = 0;
    if let Some([0, 1, id, value]) = datagram.first_chunk() {
        // Lengths of two fields, then a nonce and a byte that confirms.
        at = usize::from(*id).saturating_add(usize::from(*value)).saturating_add(13);
    }
    if let Some([0, 0]) = datagram.get(at..)?.first_chunk() {
        at = at.saturating_add(8);
    }
    let packet = datagram.get(at..)?;
    let header = packet.first_chunk::<40>()?;
    let [first, _, _, _, high, low, ..] = *header;
    let length = usize::from(u16::from_be_bytes([high, low])).saturating_add(header.len());
    let named = |address: &[u8]| address.starts_with(&PREFIX) || address.starts_with(&LINK_LOCAL);
    let (src, dst) = header.get(8..)?.split_at_checked(16)?;
    (first >> 4 == 6 && length == packet.len() && (named(src) || named(dst))).then_some(at)
}
