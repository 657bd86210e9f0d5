//! Secrets where they should not be: in files of this machine, with the values of the open stages looked for too.

use std::path::PathBuf;
use std::sync::Arc;

use beffroi_scan::{Baseline, Finding, Hook, Known, Scanner, Skipped, What, install_hook, remove_hook, scan};

use crate::error::HealthError;
use crate::session::Session;
use crate::{App, AppError};

/// What is to be scanned.
#[derive(Debug, Clone)]
pub struct ScanOrder {
    /// A folder, a file or a place in a git repository.
    pub path: PathBuf,
    /// What of it.
    pub what: What,
    /// Only by the rules, also when a vault is open.
    pub rules_only: bool,
    /// Findings that are accepted.
    pub baseline: Option<PathBuf>,
    /// Writes what is found there, as the baseline of the next time.
    pub accept: bool,
}

/// What a scan found.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// By path and line.
    pub findings: Vec<Finding>,
    /// Findings that are not told because there are too many.
    pub untold: u64,
    /// Findings that the baseline has.
    pub accepted: u64,
    /// Files, or versions of files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was not looked into.
    pub skipped: Skipped,
    /// How many secrets' values were looked for; nothing when only the rules were asked.
    pub values: Option<usize>,
}

impl App {
    /// Scans. Where a vault is open, also for the values of the secrets in its open stages.
    ///
    /// # Errors
    /// [`HealthError::Scan`], [`AppError::SeveralVaults`].
    pub async fn scan_secrets(&self, order: ScanOrder) -> Result<Scanned, AppError> {
        let session = match self.session() {
            _ if order.rules_only => None,
            Ok(session) => Some(session),
            Err(AppError::Locked) => None,
            Err(error) => return Err(error),
        };
        let (known, vault) = match session {
            Some(session) => (Some(session.blocking(Session::known_values).await?), Some(Arc::downgrade(&session))),
            None => (None, None),
        };
        // The values go with the vault: where it is locked, the scan ends.
        let stop = move || vault.as_ref().is_some_and(|vault| vault.strong_count() == 0);
        let scanned = tokio::task::spawn_blocking(move || run(&order, known, &stop)).await;
        scanned.map_err(AppError::internal)?
    }

    /// Writes the hook that scans what is about to be committed, or takes it away.
    ///
    /// # Errors
    /// [`HealthError::Scan`].
    pub async fn scan_hook(&self, path: PathBuf, install: bool) -> Result<Hook, AppError> {
        let done = tokio::task::spawn_blocking(move || if install { install_hook(&path) } else { remove_hook(&path) }).await;
        done.map_err(AppError::internal)?.map_err(|error| HealthError::from(error).into())
    }
}

fn run(order: &ScanOrder, known: Option<Known>, stop: &dyn Fn() -> bool) -> Result<Scanned, AppError> {
    let values = known.as_ref().map(Known::len);
    let baseline = order.baseline.as_deref().filter(|file| !order.accept || file.exists()).map(Baseline::read);
    let baseline = baseline.transpose().map_err(HealthError::from)?;
    let mut report = scan(&order.path, order.what, &Scanner::new(known.unwrap_or_default()), stop).map_err(HealthError::from)?;
    if report.stopped {
        return Err(AppError::Locked);
    }
    match (&order.baseline, order.accept) {
        (Some(file), true) => {
            Baseline::of(&report.findings).write(file).map_err(HealthError::from)?;
            report.accepted = report.findings.len() as u64;
            report.findings.clear();
        }
        _ => {
            if let Some(baseline) = baseline {
                report.without(&baseline);
            }
        }
    }
    let beffroi_scan::Report { findings, untold, accepted, files, bytes, skipped, .. } = report;
    Ok(Scanned { findings, untold, accepted, files, bytes, skipped, values })
}

impl Session {
    fn known_values(&self) -> Result<Known, AppError> {
        let mut known = Vec::new();
        for row in self.catalog.read(|reader| reader.secrets())?.iter().filter(|row| self.is_open(row.compartment)) {
            known.extend(self.value_of(row)?.map(|value| (row.name.clone(), value)));
        }
        Ok(Known::new(known))
    }
}
