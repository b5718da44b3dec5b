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
