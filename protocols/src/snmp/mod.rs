//! SNMP versions 1, 2c and 3 over UDP.
//!
//! What a binding holds may be anything, a patient's name on a monitor's display too; only the three values of the
//! system group that describe the machine are read. The index within an object identifier can spell a user's name
//! (RFC 2578 7.7), so that an identifier is cut where it begins to look like one.

mod codec;
mod events;
mod names;

pub use events::*;
pub use names::{OID_TEXT_MAX, OIDS_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Snmp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Snmp {
    fn word(&self) -> Word {
        Word::Snmp
    }

    fn name(&self) -> &'static str {
        "snmp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[161, 162]
    }

    /// One sequence that fills the datagram, a version, and what must stand behind it.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Udp && codec::looks(bytes) { Verdict::Yes } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::decode(bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
