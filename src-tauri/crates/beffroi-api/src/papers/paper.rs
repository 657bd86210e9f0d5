//! A report's pages and sheets.

use beffroi_app::csv_line;
use beffroi_print::{Block, Column, Paper, Step, Table};

use super::Voice;
use crate::messages::Language;
use crate::wire::{ReportCell, ReportSection, ReportTable, ReportView};
use crate::{ApiError, ErrorCode};

/// What a spreadsheet knows UTF-8 by: without it Excel takes the file for the machine's old encoding.
const MARK: &str = "\u{feff}";

/// A report as PDF.
pub(crate) fn pdf(voice: &Voice, report: &ReportView) -> Result<Vec<u8>, ApiError> {
    beffroi_print::pdf(&paper(voice, report)).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))
}

fn paper(voice: &Voice, report: &ReportView) -> Paper {
    let made = i64::try_from(report.made_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    let made = made.to_zoned(jiff::tz::TimeZone::UTC);
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    let mut blocks = Vec::new();
    for section in &report.sections {
        push(voice, section, &mut blocks);
    }
    Paper {
        language: report.language.clone(),
        title: report.title.clone(),
        subtitle: report.vault.clone(),
        about: report.about.clone(),
        foot: voice.say("foot", &[]),
        numbering: voice.say("page", &[("page", "{page}"), ("pages", "{pages}")]),
        made: (
            u16::try_from(made.year()).unwrap_or_default(),
            small(made.month()),
            small(made.day()),
            small(made.hour()),
            small(made.minute()),
            small(made.second()),
        ),
        blocks,
    }
}

fn push(voice: &Voice, section: &ReportSection, blocks: &mut Vec<Block>) {
    if section.signed {
        blocks.push(Block::NewPage);
    }
    blocks.push(Block::Heading { level: 1, text: section.title.clone() });
    blocks.extend(section.notes.iter().cloned().map(Block::Paragraph));
    if !section.steps.is_empty() {
        let step = |step: &crate::wire::ReportStep| Step { text: step.text.clone(), code: step.code.clone() };
        blocks.push(Block::Steps(section.steps.iter().map(step).collect()));
    }
    for table in &section.tables {
        if section.tables.len() > 1 {
            blocks.push(Block::Heading { level: 2, text: table.title.clone() });
        }
        if table.rows.is_empty() {
            blocks.push(Block::Note(voice.say("empty", &[])));
        } else {
            blocks.push(Block::Table(printed(table)));
        }
    }
    if section.signed {
        let fields = || ["name", "capacity", "date", "signature"].map(|field| voice.say(&format!("sign.{field}"), &[])).to_vec();
        blocks.push(Block::Signatures(vec![(voice.say("sign.given", &[]), fields()), (voice.say("sign.received", &[]), fields())]));
    }
}

fn printed(table: &ReportTable) -> Table {
    let column = |(index, column): (usize, &crate::wire::ReportColumn)| Column {
        name: column.title.clone(),
        fixed: matches!(column.name.as_str(), "fingerprint" | "sha256"),
        right: table.rows.iter().any(|row| row.get(index).is_some_and(|cell| cell.number.is_some())),
    };
    Table {
        columns: table.columns.iter().enumerate().map(column).collect(),
        rows: table
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| if cell.text.is_empty() { "–".to_owned() } else { cell.text.clone() }).collect())
            .collect(),
    }
}

/// A table as CSV (RFC 4180). Where a comma stands in numbers, spreadsheets want a semicolon between fields. Moments and numbers are
/// written so that they are read as such, and nothing becomes a formula.
pub(crate) fn csv(voice: &Voice, table: &ReportTable) -> String {
    let separator = match voice.language {
        Language::English => ',',
        Language::French => ';',
    };
    let line = |fields: &[String]| csv_line(&fields.iter().map(String::as_str).collect::<Vec<_>>(), separator);
    let mut text = MARK.to_owned();
    text.push_str(&line(&table.columns.iter().map(|column| column.title.clone()).collect::<Vec<_>>()));
    for row in &table.rows {
        text.push_str(&line(&row.iter().map(|cell| field(voice, cell)).collect::<Vec<_>>()));
    }
    text
}

fn field(voice: &Voice, cell: &ReportCell) -> String {
    match cell {
        ReportCell { at_ms: Some(at_ms), .. } => voice.sheet_moment(*at_ms),
        ReportCell { number: Some(number), .. } => number.to_string(),
        ReportCell { text, .. } => text.replace('\n', " | "),
    }
}
