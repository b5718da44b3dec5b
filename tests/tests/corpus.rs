//! The public captures beside the repository are read to their end, and what they hold never stops the sensor.

use holter_capture::CaptureFile;
use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Checksums, Link, Packet};
use holter_protocols::{Event, Malformed, Way};
use holter_terms::Nanos;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Default)]
struct Account {
    text: String,
    open: BTreeMap<u64, ()>,
}

impl FlowSink for Account {
    fn opened(&mut self, conversation: &Conversation) {
        assert!(self.open.insert(conversation.id, ()).is_none(), "a conversation is opened once");
    }

    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event) {
        writeln!(self.text, "{} {way:?} {} {}", conversation.id, conversation.last, event.spec().name).unwrap();
    }

    fn malformed(&mut self, conversation: &Conversation, malformed: Malformed) {
        writeln!(self.text, "{} malformed {}", conversation.id, malformed.field).unwrap();
    }

    fn weird(&mut self, conversation: &Conversation, what: &'static str) {
        writeln!(self.text, "{} weird {what}", conversation.id).unwrap();
    }

    fn closed(&mut self, conversation: &Conversation, why: Close) {
        assert!(self.open.remove(&conversation.id).is_some(), "a conversation is closed once");
        writeln!(self.text, "{conversation:?} {}", why.as_str()).unwrap();
    }

    fn packet(&mut self, at: Nanos, packet: &Packet<'_>) {
        writeln!(self.text, "{at} {} {}", packet.src, packet.dst).unwrap();
    }
}

struct Replay {
    frames: u64,
    /// How the capture ended, where it is damaged.
    error: Option<String>,
    account: String,
}

fn replay(path: &Path, seed: [u8; 16]) -> Replay {
    let mut account = Account::default();
    let mut link = Link::new(Checksums::Verify, seed);
    let mut flows = Flows::new(Limits::default(), seed);
    let mut error = None;
    let mut frames = 0;
    match CaptureFile::open(path) {
        Err(refused) => error = Some(refused.to_string()),
        Ok(mut capture) => {
            loop {
                match capture.next() {
                    Ok(Some(frame)) => {
                        if let Ok(Some(packet)) = link.packet(frame.at, frame.link, frame.bytes) {
                            flows.segment(frame.at, &packet, &mut account);
                        }
                    }
                    Ok(None) => break,
                    Err(damaged) => {
                        error = Some(damaged.to_string());
                        break;
                    }
                }
            }
            frames = capture.counts().frames;
            flows.finish(&mut account);
            assert_eq!(flows.held(), 0, "{}: nothing is held once all is closed", path.display());
            assert!(account.open.is_empty(), "{}: every conversation is closed", path.display());
            let counts = link.counts();
            assert_eq!(counts.frames, frames);
            write!(account.text, "{:?} {:?} {:?}", counts, link.fragment_counts(), flows.counts()).unwrap();
        }
    }
    Replay { frames, error, account: account.text }
}

/// Captures of which other frames are read than the oracle counted, and why.
const DIFFERENT: &[(&str, u64, &str)] = &[
    (
        "google+gopacket__pcapgo__tests__be__test202.pcapng",
        8,
        "the oracle shows three custom blocks (0x0bad, 0x40000bad) as frames; they hold no packet",
    ),
    (
        "seladb+PcapPlusPlus__Tests__Fuzzers__RegressionTests__regression_samples__clusterfuzz-testcase-minimized-\
         FuzzTarget-5685520970809344.pcap",
        1,
        "the oracle refuses the file for bits beside the link type; its one whole record is read before the cut one",
    ),
    (
        "the-tcpdump-group+tcpdump__tests__hoobr_juniper3.pcap",
        1,
        "the oracle refuses the file for bits beside the link type; the record is whole, its link type is not read",
    ),
    (
        "the-tcpdump-group+tcpdump__tests__juniper_es_oobr.pcap",
        1,
        "the oracle refuses the file for bits beside the link type; the record is whole, its link type is not read",
    ),
];

#[test]
fn every_public_capture_is_read_to_its_end_with_as_many_frames_as_the_oracle_counted() {
    let Some(corpus) = holter_tests::places::shared("corpus") else { return };
    let index = std::fs::read_to_string(corpus.join("oracle/index.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for line in index.lines().skip(1) {
        let mut columns = line.split('\t');
        let (name, frames, status) =
            (columns.next().unwrap(), columns.next().unwrap().parse::<u64>().unwrap(), columns.next().unwrap());
        let path = match name.strip_prefix("clinical__") {
            Some(clinical) => corpus.join("clinical").join(clinical),
            None => corpus.join("captures").join(name),
        };
        let replay = replay(&path, [0; 16]);
        let expected = DIFFERENT.iter().find(|(other, ..)| *other == name).map_or(frames, |(_, frames, _)| *frames);
        if replay.frames != expected {
            wrong.push(format!(
                "{name}: {} frames, expected {expected}, tshark {status}, {:?}",
                replay.frames, replay.error
            ));
        }
        if replay.error.is_some() && status == "0" {
            wrong.push(format!("{name}: {:?} where tshark saw no damage", replay.error));
        }
        seen += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 300, "{seen} captures");
}

#[test]
fn what_is_told_of_a_capture_does_not_depend_on_the_seed_of_the_hash() {
    let Some(corpus) = holter_tests::places::shared("corpus/captures") else { return };
    let mut paths: Vec<_> = std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let (one, other) = (replay(&path, [1; 16]), replay(&path, [0xa7; 16]));
        assert!(one.account == other.account, "{}: two seeds, two accounts", path.display());
    }
}
