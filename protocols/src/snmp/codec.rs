//! One message.

use super::Message;
use super::names::{Names, OID_TEXT_MAX, OIDS_MAX, write};
use crate::ber;
use crate::event::{Code, Count, Seconds, Transaction};
use crate::joined::Joined;
use crate::{Malformed, Reader, Sink};
use holter_phi::{Because, Plain};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const TRAP_V1: u8 = 4;
/// IpAddress (RFC 2578 7.1.5).
const ADDRESS: u8 = 0x40;

const SYS_DESCR: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 1, 0];
const SYS_OBJECT_ID: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 2, 0];
const SYS_NAME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 5, 0];

/// Communities that devices are delivered with.
const DEFAULTS: &[&[u8]] = &[
    b"public",
    b"private",
    b"admin",
    b"cisco",
    b"community",
    b"default",
    b"manager",
    b"monitor",
    b"password",
    b"read",
    b"root",
    b"rw",
    b"ro",
    b"secret",
    b"security",
    b"snmp",
    b"snmpd",
    b"system",
    b"test",
    b"write",
    b"",
];

fn number(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(number.unsigned_abs())
}

/// Request and message ids may be negative: told as the 32 bits that they are.
fn id(number: i64) -> Transaction {
    Transaction(number.cast_unsigned() & 0xffff_ffff)
}

/// Whether the datagram is a message: what must stand in front of its PDU does, and the lengths agree.
pub(super) fn looks(bytes: &[u8]) -> bool {
    let mut all = Reader::new(bytes);
    let mut check = || -> Result<bool, Malformed> {
        let mut message = ber::expect(&mut all, ber::SEQUENCE, "snmp.message")?;
        let filled = all.is_empty();
        match ber::integer(&mut message, "snmp.version")? {
            0 | 1 => {
                ber::octets(&mut message, "snmp.community")?;
                let (tag, mut pdu) = ber::next(&mut message, "snmp.pdu")?;
                let first = ber::next(&mut pdu, "snmp.pdu")?.0;
                let fits = if tag == 0xa4 { first == ber::OID } else { first == ber::INTEGER };
                Ok(filled && message.is_empty() && matches!(tag, 0xa0..=0xa8) && fits)
            }
            3 => {
                let mut header = ber::expect(&mut message, ber::SEQUENCE, "snmp.header")?;
                ber::integer(&mut header, "snmp.message_id")?;
                let size = ber::integer(&mut header, "snmp.max_size")?;
                let flags = ber::octets(&mut header, "snmp.flags")?.len();
                let model = ber::integer(&mut header, "snmp.security_model")?;
                ber::octets(&mut message, "snmp.security")?;
                let fits = size >= 484 && flags == 1 && (1..256).contains(&model) && header.is_empty();
                Ok(filled && fits && matches!(message.rest().first(), Some(&(ber::SEQUENCE | ber::OCTETS))))
            }
            _ => Ok(false),
        }
    };
    check().unwrap_or(false)
}

/// What was found, up to where the message broke.
#[derive(Default)]
struct Found<'a> {
    default_community: Option<bool>,
    pdu: Option<u8>,
    transaction: Option<i64>,
    error_status: Option<i64>,
    error_index: Option<i64>,
    bindings: Option<u64>,
    sys_descr: Option<&'a [u8]>,
    sys_object_id: Option<&'a [u8]>,
    sys_name: Option<&'a [u8]>,
    enterprise: Option<&'a [u8]>,
    agent_address: Option<IpAddr>,
    generic_trap: Option<i64>,
    specific_trap: Option<i64>,
    message_id: Option<i64>,
    flags: Option<u8>,
    security_model: Option<i64>,
    engine: Engine,
    boots: Option<i64>,
    time: Option<i64>,
    user: Option<&'a [u8]>,
}

/// What the id of an engine says of it (RFC 3411 5, SnmpEngineID).
#[derive(Default)]
struct Engine {
    enterprise: Option<u32>,
    mac: Option<Mac>,
    address: Option<IpAddr>,
}

impl Engine {
    fn read(id: &[u8]) -> Engine {
        let Some((&[first, b, c, d], rest)) = id.split_first_chunk::<4>() else { return Engine::default() };
        let enterprise = Some(u32::from_be_bytes([first & 0x7f, b, c, d]));
        let mut engine = Engine { enterprise, ..Engine::default() };
        // Without the first bit the rest is the maker's own affair.
        match rest {
            [1, address @ ..] if first & 0x80 != 0 => {
                engine.address = address.try_into().ok().map(|bytes: [u8; 4]| IpAddr::V4(Ipv4Addr::from(bytes)));
            }
            [2, address @ ..] if first & 0x80 != 0 => {
                engine.address = address.try_into().ok().map(|bytes: [u8; 16]| IpAddr::V6(Ipv6Addr::from(bytes)));
            }
            [3, mac @ ..] if first & 0x80 != 0 => {
                engine.mac = mac.first_chunk::<6>().map(|&mac| Mac(mac));
            }
            _ => {}
        }
        engine
    }
}

/// Reports the message; then fails if it is broken further on.
pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut all = Reader::new(bytes);
    let mut message = ber::expect(&mut all, ber::SEQUENCE, "snmp.message")?;
    if !all.is_empty() {
        sink.weird("snmp.trailing");
    }
    let version = ber::integer(&mut message, "snmp.version")?;
    let mut found = Found::default();
    let mut names = Names::new();
    let result = match version {
        0 | 1 => community(&mut message, &mut found, &mut names, sink),
        3 => version_3(&mut message, &mut found, &mut names, sink),
        _ => return Err(Malformed { field: "snmp.version", at: message.at() }),
    };
    report(version, &found, &names, sink);
    result
}

fn report(version: i64, found: &Found<'_>, names: &Names, sink: &mut dyn Sink) {
    let mut oids = [Plain::new(b"", Because::Vocabulary); OIDS_MAX];
    let (mut object_id, mut enterprise) = (Joined::<OID_TEXT_MAX>::new(), Joined::<OID_TEXT_MAX>::new());
    write(found.sys_object_id.unwrap_or_default(), &mut object_id);
    write(found.enterprise.unwrap_or_default(), &mut enterprise);
    let code = |value: Option<i64>| value.map(|value| Code(number(value)));
    let count = |value: Option<i64>| value.map(|value| Count(number(value)));
    sink.event(&Message {
        version: Code(number(version)),
        default_community: found.default_community,
        pdu: found.pdu.map(|pdu| Code(u64::from(pdu))),
        transaction: found.transaction.map(id),
        error_status: code(found.error_status),
        error_index: count(found.error_index),
        bindings: found.bindings.map(Count),
        oids: names.plain(&mut oids),
        sys_descr: found.sys_descr.map(|text| Plain::new(text, Because::Site)),
        sys_object_id: object_id.some().map(|text| Plain::new(text, Because::Equipment)),
        sys_name: found.sys_name.map(|text| Plain::new(text, Because::Site)),
        enterprise: enterprise.some().map(|text| Plain::new(text, Because::Vocabulary)),
        agent_address: found.agent_address,
        generic_trap: code(found.generic_trap),
        specific_trap: code(found.specific_trap),
        message_id: found.message_id.map(id),
        authenticated: found.flags.map(|flags| flags & 1 != 0),
        encrypted: found.flags.map(|flags| flags & 2 != 0),
        security_model: code(found.security_model),
        engine_enterprise: found.engine.enterprise.map(|enterprise| Code(u64::from(enterprise))),
        engine_mac: found.engine.mac,
        engine_address: found.engine.address,
        engine_boots: count(found.boots),
        engine_time: found.time.map(|time| Seconds(number(time))),
        user: found.user.filter(|user| !user.is_empty()).map(|user| Plain::new(user, Because::Site)),
    });
}

fn community<'a>(
    message: &mut Reader<'a>,
    found: &mut Found<'a>,
    names: &mut Names,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let community = ber::octets(message, "snmp.community")?;
    found.default_community = Some(DEFAULTS.iter().any(|word| community.eq_ignore_ascii_case(word)));
    pdu(message, found, names, sink)
}

fn version_3<'a>(
    message: &mut Reader<'a>,
    found: &mut Found<'a>,
    names: &mut Names,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let mut header = ber::expect(message, ber::SEQUENCE, "snmp.header")?;
    found.message_id = Some(ber::integer(&mut header, "snmp.message_id")?);
    ber::integer(&mut header, "snmp.max_size")?;
    let malformed = header.malformed("snmp.flags");
    let flags = *ber::octets(&mut header, "snmp.flags")?.first().ok_or(malformed)?;
    found.flags = Some(flags);
    found.security_model = Some(ber::integer(&mut header, "snmp.security_model")?);
    let mut security = ber::expect(message, ber::OCTETS, "snmp.security")?;
    if found.security_model == Some(3) {
        let mut security = ber::expect(&mut security, ber::SEQUENCE, "snmp.security")?;
        found.engine = Engine::read(ber::octets(&mut security, "snmp.engine_id")?);
        found.boots = Some(ber::integer(&mut security, "snmp.engine_boots")?);
        found.time = Some(ber::integer(&mut security, "snmp.engine_time")?);
        found.user = Some(ber::octets(&mut security, "snmp.user")?);
    }
    if flags & 2 != 0 {
        return ber::octets(message, "snmp.encrypted_pdu").map(|_| ());
    }
    let mut scoped = ber::expect(message, ber::SEQUENCE, "snmp.scoped_pdu")?;
    ber::octets(&mut scoped, "snmp.context_engine_id")?;
    ber::octets(&mut scoped, "snmp.context_name")?;
    pdu(&mut scoped, found, names, sink)
}

fn pdu<'a>(
    reader: &mut Reader<'a>,
    found: &mut Found<'a>,
    names: &mut Names,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let malformed = reader.malformed("snmp.pdu");
    let (tag @ 0xa0..=0xa8, mut body) = ber::next(reader, "snmp.pdu")? else { return Err(malformed) };
    let kind = tag & 15;
    found.pdu = Some(kind);
    if kind == TRAP_V1 {
        found.enterprise = Some(ber::expect(&mut body, ber::OID, "snmp.enterprise")?.rest());
        let address = ber::expect(&mut body, ADDRESS, "snmp.agent_address")?.rest();
        found.agent_address = address.try_into().ok().map(|bytes: [u8; 4]| IpAddr::V4(Ipv4Addr::from(bytes)));
        found.generic_trap = Some(ber::integer(&mut body, "snmp.generic_trap")?);
        found.specific_trap = Some(ber::integer(&mut body, "snmp.specific_trap")?);
        ber::next(&mut body, "snmp.time_stamp")?;
    } else {
        found.transaction = Some(ber::integer(&mut body, "snmp.request_id")?);
        found.error_status = Some(ber::integer(&mut body, "snmp.error_status")?);
        found.error_index = Some(ber::integer(&mut body, "snmp.error_index")?);
    }
    let mut bindings = ber::expect(&mut body, ber::SEQUENCE, "snmp.bindings")?;
    found.bindings = Some(0);
    let mut full = false;
    while !bindings.is_empty() {
        let mut binding = ber::expect(&mut bindings, ber::SEQUENCE, "snmp.binding")?;
        let name = ber::expect(&mut binding, ber::OID, "snmp.oid")?.rest();
        let (tag, value) = ber::next(&mut binding, "snmp.value")?;
        found.bindings = found.bindings.map(|bindings| bindings.saturating_add(1));
        let room = names.add(name);
        if !room && !std::mem::replace(&mut full, true) {
            sink.weird("snmp.oids");
        }
        match tag {
            ber::OCTETS if name == SYS_DESCR => found.sys_descr = Some(value.rest()),
            ber::OCTETS if name == SYS_NAME => found.sys_name = Some(value.rest()),
            ber::OID if name == SYS_OBJECT_ID => found.sys_object_id = Some(value.rest()),
            _ => {}
        }
    }
    Ok(())
}
