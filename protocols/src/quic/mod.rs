//! QUIC versions 1 and 2 (RFC 9000, RFC 9001, RFC 9369): the hellos in its first packets, which are sealed with keys
//! that anybody can make. All else is sealed and passes by.

mod events;
mod keys;
mod packet;
mod session;

pub use events::*;
pub use keys::INITIAL_MAX;
pub use packet::ID_MAX;
pub use session::{COALESCED_MAX, OPENED_MAX, VERSIONS_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Session, Sink, Transport, Verdict, Way};
use holter_terms::{Protocol as Word, Visibility};

pub struct Quic;

static EVENTS: &[&EventSpec] = &[&hello::SPEC, &server_hello::SPEC, &retry::SPEC, &negotiation::SPEC];

impl Protocol for Quic {
    fn word(&self) -> Word {
        Word::Quic
    }

    fn name(&self) -> &'static str {
        "quic"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    /// HTTP/3, DNS (RFC 9250), and what tests use.
    fn ports(&self) -> &'static [u16] {
        &[443, 853, 4433, 8443]
    }

    /// A long header of a known version, whose lengths fit the datagram.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Udp { packet::looks(bytes) } else { Verdict::No }
    }

    fn visibility(&self) -> Visibility {
        Visibility::Encrypted
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn session(&self) -> Option<Box<dyn Session>> {
        Some(Box::<session::Conversation>::default())
    }

    fn datagram(&self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        session::Conversation::default().datagram(way, bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
