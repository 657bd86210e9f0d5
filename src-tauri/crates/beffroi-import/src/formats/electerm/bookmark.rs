//! Bookmarks and profiles.

use std::collections::HashMap;

use beffroi_secret::SecretText;
use serde::Deserialize;

use super::Groups;
use crate::collect::{Collected, field, kind_of};
use crate::json::{Few, Text, Tree, filled};
use crate::text::with_port;
use crate::{Entry, Host, ImportError, Kind};

/// Hosts that a bookmark leads through.
const MOST_HOPS: usize = 64;

/// A connection: with what it logs in, and where.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bookmark {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    host: Option<Text>,
    port: Option<Text>,
    url: Option<Text>,
    description: Option<Text>,
    domain: Option<String>,
    profile: Option<String>,
    auth_type: Option<String>,
    proxy: Option<Text>,
    proxy_command: Option<Tree>,
    #[serde(default)]
    connection_hoppings: Few<Box<Hop>, MOST_HOPS>,
    #[serde(flatten)]
    login: Login,
}

/// A host that is led through.
#[derive(Deserialize)]
struct Hop {
    host: Option<Text>,
    port: Option<Text>,
    #[serde(flatten)]
    login: Login,
}

/// What one logs in with.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Login {
    username: Option<Text>,
    user: Option<Text>,
    password: Option<Text>,
    password_encrypted: Option<bool>,
    private_key: Option<Text>,
    passphrase: Option<Text>,
    certificate: Option<Text>,
}

/// What several bookmarks log in with.
#[derive(Deserialize)]
pub(super) struct Profile {
    id: Option<String>,
    name: Option<String>,
    #[serde(flatten)]
    login: Login,
    telnet: Option<Box<Login>>,
    vnc: Option<Box<Login>>,
    rdp: Option<Box<Login>>,
    ftp: Option<Box<Login>>,
}

impl Bookmark {
    pub(super) fn take_into(
        self,
        groups: &Groups,
        profiles: &HashMap<String, String>,
        collected: &mut Collected,
    ) -> Result<(), ImportError> {
        let kind = self.kind.unwrap_or_else(|| "ssh".to_owned());
        let is_ssh = kind == "ssh" || kind == "sftp";
        let (host, port) = (plain(self.host), port(self.port.as_ref()));
        let title = self.title.filter(|title| !title.is_empty()).or_else(|| host.clone()).or_else(|| self.id.clone()).unwrap_or_default();
        let path = self.id.as_ref().map(|id| groups.path(id)).unwrap_or_default();
        let origin = self.id.unwrap_or_else(|| crate::collect::origin(&path, &title, None));
        let notes = plain(self.description);
        let mut entry = Entry {
            origin: origin.clone(),
            path: path.clone(),
            title: title.clone(),
            notes: notes.as_deref().filter(|_| !is_ssh).and_then(crate::collect::secret),
            hosts: is_ssh.then(|| title.clone()).into_iter().collect(),
            ..Entry::default()
        };
        if let Some(address) = &host {
            entry.urls.push(format!("{kind}://{}", with_port(address, port)));
        }
        entry.urls.extend(plain(self.url));
        let key_file = self.login.take_into(&mut entry);
        if let Some(domain) = self.domain.filter(|domain| !domain.is_empty() && !is_ssh) {
            entry.user = entry.user.map(|user| format!("{domain}\\{user}"));
        }
        let user = entry.user.clone();
        let taken = if entry.value.is_some() { collected.take(entry)? } else { None };
        if !is_ssh {
            if taken.is_none() {
                collected.parsed.refuse(title, "other-protocol");
            }
            return Ok(());
        }
        let Some(address) = host else {
            collected.parsed.refuse(title, "no-address");
            return Ok(());
        };
        let mut jump = Vec::new();
        for (number, hop) in self.connection_hoppings.all("connectionHoppings")?.into_iter().enumerate() {
            jump.extend(hop.take_into(&format!("{origin}#hop{}", number + 1), &path, collected)?);
        }
        if matches!(&self.proxy_command, Some(Tree::Text(command)) if !command.is_empty()) {
            collected.parsed.notice("proxy-command", title.as_str());
        }
        // A profile counts where it is chosen; before it was there, where it was named.
        let profile = self.profile.filter(|_| self.auth_type.as_deref().is_none_or(|kind| kind == "profiles"));
        let profile = profile.and_then(|profile| profiles.get(&profile));
        let kept = [("description", notes), ("privateKey", key_file), ("proxy", plain(self.proxy))];
        collected.host(Host {
            credential: taken.or_else(|| profile.cloned()),
            origin,
            name: title,
            path,
            address,
            port: port.filter(|port| *port != 22),
            user,
            jump,
            notes: kept.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
            ..Host::default()
        })
    }
}

impl Hop {
    /// The way to it, and what it is logged in to with as an entry.
    fn take_into(self, origin: &str, path: &[String], collected: &mut Collected) -> Result<Option<String>, ImportError> {
        let Some(host) = plain(self.host) else { return Ok(None) };
        let mut entry = Entry { origin: origin.to_owned(), path: path.to_vec(), ..Entry::default() };
        self.login.take_into(&mut entry);
        let way = with_port(&host, port(self.port.as_ref()).filter(|port| *port != 22));
        let way = entry.user.as_ref().map_or_else(|| way.clone(), |user| format!("{user}@{way}"));
        entry.title.clone_from(&way);
        if entry.value.is_some() {
            collected.take(entry)?;
        }
        Ok(Some(way))
    }
}

impl Login {
    /// Puts it into an entry: a private key is the value, a password beside it a field. The path of a key that is in a file of its
    /// own comes back.
    fn take_into(self, entry: &mut Entry) -> Option<String> {
        entry.user = plain(self.username).or_else(|| plain(self.user));
        let shifted = self.password_encrypted == Some(true);
        let password = filled(self.password).map(|password| if shifted { unshifted(&password) } else { password });
        // How it begins only.
        let (key, file) = match filled(self.private_key) {
            Some(key) if kind_of(key.expose()) == Kind::PrivateKey => (Some(key), None),
            other => (None, other),
        };
        if let Some(key) = key {
            entry.fields.extend(password.and_then(|password| field("password", password.expose(), true)));
            (entry.kind, entry.value, entry.passphrase) = (Kind::PrivateKey, Some(key), filled(self.passphrase));
        } else {
            entry.value = password;
            entry.fields.extend(filled(self.passphrase).and_then(|passphrase| field("passphrase", passphrase.expose(), true)));
        }
        entry.fields.extend(filled(self.certificate).and_then(|certificate| field("certificate", certificate.expose(), false)));
        file.map(|file| file.expose().clone())
    }
}

impl Profile {
    /// Takes what it has for each protocol; gives its number and the origin of what logs in by SSH.
    pub(super) fn take_into(self, collected: &mut Collected) -> Result<Option<(String, String)>, ImportError> {
        let id = self.id.unwrap_or_default();
        let title = self.name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
        let others = [("telnet", self.telnet), ("vnc", self.vnc), ("rdp", self.rdp), ("ftp", self.ftp)];
        let mut of_ssh = None;
        for (name, login) in [("", Some(Box::new(self.login)))].into_iter().chain(others) {
            let Some(login) = login else { continue };
            let mut entry = Entry {
                origin: format!("profile:{id}#{name}"),
                path: vec!["profiles".to_owned()],
                title: format!("{title} {name}").trim_end().to_owned(),
                ..Entry::default()
            };
            login.take_into(&mut entry);
            let taken = if entry.value.is_some() { collected.take(entry)? } else { None };
            of_ssh = of_ssh.or_else(|| taken.filter(|_| name.is_empty()));
        }
        Ok(of_ssh.map(|origin| (id, origin)))
    }
}

/// A text without the shift of its units: each by its place, the first by one.
fn unshifted(text: &SecretText) -> SecretText {
    // Wiped at the end.
    let units: zeroize::Zeroizing<Vec<u16>> = zeroize::Zeroizing::new(
        text.expose().encode_utf16().zip((0..=u16::MAX).cycle().skip(1)).map(|(unit, place)| unit.wrapping_sub(place)).collect(),
    );
    SecretText::new(String::from_utf16_lossy(&units))
}

fn port(text: Option<&Text>) -> Option<u16> {
    // A number.
    text.and_then(|Text(text)| text.expose().parse().ok()).filter(|port| *port != 0)
}

/// What is no secret.
fn plain(text: Option<Text>) -> Option<String> {
    filled(text).map(|text| text.expose().clone())
}
