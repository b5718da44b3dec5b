//! S7 communication over ISO transport on TCP (RFC 1006, RFC 905). The protocol itself has no public standard: names and
//! layouts are those of its independent implementations (Snap7, Wireshark).
//!
//! RDP, MMS and H.323 stand on the same transport: only the protocol id behind it, or the transport addresses that S7
//! gives to racks and slots, make it S7.

mod events;
mod frame;
mod list;
mod pdu;

pub use events::*;
pub use list::RECORDS_MAX;

use crate::framed::{Framed, Messages, Start};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct S7comm;

static EVENTS: &[&EventSpec] = &[&connect::SPEC, &message::SPEC, &module::SPEC];

impl Protocol for S7comm {
    fn word(&self) -> Word {
        Word::S7comm
    }

    fn name(&self) -> &'static str {
        "s7comm"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[102]
    }

    /// A data unit whose lengths agree, or a connection between transport addresses as S7 forms them.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Tcp { frame::looks(bytes) } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<Framed<Packets>>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "s7comm.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

#[derive(Default)]
struct Packets {
    /// The data unit before was not the end of its message, by direction.
    inside: [bool; 2],
}

impl Packets {
    fn inside(&mut self, way: Way) -> &mut bool {
        let [to_server, to_client] = &mut self.inside;
        if way == Way::ToServer { to_server } else { to_client }
    }
}

impl Messages for Packets {
    const NONE: &'static str = "s7comm.tpkt";
    const CUT: &'static str = "s7comm.cut";
    const LOST: &'static str = "s7comm.lost";

    fn start(&self, _way: Way, bytes: &[u8]) -> Start {
        frame::start(bytes)
    }

    fn read(&mut self, way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        frame::read(message, self.inside(way), sink)
    }

    fn lost(&mut self, way: Way) {
        *self.inside(way) = false;
    }
}
