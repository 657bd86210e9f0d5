//! Reports for whoever owns the hosts: what was done there, how they stand, and what the next administrator needs.
//!
//! A report is made of what the vault holds: no host is asked. It is data, section by section, in keys and values; the edge has
//! the words. Nothing in it is secret: secrets are named only, and a value of one that stands in some text all the same (a command
//! as it was typed) is masked. Of a host whose stage is sealed, or whose record is forged, nothing is told but its name.

mod dossier;
mod handover;
mod interventions;
mod kept;
mod state;

use std::collections::HashSet;
use std::path::PathBuf;

use beffroi_domain::{HostId, Message};
use beffroi_remote::Redaction;
use beffroi_yunohost::fleet::{Fleet, Instance};

use crate::jobs::StoredMessage;
use crate::session::{Happening, Session};
use crate::{App, AppError, HostFacts, Standing, now_ms};

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// What was done.
    Interventions,
    /// How hosts stand.
    State,
    /// What the next administrator needs.
    Dossier,
}

impl ReportKind {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interventions => "interventions",
            Self::State => "state",
            Self::Dossier => "dossier",
        }
    }

    /// Reads a [`ReportKind::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Interventions, Self::State, Self::Dossier].into_iter().find(|kind| kind.name() == name)
    }
}

/// A report to make.
#[derive(Debug, Clone)]
pub struct ReportOrder {
    /// What it is about.
    pub kind: ReportKind,
    /// Which hosts.
    pub on: String,
    /// Of interventions: from when, in milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// Until when, that moment not included.
    pub until_ms: Option<u64>,
    /// Of a dossier: files that are handed over with it.
    pub handed: Vec<PathBuf>,
    /// The present; the clock's when absent.
    pub now_ms: Option<u64>,
}

/// A report.
#[derive(Debug)]
pub struct Report {
    /// What it is about.
    pub kind: ReportKind,
    /// The vault's name: whose hosts they are.
    pub vault: String,
    /// Who made it.
    pub person: String,
    /// Which hosts were selected, as it was said.
    pub on: String,
    /// Hosts that it is about, by name.
    pub hosts: Vec<String>,
    /// Hosts that were selected and of which nothing is told: their stages, and why.
    pub excluded: Vec<(String, String, Standing)>,
    /// Of interventions: from when.
    pub since_ms: Option<u64>,
    /// Until when.
    pub until_ms: Option<u64>,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: u64,
    /// What it says.
    pub sections: Vec<ReportSection>,
}

/// A part of a report.
#[derive(Debug, Default)]
pub struct ReportSection {
    /// Its name: a key of the catalogs under `paper.section.`.
    pub name: &'static str,
    /// Sentences.
    pub notes: Vec<StoredMessage>,
    /// Things to do, in order.
    pub steps: Vec<ReportStep>,
    /// Tables.
    pub tables: Vec<ReportTable>,
    /// Whether it is a page to be signed.
    pub signed: bool,
}

/// Something to do.
#[derive(Debug)]
pub struct ReportStep {
    /// What.
    pub what: StoredMessage,
    /// What is typed; may have several lines, and may be empty.
    pub code: String,
}

/// A table of a report.
#[derive(Debug)]
pub struct ReportTable {
    /// Its name, one of its report's own: a key under `paper.table.`.
    pub name: &'static str,
    /// Its columns: keys under `paper.column.`.
    pub columns: &'static [&'static str],
    /// Its rows, with a cell for each column.
    pub rows: Vec<Vec<ReportCell>>,
}

/// A cell of a table.
#[derive(Debug)]
pub enum ReportCell {
    /// Nothing, or not known.
    None,
    /// A text of a host's or a person's.
    Text(String),
    /// A moment, in milliseconds since 1970.
    Moment(u64),
    /// A day, in milliseconds since 1970.
    Day(i64),
    /// A number.
    Count(u64),
    /// A size.
    Bytes(u64),
    /// A word: a key under `paper.word.`.
    Word(&'static str),
    /// A sentence of the catalogs.
    Said(StoredMessage),
    /// Why something was not so.
    Failed(Box<AppError>),
    /// Several, one on each line.
    List(Vec<Self>),
}

impl ReportCell {
    fn text(text: impl ToString) -> Self {
        let text = text.to_string();
        if text.is_empty() { Self::None } else { Self::Text(text) }
    }

    fn maybe(text: Option<impl ToString>) -> Self {
        text.map_or(Self::None, Self::text)
    }

    fn moment(moment: Option<u64>) -> Self {
        moment.map_or(Self::None, Self::Moment)
    }

    fn count(count: usize) -> Self {
        Self::Count(count as u64)
    }

    fn texts(texts: impl IntoIterator<Item = impl ToString>) -> Self {
        let cells: Vec<Self> = texts.into_iter().map(Self::text).collect();
        if cells.is_empty() { Self::None } else { Self::List(cells) }
    }
}

impl ReportTable {
    fn new(name: &'static str, columns: &'static [&'static str]) -> Self {
        Self { name, columns, rows: Vec::new() }
    }
}

impl ReportSection {
    fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    fn with_note(mut self, note: Message) -> Self {
        self.notes.push((&note).into());
        self
    }

    fn with_table(mut self, table: ReportTable) -> Self {
        self.tables.push(table);
        self
    }
}

/// What a report is made of.
struct Ground {
    /// Hosts whose records and stages can be relied on, by name.
    hosts: Vec<HostFacts>,
    since_ms: Option<u64>,
    until_ms: Option<u64>,
    now_ms: u64,
}

impl Ground {
    fn has(&self, moment_ms: u64) -> bool {
        self.since_ms.is_none_or(|since| moment_ms >= since) && self.until_ms.is_none_or(|until| moment_ms < until)
    }

    fn host(&self, name: &str) -> Option<&HostFacts> {
        self.hosts.iter().find(|host| host.record.name.as_str() == name)
    }

    /// When the last survey of a host was taken.
    fn taken(&self, name: &str) -> ReportCell {
        ReportCell::moment(self.host(name).and_then(|host| host.survey.as_ref()).map(|survey| survey.taken_ms))
    }

    /// The YunoHosts among them, as their last surveys have them.
    fn fleet(&self) -> Fleet {
        let instances: Vec<Instance<'_>> = self.hosts.iter().filter_map(instance).collect();
        Fleet::of(&instances, self.now_ms)
    }
}

fn instance(host: &HostFacts) -> Option<Instance<'_>> {
    let survey = host.survey.as_ref()?;
    let facts = survey.yunohost.as_ref()?;
    Some(Instance { host: host.record.name.as_str(), taken_ms: survey.taken_ms, os: survey.facts.os_name.as_deref(), facts })
}

impl App {
    /// Makes a report of what the vault holds.
    ///
    /// # Errors
    /// When the selector does not select a host, the period ends before it begins, or a file that is handed over cannot be read.
    pub async fn report(&self, order: ReportOrder) -> Result<Report, AppError> {
        let ReportOrder { kind, on, since_ms, until_ms, handed, now_ms: now } = order;
        if let (Some(since), Some(until)) = (since_ms, until_ms)
            && since >= until
        {
            return Err(AppError::InvalidRequest { what: "a period ends after it begins" });
        }
        let session = self.session()?;
        let chosen: HashSet<HostId> = session.select(&on).await?.into_iter().map(|record| record.host).collect();
        let (mut hosts, mut excluded) = (Vec::new(), Vec::new());
        for host in self.hosts().await?.into_iter().filter(|host| chosen.contains(&host.record.host)) {
            match host.standing {
                Standing::Authentic => hosts.push(host),
                standing => excluded.push((host.record.name.to_string(), host.record.stage.to_string(), standing)),
            }
        }
        let made_ms = now.unwrap_or_else(now_ms);
        let names = hosts.iter().map(|host| host.record.name.to_string()).collect();
        let ground = Ground { hosts, since_ms, until_ms, now_ms: made_ms };
        let sections = match kind {
            ReportKind::Interventions => self.interventions(&session, &ground).await?,
            ReportKind::State => self.state(&ground).await?,
            ReportKind::Dossier => self.dossier(&session, &ground, handed).await?,
        };
        let (vault, person) = (session.name.clone(), session.person.clone());
        let mut report = Report { kind, vault, person, on, hosts: names, excluded, since_ms, until_ms, made_ms, sections };
        let redaction = session.blocking(|session| session.masking(|_| true)).await?;
        report.sections.iter_mut().for_each(|section| section.mask(&redaction));
        Ok(report)
    }

    /// Notes in the journal that a report was written to files.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn note_report(&self, kind: ReportKind, path: &std::path::Path) -> Result<(), AppError> {
        let path = path.display().to_string();
        let note = move |session: &Session| {
            // A vault that is read only has no journal to write to.
            if session.behind.is_some() {
                return Ok(());
            }
            session.commit(Happening::new("report-written").with("kind", kind.name()).with("path", path), |_| Ok(()))
        };
        self.session()?.blocking(note).await
    }
}

impl ReportSection {
    fn mask(&mut self, redaction: &Redaction) {
        for step in &mut self.steps {
            step.code = redaction.text(&step.code);
        }
        for cell in self.tables.iter_mut().flat_map(|table| &mut table.rows).flatten() {
            cell.mask(redaction);
        }
    }
}

impl ReportCell {
    fn mask(&mut self, redaction: &Redaction) {
        match self {
            Self::Text(text) => *text = redaction.text(text),
            Self::Said(said) => said.values.iter_mut().for_each(|(_, value)| *value = redaction.text(value)),
            Self::List(cells) => cells.iter_mut().for_each(|cell| cell.mask(redaction)),
            Self::None | Self::Moment(_) | Self::Day(_) | Self::Count(_) | Self::Bytes(_) | Self::Word(_) | Self::Failed(_) => {}
        }
    }
}
