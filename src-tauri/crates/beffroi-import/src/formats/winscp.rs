//! `WinSCP.ini`: sessions with their passwords, and keys of hosts.
//!
//! A password is hidden, not encrypted: each byte is turned over and mixed with 0xA3, the account and the host stand before it
//! (`source/core/Security.cpp`). One under a master password is told, and not read.

use std::collections::BTreeMap;

use beffroi_secret::SecretText;
use zeroize::Zeroizing;

use super::putty_names::{host_key, unescaped};
use crate::hex::unhex;
use crate::limits::{MOST_ENTRIES, MOST_VALUE, within};
use crate::{Entry, Host, ImportError, Parsed, Reading, Source, decode};

const MIXED_WITH: u8 = 0xa3;
/// What a password begins with that the account and the host stand before.
const BOUND: u8 = 0xff;

/// An INI file with a session, or with the version, of WinSCP.
pub fn tells(source: &Source) -> bool {
    let Source::File { name, bytes } = source else { return false };
    // Looked at: what sections there are.
    let Ok(text) = decode(bytes.expose()) else { return false };
    name.to_ascii_lowercase().ends_with(".ini")
        && text.lines().any(|line| line.starts_with("[Sessions\\") || line.trim() == "[Configuration\\Interface\\Updates]")
}

/// Sessions by SSH as hosts with their passwords; others as entries with their address; keys of hosts as OpenSSH writes them.
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::NotText`], [`ImportError::TooLarge`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let mut parsed = Parsed::default();
    let mut sessions: BTreeMap<String, BTreeMap<&str, Zeroizing<String>>> = BTreeMap::new();
    let (mut section, mut sealed) = (String::new(), false);
    for (line, number) in text.lines().zip(1_u64..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_owned();
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(ImportError::Malformed { what: "key=value", at: number })?;
        if let Some(name) = section.strip_prefix("Sessions\\") {
            within("value", value.len() as u64, MOST_VALUE as u64)?;
            within("entries", sessions.len() as u64 + 1, MOST_ENTRIES as u64)?;
            sessions.entry(unescaped(name)).or_default().insert(key, Zeroizing::new(value.to_owned()));
        } else if section == "SshHostKeys" {
            let name = unescaped(key);
            match host_key(&name, value) {
                Some(key) => parsed.host_keys.push(key),
                None => parsed.refuse(name, "unknown-key"),
            }
        } else if section == "Configuration\\Security" && key == "UseMasterPassword" {
            sealed = value == "1";
        }
    }
    for (name, said) in &sessions {
        Session { name, said }.take(sealed, &mut parsed);
    }
    Ok(parsed)
}

struct Session<'a> {
    name: &'a str,
    said: &'a BTreeMap<&'a str, Zeroizing<String>>,
}

impl Session<'_> {
    fn of(&self, key: &str) -> Option<String> {
        self.said.get(key).map(|value| unescaped(value)).filter(|value| !value.is_empty())
    }

    fn take(&self, sealed: bool, parsed: &mut Parsed) {
        let Some(address) = self.of("HostName") else {
            if self.name != "Default Settings" {
                parsed.refuse(self.name, "no-address");
            }
            return;
        };
        let (user, port) = (self.of("UserName"), self.of("PortNumber").and_then(|port| port.parse::<u16>().ok()));
        // 0, 1 and 2 are SFTP and SCP, the rest FTP, WebDAV, S3.
        let is_ssh = self.of("FSProtocol").is_none_or(|protocol| matches!(protocol.as_str(), "0" | "1" | "2"));
        let mut path: Vec<String> = self.name.split('/').map(str::to_owned).collect();
        let title = path.pop().unwrap_or_default();
        let credential = self.secret("Password", user.as_deref(), &address, sealed, parsed).map(|value| {
            let scheme = if is_ssh { "sftp" } else { "ftp" };
            parsed.entries.push(Entry {
                origin: self.name.to_owned(),
                path: path.clone(),
                title: title.clone(),
                user: user.clone(),
                value: Some(value),
                urls: vec![format!("{scheme}://{address}{}", port.map(|port| format!(":{port}")).unwrap_or_default())],
                hosts: is_ssh.then(|| title.clone()).into_iter().collect(),
                ..Entry::default()
            });
            self.name.to_owned()
        });
        if !is_ssh {
            if credential.is_none() {
                parsed.refuse(self.name, "other-protocol");
            }
            return;
        }
        let mut jump = Vec::new();
        if let Some(tunnel) = self.of("TunnelHostName").filter(|_| self.of("Tunnel").as_deref() == Some("1")) {
            let account = self.of("TunnelUserName");
            let port = self.of("TunnelPortNumber").filter(|port| port != "22").map(|port| format!(":{port}")).unwrap_or_default();
            let hop = format!("{}{tunnel}{port}", account.as_ref().map(|account| format!("{account}@")).unwrap_or_default());
            if let Some(value) = self.secret("TunnelPassword", account.as_deref(), &tunnel, sealed, parsed) {
                let origin = format!("{}#TunnelPassword", self.name);
                parsed.entries.push(Entry {
                    origin,
                    path: path.clone(),
                    title: hop.clone(),
                    user: account,
                    value: Some(value),
                    ..Entry::default()
                });
            }
            jump.push(hop);
        }
        let notes = self.of("PublicKeyFile").map(|file| ("PublicKeyFile".to_owned(), file)).into_iter().collect();
        let port = port.filter(|port| !matches!(port, 0 | 22));
        parsed.hosts.push(Host {
            origin: self.name.to_owned(),
            name: title,
            path,
            address,
            port,
            user,
            jump,
            credential,
            notes,
            ..Host::default()
        });
    }

    /// A password; one that cannot be read is told.
    fn secret(&self, key: &str, user: Option<&str>, host: &str, sealed: bool, parsed: &mut Parsed) -> Option<SecretText> {
        let hidden = self.said.get(key).filter(|value| !value.is_empty())?;
        let found = if sealed { None } else { revealed(hidden, user.unwrap_or_default(), host) };
        if found.is_none() {
            parsed.refuse(format!("{}: {key}", self.name), if sealed { "master-password" } else { "damaged" });
        }
        found
    }
}

/// What was hidden.
fn revealed(hidden: &str, user: &str, host: &str) -> Option<SecretText> {
    let mixed = Zeroizing::new(unhex(hidden.trim().as_bytes())?);
    let mut bytes = mixed.iter().map(|byte| !(byte ^ MIXED_WITH));
    let first = bytes.next()?;
    let length = match first {
        BOUND => match bytes.next()? {
            0 => usize::from(bytes.next()?),
            // Longer ones.
            2 => usize::from(bytes.next()?) << 8 | usize::from(bytes.next()?),
            _ => return None,
        },
        length => usize::from(length),
    };
    // So many bytes that mean nothing.
    let skipped = usize::from(bytes.next()?);
    let clear: Zeroizing<Vec<u8>> = Zeroizing::new(bytes.skip(skipped).take(length).collect());
    let text = std::str::from_utf8(&clear).ok().filter(|_| clear.len() == length)?;
    let text = if first == BOUND { text.strip_prefix(user)?.strip_prefix(host)? } else { text };
    (!text.is_empty()).then(|| SecretText::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;
    use crate::{Format, Unlock, Work, detect};

    /// As `EncryptPassword` of WinSCP does, with bytes that mean nothing in front.
    fn hidden(password: &str, user: &str, host: &str) -> String {
        let clear = format!("{user}{host}{password}");
        let length = u8::try_from(clear.len()).expect("short");
        let bytes: Vec<u8> =
            [0xff, 0, length, 3, 9, 9, 9].into_iter().chain(clear.bytes()).chain([1, 2, 3]).map(|byte| !byte ^ 0xa3).collect();
        hex(&bytes).to_uppercase()
    }

    #[test]
    fn sessions_come_with_their_passwords() {
        // "A35C…" is what every one begins with.
        assert!(hidden("x", "u", "h").starts_with("A35C"));
        let text = format!(
            "[Configuration\\Interface]\nx=1\n[Sessions\\prod/web%20one]\nHostName=web-1\nPortNumber=2222\nUserName=ops\nPassword={}\nTunnel=1\nTunnelHostName=bastion\nTunnelUserName=jump\n[Sessions\\ftp]\nHostName=f\nFSProtocol=5\n[Sessions\\bad]\nHostName=h\nUserName=u\nPassword=A35C00\n[SshHostKeys]\nrsa2@22:web-1=0x10001,0xc0ffee\n",
            hidden("pässword", "ops", "web-1")
        );
        let (source, unlock, work) = (Source::file("WinSCP.ini", text.as_str()), Unlock::default(), Work::default());
        assert_eq!(detect(&source), Some(Format::WinScp));
        let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
        let [entry] = parsed.entries.as_slice() else { panic!("one entry") };
        assert_eq!((entry.title.as_str(), entry.value.as_ref().map(|value| value.expose().as_str())), ("web one", Some("pässword")));
        assert_eq!((entry.urls.as_slice(), entry.hosts.as_slice()), (&["sftp://web-1:2222".to_owned()][..], &["web one".to_owned()][..]));
        let host = parsed.hosts.iter().find(|host| host.name == "web one").expect("the host");
        assert_eq!(
            (host.jump.join(","), host.credential.as_deref(), host.path.join("/")),
            ("jump@bastion".to_owned(), Some("prod/web one"), "prod".to_owned())
        );
        assert_eq!(parsed.host_keys.len(), 1);
        let refused: Vec<_> = parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
        assert_eq!(refused, [("bad: Password", "damaged"), ("ftp", "other-protocol")]);
    }

    #[test]
    fn one_under_a_master_password_is_told() {
        let text = "[Configuration\\Security]\nUseMasterPassword=1\n[Sessions\\a]\nHostName=h\nPassword=A35C00\n";
        let (source, unlock, work) = (Source::file("WinSCP.ini", text), Unlock::default(), Work::default());
        let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
        assert_eq!(parsed.refused.iter().map(|refused| refused.why).collect::<Vec<_>>(), ["master-password"]);
        assert_eq!(parsed.hosts.len(), 1);
    }
}
