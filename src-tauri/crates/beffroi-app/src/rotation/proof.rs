//! Whether a password is an account's: by a login, or by sudo, that asked for it.
//!
//! A host that is satisfied with the key beside a password, and one whose sudo asks nobody, let in with any password. So the login
//! is tried with the password and nothing else, and sudo without it. Where neither asks, nothing is proven by getting in.

use std::sync::Arc;

use beffroi_domain::{Access, SecretId, TargetRecord};
use beffroi_remote::{CommandLine, LoginMethod, Remote, RemoteError, RunRequest};
use beffroi_ssh::{ConnectLimits, Login, SshRemote, Sudo, Taken};

use super::document::{Rotation, RotationStep, accounts, is_asked, is_for_login, is_for_root};
use super::host::needed;
use crate::AppError;
use crate::connect::trust_of;
use crate::session::Session;

impl Session {
    /// Whether a password opens an account, which must get in with it as the record says. `false`: it gets in, and nobody asked
    /// for the password. Nothing of it is recorded.
    pub(super) async fn is_proven(self: &Arc<Self>, record: &TargetRecord, secret: SecretId, account: &str) -> Result<bool, AppError> {
        let mut last = AppError::NoCredential { name: record.name.to_string() };
        for (number, access) in record.accesses().enumerate() {
            if access.user != account || !is_asked(record, access, secret) {
                continue;
            }
            match self.is_proven_by(record, number, access, secret).await {
                Err(error) if error.is_passing() => last = error,
                proven => return proven,
            }
        }
        Err(last)
    }

    async fn is_proven_by(
        self: &Arc<Self>,
        record: &TargetRecord,
        number: usize,
        access: &Access,
        secret: SecretId,
    ) -> Result<bool, AppError> {
        let by_login = is_for_login(record, access, secret) && self.asks_at_login(record, access, secret).await?;
        let for_root = is_for_root(record, &access.user, secret);
        if by_login && !for_root {
            return Ok(true);
        }
        let remote = self.enter_anew(record, number, needed(record, &access.user, secret)).await?;
        let proven = by_login || (for_root && asks_for_root(&remote).await?);
        remote.disconnect().await;
        Ok(proven)
    }

    /// Whether the login asks for a password and takes this one.
    async fn asks_at_login(self: &Arc<Self>, record: &TargetRecord, access: &Access, secret: SecretId) -> Result<bool, AppError> {
        let (password, _) = self.secret_text(secret, record).await?;
        let alone = Login { password: Some(password), ..Login::default() };
        match self.login_with(record, access, &alone).await {
            // A host that let in without asking for it proved nothing.
            Ok(taken) => return Ok(taken.password),
            Err(AppError::Remote(RemoteError::FactorMissing { .. })) => {}
            Err(error) => return Err(error),
        }
        // It wants something else, instead of the password or beside it. What a code alone opens is not found out: each is taken
        // once.
        let whole = self.offer(record, access).await?.login;
        if whole.key.is_none() || whole.one_time.is_some() {
            return Ok(false);
        }
        let key = Login { key: whole.key, ..Login::default() };
        match self.login_with(record, access, &key).await {
            Ok(_) => Ok(false),
            Err(AppError::Remote(RemoteError::FactorMissing { accepted: Some(LoginMethod::Key), .. })) => {
                let (password, _) = self.secret_text(secret, record).await?;
                let both = Login { password: Some(password), ..key };
                self.login_with(record, access, &both).await.map(|taken| taken.password)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a key is taken for an account, alone or as one of several things. Nothing of it is recorded.
    pub(super) async fn still_opens(self: &Arc<Self>, record: &TargetRecord, secret: SecretId, account: &str) -> Result<bool, AppError> {
        for access in record.accesses().filter(|access| access.user == account && is_asked(record, access, secret)) {
            let key = Login { key: self.offer(record, access).await?.login.key, ..Login::default() };
            match self.login_with(record, access, &key).await {
                Ok(Taken { key: true, .. })
                | Err(AppError::Remote(RemoteError::FactorMissing { accepted: Some(LoginMethod::Key), .. })) => return Ok(true),
                Ok(_) | Err(AppError::Remote(RemoteError::FactorMissing { .. } | RemoteError::AuthenticationRefused { .. })) => {
                    return Ok(false);
                }
                Err(error) if error.is_passing() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    async fn login_with(self: &Arc<Self>, record: &TargetRecord, access: &Access, login: &Login) -> Result<Taken, AppError> {
        let handshake = self.look(record, access, &[]).await?.check(&trust_of(record, access))?;
        let remote = handshake.log_in(&access.user, login, ConnectLimits::default()).await?;
        remote.disconnect().await;
        Ok(remote.taken())
    }

    /// How far another record of the same machine is in a rotation, for an account that it has too: what one of them changed the
    /// other finds changed. A machine is known by a host key.
    pub(super) async fn step_of_twin(
        self: &Arc<Self>,
        rotation: &Rotation,
        record: &TargetRecord,
        account: &str,
    ) -> Result<Option<RotationStep>, AppError> {
        let targets = self.blocking(|session| session.targets()).await?;
        let aim = rotation.aim()?;
        let is_twin = |other: &TargetRecord| {
            other.host != record.host
                && other.pins.iter().any(|pin| record.pins.iter().any(|own| own.fingerprint == pin.fingerprint))
                && accounts(&aim.after(other), aim.to).contains(account)
        };
        Ok(targets.iter().filter(|target| is_twin(&target.record)).filter_map(|target| rotation.step_of(target.record.host)).max())
    }
}

/// Whether sudo asks for a password: it does not run a command without one.
async fn asks_for_root(remote: &SshRemote) -> Result<bool, AppError> {
    match remote.elevated(Sudo { password: None }).run(RunRequest::new(CommandLine::new(["true"]))).await {
        Ok(_) => Ok(false),
        Err(RemoteError::SudoRefused { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
