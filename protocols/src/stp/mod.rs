//! Spanning tree: STP, RSTP and MSTP (IEEE 802.1Q-2018 14), and Cisco's tree of each VLAN.

mod codec;
mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Stp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Stp {
    fn word(&self) -> Word {
        Word::Stp
    }

    fn name(&self) -> &'static str {
        "stp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Llc]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    /// The LLC header of bridges, or Cisco's, and the head of a BPDU.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Llc { codec::looks(bytes) } else { Verdict::No }
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
