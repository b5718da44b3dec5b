//! HTTP/1.0, 1.1 and 2 in clear text (RFC 9110, 9112, 9113), with FHIR and DICOMweb by their routes.
//!
//! Only heads are read. Bodies pass unseen and are never inflated. Of a path that names patient data only the kind of
//! data is shown; ids, queries, cookies and credentials never become a value.

mod events;
mod hpack;
mod huffman;
mod link;
mod message;
mod pending;
mod route;
mod tables;
mod two;

pub use events::*;
pub use hpack::{ENTRIES_MAX, KEPT_MAX};
pub use link::{CHUNK_LINE_MAX, HEAD_MAX, LINE_MAX};
pub use pending::PENDING_MAX;
pub use two::{BLOCK_MAX, CONTINUATIONS_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Http;

static EVENTS: &[&EventSpec] = &[&request::SPEC, &response::SPEC];

impl Protocol for Http {
    fn word(&self) -> Word {
        Word::Http
    }

    fn name(&self) -> &'static str {
        "http"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    /// Usual for the web, image archives, WSDAPI and WS-Management.
    fn ports(&self) -> &'static [u16] {
        &[80, 8080, 8000, 8008, 8042, 8081, 8088, 8888, 3128, 5357, 5985]
    }

    /// A whole request or status line of HTTP/1, or how a connection of HTTP/2 begins.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        match two::begins(way, bytes) {
            Verdict::No => message::looks(way, bytes),
            verdict => verdict,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<link::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "http.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
