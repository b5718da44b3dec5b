//! Heads of SIP messages (RFC 3261 7 and 20).

use super::{Request, Response};
use crate::event::{Code, Size};
use crate::fields::{Fields, decimal, is_token, media_type, scheme, split_line};
use crate::{Malformed, Sink, Verdict};
use holter_phi::{Because, Phi, Plain};
use memchr::{memchr, memrchr};

const METHODS: &[&str] = &[
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "REGISTER",
    "SUBSCRIBE",
    "NOTIFY",
    "MESSAGE",
    "INFO",
    "PRACK",
    "REFER",
    "UPDATE",
    "PUBLISH",
];
const VERSION: &[u8] = b"SIP/2.0";
/// The longest method that is one.
const METHOD_MAX: usize = 24;
/// A request line that has not ended by then is not looked for.
pub(super) const LINE_MAX: usize = 2048;

pub(super) enum Start<'a> {
    Request { method: &'a [u8], uri: &'a [u8] },
    Response { status: u64 },
}

/// Reads a first line.
pub(super) fn start(line: &[u8]) -> Option<Start<'_>> {
    if let Some(rest) = line.strip_prefix(VERSION) {
        let digits = rest.strip_prefix(b" ")?.get(..3)?;
        let status = decimal(digits).filter(|status| (100..700).contains(status))?;
        return Some(Start::Response { status });
    }
    let (method, rest) = line.split_at_checked(memchr(b' ', line)?)?;
    let (uri, version) = rest.split_at_checked(memrchr(b' ', rest)?)?;
    let uri = uri.trim_ascii();
    let well = version.trim_ascii() == VERSION
        && !uri.is_empty()
        && (1..=METHOD_MAX).contains(&method.len())
        && method.iter().all(|byte| is_token(*byte));
    well.then_some(Start::Request { method, uri })
}

/// Whether a message begins here: a whole first line; of a request, with a method that is known.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let within = bytes.get(..LINE_MAX).unwrap_or(bytes);
    let known = |method: &&&str| within.strip_prefix(method.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '));
    let response = within.starts_with(b"SIP/2.0 ");
    if !response && !METHODS.iter().any(|method| known(&method)) {
        let begun =
            b"SIP/2.0 ".starts_with(within) || METHODS.iter().any(|method| method.as_bytes().starts_with(within));
        return if begun { Verdict::Unsure } else { Verdict::No };
    }
    match memchr(b'\n', within) {
        Some(_) if start(split_line(within).0).is_some() => Verdict::Yes,
        Some(_) => Verdict::No,
        None if within.len() < LINE_MAX => Verdict::Unsure,
        None => Verdict::No,
    }
}

/// The user and the domain of the first URI in a field such as From; a number has no domain.
fn parties(value: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let quoted_until = match value.first() {
        // A name in quotes may hold anything.
        Some(b'"') => closing_quote(value).unwrap_or(value.len()),
        _ => 0,
    };
    let rest = value.get(quoted_until..).unwrap_or_default();
    let uri = match memchr(b'<', rest) {
        Some(at) => rest.get(at.saturating_add(1)..).unwrap_or_default(),
        None => rest.trim_ascii(),
    };
    let end = uri.iter().position(|byte| matches!(byte, b'>' | b' ' | b'\t')).unwrap_or(uri.len());
    uri_parties(uri.get(..end).unwrap_or_default())
}

fn closing_quote(value: &[u8]) -> Option<usize> {
    let mut escaped = false;
    value.iter().enumerate().skip(1).find_map(|(at, byte)| {
        let end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        end.then_some(at.saturating_add(1))
    })
}

fn uri_parties(uri: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let some = |part: &'_ [u8]| !part.is_empty();
    let Some((name, rest)) = memchr(b':', uri).and_then(|at| uri.split_at_checked(at)) else { return (None, None) };
    let rest = rest.get(1..).unwrap_or_default();
    if !name.eq_ignore_ascii_case(b"sip") && !name.eq_ignore_ascii_case(b"sips") {
        // A telephone number, or something else that may name anybody.
        return (Some(rest).filter(|part| some(part)), None);
    }
    let (user, host) = match memrchr(b'@', rest).and_then(|at| rest.split_at_checked(at)) {
        Some((user, host)) => (Some(user), host.get(1..).unwrap_or_default()),
        None => (None, rest),
    };
    let end = host.iter().position(|byte| matches!(byte, b';' | b'?' | b'&')).unwrap_or(host.len());
    let host = host.get(..end).unwrap_or_default();
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (user.filter(|part| some(part)), Some(host).filter(|host| some(host) && host.iter().all(name)))
}

fn vocabulary(word: &'static str) -> Plain<'static> {
    Plain::new(word.as_bytes(), Because::Vocabulary)
}

fn site(domain: Option<&[u8]>) -> Option<Plain<'_>> {
    domain.map(|domain| Plain::new(domain, Because::Site))
}

fn equipment(text: Option<&[u8]>) -> Option<Plain<'_>> {
    text.filter(|text| !text.is_empty()).map(|text| Plain::new(text, Because::Site))
}

fn registered(method: &[u8]) -> Option<Plain<'static>> {
    METHODS.iter().find(|known| known.as_bytes() == method).map(|method| vocabulary(method))
}

/// Reports a message by its head, and says how long its body is.
pub(super) fn head(head: &[u8], sink: &mut dyn Sink) -> Result<Option<u64>, Malformed> {
    let (line, lines) = split_line(head);
    let Some(start) = start(line) else { return Err(Malformed { field: "sip.start_line", at: 0 }) };
    let (mut from, mut to) = ((None, None), (None, None));
    let (mut agent, mut server, mut media, mut length, mut answered) = (None, None, None, None, None);
    let mut authorization = "none";
    let (mut broken, mut ambiguous) = (false, false);
    for field in Fields::new(lines) {
        let Some(field) = field else {
            broken = true;
            continue;
        };
        // Each of these has a short form (RFC 3261 7.3.3).
        if field.is("from") || field.is("f") {
            from = parties(field.value);
        } else if field.is("to") || field.is("t") {
            to = parties(field.value);
        } else if field.is("user-agent") {
            agent = Some(field.value);
        } else if field.is("server") {
            server = Some(field.value);
        } else if field.is("content-type") || field.is("c") {
            media = media_type(field.value);
        } else if field.is("content-length") || field.is("l") {
            let read = decimal(field.value).filter(|length| *length <= u64::from(u32::MAX));
            ambiguous |= read.is_none() || length.is_some_and(|before| Some(before) != read);
            length = length.or(read);
        } else if field.is("cseq") {
            let method = field.value.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
            answered = registered(method);
        } else if field.is("authorization") || field.is("proxy-authorization") {
            authorization = scheme(field.value);
        }
    }
    if broken {
        sink.weird("sip.field_line");
    }
    if ambiguous {
        sink.weird("sip.ambiguity");
    }
    let content_type = media.map(|media| Plain::new(media, Because::Vocabulary));
    let content_length = length.map(Size);
    match start {
        Start::Request { method, uri } => {
            let known = registered(method);
            if known.is_none() {
                sink.weird("sip.method");
            }
            sink.event(&Request {
                method: known,
                domain: site(uri_parties(uri).1),
                from_domain: site(from.1),
                to_domain: site(to.1),
                from_user: from.0.map(Phi::new),
                user_agent: equipment(agent),
                content_type,
                content_length,
                authorization: vocabulary(authorization),
            });
        }
        Start::Response { status } => sink.event(&Response {
            status: Code(status),
            method: answered,
            from_domain: site(from.1),
            to_domain: site(to.1),
            server: equipment(server.or(agent)),
            content_type,
            content_length,
        }),
    }
    Ok(length)
}

/// Whether these are but line ends, by which a flow is kept open (RFC 5626 3.5.1).
pub(super) fn keeps_alive(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0))
}
