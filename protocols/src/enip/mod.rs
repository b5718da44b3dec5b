//! EtherNet/IP: the encapsulation of CIP (CIP Networks Library, Volume 2, chapter 2), over TCP and UDP.
//!
//! What a controller is asked to read, write or run is told by its service and class; the data never is.

mod cip;
mod encapsulation;
mod events;

pub use encapsulation::{ITEMS_MAX, READ_MAX};
pub use events::*;

use crate::framed::{Framed, Messages, Start};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Enip;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &identity::SPEC];

impl Protocol for Enip {
    fn word(&self) -> Word {
        Word::Enip
    }

    fn name(&self) -> &'static str {
        "enip"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp, Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[44818]
    }

    /// A command, a status and options that exist, and a length that is the command's.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Tcp | Transport::Udp => encapsulation::looks(bytes, transport == Transport::Udp),
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<Framed<Packets>>::default())
    }

    /// A datagram holds one packet.
    fn datagram(&self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        encapsulation::read(way, bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

#[derive(Default)]
struct Packets;

impl Messages for Packets {
    const NONE: &'static str = "enip.header";
    const CUT: &'static str = "enip.cut";
    const LOST: &'static str = "enip.lost";

    fn start(&self, _way: Way, bytes: &[u8]) -> Start {
        encapsulation::start(bytes)
    }

    fn found(&self, _way: Way, bytes: &[u8]) -> Start {
        encapsulation::found(bytes)
    }

    fn read(&mut self, way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        encapsulation::read(way, message, sink)
    }
}
