//! DNS over TCP: each message behind a length of two bytes (RFC 1035 4.2.2).

use super::codec;
use crate::domain::HEADER;
use crate::{Decoder, Malformed, Progress, Sink, Verdict, Way};

#[derive(Default)]
pub(super) struct Stream {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// A message was cut by a gap and is still to be counted.
    cut: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// At a length whose place is not certain: at the start, or after a gap.
    #[default]
    Start,
    Length,
    Body(usize),
    /// Bytes to pass to the end of a message.
    Pass(usize),
    /// Given up: nothing marks the start of a message.
    Lost,
}

impl Decoder for Stream {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let half = self.half(way);
        if std::mem::take(&mut half.cut) {
            sink.weird("dns.cut");
        }
        loop {
            match half.state {
                State::Start => match begins(bytes) {
                    Verdict::Yes => half.state = State::Length,
                    Verdict::Unsure => return Ok(Progress::Need(bytes.len().saturating_add(1))),
                    Verdict::Likely | Verdict::No => {
                        half.state = State::Lost;
                        return Err(Malformed { field: "dns.length", at: 0 });
                    }
                },
                State::Length => {
                    let Some(&length) = bytes.first_chunk::<2>() else { return Ok(Progress::Need(2)) };
                    let length = usize::from(u16::from_be_bytes(length));
                    if length < HEADER {
                        half.state = State::Pass(length.saturating_add(2));
                        return Err(Malformed { field: "dns.length", at: 0 });
                    }
                    half.state = State::Body(length);
                    return Ok(Progress::Read(2));
                }
                State::Body(length) => {
                    let Some(message) = bytes.get(..length) else { return Ok(Progress::Need(length)) };
                    half.state = State::Pass(length);
                    codec::decode(message, sink)?;
                    half.state = State::Length;
                    return Ok(Progress::Read(length));
                }
                State::Pass(left) => {
                    half.state = State::Length;
                    let read = left.min(bytes.len());
                    let ahead = left.saturating_sub(read) as u64;
                    return Ok(if ahead == 0 { Progress::Read(read) } else { Progress::Skip { read, ahead } });
                }
                State::Lost => return Ok(Progress::Read(bytes.len())),
            }
        }
    }

    fn gap(&mut self, way: Way, n: u64) {
        let half = self.half(way);
        match half.state {
            State::Start | State::Lost => {}
            State::Length => half.state = State::Start,
            State::Body(left) | State::Pass(left) => {
                half.cut = true;
                half.state = match usize::try_from(n).ok().and_then(|n| left.checked_sub(n)) {
                    Some(0) => State::Length,
                    Some(left) => State::Pass(left),
                    None => State::Start,
                };
            }
        }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Stream {
    fn half(&mut self, way: Way) -> &mut Half {
        let [to_server, to_client] = &mut self.halves;
        match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        }
    }
}

/// Whether a length and a message stand here.
pub(super) fn begins(bytes: &[u8]) -> Verdict {
    let Some((&length, message)) = bytes.split_first_chunk::<2>() else { return Verdict::Unsure };
    let length = usize::from(u16::from_be_bytes(length));
    if length < HEADER {
        return Verdict::No;
    }
    codec::looks(message.get(..length).unwrap_or(message), length)
}
