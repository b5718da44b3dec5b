//! A port that a mirror arrives on: a veth pair, its far end in a namespace of its own.

use crate::places::{installed, skipped};
use crate::programs::run;
use anyhow::Result;
use std::process::Command;
use std::time::Duration;

pub struct Mirror {
    /// The sensor's port, in the namespace of the test.
    pub port: String,
    space: String,
}

fn sh(words: &[&str]) -> Result<String> {
    Ok(run(Command::new(words[0]).args(&words[1..]), Duration::from_secs(20))?.ok()?.stdout())
}

/// May this test make namespaces? If not, that is said on stderr.
pub fn possible() -> bool {
    let able = nix::unistd::geteuid().is_root() && installed("ip") && installed("ping") && installed("dig");
    if !able {
        skipped("a live port needs root, ip, ping and dig");
    }
    able
}

impl Mirror {
    pub fn open() -> Result<Self> {
        let id = std::process::id() % 100_000;
        let mirror = Mirror { port: format!("hlm{id}"), space: format!("holter-mirror-{id}") };
        let (port, space) = (mirror.port.as_str(), mirror.space.as_str());
        sh(&["ip", "netns", "add", space])?;
        sh(&["ip", "link", "add", port, "type", "veth", "peer", "name", "far", "netns", space])?;
        sh(&["sysctl", "-qw", &format!("net.ipv6.conf.{port}.disable_ipv6=1")])?;
        sh(&["ip", "link", "set", port, "arp", "off", "up"])?;
        mirror.far(&["ip", "link", "set", "lo", "up"])?;
        mirror.far(&["ip", "addr", "add", "192.0.2.1/24", "dev", "far"])?;
        mirror.far(&["ip", "link", "set", "far", "up"])?;
        Ok(mirror)
    }

    /// Runs a program at the far end.
    pub fn far(&self, words: &[&str]) -> Result<String> {
        sh(&[&["ip", "netns", "exec", &self.space], words].concat())
    }

    /// Runs a program at the far end that nobody answers.
    pub fn unanswered(&self, words: &[&str]) -> Result<()> {
        let mut command = Command::new("ip");
        run(command.args(["netns", "exec", &self.space]).args(words), Duration::from_secs(20)).map(drop)
    }

    /// Frames that left the sensor's port.
    pub fn transmitted(&self) -> Result<u64> {
        let path = format!("/sys/class/net/{}/statistics/tx_packets", self.port);
        Ok(std::fs::read_to_string(path)?.trim().parse()?)
    }

    /// Frames that arrived at the far end.
    pub fn heard_far(&self) -> Result<u64> {
        Ok(self.far(&["cat", "/sys/class/net/far/statistics/rx_packets"])?.trim().parse()?)
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        let _ = sh(&["ip", "link", "del", &self.port]);
        let _ = sh(&["ip", "netns", "del", &self.space]);
    }
}
