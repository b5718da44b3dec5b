//! What the API says of the inventory beyond lists: faces, decisions, the past, suggestions and the map.

use super::{DeviceRow, Utc, VisibilityWord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One key under which sensors tell of a device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FaceRow {
    /// Names it in a decision.
    pub(crate) id: String,
    /// `mac`, or `address` where a sensor sees it behind a router.
    pub(crate) kind: String,
    /// The link-layer or IP address.
    pub(crate) key: String,
    /// Made up by the device for privacy (locally administered).
    pub(crate) randomised: bool,
    pub(crate) first_seen: Utc,
    pub(crate) last_seen: Utc,
    pub(crate) sources: Vec<SourceSpan>,
}

/// When a sensor first and last saw it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SourceSpan {
    pub(crate) sensor: String,
    pub(crate) first_seen: Utc,
    pub(crate) last_seen: Utc,
}

/// Why two faces are one device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Join {
    pub(crate) a: String,
    pub(crate) b: String,
    /// `address`, `eui-64`, `serial`, `name` or `person`.
    pub(crate) rule: String,
    /// One sentence.
    pub(crate) why: String,
    pub(crate) since: Utc,
    /// The decision that can be undone, where a person joined them.
    pub(crate) decision: Option<u64>,
}

/// What a person decided about a device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DecisionRow {
    pub(crate) id: u64,
    pub(crate) at: Utc,
    pub(crate) who: String,
    /// One sentence.
    pub(crate) what: String,
    pub(crate) note: Option<String>,
    /// Who took it back, and when.
    pub(crate) undone_by: Option<String>,
    pub(crate) undone: Option<Utc>,
    pub(crate) can_undo: bool,
}

/// A decision about a device.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub(crate) enum Decide {
    /// Sets what the device is held to be, or with `null` leaves it to the sensors again. Survives re-learning.
    Set {
        /// `name`, `owner`, `location`, `criticality`, `class`, `maker`, `family`, `model`, `version`, `os` or `serial`.
        #[schema(max_length = 32)]
        field: String,
        #[schema(max_length = 120)]
        value: Option<String>,
    },
    /// Adds or takes away a tag.
    Tag {
        #[schema(max_length = 120)]
        tag: String,
        on: bool,
    },
    Note {
        #[schema(max_length = 2000)]
        text: String,
    },
    /// The other device is this one.
    Merge {
        /// Id of a device of the same site.
        #[schema(max_length = 200)]
        with: String,
    },
    /// A face is none of this device's; no rule joins it to the others again.
    Split {
        /// Id of a face of this device.
        #[schema(max_length = 200)]
        face: String,
    },
    /// Takes an earlier decision back.
    Undo { decision: u64 },
}

/// Two devices that may be one, for a person to decide.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SuggestionRow {
    pub(crate) a: DeviceRow,
    pub(crate) b: DeviceRow,
    pub(crate) why: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SuggestionList {
    /// At most 200.
    pub(crate) items: Vec<SuggestionRow>,
}

/// What changed between two times.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DiffAnswer {
    pub(crate) from: Utc,
    pub(crate) to: Utc,
    /// A device not seen for so long counts as away, hours.
    pub(crate) within_hours: u32,
    pub(crate) appeared_total: u64,
    pub(crate) returned_total: u64,
    pub(crate) gone_total: u64,
    pub(crate) changed_total: u64,
    /// Rows of each of the four beyond `limit` are left out.
    pub(crate) truncated: bool,
    /// Never seen before `from`.
    pub(crate) appeared: Vec<DeviceRow>,
    /// Away at `from`, there at `to`.
    pub(crate) returned: Vec<DeviceRow>,
    /// There at `from`, away at `to`.
    pub(crate) gone: Vec<GoneDevice>,
    pub(crate) changed: Vec<ChangedDevice>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct GoneDevice {
    #[serde(flatten)]
    pub(crate) row: DeviceRow,
    /// `quiet`: it fell silent while a sensor listened. `unseen`: the sensor stopped listening; it may be there.
    pub(crate) presence: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChangedDevice {
    #[serde(flatten)]
    pub(crate) row: DeviceRow,
    pub(crate) changes: Vec<FieldChange>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldChange {
    /// A field of the filter, such as `version` or `address`.
    pub(crate) field: String,
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
}

/// Who talks to whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MapAnswer {
    /// By what devices are put together.
    pub(crate) by: String,
    pub(crate) nodes: Vec<MapNode>,
    pub(crate) edges: Vec<MapEdge>,
    /// Nodes with the least traffic that were left out.
    pub(crate) left_out: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MapNode {
    pub(crate) id: String,
    pub(crate) label: String,
    /// Of all its devices, or `mixed`.
    pub(crate) class: String,
    pub(crate) devices: u64,
    pub(crate) findings_open: u64,
    /// A filter that leaves its devices.
    pub(crate) filter: Option<String>,
}

/// What went from clients in one node to servers in another.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MapEdge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) protocols: Vec<String>,
    pub(crate) conversations: u64,
    /// Payload both ways.
    pub(crate) bytes: u64,
    /// `clear` where all of it could be read on the way, `encrypted` where none, else `unknown`.
    pub(crate) visibility: VisibilityWord,
    pub(crate) last_seen: Utc,
}

/// How much a device is used, from counts of protocols alone, and when it could best be taken out of use.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UseAccount {
    /// Days of the last 35 that were observed for half or more; the means are over these.
    pub(crate) days: u32,
    /// One decimal.
    pub(crate) images_per_day: f64,
    /// Stretches of sending images with gaps of at most 10 minutes; one decimal.
    pub(crate) procedures_per_day: f64,
    /// HL7 messages; one decimal.
    pub(crate) messages_per_day: f64,
    /// Oldest first, at most 35.
    pub(crate) recent: Vec<UseDay>,
    pub(crate) slot: Option<UseSlot>,
    /// Why no slot is suggested.
    pub(crate) no_slot: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UseDay {
    /// Its midnight.
    pub(crate) day: Utc,
    pub(crate) images: u32,
    pub(crate) procedures: u32,
    pub(crate) messages: u32,
}

/// The stretch of the week in which it was used least.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UseSlot {
    /// `Tue 02:30 UTC`.
    pub(crate) begins: String,
    pub(crate) minutes: u32,
    /// Weeks in which this time of the week was observed in whole.
    pub(crate) weeks: u32,
    /// Of these, those in which it was used.
    pub(crate) used_in: u32,
}
