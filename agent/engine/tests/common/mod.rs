//! Frames made by hand, and captures that may be there.

use holter_engine::flow::Conversation;
use holter_engine::{Config, Engine, Outlet, Seeds, Zones};
use holter_phi::{Label, Names, TallyKey};
use holter_protocols::{Event, Way};
use holter_terms::{LinkType, Nanos, Zone};
use holter_wire::Record;
use std::fmt::Write;

pub const SECOND: Nanos = 1_000_000_000;

/// Everything that an engine says, as text.
#[derive(Default)]
pub struct Told {
    pub events: String,
    pub records: Vec<Record<Label>>,
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

pub fn engine(hash: u8) -> Engine {
    let clinical = ("10.20.0.0/24".parse().expect("a network"), Zone::Clinical);
    let config = Config { zones: Zones::new([clinical]), learning: 0, midstream: true, verify_checksums: false };
    let seeds = Seeds { hash: [hash; 16], names: Names::hashed([7; 32]), people: TallyKey::new([9; 16]) };
    Engine::new(config, seeds)
}

/// One end of a conversation: the last byte of its MAC and address, and its port.
#[derive(Clone, Copy)]
pub struct End(pub u8, pub u16);

fn ip(from: End, to: End, protocol: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, to.0, 2, 0, 0, 0, 0, from.0, 8, 0, 0x45, 0];
    frame.extend((body.len() as u16 + 20).to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, protocol, 0, 0, 10, 20, 0, from.0, 10, 20, 0, to.0]);
    frame.extend(body);
    frame
}

/// A TCP segment in Ethernet.
pub fn tcp(from: End, to: End, sequence: u32, acknowledgment: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledgment.to_be_bytes());
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    ip(from, to, 6, &segment)
}

pub fn feed(engine: &mut Engine, at: Nanos, frame: &[u8], told: &mut dyn Outlet) {
    engine.frame(at, LinkType::ETHERNET, frame, told);
}
