//! Devices for other programs: which, of what time, in which format. The command line and the API ask the same.

use clap::ValueEnum;
use holter_core::export::{self, About, Item};
use holter_core::filter::{self, Query, Sort};
use holter_core::measures::Horizon;
use holter_core::{Device, Estate};
use holter_terms::Nanos;
use std::io::{self, Write};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// An array, one device a line.
    Json,
    Csv,
    /// OCSF 1.8.0, Device Inventory Info (5001), one event a line.
    Ocsf,
    /// CycloneDX 1.6.
    Cyclonedx,
}

impl Output {
    pub(crate) const ALL: [Output; 4] = [Output::Json, Output::Csv, Output::Ocsf, Output::Cyclonedx];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Output::Json => "json",
            Output::Csv => "csv",
            Output::Ocsf => "ocsf",
            Output::Cyclonedx => "cyclonedx",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Output> {
        Output::ALL.into_iter().find(|one| one.as_str() == text)
    }

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Output::Json => "application/json",
            Output::Csv => "text/csv; charset=utf-8; header=present",
            Output::Ocsf => "application/x-ndjson",
            Output::Cyclonedx => "application/vnd.cyclonedx+json; version=1.6",
        }
    }

    pub(crate) const fn file(self) -> &'static str {
        match self {
            Output::Json => "devices.json",
            Output::Csv => "devices.csv",
            Output::Ocsf => "devices.ocsf.ndjson",
            Output::Cyclonedx => "devices.cdx.json",
        }
    }
}

/// Hands over the devices that a filter leaves, as they are, or as they were at a time; those seen last first unless it
/// says otherwise.
pub(crate) fn select<T>(
    estate: &Estate,
    query: &Query,
    at: Option<Nanos>,
    now: Nanos,
    take: impl FnOnce(Vec<Item<&Device>>) -> T,
) -> T {
    let then = at.map(|at| estate.as_of(at));
    let at = at.unwrap_or(now);
    let (horizon, present) = (estate.horizon(at), estate.present(at));
    let found = match &then {
        Some(then) => left(query, then.iter(), &horizon, present),
        None => left(query, estate.devices.values(), &horizon, present),
    };
    let item = |device| Item {
        device,
        presence: estate.presence_at(device, present),
        partly_blind: horizon.view(device).partly_blind,
    };
    take(found.into_iter().map(item).collect())
}

/// Writes the devices; how many there were.
pub(crate) fn write(output: Output, items: Vec<Item<&Device>>, at: Nanos, out: impl Write) -> io::Result<u64> {
    let about = About { at, program: "holter-collector", version: env!("CARGO_PKG_VERSION") };
    let items = items.into_iter();
    match output {
        Output::Json => export::json(out, items),
        Output::Csv => export::csv(out, items),
        Output::Ocsf => export::ocsf(out, items, &about),
        Output::Cyclonedx => export::cyclonedx(out, items, &about),
    }
}

/// The devices that a filter leaves, in its order.
pub(crate) fn left<'a>(
    query: &Query,
    devices: impl Iterator<Item = &'a Device>,
    horizon: &Horizon,
    now: Nanos,
) -> Vec<&'a Device> {
    let views = devices.map(|device| horizon.view(device));
    let mut views: Vec<_> = views.filter(|view| filter::matches(query, view, now)).collect();
    let sort = query.sort.unwrap_or(Sort { field: "last", descending: true });
    views.sort_by(|a, b| {
        let order = filter::compare(sort.field, a, b);
        if sort.descending { order.reverse() } else { order }
    });
    views.into_iter().map(|view| view.device).collect()
}
