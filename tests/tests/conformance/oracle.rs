//! The oracle's files: one row per frame, tab-separated, named columns.

use std::fs;
use std::path::Path;

/// What an ICMP error quotes lies behind these: nobody sent it in this frame.
pub(crate) const QUOTING: &[&str] = &["icmp", "icmpv6"];

/// With which every file begins.
pub(crate) const COMMON: &[&str] = &[
    "frame.number",
    "frame.time_epoch",
    "frame.protocols",
    "eth.src",
    "eth.dst",
    "vlan.id",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.srcport",
    "tcp.dstport",
    "udp.srcport",
    "udp.dstport",
    "tcp.stream",
    "udp.stream",
];

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) frame: u64,
    cells: Vec<String>,
}

pub(crate) struct Rows {
    pub(crate) columns: Vec<String>,
    /// In the order of their frames.
    pub(crate) rows: Vec<Row>,
}

/// `None` where the oracle saw nothing of it.
pub(crate) fn read(path: &Path) -> Option<Rows> {
    parse(&String::from_utf8_lossy(&fs::read(path).ok()?))
}

pub(crate) fn parse(text: &str) -> Option<Rows> {
    let mut lines = text.split('\n');
    let columns: Vec<String> = lines.next()?.split('\t').map(str::to_owned).collect();
    let rows = lines
        .filter_map(|line| {
            let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            Some(Row { frame: cells.first()?.parse().ok()?, cells })
        })
        .collect();
    Some(Rows { columns, rows })
}

impl Rows {
    pub(crate) fn of(&self, frame: u64) -> Option<&Row> {
        let at = self.rows.binary_search_by_key(&frame, |row| row.frame).ok()?;
        self.rows.get(at)
    }

    pub(crate) fn cell<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| row.cells.get(at)).map_or("", String::as_str)
    }

    /// Columns of the same frames that came later.
    pub(crate) fn join(&mut self, other: &Rows) {
        let wide = self.columns.len();
        for row in &mut self.rows {
            row.cells.resize(wide, String::new());
            let more = other.of(row.frame).map_or(&[][..], |row| row.cells.get(1..).unwrap_or_default());
            row.cells.extend_from_slice(more);
        }
        self.columns.extend(other.columns.iter().skip(1).cloned());
    }

    /// Other values for a column of a frame.
    pub(crate) fn put(&mut self, frame: u64, column: &str, cell: String) {
        let at = self.columns.iter().position(|name| name == column);
        let row = self.rows.binary_search_by_key(&frame, |row| row.frame);
        if let (Some(at), Ok(row)) = (at, row)
            && let Some(old) = self.rows.get_mut(row).and_then(|row| row.cells.get_mut(at))
        {
            *old = cell;
        }
    }

    /// The layers of a frame, outermost first.
    pub(crate) fn layers<'r>(&self, row: &'r Row) -> impl Iterator<Item = &'r str> {
        self.cell(row, "frame.protocols").split(':')
    }
}
