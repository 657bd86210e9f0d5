//! What is trusted of hosts, and how it came to be.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use beffroi_domain::{Access, Authority, Fingerprint, HostId, Pin, PinSource, Provenance, TargetRecord};
use beffroi_ssh::known_hosts::{self, Entry, Hosts, Marker};
use beffroi_ssh::{AnnouncedKeys, ConnectLimits, OfferedKey, Trust};
use beffroi_store::table::announced_key::AnnouncedKeyRow;

use crate::connect::Reached;
use crate::error::named;
use crate::hosts::{HostFacts, checked_address};
use crate::session::{Happening, Session};
use crate::{App, AppError, now_ms};

/// The largest `known_hosts` file that is read.
const MOST_FILE: u64 = 16 << 20;

/// What a `known_hosts` file brought.
#[derive(Debug, Default)]
pub struct KnownHostsImport {
    /// Hosts that stand in it, by name.
    pub hosts: Vec<KnownHostsOfHost>,
    /// Entries for no host of the catalog.
    pub unused: usize,
    /// Lines that are not understood: their number from 1, and why.
    pub not_understood: Vec<(usize, String)>,
}

/// What a `known_hosts` file brought for one host.
#[derive(Debug, Default)]
pub struct KnownHostsOfHost {
    /// Its name.
    pub host: String,
    /// Keys that it did not trust before.
    pub trusted: Vec<Fingerprint>,
    /// Authorities that it did not trust before.
    pub authorities: Vec<Fingerprint>,
    /// Keys that were not refused before.
    pub revoked: Vec<Fingerprint>,
    /// Why nothing is changed for it.
    pub error: Option<AppError>,
}

/// What was written to a `known_hosts` file.
#[derive(Debug)]
pub struct KnownHostsExport {
    /// The file.
    pub path: PathBuf,
    /// Lines.
    pub lines: usize,
    /// Hosts that trust a fingerprint whose key was never seen.
    pub unseen: Vec<String>,
}

impl Session {
    /// Trust that begins now, by this person.
    fn trust_now(&self, how: PinSource) -> Provenance {
        Provenance { at_ms: now_ms(), by: self.person.clone(), how }
    }

    /// Trusts a fingerprint that this person gives, unless it is trusted.
    pub(crate) fn trust_given(&self, record: &mut TargetRecord, fingerprint: Fingerprint) {
        let key = OfferedKey { fingerprint, algorithm: String::new(), key: Vec::new(), authority: None };
        self.trust_key(record, key, PinSource::Given);
    }

    fn trust_key(&self, record: &mut TargetRecord, key: OfferedKey, how: PinSource) {
        record.revoked.retain(|revoked| *revoked != key.fingerprint);
        if !record.trusts(&key.fingerprint) {
            let OfferedKey { fingerprint, algorithm, key, .. } = key;
            record.pins.push(Pin { fingerprint, algorithm, key, provenance: self.trust_now(how) });
        }
    }

    /// Completes a pin of which only the fingerprint was known, and keeps what the host announced: both are known once it was
    /// connected to. Nothing comes to be trusted by it.
    pub(crate) fn learn_keys(&self, host: HostId, shown: &OfferedKey, announced: &AnnouncedKeys) -> Result<(), AppError> {
        let row = self.catalog.read(|reader| reader.target(host))?.ok_or_else(|| AppError::HostNotFound { name: host.to_string() })?;
        let target = self.authenticate(&row)?;
        let news: Vec<AnnouncedKeyRow> = announced
            .keys
            .iter()
            .filter(|key| !target.record.trusts(&key.fingerprint) && !target.record.revoked.contains(&key.fingerprint))
            .map(|key| AnnouncedKeyRow {
                fingerprint: key.fingerprint.clone(),
                algorithm: key.algorithm.clone(),
                key: key.key.clone(),
                proven: announced.proven,
                at_ms: now_ms(),
            })
            .collect();
        let known = self.catalog.read(|reader| reader.announced_keys(host))?;
        let same = |one: &AnnouncedKeyRow, other: &AnnouncedKeyRow| one.fingerprint == other.fingerprint && one.proven == other.proven;
        if known.len() != news.len() || !known.iter().all(|one| news.iter().any(|other| same(one, other))) {
            self.write(|writer| Ok(writer.set_announced_keys(host, &news)?))?;
        }
        let mut record = target.record.clone();
        let unseen = |pin: &&mut Pin| pin.fingerprint == shown.fingerprint && pin.key.is_empty();
        let Some(pin) = record.pins.iter_mut().find(unseen) else { return Ok(()) };
        pin.key.clone_from(&shown.key);
        pin.algorithm.clone_from(&shown.algorithm);
        let row = self.target_row(&record, target.revision + 1)?;
        let happening = Happening::new("host-key-seen").on(host).with("name", &record.name).with("fingerprint", &shown.fingerprint);
        self.commit(happening, |writer| Ok(writer.update_target(&row)?))
    }
}

impl App {
    /// The key that an address shows, directly or behind a host of the catalog; nothing is sent but the key exchange.
    ///
    /// # Errors
    /// When the address cannot be reached.
    pub async fn scan(&self, address: &str, port: u16, jump: Option<&str>) -> Result<OfferedKey, AppError> {
        let address = checked_address(address)?;
        let via = match jump {
            None => None,
            Some(jump) => {
                let session = self.session()?;
                Some(session.connect(&session.host(jump).await?).await?)
            }
        };
        let trust = Trust::default();
        let looking = beffroi_ssh::look(via.as_deref(), address, port, &trust, &[], ConnectLimits::default());
        Ok(looking.await?.offered().clone())
    }

    /// What a host announced, and which way leads to it while it is connected.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`].
    pub async fn keys_of(&self, host: &str) -> Result<(Vec<AnnouncedKeyRow>, Option<Reached>), AppError> {
        let session = self.session()?;
        let record = session.host(host).await?;
        let reached = session.connections.reached(record.host).await;
        let undecided = move |key: &AnnouncedKeyRow| !record.trusts(&key.fingerprint) && !record.revoked.contains(&key.fingerprint);
        let host = session.host(host).await?.host;
        let announced = session.blocking(move |session| Ok(session.catalog.read(|reader| reader.announced_keys(host))?)).await?;
        let announced = announced.into_iter().filter(undecided).collect();
        Ok((announced, reached))
    }

    /// Trusts a host key, beside those already trusted; one that the host announced, with all that is known of it. With
    /// `authority`, host certificates that the key signed are trusted.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`], or for a fingerprint that is none.
    pub async fn trust(&self, host: &str, fingerprint: &str, authority: bool) -> Result<HostFacts, AppError> {
        let fingerprint: Fingerprint = named("fingerprint", fingerprint)?;
        self.change_host(host, "host-trusted", move |session, record| {
            if authority {
                if !record.authorities.iter().any(|known| known.fingerprint == fingerprint && known.patterns.is_empty()) {
                    let provenance = session.trust_now(PinSource::Given);
                    let (algorithm, key, patterns) = (String::new(), Vec::new(), Vec::new());
                    record.authorities.push(Authority { fingerprint, algorithm, key, patterns, provenance });
                }
                return Ok(());
            }
            let announced = session.catalog.read(|reader| reader.announced_keys(record.host))?;
            match announced.into_iter().find(|key| key.fingerprint == fingerprint) {
                Some(AnnouncedKeyRow { fingerprint, algorithm, key, .. }) => {
                    session.trust_key(record, OfferedKey { fingerprint, algorithm, key, authority: None }, PinSource::Announced);
                }
                None => session.trust_given(record, fingerprint),
            }
            Ok(())
        })
        .await
    }

    /// No longer trusts a key of a host, or an authority.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`], or for a fingerprint that is not trusted there.
    pub async fn distrust(&self, host: &str, fingerprint: &str) -> Result<HostFacts, AppError> {
        let fingerprint: Fingerprint = named("fingerprint", fingerprint)?;
        let name = host.to_owned();
        self.change_host(host, "host-distrusted", move |_, record| {
            let before = record.pins.len() + record.authorities.len() + record.revoked.len();
            record.pins.retain(|pin| pin.fingerprint != fingerprint);
            record.authorities.retain(|authority| authority.fingerprint != fingerprint);
            record.revoked.retain(|revoked| *revoked != fingerprint);
            if record.pins.len() + record.authorities.len() + record.revoked.len() == before {
                return Err(AppError::KeyNotFound { name, fingerprint });
            }
            Ok(())
        })
        .await
    }

    /// Refuses a key of a host from now on, whatever vouches for it.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`], or for a fingerprint that is none.
    pub async fn revoke(&self, host: &str, fingerprint: &str) -> Result<HostFacts, AppError> {
        let fingerprint: Fingerprint = named("fingerprint", fingerprint)?;
        self.change_host(host, "host-key-revoked", move |_, record| {
            record.pins.retain(|pin| pin.fingerprint != fingerprint);
            record.authorities.retain(|authority| authority.fingerprint != fingerprint);
            if !record.revoked.contains(&fingerprint) {
                record.revoked.push(fingerprint);
            }
            Ok(())
        })
        .await
    }

    /// Takes trust in from a `known_hosts` file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), for hosts of the catalog whose
    /// address stands in it. An address behind another host is that client's: it takes nothing from a file that was written
    /// elsewhere, unless `on` names the host.
    ///
    /// # Errors
    /// When the file cannot be read or the selector does not select a host. What fails for a host is in the answer.
    pub async fn import_known_hosts(&self, file: &Path, on: Option<&str>, dry_run: bool) -> Result<KnownHostsImport, AppError> {
        let session = self.session()?;
        let bytes = read_bounded(file).await?;
        let parsed = known_hosts::parse(&bytes);
        let targets = session.select(on.unwrap_or("all")).await?;
        let named_hosts = on.is_some();
        let mut import = KnownHostsImport {
            not_understood: parsed.faults.iter().map(|fault| (fault.line, fault.what.to_string())).collect(),
            ..KnownHostsImport::default()
        };
        let mut used = vec![false; parsed.entries.len()];
        for target in targets {
            let mut found = KnownHostsOfHost { host: target.name.to_string(), ..KnownHostsOfHost::default() };
            let mut changed = target.clone();
            let accesses: Vec<_> = target.accesses().filter(|access| access.jump.is_none() || named_hosts).cloned().collect();
            for (entry, used) in parsed.entries.iter().zip(&mut used) {
                let meant: Vec<&Access> = accesses.iter().filter(|access| is_about(entry, access)).collect();
                if meant.is_empty() {
                    continue;
                }
                *used = true;
                take_entry(&session, entry, &meant, &mut changed, &mut found);
            }
            if found.trusted.is_empty() && found.authorities.is_empty() && found.revoked.is_empty() {
                continue;
            }
            if !dry_run {
                let take = move |_: &Session, record: &mut TargetRecord| {
                    record.pins = changed.pins;
                    record.authorities = changed.authorities;
                    record.revoked = changed.revoked;
                    Ok(())
                };
                found.error = self.change_host(&found.host, "known-hosts-imported", take).await.err();
            }
            import.hosts.push(found);
        }
        import.unused = used.iter().filter(|used| !**used).count();
        Ok(import)
    }

    /// Writes what is trusted of hosts to a new `known_hosts` file, for OpenSSH and others.
    ///
    /// # Errors
    /// When the selector does not select a host, or the file is there already or cannot be written.
    pub async fn export_known_hosts(&self, file: &Path, on: Option<&str>, hashed: bool) -> Result<KnownHostsExport, AppError> {
        let session = self.session()?;
        let targets = session.select(on.unwrap_or("all")).await?;
        let (mut text, mut lines, mut unseen, mut written) = (String::new(), 0, Vec::new(), HashSet::new());
        for target in targets {
            for (marker, fingerprint, algorithm, key, patterns) in trusted(&target) {
                if key.is_empty() {
                    unseen.push(target.name.to_string());
                    continue;
                }
                let new = patterns.is_empty() || hashed || written.insert((fingerprint.clone(), patterns.to_vec()));
                for hosts in names_of(&target, patterns, hashed)?.into_iter().filter(|_| new) {
                    let comment = target.name.to_string();
                    let (algorithm, key, fingerprint) = (algorithm.to_owned(), key.to_vec(), fingerprint.clone());
                    let entry = Entry { line: 0, marker, hosts, algorithm, key, fingerprint, comment };
                    text.push_str(&entry.to_line());
                    text.push('\n');
                    lines += 1;
                }
            }
        }
        unseen.dedup();
        let path = file.to_owned();
        write_new(&path, text).await?;
        session.journal_event("known-hosts-exported", None, vec![("path", path.display().to_string())]).await?;
        Ok(KnownHostsExport { path, lines, unseen })
    }
}

/// What a host is trusted by: a marker, the fingerprint, the algorithm, the key (empty where it was never seen), and the patterns of an
/// authority.
type Trusted<'a> = (Marker, &'a Fingerprint, &'a str, &'a [u8], &'a [String]);

fn trusted(target: &TargetRecord) -> impl Iterator<Item = Trusted<'_>> {
    let pins = target.pins.iter().map(|pin| (Marker::HostKey, &pin.fingerprint, pin.algorithm.as_str(), pin.key.as_slice(), &[][..]));
    let authorities = target
        .authorities
        .iter()
        .map(|known| (Marker::Authority, &known.fingerprint, known.algorithm.as_str(), known.key.as_slice(), known.patterns.as_slice()));
    pins.chain(authorities)
}

/// What a host is trusted by, as lines of `known_hosts`: of keys that were seen.
pub(crate) fn trusted_lines(target: &TargetRecord) -> Result<Vec<String>, AppError> {
    let mut lines = Vec::new();
    for (marker, fingerprint, algorithm, key, patterns) in trusted(target).filter(|(_, _, _, key, _)| !key.is_empty()) {
        for hosts in names_of(target, patterns, false)? {
            let (algorithm, key, fingerprint) = (algorithm.to_owned(), key.to_vec(), fingerprint.clone());
            lines.push(Entry { line: 0, marker, hosts, algorithm, key, fingerprint, comment: String::new() }.to_line());
        }
    }
    Ok(lines)
}

/// Whether an entry is about a way to a host.
pub(crate) fn is_about(entry: &Entry, access: &Access) -> bool {
    match (&entry.marker, &entry.hosts) {
        (Marker::Authority, Hosts::Patterns(patterns)) => known_hosts::is_for(patterns, &access.address, access.port),
        _ => entry.matches(&access.address, access.port),
    }
}

/// The patterns of an authority's entry; of a hashed name, the name that it turned out to be.
fn patterns_of(entry: &Entry, meant: &[&Access]) -> Vec<String> {
    let plain = |access: &&Access| match Hosts::plain(&access.address, access.port) {
        Hosts::Patterns(patterns) => patterns,
        Hosts::Hashed { .. } => Vec::new(),
    };
    match &entry.hosts {
        Hosts::Patterns(patterns) => patterns.clone(),
        Hosts::Hashed { .. } => meant.iter().flat_map(plain).collect(),
    }
}

/// What an entry says of a host that it is about, by these ways to it.
pub(crate) fn take_entry(session: &Session, entry: &Entry, meant: &[&Access], record: &mut TargetRecord, found: &mut KnownHostsOfHost) {
    let Entry { fingerprint, algorithm, key, .. } = entry.clone();
    let key = OfferedKey { fingerprint, algorithm, key, authority: None };
    match entry.marker {
        Marker::Revoked => {
            if !record.revoked.contains(&key.fingerprint) {
                record.pins.retain(|pin| pin.fingerprint != key.fingerprint);
                record.revoked.push(key.fingerprint.clone());
                found.revoked.push(key.fingerprint);
            }
        }
        // What was refused by hand stays refused.
        _ if record.revoked.contains(&key.fingerprint) => {}
        Marker::Authority => {
            let patterns = patterns_of(entry, meant);
            let covers = |known: &Authority| known.patterns.is_empty() || known.patterns == patterns;
            if !record.authorities.iter().any(|known| known.fingerprint == key.fingerprint && covers(known)) {
                let provenance = session.trust_now(PinSource::KnownHosts);
                let OfferedKey { fingerprint, algorithm, key, .. } = key;
                found.authorities.push(fingerprint.clone());
                record.authorities.push(Authority { fingerprint, algorithm, key, patterns, provenance });
            }
        }
        Marker::HostKey => {
            if !record.trusts(&key.fingerprint) {
                found.trusted.push(key.fingerprint.clone());
                session.trust_key(record, key, PinSource::KnownHosts);
            }
        }
    }
}

/// Whose a line is: each way to the host, or the patterns of an authority. A pattern cannot be hashed: then the ways for
/// which it is.
fn names_of(target: &TargetRecord, patterns: &[String], hashed: bool) -> Result<Vec<Hosts>, AppError> {
    if !patterns.is_empty() && !hashed {
        return Ok(vec![Hosts::Patterns(patterns.to_vec())]);
    }
    let meant = target.accesses().filter(|access| patterns.is_empty() || known_hosts::is_for(patterns, &access.address, access.port));
    meant.map(|access| if hashed { hashed_name(access) } else { Ok(Hosts::plain(&access.address, access.port)) }).collect()
}

fn hashed_name(access: &Access) -> Result<Hosts, AppError> {
    let mut salt = [0; 20];
    getrandom::fill(&mut salt).map_err(AppError::internal)?;
    Ok(Hosts::hashed(&access.address, access.port, salt))
}

async fn read_bounded(file: &Path) -> Result<Vec<u8>, AppError> {
    let unreadable = |reason: String| AppError::LocalFile { path: file.to_owned(), reason };
    let size = tokio::fs::metadata(file).await.map_err(|error| unreadable(error.to_string()))?.len();
    if size > MOST_FILE {
        return Err(unreadable(format!("larger than {} MiB", MOST_FILE >> 20)));
    }
    tokio::fs::read(file).await.map_err(|error| unreadable(error.to_string()))
}

async fn write_new(file: &Path, text: String) -> Result<(), AppError> {
    use tokio::io::AsyncWriteExt;
    let wrong = |error: std::io::Error| AppError::LocalFile { path: file.to_owned(), reason: error.to_string() };
    let mut written = tokio::fs::OpenOptions::new().write(true).create_new(true).open(file).await.map_err(wrong)?;
    written.write_all(text.as_bytes()).await.map_err(wrong)?;
    written.sync_all().await.map_err(wrong)
}
