use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Text as a collector accepts it: at most 64 bytes of printable ASCII, whatever the sender claims to be.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Default)]
pub struct Text(String);

impl Text {
    pub const MAX_BYTES: usize = 64;

    pub fn new(text: &str) -> Option<Text> {
        let fits = text.len() <= Self::MAX_BYTES && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        fits.then(|| Text(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Text::new(&text).ok_or_else(|| D::Error::custom("text is too long or not printable"))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
