//! Server ends of SSH for programs of the person's own (`ssh`, `sftp`, `rsync`, Ansible): what they ask is done on a host, or in a
//! guest without SSH, while the vault is open and the stage unsealed.
//!
//! Who is at the other end came through the agent's socket or is this very process: the same person. The end proves itself by a
//! key of the vault, which `known_hosts` of the generated configuration pins, so that no program ever asks about it.
//!
//! Each has a connection of its own, since a program that stops reading holds up the connection under it.

mod key;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beffroi_domain::{HostId, StageName};
use beffroi_secret::SecretText;
use beffroi_ssh::SshRemote;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::session::Session;
use crate::{App, AppError, ReachError};

/// Ends of an open vault: twice what Ansible makes with a hundred forks.
const MOST: usize = 256;

/// An end of an open vault.
struct End {
    host: HostId,
    stage: StageName,
    opened: Instant,
    /// Whether it is to end.
    told: watch::Sender<bool>,
    /// Whether it ended and the journal knows.
    over: watch::Sender<bool>,
}

/// The ends of an open vault.
#[derive(Default)]
pub(crate) struct Ends(Mutex<Vec<Arc<End>>>);

impl Ends {
    fn locked(&self) -> MutexGuard<'_, Vec<Arc<End>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes those of a stage, and those on any of some hosts. Returns once they are closed.
    pub(crate) async fn end_sealed(&self, stage: &StageName, hosts: &HashSet<HostId>) {
        self.end(|end| end.stage == *stage || hosts.contains(&end.host)).await;
    }

    /// Closes those on a host that is gone. Returns once they are closed.
    pub(crate) async fn end_on(&self, host: HostId) {
        self.end(|end| end.host == host).await;
    }

    /// Closes all of them. Returns once they are closed.
    pub(crate) async fn end_all(&self) {
        self.end(|_| true).await;
    }

    async fn end(&self, is_meant: impl Fn(&End) -> bool) {
        let meant: Vec<_> = self.locked().iter().filter(|end| is_meant(end)).cloned().collect();
        for end in &meant {
            end.told.send_replace(true);
        }
        for end in &meant {
            let _ = end.over.subscribe().wait_for(|over| *over).await;
        }
    }
}

/// An end that is ready to be spoken with. Dropped, it is closed.
pub struct SshEnd {
    session: Arc<Session>,
    end: Arc<End>,
    remote: Arc<SshRemote>,
    key: SecretText,
    /// As whom one is there.
    account: String,
}

impl App {
    /// Makes an end for a host. The host is connected to at once, so that one that cannot be is said here.
    ///
    /// # Errors
    /// [`ReachError::TooManyEnds`], and when the host cannot be worked on, as for a run.
    pub async fn open_ssh_end(&self, host: &str, typed: Option<&str>) -> Result<SshEnd, AppError> {
        let session = self.session()?;
        let target = session.host(host).await?;
        session.open_stage(&target.stage)?;
        session.allow_at_once(std::slice::from_ref(&target), typed)?;
        let (told, over) = (watch::Sender::new(false), watch::Sender::new(false));
        let end = Arc::new(End { host: target.host, stage: target.stage.clone(), opened: Instant::now(), told, over });
        {
            // Counted before the connection is made: many come at once.
            let mut ends = session.ends.locked();
            if ends.len() >= MOST {
                return Err(ReachError::TooManyEnds { most: MOST }.into());
            }
            ends.push(Arc::clone(&end));
        }
        let leave = Leave { session: Arc::clone(&session), end: Arc::clone(&end), keeps: true };
        let (_, key) = session.end_key().await?;
        let remote = session.connect_apart(target.host).await;
        session.remember_trouble(target.host, remote.as_ref().err());
        let remote = remote?;
        session.journal_event("ssh-opened", Some(target.host), Vec::new()).await?;
        // What closes ends may have looked for them a moment ago, or has found this one.
        let is_open = self.session().is_ok_and(|now| Arc::ptr_eq(&now, &session));
        if !is_open || *end.told.borrow() {
            return Err(AppError::Locked);
        }
        session.open_stage(&target.stage)?;
        leave.stays();
        Ok(SshEnd { session, end, remote, key, account: target.access.user })
    }
}

/// Takes an end off the list again that came to nothing.
struct Leave {
    session: Arc<Session>,
    end: Arc<End>,
    keeps: bool,
}

impl Leave {
    fn stays(mut self) {
        self.keeps = false;
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if self.keeps {
            self.session.ends.locked().retain(|other| !Arc::ptr_eq(other, &self.end));
            self.end.over.send_replace(true);
        }
    }
}

impl SshEnd {
    /// Speaks with a program over a stream, until either ends it, the vault is locked or the stage sealed.
    ///
    /// # Errors
    /// When what comes is no SSH.
    pub async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<(), AppError> {
        let mut told = self.end.told.subscribe();
        let served = tokio::select! {
            _ = told.wait_for(|told| *told) => Ok(()),
            served = beffroi_ssh::end::serve(stream, &self.key, Arc::clone(&self.remote), &self.account) => served,
        };
        close(&self.session, &self.end, &self.remote).await;
        Ok(served?)
    }
}

impl Drop for SshEnd {
    fn drop(&mut self) {
        // Whoever wanted it went away before, or while it was served.
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !*self.end.over.borrow()
        {
            let (session, end, remote) = (Arc::clone(&self.session), Arc::clone(&self.end), Arc::clone(&self.remote));
            runtime.spawn(async move { close(&session, &end, &remote).await });
        }
    }
}

/// Ends the connection and tells the journal.
async fn close(session: &Arc<Session>, end: &Arc<End>, remote: &SshRemote) {
    remote.disconnect().await;
    let values = vec![("seconds", end.opened.elapsed().as_secs().to_string())];
    if let Err(error) = session.journal_event("ssh-closed", Some(end.host), values).await {
        tracing::warn!(%error, "the journal could not say that a connection of a program was closed");
    }
    session.ends.locked().retain(|other| !Arc::ptr_eq(other, end));
    end.over.send_replace(true);
}
