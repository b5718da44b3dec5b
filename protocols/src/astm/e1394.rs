//! Records: their letter, and the few fields that describe the instrument.

use super::Record;
use crate::event::Size;
use crate::{Sink, Verdict};
use holter_phi::{Because, Phi, Plain};
use memchr::memchr;

/// Longest component that is taken as a name.
pub const NAME_MAX: usize = 80;

const LETTERS: &[&[u8; 1]] = &[b"H", b"P", b"O", b"R", b"C", b"Q", b"M", b"S", b"L"];

/// Versions that H-13 may name.
const STANDARDS: &[&[u8]] = &[b"1", b"E 1394-97", b"E1394-97", b"1394-97", b"LIS2-A", b"LIS2-A2", b"LIS02-A2"];

/// The delimiters of a message (H-2).
#[derive(Clone, Copy)]
pub(super) struct Delimiters {
    field: u8,
    repeat: u8,
    component: u8,
}

impl Default for Delimiters {
    fn default() -> Self {
        Delimiters { field: b'|', repeat: b'\\', component: b'^' }
    }
}

impl Delimiters {
    /// Of `H|\^&|`.
    fn read(record: &[u8]) -> Option<Delimiters> {
        let &[b'H', field, repeat, component, escape, ..] = record else { return None };
        let marks = [field, repeat, component, escape];
        let distinct =
            marks.iter().enumerate().all(|(n, mark)| !marks.iter().skip(n.saturating_add(1)).any(|m| m == mark));
        let usable = marks.iter().all(u8::is_ascii_punctuation);
        let ends = record.get(5).is_none_or(|after| *after == field || *after == b'\r');
        (distinct && usable && ends).then_some(Delimiters { field, repeat, component })
    }
}

/// `H|\^&` with the usual marks: others are read, but claimed by nobody.
pub(super) fn is_header(text: &[u8]) -> Verdict {
    const HEADER: &[u8] = b"H|\\^&";
    let length = text.len().min(HEADER.len());
    match (text.get(..length) == HEADER.get(..length), text.get(HEADER.len())) {
        (false, _) => Verdict::No,
        (true, Some(b'|' | b'\r')) => Verdict::Yes,
        (true, Some(_)) => Verdict::No,
        (true, None) => Verdict::Unsure,
    }
}

/// Reports a record. `cut` where the frame ends before it does: its last field may then be a part of one.
pub(super) fn report(record: &[u8], cut: bool, delimiters: &mut Delimiters, sink: &mut dyn Sink) {
    let Some(letter) = LETTERS.iter().find(|letter| record.first() == letter.first()) else {
        if !record.is_empty() {
            sink.weird("astm.letter");
        }
        return;
    };
    if record.get(1).is_some_and(u8::is_ascii_alphanumeric) {
        sink.weird("astm.letter");
        return;
    }
    let mut event = Record {
        letter: Plain::new(*letter, Because::Vocabulary),
        name: None,
        model: None,
        serial: None,
        version: None,
        standard: None,
        secret: false,
        patient: None,
        size: Size(record.len() as u64),
    };
    match *letter {
        b"H" => match Delimiters::read(record) {
            Some(used) => {
                *delimiters = used;
                header(record, cut, used, &mut event);
            }
            None => sink.weird("astm.delimiters"),
        },
        b"P" => event.patient = patient(record, cut, *delimiters),
        _ => {}
    }
    sink.event(&event);
}

fn fields(record: &[u8], cut: bool, mark: u8) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = Some(record);
    let mut number = 0usize;
    std::iter::from_fn(move || {
        let bytes = rest?;
        let field = match memchr(mark, bytes) {
            Some(at) => {
                rest = bytes.get(at.saturating_add(1)..);
                bytes.get(..at)?
            }
            None if cut => return None,
            None => rest.take()?,
        };
        number = number.saturating_add(1);
        Some((number, field))
    })
}

fn header<'a>(record: &'a [u8], cut: bool, delimiters: Delimiters, event: &mut Record<'a>) {
    // H-2 holds the marks themselves, the one of fields not among them.
    for (number, field) in fields(record, cut, delimiters.field).take(13) {
        match number {
            4 => event.secret = !field.is_empty(),
            5 => sender(field, delimiters, event),
            13 => {
                let word = STANDARDS.iter().find(|word| **word == field.trim_ascii());
                event.standard = word.map(|word| Plain::new(word, Because::Vocabulary));
            }
            _ => {}
        }
    }
}

fn sender<'a>(field: &'a [u8], delimiters: Delimiters, event: &mut Record<'a>) {
    let field = field.split(|byte| *byte == delimiters.repeat).next().unwrap_or_default();
    let named = |text: &'a [u8], because| {
        let text = text.trim_ascii();
        (!text.is_empty() && text.len() <= NAME_MAX).then(|| Plain::new(text, because))
    };
    for (n, part) in field.split(|byte| *byte == delimiters.component).take(3).enumerate() {
        match n {
            0 => event.name = named(part, Because::Equipment),
            1 => event.model = named(part, Because::Equipment),
            _ => {
                let slash = memchr(b'/', part).unwrap_or(part.len());
                event.serial = named(part.get(..slash).unwrap_or_default(), Because::Site);
                event.version = named(part.get(slash.saturating_add(1)..).unwrap_or_default(), Because::Equipment);
            }
        }
    }
}

fn patient(record: &[u8], cut: bool, delimiters: Delimiters) -> Option<Phi<'_>> {
    let mut found = None;
    for (number, field) in fields(record, cut, delimiters.field).take(4) {
        let id = field.split(|byte| *byte == delimiters.component).next().unwrap_or_default();
        if number > 2 && !id.is_empty() {
            found = found.or(Some(Phi::new(id)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_distinct_punctuation() {
        assert!(Delimiters::read(b"H|\\^&|||x").is_some() && Delimiters::read(b"H|\\^&").is_some());
        for wrong in [&b"H||^&|"[..], b"Habcd|", b"H|\\^&x|", b"P|\\^&|", b"H|\\"] {
            assert!(Delimiters::read(wrong).is_none(), "{wrong:?}");
        }
    }
}
