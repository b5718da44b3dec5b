//! BACnet/IP (ASHRAE 135: the virtual link of Annex J, the network layer of clause 6, the application of clause 20).
//!
//! What a building measures and does is never read: of an application message its service, the objects and properties
//! that it names, and what a device says of its own make.

mod apdu;
mod events;
mod link;
mod objects;
mod tag;

pub use events::*;
pub use objects::OBJECTS_MAX;
pub use tag::DEPTH_MAX;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Bacnet;

static EVENTS: &[&EventSpec] = &[&message::SPEC, &device::SPEC, &identity::SPEC];

impl Protocol for Bacnet {
    fn word(&self) -> Word {
        Word::Bacnet
    }

    fn name(&self) -> &'static str {
        "bacnet"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    /// BAC0 and those behind it, by which several networks share a wire.
    fn ports(&self) -> &'static [u16] {
        &[
            47808, 47809, 47810, 47811, 47812, 47813, 47814, 47815, 47816, 47817, 47818, 47819, 47820, 47821, 47822,
            47823,
        ]
    }

    /// The virtual link's type, a function of it, a length that is the datagram's, and a network header of version 1.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Udp { link::looks(bytes) } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        link::read(bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
