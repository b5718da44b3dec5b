use crate::label::Label;
use ring::hmac;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::cell::RefCell;
use std::fmt;
use std::hash::Hasher;
use std::rc::Rc;

/// Names whose hashes are remembered. A network has few that are spoken often.
const REMEMBERED: usize = 4096;

/// What the site chose for the names of its machines: shown, or hashed under the site's key.
#[derive(Clone)]
pub struct Names(Choice);

#[derive(Clone)]
enum Choice {
    Shown,
    Hashed(Rc<Hashed>),
}

struct Hashed {
    key: hmac::Key,
    /// Keys the fingerprints below. Made of the site's key, so that nobody can aim at one.
    quick: [u8; 16],
    /// Labels by a fingerprint of the name. The name itself is not kept.
    remembered: RefCell<Vec<Option<(u128, Label)>>>,
}

impl Names {
    /// Names leave as they are. The site opted in.
    pub fn shown() -> Self {
        Names(Choice::Shown)
    }

    /// Names leave as `#` and 16 hexadecimal digits of HMAC-SHA-256 under `names_key`: equal names stay equal within
    /// the site, and nothing can be looked up without the key.
    pub fn hashed(names_key: [u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &names_key);
        let mut quick = [0; 16];
        quick.iter_mut().zip(hmac::sign(&key, b"\0names spoken often").as_ref()).for_each(|(to, byte)| *to = *byte);
        Names(Choice::Hashed(Rc::new(Hashed { key, quick, remembered: RefCell::new(vec![None; REMEMBERED]) })))
    }

    pub const fn are_shown(&self) -> bool {
        matches!(self.0, Choice::Shown)
    }

    pub(crate) fn label(&self, name: &[u8]) -> Label {
        let name = name.trim_ascii_end().trim_ascii_start();
        match &self.0 {
            _ if name.is_empty() => Label::printable(b""),
            Choice::Shown => Label::printable(name),
            Choice::Hashed(hashed) => hashed.label(name),
        }
    }
}

impl Hashed {
    fn label(&self, name: &[u8]) -> Label {
        let mut hasher = SipHasher13::new_with_key(&self.quick);
        upper(name, &mut |piece| hasher.write(piece));
        let fingerprint = hasher.finish128().as_u128();
        let mut remembered = self.remembered.borrow_mut();
        match remembered.get_mut(fingerprint as usize % REMEMBERED) {
            Some(Some((known, label))) if *known == fingerprint => *label,
            Some(place) => {
                let label = self.sign(name);
                *place = Some((fingerprint, label));
                label
            }
            None => self.sign(name),
        }
    }

    fn sign(&self, name: &[u8]) -> Label {
        let mut context = hmac::Context::with_key(&self.key);
        upper(name, &mut |piece| context.update(piece));
        let tag = context.sign();
        let mut text = [0u8; 17];
        text[0] = b'#';
        for (pair, byte) in text[1..].chunks_mut(2).zip(tag.as_ref()) {
            for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                *digit = b"0123456789abcdef"[usize::from(nibble)];
            }
        }
        Label::printable(&text)
    }
}

/// Upper case, in pieces, so that a name of any length is hashed without a copy of it on the heap.
fn upper(name: &[u8], each: &mut dyn FnMut(&[u8])) {
    let mut piece = [0u8; 64];
    for chunk in name.chunks(piece.len()) {
        for (to, byte) in piece.iter_mut().zip(chunk) {
            *to = byte.to_ascii_uppercase();
        }
        each(piece.get(..chunk.len()).unwrap_or_default());
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.are_shown() { "Names(shown)" } else { "Names(hashed)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_same_label_however_often_and_among_however_many_others() {
        let names = Names::hashed([7; 32]);
        let first: Vec<Label> = (0..10_000).map(|n| names.label(format!("host-{n}").as_bytes())).collect();
        let again: Vec<Label> = (0..10_000).map(|n| names.label(format!(" HOST-{n} ").as_bytes())).collect();
        let afresh: Vec<Label> =
            (0..10_000).map(|n| Names::hashed([7; 32]).label(format!("host-{n}").as_bytes())).collect();
        assert!(first == again && first == afresh);
        assert_eq!(first.iter().collect::<std::collections::BTreeSet<_>>().len(), 10_000);
        assert_ne!(names.label(b"host-1"), Names::hashed([8; 32]).label(b"host-1"));
    }
}
