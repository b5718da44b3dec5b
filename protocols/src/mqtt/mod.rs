//! MQTT 3.1, 3.1.1 and 5 over TCP. Payloads pass unread.

mod codec;
mod decoder;
mod events;

pub use codec::TOPICS_MAX;
pub use decoder::HEAD_MAX;
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Mqtt;

static EVENTS: &[&EventSpec] = &[&packet::SPEC, &connect::SPEC];

impl Protocol for Mqtt {
    fn word(&self) -> Word {
        Word::Mqtt
    }

    fn name(&self) -> &'static str {
        "mqtt"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[1883]
    }

    /// A CONNECT packet names the protocol; of others only the form can be seen.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        codec::looks(way, bytes)
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "mqtt.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
