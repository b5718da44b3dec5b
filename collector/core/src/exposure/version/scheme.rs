//! The table of schemes.

use super::dotted::{self, number, numbers};
use super::{Number, Order, Version};
use std::cmp::Ordering;

/// How a version is written and ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /** `8.2.2`, `v1.52`, `R8.0.3`: numbers in order. */
    Numeric,
    /** `2.6A`, `5.89.05b`: numbers, then the letter. */
    NumericLetter,
    /** `1.3.1 Build 13`, `2023.3_Build_9342`, `5.17.1-754993421`: numbers, then the build. */
    Build,
    /** `1.8.4 Service Pack 01`, `4.20 SR1`, `11.0 SP2`: numbers, then the pack; none is pack 0. */
    ServicePack,
    /** `R4.1L1`: numbers, then the level. */
    Level,
    /** `B.02`, `C.00.04`, `N`: a letter, then numbers. A letter alone is all that begin with it. */
    Revision,
    /** `VB17A`, `VS30`, `VM5.0`: within the same two letters the number, of as many digits, then the letter. */
    Syngo,
    /** `BT06`, `L81`, `SV20.1`: within the same letters the numbers. */
    Prefixed,
    /** `012U000061`, `20D29`: within the same beginning the number behind the letter. */
    PartNumber,
    /** `april 1, 2018`, `May 2018`, `8/30/2024`: days. */
    Date,
    /** `2018-1`: year, then number. */
    YearNumber,
    /** `2nd Edition`: the ordinal. */
    Edition,
    /** `vers:semver/…`: as semver.org orders, with pre-releases. */
    Semver,
    /** `6.3V1L10`, `3.0 D15`, `1.4.2.0-9d9eff4`: equal or undecided. */
    Other,
}

impl Scheme {
    pub const ALL: [Scheme; 14] = [
        Scheme::Numeric,
        Scheme::NumericLetter,
        Scheme::Build,
        Scheme::ServicePack,
        Scheme::Level,
        Scheme::Revision,
        Scheme::Syngo,
        Scheme::Prefixed,
        Scheme::PartNumber,
        Scheme::Date,
        Scheme::YearNumber,
        Scheme::Edition,
        Scheme::Semver,
        Scheme::Other,
    ];

    /// Schemes that begin with the same dotted numbers compare by them.
    pub(super) const fn is_dotted(self) -> bool {
        matches!(self, Scheme::Numeric | Scheme::NumericLetter | Scheme::Build | Scheme::ServicePack | Scheme::Level)
    }
}

type Reader = fn(&str) -> Option<Version>;

/// Tried in order: the first that reads a text has it.
const READERS: [Reader; 11] =
    [edition, date, year_number, service_pack, build, numeric, level, revision, part_number, syngo, prefixed];

const LEADING: [&str; 12] = [
    "SOFTWARE ",
    "FIRMWARE ",
    "VERSIONS ",
    "VERSION ",
    "RELEASE ",
    "REVISION ",
    "REV. ",
    "REV ",
    "VER. ",
    "VER ",
    "V. ",
    "V ",
];

pub(super) fn read(text: &str) -> Option<Version> {
    let upper = text.to_uppercase();
    let mut rest = upper.trim();
    for _ in 0..2 {
        rest = LEADING.iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest).trim();
    }
    READERS.iter().find_map(|reader| reader(rest)).or_else(|| other(rest))
}

fn make(scheme: Scheme, prefix: &str, numbers: Vec<Number>) -> Version {
    Version { scheme, prefix: prefix.to_owned(), numbers, letter: None, level: None, wild: false, semver: None }
}

/// The dotted numbers, without a V or R before them.
fn core(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['V', 'R']).unwrap_or(text);
    let (found, wild) = numbers(text)?;
    Some(Version { wild, ..make(Scheme::Numeric, "", found) })
}

fn numeric(text: &str) -> Option<Version> {
    if let Some(version) = core(text) {
        return Some(version);
    }
    let letter = text.chars().last().filter(char::is_ascii_uppercase)?;
    let version = core(text.strip_suffix(letter)?).filter(|version| !version.wild)?;
    Some(Version { scheme: Scheme::NumericLetter, letter: Some(letter), ..version })
}

fn build(text: &str) -> Option<Version> {
    let spaced = text.replace('_', " ");
    if let Some((before, after)) = spaced.split_once(" BUILD ") {
        // `1.1.3 MR Build 11`: another line of the product, which compares with its own only.
        let (dots, line) = before.split_once(' ').unwrap_or((before, ""));
        let level = number(after.trim())?.value;
        if !line.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let version = core(dots).filter(|version| !version.wild)?;
        return Some(Version { scheme: Scheme::Build, level: Some(level), prefix: line.to_owned(), ..version });
    }
    let (dots, after) = text.split_once('-')?;
    let version = core(dots).filter(|version| !version.wild && version.numbers.len() > 1)?;
    Some(Version { scheme: Scheme::Build, level: Some(number(after)?.value), ..version })
}

fn service_pack(text: &str) -> Option<Version> {
    let (dots, pack) =
        [" SERVICE PACK ", " SERVICE RELEASE ", " SP", " SR"].iter().find_map(|word| text.split_once(word))?;
    let level = number(pack.trim())?.value;
    let version = core(dots.trim()).filter(|version| !version.wild)?;
    Some(Version { scheme: Scheme::ServicePack, level: Some(level), ..version })
}

fn level(text: &str) -> Option<Version> {
    let (dots, level) = text.strip_prefix('R')?.split_once('L')?;
    let version = core(dots).filter(|version| !version.wild)?;
    Some(Version { scheme: Scheme::Level, level: Some(number(level)?.value), ..version })
}

fn revision(text: &str) -> Option<Version> {
    let mut letters = text.chars();
    let letter = letters.next().filter(char::is_ascii_uppercase)?;
    let made = |found, wild| Version { letter: Some(letter), wild, ..make(Scheme::Revision, "", found) };
    match letters.as_str() {
        "" => Some(made(Vec::new(), true)),
        rest => {
            let rest = rest.strip_prefix('.')?;
            if matches!(rest, "X" | "*") {
                return Some(made(Vec::new(), true));
            }
            let (found, wild) = numbers(rest)?;
            Some(made(found, wild))
        }
    }
}

fn syngo(text: &str) -> Option<Version> {
    let mut rest = text.chars();
    let (first, second) = (rest.next().filter(|c| *c == 'V')?, rest.next().filter(char::is_ascii_uppercase)?);
    let rest = rest.as_str();
    let letter = rest.chars().last().filter(char::is_ascii_uppercase);
    let rest = letter.and_then(|letter| rest.strip_suffix(letter)).unwrap_or(rest);
    let (found, wild) = numbers(rest)?;
    Some(Version { letter, wild, ..make(Scheme::Syngo, &String::from_iter([first, second]), found) })
}

fn prefixed(text: &str) -> Option<Version> {
    let end = text.bytes().position(|byte| !byte.is_ascii_uppercase()).filter(|end| (1..=8).contains(end))?;
    let (letters, rest) = (text.get(..end)?, text.get(end..)?);
    // `august 28` is a day of some year, here as in `other`.
    if MONTHS.iter().any(|month| letters.starts_with(month)) {
        return None;
    }
    let (found, wild) = numbers(rest.trim_start_matches([' ', '-']))?;
    Some(Version { wild, ..make(Scheme::Prefixed, letters, found) })
}

fn part_number(text: &str) -> Option<Version> {
    let text = text.strip_prefix('V').unwrap_or(text);
    let at = text.bytes().position(|byte| byte.is_ascii_uppercase())?;
    let (before, letter, after) = (text.get(..at)?, text.get(at..at.checked_add(1)?)?, text.get(at.checked_add(1)?..)?);
    number(before)?;
    Some(make(Scheme::PartNumber, &format!("{before}{letter}"), vec![number(after)?]))
}

fn year_number(text: &str) -> Option<Version> {
    let (year, after) = text.split_once('-')?;
    let (year, after) = (number(year)?, number(after)?);
    let fits = year.digits == 4 && (1990..2100).contains(&year.value) && after.digits <= 2;
    fits.then(|| make(Scheme::YearNumber, "", vec![year, after]))
}

fn edition(text: &str) -> Option<Version> {
    let ordinal = text.strip_suffix(" EDITION")?;
    let digits = ["ST", "ND", "RD", "TH"].iter().find_map(|end| ordinal.strip_suffix(end))?;
    Some(make(Scheme::Edition, "", vec![number(digits)?]))
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

fn date(text: &str) -> Option<Version> {
    let words: Vec<&str> = text.split([' ', ',', '/']).filter(|word| !word.is_empty()).collect();
    let month_of = |word: &str| {
        let at =
            MONTHS.iter().position(|month| word.starts_with(month) && word.bytes().all(|b| b.is_ascii_uppercase()))?;
        u64::try_from(at.checked_add(1)?).ok()
    };
    let value = |word: &str| number(word).map(|number| number.value);
    let (year, month, day) = match words.as_slice() {
        [month, year] if !text.contains('/') => (value(year)?, month_of(month)?, None),
        [first, second, year] if !text.contains('/') => {
            let (month, day) = month_of(first).map_or((month_of(second), first), |month| (Some(month), second));
            (value(year)?, month?, Some(value(day)?))
        }
        [first, second, year] if text.contains('/') => {
            // 8/30/2024 can only be the 30th of August; 8/3/2024 can be two days and is none.
            let (first, second) = (value(first)?, value(second)?);
            match (first > 12, second > 12) {
                (false, true) => (value(year)?, first, Some(second)),
                (true, false) => (value(year)?, second, Some(first)),
                _ => return None,
            }
        }
        _ => return None,
    };
    let fits =
        (1990..2100).contains(&year) && (1..=12).contains(&month) && day.is_none_or(|day| (1..=31).contains(&day));
    let parts = [Some(year), Some(month), day].into_iter().flatten();
    fits.then(|| make(Scheme::Date, "", parts.map(|value| Number { value, digits: 2 }).collect()))
}

/// Up to two words of letters, digits and signs, the last with a digit: good for telling that two are equal.
fn other(text: &str) -> Option<Version> {
    let words: Vec<&str> = text.split(' ').collect();
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let fits = words.len() <= 2
        // Two versions are a list.
        && !(words.len() == 2 && words.iter().all(|word| core(word).is_some()))
        && words.iter().all(|word| !word.is_empty() && word.chars().all(sign))
        && words.last().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_digit()))
        && !MONTHS.iter().any(|month| text.starts_with(month));
    fits.then(|| make(Scheme::Other, text, Vec::new()))
}

pub(super) fn semver(text: &str) -> Option<Version> {
    let semver = semver::Version::parse(text.trim().trim_start_matches('v')).ok()?;
    Some(Version { semver: Some(semver), ..make(Scheme::Semver, "", Vec::new()) })
}

pub(super) fn order(version: &Version, bound: &Version) -> Option<Order> {
    let (a, b) = (version.scheme, bound.scheme);
    let by_numbers = || dotted::order(&version.numbers, &bound.numbers, bound.wild);
    if a.is_dotted() && b.is_dotted() {
        let numbers = by_numbers()?;
        return if numbers == Order::Equal && !bound.wild { tail(version, bound) } else { Some(numbers) };
    }
    // Within a semver range everything is semver.
    if b == Scheme::Semver {
        let version = match &version.semver {
            Some(semver) => semver.clone(),
            None if a == Scheme::Numeric => in_three(version)?,
            None => return None,
        };
        return Some(version.cmp_precedence(bound.semver.as_ref()?).into());
    }
    if a != b {
        return None;
    }
    match a {
        Scheme::Revision => match version.letter?.cmp(&bound.letter?) {
            Ordering::Equal => by_numbers(),
            other => Some(other.into()),
        },
        Scheme::Syngo => {
            let same = |(a, b): (&Number, &Number)| a.digits == b.digits;
            if !version.numbers.iter().zip(&bound.numbers).all(same) {
                return None;
            }
            match by_numbers()? {
                Order::Equal if !bound.wild => tail(version, bound),
                other => Some(other),
            }
        }
        Scheme::Other => (version.prefix == bound.prefix).then_some(Order::Equal),
        _ => by_numbers(),
    }
}

/// Numbers are equal; what stands behind them decides, where both have it.
fn tail(version: &Version, bound: &Version) -> Option<Order> {
    let kind = |of: &Version| (of.scheme != Scheme::Numeric).then_some(of.scheme);
    let ordering = match (kind(version), kind(bound)) {
        (None, None) => Ordering::Equal,
        (Some(a), Some(b)) if a == b => (version.letter, version.level).cmp(&(bound.letter, bound.level)),
        (Some(Scheme::ServicePack), None) | (None, Some(Scheme::ServicePack)) => {
            version.level.unwrap_or(0).cmp(&bound.level.unwrap_or(0))
        }
        (Some(_), None) => return Some(Order::Extends),
        (None, Some(_)) => return Some(Order::Shortens),
        _ => return None,
    };
    Some(ordering.into())
}

fn in_three(version: &Version) -> Option<semver::Version> {
    match version.numbers.as_slice() {
        [major, minor, patch] => Some(semver::Version::new(major.value, minor.value, patch.value)),
        _ => None,
    }
}
