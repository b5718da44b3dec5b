//! What versions a node of an advisory means.

use super::{Order, Scheme, Version, order, scheme};

/// The most intervals of one range.
pub(crate) const INTERVALS_MAX: usize = 256;

/// One bound: a version, and whether it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub version: Version,
    pub inclusive: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interval {
    Exactly(Version),
    Not(Version),
    Between(Option<Bound>, Option<Bound>),
}

/// The versions that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    All,
    /// Any of these.
    Any(Vec<Interval>),
    /// No versions that could be compared: names of models, dates without a year, prose.
    FreeText,
}

/// What else a text demands behind its versions, such as `(integrated into another product)`.
pub(crate) type Condition = Option<String>;

const ALL: [&str; 7] = ["*", "all", "all versions", "any", "all/*", "vers:all/*", "vers:generic/*"];
const OPERATORS: [(&str, Op); 9] = [
    ("<=", Op::Le),
    ("≤", Op::Le),
    (">=", Op::Ge),
    ("≥", Op::Ge),
    ("!=", Op::Ne),
    ("==", Op::Eq),
    ("<", Op::Lt),
    (">", Op::Gt),
    ("=", Op::Eq),
];
const BEFORE: [(&str, Op); 10] = [
    ("up to and including ", Op::Le),
    ("prior to ", Op::Lt),
    ("earlier than ", Op::Lt),
    ("less than ", Op::Lt),
    ("before ", Op::Lt),
    ("below ", Op::Lt),
    ("up to ", Op::Le),
    ("through ", Op::Le),
    ("from ", Op::Ge),
    ("since ", Op::Ge),
];
const BEHIND: [(&str, Op); 14] = [
    (" and prior", Op::Le),
    (" and below", Op::Le),
    (" and earlier", Op::Le),
    (" and lower", Op::Le),
    (" and older", Op::Le),
    (" and previous", Op::Le),
    (" or prior", Op::Le),
    (" or earlier", Op::Le),
    (" or lower", Op::Le),
    (" and later", Op::Ge),
    (" and newer", Op::Ge),
    (" and above", Op::Ge),
    (" or later", Op::Ge),
    (" or newer", Op::Ge),
];
/// Words behind which a version ends and a condition begins.
const CONDITIONS: [&str; 6] = [" (", " running on ", " on ", " with ", " model ", " when "];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
}

impl Range {
    /// Reads what an advisory writes; what cannot be read without guessing is free text.
    pub fn read(text: &str) -> (Range, Condition) {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let lower = plain.to_lowercase();
        if let Some(rest) = lower.strip_prefix("vers:") {
            return (vers(rest).unwrap_or(Range::FreeText), None);
        }
        let inner =
            lower.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).filter(|i| !i.contains(['(', ')']));
        let (text, condition) = split_condition(inner.unwrap_or(&lower));
        // `053L000091 (global) / 054U000091 (U.S.)`: what follows the brackets names more versions.
        let goes_on =
            |condition: &String| condition.split_once(')').is_some_and(|(_, rest)| !rest.trim_matches(')').is_empty());
        if condition.as_ref().is_some_and(goes_on) {
            return (Range::FreeText, condition);
        }
        if ALL.contains(&text.trim()) {
            return (Range::All, condition);
        }
        (listed(text).or_else(|| named(text)).map_or(Range::FreeText, Range::Any), condition)
    }

    /// Whether a version is in; None where that cannot be told.
    pub fn contains(&self, version: &Version) -> Option<bool> {
        match self {
            Range::All => Some(true),
            Range::FreeText => None,
            Range::Any(intervals) => {
                let mut undecided = intervals.is_empty();
                for interval in intervals {
                    match interval.contains(version) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => undecided = true,
                    }
                }
                if undecided { None } else { Some(false) }
            }
        }
    }
}

impl Interval {
    fn contains(&self, version: &Version) -> Option<bool> {
        match self {
            Interval::Exactly(exact) => {
                let found = order(version, exact)?;
                // A bare number where a version should stand is as often the number of a model.
                let bare = exact.scheme.is_dotted() && exact.numbers.len() == 1 && !exact.wild;
                match found {
                    Order::Equal => Some(true),
                    Order::Extends | Order::Shortens => None,
                    Order::Less | Order::Greater => (!bare).then_some(false),
                }
            }
            Interval::Not(exact) => match order(version, exact)? {
                Order::Equal => Some(false),
                Order::Extends | Order::Shortens => None,
                Order::Less | Order::Greater => Some(true),
            },
            Interval::Between(low, high) => {
                let low = low.as_ref().map_or(Some(true), |low| match (order(version, &low.version)?, low.inclusive) {
                    (Order::Greater, _) => Some(true),
                    (Order::Less, _) => Some(false),
                    (Order::Equal, inclusive) => Some(inclusive),
                    (Order::Extends, true) => Some(true),
                    (Order::Extends, false) | (Order::Shortens, _) => None,
                });
                let high =
                    high.as_ref().map_or(Some(true), |high| match (order(version, &high.version)?, high.inclusive) {
                        (Order::Less, _) => Some(true),
                        (Order::Greater, _) | (Order::Extends, false) => Some(false),
                        (Order::Equal, inclusive) => Some(inclusive),
                        (Order::Extends, true) | (Order::Shortens, _) => None,
                    });
                match (low, high) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
        }
    }
}

fn split_condition(text: &str) -> (&str, Condition) {
    let at = CONDITIONS.iter().filter_map(|word| Some((text.find(word)?, *word))).min();
    let Some((at, _)) = at else { return (text, None) };
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    let behind = behind.trim();
    // What is said of the versions, and asked of no machine.
    let remark = ["(end-of-life", "(end of life"].iter().any(|word| behind.starts_with(word));
    (before, (!remark).then(|| behind.to_owned()))
}

/// Pieces between `|`, each with an operator or without.
fn listed(text: &str) -> Option<Vec<Interval>> {
    let mut constraints = Vec::new();
    for piece in text.split('|').map(str::trim).filter(|piece| !piece.is_empty()) {
        constraints.extend(piece_of(piece)?);
    }
    intervals(constraints)
}

/// `2131 and 2141`, `1.3.2 1.4.0 1.4.1`, `rev b-m`: lists and spans in words.
fn named(text: &str) -> Option<Vec<Interval>> {
    let text = text.strip_prefix("release ").unwrap_or(text);
    if let Some((low, high)) =
        text.strip_prefix("rev ").and_then(|span| span.trim_end_matches([' ', '|']).split_once('-'))
    {
        let bound = |text| Some(Bound { version: Version::read(text)?, inclusive: true });
        let span = (bound(low)?, bound(high)?);
        let revisions = [&span.0, &span.1].iter().all(|bound| bound.version.scheme == Scheme::Revision);
        return revisions.then(|| vec![Interval::Between(Some(span.0), Some(span.1))]);
    }
    let pieces: Vec<&str> = text.split([' ', ',']).filter(|piece| !matches!(*piece, "" | "and" | "or")).collect();
    let numeric =
        |piece: &&str| Version::read(piece).filter(|version| version.scheme == Scheme::Numeric).map(Interval::Exactly);
    (pieces.len() > 1).then(|| pieces.iter().map(numeric).collect::<Option<Vec<_>>>())?
}

fn piece_of(piece: &str) -> Option<Vec<(Op, Version)>> {
    if let Some((op, rest)) = BEFORE.iter().find_map(|(word, op)| Some((*op, piece.strip_prefix(word)?))) {
        return Some(vec![(op, Version::read(rest)?)]);
    }
    if let Some((op, rest)) = BEHIND.iter().find_map(|(word, op)| Some((*op, piece.strip_suffix(word)?))) {
        return Some(vec![(op, Version::read(rest)?)]);
    }
    if !piece.contains(['<', '>', '=', '≤', '≥']) {
        return Some(vec![(Op::Eq, Version::read(piece)?)]);
    }
    // `>=1.0<2.0`: one operator after the other; nothing may stand before the first.
    let mut found = Vec::new();
    let mut rest = piece;
    while !rest.is_empty() {
        let (op, behind) = OPERATORS.iter().find_map(|(sign, op)| Some((*op, rest.strip_prefix(sign)?)))?;
        let end = behind.find(['<', '>', '=', '!', '≤', '≥']).unwrap_or(behind.len());
        let (text, next) = behind.split_at_checked(end)?;
        found.push((op, Version::read(text)?));
        rest = next.trim();
    }
    Some(found)
}

/// A lower bound and the upper bound behind it are one interval; any other stands alone.
fn intervals(constraints: Vec<(Op, Version)>) -> Option<Vec<Interval>> {
    if constraints.is_empty() || constraints.len() > INTERVALS_MAX {
        return None;
    }
    let mut made = Vec::new();
    let mut low: Option<Bound> = None;
    for (op, version) in constraints {
        let bound = |inclusive, version| Some(Bound { version, inclusive });
        match op {
            Op::Gt | Op::Ge => {
                if let Some(alone) = low.take() {
                    made.push(Interval::Between(Some(alone), None));
                }
                low = bound(op == Op::Ge, version);
            }
            Op::Lt | Op::Le => made.push(Interval::Between(low.take(), bound(op == Op::Le, version))),
            Op::Eq | Op::Ne => {
                if let Some(alone) = low.take() {
                    made.push(Interval::Between(Some(alone), None));
                }
                made.push(if op == Op::Eq { Interval::Exactly(version) } else { Interval::Not(version) });
            }
        }
    }
    if let Some(alone) = low {
        made.push(Interval::Between(Some(alone), None));
    }
    Some(made)
}

/// `vers:SCHEME/constraint|constraint`, of which the schemes are read whose order is known here.
fn vers(text: &str) -> Option<Range> {
    let (name, constraints) = text.split_once('/')?;
    if constraints.trim() == "*" {
        return Some(Range::All);
    }
    let reader: fn(&str) -> Option<Version> = match name {
        "semver" | "npm" | "cargo" => scheme::semver,
        "generic" | "intdot" => Version::read,
        _ => return None,
    };
    let mut found = Vec::new();
    for piece in constraints.split('|').map(str::trim) {
        let (op, rest) =
            OPERATORS.iter().find_map(|(sign, op)| Some((*op, piece.strip_prefix(sign)?))).unwrap_or((Op::Eq, piece));
        found.push((op, reader(rest)?));
    }
    // `!=` takes versions out of the whole; a union cannot say that.
    if found.len() > 1 && found.iter().any(|(op, _)| *op == Op::Ne) {
        return None;
    }
    intervals(found).map(Range::Any)
}
