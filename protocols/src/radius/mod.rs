//! RADIUS over UDP: authentication, accounting, and changes of authorisation.

mod codec;
mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Radius;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Radius {
    fn word(&self) -> Word {
        Word::Radius
    }

    fn name(&self) -> &'static str {
        "radius"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    /// Registered, those of old, and dynamic authorisation.
    fn ports(&self) -> &'static [u16] {
        &[1812, 1813, 1645, 1646, 3799]
    }

    /// A header whose length is that of the datagram, filled by attributes. There is no magic number, so that a packet
    /// counts for itself only if its attributes are many and well formed.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Udp { codec::looks(bytes) } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::decode(bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
