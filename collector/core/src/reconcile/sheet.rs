//! Tables as people keep them: CSV in UTF-8 or Windows-1252 with any of three delimiters, and Excel workbooks. Both become
//! rows of text whose cells know their place.

mod text;
mod workbook;

pub use text::csv;
pub use workbook::xlsx;

use super::{FILE_MAX, Fault, Faults};

/// The most cells of one file; what stands behind them is not read, and that is told.
pub const CELLS_MAX: usize = 4_000_000;
/// The most columns of one row.
pub const COLUMNS_MAX: usize = 1_024;
/// Bytes that a workbook may have when unpacked.
pub const UNPACKED_MAX: u64 = 256 << 20;

/// Where rows stand in their file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers are lines; columns are counted from 1.
    Text,
    /// Numbers are rows of the sheet; columns have letters.
    Workbook,
}

/// One row that has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// From 1.
    pub number: u64,
    pub cells: Vec<String>,
}

impl Row {
    /// The trimmed value of a column. `None` where it is empty.
    pub fn cell(&self, column: usize) -> Option<&str> {
        self.cells.get(column).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }
}

/// One table: a CSV file, or one sheet of a workbook.
#[derive(Debug, Clone)]
pub struct Table {
    pub file: String,
    /// Of a workbook.
    pub sheet: Option<String>,
    pub kind: Kind,
    pub rows: Vec<Row>,
}

impl Table {
    /// `file:line:column`, or `file:sheet!cell`.
    pub fn place(&self, row: &Row, column: usize) -> String {
        match (self.kind, &self.sheet) {
            (Kind::Workbook, Some(sheet)) => format!("{}:{sheet}!{}{}", self.file, letters(column), row.number),
            _ => format!("{}:{}:{}", self.file, row.number, column.saturating_add(1)),
        }
    }

    pub fn line(&self, row: &Row) -> String {
        match &self.sheet {
            Some(sheet) => format!("{}:{sheet}!{}", self.file, row.number),
            None => format!("{}:{}", self.file, row.number),
        }
    }
}

/// `A`, `Z`, `AA`.
pub fn letters(column: usize) -> String {
    let mut out = Vec::new();
    let mut left = column.saturating_add(1);
    while left > 0 {
        left -= 1;
        out.push(char::from(b'A'.saturating_add(u8::try_from(left % 26).unwrap_or(0))));
        left /= 26;
    }
    out.iter().rev().collect()
}

/// The tables of a file: a workbook if its first bytes are those of one, or else CSV.
pub fn read(file: &str, bytes: &[u8], faults: &mut Faults) -> Result<Vec<Table>, Fault> {
    if bytes.len() > FILE_MAX {
        return Err(Fault { place: file.to_owned(), why: "the file is larger than 64 MiB" });
    }
    match bytes.get(..4) {
        Some([b'P', b'K', 3, 4]) => xlsx(file, bytes, faults),
        Some([0xd0, 0xcf, 0x11, 0xe0]) => Err(Fault {
            place: file.to_owned(),
            why: "a workbook of Excel 97 or one with a password: save it as .xlsx without one, or as CSV",
        }),
        Some([b'%', b'P', b'D', b'F']) => {
            Err(Fault { place: file.to_owned(), why: "a PDF: ask for the worksheet as .xlsx or CSV" })
        }
        _ => Ok(vec![csv(file, bytes, None, faults)]),
    }
}
