//! The oracle's rows for one table and one capture: from its files, and asked.

use crate::ask;
use crate::captures::Capture;
use crate::exceptions::named;
use crate::oracle::{QUOTING, Row, Rows};
use crate::table::Table;
use std::collections::BTreeSet;
use std::path::Path;

impl Table {
    /// The oracle's rows for one capture, those of the frames where it has no file of its own; and how many are left out.
    pub(crate) fn rows(&self, capture: &Capture, frames: &Rows) -> Option<(Rows, u64)> {
        let layers = self.layers();
        let mut rows = match self.file {
            true => capture.rows(self, frames)?,
            false => {
                let holds = |row: &&Row| frames.layers(row).any(|layer| layers.contains(&layer));
                Rows { columns: frames.columns.clone(), rows: frames.rows.iter().filter(holds).cloned().collect() }
            }
        };
        let all = rows.rows.len();
        let kept: Vec<Row> = rows.rows.iter().filter(|row| self.counts(&rows, row)).cloned().collect();
        rows.rows = kept;
        if all == 0 {
            return None;
        }
        self.ask(&capture.path, frames, &mut rows);
        let left = (all - rows.rows.len()) as u64;
        Some((rows, left))
    }

    /// Whether the protocol stands in the frame otherwise than within a layer that is left out.
    fn counts(&self, rows: &Rows, row: &Row) -> bool {
        if self.name == "frame" {
            return !is_part(rows, row);
        }
        let own = self.layers();
        let quoted = QUOTING.iter().filter(|layer| !own.contains(layer));
        let outer: BTreeSet<&str> = quoted.copied().chain(self.left_out.keys().map(String::as_str)).collect();
        let mut layers = rows.layers(row).take_while(|layer| !outer.contains(layer)).peekable();
        let beside = rows.layers(row).any(|layer| self.beside.iter().any(|one| one == layer));
        // A layer that the oracle has no name for is one of every frame in its file.
        let named = rows.layers(row).any(|layer| own.contains(&layer));
        !beside && (!named || layers.any(|layer| own.contains(&layer)))
    }

    /// Joins what the files lack.
    fn ask(&self, path: &Path, frames: &Rows, rows: &mut Rows) {
        let mut columns: Vec<&str> =
            self.column.iter().filter(|column| column.asked).map(|column| column.name.as_str()).collect();
        for column in &self.column {
            columns.extend(column.also.iter().flat_map(|also| also.split('+')));
            columns.extend(column.instead.as_deref());
            columns.extend(column.when.iter().map(|condition| named(condition)));
        }
        columns.sort_unstable();
        columns.dedup();
        columns.retain(|column| !rows.columns.iter().any(|name| name == column));
        let of: Vec<&str> =
            if self.ask.is_empty() { self.layers() } else { self.ask.iter().map(String::as_str).collect() };
        let met: BTreeSet<&str> = frames.rows.iter().flat_map(|row| frames.layers(row)).collect();
        let of: Vec<&str> = of.into_iter().filter(|layer| met.contains(layer)).collect();
        if !columns.is_empty()
            && !of.is_empty()
            && let Some(answer) = ask::columns(path, &of, &columns)
        {
            rows.join(&answer);
        }
        for column in &self.column {
            let Some((bytes, value)) = &column.sized else { continue };
            let holds = |row: &&Row| rows.cell(row, &column.name).split('|').any(|one| one == value);
            let concerned: Vec<u64> = rows.rows.iter().filter(holds).map(|row| row.frame).collect();
            if !concerned.is_empty() {
                let filter = format!("{} == {value}", column.name);
                let values = ask::sized(path, &filter, &column.name, *bytes);
                for frame in concerned {
                    let of_frame = values.iter().filter(|(at, _)| *at == frame).map(|(_, value)| value.as_str());
                    rows.put(frame, &column.name, of_frame.collect::<Vec<_>>().join("|"));
                }
            }
        }
    }
}

/// Whether the innermost packet of a frame is a fragment that completes nothing, by what the oracle says of it.
fn is_part(rows: &Rows, row: &Row) -> bool {
    let layers: Vec<&str> = rows.layers(row).collect();
    let quoting = layers.iter().position(|layer| QUOTING.contains(layer));
    let layers = &layers[..quoting.map_or(layers.len(), |at| at + 1)];
    let behind = match layers.iter().rposition(|layer| matches!(*layer, "ip" | "ipv6" | "ipv6.fraghdr")) {
        Some(at) => &layers[at..],
        None => return false,
    };
    if behind.iter().skip(1).any(|layer| *layer != "data") {
        return false;
    }
    let last = |column: &str| rows.cell(row, column).rsplit('|').next().unwrap_or_default().to_owned();
    let is_set = |value: String| !matches!(value.as_str(), "" | "0" | "False" | "0x0000");
    match behind[0] {
        "ip" => is_set(last("ip.flags.mf")) || is_set(last("ip.frag_offset")),
        "ipv6" => false,
        _ => is_set(last("ipv6.fraghdr.more")) || is_set(last("ipv6.fraghdr.offset")),
    }
}
