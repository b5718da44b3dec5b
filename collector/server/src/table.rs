//! Rows as a table, JSON or CSV.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
}

pub(crate) fn print<T: Serialize>(format: Format, rows: &[T], columns: &[&str]) -> anyhow::Result<String> {
    if matches!(format, Format::Json) {
        return Ok(format!("{}\n", serde_json::to_string_pretty(rows)?));
    }
    let mut lines = vec![columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>()];
    for row in rows {
        let row = serde_json::to_value(row)?;
        lines.push(columns.iter().map(|column| cell(row.get(column).unwrap_or(&Value::Null))).collect());
    }
    if matches!(format, Format::Csv) {
        let mut out = Vec::new();
        let mut csv = holter_core::export::Lines::new(&mut out);
        for line in &lines {
            csv.line(line.iter().map(String::as_str))?;
        }
        csv.finish()?;
        return Ok(String::from_utf8(out)?);
    }
    Ok(table(&lines))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.chars().filter(|letter| !letter.is_control()).collect(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn table(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_inert_in_csv_and_control_characters_in_a_table() {
        let rows = [serde_json::json!({ "name": "=cmd()|'a'!A1", "note": "a,\"b\"", "esc": "\u{1b}[2Jx" })];
        let text = print(Format::Csv, &rows, &["name", "note"]).unwrap();
        assert_eq!(text, "name,note\r\n'=cmd()|'a'!A1,\"a,\"\"b\"\"\"\r\n");
        assert!(!print(Format::Table, &rows, &["esc"]).unwrap().contains('\u{1b}'));
    }
}
