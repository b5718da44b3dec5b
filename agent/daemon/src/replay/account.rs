//! The readable account of a replay: devices, services, protocols, findings, and what could not be seen.

use super::names;
use crate::inventory::Entry;
use crate::json::Time;
use holter_catalogue::Value;
use holter_engine::Engine;
use holter_identity::{NAMED, Verdict};
use holter_phi::Label;
use holter_terms::{Attribute, DeviceKey, Nanos, Severity};
use holter_wire::{FactValue, Finding, Party};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;
use std::path::PathBuf;

/// Columns that text is wrapped to.
const WIDTH: usize = 100;

/// Reasons shown for a device; the inventory file has all.
const REASONS: usize = 4;

/// What the loop saw go by.
#[derive(Default)]
pub(crate) struct Account {
    frames: u64,
    bytes: u64,
    cut: u64,
    span: Option<(Nanos, Nanos)>,
}

struct Page {
    text: String,
    color: bool,
}

impl Account {
    pub(crate) fn frame(&mut self, at: Nanos, bytes: usize, wire: u32) {
        self.frames += 1;
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.cut += u64::from((bytes as u64) < u64::from(wire));
        let (first, last) = self.span.get_or_insert((at, at));
        *first = (*first).min(at);
        *last = (*last).max(at);
    }

    pub(crate) fn text(
        &self,
        engine: &Engine,
        devices: &[Entry<'_>],
        findings: &[Finding<Label>],
        captures: &[PathBuf],
        color: bool,
    ) -> String {
        let mut page = Page { text: String::new(), color };
        page.line(&page.bold(&names(captures)));
        let mut head = format!("{} frames, {}", grouped(self.frames), bytes(self.bytes));
        if let Some((first, last)) = self.span {
            let _ = write!(head, ", {} from {} UTC", duration(last.saturating_sub(first)), second(first));
        }
        page.line(&head);
        self.findings(&mut page, findings, devices);
        self.devices(&mut page, devices);
        services(&mut page, devices);
        protocols(&mut page, engine);
        self.unseen(&mut page, engine);
        page.text
    }

    fn findings(&self, page: &mut Page, findings: &[Finding<Label>], devices: &[Entry<'_>]) {
        page.heading("Findings", findings.len());
        if findings.is_empty() {
            page.line("  None.");
        }
        let mut sorted: Vec<_> = findings.iter().collect();
        sorted.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.first, finding.id));
        for finding in sorted {
            let detection = holter_catalogue::get(finding.detection.as_str());
            let account = detection.map(|detection| detection.account(&|name| fact(finding, devices, name)));
            let title = account.as_ref().map_or(finding.detection.as_str(), |account| account.title.as_str());
            page.wrapped(&format!("  {} ", page.severity(finding.severity)), severity_width(finding.severity), title);
            let Some(account) = account else { continue };
            page.wrapped("           ", 11, &account.happened);
            if finding.partly_blind {
                page.wrapped("           ", 11, "Frames were lost meanwhile: there may be more to it.");
            }
            if let Some(check) = account.check.first() {
                page.wrapped(&format!("           {} ", page.dim("first")), 17, check);
            }
        }
    }

    fn devices(&self, page: &mut Page, devices: &[Entry<'_>]) {
        page.heading("Devices", devices.len());
        if devices.is_empty() {
            page.line("  None.");
        }
        let (quiet, mut shown): (Vec<_>, Vec<_>) = devices.iter().partition(|entry| is_quiet(entry));
        shown.sort_by_key(|entry| (addresses(entry).next().is_none(), addresses(entry).next().copied(), entry.key));
        for entry in shown {
            let mac = match entry.key {
                DeviceKey::Mac(mac) => mac.to_string(),
                DeviceKey::Ip(_) => "behind a router".to_owned(),
            };
            let address = addresses(entry).next().map_or_else(|| "no address".to_owned(), |ip| ip.to_string());
            let address = format!("{address:<16}");
            page.line(&format!("  {}  {}", page.bold(&address), page.dim(&mac)));
            page.labelled("is", &identity(entry));
            let names: Vec<_> =
                [(Attribute::Hostname, ""), (Attribute::AeTitle, "AE "), (Attribute::Application, "HL7 ")]
                    .into_iter()
                    .flat_map(|(attribute, kind)| {
                        entry.values(attribute).map(move |name| format!("{kind}{}", name.value))
                    })
                    .take(8)
                    .collect();
            page.labelled("named", &names.join(", "));
            let others: Vec<_> = addresses(entry).skip(1).map(|ip| ip.to_string()).collect();
            page.labelled("also at", &others.join(", "));
            for (attribute, label) in
                [(Attribute::Role, "acts as"), (Attribute::Serves, "serves"), (Attribute::Uses, "uses")]
            {
                let values: Vec<_> = entry.values(attribute).map(|value| value.value.as_str()).collect();
                page.labelled(label, &values.join(", "));
            }
            page.labelled("because", &reasons(entry));
        }
        if !quiet.is_empty() {
            let many = grouped(quiet.len() as u64);
            page.line(&format!("  {many} more were heard that used no address and told nothing of themselves."));
        }
    }

    fn unseen(&self, page: &mut Page, engine: &Engine) {
        page.heading("What could not be seen", 0);
        let totals = engine.totals();
        let capture = &totals.capture;
        let coverage = &totals.coverage;
        let all = coverage.understood + coverage.encrypted + coverage.unknown + coverage.missed;
        let mut rows = vec![
            ("frames lost before the engine", capture.ring_dropped + capture.interface_dropped, String::new()),
            ("frames cut by the capture", self.cut, String::new()),
            ("frames that could not be read", capture.unreadable, String::new()),
        ];
        for (what, part) in [
            ("payload bytes of no known protocol", coverage.unknown),
            ("payload bytes encrypted", coverage.encrypted),
            ("payload bytes sent and not captured", coverage.missed),
        ] {
            let share = part.saturating_mul(1000).checked_div(all).unwrap_or(0);
            rows.push((what, part, format!("{}.{} %", share / 10, share % 10)));
        }
        for (what, count, share) in rows {
            let line = format!("  {what:<40} {:>14}  {share}", grouped(count));
            page.line(line.trim_end());
        }
        let counters = totals.counters.sorted();
        if !counters.is_empty() {
            page.line("");
            page.line(&page.dim("  by reason"));
        }
        for (name, count) in counters {
            page.line(&format!("  {name:<40} {:>14}", grouped(count)));
        }
    }
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn heading(&mut self, title: &str, count: usize) {
        let count = if count == 0 { String::new() } else { format!(" ({})", grouped(count as u64)) };
        let title = self.bold(&format!("{title}{count}"));
        self.line("");
        self.line(&title);
    }

    fn labelled(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            let label = self.dim(&format!("{label:<8}"));
            self.wrapped(&format!("    {label} "), 13, text);
        }
    }

    /// Words of `text` after `lead`, which takes `width` columns; further lines are indented by as much.
    fn wrapped(&mut self, lead: &str, width: usize, text: &str) {
        let mut line = lead.to_owned();
        let mut column = width;
        for word in text.split_whitespace() {
            let length = word.chars().count();
            if column > width && column + 1 + length > WIDTH {
                self.line(&std::mem::replace(&mut line, " ".repeat(width)));
                column = width;
            }
            if column > width {
                line.push(' ');
                column += 1;
            }
            line.push_str(word);
            column += length;
        }
        self.line(&line);
    }

    fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.styled("2", text)
    }

    fn severity(&self, severity: Severity) -> String {
        let code = match severity {
            Severity::Critical | Severity::High => "1;31",
            Severity::Medium => "1;33",
            Severity::Low | Severity::Info => "1;36",
        };
        self.styled(code, &format!("{:<8}", severity.as_str()))
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

const fn severity_width(_: Severity) -> usize {
    11
}

/// Nothing is known of it but its link-layer address.
fn is_quiet(entry: &Entry<'_>) -> bool {
    entry.addresses.is_empty() && entry.identity.verdicts.is_empty()
}

/// IPv4 first, link-local last.
fn addresses<'a>(entry: &'a Entry<'_>) -> impl Iterator<Item = &'a IpAddr> {
    let rank = |ip: &IpAddr| match ip {
        IpAddr::V4(_) => 0,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => 2,
        IpAddr::V6(_) => 1,
    };
    let mut sorted: Vec<_> = entry.addresses.iter().collect();
    sorted.sort_by_key(|ip| (rank(ip), **ip));
    sorted.into_iter()
}

fn identity(entry: &Entry<'_>) -> String {
    let one = |verdict: &Verdict| {
        let hint = if verdict.confidence < NAMED { ", a hint" } else { "" };
        format!("({} %{hint})", verdict.confidence)
    };
    let mut parts = Vec::new();
    if let Some(class) = entry.best(Attribute::Class) {
        parts.push(format!("{} {}", class.value, one(class)));
    }
    for (attribute, before) in [
        (Attribute::Maker, "made by "),
        (Attribute::Family, ""),
        (Attribute::Model, "model "),
        (Attribute::Version, "version "),
        (Attribute::Os, "runs "),
    ] {
        parts.extend(entry.best(attribute).map(|verdict| format!("{before}{} {}", verdict.value, one(verdict))));
    }
    if parts.is_empty() { "not known".to_owned() } else { parts.join(", ") }
}

/// The reasons that carry the most, of what the device is.
fn reasons(entry: &Entry<'_>) -> String {
    let about = [Attribute::Class, Attribute::Maker, Attribute::Family, Attribute::Model, Attribute::Role];
    let mut reasons: Vec<_> =
        about.into_iter().filter_map(|attribute| entry.best(attribute)).flat_map(|verdict| &verdict.reasons).collect();
    reasons.sort_by(|a, b| (b.share, b.weight, &a.rule).cmp(&(a.share, a.weight, &b.rule)));
    reasons.dedup_by(|a, b| a.rule == b.rule);
    let mut seen = Vec::new();
    reasons.retain(|reason| {
        let new = !seen.contains(&&reason.rule);
        seen.push(&reason.rule);
        new
    });
    let shown =
        reasons.iter().take(REASONS).map(|reason| format!("{} ({:+}, {}x)", reason.rule, reason.weight, reason.count));
    shown.collect::<Vec<_>>().join(", ")
}

fn services(page: &mut Page, devices: &[Entry<'_>]) {
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entry in devices {
        let address = addresses(entry).next().map_or_else(|| entry.key.to_string(), |ip| ip.to_string());
        for service in entry.values(Attribute::Serves) {
            services.entry(&service.value).or_default().push(address.clone());
        }
    }
    page.heading("Services", services.len());
    if services.is_empty() {
        page.line("  None.");
    }
    for (service, by) in services {
        page.wrapped(&format!("  {service:<16} "), 19, &by.join(", "));
    }
}

fn protocols(page: &mut Page, engine: &Engine) {
    let rows: Vec<_> = engine.totals().protocols().collect();
    page.heading("Protocols", rows.len());
    if rows.is_empty() {
        page.line("  None.");
        return;
    }
    page.line(&page.dim("  protocol   conversations       events    malformed        bytes"));
    for row in rows {
        let [talks, events, malformed, bytes] = [row.conversations, row.events, row.malformed, row.bytes].map(grouped);
        page.line(&format!("  {:<10} {talks:>13} {events:>12} {malformed:>12} {bytes:>12}", row.protocol.as_str()));
    }
}

/// A fact of a finding by name, with its two machines.
fn fact<'a>(finding: &'a Finding<Label>, devices: &'a [Entry<'_>], name: &str) -> Option<Value<'a>> {
    let party = |party: &Party| {
        let known = devices.iter().find(|entry| entry.key == party.device);
        party.ip.or_else(|| known.and_then(|entry| addresses(entry).next().copied())).map(Value::Address)
    };
    match name {
        "subject" => party(&finding.subject),
        "peer" => finding.peer.as_ref().and_then(party),
        name => finding.facts.iter().find(|fact| fact.name.as_str() == name).map(|fact| match &fact.value {
            FactValue::Number(n) => Value::Number(*n),
            FactValue::Text(text) => Value::Text(text.as_str()),
            FactValue::Address(ip) => Value::Address(*ip),
            FactValue::Seconds(n) => Value::Seconds(*n),
            FactValue::Bytes(n) => Value::Bytes(*n),
        }),
    }
}

/// With a comma after each three digits.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} bytes"),
        1_000..1_000_000 => format!("{}.{} kB", n / 1000, n % 1000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{} MB", n / 1_000_000, n % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", n / 1_000_000_000, n % 1_000_000_000 / 100_000_000),
    }
}

fn duration(nanos: Nanos) -> String {
    match nanos / 1_000_000_000 {
        0 => format!("{} ms", nanos / 1_000_000),
        s @ 1..120 => format!("{s} s"),
        s @ 120..7200 => format!("{} min", s / 60),
        s => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

fn second(at: Nanos) -> String {
    Time(at).to_string().split('.').next().unwrap_or_default().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_wrapped_under_its_beginning() {
        let mut page = Page { text: String::new(), color: true };
        page.labelled("because", &"word ".repeat(60));
        assert!(page.text.lines().all(|line| line.replace("\x1b[2m", "").replace("\x1b[0m", "").len() <= WIDTH));
        assert_eq!(page.text.lines().count(), 4);
        assert!(page.text.lines().skip(1).all(|line| line.starts_with("             word")));
    }

    #[test]
    fn figures_read_well() {
        assert_eq!([grouped(0), grouped(999), grouped(1_000), grouped(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(bytes(7_003_187), "7.0 MB");
        assert_eq!(duration(142_000_000_000), "2 min");
        assert_eq!(second(0), "1970-01-01 00:00:00");
    }
}
