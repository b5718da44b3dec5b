//! Differences that are explained.

use crate::oracle::{Row, Rows};
use crate::table::Table;
use serde::Deserialize;
use std::cell::Cell;
use std::fs;
use std::path::Path;

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
    /// What the oracle says of the frame, all of it: `column` (has a value), `column=value`, `column~part`,
    /// `column<column`, and `!` before one that must not hold. `ours` stands for what we say of this frame in this protocol, `link` for what the link room made of
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
pub(crate) fn named(condition: &str) -> &str {
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
    if let Some(condition) = condition.strip_prefix('!') {
        !is_met(condition, cell)
    } else if let Some((less, more)) = condition.split_once('<') {
        let number = |column| cell(column).parse::<u64>().ok();
        matches!((number(less), number(more)), (Some(less), Some(more)) if less < more)
    } else if let Some((column, part)) = condition.split_once('~') {
        cell(column).contains(part)
    } else if let Some((column, value)) = condition.split_once('=') {
        cell(column) == value
    } else {
        !cell(condition).is_empty()
    }
}

#[test]
fn a_condition_behind_an_exclamation_mark_holds_where_the_other_does_not() {
    let cell = |column: &str| match column {
        "few" => "3",
        "many" => "12",
        "word" => "offer of security",
        _ => "",
    };
    for (condition, holds) in
        [("word", true), ("none", false), ("few=3", true), ("few=12", false), ("word~offer", true), ("few<many", true)]
    {
        assert_eq!(is_met(condition, cell), holds, "{condition}");
        assert_eq!(is_met(&format!("!{condition}"), cell), !holds, "!{condition}");
    }
}
