//! Kerberos over TCP: each message behind a length of four bytes (RFC 4120 7.2.2).

use super::codec;
use crate::frames::{After, Frames, Size};
use crate::{Malformed, Sink, Verdict, Way};

/// So much of a message is read; what describes machine and user stands before it.
pub const MESSAGE_MAX: usize = 16 * 1024;
/// A message that says it is longer is none.
const LENGTH_MAX: u32 = 1 << 20;

pub(super) struct Messages;

fn length(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|&length| u32::from_be_bytes(length))
}

impl Frames for Messages {
    const CUT: &'static str = "kerberos.cut";
    const FRAME: &'static str = "kerberos.length";

    fn begins(_way: Way, bytes: &[u8]) -> Verdict {
        // The first byte of a length is 0: whatever else stands there needs no second look.
        match (bytes.first(), length(bytes)) {
            (Some(1..), _) => Verdict::No,
            (_, None) => Verdict::Unsure,
            (_, Some(length)) if length > LENGTH_MAX => Verdict::No,
            (_, Some(length)) => codec::looks(bytes.get(4..).unwrap_or_default(), length as usize),
        }
    }

    fn size(&self, _way: Way, bytes: &[u8]) -> Size {
        match length(bytes) {
            None => Size::Needs(4),
            Some(length @ 1..=LENGTH_MAX) => Size::Is(u64::from(length).saturating_add(4)),
            Some(_) => Size::Broken,
        }
    }

    fn wanted(&self, _way: Way, _bytes: &[u8]) -> usize {
        MESSAGE_MAX
    }

    fn message(&mut self, _way: Way, bytes: &[u8], size: u64, sink: &mut dyn Sink) -> Result<After, Malformed> {
        let whole = bytes.len() as u64 == size;
        let result = codec::decode(bytes.get(4..).unwrap_or_default(), whole, sink);
        match result {
            Ok(()) => Ok(After::Next),
            Err(malformed) => Err(Malformed { at: malformed.at.saturating_add(4).min(bytes.len()), ..malformed }),
        }
    }
}
