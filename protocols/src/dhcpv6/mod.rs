//! DHCP for IPv6 (RFC 8415).

mod codec;
mod events;
mod room;

pub use codec::{ADDRESSES_MAX, OPTIONS_MAX, RELAYS_MAX, REQUESTED_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Dhcpv6;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Dhcpv6 {
    fn word(&self) -> Word {
        Word::Dhcpv6
    }

    fn name(&self) -> &'static str {
        "dhcpv6"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[546, 547]
    }

    /// A message type and options that fill the datagram to its last byte.
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
