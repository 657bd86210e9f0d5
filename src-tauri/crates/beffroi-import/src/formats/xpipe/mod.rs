//! XPipe: the folder of its vault, `~/.xpipe/storage`, or a copy of the repository that it synchronises.
//!
//! `stores/UUID/` has `entry.json` (a name, the category), `store.json` (the connection itself) and `notes.md`; `categories/UUID/` has
//! `category.json`; `data/` has files that stores name as `<DATA>/…`; `vaultkey` is what the key is made of. What opens its secrets is
//! in [`seal`]. The parts of XPipe that say what a connection by SSH is are not public: it is read by the names that the public ones
//! expect of it (`HostAddressStore`, `HostAddressGatewayStore`, `HostAddressIdentityStore`, `IdentityMigrationDeserializer`). What is
//! sealed for a user of the vault, by a passphrase, is told: how that key is made is not public either.

mod seal;

use std::collections::{HashMap, HashSet};

use beffroi_secret::{SecretBytes, SecretText};
use zeroize::Zeroizing;

use super::keys;
use crate::collect::{Collected, kind_of, label, secret};
use crate::json::{self, Tree};
use crate::limits::{MOST_DEPTH, MOST_ENTRIES, MOST_VALUE, within};
use crate::text::with_port;
use crate::{Entry, Field, Host, ImportError, Kind, Parsed, Reading, Source, decode};
use seal::{Keys, Why};

/// Bytes of one of its JSON files.
const MOST_STORE: u64 = 1 << 20;
/// Bytes of all of them together.
const MOST_BYTES: u64 = 64 << 20;

/// A folder with stores and what their key is made of, or the one around it.
pub fn tells(source: &Source) -> bool {
    let Source::Folder { root } = source else { return false };
    let is_vault = |folder: &std::path::Path| {
        folder.join("stores").is_dir() && (folder.join("vaultkey").is_file() || folder.join("categories").is_dir())
    };
    is_vault(root) || is_vault(&root.join("storage"))
}

/// Connections by SSH and hosts as hosts; identities, and what is in a connection itself, as what they log in with.
///
/// # Errors
/// [`ImportError::Malformed`] for a `vaultkey` that is none, [`ImportError::TooLarge`], those of the disk. A store that cannot be read
/// is told, and left out.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let source = reading.source;
    let paths = source.files()?;
    let below = if paths.iter().any(|path| path.starts_with("stores/")) { "" } else { "storage/" };
    let keys = match source.read(&format!("{below}vaultkey"))? {
        // Into the key.
        Some(bytes) => Keys::of(&decode(bytes.expose())?, reading.work)?,
        None => Keys::none(),
    };
    let mut vault = Vault { reading, below, keys, read: 0, categories: HashMap::new(), collected: Collected::default() };
    let mut categories = HashMap::new();
    let mut stores = Vec::new();
    for path in paths.iter().filter_map(|path| path.strip_prefix(below)) {
        if let Some(folder) = path.strip_suffix("/category.json").filter(|folder| folder.starts_with("categories/")) {
            if let Some(category) = vault.json(path)? {
                categories.insert(text(&category, "uuid").unwrap_or_else(|| folder.to_owned()), Category::of(&category));
            }
        } else if let Some(folder) = path.strip_suffix("/entry.json").filter(|folder| folder.starts_with("stores/")) {
            stores.extend(vault.store(folder)?);
            within("entries", stores.len() as u64, MOST_ENTRIES as u64)?;
        }
    }
    vault.categories = categories;
    vault.take(&stores)?;
    Ok(vault.collected.parsed)
}

/// A category.
struct Category {
    name: String,
    above: Option<String>,
}

impl Category {
    fn of(said: &Tree) -> Self {
        Self { name: label(&text(said, "name").unwrap_or_default()), above: text(said, "parentUuid") }
    }
}

/// Its names from the outermost, without the first: that one only says that there are connections in it.
fn path_of(store: &Store, categories: &HashMap<String, Category>) -> Vec<String> {
    let (mut path, mut seen, mut next) = (Vec::new(), HashSet::new(), store.category.clone());
    while let Some(id) = next.filter(|id| seen.len() < MOST_DEPTH && seen.insert(id.clone())) {
        let Some(category) = categories.get(&id) else { break };
        path.extend(category.above.as_ref().map(|_| category.name.clone()).filter(|name| !name.is_empty()));
        next = category.above.clone();
    }
    path.reverse();
    path
}

/// A store: a connection, an identity, or anything else that XPipe keeps.
struct Store {
    id: String,
    name: String,
    category: Option<String>,
    said: Tree,
    notes: Option<Zeroizing<String>>,
}

impl Store {
    fn kind(&self) -> String {
        text(&self.said, "type").unwrap_or_default()
    }

    fn is_identity(&self) -> bool {
        matches!(self.kind().as_str(), "localIdentity" | "syncedIdentity")
    }

    /// By its type, and by having an address: `ssh`, and a host that connections share.
    fn is_host(&self) -> bool {
        let kind = self.kind();
        (kind.to_ascii_lowercase().contains("ssh") || kind == "abstractHost") && self.address().is_some()
    }

    /// Its address: a text, or one that was chosen of several.
    fn address(&self) -> Option<String> {
        text(&self.said, "host").or_else(|| text(self.said.member("host")?, "value"))
    }

    /// What it logs in with, where it says it itself: today's way, and the one before identities were.
    fn own_identity(&self) -> Option<Identity<'_>> {
        if self.is_identity() {
            return Some(Identity::of(&self.said));
        }
        match self.said.member("identity") {
            Some(identity) if text(identity, "type").as_deref() == Some("inPlace") => identity.member("identityStore").map(Identity::of),
            Some(identity) if text(identity, "type").as_deref() == Some("ref") => None,
            _ => {
                let key = ["identityStrategy", "identity", "additionalIdentity"].into_iter().find_map(|name| self.said.member(name));
                let user = text(&self.said, "user").or_else(|| text(&self.said, "username"));
                Some(Identity { user, password: self.said.member("password"), key })
            }
        }
    }

    /// The identity that it names.
    fn named_identity(&self) -> Option<String> {
        self.said.member("identity").and_then(|identity| text(identity, "ref"))
    }
}

/// What one logs in with.
struct Identity<'a> {
    user: Option<String>,
    password: Option<&'a Tree>,
    key: Option<&'a Tree>,
}

impl<'a> Identity<'a> {
    fn of(said: &'a Tree) -> Self {
        Self { user: text(said, "username"), password: said.member("password"), key: said.member("sshIdentity") }
    }
}

struct Vault<'a> {
    reading: &'a Reading<'a>,
    below: &'a str,
    keys: Keys,
    read: u64,
    categories: HashMap<String, Category>,
    collected: Collected,
}

impl Vault<'_> {
    /// A file of it. None when there is none.
    fn file(&mut self, path: &str) -> Result<Option<SecretBytes>, ImportError> {
        let Some(bytes) = self.reading.source.read(&format!("{}{path}", self.below))? else { return Ok(None) };
        // Its length only.
        let length = bytes.expose().len() as u64;
        self.read += length;
        within("folder", self.read, MOST_BYTES)?;
        if length > MOST_STORE {
            self.collected.parsed.refuse(path, "too-large");
            return Ok(None);
        }
        Ok(Some(bytes))
    }

    /// A file of it as JSON. None for one that is none, which is told.
    fn json(&mut self, path: &str) -> Result<Option<Tree>, ImportError> {
        let Some(bytes) = self.file(path)? else { return Ok(None) };
        // Parsed here.
        match decode(bytes.expose()).and_then(|text| json::from_text(&text)) {
            Ok(tree) => Ok(Some(tree)),
            Err(_) => {
                self.collected.parsed.refuse(path, "damaged");
                Ok(None)
            }
        }
    }

    /// The store of a folder. None for one that cannot be read, which is told.
    fn store(&mut self, folder: &str) -> Result<Option<Store>, ImportError> {
        let (Some(entry), Some(store)) = (self.json(&format!("{folder}/entry.json"))?, self.json(&format!("{folder}/store.json"))?) else {
            return Ok(None);
        };
        let id = text(&entry, "uuid").unwrap_or_else(|| folder.to_owned());
        let name = text(&entry, "name").unwrap_or_else(|| id.clone());
        let said = match self.keys.node(store, self.reading.work) {
            Ok(said) => said,
            Err(why) => {
                self.collected.parsed.refuse(name, why.word());
                return Ok(None);
            }
        };
        let mut notes =
            self.file(&format!("{folder}/notes.md"))?.and_then(|notes| Some(Zeroizing::new(notes.into_text().ok()?.expose().clone())));
        if let Some(sealed) = self.json(&format!("{folder}/notes.json"))? {
            notes = self.keys.node(sealed, self.reading.work).ok().and_then(|node| text(&node, "markdown")).map(Zeroizing::new).or(notes);
        }
        let notes = notes.filter(|notes| !notes.trim().is_empty());
        Ok(Some(Store { id, name, category: text(&entry, "categoryUuid"), said, notes }))
    }

    fn take(&mut self, stores: &[Store]) -> Result<(), ImportError> {
        let names: HashMap<&str, &Store> = stores.iter().map(|store| (store.id.as_str(), store)).collect();
        let mut credentials: HashMap<&str, (String, Option<String>)> = HashMap::new();
        for store in stores {
            let Some(identity) = store.own_identity() else { continue };
            let user = identity.user.clone();
            if let Some(origin) = self.credential(store, identity)? {
                credentials.insert(&store.id, (origin, user));
            }
        }
        for store in stores.iter().filter(|store| !store.is_identity()) {
            let own = credentials.get(store.id.as_str());
            let Some(address) = store.address().filter(|_| store.is_host()) else {
                // What is inside a host is found there again: this machine, its shells and containers.
                if own.is_none() && store.address().is_some() {
                    self.collected.parsed.refuse(store.name.as_str(), "other-protocol");
                }
                continue;
            };
            let named = store.named_identity();
            let identity = named.as_deref().and_then(|id| names.get(id));
            let credential = own.or_else(|| named.as_deref().and_then(|id| credentials.get(id)));
            let user = store
                .own_identity()
                .and_then(|identity| identity.user)
                .or_else(|| identity.and_then(|store| text(&store.said, "username")));
            let gateway = text(&store.said, "gateway").or_else(|| text(&store.said, "proxy"));
            let jump = gateway.and_then(|id| names.get(id.as_str())).filter(|store| store.is_host()).map(|store| store.name.clone());
            self.collected.host(Host {
                origin: store.id.clone(),
                name: store.name.clone(),
                path: path_of(store, &self.categories),
                address,
                port: port(&store.said).filter(|port| *port != 22),
                user,
                jump: jump.into_iter().collect(),
                credential: credential.map(|(origin, _)| origin.clone()),
                notes: store.notes.iter().map(|notes| ("notes".to_owned(), notes.to_string())).collect(),
                ..Host::default()
            })?;
        }
        Ok(())
    }

    /// What an identity, or a connection itself, logs in with, as an entry. Its origin; none when there is nothing.
    fn credential(&mut self, store: &Store, identity: Identity<'_>) -> Result<Option<String>, ImportError> {
        let mut entry = Entry {
            origin: store.id.clone(),
            path: path_of(store, &self.categories),
            title: store.name.clone(),
            user: identity.user,
            notes: store.notes.as_deref().filter(|_| store.is_identity()).and_then(|notes| secret(notes)),
            ..Entry::default()
        };
        if let Some(address) = store.address() {
            let scheme = if store.is_host() { "ssh".to_owned() } else { store.kind() };
            entry.urls.push(format!("{scheme}://{}", with_port(&address, port(&store.said))));
            entry.hosts.extend(store.is_host().then(|| store.name.clone()));
        }
        let password = identity.password.and_then(|said| self.strategy(said, &store.name));
        if let Some(said) = identity.key {
            self.key(said, &mut entry)?;
        }
        match (password, &entry.value) {
            (Some(password), None) => entry.value = Some(password),
            (Some(value), Some(_)) => entry.fields.push(Field { name: "password".to_owned(), value, hidden: true }),
            (None, _) => {}
        }
        if entry.value.is_none() { Ok(None) } else { self.collected.take(entry) }
    }

    /// The key that an identity has: in itself, or in a file of the vault.
    fn key(&mut self, said: &Tree, entry: &mut Entry) -> Result<(), ImportError> {
        let Some(said) = self.opened(said, &entry.title) else { return Ok(()) };
        let key = match text(&said, "type").as_deref() {
            Some("inPlaceKey") => said.member("key").and_then(|key| self.value(key, &entry.title)),
            Some("file") => {
                let path = text(&said, "file").unwrap_or_default();
                let Some(inside) = path.strip_prefix("<DATA>/") else {
                    self.collected.parsed.notice("file-reference", entry.title.as_str());
                    return Ok(());
                };
                match self.file(&format!("data/{inside}")) {
                    Ok(Some(bytes)) => bytes.into_text().ok(),
                    // No path of the vault.
                    Ok(None) | Err(ImportError::Malformed { .. }) => {
                        self.collected.parsed.refuse(path, "missing-file");
                        None
                    }
                    Err(error) => return Err(error),
                }
            }
            _ => None,
        };
        // How it begins only.
        let Some(key) = key.filter(|key| kind_of(key.expose()) == Kind::PrivateKey) else { return Ok(()) };
        let password = said.member("password").and_then(|said| self.strategy(said, &entry.title));
        let unlock = crate::Unlock { password, ..crate::Unlock::default() };
        let mut read = Parsed::default();
        // Opened, and written as OpenSSH does, where that can be done; else kept as it is, with its passphrase.
        match keys::take(key.expose().as_bytes(), &entry.title, &unlock, self.reading.work, &mut read) {
            Ok(()) if read.entries.len() == 1 => {
                let opened = read.entries.pop().unwrap_or_default();
                entry.value = opened.value;
                entry.fields.extend(opened.fields);
                self.collected.parsed.notices.append(&mut read.notices);
            }
            Err(error @ ImportError::TooExpensive { .. }) => self.collected.parsed.refuse(entry.title.as_str(), keys::reason(&error)),
            _ => (entry.value, entry.passphrase) = (Some(key), unlock.password),
        }
        entry.kind = Kind::PrivateKey;
        Ok(())
    }

    /// A secret that is kept in the vault; one that is elsewhere is told.
    fn strategy(&mut self, said: &Tree, name: &str) -> Option<SecretText> {
        let said = self.opened(said, name)?;
        match text(&said, "type").as_deref() {
            Some("inPlace") => said.member("value").and_then(|value| self.value(value, name)),
            Some("passwordManager" | "customCommand") => {
                self.collected.parsed.refuse(name, "kept-elsewhere");
                None
            }
            _ => None,
        }
    }

    /// What is sealed, or stands there as it is; what cannot be opened is told.
    fn opened(&mut self, said: &Tree, name: &str) -> Option<Tree> {
        if matches!(said, Tree::Null) {
            return None;
        }
        self.told(name, |vault| vault.keys.node_of(said, vault.reading.work))
    }

    fn value(&mut self, said: &Tree, name: &str) -> Option<SecretText> {
        let clear = self.told(name, |vault| vault.keys.value(said, vault.reading.work))?;
        let text = clear.into_text().ok()?;
        // Its length only.
        (1..=MOST_VALUE).contains(&text.expose().len()).then_some(text)
    }

    fn told<T>(&mut self, name: &str, open: impl FnOnce(&mut Self) -> Result<T, Why>) -> Option<T> {
        match open(self) {
            Ok(opened) => Some(opened),
            Err(why) => {
                self.collected.parsed.refuse(name, why.word());
                None
            }
        }
    }
}

/// A member that is a text.
fn text(tree: &Tree, name: &str) -> Option<String> {
    match tree.member(name)? {
        Tree::Text(text) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    }
}

fn port(said: &Tree) -> Option<u16> {
    match said.member("port")? {
        Tree::Bare(port) => port.parse().ok(),
        Tree::Text(port) => port.parse().ok(),
        _ => None,
    }
    .filter(|port| *port != 0)
}

#[cfg(test)]
mod tests;
