//! What the API says, as types. The OpenAPI document is made from them, and the console's types from that document.
//!
//! Conventions: times are RFC 3339 in UTC with a fraction; ids are strings; percentages are 0 to 100; byte counts are
//! bytes of payload unless a field says otherwise; a list says how many rows there are and whether it shows all.

mod exposure;
mod inventory;

pub(crate) use exposure::*;
pub(crate) use inventory::*;

use holter_terms::{Nanos, Severity, Visibility};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A time in UTC, RFC 3339 with a fraction, such as `2026-11-17T02:47:00.25Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-17T02:47:00.25Z")]
pub(crate) struct Utc(pub(crate) Nanos);

impl std::fmt::Display for Utc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => f.write_str("1970-01-01T00:00:00Z"),
        }
    }
}

impl Serialize for Utc {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How much a finding asks of its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SeverityWord {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<Severity> for SeverityWord {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

/// Whether the bytes of a conversation could be read by anybody on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VisibilityWord {
    Unknown,
    Clear,
    Encrypted,
}

impl From<Visibility> for VisibilityWord {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Unknown => Self::Unknown,
            Visibility::Clear => Self::Clear,
            Visibility::Encrypted => Self::Encrypted,
        }
    }
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FindingState {
    /// Nobody took it yet.
    Open,
    /// Somebody is at it.
    Acknowledged,
    /// Done with, for the reason in the note.
    Closed,
}

impl FindingState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Acknowledged, Self::Closed].into_iter().find(|state| state.as_str() == text)
    }
}

/// What a person is here for; decides what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserRole {
    /// Biomedical engineering: devices, findings, sensors.
    Biomed,
    /// The network team: devices, findings, sensors.
    Network,
    /// The security operations centre.
    Soc,
    /// Privacy and compliance: reads, and reads the audit log.
    Privacy,
    /// Reads everything, changes nothing.
    Auditor,
    /// Runs the collector.
    Admin,
}

impl UserRole {
    pub(crate) const ALL: [UserRole; 6] =
        [Self::Biomed, Self::Network, Self::Soc, Self::Privacy, Self::Auditor, Self::Admin];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Biomed => "biomed",
            Self::Network => "network",
            Self::Soc => "soc",
            Self::Privacy => "privacy",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// Why a request was not done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What was not done, and why.
    pub(crate) error: String,
    /// What to do about it.
    pub(crate) what_to_do: String,
    /// Names this answer in the collector's log.
    pub(crate) request_id: String,
}

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    #[schema(max_length = 64, example = "soc.l2.03")]
    pub(crate) user: String,
    #[schema(max_length = 256)]
    pub(crate) password: String,
}

/// Who is logged in. The session itself is the cookie `__Host-holter`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) role: UserRole,
    /// To be sent as `X-Holter-Csrf` with every request that changes something.
    pub(crate) csrf: String,
    pub(crate) tenant: String,
    /// Without another request the session ends then (15 minutes).
    pub(crate) idle_until: Utc,
    /// The session ends then in any case (12 hours after login).
    pub(crate) ends: Utc,
    /// What this role may do: names of operations in this document.
    pub(crate) may: Vec<String>,
}

/// The page that is read first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Today {
    pub(crate) at: Utc,
    /// One sentence that a tired person can act on.
    pub(crate) sentence: String,
    /// What needs somebody, most urgent first, at most 20.
    pub(crate) needs: Vec<Need>,
    /// How many need somebody.
    pub(crate) needs_total: u64,
    pub(crate) seeing: Seeing,
    pub(crate) quiet: QuietList,
    pub(crate) blind: BlindList,
    /// The last 24 hours, oldest first.
    pub(crate) hours: Vec<Hour>,
    pub(crate) devices: u64,
    pub(crate) sensors: u64,
    pub(crate) findings_open: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NeedKind {
    Finding,
    Sensor,
    Device,
}

/// Something that needs somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Need {
    pub(crate) kind: NeedKind,
    /// Of the finding, sensor or device.
    pub(crate) id: String,
    pub(crate) severity: SeverityWord,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) since: Utc,
    pub(crate) partly_blind: bool,
}

/// How well we see now: shares of payload bytes over the last hour of all sensors. The four sum to 100 when `bytes` is
/// not 0.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Seeing {
    pub(crate) sentence: String,
    /// Percent, one decimal.
    pub(crate) understood: f64,
    pub(crate) encrypted: f64,
    pub(crate) unknown: f64,
    pub(crate) missed: f64,
    /// Bytes behind these shares.
    pub(crate) bytes: u64,
    pub(crate) sensors: u64,
    /// Sensors not heard, or that lost frames in the last hour.
    pub(crate) sensors_partly_blind: u64,
}

/// Devices that went quiet while we were listening.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QuietList {
    pub(crate) total: u64,
    /// The longest silence first, at most 20.
    pub(crate) items: Vec<QuietDevice>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QuietDevice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) class: String,
    pub(crate) last_seen: Utc,
    pub(crate) silent_seconds: u64,
}

/// Devices that we cannot judge, because we went blind.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BlindList {
    pub(crate) devices: u64,
    pub(crate) sensors: Vec<BlindSensor>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BlindSensor {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) since: Utc,
    pub(crate) devices: u64,
    pub(crate) why: String,
}

/// Findings that began in an hour.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Hour {
    pub(crate) start: Utc,
    pub(crate) findings: u64,
    /// The gravest of them.
    pub(crate) worst: Option<SeverityWord>,
    /// Seconds of this hour in which at least one sensor lost frames or was not heard.
    pub(crate) blind_seconds: u32,
    /// Nothing had been observed yet: neither findings nor their absence.
    pub(crate) not_yet: bool,
}

/// A filter as it was understood.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueryAccount {
    pub(crate) text: String,
    /// In order, as written.
    pub(crate) terms: Vec<TermAccount>,
    /// The order of the list in words, such as `last_seen, newest first`.
    pub(crate) sorted: String,
}

/// A term of a filter. A wrong one is left out, and the others apply.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TermAccount {
    pub(crate) text: String,
    /// Byte offsets in the query.
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) negated: bool,
    /// Why it does not apply.
    pub(crate) wrong: Option<String>,
    /// The nearest word that would be right.
    pub(crate) nearest: Option<String>,
    /// Rows that this term alone would leave.
    pub(crate) matches: Option<u64>,
}

/// A field of a filter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldAccount {
    pub(crate) name: String,
    pub(crate) meaning: String,
    /// `text`, `word`, `address`, `number`, `percent` or `time`.
    pub(crate) kind: String,
    /// The words that it takes, where they are fixed.
    pub(crate) values: Vec<String>,
    /// Whether a list can be sorted by it.
    pub(crate) sortable: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FilterFields {
    pub(crate) devices: Vec<FieldAccount>,
    pub(crate) exposure: Vec<FieldAccount>,
    pub(crate) findings: Vec<FieldAccount>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeviceList {
    pub(crate) query: QueryAccount,
    /// Devices before the filter.
    pub(crate) total: u64,
    /// Devices that the filter leaves.
    pub(crate) matched: u64,
    /// Not all of them are in this answer.
    pub(crate) truncated: bool,
    /// Asks for the rows after these.
    pub(crate) next_cursor: Option<String>,
    pub(crate) items: Vec<DeviceRow>,
}

/// A device in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeviceRow {
    pub(crate) id: String,
    /// The best name there is: host name, AE title, model, or address.
    pub(crate) name: String,
    pub(crate) site: String,
    /// Link-layer address; none where the device stands behind a router.
    pub(crate) mac: Option<String>,
    /// Newest first, at most 8.
    pub(crate) addresses: Vec<String>,
    pub(crate) class: String,
    pub(crate) class_confidence: u8,
    pub(crate) maker: Option<String>,
    pub(crate) maker_confidence: u8,
    pub(crate) family: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) os: Option<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) first_seen: Utc,
    pub(crate) last_seen: Utc,
    /// Ids of the sensors that saw it.
    pub(crate) sensors: Vec<String>,
    pub(crate) peers: u64,
    pub(crate) findings_open: u64,
    pub(crate) worst: Option<SeverityWord>,
    /// Silent although we were listening.
    pub(crate) quiet: bool,
    /// A sensor that sees it is not heard or lost frames in the last hour.
    pub(crate) partly_blind: bool,
    /// As people set it, like the two after it.
    pub(crate) owner: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) criticality: Option<String>,
    pub(crate) tags: Vec<String>,
    /// Under how many keys sensors tell of it.
    pub(crate) faces: u64,
    /// Addresses that several routers share (VRRP, HSRP): the group; no machine of its own.
    pub(crate) shared: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Device {
    #[serde(flatten)]
    pub(crate) row: DeviceRow,
    /// Its failure, or that of its network, can harm a patient directly.
    pub(crate) life_supporting: bool,
    pub(crate) identity: Vec<Verdict>,
    /// What would raise the confidence.
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) address_history: Vec<AddressSpan>,
    pub(crate) peers_total: u64,
    /// The busiest first, at most 200.
    pub(crate) peer_rows: Vec<Peer>,
    pub(crate) findings: Vec<FindingRow>,
    /// Newest first, at most 200.
    pub(crate) history: Vec<HistoryRow>,
    /// The time that this account is of, where one was asked for.
    pub(crate) as_of: Option<Utc>,
    /// `online`, `quiet` (silent while a sensor listened) or `unseen` (the sensor stopped listening).
    pub(crate) presence: String,
    pub(crate) face_rows: Vec<FaceRow>,
    pub(crate) joins: Vec<Join>,
    /// What people decided about it, newest first.
    pub(crate) decisions: Vec<DecisionRow>,
    /// Of today, also where another time was asked for.
    pub(crate) usage: UseAccount,
    /// Reasons and talks that were left out because the device had too many.
    pub(crate) refused: u64,
}

/// One value of an attribute with the reasons for and against it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Verdict {
    /// Such as `maker`, `class`, `hostname`.
    pub(crate) attribute: String,
    pub(crate) value: String,
    /// Percent, at most 98. From 70 the value is named, from 90 it may be acted on.
    pub(crate) confidence: u8,
    pub(crate) reasons: Vec<Reason>,
    /// What contradicts it.
    pub(crate) against: Vec<Reason>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Reason {
    /// `origin:signal/rule`.
    pub(crate) rule: String,
    /// The value that the reason speaks for or, with a negative weight, against.
    pub(crate) value: String,
    /// Percent; negative speaks against.
    pub(crate) weight: i8,
    /// Percent points that the confidence would change by without it.
    pub(crate) share: u8,
    pub(crate) count: u32,
    pub(crate) first_seen: Utc,
    pub(crate) last_seen: Utc,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Wanted {
    pub(crate) attribute: String,
    pub(crate) signal: String,
    pub(crate) what: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AddressSpan {
    pub(crate) address: String,
    pub(crate) first_seen: Utc,
    pub(crate) last_seen: Utc,
}

/// Whom a device talked to, by service.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Peer {
    /// The other device.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) address: Option<String>,
    pub(crate) class: String,
    /// This device asked (`client`) or answered (`server`).
    pub(crate) side: String,
    pub(crate) protocol: String,
    /// Of the server; 0 where the protocol has none.
    pub(crate) port: u16,
    pub(crate) visibility: VisibilityWord,
    pub(crate) conversations: u64,
    pub(crate) packets: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) bytes_received: u64,
    /// What was done between the two, such as `c-store`, in this direction of asking.
    pub(crate) verbs: Vec<VerbCount>,
    pub(crate) first_seen: Utc,
    pub(crate) last_seen: Utc,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct VerbCount {
    pub(crate) verb: String,
    pub(crate) count: u64,
    /// Bytes of images or messages, where known.
    pub(crate) bytes: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HistoryRow {
    pub(crate) at: Utc,
    /// One sentence: what became known or changed.
    pub(crate) what: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FindingList {
    pub(crate) query: QueryAccount,
    pub(crate) total: u64,
    pub(crate) matched: u64,
    pub(crate) truncated: bool,
    pub(crate) next_cursor: Option<String>,
    pub(crate) items: Vec<FindingRow>,
}

/// A finding in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FindingRow {
    pub(crate) id: String,
    /// What happened to whom.
    pub(crate) title: String,
    pub(crate) severity: SeverityWord,
    pub(crate) state: FindingState,
    pub(crate) detection: String,
    pub(crate) first_seen: Utc,
    pub(crate) last_seen: Utc,
    pub(crate) subject: PartyAccount,
    pub(crate) peer: Option<PartyAccount>,
    pub(crate) sensor: String,
    pub(crate) site: String,
    /// Frames were lost while its facts were gathered.
    pub(crate) partly_blind: bool,
}

/// A machine in a finding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PartyAccount {
    /// Of the device; it may not be in the inventory.
    pub(crate) device: String,
    pub(crate) name: String,
    pub(crate) address: Option<String>,
    pub(crate) class: String,
    pub(crate) class_confidence: u8,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Finding {
    #[serde(flatten)]
    pub(crate) row: FindingRow,
    /// First sentence: what happened.
    pub(crate) happened: String,
    /// Second sentence: why that is unusual here.
    pub(crate) unusual: String,
    /// What to check first, in order.
    pub(crate) check: Vec<String>,
    /// What speaks against it.
    pub(crate) against: Vec<String>,
    pub(crate) techniques: Vec<Technique>,
    pub(crate) facts: Vec<FactAccount>,
    /// Every change of state, oldest first.
    pub(crate) moves: Vec<StateMove>,
}

/// A technique of MITRE ATT&CK.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Technique {
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FactAccount {
    pub(crate) name: String,
    pub(crate) meaning: String,
    /// `number`, `text`, `address`, `seconds` or `bytes`.
    pub(crate) kind: String,
    pub(crate) value: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StateMove {
    pub(crate) state: FindingState,
    pub(crate) who: String,
    pub(crate) at: Utc,
    pub(crate) note: Option<String>,
}

/// A change of state. `closed` should say why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetState {
    pub(crate) state: FindingState,
    /// At most 2,000 characters.
    #[schema(max_length = 2000)]
    pub(crate) note: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SensorList {
    pub(crate) total: u64,
    pub(crate) items: Vec<SensorRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SensorState {
    /// Heard, and lost nothing in the last hour.
    Good,
    /// Heard, and lost frames in the last hour.
    Losing,
    /// Not heard for three minutes.
    Away,
    /// Enrolled and never heard.
    New,
    /// Its certificate was revoked.
    Revoked,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SensorRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) site: String,
    pub(crate) state: SensorState,
    /// What we hear, what we miss, one sentence.
    pub(crate) verdict: String,
    pub(crate) connected: bool,
    /// By the collector's clock.
    pub(crate) last_heard: Option<Utc>,
    /// `major.minor.patch`
    pub(crate) version: Option<String>,
    /// From the end of the newest window to its arrival.
    pub(crate) lag_seconds: Option<f64>,
    /// Frames per second in the newest window.
    pub(crate) frames_per_second: f64,
    /// Frames lost in the last hour.
    pub(crate) dropped_frames: u64,
    /// Records that wait on the sensor.
    pub(crate) spool_pending: Option<u64>,
    pub(crate) devices: u64,
    /// Over the last hour.
    pub(crate) seeing: Seeing,
    /// The last 60 windows, oldest first.
    pub(crate) trace: Vec<Beat>,
}

/// One window (usually a minute) of a sensor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Beat {
    pub(crate) start: Utc,
    pub(crate) seconds: u32,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) ring_dropped: u64,
    pub(crate) interface_dropped: u64,
    pub(crate) unreadable: u64,
    /// Payload bytes.
    pub(crate) understood: u64,
    pub(crate) encrypted: u64,
    pub(crate) unknown: u64,
    pub(crate) missed: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Sensor {
    #[serde(flatten)]
    pub(crate) row: SensorRow,
    pub(crate) enrolled: Utc,
    pub(crate) certificate_ends: Utc,
    /// Sensor clock minus collector clock at the last ping, seconds, uncertain by the round trip.
    pub(crate) clock_offset_seconds: Option<f64>,
    /// The last 24 hours of windows, oldest first.
    pub(crate) windows: Vec<Beat>,
    /// Newest boot first, at most 64.
    pub(crate) boots: Vec<Boot>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) delivery: Delivery,
    /// Over the last hour.
    pub(crate) protocols: Vec<ProtocolShare>,
    /// Named counters of the last hour, such as malformed messages by field.
    pub(crate) counters: Vec<CounterRow>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Boot {
    pub(crate) boot: String,
    pub(crate) previous: Option<String>,
    pub(crate) at: Utc,
    /// How the boot before it ended: `clean`, `crash` or `unknown`.
    pub(crate) reason: String,
    pub(crate) version: String,
    /// The boot before it is not known here: an unknown loss.
    pub(crate) chain_broken: bool,
    /// Another boot names the same one before it: perhaps a clone.
    pub(crate) fork: bool,
}

/// What was given up, since the boot began.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Loss {
    pub(crate) boot: String,
    pub(crate) reason: String,
    /// `p0` to `p3`; none where frames were lost before they became records.
    pub(crate) lane: Option<String>,
    pub(crate) count: u64,
    pub(crate) at: Utc,
}

/// Counts of the link to this sensor since the collector's first record of it.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct Delivery {
    pub(crate) committed: u64,
    pub(crate) duplicate: u64,
    /// Records that could not be read; kept aside.
    pub(crate) quarantined: u64,
    /// Different bytes under a number that was committed: two machines with one identity, or a fault.
    pub(crate) equivocation: u64,
    /// Batches that did not continue what is committed.
    pub(crate) gap: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProtocolShare {
    pub(crate) protocol: String,
    /// Its decoder was written from the standard alone, and met no traffic that a program of others made.
    pub(crate) from_specification: bool,
    pub(crate) conversations: u64,
    pub(crate) events: u64,
    pub(crate) malformed: u64,
    pub(crate) bytes: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CounterRow {
    pub(crate) name: String,
    pub(crate) count: u64,
}

/// A wish for an enrolment token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// Name of the sensor, at most 64 characters.
    #[schema(max_length = 64)]
    pub(crate) name: Option<String>,
    /// `HOST:PORT` under which the sensor reaches this collector; by default the one it was started with.
    #[schema(max_length = 261)]
    pub(crate) host: Option<String>,
    /// Hours until it ends, 1 to 24.
    #[schema(minimum = 1, maximum = 24)]
    pub(crate) valid_hours: Option<u8>,
    /// Names of machines shown instead of hashed. Needs `why`.
    pub(crate) show_site_data: Option<bool>,
    /// Why names of machines are shown, at most 200 characters.
    #[schema(max_length = 200)]
    pub(crate) why: Option<String>,
}

/// Shown once; only its hash is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TokenMade {
    pub(crate) token: String,
    pub(crate) ends: Utc,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AuditPage {
    pub(crate) total: u64,
    pub(crate) truncated: bool,
    pub(crate) next_cursor: Option<String>,
    /// Whether the chain is whole, as checked now.
    pub(crate) chain: String,
    pub(crate) items: Vec<AuditRow>,
}

/// A row of the audit log, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AuditRow {
    pub(crate) seq: u64,
    pub(crate) at: Utc,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) object: String,
    /// SHA-256 of this row and the one before it, hexadecimal.
    pub(crate) hash: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `refusing`: the store cannot commit and sensors are told to wait.
    pub(crate) state: String,
    pub(crate) version: String,
}
