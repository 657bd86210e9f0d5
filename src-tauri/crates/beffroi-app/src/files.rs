//! Files copied to and from hosts.

use std::path::Path;
use std::time::{Duration, Instant};

use beffroi_remote::{Remote, Transfer};

use crate::{App, AppError};

/// A file that was copied.
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    /// Its size.
    pub bytes: u64,
    /// How long it took, connecting included.
    pub took: Duration,
}

impl App {
    /// Copies a local file to a host; it appears there whole or not at all.
    ///
    /// # Errors
    /// When the host cannot be worked on, or either file cannot be.
    pub async fn put(
        &self,
        host: &str,
        local: &Path,
        remote: &str,
        typed: Option<&str>,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, AppError> {
        let session = self.session()?;
        let target = session.host(host).await?;
        session.allow_at_once(std::slice::from_ref(&target), typed)?;
        let started = Instant::now();
        let bytes = session.connect(&target).await?.put(local, remote, progress).await?;
        let copied = Copied { bytes, took: started.elapsed() };
        let values = vec![("local", local.display().to_string()), ("remote", remote.to_owned())];
        session.journal_event("file-put", Some(target.host), values).await?;
        Ok(copied)
    }

    /// Copies a file of a host here; it appears whole or not at all.
    ///
    /// # Errors
    /// When the host cannot be worked on, or either file cannot be.
    pub async fn get(
        &self,
        host: &str,
        remote: &str,
        local: &Path,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, AppError> {
        let session = self.session()?;
        let target = session.host(host).await?;
        let started = Instant::now();
        let bytes = session.connect(&target).await?.get(remote, local, progress).await?;
        let copied = Copied { bytes, took: started.elapsed() };
        session.journal_event("file-get", Some(target.host), vec![("remote", remote.to_owned())]).await?;
        Ok(copied)
    }
}
