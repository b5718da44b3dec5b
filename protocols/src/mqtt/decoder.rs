//! Packets of both directions.

use super::codec::{self, Fixed, Header};
use crate::{Decoder, Malformed, Progress, Sink, Way};

/// The most of a packet that is read behind its fixed header. What is longer passes unread.
pub const HEAD_MAX: usize = 4096;

#[derive(Default)]
pub(super) struct Link {
    states: [State; 2],
    level: Option<u8>,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Header,
    Body(Header),
    /// A packet was reported broken: its bytes are to be passed.
    Pass {
        read: usize,
        ahead: u64,
    },
    /// Nothing marks the start of a packet: on to the first that can be recognised.
    Seek,
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.states;
        let state = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        loop {
            match *state {
                State::Header => match codec::fixed(bytes) {
                    Fixed::Short => return Ok(Progress::Need(bytes.len().saturating_add(1))),
                    Fixed::Broken(at) => {
                        *state = State::Seek;
                        return Err(Malformed { field: "mqtt.header", at });
                    }
                    Fixed::Is(header) => *state = State::Body(header),
                },
                State::Body(header) => {
                    let within = usize::try_from(header.remaining).unwrap_or(usize::MAX).min(HEAD_MAX);
                    let end = header.length.saturating_add(within);
                    let Some(head) = bytes.get(header.length..end) else { return Ok(Progress::Need(end)) };
                    let ahead = header.remaining.saturating_sub(within as u64);
                    *state = State::Pass { read: end, ahead };
                    if let Some(level) = codec::decode(header, head, ahead == 0, self.level, sink)? {
                        self.level = Some(level);
                    }
                }
                State::Pass { read, ahead } => {
                    *state = State::Header;
                    return Ok(if ahead == 0 { Progress::Read(read) } else { Progress::Skip { read, ahead } });
                }
                State::Seek => {
                    let found = seek(bytes);
                    match found {
                        Found::At(0) => *state = State::Header,
                        Found::At(n) => return Ok(Progress::Read(n)),
                        Found::Need(n) => return Ok(Progress::Need(n)),
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

enum Found {
    /// This many bytes before it are nothing; the bytes that were given may end with them.
    At(usize),
    Need(usize),
}

/// Looks for the first packet that can be recognised by its own bytes. Only kinds with text in them are strong enough.
fn seek(bytes: &[u8]) -> Found {
    for at in 0..bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let header = match codec::fixed(rest) {
            Fixed::Is(header) if strong(&header) => header,
            Fixed::Is(_) | Fixed::Broken(_) => continue,
            Fixed::Short => return wait(at, 5),
        };
        let end = header.length.saturating_add(usize::try_from(header.remaining).unwrap_or(usize::MAX));
        let end = end.min(codec::LOOK);
        match rest.get(header.length..end) {
            Some(head) if codec::recognisable(header, head) => return Found::At(at),
            Some(_) => {}
            None => {
                if let Some(need) = may(&header, rest, end) {
                    return wait(at, need);
                }
            }
        }
    }
    Found::At(bytes.len())
}

/// What is before `at` is nothing; behind it more is needed.
fn wait(at: usize, need: usize) -> Found {
    if at == 0 { Found::Need(need) } else { Found::At(at) }
}

fn strong(header: &Header) -> bool {
    match header.kind {
        codec::CONNECT => header.remaining >= 12,
        codec::PUBLISH => header.remaining >= 5,
        codec::SUBSCRIBE | codec::UNSUBSCRIBE => (6..=100).contains(&header.remaining),
        _ => false,
    }
}

/// How many bytes are needed to tell, unless the first length cannot be that of a topic or a name.
fn may(header: &Header, rest: &[u8], end: usize) -> Option<usize> {
    let begin = header.length.saturating_add(2);
    match (header.kind, rest.get(header.length..begin)) {
        (codec::SUBSCRIBE | codec::UNSUBSCRIBE, _) | (_, Some([0, 3..=120])) => Some(end),
        (_, Some(_)) => None,
        (_, None) => Some(begin.min(end)),
    }
}
