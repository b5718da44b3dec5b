//! Insecure protocols that a device speaks, since when, and what to do about them.

use super::error::FileError;
use super::subject::Subject;
use holter_terms::{Nanos, Protocol, Severity, Visibility};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use toml::Spanned;

/// The most entries of the table.
pub(crate) const ENTRIES_MAX: usize = 200;

/// An entry of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Insecure {
    pub id: String,
    pub title: String,
    pub protocol: Protocol,
    pub visibility: Option<Visibility>,
    /// What a decoder must have seen beyond the protocol's name.
    #[serde(rename = "trait")]
    pub needs: Option<String>,
    pub grade: Severity,
    pub why: String,
    pub action: String,
}

/// An entry that fits a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spoken<'a> {
    pub entry: &'a Insecure,
    pub since: Nanos,
    /// When it was last seen; the time it was first seen where only that is told.
    pub last: Nanos,
    pub ports: BTreeSet<u16>,
}

/// The table of insecure protocols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsecureTable {
    entries: Vec<Insecure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    insecure: Vec<FileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    id: Spanned<String>,
    title: String,
    protocol: Spanned<String>,
    visibility: Option<Spanned<String>>,
    r#trait: Option<String>,
    grade: Spanned<String>,
    why: String,
    action: String,
}

impl InsecureTable {
    pub fn built_in() -> Result<InsecureTable, FileError> {
        InsecureTable::read("insecure.toml", include_str!("data/insecure.toml"))
    }

    pub fn read(file: &str, text: &str) -> Result<InsecureTable, FileError> {
        let parsed: File = toml::from_str(text).map_err(|error| FileError::toml(file, text, &error))?;
        if parsed.insecure.len() > ENTRIES_MAX {
            return Err(FileError::whole(file, format!("more than {ENTRIES_MAX} entries")));
        }
        let at = |span, what: &str| FileError::at(file, text, span, what);
        let mut entries: Vec<Insecure> = Vec::new();
        for entry in parsed.insecure {
            if entries.iter().any(|other| other.id == *entry.id.get_ref()) {
                return Err(at(entry.id.span(), "an entry of this id is there already"));
            }
            let protocol = Protocol::parse(entry.protocol.get_ref()).filter(|protocol| *protocol != Protocol::Other);
            let visibility = match &entry.visibility {
                None => None,
                Some(word) => {
                    Some(Visibility::parse(word.get_ref()).ok_or_else(|| at(word.span(), "no such visibility"))?)
                }
            };
            entries.push(Insecure {
                protocol: protocol.ok_or_else(|| at(entry.protocol.span(), "no such protocol"))?,
                grade: Severity::parse(entry.grade.get_ref())
                    .ok_or_else(|| at(entry.grade.span(), "no such severity"))?,
                visibility,
                id: entry.id.into_inner(),
                title: entry.title,
                needs: entry.r#trait,
                why: entry.why,
                action: entry.action,
            });
        }
        Ok(InsecureTable { entries })
    }

    pub fn entries(&self) -> &[Insecure] {
        &self.entries
    }

    /// What fits a device, the gravest first.
    pub fn spoken<'a>(&'a self, subject: &Subject<'_>) -> Vec<Spoken<'a>> {
        let mut found: Vec<Spoken<'a>> = self.entries.iter().filter_map(|entry| entry.fits(subject)).collect();
        found.sort_by_key(|spoken| std::cmp::Reverse(spoken.entry.grade));
        found
    }
}

impl Insecure {
    /// Since when a device speaks it; none where it does not.
    pub fn since(&self, subject: &Subject<'_>) -> Option<Nanos> {
        self.fits(subject).map(|spoken| spoken.since)
    }

    fn fits(&self, subject: &Subject<'_>) -> Option<Spoken<'_>> {
        let services = subject.services.iter().filter(|service| {
            service.protocol == self.protocol && self.visibility.is_none_or(|wanted| service.visibility == wanted)
        });
        let ports: BTreeSet<u16> = services.clone().map(|service| service.port).collect();
        let last = services.clone().map(|service| service.last).max();
        let since = match &self.needs {
            None => services.map(|service| service.first).min()?,
            Some(needs) => subject.traits.iter().filter(|(seen, _)| seen == needs).map(|(_, since)| *since).min()?,
        };
        Some(Spoken { entry: self, since, last: last.unwrap_or(since).max(since), ports })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::Service;

    fn service(protocol: Protocol, port: u16, visibility: Visibility, first: Nanos, last: Nanos) -> Service {
        Service { protocol, port, visibility, first, last }
    }

    #[test]
    fn an_insecure_protocol_is_told_since_it_was_first_seen() {
        let table = InsecureTable::built_in().unwrap();
        let services = [
            service(Protocol::Telnet, 23, Visibility::Clear, 50, 60),
            service(Protocol::Telnet, 2323, Visibility::Clear, 20, 30),
            service(Protocol::Dicom, 104, Visibility::Clear, 5, 90),
            service(Protocol::Dicom, 2762, Visibility::Encrypted, 1, 90),
        ];
        let subject = Subject { services: &services, ..Subject::default() };
        let spoken = table.spoken(&subject);
        let told: Vec<_> = spoken.iter().map(|s| (s.entry.id.as_str(), s.since, s.last)).collect();
        assert_eq!(told, [("telnet", 20, 60), ("dicom", 5, 90)]);
        assert_eq!(spoken[0].ports, BTreeSet::from([23, 2323]));
        assert_eq!(spoken[1].ports, BTreeSet::from([104]));
    }

    #[test]
    fn what_only_a_decoder_can_see_is_not_concluded_from_a_port() {
        let table = InsecureTable::built_in().unwrap();
        let services = [
            service(Protocol::Smb, 445, Visibility::Clear, 1, 2),
            service(Protocol::Rdp, 3389, Visibility::Clear, 1, 2),
            service(Protocol::Snmp, 161, Visibility::Clear, 1, 2),
            service(Protocol::Tls, 443, Visibility::Encrypted, 1, 2),
        ];
        let mut subject = Subject { services: &services, ..Subject::default() };
        assert!(table.spoken(&subject).is_empty());
        subject.traits = &[("smb1", 7), ("smb1", 3)];
        let spoken = table.spoken(&subject);
        assert_eq!((spoken[0].entry.id.as_str(), spoken[0].since, spoken[0].last), ("smb1", 3, 3));
    }

    #[test]
    fn every_entry_says_why_and_what_to_do() {
        for entry in InsecureTable::built_in().unwrap().entries() {
            assert!(entry.why.ends_with('.') && entry.action.ends_with('.'), "{}", entry.id);
            assert!(entry.visibility.is_some() || entry.needs.is_some() || entry.id == "tftp", "{}", entry.id);
        }
    }

    #[test]
    fn a_fault_of_the_table_has_line_and_column() {
        let one = "[[insecure]]\nid = \"x\"\ntitle = \"x\"\nprotocol = \"nope\"\ngrade = \"low\"\nwhy = \"\"\naction = \"\"\n";
        let error = InsecureTable::read("i.toml", one).unwrap_err();
        assert_eq!(error.to_string(), "i.toml:4:12: no such protocol");
        let twice = one.replace("nope", "ftp").repeat(2);
        assert_eq!(InsecureTable::read("i.toml", &twice).unwrap_err().line, 9);
        let many: String = (0..=ENTRIES_MAX)
            .map(|n| one.replace("nope", "ftp").replace("id = \"x\"", &format!("id = \"{n}\"")))
            .collect();
        assert!(InsecureTable::read("i.toml", &many).unwrap_err().what.contains("more than"));
    }
}
