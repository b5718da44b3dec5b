//! MDS2 worksheets (ANSI/NEMA HN 1-2019 and HN 1-2013): what a maker discloses of a model's security.
//!
//! A worksheet is a table in which a row has the id of a question, its text, an answer and perhaps a note. Where those
//! stand differs between makers, so a row is read from its id on. What was answered is kept as it was answered; [`facts`]
//! draws from it what a table says that a question is about, and nothing else.

mod facts;

pub use facts::{Fact, TOPICS, Topic, facts};

use super::sheet::{self, Row, Table};
use super::{Fault, Faults, same_maker};
use crate::device::Device;
use holter_identity::NAMED;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The most answers of one worksheet. The form has about 240 questions.
pub const ANSWERS_MAX: usize = 2_000;
/// Models that one worksheet is for.
pub const MODELS_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    Hn2013,
    Hn2019,
}

impl Edition {
    pub const fn as_str(self) -> &'static str {
        match self {
            Edition::Hn2013 => "HN 1-2013",
            Edition::Hn2019 => "HN 1-2019",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    NotApplicable,
    /// The note is the answer.
    SeeNote,
    /// Neither of these, as it stands there.
    Text(String),
}

impl Answer {
    fn of(text: &str) -> Answer {
        match text.trim().trim_end_matches('.').to_lowercase().as_str() {
            "yes" | "y" => Answer::Yes,
            "no" | "n" => Answer::No,
            "n/a" | "na" | "not applicable" => Answer::NotApplicable,
            "see note" | "see notes" | "see note below" => Answer::SeeNote,
            _ => Answer::Text(text.trim().to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::NotApplicable => "n/a",
            Answer::SeeNote => "see note",
            Answer::Text(text) => text,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub question: String,
    pub answer: Answer,
    pub note: Option<String>,
    /// Where it stands.
    pub place: String,
}

#[derive(Debug, Clone, Default)]
pub struct Worksheet {
    pub file: String,
    pub edition: Option<Edition>,
    pub maker: Option<String>,
    pub description: Option<String>,
    pub models: Vec<String>,
    pub version: Option<String>,
    pub document: Option<String>,
    pub date: Option<String>,
    /// By the id of the question, such as `RMOT-1` or `20-1`.
    pub answers: BTreeMap<String, Answered>,
    pub faults: Faults,
}

/// Reads a worksheet.
pub fn read(file: &str, bytes: &[u8]) -> Result<Worksheet, Fault> {
    let mut faults = Faults::default();
    let tables = sheet::read(file, bytes, &mut faults)?;
    let mut worksheet = Worksheet { file: file.to_owned(), faults, ..Worksheet::default() };
    for table in &tables {
        let mut notes = BTreeMap::new();
        for (at, row) in table.rows.iter().enumerate() {
            worksheet.header(table, at, row);
            worksheet.question(table, row);
            note(row).map(|(number, text)| notes.insert(number, text));
        }
        worksheet.resolve(&notes);
    }
    if worksheet.edition.is_none() {
        return Err(Fault { place: file.to_owned(), why: "no question of an MDS2 form was found" });
    }
    Ok(worksheet)
}

/// The id of a question: `RMOT-1.2` of 2019, `20-1.1` of 2013.
fn id(cell: &str) -> Option<(Edition, String)> {
    let text = cell.trim().trim_end_matches(':').to_uppercase();
    let (section, number) = text.split_once('-')?;
    let is_number = !number.is_empty()
        && number.len() <= 12
        && number.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number {
        return None;
    }
    if section.len() <= 2 && section.parse::<u8>().is_ok_and(|section| (1..=20).contains(&section)) {
        return Some((Edition::Hn2013, text));
    }
    facts::SECTIONS.contains(&section).then_some((Edition::Hn2019, text))
}

/// `[3] The text of the third note`, or `Note 3: …`, as the 2013 form has them behind its questions.
fn note(row: &Row) -> Option<(String, String)> {
    let cells: Vec<&str> = row.cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let number = note_number(cells.first()?)?;
    let text = cells.get(1..)?.join(" ");
    (!text.is_empty()).then_some((number, text))
}

fn note_number(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('[').trim_end_matches([']', ':', '.']);
    let number = text.strip_prefix("Note").or_else(|| text.strip_prefix("note")).unwrap_or(text).trim();
    (!number.is_empty() && number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| number.to_owned())
}

impl Worksheet {
    /// The head of the form: labels with their values beside them or, in 2013, below them.
    fn header(&mut self, table: &Table, at: usize, row: &Row) {
        if id(row.cells.iter().find(|cell| !cell.trim().is_empty()).map_or("", String::as_str)).is_some() {
            return;
        }
        for (column, label) in row.cells.iter().enumerate() {
            let label: String =
                label.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
            let field: fn(&mut Worksheet) -> &mut Option<String> = match label.as_str() {
                "manufacturer" | "manufacturername" => |sheet| &mut sheet.maker,
                "documentid" => |sheet| &mut sheet.document,
                "documentreleasedate" | "releasedate" => |sheet| &mut sheet.date,
                "softwarerevision" | "softwareversion" => |sheet| &mut sheet.version,
                "devicecategory" | "devicedescription" => |sheet| &mut sheet.description,
                "devicemodel" | "model" | "models" => {
                    if self.models.is_empty()
                        && let Some(value) = value_of(table, at, row, column)
                    {
                        self.models = models(&value);
                    }
                    continue;
                }
                _ => continue,
            };
            if field(self).is_none() {
                *field(self) = value_of(table, at, row, column);
            }
        }
    }

    fn question(&mut self, table: &Table, row: &Row) {
        let Some((column, (edition, id))) =
            row.cells.iter().enumerate().find_map(|(column, cell)| Some((column, id(cell)?)))
        else {
            return;
        };
        let rest: Vec<(usize, &str)> =
            (column.saturating_add(1)..row.cells.len()).filter_map(|at| Some((at, row.cell(at)?))).take(8).collect();
        let Some(((_, question), told)) = rest.split_first() else { return };
        // Behind the question stands the answer, and behind that the note. A row without an answer is a heading.
        let Some(((at, answer), notes)) = told.split_first() else { return };
        self.edition = self.edition.max(Some(edition));
        if self.answers.len() >= ANSWERS_MAX {
            self.faults.add(table.place(row, column), "more than 2,000 answers; it was left out");
            return;
        }
        let answered = Answered {
            question: (*question).to_owned(),
            answer: Answer::of(answer),
            // What stands farther right are references to other standards.
            note: notes.first().filter(|(after, _)| *after == at.saturating_add(1)).map(|(_, note)| (*note).to_owned()),
            place: table.place(row, *at),
        };
        self.document_row(&id, &answered);
        match self.answers.entry(id) {
            Entry::Vacant(free) => {
                free.insert(answered);
            }
            Entry::Occupied(_) => {
                self.faults.add(table.place(row, column), "the question was answered before; the first answer stands");
            }
        }
    }

    /// The questions of 2019 that tell of the document.
    fn document_row(&mut self, id: &str, answered: &Answered) {
        let value = || Some(answered.answer.as_str().to_owned()).filter(|value| !value.is_empty());
        match id {
            "DOC-1" => self.maker = value(),
            "DOC-2" => self.description = value(),
            "DOC-3" => self.models = value().as_deref().map(models).unwrap_or_default(),
            "DOC-4" => self.document = value(),
            "DOC-7" => self.date = value(),
            _ => {}
        }
    }

    /// Puts the text of a numbered note in the place of its number.
    fn resolve(&mut self, notes: &BTreeMap<String, String>) {
        for answered in self.answers.values_mut() {
            if let Some(text) = answered.note.as_deref().and_then(note_number).and_then(|number| notes.get(&number)) {
                answered.note = Some(text.clone());
            }
        }
    }

    /// Whether the worksheet is of this device's model: maker and model are both known by name, and both are equal.
    pub fn is_of(&self, device: &Device) -> bool {
        let named =
            |of: &Option<(String, u8)>| of.as_ref().filter(|(_, c)| *c >= NAMED).map(|(value, _)| value.clone());
        let (Some(maker), Some(seen)) = (&self.maker, named(&device.card.maker)) else { return false };
        let Some(model) = named(&device.card.model).map(|model| super::bare(&model)) else { return false };
        same_maker(maker, &seen) == Some(true)
            && model.chars().count() >= 3
            && self.models.iter().any(|listed| super::bare(listed) == model)
    }
}

/// The value of a label: beside it, unless another label stands there, or else below it.
fn value_of(table: &Table, at: usize, row: &Row, column: usize) -> Option<String> {
    let beside = row.cell(column.saturating_add(1)).filter(|value| !is_label(value));
    let below =
        || table.rows.get(at.saturating_add(1)).and_then(|next| next.cell(column)).filter(|value| !is_label(value));
    beside.or_else(below).map(str::to_owned)
}

fn is_label(text: &str) -> bool {
    const LABELS: [&str; 11] = [
        "manufacturer",
        "manufacturername",
        "documentid",
        "documentreleasedate",
        "softwarerevision",
        "softwarereleasedate",
        "devicecategory",
        "devicedescription",
        "devicemodel",
        "questionid",
        "question",
    ];
    let plain: String = text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    LABELS.contains(&plain.as_str())
}

fn models(text: &str) -> Vec<String> {
    let parts = text.split([',', ';', '\n', '|']).map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).take(MODELS_MAX).collect()
}
