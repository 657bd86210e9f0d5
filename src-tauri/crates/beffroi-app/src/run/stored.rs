//! What is stored of a run: on each host what was run and how it ended, sealed under the host's stage. No output.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{CompartmentId, Exit, HostId, RunId};
use beffroi_secret::SecretBytes;
use beffroi_store::table::run_result::RunResultRow;
use beffroi_vault::Place;
use serde::{Deserialize, Serialize};

use super::live::{Live, LiveHost};
use super::{HostResult, RunEnd, RunFacts, RunWhat, Trouble};
use crate::session::Session;
use crate::{AppError, now_ms};

/// A run that is not in memory.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) run: RunId,
    pub(crate) started_ms: u64,
    pub(crate) running: bool,
    /// What was run, when it can be read on any host.
    pub(crate) what: Option<RunWhat>,
    pub(crate) results: Vec<(HostId, HostResult)>,
    /// Hosts whose result cannot be read, with the stage that is sealed.
    pub(crate) sealed: HashMap<HostId, String>,
}

/// How it ended on a host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredEnd {
    /// It was to be run there. Still so afterwards: this program was ended before.
    Begun,
    Exit(u32),
    Signal(String),
    Unknown,
    Trouble(Trouble),
}

#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    started_ms: u64,
    what: RunWhat,
    end: StoredEnd,
    took_ms: u64,
    step: Option<u16>,
}

pub(crate) fn place(compartment: CompartmentId, host: HostId, run: RunId, at_ms: u64) -> Place<'static> {
    Place { compartment, target: Some(host), table: "run_result", row: *run.as_bytes(), revision: at_ms, field: "result" }
}

impl From<&RunEnd> for StoredEnd {
    fn from(end: &RunEnd) -> Self {
        match end {
            RunEnd::Running => Self::Begun,
            RunEnd::Exit(Exit::Status(status)) => Self::Exit(*status),
            RunEnd::Exit(Exit::Signal(name)) => Self::Signal(name.clone()),
            RunEnd::Exit(Exit::Unknown) => Self::Unknown,
            RunEnd::Trouble(trouble) => Self::Trouble(trouble.clone()),
        }
    }
}

impl From<StoredEnd> for RunEnd {
    fn from(end: StoredEnd) -> Self {
        match end {
            StoredEnd::Begun => Self::Trouble(Trouble::Cancelled),
            StoredEnd::Exit(status) => Self::Exit(Exit::Status(status)),
            StoredEnd::Signal(name) => Self::Exit(Exit::Signal(name)),
            StoredEnd::Unknown => Self::Exit(Exit::Unknown),
            StoredEnd::Trouble(trouble) => Self::Trouble(trouble),
        }
    }
}

impl Past {
    pub(crate) fn facts(self) -> RunFacts {
        let mut results: Vec<HostResult> = self.results.into_iter().map(|(_, result)| result).collect();
        results.sort_by(|one, other| one.host.cmp(&other.host));
        let Self { run, started_ms, running, what, .. } = self;
        RunFacts { run, started_ms, running, what, results, groups: Vec::new() }
    }

    /// The error for a run of which nothing can be read.
    pub(crate) fn sealed_stage(&self) -> Option<AppError> {
        self.sealed.values().next().map(|name| AppError::StageSealed { name: name.clone() })
    }
}

impl Session {
    /// What is stored of a host of a run; nothing where nothing can be sealed.
    pub(crate) fn stored_row(
        &self,
        live: &Live,
        host: &LiveHost,
        end: StoredEnd,
        took: Duration,
        step: Option<u16>,
    ) -> Option<Result<RunResultRow, AppError>> {
        let compartment = host.compartment.filter(|compartment| self.is_open(*compartment))?;
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let stored = Stored { started_ms: live.started_ms, what: live.what.clone(), end, took_ms, step };
        let at_ms = now_ms();
        let sealed = serde_json::to_vec(&stored)
            .map_err(AppError::internal)
            .and_then(|bytes| self.seal(&place(compartment, host.id, live.run, at_ms), &SecretBytes::new(bytes)));
        Some(sealed.map(|sealed| RunResultRow { run: live.run, target: host.id, compartment, at_ms, sealed }))
    }

    /// A run, by its id or an ending of it that no other has. One that is in memory tells of itself what is stored of it.
    pub(crate) async fn past(self: &Arc<Self>, run: &str) -> Result<Past, AppError> {
        let run = run.to_owned();
        self.blocking(move |session| {
            let runs = session.catalog.read(|reader| reader.runs())?;
            let mut meant = runs.into_iter().filter(|known| {
                let known = known.to_string();
                known == run || (run.len() >= 4 && known.ends_with(&run))
            });
            match (meant.next(), meant.next()) {
                (Some(run), None) => session.read_past(run),
                _ => Err(AppError::RunNotFound { run }),
            }
        })
        .await
    }

    pub(crate) fn read_past(&self, run: RunId) -> Result<Past, AppError> {
        let rows = self.catalog.read(|reader| reader.run_results(run))?;
        let names: HashMap<HostId, String> =
            self.targets()?.into_iter().map(|target| (target.record.host, target.record.name.to_string())).collect();
        let mut past = Past { run, started_ms: 0, running: false, what: None, results: Vec::new(), sealed: HashMap::new() };
        for row in rows {
            let host = names.get(&row.target).cloned().unwrap_or_else(|| row.target.to_string());
            if !self.is_open(row.compartment) {
                let stage = self.stage_of(row.compartment);
                past.sealed.insert(row.target, stage.clone());
                past.results.push((row.target, HostResult::without_output(&host, RunEnd::Trouble(Trouble::Sealed { stage }))));
                past.started_ms = if past.started_ms == 0 { row.at_ms } else { past.started_ms };
                continue;
            }
            let bytes = self.unseal(&place(row.compartment, row.target, row.run, row.at_ms), &row.sealed)?;
            // Commands and exits hold no secret; they are sealed because they are a stage's.
            let stored: Stored = serde_json::from_slice(bytes.expose()).map_err(|_| AppError::damaged("a run's result"))?;
            past.started_ms = stored.started_ms;
            past.what = Some(stored.what);
            let took = Duration::from_millis(stored.took_ms);
            past.results.push((row.target, HostResult { host, end: stored.end.into(), step: stored.step, took, output: None }));
        }
        Ok(past)
    }
}
