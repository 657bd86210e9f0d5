//! An item of an export.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Places;
use crate::collect::{self, Collected, MOST_FIELDS};
use crate::json::{Few, Members, Text, filled};
use crate::{Entry, Field, ImportError, Kind, Past, dates, totp};

/// What fields begin with that hold what Bitwarden has no place for, in exports written here (`write::bitwarden`).
pub(crate) const OWN: &str = "beffroi:";

/// Members of a card or an identity that are hidden there.
const HIDDEN: [&str; 5] = ["number", "code", "ssn", "passportNumber", "licenseNumber"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    id: Option<String>,
    folder_id: Option<String>,
    #[serde(default)]
    collection_ids: Few<String, MOST_FIELDS>,
    name: Option<String>,
    notes: Option<Text>,
    #[serde(rename = "type")]
    kind: Option<u64>,
    favorite: Option<bool>,
    #[serde(default)]
    fields: Few<Custom, MOST_FIELDS>,
    #[serde(default)]
    password_history: Few<Former, MOST_FIELDS>,
    creation_date: Option<String>,
    revision_date: Option<String>,
    deleted_date: Option<String>,
    archived_date: Option<String>,
    login: Option<Box<Login>>,
    card: Option<Box<Members>>,
    identity: Option<Box<Members>>,
    ssh_key: Option<Box<SshKey>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    username: Option<String>,
    password: Option<Text>,
    #[serde(default)]
    uris: Few<Uri, MOST_FIELDS>,
    totp: Option<Text>,
    #[serde(default)]
    fido2_credentials: Few<IgnoredAny, 16>,
}

#[derive(Deserialize)]
struct Uri {
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SshKey {
    private_key: Option<Text>,
    public_key: Option<Text>,
    key_fingerprint: Option<Text>,
}

#[derive(Deserialize)]
struct Custom {
    name: Option<String>,
    value: Option<Text>,
    #[serde(rename = "type")]
    kind: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Former {
    last_used_date: Option<String>,
    password: Option<Text>,
}

impl Item {
    pub(super) fn take_into(self, places: &Places, collected: &mut Collected) -> Result<(), ImportError> {
        let milliseconds = |date: &Option<String>| date.as_deref().and_then(dates::milliseconds);
        let (created_ms, changed_ms) = (milliseconds(&self.creation_date), milliseconds(&self.revision_date));
        let (path, tags) = self.places(places)?;
        let mut entry = Entry {
            origin: String::new(),
            path,
            tags,
            title: self.name.unwrap_or_default(),
            notes: filled(self.notes),
            created_ms,
            changed_ms,
            discarded: self.deleted_date.is_some() || self.archived_date.is_some(),
            ..Entry::default()
        };
        if self.favorite == Some(true) {
            entry.tags.push("favorite".to_owned());
        }
        match self.kind {
            Some(1) => {
                if let Some(login) = self.login {
                    login.take_into(&mut entry, collected)?;
                }
            }
            Some(2) => entry.kind = Kind::Note,
            Some(3) => members(self.card, &mut entry)?,
            Some(4) => members(self.identity, &mut entry)?,
            Some(5) => {
                entry.kind = Kind::PrivateKey;
                if let Some(key) = self.ssh_key {
                    entry.value = filled(key.private_key);
                    let public = [("publicKey", key.public_key), ("keyFingerprint", key.key_fingerprint)];
                    entry.fields.extend(
                        public
                            .into_iter()
                            .filter_map(|(name, value)| Some(Field { name: name.to_owned(), value: filled(value)?, hidden: false })),
                    );
                }
            }
            _ => {
                collected.parsed.refuse(entry.title, "unknown-kind");
                return Ok(());
            }
        }
        // The newest is the first there.
        for former in self.password_history.all("passwordHistory")?.into_iter().rev() {
            let until_ms = milliseconds(&former.last_used_date);
            entry.history.extend(filled(former.password).map(|value| Past { value, until_ms }));
        }
        entry.history.sort_by_key(|past| past.until_ms);
        for field in self.fields.all("fields")? {
            take(field, &mut entry, collected);
        }
        entry.origin =
            self.id.filter(|id| !id.is_empty()).unwrap_or_else(|| collect::origin(&entry.path, &entry.title, entry.user.as_deref()));
        collected.take(entry)?;
        Ok(())
    }

    /// Its folder, else its first collection; the other collections are marks.
    fn places(&self, places: &Places) -> Result<(Vec<String>, Vec<String>), ImportError> {
        crate::limits::within("collectionIds", self.collection_ids.found(), MOST_FIELDS as u64)?;
        let mut all = self.folder_id.iter().chain(self.collection_ids.iter()).filter_map(|id| places.path(id));
        let path = all.next().unwrap_or_default();
        Ok((path, all.map(|path| path.join("/")).collect()))
    }
}

impl Login {
    fn take_into(self, entry: &mut Entry, collected: &mut Collected) -> Result<(), ImportError> {
        entry.user = self.username.filter(|user| !user.is_empty());
        entry.value = filled(self.password);
        // How it begins only.
        entry.kind = entry.value.as_ref().map_or(Kind::Password, |value| collect::kind_of(value.expose()));
        entry.urls = self.uris.all("uris")?.into_iter().filter_map(|uri| uri.uri.filter(|uri| !uri.is_empty())).collect();
        if let Some(text) = filled(self.totp) {
            // Into an address that stays protected.
            match totp::otpauth(text.expose(), &entry.title) {
                Some(address) => entry.totp = Some(address),
                None => entry.fields.push(Field { name: "totp".to_owned(), value: text, hidden: true }),
            }
        }
        if self.fido2_credentials.found() > 0 {
            collected.parsed.refuse(entry.title.clone(), "passkey");
        }
        Ok(())
    }
}

/// A card or an identity: fields by the names that it has there.
fn members(from: Option<Box<Members>>, entry: &mut Entry) -> Result<(), ImportError> {
    entry.kind = Kind::Note;
    for (name, value) in from.map(|members| *members).unwrap_or_default().all("members")? {
        let hidden = HIDDEN.contains(&name.as_str());
        entry.fields.push(Field { name, value, hidden });
    }
    Ok(())
}

/// A field: a text (0), a hidden one (1), a truth (2), or a link to another part of the item (3), which holds nothing itself.
fn take(field: Custom, entry: &mut Entry, collected: &mut Collected) {
    if field.kind == Some(3) {
        collected.parsed.notice("linked-field", entry.title.clone());
        return;
    }
    let (name, hidden) = (field.name.unwrap_or_default(), field.kind == Some(1));
    let Some(value) = filled(field.value) else { return };
    let Some(own) = name.strip_prefix(OWN) else {
        entry.fields.push(Field { name, value, hidden });
        return;
    };
    // None of these is secret but the passphrase and the one-time codes.
    let text = value.expose();
    match own {
        "user" => entry.user = Some(text.clone()),
        "url" => entry.urls.push(text.clone()),
        "tag" => entry.tags.push(text.clone()),
        "host" => entry.hosts.push(text.clone()),
        "stage" => entry.stage = Some(text.clone()),
        "expires" => entry.expires_ms = dates::milliseconds(text),
        "kind" => entry.kind = kind(text).unwrap_or(entry.kind),
        "passphrase" => entry.passphrase = Some(value),
        "totp" => entry.totp = Some(value),
        _ => entry.fields.push(Field { name, value, hidden }),
    }
}

/// The word of a kind in what is written here.
pub(crate) const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Password => "password",
        Kind::PrivateKey => "private-key",
        Kind::Token => "token",
        Kind::Note => "note",
        Kind::Certificate => "certificate",
    }
}

/// The kind of a word.
pub(crate) fn kind(text: &str) -> Option<Kind> {
    [Kind::Password, Kind::PrivateKey, Kind::Token, Kind::Note, Kind::Certificate].into_iter().find(|kind| word(*kind) == text)
}
