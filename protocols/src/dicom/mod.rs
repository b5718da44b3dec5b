//! DICOM.

mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Dicom;

impl Protocol for Dicom {
    fn word(&self) -> Word {
        Word::Dicom
    }

    fn name(&self) -> &'static str {
        "dicom"
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
