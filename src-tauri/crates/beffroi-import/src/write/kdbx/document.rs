//! The document: XML, its secrets hidden with the inner stream in the order in which they stand in it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::SecretText;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::tree::{BIN, Group};
use crate::formats::kdbx::cipher::InnerStream;
use crate::formats::kdbx::entry::{AGENT_SETTINGS, CUSTOM_HOSTS, CUSTOM_KIND, CUSTOM_STAGE};
use crate::formats::kdbx::times;
use crate::limits::{MOST_TEXT, within};
use crate::{Entry, ImportError, Kind, Parsed};

/// What the file of a private key is called.
const KEY_FILE: &str = "private-key";

/// The settings of [`KEY_FILE`] for an agent.
static SETTINGS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<EntrySettings xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><AllowUseOfSshKey>true</AllowUseOfSshKey>\
         <AddAtDatabaseOpen>false</AddAtDatabaseOpen><RemoveAtDatabaseClose>false</RemoveAtDatabaseClose>\
         <UseConfirmConstraintWhenAdding>false</UseConfirmConstraintWhenAdding>\
         <UseLifetimeConstraintWhenAdding>false</UseLifetimeConstraintWhenAdding>\
         <LifetimeConstraintDuration>600</LifetimeConstraintDuration><Location><SelectedType>attachment</SelectedType>\
         <AttachmentName>{KEY_FILE}</AttachmentName><SaveAttachmentToTempFile>false</SaveAttachmentToTempFile><FileName/></Location>\
         </EntrySettings>"
    );
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
});

/// The document, and the files that it names by their numbers.
pub(super) fn write<'a>(parsed: &'a Parsed, stream: &mut InnerStream) -> Result<(Zeroizing<String>, Vec<&'a [u8]>), ImportError> {
    let root = Group::root(&parsed.entries)?;
    let now_ms = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0);
    let xml = Zeroizing::new(String::with_capacity(4096 + parsed.entries.iter().map(size).sum::<usize>()));
    let mut writer = Writer { xml, stream, now_ms, files: Vec::new(), numbers: HashMap::new(), uuids: HashSet::new(), trouble: None };
    writer.xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
    writer.element("KeePassFile", |writer| {
        writer.element("Meta", Writer::meta);
        writer.element("Root", |writer| writer.group(&root, "Beffroi", &mut Vec::new()));
    });
    let Writer { xml, files, trouble, .. } = writer;
    // More is not read again.
    within("XML", xml.len() as u64, MOST_TEXT)?;
    trouble.map_or(Ok((xml, files)), Err)
}

/// About how long an entry gets.
fn size(entry: &Entry) -> usize {
    // Lengths only.
    let value = |value: &Option<SecretText>| value.as_ref().map_or(0, |value| value.expose().len());
    let fields: usize = entry.fields.iter().map(|field| field.value.expose().len() * 2 + field.name.len() + 80).sum();
    let history: usize = entry.history.iter().map(|past| past.value.expose().len() * 2 + entry.title.len() + 1024).sum();
    2048 + fields + history + 2 * (value(&entry.value) + value(&entry.notes) + value(&entry.totp))
}

struct Writer<'a, 's> {
    xml: Zeroizing<String>,
    stream: &'s mut InnerStream,
    now_ms: u64,
    files: Vec<&'a [u8]>,
    numbers: HashMap<[u8; 32], usize>,
    uuids: HashSet<[u8; 16]>,
    trouble: Option<ImportError>,
}

impl<'a> Writer<'a, '_> {
    fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.xml.extend(["<", name, ">"]);
        inside(self);
        self.xml.extend(["</", name, ">"]);
    }

    fn plain(&mut self, name: &str, text: &str) {
        self.element(name, |writer| escape(&mut writer.xml, text));
    }

    fn truth(&mut self, name: &str, truth: bool) {
        self.plain(name, if truth { "True" } else { "False" });
    }

    fn meta(&mut self) {
        self.plain("Generator", "Beffroi");
        self.plain("DatabaseName", "Beffroi");
        self.element("MemoryProtection", |writer| {
            for (name, truth) in [("Title", false), ("UserName", false), ("Password", true), ("URL", false), ("Notes", false)] {
                writer.truth(&format!("Protect{name}"), truth);
            }
        });
        self.truth("RecycleBinEnabled", true);
        self.plain("RecycleBinUUID", &base64(&group_uuid(&[BIN])));
        // All of it is kept.
        self.plain("HistoryMaxItems", "-1");
        self.plain("HistoryMaxSize", "-1");
    }

    fn group(&mut self, group: &Group<'a>, name: &'a str, path: &mut Vec<&'a str>) {
        self.element("Group", |writer| {
            writer.plain("UUID", &base64(&group_uuid(path)));
            writer.plain("Name", name);
            writer.plain("IconID", if *path == [BIN] { "43" } else { "48" });
            writer.times(writer.now_ms, writer.now_ms, None);
            writer.truth("IsExpanded", path.is_empty());
            for entry in &group.entries {
                writer.entry(entry);
            }
            for (name, group) in &group.groups {
                path.push(name);
                writer.group(group, name, path);
                path.pop();
            }
        });
    }

    fn times(&mut self, created_ms: u64, changed_ms: u64, expires_ms: Option<u64>) {
        self.element("Times", |writer| {
            let (created, changed) = (times::write(created_ms), times::write(changed_ms));
            for (name, time) in [("CreationTime", &created), ("LastModificationTime", &changed), ("LastAccessTime", &changed)] {
                writer.plain(name, time);
            }
            writer.plain("ExpiryTime", &expires_ms.map_or_else(|| changed.clone(), times::write));
            writer.truth("Expires", expires_ms.is_some());
            writer.plain("UsageCount", "0");
            writer.plain("LocationChanged", &created);
        });
    }

    fn entry(&mut self, entry: &'a Entry) {
        let uuid = base64(&self.entry_uuid(&entry.origin));
        let changed_ms = entry.changed_ms.or(entry.created_ms).unwrap_or(self.now_ms);
        let created_ms = entry.created_ms.unwrap_or(changed_ms);
        self.element("Entry", |writer| {
            writer.head(&uuid, entry, created_ms, changed_ms);
            writer.state(entry, entry.value.as_ref());
            writer.rest(entry);
            if !entry.history.is_empty() {
                writer.element("History", |writer| writer.history(&uuid, entry, created_ms, changed_ms));
            }
        });
    }

    fn head(&mut self, uuid: &str, entry: &Entry, created_ms: u64, changed_ms: u64) {
        self.plain("UUID", uuid);
        self.plain("IconID", "0");
        self.plain("Tags", &entry.tags.iter().map(|tag| tag.replace([';', ','], " ")).collect::<Vec<_>>().join(";"));
        self.times(created_ms, changed_ms, entry.expires_ms);
    }

    /// What an entry has at every time: who it is for, and its value then.
    fn state(&mut self, entry: &'a Entry, value: Option<&'a SecretText>) {
        let is_key = matches!(entry.kind, Kind::PrivateKey | Kind::Certificate);
        let password = if is_key { entry.passphrase.as_ref() } else { value };
        self.string("Title", &entry.title, false);
        self.string("UserName", entry.user.as_deref().unwrap_or_default(), false);
        // Hidden by the stream.
        self.string("Password", password.map_or("", |password| password.expose()), true);
        self.string("URL", entry.urls.first().map_or("", String::as_str), false);
        if let Some(key) = value.filter(|_| is_key) {
            // Inside what is encrypted.
            self.file(KEY_FILE, key.expose().as_bytes());
        }
    }

    /// What it has now.
    fn rest(&mut self, entry: &'a Entry) {
        let mut names: HashSet<String> = ["Title", "UserName", "Password", "URL", "Notes"].map(str::to_owned).into();
        // Inside what is encrypted.
        self.string("Notes", entry.notes.as_ref().map_or("", |notes| notes.expose()), false);
        for url in entry.urls.iter().skip(1) {
            self.string(&unique(&mut names, "KP2A_URL", "_"), url, false);
        }
        if let Some(totp) = &entry.totp {
            // Hidden by the stream.
            self.string(&unique(&mut names, "otp", " "), totp.expose(), true);
        }
        let is_key = matches!(entry.kind, Kind::PrivateKey | Kind::Certificate);
        if let Some(passphrase) = entry.passphrase.as_ref().filter(|_| !is_key) {
            // Hidden by the stream.
            self.string(&unique(&mut names, "Passphrase", " "), passphrase.expose(), true);
        }
        for field in &entry.fields {
            // Hidden by the stream where its source did.
            self.string(&unique(&mut names, &field.name, " "), field.value.expose(), field.hidden);
        }
        let mut names = HashSet::new();
        if is_key && entry.value.is_some() {
            // It tells KeePassXC's agent, and KeeAgent, which file is the key, to be loaded when somebody asks for it.
            self.file(AGENT_SETTINGS, &SETTINGS);
            names.extend([KEY_FILE, AGENT_SETTINGS].map(str::to_owned));
        }
        for file in &entry.attachments {
            // Inside what is encrypted.
            self.file(&unique(&mut names, &file.name, " "), file.bytes.expose());
        }
        self.custom(entry);
    }

    /// Earlier values, each from when the one before it ended.
    fn history(&mut self, uuid: &str, entry: &'a Entry, created_ms: u64, changed_ms: u64) {
        let mut since_ms = created_ms;
        for past in &entry.history {
            self.element("Entry", |writer| {
                writer.head(uuid, entry, created_ms, since_ms);
                writer.state(entry, Some(&past.value));
            });
            since_ms = past.until_ms.unwrap_or(since_ms);
        }
        // The value came then; whatever changed since was something else.
        if since_ms / 1000 != changed_ms / 1000 {
            self.element("Entry", |writer| {
                writer.head(uuid, entry, created_ms, since_ms);
                writer.state(entry, entry.value.as_ref());
            });
        }
    }

    fn string(&mut self, name: &str, value: &str, hidden: bool) {
        // What XML has no characters for is written as hidden values are.
        let hidden = hidden || !value.chars().all(is_xml);
        self.element("String", |writer| {
            writer.plain("Key", name);
            if !hidden {
                return writer.plain("Value", value);
            }
            let mut bytes = Zeroizing::new(value.as_bytes().to_vec());
            if let Err(error) = writer.stream.apply(&mut bytes) {
                writer.trouble = Some(error);
            }
            writer.xml.push_str("<Value Protected=\"True\">");
            STANDARD.encode_string(bytes.as_slice(), &mut writer.xml);
            writer.xml.push_str("</Value>");
        });
    }

    fn file(&mut self, name: &str, bytes: &'a [u8]) {
        let next = self.files.len();
        let number = *self.numbers.entry(Sha256::digest(bytes).into()).or_insert(next);
        if number == next {
            self.files.push(bytes);
        }
        self.element("Binary", |writer| {
            writer.plain("Key", name);
            writer.xml.push_str(&format!("<Value Ref=\"{number}\"/>"));
        });
    }

    fn custom(&mut self, entry: &Entry) {
        let kind = match entry.kind {
            Kind::Token => Some("token"),
            Kind::PrivateKey => Some("private-key"),
            Kind::Certificate => Some("certificate"),
            Kind::Password | Kind::Note => None,
        };
        let hosts = entry.hosts.join("\n");
        let items = [(CUSTOM_KIND, kind), (CUSTOM_HOSTS, Some(hosts.as_str())), (CUSTOM_STAGE, entry.stage.as_deref())];
        let items: Vec<_> = items.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))).collect();
        if !items.is_empty() {
            self.element("CustomData", |writer| {
                for (name, value) in items {
                    writer.element("Item", |writer| {
                        writer.plain("Key", name);
                        writer.plain("Value", value);
                    });
                }
            });
        }
    }

    /// The UUID that an entry came with, else one that is the same each time.
    fn entry_uuid(&mut self, origin: &str) -> [u8; 16] {
        let hex = origin.replace('-', "");
        let given = Some(hex).filter(|hex| hex.len() == 32).and_then(|hex| u128::from_str_radix(&hex, 16).ok());
        let mut uuid = given.filter(|uuid| *uuid != 0).map_or_else(|| made_uuid("entry", &[origin]), u128::to_be_bytes);
        while !self.uuids.insert(uuid) {
            uuid = made_uuid("again", &[&base64(&uuid)]);
        }
        uuid
    }
}

/// A name that is not taken yet.
fn unique(names: &mut HashSet<String>, name: &str, between: &str) -> String {
    let numbered = (2_u64..).map(|number| format!("{name}{between}{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !names.contains(name)).unwrap_or_default();
    names.insert(free.clone());
    free
}

fn group_uuid(path: &[&str]) -> [u8; 16] {
    made_uuid("group", path)
}

/// A UUID of what is known of something: the same each time it is written.
fn made_uuid(what: &str, parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new().chain_update("beffroi kdbx ").chain_update(what);
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().copied().unwrap_or_default()
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Whether XML has a place for a character.
fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Text of an element; what XML has no place for is left out of names.
fn escape(to: &mut String, text: &str) {
    for character in text.chars().filter(|character| is_xml(*character)) {
        match character {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            // Bare, it would be read as the end of a line.
            '\r' => to.push_str("&#xD;"),
            other => to.push(other),
        }
    }
}
