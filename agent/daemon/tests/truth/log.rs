//! The laboratory's log of a capture beside what a replay of it says.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Truth(Value);

impl Truth {
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.0[name].as_array().into_iter().flatten()
    }

    pub(crate) fn object(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.0[name].as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }
}

pub(crate) struct Seen {
    events: Vec<Value>,
    pub(crate) inventory: Vec<Value>,
}

impl Seen {
    pub(crate) fn named(&self, event: &str) -> impl Iterator<Item = &Value> {
        self.events.iter().filter(move |line| line["event"] == event)
    }
}

/// Where captures lie that are not part of the repository.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let places = [
        std::env::var_os("HOLTER_SHARED").map(PathBuf::from),
        Some(root.join("../shared")),
        Some(root.join("../../shared")),
    ];
    let found = places.into_iter().flatten().map(|place| place.join(path)).find(|place| place.exists());
    if found.is_none() {
        eprintln!("skipped: {path} is not there");
    }
    found
}

/// The log of a capture and what `replay` makes of it; `None`, said on stderr, where the capture is absent.
pub(crate) fn of(capture: &str) -> Option<(Truth, Seen)> {
    let pcap = shared(&format!("corpus/clinical/{capture}.pcap"))?;
    let truth = std::fs::read_to_string(pcap.with_extension("truth.json")).expect("a log beside the capture");
    let folder = tempfile::tempdir().expect("a folder");
    let (events, inventory) = (folder.path().join("events"), folder.path().join("inventory"));
    let status = Command::new(env!("CARGO_BIN_EXE_holter-agent"))
        .args(["replay", "--quiet", "--seed", "00", "--site-data", "show"])
        .arg("--events")
        .arg(&events)
        .arg("--inventory")
        .arg(&inventory)
        .arg(&pcap)
        .status()
        .expect("the agent starts");
    assert!(status.success(), "{status}");
    let events = std::fs::read_to_string(events).expect("events");
    let inventory = std::fs::read_to_string(inventory).expect("an inventory");
    Some((
        Truth(serde_json::from_str(&truth).expect("JSON")),
        Seen {
            events: events.lines().map(|line| serde_json::from_str(line).expect("JSON in each line")).collect(),
            inventory: serde_json::from_str(&inventory).expect("JSON"),
        },
    ))
}
