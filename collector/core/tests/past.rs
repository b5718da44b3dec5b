//! The inventory as it was at any time, against a script of what happened.

use holter_core::decree::{Decree, Field, Wish};
use holter_core::past::{PRESENT_WITHIN, Presence, current_addresses};
use holter_core::{DAY, Device, Estate, FaceKey, HOUR, MINUTE, SECOND, Source};
use holter_terms::{Attribute, BootId, DeviceKey, Mac, Nanos, Protocol, SensorId, Visibility};
use holter_wire::{CaptureCounters, Coverage, Devices, EvidenceRow, Party, Record, Talk, Text, Window};
use std::collections::{BTreeMap, BTreeSet};

const START: Nanos = 1_772_409_600 * SECOND;
const STEP: Nanos = 10 * MINUTE;
const DAYS: Nanos = 12;

/// What a device is like from an hour on; `None` takes it off the network.
struct Turn {
    device: u8,
    from: Nanos,
    state: Option<State>,
}

#[derive(Clone, PartialEq, Debug)]
struct State {
    ip: &'static str,
    version: &'static str,
    host: &'static str,
    title: &'static str,
}

const fn state(ip: &'static str, version: &'static str, host: &'static str, title: &'static str) -> Option<State> {
    Some(State { ip, version, host, title })
}

/// Days and hours of the script.
const fn at(day: Nanos, hour: Nanos) -> Nanos {
    START + day * DAY + hour * HOUR
}

fn script() -> Vec<Turn> {
    let turn = |device, from, state| Turn { device, from, state };
    vec![
        turn(1, at(0, 0), state("10.0.0.1", "R4.1", "ct-1", "CT1")),
        turn(2, at(0, 0), state("10.0.0.2", "B.02", "us-2", "US2")),
        turn(3, at(0, 0), state("10.0.0.3", "1.0", "pump-3", "P3")),
        // A new device, later renamed and moved.
        turn(4, at(2, 5), state("10.0.0.4", "7", "mr-4", "MR4")),
        turn(4, at(6, 0), state("10.0.0.40", "7", "mr-4", "MR4")),
        // An update, taken back two days later, and done again.
        turn(1, at(3, 8), state("10.0.0.1", "R4.2", "ct-1", "CT1")),
        turn(1, at(5, 9), state("10.0.0.1", "R4.1", "ct-1", "CT1")),
        turn(1, at(8, 1), state("10.0.0.1", "R4.2", "ct-1", "CT1")),
        // An address handed on while its owner was away.
        turn(2, at(4, 0), None),
        turn(5, at(4, 12), state("10.0.0.2", "9", "lab-5", "L5")),
        turn(5, at(7, 0), None),
        turn(2, at(9, 0), state("10.0.0.2", "B.02", "us-2", "US2")),
        // Gone for good.
        turn(3, at(8, 0), None),
    ]
}

/// What the script says of each device at a time.
fn scripted(script: &[Turn], when: Nanos) -> BTreeMap<u8, Option<State>> {
    let mut all = BTreeMap::new();
    let mut turns: Vec<&Turn> = script.iter().filter(|turn| turn.from <= when).collect();
    turns.sort_by_key(|turn| turn.from);
    for turn in turns {
        all.insert(turn.device, turn.state.clone());
    }
    all
}

fn mac(device: u8) -> DeviceKey {
    DeviceKey::Mac(Mac([0, 1, 2, 3, 4, device]))
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

type Row = (Attribute, &'static str, &'static str);

/// A sensor as it tells: a row when it is new, and again an hour later if it was seen again; a window each step.
struct Sensor {
    id: u8,
    rows: BTreeMap<(u8, Row), (Nanos, Nanos, u32, Nanos)>,
    /// The machine that it knows by its address alone.
    behind: Option<u8>,
}

impl Sensor {
    fn source(&self) -> Source {
        Source { site: "main".to_owned(), sensor: SensorId([self.id; 16]), boot: BootId([1; 16]) }
    }

    fn key(&self, device: u8, state: &State) -> DeviceKey {
        if self.behind == Some(device) { DeviceKey::Ip(state.ip.parse().unwrap()) } else { mac(device) }
    }

    fn step(&mut self, now: Nanos, there: &BTreeMap<u8, Option<State>>) -> Vec<Record<Text>> {
        let (mut rows, mut talks) = (Vec::new(), Vec::new());
        for (device, state) in there {
            let Some(state) = state else { continue };
            let key = self.key(*device, state);
            let told: [Row; 5] = [
                (Attribute::Version, state.version, "standard:dicom-image/head"),
                (Attribute::Hostname, state.host, "standard:dns-name/address-record"),
                (Attribute::AeTitle, state.title, "standard:dicom-ae/calling"),
                (Attribute::Class, "imaging", "measured:dicom-association/test"),
                (Attribute::Address, state.ip, "standard:frame/source-address"),
            ];
            for row in told {
                let entry = self.rows.entry((*device, row)).or_insert((now, now, 0, Nanos::MIN / 2));
                entry.1 = now;
                entry.2 += 1;
                if now - entry.3 >= HOUR {
                    entry.3 = now;
                    rows.push(EvidenceRow {
                        device: key,
                        attribute: row.0,
                        value: text(row.1),
                        rule: text(row.2),
                        weight: 85,
                        first: entry.0,
                        last: entry.1,
                        count: entry.2,
                    });
                }
            }
            talks.push(Talk {
                client: Party { device: key, ip: Some(state.ip.parse().unwrap()) },
                server: Party { device: mac(200), ip: Some("10.0.0.200".parse().unwrap()) },
                protocol: Protocol::Dicom,
                port: 104,
                visibility: Visibility::Clear,
                conversations: 1,
                packets: 20,
                bytes_up: 500,
                bytes_down: 100,
                first: now,
                last: now + SECOND,
            });
        }
        let window = Window {
            start: now,
            seconds: 600,
            capture: CaptureCounters { frames: 10, ..CaptureCounters::default() },
            coverage: Coverage { understood: 1, encrypted: 0, unknown: 0, missed: 0 },
            protocols: Vec::new(),
            talks,
            acts: Vec::new(),
            counters: Vec::new(),
        };
        vec![Record::Devices(Devices { rows }), Record::Window(window)]
    }
}

/// The whole story, told by two sensors; what the second says comes late by `delay`.
fn told(delay: Nanos) -> Estate {
    let script = script();
    let mut sensors = [
        Sensor { id: 1, rows: BTreeMap::new(), behind: None },
        Sensor { id: 2, rows: BTreeMap::new(), behind: Some(4) },
    ];
    let mut deliveries: Vec<(Nanos, usize, Source, Record<Text>)> = Vec::new();
    let mut now = START;
    while now < START + DAYS * DAY {
        let there = scripted(&script, now);
        for (which, sensor) in sensors.iter_mut().enumerate() {
            let late = if which == 1 { delay } else { 0 };
            for record in sensor.step(now, &there) {
                deliveries.push((now + late, deliveries.len(), sensor.source(), record));
            }
        }
        now += STEP;
    }
    deliveries.sort_by_key(|(at, order, ..)| (*at, *order));
    let mut estate = Estate::default();
    for (at, _, source, record) in deliveries {
        estate.apply(&source, &record, at);
    }
    estate
}

/// The times asked about: between the steps of the script, and at each turn.
fn times() -> Vec<Nanos> {
    (0..DAYS * 24).map(|hour| START + hour * HOUR + 30 * MINUTE).collect()
}

fn number(device: &Device) -> Option<u8> {
    match device.key {
        DeviceKey::Mac(Mac([0, 1, 2, 3, 4, n])) if n != 200 => Some(n),
        _ => None,
    }
}

#[test]
fn the_past_is_what_the_script_says_at_every_hour_whatever_came_late() {
    let script = script();
    for delay in [0, 26 * HOUR] {
        let estate = told(delay);
        assert_eq!(estate.count(), 6, "five devices and the server");
        for when in times() {
            let expected = scripted(&script, when);
            let then = estate.as_of(when);
            let seen: BTreeSet<u8> = then.iter().filter_map(number).collect();
            assert_eq!(seen, expected.keys().copied().collect(), "at {}", (when - START) / HOUR);
            for device in &then {
                let Some(number) = number(device) else { continue };
                let real = estate.device_by("main", device.key).unwrap();
                let presence = estate.presence_at(real, when).unwrap();
                let Some(state) = &expected[&number] else {
                    assert_eq!(presence, Presence::Quiet, "{number} at {}", (when - START) / HOUR);
                    continue;
                };
                assert_eq!(presence, Presence::Online, "{number} at {}", (when - START) / HOUR);
                let card = &device.card;
                let version = card.version.as_ref().map(|(version, _)| version.as_str());
                let addresses: Vec<String> = current_addresses(device).iter().map(ToString::to_string).collect();
                let told = (version, card.name.as_str(), card.ae_titles.as_slice(), addresses.as_slice());
                let expected =
                    (Some(state.version), state.host, &[state.title.to_owned()][..], &[state.ip.to_owned()][..]);
                assert_eq!(told, expected, "device {number}, hour {}, delay {delay}", (when - START) / HOUR);
            }
        }
    }
}

#[test]
fn the_difference_of_two_times_is_what_the_script_changed_between_them() {
    let (script, estate) = (script(), told(0));
    let times: Vec<Nanos> = (0..DAYS * 2).map(|half| START + half * 12 * HOUR + 6 * HOUR).collect();
    let within = 2 * HOUR;
    for (index, &from) in times.iter().enumerate() {
        for &to in &times[index + 1..] {
            let (before, after) = (scripted(&script, from), scripted(&script, to));
            let diff = estate.diff(from, to, within);
            let ids = |devices: Vec<&Device>| devices.into_iter().filter_map(number).collect::<BTreeSet<u8>>();
            let there = |states: &BTreeMap<u8, Option<State>>, n: &u8| matches!(states.get(n), Some(Some(_)));
            let all: BTreeSet<u8> = after.keys().copied().collect();
            let appeared = all.iter().filter(|n| !before.contains_key(n)).copied().collect();
            let gone = all.iter().filter(|n| there(&before, n) && !there(&after, n)).copied().collect();
            let known = |n: &&u8| before.contains_key(n);
            let returned =
                all.iter().filter(known).filter(|n| !there(&before, n) && there(&after, n)).copied().collect();
            assert_eq!(ids(diff.appeared.iter().collect()), appeared);
            assert_eq!(ids(diff.returned.iter().collect()), returned);
            assert_eq!(ids(diff.gone.iter().map(|(device, _)| device).collect()), gone);
            assert!(diff.gone.iter().all(|(_, presence)| *presence == Presence::Quiet));
            for n in all.iter().filter(known) {
                let last = |states: &BTreeMap<u8, Option<State>>, when: Nanos| {
                    states[n].clone().or_else(|| {
                        // Away: what it was when it was last there.
                        let turns = script.iter().filter(|turn| turn.device == *n && turn.from <= when);
                        turns
                            .filter_map(|turn| Some((turn.from, turn.state.clone()?)))
                            .max_by_key(|(at, _)| *at)
                            .map(|(_, s)| s)
                    })
                };
                let (was, is) = (last(&before, from).unwrap(), last(&after, to).unwrap());
                let changed = diff.changed.iter().find(|changed| number(&changed.device) == Some(*n));
                let fields: BTreeSet<&str> =
                    changed.into_iter().flat_map(|changed| &changed.changes).map(|change| change.field).collect();
                let mut expected = BTreeSet::new();
                if was.version != is.version {
                    expected.insert("version");
                }
                if was.ip != is.ip {
                    expected.insert("address");
                }
                assert_eq!(fields, expected, "device {n} from {} to {}", (from - START) / HOUR, (to - START) / HOUR);
            }
        }
    }
}

#[test]
fn what_people_said_holds_from_when_they_said_it_until_they_took_it_back() {
    let mut estate = told(0);
    let decree = |id, at, wish| Decree {
        id,
        site: "main".to_owned(),
        about: FaceKey::of(mac(1)),
        who: "anna".to_owned(),
        at,
        wish,
        undone: None,
    };
    let set = |field, value: &str| Wish::Set { field, value: Some(value.to_owned()) };
    estate.decree(decree(1, at(2, 0), set(Field::Owner, "Radiology"))).unwrap();
    estate.decree(decree(2, at(4, 0), set(Field::Class, "therapy"))).unwrap();
    estate.decree(decree(3, at(6, 0), Wish::Undo { decree: 2 })).unwrap();
    estate.decree(decree(4, at(7, 0), Wish::Tag { tag: "loan".to_owned(), on: true })).unwrap();
    let real = estate.device_by("main", mac(1)).unwrap();
    assert_eq!((real.card.class.as_str(), real.card.owner.as_deref()), ("imaging", Some("Radiology")));
    let then = |when| estate.device_as_of(real, when).unwrap().card;
    assert_eq!(then(at(1, 0)).owner, None);
    assert_eq!((then(at(5, 0)).class, then(at(5, 0)).class_confidence), ("therapy".to_owned(), 100));
    assert_eq!(then(at(6, 1)).class, "imaging");
    let diff = estate.diff(at(3, 0), at(8, 0), PRESENT_WITHIN);
    let changed = diff.changed.iter().find(|changed| number(&changed.device) == Some(1)).unwrap();
    let fields: Vec<&str> = changed.changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, ["tag"], "the update and its taking back cancel out");
    assert!(estate.decree(decree(5, at(8, 0), Wish::Undo { decree: 2 })).is_err(), "it is undone already");
    assert!(estate.decree(decree(6, at(8, 0), set(Field::Class, "toaster"))).is_err());
    assert!(estate.decree(decree(7, at(8, 0), Wish::Note { text: "x".repeat(2_001) })).is_err());
}

#[test]
fn a_silent_device_is_quiet_only_where_its_sensor_went_on_listening() {
    let mut estate = Estate::default();
    let mut sensor = Sensor { id: 1, rows: BTreeMap::new(), behind: None };
    let here = BTreeMap::from([(1, state("10.0.0.1", "1", "a-1", "A"))]);
    let gone = BTreeMap::from([(1, None)]);
    let mut play = |from: Nanos, to: Nanos, there: &BTreeMap<u8, Option<State>>| {
        let mut now = from;
        while now < to {
            for record in sensor.step(now, there) {
                // A sensor tells its window each minute.
                if let Record::Window(window) = &record {
                    for minute in 1..10 {
                        let quiet = Window { start: now + minute * MINUTE, talks: Vec::new(), ..window.clone() };
                        estate.apply(&sensor.source(), &Record::Window(quiet), now);
                    }
                }
                estate.apply(&sensor.source(), &record, now);
            }
            now += STEP;
        }
    };
    play(at(0, 0), at(0, 6), &here);
    play(at(0, 6), at(0, 12), &gone);
    play(at(1, 0), at(1, 6), &here);
    // The sensor is away from here on.
    let device = estate.device_by("main", mac(1)).unwrap();
    assert_eq!(estate.presence_at(device, at(0, 5)), Some(Presence::Online));
    assert_eq!(estate.presence_at(device, at(0, 10)), Some(Presence::Quiet));
    assert_eq!(estate.presence_at(device, at(1, 3)), Some(Presence::Online));
    assert_eq!(estate.presence_at(device, at(1, 9)), Some(Presence::Unseen));
    assert_eq!(estate.presence_at(device, at(0, 0) - 1), None);
}
