//! From JSON to [`Advisory`].

use super::raw::{Ids, RawFile, RawNote, RawRelationship, RawRemediation, RawTree, RawVulnerability};
use super::{
    Advisory, FILE_MAX, NAME_MAX, PRODUCTS_MAX, Product, ProductAt, Remediation, Remedy, Scored, Status, TEXT_MAX,
    Threat, Vulnerability,
};
use crate::exposure::error::FileError;
use crate::exposure::score::Score;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Cuts a text at a bound, between characters, and says whether it did.
pub(crate) fn shorten(text: &mut String, max: usize) -> bool {
    if text.len() <= max {
        return false;
    }
    let end = (0..=max).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.truncate(end);
    true
}

/// Reads one document. `file` is its name for errors.
pub fn read(file: &str, bytes: &[u8]) -> Result<Advisory, FileError> {
    if bytes.len() > FILE_MAX {
        return Err(FileError::whole(file, format!("larger than {} MiB", FILE_MAX >> 20)));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let raw: RawFile = serde_json::from_slice(bytes).map_err(|error| FileError::json(file, &error))?;
    if raw.document.csaf_version != "2.0" {
        return Err(FileError::whole(file, "document.csaf_version is not 2.0"));
    }
    let mut work = Work { cut: raw.product_tree.branches.cut, ..Work::default() };
    work.tree(file, raw.product_tree)?;
    let vulnerabilities = raw.vulnerabilities.0.into_iter().map(|vulnerability| work.vulnerability(vulnerability));
    let vulnerabilities = vulnerabilities.collect();
    let document = raw.document;
    let url = document.references.0.into_iter().find(|r| r.category == "self" && !r.url.ends_with(".json"));
    Ok(Advisory {
        id: work.name(document.tracking.id),
        title: work.name(document.title),
        publisher: work.name(document.publisher.name),
        released: work.name(document.tracking.current_release_date),
        first_released: work.name(document.tracking.initial_release_date),
        version: work.name(document.tracking.version),
        status: work.name(document.tracking.status),
        url: url.map(|reference| work.name(reference.url)),
        products: work.products,
        vulnerabilities,
        cut: work.cut,
        dangling: work.dangling,
    })
}

#[derive(Default)]
struct Work {
    products: Vec<Product>,
    by_id: BTreeMap<String, ProductAt>,
    groups: BTreeMap<String, Vec<ProductAt>>,
    cut: u32,
    dangling: u32,
}

impl Work {
    fn cut_at(&mut self, mut text: String, max: usize) -> String {
        if shorten(&mut text, max) {
            self.cut = self.cut.saturating_add(1);
        }
        text
    }

    fn name(&mut self, text: String) -> String {
        self.cut_at(text, NAME_MAX)
    }

    fn text(&mut self, text: String) -> String {
        self.cut_at(text, TEXT_MAX)
    }

    fn add(&mut self, file: &str, product: Product) -> Result<(), FileError> {
        let at = self.products.len();
        let key = ProductAt::try_from(at).ok().filter(|_| at < PRODUCTS_MAX);
        let key = key.ok_or_else(|| FileError::whole(file, format!("more than {PRODUCTS_MAX} products")))?;
        if self.by_id.insert(product.id.clone(), key).is_some() {
            return Err(FileError::whole(
                file,
                format!("two products with one product_id, the second at {}", product.node),
            ));
        }
        self.products.push(product);
        Ok(())
    }

    fn tree(&mut self, file: &str, tree: RawTree) -> Result<(), FileError> {
        for product in tree.branches.products {
            self.add(file, product)?;
        }
        for (at, full) in tree.full_product_names.0.into_iter().enumerate() {
            let (id, name) = (self.name(full.product_id), self.name(full.name));
            let node = format!("/product_tree/full_product_names/{at}");
            self.add(file, Product { id, name, node, ..Product::default() })?;
        }
        for (at, relationship) in tree.relationships.0.into_iter().enumerate() {
            let made = self.related(at, relationship);
            self.add(file, made)?;
        }
        for group in tree.product_groups.0 {
            let products = self.resolve(group.product_ids);
            self.groups.insert(group.group_id, products);
        }
        Ok(())
    }

    /// `A installed on B` is an A; `A component of B` is a B. The other one is a condition.
    fn related(&mut self, at: usize, of: RawRelationship) -> Product {
        let known = |id: &str| self.by_id.get(id).and_then(|&at| self.products.get(at as usize));
        let (mut what, mut with) = (known(&of.product_reference), known(&of.relates_to_product_reference));
        if of.category.ends_with("component_of") {
            std::mem::swap(&mut what, &mut with);
        }
        let mut made = what.cloned().unwrap_or_default();
        match with {
            Some(with) => made.qualifiers.push(Arc::from(with.name.as_str())),
            // Of a reference to nothing a condition remains that nobody can check.
            None => made.qualifiers.push(Arc::from("?")),
        }
        made.id = self.name(of.full_product_name.product_id);
        made.name = self.name(of.full_product_name.name);
        made.node = format!("/product_tree/relationships/{at}");
        made
    }

    fn resolve(&mut self, ids: Ids) -> Vec<ProductAt> {
        let mut found = Vec::new();
        for id in ids.0 {
            match self.by_id.get(&id) {
                Some(&at) => found.push(at),
                None => self.dangling = self.dangling.saturating_add(1),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn vulnerability(&mut self, raw: RawVulnerability) -> Vulnerability {
        let lists = raw.product_status;
        let mut status: BTreeMap<ProductAt, Vec<Status>> = BTreeMap::new();
        for (ids, says) in [
            (lists.first_affected, Status::FirstAffected),
            (lists.known_affected, Status::KnownAffected),
            (lists.last_affected, Status::LastAffected),
            (lists.first_fixed, Status::FirstFixed),
            (lists.fixed, Status::Fixed),
            (lists.known_not_affected, Status::KnownNotAffected),
            (lists.recommended, Status::Recommended),
            (lists.under_investigation, Status::UnderInvestigation),
        ] {
            for product in self.resolve(ids) {
                status.entry(product).or_default().push(says);
            }
        }
        let mut scores = Vec::new();
        for scored in raw.scores.0 {
            let products = self.resolve(scored.products);
            let given = [scored.cvss_v4, scored.cvss_v3, scored.cvss_v2];
            if let Some(score) = given.into_iter().flatten().find_map(|raw| Score::read(&raw)) {
                scores.push(Scored { score, products });
            }
        }
        let summary = |note: &RawNote| matches!(note.category.as_str(), "summary" | "description");
        let summary = raw.notes.0.into_iter().find(summary).map(|note| self.text(note.text));
        let remediations = raw.remediations.0.into_iter().map(|remedy| self.remediation(remedy)).collect();
        let threats = raw.threats.0.into_iter();
        let threats =
            threats.map(|t| Threat { category: self.name(t.category), details: self.text(t.details) }).collect();
        Vulnerability {
            cve: raw.cve.map(|cve| self.name(cve)),
            other_id: raw.ids.0.into_iter().next().map(|id| self.name(id.text)),
            cwe: raw.cwe.map(|cwe| self.name(cwe.id)),
            title: raw.title.map(|title| self.name(title)),
            summary,
            status,
            scores,
            remediations,
            threats,
        }
    }

    fn remediation(&mut self, raw: RawRemediation) -> Remediation {
        let mut products = self.resolve(raw.product_ids);
        for group in &raw.group_ids.0 {
            match self.groups.get(group) {
                Some(of_it) => products.extend(of_it),
                None => self.dangling = self.dangling.saturating_add(1),
            }
        }
        products.sort_unstable();
        products.dedup();
        Remediation {
            category: Remedy::parse(&raw.category),
            details: self.text(raw.details),
            url: raw.url.map(|url| self.name(url)),
            products,
        }
    }
}
