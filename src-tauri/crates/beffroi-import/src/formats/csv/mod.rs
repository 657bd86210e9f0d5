//! Separated values: exports of browsers, password managers and lists of connections, told by their first row; any other by a
//! mapping of its columns, which a person gives or which is guessed from their names.
//!
//! Cells are parted by a comma, a semicolon or a tab, whichever the first row has most of; quoted ones may hold lines. The text
//! is UTF-8 or UTF-16 (RFC 4180, and what the programs do beside it). Cells stand for themselves: a leading `'` is taken away
//! only in what was written here, where it keeps spreadsheets from running a cell.

mod column;
pub(crate) mod dialect;
mod row;
mod table;
mod tree;

use csv::StringRecord;

use crate::collect::Collected;
use crate::{ImportError, Parsed, Reading, Source, decode};

pub use column::{Column, CsvMapping, suggest};
use dialect::Name;
use row::Row;
use table::Table;
use tree::Folders;

/// How far a first row is looked for.
const HEAD: usize = 64 << 10;

/// By a first row that is known, or by its name.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let text = match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            decode(head.get(..head.len() & !1).unwrap_or(head)).map(std::borrow::Cow::into_owned).unwrap_or_default()
        }
        _ => String::from_utf8_lossy(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head)).into_owned(),
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("sep="));
    let Some(Ok(table)) = lines.next().map(Table::of) else { return false };
    let name = source.name().to_lowercase();
    let is_named = [".csv", ".tsv"].iter().any(|ending| name.ends_with(ending)) && table.header.len() > 1 && !text.contains('\0');
    is_named || dialect::of(&table.header).is_some()
}

/// The names of the columns: the first row.
///
/// # Errors
/// Why it is no such file.
pub fn headers(source: &Source) -> Result<Vec<String>, ImportError> {
    Ok(Table::of(&decode(source.bytes()?)?)?.header)
}

/// Every row, as an entry, a host, or a host with what it logs in with.
///
/// # Errors
/// [`ImportError::Locked`] with `mapping` when nothing says what the columns are and their names do not either;
/// [`ImportError::Malformed`] with its line for a row that is not as long as the first one; [`ImportError::Truncated`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let table = Table::of(&text)?;
    let mut collected = Collected::default();
    let plan = Plan::of(&table, reading, &mut collected)?;
    let folders = if plan.name == Name::MRemoteNg { Folders::of(&table, &plan)? } else { Folders::default() };
    let root = if plan.name == Name::KeePassXc { root(&table, &plan)? } else { None };
    let rows = || table.rows().skip(usize::from(plan.header));
    // All of them, before any is taken.
    for next in rows() {
        let (line, cells) = next?;
        plan.fits(line, &cells)?;
    }
    for next in rows() {
        let (line, cells) = next?;
        let mut row = Row::default();
        for ((column, name), cell) in plan.columns.iter().zip(&table.header).zip(&cells) {
            row.take(&plan, *column, name, cell, line)?;
        }
        row.finish(&plan, &folders, root.as_deref(), line, &mut collected)?;
    }
    Ok(collected.parsed)
}

/// How a file is read.
pub(super) struct Plan {
    name: Name,
    columns: Vec<Column>,
    header: bool,
}

impl Plan {
    fn of(table: &Table<'_>, reading: &Reading<'_>, collected: &mut Collected) -> Result<Self, ImportError> {
        if let Some(CsvMapping { columns, header }) = &reading.unlock.mapping {
            let mut columns = columns.clone();
            columns.resize(table.header.len(), Column::Skip);
            return Ok(Self { name: Name::Plain, columns, header: *header });
        }
        if let Some((name, columns)) = dialect::of(&table.header) {
            return Ok(Self { name, columns, header: true });
        }
        let CsvMapping { columns, header } = suggest(&table.header);
        let says = |column| columns.contains(&column);
        if !(says(Column::Password) || says(Column::PrivateKey) || says(Column::Totp) || says(Column::Address)) {
            return Err(ImportError::Locked { what: "mapping" });
        }
        collected.parsed.notice("guessed-columns", "");
        Ok(Self { name: Name::Plain, columns, header })
    }

    /// A row is as long as the first one; cells beyond it are empty. mRemoteNG has had a column without a name.
    fn fits(&self, line: u64, cells: &StringRecord) -> Result<(), ImportError> {
        let beyond = cells.iter().skip(self.columns.len()).any(|cell| !cell.is_empty());
        if cells.len() < self.columns.len() || (beyond && self.name != Name::MRemoteNg) {
            return Err(ImportError::Malformed { what: "row", at: line });
        }
        Ok(())
    }

    /// What stands in the column of a kind.
    fn cell<'a>(&self, cells: &'a StringRecord, column: Column) -> &'a str {
        self.columns.iter().position(|known| *known == column).and_then(|at| cells.get(at)).unwrap_or_default()
    }
}

/// The root that every group begins with: KeePassXC writes its name before each.
fn root(table: &Table<'_>, plan: &Plan) -> Result<Option<String>, ImportError> {
    let mut root: Option<String> = None;
    for next in table.rows().skip(1) {
        let (_, cells) = next?;
        let first = plan.cell(&cells, Column::Path).split('/').next().unwrap_or_default();
        match &root {
            Some(root) if root != first => return Ok(None),
            Some(_) => {}
            None => root = Some(first.to_owned()),
        }
    }
    Ok(root.filter(|root| !root.is_empty()))
}

#[cfg(test)]
mod tests;
