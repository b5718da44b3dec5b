//! Link Layer Discovery Protocol (IEEE 802.1AB) with the media endpoint extensions (ANSI/TIA-1057).

mod codec;
mod events;

pub use codec::{ADDRESSES_MAX, ELEMENTS_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Lldp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Lldp {
    fn word(&self) -> Word {
        Word::Lldp
    }

    fn name(&self) -> &'static str {
        "lldp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Ether(0x88cc)]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    /// Chassis, port and time to live stand first, in this order.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Ether(0x88cc) { codec::looks(bytes) } else { Verdict::No }
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
