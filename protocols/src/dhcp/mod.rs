//! DHCP for IPv4 and BOOTP (RFC 2131, options RFC 2132, long options RFC 3396, client FQDN RFC 4702).

mod codec;
mod events;
mod options;

pub use codec::OPTION_FIELD_MAX;
pub use events::*;
pub use options::{JOINED_MAX, OPTIONS_MAX, PARTS_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Dhcp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Dhcp {
    fn word(&self) -> Word {
        Word::Dhcp
    }

    fn name(&self) -> &'static str {
        "dhcp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[67, 68]
    }

    /// The fixed part with the magic cookie behind it, or BOOTP's 300 bytes.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Udp && codec::looks(bytes) { Verdict::Yes } else { Verdict::No }
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
