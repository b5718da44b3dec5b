//! SMTP (RFC 5321) up to STARTTLS. Messages pass unread.

mod decoder;
mod events;
mod words;

pub use decoder::{CHUNK_MAX, LINE_MAX, OUTSTANDING_MAX, REPLY_LINES_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way, line};
use holter_terms::Protocol as Word;
use memchr::{memchr, memmem};

pub struct Smtp;

static EVENTS: &[&EventSpec] = &[&command::SPEC, &reply::SPEC, &data::SPEC];

/// A first line that is longer is no greeting and no first command.
const FIRST_LINE_MAX: usize = 512;

impl Protocol for Smtp {
    fn word(&self) -> Word {
        Word::Smtp
    }

    fn name(&self) -> &'static str {
        "smtp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[25, 587, 2525]
    }

    /// A greeting that says SMTP, or a command whose form only SMTP has.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Tcp {
            return Verdict::No;
        }
        let text = bytes.get(..memchr(b'\n', bytes).unwrap_or(bytes.len())).unwrap_or_default();
        let whole = text.len() < bytes.len();
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.len() > FIRST_LINE_MAX || !line::is_text(text) {
            return Verdict::No;
        }
        let starts: &[&[u8]] = match way {
            Way::ToClient => &[b"220 ", b"220-", b"421 ", b"554 "],
            Way::ToServer => &[b"EHLO ", b"HELO ", b"LHLO ", b"MAIL FROM:", b"RCPT TO:"],
        };
        let begun = starts.iter().any(|start| {
            let length = start.len().min(text.len());
            text.get(..length).unwrap_or_default().eq_ignore_ascii_case(start.get(..length).unwrap_or_default())
                && (!whole || text.len() >= start.len())
        });
        match (begun, whole, way) {
            (false, ..) => Verdict::No,
            (true, false, _) => Verdict::Unsure,
            (true, true, Way::ToServer) => Verdict::Yes,
            (true, true, Way::ToClient) if memmem::find(text, b"SMTP").is_some() => Verdict::Yes,
            (true, true, Way::ToClient) => Verdict::Likely,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Link>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "smtp.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
