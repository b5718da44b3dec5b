//! Turns, frames and bare records of both directions.

use super::e1394::{self, Delimiters};
use super::{Frame, Turn};
use crate::event::{Code, Size};
use crate::{Decoder, Malformed, Progress, Sink, Verdict, Way};
use holter_phi::{Because, Plain};
use memchr::{memchr2, memchr3};

pub(super) const STX: u8 = 2;
pub(super) const VT: u8 = 0x0b;
const ETX: u8 = 3;
const ETB: u8 = 0x17;
const TURNS: &[(u8, &[u8])] = &[(4, b"EOT"), (5, b"ENQ"), (6, b"ACK"), (0x15, b"NAK")];

/// Longest text of a frame, or bare record: CLSI LIS1-A2 allows 63,993 characters, ASTM E1381 no more than 240.
pub const TEXT_MAX: usize = 64_000;

#[derive(Default)]
pub(super) struct Link {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// Bytes in which the end that is looked for is not.
    searched: usize,
    delimiters: Delimiters,
    /// Number of the last frame of this turn.
    last: Option<u8>,
    /// The record at the end of the last frame goes on in the next.
    open: bool,
    /// Bytes that belong nowhere were reported since the last turn or frame.
    stray: bool,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Outside,
    /// At a start of text.
    Frame,
    /// Bare records, at the start of one.
    Bare,
    /// Bytes that were reported broken.
    Pass(usize),
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        loop {
            match half.state {
                State::Outside => match half.outside(bytes, sink) {
                    Some(progress) => return Ok(progress),
                    None => continue,
                },
                State::Frame => return half.frame(bytes, sink),
                State::Bare => match half.bare(bytes, sink) {
                    Some(progress) => return Ok(progress),
                    None => continue,
                },
                State::Pass(n) => {
                    half.state = State::Outside;
                    return Ok(Progress::Read(n.min(bytes.len())));
                }
            }
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if let Some(half) = self.halves.get_mut(way.index()) {
            *half = Half { delimiters: half.delimiters, ..Half::default() };
        }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Half {
    fn outside(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Option<Progress> {
        let &first = bytes.first()?;
        if let Some((byte, word)) = TURNS.iter().find(|(byte, _)| *byte == first) {
            sink.event(&Turn { word: Plain::new(word, Because::Vocabulary) });
            self.stray = false;
            // ENQ and EOT begin and end a turn; numbers start anew.
            if matches!(byte, 4 | 5) {
                self.last = None;
                self.open = false;
            }
            return Some(Progress::Read(1));
        }
        match first {
            STX => {
                self.state = State::Frame;
                self.searched = 0;
                None
            }
            b'H' => match e1394::is_header(bytes) {
                Verdict::Yes => {
                    self.state = State::Bare;
                    self.searched = 0;
                    None
                }
                Verdict::Unsure => Some(Progress::Need(bytes.len().saturating_add(1))),
                Verdict::Likely | Verdict::No => Some(self.astray(sink)),
            },
            b'\r' | b'\n' | VT | 0x1c => Some(Progress::Read(1)),
            _ => Some(self.astray(sink)),
        }
    }

    fn astray(&mut self, sink: &mut dyn Sink) -> Progress {
        if !std::mem::replace(&mut self.stray, true) {
            sink.weird("astm.outside");
        }
        Progress::Read(1)
    }

    /// `STX number text ETX|ETB checksum CR LF`.
    fn frame(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let from = self.searched.max(1);
        let within = bytes.get(..TEXT_MAX).unwrap_or(bytes);
        let found = memchr3(ETX, ETB, STX, within.get(from..).unwrap_or_default());
        let Some(end) = found.map(|end| end.saturating_add(from)) else {
            if within.len() < TEXT_MAX {
                self.searched = within.len();
                return Ok(Progress::Need(within.len().saturating_add(1)));
            }
            self.state = State::Pass(within.len());
            return Err(Malformed { field: "astm.frame", at: 0 });
        };
        let mark = bytes.get(end).copied().unwrap_or_default();
        if mark == STX {
            // A new frame begins in this one.
            self.state = State::Pass(end);
            return Err(Malformed { field: "astm.frame", at: end });
        }
        let Some(sum) = bytes.get(end.saturating_add(1)..end.saturating_add(3)) else {
            self.searched = end;
            return Ok(Progress::Need(end.saturating_add(3)));
        };
        self.searched = 0;
        self.stray = false;
        let past = end.saturating_add(3);
        let summed = bytes.get(1..=end).unwrap_or_default();
        let number = match summed.first() {
            Some(digit @ b'0'..=b'7') => digit.saturating_sub(b'0'),
            _ => {
                self.state = State::Pass(past);
                return Err(Malformed { field: "astm.number", at: 1 });
            }
        };
        let Some(claimed) = hexadecimal(sum) else {
            self.state = State::Pass(end);
            return Err(Malformed { field: "astm.checksum", at: end.saturating_add(1) });
        };
        let computed = summed.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        let text = summed.get(1..summed.len().saturating_sub(1)).unwrap_or_default();
        let valid = computed == claimed;
        let repeated = self.last == Some(number);
        sink.event(&Frame {
            number: Code(u64::from(number)),
            last: mark == ETX,
            valid,
            repeated,
            size: Size(text.len() as u64),
        });
        if valid {
            // A frame that was whole and comes again tells nothing new.
            if !repeated {
                self.records(text, mark == ETB, sink);
            }
            self.last = Some(number);
        } else {
            sink.weird("astm.checksum");
        }
        self.state = State::Outside;
        Ok(Progress::Read(past))
    }

    fn records(&mut self, text: &[u8], more: bool, sink: &mut dyn Sink) {
        let mut rest = text;
        if self.open {
            let end = memchr2(b'\r', b'\n', rest);
            rest = end.and_then(|end| rest.get(end.saturating_add(1)..)).unwrap_or_default();
            if end.is_none() {
                self.open = more;
                return;
            }
        }
        self.open = false;
        while !rest.is_empty() {
            let (one, after, cut) = match memchr2(b'\r', b'\n', rest) {
                Some(end) => {
                    (rest.get(..end).unwrap_or_default(), rest.get(end.saturating_add(1)..).unwrap_or_default(), false)
                }
                None => (rest, &[][..], more),
            };
            e1394::report(one, cut, &mut self.delimiters, sink);
            self.open |= cut;
            rest = after;
        }
    }

    /// One record that no frame surrounds.
    fn bare(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Option<Progress> {
        // What cannot begin a record ends the message.
        let &first = bytes.first()?;
        if matches!(first, b'\r' | b'\n') {
            return Some(Progress::Read(1));
        }
        if !first.is_ascii_uppercase() {
            self.state = State::Outside;
            return None;
        }
        let within = bytes.get(..TEXT_MAX).unwrap_or(bytes);
        let end = memchr3(b'\r', b'\n', 0x1c, within.get(self.searched..).unwrap_or_default());
        let (end, cut) = match end {
            Some(end) => (end.saturating_add(self.searched), false),
            None if within.len() < TEXT_MAX => {
                self.searched = within.len();
                return Some(Progress::Need(within.len().saturating_add(1)));
            }
            None => (within.len(), true),
        };
        self.searched = 0;
        let one = within.get(..end).unwrap_or_default();
        e1394::report(one, cut, &mut self.delimiters, sink);
        if cut || one.first() == Some(&b'L') {
            self.state = State::Outside;
        }
        Some(Progress::Read(end))
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u8::from_str_radix(text, 16).ok()
}
