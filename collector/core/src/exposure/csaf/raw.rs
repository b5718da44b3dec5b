//! What is read of a document, in its own words.

use super::tree::{Branches, FullName};
use super::{LIST_MAX, PRODUCTS_MAX, VULNERABILITIES_MAX};
use crate::exposure::list::List;
use crate::exposure::score::RawScore;
use serde::Deserialize;

pub(super) type Ids = List<String, PRODUCTS_MAX>;

#[derive(Deserialize)]
pub(super) struct RawFile {
    pub(super) document: RawDocument,
    #[serde(default)]
    pub(super) product_tree: RawTree,
    #[serde(default)]
    pub(super) vulnerabilities: List<RawVulnerability, VULNERABILITIES_MAX>,
}

#[derive(Deserialize)]
pub(super) struct RawDocument {
    pub(super) csaf_version: String,
    pub(super) title: String,
    pub(super) publisher: RawPublisher,
    #[serde(default)]
    pub(super) references: List<RawReference, LIST_MAX>,
    pub(super) tracking: RawTracking,
}

#[derive(Deserialize)]
pub(super) struct RawPublisher {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct RawReference {
    #[serde(default)]
    pub(super) category: String,
    pub(super) url: String,
}

#[derive(Deserialize)]
pub(super) struct RawTracking {
    pub(super) id: String,
    pub(super) current_release_date: String,
    pub(super) initial_release_date: String,
    pub(super) status: String,
    pub(super) version: String,
}

#[derive(Default, Deserialize)]
pub(super) struct RawTree {
    #[serde(default)]
    pub(super) branches: Branches,
    #[serde(default)]
    pub(super) full_product_names: List<FullName, PRODUCTS_MAX>,
    #[serde(default)]
    pub(super) product_groups: List<RawGroup, LIST_MAX>,
    #[serde(default)]
    pub(super) relationships: List<RawRelationship, PRODUCTS_MAX>,
}

#[derive(Deserialize)]
pub(super) struct RawGroup {
    pub(super) group_id: String,
    pub(super) product_ids: Ids,
}

#[derive(Deserialize)]
pub(super) struct RawRelationship {
    pub(super) category: String,
    pub(super) full_product_name: FullName,
    pub(super) product_reference: String,
    pub(super) relates_to_product_reference: String,
}

#[derive(Deserialize)]
pub(super) struct RawVulnerability {
    pub(super) cve: Option<String>,
    #[serde(default)]
    pub(super) ids: List<RawId, LIST_MAX>,
    pub(super) cwe: Option<RawCwe>,
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) notes: List<RawNote, LIST_MAX>,
    #[serde(default)]
    pub(super) product_status: RawStatus,
    #[serde(default)]
    pub(super) scores: List<RawScored, LIST_MAX>,
    #[serde(default)]
    pub(super) remediations: List<RawRemediation, LIST_MAX>,
    #[serde(default)]
    pub(super) threats: List<RawThreat, LIST_MAX>,
}

#[derive(Deserialize)]
pub(super) struct RawId {
    pub(super) text: String,
}

#[derive(Deserialize)]
pub(super) struct RawCwe {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct RawNote {
    pub(super) category: String,
    pub(super) text: String,
}

#[derive(Default, Deserialize)]
pub(super) struct RawStatus {
    #[serde(default)]
    pub(super) first_affected: Ids,
    #[serde(default)]
    pub(super) known_affected: Ids,
    #[serde(default)]
    pub(super) last_affected: Ids,
    #[serde(default)]
    pub(super) first_fixed: Ids,
    #[serde(default)]
    pub(super) fixed: Ids,
    #[serde(default)]
    pub(super) known_not_affected: Ids,
    #[serde(default)]
    pub(super) recommended: Ids,
    #[serde(default)]
    pub(super) under_investigation: Ids,
}

#[derive(Deserialize)]
pub(super) struct RawScored {
    pub(super) cvss_v2: Option<RawScore>,
    pub(super) cvss_v3: Option<RawScore>,
    pub(super) cvss_v4: Option<RawScore>,
    #[serde(default)]
    pub(super) products: Ids,
}

#[derive(Deserialize)]
pub(super) struct RawRemediation {
    pub(super) category: String,
    pub(super) details: String,
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) product_ids: Ids,
    #[serde(default)]
    pub(super) group_ids: List<String, LIST_MAX>,
}

#[derive(Deserialize)]
pub(super) struct RawThreat {
    pub(super) category: String,
    pub(super) details: String,
}
