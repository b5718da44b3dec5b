//! Internet Group Management Protocol, versions 1 to 3 (RFC 1112, RFC 2236, RFC 3376): who listens to which group.

mod codec;
mod events;

pub use codec::RECORDS_MAX;
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Igmp;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &record::SPEC];

impl Protocol for Igmp {
    fn word(&self) -> Word {
        Word::Igmp
    }

    fn name(&self) -> &'static str {
        "igmp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Ip(2)]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    /// The number in the IP header has told; noise is not taken as sure.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Ip(2) { codec::looks(bytes) } else { Verdict::No }
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
