//! Tables of facts outside the project; tests that need them skip where they are absent.

use std::collections::BTreeMap;
use std::path::Path;

/// The rows of a table by column, or none where it is absent.
pub(crate) fn table(name: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {name} is not there");
        return None;
    };
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next()?.split('\t').collect();
    let row = |line: &str| columns.iter().map(|c| (*c).to_owned()).zip(line.split('\t').map(str::to_owned)).collect();
    Some(lines.map(row).collect())
}
