//! One message: a head, then options, some of which hold options or a whole message (RFC 8415 8, 9, 21).

use super::Message;
use super::room::{Hex, Room};
use crate::domain::Name;
use crate::event::{Code, Count, Seconds, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv6Addr};

/// Messages of relays that are looked into.
pub const RELAYS_MAX: usize = 8;
/// Option codes kept of one message.
pub const OPTIONS_MAX: usize = 256;
/// Requested options kept of one message.
pub const REQUESTED_MAX: usize = 128;
/// Addresses, prefixes and name servers kept of one message, of each.
pub const ADDRESSES_MAX: usize = 16;
/// Options within options: those of relays, an association and its address.
const NESTED: usize = RELAYS_MAX + 4;

const RELAY_FORWARD: u8 = 12;
const RELAY_REPLY: u8 = 13;
/// Types of message that are known (RFC 8415 7.3 and the registry after it).
const KINDS: std::ops::RangeInclusive<u8> = 1..=36;

mod option {
    pub(super) const CLIENT_ID: u16 = 1;
    pub(super) const SERVER_ID: u16 = 2;
    pub(super) const IA_NA: u16 = 3;
    pub(super) const IA_TA: u16 = 4;
    pub(super) const IA_ADDRESS: u16 = 5;
    pub(super) const REQUESTED: u16 = 6;
    pub(super) const RELAY_MESSAGE: u16 = 9;
    pub(super) const STATUS: u16 = 13;
    pub(super) const VENDOR_CLASS: u16 = 16;
    pub(super) const NAME_SERVERS: u16 = 23;
    pub(super) const IA_PD: u16 = 25;
    pub(super) const IA_PREFIX: u16 = 26;
    pub(super) const CLIENT_FQDN: u16 = 39;
    pub(super) const CLIENT_LINK_ADDRESS: u16 = 79;
}

/// What was read of a message.
struct Found<'a> {
    kinds: Room<Code, { RELAYS_MAX + 1 }>,
    options: Room<Code, OPTIONS_MAX>,
    requested: Room<Code, REQUESTED_MAX>,
    addresses: Room<IpAddr, ADDRESSES_MAX>,
    prefixes: Room<IpAddr, ADDRESSES_MAX>,
    name_servers: Room<IpAddr, ADDRESSES_MAX>,
    relays: usize,
    ends: Option<(IpAddr, IpAddr)>,
    transaction: Option<u32>,
    client: Option<&'a [u8]>,
    server: Option<&'a [u8]>,
    relayed_mac: Option<Mac>,
    vendor: Option<u32>,
    vendor_class: Option<&'a [u8]>,
    fqdn: Option<&'a [u8]>,
    lifetime: Option<u32>,
    status: Option<u16>,
}

impl Found<'_> {
    const fn new() -> Self {
        const NONE: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        Found {
            kinds: Room::new(Code(0)),
            options: Room::new(Code(0)),
            requested: Room::new(Code(0)),
            addresses: Room::new(NONE),
            prefixes: Room::new(NONE),
            name_servers: Room::new(NONE),
            relays: 0,
            ends: None,
            transaction: None,
            client: None,
            server: None,
            relayed_mac: None,
            vendor: None,
            vendor_class: None,
            fqdn: None,
            lifetime: None,
            status: None,
        }
    }

    fn is_full(&self) -> bool {
        let lists = [&self.addresses, &self.prefixes, &self.name_servers];
        self.options.is_over() || self.requested.is_over() || lists.iter().any(|list| list.is_over())
    }
}

pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut found = Found::new();
    let result = read(bytes, &mut found);
    if found.kinds.get().is_empty() {
        return result;
    }
    if found.is_full() {
        sink.weird("dhcpv6.options");
    }
    if found.relays > RELAYS_MAX {
        sink.weird("dhcpv6.relays");
    }
    let (mut client, mut server, mut fqdn) = (Hex::new(), Hex::new(), Name::new());
    let named = found.fqdn.is_some_and(|value| full_name(value, &mut fqdn, sink));
    let (client_duid, server_duid) =
        (found.client.map(|duid| client.write(duid)), found.server.map(|duid| server.write(duid)));
    sink.event(&Message {
        kinds: found.kinds.get(),
        transaction: found.transaction.map(|id| Transaction(u64::from(id))),
        relays: Count(found.relays as u64),
        link_address: found.ends.map(|ends| ends.0).filter(|address| !address.is_unspecified()),
        peer_address: found.ends.map(|ends| ends.1).filter(|address| !address.is_unspecified()),
        relayed_mac: found.relayed_mac,
        options: found.options.get(),
        client_duid: client_duid.map(|hex| Plain::new(hex, Because::Site)),
        client_duid_kind: found.client.and_then(|duid| duid.first_chunk::<2>()).map(|kind| number(*kind)),
        client_mac: found.client.and_then(mac),
        server_duid: server_duid.map(|hex| Plain::new(hex, Because::Site)),
        server_mac: found.server.and_then(mac),
        requested: found.requested.get(),
        vendor: found.vendor.map(|vendor| Code(u64::from(vendor))),
        vendor_class: found.vendor_class.filter(|text| !text.is_empty()).map(|text| Plain::new(text, Because::Site)),
        fqdn: named.then(|| Plain::new(fqdn.text(), Because::Site)),
        addresses: found.addresses.get(),
        prefixes: found.prefixes.get(),
        lifetime: found.lifetime.map(|seconds| Seconds(u64::from(seconds))),
        name_servers: found.name_servers.get(),
        status: found.status.map(|status| Code(u64::from(status))),
    });
    result
}

/// Reads a message, and the options within its options without recursion: `ends` holds where each that is open ends.
fn read<'a>(bytes: &'a [u8], found: &mut Found<'a>) -> Result<(), Malformed> {
    let mut ends = [0usize; NESTED];
    let mut depth = 0usize;
    let mut end = bytes.len();
    let mut reader = Reader::new(bytes);
    head(&mut reader, found)?;
    loop {
        while reader.at() >= end {
            let Some(outer) = depth.checked_sub(1) else { return Ok(()) };
            depth = outer;
            end = ends.get(depth).copied().unwrap_or(bytes.len());
        }
        let begin = reader;
        let left = |reader: &Reader<'_>| end.saturating_sub(reader.at());
        let broken = Err(begin.malformed("dhcpv6.option_length"));
        if left(&reader) < 4 {
            return broken;
        }
        let code = reader.u16("dhcpv6.option")?;
        let length = usize::from(reader.u16("dhcpv6.option")?);
        if length > left(&reader) {
            return broken;
        }
        found.options.push(Code(u64::from(code)));
        let mut value = reader.sub(length, "dhcpv6.option_length")?;
        let inner = within(code, &mut value, found)?;
        match (inner, ends.get_mut(depth)) {
            (true, Some(slot)) => {
                *slot = end;
                depth = depth.saturating_add(1);
                end = reader.at();
                reader = Reader::based(bytes.get(value.at()..).unwrap_or_default(), value.at());
            }
            (true, None) => found.relays = found.relays.max(RELAYS_MAX + 1),
            (false, _) => {}
        }
    }
}

/// The head of a message, up to its options.
fn head(reader: &mut Reader<'_>, found: &mut Found<'_>) -> Result<(), Malformed> {
    let begin = *reader;
    let kind = reader.u8("dhcpv6.type")?;
    if !KINDS.contains(&kind) {
        return Err(begin.malformed("dhcpv6.type"));
    }
    if matches!(kind, RELAY_FORWARD | RELAY_REPLY) {
        found.relays = found.relays.saturating_add(1);
        reader.u8("dhcpv6.hops")?;
        let link = Ipv6Addr::from(reader.array::<16>("dhcpv6.link_address")?);
        let peer = Ipv6Addr::from(reader.array::<16>("dhcpv6.peer_address")?);
        found.ends = found.ends.or(Some((IpAddr::V6(link), IpAddr::V6(peer))));
    } else {
        let [a, b, c] = reader.array("dhcpv6.transaction")?;
        found.transaction = Some(u32::from_be_bytes([0, a, b, c]));
    }
    found.kinds.push(Code(u64::from(kind)));
    Ok(())
}

/// Reads an option's value; `true` if what is left of it are options. The first of each kind counts.
fn within<'a>(code: u16, value: &mut Reader<'a>, found: &mut Found<'a>) -> Result<bool, Malformed> {
    match code {
        option::CLIENT_ID => found.client = found.client.or(Some(value.rest())),
        option::SERVER_ID => found.server = found.server.or(Some(value.rest())),
        option::IA_NA | option::IA_PD => {
            value.take(12, "dhcpv6.association")?;
            return Ok(true);
        }
        option::IA_TA => {
            value.take(4, "dhcpv6.association")?;
            return Ok(true);
        }
        option::IA_ADDRESS => {
            let address = Ipv6Addr::from(value.array::<16>("dhcpv6.address")?);
            value.u32("dhcpv6.lifetime")?;
            found.lifetime = found.lifetime.or(Some(value.u32("dhcpv6.lifetime")?));
            found.addresses.push(IpAddr::V6(address));
            return Ok(true);
        }
        option::IA_PREFIX => {
            value.u32("dhcpv6.lifetime")?;
            found.lifetime = found.lifetime.or(Some(value.u32("dhcpv6.lifetime")?));
            value.u8("dhcpv6.prefix")?;
            found.prefixes.push(IpAddr::V6(Ipv6Addr::from(value.array::<16>("dhcpv6.prefix")?)));
            return Ok(true);
        }
        option::RELAY_MESSAGE => {
            if found.relays < RELAYS_MAX || !matches!(value.rest().first(), Some(&(RELAY_FORWARD | RELAY_REPLY))) {
                head(value, found)?;
                return Ok(true);
            }
            found.relays = RELAYS_MAX + 1;
        }
        option::REQUESTED => {
            value.rest().as_chunks::<2>().0.iter().for_each(|code| found.requested.push(number(*code)));
        }
        option::NAME_SERVERS => {
            let servers = value.rest().as_chunks::<16>().0;
            servers.iter().for_each(|server| found.name_servers.push(IpAddr::V6(Ipv6Addr::from(*server))));
        }
        option::STATUS => found.status = found.status.or(value.u16("dhcpv6.status").ok()),
        option::VENDOR_CLASS => {
            found.vendor = found.vendor.or(Some(value.u32("dhcpv6.vendor_class")?));
            let length = usize::from(value.u16("dhcpv6.vendor_class").unwrap_or(0));
            found.vendor_class = found.vendor_class.or(value.take(length, "dhcpv6.vendor_class").ok());
        }
        option::CLIENT_FQDN => found.fqdn = found.fqdn.or(value.rest().get(1..)),
        option::CLIENT_LINK_ADDRESS => {
            let address = value.rest().strip_prefix(&[0, 1]).and_then(|mac| mac.try_into().ok());
            found.relayed_mac = found.relayed_mac.or(address.map(Mac));
        }
        _ => {}
    }
    Ok(false)
}

fn number(bytes: [u8; 2]) -> Code {
    Code(u64::from(u16::from_be_bytes(bytes)))
}

/// The link-layer address in an identifier of kind 1 or 3, of Ethernet.
fn mac(duid: &[u8]) -> Option<Mac> {
    let address = match duid {
        [0, 1, 0, 1, _, _, _, _, address @ ..] | [0, 3, 0, 1, address @ ..] => address,
        _ => return None,
    };
    address.try_into().ok().map(Mac)
}

/// A name in labels, perhaps without its end (RFC 4704 4.2), and without pointers (RFC 8415 10).
fn full_name(value: &[u8], name: &mut Name, sink: &mut dyn Sink) -> bool {
    let mut rest = value;
    while let Some((&length @ 1.., after)) = rest.split_first() {
        let Some((label, after)) = after.split_at_checked(usize::from(length)).filter(|_| length < 64) else {
            sink.weird("dhcpv6.fqdn");
            return false;
        };
        name.add(label);
        rest = after;
    }
    !name.text().is_empty()
}

/// Whether the options fill the datagram. Sure is one that also says who sends it.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let mut found = Found::new();
    match read(bytes, &mut found) {
        _ if bytes.first().is_none_or(|kind| !KINDS.contains(kind)) => Verdict::No,
        Ok(()) if found.client.or(found.server).is_some_and(|duid| (3..=130).contains(&duid.len())) => Verdict::Yes,
        Ok(()) => Verdict::Likely,
        // Cut short, or an option that lies: still this protocol's, on its port.
        Err(_) if !found.options.get().is_empty() => Verdict::Likely,
        Err(_) => Verdict::No,
    }
}
