//! Object identifiers as text.

use crate::ber;
use crate::joined::Joined;
use holter_phi::{Because, Plain};

/// Names of bindings that are told of one message.
pub const OIDS_MAX: usize = 32;
/// Longest name that is told, as text; the rest of a longer one is left out.
pub const OID_TEXT_MAX: usize = 96;
/// So many letters in a row are a text.
const LETTERS: usize = 3;

/// The names of a message's bindings.
pub(super) struct Names {
    names: [Joined<OID_TEXT_MAX>; OIDS_MAX],
    used: usize,
}

impl Names {
    pub(super) const fn new() -> Self {
        Names { names: [const { Joined::new() }; OIDS_MAX], used: 0 }
    }

    /// False if there is no room left.
    pub(super) fn add(&mut self, oid: &[u8]) -> bool {
        let Some(name) = self.names.get_mut(self.used) else { return false };
        write(oid, name);
        self.used = self.used.saturating_add(1);
        true
    }

    pub(super) fn plain<'a>(&'a self, into: &'a mut [Plain<'a>; OIDS_MAX]) -> &'a [Plain<'a>] {
        for (plain, name) in into.iter_mut().zip(&self.names) {
            *plain = Plain::new(name.bytes(), Because::Vocabulary);
        }
        into.get(..self.used).unwrap_or_default()
    }
}

/// Writes an identifier up to where it spells a text, or to the buffer's end: whole parts only.
pub(super) fn write(oid: &[u8], text: &mut Joined<OID_TEXT_MAX>) {
    let ends = spelled_from(oid);
    let mut n = 0usize;
    text.clear();
    let mut full = false;
    let _ = ber::oid_parts(oid, |part| {
        let mut digits = Joined::<11>::new();
        if n > 0 {
            digits.push(b".");
        }
        digits.push_number(u64::from(part));
        full |= text.bytes().len().saturating_add(digits.bytes().len()) > OID_TEXT_MAX;
        if n < ends && !full {
            text.push(digits.bytes());
        }
        n = n.saturating_add(1);
    });
}

/// The part at which a text begins, or a number past them all.
fn spelled_from(oid: &[u8]) -> usize {
    let (mut n, mut run, mut ascii, mut from) = (0usize, 0usize, 0usize, usize::MAX);
    let _ = ber::oid_parts(oid, |part| {
        // Printable ASCII, and the letters of Latin-1. The latter alone may be a mask of an address.
        match part {
            0x20..=0x7e => (run, ascii) = (run.saturating_add(1), ascii.saturating_add(1)),
            0xc0..=0xff => run = run.saturating_add(1),
            _ => (run, ascii) = (0, 0),
        }
        n = n.saturating_add(1);
        if run >= LETTERS && ascii >= LETTERS.saturating_sub(1) && from == usize::MAX {
            from = n.saturating_sub(run);
        }
    });
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(oid: &[u8]) -> String {
        let mut text = Joined::new();
        write(oid, &mut text);
        String::from_utf8_lossy(text.bytes()).into_owned()
    }

    #[test]
    fn an_index_that_spells_a_name_is_cut_off() {
        assert_eq!(told(&[0x2b, 6, 1, 2, 1, 1, 1, 0]), "1.3.6.1.2.1.1.1.0");
        let user = [&[0x2b, 6, 1, 4, 1, 77, 1, 2, 25, 1, 1, 5][..], b"jdoe7"].concat();
        assert_eq!(told(&user), "1.3.6.1.4.1.77.1.2.25.1.1.5");
        assert_eq!(told(&[&[0x2b, 1][..], b"JIM"].concat()), "1.3.1");
        assert_eq!(told(&[&[0x2b, 1][..], b"J\x81\x7cr"].concat()), "1.3.1");
        let mask = [0x2b, 1, 0x81, 0x7f, 0x81, 0x7f, 0x81, 0x70, 0];
        assert_eq!(told(&mask), "1.3.1.255.255.240.0");
    }

    #[test]
    fn a_long_name_is_told_up_to_a_whole_part() {
        let told = told(&[&[0x2b][..], &[0x83, 0x00].repeat(60)].concat());
        assert!(told.len() <= OID_TEXT_MAX && told.ends_with(".384"), "{told}");
    }
}
