//! Reports in words, and in files: PDF, CSV, JSON.

mod files;
mod paper;

use std::collections::BTreeMap;

use beffroi_app::{Report, Standing};
use beffroi_print::visible;
use jiff::tz::TimeZone;

pub(crate) use files::{Written, checked, write};
pub(crate) use paper::{csv, pdf};

use crate::handlers::on_host;
use crate::messages::Language;
use crate::wire::{ReportCell, ReportColumn, ReportExcluded, ReportSection, ReportStep, ReportTable, ReportView};

/// What words of a report depend on.
pub(crate) struct Voice {
    pub(crate) language: Language,
    /// Moments are told by the clocks of this place.
    pub(crate) zone: TimeZone,
}

impl Voice {
    /// A sentence of the catalogs' part on reports.
    pub(crate) fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        let values: BTreeMap<String, String> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.language.sentence(&format!("paper.{key}"), &values)
    }

    fn local(&self, at_ms: i64) -> Option<jiff::Zoned> {
        Some(jiff::Timestamp::from_millisecond(at_ms).ok()?.to_zoned(self.zone.clone()))
    }

    pub(crate) fn moment(&self, at_ms: i64) -> String {
        let form = match self.language {
            Language::English => "%Y-%m-%d %H:%M",
            Language::French => "%d/%m/%Y %H:%M",
        };
        self.local(at_ms).map(|at| at.strftime(form).to_string()).unwrap_or_default()
    }

    fn day(&self, at_ms: i64) -> String {
        let form = match self.language {
            Language::English => "%Y-%m-%d",
            Language::French => "%d/%m/%Y",
        };
        self.local(at_ms).map(|at| at.strftime(form).to_string()).unwrap_or_default()
    }

    /// As spreadsheets read a moment, whatever their language.
    pub(crate) fn sheet_moment(&self, at_ms: i64) -> String {
        self.local(at_ms).map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
    }

    fn size(&self, bytes: u64) -> String {
        let (units, point) = match self.language {
            Language::English => (["B", "KiB", "MiB", "GiB", "TiB"], '.'),
            Language::French => (["o", "Kio", "Mio", "Gio", "Tio"], ','),
        };
        let (mut tenths, mut unit) = (u128::from(bytes) * 10, 0);
        while tenths >= 10_240 && unit + 1 < units.len() {
            tenths /= 1024;
            unit += 1;
        }
        let name = units.get(unit).copied().unwrap_or_default();
        if unit == 0 { format!("{bytes}\u{a0}{name}") } else { format!("{}{point}{}\u{a0}{name}", tenths / 10, tenths % 10) }
    }

    /// A report in words.
    pub(crate) fn view(&self, report: Report) -> ReportView {
        let why = |standing: Standing| if standing == Standing::Sealed { "sealed" } else { "forged" };
        let excluded: Vec<ReportExcluded> = report
            .excluded
            .iter()
            .map(|(host, stage, standing)| ReportExcluded { host: host.clone(), stage: stage.clone(), why: why(*standing).to_owned() })
            .collect();
        let about = self.about(&report, &excluded);
        let Report { kind, vault, hosts, since_ms, until_ms, made_ms, sections, .. } = report;
        ReportView {
            kind: kind.name().to_owned(),
            language: self.language.tag().to_owned(),
            title: self.say(&format!("title.{}", kind.name()), &[]),
            vault: visible(&vault),
            hosts,
            excluded,
            since_ms,
            until_ms,
            made_ms,
            about,
            sections: sections.into_iter().map(|section| self.section(section)).collect(),
        }
    }

    fn about(&self, report: &Report, excluded: &[ReportExcluded]) -> Vec<(String, String)> {
        const MOST_NAMES: usize = 24;
        let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let mut about = Vec::new();
        let mut say = |key: &str, value: String| about.push((self.say(&format!("about.{key}"), &[]), visible(&value)));
        let (named, more) = report.hosts.split_at(report.hosts.len().min(MOST_NAMES));
        let count = report.hosts.len().to_string();
        let names = named.join(", ");
        let more = if more.is_empty() { names } else { format!("{names}…") };
        say("hosts", if report.hosts.is_empty() { "0".to_owned() } else { format!("{count} ({more})") });
        let bound = |ms: Option<u64>| ms.map(|ms| self.moment(signed(ms)));
        let period = match (bound(report.since_ms), bound(report.until_ms)) {
            (Some(since), Some(until)) => Some(self.say("period.between", &[("since", &since), ("until", &until)])),
            (Some(since), None) => Some(self.say("period.since", &[("since", &since)])),
            (None, Some(until)) => Some(self.say("period.until", &[("until", &until)])),
            (None, None) if report.kind.name() == "interventions" => Some(self.say("period.all", &[])),
            (None, None) => None,
        };
        if let Some(period) = period {
            say("period", period);
        }
        let zone = self.zone.iana_name().unwrap_or("UTC").to_owned();
        say("made", format!("{} ({zone})", self.moment(signed(report.made_ms))));
        say("by", report.person.clone());
        if !excluded.is_empty() {
            let one = |one: &ReportExcluded| self.say(&format!("excluded.{}", one.why), &[("host", &one.host), ("stage", &one.stage)]);
            say("excluded", excluded.iter().map(one).collect::<Vec<_>>().join(", "));
        }
        about
    }

    fn section(&self, section: beffroi_app::ReportSection) -> ReportSection {
        let beffroi_app::ReportSection { name, notes, steps, tables, signed } = section;
        let step = |step: beffroi_app::ReportStep| ReportStep {
            text: visible(&self.language.say(&step.what.into())),
            code: step.code.lines().map(visible).collect::<Vec<_>>().join("\n"),
        };
        ReportSection {
            name: name.to_owned(),
            title: self.say(&format!("section.{name}"), &[]),
            notes: notes.into_iter().map(|note| visible(&self.language.say(&note.into()))).collect(),
            steps: steps.into_iter().map(step).collect(),
            tables: tables.into_iter().map(|table| self.table(table)).collect(),
            signed,
        }
    }

    fn table(&self, table: beffroi_app::ReportTable) -> ReportTable {
        let beffroi_app::ReportTable { name, columns, rows } = table;
        let column = |column: &&str| ReportColumn { name: (*column).to_owned(), title: self.say(&format!("column.{column}"), &[]) };
        let row = |cells: Vec<beffroi_app::ReportCell>| {
            let host = match cells.iter().zip(columns).find(|(_, column)| **column == "host") {
                Some((beffroi_app::ReportCell::Text(host), _)) => host.clone(),
                _ => String::new(),
            };
            cells.into_iter().map(|cell| self.cell(cell, &host)).collect()
        };
        ReportTable {
            name: name.to_owned(),
            title: self.say(&format!("table.{name}"), &[]),
            columns: columns.iter().map(column).collect(),
            rows: rows.into_iter().map(row).collect(),
        }
    }

    fn cell(&self, cell: beffroi_app::ReportCell, host: &str) -> ReportCell {
        use beffroi_app::ReportCell as Cell;
        let plain = |text: String| ReportCell { text, at_ms: None, number: None };
        match cell {
            Cell::None => plain(String::new()),
            Cell::Text(text) => plain(visible(&text)),
            Cell::Moment(at_ms) => {
                let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
                ReportCell { at_ms: Some(at_ms), ..plain(self.moment(at_ms)) }
            }
            Cell::Day(at_ms) => ReportCell { at_ms: Some(at_ms), ..plain(self.day(at_ms)) },
            Cell::Count(count) => ReportCell { number: Some(count), ..plain(count.to_string()) },
            Cell::Bytes(bytes) => ReportCell { number: Some(bytes), ..plain(self.size(bytes)) },
            Cell::Word(word) => plain(self.say(&format!("word.{word}"), &[])),
            Cell::Said(said) => plain(visible(&self.language.say(&said.into()))),
            Cell::Failed(error) => plain(visible(&self.language.error(&on_host(*error, host)))),
            Cell::List(cells) => {
                let texts: Vec<String> = cells.into_iter().map(|cell| self.cell(cell, host).text).collect();
                plain(texts.join("\n"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
