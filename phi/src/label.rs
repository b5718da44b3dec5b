use ring::hmac;
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

/// What the site chose for the names of its machines: shown, or hashed under the site's key.
#[derive(Clone)]
pub struct Names(Choice);

#[derive(Clone)]
enum Choice {
    Shown,
    Hashed(hmac::Key),
}

impl Names {
    /// Names leave as they are. The site opted in.
    pub fn shown() -> Self {
        Names(Choice::Shown)
    }

    /// Names leave as `#` and 16 hexadecimal digits of HMAC-SHA-256 under `names_key`: equal names stay equal within
    /// the site, and nothing can be looked up without the key.
    pub fn hashed(names_key: [u8; 32]) -> Self {
        Names(Choice::Hashed(hmac::Key::new(hmac::HMAC_SHA256, &names_key)))
    }

    pub const fn are_shown(&self) -> bool {
        matches!(self.0, Choice::Shown)
    }

    pub(crate) fn label(&self, name: &[u8]) -> Label {
        let name = name.trim_ascii_end().trim_ascii_start();
        match &self.0 {
            _ if name.is_empty() => Label::printable(b""),
            Choice::Shown => Label::printable(name),
            Choice::Hashed(key) => {
                let mut context = hmac::Context::with_key(key);
                // Upper case, in pieces, so that a name of any length is hashed without a copy of it on the heap.
                let mut piece = [0u8; 64];
                for chunk in name.chunks(piece.len()) {
                    for (to, byte) in piece.iter_mut().zip(chunk) {
                        *to = byte.to_ascii_uppercase();
                    }
                    context.update(piece.get(..chunk.len()).unwrap_or_default());
                }
                let tag = context.sign();
                let mut text = [0u8; 17];
                text[0] = b'#';
                for (pair, byte) in text[1..].chunks_mut(2).zip(tag.as_ref()) {
                    for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                        *digit = b"0123456789abcdef"[usize::from(nibble)];
                    }
                }
                Label::printable(&text)
            }
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.are_shown() { "Names(shown)" } else { "Names(hashed)" })
    }
}
