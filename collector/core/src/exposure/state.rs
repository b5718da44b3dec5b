//! The four states, and why a device is in one.

use super::csaf::ProductAt;
use super::shelf::AdvisoryAt;
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
            Why::ProductNotSeen => {
                "The advisory is about a product of this family; which one this device is was not seen."
            }
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
