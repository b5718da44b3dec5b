//! The configuration file of `--config`: TOML, read whole before anything else is done. What is wrong with it is said
//! as `file:line:column: reason`.

use crate::exit::Failure;
use crate::fingerprints::Sources;
use holter_engine::{OverlapPolicy, Overlaps, Zones};
use holter_terms::Zone;
use ipnet::IpNet;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// The largest file that is read, in bytes.
pub(crate) const MAX_BYTES: u64 = 1024 * 1024;

/// ```toml
/// overlap = "first"       # what machines make of data that overlaps: first, last, bsd, linux or windows (up to 2003)
///
/// [[zones]]
/// network = "10.20.0.0/24"
/// zone = "clinical"       # clinical, corporate, external or unknown
/// overlap = "linux"       # where the machines of a zone differ from the others
/// ```
///
/// and the table `[fingerprints]`, see [`Sources`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default)]
    overlap: OverlapPolicy,
    #[serde(default)]
    zones: Vec<ZoneEntry>,
    #[serde(default)]
    fingerprints: Sources,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ZoneEntry {
    network: IpNet,
    zone: Zone,
    overlap: Option<OverlapPolicy>,
}

impl Config {
    pub(crate) fn read(path: &Path) -> Result<Config, Failure> {
        let refused = |reason: String| Failure::Refused(format!("{}:{reason}", path.display()));
        let size = fs::metadata(path).map_err(|error| refused(format!(" {error}")))?.len();
        if size > MAX_BYTES {
            return Err(refused(format!(" {size} bytes; a configuration has at most {MAX_BYTES}")));
        }
        let text = fs::read_to_string(path).map_err(|error| refused(format!(" {error}")))?;
        Config::parse(&text).map_err(refused)
    }

    pub(crate) fn zones(&self) -> impl Iterator<Item = (IpNet, Zone)> {
        self.zones.iter().map(|entry| (entry.network, entry.zone))
    }

    pub(crate) fn fingerprints(&self) -> &Sources {
        &self.fingerprints
    }

    pub(crate) fn overlaps(&self) -> Overlaps {
        let networks = self.zones.iter().filter_map(|entry| Some((entry.network, entry.overlap?)));
        Overlaps::new(self.overlap, networks)
    }

    /// The configuration, or `line:column: reason`.
    fn parse(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            format!("{line}:{column}: {}", error.message())
        })?;
        if config.zones.len() > Zones::MAX {
            return Err(format!("1:1: {} zones; there can be at most {}", config.zones.len(), Zones::MAX));
        }
        if let Some(fault) = config.fingerprints.fault() {
            return Err(format!("1:1: [fingerprints]: {fault}"));
        }
        Ok(config)
    }
}

/// Line and column of a byte, both from 1; columns count characters.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_begins = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_begins..).unwrap_or_default().chars().count();
    (before.matches('\n').count() + 1, column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read() {
        let config =
            Config::parse("[[zones]]\nnetwork = \"10.20.0.0/24\"\nzone = \"clinical\"\n").expect("a configuration");
        assert_eq!(config.zones().collect::<Vec<_>>(), [("10.20.0.0/24".parse().expect("a network"), Zone::Clinical)]);
        assert_eq!(Config::parse("").map(|config| config.zones().count()), Ok(0));
    }

    #[test]
    fn what_machines_make_of_overlaps_is_read() {
        let text =
            "overlap = \"bsd\"\n[[zones]]\nnetwork = \"10.20.0.0/24\"\nzone = \"clinical\"\noverlap = \"linux\"\n";
        let overlaps = Config::parse(text).expect("a configuration").overlaps();
        let of = |ip: &str| overlaps.of(ip.parse().expect("an address"));
        assert_eq!((of("10.20.0.7"), of("10.21.0.7")), (OverlapPolicy::Linux, OverlapPolicy::Bsd));
        assert!(Config::parse("overlap = \"newest\"").is_err_and(|error| error.starts_with("1:11: ")));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, place) in [
            ("zone = 1", "1:1: "),
            ("[[zones]]\nnetwork = \"10.20.0.0/24\"\nzone = \"ward\"", "3:8: "),
            ("[[zones]]\nnetwork = \"10.20.0.0/33\"\nzone = \"clinical\"", "2:11: "),
            ("[[zones]]\nnetwork = \"fd20::/64\"", "1:1: "),
            ("# é\n[[zones", "2:8: "),
            ("[fingerprints]\nbundle = \"b.json\"", "1:1: "),
            ("[fingerprints]\nfolders = []", "2:1: "),
        ] {
            let error = Config::parse(text).expect_err(text);
            assert!(error.starts_with(place), "{text:?}: {error}");
        }
        let many = "[[zones]]\nnetwork = \"10.0.0.0/8\"\nzone = \"clinical\"\n".repeat(Zones::MAX + 1);
        assert!(Config::parse(&many).is_err_and(|error| error.contains("1025 zones")));
    }
}
