//! SIP over TCP: heads, and bodies by their length (RFC 3261 18.3).

use super::message;
use crate::fields::{end_of_head, search_from};
use crate::{Decoder, Malformed, Progress, Sink, Verdict, Way};
use memchr::memchr;

/// The longest head that is read; a longer one is passed.
pub const HEAD_MAX: usize = 16 * 1024;

#[derive(Default)]
pub(super) struct Stream {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// Bytes of a head in which there is no end of it.
    searched: usize,
    cut: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// Where a message must begin.
    #[default]
    Start,
    /// At the start of a line that may begin a message.
    Seek,
    /// In a line that begins none.
    Pass,
    Head,
}

impl Decoder for Stream {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let half = self.half(way);
        if std::mem::take(&mut half.cut) {
            sink.weird("sip.cut");
        }
        loop {
            match half.state {
                State::Start => {
                    let lines = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n' | 0)).count();
                    if lines > 0 {
                        return Ok(Progress::Read(lines));
                    }
                    half.state = State::Head;
                    if bytes.first().is_none_or(|byte| !byte.is_ascii_alphanumeric()) {
                        half.state = State::Pass;
                        return Err(Malformed { field: "sip.start_line", at: 0 });
                    }
                }
                State::Seek => match message::looks(bytes) {
                    Verdict::Yes => half.state = State::Head,
                    Verdict::Unsure => return Ok(Progress::Need(bytes.len().saturating_add(1))),
                    Verdict::Likely | Verdict::No => half.state = State::Pass,
                },
                State::Pass => {
                    let read = match memchr(b'\n', bytes) {
                        Some(at) => {
                            half.state = State::Seek;
                            at.saturating_add(1)
                        }
                        None => bytes.len(),
                    };
                    return Ok(Progress::Read(read));
                }
                State::Head => return half.head(bytes, sink),
            }
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        let half = self.half(way);
        half.cut = matches!(half.state, State::Start | State::Head);
        half.searched = 0;
        half.state = State::Seek;
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

impl Half {
    fn head(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let within = bytes.get(..HEAD_MAX).unwrap_or(bytes);
        let Some(end) = end_of_head(within, search_from(self.searched)) else {
            if within.len() < HEAD_MAX {
                self.searched = within.len();
                return Ok(Progress::Need(within.len().saturating_add(1)));
            }
            self.searched = 0;
            self.state = State::Pass;
            return Err(Malformed { field: "sip.head_length", at: 0 });
        };
        self.searched = 0;
        self.state = State::Pass;
        let length = message::head(within.get(..end).unwrap_or_default(), sink)?;
        self.state = State::Start;
        match length {
            Some(length) if length > 0 => Ok(Progress::Skip { read: end, ahead: length }),
            Some(_) => Ok(Progress::Read(end)),
            // A stream must say how long its bodies are: what follows is looked at line by line.
            None => {
                self.state = State::Seek;
                Ok(Progress::Read(end))
            }
        }
    }
}
