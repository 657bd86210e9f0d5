//! The other copy: opened with the keys of the open vault, and checked as an own one is.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use beffroi_domain::{ChainId, CompartmentId, JournalEntry, StageName, VaultId};
use beffroi_store::table::chain::ChainRow;
use beffroi_store::table::journal::JournalRow;
use beffroi_store::{Catalog, Reader, StoreError, Writer};
use beffroi_vault::{HeaderSummary, IdentityCard, JOURNAL_START, OpenError, checkpoint_message, journal_link, journal_start};

use crate::copies::copy_files;
use crate::error::MergeError;
use crate::session::{Session, check_compartment};
use crate::vaults::absolute;
use crate::ways::described;
use crate::{App, AppError, same_folder};

/// Entries that are read at once.
const PAGE: u32 = 1000;

/// A copy of the open vault. What is read is a copy of it that is removed when this is dropped: the original is not touched.
pub(crate) struct Other {
    pub(crate) catalog: Catalog,
    pub(crate) path: PathBuf,
    /// Whether it has the same ways in.
    pub(crate) same_ways: bool,
    header_revision: u64,
    /// Compartments whose keys were loaded for it.
    loaded: Vec<CompartmentId>,
    _copied: Aside,
}

/// Where the journals of two copies part.
pub(crate) struct Parted {
    /// By chain: the last entry that both have, of chains that go on here.
    pub(crate) here: Vec<(ChainId, u64)>,
    /// The same of chains that go on there.
    pub(crate) there: Vec<(ChainId, u64)>,
    /// Entries that are there and not here.
    pub(crate) entries: u64,
}

impl App {
    /// Opens another copy of the open vault, and checks that its records are those that its journal vouches for.
    pub(crate) fn open_other(&self, session: &Session, path: &str) -> Result<Other, AppError> {
        let (folder, header) = described(path)?;
        if header.vault != session.vault.id() {
            return Err(MergeError::OtherVault { path: folder }.into());
        }
        if same_folder(&folder, session.vault.folder()) {
            return Err(MergeError::Itself.into());
        }
        let own = session.vault.header();
        if header.generation != own.generation {
            return Err(MergeError::OtherKeys { path: folder }.into());
        }
        // Somebody who has it open may write to it meanwhile: what was copied is then no state that it was in.
        self.open_lying(session, &folder, &header).map_err(|error| in_use(&folder).map_or(error, AppError::from))
    }

    /// Opens it as it lies there.
    fn open_lying(&self, session: &Session, folder: &Path, header: &HeaderSummary) -> Result<Other, AppError> {
        let own = session.vault.header();
        let copied = copied_beside(session.vault.folder(), header.vault, folder)?;
        let inside = copied.0.path().join(COPY);
        let before = written(folder);
        copy_files(folder, &inside)?;
        if written(folder) != before {
            return Err(AppError::damaged("it was written to while it was read"));
        }
        let catalog = Catalog::open(&inside.join("catalog.db"), session.vault.database_key()).map_err(|error| match error {
            StoreError::NotAuthentic => MergeError::OtherKeys { path: folder.to_owned() }.into(),
            other => AppError::from(other),
        })?;
        let same_ways = header.slots == own.slots;
        let mut other =
            Other { catalog, path: folder.to_owned(), same_ways, header_revision: header.revision, loaded: Vec::new(), _copied: copied };
        let checked = other.check(session);
        if checked.is_err() {
            other.forget(session);
        }
        checked.map(|()| other)
    }
}

impl Other {
    fn check(&mut self, session: &Session) -> Result<(), AppError> {
        let rows = self.catalog.read(|reader| reader.compartments())?;
        for row in &rows {
            let stage: StageName = row.stage.parse().map_err(|_| AppError::damaged("the name of a stage"))?;
            let known = session.stages.find(|known| known.compartment == row.id).is_some();
            if !known {
                session.vault.load_compartment(row.id, &stage, &row.wrapped)?;
                self.loaded.push(row.id);
            }
            if session.vault.is_open(row.id) {
                check_compartment(&session.vault, row)?;
            }
        }
        let last = self.catalog.read(|reader| reader.last_entry())?.ok_or_else(|| AppError::damaged("the journal is empty"))?;
        let entry = JournalEntry::from_canonical(&last.entry).map_err(AppError::damaged)?;
        let vouched = self.catalog.read(|reader| session.is_state_of(reader, last.chain, entry.state_digest, self.header_revision))?;
        if vouched { Ok(()) } else { Err(AppError::damaged("the records of the other copy are not those of its last journal entry")) }
    }

    /// Lets go of the keys that were loaded for stages that are not here.
    pub(crate) fn forget(&self, session: &Session) {
        for id in &self.loaded {
            if session.stages.find(|known| known.compartment == *id).is_none() {
                session.vault.seal_compartment(*id);
            }
        }
    }
}

/// The file that marks a folder as one that a merge made, before the id of the vault.
const MARKER: &str = "merging-";
/// The folder beside the marker in which the copy lies.
const COPY: &str = "other";

/// A folder that a merge made. The marker goes last, so that what is killed here leaves nothing that the next one does not know.
struct Aside(tempfile::TempDir);

impl Drop for Aside {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(self.0.path().join(COPY)));
    }
}

/// A folder for what is copied: beside the vault, where there is room for another copy of it, else where the system has such.
/// Its name is its own. Those that a killed merge left are removed: a vault is open in one process only.
fn copied_beside(vault: &Path, id: VaultId, other: &Path) -> Result<Aside, AppError> {
    let vault = absolute(vault)?;
    let marker = format!("{MARKER}{id}");
    let failed = |error: std::io::Error| AppError::LocalFile { path: vault.clone(), reason: error.to_string() };
    let made = match (vault.parent(), vault.file_name().and_then(|name| name.to_str())) {
        (Some(parent), Some(name)) => {
            let prefix = format!(".{name}.merge-");
            remove_left(parent, &prefix, &marker, other);
            tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).or_else(|_| tempfile::tempdir())
        }
        _ => tempfile::tempdir(),
    }
    .map_err(failed)?;
    File::create_new(made.path().join(&marker)).map_err(failed)?;
    Ok(Aside(made))
}

/// Removes folders of that beginning in which the marker lies, but for one that holds the other copy. What cannot be removed stays.
fn remove_left(parent: &Path, prefix: &str, marker: &str, other: &Path) {
    let other = fs::canonicalize(other).unwrap_or_else(|_| other.to_owned());
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix))
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && entry.path().join(marker).symlink_metadata().is_ok_and(|found| found.is_file());
        let holds_it = fs::canonicalize(entry.path()).is_ok_and(|folder| other.starts_with(folder));
        if is_ours && !holds_it {
            drop(fs::remove_dir_all(entry.path().join(COPY)));
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Of the database and its log: how long they are, and when they were written last.
fn written(folder: &Path) -> [Option<(u64, SystemTime)>; 2] {
    ["catalog.db", "catalog.db-wal"].map(|name| {
        let about = fs::metadata(folder.join(name)).ok()?;
        Some((about.len(), about.modified().ok()?))
    })
}

/// What is told of a vault that a process has open.
fn in_use(folder: &Path) -> Option<OpenError> {
    let path = folder.join("lock");
    match File::open(&path).ok()?.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let pid = fs::read_to_string(&path).ok().and_then(|text| text.trim_end().parse().ok());
            Some(OpenError::InUse { pid })
        }
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

impl Session {
    /// Where the journals of two copies part, with every entry that is new to this one checked, and every signature.
    pub(crate) fn part(&self, ours: &Reader<'_>, theirs: &Reader<'_>) -> Result<Parted, AppError> {
        let (own, other) = (ours.chains()?, theirs.chains()?);
        let cards = [ours.identities()?, theirs.identities()?].concat();
        let cards: HashMap<_, _> = cards.iter().filter_map(|row| Some((row.id, IdentityCard::from_text(&row.card).ok()?))).collect();
        let mut parted = Parted { here: Vec::new(), there: Vec::new(), entries: 0 };
        for chain in &other {
            let forked = || AppError::from(MergeError::Forked { person: chain.person.clone() });
            if own.iter().any(|known| known.id != chain.id && known.device == chain.device && known.person == chain.person) {
                return Err(forked());
            }
            let here = ours.last_entry_of(chain.id)?;
            let there = theirs.last_entry_of(chain.id)?;
            let (last_here, last_there) = (number(here.as_ref()), number(there.as_ref()));
            let common = last_here.min(last_there);
            if common > 0 && mac_at(ours, chain.id, common)? != mac_at(theirs, chain.id, common)? {
                return Err(forked());
            }
            if last_there > common {
                self.check_other_chain(theirs, chain, &cards)?;
                parted.there.push((chain.id, common));
                parted.entries += last_there - common;
            }
            if last_here > common {
                parted.here.push((chain.id, common));
            }
        }
        let known: HashSet<ChainId> = other.iter().map(|chain| chain.id).collect();
        parted.here.extend(own.iter().filter(|chain| !known.contains(&chain.id)).map(|chain| (chain.id, 0)));
        Ok(parted)
    }

    /// Checks a chain of the other copy from its beginning.
    fn check_other_chain(
        &self,
        theirs: &Reader<'_>,
        chain: &ChainRow,
        cards: &HashMap<beffroi_domain::IdentityId, IdentityCard>,
    ) -> Result<(), AppError> {
        let broken = |at: u64| AppError::damaged(format!("journal entry {at} of {} in the other copy", chain.person));
        let points: HashMap<u64, _> = theirs.checkpoints(chain.id)?.into_iter().map(|point| (point.number, point)).collect();
        let (mut at, mut mac, mut link) = (0, JOURNAL_START, journal_start(self.vault.id(), chain.id));
        loop {
            let rows = theirs.entries_of(chain.id, at, PAGE)?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                let entry = JournalEntry::from_canonical(&row.entry).map_err(|_| broken(at + 1))?;
                mac = self.vault.journal_mac(&mac, &row.entry);
                link = journal_link(&link, &row.entry);
                let own = entry.person == chain.person && entry.device == chain.device;
                if !own || row.number != at + 1 || entry.sequence != row.number || row.mac != mac {
                    return Err(broken(at + 1));
                }
                at = row.number;
                if let Some(point) = points.get(&at) {
                    let message = checkpoint_message(self.vault.id(), chain.id, at, &link, point.at_ms);
                    let holds = cards.get(&point.identity).is_some_and(|card| card.verify(&message, &point.signature).is_ok());
                    if !holds || point.link != link {
                        return Err(broken(at));
                    }
                }
            }
        }
    }
}

/// Appends the entries of the other copy that are new here, in the order in which it has them, with their signatures and
/// with what is noted of them.
pub(crate) fn take_journal(writer: &Writer<'_>, theirs: &Reader<'_>, parted: &Parted) -> Result<(), AppError> {
    let after: HashMap<ChainId, u64> = parted.there.iter().copied().collect();
    let known: HashSet<ChainId> = writer.reader().chains()?.iter().map(|chain| chain.id).collect();
    for chain in theirs.chains()?.iter().filter(|chain| after.contains_key(&chain.id) && !known.contains(&chain.id)) {
        writer.insert_chain(chain)?;
    }
    let mut sequence = writer.reader().last_entry()?.map_or(0, |row| row.sequence);
    let mut read = 0;
    loop {
        let rows = theirs.entries_after(read, PAGE)?;
        let Some(last) = rows.last() else { break };
        read = last.sequence;
        for row in rows {
            if after.get(&row.chain).is_some_and(|after| row.number > *after) {
                sequence += 1;
                writer.append_entry(&JournalRow { sequence, ..row })?;
            }
        }
    }
    for (chain, common) in &parted.there {
        writer.take_change_notes(theirs, *chain, *common)?;
        let signed = writer.reader().last_checkpoint(*chain)?.map_or(0, |point| point.number);
        for point in theirs.checkpoints(*chain)?.iter().filter(|point| point.number > signed) {
            writer.insert_checkpoint(point)?;
        }
    }
    Ok(())
}

fn number(row: Option<&JournalRow>) -> u64 {
    row.map_or(0, |row| row.number)
}

fn mac_at(reader: &Reader<'_>, chain: ChainId, number: u64) -> Result<Option<[u8; 32]>, AppError> {
    Ok(reader.entries_of(chain, number - 1, 1)?.first().map(|row| row.mac))
}
