//! The header of a record (RFC 8446 5.1), and what may stand first in a conversation.

use super::messages::{self, CLIENT_HELLO, SERVER_HELLO};
use crate::{Reader, Verdict};

pub(super) const HEADER: usize = 5;
/// Longest body of a record (RFC 5246 6.2.3).
pub const RECORD_MAX: usize = (1 << 14) + 2048;

pub(super) const CHANGE: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const DATA: u8 = 23;
const HEARTBEAT: u8 = 24;

#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) content: u8,
    pub(super) version: u16,
    pub(super) length: usize,
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        let &[content, major, minor, high, low] = bytes.first_chunk()?;
        Some(Header {
            content,
            version: u16::from_be_bytes([major, minor]),
            length: usize::from(u16::from_be_bytes([high, low])),
        })
    }

    /// The element that no record has.
    pub(super) fn broken(&self) -> Option<&'static str> {
        if !(CHANGE..=HEARTBEAT).contains(&self.content) {
            Some("tls.record.content")
        } else if !(0x0300..=0x0304).contains(&self.version) {
            Some("tls.record.version")
        } else if self.length > RECORD_MAX {
            Some("tls.record.length")
        } else {
            None
        }
    }

    /// Whether a record could begin so in the middle of anything.
    pub(super) fn is_likely(&self) -> bool {
        let usual = match self.content {
            CHANGE => self.length == 1,
            ALERT => self.length == 2 || (16..=256).contains(&self.length),
            HANDSHAKE => self.length >= 4,
            // Sealed data carries at least its tag.
            DATA => self.length >= 16,
            _ => false,
        };
        usual && self.broken().is_none()
    }
}

/// Whether these are the first bytes that one side says, or those of a record later on.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    if let Some(verdict) = super::ssl2::looks(bytes) {
        return verdict;
    }
    let so_far = |bytes: &[u8]| match bytes {
        [] => true,
        [content] => (CHANGE..=DATA).contains(content),
        [content, major, ..] => (CHANGE..=DATA).contains(content) && *major == 3,
    };
    let Some(header) = Header::read(bytes) else {
        return if so_far(bytes) { Verdict::Unsure } else { Verdict::No };
    };
    if !header.is_likely() {
        return Verdict::No;
    }
    let mut body = Reader::new(bytes.get(HEADER..).unwrap_or_default());
    match header.content {
        HANDSHAKE => {
            let (Ok(kind), Ok(length), Ok(major)) = (body.u8(""), body.array(""), body.u8("")) else {
                return Verdict::Unsure;
            };
            let length = messages::u24(length);
            if matches!(kind, CLIENT_HELLO | SERVER_HELLO) {
                // Version, random and an empty session id at least.
                if (35..=1 << 16).contains(&length) && major == 3 { Verdict::Yes } else { Verdict::No }
            } else if messages::is_known(kind) && length.saturating_add(4) <= header.length {
                Verdict::Yes
            } else {
                // A sealed one is noise.
                Verdict::Likely
            }
        }
        CHANGE => match body.u8("") {
            Ok(1) => Verdict::Yes,
            Ok(_) => Verdict::No,
            Err(_) => Verdict::Unsure,
        },
        ALERT if header.length == 2 => match body.u8("") {
            Ok(1 | 2) => Verdict::Yes,
            Ok(_) => Verdict::No,
            Err(_) => Verdict::Unsure,
        },
        _ => Verdict::Yes,
    }
}
