//! Thirty days of leases, docks, new cards and made-up addresses, seen by three sensors: every machine is one device,
//! every join is explained, and taking one apart and together again changes nothing.

mod frames;
mod world;

use holter_core::decree::{Decree, Wish};
use holter_core::{Device, Estate, FaceKey, Source};
use holter_engine::flow::Conversation;
use holter_engine::{Config, Engine, Outlet, Overlaps, Seeds, Zones};
use holter_phi::{Label, Names, TallyKey};
use holter_protocols::{Event, Way};
use holter_terms::{BootId, DeviceKey, LinkType, Mac, Nanos, SensorId};
use holter_wire::{Record, codec};
use std::collections::{BTreeMap, BTreeSet};
use world::{DAY, DAYS, Machine, START, World};

const SENSORS: usize = 3;

#[derive(Default)]
struct Told(Vec<Vec<u8>>);

impl Outlet for Told {
    fn event(&mut self, _: Nanos, _: &Conversation, _: Way, _: &dyn Event) {}

    fn record(&mut self, record: Record<Label>) {
        self.0.push(codec::encode(&record).unwrap());
    }
}

fn engine(sensor: usize) -> Engine {
    let config = Config {
        zones: Zones::new([]),
        learning: DAY,
        midstream: true,
        overlaps: Overlaps::default(),
        verify_checksums: false,
    };
    let hash = [u8::try_from(sensor).unwrap(); 16];
    Engine::new(config, Seeds { hash, names: Names::shown(), people: TallyKey::new([2; 16]) })
}

fn source(sensor: usize) -> Source {
    let id = u8::try_from(sensor + 1).unwrap();
    Source { site: "main".to_owned(), sensor: SensorId([id; 16]), boot: BootId([id; 16]) }
}

/// What the collector holds after thirty days, and what there was.
fn month() -> (Estate, Vec<Machine>) {
    let mut world = World::new();
    let mut engines: Vec<Engine> = (0..SENSORS).map(engine).collect();
    let mut estate = Estate::default();
    let mut deliver = |sensor: usize, told: &mut Told, at: Nanos| {
        for frame in told.0.drain(..) {
            estate.apply(&source(sensor), &codec::decode(&frame).unwrap(), at);
        }
    };
    for day in 0..DAYS {
        let mut told = Told::default();
        for (at, sensor, frame) in world.day(day) {
            engines[sensor].frame(at, LinkType::ETHERNET, &frame, &mut told);
            deliver(sensor, &mut told, at);
        }
    }
    for (sensor, engine) in engines.iter_mut().enumerate() {
        let mut told = Told::default();
        engine.finish(&mut told);
        deliver(sensor, &mut told, START + DAYS * DAY);
    }
    (estate, world.machines)
}

fn truth(machines: &[Machine]) -> BTreeMap<Mac, usize> {
    machines.iter().enumerate().flat_map(|(at, machine)| machine.macs.iter().map(move |mac| (*mac, at))).collect()
}

/// The machines that a device is of, by its link-layer addresses.
fn machines_of(device: &Device, truth: &BTreeMap<Mac, usize>) -> BTreeSet<usize> {
    device.macs().iter().filter_map(|mac| truth.get(mac).copied()).collect()
}

/// What a reader sees of a device.
fn shown(estate: &Estate, device: &Device) -> String {
    let faces: Vec<String> = device.faces.keys().map(|face| face.id()).collect();
    format!(
        "{:?} {faces:?} {:?} {:?} {:?} {:?} {:?}",
        device.key,
        device.seen,
        device.card,
        device.identity,
        device.addresses(),
        estate.bonds_of(device)
    )
}

/// Two days of the lab, minutes long, with leases that were given out anew in between: nobody is there long enough to be
/// taken for who relieves another.
#[test]
fn the_labs_machines_are_each_a_device_of_their_own() {
    let folder = holter_tests::places::root().join("demo/capture");
    let mut hosts: BTreeMap<Mac, String> = BTreeMap::new();
    let (mut sensor, mut estate) = (engine(0), Estate::default());
    for day in ["baseline", "incident"] {
        let text = std::fs::read(folder.join(format!("{day}.truth.json"))).unwrap();
        let truth: serde_json::Value = serde_json::from_slice(&text).unwrap();
        for (name, host) in truth["hosts"].as_object().unwrap() {
            if let Some(mac) = host["mac"].as_str().and_then(Mac::parse) {
                hosts.insert(mac, name.clone());
            }
        }
        let mut told = Told::default();
        for record in holter_tests::capture::Capture::read(&folder.join(format!("{day}.pcap"))).unwrap().records {
            let word = |at: usize| Nanos::from(u32::from_le_bytes(record[at..at + 4].try_into().unwrap()));
            let at = word(0) * 1_000_000_000 + word(4) * 1_000;
            sensor.frame(at, LinkType::ETHERNET, &record[16..], &mut told);
        }
        sensor.finish(&mut told);
        for frame in told.0 {
            estate.apply(&source(0), &codec::decode(&frame).unwrap(), START);
        }
    }
    assert!(hosts.len() > 8);
    for device in estate.devices.values() {
        let of: BTreeSet<&String> = device.macs().iter().filter_map(|mac| hosts.get(mac)).collect();
        assert!(of.len() < 2, "{}: {of:?}, {:?}", device.id(), estate.bonds_of(device));
    }
}

#[test]
fn thirty_days_of_leases_make_no_ghosts_and_what_is_joined_is_explained_and_can_be_undone() {
    let (mut estate, machines) = month();
    let truth = truth(&machines);
    let devices: Vec<&Device> = estate.devices.values().filter(|device| device.shared.is_none()).collect();

    // One device to each machine.
    let mut seen: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut nobody = Vec::new();
    let mut merged = Vec::new();
    for device in &devices {
        let of = machines_of(device, &truth);
        match of.len() {
            0 => nobody.push(device.id()),
            1 => seen.entry(*of.first().unwrap()).or_default().push(device.id()),
            _ => merged.push((device.id(), of)),
        }
    }
    let twice: Vec<_> =
        seen.iter().filter(|(_, ids)| ids.len() > 1).map(|(at, ids)| (&machines[*at].name, ids)).collect();
    let missing: Vec<_> =
        (0..machines.len()).filter(|at| !seen.contains_key(at)).map(|at| &machines[at].name).collect();
    eprintln!(
        "{} machines, {} devices, {} shared addresses; held twice: {}, of nobody: {}, wrongly joined: {}, missing: {}",
        machines.len(),
        devices.len(),
        estate.devices.len() - devices.len(),
        twice.len(),
        nobody.len(),
        merged.len(),
        missing.len()
    );
    assert!(merged.is_empty(), "two machines in one device: {merged:?}");
    assert!(missing.is_empty(), "never seen: {missing:?}");
    let off = devices.len().abs_diff(machines.len());
    assert!(
        off * 100 <= machines.len(),
        "{} devices for {} machines: {twice:?} {nobody:?}",
        devices.len(),
        machines.len()
    );

    // Every join is explained: the bonds of a device lead from each face to each other.
    let mut joined = 0;
    for device in devices.iter().filter(|device| device.faces.len() > 1) {
        joined += 1;
        let bonds = estate.bonds_of(device);
        let mut reached = BTreeSet::from([*device.faces.keys().next().unwrap()]);
        while let Some(bond) = bonds.iter().find(|bond| reached.contains(&bond.a) != reached.contains(&bond.b)) {
            reached.extend([bond.a, bond.b]);
        }
        assert_eq!(reached, device.faces.keys().copied().collect(), "{}: {bonds:?}", device.id());
        for bond in bonds {
            let why = bond.why();
            assert!(why.contains(&bond.value) && why.ends_with('.'), "{why}");
        }
    }
    eprintln!("{joined} devices have more than one face");
    assert!(joined > 100);

    // Taking a face out leaves two devices, and undoing it restores what was there.
    let with_faces: Vec<(String, FaceKey)> = devices
        .iter()
        .filter(|device| device.faces.len() > 1)
        .map(|device| (device.id(), *device.faces.keys().rfind(|face| face.key != device.key).unwrap()))
        .collect();
    let count = estate.devices.len();
    let mut number = 0;
    for (id, face) in with_faces {
        let before = shown(&estate, estate.device(&id).unwrap());
        let device = estate.device(&id).unwrap();
        let others: Vec<FaceKey> = device.faces.keys().filter(|other| **other != face).copied().collect();
        let about = others[0];
        let decree = |id, wish| Decree {
            id,
            site: "main".to_owned(),
            about,
            who: "anna".to_owned(),
            at: START + DAYS * DAY,
            wish,
            undone: None,
        };
        number += 2;
        let from = others.iter().map(|other| other.id()).collect();
        estate.decree(decree(number, Wish::Split { face: face.id(), from })).unwrap();
        let holder = estate.devices.values().find(|device| device.faces.contains_key(&about)).unwrap();
        assert!(!holder.faces.contains_key(&face), "{id}: {face} is still there");
        estate.decree(decree(number + 1, Wish::Undo { decree: number })).unwrap();
        assert_eq!(shown(&estate, estate.device(&id).unwrap()), before, "{id}");
    }
    assert_eq!(estate.devices.len(), count);
    assert!(matches!(estate.devices.values().next().unwrap().key, DeviceKey::Mac(_)));
}
