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
    let place = Place { compartment: made.id, target: Some(HostId::make()), table: "secret", row: [1; 16], revision: 1, field: "value" };
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
    assert!(matches!(vault.read_anchor(), Err(AnchorError::HeaderIsOlder { header: 1, seen: 2, path }) if path == old.outside(&sandbox)));
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
