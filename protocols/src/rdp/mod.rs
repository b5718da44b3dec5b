//! Remote Desktop Protocol over TCP (MS-RDPBCGR): who asks whom and which security they agree on.
//!
//! TLS and CredSSP begin behind the confirmation and are another decoder's. With RDP's own security, what both sides say
//! of themselves is read; the session that follows passes unread.

mod connect;
mod events;
mod frame;
mod gcc;

pub use events::*;
pub use gcc::BLOCKS_MAX;

use crate::framed::{Framed, Messages, Start};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

pub struct Rdp;

static EVENTS: &[&EventSpec] = &[&request::SPEC, &confirm::SPEC, &client::SPEC, &server::SPEC];

impl Protocol for Rdp {
    fn word(&self) -> Word {
        Word::Rdp
    }

    fn name(&self) -> &'static str {
        "rdp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[3389]
    }

    /// A connection that is asked for or confirmed as RDP does it, or the data of a conference with its key. The bare
    /// transport is shared with S7, MMS and H.323.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        if transport == Transport::Tcp { frame::looks(way, bytes) } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<Framed<Packets>>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "rdp.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

#[derive(Default)]
struct Packets {
    /// Data units were seen, so that the short packets of a session may follow.
    session: bool,
    /// The server chose a protocol that begins with TLS.
    secured: bool,
}

impl Messages for Packets {
    const NONE: &'static str = "rdp.tpkt";
    const CUT: &'static str = "rdp.cut";
    const LOST: &'static str = "rdp.lost";

    fn start(&self, _way: Way, bytes: &[u8]) -> Start {
        frame::start(bytes, self.session)
    }

    /// A short packet is known by so little that any noise would be taken for one.
    fn found(&self, _way: Way, bytes: &[u8]) -> Start {
        frame::found(bytes)
    }

    /// TLS also tells of itself where what agreed on it was not seen.
    fn over(&self, bytes: &[u8]) -> bool {
        self.secured || bytes.starts_with(&frame::TLS)
    }

    fn read(&mut self, way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        match frame::kind(message) {
            Some(frame::CONNECT) => connect::request(message, sink),
            Some(frame::CONFIRM) => {
                self.secured = connect::confirm(message, sink)?;
                Ok(())
            }
            Some(frame::DATA) => {
                self.session = true;
                gcc::read(way, message, sink)
            }
            _ => Ok(()),
        }
    }
}
