//! HL7.

mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Hl7;

impl Protocol for Hl7 {
    fn word(&self) -> Word {
        Word::Hl7
    }

    fn name(&self) -> &'static str {
        "hl7"
    }

    fn transports(&self) -> &'static [Transport] {
        &[]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    fn probe(&self, _transport: Transport, _way: Way, _bytes: &[u8]) -> Verdict {
        Verdict::No
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Ok(())
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        &[]
    }
}
