//! ONC RPC (RFC 5531) over UDP and TCP, with the port mapper (RFC 1833), and of mount and NFS what is called and how it
//! ended (RFC 1094, 1813, 7530). Files and their names pass unread.

mod codec;
mod events;
mod stream;

pub use codec::{NAME_MAX, PENDING_MAX};
pub use events::*;
pub use stream::{FRAGMENT_MAX, HEAD_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Session, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Rpc;

static EVENTS: &[&EventSpec] = &[&call::SPEC, &reply::SPEC];

impl Protocol for Rpc {
    fn word(&self) -> Word {
        Word::Rpc
    }

    fn name(&self) -> &'static str {
        "rpc"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp, Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[111, 2049]
    }

    /// A call of a well-known program, whose credentials have the form of one. A reply is no more than likely.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Udp => codec::looks(way, bytes, bytes.len()),
            Transport::Tcp => stream::begins(way, bytes),
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<stream::Stream>::default())
    }

    fn session(&self) -> Option<Box<dyn Session>> {
        Some(Box::<Datagrams>::default())
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::decode(bytes, bytes.len() as u64, &mut codec::Pending::default(), sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

#[derive(Default)]
struct Datagrams {
    pending: codec::Pending,
}

impl Session for Datagrams {
    fn datagram(&mut self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::decode(bytes, bytes.len() as u64, &mut self.pending, sink)
    }

    fn held(&self) -> usize {
        0
    }
}
