//! How values are written.

use crate::json::Json;
use holter_phi::Names;
use holter_protocols::event::Value;

/// What stands for a field that may be about a person.
const PERSON: &str = "*";

#[derive(Clone, Copy)]
pub(super) enum As {
    /// As the kind of the field has it.
    Same,
    /// A number as EVE's word for it, where it has one.
    Word(fn(u64) -> Option<&'static str>),
    /// A flag as one of two words.
    Flag((&'static str, &'static str)),
    /// A list, though there is but one.
    Listed,
    /// Each entry of a list as an object with this member.
    Within(&'static str),
    /// Text behind other text.
    Behind(&'static str),
    /// Seconds since 1970 as a date and a time.
    Date,
}

pub(super) fn write(line: &mut Json, how: As, value: Value<'_>, names: &Names) {
    match (how, value) {
        (As::Listed, value) => {
            line.open('[');
            write(line, As::Same, value, names);
            line.close(']');
        }
        (As::Within(name), value) => {
            line.open('{');
            line.key(name);
            write(line, As::Same, value, names);
            line.close('}');
        }
        (_, Value::Phi(_)) => line.string(PERSON),
        (As::Behind(before), Value::Plain(field)) => line.string(format_args!("{before}{}", field.keep(names))),
        (_, Value::Plain(field)) => line.string(field.keep(names)),
        (As::Word(word), Value::Number(n)) => match word(n) {
            Some(word) => line.string(word),
            None => line.number(n),
        },
        (As::Date, Value::Number(n)) => line.date(n),
        (As::Flag(when), Value::Flag(flag)) => line.string(if flag { when.0 } else { when.1 }),
        (_, Value::Number(n)) => line.number(n),
        (_, Value::Flag(flag)) => line.bool(flag),
        (_, Value::Address(ip)) => line.string(ip),
        (_, Value::Hardware(mac)) => line.string(mac),
        (how, Value::Codes(codes)) => {
            line.open('[');
            for &code in codes {
                write(line, how, Value::Number(u64::from(code)), names);
            }
            line.close(']');
        }
    }
}
