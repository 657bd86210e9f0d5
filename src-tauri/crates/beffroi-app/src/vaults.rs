//! Making, opening, locking and checking vaults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::{ChainId, JournalEntry, Message, StageName, VaultId};
use beffroi_secret::SecretText;
use beffroi_store::Catalog;
use beffroi_store::table::chain::ChainRow;
use beffroi_vault::{AnchorCopy, AnchorState, KdfCost, Loaded, OpenVault, UnlockError};

use crate::session::{Happening, Session, Standing, check_compartment, compartment_row};
use crate::stages::{Stage, StageFacts, Stages};
use crate::ways::{Authority, Keys, SlotFacts, described};
use crate::{App, AppError, Change, now_ms};

/// A vault that this machine has seen.
#[derive(Debug, Clone)]
pub struct KnownVault {
    /// Its folder.
    pub path: PathBuf,
    /// The folder's name without its ending.
    pub name: String,
    /// Its id, when it is open here.
    pub open: Option<VaultId>,
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
    /// Version of its format.
    pub format: u32,
    /// Ways in.
    pub slots: Vec<SlotFacts>,
    /// Its stages.
    pub stages: Vec<StageFacts>,
    /// Hosts in the catalog.
    pub hosts: usize,
    /// Secrets in the catalog.
    pub secrets: usize,
    /// Entries of the journal.
    pub journal_entries: u64,
    /// When it was last copied, in milliseconds since 1970.
    pub last_copy_ms: Option<u64>,
    /// How many entries it lacks of what this machine has seen. While it does, nothing can be changed in it.
    pub behind: Option<u64>,
    /// What the operator should know at once.
    pub warnings: Vec<Message>,
}

/// One check of a vault.
#[derive(Debug, Clone)]
pub struct Check {
    /// What was checked.
    pub what: Message,
    /// Whether it held.
    pub held: bool,
    /// What it means that it did not.
    pub why: Option<Message>,
}

impl Check {
    pub(crate) fn new(what: Message, held: bool, why: &'static str) -> Self {
        Self { what, held, why: (!held).then(|| Message::new(why)) }
    }
}

/// Characters that a passphrase needs at least: with Argon2id at its floor, a short one is the weakest point.
const LEAST_PASSPHRASE: usize = 12;
const NAME: &str = "name";

/// For so long what a failed job was given is kept for another try.
const INPUT_KEPT_MS: u64 = 7 * 24 * 3600 * 1000;

impl App {
    /// The vaults seen on this machine, the last opened first.
    #[must_use]
    pub fn known_vaults(&self) -> Vec<KnownVault> {
        let sessions = self.sessions();
        let open = |path: &Path| sessions.iter().find(|session| session.vault.folder() == path).map(|session| session.vault.id());
        let name = |path: &Path| sessions.iter().find(|session| session.vault.folder() == path).map(|session| session.name.clone());
        let known = self.inner.places.seen().into_iter().map(|seen| KnownVault {
            name: name(&seen.path).unwrap_or_else(|| folder_name(&seen.path)),
            open: open(&seen.path),
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
        check_passphrase(&passphrase)?;
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

    /// The first rows of a new vault: its name, stage dev, and who signs its journal.
    fn furnish(&self, vault: OpenVault, name: String) -> Result<Session, AppError> {
        let catalog = Catalog::create(&vault.catalog_path(), vault.database_key())?;
        let dev = StageName::dev();
        let made = vault.make_compartment(&dev)?;
        let row = compartment_row(&vault, made.id, &dev, made.wrapped, 1)?;
        let stages = Stages::new(vec![Stage::stored(dev, &row, false)]);
        let session = self.new_session(vault, catalog, name, stages, ChainId::make(), None)?;
        let (identity, signer) = session.make_identity(&session.person)?;
        session.commit(Happening::new("vault-created"), |writer| {
            writer.set_setting(NAME, &session.name)?;
            writer.insert_compartment(&row)?;
            writer.insert_identity(&identity)?;
            Ok(writer.insert_chain(&session.chain_row(Some(signer.id)))?)
        })?;
        session.set_signer(signer);
        Ok(session)
    }

    /// Opens a vault, beside those that are open. One that is open already stays as it is.
    ///
    /// # Errors
    /// For a wrong secret, a damaged or newer vault, or one that is in use; nothing is changed then. A vault that lacks
    /// entries which this machine has seen is opened to be read only.
    pub async fn unlock_vault(&self, path: &str, authority: Authority) -> Result<VaultFacts, AppError> {
        let _one_at_a_time = self.inner.opening.lock().await;
        if let Ok(open) = self.on(path) {
            return open.vault().await;
        }
        let (folder, header) = described(path)?;
        let with_passphrase =
            matches!(authority, Authority::Passphrase(_) | Authority::KeyFile { .. } | Authority::PassphraseAndKeyring(_));
        let keys = self.keys(header.vault, &header, authority).await?;
        let facts = self.open_folder(folder, keys).await?;
        if with_passphrase {
            self.inner.places.want_passphrase(header.vault, false);
        }
        Ok(facts)
    }

    /// Opens the vault of a folder, and takes it up.
    pub(crate) async fn open_folder(&self, folder: PathBuf, keys: Keys) -> Result<VaultFacts, AppError> {
        let app = self.clone();
        let session = tokio::task::spawn_blocking(move || {
            let session = app.open_copy(&folder, &keys)?;
            app.refuse_unprotected(&session)?;
            if session.behind.is_none() {
                if let Some(from) = session.catalog.migrated_from() {
                    session.begin_chain()?;
                    session.commit(Happening::new("vault-migrated").with("from", from), |_| Ok(()))?;
                }
                session.begin_chain()?;
                session
                    .commit(Happening::new("vault-unlocked"), |writer| Ok(writer.erase_inputs(now_ms().saturating_sub(INPUT_KEPT_MS))?))?;
            }
            Ok::<_, AppError>(session)
        })
        .await
        .map_err(AppError::internal)??;
        self.take_up(session).await
    }

    /// Who has the root key could put an open compartment in the place of a protected one, and wait for what is stored
    /// there next. A machine that has seen the stage protected notices.
    fn refuse_unprotected(&self, session: &Session) -> Result<(), AppError> {
        let known = self.inner.places.protected(session.vault.id());
        let is_protected = |name: &str| session.stages.all().iter().any(|stage| stage.protected && stage.name.as_str() == name);
        match known.into_iter().find(|name| !is_protected(name)) {
            Some(name) => Err(AppError::StageUnprotected { name }),
            None => self.remember_protected(session),
        }
    }

    /// Remembers which stages of a vault have a secret.
    pub(crate) fn remember_protected(&self, session: &Session) -> Result<(), AppError> {
        let names = session.stages.all().into_iter().filter(|stage| stage.protected).map(|stage| stage.name.to_string());
        self.inner.places.remember_protected(session.vault.id(), &names.collect::<Vec<_>>())
    }

    /// Opens the vault of a folder and checks it. Nothing is written.
    pub(crate) fn open_copy(&self, folder: &Path, keys: &Keys) -> Result<Session, AppError> {
        self.open_with(folder, keys, self.vault_places())
    }

    /// The same, with another memory of what this machine has seen.
    pub(crate) fn open_with(&self, folder: &Path, keys: &Keys, places: beffroi_vault::Places) -> Result<Session, AppError> {
        let open = |unlock: beffroi_vault::Unlock<'_>| beffroi_vault::open(folder, unlock, &places);
        let vault = keys.each(open, || UnlockError::WrongIdentity.into())?;
        let catalog = Catalog::open(&vault.catalog_path(), vault.database_key())?;
        let (name, rows, chains) =
            catalog.read(|reader| Ok::<_, AppError>((reader.setting(NAME)?, reader.compartments()?, reader.chains()?)))?;
        let mut stages = Vec::new();
        for row in &rows {
            let stage: StageName = row.stage.parse().map_err(|_| AppError::damaged("the name of a stage"))?;
            let loaded = vault.load_compartment(row.id, &stage, &row.wrapped)?;
            if loaded == Loaded::Open {
                check_compartment(&vault, row)?;
            }
            stages.push(Stage::stored(stage, row, loaded == Loaded::Sealed));
        }
        stages.sort_by_key(|stage| stage.name != StageName::dev());
        let person = person();
        let device = self.inner.places.device()?;
        let own = chains.iter().find(|chain| chain.device == device && chain.person == person);
        let chain = own.map_or_else(ChainId::make, |chain| chain.id);
        let name = name.unwrap_or_else(|| folder_name(folder));
        let mut session = self.new_session(vault, catalog, name, Stages::new(stages), chain, None)?;
        session.load_policies()?;
        session.behind = session.check_state()?;
        if let Some(identity) = own.and_then(|chain| chain.identity)
            && let Some(signer) = session.open_signer(identity)?
        {
            session.set_signer(signer);
        }
        Ok(session)
    }

    /// Closes the vault that is meant, all that are open when none is named: its connections, its plans, its keys. Jobs
    /// go on at their hosts.
    ///
    /// # Errors
    /// When a journal cannot be written; the vaults are closed all the same.
    pub async fn lock_vault(&self) -> Result<(), AppError> {
        let mut written = Ok(());
        for session in self.take_sessions() {
            written = written.and(self.close(session).await);
        }
        written
    }

    /// Locks every open vault because nobody is there: the keyring alone opens none of them until somebody proves to be.
    ///
    /// # Errors
    /// As [`App::lock_vault`].
    pub async fn lock_for_absence(&self) -> Result<(), AppError> {
        for session in self.sessions() {
            self.inner.places.want_passphrase(session.vault.id(), true);
        }
        Self { inner: Arc::clone(&self.inner), chosen: None }.lock_vault().await
    }

    /// Takes a vault out of what can be used, without a word in its journal.
    pub(crate) async fn let_go(&self, session: Arc<Session>) {
        let chosen = Some(session.vault.id());
        drop(session);
        for session in (Self { inner: Arc::clone(&self.inner), chosen }).take_sessions() {
            session.close_all_work().await;
            session.wait_until_alone().await;
        }
    }

    async fn close(&self, session: Arc<Session>) -> Result<(), AppError> {
        let vault = session.vault.id();
        self.plans().retain(|_, pending| pending.vault != vault);
        session.close_all_work().await;
        let written = if session.behind.is_some() { Ok(()) } else { session.journal_event("vault-locked", None, Vec::new()).await };
        let signed = session.blocking(|session| {
            session.sign_journal();
            Ok(())
        });
        drop(signed.await);
        session.wait_until_alone().await;
        drop(session);
        self.inner.listener.heard(Change::Vault);
        written
    }

    /// The open vault.
    ///
    /// # Errors
    /// [`AppError::Locked`] when there is none.
    pub async fn vault(&self) -> Result<VaultFacts, AppError> {
        self.session()?
            .blocking(|session| {
                let last = session.catalog.read(|reader| reader.last_entry())?;
                let stages = session.all_stage_facts()?;
                Ok(VaultFacts {
                    id: session.vault.id(),
                    name: session.name.clone(),
                    path: session.vault.folder().to_owned(),
                    format: session.vault.header().format,
                    slots: session.slot_facts()?,
                    hosts: stages.iter().map(|stage| stage.hosts).sum(),
                    secrets: stages.iter().map(|stage| stage.secrets).sum(),
                    stages,
                    journal_entries: last.map_or(0, |entry| entry.sequence),
                    last_copy_ms: session.last_copy()?,
                    behind: session.behind,
                    warnings: session.warnings()?,
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
        stages: Stages,
        chain: ChainId,
        behind: Option<u64>,
    ) -> Result<Session, AppError> {
        Ok(Session {
            vault,
            catalog,
            name,
            stages,
            counts: std::sync::Mutex::default(),
            changing: std::sync::Mutex::default(),
            committing: std::sync::Mutex::default(),
            covered: std::sync::Mutex::default(),
            device: self.inner.places.device()?,
            person: person(),
            chain,
            signer: std::sync::RwLock::default(),
            behind,
            connections: crate::connect::Connections::default(),
            proving: crate::connect::Proving::default(),
            out_of_reach: std::sync::Mutex::default(),
            followed: std::sync::Mutex::default(),
            queues: std::sync::Mutex::default(),
            catalogs: std::sync::Mutex::default(),
            runs: crate::run::Runs::default(),
            imports: crate::imports::Imports::default(),
            index: crate::search::SecretIndex::default(),
            turns: crate::turns::Turns::default(),
            copies: Arc::default(),
            removals: Arc::default(),
            scans: Arc::default(),
            terminals: crate::terminals::Terminals::default(),
            tunnels: crate::tunnels::Tunnels::default(),
            ends: crate::ends::Ends::default(),
            troubles: std::sync::Mutex::default(),
            listener: Arc::clone(&self.inner.listener),
        })
    }

    async fn take_up(&self, session: Session) -> Result<VaultFacts, AppError> {
        self.inner.places.remember(session.vault.folder(), now_ms())?;
        let chosen = Some(session.vault.id());
        self.add_session(session).watch_deadlines();
        self.inner.listener.heard(Change::Vault);
        Self { inner: Arc::clone(&self.inner), chosen }.vault().await
    }
}

impl Session {
    /// At unlock: the records are those of the last entry. Gives how many entries are missing of what this machine has seen.
    fn check_state(&self) -> Result<Option<u64>, AppError> {
        let last = self.catalog.read(|reader| reader.last_entry())?.ok_or_else(|| AppError::damaged("the journal is empty"))?;
        let anchors = self.vault.read_anchor()?;
        let newest = anchors.newest();
        let seen = anchors.highest_sequence().ok_or_else(|| AppError::damaged("the anchor is missing"))?;
        if let Some(anchor) = newest.filter(|anchor| anchor.sequence <= last.sequence) {
            self.check_chain(anchor.sequence, anchor.journal_head)?;
        }
        let entry = JournalEntry::from_canonical(&last.entry).map_err(AppError::damaged)?;
        if !self.catalog.read(|reader| self.is_state(reader, last.chain, entry.state_digest))? {
            return Err(AppError::damaged("the records are not those of the last journal entry"));
        }
        Ok(seen.checked_sub(last.sequence).filter(|missing| *missing > 0))
    }

    /// Reads the policies of the stages that are open whenever the vault is.
    fn load_policies(&mut self) -> Result<(), AppError> {
        let stages = self.stages.all().into_iter().map(|stage| if stage.protected { Ok(stage) } else { self.with_policy(stage) });
        let stages = stages.collect::<Result<_, _>>()?;
        self.stages = Stages::new(stages);
        Ok(())
    }

    fn chain_row(&self, identity: Option<beffroi_domain::IdentityId>) -> ChainRow {
        ChainRow { id: self.chain, device: self.device, person: self.person.clone(), identity, started_ms: now_ms() }
    }

    /// Begins the chain of this person on this device, and gives it somebody who signs: the identity with which the person
    /// signs on another device, else a new one.
    fn begin_chain(&self) -> Result<(), AppError> {
        let chains = self.catalog.read(|reader| reader.chains())?;
        if self.signer().is_some() {
            return Ok(());
        }
        let known = chains.iter().filter(|chain| chain.person == self.person).find_map(|chain| chain.identity);
        let signer = known.map(|identity| self.open_signer(identity)).transpose()?.flatten();
        let (row, signer) = match signer {
            Some(signer) => (None, signer),
            None => self.make_identity(&self.person).map(|(row, signer)| (Some(row), signer))?,
        };
        let begun = chains.iter().any(|chain| chain.id == self.chain);
        self.commit_chain(row, signer, begun)
    }

    fn commit_chain(
        &self,
        row: Option<beffroi_store::table::identity::IdentityRow>,
        signer: crate::identities::Signer,
        begun: bool,
    ) -> Result<(), AppError> {
        self.commit(Happening::new("chain-begun").with("person", &self.person), |writer| {
            if let Some(row) = &row {
                writer.insert_identity(row)?;
            }
            Ok(if begun {
                writer.set_chain_identity(self.chain, Some(signer.id))
            } else {
                writer.insert_chain(&self.chain_row(Some(signer.id)))
            }?)
        })?;
        self.set_signer(signer);
        Ok(())
    }

    /// Ends what works on hosts. Jobs go on there.
    pub(crate) async fn close_all_work(&self) {
        self.let_go_of_jobs();
        self.runs.stop_all();
        self.terminals.end_all().await;
        self.tunnels.end_all().await;
        self.ends.end_all().await;
        self.connections.close_all().await;
    }

    fn verify(&self) -> Result<Vec<Check>, AppError> {
        let mut checks = self.verify_copy()?;
        let last = self.catalog.read(|reader| reader.last_entry())?;
        let (anchored, why) = match (self.vault.read_anchor(), &last) {
            (Ok(anchors), Some(last)) => match (&anchors, anchors.newest()) {
                (_, Some(newest)) if newest.sequence > last.sequence => (false, "verify.why.behind"),
                (AnchorState { folder: AnchorCopy::Valid(inside), outside: AnchorCopy::Valid(outside) }, Some(newest)) => {
                    let agree = inside == outside && newest.sequence == last.sequence && newest.journal_head == last.mac;
                    (agree, "verify.why.anchors-differ")
                }
                _ => (false, "verify.why.anchor-missing"),
            },
            _ => (false, "verify.why.anchor-damaged"),
        };
        checks.push(Check::new(Message::new("verify.anchor"), anchored, why));
        let strays = beffroi_vault::conflict_copies(self.vault.folder());
        checks.push(Check::new(Message::new("verify.strays"), strays.is_empty(), "verify.why.strays"));
        Ok(checks)
    }

    /// The checks that do not ask what this machine has seen before.
    pub(crate) fn verify_copy(&self) -> Result<Vec<Check>, AppError> {
        let journal = self.check_journal()?;
        let last = self.catalog.read(|reader| reader.last_entry())?;
        let entry = last.as_ref().and_then(|row| JournalEntry::from_canonical(&row.entry).ok());
        let vouched = match last.as_ref().zip(entry.as_ref()) {
            Some((last, entry)) => self.catalog.read(|reader| self.is_state(reader, last.chain, entry.state_digest))?,
            None => false,
        };
        let targets = self.targets()?;
        let forged = targets.iter().filter(|target| target.standing == Standing::Forged).count();
        let sealed = targets.iter().filter(|target| target.standing == Standing::Sealed).count();
        let records = Message::new("verify.records").with("count", targets.len() - sealed).with("sealed", sealed);
        let missing = self.behind.is_some() && journal.broken_at == Some(journal.entries + 1);
        Ok(vec![
            Check::new(Message::new("verify.header"), self.vault.header_is_current()?, "verify.why.header"),
            Check::new(Message::new("verify.database"), self.catalog.verify()?.is_empty(), "verify.why.database"),
            Check::new(records, forged == 0, "verify.why.records"),
            Check::new(
                Message::new("verify.journal").with("count", journal.entries),
                journal.broken_at.is_none() || missing,
                "verify.why.journal",
            ),
            Check::new(Message::new("verify.digest"), vouched, "verify.why.digest"),
        ])
    }
}

/// Refuses a passphrase that is too short.
pub(crate) fn check_passphrase(passphrase: &SecretText) -> Result<(), AppError> {
    // exposed for its length
    if passphrase.expose().chars().count() < LEAST_PASSPHRASE {
        return Err(AppError::PassphraseWeak { least: LEAST_PASSPHRASE });
    }
    Ok(())
}

fn person() -> String {
    whoami::username().unwrap_or_else(|_| "?".to_owned())
}

/// What somebody may mean by a path: the folder as typed, and with the ending that was left out.
pub(crate) fn typed_folder(path: &str) -> Vec<PathBuf> {
    [PathBuf::from(path), with_ending(path)].iter().filter_map(|path| absolute(path).ok()).collect()
}

pub(crate) fn with_ending(path: &str) -> PathBuf {
    if path.ends_with(".beffroi") { PathBuf::from(path) } else { PathBuf::from(format!("{}.beffroi", path.trim_end_matches('/'))) }
}

pub(crate) fn absolute(path: &Path) -> Result<PathBuf, AppError> {
    std::path::absolute(path).map_err(|error| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() })
}

pub(crate) fn folder_name(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
