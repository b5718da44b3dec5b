//! LDAP version 2 and 3 over TCP, and its searches over UDP (RFC 4511, MS-ADTS 6.3.3).
//!
//! After StartTLS the conversation is another protocol's. After a SASL bind that agreed on a layer of its own, what is
//! only signed is read, and what is encrypted is passed by its lengths (RFC 4422 3.7).

mod codec;
mod events;
mod stream;

pub use codec::MECHANISM_MAX;
pub use events::*;
pub use stream::{HEAD_MAX, MESSAGE_MAX};

use crate::frames::{Frames, Stream};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Ldap;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Ldap {
    fn word(&self) -> Word {
        Word::Ldap
    }

    fn name(&self) -> &'static str {
        "ldap"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp, Transport::Udp]
    }

    /// Registered, and the global catalogue.
    fn ports(&self) -> &'static [u16] {
        &[389, 3268]
    }

    /// A sequence, a message id, and an operation that begins as that one does.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Tcp => stream::Messages::begins(way, bytes),
            Transport::Udp => match codec::looks(bytes) {
                Verdict::Yes if codec::fills(bytes) => Verdict::Yes,
                Verdict::Yes => Verdict::Likely,
                _ => Verdict::No,
            },
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Stream::new(stream::Messages::default())))
    }

    /// A datagram may hold several messages: entries, and the end of the search.
    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::datagram(bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
