//! What an event file tells, row by row in the words of the lab's truth.

use crate::truth::{Acts, Rows, Truth, text};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub struct Seen {
    events: Vec<Value>,
}

impl Seen {
    /// Reads a file that `--events` wrote.
    pub fn read(path: &Path) -> Result<Self> {
        let lines = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let events = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        Ok(Seen { events })
    }

    /// How often each act happened, whoever did it.
    pub fn acts(&self) -> Acts {
        let mut acts = Acts::new();
        for event in &self.events {
            let fields = &event["fields"];
            let verb = match text(&event["event"]).as_str() {
                "dicom.associate_ac" => "associate",
                "dicom.associate_rj" => "reject",
                "dicom.command" => match fields["dicom.command"].as_i64().unwrap_or_default() {
                    0x0001 => "c-store",
                    0x0010 => "c-get",
                    0x0020 => "c-find",
                    0x0021 => "c-move",
                    0x0030 => "c-echo",
                    0x0100..=0x0150 => "dimse-n",
                    _ => continue,
                },
                "dns.message" if fields["dns.response"] == true => "dns-answer",
                "dns.message" => "dns-query",
                "dhcp.message" => match fields["dhcp.type"].as_i64().unwrap_or_default() {
                    1 | 3 | 8 => "dhcp-ask",
                    5 => "dhcp-lease",
                    _ => continue,
                },
                "hl7.message" => match text(&fields["hl7.ack"]).as_str() {
                    "" => "hl7-message",
                    "AA" | "CA" => "hl7-accept",
                    _ => "hl7-refuse",
                },
                _ => continue,
            };
            *acts.entry(verb.to_owned()).or_default() += 1;
        }
        acts
    }

    /// One row for each thing that the peers log, counted.
    pub fn rows(&self, truth: &Truth) -> Rows {
        let mut rows = Rows::new();
        let mut add = |row: Option<String>| {
            if let Some(row) = row {
                *rows.entry(row).or_default() += 1;
            }
        };
        let mut callers: BTreeMap<i64, String> = BTreeMap::new();
        let mut waiting: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for event in &self.events {
            let (fields, conversation) = (&event["fields"], event["conversation"].as_i64().unwrap_or_default());
            let server = (text(&event["server"]["ip"]), event["server"]["port"].as_i64().unwrap_or_default());
            let client = text(&event["client"]["ip"]);
            let asks = event["way"] == "to-server";
            match text(&event["event"]).as_str() {
                "dicom.associate_rq" => {
                    callers.insert(conversation, text(&fields["dicom.calling_ae"]));
                    let asked = truth
                        .scp(&server)
                        .map(|scp| truth.association(scp, "received", &callers[&conversation], &client));
                    add(asked.flatten());
                }
                "dicom.associate_ac" => {
                    let caller = callers.get(&conversation).cloned().unwrap_or_default();
                    add(truth.scp(&server).and_then(|scp| truth.association(scp, "accepted", &caller, &client)));
                }
                "dicom.command" => {
                    let caller = callers.get(&conversation).cloned().unwrap_or_default();
                    let command = fields["dicom.command"].as_i64().unwrap_or_default();
                    add(truth.scp(&server).and_then(|scp| truth.operation(scp, command, asks, &caller, &client)));
                }
                "dns.message"
                    if fields["dns.response"] == false && server.1 == 53 && truth.is_name_server(&server.0) =>
                {
                    let port = event["client"]["port"].as_i64().unwrap_or_default();
                    let kind = fields["dns.qtype"].as_i64().unwrap_or_default();
                    add(Some(truth.query(&client, port, kind, &text(&fields["dns.name"]))));
                }
                "dns.message" if truth.is_name_server(&server.0) && server.1 == 53 => {
                    add(Some(format!("dns answer {client}")));
                }
                "dhcp.message" if truth.is_lease_server(&server.0) => add(truth.lease(
                    fields["dhcp.type"].as_i64().unwrap_or_default(),
                    &text(&fields["dhcp.client_mac"]),
                    &["dhcp.your_address", "dhcp.requested_address", "dhcp.client_address"]
                        .map(|name| text(&fields[name])),
                )),
                "hl7.message" if fields["hl7.ack"].is_string() => {
                    let asked =
                        waiting.get_mut(&conversation).filter(|asked| !asked.is_empty()).map(|asked| asked.remove(0));
                    add(asked.map(|asked| format!("{asked} {}", text(&fields["hl7.ack"]))));
                }
                "hl7.message" if !truth.breaks(&client, server.1) => {
                    let kind = ["hl7.code", "hl7.trigger", "hl7.structure"].map(|name| text(&fields[name])).join("^");
                    let bytes = fields["hl7.size"].as_i64().unwrap_or_default();
                    let row = truth.message(server.1, &client, kind.trim_end_matches('^'), bytes);
                    waiting.entry(conversation).or_default().push(row);
                }
                _ => {}
            }
        }
        // A message that nobody answered is told as such.
        waiting.into_values().flatten().for_each(|row| add(Some(format!("{row} unanswered"))));
        rows
    }
}
