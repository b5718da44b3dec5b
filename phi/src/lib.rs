//! The one door from what was seen on the wire to what may be kept.
//!
//! Bytes that a decoder reads live no longer than their packet. Each field of an event is one of two things:
//!
//! - [`Phi`]: it may name or describe a person. It can be counted and nothing else. No function gives its bytes back.
//! - [`Plain`]: it describes a machine, and [`Because`] says on what ground. It can be read, and kept as a [`Label`].
//!
//! A [`Label`] is the only text that leaves a sensor, and [`Plain::keep`] is the only way to make one. Site data (names
//! that a hospital gave its machines) becomes a keyed hash unless the site chose to show it; [`Names`] carries that
//! choice. This crate is meant to be read whole by a privacy officer; `PRIVACY.md` is its companion.

mod label;
mod names;
mod tally;

pub use label::{LABEL_BYTES, Label};
pub use names::Names;
pub use tally::{Tally, TallyKey};

use std::fmt;
use std::marker::PhantomData;

/// Bytes that may name or describe a person.
///
/// They cannot be read, printed, serialised, sent to another thread or kept past the packet.
#[derive(Clone, Copy)]
pub struct Phi<'a> {
    bytes: &'a [u8],
    stays_on_this_thread: PhantomData<*const ()>,
}

impl<'a> Phi<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Phi { bytes, stays_on_this_thread: PhantomData }
    }

    /// Adds the person to a count of distinct people. An empty field adds nobody.
    pub fn tally(&self, tally: &mut Tally) {
        if !self.bytes.is_empty() {
            tally.add(self.bytes);
        }
    }

    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl fmt::Debug for Phi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phi(..)")
    }
}

/// On what ground a field is held to describe a machine and not a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Because {
    /// The standard gives the field to a piece of equipment or software.
    Equipment,
    /// A word of the protocol itself.
    Vocabulary,
    /// A name that the site gave to a machine. It may hold a person's name: hashed unless the site shows it.
    Site,
}

impl Because {
    pub const fn as_str(self) -> &'static str {
        match self {
            Because::Equipment => "equipment",
            Because::Vocabulary => "vocabulary",
            Because::Site => "site",
        }
    }
}

/// Bytes that describe a machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Plain<'a> {
    bytes: &'a [u8],
    because: Because,
}

impl<'a> Plain<'a> {
    pub const fn new(bytes: &'a [u8], because: Because) -> Self {
        Plain { bytes, because }
    }

    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub const fn because(&self) -> Because {
        self.because
    }

    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The field as text that may leave: at most [`LABEL_BYTES`] bytes, anything that is not printable ASCII as `?`.
    /// Site data goes through `names`, which shows it or hashes it as the site chose.
    pub fn keep(&self, names: &Names) -> Label {
        match self.because {
            Because::Equipment | Because::Vocabulary => Label::printable(self.bytes),
            Because::Site => names.label(self.bytes),
        }
    }
}

impl fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plain({}, {} bytes)", self.because.as_str(), self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_content() {
        assert_eq!(format!("{:?}", Phi::new(b"DOE^JANE")), "Phi(..)");
        assert_eq!(format!("{:?}", Plain::new(b"DOE^JANE", Because::Site)), "Plain(site, 8 bytes)");
    }

    #[test]
    fn site_data_is_hashed_unless_the_site_shows_it() {
        let field = Plain::new(b"CT_DOE_JANE", Because::Site);
        let hashed = field.keep(&Names::hashed([7; 32]));
        assert!(hashed.as_str().starts_with('#'), "{hashed}");
        assert_eq!(hashed.as_str().len(), 17);
        assert_eq!(hashed, field.keep(&Names::hashed([7; 32])), "stable within a site");
        assert_ne!(hashed, field.keep(&Names::hashed([8; 32])), "useless outside it");
        assert_eq!(field.keep(&Names::shown()).as_str(), "CT_DOE_JANE");
    }

    #[test]
    fn case_and_padding_do_not_change_a_hashed_name() {
        let names = Names::hashed([7; 32]);
        let hash = |bytes| Plain::new(bytes, Because::Site).keep(&names);
        assert_eq!(hash(b"WS01            "), hash(b"ws01"));
        assert_eq!(hash(b"   ").as_str(), "", "an empty name has no hash to be recognised by");
    }

    #[test]
    fn a_label_is_printable_and_bounded() {
        let long = [b'x'; 500];
        assert_eq!(Plain::new(&long, Because::Equipment).keep(&Names::shown()).as_str().len(), LABEL_BYTES);
        let odd = Plain::new(b"a\x1b[31m\x00\xffz", Because::Equipment).keep(&Names::shown());
        assert_eq!(odd.as_str(), "a?[31m??z");
    }
}
