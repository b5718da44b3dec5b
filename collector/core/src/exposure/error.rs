use std::ops::Range;

/// A file that cannot be used, with the place of the fault. What stands there is never repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {what}")]
pub struct FileError {
    pub file: String,
    /// Counted from 1; 0 where the fault is of the file as a whole.
    pub line: usize,
    pub column: usize,
    pub what: String,
}

impl FileError {
    pub(crate) fn whole(file: &str, what: impl Into<String>) -> Self {
        FileError { file: file.to_owned(), line: 0, column: 0, what: what.into() }
    }

    /// At a byte of a TOML file.
    pub(crate) fn at(file: &str, text: &str, span: Range<usize>, what: impl Into<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.bytes().filter(|&byte| byte == b'\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()).saturating_add(1);
        FileError { file: file.to_owned(), line, column, what: what.into() }
    }

    pub(crate) fn toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let what = error.message();
        // toml repeats the value it did not expect; only what it says of our own fields is passed on.
        let safe =
            ["unknown field", "missing field", "duplicate key", "invalid type"].iter().find(|s| what.starts_with(**s));
        let what = match safe {
            Some(&"missing field") => what.to_owned(),
            Some(&"invalid type") => "a value of another type than this file has here".to_owned(),
            Some(kind) => (*kind).to_owned(),
            None => "not TOML of this file's form".to_owned(),
        };
        FileError::at(file, text, error.span().unwrap_or_default(), what)
    }

    /// serde_json repeats values in what it says. Passed on is only what this crate wrote itself, and field names.
    pub(crate) fn json(file: &str, error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let said = error.to_string();
        let ours = said.strip_prefix(OURS).map(|rest| rest.split(" at line ").next().unwrap_or(rest).to_owned());
        let missing =
            said.starts_with("missing field `").then(|| said.split(" at line ").next().unwrap_or("").to_owned());
        let what = ours.or(missing).unwrap_or_else(|| {
            match error.classify() {
                Category::Eof => "the file ends early",
                Category::Syntax if said.starts_with("recursion limit") => "nested deeper than 128 levels",
                Category::Syntax => "not JSON",
                Category::Data => "a value of another form than the format has here",
                Category::Io => "cannot be read",
            }
            .to_owned()
        });
        FileError { file: file.to_owned(), line: error.line(), column: error.column(), what }
    }
}

/// Marks the messages of our own among those of serde_json.
pub(crate) const OURS: &str = "holter: ";
