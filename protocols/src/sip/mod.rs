//! Session Initiation Protocol (RFC 3261) over UDP and TCP. Who calls whom is not read: of addresses only the domains.

mod events;
mod message;
mod stream;

pub use events::*;
pub use stream::HEAD_MAX;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Sip;

static EVENTS: &[&EventSpec] = &[&request::SPEC, &response::SPEC];

impl Protocol for Sip {
    fn word(&self) -> Word {
        Word::Sip
    }

    fn name(&self) -> &'static str {
        "sip"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp, Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[5060]
    }

    /// A first line that names the version. Either end may ask.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        match (transport, message::looks(bytes)) {
            (Transport::Udp, Verdict::Unsure) => Verdict::No,
            (Transport::Udp | Transport::Tcp, verdict) => verdict,
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<stream::Stream>::default())
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        if message::keeps_alive(bytes) {
            return Ok(());
        }
        message::head(bytes, sink).map(|_| ())
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
