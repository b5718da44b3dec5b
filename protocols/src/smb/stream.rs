//! Messages of a connection: behind a length, as NetBIOS sessions have it (RFC 1002 4.3, MS-SMB2 2.1).

use super::dialects::Offered;
use super::setup::Text;
use super::{Netbios, v1, v2};
use crate::event::Code;
use crate::frames::{After, Frames, Size};
use crate::{MAX_NEED, Malformed, Sink, Verdict, Way};
use holter_phi::{Because, Plain};

/// So much is read of a message that sets up something.
pub const MESSAGE_MAX: usize = 16 * 1024;
/// So much is read of data that may be DCE/RPC.
pub const PIPE_MAX: usize = 640;
/// So much is read of all others.
pub const HEAD_MAX: usize = 132;

/// Behind a length: a NetBIOS session message.
const PREFIX: usize = 4;

const MESSAGE: u8 = 0;
const REQUEST: u8 = 0x81;
const POSITIVE: u8 = 0x82;
const NEGATIVE: u8 = 0x83;
const RETARGET: u8 = 0x84;
const KEEP_ALIVE: u8 = 0x85;
/// A name of 32 letters behind its length, and a final length of nothing (RFC 1002 4.1).
pub(super) const NAME: usize = 34;

#[derive(Default)]
pub(super) struct Conversation {
    pub(super) offered: Offered,
}

/// Whether a message of some version begins here, in `length` bytes.
fn marked(smb: &[u8], length: usize) -> Verdict {
    let begins = |mark: &[u8]| mark.starts_with(smb.get(..mark.len()).unwrap_or(smb));
    if smb.is_empty() {
        return Verdict::Unsure;
    }
    let (mark, least): (&[u8], usize) = match smb.first() {
        Some(0xff) => (b"\xffSMB", v1::HEADER),
        // The size of the header is part of it.
        Some(0xfe) => (b"\xfeSMB\x40\0", v2::HEADER),
        Some(0xfd) => (b"\xfdSMB", v2::TRANSFORM),
        Some(0xfc) => (b"\xfcSMB", 16),
        _ => return Verdict::No,
    };
    match begins(mark) {
        false => Verdict::No,
        true if length < least => Verdict::No,
        true if smb.len() < mark.len() => Verdict::Unsure,
        true => Verdict::Yes,
    }
}

fn length(bytes: &[u8]) -> Option<usize> {
    let &[_, a, b, c] = bytes.first_chunk::<PREFIX>()?;
    Some(usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
}

/// Whether the names of a session request stand here.
pub(super) fn named(body: &[u8]) -> bool {
    body.iter().take(NAME).enumerate().all(|(at, byte)| match at {
        0 => *byte == 32,
        33 => *byte == 0,
        _ => matches!(byte, b'A'..=b'P'),
    })
}

impl Frames for Conversation {
    const CUT: &'static str = "smb.cut";
    const FRAME: &'static str = "smb.frame";

    fn begins(_way: Way, bytes: &[u8]) -> Verdict {
        // A positive response and keep-alives say nothing: what follows them must.
        let mut rest = bytes;
        for _ in 0..2 {
            match rest.first_chunk::<PREFIX>() {
                Some([POSITIVE | KEEP_ALIVE, 0, 0, 0]) => rest = rest.get(PREFIX..).unwrap_or_default(),
                _ => break,
            }
        }
        let Some(&kind) = rest.first() else { return Verdict::Unsure };
        if !matches!(kind, MESSAGE | REQUEST..=NEGATIVE | KEEP_ALIVE) {
            return Verdict::No;
        }
        let Some(length) = length(rest) else { return Verdict::Unsure };
        let body = rest.get(PREFIX..).unwrap_or_default();
        match kind {
            MESSAGE => marked(body, length),
            REQUEST if length == 2 * NAME && named(body) => {
                if body.len() < NAME {
                    Verdict::Unsure
                } else {
                    Verdict::Yes
                }
            }
            NEGATIVE if length == 1 => match body {
                [] => Verdict::Unsure,
                [0x80..=0x83 | 0x8f, ..] => Verdict::Yes,
                _ => Verdict::No,
            },
            _ => Verdict::No,
        }
    }

    fn size(&self, _way: Way, bytes: &[u8]) -> Size {
        let Some(length) = length(bytes) else { return Size::Needs(PREFIX) };
        let size = Size::Is(PREFIX.saturating_add(length) as u64);
        match (bytes.first(), length) {
            (Some(&MESSAGE), _) => match marked(bytes.get(PREFIX..).unwrap_or_default(), length) {
                Verdict::Yes => size,
                Verdict::Unsure => Size::Needs(bytes.len().saturating_add(1)),
                _ => Size::Broken,
            },
            (Some(&REQUEST), ..=1024) => size,
            (Some(&(POSITIVE | KEEP_ALIVE)), 0) | (Some(&NEGATIVE), 1) | (Some(&RETARGET), 6) => size,
            _ => Size::Broken,
        }
    }

    fn wanted(&self, _way: Way, bytes: &[u8]) -> usize {
        let smb = bytes.get(PREFIX..).unwrap_or_default();
        if bytes.first() != Some(&MESSAGE) || bytes.len() < HEAD_MAX {
            return if bytes.first() == Some(&MESSAGE) { HEAD_MAX } else { MESSAGE_MAX };
        }
        match smb.first() {
            Some(0xff) => match v1::command(smb) {
                Some(0x70 | 0x72 | 0x73 | 0x75) => MESSAGE_MAX,
                Some(0x25 | 0x2e | 0x2f) => PIPE_MAX,
                _ => HEAD_MAX,
            },
            Some(0xfe) if v2::next(smb) != 0 => MAX_NEED,
            Some(0xfe) => match v2::command(smb) {
                Some(0 | 1 | 3) => MESSAGE_MAX,
                Some(8 | 9 | 11) => PIPE_MAX,
                _ => HEAD_MAX,
            },
            _ => HEAD_MAX,
        }
    }

    fn message(&mut self, _way: Way, bytes: &[u8], size: u64, sink: &mut dyn Sink) -> Result<After, Malformed> {
        let body = bytes.get(PREFIX..).unwrap_or_default();
        let length = usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(PREFIX);
        let result = match (bytes.first(), body.first()) {
            (Some(&MESSAGE), Some(0xff)) => v1::message(self, body, length, sink),
            (Some(&MESSAGE), Some(0xfe)) => v2::messages(body, length, sink),
            (Some(&MESSAGE), mark) => {
                v2::transform(mark == Some(&0xfd), length, sink);
                Ok(())
            }
            (Some(&kind), _) => {
                netbios(kind, body, sink);
                Ok(())
            }
            (None, _) => Ok(()),
        };
        match result {
            Ok(()) => Ok(After::Next),
            Err(malformed) => Err(Malformed { at: malformed.at.saturating_add(PREFIX).min(bytes.len()), ..malformed }),
        }
    }
}

fn netbios(kind: u8, body: &[u8], sink: &mut dyn Sink) {
    let (mut called, mut calling) = (Text::new(), Text::new());
    if kind == REQUEST {
        if let Some((first, second)) = body.split_at_checked(NAME).filter(|(_, second)| second.len() == NAME) {
            unfold(first, &mut called);
            unfold(second, &mut calling);
        } else {
            sink.weird("smb.netbios_name");
        }
    }
    sink.event(&Netbios {
        kind: Code(u64::from(kind)),
        called: called.some().map(|text| Plain::new(text, Because::Site)),
        calling: calling.some().map(|text| Plain::new(text, Because::Site)),
        error: body.first().filter(|_| kind == NEGATIVE).map(|&error| Code(u64::from(error))),
    });
}

/// A name from its two letters a byte (RFC 1001 14.1): fifteen bytes padded with blanks, and a suffix.
pub(super) fn unfold(name: &[u8], into: &mut Text) {
    if !named(name) {
        return;
    }
    let mut bytes = [0u8; 15];
    for (byte, pair) in bytes.iter_mut().zip(name.get(1..).unwrap_or_default().chunks_exact(2)) {
        if let [high, low] = pair {
            *byte = high.saturating_sub(b'A') << 4 | low.saturating_sub(b'A');
        }
    }
    into.push(bytes.trim_ascii_end());
}
