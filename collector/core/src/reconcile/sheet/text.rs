use super::super::{Faults, VALUE_MAX};
use super::{CELLS_MAX, COLUMNS_MAX, Kind, Row, Table};
use std::borrow::Cow;

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// Bytes looked at to find the delimiter.
const LOOK: usize = 64 << 10;

/// UTF-8 with or without its mark, UTF-16 with its mark, or else Windows-1252, in which every byte means something.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// The delimiter that splits the first lines into the most columns, and into as many in every line.
fn delimiter(text: &str) -> u8 {
    let mut end = text.len().min(LOOK);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let look = text.get(..end).unwrap_or_default();
    let score = |delimiter: u8| {
        let rows = reader(look, delimiter).into_records().take(20).filter_map(Result::ok);
        let widths: Vec<usize> = rows.map(|row| row.len()).collect();
        let first = widths.first().copied().unwrap_or(0);
        let alike = widths.iter().filter(|width| **width == first && first > 1).count();
        (alike, first)
    };
    // The earlier of equals: `max_by_key` gives the last.
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',')
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// The line on which a record begins: its position is where the one before it ended, and blank lines may follow.
fn begin(text: &str, position: &csv::Position) -> u64 {
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default().iter();
    let blank = rest.take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line().saturating_add(u64::try_from(blank).unwrap_or(0))
}

/// A CSV file. Without a delimiter it is found.
pub fn csv(file: &str, bytes: &[u8], given: Option<u8>, faults: &mut Faults) -> Table {
    let text = decode(bytes);
    let mut reader = reader(&text, given.unwrap_or_else(|| delimiter(&text)));
    let mut table = Table { file: file.to_owned(), sheet: None, kind: Kind::Text, rows: Vec::new() };
    let (mut record, mut cells) = (csv::StringRecord::new(), 0usize);
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(_) => {
                faults.add(format!("{file}:{line}:1"), "the row cannot be read");
                continue;
            }
        }
        let number = record.position().map_or(line, |position| begin(&text, position));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        cells = cells.saturating_add(record.len());
        if cells > CELLS_MAX {
            faults.add(format!("{file}:{number}:1"), "the file has more than 4,000,000 cells; the rest was not read");
            break;
        }
        let mut row = Row { number, cells: Vec::with_capacity(record.len().min(COLUMNS_MAX)) };
        for (column, cell) in record.iter().enumerate() {
            if column >= COLUMNS_MAX {
                faults.add(table.place(&row, column), "the row has more than 1,024 columns; the rest was not read");
                break;
            }
            if cell.len() > VALUE_MAX {
                faults.add(table.place(&row, column), "a value of more than 4,096 bytes; it was left out");
                row.cells.push(String::new());
            } else {
                row.cells.push(cell.to_owned());
            }
        }
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        csv("f", bytes, None, &mut Faults::default()).rows.into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn the_delimiter_is_the_one_that_splits_every_line_alike() {
        for text in ["a,b;x,c\n1,2;y,3\n", "a;b;c\n1,5;2;3\n", "a\tb\tc\nx, y\tz; w\tv\n"] {
            assert!(cells(text.as_bytes()).iter().all(|row| row.len() == 3), "{text:?}");
        }
        assert_eq!(cells(b"only\none\n"), [["only"], ["one"]]);
    }

    #[test]
    fn both_encodings_and_their_marks_are_read() {
        for bytes in [&b"Ger\xe4t,\x80\n"[..], "Gerät,€\n".as_bytes(), "\u{feff}Gerät,€\n".as_bytes()] {
            assert_eq!(cells(bytes), [["Gerät", "€"]]);
        }
        let wide: Vec<u8> = "\u{feff}Gerät,€\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(cells(&wide), [["Gerät", "€"]]);
    }

    #[test]
    fn a_place_is_where_the_value_stands_even_behind_line_breaks_in_quotes() {
        let mut faults = Faults::default();
        let table = csv("a.csv", b"h,i\n\n\"x\ny\",2\nz,3\n", None, &mut faults);
        let places: Vec<_> = table.rows.iter().map(|row| table.place(row, 1)).collect();
        assert_eq!(places, ["a.csv:1:2", "a.csv:3:2", "a.csv:5:2"]);
        assert_eq!(table.rows[1].cells[0], "x\ny");
    }

    #[test]
    fn what_is_too_long_or_too_wide_is_told_and_the_rest_is_read() {
        let mut faults = Faults::default();
        let long = format!("a,b\n{},2\n{}\n", "x".repeat(VALUE_MAX + 1), "c,".repeat(COLUMNS_MAX));
        let table = csv("f", long.as_bytes(), None, &mut faults);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows[1].cells, ["", "2"]);
        assert_eq!(table.rows[2].cells.len(), COLUMNS_MAX);
        let places: Vec<_> = faults.list.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(places, ["f:2:1", "f:3:1025"]);
    }

    #[test]
    fn a_file_of_too_many_cells_is_read_until_there() {
        let mut faults = Faults::default();
        let text = ",x,,,,,,\n".repeat(CELLS_MAX / 8 + 5);
        let table = csv("f", text.as_bytes(), Some(b','), &mut faults);
        assert_eq!((table.rows.len(), faults.total), (CELLS_MAX / 8, 1));
    }
}
