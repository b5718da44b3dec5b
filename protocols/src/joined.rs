//! Text that must be put together before it can be read, in a buffer of fixed size.

/// What does not fit is left out.
#[derive(Clone, Copy)]
pub(crate) struct Joined<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Joined<N> {
    pub(crate) const fn new() -> Self {
        Joined { bytes: [0; N], len: 0 }
    }

    pub(crate) const fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The text, if there is any.
    pub(crate) fn some(&self) -> Option<&[u8]> {
        (!self.is_empty()).then(|| self.bytes())
    }

    pub(crate) fn push(&mut self, text: &[u8]) {
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        let n = text.len().min(room.len());
        if let (Some(room), Some(text)) = (room.get_mut(..n), text.get(..n)) {
            room.copy_from_slice(text);
            self.len = self.len.saturating_add(n);
        }
    }

    pub(crate) fn push_char(&mut self, char: char) {
        let mut utf8 = [0; 4];
        let utf8 = char.encode_utf8(&mut utf8).as_bytes();
        // Not the half of a character.
        if utf8.len() <= N.saturating_sub(self.len) {
            self.push(utf8);
        }
    }

    pub(crate) fn push_number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut left = number;
        let mut count = 0usize;
        for digit in digits.iter_mut().rev() {
            *digit = u8::try_from(left % 10).unwrap_or(0).saturating_add(b'0');
            left /= 10;
            count = count.saturating_add(1);
            if left == 0 {
                break;
            }
        }
        self.push(digits.get(digits.len().saturating_sub(count)..).unwrap_or_default());
    }

    /// UTF-16 in little-endian order, up to its end or its first NUL.
    pub(crate) fn push_utf16(&mut self, bytes: &[u8]) {
        let units = bytes.chunks_exact(2).map(|pair| match pair {
            &[low, high] => u16::from_le_bytes([low, high]),
            _ => 0,
        });
        for char in char::decode_utf16(units.take_while(|&unit| unit != 0)).take(N) {
            self.push_char(char.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut text = Joined::<8>::new();
        text.push_number(0);
        text.push_number(u64::MAX);
        assert_eq!(text.bytes(), b"01844674");
        text.clear();
        text.push_utf16(b"R\0\xf6\0e\0\0\0x\0");
        assert_eq!(text.bytes(), "Röe".as_bytes());
        (0..3).for_each(|_| text.push_char('ö'));
        assert_eq!(text.bytes(), "Röeöö".as_bytes());
    }
}
