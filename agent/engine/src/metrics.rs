//! Counters in the Prometheus text format, version 0.0.4.

use crate::totals::Totals;
use std::fmt::{self, Write};

/// What is in the engine's tables now.
#[derive(Debug, Clone, Copy, Default)]
pub struct Levels {
    pub devices: usize,
    pub conversations: usize,
}

/// Writes every counter of the sensing side. Label values are words of the program, never text of the wire.
///
/// Counters move when a window closes, once a minute of packet time.
pub fn write(out: &mut dyn Write, totals: &Totals, levels: Levels) -> fmt::Result {
    let mut counter = |name: &str, help: &str, kind: &str, rows: &[(&str, &str, u64)]| {
        writeln!(out, "# HELP {name} {help}")?;
        writeln!(out, "# TYPE {name} {kind}")?;
        rows.iter().try_for_each(|(label, value, n)| match *label {
            "" => writeln!(out, "{name} {n}"),
            label => writeln!(out, "{name}{{{label}=\"{value}\"}} {n}"),
        })
    };
    let capture = &totals.capture;
    counter("holter_windows_total", "Windows of one minute closed.", "counter", &[("", "", totals.windows)])?;
    counter("holter_frames_total", "Frames that reached the engine.", "counter", &[("", "", capture.frames)])?;
    counter("holter_frame_bytes_total", "Bytes of those frames, as captured.", "counter", &[("", "", capture.bytes)])?;
    counter(
        "holter_frames_lost_total",
        "Frames lost before the engine.",
        "counter",
        &[("where", "ring", capture.ring_dropped), ("where", "interface", capture.interface_dropped)],
    )?;
    counter(
        "holter_frames_unreadable_total",
        "Frames whose link or network layer could not be read.",
        "counter",
        &[("", "", capture.unreadable)],
    )?;
    let coverage = &totals.coverage;
    counter(
        "holter_payload_bytes_total",
        "Payload bytes by what could be said of them.",
        "counter",
        &[
            ("coverage", "understood", coverage.understood),
            ("coverage", "encrypted", coverage.encrypted),
            ("coverage", "unknown", coverage.unknown),
            ("coverage", "missed", coverage.missed),
        ],
    )?;
    let rows: Vec<_> = totals.protocols().copied().collect();
    let by = |value: fn(&holter_wire::ProtocolRow) -> u64| -> Vec<(&str, &str, u64)> {
        rows.iter().map(|row| ("protocol", row.protocol.as_str(), value(row))).collect()
    };
    counter("holter_conversations_total", "Conversations, by protocol.", "counter", &by(|row| row.conversations))?;
    counter("holter_events_total", "Events decoded, by protocol.", "counter", &by(|row| row.events))?;
    counter("holter_malformed_total", "Messages that broke their protocol.", "counter", &by(|row| row.malformed))?;
    counter("holter_protocol_bytes_total", "Payload bytes, by protocol.", "counter", &by(|row| row.bytes))?;
    let named = totals.counters.sorted();
    let named: Vec<_> = named.iter().map(|(name, count)| ("reason", *name, *count)).collect();
    counter("holter_reasons_total", "What was odd, refused or could not be read, by reason.", "counter", &named)?;
    counter("holter_findings_total", "Findings reported, repeats included.", "counter", &[("", "", totals.findings)])?;
    counter(
        "holter_evidence_rows_total",
        "Rows of new or changed evidence reported.",
        "counter",
        &[("", "", totals.evidence_rows)],
    )?;
    counter("holter_devices", "Devices in the table.", "gauge", &[("", "", levels.devices as u64)])?;
    counter("holter_conversations", "Conversations followed now.", "gauge", &[("", "", levels.conversations as u64)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_comment_or_a_sample() {
        let mut totals = Totals::default();
        totals.counters.add("dicom.pdu_length", 3);
        totals.capture.frames = 12;
        let mut text = String::new();
        write(&mut text, &totals, Levels { devices: 2, conversations: 1 }).expect("a string takes everything");
        for line in text.lines() {
            let sample = line.strip_prefix("holter_").and_then(|line| line.rsplit_once(' '));
            assert!(line.starts_with("# ") || sample.is_some_and(|(_, n)| n.parse::<u64>().is_ok()), "{line}");
        }
        assert!(text.contains("\nholter_frames_total 12\n"), "{text}");
        assert!(text.contains("holter_reasons_total{reason=\"dicom.pdu_length\"} 3"), "{text}");
    }
}
