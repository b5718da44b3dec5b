//! The captures, and where what the oracle says of each is to be had.

use crate::ask;
use crate::oracle::{COMMON, Rows, read};
use crate::table::Table;
use holter_tests::places;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The captures in which DICOM and HL7 may be: ours, of the lab.
pub(crate) const CLINICAL: &str = "clinical__";
/// Ours of other programs, which are part of the repository.
const OWN: &str = "own__";

pub(crate) struct Capture {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The folder of the oracle's files; without one the oracle is asked for all that they would hold.
    files: Option<PathBuf>,
}

/// Whether a capture of this name was made by others.
pub(crate) fn is_public(name: &str) -> bool {
    !name.starts_with(CLINICAL) && !name.starts_with(OWN)
}

/// Those of the corpus.
pub(crate) fn shared(corpus: &Path) -> Vec<Capture> {
    let index = fs::read_to_string(corpus.join("oracle/index.tsv")).unwrap();
    let names = index.lines().skip(1).filter_map(|line| line.split('\t').next());
    names
        .map(|name| Capture {
            name: name.to_owned(),
            path: match name.strip_prefix(CLINICAL) {
                Some(clinical) => corpus.join("clinical").join(clinical),
                None => corpus.join("captures").join(name),
            },
            files: Some(corpus.join("oracle")),
        })
        .collect()
}

/// Those beside the tables.
pub(crate) fn own() -> Vec<Capture> {
    let folder = places::root().join("tests/conformance/captures");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pcap"));
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let all: Vec<_> = paths.into_iter().map(|path| Capture { name: name(&path), path, files: None }).collect();
    assert!(all.iter().all(|capture| capture.name.starts_with(OWN)), "a capture beside the tables is not called {OWN}");
    all
}

impl Capture {
    /// Every frame; `None` where the oracle could read none.
    pub(crate) fn frames(&self, tables: &[Table]) -> Option<Rows> {
        match &self.files {
            Some(files) => read(&files.join(format!("{}.frame.tsv", self.name))),
            None => self.asked(tables.iter().find(|table| table.name == "frame")?, &["frame"]),
        }
    }

    /// What the oracle says of the frames of one protocol; `None` where it saw nothing of it.
    pub(crate) fn rows(&self, table: &Table, frames: &Rows) -> Option<Rows> {
        if let Some(files) = &self.files {
            return read(&files.join(format!("{}.{}.tsv", self.name, table.name)));
        }
        let met: BTreeSet<&str> = frames.rows.iter().flat_map(|row| frames.layers(row)).collect();
        let of: Vec<&str> = match table.name.as_str() {
            "frame" => vec!["frame"],
            _ => table.layers().into_iter().filter(|layer| met.contains(layer)).collect(),
        };
        if of.is_empty() { None } else { self.asked(table, &of) }
    }

    /// The columns with which every file begins, then those of the table.
    fn asked(&self, table: &Table, layers: &[&str]) -> Option<Rows> {
        let mut columns: Vec<&str> = COMMON.iter().skip(1).copied().collect();
        columns.extend(table.column.iter().map(|column| column.name.as_str()).filter(|name| !COMMON.contains(name)));
        ask::columns(&self.path, layers, &columns)
    }
}
