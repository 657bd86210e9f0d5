//! Secrets and hosts from files of other programs, and written for them.
//!
//! A file is read once, and waits here, in memory, with its secrets, like a plan: 30 minutes at most, and never beyond the lock of
//! its vault. It can then be looked at as often as somebody likes, under other rules each time, and taken in: in one transaction.
//!
//! The same file can be taken in again. Each secret keeps where it came from, and a digest of what the file said of each field
//! ([`merge`]): what changed there is taken, what was edited here stays, and where both changed a person decides.

mod apply;
mod columns;
mod detail;
mod export;
mod findings;
mod hosts;
mod merge;
mod names;
mod rows;
mod side;
mod size;
mod stages;
mod tidy;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use beffroi_domain::{HostId, ImportId};
use beffroi_import::{Format, Parsed, Reading, Source, Unlock, Work};
use beffroi_secret::SecretText;

use crate::error::ImportingError;
use crate::parcels::{ParcelSigner, SignedBy};
use crate::session::Session;
use crate::{App, AppError, Change, own_file};

pub use columns::{import_column_kinds, import_columns};
pub(crate) use export::host as exported_host;
pub use export::{ExportSecrets, ExportedSecrets, export_formats};
pub use findings::ImportFinding;
pub use hosts::HostStanding as ImportHostStanding;
use merge::Fate;
pub(crate) use merge::parts_of;
pub(crate) use rows::NOTE;
use rows::View;
pub(crate) use side::is_of_people;

/// How long a file waits.
const KEPT: Duration = Duration::from_secs(30 * 60);
/// Files that wait at once: of more, the oldest is forgotten.
const MOST_WAITING: usize = 8;
/// Bytes of a key file or an identity.
const MOST_KEY_FILE: u64 = 1 << 20;

/// What a file of age with a parcel in it is called; asked for by this name, nothing else is read of one.
const PARCEL: &str = "parcel";

/// A file to be read, and what may open it.
#[derive(Debug, Default)]
pub struct ImportSource {
    /// The file or the folder.
    pub path: PathBuf,
    /// Its format; told by what is in it when absent.
    pub format: Option<String>,
    /// Its password or passphrase.
    pub password: Option<SecretText>,
    /// Its key file.
    pub key_file: Option<PathBuf>,
    /// Private keys that may open it.
    pub identities: Vec<PathBuf>,
    /// What its columns are, for separated values: the words of [`import_column_kinds`], and whether the first row names them.
    pub mapping: Option<(Vec<String>, bool)>,
    /// For a parcel: the fingerprint of who made it, where the vault does not know them and somebody compared it.
    pub from: Option<String>,
}

/// What comes where, and what is meant.
#[derive(Debug, Clone, Default)]
pub struct ImportRules {
    /// The stage of what nothing else is said of; dev when absent.
    pub stage: Option<String>,
    /// The stage of a group, by its name or its path.
    pub stage_of: Vec<(String, String)>,
    /// Whether what lies in a bin or an archive there is taken too.
    pub discarded: bool,
    /// Only entries whose path and title have this in them, or match a pattern with `*`.
    pub only: Option<String>,
    /// No entries, and no hosts, that are called so: as above.
    pub without: Vec<String>,
    /// No hosts of these numbers in the file. What is only reached through one of them cannot come either.
    pub without_hosts: Vec<usize>,
    /// No key of a host of the file is trusted.
    pub without_host_keys: bool,
    /// A folder before every name.
    pub under: Option<String>,
}

/// What a person says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportChoice {
    /// Leave it out.
    Skip,
    /// Take it, also from the bin.
    Take,
    /// Where both changed, keep what the vault has.
    Mine,
    /// Where both changed, take what the file says.
    Theirs,
}

/// What a person says of all rows, and of some.
#[derive(Debug, Clone, Default)]
pub struct ImportChoices {
    /// Of those where both changed: `Mine` or `Theirs`; they stay as they are, and open, when absent.
    pub all: Option<ImportChoice>,
    /// Of rows.
    pub rows: HashMap<usize, ImportChoice>,
}

/// How an entry of a file stands against the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportStanding {
    /// Not there yet.
    New,
    /// The file says something new of it.
    Changed,
    /// There is nothing to do.
    Same,
    /// Both changed: what the vault has stays unless somebody says otherwise.
    Conflict,
    /// A secret of this name is there with another value, and came from elsewhere: both are kept.
    Differs,
    /// It was taken in once, and lies in the trash here: left there.
    Trashed,
    /// It lies in a bin or an archive of its source.
    Discarded,
    /// It cannot be kept, and why: the end of `import.refused.…`.
    Refused(&'static str),
    /// Its stage is sealed.
    Sealed,
}

/// A file that was read, compared with the vault.
#[derive(Debug)]
pub struct ImportPreview {
    /// What it waits under.
    pub id: ImportId,
    /// The file's name.
    pub name: String,
    /// Its format.
    pub format: &'static str,
    /// Its entries, in its order, those that were asked for.
    pub rows: Vec<ImportEntryRow>,
    /// Its hosts.
    pub hosts: Vec<ImportHostRow>,
    /// How many keys of hosts it has.
    pub host_keys: usize,
    /// How many of them are not trusted: they are of no host that is new with this file.
    pub host_keys_left: usize,
    /// What its reader left out, and why: the end of `import.refused.…`.
    pub refused: Vec<(String, &'static str)>,
    /// What should be known of it: the end of `import.notice.…`, and what it is about.
    pub notices: Vec<(&'static str, String)>,
    /// Secrets that came from it once and are not in it any more: they stay.
    pub vanished: Vec<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// Who signed it, where it is a parcel.
    pub signer: Option<ParcelSigner>,
}

/// An entry of a file, compared with the vault.
#[derive(Debug)]
pub struct ImportEntryRow {
    /// Its number in the file, from 0.
    pub row: usize,
    /// Its groups.
    pub path: Vec<String>,
    /// Its title.
    pub title: String,
    /// The account.
    pub user: Option<String>,
    /// `private-key`, `password`, `token`, `note`, `certificate`.
    pub kind: &'static str,
    /// What it is called in the vault, or would be.
    pub name: String,
    /// Hosts that it is for.
    pub hosts: Vec<String>,
    /// Whether the file says that it opens them.
    pub opens: bool,
    /// Its stage.
    pub stage: String,
    /// How it stands.
    pub standing: ImportStanding,
    /// What of it changes, or is changed on both sides.
    pub fields: Vec<String>,
    /// What is seen of it.
    pub findings: Vec<ImportFinding>,
}

/// A host of a file, compared with the vault.
#[derive(Debug)]
pub struct ImportHostRow {
    /// Its number in the file, from 0.
    pub row: usize,
    /// Its name there.
    pub title: String,
    /// Its name in the vault.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The account.
    pub user: Option<String>,
    /// The hosts to go through.
    pub jump: Vec<String>,
    /// Its stage.
    pub stage: String,
    /// How it stands.
    pub standing: ImportHostStanding,
    /// The row of what it logs in with.
    pub credential: Option<usize>,
    /// Names of what its source says that there is no place for. What is said there may be a secret.
    pub notes: Vec<String>,
}

/// What was taken in.
#[derive(Debug, Default)]
pub struct ImportDone {
    /// Secrets that are new.
    pub added: u64,
    /// Secrets of which something was taken.
    pub changed: u64,
    /// Secrets that were as they should be.
    pub same: u64,
    /// Secrets where both changed, of which the vault's were kept for good.
    pub kept: u64,
    /// Secrets where both changed, and nobody said what should be.
    pub conflicts: u64,
    /// Entries that were left out.
    pub left: u64,
    /// Entries and hosts that cannot be kept.
    pub refused: u64,
    /// Hosts that are new.
    pub hosts_added: u64,
    /// Hosts of which something changed.
    pub hosts_changed: u64,
    /// Hosts whose credential is of another stage: they were given none.
    pub unbound: Vec<String>,
    /// Hosts whose connections were made with what they had.
    pub(crate) touched: Vec<HostId>,
}

/// A file that waits, with its secrets.
pub(crate) struct Pending {
    made: Instant,
    name: String,
    format: Format,
    /// What its entries are found again by, beside their own ids.
    source: String,
    /// What older versions called the source.
    short: String,
    parsed: Parsed,
    findings: Vec<Vec<ImportFinding>>,
    /// Who signed it, where it is a parcel.
    parcel: Option<SignedBy>,
}

impl Pending {
    fn format(&self) -> &'static str {
        if self.parcel.is_some() { PARCEL } else { self.format.name() }
    }

    /// Whether it is older than what its maker handed over before: nothing of what is here is changed unasked.
    fn is_older(&self) -> bool {
        self.parcel.as_ref().is_some_and(SignedBy::is_older)
    }
}

/// The files that wait.
#[derive(Default)]
pub(crate) struct Imports(Mutex<HashMap<ImportId, Arc<Pending>>>);

impl Imports {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<ImportId, Arc<Pending>>) -> T) -> T {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, pending| pending.made.elapsed() < KEPT);
        work(&mut waiting)
    }

    fn add(&self, pending: Pending) -> ImportId {
        let id = ImportId::make();
        self.with(|waiting| {
            // Ids sort by the time they were made.
            while waiting.len() >= MOST_WAITING
                && let Some(oldest) = waiting.keys().min().copied()
            {
                waiting.remove(&oldest);
            }
            waiting.insert(id, Arc::new(pending));
        });
        id
    }

    fn get(&self, id: ImportId) -> Result<Arc<Pending>, AppError> {
        self.with(|waiting| waiting.get(&id).cloned()).ok_or_else(|| ImportingError::NotFound.into())
    }
}

impl App {
    /// Reads a file or a folder, and shows what would become of it. Nothing is changed.
    ///
    /// # Errors
    /// [`ImportingError`] when nothing of it can be read; [`crate::ParcelError`] for a parcel of nobody known; those of
    /// [`App::import_preview`].
    pub async fn import_read(&self, order: ImportSource, rules: ImportRules) -> Result<ImportPreview, AppError> {
        let session = self.session()?;
        let (own, path, from) = (session.blocking(Session::age_identities).await?, order.path.clone(), order.from.clone());
        let vault = session.vault.id();
        // Not at the catalog: deriving its key may take seconds. Nor is the vault held open meanwhile.
        drop(session);
        let read = tokio::task::spawn_blocking(move || read(order, own));
        let mut pending = read.await.map_err(AppError::internal)??;
        let session = self.session()?;
        if session.vault.id() != vault {
            return Err(AppError::Locked);
        }
        if let Some(parcel) = pending.parsed.parcel.take() {
            let by = session.blocking(move |session| session.check_parcel(&path, &parcel, from.as_deref())).await?;
            (pending.source, pending.short) = (by.source(), by.source());
            pending.parcel = Some(by);
        }
        let id = session.imports.add(pending);
        let preview = self.import_preview(id, rules).await;
        if preview.is_err() {
            self.forget_import(id)?;
        }
        preview
    }

    /// Shows what would become of a file under these rules. Nothing is changed.
    ///
    /// # Errors
    /// [`ImportingError::NotFound`]; for a stage that is not there.
    pub async fn import_preview(&self, id: ImportId, rules: ImportRules) -> Result<ImportPreview, AppError> {
        let session = self.session()?;
        let pending = session.imports.get(id)?;
        session
            .blocking(move |session| {
                let view = View::new(session, &pending, &rules)?;
                Ok(preview(id, &pending, view))
            })
            .await
    }

    /// Takes a file in under these rules and choices: everything, in one transaction with one entry of the journal, or nothing. The
    /// file is forgotten then.
    ///
    /// # Errors
    /// As for [`App::import_preview`]; [`AppError::StageSealed`] when something that is not left out goes to a sealed stage.
    pub async fn import_apply(&self, id: ImportId, rules: ImportRules, choices: ImportChoices) -> Result<ImportDone, AppError> {
        let session = self.session()?;
        let pending = session.imports.get(id)?;
        let done = session
            .blocking(move |session| {
                let view = View::new(session, &pending, &rules)?;
                session.take_import(&pending, &view, &choices)
            })
            .await?;
        self.forget_import(id)?;
        for host in &done.touched {
            session.connections.forget(*host).await;
        }
        session.listener.heard(Change::Secrets);
        session.listener.heard(Change::Hosts);
        Ok(done)
    }

    /// Forgets a file that waits, and its secrets.
    ///
    /// # Errors
    /// When no vault is open.
    pub fn forget_import(&self, id: ImportId) -> Result<(), AppError> {
        self.session()?.imports.with(|waiting| waiting.remove(&id));
        Ok(())
    }
}

/// The formats that are read, in the order in which they are tried.
#[must_use]
pub fn import_formats() -> Vec<&'static str> {
    Format::ALL.iter().map(|format| format.name()).collect()
}

fn read(order: ImportSource, own: Vec<SecretText>) -> Result<Pending, AppError> {
    let ImportSource { path, format, password, key_file, identities, mapping, from: _ } = order;
    let failed = |error| ImportingError::File { path: path.clone(), error };
    let text = |path: &PathBuf| {
        own_file::read(path, MOST_KEY_FILE)?
            .into_text()
            .map_err(|_| AppError::LocalFile { path: path.clone(), reason: "not text".to_owned() })
    };
    let unlock = Unlock {
        password,
        key_file: key_file.map(|path| own_file::read(&path, MOST_KEY_FILE)).transpose()?,
        identities: identities.iter().map(text).collect::<Result<_, _>>()?,
        own,
        mapping: mapping.map(|(columns, header)| columns::mapping(&columns, header)).transpose()?,
    };
    let source = Source::open(&path).map_err(failed)?;
    let only_parcel = format.as_deref() == Some(PARCEL);
    let format = match format {
        Some(_) if only_parcel => Format::Age,
        Some(name) => Format::named(&name).ok_or(ImportingError::FormatUnknown { name })?,
        None => beffroi_import::detect(&source).ok_or_else(|| failed(beffroi_import::ImportError::UnknownFormat))?,
    };
    let work = Work::default();
    let mut parsed = beffroi_import::read(format, &Reading { source: &source, unlock: &unlock, work: &work }).map_err(failed)?;
    if only_parcel && parsed.parcel.is_none() {
        return Err(failed(beffroi_import::ImportError::Malformed { what: PARCEL, at: 1 }).into());
    }
    tidy::tidy(&mut parsed);
    let findings = findings::findings(&parsed.entries);
    let (long, short) = source_of(format, &path);
    Ok(Pending { made: Instant::now(), name: source.name(), format, source: long, short, parsed, findings, parcel: None })
}

/// What a source is called in what came from it: its format and its whole path. Two projects both have a `shop/.env`. And what
/// it was called once: its name and its folder's only.
fn source_of(format: Format, path: &Path) -> (String, String) {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let names: Vec<_> = path.iter().rev().take(2).map(|name| name.to_string_lossy()).collect();
    let short = names.into_iter().rev().collect::<Vec<_>>().join("/");
    (format!("{}:{}", format.name(), path.display()), format!("{}:{short}", format.name()))
}

fn preview(id: ImportId, pending: &Pending, view: View) -> ImportPreview {
    let parsed = &pending.parsed;
    let mut of_credentials: HashMap<&str, Vec<String>> = HashMap::new();
    for judged in &view.hosts {
        if let Some(origin) = parsed.hosts.get(judged.host).and_then(|host| host.credential.as_deref()) {
            of_credentials.entry(origin).or_default().push(judged.name.clone());
        }
    }
    let mut groups: Vec<String> = parsed.entries.iter().map(|entry| entry.path.join("/")).filter(|path| !path.is_empty()).collect();
    groups.sort_unstable();
    groups.dedup();
    let rows_of: HashMap<&str, usize> = parsed.entries.iter().enumerate().map(|(at, entry)| (entry.origin.as_str(), at)).collect();
    let host_keys_left = if view.trusts_keys { hosts::keys_left(parsed, &view.hosts) } else { parsed.host_keys.len() };
    let row = |judged: rows::Judged| {
        let entry = parsed.entries.get(judged.entry)?;
        let name_of = |at: &usize| view.side.targets.get(*at).map(|target| target.record.name.to_string());
        let mut hosts: Vec<String> = judged.hosts.iter().filter_map(name_of).collect();
        hosts.extend(of_credentials.get(entry.origin.as_str()).into_iter().flatten().cloned());
        hosts.sort_unstable();
        hosts.dedup();
        let changes = judged.fates.into_iter().filter(|(_, fate)| matches!(fate, Fate::Take | Fate::Conflict));
        let wanted = if judged.standing == ImportStanding::Changed { Fate::Take } else { Fate::Conflict };
        Some(ImportEntryRow {
            row: judged.entry,
            path: entry.path.clone(),
            title: entry.title.clone(),
            user: entry.user.clone(),
            kind: kind(entry),
            name: judged.name,
            hosts,
            opens: judged.opens,
            stage: judged.stage.to_string(),
            standing: judged.standing,
            fields: changes.filter(|(_, fate)| *fate == wanted).map(|(field, _)| field).collect(),
            findings: pending.findings.get(judged.entry).cloned().unwrap_or_default(),
        })
    };
    let host = |judged: &hosts::JudgedHost| {
        let host = parsed.hosts.get(judged.host)?;
        Some(ImportHostRow {
            row: judged.host,
            title: host.name.clone(),
            name: judged.name.clone(),
            address: hosts::address(host).to_owned(),
            port: hosts::port(host),
            user: match judged.standing {
                ImportHostStanding::New => Some(hosts::account(host, pending.format)),
                _ => host.user.clone(),
            },
            jump: host.jump.clone(),
            stage: judged.stage.to_string(),
            standing: judged.standing,
            credential: host.credential.as_deref().and_then(|origin| rows_of.get(origin)).copied(),
            notes: host.notes.iter().map(|(name, _)| name.clone()).collect(),
        })
    };
    ImportPreview {
        id,
        name: pending.name.clone(),
        format: pending.format(),
        hosts: view.hosts.iter().filter_map(host).collect(),
        rows: view.rows.into_iter().filter_map(row).collect(),
        host_keys: parsed.host_keys.len(),
        host_keys_left,
        refused: parsed.refused.iter().map(|refused| (refused.what.clone(), refused.why)).collect(),
        notices: parsed.notices.iter().map(|notice| (notice.key, notice.what.clone())).collect(),
        vanished: view.vanished,
        groups,
        signer: pending.parcel.as_ref().map(|by| by.signer.clone()),
    }
}

fn kind(entry: &beffroi_import::Entry) -> &'static str {
    use beffroi_import::Kind;
    match entry.kind {
        _ if entry.value.is_none() => "note",
        Kind::Password | Kind::Token if entry.value.as_ref().is_some_and(|value| beffroi_import::is_private_key(value.expose())) => {
            "private-key"
        }
        Kind::Password => "password",
        Kind::PrivateKey => "private-key",
        Kind::Token => "token",
        Kind::Note => "note",
        Kind::Certificate => "certificate",
    }
}
