//! DNS over UDP and TCP (RFC 1035): header, first question, and the answers that name or locate a machine.
//!
//! Names are compressed on the wire. They are rebuilt on the stack with pointers that must go strictly backwards, so a
//! name costs at most its 255 octets whatever the message claims.

mod events;
mod name;
mod stream;

pub use events::*;

use crate::event::{Code, Count, Seconds, Transaction};
use crate::{Decoder, EventSpec, Malformed, Protocol, Reader, Sink, Transport, Verdict, Way};
use holter_phi::{Because, Plain};
use holter_terms::Protocol as Word;
use name::Name;
use std::net::IpAddr;

pub struct Dns;

/// Answer records read per message. The rest is passed over and counted as weird.
pub const MAX_RECORDS: usize = 64;

const HEADER: usize = 12;
const TYPE_A: u16 = 1;
const TYPE_NS: u16 = 2;
const TYPE_CNAME: u16 = 5;
const TYPE_PTR: u16 = 12;
const TYPE_MX: u16 = 15;
const TYPE_AAAA: u16 = 28;
const TYPE_SRV: u16 = 33;
const TYPE_OPT: u16 = 41;

impl Protocol for Dns {
    fn word(&self) -> Word {
        Word::Dns
    }

    fn name(&self) -> &'static str {
        "dns"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp, Transport::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[53, 5353]
    }

    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        let message = match transport {
            Transport::Udp => bytes,
            Transport::Tcp => {
                let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return Verdict::Unsure };
                let length = usize::from(u16::from_be_bytes(*length));
                if length < HEADER {
                    return Verdict::No;
                }
                match rest.get(..length) {
                    Some(message) => message,
                    None if plausible(rest) => return Verdict::Unsure,
                    None => return Verdict::No,
                }
            }
        };
        if plausible(message) && whole(message) { Verdict::Yes } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(stream::Stream::default()))
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        message(bytes, 0, sink)
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        static EVENTS: &[&EventSpec] = &[&message::SPEC, &record::SPEC];
        EVENTS
    }
}

/// The header could be one: a known opcode, few questions, the reserved bit clear, no answers in a query.
fn plausible(bytes: &[u8]) -> bool {
    let Some(&[_, _, high, low, q0, q1, a0, a1, ..]) = bytes.first_chunk::<HEADER>() else {
        return bytes.len() < HEADER;
    };
    let response = high & 0x80 != 0;
    let opcode = high >> 3 & 15;
    let questions = u16::from_be_bytes([q0, q1]);
    let answers = u16::from_be_bytes([a0, a1]);
    matches!(opcode, 0 | 2 | 4 | 5)
        && low & 0x40 == 0
        && questions <= 4
        && (response || answers == 0 || opcode == 5)
        && (questions > 0 || response || answers > 0)
}

/// The first question, or the first record where there is none, can be read.
fn whole(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let Ok(header) = reader.array::<HEADER>("dns.header") else { return false };
    let questions = u16::from_be_bytes([header[4], header[5]]);
    let answers = u16::from_be_bytes([header[6], header[7]]);
    if questions == 0 && answers == 0 {
        return reader.is_empty();
    }
    Name::read(bytes, &mut reader, "dns.name").is_ok() && reader.take(4, "dns.question").is_ok()
}

/// Reads one message; `base` is where it begins in the bytes that the caller was given.
pub(crate) fn message(bytes: &[u8], base: usize, sink: &mut dyn Sink) -> Result<(), Malformed> {
    read(bytes, sink).map_err(|malformed| Malformed { at: malformed.at.saturating_add(base), ..malformed })
}

fn read(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    let id = reader.u16("dns.header")?;
    let flags = reader.u16("dns.header")?;
    let questions = reader.u16("dns.header")?;
    let answers = reader.u16("dns.header")?;
    let authority = reader.u16("dns.header")?;
    let additional = reader.u16("dns.header")?;

    let mut question = None;
    for n in 0..questions {
        let name = Name::read(bytes, &mut reader, "dns.name")?;
        let qtype = reader.u16("dns.question")?;
        let qclass = reader.u16("dns.question")?;
        if n == 0 {
            question = Some((name, qtype, qclass));
        }
    }
    if questions > 1 {
        sink.weird("dns.questions");
    }
    let extended = edns(bytes, reader, [answers, authority, additional], sink);
    let name = question.as_ref().map(|(name, ..)| Plain::new(name.bytes(), Because::Site));
    sink.event(&Message {
        response: flags & 0x8000 != 0,
        transaction: Transaction(id.into()),
        opcode: Code((flags >> 11 & 15).into()),
        rcode: Code(u64::from(extended) << 4 | u64::from(flags & 15)),
        name,
        qtype: question.as_ref().map(|&(_, qtype, _)| Code(qtype.into())),
        qclass: question.as_ref().map(|&(.., qclass)| Code(qclass.into())),
        questions: Count(questions.into()),
        answers: Count(answers.into()),
        authority: Count(authority.into()),
        additional: Count(additional.into()),
        truncated: flags & 0x0200 != 0,
        authoritative: flags & 0x0400 != 0,
    });

    for n in 0..usize::from(answers) {
        if n == MAX_RECORDS {
            sink.weird("dns.records");
            break;
        }
        let owner = Name::read(bytes, &mut reader, "dns.record.name")?;
        let rtype = reader.u16("dns.record")?;
        let _class = reader.u16("dns.record")?;
        let ttl = reader.u32("dns.record")?;
        let length = usize::from(reader.u16("dns.record")?);
        let data = reader.sub(length, "dns.record.data")?;
        let (address, target) = located(bytes, rtype, data)?;
        sink.event(&Record {
            name: Plain::new(owner.bytes(), Because::Site),
            rtype: Code(rtype.into()),
            ttl: Seconds(ttl.into()),
            address,
            target: target.as_ref().map(|name| Plain::new(name.bytes(), Because::Site)),
        });
    }
    Ok(())
}

/// What a record points at: an address, or the name of a machine.
fn located<'a>(bytes: &'a [u8], rtype: u16, mut data: Reader<'a>) -> Result<(Option<IpAddr>, Option<Name>), Malformed> {
    const FIELD: &str = "dns.record.data";
    Ok(match rtype {
        TYPE_A => (Some(IpAddr::from(data.array::<4>(FIELD)?)), None),
        TYPE_AAAA => (Some(IpAddr::from(data.array::<16>(FIELD)?)), None),
        TYPE_NS | TYPE_CNAME | TYPE_PTR => (None, Some(Name::read(bytes, &mut data, FIELD)?)),
        TYPE_MX => {
            data.take(2, FIELD)?;
            (None, Some(Name::read(bytes, &mut data, FIELD)?))
        }
        TYPE_SRV => {
            data.take(6, FIELD)?;
            (None, Some(Name::read(bytes, &mut data, FIELD)?))
        }
        _ => (None, None),
    })
}

/// The high bits of the response code, which EDNS keeps in its OPT record (RFC 6891 6.1.3). A look ahead that gives up
/// in silence: what is malformed there is reported when the records are read in their turn.
fn edns<'a>(bytes: &'a [u8], mut reader: Reader<'a>, counts: [u16; 3], sink: &mut dyn Sink) -> u8 {
    let [_, _, additional] = counts;
    if additional == 0 {
        return 0;
    }
    let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
    let mut found = None;
    for _ in 0..total.min(MAX_RECORDS) {
        let Ok(()) = Name::skip(bytes, &mut reader) else { break };
        let (Ok(rtype), Ok(_size), Ok(ttl)) = (reader.u16(""), reader.u16(""), reader.array::<4>("")) else { break };
        let Ok(length) = reader.u16("") else { break };
        if reader.take(usize::from(length), "").is_err() {
            break;
        }
        if rtype == TYPE_OPT {
            if found.is_some() {
                sink.weird("dns.opt");
            }
            if ttl[1] != 0 {
                sink.weird("dns.edns_version");
            }
            found.get_or_insert(ttl[0]);
        }
    }
    found.unwrap_or(0)
}
