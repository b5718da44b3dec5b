//! Heads of HTTP/1: recognised, read, and what they say of the body.

use super::route::{self, Target};
use super::{Request, Response, tables};
use crate::event::{Code, Size};
use crate::fields::{Field, Fields, decimal, is_token, media_type, scheme, split_line};
use crate::{Sink, Verdict, Way};
use holter_phi::{Because, Phi, Plain};
use memchr::{memchr, memrchr};

/// The longest method that is one.
const METHOD_MAX: usize = 24;
/// A request line that has not ended by then is judged by how it begins.
const PROBE_LINE_MAX: usize = 3072;
/// No body is longer: what claims to be is taken for a lie.
const LENGTH_MAX: u64 = 1 << 60;

/// What a head says of the body behind it.
#[derive(Clone, Copy, Default)]
pub(super) struct Framing {
    pub(super) length: Option<u64>,
    pub(super) chunked: bool,
    /// Transfer-Encoding was given, whatever it names.
    encoded: bool,
    /// Peers could differ in where the body ends.
    pub(super) ambiguous: bool,
    /// A length was given that is none.
    pub(super) broken: bool,
}

impl Framing {
    pub(super) fn field(&mut self, field: &Field<'_>) {
        if field.is("content-length") {
            // A list of the same length is that length (RFC 9110 8.6).
            for text in field.value.split(|byte| *byte == b',') {
                match decimal(text.trim_ascii()).filter(|length| *length <= LENGTH_MAX) {
                    Some(length) if self.length.is_none_or(|known| known == length) => self.length = Some(length),
                    Some(_) => self.ambiguous = true,
                    None => self.broken = true,
                }
            }
            self.ambiguous |= field.folded || field.spaced;
        } else if field.is("transfer-encoding") {
            let last = field.value.rsplit(|byte| *byte == b',').next().unwrap_or_default().trim_ascii();
            self.chunked = last.eq_ignore_ascii_case(b"chunked");
            self.ambiguous |= self.encoded || !self.chunked || field.folded || field.spaced;
            self.encoded = true;
        }
    }

    /// To be asked once the head is read.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.ambiguous || self.broken || (self.encoded && self.length.is_some())
    }
}

/// The fields of a head that are looked at; of others at most the framing.
#[derive(Default)]
struct Known<'a> {
    host: Option<&'a [u8]>,
    user_agent: Option<&'a [u8]>,
    server: Option<&'a [u8]>,
    content_type: Option<&'a [u8]>,
    authorization: Option<&'static str>,
    upgrade: Option<&'static str>,
    framing: Framing,
}

fn known<'a>(lines: &'a [u8], sink: &mut dyn Sink) -> Known<'a> {
    let mut known = Known::default();
    let (mut broken, mut folded, mut repeated) = (false, false, false);
    for field in Fields::new(lines) {
        let Some(field) = field else {
            broken = true;
            continue;
        };
        broken |= !field.name.iter().all(|byte| is_token(*byte));
        folded |= field.folded;
        known.framing.field(&field);
        if field.is("host") {
            repeated |= known.host.replace(field.value).is_some_and(|before| before != field.value);
        } else if field.is("user-agent") {
            known.user_agent.get_or_insert(field.value);
        } else if field.is("server") {
            known.server.get_or_insert(field.value);
        } else if field.is("content-type") {
            known.content_type = known.content_type.or(media_type(field.value));
        } else if field.is("authorization") {
            known.authorization.get_or_insert(scheme(field.value));
        } else if field.is("upgrade") {
            known.upgrade = field.value.split(|byte| *byte == b',').find_map(|name| upgrade(name.trim_ascii()));
        }
    }
    if broken {
        sink.weird("http.field_line");
    }
    if folded {
        sink.weird("http.folded");
    }
    if repeated {
        sink.weird("http.host_twice");
    }
    known
}

fn upgrade(name: &[u8]) -> Option<&'static str> {
    tables::word(tables::UPGRADES, name)
}

/// A request line (RFC 9112 3).
#[derive(Clone, Copy)]
pub(super) struct RequestLine<'a> {
    pub(super) method: &'a [u8],
    pub(super) target: &'a [u8],
    pub(super) version: &'static str,
}

pub(super) const SIMPLE: &str = "0.9";

/// Reads a request line; without a version it is one of HTTP/0.9, which knows but GET.
pub(super) fn request_line(line: &[u8]) -> Option<RequestLine<'_>> {
    let (method, rest) = line.split_at_checked(memchr(b' ', line)?)?;
    let rest = rest.trim_ascii();
    if method.is_empty() || method.len() > METHOD_MAX || !method.iter().all(|byte| is_token(*byte)) {
        return None;
    }
    let versioned = memrchr(b' ', rest).and_then(|at| rest.split_at_checked(at));
    let (target, version) = match versioned.map(|(target, after)| (target, after.trim_ascii())) {
        Some((target, after)) if after.starts_with(b"HTTP/") => (target.trim_ascii(), version(after)?),
        _ if method == b"GET" => (rest, SIMPLE),
        _ => return None,
    };
    (!target.is_empty() && !target.iter().any(u8::is_ascii_control)).then_some(RequestLine { method, target, version })
}

fn version(text: &[u8]) -> Option<&'static str> {
    match text {
        b"HTTP/1.1" => Some("1.1"),
        b"HTTP/1.0" => Some("1.0"),
        _ => None,
    }
}

/// A status line (RFC 9112 4): version and code.
pub(super) fn status_line(line: &[u8]) -> Option<(&'static str, u16)> {
    let (begin, rest) = line.split_at_checked(8)?;
    let version = version(begin)?;
    let digits = rest.strip_prefix(b" ")?.trim_ascii_start();
    let (code, after) = digits.split_at_checked(3)?;
    let code = u16::try_from(decimal(code)?).ok().filter(|code| *code >= 100)?;
    (after.is_empty() || after.starts_with(b" ")).then_some((version, code))
}

/// Whether a message of this direction begins here, as far as a stream that is known to be HTTP needs to be sure.
pub(super) fn begins(way: Way, bytes: &[u8]) -> Verdict {
    match way {
        Way::ToClient => prefix(b"HTTP/1.", bytes),
        Way::ToServer => {
            let within = bytes.get(..METHOD_MAX.saturating_add(1)).unwrap_or(bytes);
            match within.iter().position(|byte| !is_token(*byte)) {
                Some(0) => Verdict::No,
                Some(at) if within.get(at) == Some(&b' ') => Verdict::Yes,
                Some(_) => Verdict::No,
                None if within.len() <= METHOD_MAX => Verdict::Unsure,
                None => Verdict::No,
            }
        }
    }
}

pub(super) fn prefix(wanted: &[u8], bytes: &[u8]) -> Verdict {
    if bytes.starts_with(wanted) {
        Verdict::Yes
    } else if wanted.starts_with(bytes) {
        Verdict::Unsure
    } else {
        Verdict::No
    }
}

/// Whether a message of this direction begins here, sure enough for bytes of which nothing is known: a whole first line
/// with a method that is known.
pub(super) fn looks(way: Way, bytes: &[u8]) -> Verdict {
    match way {
        Way::ToClient => match prefix(b"HTTP/1.", bytes) {
            Verdict::Yes => {
                let Some(begin) = bytes.get(..12) else { return Verdict::Unsure };
                if status_line(begin).is_some() { Verdict::Yes } else { Verdict::No }
            }
            verdict => verdict,
        },
        Way::ToServer => {
            let within = bytes.get(..PROBE_LINE_MAX).unwrap_or(bytes);
            let known =
                |method: &&&str| within.strip_prefix(method.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '));
            let Some(method) = tables::METHODS.iter().find(known) else {
                let begun = tables::METHODS.iter().any(|method| method.as_bytes().starts_with(within));
                return if begun { Verdict::Unsure } else { Verdict::No };
            };
            let target = within.get(method.len().saturating_add(1)..).unwrap_or_default();
            if target.first().is_some_and(|byte| !byte.is_ascii_graphic()) {
                return Verdict::No;
            }
            match memchr(b'\n', within) {
                Some(_) => match request_line(split_line(within).0) {
                    Some(line) if line.version == SIMPLE => {
                        if line.target.starts_with(b"/") {
                            Verdict::Likely
                        } else {
                            Verdict::No
                        }
                    }
                    Some(_) => Verdict::Yes,
                    None => Verdict::No,
                },
                None if within.iter().any(u8::is_ascii_control) && !within.ends_with(b"\r") => Verdict::No,
                None if within.len() < PROBE_LINE_MAX => Verdict::Unsure,
                None if target.starts_with(b"/") || target.starts_with(b"http://") => Verdict::Yes,
                None => Verdict::No,
            }
        }
    }
}

fn vocabulary(word: &[u8]) -> Plain<'_> {
    Plain::new(word, Because::Vocabulary)
}

fn equipment(text: Option<&[u8]>) -> Option<Plain<'_>> {
    text.filter(|text| !text.is_empty()).map(|text| Plain::new(text, Because::Site))
}

fn site(text: &[u8]) -> Option<Plain<'_>> {
    (!text.is_empty()).then(|| Plain::new(text, Because::Site))
}

/// What a request says, of either version.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a [u8],
    pub(super) target: &'a [u8],
    pub(super) host: Option<&'a [u8]>,
    pub(super) user_agent: Option<&'a [u8]>,
    pub(super) content_type: Option<&'a [u8]>,
    pub(super) content_length: Option<u64>,
    pub(super) authorization: Option<&'static str>,
    pub(super) upgrade: Option<&'static str>,
    pub(super) version: &'static str,
}

impl Asked<'_> {
    pub(super) fn report(&self, sink: &mut dyn Sink) {
        let Target { path, rest, query, route, operation, authority } =
            route::target(self.method, self.target, self.content_type);
        let method = tables::METHODS.iter().find(|method| method.as_bytes() == self.method);
        if method.is_none() {
            sink.weird("http.method");
        }
        let host = self.host.filter(|host| !host.is_empty()).map(route::without_user).or(authority);
        sink.event(&Request {
            method: method.map(|method| vocabulary(method.as_bytes())),
            path: site(path),
            rest: rest.map(Phi::new),
            query,
            route: route.map(|route| vocabulary(route.as_bytes())),
            operation: operation.map(|operation| vocabulary(operation.as_bytes())),
            host: host.and_then(site),
            user_agent: equipment(self.user_agent),
            content_type: self.content_type.map(vocabulary),
            content_length: self.content_length.map(Size),
            authorization: vocabulary(self.authorization.unwrap_or("none").as_bytes()),
            upgrade: self.upgrade.map(|upgrade| vocabulary(upgrade.as_bytes())),
            version: vocabulary(self.version.as_bytes()),
        });
    }
}

/// What a response says, of either version.
#[derive(Default)]
pub(super) struct Answered<'a> {
    pub(super) status: u16,
    pub(super) server: Option<&'a [u8]>,
    pub(super) content_type: Option<&'a [u8]>,
    pub(super) content_length: Option<u64>,
    pub(super) version: &'static str,
}

impl Answered<'_> {
    pub(super) fn report(&self, sink: &mut dyn Sink) {
        sink.event(&Response {
            status: Code(u64::from(self.status)),
            server: equipment(self.server),
            content_type: self.content_type.map(vocabulary),
            content_length: self.content_length.map(Size),
            version: vocabulary(self.version.as_bytes()),
        });
    }
}

/// Reports a request of HTTP/1, the lines behind whose first are `lines`.
pub(super) fn request(line: &RequestLine<'_>, lines: &[u8], sink: &mut dyn Sink) -> Framing {
    let known = known(lines, sink);
    let asked = Asked {
        method: line.method,
        target: line.target,
        host: known.host,
        user_agent: known.user_agent,
        content_type: known.content_type,
        content_length: known.framing.length,
        authorization: known.authorization,
        upgrade: known.upgrade,
        version: line.version,
    };
    asked.report(sink);
    known.framing
}

/// Reports a response of HTTP/1.
pub(super) fn response(version: &'static str, status: u16, lines: &[u8], sink: &mut dyn Sink) -> Framing {
    let known = known(lines, sink);
    let answered = Answered {
        status,
        server: known.server,
        content_type: known.content_type,
        content_length: known.framing.length,
        version,
    };
    answered.report(sink);
    known.framing
}
