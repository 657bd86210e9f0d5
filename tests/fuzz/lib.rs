//! What several targets need: a folder in memory, a vault that is open, and a reading of a file from outside.

pub mod import;

use std::path::{Path, PathBuf};

use beffroi_secret::SecretText;
use beffroi_vault::{KdfCost, OpenVault, Places};
use tempfile::TempDir;

/// A folder of this process, in memory where there is such a place: what is read from files is written thousands of times
/// a second.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder can be made")
}

/// A vault that was made for this process.
pub struct Vault {
    /// It is open.
    pub open: OpenVault,
    /// The copy of the anchor that is outside of its folder.
    pub outside: PathBuf,
    _folder: TempDir,
}

impl Vault {
    /// Makes it, with the least costly key derivation that there is.
    pub fn make() -> Self {
        let folder = folder();
        let places = Places { anchors: folder.path().join("anchors") };
        let passphrase = SecretText::new("a passphrase of the fuzzer".to_owned());
        let made = beffroi_vault::create(&folder.path().join("fuzz.beffroi"), &passphrase, KdfCost::floor(), &places);
        let open = made.expect("a vault can be made").0;
        let outside = places.anchors.join(open.id().to_string());
        Self { open, outside, _folder: folder }
    }
}
