//! MLLP framing of both directions (`0B` block `1C 0D`).

use super::block::{self, Memory};
use super::recent::Recent;
use super::{Acknowledge, End};
use crate::event::Size;
use crate::{Decoder, MAX_NEED, Malformed, Progress, Sink, Way};
use memchr::{memchr, memchr2};

pub(super) const START: u8 = 0x0b;
const END: u8 = 0x1c;
/// The most of a block that is read, its start mark included. The rest of a longer one streams past.
pub const BLOCK_MAX: usize = MAX_NEED;
/// A block longer than this is given up as one that never ends.
pub const UNTERMINATED_MAX: u64 = 128 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Link {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// Bytes behind the start mark in which there is no end mark, so that they are not searched again.
    searched: usize,
    recent: Recent,
    /// Bytes outside any block were reported since the last one.
    stray: bool,
    /// A block was cut by a gap and is still to be counted.
    cut: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// Looking for a start mark.
    #[default]
    Outside,
    /// At a start mark.
    Block,
    /// This many bytes were reported broken and are to be passed; the block may go on behind them.
    Broken { bytes: usize, closed: bool },
    /// In a block of which no more is read; so many bytes of it have passed. `reported`: an end event is due.
    Streaming { size: u64, reported: bool },
    /// Behind an end mark.
    Ended,
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.halves;
        let (half, other) = match way {
            Way::ToServer => (to_server, &*to_client),
            Way::ToClient => (to_client, &*to_server),
        };
        if bytes.is_empty() {
            return Ok(Progress::Need(1));
        }
        if std::mem::take(&mut half.cut) {
            sink.weird("hl7.cut");
        }
        loop {
            match half.state {
                State::Outside => match half.outside(bytes, sink) {
                    0 => half.state = State::Block,
                    n => return Ok(Progress::Read(n)),
                },
                State::Ended => {
                    half.state = State::Outside;
                    match bytes.first() {
                        Some(b'\r') => return Ok(Progress::Read(1)),
                        _ => sink.weird("hl7.end_without_cr"),
                    }
                }
                State::Broken { bytes: n, closed } => {
                    let streaming = State::Streaming { size: n as u64, reported: false };
                    half.state = if closed { State::Ended } else { streaming };
                    return Ok(Progress::Read(n.min(bytes.len())));
                }
                State::Streaming { size, reported } => match half.stream(size, reported, bytes, sink) {
                    0 => {}
                    n => return Ok(Progress::Read(n)),
                },
                State::Block => return half.block(bytes, &other.recent, sink),
            }
        }
    }

    fn gap(&mut self, way: Way, n: u64) {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        half.searched = 0;
        match &mut half.state {
            // What is behind the gap may still belong to the block: a start mark will tell.
            State::Streaming { size, .. } => *size = size.saturating_add(n),
            State::Block => {
                half.cut = true;
                half.state = State::Streaming { size: n, reported: false };
            }
            State::Outside | State::Ended | State::Broken { .. } => half.state = State::Outside,
        }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Half {
    /// Bytes before the next start mark. Line ends between blocks are nothing remarkable.
    fn outside(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> usize {
        let n = memchr(START, bytes).unwrap_or(bytes.len());
        let stray = bytes.iter().take(n).any(|byte| !byte.is_ascii_whitespace());
        if stray && !std::mem::replace(&mut self.stray, true) {
            sink.weird("hl7.outside");
        }
        n
    }

    /// From a start mark on.
    fn block(&mut self, bytes: &[u8], other: &Recent, sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let within = bytes.get(..BLOCK_MAX).unwrap_or(bytes);
        let from = self.searched.saturating_add(1);
        let mark = memchr2(END, START, within.get(from..).unwrap_or_default()).map(|at| at.saturating_add(from));
        let (end, closed) = match mark.and_then(|at| bytes.get(at).map(|&byte| (at, byte == END))) {
            Some(mark) => mark,
            None if within.len() < BLOCK_MAX => {
                self.searched = within.len().saturating_sub(1);
                return Ok(Progress::Need(within.len().saturating_add(1)));
            }
            None => (BLOCK_MAX, false),
        };
        self.searched = 0;
        self.stray = false;
        let block = bytes.get(1..end).unwrap_or_default();
        let outgrown = mark.is_none();
        if !closed && !outgrown {
            // A new block begins in this one.
            sink.weird("hl7.cut");
            self.state = State::Block;
            return Ok(Progress::Read(end));
        }
        let past = if closed { end.saturating_add(1) } else { end };
        let next = if closed { State::Ended } else { State::Streaming { size: block.len() as u64, reported: true } };
        let mut memory = Memory { own: &mut self.recent, other };
        let result = match block {
            // MLLP release 2 commit acknowledgements; an empty block answers a probe.
            [code @ (0x06 | 0x15)] if closed => {
                sink.event(&Acknowledge { accepted: *code == 0x06 });
                Ok(())
            }
            [] => Ok(()),
            _ if is_v2(block) => block::block(block, 1, closed, &mut memory, sink),
            _ => {
                sink.weird("hl7.not_v2");
                Ok(())
            }
        };
        match result {
            Ok(()) => {
                self.state = next;
                Ok(Progress::Read(past))
            }
            Err(malformed) => {
                self.state = State::Broken { bytes: past, closed };
                Err(malformed)
            }
        }
    }

    /// Passes what is left of a block; returns how many bytes.
    fn stream(&mut self, size: u64, reported: bool, bytes: &[u8], sink: &mut dyn Sink) -> usize {
        let mark = memchr2(END, START, bytes);
        let n = mark.unwrap_or(bytes.len());
        let size = size.saturating_add(n as u64);
        let closed = mark.is_some_and(|at| bytes.get(at) == Some(&END));
        if mark.is_none() && size <= UNTERMINATED_MAX {
            self.state = State::Streaming { size, reported };
            return n;
        }
        if reported {
            sink.event(&End { size: Size(size) });
        }
        self.state = match (mark, closed) {
            (None, _) => {
                sink.weird("mllp.unterminated");
                State::Outside
            }
            (Some(_), true) => State::Ended,
            (Some(_), false) => {
                sink.weird("hl7.cut");
                State::Block
            }
        };
        n.saturating_add(usize::from(closed))
    }
}

pub(super) fn is_v2(block: &[u8]) -> bool {
    matches!(block.get(..3), Some(b"MSH" | b"FHS" | b"BHS"))
}
