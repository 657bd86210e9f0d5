//! A row, as what it is.

use beffroi_secret::SecretText;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::dialect::Name;
use super::tree::Folders;
use super::{Column, Plan};
use crate::collect::{self, Collected, MOST_FIELDS, field, kind_of, secret, some};
use crate::formats::bitwarden::kind;
use crate::json::{self, Few, Text};
use crate::limits::MOST_DEPTH;
use crate::{Entry, Field, Host, ImportError, Kind, Past, dates, totp};

/// The bin of KeePassXC, in English and in French.
const BINS: [&str; 2] = ["Recycle Bin", "Corbeille"];

/// What a row says so far.
#[derive(Default)]
pub(super) struct Row {
    entry: Entry,
    private_key: Option<SecretText>,
    totp: Option<SecretText>,
    address: Option<String>,
    port: Option<String>,
    jump: Vec<String>,
    protocol: Option<String>,
    parent: Option<String>,
    is_folder: bool,
}

#[derive(Deserialize)]
struct OwnField {
    name: String,
    value: Text,
    #[serde(default)]
    hidden: bool,
}

#[derive(Deserialize)]
struct OwnPast {
    value: Text,
    until: Option<String>,
}

impl Row {
    /// Takes a cell in. Where two columns say the same, the first one that is filled counts, and the other is a field.
    pub(super) fn take(&mut self, plan: &Plan, column: Column, name: &str, cell: &str, line: u64) -> Result<(), ImportError> {
        let cell = if plan.name == Name::Beffroi { undefused(cell) } else { cell };
        if cell.is_empty() {
            return Ok(());
        }
        let entry = &mut self.entry;
        let text = || cell.to_owned();
        let lines = || cell.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        match column {
            Column::Skip => {}
            Column::Origin if entry.origin.is_empty() => entry.origin = text(),
            Column::Title if entry.title.is_empty() => entry.title = text(),
            Column::Path if entry.path.is_empty() => entry.path = if plan.name == Name::Beffroi { own_path(cell) } else { path(cell) },
            Column::User if entry.user.is_none() => entry.user = Some(text()),
            Column::Password if entry.value.is_none() => entry.value = secret(cell),
            Column::PrivateKey if self.private_key.is_none() => self.private_key = secret(cell),
            Column::Passphrase if entry.passphrase.is_none() => entry.passphrase = secret(cell),
            Column::Url if plan.name == Name::LastPass && cell == "http://sn" => entry.kind = Kind::Note,
            Column::Url => entry.urls.extend(lines()),
            Column::Notes if entry.notes.is_none() => entry.notes = secret(cell),
            Column::Totp if self.totp.is_none() => self.totp = secret(cell),
            Column::Tags if plan.name == Name::Beffroi => entry.tags.extend(lines()),
            Column::Tags => entry.tags.extend(cell.split([',', ';', '\n']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned)),
            Column::Hosts => entry.hosts.extend(lines()),
            Column::Stage if entry.stage.is_none() => entry.stage = Some(text()),
            Column::Created => entry.created_ms = entry.created_ms.or(dates::milliseconds(cell)),
            Column::Changed => entry.changed_ms = entry.changed_ms.or(dates::milliseconds(cell)),
            Column::Expires => entry.expires_ms = entry.expires_ms.or(dates::milliseconds(cell)),
            Column::Kind => entry.kind = kind(cell).unwrap_or_default(),
            Column::Favorite => entry.tags.extend(is_true(cell).then(|| "favorite".to_owned())),
            Column::Discarded => entry.discarded |= is_true(cell) || dates::milliseconds(cell).is_some(),
            Column::Address if self.address.is_none() => self.address = Some(cell.trim().to_owned()),
            Column::Port if self.port.is_none() => self.port = Some(text()),
            Column::Jump => self.jump.extend(cell.split(',').map(str::trim).filter(|jump| !jump.is_empty()).map(str::to_owned)),
            Column::Protocol if self.protocol.is_none() => self.protocol = Some(text()),
            Column::Parent => self.parent = Some(text()),
            Column::Node => self.is_folder = cell.eq_ignore_ascii_case("container"),
            Column::FieldLines => field_lines(cell, &mut entry.fields),
            Column::Fields => {
                let fields: Few<OwnField, MOST_FIELDS> =
                    json::from_text(cell).map_err(|_| ImportError::Malformed { what: "Fields", at: line })?;
                entry.fields.extend(fields.all("fields")?.into_iter().map(|own| Field {
                    name: own.name,
                    value: own.value.0,
                    hidden: own.hidden,
                }));
            }
            Column::History => {
                let past: Few<OwnPast, MOST_FIELDS> =
                    json::from_text(cell).map_err(|_| ImportError::Malformed { what: "History", at: line })?;
                let until = |own: &OwnPast| own.until.as_deref().and_then(dates::milliseconds);
                entry.history.extend(past.all("history")?.into_iter().map(|own| Past { until_ms: until(&own), value: own.value.0 }));
            }
            column => {
                let is_secret =
                    matches!(column, Column::Hidden | Column::Password | Column::PrivateKey | Column::Passphrase | Column::Totp);
                entry.fields.extend(field(name, cell, is_secret));
            }
        }
        Ok(())
    }

    /// Makes of it what it is.
    pub(super) fn finish(
        mut self,
        plan: &Plan,
        folders: &Folders,
        root: Option<&str>,
        line: u64,
        collected: &mut Collected,
    ) -> Result<(), ImportError> {
        if self.is_folder {
            return Ok(());
        }
        if let Some(parent) = &self.parent {
            self.entry.path = folders.path(parent);
        }
        if root.is_some() && self.entry.path.first().map(String::as_str) == root {
            self.entry.path.remove(0);
            self.entry.discarded |= self.entry.path.first().is_some_and(|group| BINS.contains(&group.as_str()));
        }
        if plan.name == Name::LastPass && self.entry.kind == Kind::Note {
            last_pass_note(&mut self.entry);
        }
        self.settle(plan, line);
        let protocol = self.protocol.take();
        match self.address.take() {
            None => {
                self.entry.fields.extend(protocol.iter().filter_map(|protocol| field("protocol", protocol, false)));
                collected.take(self.entry)?;
            }
            Some(address) if is_ssh(protocol.as_deref()) && is_address(&address) => self.host(&address, collected)?,
            Some(address) => {
                let is_remote = is_address(&address);
                collected.parsed.refuse(self.entry.title.clone(), if is_remote { "not-ssh" } else { "no-address" });
                self.entry.urls.push(address);
                if has_credential(&self.entry) {
                    self.entry.fields.extend(protocol.iter().filter_map(|protocol| field("protocol", protocol, false)));
                    collected.take(self.entry)?;
                }
            }
        }
        Ok(())
    }

    /// Its title, its value, its codes and its origin, from what there is.
    fn settle(&mut self, plan: &Plan, line: u64) {
        let entry = &mut self.entry;
        if entry.title.is_empty() {
            let url = entry.urls.first().and_then(|url| some(authority(url)));
            entry.title = self.address.clone().or(url).or_else(|| entry.user.clone()).unwrap_or_else(|| line.to_string());
        }
        if let Some(key) = self.private_key.take() {
            entry.kind = Kind::PrivateKey;
            match entry.value.replace(key) {
                // A password beside a key.
                Some(password) if entry.passphrase.is_none() => entry.passphrase = Some(password),
                Some(password) => entry.fields.push(Field { name: "password".to_owned(), value: password, hidden: true }),
                None => {}
            }
        } else if plan.name != Name::Beffroi && entry.kind == Kind::Password {
            entry.kind = match &entry.value {
                // How it begins only.
                Some(value) => kind_of(value.expose()),
                None if entry.totp.is_none() && self.totp.is_none() && entry.user.is_none() => Kind::Note,
                None => Kind::Password,
            };
        }
        if let Some(text) = self.totp.take() {
            // Into an address that stays protected.
            match totp::otpauth(text.expose(), &entry.title) {
                Some(address) => entry.totp = Some(address),
                None => entry.fields.push(Field { name: "totp".to_owned(), value: text, hidden: true }),
            }
        }
        if entry.origin.is_empty() {
            entry.origin = collect::origin(&entry.path, &entry.title, entry.user.as_deref());
        }
    }

    /// A host, and what it logs in with where the row has it.
    fn host(mut self, address: &str, collected: &mut Collected) -> Result<(), ImportError> {
        let entry = &mut self.entry;
        let mut notes = Vec::new();
        let port = self.port.as_deref().map(str::trim).and_then(|port| port.parse::<u16>().ok()).filter(|port| *port != 0);
        if let Some(odd) = self.port.filter(|_| port.is_none()) {
            notes.push(("port".to_owned(), odd));
        }
        let mut host = Host {
            origin: entry.origin.clone(),
            name: entry.title.clone(),
            path: entry.path.clone(),
            address: address.strip_prefix("ssh://").unwrap_or(address).to_owned(),
            port: port.filter(|port| *port != 22),
            user: entry.user.clone(),
            jump: self.jump,
            credential: None,
            tags: entry.tags.clone(),
            stage: entry.stage.clone(),
            notes,
        };
        if has_credential(entry) {
            entry.hosts.push(host.name.clone());
            host.credential = collected.take(self.entry)?;
        } else {
            // Nothing of it is hidden: what is makes a credential.
            let shown = |text: &SecretText| text.expose().clone();
            host.notes.extend(entry.notes.iter().map(|notes| ("notes".to_owned(), shown(notes))));
            host.notes.extend(entry.urls.iter().map(|url| ("url".to_owned(), url.clone())));
            host.notes.extend(entry.fields.iter().map(|field| (field.name.clone(), shown(&field.value))));
        }
        collected.parsed.hosts.push(host);
        Ok(())
    }
}

/// Whether there is something in it that is secret.
fn has_credential(entry: &Entry) -> bool {
    let Entry { value, passphrase, totp, fields, history, .. } = entry;
    value.is_some() || passphrase.is_some() || totp.is_some() || !history.is_empty() || fields.iter().any(|field| field.hidden)
}

/// Whether hosts of this protocol are spoken to over SSH. Programs call it by many names.
fn is_ssh(protocol: Option<&str>) -> bool {
    let Some(protocol) = protocol.map(str::to_lowercase) else { return true };
    protocol.is_empty() || ["ssh", "sftp", "scp", "putty", "terminal", "mosh"].iter().any(|name| protocol.contains(name))
}

fn is_address(text: &str) -> bool {
    let text = text.strip_prefix("ssh://").unwrap_or(text);
    !text.is_empty() && text.len() <= 255 && !text.contains("://") && !text.contains(|next: char| next.is_whitespace() || next.is_control())
}

/// The host of an address, for a title.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

fn is_true(cell: &str) -> bool {
    matches!(cell.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "x")
}

/// Groups, parted as most programs do: `/`, or `\` where there is none.
fn path(cell: &str) -> Vec<String> {
    let separator = if cell.contains('\\') && !cell.contains('/') { '\\' } else { '/' };
    collect::groups(cell, separator).collect()
}

/// Groups as they are written here: `/` between them, `\` before one that belongs to a name.
fn own_path(cell: &str) -> Vec<String> {
    let mut path = vec![String::new()];
    let mut chars = cell.chars();
    while let Some(next) = chars.next().filter(|_| path.len() <= MOST_DEPTH) {
        match next {
            '/' => path.push(String::new()),
            next => {
                let next = if next == '\\' { chars.next().unwrap_or(next) } else { next };
                if let Some(group) = path.last_mut() {
                    group.push(next);
                }
            }
        }
    }
    path
}

/// A cell as it was before it was written here (`write::csv`).
fn undefused(cell: &str) -> &str {
    let is_defused = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_defused { cell.strip_prefix('\'').unwrap_or(cell) } else { cell }
}

/// `name: value` lines; what has no name belongs to the line before.
fn field_lines(cell: &str, fields: &mut Vec<Field>) {
    let mut pairs: Vec<(&str, Zeroizing<String>)> = Vec::new();
    for line in cell.lines() {
        match (line.split_once(": "), pairs.last_mut()) {
            (Some((name, value)), _) => pairs.push((name, Zeroizing::new(value.to_owned()))),
            (None, Some((_, value))) => value.extend(["\n", line]),
            (None, None) => pairs.push(("", Zeroizing::new(line.to_owned()))),
        }
    }
    fields.extend(pairs.iter().filter_map(|(name, value)| field(*name, value, true)));
}

/// A structured note of LastPass: `NoteType:…` and lines of `Name:value`, where a private key goes over several.
fn last_pass_note(entry: &mut Entry) {
    // Taken apart here.
    let Some(text) = entry.notes.as_ref().map(|notes| Zeroizing::new(notes.expose().clone())) else { return };
    let Some(kind) = text.lines().next().and_then(|line| line.strip_prefix("NoteType:")) else { return };
    let mut parts: Vec<(&str, Zeroizing<String>)> = Vec::new();
    // Until the end of a key, or of all: its lines name nothing.
    let (mut in_notes, mut in_key) = (false, false);
    for line in text.lines().skip(1) {
        let named = line.split_once(':').filter(|(name, _)| !in_notes && !in_key && !name.is_empty() && name.len() <= 40);
        in_key &= !line.contains("-----END ");
        match (named, parts.last_mut()) {
            (Some((name, value)), _) => {
                in_notes = name == "Notes";
                in_key = value.contains("-----BEGIN ") && !value.contains("-----END ");
                parts.push((name, Zeroizing::new(value.to_owned())));
            }
            (None, Some((_, value))) => value.extend(["\n", line]),
            (None, None) => {}
        }
    }
    let is_key = kind == "SSH Key";
    entry.notes = None;
    for (name, value) in parts {
        match name {
            "Notes" => entry.notes = secret(&value),
            "Private Key" if is_key && !value.is_empty() => {
                entry.kind = Kind::PrivateKey;
                entry.value = secret(value.trim_end());
            }
            "Passphrase" if is_key => entry.passphrase = secret(&value),
            "Password" => {
                entry.kind = Kind::Password;
                entry.value = secret(&value);
            }
            "Username" => entry.user = some(&value),
            "Hostname" => entry.hosts.extend(some(value.trim())),
            "Language" => {}
            _ => entry.fields.extend(field(name, &value, true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_marks_are_taken_away() {
        for (cell, was) in [("'=x", "=x"), ("''=x", "'=x"), ("'x", "'x"), ("=x", "=x"), ("'", "'"), ("'\tx", "\tx")] {
            assert_eq!(undefused(cell), was, "{cell}");
        }
    }

    #[test]
    fn groups_of_two_kinds() {
        assert_eq!(path("a/b\\c/"), ["a", "b\\c"]);
        assert_eq!(path("a\\b"), ["a", "b"]);
        assert_eq!(own_path("a\\/b/c\\\\/ d"), ["a/b", "c\\", " d"]);
    }

    #[test]
    fn a_key_of_last_pass_goes_over_lines() {
        let text = "NoteType:SSH Key\nLanguage:en-US\nBit Strength:2048\nPassphrase:open: it\nPrivate Key:-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\nAAA=\n-----END RSA PRIVATE KEY-----\nPublic Key:ssh-rsa AAA\nHostname:web-1\nNotes:one\ntwo: three";
        let mut entry = Entry { kind: Kind::Note, notes: secret(text), ..Entry::default() };
        last_pass_note(&mut entry);
        let shown = |text: &Option<SecretText>| text.as_ref().map(|text| text.expose().clone()).unwrap_or_default();
        assert_eq!((entry.kind, entry.hosts.as_slice()), (Kind::PrivateKey, &["web-1".to_owned()][..]));
        assert_eq!(shown(&entry.value), "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\nAAA=\n-----END RSA PRIVATE KEY-----");
        assert_eq!((shown(&entry.passphrase), shown(&entry.notes)), ("open: it".to_owned(), "one\ntwo: three".to_owned()));
        assert_eq!(entry.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["Bit Strength", "Public Key"]);
    }
}
