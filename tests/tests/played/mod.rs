//! Captures of the lab, as the engine plays them.

use holter_engine::devices::Device;
use holter_engine::flow::Conversation;
use holter_engine::{Config, Engine, Outlet, Overlaps, Seeds, Zones};
use holter_identity::Identity;
use holter_phi::{Label, Names, TallyKey};
use holter_protocols::{Event, Way};
use holter_terms::{DeviceKey, LinkType, Mac, Nanos, Zone};
use holter_tests::capture::Capture;
use holter_tests::places::{root, shared};
use holter_wire::{Finding, Record};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const SECOND: Nanos = 1_000_000_000;

/// Long enough for every machine of the lab to have spoken once, and over before the incident begins.
const LEARNING: Nanos = 45 * SECOND;

#[derive(Default)]
pub(crate) struct Heard {
    /// The last record of each finding.
    pub(crate) findings: BTreeMap<[u8; 16], Finding<Label>>,
}

impl Outlet for Heard {
    fn event(&mut self, _: Nanos, _: &Conversation, _: Way, _: &dyn Event) {}

    fn record(&mut self, record: Record<Label>) {
        if let Record::Finding(finding) = record {
            self.findings.insert(finding.id, finding);
        }
    }
}

/// What the engine makes of captures, one after the other.
pub(crate) fn engine(captures: &[PathBuf]) -> (Engine, Heard) {
    let zones = [("10.20.0.0/24", Zone::Clinical), ("fd20::/64", Zone::Clinical), ("10.30.0.0/24", Zone::Corporate)];
    let config = Config {
        zones: Zones::new(zones.map(|(net, zone)| (net.parse().unwrap(), zone))),
        learning: LEARNING,
        midstream: true,
        overlaps: Overlaps::default(),
        verify_checksums: false,
    };
    let seeds = Seeds { hash: [1; 16], names: Names::shown(), people: TallyKey::new([2; 16]) };
    let mut engine = Engine::new(config, seeds);
    let mut heard = Heard::default();
    for path in captures {
        for record in Capture::read(path).unwrap().records {
            let word = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().unwrap());
            let at = Nanos::from(word(0)) * SECOND + Nanos::from(word(4)) * 1000;
            engine.frame(at, LinkType::ETHERNET, &record[16..], &mut heard);
        }
    }
    engine.finish(&mut heard);
    (engine, heard)
}

pub(crate) fn truth(capture: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(capture.with_extension("truth.json")).unwrap()).unwrap()
}

/// The lab's captures that are here: the demo's always, the corpus where it is.
pub(crate) fn labs() -> Vec<(PathBuf, PathBuf)> {
    let folders = [Some(root().join("demo/capture")), shared("corpus/clinical")];
    folders.into_iter().flatten().map(|folder| (folder.join("baseline.pcap"), folder.join("incident.pcap"))).collect()
}

/// A machine of the lab by its link-layer address, with the reasons to believe something about it.
pub(crate) fn device<'a>(engine: &'a Engine, mac: &str) -> Option<&'a Device> {
    engine.devices().get(&DeviceKey::Mac(Mac::parse(mac).unwrap()))
}

pub(crate) fn identity(device: &Device) -> Identity {
    holter_engine::devices::judge(&device.sorted_rows().into_iter().cloned().collect::<Vec<_>>())
}
