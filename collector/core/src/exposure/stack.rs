//! Advisories about operating systems and network stacks.

use super::error::FileError;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A stack that advisories are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    pub name: String,
    pub nickname: Option<String>,
    words: Vec<String>,
    /// The whole advisory is about it, however its nodes are called.
    pub(crate) whole: bool,
}

/// The table of stacks.
#[derive(Debug, Clone, Default)]
pub struct Stacks {
    all: Vec<Stack>,
    by_advisory: BTreeMap<String, Vec<usize>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    stack: Vec<FileStack>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStack {
    name: String,
    words: Spanned<Vec<String>>,
    #[serde(default)]
    nickname: String,
    #[serde(default)]
    whole: bool,
    advisories: Vec<String>,
}

impl Stack {
    /// Whether the name of an operating system, or of a node, speaks of this stack.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        let has = |wanted: &String| lower.split(|c: char| !c.is_alphanumeric()).any(|word| word == wanted);
        self.words.iter().all(has)
    }
}

impl Stacks {
    pub fn built_in() -> Result<Stacks, FileError> {
        Stacks::read("stacks.toml", include_str!("data/stacks.toml"))
    }

    pub fn read(file: &str, text: &str) -> Result<Stacks, FileError> {
        let parsed: File = toml::from_str(text).map_err(|error| FileError::toml(file, text, &error))?;
        let mut stacks = Stacks::default();
        for stack in parsed.stack {
            let words = stack.words.get_ref();
            let plain =
                |word: &String| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            if words.is_empty() || !words.iter().all(plain) {
                return Err(FileError::at(
                    file,
                    text,
                    stack.words.span(),
                    "words of lower-case letters and digits, at least one",
                ));
            }
            for advisory in stack.advisories {
                stacks.by_advisory.entry(advisory).or_default().push(stacks.all.len());
            }
            stacks.all.push(Stack {
                name: stack.name,
                nickname: Some(stack.nickname).filter(|nickname| !nickname.is_empty()),
                words: stack.words.into_inner(),
                whole: stack.whole,
            });
        }
        Ok(stacks)
    }

    pub(crate) fn of_advisory(&self, id: &str) -> &[usize] {
        self.by_advisory.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn get(&self, at: usize) -> Option<&Stack> {
        self.all.get(at)
    }

    /// The stacks that the name of an operating system speaks of.
    pub(crate) fn in_os<'a>(&'a self, os: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.all.iter().enumerate().filter(|(_, stack)| stack.is_in(os)).map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_found_by_whole_words() {
        let stacks = Stacks::built_in().unwrap();
        let names = |os: &str| stacks.in_os(os).map(|at| stacks.get(at).unwrap().name.clone()).collect::<Vec<_>>();
        assert_eq!(names("Wind River VxWorks 6.9"), ["VxWorks", "VxWorks"]);
        assert_eq!(names("FreeRTOS+TCP (microcontroller)"), ["FreeRTOS"]);
        assert!(names("Windows 10").is_empty());
        assert!(names("purpose-made, glucose").is_empty(), "ose is no part of a word");
    }
}
