//! Which faces become one device, which never do, and what a person can do about it.

use holter_core::bond::{NAME_FACES, Rule};
use holter_core::decree::{Decree, Field, Wish};
use holter_core::device::FACES_MAX;
use holter_core::{Changes, DAY, Estate, FaceKey, HOUR, MINUTE, SECOND, Source};
use holter_terms::{Attribute, BootId, DeviceKey, Mac, Nanos, Protocol, SensorId, Visibility};
use holter_wire::{CaptureCounters, Coverage, Devices, EvidenceRow, Party, Record, Talk, Text, Window};
use std::net::IpAddr;

const START: Nanos = 1_772_409_600 * SECOND;

fn source(sensor: u8) -> Source {
    Source { site: "main".to_owned(), sensor: SensorId([sensor; 16]), boot: BootId([1; 16]) }
}

fn mac(n: u8) -> DeviceKey {
    DeviceKey::Mac(Mac([0, 0x18, 0x65, 0, 0, n]))
}

fn made_up(n: u8) -> DeviceKey {
    DeviceKey::Mac(Mac([0x4a, 0, 0, 0, 0, n]))
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

const NAME: (Attribute, &str) = (Attribute::Hostname, "standard:dhcp-name/host-name");
const SERIAL: (Attribute, &str) = (Attribute::Serial, "standard:dicom-image/head");
const CLASS: (Attribute, &str) = (Attribute::Class, "measured:dicom-association/test");
const FAMILY: (Attribute, &str) = (Attribute::Family, "measured:dicom-association/test");

/// A sensor tells a reason that it saw again and again in a stretch of time, and the conversations of it.
fn tell(estate: &mut Estate, device: DeviceKey, of: (Attribute, &str), value: &str, from: Nanos, to: Nanos) -> Changes {
    let row = EvidenceRow {
        device,
        attribute: of.0,
        value: text(value),
        rule: text(of.1),
        weight: 80,
        first: from,
        last: to,
        count: 9,
    };
    estate.apply(&source(1), &Record::Devices(Devices { rows: vec![row] }), to);
    present(estate, device, None, from, to)
}

fn present(estate: &mut Estate, device: DeviceKey, ip: Option<IpAddr>, from: Nanos, to: Nanos) -> Changes {
    let mut changes = Changes::default();
    let mut at = from;
    while at <= to {
        let talk = Talk {
            client: Party { device, ip },
            server: Party { device: mac(250), ip: None },
            protocol: Protocol::Dicom,
            port: 104,
            visibility: Visibility::Clear,
            conversations: 1,
            packets: 9,
            bytes_up: 9,
            bytes_down: 9,
            first: at,
            last: at,
        };
        let window = Window {
            start: at,
            seconds: 60,
            capture: CaptureCounters::default(),
            coverage: Coverage::default(),
            protocols: Vec::new(),
            talks: vec![talk],
            acts: Vec::new(),
            counters: Vec::new(),
        };
        changes = estate.apply(&source(1), &Record::Window(window), at);
        at += 4 * MINUTE;
    }
    changes
}

fn are_one(estate: &Estate, a: DeviceKey, b: DeviceKey) -> bool {
    estate.device_by("main", a).unwrap().key == estate.device_by("main", b).unwrap().key
}

fn rules(estate: &Estate, of: DeviceKey) -> Vec<Rule> {
    estate.bonds_of(estate.device_by("main", of).unwrap()).iter().map(|bond| bond.rule).collect()
}

fn at(hour: Nanos) -> Nanos {
    START + hour * HOUR
}

#[test]
fn a_new_card_with_the_old_serial_number_is_the_same_machine() {
    let mut estate = Estate::default();
    tell(&mut estate, mac(1), SERIAL, "SN-40912", at(0), at(5));
    tell(&mut estate, mac(2), SERIAL, "sn-40912", at(9), at(12));
    assert!(are_one(&estate, mac(1), mac(2)));
    assert_eq!(rules(&estate, mac(1)), [Rule::Serial]);
}

#[test]
fn who_copies_a_serial_number_while_its_owner_is_there_does_not_vanish_in_it() {
    let mut estate = Estate::default();
    tell(&mut estate, mac(1), SERIAL, "SN-40912", at(0), at(5));
    tell(&mut estate, mac(2), SERIAL, "SN-40912", at(2), at(4));
    assert!(!are_one(&estate, mac(1), mac(2)));
    let suggested = estate.suggestions(10);
    assert_eq!(suggested.len(), 1);
    assert!(suggested[0].1.why.contains("at the same time"), "{}", suggested[0].1.why);
    // One who was taken for the same and is then seen beside it is held apart again.
    let mut estate = Estate::default();
    tell(&mut estate, mac(1), SERIAL, "SN-40912", at(0), at(5));
    tell(&mut estate, mac(2), SERIAL, "SN-40912", at(9), at(12));
    assert!(are_one(&estate, mac(1), mac(2)));
    present(&mut estate, mac(1), None, at(10), at(12));
    present(&mut estate, mac(2), None, at(10), at(12));
    assert!(!are_one(&estate, mac(1), mac(2)));
}

#[test]
fn two_cards_of_one_machine_are_joined_by_serial_number_and_name_together() {
    let mut estate = Estate::default();
    for card in [1, 2] {
        tell(&mut estate, mac(card), SERIAL, "SN-40912", at(0), at(5));
        tell(&mut estate, mac(card), NAME, "mr-suite-2", at(0), at(5));
    }
    assert!(are_one(&estate, mac(1), mac(2)));
}

#[test]
fn a_name_joins_what_comes_one_after_the_other_and_no_clinical_device() {
    let mut estate = Estate::default();
    for day in 0..20u8 {
        let from = START + i64::from(day) * DAY;
        tell(&mut estate, made_up(day), NAME, "nb-anna-4711", from, from + HOUR);
    }
    let device = estate.device_by("main", made_up(0)).unwrap();
    assert_eq!((device.faces.len(), estate.count()), (20, 2));
    assert!(rules(&estate, made_up(0)).iter().all(|rule| *rule == Rule::Name));
    // As soon as two of them are there together it is a name of many.
    present(&mut estate, made_up(18), None, START + 19 * DAY, START + 19 * DAY + HOUR);
    assert!(!are_one(&estate, made_up(18), made_up(19)));

    let mut estate = Estate::default();
    for (n, from) in [(1, at(0)), (2, at(9))] {
        tell(&mut estate, mac(n), NAME, "us-room-3", from, from + HOUR);
        tell(&mut estate, mac(n), CLASS, "imaging", from, from + HOUR);
    }
    assert!(!are_one(&estate, mac(1), mac(2)));
    assert_eq!(estate.suggestions(10).len(), 1, "but a person is told");
}

#[test]
fn a_hashed_name_joins_no_made_up_addresses_since_it_may_be_one_of_many() {
    let mut estate = Estate::default();
    for (n, device) in [made_up(1), made_up(2), mac(1), mac(2)].into_iter().enumerate() {
        let name = if n < 2 { "#0123456789abcdef" } else { "#fedcba9876543210" };
        let from = START + Nanos::try_from(n).unwrap() * DAY;
        tell(&mut estate, device, NAME, name, from, from + HOUR);
    }
    assert!(!are_one(&estate, made_up(1), made_up(2)));
    assert!(are_one(&estate, mac(1), mac(2)), "a dock and its notebook");
}

#[test]
fn what_is_known_to_differ_is_not_joined_whatever_it_shares() {
    let mut estate = Estate::default();
    for (n, family, from) in [(1, "Orbis", at(0)), (2, "Velmora", at(9))] {
        tell(&mut estate, mac(n), SERIAL, "SN-40912", from, from + HOUR);
        tell(&mut estate, mac(n), FAMILY, family, from, from + HOUR);
    }
    assert!(!are_one(&estate, mac(1), mac(2)));
    assert!(estate.suggestions(10).is_empty());
}

#[test]
fn a_name_or_number_of_many_joins_nobody() {
    let mut estate = Estate::default();
    for n in 0..=u8::try_from(NAME_FACES).unwrap() {
        let from = at(Nanos::from(n) * 3);
        tell(&mut estate, made_up(n), NAME, "lab-bench-pc7", from, from);
        tell(&mut estate, made_up(n), SERIAL, "PART-77120", from, from);
    }
    assert_eq!(estate.count(), NAME_FACES + 2);
}

#[test]
fn an_address_made_of_a_mac_is_that_machine() {
    let mut estate = Estate::default();
    present(&mut estate, mac(1), Some("10.0.0.1".parse().unwrap()), at(0), at(1));
    let alone = DeviceKey::Ip("2001:db8::218:65ff:fe00:1".parse().unwrap());
    present(&mut estate, alone, None, at(2), at(3));
    assert!(are_one(&estate, mac(1), alone));
    assert_eq!(rules(&estate, mac(1)), [Rule::Eui64]);
}

#[test]
fn addresses_that_routers_share_are_no_machines() {
    let mut estate = Estate::default();
    let virtual_router = DeviceKey::Mac(Mac([0, 0, 0x5e, 0, 1, 20]));
    present(&mut estate, virtual_router, Some("10.0.0.1".parse().unwrap()), at(0), at(1));
    let device = estate.device_by("main", virtual_router).unwrap();
    assert_eq!(device.card.name, "VRRP group 20 (IPv4)");
    assert_eq!((estate.devices.len(), estate.count()), (2, 1));
}

fn decree(id: u64, about: DeviceKey, wish: Wish) -> Decree {
    let about = FaceKey::of(about);
    Decree { id, site: "main".to_owned(), about, who: "anna".to_owned(), at: at(100), wish, undone: None }
}

#[test]
fn what_people_decide_means_the_same_whenever_it_is_read() {
    let ip: IpAddr = "10.0.0.9".parse().unwrap();
    let wishes = || {
        vec![
            decree(1, mac(1), Wish::Merge { with: FaceKey::of(mac(3)).id() }),
            decree(
                2,
                mac(1),
                Wish::Split {
                    face: FaceKey::of(mac(2)).id(),
                    from: vec![FaceKey::of(mac(1)).id(), FaceKey::of(mac(3)).id()],
                },
            ),
            decree(3, mac(2), Wish::Set { field: Field::Owner, value: Some("Lab".to_owned()) }),
            decree(
                4,
                mac(1),
                Wish::Split { face: "10.0.0.9@001865000001".to_owned(), from: vec![FaceKey::of(mac(1)).id()] },
            ),
            decree(5, mac(3), Wish::Tag { tag: "loan".to_owned(), on: true }),
            decree(6, mac(3), Wish::Undo { decree: 5 }),
        ]
    };
    let learn = |estate: &mut Estate, part: usize| match part {
        0 => drop(tell(estate, mac(1), SERIAL, "SN-40912", at(0), at(5))),
        1 => drop(tell(estate, mac(2), SERIAL, "SN-40912", at(9), at(12))),
        2 => drop(tell(estate, mac(3), NAME, "mr-suite-2", at(0), at(5))),
        3 => drop(present(estate, mac(1), Some(ip), at(6), at(7))),
        // Another sensor sees the address alone.
        _ => drop(present(estate, DeviceKey::Ip(ip), None, at(6), at(7))),
    };
    let fold = |before: usize| {
        let mut estate = Estate::default();
        (0..before).for_each(|part| learn(&mut estate, part));
        wishes().into_iter().for_each(|wish| drop(estate.decree(wish).unwrap()));
        (before..5).for_each(|part| learn(&mut estate, part));
        let shown = estate.devices.values().map(|device| {
            let faces: Vec<String> = device.faces.keys().map(|face| face.id()).collect();
            format!("{} {faces:?} {:?} {:?}", device.id(), device.card, device.said)
        });
        shown.collect::<Vec<String>>()
    };
    let first = fold(0);
    assert!(first.iter().any(|device| device.contains(r#"["001865000001", "001865000003"]"#)), "{first:#?}");
    assert!(first.iter().any(|device| device.contains(r#"["10.0.0.9@001865000001"]"#)), "{first:#?}");
    for before in 1..=5 {
        assert_eq!(fold(before), first, "{before}");
    }
}

#[test]
fn the_later_of_two_words_that_contradict_each_other_holds() {
    let mut estate = Estate::default();
    present(&mut estate, mac(1), None, at(0), at(1));
    present(&mut estate, mac(2), None, at(0), at(1));
    let [one, two] = [mac(1), mac(2)].map(|mac| FaceKey::of(mac).id());
    estate.decree(decree(1, mac(1), Wish::Merge { with: two.clone() })).unwrap();
    assert!(are_one(&estate, mac(1), mac(2)));
    estate.decree(decree(2, mac(1), Wish::Split { face: two.clone(), from: vec![one] })).unwrap();
    assert!(!are_one(&estate, mac(1), mac(2)));
    estate.decree(decree(3, mac(2), Wish::Merge { with: FaceKey::of(mac(1)).id() })).unwrap();
    assert!(are_one(&estate, mac(1), mac(2)));
    estate.decree(decree(4, mac(2), Wish::Undo { decree: 3 })).unwrap();
    assert!(!are_one(&estate, mac(1), mac(2)));
    estate.decree(decree(5, mac(2), Wish::Undo { decree: 2 })).unwrap();
    assert!(are_one(&estate, mac(1), mac(2)));
}

#[test]
fn faces_of_one_device_are_bounded_and_the_rest_is_counted() {
    let mut estate = Estate::default();
    for n in 0..=FACES_MAX {
        let ip: IpAddr = format!("10.1.{}.{}", n / 200, n % 200 + 1).parse().unwrap();
        let when = at(n as Nanos);
        present(&mut estate, mac(1), Some(ip), when, when);
        present(&mut estate, DeviceKey::Ip(ip), None, when + MINUTE, when + MINUTE);
    }
    assert_eq!(estate.device_by("main", mac(1)).unwrap().faces.len(), FACES_MAX);
    assert!(estate.refused > 0);
}
