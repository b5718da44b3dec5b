//! A mirror that shows every frame twice tells nothing twice and hides nothing.

use holter_engine::flow::Conversation;
use holter_engine::{Config, Engine, Outlet, Seeds, Zones};
use holter_phi::{Label, Names, TallyKey};
use holter_protocols::{Event, Way};
use holter_terms::{LinkType, Nanos};
use holter_tests::capture::Capture;
use holter_tests::places::root;
use holter_wire::{CaptureCounters, Record};

const MICROSECOND: Nanos = 1000;
const MILLISECOND: Nanos = 1000 * MICROSECOND;
const SECOND: Nanos = 1000 * MILLISECOND;

type Frame = (Nanos, Vec<u8>);

/// All that the engine said.
#[derive(Default)]
struct Told {
    events: Vec<String>,
    /// Without what counts frames.
    records: Vec<String>,
    duplicates: u64,
}

impl Outlet for Told {
    fn event(&mut self, _: Nanos, conversation: &Conversation, way: Way, event: &dyn Event) {
        let mut text = format!("{:?} {:?} {way:?}", conversation.client.ip, conversation.server.ip);
        event.visit(&mut |field, value| text.push_str(&format!(" {}={value:?}", field.name)));
        self.events.push(text);
    }

    fn record(&mut self, mut record: Record<Label>) {
        if let Record::Window(window) = &mut record {
            window.capture = CaptureCounters::default();
            window.counters.retain(|row| {
                let name = row.name.as_str();
                if name == "link.duplicates" {
                    self.duplicates += row.count;
                }
                // A segment that is shown once more is compared with its stream.
                name != "link.duplicates" && name != "flow.repeated"
            });
        }
        self.records.push(format!("{record:?}"));
    }
}

fn baseline() -> Vec<Frame> {
    let capture = Capture::read(&root().join("demo/capture/baseline.pcap")).unwrap();
    let frame = |record: Vec<u8>| {
        let word = |at: usize| Nanos::from(u32::from_le_bytes(record[at..at + 4].try_into().unwrap()));
        (word(0) * SECOND + word(4) * MICROSECOND, record[16..].to_vec())
    };
    capture.records.into_iter().map(frame).collect()
}

fn told(frames: &[Frame]) -> Told {
    let config = Config { zones: Zones::default(), learning: 0, midstream: true, verify_checksums: true };
    let seeds = Seeds { hash: [1; 16], names: Names::shown(), people: TallyKey::new([2; 16]) };
    let mut engine = Engine::new(config, seeds);
    let mut told = Told::default();
    for (at, bytes) in frames {
        engine.frame(*at, LinkType::ETHERNET, bytes, &mut told);
    }
    engine.finish(&mut told);
    told
}

/// Every frame, and what a rewrite makes of it so much later.
fn doubled(frames: &[Frame], later: Nanos, rewrite: fn(&[u8]) -> Vec<u8>) -> Vec<Frame> {
    let copy = |(at, bytes): &Frame| (at + later, rewrite(bytes));
    let mut all: Vec<_> = frames.iter().flat_map(|frame| [frame.clone(), copy(frame)]).collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

fn tagged(frame: &[u8]) -> Vec<u8> {
    [&frame[..12], &[0x81, 0, 0, 30], &frame[12..]].concat()
}

/// As the frame looks behind a router.
fn routed(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[..12].copy_from_slice(&[2, 0xaa, 0, 0, 0, 9, 2, 0xaa, 0, 0, 0, 1]);
    match frame[12..14] {
        [8, 0] => {
            frame[22] -= 1;
            // RFC 1141: the checksum grows by what the word lost.
            let (sum, carry) = u16::from_be_bytes([frame[24], frame[25]]).overflowing_add(0x0100);
            frame[24..26].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
        }
        [0x86, 0xdd] => frame[21] = frame[21].wrapping_sub(1),
        _ => {}
    }
    frame
}

#[test]
fn a_capture_that_shows_each_frame_once_has_no_copies() {
    assert_eq!(told(&baseline()).duplicates, 0);
}

#[test]
fn tcp_13_every_frame_of_a_day_shown_twice_tells_the_same_and_counts_once() {
    let frames = baseline();
    let plain = told(&frames);
    assert!(plain.events.len() > 1000, "{}", plain.events.len());
    for later in [0, 2 * MICROSECOND, 800 * MICROSECOND, 9 * MILLISECOND] {
        for rewrite in [<[u8]>::to_vec, tagged as fn(&[u8]) -> Vec<u8>] {
            let twice = told(&doubled(&frames, later, rewrite));
            assert_eq!(twice.events, plain.events, "{later} ns");
            let other = twice.records.iter().zip(&plain.records).find(|(twice, plain)| twice != plain);
            assert_eq!((other, twice.records.len()), (None, plain.records.len()), "{later} ns");
            assert_eq!(twice.duplicates, frames.len() as u64, "{later} ns");
        }
    }
}

#[test]
fn a_packet_shown_before_and_behind_a_router_is_told_once() {
    let frames = baseline();
    // What no router forwards stays on its segment.
    let forwarded: Vec<_> = frames
        .into_iter()
        .filter(|(_, frame)| matches!(frame[12..14], [8, 0]) && frame[0] & 1 == 0 && frame[22] > 1)
        .collect();
    let plain = told(&forwarded);
    let twice = told(&doubled(&forwarded, 50 * MICROSECOND, routed));
    assert_eq!(twice.events, plain.events);
    assert_eq!(twice.duplicates, forwarded.len() as u64);
}
