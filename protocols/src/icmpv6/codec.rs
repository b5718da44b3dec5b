//! One message (RFC 4443, RFC 4861, RFC 3810).

use super::{Group, Message, Neighbor, Prefix, Redirect, Router};
use crate::event::{Code, Count, Port, Seconds, Size, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv6Addr};

/// Options read of one message.
pub const OPTIONS_MAX: usize = 64;
/// Prefixes reported of one router.
pub const PREFIXES_MAX: usize = 16;
/// Name servers reported of one router.
pub const NAME_SERVERS_MAX: usize = 8;
/// Groups reported of one message.
pub const GROUPS_MAX: usize = 128;

const TOO_BIG: u8 = 2;
const ECHO: u8 = 128;
const ECHO_REPLY: u8 = 129;
const LISTENER_QUERY: u8 = 130;
const LISTENER_DONE: u8 = 132;
const ROUTER_SOLICITATION: u8 = 133;
const ROUTER_ADVERTISEMENT: u8 = 134;
const NEIGHBOR_SOLICITATION: u8 = 135;
const NEIGHBOR_ADVERTISEMENT: u8 = 136;
const REDIRECT: u8 = 137;
const LISTENER_REPORT_2: u8 = 143;

/// What the options of neighbour discovery say.
struct Options<'a> {
    source_mac: Option<Mac>,
    target_mac: Option<Mac>,
    mtu: Option<u32>,
    prefixes: [&'a [u8]; PREFIXES_MAX],
    name_servers: [IpAddr; NAME_SERVERS_MAX],
    servers: usize,
}

pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(message);
    let kind = reader.u8("icmpv6.type")?;
    let code = reader.u8("icmpv6.code")?;
    reader.take(2, "icmpv6.checksum")?;
    let rest = reader.array::<4>("icmpv6.rest");
    let [a, b, c, d] = rest.unwrap_or_default();
    let echo = matches!(kind, ECHO | ECHO_REPLY) && rest.is_ok();
    let quoted = if kind < ECHO && rest.is_ok() { quote(reader) } else { None };
    let number = |high, low| Transaction(u64::from(u16::from_be_bytes([high, low])));
    sink.event(&Message {
        kind: Code(u64::from(kind)),
        code: Code(u64::from(code)),
        identifier: echo.then(|| number(a, b)),
        sequence: echo.then(|| number(c, d)),
        payload: echo.then_some(Size(reader.len() as u64)),
        mtu: (kind == TOO_BIG && rest.is_ok()).then_some(Size(u64::from(u32::from_be_bytes([a, b, c, d])))),
        quoted_source: quoted.as_ref().map(|quoted| IpAddr::V6(quoted.source)),
        quoted_destination: quoted.as_ref().map(|quoted| IpAddr::V6(quoted.destination)),
        quoted_protocol: quoted.as_ref().map(|quoted| Code(u64::from(quoted.next))),
        quoted_port: quoted.and_then(|quoted| quoted.port).map(|port| Port(u64::from(port))),
    });
    let flags = rest?;
    match kind {
        LISTENER_QUERY..=LISTENER_DONE => {
            let group = Ipv6Addr::from(reader.array::<16>("icmpv6.group")?);
            sink.event(&Group { group: IpAddr::V6(group), kind: None });
            Ok(())
        }
        ROUTER_SOLICITATION | NEIGHBOR_SOLICITATION | NEIGHBOR_ADVERTISEMENT => neighbor(kind, flags, reader, sink),
        ROUTER_ADVERTISEMENT => router(flags, reader, sink),
        REDIRECT => redirect(reader, sink),
        LISTENER_REPORT_2 => groups(usize::from(u16::from_be_bytes([c, d])), reader, sink),
        _ => Ok(()),
    }
}

struct Quoted {
    source: Ipv6Addr,
    destination: Ipv6Addr,
    next: u8,
    port: Option<u16>,
}

fn quote(mut reader: Reader<'_>) -> Option<Quoted> {
    let [first, _, _, _, _, _, next, _] = reader.array::<8>("").ok()?;
    let source = Ipv6Addr::from(reader.array::<16>("").ok()?);
    let destination = Ipv6Addr::from(reader.array::<16>("").ok()?);
    let port = match *reader.rest() {
        [_, _, high, low, ..] if matches!(next, 6 | 17) => Some(u16::from_be_bytes([high, low])),
        _ => None,
    };
    (first >> 4 == 6).then_some(Quoted { source, destination, next, port })
}

fn neighbor(kind: u8, flags: [u8; 4], mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let target = match kind {
        ROUTER_SOLICITATION => None,
        _ => Some(IpAddr::V6(Ipv6Addr::from(reader.array::<16>("icmpv6.target")?))),
    };
    let (options, result) = options(reader, sink);
    let [bits, ..] = flags;
    let says = |bit: u8| kind == NEIGHBOR_ADVERTISEMENT && bits & bit != 0;
    sink.event(&Neighbor {
        target,
        router: says(0x80),
        solicited: says(0x40),
        over: says(0x20),
        source_mac: options.source_mac,
        target_mac: options.target_mac,
    });
    result
}

fn router(head: [u8; 4], mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let [hops, bits, high, low] = head;
    // Times in which neighbours are reachable and asked again.
    reader.take(8, "icmpv6.router")?;
    let (found, result) = options(reader, sink);
    sink.event(&Router {
        hops: Count(u64::from(hops)),
        managed: bits & 0x80 != 0,
        other: bits & 0x40 != 0,
        preference: Code(u64::from(bits >> 3 & 3)),
        lifetime: Seconds(u64::from(u16::from_be_bytes([high, low]))),
        source_mac: found.source_mac,
        mtu: found.mtu.map(|mtu| Size(u64::from(mtu))),
        name_servers: found.name_servers.get(..found.servers).unwrap_or_default(),
    });
    for option in found.prefixes {
        let Some((head, address)) = option.split_first_chunk::<14>() else { continue };
        let Some(address) = address.first_chunk::<16>() else { continue };
        let [length, bits, v0, v1, v2, v3, ..] = *head;
        sink.event(&Prefix {
            prefix: IpAddr::V6(Ipv6Addr::from(*address)),
            length: Count(u64::from(length)),
            on_link: bits & 0x80 != 0,
            autonomous: bits & 0x40 != 0,
            lifetime: Seconds(u64::from(u32::from_be_bytes([v0, v1, v2, v3]))),
        });
    }
    result
}

fn redirect(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let target = Ipv6Addr::from(reader.array::<16>("icmpv6.target")?);
    let destination = Ipv6Addr::from(reader.array::<16>("icmpv6.destination")?);
    let (options, result) = options(reader, sink);
    sink.event(&Redirect {
        target: IpAddr::V6(target),
        destination: IpAddr::V6(destination),
        target_mac: options.target_mac,
    });
    result
}

/// The options of neighbour discovery: a type, and a length in units of eight bytes (RFC 4861 4.6).
fn options<'a>(mut reader: Reader<'a>, sink: &mut dyn Sink) -> (Options<'a>, Result<(), Malformed>) {
    let mut found = Options {
        source_mac: None,
        target_mac: None,
        mtu: None,
        prefixes: [&[]; PREFIXES_MAX],
        name_servers: [IpAddr::V6(Ipv6Addr::UNSPECIFIED); NAME_SERVERS_MAX],
        servers: 0,
    };
    let mut prefixes = 0usize;
    for _ in 0..OPTIONS_MAX {
        if reader.is_empty() {
            return (found, Ok(()));
        }
        let begin = reader;
        let (Ok(kind), Ok(units @ 1..)) = (reader.u8(""), reader.u8("")) else {
            return (found, Err(begin.malformed("icmpv6.option_length")));
        };
        let length = usize::from(units).saturating_mul(8).saturating_sub(2);
        let Ok(value) = reader.take(length, "") else {
            return (found, Err(begin.malformed("icmpv6.option_length")));
        };
        match (kind, value) {
            (1, _) => found.source_mac = found.source_mac.or(link_address(value)),
            (2, _) => found.target_mac = found.target_mac.or(link_address(value)),
            (3, _) => match found.prefixes.get_mut(prefixes) {
                Some(slot) => {
                    *slot = value;
                    prefixes = prefixes.saturating_add(1);
                }
                None => sink.weird("icmpv6.prefixes"),
            },
            (5, [_, _, a, b, c, d]) => found.mtu = Some(u32::from_be_bytes([*a, *b, *c, *d])),
            (25, [_, _, _, _, _, _, servers @ ..]) => {
                for server in servers.as_chunks::<16>().0 {
                    if let Some(slot) = found.name_servers.get_mut(found.servers) {
                        *slot = IpAddr::V6(Ipv6Addr::from(*server));
                        found.servers = found.servers.saturating_add(1);
                    }
                }
            }
            _ => {}
        }
    }
    if !reader.is_empty() {
        sink.weird("icmpv6.options");
    }
    (found, Ok(()))
}

fn link_address(value: &[u8]) -> Option<Mac> {
    value.try_into().ok().map(Mac)
}

/// The records of a report of version 2 (RFC 3810 5.2).
fn groups(promised: usize, mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    for n in 0..promised {
        let kind = reader.u8("icmpv6.record")?;
        let auxiliary = usize::from(reader.u8("icmpv6.record")?).saturating_mul(4);
        let sources = usize::from(reader.u16("icmpv6.record")?).saturating_mul(16);
        let group = Ipv6Addr::from(reader.array::<16>("icmpv6.record")?);
        reader.take(sources.saturating_add(auxiliary), "icmpv6.record")?;
        if n >= GROUPS_MAX {
            sink.weird("icmpv6.groups");
            break;
        }
        sink.event(&Group { group: IpAddr::V6(group), kind: Some(Code(u64::from(kind))) });
    }
    Ok(())
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    if bytes.len() < 4 { Verdict::No } else { Verdict::Likely }
}
