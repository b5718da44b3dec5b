//! One message (RFC 4795 2.1).

use super::{Message, Record};
use crate::domain::{HEADER, Labels, Name, Part, TXT, Wire, labels};
use crate::event::{Code, Count, Seconds, Size, Transaction};
use crate::{Malformed, Sink};
use holter_phi::{Because, Plain};

/// Records reported of one message.
pub const RECORDS_MAX: usize = 64;

static LABELS: Labels = labels!("llmnr");

pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let wire = Wire { bytes, labels: &LABELS };
    let header = wire.header()?;
    let [questions, answers, authority, additional] = header.counts;
    if questions != 1 {
        sink.weird("llmnr.questions");
    }
    let mut name = Name::new();
    let first = if questions > 0 { wire.question(HEADER).ok() } else { None };
    let named = first.is_some_and(|first| name.read(&wire, first.at).is_ok());
    sink.event(&Message {
        response: header.response(),
        transaction: Transaction(u64::from(header.id)),
        opcode: Code(u64::from(header.opcode())),
        rcode: Code(u64::from(header.rcode())),
        conflict: header.flags & 0x0400 != 0,
        truncated: header.flags & 0x0200 != 0,
        tentative: header.flags & 0x0100 != 0,
        name: named.then(|| Plain::new(name.text(), Because::Site)),
        qtype: first.map(|first| Code(u64::from(first.kind))),
        qclass: first.map(|first| Code(u64::from(first.class))),
        questions: Count(u64::from(questions)),
        answers: Count(u64::from(answers)),
        authority: Count(u64::from(authority)),
        additional: Count(u64::from(additional)),
    });
    let (mut owner, mut target) = (Name::new(), Name::new());
    let mut seen = 0usize;
    let end = wire.walk(&header, &mut |part| {
        let Part::Record(section, record) = part else { return Ok(true) };
        seen = seen.saturating_add(1);
        if seen > RECORDS_MAX {
            return Ok(false);
        }
        owner.read(&wire, record.at)?;
        let address = record.address().unwrap_or_else(|()| {
            sink.weird("llmnr.address_length");
            None
        });
        let pointed = record.target_at();
        if let Some(at) = pointed
            && target.read(&wire, at)? != record.next
        {
            sink.weird("llmnr.rdlength");
        }
        let text = record.kind == TXT;
        sink.event(&Record {
            name: Plain::new(owner.text(), Because::Site),
            section: Code(u64::from(section)),
            rtype: Code(u64::from(record.kind)),
            ttl: Seconds(u64::from(record.ttl)),
            address,
            target: pointed.map(|_| Plain::new(target.text(), Because::Site)),
            text_strings: text.then(|| Count(record.strings().count() as u64)),
            text_size: text.then_some(Size(record.data.len() as u64)),
        });
        Ok(true)
    })?;
    if seen > RECORDS_MAX {
        sink.weird("llmnr.records");
    } else if end < bytes.len() {
        sink.weird("llmnr.trailing");
    }
    Ok(())
}

/// Whether this has the form: one question for a name of the Internet class, and nothing that a sender may not set.
pub(super) fn looks(bytes: &[u8]) -> bool {
    let wire = Wire { bytes, labels: &LABELS };
    let Ok(header) = wire.header() else { return false };
    let [questions, answers, authority, additional] = header.counts;
    let records = [answers, authority, additional].iter().map(|count| usize::from(*count)).sum::<usize>();
    questions == 1
        && header.opcode() == 0
        && (header.response() || answers == 0 && authority == 0)
        && records.saturating_mul(11).saturating_add(HEADER + 5) <= bytes.len()
        && wire.question(HEADER).is_ok_and(|question| matches!(question.class, 1 | 255))
}
