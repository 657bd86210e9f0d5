//! Making, opening, locking and checking vaults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::{JournalEntry, Message, StageName, VaultId};
use beffroi_secret::SecretText;
use beffroi_store::Catalog;
use beffroi_vault::{HeaderSummary, KdfCost, OpenError, OpenVault, Unlock};

use crate::session::{Happening, Session, check_compartment, compartment_row};
use crate::{App, AppError, Change, now_ms};

/// What opens a vault.
#[derive(Debug)]
pub enum UnlockWith {
    /// The passphrase.
    Passphrase(SecretText),
    /// The 24 recovery words.
    RecoveryWords(SecretText),
}

/// A vault that this machine has seen.
#[derive(Debug, Clone)]
pub struct KnownVault {
    /// Its folder.
    pub path: PathBuf,
    /// The folder's name without its ending.
    pub name: String,
    /// Whether it is open here.
    pub open: bool,
    /// Whether the folder is there.
    pub present: bool,
    /// When it was last opened here, in milliseconds since 1970.
    pub opened_ms: u64,
}

/// An open vault.
#[derive(Debug, Clone)]
pub struct VaultFacts {
    /// Its id.
    pub id: VaultId,
    /// Its name for people.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Format and ways in.
    pub header: HeaderSummary,
    /// Its stages.
    pub stages: Vec<StageFacts>,
    /// Hosts in the catalog.
    pub hosts: usize,
    /// Secrets in the catalog.
    pub secrets: usize,
    /// Entries of the journal.
    pub journal_entries: u64,
}

/// A stage of an open vault.
#[derive(Debug, Clone)]
pub struct StageFacts {
    /// Its name.
    pub name: String,
    /// Whether it can be acted on.
    pub open: bool,
}

/// One check of a vault.
#[derive(Debug, Clone)]
pub struct Check {
    /// What was checked.
    pub what: Message,
    /// Whether it held.
    pub held: bool,
}

/// Characters that a passphrase needs at least: with Argon2id at its floor, a short one is the weakest point.
const LEAST_PASSPHRASE: usize = 12;
const NAME: &str = "name";

impl App {
    /// The vaults seen on this machine, the last opened first.
    #[must_use]
    pub fn known_vaults(&self) -> Vec<KnownVault> {
        let open: Vec<_> = self.sessions().iter().map(|session| session.vault.folder().to_owned()).collect();
        let known = self.inner.places.seen().into_iter().map(|seen| KnownVault {
            name: folder_name(&seen.path),
            open: open.contains(&seen.path),
            present: seen.path.join("header.json").is_file(),
            opened_ms: seen.opened_ms,
            path: seen.path,
        });
        known.collect()
    }

    /// Makes a vault and opens it. Gives the recovery words, which are stored nowhere.
    ///
    /// # Errors
    /// When the folder exists, the passphrase is too short, or the disk refuses; nothing is left behind.
    pub async fn create_vault(
        &self,
        path: &str,
        name: Option<String>,
        passphrase: SecretText,
    ) -> Result<(VaultFacts, SecretText), AppError> {
        // Its length only.
        if passphrase.expose().chars().count() < LEAST_PASSPHRASE {
            return Err(AppError::PassphraseWeak { least: LEAST_PASSPHRASE });
        }
        let folder = absolute(&with_ending(path))?;
        let app = self.clone();
        let (session, words) = tokio::task::spawn_blocking(move || {
            let places = app.vault_places();
            let (vault, words) = beffroi_vault::create(&folder, &passphrase, KdfCost::calibrated(), &places)?;
            let name = name.unwrap_or_else(|| folder_name(&folder));
            match app.furnish(vault, name) {
                Ok(session) => Ok((session, words.as_text().duplicate())),
                Err(error) => {
                    // Made by this call a moment ago; nothing of anybody's is in it.
                    drop(std::fs::remove_dir_all(&folder));
                    Err(error)
                }
            }
        })
        .await
        .map_err(AppError::internal)??;
        Ok((self.take_up(session).await?, words))
    }

    /// The first rows of a new vault: its name, and stage dev.
    fn furnish(&self, mut vault: OpenVault, name: String) -> Result<Session, AppError> {
        let catalog = Catalog::create(&vault.catalog_path(), vault.database_key())?;
        let dev = StageName::dev();
        let made = vault.make_compartment(&dev)?;
        let row = compartment_row(&vault, made.id, &dev, made.wrapped)?;
        let session = self.new_session(vault, catalog, name, vec![(dev, made.id)])?;
        session.commit(Happening::new("vault-created"), |writer| {
            writer.set_setting(NAME, &session.name)?;
            Ok(writer.insert_compartment(&row)?)
        })?;
        Ok(session)
    }

    /// Opens a vault, beside those that are open. One that is open already stays as it is.
    ///
    /// # Errors
    /// For a wrong secret, a damaged or newer vault, one that is in use, or one that is older than this machine has
    /// seen; nothing is changed then.
    pub async fn unlock_vault(&self, path: &str, with: UnlockWith) -> Result<VaultFacts, AppError> {
        let folder = self.find(path)?;
        if let Ok(open) = self.on(path) {
            return open.vault().await;
        }
        let app = self.clone();
        let session = tokio::task::spawn_blocking(move || {
            let unlock = match &with {
                UnlockWith::Passphrase(passphrase) => Unlock::Passphrase(passphrase),
                UnlockWith::RecoveryWords(words) => Unlock::RecoveryWords(words),
            };
            let mut vault = beffroi_vault::open(&folder, unlock, &app.vault_places())?;
            let catalog = Catalog::open(&vault.catalog_path(), vault.database_key())?;
            let (name, rows) = catalog.read(|reader| Ok::<_, AppError>((reader.setting(NAME)?, reader.compartments()?)))?;
            let mut stages = Vec::new();
            for row in &rows {
                let stage: StageName = row.stage.parse().map_err(|_| AppError::damaged("the name of a stage"))?;
                vault.load_compartment(row.id, &stage, &row.wrapped)?;
                check_compartment(&vault, row)?;
                stages.push((stage, row.id));
            }
            let session = app.new_session(vault, catalog, name.unwrap_or_else(|| folder_name(&folder)), stages)?;
            session.check_state()?;
            session.commit(Happening::new("vault-unlocked"), |_| Ok(()))?;
            Ok::<_, AppError>(session)
        })
        .await
        .map_err(AppError::internal)??;
        self.take_up(session).await
    }

    /// Closes the vault that is meant, all that are open when none is named: its connections, its plans, its keys. Jobs
    /// go on at their hosts.
    ///
    /// # Errors
    /// When a journal cannot be written; the vaults are closed all the same.
    pub async fn lock_vault(&self) -> Result<(), AppError> {
        let mut written = Ok(());
        for session in self.take_sessions() {
            let vault = session.vault.id();
            self.plans().retain(|_, pending| pending.vault != vault);
            session.let_go_of_jobs();
            session.connections.forget_all().await;
            written = written.and(session.journal_event("vault-locked", None, Vec::new()).await);
            session.wait_until_alone().await;
            drop(session);
            self.inner.listener.heard(Change::Vault);
        }
        written
    }

    /// The open vault.
    ///
    /// # Errors
    /// [`AppError::Locked`] when there is none.
    pub async fn vault(&self) -> Result<VaultFacts, AppError> {
        self.session()?
            .blocking(|session| {
                let (hosts, secrets, last) = session
                    .catalog
                    .read(|reader| Ok::<_, AppError>((reader.targets()?.len(), reader.secrets()?.len(), reader.last_entry()?)))?;
                Ok(VaultFacts {
                    id: session.vault.id(),
                    name: session.name.clone(),
                    path: session.vault.folder().to_owned(),
                    header: session.vault.header().clone(),
                    stages: session.stages.iter().map(|(name, _)| StageFacts { name: name.to_string(), open: true }).collect(),
                    hosts,
                    secrets,
                    journal_entries: last.map_or(0, |entry| entry.sequence),
                })
            })
            .await
    }

    /// Checks the open vault: header, database, records, journal, state digest, anchor.
    ///
    /// # Errors
    /// [`AppError::Locked`], or when a check cannot be made. What does not hold is in the answer.
    pub async fn verify_vault(&self) -> Result<Vec<Check>, AppError> {
        self.session()?.blocking(Session::verify).await
    }

    fn vault_places(&self) -> beffroi_vault::Places {
        beffroi_vault::Places { anchors: self.inner.places.anchors() }
    }

    fn new_session(
        &self,
        vault: OpenVault,
        catalog: Catalog,
        name: String,
        stages: Vec<(StageName, beffroi_domain::CompartmentId)>,
    ) -> Result<Session, AppError> {
        Ok(Session {
            vault,
            catalog,
            name,
            stages,
            device: self.inner.places.device()?,
            person: whoami::username().unwrap_or_else(|_| "?".to_owned()),
            connections: crate::connections::Connections::default(),
            followed: std::sync::Mutex::default(),
            queues: std::sync::Mutex::default(),
            troubles: std::sync::Mutex::default(),
            listener: Arc::clone(&self.inner.listener),
        })
    }

    async fn take_up(&self, session: Session) -> Result<VaultFacts, AppError> {
        self.inner.places.remember(session.vault.folder(), now_ms())?;
        let chosen = Some(session.vault.id());
        self.add_session(session);
        self.inner.listener.heard(Change::Vault);
        Self { inner: Arc::clone(&self.inner), chosen }.vault().await
    }

    /// The folder as typed, or with the ending that was left out.
    fn find(&self, path: &str) -> Result<PathBuf, AppError> {
        let typed = absolute(Path::new(path))?;
        let folder = if typed.exists() { typed } else { absolute(&with_ending(path))? };
        if folder.join("header.json").exists() { Ok(folder) } else { Err(OpenError::NotAVault { folder }.into()) }
    }
}

impl Session {
    /// At unlock: nothing was lost since this machine last wrote, and the records are those of the last entry.
    fn check_state(&self) -> Result<(), AppError> {
        let last = self.catalog.read(|reader| reader.last_entry())?.ok_or_else(|| AppError::damaged("the journal is empty"))?;
        let newest = self.vault.read_anchor()?.newest().ok_or_else(|| AppError::damaged("the anchor is missing"))?;
        if newest.sequence > last.sequence {
            return Err(AppError::Behind { missing: newest.sequence - last.sequence });
        }
        self.check_chain(newest.sequence, newest.journal_head)?;
        let entry = JournalEntry::from_canonical(&last.entry).map_err(AppError::damaged)?;
        let digest = self.catalog.read(|reader| self.state_digest(reader))?;
        if digest != entry.state_digest {
            return Err(AppError::damaged("the records are not those of the last journal entry"));
        }
        self.targets().map(drop)
    }

    fn verify(&self) -> Result<Vec<Check>, AppError> {
        let check = |what: Message, held: bool| Check { what, held };
        let journal = self.check_journal()?;
        let last = self.catalog.read(|reader| reader.last_entry())?;
        let digest = self.catalog.read(|reader| self.state_digest(reader))?;
        let entry = last.as_ref().and_then(|row| JournalEntry::from_canonical(&row.entry).ok());
        let anchored = match (self.vault.read_anchor(), &last) {
            (Ok(beffroi_vault::AnchorState::Valid { folder: Some(inside), outside: Some(outside) }), Some(last)) => {
                inside == outside && inside.sequence == last.sequence && inside.journal_head == last.mac
            }
            _ => false,
        };
        let records = self.catalog.read(|reader| reader.targets())?;
        let authentic = records.iter().all(|row| self.authenticate(row).is_ok());
        let header = beffroi_vault::describe(self.vault.folder()).is_ok_and(|found| found == *self.vault.header());
        Ok(vec![
            check(Message::new("verify.header"), header),
            check(Message::new("verify.database"), self.catalog.verify()?.is_empty()),
            check(Message::new("verify.records").with("count", records.len()), authentic),
            check(Message::new("verify.journal").with("count", journal.entries), journal.broken_at.is_none()),
            check(Message::new("verify.digest"), entry.is_some_and(|entry| entry.state_digest == digest)),
            check(Message::new("verify.anchor"), anchored),
        ])
    }
}

/// What somebody may mean by a path: the folder as typed, and with the ending that was left out.
pub(crate) fn typed_folder(path: &str) -> Vec<PathBuf> {
    [PathBuf::from(path), with_ending(path)].iter().filter_map(|path| absolute(path).ok()).collect()
}

fn with_ending(path: &str) -> PathBuf {
    if path.ends_with(".beffroi") { PathBuf::from(path) } else { PathBuf::from(format!("{}.beffroi", path.trim_end_matches('/'))) }
}

fn absolute(path: &Path) -> Result<PathBuf, AppError> {
    std::path::absolute(path).map_err(|error| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() })
}

fn folder_name(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
