//! Capture files: the format is told by the first bytes, then read in a bounded buffer.

use crate::input::Input;
use crate::pcap::Classic;
use crate::pcapng::Sections;
use crate::{CaptureError, Frame};
use holter_terms::{LinkType, Nanos};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What was read of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    pub frames: u64,
    /// Bytes of those frames that were captured.
    pub bytes: u64,
    /// Frames whose time lies before that of the frame before.
    pub backwards: u64,
    /// Frames whose fraction of a second is a second or more.
    pub odd_fractions: u64,
}

/// The place of a frame in what the input has just passed.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    pub(crate) at: Nanos,
    pub(crate) link: LinkType,
    pub(crate) wire_len: u32,
    /// How far back the bytes begin, and how many they are.
    pub(crate) back: usize,
    pub(crate) length: usize,
    pub(crate) odd_fraction: bool,
}

enum Format {
    Classic(Classic),
    Sections(Sections),
}

/// A capture file that is being read.
pub struct CaptureFile<R = Box<dyn Read + Send>> {
    input: Input<R>,
    format: Format,
    over: bool,
    latest: Nanos,
    counts: FileCounts,
}

impl CaptureFile {
    /// Opens a file; reads no further than its header.
    pub fn open(path: &Path) -> Result<Self, CaptureError> {
        let file = File::open(path).map_err(CaptureError::Open)?;
        if file.metadata().map_err(CaptureError::Open)?.is_dir() {
            return Err(CaptureError::NotACapture("it is a directory"));
        }
        CaptureFile::read(Box::new(file))
    }
}

impl<R: Read> CaptureFile<R> {
    /// Reads a capture from anything; reads no further than its header.
    pub fn read(source: R) -> Result<Self, CaptureError> {
        let mut input = Input::new(source);
        if !input.has(4)? {
            return Err(CaptureError::NotACapture(match input.standing() {
                0 => "it is empty",
                _ => "it ends within its first four bytes",
            }));
        }
        let magic = input.peek_at::<4>(0).unwrap_or_default();
        let format = if magic == crate::pcapng::SECTION {
            Format::Sections(Sections::default())
        } else if let Some(shape) = Classic::told_by(magic) {
            Format::Classic(shape.header(&mut input)?)
        } else {
            return Err(CaptureError::NotACapture(other_format(magic)));
        };
        Ok(CaptureFile { input, format, over: false, latest: Nanos::MIN, counts: FileCounts::default() })
    }

    pub const fn counts(&self) -> &FileCounts {
        &self.counts
    }

    /// Bytes of the file read so far.
    pub const fn offset(&self) -> u64 {
        self.input.offset()
    }

    /// The next frame; `None` at the end. After an error there is no next frame.
    #[expect(clippy::should_implement_trait, reason = "a frame borrows from the reader, which an iterator cannot say")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        if self.over {
            return Ok(None);
        }
        let record = match &mut self.format {
            Format::Classic(classic) => classic.next(&mut self.input),
            Format::Sections(sections) => sections.next(&mut self.input),
        };
        let record = match record {
            Ok(Some(record)) => record,
            Ok(None) => {
                self.over = true;
                return Ok(None);
            }
            Err(error) => {
                self.over = true;
                return Err(error);
            }
        };
        let bytes = self.input.passed(record.length, record.back);
        self.counts.frames = self.counts.frames.saturating_add(1);
        self.counts.bytes = self.counts.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        if record.at < self.latest {
            self.counts.backwards = self.counts.backwards.saturating_add(1);
        }
        self.latest = record.at;
        if record.odd_fraction {
            self.counts.odd_fractions = self.counts.odd_fractions.saturating_add(1);
        }
        Ok(Some(Frame { at: record.at, link: record.link, bytes, wire_len: record.wire_len }))
    }
}

fn other_format(magic: [u8; 4]) -> &'static str {
    match magic {
        [0x1f, 0x8b, ..] => "it is compressed with gzip; decompress it first",
        [0x28, 0xb5, 0x2f, 0xfd] => "it is compressed with zstd; decompress it first",
        [b'B', b'Z', b'h', _] => "it is compressed with bzip2; decompress it first",
        [0xfd, b'7', b'z', b'X'] => "it is compressed with xz; decompress it first",
        [0x04, 0x22, 0x4d, 0x18] => "it is compressed with lz4; decompress it first",
        [b'P', b'K', 3, 4] => "it is a ZIP archive; unpack it first",
        _ => "its first four bytes are those of no capture format that is read",
    }
}
