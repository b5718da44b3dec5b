//! SSH (RFC 4253): what both sides say of themselves before they have keys.

mod events;
mod stream;

pub use events::*;
pub use stream::{LINE_MAX, LINES_MAX, PACKET_MAX};

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::{Protocol as Word, Visibility};

pub struct Ssh;

const STARTS: &[&[u8]] = &[b"SSH-2.0-", b"SSH-1.99-", b"SSH-1.5-", b"SSH-1.3-"];

static EVENTS: &[&EventSpec] = &[&banner::SPEC, &offer::SPEC];

impl Protocol for Ssh {
    fn word(&self) -> Word {
        Word::Ssh
    }

    fn name(&self) -> &'static str {
        "ssh"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[22, 2222]
    }

    /// The beginning of an identification.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            Verdict::No
        } else if STARTS.iter().any(|start| bytes.starts_with(start)) {
            Verdict::Yes
        } else if STARTS.iter().any(|start| start.starts_with(bytes)) {
            Verdict::Unsure
        } else {
            Verdict::No
        }
    }

    fn visibility(&self) -> Visibility {
        Visibility::Encrypted
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<stream::Stream>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "ssh.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
