//! CSV by RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it.

use super::{Item, time};
use crate::device::Device;
use std::borrow::{Borrow, Cow};
use std::io::{self, Write};

/// Lines of cells.
pub struct Lines<W: Write>(csv::Writer<W>);

impl<W: Write> Lines<W> {
    pub fn new(out: W) -> Lines<W> {
        Lines(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(out))
    }

    pub fn line<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(inert(cell).as_bytes()).map_err(io::Error::other)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(io::Error::other)
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn inert(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The columns of [`csv`], in their order. Where a device has several values of one, they stand in one cell with spaces
/// between them; values with spaces in them have semicolons between them.
pub const COLUMNS: [&str; 34] = [
    "id",
    "name",
    "site",
    "class",
    "class_confidence",
    "maker",
    "maker_confidence",
    "family",
    "family_confidence",
    "model",
    "model_confidence",
    "version",
    "version_confidence",
    "os",
    "os_confidence",
    "roles",
    "macs",
    "addresses",
    "hostnames",
    "ae_titles",
    "serials",
    "protocols",
    "ports",
    "owner",
    "location",
    "criticality",
    "tags",
    "peers",
    "findings_open",
    "worst",
    "presence",
    "partly_blind",
    "first_seen",
    "last_seen",
];

/// Devices as CSV with a header. The number of devices written.
pub fn csv<D: Borrow<Device>>(out: impl Write, items: impl Iterator<Item = Item<D>>) -> io::Result<u64> {
    let mut lines = Lines::new(out);
    lines.line(COLUMNS)?;
    let mut count = 0u64;
    for item in items {
        let cells = cells(&item);
        lines.line(cells.iter().map(String::as_str))?;
        count = count.saturating_add(1);
    }
    lines.finish()?;
    Ok(count)
}

fn cells<D: Borrow<Device>>(item: &Item<D>) -> [String; COLUMNS.len()] {
    let device: &Device = item.device.borrow();
    let card = &device.card;
    let value = |of: &Option<(String, u8)>| of.as_ref().map(|(value, _)| value.clone()).unwrap_or_default();
    let sure = |of: &Option<(String, u8)>| of.as_ref().map(|(_, sure)| sure.to_string()).unwrap_or_default();
    let [names, serials, tags] = [&card.hostnames, &card.serials, &card.tags].map(|list| list.join("; "));
    [
        device.id(),
        card.name.clone(),
        device.site.clone(),
        card.class.clone(),
        card.class_confidence.to_string(),
        value(&card.maker),
        sure(&card.maker),
        value(&card.family),
        sure(&card.family),
        value(&card.model),
        sure(&card.model),
        value(&card.version),
        sure(&card.version),
        value(&card.os),
        sure(&card.os),
        card.roles.join(" "),
        spaced(device.macs()),
        spaced(device.newest_addresses()),
        names,
        card.ae_titles.join("; "),
        serials,
        card.protocols.iter().copied().collect::<Vec<_>>().join(" "),
        spaced(&card.ports),
        card.owner.clone().unwrap_or_default(),
        card.location.clone().unwrap_or_default(),
        card.criticality.map(|one| one.as_str().to_owned()).unwrap_or_default(),
        tags,
        card.peers.to_string(),
        device.open.to_string(),
        device.worst.map(|worst| worst.as_str().to_owned()).unwrap_or_default(),
        item.presence.map(|presence| presence.as_str().to_owned()).unwrap_or_default(),
        item.partly_blind.to_string(),
        time(device.seen.first),
        time(device.seen.last),
    ]
}

fn spaced<T: ToString>(list: impl IntoIterator<Item = T>) -> String {
    list.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_inert_and_what_would_break_a_line_is_quoted() {
        let mut out = Vec::new();
        let mut lines = Lines::new(&mut out);
        lines.line(["=cmd()|'a'!A1", "a,\"b\"", "x\r\ny", "-1", "@x", "+49", "\tz", "plain"]).unwrap();
        lines.line([""]).unwrap();
        lines.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "'=cmd()|'a'!A1,\"a,\"\"b\"\"\",\"x\r\ny\",'-1,'@x,'+49,'\tz,plain\r\n\"\"\r\n");
    }
}
