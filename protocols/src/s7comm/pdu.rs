//! One message: its header, and the head of its parameters.

use super::{Message, list};
use crate::event::{Code, Count, Size, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};

const PROTOCOL: u8 = 0x32;
const JOB: u8 = 1;
const ACK: u8 = 2;
const ACK_DATA: u8 = 3;
const USER_DATA: u8 = 7;

const SETUP: u8 = 0xf0;
const READ: u8 = 0x04;
const WRITE: u8 = 0x05;

const PROCESSOR: u8 = 4;
const READ_LIST: u8 = 1;

const HEADER: usize = 10;

/// The protocol id, a kind of message, a reserved zero, and lengths that fill the unit.
pub(super) fn looks(body: &[u8]) -> Verdict {
    let Some(&[PROTOCOL, rosctr @ (JOB | ACK | ACK_DATA | USER_DATA), 0, 0, _, _, a, b, c, d]) =
        body.first_chunk::<HEADER>()
    else {
        return if body.len() < HEADER && body.first().is_none_or(|&id| id == PROTOCOL) {
            Verdict::Unsure
        } else {
            Verdict::No
        };
    };
    let errors = if matches!(rosctr, ACK | ACK_DATA) { 2 } else { 0 };
    let lengths = [[a, b], [c, d]].map(|length| usize::from(u16::from_be_bytes(length)));
    let whole = lengths.iter().fold(HEADER.saturating_add(errors), |sum, length| sum.saturating_add(*length));
    // The data of a long message goes on in another unit.
    if whole >= body.len() && whole <= 4096 { Verdict::Yes } else { Verdict::No }
}

pub(super) fn read(mut reader: Reader<'_>, whole: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    if reader.u8("s7comm.protocol")? != PROTOCOL {
        // Among them S7 communication plus, whose content is not public.
        sink.weird("s7comm.protocol");
        return Ok(());
    }
    let rosctr = reader.u8("s7comm.header")?;
    reader.take(2, "s7comm.header")?;
    let reference = reader.u16("s7comm.header")?;
    let parameters = reader.u16("s7comm.header")?;
    let data = reader.u16("s7comm.header")?;
    let mut message = Message {
        rosctr: Code(u64::from(rosctr)),
        reference: Transaction(u64::from(reference)),
        function: None,
        items: None,
        pdu_size: None,
        error_class: None,
        error_code: None,
        response: None,
        group: None,
        subfunction: None,
        list: None,
        list_index: None,
        parameters: Size(u64::from(parameters)),
        data: Size(u64::from(data)),
    };
    let mut status = None;
    let mut result = Ok(());
    match body(&mut reader, rosctr, usize::from(parameters), &mut message) {
        Ok(rest) => {
            if whole && rest.len() != usize::from(data) {
                sink.weird("s7comm.length");
            }
            let reads = message.group == Some(Code(u64::from(PROCESSOR)))
                && message.subfunction == Some(Code(u64::from(READ_LIST)));
            if reads {
                status = list::Status::read(rest);
            }
        }
        Err(malformed) => result = Err(malformed),
    }
    if let Some(status) = &status {
        message.list = Some(Code(u64::from(status.list)));
        message.list_index = Some(Code(u64::from(status.index)));
    }
    sink.event(&message);
    if let Some(status) = status
        && message.response == Some(true)
    {
        status.tell(sink);
    }
    result
}

/// What the parameters say; returns the data behind them.
fn body<'a>(
    reader: &mut Reader<'a>,
    rosctr: u8,
    length: usize,
    message: &mut Message,
) -> Result<Reader<'a>, Malformed> {
    if matches!(rosctr, ACK | ACK_DATA) {
        message.error_class = Some(Code(u64::from(reader.u8("s7comm.error")?)));
        message.error_code = Some(Code(u64::from(reader.u8("s7comm.error")?)));
    }
    let mut parameters = reader.sub(length, "s7comm.parameters")?;
    match rosctr {
        JOB | ACK_DATA if length > 0 => {
            let function = parameters.u8("s7comm.function")?;
            message.function = Some(Code(u64::from(function)));
            match function {
                READ | WRITE => message.items = Some(Count(u64::from(parameters.u8("s7comm.items")?))),
                SETUP => {
                    // A reserved byte, and how many jobs either side takes at once.
                    parameters.take(5, "s7comm.setup")?;
                    message.pdu_size = Some(Size(u64::from(parameters.u16("s7comm.setup")?)));
                }
                _ => {}
            }
        }
        USER_DATA if length > 0 => {
            // A head of three bytes, a length, a method.
            parameters.take(5, "s7comm.userdata")?;
            let kind = parameters.u8("s7comm.userdata")?;
            message.response = Some(kind >> 4 == 8);
            message.group = Some(Code(u64::from(kind & 15)));
            message.subfunction = Some(Code(u64::from(parameters.u8("s7comm.userdata")?)));
        }
        _ => {}
    }
    Ok(*reader)
}
