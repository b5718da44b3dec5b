//! Outcomes in words.

use holter_core::Estate;
use holter_core::export::time;
use holter_core::reconcile::mds2::{self, Worksheet};
use holter_core::reconcile::{Ambiguous, Candidate, Comparison, Difference, Listed, Missing, Outcome};
use serde::Serialize;

pub(super) const ROWS: &[&str] = &["outcome", "row", "listed", "status", "device", "by", "differs", "why", "last_seen"];
pub(super) const FACTS: &[&str] = &["file", "maker", "models", "topic", "value", "note", "question", "devices"];

/// A row of the list, or a device that no row lists.
#[derive(Debug, Default, Serialize)]
pub(super) struct Row {
    /// `seen`, `ambiguous`, `unseen` or `unlisted`.
    pub(super) outcome: &'static str,
    /// Where the row stands.
    row: Option<String>,
    /// What the list calls it.
    listed: Option<String>,
    /// What the list says of its state.
    status: Option<String>,
    /// Ids of devices: one that is it, or those that may be.
    device: Vec<String>,
    device_names: Vec<String>,
    /// Keys by which it was known again.
    by: Vec<&'static str>,
    differences: Vec<Difference>,
    /// The same in words.
    differs: Vec<String>,
    /// A word for programs, such as `absent`.
    reason: Option<&'static str>,
    why: Option<String>,
    last_seen: Option<String>,
}

pub(super) fn rows(listed: &[Listed], comparison: &Comparison, estate: &Estate) -> Vec<Row> {
    let paired = comparison.rows.iter().filter_map(|pair| Some((listed.get(pair.row)?, &pair.outcome)));
    let mut out: Vec<Row> = paired.map(|(row, outcome)| of_row(row, outcome, estate)).collect();
    out.extend(comparison.unlisted.iter().map(|known| {
        let last = known.last;
        with(
            Row { outcome: "unlisted", last_seen: Some(time(last)), ..Row::default() },
            [known.device.as_str()],
            estate,
        )
    }));
    out
}

fn with<'a>(mut row: Row, devices: impl IntoIterator<Item = &'a str>, estate: &Estate) -> Row {
    for id in devices {
        row.device.push(id.to_owned());
        row.device_names.push(estate.device(id).map(|device| device.card.name.clone()).unwrap_or_default());
    }
    row
}

fn of_row(listed: &Listed, outcome: &Outcome, estate: &Estate) -> Row {
    let first = [&listed.name, &listed.id, &listed.serial, &listed.model].into_iter().flatten().next();
    let row = Row {
        row: Some(listed.source.clone()),
        listed: first.cloned(),
        status: listed.status.clone(),
        ..Row::default()
    };
    match outcome {
        Outcome::Seen(candidate, differences) => {
            let last = estate.device(&candidate.device).map(|device| time(device.seen.last));
            let told =
                differences.iter().map(|one| format!("{}: listed {}, seen {};", one.field, one.listed, one.seen));
            let row = Row {
                outcome: "seen",
                by: candidate.by.iter().map(|key| key.as_str()).collect(),
                differs: told.collect(),
                differences: differences.clone(),
                last_seen: last,
                ..row
            };
            with(row, [candidate.device.as_str()], estate)
        }
        Outcome::Ambiguous(why, candidates) => {
            let (reason, told) = ambiguous(*why, candidates);
            let by = candidates.iter().flat_map(|one| &one.by).collect::<std::collections::BTreeSet<_>>();
            let by = by.into_iter().map(|key| key.as_str()).collect();
            let row = Row { outcome: "ambiguous", by, reason: Some(reason), why: Some(told), ..row };
            with(row, candidates.iter().map(|one| one.device.as_str()), estate)
        }
        Outcome::Unseen(missing) => {
            let (reason, told, device, last) = unseen(missing);
            let row =
                Row { outcome: "unseen", reason: Some(reason), why: Some(told), last_seen: last.map(time), ..row };
            with(row, device, estate)
        }
    }
}

fn ambiguous(why: Ambiguous, candidates: &[Candidate]) -> (&'static str, String) {
    match why {
        Ambiguous::Devices => ("several-devices", format!("{} devices fit it equally well.", candidates.len())),
        Ambiguous::Keys => ("keys-disagree", "Its keys point at different devices.".to_owned()),
        Ambiguous::Rows => ("several-rows", "Another row fits the same device as well or better.".to_owned()),
    }
}

type Told<'a> = (&'static str, String, Option<&'a str>, Option<holter_terms::Nanos>);

fn unseen(missing: &Missing) -> Told<'_> {
    match missing {
        Missing::NoKey => {
            ("no-key", "The row has no serial, MAC, host name or address to know it again by.".to_owned(), None, None)
        }
        Missing::NoSegment => (
            "no-segment",
            "Not seen. The row has no address, so whether sensors see where it is cannot be told.".to_owned(),
            None,
            None,
        ),
        Missing::NoSight(segment) => {
            ("no-visibility", format!("No sensor has ever seen {segment}: it may be there."), None, None)
        }
        Missing::PassingOnly(segment) => (
            "passing-only",
            format!("Of {segment} sensors see only what passes a router: it may be there."),
            None,
            None,
        ),
        Missing::SensorAway { device, last } => (
            "sensor-away",
            "It was seen, and the sensors that saw it do not listen now.".to_owned(),
            Some(device),
            Some(*last),
        ),
        Missing::AddressOnly { device, address, last } => (
            "address-only",
            format!("{address} is used, and nothing else tells that it is this device."),
            Some(device),
            Some(*last),
        ),
        Missing::Absent { segment, last } => {
            let place = segment.map(|segment| format!(" {segment}")).unwrap_or_default();
            match last {
                Some((device, last)) => {
                    ("absent", format!("Sensors see its segment{place} and no longer it."), Some(device), Some(*last))
                }
                None => ("absent", format!("Sensors see its segment{place} and never saw it."), None, None),
            }
        }
    }
}

/// One thing that a worksheet says of its models.
#[derive(Debug, Serialize)]
pub(super) struct FactRow<'a> {
    file: &'a str,
    edition: Option<&'static str>,
    maker: Option<&'a str>,
    models: &'a [String],
    version: Option<&'a str>,
    document: Option<&'a str>,
    date: Option<&'a str>,
    topic: &'static str,
    value: String,
    note: Option<String>,
    question: String,
    /// Where the answer stands.
    place: String,
    /// Devices of these models.
    devices: Vec<String>,
}

fn facts_of<'a>(worksheet: &'a Worksheet, estate: &Estate) -> Vec<FactRow<'a>> {
    let of_it = estate.devices.values().filter(|device| worksheet.is_of(device));
    let devices: Vec<String> = of_it.map(holter_core::Device::id).collect();
    let rows = mds2::facts(worksheet).into_iter().map(|fact| FactRow {
        file: &worksheet.file,
        edition: worksheet.edition.map(|edition| edition.as_str()),
        maker: worksheet.maker.as_deref(),
        models: &worksheet.models,
        version: worksheet.version.as_deref(),
        document: worksheet.document.as_deref(),
        date: worksheet.date.as_deref(),
        topic: fact.name,
        value: fact.value,
        note: fact.note,
        question: fact.question,
        place: fact.place,
        devices: devices.clone(),
    });
    rows.collect()
}

pub(super) fn facts<'a>(worksheets: &'a [Worksheet], estate: &Estate) -> Vec<FactRow<'a>> {
    worksheets.iter().flat_map(|worksheet| facts_of(worksheet, estate)).collect()
}
