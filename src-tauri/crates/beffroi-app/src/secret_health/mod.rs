//! What is wrong with the secrets of a vault: weak, leaked, used twice, old, unused. No host and no service is asked anything.
//!
//! Values are looked at one by one and leave nothing behind: which of them are the same is told by an HMAC under a key that is made
//! for each look and dropped with it. What a sealed stage holds is not looked at, and that is told.

mod keys;
mod leaked;
mod strength;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use beffroi_domain::Message;
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_ssh::public_line_of;
use beffroi_store::table::secret::SecretRow;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::archives::BACKUP_KEY;
use crate::imports::NOTE;
use crate::secrets::PRIVATE_KEY;
use crate::secrets::detail::{Detail, detail_id};
use crate::session::Session;
use crate::{App, AppError, now_ms};

pub use leaked::LeakedBy;

use leaked::Hash;
pub(crate) use strength::{Strength, WEAK_BITS};

const DAY_MS: u64 = 24 * 3600 * 1000;
/// Days after which a secret is old.
const OLD_DAYS: u64 = 2 * 365;
/// Days after which one that nothing logged in with is called unused.
const UNUSED_DAYS: u64 = 365;
/// The most names that a finding tells.
const MOST_NAMED: usize = 8;

/// What is to be looked at.
#[derive(Debug, Clone, Default)]
pub struct HealthOrder {
    /// A file or folder of hashes of leaked passwords.
    pub leaked: Option<PathBuf>,
    /// After how many days a secret is old; two years when absent.
    pub old_days: Option<u64>,
}

/// How the secrets of a vault are.
#[derive(Debug, Clone)]
pub struct SecretHealth {
    /// When it was looked, in milliseconds since 1970.
    pub at_ms: u64,
    /// How many secrets were looked at.
    pub checked: usize,
    /// How many were not, by stage: it is sealed.
    pub sealed: BTreeMap<String, usize>,
    /// How many hosts' sshd is not known: never surveyed, or not readable.
    pub hosts_unknown: usize,
    /// How many keys could not be read, such as those whose passphrase is not kept.
    pub keys_unknown: usize,
    /// How leaked passwords were looked up; nothing when no file was given.
    pub leaked: Option<LeakedBy>,
    /// Of how many passwords is not known whether they were leaked: the folder lacks the file of their range.
    pub leaked_unknown: usize,
    /// After how many days a secret is old.
    pub old_days: u64,
    /// What is wrong, the worst first.
    pub findings: Vec<SecretFinding>,
}

/// Something that is wrong with a secret, or with how a host takes secrets.
#[derive(Debug, Clone)]
pub struct SecretFinding {
    /// What kind of thing.
    pub fault: SecretFault,
    /// The secret; nothing where it is about a host.
    pub secret: Option<String>,
    /// The host; nothing where it is about a secret.
    pub host: Option<String>,
    /// The stage.
    pub stage: String,
    /// A password's strength in bits, where it is weak.
    pub bits: Option<u32>,
    /// Secrets that are the same have the same number.
    pub group: Option<usize>,
    /// What was found.
    pub what: Message,
}

/// What is wrong, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretFault {
    /// Found among leaked passwords.
    Leaked,
    /// Easily guessed.
    Weak,
    /// Past the day until which it should be used.
    Expired,
    /// Stored more than once.
    Reused,
    /// A key below today's strength.
    WeakKey,
    /// A host lets in who knows a password.
    PasswordLogin,
    /// One key opens several hosts.
    SharedKey,
    /// Not changed for long.
    Old,
    /// Nothing logged in with it for long.
    Unused,
}

impl SecretFault {
    /// Every one, the worst first.
    pub const ALL: [Self; 9] = [
        Self::Leaked,
        Self::Weak,
        Self::Expired,
        Self::Reused,
        Self::WeakKey,
        Self::PasswordLogin,
        Self::SharedKey,
        Self::Old,
        Self::Unused,
    ];
}

/// A secret that is looked at.
struct Looked {
    row: SecretRow,
    stage: String,
    expires_ms: Option<u64>,
    /// What tells it from others as long as the look lasts.
    same: Zeroizing<[u8; 32]>,
    bits: Option<f64>,
    hash: Option<Hash>,
    key: Option<(SecretText, Option<SecretText>)>,
    /// Whether it is one: notes, and entries that are fields and files only, open nothing.
    opens: bool,
    used_by: Vec<String>,
    used_ms: Option<u64>,
}

/// What was read of the catalog.
struct Seen {
    secrets: Vec<Looked>,
    sealed: BTreeMap<String, usize>,
    /// Hosts: name, stage, what sshd takes, fingerprints of keys that open accounts. Nothing for one that is not known.
    hosts: Vec<SeenHost>,
}

struct SeenHost {
    name: String,
    stage: String,
    takes: Option<Vec<String>>,
    keys: BTreeSet<String>,
}

impl App {
    /// What is wrong with the secrets of the open stages. Looking changes nothing.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read, and [`crate::HealthError`] for a file of leaked passwords that is none.
    pub async fn secret_health(&self, order: HealthOrder) -> Result<SecretHealth, AppError> {
        let session = self.session()?;
        let old_days = order.old_days.unwrap_or(OLD_DAYS).max(1);
        let wants_hashes = order.leaked.is_some();
        let mut seen = session.blocking(move |session| session.look_at_secrets(wants_hashes)).await?;
        // From here on nothing keeps the vault's keys: opening keys and reading a leak take as long as others made them take.
        let vault = Arc::downgrade(&session);
        drop(session);
        let (mut public, mut keys_unknown) = (HashMap::new(), 0);
        for (at, secret) in seen.secrets.iter_mut().enumerate() {
            let Some((private, passphrase)) = secret.key.take() else { continue };
            if vault.strong_count() == 0 {
                return Err(AppError::Locked);
            }
            match public_line_of(&private, passphrase.as_ref()).await {
                Ok((line, fingerprint)) => drop(public.insert(at, (line, fingerprint.to_string()))),
                Err(_) => keys_unknown += 1,
            }
        }
        let hosts_unknown = seen.hosts.iter().filter(|host| host.takes.is_none()).count();
        let (seen, leaked) = leaks(vault, seen, order.leaked).await?;
        let now = now_ms();
        let mut findings = seen.of_hosts();
        findings.extend(seen.of_values(leaked.as_ref().map(|found| &found.counts)));
        findings.extend(seen.of_keys(&public));
        findings.extend(seen.of_time(now, old_days));
        findings.sort_by(|one, other| order_of(one).partial_cmp(&order_of(other)).unwrap_or(std::cmp::Ordering::Equal));
        Ok(SecretHealth {
            at_ms: now,
            checked: seen.secrets.len(),
            sealed: seen.sealed,
            hosts_unknown,
            keys_unknown,
            leaked: leaked.as_ref().map(|found| found.by),
            leaked_unknown: leaked.map_or(0, |found| found.unknown),
            old_days,
            findings,
        })
    }
}

/// Looks the passwords up, until the vault is locked; places are those of the secrets.
async fn leaks(vault: Weak<Session>, mut seen: Seen, path: Option<PathBuf>) -> Result<(Seen, Option<leaked::Found>), AppError> {
    let Some(path) = path else { return Ok((seen, None)) };
    let looking = move || {
        let (places, hashes): (Vec<usize>, Vec<Hash>) =
            seen.secrets.iter_mut().enumerate().filter_map(|(at, secret)| Some((at, secret.hash.take()?))).unzip();
        let is_locked = || vault.strong_count() == 0;
        let found = leaked::look_up(&path, &hashes, &is_locked);
        if is_locked() {
            return Err(AppError::Locked);
        }
        let found = found?;
        let counts = found.counts.into_iter().filter_map(|(at, count)| Some((*places.get(at)?, count))).collect();
        Ok((seen, Some(leaked::Found { counts, ..found })))
    };
    tokio::task::spawn_blocking(looking).await.map_err(AppError::internal)?
}

/// The worst first: by kind, the weaker before the stronger, then by name.
fn order_of(finding: &SecretFinding) -> (SecretFault, u32, &str, &str) {
    (
        finding.fault,
        finding.bits.unwrap_or_default(),
        finding.secret.as_deref().unwrap_or_default(),
        finding.host.as_deref().unwrap_or_default(),
    )
}

impl Session {
    fn look_at_secrets(&self, wants_hashes: bool) -> Result<Seen, AppError> {
        let mut users: HashMap<_, Vec<String>> = HashMap::new();
        let mut surveys = self.last_surveys()?;
        let mut hosts = Vec::new();
        for target in self.targets()? {
            let record = &target.record;
            let given: BTreeSet<_> = record.secrets().collect();
            for secret in given {
                users.entry(secret).or_default().push(record.name.to_string());
            }
            let survey = surveys.remove(&record.host);
            let keys = survey.iter().flat_map(|survey| survey.facts.authorized_keys.iter().flatten());
            hosts.push(SeenHost {
                name: record.name.to_string(),
                stage: record.stage.to_string(),
                keys: keys.map(|key| key.fingerprint.clone()).collect(),
                takes: survey.as_ref().and_then(|survey| crate::hardening::takes_passwords(&survey.facts)),
            });
        }
        let mut details: HashMap<_, Detail> =
            self.documents::<Detail>()?.into_iter().filter_map(|(id, read)| Some((id, read.ok()?.value))).collect();
        let used: HashMap<String, u64> = self.catalog.read(|reader| reader.last_taken())?.into_iter().collect();
        let tag = Tag::new()?;
        let strength = Strength::new();
        let (mut secrets, mut sealed) = (Vec::new(), BTreeMap::new());
        for row in self.catalog.read(|reader| reader.secrets())?.into_iter().filter(|row| row.kind != BACKUP_KEY) {
            let stage = self.stage_of(row.compartment);
            if !self.is_open(row.compartment) {
                *sealed.entry(stage).or_default() += 1;
                continue;
            }
            let Some(value) = self.value_of(&row)? else { continue };
            let detail = details.remove(&detail_id(row.id)).unwrap_or_default();
            let same = tag.of(&value)?;
            // Its length only.
            let opens = row.kind != NOTE && !value.expose().is_empty();
            let mut looked = Looked {
                stage,
                expires_ms: detail.expires_ms,
                same,
                bits: None,
                hash: None,
                key: None,
                opens,
                used_by: users.remove(&row.id).unwrap_or_default(),
                used_ms: used.get(&row.id.to_string()).copied(),
                row,
            };
            if opens && let Ok(text) = value.into_text() {
                if looked.row.kind == PRIVATE_KEY {
                    looked.key = Some((text, detail.passphrase.map(|passphrase| passphrase.0)));
                } else {
                    looked.bits = Some(strength.bits(&text));
                    // To the hash, which is looked for in a file of this machine.
                    looked.hash = wants_hashes.then(|| Hash::of(text.expose().trim_end_matches(['\n', '\r']).as_bytes()));
                }
            }
            secrets.push(looked);
        }
        Ok(Seen { secrets, sealed, hosts })
    }
}

/// Tells values from each other, under a key that nobody has.
struct Tag(Zeroizing<[u8; 32]>);

impl Tag {
    fn new() -> Result<Self, AppError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(AppError::internal)?;
        Ok(Self(key))
    }

    fn of(&self, value: &SecretBytes) -> Result<Zeroizing<[u8; 32]>, AppError> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_slice()).map_err(AppError::internal)?;
        // Into the HMAC; a line's end is no part of it.
        mac.update(value.expose().trim_ascii_end());
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

impl Looked {
    fn found(&self, fault: SecretFault, what: Message) -> SecretFinding {
        SecretFinding { fault, secret: Some(self.row.name.clone()), host: None, stage: self.stage.clone(), bits: None, group: None, what }
    }
}

impl Seen {
    fn of_hosts(&self) -> Vec<SecretFinding> {
        let taking = self.hosts.iter().filter_map(|host| Some((host, host.takes.as_ref().filter(|takes| !takes.is_empty())?)));
        let finding = |(host, takes): (&SeenHost, &Vec<String>)| SecretFinding {
            fault: SecretFault::PasswordLogin,
            secret: None,
            host: Some(host.name.clone()),
            stage: host.stage.clone(),
            bits: None,
            group: None,
            what: Message::new("secret-health.password-login").with("how", takes.join(", ")),
        };
        taking.map(finding).collect()
    }

    /// Weak ones, those that are the same, and leaked ones.
    fn of_values(&self, leaked: Option<&BTreeMap<usize, u64>>) -> Vec<SecretFinding> {
        let mut findings = Vec::new();
        let mut alike: BTreeMap<&[u8; 32], Vec<&Looked>> = BTreeMap::new();
        for (at, secret) in self.secrets.iter().enumerate() {
            if secret.opens {
                alike.entry(&secret.same).or_default().push(secret);
            }
            if let Some(count) = leaked.and_then(|leaked| leaked.get(&at)) {
                findings.push(secret.found(SecretFault::Leaked, Message::new("secret-health.leaked").with("count", count)));
            }
            if let Some(bits) = secret.bits.filter(|bits| *bits < WEAK_BITS) {
                let bits = bits.floor().max(0.0) as u32;
                let weak = secret.found(SecretFault::Weak, Message::new("secret-health.weak").with("bits", bits));
                findings.push(SecretFinding { bits: Some(bits), ..weak });
            }
        }
        let mut groups: Vec<Vec<&Looked>> = alike.into_values().filter(|same| same.len() > 1).collect();
        // Not in the order of the tags, which is another one each time.
        groups.sort_by(|one, other| one.first().map(|secret| &secret.row.name).cmp(&other.first().map(|secret| &secret.row.name)));
        for (group, same) in groups.iter().enumerate() {
            for secret in same {
                let others = same.iter().filter(|other| other.row.id != secret.row.id).map(|other| other.row.name.clone());
                let what = Message::new("secret-health.reused").with("with", named(others.collect()));
                findings.push(SecretFinding { group: Some(group), ..secret.found(SecretFault::Reused, what) });
            }
        }
        findings
    }

    fn of_keys(&self, public: &HashMap<usize, (String, String)>) -> Vec<SecretFinding> {
        let mut findings = Vec::new();
        for (at, secret) in self.secrets.iter().enumerate().filter(|(_, secret)| secret.row.kind == PRIVATE_KEY) {
            let mut hosts: BTreeSet<String> = secret.used_by.iter().cloned().collect();
            if let Some((line, fingerprint)) = public.get(&at) {
                let open = self.hosts.iter().filter(|host| host.keys.contains(fingerprint));
                hosts.extend(open.map(|host| host.name.clone()));
                let weak = keys::weakness(line).map(|what| Message::new("secret-health.weak-key").with("key", what));
                findings.extend(weak.map(|what| secret.found(SecretFault::WeakKey, what)));
            }
            if hosts.len() > 1 {
                let what =
                    Message::new("secret-health.shared-key").with("count", hosts.len()).with("hosts", named(hosts.into_iter().collect()));
                findings.push(secret.found(SecretFault::SharedKey, what));
            }
        }
        findings
    }

    fn of_time(&self, now: u64, old_days: u64) -> Vec<SecretFinding> {
        let days_since = |at: u64| now.saturating_sub(at) / DAY_MS;
        let mut findings = Vec::new();
        for secret in &self.secrets {
            if let Some(expired) = secret.expires_ms.filter(|expires| *expires <= now) {
                let what = Message::new("secret-health.expired").with("days", days_since(expired));
                findings.push(secret.found(SecretFault::Expired, what));
            }
            if !secret.opens {
                continue;
            }
            let age = days_since(secret.row.changed_ms);
            if age >= old_days {
                findings.push(secret.found(SecretFault::Old, Message::new("secret-health.old").with("days", age)));
            }
            let (key, idle) = match secret.used_ms {
                Some(used) => ("secret-health.unused", days_since(used)),
                None => ("secret-health.never-used", days_since(secret.row.created_ms)),
            };
            if idle >= UNUSED_DAYS {
                findings.push(secret.found(SecretFault::Unused, Message::new(key).with("days", idle)));
            }
        }
        findings
    }
}

/// Names as one text: the first of them, and how many more there are.
fn named(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let first = names.into_iter().take(MOST_NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{first} (+{more})") } else { first }
}
