//! One direction of a TCP conversation: from segments to contiguous bytes.
//!
//! What comes in order is passed on in place. What comes early waits in a bounded list of pieces that never overlap: of
//! two that do, the receiver's policy decides. Different bytes for one place are told, whether they wait or were passed
//! on. A hole becomes a gap once the other end has
//! acknowledged what lies behind it, once it is older than [`HOLE_PATIENCE`], or when the bound is reached. Bytes that
//! nobody wants to see are passed by sequence numbers alone, so a lost segment among them is no gap.

use super::content::{Content, Shared};
use super::conversation::Conversation;
use super::history::{Compared, History, Mark};
use super::key::Side;
use super::limits::{HOLE_PATIENCE, MAX_PIECES, RESYNC, WINDOW, add, bump, wide};
use crate::overlap::OverlapPolicy;
use holter_terms::Nanos;
use std::collections::VecDeque;

/// What a waiting piece costs beside its bytes.
const PIECE_COST: usize = 64;
/// Ranges that were jumped and may still come late. Of more, the oldest stays counted as missed.
const JUMPS: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Phase {
    /// Nothing was seen of this direction.
    #[default]
    Unseen,
    /// Only segments without data were seen: a keep-alive carries the number before the next one.
    Loose,
    /// `next` is known.
    Synced,
}

struct Piece {
    at: u32,
    bytes: Vec<u8>,
    push: bool,
    /// Where the segment that it is of began and ended, as far as its receiver remembers.
    sent: (u32, u32),
}

impl Piece {
    fn end(&self) -> u32 {
        self.at.wrapping_add(short(self.bytes.len()))
    }

    /// What lies in `from..to` of it.
    fn part(&self, from: u32, to: u32) -> Option<&[u8]> {
        self.bytes.get(index(distance(from, self.at))..index(distance(to, self.at)))
    }

    /// Its part in `from..to`, as a piece of its own.
    fn cut(&self, from: u32, to: u32, policy: OverlapPolicy) -> Option<Piece> {
        let bytes = self.part(from, to).filter(|part| !part.is_empty())?.to_vec();
        let sent = if policy.trims() { (from, to) } else { self.sent };
        Some(Piece { at: from, bytes, push: self.push && to == self.end(), sent })
    }
}

/// Lengths of segments: never beyond 64 KiB, so nothing is lost.
fn short(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// Payload with its place.
#[derive(Clone, Copy)]
pub(super) struct Data<'a> {
    pub(super) at: u32,
    pub(super) bytes: &'a [u8],
    /// Bytes behind them that the capture left out.
    pub(super) cut: u32,
    pub(super) push: bool,
}

impl Data<'_> {
    fn end(&self) -> u32 {
        self.at.wrapping_add(short(self.bytes.len()))
    }

    fn part(&self, from: u32, to: u32) -> Option<&[u8]> {
        self.bytes.get(index(distance(from, self.at))..index(distance(to, self.at)))
    }
}

/// What a stream works with while a segment is handled.
pub(super) struct Flowing<'a, 's> {
    pub(super) cx: &'a mut Shared<'s>,
    pub(super) content: &'a mut Content,
    pub(super) conversation: &'a mut Conversation,
    pub(super) side: Side,
    pub(super) now: Nanos,
}

#[derive(Default)]
pub(super) struct Stream {
    /// What its receiver makes of overlaps.
    pub(super) policy: OverlapPolicy,
    phase: Phase,
    by_syn: bool,
    /// The number of the first byte, where a SYN told it.
    first: u32,
    /// The number of the next byte to pass on.
    next: u32,
    /// Whether any data was passed on.
    flowed: bool,
    /// The highest acknowledgment of the other end.
    acked: Option<u32>,
    fin: Option<u32>,
    /// What was passed on of it.
    passed: Mark,
    /// The first byte by another SYN than the one that began the stream.
    pub(super) rival: Option<u32>,
    /// Made by the first segment that does not come in its turn: most streams have none.
    disorder: Option<Box<Disorder>>,
}

/// What a stream remembers once something was lost, came early or came from elsewhere.
#[derive(Default)]
struct Disorder {
    later: VecDeque<Piece>,
    later_cost: usize,
    hole_since: Nanos,
    jumps: [(u32, u32); JUMPS],
    /// Where the next of a run of segments outside the window would begin, and how many there were.
    stray: (u32, u8),
}

impl Stream {
    fn disorder(&mut self) -> &mut Disorder {
        self.disorder.get_or_insert_default()
    }

    /// Pieces that wait for what lies before them.
    fn later(&self) -> impl Iterator<Item = &Piece> {
        self.disorder.iter().flat_map(|disorder| &disorder.later)
    }

    /// Where the first of them begins.
    fn first_later(&self) -> Option<u32> {
        self.disorder.as_ref()?.later.front().map(|piece| piece.at)
    }

    pub(super) fn begin(&mut self, first: u32) {
        self.phase = Phase::Synced;
        self.by_syn = true;
        self.first = first;
        self.next = first;
    }

    pub(super) const fn unseen(&self) -> bool {
        matches!(self.phase, Phase::Unseen)
    }

    pub(super) const fn synced(&self) -> bool {
        matches!(self.phase, Phase::Synced)
    }

    pub(super) const fn by_syn(&self) -> bool {
        self.by_syn
    }

    pub(super) const fn first(&self) -> u32 {
        self.first
    }

    pub(super) const fn next(&self) -> u32 {
        self.next
    }

    pub(super) const fn flowed(&self) -> bool {
        self.flowed
    }

    pub(super) const fn has_fin(&self) -> bool {
        self.fin.is_some()
    }

    /// Everything up to the FIN was passed on.
    pub(super) fn finished(&self) -> bool {
        self.fin == Some(self.next)
    }

    /// The other end has seen everything before `number`.
    pub(super) fn acknowledge(&mut self, flow: &mut Flowing<'_, '_>, number: u32) {
        if self.acked.is_none_or(|acked| ahead(number, acked) > 0) {
            self.acked = Some(number);
            self.settle(flow);
        }
    }

    pub(super) fn fin(&mut self, at: u32) {
        if self.synced() && self.fin.is_none() && distance(at, self.next) <= WINDOW {
            self.fin = Some(at);
        }
    }

    /// A segment without data, which may be a keep-alive.
    pub(super) fn bare(&mut self, flow: &mut Flowing<'_, '_>, at: u32) {
        match self.phase {
            Phase::Unseen | Phase::Loose => {
                self.phase = Phase::Loose;
                self.next = at;
            }
            Phase::Synced if self.flowed && at == self.next.wrapping_sub(1) => {
                bump(&mut flow.cx.counts.keep_alives);
            }
            Phase::Synced => {}
        }
    }

    /// `true` where the data began a conversation of which another SYN had told, see [`Stream::rival`].
    pub(super) fn data(&mut self, flow: &mut Flowing<'_, '_>, mut data: Data<'_>, after_syn: bool) -> bool {
        if !self.synced() {
            self.phase = Phase::Synced;
            self.next = data.at;
            // Where the opener's first acknowledgment names this byte, it is the first.
            if !(after_syn && self.acked == Some(data.at)) {
                flow.content.headless(flow.side);
            }
        }
        if let Some(fin) = self.fin {
            let room = distance(fin, data.at);
            if room == 0 || room > WINDOW {
                if distance(data.at, fin) <= WINDOW {
                    flow.cx.sink.weird(flow.conversation, "tcp.data_after_fin");
                    return false;
                }
            } else if index(room) < data.bytes.len() {
                flow.cx.sink.weird(flow.conversation, "tcp.data_after_fin");
                data.bytes = data.bytes.get(..index(room)).unwrap_or_default();
                data.cut = 0;
            }
        }
        let mut early = distance(data.at, self.next);
        if ahead(data.at, self.next) < 0 {
            let old = distance(self.next, data.at);
            if old > WINDOW {
                return self.stranger(flow, data);
            }
            if old == 1 && data.bytes.len() <= 1 && self.flowed {
                bump(&mut flow.cx.counts.keep_alives);
                return false;
            }
            let seen = index(old).min(data.bytes.len());
            self.came_late(flow, data.at, short(seen));
            self.compare(flow, data.at, data.bytes.get(..seen).unwrap_or_default());
            let Some(rest) = data.bytes.get(index(old)..).filter(|rest| !rest.is_empty()) else {
                bump(&mut flow.cx.counts.repeated);
                return false;
            };
            data.bytes = rest;
            data.at = self.next;
            early = 0;
        }
        if early > 0 {
            if early > WINDOW {
                return self.stranger(flow, data);
            }
            bump(&mut flow.cx.counts.out_of_order);
            if u64::from(early) > flow.content.unwanted(flow.side) {
                self.keep(flow, data);
                self.settle(flow);
                return false;
            }
            self.jump(flow, data.at);
        }
        let Some(disorder) = &mut self.disorder else {
            self.pass(flow, data);
            return false;
        };
        disorder.stray = (0, 0);
        match disorder.later.front() {
            Some(first) if ahead(data.end(), first.at) > 0 => {
                self.keep(flow, data);
                self.settle(flow);
            }
            Some(_) => {
                self.pass(flow, data);
                self.settle(flow);
            }
            None => self.pass(flow, data),
        }
        false
    }

    /// Passes on bytes that begin where the stream stands.
    fn pass(&mut self, flow: &mut Flowing<'_, '_>, data: Data<'_>) {
        self.flowed = true;
        let unread = usize::try_from(flow.content.unwanted(flow.side)).unwrap_or(usize::MAX);
        if let Some(read) = data.bytes.get(unread..).filter(|read| !read.is_empty()) {
            self.passed = flow.cx.history.remember(self.passed, self.next.wrapping_add(short(unread)), read);
        }
        self.next = self.next.wrapping_add(short(data.bytes.len()));
        flow.content.bytes(flow.cx, flow.conversation, flow.side, data.bytes, data.push);
        if data.cut > 0 {
            self.next = self.next.wrapping_add(data.cut);
            flow.content.gap(flow.cx, flow.conversation, flow.side, u64::from(data.cut));
        }
    }

    /// Compares bytes that come again with those that were passed on.
    fn compare(&self, flow: &mut Flowing<'_, '_>, at: u32, bytes: &[u8]) {
        match flow.cx.history.compare(self.passed, at, bytes) {
            Compared::Same => {}
            Compared::Differs => ambiguous(flow),
            Compared::Forgotten => bump(&mut flow.cx.counts.overlaps_forgotten),
        }
    }

    /// Whether the bytes from `at` on say nothing new.
    pub(super) fn repeats(&self, at: u32, bytes: &[u8], history: &History) -> bool {
        if !self.synced() || distance(at, self.next).min(distance(self.next, at)) > WINDOW {
            return true;
        }
        let old = usize::try_from(ahead(self.next, at)).unwrap_or(0).min(bytes.len());
        let (passed, waits) = bytes.split_at(old);
        if history.compare(self.passed, at, passed) == Compared::Differs {
            return false;
        }
        let data = Data { at: at.wrapping_add(short(old)), bytes: waits, cut: 0, push: false };
        let mut known = data.at;
        for piece in self.later() {
            if ahead(piece.at, known) > 0 || known == data.end() {
                break;
            }
            let to = nearer(piece.end(), data.end());
            if ahead(to, known) > 0 {
                if piece.part(known, to) != data.part(known, to) {
                    return false;
                }
                known = to;
            }
        }
        known == data.end()
    }

    /// Goes on at `to`; nobody wants to see what lies before.
    fn jump(&mut self, flow: &mut Flowing<'_, '_>, to: u32) {
        let n = distance(to, self.next);
        flow.content.jump(flow.side, u64::from(n));
        flow.conversation.missed = flow.conversation.missed.saturating_add(u64::from(n));
        add(&mut flow.cx.counts.skipped_unseen, index(n));
        let from = std::mem::replace(&mut self.next, to);
        let jumps = &mut self.disorder().jumps;
        jumps.rotate_right(1);
        if let Some(jump) = jumps.first_mut() {
            *jump = (from, to);
        }
    }

    /// Bytes before the place where the stream stands: where they were jumped, they are not missed after all.
    fn came_late(&mut self, flow: &mut Flowing<'_, '_>, at: u32, length: u32) {
        let Some(Disorder { jumps, .. }) = self.disorder.as_deref_mut() else { return };
        let end = at.wrapping_add(length);
        let mut rests = [(0, 0); JUMPS];
        for (jump, rest) in jumps.iter_mut().zip(&mut rests) {
            let (from, to) = *jump;
            let low = if ahead(at, from) > 0 { at } else { from };
            let high = if ahead(end, to) < 0 { end } else { to };
            if from == to || ahead(high, low) <= 0 {
                continue;
            }
            flow.content.late(flow.conversation, u64::from(distance(high, low)));
            *jump = (from, low);
            *rest = (high, to);
        }
        for rest in rests.into_iter().filter(|(from, to)| from != to) {
            if let Some(free) = jumps.iter_mut().find(|(from, to)| from == to) {
                *free = rest;
            }
        }
    }

    /// Lets a piece wait. What others already hold of it is not taken again.
    fn keep(&mut self, flow: &mut Flowing<'_, '_>, data: Data<'_>) {
        while self.is_full_for(flow, data.bytes.len()) {
            bump(&mut flow.cx.counts.stream_full);
            self.give_up_hole(flow);
            self.drain(flow);
            if ahead(data.at, self.next) <= 0 {
                // The stream has caught up with this piece.
                let known = index(distance(self.next, data.at));
                if let Some(rest) = data.bytes.get(known..).filter(|rest| !rest.is_empty()) {
                    let rest = Data { at: self.next, bytes: rest, ..data };
                    if self.disorder().later.is_empty() {
                        self.pass(flow, rest);
                        return;
                    }
                    return self.place(flow, rest);
                }
                return;
            }
        }
        self.place(flow, data);
    }

    fn is_full_for(&self, flow: &Flowing<'_, '_>, n: usize) -> bool {
        self.disorder.as_ref().is_some_and(|disorder| {
            disorder.later.len() >= MAX_PIECES
                || (!disorder.later.is_empty() && disorder.later_cost.saturating_add(n) > flow.cx.held_per_stream)
        })
    }

    fn place(&mut self, flow: &mut Flowing<'_, '_>, data: Data<'_>) {
        let (base, end) = (self.next, data.end());
        let from = |number: u32| distance(number, base);
        let later_pieces = &mut self.disorder().later;
        let first = later_pieces.partition_point(|piece| from(piece.end()) <= from(data.at));
        let behind = later_pieces.partition_point(|piece| from(piece.at) < from(end)).max(first);
        let differs = later_pieces.range(first..behind).any(|piece| {
            let (low, high) = (later(piece.at, data.at), nearer(piece.end(), end));
            piece.part(low, high) != data.part(low, high)
        });
        if differs {
            ambiguous(flow);
        }
        if !flow.cx.may_hold(data.bytes.len().saturating_add(PIECE_COST)) {
            add(&mut flow.cx.counts.held_full, data.bytes.len());
            return;
        }
        let now = flow.now;
        let disorder = self.disorder();
        if disorder.later.is_empty() {
            disorder.hole_since = now;
        }
        let overlapped: Vec<Piece> = disorder.later.drain(first..behind).collect();
        self.release(flow, &overlapped);
        let made = overlap(self.policy, data, overlapped);
        let cost = cost(&made);
        flow.cx.hold(cost);
        let disorder = self.disorder();
        disorder.later_cost = disorder.later_cost.saturating_add(cost);
        for piece in made.into_iter().rev() {
            disorder.later.insert(first, piece);
        }
    }

    /// Pieces that wait no longer cost nothing.
    fn release(&mut self, flow: &mut Flowing<'_, '_>, pieces: &[Piece]) {
        let cost = cost(pieces);
        let disorder = self.disorder();
        disorder.later_cost = disorder.later_cost.saturating_sub(cost);
        flow.cx.release(cost);
    }

    /// Passes on what now follows, and gives up holes that will not be filled.
    fn settle(&mut self, flow: &mut Flowing<'_, '_>) {
        loop {
            self.drain(flow);
            let Some(disorder) = &self.disorder else { return };
            let Some(first) = disorder.later.front() else { return };
            let known = self.acked.is_some_and(|acked| ahead(acked, first.at) >= 0);
            let old = flow.now.saturating_sub(disorder.hole_since) > HOLE_PATIENCE;
            if !known && !old {
                return;
            }
            self.give_up_hole(flow);
        }
    }

    /// Passes on the pieces that now follow.
    fn drain(&mut self, flow: &mut Flowing<'_, '_>) {
        while let Some(to) = self.first_later() {
            if ahead(to, self.next) > 0 {
                if u64::from(distance(to, self.next)) > flow.content.unwanted(flow.side) {
                    return;
                }
                self.jump(flow, to);
            }
            let disorder = self.disorder();
            disorder.hole_since = flow.now;
            let Some(piece) = disorder.later.pop_front() else { return };
            self.release(flow, std::slice::from_ref(&piece));
            let known = index(distance(self.next, piece.at));
            if let Some(rest) = piece.bytes.get(known..).filter(|rest| !rest.is_empty()) {
                self.pass(flow, Data { at: self.next, bytes: rest, cut: 0, push: piece.push });
            }
        }
    }

    fn give_up_hole(&mut self, flow: &mut Flowing<'_, '_>) {
        let Some(to) = self.first_later() else { return };
        let n = distance(to, self.next);
        bump(&mut flow.cx.counts.gaps);
        add(&mut flow.cx.counts.gap_bytes, index(n));
        self.next = to;
        self.disorder().hole_since = flow.now;
        flow.content.gap(flow.cx, flow.conversation, flow.side, u64::from(n));
    }

    /// A segment outside the window. A run of them shows that it is the stream that is wrong.
    fn stranger(&mut self, flow: &mut Flowing<'_, '_>, data: Data<'_>) -> bool {
        if self.rival == Some(data.at) {
            return true;
        }
        bump(&mut flow.cx.counts.out_of_window);
        let stray = &mut self.disorder().stray;
        let (expected, run) = *stray;
        let run = if run > 0 && expected == data.at { run.saturating_add(1) } else { 1 };
        *stray = (data.at.wrapping_add(short(data.bytes.len())), run);
        if run < RESYNC {
            return false;
        }
        self.flush(flow);
        bump(&mut flow.cx.counts.resynced);
        flow.cx.sink.weird(flow.conversation, "tcp.resync");
        let lost = u64::try_from(ahead(data.at, self.next)).unwrap_or(0);
        flow.content.gap(flow.cx, flow.conversation, flow.side, lost.max(wide(1)));
        self.disorder().stray = (0, 0);
        self.fin = None;
        self.next = data.at;
        self.pass(flow, data);
        false
    }

    /// The stream is over: every hole is a gap now.
    pub(super) fn flush(&mut self, flow: &mut Flowing<'_, '_>) {
        loop {
            self.drain(flow);
            if self.first_later().is_none() {
                return;
            }
            self.give_up_hole(flow);
        }
    }
}

fn cost(pieces: &[Piece]) -> usize {
    pieces.iter().fold(0, |sum, piece| sum.saturating_add(piece.bytes.len()).saturating_add(PIECE_COST))
}

/// What waits once data has come that overlaps pieces: each place is of one of them.
fn overlap(policy: OverlapPolicy, data: Data<'_>, pieces: Vec<Piece>) -> Vec<Piece> {
    let sent = (data.at, data.end());
    let places = |(from, to): (u32, u32)| (ahead(from, data.at), ahead(to, data.at));
    let mut made = Vec::with_capacity(pieces.len().saturating_mul(2).saturating_add(1));
    let new = |from: u32, to: u32| {
        let bytes = data.part(from, to).filter(|part| !part.is_empty())?.to_vec();
        // Only what ends where the segment ended is the end of what its sender had to say.
        let push = data.push && to == data.end();
        Some(Piece { at: from, bytes, push, sent: if policy.trims() { (from, to) } else { sent } })
    };
    // Up to here it is settled whose each place is.
    let mut settled = data.at;
    for piece in pieces {
        let (low, high) = (later(piece.at, data.at), nearer(piece.end(), data.end()));
        if policy.segment_takes(places(sent), places(piece.sent)) {
            made.extend(piece.cut(piece.at, low, policy));
            if piece.end() != high {
                made.extend(new(settled, high));
                made.extend(piece.cut(high, piece.end(), policy));
                settled = high;
            }
        } else {
            made.extend(new(settled, low));
            made.push(piece);
            settled = high;
        }
    }
    made.extend(new(settled, data.end()));
    made
}

/// Different bytes were sent for one place.
fn ambiguous(flow: &mut Flowing<'_, '_>) {
    bump(&mut flow.cx.counts.ambiguous);
    flow.cx.sink.weird(flow.conversation, "tcp.ambiguity");
}

/// The higher of two sequence numbers.
const fn later(one: u32, other: u32) -> u32 {
    if ahead(one, other) > 0 { one } else { other }
}

/// The lower of two sequence numbers.
const fn nearer(one: u32, other: u32) -> u32 {
    if ahead(one, other) < 0 { one } else { other }
}

/// How far `number` lies behind `from`, where it is known to.
const fn distance(number: u32, from: u32) -> u32 {
    number.wrapping_sub(from)
}

/// The same with a sign: sequence numbers wrap (RFC 9293 3.4).
pub(super) const fn ahead(number: u32, from: u32) -> i32 {
    number.wrapping_sub(from).cast_signed()
}
