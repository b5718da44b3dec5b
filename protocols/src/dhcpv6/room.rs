//! Lists and texts of a fixed size, filled as far as they go.

/// Longest identifier (RFC 8415 11.1).
const DUID_MAX: usize = 130;

pub(super) struct Room<T, const N: usize> {
    values: [T; N],
    used: usize,
    over: bool,
}

impl<T: Copy, const N: usize> Room<T, N> {
    pub(super) const fn new(empty: T) -> Self {
        Room { values: [empty; N], used: 0, over: false }
    }

    /// What does not fit is only noticed.
    pub(super) fn push(&mut self, value: T) {
        match self.values.get_mut(self.used) {
            Some(slot) => {
                *slot = value;
                self.used = self.used.saturating_add(1);
            }
            None => self.over = true,
        }
    }

    pub(super) fn get(&self) -> &[T] {
        self.values.get(..self.used).unwrap_or_default()
    }

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }
}

/// An identifier as hexadecimal digits.
pub(super) struct Hex([u8; DUID_MAX * 2]);

impl Hex {
    pub(super) const fn new() -> Self {
        Hex([0; DUID_MAX * 2])
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> &[u8] {
        let digit = |nibble: u8| if nibble < 10 { b'0'.saturating_add(nibble) } else { b'W'.saturating_add(nibble) };
        for (pair, byte) in self.0.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        self.0.get(..bytes.len().min(DUID_MAX).saturating_mul(2)).unwrap_or_default()
    }
}
