//! How two or three pieces can lie to each other.

use std::collections::BTreeMap;

/// First unit, and the one after the last.
pub(crate) type Span = (i32, i32);

/// The relation of two intervals, by Allen's letters (Maintaining Knowledge about Temporal Intervals, 1983): p before,
/// m meets, o overlaps, F finished by, D contains, s starts, e equals, S started by, d during, f finishes,
/// O overlapped by, M met by, P after.
pub(crate) fn relation(one: Span, other: Span) -> char {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match (one.0.cmp(&other.0), one.1.cmp(&other.1)) {
        _ if one.1 < other.0 => 'p',
        _ if one.1 == other.0 => 'm',
        _ if other.1 < one.0 => 'P',
        _ if other.1 == one.0 => 'M',
        (Less, Less) => 'o',
        (Less, Equal) => 'F',
        (Less, Greater) => 'D',
        (Equal, Less) => 's',
        (Equal, Equal) => 'e',
        (Equal, Greater) => 'S',
        (Greater, Less) => 'd',
        (Greater, Equal) => 'f',
        (Greater, Greater) => 'O',
    }
}

/// Every interval whose ends are among the first few places, the shortest scale first.
fn spans(last: i32) -> impl Iterator<Item = Span> {
    (0..=last).flat_map(move |from| (from + 1..=last).map(move |to| (from, to)))
}

/// The first example of every way in which pieces can lie, by the relations of each to each.
fn examples(pieces: usize) -> Vec<(String, Vec<Span>)> {
    let last = i32::try_from(2 * pieces - 1).unwrap();
    let mut found: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for scale in 1..=last {
        let mut sets: Vec<Vec<Span>> = vec![Vec::new()];
        for _ in 0..pieces {
            sets = sets.iter().flat_map(|set| spans(scale).map(|span| [&set[..], &[span]].concat())).collect();
        }
        for set in sets.into_iter().filter(|set| set.iter().any(|span| span.0 == 0)) {
            let mut name = String::new();
            for (n, one) in set.iter().enumerate() {
                set[n + 1..].iter().for_each(|other| name.push(relation(*one, *other)));
            }
            found.entry(name).or_insert(set);
        }
    }
    found.into_iter().collect()
}

/// The 13 ways of two pieces, and the 409 consistent ways of three.
pub(crate) fn all() -> Vec<(String, Vec<Span>)> {
    [examples(2), examples(3)].concat()
}

pub(crate) fn overlap(set: &[Span]) -> bool {
    set.iter().enumerate().any(|(n, one)| set[n + 1..].iter().any(|other| one.0 < other.1 && other.0 < one.1))
}

/// The units up to the last that none of them covers.
pub(crate) fn uncovered(set: &[Span]) -> Vec<i32> {
    let end = set.iter().map(|span| span.1).max().unwrap_or_default();
    (0..end).filter(|unit| !set.iter().any(|span| span.0 <= *unit && *unit < span.1)).collect()
}

#[test]
fn there_are_13_ways_of_two_and_409_of_three() {
    assert_eq!((examples(2).len(), examples(3).len()), (13, 409));
}
