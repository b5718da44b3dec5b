//! Nothing that the engine says depends on the seed of its tables, nor on how often it is asked.

mod common;

use common::engine;
use holter_engine::flow::Conversation;
use holter_engine::{Lost, Outlet};
use holter_phi::Label;
use holter_protocols::{Event, Way};
use holter_terms::{LinkType, Nanos, Protocol};
use holter_wire::Record;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Everything that an engine says, as text.
#[derive(Default)]
struct Told {
    events: String,
    records: Vec<Record<Label>>,
}

impl Outlet for Told {
    fn event(&mut self, at: Nanos, conversation: &Conversation, way: Way, event: &dyn Event) {
        write!(self.events, "{at} {} {way:?} {}", conversation.id, event.spec().name).expect("a string");
        event.visit(&mut |field, value| write!(self.events, " {}={value:?}", field.name).expect("a string"));
        self.events.push('\n');
    }

    fn record(&mut self, record: Record<Label>) {
        self.records.push(record);
    }
}

fn shared(path: &str) -> Option<PathBuf> {
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

/// The frames of a pcap file of this machine's byte order with microseconds or nanoseconds.
fn frames(path: &Path) -> Vec<(i64, Vec<u8>)> {
    let bytes = std::fs::read(path).expect("a capture");
    let u32 = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    let factor = if u32(0) == 0xa1b2_3c4d { 1 } else { 1000 };
    let mut frames = Vec::new();
    let mut at = 24;
    while at + 16 <= bytes.len() {
        let length = u32(at + 8) as usize;
        let time = i64::from(u32(at)) * common::SECOND + i64::from(u32(at + 4)) * factor;
        frames.push((time, bytes[at + 16..at + 16 + length].to_vec()));
        at += 16 + length;
    }
    frames
}

fn told(frames: &[(i64, Vec<u8>)], hash: u8) -> (Told, String) {
    let mut engine = engine(hash);
    let mut told = Told::default();
    for (at, frame) in frames {
        engine.frame(*at, LinkType::ETHERNET, frame, &mut told);
    }
    engine.finish(&mut told);
    let mut inventory = String::new();
    for (key, device) in engine.devices().sorted() {
        inventory.push_str(&format!("{key} {} {} {:?}\n", device.first, device.last, device.addresses));
        device.sorted_rows().iter().for_each(|row| inventory.push_str(&format!("  {row:?}\n")));
    }
    inventory.push_str(&engine.metrics());
    (told, inventory)
}

#[test]
fn two_replays_under_different_hash_seeds_say_the_same_to_the_byte() {
    for capture in ["baseline", "incident"] {
        let Some(path) = shared(&format!("corpus/clinical/{capture}.pcap")) else { return };
        let frames = frames(&path);
        let (first, inventory) = told(&frames, 1);
        let (second, again) = told(&frames, 0xa5);
        assert!(first.events.lines().count() > 1000 && first.records.len() > 10);
        assert!(first.events == second.events, "{capture}: events differ");
        assert_eq!(first.records, second.records, "{capture}");
        assert_eq!(inventory, again, "{capture}");
    }
}

#[test]
fn windows_add_up_to_the_capture() {
    let Some(path) = shared("corpus/clinical/baseline.pcap") else { return };
    let frames = frames(&path);
    let (told, _) = told(&frames, 1);
    let windows: Vec<_> = told
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Window(window) => Some(window),
            _ => None,
        })
        .collect();
    assert_eq!(windows.iter().map(|window| window.capture.frames).sum::<u64>(), frames.len() as u64);
    let bytes: u64 = frames.iter().map(|(_, frame)| frame.len() as u64).sum();
    assert_eq!(windows.iter().map(|window| window.capture.bytes).sum::<u64>(), bytes);
    let events: u64 = windows.iter().flat_map(|window| &window.protocols).map(|row| row.events).sum();
    assert_eq!(events, told.events.lines().count() as u64);
    for window in &windows {
        assert_eq!((window.start % (60 * common::SECOND), window.seconds), (0, 60));
        let talks: u64 = window.talks.iter().map(|talk| talk.bytes_up + talk.bytes_down).sum();
        // Packets without ports are nobody's conversation.
        let protocols = window.protocols.iter().filter(|row| !matches!(row.protocol, Protocol::Arp | Protocol::Icmp));
        assert_eq!(talks, protocols.map(|row| row.bytes).sum::<u64>(), "each byte of a conversation is somebody's");
    }
}

#[test]
fn frames_lost_before_the_engine_are_told_and_mark_what_was_found_meanwhile() {
    let Some(path) = shared("corpus/clinical/incident.pcap") else { return };
    let frames = frames(&path);
    let mut engine = engine(1);
    let mut told = Told::default();
    for (n, (at, frame)) in frames.iter().enumerate() {
        if n == 10 {
            engine.lost(Lost { received: 100, ring_dropped: 7, interface_dropped: 2 });
        }
        engine.frame(*at, LinkType::ETHERNET, frame, &mut told);
    }
    engine.lost(Lost { received: 9000, ring_dropped: 8, interface_dropped: 2 });
    engine.finish(&mut told);
    let (mut ring, mut interface, mut received, mut blind) = (0, 0, 0, 0);
    for record in &told.records {
        match record {
            Record::Window(window) => {
                ring += window.capture.ring_dropped;
                interface += window.capture.interface_dropped;
                received += window.capture.received;
            }
            Record::Finding(finding) => blind += u32::from(finding.partly_blind),
            _ => {}
        }
    }
    assert_eq!((ring, interface), (8, 2), "each loss in one window");
    assert!(received >= 9000 && blind > 0, "{received} {blind}");
}
