//! The tables that say how the oracle's columns answer to our fields, and the exceptions.

use crate::oracle::{Row, Rows, read};
use serde::Deserialize;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One protocol of the oracle.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// The oracle's name of it: the file's.
    #[serde(skip)]
    pub(crate) name: String,
    /// Ours, where it is another.
    pub(crate) protocol: Option<String>,
    /// The oracle's names of its layers, where they are others than the file's.
    #[serde(default)]
    pub(crate) layers: Vec<String>,
    /// Why what ours says of frames that the oracle's file has not is left out: one decoder of ours for several of its
    /// protocols, say.
    pub(crate) shared: Option<String>,
    /// No difference may be unexplained.
    #[serde(default)]
    pub(crate) strict: bool,
    /// Whether the oracle has a file of columns for it. If not, its frames are known by their layers.
    #[serde(default = "yes")]
    pub(crate) file: bool,
    #[serde(default)]
    pub(crate) column: Vec<Column>,
}

fn yes() -> bool {
    true
}

/// A column of the oracle, and what of ours answers to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Our fields; all their values together.
    #[serde(default)]
    pub(crate) fields: Vec<String>,
    /// Why it is not compared.
    pub(crate) reason: Option<String>,
    /// Steps of `convert.rs` that both sides take, then those of one side.
    #[serde(default, rename = "as")]
    pub(crate) both: Vec<String>,
    #[serde(default)]
    pub(crate) oracle: Vec<String>,
    #[serde(default)]
    pub(crate) ours: Vec<String>,
    /// Words of the oracle that ours says otherwise.
    #[serde(default)]
    pub(crate) map: BTreeMap<String, String>,
    /// Values that are said by absence, on both sides.
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    /// Which of the oracle's values: `all`, `first`, `last`, `innermost` (of the packet, not of one quoted in an ICMP
    /// error), or the name of a column that says how many from the start.
    #[serde(default)]
    pub(crate) pick: Option<String>,
    /// A separator of this column that stands for the oracle's own, or `""` for a column that is one value.
    pub(crate) split: Option<String>,
    /// Each value counts once per frame.
    #[serde(default)]
    pub(crate) distinct: bool,
    /// Why ours need only be among the oracle's.
    pub(crate) within: Option<String>,
    /// Why the oracle's need only be among ours.
    pub(crate) covers: Option<String>,
}

impl Table {
    pub(crate) fn ours(&self) -> &str {
        self.protocol.as_deref().unwrap_or(&self.name)
    }

    pub(crate) fn layers(&self) -> Vec<&str> {
        match self.layers.is_empty() {
            true => vec![&self.name],
            false => self.layers.iter().map(String::as_str).collect(),
        }
    }

    /// The oracle's rows for one capture; those of the frames where it has no file of its own.
    pub(crate) fn rows(&self, corpus: &Path, capture: &str, frames: &Rows) -> Option<Rows> {
        if self.file {
            return read(&corpus.join(format!("oracle/{capture}.{}.tsv", self.name)));
        }
        let layers = self.layers();
        let rows: Vec<Row> =
            frames.rows.iter().filter(|row| frames.layers(row).any(|layer| layers.contains(&layer))).cloned().collect();
        (!rows.is_empty()).then(|| Rows { columns: frames.columns.clone(), rows })
    }
}

pub(crate) fn all(home: &Path) -> Vec<Table> {
    let mut paths: Vec<_> = fs::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "exceptions"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let mut table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            table.name = path.file_stem().unwrap().to_string_lossy().into_owned();
            table
        })
        .collect()
}

/// A difference that is explained.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    pub(crate) protocols: Vec<String>,
    /// The capture's name, or a part of it between `*`.
    pub(crate) capture: Option<String>,
    /// Columns; `claim` for frames that ours claims not. None are all.
    #[serde(default)]
    pub(crate) columns: Vec<String>,
    #[serde(default)]
    pub(crate) frames: Vec<u64>,
    /// What the oracle says of the frame, all of it: `column` (has a value), `!column` (has none), `column=value`,
    /// `column~part`. `ours` stands for what we say of this frame in this protocol, `link` for what the link room made of
    /// it: `packet`, `nothing`, or why it refused the frame.
    #[serde(default)]
    pub(crate) when: Vec<String>,
    /// The value, as compared, that only one side has.
    pub(crate) oracle: Option<String>,
    pub(crate) ours: Option<String>,
    /// The standard, or the oracle's fault.
    pub(crate) reason: String,
    #[serde(skip)]
    pub(crate) used: Cell<u64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    #[serde(default)]
    pub(crate) exception: Vec<Exception>,
}

/// A value that only one side has.
pub(crate) struct Difference<'a> {
    pub(crate) capture: &'a str,
    pub(crate) column: &'a str,
    pub(crate) frame: u64,
    pub(crate) oracle: Option<&'a str>,
    pub(crate) ours: Option<&'a str>,
    /// Whether ours says anything of the frame in this protocol.
    pub(crate) speaks: bool,
    /// What the link room made of the frame.
    pub(crate) link: &'a str,
    /// The oracle's rows of this protocol.
    pub(crate) rows: &'a Rows,
}

impl Exceptions {
    pub(crate) fn read(path: &Path) -> Exceptions {
        let text = fs::read_to_string(path).unwrap_or_default();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The first exception that explains it, which thereby has its use.
    pub(crate) fn explains(&self, protocol: &str, difference: &Difference<'_>, frames: &Rows) -> bool {
        let row = frames.of(difference.frame);
        let found = self.exception.iter().find(|one| one.fits(protocol, difference, frames, row));
        if let Some(found) = found {
            found.used.set(found.used.get() + 1);
        }
        found.is_some()
    }

    /// Those that explained nothing although their protocols were compared.
    pub(crate) fn idle(&self, tables: &[Table]) -> Vec<String> {
        self.exception
            .iter()
            .filter(|one| one.used.get() == 0)
            .filter(|one| {
                one.protocols.iter().any(|name| name == "*" || tables.iter().any(|table| table.name == *name))
            })
            .map(|one| format!("{:?} {:?}: {}", one.protocols, one.capture, one.reason))
            .collect()
    }
}

impl Exception {
    fn fits(&self, protocol: &str, difference: &Difference<'_>, frames: &Rows, row: Option<&Row>) -> bool {
        let named = |pattern: &String| match pattern.trim_matches('*') {
            part if part.len() < pattern.len() => difference.capture.contains(part),
            whole => difference.capture == whole,
        };
        let value = |wanted: &Option<String>, got: Option<&str>| wanted.as_deref().is_none_or(|w| got == Some(w));
        self.protocols.iter().any(|name| name == protocol || name == "*")
            && self.capture.as_ref().is_none_or(named)
            && (self.columns.is_empty() || self.columns.iter().any(|column| column == difference.column))
            && (self.frames.is_empty() || self.frames.contains(&difference.frame))
            && value(&self.oracle, difference.oracle)
            && value(&self.ours, difference.ours)
            && self.when.iter().all(|condition| holds(condition, difference, frames, row))
    }
}

fn holds(condition: &str, difference: &Difference<'_>, frames: &Rows, row: Option<&Row>) -> bool {
    let cell = |column: &str| match column {
        "link" => difference.link,
        "ours" if difference.speaks => "yes",
        "ours" => "",
        _ => {
            let own = difference.rows.of(difference.frame).map_or("", |row| difference.rows.cell(row, column));
            if own.is_empty() { row.map_or("", |row| frames.cell(row, column)) } else { own }
        }
    };
    if let Some(column) = condition.strip_prefix('!') {
        cell(column).is_empty()
    } else if let Some((column, part)) = condition.split_once('~') {
        cell(column).contains(part)
    } else if let Some((column, value)) = condition.split_once('=') {
        cell(column) == value
    } else {
        !cell(condition).is_empty()
    }
}
