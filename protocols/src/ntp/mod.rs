//! Network Time Protocol, version 1 to 4 (RFC 5905), its control messages (RFC 9327) and the private ones of ntpd.

mod codec;
mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Ntp;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &control::SPEC, &private::SPEC];

impl Protocol for Ntp {
    fn word(&self) -> Word {
        Word::Ntp
    }

    fn name(&self) -> &'static str {
        "ntp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[123]
    }

    /// An answer whose fields agree is sure; all else needs the port.
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
