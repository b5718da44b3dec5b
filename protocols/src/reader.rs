use crate::Malformed;

/// Reads from the front of a byte slice; an error names the field and its offset.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    /// A reader of a part that began at `base` of the whole, so that its errors say where in the whole.
    pub const fn based(bytes: &'a [u8], base: usize) -> Self {
        Reader { bytes, at: base }
    }

    /// Offset of the next byte.
    pub const fn at(&self) -> usize {
        self.at
    }

    pub const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub const fn malformed(&self, field: &'static str) -> Malformed {
        Malformed { field, at: self.at }
    }

    pub fn take(&mut self, n: usize, field: &'static str) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.bytes.split_at_checked(n).ok_or(Malformed { field, at: self.at })?;
        self.bytes = rest;
        self.at = self.at.saturating_add(n);
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Malformed> {
        let at = self.at;
        self.take(N, field)?.try_into().map_err(|_| Malformed { field, at })
    }

    /// A reader of the next `n` bytes.
    pub fn sub(&mut self, n: usize, field: &'static str) -> Result<Reader<'a>, Malformed> {
        let at = self.at;
        Ok(Reader { bytes: self.take(n, field)?, at })
    }

    pub fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.array(field).map(u8::from_be_bytes)
    }

    pub fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub fn u32(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_be_bytes)
    }

    pub fn u16_le(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub fn u32_le(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_le_bytes)
    }
}
