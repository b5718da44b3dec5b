//! Makers by the names that advisories and devices give them.

use super::error::FileError;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// A maker within a table; names that the table does not have get one of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MakerId(u32);

/// The table of makers.
#[derive(Debug, Clone, Default)]
pub struct Makers {
    by_name: BTreeMap<String, Vec<MakerId>>,
    /// Words of a maker's own name, which say nothing of a product of it.
    words: BTreeMap<MakerId, BTreeSet<String>>,
    next: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    maker: Vec<FileMaker>,
    #[serde(default)]
    together: Vec<FileTogether>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileMaker {
    name: Spanned<String>,
    #[serde(default)]
    also: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTogether {
    name: Spanned<String>,
    makers: Vec<Spanned<String>>,
}

const LEGAL: [&str; 18] = [
    "ag",
    "as",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "limited",
    "llc",
    "ltd",
    "nv",
    "oy",
    "plc",
    "sa",
    "the",
];

/// A maker's name without case, punctuation and legal forms.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase().replace(['.', '\''], "");
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !LEGAL.contains(word));
    words.collect::<Vec<_>>().join(" ")
}

impl Makers {
    /// The table that holter brings.
    pub fn built_in() -> Result<Makers, FileError> {
        Makers::read("makers.toml", include_str!("data/makers.toml"))
    }

    pub fn read(file: &str, text: &str) -> Result<Makers, FileError> {
        let parsed: File = toml::from_str(text).map_err(|error| FileError::toml(file, text, &error))?;
        let mut makers = Makers::default();
        for maker in parsed.maker {
            let id = makers.fresh();
            for name in std::iter::once(&maker.name).chain(&maker.also) {
                let key = plain(name.get_ref());
                if key.is_empty() {
                    return Err(FileError::at(file, text, name.span(), "a name without letters or digits"));
                }
                // A name with a comma is a list or a sentence, whose words may be those of products.
                if !name.get_ref().contains(',') {
                    makers.words.entry(id).or_default().extend(key.split(' ').map(str::to_owned));
                }
                match makers.by_name.insert(key, vec![id]) {
                    Some(before) if before != [id] => {
                        return Err(FileError::at(
                            file,
                            text,
                            name.span(),
                            "this name belongs to another maker already",
                        ));
                    }
                    _ => {}
                }
            }
        }
        for together in parsed.together {
            let mut ids = Vec::new();
            for name in &together.makers {
                let known = makers.by_name.get(&plain(name.get_ref()));
                ids.extend(known.ok_or_else(|| FileError::at(file, text, name.span(), "no such maker in this file"))?);
            }
            makers.by_name.insert(plain(together.name.get_ref()), ids);
        }
        Ok(makers)
    }

    fn fresh(&mut self) -> MakerId {
        let id = MakerId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// The makers that a name stands for: one, or several where an advisory names them together.
    pub fn find(&self, name: &str) -> &[MakerId] {
        self.by_name.get(&plain(name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same, and a name that nobody knows becomes a maker.
    pub(crate) fn find_or_add(&mut self, name: &str) -> Vec<MakerId> {
        let key = plain(name);
        if key.is_empty() {
            return Vec::new();
        }
        if let Some(known) = self.by_name.get(&key) {
            return known.clone();
        }
        let id = self.fresh();
        self.words.insert(id, key.split(' ').map(str::to_owned).collect());
        self.by_name.insert(key, vec![id]);
        vec![id]
    }

    pub(crate) fn is_own_word(&self, of: &[MakerId], word: &str) -> bool {
        of.iter().any(|id| self.words.get(id).is_some_and(|words| words.contains(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maker_is_known_by_every_name_of_the_table() {
        let makers = Makers::built_in().unwrap();
        let same = |a: &str, b: &str| !makers.find(a).is_empty() && makers.find(a) == makers.find(b);
        assert!(same("Becton, Dickinson and Company (BD)", "BD"));
        assert!(same("St. Jude Medical", "Abbott Laboratories, Inc."));
        assert!(same("Hillrom", "Welch Allyn"));
        assert!(same("Dräger", "Draeger"));
        assert!(!same("Philips", "BD"));
        assert!(makers.find("Philips Hue").is_empty(), "a name that begins like another is another");
        assert_eq!(makers.find("Silex Technology and GE Healthcare").len(), 2);
    }

    #[test]
    fn a_fault_of_the_table_has_its_place_and_no_contents() {
        let twice = "[[maker]]\nname = \"Zeta\"\n[[maker]]\nname = \"Eta\"\nalso = [\"ZETA Inc.\"]\n";
        let error = Makers::read("m.toml", twice).unwrap_err();
        assert_eq!(error.to_string(), "m.toml:5:9: this name belongs to another maker already");
        let error = Makers::read("m.toml", "[[maker]]\nnome = \"secret\"\n").unwrap_err().to_string();
        assert!(error.starts_with("m.toml:2:1: unknown field") && !error.contains("secret"), "{error}");
        let error = Makers::read("m.toml", "[[together]]\nname = \"x y\"\nmakers = [\"Nobody\"]\n").unwrap_err();
        assert_eq!((error.line, error.column), (3, 11));
    }
}
