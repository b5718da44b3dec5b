//! Versions and ranges of them. Every version is read in one scheme of the table [`Scheme`], each with its own order.
//! What two versions do not decide stays undecided: [`order`] is then `None`, and nothing is concluded.

mod dotted;
mod range;
mod scheme;
#[cfg(test)]
mod tests;

pub use range::{Interval, Range};
pub use scheme::Scheme;

use std::cmp::Ordering;

/// The longest text that is read as a version.
pub const VERSION_MAX: usize = 64;

/// A number within a version, with the digits it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) value: u64,
    pub(crate) digits: u8,
}

/// A version, taken apart by its scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub scheme: Scheme,
    /// Letters that must be equal before two versions are compared at all.
    pub(crate) prefix: String,
    pub(crate) numbers: Vec<Number>,
    /// A letter behind the numbers: the A of 2.6A.
    pub(crate) letter: Option<char>,
    /// A build, a service pack, a level.
    pub(crate) level: Option<u64>,
    /// Ends in a wildcard: `2.x` is every version that begins with 2.
    pub(crate) wild: bool,
    pub(crate) semver: Option<semver::Version>,
}

/// How a version stands to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Less,
    Equal,
    Greater,
    /// Says more than the bound and agrees as far as it goes: 9.33.1 and a bound of 9.33. People write 9.33 and mean
    /// either.
    Extends,
    /// Says less than the bound: 9 and a bound of 9.33.
    Shortens,
}

impl From<Ordering> for Order {
    fn from(ordering: Ordering) -> Order {
        match ordering {
            Ordering::Less => Order::Less,
            Ordering::Equal => Order::Equal,
            Ordering::Greater => Order::Greater,
        }
    }
}

impl Version {
    /// A version as an advisory writes it.
    pub fn read(text: &str) -> Option<Version> {
        if text.len() > VERSION_MAX {
            return None;
        }
        scheme::read(text)
    }

    /// A version as a device says it, which often stands behind words: `Philips MR 57.0`, `MR_VB17A`.
    pub fn of_device(text: &str) -> Option<Version> {
        let whole = Version::read(text);
        // `VxWorks 6.9` reads as letters with a number, and is a name with a version.
        let named = |version: &Version| version.scheme == Scheme::Prefixed && text.trim().contains(' ');
        if whole.as_ref().is_some_and(|version| version.scheme != Scheme::Other && !named(version)) {
            return whole.filter(|version| !version.wild);
        }
        let mut words: Vec<&str> = text.split([' ', '_', ',', ';']).filter(|word| !word.is_empty()).collect();
        let last = words.pop()?;
        // Digits in the words before may be part of the version or of a name: nobody can tell.
        if words.is_empty() || words.iter().any(|word| word.bytes().any(|byte| byte.is_ascii_digit())) {
            return whole;
        }
        Version::read(last).filter(|version| !version.wild).or(whole)
    }
}

/// How `version` stands to `bound`; None where their schemes do not compare or the difference is one of taste.
pub fn order(version: &Version, bound: &Version) -> Option<Order> {
    if version.prefix != bound.prefix {
        return None;
    }
    scheme::order(version, bound)
}

#[cfg(test)]
mod of_devices {
    use super::*;

    #[test]
    fn a_device_says_its_version_behind_words() {
        let read = |text: &str| Version::of_device(text).map(|version| version.scheme);
        assert_eq!(read("Philips MR 57.0"), Some(Scheme::Numeric));
        assert_eq!(read("VxWorks 6.9"), Some(Scheme::Numeric));
        assert_eq!(read("BT06"), Some(Scheme::Prefixed));
        assert_eq!(read("MR_VB17A"), Some(Scheme::Syngo));
        assert_eq!(read("EPIQ-AFFIN_7.05"), Some(Scheme::Numeric));
        assert_eq!(read("syngo CT 2011A"), Some(Scheme::NumericLetter));
        assert_eq!(read("G.01.78"), Some(Scheme::Revision));
        assert_eq!(read("SIEMENS_S5VA47A"), Some(Scheme::Other));
        // The 5 may belong to the name or to the version.
        assert_eq!(read("Model 5 release x 1.2"), None);
        assert_eq!(read("2.x"), None);
        assert_eq!(read("nothing"), None);
        assert_eq!(read(""), None);
    }
}
