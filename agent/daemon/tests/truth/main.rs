//! `replay --events` over the laboratory's captures equals what the peers logged themselves. Where it does not, the
//! difference stands here with its reason.

mod log;
mod tsv;

use log::{Seen, Truth};
use serde_json::Value;
use std::collections::BTreeMap;

/// How often something was seen, by what it was.
type Counts<T> = BTreeMap<T, i64>;

fn counts<T: Ord>(all: impl IntoIterator<Item = T>) -> Counts<T> {
    let mut counts = Counts::new();
    all.into_iter().for_each(|one| *counts.entry(one).or_default() += 1);
    counts
}

/// What is in `got` and not in `want` (positive), and the reverse (negative).
fn difference<T: Ord + Clone>(got: &Counts<T>, want: &Counts<T>) -> Counts<T> {
    let mut left = got.clone();
    want.iter().for_each(|(what, n)| *left.entry(what.clone()).or_default() -= n);
    left.retain(|_, n| *n != 0);
    left
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(-1)
}

/// Type, port, peer, bytes and acknowledgement of an HL7 message.
type Message = (String, i64, String, i64, String);

fn message(kind: &str, port: i64, peer: &str, bytes: i64, ack: &str) -> Message {
    (kind.to_owned(), port, peer.to_owned(), bytes, ack.to_owned())
}

fn logged_messages(truth: &Truth) -> Counts<Message> {
    let log = truth.list("hl7_engine_log").filter(|entry| entry["type"].is_string());
    counts(log.map(|entry| {
        let (kind, peer, ack) = (text(&entry["type"]), text(&entry["peer"]), text(&entry["ack"]));
        message(kind, number(&entry["port"]), peer, number(&entry["bytes"]), ack)
    }))
}

/// Each message with the acknowledgement that came next the other way in its conversation.
fn seen_messages(seen: &Seen) -> Counts<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut waiting: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for event in seen.named("hl7.message") {
        let fields = &event["fields"];
        let conversation = waiting.entry(number(&event["conversation"])).or_default();
        if fields["hl7.ack"].is_string() {
            if !conversation.is_empty() {
                messages[conversation.remove(0)].4 = text(&fields["hl7.ack"]).to_owned();
            }
            continue;
        }
        conversation.push(messages.len());
        let parts = ["hl7.code", "hl7.trigger", "hl7.structure"].map(|field| text(&fields[field]));
        let kind = parts.join("^");
        let (port, peer) = (number(&event["server"]["port"]), text(&event["client"]["ip"]));
        messages.push(message(kind.trim_end_matches('^'), port, peer, number(&fields["hl7.size"]), ""));
    }
    counts(messages)
}

#[test]
fn every_hl7_message_and_acknowledgement_of_the_baseline_equals_the_engines_log() {
    let Some((truth, seen)) = log::of("baseline") else { return };
    let (want, got) = (logged_messages(&truth), seen_messages(&seen));
    assert_eq!(want.values().sum::<i64>(), 184);
    let characters = Counts::from([
        // The engine logs characters. Seven in each of these ten messages take two bytes in UTF-8.
        (message("ADT^A08^ADT_A01", 2575, "10.20.0.13", 185, "AA"), -10),
        (message("ADT^A08^ADT_A01", 2575, "10.20.0.13", 192, "AA"), 10),
    ]);
    assert_eq!(difference(&got, &want), characters);
}

#[test]
fn every_hl7_message_of_the_incident_equals_the_engines_log_but_for_what_breaks_the_protocol() {
    let Some((truth, seen)) = log::of("incident") else { return };
    let (want, got) = (logged_messages(&truth), seen_messages(&seen));
    assert_eq!(want.values().sum::<i64>(), 45);
    let differ = difference(&got, &want);
    let of_others: Counts<Message> =
        differ.iter().filter(|((_, _, peer, ..), _)| peer != "10.20.0.166").map(|(m, n)| (m.clone(), *n)).collect();
    let characters = Counts::from([
        (message("ADT^A08^ADT_A01", 2575, "10.20.0.13", 185, "AA"), -2),
        (message("ADT^A08^ADT_A01", 2575, "10.20.0.13", 192, "AA"), 2),
    ]);
    assert_eq!(of_others, characters, "what the site's own systems sent");
    // The attacker's ten broken messages. Two of them the engine took: their types are no words of HL7, so only their
    // form is told here.
    let taken: Vec<_> =
        differ.iter().filter(|((_, port, peer, ..), n)| peer == "10.20.0.166" && *port == 6661 && **n < 0).collect();
    assert_eq!(taken.len(), 2, "{:?}", taken.iter().map(|((kind, ..), n)| (kind.len(), n)).collect::<Vec<_>>());
    assert!(taken.iter().all(|((kind, ..), _)| !kind.starts_with("ADT") && !kind.starts_with("ORU")));
    let sane = |m: &Message| m.2 == "10.20.0.166" && m.1 == 2575;
    assert!(!differ.keys().any(sane), "the attacker's three well-formed messages are told as they were");
}

/// DIMSE command fields (PS3.7 E.1).
const OPERATIONS: [(i64, &str); 7] = [
    (0x0001, "store"),
    (0x0010, "get"),
    (0x0020, "find"),
    (0x0021, "move"),
    (0x0030, "echo"),
    (0x0120, "set"),
    (0x0140, "create"),
];

/// Requests by who sent them, to which port, and what they ask.
fn operations(seen: &Seen) -> Counts<(String, i64, String)> {
    counts(seen.named("dicom.command").filter_map(|event| {
        let command = number(&event["fields"]["dicom.command"]);
        let name = match command {
            0x0130 => "action",
            _ => OPERATIONS.iter().find(|(field, _)| *field == command)?.1,
        };
        let sender = if event["way"] == "to-server" { "client" } else { "server" };
        let who = text(&event[sender]["ip"]).to_owned();
        Some((who, number(&event["server"]["port"]), name.to_owned()))
    }))
}

/// What the scripts did, as requests. `n` is how many objects or messages an entry stands for.
fn scripted(truth: &Truth) -> Counts<(String, i64, String)> {
    let mut want = Counts::new();
    for event in truth.list("events") {
        let (kind, n, command) = (text(&event["kind"]), number(&event["n"]), text(&event["cmd"]));
        let src = text(&event["src_ip"]);
        let mut add = |who: &str, port: i64, what: &str, n: i64| {
            *want.entry((who.to_owned(), port, what.to_owned())).or_default() += n;
        };
        let archive = if command.contains("11112") { 11112 } else { 4242 };
        match kind {
            "dicom-echo" | "dicom-echo-v6" => add(src, 4242, "echo", 1),
            "dicom-store" => add(src, archive, "store", n),
            "dicom-find" | "dicom-enumerate" => add(src, 4242, "find", 1),
            // The archive sends the one image to port 11113 of the one who asked.
            "dicom-move" => {
                add(src, 4242, "move", 1);
                add("10.20.0.10", 11113, "store", 1);
            }
            // The archive sends the one image back within the association.
            "dicom-exfil" => {
                add(src, 4242, "get", 1);
                add("10.20.0.10", 4242, "store", 1);
            }
            // C-ECHO and C-STORE by another toolkit.
            "dicom-node" => {
                add(src, 4242, "echo", 1);
                add(src, 4242, "store", 1);
            }
            "dicom-us-exam" => add(src, 4242, "store", n),
            _ => {}
        }
    }
    for entry in truth.list("ris_log") {
        let what = match text(&entry["ev"]) {
            "ECHO" => "echo",
            "MWL-FIND" => "find",
            "MPPS-CREATE" => "create",
            "MPPS-SET" => "set",
            "STGCMT-ACTION" => "action",
            other => other,
        };
        *want.entry((text(&entry["addr"]).to_owned(), 104, what.to_owned())).or_default() += 1;
    }
    want
}

#[test]
fn every_dicom_operation_equals_what_was_done_and_what_the_ris_logged() {
    for capture in ["baseline", "incident"] {
        let Some((truth, seen)) = log::of(capture) else { return };
        let want = scripted(&truth);
        assert!(want.len() >= 10, "{capture}: {want:?}");
        assert_eq!(difference(&operations(&seen), &want), Counts::new(), "{capture}");
    }
}

#[test]
fn every_association_of_the_ris_names_its_peer() {
    let Some((truth, seen)) = log::of("baseline") else { return };
    let logged =
        counts(truth.list("ris_log").map(|entry| (text(&entry["peer"]).to_owned(), text(&entry["addr"]).to_owned())));
    let asked =
        counts(seen.named("dicom.associate_rq").filter(|event| event["server"]["port"] == 104).map(|event| {
            (text(&event["fields"]["dicom.calling_ae"]).to_owned(), text(&event["client"]["ip"]).to_owned())
        }));
    assert_eq!(asked.keys().collect::<Vec<_>>(), logged.keys().collect::<Vec<_>>());
}

#[test]
fn every_title_that_was_guessed_is_told_with_its_rejection() {
    let Some((truth, seen)) = log::of("incident") else { return };
    let title = |command: &str| {
        let mut words = command.split(' ').skip_while(|word| *word != "-aec").skip(1);
        words.next().unwrap_or_default().to_owned()
    };
    let guessed = counts(
        truth.list("events").filter(|event| event["kind"] == "dicom-ae-guess").map(|event| title(text(&event["cmd"]))),
    );
    let rejected: Vec<_> = seen.named("dicom.associate_rj").map(|event| number(&event["conversation"])).collect();
    let told = counts(
        seen.named("dicom.associate_rq")
            .filter(|event| rejected.contains(&number(&event["conversation"])))
            .map(|event| text(&event["fields"]["dicom.called_ae"]).to_owned()),
    );
    assert_eq!(guessed.values().sum::<i64>(), 10);
    assert_eq!(told, guessed);
}

#[test]
fn every_lease_equals_what_the_hosts_were_given() {
    let Some((truth, seen)) = log::of("baseline") else { return };
    let given: BTreeMap<_, _> = truth
        .object("hosts")
        .filter(|(_, host)| text(&host["addressing"]).starts_with("dhcp"))
        .map(|(_, host)| (text(&host["mac"]).to_owned(), text(&host["ip"]).to_owned()))
        .collect();
    let acknowledged: BTreeMap<_, _> = seen
        .named("dhcp.message")
        .filter(|event| event["fields"]["dhcp.type"] == 5)
        .map(|event| &event["fields"])
        .map(|fields| (text(&fields["dhcp.client_mac"]).to_owned(), text(&fields["dhcp.your_address"]).to_owned()))
        .collect();
    assert_eq!(given.len(), 6);
    assert_eq!(acknowledged, given);
}

#[test]
fn every_dhcp_message_equals_the_oracles() {
    for capture in ["baseline", "incident"] {
        let Some((_, seen)) = log::of(capture) else { return };
        let Some(rows) = tsv::rows(capture, "dhcp") else { return };
        let want = counts(rows.iter().map(|row| {
            // The client identifier, where there is one, repeats the hardware address behind a bar.
            let mac = row["dhcp.hw.mac_addr"].split('|').next().unwrap_or_default().to_owned();
            (row["dhcp.option.dhcp"].clone(), tsv::hex(&row["dhcp.id"]), mac, row["dhcp.ip.your"].clone())
        }));
        let got = counts(seen.named("dhcp.message").map(|event| {
            let fields = &event["fields"];
            let yours = fields["dhcp.your_address"].as_str().unwrap_or("0.0.0.0");
            (
                number(&fields["dhcp.type"]).to_string(),
                number(&fields["dhcp.transaction"]),
                text(&fields["dhcp.client_mac"]).to_owned(),
                yours.to_owned(),
            )
        }));
        assert!(want.len() > 20);
        assert_eq!(difference(&got, &want), Counts::new(), "{capture}");
    }
}

#[test]
fn every_dns_transaction_equals_the_oracles() {
    for capture in ["baseline", "incident"] {
        let Some((_, seen)) = log::of(capture) else { return };
        let Some(rows) = tsv::rows(capture, "dns") else { return };
        let want = counts(rows.iter().map(|row| {
            let name: String = row["dns.qry.name"].chars().take(64).collect();
            (
                tsv::hex(&row["dns.id"]),
                matches!(row["dns.flags.response"].as_str(), "1" | "True"),
                row["dns.flags.rcode"].parse().unwrap_or(0),
                name,
                row["dns.qry.type"].clone(),
                row["dns.count.answers"].clone(),
            )
        }));
        let got = counts(seen.named("dns.message").map(|event| {
            let fields = &event["fields"];
            (
                number(&fields["dns.transaction"]),
                fields["dns.response"] == true,
                number(&fields["dns.rcode"]),
                text(&fields["dns.name"]).to_owned(),
                fields["dns.qtype"].as_i64().map(|n| n.to_string()).unwrap_or_default(),
                number(&fields["dns.answers"]).to_string(),
            )
        }));
        assert!(want.len() > 100);
        let differ = match capture {
            // A probe of a port scan: a header with the opcode of a status request and no question. The twelve bytes
            // are not enough to be taken for DNS.
            "incident" => Counts::from([((0, false, 0, String::new(), String::new(), "0".to_owned()), -1)]),
            _ => Counts::new(),
        };
        assert_eq!(difference(&got, &want), differ, "{capture}");
    }
}

#[test]
fn every_host_is_in_the_inventory_under_its_own_addresses_and_no_other() {
    for capture in ["baseline", "incident"] {
        let Some((truth, seen)) = log::of(capture) else { return };
        for (name, host) in truth.object("hosts") {
            let device = seen.inventory.iter().find(|device| device["device"] == host["mac"]);
            let Some(device) = device else {
                // In the baseline the attacker's machine is silent.
                assert_eq!((capture, name), ("baseline", "rogue"));
                continue;
            };
            let v4: Vec<_> =
                device["addresses"].as_array().into_iter().flatten().map(text).filter(|ip| !ip.contains(':')).collect();
            assert_eq!(v4, [text(&host["ip"])], "{capture}: {name}");
        }
    }
}
