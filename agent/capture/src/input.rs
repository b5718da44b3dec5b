use crate::{CaptureError, MAX_BLOCK};
use std::io::{ErrorKind, Read};

/// A bounded window on a stream of bytes, which knows where in the stream it stands.
pub(crate) struct Input<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
}

/// Larger than any block that is looked into, so that most blocks need no moving.
const BUFFER: usize = MAX_BLOCK * 2;

impl<R: Read> Input<R> {
    pub(crate) fn new(source: R) -> Self {
        Input { source, buffer: vec![0; BUFFER], start: 0, end: 0, offset: 0 }
    }

    /// Offset in the stream of the next byte.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) const fn damaged(&self, what: &'static str) -> CaptureError {
        CaptureError::Damaged { offset: self.offset, what }
    }

    /// Sees to it that `n` bytes stand in the buffer. `false` where the stream ends before.
    pub(crate) fn has(&mut self, n: usize) -> Result<bool, CaptureError> {
        while self.end.saturating_sub(self.start) < n {
            if self.start.saturating_add(n) > self.buffer.len() {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end = self.end.saturating_sub(self.start);
                self.start = 0;
                if n > self.buffer.len() {
                    return Err(self.damaged("a block larger than any buffer"));
                }
            }
            let space = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.source.read(space) {
                Ok(0) => return Ok(false),
                Ok(read) => self.end = self.end.saturating_add(read),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => {
                    let there = u64::try_from(self.end.saturating_sub(self.start)).unwrap_or(0);
                    return Err(CaptureError::Read { offset: self.offset.saturating_add(there), source });
                }
            }
        }
        Ok(true)
    }

    /// How many bytes stand in the buffer.
    pub(crate) const fn standing(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// The next `n` bytes, or as many as stand there.
    pub(crate) fn peek(&self, n: usize) -> &[u8] {
        let stop = self.start.saturating_add(n).min(self.end);
        self.buffer.get(self.start..stop).unwrap_or_default()
    }

    /// The `n` bytes after the next `skip` ones.
    pub(crate) fn peek_at<const N: usize>(&self, skip: usize) -> Option<[u8; N]> {
        self.peek(skip.saturating_add(N)).get(skip..)?.try_into().ok()
    }

    /// Goes on by `n` bytes that stand in the buffer.
    pub(crate) fn advance(&mut self, n: usize) {
        let n = n.min(self.standing());
        self.start = self.start.saturating_add(n);
        self.offset = self.offset.saturating_add(u64::try_from(n).unwrap_or(0));
    }

    /// The bytes that `advance` has just passed.
    pub(crate) fn passed(&self, n: usize, back: usize) -> &[u8] {
        let from = self.start.saturating_sub(back);
        self.buffer.get(from..from.saturating_add(n)).unwrap_or_default()
    }

    /// Goes on by any number of bytes without keeping them. `false` where the stream ends before.
    pub(crate) fn discard(&mut self, mut n: u64) -> Result<bool, CaptureError> {
        while n > 0 {
            if !self.has(1)? {
                return Ok(false);
            }
            let step = usize::try_from(n).unwrap_or(usize::MAX).min(self.standing());
            self.advance(step);
            n = n.saturating_sub(u64::try_from(step).unwrap_or(u64::MAX));
        }
        Ok(true)
    }
}
