//! CISA's catalogue of known exploited vulnerabilities, in its JSON form.

use super::csaf::TEXT_MAX;
use super::error::FileError;
use super::list::List;
use crate::civil;
use holter_terms::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most bytes of a catalogue; that of 2024 has 1 MB.
pub const KEV_FILE_MAX: usize = 32 << 20;
/// The most entries of a catalogue; that of 2024 has 1,200.
pub const KEV_MAX: usize = 50_000;

/// The catalogue, by CVE.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kev {
    pub version: String,
    pub released: String,
    by_cve: BTreeMap<String, Exploited>,
    /// Entries whose dates cannot be read; they count as exploited, without a date.
    pub undated: u32,
}

/// A vulnerability that somebody was seen to exploit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exploited {
    pub name: String,
    pub vendor: String,
    pub product: String,
    /// First nanosecond of the day, UTC.
    pub added: Option<Nanos>,
    /// By when US agencies must have acted.
    pub due: Option<Nanos>,
    pub action: String,
    /// Known to be used in ransomware campaigns.
    pub ransomware: bool,
}

#[derive(Deserialize)]
struct RawCatalogue {
    #[serde(rename = "catalogVersion")]
    version: String,
    #[serde(rename = "dateReleased", default)]
    released: String,
    vulnerabilities: List<RawEntry, KEV_MAX>,
}

#[derive(Deserialize)]
struct RawEntry {
    #[serde(rename = "cveID")]
    cve: String,
    #[serde(rename = "vendorProject", default)]
    vendor: String,
    #[serde(default)]
    product: String,
    #[serde(rename = "vulnerabilityName", default)]
    name: String,
    #[serde(rename = "dateAdded", default)]
    added: String,
    #[serde(rename = "dueDate", default)]
    due: String,
    #[serde(rename = "requiredAction", default)]
    action: String,
    #[serde(rename = "knownRansomwareCampaignUse", default)]
    ransomware: String,
}

impl Kev {
    /// Reads a catalogue. `file` is its name for errors.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Kev, FileError> {
        if bytes.len() > KEV_FILE_MAX {
            return Err(FileError::whole(file, format!("larger than {} MiB", KEV_FILE_MAX >> 20)));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let raw: RawCatalogue = serde_json::from_slice(bytes).map_err(|error| FileError::json(file, &error))?;
        let mut kev = Kev { version: raw.version, released: raw.released, ..Kev::default() };
        for mut entry in raw.vulnerabilities.0 {
            for text in [&mut entry.name, &mut entry.action, &mut entry.vendor, &mut entry.product] {
                super::csaf::shorten(text, TEXT_MAX);
            }
            let (added, due) = (civil::date(&entry.added), civil::date(&entry.due));
            if added.is_none() || due.is_none() {
                kev.undated = kev.undated.saturating_add(1);
            }
            let exploited = Exploited {
                name: entry.name,
                vendor: entry.vendor,
                product: entry.product,
                added,
                due,
                action: entry.action,
                ransomware: entry.ransomware == "Known",
            };
            kev.by_cve.insert(entry.cve, exploited);
        }
        Ok(kev)
    }

    pub fn get(&self, cve: &str) -> Option<&Exploited> {
        self.by_cve.get(cve)
    }

    pub fn len(&self) -> usize {
        self.by_cve.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_cve.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"title": "own words", "catalogVersion": "2026.11.01", "dateReleased": "2026-11-01T00:00:00Z",
        "count": 2, "vulnerabilities": [
        {"cveID": "CVE-2026-0001", "vendorProject": "Zeta", "product": "Box", "vulnerabilityName": "Zeta Box",
         "dateAdded": "2026-10-01", "shortDescription": "x", "requiredAction": "Update.", "dueDate": "2026-10-22",
         "knownRansomwareCampaignUse": "Known", "notes": "", "cwes": ["CWE-79"]},
        {"cveID": "CVE-2026-0002", "dateAdded": "soon", "dueDate": ""}]}"#;

    #[test]
    fn an_entry_has_its_dates_and_one_without_counts_as_exploited_all_the_same() {
        let kev = Kev::read("kev.json", ONE.as_bytes()).unwrap();
        let first = kev.get("CVE-2026-0001").unwrap();
        assert_eq!(first.due, civil::date("2026-10-22"));
        assert!(first.ransomware);
        assert_eq!((kev.get("CVE-2026-0002").unwrap().due, kev.undated, kev.len()), (None, 1, 2));
    }

    #[test]
    fn a_fault_has_line_and_column_and_repeats_nothing() {
        let error = Kev::read("kev.json", b"{\n \"catalogVersion\": [\"secret\"]}").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(Kev::read("kev.json", b"{\"catalogVersion\":\"1\"}").unwrap_err().what.contains("missing field"));
    }

    #[test]
    fn a_catalogue_beyond_its_bound_is_refused() {
        let entry = r#"{"cveID":"CVE-2026-0001"},"#;
        let many = format!(
            r#"{{"catalogVersion":"1","vulnerabilities":[{}]}}"#,
            entry.repeat(KEV_MAX + 1).trim_end_matches(',')
        );
        assert!(Kev::read("k", many.as_bytes()).unwrap_err().what.contains("more than 50000"));
        assert!(Kev::read("k", &vec![b' '; KEV_FILE_MAX + 1]).unwrap_err().what.contains("larger"));
    }
}
