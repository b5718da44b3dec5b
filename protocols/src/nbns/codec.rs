//! One message (RFC 1002 4.2).

use super::{Message, Node, NodeName, Record};
use crate::domain::{self, HEADER, Labels, Part, Wire, labels};
use crate::event::{Code, Count, Seconds, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv4Addr};

/// Records reported of one message, and addresses of one record.
pub const RECORDS_MAX: usize = 32;
/// Names reported of one node.
pub const NAMES_MAX: usize = 64;

/// Letters of an encoded name (RFC 1001 14.1).
const ENCODED: usize = 32;
/// Bytes of a name, and of its first part; the last byte is the suffix.
const NAME: usize = 16;

const NB: u16 = 32;
const STATUS: u16 = 33;
const GROUP: u8 = 0x80;
const ACTIVE: u8 = 0x04;

static LABELS: Labels = labels!("nbns");

/// A name, decoded.
struct Name([u8; NAME]);

impl Name {
    /// Two letters hold one byte; the scope behind the name is not read.
    fn read(wire: &Wire<'_>, at: usize) -> Result<Name, Malformed> {
        let mut first: Option<&[u8]> = None;
        wire.name_labels(at, &mut |label| first = first.or(Some(label)))?;
        let malformed = Malformed { field: LABELS.name, at: at.min(wire.bytes.len()) };
        decoded(first.unwrap_or_default()).map(Name).ok_or(malformed)
    }

    fn text(&self) -> Plain<'_> {
        text(&self.0)
    }

    fn suffix(&self) -> Code {
        suffix(&self.0)
    }
}

fn decoded(label: &[u8]) -> Option<[u8; NAME]> {
    if label.len() != ENCODED {
        return None;
    }
    let nibble = |letter: u8| letter.checked_sub(b'A').filter(|nibble| *nibble < 16);
    let mut name = [0; NAME];
    for (byte, letters) in name.iter_mut().zip(label.as_chunks::<2>().0) {
        let [high, low] = *letters;
        *byte = nibble(high)? << 4 | nibble(low)?;
    }
    Some(name)
}

/// The first part of a name, without the blanks and zeros that pad it.
fn text(name: &[u8; NAME]) -> Plain<'_> {
    let [first @ .., _] = name;
    let end = first.iter().rposition(|byte| !matches!(byte, 0 | b' ')).map_or(0, |last| last.saturating_add(1));
    Plain::new(first.get(..end).unwrap_or_default(), Because::Site)
}

fn suffix(name: &[u8; NAME]) -> Code {
    let [.., suffix] = name;
    Code(u64::from(*suffix))
}

pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let wire = Wire { bytes, labels: &LABELS };
    let header = wire.header()?;
    let [questions, answers, ..] = header.counts;
    let question = if questions > 0 { wire.question(HEADER).ok() } else { None };
    let name = question.and_then(|question| Name::read(&wire, question.at).ok());
    sink.event(&Message {
        response: header.response(),
        transaction: Transaction(u64::from(header.id)),
        opcode: Code(u64::from(header.opcode())),
        rcode: Code(u64::from(header.rcode())),
        broadcast: header.flags & 0x0010 != 0,
        name: name.as_ref().map(Name::text),
        suffix: name.as_ref().map(Name::suffix),
        qtype: question.map(|question| Code(u64::from(question.kind))),
        questions: Count(u64::from(questions)),
        answers: Count(u64::from(answers)),
    });
    let mut seen = 0usize;
    let end = wire.walk(&header, &mut |part| {
        match part {
            Part::Question(question) => {
                Name::read(&wire, question.at)?;
            }
            Part::Record(_, record) => {
                seen = seen.saturating_add(1);
                if seen > RECORDS_MAX {
                    return Ok(false);
                }
                report(&wire, &record, sink)?;
            }
        }
        Ok(true)
    })?;
    if seen > RECORDS_MAX {
        sink.weird("nbns.records");
    } else if end < bytes.len() {
        sink.weird("nbns.trailing");
    }
    Ok(())
}

fn report(wire: &Wire<'_>, record: &domain::Record<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let name = Name::read(wire, record.at)?;
    let mut room = [IpAddr::V4(Ipv4Addr::UNSPECIFIED); RECORDS_MAX];
    let mut used = 0usize;
    let mut group = None;
    if record.kind == NB {
        // Entries of flags and address; a response to a release or a wait holds other things.
        for [flags, _, a, b, c, d] in record.data.as_chunks::<6>().0 {
            group = group.or(Some(flags & GROUP != 0));
            if let Some(slot) = room.get_mut(used) {
                *slot = IpAddr::from([*a, *b, *c, *d]);
                used = used.saturating_add(1);
            }
        }
    }
    sink.event(&Record {
        name: name.text(),
        suffix: name.suffix(),
        rtype: Code(u64::from(record.kind)),
        ttl: Seconds(u64::from(record.ttl)),
        group,
        addresses: room.get(..used).unwrap_or_default(),
    });
    if record.kind == STATUS { status(record, sink) } else { Ok(()) }
}

/// The names of a node, then the address of its link.
fn status(record: &domain::Record<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::based(record.data, record.data_at);
    let count = usize::from(reader.u8("nbns.node")?);
    let names = reader.take(count.saturating_mul(NAME + 2), "nbns.node")?;
    let mac = reader.array("nbns.node").ok().map(Mac).filter(|mac| *mac != Mac::ZERO);
    sink.event(&Node { names: Count(count as u64), mac });
    if count > NAMES_MAX {
        sink.weird("nbns.names");
    }
    for entry in names.as_chunks::<{ NAME + 2 }>().0.iter().take(NAMES_MAX) {
        let (Some(name), [.., flags, _]) = (entry.first_chunk::<NAME>(), *entry) else { continue };
        sink.event(&NodeName {
            name: text(name),
            suffix: suffix(name),
            group: flags & GROUP != 0,
            active: flags & ACTIVE != 0,
        });
    }
    Ok(())
}

/// Whether this is a message of the name service.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let wire = Wire { bytes, labels: &LABELS };
    let Ok(header) = wire.header() else { return Verdict::No };
    let counts = header.counts.map(usize::from);
    let [questions, answers, authority, additional] = counts;
    let few = questions <= 1 && answers <= 1 && authority == 0 && additional <= 1;
    let known = matches!(header.opcode(), 0 | 5..=9 | 15);
    let named = Name::read(&wire, HEADER).is_ok();
    match (few && known && counts.iter().sum::<usize>() > 0, named) {
        (true, true) => Verdict::Yes,
        // A name that is badly encoded is still this protocol's, on its port.
        (true, false) if bytes.get(HEADER) == Some(&(ENCODED as u8)) => Verdict::Likely,
        _ => Verdict::No,
    }
}
