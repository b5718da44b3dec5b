//! One message (RFC 2131 2, RFC 951).

use super::Message;
use super::options::{Areas, JOINED_MAX, Joined, OPTIONS_MAX};
use crate::event::{Code, Codes, Seconds, Size, Transaction};
use crate::{Malformed, Reader, Sink};
use holter_phi::{Because, Plain};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv4Addr};

const FIXED: usize = 236;
const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
/// BOOTP's vendor area (RFC 951) makes messages of 300 bytes.
const BOOTP: usize = 300;

const DISCOVER: u8 = 1;
/// Bytes of the option field that are read. Each option is looked for on its own, and no network carries more.
pub const OPTION_FIELD_MAX: usize = 4096;

pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(message);
    let op = reader.u8("dhcp.op")?;
    if !matches!(op, 1 | 2) {
        return Err(Malformed { field: "dhcp.op", at: 0 });
    }
    let htype = reader.u8("dhcp.htype")?;
    let hlen = reader.u8("dhcp.hlen")?;
    let hops = reader.u8("dhcp.hops")?;
    let transaction = reader.u32("dhcp.transaction")?;
    reader.take(4, "dhcp.flags")?;
    let client_address = address(&mut reader)?;
    let your_address = address(&mut reader)?;
    let next_server = address(&mut reader)?;
    let relay = address(&mut reader)?;
    let chaddr: [u8; 16] = reader.array("dhcp.client_mac")?;
    let sname = (reader.at(), reader.take(64, "dhcp.sname")?);
    let file = (reader.at(), reader.take(128, "dhcp.file")?);
    let has_options = reader.rest().starts_with(&COOKIE);
    if !has_options && !reader.is_empty() && reader.rest().iter().any(|&byte| byte != 0) {
        // BOOTP with a vendor area of its own, or broken: its content is not for us either way.
        sink.weird("dhcp.cookie");
    }
    let client_mac = match chaddr {
        [a, b, c, d, e, f, ..] if htype == 1 && hlen == 6 => Some(Mac([a, b, c, d, e, f])),
        _ => {
            sink.weird("dhcp.hardware");
            None
        }
    };
    let options = reader.rest().strip_prefix(&COOKIE).unwrap_or_default();
    if options.len() > OPTION_FIELD_MAX {
        sink.weird("dhcp.size");
    }
    let options = options.get(..OPTION_FIELD_MAX).unwrap_or(options);
    let areas = Areas::new((options, FIXED.saturating_add(COOKIE.len())), (file.1, file.0), (sname.1, sname.0));

    let mut codes = [0; OPTIONS_MAX];
    let (codes, result) = areas.codes(&mut codes, sink);
    let kind = areas.first(53).and_then(|value| value.first().copied());
    let number = |code: u8| areas.first(code).and_then(|value| value.try_into().ok()).map(u32::from_be_bytes);
    if has_options && kind.is_none_or(|kind| !(1..=18).contains(&kind)) {
        sink.weird("dhcp.type");
    }
    if kind == Some(DISCOVER) && client_address.is_some() || (op == 1 && relay.is_some() && hops == 0) {
        sink.weird("dhcp.addresses");
    }
    if op == 1 && your_address.is_some() {
        sink.weird("dhcp.your_address");
    }
    let [mut one, mut two, mut three, mut four, mut five] = [const { Joined::new() }; 5];
    let hostname = text(areas.joined(12, &mut one, sink));
    let domain = text(areas.joined(15, &mut two, sink));
    let fqdn = areas.joined(81, &mut three, sink);
    let vendor_class = text(areas.joined(60, &mut four, sink));
    let parameters = areas.joined(55, &mut five, sink).map(Codes);
    let mut labels = Joined::new();
    let fqdn = text(fqdn.and_then(|value| full_name(value, &mut labels, sink)));
    sink.event(&Message {
        op: Code(u64::from(op)),
        kind: kind.map(|kind| Code(u64::from(kind))),
        transaction: Transaction(u64::from(transaction)),
        client_mac,
        identifier_mac: areas.first(61).and_then(|value| value.strip_prefix(&[1])?.try_into().ok()).map(Mac),
        client_address,
        your_address,
        next_server,
        relay,
        requested_address: first_address(&areas, 50),
        server: first_address(&areas, 54),
        lease: number(51).map(|seconds| Seconds(u64::from(seconds))),
        router: first_address(&areas, 3),
        name_server: first_address(&areas, 6),
        hostname,
        domain,
        fqdn,
        vendor_class,
        parameters,
        options: Codes(codes),
        max_size: areas
            .first(57)
            .and_then(|value| value.try_into().ok())
            .map(|size| Size(u64::from(u16::from_be_bytes(size)))),
    });
    result
}

/// An address of the fixed part; zero is none.
fn address(reader: &mut Reader<'_>) -> Result<Option<IpAddr>, Malformed> {
    let address = Ipv4Addr::from(reader.u32("dhcp.address")?);
    Ok((!address.is_unspecified()).then_some(IpAddr::V4(address)))
}

/// The first address of an option; zero is none.
fn first_address(areas: &Areas<'_>, code: u8) -> Option<IpAddr> {
    let address = Ipv4Addr::from(*areas.first(code)?.first_chunk::<4>()?);
    (!address.is_unspecified()).then_some(IpAddr::V4(address))
}

/// Text without the NULs that some clients send behind it.
fn text(value: Option<&[u8]>) -> Option<Plain<'_>> {
    let value = value?;
    let end = value.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
    value.get(..end).filter(|text| !text.is_empty()).map(|text| Plain::new(text, Because::Site))
}

/// The name of option 81 (RFC 4702 2): behind flags and two codes, as text or, by flag E, as labels. Compression is
/// not allowed there, so a pointer ends the reading.
fn full_name<'n>(value: &'n [u8], room: &'n mut Joined, sink: &mut dyn Sink) -> Option<&'n [u8]> {
    const ENCODED: u8 = 0x04;
    let (&[flags, _, _], name) = value.split_first_chunk::<3>()?;
    if flags & ENCODED == 0 {
        return Some(name);
    }
    let mut rest = name;
    while let Some((&length @ 1.., after)) = rest.split_first() {
        let Some((label, after)) = after.split_at_checked(usize::from(length)).filter(|_| length < 64) else {
            sink.weird("dhcp.fqdn");
            return None;
        };
        if !room.get().is_empty() {
            room.push(b".");
        }
        room.push(label);
        rest = after;
    }
    Some(room.get())
}

/// Whether a datagram is a DHCP or BOOTP message.
pub(super) fn looks(message: &[u8]) -> bool {
    let Some(&[op, htype, hlen, hops]) = message.first_chunk::<4>() else { return false };
    if !matches!(op, 1 | 2) || hops > 16 || message.len() < FIXED {
        return false;
    }
    if message.get(FIXED..).is_some_and(|rest| rest.starts_with(&COOKIE)) {
        return true;
    }
    // BOOTP without options: nothing marks it but its form.
    let zero =
        |range: std::ops::Range<usize>| message.get(range).is_some_and(|bytes| bytes.iter().all(|&byte| byte == 0));
    htype == 1 && hlen == 6 && message.len() == BOOTP && zero(11..12) && zero(34..44)
}

const _: () = assert!(JOINED_MAX >= 255, "an option that is whole always fits");
