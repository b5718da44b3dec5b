//! Cisco Discovery Protocol, version 1 and 2, behind its SNAP header.

mod codec;
mod events;

pub use codec::{ADDRESSES_MAX, ELEMENTS_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Cdp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Cdp {
    fn word(&self) -> Word {
        Word::Cdp
    }

    fn name(&self) -> &'static str {
        "cdp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Llc, Transport::Ether(codec::NUMBER)]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    /// The SNAP header of Cisco with the number of this protocol, or that number as the type of what GRE carries.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Llc => codec::looks(bytes),
            Transport::Ether(codec::NUMBER) => codec::looks_bare(bytes),
            _ => Verdict::No,
        }
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
