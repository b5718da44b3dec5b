//! One message: its header (Messaging on TCP/IP 3.1.3) and what its function says of itself.

use super::{Identification, Message};
use crate::event::{Code, Count, Size, Transaction};
use crate::framed::Start;
use crate::{Malformed, Reader, Sink, Verdict, Way};
use holter_phi::{Because, Plain};

/// Longest unit identifier and data (Messaging on TCP/IP 4.1). A maker's function that programs controllers has more.
pub const DATA_MAX: usize = 254;
const PROGRAMMING_DATA_MAX: usize = 1040;
/// Objects read of one device identification: there are 256 numbers.
pub const OBJECTS_MAX: usize = 256;
/// Transaction, protocol, length.
const PREFIX: usize = 6;
/// The prefix, the unit and the function.
const HEADER: usize = PREFIX + 2;
/// Bytes behind the header in which every count stands.
const COUNTED: usize = 9;
/// Marks a function whose response is an exception.
const EXCEPTION: u8 = 0x80;

const DIAGNOSTICS: u8 = 8;
const WRITE_COILS: u8 = 15;
const WRITE_REGISTERS: u8 = 16;
const READ_FILE: u8 = 20;
const WRITE_FILE: u8 = 21;
const MASK_WRITE: u8 = 22;
const READ_WRITE_REGISTERS: u8 = 23;
const READ_QUEUE: u8 = 24;
const ENCAPSULATED: u8 = 43;
const PROGRAMMING: u8 = 90;
const DEVICE_IDENTIFICATION: u8 = 14;

struct Header {
    transaction: u16,
    /// Of the unit identifier, the function and its data.
    length: usize,
    unit: u8,
    function: u8,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let &[a, b, 0, 0, c, d, unit, function] = bytes.first_chunk::<HEADER>()? else { return None };
    let length = usize::from(u16::from_be_bytes([c, d]));
    let longest = if function & !EXCEPTION == PROGRAMMING { PROGRAMMING_DATA_MAX } else { DATA_MAX };
    let holds = (2..=longest).contains(&length);
    holds.then_some(Header { transaction: u16::from_be_bytes([a, b]), length, unit, function })
}

pub(super) fn start(bytes: &[u8]) -> Start {
    match bytes.get(2..4) {
        None if bytes.get(2).is_some_and(|&protocol| protocol != 0) => return Start::No,
        None => return Start::More(bytes.len().saturating_add(1).max(3)),
        Some([0, 0]) if bytes.len() < HEADER => return Start::More(HEADER),
        Some([0, 0]) => {}
        Some(_) => return Start::No,
    }
    match header(bytes) {
        Some(header) => {
            let length = header.length.saturating_add(PREFIX);
            Start::Message { length: length as u64, read: length }
        }
        None => Start::No,
    }
}

/// The length must also be one that the function has: registers are full of zeros.
pub(super) fn found(bytes: &[u8]) -> Start {
    let start = start(bytes);
    let Start::Message { read, .. } = start else { return start };
    let wanted = read.min(HEADER + COUNTED);
    if bytes.len() < wanted {
        return Start::More(wanted);
    }
    let programming = bytes.get(HEADER - 1).is_some_and(|function| function & !EXCEPTION == PROGRAMMING);
    match looks(bytes.get(..read).unwrap_or(bytes)) {
        Verdict::Yes => start,
        _ if programming => start,
        _ => Start::No,
    }
}

/// Lengths that a request and a response of this function may have; `None` for functions of makers. `data` is what
/// stands behind the function, as far as it is there.
fn lengths(function: u8, data: &[u8]) -> Option<[Option<usize>; 2]> {
    // The unit, the function and the byte that counts, and what is counted.
    let counted = |at: usize| data.get(at).map(|&count| usize::from(count).saturating_add(at).saturating_add(3));
    Some(match function {
        function if function & EXCEPTION != 0 => [None, Some(3)],
        1..=4 => [Some(6), counted(0)],
        5 | 6 => [Some(6), Some(6)],
        7 => [Some(2), Some(3)],
        11 => [Some(2), Some(6)],
        12 | 17 => [Some(2), counted(0)],
        WRITE_COILS | WRITE_REGISTERS => [counted(4), Some(6)],
        READ_FILE | WRITE_FILE => [counted(0), counted(0)],
        MASK_WRITE => [Some(8), Some(8)],
        READ_WRITE_REGISTERS => [counted(8), counted(0)],
        READ_QUEUE => {
            let count = data.first_chunk::<2>().map(|count| usize::from(u16::from_be_bytes(*count)));
            [Some(4), count.map(|count| count.saturating_add(4))]
        }
        _ => return None,
    })
}

/// Whether the function, its length and the bytes behind the message hold together.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    if bytes.len() < HEADER {
        return match start(bytes) {
            Start::No => Verdict::No,
            _ => Verdict::Unsure,
        };
    }
    let Some(header) = header(bytes) else { return Verdict::No };
    let whole = header.length.saturating_add(PREFIX);
    match bytes.get(whole..) {
        Some(next) if start(next) == Start::No => return Verdict::No,
        _ => {}
    }
    let data = bytes.get(HEADER..whole.min(bytes.len())).unwrap_or_default();
    match (header.function, data) {
        // Read device identification: the kind of access and the first object.
        (ENCAPSULATED, [DEVICE_IDENTIFICATION, 1..=4, _]) if header.length == 5 => Verdict::Yes,
        (ENCAPSULATED, [DEVICE_IDENTIFICATION, 1..=4, 1..=3 | 0x81..=0x83, 0 | 0xff, _, _, ..]) => Verdict::Yes,
        (function, data) => match lengths(function, data) {
            Some(lengths) if lengths.contains(&Some(header.length)) => {
                let exception = function & EXCEPTION == 0 || matches!(data, [] | [1..=6 | 8 | 10 | 11]);
                // A message of LDAP can look like a short answer: a sequence and the four bytes of its length.
                let ldap = bytes.starts_with(&[0x30, 0x84]);
                if exception && function & !EXCEPTION != 0 && !ldap { Verdict::Yes } else { Verdict::Likely }
            }
            // The byte that counts is still to come.
            Some(_) if data.len() < COUNTED && bytes.len() < whole => Verdict::Unsure,
            Some(_) => Verdict::No,
            None => Verdict::Likely,
        },
    }
}

pub(super) fn read(way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let Some(header) = header(message) else { return Err(Malformed { field: "modbus.header", at: 0 }) };
    let data = message.get(HEADER..).unwrap_or_default();
    let response = way == Way::ToClient;
    let function = header.function & !EXCEPTION;
    let exception = (header.function & EXCEPTION != 0).then(|| data.first().copied()).flatten();
    if let Some(lengths) = lengths(header.function, data)
        && lengths.get(usize::from(response)) != Some(&Some(header.length))
    {
        sink.weird("modbus.length");
    }
    let number = |at: usize| data.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u16::from_be_bytes(*bytes));
    let request = !response && exception.is_none();
    sink.event(&Message {
        response,
        transaction: Transaction(u64::from(header.transaction)),
        unit: Code(u64::from(header.unit)),
        function: Code(u64::from(function)),
        exception: exception.map(|code| Code(u64::from(code))),
        subfunction: match function {
            _ if exception.is_some() => None,
            DIAGNOSTICS => number(0).map(|code| Code(u64::from(code))),
            ENCAPSULATED => data.first().map(|&code| Code(u64::from(code))),
            _ => None,
        },
        address: match function {
            1..=6 | WRITE_COILS | WRITE_REGISTERS | MASK_WRITE | READ_WRITE_REGISTERS | READ_QUEUE if request => {
                number(0).map(|address| Code(u64::from(address)))
            }
            _ => None,
        },
        quantity: match function {
            1..=4 | WRITE_COILS | WRITE_REGISTERS | READ_WRITE_REGISTERS if request => {
                number(2).map(|quantity| Count(u64::from(quantity)))
            }
            5 | 6 | MASK_WRITE if request => Some(Count(1)),
            _ => None,
        },
        size: Size(data.len().saturating_add(1) as u64),
    });
    match (function, data) {
        (ENCAPSULATED, [DEVICE_IDENTIFICATION, ..]) if response && exception.is_none() => {
            identification(header.unit, data, sink)
        }
        _ => Ok(()),
    }
}

/// The objects that were read are reported even if a later one is broken.
fn identification(unit: u8, data: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::based(data, HEADER);
    // The type of interface and the kind of access.
    reader.take(2, "modbus.identification")?;
    let conformity = reader.u8("modbus.identification")?;
    // Whether more follows, and from which object on.
    reader.take(2, "modbus.identification")?;
    let count = usize::from(reader.u8("modbus.identification")?);
    let mut found = Identification {
        unit: Code(u64::from(unit)),
        conformity: Code(u64::from(conformity)),
        vendor: None,
        product_code: None,
        revision: None,
        product: None,
        model: None,
        application: None,
    };
    let mut result = Ok(());
    for _ in 0..count.min(OBJECTS_MAX) {
        match object(&mut reader) {
            Ok((number, value)) => keep(&mut found, number, value),
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        }
    }
    sink.event(&found);
    result
}

fn object<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8]), Malformed> {
    let number = reader.u8("modbus.object")?;
    let length = reader.u8("modbus.object")?;
    Ok((number, reader.take(usize::from(length), "modbus.object_length")?))
}

fn keep<'a>(found: &mut Identification<'a>, number: u8, value: &'a [u8]) {
    let (slot, because) = match number {
        0 => (&mut found.vendor, Because::Equipment),
        1 => (&mut found.product_code, Because::Equipment),
        2 => (&mut found.revision, Because::Equipment),
        4 => (&mut found.product, Because::Equipment),
        5 => (&mut found.model, Because::Equipment),
        6 => (&mut found.application, Because::Site),
        _ => return,
    };
    if slot.is_none() && !value.is_empty() {
        *slot = Some(Plain::new(value, because));
    }
}
