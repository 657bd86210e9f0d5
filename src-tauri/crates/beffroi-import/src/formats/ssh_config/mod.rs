//! `ssh_config` (ssh_config(5)), and what `vagrant ssh-config` prints: every name that stands in it without a wildcard is a host, with
//! what counts for it.
//!
//! Read as OpenSSH reads it (`readconf.c`): `Include`, `Host` with `*`, `?` and `!`, `Match`, first value wins, `final` in a second pass.
//! Nothing is run (`Match exec` never holds, and is told), nothing outside the folder is read, `${NAME}` stays as it is, and names are
//! not looked up (`CanonicalizeHostname`).

mod file;
mod resolve;
mod words;

use std::collections::HashSet;

use file::{Files, Folder, Test, What};
use resolve::{Resolver, Settings, expand};

use crate::limits::{MOST_ENTRIES, within};
use crate::{Host, ImportError, Parsed, Reading, Source, decode};

/// A file alone includes nothing.
struct Nowhere;

impl Folder for Nowhere {
    fn paths(&self) -> &[String] {
        &[]
    }

    fn below(&self, _: &str) -> Option<String> {
        None
    }

    fn text(&self, _: &str) -> Result<Option<String>, ImportError> {
        Ok(None)
    }
}

/// A folder that stands for `~/.ssh`.
pub(crate) struct Dir<'a> {
    pub(crate) source: &'a Source,
    pub(crate) paths: &'a [String],
}

impl Folder for Dir<'_> {
    fn paths(&self) -> &[String] {
        self.paths
    }

    fn below(&self, written: &str) -> Option<String> {
        let inside = if let Some(inside) = written.strip_prefix("~/.ssh/") {
            inside
        } else if let Some((_, inside)) = written.rsplit_once("/.ssh/") {
            inside
        } else {
            let Source::Folder { root } = self.source else { return None };
            let root = format!("{}/", root.to_string_lossy().trim_end_matches('/'));
            match written.strip_prefix(root.as_str()) {
                Some(inside) => inside,
                None if written.starts_with(['/', '~', '$']) => return None,
                None => written,
            }
        };
        (!inside.split('/').any(|part| part == "..")).then(|| inside.to_owned())
    }

    fn text(&self, path: &str) -> Result<Option<String>, ImportError> {
        let Some(bytes) = self.source.read(path)? else { return Ok(None) };
        // A configuration: no secret of ours.
        Ok(Some(decode(bytes.expose())?.into_owned()))
    }
}

/// By its first line that says something: `Host`, `Match` or `Include`; or a setting, in a file of that name.
pub fn tells(source: &Source) -> bool {
    let Source::File { name, bytes } = source else { return false };
    // Looks at the first words only.
    let Ok(text) = decode(bytes.expose()) else { return false };
    let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')) else { return false };
    let Some(first) = words::word(&mut Some(line)) else { return false };
    let begins = |words: &[&str]| words.iter().any(|word| first.eq_ignore_ascii_case(word));
    let named = matches!(name.as_str(), "config" | "ssh_config" | "ssh-config");
    let has_argument =
        line.len() > first.len() && line.chars().nth(first.chars().count()).is_some_and(|next| next == '=' || next.is_whitespace());
    has_argument
        && (begins(&["host", "match", "include"]) && !line.contains(',')
            || named && begins(&["user", "port", "identityfile", "ignoreunknown", "addkeystoagent", "serveraliveinterval", "forwardagent"]))
}

/// Every host of it. `Include` leads nowhere: that needs the folder.
///
/// # Errors
/// [`ImportError::Malformed`] with its line for what `ssh` would refuse, [`ImportError::TooLarge`] for too many lines,
/// [`ImportError::TooExpensive`] for too many names with too many patterns.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut parsed = Parsed::default();
    let text = decode(reading.source.bytes()?)?;
    take(&reading.source.name(), &text, None, &mut parsed)?;
    Ok(parsed)
}

/// Reads a configuration of a folder, or one without; its hosts and what is told of it are added. Gives the files that it included.
pub(crate) fn take(name: &str, text: &str, dir: Option<&Dir<'_>>, parsed: &mut Parsed) -> Result<Vec<String>, ImportError> {
    let folder: &dyn Folder = dir.map_or(&Nowhere, |dir| dir);
    let files = Files::read(name, text, folder)?;
    for written in &files.not_followed {
        parsed.notice("include-not-read", written);
    }
    for place in &files.exec {
        parsed.refuse(place, "match-exec");
    }
    for place in &files.undecided {
        parsed.notice("match-undecided", place);
    }
    let local_user = local_user();
    let mut resolver = Resolver { files: &files, local_user: &local_user, steps: 0 };
    for alias in names(&files)? {
        let settings = resolver.resolve(&alias)?;
        let host = host(&alias, settings, &local_user, dir, parsed);
        parsed.hosts.push(host);
    }
    Ok(files.included)
}

/// Who is logged in here: the account that ssh takes where a configuration names none. Empty where nobody knows.
#[must_use]
pub fn local_user() -> String {
    whoami::username().unwrap_or_default()
}

/// The names that stand without a wildcard, in the order of the files.
fn names(files: &Files) -> Result<Vec<String>, ImportError> {
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for line in files.files.iter().flatten() {
        let written: Vec<&str> = match &line.what {
            What::Host(patterns) => patterns.iter().map(String::as_str).collect(),
            What::Match(criteria) => criteria
                .iter()
                .filter_map(|criterion| match &criterion.test {
                    Test::OriginalHost(list) if !criterion.negated => Some(list.split(',')),
                    _ => None,
                })
                .flatten()
                .collect(),
            _ => continue,
        };
        for name in written {
            if !name.is_empty() && !name.starts_with('!') && !name.contains(['*', '?']) && seen.insert(name) {
                found.push(name.to_owned());
                within("hosts", found.len() as u64, MOST_ENTRIES as u64)?;
            }
        }
    }
    Ok(found)
}

/// A host of what counts for it.
fn host(alias: &str, settings: Settings, local_user: &str, dir: Option<&Dir<'_>>, parsed: &mut Parsed) -> Host {
    let Settings { hostname, user, port, jump, proxy_command, identity_files, certificate_files, others } = settings;
    let address = hostname.unwrap_or_else(|| alias.to_owned());
    let remote = user.clone().unwrap_or_else(|| local_user.to_owned());
    let token = |token| {
        Some(match token {
            'h' => address.clone(),
            'n' => alias.to_owned(),
            'p' => port.unwrap_or(22).to_string(),
            'r' => remote.clone(),
            'u' => local_user.to_owned(),
            'd' => "~".to_owned(),
            'k' => others.iter().find(|(name, _)| name.eq_ignore_ascii_case("hostkeyalias")).map_or(alias, |(_, alias)| alias).to_owned(),
            _ => return None,
        })
    };
    let mut host =
        Host { origin: alias.to_owned(), name: alias.to_owned(), user, port: port.filter(|port| *port != 22), ..Host::default() };
    if let Some(jump) = jump.filter(|jump| !jump.eq_ignore_ascii_case("none")) {
        let jump = expand(&jump, token).unwrap_or(jump);
        host.jump = jump.split(',').map(|hop| hop.trim().trim_start_matches("ssh://").trim_end_matches('/').to_owned()).collect();
    }
    if let Some(command) = proxy_command.filter(|command| !command.eq_ignore_ascii_case("none")) {
        match through(&command) {
            Some(hop) => host.jump = vec![hop],
            None => {
                parsed.notice("proxy-command", alias);
                host.notes.push(("ProxyCommand".to_owned(), command));
            }
        }
    }
    for (name, written) in identity_files
        .into_iter()
        .map(|file| ("IdentityFile", file))
        .chain(certificate_files.into_iter().map(|file| ("CertificateFile", file)))
    {
        let path = expand(&written, token).and_then(|path| dir?.below(&path));
        let key = path.filter(|path| parsed.entries.iter().any(|entry| entry.origin == *path));
        match key {
            Some(path) if name == "IdentityFile" && host.credential.is_none() => host.credential = Some(path),
            _ if written.eq_ignore_ascii_case("none") => {}
            _ => host.notes.push((name.to_owned(), written)),
        }
    }
    host.notes.extend(others);
    host.address = address;
    host
}

/// The host that a command goes through which is what `ProxyJump` does today: `ssh -W %h:%p bastion`.
fn through(command: &str) -> Option<String> {
    let words = words::words(command.strip_prefix("exec ").unwrap_or(command))?;
    let [program, rest @ ..] = words.as_slice() else { return None };
    if program != "ssh" && program != "/usr/bin/ssh" {
        return None;
    }
    let (mut hop, mut forwards, mut rest) = (None, false, rest.iter());
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-W" => forwards = rest.next()? == "%h:%p",
            "-W%h:%p" => forwards = true,
            "-q" | "-x" | "-T" => {}
            option if option.starts_with('-') => return None,
            _ if hop.is_some() => return None,
            name => hop = Some(name.to_owned()),
        }
    }
    hop.filter(|_| forwards)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unlock, Work};

    fn taken(name: &str, text: &str) -> Parsed {
        let (source, unlock, work) = (Source::file(name, text), Unlock::default(), Work::default());
        assert!(tells(&source), "{text}");
        read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read")
    }

    /// As Vagrant prints it (`plugins/commands/ssh_config`).
    #[test]
    fn what_vagrant_prints() {
        let parsed = taken(
            "vagrant.txt",
            "Host default\n  HostName 127.0.0.1\n  User vagrant\n  Port 2222\n  UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no\n  \
             PasswordAuthentication no\n  IdentityFile \"/home/me/a b/.vagrant/machines/default/virtualbox/private_key\"\n  IdentitiesOnly yes\n\n",
        );
        let [host] = parsed.hosts.as_slice() else { unreachable!("{parsed:?}") };
        assert_eq!(
            (host.name.as_str(), host.address.as_str(), host.port, host.user.as_deref()),
            ("default", "127.0.0.1", Some(2222), Some("vagrant"))
        );
        let key = ("IdentityFile".to_owned(), "/home/me/a b/.vagrant/machines/default/virtualbox/private_key".to_owned());
        assert!(host.notes.contains(&key) && host.notes.contains(&("StrictHostKeyChecking".to_owned(), "no".to_owned())));
    }

    #[test]
    fn a_command_that_only_goes_through_a_host_is_that_host() {
        let through = |command: &str| taken("config", &format!("Host a\n ProxyCommand {command}\n"));
        for command in ["ssh -W %h:%p bastion", "exec ssh -q bastion -W %h:%p", "/usr/bin/ssh -x -W%h:%p bastion"] {
            let parsed = through(command);
            assert_eq!((parsed.hosts[0].jump.as_slice(), parsed.notices.len()), (["bastion".to_owned()].as_slice(), 0), "{command}");
        }
        for command in
            ["nc %h %p", "ssh -W localhost:%p bastion", "ssh -o X=y -W %h:%p bastion", "ssh bastion nc %h %p", "sh -c 'ssh -W %h:%p b'"]
        {
            let parsed = through(command);
            assert!(parsed.hosts[0].jump.is_empty(), "{command}");
            assert_eq!((parsed.notices[0].key, parsed.hosts[0].notes[0].1.as_str()), ("proxy-command", command));
        }
    }

    #[test]
    fn other_texts_are_not_taken_for_one() {
        for text in ["Host,User,Password\na,b,c\n", "hostname = x\n", "[Host]\na=b\n", "User: x\n", "", "# Host a\n"] {
            assert!(!tells(&Source::file("config.txt", text)), "{text:?}");
        }
        assert!(tells(&Source::file("config", "ServerAliveInterval 5\nHost a\n")));
    }
}
