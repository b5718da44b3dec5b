//! One packet (RFC 1350 5).

use super::Message;
use crate::event::{Code, Size};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};

const READ: u16 = 1;
const WRITE: u16 = 2;
const DATA: u16 = 3;
const ACKNOWLEDGMENT: u16 = 4;
const ERROR: u16 = 5;
const OPTIONS: u16 = 6;

/// Options read of one packet.
pub const OPTIONS_MAX: usize = 16;

const MODES: [&str; 3] = ["netascii", "octet", "mail"];

pub(super) fn decode(packet: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(packet);
    let opcode = reader.u16("tftp.opcode")?;
    let mut message = Message {
        opcode: Code(u64::from(opcode)),
        file: None,
        mode: None,
        file_size: None,
        block: None,
        block_size: None,
        error: None,
    };
    let result = fill(opcode, &mut reader, &mut message, sink);
    if matches!(opcode, READ..=OPTIONS) {
        sink.event(&message);
    }
    result
}

fn fill<'a>(
    opcode: u16,
    reader: &mut Reader<'a>,
    message: &mut Message<'a>,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    match opcode {
        READ | WRITE => {
            let file = string(reader, "tftp.file")?;
            message.file = Some(Plain::new(file, Because::Site));
            message.mode = mode(string(reader, "tftp.mode")?);
            if message.mode.is_none() {
                sink.weird("tftp.mode");
            }
            options(reader, message)
        }
        DATA | ACKNOWLEDGMENT => {
            message.block = Some(Code(u64::from(reader.u16("tftp.block")?)));
            message.block_size = (opcode == DATA).then_some(Size(reader.len() as u64));
            Ok(())
        }
        ERROR => {
            message.error = Some(Code(u64::from(reader.u16("tftp.error")?)));
            Ok(())
        }
        OPTIONS => options(reader, message),
        _ => Err(Malformed { field: "tftp.opcode", at: 0 }),
    }
}

/// Pairs of texts; of them only the size of the file is kept.
fn options<'a>(reader: &mut Reader<'a>, message: &mut Message<'a>) -> Result<(), Malformed> {
    for _ in 0..OPTIONS_MAX {
        if reader.is_empty() {
            break;
        }
        let name = string(reader, "tftp.option")?;
        let value = string(reader, "tftp.option")?;
        if name.eq_ignore_ascii_case(b"tsize") {
            let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            message.file_size = number.map(Size);
        }
    }
    Ok(())
}

/// A text that ends with a NUL.
fn string<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    let length = reader.rest().iter().position(|byte| *byte == 0).ok_or(reader.malformed(field))?;
    let text = reader.take(length, field)?;
    reader.u8(field)?;
    Ok(text)
}

fn mode(text: &[u8]) -> Option<Plain<'static>> {
    let known = MODES.iter().find(|mode| text.eq_ignore_ascii_case(mode.as_bytes()));
    known.map(|mode| Plain::new(mode.as_bytes(), Because::Vocabulary))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let mut reader = Reader::new(bytes);
    let Ok(opcode) = reader.u16("tftp.opcode") else { return Verdict::No };
    match opcode {
        READ | WRITE => {
            let mut text = || string(&mut reader, "tftp.file").ok();
            let named = text().is_some_and(|file| !file.is_empty() && file.iter().all(|byte| *byte >= 0x20));
            if !named {
                return Verdict::No;
            }
            let known = text().and_then(mode).is_some();
            let mut even = true;
            let pairs = std::iter::from_fn(text).inspect(|_| even = !even).all(|option| option.is_ascii());
            if known && pairs && even && reader.is_empty() { Verdict::Yes } else { Verdict::Likely }
        }
        DATA | ACKNOWLEDGMENT | ERROR | OPTIONS if bytes.len() >= 4 => Verdict::Likely,
        _ => Verdict::No,
    }
}
