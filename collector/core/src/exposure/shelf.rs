//! The advisories that a collector has, indexed by maker and by words of product names.

use super::csaf::{Advisory, ProductAt, Status};
use super::error::FileError;
use super::maker::{MakerId, Makers};
use super::stack::Stacks;
use super::version::Range;
use super::vocabulary::{Need, Seen, Vocabulary};
use super::words::{Name, Token, Word, numbered};
use std::collections::{BTreeMap, BTreeSet};

/// The most advisories kept.
pub const ADVISORIES_MAX: usize = 20_000;
/// The most nodes of all advisories that are indexed.
pub const NODES_MAX: usize = 2_000_000;

/// An advisory within a shelf.
pub type AdvisoryAt = u32;

/// A leaf of an advisory, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) advisory: AdvisoryAt,
    pub(crate) product: ProductAt,
    /// Words of the product's name that a device must have.
    pub(crate) required: Vec<Need>,
    /// How many words of a device must be found for it, if the device's family has as many; 0 where that says nothing.
    pub(crate) least: usize,
    pub(crate) beside: Option<Box<Beside>>,
    pub(crate) range: Option<Range>,
    /// What else must hold of the machine: a condition behind the versions, or a qualifier.
    pub(crate) conditional: bool,
    /// Vulnerabilities of the advisory that say something of it, in order.
    pub(crate) says: Vec<(u32, Says)>,
}

/// Words of a node that few nodes have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// In brackets, or in a version that is none.
    pub(crate) aside: Vec<Need>,
    /// A device that has all of these is not meant.
    pub(crate) without: Vec<Need>,
    /// Of the product families above it: they cover a device's family, and name no product.
    pub(crate) family: Vec<Need>,
}

/// What a vulnerability says of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    Affected,
    Safe,
    /// Under investigation, only recommended, or both affected and not.
    Open,
}

/// What became of an advisory that was put on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    New,
    /// It took the place of an older one.
    Replaced,
    /// An equal or newer one is there.
    Older,
    /// A bound was reached; counted in [`Shelf::refused`].
    Refused,
}

/// Advisories with their index.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    pub(crate) advisories: Vec<Advisory>,
    by_id: BTreeMap<String, AdvisoryAt>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) makers: Makers,
    pub(crate) stacks: Stacks,
    pub(crate) vocabulary: Vocabulary,
    by_maker: BTreeMap<(MakerId, u32), Vec<u32>>,
    by_token: BTreeMap<u32, Vec<u32>>,
    pub(crate) by_stack: BTreeMap<usize, Vec<u32>>,
    /// Advisories that were left out at a bound.
    pub refused: u64,
    /// Nodes replaced since the index was built anew.
    stale: usize,
}

impl Shelf {
    /// An empty shelf with the tables that holter brings.
    pub fn new() -> Result<Shelf, FileError> {
        Ok(Shelf::with(Makers::built_in()?, Stacks::built_in()?))
    }

    pub fn with(makers: Makers, stacks: Stacks) -> Shelf {
        Shelf { makers, stacks, ..Shelf::default() }
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The table of makers, with those of the advisories.
    pub fn makers(&self) -> &Makers {
        &self.makers
    }

    /// How many documents are kept, replaced ones that wait to be swept among them.
    pub fn room(&self) -> usize {
        self.advisories.len()
    }

    pub fn advisory(&self, at: AdvisoryAt) -> Option<&Advisory> {
        self.advisories.get(at as usize)
    }

    pub fn by_id(&self, id: &str) -> Option<&Advisory> {
        self.by_id.get(id).and_then(|&at| self.advisory(at))
    }

    pub fn advisories(&self) -> impl Iterator<Item = &Advisory> {
        self.by_id.values().filter_map(|&at| self.advisory(at))
    }

    /// Puts an advisory on the shelf. Of two with one id the newer one stays.
    pub fn put(&mut self, advisory: Advisory) -> Put {
        let before = self.by_id.get(&advisory.id).copied();
        if let Some(old) = before.and_then(|at| self.advisory(at)) {
            if !advisory.is_newer_than(old) {
                return Put::Older;
            }
        } else if self.by_id.len() >= ADVISORIES_MAX {
            self.refused = self.refused.saturating_add(1);
            return Put::Refused;
        }
        if self.nodes.len().saturating_add(advisory.products.len()) > NODES_MAX {
            self.refused = self.refused.saturating_add(1);
            return Put::Refused;
        }
        let Ok(at) = AdvisoryAt::try_from(self.advisories.len()) else { return Put::Refused };
        self.index(at, &advisory);
        self.by_id.insert(advisory.id.clone(), at);
        self.advisories.push(advisory);
        let Some(before) = before else { return Put::New };
        // The old one's nodes stay in the index and say nothing any more, until they are as many as the others.
        let first = self.nodes.partition_point(|node| node.advisory < before);
        for node in self.nodes.iter_mut().skip(first).take_while(|node| node.advisory == before) {
            node.says.clear();
            self.stale = self.stale.saturating_add(1);
        }
        if self.stale > self.nodes.len() / 2 || self.advisories.len() / 2 > self.by_id.len() {
            self.rebuild();
        }
        Put::Replaced
    }

    fn rebuild(&mut self) {
        let all = (0_u32..).zip(std::mem::take(&mut self.advisories));
        let keep: Vec<Advisory> = all
            .filter(|(at, advisory)| self.by_id.get(&advisory.id) == Some(at))
            .map(|(_, advisory)| advisory)
            .collect();
        let mut fresh = Shelf::with(std::mem::take(&mut self.makers), std::mem::take(&mut self.stacks));
        for advisory in keep {
            fresh.put(advisory);
        }
        fresh.refused = self.refused;
        *self = fresh;
    }

    fn index(&mut self, at: AdvisoryAt, advisory: &Advisory) {
        let mut says: BTreeMap<ProductAt, Vec<(u32, Says)>> = BTreeMap::new();
        for (number, vulnerability) in (0_u32..).zip(&advisory.vulnerabilities) {
            for (&product, status) in &vulnerability.status {
                let (affected, safe) =
                    (status.iter().any(|s| Status::is_affected(*s)), status.iter().any(|s| Status::is_safe(*s)));
                let word = match (affected, safe) {
                    (true, false) => Says::Affected,
                    (false, true) => Says::Safe,
                    _ => Says::Open,
                };
                says.entry(product).or_default().push((number, word));
            }
        }
        let stacks: Vec<usize> = self.stacks.of_advisory(&advisory.id).to_vec();
        for (number, product) in (0_u32..).zip(&advisory.products) {
            let Some(says) = says.remove(&number) else { continue };
            let Ok(key) = u32::try_from(self.nodes.len()) else { return };
            let makers = product.vendor.as_deref().map(|vendor| self.makers.find_or_add(vendor)).unwrap_or_default();
            let families = product.families.join(" ");
            let title = product.product.as_deref().unwrap_or(&families);
            let mut name = self.name(title, &makers);
            let family = self.name(&families, &makers).required;
            let (range, condition) = match &product.version {
                Some(stated) => {
                    let (range, condition) = Range::read(&stated.text);
                    (Some(range), condition.is_some())
                }
                None => (None, false),
            };
            // `Accu-Chek Inform II` where a version should stand: the product is named there.
            if let (Some(Range::FreeText), Some(stated)) = (&range, &product.version) {
                let words = self.name(&stated.text, &makers);
                name.aside.extend(words.required.into_iter().chain(words.aside));
            }
            for stack in &stacks {
                let about = |stack: &super::Stack| stack.whole || stack.is_in(title) || stack.is_in(&product.name);
                if self.stacks.get(*stack).is_some_and(about) {
                    self.by_stack.entry(*stack).or_default().push(key);
                }
            }
            let mut needs =
                |words: &[Word]| -> Vec<Need> { words.iter().map(|word| self.vocabulary.need(word)).collect() };
            let required = needs(&name.required);
            let beside = Beside { aside: needs(&name.aside), without: needs(&name.without), family: needs(&family) };
            for token in required.iter().chain(&beside.aside).flat_map(Need::keys) {
                for maker in &makers {
                    push(self.by_maker.entry((*maker, token)).or_default(), key);
                }
                push(self.by_token.entry(token).or_default(), key);
            }
            let empty = beside.aside.is_empty() && beside.without.is_empty() && beside.family.is_empty();
            let beside = (!empty).then(|| Box::new(beside));
            let least = if empty && apart(&name.required) { required.len() } else { 0 };
            let conditional = condition || !product.qualifiers.is_empty();
            self.nodes.push(Node { advisory: at, product: number, required, least, beside, range, conditional, says });
        }
    }

    pub(crate) fn name(&self, text: &str, makers: &[MakerId]) -> Name {
        let name = Name::read(text, &|word| self.makers.is_own_word(makers, word));
        // `Orthanc` of the maker Orthanc: nothing else is left of it.
        if name.required.is_empty() && !makers.is_empty() { Name::read(text, &|_| false) } else { name }
    }

    /// Nodes that share words with a device: of its makers, or of all where the maker is not known. Left out are those
    /// that share fewer than the device's family has and the node asks for: they name it neither wholly nor in part.
    pub(crate) fn candidates(
        &self,
        makers: Option<&[MakerId]>,
        words: impl Iterator<Item = u32>,
        family: usize,
    ) -> Vec<(u32, &Node)> {
        let mut found = Vec::new();
        for token in words {
            match makers {
                Some(makers) => {
                    let lists = makers.iter().filter_map(|maker| self.by_maker.get(&(*maker, token)));
                    lists.for_each(|list| found.extend(list));
                }
                None => found.extend(self.by_token.get(&token).into_iter().flatten()),
            }
        }
        found.sort_unstable();
        let shared = found.chunk_by(|a, b| a == b).filter_map(|of_one| Some((*of_one.first()?, of_one.len())));
        let nodes = shared.filter_map(|(key, times)| Some((key, times, self.nodes.get(key as usize)?)));
        let enough = |&(_, times, node): &(u32, usize, &Node)| times >= node.least.min(family) && !node.says.is_empty();
        nodes.filter(enough).map(|(key, _, node)| (key, node)).collect()
    }

    pub(crate) fn seen(&self, word: &Word) -> Seen {
        self.vocabulary.seen(word)
    }
}

fn push(list: &mut Vec<u32>, key: u32) {
    if list.last() != Some(&key) {
        list.push(key);
    }
}

/// Whether no word of a device can stand for two of these.
fn apart(words: &[Word]) -> bool {
    let mut seen = BTreeSet::new();
    words.iter().all(|word| {
        let letters = |token: &Token| match token {
            Token::Text(text) => numbered(text).map(|(letters, _)| format!("{letters}#")),
            Token::Span(letters, ..) => Some(format!("{letters}#")),
        };
        let own: BTreeSet<String> =
            word.0.iter().flat_map(|token| [Some(token.spelling()), letters(token)]).flatten().collect();
        own.into_iter().all(|spelling| seen.insert(spelling))
    })
}
