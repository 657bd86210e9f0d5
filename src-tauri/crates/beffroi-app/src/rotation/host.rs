//! One host of a rotation, from one recorded step to the next.
//!
//! Whatever is done on a host is recorded before and after it, and can be done twice: a program that ended in between leaves
//! a host where the old value opens, or the new one, or both; and the vault has both.

use std::sync::{Arc, PoisonError};

use beffroi_domain::{DocumentId, Exit, HostId, Message, SecretId, Sudo, TargetRecord};
use beffroi_remote::{CommandLine, Remote, RemoteError, RunRequest, SudoRefusal};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_ssh::SshRemote;
use beffroi_store::Writer;
use beffroi_store::table::ledger::LedgerRow;
use beffroi_store::table::login::{Credential, LoginRow};

use super::document::{Aim, Rotated, Rotation, RotationStep, accounts, is_asked, is_for_login, is_for_root};
use crate::connect::Rights;
use crate::enrol::{AUTHORIZE, AUTHORIZED_KEY};
use crate::jobs::{Failure, Why};
use crate::session::{Happening, Session};
use crate::{AppError, Change, now_ms};

/// Sets an account's password.
const PASSWORD: &str = include_str!("../../../../../assets/remote/password.sh");
/// Takes a key away once another one is there.
const RETIRE: &str = include_str!("../../../../../assets/remote/retire.sh");
/// What both end with when what they are to change is not theirs to change.
const NOT_OURS: u32 = 67;
/// What the second ends with when the key that stays is not there.
const NOT_THERE: u32 = 68;

/// What a host's step is done with.
struct Part {
    id: DocumentId,
    rotation: Rotation,
    aim: Aim,
    record: TargetRecord,
}

impl Session {
    /// Takes one host as far as it goes now: to a proven login with the new value and, once every host is there, to the end
    /// of the old one. What keeps it from going further is recorded.
    ///
    /// # Errors
    /// When nothing can be recorded.
    pub(super) async fn rotate_host(self: &Arc<Self>, id: DocumentId, host: HostId) -> Result<(), AppError> {
        let queue = Arc::clone(self.queues.lock().unwrap_or_else(PoisonError::into_inner).entry(host).or_default());
        let _turn = queue.lock().await;
        loop {
            let Some((rotation, step)) = self.rotating(id, host).await? else { return Ok(()) };
            let goes_on = match step {
                RotationStep::Waiting | RotationStep::Deploying | RotationStep::Deployed => true,
                RotationStep::Switched | RotationStep::Revoking => rotation.revokes() && rotation.is_proven(),
                RotationStep::Done => false,
            };
            if !goes_on {
                return Ok(());
            }
            let done = async {
                let part = Part { id, aim: rotation.aim()?, rotation, record: self.target_of(host).await? };
                match step {
                    RotationStep::Waiting | RotationStep::Deploying => self.deploy(&part, step == RotationStep::Waiting).await,
                    RotationStep::Deployed => self.switch(&part).await,
                    _ => self.revoke(&part).await,
                }
            };
            if let Err(error) = done.await {
                let failed = Some(Failure::from(&error));
                return self.note(id, host, None, failed).await;
            }
        }
    }

    async fn rotating(self: &Arc<Self>, id: DocumentId, host: HostId) -> Result<Option<(Rotation, RotationStep)>, AppError> {
        self.blocking(move |session| {
            let rotation = session.document::<Rotation>(id)?.map(|stored| stored.value);
            Ok(rotation.and_then(|rotation| rotation.step_of(host).map(|step| (rotation, step))))
        })
        .await
    }

    /// Records where a host stands.
    async fn note(
        self: &Arc<Self>,
        id: DocumentId,
        host: HostId,
        step: Option<RotationStep>,
        failed: Option<Failure>,
    ) -> Result<(), AppError> {
        self.note_with(id, host, step, failed, |_| Ok(())).await
    }

    /// The same, together with something else. A document is part of what the journal vouches for: whoever finds a change of it
    /// without an entry takes the vault for tampered with.
    async fn note_with(
        self: &Arc<Self>,
        id: DocumentId,
        host: HostId,
        step: Option<RotationStep>,
        failed: Option<Failure>,
        with: impl FnOnce(&Writer<'_>) -> Result<(), AppError> + Send + 'static,
    ) -> Result<(), AppError> {
        self.blocking(move |session| {
            let rotation = session.document::<Rotation>(id)?.ok_or_else(|| AppError::damaged("a rotation that is gone"))?;
            let name = session.secret_name(rotation.value.secret()?)?;
            session.commit(Happening::new(event(step)).on(host).with("name", name), |writer| {
                with(writer)?;
                session.note_in(writer, id, host, step, failed)
            })
        })
        .await?;
        self.tell_of(id, host).await;
        Ok(())
    }

    /// Says how far a host is.
    async fn tell_of(self: &Arc<Self>, id: DocumentId, host: HostId) {
        let told = self.blocking(move |session| {
            let rotation = session.document::<Rotation>(id)?.map(|stored| stored.value);
            let name = session.catalog.read(|reader| reader.target(host))?.map(|row| row.name);
            Ok(rotation.zip(name).and_then(|(rotation, name)| Some((rotation.step_of(host)?, rotation.secret, name))))
        });
        if let Ok(Some((step, secret, host))) = told.await {
            self.listener.heard(Change::Rotation { secret: secret.into(), host: host.into(), step });
        }
    }

    fn note_in(
        &self,
        writer: &Writer<'_>,
        id: DocumentId,
        host: HostId,
        step: Option<RotationStep>,
        failed: Option<Failure>,
    ) -> Result<(), AppError> {
        let host = host.to_string();
        self.change_rotation(writer, id, |rotation| {
            for known in rotation.hosts.iter_mut().filter(|known| known.host == host) {
                known.step = step.unwrap_or(known.step);
                known.failed = failed.clone();
            }
            Ok(())
        })
        .map(drop)
    }

    /// Brings the new value there. `first`: nothing was tried yet, so the host takes the one that it has, as at any login.
    async fn deploy(self: &Arc<Self>, part: &Part, first: bool) -> Result<(), AppError> {
        let (host, before) = (part.record.host, part.aim.before(&part.record));
        if part.rotation.kind == Rotated::Password {
            for secret in [part.aim.from, part.aim.to] {
                one_line(&self.secret_text(secret, &part.record).await?.0)?;
            }
        }
        // All ways in are open before anything is recorded as begun.
        let mut open = Vec::new();
        for account in accounts(&before, part.aim.from) {
            let way = match part.rotation.kind {
                Rotated::Key => Some(self.way_in_by_key(part, &before, &account, first).await?),
                Rotated::Password => self.way_in_by_password(part, &before, &account, first).await?,
            };
            open.extend(way.map(|remote| (account, remote)));
        }
        let left = match part.rotation.kind {
            Rotated::Key => Some(LedgerRow { kind: AUTHORIZED_KEY.to_owned(), what: self.public(part.aim.to, &part.record).await?.1 }),
            Rotated::Password => None,
        };
        let id = part.id;
        self.note_with(id, host, Some(RotationStep::Deploying), None, move |writer| {
            left.map_or(Ok(()), |left| Ok(writer.note_left(host, &left, now_ms())?))
        })
        .await?;
        for (account, remote) in open {
            match part.rotation.kind {
                Rotated::Key => self.authorize(part, &remote).await?,
                Rotated::Password => self.set_password(part, &before, &account, &remote).await?,
            }
            remote.disconnect().await;
        }
        self.note(id, host, Some(RotationStep::Deployed), None).await
    }

    /// A way to add a key to an account's.
    async fn way_in_by_key(
        self: &Arc<Self>,
        part: &Part,
        before: &TargetRecord,
        account: &str,
        first: bool,
    ) -> Result<Arc<SshRemote>, AppError> {
        let (aim, after) = (part.aim, part.aim.after(&part.record));
        if first {
            return self.enter_by(before, aim.from, account, Rights::Account, true).await;
        }
        // It may have been changed already, and may not. The old key opens either way, so that one goes first.
        let by_new = self.enter_by(&after, aim.to, account, needed(&after, account, aim.to), false);
        let by_old = self.enter_by(before, aim.from, account, Rights::Account, false);
        let entered = if part.rotation.back {
            match by_new.await {
                Err(error) if is_refusal(&error) => by_old.await,
                entered => entered,
            }
        } else {
            match by_old.await {
                Err(error) if is_refusal(&error) => by_new.await,
                entered => entered,
            }
        };
        entered.map_err(|error| if is_refusal(&error) { neither_opens(account) } else { error })
    }

    /// A way to change an account's password; none where the new one is proven to be it already.
    async fn way_in_by_password(
        self: &Arc<Self>,
        part: &Part,
        before: &TargetRecord,
        account: &str,
        first: bool,
    ) -> Result<Option<Arc<SshRemote>>, AppError> {
        let (aim, after, rights) = (part.aim, part.aim.after(&part.record), rights(before, account));
        if first {
            match self.step_of_twin(&part.rotation, &part.record, account).await? {
                None => return self.enter_by(before, aim.from, account, rights, true).await.map(Some),
                // A refusal means that the other record's turn came first, and is not held against the old value.
                Some(RotationStep::Waiting) => match self.enter_by(before, aim.from, account, rights, false).await {
                    Err(error) if is_refusal(&error) => {}
                    entered => return entered.map(Some),
                },
                Some(_) => {}
            }
        }
        // It may have been changed already, and may not.
        let is_refused = match self.is_proven(&after, aim.to, account).await {
            Ok(true) => return Ok(None),
            Ok(false) => false,
            Err(error) if is_refusal(&error) => true,
            Err(error) => return Err(error),
        };
        match self.enter_by(before, aim.from, account, rights, false).await {
            Err(error) if is_refusal(&error) && is_refused => Err(neither_opens(account)),
            // What opens beside something else is not known for sure: it is set once more.
            Err(error) if is_refusal(&error) => self.enter_by(&after, aim.to, account, rights, false).await.map(Some),
            entered => entered.map(Some),
        }
    }

    /// A connection of its own as an account, by the ways on which a secret is asked for.
    pub(super) async fn enter_by(
        self: &Arc<Self>,
        record: &TargetRecord,
        secret: SecretId,
        account: &str,
        rights: Rights,
        first: bool,
    ) -> Result<Arc<SshRemote>, AppError> {
        let mut last = AppError::NoCredential { name: record.name.to_string() };
        for (number, access) in record.accesses().enumerate() {
            if access.user != account || !is_asked(record, access, secret) {
                continue;
            }
            let entered = if first {
                self.enter_apart(record, number, rights).await
            } else {
                self.enter_anew(record, number, rights).await.map(Arc::new)
            };
            match entered {
                Err(error) if error.is_passing() => last = error,
                entered => return entered,
            }
        }
        Err(last)
    }

    async fn authorize(self: &Arc<Self>, part: &Part, remote: &SshRemote) -> Result<(), AppError> {
        let (line, _) = self.public(part.aim.to, &part.record).await?;
        told(remote, AUTHORIZE, SecretBytes::new(format!("{line}\n").into_bytes())).await.map(drop)
    }

    async fn set_password(self: &Arc<Self>, part: &Part, before: &TargetRecord, account: &str, remote: &SshRemote) -> Result<(), AppError> {
        let (old, _) = self.secret_text(part.aim.from, &part.record).await?;
        let (new, _) = self.secret_text(part.aim.to, &part.record).await?;
        let how = if account == "root" || rights(before, account) == Rights::Root { "root" } else { "own" };
        // On the host's standard input only.
        let input = SecretText::new(format!("{how}\n{account}\n{}\n{}\n", old.expose(), new.expose()));
        match told(remote, PASSWORD, input.to_bytes()).await? {
            NOT_OURS if how == "own" => Err(found(Message::new("rotation.not-local").with("user", account))),
            NOT_OURS => self.set_in_yunohost(&part.record, account, new, remote).await,
            _ => Ok(()),
        }
    }

    /// Proves that the new value opens, on connections of their own, and gives the host nothing else from then on. Where a host
    /// asks for it nowhere, its own word is what there is: it was deployed by a program that ended well.
    async fn switch(self: &Arc<Self>, part: &Part) -> Result<(), AppError> {
        let (id, host, aim, after) = (part.id, part.record.host, part.aim, part.aim.after(&part.record));
        let (mut opened, mut unproven) = (Vec::new(), false);
        for account in accounts(&after, aim.to) {
            let proven = match part.rotation.kind {
                Rotated::Key => self.opens(&after, aim.to, &account).await,
                Rotated::Password => self.is_proven(&after, aim.to, &account).await,
            };
            match proven {
                Ok(true) => opened.push(account),
                Ok(false) => unproven = true,
                Err(error) => {
                    // What it has is looked at anew when somebody goes on.
                    self.note(id, host, Some(RotationStep::Deploying), None).await?;
                    return Err(error);
                }
            }
        }
        self.blocking(move |session| session.switch_record(id, host, aim, opened, unproven)).await?;
        self.connections.close(host).await;
        self.listener.heard(Change::Hosts);
        self.tell_of(id, host).await;
        Ok(())
    }

    /// Whether an account gets in by a key that the host asked for and took.
    async fn opens(self: &Arc<Self>, record: &TargetRecord, secret: SecretId, account: &str) -> Result<bool, AppError> {
        let remote = self.enter_by(record, secret, account, needed(record, account, secret), false).await?;
        remote.disconnect().await;
        Ok(remote.taken().key)
    }

    fn switch_record(&self, id: DocumentId, host: HostId, aim: Aim, accounts: Vec<String>, unproven: bool) -> Result<(), AppError> {
        let (row, _) = self.catalog.read(|reader| reader.sealed_secret(aim.to))?.ok_or_else(|| AppError::damaged("a rotation's secret"))?;
        let credential = Credential { name: aim.to.to_string(), revision: row.revision };
        self.commit(Happening::new("secret-switched").on(host).with("name", &row.name), |writer| {
            let stored = writer.reader().target(host)?.ok_or_else(|| AppError::HostNotFound { name: host.to_string() })?;
            let target = self.authenticate(&stored)?;
            let after = aim.after(&target.record);
            if after != target.record {
                writer.update_target(&self.target_row(&after, target.revision + 1)?)?;
            }
            let opens = |user: String| LoginRow { target: host, user, taken_ms: Some(now_ms()), refused_ms: None, method: String::new() };
            for account in accounts {
                if is_for_root(&after, &account, aim.to) {
                    writer.note_login(&credential, &opens(format!("sudo:{account}")))?;
                }
                if after.accesses().any(|access| access.user == account && is_for_login(&after, access, aim.to)) {
                    writer.note_login(&credential, &opens(account))?;
                }
            }
            self.note_in(writer, id, host, Some(RotationStep::Switched), None)?;
            let host = host.to_string();
            let mark = |rotation: &mut Rotation| {
                rotation.hosts.iter_mut().filter(|known| known.host == host).for_each(|known| known.unproven = unproven);
                Ok(())
            };
            self.change_rotation(writer, id, mark).map(drop)
        })
    }

    /// Takes the old key away, as who gets in by the new one.
    async fn revoke(self: &Arc<Self>, part: &Part) -> Result<(), AppError> {
        let (id, host, aim, after) = (part.id, part.record.host, part.aim, part.aim.after(&part.record));
        self.note(id, host, Some(RotationStep::Revoking), None).await?;
        let ((gone, fingerprint), (kept, _)) = (self.public(aim.from, &after).await?, self.public(aim.to, &after).await?);
        for account in accounts(&after, aim.to) {
            let remote = self.enter_by(&after, aim.to, &account, Rights::Account, false).await?;
            let input = format!("{}\n{}\n", bare(&gone), bare(&kept));
            match told(&remote, RETIRE, SecretBytes::new(input.into_bytes())).await? {
                NOT_OURS => return Err(found(Message::new("rotation.key-stays").with("user", account))),
                NOT_THERE => return Err(found(Message::new("rotation.key-missing").with("user", account))),
                _ => remote.disconnect().await,
            }
            // A server may read other files than the one that was changed.
            if self.still_opens(&aim.before(&part.record), aim.from, &account).await? {
                return Err(found(Message::new("rotation.key-opens").with("user", account)));
            }
        }
        let left = LedgerRow { kind: AUTHORIZED_KEY.to_owned(), what: fingerprint };
        self.note_with(id, host, Some(RotationStep::Done), None, move |writer| Ok(writer.note_removed(host, &left, now_ms())?)).await
    }

    /// The line of a key of the catalog, as it stands in authorized keys, and its fingerprint.
    async fn public(self: &Arc<Self>, secret: SecretId, record: &TargetRecord) -> Result<(String, String), AppError> {
        let (text, _) = self.secret_text(secret, record).await?;
        let passphrase = self.blocking(move |session| session.passphrase_of(secret)).await?;
        let (line, fingerprint) = beffroi_ssh::public_line_of(&text, passphrase.as_ref()).await?;
        Ok((line, fingerprint.to_string()))
    }
}

/// What the journal says of a host's step.
fn event(step: Option<RotationStep>) -> &'static str {
    match step {
        None => "secret-rotation-stuck",
        Some(RotationStep::Waiting | RotationStep::Deploying) => "secret-deploying",
        Some(RotationStep::Deployed) => "secret-deployed",
        Some(RotationStep::Switched) => "secret-switched",
        Some(RotationStep::Revoking) => "secret-revoking",
        Some(RotationStep::Done) => "secret-revoked",
    }
}

/// With which rights an account's password is changed: root's where the record says how.
fn rights(record: &TargetRecord, account: &str) -> Rights {
    if account == "root" || record.sudo == Sudo::Never { Rights::Account } else { Rights::Root }
}

/// What a secret must open to be proven.
pub(super) fn needed(record: &TargetRecord, account: &str, secret: SecretId) -> Rights {
    if is_for_root(record, account, secret) { Rights::Root } else { Rights::Account }
}

/// Whether the host judged what it was offered, and said no.
pub(super) fn is_refusal(error: &AppError) -> bool {
    matches!(
        error,
        AppError::Remote(RemoteError::AuthenticationRefused { .. } | RemoteError::SudoRefused { why: SudoRefusal::WrongPassword })
    )
}

fn neither_opens(account: &str) -> AppError {
    found(Message::new("rotation.neither-opens").with("user", account))
}

/// Refuses a password that is more than one line, which is what hosts read.
pub(super) fn one_line(password: &SecretText) -> Result<(), AppError> {
    if password.expose().contains(['\n', '\r', '\0']) {
        return Err(RemoteError::CredentialUnusable { reason: "the password is not one line".to_owned() }.into());
    }
    Ok(())
}

/// Type and key of a line, without its comment.
pub(super) fn bare(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

pub(super) fn found(message: Message) -> AppError {
    AppError::CheckFailed { why: Why::Found((&message).into()) }
}

/// Runs a script with something on its standard input; gives the status of one that ended well or is not to change what it
/// found.
async fn told(remote: &SshRemote, script: &str, input: SecretBytes) -> Result<u32, AppError> {
    let output = remote.run(RunRequest::new(CommandLine::new(["sh", "-c", script])).with_stdin(input)).await?;
    match output.exit {
        Exit::Status(status @ (0 | NOT_OURS | NOT_THERE)) => Ok(status),
        Exit::Unknown => Err(found(Message::new("rotation.no-end"))),
        _ => {
            let said: String = String::from_utf8_lossy(&output.stderr).trim().chars().take(300).collect();
            Err(AppError::CheckFailed { why: Why::Said(said) })
        }
    }
}
