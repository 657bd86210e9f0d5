//! The rows of a file of separated values, whatever parts them.

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::ImportError;
use crate::limits::{MOST_ENTRIES, within};

/// Columns of a file.
pub(super) const MOST_COLUMNS: u64 = 512;
/// What may part cells.
const SEPARATORS: [u8; 3] = *b",;\t";

/// A file: its first row, and what parts its cells.
pub(super) struct Table<'a> {
    text: &'a str,
    separator: u8,
    pub(super) header: Vec<String>,
}

impl<'a> Table<'a> {
    /// Finds out what parts the cells: the one of which the first row has most, outside of quotes.
    ///
    /// # Errors
    /// [`ImportError::Truncated`] for a quote that never ends, [`ImportError::TooLarge`] for too many columns,
    /// [`ImportError::Malformed`] for a file without a row.
    pub(super) fn of(text: &'a str) -> Result<Self, ImportError> {
        // Excel says in a line of its own what parts the cells.
        let text = text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')).map_or(text, |(_, rest)| rest);
        let (separator, columns) = SEPARATORS
            .map(|separator| (separator, columns(text, separator)))
            .into_iter()
            .rev()
            .max_by_key(|(_, columns)| *columns)
            .unwrap_or((b',', 0));
        within("columns", columns, MOST_COLUMNS)?;
        if !ends_whole(text, separator) {
            return Err(ImportError::Truncated { what: "quote" });
        }
        let mut table = Self { text, separator, header: Vec::new() };
        let first = table.rows().next().ok_or(ImportError::Malformed { what: "header", at: 1 })??;
        table.header = first.1.iter().map(|cell| cell.trim().to_owned()).collect();
        Ok(table)
    }

    /// All rows, the first one too, each with its line; lines without a cell are passed over.
    pub(super) fn rows(&self) -> Rows<'a> {
        let reader = ReaderBuilder::new().delimiter(self.separator).has_headers(false).flexible(true).from_reader(self.text.as_bytes());
        Rows { reader, text: self.text, count: 0 }
    }
}

/// Rows, one by one.
pub(super) struct Rows<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    count: u64,
}

impl Iterator for Rows<'_> {
    type Item = Result<(u64, StringRecord), ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = StringRecord::new();
        let line = self.reader.position().line();
        match self.reader.read_record(&mut row) {
            Ok(false) => None,
            Ok(true) => {
                self.count += 1;
                let line = row.position().map_or(line, |at| at.line() + self.empty_lines(at.byte()));
                Some(within("entries", self.count, MOST_ENTRIES as u64 + 1).map(|()| (line, row)))
            }
            Err(_) => Some(Err(ImportError::Malformed { what: "row", at: line })),
        }
    }
}

impl Rows<'_> {
    /// How many lines are passed over at a byte, where a row is looked for.
    fn empty_lines(&self, from: u64) -> u64 {
        let rest = usize::try_from(from).ok().and_then(|from| self.text.as_bytes().get(from..)).unwrap_or_default();
        rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count() as u64
    }
}

/// How many cells the first row has.
fn columns(text: &str, separator: u8) -> u64 {
    let (mut quoted, mut count) = (false, 1);
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if byte == separator && !quoted => count += 1,
            _ => {}
        }
    }
    count
}

/// Whether no quote is open at the end. One that does not begin a cell opens nothing.
fn ends_whole(text: &str, separator: u8) -> bool {
    #[derive(PartialEq)]
    enum At {
        Begin,
        Bare,
        Quoted,
        Quote,
    }
    let end = text.bytes().fold(At::Begin, |at, byte| match (at, byte) {
        (At::Begin, b'"') | (At::Quote, b'"') => At::Quoted,
        (At::Quoted, b'"') => At::Quote,
        (At::Quoted, _) => At::Quoted,
        (_, b'\n' | b'\r') => At::Begin,
        (_, byte) if byte == separator => At::Begin,
        _ => At::Bare,
    });
    end != At::Quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<String> {
        Table::of(text).map(|table| table.header).unwrap_or_default()
    }

    #[test]
    fn what_parts_cells_is_found() {
        for text in ["a,b;x,c\n", "a;b,x;c;\n", "a\tb\tc\n", "sep=;\na;b;c\n", "\"a,x\",\"b\n,\",c\n"] {
            assert!(header(text).len() >= 3, "{text:?}");
        }
        assert_eq!(header("one\n1\n"), ["one"]);
    }

    #[test]
    fn a_quote_must_end() {
        for text in ["a,b\n1,\"x", "a,b\n1,\"x\"\"", "\""] {
            assert!(matches!(Table::of(text), Err(ImportError::Truncated { what: "quote" })), "{text:?}");
        }
        for text in ["a,b\n1,x\"y", "a,b\n1,\"x\"\"\"", "a,b\n\"x\ny\",2\n"] {
            assert!(Table::of(text).is_ok(), "{text:?}");
        }
        assert!(matches!(Table::of(""), Err(ImportError::Malformed { what: "header", .. })));
    }

    #[test]
    fn rows_know_their_lines() {
        let table = Table::of("a,b\n\n\"x\ny\",1\nz,2\n").expect("a table");
        let lines: Vec<u64> = table.rows().map(|row| row.expect("a row").0).collect();
        assert_eq!(lines, [1, 3, 5]);
    }
}
