//! The tables that say how the oracle's columns answer to our fields.

use serde::Deserialize;
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
    /// Layers whose frames another table compares with the same fields of ours.
    #[serde(default)]
    pub(crate) beside: Vec<String>,
    /// Layers within which the oracle reads the protocol as well, and why ours does not: such frames are left out, and
    /// what ours would say of them is a difference.
    #[serde(default)]
    pub(crate) left_out: BTreeMap<String, String>,
    /// Layers of which frames columns are asked, where they are not those of the protocol.
    #[serde(default)]
    pub(crate) ask: Vec<String>,
    /// No difference may be unexplained.
    #[serde(default = "yes")]
    pub(crate) strict: bool,
    /// Why more is explained than may be.
    pub(crate) above: Option<String>,
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
    /// The oracle's files have it not: it is asked of the oracle.
    #[serde(default)]
    pub(crate) asked: bool,
    /// Other columns of the oracle, asked too, whose values count as of this one: `a`, or `a+b` for those of two columns,
    /// one by one, with a dot between.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    /// A column that stands in where this one has nothing; asked too.
    #[serde(default)]
    pub(crate) instead: Option<String>,
    /// Only what takes this many bytes in the frame, where the column has the value that stands beside it.
    #[serde(default)]
    pub(crate) sized: Option<(u32, String)>,
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
    /// Conditions on the oracle's row, as those of exceptions, without which neither side's values count.
    #[serde(default)]
    pub(crate) when: Vec<String>,
    /// What a reader of the report should know.
    pub(crate) note: Option<String>,
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
