//! The control connection of FTP (RFC 959, TLS RFC 4217). Data connections have nothing that marks them as FTP's.

mod decoder;
mod events;
mod words;

pub use decoder::{LINE_MAX, REPLY_LINES_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way, line};
use holter_terms::Protocol as Word;
use memchr::{memchr, memmem};

pub struct Ftp;

static EVENTS: &[&EventSpec] = &[&command::SPEC, &reply::SPEC];

/// A first line that is longer is no greeting and no first command.
const FIRST_LINE_MAX: usize = 512;

impl Protocol for Ftp {
    fn word(&self) -> Word {
        Word::Ftp
    }

    fn name(&self) -> &'static str {
        "ftp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[21]
    }

    /// A greeting that says FTP and not SMTP, or a command that only FTP has. USER is POP3's too.
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
        match way {
            Way::ToClient => greeting(text, whole),
            Way::ToServer => first_command(text, whole),
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Control>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "ftp.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

fn greeting(text: &[u8], whole: bool) -> Verdict {
    let begun = [&b"220 "[..], b"220-", b"120 ", b"421 "].iter().any(|start| text.starts_with(start));
    if !begun {
        let may = !whole && text.len() < 4 && [&b"220"[..], b"120", b"421"].iter().any(|start| start.starts_with(text));
        return if may { Verdict::Unsure } else { Verdict::No };
    }
    if !whole {
        return Verdict::Unsure;
    }
    let names = |name| memmem::find(text, name).is_some();
    let product = line::product(text, words::PRODUCTS).is_some();
    match (names(b"SMTP"), names(b"FTP") || product) {
        (true, _) => Verdict::No,
        (false, true) => Verdict::Yes,
        (false, false) => Verdict::Likely,
    }
}

fn first_command(text: &[u8], whole: bool) -> Verdict {
    let Some((verb, argument)) = line::word(text, words::COMMANDS) else {
        let begins = |word: &&[u8]| word.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
        let may = !whole && words::COMMANDS.iter().any(begins);
        return if may { Verdict::Unsure } else { Verdict::No };
    };
    if !whole {
        return Verdict::Unsure;
    }
    match verb {
        b"AUTH" if line::word(argument, words::MECHANISMS).is_some_and(|(word, _)| word != b"GSSAPI") => Verdict::Yes,
        b"PORT" if words::host_port(argument).is_some() => Verdict::Yes,
        b"EPRT" if words::extended(argument).is_some() => Verdict::Yes,
        b"USER" | b"PASS" | b"QUIT" => Verdict::Likely,
        _ if words::ONLY_FTP.contains(&verb) => Verdict::Likely,
        _ => Verdict::No,
    }
}
