//! Which archives there are: on hosts, as they say now, and here, as the catalog knows.

use std::path::PathBuf;
use std::sync::Arc;

use beffroi_domain::{CompartmentId, DocumentId};
use beffroi_yunohost::archive::{ArchiveInfo, HostArchive, HostArchives};
use tokio::task::JoinSet;

use super::{KeptDocument, id_text};
use crate::documents::Stored;
use crate::session::Session;
use crate::surveys::AT_A_TIME;
use crate::{App, AppError, BackupError};

/// The archives of hosts, and those that were brought here.
#[derive(Debug)]
pub struct Backups {
    /// Of each host that was asked.
    pub hosts: Vec<HostBackups>,
    /// Those that were brought here, the newest first.
    pub kept: Vec<KeptBackup>,
    /// How many more belong to stages that are sealed.
    pub sealed: u64,
}

/// The archives of a host.
#[derive(Debug)]
pub struct HostBackups {
    /// The host's name.
    pub host: String,
    /// What it said, or why it did not.
    pub found: Result<HostArchives, AppError>,
}

/// An archive that was brought here.
#[derive(Debug, Clone)]
pub struct KeptBackup {
    /// Its id: the name of its folder.
    pub id: String,
    /// What its host is called, or was when it was brought.
    pub host: String,
    /// Its name there.
    pub name: String,
    /// Whose key seals it.
    pub stage: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether that is there now: a stick may not be.
    pub here: bool,
    /// Bytes of its content.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: Option<String>,
    /// Whether it is compressed.
    pub packed: bool,
    /// When it was made, in seconds since 1970.
    pub made_s: Option<u64>,
    /// When it was last changed on its host, in seconds since 1970; 0 where that is not known.
    pub modified_s: u64,
    /// When it was brought, in milliseconds since 1970.
    pub stored_ms: u64,
    /// Whether it never lay on its host.
    pub streamed: bool,
    /// When every chunk was last read.
    pub verified_ms: Option<u64>,
    /// Whether everything was right then.
    pub good: bool,
    /// What was to be in it and is not.
    pub lacks: Vec<String>,
    /// What it says that it holds.
    pub info: Option<ArchiveInfo>,
}

impl KeptBackup {
    /// Whether it is an archive of a host, and was not found damaged since it was brought.
    #[must_use]
    pub fn is_of(&self, host: &str, archive: &HostArchive) -> bool {
        let named = self.host == host && self.name == archive.name && self.bytes == archive.bytes;
        // A name is given again when what had it is gone.
        let dated = self.made_s == Some(archive.made_s()) || self.modified_s == archive.modified_s;
        named && dated && (self.good || self.verified_ms.is_none())
    }
}

impl App {
    /// The archives that were brought here, and those of the hosts that a selector selects: asked now, several at a time.
    ///
    /// # Errors
    /// When no vault is open, or the selector does not select a host. What a host did not say is in the answer.
    pub async fn backups(&self, on: Option<&str>) -> Result<Backups, AppError> {
        let session = self.session()?;
        let mut hosts = Vec::new();
        if let Some(on) = on {
            let (mut waiting, mut asking) = (session.select(on).await?.into_iter(), JoinSet::new());
            loop {
                while asking.len() < AT_A_TIME
                    && let Some(target) = waiting.next()
                {
                    let session = Arc::clone(&session);
                    asking.spawn(async move {
                        let found = session.archives_of(&target).await;
                        HostBackups { host: target.name.to_string(), found }
                    });
                }
                match asking.join_next().await {
                    Some(asked) => hosts.push(asked.map_err(AppError::internal)?),
                    None => break,
                }
            }
            hosts.sort_by(|one, other| one.host.cmp(&other.host));
        }
        let (kept, sealed) = session.blocking(|session| session.kept_backups()).await?;
        Ok(Backups { hosts, kept, sealed })
    }

    /// One archive that was brought here: by its id or an ending of it, or by HOST:NAME.
    ///
    /// # Errors
    /// [`BackupError::NotFound`].
    pub async fn backup(&self, archive: &str) -> Result<KeptBackup, AppError> {
        let session = self.session()?;
        let archive = archive.to_owned();
        session.blocking(move |session| session.find_backup(&archive).map(|(_, kept)| kept)).await
    }
}

impl Session {
    /// Those that can be read, the newest first, and how many are sealed.
    pub(crate) fn kept_backups(&self) -> Result<(Vec<KeptBackup>, u64), AppError> {
        let (mut kept, mut sealed) = (Vec::new(), 0);
        for (id, found) in self.documents::<KeptDocument>()? {
            match found {
                Ok(stored) => kept.push(self.kept_backup(id, stored.compartment, &stored.value)),
                Err(AppError::StageSealed { .. }) => sealed += 1,
                Err(error) => return Err(error),
            }
        }
        kept.sort_by_key(|one| std::cmp::Reverse((one.made_s, one.stored_ms)));
        Ok((kept, sealed))
    }

    /// Whether the catalog knows of any archive of a stage.
    pub(crate) fn has_backups(&self, compartment: CompartmentId) -> Result<bool, AppError> {
        Ok(self.documents::<KeptDocument>()?.iter().any(|(_, found)| found.as_ref().is_ok_and(|one| one.compartment == compartment)))
    }

    pub(super) fn kept_backup(&self, id: DocumentId, compartment: CompartmentId, document: &KeptDocument) -> KeptBackup {
        let about = &document.about;
        KeptBackup {
            id: id_text(id),
            host: about.host_name.clone(),
            name: about.name.clone(),
            stage: self.stage_of(compartment),
            here: document.folder.join("head").exists(),
            folder: document.folder.clone(),
            bytes: about.bytes,
            sha256: about.sha256.clone(),
            packed: about.packed,
            made_s: about.made_s,
            modified_s: about.modified_s,
            stored_ms: document.stored_ms,
            streamed: document.streamed,
            verified_ms: document.verified_ms,
            good: document.good,
            lacks: document.lacks.clone(),
            info: about.read_info(),
        }
    }

    /// One archive by what a person calls it.
    pub(super) fn find_backup(&self, archive: &str) -> Result<(Stored<KeptDocument>, KeptBackup), AppError> {
        let missing = || AppError::Backup(BackupError::NotFound { archive: archive.chars().take(100).collect() });
        let mut found = Vec::new();
        for (id, stored) in self.documents::<KeptDocument>()? {
            let text = id_text(id);
            let whole = archive == text;
            let stored = match stored {
                Ok(stored) => stored,
                Err(error) if whole => return Err(error),
                Err(_) => continue,
            };
            let about = &stored.value.about;
            let named = archive.split_once(':').is_some_and(|(host, name)| about.host_name == host && about.name == name);
            if whole || named || about.name == archive || (archive.len() >= 4 && text.ends_with(archive)) {
                let kept = self.kept_backup(id, stored.compartment, &stored.value);
                found.push((stored, kept));
            }
        }
        // Several copies of one archive are one as good as the other: the one that is here.
        found.sort_by_key(|(_, kept)| (!kept.here, std::cmp::Reverse(kept.stored_ms)));
        let one_archive = found.windows(2).all(|two| matches!(two, [(_, a), (_, b)] if a.host == b.host && a.sha256 == b.sha256));
        if one_archive { found.into_iter().next().ok_or_else(missing) } else { Err(missing()) }
    }
}
