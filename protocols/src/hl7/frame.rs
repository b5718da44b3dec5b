use super::segments::Messages;
use super::{END, End, START};
use crate::event::Size;
use crate::{Decoder, MAX_NEED, Malformed, Progress, Sink, Way};
use memchr::memchr2;

/// MLLP blocks in both directions of one conversation.
#[derive(Default)]
pub(super) struct Mllp {
    ways: [Side; 2],
    messages: Messages,
}

#[derive(Default)]
struct Side {
    /// Bytes of the block at hand that were searched and hold no end.
    searched: usize,
    /// Bytes so far of a block that outgrew the buffer.
    streaming: Option<u64>,
    /// A block ended: CR belongs here (MLLP release 1).
    owes_return: bool,
    /// A block broke off; its first byte is passed over on the next call.
    cut: usize,
}

impl Decoder for Mllp {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.ways;
        let side = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        if side.cut > 0 {
            return Ok(Progress::Read(std::mem::take(&mut side.cut).min(bytes.len())));
        }
        let Some(&first) = bytes.first() else { return Ok(Progress::Need(1)) };
        if let Some(size) = &mut side.streaming {
            return Ok(match memchr2(END, START, bytes) {
                None => {
                    *size = size.saturating_add(bytes.len() as u64);
                    Progress::Read(bytes.len())
                }
                Some(at) => {
                    let size = size.saturating_add(at as u64);
                    side.streaming = None;
                    sink.event(&End { size: Size(size) });
                    if bytes.get(at) == Some(&END) {
                        side.owes_return = true;
                        Progress::Read(at.saturating_add(1))
                    } else {
                        sink.weird("mllp.unterminated");
                        Progress::Read(at)
                    }
                }
            });
        }
        if std::mem::take(&mut side.owes_return) {
            if first == b'\r' {
                return Ok(Progress::Read(1));
            }
            sink.weird("mllp.end");
        }
        if first != START {
            let next = memchr::memchr(START, bytes).unwrap_or(bytes.len());
            let between = bytes.get(..next).unwrap_or_default();
            if between.iter().any(|byte| !byte.is_ascii_whitespace()) {
                sink.weird("mllp.between");
            }
            return Ok(Progress::Read(next));
        }

        let from = side.searched.max(1).min(bytes.len());
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(found) = memchr2(END, START, rest) else {
            if bytes.len() < MAX_NEED {
                side.searched = bytes.len();
                return Ok(Progress::Need(bytes.len().saturating_add(1)));
            }
            side.searched = 0;
            side.streaming = Some(bytes.len().saturating_sub(1) as u64);
            let block = bytes.get(1..).unwrap_or_default();
            return match self.messages.block(way, block, false, sink) {
                Ok(()) => Ok(Progress::Read(bytes.len())),
                Err(malformed) => {
                    side.cut = bytes.len();
                    Err(shift(malformed))
                }
            };
        };
        side.searched = 0;
        let at = from.saturating_add(found);
        let block = bytes.get(1..at).unwrap_or_default();
        if bytes.get(at) == Some(&START) {
            side.cut = at;
            return Err(Malformed { field: "mllp.unterminated", at });
        }
        side.owes_return = true;
        let whole = at.saturating_add(1);
        match self.messages.block(way, block, true, sink) {
            Ok(()) => Ok(Progress::Read(whole)),
            Err(malformed) => {
                side.cut = whole;
                Err(shift(malformed))
            }
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        let side = match way {
            Way::ToServer => &mut self.ways[0],
            Way::ToClient => &mut self.ways[1],
        };
        *side = Side::default();
    }

    fn held(&self) -> usize {
        0
    }
}

/// From an offset in the block to one in the bytes that were given.
fn shift(malformed: Malformed) -> Malformed {
    Malformed { at: malformed.at.saturating_add(1), ..malformed }
}
