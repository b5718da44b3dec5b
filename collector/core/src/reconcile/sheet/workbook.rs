//! Excel workbooks. What a workbook unpacks to is measured before it is read: a few kilobytes can become gigabytes.

use super::super::{Fault, Faults, VALUE_MAX};
use super::{CELLS_MAX, COLUMNS_MAX, Kind, Row, Table, UNPACKED_MAX, letters};
use calamine::{DataRef, Reader, Xlsx};
use std::io::{Cursor, Read};
use std::panic::AssertUnwindSafe;

/// Parts of the archive, and sheets, that are looked at.
const PARTS_MAX: usize = 4_096;
const SHEETS_MAX: usize = 64;
/// Rows of one sheet.
const ROWS_MAX: u32 = 200_000;

/// The sheets of a workbook.
pub fn xlsx(file: &str, bytes: &[u8], faults: &mut Faults) -> Result<Vec<Table>, Fault> {
    let fault = |why| Fault { place: file.to_owned(), why };
    measure(bytes, UNPACKED_MAX).map_err(fault)?;
    // The library promises no such thing as "never panics", and the file is a stranger's.
    std::panic::catch_unwind(AssertUnwindSafe(|| sheets(file, bytes, faults)))
        .unwrap_or(Err("the workbook cannot be read"))
        .map_err(fault)
}

fn measure(bytes: &[u8], most: u64) -> Result<(), &'static str> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| "the workbook is no whole archive")?;
    if archive.len() > PARTS_MAX {
        return Err("the workbook has more than 4,096 parts");
    }
    let mut left = most;
    for part in 0..archive.len() {
        let entry = archive.by_index(part).map_err(|_| "a part of the workbook cannot be unpacked")?;
        // What its header says of its size is a claim: it is unpacked to be counted.
        let taken = std::io::copy(&mut entry.take(left.saturating_add(1)), &mut std::io::sink())
            .map_err(|_| "a part of the workbook cannot be unpacked")?;
        left = left.checked_sub(taken).ok_or("the workbook unpacks to more than 256 MiB")?;
    }
    Ok(())
}

fn sheets(file: &str, bytes: &[u8], faults: &mut Faults) -> Result<Vec<Table>, &'static str> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| "the workbook cannot be read")?;
    let (mut tables, mut cells) = (Vec::new(), 0usize);
    for name in book.sheet_names().into_iter().take(SHEETS_MAX) {
        let Ok(mut reader) = book.worksheet_cells_reader(&name) else {
            faults.add(format!("{file}:{}", printable(&name)), "the sheet cannot be read");
            continue;
        };
        let sheet = Some(printable(&name));
        let mut table = Table { file: file.to_owned(), sheet, kind: Kind::Workbook, rows: Vec::new() };
        loop {
            let cell = match reader.next_cell() {
                Ok(Some(cell)) => cell,
                Ok(None) => break,
                Err(_) => {
                    let after = table.rows.last().map_or(0, |row| row.number);
                    faults.add(
                        format!("{file}:{}!{after}", printable(&name)),
                        "behind this row the sheet cannot be read",
                    );
                    break;
                }
            };
            cells = cells.saturating_add(1);
            let (row, column) = cell.get_position();
            if cells > CELLS_MAX || row >= ROWS_MAX {
                faults.add(place(&table, row, column), "more cells or rows than are read; the rest was not read");
                break;
            }
            let text = text(cell.get_value());
            if text.trim().is_empty() {
                continue;
            }
            let (why, at) = match usize::try_from(column) {
                Ok(at) if at < COLUMNS_MAX && text.len() <= VALUE_MAX => (None, at),
                Ok(at) if at < COLUMNS_MAX => (Some("a value of more than 4,096 bytes; it was left out"), at),
                _ => (Some("a column behind the 1,024th; it was left out"), 0),
            };
            if let Some(why) = why {
                faults.add(place(&table, row, column), why);
                continue;
            }
            put(&mut table.rows, u64::from(row).saturating_add(1), at, text);
        }
        tables.push(table);
    }
    Ok(tables)
}

/// Cells come row by row; one that comes out of order finds its row.
fn put(rows: &mut Vec<Row>, number: u64, column: usize, text: String) {
    let at = match rows.last() {
        Some(last) if last.number < number => Err(rows.len()),
        _ => rows.binary_search_by_key(&number, |row| row.number),
    };
    let at = match at {
        Ok(at) => at,
        Err(at) => {
            rows.insert(at, Row { number, cells: Vec::new() });
            at
        }
    };
    if let Some(row) = rows.get_mut(at) {
        if row.cells.len() <= column {
            row.cells.resize(column.saturating_add(1), String::new());
        }
        if let Some(cell) = row.cells.get_mut(column) {
            *cell = text;
        }
    }
}

fn place(table: &Table, row: u32, column: u32) -> String {
    let sheet = table.sheet.as_deref().unwrap_or_default();
    let column = letters(usize::try_from(column).unwrap_or(0));
    format!("{}:{sheet}!{column}{}", table.file, u64::from(row).saturating_add(1))
}

fn printable(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(64).collect()
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::Int(number) => number.to_string(),
        // A serial or an asset number that the sheet holds as a number has no fraction.
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTime(when) => date(when.as_f64()),
    }
}

/// Days since 30 December 1899, as Excel counts them.
fn date(days: f64) -> String {
    const EPOCH: i64 = 25_569;
    if !(0.0..=2_958_465.0).contains(&days) {
        return days.to_string();
    }
    let seconds = ((days - EPOCH as f64) * 86_400.0).round() as i64;
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.to_string().get(..10).unwrap_or_default().to_owned(),
        Err(_) => days.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_a_workbook_unpacks_to_is_counted_and_not_believed() {
        let mut bytes = Cursor::new(Vec::new());
        let mut archive = zip::ZipWriter::new(&mut bytes);
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for part in 0..3 {
            archive.start_file(format!("xl/sharedStrings{part}.xml"), options).unwrap();
            archive.write_all(&vec![0u8; 1 << 20]).unwrap();
        }
        archive.finish().unwrap();
        let mut bytes = bytes.into_inner();
        assert!(bytes.len() < 10_000);
        assert_eq!(measure(&bytes, 3 << 20), Ok(()));
        assert_eq!(measure(&bytes, (3 << 20) - 1), Err("the workbook unpacks to more than 256 MiB"));
        // Sizes that headers claim are made small: the parts are still as large as they are.
        let claim = (1u32 << 20).to_le_bytes();
        while let Some(at) = bytes.windows(4).position(|four| four == claim) {
            bytes[at..at + 4].copy_from_slice(&[1, 0, 0, 0]);
        }
        assert!(measure(&bytes, 2 << 20).is_err());
    }

    #[test]
    fn dates_are_counted_as_excel_does() {
        assert_eq!(date(46_101.0), "2026-03-20");
        assert_eq!(date(-1.0), "-1");
    }
}
