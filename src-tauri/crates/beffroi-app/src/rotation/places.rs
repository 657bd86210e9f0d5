//! Where a secret lives: the hosts and accounts that it opens, when it last did, and who refused it since.

use std::sync::Arc;

use beffroi_domain::{Login, SecretId, Sudo, TargetRecord};
use beffroi_store::table::login::LoginRow;
use beffroi_store::table::secret::SecretRow;

use super::RotationFacts;
use crate::people::secret_name;
use crate::session::Session;
use crate::{App, AppError, Change};

/// Everything that a secret opens, as far as the catalog knows.
#[derive(Debug)]
pub struct SecretWhere {
    /// The secret.
    pub name: String,
    /// `private-key`, `password` or another kind.
    pub kind: String,
    /// Its stage.
    pub stage: String,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: u64,
    /// Hosts and accounts that it opens, by host.
    pub places: Vec<SecretPlace>,
    /// Accounts of people on YunoHosts whose password it is.
    pub accounts: Vec<SecretAccount>,
    /// Its rotation, while one goes on.
    pub rotation: Option<RotationFacts>,
}

/// A host and an account that a secret opens.
#[derive(Debug)]
pub struct SecretPlace {
    /// The host.
    pub host: String,
    /// The host's stage.
    pub stage: String,
    /// The account.
    pub user: String,
    /// What it is there.
    pub used: SecretUse,
    /// Whether the host has the value that is to take the other's place.
    pub next: bool,
    /// When its value was last seen to open there, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// When the host refused its value, unless it was allowed again since: the host has another one.
    pub refused_ms: Option<u64>,
    /// When an earlier value was last seen to open there, where this one never was: the host may have that one yet.
    pub earlier_ms: Option<u64>,
    /// What the host said when it was asked just now; nothing when it was not.
    pub check: Option<PlaceCheck>,
}

/// What a host said of a secret when it was asked.
#[derive(Debug)]
pub struct PlaceCheck {
    /// Whether the value opens.
    pub state: PlaceState,
    /// Of a key: how many of its earlier values still stand among the account's authorized keys; nothing where that was not seen.
    pub earlier_keys: Option<usize>,
    /// Why nothing is known.
    pub error: Option<AppError>,
}

/// Whether a value opens an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceState {
    /// The host asked for it and took it.
    Opens,
    /// One gets in, and nobody asked for it.
    Unasked,
    /// The host refused it: it has another one.
    Refused,
    /// The host was not asked, or could not be.
    Unknown,
}

/// What a secret is to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretUse {
    /// One logs in with it.
    Login,
    /// It is the password that is asked for beside the key.
    Second,
    /// One-time codes are made from it.
    OneTime,
    /// Sudo asks for it.
    Sudo,
}

/// An account of a person on a YunoHost.
#[derive(Debug, Clone)]
pub struct SecretAccount {
    /// The person.
    pub person: String,
    /// The host.
    pub host: String,
    /// The account.
    pub login: String,
}

impl App {
    /// Where a secret lives. No host is asked.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`]; [`AppError::StageSealed`].
    pub async fn secret_where(&self, name: &str) -> Result<SecretWhere, AppError> {
        self.session()?.places(name).await
    }

    /// The same, after every host was asked whether the value opens there; nothing is changed on any. What they said is recorded as
    /// that of any login is: a host that refuses the value has another one.
    ///
    /// # Errors
    /// Those of [`App::secret_where`]. What a host says is in the answer.
    pub async fn check_secret(&self, name: &str) -> Result<SecretWhere, AppError> {
        let session = self.session()?;
        let checks = session.check_places(name).await?;
        session.listener.heard(Change::Secrets);
        let mut found = session.places(name).await?;
        for place in found.places.iter_mut().filter(|place| place.used != SecretUse::OneTime) {
            place.check = checks.get(&(place.host.clone(), place.user.clone(), place.next)).map(PlaceCheck::again);
        }
        Ok(found)
    }
}

impl PlaceCheck {
    /// The same for another use of the account.
    fn again(&self) -> Self {
        let error = self.error.as_ref().map(|error| crate::jobs::Failure::from(error).into());
        Self { state: self.state, earlier_keys: self.earlier_keys, error }
    }
}

impl Session {
    async fn places(self: &Arc<Self>, name: &str) -> Result<SecretWhere, AppError> {
        let name = name.to_owned();
        self.blocking(move |session| {
            let named = session.secret_named(&name)?;
            if !session.is_open(named.compartment) {
                return Err(session.sealed(named.compartment));
            }
            let rotation = session.rotation_of(named.id)?.map(|stored| stored.value);
            let (row, next) = match &rotation {
                Some(rotation) => (session.row_of(rotation.secret()?)?.unwrap_or(named), session.row_of(rotation.next()?)?),
                None => (named, None),
            };
            let mut places = session.places_of(&row, false)?;
            if let Some(next) = next.as_ref().filter(|next| next.id != row.id) {
                places.extend(session.places_of(next, true)?);
            }
            places.sort_by(|one, other| (&one.host, &one.user, one.used).cmp(&(&other.host, &other.user, other.used)));
            let facts = match (&rotation, next) {
                (Some(rotation), Some(next)) if next.id != row.id => Some(session.rotation_facts(&row, rotation, next.name)?),
                (Some(rotation), _) => Some(session.lost_facts(&row, rotation)?),
                (None, _) => None,
            };
            Ok(SecretWhere {
                kind: row.kind.clone(),
                stage: session.stage_of(row.compartment),
                changed_ms: row.changed_ms,
                places,
                accounts: session.accounts_called(&row.name)?,
                rotation: facts,
                name: row.name,
            })
        })
        .await
    }

    fn places_of(&self, row: &SecretRow, next: bool) -> Result<Vec<SecretPlace>, AppError> {
        let logins = self.catalog.read(|reader| reader.logins_of(&row.id.to_string()))?;
        let mut places = Vec::new();
        for target in self.given(row.compartment, &[row.id])? {
            for (user, used) in uses(&target, row.id) {
                let account = if used == SecretUse::Sudo { format!("sudo:{user}") } else { user.clone() };
                let here = logins.iter().filter(|(_, login)| login.target == target.host && login.user == account);
                let login: Option<&LoginRow> = here.clone().find(|(revision, _)| *revision == row.revision).map(|(_, login)| login);
                let earlier = here.filter(|(revision, _)| *revision < row.revision).filter_map(|(_, login)| login.taken_ms).max();
                places.push(SecretPlace {
                    host: target.name.to_string(),
                    stage: target.stage.to_string(),
                    user,
                    used,
                    next,
                    taken_ms: login.and_then(|login| login.taken_ms),
                    refused_ms: login.and_then(|login| login.refused_ms),
                    earlier_ms: earlier.filter(|_| login.is_none_or(|login| login.taken_ms.is_none())),
                    check: None,
                });
            }
        }
        Ok(places)
    }

    /// Accounts of people whose password is kept under a name.
    fn accounts_called(&self, name: &str) -> Result<Vec<SecretAccount>, AppError> {
        let people = self.people()?;
        let hosts = self.targets()?;
        let mut found = Vec::new();
        for card in &people.cards {
            for account in people.accounts_of(card.id) {
                let Some(target) = hosts.iter().find(|target| target.record.host.to_string() == account.value.host) else { continue };
                let host = target.record.name.to_string();
                if secret_name(&card.value.name, &account.value.login, &host) == name {
                    found.push(SecretAccount { person: card.value.name.clone(), host, login: account.value.login.clone() });
                }
            }
        }
        Ok(found)
    }
}

/// The accounts of a host that a secret opens, and how; each once.
fn uses(record: &TargetRecord, secret: SecretId) -> Vec<(String, SecretUse)> {
    let mut uses = Vec::new();
    for access in record.accesses() {
        let login = access.login.as_ref().or(record.login.as_ref()) == Some(&Login::Secret(secret));
        let sudo = record.sudo == Sudo::Password(secret) && access.user != "root";
        let all = [
            (login, SecretUse::Login),
            (record.password == Some(secret), SecretUse::Second),
            (record.one_time == Some(secret), SecretUse::OneTime),
            (sudo, SecretUse::Sudo),
        ];
        uses.extend(all.into_iter().filter(|(is_used, _)| *is_used).map(|(_, used)| (access.user.clone(), used)));
    }
    uses.sort_unstable();
    uses.dedup();
    uses
}
