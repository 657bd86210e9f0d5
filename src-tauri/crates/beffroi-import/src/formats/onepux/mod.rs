//! 1Password: `.1pux`, a ZIP of `export.data` (JSON) and the files that belong to its items
//! (<https://support.1password.com/1pux-format/>).
//!
//! Nothing is written to the disk and no name out of the archive is a path: a file is found by the number of its document.

mod item;

use std::collections::HashMap;
use std::io::Cursor;

use serde::Deserialize;
use zeroize::Zeroizing;
use zip::read::{Config, ZipFileEntry, ZipReadOptions};
use zip::unstable::read::ZipIterable;

use crate::collect::{Collected, label};
use crate::json::{self, Few};
use crate::limits::{MOST_ATTACHMENT, MOST_ENTRIES, MOST_FILES, MOST_TEXT, within};
use crate::{Attachment, Entry, ImportError, Parsed, Reading, Source, decode};
use item::{Document, Item};

/// The entry that holds everything but files.
const DATA: &str = "export.data";
/// How far its name is looked for.
const HEAD: usize = 64 << 10;
/// Vaults of an account, and accounts of an export.
const MOST_VAULTS: usize = 1_000;

/// A ZIP by its first bytes, that says so by its name or has `export.data` near its beginning or end.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let has = |part: &[u8]| part.windows(DATA.len()).any(|window| window == DATA.as_bytes());
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let tail = bytes.get(bytes.len().saturating_sub(HEAD)..).unwrap_or(bytes);
    bytes.starts_with(b"PK\x03\x04") && (source.name().to_lowercase().ends_with(".1pux") || has(head) || has(tail))
}

/// Every item, below the name of its vault.
///
/// # Errors
/// [`ImportError::TooLarge`] by what the archive says of itself, before anything inflates, and again by what comes out;
/// [`ImportError::Malformed`], [`ImportError::Truncated`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut archive = Archive::of(reading)?;
    let data = archive.file(DATA, DATA, MOST_TEXT)?.ok_or(ImportError::Malformed { what: DATA, at: 0 })?;
    let export: Export = json::from_text(&decode(&data)?)?;
    drop(data);
    let mut collected = Collected::default();
    let accounts = export.accounts.all("accounts")?;
    let several = accounts.len() > 1;
    for account in accounts {
        let name = account.attrs.unwrap_or_default();
        let name = name.account_name.or(name.name).filter(|_| several);
        for vault in account.vaults.all("vaults")? {
            let path: Vec<String> = name
                .iter()
                .cloned()
                .chain(vault.attrs.unwrap_or_default().name)
                .filter(|group| !group.is_empty())
                .map(|group| label(&group))
                .collect();
            for item in vault.items.all("items")? {
                let (mut entry, documents) = item.entry(path.clone(), &mut collected)?;
                for document in documents {
                    archive.attach(document, &mut entry, &mut collected)?;
                }
                collected.take(entry)?;
            }
        }
    }
    Ok(collected.parsed)
}

#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    accounts: Few<Account, MOST_VAULTS>,
}

#[derive(Deserialize)]
struct Account {
    attrs: Option<About>,
    #[serde(default)]
    vaults: Few<Vault, MOST_VAULTS>,
}

#[derive(Deserialize)]
struct Vault {
    attrs: Option<About>,
    #[serde(default)]
    items: Few<Box<Item>, MOST_ENTRIES>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct About {
    account_name: Option<String>,
    name: Option<String>,
}

/// The archive: where each of its entries is.
struct Archive<'a> {
    reading: &'a Reading<'a>,
    bytes: &'a [u8],
    entries: HashMap<String, ZipFileEntry<'static>>,
}

impl<'a> Archive<'a> {
    /// Finds its entries: `export.data`, and the files by the number of their document.
    fn of(reading: &'a Reading<'a>) -> Result<Self, ImportError> {
        let malformed = |_| ImportError::Malformed { what: "ZIP", at: 0 };
        let bytes = reading.source.bytes()?;
        let mut archive = ZipIterable::try_new(Cursor::new(bytes), Config::default()).map_err(malformed)?;
        within("ZIP", archive.len() as u64, MOST_FILES as u64)?;
        let mut entries = HashMap::new();
        for entry in archive.files().map_err(malformed)? {
            let entry = entry.map_err(malformed)?;
            let name = entry.name().map_err(malformed)?.into_owned();
            let document = name.strip_prefix("files/").and_then(|file| file.split_once("__")).map(|(number, _)| number);
            let key = if name == DATA {
                name
            } else if let Some(number) = document {
                number.to_owned()
            } else {
                continue;
            };
            if entries.insert(key, entry).is_some() {
                // One of two would be read, and nobody could say which.
                return Err(ImportError::Malformed { what: "ZIP", at: 0 });
            }
        }
        Ok(Self { reading, bytes, entries })
    }

    /// What is in an entry. None when there is none.
    fn file(&mut self, key: &str, what: &'static str, most: u64) -> Result<Option<Zeroizing<Vec<u8>>>, ImportError> {
        let Some(entry) = self.entries.remove(key) else { return Ok(None) };
        if entry.encrypted() {
            return Err(ImportError::Unsupported { what: "encrypted ZIP".to_owned() });
        }
        let (says, compressed) = (entry.size(), entry.compressed_size().min(self.bytes.len() as u64));
        within(what, says, most)?;
        let malformed = || ImportError::Malformed { what, at: 0 };
        let mut from = Cursor::new(self.bytes);
        let file = entry.with_reader(&mut from, ZipReadOptions::default()).map_err(|_| malformed())?;
        // One byte more than it says shows that it lies.
        let bytes = self.reading.work.inflate(what, compressed, std::io::Read::take(file, says + 1))?;
        if bytes.len() as u64 != says {
            return Err(malformed());
        }
        Ok(Some(bytes))
    }

    fn attach(&mut self, document: Document, entry: &mut Entry, collected: &mut Collected) -> Result<(), ImportError> {
        let name = base(document.file_name.as_deref().unwrap_or_default());
        let Some(number) = document.document_id else { return Ok(()) };
        let too_large = self.entries.get(&number).is_some_and(|file| file.size() > MOST_ATTACHMENT);
        if too_large {
            collected.parsed.refuse(name, "too-large");
            return Ok(());
        }
        match self.file(&number, "files", MOST_ATTACHMENT)? {
            Some(mut bytes) => {
                let bytes = beffroi_secret::SecretBytes::new(std::mem::take(&mut *bytes));
                entry.attachments.push(Attachment { name, bytes });
            }
            None => collected.parsed.refuse(name, "missing-file"),
        }
        Ok(())
    }
}

/// The name of a file without its folders, and without what no name has.
fn base(name: &str) -> String {
    let base: String = name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|next| !next.is_control()).take(255).collect();
    if base.is_empty() || base == "." || base == ".." { "file".to_owned() } else { base }
}

#[cfg(test)]
mod tests;
