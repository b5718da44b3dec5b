//! Link-local multicast name resolution (RFC 4795).

mod codec;
mod events;

pub use codec::RECORDS_MAX;
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Llmnr;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &record::SPEC];

impl Protocol for Llmnr {
    fn word(&self) -> Word {
        Word::Llmnr
    }

    fn name(&self) -> &'static str {
        "llmnr"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[5355]
    }

    /// The form is that of DNS: only the port tells.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Udp && codec::looks(bytes) { Verdict::Likely } else { Verdict::No }
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
