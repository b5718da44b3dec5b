//! A real translator of addresses, of namespaces and the kernel's own NAT, as its outer segment shows it.

mod played;

use holter_identity::NAMED;
use holter_terms::Attribute;
use holter_tests::capture::Capture;
use holter_tests::places::{installed, skipped};
use holter_tests::programs::run;
use played::{device, engine, identity, labs, truth};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const NAT: &str = "02:77:00:00:00:01";

/// Two networks and what joins them; gone when dropped.
struct Street {
    id: u32,
}

impl Street {
    fn open() -> Self {
        let street = Street { id: std::process::id() % 100_000 };
        let (inner, nat, outer) = (street.name("in"), street.name("nat"), street.name("out"));
        for space in [&inner, &nat, &outer] {
            sh(&["ip", "netns", "add", space]);
        }
        for (space, own, address) in [(&inner, "in", "10.77.0"), (&outer, "out", "192.0.2")] {
            sh(&["ip", "link", "add", "eth0", "netns", space, "type", "veth", "peer", "name", own, "netns", &nat]);
            sh(&["ip", "-n", space, "addr", "add", &format!("{address}.9/24"), "dev", "eth0"]);
            sh(&["ip", "-n", space, "link", "set", "eth0", "up"]);
            sh(&["ip", "-n", &nat, "addr", "add", &format!("{address}.1/24"), "dev", own]);
            sh(&["ip", "-n", &nat, "link", "set", own, "up"]);
        }
        sh(&["ip", "-n", &nat, "link", "set", "out", "address", NAT]);
        sh(&["ip", "-n", &inner, "route", "add", "default", "via", "10.77.0.1"]);
        street.within("nat", "sysctl -qw net.ipv4.ip_forward=1");
        street.within("nat", "nft add table ip t && nft 'add chain ip t out { type nat hook postrouting priority 100; }' && nft add rule ip t out oifname out masquerade");
        street
    }

    fn name(&self, place: &str) -> String {
        format!("holter-{place}-{}", self.id)
    }

    fn within(&self, place: &str, script: &str) {
        sh(&["ip", "netns", "exec", &self.name(place), "sh", "-c", script]);
    }

    /// Both begin connections to the outer machine, by turns, and are heard where they arrive.
    fn record(&self, to: &Path) {
        let mut ears = Command::new("ip")
            .args([
                "netns",
                "exec",
                &self.name("out"),
                "tcpdump",
                "-Z",
                "root",
                "--immediate-mode",
                "-U",
                "-q",
                "-i",
                "eth0",
                "-w",
            ])
            .arg(to)
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs(1));
        for _ in 0..4 {
            for place in ["in", "nat"] {
                let connect = "timeout 1 bash -c 'exec 3<>/dev/tcp/192.0.2.9/104' 2>/dev/null || true";
                self.within(place, connect);
            }
        }
        std::thread::sleep(Duration::from_millis(500));
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(ears.id() as i32), nix::sys::signal::Signal::SIGINT);
        ears.wait().unwrap();
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        for place in ["in", "nat", "out"] {
            let _ = Command::new("ip").args(["netns", "del", &self.name(place)]).status();
        }
    }
}

fn sh(words: &[&str]) {
    run(Command::new(words[0]).args(&words[1..]), Duration::from_secs(20)).unwrap().ok().unwrap();
}

fn role(captures: &Path) -> (Option<u8>, usize) {
    let (engine, _) = engine(&[captures.to_owned()]);
    let identity = identity(device(&engine, NAT).expect("the translator was heard"));
    let role = identity
        .verdicts
        .iter()
        .find(|verdict| verdict.attribute == Attribute::Role && verdict.value == "address-translator");
    (role.map(|role| role.confidence), Capture::read(captures).unwrap().records.len())
}

#[test]
fn who_speaks_for_another_machine_is_told_as_a_translator_of_addresses() {
    if !nix::unistd::geteuid().is_root() || !["ip", "nft", "tcpdump", "bash", "sysctl"].into_iter().all(installed) {
        skipped("a translator needs root, ip, nft, tcpdump and bash");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let street = Street::open();
    let mixed = folder.path().join("mixed.pcap");
    street.record(&mixed);
    let (sure, frames) = role(&mixed);
    assert!(sure >= Some(NAMED), "{sure:?} of {frames} frames");

    // The same machines, of which only the translator itself speaks.
    street.within("in", "ip route del default");
    let alone = folder.path().join("alone.pcap");
    street.record(&alone);
    assert_eq!(role(&alone).0, None);

    // Another system behind it: hops that no router took.
    street.within("in", "ip route add default via 10.77.0.1; sysctl -qw net.ipv4.ip_default_ttl=128");
    let other = folder.path().join("other.pcap");
    street.record(&other);
    assert!(role(&other).0 >= Some(NAMED));
}

#[test]
fn nobody_in_the_lab_is_taken_for_a_translator() {
    for (baseline, incident) in labs() {
        let hosts = truth(&incident);
        let (engine, _) = engine(&[baseline, incident]);
        assert!(hosts["hosts"].as_object().unwrap().len() > 10);
        for (key, device) in engine.devices().sorted() {
            let verdicts = identity(device).verdicts;
            assert!(verdicts.iter().all(|verdict| verdict.value != "address-translator"), "{key}");
        }
    }
}
