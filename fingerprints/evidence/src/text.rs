use holter_phi::{Because, LABEL_BYTES, Label, Names, Plain};
use std::fmt::{self, Write};

/// Words and numbers of our own, put together without an allocation.
pub(crate) struct Text {
    bytes: [u8; LABEL_BYTES],
    len: usize,
}

impl Text {
    pub(crate) fn new(arguments: fmt::Arguments<'_>) -> Self {
        let mut text = Text { bytes: [0; LABEL_BYTES], len: 0 };
        // What does not fit is cut, as in any label.
        let _ = text.write_fmt(arguments);
        text
    }

    /// As a label. The caller has put only words of the program, numbers and addresses into it.
    pub(crate) fn label(&self, names: &Names) -> Label {
        Plain::new(self.bytes.get(..self.len).unwrap_or_default(), Because::Vocabulary).keep(names)
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            let slot = self.bytes.get_mut(self.len).ok_or(fmt::Error)?;
            *slot = byte;
            self.len = self.len.saturating_add(1);
        }
        Ok(())
    }
}
