//! One message (RFC 1035 4.1, RFC 6895, EDNS RFC 6891).

use super::{Message, Record};
use crate::domain::{HEADER, Labels, Name, OPT, Part, TXT, Wire, labels};
use crate::event::{Code, Count, Seconds, Size, Transaction};
use crate::{Malformed, Sink, Verdict};
use holter_phi::{Because, Plain};

/// Records reported of one message.
pub const RECORDS_MAX: usize = 256;

pub(super) static LABELS: Labels = labels!("dns");

pub(super) fn wire(bytes: &[u8]) -> Wire<'_> {
    Wire { bytes, labels: &LABELS }
}

/// What the walk over all sections found, before anything is reported.
#[derive(Default)]
struct Found {
    qtype: Option<u16>,
    qclass: Option<u16>,
    /// Version of EDNS, high bits of the response code, and size.
    edns: Option<(u8, u8, u16)>,
    options: u32,
}

/// Reports the message and its records; then fails if it is broken further on.
pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let wire = wire(message);
    let header = wire.header()?;
    let [questions, answers, authority, additional] = header.counts;
    if questions > 1 {
        sink.weird("dns.questions");
    }
    let mut found = Found::default();
    // Walks the sections by what stands there, never by what the counts promise.
    let result = wire.walk(&header, &mut |part| {
        match part {
            Part::Question(question) => {
                found.qtype = found.qtype.or(Some(question.kind));
                found.qclass = found.qclass.or(Some(question.class));
            }
            Part::Record(2.., record) if record.kind == OPT => {
                let [extended, version, ..] = record.ttl.to_be_bytes();
                found.edns = found.edns.or(Some((version, extended, record.class)));
                found.options = found.options.saturating_add(1);
                if version != 0 {
                    sink.weird("dns.edns_version");
                }
            }
            Part::Record(..) => {}
        }
        Ok(true)
    });
    if found.options > 1 {
        sink.weird("dns.edns_twice");
    }
    if result.is_ok_and(|end| end < message.len()) {
        sink.weird("dns.trailing");
    }
    let mut name = Name::new();
    let named = found.qtype.is_some() && name.read(&wire, HEADER).is_ok();
    let extended = found.edns.map_or(0, |(_, extended, _)| u64::from(extended) << 4);
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
        edns: found.edns.map(|(version, ..)| Code(u64::from(version))),
        edns_size: found.edns.map(|(_, _, size)| Size(u64::from(size))),
    });
    if header.opcode() == 0 && header.response() {
        records(&wire, sink)?;
    }
    result.map(|_| ())
}

/// Reports the whole records of all sections; EDNS is part of the message.
fn records(wire: &Wire<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let header = wire.header()?;
    let (mut owner, mut target) = (Name::new(), Name::new());
    let (mut seen, mut broken) = (0usize, Ok(()));
    let _ = wire.walk(&header, &mut |part| {
        let Part::Record(section, record) = part else { return Ok(true) };
        if record.kind == OPT && section > 1 {
            return Ok(true);
        }
        if seen >= RECORDS_MAX {
            sink.weird("dns.records");
            return Ok(false);
        }
        seen = seen.saturating_add(1);
        let address = record.address().unwrap_or_else(|()| {
            sink.weird("dns.address_length");
            None
        });
        let named = owner.read(wire, record.at).and_then(|_| match record.target_at() {
            Some(at) => target.read(wire, at).map(Some),
            None => Ok(None),
        });
        let end = match named {
            Ok(end) => end,
            Err(malformed) => {
                broken = Err(malformed);
                return Ok(false);
            }
        };
        if end.is_some_and(|end| end != record.next) {
            sink.weird("dns.rdlength");
        }
        let text = record.kind == TXT;
        sink.event(&Record {
            name: Plain::new(owner.text(), Because::Site),
            section: Code(u64::from(section)),
            rtype: Code(u64::from(record.kind)),
            ttl: Seconds(u64::from(record.ttl)),
            address,
            target: end.is_some().then(|| Plain::new(target.text(), Because::Site)),
            text_strings: text.then(|| Count(record.strings().count() as u64)),
            text_size: text.then_some(Size(record.data.len() as u64)),
        });
        Ok(true)
    });
    broken
}

/// Whether these are the first bytes of a DNS message of `length` bytes. One question, and nothing that the header
/// says may contradict itself; multicast DNS, LLMNR's conflicts and NetBIOS names are not DNS.
pub(super) fn looks(bytes: &[u8], length: usize) -> Verdict {
    let wire = wire(bytes);
    let Ok(header) = wire.header() else {
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
    match name.read(&wire, HEADER) {
        Ok(_) => {}
        Err(malformed) if malformed.field == LABELS.name && bytes.len() < length => return Verdict::Unsure,
        Err(_) => return Verdict::No,
    }
    let Ok(question) = wire.question(HEADER) else {
        return if bytes.len() < length { Verdict::Unsure } else { Verdict::No };
    };
    let alone = answers == 0 && authority == 0 && additional == 0;
    let text = name.text();
    let multicast = text.len() >= 6 && text.ends_with(b".local") && header.id == 0;
    // One label and no wish for recursion: LLMNR (RFC 4795 2.1.1), whose form is that of DNS.
    let link_local = header.flags & 0x0100 == 0 && !text.is_empty() && !text.contains(&b'.');
    let holds = question.kind != 0
        && matches!(question.class, 1 | 3 | 4 | 254 | 255)
        && !multicast
        && !link_local
        && !is_netbios(text)
        && (!alone || question.next == length || response);
    if holds { Verdict::Yes } else { Verdict::No }
}

/// A NetBIOS name: one label of 32 letters A to P, perhaps with a scope behind it (RFC 1001 14.1).
fn is_netbios(name: &[u8]) -> bool {
    name.get(..32).is_some_and(|first| first.iter().all(|byte| (b'A'..=b'P').contains(byte)))
        && name.get(32).is_none_or(|&byte| byte == b'.')
}

/// The first record of the answers must also be readable where it is all there: used for datagrams.
pub(super) fn first_answer_holds(message: &[u8]) -> bool {
    let wire = wire(message);
    let Ok(header) = wire.header() else { return false };
    let [_, answers, authority, additional] = header.counts;
    if answers == 0 && authority == 0 && additional == 0 {
        return true;
    }
    let Ok(question) = wire.skip(HEADER) else { return false };
    // A datagram may be cut in the middle of a record, but not have something else in its place.
    match wire.record(question.saturating_add(4)) {
        Ok(record) => matches!(record.class, 1 | 3 | 4 | 254 | 255) || record.kind == OPT,
        Err(malformed) => malformed.field == LABELS.rdlength,
    }
}
