//! Beffroi's own JSON: everything of a [`Parsed`], for another vault, or to be read by any program.
//!
//! One object: `format` (`beffroi-export`), `version` (1), `entries`, `hosts`, `hostKeys`. The members of each are those of
//! [`Entry`], [`Host`] and [`HostKey`] in camel case; what is empty or unknown is left out; `kind` is `password`, `private-key`,
//! `token`, `note` or `certificate`; bytes of attachments are Base64; times are milliseconds since 1970. Members that are not
//! known are passed over. It is never written in clear: see [`crate::write::age_json`].

use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_secret::{SecretBytes, SecretText};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::limits::{MOST_ATTACHMENT, MOST_ENTRIES, MOST_VALUE, within};
use crate::{Attachment, Entry, Field, Host, HostKey, ImportError, Kind, Parsed, Past, Reading, Source, decode, json};

/// What `format` says.
const FORMAT: &str = "beffroi-export";
/// What `version` says.
const VERSION: u64 = 1;
/// Bytes in which `format` is looked for.
const LOOK: usize = 256;

/// An object that says so at its beginning.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let beginning = bytes.get(..bytes.len().min(LOOK)).unwrap_or_default();
    bytes.starts_with(b"{") && beginning.windows(FORMAT.len() + 2).any(|part| part == format!("\"{FORMAT}\"").as_bytes())
}

/// Everything in it.
///
/// # Errors
/// [`ImportError::Unsupported`] for a later version, [`ImportError::Malformed`], [`ImportError::TooLarge`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    parse(reading.source.bytes()?)
}

/// The same of bytes at hand.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, ImportError> {
    let text = decode(bytes)?;
    let file: File = json::from_text(&text)?;
    if file.format != FORMAT || file.version != VERSION {
        return Err(ImportError::Unsupported { what: format!("{FORMAT} {}", file.version) });
    }
    within("entries", (file.entries.len() + file.hosts.len() + file.host_keys.len()) as u64, MOST_ENTRIES as u64)?;
    let mut parsed = Parsed::default();
    for entry in file.entries {
        // Lengths only.
        let sizes = [&entry.value, &entry.notes, &entry.totp, &entry.passphrase];
        if sizes.iter().any(|value| value.as_ref().is_some_and(|value| value.0.len() > MOST_VALUE)) {
            parsed.refuse(entry.title, "too-large");
            continue;
        }
        parsed.entries.push(entry.read()?);
    }
    parsed.hosts = file.hosts.into_iter().map(HostFile::read).collect();
    parsed.host_keys = file.host_keys.into_iter().map(HostKeyFile::read).collect::<Result<_, _>>()?;
    Ok(parsed)
}

/// Writes everything but what was left out.
///
/// # Errors
/// None that happens: every member is a text, a number or a list.
pub(crate) fn write(parsed: &Parsed) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let file = File {
        format: FORMAT.to_owned(),
        version: VERSION,
        entries: parsed.entries.iter().map(EntryFile::of).collect(),
        hosts: parsed.hosts.iter().map(HostFile::of).collect(),
        host_keys: parsed.host_keys.iter().map(HostKeyFile::of).collect(),
    };
    // Counted first, so that it is written into one buffer and leaves no copies behind.
    let mut count = Count(0);
    let failed = |_| ImportError::Malformed { what: "JSON", at: 0 };
    serde_json::to_writer(&mut count, &file).map_err(failed)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(count.0));
    serde_json::to_writer(&mut *bytes, &file).map_err(failed)?;
    Ok(bytes)
}

struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A secret text in the file.
struct Hidden(Zeroizing<String>);

impl Hidden {
    fn of(text: &SecretText) -> Self {
        // Into the file, which is encrypted as a whole.
        Self(Zeroizing::new(text.expose().clone()))
    }

    fn read(self) -> SecretText {
        SecretText::new(self.0.to_string())
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    format: String,
    version: u64,
    #[serde(default)]
    entries: Vec<EntryFile>,
    #[serde(default)]
    hosts: Vec<HostFile>,
    #[serde(default)]
    host_keys: Vec<HostKeyFile>,
}

/// One line per member: an [`Option`] or a list that is left out when there is nothing in it.
macro_rules! members {
    ($name:ident { $($must:ident: $of:ty,)* } { $($may:ident: $kind:ty,)* }) => {
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct $name {
            $($must: $of,)*
            $(#[serde(default, skip_serializing_if = "is_nothing")] $may: $kind,)*
        }
    };
}

trait Nothing {
    fn nothing(&self) -> bool;
}

impl<T> Nothing for Option<T> {
    fn nothing(&self) -> bool {
        self.is_none()
    }
}

impl<T> Nothing for Vec<T> {
    fn nothing(&self) -> bool {
        self.is_empty()
    }
}

fn is_nothing(value: &impl Nothing) -> bool {
    value.nothing()
}

members! { EntryFile { origin: String, title: String, kind: String, } {
    path: Vec<String>, user: Option<String>, value: Option<Hidden>, passphrase: Option<Hidden>, urls: Vec<String>, notes: Option<Hidden>,
    totp: Option<Hidden>, fields: Vec<FieldFile>, attachments: Vec<AttachmentFile>, history: Vec<PastFile>, tags: Vec<String>,
    hosts: Vec<String>, stage: Option<String>, created_ms: Option<u64>, changed_ms: Option<u64>, expires_ms: Option<u64>,
    discarded: Option<bool>,
} }
members! { FieldFile { name: String, value: Hidden, hidden: bool, } {} }
members! { AttachmentFile { name: String, bytes: Hidden, } {} }
members! { PastFile { value: Hidden, } { until_ms: Option<u64>, } }
members! { HostFile { origin: String, name: String, address: String, } {
    path: Vec<String>, port: Option<u16>, user: Option<String>, jump: Vec<String>, credential: Option<String>, tags: Vec<String>,
    stage: Option<String>, notes: Vec<(String, String)>,
} }
members! { HostKeyFile { hosts: String, marker: String, key: String, } {} }

const KINDS: &[(Kind, &str)] = &[
    (Kind::Password, "password"),
    (Kind::PrivateKey, "private-key"),
    (Kind::Token, "token"),
    (Kind::Note, "note"),
    (Kind::Certificate, "certificate"),
];
const MARKERS: &[&str] = &["trusted", "cert-authority", "revoked"];

impl EntryFile {
    fn of(entry: &Entry) -> Self {
        let kind = KINDS.iter().find(|(kind, _)| *kind == entry.kind).map_or("password", |(_, name)| name);
        Self {
            origin: entry.origin.clone(),
            title: entry.title.clone(),
            kind: kind.to_owned(),
            path: entry.path.clone(),
            user: entry.user.clone(),
            value: entry.value.as_ref().map(Hidden::of),
            passphrase: entry.passphrase.as_ref().map(Hidden::of),
            urls: entry.urls.clone(),
            notes: entry.notes.as_ref().map(Hidden::of),
            totp: entry.totp.as_ref().map(Hidden::of),
            fields: entry.fields.iter().map(FieldFile::of).collect(),
            attachments: entry.attachments.iter().map(AttachmentFile::of).collect(),
            history: entry.history.iter().map(|past| PastFile { value: Hidden::of(&past.value), until_ms: past.until_ms }).collect(),
            tags: entry.tags.clone(),
            hosts: entry.hosts.clone(),
            stage: entry.stage.clone(),
            created_ms: entry.created_ms,
            changed_ms: entry.changed_ms,
            expires_ms: entry.expires_ms,
            discarded: entry.discarded.then_some(true),
        }
    }

    fn read(self) -> Result<Entry, ImportError> {
        let kind = KINDS.iter().find(|(_, name)| *name == self.kind).map(|(kind, _)| *kind);
        Ok(Entry {
            origin: self.origin,
            title: self.title,
            kind: kind.ok_or(ImportError::Malformed { what: "kind", at: 0 })?,
            path: self.path,
            user: self.user,
            value: self.value.map(Hidden::read),
            passphrase: self.passphrase.map(Hidden::read),
            urls: self.urls,
            notes: self.notes.map(Hidden::read),
            totp: self.totp.map(Hidden::read),
            fields: self.fields.into_iter().map(FieldFile::read).collect(),
            attachments: self.attachments.into_iter().map(AttachmentFile::read).collect::<Result<_, _>>()?,
            history: self.history.into_iter().map(|past| Past { value: past.value.read(), until_ms: past.until_ms }).collect(),
            tags: self.tags,
            hosts: self.hosts,
            stage: self.stage,
            created_ms: self.created_ms,
            changed_ms: self.changed_ms,
            expires_ms: self.expires_ms,
            discarded: self.discarded.unwrap_or(false),
        })
    }
}

impl FieldFile {
    fn of(field: &Field) -> Self {
        Self { name: field.name.clone(), value: Hidden::of(&field.value), hidden: field.hidden }
    }

    fn read(self) -> Field {
        Field { name: self.name, value: self.value.read(), hidden: self.hidden }
    }
}

impl AttachmentFile {
    fn of(file: &Attachment) -> Self {
        // Into the file, which is encrypted as a whole.
        Self { name: file.name.clone(), bytes: Hidden(Zeroizing::new(STANDARD.encode(file.bytes.expose()))) }
    }

    fn read(self) -> Result<Attachment, ImportError> {
        let bytes = STANDARD.decode(self.bytes.0.as_bytes()).map_err(|_| ImportError::Malformed { what: "bytes", at: 0 })?;
        within("attachment", bytes.len() as u64, MOST_ATTACHMENT)?;
        // Never a path.
        let name = self.name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        Ok(Attachment { name, bytes: SecretBytes::new(bytes) })
    }
}

impl HostFile {
    fn of(host: &Host) -> Self {
        let Host { origin, name, path, address, port, user, jump, credential, tags, stage, notes } = host.clone();
        Self { origin, name, address, path, port, user, jump, credential, tags, stage, notes }
    }

    fn read(self) -> Host {
        let Self { origin, name, address, path, port, user, jump, credential, tags, stage, notes } = self;
        Host { origin, name, path, address, port, user, jump, credential, tags, stage, notes }
    }
}

impl HostKeyFile {
    fn of(key: &HostKey) -> Self {
        Self { hosts: key.hosts.clone(), marker: key.marker.to_owned(), key: key.key.clone() }
    }

    fn read(self) -> Result<HostKey, ImportError> {
        let marker = MARKERS.iter().find(|marker| **marker == self.marker).ok_or(ImportError::Malformed { what: "marker", at: 0 })?;
        Ok(HostKey { hosts: self.hosts, marker, key: self.key })
    }
}
