//! `known_hosts` (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain and hashed names, `@cert-authority`, `@revoked`.
//!
//! Lines come as they stand there: which host a line is for is decided where the hosts are known, and nothing is trusted by reading it.

use super::keys::is_public;
use crate::limits::{MOST_ENTRIES, within};
use crate::{HostKey, ImportError, Parsed, Reading, Source, decode};

/// Bytes of a line; a key of 16384 bits takes 2.8 KB.
const MOST_LINE: usize = 16 << 10;

/// By its first line that says something.
pub fn tells(source: &Source) -> bool {
    let Source::File { name, bytes } = source else { return false };
    if name.starts_with("authorized_keys") {
        return false;
    }
    // Keys of hosts are public.
    let Ok(text) = decode(bytes.expose()) else { return false };
    text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).is_some_and(|line| entry(line).is_some())
}

/// Every line that is one; the others are told.
///
/// # Errors
/// [`ImportError::TooLarge`], [`ImportError::NotText`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut parsed = Parsed::default();
    take(&reading.source.name(), &decode(reading.source.bytes()?)?, &mut parsed)?;
    Ok(parsed)
}

pub(crate) fn take(name: &str, text: &str, parsed: &mut Parsed) -> Result<(), ImportError> {
    for (at, line) in (1_u64..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        within("lines", (parsed.host_keys.len() + parsed.refused.len()) as u64 + 1, MOST_ENTRIES as u64)?;
        match entry(line) {
            Some(key) => parsed.host_keys.push(key),
            None => parsed.refuse(format!("{name}:{at}"), "not-a-host-key"),
        }
    }
    Ok(())
}

/// A line that is the key of a host: no comment, no key that may log in.
#[must_use]
pub fn entry(line: &str) -> Option<HostKey> {
    if line.len() > MOST_LINE {
        return None;
    }
    let mut words = line.split_ascii_whitespace();
    let mut hosts = words.next()?;
    let marker = match hosts {
        "@cert-authority" => "cert-authority",
        "@revoked" => "revoked",
        marker if marker.starts_with('@') => return None,
        _ => "trusted",
    };
    if marker != "trusted" {
        hosts = words.next()?;
    }
    let (algorithm, encoded) = (words.next()?, words.next()?);
    // Before a key that may log in, options stand in the place of names.
    let is_name = !hosts.contains('"') && (hosts.starts_with("|1|") || !hosts.contains('='));
    (is_name && is_public(algorithm, encoded)).then(|| HostKey { hosts: hosts.to_owned(), marker, key: format!("{algorithm} {encoded}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unlock, Work};

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    #[test]
    fn markers_hashes_and_lines_that_are_none() {
        let text = format!(
            "# comment\n\nweb-1,[192.0.2.1]:2222 {KEY} alice@laptop\n|1|c2FsdHNhbHRzYWx0c2FsdHNhbHQ=|aGFzaGhhc2hoYXNoaGFzaGhhc2g= {KEY}\n\
             @cert-authority *.example.org {KEY}\n@revoked * {KEY}\nweb-2 ssh-rsa {}\n@other x {KEY}\nweb-3\n",
            KEY.split(' ').nth(1).unwrap_or_default()
        );
        let (source, unlock, work) = (Source::file("known_hosts", text), Unlock::default(), Work::default());
        assert!(tells(&source));
        let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
        let found: Vec<_> = parsed.host_keys.iter().map(|key| (key.hosts.split('|').next().unwrap_or_default(), key.marker)).collect();
        assert_eq!(found, [("web-1,[192.0.2.1]:2222", "trusted"), ("", "trusted"), ("*.example.org", "cert-authority"), ("*", "revoked")]);
        assert!(parsed.host_keys.iter().all(|key| key.key == KEY));
        let refused: Vec<_> = parsed.refused.iter().map(|refused| refused.what.as_str()).collect();
        assert_eq!(refused, ["known_hosts:7", "known_hosts:8", "known_hosts:9"]);
        assert!(!tells(&Source::file("authorized_keys", format!("{KEY} alice\n"))));
    }
}
