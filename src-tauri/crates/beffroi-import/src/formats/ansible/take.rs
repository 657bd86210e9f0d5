//! What an inventory gives: hosts, what they log in with, and variables that are secret.

use std::collections::HashMap;
use std::rc::Rc;

use beffroi_secret::SecretText;

use super::ini::words;
use super::inventory::{Inventory, Machine, Variable, Variables};
use super::vault::Vaults;
use crate::collect::{NamesCount, is_private_key};
use crate::limits::{MOST_ENTRIES, MOST_VALUE, within};
use crate::yaml::{Node, Value};
use crate::{Entry, Host, ImportError, Kind, Parsed, Reading};

/// Groups that hosts are marked with, all hosts together.
const MOST_TAGS: usize = 200_000;

const PASSWORD: &[&str] = &["ansible_password", "ansible_ssh_password", "ansible_ssh_pass"];
const BECOME: &[&str] = &["ansible_become_password", "ansible_become_pass", "ansible_sudo_pass", "ansible_su_pass"];
const KEY: &[&str] = &["ansible_ssh_private_key_file", "ansible_private_key_file"];
const ARGUMENTS: &[&str] = &["ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args"];
/// What Beffroi has no place for, and shows.
const NOTES: &[&str] = &["ansible_connection", "ansible_become_method", "ansible_python_interpreter", "ansible_shell_type"];

/// What is made of one source.
pub(super) struct Taking<'a> {
    pub(super) parsed: Parsed,
    reading: &'a Reading<'a>,
    vaults: Vaults<'a>,
    /// Where each entry is, by its origin.
    places: HashMap<String, usize>,
    names: NamesCount,
    locked: bool,
    tags: usize,
}

impl<'a> Taking<'a> {
    pub(super) fn new(reading: &'a Reading<'a>) -> Result<Self, ImportError> {
        let vaults = Vaults::new(reading.unlock, reading.work)?;
        Ok(Self {
            parsed: Parsed::default(),
            reading,
            vaults,
            places: HashMap::new(),
            names: NamesCount::default(),
            locked: false,
            tags: 0,
        })
    }

    /// What was taken, once all is. Where nothing opens, that is said as one error, so that another password can be asked for;
    /// an empty password means to go on without.
    pub(super) fn end(self) -> Result<Parsed, ImportError> {
        if self.locked && self.reading.unlock.password.is_none() {
            return Err(ImportError::Locked { what: "password" });
        }
        if self.vaults.all_closed() {
            return Err(ImportError::Wrong { what: "password" });
        }
        Ok(self.parsed)
    }

    /// Opens a vault. None when it stays closed, which is told.
    pub(super) fn open(&mut self, what: &str, text: &str) -> Result<Option<SecretText>, ImportError> {
        let why = match self.vaults.open(text).map(beffroi_secret::SecretBytes::into_text) {
            Ok(Ok(text)) => return Ok(Some(text)),
            Ok(Err(_)) => "not-text",
            Err(ImportError::Locked { .. }) => {
                self.locked = true;
                "locked"
            }
            Err(ImportError::Wrong { .. }) => "wrong-password",
            Err(ImportError::Unsupported { .. }) => "not-read",
            Err(ImportError::Malformed { .. } | ImportError::Truncated { .. }) => "damaged",
            Err(error) => return Err(error),
        };
        self.parsed.refuse(what, why);
        Ok(None)
    }

    /// All hosts and all secrets of an inventory. `place` is the folder that it is one of, such as `prod`.
    pub(super) fn inventory(&mut self, inventory: &Inventory, place: &[String]) -> Result<(), ImportError> {
        for (name, machine) in &inventory.hosts {
            let groups = inventory.groups_of(machine);
            self.host(inventory, name, machine, &groups, place)?;
        }
        for (name, group) in &inventory.groups {
            let path: Vec<String> = place.iter().cloned().chain((name != "all").then(|| name.clone())).collect();
            self.variables(&group.said, &path, &[])?;
            self.variables(&group.filed, &path, &[])?;
        }
        for (name, machine) in &inventory.hosts {
            let path: Vec<String> = place.iter().cloned().chain([name.clone()]).collect();
            self.variables(&machine.said, &path, std::slice::from_ref(name))?;
            self.variables(&machine.filed, &path, std::slice::from_ref(name))?;
        }
        Ok(())
    }

    fn host(&mut self, inventory: &Inventory, name: &str, machine: &Machine, groups: &[&str], place: &[String]) -> Result<(), ImportError> {
        self.tags += groups.len();
        within("groups", self.tags as u64, MOST_TAGS as u64)?;
        let find = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, inventory.variable(machine, groups, name)?)));
        let text = |taking: &mut Self, names: &[&'static str]| {
            let (name, variable) = find(names)?;
            taking.plain(name, variable).map(str::to_owned)
        };
        let address = text(self, &["ansible_host", "ansible_ssh_host"]).unwrap_or_else(|| name.to_owned());
        let port = text(self, &["ansible_port", "ansible_ssh_port"]).and_then(|port| port.trim().parse().ok());
        let user = text(self, &["ansible_user", "ansible_ssh_user"]);
        let mut notes: Vec<(String, String)> =
            NOTES.iter().chain(KEY).filter_map(|note| Some(((*note).to_owned(), text(self, &[note])?))).collect();
        let mut jump = Vec::new();
        for name in ARGUMENTS {
            let Some(arguments) = text(self, &[name]) else { continue };
            if !through(&arguments, &mut jump) {
                notes.push(((*name).to_owned(), arguments));
            }
        }
        let mut credential = None;
        if let Some((variable, said)) = find(PASSWORD) {
            credential = self.credential(variable, said, user.as_deref(), name, place)?;
        }
        if let Some((variable, said)) = find(BECOME) {
            let other = text(self, &["ansible_become_user"]).unwrap_or_else(|| "root".to_owned());
            // sudo asks for the password of whoever calls it.
            let method = text(self, &["ansible_become_method"]).unwrap_or_else(|| "sudo".to_owned());
            let who = if method == "sudo" { user.as_deref().unwrap_or(&other) } else { &other };
            self.credential(variable, said, Some(who), name, place)?;
        }
        if let Some(key) = text(self, KEY) {
            let key = self.key(&key, user.as_deref(), name, place)?;
            credential = credential.or(key);
        }
        let words = || place.iter().map(String::as_str).chain(groups.iter().copied());
        let tags = groups.iter().filter(|group| **group != "ungrouped").map(|group| (*group).to_owned()).collect();
        self.parsed.hosts.push(Host {
            origin: place.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("/"),
            name: name.to_owned(),
            path: place.to_vec(),
            address,
            port: port.filter(|port: &u16| !matches!(port, 0 | 22)),
            user,
            jump,
            credential,
            tags,
            stage: stage(words()),
            notes,
        });
        Ok(())
    }

    /// A value that is no secret. What only Ansible could work out is told.
    fn plain<'v>(&mut self, name: &str, variable: &'v Variable) -> Option<&'v str> {
        let text = variable.node.text()?;
        let origin = || format!("{}#{name}", variable.from);
        if variable.node.tag.as_deref() == Some("vault") {
            self.parsed.notice("ansible-vaulted-setting", origin());
            return None;
        }
        if is_jinja(&variable.node) {
            self.told("ansible-jinja", origin());
            return None;
        }
        (!variable.node.is_null()).then_some(text)
    }

    /// A notice, once.
    fn told(&mut self, key: &'static str, what: String) {
        // The same variable counts for many hosts, one after the other.
        if !self.parsed.notices.iter().rev().take(16).any(|notice| notice.key == key && notice.what == what) {
            self.parsed.notice(key, what);
        }
    }

    /// The password of an account of a host: one entry for all hosts that it is said of at once.
    fn credential(
        &mut self,
        name: &str,
        variable: &Variable,
        user: Option<&str>,
        host: &str,
        place: &[String],
    ) -> Result<Option<String>, ImportError> {
        let origin = format!("{}#{name}", variable.from);
        let of_user = user.map_or_else(|| origin.clone(), |user| format!("{origin} {user}"));
        for origin in [&origin, &of_user] {
            let entry = self.places.get(origin).and_then(|place| self.parsed.entries.get_mut(*place));
            if let Some(entry) = entry.filter(|entry| entry.user.as_deref() == user) {
                if entry.hosts.last().is_none_or(|last| last != host) {
                    entry.hosts.push(host.to_owned());
                }
                return Ok(Some(origin.clone()));
            }
        }
        let Some(value) = self.secret(&origin, &variable.node, variable.vaulted)? else { return Ok(None) };
        let origin = if self.places.contains_key(&origin) { of_user } else { origin };
        let title = user.map_or_else(|| format!("{name}: {host}"), |user| format!("{user}@{host}"));
        let entry = Entry {
            title,
            path: place.to_vec(),
            user: user.map(str::to_owned),
            value: Some(value),
            hosts: vec![host.to_owned()],
            ..Entry::default()
        };
        self.push(&origin, entry)?;
        Ok(Some(origin))
    }

    /// The private key that a variable names, where it lies in the same folder.
    fn key(&mut self, path: &str, user: Option<&str>, host: &str, place: &[String]) -> Result<Option<String>, ImportError> {
        let path = path.trim_start_matches("./");
        let inside = !path.starts_with(['/', '~']) && !path.split('/').any(|part| part == "..");
        if !inside || !matches!(self.reading.source, crate::Source::Folder { .. }) {
            return Ok(None);
        }
        if let Some(entry) = self.places.get(path).and_then(|place| self.parsed.entries.get_mut(*place)) {
            entry.hosts.push(host.to_owned());
            return Ok(Some(path.to_owned()));
        }
        let Some(Ok(text)) = self.reading.source.read(path)?.map(beffroi_secret::SecretBytes::into_text) else { return Ok(None) };
        // Looked at: whether it is a vault, whether it is a key.
        let text = if text.expose().starts_with(super::vault::MARK) { self.open(path, text.expose())? } else { Some(text) };
        let Some(text) = text.filter(|text| text.expose().contains("PRIVATE KEY-----")) else { return Ok(None) };
        let entry = Entry {
            title: path.to_owned(),
            path: place.to_vec(),
            kind: Kind::PrivateKey,
            user: user.map(str::to_owned),
            value: Some(text),
            hosts: vec![host.to_owned()],
            ..Entry::default()
        };
        self.push(path, entry)?;
        Ok(Some(path.to_owned()))
    }

    /// A whole file of text as one entry.
    pub(super) fn whole(&mut self, path: &str, name: &str, text: SecretText, group: &[String]) -> Result<(), ImportError> {
        if text.expose().len() > MOST_VALUE {
            self.parsed.refuse(path, "too-large");
            return Ok(());
        }
        let kind = if kind("", &text) == Kind::PrivateKey { Kind::PrivateKey } else { Kind::Token };
        self.push(path, Entry { title: name.to_owned(), path: group.to_vec(), kind, value: Some(text), ..Entry::default() })
    }

    /// The text of a secret. None when it stays closed, or only Ansible could work it out; both are told.
    fn secret(&mut self, origin: &str, node: &Node, vaulted: bool) -> Result<Option<SecretText>, ImportError> {
        let Some(text) = node.text() else {
            self.parsed.refuse(origin, "no-value");
            return Ok(None);
        };
        if node.tag.as_deref() == Some("vault") {
            return self.open(origin, text);
        }
        within("value", text.len() as u64, MOST_VALUE as u64)?;
        if is_jinja(node) {
            self.told("ansible-jinja", origin.to_owned());
            return Ok(None);
        }
        if node.is_null() {
            return Ok(None);
        }
        if !vaulted {
            self.parsed.notice("clear-text", origin);
        }
        Ok(Some(SecretText::new(text.to_owned())))
    }

    /// The secrets among variables: whatever is vaulted, and what is called a password.
    pub(super) fn variables(&mut self, said: &Variables, path: &[String], hosts: &[String]) -> Result<(), ImportError> {
        for (name, variable) in said {
            self.tree(&format!("{}#{name}", variable.from), name, &variable.node, variable.vaulted, path, hosts)?;
        }
        Ok(())
    }

    /// The secrets of a tree, as deep as the reading of YAML goes.
    pub(super) fn tree(
        &mut self,
        origin: &str,
        name: &str,
        node: &Node,
        vaulted: bool,
        path: &[String],
        hosts: &[String],
    ) -> Result<(), ImportError> {
        let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        match &node.value {
            Value::Map(pairs) => pairs.iter().try_for_each(|(key, node)| {
                let origin = format!("{origin}.{}", key.as_str());
                self.tree(&origin, &below(key), node, vaulted, path, hosts)
            }),
            Value::List(items) => items.iter().enumerate().try_for_each(|(at, node)| {
                let origin = format!("{origin}[{at}]");
                self.tree(&origin, &format!("{name}[{at}]"), node, vaulted, path, hosts)
            }),
            Value::Text { .. } => {
                let wanted = vaulted || node.tag.as_deref() == Some("vault") || is_called_secret(name);
                // One that a host logs in with was taken with its host.
                if !wanted || self.places.contains_key(origin) {
                    return Ok(());
                }
                let Some(value) = self.secret(origin, node, vaulted)? else { return Ok(()) };
                let kind = kind(name, &value);
                let entry = Entry {
                    title: name.to_owned(),
                    path: path.to_vec(),
                    kind,
                    value: Some(value),
                    hosts: hosts.to_vec(),
                    ..Entry::default()
                };
                self.push(origin, entry)
            }
        }
    }

    fn push(&mut self, origin: &str, entry: Entry) -> Result<(), ImportError> {
        within("entries", self.parsed.entries.len() as u64 + 1, MOST_ENTRIES as u64)?;
        self.places.insert(origin.to_owned(), self.parsed.entries.len());
        let stage = stage(entry.path.iter().map(String::as_str));
        let entry = Entry { origin: origin.to_owned(), stage, ..entry };
        self.names.add(&entry)?;
        self.parsed.entries.push(entry);
        Ok(())
    }
}

/// Whether a text is a template. `!unsafe` says that it is none.
fn is_jinja(node: &Node) -> bool {
    node.tag.as_deref() != Some("unsafe") && node.text().is_some_and(|text| text.contains("{{") || text.contains("{%"))
}

/// Whether a variable is a secret by its name alone.
fn is_called_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "_pass", "passphrase", "secret", "secret_key", "token", "api_key", "apikey", "private_key"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn kind(name: &str, value: &SecretText) -> Kind {
    let name = name.to_ascii_lowercase();
    // Its first line only.
    if is_private_key(value.expose()) {
        Kind::PrivateKey
    } else if name.ends_with("token") || name.ends_with("key") || name.ends_with("secret") {
        Kind::Token
    } else {
        Kind::Password
    }
}

/// The stage that names speak of, if they speak of one.
pub(super) fn stage<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let one = |name: &str| match name.to_ascii_lowercase().as_str() {
        "dev" | "devel" | "development" | "local" => Some("dev"),
        "staging" | "stage" | "stg" | "preprod" | "pre-prod" | "recette" | "qualif" | "test" => Some("staging"),
        "prod" | "production" | "prd" => Some("prod"),
        _ => None,
    };
    let mut found: Vec<&str> = names.filter_map(one).collect();
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [stage] => Some((*stage).to_owned()),
        _ => None,
    }
}

/// The hosts that arguments of `ssh` go through. Whether nothing else is said in them.
fn through(arguments: &str, jump: &mut Vec<String>) -> bool {
    let Ok(words) = words(arguments, 0) else { return false };
    let mut words = words.iter().map(|word| word.as_str());
    let mut only = true;
    while let Some(word) = words.next() {
        let (option, value) = match word.split_at_checked(2) {
            Some((option @ ("-J" | "-o"), "")) => (option, words.next().unwrap_or_default()),
            Some((option @ ("-J" | "-o"), value)) => (option, value),
            _ => {
                only = false;
                continue;
            }
        };
        let hops = if option == "-J" { Some(value) } else { setting(value, "ProxyJump") };
        match (hops, setting(value, "ProxyCommand").and_then(hop_of)) {
            (Some(hops), _) => {
                jump.extend(hops.split(',').map(str::trim).filter(|hop| !hop.is_empty() && *hop != "none").map(str::to_owned))
            }
            (None, Some(hop)) => jump.push(hop),
            (None, None) => only = false,
        }
    }
    only
}

fn setting<'a>(option: &'a str, name: &str) -> Option<&'a str> {
    let (said, value) = option.split_once(['=', ' '])?;
    said.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
}

/// The host of `ssh -W %h:%p user@host`, which is how one jumped before `ProxyJump`.
fn hop_of(command: &str) -> Option<String> {
    let words = words(command, 0).ok()?;
    let mut words = words.iter().map(|word| word.as_str());
    words.next().filter(|program| *program == "ssh" || program.ends_with("/ssh"))?;
    let (mut host, mut port, mut forwards) = (None, None, false);
    while let Some(word) = words.next() {
        match word {
            "-W" => forwards = words.next() == Some("%h:%p"),
            "-p" => port = words.next(),
            "-q" | "-A" | "-T" | "-x" => {}
            "-i" | "-o" | "-F" => drop(words.next()),
            word if word.starts_with('-') => return None,
            word => host = Some(word),
        }
    }
    let host = host.filter(|_| forwards)?;
    Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// A variable of a file.
pub(super) fn filed(node: Node, from: &Rc<str>, vaulted: bool) -> Variables {
    let mut said = super::tree::variables(&node, from);
    said.values_mut().for_each(|variable| variable.vaulted = vaulted);
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_found_in_what_ssh_is_given() {
        let hops = |arguments: &str| {
            let mut jump = Vec::new();
            (through(arguments, &mut jump), jump.join(" "))
        };
        assert_eq!(hops("-J ops@bastion:2222,inner"), (true, "ops@bastion:2222 inner".to_owned()));
        assert_eq!(hops("-o ProxyJump=bastion -o StrictHostKeyChecking=no"), (false, "bastion".to_owned()));
        assert_eq!(hops("-oProxyCommand=\"ssh -W %h:%p -q -p 2200 ops@bastion\""), (true, "ops@bastion:2200".to_owned()));
        assert_eq!(hops("-o 'ProxyCommand=nc -x proxy %h %p'"), (false, String::new()));
        assert_eq!(hops("-J none"), (true, String::new()));
    }

    #[test]
    fn a_stage_is_named_by_one_group_only() {
        let of = |names: &[&str]| stage(names.iter().copied());
        assert_eq!(of(&["web", "Production"]).as_deref(), Some("prod"));
        assert_eq!(of(&["dev", "prod"]), None);
        assert_eq!(of(&["web"]), None);
    }
}
