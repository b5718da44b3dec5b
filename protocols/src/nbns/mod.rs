//! NetBIOS name service over UDP (RFC 1001, RFC 1002).

mod codec;
mod events;

pub use codec::{NAMES_MAX, RECORDS_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Nbns;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &record::SPEC, &node::SPEC, &node_name::SPEC];

impl Protocol for Nbns {
    fn word(&self) -> Word {
        Word::Nbns
    }

    fn name(&self) -> &'static str {
        "nbns"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[137]
    }

    /// A header and a first name of 32 letters A to P.
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
