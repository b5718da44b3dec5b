use holter_protocols::{Event, FieldSpec, Kind, Value};
use holter_terms::Mac;
use serde::Deserialize;
use toml::Spanned;

/// What a data file asks of a field. Exactly one test per entry; an entry that gives none asks that the field is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    pub(crate) field: Spanned<String>,
    #[serde(rename = "is")]
    equal: Option<String>,
    starts_with: Option<String>,
    contains: Option<String>,
    /// Text that starts with this under any case.
    starts_with_any_case: Option<String>,
    /// Text that stands somewhere in it, under any case.
    contains_any_case: Option<String>,
    number: Option<u64>,
    at_least: Option<u64>,
    at_most: Option<u64>,
    flag: Option<bool>,
    /// The whole list, in order.
    codes: Option<Vec<u8>>,
    /// These codes stand in this order, whatever stands between them that is not one of them.
    order: Option<Vec<u8>>,
    /// None of these codes is in the list.
    without: Option<Vec<u8>>,
    /// These bits are set.
    bits: Option<u64>,
    /// A domain name, or one below it.
    domain: Option<String>,
    /// How a link-layer address begins, in hexadecimal digits.
    prefix: Option<String>,
    absent: Option<bool>,
    /// The field is there, and the test fits none of its values.
    #[serde(default)]
    not: bool,
}

#[derive(Debug)]
enum Wanted {
    Present,
    Absent,
    Is(Box<[u8]>),
    StartsWith(Box<[u8]>),
    StartsWithAnyCase(Box<[u8]>),
    Contains(Box<[u8]>),
    ContainsAnyCase(Box<[u8]>),
    Range(u64, u64),
    Bits(u64),
    Domain(Box<[u8]>),
    Prefix(Box<[u8]>),
    Flag(bool),
    Codes(Box<[u8]>),
    Order(Box<[u8]>),
    Without(Box<[u8]>),
}

/// One test of a rule, over one field.
#[derive(Debug)]
pub(crate) struct Test {
    field: &'static FieldSpec,
    wanted: Wanted,
    not: bool,
}

impl Test {
    pub(crate) fn new(field: &'static FieldSpec, condition: Condition) -> Result<Test, &'static str> {
        let bytes = |text: String| text.into_bytes().into_boxed_slice();
        let Condition {
            field: _,
            equal,
            starts_with,
            contains,
            starts_with_any_case,
            contains_any_case,
            number,
            at_least,
            at_most,
            flag,
            codes,
            order,
            without,
            bits,
            domain,
            prefix,
            absent,
            not,
        } = condition;
        let mut all = [
            equal.map(|text| Wanted::Is(bytes(text))),
            starts_with.map(|text| Wanted::StartsWith(bytes(text))),
            starts_with_any_case.map(|text| Wanted::StartsWithAnyCase(bytes(text))),
            contains.map(|text| Wanted::Contains(bytes(text))),
            contains_any_case.map(|text| Wanted::ContainsAnyCase(bytes(text))),
            number.map(|n| Wanted::Range(n, n)),
            (at_least.is_some() || at_most.is_some())
                .then(|| Wanted::Range(at_least.unwrap_or(0), at_most.unwrap_or(u64::MAX))),
            flag.map(Wanted::Flag),
            codes.map(|codes| Wanted::Codes(codes.into_boxed_slice())),
            order.map(|codes| Wanted::Order(codes.into_boxed_slice())),
            without.map(|codes| Wanted::Without(codes.into_boxed_slice())),
            bits.map(Wanted::Bits),
            domain.map(|name| Wanted::Domain(bytes(name))),
            prefix.map(|digits| Wanted::Prefix(bytes(digits))),
            absent.map(|absent| if absent { Wanted::Absent } else { Wanted::Present }),
        ]
        .into_iter()
        .flatten();
        let wanted = all.next().unwrap_or(Wanted::Present);
        if all.next().is_some() {
            return Err("one test per field; write a second entry for a second test");
        }
        let fits = match wanted {
            Wanted::Present | Wanted::Absent => true,
            Wanted::Is(_)
            | Wanted::StartsWith(_)
            | Wanted::StartsWithAnyCase(_)
            | Wanted::Contains(_)
            | Wanted::ContainsAnyCase(_)
            | Wanted::Domain(_) => field.kind == Kind::Plain,
            Wanted::Prefix(_) => field.kind == Kind::Hardware,
            Wanted::Range(..) | Wanted::Bits(_) => {
                matches!(
                    field.kind,
                    Kind::Count | Kind::Size | Kind::Code | Kind::Port | Kind::Seconds | Kind::Transaction
                )
            }
            Wanted::Flag(_) => field.kind == Kind::Flag,
            Wanted::Codes(_) | Wanted::Order(_) | Wanted::Without(_) => field.kind == Kind::Codes,
        };
        if not && matches!(wanted, Wanted::Present | Wanted::Absent) {
            return Err("presence is denied by absent");
        }
        if fits { Ok(Test { field, wanted, not }) } else { Err("this test does not fit the kind of the field") }
    }

    /// Whether the event passes. A field with several values passes if one of them does.
    pub(crate) fn holds(&self, looked: &mut Looked<'_>) -> bool {
        let first = looked.first(self.field);
        match self.wanted {
            Wanted::Present => first.is_some(),
            Wanted::Absent => first.is_none(),
            // The first value decides nearly always, and asking for it is cheaper than a visit of all of them.
            _ => match first {
                None => false,
                Some(value) if self.wanted.fits(value) => !self.not,
                Some(_) if !self.field.list => self.not,
                Some(_) => {
                    let mut any = false;
                    looked.event.each(self.field, &mut |value| any |= self.wanted.fits(value));
                    any != self.not
                }
            },
        }
    }
}

/// An event with what the rules before asked of it: they are many, and ask for few fields.
pub(crate) struct Looked<'e> {
    pub(crate) event: &'e dyn Event,
    known: [Option<(&'static FieldSpec, Option<Value<'e>>)>; FIELDS],
}

/// Fields of one event that are remembered.
const FIELDS: usize = 8;

impl<'e> Looked<'e> {
    pub(crate) fn at(event: &'e dyn Event) -> Self {
        Looked { event, known: [None; FIELDS] }
    }

    fn first(&mut self, field: &'static FieldSpec) -> Option<Value<'e>> {
        for place in &mut self.known {
            match place {
                Some((known, value)) if known.is(field) => return *value,
                Some(_) => {}
                None => {
                    let value = self.event.first(field);
                    *place = Some((field, value));
                    return value;
                }
            }
        }
        self.event.first(field)
    }
}

impl Wanted {
    fn fits(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Wanted::Is(text), Value::Plain(field)) => field.bytes().trim_ascii() == &**text,
            (Wanted::StartsWith(text), Value::Plain(field)) => field.bytes().starts_with(text),
            (Wanted::StartsWithAnyCase(text), Value::Plain(field)) => {
                field.bytes().get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
            }
            (Wanted::Contains(text), Value::Plain(field)) => memchr::memmem::find(field.bytes(), text).is_some(),
            (Wanted::ContainsAnyCase(text), Value::Plain(field)) => contains_any_case(field.bytes(), text),
            (Wanted::Range(least, most), Value::Number(n)) => (*least..=*most).contains(&n),
            (Wanted::Bits(bits), Value::Number(n)) => n & bits == *bits,
            (Wanted::Domain(domain), Value::Plain(field)) => is_below(field.bytes(), domain),
            (Wanted::Prefix(digits), Value::Hardware(mac)) => begins_with(mac, digits),
            (Wanted::Flag(wanted), Value::Flag(flag)) => *wanted == flag,
            (Wanted::Codes(wanted), Value::Codes(codes)) => codes == &**wanted,
            (Wanted::Order(wanted), Value::Codes(codes)) => {
                codes.iter().filter(|code| wanted.contains(code)).eq(wanted.iter())
            }
            (Wanted::Without(unwanted), Value::Codes(codes)) => !codes.iter().any(|code| unwanted.contains(code)),
            _ => false,
        }
    }
}

/// Dozens of rules ask this of the same few bytes: only where the first letter stands the others are looked at.
fn contains_any_case(field: &[u8], text: &[u8]) -> bool {
    let Some((first, rest)) = text.split_first() else { return true };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), field).any(|at| {
        let behind = field.get(at.saturating_add(1)..).and_then(|behind| behind.get(..rest.len()));
        behind.is_some_and(|behind| behind.eq_ignore_ascii_case(rest))
    })
}

fn is_below(name: &[u8], domain: &[u8]) -> bool {
    let at = name.len().checked_sub(domain.len());
    let (Some(start), Some(end)) = (at.and_then(|at| name.get(..at)), at.and_then(|at| name.get(at..))) else {
        return false;
    };
    end.eq_ignore_ascii_case(domain) && start.last().is_none_or(|&before| before == b'.')
}

fn begins_with(mac: Mac, digits: &[u8]) -> bool {
    let nibbles = mac.0.into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.len() <= 12
        && digits.iter().zip(nibbles).all(|(&digit, nibble)| char::from(digit).to_digit(16) == Some(u32::from(nibble)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_found_quickly_is_what_is_there(field in "[aAbB ]{0,12}", text in "[aAbB ]{1,4}") {
            let there = field.as_bytes().windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
            prop_assert_eq!(contains_any_case(field.as_bytes(), text.as_bytes()), there);
        }
    }
}
