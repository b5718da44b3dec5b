//! Streams of messages that say their length: what SMB, DCE/RPC, Kerberos and LDAP over TCP have in common.

use crate::{Decoder, MAX_NEED, Malformed, Progress, Sink, Verdict, Way};

/// How long the message is that begins here.
pub(crate) enum Size {
    Is(u64),
    /// So many bytes say it.
    Needs(usize),
    /// No message begins here.
    Broken,
}

/// What comes after a message.
#[derive(PartialEq, Eq)]
pub(crate) enum After {
    Next,
    /// Another protocol.
    Over,
}

pub(crate) trait Frames: Send {
    /// Counts a message that a gap took a part of.
    const CUT: &'static str;
    /// Counts bytes that are no message where one should begin.
    const FRAME: &'static str;

    /// Whether a message begins here. A few bytes must suffice: after a gap it is asked at every byte.
    fn begins(way: Way, bytes: &[u8]) -> Verdict;

    fn size(&self, way: Way, bytes: &[u8]) -> Size;

    /// How many bytes of the message that begins here are to be shown, as far as its bytes so far tell.
    fn wanted(&self, way: Way, bytes: &[u8]) -> usize;

    /// Reads a message of `size` bytes, of which those are shown that were wanted.
    fn message(&mut self, way: Way, bytes: &[u8], size: u64, sink: &mut dyn Sink) -> Result<After, Malformed>;
}

pub(crate) struct Stream<F> {
    frames: F,
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// The size of the message that waits for more bytes.
    waits: u64,
    /// A message was cut by a gap and is still to be counted.
    cut: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// In the middle of something: at the start, or after a gap.
    #[default]
    Seek,
    Boundary,
    /// A broken message is to be passed.
    Pass(u64),
    /// What stands here is no message.
    Broken,
}

impl<F: Frames> Stream<F> {
    pub(crate) fn new(frames: F) -> Self {
        Stream { frames, halves: Default::default() }
    }
}

/// Past a message of which `read` bytes were read.
fn passed(read: usize, size: u64) -> Progress {
    match size.saturating_sub(read as u64) {
        0 => Progress::Read(read),
        ahead => Progress::Skip { read, ahead },
    }
}

/// How far the first place is at which a message may begin.
fn seek<F: Frames>(way: Way, bytes: &[u8]) -> (usize, Verdict) {
    (0..bytes.len())
        .map(|at| (at, F::begins(way, bytes.get(at..).unwrap_or_default())))
        .find(|(_, verdict)| matches!(verdict, Verdict::Yes | Verdict::Unsure))
        .unwrap_or((bytes.len(), Verdict::No))
}

impl<F: Frames> Decoder for Stream<F> {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        if std::mem::take(&mut half.cut) {
            sink.weird(F::CUT);
        }
        loop {
            match half.state {
                State::Seek => match seek::<F>(way, bytes) {
                    (0, Verdict::Yes) => half.state = State::Boundary,
                    (0, _) => return Ok(Progress::Need(bytes.len().saturating_add(1))),
                    (at, _) => return Ok(Progress::Read(at)),
                },
                State::Boundary => {
                    half.waits = 0;
                    let size = match self.frames.size(way, bytes) {
                        Size::Needs(n) => return Ok(Progress::Need(n)),
                        Size::Broken | Size::Is(0) => {
                            half.state = State::Broken;
                            return Err(Malformed { field: F::FRAME, at: 0 });
                        }
                        Size::Is(size) => size,
                    };
                    let most = usize::try_from(size).unwrap_or(MAX_NEED).min(MAX_NEED);
                    let here = bytes.get(..most).unwrap_or(bytes);
                    let wanted = self.frames.wanted(way, here).min(most);
                    let Some(message) = bytes.get(..wanted) else {
                        half.waits = size;
                        return Ok(Progress::Need(wanted));
                    };
                    half.state = State::Pass(size);
                    let after = self.frames.message(way, message, size, sink)?;
                    half.state = State::Boundary;
                    return Ok(match (after, passed(wanted, size)) {
                        (After::Over, Progress::Read(n)) => Progress::Over(n),
                        (_, passed) => passed,
                    });
                }
                State::Pass(left) => {
                    half.state = State::Boundary;
                    return Ok(passed(0, left));
                }
                State::Broken => {
                    half.state = State::Seek;
                    return Ok(Progress::Read(1));
                }
            }
        }
    }

    fn gap(&mut self, way: Way, n: u64) {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        let left = match half.state {
            State::Seek | State::Broken => None,
            State::Boundary => Some(half.waits).filter(|&waits| waits > 0),
            State::Pass(left) => Some(left),
        };
        half.waits = 0;
        half.cut = left.is_some();
        half.state = match left.and_then(|left| left.checked_sub(n)) {
            Some(0) => State::Boundary,
            Some(left) => State::Pass(left),
            None => State::Seek,
        };
    }

    fn held(&self) -> usize {
        0
    }
}
