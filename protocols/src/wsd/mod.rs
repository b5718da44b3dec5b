//! WS-Discovery: SOAP messages in datagrams by which devices announce themselves, those of IEEE 11073 SDC among them
//! (OASIS WS-Discovery 1.1, DPWS 1.1, IEEE 11073-20702).

mod events;
mod xml;

pub use events::*;

use crate::event::Count;
use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_phi::{Because, Plain};
use holter_terms::Protocol as Word;
use memchr::{memchr, memmem, memrchr};
use xml::{Tags, Token, local};

/// Types of one device that are shown.
pub const TYPES_MAX: usize = 8;
/// Addresses of one device that are shown.
pub const XADDRS_MAX: usize = 4;
/// The longest name of a type that is one.
const TYPE_MAX: usize = 64;

pub struct WsDiscovery;

static EVENTS: &[&EventSpec] = &[&message::SPEC];

const VERSIONS: &[(&[u8], &str)] = &[
    (b"http://schemas.xmlsoap.org/ws/2005/04/discovery", "2005/04"),
    (b"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01", "2009/01"),
];
const ACTIONS: &[&str] = &["Hello", "Bye", "Probe", "ProbeMatches", "Resolve", "ResolveMatches", "Fault"];
/// What a message says of one device, or asks of one or all.
const ABOUT: &[&[u8]] = &[b"Hello", b"Bye", b"Probe", b"ProbeMatch", b"Resolve", b"ResolveMatch"];
const PURPOSE: &[u8] = b"sdc.mds.pkp:";
const LOCATION: &[u8] = b"sdc.ctxt.loc:";

impl Protocol for WsDiscovery {
    fn word(&self) -> Word {
        Word::WsDiscovery
    }

    fn name(&self) -> &'static str {
        "wsd"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[3702]
    }

    /// An envelope of SOAP that speaks of the discovery's namespace.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        let begins = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().starts_with(b"<");
        let speaks = || VERSIONS.iter().any(|(namespace, _)| memmem::find(bytes, namespace).is_some());
        if transport == Transport::Udp && begins && memmem::find(bytes, b"Envelope").is_some() && speaks() {
            Verdict::Yes
        } else {
            Verdict::No
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let mut tags = Tags::new(bytes);
        let mut reading = Reading::default();
        let mut whole = false;
        for token in tags.by_ref() {
            match token {
                Token::Open { name, text, empty } => reading.open(name, text, empty, sink),
                Token::Close { name: b"Envelope" } => whole = true,
                Token::Close { name } => reading.close(name, sink),
                Token::DocumentType => sink.weird("wsd.document_type"),
            }
        }
        if !reading.reported {
            reading.report(sink);
        }
        if whole {
            Ok(())
        } else {
            Err(Malformed { field: "wsd.envelope", at: bytes.len().saturating_sub(tags.left()) })
        }
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}

/// A list of as many as there is room for.
struct Few<'a, const N: usize> {
    items: [Plain<'a>; N],
    count: usize,
}

impl<'a, const N: usize> Few<'a, N> {
    fn clear(&mut self) {
        self.count = 0;
    }

    fn add(&mut self, item: Plain<'a>) -> bool {
        let slot = self.items.get_mut(self.count);
        let room = slot.is_some();
        if let Some(slot) = slot {
            *slot = item;
            self.count = self.count.saturating_add(1);
        }
        room
    }

    fn shown(&self) -> &[Plain<'a>] {
        self.items.get(..self.count).unwrap_or_default()
    }
}

impl<const N: usize> Default for Few<'_, N> {
    fn default() -> Self {
        Few { items: [Plain::new(b"", Because::Vocabulary); N], count: 0 }
    }
}

#[derive(Default)]
struct Reading<'a> {
    action: Option<&'static str>,
    version: Option<&'static str>,
    types: Few<'a, TYPES_MAX>,
    xaddrs: Few<'a, XADDRS_MAX>,
    medical: bool,
    scopes: u64,
    sdc: bool,
    location: Option<&'a [u8]>,
    endpoint: Option<&'a [u8]>,
    within_endpoint: bool,
    /// Something was said of a device.
    reported: bool,
}

impl<'a> Reading<'a> {
    fn open(&mut self, name: &[u8], text: &'a [u8], empty: bool, sink: &mut dyn Sink) {
        match name {
            b"Action" => self.act(text),
            b"EndpointReference" => self.within_endpoint = !empty,
            b"Address" if self.within_endpoint && !text.is_empty() => self.endpoint = Some(text),
            b"Types" => self.types(text, sink),
            b"Scopes" => self.scopes(text),
            b"XAddrs" => self.addresses(text, sink),
            _ if empty => self.close(name, sink),
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8], sink: &mut dyn Sink) {
        if name == b"EndpointReference" {
            self.within_endpoint = false;
        } else if ABOUT.contains(&name) {
            self.report(sink);
        }
    }

    fn act(&mut self, uri: &[u8]) {
        let known = VERSIONS.iter().find_map(|(namespace, version)| Some((uri.strip_prefix(*namespace)?, version)));
        let Some((rest, version)) = known else { return };
        let last = memrchr(b'/', rest).and_then(|at| rest.get(at.saturating_add(1)..)).unwrap_or_default();
        self.version = Some(version);
        self.action = ACTIONS.iter().copied().find(|action| action.as_bytes() == last);
    }

    fn types(&mut self, text: &'a [u8], sink: &mut dyn Sink) {
        for name in words(text).map(local) {
            let well = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            if name.is_empty() || name.len() > TYPE_MAX || !name.iter().all(well) {
                continue;
            }
            self.medical |= name == b"MedicalDevice";
            if !self.types.add(Plain::new(name, Because::Vocabulary)) {
                return sink.weird("wsd.types");
            }
        }
    }

    fn scopes(&mut self, text: &'a [u8]) {
        for scope in words(text) {
            self.scopes = self.scopes.saturating_add(1);
            self.sdc |= scope.starts_with(PURPOSE);
            if let Some(location) = scope.strip_prefix(LOCATION) {
                self.location.get_or_insert(location);
            }
        }
    }

    fn addresses(&mut self, text: &'a [u8], sink: &mut dyn Sink) {
        for url in words(text) {
            let end = memchr(b'?', url).unwrap_or(url.len());
            let url = url.get(..end).unwrap_or_default();
            if !self.xaddrs.add(Plain::new(url, Because::Site)) {
                return sink.weird("wsd.xaddrs");
            }
        }
    }

    /// Reports one device, and begins the next.
    fn report(&mut self, sink: &mut dyn Sink) {
        let vocabulary = |word: &'static str| Plain::new(word.as_bytes(), Because::Vocabulary);
        sink.event(&Message {
            action: self.action.map(vocabulary),
            version: self.version.map(vocabulary),
            types: self.types.shown(),
            medical: self.medical,
            scopes: Count(self.scopes),
            sdc: self.sdc,
            location: self.location.map(|location| Plain::new(location, Because::Site)),
            endpoint: self.endpoint.map(|endpoint| Plain::new(endpoint, Because::Site)),
            xaddrs: self.xaddrs.shown(),
        });
        self.types.clear();
        self.xaddrs.clear();
        (self.medical, self.scopes, self.sdc, self.location, self.endpoint) = (false, 0, false, None, None);
        self.within_endpoint = false;
        self.reported = true;
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}
