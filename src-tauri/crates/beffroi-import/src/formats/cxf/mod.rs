//! Credential Exchange Format (CXF) of the FIDO Alliance, as JSON: what password managers hand to each other
//! (<https://fidoalliance.org/specs/cx/cxf-v1.0-rd-20250313.html>).
//!
//! A header with its accounts, or an account alone, as Apple's systems give it. Everything in it is in clear: what seals it on
//! its way is another protocol (CXP), between two programs.

mod item;

use std::collections::HashMap;
use std::rc::Rc;

use serde::Deserialize;

use crate::collect::{Collected, MOST_FIELDS, label};
use crate::json::{self, Few};
use crate::limits::{MOST_DEPTH, MOST_ENTRIES, within};
use crate::{ImportError, Parsed, Reading, Source, decode};
use item::Item;

/// Accounts of a file.
const MOST_ACCOUNTS: usize = 1_000;
/// Collections of one, or of an account.
const MOST_COLLECTIONS: usize = 20_000;
/// How far its first members are looked for.
const HEAD: usize = 4 << 10;

/// JSON whose first members are those of a header, or of an account.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head));
    let has = |name: &str| head.contains(name);
    let is_account = has("\"items\"") && has("\"credentials\"") && has("\"collections\"");
    head.trim_start().starts_with('{') && (has("\"exporterRpId\"") || is_account)
}

/// Every item, in its collection, below the name of its account where there are several.
///
/// # Errors
/// [`ImportError::Unsupported`] for another version; [`ImportError::TooLarge`], [`ImportError::Truncated`],
/// [`ImportError::Malformed`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let header: Header = json::from_text(&text)?;
    if let Some(version) = header.version.filter(|version| version.major > 1) {
        return Err(ImportError::Unsupported { what: format!("CXF {}", version.major) });
    }
    let mut accounts = header.accounts.all("accounts")?;
    if accounts.is_empty() {
        accounts.push(Account { collections: header.collections, items: header.items, ..Account::default() });
    }
    let several = accounts.len() > 1;
    let mut collected = Collected::default();
    for account in accounts {
        let name = account.email.or(account.username).filter(|name| several && !name.is_empty());
        let mut places = HashMap::new();
        for collection in account.collections.all("collections")? {
            collection.put_into(&mut places, None, 1)?;
        }
        for item in account.items.all("items")? {
            let path = item.id().and_then(|id| places.get(id)).map(|place: &Rc<Place>| place.path()).unwrap_or_default();
            let path = name.iter().cloned().chain(path).collect();
            let entry = item.entry(path, reading, &mut collected)?;
            collected.take(entry)?;
        }
    }
    if !collected.parsed.entries.is_empty() {
        collected.parsed.notice("clear-text", "");
    }
    Ok(collected.parsed)
}

/// A header; or an account, by its members.
#[derive(Deserialize)]
struct Header {
    version: Option<Version>,
    #[serde(default)]
    accounts: Few<Account, MOST_ACCOUNTS>,
    #[serde(default)]
    collections: Few<Collection, MOST_COLLECTIONS>,
    #[serde(default)]
    items: Few<Box<Item>, MOST_ENTRIES>,
}

#[derive(Deserialize)]
struct Version {
    major: u64,
}

#[derive(Deserialize, Default)]
struct Account {
    username: Option<String>,
    email: Option<String>,
    #[serde(default)]
    collections: Few<Collection, MOST_COLLECTIONS>,
    #[serde(default)]
    items: Few<Box<Item>, MOST_ENTRIES>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    title: Option<String>,
    #[serde(default)]
    items: Few<Linked, MOST_ENTRIES>,
    #[serde(default)]
    sub_collections: Few<Self, MOST_FIELDS>,
}

#[derive(Deserialize)]
struct Linked {
    item: Option<String>,
}

/// Where a collection is.
struct Place {
    title: String,
    above: Option<Rc<Self>>,
}

impl Place {
    /// Its titles, the outermost first.
    fn path(&self) -> Vec<String> {
        let mut path: Vec<String> =
            std::iter::successors(Some(self), |place| place.above.as_deref()).map(|place| place.title.clone()).collect();
        path.retain(|title| !title.is_empty());
        path.reverse();
        path
    }
}

impl Collection {
    /// Notes where each of its items is; the first place of an item counts.
    fn put_into(self, places: &mut HashMap<String, Rc<Place>>, above: Option<&Rc<Place>>, depth: usize) -> Result<(), ImportError> {
        within("collections", depth as u64, MOST_DEPTH as u64)?;
        let place = Rc::new(Place { title: label(&self.title.unwrap_or_default()), above: above.cloned() });
        for linked in self.items.all("items")? {
            if let Some(item) = linked.item {
                places.entry(item).or_insert_with(|| Rc::clone(&place));
            }
        }
        self.sub_collections.all("subCollections")?.into_iter().try_for_each(|below| below.put_into(places, Some(&place), depth + 1))
    }
}

#[cfg(test)]
mod tests;
