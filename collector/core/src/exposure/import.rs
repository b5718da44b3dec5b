//! Files that a site gives: advisories and catalogues, told apart by what stands in them. Nothing is fetched from here.

use super::csaf::{self, FILE_MAX};
use super::error::FileError;
use super::kev::Kev;
use super::shelf::{Put, Shelf};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a collector knows of vulnerabilities.
#[derive(Debug, Clone, Default)]
pub struct Library {
    pub shelf: Shelf,
    pub kev: Kev,
    pub counts: ImportCounts,
}

/// What became of the files so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportCounts {
    pub new: u64,
    pub replaced: u64,
    pub older: u64,
    /// At a bound of the shelf.
    pub refused: u64,
    pub catalogues: u64,
    /// Could not be read.
    pub faulty: u64,
}

/// What a file was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A CSAF advisory of this id.
    Advisory(String, Put),
    /// A catalogue of known exploited vulnerabilities with so many entries. The one before is gone.
    Catalogue(usize),
}

#[derive(Deserialize)]
struct Kind {
    document: Option<IgnoredAny>,
    #[serde(rename = "catalogVersion")]
    catalogue: Option<IgnoredAny>,
}

impl Library {
    pub fn new() -> Result<Library, FileError> {
        Ok(Library { shelf: Shelf::new()?, ..Library::default() })
    }

    /// Takes one file. `file` is its name for errors; a fault leaves everything as it was.
    pub fn take(&mut self, file: &str, bytes: &[u8]) -> Result<Taken, FileError> {
        let taken = self.try_take(file, bytes);
        let count = match &taken {
            Ok(Taken::Advisory(_, Put::New)) => &mut self.counts.new,
            Ok(Taken::Advisory(_, Put::Replaced)) => &mut self.counts.replaced,
            Ok(Taken::Advisory(_, Put::Older)) => &mut self.counts.older,
            Ok(Taken::Advisory(_, Put::Refused)) => &mut self.counts.refused,
            Ok(Taken::Catalogue(_)) => &mut self.counts.catalogues,
            Err(_) => &mut self.counts.faulty,
        };
        *count = count.saturating_add(1);
        taken
    }

    fn try_take(&mut self, file: &str, bytes: &[u8]) -> Result<Taken, FileError> {
        if bytes.len() > FILE_MAX.max(super::kev::KEV_FILE_MAX) {
            return Err(FileError::whole(file, "larger than any file that is read"));
        }
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let kind: Kind = serde_json::from_slice(plain).map_err(|error| FileError::json(file, &error))?;
        match (kind.document, kind.catalogue) {
            (Some(_), None) => {
                let advisory = csaf::read(file, bytes)?;
                let id = advisory.id.clone();
                Ok(Taken::Advisory(id, self.shelf.put(advisory)))
            }
            (None, Some(_)) => {
                self.kev = Kev::read(file, bytes)?;
                Ok(Taken::Catalogue(self.kev.len()))
            }
            _ => Err(FileError::whole(file, "neither a CSAF advisory nor a catalogue of exploited vulnerabilities")),
        }
    }
}
