//! `inventory`: devices as a table, or for other programs.

use super::{estate, refuse};
use crate::app::now;
use crate::exporting::{self, Output};
use crate::store::{Store, TENANT};
use crate::table::{Format, print};
use clap::{Args, Subcommand, ValueEnum};
use holter_core::export::JsonRow;
use holter_core::filter::{self, Query};
use holter_core::measures::DEVICE_FIELDS;
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
    format: Shape,
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
enum Shape {
    Table,
    /// An array, one device a line.
    Json,
    Csv,
    /// OCSF 1.8.0, Device Inventory Info (5001), one event a line.
    Ocsf,
    /// CycloneDX 1.6.
    Cyclonedx,
}

impl Shape {
    const fn output(self) -> Option<Output> {
        match self {
            Shape::Table => None,
            Shape::Json => Some(Output::Json),
            Shape::Csv => Some(Output::Csv),
            Shape::Ocsf => Some(Output::Ocsf),
            Shape::Cyclonedx => Some(Output::Cyclonedx),
        }
    }
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
    let now = now();
    exporting::select(&estate, &query, at, now, |items| match show.format.output() {
        Some(output) => exporting::write(output, items, at.unwrap_or(now), &mut *out).map(drop).map_err(Into::into),
        None => {
            let rows: Vec<JsonRow<'_>> = items.iter().map(JsonRow::of).collect();
            Ok(out.write_all(print(Format::Table, &rows, COLUMNS)?.as_bytes())?)
        }
    })
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
