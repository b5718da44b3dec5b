//! TLS and SSL over TCP, DTLS over UDP (RFC 8446, RFC 5246, RFC 6347, RFC 9147), on whatever port.
//!
//! Read is what is said before the keys are there: hellos, certificates up to TLS 1.2, alerts. What is sealed passes by
//! unread, whatever it carries: DICOM over TLS is TLS, told by its port or application protocol.

mod datagrams;
mod events;
mod layer;
mod messages;
mod ssl2;
mod stream;
mod x509;

pub use events::*;
pub use layer::RECORD_MAX;
pub use stream::MESSAGE_MAX;
pub use x509::{CHAIN_MAX, NAMES_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Session, Sink, Transport, Verdict, Way};
use holter_terms::{Protocol as Word, Visibility};

pub struct Tls;

static EVENTS: &[&EventSpec] =
    &[&record::SPEC, &client_hello::SPEC, &server_hello::SPEC, &handshake::SPEC, &certificate::SPEC, &alert::SPEC];

impl Protocol for Tls {
    fn word(&self) -> Word {
        Word::Tls
    }

    fn name(&self) -> &'static str {
        "tls"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp, Transport::Udp]
    }

    /// HTTPS, DICOM over TLS (PS3.15), and others that begin with TLS.
    fn ports(&self) -> &'static [u16] {
        &[443, 2762, 8443, 465, 636, 853, 989, 990, 993, 995, 3269, 4433, 5061, 5684, 6514, 8883]
    }

    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        match transport {
            Transport::Tcp => stream::looks(bytes),
            Transport::Udp => datagrams::looks(bytes),
            _ => Verdict::No,
        }
    }

    fn visibility(&self) -> Visibility {
        Visibility::Encrypted
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<stream::Stream>::default())
    }

    fn session(&self) -> Option<Box<dyn Session>> {
        Some(Box::<datagrams::Conversation>::default())
    }

    fn datagram(&self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        datagrams::Conversation::default().datagram(way, bytes, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
