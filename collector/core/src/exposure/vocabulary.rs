//! Words by number.

use super::words::{Token, Word, numbered};
use std::collections::BTreeMap;

/// The words of all advisories, each with a number, so that comparing them costs as little as comparing numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary(BTreeMap<String, u32>);

/// A word of an advisory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Need {
    // Nearly every word has one alternative and no span. A survey looks at millions of them, so that they are small.
    first: Option<u32>,
    pub(crate) is_code: bool,
    more: Option<Box<More>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct More {
    ids: Vec<u32>,
    spans: Vec<(u32, u32, u32)>,
}

/// A word of a device, by the numbers of a vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    first: SeenToken,
    more: Vec<SeenToken>,
    pub(crate) is_code: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct SeenToken {
    id: Option<u32>,
    /// The letters before its number, and the number.
    number: Option<(u32, u32)>,
}

impl Vocabulary {
    fn learn(&mut self, text: String) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(text).or_insert(next)
    }

    pub(crate) fn need(&mut self, word: &Word) -> Need {
        let mut need = Need { is_code: word.0.iter().all(Token::is_code), ..Need::default() };
        for token in &word.0 {
            let id = self.learn(token.spelling());
            match need.first {
                None => need.first = Some(id),
                Some(_) => need.more.get_or_insert_default().ids.push(id),
            }
            if let Token::Span(letters, from, to) = token {
                let letters = self.learn(format!("{letters}#"));
                need.more.get_or_insert_default().spans.push((letters, *from, *to));
            }
        }
        need
    }

    pub(crate) fn seen(&self, word: &Word) -> Seen {
        let token = |token: &Token| {
            let number = match token {
                Token::Text(text) => numbered(text),
                Token::Span(..) => None,
            };
            let number = number.and_then(|(letters, number)| Some((*self.0.get(&format!("{letters}#"))?, number)));
            SeenToken { id: self.0.get(&token.spelling()).copied(), number }
        };
        let mut tokens = word.0.iter().map(token);
        let first = tokens.next().unwrap_or_default();
        Seen { first, more: tokens.collect(), is_code: word.0.iter().all(Token::is_code) }
    }
}

impl Need {
    /// Under these it is found in the index: its alternatives, and the letters of its spans.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u32> + '_ {
        let more = self.more.iter().flat_map(|more| more.ids.iter().copied().chain(more.spans.iter().map(|s| s.0)));
        self.first.into_iter().chain(more)
    }

    /// Whether this word means that word of a device. Of a device that is one thing or another (`EPIQ/Affiniti`) it
    /// must mean both.
    #[inline]
    pub(crate) fn covers(&self, seen: &Seen) -> bool {
        self.means(&seen.first) && (seen.more.is_empty() || seen.more.iter().all(|token| self.means(token)))
    }

    #[inline]
    fn means(&self, token: &SeenToken) -> bool {
        if token.id.is_some() && token.id == self.first {
            return true;
        }
        let Some(more) = &self.more else { return false };
        let spanned = |(of, number): (u32, u32)| {
            more.spans.iter().any(|(letters, from, to)| *letters == of && (*from..=*to).contains(&number))
        };
        token.id.is_some_and(|id| more.ids.contains(&id)) || token.number.is_some_and(spanned)
    }
}

impl Seen {
    /// Where the index may have it.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(&self.first)
            .chain(&self.more)
            .flat_map(|token| [token.id, token.number.map(|(letters, _)| letters)])
            .flatten()
    }
}
