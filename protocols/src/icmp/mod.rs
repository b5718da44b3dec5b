//! Internet Control Message Protocol (RFC 792).

mod codec;
mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Icmp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Icmp {
    fn word(&self) -> Word {
        Word::Icmp
    }

    fn name(&self) -> &'static str {
        "icmp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Ip(1)]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    /// The number in the IP header has told; noise is not taken as sure.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Ip(1) { codec::looks(bytes) } else { Verdict::No }
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
