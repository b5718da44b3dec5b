//! A comparison that finds nothing proves nothing: each column must find what is wrong on purpose.

use crate::claims::{Claims, Foreign};
use crate::compare::{Account, Sight, Standing};
use crate::exceptions::Exceptions;
use crate::oracle::Rows;
use crate::ours::{self, Ours, Said};
use crate::{captures, table, values};
use holter_tests::places;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Another value of the same kind, that no capture has.
fn other(said: &Said) -> Option<Said> {
    Some(match said {
        Said::Bytes(bytes) => Said::Bytes([&b"planted."[..], bytes, b".planted"].concat()),
        Said::Number(number) => Said::Number(number ^ 0x51),
        Said::Flag(flag) => Said::Flag(!flag),
        Said::Address(IpAddr::V4(_)) => Said::Address(Ipv4Addr::new(192, 0, 2, 251).into()),
        Said::Address(IpAddr::V6(_)) => Said::Address(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x51).into()),
        Said::Mac(_) => Said::Mac("02:51:51:51:51:51".to_owned()),
        Said::Codes(codes) => Said::Codes(codes.iter().map(|code| code ^ 0x51).collect()),
        Said::Present => return None,
    })
}

/// The first value of these fields that the oracle has in the same frame, as text.
fn agreed(ours: &Ours, column: &table::Column, sight: &Sight<'_>) -> Option<(&'static str, usize)> {
    column.fields.iter().find_map(|field| {
        let (&name, all) = ours.fields.get_key_value(field.as_str())?;
        let at = all.iter().position(|(frame, said)| {
            let theirs = sight.rows.of(*frame).map(|row| values::oracles(column, sight.rows, row, sight.frames));
            let mine = values::ours(column, said);
            !mine.is_empty() && theirs.is_some_and(|theirs| mine.iter().all(|value| theirs.contains(value)))
        })?;
        Some((name, at))
    })
}

/// All of a sight but what is ours.
type Others<'a> = (&'a str, &'a Rows, &'a Rows, &'a Foreign, &'a Exceptions);

fn sight<'a>(ours: &'a Ours, (capture, rows, frames, foreign, exceptions): Others<'a>) -> Sight<'a> {
    Sight { capture, ours, rows, frames, foreign, exceptions }
}

#[test]
fn a_wrong_value_is_found_in_every_column() {
    let Some(corpus) = places::shared("corpus") else { return };
    let home = places::root().join("tests/conformance");
    let tables = table::all(&home);
    let exceptions = Exceptions::read(&home.join("exceptions.toml"));
    let mut claims = Claims::new(&tables);
    let mut open: BTreeSet<(usize, usize)> = tables
        .iter()
        .enumerate()
        .flat_map(|(at, table)| (0..table.column.len()).map(move |column| (at, column)))
        .filter(|&(at, column)| matches!(Account::new(&tables[at]).columns[column], Standing::Compared(_)))
        .collect();
    let mut missed = Vec::new();
    for capture in captures::own().iter().chain(&captures::shared(&corpus)) {
        let Some(frames) = capture.frames(&tables) else { continue };
        let wanted: BTreeSet<usize> = open.iter().map(|(table, _)| *table).collect();
        let rows: Vec<_> =
            wanted.into_iter().filter_map(|at| tables[at].rows(capture, &frames).map(|(rows, _)| (at, rows))).collect();
        if rows.is_empty() {
            continue;
        }
        let mut ours = ours::replay(&capture.path);
        let capture = capture.name.as_str();
        let foreign = claims.capture(capture, &ours, &frames, &exceptions);
        for (at, rows) in &rows {
            let word = Account::new(&tables[*at]).word;
            for (place, column) in tables[*at].column.iter().enumerate() {
                if !open.contains(&(*at, place)) {
                    continue;
                }
                let with: Others<'_> = (capture, rows, &frames, &foreign, &exceptions);
                let Some((field, index)) = agreed(&ours, column, &sight(&ours, with)) else { continue };
                let Some(wrong) = other(&ours.fields[field][index].1) else { continue };
                open.remove(&(*at, place));
                let before = sight(&ours, with).column(&tables[*at], column, word).0.unexplained;
                let said = &mut ours.fields.get_mut(field).unwrap()[index].1;
                let right = std::mem::replace(said, wrong);
                let after = sight(&ours, with).column(&tables[*at], column, word).0.unexplained;
                ours.fields.get_mut(field).unwrap()[index].1 = right;
                if after <= before {
                    missed.push(format!("{} {}: {field} in {capture}", tables[*at].name, column.name));
                }
            }
        }
    }
    assert!(missed.is_empty(), "a wrong value passes: {missed:#?}");
    let never: Vec<_> =
        open.iter().map(|&(at, place)| format!("{} {}", tables[at].name, tables[at].column[place].name)).collect();
    eprintln!("columns in which no value agrees anywhere: {never:?}");
}
