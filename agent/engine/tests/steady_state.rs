//! A frame that brings nothing new costs no allocation.

mod common;

use common::{SECOND, engine};
use holter_engine::flow::Conversation;
use holter_engine::{Engine, Outlet};
use holter_phi::Label;
use holter_protocols::{Event, Way};
use holter_terms::{LinkType, Nanos};
use holter_wire::Record;
/// One end of a conversation: the last byte of its MAC and address, and its port.
#[derive(Clone, Copy)]
struct End(u8, u16);

fn ip(from: End, to: End, protocol: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, to.0, 2, 0, 0, 0, 0, from.0, 8, 0, 0x45, 0];
    frame.extend((body.len() as u16 + 20).to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, protocol, 0, 0, 10, 20, 0, from.0, 10, 20, 0, to.0]);
    frame.extend(body);
    frame
}

/// A TCP segment in Ethernet.
fn tcp(from: End, to: End, sequence: u32, acknowledgment: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledgment.to_be_bytes());
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    ip(from, to, 6, &segment)
}

fn feed(engine: &mut Engine, at: Nanos, frame: &[u8], told: &mut dyn Outlet) {
    engine.frame(at, LinkType::ETHERNET, frame, told);
}

#[derive(Default)]
struct Counts {
    events: u64,
    records: u64,
}

impl Outlet for Counts {
    fn event(&mut self, _: Nanos, _: &Conversation, _: Way, _: &dyn Event) {
        self.events += 1;
    }

    fn record(&mut self, _: Record<Label>) {
        self.records += 1;
    }
}

fn message(control: u32) -> Vec<u8> {
    format!(
        "\x0bMSH|^~\\&|MON01|ICU|ENGINE|MAINHOSP|20261123000701||ORU^R01^ORU_R01|M{control:05}|P|2.6\r\
         PID|1||PAT000001\rOBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2||97\r\x1c\r"
    )
    .into_bytes()
}

fn answer(control: u32) -> Vec<u8> {
    format!(
        "\x0bMSH|^~\\&|ENGINE|MAINHOSP|MON01|ICU|20261123000701||ACK|A{control:05}|P|2.6\rMSA|AA|M{control:05}\r\x1c\r"
    )
    .into_bytes()
}

#[test]
fn traffic_in_order_without_news_costs_no_allocation_once_warm() {
    let (monitor, receiver) = (End(7, 40_000), End(9, 2575));
    let mut engine = engine(1);
    let mut counts = Counts::default();
    let start = 1_700_000_000 * SECOND - (1_700_000_000 % 60) * SECOND;
    let (mut up, mut down) = (1001u32, 5001u32);
    feed(&mut engine, start, &tcp(monitor, receiver, 1000, 0, 0x02, b""), &mut counts);
    feed(&mut engine, start, &tcp(receiver, monitor, 5000, 1001, 0x12, b""), &mut counts);
    feed(&mut engine, start, &tcp(monitor, receiver, 1001, 5001, 0x10, b""), &mut counts);
    let mut frames = Vec::new();
    for n in 0..2000 {
        let (asked, answered) = (message(n), answer(n));
        frames.push(tcp(monitor, receiver, up, down, 0x18, &asked));
        up += asked.len() as u32;
        frames.push(tcp(receiver, monitor, down, up, 0x18, &answered));
        down += answered.len() as u32;
    }
    let (warm, measured) = frames.split_at(2000);
    for frame in warm {
        feed(&mut engine, start + SECOND, frame, &mut counts);
    }
    let events = counts.events;
    assert_eq!(events, 4000, "each message and each answer is two events: itself, and its segments by name");
    let info = allocation_counter::measure(|| {
        for frame in measured {
            feed(&mut engine, start + 2 * SECOND, frame, &mut counts);
        }
    });
    assert_eq!(counts.events - events, 4000);
    assert_eq!(info.count_total, 0, "in {} frames", measured.len());
}

/// A SYN with the options of Linux.
fn syn(from: End, to: End, sequence: u32, ttl: u8, identification: u16) -> Vec<u8> {
    let mut segment = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend([0, 0, 0, 0, 0xa0, 0x02, 0xfa, 0xf0, 0, 0, 0, 0]);
    segment.extend([2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 10]);
    let mut frame = ip(from, to, 6, &segment);
    frame[18..20].copy_from_slice(&identification.to_be_bytes());
    frame[22] = ttl;
    frame
}

#[test]
fn the_shape_of_a_stack_is_looked_up_once_and_costs_no_allocation_after() {
    let (station, server) = (End(7, 40_000), End(9, 104));
    let mut engine = engine(1);
    let mut counts = Counts::default();
    let start = 1_700_000_000 * SECOND - (1_700_000_000 % 60) * SECOND;
    // Sent again, as to a server that does not answer; by turns as if it had come from behind the station.
    let frames: Vec<_> = (0..290u16).map(|n| syn(station, server, 1000, 64 - (n % 2) as u8, n)).collect();
    let mut send = |range: std::ops::Range<usize>| {
        for n in range {
            feed(&mut engine, start + n as Nanos * SECOND / 20, &frames[n], &mut counts);
        }
    };
    // A device becomes established after eight seconds.
    send(0..205);
    assert_eq!(allocation_counter::measure(|| send(205..290)).count_total, 0);
    let rows: Vec<_> = engine.devices().sorted().iter().flat_map(|(_, device)| device.sorted_rows()).collect();
    let shapes: Vec<_> =
        rows.iter().filter(|row| row.rule.contains(":ip-stack/")).map(|row| (row.rule, row.count)).collect();
    assert!(shapes.contains(&("measured:ip-stack/ip-stacks.linux", 1)), "{shapes:?}");
    assert!(shapes.contains(&("standard:ip-stack/translates.hops", 1)), "{shapes:?}");
}
