//! Every way in which two or three pieces can lie to each other, sent to every kind of receiver.

use crate::receivers;
use crate::spans::{self, Span};
use crate::stage::{Stage, ethernet, ipv4, ipv6_fragment};
use holter_engine::OverlapPolicy;
use holter_protocols::Way;
use std::collections::BTreeMap;

/// Bytes of a unit: that of a fragment's offset.
const UNIT: usize = 8;

/// What the receiver had read when the pieces came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meets {
    /// A hole before them: all wait.
    Waiting,
    /// All that came before them: what follows in order is passed on at once.
    Flowing,
}

/// What became of one case.
pub(crate) struct Outcome {
    /// Whose each unit is; absent where nothing was read.
    pub(crate) read: Option<BTreeMap<i32, u8>>,
    pub(crate) ambiguous: bool,
}

impl Outcome {
    pub(crate) fn text(&self) -> String {
        match &self.read {
            Some(read) => read.values().map(|whose| char::from(*whose)).collect(),
            None => "dropped".to_owned(),
        }
    }
}

/// The pieces by their letters, in the order in which they are sent.
pub(crate) fn pieces(set: &[Span], reversed: bool) -> Vec<(Span, u8)> {
    let mut pieces: Vec<_> = set.iter().copied().zip(b'A'..).collect();
    if reversed {
        pieces.reverse();
    }
    pieces
}

/// The bytes of a piece: its letter, or one for each unit whosever it is.
fn data(span: Span, whose: u8, same: bool) -> Vec<u8> {
    (span.0..span.1).flat_map(|unit| [if same { b'a' + u8::try_from(unit).unwrap() } else { whose }; UNIT]).collect()
}

/// The letter of each unit.
fn units(bytes: &[u8]) -> BTreeMap<i32, u8> {
    let unit = |bytes: &[u8]| {
        assert!(bytes.iter().all(|byte| *byte == bytes[0]), "a unit is of one piece");
        bytes[0]
    };
    (0..).zip(bytes.chunks(UNIT).map(unit)).collect()
}

pub(crate) fn tcp(policy: OverlapPolicy, meets: Meets, set: &[Span], reversed: bool, same: bool) -> Outcome {
    let mut stage = Stage::connected(policy);
    let place = |unit: i32| u32::try_from(unit + 2).unwrap() * UNIT as u32;
    stage.say(0, &[b'#'; UNIT]);
    let hole = [b'-'; UNIT];
    if meets == Meets::Flowing {
        stage.say(place(-1), &hole);
    }
    for (span, whose) in pieces(set, reversed) {
        stage.say(place(span.0), &data(span, whose, same));
    }
    for unit in spans::uncovered(set) {
        stage.say(place(unit), &data((unit, unit + 1), b'.', same));
    }
    if meets == Meets::Waiting {
        stage.say(place(-1), &hole);
    }
    let heard = stage.heard(Way::ToServer);
    let read = heard.strip_prefix(&[[b'#'; UNIT], hole].concat()[..]).expect("what came before");
    let ambiguous = stage.told("tcp.ambiguity") > 0;
    assert_eq!(ambiguous, stage.flows.counts().ambiguous > 0);
    assert_eq!(stage.flows.held(), 0);
    Outcome { read: Some(units(read)), ambiguous }
}

/// What a receiver reads, by its own algorithm.
pub(crate) fn tcp_read(policy: OverlapPolicy, meets: Meets, set: &[Span], reversed: bool) -> BTreeMap<i32, u8> {
    let hole = ((-1, 0), b'-');
    let mut sent = pieces(set, reversed);
    sent.extend(spans::uncovered(set).into_iter().map(|unit| ((unit, unit + 1), b'.')));
    match meets {
        Meets::Waiting => sent.push(hole),
        Meets::Flowing => sent.insert(0, hole),
    }
    let mut read = receivers::stream(policy, -1, &sent);
    read.remove(&-1);
    read
}

/// The fragments of one datagram: its header, the pieces, what they leave uncovered, its end.
fn fragments(set: &[Span], reversed: bool, same: bool, mut send: impl FnMut(usize, bool, &[u8])) {
    let end = set.iter().map(|span| span.1).max().unwrap();
    let length = u16::try_from((usize::try_from(end).unwrap() + 2) * UNIT).unwrap().to_be_bytes();
    send(0, true, &[0x9c, 0x40, 0, 99, length[0], length[1], 0, 0]);
    let place = |unit: i32| (usize::try_from(unit).unwrap() + 1) * UNIT;
    for (span, whose) in pieces(set, reversed) {
        send(place(span.0), true, &data(span, whose, same));
    }
    for unit in spans::uncovered(set) {
        send(place(unit), true, &data((unit, unit + 1), b'.', same));
    }
    send(place(end), false, &[b'$'; UNIT]);
}

fn joined(stage: &Stage) -> Outcome {
    let read = stage.datagrams.first().map(|datagram| {
        let (read, end) = datagram.split_at(datagram.len() - UNIT);
        assert_eq!(end, [b'$'; UNIT]);
        units(read)
    });
    let ambiguous = stage.link.fragment_counts().ambiguous > 0;
    assert_eq!(ambiguous && read.is_some(), stage.told("ip.ambiguity") > 0);
    Outcome { read, ambiguous }
}

pub(crate) fn v4(policy: OverlapPolicy, set: &[Span], reversed: bool, same: bool) -> Outcome {
    let mut stage = Stage::new(policy);
    fragments(set, reversed, same, |offset, more, bytes| {
        let place = u16::try_from(offset / UNIT).unwrap() | if more { 0x2000 } else { 0 };
        // Exact repetitions within the window of copies are told apart by nothing; here they are to be overlaps.
        stage.now += crate::stage::SECOND;
        stage.frame(&ethernet(0x0800, &ipv4(false, 64, 1, place, 17, bytes)));
    });
    joined(&stage)
}

pub(crate) fn v4_read(policy: OverlapPolicy, set: &[Span], reversed: bool) -> BTreeMap<i32, u8> {
    let mut sent = pieces(set, reversed);
    sent.extend(spans::uncovered(set).into_iter().map(|unit| ((unit, unit + 1), b'.')));
    receivers::datagram(policy, &sent)
}

pub(crate) fn v6(set: &[Span], reversed: bool, same: bool) -> Outcome {
    let mut stage = Stage::new(OverlapPolicy::Last);
    fragments(set, reversed, same, |offset, more, bytes| {
        stage.now += crate::stage::SECOND;
        stage.frame(&ethernet(0x86dd, &ipv6_fragment(1, u16::try_from(offset).unwrap(), more, bytes)));
    });
    joined(&stage)
}

/// Each unit of the data that is the same whosever it is.
fn by_place(set: &[Span]) -> BTreeMap<i32, u8> {
    let end = set.iter().map(|span| span.1).max().unwrap();
    (0..end).zip(b'a'..).collect()
}

/// Whether no two of them overlap but such as are equal.
fn only_repeated(set: &[Span]) -> bool {
    set.iter().enumerate().all(|(n, one)| {
        set[n + 1..].iter().all(|other| matches!(spans::relation(*one, *other), 'p' | 'm' | 'e' | 'M' | 'P'))
    })
}

#[test]
fn tcp_10_every_overlap_is_told_and_read_as_the_receiver_reads_it() {
    let mut cases = [0; 2];
    for (name, set) in spans::all() {
        for policy in OverlapPolicy::ALL {
            for (meets, reversed) in
                [(Meets::Waiting, false), (Meets::Waiting, true), (Meets::Flowing, false), (Meets::Flowing, true)]
            {
                let what = format!("{name} {set:?} {policy:?} {meets:?} reversed {reversed}");
                let different = tcp(policy, meets, &set, reversed, false);
                assert_eq!(different.ambiguous, spans::overlap(&set), "{what}");
                assert_eq!(different.read, Some(tcp_read(policy, meets, &set, reversed)), "{what}");
                let same = tcp(policy, meets, &set, reversed, true);
                assert!(!same.ambiguous, "{what}");
                assert_eq!(same.read, Some(by_place(&set)), "{what}");
                cases[usize::from(spans::overlap(&set))] += 2;
            }
        }
    }
    assert_eq!(cases, [1120, 15_760], "without and with an overlap");
}

#[test]
fn ip_2_every_overlap_of_ipv4_fragments_is_told_and_read_as_the_receiver_reads_it() {
    let mut cases = 0;
    for (name, set) in spans::all() {
        for policy in OverlapPolicy::ALL {
            for reversed in [false, true] {
                let what = format!("{name} {set:?} {policy:?} reversed {reversed}");
                let different = v4(policy, &set, reversed, false);
                assert_eq!(different.ambiguous, spans::overlap(&set), "{what}");
                assert_eq!(different.read, Some(v4_read(policy, &set, reversed)), "{what}");
                let same = v4(policy, &set, reversed, true);
                assert!(!same.ambiguous, "{what}");
                assert_eq!(same.read, Some(by_place(&set)), "{what}");
                cases += 2;
            }
        }
    }
    assert_eq!(cases, 8440);
}

#[test]
fn ip_10_every_overlap_of_ipv6_fragments_drops_the_datagram_and_is_told_where_they_differ() {
    let mut cases = 0;
    for (name, set) in spans::all() {
        for reversed in [false, true] {
            let what = format!("{name} {set:?} reversed {reversed}");
            let different = v6(&set, reversed, false);
            assert_eq!(different.ambiguous, spans::overlap(&set), "{what}");
            assert_eq!(different.read.is_none(), spans::overlap(&set), "{what}");
            let same = v6(&set, reversed, true);
            assert!(!same.ambiguous, "{what}");
            assert_eq!(same.read, only_repeated(&set).then(|| by_place(&set)), "{what}");
            cases += 2;
        }
    }
    assert_eq!(cases, 1688);
}
