//! VNC: remote framebuffer, versions 3.3 to 3.8 and Apple's (RFC 6143), up to the name of the desktop. What is typed and
//! what is seen passes unread.

mod decoder;
mod events;
mod level;
mod within;

pub use decoder::{NAME_MAX, WAIT_MAX};
pub use events::*;
pub use within::LISTED_MAX;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Vnc;

static EVENTS: &[&EventSpec] = &[&version::SPEC, &offer::SPEC, &choice::SPEC, &outcome::SPEC, &desktop::SPEC];

impl Protocol for Vnc {
    fn word(&self) -> Word {
        Word::Vnc
    }

    fn name(&self) -> &'static str {
        "vnc"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    /// Displays 0 to 3, and viewers that listen.
    fn ports(&self) -> &'static [u16] {
        &[5900, 5901, 5902, 5903, 5500]
    }

    /// A version, which either side begins with.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Tcp { level::looks(bytes) } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "vnc.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
