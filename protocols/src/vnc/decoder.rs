//! The handshake, in which what one side says depends on what the other said.

use super::level::{self, Level};
use super::within::Within;
use super::{Choice, Desktop, Offer, Outcome, Version};
use crate::event::{Code, Codes, Count};
use crate::{Decoder, Malformed, Progress, Reader, Sink, Way};
use holter_phi::{Because, Plain};

/// Longest name of a desktop that is read.
pub const NAME_MAX: usize = 1024;
/// Bytes that may wait for something that the other side has yet to say.
pub const WAIT_MAX: usize = 1024;
/// All that will ever come.
const REST: u64 = u64::MAX >> 1;

pub(super) const NONE: u8 = 1;
pub(super) const VNC: u8 = 2;
pub(super) const TIGHT: u8 = 16;
const TLS: u8 = 18;
pub(super) const VENCRYPT: u8 = 19;
const APPLE: u8 = 30;
const LOGON: u8 = 113;

/// Size, pixel format and the length of the name (RFC 6143 7.3.2).
const DESKTOP: usize = 24;

#[derive(Default)]
pub(super) struct Link {
    /// The way that the server speaks; it speaks first.
    server: Option<Way>,
    states: [State; 2],
    /// By what the server can, then by what both can.
    offered: Option<Level>,
    level: Option<Level>,
    chosen: Option<u8>,
    /// Length of the numbers of Apple's authentication.
    numbers: Option<usize>,
    pub(super) within: Within,
}

/// What one side says next.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Version,
    /// Which security there is, and which is used.
    Security,
    /// What proves that the viewer may, by the kind that was chosen or by the one within Tight.
    Proof,
    Inner,
    /// A step of the negotiation within VeNCrypt or Tight.
    VeNCrypt(u8),
    Tight(u8),
    Outcome,
    /// Of the server its desktop, of the viewer whether it shares it.
    Desktop,
    /// Passed unread.
    Rest,
}

/// What a look at the next bytes says.
pub(super) enum Step {
    Read(usize),
    /// Nothing is read, and something else comes next.
    Next,
    Need(usize),
    /// The other side must speak first.
    Wait,
    Over(usize),
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        loop {
            if self.state(way) == State::Rest {
                return Ok(Progress::Skip { read: 0, ahead: REST });
            }
            let step = match (self.state(way), self.server) {
                (State::Version, _) => self.version(way, bytes, sink),
                (_, Some(server)) if server == way => self.server(way, bytes, sink),
                _ => self.viewer(way, bytes, sink),
            };
            match step {
                Ok(Step::Read(n)) => return Ok(Progress::Read(n)),
                Ok(Step::Over(n)) => return Ok(Progress::Over(n)),
                Ok(Step::Need(n)) => return Ok(Progress::Need(n)),
                Ok(Step::Next) => {}
                Ok(Step::Wait) if bytes.len() < WAIT_MAX => return Ok(Progress::Need(bytes.len().saturating_add(1))),
                Ok(Step::Wait) => {
                    sink.weird("vnc.order");
                    self.states = [State::Rest; 2];
                }
                Err(malformed) => {
                    self.states = [State::Rest; 2];
                    return Err(malformed);
                }
            }
        }
    }

    /// Where the handshake stands cannot be seen any more.
    fn gap(&mut self, way: Way, _n: u64) {
        if self.state(way) != State::Rest {
            self.states = [State::Rest; 2];
        }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Link {
    fn state(&self, way: Way) -> State {
        self.states.get(way.index()).copied().unwrap_or(State::Rest)
    }

    fn go(&mut self, way: Way, state: State) {
        if let Some(slot) = self.states.get_mut(way.index()) {
            *slot = state;
        }
    }

    /// `n` bytes are done with, and then comes `state`.
    pub(super) fn read(&mut self, way: Way, n: usize, state: State) -> Result<Step, Malformed> {
        self.go(way, state);
        Ok(Step::Read(n))
    }

    pub(super) fn next(&mut self, way: Way, state: State) -> Result<Step, Malformed> {
        self.go(way, state);
        Ok(Step::Next)
    }

    fn version(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Step, Malformed> {
        let broken = Malformed { field: "vnc.version", at: 0 };
        let Some(message) = bytes.first_chunk() else {
            return if level::looks(bytes) == crate::Verdict::No { Err(broken) } else { Ok(Step::Need(level::LENGTH)) };
        };
        let level = Level::of(message).ok_or(broken)?;
        let server = *self.server.get_or_insert(way) == way;
        if server {
            self.offered = Some(level);
        } else {
            self.level = Some(self.offered.map_or(level, |offered| offered.min(level)));
        }
        let digits = message.get(4..11).unwrap_or_default();
        sink.event(&Version { version: Plain::new(digits, Because::Vocabulary), server });
        self.read(way, level::LENGTH, State::Security)
    }

    /// By which kind the viewer proves itself.
    fn kind(&self, way: Way) -> Option<u8> {
        if self.state(way) == State::Inner { self.within.kind } else { self.chosen }
    }

    fn choose(&mut self, kind: u8, sink: &mut dyn Sink) {
        self.chosen = Some(kind);
        sink.event(&Choice { kind: Code(u64::from(kind)), within: None });
    }

    fn server(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Step, Malformed> {
        match self.state(way) {
            State::Security => match self.level {
                None => Ok(Step::Wait),
                Some(Level::Told) => {
                    let Some(kind) = bytes.first_chunk() else { return Ok(Step::Need(4)) };
                    let &[0, 0, 0, kind] = kind else { return Err(Malformed { field: "vnc.security_type", at: 0 }) };
                    let kinds = [kind];
                    let none = kind == 0;
                    sink.event(&Offer { kinds: Codes(if none { &[] } else { &kinds }) });
                    if !none {
                        self.choose(kind, sink);
                    }
                    self.read(way, 4, if none { State::Rest } else { State::Proof })
                }
                Some(_) => {
                    let whole = usize::from(bytes.first().copied().unwrap_or_default()).saturating_add(1);
                    let Some(kinds) = bytes.get(1..whole) else { return Ok(Step::Need(whole)) };
                    sink.event(&Offer { kinds: Codes(kinds) });
                    self.read(way, whole, if kinds.is_empty() { State::Rest } else { State::Proof })
                }
            },
            State::Proof | State::Inner => {
                let challenge = match self.kind(way) {
                    None => return Ok(Step::Wait),
                    Some(NONE) if self.level < Some(Level::Confirmed) => return self.next(way, State::Desktop),
                    Some(NONE) => return self.next(way, State::Outcome),
                    Some(VENCRYPT) => return self.next(way, State::VeNCrypt(0)),
                    Some(TIGHT) => return self.next(way, State::Tight(0)),
                    Some(VNC) => 16,
                    Some(LOGON) => 24,
                    Some(APPLE) => {
                        let Some(&[_, _, high, low]) = bytes.first_chunk() else { return Ok(Step::Need(4)) };
                        let length = usize::from(u16::from_be_bytes([high, low]));
                        let whole = length.saturating_mul(2).saturating_add(4);
                        if whole > WAIT_MAX {
                            return Err(Malformed { field: "vnc.apple", at: 2 });
                        }
                        self.numbers = Some(length);
                        whole
                    }
                    // Their own handshakes are not followed.
                    Some(_) => return self.next(way, State::Rest),
                };
                self.pass(way, bytes, challenge, State::Outcome)
            }
            State::VeNCrypt(step) => self.server_vencrypt(way, step, bytes),
            State::Tight(step) => self.server_tight(way, step, bytes, sink),
            State::Outcome => {
                let Some(&status) = bytes.first_chunk() else { return Ok(Step::Need(4)) };
                let status = u32::from_be_bytes(status);
                sink.event(&Outcome { status: Code(u64::from(status)) });
                self.read(way, 4, if status == 0 { State::Desktop } else { State::Rest })
            }
            State::Desktop => self.desktop(way, bytes, sink),
            State::Version | State::Rest => self.next(way, State::Rest),
        }
    }

    fn viewer(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Step, Malformed> {
        match self.state(way) {
            State::Security if self.level == Some(Level::Told) => self.next(way, State::Proof),
            State::Security => match bytes.first() {
                None => Ok(Step::Need(1)),
                Some(&TLS) => {
                    self.choose(TLS, sink);
                    Ok(Step::Over(1))
                }
                Some(&kind) => {
                    self.choose(kind, sink);
                    self.read(way, 1, State::Proof)
                }
            },
            State::Proof | State::Inner => {
                let response = match self.kind(way) {
                    None => return Ok(Step::Wait),
                    Some(NONE) => return self.next(way, State::Desktop),
                    Some(VENCRYPT) => return self.next(way, State::VeNCrypt(0)),
                    Some(TIGHT) => return self.next(way, State::Tight(0)),
                    Some(VNC) => 16,
                    // A number, a name and a password.
                    Some(LOGON) => 8 + 256 + 64,
                    // Both sealed, and a number.
                    Some(APPLE) => match self.numbers {
                        None => return Ok(Step::Wait),
                        Some(length) => length.saturating_add(128),
                    },
                    Some(_) => return self.next(way, State::Rest),
                };
                self.pass(way, bytes, response, State::Desktop)
            }
            State::VeNCrypt(step) => self.viewer_vencrypt(way, step, bytes, sink),
            State::Tight(step) => self.viewer_tight(way, step, bytes, sink),
            State::Desktop => self.pass(way, bytes, 1, State::Rest),
            State::Version | State::Outcome | State::Rest => self.next(way, State::Rest),
        }
    }

    /// Bytes that prove who somebody is, and are not read.
    pub(super) fn pass(&mut self, way: Way, bytes: &[u8], n: usize, then: State) -> Result<Step, Malformed> {
        if bytes.len() < n { Ok(Step::Need(n)) } else { self.read(way, n, then) }
    }

    fn desktop(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Step, Malformed> {
        const FIELD: &str = "vnc.desktop";
        let mut reader = Reader::new(bytes);
        if reader.len() < DESKTOP {
            return Ok(Step::Need(DESKTOP));
        }
        let (width, height) = (reader.u16(FIELD)?, reader.u16(FIELD)?);
        reader.take(16, FIELD)?;
        let length = usize::try_from(reader.u32(FIELD)?).unwrap_or(usize::MAX);
        if length > NAME_MAX {
            return Err(Malformed { field: "vnc.name_length", at: DESKTOP.saturating_sub(4) });
        }
        let Some(name) = reader.rest().get(..length) else { return Ok(Step::Need(DESKTOP.saturating_add(length))) };
        sink.event(&Desktop {
            width: Count(u64::from(width)),
            height: Count(u64::from(height)),
            name: (!name.is_empty()).then_some(Plain::new(name, Because::Site)),
        });
        self.read(way, DESKTOP.saturating_add(length), State::Rest)
    }
}
