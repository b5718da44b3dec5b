//! DCE/RPC over TCP: the endpoint mapper and the ports that it hands out (C706 12, MS-RPCE 2.2.2).

pub(crate) mod codec;
mod events;
mod stream;

pub use codec::INTERFACES_MAX;
pub use events::*;
pub use stream::{CONTEXTS_MAX, FRAGMENT_MAX, HEAD_MAX};

use crate::frames::{Frames, Stream};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Dcerpc;

static EVENTS: &[&EventSpec] = &[&pdu::SPEC];

impl Protocol for Dcerpc {
    fn word(&self) -> Word {
        Word::Dcerpc
    }

    fn name(&self) -> &'static str {
        "dcerpc"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    /// The endpoint mapper; all others are dynamic.
    fn ports(&self) -> &'static [u16] {
        &[135]
    }

    /// A whole header that does not contradict itself.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Tcp { stream::Fragments::begins(way, bytes) } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Stream::new(stream::Fragments::default())))
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "dcerpc.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
