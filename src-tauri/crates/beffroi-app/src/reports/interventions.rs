//! What was done on hosts in a period: jobs, commands, and what else the journal has.

use std::collections::BTreeMap;
use std::sync::Arc;

use beffroi_domain::{HostId, JobState, JournalEntry, Message, Undo};
use beffroi_store::table::job::JobRow;

use super::{Ground, ReportCell, ReportSection, ReportTable};
use crate::jobs::{JobAction, JobRecord, StoredMessage};
use crate::session::Session;
use crate::{App, AppError, HostResult, RunEnd, RunFacts, exit_words, hex};

/// An entry of the journal about one of the hosts.
struct Noted {
    host: HostId,
    at_ms: u64,
    person: String,
    what: StoredMessage,
    /// Its place in this copy of the vault.
    place: u64,
}

/// What was counted of a host.
#[derive(Default)]
struct Counted {
    jobs: usize,
    succeeded: usize,
    failed: usize,
    commands: usize,
    noted: usize,
}

/// The job's entry in the journal is written right after the moment that it bears.
const QUEUED: &str = "journal.job-queued";

impl App {
    pub(super) async fn interventions(&self, session: &Arc<Session>, ground: &Ground) -> Result<Vec<ReportSection>, AppError> {
        let runs = self.runs().await?;
        let names: BTreeMap<HostId, String> = ground.hosts.iter().map(|host| (host.record.host, host.record.name.to_string())).collect();
        let (since, until) = (ground.since_ms, ground.until_ms);
        let asked = names.clone();
        let has = move |moment: u64| since.is_none_or(|since| moment >= since) && until.is_none_or(|until| moment < until);
        let read = move |session: &Session| {
            let noted = session.entries_about(&asked, has)?;
            let mut jobs = Vec::new();
            for (host, name) in &asked {
                for row in session.catalog.read(|reader| reader.jobs_of(*host, u32::MAX))?.iter().filter(|row| has(row.created_ms)) {
                    jobs.push((row.created_ms, name.clone(), session.job_cells(row, name, &noted)?, row.state));
                }
            }
            // As things happened.
            jobs.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
            let last = session.catalog.read(|reader| reader.last_entry())?;
            Ok((noted, jobs, last))
        };
        let (noted, jobs, last) = session.blocking(read).await?;
        let mut counted: BTreeMap<String, Counted> = names.values().map(|name| (name.clone(), Counted::default())).collect();
        let mut of_jobs = ReportTable::new("jobs", &["when", "host", "what", "who", "outcome", "way-back"]);
        for (_, name, cells, state) in jobs {
            let counted = counted.entry(name).or_default();
            counted.jobs += 1;
            match state {
                JobState::Changed | JobState::Done => counted.succeeded += 1,
                JobState::Failed => counted.failed += 1,
                JobState::Queued | JobState::Running | JobState::Cancelled => {}
            }
            of_jobs.rows.push(cells);
        }
        let mut of_runs = ReportTable::new("commands", &["when", "host", "what", "outcome"]);
        for run in runs.iter().rev().filter(|run| ground.has(run.started_ms)) {
            for (name, cells) in run_cells(run, ground) {
                counted.entry(name).or_default().commands += 1;
                of_runs.rows.push(cells);
            }
        }
        let mut others = ReportTable::new("journal", &["when", "host", "what", "who", "entry"]);
        for entry in noted.iter().filter(|entry| !is_of_job(&entry.what.key)) {
            let Some(name) = names.get(&entry.host) else { continue };
            counted.entry(name.clone()).or_default().noted += 1;
            others.rows.push(vec![
                ReportCell::Moment(entry.at_ms),
                ReportCell::text(name),
                ReportCell::Said(entry.what.clone()),
                ReportCell::text(&entry.person),
                ReportCell::Count(entry.place),
            ]);
        }
        let mut summary = ReportTable::new("summary", &["host", "jobs", "succeeded", "failed", "commands", "other-entries"]);
        for (name, counted) in &counted {
            let cells = [counted.jobs, counted.succeeded, counted.failed, counted.commands, counted.noted].map(ReportCell::count);
            summary.rows.push(std::iter::once(ReportCell::text(name)).chain(cells).collect());
        }
        let total: Counted = counted.into_values().fold(Counted::default(), |sum, one| Counted {
            jobs: sum.jobs + one.jobs,
            succeeded: sum.succeeded + one.succeeded,
            failed: sum.failed + one.failed,
            commands: sum.commands + one.commands,
            noted: sum.noted + one.noted,
        });
        let totals = Message::new("paper.note.totals")
            .with("hosts", names.len())
            .with("jobs", total.jobs)
            .with("succeeded", total.succeeded)
            .with("failed", total.failed)
            .with("commands", total.commands);
        let mut sections = vec![ReportSection::new("summary").with_note(totals).with_table(summary)];
        sections.push(ReportSection::new("jobs").with_note(Message::new("paper.note.jobs")).with_table(of_jobs));
        sections.push(ReportSection::new("commands").with_note(Message::new("paper.note.commands")).with_table(of_runs));
        let mut journal = ReportSection::new("journal").with_note(Message::new("paper.note.journal")).with_table(others);
        if let Some(last) = last {
            let head = Message::new("paper.note.journal-head").with("entry", last.sequence).with("head", hex(&last.mac));
            journal = journal.with_note(head);
        }
        sections.push(journal);
        Ok(sections)
    }
}

impl Session {
    /// What the journal has of these hosts, the oldest first.
    fn entries_about(&self, hosts: &BTreeMap<HostId, String>, has: impl Fn(u64) -> bool) -> Result<Vec<Noted>, AppError> {
        let mut noted = Vec::new();
        self.each_entry(0, |row| {
            let entry =
                JournalEntry::from_canonical(&row.entry).map_err(|_| AppError::damaged(format!("journal entry {}", row.sequence)))?;
            if let Some(host) = entry.host.filter(|host| hosts.contains_key(host)) {
                // A little after the period there are the entries of jobs of its end.
                if has(entry.at_ms) || entry.event.starts_with("job-queued") {
                    let values = entry.values_by_name().into_iter();
                    let values = values.map(|(name, values)| (name.to_owned(), values.join(", "))).collect();
                    let what = StoredMessage { key: format!("journal.{}", entry.event), values };
                    noted.push(Noted { host, at_ms: entry.at_ms, person: entry.person, what, place: row.sequence });
                }
            }
            Ok::<_, AppError>(true)
        })?;
        Ok(noted)
    }

    fn job_cells(&self, row: &JobRow, name: &str, noted: &[Noted]) -> Result<Vec<ReportCell>, AppError> {
        let (facts, record) = (self.job_facts(row)?, self.job_record(row)?);
        let queued = noted.iter().filter(|entry| entry.host == row.target && entry.what.key.starts_with(QUEUED));
        let who = queued.filter(|entry| entry.at_ms >= row.created_ms).min_by_key(|entry| entry.at_ms);
        let state = ReportCell::Word(match row.state {
            JobState::Queued | JobState::Running => "going-on",
            JobState::Changed => "changed",
            JobState::Done => "nothing-to-change",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        });
        let outcome = match facts.error {
            Some(error) if row.state.has_ended() => ReportCell::List(vec![state, ReportCell::Failed(Box::new(error))]),
            _ => state,
        };
        Ok(vec![
            ReportCell::Moment(row.created_ms),
            ReportCell::text(name),
            ReportCell::Said(facts.title),
            ReportCell::maybe(who.map(|entry| &entry.person)),
            outcome,
            way_back(&record),
        ])
    }
}

/// How one goes back, as the plan said.
fn way_back(record: &JobRecord) -> ReportCell {
    let said = |key: &'static str| ReportCell::Said((&Message::new(key)).into());
    match &record.action {
        JobAction::Run => said("undo.run"),
        JobAction::Guest { undo, .. } | JobAction::Process { undo, .. } => undo.clone().map_or(ReportCell::None, ReportCell::Said),
        JobAction::Certificate { record: push } if record.title.key.ends_with("-back") => {
            ReportCell::Said((&Message::new("undo.certificate-back").with("domain", push.domain())).into())
        }
        JobAction::Certificate { .. } => said("undo.certificate-push"),
        JobAction::Yunohost { record } => match record.way_back() {
            Some(Undo::By(message) | Undo::Not(message)) => ReportCell::Said((&message).into()),
            Some(Undo::NothingToUndo) => ReportCell::Word("nothing-to-undo"),
            None => ReportCell::None,
        },
    }
}

fn run_cells(run: &RunFacts, ground: &Ground) -> Vec<(String, Vec<ReportCell>)> {
    // Of a run in a sealed stage nothing is known.
    let Some(what) = &run.what else { return Vec::new() };
    let of_host = |result: &HostResult| {
        ground.host(&result.host)?;
        let outcome = match &result.end {
            RunEnd::Running => ReportCell::Word("going-on"),
            RunEnd::Exit(exit) if exit.is_success() => ReportCell::Word("succeeded"),
            RunEnd::Exit(exit) => ReportCell::List(vec![ReportCell::Word("failed"), ReportCell::text(exit_words(exit))]),
            RunEnd::Trouble(trouble) => ReportCell::Failed(Box::new(trouble.clone().error())),
        };
        let what = match &what.recipe {
            Some(recipe) => ReportCell::Said((&Message::new("paper.note.recipe").with("name", recipe)).into()),
            None => ReportCell::texts(&what.commands),
        };
        Some((result.host.clone(), vec![ReportCell::Moment(run.started_ms), ReportCell::text(&result.host), what, outcome]))
    };
    run.results.iter().filter_map(of_host).collect()
}

/// What the table of jobs has in other words.
fn is_of_job(key: &str) -> bool {
    ["journal.job-", "journal.step-", "journal.check-"].iter().any(|start| key.starts_with(start))
}
