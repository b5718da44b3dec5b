//! The bounds of the flow room, and the counters of what they refused.

use holter_terms::Nanos;

const SECOND: Nanos = 1_000_000_000;

/// Bounds. Memory follows from them: a conversation takes about half a KiB beside what it holds back.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most conversations at once; beyond, the one least recently seen gives way, half-open ones first.
    pub conversations: usize,
    /// The most bytes held back in all conversations: out of order, waiting for the rest of a message, or kept by
    /// decoders.
    pub held: usize,
    /// The most bytes out of order in one direction of one conversation.
    pub held_per_stream: usize,
    /// The most bytes kept of what streams have passed on, to compare with what comes again.
    pub history: usize,
    /// How long a TCP conversation that is under way is kept without a packet.
    pub tcp_idle: Nanos,
    /// How long one is kept of which one end at most has spoken without data.
    pub opening_idle: Nanos,
    /// How long one is kept after one end has closed.
    pub closing_idle: Nanos,
    /// How long the ports of a closed one are remembered, so that late packets do not begin another.
    pub closed_idle: Nanos,
    /// How long a UDP conversation of one datagram each way is kept without another.
    pub answered_idle: Nanos,
    /// How long any other UDP conversation is kept without a packet.
    pub udp_idle: Nanos,
    /// Follow TCP conversations whose beginning was not seen.
    pub midstream: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            conversations: 65_536,
            held: 32 * 1024 * 1024,
            held_per_stream: 1024 * 1024,
            history: 4 * 1024 * 1024,
            tcp_idle: 7200 * SECOND,
            opening_idle: 30 * SECOND,
            closing_idle: 60 * SECOND,
            closed_idle: 10 * SECOND,
            answered_idle: 10 * SECOND,
            udp_idle: 60 * SECOND,
            midstream: true,
        }
    }
}

/// The most pieces out of order in one direction of one conversation.
pub const MAX_PIECES: usize = 1024;
/// Bytes beyond the expected one that a segment may lie and still belong; the largest TCP window is 1 GiB, those in use
/// are far smaller. After a longer loss, [`RESYNC`] segments in a row make the new place the right one.
pub const WINDOW: u32 = 32 * 1024 * 1024;
/// Segments in a row outside the window after which the stream goes on from there.
pub const RESYNC: u8 = 4;
/// The most runs of bytes that are looked back at to compare what comes again.
pub const HISTORY_STEPS: usize = 256;
/// How long a hole is waited on where no acknowledgment tells that it will not be filled.
pub const HOLE_PATIENCE: Nanos = 2 * SECOND;
/// Bytes of one direction within which a protocol must be recognised.
pub const PROBE_BYTES: usize = 4096;
/// Places at which a conversation seen from its beginning is probed, before it is held to be of no known protocol.
pub const PROBES: u16 = 8;
/// How often in one conversation another protocol may follow the one before (STARTTLS, CONNECT, an upgrade).
pub const HANDOVERS: u8 = 4;
/// The same for one that was met in the middle or lost bytes while it was probed: its next message may be far away.
pub const PROBES_BLIND: u16 = 4096;

/// Declares the counters once: field, meaning.
macro_rules! counts {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// What happened in the flow room. Each refusal has its counter.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct FlowCounts { $($(#[doc = $doc])+ pub $name: u64,)+ }

        impl FlowCounts {
            /// Every counter by its name, in the order of the declaration.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((concat!("flow.", stringify!($name)), self.$name)),+].into_iter()
            }
        }
    };
}

counts! {
    /// Conversations begun.
    opened,
    /// Conversations closed, for whatever reason.
    closed,
    /// Conversations given up since the table was full.
    evicted,
    /// Packets of TCP and UDP.
    packets,
    /// Packets of ARP, ICMP and other IP protocols.
    others,
    /// Packets for a conversation that was closed.
    late,
    /// Packets of TCP conversations whose beginning was not seen, where such are not followed.
    midstream,
    /// Segments whose bytes had all been seen.
    repeated,
    /// Segments that came before one that they follow.
    out_of_order,
    /// Gaps announced: bytes that were sent and never seen.
    gaps,
    /// Bytes of those gaps.
    gap_bytes,
    /// Bytes never seen within a part that a decoder had asked to skip.
    skipped_unseen,
    /// Segments too far from the expected place.
    out_of_window,
    /// Streams that went on from a new place after a run of such segments.
    resynced,
    /// Segments that repeated a place with different bytes.
    ambiguous,
    /// Segments that repeated a place of which it is forgotten what was there.
    overlaps_forgotten,
    /// Holes given up since one direction held too much out of order.
    stream_full,
    /// Bytes given up since all conversations together held too much.
    held_full,
    /// Decoders let go since all conversations together held too much.
    decoders_full,
    /// Decoders let go since they broke their contract.
    decoders_stalled,
    /// Packets with flags that contradict each other.
    bad_flags,
    /// Resets that fit no place in their stream.
    bad_resets,
    /// SYNs for a conversation that was under way.
    stray_syns,
    /// Segments with urgent data, which is read as ordinary data.
    urgent,
    /// Keep-alive probes.
    keep_alives,
}

pub(super) fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

pub(super) fn add(counter: &mut u64, n: usize) {
    *counter = counter.saturating_add(wide(n));
}

pub(super) fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
