//! Streams of messages that begin with their length: the state machine that such protocols share.

use crate::{Decoder, Malformed, Progress, Sink, Way};

/// Bytes searched for a message after a gap or after bytes that are none.
pub(crate) const SEARCH_MAX: u64 = 1024 * 1024;

/// What stands at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// A message of `length` bytes, of which the first `read` are enough to say what there is to say.
    Message { length: u64, read: usize },
    /// So many bytes are needed for the next check; never more than a header has, or a search would not be linear, and
    /// never more than that check looks at, or what is found would depend on how much is there.
    More(usize),
    /// Not a message.
    No,
}

/// A protocol of such messages.
pub(crate) trait Messages: Send + Default {
    /// What is counted where no message begins.
    const NONE: &'static str;
    /// What is counted where a message was cut by a gap.
    const CUT: &'static str;
    /// What is counted where a direction is given up.
    const LOST: &'static str;

    fn start(&self, way: Way, bytes: &[u8]) -> Start;

    /// The same where nothing says that a message begins here, as after a gap: what must be seen is more.
    fn found(&self, way: Way, bytes: &[u8]) -> Start {
        self.start(way, bytes)
    }

    /// Reads the first bytes of a message, as many as [`Start::Message`] asked for.
    fn read(&mut self, way: Way, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed>;

    /// Whether another protocol goes on where a message would begin, both ways.
    fn over(&self, _bytes: &[u8]) -> bool {
        false
    }

    /// Bytes of this direction were lost.
    fn lost(&mut self, _way: Way) {}
}

#[derive(Default)]
pub(crate) struct Framed<M> {
    messages: M,
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// Length of the message of which more was needed.
    pending: u64,
    /// A message was cut by a gap and is still to be counted.
    cut: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Boundary,
    /// Bytes to pass to the end of a message.
    Pass(u64),
    /// Looking for a message in so many bytes.
    Search(u64),
    /// Given up.
    Lost,
}

/// `n` bytes from here are done with, whether or not all of them were given.
fn pass(n: u64, bytes: &[u8]) -> Progress {
    match usize::try_from(n) {
        Ok(n) if n <= bytes.len() => Progress::Read(n),
        _ => Progress::Skip { read: bytes.len(), ahead: n.saturating_sub(bytes.len() as u64) },
    }
}

impl<M: Messages> Decoder for Framed<M> {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        if bytes.is_empty() {
            return Ok(Progress::Need(1));
        }
        if std::mem::take(&mut half.cut) {
            sink.weird(M::CUT);
        }
        half.pending = 0;
        loop {
            match half.state {
                State::Pass(left) => {
                    half.state = State::Boundary;
                    return Ok(pass(left, bytes));
                }
                State::Lost => return Ok(Progress::Read(bytes.len())),
                State::Search(left) => match half.search(left, bytes, |rest| self.messages.found(way, rest)) {
                    Some(progress) => {
                        if matches!(half.state, State::Lost) {
                            sink.weird(M::LOST);
                        }
                        return Ok(progress);
                    }
                    None => half.state = State::Boundary,
                },
                State::Boundary if self.messages.over(bytes) => return Ok(Progress::Over(0)),
                State::Boundary => {
                    return match self.messages.start(way, bytes) {
                        Start::More(n) => Ok(Progress::Need(n)),
                        Start::No => {
                            half.state = State::Search(SEARCH_MAX);
                            self.messages.lost(way);
                            Err(Malformed { field: M::NONE, at: 0 })
                        }
                        Start::Message { length, read } => match bytes.get(..read) {
                            None => {
                                half.pending = length;
                                Ok(Progress::Need(read))
                            }
                            Some(message) => {
                                half.state = State::Pass(length);
                                self.messages.read(way, message, sink)?;
                                half.state = State::Boundary;
                                Ok(pass(length, bytes))
                            }
                        },
                    };
                }
            }
        }
    }

    fn gap(&mut self, way: Way, n: u64) {
        self.messages.lost(way);
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        let left = match half.state {
            State::Pass(left) => left,
            State::Boundary => std::mem::take(&mut half.pending),
            State::Search(_) | State::Lost => return,
        };
        half.cut |= left > 0;
        half.state = match left.checked_sub(n) {
            Some(0) => State::Boundary,
            Some(left) => State::Pass(left),
            None => State::Search(SEARCH_MAX),
        };
    }

    fn held(&self) -> usize {
        0
    }
}

impl Half {
    /// `None` where a message begins.
    fn search(&mut self, left: u64, bytes: &[u8], start: impl Fn(&[u8]) -> Start) -> Option<Progress> {
        let within = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut at = 0usize;
        while at < within {
            match start(bytes.get(at..).unwrap_or_default()) {
                Start::No => at = at.saturating_add(1),
                Start::Message { .. } if at == 0 => return None,
                Start::More(n) if at == 0 => return Some(Progress::Need(n)),
                _ => break,
            }
        }
        self.state = match left.checked_sub(at as u64) {
            Some(left @ 1..) => State::Search(left),
            _ => State::Lost,
        };
        Some(Progress::Read(at))
    }
}
