//! What the peers of the lab wrote down, added up in the words that holter uses for acts.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How often each act happened, by its word in `holter_terms::Verb`.
pub type Acts = BTreeMap<String, u64>;

#[derive(Debug, Deserialize)]
pub struct Truth {
    pub phase: String,
    pub dropped_by_kernel: Option<u64>,
    pub tap_transmitted: Option<u64>,
    pub hosts: BTreeMap<String, Host>,
    pub hl7_engine_log: Vec<Hl7>,
    pub hl7_office_log: Vec<Hl7>,
    pub ris_log: Vec<Ris>,
    pub peers: Peers,
}

#[derive(Debug, Deserialize)]
pub struct Host {
    pub mac: String,
    pub ip: Option<String>,
    pub segment: String,
}

/// A message as an engine read it, or why it could not.
#[derive(Debug, Deserialize)]
pub struct Hl7 {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub peer: Option<String>,
    pub ack: Option<String>,
    pub bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct Ris {
    pub ev: String,
    pub addr: String,
}

#[derive(Debug, Deserialize)]
pub struct Peers {
    pub dhcp: Vec<Dhcp>,
    pub dhcp_rogue: Vec<Dhcp>,
    pub dns: Vec<Dns>,
    pub orthanc: Vec<Orthanc>,
    pub storescp: Storescp,
    pub storescp_ws01: Storescp,
    pub storescp_office: Storescp,
    /// Associations inside TLS: a sensor sees that they are encrypted, and no more.
    pub storescp_tls: Storescp,
    pub getscu: u64,
}

#[derive(Debug, Deserialize)]
pub struct Dhcp {
    pub message: String,
    pub mac: String,
    pub address: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Dns {
    pub client: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub struct Orthanc {
    pub what: String,
    pub ae: String,
    pub ip: String,
}

#[derive(Debug, Deserialize)]
pub struct Storescp {
    pub received: u64,
    pub accepted: u64,
    pub echoes: u64,
    pub stores: u64,
}

impl Truth {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    /// The acts that the peers logged and that were not inside TLS.
    pub fn acts(&self) -> Acts {
        let mut acts = Acts::new();
        let mut add = |verb: &str, count: u64| {
            if count > 0 {
                *acts.entry(verb.to_owned()).or_default() += count;
            }
        };
        let orthanc = |what: &str| self.peers.orthanc.iter().filter(|row| row.what == what).count() as u64;
        let ris = |what: &str| self.ris_log.iter().filter(|row| row.ev == what).count() as u64;
        let scps = [&self.peers.storescp, &self.peers.storescp_ws01, &self.peers.storescp_office];
        let scp = |count: fn(&Storescp) -> u64| scps.iter().map(|scp| count(scp)).sum::<u64>();

        add("associate", orthanc("acknowledged") + ris("ASSOCIATE") + scp(|scp| scp.accepted));
        add("reject", orthanc("received") - orthanc("acknowledged") + scp(|scp| scp.received - scp.accepted));
        add("c-echo", orthanc("echo") + ris("ECHO") + scp(|scp| scp.echoes));
        add("c-store", orthanc("store") + scp(|scp| scp.stores) + self.peers.getscu);
        add("c-find", orthanc("find") + ris("MWL-FIND"));
        add("c-move", orthanc("move"));
        add("c-get", orthanc("get"));
        add("dimse-n", ris("MPPS-CREATE") + ris("MPPS-SET") + ris("STGCMT-ACTION"));

        let dhcp = |rows: &[Dhcp], wanted: &[&str]| {
            rows.iter().filter(|row| wanted.contains(&row.message.as_str())).count() as u64
        };
        add("dhcp-ask", dhcp(&self.peers.dhcp, &["DHCPDISCOVER", "DHCPREQUEST", "DHCPINFORM"]));
        add("dhcp-lease", dhcp(&self.peers.dhcp, &["DHCPACK"]) + dhcp(&self.peers.dhcp_rogue, &["DHCPACK"]));
        add("dns-query", self.peers.dns.len() as u64);
        add("dns-answer", self.peers.dns.len() as u64);

        let answered = |codes: &[&str]| self.messages().filter(|row| has(row, codes)).count() as u64;
        add("hl7-message", answered(&["AA", "AR"]));
        add("hl7-accept", answered(&["AA"]));
        add("hl7-refuse", answered(&["AR"]));
        acts
    }

    /// Messages that an engine read, and those it could not.
    pub fn messages(&self) -> impl Iterator<Item = &Hl7> {
        self.hl7_engine_log.iter().chain(&self.hl7_office_log)
    }

    /// MLLP blocks that an engine refused to read.
    pub fn unreadable_messages(&self) -> u64 {
        self.messages().filter(|row| row.kind.is_none()).count() as u64
    }
}

fn has(row: &Hl7, codes: &[&str]) -> bool {
    row.ack.as_deref().is_some_and(|ack| codes.contains(&ack))
}

/// The sum of several phases.
pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Acts>) -> Acts {
    let mut all = Acts::new();
    for (verb, count) in parts.into_iter().flatten() {
        *all.entry(verb.clone()).or_default() += count;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::root;

    #[test]
    fn the_truth_of_the_demo_names_every_kind_of_act() {
        for phase in ["baseline", "incident"] {
            let truth = Truth::read(&root().join(format!("demo/capture/{phase}.truth.json"))).expect(phase);
            let acts = truth.acts();
            for verb in [
                "associate",
                "c-echo",
                "c-store",
                "c-find",
                "c-move",
                "dimse-n",
                "dns-query",
                "dhcp-lease",
                "hl7-message",
            ] {
                assert!(acts.get(verb).is_some_and(|count| *count > 0), "{phase}: no {verb} in {acts:?}");
            }
            assert_eq!(truth.dropped_by_kernel, Some(0));
            assert_eq!(truth.tap_transmitted, Some(0));
        }
    }
}
