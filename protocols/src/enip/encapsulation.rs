//! The encapsulation header, and the common packet format behind some commands (CIP Volume 2, 2-3, 2-6).

use super::cip::{self, Cip};
use super::{Identity, Message};
use crate::event::{Code, Count, Port, Size, Transaction};
use crate::framed::Start;
use crate::{Malformed, Reader, Sink, Verdict, Way};
use holter_phi::{Because, Plain};
use std::net::{IpAddr, Ipv4Addr};

/// The most of a packet that is read: what says something stands at its beginning.
pub const READ_MAX: usize = 2048;
/// Items read in one packet.
pub const ITEMS_MAX: usize = 32;
const HEADER: usize = 24;

const NOP: u16 = 0;
const LIST_SERVICES: u16 = 0x04;
const LIST_IDENTITY: u16 = 0x63;
const LIST_INTERFACES: u16 = 0x64;
const REGISTER: u16 = 0x65;
const UNREGISTER: u16 = 0x66;
const SEND_REQUEST: u16 = 0x6f;
const SEND_UNIT: u16 = 0x70;
const INDICATE: u16 = 0x72;
const CANCEL: u16 = 0x73;
const START_DTLS: u16 = 0xc8;

const IDENTITY_ITEM: u16 = 0x0c;
const CONNECTED_ADDRESS: u16 = 0xa1;
const CONNECTED_DATA: u16 = 0xb1;
const UNCONNECTED_DATA: u16 = 0xb2;
const SEQUENCED_ADDRESS: u16 = 0x8002;

struct Header {
    command: u16,
    length: u16,
    session: u32,
    status: u32,
    options: u32,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let mut reader = Reader::new(bytes);
    let mut read = || {
        let command = reader.u16_le("enip.header")?;
        let length = reader.u16_le("enip.header")?;
        let session = reader.u32_le("enip.header")?;
        let status = reader.u32_le("enip.header")?;
        // What the sender wants back unchanged.
        reader.take(8, "enip.header")?;
        Ok::<_, Malformed>(Header { command, length, session, status, options: reader.u32_le("enip.header")? })
    };
    read().ok()
}

impl Header {
    /// The command and the status exist, and the reserved options are not used.
    fn holds(&self) -> bool {
        let command = matches!(
            self.command,
            NOP | LIST_SERVICES
                | LIST_IDENTITY
                | LIST_INTERFACES
                | REGISTER
                | UNREGISTER
                | SEND_REQUEST
                | SEND_UNIT
                | INDICATE
                | CANCEL
                | START_DTLS
        );
        command && self.options == 0 && matches!(self.status, 0..=3 | 0x64 | 0x65 | 0x69 | 0x6a)
    }
}

pub(super) fn start(bytes: &[u8]) -> Start {
    match bytes.get(1) {
        None => return Start::More(2),
        Some(0) if bytes.len() < HEADER => return Start::More(HEADER),
        Some(0) => {}
        Some(_) => return Start::No,
    }
    match header(bytes).filter(Header::holds) {
        Some(header) => {
            let length = usize::from(header.length).saturating_add(HEADER);
            Start::Message { length: length as u64, read: length.min(READ_MAX) }
        }
        None => Start::No,
    }
}

/// The length must also be one that the command has: zeros make a header that does nothing.
pub(super) fn found(bytes: &[u8]) -> Start {
    let start = start(bytes);
    let Some(header) = header(bytes).filter(|_| matches!(start, Start::Message { .. })) else { return start };
    let fits = match header.command {
        REGISTER => header.length == 4,
        UNREGISTER => header.length == 0 && header.session != 0,
        LIST_SERVICES | LIST_IDENTITY | LIST_INTERFACES => header.length != 1,
        SEND_REQUEST | SEND_UNIT => header.length >= 16 && header.session != 0,
        _ => false,
    };
    if fits { start } else { Start::No }
}

pub(super) fn looks(bytes: &[u8], datagram: bool) -> Verdict {
    match start(bytes) {
        Start::No => return Verdict::No,
        Start::More(_) if datagram => return Verdict::No,
        Start::More(_) => return Verdict::Unsure,
        Start::Message { .. } => {}
    }
    let Some(header) = header(bytes) else { return Verdict::No };
    let body = bytes.get(HEADER..).unwrap_or_default();
    let length = usize::from(header.length);
    if datagram && body.len() != length {
        return Verdict::No;
    }
    let failed = header.status != 0;
    match (header.command, length) {
        (REGISTER, 4) => match body.first_chunk::<4>() {
            Some([1, 0, 0, 0]) => Verdict::Yes,
            Some(_) => Verdict::No,
            None => Verdict::Unsure,
        },
        (LIST_SERVICES | LIST_IDENTITY | LIST_INTERFACES, 0) if header.session == 0 && !failed => Verdict::Yes,
        // An answer: items, of which the first has the type of the command and fits.
        (LIST_SERVICES | LIST_IDENTITY | LIST_INTERFACES, 2..) => match body.first_chunk::<6>() {
            Some([1..=255, 0, 0, 1, ..]) if header.command == LIST_SERVICES => Verdict::Yes,
            Some([1..=255, 0, 0x0c, 0, ..]) if header.command == LIST_IDENTITY => Verdict::Yes,
            Some(_) => Verdict::No,
            None => Verdict::Likely,
        },
        // Interface 0, a timeout and two items or more.
        (SEND_REQUEST | SEND_UNIT, 16..) if header.session != 0 => match body.first_chunk::<10>() {
            Some([0, 0, 0, 0, _, _, 2..=4, 0, 0, 0] | [0, 0, 0, 0, _, _, 2..=4, 0, 0xa1, 0]) => Verdict::Yes,
            Some(_) => Verdict::No,
            None => Verdict::Unsure,
        },
        (SEND_REQUEST | SEND_UNIT, 0) if failed => Verdict::Likely,
        (UNREGISTER, 0) if header.session != 0 => Verdict::Yes,
        (LIST_SERVICES | LIST_IDENTITY | LIST_INTERFACES, 0) => Verdict::Likely,
        (NOP | REGISTER | UNREGISTER | INDICATE | CANCEL | START_DTLS, _) => Verdict::Likely,
        _ => Verdict::No,
    }
}

/// Reads the packet in `bytes`, of which the end may be missing.
pub(super) fn read(way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let Some(header) = header(bytes) else { return Err(Malformed { field: "enip.header", at: 0 }) };
    let length = usize::from(header.length).saturating_add(HEADER);
    let whole = bytes.get(..length.min(READ_MAX));
    let body = Reader::based(whole.unwrap_or(bytes).get(HEADER..).unwrap_or_default(), HEADER);
    let mut message = Message {
        response: way == Way::ToClient,
        command: Code(u64::from(header.command)),
        session: Transaction(u64::from(header.session)),
        status: Code(u64::from(header.status)),
        size: Size(u64::from(header.length)),
        items: None,
        connection: None,
        service: None,
        service_response: None,
        service_status: None,
        class: None,
        instance: None,
    };
    if !header.holds() {
        sink.weird("enip.header");
    }
    let mut result = match header.command {
        SEND_REQUEST | SEND_UNIT if !body.is_empty() => packets(body, &mut message, sink),
        LIST_IDENTITY if !body.is_empty() => {
            let mut counted = body;
            message.items = counted.u16_le("enip.items").ok().map(|count| Count(u64::from(count)));
            Ok(())
        }
        _ => Ok(()),
    };
    // What lies behind the part that is read is not missing.
    if length > READ_MAX && bytes.len() >= READ_MAX {
        result = Ok(());
    }
    sink.event(&message);
    if header.command == LIST_IDENTITY && !body.is_empty() {
        result = result.and(identities(body, sink));
    }
    result.and(if whole.is_none() { Err(Malformed { field: "enip.length", at: 2 }) } else { Ok(()) })
}

fn items<'a>(
    reader: &mut Reader<'a>,
    sink: &mut dyn Sink,
    mut each: impl FnMut(u16, Reader<'a>, &mut dyn Sink) -> Result<(), Malformed>,
) -> Result<u16, Malformed> {
    let count = reader.u16_le("enip.items")?;
    if usize::from(count) > ITEMS_MAX {
        sink.weird("enip.items");
    }
    for _ in 0..usize::from(count).min(ITEMS_MAX) {
        let kind = reader.u16_le("enip.item")?;
        let length = usize::from(reader.u16_le("enip.item")?);
        each(kind, reader.sub(length.min(reader.len()), "enip.item")?, sink)?;
        if length > reader.len() && reader.is_empty() {
            break;
        }
    }
    Ok(count)
}

fn packets(mut reader: Reader<'_>, message: &mut Message, sink: &mut dyn Sink) -> Result<(), Malformed> {
    // The interface handle and the timeout.
    reader.take(6, "enip.items")?;
    let mut found = Cip::default();
    let mut connection = None;
    let count = items(&mut reader, sink, |kind, mut item, _| {
        match kind {
            CONNECTED_ADDRESS | SEQUENCED_ADDRESS => {
                connection = Some(Transaction(u64::from(item.u32_le("enip.connection")?)));
            }
            CONNECTED_DATA => {
                // The sequence number of the connection.
                item.u16_le("enip.sequence")?;
                found = cip::read(item)?;
            }
            UNCONNECTED_DATA => found = cip::read(item)?,
            _ => {}
        }
        Ok(())
    });
    message.connection = connection;
    message.service = found.service;
    message.service_response = found.response;
    message.service_status = found.status;
    message.class = found.class;
    message.instance = found.instance;
    message.items = Some(Count(u64::from(count?)));
    Ok(())
}

fn identities(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    items(&mut reader, sink, |kind, item, sink| if kind == IDENTITY_ITEM { identity(item, sink) } else { Ok(()) })?;
    Ok(())
}

fn identity(mut item: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let version = item.u16_le("enip.identity")?;
    // A socket address in network order: family, port, address, zeros.
    let family = item.u16("enip.identity")?;
    let port = item.u16("enip.identity")?;
    let address = Ipv4Addr::from(item.array::<4>("enip.identity")?);
    item.take(8, "enip.identity")?;
    let vendor = item.u16_le("enip.identity")?;
    let kind = item.u16_le("enip.identity")?;
    let code = item.u16_le("enip.identity")?;
    let [major, minor] = item.array::<2>("enip.identity")?;
    let status = item.u16_le("enip.identity")?;
    let serial = hexadecimal(item.u32_le("enip.identity")?);
    let length = item.u8("enip.product")?;
    let product = item.take(usize::from(length), "enip.product")?;
    let state = item.u8("enip.state").ok();
    let code_of = |value: u16| Code(u64::from(value));
    sink.event(&Identity {
        protocol_version: code_of(version),
        address: (family == 2).then_some(IpAddr::V4(address)),
        port: Port(u64::from(port)),
        vendor_id: code_of(vendor),
        device_type: code_of(kind),
        product_code: code_of(code),
        major: code_of(u16::from(major)),
        minor: code_of(u16::from(minor)),
        status: code_of(status),
        serial: Plain::new(&serial, Because::Site),
        product: Plain::new(product, Because::Equipment),
        state: state.map(|state| code_of(u16::from(state))),
    });
    Ok(())
}

fn hexadecimal(number: u32) -> [u8; 8] {
    let mut digits = [0; 8];
    for (at, digit) in (0u32..8).zip(digits.iter_mut()) {
        let shift = 28u32.saturating_sub(at.saturating_mul(4));
        *digit = char::from_digit(number >> shift & 15, 16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(b'0');
    }
    digits
}
