//! Simple Service Discovery Protocol: HTTP heads in datagrams (UPnP Device Architecture 2.0 1).

mod events;

pub use events::*;

use crate::event::Code;
use crate::fields::{Fields, decimal, split_line};
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_phi::{Because, Plain};
use holter_terms::Protocol as Word;
use memchr::memchr;

/// The longest type of devices or services that is shown.
pub const TARGET_MAX: usize = 128;

pub struct Ssdp;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

const SEARCH: &[u8] = b"M-SEARCH * HTTP/1.";
const NOTIFY: &[u8] = b"NOTIFY * HTTP/1.";
const ANSWER: &[u8] = b"HTTP/1.";

/// Types that say all devices, the root of each, and what was meant to tell them apart.
const WORDS: &[&str] = &["ssdp:all", "upnp:rootdevice", "ssdp:discover"];
const NOTICES: &[&str] = &["ssdp:alive", "ssdp:byebye", "ssdp:update"];

impl Protocol for Ssdp {
    fn word(&self) -> Word {
        Word::Ssdp
    }

    fn name(&self) -> &'static str {
        "ssdp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[1900]
    }

    /// A first line of its own; an answer is told by its search target.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Udp {
            return Verdict::No;
        }
        let (line, rest) = split_line(bytes);
        if line.starts_with(SEARCH) || line.starts_with(NOTIFY) {
            return Verdict::Yes;
        }
        if !line.starts_with(ANSWER) {
            return Verdict::No;
        }
        let field = |name| Fields::new(rest).flatten().any(|field| field.is(name));
        if field("st") && field("usn") { Verdict::Yes } else { Verdict::Likely }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let (line, rest) = split_line(bytes);
        let method = [(SEARCH, "M-SEARCH"), (NOTIFY, "NOTIFY")].into_iter().find(|(begin, _)| line.starts_with(begin));
        let status = line.strip_prefix(ANSWER).and_then(|after| decimal(after.get(2..5)?));
        if method.is_none() && status.is_none() {
            return Err(Malformed { field: "ssdp.start_line", at: 0 });
        }
        let equipment = |value| Some(Plain::new(value, Because::Site));
        let mut message = Message {
            method: method.map(|(_, method)| Plain::new(method.as_bytes(), Because::Vocabulary)),
            status: status.map(Code),
            notice: None,
            target: None,
            usn: false,
            location: None,
            host: None,
            server: None,
            user_agent: None,
        };
        let mut broken = false;
        for field in Fields::new(rest) {
            let Some(field) = field.filter(|field| !field.value.is_empty()) else {
                broken |= field.is_none();
                continue;
            };
            if field.is("st") || field.is("nt") {
                message.target = target(field.value);
            } else if field.is("nts") {
                message.notice = word(NOTICES, field.value);
            } else if field.is("usn") {
                message.usn = true;
            } else if field.is("location") {
                message.location = Some(Plain::new(without_query(field.value), Because::Site));
            } else if field.is("host") {
                message.host = Some(Plain::new(field.value, Because::Site));
            } else if field.is("server") {
                message.server = equipment(field.value);
            } else if field.is("user-agent") {
                message.user_agent = equipment(field.value);
            }
        }
        if broken {
            sink.weird("ssdp.field_line");
        }
        sink.event(&message);
        Ok(())
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

fn word(words: &'static [&'static str], value: &[u8]) -> Option<Plain<'static>> {
    let word = words.iter().find(|word| value.eq_ignore_ascii_case(word.as_bytes()))?;
    Some(Plain::new(word.as_bytes(), Because::Vocabulary))
}

/// A type is `urn:` with the domain of who defined it; a name that only one device has is none.
fn target(value: &[u8]) -> Option<Plain<'_>> {
    if value.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case(b"uuid:")) {
        return Some(Plain::new(b"uuid", Because::Vocabulary));
    }
    let kind = value.starts_with(b"urn:")
        && value.len() <= TARGET_MAX
        && [&b":device:"[..], b":service:"].iter().any(|kind| memchr::memmem::find(value, kind).is_some())
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'.'));
    if kind { Some(Plain::new(value, Because::Vocabulary)) } else { word(WORDS, value) }
}

fn without_query(url: &[u8]) -> &[u8] {
    memchr(b'?', url).and_then(|at| url.get(..at)).unwrap_or(url)
}
