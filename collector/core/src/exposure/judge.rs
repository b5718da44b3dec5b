//! From a device and the nodes that name it to one of four states.
//!
//! Which nodes name a device, wholly or in part, is told in `naming`.
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
//! 4. Only nodes that do not have the version, at a confidence of `NAMED`: not affected. Which of them the device is
//!    makes no difference then.
//!
//! The confidence is the least of maker, the attributes whose words matched, and, where a version decided, version.

use super::csaf::ProductAt;
use super::naming::Match;
use super::shelf::{AdvisoryAt, Node, Says, Shelf};
use super::state::{Exposure, State, Why};
use super::subject::{Claim, Subject};
use super::version::{Range, Version};
use holter_identity::{ACT, NAMED};

impl Shelf {
    /// Every vulnerability whose advisory names a product that the device is or may be, in order of advisory and
    /// vulnerability.
    pub fn exposures(&self, subject: &Subject<'_>) -> Vec<Exposure> {
        let mut found = Vec::new();
        self.settle(&self.matches(subject), subject.version, subject.os, &mut found);
        found
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
        let mut votes: Vec<(u32, Vote)> = Vec::new();
        for group in nodes.chunk_by(|(_, a), (_, b)| a.advisory == b.advisory) {
            votes.clear();
            for (m, node) in group {
                let (seen, said) = if m.by_stack { (&of_os, os) } else { (&own, version) };
                let place = Place::of(m, node, seen.as_ref(), said);
                votes.extend(node.says.iter().map(|(number, says)| (*number, place.vote(*says))));
            }
            if group.len() > 1 {
                votes.sort_by_key(|(number, _)| *number);
            }
            for of_one in votes.chunk_by(|(a, _), (b, _)| a == b) {
                let (Some((_, node)), Some((number, _))) = (group.first(), of_one.first()) else { continue };
                if let Some(settled) = decide(of_one) {
                    found.push(settled.exposure(node.advisory, *number));
                }
            }
        }
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
