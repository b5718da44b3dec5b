//! Lists of maintenance systems: a table with a header, as CSV or as a workbook.

use super::columns::{Column, Found, Mapping, find};
use super::sheet::{self, Row, Table};
use super::{Fault, KEYS_MAX, Listed, Reading, address, mac};

/// Reads a list. What the headers were taken for comes back with it.
pub fn read(file: &str, bytes: &[u8], mapping: &Mapping) -> Result<(Reading, Found), Fault> {
    let mut reading = Reading::default();
    let tables = match mapping.delimiter.and_then(|letter| u8::try_from(letter).ok()) {
        Some(delimiter) if bytes.len() <= super::FILE_MAX => {
            vec![sheet::csv(file, bytes, Some(delimiter), &mut reading.faults)]
        }
        _ => sheet::read(file, bytes, &mut reading.faults)?,
    };
    let wanted = |table: &&Table| mapping.sheet.as_ref().is_none_or(|sheet| table.sheet.as_ref() == Some(sheet));
    let mut missing = Fault { place: file.to_owned(), why: "there is no such sheet" };
    for table in tables.iter().filter(wanted) {
        match find(table, mapping) {
            Ok(found) => {
                for row in table.rows.iter().skip(found.header.saturating_add(1)) {
                    if let Some(listed) = listed(table, row, &found, &mut reading) {
                        reading.push(listed);
                    }
                }
                return Ok((reading, found));
            }
            Err(fault) => missing = fault,
        }
    }
    Err(missing)
}

fn listed(table: &Table, row: &Row, found: &Found, reading: &mut Reading) -> Option<Listed> {
    let first = |column: Column| {
        let at = found.columns.get(&column)?.iter().find_map(|at| row.cell(*at))?;
        Some(at.to_owned()).filter(|text| !is_nothing(text))
    };
    let mut listed = Listed {
        source: table.line(row),
        id: first(Column::Id),
        name: first(Column::Name),
        serial: first(Column::Serial),
        maker: first(Column::Maker),
        model: first(Column::Model),
        class: first(Column::Class),
        site: first(Column::Site),
        location: joined(row, found, Column::Location),
        owner: first(Column::Owner),
        status: first(Column::Status),
        criticality: first(Column::Criticality),
        ..Listed::default()
    };
    keys(table, row, found, Column::Mac, &mut listed.macs, mac, ("no MAC address", reading));
    keys(table, row, found, Column::Address, &mut listed.addresses, address, ("no IP address", reading));
    let empty = Listed { source: listed.source.clone(), ..Listed::default() };
    (listed != empty).then_some(listed)
}

/// The values of columns of which a cell may hold several. A cell with one that is none is told once.
fn keys<T: PartialEq>(
    table: &Table,
    row: &Row,
    found: &Found,
    column: Column,
    into: &mut Vec<T>,
    read: fn(&str) -> Option<T>,
    (why, reading): (&'static str, &mut Reading),
) {
    for at in found.columns.get(&column).map(Vec::as_slice).unwrap_or_default() {
        let words = row.cell(*at).unwrap_or_default().split([',', ';', '|', '\n', ' ']).map(str::trim);
        let mut all_read = true;
        for word in words.filter(|word| !word.is_empty() && !is_nothing(word) && !word.eq_ignore_ascii_case("dhcp")) {
            match read(word) {
                Some(one) if into.len() < KEYS_MAX && !into.contains(&one) => into.push(one),
                Some(_) => {}
                None => all_read = false,
            }
        }
        if !all_read {
            reading.faults.add(table.place(row, *at), why);
        }
    }
}

fn joined(row: &Row, found: &Found, column: Column) -> Option<String> {
    let columns = found.columns.get(&column)?;
    let parts: Vec<&str> = columns.iter().filter_map(|at| row.cell(*at)).filter(|text| !is_nothing(text)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What people write where there is nothing.
fn is_nothing(text: &str) -> bool {
    const NOTHING: [&str; 10] = ["n/a", "na", "none", "-", "--", "tbd", "unknown", "null", "#n/a", "?"];
    NOTHING.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}
