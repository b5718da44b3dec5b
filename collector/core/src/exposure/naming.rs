//! Which nodes of advisories name a device.
//!
//! How a node matches a device:
//!
//! - *Whole*: the maker is the node's; every required word of the node's product name is a word of the device's family
//!   or model; and the node says no less than the device's family does, or the words that match include a code of a
//!   model (`b650`, `m8007a`). Or one of them is, and a code in brackets.
//! - *In part*: words match, but the node asks for more than is known of the device, or says less than its family, or
//!   names the family beside its product only: in brackets, or in a version that is no version.
//! - Not at all: no word in common. A maker in common is nothing.

use super::maker::MakerId;
use super::shelf::{Node, Shelf};
use super::subject::Subject;
use super::vocabulary::{Need, Seen};
use super::words::Word;
use holter_identity::LIKELY_CAP;

/// A node that names a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) node: u32,
    pub(crate) whole: bool,
    pub(crate) confidence: u8,
    pub(crate) by_stack: bool,
}

/// The most words of family and model together; one bit each.
const KNOWN_MAX: usize = 64;

/// A word of a device with the confidence in it.
struct Known {
    word: Word,
    seen: Seen,
    confidence: u8,
    of_family: bool,
}

impl Shelf {
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
        let family = known.iter().filter(|known| known.of_family).count();
        for (key, node) in self.candidates(of, known.iter().flat_map(|known| known.seen.keys()), family) {
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
                    None => {
                        let seen = self.seen(&word);
                        known.push(Known { word, seen, confidence: claim.confidence, of_family });
                    }
                }
            }
        }
        known.truncate(KNOWN_MAX);
        known
    }
}

/// Whether a node means a device wholly, and how sure the words are that say so.
fn compare(node: &Node, known: &[Known]) -> Option<(bool, u8)> {
    let has = |need: &Need| known.iter().filter(|known| need.covers(&known.seen)).max_by_key(|known| known.confidence);
    let beside = node.beside.as_deref();
    let (aside, without, family) =
        beside.map_or((&[][..], &[][..], &[][..]), |b| (&b.aside[..], &b.without[..], &b.family[..]));
    if !without.is_empty() && without.iter().all(|need| has(need).is_some()) {
        return None;
    }
    let (mut all, mut some, mut code) = (!node.required.is_empty(), false, false);
    let mut confidence = 100;
    // Which words of the device the node has, by their place; at most KNOWN_MAX.
    let mut covered = 0_u64;
    for need in &node.required {
        let mut best = None;
        for (known, bit) in known.iter().zip(bits()) {
            if need.covers(&known.seen) {
                covered |= bit;
                code |= known.seen.is_code;
                best = best.max(Some(known.confidence));
            }
        }
        match best {
            Some(sure) => {
                confidence = confidence.min(sure);
                some = true;
            }
            None => all = false,
        }
    }
    // `IntelliVue MP20-MP90 (M8001A/M8002A)`: beside a word of the name a code in brackets names the model. Alone it may
    // be what an accessory is for.
    let code_aside = aside.iter().filter(|need| need.is_code).find_map(has);
    let mut families = known.iter().zip(bits()).filter(|(known, _)| known.of_family).peekable();
    let any = families.peek().is_some();
    let mut in_brackets = false;
    let covered = families.all(|(known, bit)| {
        let named = covered & bit != 0;
        let beside = !named && aside.iter().any(|need| need.covers(&known.seen));
        in_brackets |= beside;
        named || beside || family.iter().any(|need| need.covers(&known.seen))
    });
    let part = (some && (covered || all)) || (any && covered && in_brackets);
    match (all && (covered || code), code_aside) {
        (true, _) => Some((true, confidence)),
        (false, Some(known)) => Some((some, known.confidence)),
        (false, None) => part.then_some((false, confidence)),
    }
}

fn bits() -> impl Iterator<Item = u64> {
    (0..u64::BITS).map(|at| 1_u64.wrapping_shl(at))
}
