use serde::{Serialize, Serializer};
use std::fmt;

/// The most bytes that a [`Label`] holds.
pub const LABEL_BYTES: usize = 64;

/// Text that may leave the sensor. It lives inline, so keeping one allocates nothing, and it has no `Deserialize`:
/// nothing turns bytes into a label but `Plain::keep` and words that were compiled in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    bytes: [u8; LABEL_BYTES],
    len: u8,
}

impl Label {
    /// A word that is part of the program, such as the name of a maker in a fingerprint file.
    pub fn word(text: &'static str) -> Self {
        Label::printable(text.as_bytes())
    }

    pub(crate) fn printable(source: &[u8]) -> Self {
        let mut label = Label { bytes: [0; LABEL_BYTES], len: 0 };
        for (to, &byte) in label.bytes.iter_mut().zip(source.trim_ascii()) {
            *to = if (0x20..0x7f).contains(&byte) { byte } else { b'?' };
            label.len += 1;
        }
        label
    }

    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.len)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}
