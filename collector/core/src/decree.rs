//! What people decide about devices. Decisions are kept beside what sensors tell and laid over it, so they survive
//! every re-learning, and each can be taken back. What they mean does not depend on when they are read.

use crate::face::FaceKey;
use holter_terms::{Attribute, DeviceClass, Nanos};
use serde::{Deserialize, Serialize};

/// The most decisions of one tenant; further ones are refused.
pub const DECREES_MAX: usize = 200_000;
/// The most about one device.
pub const DECREES_OF_ONE_MAX: usize = 1_000;
/// Characters of a name, an owner, a location or a tag.
pub const WORD_MAX: usize = 120;
/// Characters of a note.
pub const NOTE_MAX: usize = 2_000;

/// How much depends on a device, as its site says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criticality {
    Low,
    Normal,
    High,
    LifeSupport,
}

impl Criticality {
    pub const ALL: [Criticality; 4] =
        [Criticality::Low, Criticality::Normal, Criticality::High, Criticality::LifeSupport];

    pub const fn as_str(self) -> &'static str {
        match self {
            Criticality::Low => "low",
            Criticality::Normal => "normal",
            Criticality::High => "high",
            Criticality::LifeSupport => "life-support",
        }
    }

    pub fn parse(text: &str) -> Option<Criticality> {
        Criticality::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What a person can say of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    Name,
    Owner,
    Location,
    Criticality,
    Class,
    Maker,
    Family,
    Model,
    Version,
    Os,
    Serial,
}

impl Field {
    pub const ALL: [Field; 11] = [
        Field::Name,
        Field::Owner,
        Field::Location,
        Field::Criticality,
        Field::Class,
        Field::Maker,
        Field::Family,
        Field::Model,
        Field::Version,
        Field::Os,
        Field::Serial,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Owner => "owner",
            Field::Location => "location",
            Field::Criticality => "criticality",
            Field::Class => "class",
            Field::Maker => "maker",
            Field::Family => "family",
            Field::Model => "model",
            Field::Version => "version",
            Field::Os => "os",
            Field::Serial => "serial",
        }
    }

    pub fn parse(text: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.as_str() == text)
    }

    /// The attribute that it stands for, where sensors tell it too.
    pub const fn attribute(self) -> Option<Attribute> {
        match self {
            Field::Class => Some(Attribute::Class),
            Field::Maker => Some(Attribute::Maker),
            Field::Family => Some(Attribute::Family),
            Field::Model => Some(Attribute::Model),
            Field::Version => Some(Attribute::Version),
            Field::Os => Some(Attribute::Os),
            Field::Serial => Some(Attribute::Serial),
            Field::Name | Field::Owner | Field::Location | Field::Criticality => None,
        }
    }

    /// Whether a value can stand in it, and why not.
    pub fn check(self, value: &str) -> Result<(), &'static str> {
        if value.trim().is_empty() || value.chars().count() > WORD_MAX || value.chars().any(char::is_control) {
            return Err("a value has 1 to 120 characters and no control characters");
        }
        match self {
            Field::Class if DeviceClass::parse(value).is_none() => Err("there is no such device class"),
            Field::Criticality if Criticality::parse(value).is_none() => {
                Err("criticality is low, normal, high or life-support")
            }
            _ => Ok(()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Wish {
    /// `None` leaves it to the sensors again.
    Set {
        field: Field,
        value: Option<String>,
    },
    Tag {
        tag: String,
        on: bool,
    },
    Note {
        text: String,
    },
    /// The two are one device, by the ids of faces: `001865aa0021`, `10.20.0.5`.
    Merge {
        with: String,
    },
    /// The face is none of this device's: no rule may join it to these others again.
    Split {
        face: String,
        from: Vec<String>,
    },
    /// The earlier decision no longer holds.
    Undo {
        decree: u64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decree {
    pub id: u64,
    pub site: String,
    /// A face of the device that it is about.
    pub about: FaceKey,
    pub who: String,
    pub at: Nanos,
    pub wish: Wish,
    /// Who took it back, and when.
    pub undone: Option<(String, Nanos)>,
}

/// What people said of one device, newest first where one was said twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub fields: std::collections::BTreeMap<Field, Saying>,
    pub tags: std::collections::BTreeSet<String>,
    pub notes: Vec<Saying>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    pub value: String,
    pub who: String,
    pub at: Nanos,
    pub decree: u64,
}

impl Said {
    /// Lays one decision over the earlier ones.
    pub(crate) fn take(&mut self, decree: &Decree) {
        let saying =
            |value: &str| Saying { value: value.to_owned(), who: decree.who.clone(), at: decree.at, decree: decree.id };
        match &decree.wish {
            Wish::Set { field, value: Some(value) } => drop(self.fields.insert(*field, saying(value))),
            Wish::Set { field, value: None } => drop(self.fields.remove(field)),
            Wish::Tag { tag, on: true } => drop(self.tags.insert(tag.clone())),
            Wish::Tag { tag, on: false } => drop(self.tags.remove(tag)),
            Wish::Note { text } => self.notes.push(saying(text)),
            Wish::Merge { .. } | Wish::Split { .. } | Wish::Undo { .. } => {}
        }
    }

    pub fn field(&self, field: Field) -> Option<&str> {
        self.fields.get(&field).map(|saying| saying.value.as_str())
    }
}
