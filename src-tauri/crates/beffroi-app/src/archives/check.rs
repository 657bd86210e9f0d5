//! Checking what was brought: every chunk, without any host.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::DocumentId;
use beffroi_remote::Transfer;
use beffroi_vault::ArchiveError;
use beffroi_yunohost::archive::{Listed, Listing, TarFault};

use super::folder::{Broken, PART, Reader, peek};
use super::pull::Telling;
use super::{About, KeptDocument, id_text};
use crate::session::{Happening, Session};
use crate::{App, AppError, BackupError, now_ms};

/// What is wrong with an archive.
#[derive(Debug)]
pub enum BackupFault {
    /// Its files are not what was written, or cannot be read.
    Files(AppError),
    /// They are, and the archive in them cannot be read.
    Archive(TarFault),
}

/// What checking an archive found.
#[derive(Debug)]
pub struct BackupCheck {
    /// Its folder.
    pub folder: PathBuf,
    /// Its id.
    pub id: Option<String>,
    /// Its host and its name there, as far as they can be read.
    pub named: Option<(String, String)>,
    /// Bytes of its content.
    pub bytes: u64,
    /// Whether the catalog knows it.
    pub known: bool,
    /// What is wrong.
    pub fault: Option<BackupFault>,
}

/// The most folders of a place that are looked at.
const MOST_FOLDERS: usize = 10_000;

impl App {
    /// Checks an archive by what it is called, or every archive of a folder: every chunk is read, no host is asked. What is found
    /// is noted in the catalog; archives that it does not know are checked too, and taken into it.
    ///
    /// # Errors
    /// [`BackupError::NotFound`]; [`AppError::CopyCancelled`]. What is wrong with an archive is in the answer.
    pub async fn verify_backups(
        &self,
        what: &str,
        called: Option<&str>,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Vec<BackupCheck>, AppError> {
        let session = self.session()?;
        let what = what.to_owned();
        let work = async {
            let folders = session.blocking(move |session| session.folders_of(&what)).await?;
            let mut checks = Vec::new();
            for folder in folders {
                checks.push(session.verify_folder(folder, called, progress).await?);
            }
            Ok(checks)
        };
        session.told_to_stop(called, work).await
    }
}

impl Session {
    fn folders_of(&self, what: &str) -> Result<Vec<PathBuf>, AppError> {
        let path = Path::new(what);
        if !path.is_dir() {
            return self.find_backup(what).map(|(stored, _)| vec![stored.value.folder]);
        }
        if peek(path).is_some() {
            return Ok(vec![path.to_owned()]);
        }
        let entries = std::fs::read_dir(path).map_err(|error| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() })?;
        let is_part = |path: &Path| path.to_string_lossy().ends_with(PART);
        let folders = entries.flatten().take(MOST_FOLDERS).map(|entry| entry.path());
        let mut folders: Vec<PathBuf> = folders.filter(|path| !is_part(path) && peek(path).is_some()).collect();
        folders.sort();
        if folders.is_empty() { Err(AppError::Backup(BackupError::NotFound { archive: what.to_owned() })) } else { Ok(folders) }
    }

    /// Opens an archive with whichever key of this vault opens it.
    pub(super) fn open_archive(&self, folder: &Path) -> Result<(Reader, About), AppError> {
        for key in self.backup_keys()? {
            match Reader::open(folder, &key) {
                Err(Broken::Content(_, ArchiveError::OtherKey)) => {}
                opened => return Ok(opened?),
            }
        }
        // Of a stage that is sealed, or of another vault.
        if let Some(head) = peek(folder) {
            let id = DocumentId::from_bytes(&head.archive).map_err(AppError::internal)?;
            self.document::<KeptDocument>(id)?;
        }
        Err(AppError::Backup(BackupError::Files { path: folder.to_owned(), error: ArchiveError::OtherKey }))
    }

    async fn verify_folder(
        self: &Arc<Self>,
        folder: PathBuf,
        called: Option<&str>,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<BackupCheck, AppError> {
        let opened = folder.clone();
        let opened = self.blocking(move |session| Ok(session.open_archive(&opened))).await?;
        let (reader, about) = match opened {
            Ok(opened) => opened,
            Err(error @ (AppError::StageSealed { .. } | AppError::Locked)) => return Err(error),
            Err(error) => {
                let id = peek(&folder).and_then(|head| DocumentId::from_bytes(&head.archive).ok());
                return self.noted(folder, id, None, Some(BackupFault::Files(error))).await;
            }
        };
        let mut telling = Telling::new(self, called, &about.name, progress);
        let (_, read) = read_through(reader, about.clone(), &mut telling).await?;
        let fault = match read {
            Ok(Ok(_)) => None,
            Ok(Err(fault)) => Some(BackupFault::Archive(fault)),
            Err(broken) => Some(BackupFault::Files(broken.into())),
        };
        let id = peek(&folder).and_then(|head| DocumentId::from_bytes(&head.archive).ok());
        self.noted(folder, id, Some(about), fault).await
    }

    /// Writes down what was found.
    async fn noted(
        self: &Arc<Self>,
        folder: PathBuf,
        id: Option<DocumentId>,
        about: Option<About>,
        fault: Option<BackupFault>,
    ) -> Result<BackupCheck, AppError> {
        let good = fault.is_none();
        let named = about.as_ref().map(|about| (about.host_name.clone(), about.name.clone()));
        let mut check = BackupCheck {
            folder: folder.clone(),
            id: id.map(id_text),
            named,
            bytes: about.as_ref().map_or(0, |about| about.bytes),
            known: false,
            fault,
        };
        let Some(id) = id else { return Ok(check) };
        check.known = self
            .blocking(move |session| {
                let now = now_ms();
                let stored = match session.document::<KeptDocument>(id) {
                    Ok(stored) => stored,
                    Err(AppError::StageSealed { .. }) => return Ok(true),
                    Err(error) => return Err(error),
                };
                let (before, compartment, document) = match (stored, about) {
                    // A copy elsewhere says nothing of the one that the catalog means, and takes its place only where that is
                    // damaged or gone.
                    (Some(stored), _)
                        if !is_same_folder(&folder, &stored.value.folder)
                            && (!good || (stored.value.good && peek(&stored.value.folder).is_some())) =>
                    {
                        return Ok(true);
                    }
                    (Some(stored), _) => {
                        let place = if good { folder } else { stored.value.folder.clone() };
                        let document = KeptDocument { folder: place, verified_ms: Some(now), good, ..stored.value };
                        (Some(stored.revision), stored.compartment, document)
                    }
                    // Brought by a catalog that was lost, or is elsewhere.
                    (None, Some(about)) if good => {
                        let Some(compartment) = session.compartment_of(&about) else { return Ok(false) };
                        (
                            None,
                            compartment,
                            KeptDocument {
                                about,
                                folder,
                                stored_ms: now,
                                streamed: false,
                                verified_ms: Some(now),
                                good,
                                lacks: Vec::new(),
                            },
                        )
                    }
                    _ => return Ok(false),
                };
                let event = if good { "backup-verified" } else { "backup-damaged" };
                let happening = Happening::new(event).with("name", &document.about.name);
                session.commit(happening, |writer| session.put_document(writer, compartment, id, before, &document))?;
                Ok(true)
            })
            .await?;
        Ok(check)
    }

    /// The compartment of the host that an archive says it is of.
    fn compartment_of(&self, about: &About) -> Option<beffroi_domain::CompartmentId> {
        let targets = self.targets().ok()?;
        targets.into_iter().find(|target| target.record.host.to_string() == about.host).map(|target| target.compartment)
    }
}

fn is_same_folder(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Reads an archive to its end where blocking is allowed; what stands in it, or what is wrong.
pub(super) async fn read_through(
    reader: Reader,
    about: About,
    telling: &mut Telling<'_>,
) -> Result<(About, Result<Result<Listed, TarFault>, Broken>), AppError> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<u64>(4);
    let total = about.bytes;
    let reading = tokio::task::spawn_blocking(move || {
        let read = read_all(reader, &about, &sender);
        (about, read)
    });
    while let Some(done) = receiver.recv().await {
        telling.at(done, total);
    }
    reading.await.map_err(AppError::internal)
}

fn read_all(mut reader: Reader, about: &About, told: &tokio::sync::mpsc::Sender<u64>) -> Result<Result<Listed, TarFault>, Broken> {
    let (mut listing, mut done) = (Listing::default(), 0);
    while let Some(piece) = reader.next()? {
        // A backup's content, looked at for its names.
        listing.push(piece.expose());
        done += piece.expose().len() as u64;
        // Whoever listened gave up: so does this.
        if told.blocking_send(done).is_err() {
            break;
        }
    }
    reader.check(about)?;
    Ok(listing.finish())
}
