//! Reads a capture as far as one stage and no further, so that the stages can be told apart by their CPU time.
//!
//! usage: stages capture|link|flow|decode|unknowing|engine CAPTURE
//!
//! `unknowing` is the engine without evidence: nobody gets an identity.

use holter_capture::CaptureFile;
use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Checksums, Link, Packet};
use holter_engine::{Config, Engine, Outlet, Overlaps, Seeds, Zones};
use holter_phi::{Label, Names, TallyKey};
use holter_protocols::{Event, Malformed, Way};
use holter_terms::Nanos;
use holter_wire::Record;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;

/// Hears everything and makes nothing of it.
#[derive(Default)]
struct Deaf(u64);

impl FlowSink for Deaf {
    fn opened(&mut self, _: &Conversation) {}

    fn event(&mut self, _: &Conversation, _: Way, event: &dyn Event) {
        self.0 += 1;
        black_box(event.spec());
    }

    fn malformed(&mut self, _: &Conversation, _: Malformed) {}

    fn weird(&mut self, _: &Conversation, _: &'static str) {}

    fn closed(&mut self, _: &Conversation, _: Close) {}

    fn packet(&mut self, _: Nanos, _: &Packet<'_>) {}
}

impl Outlet for Deaf {
    fn event(&mut self, _: Nanos, _: &Conversation, _: Way, _: &dyn Event) {
        self.0 += 1;
    }

    fn record(&mut self, record: Record<Label>) {
        black_box(&record);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [stage, capture] = arguments.as_slice() else { return Err("usage: stages STAGE CAPTURE".into()) };
    let mut file = CaptureFile::open(Path::new(capture))?;
    let seed = [7; 16];
    let mut link = Link::new(Checksums::Verify, seed);
    let mut flows = match stage.as_str() {
        "flow" => Some(Flows::with_table(Limits::default(), seed, &[])),
        "decode" => Some(Flows::new(Limits::default(), seed)),
        _ => None,
    };
    let mut engine = matches!(stage.as_str(), "engine" | "unknowing").then(|| {
        let config = Config {
            zones: Zones::default(),
            learning: 60_000_000_000,
            midstream: true,
            overlaps: Overlaps::default(),
            verify_checksums: true,
        };
        let seeds = Seeds { hash: seed, names: Names::hashed([7; 32]), people: TallyKey::new([7; 16]) };
        // The built-in rules are read when the first observer is made: the other one does not pay for them.
        if stage == "engine" { Engine::new(config, seeds) } else { Engine::without_evidence(config, seeds) }
    });
    let mut deaf = Deaf::default();
    let mut frames = 0u64;
    while let Some(frame) = file.next()? {
        frames += 1;
        if let Some(engine) = &mut engine {
            engine.frame(frame.at, frame.link, frame.bytes, &mut deaf);
        } else if stage == "capture" {
            black_box(frame.bytes);
        } else if let Ok(Some(packet)) = link.packet(frame.at, frame.link, frame.bytes) {
            match &mut flows {
                Some(flows) => flows.segment(frame.at, &packet, &mut deaf),
                None => {
                    black_box(&packet);
                }
            }
        }
    }
    if let Some(engine) = &mut engine {
        engine.finish(&mut deaf);
    }
    if let Some(flows) = &mut flows {
        flows.finish(&mut deaf);
    }
    let devices = engine.as_ref().map(|engine| engine.devices().sorted());
    let rows: usize = devices.iter().flatten().map(|(_, device)| device.rows.len()).sum();
    let devices = devices.map_or(0, |devices| devices.len());
    writeln!(std::io::stdout(), "{frames} packets, {} events, {devices} devices, {rows} reasons", deaf.0)?;
    Ok(())
}
