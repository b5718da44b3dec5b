//! POCT1-A (CLSI), device messaging of point-of-care analysers: XML messages one behind the other over TCP.
//! From specification: not yet compared with the traffic of an analyser.
//!
//! Tags are walked one by one and nothing is nested: of a message only its root, the attributes of the device object
//! and that patients occur are looked at. Comments and character data pass unread.

mod decoder;
mod events;
mod tag;

pub use decoder::{MESSAGE_MAX, TAG_MAX, VALUE_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;
use memchr::memchr;

pub struct Poct1a;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &patient::SPEC];

/// A declaration before the root that is longer is none.
const DECLARATION_MAX: usize = 256;

impl Protocol for Poct1a {
    fn word(&self) -> Word {
        Word::Poct1a
    }

    fn name(&self) -> &'static str {
        "poct1a"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    /// None is registered: every data manager is configured. This is a common default.
    fn ports(&self) -> &'static [u16] {
        &[3000]
    }

    /// A root element that the standard names, perhaps behind an XML declaration.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        if rest.starts_with(b"<?xml") {
            match memchr(b'>', rest.get(..rest.len().min(DECLARATION_MAX)).unwrap_or_default()) {
                Some(end) => rest = rest.get(end.saturating_add(1)..).unwrap_or_default().trim_ascii_start(),
                None if rest.len() < DECLARATION_MAX => return Verdict::Unsure,
                None => return Verdict::No,
            }
        }
        tag::begins_root(rest)
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "poct1a.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
