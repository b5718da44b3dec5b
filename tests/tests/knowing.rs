//! What holter knows and finds in captures whose truth is written beside them.

mod played;

use holter_engine::Engine;
use holter_identity::Identity;
use holter_terms::Attribute;
use holter_tests::capture::Capture;
use holter_tests::places::{root, shared};
use played::{device, engine, labs, truth};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

fn identity(engine: &Engine, mac: &str) -> Identity {
    played::identity(device(engine, mac).unwrap_or_else(|| panic!("{mac} was not seen")))
}

fn ip(value: &Value) -> IpAddr {
    value["ip"].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_usual_day_raises_nothing() {
    for (baseline, _) in labs() {
        let (_, heard) = engine(std::slice::from_ref(&baseline));
        let found: Vec<_> = heard.findings.values().collect();
        assert!(found.is_empty(), "{}: {found:?}", baseline.display());
    }
}

#[test]
fn an_incident_raises_what_was_done_and_blames_nobody_else() {
    for (baseline, incident) in labs() {
        let truth = truth(&incident);
        let (_, heard) = engine(&[baseline, incident.clone()]);
        let found: BTreeSet<(&str, IpAddr)> =
            heard.findings.values().map(|finding| (finding.detection.as_str(), finding.subject.ip.unwrap())).collect();

        let hosts = truth["hosts"].as_object().unwrap();
        let mut expected = BTreeSet::new();
        for event in truth["events"].as_array().unwrap().iter().filter(|event| event["label"] == "attack") {
            let source = ip(&hosts[event["src"].as_str().unwrap()]);
            let detections: &[&str] = match event["kind"].as_str().unwrap() {
                "dicom-ae-guess" => &["dicom-ae-guessing", "new-clinical-speaker"],
                "dicom-enumerate" | "dicom-find-sweep" => &["dicom-find-sweep", "clinical-name-borrowed"],
                "dicom-exfil" => &["clinical-name-borrowed"],
                "dicom-move-unknown-destination" => &["dicom-move-unknown-destination"],
                "hl7-unknown-sender" => &["new-clinical-speaker", "clinical-name-borrowed"],
                "cleartext-dicom-leaves" | "cleartext-hl7-leaves" => &["clear-text-leaves-clinical-zone"],
                _ => &[],
            };
            expected.extend(detections.iter().map(|detection| (*detection, source)));
        }
        let missed: Vec<_> = expected.difference(&found).collect();
        assert!(missed.is_empty(), "{}: not found: {missed:?}", incident.display());

        // Each finding has one of the two that took part on one of its ends.
        let guilty: Vec<IpAddr> = ["rogue", "office01"].iter().filter_map(|name| hosts.get(*name)).map(ip).collect();
        for finding in heard.findings.values() {
            let ends = [finding.subject.ip, finding.peer.and_then(|peer| peer.ip)];
            assert!(ends.iter().flatten().any(|end| guilty.contains(end)), "{finding:?}");
        }
    }
}

/// What a machine of the lab is, by its name there.
const CLASSES: [(&str, &str); 10] = [
    ("srv", "network"),
    ("pacs", "clinical-it"),
    ("ris", "clinical-it"),
    ("hl7e", "clinical-it"),
    ("his", "clinical-it"),
    ("ct01", "imaging"),
    ("us02", "imaging"),
    ("dx05", "imaging"),
    ("gd05", "imaging"),
    ("mon03", "monitoring"),
];

#[test]
fn every_machine_of_the_lab_is_called_what_it_is() {
    for (baseline, _) in labs() {
        let truth = truth(&baseline);
        let hosts = truth["hosts"].as_object().unwrap();
        let (engine, _) = engine(std::slice::from_ref(&baseline));
        for (name, class) in CLASSES.into_iter().chain([("ws01", "workstation")]) {
            let Some(host) = hosts.get(name) else { continue };
            let identity = identity(&engine, host["mac"].as_str().unwrap());
            let best = identity.best(Attribute::Class);
            assert_eq!(identity.named(Attribute::Class), Some(class), "{}: {name}: {best:?}", baseline.display());
        }
        // The prefix of its address is a maker of monitors; nothing else says what it is, so it has no name.
        let vitals = identity(&engine, hosts["mon04"]["mac"].as_str().unwrap());
        assert_eq!(vitals.named(Attribute::Maker), None);
        assert_eq!(vitals.named(Attribute::Class), None);
    }
}

#[test]
fn the_router_of_the_lab_is_known_by_what_it_forwards() {
    let (baseline, incident) = (root().join("demo/capture/baseline.pcap"), root().join("demo/capture/incident.pcap"));
    let truth = truth(&incident);
    let (engine, _) = engine(&[baseline, incident]);
    let router = identity(&engine, truth["network"]["router"]["clinical"].as_str().unwrap());
    assert_eq!(router.named(Attribute::Role), Some("router"));
    assert_eq!(router.named(Attribute::Class), Some("network"));
}

#[test]
fn things_of_a_home_are_not_taken_for_medical_devices() {
    let Some(folder) = shared("corpus/iot-sentinel") else { return };
    let (mut captures, mut stacks, mut named) = (0, BTreeSet::new(), BTreeSet::new());
    for device in std::fs::read_dir(folder).unwrap() {
        let device = device.unwrap().path();
        for capture in std::fs::read_dir(&device).unwrap() {
            let capture = capture.unwrap().path();
            if capture.extension().is_none_or(|extension| extension != "pcap") || Capture::read(&capture).is_err() {
                continue;
            }
            captures += 1;
            let (engine, heard) = engine(std::slice::from_ref(&capture));
            assert_eq!(heard.findings, BTreeMap::new(), "{}", capture.display());
            for (key, seen) in engine.devices().sorted() {
                let rows: Vec<_> = seen.sorted_rows().into_iter().cloned().collect();
                let identity = holter_engine::devices::judge(&rows);
                let class = identity.named(Attribute::Class);
                assert!(
                    matches!(class, None | Some("network" | "building")),
                    "{}: {key}: {class:?}",
                    capture.display()
                );
                // The only ones that name a maker themselves: a scale by its vendor class, a bridge of lamps by UPnP.
                let maker = identity.named(Attribute::Maker);
                assert!(
                    matches!(maker, None | Some("Withings" | "Philips Hue")),
                    "{}: {key}: {maker:?}",
                    capture.display()
                );
                // `Linux`, which UPnP says, is no stack of its own.
                if let Some(os) = identity.named(Attribute::Os).filter(|&os| os != "Linux") {
                    named.insert(device.clone());
                    stacks.insert((key, os.to_owned()));
                }
            }
        }
    }
    let machines: BTreeSet<_> = stacks.iter().map(|(key, _)| key).collect();
    assert!(captures >= 100, "{captures} captures");
    assert!(named.len() >= 18, "{} of 23 devices show their network stack: {stacks:?}", named.len());
    assert!(stacks.len() <= machines.len() + 1, "one device, one stack: {stacks:?}");
}
