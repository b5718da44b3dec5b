//! One message (RFC 6762 18).

use super::name::Parted;
use super::{Message, Question, Record};
use crate::domain::{self, A, AAAA, CNAME, HEADER, HINFO, Labels, PTR, Part, SRV, TXT, Wire, labels};
use crate::event::{Code, Count, Port, Seconds, Size, Transaction};
use crate::{Malformed, Sink, Verdict};
use holter_phi::{Because, Plain};

/// Questions reported of one message.
pub const QUESTIONS_MAX: usize = 128;
/// Records reported of one message.
pub const RECORDS_MAX: usize = 256;

/// Which types a name has (RFC 6762 6.1), and every type.
const NSEC: u16 = 47;
const ANY: u16 = 255;

static LABELS: Labels = labels!("mdns");

/// The bit above the class: a unicast response is wanted, or the cache is to be flushed (RFC 6762 18.12, 18.13).
const TOP: u16 = 0x8000;

pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let wire = Wire { bytes, labels: &LABELS };
    let header = wire.header()?;
    let [questions, answers, authority, additional] = header.counts;
    sink.event(&Message {
        response: header.response(),
        transaction: Transaction(u64::from(header.id)),
        opcode: Code(u64::from(header.opcode())),
        rcode: Code(u64::from(header.rcode())),
        truncated: header.flags & 0x0200 != 0,
        questions: Count(u64::from(questions)),
        answers: Count(u64::from(answers)),
        authority: Count(u64::from(authority)),
        additional: Count(u64::from(additional)),
    });
    let (mut owner, mut target) = (Parted::new(), Parted::new());
    let (mut asked, mut told) = (0usize, 0usize);
    let end = wire.walk(&header, &mut |part| {
        match part {
            Part::Question(question) => {
                asked = asked.saturating_add(1);
                if asked > QUESTIONS_MAX {
                    return Ok(true);
                }
                owner.read(&wire, question.at)?;
                sink.event(&Question {
                    service: owner.service(),
                    host: owner.host(),
                    instance: owner.instance(),
                    qtype: Code(u64::from(question.kind)),
                    qclass: Code(u64::from(question.class & !TOP)),
                    unicast: question.class & TOP != 0,
                });
            }
            Part::Record(section, record) => {
                told = told.saturating_add(1);
                if told > RECORDS_MAX {
                    return Ok(false);
                }
                owner.read(&wire, record.at)?;
                report(&wire, section, &record, &owner, &mut target, sink)?;
            }
        }
        Ok(true)
    })?;
    if asked > QUESTIONS_MAX {
        sink.weird("mdns.questions");
    }
    if told > RECORDS_MAX {
        sink.weird("mdns.records");
    } else if end < bytes.len() {
        sink.weird("mdns.trailing");
    }
    Ok(())
}

fn report(
    wire: &Wire<'_>,
    section: u8,
    record: &domain::Record<'_>,
    owner: &Parted,
    target: &mut Parted,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let address = record.address().unwrap_or_else(|()| {
        sink.weird("mdns.address_length");
        None
    });
    let pointed = matches!(record.kind, PTR | SRV | CNAME).then(|| record.target_at()).flatten();
    if let Some(at) = pointed
        && target.read(wire, at)? != record.next
    {
        sink.weird("mdns.rdlength");
    }
    let target = pointed.map(|_| &*target);
    let port = match record.data {
        [_, _, _, _, high, low, ..] if record.kind == SRV => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    };
    let mut machine = record.strings().filter(|_| record.kind == HINFO);
    let text = record.kind == TXT;
    let equipment = |text| Plain::new(text, Because::Equipment);
    sink.event(&Record {
        section: Code(u64::from(section)),
        service: owner.service(),
        host: owner.host(),
        instance: owner.instance(),
        rtype: Code(u64::from(record.kind)),
        class: Code(u64::from(record.class & !TOP)),
        flush: record.class & TOP != 0 && record.kind != domain::OPT,
        ttl: Seconds(u64::from(record.ttl)),
        address,
        port: port.map(|port| Port(u64::from(port))),
        target_service: target.and_then(Parted::service),
        target_host: target.and_then(Parted::host),
        target_instance: target.and_then(Parted::instance),
        cpu: machine.next().map(equipment),
        os: machine.next().map(equipment),
        text_strings: text.then(|| Count(record.strings().count() as u64)),
        text_size: text.then_some(Size(record.data.len() as u64)),
    });
    Ok(())
}

/// Whether this has the form of multicast DNS. Sure is only a message without an id that is all there and whose first
/// name ends with `local`.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let wire = Wire { bytes, labels: &LABELS };
    let Ok(header) = wire.header() else { return Verdict::No };
    let [questions, answers, authority, additional] = header.counts;
    let records = [answers, authority, additional].iter().map(|count| usize::from(*count)).sum::<usize>();
    let shortest = usize::from(questions).saturating_mul(5).saturating_add(records.saturating_mul(11));
    let nothing = questions == 0 && records == 0;
    if header.opcode() != 0 || nothing || shortest.saturating_add(HEADER) > bytes.len() {
        return Verdict::No;
    }
    let first = if questions > 0 {
        wire.question(HEADER).map(|question| (question.kind, question.class))
    } else {
        wire.record(HEADER).map(|record| (record.kind, record.class))
    };
    let Ok((kind, class)) = first else { return Verdict::No };
    if kind == 0 || !matches!(class & !TOP, 1 | 3 | 4 | 254 | 255) && kind != domain::OPT {
        return Verdict::No;
    }
    let mut local = false;
    let named = wire.name_labels(HEADER, &mut |label| local = label.eq_ignore_ascii_case(b"local"));
    let whole = wire.walk(&header, &mut |_| Ok(true)) == Ok(bytes.len());
    let known = matches!(kind, A | AAAA | PTR | SRV | TXT | HINFO | NSEC | ANY);
    if named.is_ok() && local && known && whole && header.id == 0 && header.flags & !0x8600 == 0 {
        Verdict::Yes
    } else {
        Verdict::Likely
    }
}
