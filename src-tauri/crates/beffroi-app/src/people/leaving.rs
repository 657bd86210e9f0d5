//! Off-boarding, afterwards: what was removed and what could not be; and statements that anybody can check.
//!
//! A statement is any text with the signature of the vault's person over it and over what kind of text it is, in a JSON object:
//! `{"format": "beffroi/statement/1", "kind", "text", "card", "at_ms", "signature"}`. Its signature covers the canonical encoding
//! of kind, vault, time and text; the card is the public half of the signer's identity.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{Canonical, JobState};
use beffroi_vault::IdentityCard;
use serde::{Deserialize, Serialize};

use super::card::Leaving;
use crate::jobs::{Failure, JobFacts, StoredMessage};
use crate::session::{Happening, Session};
use crate::{App, AppError, PeopleError, now_ms};

/// How a person was off-boarded.
#[derive(Debug)]
pub struct LeavingFacts {
    /// The name of the card.
    pub person: String,
    /// First and last name.
    pub fullname: String,
    /// When it was planned, in milliseconds since 1970.
    pub at_ms: u64,
    /// When this was put together.
    pub made_ms: u64,
    /// Whether homes and mail were to be deleted.
    pub purge: bool,
    /// What became of each account.
    pub accounts: Vec<LeavingAccount>,
    /// Accounts of the same login that nobody said to be theirs: host by host.
    pub not_linked: Vec<String>,
    /// Secrets of the catalog that an administrator of a host could see there: passwords by which it is worked on.
    pub shared: Vec<String>,
    /// How many accounts are under stages that are sealed: some may be theirs, and were left alone.
    pub sealed: usize,
    /// Secrets of the catalog that hold passwords of their accounts.
    pub own: Vec<String>,
    /// The last entry of the journal when this was put together, and the value of its chain.
    pub journal: (u64, [u8; 32]),
}

/// What became of an account.
#[derive(Debug)]
pub struct LeavingAccount {
    /// The host.
    pub host: String,
    /// The login.
    pub login: String,
    /// What it could use before.
    pub permissions: Vec<String>,
    /// The groups that it was in.
    pub groups: Vec<String>,
    /// Whether it is gone.
    pub removed: bool,
    /// What was done, step by step, with when each ended.
    pub done: Vec<(StoredMessage, u64)>,
    /// Why it is not gone.
    pub why: Option<AppError>,
}

/// A text with a signature, in a form for files.
#[derive(Debug)]
pub struct Statement {
    /// The file's content.
    pub text: String,
    /// The fingerprint of who signed.
    pub signer: String,
}

/// A statement that was checked.
#[derive(Debug)]
pub struct StatementFacts {
    /// What was signed.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// The fingerprint of who signed.
    pub signer: String,
    /// Their name, as their card has it.
    pub name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    kind: String,
    vault: String,
    at_ms: u64,
    text: String,
    card: String,
    signature: String,
}

const FORMAT: &str = "beffroi/statement/1";
/// Bytes of the longest statement that is read.
const MOST_FILE: u64 = 8 << 20;

impl File {
    fn message(&self) -> Vec<u8> {
        Canonical::new(FORMAT).text(&self.kind).text(&self.vault).number(self.at_ms).text(&self.text).text(&self.card).finish()
    }
}

impl App {
    /// How the last off-boarding of a person went, as far as it came.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`]; [`PeopleError::NotLeaving`] for somebody who was not off-boarded.
    pub async fn leaving(&self, name: &str) -> Result<LeavingFacts, AppError> {
        let session = self.session()?;
        let (jobs, facts) = (self.jobs().await?, self.person(name).await?);
        let name = name.to_owned();
        session
            .blocking(move |session| {
                let people = session.people()?;
                let card = people.card(&name)?;
                let leaving = card.value.leaving.clone().ok_or_else(|| AppError::People(PeopleError::NotLeaving { name: name.clone() }))?;
                let shared = session.seen_by_administrator(&leaving)?;
                let last = session.catalog.read(|reader| reader.last_entry())?;
                let mut accounts = Vec::new();
                for account in leaving.accounts {
                    let of_host: Vec<&JobFacts> = jobs
                        .iter()
                        .filter(|job| job.host == account.host && job.created_ms >= leaving.at_ms && is_of(job, &account.login))
                        .collect();
                    accounts.push(became(account, &of_host));
                }
                // An account that was removed may still be in a survey of before.
                let is_gone = |host: &str| accounts.iter().any(|account| account.host == host && account.removed);
                let not_linked = facts.accounts.iter().filter(|account| account.standing == super::AccountStanding::NotLinked);
                let not_linked: Vec<String> = not_linked.map(|account| account.host.clone()).filter(|host| !is_gone(host)).collect();
                Ok(LeavingFacts {
                    person: name,
                    fullname: card.value.fullname.clone(),
                    at_ms: leaving.at_ms,
                    made_ms: now_ms(),
                    purge: leaving.purge,
                    accounts,
                    not_linked,
                    shared,
                    sealed: people.sealed,
                    own: session.secrets_of(&card.value.name)?,
                    journal: last.map_or((0, [0; 32]), |row| (row.sequence, row.mac)),
                })
            })
            .await
    }

    /// Signs a text as the person of this vault, and says so in the journal.
    ///
    /// # Errors
    /// [`AppError::IdentityNotFound`] when this person has no identity in this vault.
    pub async fn sign_statement(&self, kind: &'static str, text: String) -> Result<Statement, AppError> {
        self.session()?
            .blocking(move |session| {
                let signer = session.signer().ok_or(AppError::IdentityNotFound { name: session.person.clone() })?;
                let row = session.catalog.read(|reader| reader.identity(signer.id))?.ok_or_else(|| AppError::damaged("the identities"))?;
                let card = IdentityCard::from_text(&row.card).map_err(|_| AppError::damaged("the identities"))?;
                let mut file = File {
                    format: FORMAT.to_owned(),
                    kind: kind.to_owned(),
                    vault: session.vault.id().to_string(),
                    at_ms: now_ms(),
                    text,
                    card: row.card,
                    signature: String::new(),
                };
                file.signature = STANDARD.encode(signer.keys.sign(&file.message()));
                session.commit(Happening::new("statement-signed").with("kind", kind), |_| Ok(()))?;
                Ok(Statement { text: serde_json::to_string_pretty(&file).map_err(AppError::internal)?, signer: card.fingerprint() })
            })
            .await
    }

    /// Checks a signed statement without any vault. With `signer`, it must be of the identity that has this fingerprint.
    ///
    /// # Errors
    /// When the file cannot be read or is none; [`PeopleError::StatementBroken`] when its signature does not hold.
    pub async fn check_statement(&self, path: &Path, kind: &'static str, signer: Option<String>) -> Result<StatementFacts, AppError> {
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || {
            let failed = |reason: &dyn std::fmt::Display| AppError::LocalFile { path: path.clone(), reason: reason.to_string() };
            let file = std::fs::File::open(&path).map_err(|error| failed(&error))?;
            let file: File =
                serde_json::from_reader(std::io::Read::take(file, MOST_FILE)).map_err(|_| failed(&"not a signed statement"))?;
            if file.format != FORMAT || file.kind != kind {
                return Err(failed(&"not a signed statement of this kind"));
            }
            let broken = || AppError::People(PeopleError::StatementBroken { path: path.clone() });
            let card = IdentityCard::from_text(&file.card).map_err(|_| broken())?;
            let signature: [u8; 64] = STANDARD.decode(&file.signature).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(broken)?;
            card.verify(&file.message(), &signature).map_err(|_| broken())?;
            if signer.is_some_and(|signer| signer.trim() != card.fingerprint()) {
                return Err(broken());
            }
            Ok(StatementFacts { text: file.text, at_ms: file.at_ms, signer: card.fingerprint(), name: card.name().to_owned() })
        })
        .await
        .map_err(AppError::internal)?
    }
}

/// What became of an account: it is gone once its job said so, whatever was refused before.
fn became(account: super::card::LeavingAccount, jobs: &[&JobFacts]) -> LeavingAccount {
    let removed = account.removed_ms.is_some();
    let mut done: Vec<(StoredMessage, u64)> =
        jobs.iter().filter(|job| held(job)).map(|job| (job.title.clone(), job.ended_ms.unwrap_or(job.created_ms))).collect();
    done.sort_by_key(|(_, at)| *at);
    let failed = || jobs.iter().find_map(|job| job.error.as_ref().filter(|_| !held(job)).map(copied));
    let why = if removed { None } else { failed().or_else(|| account.refused.map(AppError::from)) };
    let super::card::LeavingAccount { host, login, permissions, groups, .. } = account;
    LeavingAccount { host, login, permissions, groups, removed, done, why }
}

fn held(job: &JobFacts) -> bool {
    matches!(job.state, JobState::Changed | JobState::Done)
}

/// Errors are not copied; what is kept of one is.
fn copied(error: &AppError) -> AppError {
    Failure::from(error).into()
}

/// Whether a job is about an account: one of its title's values is its login.
fn is_of(job: &JobFacts, login: &str) -> bool {
    job.title.values.iter().any(|(_, value)| value.split(' ').any(|word| word == login))
}

impl Session {
    /// Passwords of the catalog by which hosts are worked on that the person administered: who administers a host can read what
    /// is typed there. Keys are not sent to it.
    fn seen_by_administrator(&self, leaving: &Leaving) -> Result<Vec<String>, AppError> {
        let administered = leaving.accounts.iter().filter(|account| account.groups.iter().any(|group| group == "admins"));
        let mut names = std::collections::BTreeSet::new();
        for account in administered {
            let Ok(target) = self.target_named(&account.host) else { continue };
            for secret in target.record.secrets() {
                let row = self.catalog.read(|reader| reader.sealed_secret(secret))?.map(|(row, _)| row);
                names.extend(row.filter(|row| row.kind == crate::secrets::PASSWORD).map(|row| row.name));
            }
        }
        Ok(names.into_iter().collect())
    }

    /// Secrets that hold passwords of a person's accounts.
    fn secrets_of(&self, person: &str) -> Result<Vec<String>, AppError> {
        let start = super::cards::secret_name(person, "");
        let rows = self.catalog.read(|reader| reader.secrets())?;
        Ok(rows.into_iter().map(|row| row.name).filter(|name| name.starts_with(&start)).collect())
    }
}
