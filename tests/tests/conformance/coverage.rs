//! Nothing that the oracle says is passed over in silence.

use crate::exceptions::Exceptions;
use crate::oracle::{COMMON, read};
use crate::table;
use holter_tests::places;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// By table, the columns of the oracle's files beyond the common ones, which are compared in the table of frames.
fn columns() -> Option<BTreeMap<String, BTreeSet<String>>> {
    let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(places::shared("corpus/oracle")?).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((_, table)) = name.strip_suffix(".tsv").and_then(|name| name.rsplit_once('.')) else { continue };
        let skip = if table == "frame" { 0 } else { COMMON.len() };
        let rows = read(&path).unwrap();
        assert!(rows.columns.iter().map(String::as_str).take(COMMON.len()).eq(COMMON.iter().copied()), "{name}");
        columns.entry(table.to_owned()).or_default().extend(rows.columns.into_iter().skip(skip));
    }
    Some(columns)
}

#[test]
fn every_column_of_the_oracle_is_compared_or_left_out_for_a_reason() {
    let Some(columns) = columns() else { return };
    let tables = table::all(&places::root().join("tests/conformance"));
    for (name, columns) in columns {
        let table = tables.iter().find(|table| table.name == name);
        let table = table.unwrap_or_else(|| panic!("{name} has no table"));
        let named: BTreeSet<String> = table.column.iter().map(|column| column.name.clone()).collect();
        let silent: Vec<_> = columns.difference(&named).collect();
        assert!(silent.is_empty(), "{name}: neither compared nor left out: {silent:?}");
        for column in table.column.iter().filter(|column| table.file && !column.asked) {
            assert!(columns.contains(&column.name), "{name}: the oracle has no column {}", column.name);
        }
    }
}

/// Beginnings of the names of those who write standards and of their documents.
const STANDARDS: &[&str] = &["RFC ", "IEEE ", "ISO ", "MS-", "HL7 ", "MODBUS ", "LINKTYPE_", "draft-", "WS-Discovery "];

#[test]
fn every_explanation_cites_a_standard() {
    let exceptions = Exceptions::read(&places::root().join("tests/conformance/exceptions.toml"));
    for one in &exceptions.exception {
        let cites = STANDARDS.iter().any(|standard| one.reason.contains(standard));
        assert!(cites, "{:?} {:?}: {}", one.protocols, one.capture, one.reason);
    }
}
