//! The values of a column on either side, in the form in which they are compared.

use crate::convert;
use crate::exceptions::is_met;
use crate::oracle::{QUOTING, Row, Rows};
use crate::table::Column;

fn run(steps: &[&[String]], value: String) -> Option<String> {
    steps.iter().flat_map(|steps| steps.iter()).try_fold(value, |value, step| convert::step(step, &value))
}

pub(crate) fn ours(column: &Column, said: &crate::ours::Said) -> Vec<String> {
    let names: Vec<&str> = column.both.iter().chain(&column.ours).map(String::as_str).collect();
    let values = convert::said(said, &names);
    let values = values.into_iter().filter_map(|value| run(&[&column.ours, &column.both], value));
    values.filter(|value| !value.is_empty() && !column.absent.contains(value)).collect()
}

/// Whether the values of a row are compared.
pub(crate) fn counts(column: &Column, rows: &Rows, row: &Row) -> bool {
    column.when.iter().all(|condition| is_met(condition, |name| rows.cell(row, name)))
}

pub(crate) fn oracles(column: &Column, rows: &Rows, row: &Row, frames: &Rows) -> Vec<String> {
    if !counts(column, rows, row) {
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
