//! Comma-separated values (RFC 4180) with `;` between them, as YunoHost's own lists of users have it.

use zeroize::Zeroizing;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CsvFault {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// What it is.
    pub(crate) what: &'static str,
}

/// A row and the line on which it begins. Wiped when it is dropped: a list of users has passwords.
pub(crate) struct Row {
    pub(crate) line: usize,
    pub(crate) fields: Vec<Zeroizing<String>>,
}

/// Rows of the longest file.
const MOST_ROWS: usize = 10_000;
/// Fields of the longest row.
const MOST_FIELDS: usize = 64;

/// Reads a file. Lines without any field are passed over.
pub(crate) fn rows(text: &str, separator: char) -> Result<Vec<Row>, CsvFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut characters) = (Vec::new(), text.chars().peekable());
    let (mut line, mut begun) = (1, 1);
    let mut fields: Vec<Zeroizing<String>> = Vec::new();
    let mut field = Zeroizing::new(String::new());
    let mut quoted = false;
    let mut was_quoted = false;
    loop {
        let next = characters.next();
        line += usize::from(next == Some('\n'));
        match next {
            None if quoted => return Err(CsvFault { line: begun, what: "unclosed-quote" }),
            Some('"') if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            Some('"') if quoted => (quoted, was_quoted) = (false, true),
            Some(character) if quoted => field.push(character),
            Some('"') if field.is_empty() && !was_quoted => quoted = true,
            Some('\r') if characters.peek() == Some(&'\n') => {}
            Some('\n') | None => {
                let empty = fields.is_empty() && field.is_empty() && !was_quoted;
                if !empty {
                    fields.push(std::mem::take(&mut field));
                    rows.push(Row { line: begun, fields: std::mem::take(&mut fields) });
                }
                if rows.len() > MOST_ROWS {
                    return Err(CsvFault { line: begun, what: "too-many-rows" });
                }
                (begun, was_quoted) = (line, false);
                if next.is_none() {
                    return Ok(rows);
                }
            }
            Some(character) if character == separator => {
                fields.push(std::mem::take(&mut field));
                was_quoted = false;
                if fields.len() > MOST_FIELDS {
                    return Err(CsvFault { line: begun, what: "too-many-columns" });
                }
            }
            Some(_) if was_quoted => return Err(CsvFault { line: begun, what: "text-after-quote" }),
            Some(character) => field.push(character),
        }
    }
}

/// A line of a file for a spreadsheet. A field that one would take for a formula is kept from being one by an apostrophe.
#[must_use]
pub fn csv_line(fields: &[&str], separator: char) -> String {
    let cells: Vec<String> = fields.iter().map(|field| cell(field, separator)).collect();
    format!("{}\r\n", cells.join(&separator.to_string()))
}

/// See OWASP, "CSV Injection": what begins with one of these is computed when the file is opened.
fn cell(field: &str, separator: char) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula { format!("'{field}") } else { field.to_owned() };
    let special = |c: char| c == separator || matches!(c, '"' | '\n' | '\r');
    if formula || text.contains(special) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(usize, Vec<String>)>, CsvFault> {
        let row = |row: Row| (row.line, row.fields.iter().map(|field| field.to_string()).collect());
        rows(text, ';').map(|rows| rows.into_iter().map(row).collect())
    }

    fn row(line: usize, fields: &[&str]) -> (usize, Vec<String>) {
        (line, fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn rows_are_read_as_spreadsheets_write_them() {
        assert_eq!(read("a;b\r\nc;\n"), Ok(vec![row(1, &["a", "b"]), row(2, &["c", ""])]));
        assert_eq!(read("\u{feff}a;\"b;\"\"c\"\"\n d\"\n\n;e"), Ok(vec![row(1, &["a", "b;\"c\"\n d"]), row(4, &["", "e"])]));
        assert_eq!(read(""), Ok(Vec::new()));
        assert_eq!(read("\"\""), Ok(vec![row(1, &[""])]));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        assert_eq!(read("a\nb;\"c\nd"), Err(CsvFault { line: 2, what: "unclosed-quote" }));
        assert_eq!(read("\"a\"b"), Err(CsvFault { line: 1, what: "text-after-quote" }));
        assert_eq!(read(&";".repeat(80)), Err(CsvFault { line: 1, what: "too-many-columns" }));
        assert!(matches!(read(&"a\n".repeat(MOST_ROWS + 1)), Err(CsvFault { what: "too-many-rows", .. })));
    }

    #[test]
    fn no_field_becomes_a_formula() {
        assert_eq!(csv_line(&["a", "b;c", "=1+1", "-2", "@x", "d\"e"], ';'), "a;\"b;c\";\"'=1+1\";\"'-2\";\"'@x\";\"d\"\"e\"\r\n");
        for text in ["plain", "with;separator", "with \"quotes\"", "two\nlines", ""] {
            let written = csv_line(&[text, "x"], ';');
            assert_eq!(read(&written), Ok(vec![row(1, &[text, "x"])]), "{written:?}");
        }
    }
}
