//! Receivers in miniature, each with the algorithm of its stack: what the engine's rule for each policy is held against.

use crate::spans::Span;
use holter_engine::OverlapPolicy;
use std::collections::BTreeMap;

type Piece = (i32, i32, u8);

/// What a receiver that expects unit `next` reads of segments in the order in which they come.
pub(crate) fn stream(policy: OverlapPolicy, mut next: i32, segments: &[(Span, u8)]) -> BTreeMap<i32, u8> {
    let mut read = BTreeMap::new();
    let mut waits: Vec<Piece> = Vec::new();
    for &((from, to), whose) in segments {
        let from = from.max(next);
        if from >= to {
            continue;
        }
        match policy {
            OverlapPolicy::First => by_unit(&mut waits, (from, to, whose), false),
            OverlapPolicy::Last => by_unit(&mut waits, (from, to, whose), true),
            OverlapPolicy::Bsd | OverlapPolicy::Windows => bsd(&mut waits, (from, to, whose)),
            OverlapPolicy::Linux => linux(&mut waits, (from, to, whose)),
        }
        while let Some(&(from, to, whose)) = waits.first()
            && from <= next
        {
            for unit in next..to {
                read.insert(unit, whose);
            }
            next = next.max(to);
            waits.remove(0);
        }
    }
    read
}

/// What a receiver makes of the fragments of one datagram.
pub(crate) fn datagram(policy: OverlapPolicy, fragments: &[(Span, u8)]) -> BTreeMap<i32, u8> {
    let mut waits: Vec<Piece> = Vec::new();
    for &((from, to), whose) in fragments {
        let piece = (from, to, whose);
        match policy {
            OverlapPolicy::First => by_unit(&mut waits, piece, false),
            OverlapPolicy::Last => by_unit(&mut waits, piece, true),
            OverlapPolicy::Bsd => bsd(&mut waits, piece),
            OverlapPolicy::Linux => linux_fragments(&mut waits, piece),
            OverlapPolicy::Windows => windows_fragments(&mut waits, piece),
        }
    }
    waits.iter().flat_map(|&(from, to, whose)| (from..to).map(move |unit| (unit, whose))).collect()
}

fn by_unit(waits: &mut Vec<Piece>, (from, to, whose): Piece, last: bool) {
    for unit in from..to {
        match waits.iter_mut().find(|piece| piece.0 == unit) {
            Some(there) if last => there.2 = whose,
            Some(_) => {}
            None => waits.push((unit, unit + 1, whose)),
        }
    }
    waits.sort_unstable();
}

/// `tcp_reass` and `ip_reass` of 4.4BSD: the new piece gives way to the one before it and cuts off those behind it.
fn bsd(waits: &mut Vec<Piece>, (mut from, to, whose): Piece) {
    let place = waits.partition_point(|piece| piece.0 <= from);
    if let Some(before) = place.checked_sub(1).map(|place| waits[place]) {
        from = from.max(before.1);
        if from >= to {
            return;
        }
    }
    eat(waits, place, to);
    waits.insert(place, (from, to, whose));
}

/// Cuts what lies before `to` off the pieces from `place` on.
fn eat(waits: &mut Vec<Piece>, place: usize, to: i32) {
    while let Some(behind) = waits.get_mut(place)
        && behind.0 < to
    {
        if behind.1 > to {
            behind.0 = to;
            return;
        }
        waits.remove(place);
    }
}

/// `tcp_data_queue_ofo` of Linux: whole segments wait, one that another covers goes, and the one that begins first is
/// read first.
fn linux(waits: &mut Vec<Piece>, (from, to, whose): Piece) {
    let mut place = waits.partition_point(|piece| piece.0 <= from);
    if let Some(before) = place.checked_sub(1) {
        if to <= waits[before].1 {
            return;
        }
        if waits[before].0 == from {
            waits.remove(before);
            place = before;
        }
    }
    while waits.get(place).is_some_and(|behind| behind.1 <= to) {
        waits.remove(place);
    }
    waits.insert(place, (from, to, whose));
}

/// `ip_frag_queue` of Linux up to 4.18; later ones drop the datagram.
fn linux_fragments(waits: &mut Vec<Piece>, (mut from, to, whose): Piece) {
    let place = waits.partition_point(|piece| piece.0 < from);
    if let Some(before) = place.checked_sub(1).map(|place| waits[place]) {
        from = from.max(before.1);
        if from >= to {
            return;
        }
    }
    eat(waits, place, to);
    waits.insert(place, (from, to, whose));
}

/// What came first, unless the new one begins before it and ends after it.
fn windows_fragments(waits: &mut Vec<Piece>, (from, to, whose): Piece) {
    waits.retain(|old| !(from < old.0 && to > old.1));
    for unit in from..to {
        if !waits.iter().any(|old| old.0 <= unit && unit < old.1) {
            match waits.iter_mut().find(|old| old.2 == whose && old.1 == unit) {
                Some(mine) => mine.1 = unit + 1,
                None => waits.push((unit, unit + 1, whose)),
            }
        }
    }
    waits.sort_unstable();
}
