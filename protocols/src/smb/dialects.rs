//! The words of the negotiation. What is not among them might be anything and is not told.

use super::Negotiate;
use crate::Sink;
use holter_phi::{Because, Plain};

/// Dialects told of one offer.
pub const OFFERED_MAX: usize = 16;

/// Dialects of version 1 (MS-CIFS 1.7, MS-SMB2 3.3.5.3).
const WORDS: &[&[u8]] = &[
    b"PC NETWORK PROGRAM 1.0",
    b"PCLAN1.0",
    b"MICROSOFT NETWORKS 1.03",
    b"MICROSOFT NETWORKS 3.0",
    b"XENIX CORE",
    b"LANMAN1.0",
    b"Windows for Workgroups 3.1a",
    b"LM1.2X002",
    b"DOS LM1.2X002",
    b"LANMAN2.1",
    b"DOS LANMAN2.1",
    b"Samba",
    b"NT LANMAN 1.0",
    b"NT LM 0.12",
    b"CIFS",
    b"SMB 2.002",
    b"SMB 2.???",
];

pub(super) fn word(text: &[u8]) -> Option<&'static [u8]> {
    WORDS.iter().find(|word| **word == text).copied()
}

/// Dialects of versions 2 and 3 (MS-SMB2 2.2.3).
pub(super) const fn number(dialect: u16) -> Option<&'static [u8]> {
    match dialect {
        0x0202 => Some(b"2.0.2"),
        0x0210 => Some(b"2.1"),
        0x02ff => Some(b"2.???"),
        0x0300 => Some(b"3.0"),
        0x0302 => Some(b"3.0.2"),
        0x0311 => Some(b"3.1.1"),
        _ => None,
    }
}

/// What was offered, in its order. `None` stands for a dialect that is not known.
#[derive(Default)]
pub(super) struct Offered {
    words: [Option<&'static [u8]>; OFFERED_MAX],
    used: usize,
}

impl Offered {
    /// False if there is no room left.
    pub(super) fn add(&mut self, word: Option<&'static [u8]>) -> bool {
        let Some(slot) = self.words.get_mut(self.used) else { return false };
        *slot = word;
        self.used = self.used.saturating_add(1);
        true
    }

    pub(super) fn at(&self, index: u16) -> Option<&'static [u8]> {
        self.words.get(..self.used)?.get(usize::from(index)).copied().flatten()
    }

    pub(super) fn report(&self, dialect: Option<&'static [u8]>, signing_required: Option<bool>, sink: &mut dyn Sink) {
        let mut offered = [Plain::new(b"", Because::Vocabulary); OFFERED_MAX];
        let mut known = 0usize;
        let words = self.words.get(..self.used).unwrap_or_default().iter().flatten();
        for (plain, word) in offered.iter_mut().zip(words) {
            *plain = Plain::new(word, Because::Vocabulary);
            known = known.saturating_add(1);
        }
        sink.event(&Negotiate {
            offered: offered.get(..known).unwrap_or_default(),
            dialect: dialect.map(|word| Plain::new(word, Because::Vocabulary)),
            signing_required,
        });
    }
}
