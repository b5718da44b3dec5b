//! Which signals give evidence, and on what their rules rest: `fingerprints/SIGNALS.md`.

use holter_evidence::{About, Behind, Fingerprints, Found, Observer};
use holter_phi::Names;
use holter_terms::{Mac, Protocol, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What a listener may know a machine by, and the signals in which it is looked at.
const LIST: &[(&str, &[&str])] = &[
    ("prefix of the link-layer address", &["oui"]),
    ("DHCP options, their order, vendor class", &["dhcp", "dhcp-vendor-class"]),
    ("TTL and shape of a SYN", &["ip-stack"]),
    ("DICOM implementation, SOP classes, largest PDU", &["dicom-association", "dicom-private"]),
    ("head of a DICOM data set", &["dicom-image"]),
    ("HL7 MSH and SFT", &["hl7-header", "hl7-profile"]),
    ("HL7 equipment identifiers, with EUI-64", &["hl7-equipment"]),
    ("SNMP sysDescr and sysObjectID", &["snmp-description", "snmp-object"]),
    ("LLDP and CDP", &["lldp-description", "lldp-inventory", "lldp-capability", "cdp-platform", "cdp-software"]),
    ("mDNS, SSDP, WS-Discovery", &["mdns", "ssdp", "ssdp-server", "ws-discovery"]),
    ("HTTP Server and User-Agent", &["http-server", "http-agent"]),
    ("TLS hello (JA3, JA4)", &["tls-client"]),
    ("TLS certificate issuer", &["tls-certificate"]),
    ("SMB dialect, native OS, NTLM", &["smb-dialect", "smb-native", "smb-ntlm"]),
    ("NTP", &["ntp", "ntp-client"]),
    ("banners", &["ssh-banner", "telnet-banner", "ftp-banner", "smtp-banner", "vnc-version"]),
    ("ports served and used", &["conversation", "port", "port-tls", "port-http", "port-dicom"]),
    ("roles of peers", &["peer-role", "dicom-worklist", "hl7-ack", "dhcp-lease"]),
];

fn signal(rule: &str) -> (&str, &str) {
    let (origin, rest) = rule.split_once(':').unwrap();
    (origin, rest.split_once('/').unwrap().0)
}

/// Rules that are no data: the observer's own, as far as they fire without an event.
fn of_the_observer() -> BTreeSet<&'static str> {
    let observer = Observer::new(Names::shown());
    let mut rules = BTreeSet::new();
    let mut keep = |found: Found| {
        rules.insert(found.rule);
    };
    for mac in ["00:18:65:aa:00:21", "00:50:56:aa:00:10", "00:17:a4:00:00:01"] {
        observer.mac(Mac::parse(mac).unwrap(), About::Client, &mut keep);
    }
    for (protocol, port) in [
        (Protocol::Dicom, 4242),
        (Protocol::Http, 8042),
        (Protocol::Tls, 2762),
        (Protocol::Tls, 6464),
        (Protocol::Hl7, 6661),
    ] {
        observer.served(protocol, port, &mut keep);
    }
    observer.unknown_on(3613, &mut keep);
    for &role in Role::ALL {
        observer.sealed_with(role, 2762, &mut keep);
    }
    for behind in [Behind::Hops, Behind::Stacks] {
        observer.translates(behind, About::Client, &mut keep);
    }
    observer.forwards(About::Client, &mut keep);
    observer.address([10, 0, 0, 1].into(), About::Client, &mut keep);
    rules
}

#[test]
fn every_signal_of_the_list_gives_evidence() {
    let own = of_the_observer();
    // Read from an event by the observer: `tests/observer.rs` shows it.
    let by_event = ["standard:dhcp-lease/router"];
    let rules: Vec<&str> = Fingerprints::builtin().rules().map(|rule| rule.name).chain(own).chain(by_event).collect();
    let known: BTreeSet<&str> = rules.iter().map(|rule| signal(rule).1).collect();
    for (what, signals) in LIST {
        for wanted in *signals {
            assert!(known.contains(wanted), "{what}: nothing is said by {wanted}");
        }
    }
}

#[test]
fn the_counts_of_rules_by_origin_are_published() {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in Fingerprints::builtin().rules() {
        let (origin, signal) = signal(rule.name);
        *counts.entry(signal).or_default().entry(origin).or_default() += 1;
        *totals.entry(origin).or_default() += 1;
    }
    let origins = ["measured", "published", "standard"];
    let mut text = format!(
        "# Signals and what their rules rest on\n\nMade by `cargo test -p holter-evidence --test signals` with `HOLTER_BLESS=1`. Rules of the {} data files; what the\n\
         observer says by itself (addresses, names, prefixes, ports) is not counted. Where nothing but published rules speaks for a\n\
         value, its confidence ends at 89: likely, never to be acted on.\n\n| Signal | measured | published | standard |\n|---|--:|--:|--:|\n",
        Fingerprints::builtin().families.len()
    );
    let mut row = |name: &str, of: &BTreeMap<&str, usize>| {
        let [a, b, c] = origins.map(|origin| of.get(origin).copied().unwrap_or(0));
        let _ = writeln!(text, "| {name} | {a} | {b} | {c} |");
    };
    counts.iter().for_each(|(signal, of)| row(signal, of));
    row("**all**", &totals);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../SIGNALS.md");
    if std::env::var_os("HOLTER_BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap_or_default(), "HOLTER_BLESS=1 rewrites {path}");
}
