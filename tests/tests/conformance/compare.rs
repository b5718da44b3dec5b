//! Frame by frame and column by column, as multisets of values.

use crate::claims::Foreign;
use crate::convert;
use crate::oracle::{QUOTING, Row, Rows};
use crate::ours::{Ours, Talk};
use crate::table::{Column, Difference, Exceptions, Table};
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
        self.columns.iter().fold(Tally::default(), |all, standing| match standing {
            Standing::Compared(one) => Tally {
                agreed: all.agreed + one.agreed,
                elsewhere: all.elsewhere + one.elsewhere,
                explained: all.explained + one.explained,
                unexplained: all.unexplained + one.unexplained,
            },
            _ => all,
        })
    }

    pub(crate) fn unexplained(&self) -> u64 {
        self.tally().unexplained
    }

    pub(crate) fn pending(&self) -> bool {
        self.word.is_none() && !self.columns.iter().any(|standing| matches!(standing, Standing::Compared(_)))
    }

    pub(crate) fn capture(
        &mut self,
        name: &str,
        ours: &Ours,
        rows: &Rows,
        frames: &Rows,
        foreign: &Foreign,
        exceptions: &Exceptions,
    ) {
        self.captures += 1;
        self.foreign += u64::from(!name.starts_with(crate::CLINICAL));
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
            let (mut theirs, mut mine) = (Left::new(), Left::new());
            for row in &rows.rows {
                for value in oracle_values(column, rows, row, frames) {
                    *theirs.entry((row.frame, value)).or_default() += 1;
                }
            }
            for field in &column.fields {
                for (frame, said) in ours.fields.get(field.as_str()).into_iter().flatten() {
                    for value in our_values(column, said) {
                        *mine.entry((*frame, value)).or_default() += 1;
                    }
                }
            }
            if column.distinct {
                theirs.values_mut().chain(mine.values_mut()).for_each(|count| *count = 1);
            }
            tally.agreed += cancel(&mut theirs, &mut mine);
            tally.elsewhere += cancel_within_talks(&mut theirs, &mut mine, ours);
            if self.table.shared.is_some() {
                mine.retain(|(frame, _), _| rows.of(*frame).is_some());
            }
            let elsewhere = |frame| {
                let row: Option<&Row> = frames.of(frame);
                row.is_some_and(|row| frames.layers(row).any(|layer| self.table.beside.iter().any(|one| one == layer)))
            };
            let own = self.table.ours();
            let is_foreign = |frame| foreign.iter().any(|(name, one)| *one == frame && *name == own);
            mine.retain(|(frame, _), _| rows.of(*frame).is_some() || !elsewhere(*frame) && !is_foreign(*frame));
            let theirs = (column.within.is_none()).then_some(&theirs);
            let mine = (column.covers.is_none()).then_some(&mine);
            for (side, is_oracle) in [(theirs, true), (mine, false)] {
                for ((frame, value), count) in side.into_iter().flatten().filter(|(_, count)| **count > 0) {
                    let difference = Difference {
                        capture: name,
                        column: &column.name,
                        frame: *frame,
                        oracle: is_oracle.then_some(value),
                        ours: (!is_oracle).then_some(value),
                        speaks: told(*frame),
                        link: ours.link(*frame),
                        rows,
                    };
                    let explained = exceptions.explains(&self.table.name, &difference, frames);
                    if let Some(why) = explained {
                        tally.explained += count;
                        let side = if is_oracle { "only the oracle" } else { "only ours" };
                        let line = format!("{name} {frame} {}: {side} {count}x {value:?}: {why}", column.name);
                        self.explained.push(line);
                    } else {
                        tally.unexplained += count;
                        let who = if is_oracle { "only the oracle" } else { "only ours" };
                        let silent = if told(*frame) || self.word.is_none() { "" } else { " (ours says nothing)" };
                        let link = ours.link(*frame);
                        let line = format!("{name} {frame} {}: {who} {count}x {value:?}{silent}, {link}", column.name);
                        self.differences.add(name, &column.name, line);
                    }
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

fn run(steps: &[&[String]], value: String) -> Option<String> {
    steps.iter().flat_map(|steps| steps.iter()).try_fold(value, |value, step| convert::step(step, &value))
}

fn our_values(column: &Column, said: &crate::ours::Said) -> Vec<String> {
    let names: Vec<&str> = column.both.iter().chain(&column.ours).map(String::as_str).collect();
    let values = convert::said(said, &names);
    let values = values.into_iter().filter_map(|value| run(&[&column.ours, &column.both], value));
    values.filter(|value| !value.is_empty() && !column.absent.contains(value)).collect()
}

fn oracle_values(column: &Column, rows: &Rows, row: &Row, frames: &Rows) -> Vec<String> {
    if !column.when.iter().all(|condition| crate::table::is_met(condition, |name| rows.cell(row, name))) {
        return Vec::new();
    }
    let cell = rows.cell(row, &column.name);
    let parts: Vec<&str> = match column.split.as_deref() {
        Some("") => vec![cell],
        Some(separator) => cell.split(separator).collect(),
        None => cell.split('|').collect(),
    };
    let (from, to) = match column.pick.as_deref() {
        None | Some("all") => (0, parts.len()),
        Some("first") => (0, 1),
        Some("last") => (parts.len() - 1, parts.len()),
        Some("innermost") => {
            innermost(&column.name, frames.of(row.frame).map_or("", |row| frames.cell(row, "frame.protocols")))
        }
        Some(counter) => (0, rows.cell(row, counter).split('|').filter_map(|count| count.parse::<usize>().ok()).sum()),
    };
    let mut values: Vec<String> =
        parts.get(from..to.min(parts.len())).unwrap_or_default().iter().map(|&part| part.to_owned()).collect();
    values.retain(|value| !value.is_empty());
    if let Some(instead) = column.instead.as_ref().filter(|_| values.is_empty()) {
        values.extend(rows.cell(row, instead).split('|').map(str::to_owned));
    }
    for also in &column.also {
        let lists: Vec<Vec<&str>> = also.split('+').map(|name| rows.cell(row, name).split('|').collect()).collect();
        for at in 0..lists.iter().map(Vec::len).max().unwrap_or(0) {
            let one: Vec<&str> = lists.iter().filter_map(|list| list.get(at).copied()).collect();
            if one.iter().any(|part| !part.is_empty()) {
                values.push(one.join("."));
            }
        }
    }
    values
        .iter()
        .filter(|value| !value.is_empty())
        .filter_map(|value| run(&[&column.oracle, &column.both], value.clone()))
        .map(|value| column.map.get(&value).cloned().unwrap_or(value))
        .filter(|value| !value.is_empty() && !column.absent.contains(value))
        .collect()
}

/// Which of a column's values belongs to the innermost packet, by the layers of the frame: one that an ICMP error quotes
/// is no packet.
fn innermost(column: &str, layers: &str) -> (usize, usize) {
    let all: Vec<&str> = layers.split(':').collect();
    let quoting = all.iter().position(|layer| QUOTING.contains(layer));
    let layers = &all[..quoting.map_or(all.len(), |at| at + 1)];
    let layer = column.split('.').next().unwrap_or(column);
    let count = layers.iter().filter(|one| **one == layer).count();
    let network = layers.iter().rposition(|layer| matches!(*layer, "ip" | "ipv6" | "arp"));
    // What stands behind the last link header.
    let link = layers.iter().rposition(|layer| *layer == "eth").filter(|eth| network.is_none_or(|at| at < *eth));
    let is_inner = match (layer, network) {
        ("eth" | "vlan", _) => true,
        (_, Some(at)) => link.is_none() && layers[at..].contains(&layer),
        (_, None) => false,
    };
    if is_inner && count > 0 { (count - 1, count) } else { (0, 0) }
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
