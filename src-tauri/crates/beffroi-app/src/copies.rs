//! Copies of a vault: made consistent and verified, rehearsed, restored.

use std::fs;
use std::path::{Path, PathBuf};

use beffroi_domain::{JournalEntry, Message};
use beffroi_store::{Catalog, CopyProgress};
use beffroi_vault::Anchor;

use crate::session::{Happening, Session};
use crate::vaults::{Check, absolute, folder_name, with_ending};
use crate::ways::{Authority, described};
use crate::{App, AppError, Change, now_ms};

/// A copy that was made.
#[derive(Debug, Clone)]
pub struct CopyFacts {
    /// Its folder.
    pub path: PathBuf,
    /// When it was made, in milliseconds since 1970.
    pub at_ms: u64,
    /// Its size.
    pub bytes: u64,
    /// The journal's last entry in it.
    pub journal_entries: u64,
    /// What opening and checking it found.
    pub checks: Vec<Check>,
}

/// What a copy holds.
#[derive(Debug, Clone)]
pub struct RestoreFacts {
    /// The folder that was made; nothing after a rehearsal.
    pub path: Option<PathBuf>,
    /// The vault's name.
    pub name: String,
    /// Hosts in it.
    pub hosts: usize,
    /// Secrets in it.
    pub secrets: usize,
    /// The journal's last entry in it.
    pub journal_entries: u64,
    /// When that was written, in milliseconds since 1970.
    pub last_entry_ms: u64,
    /// Entries that this machine has seen and the copy has not.
    pub missing: u64,
    /// What checking it found.
    pub checks: Vec<Check>,
}

/// Setting of the vault: when it was last copied, in milliseconds since 1970.
pub(crate) const LAST_COPY: &str = "last-copy-ms";
const CATALOG: &str = "catalog.db";
/// What a copy holds beside the catalog, and what it cannot do without.
const SMALL_FILES: [(&str, bool); 3] = [("header.json", true), ("header.json.bak", false), ("anchor", true)];
/// Bytes of the largest of them.
const MOST_SMALL: u64 = 64 << 10;

impl App {
    /// Copies the open vault into a new folder in `into`, named by vault and time, and checks the copy by opening it.
    ///
    /// # Errors
    /// When the folder cannot be written or the copy does not hold; nothing is left of it then.
    pub async fn copy_vault(&self, into: &Path) -> Result<CopyFacts, AppError> {
        let into = absolute(into)?;
        self.session()?.blocking(move |session| session.copy(&into)).await
    }

    /// Opens a copy beside `destination`, checks it and says what it holds. Unless it is a rehearsal, the copy becomes the
    /// vault at `destination`, and this machine expects no more of it than what it holds.
    ///
    /// # Errors
    /// When the copy is not a vault, does not open or does not hold, or `destination` exists. Nothing is changed then.
    pub async fn restore_vault(
        &self,
        source: &str,
        destination: &str,
        authority: Authority,
        rehearse: bool,
    ) -> Result<RestoreFacts, AppError> {
        let (source, header) = described(source)?;
        let destination = absolute(&with_ending(destination))?;
        if destination.exists() {
            return Err(beffroi_vault::CreateError::Exists { folder: destination }.into());
        }
        if self.sessions().iter().any(|session| session.vault.id() == header.vault && !rehearse) {
            return Err(AppError::VaultOpen { name: folder_name(&source) });
        }
        let keys = self.keys(header.vault, &header, authority).await?;
        let app = self.clone();
        tokio::task::spawn_blocking(move || {
            let beside = beside(&destination);
            let restored = app.restore_beside(&source, &beside, &destination, &keys, rehearse);
            // A rehearsal leaves nothing, and so does a copy that does not hold.
            drop(fs::remove_dir_all(&beside));
            restored
        })
        .await
        .map_err(AppError::internal)?
    }

    fn restore_beside(
        &self,
        source: &Path,
        beside: &Path,
        destination: &Path,
        keys: &crate::ways::Keys,
        rehearse: bool,
    ) -> Result<RestoreFacts, AppError> {
        drop(fs::remove_dir_all(beside));
        copy_files(source, beside)?;
        // What this machine has seen stays where it is until the copy has proven itself. Of a copy from before the vault got a
        // new root key, what was seen since cannot be compared: it is opened as a machine does that never saw the vault.
        let unseen = beside.join("unseen");
        let (session, seen) = match self.open_copy(beside, keys) {
            Err(AppError::HeaderOlder) => (self.open_with(beside, keys, beffroi_vault::Places { anchors: unseen.clone() })?, false),
            other => (other?, true),
        };
        let missing = session.behind.unwrap_or(0);
        let checks = session.verify_copy()?;
        let (hosts, secrets, last) =
            session.catalog.read(|reader| Ok::<_, AppError>((reader.targets()?.len(), reader.secrets()?.len(), reader.last_entry()?)))?;
        let last = last.ok_or_else(|| AppError::damaged("the journal is empty"))?;
        let entry = JournalEntry::from_canonical(&last.entry).map_err(AppError::damaged)?;
        let mut facts = RestoreFacts {
            path: None,
            name: session.name.clone(),
            hosts,
            secrets,
            journal_entries: last.sequence,
            last_entry_ms: entry.at_ms,
            missing,
            checks,
        };
        if rehearse || !facts.checks.iter().all(|check| check.held) {
            return Ok(facts);
        }
        let session = Session { behind: None, ..session };
        session.commit(Happening::new("vault-restored").with("missing", missing).with("from", source.display()), |_| Ok(()))?;
        self.remember_protected(&session)?;
        let Session { vault, catalog, .. } = session;
        let id = vault.id().to_string();
        catalog.close()?;
        drop(vault);
        if !seen {
            let anchor = unseen.join(&id);
            fs::copy(&anchor, self.inner.places.anchors().join(&id)).map_err(|error| local(&anchor, &error))?;
            fs::remove_dir_all(&unseen).map_err(|error| local(&unseen, &error))?;
        }
        fs::rename(beside, destination).map_err(|error| local(destination, &error))?;
        self.inner.places.remember(destination, 0)?;
        facts.path = Some(destination.to_owned());
        Ok(facts)
    }
}

impl Session {
    fn copy(&self, into: &Path) -> Result<CopyFacts, AppError> {
        let at_ms = now_ms();
        let stamp = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok()).unwrap_or_default();
        let stamp = stamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d-%H%M").to_string();
        fs::create_dir_all(into).map_err(|error| local(into, &error))?;
        let name = format!("{}-{stamp}", folder_name(self.vault.folder()));
        let path = (1..100)
            .map(|turn| into.join(if turn == 1 { format!("{name}.beffroi") } else { format!("{name}-{turn}.beffroi") }))
            .find(|path| !path.exists())
            .ok_or_else(|| AppError::LocalFile { path: into.join(&name), reason: "exists".to_owned() })?;
        // The journal says so before the copy is made: the copy is then the newest state there is.
        if self.behind.is_none() {
            self.commit(Happening::new("vault-copied").with("path", path.display()), |writer| {
                Ok(writer.set_setting(LAST_COPY, &at_ms.to_string())?)
            })?;
        }
        let part = beside(&path);
        drop(fs::remove_dir_all(&part));
        let made = self.copy_to(&part).and_then(|facts| {
            fs::rename(&part, &path).map_err(|error| local(&path, &error))?;
            Ok(CopyFacts { path, at_ms, ..facts })
        });
        if made.is_err() {
            drop(fs::remove_dir_all(&part));
        }
        made
    }

    fn copy_to(&self, part: &Path) -> Result<CopyFacts, AppError> {
        make_private_folder(part)?;
        let report = |progress: CopyProgress| {
            self.listener.heard(Change::Progress { work: "copy", done: progress.done, total: progress.total });
        };
        self.catalog.copy_to(&part.join(CATALOG), self.vault.database_key(), report)?;
        copy_small_files(self.vault.folder(), part)?;
        // Checked as it lies there: opened with the vault's own key, page by page, entry by entry.
        let copy = Catalog::open(&part.join(CATALOG), self.vault.database_key())?;
        let wrong = copy.verify()?;
        // The vault may have gone on meanwhile: the copy has to be a state that it was in.
        let last = copy.read(|reader| reader.last_entry())?.ok_or_else(|| AppError::damaged("the journal is empty"))?;
        let here = self.catalog.read(|reader| reader.entries_after(last.sequence - 1, 1))?;
        let is_ours = here.first().is_some_and(|row| row.sequence == last.sequence && row.mac == last.mac);
        let entry = JournalEntry::from_canonical(&last.entry).map_err(AppError::damaged)?;
        let anchor = Anchor { sequence: last.sequence, journal_head: last.mac, state_digest: entry.state_digest };
        self.vault.write_anchor_beside(part, &anchor)?;
        let vouched = copy.read(|reader| self.is_state(reader, last.chain, entry.state_digest))?;
        copy.close()?;
        let header = beffroi_vault::describe(part).is_ok_and(|found| found == self.vault.header());
        let mut checks = vec![
            Check::new(Message::new("verify.header"), header, "verify.why.copy-header"),
            Check::new(Message::new("verify.database"), wrong.is_empty(), "verify.why.database"),
            Check::new(Message::new("verify.digest"), vouched, "verify.why.digest"),
        ];
        let entries = last.sequence;
        checks.push(Check::new(Message::new("verify.journal").with("count", entries), is_ours, "verify.why.journal"));
        if let Some(failed) = checks.iter().find(|check| !check.held) {
            return Err(AppError::damaged(format!("the copy ({})", failed.what.key)));
        }
        Ok(CopyFacts { path: PathBuf::new(), at_ms: 0, bytes: size_of(part), journal_entries: entries, checks })
    }
}

/// Where a folder is made before it gets its name.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Copies the files of a vault that nobody has open, its write-ahead log included.
pub(crate) fn copy_files(source: &Path, into: &Path) -> Result<(), AppError> {
    make_private_folder(into)?;
    copy_small_files(source, into)?;
    for name in [CATALOG, "catalog.db-wal"] {
        let from = source.join(name);
        if name == CATALOG || from.exists() {
            fs::copy(&from, into.join(name)).map_err(|error| local(&from, &error))?;
            make_private_file(&into.join(name))?;
        }
    }
    Ok(())
}

fn copy_small_files(source: &Path, into: &Path) -> Result<(), AppError> {
    for (name, needed) in SMALL_FILES {
        let (from, to) = (source.join(name), into.join(name));
        match fs::metadata(&from) {
            Ok(about) if about.len() <= MOST_SMALL => {
                fs::copy(&from, &to).map_err(|error| local(&from, &error))?;
                make_private_file(&to)?;
            }
            Ok(_) => return Err(AppError::damaged(from.display())),
            Err(error) if needed => return Err(local(&from, &error)),
            Err(_) => {}
        }
    }
    Ok(())
}

fn make_private_folder(path: &Path) -> Result<(), AppError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| local(path, &error))
}

/// Whatever the source allowed (read-only media, another person's mode), the copy is its owner's to read and write; synced.
fn make_private_file(path: &Path) -> Result<(), AppError> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(path, mode).map_err(|error| local(path, &error))?;
    }
    fs::File::open(path).and_then(|file| file.sync_all()).map_err(|error| local(path, &error))
}

fn size_of(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}

fn local(path: &Path, error: &std::io::Error) -> AppError {
    AppError::LocalFile { path: path.to_owned(), reason: error.to_string() }
}
