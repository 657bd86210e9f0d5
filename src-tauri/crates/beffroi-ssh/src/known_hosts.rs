//! `known_hosts` files, as OpenSSH reads and writes them (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; `hostfile.c` and `match.c`
//! for what the manual leaves open). Pure: bytes in, entries and faults out; no file is opened and nothing is trusted.
//!
//! What is deliberately missing: `KnownHostsCommand`, and the keys of protocol 1.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::Fingerprint;
use hmac::{Hmac, KeyInit, Mac};
use russh::keys::key::parse_public_key;
use sha1::Sha1;

use crate::certificate::fingerprint_of;
use crate::text::harmless;

/// The most bytes of a file; OpenSSH's own grow by some 150 bytes for each key.
pub const MOST_BYTES: usize = 16 << 20;
/// The most bytes of a line; a key of 16384 bits takes 2.8 KB.
pub const MOST_LINE: usize = 16 << 10;
/// The most lines that are taken.
pub const MOST_ENTRIES: usize = 100_000;
/// The most faults that are told; the rest is counted.
pub const MOST_FAULTS: usize = 100;
/// The most patterns of one line.
const MOST_PATTERNS: usize = 256;
/// The port that is not written.
const PLAIN_PORT: u16 = 22;
/// Bytes of a SHA-1, and of the salt that OpenSSH takes with it.
const SHA1: usize = 20;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownHosts {
    /// Its entries, in its order.
    pub entries: Vec<Entry>,
    /// Lines that could not be read, the first [`MOST_FAULTS`] of them.
    pub faults: Vec<Fault>,
    /// All lines that could not be read.
    pub faulty: usize,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: FaultKind,
}

/// What is wrong with a line, or with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The file is longer than [`MOST_BYTES`]: nothing of it was read.
    #[error("the file is too long")]
    FileTooLong,
    /// There are more entries than [`MOST_ENTRIES`]: from here on nothing was read.
    #[error("there are too many lines")]
    TooManyLines,
    /// The line is longer than [`MOST_LINE`].
    #[error("the line is too long")]
    LineTooLong,
    /// The line is not text.
    #[error("the line is not text")]
    NotText,
    /// It starts with `@` and a word that is not known.
    #[error("the marker is not known")]
    UnknownMarker,
    /// Names, algorithm or key are missing.
    #[error("something is missing")]
    Incomplete,
    /// The hashed name is not two values of base64, of 20 bytes each.
    #[error("the hashed name cannot be read")]
    BadHash,
    /// More names than 256, or none.
    #[error("the names cannot be read")]
    BadNames,
    /// The key is not one, or not of the algorithm that is said.
    #[error("the key cannot be read")]
    BadKey,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub line: usize,
    /// What the key is for.
    pub marker: Marker,
    /// Whose it is.
    pub hosts: Hosts,
    /// The key's algorithm, such as `ssh-ed25519`.
    pub algorithm: String,
    /// The public key as on the wire (RFC 4253, 6.6).
    pub key: Vec<u8>,
    /// Its SHA-256.
    pub fingerprint: Fingerprint,
    /// What follows the key, as harmless text; often empty.
    pub comment: String,
}

/// What the key of a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// It is a host's key.
    HostKey,
    /// It signs certificates of hosts (`@cert-authority`).
    Authority,
    /// It is never to be trusted (`@revoked`).
    Revoked,
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// Names with `*` and `?`, `!` before those that are excluded; `[name]:port` for other ports than 22.
    Patterns(Vec<String>),
    /// One name that only who knows it can find: the salt, and HMAC-SHA1 of the name with it.
    Hashed {
        /// The salt.
        salt: [u8; SHA1],
        /// The hash.
        hash: [u8; SHA1],
    },
}

/// Reads a file. Lines that cannot be read are told, and the others taken, as OpenSSH does.
#[must_use]
pub fn parse(bytes: &[u8]) -> KnownHosts {
    let mut known = KnownHosts::default();
    if bytes.len() > MOST_BYTES {
        known.fault(1, FaultKind::FileTooLong);
        return known;
    }
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        match read_line(number + 1, line) {
            Ok(None) => {}
            Ok(Some(_)) if known.entries.len() == MOST_ENTRIES => {
                known.fault(number + 1, FaultKind::TooManyLines);
                break;
            }
            Ok(Some(entry)) => known.entries.push(entry),
            Err(what) => known.fault(number + 1, what),
        }
    }
    known
}

impl KnownHosts {
    /// The entries that are about a host.
    pub fn of<'a>(&'a self, host: &'a str, port: u16) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.matches(host, port))
    }

    fn fault(&mut self, line: usize, what: FaultKind) {
        self.faulty += 1;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault { line, what });
        }
    }
}

impl Entry {
    /// Whether the line is about a host: a name or an address, without brackets.
    #[must_use]
    pub fn matches(&self, host: &str, port: u16) -> bool {
        match &self.hosts {
            Hosts::Patterns(patterns) => matches_any(patterns, host, port),
            Hosts::Hashed { salt, hash } => hash_of(salt, &written(host, port)) == *hash,
        }
    }

    /// The line, without its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        let marker = match self.marker {
            Marker::HostKey => "",
            Marker::Authority => "@cert-authority ",
            Marker::Revoked => "@revoked ",
        };
        let hosts = match &self.hosts {
            Hosts::Patterns(patterns) => patterns.join(","),
            Hosts::Hashed { salt, hash } => format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash)),
        };
        let mut line = format!("{marker}{hosts} {} {}", self.algorithm, STANDARD.encode(&self.key));
        if !self.comment.is_empty() {
            let _ = write!(line, " {}", self.comment);
        }
        line
    }
}

impl Hosts {
    /// A host as it is written: its name, or `[name]:port`.
    #[must_use]
    pub fn plain(host: &str, port: u16) -> Self {
        Self::Patterns(vec![written(host, port)])
    }

    /// A host that only who knows its name can find, with a salt that was chosen at random.
    #[must_use]
    pub fn hashed(host: &str, port: u16, salt: [u8; SHA1]) -> Self {
        let hash = hash_of(&salt, &written(host, port));
        Self::Hashed { salt, hash }
    }
}

/// Whether a list of patterns is about a host: one matches, and none that excludes does (`match_hostname`). For another port
/// than 22 that is the host as `[name]:port`.
#[must_use]
pub fn matches_any(patterns: &[String], host: &str, port: u16) -> bool {
    let name = written(host, port);
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(excluded) if wildcard(excluded, &name) => return false,
            Some(_) => {}
            None => found |= wildcard(pattern, &name),
        }
    }
    found
}

/// Whether an authority of these patterns is for a host: on its port, or without one, as OpenSSH looks for both
/// (`check_host_key`). What excludes the host in either form excludes it: OpenSSH lets `*,!name` pass on another port.
#[must_use]
pub fn is_for(patterns: &[String], host: &str, port: u16) -> bool {
    let names = [written(host, port), written(host, PLAIN_PORT)];
    let mut excluded = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!'));
    let is_excluded = excluded.any(|pattern| names.iter().any(|name| wildcard(pattern, name)));
    !is_excluded && (matches_any(patterns, host, port) || matches_any(patterns, host, PLAIN_PORT))
}

/// Whether a name has the form of a pattern: `*` stands for any characters, `?` for one; letters of either size. Takes time
/// that grows with the product of the lengths at most.
pub(crate) fn wildcard(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut in_name) = (0, 0);
    // Where the last star was, and how much of the name it stands for.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(in_name) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(one) if *one == b'?' || one.eq_ignore_ascii_case(byte) => (at, in_name) = (at + 1, in_name + 1),
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    (at, in_name) = (place + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

/// A host as it stands in the file: small letters, brackets only where the port needs them (`put_host_port`).
fn written(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == PLAIN_PORT { host } else { format!("[{host}]:{port}") }
}

fn hash_of(salt: &[u8], name: &str) -> [u8; SHA1] {
    // An HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(salt) else { return [0; SHA1] };
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().into()
}

fn read_line(number: usize, line: &[u8]) -> Result<Option<Entry>, FaultKind> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    if line.len() > MOST_LINE {
        return Err(FaultKind::LineTooLong);
    }
    let line = std::str::from_utf8(line).map_err(|_| FaultKind::NotText)?;
    let (marker, line) = match line.split_once([' ', '\t']) {
        Some(("@cert-authority", rest)) => (Marker::Authority, rest),
        Some(("@revoked", rest)) => (Marker::Revoked, rest),
        _ if line.starts_with('@') => return Err(FaultKind::UnknownMarker),
        _ => (Marker::HostKey, line),
    };
    let (hosts, line) = word(line)?;
    let (algorithm, line) = word(line)?;
    let (key, comment) = word(line)?;
    let key = STANDARD.decode(key).map_err(|_| FaultKind::BadKey)?;
    // russh's, which bounds how deep a key may lie in certificates.
    let public = parse_public_key(&key).map_err(|_| FaultKind::BadKey)?;
    if public.algorithm().as_str() != algorithm || public.to_bytes().ok().as_ref() != Some(&key) {
        return Err(FaultKind::BadKey);
    }
    let fingerprint = fingerprint_of(public.key_data()).ok_or(FaultKind::BadKey)?;
    let hosts = read_hosts(hosts)?;
    let comment = harmless(comment.trim());
    Ok(Some(Entry { line: number, marker, hosts, algorithm: algorithm.to_owned(), key, fingerprint, comment }))
}

/// The first word of a line, and the rest.
fn word(line: &str) -> Result<(&str, &str), FaultKind> {
    let line = line.trim_start_matches([' ', '\t']);
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    if word.is_empty() { Err(FaultKind::Incomplete) } else { Ok((word, rest)) }
}

fn read_hosts(text: &str) -> Result<Hosts, FaultKind> {
    if let Some(hashed) = text.strip_prefix('|') {
        let (salt, hash) = hashed.strip_prefix("1|").and_then(|rest| rest.split_once('|')).ok_or(FaultKind::BadHash)?;
        let twenty = |text| STANDARD.decode(text).ok().and_then(|bytes| <[u8; SHA1]>::try_from(bytes).ok()).ok_or(FaultKind::BadHash);
        return Ok(Hosts::Hashed { salt: twenty(salt)?, hash: twenty(hash)? });
    }
    let patterns: Vec<String> = text.split(',').filter(|pattern| !pattern.is_empty()).map(str::to_owned).collect();
    let harmful = |pattern: &String| pattern == "!" || harmless(pattern) != *pattern;
    if patterns.is_empty() || patterns.len() > MOST_PATTERNS || patterns.iter().any(harmful) {
        return Err(FaultKind::BadNames);
    }
    Ok(Hosts::Patterns(patterns))
}

#[cfg(test)]
mod tests;
