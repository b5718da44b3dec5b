//! Kerberos 5 over UDP and TCP (RFC 4120).

mod codec;
mod events;
mod stream;

pub use codec::{ETYPES_MAX, NAME_MAX, PADATA_MAX};
pub use events::*;
pub use stream::MESSAGE_MAX;

use crate::frames::{Frames, Stream};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Kerberos;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Kerberos {
    fn word(&self) -> Word {
        Word::Kerberos
    }

    fn name(&self) -> &'static str {
        "kerberos"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp, Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[88]
    }

    /// The tag of a message, the version 5, and the type of message that goes with the tag.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Tcp => stream::Messages::begins(way, bytes),
            Transport::Udp => match codec::looks(bytes, bytes.len()) {
                Verdict::Unsure => Verdict::No,
                verdict => verdict,
            },
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Stream::new(stream::Messages)))
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::decode(bytes, true, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
