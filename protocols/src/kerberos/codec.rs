//! One message (RFC 4120 5.4 to 5.9).

use super::Message;
use crate::ber::{self, Head};
use crate::event::Code;
use crate::joined::Joined;
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};

/// Encryption types told of one request.
pub const ETYPES_MAX: usize = 24;
/// Types of pre-authentication data told of one message.
pub const PADATA_MAX: usize = 16;
/// Longest name that is told, its parts joined.
pub const NAME_MAX: usize = 256;

const AS_REQ: u8 = 10;
const AS_REP: u8 = 11;
const TGS_REQ: u8 = 12;
const TGS_REP: u8 = 13;
const AP_REQ: u8 = 14;
const ERROR: u8 = 30;

/// The tag of an element within a sequence.
const fn tagged(number: u8) -> u8 {
    0xa0 | number
}

/// Whether these are the first bytes of a message of `length` bytes.
pub(super) fn looks(bytes: &[u8], length: usize) -> Verdict {
    let unsure = if bytes.len() < length { Verdict::Unsure } else { Verdict::No };
    let Some(&tag) = bytes.first() else { return unsure };
    if !matches!(tag, 0x6a..=0x6f | 0x74..=0x76 | 0x7e) {
        return Verdict::No;
    }
    let fits = |head: Head, length: usize| match head {
        Head::Is(tag, before, body) if before.saturating_add(body) == length => Ok((tag, before)),
        Head::Short => Err(unsure),
        _ => Err(Verdict::No),
    };
    let check = || -> Result<Verdict, Verdict> {
        let (_, outer) = fits(ber::head(bytes), length)?;
        let rest = bytes.get(outer..).unwrap_or_default();
        let (sequence, inner) = fits(ber::head(rest), length.saturating_sub(outer))?;
        if sequence != ber::SEQUENCE {
            return Err(Verdict::No);
        }
        // Version 5 and the type of message, ten bytes that could not be others.
        let kind = tag & 0x1f;
        let first = if matches!(kind, AS_REQ | TGS_REQ) { tagged(1) } else { tagged(0) };
        let expected = [first, 3, ber::INTEGER, 1, 5, first.saturating_add(1), 3, ber::INTEGER, 1, kind];
        let found = rest.get(inner..).unwrap_or_default();
        let found = found.get(..expected.len()).unwrap_or(found);
        if !expected.starts_with(found) {
            return Err(Verdict::No);
        }
        if found.len() < expected.len() { Err(unsure) } else { Ok(Verdict::Yes) }
    };
    check().unwrap_or_else(|verdict| verdict)
}

/// What was found, up to where the message broke.
struct Found<'a> {
    cname: Joined<NAME_MAX>,
    sname: Joined<NAME_MAX>,
    client_realm: Option<&'a [u8]>,
    realm: Option<&'a [u8]>,
    etypes: Numbers<ETYPES_MAX>,
    padata: Numbers<PADATA_MAX>,
    ticket_etype: Option<i64>,
    reply_etype: Option<i64>,
    options: Option<u32>,
    error: Option<i64>,
}

/// Encryption and pre-authentication types may be negative (RFC 4120 7.5.1): told as the 32 bits that they are.
fn code(number: i64) -> Code {
    Code(number.cast_unsigned() & 0xffff_ffff)
}

struct Numbers<const N: usize> {
    codes: [Code; N],
    used: usize,
}

impl<const N: usize> Numbers<N> {
    const fn new() -> Self {
        Numbers { codes: [Code(0); N], used: 0 }
    }

    /// False if there is no room left.
    fn add(&mut self, number: i64) -> bool {
        let Some(slot) = self.codes.get_mut(self.used) else { return false };
        *slot = code(number);
        self.used = self.used.saturating_add(1);
        true
    }

    fn codes(&self) -> &[Code] {
        self.codes.get(..self.used).unwrap_or_default()
    }
}

/// Reports the message; then fails if it is broken further on. Of one that is not `whole` the end is not there.
pub(super) fn decode(bytes: &[u8], whole: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let malformed = Malformed { field: "kerberos.message", at: 0 };
    let Head::Is(tag, outer, length) = ber::head(bytes) else { return Err(malformed) };
    let rest = bytes.get(outer..).unwrap_or_default();
    let Head::Is(ber::SEQUENCE, inner, _) = ber::head(rest) else { return Err(malformed) };
    if tag & 0xe0 != 0x60 || whole && rest.len() < length {
        return Err(malformed);
    }
    let kind = tag & 0x1f;
    let begin = outer.saturating_add(inner);
    let mut fields = Reader::based(bytes.get(begin..).unwrap_or_default(), begin);
    let mut found = Found {
        cname: Joined::new(),
        sname: Joined::new(),
        client_realm: None,
        realm: None,
        etypes: Numbers::new(),
        padata: Numbers::new(),
        ticket_etype: None,
        reply_etype: None,
        options: None,
        error: None,
    };
    let result = message(kind, &mut fields, &mut found, sink);
    sink.event(&Message {
        kind: Code(u64::from(kind)),
        cname: found.cname.some().map(|text| Plain::new(text, Because::Site)),
        client_realm: found.client_realm.map(|text| Plain::new(text, Because::Site)),
        sname: found.sname.some().map(|text| Plain::new(text, Because::Site)),
        realm: found.realm.map(|text| Plain::new(text, Because::Site)),
        etypes: found.etypes.codes(),
        ticket_etype: found.ticket_etype.map(code),
        reply_etype: found.reply_etype.map(code),
        options: found.options.map(|options| Code(u64::from(options))),
        padata: found.padata.codes(),
        error: found.error.map(code),
    });
    if whole { result } else { Ok(()) }
}

fn message<'a>(kind: u8, fields: &mut Reader<'a>, found: &mut Found<'a>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    while !fields.is_empty() {
        let (tag, mut value) = ber::next(fields, "kerberos.field")?;
        match (kind, tag & 0x1f) {
            (AS_REQ | TGS_REQ, 3) | (AS_REP | TGS_REP, 2) => padata(&mut value, found, sink)?,
            (AS_REQ | TGS_REQ, 4) => request(&mut value, found, sink)?,
            (AS_REP | TGS_REP, 3) => found.client_realm = Some(string(&mut value, "kerberos.client_realm")?),
            (AS_REP | TGS_REP, 4) | (ERROR, 8) => name(&mut value, &mut found.cname, "kerberos.cname")?,
            (AS_REP | TGS_REP, 5) | (AP_REQ, 3) => ticket(&mut value, found)?,
            (AS_REP | TGS_REP, 6) => found.reply_etype = etype(&mut value)?,
            (AP_REQ, 2) => found.options = flags(&mut value)?,
            (ERROR, 6) => found.error = Some(ber::integer(&mut value, "kerberos.error")?),
            (ERROR, 7) => found.client_realm = Some(string(&mut value, "kerberos.client_realm")?),
            (ERROR, 9) => found.realm = Some(string(&mut value, "kerberos.realm")?),
            (ERROR, 10) => name(&mut value, &mut found.sname, "kerberos.sname")?,
            _ => {}
        }
    }
    Ok(())
}

fn request<'a>(value: &mut Reader<'a>, found: &mut Found<'a>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut fields = ber::expect(value, ber::SEQUENCE, "kerberos.body")?;
    while !fields.is_empty() {
        let (tag, mut value) = ber::next(&mut fields, "kerberos.body")?;
        match tag & 0x1f {
            0 => found.options = flags(&mut value)?,
            1 => name(&mut value, &mut found.cname, "kerberos.cname")?,
            2 => found.realm = Some(string(&mut value, "kerberos.realm")?),
            3 => name(&mut value, &mut found.sname, "kerberos.sname")?,
            8 => {
                let mut etypes = ber::expect(&mut value, ber::SEQUENCE, "kerberos.etype")?;
                let mut room = true;
                while !etypes.is_empty() {
                    room &= found.etypes.add(ber::integer(&mut etypes, "kerberos.etype")?);
                }
                if !room {
                    sink.weird("kerberos.etypes");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn padata(value: &mut Reader<'_>, found: &mut Found<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut all = ber::expect(value, ber::SEQUENCE, "kerberos.padata")?;
    let mut room = true;
    while !all.is_empty() {
        let mut one = ber::expect(&mut all, ber::SEQUENCE, "kerberos.padata")?;
        let mut kind = ber::expect(&mut one, tagged(1), "kerberos.padata")?;
        room &= found.padata.add(ber::integer(&mut kind, "kerberos.padata")?);
    }
    if !room {
        sink.weird("kerberos.padata_many");
    }
    Ok(())
}

fn ticket<'a>(value: &mut Reader<'a>, found: &mut Found<'a>) -> Result<(), Malformed> {
    let mut ticket = ber::expect(value, 0x61, "kerberos.ticket")?;
    let mut fields = ber::expect(&mut ticket, ber::SEQUENCE, "kerberos.ticket")?;
    while !fields.is_empty() {
        let (tag, mut value) = ber::next(&mut fields, "kerberos.ticket")?;
        match tag & 0x1f {
            1 => found.realm = Some(string(&mut value, "kerberos.realm")?),
            2 => name(&mut value, &mut found.sname, "kerberos.sname")?,
            3 => found.ticket_etype = etype(&mut value)?,
            _ => {}
        }
    }
    Ok(())
}

/// The type of what is encrypted (RFC 4120 5.2.9).
fn etype(value: &mut Reader<'_>) -> Result<Option<i64>, Malformed> {
    let mut data = ber::expect(value, ber::SEQUENCE, "kerberos.encrypted")?;
    let mut etype = ber::expect(&mut data, tagged(0), "kerberos.encrypted")?;
    ber::integer(&mut etype, "kerberos.encrypted").map(Some)
}

/// A KerberosString, in whatever string type.
fn string<'a>(value: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    ber::next(value, field).map(|(_, text)| text.rest())
}

fn flags(value: &mut Reader<'_>) -> Result<Option<u32>, Malformed> {
    let bits = ber::expect(value, 0x03, "kerberos.options")?.rest();
    Ok(bits.get(1..).and_then(<[u8]>::first_chunk).map(|&bits| u32::from_be_bytes(bits)))
}

/// A PrincipalName (RFC 4120 5.2.2).
fn name(value: &mut Reader<'_>, into: &mut Joined<NAME_MAX>, field: &'static str) -> Result<(), Malformed> {
    into.clear();
    let mut fields = ber::expect(value, ber::SEQUENCE, field)?;
    ber::expect(&mut fields, tagged(0), field)?;
    let mut parts = ber::expect(&mut fields, tagged(1), field)?;
    let mut parts = ber::expect(&mut parts, ber::SEQUENCE, field)?;
    while !parts.is_empty() {
        if !into.is_empty() {
            into.push(b"/");
        }
        into.push(string(&mut parts, field)?);
    }
    Ok(())
}
