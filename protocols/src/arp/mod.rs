//! Address Resolution Protocol for IPv4 over links with addresses of six bytes (RFC 826).

mod codec;
mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Arp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Arp {
    fn word(&self) -> Word {
        Word::Arp
    }

    fn name(&self) -> &'static str {
        "arp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Ether(0x0806)]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    /// Kinds and lengths of both addresses.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Ether(0x0806) { codec::looks(bytes) } else { Verdict::No }
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
