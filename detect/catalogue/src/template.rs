use std::fmt::Write;
use std::net::IpAddr;

/// The value of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Number(u64),
    Text(&'a str),
    Address(IpAddr),
    Seconds(u64),
    Bytes(u64),
}

/// A sentence with places for facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Fact {
        name: String,
        nouns: Option<(String, String)>,
    },
    /// Left out where one of its facts is not there.
    Optional(Vec<Part>),
}

impl Template {
    /// Reads a template; what is wrong with it, otherwise.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['[', '{', ']', '}']) {
            let (before, from) = rest.split_at(at);
            push_text(&mut parts, before);
            if let Some(inner) = from.strip_prefix('[') {
                let (inner, after) = inner.split_once(']').ok_or("a [ without its ]")?;
                let inner = Template::parse(inner)?;
                if inner.names().next().is_none() {
                    return Err("a part in [] holds at least one fact".to_owned());
                }
                parts.push(Part::Optional(inner.0));
                rest = after;
            } else if let Some(inner) = from.strip_prefix('{') {
                let (inner, after) = inner.split_once('}').ok_or("a { without its }")?;
                parts.push(fact(inner)?);
                rest = after;
            } else {
                return Err("a ] or } without its beginning".to_owned());
            }
        }
        push_text(&mut parts, rest);
        Ok(Template(parts))
    }

    /// Every fact that it names; `true` with those that may be absent.
    pub fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().flat_map(|part| -> Box<dyn Iterator<Item = (&str, bool)>> {
            match part {
                Part::Text(_) => Box::new(std::iter::empty()),
                Part::Fact { name, .. } => Box::new(std::iter::once((name.as_str(), false))),
                Part::Optional(parts) => Box::new(parts.iter().filter_map(|part| match part {
                    Part::Fact { name, .. } => Some((name.as_str(), true)),
                    _ => None,
                })),
            }
        })
    }

    /// The sentence with its facts. A fact that is not there and not in `[]` reads "unknown".
    pub fn render<'a>(&self, fact: &dyn Fn(&str) -> Option<Value<'a>>) -> String {
        let mut out = String::new();
        render(&self.0, fact, &mut out);
        out
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

fn fact(inner: &str) -> Result<Part, String> {
    let mut words = inner.split('|');
    let name = words.next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(format!("{{{inner}}}: a fact is named by lower case letters"));
    }
    let nouns = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some(one), Some(many), None) => Some((one.to_owned(), many.to_owned())),
        _ => return Err(format!("{{{inner}}}: a number takes two nouns, one and many")),
    };
    Ok(Part::Fact { name: name.to_owned(), nouns })
}

fn render<'a>(parts: &[Part], fact: &dyn Fn(&str) -> Option<Value<'a>>, out: &mut String) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Fact { name, nouns } => {
                let value = fact(name);
                match value {
                    Some(value) => write_value(value, out),
                    None => out.push_str("unknown"),
                }
                if let Some((one, many)) = nouns {
                    out.push(' ');
                    out.push_str(if value == Some(Value::Number(1)) { one } else { many });
                }
            }
            Part::Optional(inner) => {
                let there = inner.iter().all(|part| match part {
                    Part::Fact { name, .. } => fact(name).is_some(),
                    _ => true,
                });
                if there {
                    render(inner, fact, out);
                }
            }
        }
    }
}

fn write_value(value: Value<'_>, out: &mut String) {
    // Writing to a string does not fail.
    let _ = match value {
        Value::Number(n) => write!(out, "{}", grouped(n)),
        Value::Text(text) => write!(out, "{text}"),
        Value::Address(address) => write!(out, "{address}"),
        Value::Seconds(0) => write!(out, "under 1 s"),
        Value::Seconds(n) if n < 120 => write!(out, "{n} s"),
        Value::Seconds(n) if n < 7200 => write!(out, "{} min", n / 60),
        Value::Seconds(n) => write!(out, "{} h", n / 3600),
        Value::Bytes(n) if n < 1000 => write!(out, "{n} bytes"),
        Value::Bytes(n) if n < 1_000_000 => write!(out, "{}.{} kB", n / 1000, n % 1000 / 100),
        Value::Bytes(n) if n < 1_000_000_000 => write!(out, "{}.{} MB", n / 1_000_000, n % 1_000_000 / 100_000),
        Value::Bytes(n) => write!(out, "{}.{} GB", n / 1_000_000_000, n % 1_000_000_000 / 100_000_000),
    };
}

/// A number with a comma after each three digits.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str) -> Option<Value<'static>> {
        Some(match name {
            "one" => Value::Number(1),
            "many" => Value::Number(1_234_567),
            "size" => Value::Bytes(4_895_000),
            "time" => Value::Seconds(600),
            "who" => Value::Text("WS01"),
            _ => return None,
        })
    }

    fn shown(text: &str) -> String {
        Template::parse(text).unwrap().render(&facts)
    }

    #[test]
    fn facts_stand_in_their_places() {
        assert_eq!(shown("{who} sent {size} in {time}."), "WS01 sent 4.8 MB in 10 min.");
        assert_eq!(shown("{one|query|queries}, {many|answer|answers}"), "1 query, 1,234,567 answers");
    }

    #[test]
    fn a_part_without_its_fact_is_left_out_and_a_bare_one_is_unknown() {
        assert_eq!(shown("a[ by {nobody}] b[ by {who}]"), "a b by WS01");
        assert_eq!(shown("by {nobody}"), "by unknown");
    }

    #[test]
    fn a_template_that_cannot_be_read_is_refused() {
        for text in ["{", "}", "[", "]", "{a", "[{a}", "{}", "{A}", "{a|b}", "{a|b|c|d}", "[no fact]"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
