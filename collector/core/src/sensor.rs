//! What one sensor has said of itself: windows, boots and losses.

use crate::spans::Spans;
use crate::{DAY, HOUR, MINUTE};
use holter_terms::{BootId, Lane, Nanos};
use holter_wire::{
    BootRecord, CaptureCounters, CounterRow, Coverage, LossReason, LossStatement, ProtocolRow, Text, Window,
};
use std::collections::BTreeMap;

/// Windows kept: a day and an hour of minutes. The oldest gives way.
pub const WINDOWS_MAX: usize = 1500;
/// Stretches kept in which it listened without loss; the far past becomes coarse.
pub const STRETCHES_MAX: usize = 4096;
/// Windows that follow each other within this time are one stretch.
const WINDOWS_APART: Nanos = 2 * MINUTE;
/// Boots kept. The oldest gives way.
pub const BOOTS_MAX: usize = 64;
/// Loss rows kept (boot, reason, lane). The oldest boot's give way.
pub const LOSSES_MAX: usize = 512;
/// A sensor that was not heard for so long is away.
pub const AWAY_AFTER: Nanos = 3 * MINUTE;

/// One window with its counters.
#[derive(Debug, Clone, Default)]
pub struct Beat {
    pub seconds: u32,
    pub capture: CaptureCounters,
    pub coverage: Coverage,
    pub protocols: Vec<ProtocolRow>,
    pub counters: Vec<CounterRow<Text>>,
}

impl Beat {
    pub const fn dropped(&self) -> u64 {
        self.capture.ring_dropped.saturating_add(self.capture.interface_dropped)
    }
}

#[derive(Debug, Clone)]
pub struct Boot {
    pub record: BootRecord,
    pub heard: Nanos,
}

#[derive(Debug, Clone, Copy)]
pub struct Lost {
    pub count: u64,
    pub at: Nanos,
}

#[derive(Debug, Clone, Default)]
pub struct Sensor {
    pub site: String,
    /// By the collector's clock: when its last record came.
    pub heard: Option<Nanos>,
    /// By start, in packet time.
    pub windows: BTreeMap<Nanos, Beat>,
    /// When it listened and lost no frame, in packet time.
    pub listening: Spans,
    /// From the end of the newest window to its arrival.
    pub lag: Option<Nanos>,
    /// In the order in which they were heard.
    pub boots: Vec<(BootId, Boot)>,
    pub losses: BTreeMap<(BootId, LossReason, Option<Lane>), Lost>,
    /// Windows, boots and loss rows that gave way.
    pub gave_way: u64,
}

impl Sensor {
    pub(crate) fn window(&mut self, window: &Window<Text>, received: Nanos) {
        let newest = self.newest_end();
        let beat = self.windows.entry(window.start).or_default();
        beat.seconds = beat.seconds.max(window.seconds);
        let (into, from) = (&mut beat.capture, &window.capture);
        for (into, from) in [
            (&mut into.received, from.received),
            (&mut into.frames, from.frames),
            (&mut into.bytes, from.bytes),
            (&mut into.ring_dropped, from.ring_dropped),
            (&mut into.interface_dropped, from.interface_dropped),
            (&mut into.unreadable, from.unreadable),
            (&mut beat.coverage.understood, window.coverage.understood),
            (&mut beat.coverage.encrypted, window.coverage.encrypted),
            (&mut beat.coverage.unknown, window.coverage.unknown),
            (&mut beat.coverage.missed, window.coverage.missed),
        ] {
            *into = into.saturating_add(from);
        }
        // A day of windows is kept, and of each only what the page of a sensor sums up.
        beat.protocols.extend(window.protocols.iter().take(64).copied());
        beat.counters.extend(window.counters.iter().take(64).cloned());
        while self.windows.len() > WINDOWS_MAX {
            self.windows.pop_first();
            self.gave_way = self.gave_way.saturating_add(1);
        }
        let end = end_of(window.start, window.seconds);
        if from.ring_dropped == 0 && from.interface_dropped == 0 {
            self.listening.add(window.start, end, WINDOWS_APART, STRETCHES_MAX);
        }
        if newest.is_none_or(|newest| end >= newest) {
            self.lag = Some(received.saturating_sub(end).max(0));
        }
    }

    pub(crate) fn boot(&mut self, boot: BootId, record: &BootRecord, received: Nanos) {
        if self.boots.iter().any(|(known, _)| *known == boot) {
            return;
        }
        if self.boots.len() >= BOOTS_MAX {
            self.boots.remove(0);
            self.gave_way = self.gave_way.saturating_add(1);
        }
        self.boots.push((boot, Boot { record: record.clone(), heard: received }));
    }

    pub(crate) fn loss(&mut self, boot: BootId, statement: &LossStatement) {
        for row in statement.rows.iter().filter(|row| row.count > 0) {
            let key = (boot, row.reason, row.lane);
            if !self.losses.contains_key(&key) && self.losses.len() >= LOSSES_MAX {
                let oldest = self.losses.iter().min_by_key(|(_, lost)| lost.at).map(|(key, _)| *key);
                oldest.map(|oldest| self.losses.remove(&oldest));
                self.gave_way = self.gave_way.saturating_add(1);
            }
            let lost = self.losses.entry(key).or_insert(Lost { count: 0, at: statement.wall });
            // Counters of a boot only rise; a smaller one came late.
            if row.count > lost.count {
                *lost = Lost { count: row.count, at: statement.wall };
            }
        }
    }

    /// The end of the newest window, in packet time.
    pub fn newest_end(&self) -> Option<Nanos> {
        self.windows.last_key_value().map(|(start, beat)| end_of(*start, beat.seconds))
    }

    /// The windows of the last hour before the newest window's end.
    pub fn last_hour(&self) -> impl Iterator<Item = (Nanos, &Beat)> {
        let from = self.newest_end().map_or(Nanos::MAX, |end| end.saturating_sub(HOUR));
        self.windows.range(from..).map(|(start, beat)| (*start, beat))
    }

    pub fn last_day(&self) -> impl Iterator<Item = (Nanos, &Beat)> {
        let from = self.newest_end().map_or(Nanos::MAX, |end| end.saturating_sub(DAY));
        self.windows.range(from..).map(|(start, beat)| (*start, beat))
    }

    pub fn is_away(&self, now: Nanos) -> bool {
        self.heard.is_some_and(|heard| now.saturating_sub(heard) > AWAY_AFTER)
    }

    pub fn dropped_last_hour(&self) -> u64 {
        self.last_hour().fold(0, |sum, (_, beat)| sum.saturating_add(beat.dropped()))
    }

    /// The boot before this one is not known here, although it named one.
    pub fn chain_broken(&self, index: usize) -> bool {
        let previous = self.boots.get(index).and_then(|(_, boot)| boot.record.previous);
        previous.is_some_and(|previous| !self.boots.iter().any(|(known, _)| *known == previous))
    }

    /// Another boot names the same one before it.
    pub fn forks(&self, index: usize) -> bool {
        let previous = self.boots.get(index).and_then(|(_, boot)| boot.record.previous);
        previous.is_some_and(|previous| {
            self.boots.iter().filter(|(_, boot)| boot.record.previous == Some(previous)).count() > 1
        })
    }
}

fn end_of(start: Nanos, seconds: u32) -> Nanos {
    start.saturating_add(i64::from(seconds).saturating_mul(crate::SECOND))
}
