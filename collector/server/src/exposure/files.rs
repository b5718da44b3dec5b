//! Files of the disk: the tables that a site edits, and what a person gives on the command line.

use anyhow::Context;
use holter_core::exposure::{DueTable, FileError, KEV_FILE_MAX, Tables, Weights};
use std::path::Path;

/// The most bytes of a table that a site edits.
const TABLE_MAX: u64 = 1 << 20;

/// The tables of a site: `risk.toml` and `due.toml` in the data folder, or those that holter brings.
pub(crate) fn tables(data: &Path) -> anyhow::Result<Tables> {
    let mut tables = Tables::built_in()?;
    if let Some((name, text)) = own(data, "risk.toml")? {
        tables.weights = Weights::read(&name, &text)?;
    }
    if let Some((name, text)) = own(data, "due.toml")? {
        tables.due = DueTable::read(&name, &text)?;
    }
    Ok(tables)
}

fn own(data: &Path, name: &str) -> anyhow::Result<Option<(String, String)>> {
    let path = data.join(name);
    let shown = path.display().to_string();
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Ok(meta) if meta.len() > TABLE_MAX => anyhow::bail!("{shown}: larger than 1 MiB"),
        _ => {}
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("{shown}: cannot be read"))?;
    Ok(Some((shown, text)))
}

/// A file of the disk, if it is not larger than any that is read.
pub(crate) fn read_bounded(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = path.display().to_string();
    let fault = |what: &str| FileError { file: file.clone(), line: 0, column: 0, what: what.to_owned() };
    let most = KEV_FILE_MAX as u64;
    let open = std::fs::File::open(path).map_err(|_| fault("cannot be read"))?;
    let mut bytes = Vec::new();
    let mut bounded = std::io::Read::take(open, most.saturating_add(1));
    std::io::Read::read_to_end(&mut bounded, &mut bytes).map_err(|_| fault("cannot be read"))?;
    if bytes.len() as u64 > most { Err(fault("larger than any file that is read")) } else { Ok(bytes) }
}
