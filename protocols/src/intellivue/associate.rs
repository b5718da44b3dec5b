//! Association control: a session header, then presentation and association in the forms of ISO 8823 and 8650, of which
//! the guide gives bytes that do not vary, and within them the info of the user.

use super::Association;
use super::attributes::Attributes;
use crate::event::{Code, Size};
use crate::{Malformed, Reader, Sink, Verdict};
use memchr::memmem;

const CONNECT: u8 = 0x0d;
const ACCEPT: u8 = 0x0e;
const REFUSE: u8 = 0x0c;
const FINISH: u8 = 0x09;
const DISCONNECT: u8 = 0x0a;
const ABORT: u8 = 0x19;

/// Begins the user data of a session (ISO 8327-1 8.3).
const USER_DATA: u8 = 0xc1;
/// Begins the connect item of a session that asks or accepts, with its length.
const ITEM: &[u8] = &[0x05, 0x08];

/// What stands before the info of the user: an external value, in one of two forms.
const INFO: [&[u8]; 2] = [&[0xbe, 0x80, 0x28, 0x80, 0x81], &[0xbe, 0x80, 0x28, 0x80, 0x02, 0x01, 0x02, 0x81]];

const POLL_PROFILE: u16 = 0x0001;
const POLL_PROFILE_EXTENSION: u16 = 0xf001;

pub(super) fn is(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(&(CONNECT | ACCEPT | REFUSE | FINISH | DISCONNECT | ABORT)))
}

/// Type, then a length of one byte, or of two behind 0xff; and what it counts.
fn header(bytes: &[u8]) -> Result<(u8, Reader<'_>), Malformed> {
    const FIELD: &str = "intellivue.session";
    let mut reader = Reader::new(bytes);
    let kind = reader.u8(FIELD)?;
    let length = match reader.u8(FIELD)? {
        0xff => reader.u16(FIELD)?,
        length => u16::from(length),
    };
    Ok((kind, reader.sub(usize::from(length), FIELD)?))
}

/// `None` for what has no session header.
pub(super) fn looks(bytes: &[u8]) -> Option<Verdict> {
    if !is(bytes) {
        return None;
    }
    let Ok((kind, body)) = header(bytes) else { return Some(Verdict::No) };
    let body_ends = body.at().saturating_add(body.len()) == bytes.len();
    let first = body.rest().first();
    Some(match kind {
        CONNECT | ACCEPT if body_ends && body.rest().starts_with(ITEM) => Verdict::Yes,
        FINISH | DISCONNECT if body_ends && first == Some(&USER_DATA) => Verdict::Likely,
        REFUSE | ABORT if body_ends && first.is_some() => Verdict::Likely,
        _ => Verdict::No,
    })
}

pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let (kind, body) = header(bytes)?;
    let mut told = Association {
        kind: Code(u64::from(kind)),
        version: None,
        role: None,
        startup: None,
        largest: None,
        options: None,
    };
    let result = if matches!(kind, CONNECT | ACCEPT) { user(body, &mut told) } else { Ok(()) };
    sink.event(&told);
    result
}

fn user(body: Reader<'_>, told: &mut Association) -> Result<(), Malformed> {
    const FIELD: &str = "intellivue.user_info";
    let found = INFO.iter().find_map(|mark| Some(memmem::find(body.rest(), mark)?.saturating_add(mark.len())));
    let Some(at) = found else { return Err(body.malformed(FIELD)) };
    let mut reader = body;
    reader.take(at, FIELD)?;
    let length = match reader.u8(FIELD)? {
        0x81 => u16::from(reader.u8(FIELD)?),
        0x82 => reader.u16(FIELD)?,
        length => u16::from(length),
    };
    let mut info = reader.sub(usize::from(length), FIELD)?;
    let code = |number: u32| Some(Code(u64::from(number)));
    told.version = code(info.u32(FIELD)?);
    // Versions of the nomenclature, and functions.
    info.take(8, FIELD)?;
    told.role = code(info.u32(FIELD)?);
    told.startup = code(info.u32(FIELD)?);
    Attributes::read(&mut info, FIELD)?;
    for attribute in Attributes::read(&mut info, FIELD)? {
        let (id, value) = attribute?;
        if id == POLL_PROFILE {
            profile(value, told)?;
        }
    }
    Ok(())
}

fn profile(mut value: Reader<'_>, told: &mut Association) -> Result<(), Malformed> {
    const FIELD: &str = "intellivue.poll_profile";
    // Revision, shortest period, and the largest message that is received.
    value.take(12, FIELD)?;
    told.largest = Some(Size(u64::from(value.u32(FIELD)?)));
    // Bandwidth and options.
    value.take(8, FIELD)?;
    for attribute in Attributes::read(&mut value, FIELD)? {
        let (id, mut value) = attribute?;
        if id == POLL_PROFILE_EXTENSION {
            told.options = Some(Code(u64::from(value.u32(FIELD)?)));
        }
    }
    Ok(())
}
