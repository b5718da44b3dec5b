//! What the peers of the lab wrote down, added up in the words that holter uses for acts.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What happened, a row of text for each thing, with how often. Counts are signed so that two sides can be told apart.
pub type Rows = BTreeMap<String, i64>;

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
    pub port: Option<i64>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub peer: Option<String>,
    pub ack: Option<String>,
    pub bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct Ris {
    pub ev: String,
    pub peer: String,
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
    pub port: i64,
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
        add("reject", orthanc("received") - orthanc("acknowledged"));
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

    /// One row for each thing that a peer logged, in clear text on the wire.
    pub fn rows(&self) -> Rows {
        let mut rows = Rows::new();
        let mut add = |row: Option<String>, n: u64| {
            if let (Some(row), Ok(n)) = (row, i64::try_from(n))
                && n > 0
            {
                *rows.entry(row).or_default() += n;
            }
        };
        for row in &self.peers.orthanc {
            let what = if row.what == "acknowledged" { "accepted" } else { row.what.as_str() };
            add(self.association(Scp::Orthanc, what, &row.ae, &row.ip), 1);
        }
        for row in &self.ris_log {
            let operation = match row.ev.as_str() {
                "ASSOCIATE" => {
                    add(self.association(Scp::Ris, "received", &row.peer, &row.addr), 1);
                    "accepted"
                }
                "ECHO" => "echo",
                "MWL-FIND" => "find",
                "MPPS-CREATE" => "create",
                "MPPS-SET" => "set",
                "STGCMT-ACTION" => "action",
                other => other,
            };
            add(self.association(Scp::Ris, operation, &row.peer, &row.addr), 1);
        }
        let counted = [
            (Scp::Archive, &self.peers.storescp),
            (Scp::Workstation, &self.peers.storescp_ws01),
            (Scp::Office, &self.peers.storescp_office),
        ];
        for (scp, counts) in counted {
            add(self.association(scp, "accepted", "", ""), counts.accepted);
            add(self.association(scp, "echo", "", ""), counts.echoes);
            add(self.association(scp, "store", "", ""), counts.stores);
        }
        add(Some(FETCHED.to_owned()), self.peers.getscu);
        for row in &self.peers.dns {
            let kind = QTYPES.iter().find(|(_, name)| *name == row.kind).map_or(-1, |(number, _)| *number);
            add(Some(self.query(&row.client, row.port, kind, &row.name)), 1);
            add(Some(format!("dns answer {}", row.client)), 1);
        }
        let given = |row: &Dhcp| row.message == "DHCPOFFER" || row.message == "DHCPACK" || row.message == "DHCPNAK";
        let dhcp = self.peers.dhcp.iter().chain(self.peers.dhcp_rogue.iter().filter(|row| given(row)));
        for row in dhcp {
            // The address of a refusal is the one that was asked for; the message itself carries none.
            let address = row.address.as_deref().filter(|_| row.message != "DHCPNAK").unwrap_or_default();
            add(Some(format!("dhcp {} {} {address}", row.message, row.mac)), 1);
        }
        for row in self.messages() {
            let (Some(port), Some(peer), Some(kind), Some(bytes)) = (row.port, &row.peer, &row.kind, row.bytes) else {
                continue;
            };
            if !self.breaks(peer, port) {
                let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
                let ack = row.ack.as_deref().unwrap_or("unanswered");
                add(Some(format!("{} {ack}", self.message(port, peer, kind, bytes))), 1);
            }
        }
        rows
    }

    /// Which SCP listens there; none for the one inside TLS.
    pub fn scp(&self, (ip, port): &(String, i64)) -> Option<Scp> {
        match port {
            104 => Some(Scp::Ris),
            4242 => Some(Scp::Orthanc),
            11113 => Some(Scp::Workstation),
            11112 if self.at("office01", ip) => Some(Scp::Office),
            11112 => Some(Scp::Archive),
            _ => None,
        }
    }

    fn at(&self, host: &str, ip: &str) -> bool {
        self.hosts.get(host).is_some_and(|host| host.ip.as_deref() == Some(ip))
    }

    /// Something within an association, or of one. The storescp say how often, and not with whom.
    pub fn association(&self, scp: Scp, what: &str, caller: &str, ip: &str) -> Option<String> {
        let kind = if matches!(what, "received" | "accepted") { "association " } else { "" };
        Some(match scp {
            Scp::Orthanc | Scp::Ris => format!("dicom {kind}{what} at {scp:?} by {caller} {ip}"),
            // They say "received" of a TCP connection too, such as a port scan makes.
            _ if what == "received" => return None,
            _ => format!("dicom {kind}{what} at {scp:?}"),
        })
    }

    /// A DIMSE request (PS3.7 E.1); none for a response.
    pub fn operation(&self, scp: Scp, command: i64, asks: bool, caller: &str, ip: &str) -> Option<String> {
        let what = OPERATIONS.iter().find(|(field, _)| *field == command)?.1;
        match (asks, what) {
            (true, what) => self.association(scp, what, caller, ip),
            // An object of a C-GET comes back as a C-STORE.
            (false, "store") => Some(FETCHED.to_owned()),
            (false, what) => Some(format!("dicom {what} by {scp:?} itself")),
        }
    }

    pub fn is_name_server(&self, ip: &str) -> bool {
        self.at("srv", ip) || ip == "fd20::2"
    }

    pub fn query(&self, client: &str, port: i64, kind: i64, name: &str) -> String {
        let kind = QTYPES.iter().find(|(number, _)| *number == kind).map_or("?", |(_, name)| *name);
        // A label holds 64 bytes.
        let name: String = name.chars().take(64).collect();
        format!("dns query {client} {port} {kind} {}", name.to_ascii_lowercase())
    }

    /// Whether a DHCP message that was sent there reaches a server: the others are a scan's.
    pub fn is_lease_server(&self, ip: &str) -> bool {
        ip == "255.255.255.255" || self.at("srv", ip) || self.at("rogue", ip)
    }

    pub fn lease(&self, kind: i64, mac: &str, [yours, asked, own]: &[String; 3]) -> Option<String> {
        let (message, address) = match kind {
            1 => ("DHCPDISCOVER", ""),
            2 => ("DHCPOFFER", yours.as_str()),
            3 => ("DHCPREQUEST", if asked.is_empty() { own.as_str() } else { asked.as_str() }),
            5 => ("DHCPACK", yours.as_str()),
            6 => ("DHCPNAK", ""),
            7 => ("DHCPRELEASE", own.as_str()),
            8 => ("DHCPINFORM", own.as_str()),
            _ => return None,
        };
        Some(format!("dhcp {message} {mac} {address}"))
    }

    pub fn message(&self, port: i64, peer: &str, kind: &str, bytes: i64) -> String {
        format!("hl7 {port} {peer} {kind} {bytes}")
    }

    /// The attacker's blocks to this engine are broken on purpose: the engine takes two of the ten for messages whose
    /// type is no word of HL7, and holter tells no such words. `agent/daemon/tests/truth` has them one by one.
    pub fn breaks(&self, peer: &str, port: i64) -> bool {
        port == 6661 && self.at("rogue", peer)
    }

    /// Messages that an engine read, and those it could not.
    pub fn messages(&self) -> impl Iterator<Item = &Hl7> {
        self.hl7_engine_log.iter().chain(&self.hl7_office_log)
    }
}

/// Who accepts associations in the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scp {
    Orthanc,
    Ris,
    /// storescp at the archive.
    Archive,
    /// storescp at the workstation.
    Workstation,
    /// storescp at the office PC.
    Office,
}

const FETCHED: &str = "dicom store back to getscu";

/// DIMSE command fields (PS3.7 E.1).
const OPERATIONS: [(i64, &str); 8] = [
    (0x0001, "store"),
    (0x0010, "get"),
    (0x0020, "find"),
    (0x0021, "move"),
    (0x0030, "echo"),
    (0x0120, "set"),
    (0x0130, "action"),
    (0x0140, "create"),
];

/// DNS types as dnsmasq names them.
const QTYPES: [(i64, &str); 8] =
    [(1, "A"), (2, "NS"), (6, "SOA"), (12, "PTR"), (15, "MX"), (16, "TXT"), (28, "AAAA"), (33, "SRV")];

/// What is in `seen` and not in `logged` (positive), and the reverse (negative).
pub fn difference(seen: &Rows, logged: &Rows) -> Rows {
    let mut left = seen.clone();
    logged.iter().for_each(|(row, n)| *left.entry(row.clone()).or_default() -= n);
    left.retain(|_, n| *n != 0);
    left
}

/// A string of JSON, or nothing.
pub fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn has(row: &Hl7, codes: &[&str]) -> bool {
    row.ack.as_deref().is_some_and(|ack| codes.contains(&ack))
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
