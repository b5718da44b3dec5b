//! Promises of the comparison with what a site has on paper.

mod made;

use holter_core::reconcile::columns::{Column, Mapping};
use holter_core::reconcile::mds2::{self, Edition, Topic, facts};
use holter_core::reconcile::netbox::Netbox;
use holter_core::reconcile::{
    Ambiguous, Comparison, FAULTS_MAX, KEYS, Key, Listed, Missing, Outcome, Segment, Strength, Terms, address, bare,
    cmms, compare, host, mac as read_mac, same_maker, serial,
};
use holter_core::{DAY, Estate, HOUR};
use holter_terms::{Attribute, Nanos};
use made::{NOW, ip, mac, source, tell, window};

const NETBOX: &str = include_str!("samples/netbox.json");

fn at(rows: &[Listed], estate: &Estate, now: Nanos) -> Comparison {
    compare(rows, estate, &Terms { now, within: 30 * DAY, hashed: &|_| None })
}

fn outcome(row: Listed, estate: &Estate) -> Outcome {
    at(&[row], estate, NOW).rows.remove(0).outcome
}

fn listed(change: impl FnOnce(&mut Listed)) -> Listed {
    let mut row = Listed { source: "test".to_owned(), ..Listed::default() };
    change(&mut row);
    row
}

/// Two scanners and a pump on a watched segment, one machine behind a router, one outside.
fn hospital() -> Estate {
    let mut estate = Estate::default();
    let scanner = |serial| {
        [
            (Attribute::Class, "imaging"),
            (Attribute::Maker, "Velmora"),
            (Attribute::Model, "Cantor 7"),
            (Attribute::Serial, serial),
        ]
    };
    tell(&mut estate, NOW, mac(1), &scanner("SN-88123"));
    tell(&mut estate, NOW, mac(1), &[(Attribute::Address, "10.20.0.11"), (Attribute::Hostname, "ct1.clin.example")]);
    tell(&mut estate, NOW, mac(2), &scanner("SN-88124"));
    tell(&mut estate, NOW, mac(2), &[(Attribute::Address, "10.20.0.12"), (Attribute::AeTitle, "CT2")]);
    tell(&mut estate, NOW, mac(3), &[(Attribute::Class, "therapy"), (Attribute::Maker, "Oratio")]);
    tell(&mut estate, NOW, mac(3), &[(Attribute::Address, "10.20.0.13")]);
    tell(&mut estate, NOW, ip("10.30.0.5"), &[(Attribute::Class, "clinical-it")]);
    tell(&mut estate, NOW, ip("198.51.100.9"), &[(Attribute::Class, "server")]);
    estate
}

#[test]
fn each_key_matches_with_the_strength_that_its_table_says() {
    let estate = hospital();
    for (row, by) in [
        (listed(|row| row.serial = Some("sn 88123".to_owned())), Key::Serial),
        (listed(|row| row.macs = vec![read_mac("0001.0000.0001").unwrap()]), Key::Mac),
        (listed(|row| row.name = Some("CT1".to_owned())), Key::Name),
    ] {
        let Outcome::Seen(candidate, differs) = outcome(row, &estate) else { panic!("{by:?}") };
        assert_eq!((candidate.device.as_str(), candidate.by.first()), ("main~000100000001", Some(&by)));
        assert!(differs.is_empty(), "{differs:?}");
        assert!(by.strength() >= Strength::Strong);
    }
    let Outcome::Seen(candidate, _) = outcome(listed(|row| row.name = Some("ct2".to_owned())), &estate) else {
        panic!()
    };
    assert_eq!(candidate.device, "main~000100000002");
    assert_eq!(KEYS.iter().filter(|(key, ..)| key.strength() == Strength::Weak).count(), 1);
}

#[test]
fn an_address_alone_never_makes_a_match() {
    let estate = hospital();
    let by_address = |change: fn(&mut Listed)| {
        let mut row = listed(|row| row.addresses = vec![address("10.20.0.11/24").unwrap()]);
        change(&mut row);
        outcome(row, &estate)
    };
    let alone = by_address(|_| {});
    let Outcome::Unseen(Missing::AddressOnly { device, last, .. }) = alone else { panic!("{alone:?}") };
    assert_eq!((device.as_str(), last), ("main~000100000001", NOW));
    // With the maker, the model or the class it is one; against them it is none.
    assert!(matches!(by_address(|row| row.maker = Some("Velmora Healthcare Inc.".to_owned())), Outcome::Seen(..)));
    assert!(matches!(by_address(|row| row.class = Some("Imaging".to_owned())), Outcome::Seen(..)));
    for change in [(|row: &mut Listed| row.maker = Some("Oratio".to_owned())) as fn(&mut Listed), |row| {
        row.maker = Some("Velmora".to_owned());
        row.macs = vec![read_mac("02:00:00:00:00:99").unwrap()];
    }] {
        assert!(matches!(by_address(change), Outcome::Unseen(Missing::AddressOnly { .. })));
    }
}

#[test]
fn what_differs_is_told_beside_the_match() {
    let estate = hospital();
    let row = listed(|row| {
        row.macs = vec![read_mac("00-01-00-00-00-01").unwrap()];
        row.addresses = vec![address("10.20.0.99").unwrap()];
        row.name = Some("mr1".to_owned());
        row.model = Some("Resona 3".to_owned());
        row.maker = Some("Oratio".to_owned());
        row.class = Some("monitoring".to_owned());
        row.serial = Some("SN-1111".to_owned());
    });
    let Outcome::Seen(_, differs) = outcome(row, &estate) else { panic!() };
    let fields: Vec<_> = differs.iter().map(|one| one.field).collect();
    assert_eq!(fields, ["address", "name", "serial", "maker", "model", "class"].map(|f| f).as_slice());
    assert_eq!((differs[0].listed.as_str(), differs[0].seen.as_str()), ("10.20.0.99", "10.20.0.11"));
}

#[test]
fn what_a_list_calls_retired_and_the_network_shows_is_told() {
    let estate = hospital();
    for (status, differs) in [("Out of Service", true), ("decommissioning", true), ("In use", false), ("active", false)]
    {
        let row = listed(|row| {
            row.macs = vec![read_mac("00:01:00:00:00:01").unwrap()];
            row.status = Some(status.to_owned());
        });
        let Outcome::Seen(_, told) = outcome(row, &estate) else { panic!() };
        assert_eq!(told.iter().any(|one| one.field == "status"), differs, "{status}");
    }
}

#[test]
fn what_fits_several_is_told_and_never_guessed() {
    let mut estate = hospital();
    // Serial of one, MAC of the other.
    let row = listed(|row| {
        row.serial = Some("SN-88123".to_owned());
        row.macs = vec![read_mac("00:01:00:00:00:02").unwrap()];
    });
    let Outcome::Ambiguous(Ambiguous::Keys, several) = outcome(row, &estate) else { panic!() };
    assert_eq!(several.len(), 2);
    // Two machines of one kind that use the same address.
    tell(&mut estate, NOW, mac(4), &[(Attribute::Class, "imaging"), (Attribute::Address, "10.20.0.11")]);
    let row = listed(|row| {
        row.class = Some("imaging".to_owned());
        row.addresses = vec![address("10.20.0.11").unwrap()];
    });
    let Outcome::Ambiguous(Ambiguous::Devices, several) = outcome(row, &estate) else { panic!() };
    assert_eq!(several.len(), 2);
    // Two rows for one machine.
    let row = || listed(|row| row.macs = vec![read_mac("00:01:00:00:00:03").unwrap()]);
    let both = at(&[row(), row()], &estate, NOW);
    assert!(
        both.rows
            .iter()
            .all(|pair| matches!(&pair.outcome, Outcome::Ambiguous(Ambiguous::Rows, one) if one.len() == 1))
    );
    // What an ambiguous row may mean is not called unlisted.
    assert!(!both.unlisted.iter().any(|known| known.device == "main~000100000003"));
    // The surer row has it.
    let named = listed(|row| row.name = Some("CT2".to_owned()));
    let sure = listed(|row| row.serial = Some("SN-88124".to_owned()));
    let both = at(&[named, sure], &estate, NOW);
    assert!(matches!(both.rows[0].outcome, Outcome::Ambiguous(Ambiguous::Rows, _)));
    assert!(matches!(both.rows[1].outcome, Outcome::Seen(..)));
}

#[test]
fn the_same_serial_of_another_maker_is_another_machine() {
    let estate = hospital();
    let row = listed(|row| {
        row.serial = Some("SN-88123".to_owned());
        row.maker = Some("Oratio".to_owned());
    });
    assert_eq!(outcome(row, &estate), Outcome::Unseen(Missing::NoSegment));
}

#[test]
fn absent_is_said_only_where_sensors_see_the_segment() {
    let estate = hospital();
    let with = |address_of: &str| {
        listed(|row| {
            row.serial = Some("XX-9911".to_owned());
            row.addresses = vec![address(address_of).unwrap()];
        })
    };
    let segment = |text: &str| Segment::of(text.parse().unwrap());
    assert_eq!(
        outcome(with("10.20.0.77"), &estate),
        Outcome::Unseen(Missing::Absent { segment: Some(segment("10.20.0.0")), last: None })
    );
    assert_eq!(outcome(with("10.30.0.77"), &estate), Outcome::Unseen(Missing::PassingOnly(segment("10.30.0.0"))));
    assert_eq!(outcome(with("10.40.0.77"), &estate), Outcome::Unseen(Missing::NoSight(segment("10.40.0.0"))));
    assert_eq!(
        outcome(listed(|row| row.serial = Some("XX-9911".to_owned())), &estate),
        Outcome::Unseen(Missing::NoSegment)
    );
    assert_eq!(
        outcome(listed(|row| row.model = Some("Cantor 7".to_owned())), &estate),
        Outcome::Unseen(Missing::NoKey)
    );
}

#[test]
fn what_was_seen_long_ago_is_absent_only_if_its_sensor_listened_on() {
    let row = || listed(|row| row.macs = vec![read_mac("00:01:00:00:00:01").unwrap()]);
    let later = NOW + 60 * DAY;
    // Without a window the sensor is not known to have listened.
    let estate = hospital();
    let outcome = at(&[row()], &estate, later).rows.remove(0).outcome;
    assert_eq!(outcome, Outcome::Unseen(Missing::SensorAway { device: "main~000100000001".to_owned(), last: NOW }));
    let mut estate = hospital();
    for minute in 0..120 {
        let start = NOW - HOUR + minute * holter_core::MINUTE;
        estate.apply(&source(1), &window(start, 1, Vec::new(), Vec::new()), start);
    }
    let outcome = at(&[row()], &estate, later).rows.remove(0).outcome;
    let Outcome::Unseen(Missing::Absent { last: Some((device, last)), .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!((device.as_str(), last), ("main~000100000001", NOW));
}

#[test]
fn unlisted_are_those_that_no_row_means_and_peers_outside_are_only_counted() {
    let estate = hospital();
    let row = listed(|row| row.macs = vec![read_mac("00:01:00:00:00:01").unwrap()]);
    let comparison = at(&[row], &estate, NOW);
    let unlisted: Vec<_> = comparison.unlisted.iter().map(|known| known.device.as_str()).collect();
    assert_eq!(unlisted, ["main~000100000002", "main~000100000003", "main~10.30.0.5"]);
    assert_eq!(comparison.outside, 1);
}

#[test]
fn a_hashed_name_matches_the_listed_one_by_its_hash() {
    let mut estate = Estate::default();
    tell(
        &mut estate,
        NOW,
        mac(1),
        &[(Attribute::Serial, "#0123456789abcdef"), (Attribute::Hostname, "#00112233445566ff")],
    );
    let hashed = |text: &str| (text == "SN-1234").then(|| "#0123456789abcdef".to_owned());
    let row = listed(|row| row.serial = Some("SN-1234".to_owned()));
    let terms = Terms { now: NOW, within: DAY, hashed: &hashed };
    let outcome = compare(&[row], &estate, &terms).rows.remove(0).outcome;
    let Outcome::Seen(candidate, differs) = outcome else { panic!() };
    assert!(candidate.by.contains(&Key::Serial) && differs.is_empty(), "a hash is no difference: {differs:?}");
}

#[test]
fn spellings_of_keys_are_read_and_what_says_nothing_is_none() {
    for text in ["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001A.2B3C.4D5E", "001a2b3c4d5e", " 00 1a 2b 3c 4d 5e"] {
        assert_eq!(read_mac(text).map(|mac| mac.to_string()).as_deref(), Some("00:1a:2b:3c:4d:5e"), "{text}");
    }
    for text in ["", "00:1a:2b:3c:4d", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "001a2b3c4d5e6f", "xx:1a:2b:3c:4d:5e"]
    {
        assert_eq!(read_mac(text), None, "{text}");
    }
    assert_eq!(address("::ffff:10.0.0.1/96").map(|ip| ip.to_string()).as_deref(), Some("10.0.0.1"));
    for text in ["", "0.0.0.0", "127.0.0.1", "224.0.0.1", "10.0.0", "10.0.0.256", "DHCP"] {
        assert_eq!(address(text), None, "{text}");
    }
    for text in ["n/a", "none", "0000", "1234567890", "x-1", "To be filled"] {
        assert_eq!(serial(text), None, "{text}");
    }
    assert_eq!((host("CT1.clin.example").as_deref(), host("10.0.0.1"), host("x")), (Some("ct1"), None, None));
    assert_eq!(same_maker("Velmora GmbH & Co. KG", "VELMORA"), Some(true));
    assert_eq!(same_maker("Velmora", "Oratio Medical"), Some(false));
    assert_eq!((same_maker("Systems", "Velmora"), same_maker("", "Velmora")), (Some(false), None));
    assert_eq!(bare(" SN-88/12 "), "SN8812");
}

#[test]
fn a_list_is_read_by_the_headers_that_people_use() {
    let text = "Control Number;Manufacturer;Model;Serial No.;MAC Address;IP;Dept;Location;Status\r\n\
                10023;Velmora;Cantor 7;SN-88123;00:01:00:00:00:01;10.20.0.11;Radiology;R 1.17;in use\r\n\
                10024;Oratio;Drip 200;n/a;bad;10.20.0.300;ICU;\"3. OG; \u{dc}bergabe\";in use\r\n\r\n";
    let bytes: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let (reading, found) = cmms::read("assets.csv", &bytes, &Mapping::default()).unwrap();
    assert_eq!(found.columns.len(), 9);
    assert_eq!(reading.rows.len(), 2);
    let (first, second) = (&reading.rows[0], &reading.rows[1]);
    assert_eq!((first.source.as_str(), first.id.as_deref(), first.macs.len()), ("assets.csv:2", Some("10023"), 1));
    assert_eq!((second.serial.as_deref(), second.location.as_deref()), (None, Some("3. OG; Übergabe")));
    let faults: Vec<_> = reading.faults.list.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["assets.csv:3:5: no MAC address", "assets.csv:3:6: no IP address"]);
}

#[test]
fn a_mapping_says_what_columns_are_and_a_wrong_one_says_where() {
    let map = "delimiter = \",\"\n[columns]\nid = \"Nr\"\nlocation = [\"Haus\", \"Zimmer\"]\nserial = \"S/N\"\n";
    let mapping = Mapping::parse("map.toml", map).unwrap();
    let (reading, found) =
        cmms::read("f.csv", b"Titel\nNr,S/N,Haus,Zimmer,Rest\n1,AB-77,H2,1.17,x\n", &mapping).unwrap();
    assert_eq!((found.columns.len(), found.unused.as_slice()), (3, ["Rest".to_owned()].as_slice()));
    assert_eq!(reading.rows[0].location.as_deref(), Some("H2, 1.17"));
    let missing = cmms::read("f.csv", b"Nr,S/N,Haus\n1,2,3\n", &mapping).unwrap_err();
    assert!(missing.why.contains("--columns"));
    for (text, place) in
        [("[columns]\nserial = 3\n", "m:2:10"), ("[columns]\nserials = \"x\"\n", "m:2:1"), ("x", "m:1:2")]
    {
        assert_eq!(Mapping::parse("m", text).unwrap_err().place, place, "{text}");
    }
    assert!(Mapping::parse("m", "delimiter = \"x\"").is_err());
}

#[test]
fn every_header_of_the_table_stands_for_one_column() {
    let mut all = std::collections::BTreeSet::new();
    for header in Column::ALL.iter().flat_map(|column| column.headers()) {
        assert!(all.insert(*header), "{header} stands twice");
        assert!(header.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit()), "{header}");
    }
}

#[test]
fn a_workbook_is_read_like_a_list() {
    let bytes = include_bytes!("samples/assets.xlsx");
    let (reading, _) = cmms::read("assets.xlsx", bytes, &Mapping::default()).unwrap();
    assert_eq!(reading.rows.len(), 2);
    let first = &reading.rows[0];
    assert_eq!((first.source.as_str(), first.id.as_deref()), ("assets.xlsx:Assets!4", Some("10023")));
    assert_eq!((first.serial.as_deref(), first.owner.as_deref()), (Some("88123"), Some("Radiology")));
    let faults: Vec<_> = reading.faults.list.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(faults, ["assets.xlsx:Assets!E5"]);
}

#[test]
fn a_worksheet_of_2019_tells_of_its_models() {
    let worksheet = mds2::read("v.xlsx", include_bytes!("samples/mds2-2019.xlsx")).unwrap();
    assert_eq!(worksheet.edition, Some(Edition::Hn2019));
    assert_eq!(worksheet.maker.as_deref(), Some("Velmora Imaging GmbH"));
    assert_eq!(worksheet.models, ["Cantor 7", "Cantor 7 Plus"]);
    assert_eq!((worksheet.document.as_deref(), worksheet.date.as_deref()), (Some("4711"), Some("2026-03-20")));
    let facts = facts(&worksheet);
    let of =
        |topic| facts.iter().find(|fact| fact.topic == topic).map(|fact| (fact.value.as_str(), fact.place.as_str()));
    assert_eq!(of(Topic::OperatingSystem), Some(("yes", "v.xlsx:MDS2!D8")));
    assert_eq!(of(Topic::AntiMalware).map(|fact| fact.0), Some("Allow-listing instead"));
    assert_eq!(of(Topic::RemoteService).map(|fact| fact.0), Some("yes"), "the first answer stands");
    assert_eq!(of(Topic::EncryptedAtRest).map(|fact| fact.0), Some("n/a"));
    // The question behind this id speaks of something else.
    assert_eq!(of(Topic::Sbom), None);
    let note = facts.iter().find(|fact| fact.topic == Topic::OperatingSystem).and_then(|fact| fact.note.as_deref());
    assert_eq!(note, Some("Windows 10 IoT Enterprise LTSC 2021"));
    let faults: Vec<_> = worksheet.faults.list.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(faults, ["v.xlsx:MDS2!B16"]);
    assert!(!worksheet.answers.contains_key("XYZW-1"));
}

#[test]
fn a_worksheet_of_2013_has_its_head_above_and_its_notes_below() {
    let worksheet = mds2::read("o.xlsx", include_bytes!("samples/mds2-2013.xlsx")).unwrap();
    assert_eq!(worksheet.edition, Some(Edition::Hn2013));
    assert_eq!((worksheet.maker.as_deref(), worksheet.version.as_deref()), (Some("Oratio Medical Ltd"), Some("3.1.4")));
    assert_eq!(
        (worksheet.models.as_slice(), worksheet.date.as_deref()),
        (["Drip 200".to_owned()].as_slice(), Some("2015-06-01"))
    );
    let facts = facts(&worksheet);
    let of = |topic| facts.iter().find(|fact| fact.topic == topic);
    assert_eq!(of(Topic::OperatingSystem).unwrap().value, "A real-time kernel, release 6");
    assert_eq!(of(Topic::OwnerPatches).unwrap().note.as_deref(), Some("Patches come with a release"));
    assert_eq!(of(Topic::RemoteService).unwrap().value, "yes");
    assert!(of(Topic::EncryptedInTransit).is_none(), "a number whose question says something else is no fact");
}

#[test]
fn a_worksheet_as_csv_is_the_same_worksheet() {
    let text = "DOC-1,Manufacturer Name,Velmora\nDOC-3,Device Model,Cantor 7\nRMOT-1,Is remote service permitted?,Yes,by VPN\n";
    let worksheet = mds2::read("v.csv", text.as_bytes()).unwrap();
    let facts = facts(&worksheet);
    assert_eq!(
        (facts[0].value.as_str(), facts[0].note.as_deref(), facts[0].place.as_str()),
        ("yes", Some("by VPN"), "v.csv:3:3")
    );
    let estate = hospital();
    let of: Vec<_> =
        estate.devices.values().filter(|device| worksheet.is_of(device)).map(|device| device.id()).collect();
    assert_eq!(of, ["main~000100000001", "main~000100000002"]);
    assert!(mds2::read("x.csv", b"a,b\n1,2\n").unwrap_err().why.contains("MDS2"));
    assert!(mds2::read("x.pdf", b"%PDF-1.7").unwrap_err().why.contains("PDF"));
}

#[test]
fn the_page_names_every_topic_and_key() {
    let page = include_str!("../../../docs/inventory.md");
    for (_, name, questions) in holter_core::reconcile::mds2::TOPICS {
        assert!(page.contains(&format!("`{name}`")), "docs/inventory.md does not name {name}");
        assert!(!questions.is_empty());
    }
    for (key, ..) in KEYS {
        assert!(page.to_lowercase().contains(&format!("| {} |", key.as_str())), "{key:?}");
    }
}

#[test]
fn a_worksheet_is_never_matched_by_its_maker_alone() {
    let mut estate = Estate::default();
    tell(&mut estate, NOW, mac(1), &[(Attribute::Maker, "Velmora")]);
    tell(&mut estate, NOW, mac(2), &[(Attribute::Model, "Cantor 7")]);
    let worksheet = mds2::read("v.xlsx", include_bytes!("samples/mds2-2019.xlsx")).unwrap();
    assert!(!estate.devices.values().any(|device| worksheet.is_of(device)));
}

fn netbox(pages: &serde_json::Value) -> holter_core::reconcile::Reading {
    let mut netbox = Netbox::default();
    while let Some(next) = netbox.next() {
        let page = pages.get(&next).unwrap_or_else(|| panic!("asked for {next}"));
        netbox.take(&serde_json::to_vec(page).unwrap()).unwrap();
    }
    netbox.finish()
}

#[test]
fn netbox_is_read_page_by_page_old_and_new() {
    let reading = netbox(&serde_json::from_str(NETBOX).unwrap());
    let rows = &reading.rows;
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (rows[0].name.as_deref(), rows[0].maker.as_deref(), rows[0].model.as_deref()),
        (Some("ct1"), Some("Velmora"), Some("Cantor 7"))
    );
    // A member of the interface, an object of its own, and an address assigned to it.
    assert_eq!((rows[0].macs.len(), rows[0].addresses.len()), (1, 2));
    assert_eq!((rows[1].class.as_deref(), rows[1].macs.len()), (Some("Infusion pump"), 2));
    assert_eq!((rows[2].source.as_str(), rows[2].addresses.len()), ("netbox virtual machine 1", 1));
    let faults: Vec<_> = reading.faults.list.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["/api/dcim/interfaces/#2: the interface has a MAC address that is none"]);
}

#[test]
fn an_answer_of_netbox_cannot_send_us_elsewhere_or_on_for_ever() {
    let mut netbox = Netbox::default();
    let row = r#"{"count": 9, "next": "https://elsewhere.example/api/?token", "results": [{"id": 1, "name": "a"}]}"#;
    netbox.take(row.as_bytes()).unwrap();
    assert_eq!(netbox.next().as_deref(), Some("/api/dcim/devices/?limit=500&offset=1"));
    // A page without rows ends, whatever it says of a next one.
    netbox.take(br#"{"next": "x", "results": []}"#).unwrap();
    assert_eq!(netbox.next().as_deref(), Some("/api/virtualization/virtual-machines/?limit=500&offset=0"));
    assert_eq!(netbox.take(b"<html>").unwrap_err().place, "/api/virtualization/virtual-machines/?offset=0:1:1");
    assert!(netbox.take(br#"{"detail": "no"}"#).is_err());
    let mut asked = 0u64;
    let mut netbox = Netbox::default();
    while netbox.next().is_some() {
        netbox.take(br#"{"next": "x", "results": [{"id": 1}]}"#).unwrap();
        asked += 1;
    }
    assert_eq!(asked, 5 * holter_core::reconcile::netbox::PAGES_MAX);
}

#[test]
fn faults_are_kept_to_a_bound_and_all_are_counted() {
    let text = format!("Serial Number,MAC\n{}", "AB-12,bad\n".repeat(FAULTS_MAX + 500));
    let (reading, _) = cmms::read("f.csv", text.as_bytes(), &Mapping::default()).unwrap();
    assert_eq!((reading.faults.list.len(), reading.faults.total), (FAULTS_MAX, (FAULTS_MAX + 500) as u64));
    assert_eq!(reading.rows.len(), FAULTS_MAX + 500, "a row with a wrong value is still a row");
    let text = format!("Serial Number,Model\n{}", "AB-12,x\n".repeat(holter_core::reconcile::ROWS_MAX + 7));
    let (reading, _) = cmms::read("f.csv", text.as_bytes(), &Mapping::default()).unwrap();
    assert_eq!((reading.rows.len(), reading.refused), (holter_core::reconcile::ROWS_MAX, 7));
}

#[test]
fn no_bytes_break_a_reader() {
    let samples = [
        include_bytes!("samples/mds2-2019.xlsx").to_vec(),
        include_bytes!("samples/mds2-2013.xlsx").to_vec(),
        b"Serial No.,MAC\n\"a\"\"b\",00:01:00:00:00:01\n".to_vec(),
        NETBOX.as_bytes().to_vec(),
    ];
    let mut state = 7u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for round in 0..400 {
        let mut bytes = samples[round % samples.len()].clone();
        for _ in 0..1 + next() % 6 {
            let at = next() % bytes.len();
            bytes[at] = next() as u8;
        }
        bytes.truncate(bytes.len() - next() % (bytes.len() / 2));
        let _ = mds2::read("f", &bytes);
        let _ = cmms::read("f", &bytes, &Mapping::default());
        let _ = Netbox::default().take(&bytes);
    }
}
