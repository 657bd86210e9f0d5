//! A vault in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};

use beffroi_domain::{CompartmentId, HostId};
use beffroi_secret::SecretText;
use beffroi_vault::{Anchor, KdfCost, OpenError, OpenVault, Place, Places, Unlock, UnlockError, create, open};
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "canary-passphrase-5d1c, long enough";

pub(crate) struct Sandbox {
    pub(crate) root: TempDir,
    pub(crate) places: Places,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().expect("a temporary folder");
        let places = Places { anchors: root.path().join("state/anchors") };
        Self { root, places }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("morel.beffroi")
    }

    /// Creates the vault and closes it again.
    pub(crate) fn create(&self) -> SecretText {
        let (_, words) = create(&self.folder(), &text(PASSPHRASE), KdfCost::floor(), &self.places).expect("created");
        words.as_text().duplicate()
    }

    pub(crate) fn open(&self, words: &SecretText) -> Result<OpenVault, OpenError> {
        open(&self.folder(), Unlock::RecoveryWords(words), &self.places)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder().join(name), bytes).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).expect("read")
    }

    /// Changes every byte of the header, and cuts it anywhere: the vault is refused each time, and opens as it was.
    pub(crate) fn refuses_other_headers(&self, words: &SecretText) {
        let original = self.read("header.json");
        for position in 0..original.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = original.clone();
                changed[position] ^= flip;
                self.write("header.json", &changed);
                let error = self.open(words).err();
                assert!(error.is_some(), "byte {position} ^ {flip:#x} was accepted");
                // The words' own slot is the only one that can look like a wrong secret; a digit of the version may rise.
                let expected = matches!(
                    error,
                    Some(OpenError::Damaged { .. } | OpenError::Unlock(UnlockError::WrongRecoveryWords) | OpenError::FormatTooNew { .. })
                );
                assert!(expected, "byte {position} ^ {flip:#x}: {error:?}");
            }
            self.write("header.json", &original[..position]);
            assert!(matches!(self.open(words), Err(OpenError::Damaged { .. })), "cut at {position}");
        }
        self.write("header.json", &original);
        self.open(words).expect("the original still opens");
    }
}

pub(crate) fn text(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

pub(crate) fn place(compartment: CompartmentId) -> Place<'static> {
    Place { compartment, target: Some(HostId::make()), table: "secret", row: [1; 16], revision: 1, field: "value" }
}

pub(crate) fn anchor(sequence: u64) -> Anchor {
    Anchor { sequence, journal_head: [7; 32], state_digest: [8; 32] }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
