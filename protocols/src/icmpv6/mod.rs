//! ICMP for IPv6 (RFC 4443) with neighbour discovery (RFC 4861) and multicast listeners (RFC 2710, RFC 3810).

mod codec;
mod events;

pub use codec::{GROUPS_MAX, NAME_SERVERS_MAX, OPTIONS_MAX, PREFIXES_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Icmpv6;

static EVENTS: &[&EventSpec] =
    &[&message::SPEC, &neighbor::SPEC, &router::SPEC, &prefix::SPEC, &redirect::SPEC, &group::SPEC];

impl Protocol for Icmpv6 {
    fn word(&self) -> Word {
        Word::Icmp
    }

    fn name(&self) -> &'static str {
        "icmpv6"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Ip(58)]
    }

    fn ports(&self) -> &'static [u16] {
        &[]
    }

    /// The number in the IP header has told; noise is not taken as sure.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Ip(58) { codec::looks(bytes) } else { Verdict::No }
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
