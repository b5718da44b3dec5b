//! Trivial File Transfer Protocol (RFC 1350, options RFC 2347).
//!
//! A request goes to the usual port. The file itself runs between two other ports, and nothing in it tells what it is: it is
//! not looked for.

mod codec;
mod events;

pub use codec::OPTIONS_MAX;
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Tftp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Tftp {
    fn word(&self) -> Word {
        Word::Tftp
    }

    fn name(&self) -> &'static str {
        "tftp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[69]
    }

    /// A request with a name, a known mode and nothing behind but pairs of options.
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
