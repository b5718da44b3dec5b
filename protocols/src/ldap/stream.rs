//! LDAP over TCP.

use super::codec;
use crate::ber::{self, Head};
use crate::frames::{After, Frames, Size};
use crate::{MAX_NEED, Malformed, Sink, Verdict, Way};

/// So much is read of a message that says something of machine or user.
pub const MESSAGE_MAX: usize = 4096;
/// So much is looked at of the others: entries, changes, references.
pub const HEAD_MAX: usize = 32;

/// So much is looked at of what is wrapped, to see whether it is encrypted.
const WRAP_MAX: usize = 64;

/// Messages in a buffer that is only signed: behind the signature of NTLM (MS-NLMP 2.2.2.9), or behind a token of
/// Kerberos and, where it was rotated to the front, its checksum (RFC 4121 4.2.4 and 4.2.5).
fn unwrapped(buffer: &[u8]) -> Option<&[u8]> {
    let token = buffer.get(4..)?;
    let checksum = match token.first_chunk::<12>() {
        Some(&[5, 4, flags, 0xff, high, low, ..]) if flags & 2 == 0 => usize::from(u16::from_be_bytes([high, low])),
        Some([1, 0, 0, 0, ..]) => 0,
        _ => return None,
    };
    [16, checksum.saturating_add(16)]
        .iter()
        .filter_map(|&at| token.get(at..))
        .find(|messages| codec::looks(messages) == Verdict::Yes)
}

#[derive(Default)]
pub(super) struct Messages {
    /// The id of a StartTLS request that waits for its response.
    start_tls: Option<u64>,
    /// A SASL bind succeeded: what follows may be wrapped.
    sasl: bool,
    /// The last bind request was of SASL.
    binding: bool,
}

impl Messages {
    /// The length of a wrapped buffer (RFC 4422 3.7). No message begins with its first byte.
    fn wrapped(&self, bytes: &[u8]) -> Option<Size> {
        if !self.sasl || bytes.first() != Some(&0) {
            return None;
        }
        Some(match bytes.first_chunk() {
            Some(&length) => Size::Is(u64::from(u32::from_be_bytes(length)).saturating_add(4)),
            None => Size::Needs(4),
        })
    }
}

impl Frames for Messages {
    const CUT: &'static str = "ldap.cut";
    const FRAME: &'static str = "ldap.frame";

    fn begins(_way: Way, bytes: &[u8]) -> Verdict {
        codec::looks(bytes)
    }

    fn size(&self, _way: Way, bytes: &[u8]) -> Size {
        if let Some(size) = self.wrapped(bytes) {
            return size;
        }
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

    fn wanted(&self, _way: Way, bytes: &[u8]) -> usize {
        match codec::operation(bytes) {
            _ if bytes.first() == Some(&0) && bytes.len() < WRAP_MAX => WRAP_MAX,
            _ if bytes.first() == Some(&0) => unwrapped(bytes).map_or(WRAP_MAX, |_| MAX_NEED),
            _ if bytes.len() < HEAD_MAX => HEAD_MAX,
            Some(operation) if codec::is_read(operation) => MESSAGE_MAX,
            _ => HEAD_MAX,
        }
    }

    fn message(&mut self, _way: Way, bytes: &[u8], size: u64, sink: &mut dyn Sink) -> Result<After, Malformed> {
        if bytes.first() == Some(&0) {
            if let Some(messages) = unwrapped(bytes) {
                codec::several(messages, sink);
            }
            return Ok(After::Next);
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
