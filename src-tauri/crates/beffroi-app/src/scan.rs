//! Secrets where they should not be: in files of this machine, with the values of the open stages looked for too.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use beffroi_scan::{Baseline, Finding, Hook, Known, Scanner, Skipped, What, install_hook, remove_hook, scan};

use crate::error::HealthError;
use crate::session::Session;
use crate::{App, AppError, Change, Listener};

/// Files between two words about how far a scan is.
const TOLD_EVERY: u64 = 100;

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
    /// Under what it can be told to stop, where a vault is open; its progress is told then too.
    pub name: Option<String>,
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
    /// Whether it was told to stop before its end; no baseline was written then.
    pub stopped: bool,
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
        // Where only the rules are asked, a scan that has a name can still be stopped.
        let begun = self.session().ok().map(|session| session.scans.begin(order.name.as_deref()));
        let told = Arc::new(AtomicBool::new(false));
        let (is_told, files) = (Arc::clone(&told), AtomicU64::new(0));
        let listener = order.name.is_some().then(|| Arc::clone(&self.inner.listener));
        // The values go with the vault: where it is locked, the scan ends.
        let stop = move || {
            tell(listener.as_ref(), files.fetch_add(1, Ordering::Relaxed));
            is_told.load(Ordering::Relaxed) || vault.as_ref().is_some_and(|vault| vault.strong_count() == 0)
        };
        let (is_told, mut scanning) = (Arc::clone(&told), tokio::task::spawn_blocking(move || run(&order, known, &stop, &told)));
        let scanned = match &begun {
            Some(begun) => tokio::select! {
                scanned = &mut scanning => scanned,
                () = begun.stopped() => {
                    is_told.store(true, Ordering::Relaxed);
                    scanning.await
                }
            },
            None => scanning.await,
        };
        scanned.map_err(AppError::internal)?
    }

    /// Tells a scan to stop: it gives what it found so far. Where none goes on under the name, nothing is done.
    ///
    /// # Errors
    /// When no vault is open.
    pub fn cancel_scan(&self, name: &str) -> Result<(), AppError> {
        self.session()?.scans.stop(name);
        Ok(())
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

fn tell(listener: Option<&Arc<dyn Listener>>, files: u64) {
    if let Some(listener) = listener.filter(|_| files.is_multiple_of(TOLD_EVERY)) {
        listener.heard(Change::Progress { work: "scan", done: files, total: 0 });
    }
}

fn run(order: &ScanOrder, known: Option<Known>, stop: &dyn Fn() -> bool, told: &AtomicBool) -> Result<Scanned, AppError> {
    let values = known.as_ref().map(Known::len);
    let baseline = order.baseline.as_deref().filter(|file| !order.accept || file.exists()).map(Baseline::read);
    let baseline = baseline.transpose().map_err(HealthError::from)?;
    let mut report = scan(&order.path, order.what, &Scanner::new(known.unwrap_or_default()), stop).map_err(HealthError::from)?;
    if report.stopped && !told.load(Ordering::Relaxed) {
        return Err(AppError::Locked);
    }
    match (&order.baseline, order.accept) {
        (Some(file), true) if !report.stopped => {
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
    let beffroi_scan::Report { findings, untold, accepted, files, bytes, skipped, stopped, .. } = report;
    Ok(Scanned { findings, untold, accepted, files, bytes, skipped, stopped, values })
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
