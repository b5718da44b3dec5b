//! What the API says of exposures.

use super::{QueryAccount, Reason, SeverityWord, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a device is affected by a vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ExposureState {
    /// The advisory names product and version, and identity is sure enough to act on.
    Affected,
    /// The same, less sure, or under a condition that nobody compared.
    Likely,
    /// The advisory may mean this device; what would decide was not seen.
    Unknown,
    /// The advisory names the version as fixed, or as none of those affected.
    NotAffected,
}

/// One device, one vulnerability.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExposureRow {
    /// Id of the device.
    pub(crate) device: String,
    pub(crate) device_name: String,
    pub(crate) device_class: String,
    /// Id of the advisory.
    pub(crate) advisory: String,
    pub(crate) advisory_title: String,
    /// CVE, or the id in another system.
    pub(crate) vulnerability: Option<String>,
    /// CVSS base score, 0 to 10.
    pub(crate) score: Option<f64>,
    pub(crate) severity: Option<SeverityWord>,
    /// In the catalogue of known exploited vulnerabilities.
    pub(crate) exploited: bool,
    pub(crate) state: ExposureState,
    /// Percent: the least of all claims that decided.
    pub(crate) confidence: u8,
    /// One sentence.
    pub(crate) why: String,
    /// Since when it is known: since the advisory was here and what decided was seen.
    pub(crate) since: Utc,
    /// By when it must be dealt with.
    pub(crate) due: Option<Utc>,
    pub(crate) overdue: bool,
    /// When the exception ends that holds for it now.
    pub(crate) accepted_until: Option<Utc>,
    /// When the last exception ended, where none holds any more.
    pub(crate) acceptance_ended: Option<Utc>,
}

/// Exposures that a filter leaves, the gravest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExposureList {
    pub(crate) items: Vec<ExposureRow>,
    /// Listed in all.
    pub(crate) total: u64,
    /// That the filter leaves.
    pub(crate) matched: u64,
    /// Not all of them are in `items`.
    pub(crate) truncated: bool,
    pub(crate) next_cursor: Option<String>,
    pub(crate) query: QueryAccount,
    /// When the devices were looked at.
    pub(crate) as_of: Utc,
    /// Items that found no room in the list; `counts` of the summary has them.
    pub(crate) left_out: u64,
}

/// The node of the advisory that decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AdvisoryNode {
    /// JSON pointer into the document.
    pub(crate) pointer: String,
    pub(crate) product_id: String,
    pub(crate) name: String,
    pub(crate) vendor: Option<String>,
    pub(crate) product: Option<String>,
    /// As the document writes them.
    pub(crate) versions: Option<String>,
    /// `no-version`, `all-versions`, `ranges` or `free-text`.
    pub(crate) read_as: String,
    /// What else the node asks for, and nobody compared.
    pub(crate) conditions: Vec<String>,
    /// What the document says of it, such as `known-affected`.
    pub(crate) status: Vec<String>,
}

/// A claim about the device that was compared.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExposureEvidence {
    pub(crate) attribute: String,
    pub(crate) value: String,
    pub(crate) confidence: u8,
    /// The rule is `person` where somebody set it.
    pub(crate) reasons: Vec<Reason>,
}

/// What the advisory says to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RemedyText {
    /// `vendor-fix`, `mitigation`, `workaround`, `none-available`, `no-fix-planned` or `other`.
    pub(crate) category: String,
    pub(crate) details: String,
    pub(crate) url: Option<String>,
}

/// What the catalogue of known exploited vulnerabilities says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExploitedAccount {
    pub(crate) name: String,
    pub(crate) added: Option<Utc>,
    pub(crate) due: Option<Utc>,
    pub(crate) action: String,
    /// Known to be used in ransomware campaigns.
    pub(crate) ransomware: bool,
}

/// Somebody has decided to live with an exposure for a time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExceptionRow {
    pub(crate) id: String,
    /// Id of the device, or else maker and product.
    pub(crate) device: Option<String>,
    pub(crate) maker: Option<String>,
    pub(crate) product: Option<String>,
    /// Id of the advisory, or else the CVE.
    pub(crate) advisory: Option<String>,
    pub(crate) cve: Option<String>,
    pub(crate) who: String,
    pub(crate) why: String,
    /// What stands in the way of harm meanwhile.
    pub(crate) controls: Vec<String>,
    pub(crate) made: Utc,
    pub(crate) until: Utc,
    /// Its time is over; the exposure is open again.
    pub(crate) ended: bool,
}

/// An exposure with everything that made it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExposureItem {
    #[serde(flatten)]
    pub(crate) row: ExposureRow,
    pub(crate) publisher: String,
    /// As the document writes it.
    pub(crate) released: String,
    pub(crate) advisory_version: String,
    /// Where a person reads it.
    pub(crate) advisory_url: Option<String>,
    pub(crate) vulnerability_title: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) cwe: Option<String>,
    pub(crate) cvss_version: Option<String>,
    pub(crate) vector: Option<String>,
    pub(crate) node: AdvisoryNode,
    pub(crate) evidence: Vec<ExposureEvidence>,
    /// In which scheme the device's version was read.
    pub(crate) scheme: Option<String>,
    /// The operating system or network stack by which the device was matched.
    pub(crate) stack: Option<String>,
    pub(crate) kev: Option<ExploitedAccount>,
    pub(crate) remedies: Vec<RemedyText>,
    /// The rule of the table of due dates.
    pub(crate) due_rule: Option<String>,
    /// The catalogue asks for it sooner than the rule.
    pub(crate) due_by_catalogue: bool,
    /// The exception that holds, or the one that ended last.
    pub(crate) exception: Option<ExceptionRow>,
}

/// A protocol that an attacker on the network profits from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct InsecureProtocol {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) protocol: String,
    pub(crate) grade: SeverityWord,
    pub(crate) why: String,
    pub(crate) action: String,
    /// Since when the device was seen to speak it.
    pub(crate) since: Utc,
    pub(crate) last_seen: Utc,
    pub(crate) ports: Vec<u16>,
}

/// A part of the risk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RiskPart {
    /// A word of `risk.toml`.
    pub(crate) factor: String,
    /// One sentence.
    pub(crate) what: String,
    pub(crate) weight: u8,
    /// Percent of the weight that counts.
    pub(crate) value: u8,
    /// What it adds to the risk.
    pub(crate) adds: f64,
}

/// What an order of work is made from; no measure of harm.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RiskAccount {
    /// 0 to 100: the sum of the parts.
    pub(crate) score: f64,
    pub(crate) parts: Vec<RiskPart>,
}

/// The exposures of one device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeviceExposure {
    pub(crate) device: String,
    pub(crate) as_of: Utc,
    pub(crate) risk: RiskAccount,
    /// The gravest first, at most 500.
    pub(crate) items: Vec<ExposureItem>,
    pub(crate) items_total: u64,
    pub(crate) insecure: Vec<InsecureProtocol>,
    /// Advisories that the device was compared with.
    pub(crate) advisories: u64,
}

/// How many items there are of each state.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct StateCounts {
    pub(crate) affected: u64,
    pub(crate) likely: u64,
    pub(crate) unknown: u64,
    pub(crate) not_affected: u64,
}

/// How many devices stand how to an advisory, by the gravest of its vulnerabilities.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AdvisoryCount {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) devices: StateCounts,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RiskyDevice {
    pub(crate) device: String,
    pub(crate) name: String,
    pub(crate) class: String,
    pub(crate) risk: RiskAccount,
    /// Affected or likely, and not accepted.
    pub(crate) open: u64,
}

/// How many devices speak an insecure protocol.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct InsecureCount {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) grade: SeverityWord,
    pub(crate) devices: u64,
    /// Since when the first of them was seen to.
    pub(crate) since: Utc,
}

/// All exposures in numbers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExposureSummary {
    /// When the devices were looked at.
    pub(crate) as_of: Utc,
    pub(crate) devices: u64,
    pub(crate) advisories: u64,
    /// Entries of the catalogue of known exploited vulnerabilities; 0 where there is none.
    pub(crate) catalogue: u64,
    pub(crate) counts: StateCounts,
    /// Affected or likely, and accepted.
    pub(crate) accepted: u64,
    pub(crate) overdue: u64,
    /// Advisories that name a device, by how many are affected; at most 50.
    pub(crate) by_advisory: Vec<AdvisoryCount>,
    pub(crate) by_advisory_total: u64,
    /// At most 20.
    pub(crate) riskiest: Vec<RiskyDevice>,
    /// The gravest first.
    pub(crate) insecure: Vec<InsecureCount>,
    /// Those that end first, at most 100.
    pub(crate) exceptions: Vec<ExceptionRow>,
    pub(crate) exceptions_total: u64,
}

/// Accepts an advisory or a CVE for a device, or for a product of a maker.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MakeException {
    /// Id of a device; or else `maker` and `product`.
    #[schema(max_length = 200)]
    pub(crate) device: Option<String>,
    #[schema(max_length = 200)]
    pub(crate) maker: Option<String>,
    /// Family or model, as devices are named.
    #[schema(max_length = 200)]
    pub(crate) product: Option<String>,
    /// Id of an advisory; or else `cve`.
    #[schema(max_length = 200)]
    pub(crate) advisory: Option<String>,
    #[schema(max_length = 200)]
    pub(crate) cve: Option<String>,
    #[schema(max_length = 4096)]
    pub(crate) why: String,
    /// What stands in the way of harm meanwhile: 1 to 20.
    pub(crate) controls: Vec<String>,
    /// RFC 3339, within 366 days.
    #[schema(max_length = 40, example = "2027-03-01T00:00:00Z")]
    pub(crate) until: String,
}

/// Takes an exception back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RevokeException {
    #[schema(max_length = 2000)]
    pub(crate) why: Option<String>,
}
