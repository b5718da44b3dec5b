//! Where frames come from. Knows no protocol.

mod file;

pub use file::{CaptureFile, FileError, MAX_BLOCK, MAX_FRAME, MAX_INTERFACES, Reason};

use holter_terms::{LinkType, Nanos};

/// One frame, as long as the next one is not asked for.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// When it was captured.
    pub at: Nanos,
    /// What its first bytes are.
    pub link: LinkType,
    pub bytes: &'a [u8],
    /// How long it was on the wire; longer than `bytes` where the capture cut it.
    pub wire: u32,
}
