//! IPv4, IPv6 with its extension headers, and what they carry. Headers are read by etherparse; lengths are judged here.

use super::checksum::{self, Checksums};
use super::cursor::Cursor;
use super::error::{LinkError, Reason};
use super::fragments::{Fragment, Key};
use super::layers::{Around, Layer, Seen, ethertype};
use super::packet::{Flags, Icmp, Packet, Sight, Tcp, Transport, Udp};
use super::tunnel;
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice, TcpHeaderSlice, UdpHeaderSlice};
use std::net::IpAddr;

/// The most extension headers of one IPv6 packet; RFC 8200 4.1 knows seven in use.
pub const MAX_EXTENSIONS: usize = 16;

mod number {
    pub(super) const HOP_BY_HOP: u8 = 0;
    pub(super) const ICMP: u8 = 1;
    pub(super) const IPV4: u8 = 4;
    pub(super) const TCP: u8 = 6;
    pub(super) const UDP: u8 = 17;
    pub(super) const IPV6: u8 = 41;
    pub(super) const ROUTING: u8 = 43;
    pub(super) const FRAGMENT: u8 = 44;
    pub(super) const GRE: u8 = 47;
    pub(super) const AUTHENTICATION: u8 = 51;
    pub(super) const ICMPV6: u8 = 58;
    pub(super) const DESTINATION: u8 = 60;
    pub(super) const MOBILITY: u8 = 135;
    pub(super) const HIP: u8 = 139;
    pub(super) const SHIM6: u8 = 140;
}

/// What stands behind an IP header.
pub(super) enum Within<'a> {
    Seen(Seen<'a>),
    Layer(Layer),
}

/// The part of an IP header that its payload needs.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) ttl: u8,
    pub(super) whole: bool,
}

pub(super) fn v4<'a>(cursor: &mut Cursor<'a>, around: &mut Around) -> Result<Within<'a>, LinkError> {
    let header = Ipv4HeaderSlice::from_slice(cursor.rest()).map_err(|error| {
        cursor.fail(match error {
            etherparse::err::ipv4::HeaderSliceError::Content(
                etherparse::err::ipv4::HeaderError::UnexpectedVersion { .. },
            ) => Reason::IpVersion,
            _ => Reason::Ipv4Header,
        })
    })?;
    let header_length = header.slice().len();
    // A total length of zero is left by cards that cut large segments themselves: the frame is then the packet.
    let total = match usize::from(header.total_len()) {
        0 => cursor.len(),
        total => total,
    };
    let length = total.checked_sub(header_length).ok_or(cursor.fail(Reason::Ipv4Header))?;
    if around.checksums == Checksums::Verify
        && header.header_checksum() != 0
        && checksum::fold(checksum::sum(header.slice())) != 0xffff
    {
        return Err(cursor.fail(Reason::Ipv4Checksum));
    }
    cursor.skip(header_length, Reason::Ipv4Header)?;
    let cut = length.saturating_sub(cursor.len());
    cursor.limit(length);
    let ends = Ends {
        src: header.source_addr().into(),
        dst: header.destination_addr().into(),
        ttl: header.ttl(),
        whole: header.dont_fragment(),
    };
    let offset = usize::from(header.fragments_offset().value()).saturating_mul(8);
    if header.more_fragments() || offset != 0 {
        let key =
            Key { src: ends.src, dst: ends.dst, id: u32::from(header.identification()), protocol: header.protocol().0 };
        return fragment(cursor, around, ends, key, header.protocol().0, offset, header.more_fragments(), cut);
    }
    payload(cursor, around, ends, header.protocol().0, u32::from(header.identification()), cut)
}

pub(super) fn v6<'a>(cursor: &mut Cursor<'a>, around: &mut Around) -> Result<Within<'a>, LinkError> {
    let header = Ipv6HeaderSlice::from_slice(cursor.rest()).map_err(|error| {
        cursor.fail(match error {
            etherparse::err::ipv6::HeaderSliceError::Content(_) => Reason::IpVersion,
            etherparse::err::ipv6::HeaderSliceError::Len(_) => Reason::Ipv6Header,
        })
    })?;
    cursor.skip(header.slice().len(), Reason::Ipv6Header)?;
    let ends = Ends {
        src: header.source_addr().into(),
        dst: header.destination_addr().into(),
        ttl: header.hop_limit(),
        whole: false,
    };
    let mut next = header.next_header().0;
    let mut length = usize::from(header.payload_length());
    if length == 0 {
        // Zero stands for a jumbogram (RFC 2675), or is left by a card that cuts large segments itself.
        if next == number::HOP_BY_HOP {
            return Err(cursor.fail(Reason::Ipv6Jumbo));
        }
        length = cursor.len();
    }
    let cut = length.saturating_sub(cursor.len());
    cursor.limit(length);
    for _ in 0..=MAX_EXTENSIONS {
        match next {
            number::HOP_BY_HOP
            | number::ROUTING
            | number::DESTINATION
            | number::MOBILITY
            | number::HIP
            | number::SHIM6 => {
                let [following, units] = cursor.array::<2>(Reason::Ipv6Extension)?;
                cursor.skip(usize::from(units).saturating_mul(8).saturating_add(6), Reason::Ipv6Extension)?;
                next = following;
            }
            number::AUTHENTICATION => {
                // Its length is in words of four bytes, less two (RFC 4302 2.2).
                let [following, words] = cursor.array::<2>(Reason::Ipv6Extension)?;
                cursor.skip(usize::from(words).saturating_mul(4).saturating_add(6), Reason::Ipv6Extension)?;
                next = following;
            }
            number::FRAGMENT => {
                let [following, _] = cursor.array::<2>(Reason::Ipv6Extension)?;
                let place = cursor.u16(Reason::Ipv6Extension)?;
                let id = u32::from_be_bytes(cursor.array(Reason::Ipv6Extension)?);
                let (offset, more) = (usize::from(place & 0xfff8), place & 1 == 1);
                next = following;
                // An atomic fragment is a whole packet on its own (RFC 6946).
                if more || offset != 0 {
                    let key = Key { src: ends.src, dst: ends.dst, id, protocol: number::FRAGMENT };
                    return fragment(cursor, around, ends, key, next, offset, more, cut);
                }
            }
            _ => return payload(cursor, around, ends, next, 0, cut),
        }
    }
    Err(cursor.fail(Reason::Nested))
}

#[expect(clippy::too_many_arguments, reason = "the fields of one header, used once for each version of IP")]
fn fragment<'a>(
    cursor: &mut Cursor<'a>,
    around: &Around,
    ends: Ends,
    key: Key,
    protocol: u8,
    offset: usize,
    more: bool,
    cut: usize,
) -> Result<Within<'a>, LinkError> {
    if cut != 0 {
        return Err(cursor.fail(Reason::FragmentCut));
    }
    let bytes = cursor.rest();
    let end = offset.saturating_add(bytes.len());
    if bytes.is_empty() || end > usize::from(u16::MAX) || (more && bytes.len() & 7 != 0) {
        return Err(cursor.fail(Reason::Fragment));
    }
    let detail = u64::from(key.id) << 17 | u64::from(more) << 16 | (offset as u64 & 0xffff);
    let mark = around.marker.ip(ends, number::FRAGMENT, detail, bytes);
    Ok(Within::Seen(Seen::Fragment(Fragment { key, around: *around, ends, protocol, offset, more, bytes }, mark)))
}

/// What an IP packet carries; also called with what fragments were joined to. `id` is its identification, 0 where it has
/// none.
pub(super) fn payload<'a>(
    cursor: &mut Cursor<'a>,
    around: &mut Around,
    ends: Ends,
    protocol: u8,
    id: u32,
    cut: usize,
) -> Result<Within<'a>, LinkError> {
    let whole = cursor.rest();
    let transport = match protocol {
        number::TCP => tcp(cursor, around, ends, cut)?,
        number::UDP => match udp(cursor, around, ends, cut)? {
            Ok(udp) => udp,
            Err(layer) => return Ok(Within::Layer(layer)),
        },
        number::ICMP | number::ICMPV6 => {
            let message = cursor.rest();
            let [kind, code, _, _] = cursor.array::<4>(Reason::Icmp)?;
            Transport::Icmp(Icmp { number: protocol, kind, code, message })
        }
        number::IPV4 => {
            around.tunnel(cursor)?;
            return Ok(Within::Layer(Layer::Type(ethertype::IPV4)));
        }
        number::IPV6 => {
            around.tunnel(cursor)?;
            return Ok(Within::Layer(Layer::Type(ethertype::IPV6)));
        }
        number::GRE => match tunnel::gre(cursor, around)? {
            Some(layer) => return Ok(Within::Layer(layer)),
            None => Transport::Other(number::GRE, cursor.rest()),
        },
        // IPv4 may carry an authentication header too.
        number::AUTHENTICATION if ends.src.is_ipv4() => {
            let [next, words] = cursor.array::<2>(Reason::Ipv4Header)?;
            cursor.skip(usize::from(words).saturating_mul(4).saturating_add(6), Reason::Ipv4Header)?;
            if next == number::AUTHENTICATION {
                return Err(cursor.fail(Reason::Nested));
            }
            return payload(cursor, around, ends, next, id, cut);
        }
        other => Transport::Other(other, cursor.rest()),
    };
    // A copy of a segment is compared by its stream; its header tells it from others.
    let told = match transport {
        Transport::Tcp(_) => whole.get(..whole.len().saturating_sub(cursor.len())).unwrap_or(whole),
        _ => whole,
    };
    let detail = u64::from(id) << 32 | whole.len() as u64;
    let mark = around.marker.ip(ends, protocol, detail, told);
    let packet = Packet {
        src_mac: around.src_mac,
        dst_mac: around.dst_mac,
        vlan: around.vlan,
        src: ends.src,
        dst: ends.dst,
        ttl: ends.ttl,
        whole: ends.whole,
        tunnels: around.tunnels,
        transport,
        truncated: cut != 0,
        ambiguous: false,
        sight: Sight::First,
    };
    Ok(Within::Seen(Seen::Packet(packet, mark)))
}

/// Bytes of a TCP header without options.
const TCP_HEADER: usize = 20;

fn tcp<'a>(cursor: &mut Cursor<'a>, around: &Around, ends: Ends, cut: usize) -> Result<Transport<'a>, LinkError> {
    let segment = cursor.rest();
    let header = TcpHeaderSlice::from_slice(segment).map_err(|_| cursor.fail(Reason::TcpHeader))?;
    let [.., flags] = *header.slice().first_chunk::<14>().ok_or(cursor.fail(Reason::TcpHeader))?;
    if around.checksums == Checksums::Verify
        && cut == 0
        && !checksum::holds(ends.src, ends.dst, number::TCP, segment, header.checksum())
    {
        return Err(cursor.fail(Reason::TcpChecksum));
    }
    cursor.skip(header.slice().len(), Reason::TcpHeader)?;
    Ok(Transport::Tcp(Tcp {
        source: header.source_port(),
        destination: header.destination_port(),
        sequence: header.sequence_number(),
        acknowledgment: header.acknowledgment_number(),
        flags: Flags(flags),
        window: header.window_size(),
        urgent: header.urgent_pointer(),
        options: segment.get(TCP_HEADER..header.slice().len()).unwrap_or_default(),
        payload: cursor.rest(),
        cut: u32::try_from(cut).unwrap_or(u32::MAX),
    }))
}

/// A datagram, or the layer that begins in it.
fn udp<'a>(
    cursor: &mut Cursor<'a>,
    around: &mut Around,
    ends: Ends,
    cut: usize,
) -> Result<Result<Transport<'a>, Layer>, LinkError> {
    let segment = cursor.rest();
    let header = UdpHeaderSlice::from_slice(segment).map_err(|_| cursor.fail(Reason::UdpHeader))?;
    let sent = segment.len().saturating_add(cut);
    // Zero stands for "to the end of the packet" where a card cuts large datagrams itself.
    let length = match usize::from(header.length()) {
        0 => sent,
        length => length,
    };
    if length < 8 || length > sent {
        return Err(cursor.fail(Reason::UdpLength));
    }
    cursor.limit(length);
    let segment = cursor.rest();
    let cut = length.saturating_sub(segment.len());
    if around.checksums == Checksums::Verify
        && cut == 0
        && !checksum::holds(ends.src, ends.dst, number::UDP, segment, header.checksum())
    {
        return Err(cursor.fail(Reason::UdpChecksum));
    }
    cursor.skip(8, Reason::UdpHeader)?;
    if let Some(layer) = tunnel::udp(header.source_port(), header.destination_port(), cursor, around)? {
        return Ok(Err(layer));
    }
    Ok(Ok(Transport::Udp(Udp {
        source: header.source_port(),
        destination: header.destination_port(),
        payload: cursor.rest(),
        cut: u32::try_from(cut).unwrap_or(u32::MAX),
    })))
}
