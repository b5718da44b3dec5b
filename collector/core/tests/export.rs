//! Promises of the exports. Schemas are checked where their programs are: see `others_agree`.

mod made;

use holter_core::export::{About, COLUMNS, Item, csv, cyclonedx, json, ocsf};
use holter_core::{DAY, Device, Estate};
use holter_terms::Attribute;
use made::{NOW, ip, mac, tell};
use serde_json::Value;

const ABOUT: About<'static> = About { at: NOW, program: "holter-collector", version: "0.1.0" };

fn estate() -> Estate {
    let mut estate = Estate::default();
    let said = [
        (Attribute::Class, "imaging"),
        (Attribute::Maker, "Velmora"),
        (Attribute::Model, "Cantor 7"),
        (Attribute::Version, "2.1"),
        (Attribute::Os, "Windows 10"),
        (Attribute::Serial, "=HYPERLINK(1)"),
        (Attribute::Hostname, "ct1.clin.example"),
        (Attribute::AeTitle, "CT1"),
        (Attribute::Address, "10.20.0.11"),
        (Attribute::Role, "image-source"),
    ];
    tell(&mut estate, NOW, mac(1), &said);
    tell(&mut estate, NOW + DAY, ip("fd00::5"), &[(Attribute::Hostname, "#0123456789abcdef")]);
    tell(
        &mut estate,
        NOW,
        mac(3),
        &[(Attribute::Class, "network"), (Attribute::Role, "switch"), (Attribute::Os, "Cisco IOS 15")],
    );
    tell(&mut estate, NOW, mac(4), &[(Attribute::Class, "therapy"), (Attribute::Os, "Linux")]);
    estate
}

fn items(estate: &Estate) -> impl Iterator<Item = Item<&Device>> {
    estate.devices.values().map(|device| Item {
        device,
        presence: estate.presence_at(device, NOW + DAY),
        partly_blind: false,
    })
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<u64>) -> String {
    let mut out = Vec::new();
    assert_eq!(write(&mut out).unwrap(), 4);
    String::from_utf8(out).unwrap()
}

#[test]
fn csv_has_a_line_for_each_device_and_no_formula() {
    let estate = estate();
    let text = written(|out| csv(out, items(&estate)));
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap(), &::csv::StringRecord::from(COLUMNS.to_vec()));
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4);
    let of =
        |row: &::csv::StringRecord, name| row[COLUMNS.iter().position(|column| *column == name).unwrap()].to_owned();
    let first = rows.iter().find(|row| of(row, "id") == "main~000100000001").unwrap();
    assert_eq!(of(first, "serials"), "'=HYPERLINK(1)");
    assert_eq!((of(first, "addresses"), of(first, "model_confidence")), ("10.20.0.11".to_owned(), "90".to_owned()));
    assert_eq!(of(first, "last_seen"), "2027-01-15T08:00:00Z");
    assert!(text.ends_with("\r\n"));
}

#[test]
fn json_is_an_array_whose_members_have_the_names_of_the_page_that_describes_them() {
    let estate = estate();
    let text = written(|out| json(out, items(&estate)));
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(text.lines().count(), 6, "one device a line");
    let page = include_str!("../../../docs/inventory.md");
    for member in all[0].as_object().unwrap().keys() {
        assert!(page.contains(&format!("`{member}`")), "docs/inventory.md does not describe {member}");
    }
    for column in COLUMNS {
        assert!(page.contains(&format!("`{column}`")), "docs/inventory.md does not describe {column}");
    }
    assert_eq!(all[0]["identity"][0]["confidence"], 90);
    let empty = Estate::default();
    let mut out = Vec::new();
    assert_eq!(json(&mut out, items(&empty)).unwrap(), 0);
    assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), serde_json::json!([]));
}

#[test]
fn an_event_of_ocsf_says_what_is_known_and_not_what_is_hinted_at() {
    let estate = estate();
    let text = written(|out| ocsf(out, items(&estate), &ABOUT));
    let all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |id: &str| all.iter().find(|event| event["device"]["uid"] == id).unwrap();
    let scanner = of("main~000100000001");
    assert_eq!(
        (&scanner["class_uid"], &scanner["type_uid"], &scanner["time"]),
        (&5001.into(), &500_102.into(), &1_800_000_000_000u64.into())
    );
    let device = &scanner["device"];
    assert_eq!(
        (&device["type_id"], &device["os"]["type_id"], &device["vendor_name"]),
        (&7.into(), &100.into(), &"Velmora".into())
    );
    assert_eq!(device["network_interfaces"][0]["ip"], "10.20.0.11");
    // A hash is no host name, and Cisco's IOS is no iOS.
    let behind = all.iter().find(|event| event["device"]["ip"] == "fd00::5").unwrap();
    assert!(behind["device"].get("hostname").is_none());
    let switch = &of("main~000100000003")["device"];
    assert_eq!((&switch["type_id"], &switch["os"]["type_id"]), (&10.into(), &99.into()));
}

#[test]
fn a_component_of_cyclonedx_is_named_by_what_it_is() {
    let estate = estate();
    let text = written(|out| cyclonedx(out, items(&estate), &ABOUT));
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&all["specVersion"], &all["metadata"]["lifecycles"][0]["phase"]), (&"1.6".into(), &"discovery".into()));
    let scanner =
        all["components"].as_array().unwrap().iter().find(|one| one["bom-ref"] == "main~000100000001").unwrap();
    assert_eq!(
        (&scanner["type"], &scanner["name"], &scanner["version"]),
        (&"device".into(), &"Cantor 7".into(), &"2.1".into())
    );
    assert_eq!(scanner["components"][0]["name"], "Windows 10");
    assert_eq!(scanner["evidence"]["identity"][0]["confidence"], 0.9);
}

/// Counts what is written and remembers the largest piece.
#[derive(Default)]
struct Measured {
    all: usize,
    largest: usize,
}

impl std::io::Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.all += bytes.len();
        self.largest = self.largest.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn many_devices_are_written_piece_by_piece() {
    const MANY: usize = 10_000;
    let estate = estate();
    let device = estate.device_by("main", mac(1)).unwrap();
    let many = || std::iter::repeat_n(Item { device, presence: None, partly_blind: false }, MANY);
    let check = |written: std::io::Result<u64>, measured: Measured| {
        assert_eq!(written.unwrap(), MANY as u64);
        assert!(measured.all > 2_000_000 && measured.largest < 100_000, "{} {}", measured.all, measured.largest);
    };
    let [mut a, mut b, mut c, mut d] = std::array::from_fn(|_| Measured::default());
    check(csv(&mut a, many()), a);
    check(json(&mut b, many()), b);
    check(ocsf(&mut c, many(), &ABOUT), c);
    check(cyclonedx(&mut d, many(), &ABOUT), d);
}

/// `HOLTER_SCHEMAS` names a Python with the packages ocsf-json-schema, jsonschema and cyclonedx-python-lib[validation].
#[test]
fn others_agree() {
    let Ok(python) = std::env::var("HOLTER_SCHEMAS") else {
        eprintln!("skipped: HOLTER_SCHEMAS names no Python with the schemas");
        return;
    };
    let estate = estate();
    let folder = std::env::temp_dir().join(format!("holter-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files = ["ocsf.jsonl", "cyclonedx.json"].map(|name| folder.join(name));
    std::fs::write(&files[0], written(|out| ocsf(out, items(&estate), &ABOUT))).unwrap();
    std::fs::write(&files[1], written(|out| cyclonedx(out, items(&estate), &ABOUT))).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/schemas.py");
    let done = std::process::Command::new(python).arg(script).args(&files).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}
