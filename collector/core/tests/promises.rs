//! Promises of the collector's core, on records as sensors send them.

use holter_core::filter::{self, Query};
use holter_core::measures::{DEVICE_FIELDS, Sight};
use holter_core::{Changes, Estate, HOUR, MINUTE, Move, SECOND, Source, Standing};
use holter_terms::{Attribute, BootId, DeviceKey, Mac, Nanos, Protocol, SensorId, Severity, Visibility};
use holter_wire::{CaptureCounters, Coverage, Devices, EvidenceRow, Finding, Party, Record, Talk, Text, Window};

const NOW: Nanos = 1_800_000_000 * SECOND;

fn source(sensor: u8) -> Source {
    Source { site: "main".to_owned(), sensor: SensorId([sensor; 16]), boot: BootId([1; 16]) }
}

fn mac(n: u32) -> DeviceKey {
    let [a, b, c, d] = n.to_be_bytes();
    DeviceKey::Mac(Mac([0, 1, a, b, c, d]))
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

fn row(device: DeviceKey, attribute: Attribute, value: &str) -> EvidenceRow<Text> {
    EvidenceRow {
        device,
        attribute,
        value: text(value),
        rule: text("measured:test/rule"),
        weight: 90,
        first: NOW,
        last: NOW,
        count: 1,
    }
}

fn tell(estate: &mut Estate, sensor: u8, rows: Vec<EvidenceRow<Text>>) -> Changes {
    estate.apply(&source(sensor), &Record::Devices(Devices { rows }), NOW)
}

fn window(start: Nanos, dropped: u64, talks: Vec<Talk>) -> Record<Text> {
    Record::Window(Window {
        start,
        seconds: 60,
        capture: CaptureCounters { frames: 10, ring_dropped: dropped, ..CaptureCounters::default() },
        coverage: Coverage { understood: 1, encrypted: 1, unknown: 1, missed: 0 },
        protocols: Vec::new(),
        talks,
        acts: Vec::new(),
        counters: Vec::new(),
    })
}

fn talk(client: DeviceKey, ip: &str, server: DeviceKey, at: Nanos) -> Talk {
    Talk {
        client: Party { device: client, ip: Some(ip.parse().unwrap()) },
        server: Party { device: server, ip: None },
        protocol: Protocol::Dicom,
        port: 104,
        visibility: Visibility::Clear,
        conversations: 1,
        packets: 2,
        bytes_up: 5,
        bytes_down: 7,
        first: at,
        last: at,
    }
}

#[test]
fn nobody_is_called_what_only_he_himself_claims() {
    let mut estate = Estate::default();
    let claimed = EvidenceRow { weight: 50, ..row(mac(9), Attribute::Hostname, "PACS") };
    tell(&mut estate, 1, vec![claimed, row(mac(9), Attribute::Address, "10.20.0.166")]);
    let card = &estate.device("main~000100000009").unwrap().card;
    assert_eq!((card.name.as_str(), card.hostnames.as_slice()), ("10.20.0.166", ["PACS".to_owned()].as_slice()));
    tell(&mut estate, 1, vec![row(mac(9), Attribute::Hostname, "ws07.clin.example")]);
    assert_eq!(estate.device("main~000100000009").unwrap().card.name, "ws07.clin.example");
}

#[test]
fn one_machine_seen_by_mac_and_by_address_is_one_device() {
    let mut estate = Estate::default();
    let ip = DeviceKey::Ip("10.20.0.5".parse().unwrap());
    tell(&mut estate, 2, vec![row(ip, Attribute::Hostname, "ct-2")]);
    assert!(estate.device("main~10.20.0.5").is_some());
    tell(&mut estate, 1, vec![row(mac(7), Attribute::Address, "10.20.0.5")]);
    assert_eq!(estate.devices.len(), 1);
    tell(&mut estate, 2, vec![row(ip, Attribute::Class, "imaging")]);
    assert_eq!(estate.devices.len(), 1);
    let device = estate.device("main~10.20.0.5").unwrap();
    assert_eq!((device.key, device.card.name.as_str(), device.sensor_ids().len()), (mac(7), "ct-2", 2));
    assert_eq!(estate.device("main~000100000007").unwrap().key, mac(7));
}

#[test]
fn who_asks_for_a_lease_has_no_address_yet() {
    let mut estate = Estate::default();
    let record = window(NOW, 0, vec![talk(mac(1), "0.0.0.0", mac(2), NOW), talk(mac(1), "10.0.0.7", mac(2), NOW)]);
    estate.apply(&source(1), &record, NOW);
    let device = estate.device_by("main", mac(1)).unwrap();
    let addresses: Vec<String> = device.addresses().keys().map(ToString::to_string).collect();
    assert_eq!(addresses, ["10.0.0.7"]);
}

#[test]
fn an_address_that_moves_leaves_its_past_with_the_machine_that_had_it() {
    let mut estate = Estate::default();
    let at = |n, ip, at| window(at, 0, vec![talk(mac(n), ip, mac(99), at)]);
    estate.apply(&source(1), &at(1, "10.0.0.5", NOW), NOW);
    estate.apply(&source(1), &at(2, "10.0.0.5", NOW + HOUR), NOW);
    for n in [1, 2] {
        assert_eq!(estate.device_by("main", mac(n)).unwrap().addresses().len(), 1);
    }
    assert_eq!(estate.device("main~10.0.0.5").unwrap().key, mac(2));
}

#[test]
fn the_order_of_records_of_two_sensors_does_not_change_what_a_device_is() {
    let rows = [
        (1, row(mac(1), Attribute::Class, "imaging")),
        (2, row(mac(1), Attribute::Maker, "velmora")),
        (2, row(mac(1), Attribute::Class, "imaging")),
    ];
    let fold = |order: [usize; 3]| {
        let mut estate = Estate::default();
        for index in order {
            tell(&mut estate, rows[index].0, vec![rows[index].1.clone()]);
        }
        estate.device_by("main", mac(1)).unwrap().identity.clone()
    };
    for order in [[0, 2, 1], [1, 0, 2], [2, 1, 0], [1, 2, 0]] {
        assert_eq!(fold(order), fold([0, 1, 2]));
    }
}

#[test]
fn quiet_is_said_only_where_we_were_listening() {
    let silent_after = NOW + HOUR;
    let build = |dropped: u64| {
        let mut estate = Estate::default();
        for minute in 0..180 {
            let at = NOW + minute * MINUTE;
            let talks = if at <= silent_after { vec![talk(mac(1), "10.0.0.1", mac(2), at)] } else { Vec::new() };
            estate.apply(&source(1), &window(at, if minute == 150 { dropped } else { 0 }, talks), at);
        }
        estate
    };
    let now = NOW + 180 * MINUTE;
    let view = |estate: &Estate, now| {
        let view = estate.horizon(now).view(estate.device_by("main", mac(1)).unwrap());
        (view.quiet, view.partly_blind)
    };
    assert_eq!(view(&build(0), now), (true, false));
    assert_eq!(view(&build(3), now), (false, true), "loss: we cannot know");
    assert_eq!(view(&build(0), now + HOUR), (false, true), "the sensor is away: we cannot know");
}

#[test]
fn a_minute_with_loss_and_a_minute_unheard_are_blind_and_what_came_before_is_not_yet() {
    let mut estate = Estate::default();
    let hour = NOW - NOW.rem_euclid(HOUR);
    for minute in (0..60).filter(|minute| *minute != 7) {
        let dropped = u64::from(minute == 3);
        estate.apply(&source(1), &window(hour + minute * MINUTE, dropped, Vec::new()), hour);
    }
    assert_eq!(estate.blind_in_hour(hour, hour + 2 * HOUR), (120, true));
    assert_eq!(estate.blind_in_hour(hour - HOUR, hour + 2 * HOUR), (0, false));
}

#[test]
fn shares_of_what_was_seen_sum_to_a_whole() {
    for parts in [[1, 1, 1, 0], [u64::MAX; 4], [0, 0, 0, 1], [999, 1, 0, 0], [333, 333, 333, 2]] {
        let [understood, encrypted, unknown, missed] = parts;
        let sight = Sight { coverage: Coverage { understood, encrypted, unknown, missed }, dropped: 0 };
        assert_eq!(sight.shares().iter().sum::<u16>(), 1000, "{parts:?}");
    }
    assert_eq!(Sight::default().shares(), [0; 4]);
}

#[test]
fn a_finding_belongs_to_its_sensor_and_a_graver_one_opens_again() {
    let mut estate = Estate::default();
    let finding = |severity| {
        Record::Finding(Finding {
            id: [4; 16],
            detection: text("dicom-find-sweep"),
            severity,
            first: NOW,
            last: NOW,
            subject: Party { device: mac(1), ip: None },
            peer: None,
            facts: Vec::new(),
            partly_blind: false,
        })
    };
    let id = "04040404040404040404040404040404";
    estate.apply(&source(1), &finding(Severity::Medium), NOW);
    assert_eq!(estate.device_by("main", mac(1)).unwrap().open, 1);
    let close = Move { to: Standing::Closed, who: "anna".to_owned(), at: NOW, note: None };
    assert!(estate.move_finding(id, close).is_some());
    assert_eq!(estate.device_by("main", mac(1)).unwrap().open, 0);
    estate.apply(&source(2), &finding(Severity::Critical), NOW);
    assert_eq!(estate.findings[id].finding.severity, Severity::Medium, "another sensor cannot overwrite it");
    estate.apply(&source(1), &finding(Severity::Medium), NOW);
    assert_eq!(estate.findings[id].standing(), Standing::Closed);
    estate.apply(&source(1), &finding(Severity::High), NOW);
    assert_eq!(estate.findings[id].standing(), Standing::Open);
}

#[test]
fn what_one_device_can_make_us_keep_is_bounded_and_counted() {
    let mut estate = Estate::default();
    let rows = (0..2000).map(|n| row(mac(1), Attribute::Hostname, &format!("host-{n}"))).collect();
    tell(&mut estate, 1, rows);
    let rows = (0..500).map(|n| row(mac(1), Attribute::Address, &format!("10.1.{}.{}", n / 250, n % 250))).collect();
    tell(&mut estate, 1, rows);
    let device = estate.device_by("main", mac(1)).unwrap();
    assert_eq!(device.addresses().len(), holter_core::face::ADDRESSES_MAX);
    assert!(device.refused() >= (2000 - holter_core::face::EVIDENCE_MAX) as u64);
    assert!(holter_core::history::of(device).len() <= holter_core::history::LINES_MAX);
}

fn left(estate: &Estate, text: &str) -> usize {
    let query: Query = filter::parse(text, DEVICE_FIELDS);
    let horizon = estate.horizon(NOW);
    estate.devices.values().filter(|device| filter::matches(&query, &horizon.view(device), NOW)).count()
}

fn ward() -> Estate {
    let mut estate = Estate::default();
    for n in 0..10 {
        let class = if n < 4 { "imaging" } else { "therapy" };
        tell(
            &mut estate,
            1,
            vec![
                row(mac(n), Attribute::Class, class),
                row(mac(n), Attribute::Address, &format!("10.20.{}.{n}", n / 5)),
                row(mac(n), Attribute::Hostname, &format!("bed-{n}")),
            ],
        );
    }
    estate
}

#[test]
fn the_filter_means_what_its_grammar_says() {
    let estate = ward();
    for (query, rows) in [
        ("", 10),
        ("class:imaging", 4),
        ("-class:imaging", 6),
        ("class:imaging,therapy", 10),
        ("CLASS:Imaging bed-1", 1),
        ("address:10.20.1.0/24", 5),
        ("ip:10.20.0.0/23 -ip:10.20.0.3", 9),
        ("ip:0.0.0.0/0", 10),
        ("name:bed-*", 10),
        ("name:bed-?", 10),
        ("mac:00:01:00:00:00:03", 1),
        ("00:01:00:00:00:03", 1),
        ("confidence:>=70", 10),
        ("confidence:<70", 0),
        ("confidence:0..100", 10),
        ("last:7d", 10),
        ("last:>7d", 0),
        ("last:2027-01-15", 10),
        ("last:2026-01-01..2026-02-01", 0),
        ("(name:bed-1 or name:bed-2) class:imaging", 2),
        ("-(name:bed-1 or name:bed-2)", 8),
        ("\"bed-7\"", 1),
        ("quiet:no sort:name-desc", 10),
    ] {
        assert_eq!(left(&estate, query), rows, "{query}");
    }
}

#[test]
fn a_wrong_term_is_explained_and_the_others_still_apply() {
    let estate = ward();
    for (query, nearest, rows) in [
        ("devise.class:imaging bed-1", Some("class:imaging"), 1),
        ("clas:imaging", Some("class:imaging"), 10),
        ("class:imagin bed-2", Some("class:imaging"), 1),
        ("sort:nam", Some("sort:name"), 10),
        ("address:10.20.0.0/99", None, 10),
        ("confidence:high", None, 10),
        ("last:yesterday", None, 10),
        ("(class:imaging", None, 10),
        ("name:", None, 10),
    ] {
        let parsed = filter::parse(query, DEVICE_FIELDS);
        let wrong = parsed.terms.iter().find_map(|term| term.what.as_ref().err()).expect(query);
        assert_eq!(wrong.nearest.as_deref(), nearest, "{query}");
        assert_eq!(left(&estate, query), rows, "{query}");
    }
}

#[test]
fn no_text_breaks_the_filter() {
    let estate = ward();
    let pieces = ["(", ")", "\"", ":", ",", "-", " or ", "é", "class", "sort:", "..", ">", "*", "\0", " ", "10.0.0.0/"];
    let mut state = 0x9e37_79b9_u64;
    for _ in 0..20_000 {
        let mut query = String::new();
        for _ in 0..(state % 12) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            query.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        assert!(left(&estate, &query) <= 10);
    }
    assert!(filter::parse(&"é".repeat(5000), DEVICE_FIELDS).terms.len() == 1);
    assert!(filter::parse(&"a ".repeat(5000), DEVICE_FIELDS).terms.len() <= filter::TERMS_MAX);
    assert!(left(&estate, &"(".repeat(2000)) <= 10);
    assert!(left(&estate, &format!("{}a{}", "(".repeat(900), ")".repeat(900))) <= 10);
}
