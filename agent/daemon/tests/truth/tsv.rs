//! What another dissector says of a capture, one row per packet.

use std::collections::BTreeMap;

/// The rows by column name; `None`, said on stderr, where they are absent.
pub(crate) fn rows(capture: &str, protocol: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let path = crate::log::shared(&format!("corpus/oracle/clinical__{capture}.pcap.{protocol}.tsv"))?;
    let text = std::fs::read_to_string(path).expect("a table");
    let mut lines = text.lines();
    let columns: Vec<_> = lines.next().unwrap_or_default().split('\t').collect();
    // A packet quoted by an ICMP error was not sent there: its other row stands for it.
    let sent = |line: &&str| !line.contains(":icmp:");
    let row = |line: &str| {
        columns.iter().zip(line.split('\t')).map(|(name, cell)| ((*name).to_owned(), cell.to_owned())).collect()
    };
    Some(lines.filter(sent).map(row).collect())
}

/// A number written as `0x...`.
pub(crate) fn hex(text: &str) -> i64 {
    i64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or(-1)
}
