//! Every event that decoders know, and how it is written.

use super::record::{Key, Record};
use super::shapes::Made;
use super::shapes::{self, Shape, Stands};
use super::value::{self, As};
use crate::json::Json;
use holter_phi::Names;
use holter_protocols::{ALL, Event, EventSpec, FieldSpec, Way};

/// An event and how it is written.
pub(super) struct Form {
    pub(super) event: &'static EventSpec,
    pub(super) shape: Option<&'static Shape>,
    pub(super) kind: &'static str,
    fields: Vec<Named>,
}

/// A field under its name in EVE.
#[derive(Clone, Copy)]
struct Named {
    field: &'static FieldSpec,
    key: Key,
    how: As,
}

/// One for each event.
pub(super) fn all() -> Vec<Form> {
    ALL.iter()
        .flat_map(|protocol| protocol.events().iter().map(|event| Form::new(protocol.word().as_str(), event)))
        .collect()
}

impl Form {
    fn new(protocol: &'static str, event: &'static EventSpec) -> Self {
        let shape = shapes::of(event.name);
        let fields = event.fields.iter().filter_map(|&field| {
            let known = shape.and_then(|shape| shape.fields.iter().find(|(name, ..)| *name == field.name));
            match known {
                Some((_, "", _)) => None,
                Some((_, key, how)) => Some(Named { field, key: Key::Path(key), how: *how }),
                None => Some(Named { field, key: Key::Own(field.name), how: As::Same }),
            }
        });
        Form { event, shape, kind: shape.map_or(protocol, |shape| shape.kind), fields: fields.collect() }
    }

    fn named(&self, field: &FieldSpec) -> Option<Named> {
        self.fields.iter().find(|named| named.field.is(field)).copied()
    }

    fn made(&self) -> &'static [(&'static str, Made)] {
        self.shape.map_or(&[], |shape| shape.made)
    }

    /// Adds what the event says to a record.
    pub(super) fn add(&self, record: &mut Record, event: &dyn Event, way: Way, names: &Names) {
        match self.shape.map_or(Stands::Under(""), |shape| (shape.stands)(event, way)) {
            Stands::Under(prefix) => self.under(record, prefix, event, way, names),
            Stands::In(list) => self.entry(record.list(list), event, names),
            Stands::Nowhere => {}
        }
    }

    /// Entries of a list come one after the other: a member is closed when another field begins.
    fn under(&self, record: &mut Record, prefix: &'static str, event: &dyn Event, way: Way, names: &Names) {
        let mut list: Option<(Named, usize)> = None;
        event.visit(&mut |field, shown| {
            let Some(named) = self.named(field) else { return };
            if let Some((before, from)) = list.take_if(|(before, _)| !before.field.is(field)) {
                record.end_list(prefix, before.key, from);
            }
            if !field.list {
                record.say(prefix, named.key, |line| {
                    value::write(line, named.how, shown, names);
                    true
                });
                return;
            }
            if list.is_none() {
                list = Some((named, record.begin_list()));
            }
            record.entry(|line| value::write(line, named.how, shown, names));
        });
        if let Some((before, from)) = list {
            record.end_list(prefix, before.key, from);
        }
        for (key, make) in self.made() {
            record.say("", Key::Path(key), |line| make(event, way, names, line));
        }
    }

    /// Adds what the event says to a list, as an object.
    fn entry(&self, line: &mut Json, event: &dyn Event, names: &Names) {
        line.open('{');
        let mut list: Option<&'static FieldSpec> = None;
        event.visit(&mut |field, shown| {
            let Some(named) = self.named(field) else { return };
            if !list.is_some_and(|open| open.is(field)) {
                if list.take().is_some() {
                    line.close(']');
                }
                line.key(named.key.first());
                if field.list {
                    line.open('[');
                    list = Some(field);
                }
            }
            value::write(line, named.how, shown, names);
        });
        if list.is_some() {
            line.close(']');
        }
        line.close('}');
    }
}
