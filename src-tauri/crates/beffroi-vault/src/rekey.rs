//! A change of all keys: a second vault is built inside the first one's folder, then takes its place.
//!
//! The file `rekey/ready` is the point of no return. It announces, by their SHA-256, the three files that are to move. From
//! then on every kill leads to the new vault: the steps of the swap can be done again from any of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use beffroi_domain::{Canonical, CanonicalReader, CompartmentId, SlotId, StageName};
use beffroi_secret::SecretKey;

use crate::anchor::{self, Anchor};
use crate::compartment::{Name, Unwrapped};
use crate::crypto;
use crate::disk::{self, Content};
use crate::error::{CompartmentError, DiskError, FinishError, OpenError, SlotError};
use crate::folder::{ANCHOR, CATALOG, CATALOG_LOG, CATALOG_LOG_INDEX, HEADER, HEADER_COPY};
use crate::header::{self, Header};
use crate::keys::RootKeys;
use crate::recovery::RecoveryWords;
use crate::slots::check_set;
use crate::unlock::{NewSlot, Unlock};
use crate::vault::OpenVault;

const FOLDER: &str = "rekey";
const READY: &str = "ready";
const READY_TAG: &str = "beffroi/rekey/1";
/// An announcement is 127 bytes long.
const MOST_READY: usize = 4096;

/// A vault under new keys that is being built, in the folder `rekey` of the vault it is to replace.
///
/// Build the new catalog at [`Rekey::catalog_path`] under [`Rekey::database_key`], with every value sealed again through
/// [`Rekey::vault`], close both catalogs, then call [`Rekey::finish`]. Dropping it instead leaves the vault as it was; what
/// is in the folder `rekey` goes at the next opening.
pub struct Rekey<'a> {
    old: &'a OpenVault,
    vault: OpenVault,
    words: Vec<RecoveryWords>,
}

impl OpenVault {
    /// Begins a change of all keys: a new root key, and these ways in instead of all others.
    ///
    /// # Errors
    /// [`SlotError`]; [`SlotError::OnlyKeyring`] when none of the slots opens without the system's keyring.
    pub fn begin_rekey(&self, authority: Unlock<'_>, slots: &[NewSlot<'_>]) -> Result<Rekey<'_>, SlotError> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        check_set(slots.iter().map(NewSlot::kind))?;
        let header = self.header_read().clone();
        self.authorise(&header, authority)?;
        let folder = self.folder.join(FOLDER);
        if folder.join(READY).symlink_metadata().is_ok() {
            return Err(SlotError::RekeyPending { path: folder });
        }
        let root = crypto::make_key()?;
        let mut made = Vec::with_capacity(slots.len());
        let mut words = Vec::new();
        for slot in slots {
            let (slot, of_slot) = slot.make(self.id(), SlotId::make(), &root)?;
            made.push(slot);
            words.extend(of_slot);
        }
        let keys = RootKeys::derive(self.id(), &root);
        // One change of all keys takes seconds: the number does not run out.
        let header = Header::new(self.id(), header.generation.saturating_add(1), header.revision.saturating_add(1), made, &keys.header);
        remove_folder(&folder)?;
        disk::make_private_folder(&folder, false).map_err(|source| DiskError { path: folder.clone(), source })?;
        let vault = Self::new(header, &folder, None, keys, Arc::clone(&self.lock));
        Ok(Rekey { old: self, vault, words })
    }
}

impl Rekey<'_> {
    /// The vault under its new keys. Its folder is `rekey`, so that its catalog and its anchor are beside the old ones; it
    /// writes no anchor outside the folder.
    #[must_use]
    pub fn vault(&self) -> &OpenVault {
        &self.vault
    }

    /// The words of the recovery slots, in the order of the slots. Stored nowhere.
    #[must_use]
    pub fn words(&self) -> &[RecoveryWords] {
        &self.words
    }

    /// Where the new catalog is to be.
    #[must_use]
    pub fn catalog_path(&self) -> PathBuf {
        self.vault.catalog_path()
    }

    /// The raw key of the new catalog.
    #[must_use]
    pub fn database_key(&self) -> &SecretKey {
        self.vault.database_key()
    }

    /// A protected compartment's key under the new root key: what to store in place of `wrapped`. Only the outer layer is
    /// made anew, so the stage's secret is not needed and stays the same; so does the compartment's key, and what was sealed
    /// under it still opens. When the old vault has the compartment open, so has the new one.
    ///
    /// A compartment that is open whenever the vault is gets a new key instead: [`OpenVault::make_compartment`].
    ///
    /// # Errors
    /// [`CompartmentError`]; [`CompartmentError::UnknownWrapping`] also for a compartment that is not protected.
    pub fn rewrap(&self, id: CompartmentId, stage: &StageName, wrapped: &[u8]) -> Result<Vec<u8>, CompartmentError> {
        let name = Name { vault: self.vault.id(), id, stage };
        let Unwrapped::Inner(inner) = name.unwrap(&self.old.keys.compartment, wrapped)? else {
            return Err(CompartmentError::UnknownWrapping { compartment: id });
        };
        let rewrapped = inner.wrap(name, &crypto::make_public()?, &self.vault.keys.compartment)?;
        if let Some(keys) = self.old.compartments_read().get(&id) {
            self.vault.compartments_write().insert(id, keys.duplicate());
        }
        Ok(rewrapped)
    }

    /// Puts the new vault in the old one's place, with this anchor, and gives it back open: the compartments that were
    /// loaded still are. Both catalogs must be closed. The old vault must not be written to any more: drop it.
    ///
    /// # Errors
    /// [`FinishError`]. After [`FinishError::HalfWay`] drop both vaults; opening the folder again ends the change.
    pub fn finish(self, anchor: &Anchor) -> Result<OpenVault, FinishError> {
        let (folder, outside) = (self.old.folder.clone(), self.old.outside.clone());
        self.announce(anchor)?;
        swap(&folder, outside.as_deref(), &STEPS).map_err(FinishError::HalfWay)?;
        let mut vault = self.vault;
        vault.folder = folder;
        vault.outside = outside;
        Ok(vault)
    }

    /// Everything up to the point of no return, and that point.
    fn announce(&self, anchor: &Anchor) -> Result<(), FinishError> {
        let _no_slot_changes = self.old.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let catalog = self.catalog_path();
        let log = self.vault.folder.join(CATALOG_LOG);
        match fs::metadata(&log) {
            Ok(found) if found.len() > 0 => return Err(FinishError::CatalogOpen { path: catalog }),
            Ok(_) => disk::remove(&log).map_err(FinishError::Unchanged)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(FinishError::Unchanged(DiskError { path: log, source })),
        }
        if !catalog.is_file() {
            return Err(FinishError::NoCatalog { path: catalog });
        }
        if !self.old.header_is_current().map_err(FinishError::Unchanged)? {
            return Err(FinishError::HeaderChanged { path: self.old.folder.join(HEADER) });
        }
        let announcement = self.write_files(anchor).map_err(FinishError::Unchanged)?;
        let ready = self.vault.folder.join(READY);
        if let Err(error) = disk::write(&ready, &announcement) {
            // What failed may be the last sync, after the file took its place.
            return Err(if disk::remove(&ready).is_ok() {
                FinishError::Unchanged(error)
            } else {
                self.old.retired.store(true, Ordering::Release);
                FinishError::HalfWay(error)
            });
        }
        self.old.retired.store(true, Ordering::Release);
        Ok(())
    }

    /// Writes anchor and header beside the catalog, makes all of it durable, and gives what announces it.
    fn write_files(&self, anchor: &Anchor) -> Result<Vec<u8>, DiskError> {
        let folder = &self.vault.folder;
        let header = self.vault.header_read().to_bytes();
        let anchor = self.vault.anchor_bytes(anchor);
        disk::sync_file(&folder.join(CATALOG))?;
        disk::write(&folder.join(ANCHOR), &anchor)?;
        disk::write(&folder.join(HEADER), &header)?;
        disk::sync_folder(&self.old.folder)?;
        let catalog = disk::hash(&folder.join(CATALOG))?.unwrap_or_default();
        Ok(Announcement { header: crypto::derive_hash(&[&header]), anchor: crypto::derive_hash(&[&anchor]), catalog }.to_bytes())
    }
}

/// What `ready` holds: SHA-256 of each file that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) header: [u8; 32],
    pub(crate) anchor: [u8; 32],
    pub(crate) catalog: [u8; 32],
}

impl Announcement {
    /// `C("beffroi/rekey/1", SHA-256 of header.json, of anchor, of catalog.db)`.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        Canonical::new(READY_TAG).bytes(&self.header).bytes(&self.anchor).bytes(&self.catalog).finish()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = CanonicalReader::new(READY_TAG, bytes).ok()?;
        let mut hash = || reader.bytes().ok()?.try_into().ok();
        let announcement = Self { header: hash()?, anchor: hash()?, catalog: hash()? };
        reader.finish().ok()?;
        Some(announcement)
    }

    /// Whether each file is what was announced, in the one place or in the other.
    fn holds(&self, folder: &Path) -> Result<bool, DiskError> {
        for (name, announced) in [(HEADER, &self.header), (ANCHOR, &self.anchor), (CATALOG, &self.catalog)] {
            let found = match disk::hash(&folder.join(FOLDER).join(name))? {
                Some(hash) => Some(hash),
                None => disk::hash(&folder.join(name))?,
            };
            if found.as_ref() != Some(announced) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// One step of the swap. Each may be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The old catalog's log must never meet the new catalog.
    RemoveLog,
    RemoveLogIndex,
    Sync,
    MoveCatalog,
    MoveAnchor,
    MoveHeader,
    CopyHeader,
    /// Only after the header of its generation is there: an anchor ahead of the header is refused.
    WriteOutside,
    RemoveReady,
    RemoveFolder,
}

const STEPS: [Step; 11] = [
    Step::RemoveLog,
    Step::RemoveLogIndex,
    Step::Sync,
    Step::MoveCatalog,
    Step::MoveAnchor,
    Step::MoveHeader,
    Step::Sync,
    Step::CopyHeader,
    Step::WriteOutside,
    Step::RemoveReady,
    Step::RemoveFolder,
];

fn swap(folder: &Path, outside: Option<&Path>, steps: &[Step]) -> Result<(), DiskError> {
    steps.iter().try_for_each(|step| take(*step, folder, outside))
}

fn take(step: Step, folder: &Path, outside: Option<&Path>) -> Result<(), DiskError> {
    let new = folder.join(FOLDER);
    match step {
        // Once the new catalog has moved, a log beside it is none of the old one's.
        Step::RemoveLog | Step::RemoveLogIndex if !new.join(CATALOG).exists() => Ok(()),
        Step::RemoveLog => disk::remove(&folder.join(CATALOG_LOG)),
        Step::RemoveLogIndex => disk::remove(&folder.join(CATALOG_LOG_INDEX)),
        Step::Sync => disk::sync_folder(folder),
        Step::MoveCatalog => disk::rename(&new.join(CATALOG), &folder.join(CATALOG)),
        Step::MoveAnchor => disk::rename(&new.join(ANCHOR), &folder.join(ANCHOR)),
        Step::MoveHeader => disk::rename(&new.join(HEADER), &folder.join(HEADER)),
        Step::CopyHeader => copy(&folder.join(HEADER), header::MOST_BYTES, |bytes| disk::write(&folder.join(HEADER_COPY), bytes)),
        Step::WriteOutside => {
            outside.map_or(Ok(()), |outside| copy(&folder.join(ANCHOR), anchor::MOST_BYTES, |bytes| anchor::write_outside(bytes, outside)))
        }
        Step::RemoveReady => disk::remove(&new.join(READY)),
        Step::RemoveFolder => remove_folder(&new).and_then(|()| disk::sync_folder(folder)),
    }
}

fn copy(from: &Path, most: usize, write: impl FnOnce(&[u8]) -> Result<(), DiskError>) -> Result<(), DiskError> {
    match disk::read(from, most)? {
        Content::Whole(bytes) => write(&bytes),
        Content::Missing | Content::TooLong => Err(DiskError { path: from.to_owned(), source: io::ErrorKind::InvalidData.into() }),
    }
}

fn remove_folder(folder: &Path) -> Result<(), DiskError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DiskError { path: folder.to_owned(), source: error }),
        _ => Ok(()),
    }
}

/// Ends a change of all keys that was interrupted after its point of no return, undoes one that was before it. The caller
/// holds the lock.
///
/// The anchor outside the folder is left alone: nothing here is authenticated yet, and a folder that somebody planted must
/// not take away what this machine has seen. It counts as [`anchor::AnchorCopy::Older`] until the next one is written.
pub(crate) fn settle(folder: &Path) -> Result<(), OpenError> {
    let new = folder.join(FOLDER);
    let damaged = || OpenError::RekeyDamaged { path: new.clone() };
    match new.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(DiskError { path: new, source }.into()),
        Ok(found) if !found.is_dir() => return Err(damaged()),
        Ok(_) => {}
    }
    let announcement = match disk::read(&new.join(READY), MOST_READY)? {
        Content::Missing => return Ok(remove_folder(&new)?),
        Content::TooLong => return Err(damaged()),
        Content::Whole(bytes) => Announcement::from_bytes(&bytes).ok_or_else(damaged)?,
    };
    if !announcement.holds(folder)? {
        return Err(damaged());
    }
    Ok(swap(folder, None, &STEPS)?)
}

#[cfg(test)]
mod tests {
    use beffroi_domain::HostId;
    use beffroi_secret::{SecretBytes, SecretText};
    use tempfile::TempDir;

    use super::*;
    use crate::anchor::{AnchorCopy, AnchorState};
    use crate::compartment::Loaded;
    use crate::envelope::Place;
    use crate::error::AnchorError;
    use crate::folder::{Places, create, open};
    use crate::kdf::KdfCost;

    const NEW_CATALOG: &[u8] = b"the new catalog";
    const OLD_CATALOG: &[u8] = b"the old catalog";

    struct Sandbox {
        root: TempDir,
        words: SecretText,
    }

    fn anchor(sequence: u64) -> Anchor {
        Anchor { sequence, journal_head: [7; 32], state_digest: [8; 32] }
    }

    fn stage() -> StageName {
        "prod".parse().expect("a stage")
    }

    impl Sandbox {
        /// A vault with a catalog, its log, and an anchor.
        fn new() -> Self {
            let root = TempDir::new().expect("a folder");
            let passphrase = SecretText::new("long enough".to_owned());
            let places = Places { anchors: root.path().join("anchors") };
            let (vault, words) = create(&root.path().join("vault"), &passphrase, KdfCost::floor(), &places).expect("created");
            vault.write_anchor(&anchor(5)).expect("written");
            let words = words.as_text().duplicate();
            drop(vault);
            let sandbox = Self { root, words };
            sandbox.write(CATALOG, OLD_CATALOG);
            sandbox.write(CATALOG_LOG, b"the old log");
            sandbox.write(CATALOG_LOG_INDEX, b"its index");
            sandbox
        }

        fn folder(&self) -> PathBuf {
            self.root.path().join("vault")
        }

        fn write(&self, name: &str, bytes: &[u8]) {
            fs::write(self.folder().join(name), bytes).expect("written");
        }

        fn read(&self, name: &str) -> Option<Vec<u8>> {
            fs::read(self.folder().join(name)).ok()
        }

        fn open(&self, words: &SecretText) -> Result<OpenVault, OpenError> {
            open(&self.folder(), Unlock::RecoveryWords(words), &Places { anchors: self.root.path().join("anchors") })
        }

        /// The vault and the anchors as they are now, elsewhere.
        fn copied(&self) -> Self {
            let root = TempDir::new().expect("a folder");
            copy_folder(self.root.path(), root.path());
            Self { root, words: self.words.duplicate() }
        }

        /// Begins, and announces the new files.
        fn announced(&self) -> SecretText {
            let vault = self.open(&self.words).expect("opens");
            let rekey = vault.begin_rekey(Unlock::RecoveryWords(&self.words), &[NewSlot::Recovery]).expect("begun");
            fs::write(rekey.catalog_path(), NEW_CATALOG).expect("written");
            rekey.announce(&anchor(6)).expect("announced");
            rekey.words()[0].as_text().duplicate()
        }

        fn holds_new_only(&self, words: &SecretText, what: &str) {
            let vault = self.open(words).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(vault.header().generation, 2, "{what}");
            assert_eq!(vault.read_anchor().expect("read").newest(), Some(anchor(6)), "{what}");
            drop(vault);
            assert!(matches!(self.open(&self.words), Err(OpenError::Unlock(_))), "{what}");
            self.files_are(NEW_CATALOG, None, what);
        }

        fn holds_old_only(&self, what: &str) {
            let vault = self.open(&self.words).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(vault.header().generation, 1, "{what}");
            let both = AnchorState { folder: AnchorCopy::Valid(anchor(5)), outside: AnchorCopy::Valid(anchor(5)) };
            assert_eq!(vault.read_anchor().expect("read"), both, "{what}");
            self.files_are(OLD_CATALOG, Some(b"the old log"), what);
        }

        fn files_are(&self, catalog: &[u8], log: Option<&[u8]>, what: &str) {
            assert_eq!(self.read(CATALOG).as_deref(), Some(catalog), "{what}");
            assert_eq!(self.read(CATALOG_LOG).as_deref(), log, "{what}");
            assert_eq!(self.read(HEADER), self.read(HEADER_COPY), "{what}");
            assert!(!self.folder().join(FOLDER).exists(), "{what}");
        }
    }

    fn copy_folder(from: &Path, to: &Path) {
        for entry in fs::read_dir(from).expect("listed") {
            let entry = entry.expect("an entry");
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                fs::create_dir(&target).expect("made");
                copy_folder(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).expect("copied");
            }
        }
    }

    #[test]
    fn a_change_of_all_keys_takes_the_old_vault_s_place() {
        let sandbox = Sandbox::new();
        let vault = sandbox.open(&sandbox.words).expect("opens");
        let secret = SecretText::new("legal-winner".to_owned());
        let made = vault.make_protected_compartment(&stage(), &secret, KdfCost::floor()).expect("made");
        let dev = vault.make_compartment(&StageName::dev()).expect("made");
        let place =
            Place { compartment: made.id, target: Some(HostId::make()), table: "secret", row: [1; 16], revision: 1, field: "value" };
        let sealed = vault.seal(&place, &SecretBytes::new(b"hunter2".to_vec())).expect("sealed");
        let key = SecretKey::new([7; 32]);
        let slots = [NewSlot::Keyring(&key), NewSlot::Recovery, NewSlot::Recovery];
        let rekey = vault.begin_rekey(Unlock::RecoveryWords(&sandbox.words), &slots).expect("begun");
        assert_eq!((rekey.vault().id(), rekey.vault().header().generation, rekey.words().len()), (vault.id(), 2, 2));
        assert_ne!(rekey.database_key().expose(), vault.database_key().expose());
        assert!(!rekey.vault().is_open(made.id));
        let rewrapped = rekey.rewrap(made.id, &stage(), &made.wrapped).expect("rewrapped");
        assert!(rekey.vault().is_open(made.id), "it was open in the old vault");
        let unknown = Err(CompartmentError::UnknownWrapping { compartment: dev.id });
        assert_eq!(rekey.rewrap(dev.id, &StageName::dev(), &dev.wrapped), unknown);
        let damaged = Err(CompartmentError::Damaged { compartment: made.id });
        assert_eq!(rekey.rewrap(made.id, &StageName::dev(), &made.wrapped), damaged);
        assert!(rekey.vault().load_compartment(made.id, &stage(), &made.wrapped).is_err(), "wrapped under the old root key");

        // The new vault's own anchor does not leave its folder: a kill now must not leave one ahead of the header.
        rekey.vault().write_anchor(&anchor(1)).expect("written");
        let outside = AnchorCopy::Missing;
        assert_eq!(rekey.vault().read_anchor().expect("read"), AnchorState { folder: AnchorCopy::Valid(anchor(1)), outside });
        assert_eq!(vault.read_anchor().expect("read").newest(), Some(anchor(5)));

        fs::write(rekey.catalog_path(), NEW_CATALOG).expect("written");
        let words = rekey.words()[1].as_text().duplicate();
        let new = rekey.finish(&anchor(6)).expect("finished");
        assert_eq!((new.folder(), new.catalog_path()), (sandbox.folder().as_path(), sandbox.folder().join(CATALOG)));
        let both = AnchorState { folder: AnchorCopy::Valid(anchor(6)), outside: AnchorCopy::Valid(anchor(6)) };
        assert_eq!(new.read_anchor().expect("read"), both);
        assert_eq!(new.unseal(&place, &sealed).expect("opens").expose(), b"hunter2");
        assert!(new.header_is_current().expect("read"));
        // The old one can do no harm any more.
        assert!(vault.write_anchor(&anchor(7)).is_err());
        assert!(matches!(vault.add_slot(Unlock::RecoveryWords(&sandbox.words), NewSlot::Recovery), Err(SlotError::HeaderChanged { .. })));
        assert!(matches!(vault.read_anchor(), Err(AnchorError::HeaderIsOlder { header: 1, seen: 2, .. })));
        assert!(matches!(sandbox.open(&words), Err(OpenError::InUse { .. })), "the lock is still held");
        drop(vault);
        drop(new);

        sandbox.holds_new_only(&words, "finished");
        let vault = sandbox.open(&words).expect("opens");
        assert_eq!(vault.load_compartment(made.id, &stage(), &rewrapped), Ok(Loaded::Sealed));
        vault.unseal_compartment(made.id, &stage(), &rewrapped, &secret).expect("the same stage secret");
        assert_eq!(vault.unseal(&place, &sealed).expect("opens").expose(), b"hunter2");
    }

    #[test]
    fn killed_after_any_step_the_next_opening_ends_it() {
        let sandbox = Sandbox::new();
        let words = sandbox.announced();
        for taken in 0..=STEPS.len() {
            let copied = sandbox.copied();
            let outside = Some(copied.outside(&sandbox)).filter(|_| taken % 2 == 0);
            swap(&copied.folder(), outside.as_deref(), &STEPS[..taken]).expect("the steps");
            copied.holds_new_only(&words, &format!("killed after {taken} steps"));
            // Killed again while it ended: each step done twice.
            let copied = sandbox.copied();
            swap(&copied.folder(), None, &STEPS[..taken]).expect("the steps");
            if taken < STEPS.len() - 1 {
                swap(&copied.folder(), None, &STEPS[..taken]).expect("the same steps");
            }
            copied.holds_new_only(&words, &format!("{taken} steps, twice"));
        }
    }

    #[test]
    fn killed_before_it_is_announced_the_old_vault_stays() {
        let sandbox = Sandbox::new();
        let words = {
            let vault = sandbox.open(&sandbox.words).expect("opens");
            let rekey = vault.begin_rekey(Unlock::RecoveryWords(&sandbox.words), &[NewSlot::Recovery]).expect("begun");
            sandbox.copied().holds_old_only("nothing in it");
            fs::write(rekey.catalog_path(), NEW_CATALOG).expect("written");
            sandbox.copied().holds_old_only("a catalog");
            let announcement = rekey.write_files(&anchor(6)).expect("written");
            sandbox.copied().holds_old_only("all but the announcement");
            for part in [0, announcement.len() / 2, announcement.len()] {
                let copied = sandbox.copied();
                fs::write(copied.folder().join(FOLDER).join("ready.part"), &announcement[..part]).expect("written");
                copied.holds_old_only(&format!("{part} bytes of the announcement"));
            }
            rekey.words()[0].as_text().duplicate()
        };
        sandbox.holds_old_only("dropped");
        assert!(sandbox.open(&words).is_err());
    }

    impl Sandbox {
        fn outside(&self, of: &Self) -> PathBuf {
            let name = fs::read_dir(of.root.path().join("anchors")).expect("listed").next().expect("one").expect("an entry").file_name();
            self.root.path().join("anchors").join(name)
        }
    }

    #[test]
    fn a_folder_that_holds_something_else_than_was_announced_is_refused() {
        let sandbox = Sandbox::new();
        let words = sandbox.announced();
        let refused = |change: &dyn Fn(&Path), what: &str| {
            let copied = sandbox.copied();
            let before = copied.read(HEADER);
            change(&copied.folder().join(FOLDER));
            assert!(matches!(copied.open(&words), Err(OpenError::RekeyDamaged { .. })), "{what}");
            assert!(matches!(copied.open(&copied.words), Err(OpenError::RekeyDamaged { .. })), "{what}");
            assert_eq!((copied.read(HEADER), copied.read(CATALOG).as_deref()), (before, Some(OLD_CATALOG)), "{what}");
            assert!(copied.folder().join(CATALOG_LOG).exists(), "{what}");
        };
        for name in [HEADER, ANCHOR, CATALOG] {
            refused(&|new| fs::remove_file(new.join(name)).expect("removed"), &format!("no {name}"));
            refused(&|new| fs::write(new.join(name), b"other").expect("written"), &format!("another {name}"));
        }
        let ready = fs::read(sandbox.folder().join(FOLDER).join(READY)).expect("read");
        refused(&|new| fs::write(new.join(READY), b"").expect("written"), "an empty announcement");
        refused(&|new| fs::write(new.join(READY), &ready[1..]).expect("written"), "a cut announcement");
        refused(&|new| fs::write(new.join(READY), vec![0; 1 << 20]).expect("written"), "a long announcement");
        for position in 0..ready.len() {
            let mut changed = ready.clone();
            changed[position] ^= 1;
            refused(&|new| fs::write(new.join(READY), &changed).expect("written"), &format!("byte {position}"));
        }
        refused(
            &|new| {
                fs::remove_dir_all(new).expect("removed");
                fs::write(new, "a file").expect("written");
            },
            "a file in its place",
        );
        sandbox.holds_new_only(&words, "as announced");
    }

    #[test]
    fn an_unfinished_change_stands_in_nobody_s_way_and_a_finished_one_does() {
        let sandbox = Sandbox::new();
        let authority = Unlock::RecoveryWords(&sandbox.words);
        let vault = sandbox.open(&sandbox.words).expect("opens");
        let begin = |slots: &[NewSlot<'_>]| vault.begin_rekey(authority, slots);
        let key = SecretKey::new([7; 32]);
        assert!(matches!(begin(&[]), Err(SlotError::OnlyKeyring)));
        assert!(matches!(begin(&[NewSlot::Keyring(&key)]), Err(SlotError::OnlyKeyring)));
        assert!(matches!(begin(&[NewSlot::Recovery; 17]), Err(SlotError::TooMany { most: 16 })));
        let wrong = vault.begin_rekey(Unlock::Keyring(&key), &[NewSlot::Recovery]);
        assert!(matches!(wrong, Err(SlotError::Unlock(_))));
        assert!(!sandbox.folder().join(FOLDER).exists());
        drop(begin(&[NewSlot::Recovery]).expect("begun"));
        let rekey = begin(&[NewSlot::Recovery]).expect("begun again");

        assert!(matches!(rekey.announce(&anchor(6)), Err(FinishError::NoCatalog { .. })));
        fs::write(rekey.catalog_path(), NEW_CATALOG).expect("written");
        let log = rekey.vault().folder().join(CATALOG_LOG);
        fs::write(&log, "not empty").expect("written");
        assert!(matches!(rekey.announce(&anchor(6)), Err(FinishError::CatalogOpen { .. })));
        fs::write(&log, "").expect("written");
        let header = sandbox.read(HEADER).expect("read");
        sandbox.write(HEADER, b"another");
        assert!(matches!(rekey.announce(&anchor(6)), Err(FinishError::HeaderChanged { .. })));
        sandbox.write(HEADER, &header);
        fs::create_dir(rekey.vault().folder().join("ready.part")).expect("made");
        assert!(matches!(rekey.announce(&anchor(6)), Err(FinishError::Unchanged(_))));
        fs::remove_dir(rekey.vault().folder().join("ready.part")).expect("removed");
        vault.write_anchor(&anchor(5)).expect("the old vault goes on");
        rekey.announce(&anchor(6)).expect("announced");
        drop(rekey);
        assert!(matches!(begin(&[NewSlot::Recovery]), Err(SlotError::RekeyPending { .. })));
        assert!(vault.write_anchor(&anchor(7)).is_err());
    }

    #[test]
    fn a_disk_that_refuses_half_way_is_said_and_the_next_opening_ends_it() {
        let sandbox = Sandbox::new();
        let vault = sandbox.open(&sandbox.words).expect("opens");
        let rekey = vault.begin_rekey(Unlock::RecoveryWords(&sandbox.words), &[NewSlot::Recovery]).expect("begun");
        fs::write(rekey.catalog_path(), NEW_CATALOG).expect("written");
        let words = rekey.words()[0].as_text().duplicate();
        let in_the_way = sandbox.folder().join("header.json.bak.part");
        fs::create_dir(&in_the_way).expect("made");
        assert!(matches!(rekey.finish(&anchor(6)), Err(FinishError::HalfWay(_))));
        assert!(vault.write_anchor(&anchor(7)).is_err());
        drop(vault);
        fs::remove_dir(&in_the_way).expect("removed");
        sandbox.holds_new_only(&words, "after the disk was repaired");
    }

    /// A machine that saw the old generation, and one that saw the new one.
    #[test]
    fn the_anchors_of_other_generations_are_told_apart() {
        let sandbox = Sandbox::new();
        let old = sandbox.copied();
        let words = sandbox.announced();
        drop(sandbox.open(&words).expect("ended"));
        // Ended at an opening: the anchor outside is still the one of the old generation.
        let vault = sandbox.open(&words).expect("opens");
        let outside = AnchorCopy::Older { generation: 1, sequence: 5 };
        let state = AnchorState { folder: AnchorCopy::Valid(anchor(6)), outside };
        assert_eq!(vault.read_anchor().expect("read"), state);
        assert_eq!((state.newest(), state.highest_sequence()), (Some(anchor(6)), Some(6)));
        vault.write_anchor(&anchor(7)).expect("written");
        let path = vault.outside.clone().expect("a path");
        drop(vault);
        // The folder from before, on the machine that has seen the new generation.
        fs::create_dir_all(old.root.path().join("anchors")).expect("there");
        fs::copy(&path, old.outside(&sandbox)).expect("copied");
        let vault = old.open(&old.words).expect("opens");
        assert!(
            matches!(vault.read_anchor(), Err(AnchorError::HeaderIsOlder { header: 1, seen: 2, path }) if path == old.outside(&sandbox))
        );
    }

    #[test]
    fn announcements_survive_their_encoding_only() {
        let announcement = Announcement { header: [1; 32], anchor: [2; 32], catalog: [3; 32] };
        let bytes = announcement.to_bytes();
        assert_eq!(Announcement::from_bytes(&bytes), Some(announcement));
        for length in 0..bytes.len() {
            assert_eq!(Announcement::from_bytes(&bytes[..length]), None, "cut at {length}");
        }
        assert_eq!(Announcement::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
    }
}
