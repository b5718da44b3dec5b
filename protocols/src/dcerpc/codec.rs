//! One fragment (C706 12.6.3 and 12.6.4).

use crate::event::Code;
use crate::ntlmssp::Ntlm;
use crate::{Malformed, Reader, Sink, Verdict};

/// Interfaces told of one bind, and results of its answer.
pub const INTERFACES_MAX: usize = 16;
pub(crate) const HEADER: usize = 16;
/// `01234567-89ab-cdef-0123-456789abcdef`.
pub(crate) const UUID_TEXT: usize = 36;
/// Type, level, padding, reserved, context: in front of the token of a security trailer.
const TRAILER: usize = 8;

pub(crate) const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const FAULT: u8 = 3;
pub(crate) const BIND: u8 = 11;
const BIND_ACK: u8 = 12;
const BIND_NAK: u8 = 13;
const ALTER: u8 = 14;
const ALTER_ACK: u8 = 15;
const AUTH3: u8 = 16;

/// A UUID, in the order in which it is written.
#[derive(Clone, Copy)]
pub(crate) struct Uuid([u8; 16]);

impl Uuid {
    fn read(reader: &mut Reader<'_>, little: bool) -> Result<Uuid, Malformed> {
        let mut bytes: [u8; 16] = reader.array("dcerpc.uuid")?;
        if little && let [a, b, c, d, e, f, g, h, ..] = &mut bytes {
            std::mem::swap(a, d);
            std::mem::swap(b, c);
            std::mem::swap(e, f);
            std::mem::swap(g, h);
        }
        Ok(Uuid(bytes))
    }

    pub(crate) fn text(&self) -> [u8; UUID_TEXT] {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let mut text = [b'-'; UUID_TEXT];
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let places = text.iter_mut().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
        for ((_, place), digit) in places.zip(digits) {
            *place = DIGITS.get(usize::from(digit)).copied().unwrap_or(b'?');
        }
        text
    }
}

pub(crate) struct Header {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) length: u16,
    pub(crate) call: u32,
    auth: u16,
    little: bool,
}

impl Header {
    pub(crate) fn read(bytes: &[u8]) -> Result<Header, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.u16("dcerpc.version")?;
        let (kind, flags) = (reader.u8("dcerpc.type")?, reader.u8("dcerpc.flags")?);
        let [order, ..] = reader.array::<4>("dcerpc.representation")?;
        let little = order & 0x10 != 0;
        let length = u16(&mut reader, little, "dcerpc.length")?;
        let auth = u16(&mut reader, little, "dcerpc.auth_length")?;
        let call = u32(&mut reader, little, "dcerpc.call")?;
        Ok(Header { kind, flags, length, call, auth, little })
    }

    /// Whether more of the fragment is read than its head.
    pub(crate) const fn negotiates(&self) -> bool {
        matches!(self.kind, BIND | BIND_ACK | BIND_NAK | ALTER | ALTER_ACK | AUTH3)
    }
}

fn u16(reader: &mut Reader<'_>, little: bool, field: &'static str) -> Result<u16, Malformed> {
    if little { reader.u16_le(field) } else { reader.u16(field) }
}

fn u32(reader: &mut Reader<'_>, little: bool, field: &'static str) -> Result<u32, Malformed> {
    if little { reader.u32_le(field) } else { reader.u32(field) }
}

/// Whether a fragment begins here.
pub(crate) fn looks(bytes: &[u8]) -> Verdict {
    let fits = |(at, &byte): (usize, &u8)| match at {
        0 => byte == 5,
        1 => byte <= 1,
        2 => matches!(byte, 0 | 2 | 3 | 11..=19),
        4 => matches!(byte, 0 | 0x10),
        5 => byte <= 3,
        6 | 7 => byte == 0,
        _ => true,
    };
    if !bytes.iter().enumerate().take(HEADER).all(fits) {
        return Verdict::No;
    }
    let Ok(header) = Header::read(bytes) else { return Verdict::Unsure };
    let least = match header.kind {
        REQUEST | RESPONSE => 24,
        FAULT => 24,
        BIND | ALTER => 28,
        BIND_ACK | ALTER_ACK => 24,
        _ => HEADER,
    };
    let trailer = if header.auth > 0 { usize::from(header.auth).saturating_add(TRAILER) } else { 0 };
    let length = usize::from(header.length);
    if length >= trailer.saturating_add(HEADER) && length >= least { Verdict::Yes } else { Verdict::No }
}

/// What a fragment says behind its header, up to where it broke.
pub(crate) struct Read {
    /// Context, interface and version.
    pub(crate) offered: [(u16, Uuid, u32); INTERFACES_MAX],
    pub(crate) used: usize,
    pub(crate) results: [Code; INTERFACES_MAX],
    pub(crate) answered: usize,
    pub(crate) context: Option<u16>,
    pub(crate) opnum: Option<u16>,
    pub(crate) status: Option<u32>,
    pub(crate) security: Option<(u8, u8)>,
    pub(crate) ntlm: Option<Ntlm>,
}

impl Default for Read {
    fn default() -> Self {
        Read {
            offered: [(0, Uuid([0; 16]), 0); INTERFACES_MAX],
            used: 0,
            results: [Code(0); INTERFACES_MAX],
            answered: 0,
            context: None,
            opnum: None,
            status: None,
            security: None,
            ntlm: None,
        }
    }
}

pub(crate) fn body(header: &Header, bytes: &[u8], read: &mut Read, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::based(bytes.get(HEADER..).unwrap_or_default(), HEADER);
    if header.negotiates() && header.auth > 0 {
        let from = usize::from(header.length).saturating_sub(usize::from(header.auth)).saturating_sub(TRAILER);
        let trailer = bytes.get(from..).unwrap_or_default();
        read.security = trailer.first_chunk::<2>().map(|&[kind, level]| (kind, level));
        read.ntlm = Ntlm::find(trailer.get(TRAILER..).unwrap_or_default());
    }
    let little = header.little;
    match header.kind {
        REQUEST | RESPONSE | FAULT => {
            reader.take(4, "dcerpc.allocation")?;
            read.context = Some(u16(&mut reader, little, "dcerpc.context")?);
            match header.kind {
                REQUEST => read.opnum = Some(u16(&mut reader, little, "dcerpc.opnum")?),
                FAULT => {
                    reader.take(2, "dcerpc.cancel")?;
                    read.status = Some(u32(&mut reader, little, "dcerpc.status")?);
                }
                _ => {}
            }
            Ok(())
        }
        BIND | ALTER => contexts(&mut reader, little, read, sink),
        BIND_ACK | ALTER_ACK => results(&mut reader, little, read, sink),
        _ => Ok(()),
    }
}

fn contexts(reader: &mut Reader<'_>, little: bool, read: &mut Read, sink: &mut dyn Sink) -> Result<(), Malformed> {
    reader.take(8, "dcerpc.bind")?;
    let count = reader.u8("dcerpc.contexts")?;
    reader.take(3, "dcerpc.contexts")?;
    for _ in 0..count {
        let context = u16(reader, little, "dcerpc.context")?;
        let syntaxes = reader.u8("dcerpc.syntaxes")?;
        reader.u8("dcerpc.syntaxes")?;
        let interface = Uuid::read(reader, little)?;
        let version = u32(reader, little, "dcerpc.interface_version")?;
        read.context = read.context.or(Some(context));
        match read.offered.get_mut(read.used) {
            Some(slot) => {
                *slot = (context, interface, version);
                read.used = read.used.saturating_add(1);
            }
            None => {
                sink.weird("dcerpc.interfaces");
                return Ok(());
            }
        }
        reader.take(usize::from(syntaxes).saturating_mul(20), "dcerpc.syntaxes")?;
    }
    Ok(())
}

fn results(reader: &mut Reader<'_>, little: bool, read: &mut Read, sink: &mut dyn Sink) -> Result<(), Malformed> {
    reader.take(8, "dcerpc.bind_ack")?;
    let address = usize::from(u16(reader, little, "dcerpc.address")?);
    reader.take(address, "dcerpc.address")?;
    // The list of results stands at a multiple of four.
    let padding = reader.at().next_multiple_of(4).saturating_sub(reader.at());
    reader.take(padding, "dcerpc.address")?;
    let count = reader.u8("dcerpc.results")?;
    reader.take(3, "dcerpc.results")?;
    for _ in 0..count {
        let result = u16(reader, little, "dcerpc.result")?;
        reader.take(22, "dcerpc.result")?;
        match read.results.get_mut(read.answered) {
            Some(slot) => {
                *slot = Code(u64::from(result));
                read.answered = read.answered.saturating_add(1);
            }
            None => {
                sink.weird("dcerpc.interfaces");
                return Ok(());
            }
        }
    }
    Ok(())
}
