//! electerm: bookmarks exported as JSON, all of its data exported, and the `bookmarks.json` and `profiles.json` of its
//! synchronisation.
//!
//! An export is `{"bookmarkGroups": […], "bookmarks": […]}`, or a list of bookmarks alone, with its passwords in clear
//! (`src/client/components/tree-list/bookmark-toolbar.jsx`); older ones say `passwordEncrypted` where every UTF-16 unit of a password
//! is shifted by its place (`src/client/common/pass-enc.js`), which hides nothing. What is synchronised may be sealed as a whole:
//! `gcm:IV:SALT:TAG:TEXT` in hexadecimal, AES-256-GCM under a key of scrypt with N = 16384, r = 8, p = 1; before, the bare text in
//! hexadecimal, AES-192-CBC with a first block of zeros under a key of the same scrypt with the salt `salt` (`src/app/lib/enc.js`).

mod bookmark;

use std::collections::{HashMap, HashSet};

use aes::Aes192;
use aes_gcm::aead::{AeadInOut, Tag};
use aes_gcm::{Aes256Gcm, KeyInit};
use beffroi_secret::SecretText;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::collect::{Collected, label};
use crate::hex::unhex;
use crate::json::{self, Few};
use crate::limits::{MOST_DEPTH, MOST_ENTRIES, MOST_SCRYPT_LOG_N};
use crate::{ImportError, Parsed, Reading, Source, Work, decode};
use bookmark::{Bookmark, Profile};

/// Groups of an export, and members of one.
const MOST_GROUPS: usize = 20_000;
/// How far its first members are looked for.
const HEAD: usize = 4 << 10;
/// log2 of the N of its scrypt.
const LOG_N: u8 = 14;
/// What a sealed text begins with.
const SEALED: &str = "gcm:";

/// JSON with the members of an export, or a text that is sealed as electerm does.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head));
    let head = head.trim_start();
    let has = |name: &str| head.contains(name);
    if let Some(rest) = head.strip_prefix(SEALED) {
        let mut parts = rest.split(':').map(str::len);
        return (parts.next(), parts.next(), parts.next()) == (Some(24), Some(32), Some(32));
    }
    let names_one =
        has("\"host\"") && ["\"authType\"", "\"enableSsh\"", "\"enableSftp\"", "\"connectionHoppings\""].iter().any(|name| has(name));
    (head.starts_with('{') && has("\"bookmarkGroups\"")) || (head.starts_with('[') && names_one)
}

/// Bookmarks by SSH as hosts with what they log in with; others as entries with their address; profiles as entries.
///
/// # Errors
/// [`ImportError::Locked`] and [`ImportError::Wrong`] of `password` for a sealed one; [`ImportError::TooLarge`],
/// [`ImportError::Truncated`], [`ImportError::Malformed`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let sealed = text.trim();
    let is_bare = sealed.len() >= 32 && sealed.bytes().all(|byte| byte.is_ascii_hexdigit());
    if sealed.starts_with(SEALED) || is_bare {
        let password = reading.unlock.password.as_ref().ok_or(ImportError::Locked { what: "password" })?;
        let clear = open(sealed, password, reading.work)?;
        return take(&decode(&clear)?);
    }
    take(&text)
}

fn take(text: &str) -> Result<Parsed, ImportError> {
    let export = if text.trim_start().starts_with('[') {
        Export { bookmarks: json::from_text(text)?, ..Export::default() }
    } else {
        json::from_text::<Export>(text)?
    };
    let mut collected = Collected::default();
    let groups = Groups::new(export.groups.all("bookmarkGroups")?)?;
    let mut profiles = HashMap::new();
    for profile in export.profiles.all("profiles")? {
        profiles.extend(profile.take_into(&mut collected)?);
    }
    for bookmark in export.bookmarks.all("bookmarks")? {
        bookmark.take_into(&groups, &profiles, &mut collected)?;
    }
    Ok(collected.parsed)
}

#[derive(Deserialize, Default)]
struct Export {
    #[serde(default)]
    bookmarks: Few<Box<Bookmark>, MOST_ENTRIES>,
    #[serde(default, rename = "bookmarkGroups")]
    groups: Few<Group, MOST_GROUPS>,
    #[serde(default)]
    profiles: Few<Box<Profile>, MOST_GROUPS>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    id: Option<String>,
    title: Option<String>,
    #[serde(default)]
    bookmark_ids: Few<String, MOST_ENTRIES>,
    #[serde(default)]
    bookmark_group_ids: Few<String, MOST_GROUPS>,
}

/// The groups of bookmarks, by their numbers.
struct Groups {
    titles: HashMap<String, String>,
    above: HashMap<String, String>,
    of: HashMap<String, String>,
}

impl Groups {
    fn new(groups: Vec<Group>) -> Result<Self, ImportError> {
        let (mut titles, mut above, mut of) = (HashMap::new(), HashMap::new(), HashMap::new());
        for group in groups {
            let id = group.id.unwrap_or_default();
            for below in group.bookmark_group_ids.all("bookmarkGroupIds")? {
                above.entry(below).or_insert_with(|| id.clone());
            }
            of.extend(group.bookmark_ids.all("bookmarkIds")?.into_iter().map(|bookmark| (bookmark, id.clone())));
            // The group that everything is in has no name that says anything.
            let title = if id == "default" { String::new() } else { label(&group.title.unwrap_or_default()) };
            titles.insert(id, title);
        }
        Ok(Self { titles, above, of })
    }

    /// The groups of a bookmark, the outermost first. A group that is in itself ends the way.
    fn path(&self, bookmark: &str) -> Vec<String> {
        let (mut path, mut seen, mut next) = (Vec::new(), HashSet::new(), self.of.get(bookmark));
        while let Some(id) = next.filter(|id| seen.len() < MOST_DEPTH && seen.insert(*id)) {
            path.extend(self.titles.get(id).filter(|title| !title.is_empty()).cloned());
            next = self.above.get(id);
        }
        path.reverse();
        path
    }
}

/// Opens a sealed text.
fn open(text: &str, password: &SecretText, work: &Work) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let malformed = || ImportError::Malformed { what: SEALED, at: 1 };
    let bytes = |part: Option<&str>| part.and_then(|part| unhex(part.as_bytes())).ok_or_else(malformed);
    let Some(sealed) = text.strip_prefix(SEALED) else {
        let clear = bytes(Some(text))?;
        if !clear.len().is_multiple_of(16) {
            return Err(malformed());
        }
        let key = key(password, b"salt", 24, work)?;
        return legacy(&key, &clear).ok_or(ImportError::Wrong { what: "password" });
    };
    let mut parts = sealed.split(':');
    let (iv, salt, tag, clear) = (bytes(parts.next())?, bytes(parts.next())?, bytes(parts.next())?, bytes(parts.next())?);
    let (Ok(iv), 16, Ok(tag), None) = (<[u8; 12]>::try_from(iv), salt.len(), <[u8; 16]>::try_from(tag), parts.next()) else {
        return Err(malformed());
    };
    let cipher = Aes256Gcm::new_from_slice(&key(password, &salt, 32, work)?).map_err(|_| malformed())?;
    let mut clear = Zeroizing::new(clear);
    let opened = cipher.decrypt_inout_detached(&iv.into(), b"", clear.as_mut_slice().into(), &Tag::<Aes256Gcm>::from(tag));
    // Nothing else in the file would show a wrong password.
    opened.map_err(|_| ImportError::Wrong { what: "password" })?;
    Ok(clear)
}

/// Nothing but the padding, and the JSON inside, shows that it is the right key.
fn legacy(key: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    use aes::cipher::block_padding::Pkcs7;
    use aes::cipher::{BlockModeDecrypt, KeyIvInit};
    let mut clear = Zeroizing::new(sealed.to_vec());
    let cipher = cbc::Decryptor::<Aes192>::new_from_slices(key, &[0; 16]).ok()?;
    let length = cipher.decrypt_padded::<Pkcs7>(&mut clear).ok()?.len();
    clear.truncate(length);
    let is_json = std::str::from_utf8(&clear).is_ok_and(|text| text.trim_start().starts_with(['[', '{']));
    is_json.then_some(clear)
}

/// A key: scrypt as Node.js does it when nothing else is said.
fn key(password: &SecretText, salt: &[u8], length: usize, work: &Work) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let unsupported = || ImportError::Unsupported { what: "scrypt".to_owned() };
    let parameters = scrypt::Params::new(LOG_N, 8, 1).map_err(|_| unsupported())?;
    let mut key = Zeroizing::new(vec![0; length]);
    work.derives("scrypt", 1 << LOG_N, 1 << MOST_SCRYPT_LOG_N)?;
    // Only into the derivation.
    scrypt::scrypt(password.expose().as_bytes(), salt, &parameters, &mut key).map_err(|_| unsupported())?;
    Ok(key)
}

#[cfg(test)]
mod tests;
