//! Where a listener looks for what sets a family apart, and what it sees there in one event.
//!
//! What was seen is kept as the test that a data file would ask: nothing is learned that a rule could not say.

use holter_phi::Plain;
use holter_protocols::{Event, FieldSpec, Value};
use std::collections::BTreeSet;

/// How the value of a field becomes a test.
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    Is,
    IsOrAbsent,
    Number,
    NumberOrAbsent,
    Codes,
    /// The name and what stands below it.
    Domain,
    /// The last two labels of a name: whose cloud it is.
    Owner,
    /// The first letters, up to a digit: what comes behind may be a serial number.
    Letters,
    /// The 24 bits that IEEE assigned.
    Prefix,
    /// No test of its own: only events with this number are looked at.
    Only(u64),
    OnlyFlag(bool),
}

use How::{Codes, Domain, Is, IsOrAbsent, Letters, Number, NumberOrAbsent, Only, OnlyFlag, Owner, Prefix};

/// One place to look.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) signal: &'static str,
    pub(crate) event: &'static str,
    pub(crate) fields: &'static [(&'static str, How)],
    /// A family shows few values here and always the same: another one speaks against it. Only where any value of the
    /// field becomes a test: what is passed over (a reversed address among host names) would else be taken for another.
    pub(crate) closed: bool,
}

const fn look(signal: &'static str, event: &'static str, fields: &'static [(&'static str, How)], closed: bool) -> Look {
    Look { signal, event, fields, closed }
}

#[rustfmt::skip]
pub(crate) static LOOKS: &[Look] = &[
    look("oui", "arp.message", &[("arp.sender_mac", Prefix)], true),
    look("dhcp", "dhcp.message", &[("dhcp.op", Only(1)), ("dhcp.type", Number), ("dhcp.parameters", Codes),
        ("dhcp.options", Codes), ("dhcp.vendor_class", IsOrAbsent), ("dhcp.max_size", NumberOrAbsent)], false),
    look("dhcp", "dhcp.message", &[("dhcp.op", Only(1)), ("dhcp.parameters", Codes)], true),
    look("dhcp", "dhcp.message", &[("dhcp.op", Only(1)), ("dhcp.vendor_class", Is)], true),
    look("dhcp-name", "dhcp.message", &[("dhcp.op", Only(1)), ("dhcp.hostname", Letters)], false),
    look("dns", "dns.message", &[("dns.response", OnlyFlag(false)), ("dns.name", Domain)], false),
    look("dns", "dns.message", &[("dns.response", OnlyFlag(false)), ("dns.name", Owner)], false),
    look("dns", "tls.client_hello", &[("tls.client.server_name", Domain)], false),
    look("mdns", "mdns.question", &[("mdns.question.service", Is)], true),
    look("mdns", "mdns.record", &[("mdns.record.service", Is)], true),
    look("mdns", "mdns.record", &[("mdns.record.host", Letters)], false),
    look("ssdp", "ssdp.message", &[("ssdp.server", Is)], true),
    look("ssdp", "ssdp.message", &[("ssdp.target", Is)], true),
    look("http", "http.request", &[("http.user_agent", Is)], true),
    look("http", "http.request", &[("http.host", Owner)], false),
    look("http", "http.response", &[("http.server", Is)], true),
    look("tls", "tls.client_hello", &[("tls.client.ja3", Is)], true),
    look("tls", "tls.server_hello", &[("tls.server.ja3s", Is)], true),
    look("ntp", "ntp.message", &[("ntp.mode", Number), ("ntp.version", Number), ("ntp.leap", Number),
        ("ntp.stratum", Number), ("ntp.poll", Number)], false),
    look("igmp", "igmp.message", &[("igmp.version", Number), ("igmp.type", Number)], false),
    look("tftp", "tftp.message", &[("tftp.file", Is)], true),
    look("ws-discovery", "wsd.message", &[("wsd.types", Is)], true),
];

/// Something that was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Feature {
    /// Its place in [`LOOKS`].
    pub(crate) look: usize,
    /// Tests that only choose the events.
    pub(crate) only: Vec<String>,
    /// Tests over what is compared.
    pub(crate) tests: Vec<String>,
}

/// What is seen in an event.
pub(crate) fn features(event: &dyn Event, out: &mut BTreeSet<Feature>) {
    for (index, look) in LOOKS.iter().enumerate().filter(|(_, look)| look.event == event.spec().name) {
        let mut only = Vec::new();
        let mut seen: Vec<Vec<String>> = vec![Vec::new()];
        for (name, how) in look.fields {
            let Some(field) = event.spec().fields.iter().find(|field| field.name == *name) else {
                panic!("{}: no field {name}", look.event);
            };
            match how {
                Only(_) | OnlyFlag(_) => only.extend(tests(event, field, *how)),
                _ => {
                    let tests = tests(event, field, *how);
                    seen = seen
                        .iter()
                        .flat_map(|before| tests.iter().map(|test| before.iter().chain([test]).cloned().collect()))
                        .collect();
                }
            }
        }
        let chosen = look.fields.iter().filter(|(_, how)| matches!(how, Only(_) | OnlyFlag(_))).count();
        if only.len() == chosen {
            out.extend(seen.into_iter().map(|tests| Feature { look: index, only: only.clone(), tests }));
        }
    }
}

fn tests(event: &dyn Event, field: &'static FieldSpec, how: How) -> Vec<String> {
    let name = field.name;
    let mut out = Vec::new();
    event.each(field, &mut |value| {
        let test = match (how, value) {
            (Is | IsOrAbsent, Value::Plain(text)) => word(text).map(|text| format!(r#"is = "{}""#, text.trim())),
            (Number | NumberOrAbsent, Value::Number(n)) => Some(format!("number = {n}")),
            (Only(wanted), Value::Number(n)) => (n == wanted).then(|| format!("number = {n}")),
            (OnlyFlag(wanted), Value::Flag(flag)) => (flag == wanted).then(|| format!("flag = {flag}")),
            (Codes, Value::Codes(codes)) => Some(format!("codes = {codes:?}")),
            (Domain, Value::Plain(text)) => name_of(text, usize::MAX).map(|name| format!(r#"domain = "{name}""#)),
            (Owner, Value::Plain(text)) => name_of(text, 2).map(|name| format!(r#"domain = "{name}""#)),
            (Letters, Value::Plain(text)) => letters(text).map(|text| format!(r#"starts_with = "{text}""#)),
            (Prefix, Value::Hardware(mac)) => {
                let [a, b, c, ..] = mac.0;
                Some(format!(r#"prefix = "{a:02x}{b:02x}{c:02x}""#))
            }
            _ => None,
        };
        out.extend(test.map(|test| format!(r#"field = "{name}", {test}"#)));
    });
    if out.is_empty() && matches!(how, IsOrAbsent | NumberOrAbsent) {
        out.push(format!(r#"field = "{name}", absent = true"#));
    }
    out
}

/// Text that a data file can hold as it is.
fn word(text: Plain<'_>) -> Option<&str> {
    let text = std::str::from_utf8(text.bytes()).ok()?;
    let plain = |letter: char| (' '..='~').contains(&letter) && letter != '"' && letter != '\\';
    (!text.trim().is_empty() && text.len() <= 120 && text.chars().all(plain)).then_some(text)
}

/// A host name of two labels or more, no address: its last `labels`.
fn name_of(text: Plain<'_>, labels: usize) -> Option<String> {
    let name = word(text)?.to_ascii_lowercase();
    let name = name.split(':').next()?;
    let parts: Vec<&str> = name.split('.').collect();
    let top = parts.last()?;
    if parts.len() < 2 || top.is_empty() || top.chars().all(|letter| letter.is_ascii_digit()) || *top == "arpa" {
        return None;
    }
    Some(parts[parts.len().saturating_sub(labels)..].join("."))
}

/// The most letters of a host name that count: a maker's word, not a unit's number.
const LETTERS: usize = 5;

fn letters(text: Plain<'_>) -> Option<&str> {
    let text = word(text)?;
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len()).min(LETTERS);
    (end >= 3).then(|| &text[..end])
}
