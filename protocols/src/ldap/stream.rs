//! LDAP over TCP.

use super::codec;
use crate::ber::{self, Head};
use crate::frames::{After, Frames, Size};
use crate::{Malformed, Sink, Verdict, Way};

/// So much is read of a message that says something of machine or user.
pub const MESSAGE_MAX: usize = 4096;
/// So much is looked at of the others: entries, changes, references.
pub const HEAD_MAX: usize = 32;

/// So much is looked at of what is wrapped, to see whether it is encrypted.
const WRAP_MAX: usize = 64;

/// Where messages begin in a buffer that is only signed: behind the signature of NTLM (MS-NLMP 2.2.2.9), or behind a
/// token of Kerberos and, where it was rotated to the front, its checksum (RFC 4121 4.2.4 and 4.2.5).
fn unwrapped(buffer: &[u8]) -> Option<usize> {
    let token = buffer.get(4..)?;
    let checksum = match token.first_chunk::<12>() {
        Some(&[5, 4, flags, 0xff, high, low, ..]) if flags & 2 == 0 => usize::from(u16::from_be_bytes([high, low])),
        Some([1, 0, 0, 0, ..]) => 0,
        _ => return None,
    };
    [16, checksum.saturating_add(16)]
        .iter()
        .find(|&&at| token.get(at..).is_some_and(|messages| codec::looks(messages) == Verdict::Yes))
        .map(|at| at.saturating_add(4))
}

/// Length of a wrapped buffer with the four bytes that say it (RFC 4422 3.7). No message begins with its first byte.
fn buffer_size(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|&length| u64::from(u32::from_be_bytes(length)).saturating_add(4))
}

fn message_size(bytes: &[u8]) -> Size {
    match ber::head(bytes) {
        Head::Is(ber::SEQUENCE, before, length @ ..=codec::LENGTH_MAX) => {
            Size::Is((before as u64).saturating_add(length as u64))
        }
        Head::Short if matches!(bytes.first(), None | Some(&ber::SEQUENCE)) => {
            Size::Needs(bytes.len().saturating_add(1))
        }
        _ => Size::Broken,
    }
}

#[derive(Default)]
pub(super) struct Messages {
    /// The id of a StartTLS request that waits for its response.
    start_tls: Option<u64>,
    /// A SASL bind succeeded: what follows may be wrapped.
    sasl: bool,
    /// The last bind request was of SASL.
    binding: bool,
    /// Bytes to the end of the signed buffer whose messages are read, each way.
    inside: [u64; 2],
}

impl Messages {
    /// The length of a wrapped buffer; of one that is only signed, of what stands before its messages.
    fn wrapped(&self, bytes: &[u8]) -> Option<Size> {
        if !self.sasl || bytes.first() != Some(&0) {
            return None;
        }
        let Some(size) = buffer_size(bytes) else { return Some(Size::Needs(4)) };
        let shown = usize::try_from(size).unwrap_or(WRAP_MAX).min(WRAP_MAX);
        let Some(begin) = bytes.get(..shown) else { return Some(Size::Needs(shown)) };
        Some(Size::Is(unwrapped(begin).map_or(size, |before| before as u64)))
    }

    /// The checksum at the end of a signed buffer, where it was not rotated to the front.
    fn trailer(&self, way: Way, bytes: &[u8]) -> Option<u64> {
        let left = self.inside.get(way.index()).copied().filter(|left| (1..=WRAP_MAX as u64).contains(left))?;
        let is_message = match message_size(bytes) {
            Size::Is(size) => size <= left,
            Size::Needs(_) => (bytes.len() as u64) < left,
            Size::Broken => false,
        };
        (!is_message).then_some(left)
    }
}

impl Frames for Messages {
    const CUT: &'static str = "ldap.cut";
    const FRAME: &'static str = "ldap.frame";

    fn begins(_way: Way, bytes: &[u8]) -> Verdict {
        codec::looks(bytes)
    }

    fn size(&self, way: Way, bytes: &[u8]) -> Size {
        if bytes.is_empty() {
            return Size::Needs(1);
        }
        if let Some(left) = self.trailer(way, bytes) {
            return Size::Is(left);
        }
        self.wrapped(bytes).unwrap_or_else(|| message_size(bytes))
    }

    fn wanted(&self, way: Way, bytes: &[u8]) -> usize {
        match codec::operation(bytes) {
            _ if bytes.first() == Some(&0) || self.trailer(way, bytes).is_some() => 4,
            _ if bytes.len() < HEAD_MAX => HEAD_MAX,
            Some(operation) if codec::is_read(operation) => MESSAGE_MAX,
            _ => HEAD_MAX,
        }
    }

    fn message(&mut self, way: Way, bytes: &[u8], size: u64, sink: &mut dyn Sink) -> Result<After, Malformed> {
        let trails = self.trailer(way, bytes).is_some();
        if let Some(inside) = self.inside.get_mut(way.index()) {
            if trails {
                *inside = 0;
                return Ok(After::Next);
            }
            if bytes.first() == Some(&0) {
                *inside = buffer_size(bytes).unwrap_or(size).saturating_sub(size);
                return Ok(After::Next);
            }
            *inside = inside.saturating_sub(size);
        }
        let told = codec::decode(bytes, bytes.len() as u64 == size, sink)?;
        match told.operation {
            codec::BIND => {
                self.sasl = false;
                self.binding = told.sasl;
            }
            codec::BIND_RESPONSE if told.result == Some(0) => self.sasl = self.binding,
            codec::EXTENDED if told.start_tls => self.start_tls = Some(told.id),
            codec::EXTENDED_RESPONSE if self.start_tls == Some(told.id) => {
                self.start_tls = None;
                if told.result == Some(0) {
                    return Ok(After::Over);
                }
            }
            _ => {}
        }
        Ok(After::Next)
    }
}
