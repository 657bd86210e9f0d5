//! Whether hosts still take a secret, by asking them: nothing is changed there.
//!
//! An earlier password is not tried, since that is a failed login wherever all is well. Earlier keys are looked for among the
//! authorized keys, once the present one let in.

use std::collections::HashMap;
use std::sync::Arc;

use beffroi_domain::{SecretId, TargetRecord};
use beffroi_remote::{CommandLine, Limits, Remote, RemoteError, RunRequest};
use beffroi_ssh::SshRemote;
use beffroi_store::table::login::{Credential, LoginRow};
use beffroi_store::table::secret::SecretRow;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::AT_A_TIME;
use super::document::{Rotated, accounts, is_for_login, is_for_root};
use super::host::{bare, is_refusal};
use super::places::{PlaceCheck, PlaceState};
use crate::connect::Rights;
use crate::session::Session;
use crate::{AppError, now_ms};

/// Prints the authorized keys of the account that logs in (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
const AUTHORIZED: &str = "cat \"$HOME/.ssh/authorized_keys\" \"$HOME/.ssh/authorized_keys2\" 2>/dev/null || true";
/// Bytes of them that are looked at.
const MOST_BYTES: usize = 1 << 20;

/// By host, account, and whether it is the value that is to take the other's place.
pub(super) type Checks = HashMap<(String, String, bool), PlaceCheck>;

/// An account of a host that is to be asked.
struct Asked {
    record: TargetRecord,
    account: String,
    row: SecretRow,
    next: bool,
}

impl Session {
    /// Asks every host that is given a secret, or the value that is to take its place, several at a time.
    pub(super) async fn check_places(self: &Arc<Self>, name: &str) -> Result<Checks, AppError> {
        let called = name.to_owned();
        let asked = self.blocking(move |session| session.to_ask(&called)).await?;
        // One after the other for each host: it lets in so many at once who are not logged in yet.
        let mut hosts: HashMap<_, Vec<Asked>> = HashMap::new();
        asked.into_iter().for_each(|asked| hosts.entry(asked.record.host).or_default().push(asked));
        let (places, mut working) = (Arc::new(Semaphore::new(AT_A_TIME)), JoinSet::new());
        for accounts in hosts.into_values() {
            let (session, places) = (Arc::clone(self), Arc::clone(&places));
            working.spawn(async move {
                let _place = places.acquire().await.map_err(AppError::internal)?;
                let mut checks = Checks::new();
                for asked in accounts {
                    let check = session.check_place(&asked).await;
                    checks.insert((asked.record.name.to_string(), asked.account, asked.next), check);
                }
                Ok::<_, AppError>(checks)
            });
        }
        let mut checks = Checks::new();
        while let Some(worked) = working.join_next().await {
            checks.extend(worked.map_err(AppError::internal)??);
        }
        Ok(checks)
    }

    fn to_ask(&self, name: &str) -> Result<Vec<Asked>, AppError> {
        let named = self.open_secret(name)?;
        let mut rows = match self.rotation_of(named.id)?.map(|stored| stored.value) {
            Some(rotation) => vec![(self.row_of(rotation.secret()?)?, false), (self.row_of(rotation.next()?)?, true)],
            None => vec![(Some(named), false)],
        };
        let mut asked = Vec::new();
        for (row, next) in rows.drain(..).filter_map(|(row, next)| Some((row?, next))) {
            for record in self.given(row.compartment, &[row.id])? {
                let accounts = accounts(&record, row.id).into_iter();
                asked.extend(accounts.map(|account| Asked { record: record.clone(), account, row: row.clone(), next }));
            }
        }
        Ok(asked)
    }

    async fn check_place(self: &Arc<Self>, asked: &Asked) -> PlaceCheck {
        let Asked { record, account, row, .. } = asked;
        let credential = Credential { name: row.id.to_string(), revision: row.revision };
        let found = async {
            self.refuse_held(std::slice::from_ref(&credential), record.host, account).await?;
            match Rotated::of(&row.kind) {
                Rotated::Password => Ok((self.is_proven(record, row.id, account).await?, None)),
                Rotated::Key => {
                    let remote = self.enter_by(record, row.id, account, Rights::Account, false).await?;
                    let earlier = self.earlier_keys(row.id, &remote).await;
                    remote.disconnect().await;
                    Ok((remote.taken().key, Some(earlier?)))
                }
            }
        };
        match found.await {
            Ok((opens, earlier_keys)) => {
                if opens {
                    self.note_checked(asked, &credential).await;
                }
                let state = if opens { PlaceState::Opens } else { PlaceState::Unasked };
                PlaceCheck { state, earlier_keys, error: None }
            }
            Err(error) if is_refusal(&error) => {
                let (user, method) = match &error {
                    AppError::Remote(RemoteError::AuthenticationRefused { refused, .. }) => (account.clone(), refused.name()),
                    _ => (format!("sudo:{account}"), "sudo"),
                };
                self.note_refused(record.host, &user, method, vec![credential]).await;
                PlaceCheck { state: PlaceState::Refused, earlier_keys: None, error: None }
            }
            Err(error) => PlaceCheck { state: PlaceState::Unknown, earlier_keys: None, error: Some(error) },
        }
    }

    /// Records that a host took a value.
    async fn note_checked(self: &Arc<Self>, asked: &Asked, credential: &Credential) {
        let Asked { record, account, row, .. } = asked;
        let mut users = Vec::new();
        if is_for_root(record, account, row.id) {
            users.push(format!("sudo:{account}"));
        }
        if record.accesses().any(|access| access.user == *account && is_for_login(record, access, row.id)) {
            users.push(account.clone());
        }
        let (host, credential) = (record.host, credential.clone());
        let noted = self.blocking(move |session| {
            let row = |user| LoginRow { target: host, user, taken_ms: Some(now_ms()), refused_ms: None, method: String::new() };
            session.write(|writer| users.into_iter().try_for_each(|user| Ok::<_, AppError>(writer.note_login(&credential, &row(user))?)))
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "how a login went could not be recorded");
        }
    }

    /// How many of the earlier values of a key stand among the authorized keys of an account.
    async fn earlier_keys(self: &Arc<Self>, secret: SecretId, remote: &SshRemote) -> Result<usize, AppError> {
        let past = self.blocking(move |session| {
            let stored = session.secret_detail(secret)?.map(|stored| stored.value);
            let passphrase = session.passphrase_of(secret)?;
            let values = stored.into_iter().flat_map(|detail| detail.history).map(|past| past.value.0);
            Ok((values.collect::<Vec<_>>(), passphrase))
        });
        let (past, passphrase) = past.await?;
        let mut keys = Vec::new();
        for value in past {
            // One that cannot be read any more is none that could be looked for.
            if let Ok((line, _)) = beffroi_ssh::public_line_of(&value, passphrase.as_ref()).await {
                keys.push(bare(&line));
            }
        }
        if keys.is_empty() {
            return Ok(0);
        }
        let request = RunRequest::new(CommandLine::new(["sh", "-c", AUTHORIZED]));
        let output = remote.run(request.with_limits(Limits { most_bytes: MOST_BYTES, ..Limits::default() })).await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        Ok(keys.iter().filter(|key| lines.iter().any(|line| line.contains(key.as_str()))).count())
    }
}
