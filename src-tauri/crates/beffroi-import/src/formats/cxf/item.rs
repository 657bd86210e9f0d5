//! An item: what it has of each kind of credential.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use beffroi_secret::SecretText;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::super::keys;
use crate::collect::{Collected, MOST_FIELDS, kind_of, origin};
use crate::json::{Few, Text, Tree};
use crate::{Entry, Field, ImportError, Kind, Parsed, Reading, dates, totp};

/// Members that are hidden whatever type they say.
const HIDDEN: &[&str] = &["number", "verificationNumber", "pin", "passphrase", "key", "password"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    id: Option<String>,
    creation_at: Option<Text>,
    modified_at: Option<Text>,
    title: Option<String>,
    subtitle: Option<String>,
    favorite: Option<bool>,
    scope: Option<Scope>,
    #[serde(default)]
    credentials: Few<Tree, MOST_FIELDS>,
    #[serde(default)]
    tags: Few<String, MOST_FIELDS>,
}

#[derive(Deserialize)]
struct Scope {
    #[serde(default)]
    urls: Few<String, MOST_FIELDS>,
}

impl Item {
    pub(super) fn id(&self) -> Option<&String> {
        self.id.as_ref()
    }

    /// All of it as one entry; what cannot be kept is told.
    pub(super) fn entry(self, path: Vec<String>, reading: &Reading<'_>, collected: &mut Collected) -> Result<Entry, ImportError> {
        let mut entry = Entry {
            path,
            title: self.title.filter(|title| !title.is_empty()).or(self.subtitle).unwrap_or_default(),
            urls: self.scope.map(|scope| scope.urls.all("urls")).transpose()?.unwrap_or_default(),
            tags: self.tags.all("tags")?,
            created_ms: date(self.creation_at.as_ref()),
            changed_ms: date(self.modified_at.as_ref()),
            ..Entry::default()
        };
        entry.urls.retain(|url| !url.is_empty());
        if self.favorite == Some(true) {
            entry.tags.push("favorite".to_owned());
        }
        for credential in self.credentials.all("credentials")? {
            Credential { said: &credential }.take_into(&mut entry, reading, &mut collected.parsed);
        }
        if entry.kind == Kind::Password {
            entry.kind = match &entry.value {
                // How it begins only.
                Some(value) => kind_of(value.expose()),
                None if entry.user.is_some() || entry.totp.is_some() => Kind::Password,
                None => Kind::Note,
            };
        }
        entry.origin = self.id.filter(|id| !id.is_empty()).unwrap_or_else(|| origin(&entry.path, &entry.title, entry.user.as_deref()));
        Ok(entry)
    }
}

/// A credential of an item.
struct Credential<'a> {
    said: &'a Tree,
}

impl Credential<'_> {
    /// A member: a text, or a field that one can edit, which has it as its `value`.
    fn of(&self, name: &str) -> Option<Zeroizing<String>> {
        value(self.said.member(name)?)
    }

    fn secret(&self, name: &str) -> Option<SecretText> {
        self.of(name).map(|text| SecretText::new(String::clone(&text)))
    }

    fn take_into(&self, entry: &mut Entry, reading: &Reading<'_>, parsed: &mut Parsed) {
        let kind = self.of("type").unwrap_or_default();
        match kind.as_str() {
            "basic-auth" => {
                put_user(entry, self.of("username"));
                put_value(entry, "password", self.secret("password"));
            }
            "generated-password" => put_value(entry, "password", self.secret("password")),
            "api-key" => {
                put_user(entry, self.of("username"));
                if let Some(key) = self.secret("key") {
                    entry.kind = if entry.value.is_none() { Kind::Token } else { entry.kind };
                    put_value(entry, "key", Some(key));
                }
                entry.urls.extend(self.of("url").map(|url| url.to_string()));
                entry.expires_ms = entry.expires_ms.or_else(|| self.of("expiryDate").and_then(|date| dates::milliseconds(&date)));
                self.others(entry, &["username", "key", "url", "expiryDate"]);
            }
            "wifi" => {
                put_value(entry, "passphrase", self.secret("passphrase"));
                self.others(entry, &["passphrase"]);
            }
            "note" => {
                let Some(content) = self.of("content") else { return };
                // Joined, into what is sealed.
                let before = entry.notes.take().map(|notes| Zeroizing::new(format!("{}\n\n", notes.expose()))).unwrap_or_default();
                entry.notes = Some(SecretText::new(format!("{}{}", before.as_str(), content.as_str())));
            }
            "totp" => self.one_time(entry),
            "ssh-key" => self.ssh_key(entry, reading, parsed),
            "custom-fields" => {
                let Some(Tree::List(fields)) = self.said.member("fields") else { return };
                for (number, field) in fields.iter().enumerate() {
                    put_field(entry, &format!("field {}", number + 1), field);
                }
            }
            "passkey" => parsed.refuse(entry.title.clone(), "passkey"),
            "file" => parsed.refuse(self.of("name").map_or_else(|| entry.title.clone(), |name| name.to_string()), "missing-file"),
            "item-reference" => parsed.notice("linked-field", entry.title.clone()),
            // A card, an identity, and what is not known yet: by the names that its members have.
            _ => self.others(entry, &[]),
        }
    }

    /// Its members but some, as fields by their names.
    fn others(&self, entry: &mut Entry, but: &[&str]) {
        let Tree::Object(members) = self.said else { return };
        for (name, field) in members.iter().filter(|(name, _)| name != "type" && !but.contains(&name.as_str())) {
            put_field(entry, name, field);
        }
    }

    fn one_time(&self, entry: &mut Entry) {
        let of = |name: &str| self.of(name).unwrap_or_default();
        let (algorithm, digits, period, issuer) = (of("algorithm").to_ascii_uppercase(), of("digits"), of("period"), of("issuer"));
        let parts =
            [("algorithm", algorithm.as_str()), ("digits", digits.as_str()), ("period", period.as_str()), ("issuer", issuer.as_str())];
        let user = of("username");
        let label = if user.is_empty() { entry.title.as_str() } else { user.as_str() };
        let address = totp::of_parts(&of("secret"), label, &parts);
        match address {
            Some(address) if entry.totp.is_none() => entry.totp = Some(address),
            // A second one, or none that is known: kept as it is.
            _ => {
                if let Some(value) = self.secret("secret") {
                    entry.fields.push(Field { name: "totp".to_owned(), value, hidden: true });
                }
            }
        }
    }

    /// A key: PKCS#8 in DER, as Base64 without padding; kept as OpenSSH writes it.
    fn ssh_key(&self, entry: &mut Entry, reading: &Reading<'_>, parsed: &mut Parsed) {
        let encoded = self.of("privateKey").unwrap_or_default();
        let Ok(der) = BASE64_URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).map(Zeroizing::new) else {
            parsed.refuse(entry.title.clone(), "damaged");
            return;
        };
        let pem = keys::pem::write("PRIVATE KEY", &der);
        let mut read = Parsed::default();
        if let Err(error) = keys::take(pem.as_bytes(), &entry.title, reading.unlock, reading.work, &mut read) {
            parsed.refuse(entry.title.clone(), keys::reason(&error));
            return;
        }
        parsed.notices.append(&mut read.notices);
        let Some(key) = read.entries.pop() else { return };
        // A password beside a key becomes a field.
        let before = std::mem::replace(&mut entry.value, key.value);
        entry.kind = Kind::PrivateKey;
        entry.fields.extend(before.map(|value| Field { name: "password".to_owned(), value, hidden: true }));
        entry.fields.extend(key.fields);
        entry.expires_ms = entry.expires_ms.or_else(|| self.of("expiryDate").and_then(|date| dates::milliseconds(&date)));
        self.others(entry, &["privateKey", "keyType", "expiryDate"]);
    }
}

/// The text of a member.
fn value(tree: &Tree) -> Option<Zeroizing<String>> {
    let text = match tree {
        Tree::Text(text) => text.clone(),
        Tree::Bare(text) => Zeroizing::new(text.clone()),
        Tree::Object(_) => match tree.member("value")? {
            Tree::Text(text) => text.clone(),
            Tree::Bare(text) => Zeroizing::new(text.clone()),
            _ => return None,
        },
        Tree::Null | Tree::List(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn put_field(entry: &mut Entry, name: &str, field: &Tree) {
    let Some(text) = value(field) else { return };
    let of = |name: &str| field.member(name).and_then(value);
    let hidden = HIDDEN.contains(&name) || of("fieldType").is_some_and(|kind| kind.as_str() == "concealed-string");
    let name = of("label").map_or_else(|| name.to_owned(), |label| label.to_string());
    entry.fields.push(Field { name, value: SecretText::new(String::clone(&text)), hidden });
}

fn put_user(entry: &mut Entry, user: Option<Zeroizing<String>>) {
    match user {
        Some(user) if entry.user.as_ref().is_some_and(|before| *before != *user) => {
            entry.fields.push(Field { name: "username".to_owned(), value: SecretText::new(String::clone(&user)), hidden: false });
        }
        Some(user) => entry.user = Some(user.to_string()),
        None => {}
    }
}

/// The value, or a field when there is one already.
fn put_value(entry: &mut Entry, name: &str, value: Option<SecretText>) {
    let Some(value) = value else { return };
    match entry.value {
        None => entry.value = Some(value),
        Some(_) => entry.fields.push(Field { name: name.to_owned(), value, hidden: true }),
    }
}

fn date(text: Option<&Text>) -> Option<u64> {
    // A number of seconds.
    text.and_then(|Text(text)| dates::milliseconds(text.expose()))
}
