//! What the columns of a file of separated values are.

use std::path::PathBuf;

use beffroi_import::Source;
use beffroi_import::formats::csv::{Column, CsvMapping, headers, suggest};

use crate::AppError;
use crate::error::ImportingError;

/// What a column can be, as it is typed.
#[must_use]
pub fn import_column_kinds() -> Vec<String> {
    Column::CHOICES.iter().map(name).collect()
}

fn named(name: &str) -> Option<Column> {
    serde_json::from_value(name.into()).ok()
}

fn name(column: &Column) -> String {
    serde_json::to_value(column).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The names of a file's columns, what each seems to be, and whether its first row names them. Nothing else of it is told.
///
/// # Errors
/// [`ImportingError::File`] when it is no such file.
pub async fn import_columns(path: PathBuf) -> Result<(Vec<String>, (Vec<String>, bool)), AppError> {
    let read = move || {
        let failed = |error| ImportingError::File { path: path.clone(), error };
        let names = headers(&Source::open(&path).map_err(failed)?).map_err(failed)?;
        let suggested = suggest(&names);
        let columns = suggested.columns.iter().map(name).collect();
        Ok((names, (columns, suggested.header)))
    };
    tokio::task::spawn_blocking(read).await.map_err(AppError::internal)?
}

/// The words of a person as a mapping.
pub(super) fn mapping(columns: &[String], header: bool) -> Result<CsvMapping, AppError> {
    let column = |name: &String| named(name).ok_or_else(|| AppError::InvalidName { kind: "column", value: name.clone() });
    Ok(CsvMapping { columns: columns.iter().map(column).collect::<Result<_, _>>()?, header })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_for_a_column_is_understood() {
        for column in Column::CHOICES {
            assert_eq!(named(&name(column)).as_ref(), Some(column));
        }
        assert!(named("colour").is_none());
    }
}
