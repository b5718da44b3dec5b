//! Frame by frame and column by column, as multisets of values.

use crate::captures::is_public;
use crate::claims::Foreign;
use crate::exceptions::{Difference, Exceptions};
use crate::oracle::Rows;
use crate::ours::{Ours, Talk};
use crate::table::{Column, Table};
use crate::values;
use holter_protocols::ALL;
use holter_terms::Protocol;
use std::collections::BTreeMap;

#[derive(Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) agreed: u64,
    /// The same value in another frame of the same conversation.
    pub(crate) elsewhere: u64,
    pub(crate) explained: u64,
    pub(crate) unexplained: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.agreed += other.agreed;
        self.elsewhere += other.elsewhere;
        self.explained += other.explained;
        self.unexplained += other.unexplained;
    }

    pub(crate) fn compared(&self) -> u64 {
        self.agreed + self.elsewhere + self.explained + self.unexplained
    }
}

pub(crate) enum Standing {
    Compared(Tally),
    /// Our field is not there yet.
    Pending,
    /// Not compared, for the reason in the table.
    Left,
}

/// Lines on what is not explained, some of each capture and column.
#[derive(Default)]
pub(crate) struct Differences {
    pub(crate) lines: Vec<String>,
    counts: BTreeMap<(String, String), u64>,
}

impl Differences {
    const MOST: u64 = 60;

    fn add(&mut self, capture: &str, column: &str, line: String) {
        let count = self.counts.entry((capture.to_owned(), column.to_owned())).or_default();
        *count += 1;
        if *count <= Differences::MOST {
            self.lines.push(line);
        }
    }

    /// How many there are of each capture and column, then the lines.
    pub(crate) fn text(&self) -> String {
        let counts = self.counts.iter().map(|((capture, column), count)| format!("{count}\t{column}\t{capture}"));
        counts.chain(self.lines.iter().cloned()).collect::<Vec<_>>().join("\n")
    }
}

/// All that is compared at once: a capture, and a protocol in it.
pub(crate) struct Sight<'a> {
    pub(crate) capture: &'a str,
    pub(crate) ours: &'a Ours,
    /// The oracle's rows of the protocol.
    pub(crate) rows: &'a Rows,
    pub(crate) frames: &'a Rows,
    pub(crate) foreign: &'a Foreign,
    pub(crate) exceptions: &'a Exceptions,
}

/// A value that only one side has, and why if that is known.
pub(crate) struct Found<'a> {
    pub(crate) line: String,
    pub(crate) why: Option<&'a str>,
}

impl<'a> Sight<'a> {
    pub(crate) fn column(&self, table: &Table, column: &Column, word: Option<Protocol>) -> (Tally, Vec<Found<'a>>) {
        let Sight { capture, ours, rows, frames, exceptions, .. } = *self;
        let (mut theirs, mut mine) = (Left::new(), Left::new());
        for row in &rows.rows {
            for value in values::oracles(column, rows, row, frames) {
                *theirs.entry((row.frame, value)).or_default() += 1;
            }
        }
        for field in &column.fields {
            let counts = |frame| rows.of(frame).is_none_or(|row| values::counts(column, rows, row));
            let said = ours.fields.get(field.as_str()).into_iter().flatten();
            for (frame, said) in said.filter(|(frame, _)| counts(*frame)) {
                for value in values::ours(column, said) {
                    *mine.entry((*frame, value)).or_default() += 1;
                }
            }
        }
        if column.distinct {
            theirs.values_mut().chain(mine.values_mut()).for_each(|count| *count = 1);
        }
        let agreed = cancel(&mut theirs, &mut mine);
        let elsewhere = cancel_within_talks(&mut theirs, &mut mine, ours);
        mine.retain(|(frame, _), _| rows.of(*frame).is_some() || self.is_due(table, *frame));
        let mut tally = Tally { agreed, elsewhere, ..Tally::default() };
        let mut found = Vec::new();
        let theirs = column.within.is_none().then_some(&theirs);
        let mine = column.covers.is_none().then_some(&mine);
        for (side, is_oracle) in [(theirs, true), (mine, false)] {
            for ((frame, value), count) in side.into_iter().flatten() {
                let speaks = word.is_some_and(|word| ours.told.contains(&(word, *frame)));
                let link = ours.link(*frame);
                let difference = Difference {
                    capture,
                    column: &column.name,
                    frame: *frame,
                    oracle: is_oracle.then_some(value),
                    ours: (!is_oracle).then_some(value),
                    speaks,
                    link,
                    rows,
                };
                let why = exceptions.explains(&table.name, &difference, frames);
                *(if why.is_some() { &mut tally.explained } else { &mut tally.unexplained }) += count;
                let who = if is_oracle { "only the oracle" } else { "only ours" };
                let silent = if speaks || word.is_none() { "" } else { " (ours says nothing)" };
                let line = format!("{capture} {frame} {}: {who} {count}x {value:?}{silent}, {link}", column.name);
                found.push(Found { line, why });
            }
        }
        (tally, found)
    }

    /// Whether what ours says of a frame without a row is a difference of this table.
    fn is_due(&self, table: &Table, frame: u64) -> bool {
        let beside = self
            .frames
            .of(frame)
            .is_some_and(|row| self.frames.layers(row).any(|layer| table.beside.iter().any(|beside| beside == layer)));
        let foreign = self.foreign.iter().any(|(name, one)| *one == frame && *name == table.ours());
        table.shared.is_none() && !beside && !foreign
    }
}

/// What came of one table.
pub(crate) struct Account<'t> {
    pub(crate) table: &'t Table,
    pub(crate) word: Option<Protocol>,
    pub(crate) captures: u64,
    pub(crate) foreign: u64,
    /// Frames that are left out.
    pub(crate) left: u64,
    pub(crate) frames: u64,
    pub(crate) claimed: u64,
    /// Frames that are not claimed for a reason that is known.
    pub(crate) excused: u64,
    pub(crate) columns: Vec<Standing>,
    pub(crate) differences: Differences,
    /// One line for each that an exception explains.
    pub(crate) explained: Vec<String>,
}

/// Values of one side that the other lacks: how often, by frame and value.
type Left = BTreeMap<(u64, String), u64>;

impl<'t> Account<'t> {
    pub(crate) fn new(table: &'t Table) -> Account<'t> {
        let known = |field: &String| {
            field.starts_with("link.")
                || ALL.iter().flat_map(|one| one.events()).flat_map(|event| event.fields).any(|one| one.name == field)
        };
        let columns = table.column.iter().map(|column| {
            assert!(column.reason.is_some() == column.fields.is_empty(), "{}: a reason or fields", column.name);
            if column.reason.is_some() {
                Standing::Left
            } else if column.fields.iter().any(known) {
                Standing::Compared(Tally::default())
            } else {
                Standing::Pending
            }
        });
        Account {
            table,
            word: ALL.iter().find(|protocol| protocol.name() == table.ours()).map(|protocol| protocol.word()),
            captures: 0,
            foreign: 0,
            left: 0,
            frames: 0,
            claimed: 0,
            excused: 0,
            columns: columns.collect(),
            differences: Differences::default(),
            explained: Vec::new(),
        }
    }

    pub(crate) fn tally(&self) -> Tally {
        let mut all = Tally::default();
        for standing in &self.columns {
            if let Standing::Compared(one) = standing {
                all.add(*one);
            }
        }
        all
    }

    /// Values that are explained, in percent.
    pub(crate) fn explained_share(&self) -> f64 {
        let tally = self.tally();
        tally.explained as f64 * 100.0 / tally.compared().max(1) as f64
    }

    /// Frames that are claimed, of those of which nothing says why not, in percent.
    pub(crate) fn claimed_share(&self) -> f64 {
        let due = self.frames.saturating_sub(self.excused);
        if due == 0 { 100.0 } else { self.claimed as f64 * 100.0 / due as f64 }
    }

    pub(crate) fn unexplained(&self) -> u64 {
        self.tally().unexplained
    }

    pub(crate) fn pending(&self) -> bool {
        self.word.is_none() && !self.columns.iter().any(|standing| matches!(standing, Standing::Compared(_)))
    }

    pub(crate) fn capture(&mut self, sight: &Sight<'_>) {
        let Sight { capture: name, ours, rows, frames, exceptions, .. } = *sight;
        self.captures += 1;
        self.foreign += u64::from(is_public(name));
        self.frames += rows.rows.len() as u64;
        let told = |frame| self.word.is_some_and(|word| ours.told.contains(&(word, frame)));
        if self.pending() {
            return;
        }
        for row in &rows.rows {
            let claimed = match self.word {
                Some(word) => ours.claims(row.frame, word),
                None => frames.of(row.frame).is_some() && self.by_link(ours, row.frame),
            };
            if claimed {
                self.claimed += 1;
                continue;
            }
            let difference = Difference {
                capture: name,
                column: "claim",
                frame: row.frame,
                oracle: Some(""),
                ours: None,
                speaks: told(row.frame),
                link: ours.link(row.frame),
                rows,
            };
            if let Some(why) = exceptions.explains(&self.table.name, &difference, frames) {
                self.excused += 1;
                self.explained.push(format!("{name} {} claim: {why}", row.frame));
            } else {
                let layers = rows.cell(row, "frame.protocols");
                let link = ours.link(row.frame);
                self.differences.add(
                    name,
                    "claim",
                    format!("{name} {} claim: not claimed, {layers}, {link}", row.frame),
                );
            }
        }
        for (column, standing) in self.table.column.iter().zip(&mut self.columns) {
            let Standing::Compared(tally) = standing else { continue };
            let (found, differences) = sight.column(self.table, column, self.word);
            tally.add(found);
            for one in differences {
                match one.why {
                    Some(why) => self.explained.push(format!("{}: {why}", one.line)),
                    None => self.differences.add(sight.capture, &column.name, one.line),
                }
            }
        }
    }

    /// Whether the link room tells of a frame, for what has no decoder.
    fn by_link(&self, ours: &Ours, frame: u64) -> bool {
        self.table.column.iter().flat_map(|column| &column.fields).any(|field| {
            ours.fields.get(field.as_str()).is_some_and(|said| said.binary_search_by_key(&frame, |one| one.0).is_ok())
        })
    }
}

/// Takes what both have out of both; how many that is.
fn cancel(theirs: &mut Left, mine: &mut Left) -> u64 {
    let mut agreed = 0;
    for (key, count) in theirs.iter_mut() {
        if let Some(other) = mine.get_mut(key) {
            let same = (*count).min(*other);
            *count -= same;
            *other -= same;
            agreed += same;
        }
    }
    theirs.retain(|_, count| *count > 0);
    mine.retain(|_, count| *count > 0);
    agreed
}

/// Takes out what both have in the same conversation. A message is told by the frame that completes what we needed of
/// it, and by the oracle with the frame that completes the whole, or with the one that it chose to join at.
fn cancel_within_talks(theirs: &mut Left, mine: &mut Left, ours: &Ours) -> u64 {
    let mut places: BTreeMap<(Talk, &str), Vec<(u64, u64)>> = BTreeMap::new();
    for ((frame, value), count) in mine.iter() {
        if ours.talk(*frame) != 0 {
            places.entry((ours.talk(*frame), value)).or_default().push((*frame, *count));
        }
    }
    let mut taken: Vec<(u64, String, u64)> = Vec::new();
    let mut moved = 0;
    for ((frame, value), count) in theirs.iter_mut() {
        for (place, there) in places.get_mut(&(ours.talk(*frame), value)).into_iter().flatten() {
            let same = (*count).min(*there);
            *count -= same;
            *there -= same;
            moved += same;
            if same > 0 {
                taken.push((*place, value.clone(), same));
            }
        }
    }
    for (frame, value, count) in taken {
        if let Some(there) = mine.get_mut(&(frame, value)) {
            *there -= count;
        }
    }
    theirs.retain(|_, count| *count > 0);
    mine.retain(|_, count| *count > 0);
    moved
}
