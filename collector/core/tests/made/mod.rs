//! Estates made of records as sensors send them.
#![allow(dead_code, unreachable_pub)]

use holter_core::{Estate, MINUTE, SECOND, Source};
use holter_terms::{Attribute, BootId, DeviceKey, Mac, Nanos, Protocol, SensorId, Verb, Visibility};
use holter_wire::{Act, CaptureCounters, Coverage, Devices, EvidenceRow, Party, Record, Talk, Text, Window};

pub const NOW: Nanos = 1_800_000_000 * SECOND;

pub fn source(sensor: u8) -> Source {
    Source { site: "main".to_owned(), sensor: SensorId([sensor; 16]), boot: BootId([1; 16]) }
}

pub fn mac(n: u32) -> DeviceKey {
    let [a, b, c, d] = n.to_be_bytes();
    DeviceKey::Mac(Mac([0, 1, a, b, c, d]))
}

pub fn ip(text: &str) -> DeviceKey {
    DeviceKey::Ip(text.parse().unwrap())
}

/// What the estate is told of a device, all with a weight that makes a name.
pub fn tell(estate: &mut Estate, at: Nanos, device: DeviceKey, said: &[(Attribute, &str)]) {
    let rows = said.iter().map(|(attribute, value)| EvidenceRow {
        device,
        attribute: *attribute,
        value: Text::new(value).unwrap(),
        rule: Text::new("measured:test/rule").unwrap(),
        weight: 90,
        first: at,
        last: at,
        count: 5,
    });
    let rows = rows.collect();
    estate.apply(&source(1), &Record::Devices(Devices { rows }), at);
}

pub fn party(device: DeviceKey) -> Party {
    Party { device, ip: None }
}

pub fn window(start: Nanos, minutes: u32, talks: Vec<Talk>, acts: Vec<Act>) -> Record<Text> {
    Record::Window(Window {
        start,
        seconds: minutes * 60,
        capture: CaptureCounters::default(),
        coverage: Coverage::default(),
        protocols: Vec::new(),
        talks,
        acts,
        counters: Vec::new(),
    })
}

pub fn act(client: DeviceKey, server: DeviceKey, verb: Verb, count: u64) -> Act {
    Act { client: party(client), server: party(server), verb, count, bytes: count * 1000 }
}

pub fn talk(client: DeviceKey, server: DeviceKey, at: Nanos, bytes: u64) -> Talk {
    Talk {
        client: party(client),
        server: party(server),
        protocol: Protocol::Dicom,
        port: 104,
        visibility: Visibility::Clear,
        conversations: 1,
        packets: 2,
        bytes_up: bytes,
        bytes_down: 1,
        first: at,
        last: at + MINUTE,
    }
}
