//! Tables for people: columns padded to their widest value, nothing else.

use crate::output::plain;

/// Lays rows out under a heading. Values come from hosts too, and are made harmless.
pub(crate) fn table(heading: &[String], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| plain(cell).replace(['\n', '\t'], " ")).collect()).collect();
    let mut widths: Vec<usize> = heading.iter().map(|cell| width(cell)).collect();
    for row in &rows {
        for (column, cell) in widths.iter_mut().zip(row) {
            *column = (*column).max(width(cell));
        }
    }
    std::iter::once(heading).chain(rows.iter().map(Vec::as_slice)).map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, column) in row.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(column - width(cell).min(*column) + 2));
    }
    format!("{}\n", line.trim_end())
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Pairs, one a line, the names in a column.
pub(crate) fn pairs(pairs: &[(String, String)]) -> String {
    let widest = pairs.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    pairs.iter().map(|(name, value)| format!("{name}{}  {}\n", " ".repeat(widest - width(name)), plain(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let heading = ["A".to_owned(), "B".to_owned()];
        let rows = [vec!["longer".to_owned(), "x".to_owned()], vec!["é".to_owned(), "y\nz".to_owned()]];
        assert_eq!(table(&heading, &rows), "A       B\nlonger  x\né       y z\n");
    }
}
