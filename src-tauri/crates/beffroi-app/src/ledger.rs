//! What lies on hosts because of this program: by the catalog's word and by the host's own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{HostId, TargetRecord};
use beffroi_remote::job::{self, Listed, StepOnHost};
use beffroi_remote::{CommandLine, Remote, RunRequest};
use beffroi_secret::SecretBytes;
use beffroi_ssh::SshRemote;
use beffroi_store::table::ledger::LedgerRow;

use crate::catalogs::BEFORE;
use crate::connect::Rights;
use crate::enrol::{AUTHORIZED_KEY, UNAUTHORIZE};
use crate::jobs::JOB_FOLDER;
use crate::session::Session;
use crate::{App, AppError, Change, now_ms};

/// What lies on a host.
#[derive(Debug, Default)]
pub struct HostLedger {
    /// Each thing, by kind and name.
    pub entries: Vec<LedgerEntry>,
    /// Temporary files of starts that died, and folders whose removal was cut short. `None` when the host was not asked.
    pub leftovers: Option<u64>,
}

/// Something that lies on a host.
#[derive(Debug, Clone)]
pub struct LedgerEntry {
    /// `job-folder`, `sent`, `image`, `published` or `authorized-key`.
    pub kind: String,
    /// Which: `JOB.STEP`, `PLACE/NAME`, a name, `BY PORT [NAME] GUEST`, or a fingerprint.
    pub what: String,
    /// Whether this catalog put it there.
    pub ours: bool,
    /// Of a job's folder, where its step stands, as the host says; `None` when it is not there or the host was not asked.
    pub state: Option<StepOnHost>,
    /// Bytes that it takes.
    pub bytes: Option<u64>,
    /// When its command started, in seconds since 1970 by the host's clock.
    pub started_s: Option<u64>,
}

/// What was removed from a host.
#[derive(Debug, Default)]
pub struct HostCleaned {
    /// `JOB.STEP` of each folder that was removed, and the place of what was sent.
    pub folders: Vec<String>,
    /// Leftovers that were removed.
    pub leftovers: u64,
    /// Whether the account's authorized keys were freed of this program's key.
    pub key_removed: bool,
}

impl App {
    /// What lies on a host: what the catalog says and, with `ask`, what the host says.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]; when the host is asked and cannot be.
    pub async fn host_ledger(&self, host: &str, ask: bool) -> Result<HostLedger, AppError> {
        let session = self.session()?;
        let record = session.host(host).await?;
        let known = session.left_on(record.host).await?;
        let mut entries: BTreeMap<(String, String), LedgerEntry> = known
            .into_iter()
            .map(|row| {
                let entry =
                    LedgerEntry { kind: row.kind.clone(), what: row.what.clone(), ours: true, state: None, bytes: None, started_s: None };
                ((row.kind, row.what), entry)
            })
            .collect();
        let mut leftovers = None;
        if ask {
            let (listed, more) = session.listed_on(&record).await?;
            leftovers = Some(more);
            for Listed { step, state, size, started } in listed {
                let what = step.to_string();
                let entry = entries.entry((JOB_FOLDER.to_owned(), what.clone())).or_insert_with(|| LedgerEntry {
                    kind: JOB_FOLDER.to_owned(),
                    what,
                    ours: false,
                    state: None,
                    bytes: None,
                    started_s: None,
                });
                (entry.state, entry.bytes, entry.started_s) = (Some(state), Some(size), started);
            }
        }
        Ok(HostLedger { entries: entries.into_values().collect(), leftovers })
    }

    /// Removes what ended jobs left on a host, of whoever works from wherever: what ended longer ago than this. What runs stays.
    ///
    /// # Errors
    /// When the host's stage does not let it be changed, or the host cannot be asked.
    pub async fn clean_host(&self, host: &str, older_than: Duration, typed: Option<&str>) -> Result<HostCleaned, AppError> {
        let session = self.session()?;
        let record = session.authentic_host(host).await?;
        session.allow_at_once(std::slice::from_ref(&record), typed)?;
        let mut cleaned = session.clean_folders(&record, older_than).await?;
        cleaned.folders.extend(session.clean_sent_to(&record, false).await?);
        let values = vec![("name", record.name.to_string()), ("folders", cleaned.folders.len().to_string())];
        session.journal_event("host-cleaned", Some(record.host), values).await?;
        Ok(cleaned)
    }

    /// Leaves a host as if this program had never been there: removes every job's folder and, last, the key that it was given
    /// when it was enrolled. The host stays in the catalog, and cannot be logged in to with that key any more.
    ///
    /// # Errors
    /// [`AppError::JobStillRunning`] when a job runs there, [`PublishRefusal::Remains`](crate::PublishRefusal::Remains); those of the stage and of the host.
    pub async fn detach_host(&self, host: &str, typed: Option<&str>) -> Result<HostCleaned, AppError> {
        let session = self.session()?;
        let record = session.authentic_host(host).await?;
        session.allow_at_once(std::slice::from_ref(&record), typed)?;
        session.refuse_published(&record).await?;
        let (listed, _) = session.listed_on(&record).await?;
        if let Some(running) = listed.iter().find(|listed| listed.state == StepOnHost::Running) {
            return Err(AppError::JobStillRunning { job: running.step.job.to_string() });
        }
        let mut cleaned = session.clean_folders(&record, Duration::ZERO).await?;
        session.unschedule(&record).await?;
        cleaned.folders.extend(session.clean_sent_to(&record, true).await?);
        session.remove_images(&record).await?;
        if let Some((line, left)) = session.enrolled_key(&record).await? {
            session.unauthorize(&record, &line, left).await?;
            cleaned.key_removed = true;
        }
        session.connections.close(record.host).await;
        session.journal_event("host-detached", Some(record.host), vec![("name", record.name.to_string())]).await?;
        session.listener.heard(Change::Hosts);
        Ok(cleaned)
    }
}

impl Session {
    pub(crate) async fn left_on(self: &Arc<Self>, host: HostId) -> Result<Vec<LedgerRow>, AppError> {
        self.blocking(move |session| Ok(session.catalog.read(|reader| reader.left_on(host))?)).await
    }

    /// The connections on which jobs of a host may have been started: the account's and, where it can be, root's.
    async fn accounts_of(self: &Arc<Self>, record: &TargetRecord) -> Result<Vec<Arc<SshRemote>>, AppError> {
        let account = self.connect(record).await?;
        let most = self.connect_as(record, Rights::Most).await?;
        Ok(if Arc::ptr_eq(&account, &most) { vec![account] } else { vec![account, most] })
    }

    async fn listed_on(self: &Arc<Self>, record: &TargetRecord) -> Result<(Vec<Listed>, u64), AppError> {
        let (mut steps, mut leftovers) = (Vec::new(), 0);
        for remote in self.accounts_of(record).await? {
            let ledger = job::list(remote.as_ref()).await?;
            steps.extend(ledger.steps);
            leftovers += ledger.leftovers;
        }
        Ok((steps, leftovers))
    }

    async fn clean_folders(self: &Arc<Self>, record: &TargetRecord, older_than: Duration) -> Result<HostCleaned, AppError> {
        let mut cleaned = HostCleaned::default();
        for remote in self.accounts_of(record).await? {
            let removed = job::clean(remote.as_ref(), older_than).await?;
            cleaned.folders.extend(removed.steps.iter().map(ToString::to_string));
            cleaned.leftovers += removed.leftovers;
        }
        // What the catalog remembers and the host does not have any more is gone too.
        let (there, _) = self.listed_on(record).await?;
        let there: Vec<String> = there.iter().map(|listed| listed.step.to_string()).collect();
        let host = record.host;
        self.blocking(move |session| {
            let known = session.catalog.read(|reader| reader.left_on(host))?;
            let gone = known.iter().filter(|row| row.kind == JOB_FOLDER && !there.contains(&row.what));
            session.write(|writer| gone.into_iter().try_for_each(|row| Ok::<_, AppError>(writer.note_removed(host, row, now_ms())?)))
        })
        .await?;
        Ok(cleaned)
    }

    /// Removes what was sent for jobs that ended, or for none. What a catalog was before is the way back: it goes only with
    /// `all`.
    async fn clean_sent_to(self: &Arc<Self>, record: &TargetRecord, all: bool) -> Result<Vec<String>, AppError> {
        let host = record.host;
        let mut places = self.sent_places(host).await?;
        let needed = self.blocking(move |session| session.places_of_jobs(host, false)).await?;
        places.retain(|place| !needed.contains(place) && (all || place != BEFORE));
        self.remove_sent(record, &places).await?;
        Ok(places)
    }

    /// The key that a host was given when it was enrolled and logs in with: its line of authorized keys, and its place in the
    /// ledger.
    pub(crate) async fn enrolled_key(self: &Arc<Self>, record: &TargetRecord) -> Result<Option<(String, LedgerRow)>, AppError> {
        let Some((line, fingerprint)) = self.own_public_key(record).await? else { return Ok(None) };
        let is_own = |row: &LedgerRow| row.kind == AUTHORIZED_KEY && row.what == fingerprint.as_str();
        Ok(self.left_on(record.host).await?.into_iter().find(is_own).map(|row| (line, row)))
    }

    /// Takes a key out of the account's authorized keys.
    pub(crate) async fn unauthorize(self: &Arc<Self>, record: &TargetRecord, line: &str, left: LedgerRow) -> Result<(), AppError> {
        let remote = self.connect(record).await?;
        let script = CommandLine::new(["sh", "-c", UNAUTHORIZE]);
        let output = remote.run(RunRequest::new(script).with_stdin(SecretBytes::new(format!("{line}\n").into_bytes()))).await?;
        if !output.exit.is_success() {
            return Err(AppError::CommandFailed { exit: crate::run::exit_words(&output.exit) });
        }
        let host = record.host;
        self.blocking(move |session| session.write(|writer| Ok(writer.note_removed(host, &left, now_ms())?))).await
    }
}
