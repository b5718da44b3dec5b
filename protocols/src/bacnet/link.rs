//! The virtual link of BACnet/IP (ASHRAE 135 Annex J.2) and the network header behind it (6.2).

use super::{Message, apdu};
use crate::event::{Code, Port, Size};
use crate::{Malformed, Reader, Sink, Verdict};
use std::net::{IpAddr, Ipv4Addr};

const BACNET_IP: u8 = 0x81;
const HEADER: usize = 4;

const RESULT: u8 = 0;
const FORWARDED: u8 = 4;
const DISTRIBUTE: u8 = 9;
const UNICAST: u8 = 10;
const BROADCAST: u8 = 11;
const SECURE: u8 = 12;

/// Bits of the network header's control byte (6.2.2).
const NETWORK_MESSAGE: u8 = 0x80;
const DESTINATION: u8 = 0x20;
const SOURCE: u8 = 0x08;
const RESERVED: u8 = 0x50;

/// Where the network header stands, if the function has one.
fn network_at(function: u8) -> Option<usize> {
    match function {
        FORWARDED => Some(HEADER + 6),
        DISTRIBUTE | UNICAST | BROADCAST => Some(HEADER),
        _ => None,
    }
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let &[BACNET_IP, function @ 0..=SECURE, high, low] = bytes.first_chunk::<HEADER>().unwrap_or(&[0; HEADER]) else {
        return Verdict::No;
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > bytes.len() || length < HEADER {
        return Verdict::No;
    }
    match network_at(function) {
        Some(at) => match bytes.get(at..at.saturating_add(2)) {
            Some(&[1, control]) if control & RESERVED == 0 && length == bytes.len() => Verdict::Yes,
            Some(&[1, control]) if control & RESERVED == 0 => Verdict::Likely,
            _ => Verdict::No,
        },
        None if length == bytes.len() => Verdict::Likely,
        None => Verdict::No,
    }
}

pub(super) fn read(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    if reader.u8("bacnet.link")? != BACNET_IP {
        return Err(Malformed { field: "bacnet.link", at: 0 });
    }
    let function = reader.u8("bacnet.link")?;
    let length = usize::from(reader.u16("bacnet.link_length")?);
    let mut message = Message {
        link: Code(u64::from(function)),
        link_result: None,
        origin: None,
        origin_port: None,
        destination_network: None,
        source_network: None,
        network_message: None,
        apdu: None,
        confirmed: None,
        unconfirmed: None,
        invoke: None,
        segmented: false,
        sequence: None,
        error_class: None,
        error_code: None,
        reason: None,
        object_types: &[],
        instances: &[],
        properties: &[],
        vendor_id: None,
        size: Size(length as u64),
    };
    // A wrong length is not followed: what is there is read.
    let body = length.checked_sub(HEADER).filter(|body| *body <= reader.len());
    if body.is_some_and(|body| body < reader.len()) {
        sink.weird("bacnet.trailing");
    }
    let reader = reader.sub(body.unwrap_or(reader.len()), "bacnet.link_length")?;
    let result = match link(function, reader, &mut message) {
        Ok(Some(rest)) => apdu::read(rest, &mut message, sink),
        Ok(None) => {
            sink.event(&message);
            Ok(())
        }
        Err(malformed) => {
            sink.event(&message);
            Err(malformed)
        }
    };
    if body.is_none() {
        return Err(Malformed { field: "bacnet.link_length", at: 2 });
    }
    result
}

/// The application message, if the network header leads to one.
fn link<'a>(function: u8, mut reader: Reader<'a>, message: &mut Message<'_>) -> Result<Option<Reader<'a>>, Malformed> {
    if function == RESULT {
        message.link_result = Some(Code(u64::from(reader.u16("bacnet.link_result")?)));
    }
    if function == FORWARDED {
        message.origin = Some(IpAddr::V4(Ipv4Addr::from(reader.array::<4>("bacnet.origin")?)));
        message.origin_port = Some(Port(u64::from(reader.u16("bacnet.origin")?)));
    }
    if network_at(function).is_none() {
        return Ok(None);
    }
    if reader.u8("bacnet.network_version")? != 1 {
        return Err(reader.malformed("bacnet.network_version"));
    }
    let control = reader.u8("bacnet.network_control")?;
    if control & DESTINATION != 0 {
        message.destination_network = Some(network(&mut reader)?);
    }
    if control & SOURCE != 0 {
        message.source_network = Some(network(&mut reader)?);
    }
    if control & DESTINATION != 0 {
        reader.u8("bacnet.hop_count")?;
    }
    if control & NETWORK_MESSAGE != 0 {
        message.network_message = Some(Code(u64::from(reader.u8("bacnet.network_message")?)));
        return Ok(None);
    }
    Ok(Some(reader))
}

/// A network number and the address on it, which is of another link layer and not kept.
fn network(reader: &mut Reader<'_>) -> Result<Code, Malformed> {
    let number = reader.u16("bacnet.network")?;
    let length = reader.u8("bacnet.network_address")?;
    reader.take(usize::from(length), "bacnet.network_address")?;
    Ok(Code(u64::from(number)))
}
