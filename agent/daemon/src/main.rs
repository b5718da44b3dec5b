//! `holter-agent`: a passive sensor for clinical networks. This file only chooses what to do and how to end.

mod cli;
mod config;
mod doctor;
mod enroll;
mod eve;
mod events;
mod exit;
mod fingerprints;
mod forward;
mod identity;
mod inventory;
mod json;
mod keeper;
mod keys;
mod launch;
mod linked;
mod logs;
mod metrics;
mod replay;
mod run;
mod sense;
mod sink;
mod spool;
mod tls;
mod uplink;

use clap::Parser;
use std::process::ExitCode;

/// This program's version as it travels.
pub(crate) const VERSION: [u16; 3] = [0, 1, 0];

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logs::begin(&cli.log);
    exit::code(run::command(&cli.command))
}

/// Nanoseconds since the Unix epoch.
#[allow(clippy::disallowed_methods)] // this program is the shell that owns the clock
pub(crate) fn wall() -> holter_terms::Nanos {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Nanoseconds of the monotonic clock since the machine started.
pub(crate) fn mono() -> u64 {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC);
    now.map_or(0, |now| now.tv_sec().unsigned_abs() * 1_000_000_000 + now.tv_nsec().unsigned_abs())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_that_travels_is_the_version_of_the_program() {
        let [major, minor, patch] = super::VERSION;
        assert_eq!(format!("{major}.{minor}.{patch}"), env!("CARGO_PKG_VERSION"));
    }
}
