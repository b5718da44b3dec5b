//! `inventory`: devices as a table, or for other programs.

use super::{estate, refuse};
use crate::app::now;
use crate::store::{Store, TENANT};
use crate::table::{Format, print};
use clap::{Args, Subcommand, ValueEnum};
use holter_core::export::{self, About, Item, JsonRow};
use holter_core::filter::{self, Query, Sort};
use holter_core::measures::{DEVICE_FIELDS, Horizon};
use holter_core::{Device, Estate};
use holter_terms::Nanos;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Inventory {
    #[command(subcommand)]
    command: Option<Sub>,
    #[command(flatten)]
    show: Show,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Compares the inventory with what the site has on paper.
    Reconcile(super::reconcile::Reconcile),
    /// For each device the stretch of the week in which it was used least, or why none is suggested.
    Slots(super::slots::Slots),
}

#[derive(Debug, Args)]
struct Show {
    /// Folder of the database, the keys and the certificates.
    #[arg(long, value_name = "DIR", env = "HOLTER_DATA")]
    data: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    /// As it was at a time, RFC 3339: `2026-11-17T08:00:00Z`.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[arg(long, value_enum, default_value = "table")]
    format: Output,
}

#[derive(Debug, Args)]
pub(super) struct Filter {
    /// The filter, as in the console: `class:imaging -maker:velmora address:10.20.0.0/24`.
    #[arg(long = "filter", value_name = "QUERY", allow_hyphen_values = true)]
    filter: Option<String>,
    /// The same, as words.
    #[arg(value_name = "QUERY", trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

impl Filter {
    /// Reads the filter. Terms that are wrong are explained on standard error, and the others apply.
    pub(super) fn query(&self) -> Query {
        let text: Vec<&str> = self.filter.iter().chain(&self.words).map(String::as_str).collect();
        let query = filter::parse(&text.join(" "), DEVICE_FIELDS);
        for term in &query.terms {
            if let Err(wrong) = &term.what {
                let near = wrong.nearest.as_ref().map(|near| format!(" Nearest: {near}.")).unwrap_or_default();
                let _ = writeln!(std::io::stderr(), "{}: {}{near} The other terms apply.", term.text, wrong.why);
            }
        }
        query
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Table,
    /// An array, one device a line.
    Json,
    Csv,
    /// OCSF 1.8.0, Device Inventory Info (5001), one event a line.
    Ocsf,
    /// CycloneDX 1.6.
    Cyclonedx,
}

pub(super) async fn run(options: Inventory, out: &mut dyn Write) -> anyhow::Result<()> {
    let done = match options.command {
        Some(Sub::Reconcile(options)) => super::reconcile::run(options, out).await,
        Some(Sub::Slots(options)) => super::slots::run(options, out).await,
        None => devices(options.show, out).await,
    };
    out.flush()?;
    done
}

async fn devices(show: Show, out: &mut dyn Write) -> anyhow::Result<()> {
    let at = match show.at.as_deref().map(str::parse::<jiff::Timestamp>) {
        None => None,
        Some(Ok(at)) => Some(i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)),
        Some(Err(_)) => return refuse("--at: write a time such as 2026-11-17T08:00:00Z"),
    };
    let Some(data) = &show.data else { return refuse("--data DIR is missing") };
    let query = show.filter.query();
    let store = Store::open(data).await?;
    let estate = estate(&store).await?;
    store.audit(now(), TENANT, "command line", "devices", "").await?;
    let then = at.map(|at| estate.as_of(at));
    let at = at.unwrap_or_else(now);
    let horizon = estate.horizon(at);
    let found = match &then {
        Some(then) => left(&query, then.iter(), &horizon, estate.present(at)),
        None => left(&query, estate.devices.values(), &horizon, estate.present(at)),
    };
    let present = estate.present(at);
    let items = found.into_iter().map(|device| item(&estate, &horizon, device, present));
    let about = About { at, program: "holter-collector", version: env!("CARGO_PKG_VERSION") };
    let _devices = match show.format {
        Output::Json => export::json(&mut *out, items)?,
        Output::Csv => export::csv(&mut *out, items)?,
        Output::Ocsf => export::ocsf(&mut *out, items, &about)?,
        Output::Cyclonedx => export::cyclonedx(&mut *out, items, &about)?,
        Output::Table => {
            let items: Vec<Item<&Device>> = items.collect();
            let rows: Vec<JsonRow<'_>> = items.iter().map(JsonRow::of).collect();
            out.write_all(print(Format::Table, &rows, COLUMNS)?.as_bytes())?;
            0
        }
    };
    Ok(())
}

const COLUMNS: &[&str] = &[
    "id",
    "name",
    "mac",
    "addresses",
    "class",
    "class_confidence",
    "maker",
    "model",
    "roles",
    "presence",
    "last_seen",
    "findings_open",
];

/// The devices that a filter leaves, those seen last first unless it says otherwise.
pub(super) fn left<'a>(
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

fn item<'a>(estate: &Estate, horizon: &Horizon, device: &'a Device, at: Nanos) -> Item<&'a Device> {
    Item { device, presence: estate.presence_at(device, at), partly_blind: horizon.view(device).partly_blind }
}
