//! Tags of an XML document one after the other. Nothing is expanded, and nothing is nested: a document type is passed
//! like any other tag.

use memchr::{memchr, memmem};

pub(super) enum Token<'a> {
    Open { name: &'a [u8], text: &'a [u8], empty: bool },
    Close { name: &'a [u8] },
    DocumentType,
}

pub(super) struct Tags<'a> {
    rest: &'a [u8],
    /// What is left cannot be read: a tag that does not end.
    pub(super) broken: bool,
}

impl<'a> Tags<'a> {
    pub(super) const fn new(document: &'a [u8]) -> Self {
        Tags { rest: document, broken: false }
    }

    fn pass(&mut self, end: &[u8]) {
        match memmem::find(self.rest, end) {
            Some(at) => self.rest = self.rest.get(at.saturating_add(end.len())..).unwrap_or_default(),
            None => {
                self.broken = true;
                self.rest = b"";
            }
        }
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let at = memchr(b'<', self.rest)?;
            self.rest = self.rest.get(at.saturating_add(1)..).unwrap_or_default();
            if self.rest.starts_with(b"!--") {
                self.pass(b"-->");
            } else if self.rest.starts_with(b"![CDATA[") {
                self.pass(b"]]>");
            } else if self.rest.starts_with(b"?") {
                self.pass(b"?>");
            } else {
                break;
            }
        }
        let Some(end) = end_of_tag(self.rest) else {
            self.broken = true;
            self.rest = b"";
            return None;
        };
        let tag = self.rest.get(..end).unwrap_or_default();
        self.rest = self.rest.get(end.saturating_add(1)..).unwrap_or_default();
        Some(match tag {
            [b'!', ..] => Token::DocumentType,
            [b'/', name @ ..] => Token::Close { name: local(name.trim_ascii()) },
            _ => {
                let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next().unwrap_or_default();
                let text = memchr(b'<', self.rest).and_then(|at| self.rest.get(..at)).unwrap_or_default();
                Token::Open { name: local(name), text: text.trim_ascii(), empty: tag.ends_with(b"/") }
            }
        })
    }
}

/// The end of a tag, which is no `>` within quotes.
fn end_of_tag(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    bytes.iter().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(*byte);
            false
        }
        (Some(open), _) if open == *byte => {
            quote = None;
            false
        }
        _ => false,
    })
}

/// A name without its prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name).and_then(|at| name.get(at.saturating_add(1)..)).unwrap_or(name)
}
