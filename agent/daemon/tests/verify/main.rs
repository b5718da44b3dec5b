//! How many of the checks of suricata-verify on records other than alerts our EVE answers. The suite lies outside the
//! repository; without it, nothing is compared, and it is said.

mod checks;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is judged: the records that Suricata 8 and we both write.
const TYPES: &[&str] =
    &["anomaly", "arp", "dhcp", "dns", "flow", "http", "mqtt", "quic", "rdp", "smb", "snmp", "ssh", "tls"];

/// Test, what of the check is peculiar to it, and why it does not hold.
const KNOWN: &[(&str, &str, &str)] = &[
    ("decode-erspan-typeII-01", "flow.alerted", "no flow for packets without ports, and no rules that alert"),
    ("dns-over-http2", "dns.queries[0].rrname", "messages of DNS within bodies of HTTP are not decoded"),
    ("dns/dns-truncated-rname", "rrname_truncated", "a label leaves with at most 64 characters"),
    (
        "dns/v2/dns-incomplete",
        "dns.type",
        "the second version of the DNS record, which Suricata 8 writes only if told to",
    ),
    ("sslv2-tls-upgrade-01", "tls.fingerprint", "of a certificate's names only the common one is told, and no digest"),
];

fn suite() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var_os("HOLTER_SHARED").map(PathBuf::from);
    let found = named
        .into_iter()
        .chain([root.join("../shared"), root.join("../../shared")])
        .map(|base| base.join("corpus/suricata-verify"))
        .find(|path| path.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: no shared/corpus/suricata-verify");
    }
    found
}

/// Folders with a test, in the order of their names.
fn tests(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("test.yaml").exists() {
        found.push(folder.to_path_buf());
    }
    let mut inner: Vec<_> = folder.read_dir().expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    inner.sort();
    inner.iter().filter(|path| path.is_dir()).for_each(|path| tests(path, found));
}

fn capture(test: &Path, named: Option<&str>) -> Option<PathBuf> {
    let named = named.map(|name| test.join(name)).filter(|path| path.exists());
    named.or_else(|| Some(test.join("PCAP")).filter(|path| path.exists()))
}

fn eve(capture: &Path) -> Vec<Value> {
    let done = Command::new(env!("CARGO_BIN_EXE_holter-agent"))
        .args(["replay", "--quiet", "--eve", "-", "--site-data", "show", "--checksums", "ignore"])
        .arg(capture)
        .output()
        .expect("the agent starts");
    let text = String::from_utf8(done.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON in each line")).collect()
}

#[test]
fn what_suricata_writes_of_protocols_stands_under_the_same_names_here() {
    let Some(suite) = suite() else { return };
    let mut folders = Vec::new();
    tests(&suite, &mut folders);
    let (mut held, mut all, mut unknown) = (0, 0, Vec::new());
    let mut stale: Vec<_> = KNOWN.iter().collect();
    for folder in folders {
        let test = checks::read(&std::fs::read_to_string(folder.join("test.yaml")).expect("readable"));
        let wanted = |check: &&checks::Check| {
            check.before.is_none() && check.event_type().is_some_and(|kind| TYPES.contains(&kind))
        };
        let wanted: Vec<_> = test.checks.iter().filter(wanted).collect();
        let name = folder.strip_prefix(&suite).expect("within").to_string_lossy().into_owned();
        let Some(capture) = capture(&folder, test.pcap.as_deref()).filter(|_| !wanted.is_empty()) else { continue };
        let records = eve(&capture);
        for check in wanted {
            all += 1;
            let count = records.iter().filter(|record| check.holds_for(record)).count() as u64;
            if count == check.count {
                held += 1;
                continue;
            }
            let asks = |what: &str| check.matches.iter().any(|(key, _)| key.contains(what));
            match KNOWN.iter().find(|(test, what, _)| *test == name && asks(what)) {
                Some(known) => {
                    eprintln!("not held: {name}: {}", known.2);
                    stale.retain(|(test, what, _)| (*test, *what) != (known.0, known.1));
                }
                None => unknown.push(format!("{name}: {count} of {}: {:?}", check.count, check.matches)),
            }
        }
    }
    eprintln!("{held} of {all} checks hold");
    assert!(unknown.is_empty(), "not held, and not known why:\n{}", unknown.join("\n"));
    assert!(stale.is_empty(), "held after all: {stale:?}");
    assert!(all >= 19, "only {all} checks were read");
}

#[test]
fn checks_are_read_as_they_are_meant() {
    let text = "requires:\n  min-version: 8\npcap: ../a/b.pcap\nchecks:\n- filter:\n    count: 2\n    match:\n      event_type: dns\n      dns.queries[0].rrname: \"a.b\"\n    requires:\n      lt-version: 9\n  - filter:\n      match:\n        event_type: tls\n        has-key: tls.sni\n";
    let test = checks::read(text);
    assert_eq!((test.pcap.as_deref(), test.checks.len()), (Some("../a/b.pcap"), 2));
    let [dns, tls] = &test.checks[..] else { panic!("two") };
    assert_eq!((dns.count, dns.before.as_deref(), dns.event_type()), (2, Some("9"), Some("dns")));
    let record = serde_json::json!({"event_type": "dns", "dns": {"queries": [{"rrname": "a.b"}]}});
    assert!(dns.holds_for(&record) && !tls.holds_for(&record));
    assert_eq!(tls.count, 1);
}
