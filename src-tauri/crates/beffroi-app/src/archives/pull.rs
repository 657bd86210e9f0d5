//! Bringing an archive here: one that lies on a host, or one that is made while it comes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{DocumentId, TargetRecord};
use beffroi_remote::{RemoteError, Transfer};
use beffroi_secret::SecretKey;
use beffroi_vault::ArchiveHead;
use beffroi_yunohost::archive::{ArchiveAnswer, ArchiveOrder, Listed, Listing, TarFault};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;

use super::folder::{Broken, PART, Writer, peek, read_about, read_head};
use super::host::{Incoming, begin};
use super::list::KeptBackup;
use super::{About, KeptDocument, MOST_INFO};
use crate::connect::Rights;
use crate::session::{Happening, Session};
use crate::{App, AppError, BackupError, Change, now_ms};

/// An archive to bring.
#[derive(Debug, Clone, Default)]
pub struct BackupOrder {
    /// The host.
    pub host: String,
    /// The archive's name; of one that is made, the time when absent.
    pub name: Option<String>,
    /// The folder to put it into.
    pub to: PathBuf,
    /// What is told in its description, of one that is made.
    pub description: String,
    /// Applications to save: none when absent, all when empty. Everything when the parts of the system are absent too.
    pub apps: Option<Vec<String>>,
    /// Parts of the system to save, in the same way.
    pub system: Option<Vec<String>>,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
    /// What its progress is told under, and what it is cancelled by.
    pub called: Option<String>,
}

/// An archive that was brought.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The archive.
    pub kept: KeptBackup,
    /// Bytes that an earlier try had brought.
    pub resumed: u64,
    /// What was to be in it and is not.
    pub lacks: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// Pieces that wait for being sealed.
const WAITING: usize = 32;
/// How often a link that is lost is tried again without anything coming in between.
const TRIES: u32 = 8;
/// What an archive lacks of which it is not known.
const UNKNOWN: &str = "?";
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The least time between two reports.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// How far it is, for whoever listens.
pub(super) struct Telling<'a> {
    session: &'a Session,
    called: Option<Arc<str>>,
    current: Arc<str>,
    last: Option<Instant>,
    progress: &'a mut (dyn FnMut(Transfer) + Send),
}

impl<'a> Telling<'a> {
    pub(super) fn new(session: &'a Session, called: Option<&str>, current: &str, progress: &'a mut (dyn FnMut(Transfer) + Send)) -> Self {
        Self { session, called: called.map(Arc::from), current: Arc::from(current), last: None, progress }
    }

    pub(super) fn at(&mut self, done: u64, total: u64) {
        let ended = done == total;
        if !ended && self.last.is_some_and(|last| last.elapsed() < REPORT_EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        let at = Transfer { done, total, files_done: u64::from(ended), files: 1, current: Arc::clone(&self.current) };
        if let Some(name) = &self.called {
            self.session.listener.heard(Change::Copy { name: Arc::clone(name), at: at.clone() });
        }
        (self.progress)(at);
    }
}

/// What is written, and what was seen of it.
struct Taking {
    writer: Writer,
    listing: Listing,
    /// Bytes that an earlier try had brought.
    resumed: u64,
}

impl App {
    /// Brings an archive of a host into a folder here, sealed. What an earlier try left is gone on with; a link that is lost is
    /// tried again.
    ///
    /// # Errors
    /// When the host cannot be worked on, there is no such archive, or the folder cannot be written; [`AppError::CopyCancelled`].
    pub async fn pull_backup(&self, order: &BackupOrder, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<Brought, AppError> {
        let session = self.session()?;
        let name = order.name.clone().ok_or(AppError::InvalidRequest { what: "the name of an archive" })?;
        session.told_to_stop(order.called.as_deref(), Box::pin(session.pull(order, &name, progress))).await
    }

    /// Has a host make an archive and brings it here while it is made: it never lies there. Where that is cut short nothing is
    /// left, neither here nor there.
    ///
    /// # Errors
    /// When the host cannot be worked on or YunoHost makes no archive; [`AppError::NameNotTyped`]; [`AppError::CopyCancelled`].
    pub async fn create_backup(&self, order: &BackupOrder, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<Brought, AppError> {
        let session = self.session()?;
        session.told_to_stop(order.called.as_deref(), Box::pin(session.make(order, progress))).await
    }
}

impl Session {
    /// Does work until it is cancelled by its name.
    pub(super) async fn told_to_stop<T>(
        &self,
        called: Option<&str>,
        work: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let begun = self.copies.begin(called);
        tokio::select! {
            biased;
            () = begun.stopped() => Err(AppError::CopyCancelled),
            done = work => done,
        }
    }

    pub(super) async fn pull(
        self: &Arc<Self>,
        order: &BackupOrder,
        name: &str,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Brought, AppError> {
        let target = self.authentic_host(&order.host).await?;
        let started = Instant::now();
        let about = About { host: target.host.to_string(), host_name: target.name.to_string(), name: name.to_owned(), ..About::default() };
        let (place, left) = (order.to.clone(), about.clone());
        let stage = target.stage.clone();
        let (key, mut taking) = self
            .blocking(move |session| {
                let key = session.backup_key(&stage)?;
                let taking = session.left_here(&place, &left, &key)?;
                Ok((key, taking))
            })
            .await?;
        let mut telling = Telling::new(self, order.called.as_deref(), name, progress);
        let (mut tries, mut pause) = (0, FIRST_PAUSE);
        let (taking, answer) = loop {
            let had = taking.as_ref().map_or(0, |taking| taking.writer.bytes());
            let done = self.pull_once(&target, order, &about, &key, taking.take(), &mut telling).await;
            match done {
                Ok((taking, answer, Ok(()))) => break (taking, answer),
                Ok((kept, _, Err(error))) if error.is_passing() && tries < TRIES => {
                    tries = if kept.writer.bytes() > had { 0 } else { tries + 1 };
                    pause = if tries == 0 { FIRST_PAUSE } else { pause * 2 };
                    taking = Some(kept);
                }
                Ok((_, _, Err(error))) | Err((_, error)) if !error.is_passing() || tries >= TRIES => return Err(error),
                Ok((kept, _, Err(_))) => taking = Some(kept),
                Err((kept, _)) => {
                    tries += 1;
                    pause *= 2;
                    taking = kept;
                }
            }
            self.connections.close(target.host).await;
            tokio::time::sleep(pause.min(Duration::from_secs(10))).await;
        };
        let resumed = taking.resumed;
        let about = About { packed: answer.packed, modified_s: answer.modified_s, ..about };
        let lacks = answer.missing();
        let kept = self.keep_archive(&target, taking, about, false, lacks.clone()).await?;
        Ok(Brought { kept, resumed, lacks, took: started.elapsed() })
    }

    /// What an earlier try for the same archive left in a folder.
    fn left_here(&self, place: &Path, wanted: &About, key: &SecretKey) -> Result<Option<Taking>, AppError> {
        for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
            let part = entry.path();
            let is_part = part.file_name().is_some_and(|name| name.to_string_lossy().ends_with(PART));
            if !is_part || peek(&part).is_none_or(|head| head.vault != self.vault.id()) {
                continue;
            }
            let opened = read_head(&part).ok().and_then(|head| ArchiveHead::open(&head, key).ok());
            let about = opened.and_then(|key| read_about(&part, &key).ok());
            if about.is_some_and(|about| about.host == wanted.host && about.name == wanted.name && about.sha256.is_none()) {
                let mut listing = Listing::default();
                let writer = Writer::resume(&part, key, &mut |bytes| listing.push(bytes))?;
                return Ok(Some(Taking { resumed: writer.bytes(), writer, listing }));
            }
        }
        Ok(None)
    }

    fn begin_archive(&self, place: &Path, about: &About, key: &SecretKey) -> Result<Taking, AppError> {
        let head = ArchiveHead { vault: self.vault.id(), archive: *DocumentId::make().as_bytes() };
        Ok(Taking { writer: Writer::begin(place, &head, key, about)?, listing: Listing::default(), resumed: 0 })
    }

    /// One connection's part of the work. What is written stays usable when the link is lost.
    async fn pull_once(
        self: &Arc<Self>,
        target: &TargetRecord,
        order: &BackupOrder,
        about: &About,
        key: &SecretKey,
        left: Option<Taking>,
        telling: &mut Telling<'_>,
    ) -> Result<(Taking, ArchiveAnswer, Result<(), AppError>), (Option<Taking>, AppError)> {
        let from = left.as_ref().map_or(0, |taking| taking.writer.bytes());
        let remote = match self.connect_as(target, Rights::Most).await {
            Ok(remote) => remote,
            Err(error) => return Err((left, error)),
        };
        let ask = |from| ArchiveOrder::Read { name: about.name.clone(), from };
        let mut incoming = match begin(remote.as_ref(), &ask(from), true).await {
            Ok(incoming) => incoming,
            // What was left is longer than what is there now: another archive of the same name.
            Err(AppError::Yunohost { said, .. }) if from > 0 && said == "changed" => match begin(remote.as_ref(), &ask(0), true).await {
                Ok(incoming) => incoming,
                Err(error) => return Err((left, error)),
            },
            Err(error) => return Err((left, error)),
        };
        let is_same = |taking: &Taking| incoming.answer.before == taking.writer.hash_so_far();
        let taking = match left {
            Some(taking) if is_same(&taking) => taking,
            other => {
                let differs = other.is_some();
                // Not the archive that was begun: thrown away.
                drop(other.map(|taking| taking.writer.fleeting()));
                if differs && from > 0 {
                    incoming.cancel().await;
                    incoming = begin(remote.as_ref(), &ask(0), true).await.map_err(|error| (None, error))?;
                }
                self.begin_archive(&order.to, about, key).map_err(|error| (None, error))?
            }
        };
        let answer = incoming.answer.clone();
        let (taking, came) = pump(taking, &mut incoming, answer.size, telling).await.map_err(|error| (None, error))?;
        let ended = match came {
            Ok(()) => incoming.end().await.map(drop),
            Err(error) => Err(error),
        };
        let whole = taking.writer.bytes() == answer.size;
        let short = || Err(AppError::Remote(RemoteError::Differs { path: about.name.clone() }));
        Ok((taking, answer, if ended.is_ok() && !whole { short() } else { ended }))
    }

    async fn make(self: &Arc<Self>, order: &BackupOrder, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<Brought, AppError> {
        let target = self.authentic_host(&order.host).await?;
        self.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        let started = Instant::now();
        let name = order.name.clone().unwrap_or_else(|| Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string());
        let about = About { host: target.host.to_string(), host_name: target.name.to_string(), name: name.clone(), ..About::default() };
        let (stage, place, begun) = (target.stage.clone(), order.to.clone(), about.clone());
        let make = ArchiveOrder::Make {
            name: name.clone(),
            description: order.description.clone(),
            apps: order.apps.clone(),
            system: order.system.clone(),
        };
        let remote = self.connect_as(&target, Rights::Most).await?;
        let mut incoming = begin(remote.as_ref(), &make, true).await?;
        let taking = self
            .blocking(move |session| {
                let key = session.backup_key(&stage)?;
                let taking = session.begin_archive(&place, &begun, &key)?;
                // Only from its start to its end: what is cut short is of no use.
                Ok(Taking { writer: taking.writer.fleeting(), ..taking })
            })
            .await?;
        let mut telling = Telling::new(self, order.called.as_deref(), &name, progress);
        let (taking, came) = pump(taking, &mut incoming, 0, &mut telling).await?;
        came?;
        let report = incoming.end().await?;
        // Where the report was lost, nobody knows that it is complete.
        let unknown = || vec![UNKNOWN.to_owned()];
        let lacks = report.and_then(|report| report.results).map_or_else(unknown, |results| ArchiveAnswer::lacking(&results));
        let kept = self.keep_archive(&target, taking, about, true, lacks.clone()).await?;
        Ok(Brought { kept, resumed: 0, lacks, took: started.elapsed() })
    }

    /// Gives the folder its name and the archive its place in the catalog, with what it lacks.
    async fn keep_archive(
        self: &Arc<Self>,
        target: &TargetRecord,
        taking: Taking,
        about: About,
        streamed: bool,
        lacks: Vec<String>,
    ) -> Result<KeptBackup, AppError> {
        let (host, stage) = (target.host, target.stage.clone());
        self.blocking(move |session| {
            let listed = taking.listing.finish();
            // One that is made here and cannot be read was cut: nothing stays of it.
            if let (true, Err(fault)) = (streamed, &listed) {
                return Err(AppError::Backup(BackupError::Content { name: about.name, fault: *fault }));
            }
            let (about, good) = completed(about, listed);
            let (folder, about) = taking.writer.finish(about)?;
            let head = peek(&folder).ok_or_else(|| AppError::LocalFile { path: folder.clone(), reason: "head".to_owned() })?;
            let id = DocumentId::from_bytes(&head.archive).map_err(AppError::internal)?;
            let compartment = session.compartment(&stage)?;
            let document = KeptDocument { about, folder, stored_ms: now_ms(), streamed, verified_ms: None, good, lacks };
            let event = if streamed { "backup-streamed" } else { "backup-pulled" };
            let happening = Happening::new(event).on(host).with("name", &document.about.name);
            session.commit(happening, |writer| session.put_document(writer, compartment, id, None, &document))?;
            session.listener.heard(Change::Hosts);
            Ok(session.kept_backup(id, compartment, &document))
        })
        .await
    }
}

/// What is known of an archive once all of it was seen, and whether it can be read as one.
fn completed(about: About, listed: Result<Listed, TarFault>) -> (About, bool) {
    let good = listed.is_ok();
    let listed = listed.unwrap_or_default();
    let domains = listed.domains;
    let info = listed.info.filter(|info| info.len() <= MOST_INFO);
    let info: Option<Value> = info.and_then(|info| serde_json::from_slice(&info).ok());
    let made_s = info.as_ref().and_then(|info| info.get("created_at")?.as_u64());
    (About { made_s: made_s.or((about.modified_s > 0).then_some(about.modified_s)), info, domains, ..about }, good)
}

/// Lets content come in, sealed and written beside: what comes waits for the disk, and not the disk for what comes.
async fn pump(
    taking: Taking,
    incoming: &mut Incoming,
    total: u64,
    telling: &mut Telling<'_>,
) -> Result<(Taking, Result<(), AppError>), AppError> {
    let mut done = taking.writer.bytes();
    let (sender, receiver) = mpsc::channel::<Bytes>(WAITING);
    let writing = tokio::task::spawn_blocking(move || written(taking, receiver));
    let (mut came, mut granted) = (0_u64, 0_u64);
    let mut coming = async || {
        while let Some(bytes) = incoming.next().await? {
            done += bytes.len() as u64;
            came += bytes.len() as u64;
            telling.at(done, total);
            if sender.send(bytes).await.is_err() {
                break;
            }
            let leave = (came >> 20) - granted;
            if leave > 0 {
                granted += leave;
                incoming.grant(leave).await?;
            }
        }
        Ok(())
    };
    let ended = coming().await;
    drop(sender);
    let (taking, wrote) = writing.await.map_err(AppError::internal)?;
    wrote?;
    Ok((taking, ended))
}

fn written(mut taking: Taking, mut receiver: mpsc::Receiver<Bytes>) -> (Taking, Result<(), Broken>) {
    while let Some(bytes) = receiver.blocking_recv() {
        taking.listing.push(&bytes);
        if let Err(broken) = taking.writer.push(&bytes) {
            return (taking, Err(broken));
        }
    }
    (taking, Ok(()))
}
