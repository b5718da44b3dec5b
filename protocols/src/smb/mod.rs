//! SMB 1 to 3 over TCP, bare or in NetBIOS sessions, and in NetBIOS datagrams (MS-CIFS, MS-SMB, MS-SMB2, RFC 1002).
//!
//! What is told is who connects to what: dialects, systems, hosts, users and shares, and the status of each command. What
//! is done with files, their names included, is passed. An encrypted message says only that it is there.

mod dialects;
mod events;
mod mailslot;
mod piped;
mod setup;
mod stream;
mod v1;
mod v2;

pub use dialects::OFFERED_MAX;
pub use events::*;
pub use setup::TEXT_MAX;
pub use stream::{HEAD_MAX, MESSAGE_MAX, PIPE_MAX};
pub use v1::CHAIN_MAX;

use crate::frames::{Frames, Stream};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Smb;

static EVENTS: &[&EventSpec] =
    &[&message::SPEC, &negotiate::SPEC, &session::SPEC, &tree::SPEC, &pipe::SPEC, &netbios::SPEC, &datagram::SPEC];

impl Protocol for Smb {
    fn word(&self) -> Word {
        Word::Smb
    }

    fn name(&self) -> &'static str {
        "smb"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp, Transport::Udp]
    }

    /// Bare, in NetBIOS sessions and in NetBIOS datagrams.
    fn ports(&self) -> &'static [u16] {
        &[445, 139, 138]
    }

    /// The mark of the protocol behind a length, or the names of a NetBIOS session or datagram.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Tcp => stream::Conversation::begins(way, bytes),
            Transport::Udp => mailslot::looks(bytes),
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Stream::new(stream::Conversation::default())))
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        mailslot::decode(bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
