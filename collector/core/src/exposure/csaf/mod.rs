//! CSAF 2.0 security advisories (OASIS, November 2022), read into bounded types of our own.
//!
//! Read is what exposure needs: what the document is, every product of its tree, and of each vulnerability the status
//! of products, scores, remediations and threats. Everything else is passed over. Structure beyond a bound refuses the
//! document; a text beyond its bound is cut, and [`Advisory::cut`] counts it.

mod raw;
mod read;
mod tree;

pub use read::read;
pub(crate) use read::shorten;

use super::score::Score;
use super::version::{self, Version};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most bytes of one document.
pub const FILE_MAX: usize = 16 << 20;
/// The deepest nesting of product branches; CSAF asks readers for 30.
pub const DEPTH_MAX: usize = 30;
/// The most branches of one document.
pub const NODES_MAX: usize = 100_000;
/// The most products of one document, with those that relationships make.
pub const PRODUCTS_MAX: usize = 50_000;
/// The most vulnerabilities of one document.
pub const VULNERABILITIES_MAX: usize = 2_000;
/// The most remediations, scores, threats, notes or references in one list.
pub const LIST_MAX: usize = 2_000;
/// The most bytes of one text; a longer one is cut.
pub const TEXT_MAX: usize = 16 << 10;
/// The most bytes of one name or id; a longer one is cut.
pub const NAME_MAX: usize = 1 << 10;

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct Advisory {
    /// `document.tracking.id`, such as `ICSMA-24-163-01`.
    pub id: String,
    pub title: String,
    pub publisher: String,
    /// When this version of the document was released, as it says.
    pub released: String,
    pub first_released: String,
    pub version: String,
    /// `draft`, `interim` or `final`.
    pub status: String,
    /// Where a person reads it: the first reference to itself that is not JSON.
    pub url: Option<String>,
    pub products: Vec<Product>,
    pub vulnerabilities: Vec<Vulnerability>,
    /// Texts that were cut at their bound.
    pub cut: u32,
    /// Ids of products that the document refers to and does not have.
    pub dangling: u32,
}

impl Advisory {
    /// Whether this document takes the place of `other`, which has the same id.
    pub fn is_newer_than(&self, other: &Advisory) -> bool {
        match self.released.cmp(&other.released) {
            Ordering::Equal => {
                let order = Version::read(&self.version).zip(Version::read(&other.version));
                order.and_then(|(own, other)| version::order(&own, &other)) == Some(version::Order::Greater)
            }
            released => released == Ordering::Greater,
        }
    }
}

/// A leaf of the product tree, with the names on the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// `product_id`, which the document's vulnerabilities refer to.
    pub id: String,
    /// The name that the document gives the leaf.
    pub name: String,
    pub vendor: Option<Arc<str>>,
    pub families: Vec<Arc<str>>,
    /// The innermost `product_name` on the way.
    pub product: Option<Arc<str>>,
    pub version: Option<Stated>,
    /// What else must hold of a machine for the node to mean it: architecture, language, patch level, service pack,
    /// specification, and of a relationship what the product is installed on, or which component of it is meant.
    pub qualifiers: Vec<Arc<str>>,
    /// The JSON pointer (RFC 6901) of the node in the document.
    pub node: String,
}

/// A version as a document writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    pub text: Arc<str>,
    /// Written as `product_version_range`.
    pub is_range: bool,
}

/// What a vulnerability says of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    FirstAffected,
    KnownAffected,
    LastAffected,
    FirstFixed,
    Fixed,
    KnownNotAffected,
    Recommended,
    UnderInvestigation,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::FirstAffected => "first-affected",
            Status::KnownAffected => "known-affected",
            Status::LastAffected => "last-affected",
            Status::FirstFixed => "first-fixed",
            Status::Fixed => "fixed",
            Status::KnownNotAffected => "known-not-affected",
            Status::Recommended => "recommended",
            Status::UnderInvestigation => "under-investigation",
        }
    }

    pub const fn is_affected(self) -> bool {
        matches!(self, Status::FirstAffected | Status::KnownAffected | Status::LastAffected)
    }

    pub const fn is_safe(self) -> bool {
        matches!(self, Status::FirstFixed | Status::Fixed | Status::KnownNotAffected)
    }
}

/// A product within its advisory: its place in [`Advisory::products`].
pub type ProductAt = u32;

#[derive(Debug, Clone, PartialEq)]
pub struct Vulnerability {
    pub cve: Option<String>,
    /// Its id in another system, where it has no CVE.
    pub other_id: Option<String>,
    pub cwe: Option<String>,
    pub title: Option<String>,
    /// The first note that sums it up or describes it.
    pub summary: Option<String>,
    /// By product; a document can contradict itself.
    pub status: BTreeMap<ProductAt, Vec<Status>>,
    pub scores: Vec<Scored>,
    pub remediations: Vec<Remediation>,
    pub threats: Vec<Threat>,
}

impl Vulnerability {
    /// The CVE, or else the id in another system.
    pub fn name(&self) -> Option<&str> {
        self.cve.as_deref().or(self.other_id.as_deref())
    }

    /// The gravest score that holds for a product.
    pub fn score_of(&self, product: ProductAt) -> Option<&Score> {
        let of_it = self.scores.iter().filter(|scored| scored.products.binary_search(&product).is_ok());
        of_it.map(|scored| &scored.score).max_by_key(|score| score.tenths)
    }

    /// What to do about it on a product: what names the product, or nothing in particular.
    pub fn remedies(&self, product: ProductAt) -> impl Iterator<Item = &Remediation> {
        self.remediations
            .iter()
            .filter(move |remedy| remedy.products.is_empty() || remedy.products.binary_search(&product).is_ok())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub score: Score,
    /// Sorted.
    pub products: Vec<ProductAt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remediation {
    pub category: Remedy,
    pub details: String,
    pub url: Option<String>,
    /// Sorted; empty where the document names none.
    pub products: Vec<ProductAt>,
}

/// The categories of CSAF 2.0, section 3.2.3.12.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    VendorFix,
    Mitigation,
    Workaround,
    NoneAvailable,
    NoFixPlanned,
    Other,
}

impl Remedy {
    pub(crate) fn parse(text: &str) -> Remedy {
        match text {
            "vendor_fix" => Remedy::VendorFix,
            "mitigation" => Remedy::Mitigation,
            "workaround" => Remedy::Workaround,
            "none_available" => Remedy::NoneAvailable,
            "no_fix_planned" => Remedy::NoFixPlanned,
            _ => Remedy::Other,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threat {
    /// `exploit_status`, `impact` or `target_set`.
    pub category: String,
    pub details: String,
}
