//! DNP3 over TCP and UDP (IEEE 1815-2012: the application of clause 4, the transport of clause 8, the link of clause 9,
//! the internet protocols of clause 13).
//!
//! Points are what a plant measures and does: they are never read. Every block is checked by its CRC.

mod crc;
mod events;
mod frame;

pub use events::*;

use crate::framed::{Framed, Messages, Start};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Dnp3;

static EVENTS: &[&EventSpec] = &[&link::SPEC, &application::SPEC];

impl Protocol for Dnp3 {
    fn word(&self) -> Word {
        Word::Dnp3
    }

    fn name(&self) -> &'static str {
        "dnp3"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp, Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[20000]
    }

    /// A link header whose CRC is right.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        match (transport, frame::start(bytes)) {
            (Transport::Tcp, Start::More(_)) => Verdict::Unsure,
            (Transport::Tcp | Transport::Udp, Start::Message { .. }) => Verdict::Yes,
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<Framed<Frames>>::default())
    }

    /// A datagram holds one frame or several.
    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let mut at = 0usize;
        let mut result = Ok(());
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Start::Message { read, .. } = frame::start(rest) else {
                return result.and(Err(Malformed { field: "dnp3.header", at }));
            };
            let within = rest.get(..read).unwrap_or(rest);
            result = result
                .and(frame::read(within, sink).map_err(|error| Malformed { at: error.at.saturating_add(at), ..error }));
            at = at.saturating_add(read);
        }
        result
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

#[derive(Default)]
struct Frames;

impl Messages for Frames {
    const NONE: &'static str = "dnp3.header";
    const CUT: &'static str = "dnp3.cut";
    const LOST: &'static str = "dnp3.lost";

    fn start(&self, _way: Way, bytes: &[u8]) -> Start {
        frame::start(bytes)
    }

    fn read(&mut self, _way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        frame::read(message, sink)
    }
}
