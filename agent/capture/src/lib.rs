//! Frames from capture files and from live ports. Knows no protocol.
//!
//! A frame borrows from the reader's buffer or from the kernel's ring and lives until the next one is asked for.
//! Nothing here can send: a live port is opened for reading, and no function of this crate writes to it.

mod error;
mod file;
mod input;
mod live;
mod pcap;
mod pcapng;

pub use error::CaptureError;
pub use file::{CaptureFile, FileCounts};
pub use live::{Drops, Live, LiveOptions, Next, Offload, Stop, check_filter};

use holter_terms::{LinkType, Nanos};

/// The most bytes of one frame, as libpcap has it.
pub const MAX_FRAME: usize = 262_144;
/// The most interfaces in one section of a pcapng file.
pub const MAX_INTERFACES: usize = 4096;
/// The most bytes of a pcapng block that is looked into: a frame with its options.
pub const MAX_BLOCK: usize = MAX_FRAME + 65_536;

/// One captured frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When it was captured, as the capture says; may run backwards.
    pub at: Nanos,
    /// What its first bytes are.
    pub link: LinkType,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// How long it was on the wire, in bytes.
    pub wire_len: u32,
}
