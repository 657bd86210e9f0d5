//! What was refused once is not offered again.
//!
//! A host that bans (fail2ban at ten failures, PerSourcePenalties sooner) bans everybody who works from here, and a
//! password that is wrong on one host is likely wrong on the next. So a credential that a host refused is *held*: no host
//! is offered it until a person says so or the secret has another value, but for those hosts that took it before. While
//! nobody took a credential yet, one host at a time is offered it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use beffroi_domain::{HostId, SecretId};
use beffroi_store::table::login::{Credential, LoginRow};
use tokio::sync::OwnedMutexGuard;

use crate::session::{Happening, Session};
use crate::{App, AppError, Change, now_ms};

/// So long a credential counts as used when a host took it: within that, it is not written down again.
const USED_MS: u64 = 3600 * 1000;

/// Credentials that are being tried for the first time.
#[derive(Default)]
pub(crate) struct Proving(Mutex<HashMap<Credential, Arc<tokio::sync::Mutex<()>>>>);

/// Leave to offer credentials to one host, until it is dropped.
pub(crate) struct Leave {
    credentials: Vec<Credential>,
    /// All of them were taken by this host and account within the hour: there is nothing to record when they are again.
    pub(super) known: bool,
    _turns: Vec<OwnedMutexGuard<()>>,
}

/// A credential that is held, and where it was refused.
#[derive(Debug, Clone)]
pub struct HeldLogin {
    /// The host that refused it.
    pub host: String,
    /// The account.
    pub user: String,
    /// How it was offered.
    pub method: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

impl Proving {
    fn turn(&self, credential: &Credential) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(credential.clone()).or_default())
    }
}

impl Session {
    /// Leave to offer these credentials to a host. Waits while another host is offered one that nobody took yet.
    ///
    /// # Errors
    /// [`AppError::CredentialHeld`].
    pub(crate) async fn leave_to_offer(
        self: &Arc<Self>,
        mut credentials: Vec<Credential>,
        host: HostId,
        user: &str,
    ) -> Result<Leave, AppError> {
        // The same order for everybody, so that nobody waits for somebody who waits.
        credentials.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        credentials.dedup();
        let (mut turns, mut known) = (Vec::new(), true);
        for credential in &credentials {
            let mut history = self.look_at(credential, host, user).await?;
            if !history.taken_somewhere {
                let turn = self.proving.turn(credential).lock_owned().await;
                history = self.look_at(credential, host, user).await?;
                // Somebody took it meanwhile: the others need not wait for each other any more.
                turns.extend((!history.taken_somewhere).then_some(turn));
            }
            if let Some(refused) = history.held_by {
                return Err(self.held(credential, &refused));
            }
            known &= history.used_here;
        }
        Ok(Leave { credentials, known, _turns: turns })
    }

    /// Whether any of these credentials is held for a host, as far as is known now.
    ///
    /// # Errors
    /// [`AppError::CredentialHeld`].
    pub(crate) async fn refuse_held(self: &Arc<Self>, credentials: &[Credential], host: HostId, user: &str) -> Result<(), AppError> {
        for credential in credentials {
            if let Some(refused) = self.look_at(credential, host, user).await?.held_by {
                return Err(self.held(credential, &refused));
            }
        }
        Ok(())
    }

    async fn look_at(self: &Arc<Self>, credential: &Credential, host: HostId, user: &str) -> Result<History, AppError> {
        let (credential, user) = (credential.clone(), user.to_owned());
        self.blocking(move |session| {
            let rows = session.catalog.read(|reader| reader.logins_with(&credential))?;
            let here = rows.iter().find(|row| row.target == host && row.user == user);
            let taken_here = here.is_some_and(|row| row.taken_ms.is_some() && row.refused_ms.is_none());
            let refused = here.filter(|row| row.refused_ms.is_some()).or_else(|| rows.iter().find(|row| row.refused_ms.is_some()));
            let last = here.and_then(|row| row.taken_ms).unwrap_or_default();
            Ok(History {
                used_here: taken_here && now_ms().saturating_sub(last) < USED_MS,
                taken_somewhere: rows.iter().any(|row| row.taken_ms.is_some()),
                held_by: refused.filter(|_| !taken_here).cloned(),
            })
        })
        .await
    }

    fn held(&self, credential: &Credential, refused: &LoginRow) -> AppError {
        let host = self.catalog.read(|reader| reader.target(refused.target)).ok().flatten();
        AppError::CredentialHeld {
            credential: self.credential_name(credential),
            host: host.map_or_else(|| refused.target.to_string(), |row| row.name),
            user: refused.user.clone(),
        }
    }

    /// What people call a credential: the secret's name, or the agent's key.
    fn credential_name(&self, credential: &Credential) -> String {
        let Ok(secret) = credential.name.parse::<SecretId>() else { return credential.name.clone() };
        let row = self.catalog.read(|reader| reader.sealed_secret(secret)).ok().flatten();
        row.map_or_else(|| credential.name.clone(), |(row, _)| row.name)
    }

    /// Records that the credentials were taken.
    pub(crate) async fn note_taken(self: &Arc<Self>, leave: Leave, host: HostId, user: &str) {
        if leave.known || self.behind.is_some() {
            return;
        }
        let row = LoginRow { target: host, user: user.to_owned(), taken_ms: Some(now_ms()), refused_ms: None, method: String::new() };
        self.note_logins(leave.credentials, row).await;
    }

    /// Records that credentials were refused: those among the ones that were offered that `refused` names.
    pub(crate) async fn note_refused(self: &Arc<Self>, host: HostId, user: &str, method: &str, refused: Vec<Credential>) {
        if self.behind.is_some() {
            return;
        }
        let row = LoginRow { target: host, user: user.to_owned(), taken_ms: None, refused_ms: Some(now_ms()), method: method.to_owned() };
        self.note_logins(refused, row).await;
        self.listener.heard(Change::Secrets);
    }

    async fn note_logins(self: &Arc<Self>, credentials: Vec<Credential>, row: LoginRow) {
        let noted = self.blocking(move |session| {
            session.write(|writer| credentials.iter().try_for_each(|credential| Ok::<_, AppError>(writer.note_login(credential, &row)?)))
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "how a login went could not be recorded");
        }
    }

    /// Where a secret was refused, for those who decide about it.
    pub(crate) fn held_logins(&self) -> Result<HashMap<String, Vec<HeldLogin>>, AppError> {
        let revisions: HashMap<String, u64> =
            self.catalog.read(|reader| reader.secrets())?.into_iter().map(|row| (row.id.to_string(), row.revision)).collect();
        let mut held: HashMap<String, Vec<HeldLogin>> = HashMap::new();
        for (credential, row) in self.catalog.read(|reader| reader.refused_logins())? {
            // Another value is another credential.
            if revisions.get(&credential.name).is_some_and(|revision| *revision != credential.revision) {
                continue;
            }
            let host = self.catalog.read(|reader| reader.target(row.target))?;
            held.entry(credential.name).or_default().push(HeldLogin {
                host: host.map_or_else(|| row.target.to_string(), |row| row.name),
                user: row.user,
                method: row.method,
                at_ms: row.refused_ms.unwrap_or_default(),
            });
        }
        Ok(held)
    }
}

struct History {
    used_here: bool,
    taken_somewhere: bool,
    held_by: Option<LoginRow>,
}

impl App {
    /// Lets a credential that was refused be tried again: a secret by its name, or a key of the agent as `agent` or
    /// `agent:SHA256:…`. Gives how many refusals are forgotten.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`].
    pub async fn allow_credential(&self, name: &str) -> Result<usize, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let allowed = session
            .blocking(move |session| {
                let credential =
                    if name == "agent" || name.starts_with("agent:") { name.clone() } else { session.secret_named(&name)?.id.to_string() };
                session.commit(Happening::new("credential-allowed").with("name", &name), |writer| Ok(writer.allow_login(&credential)?))
            })
            .await?;
        session.listener.heard(Change::Secrets);
        session.listener.heard(Change::Hosts);
        Ok(allowed)
    }
}
