//! Messages over TCP, in fragments behind their marks (RFC 5531 11).

use super::codec::{self, Pending};
use crate::{Decoder, Malformed, Progress, Reader, Sink, Verdict, Way};

/// The most of a message that is read; the rest passes unread.
pub const HEAD_MAX: usize = 2048;
/// A longer fragment is not believed.
pub const FRAGMENT_MAX: u32 = 1 << 26;
const LAST: u32 = 1 << 31;
/// Mark, and the header of a call without its credential.
const SEEK: usize = 28;

#[derive(Default)]
pub(super) struct Stream {
    states: [State; 2],
    pending: Pending,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// At the mark of a first fragment.
    #[default]
    Mark,
    /// Behind it.
    Head {
        length: u32,
        last: bool,
    },
    /// At the mark of a further fragment, which passes unread.
    Further,
    Pass {
        read: usize,
        ahead: u64,
        last: bool,
    },
    /// Nothing marks the start of a message: on to the first that can be recognised.
    Seek,
}

impl Decoder for Stream {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.states;
        let state = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        loop {
            match *state {
                State::Mark | State::Further => {
                    let Ok(mark) = Reader::new(bytes).u32("rpc.mark") else { return Ok(Progress::Need(4)) };
                    let (last, length) = (mark & LAST != 0, mark & !LAST);
                    if length > FRAGMENT_MAX {
                        *state = State::Seek;
                        return Err(Malformed { field: "rpc.mark", at: 0 });
                    }
                    *state = match (*state, length) {
                        (State::Mark, 0) => State::Mark,
                        (State::Mark, _) => State::Head { length, last },
                        _ => State::Pass { read: 4, ahead: u64::from(length), last },
                    };
                    if !matches!(*state, State::Pass { .. }) {
                        return Ok(Progress::Read(4));
                    }
                }
                State::Head { length, last } => {
                    let within = usize::try_from(length).unwrap_or(usize::MAX).min(HEAD_MAX);
                    let Some(head) = bytes.get(..within) else { return Ok(Progress::Need(within)) };
                    let ahead = u64::from(length).saturating_sub(within as u64);
                    *state = State::Pass { read: within, ahead, last };
                    codec::decode(head, u64::from(length), &mut self.pending, sink)?;
                }
                State::Pass { read, ahead, last } => {
                    *state = if last { State::Mark } else { State::Further };
                    return Ok(if ahead == 0 { Progress::Read(read) } else { Progress::Skip { read, ahead } });
                }
                State::Seek => {
                    let starts = bytes.windows(SEEK).position(|window| is_start(window, &self.pending));
                    match starts {
                        Some(0) => *state = State::Mark,
                        Some(n) => return Ok(Progress::Read(n)),
                        None if bytes.len() < SEEK => return Ok(Progress::Need(SEEK)),
                        None => return Ok(Progress::Read(bytes.len().saturating_sub(SEEK).saturating_add(1))),
                    }
                }
            }
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if let Some(state) = self.states.get_mut(way.index()) {
            *state = State::Seek;
        }
    }

    fn held(&self) -> usize {
        0
    }
}

/// A call of a known program, or the reply to a call that was seen.
fn is_start(window: &[u8], pending: &Pending) -> bool {
    let mut reader = Reader::new(window);
    let mut word = || reader.u32("").unwrap_or(u32::MAX);
    let (length, transaction, kind, fourth) = (word() & !LAST, word(), word(), word());
    if !(24..=FRAGMENT_MAX).contains(&length) {
        return false;
    }
    match (kind, fourth) {
        (0, 2) => codec::is_known(word()) && word() <= 10 && word() <= 100,
        (1, 0 | 1) => pending.has(transaction),
        _ => false,
    }
}

pub(super) fn begins(way: Way, bytes: &[u8]) -> Verdict {
    let Some((mark, message)) = bytes.split_first_chunk::<4>() else {
        return if bytes.first().is_none_or(|byte| matches!(byte, 0 | 0x80)) { Verdict::Unsure } else { Verdict::No };
    };
    let length = u32::from_be_bytes(*mark) & !LAST;
    if !(16..=1 << 24).contains(&length) {
        return Verdict::No;
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    codec::looks(way, message.get(..length).unwrap_or(message), length)
}
