//! A record as bytes: an envelope that says what it holds and whether it is whole, around a versioned postcard payload.
//!
//! ```text
//! 0      2        4      5       9        13
//! | "HF" | schema | kind | length | CRC32C | payload ... |      integers little-endian
//! ```
//!
//! `schema` is the version of the payload, `kind` the variant of [`Record`], `length` that of the payload, and the CRC
//! covers everything before it and the payload. Fields are never reordered; a new field is a new schema, and the bytes
//! of every schema are kept in `wire/golden/`.

use crate::{Record, Text};
use serde::{Deserialize, Serialize};

/// The schema that this version writes. It reads this one and, once there is one, the schema before it.
pub const SCHEMA: u16 = 1;

/// The largest frame, envelope included.
pub const FRAME_MAX: usize = 1 << 20;

/// Bytes of the envelope.
pub const ENVELOPE: usize = 13;

/// The most rows in any list of a record. A sensor starts a new record before it reaches them.
pub const ROWS_MAX: usize = 16_384;

const MAGIC: [u8; 2] = *b"HF";

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("frame: {0} bytes are more than the {FRAME_MAX} allowed")]
    TooLarge(usize),
    #[error("frame: cut at byte {0}")]
    Cut(usize),
    #[error("frame: no frame begins at byte 0")]
    Magic,
    #[error("frame: schema {0} is not known here")]
    Schema(u16),
    #[error("frame: checksum differs at byte 9")]
    Checksum,
    #[error("frame: kind at byte 4 does not fit the payload")]
    Kind,
    #[error("frame: payload from byte {ENVELOPE} cannot be read")]
    Payload,
    #[error("frame: a list holds more than {ROWS_MAX} rows")]
    Rows,
}

#[derive(Serialize, Deserialize)]
enum Versioned<R> {
    V1(R),
}

/// What a frame holds, read from its envelope alone. The forwarding process knows no more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    pub schema: u16,
    pub kind: u8,
    pub length: usize,
}

fn kind<L>(record: &Record<L>) -> u8 {
    match record {
        Record::Boot(_) => 0,
        Record::Loss(_) => 1,
        Record::Finding(_) => 2,
        Record::Devices(_) => 3,
        Record::Window(_) => 4,
    }
}

/// A record as one frame.
pub fn encode<L: Serialize>(record: &Record<L>) -> Result<Vec<u8>, CodecError> {
    let mut frame = Vec::with_capacity(256);
    frame.extend_from_slice(&MAGIC);
    frame.extend_from_slice(&SCHEMA.to_le_bytes());
    frame.push(kind(record));
    frame.extend_from_slice(&[0; 8]);
    let mut frame = postcard::to_extend(&Versioned::V1(record), frame).map_err(|_| CodecError::Payload)?;
    if frame.len() > FRAME_MAX {
        return Err(CodecError::TooLarge(frame.len()));
    }
    let length = u32::try_from(frame.len().saturating_sub(ENVELOPE)).map_err(|_| CodecError::TooLarge(frame.len()))?;
    if let Some(slot) = frame.get_mut(5..9) {
        slot.copy_from_slice(&length.to_le_bytes());
    }
    let crc = checksum(&frame).ok_or(CodecError::Cut(frame.len()))?;
    if let Some(slot) = frame.get_mut(9..ENVELOPE) {
        slot.copy_from_slice(&crc.to_le_bytes());
    }
    Ok(frame)
}

/// Checks the envelope and the checksum of one whole frame.
pub fn check(frame: &[u8]) -> Result<Envelope, CodecError> {
    if frame.len() > FRAME_MAX {
        return Err(CodecError::TooLarge(frame.len()));
    }
    let Some(&[m0, m1, s0, s1, kind, l0, l1, l2, l3, c0, c1, c2, c3]) = frame.first_chunk::<ENVELOPE>() else {
        return Err(CodecError::Cut(frame.len()));
    };
    if [m0, m1] != MAGIC {
        return Err(CodecError::Magic);
    }
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    if frame.len().checked_sub(ENVELOPE) != Some(length) {
        return Err(CodecError::Cut(frame.len()));
    }
    if checksum(frame) != Some(u32::from_le_bytes([c0, c1, c2, c3])) {
        return Err(CodecError::Checksum);
    }
    Ok(Envelope { schema: u16::from_le_bytes([s0, s1]), kind, length })
}

/// The record in one whole frame, every text and list within its bounds.
pub fn decode(frame: &[u8]) -> Result<Record<Text>, CodecError> {
    let envelope = check(frame)?;
    if envelope.schema != SCHEMA {
        return Err(CodecError::Schema(envelope.schema));
    }
    let payload = frame.get(ENVELOPE..).ok_or(CodecError::Cut(frame.len()))?;
    let (Versioned::V1(record), rest) =
        postcard::take_from_bytes::<Versioned<Record<Text>>>(payload).map_err(|_| CodecError::Payload)?;
    if !rest.is_empty() {
        return Err(CodecError::Payload);
    }
    if kind(&record) != envelope.kind {
        return Err(CodecError::Kind);
    }
    let longest = match &record {
        Record::Boot(_) => 0,
        Record::Loss(loss) => loss.rows.len(),
        Record::Finding(finding) => finding.facts.len(),
        Record::Devices(devices) => devices.rows.len(),
        Record::Window(window) => {
            [window.protocols.len(), window.talks.len(), window.acts.len(), window.counters.len()]
                .into_iter()
                .fold(0, usize::max)
        }
    };
    if longest > ROWS_MAX { Err(CodecError::Rows) } else { Ok(record) }
}

fn checksum(frame: &[u8]) -> Option<u32> {
    Some(crc32c::crc32c_append(crc32c::crc32c(frame.get(..9)?), frame.get(ENVELOPE..)?))
}
