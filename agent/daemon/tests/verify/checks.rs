//! The checks of a `test.yaml` of suricata-verify: how many records are to match what. Reads as much of YAML as these
//! files use.

use serde_json::Value;

#[derive(Debug, Default)]
pub(crate) struct Check {
    pub(crate) count: u64,
    /// It is for versions of Suricata before this one.
    pub(crate) before: Option<String>,
    pub(crate) matches: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub(crate) struct Test {
    pub(crate) pcap: Option<String>,
    pub(crate) checks: Vec<Check>,
}

/// A line without what is around it: indentation, key and value.
fn line(text: &str) -> Option<(usize, &str, &str)> {
    let body = text.trim_start_matches([' ', '-']);
    let indent = text.len() - body.len();
    let body = body.split(" #").next().unwrap_or(body).trim_end();
    let (key, value) = body.split_once(": ").or_else(|| Some((body.strip_suffix(':')?, "")))?;
    (!body.starts_with('#')).then(|| (indent, key.trim(), value.trim()))
}

fn bare(value: &str) -> String {
    let quoted = value.len() > 1 && (value.starts_with('"') && value.ends_with('"') || value.starts_with('\''));
    if quoted { value[1..value.len() - 1].replace("\\\\", "\\") } else { value.to_owned() }
}

pub(crate) fn read(text: &str) -> Test {
    let mut test = Test::default();
    // Where the members of a match stand, while it lasts.
    let mut matching: Option<usize> = None;
    for (indent, key, value) in text.lines().filter_map(line) {
        if key == "pcap" && indent == 0 {
            test.pcap = Some(bare(value));
        }
        if key == "filter" {
            test.checks.push(Check { count: 1, ..Check::default() });
            matching = None;
            continue;
        }
        let Some(check) = test.checks.last_mut() else { continue };
        if matching.is_some_and(|at| indent > at) {
            check.matches.push((key.to_owned(), bare(value)));
            continue;
        }
        matching = None;
        match key {
            "match" => matching = Some(indent),
            "count" => check.count = value.parse().expect("a count"),
            "lt-version" => check.before = Some(bare(value)),
            _ => {}
        }
    }
    test
}

/// The value at a path such as `dns.queries[0].rrname`; `__len` is how long it is.
fn at(record: &Value, path: &str) -> Option<Value> {
    let mut here = record.clone();
    for part in path.split('.') {
        if part == "__len" {
            let length = here.as_str().map(str::len).or(here.as_array().map(Vec::len))?;
            return Some(Value::from(length));
        }
        let (key, index) = match part.split_once('[') {
            Some((key, index)) => (key, Some(index.trim_end_matches(']').parse::<usize>().ok()?)),
            None => (part, None),
        };
        here = here.get(key)?.clone();
        if let Some(index) = index {
            here = here.get(index)?.clone();
        }
    }
    Some(here)
}

impl Check {
    pub(crate) fn event_type(&self) -> Option<&str> {
        self.matches.iter().find(|(key, _)| key == "event_type").map(|(_, value)| value.as_str())
    }

    pub(crate) fn holds_for(&self, record: &Value) -> bool {
        self.matches.iter().all(|(key, wanted)| match key.as_str() {
            "has-key" => at(record, wanted).is_some(),
            "not-has-key" => at(record, wanted).is_none(),
            key => match at(record, key) {
                Some(Value::String(text)) => text == *wanted,
                Some(value) => serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| wanted == value),
                None => false,
            },
        })
    }
}
