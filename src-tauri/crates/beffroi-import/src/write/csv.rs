//! Separated values, with formulas defused.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return: `'` goes before it
//! (<https://owasp.org/www-community/attacks/CSV_Injection>), and before one that would look as if it had been, so that reading
//! takes exactly those away. Fields and earlier values are JSON; addresses, marks and hosts stand on lines of their own; groups
//! are parted by `/`. Files are left out ([`left_out`]).

use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::formats::bitwarden::word;
use crate::formats::csv::Column;
use crate::formats::csv::dialect::OWN;
use crate::{Entry, ImportError, Parsed, Refused, dates};

/// The entries, one in each row below the names of the columns.
///
/// # Errors
/// [`ImportError::Unsupported`] for a text with a NUL, which no file of text has; [`ImportError::Io`].
pub fn write(parsed: &Parsed) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let failed = |error: std::io::Error| ImportError::Io { path: "csv".to_owned(), source: error };
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(Vec::new());
    writer.write_record(OWN.map(|(name, _)| name)).map_err(|error| failed(error.into()))?;
    for entry in &parsed.entries {
        let cells = OWN.map(|(_, column)| defused(cell(entry, column)));
        if cells.iter().any(|cell| cell.contains('\0')) {
            return Err(ImportError::Unsupported { what: "NUL".to_owned() });
        }
        writer.write_record(cells.iter().map(|cell| cell.as_bytes())).map_err(|error| failed(error.into()))?;
    }
    writer.into_inner().map(Zeroizing::new).map_err(|error| failed(error.into_error()))
}

/// What is not written: files.
#[must_use]
pub fn left_out(parsed: &Parsed) -> Vec<Refused> {
    let files =
        |entry: &Entry| entry.attachments.iter().map(|file| Refused { what: file.name.clone(), why: "attachment" }).collect::<Vec<_>>();
    parsed.entries.iter().flat_map(files).collect()
}

#[derive(Serialize)]
struct Field<'a> {
    name: &'a str,
    value: &'a str,
    hidden: bool,
}

#[derive(Serialize)]
struct Past<'a> {
    value: &'a str,
    until: Option<String>,
}

/// What stands in a column. All of it goes into the file.
fn cell(entry: &Entry, column: Column) -> Zeroizing<String> {
    let date = |at: Option<u64>| at.and_then(dates::rfc3339).unwrap_or_default();
    let secret = |text: &Option<beffroi_secret::SecretText>| text.as_ref().map(|text| text.expose().clone()).unwrap_or_default();
    let text = match column {
        Column::Origin => entry.origin.clone(),
        Column::Path => entry.path.iter().map(|group| group.replace('\\', "\\\\").replace('/', "\\/")).collect::<Vec<_>>().join("/"),
        Column::Title => entry.title.clone(),
        Column::User => entry.user.clone().unwrap_or_default(),
        Column::Password => secret(&entry.value),
        Column::Passphrase => secret(&entry.passphrase),
        Column::Url => entry.urls.join("\n"),
        Column::Notes => secret(&entry.notes),
        Column::Totp => secret(&entry.totp),
        Column::Kind => word(entry.kind).to_owned(),
        Column::Tags => entry.tags.join("\n"),
        Column::Hosts => entry.hosts.join("\n"),
        Column::Stage => entry.stage.clone().unwrap_or_default(),
        Column::Created => date(entry.created_ms),
        Column::Changed => date(entry.changed_ms),
        Column::Expires => date(entry.expires_ms),
        Column::Discarded => if entry.discarded { "true" } else { "" }.to_owned(),
        Column::Fields => {
            json(entry.fields.iter().map(|field| Field { name: &field.name, value: field.value.expose(), hidden: field.hidden }))
        }
        Column::History => {
            json(entry.history.iter().map(|past| Past { value: past.value.expose(), until: past.until_ms.and_then(dates::rfc3339) }))
        }
        _ => String::new(),
    };
    Zeroizing::new(text)
}

/// A list as JSON; nothing for an empty one.
fn json(list: impl Iterator<Item = impl Serialize>) -> String {
    let list: Vec<_> = list.collect();
    if list.is_empty() { String::new() } else { serde_json::to_string(&list).unwrap_or_default() }
}

fn defused(cell: Zeroizing<String>) -> Zeroizing<String> {
    let is_formula = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { Zeroizing::new(format!("'{}", cell.as_str())) } else { cell }
}
