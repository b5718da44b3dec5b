//! Tunnels: GRE (RFC 2784, 2890, 2637), ERSPAN I to III, VXLAN (RFC 7348), Geneve (RFC 8926). What is inside counts as
//! the packet.

use super::cursor::Cursor;
use super::error::{LinkError, Reason};
use super::layers::{Around, Layer, ethertype};

const VXLAN: u16 = 4789;
/// The port of VXLAN before it had one, still the default of Linux.
const VXLAN_LINUX: u16 = 8472;
const GENEVE: u16 = 6081;

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
        kind => Layer::Type(kind),
    }))
}

/// A tunnel over UDP, told by its port and by its header; anything else on that port stays a datagram.
pub(super) fn udp(port: u16, cursor: &mut Cursor<'_>, around: &mut Around) -> Result<Option<Layer>, LinkError> {
    match port {
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
        _ => Ok(None),
    }
}
