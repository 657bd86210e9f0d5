//! Files and trees copied to and from hosts.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::TargetRecord;
use beffroi_remote::{Copied, CopyOptions, Remote, Transfer};

use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, Change};

/// What to copy.
#[derive(Debug, Clone, Default)]
pub struct CopyOrder {
    /// The host.
    pub host: String,
    /// The path on the host.
    pub remote: String,
    /// How.
    pub options: CopyOptions,
    /// Whether it is done as root there.
    pub root: bool,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
    /// What listeners are told its progress under; they are told nothing when absent.
    pub name: Option<String>,
}

/// A file or a tree that was copied.
#[derive(Debug, Clone)]
pub struct CopiedFiles {
    /// What came of it.
    pub copied: Copied,
    /// How long it took, connecting included.
    pub took: Duration,
}

/// The least time between two reports of one copy.
const REPORT_EVERY: Duration = Duration::from_millis(100);

impl App {
    /// Copies a local file or tree to a host; a file appears there whole or not at all.
    ///
    /// # Errors
    /// When the host cannot be worked on, or either side cannot be read or written.
    pub async fn put(&self, local: &Path, order: &CopyOrder, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFiles, AppError> {
        let session = self.session()?;
        let target = session.host(&order.host).await?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        let started = Instant::now();
        let remote = session.connect_as(&target, rights(order)).await?;
        let mut told = session.telling(order, progress);
        let copied = remote.put(local, &order.remote, &order.options, &mut told).await?;
        let values = vec![("local", local.display().to_string()), ("remote", order.remote.clone())];
        session.copied(&target, "file-put", values, copied, started).await
    }

    /// Copies a file or tree of a host here; a file appears whole or not at all.
    ///
    /// # Errors
    /// When the host cannot be worked on, or either side cannot be read or written.
    pub async fn get(&self, local: &Path, order: &CopyOrder, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFiles, AppError> {
        let session = self.session()?;
        let target = session.host(&order.host).await?;
        let started = Instant::now();
        let remote = session.connect_as(&target, rights(order)).await?;
        let mut told = session.telling(order, progress);
        let copied = remote.get(&order.remote, local, &order.options, &mut told).await?;
        session.copied(&target, "file-get", vec![("remote", order.remote.clone())], copied, started).await
    }
}

fn rights(order: &CopyOrder) -> Rights {
    if order.root { Rights::Root } else { Rights::Account }
}

impl Session {
    /// Tells both the caller and, now and then, the listeners how far a copy is.
    fn telling<'a>(&self, order: &CopyOrder, progress: &'a mut (dyn FnMut(Transfer) + Send)) -> impl FnMut(Transfer) + Send + 'a {
        let listener = Arc::clone(&self.listener);
        let name: Option<Arc<str>> = order.name.as_deref().map(Arc::from);
        let mut last: Option<Instant> = None;
        move |at: Transfer| {
            let is_due = at.done == at.total || last.is_none_or(|last| last.elapsed() >= REPORT_EVERY);
            if let Some(name) = name.as_ref().filter(|_| is_due) {
                last = Some(Instant::now());
                listener.heard(Change::Copy { name: Arc::clone(name), at: at.clone() });
            }
            progress(at);
        }
    }

    async fn copied(
        self: &Arc<Self>,
        target: &TargetRecord,
        event: &'static str,
        values: Vec<(&'static str, String)>,
        copied: Copied,
        started: Instant,
    ) -> Result<CopiedFiles, AppError> {
        self.journal_event(event, Some(target.host), values).await?;
        Ok(CopiedFiles { copied, took: started.elapsed() })
    }
}
