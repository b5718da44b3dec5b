//! Syslog over UDP (RFC 5426) and TCP (RFC 6587), in the form of RFC 5424 and that of RFC 3164.
//!
//! The text of a message is never read but for the mark of an audit message (DICOM PS3.15 A.5, IHE ATNA).

mod codec;
mod events;
mod stream;

pub use codec::{HOST_MAX, TAG_MAX};
pub use events::*;
pub use stream::{HEAD_MAX, LENGTH_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Syslog;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

impl Protocol for Syslog {
    fn word(&self) -> Word {
        Word::Syslog
    }

    fn name(&self) -> &'static str {
        "syslog"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp, Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[514, 601, 1468]
    }

    /// A priority with a version and a time, or with a time of the older form; a priority alone is no more than likely.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        match (transport, way) {
            (Transport::Udp, _) => codec::looks(bytes, true),
            (Transport::Tcp, Way::ToServer) => stream::begins(bytes),
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<stream::Stream>::default())
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        codec::decode(bytes, bytes.len() as u64, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
