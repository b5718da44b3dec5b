//! HL7 v2 in MLLP blocks, on any port, recognised by content.
//!
//! [`frame`](frame) finds the blocks, [`message`](message) reads what is in one. A block is read in place once it is
//! whole; one that outgrows [`crate::MAX_NEED`] is read as far as it stands and then streamed past. Patient, visit,
//! insurance and Z segments are walked over by their ends and never looked into, but for PID-3, which is counted.

mod events;
mod frame;
mod segments;
mod vocabulary;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;
use memchr::{memchr, memmem};

pub struct Hl7;

/// Start and end of a block (MLLP release 1).
const START: u8 = 0x0b;
const END: u8 = 0x1c;

/// How far into a conversation that was met in the middle a message is looked for.
const PROBE: usize = 4096;

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

    fn ports(&self) -> &'static [u16] {
        &[2575, 6661]
    }

    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        match bytes.split_first() {
            None => Verdict::Unsure,
            Some((&START, header)) => head(header),
            Some(_) => {
                let seen = bytes.get(..PROBE).unwrap_or(bytes);
                let mut text = false;
                for at in memmem::find_iter(seen, b"\x0bMSH") {
                    if head(seen.get(at.saturating_add(1)..).unwrap_or_default()) == Verdict::Yes {
                        return Verdict::Yes;
                    }
                    text = true;
                }
                // The middle of a message has fields and segment ends, and its next block may be near.
                text |= memchr(b'|', seen).is_some() && memchr(b'\r', seen).is_some();
                if text && bytes.len() < PROBE { Verdict::Unsure } else { Verdict::No }
            }
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(frame::Mllp::default()))
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Ok(())
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        static EVENTS: &[&EventSpec] = &[&message::SPEC, &end::SPEC];
        EVENTS
    }
}

/// Whether a block begins with the header of a message or a batch: its name, then delimiters that can be some.
fn head(block: &[u8]) -> Verdict {
    let name = block.get(..3).unwrap_or(block);
    if ![b"MSH", b"FHS", b"BHS"].iter().any(|known| known.starts_with(name)) {
        return Verdict::No;
    }
    match block.get(3..9) {
        None => Verdict::Unsure,
        Some(rest) if segments::Delimiters::read(rest).is_some() => Verdict::Yes,
        Some(_) => Verdict::No,
    }
}
