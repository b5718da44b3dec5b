//! The two hellos of TLS (RFC 8446 4.1, RFC 5246 7.4.1), which TLS, DTLS and QUIC share.
//!
//! Nothing is copied: lists stay the bytes that they were. A hello that is cut or lies about its lengths is an error,
//! after what could be read where only its extensions break; one that breaks a rule about what stands in it is told as
//! strange and read on.

use crate::event::Code;
use crate::{Malformed, Reader};

/// Codes reported of one list: cipher suites, extensions, groups, signature algorithms.
pub(crate) const CODES_MAX: usize = 512;
/// Application protocols reported of one hello.
pub(crate) const ALPN_MAX: usize = 16;
/// Longest server name (RFC 1035 2.3.4).
const NAME_MAX: usize = 255;

const SERVER_NAME: u16 = 0;
const GROUPS: u16 = 10;
const FORMATS: u16 = 11;
const SIGNATURES: u16 = 13;
const ALPN: u16 = 16;
const VERSIONS: u16 = 43;

/// The random of a ServerHello that asks for another ClientHello (RFC 8446 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What carries the hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Tls,
    Dtls,
    Quic,
}

/// Codes of two bytes, one after the other, as they were sent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pairs<'a>(pub(crate) &'a [u8]);

impl<'a> Pairs<'a> {
    pub(crate) fn iter(self) -> impl Iterator<Item = u16> + 'a {
        self.0.chunks_exact(2).filter_map(|pair| pair.first_chunk().map(|pair| u16::from_be_bytes(*pair)))
    }

    /// Without the values that mean nothing (RFC 8701).
    pub(crate) fn meant(self) -> impl Iterator<Item = u16> + 'a {
        self.iter().filter(|code| !is_grease(*code))
    }
}

/// The extensions of a hello.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extensions<'a> {
    list: &'a [u8],
    /// Of those that are looked into, the first of each kind.
    server_name: Option<&'a [u8]>,
    groups: Option<&'a [u8]>,
    formats: Option<&'a [u8]>,
    signatures: Option<&'a [u8]>,
    alpn: Option<&'a [u8]>,
    versions: Option<&'a [u8]>,
    broken: Option<Malformed>,
}

impl<'a> Extensions<'a> {
    /// Takes the list apart once. What is whole of a list that breaks is kept.
    fn read(reader: &mut Reader<'a>, weird: &mut dyn FnMut(&'static str)) -> Self {
        let mut extensions = Extensions::default();
        if !reader.is_empty() {
            extensions.broken = extensions.walk(reader, weird).err();
        }
        extensions
    }

    fn walk(&mut self, reader: &mut Reader<'a>, weird: &mut dyn FnMut(&'static str)) -> Result<(), Malformed> {
        const FIELD: &str = "tls.hello.extensions";
        let at = reader.at();
        let length = usize::from(reader.u16(FIELD)?);
        let there = length.min(reader.len());
        let mut list = reader.sub(there, FIELD)?;
        self.list = list.rest();
        let mut seen = Seen::new();
        let mut count = 0usize;
        while !list.is_empty() {
            let kind = list.u16(FIELD)?;
            let length = usize::from(list.u16(FIELD)?);
            let body = list.take(length, FIELD)?;
            if let Some(slot) = self.slot(kind) {
                *slot = slot.or(Some(body));
            }
            if seen.again(kind) {
                weird("tls.hello.extension_twice");
            }
            count = count.saturating_add(1);
        }
        if count > CODES_MAX {
            weird("tls.hello.codes");
        }
        if !reader.is_empty() {
            weird("tls.hello.trailing");
        }
        if there == length { Ok(()) } else { Err(Malformed { field: FIELD, at }) }
    }

    /// Where the list broke.
    pub(crate) fn whole(&self) -> Result<(), Malformed> {
        self.broken.map_or(Ok(()), Err)
    }

    fn slot(&mut self, kind: u16) -> Option<&mut Option<&'a [u8]>> {
        match kind {
            SERVER_NAME => Some(&mut self.server_name),
            GROUPS => Some(&mut self.groups),
            FORMATS => Some(&mut self.formats),
            SIGNATURES => Some(&mut self.signatures),
            ALPN => Some(&mut self.alpn),
            VERSIONS => Some(&mut self.versions),
            _ => None,
        }
    }

    pub(crate) fn kinds(self) -> impl Iterator<Item = u16> + 'a {
        let mut rest = self.list;
        std::iter::from_fn(move || {
            let (&[a, b, c, d], after) = rest.split_first_chunk()?;
            rest = after.get(usize::from(u16::from_be_bytes([c, d]))..)?;
            Some(u16::from_be_bytes([a, b]))
        })
    }

    /// The names of the ALPN extension, empty ones too (RFC 7301 3.1).
    fn alpn(self) -> impl Iterator<Item = &'a [u8]> {
        let body = self.alpn.unwrap_or_default();
        let mut list = Reader::new(body.get(2..).unwrap_or_default());
        std::iter::from_fn(move || {
            let length = usize::from(list.u8("").ok()?);
            list.take(length, "").ok()
        })
    }
}

/// A list of pairs behind its length of two bytes.
fn pairs(body: Option<&[u8]>) -> Pairs<'_> {
    let mut reader = Reader::new(body.unwrap_or_default());
    let Ok(length) = reader.u16("") else { return Pairs::default() };
    Pairs(reader.take(usize::from(length), "").unwrap_or_default())
}

/// Which codes were seen, whatever their number.
struct Seen([u64; 1024]);

impl Seen {
    const fn new() -> Self {
        Seen([0; 1024])
    }

    fn again(&mut self, code: u16) -> bool {
        let bit = 1u64.rotate_left(u32::from(code & 63));
        let Some(word) = self.0.get_mut(usize::from(code >> 6)) else { return false };
        let again = *word & bit != 0;
        *word |= bit;
        again
    }
}

/// Codes as an event shows them.
pub(crate) struct List {
    codes: [Code; CODES_MAX],
    len: usize,
}

impl Default for List {
    fn default() -> Self {
        List { codes: [Code(0); CODES_MAX], len: 0 }
    }
}

impl List {
    pub(crate) fn of(codes: impl Iterator<Item = u16>) -> List {
        let mut list = List::default();
        codes.for_each(|code| list.push(code));
        list
    }

    fn push(&mut self, code: u16) {
        if let Some(slot) = self.codes.get_mut(self.len) {
            *slot = Code(u64::from(code));
            self.len = self.len.saturating_add(1);
        }
    }

    pub(crate) fn slice(&self) -> &[Code] {
        self.codes.get(..self.len).unwrap_or_default()
    }
}

pub(crate) fn is_grease(code: u16) -> bool {
    let [high, low] = code.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// A ClientHello.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) carrier: Carrier,
    pub(crate) legacy: u16,
    pub(crate) ciphers: Pairs<'a>,
    pub(crate) extensions: Extensions<'a>,
    pub(crate) server_name: Option<&'a [u8]>,
}

impl<'a> Client<'a> {
    /// The body of the message; offsets count from `base`.
    pub(crate) fn read(
        carrier: Carrier,
        body: &'a [u8],
        base: usize,
        weird: &mut dyn FnMut(&'static str),
    ) -> Result<Client<'a>, Malformed> {
        let mut reader = Reader::based(body, base);
        let legacy = reader.u16("tls.hello.version")?;
        reader.take(32, "tls.hello.random")?;
        let session = usize::from(reader.u8("tls.hello.session")?);
        reader.take(session, "tls.hello.session")?;
        if carrier == Carrier::Dtls {
            let cookie = usize::from(reader.u8("tls.hello.cookie")?);
            reader.take(cookie, "tls.hello.cookie")?;
        }
        let at = reader.at();
        let length = usize::from(reader.u16("tls.hello.ciphers")?);
        let ciphers = reader.take(length, "tls.hello.ciphers")?;
        if length & 1 != 0 {
            return Err(Malformed { field: "tls.hello.ciphers", at });
        }
        let compressions = usize::from(reader.u8("tls.hello.compressions")?);
        reader.take(compressions, "tls.hello.compressions")?;
        let extensions = Extensions::read(&mut reader, weird);
        if length / 2 > CODES_MAX {
            weird("tls.hello.codes");
        }
        if extensions.alpn().any(<[u8]>::is_empty) {
            weird("tls.hello.alpn_empty");
        }
        let server_name = server_name(extensions, weird);
        Ok(Client { carrier, legacy, ciphers: Pairs(ciphers), extensions, server_name })
    }

    /// The highest version that is offered (RFC 8446 4.2.1).
    pub(crate) fn highest(&self) -> u16 {
        let list = self.extensions.versions.and_then(|body| body.get(1..)).unwrap_or_default();
        let offered = Pairs(list).meant();
        // Versions of DTLS count downwards.
        let highest = if self.carrier == Carrier::Dtls { offered.min() } else { offered.max() };
        highest.unwrap_or(self.legacy)
    }

    pub(crate) fn groups(&self) -> Pairs<'a> {
        pairs(self.extensions.groups)
    }

    pub(crate) fn signatures(&self) -> Pairs<'a> {
        pairs(self.extensions.signatures)
    }

    pub(crate) fn formats(&self) -> &'a [u8] {
        let body = self.extensions.formats.unwrap_or_default();
        let Some((length, formats)) = body.split_first() else { return &[] };
        formats.get(..usize::from(*length)).unwrap_or(formats)
    }

    pub(crate) fn alpn(&self) -> impl Iterator<Item = &'a [u8]> {
        self.extensions.alpn()
    }

    pub(crate) fn names_a_server(&self) -> bool {
        self.extensions.server_name.is_some()
    }
}

/// The first host name that could be one (RFC 6066 3).
fn server_name<'a>(extensions: Extensions<'a>, weird: &mut dyn FnMut(&'static str)) -> Option<&'a [u8]> {
    let body = extensions.server_name?;
    let mut list = Reader::new(body.get(2..).unwrap_or_default());
    let mut found = None;
    let mut entries = 0u32;
    while !list.is_empty() {
        entries = entries.saturating_add(1);
        let (Ok(kind), Ok(length)) = (list.u8(""), list.u16("")) else { break };
        let Ok(name) = list.take(usize::from(length), "") else { break };
        let fits = kind == 0 && !name.is_empty() && name.len() <= NAME_MAX && name.iter().all(u8::is_ascii_graphic);
        if fits && found.is_none() {
            found = Some(name);
        }
    }
    let is_address =
        found.is_some_and(|name| std::str::from_utf8(name).is_ok_and(|name| name.parse::<std::net::IpAddr>().is_ok()));
    if entries != 1 || found.is_none() || is_address || !list.is_empty() {
        weird("tls.hello.server_name");
    }
    found
}

/// A ServerHello.
#[derive(Clone, Copy)]
pub(crate) struct Server<'a> {
    pub(crate) legacy: u16,
    pub(crate) cipher: u16,
    pub(crate) extensions: Extensions<'a>,
    /// It asks for another ClientHello.
    pub(crate) retry: bool,
}

impl<'a> Server<'a> {
    pub(crate) fn read(
        body: &'a [u8],
        base: usize,
        weird: &mut dyn FnMut(&'static str),
    ) -> Result<Server<'a>, Malformed> {
        let mut reader = Reader::based(body, base);
        let legacy = reader.u16("tls.hello.version")?;
        let retry = reader.array::<32>("tls.hello.random")? == RETRY;
        let session = usize::from(reader.u8("tls.hello.session")?);
        reader.take(session, "tls.hello.session")?;
        let cipher = reader.u16("tls.hello.cipher")?;
        reader.u8("tls.hello.compression")?;
        let extensions = Extensions::read(&mut reader, weird);
        Ok(Server { legacy, cipher, extensions, retry })
    }

    /// The version that was chosen (RFC 8446 4.2.1).
    pub(crate) fn version(&self) -> u16 {
        let chosen = self.extensions.versions.and_then(|body| body.first_chunk());
        chosen.map_or(self.legacy, |chosen| u16::from_be_bytes(*chosen))
    }

    pub(crate) fn alpn(&self) -> Option<&'a [u8]> {
        self.extensions.alpn().next()
    }
}
