//! Remmina: profiles (`*.remmina`), one, a folder of them or a ZIP, with the passwords that are in them.
//!
//! A profile is a key file of GLib with one group, `[remmina]`. A password is Base64 of 3DES-EDE in CBC mode over the text, filled with
//! zeros to whole blocks of which the last byte is always zero. Key and first block are the 24 and 8 first bytes of what
//! `[remmina_pref] secret=` of `remmina.pref` has in Base64 (`src/remmina_crypt.c`): a secret of each user, which protects nothing
//! from whoever has that file, and without which nobody reads a profile that was copied. Nothing shows whether it is the right one
//! but the zeros. A single `.` stands for a password in the keyring of the desktop (`src/remmina_file.c`).

use std::collections::BTreeMap;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_secret::{SecretBytes, SecretText};
use des::TdesEde3;
use zeroize::Zeroizing;

use super::putty_names::unescaped;
use crate::archive::{self, Archive};
use crate::collect::{Collected, field, groups};
use crate::limits::{MOST_VALUE, within};
use crate::text::with_port;
use crate::{Entry, Host, ImportError, Parsed, Reading, Source, Unlock, decode};

/// Where a profile's text begins, comments aside.
const GROUP: &str = "[remmina]";
/// The file that has the secret.
const PREFERENCES: &str = "remmina.pref";
/// Bytes of a profile.
const MOST_PROFILE: u64 = 1 << 20;
/// Bytes of all profiles together.
const MOST_BYTES: u64 = 64 << 20;
/// Names that are looked at in a folder to tell what it is.
const MOST_NAMES: usize = 2_000;
/// Other passwords of a profile, which are hidden as the first is (`src/remmina_plugin_manager.c`, the plugins' settings).
const OTHERS: &[&str] = &["ssh_passphrase", "gateway_password", "smartcard_pin"];

/// A key file with the group of a profile; a ZIP or a folder with profiles in it.
pub fn tells(source: &Source) -> bool {
    match source {
        Source::File { bytes, .. } => {
            // Looked at: its groups, or its names.
            let bytes = bytes.expose();
            let head = String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes));
            head.lines().any(|line| line.trim_start_matches('\u{feff}').trim() == GROUP) || archive::has(bytes, b".remmina")
        }
        Source::Folder { root } => {
            let is_profile = |file: std::fs::DirEntry| file.file_name().to_string_lossy().ends_with(".remmina");
            root.join(PREFERENCES).is_file() || std::fs::read_dir(root).is_ok_and(|names| names.flatten().take(MOST_NAMES).any(is_profile))
        }
    }
}

/// Profiles by SSH as hosts with their passwords; others as entries with their address. The secret is that of a `remmina.pref` beside
/// the profiles, or of what was given as a key file: that file, or its secret alone. Without it hosts come, and their passwords
/// are told.
///
/// # Errors
/// [`ImportError::Wrong`] of `key-file` for one that has no secret; [`ImportError::Malformed`] with its line and
/// [`ImportError::NotText`] for a profile alone, which is told and left out among others; [`ImportError::TooLarge`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut taking = Taking { secret: given(reading.unlock)?, collected: Collected::default(), read: 0 };
    match reading.source {
        Source::File { name, bytes } => {
            // Parsed here.
            let bytes = bytes.expose();
            if !bytes.starts_with(b"PK\x03\x04") {
                within("file", bytes.len() as u64, MOST_PROFILE)?;
                taking.profile(name, bytes)?;
                return Ok(taking.collected.parsed);
            }
            let mut archive = Archive::of(reading, Some)?;
            let names = archive.keys();
            let mut file = |name: &str| archive.file(name, "profile", MOST_PROFILE).map(|file| file.map(|bytes| bytes.to_vec()));
            taking.all(&names, &mut file)?;
        }
        source @ Source::Folder { .. } => {
            let mut file = |name: &str| source.read(name).map(|file| file.map(|bytes| bytes.expose().clone()));
            taking.all(&source.files()?, &mut file)?;
        }
    }
    Ok(taking.collected.parsed)
}

/// Gives what is in a file of a folder or an archive.
type Files<'a> = dyn FnMut(&str) -> Result<Option<Vec<u8>>, ImportError> + 'a;

/// What hides the passwords: a key and a first block.
struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// That of a text in Base64. None when it is too short, or none.
    fn of(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        (bytes.len() >= 32).then_some(Self(bytes))
    }

    /// That of the preferences.
    fn of_preferences(text: &str) -> Option<Self> {
        let mut group = "";
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                group = line;
            } else if let Some(value) = line.strip_prefix("secret").filter(|_| group == "[remmina_pref]") {
                return Self::of(value.trim_start().strip_prefix('=')?);
            }
        }
        None
    }

    /// A password. None when it is not one of this secret.
    fn open(&self, hidden: &str) -> Option<SecretText> {
        let mut clear = Zeroizing::new(STANDARD.decode(hidden.trim()).ok()?);
        let (key, iv) = (self.0.get(..24)?, self.0.get(24..32)?);
        let cipher = cbc::Decryptor::<TdesEde3>::new_from_slices(key, iv).ok()?;
        cipher.decrypt_padded::<NoPadding>(&mut clear).ok()?;
        let end = clear.iter().rposition(|byte| *byte != 0)? + 1;
        let text = std::str::from_utf8(clear.get(..end)?).ok()?;
        ((1..=8).contains(&(clear.len() - end)) && !text.contains('\0')).then(|| SecretText::new(text.to_owned()))
    }
}

/// The secret that was given.
fn given(unlock: &Unlock) -> Result<Option<Secret>, ImportError> {
    let Some(file) = &unlock.key_file else { return Ok(None) };
    // Into the key.
    let text = decode(file.expose()).map_err(|_| ImportError::Wrong { what: "key-file" })?;
    let secret = Secret::of_preferences(&text).or_else(|| Secret::of(&text));
    secret.map(Some).ok_or(ImportError::Wrong { what: "key-file" })
}

/// What a profile says.
type Said = BTreeMap<String, Zeroizing<String>>;

struct Taking {
    secret: Option<Secret>,
    collected: Collected,
    read: u64,
}

impl Taking {
    fn all(&mut self, names: &[String], file: &mut Files<'_>) -> Result<(), ImportError> {
        if let Some(name) = names.iter().find(|name| name.rsplit('/').next() == Some(PREFERENCES))
            && self.secret.is_none()
            && let Some(bytes) = file(name)?.map(SecretBytes::new)
        {
            // Into the key.
            self.secret = decode(bytes.expose()).ok().and_then(|text| Secret::of_preferences(&text));
        }
        for name in names.iter().filter(|name| name.ends_with(".remmina")) {
            let Some(bytes) = file(name)?.map(Zeroizing::new) else { continue };
            self.read += bytes.len() as u64;
            within("folder", self.read, MOST_BYTES)?;
            if bytes.len() as u64 > MOST_PROFILE {
                self.collected.parsed.refuse(name, "too-large");
                continue;
            }
            match self.profile(name, &bytes) {
                Err(ImportError::Malformed { .. } | ImportError::NotText { .. } | ImportError::Truncated { .. }) => {
                    self.collected.parsed.refuse(name, "damaged");
                }
                read => read?,
            }
        }
        Ok(())
    }

    fn profile(&mut self, origin: &str, bytes: &[u8]) -> Result<(), ImportError> {
        let said = said(&decode(bytes)?)?;
        let of = |key: &str| said.get(key).map(|value| value.to_string()).filter(|value| !value.is_empty());
        let title = of("name").unwrap_or_else(|| origin.to_owned());
        let path: Vec<String> = of("group").map(|group| groups(&group, '/').collect()).unwrap_or_default();
        let (Some((address, port)), Some(protocol)) = (of("server").and_then(|server| place(&server)), of("protocol")) else {
            self.collected.parsed.refuse(title, "no-address");
            return Ok(());
        };
        let is_ssh = matches!(protocol.as_str(), "SSH" | "SFTP");
        // Until 1.4 the account of SSH had names of its own.
        let user = of("username").or_else(|| of("ssh_username").filter(|_| is_ssh));
        let user = match of("domain").filter(|_| !is_ssh) {
            Some(domain) => user.map(|user| format!("{domain}\\{user}")),
            None => user,
        };
        let notes = of("notes_text").map(|notes| unescaped(&notes));
        let tags: Vec<String> = of("labels")
            .iter()
            .flat_map(|labels| labels.split(','))
            .map(|tag| tag.trim().to_owned())
            .filter(|tag| !tag.is_empty())
            .collect();
        let scheme = protocol.to_ascii_lowercase();
        let mut entry = Entry {
            origin: origin.to_owned(),
            path: path.clone(),
            title: title.clone(),
            user: user.clone(),
            value: self.open(&said, "password", &title).or_else(|| self.open(&said, "ssh_password", &title).filter(|_| is_ssh)),
            urls: vec![format!("{scheme}://{}", with_port(&address, port))],
            notes: notes.as_deref().filter(|_| !is_ssh).and_then(crate::collect::secret),
            tags: tags.clone(),
            hosts: is_ssh.then(|| title.clone()).into_iter().collect(),
            ..Entry::default()
        };
        for name in OTHERS {
            entry.fields.extend(self.open(&said, name, &title).map(|value| crate::Field { name: (*name).to_owned(), value, hidden: true }));
        }
        for name in ["gateway_server", "gateway_username", "gateway_domain", "proxy_username", "proxy_password"] {
            entry.fields.extend(of(name).and_then(|value| field(name, &value, name.ends_with("password"))));
        }
        let jump = self.tunnel(&said, origin, &path, (&address, port))?;
        if !is_ssh {
            entry.fields.extend(jump.as_deref().and_then(|jump| field("ssh_tunnel_server", jump, false)));
        }
        let (has_value, has_any) = (entry.value.is_some(), entry.value.is_some() || !entry.fields.is_empty());
        let taken = if has_any { self.collected.take(entry)? } else { None };
        if !is_ssh {
            if taken.is_none() {
                self.collected.parsed.refuse(title, "other-protocol");
            }
            return Ok(());
        }
        if of("ssh_proxycommand").is_some() {
            self.collected.parsed.notice("proxy-command", title.as_str());
        }
        let kept = ["ssh_privatekey", "ssh_certfile"].into_iter().filter_map(|name| Some((name.to_owned(), of(name)?)));
        self.collected.host(Host {
            origin: origin.to_owned(),
            name: title,
            path,
            address,
            port: port.filter(|port| *port != 22),
            user,
            jump: jump.into_iter().collect(),
            credential: taken.filter(|_| has_value),
            tags,
            notes: notes.map(|notes| ("notes_text".to_owned(), notes)).into_iter().chain(kept).collect(),
            ..Host::default()
        })
    }

    /// The host that a profile goes through, and its password as an entry. Without a name of its own it is the server itself, at
    /// port 22.
    fn tunnel(&mut self, said: &Said, origin: &str, path: &[String], server: (&str, Option<u16>)) -> Result<Option<String>, ImportError> {
        let of = |key: &str| said.get(key).filter(|value| !value.is_empty()).map(|value| value.to_string());
        // Until 1.4 it was `ssh_enabled`, with `ssh_server`.
        let is_on = |key: &str| of(key).is_some_and(|value| matches!(value.as_str(), "1" | "true"));
        if !is_on("ssh_tunnel_enabled") && !is_on("ssh_enabled") {
            return Ok(None);
        }
        let other = of("ssh_tunnel_server").or_else(|| of("ssh_server")).and_then(|server| place(&server));
        let (address, port) = other.unwrap_or_else(|| (server.0.to_owned(), None));
        if address == server.0 && port.unwrap_or(22) == server.1.unwrap_or(22) {
            return Ok(None);
        }
        let user = of("ssh_tunnel_username").or_else(|| of("ssh_username"));
        let way = with_port(&address, port.filter(|port| *port != 22));
        let hop = user.as_ref().map_or_else(|| way.clone(), |user| format!("{user}@{way}"));
        for name in ["ssh_tunnel_password", "ssh_tunnel_passphrase"] {
            if let Some(value) = self.open(said, name, &hop) {
                let origin = format!("{origin}#{name}");
                let path = path.to_vec();
                let title = if name == "ssh_tunnel_password" { hop.clone() } else { format!("{hop} {name}") };
                self.collected.take(Entry { origin, path, title, user: user.clone(), value: Some(value), ..Entry::default() })?;
            }
        }
        Ok(Some(hop))
    }

    /// A password; one that cannot be read is told.
    fn open(&mut self, said: &Said, key: &str, title: &str) -> Option<SecretText> {
        let hidden = said.get(key).filter(|value| !value.is_empty())?;
        let why = if hidden.as_str() == "." {
            "keyring"
        } else {
            match &self.secret {
                None => "remmina-secret",
                Some(secret) => match secret.open(hidden) {
                    // Its length only.
                    Some(clear) if clear.expose().len() <= MOST_VALUE => return Some(clear),
                    Some(_) => "too-large",
                    None => "damaged",
                },
            }
        };
        self.collected.parsed.refuse(format!("{title}: {key}"), why);
        None
    }
}

/// The keys of the group of a profile. A key that stands twice counts as it stands last.
fn said(text: &str) -> Result<Said, ImportError> {
    let (mut said, mut group) = (Said::new(), String::new());
    for (line, number) in text.lines().zip(1_u64..) {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            group = line.trim_end().to_owned();
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(ImportError::Malformed { what: "key=value", at: number })?;
        if group == GROUP {
            within("value", value.len() as u64, MOST_VALUE as u64)?;
            said.insert(key.trim_end().to_owned(), unquoted(value.trim_start()));
        }
    }
    if group.is_empty() { Err(ImportError::Malformed { what: GROUP, at: 1 }) } else { Ok(said) }
}

/// A value without the escapes of a key file: `\s`, `\n`, `\t`, `\r` and `\\`.
fn unquoted(value: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(value.len()));
    let mut rest = value.chars();
    while let Some(next) = rest.next() {
        match if next == '\\' { rest.next() } else { None } {
            None => text.push(next),
            Some('s') => text.push(' '),
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some(other) => text.push(other),
        }
    }
    text
}

/// The address and the port of `server`, `server:port` or `[server]:port`; one with several colons is an address of IPv6.
fn place(server: &str) -> Option<(String, Option<u16>)> {
    let server = server.trim();
    let (address, port) = match server.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address, port.strip_prefix(':')),
        None => match server.split_once(':') {
            Some((address, port)) if !port.contains(':') => (address, Some(port)),
            _ => (server, None),
        },
    };
    let port = port.and_then(|port| port.parse().ok()).filter(|port| *port != 0);
    (!address.is_empty()).then(|| (address.to_owned(), port))
}

#[cfg(test)]
mod tests;
