//! Modbus/TCP (Modbus Messaging on TCP/IP Implementation Guide V1.0b; Application Protocol Specification V1.1b3).
//!
//! Registers and coils are what a plant measures and does: they are counted and never read. What a device says of
//! itself (read device identification, 43/14) is.

mod adu;
mod events;

pub use adu::{DATA_MAX, OBJECTS_MAX};
pub use events::*;

use crate::framed::{Framed, Messages, Start};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Modbus;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &identification::SPEC];

impl Protocol for Modbus {
    fn word(&self) -> Word {
        Word::Modbus
    }

    fn name(&self) -> &'static str {
        "modbus"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[502]
    }

    /// A header whose protocol is 0, and a length that is the one of its function. Where the length cannot be checked,
    /// it has the form of Modbus and no more.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp { Verdict::No } else { adu::looks(bytes) }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<Framed<Adus>>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "modbus.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

#[derive(Default)]
struct Adus;

impl Messages for Adus {
    const NONE: &'static str = "modbus.header";
    const CUT: &'static str = "modbus.cut";
    const LOST: &'static str = "modbus.lost";

    fn start(&self, _way: Way, bytes: &[u8]) -> Start {
        adu::start(bytes)
    }

    fn found(&self, _way: Way, bytes: &[u8]) -> Start {
        adu::found(bytes)
    }

    fn read(&mut self, way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        adu::read(way, message, sink)
    }
}
