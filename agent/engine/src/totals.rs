//! What was counted since the start, for metrics, statistics and the readable account.

use crate::window::Tallies;
use holter_phi::Label;
use holter_terms::Protocol;
use holter_wire::{CaptureCounters, Coverage, ProtocolRow, Window};

/// Sums since the engine was made. What belongs to the window that is still open is not in them yet.
#[derive(Debug, Clone)]
pub struct Totals {
    pub windows: u64,
    pub capture: CaptureCounters,
    pub coverage: Coverage,
    /// By protocol, in the order of [`Protocol::ALL`].
    protocols: [Option<ProtocolRow>; Protocol::ALL.len()],
    pub counters: Tallies,
    pub findings: u64,
    pub evidence_rows: u64,
}

impl Default for Totals {
    fn default() -> Self {
        Totals {
            windows: 0,
            capture: CaptureCounters::default(),
            coverage: Coverage::default(),
            protocols: [const { None }; Protocol::ALL.len()],
            counters: Tallies::default(),
            findings: 0,
            evidence_rows: 0,
        }
    }
}

impl Totals {
    pub(crate) fn add(&mut self, window: &Window<Label>, counters: &Tallies) {
        self.windows += 1;
        let (sum, part) = (&mut self.capture, &window.capture);
        sum.received = sum.received.saturating_add(part.received);
        sum.frames = sum.frames.saturating_add(part.frames);
        sum.bytes = sum.bytes.saturating_add(part.bytes);
        sum.ring_dropped = sum.ring_dropped.saturating_add(part.ring_dropped);
        sum.interface_dropped = sum.interface_dropped.saturating_add(part.interface_dropped);
        sum.unreadable = sum.unreadable.saturating_add(part.unreadable);
        let (sum, part) = (&mut self.coverage, &window.coverage);
        sum.understood = sum.understood.saturating_add(part.understood);
        sum.encrypted = sum.encrypted.saturating_add(part.encrypted);
        sum.unknown = sum.unknown.saturating_add(part.unknown);
        sum.missed = sum.missed.saturating_add(part.missed);
        for row in &window.protocols {
            let Some(slot) = self.protocols.get_mut(row.protocol as usize) else { continue };
            let sum = slot.get_or_insert(ProtocolRow {
                protocol: row.protocol,
                conversations: 0,
                events: 0,
                malformed: 0,
                bytes: 0,
            });
            sum.conversations = sum.conversations.saturating_add(row.conversations);
            sum.events = sum.events.saturating_add(row.events);
            sum.malformed = sum.malformed.saturating_add(row.malformed);
            sum.bytes = sum.bytes.saturating_add(row.bytes);
        }
        for (name, count) in counters.sorted() {
            self.counters.add(name, count);
        }
    }

    /// The protocols that were seen.
    pub fn protocols(&self) -> impl Iterator<Item = &ProtocolRow> {
        self.protocols.iter().flatten()
    }
}
