//! `inventory reconcile`: the inventory against a NetBox, a list or worksheets.

mod told;

use super::{Data, estate, refuse};
use crate::app::now;
use crate::store::{SITE, Store, TENANT};
use crate::table::{Format, print};
use anyhow::Context;
use clap::Args;
use holter_core::reconcile::columns::Mapping;
use holter_core::reconcile::{FILE_MAX, Faults, Reading, Terms, cmms, compare, mds2};
use holter_core::{Estate, civil};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Faults that are told one by one.
const TOLD_MAX: usize = 50;

#[derive(Debug, Args)]
#[group(id = "paper", required = true, multiple = false, args = ["netbox", "cmms", "mds2"])]
pub(super) struct Reconcile {
    #[command(flatten)]
    data: Data,
    /// Address of a NetBox, such as https://netbox.example. It is read, never written.
    #[arg(long, value_name = "URL", requires = "token_file")]
    netbox: Option<String>,
    /// File with the API token on its first line.
    #[arg(long, value_name = "FILE", requires = "netbox")]
    token_file: Option<PathBuf>,
    /// Authorities that NetBox's certificate may come from, PEM.
    #[arg(long, value_name = "FILE", default_value = crate::netbox::AUTHORITIES, requires = "netbox")]
    ca: PathBuf,
    /// A list of a maintenance system: CSV or .xlsx.
    #[arg(long, value_name = "FILE")]
    cmms: Option<PathBuf>,
    /// Which column of the list is what, TOML. Columns are known by their headers otherwise.
    #[arg(long, value_name = "FILE", requires = "cmms")]
    columns: Option<PathBuf>,
    /// MDS2 worksheets: .xlsx or CSV.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    mds2: Vec<PathBuf>,
    /// A device not seen for so long is absent.
    #[arg(long, value_name = "SPAN", default_value = "30d")]
    within: String,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) async fn run(options: Reconcile, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(within) = civil::span(&options.within) else { return refuse("--within: write a span such as 30d or 48h") };
    let paper = match (&options.netbox, &options.token_file, &options.cmms) {
        (Some(url), Some(token), _) => Some(crate::netbox::read(url, token, &options.ca).await?),
        (_, _, Some(list)) => Some(read_list(list, options.columns.as_deref())?),
        _ => None,
    };
    let worksheets = options.mds2.iter().map(|path| worksheet(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let store = Store::open(&options.data.dir).await?;
    let estate = estate(&store).await?;
    store.audit(now(), TENANT, "command line", "reconcile", "").await?;
    let Some(paper) = paper else {
        worksheets.iter().for_each(|sheet| explain(&sheet.faults));
        let text = print(options.format, &told::facts(&worksheets, &estate), told::FACTS)?;
        return Ok(out.write_all(text.as_bytes())?);
    };
    explain(&paper.faults);
    let key = store.names_key(TENANT, SITE).await?;
    let terms = Terms { now: estate.present(now()), within, hashed: &|name| hashed(&key, name) };
    let told = list(&estate, &paper, &terms);
    Ok(out.write_all(print(options.format, &told, told::ROWS)?.as_bytes())?)
}

fn list(estate: &Estate, paper: &Reading, terms: &Terms<'_>) -> Vec<told::Row> {
    let (rows, refused) = (&paper.rows, paper.refused);
    let comparison = compare(rows, estate, terms);
    let told = told::rows(rows, &comparison, estate);
    let count = |outcome: &str| told.iter().filter(|row| row.outcome == outcome).count();
    let _ = writeln!(
        std::io::stderr(),
        "Rows: {}, of them seen {}, not seen {}, ambiguous {}. Devices that no row lists: {}. Not compared (peers outside, \
         addresses that routers share): {}.",
        rows.len(),
        count("seen"),
        count("unseen"),
        count("ambiguous"),
        comparison.unlisted.len(),
        comparison.outside
    );
    if refused.saturating_add(comparison.refused) > 0 {
        let _ = writeln!(std::io::stderr(), "Rows that found no room: {}.", refused.saturating_add(comparison.refused));
    }
    told
}

fn explain(faults: &Faults) {
    let mut stderr = std::io::stderr();
    for fault in faults.list.iter().take(TOLD_MAX) {
        let _ = writeln!(stderr, "{fault}");
    }
    if faults.total > 0 {
        let _ = writeln!(stderr, "Values that could not be read: {}. The rest was.", faults.total);
    }
}

/// A file, as far as it may be large.
pub(crate) fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).with_context(|| format!("{}: cannot be opened", path.display()))?;
    let (mut bytes, most) = (Vec::new(), u64::try_from(FILE_MAX).unwrap_or(u64::MAX));
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    if bytes.len() > FILE_MAX {
        return refuse(format!("{}: larger than 64 MiB", path.display()));
    }
    Ok(bytes)
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn read_list(path: &Path, columns: Option<&Path>) -> anyhow::Result<Reading> {
    let mapping = match columns {
        None => Mapping::default(),
        Some(columns) => {
            let text = String::from_utf8(bytes(columns)?);
            let Ok(text) = text else { return refuse(format!("{}: not UTF-8", columns.display())) };
            Mapping::parse(&name(columns), &text).map_err(|fault| super::Refused(fault.to_string()))?
        }
    };
    let (reading, found) =
        cmms::read(&name(path), &bytes(path)?, &mapping).map_err(|fault| super::Refused(fault.to_string()))?;
    if !found.unused.is_empty() {
        let _ = writeln!(std::io::stderr(), "columns that mean nothing here: {}", found.unused.join(", "));
    }
    Ok(reading)
}

fn worksheet(path: &Path) -> anyhow::Result<mds2::Worksheet> {
    mds2::read(&name(path), &bytes(path)?).map_err(|fault| super::Refused(fault.to_string()).into())
}

/// What a sensor that hashes names sends in the place of one: see `phi::Names`.
fn hashed(key: &[u8; 32], name: &str) -> Option<String> {
    let name = name.trim_ascii();
    if name.is_empty() {
        return None;
    }
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    let tag = ring::hmac::sign(&key, name.to_ascii_uppercase().as_bytes());
    let digits = tag.as_ref().iter().take(8).map(|byte| format!("{byte:02x}"));
    Some(format!("#{}", digits.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_name_is_hashed_as_sensors_hash_it() {
        let names = holter_phi::Names::hashed([7; 32]);
        for name in ["WS01", "  ws01 ", "SN-88123", "ct1.clin.example", "Gerät 7"] {
            let theirs = holter_phi::Plain::new(name.as_bytes(), holter_phi::Because::Site).keep(&names);
            assert_eq!(hashed(&[7; 32], name).as_deref(), Some(theirs.as_str()), "{name}");
        }
        assert_eq!(hashed(&[7; 32], " "), None);
    }
}
