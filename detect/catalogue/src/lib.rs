//! The catalogue of detections: what each is called, how severe it is, and the text that people read.
//!
//! One file per detection in `detect/findings/`, compiled in. A sensor sends a finding as an id with facts; both sides
//! find the rest here, so no sentence travels and a text can be bettered without a change of the wire.
//!
//! # Templates
//!
//! - `{name}` is the fact of that name, `{subject}` and `{peer}` the two machines.
//! - `{name|query|queries}` is a number with its noun.
//! - `[... {name} ...]` is left out where one of its facts is not there.

mod error;
mod files;
mod read;
mod template;

pub use error::CatalogueError;
pub use read::read;
pub use template::{Template, Value};

use holter_terms::Severity;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A detection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The name of its file, such as `dicom-find-sweep`.
    pub id: &'static str,
    pub title: Template,
    pub severity: Severity,
    /// Where it is graver, and when.
    pub graver: Option<Graver>,
    pub techniques: Vec<Technique>,
    /// What happened, with its facts.
    pub happened: Template,
    /// Why that is unusual.
    pub unusual: Template,
    /// What to look at first, in order.
    pub check: Vec<Template>,
    /// What would speak against it.
    pub against: Vec<Template>,
    pub facts: Vec<FactSpec>,
    pub examples: Vec<Example>,
}

/// The severity of the grave case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graver {
    pub severity: Severity,
    pub when: String,
}

/// A technique of MITRE ATT&CK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technique {
    pub id: String,
    pub name: String,
}

/// A fact that a finding of this kind may carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactSpec {
    pub name: String,
    pub kind: FactKind,
    pub what: String,
    /// Not every finding has it.
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    Number,
    Text,
    Address,
    Seconds,
    Bytes,
}

/// Facts with the sentence that they must give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub facts: BTreeMap<String, String>,
    pub title: String,
    pub happened: String,
}

/// A finding as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub title: String,
    pub happened: String,
    pub unusual: String,
    pub check: Vec<String>,
    pub against: Vec<String>,
}

impl Detection {
    /// The text of a finding. `fact` gives the value of a name, among them `subject` and `peer`.
    pub fn account<'a>(&self, fact: &dyn Fn(&str) -> Option<Value<'a>>) -> Account {
        let all = |templates: &[Template]| {
            templates.iter().map(|template| template.render(fact)).filter(|text| !text.is_empty()).collect()
        };
        Account {
            title: self.title.render(fact),
            happened: self.happened.render(fact),
            unusual: self.unusual.render(fact),
            check: all(&self.check),
            against: all(&self.against),
        }
    }

    pub fn fact(&self, name: &str) -> Option<&FactSpec> {
        self.facts.iter().find(|fact| fact.name == name)
    }
}

/// Every detection that is compiled in, by id.
pub fn all() -> &'static [Detection] {
    static ALL: OnceLock<Vec<Detection>> = OnceLock::new();
    ALL.get_or_init(|| {
        // A test reads every file and demands that none is refused, so nothing is left out of a release.
        files::ALL.iter().filter_map(|&(id, text)| read(id, text).ok()).collect()
    })
}

/// The detection of an id.
pub fn get(id: &str) -> Option<&'static Detection> {
    all().iter().find(|detection| detection.id == id)
}
