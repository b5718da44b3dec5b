//! Telnet (RFC 854): that options are negotiated, and the banner of a few devices. Text is never read for anything else.

mod decoder;
mod events;
mod opening;

pub use decoder::{BANNER_MAX, SUBNEGOTIATION_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Telnet;

static EVENTS: &[&EventSpec] = &[&negotiation::SPEC, &banner::SPEC];

impl Protocol for Telnet {
    fn word(&self) -> Word {
        Word::Telnet
    }

    fn name(&self) -> &'static str {
        "telnet"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[23]
    }

    /// Two negotiations or a banner that is known, and nothing else that is not Telnet. One negotiation, and text, are no
    /// more than likely.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            Verdict::No
        } else if way == Way::ToClient && decoder::known(bytes).is_some() {
            Verdict::Yes
        } else {
            opening::looks(bytes)
        }
    }

    fn stream(&self) -> std::option::Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "telnet.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
