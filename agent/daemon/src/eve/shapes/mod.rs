//! Under which names events stand in EVE, and which of them share a record. An event that is not listed is written under
//! its protocol's word, its fields under their own names without the protocol before them.

mod desks;
mod hosts;
mod names;
mod sealed;
mod web;
mod windows;

use super::record::Record;
use super::value::As;
use crate::json::Json;
use holter_phi::Names;
use holter_protocols::event::Value;
use holter_protocols::{Event, FieldSpec, Way};

/// Which record an event belongs to, of those of its kind in its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joins {
    /// One of its own.
    Alone,
    /// That of the event before it.
    Last,
    /// A new one that waits for others, perhaps under a number.
    Begins(Option<u64>),
    /// The one that waits under this number.
    Numbered(u64),
    /// The one that has waited longest.
    Oldest,
    /// The one that waits, where there is but one.
    Sole,
    /// The one that waits; where there is none, it begins it or is not written.
    One { begins: bool },
}

/// Where in its record an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Its members in the object at this path; the record's own where it is empty.
    Under(&'static str),
    /// An object in this list.
    In(&'static str),
    Nowhere,
}

/// Writes a value, or returns false where there is nothing to say.
pub(super) type Made = fn(&dyn Event, Way, &Names, &mut Json) -> bool;

pub(super) struct Shape {
    pub(super) event: &'static str,
    /// `event_type`, and the object's name.
    pub(super) kind: &'static str,
    pub(super) joins: fn(&dyn Event, Way) -> Joins,
    pub(super) stands: fn(&dyn Event, Way) -> Stands,
    /// Whether its record lacks nothing now.
    pub(super) done: fn(&dyn Event, Way, &Record) -> bool,
    /// Our field, its name in EVE (empty: left out), how it is written.
    pub(super) fields: &'static [(&'static str, &'static str, As)],
    /// Members that no single field is.
    pub(super) made: &'static [(&'static str, Made)],
}

/// What most shapes are: a record of its own.
const ALONE: Shape = Shape {
    event: "",
    kind: "",
    joins: |_, _| Joins::Alone,
    stands: |_, _| Stands::Under(""),
    done: |_, _, _| true,
    fields: &[],
    made: &[],
};

static SHAPES: &[&[Shape]] =
    &[names::SHAPES, desks::SHAPES, hosts::SHAPES, web::SHAPES, sealed::SHAPES, windows::SHAPES];

pub(super) fn of(event: &str) -> Option<&'static Shape> {
    SHAPES.iter().copied().flatten().find(|shape| shape.event == event)
}

fn number(event: &dyn Event, field: &'static FieldSpec) -> Option<u64> {
    match event.first(field)? {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

fn flag(event: &dyn Event, field: &'static FieldSpec) -> bool {
    matches!(event.first(field), Some(Value::Flag(true)))
}

/// A text that is the sender's own word, as it stands.
fn text<'e>(event: &'e dyn Event, field: &'static FieldSpec) -> Option<&'e [u8]> {
    match event.first(field)? {
        Value::Plain(text) => Some(text.bytes()),
        _ => None,
    }
}

/// Writes a word, where there is one.
fn word(line: &mut Json, word: Option<&str>) -> bool {
    word.map(|word| line.string(word)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_protocols::ALL;

    #[test]
    fn every_shape_names_an_event_and_fields_that_exist() {
        for shape in SHAPES.iter().copied().flatten() {
            let event = ALL.iter().flat_map(|protocol| protocol.events()).find(|event| event.name == shape.event);
            let event = event.unwrap_or_else(|| panic!("no event {}", shape.event));
            for (field, ..) in shape.fields {
                assert!(event.fields.iter().any(|known| known.name == *field), "{} has no {field}", shape.event);
            }
        }
    }

    #[test]
    fn no_event_has_two_shapes() {
        let mut events: Vec<_> = SHAPES.iter().copied().flatten().map(|shape| shape.event).collect();
        let all = events.len();
        events.sort_unstable();
        events.dedup();
        assert_eq!(events.len(), all);
    }
}
