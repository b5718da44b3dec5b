//! An item with everything that made it: the advisory's node, the device's claims, what to do.

use super::csaf::{Advisory, Product, Remediation, Vulnerability};
use super::kev::{Exploited, Kev};
use super::score::Score;
use super::shelf::Shelf;
use super::state::{Exposure, State, Why};
use super::subject::{Claim, Subject};
use super::version::{Range, Version};
use holter_identity::Reason;
use serde::Serialize;

/// An item for a person to read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained<'a> {
    pub state: State,
    pub confidence: u8,
    pub why: Why,
    pub sentence: &'static str,
    pub advisory: Cited<'a>,
    pub vulnerability: Named<'a>,
    pub node: NodeShown<'a>,
    /// The claims that were compared, each with the rules behind it.
    pub evidence: Vec<Shown<'a>>,
    /// In which scheme the device's version was read.
    pub scheme: Option<super::version::Scheme>,
    pub score: Option<&'a Score>,
    pub exploited: Option<&'a Exploited>,
    pub remedies: Vec<Remedied<'a>>,
    /// The operating system or network stack by which the device was matched.
    pub stack: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cited<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub publisher: &'a str,
    pub released: &'a str,
    pub version: &'a str,
    pub url: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named<'a> {
    pub name: Option<&'a str>,
    pub cwe: Option<&'a str>,
    pub title: Option<&'a str>,
    pub summary: Option<&'a str>,
}

/// The node of the product tree that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeShown<'a> {
    /// JSON pointer into the document.
    pub pointer: &'a str,
    pub product_id: &'a str,
    pub name: &'a str,
    pub vendor: Option<&'a str>,
    pub product: Option<&'a str>,
    pub versions: Option<&'a str>,
    /// How the versions were read.
    pub read_as: ReadAs,
    /// What else the node asks for and nobody compared.
    pub conditions: Vec<&'a str>,
    pub status: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadAs {
    NoVersion,
    AllVersions,
    Ranges,
    FreeText,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown<'a> {
    pub attribute: &'static str,
    pub value: &'a str,
    pub confidence: u8,
    pub reasons: &'a [Reason],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedied<'a> {
    pub category: super::csaf::Remedy,
    pub details: &'a str,
    pub url: Option<&'a str>,
}

impl Shelf {
    /// None for an item of another shelf.
    pub fn explain<'a>(&'a self, subject: &Subject<'a>, item: &Exposure, kev: &'a Kev) -> Option<Explained<'a>> {
        let advisory = self.advisory(item.advisory)?;
        let vulnerability = advisory.vulnerabilities.get(item.vulnerability as usize)?;
        let product = advisory.products.get(item.product as usize)?;
        let compared = [
            ("maker", subject.maker, !item.by_stack),
            ("family", subject.family, !item.by_stack),
            ("model", subject.model, !item.by_stack),
            ("version", subject.version, !item.by_stack),
            ("os", subject.os, item.by_stack),
        ];
        let shown = |(attribute, claim, used): (&'static str, Option<Claim<'a>>, bool)| {
            let Claim { value, confidence, reasons } = claim.filter(|_| used)?;
            Some(Shown { attribute, value, confidence, reasons })
        };
        let version = if item.by_stack { subject.os } else { subject.version };
        let stack = item.by_stack.then(|| self.stacks.in_os(subject.os?.value).find_map(|at| self.stacks.get(at)));
        Some(Explained {
            state: item.state,
            confidence: item.confidence,
            why: item.why,
            sentence: item.why.sentence(),
            advisory: cited(advisory),
            vulnerability: named(vulnerability),
            node: node(product, vulnerability, item.product),
            evidence: compared.into_iter().filter_map(shown).collect(),
            scheme: version.and_then(|claim| Version::of_device(claim.value)).map(|version| version.scheme),
            score: vulnerability.score_of(item.product),
            exploited: vulnerability.cve.as_deref().and_then(|cve| kev.get(cve)),
            remedies: vulnerability.remedies(item.product).map(remedied).collect(),
            stack: stack.flatten().map(|stack| stack.nickname.as_deref().unwrap_or(&stack.name)),
        })
    }
}

fn cited(advisory: &Advisory) -> Cited<'_> {
    Cited {
        id: &advisory.id,
        title: &advisory.title,
        publisher: &advisory.publisher,
        released: &advisory.released,
        version: &advisory.version,
        url: advisory.url.as_deref(),
    }
}

fn named(vulnerability: &Vulnerability) -> Named<'_> {
    Named {
        name: vulnerability.name(),
        cwe: vulnerability.cwe.as_deref(),
        title: vulnerability.title.as_deref(),
        summary: vulnerability.summary.as_deref(),
    }
}

fn remedied(remedy: &Remediation) -> Remedied<'_> {
    Remedied { category: remedy.category, details: &remedy.details, url: remedy.url.as_deref() }
}

fn node<'a>(product: &'a Product, vulnerability: &Vulnerability, at: u32) -> NodeShown<'a> {
    let versions = product.version.as_ref().map(|stated| &*stated.text);
    let read_as = match versions.map(|text| Range::read(text).0) {
        None => ReadAs::NoVersion,
        Some(Range::All) => ReadAs::AllVersions,
        Some(Range::Any(_)) => ReadAs::Ranges,
        Some(Range::FreeText) => ReadAs::FreeText,
    };
    NodeShown {
        pointer: &product.node,
        product_id: &product.id,
        name: &product.name,
        vendor: product.vendor.as_deref(),
        product: product.product.as_deref(),
        versions,
        read_as,
        conditions: product.qualifiers.iter().map(|qualifier| &**qualifier).collect(),
        status: vulnerability.status.get(&at).into_iter().flatten().map(|status| status.as_str()).collect(),
    }
}
