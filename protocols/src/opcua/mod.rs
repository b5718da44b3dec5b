//! OPC UA over TCP (OPC 10000-6, 7.1: the connection protocol; 6.7: secure conversation).
//!
//! Whether a channel signs or encrypts is said when it is opened; which service a message calls can be read only where
//! it does not encrypt.

mod codec;
mod events;

pub use codec::READ_MAX;
pub use events::*;

use crate::framed::{Framed, Messages, Start};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Opcua;

static EVENTS: &[&EventSpec] = &[&chunk::SPEC, &hello::SPEC, &acknowledge::SPEC, &error::SPEC, &open::SPEC];

impl Protocol for Opcua {
    fn word(&self) -> Word {
        Word::Opcua
    }

    fn name(&self) -> &'static str {
        "opcua"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[4840]
    }

    /// The three letters of a message, the letter of a chunk, and a size that is possible for them.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        match codec::start(bytes) {
            Start::Message { .. } => Verdict::Yes,
            Start::More(_) => Verdict::Unsure,
            Start::No => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<Framed<Chunks>>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "opcua.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

#[derive(Default)]
struct Chunks {
    /// The channel was opened with a policy other than none: what its messages hold cannot be told.
    secured: bool,
    /// The chunk before was not the last of its message, by direction.
    inside: [bool; 2],
}

impl Messages for Chunks {
    const NONE: &'static str = "opcua.header";
    const CUT: &'static str = "opcua.cut";
    const LOST: &'static str = "opcua.lost";

    fn start(&self, _way: Way, bytes: &[u8]) -> Start {
        codec::start(bytes)
    }

    fn read(&mut self, way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let [to_server, to_client] = &mut self.inside;
        let inside = if way == Way::ToServer { to_server } else { to_client };
        codec::read(message, &mut self.secured, inside, sink)
    }
}
