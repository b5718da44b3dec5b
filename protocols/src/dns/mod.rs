//! DNS over UDP and TCP (RFC 1035, EDNS RFC 6891).
//!
//! Multicast DNS, LLMNR and NetBIOS name service share the form but not the meaning of DNS: what can be told apart by
//! content is not taken for it.

mod codec;
mod events;
mod stream;

pub use crate::domain::{NAME_WIRE_MAX, POINTERS_MAX};
pub use codec::RECORDS_MAX;
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Dns;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &record::SPEC];

impl Protocol for Dns {
    fn word(&self) -> Word {
        Word::Dns
    }

    fn name(&self) -> &'static str {
        "dns"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp, Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[53]
    }

    /// A header that does not contradict itself and one whole question.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Tcp => stream::begins(bytes),
            Transport::Udp if codec::first_answer_holds(bytes) => codec::looks(bytes, bytes.len()),
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<stream::Stream>::default())
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::decode(bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
