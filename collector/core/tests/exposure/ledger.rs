//! From what sensors tell of devices to the ledger of all exposures.

use super::made::{affecting, document, leaf, library};
use holter_core::decree::{Decree, Field, Wish};
use holter_core::exposure::{Clerk, Exceptions, Exposure, Grounds, Ledger, Library, State, Tables, Told, known_since};
use holter_core::{DAY, Estate, FaceKey, Source};
use holter_terms::{Attribute, BootId, DeviceKey, Mac, Nanos, Protocol, SensorId, Visibility};
use holter_wire::{CaptureCounters, Coverage, Devices, EvidenceRow, Party, Record, Talk, Text, Window};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::IpAddr;

fn source() -> Source {
    Source { site: "main".to_owned(), sensor: SensorId([1; 16]), boot: BootId([2; 16]) }
}

fn key(n: u8) -> DeviceKey {
    DeviceKey::Mac(Mac([0, 0x18, 0x65, 0, 0, n]))
}

/// A device by what three independent rules measured.
fn told(estate: &mut Estate, n: u8, claims: &[(Attribute, &str)], first: Nanos) {
    let rules = ["measured:hl7-sender/zeta", "measured:http-server/zeta", "measured:snmp-object/zeta"];
    let rows = claims.iter().flat_map(|(attribute, value)| {
        rules.map(|rule| EvidenceRow {
            device: key(n),
            attribute: *attribute,
            value: Text::new(value).unwrap(),
            rule: Text::new(rule).unwrap(),
            weight: 90,
            first,
            last: first + DAY,
            count: 5,
        })
    });
    estate.apply(&source(), &Record::Devices(Devices { rows: rows.collect() }), first);
}

fn talk(estate: &mut Estate, client: (DeviceKey, &str), server: (DeviceKey, &str), protocol: Protocol) {
    let party = |(device, ip): (DeviceKey, &str)| Party { device, ip: Some(ip.parse().unwrap()) };
    let talks = vec![Talk {
        client: party(client),
        server: party(server),
        protocol,
        port: 445,
        visibility: Visibility::Clear,
        conversations: 1,
        packets: 10,
        bytes_up: 80,
        bytes_down: 20,
        first: 2 * DAY,
        last: 3 * DAY,
    }];
    let window = Window {
        start: 2 * DAY,
        seconds: 60,
        capture: CaptureCounters::default(),
        coverage: Coverage { understood: 700, encrypted: 200, unknown: 100, missed: 0 },
        protocols: Vec::new(),
        talks,
        acts: Vec::new(),
        counters: Vec::new(),
    };
    estate.apply(&source(), &Record::Window(window), 3 * DAY);
}

fn outside(ip: IpAddr) -> bool {
    !matches!(ip, IpAddr::V4(v4) if v4.is_private())
}

fn ledger(estate: &Estate, library: &Library, now: Nanos, room: usize) -> Ledger {
    let tables = Tables::built_in().unwrap();
    let received = BTreeMap::from([("A-1".to_owned(), 5 * DAY), ("A-2".to_owned(), DAY)]);
    let exceptions = Exceptions::default();
    let grounds = Grounds { library, received: &received, exceptions: &exceptions, tables: &tables, now };
    let mut clerk = Clerk::with_room(grounds, room);
    estate.devices.values().for_each(|device| clerk.add(device, &outside));
    clerk.finish()
}

const CRATE: [(Attribute, &str); 3] =
    [(Attribute::Maker, "Zeta"), (Attribute::Family, "Crate 7000"), (Attribute::Version, "1.9")];

fn advisory(id: &str, version: &str) -> serde_json::Value {
    document(id, vec![leaf("Zeta", "Crate 7000", version, "P")], affecting(&["P"]))
}

#[test]
fn an_exposure_is_known_since_the_later_of_advisory_and_evidence() {
    let mut estate = Estate::default();
    told(&mut estate, 1, &CRATE, 3 * DAY);
    let library = library(&[advisory("A-1", "< 2.0"), advisory("A-2", "< 2.0")]);
    let found = ledger(&estate, &library, 40 * DAY, 100);
    let mut since: Vec<_> = found.rows().map(|(_, item)| (item.found.advisory, item.since, item.due)).collect();
    since.sort_unstable();
    // Critical: 30 days.
    assert_eq!(since, [(0, 5 * DAY, Some(35 * DAY)), (1, 3 * DAY, Some(33 * DAY))]);
    assert_eq!((found.overdue, found.counts.of(State::Affected)), (2, 2));
    // A version that is seen later counts where it decided, and an operating system does not.
    let mut estate = Estate::default();
    told(&mut estate, 1, &CRATE[..2], 3 * DAY);
    told(&mut estate, 1, &[CRATE[2], (Attribute::Os, "Linux")], 9 * DAY);
    let device = estate.devices.values().next().unwrap();
    let told = Told::of(device, &outside);
    let items: Vec<Exposure> = library.shelf.exposures(&told.subject());
    assert_eq!(known_since(&told.subject(), &items[0], DAY), 9 * DAY);
    let all = super::made::library(&[advisory("A-1", "vers:all/*")]);
    assert_eq!(known_since(&told.subject(), &all.shelf.exposures(&told.subject())[0], DAY), 3 * DAY);
}

#[test]
fn what_a_person_sets_is_certain_and_says_so() {
    let mut estate = Estate::default();
    told(&mut estate, 1, &CRATE[..1], DAY);
    let set = |estate: &mut Estate, id: u64, field: Field, value: &str| {
        let wish = Wish::Set { field, value: Some(value.to_owned()) };
        let about = FaceKey::of(key(1));
        let decree =
            Decree { id, site: "main".to_owned(), about, who: "anna".to_owned(), at: 7 * DAY, wish, undone: None };
        estate.decree(decree).unwrap();
    };
    let library = library(&[advisory("A-2", "< 2.0")]);
    assert_eq!(ledger(&estate, &library, 8 * DAY, 100).rows().count(), 0);
    set(&mut estate, 1, Field::Family, "Crate 7000");
    set(&mut estate, 2, Field::Version, "1.0");
    set(&mut estate, 3, Field::Criticality, "life-support");
    let found = ledger(&estate, &library, 8 * DAY, 100);
    let (_, item) = found.rows().next().unwrap();
    // Critical and life-supporting: 14 days.
    assert_eq!((item.found.state, item.since, item.due), (State::Affected, 7 * DAY, Some(21 * DAY)));
    let device = estate.devices.values().next().unwrap();
    let told = Told::of(device, &outside);
    let family = told.subject().family.unwrap();
    assert_eq!((family.confidence, family.reasons[0].rule.as_str()), (100, "person"));
}

#[test]
fn smb_1_is_concluded_from_a_decoders_evidence_and_never_from_the_port() {
    let mut estate = Estate::default();
    told(&mut estate, 1, &CRATE, DAY);
    talk(&mut estate, (key(1), "10.0.0.1"), (key(2), "10.0.0.2"), Protocol::Smb);
    let tables = Tables::built_in().unwrap();
    let speaks = |estate: &Estate| {
        let told = Told::of(&estate.devices[&("main".to_owned(), key(1))], &outside);
        tables.insecure.spoken(&told.subject()).iter().map(|one| (one.entry.id.clone(), one.since)).collect::<Vec<_>>()
    };
    assert!(!speaks(&estate).iter().any(|(id, _)| id == "smb1"));
    let row = EvidenceRow {
        device: key(1),
        attribute: Attribute::Os,
        value: Text::new("Windows XP or Server 2003").unwrap(),
        rule: Text::new("published:smb-dialect/smb-dialects.smb1").unwrap(),
        weight: 25,
        first: 4 * DAY,
        last: 5 * DAY,
        count: 1,
    };
    estate.apply(&source(), &Record::Devices(Devices { rows: vec![row] }), 5 * DAY);
    assert!(speaks(&estate).contains(&("smb1".to_owned(), 4 * DAY)));
}

#[test]
fn a_device_that_asks_outside_is_not_reached_from_there() {
    let mut estate = Estate::default();
    let far = (DeviceKey::Ip("203.0.113.9".parse().unwrap()), "203.0.113.9");
    talk(&mut estate, (key(1), "10.0.0.1"), far, Protocol::Tls);
    talk(&mut estate, far, (key(2), "10.0.0.2"), Protocol::Http);
    let reached = |n: u8| {
        let device = &estate.devices[&("main".to_owned(), key(n))];
        Told::of(device, &outside).subject().reached_from_outside
    };
    assert!(!reached(1) && reached(2));
}

#[test]
fn items_beyond_the_room_are_counted_and_what_asks_for_nobody_gives_way_first() {
    let mut estate = Estate::default();
    for n in 1..=6 {
        told(&mut estate, n, &CRATE, DAY);
    }
    let library = library(&[advisory("A-1", "< 1.0"), advisory("A-2", "< 2.0")]);
    let found = ledger(&estate, &library, 8 * DAY, 8);
    let listed = |state: State| found.rows().filter(|(_, item)| item.found.state == state).count();
    assert_eq!((found.counts.of(State::Affected), found.counts.of(State::NotAffected), found.left_out), (6, 6, 5));
    assert_eq!((listed(State::Affected), listed(State::NotAffected)), (6, 1));
    let states: Vec<State> = found.rows().map(|(_, item)| item.found.state).collect();
    assert!(states.is_sorted());
    assert_eq!(found.by_advisory.values().map(|counts| counts.0).collect::<Vec<_>>(), [[0, 0, 0, 6], [6, 0, 0, 0]]);
}

#[test]
fn a_fix_by_the_maker_is_no_lack_of_one() {
    let mut estate = Estate::default();
    told(&mut estate, 1, &CRATE, DAY);
    let with = |categories: &[&str]| {
        let mut made = advisory("A-1", "< 2.0");
        let remedies = categories.iter().map(|one| json!({"category": one, "details": "x", "product_ids": ["P"]}));
        made["vulnerabilities"][0]["remediations"] = remedies.collect::<Vec<_>>().into();
        let found = ledger(&estate, &library(&[made]), 8 * DAY, 8);
        let parts = &found.riskiest(1)[0].risk.parts;
        parts.iter().find(|part| part.factor.as_str() == "no_fix").unwrap().value
    };
    assert_eq!(
        (with(&["no_fix_planned"]), with(&["none_available", "vendor_fix"]), with(&["mitigation"])),
        (100, 0, 0)
    );
}
