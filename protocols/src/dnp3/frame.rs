//! A link frame (IEEE 1815 9.2): ten bytes of header, then blocks of 16 bytes, each behind it with its CRC.

use super::{Application, Link, crc};
use crate::event::{Code, Size, Transaction};
use crate::framed::Start;
use crate::{Malformed, Reader, Sink};

const HEADER: usize = 10;
const BLOCK: usize = 16;
const CRC: usize = 2;
/// Bytes of the header that the length counts: control and addresses.
const COUNTED: usize = 5;

/// Functions of the link that carry data (9.2.4.1.3).
const CONFIRMED_DATA: u8 = 3;
const DATA: u8 = 4;
/// Functions of the application that are responses (4.2.2.4).
const RESPONSE: u8 = 129;
const AUTHENTICATION_RESPONSE: u8 = 131;

pub(super) fn start(bytes: &[u8]) -> Start {
    match bytes {
        [] => return Start::More(1),
        [0x05] => return Start::More(2),
        [0x05, 0x64, ..] => {}
        _ => return Start::No,
    }
    let Some(header) = bytes.first_chunk::<HEADER>() else { return Start::More(HEADER) };
    let &[_, _, length, _, _, _, _, _, low, high] = header;
    let Some(carried) = usize::from(length).checked_sub(COUNTED) else { return Start::No };
    if crc::of(header.get(..HEADER - CRC).unwrap_or_default()) != u16::from_le_bytes([low, high]) {
        return Start::No;
    }
    let blocks = carried.div_ceil(BLOCK);
    let whole = blocks.saturating_mul(CRC).saturating_add(carried).saturating_add(HEADER);
    Start::Message { length: whole as u64, read: whole }
}

pub(super) fn read(frame: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(frame);
    reader.take(2, "dnp3.header")?;
    let length = usize::from(reader.u8("dnp3.header")?);
    let control = reader.u8("dnp3.header")?;
    let destination = reader.u16_le("dnp3.header")?;
    let source = reader.u16_le("dnp3.header")?;
    reader.take(CRC, "dnp3.header")?;
    let mut left = length.saturating_sub(COUNTED);
    let function = control & 0x0f;
    let primary = control & 0x40 != 0;
    sink.event(&Link {
        source: Code(u64::from(source)),
        destination: Code(u64::from(destination)),
        master: control & 0x80 != 0,
        primary,
        function: Code(u64::from(function)),
        size: Size(left as u64),
    });
    let mut first = None;
    while left > 0 {
        let at = reader.malformed("dnp3.block_crc");
        let block = reader.take(left.min(BLOCK), "dnp3.block")?;
        let sum = reader.u16_le("dnp3.block")?;
        if crc::of(block) != sum {
            return Err(at);
        }
        first = first.or(Some(block));
        left = left.saturating_sub(BLOCK);
    }
    match first {
        Some(block) if primary && matches!(function, CONFIRMED_DATA | DATA) => application(block, sink),
        _ => Ok(()),
    }
}

/// The first block of a frame: the transport header (8.2.1), and at the start of a fragment the application's (4.2.2).
fn application(block: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    const FINAL: u8 = 0x80;
    const FIRST: u8 = 0x40;
    let mut reader = Reader::based(block, HEADER);
    let transport = reader.u8("dnp3.transport")?;
    if transport & FIRST == 0 {
        return Ok(());
    }
    let control = reader.u8("dnp3.application")?;
    let function = reader.u8("dnp3.application")?;
    let indications = if (RESPONSE..=AUTHENTICATION_RESPONSE).contains(&function) {
        Some(Code(u64::from(reader.u16("dnp3.indications")?)))
    } else {
        None
    };
    sink.event(&Application {
        function: Code(u64::from(function)),
        sequence: Transaction(u64::from(control & 0x0f)),
        first: control & 0x80 != 0,
        last: control & 0x40 != 0,
        confirm: control & 0x20 != 0,
        unsolicited: control & 0x10 != 0,
        indications,
        object: reader.u16("dnp3.object").ok().map(|object| Code(u64::from(object))),
        whole: transport & FINAL != 0,
    });
    Ok(())
}
