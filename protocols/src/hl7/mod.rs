//! HL7 version 2 over MLLP (HL7 v2.5.1 2; MLLP release 1 and the acknowledgements of release 2), on whatever port.
//!
//! A block is read once its end mark is there, or once [`BLOCK_MAX`] bytes of it are; the rest of a longer one streams
//! past unread. Of its fields only those are looked at that describe a system or a machine. Patient identifiers are
//! counted; every other field of a patient, a visit or a result is passed by its delimiters and never becomes a value.
//!
//! An ISO 2022 shift can hide delimiters, and a field that was cut at the wrong place could be anything. So nothing
//! but words of the standard's tables is taken from a segment that holds one.

mod block;
mod decoder;
mod delimiters;
mod events;
mod recent;
mod segments;
mod tables;

pub use block::{EQUIPMENT_MAX, NAME_MAX, PATIENTS_MAX};
pub use decoder::{BLOCK_MAX, UNTERMINATED_MAX};
pub use events::*;
pub use recent::RECENT_MAX;
pub use segments::SEGMENT_NAMES_MAX;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;
use memchr::memmem;

pub struct Hl7;

const HEADERS: &[&[u8]] = &[b"\x0bMSH", b"\x0bFHS", b"\x0bBHS"];
/// Commit acknowledgements of MLLP release 2, and the empty block.
const SHORT: &[&[u8]] = &[b"\x0b\x06\x1c\r", b"\x0b\x15\x1c\r", b"\x0b\x1c\r"];

static EVENTS: &[&EventSpec] = &[&message::SPEC, &details::SPEC, &batch::SPEC, &end::SPEC, &acknowledge::SPEC];

impl Protocol for Hl7 {
    fn word(&self) -> Word {
        Word::Hl7
    }

    fn name(&self) -> &'static str {
        "hl7"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    /// Registered (2575), and the default of a common interface engine.
    fn ports(&self) -> &'static [u16] {
        &[2575, 6661]
    }

    /// A start mark, the name of a header segment and a separator. Acknowledgements of release 2 may come first, and in
    /// a conversation met in the middle the rest of a block.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        let mut rest = bytes;
        while let Some(after) = SHORT.iter().find_map(|block| rest.strip_prefix(*block)) {
            rest = after;
        }
        if rest.first() != Some(&decoder::START)
            && let Some(end) = memmem::find(rest, b"\x1c\r\x0b")
        {
            rest = rest.get(end.saturating_add(2)..).unwrap_or_default();
        }
        for &header in HEADERS {
            if let Some(after) = rest.strip_prefix(header) {
                return match after.first() {
                    Some(separator) if separator.is_ascii_alphanumeric() || *separator >= 0x80 => Verdict::No,
                    Some(_) => Verdict::Yes,
                    None => Verdict::Unsure,
                };
            }
        }
        let begun = HEADERS.iter().chain(SHORT).any(|block| block.starts_with(rest));
        if begun { Verdict::Unsure } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "hl7.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
