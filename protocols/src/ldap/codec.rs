//! One message (RFC 4511 4).

use super::Message;
use crate::ber::{self, Head};
use crate::event::{Code, Transaction};
use crate::ntlmssp::Ntlm;
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};

/// Longest name of a mechanism (RFC 4422 3.1).
pub const MECHANISM_MAX: usize = 20;
/// Longest object identifier that is taken for one.
const EXTENSION_MAX: usize = 64;
/// A message that says it is longer is none.
pub(super) const LENGTH_MAX: usize = 1 << 26;
/// StartTLS (RFC 4511 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

pub(super) const BIND: u8 = 0;
pub(super) const BIND_RESPONSE: u8 = 1;
const SEARCH: u8 = 3;
const ENTRY: u8 = 4;
const DELETE: u8 = 10;
pub(super) const EXTENDED: u8 = 23;
pub(super) const EXTENDED_RESPONSE: u8 = 24;

/// Tags of the operations: constructed, but for unbind, delete and abandon.
fn operation_of(tag: u8) -> Option<u8> {
    match tag {
        0x60 | 0x61 | 0x63..=0x69 | 0x6b..=0x6f | 0x73 | 0x77..=0x79 => Some(tag & 0x1f),
        0x42 | 0x4a | 0x50 => Some(tag & 0x1f),
        _ => None,
    }
}

const fn is_response(operation: u8) -> bool {
    matches!(operation, BIND_RESPONSE | 5 | 7 | 9 | 11 | 13 | 15 | EXTENDED_RESPONSE)
}

/// Whether more of an operation is read than its tag.
pub(super) const fn is_read(operation: u8) -> bool {
    matches!(operation, BIND | SEARCH | EXTENDED) || is_response(operation)
}

/// Where the contents of a message begin, its id, the tag of its operation, and where the operation's contents are.
struct Heads {
    id: u64,
    tag: u8,
    begin: usize,
    length: usize,
    /// Bytes of the whole message.
    size: usize,
}

enum Front {
    Is(Heads),
    Short,
    Broken,
}

fn front(bytes: &[u8]) -> Front {
    let (outer, length) = match ber::head(bytes) {
        Head::Is(ber::SEQUENCE, outer, length @ ..=LENGTH_MAX) => (outer, length),
        Head::Short if matches!(bytes.first(), None | Some(&ber::SEQUENCE)) => return Front::Short,
        _ => return Front::Broken,
    };
    let rest = bytes.get(outer..).unwrap_or_default();
    let (before, digits) = match ber::head(rest) {
        Head::Is(ber::INTEGER, before, digits @ 1..=5) => (before, digits),
        Head::Short if matches!(rest.first(), None | Some(&ber::INTEGER)) => return Front::Short,
        _ => return Front::Broken,
    };
    let at = before.saturating_add(digits);
    let Some(id) = rest.get(before..at) else { return Front::Short };
    let Some(id) = ber::number(id).and_then(|id| u64::try_from(id).ok()) else { return Front::Broken };
    let rest = rest.get(at..).unwrap_or_default();
    match ber::head(rest) {
        Head::Is(tag, inner, body) => {
            let fits = at.saturating_add(inner).saturating_add(body) <= length;
            if !fits || id > u64::from(u32::MAX >> 1) {
                return Front::Broken;
            }
            let begin = outer.saturating_add(at).saturating_add(inner);
            Front::Is(Heads { id, tag, begin, length: body, size: outer.saturating_add(length) })
        }
        Head::Short => Front::Short,
        Head::Broken => Front::Broken,
    }
}

pub(super) fn operation(bytes: &[u8]) -> Option<u8> {
    match front(bytes) {
        Front::Is(heads) => operation_of(heads.tag),
        _ => None,
    }
}

pub(super) fn fills(bytes: &[u8]) -> bool {
    matches!(front(bytes), Front::Is(heads) if heads.size <= bytes.len())
}

/// Whether a message begins here.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let heads = match front(bytes) {
        Front::Is(heads) => heads,
        Front::Short => return Verdict::Unsure,
        Front::Broken => return Verdict::No,
    };
    let Some(operation) = operation_of(heads.tag) else { return Verdict::No };
    let body = bytes.get(heads.begin..).unwrap_or_default();
    let expected: &[&[u8]] = match operation {
        BIND => &[&[ber::INTEGER, 1, 2], &[ber::INTEGER, 1, 3]],
        SEARCH | ENTRY | 6 | 8 | 12 | 14 => &[&[ber::OCTETS]],
        EXTENDED => &[&[0x80]],
        19 => &[&[ber::OCTETS]],
        2 => return if heads.length == 0 { Verdict::Yes } else { Verdict::No },
        operation if is_response(operation) => &[&[ber::ENUMERATED, 1]],
        DELETE => return names(body),
        _ => return Verdict::Likely,
    };
    let begins = |start: &&[u8]| start.starts_with(body.get(..start.len()).unwrap_or(body));
    match expected.iter().find(|start| begins(start)) {
        None => Verdict::No,
        Some(start) if body.len() < start.len() => Verdict::Unsure,
        Some(_) => Verdict::Yes,
    }
}

/// Whether a distinguished name begins here: a type of attribute and its sign (RFC 4514 3).
fn names(body: &[u8]) -> Verdict {
    let kind = body.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')).count();
    match body.get(kind) {
        Some(b'=') if kind > 0 => Verdict::Yes,
        None if kind > 0 => Verdict::Unsure,
        _ => Verdict::Likely,
    }
}

/// What the conversation needs to know of a message.
pub(super) struct Told {
    pub(super) id: u64,
    pub(super) operation: u8,
    pub(super) result: Option<u64>,
    pub(super) sasl: bool,
    pub(super) start_tls: bool,
}

#[derive(Default)]
struct Found<'a> {
    version: Option<i64>,
    name: Option<&'a [u8]>,
    method: Option<u8>,
    mechanism: Option<&'a [u8]>,
    password: Option<bool>,
    base: Option<&'a [u8]>,
    scope: Option<i64>,
    result: Option<i64>,
    extension: Option<&'a [u8]>,
    ntlm: Option<Ntlm>,
}

pub(super) fn datagram(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut at = 0usize;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let malformed = Malformed { field: "ldap.frame", at };
        let Front::Is(heads) = front(rest) else { return Err(malformed) };
        let message = rest.get(..heads.size).ok_or(malformed)?;
        decode(message, true, sink).map_err(|inner| Malformed { at: at.saturating_add(inner.at), ..inner })?;
        at = at.saturating_add(heads.size);
    }
    Ok(())
}

/// Reports the message; then fails if it is broken further on. Of one that is not `whole` the end is not there.
pub(super) fn decode(bytes: &[u8], whole: bool, sink: &mut dyn Sink) -> Result<Told, Malformed> {
    let malformed = Malformed { field: "ldap.message", at: 0 };
    let Front::Is(heads) = front(bytes) else { return Err(malformed) };
    let operation = operation_of(heads.tag).ok_or(malformed)?;
    let end = heads.begin.saturating_add(heads.length).min(bytes.len());
    let mut body = Reader::based(bytes.get(heads.begin..end).unwrap_or_default(), heads.begin);
    let mut found = Found::default();
    let read = match operation {
        BIND => bind(&mut body, &mut found),
        SEARCH => search(&mut body, &mut found),
        EXTENDED => extended(&mut body, &mut found),
        operation if is_response(operation) => response(operation, &mut body, &mut found),
        _ => Ok(()),
    };
    let site = |text| Plain::new(text, Because::Site);
    let code = |number: Option<i64>| number.map(|number| Code(number.unsigned_abs()));
    let ntlm = found.ntlm.as_ref();
    sink.event(&Message {
        transaction: Transaction(heads.id),
        operation: Code(u64::from(operation)),
        version: code(found.version),
        name: found.name.filter(|name| !name.is_empty()).map(site),
        method: found.method.map(|method| Code(u64::from(method))),
        mechanism: found.mechanism.and_then(mechanism).map(|text| Plain::new(text, Because::Vocabulary)),
        password: found.password,
        base: found.base.filter(|base| !base.is_empty()).map(site),
        scope: code(found.scope),
        result: code(found.result),
        extension: found.extension.and_then(dotted).map(|text| Plain::new(text, Because::Vocabulary)),
        ntlm: ntlm.map(Ntlm::kind),
        ntlm_host: ntlm.and_then(Ntlm::host),
        ntlm_domain: ntlm.and_then(Ntlm::domain),
        ntlm_user: ntlm.and_then(Ntlm::user),
        ntlm_version: ntlm.and_then(Ntlm::version),
    });
    if whole {
        read?;
    }
    Ok(Told {
        id: heads.id,
        operation,
        result: found.result.map(i64::unsigned_abs),
        sasl: found.method.is_some_and(|method| method != 0),
        start_tls: found.extension == Some(START_TLS),
    })
}

/// A name of the registry's form. What has not this form could be anything.
fn mechanism(text: &[u8]) -> Option<&[u8]> {
    let shaped = text.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_'));
    (shaped && (1..=MECHANISM_MAX).contains(&text.len())).then_some(text)
}

fn dotted(text: &[u8]) -> Option<&[u8]> {
    let shaped = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    (shaped && text.contains(&b'.') && text.len() <= EXTENSION_MAX).then_some(text)
}

fn bind<'a>(body: &mut Reader<'a>, found: &mut Found<'a>) -> Result<(), Malformed> {
    found.version = Some(ber::integer(body, "ldap.version")?);
    found.name = Some(ber::octets(body, "ldap.name")?);
    let method = body.rest().first().map(|tag| tag & 0x1f);
    found.method = method;
    let (_, mut value) = ber::next(body, "ldap.method")?;
    match method {
        Some(0) => found.password = Some(!value.is_empty()),
        Some(3) => {
            found.mechanism = Some(ber::octets(&mut value, "ldap.mechanism")?);
            found.ntlm = Ntlm::find(value.rest());
        }
        _ => found.ntlm = Ntlm::find(value.rest()),
    }
    Ok(())
}

fn search<'a>(body: &mut Reader<'a>, found: &mut Found<'a>) -> Result<(), Malformed> {
    found.base = Some(ber::octets(body, "ldap.base")?);
    let malformed = body.malformed("ldap.scope");
    let scope = ber::expect(body, ber::ENUMERATED, "ldap.scope")?.rest();
    found.scope = Some(ber::number(scope).ok_or(malformed)?);
    Ok(())
}

fn extended<'a>(body: &mut Reader<'a>, found: &mut Found<'a>) -> Result<(), Malformed> {
    found.extension = Some(ber::expect(body, 0x80, "ldap.extension")?.rest());
    Ok(())
}

fn response<'a>(operation: u8, body: &mut Reader<'a>, found: &mut Found<'a>) -> Result<(), Malformed> {
    let malformed = body.malformed("ldap.result");
    let result = ber::expect(body, ber::ENUMERATED, "ldap.result")?.rest();
    found.result = Some(ber::number(result).ok_or(malformed)?);
    if operation == BIND_RESPONSE {
        found.ntlm = Ntlm::find(body.rest());
    }
    ber::octets(body, "ldap.matched")?;
    ber::octets(body, "ldap.diagnostic")?;
    if operation == EXTENDED_RESPONSE {
        while !body.is_empty() {
            let (tag, value) = ber::next(body, "ldap.extension")?;
            if tag == 0x8a {
                found.extension = Some(value.rest());
            }
        }
    }
    Ok(())
}
