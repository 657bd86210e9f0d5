//! Bitwarden: JSON that is protected by a password of its own, as Bitwarden itself exports and imports it.
//!
//! What Bitwarden has no place for goes into fields that begin with `beffroi:`, and comes back from them. Files are left out
//! ([`left_out`]): the format has none.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use beffroi_secret::SecretText;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::collect::kind_of;
use crate::formats::bitwarden::protected::{Kdf, random};
use crate::formats::bitwarden::{OWN, word};
use crate::{Entry, ImportError, Kind, Parsed, Refused, Work, dates};

/// What Bitwarden itself takes at most of Argon2id is 1 GiB, ten passes and 16 lanes; its own default are 64 MiB, three and four.
const PASSES: u32 = 6;
const MIB: u32 = 64;
const LANES: u32 = 4;

/// The entries under a password: Argon2id, AES-256-CBC and HMAC-SHA256.
///
/// # Errors
/// [`ImportError::Io`] when the system gives no random bytes.
pub fn write(parsed: &Parsed, password: &SecretText) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let data = export(parsed)?;
    let salt = BASE64_STANDARD.encode(random::<16>()?);
    let keys = Kdf::Argon2id { passes: PASSES, mib: MIB, lanes: LANES }.keys(password, &salt, &Work::default())?;
    let sealed = Protected {
        encrypted: true,
        password_protected: true,
        salt: &salt,
        kdf_type: 1,
        kdf_iterations: PASSES,
        kdf_memory: MIB,
        kdf_parallelism: LANES,
        validation: keys.seal(number()?.as_bytes())?,
        data: keys.seal(&data)?,
    };
    json(&sealed)
}

/// What is not written: files.
#[must_use]
pub fn left_out(parsed: &Parsed) -> Vec<Refused> {
    super::csv::left_out(parsed)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Protected<'a> {
    encrypted: bool,
    password_protected: bool,
    salt: &'a str,
    kdf_type: u8,
    kdf_iterations: u32,
    kdf_memory: u32,
    kdf_parallelism: u32,
    #[serde(rename = "encKeyValidation_DO_NOT_EDIT")]
    validation: String,
    data: String,
}

#[derive(Serialize)]
struct Export<'a> {
    encrypted: bool,
    folders: Vec<Folder>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Folder {
    id: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    id: &'a str,
    organization_id: Option<&'a str>,
    folder_id: Option<String>,
    collection_ids: Option<[&'a str; 0]>,
    #[serde(rename = "type")]
    kind: u8,
    reprompt: u8,
    name: &'a str,
    notes: Option<&'a str>,
    favorite: bool,
    fields: Vec<Field<'a>>,
    password_history: Vec<Former<'a>>,
    creation_date: Option<String>,
    revision_date: Option<String>,
    deleted_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<Login<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure_note: Option<SecureNote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssh_key: Option<SshKey<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    name: String,
    value: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Former<'a> {
    last_used_date: Option<String>,
    password: &'a str,
}

#[derive(Serialize)]
struct Login<'a> {
    uris: Vec<Uri<'a>>,
    username: Option<&'a str>,
    password: Option<&'a str>,
    totp: Option<&'a str>,
}

#[derive(Serialize)]
struct Uri<'a> {
    #[serde(rename = "match")]
    matches: Option<u8>,
    uri: &'a str,
}

#[derive(Serialize)]
struct SecureNote {
    #[serde(rename = "type")]
    kind: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SshKey<'a> {
    private_key: &'a str,
    public_key: &'a str,
    key_fingerprint: &'a str,
}

/// What is inside.
fn export(parsed: &Parsed) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut folders: HashMap<String, String> = HashMap::new();
    for entry in parsed.entries.iter().filter(|entry| !entry.path.is_empty()) {
        let name = entry.path.join("/");
        if let Place::Vacant(place) = folders.entry(name) {
            place.insert(number()?);
        }
    }
    let items = parsed.entries.iter().map(|entry| item(entry, &folders)).collect();
    let folders = folders.into_iter().map(|(name, id)| Folder { id, name }).collect();
    json(&Export { encrypted: false, folders, items })
}

/// An entry. Everything that is exposed goes into the file, sealed.
fn item<'a>(entry: &'a Entry, folders: &HashMap<String, String>) -> Item<'a> {
    let shown = |text: &'a Option<SecretText>| text.as_ref().map(|text| text.expose().as_str());
    let is_key = entry.kind == Kind::PrivateKey && entry.value.is_some();
    let is_note =
        entry.kind == Kind::Note && entry.value.is_none() && entry.user.is_none() && entry.urls.is_empty() && entry.totp.is_none();
    let is_login = !is_key && !is_note;
    let date = |at: Option<u64>| at.and_then(dates::rfc3339);
    let deleted =
        entry.discarded.then(|| date(entry.changed_ms.or(entry.created_ms)).unwrap_or_else(|| "1970-01-01T00:00:01.000Z".to_owned()));
    let public = |name: &str| entry.fields.iter().find(|field| field.name == name).map_or("", |field| field.value.expose());
    let mut fields = Vec::new();
    let own_members = ["publicKey", "keyFingerprint"];
    for field in entry.fields.iter().filter(|field| !(is_key && own_members.contains(&field.name.as_str()))) {
        fields.push(Field { name: field.name.clone(), value: Cow::Borrowed(field.value.expose()), kind: u8::from(field.hidden) });
    }
    let mut own = |name: &str, value: &'a str, hidden: bool| {
        fields.push(Field { name: format!("{OWN}{name}"), value: Cow::Borrowed(value), kind: u8::from(hidden) })
    };
    if !is_login {
        entry.user.iter().for_each(|user| own("user", user, false));
        entry.urls.iter().for_each(|url| own("url", url, false));
        shown(&entry.totp).into_iter().for_each(|totp| own("totp", totp, true));
    } else if entry.kind != shown(&entry.value).map_or(Kind::Password, kind_of) {
        own("kind", word(entry.kind), false);
    }
    shown(&entry.passphrase).into_iter().for_each(|passphrase| own("passphrase", passphrase, true));
    entry.tags.iter().filter(|tag| *tag != "favorite").for_each(|tag| own("tag", tag, false));
    entry.hosts.iter().for_each(|host| own("host", host, false));
    entry.stage.iter().for_each(|stage| own("stage", stage, false));
    if let Some(expires) = date(entry.expires_ms) {
        fields.push(Field { name: format!("{OWN}expires"), value: Cow::Owned(expires), kind: 0 });
    }
    Item {
        id: &entry.origin,
        organization_id: None,
        folder_id: folders.get(&entry.path.join("/")).cloned(),
        collection_ids: None,
        kind: if is_key {
            5
        } else if is_note {
            2
        } else {
            1
        },
        reprompt: 0,
        name: &entry.title,
        notes: shown(&entry.notes),
        favorite: entry.tags.iter().any(|tag| tag == "favorite"),
        fields,
        password_history: entry
            .history
            .iter()
            .rev()
            .map(|past| Former { last_used_date: date(past.until_ms), password: past.value.expose() })
            .collect(),
        creation_date: date(entry.created_ms),
        revision_date: date(entry.changed_ms),
        deleted_date: deleted,
        login: is_login.then(|| Login {
            uris: entry.urls.iter().map(|uri| Uri { matches: None, uri }).collect(),
            username: entry.user.as_deref(),
            password: shown(&entry.value),
            totp: shown(&entry.totp),
        }),
        secure_note: is_note.then_some(SecureNote { kind: 0 }),
        ssh_key: shown(&entry.value).filter(|_| is_key).map(|private_key| SshKey {
            private_key,
            public_key: public("publicKey"),
            key_fingerprint: public("keyFingerprint"),
        }),
    }
}

fn json(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let failed = |error: serde_json::Error| ImportError::Io { path: "json".to_owned(), source: error.into() };
    serde_json::to_vec_pretty(value).map(Zeroizing::new).map_err(failed)
}

/// A random UUID (RFC 9562, version 4).
fn number() -> Result<String, ImportError> {
    let mut bytes = random::<16>()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Into a text: it cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
