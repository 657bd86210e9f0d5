//! An item of an export.

use beffroi_secret::SecretText;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::collect::{Collected, MOST_FIELDS, kind_of, origin};
use crate::json::{Few, Text, Tree, filled};
use crate::{Entry, Field, ImportError, Kind, Past, dates, totp};

/// Categories whose value is a token.
const API_CREDENTIAL: &str = "112";
/// Those that name a host.
const SERVER: &str = "110";
const DATABASE: &str = "102";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    uuid: Option<String>,
    fav_index: Option<i64>,
    created_at: Option<Text>,
    updated_at: Option<Text>,
    state: Option<String>,
    category_uuid: Option<String>,
    details: Option<Box<Details>>,
    overview: Option<Box<Overview>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default)]
    login_fields: Few<LoginField, MOST_FIELDS>,
    notes_plain: Option<Text>,
    #[serde(default)]
    sections: Few<Section, MOST_FIELDS>,
    #[serde(default)]
    password_history: Few<Former, MOST_FIELDS>,
    document_attributes: Option<Document>,
    password: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginField {
    name: Option<String>,
    id: Option<String>,
    value: Option<Text>,
    designation: Option<String>,
    field_type: Option<String>,
}

#[derive(Deserialize)]
struct Section {
    title: Option<String>,
    #[serde(default)]
    fields: Few<SectionField, MOST_FIELDS>,
}

#[derive(Deserialize)]
struct SectionField {
    title: Option<String>,
    id: Option<String>,
    value: Option<Tree>,
}

#[derive(Deserialize)]
struct Former {
    value: Option<Text>,
    time: Option<Text>,
}

#[derive(Deserialize, Default)]
struct Overview {
    title: Option<String>,
    url: Option<String>,
    #[serde(default)]
    urls: Few<Address, MOST_FIELDS>,
    #[serde(default)]
    tags: Few<String, MOST_FIELDS>,
}

#[derive(Deserialize)]
struct Address {
    url: Option<String>,
}

/// A file of the archive.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) file_name: Option<String>,
    pub(super) document_id: Option<String>,
}

impl Item {
    /// The entry, and the files that belong to it.
    pub(super) fn entry(self, path: Vec<String>, collected: &mut Collected) -> Result<(Entry, Vec<Document>), ImportError> {
        let overview = self.overview.map(|overview| *overview).unwrap_or_default();
        let details = self.details.map(|details| *details).unwrap_or_default();
        let mut urls: Vec<String> = overview
            .urls
            .all("urls")?
            .into_iter()
            .filter_map(|address| address.url)
            .chain(overview.url)
            .filter(|url| !url.is_empty())
            .collect();
        let mut seen = std::collections::HashSet::new();
        urls.retain(|url| seen.insert(url.clone()));
        let mut entry = Entry {
            path,
            title: overview.title.unwrap_or_default(),
            urls,
            notes: filled(details.notes_plain),
            tags: overview.tags.all("tags")?,
            created_ms: date(self.created_at.as_ref()),
            changed_ms: date(self.updated_at.as_ref()),
            discarded: self.state.as_deref().is_some_and(|state| state != "active"),
            ..Entry::default()
        };
        if self.fav_index.is_some_and(|index| index > 0) {
            entry.tags.push("favorite".to_owned());
        }
        for field in details.login_fields.all("loginFields")? {
            field.take_into(&mut entry);
        }
        if let Some(password) = filled(details.password) {
            put_value(&mut entry, "password", password);
        }
        let mut documents: Vec<Document> = details.document_attributes.into_iter().collect();
        let category = self.category_uuid.unwrap_or_default();
        for section in details.sections.all("sections")? {
            let title = section.title.unwrap_or_default();
            for field in section.fields.all("fields")? {
                field.take_into(&title, &category, &mut entry, &mut documents, collected);
            }
        }
        // The newest is the first there.
        for former in details.password_history.all("passwordHistory")?.into_iter().rev() {
            let until_ms = date(former.time.as_ref());
            entry.history.extend(filled(former.value).map(|value| Past { value, until_ms }));
        }
        entry.history.sort_by_key(|past| past.until_ms);
        settle(&mut entry, &category);
        entry.origin =
            self.uuid.filter(|uuid| !uuid.is_empty()).unwrap_or_else(|| origin(&entry.path, &entry.title, entry.user.as_deref()));
        Ok((entry, documents))
    }
}

/// What its value is.
fn settle(entry: &mut Entry, category: &str) {
    if entry.kind != Kind::PrivateKey {
        entry.kind = match &entry.value {
            Some(_) if category == API_CREDENTIAL => Kind::Token,
            // How it begins only.
            Some(value) => kind_of(value.expose()),
            None if entry.user.is_some() || entry.totp.is_some() => Kind::Password,
            None => Kind::Note,
        };
    }
}

impl LoginField {
    fn take_into(self, entry: &mut Entry) {
        let Some(value) = filled(self.value) else { return };
        match self.designation.as_deref() {
            // Shown as the account.
            Some("username") if entry.user.is_none() => entry.user = Some(value.expose().clone()),
            Some("password") => put_value(entry, "password", value),
            _ => {
                let name = self.name.or(self.id).unwrap_or_default();
                // A button, a hidden part of a form, a box to tick: what the page had, and no field of anybody.
                let is_form = matches!(self.field_type.as_deref(), Some("B" | "C" | "I"));
                if !is_form {
                    entry.fields.push(Field { name, value, hidden: self.field_type.as_deref() == Some("P") });
                }
            }
        }
    }
}

impl SectionField {
    fn take_into(self, section: &str, category: &str, entry: &mut Entry, documents: &mut Vec<Document>, collected: &mut Collected) {
        let Some(Tree::Object(members)) = self.value else { return };
        let Some((kind, value)) = members.into_iter().next() else { return };
        let id = self.id.unwrap_or_default();
        let title = self.title.filter(|title| !title.is_empty()).unwrap_or_else(|| id.clone());
        let name = if section.is_empty() { title } else { format!("{section}: {title}") };
        match (kind.as_str(), value) {
            (_, Tree::Null) => {}
            ("file", file) => documents.push(document(&file)),
            ("sshKey", key) => ssh_key(&key, entry),
            ("totp", Tree::Text(text)) => {
                if entry.totp.is_none()
                    && let Some(address) = totp::otpauth(&text, &entry.title)
                {
                    entry.totp = Some(address);
                } else {
                    push(entry, name, text, true);
                }
            }
            ("passkey", _) => collected.parsed.refuse(entry.title.clone(), "passkey"),
            ("date", value) => {
                let text = plain(value);
                let shown = dates::milliseconds(&text)
                    .and_then(dates::rfc3339)
                    .and_then(|date| date.split_once('T').map(|(day, _)| day.to_owned()));
                push(entry, name, shown.map_or(text, Zeroizing::new), false);
            }
            ("email", Tree::Object(parts)) => {
                let address = parts.into_iter().find(|(name, _)| name == "email_address").map(|(_, address)| plain(address));
                push(entry, name, address.unwrap_or_default(), false);
            }
            ("address", Tree::Object(parts)) => {
                let parts: Vec<Zeroizing<String>> =
                    parts.into_iter().map(|(_, part)| plain(part)).filter(|part| !part.is_empty()).collect();
                let mut text = Zeroizing::new(String::new());
                for part in &parts {
                    let between = if text.is_empty() { "" } else { "\n" };
                    text.extend([between, part.as_str()]);
                }
                push(entry, name, text, false);
            }
            (kind, value) => {
                let text = plain(value);
                let hidden = matches!(kind, "concealed" | "creditCardNumber" | "reference");
                match id.as_str() {
                    _ if text.is_empty() => {}
                    "username" if entry.user.is_none() => entry.user = Some(String::clone(&text)),
                    "password" | "credential" if entry.value.is_none() => entry.value = Some(SecretText::new(String::clone(&text))),
                    "url" | "hostname" if [SERVER, DATABASE].contains(&category) => entry.hosts.push(String::clone(&text)),
                    _ if kind == "url" => entry.urls.push(String::clone(&text)),
                    _ => push(entry, name, text, hidden),
                }
            }
        }
    }
}

/// A password: the value, or a field when there is one already.
fn put_value(entry: &mut Entry, name: &str, value: SecretText) {
    match entry.value {
        None => entry.value = Some(value),
        Some(_) => entry.fields.push(Field { name: name.to_owned(), value, hidden: true }),
    }
}

fn push(entry: &mut Entry, name: String, text: Zeroizing<String>, hidden: bool) {
    if !text.is_empty() {
        entry.fields.push(Field { name, value: SecretText::new(String::clone(&text)), hidden });
    }
}

/// A key: `{"privateKey": "-----BEGIN…", "metadata": {"publicKey": …, "fingerprint": …, "keyType": …}}`.
fn ssh_key(key: &Tree, entry: &mut Entry) {
    let text = |tree: Option<&Tree>| match tree {
        Some(Tree::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let about = key.member("metadata");
    let private = text(key.member("privateKey")).or_else(|| text(about.and_then(|about| about.member("privateKey"))));
    if let Some(private) = private.filter(|private| !private.is_empty()) {
        entry.kind = Kind::PrivateKey;
        if let Some(before) = entry.value.replace(SecretText::new(String::clone(&private))) {
            entry.fields.push(Field { name: "password".to_owned(), value: before, hidden: true });
        }
    }
    for name in ["publicKey", "fingerprint"] {
        if let Some(value) = text(about.and_then(|about| about.member(name))) {
            push(entry, name.to_owned(), value, false);
        }
    }
}

fn document(file: &Tree) -> Document {
    let text = |name| match file.member(name) {
        Some(Tree::Text(text)) => Some(String::clone(text)),
        _ => None,
    };
    Document { file_name: text("fileName"), document_id: text("documentId") }
}

/// A value as a text.
fn plain(tree: Tree) -> Zeroizing<String> {
    match tree {
        Tree::Null => Zeroizing::default(),
        Tree::Text(text) => text,
        Tree::Bare(text) => Zeroizing::new(text),
        tree => tree.to_json(),
    }
}

fn date(text: Option<&Text>) -> Option<u64> {
    // A number of seconds.
    text.and_then(|Text(text)| dates::milliseconds(text.expose()))
}
