//! What parts a message (HL7 v2.5.1 2.5.4).

use crate::Malformed;
use memchr::{memchr, memchr_iter};

/// The delimiters of a message (MSH-1, MSH-2).
#[derive(Clone, Copy)]
pub(super) struct Delimiters {
    field: u8,
    pub(super) component: u8,
    pub(super) repetition: Option<u8>,
}

impl Delimiters {
    /// Of `MSH|^~\&|`, from the byte after the segment name, which stands at `at`.
    pub(super) fn read(rest: &[u8], at: usize) -> Result<Delimiters, Malformed> {
        let usable = |byte: u8| byte.is_ascii_punctuation();
        let malformed = |offset: usize| Malformed { field: "hl7.delimiters", at: at.saturating_add(offset) };
        let (&field, after) = rest.split_first().ok_or(malformed(0))?;
        if !usable(field) {
            return Err(malformed(0));
        }
        let encoding = after.get(..memchr(field, after).unwrap_or(after.len())).unwrap_or_default();
        let &component = encoding.first().ok_or(malformed(1))?;
        let distinct = encoding
            .iter()
            .enumerate()
            .all(|(n, byte)| !encoding.iter().skip(n.saturating_add(1)).any(|other| other == byte));
        if encoding.len() > 5 || !distinct || !encoding.iter().all(|&byte| usable(byte)) {
            return Err(malformed(1));
        }
        Ok(Delimiters { field, component, repetition: encoding.get(1).copied() })
    }

    /// Field `n` of a segment. In MSH, FHS and BHS the separator itself is field 1: ask for one less.
    pub(super) fn fields<'a>(&self, segment: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        split(segment, self.field)
    }

    /// How many fields a segment has behind its name.
    pub(super) fn count(&self, segment: &[u8]) -> usize {
        memchr_iter(self.field, segment).count()
    }

    pub(super) fn component<'a>(&self, field: &'a [u8], n: usize) -> &'a [u8] {
        split(self.first_of(field), self.component).nth(n.saturating_sub(1)).unwrap_or_default()
    }

    /// The first repetition of a field.
    fn first_of<'a>(&self, field: &'a [u8]) -> &'a [u8] {
        self.repetition.and_then(|mark| split(field, mark).next()).unwrap_or(field)
    }
}

pub(super) fn split(bytes: &[u8], mark: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        match position(mark, bytes) {
            Some(at) => {
                let (first, after) = bytes.split_at_checked(at)?;
                rest = after.get(1..);
                Some(first)
            }
            None => rest.take(),
        }
    })
}

/// Most parts are shorter than what a search by vectors takes to begin.
const SHORT: usize = 16;

fn position(mark: u8, bytes: &[u8]) -> Option<usize> {
    match bytes.split_at_checked(SHORT) {
        None => bytes.iter().position(|&byte| byte == mark),
        Some((head, tail)) => {
            head.iter().position(|&byte| byte == mark).or_else(|| memchr(mark, tail).map(|at| at.saturating_add(SHORT)))
        }
    }
}
