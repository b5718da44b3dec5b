//! The tables that say how the oracle's columns answer to our fields, and the exceptions.

use crate::oracle::{QUOTING, Row, Rows, read};
use serde::Deserialize;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Conditions on the oracle's row, as those of exceptions, without which its values do not count.
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

    /// The oracle's rows for one capture, those of the frames where it has no file of its own; and how many are left out.
    pub(crate) fn rows(&self, corpus: &Path, capture: &str, frames: &Rows) -> Option<(Rows, u64)> {
        let layers = self.layers();
        let mut rows = match self.file {
            true => read(&corpus.join(format!("oracle/{capture}.{}.tsv", self.name)))?,
            false => {
                let holds = |row: &&Row| frames.layers(row).any(|layer| layers.contains(&layer));
                Rows { columns: frames.columns.clone(), rows: frames.rows.iter().filter(holds).cloned().collect() }
            }
        };
        let all = rows.rows.len();
        let kept: Vec<Row> = rows.rows.iter().filter(|row| self.counts(&rows, row)).cloned().collect();
        rows.rows = kept;
        if all == 0 {
            return None;
        }
        self.ask(&crate::path(corpus, capture), frames, &mut rows);
        let left = (all - rows.rows.len()) as u64;
        Some((rows, left))
    }

    /// Whether the protocol stands in the frame otherwise than within a layer that is left out.
    fn counts(&self, rows: &Rows, row: &Row) -> bool {
        if self.name == "frame" {
            return !is_part(rows, row);
        }
        let own = self.layers();
        let quoted = QUOTING.iter().filter(|layer| !own.contains(layer));
        let outer: BTreeSet<&str> = quoted.copied().chain(self.left_out.keys().map(String::as_str)).collect();
        let mut layers = rows.layers(row).take_while(|layer| !outer.contains(layer)).peekable();
        let beside = rows.layers(row).any(|layer| self.beside.iter().any(|one| one == layer));
        // A layer that the oracle has no name for is one of every frame in its file.
        let named = rows.layers(row).any(|layer| own.contains(&layer));
        !beside && (!named || layers.any(|layer| own.contains(&layer)))
    }

    /// Joins what the files lack.
    fn ask(&self, path: &Path, frames: &Rows, rows: &mut Rows) {
        let mut columns: Vec<&str> =
            self.column.iter().filter(|column| column.asked).map(|column| column.name.as_str()).collect();
        for column in &self.column {
            columns.extend(column.also.iter().flat_map(|also| also.split('+')));
            columns.extend(column.instead.as_deref());
            columns.extend(column.when.iter().map(|condition| named(condition)));
        }
        columns.sort_unstable();
        columns.dedup();
        columns.retain(|column| !rows.columns.iter().any(|name| name == column));
        let of: Vec<&str> =
            if self.ask.is_empty() { self.layers() } else { self.ask.iter().map(String::as_str).collect() };
        let met: BTreeSet<&str> = frames.rows.iter().flat_map(|row| frames.layers(row)).collect();
        let of: Vec<&str> = of.into_iter().filter(|layer| met.contains(layer)).collect();
        if !columns.is_empty()
            && !of.is_empty()
            && let Some(answer) = crate::ask::columns(path, &of, &columns)
        {
            rows.join(&answer);
        }
        for column in &self.column {
            let Some((bytes, value)) = &column.sized else { continue };
            let holds = |row: &&Row| rows.cell(row, &column.name).split('|').any(|one| one == value);
            let concerned: Vec<u64> = rows.rows.iter().filter(holds).map(|row| row.frame).collect();
            if !concerned.is_empty() {
                let filter = format!("{} == {value}", column.name);
                let values = crate::ask::sized(path, &filter, &column.name, *bytes);
                for frame in concerned {
                    let of_frame = values.iter().filter(|(at, _)| *at == frame).map(|(_, value)| value.as_str());
                    rows.put(frame, &column.name, of_frame.collect::<Vec<_>>().join("|"));
                }
            }
        }
    }
}

/// Whether the innermost packet of a frame is a fragment that completes nothing, by what the oracle says of it.
fn is_part(rows: &Rows, row: &Row) -> bool {
    let layers: Vec<&str> = rows.layers(row).collect();
    let quoting = layers.iter().position(|layer| QUOTING.contains(layer));
    let layers = &layers[..quoting.map_or(layers.len(), |at| at + 1)];
    let behind = match layers.iter().rposition(|layer| matches!(*layer, "ip" | "ipv6" | "ipv6.fraghdr")) {
        Some(at) => &layers[at..],
        None => return false,
    };
    if behind.iter().skip(1).any(|layer| *layer != "data") {
        return false;
    }
    let last = |column: &str| rows.cell(row, column).rsplit('|').next().unwrap_or_default().to_owned();
    let is_set = |value: String| !matches!(value.as_str(), "" | "0" | "False" | "0x0000");
    match behind[0] {
        "ip" => is_set(last("ip.flags.mf")) || is_set(last("ip.frag_offset")),
        "ipv6" => false,
        _ => is_set(last("ipv6.fraghdr.more")) || is_set(last("ipv6.fraghdr.offset")),
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

/// Stands for a column where all of a conversation is another protocol to the oracle.
pub(crate) const FOREIGN: &str = "conversation";

/// A difference that is explained.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    pub(crate) protocols: Vec<String>,
    /// The capture's name, or a part of it between `*`.
    pub(crate) capture: Option<String>,
    /// Columns; `claim` for frames that ours claims not, [`FOREIGN`] for conversations (by their first frame) that ours
    /// claims and the oracle takes for something else. None are all but the last.
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
    pub(crate) fn explains(&self, protocol: &str, difference: &Difference<'_>, frames: &Rows) -> Option<&str> {
        let row = frames.of(difference.frame);
        let found = self.exception.iter().find(|one| one.fits(protocol, difference, frames, row));
        if let Some(found) = found {
            found.used.set(found.used.get() + 1);
        }
        found.map(|found| found.reason.as_str())
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
            && (self.columns.is_empty() && difference.column != FOREIGN
                || self.columns.iter().any(|column| column == difference.column))
            && (self.frames.is_empty() || self.frames.contains(&difference.frame))
            && value(&self.oracle, difference.oracle)
            && value(&self.ours, difference.ours)
            && self.when.iter().all(|condition| holds(condition, difference, frames, row))
    }
}

/// The column that a condition is about.
fn named(condition: &str) -> &str {
    condition.trim_start_matches('!').split(['~', '=']).next().unwrap_or(condition)
}

fn holds(condition: &str, difference: &Difference<'_>, frames: &Rows, row: Option<&Row>) -> bool {
    is_met(condition, |column| match column {
        "link" => difference.link,
        "ours" if difference.speaks => "yes",
        "ours" => "",
        _ => {
            let own = difference.rows.of(difference.frame).map_or("", |row| difference.rows.cell(row, column));
            if own.is_empty() { row.map_or("", |row| frames.cell(row, column)) } else { own }
        }
    })
}

pub(crate) fn is_met<'r>(condition: &str, cell: impl Fn(&str) -> &'r str) -> bool {
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
