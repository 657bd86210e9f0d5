//! Bitwarden: exports as JSON, plain or protected by a password of their own; the CSV is with the other [`super::csv`].
//!
//! <https://bitwarden.com/help/condition-bitwarden-import/> for the shape. An export that is encrypted with the key of an account
//! cannot be read by anybody but that account: it is refused with a word for it.

mod item;
pub(crate) mod protected;

use std::collections::HashMap;

use serde::Deserialize;

use crate::collect::{self, Collected};
use crate::json::{self, Few};
use crate::limits::MOST_ENTRIES;
use crate::{ImportError, Parsed, Reading, Source, decode};
use item::Item;
pub(crate) use item::{OWN, kind, word};
use protected::{Kdf, Sealed};

/// Folders or collections of an export.
const MOST_FOLDERS: usize = 20_000;
/// How far its first members are looked for.
const HEAD: usize = 4 << 10;

/// JSON whose first members are those of an export.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head));
    let has = |name: &str| head.contains(name);
    head.trim_start().starts_with('{')
        && has("\"encrypted\"")
        && (has("\"passwordProtected\"")
            || has("\"encKeyValidation_DO_NOT_EDIT\"")
            || has("\"folders\"")
            || has("\"collections\"")
            || has("\"items\""))
}

/// Every item, in its folder or collection.
///
/// # Errors
/// [`ImportError::Locked`] and [`ImportError::Wrong`] for the password, [`ImportError::Altered`] when what is inside was changed;
/// nothing is derived before all parameters are within the limits, and nothing is read before both of its MACs are verified.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let export: Export = json::from_text(&text)?;
    let mut collected = Collected::default();
    match (export.encrypted, export.password_protected) {
        (true, true) => {
            let (clear, kdf) = export.open(reading)?;
            let export: Export = json::from_text(&decode(&clear)?)?;
            if export.encrypted {
                return Err(ImportError::Malformed { what: "data", at: 0 });
            }
            if kdf.is_weak() {
                collected.parsed.notice("weak-kdf", "");
            }
            export.take_into(&mut collected)?;
        }
        (true, false) => collected.parsed.refuse(reading.source.name(), "account-bound"),
        (false, _) => export.take_into(&mut collected)?,
    }
    Ok(collected.parsed)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Export {
    encrypted: bool,
    #[serde(default)]
    password_protected: bool,
    salt: Option<String>,
    kdf_type: Option<u64>,
    kdf_iterations: Option<u64>,
    kdf_memory: Option<u64>,
    kdf_parallelism: Option<u64>,
    #[serde(rename = "encKeyValidation_DO_NOT_EDIT")]
    validation: Option<String>,
    data: Option<String>,
    #[serde(default)]
    folders: Few<Folder, MOST_FOLDERS>,
    #[serde(default)]
    collections: Few<Folder, MOST_FOLDERS>,
    /// Apart from each other, so that a long list of them is never moved as a whole.
    #[serde(default)]
    items: Few<Box<Item>, MOST_ENTRIES>,
}

#[derive(Deserialize)]
struct Folder {
    id: Option<String>,
    name: Option<String>,
}

impl Export {
    /// What is inside of a protected one.
    fn open(self, reading: &Reading<'_>) -> Result<(zeroize::Zeroizing<Vec<u8>>, Kdf), ImportError> {
        let missing = |what| ImportError::Malformed { what, at: 0 };
        let salt = self.salt.ok_or_else(|| missing("salt"))?;
        let (kind, rounds) =
            (self.kdf_type.ok_or_else(|| missing("kdfType"))?, self.kdf_iterations.ok_or_else(|| missing("kdfIterations"))?);
        let kdf = Kdf::of(kind, rounds, self.kdf_memory, self.kdf_parallelism)?;
        let validation =
            Sealed::of("encKeyValidation_DO_NOT_EDIT", &self.validation.ok_or_else(|| missing("encKeyValidation_DO_NOT_EDIT"))?)?;
        let data = Sealed::of("data", &self.data.ok_or_else(|| missing("data"))?)?;
        let password = reading.unlock.password.as_ref().ok_or(ImportError::Locked { what: "password" })?;
        let keys = kdf.keys(password, &salt, reading.work)?;
        if !validation.is_of(&keys) {
            return Err(ImportError::Wrong { what: "password" });
        }
        Ok((data.open(&keys)?, kdf))
    }

    fn take_into(self, collected: &mut Collected) -> Result<(), ImportError> {
        let mut places = Places::default();
        let folders = self.folders.all("folders")?.into_iter().chain(self.collections.all("collections")?);
        for folder in folders {
            if let (Some(id), Some(name)) = (folder.id, folder.name) {
                places.0.insert(id, collect::groups(&name, '/').collect());
            }
        }
        for item in self.items.all("items")? {
            item.take_into(&places, collected)?;
        }
        Ok(())
    }
}

/// Folders and collections, by their numbers. `/` in a name parts those within each other.
#[derive(Default)]
struct Places(HashMap<String, Vec<String>>);

impl Places {
    fn path(&self, id: &str) -> Option<Vec<String>> {
        self.0.get(id).cloned()
    }
}

#[cfg(test)]
mod tests;
