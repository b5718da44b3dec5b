use super::error::{LinkError, Reason};

/// Reads from the front of a frame; an error names the reason and the offset in the frame.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(frame: &'a [u8]) -> Self {
        Cursor { rest: frame, at: 0 }
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) const fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) const fn fail(&self, reason: Reason) -> LinkError {
        LinkError { reason, at: self.at }
    }

    pub(super) fn take(&mut self, n: usize, reason: Reason) -> Result<&'a [u8], LinkError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(LinkError { reason, at: self.at })?;
        self.rest = rest;
        self.at = self.at.saturating_add(n);
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self, reason: Reason) -> Result<[u8; N], LinkError> {
        let error = self.fail(reason);
        self.take(N, reason)?.try_into().map_err(|_| error)
    }

    pub(super) fn u16(&mut self, reason: Reason) -> Result<u16, LinkError> {
        self.array(reason).map(u16::from_be_bytes)
    }

    pub(super) fn skip(&mut self, n: usize, reason: Reason) -> Result<(), LinkError> {
        self.take(n, reason).map(|_| ())
    }

    /// Nothing after the first `n` bytes belongs to what is read.
    pub(super) fn limit(&mut self, n: usize) {
        self.rest = self.rest.get(..n).unwrap_or(self.rest);
    }
}
