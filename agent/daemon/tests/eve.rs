//! `--eve` over the demo: lines that a reader of EVE can use, and no person in them.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn eve(capture: &str, more: &[&str]) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let done = Command::new(env!("CARGO_BIN_EXE_holter-agent"))
        .args(["replay", "--eve", "-", "--learn", "20"])
        .args(more)
        .arg(root.join("demo/capture").join(capture))
        .output()
        .expect("the agent starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON in each line")).collect()
}

fn of<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event_type"] == kind).collect()
}

#[test]
fn every_line_has_what_a_reader_of_eve_looks_for() {
    let lines = eve("incident.pcap", &["--site-data", "show"]);
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for line in &lines {
        let kind = line["event_type"].as_str().expect("event_type");
        *kinds.entry(kind).or_default() += 1;
        assert!(line["timestamp"].is_string() && line[kind].is_object(), "{line}");
        assert!(line["src_port"].is_null() || line["proto"].is_string(), "{line}");
    }
    for kind in ["flow", "dns", "dhcp", "dicom", "hl7", "finding", "anomaly"] {
        assert!(kinds.get(kind).is_some_and(|count| *count > 0), "no {kind} in {kinds:?}");
    }
}

#[test]
fn the_answers_of_a_dns_message_stand_in_its_record() {
    let lines = eve("baseline.pcap", &["--site-data", "show"]);
    let dns = of(&lines, "dns");
    let answered = dns.iter().filter(|line| line["dns"]["answers"].is_array());
    for line in answered.clone() {
        let dns = &line["dns"];
        assert_eq!((&dns["type"], &dns["rcode"]), (&Value::from("response"), &Value::from("NOERROR")), "{line}");
        // Records of the other sections stand beside the answers, each with its section.
        let all = dns["answers"].as_array().expect("an array");
        let answers = all.iter().filter(|record| record["record_section"] == 1).count();
        assert_eq!(Value::from(answers), dns["answer_count"], "{line}");
    }
    assert!(answered.count() > 20);
    let pacs = |line: &&&Value| line["dns"]["rrname"] == "pacs.clin.example" && line["dns"]["rrtype"] == "A";
    let answer = dns.iter().filter(pacs).find(|line| line["dns"]["answers"].is_array()).expect("an answer");
    assert_eq!(answer["dns"]["answers"][0]["rdata"], "10.20.0.10");
    assert_eq!((&answer["src_ip"], &answer["src_port"]), (&Value::from("10.20.0.2"), &Value::from(53)));
}

#[test]
fn packets_of_flows_add_up_and_leases_read_as_eve_has_them() {
    let lines = eve("baseline.pcap", &["--site-data", "show"]);
    let flows = of(&lines, "flow");
    let ids: std::collections::BTreeSet<_> = flows.iter().map(|flow| flow["flow_id"].as_u64()).collect();
    assert_eq!(ids.len(), flows.len(), "one record for each conversation");
    let lease = of(&lines, "dhcp").into_iter().find(|line| line["dhcp"]["dhcp_type"] == "ack").expect("a lease");
    assert!(lease["dhcp"]["assigned_ip"].is_string() && lease["dhcp"]["client_mac"].is_string(), "{lease}");
    assert_eq!(lease["dhcp"]["type"], "reply");
}

#[test]
fn names_are_hashed_unless_they_are_asked_for_and_people_never_stand_there() {
    let hidden = eve("baseline.pcap", &[]);
    let name = |line: &Value| line["dns"]["rrname"].as_str().map(str::to_owned);
    assert!(of(&hidden, "dns").into_iter().filter_map(name).all(|name| name.starts_with('#')));
    let shown = eve("baseline.pcap", &["--site-data", "show"]);
    let patients: Vec<&Value> = of(&shown, "hl7").into_iter().map(|line| &line["hl7"]["patient"]).collect();
    assert!(patients.iter().any(|patient| patient.is_array()));
    assert!(
        patients
            .iter()
            .all(|patient| patient.is_null() || patient.as_array().is_some_and(|all| all.iter().all(|one| one == "*")))
    );
}

/// The first name that stands twice in one object of a line.
fn twice(line: &str) -> Option<String> {
    struct Once(Option<String>);
    impl<'de> serde::Deserialize<'de> for Once {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            from.deserialize_any(Once(None))
        }
    }
    impl<'de> serde::de::Visitor<'de> for Once {
        type Value = Once;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("JSON")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut map: A) -> Result<Once, A::Error> {
            let mut seen = std::collections::BTreeSet::new();
            while let Some((key, value)) = map.next_entry::<String, Once>()? {
                self.0 = self.0.or(value.0);
                if !seen.insert(key.clone()) {
                    self.0.get_or_insert(key);
                }
            }
            Ok(self)
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(mut self, mut seq: A) -> Result<Once, A::Error> {
            while let Some(value) = seq.next_element::<Once>()? {
                self.0 = self.0.or(value.0);
            }
            Ok(self)
        }

        fn visit_str<E>(self, _: &str) -> Result<Once, E> {
            Ok(self)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
            Ok(self)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
            Ok(self)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
            Ok(self)
        }
    }
    serde_json::from_str::<Once>(line).expect("JSON").0
}

#[test]
fn no_name_stands_twice_in_an_object() {
    assert_eq!(twice(r#"{"a":[{"b":1,"c":true,"b":"x"}]}"#), Some("b".to_owned()));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut captures = vec![root.join("demo/capture/baseline.pcap"), root.join("demo/capture/incident.pcap")];
    for shared in [root.join("../shared"), root.join("../../shared")] {
        let Ok(folder) = shared.join("corpus/captures").read_dir() else { continue };
        captures.extend(folder.map(|entry| entry.expect("readable").path()));
        break;
    }
    let done = Command::new(env!("CARGO_BIN_EXE_holter-agent"))
        .args(["replay", "--quiet", "--eve", "-", "--checksums", "ignore"])
        .args(captures)
        .output()
        .expect("the agent starts");
    let text = String::from_utf8(done.stdout).expect("UTF-8");
    for line in text.lines() {
        assert_eq!(twice(line), None, "{line}");
    }
    assert!(text.lines().count() > 10_000);
}

#[test]
fn requests_and_responses_share_a_record_and_so_do_the_messages_of_a_handshake() {
    let lines = eve("baseline.pcap", &["--site-data", "show"]);
    let http = of(&lines, "http");
    let whole = http.iter().filter(|line| line["http"]["http_method"].is_string() && line["http"]["status"].is_u64());
    assert_eq!(whole.count(), http.len(), "every request of the day was answered");
    let tls = of(&lines, "tls");
    let flows: std::collections::BTreeSet<_> = tls.iter().map(|line| line["flow_id"].as_u64()).collect();
    assert_eq!(flows.len(), tls.len(), "one record for each handshake");
    assert!(tls.iter().all(|line| line["tls"]["version"].is_string() && line["tls"]["ja3s"]["hash"].is_string()));
    let smb = of(&lines, "smb");
    let both = smb.iter().filter(|line| line["smb"]["command"].is_string() && line["smb"]["status"].is_string());
    assert!(both.count() * 10 > smb.len() * 9, "of {}", smb.len());
}
