//! From a device and the nodes that name it to one of four states.
//!
//! How a node matches a device:
//!
//! - *Whole*: the maker is the node's; every required word of the node's product name is a word of the device's family
//!   or model; and the node says no less than the device's family does, or the words that match include a code of a
//!   model (`b650`, `m8007a`).
//! - *In part*: words match, but the node asks for more than is known of the device, or says less than its family.
//! - Not at all: no word in common. A maker in common is nothing.
//!
//! Nodes that match one device and one vulnerability of one advisory are settled together, in this order:
//!
//! 1. A whole node that is fixed or not affected and has the version: not affected, unless a node that is affected names
//!    the version as closely. Then the advisory contradicts itself, and the state is unknown.
//! 2. A whole node that is affected and has the version, or means all versions: affected at a confidence of `ACT`,
//!    likely at `NAMED`, else unknown. Never more than likely where the node has a condition, names no version at all,
//!    or the device's maker is not known. Unknown where all versions are affected and a mended one cannot be ruled out.
//! 3. A node that might be meant: unknown. The version was not seen, does not compare, or is free text; the match is
//!    in part; the advisory is undecided itself.
//! 4. Only whole nodes that do not have the version, at a confidence of `NAMED`: not affected.
//!
//! The confidence is the least of maker, the attributes whose words matched, and, where a version decided, version.

use super::csaf::ProductAt;
use super::maker::MakerId;
use super::shelf::{AdvisoryAt, Node, Says, Shelf};
use super::subject::{Claim, Subject};
use super::version::{Range, Version};
use super::words::Word;
use holter_identity::{ACT, LIKELY_CAP, NAMED};
use serde::Serialize;

/// Whether a device is affected by a vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Affected,
    Likely,
    Unknown,
    NotAffected,
}

impl State {
    pub const ALL: [State; 4] = [State::Affected, State::Likely, State::Unknown, State::NotAffected];

    pub const fn as_str(self) -> &'static str {
        match self {
            State::Affected => "affected",
            State::Likely => "likely",
            State::Unknown => "unknown",
            State::NotAffected => "not-affected",
        }
    }
}

/// Why a state is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /** The advisory names the version as affected. */
    InRange,
    /** The advisory names all versions as affected. */
    AllVersions,
    /** The advisory names the product as affected and no version at all. */
    NoVersionNamed,
    /** The advisory names the version as fixed or not affected. */
    StatedSafe,
    /** The version is outside of all that the advisory names. */
    OutOfRange,
    /** The version was not seen, and the advisory asks for it. */
    VersionNotSeen,
    /** The version that was seen does not compare with those of the advisory. */
    VersionDoesNotCompare,
    /** The advisory describes versions in words that only a person can compare. */
    VersionInWords,
    /** The advisory is about a product of this family, and which one the device is was not seen. */
    ProductNotSeen,
    /** What is known of the device is not sure enough to say more. */
    IdentityTooWeak,
    /** The advisory says both for this version. */
    Contradiction,
    /** The advisory says that it is not decided yet. */
    UnderInvestigation,
}

impl Why {
    pub const ALL: [Why; 12] = [
        Why::InRange,
        Why::AllVersions,
        Why::NoVersionNamed,
        Why::StatedSafe,
        Why::OutOfRange,
        Why::VersionNotSeen,
        Why::VersionDoesNotCompare,
        Why::VersionInWords,
        Why::ProductNotSeen,
        Why::IdentityTooWeak,
        Why::Contradiction,
        Why::UnderInvestigation,
    ];

    /// One sentence for a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Why::InRange => "The advisory names this version as affected.",
            Why::AllVersions => "The advisory names all versions as affected.",
            Why::NoVersionNamed => "The advisory names the product as affected and no version.",
            Why::StatedSafe => "The advisory names this version as fixed or not affected.",
            Why::OutOfRange => "The version is none of those that the advisory names.",
            Why::VersionNotSeen => "The version of this device was not seen.",
            Why::VersionDoesNotCompare => "The version seen does not compare with those of the advisory.",
            Why::VersionInWords => "The advisory describes versions in words; a person must compare them.",
            Why::ProductNotSeen => "The advisory is about a product of this family; which one this device is was not seen.",
            Why::IdentityTooWeak => "What is known of this device is not sure enough to say more.",
            Why::Contradiction => "The advisory says both affected and not affected for this version.",
            Why::UnderInvestigation => "The advisory has not decided yet.",
        }
    }
}

/// One device, one vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    pub advisory: AdvisoryAt,
    /// Its place in the advisory.
    pub vulnerability: u32,
    /// The node that decided.
    pub product: ProductAt,
    pub state: State,
    /// Percent.
    pub confidence: u8,
    pub why: Why,
    /// The device was matched by its operating system or network stack.
    pub by_stack: bool,
    /// The node asks for something that nobody compared: a component, an option, a platform.
    pub conditional: bool,
}

/// A node that names a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) node: u32,
    pub(crate) whole: bool,
    pub(crate) confidence: u8,
    pub(crate) by_stack: bool,
}

/// A word of a device with the confidence in it.
struct Known {
    word: Word,
    confidence: u8,
    of_family: bool,
}

impl Shelf {
    /// Every vulnerability whose advisory names a product that the device is or may be, in order of advisory and
    /// vulnerability.
    pub fn exposures(&self, subject: &Subject<'_>) -> Vec<Exposure> {
        let mut found = Vec::new();
        self.settle(&self.matches(subject), subject.version, subject.os, &mut found);
        found
    }

    /// Nodes that name the device by product or by stack, in order.
    pub(crate) fn matches(&self, subject: &Subject<'_>) -> Vec<Match> {
        let mut matches = Vec::new();
        let makers = subject.maker.map(|maker| self.makers.find(maker.value));
        // A maker of which no advisory speaks: nothing to compare. No maker at all: every maker's products.
        let (of, least) = match (makers, subject.maker) {
            (Some(makers), Some(maker)) if !makers.is_empty() => (Some(makers), maker.confidence),
            (None, None) => (None, LIKELY_CAP),
            _ => (Some(&[][..]), 0),
        };
        let known = self.words(subject, of.unwrap_or_default());
        let words: Vec<Word> = known.iter().map(|known| known.word.clone()).collect();
        for key in self.candidates(of, &words) {
            let Some(node) = self.nodes.get(key as usize).filter(|node| !node.says.is_empty()) else { continue };
            if let Some((whole, confidence)) = compare(node, &known) {
                matches.push(Match { node: key, whole, confidence: confidence.min(least), by_stack: false });
            }
        }
        if let Some(os) = subject.os {
            for stack in self.stacks.in_os(os.value) {
                for &key in self.by_stack.get(&stack).into_iter().flatten() {
                    if self.nodes.get(key as usize).is_some_and(|node| !node.says.is_empty()) {
                        let confidence = os.confidence.min(LIKELY_CAP);
                        matches.push(Match { node: key, whole: true, confidence, by_stack: true });
                    }
                }
            }
            matches.sort_by_key(|found| (found.node, found.by_stack));
            matches.dedup_by_key(|found| found.node);
        }
        matches
    }

    fn words(&self, subject: &Subject<'_>, makers: &[MakerId]) -> Vec<Known> {
        let mut known: Vec<Known> = Vec::new();
        let alone = subject.family.is_none();
        for (claim, of_family) in [(subject.family, true), (subject.model, alone)] {
            let Some(claim) = claim else { continue };
            let name = self.name(claim.value, makers);
            for (word, of_family) in
                name.required.into_iter().map(|w| (w, of_family)).chain(name.aside.into_iter().map(|w| (w, false)))
            {
                match known.iter_mut().find(|known| known.word == word) {
                    Some(known) => known.confidence = known.confidence.max(claim.confidence),
                    None => known.push(Known { word, confidence: claim.confidence, of_family }),
                }
            }
        }
        known
    }

    /// Settles the nodes of a device, which are in order, advisory by advisory.
    pub(crate) fn settle(
        &self,
        matches: &[Match],
        version: Option<Claim<'_>>,
        os: Option<Claim<'_>>,
        found: &mut Vec<Exposure>,
    ) {
        let nodes = matches.iter().filter_map(|m| Some((m, self.nodes.get(m.node as usize)?)));
        let nodes: Vec<(&Match, &Node)> = nodes.collect();
        let read = |claim: Option<Claim<'_>>| claim.and_then(|c| Some((Version::of_device(c.value)?, c.confidence)));
        let own = read(version);
        let of_os = if nodes.iter().any(|(m, _)| m.by_stack) { read(os) } else { None };
        for group in nodes.chunk_by(|(_, a), (_, b)| a.advisory == b.advisory) {
            let mut votes: Vec<(u32, Vote)> = Vec::new();
            for (m, node) in group {
                let (seen, said) = if m.by_stack { (&of_os, os) } else { (&own, version) };
                let place = Place::of(m, node, seen.as_ref(), said);
                votes.extend(node.says.iter().map(|(number, says)| (*number, place.vote(*says))));
            }
            votes.sort_by_key(|(number, _)| *number);
            for of_one in votes.chunk_by(|(a, _), (b, _)| a == b) {
                let (Some((_, node)), Some((number, _))) = (group.first(), of_one.first()) else { continue };
                if let Some(settled) = decide(of_one) {
                    found.push(settled.exposure(node.advisory, *number));
                }
            }
        }
    }
}

/// Whether a node means a device wholly, and how sure the words are that say so.
fn compare(node: &Node, known: &[Known]) -> Option<(bool, u8)> {
    let has = |word: &Word| known.iter().filter(|known| word.covers(&known.word)).max_by_key(|known| known.confidence);
    let without = &node.name.without;
    if !without.is_empty() && without.iter().all(|word| has(word).is_some()) {
        return None;
    }
    let (mut all, mut some, mut code) = (!node.name.required.is_empty(), false, false);
    let mut confidence = 100;
    for word in &node.name.required {
        match has(word) {
            Some(known) => {
                confidence = confidence.min(known.confidence);
                some = true;
                code |= known.word.is_code();
            }
            None => all = false,
        }
    }
    // `(M8001A/M8002A)`: a code of a model in brackets names it as well as the words before.
    let aside = node.name.aside.iter().filter(|word| word.is_code()).find_map(has);
    let in_node =
        |word: &Word| [&node.name.required, &node.name.aside, &node.family].into_iter().flatten().any(|own| own.covers(word));
    let covered = known.iter().filter(|known| known.of_family).all(|known| in_node(&known.word));
    match (all && (covered || code), aside) {
        (true, _) => Some((true, confidence)),
        (false, Some(known)) => Some((true, known.confidence)),
        (false, None) if some && (covered || all) => Some((false, confidence)),
        (false, None) => None,
    }
}

/// Where a device stands to one node.
struct Place {
    product: ProductAt,
    whole: bool,
    conditional: bool,
    by_stack: bool,
    confidence: u8,
    /// Whether the version is in, and how closely the node names it.
    inside: Option<bool>,
    close: bool,
    why: Why,
}

#[derive(Debug, Clone, Copy)]
struct Vote {
    product: ProductAt,
    kind: Kind,
    confidence: u8,
    close: bool,
    conditional: bool,
    by_stack: bool,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hit,
    Safe,
    /// Safe if the version were one that was not seen or does not compare.
    PerhapsSafe,
    Maybe,
    Out,
    Nothing,
}

impl Place {
    fn of(m: &Match, node: &Node, seen: Option<&(Version, u8)>, said: Option<Claim<'_>>) -> Place {
        let mut confidence = m.confidence;
        let (inside, close, why) = match &node.range {
            None => (Some(true), false, Why::NoVersionNamed),
            Some(Range::All) => (Some(true), false, Why::AllVersions),
            Some(Range::FreeText) => (None, false, Why::VersionInWords),
            Some(_) if said.is_none() || (m.by_stack && seen.is_none()) => (None, false, Why::VersionNotSeen),
            Some(range) => match seen.and_then(|(version, sure)| Some((range.contains(version)?, *sure))) {
                Some((inside, sure)) => {
                    confidence = confidence.min(sure);
                    (Some(inside), true, if inside { Why::InRange } else { Why::OutOfRange })
                }
                None => (None, false, Why::VersionDoesNotCompare),
            },
        };
        let conditional = node.conditional;
        let by_stack = m.by_stack;
        Place { product: node.product, whole: m.whole, conditional, by_stack, confidence, inside, close, why }
    }

    fn vote(&self, says: Says) -> Vote {
        let (kind, why) = match (says, self.inside) {
            (Says::Affected, Some(false)) if self.by_stack => (Kind::Maybe, Why::VersionDoesNotCompare),
            (Says::Affected, Some(false)) => (Kind::Out, Why::OutOfRange),
            (Says::Open | Says::Safe, Some(false)) => (Kind::Nothing, self.why),
            (Says::Safe, None) => (Kind::PerhapsSafe, self.why),
            (Says::Affected, None) => (Kind::Maybe, self.why),
            (Says::Open, _) => (Kind::Maybe, Why::UnderInvestigation),
            (_, Some(true)) if !self.whole => (Kind::Maybe, Why::ProductNotSeen),
            // Something else must hold for it to be safe, and nobody looked.
            (Says::Safe, Some(true)) if self.conditional || self.by_stack => (Kind::Maybe, Why::ProductNotSeen),
            (Says::Safe, Some(true)) if self.confidence < NAMED => (Kind::Maybe, Why::IdentityTooWeak),
            (Says::Safe, Some(true)) => (Kind::Safe, Why::StatedSafe),
            (Says::Affected, Some(true)) => (Kind::Hit, self.why),
        };
        let (product, confidence, close) = (self.product, self.confidence, self.close);
        Vote { product, kind, confidence, close, conditional: self.conditional, by_stack: self.by_stack, why }
    }
}

struct Settled(Vote, State);

/// One state out of all votes on one vulnerability; none where they say nothing.
fn decide(votes: &[(u32, Vote)]) -> Option<Settled> {
    let best = |kind: Kind| {
        let of_it = votes.iter().map(|(_, vote)| vote).filter(|vote| vote.kind == kind);
        of_it.max_by_key(|vote| (vote.close, vote.confidence, std::cmp::Reverse(vote.product))).copied()
    };
    let unknown = |vote: Vote, why: Why| Some(Settled(Vote { why, ..vote }, State::Unknown));
    match (best(Kind::Safe), best(Kind::Hit)) {
        (Some(safe), Some(hit)) if safe.close == hit.close => return unknown(hit, Why::Contradiction),
        (Some(safe), Some(hit)) if !hit.close => return Some(Settled(safe, State::NotAffected)),
        (Some(safe), None) => return Some(Settled(safe, State::NotAffected)),
        (_, Some(hit)) => {
            // All versions are affected, and some are mended: which one this is decides.
            if let Some(perhaps) = best(Kind::PerhapsSafe).filter(|_| !hit.close) {
                return unknown(hit, perhaps.why);
            }
            let capped = hit.conditional || hit.by_stack || hit.why == Why::NoVersionNamed;
            let state = match hit.confidence {
                ACT.. if !capped => State::Affected,
                NAMED.. => State::Likely,
                _ => return unknown(hit, Why::IdentityTooWeak),
            };
            return Some(Settled(hit, state));
        }
        (None, None) => {}
    }
    if let Some(maybe) = best(Kind::Maybe) {
        return unknown(maybe, maybe.why);
    }
    let out = best(Kind::Out)?;
    if out.confidence < NAMED { unknown(out, Why::IdentityTooWeak) } else { Some(Settled(out, State::NotAffected)) }
}

impl Settled {
    fn exposure(self, advisory: AdvisoryAt, vulnerability: u32) -> Exposure {
        let Settled(vote, state) = self;
        Exposure {
            advisory,
            vulnerability,
            product: vote.product,
            state,
            confidence: vote.confidence,
            why: vote.why,
            by_stack: vote.by_stack,
            conditional: vote.conditional,
        }
    }
}
