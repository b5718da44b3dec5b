//! Names of products as words that can be compared.
//!
//! 1. Lower case; a hyphen joins (`Wi-Fi` is `wifi`), everything else that is no letter or digit parts.
//! 2. A slash offers alternatives: `FM20/FM30` is one word with two. A shorter one that begins with a digit replaces the
//!    end of the first: `M8001A/2A` is M8001A or M8002A, `MX800/700` MX800 or MX700.
//! 3. A hyphen between numbers behind the same letters is a span: `MX400-MX850`, `MX400-550`.
//! 4. Words in brackets, and words that half the devices of a hospital bear ([`GENERIC`]), need not match.
//! 5. What stands behind `not including` or `except` takes devices out.

/// The most words of one name; the rest is left out.
pub(crate) const WORDS_MAX: usize = 24;
/// The most alternatives of one word.
pub(crate) const ALTERNATIVES_MAX: usize = 24;

/// Say nothing of which product is meant. A name of nothing else keeps them.
pub(crate) const GENERIC: [&str; 44] = [
    "a",
    "all",
    "an",
    "and",
    "app",
    "application",
    "based",
    "by",
    "control",
    "device",
    "devices",
    "electrocardiograph",
    "electrocardiographs",
    "family",
    "for",
    "including",
    "medical",
    "model",
    "models",
    "module",
    "monitor",
    "monitoring",
    "monitors",
    "of",
    "only",
    "operating",
    "or",
    "patient",
    "product",
    "products",
    "pump",
    "pumps",
    "series",
    "software",
    "system",
    "systems",
    "the",
    "to",
    "ultrasound",
    "unit",
    "units",
    "version",
    "versions",
    "with",
];

/// One alternative of a word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    Text(String),
    /// Numbers behind letters: `mx`, 400 to 850.
    Span(String, u32, u32),
}

/// A word with its alternatives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word(pub(crate) Vec<Token>);

/// A name, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// Must all match.
    pub(crate) required: Vec<Word>,
    /// Stand in brackets.
    pub(crate) aside: Vec<Word>,
    /// A device that has all of these is not meant.
    pub(crate) without: Vec<Word>,
}

impl Token {
    /// Bears a number that tells models apart: `b650`, `m8007a`, `8015`.
    pub(crate) fn is_code(&self) -> bool {
        match self {
            Token::Text(text) => text.len() >= 3 && text.bytes().any(|byte| byte.is_ascii_digit()),
            Token::Span(..) => true,
        }
    }

    /// How it is spelled among the words that a shelf knows.
    pub(crate) fn spelling(&self) -> String {
        match self {
            Token::Text(text) => text.clone(),
            Token::Span(letters, from, to) => format!("{letters}#{from}-{to}"),
        }
    }
}

impl Word {
    fn is_generic(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Text(text) if GENERIC.contains(&text.as_str())))
    }
}

/// `mx800` as `mx` and 800.
pub(crate) fn numbered(text: &str) -> Option<(&str, u32)> {
    let at = text.bytes().position(|byte| byte.is_ascii_digit())?;
    let (letters, digits) = text.split_at_checked(at)?;
    let plain = letters.bytes().all(|byte| byte.is_ascii_lowercase()) && digits.len() <= 6;
    plain.then(|| Some((letters, digits.parse().ok()?)))?
}

impl Name {
    /// `leave_out` says which words belong to the maker's own name.
    pub(crate) fn read(text: &str, leave_out: &dyn Fn(&str) -> bool) -> Name {
        let lower = text.to_lowercase();
        let (text, without) = ["not including", "excluding", "except"]
            .iter()
            .find_map(|word| lower.split_once(word))
            .map_or((lower.as_str(), ""), |(before, behind)| (before, behind));
        let mut name = Name::default();
        let mut depth = 0_u32;
        for piece in text.split_inclusive(['(', ')', '[', ']']) {
            let words = words_of(piece, leave_out);
            if depth > 0 {
                name.aside.extend(words)
            } else {
                name.required.extend(words)
            }
            match piece.chars().last() {
                Some('(' | '[') => depth = depth.saturating_add(1),
                Some(')' | ']') => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        name.without = words_of(without, leave_out).collect();
        if !name.required.iter().all(Word::is_generic) {
            name.required.retain(|word| !word.is_generic());
        }
        for words in [&mut name.required, &mut name.aside, &mut name.without] {
            words.sort();
            words.dedup();
            words.truncate(WORDS_MAX);
        }
        name
    }
}

fn words_of<'a>(text: &'a str, leave_out: &'a dyn Fn(&str) -> bool) -> impl Iterator<Item = Word> + 'a {
    let part = |c: char| !(c.is_alphanumeric() || matches!(c, '/' | '-' | '.' | '+' | '*'));
    let words = text.split(part).filter_map(word_of);
    words.filter(move |word| !word.0.iter().all(|token| matches!(token, Token::Text(text) if leave_out(text))))
}

fn word_of(text: &str) -> Option<Word> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut first = String::new();
    for part in text.split('/').take(ALTERNATIVES_MAX) {
        if let Some(span) = span(part) {
            tokens.push(span);
            continue;
        }
        let plain: String = part.chars().filter(|c| c.is_alphanumeric() || *c == '+').collect();
        if plain.is_empty() {
            continue;
        }
        if first.is_empty() {
            first.clone_from(&plain);
        } else if plain.len() < first.len() && plain.starts_with(|c: char| c.is_ascii_digit()) {
            let kept = first.len().saturating_sub(plain.len());
            if let Some(kept) = first.get(..kept).filter(|_| first.bytes().any(|byte| byte.is_ascii_digit())) {
                tokens.push(Token::Text(format!("{kept}{plain}")));
                continue;
            }
        }
        tokens.push(Token::Text(plain));
    }
    tokens.sort();
    tokens.dedup();
    (!tokens.is_empty()).then_some(Word(tokens))
}

fn span(text: &str) -> Option<Token> {
    let (from, to) = text.split_once('-')?;
    let (letters, low) = numbered(from)?;
    let (behind, high) = numbered(to)?;
    // `400-550` behind letters is a span only among numbers of one length: `T1-30` is a name.
    let fits = behind == letters || (behind.is_empty() && from.len().checked_sub(letters.len()) == Some(to.len()));
    (fits && low < high).then(|| Token::Span(letters.to_owned(), low, high))
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::Vocabulary;
    use super::*;

    fn read(text: &str) -> Name {
        Name::read(text, &|word| word == "welch" || word == "allyn")
    }

    fn one(text: &str) -> Word {
        read(text).required.remove(0)
    }

    /// Whether a word of an advisory means a word of a device.
    fn covers(advisory: &Word, device: &str) -> bool {
        let mut vocabulary = Vocabulary::default();
        let need = vocabulary.need(advisory);
        need.covers(&vocabulary.seen(&one(device)))
    }

    #[test]
    fn a_slash_offers_alternatives_and_a_short_one_replaces_the_end() {
        let codes = read("Monitors MP20-MP90 (M8001A/2A/10A) WLAN").aside.remove(0);
        for code in ["m8001a", "m8002a", "m8010a"] {
            assert!(covers(&codes, code), "{code}");
        }
        assert!(!covers(&codes, "m8003a"));
        assert!(covers(&one("MX800/700/600"), "mx600"));
        assert!(covers(&one("FM20/FM30"), "FM30"));
    }

    #[test]
    fn a_span_covers_the_numbers_between_and_no_other_letters() {
        let span = one("MX400-MX850");
        assert!(covers(&span, "MX500") && covers(&span, "MX850") && covers(&span, "MX400-MX850"));
        assert!(!covers(&span, "MP500") && !covers(&span, "MX900") && !covers(&span, "MX400-MX500"));
        assert!(covers(&one("MX400-550"), "mx550"));
        assert_eq!(one("T1-30"), one("t130"));
    }

    #[test]
    fn a_device_that_is_one_of_two_is_meant_only_where_both_are() {
        assert!(covers(&one("EPIQ/Affiniti"), "EPIQ/Affiniti"));
        assert!(!covers(&one("EPIQ"), "EPIQ/Affiniti"));
        assert!(covers(&one("EPIQ/Affiniti"), "EPIQ"));
    }

    #[test]
    fn generic_words_and_the_makers_own_name_say_nothing() {
        assert_eq!(read("Welch Allyn Connex Central Station (CS)").required, read("connex central station").required);
        assert_eq!(read("The Zeta pump system").required, vec![one("zeta")]);
        // Of a name of nothing else they are all there is.
        assert_eq!(read("Patient monitor").required.len(), 2);
    }

    #[test]
    fn what_is_not_included_is_kept_apart() {
        let name = read("Zeta, not including Zeta 100 Pro");
        assert_eq!(name.required, vec![one("zeta")]);
        assert_eq!(name.without.len(), 3);
    }

    #[test]
    fn a_name_without_end_is_bounded() {
        let long: String = (0..1000).map(|n| format!("w{n} ")).collect();
        assert_eq!(read(&long).required.len(), WORDS_MAX);
        let many: String = (0..1000).map(|n| format!("w{n}/")).collect();
        assert!(one(&many).0.len() <= ALTERNATIVES_MAX);
    }
}
