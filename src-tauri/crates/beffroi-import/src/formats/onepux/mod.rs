//! 1Password: `.1pux`, a ZIP of `export.data` (JSON) and the files that belong to its items
//! (<https://support.1password.com/1pux-format/>).
//!
//! Nothing is written to the disk and no name out of the archive is a path: a file is found by the number of its document.

mod item;

use serde::Deserialize;

use crate::archive::{self, Archive};
use crate::collect::{Collected, label};
use crate::json::{self, Few};
use crate::limits::{MOST_ATTACHMENT, MOST_ENTRIES, MOST_TEXT};
use crate::{Attachment, Entry, ImportError, Parsed, Reading, Source, decode};
use item::{Document, Item};

/// The entry that holds everything but files.
const DATA: &str = "export.data";
/// Vaults of an account, and accounts of an export.
const MOST_VAULTS: usize = 1_000;

/// A ZIP by its first bytes, that says so by its name or has `export.data` near its beginning or end.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    // Its first bytes only.
    let is_zip = bytes.starts_with(b"PK\x03\x04");
    (is_zip && source.name().to_lowercase().ends_with(".1pux")) || archive::has(bytes, DATA.as_bytes())
}

/// Every item, below the name of its vault.
///
/// # Errors
/// [`ImportError::TooLarge`] by what the archive says of itself, before anything inflates, and again by what comes out;
/// [`ImportError::Malformed`], [`ImportError::Truncated`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut archive = Archive::of(reading, key)?;
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
                    attach(&mut archive, document, &mut entry, &mut collected)?;
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

/// `export.data`, and the files by the number of their document.
fn key(name: String) -> Option<String> {
    let number = name.strip_prefix("files/").and_then(|file| file.split_once("__")).map(|(number, _)| number.to_owned());
    if name == DATA { Some(name) } else { number }
}

fn attach(archive: &mut Archive<'_>, document: Document, entry: &mut Entry, collected: &mut Collected) -> Result<(), ImportError> {
    let name = base(document.file_name.as_deref().unwrap_or_default());
    let Some(number) = document.document_id else { return Ok(()) };
    let too_large = archive.size(&number).is_some_and(|size| size > MOST_ATTACHMENT);
    if too_large {
        collected.parsed.refuse(name, "too-large");
        return Ok(());
    }
    match archive.file(&number, "files", MOST_ATTACHMENT)? {
        Some(mut bytes) => {
            let bytes = beffroi_secret::SecretBytes::new(std::mem::take(&mut *bytes));
            entry.attachments.push(Attachment { name, bytes });
        }
        None => collected.parsed.refuse(name, "missing-file"),
    }
    Ok(())
}

/// The name of a file without its folders, and without what no name has.
fn base(name: &str) -> String {
    let base: String = name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|next| !next.is_control()).take(255).collect();
    if base.is_empty() || base == "." || base == ".." { "file".to_owned() } else { base }
}

#[cfg(test)]
mod tests;
