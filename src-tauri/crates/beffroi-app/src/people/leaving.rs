//! Off-boarding, afterwards: what was removed and what could not be; and statements that anybody can check.
//!
//! A statement is any text with the signature of the vault's person over it and over what kind of text it is, in a JSON object:
//! `{"format": "beffroi/statement/1", "kind", "text", "card", "at_ms", "signature"}`. Its signature covers the canonical encoding
//! of kind, vault, time and text; the card is the public half of the signer's identity.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{Canonical, HostId, JobState, TargetRecord};
use beffroi_store::table::secret::SecretRow;
use beffroi_vault::IdentityCard;
use serde::{Deserialize, Serialize};

use super::access::HostPeople;
use super::card::{Account, Going};
use super::cards::{AccountStanding, PersonFacts, secrets_start};
use crate::jobs::{AccountChange, Failure, JobFacts, Settlement, StoredMessage};
use crate::parcels::Handed;
use crate::session::{Happening, Session};
use crate::{App, AppError, PeopleError, now_ms};

/// How a person was off-boarded.
#[derive(Debug)]
pub struct LeavingFacts {
    /// The name of the card.
    pub person: String,
    /// First and last name.
    pub fullname: String,
    /// When it began, in milliseconds since 1970.
    pub at_ms: u64,
    /// When this was put together.
    pub made_ms: u64,
    /// What became of each account, also of those that no plan had.
    pub accounts: Vec<LeavingAccount>,
    /// Accounts of the same login that nobody said to be theirs: host by host.
    pub not_linked: Vec<String>,
    /// Secrets of the catalog that an administrator of a host could see there: passwords by which it is worked on.
    pub shared: Vec<String>,
    /// How many accounts are under stages that are sealed: some may be theirs, and were left alone.
    pub sealed: usize,
    /// Secrets of the catalog that hold passwords of their accounts.
    pub own: Vec<String>,
    /// What they were handed, and the ways into the vault that they have or had.
    pub handed: Handed,
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
    /// Whether its home and its mail were deleted, and looked for afterwards.
    pub purged: bool,
    /// What was done, step by step, with when each ended.
    pub done: Vec<(StoredMessage, u64)>,
    /// Why it is not gone; of one that is, what may be left of it.
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
        let facts = self.person(name).await?;
        session.blocking(move |session| session.leaving_facts(facts)).await
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

/// A job that was to take something from an account.
struct Taking {
    job: JobFacts,
    /// Whether it is the one that removes the account, or what it leaves behind.
    ends: bool,
}

impl Taking {
    fn held(&self) -> bool {
        matches!(self.job.state, JobState::Changed | JobState::Done)
    }

    /// What speaks against it. That what came before it failed says nothing: that says why.
    fn fault(&self) -> Option<AppError> {
        match &self.job.error {
            Some(AppError::JobBeforeFailed) => None,
            // Errors are not copied; what is kept of one is.
            Some(error) => Some(Failure::from(error).into()),
            None if !self.job.state.has_ended() => Some(AppError::JobStillRunning { job: self.job.id.to_string() }),
            None => None,
        }
    }
}

impl Session {
    fn leaving_facts(&self, facts: PersonFacts) -> Result<LeavingFacts, AppError> {
        let people = self.people()?;
        let card = people.card(&facts.name)?;
        let not_leaving = || AppError::People(PeopleError::NotLeaving { name: facts.name.clone() });
        let at_ms = card.value.leaving.as_ref().ok_or_else(not_leaving)?.at_ms;
        let hosts: Vec<TargetRecord> = self.targets()?.into_iter().map(|target| target.record).collect();
        let (mut accounts, mut told) = (Vec::new(), Vec::new());
        for held in people.accounts_of(card.id).chain(people.gone_of(card.id)) {
            if let Some(going) = held.value.going.as_ref().filter(|going| going.leaving_ms == at_ms) {
                let host = held.value.host_id()?;
                told.push((host, held.value.login.clone()));
                let now = hosts.iter().find(|known| known.host == host).map(|known| known.name.to_string());
                accounts.push(self.became(&held.id.to_string(), &held.value, going, now.unwrap_or_else(|| going.host.clone()))?);
            }
        }
        accounts.extend(self.not_planned(&facts, &hosts, &told)?);
        accounts.sort_by(|one, other| (&one.host, &one.login).cmp(&(&other.host, &other.login)));
        // An account that was removed may still be in a survey of before.
        let is_told = |host: &str, login: &str| accounts.iter().any(|account| account.host == host && account.login == login);
        let same = facts.accounts.iter().filter(|account| account.standing == AccountStanding::NotLinked);
        let not_linked = same.filter(|account| !is_told(&account.host, &account.login)).map(|account| account.host.clone()).collect();
        let last = self.catalog.read(|reader| reader.last_entry())?;
        Ok(LeavingFacts {
            at_ms,
            made_ms: now_ms(),
            not_linked,
            shared: self.seen_by_administrator(&accounts)?,
            accounts,
            sealed: people.sealed,
            own: self.secrets_of(&facts.name)?,
            handed: self.handed(Some(&facts.name))?,
            journal: last.map_or((0, [0; 32]), |row| (row.sequence, row.mac)),
            person: facts.name,
            fullname: facts.fullname,
        })
    }

    /// What became of an account: it is gone once its job said so, whatever was refused before; else the last try says why not.
    fn became(&self, document: &str, account: &Account, going: &Going, host: String) -> Result<LeavingAccount, AppError> {
        let (mut done, mut why) = (Vec::new(), None);
        for tried in &going.tries {
            let jobs = self.taking(account.host_id()?, &tried.run, document)?;
            done.extend(
                jobs.iter()
                    .filter(|taking| taking.held())
                    .map(|Taking { job, .. }| (job.title.clone(), job.ended_ms.unwrap_or(job.created_ms))),
            );
            let faults = jobs.iter().filter(|taking| going.removed_ms.is_none() || taking.ends);
            let refused = tried.refused.clone().filter(|_| going.removed_ms.is_none()).map(AppError::from);
            why = faults.filter_map(Taking::fault).next().or(refused).or(why.filter(|_| going.removed_ms.is_none()));
        }
        done.sort_by_key(|(_, at)| *at);
        Ok(LeavingAccount {
            host,
            login: account.login.clone(),
            permissions: going.permissions.iter().cloned().collect(),
            groups: going.groups.iter().cloned().collect(),
            removed: going.removed_ms.is_some(),
            purged: going.purged,
            done,
            why,
        })
    }

    /// The jobs of a plan that were to take something from an account, in their order.
    fn taking(&self, host: HostId, run: &str, document: &str) -> Result<Vec<Taking>, AppError> {
        let run = run.parse().map_err(|_| AppError::damaged("an account"))?;
        let mut jobs = Vec::new();
        for row in self.catalog.read(|reader| reader.jobs_of_run(host, run))? {
            // What the host's stage had before it went to another one may be sealed.
            if !self.is_open(row.compartment) {
                continue;
            }
            let (mut is_of, mut ends) = (false, false);
            for settlement in self.job_record(&row)?.settles {
                if let Settlement::Account { document: about, change } = settlement {
                    is_of |= about == document;
                    ends |= matches!(change, AccountChange::Gone | AccountChange::Purged);
                }
            }
            if is_of {
                jobs.push(Taking { job: self.job_facts(&row)?, ends });
            }
        }
        Ok(jobs)
    }

    /// Accounts of theirs that no plan had, as far as is known: they are there.
    fn not_planned(&self, facts: &PersonFacts, hosts: &[TargetRecord], told: &[(HostId, String)]) -> Result<Vec<LeavingAccount>, AppError> {
        let surveys = self.last_surveys()?;
        let mut others = Vec::new();
        for account in &facts.accounts {
            let Some(host) = hosts.iter().find(|host| host.name.as_str() == account.host).map(|host| host.host) else { continue };
            let is_theirs = matches!(account.standing, AccountStanding::Linked | AccountStanding::NotSeen);
            if !is_theirs || told.iter().any(|(known, login)| *known == host && *login == account.login) {
                continue;
            }
            let on_host = surveys.get(&host).and_then(HostPeople::of);
            let access = on_host.as_ref().map(|on_host| on_host.access(&account.login)).unwrap_or_default();
            let (login, host) = (account.login.clone(), account.host.clone());
            others.push(LeavingAccount {
                permissions: access.into_iter().map(|access| access.permission).collect(),
                groups: on_host.map(|on_host| on_host.groups_of(&login).into_iter().collect()).unwrap_or_default(),
                removed: false,
                purged: false,
                done: Vec::new(),
                why: Some(PeopleError::AccountNotPlanned { login: login.clone(), host: host.clone() }.into()),
                host,
                login,
            });
        }
        Ok(others)
    }

    /// Passwords of the catalog by which hosts are worked on that the person administered: who administers a host can read what
    /// is typed there. Keys are not sent to it. What a sealed stage has is not told.
    fn seen_by_administrator(&self, accounts: &[LeavingAccount]) -> Result<Vec<String>, AppError> {
        let administered = accounts.iter().filter(|account| account.groups.iter().any(|group| group == "admins"));
        let mut names = std::collections::BTreeSet::new();
        for account in administered {
            let Ok(target) = self.target_named(&account.host) else { continue };
            for secret in target.record.secrets() {
                let row = self.catalog.read(|reader| reader.sealed_secret(secret))?.map(|(row, _)| row);
                let is_told = |row: &SecretRow| row.kind == crate::secrets::PASSWORD && self.is_open(row.compartment);
                names.extend(row.filter(is_told).map(|row| row.name));
            }
        }
        Ok(names.into_iter().collect())
    }

    /// Secrets that hold passwords of a person's accounts, but those of sealed stages.
    fn secrets_of(&self, person: &str) -> Result<Vec<String>, AppError> {
        let start = secrets_start(person);
        let rows = self.catalog.read(|reader| reader.secrets())?;
        let open = rows.into_iter().filter(|row| self.is_open(row.compartment));
        Ok(open.map(|row| row.name).filter(|name| name.starts_with(&start)).collect())
    }
}
