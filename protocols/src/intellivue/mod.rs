//! Data export of Philips IntelliVue patient monitors over UDP, as the maker's public programming guide describes it:
//! which monitor there is, who associates with it, and what kinds of data are polled. No value that was measured, no wave
//! and nothing of a patient is read.

mod associate;
mod attributes;
mod codec;
mod events;

pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Intellivue;

static EVENTS: &[&EventSpec] = &[&association::SPEC, &message::SPEC, &system::SPEC, &poll::SPEC];

impl Protocol for Intellivue {
    fn word(&self) -> Word {
        Word::Intellivue
    }

    fn name(&self) -> &'static str {
        "intellivue"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    /// The data export, and what a monitor says to all.
    fn ports(&self) -> &'static [u16] {
        &[24105, 24005]
    }

    /// Headers whose lengths fill the datagram.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Udp {
            Verdict::No
        } else if let Some(verdict) = associate::looks(bytes) {
            verdict
        } else {
            codec::looks(bytes)
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        if associate::is(bytes) { associate::decode(bytes, sink) } else { codec::decode(bytes, sink) }
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
