//! ASTM E1394 records of laboratory analysers (CLSI LIS2), in frames of ASTM E1381 (CLSI LIS1) or bare, over TCP.
//! From specification: not yet compared with the traffic of an analyser.
//!
//! Any port may carry it, that of HL7 too: a block mark of MLLP before a header record is passed over.

mod decoder;
mod e1394;
mod events;

pub use decoder::TEXT_MAX;
pub use e1394::NAME_MAX;
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Astm;

static EVENTS: &[&EventSpec] = &[&turn::SPEC, &frame::SPEC, &record::SPEC];

impl Protocol for Astm {
    fn word(&self) -> Word {
        Word::Astm
    }

    fn name(&self) -> &'static str {
        "astm"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    /// None is registered; these are the defaults of common analysers.
    fn ports(&self) -> &'static [u16] {
        &[12000, 15200]
    }

    /// A header record, in a frame or bare. ENQ and ACK alone say too little.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        let start = bytes.iter().position(|byte| !matches!(byte, 4 | 5 | 6 | 0x15)).unwrap_or(bytes.len());
        if start > TURNS_MAX {
            return Verdict::No;
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let text = match rest {
            [] => return Verdict::Unsure,
            [decoder::STX] => return Verdict::Unsure,
            [decoder::STX, b'0'..=b'7', text @ ..] => text,
            [decoder::VT, text @ ..] => text,
            _ if start > 0 => return Verdict::No,
            text => text,
        };
        e1394::is_header(text)
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "astm.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

/// Control characters that may stand before the first frame.
const TURNS_MAX: usize = 16;
