//! From evidence to identity: what the reasons to believe something about a device add up to.
//!
//! Pure and deterministic: the same evidence in any order gives the same identity, so a sensor's provisional verdict
//! and the collector's agree. Nothing here knows a packet, a clock or a store.
//!
//! # What a rule is called
//!
//! `origin:signal/rule`, such as `published:dicom-association/siemens-ct.uid`.
//!
//! - The *origin* says what the rule rests on. `published`: documents and captures of others. `measured`: software
//!   that was run and watched. `standard`: what the protocol itself defines. `derived`: made here, out of another
//!   verdict.
//! - The *signal* says where in the traffic it was seen. Rules of one signal read the same bytes, so they are not
//!   independent; rules of different signals are taken as if they were.
//!
//! # How evidence adds up
//!
//! For each value of an attribute, in this order:
//!
//! 0. *Succession*. Where only one value can be true, a value that a signal told before, and no more since it told
//!    another one, is history: a new release of software is no rival of the old one. One sighting is not enough; the
//!    new value must have been seen [`SUCCEEDS`] times, or as often as the old one.
//! 1. *Support*. Of each signal the heaviest rule that speaks for the value counts. Signals combine as independent
//!    reasons: `1 - (1 - a)(1 - b)...`
//! 2. *Opposition*. Rules with a negative weight combine the same way into `n`; support is multiplied by `1 - n`.
//! 3. *Rivals*. Where only one value can be true (a device has one maker, not two), the support `r` of the strongest
//!    other value turns support `s` into `s(1 - r) / (1 - sr)`: of what both claim, both at once is ruled out (Dempster's
//!    rule). A weak rival costs little, an equal one leaves less than half. A value whose words stand in the other one
//!    (`Linux` in `Debian Linux`) says less and is no rival.
//! 4. *Caps*. [`HINT_CAP`] where a link-layer address is all there is. [`LIKELY_CAP`] where nothing but published rules
//!    speaks for the value, so that nobody acts on what was only read about. [`CAP`] always: there is no certainty.
//!
//! A device class also gains support from roles and modalities that the device shows ([`class_of_role`]). A toolkit
//! names software and adds nothing to maker, family or model.

mod derive;
mod judge;
mod wanted;

pub use derive::class_of_role;
pub use judge::{contradicts, judge, signal};
pub use wanted::Wanted;

use holter_terms::{Attribute, Nanos};
use serde::Serialize;

/// At this confidence an attribute has a name; below it, it is a hint.
pub const NAMED: u8 = 70;

/// At this confidence somebody may act on an attribute.
pub const ACT: u8 = 90;

/// The most that link-layer addresses alone can say.
pub const HINT_CAP: u8 = 60;

/// The most that published rules alone can say.
pub const LIKELY_CAP: u8 = ACT - 1;

/// The most that anything can say.
pub const CAP: u8 = 98;

/// The most values of one attribute that are judged; the rest, last by count and then by value, are left out.
pub const MAX_VALUES: usize = 64;

/// Sightings after which a value takes the place of one that was not seen since.
pub const SUCCEEDS: u32 = 3;

/// One reason to believe something about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence<'a> {
    pub attribute: Attribute,
    pub value: &'a str,
    /// `origin:signal/rule`, as described at the top.
    pub rule: &'a str,
    /// Percent that it adds to the confidence in the value; negative speaks against it.
    pub weight: i8,
    /// How often it was seen.
    pub count: u32,
    pub first: Nanos,
    pub last: Nanos,
}

/// What the evidence adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Identity {
    /// By attribute, and within an attribute the most credible first. An attribute that can have only one value has
    /// only its best one here; the rivals stand in its `against`.
    pub verdicts: Vec<Verdict>,
    /// What would raise the confidence in an attribute that has no name yet.
    pub wanted: Vec<Wanted>,
}

impl Identity {
    /// The most credible value of an attribute.
    pub fn best(&self, attribute: Attribute) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.attribute == attribute)
    }

    /// The value of an attribute that is credible enough to be shown as a name.
    pub fn named(&self, attribute: Attribute) -> Option<&str> {
        self.best(attribute).filter(|verdict| verdict.confidence >= NAMED).map(|verdict| verdict.value.as_str())
    }
}

/// One value of an attribute with the reasons for and against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub attribute: Attribute,
    pub value: String,
    /// Percent, at most [`CAP`].
    pub confidence: u8,
    pub reasons: Vec<Reason>,
    pub against: Vec<Reason>,
}

/// Why a value was believed or doubted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub rule: String,
    /// The value that the reason speaks for, or, with a negative weight, against.
    pub value: String,
    /// The rule's own weight, percent.
    pub weight: i8,
    /// What the confidence would lose (or, for a reason against, win) without it, percent points. Reasons of one
    /// signal stand in for each other, so this can be 0.
    pub share: u8,
    pub count: u32,
    pub first: Nanos,
    pub last: Nanos,
}

/// Whether a device can have only one true value of the attribute.
pub const fn is_exclusive(attribute: Attribute) -> bool {
    matches!(
        attribute,
        Attribute::Maker | Attribute::Family | Attribute::Model | Attribute::Version | Attribute::Os | Attribute::Class
    )
}
