use holter_terms::{Attribute, BootId, DeviceKey, Lane, Nanos, Protocol, Severity, Verb, Visibility};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

/// One thing that a sensor says. Positions travel: variants and fields are only ever appended, under a new version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record<L> {
    Boot(BootRecord),
    Loss(LossStatement),
    Finding(Finding<L>),
    Devices(Devices<L>),
    Window(Window<L>),
}

impl<L> Record<L> {
    /// The lane on which a record travels.
    pub const fn lane(&self) -> Lane {
        match self {
            Record::Boot(_) | Record::Loss(_) | Record::Finding(_) => Lane::P0,
            Record::Devices(_) => Lane::P1,
            Record::Window(_) => Lane::P2,
        }
    }
}

/// The first record of a boot on P0. Boots form a chain: a missing link is an unknown loss, a fork is a clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootRecord {
    pub previous: Option<BootId>,
    /// Last number appended by the previous boot, by lane.
    pub previous_last: [u64; 4],
    pub reason: BootReason,
    /// Wall clock at the start, and nanoseconds of the monotonic clock.
    pub wall: Nanos,
    pub mono: u64,
    /// Version of the sensor, `major.minor.patch`.
    pub version: [u16; 3],
    /// The first 16 bytes of the SHA-256 of the effective configuration.
    pub config: [u8; 16],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BootReason {
    /// The previous boot ended by itself and said so.
    Clean,
    /// The previous boot left no farewell.
    Crash,
    /// There was no previous boot, or its traces are gone.
    Unknown,
}

/// What was given up, by reason, since the boot began. Counters only rise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct LossStatement {
    pub wall: Nanos,
    pub rows: Vec<LossRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossRow {
    pub reason: LossReason,
    /// The lane that lost records; `None` where frames were lost before they became records.
    pub lane: Option<Lane>,
    pub count: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LossReason {
    /// The kernel's ring was full.
    RingFull,
    /// The interface dropped frames before the ring.
    Interface,
    /// The spool was at its cap and the oldest records of the lane were given up.
    Evicted,
    /// A record in the spool could not be read back.
    Corrupt,
    /// The disk refused, and the ring in memory overflowed.
    DiskRefused,
    /// The forwarding process was away, and the queue before it was full.
    QueueFull,
    /// The forwarding process ended before it said that the record was durable. It may or may not be.
    Unconfirmed,
}

/// One end of a conversation as the sensor holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Party {
    pub device: DeviceKey,
    pub ip: Option<IpAddr>,
}

impl Hash for Party {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.device.hash(state);
        match self.ip {
            None => state.write_u64(1 << 56),
            Some(ip) => DeviceKey::Ip(ip).hash(state),
        }
    }
}

/// New and changed evidence about devices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Devices<L> {
    pub rows: Vec<EvidenceRow<L>>,
}

/// One reason to believe something about a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvidenceRow<L> {
    pub device: DeviceKey,
    pub attribute: Attribute,
    pub value: L,
    /// The rule that said so.
    pub rule: L,
    /// What it adds to the confidence in the value, in percent; negative speaks against it.
    pub weight: i8,
    pub first: Nanos,
    pub last: Nanos,
    pub count: u32,
}

/// Behaviour or meaning judged unusual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding<L> {
    /// Names the finding across repeats: a later record with the same id replaces the earlier one.
    pub id: [u8; 16],
    /// Which detection, by its id in the catalogue, such as `dicom-find-sweep`.
    pub detection: L,
    pub severity: Severity,
    pub first: Nanos,
    pub last: Nanos,
    /// Who did it.
    pub subject: Party,
    /// To whom.
    pub peer: Option<Party>,
    pub facts: Vec<Fact<L>>,
    /// Frames were lost while the facts were gathered.
    pub partly_blind: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact<L> {
    /// Name of the fact in the catalogue, such as `queries`.
    pub name: L,
    pub value: FactValue<L>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FactValue<L> {
    Number(u64),
    Text(L),
    Address(IpAddr),
    Seconds(u64),
    Bytes(u64),
}

/// What was seen in a window of packet time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window<L> {
    pub start: Nanos,
    pub seconds: u32,
    pub capture: CaptureCounters,
    pub coverage: Coverage,
    pub protocols: Vec<ProtocolRow>,
    pub talks: Vec<Talk>,
    pub acts: Vec<Act>,
    /// Named counters that moved, such as `dicom.pdu_length` malformed.
    pub counters: Vec<CounterRow<L>>,
}

/// Where frames went between the wire and the decoders, in this window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CaptureCounters {
    /// Frames that the interface handed over, as the kernel counts them; equal to `frames` for files.
    pub received: u64,
    /// Frames that reached the engine.
    pub frames: u64,
    pub bytes: u64,
    pub ring_dropped: u64,
    pub interface_dropped: u64,
    /// Frames whose link or network layer could not be read.
    pub unreadable: u64,
}

/// Payload bytes by what could be said of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    pub understood: u64,
    pub encrypted: u64,
    pub unknown: u64,
    /// Bytes of TCP conversations that were never seen although they were acknowledged or passed over.
    pub missed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolRow {
    pub protocol: Protocol,
    pub conversations: u64,
    pub events: u64,
    pub malformed: u64,
    pub bytes: u64,
}

/// Who talked to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    pub client: Party,
    pub server: Party,
    pub protocol: Protocol,
    /// The server's port; 0 where the protocol has none.
    pub port: u16,
    pub visibility: Visibility,
    pub conversations: u32,
    pub packets: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub first: Nanos,
    pub last: Nanos,
}

/// What they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    pub client: Party,
    pub server: Party,
    pub verb: Verb,
    pub count: u64,
    /// Bytes of images or messages that the acts carried, where that is known.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterRow<L> {
    pub name: L,
    pub count: u64,
}
