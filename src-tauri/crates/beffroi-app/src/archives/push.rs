//! Sending an archive to a host: opened on the way, nothing in clear here, whole or not at all there.

use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::TargetRecord;
use beffroi_remote::{RemoteError, Transfer};
use beffroi_yunohost::Cause;
use beffroi_yunohost::archive::ArchiveOrder;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::check::read_through;
use super::folder::{Broken, Reader};
use super::host::begin;
use super::list::KeptBackup;
use super::pull::Telling;
use super::{About, KeptDocument};
use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, BackupError};

/// An archive to send.
#[derive(Debug, Clone, Default)]
pub struct PushOrder {
    /// Which.
    pub archive: String,
    /// Where.
    pub host: String,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
    /// What its progress is told under, and what it is cancelled by.
    pub called: Option<String>,
}

/// Pieces that wait for being sent.
const WAITING: usize = 4;
/// How often a link that is lost is tried again.
const TRIES: u32 = 5;

impl App {
    /// Sends an archive to a host, where YunoHost then finds it. Every chunk is checked before anything reaches the host. `false`
    /// when the same archive was there already.
    ///
    /// # Errors
    /// [`BackupError::NotFound`]; [`BackupError::Files`] when it is damaged; when another archive of its name is there or the
    /// host has no room; [`AppError::NameNotTyped`]; [`AppError::CopyCancelled`].
    pub async fn push_backup(
        &self,
        order: &PushOrder,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<(KeptBackup, bool), AppError> {
        let session = self.session()?;
        let work = async {
            let target = session.authentic_host(&order.host).await?;
            session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
            let archive = order.archive.clone();
            let (stored, kept) = session.blocking(move |session| session.find_backup(&archive)).await?;
            let mut telling = Telling::new(&session, order.called.as_deref(), &kept.name, progress);
            let sent = session.send_archive(&target, &stored.value, &mut telling).await?;
            Ok((kept, sent))
        };
        session.told_to_stop(order.called.as_deref(), Box::pin(work)).await
    }
}

impl Session {
    /// Sends an archive, unless it is there. A link that is lost is tried again, from the start.
    pub(super) async fn send_archive(
        self: &Arc<Self>,
        target: &TargetRecord,
        document: &KeptDocument,
        telling: &mut Telling<'_>,
    ) -> Result<bool, AppError> {
        self.check_whole(document, telling).await?;
        let mut tries = 0;
        loop {
            match self.send_once(target, document, telling).await {
                Err(error) if error.is_passing() && tries < TRIES => {
                    tries += 1;
                    self.connections.close(target.host).await;
                    tokio::time::sleep(Duration::from_millis(250) * (1 << tries)).await;
                }
                Ok(sent) => {
                    if sent {
                        let values = vec![("name", document.about.name.clone())];
                        self.journal_event("backup-pushed", Some(target.host), values).await?;
                    }
                    return Ok(sent);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads every chunk, so that nothing reaches a host of an archive that is damaged.
    async fn check_whole(self: &Arc<Self>, document: &KeptDocument, telling: &mut Telling<'_>) -> Result<(), AppError> {
        let folder = document.folder.clone();
        let (reader, about) = self.blocking(move |session| session.open_archive(&folder)).await?;
        let (about, read) = read_through(reader, about, telling).await?;
        let listed = read?.map_err(|fault| AppError::Backup(BackupError::Content { name: about.name.clone(), fault }))?;
        // Unpacked by root there: what no backup has is not given to it.
        match listed.odd.into_iter().next() {
            Some(path) => Err(AppError::Backup(BackupError::Hostile { name: about.name, path })),
            None => Ok(()),
        }
    }

    async fn send_once(
        self: &Arc<Self>,
        target: &TargetRecord,
        document: &KeptDocument,
        telling: &mut Telling<'_>,
    ) -> Result<bool, AppError> {
        let folder = document.folder.clone();
        let (reader, about) = self.blocking(move |session| session.open_archive(&folder)).await?;
        let sum = about.sha256.clone().unwrap_or_default();
        let remote = self.connect_as(target, Rights::Most).await?;
        let take = ArchiveOrder::Take {
            name: about.name.clone(),
            size: about.bytes,
            sha256: sum.clone(),
            packed: about.packed,
            info: about.info.clone(),
        };
        let mut incoming = match begin(remote.as_ref(), &take, true).await {
            Ok(incoming) => incoming,
            Err(AppError::Yunohost { cause: Cause::BackupExists, about: name, said }) => {
                let there = begin(remote.as_ref(), &ArchiveOrder::Read { name: about.name.clone(), from: about.bytes }, false).await;
                let is_same = there.is_ok_and(|there| there.answer.size == about.bytes && there.answer.before == sum);
                return if is_same { Ok(false) } else { Err(AppError::Yunohost { cause: Cause::BackupExists, about: name, said }) };
            }
            Err(error) => return Err(error),
        };
        let (sender, mut receiver) = mpsc::channel::<Result<Bytes, Broken>>(WAITING);
        let total = about.bytes;
        let reading = tokio::task::spawn_blocking(move || read_out(reader, &about, &sender));
        let mut done = 0;
        while let Some(piece) = receiver.recv().await {
            let piece = piece?;
            done += piece.len() as u64;
            match incoming.feed(piece).await {
                Ok(()) => telling.at(done, total),
                // Why, it says itself.
                Err(AppError::Remote(RemoteError::InputClosed)) => break,
                Err(error) => return Err(error),
            }
        }
        drop(receiver);
        reading.await.map_err(AppError::internal)?;
        incoming.fed();
        incoming.end().await?;
        Ok(true)
    }
}

fn read_out(mut reader: Reader, about: &About, sender: &mpsc::Sender<Result<Bytes, Broken>>) {
    loop {
        let piece = match reader.next() {
            // What is sent is the archive in clear, to the host that is given it, through the connection's own cipher.
            Ok(Some(piece)) => Ok(Bytes::copy_from_slice(piece.expose())),
            Ok(None) => match reader.check(about) {
                Ok(()) => return,
                Err(broken) => Err(broken),
            },
            Err(broken) => Err(broken),
        };
        let is_end = piece.is_err();
        if sender.blocking_send(piece).is_err() || is_end {
            return;
        }
    }
}
