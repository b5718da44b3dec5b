//! Messages over TCP: behind their length, or ended by a line feed (RFC 6587 3.4).

use super::codec;
use crate::line::{self, Cut, Lines};
use crate::{Decoder, Malformed, Progress, Sink, Verdict, Way};
use memchr::memchr;

/// The most of a message that is read.
pub const HEAD_MAX: usize = 8192;
/// A longer message is not believed.
pub const LENGTH_MAX: u64 = 1 << 24;

#[derive(Default)]
pub(super) struct Stream {
    lines: Lines,
    state: State,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Start,
    /// In a message of which so many bytes follow.
    Counted(u64),
    /// In a line.
    Line,
    /// Bytes that were reported broken, and those behind them that belong to them.
    Pass { read: usize, ahead: u64 },
}

impl Decoder for Stream {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        // A collector does not answer.
        if way == Way::ToClient {
            return Ok(Progress::Read(bytes.len()));
        }
        loop {
            match self.state {
                State::Start => match length(bytes) {
                    Counted::Is { length, past } => {
                        self.state = State::Counted(length);
                        return Ok(Progress::Read(past));
                    }
                    Counted::Short => return Ok(Progress::Need(bytes.len().saturating_add(1))),
                    Counted::No => self.state = State::Line,
                },
                State::Counted(length) => {
                    let within = usize::try_from(length).unwrap_or(usize::MAX).min(HEAD_MAX);
                    let Some(head) = bytes.get(..within) else { return Ok(Progress::Need(within)) };
                    let ahead = length.saturating_sub(within as u64);
                    self.state = State::Pass { read: within, ahead };
                    codec::decode(head, length, sink)?;
                }
                State::Line => match self.lines.cut(bytes, HEAD_MAX) {
                    Cut::Need(n) => return Ok(Progress::Need(n)),
                    Cut::Rest(n) => {
                        // The rest may go on; a message begins only behind its end.
                        if bytes.get(n.saturating_sub(1)) == Some(&b'\n') {
                            self.state = State::Start;
                        }
                        return Ok(Progress::Read(n));
                    }
                    Cut::Line { text, past, whole } => {
                        self.state = if whole { State::Pass { read: past, ahead: 0 } } else { State::Line };
                        if !whole {
                            sink.weird("syslog.line_length");
                        }
                        // NUL ends lines too, and empty lines are nothing.
                        let text = text.strip_suffix(b"\0").unwrap_or(text);
                        if !text.is_empty() {
                            let result = codec::decode(text, text.len() as u64, sink);
                            if let (Err(malformed), true) = (result, whole) {
                                return Err(malformed);
                            }
                        }
                        if !whole {
                            return Ok(Progress::Read(past));
                        }
                    }
                },
                State::Pass { read, ahead } => {
                    self.state = State::Start;
                    return Ok(if ahead == 0 { Progress::Read(read) } else { Progress::Skip { read, ahead } });
                }
            }
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if way == Way::ToServer {
            self.state = State::Line;
            self.lines.gap();
        }
    }

    fn held(&self) -> usize {
        0
    }
}

enum Counted {
    Is { length: u64, past: usize },
    Short,
    No,
}

/// `123 ` before a priority.
fn length(bytes: &[u8]) -> Counted {
    let digits = bytes.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && !bytes.is_empty() || digits > 8 || bytes.first() == Some(&b'0') {
        return Counted::No;
    }
    match (bytes.get(digits), bytes.get(digits.saturating_add(1))) {
        (None, _) | (Some(b' '), None) => Counted::Short,
        (Some(b' '), Some(b'<')) => match bytes.get(..digits).and_then(line::number) {
            Some(length) if (4..=LENGTH_MAX).contains(&length) => {
                Counted::Is { length, past: digits.saturating_add(1) }
            }
            _ => Counted::No,
        },
        _ => Counted::No,
    }
}

pub(super) fn begins(bytes: &[u8]) -> Verdict {
    match length(bytes) {
        Counted::Short => Verdict::Unsure,
        Counted::Is { length, past } => {
            let message = bytes.get(past..).unwrap_or_default();
            let all = message.len() as u64 >= length;
            codec::looks(message, all)
        }
        Counted::No => {
            let end = memchr(b'\n', bytes);
            codec::looks(bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default(), end.is_some())
        }
    }
}
