//! One message (RFC 1035 4.1, RFC 6895, EDNS RFC 6891).

use super::name::{self, Name};
use super::{Message, Record};
use crate::event::{Code, Count, Seconds, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Answer records reported of one message.
pub const RECORDS_MAX: usize = 256;
pub(super) const HEADER: usize = 12;

const A: u16 = 1;
const NS: u16 = 2;
const CNAME: u16 = 5;
const PTR: u16 = 12;
const MX: u16 = 15;
const AAAA: u16 = 28;
const SRV: u16 = 33;
const DNAME: u16 = 39;
const OPT: u16 = 41;

struct Header {
    id: u16,
    flags: u16,
    counts: [u16; 4],
}

impl Header {
    fn read(message: &[u8]) -> Result<Header, Malformed> {
        let mut reader = Reader::new(message);
        let id = reader.u16("dns.header")?;
        let flags = reader.u16("dns.header")?;
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = reader.u16("dns.header")?;
        }
        Ok(Header { id, flags, counts })
    }

    fn response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    fn opcode(&self) -> u16 {
        self.flags >> 11 & 15
    }

    fn rcode(&self) -> u16 {
        self.flags & 15
    }
}

/// A record's fixed part and where its data stands.
struct Raw {
    kind: u16,
    class: u16,
    ttl: u32,
    data: usize,
    length: usize,
    next: usize,
}

fn record(message: &[u8], at: usize) -> Result<Raw, Malformed> {
    let fixed = name::skip(message, at)?;
    let mut reader = Reader::based(message.get(fixed..).unwrap_or_default(), fixed);
    let kind = reader.u16("dns.record")?;
    let class = reader.u16("dns.record")?;
    let ttl = reader.u32("dns.record")?;
    let length = usize::from(reader.u16("dns.record")?);
    let data = reader.at();
    reader.take(length, "dns.rdlength")?;
    Ok(Raw { kind, class, ttl, data, length, next: reader.at() })
}

/// What the walk over all sections found, before anything is reported.
#[derive(Default)]
struct Found {
    qtype: Option<u16>,
    qclass: Option<u16>,
    /// Where the answer section begins, and how many of its records are whole.
    answers: usize,
    whole: u16,
    extended: Option<u8>,
}

/// Reports the message and its answers; then fails if it is broken further on.
pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let header = Header::read(message)?;
    let mut found = Found::default();
    let result = walk(message, &header, &mut found, sink);
    let [questions, answers, authority, additional] = header.counts;
    let mut name = Name::new();
    let named = found.qtype.is_some() && name.read(message, HEADER).is_ok();
    let extended = u64::from(found.extended.unwrap_or(0)) << 4;
    sink.event(&Message {
        response: header.response(),
        transaction: Transaction(u64::from(header.id)),
        opcode: Code(u64::from(header.opcode())),
        rcode: Code(extended | u64::from(header.rcode())),
        name: named.then(|| Plain::new(name.text(), Because::Site)),
        qtype: found.qtype.map(|qtype| Code(u64::from(qtype))),
        qclass: found.qclass.map(|qclass| Code(u64::from(qclass))),
        questions: Count(u64::from(questions)),
        answers: Count(u64::from(answers)),
        authority: Count(u64::from(authority)),
        additional: Count(u64::from(additional)),
        truncated: header.flags & 0x0200 != 0,
        authoritative: header.flags & 0x0400 != 0,
    });
    if header.opcode() == 0 && header.response() {
        records(message, &found, sink)?;
    }
    result
}

/// Walks the sections by what stands there, never by what the counts promise.
fn walk(message: &[u8], header: &Header, found: &mut Found, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let [questions, answers, authority, additional] = header.counts;
    if questions > 1 {
        sink.weird("dns.questions");
    }
    let mut at = HEADER;
    for _ in 0..questions {
        let fixed = name::skip(message, at)?;
        let mut reader = Reader::based(message.get(fixed..).unwrap_or_default(), fixed);
        let (qtype, qclass) = (reader.u16("dns.question")?, reader.u16("dns.question")?);
        found.qtype = found.qtype.or(Some(qtype));
        found.qclass = found.qclass.or(Some(qclass));
        at = reader.at();
    }
    found.answers = at;
    for _ in 0..answers {
        at = record(message, at)?.next;
        found.whole = found.whole.saturating_add(1);
    }
    let mut options = 0u32;
    for _ in 0..u32::from(authority).saturating_add(u32::from(additional)) {
        let raw = record(message, at)?;
        at = raw.next;
        if raw.kind == OPT {
            options = options.saturating_add(1);
            let [extended, version, ..] = raw.ttl.to_be_bytes();
            found.extended = found.extended.or(Some(extended));
            if version != 0 {
                sink.weird("dns.edns_version");
            }
        }
    }
    if options > 1 {
        sink.weird("dns.edns_twice");
    }
    if at < message.len() {
        sink.weird("dns.trailing");
    }
    Ok(())
}

fn records(message: &[u8], found: &Found, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut at = found.answers;
    let (mut owner, mut target) = (Name::new(), Name::new());
    for n in 0..found.whole {
        if usize::from(n) >= RECORDS_MAX {
            sink.weird("dns.records");
            break;
        }
        let raw = record(message, at)?;
        owner.read(message, at)?;
        at = raw.next;
        let data = message.get(raw.data..raw.data.saturating_add(raw.length)).unwrap_or_default();
        let address = match raw.kind {
            A => data.try_into().ok().map(|bytes: [u8; 4]| IpAddr::V4(Ipv4Addr::from(bytes))),
            AAAA => data.try_into().ok().map(|bytes: [u8; 16]| IpAddr::V6(Ipv6Addr::from(bytes))),
            _ => None,
        };
        if matches!(raw.kind, A | AAAA) && address.is_none() {
            sink.weird("dns.address_length");
        }
        let before = match raw.kind {
            NS | CNAME | PTR | DNAME => Some(0),
            MX => Some(2),
            SRV => Some(6),
            _ => None,
        };
        let named = match before {
            Some(before) => {
                let end = target.read(message, raw.data.saturating_add(before))?;
                if end != raw.next {
                    sink.weird("dns.rdlength");
                }
                true
            }
            None => false,
        };
        sink.event(&Record {
            name: Plain::new(owner.text(), Because::Site),
            rtype: Code(u64::from(raw.kind)),
            ttl: Seconds(u64::from(raw.ttl)),
            address,
            target: named.then(|| Plain::new(target.text(), Because::Site)),
        });
    }
    Ok(())
}

/// Whether these are the first bytes of a DNS message of `length` bytes. One question, and nothing that the header
/// says may contradict itself; multicast DNS, LLMNR's conflicts and NetBIOS names are not DNS.
pub(super) fn looks(bytes: &[u8], length: usize) -> Verdict {
    let Ok(header) = Header::read(bytes) else {
        return if length < HEADER { Verdict::No } else { Verdict::Unsure };
    };
    let [questions, answers, authority, additional] = header.counts;
    let response = header.response();
    // A query holds nothing but its question (NOTIFY and UPDATE hold more) and at most EDNS, TSIG and their like.
    let plausible = questions == 1
        && matches!(header.opcode(), 0 | 4 | 5)
        && header.flags & 0x0040 == 0
        && additional <= if response { 256 } else { 3 }
        && (response || (header.rcode() == 0 && header.flags & 0x0480 == 0 || header.opcode() == 4))
        && (response || header.opcode() != 0 || answers == 0 && authority == 0)
        && header.rcode() <= 10;
    let shortest = usize::from(answers)
        .saturating_add(usize::from(authority))
        .saturating_add(usize::from(additional))
        .saturating_mul(11)
        .saturating_add(HEADER + 5);
    if !plausible || shortest > length {
        return Verdict::No;
    }
    let mut name = Name::new();
    let fixed = match name.read(bytes, HEADER) {
        Ok(fixed) => fixed,
        Err(malformed) if malformed.field == "dns.name" && bytes.len() < length => return Verdict::Unsure,
        Err(_) => return Verdict::No,
    };
    let mut reader = Reader::based(bytes.get(fixed..).unwrap_or_default(), fixed);
    let (Ok(qtype), Ok(class)) = (reader.u16("dns.question"), reader.u16("dns.question")) else {
        return if bytes.len() < length { Verdict::Unsure } else { Verdict::No };
    };
    let ends = reader.at();
    let alone = answers == 0 && authority == 0 && additional == 0;
    let text = name.text();
    let multicast = text.len() >= 6 && text.ends_with(b".local") && header.id == 0;
    // One label and no wish for recursion: LLMNR (RFC 4795 2.1.1), whose form is that of DNS.
    let link_local = header.flags & 0x0100 == 0 && !text.is_empty() && !text.contains(&b'.');
    let holds = qtype != 0
        && matches!(class, 1 | 3 | 4 | 254 | 255)
        && !multicast
        && !link_local
        && !is_netbios(text)
        && (!alone || ends == length || response);
    if holds { Verdict::Yes } else { Verdict::No }
}

/// A NetBIOS name: one label of 32 letters A to P, perhaps with a scope behind it (RFC 1001 14.1).
fn is_netbios(name: &[u8]) -> bool {
    name.get(..32).is_some_and(|first| first.iter().all(|byte| (b'A'..=b'P').contains(byte)))
        && name.get(32).is_none_or(|&byte| byte == b'.')
}

/// The first record of the answers must also be readable where it is all there: used for datagrams.
pub(super) fn first_answer_holds(message: &[u8]) -> bool {
    let Ok(header) = Header::read(message) else { return false };
    let [_, answers, authority, additional] = header.counts;
    if answers == 0 && authority == 0 && additional == 0 {
        return true;
    }
    let Ok(question) = name::skip(message, HEADER) else { return false };
    // A datagram may be cut in the middle of a record, but not have something else in its place.
    match record(message, question.saturating_add(4)) {
        Ok(raw) => matches!(raw.class, 1 | 3 | 4 | 254 | 255) || raw.kind == OPT,
        Err(malformed) => malformed.field == "dns.rdlength",
    }
}
