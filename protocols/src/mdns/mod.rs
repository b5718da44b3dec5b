//! Multicast DNS (RFC 6762) with service discovery (RFC 6763).
//!
//! Names here are of three kinds, and only two may be read: a type of service that the dictionary knows, and the name
//! of a host. The name of an instance is what a person wrote ("Jane's recorder"), and so is anything else.

mod codec;
mod events;
mod name;
mod services;

pub use codec::{QUESTIONS_MAX, RECORDS_MAX};
pub use events::*;
pub use services::SERVICES;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Mdns;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &question::SPEC, &record::SPEC];

impl Protocol for Mdns {
    fn word(&self) -> Word {
        Word::Mdns
    }

    fn name(&self) -> &'static str {
        "mdns"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[5353]
    }

    /// The form is that of DNS: the port tells, but for names that only multicast DNS asks for.
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
