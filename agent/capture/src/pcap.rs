//! The classic format: a header of 24 bytes, then records of a 16-byte header and a frame each.

use crate::file::Record;
use crate::input::Input;
use crate::{CaptureError, MAX_FRAME};
use holter_terms::{LinkType, Nanos};
use std::io::Read;

pub(crate) struct Classic {
    big_endian: bool,
    nanoseconds: bool,
    /// Bytes of a record's header.
    record_header: usize,
    link: LinkType,
}

const HEADER: usize = 24;

impl Classic {
    /// The shape of the file by its magic number.
    pub(crate) fn told_by(magic: [u8; 4]) -> Option<Classic> {
        let (big_endian, number) = match magic {
            [0xa1, 0xb2, ..] => (true, u32::from_be_bytes(magic)),
            [_, _, 0xb2, 0xa1] => (false, u32::from_le_bytes(magic)),
            _ => return None,
        };
        let (nanoseconds, record_header) = match number {
            0xa1b2_c3d4 => (false, 16),
            0xa1b2_3c4d => (true, 16),
            // Written by a modified libpcap of 1998: eight more bytes in each record's header.
            0xa1b2_cd34 => (false, 24),
            _ => return None,
        };
        Some(Classic { big_endian, nanoseconds, record_header, link: LinkType(0) })
    }

    /// Reads the rest of the file's header.
    pub(crate) fn header<R: Read>(mut self, input: &mut Input<R>) -> Result<Classic, CaptureError> {
        if !input.has(HEADER)? {
            return Err(CaptureError::NotACapture("it ends within the 24 bytes of its header"));
        }
        // The upper bits tell of frame check sequences; the lower 16 are the link type.
        let network = self.u32(input, 20) & 0xffff;
        self.link = LinkType(u16::try_from(network).unwrap_or(u16::MAX));
        input.advance(HEADER);
        Ok(self)
    }

    fn u32<R: Read>(&self, input: &Input<R>, at: usize) -> u32 {
        let bytes = input.peek_at::<4>(at).unwrap_or_default();
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    pub(crate) fn next<R: Read>(&mut self, input: &mut Input<R>) -> Result<Option<Record>, CaptureError> {
        if !input.has(self.record_header)? {
            return match input.standing() {
                0 => Ok(None),
                _ => Err(input.damaged("the file ends within the header of a record")),
            };
        }
        let seconds = Nanos::from(self.u32(input, 0));
        let fraction = Nanos::from(self.u32(input, 4));
        let length = usize::try_from(self.u32(input, 8)).unwrap_or(usize::MAX);
        let wire_len = self.u32(input, 12);
        if length > MAX_FRAME {
            return Err(input.damaged("a record claims more than 262,144 bytes"));
        }
        let whole = self.record_header.saturating_add(length);
        if !input.has(whole)? {
            return Err(input.damaged("the file ends within a record"));
        }
        input.advance(whole);
        let nanos = if self.nanoseconds { fraction } else { fraction.saturating_mul(1000) };
        Ok(Some(Record {
            at: seconds.saturating_mul(1_000_000_000).saturating_add(nanos),
            link: self.link,
            wire_len,
            back: length,
            length,
            odd_fraction: nanos >= 1_000_000_000,
        }))
    }
}
