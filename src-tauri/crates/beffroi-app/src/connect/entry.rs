//! A login that proves that one still gets in: a connection of its own, of which nothing is recorded.

use std::sync::Arc;

use beffroi_domain::{Sudo, TargetRecord};
use beffroi_remote::{CommandLine, Phase, Remote, RemoteError, RunRequest};
use beffroi_ssh::{ConnectLimits, SshRemote};

use super::{Open, Reached, Rights, trust_of};
use crate::session::Session;
use crate::{AppError, GuardError, now_ms};

const A_DAY_MS: u64 = 24 * 3600 * 1000;

impl Session {
    /// Gets in anew by one of a host's ways, with these rights, and has a command run there.
    ///
    /// What the host refuses is not held against the credential, as it is otherwise: the host took it a moment ago, and refuses
    /// it because of a change that is then put back.
    pub(crate) async fn enter_anew(self: &Arc<Self>, record: &TargetRecord, access: usize, rights: Rights) -> Result<SshRemote, AppError> {
        let access = record.accesses().nth(access).ok_or_else(|| AppError::damaged("a host's ways"))?;
        if let Some(guest) = &access.guest {
            let (remote, _) = self.enter_guest(record, access, guest, &[], false).await?;
            return Ok(if rights == Rights::Account { remote } else { Self::as_root_inside(&remote, guest) });
        }
        let offer = self.offer(record, access).await?;
        let handshake = self.look(record, access, &[]).await?.check(&trust_of(record, access))?;
        let remote = handshake.log_in(&access.user, &offer.login, ConnectLimits::default()).await?;
        let plain = rights == Rights::Account || access.user == "root" || (rights == Rights::Most && record.sudo == Sudo::Never);
        let remote = match record.sudo {
            _ if plain => remote,
            Sudo::Never => return Err(AppError::NoSudo { name: record.name.to_string(), user: access.user.clone() }),
            Sudo::WithoutPassword => remote.elevated(beffroi_ssh::Sudo { password: None }),
            Sudo::Password(secret) => {
                let (password, _) = self.secret_text(secret, record).await?;
                remote.elevated(beffroi_ssh::Sudo { password: Some(password) })
            }
        };
        let ran = remote.run(RunRequest::new(CommandLine::new(["true"]))).await?;
        if ran.exit.is_success() { Ok(remote) } else { Err(RemoteError::Refused { reason: "no command runs there".to_owned() }.into()) }
    }

    /// Gets in anew by one of a host's ways, with these rights. What the host refuses is held against the credential.
    pub(crate) async fn enter_apart(
        self: &Arc<Self>,
        record: &TargetRecord,
        number: usize,
        rights: Rights,
    ) -> Result<Arc<SshRemote>, AppError> {
        let access = record.accesses().nth(number).ok_or_else(|| AppError::damaged("a host's ways"))?;
        if access.guest.is_some() {
            return self.enter_anew(record, number, rights).await.map(Arc::new);
        }
        let offer = self.permitted(record, access).await?;
        let handshake = self.look(record, access, &[]).await?.check(&trust_of(record, access))?;
        let remote = Arc::new(self.log_in(handshake, record, access, offer).await?);
        let reached = Reached { access: number, jump: access.jump, passed_over: Vec::new() };
        let mut open = Open { remote, root: None, made_for: record.clone(), reached, is_shared: false };
        self.with_rights(&mut open, rights).await
    }

    /// Why a host does not answer: it may have banned this machine, where it refused logins from here within a day. A ban shows as
    /// a port that is closed or silent, before any SSH is spoken (fail2ban's actions reject or drop).
    pub(super) async fn maybe_banned(self: &Arc<Self>, target: &TargetRecord, error: AppError) -> AppError {
        if !matches!(error, AppError::Remote(RemoteError::Unreachable { phase: Phase::Connect, .. }) | AppError::NoWay { .. }) {
            return error;
        }
        let host = target.host;
        let counted = self.blocking(move |session| {
            let since = now_ms().saturating_sub(A_DAY_MS);
            let rows = session.catalog.read(|reader| reader.refused_logins())?;
            Ok(rows.iter().filter(|(_, row)| row.target == host && row.refused_ms.is_some_and(|at| at > since)).count())
        });
        match counted.await {
            Ok(refused) if refused > 0 => {
                AppError::Guard(GuardError::MaybeBanned { name: target.name.to_string(), refused, why: Box::new(error) })
            }
            _ => error,
        }
    }

    /// The host's connection as it stands, without making one.
    pub(crate) async fn standing(self: &Arc<Self>, record: &TargetRecord, rights: Rights) -> Option<Arc<SshRemote>> {
        let slot = self.connections.slot(record.host).await;
        let mut slot = slot.lock().await;
        let open = slot.as_mut().filter(|open| !open.remote.is_closed())?;
        self.with_rights(open, rights).await.ok()
    }
}
