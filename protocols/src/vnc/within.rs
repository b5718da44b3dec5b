//! Kinds of security that have kinds of their own: VeNCrypt, by its author's description, and Tight, by the community's
//! edition of the protocol.

use super::Choice;
use super::decoder::{Link, NONE, State, Step, TIGHT, VENCRYPT, VNC};
use crate::event::Code;
use crate::{Malformed, Sink, Way};

/// Tunnels, or kinds of authentication, that a server of Tight may list.
pub const LISTED_MAX: usize = 32;
/// Of each a code, a vendor and a signature.
const LISTED: usize = 16;

/// Subtypes of VeNCrypt that begin with TLS; the one before them sends a name and a password as they are.
const BEGIN_WITH_TLS: std::ops::RangeInclusive<u32> = 257..=264;

/// What is agreed on within.
#[derive(Default)]
pub(super) struct Within {
    subtype: Option<u32>,
    /// Whether there are tunnels, and kinds of authentication, to choose from.
    tunnels: Option<bool>,
    kinds: Option<bool>,
    /// By which kind the viewer proves itself; 0 for one that is not followed.
    pub(super) kind: Option<u8>,
}

fn tell(kind: u8, within: u32, sink: &mut dyn Sink) {
    sink.event(&Choice { kind: Code(u64::from(kind)), within: Some(Code(u64::from(within))) });
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|number| u32::from_be_bytes(*number))
}

impl Link {
    /// The version, whether that of the viewer will do, the subtypes, whether the chosen one will do.
    pub(super) fn server_vencrypt(&mut self, way: Way, step: u8, bytes: &[u8]) -> Result<Step, Malformed> {
        let Some(&first) = bytes.first() else { return Ok(Step::Need(1)) };
        match step {
            0 => self.pass(way, bytes, 2, State::VeNCrypt(1)),
            1 => self.read(way, 1, if first == 0 { State::VeNCrypt(2) } else { State::Rest }),
            2 => {
                let whole = usize::from(first).saturating_mul(4).saturating_add(1);
                self.pass(way, bytes, whole, if first == 0 { State::Rest } else { State::VeNCrypt(3) })
            }
            _ => match self.within.subtype {
                None => Ok(Step::Wait),
                Some(subtype) if BEGIN_WITH_TLS.contains(&subtype) && first == 1 => Ok(Step::Over(1)),
                Some(_) => self.next(way, State::Rest),
            },
        }
    }

    /// The version, the subtype.
    pub(super) fn viewer_vencrypt(
        &mut self,
        way: Way,
        step: u8,
        bytes: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Step, Malformed> {
        if step == 0 {
            return self.pass(way, bytes, 2, State::VeNCrypt(1));
        }
        let Some(subtype) = number(bytes) else { return Ok(Step::Need(4)) };
        self.within.subtype = Some(subtype);
        tell(VENCRYPT, subtype, sink);
        self.read(way, 4, State::Rest)
    }

    /// Tunnels, kinds of authentication, then what the chosen one has.
    pub(super) fn server_tight(
        &mut self,
        way: Way,
        step: u8,
        bytes: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Step, Malformed> {
        if step == 2 {
            return if self.within.kind.is_none() { Ok(Step::Wait) } else { self.next(way, State::Inner) };
        }
        let Some(listed) = number(bytes) else { return Ok(Step::Need(4)) };
        let listed = usize::try_from(listed).unwrap_or(usize::MAX);
        if listed > LISTED_MAX {
            return Err(Malformed { field: "vnc.tight", at: 0 });
        }
        let whole = listed.saturating_mul(LISTED).saturating_add(4);
        if bytes.len() < whole {
            return Ok(Step::Need(whole));
        }
        if step == 0 {
            self.within.tunnels = Some(listed > 0);
            return self.read(way, whole, State::Tight(1));
        }
        self.within.kinds = Some(listed > 0);
        if listed == 0 {
            self.within.kind = Some(NONE);
            tell(TIGHT, u32::from(NONE), sink);
        }
        self.read(way, whole, State::Tight(2))
    }

    /// A tunnel and a kind, each where there is a choice.
    pub(super) fn viewer_tight(
        &mut self,
        way: Way,
        step: u8,
        bytes: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Step, Malformed> {
        match (step, self.within.tunnels, self.within.kinds) {
            (0, None, _) | (1.., _, None) => Ok(Step::Wait),
            (0, Some(true), _) => self.pass(way, bytes, 4, State::Tight(1)),
            (0, Some(false), _) => self.next(way, State::Tight(1)),
            (_, _, Some(false)) => self.next(way, State::Inner),
            (_, _, Some(true)) => {
                let Some(kind) = number(bytes) else { return Ok(Step::Need(4)) };
                let followed = u8::try_from(kind).ok().filter(|kind| matches!(*kind, NONE | VNC | VENCRYPT));
                self.within.kind = Some(followed.unwrap_or(0));
                tell(TIGHT, kind, sink);
                self.read(way, 4, State::Inner)
            }
        }
    }
}
