//! From a host of the catalog to a connection: which way, through whom, with what.

mod again;
mod entry;
mod guest;
mod logins;
mod open;

use std::path::PathBuf;
use std::sync::Arc;

use beffroi_domain::{Access, HostId, Login as HostLogin, SecretId, Sudo, TargetRecord};
use beffroi_import::is_private_key;
use beffroi_remote::{CommandLine, Remote, RemoteError, RunRequest, SudoRefusal};
use beffroi_secret::SecretText;
use beffroi_ssh::{
    Authority, ConnectLimits, Login, LoginKey, LoginMethod, OfferedKey, OneTime, Pin, Reached as Handshake, SshRemote, Trust, Unchecked,
    known_hosts,
};
use beffroi_store::table::login::Credential;

pub use logins::HeldLogin;
pub(crate) use logins::Proving;
pub use open::Reached;
pub(crate) use open::{Connections, Open};

use crate::session::{Session, Target};
use crate::{AppError, GuestError, now_ms};

/// The most hosts that a way leads through.
const MOST_JUMPS: usize = 8;

/// As whom something is done on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rights {
    /// As the account that logs in.
    Account,
    /// As root.
    Root,
    /// As root where the host's record says how, else as the account.
    Most,
}

/// What one logs in with, opened just before it is needed, and what it was made of.
pub(crate) struct Offer {
    pub(crate) login: Login,
    /// The key, the password, the one-time code.
    used: [Option<Credential>; 3],
}

impl Offer {
    pub(crate) fn credentials(&self) -> Vec<Credential> {
        self.used.iter().flatten().cloned().collect()
    }

    /// What a refusal is about.
    fn refused(&self, method: LoginMethod) -> Vec<Credential> {
        let [key, password, one_time] = &self.used;
        let refused: &[&Option<Credential>] = match method {
            LoginMethod::Key => &[key],
            LoginMethod::Password => &[password],
            LoginMethod::OneTime => &[one_time],
            LoginMethod::PasswordAndOneTime => &[password, one_time],
        };
        refused.iter().filter_map(|credential| (*credential).clone()).collect()
    }
}

impl Session {
    /// The host's connection, made when there is none. The record is read and authenticated again just before.
    pub(crate) async fn connect(self: &Arc<Self>, target: &TargetRecord) -> Result<Arc<SshRemote>, AppError> {
        self.connect_as(target, Rights::Account).await
    }

    /// The host's connection, on which everything runs with these rights.
    pub(crate) async fn connect_as(self: &Arc<Self>, target: &TargetRecord, rights: Rights) -> Result<Arc<SshRemote>, AppError> {
        let connected = match self.reach(target.host, rights, Vec::new()).await {
            Err(error) => Err(self.maybe_banned(target, error).await),
            connected => connected,
        };
        self.remember_trouble(target.host, connected.as_ref().err());
        if let Some(key) = connected.as_ref().err().and_then(AppError::refused_key) {
            let values = vec![("name", target.name.to_string()), ("fingerprint", key.to_string())];
            self.journal_event("host-key-refused", Some(target.host), values).await?;
        }
        connected
    }

    /// `passed`: the hosts whose way leads through this one.
    async fn reach(self: &Arc<Self>, host: HostId, rights: Rights, passed: Vec<HostId>) -> Result<Arc<SshRemote>, AppError> {
        let target = self.fresh(host).await?;
        if passed.contains(&host) || passed.len() > MOST_JUMPS {
            return Err(AppError::JumpLoop { name: target.record.name.to_string() });
        }
        let slot = self.connections.slot(host).await;
        let mut slot = slot.lock().await;
        if !slot.as_ref().is_some_and(|open| open.serves(&target.record) && !open.remote.is_closed()) {
            *slot = None;
            *slot = Some(Box::pin(self.open_connection(&target.record, passed, false)).await?);
        }
        let open = slot.as_mut().ok_or(AppError::Locked)?;
        open.made_for = target.record;
        self.with_rights(open, rights).await
    }

    /// A connection that nothing else uses: what stalls on it holds up nothing else.
    pub(crate) async fn connect_apart(self: &Arc<Self>, host: HostId) -> Result<Arc<SshRemote>, AppError> {
        self.reach_apart(host, Rights::Account, Vec::new()).await
    }

    async fn reach_apart(self: &Arc<Self>, host: HostId, rights: Rights, passed: Vec<HostId>) -> Result<Arc<SshRemote>, AppError> {
        let target = self.fresh(host).await?;
        let mut open = Box::pin(self.open_connection(&target.record, passed, true)).await?;
        self.with_rights(&mut open, rights).await
    }

    /// Tries the ways to a host in their order, until one leads there. A login that was refused ends it: the host is
    /// reached, and another try would be another failure there.
    async fn open_connection(self: &Arc<Self>, record: &TargetRecord, passed: Vec<HostId>, apart: bool) -> Result<Open, AppError> {
        let mut failed: Vec<(String, AppError)> = Vec::new();
        for (number, access) in record.accesses().enumerate() {
            if let Some(guest) = &access.guest {
                let (remote, is_shared) = self.enter_guest(record, access, guest, &passed, apart).await?;
                let remote = Arc::new(remote);
                let reached = Reached { access: number, jump: access.jump, passed_over: Vec::new() };
                return Ok(Open { remote, root: None, made_for: record.clone(), reached, is_shared });
            }
            let offer = self.permitted(record, access).await?;
            let handshake =
                match self.look(record, access, &passed).await.and_then(|unchecked| Ok(unchecked.check(&trust_of(record, access))?)) {
                    Ok(handshake) => handshake,
                    Err(error) => {
                        failed.push((way(access), error));
                        continue;
                    }
                };
            let key = handshake.offered().clone();
            match self.log_in(handshake, record, access, offer).await {
                Ok(remote) => {
                    let remote = Arc::new(self.with_another(remote, record, number));
                    self.learn_later(record, key, &remote);
                    let passed_over = failed.into_iter().map(|(way, error)| (way, error.to_string())).collect();
                    let reached = Reached { access: number, jump: access.jump, passed_over };
                    return Ok(Open { remote, root: None, made_for: record.clone(), reached, is_shared: false });
                }
                Err(error) if error.is_passing() => failed.push((way(access), error)),
                Err(error) => return Err(error),
            }
        }
        Err(worst(record, failed))
    }

    /// Keeps what a host shows and announces of its keys, beside the work that it was connected to for: only where a pin lacks
    /// its key, since the announcement costs two round trips. A test of the host always looks.
    fn learn_later(self: &Arc<Self>, record: &TargetRecord, key: OfferedKey, remote: &Arc<SshRemote>) {
        if self.behind.is_some() || !record.pins.iter().any(|pin| pin.fingerprint == key.fingerprint && pin.key.is_empty()) {
            return;
        }
        let (session, remote, host) = (Arc::clone(self), Arc::clone(remote), record.host);
        tokio::spawn(async move { session.learn(host, key, &remote).await });
    }

    /// Keeps what a host shows and announces of its keys. Nothing comes to be trusted by it.
    pub(crate) async fn learn(self: &Arc<Self>, host: HostId, key: OfferedKey, remote: &SshRemote) {
        let learned = async {
            let announced = remote.announced_keys().await?;
            self.blocking(move |session| session.learn_keys(host, &key, &announced)).await
        };
        if let Err(error) = learned.await {
            tracing::info!(%error, "the keys of a host could not be kept");
        }
    }

    /// Connects up to the host key, whatever that is. Nothing of a credential is involved.
    pub(crate) async fn look(self: &Arc<Self>, record: &TargetRecord, access: &Access, passed: &[HostId]) -> Result<Unchecked, AppError> {
        if access.guest.is_some() {
            return Err(GuestError::NoSsh { guest: record.name.to_string() }.into());
        }
        let via = match access.jump {
            None => None,
            Some(jump) => Some(Box::pin(self.reach(jump, Rights::Account, [passed, &[record.host]].concat())).await?),
        };
        if let Some(expired) = record.legacy.as_ref().filter(|legacy| legacy.until_ms <= now_ms()) {
            return Err(AppError::LegacyExpired { name: record.name.to_string(), until_ms: expired.until_ms });
        }
        let legacy = record.legacy.as_ref().map_or(&[][..], |legacy| &legacy.algorithms);
        let trust = trust_of(record, access);
        let looking = beffroi_ssh::look(via.as_deref(), &access.address, access.port, &trust, legacy, ConnectLimits::default());
        Ok(looking.await?)
    }

    /// What a host may be offered on a way, opened. Asked for before the host is connected to: what may not be offered to it is
    /// no reason to knock there, and a server punishes those who connect and do not log in.
    pub(crate) async fn permitted(self: &Arc<Self>, record: &TargetRecord, access: &Access) -> Result<Offer, AppError> {
        let offer = self.offer(record, access).await?;
        self.refuse_held(&offer.credentials(), record.host, &access.user).await?;
        Ok(offer)
    }

    /// Logs in, with leave to offer what the host's record says.
    pub(crate) async fn log_in(
        self: &Arc<Self>,
        handshake: Handshake,
        record: &TargetRecord,
        access: &Access,
        offer: Offer,
    ) -> Result<SshRemote, AppError> {
        // Not held any longer than the login takes: the way here may need the same turn for a host on it.
        let mut leave = self.leave_to_offer(offer.credentials(), record.host, &access.user).await?;
        // When a code was used is known to whoever comes next.
        leave.known &= offer.login.one_time.is_none();
        match handshake.log_in(&access.user, &offer.login, ConnectLimits::default()).await {
            Ok(remote) => {
                self.note_taken(leave, record.host, &access.user).await;
                Ok(remote)
            }
            Err(error) => {
                if let RemoteError::AuthenticationRefused { refused, .. } = &error {
                    self.note_refused(record.host, &access.user, refused.name(), offer.refused(*refused)).await;
                }
                drop(leave);
                Err(error.into())
            }
        }
    }

    /// The same connection with the rights that are asked for. Sudo is tried once, so that a wrong password is offered once.
    async fn with_rights(self: &Arc<Self>, open: &mut Open, rights: Rights) -> Result<Arc<SshRemote>, AppError> {
        let record = &open.made_for;
        let user = record.accesses().nth(open.reached.access).map_or("", |access| access.user.as_str());
        let never = record.sudo == Sudo::Never && record.guest().is_none();
        let plain = rights == Rights::Account || user == "root" || (rights == Rights::Most && never);
        if plain {
            return Ok(Arc::clone(&open.remote));
        }
        if let Some(root) = &open.root {
            return Ok(Arc::clone(root));
        }
        if let Some(guest) = record.guest() {
            let root = Arc::new(Self::as_root_inside(&open.remote, guest));
            return Ok(Arc::clone(open.root.insert(root)));
        }
        let (host, user) = (record.host, user.to_owned());
        let secret = match record.sudo {
            Sudo::Never => return Err(AppError::NoSudo { name: record.name.to_string(), user }),
            Sudo::WithoutPassword => None,
            Sudo::Password(secret) => Some(self.secret_text(secret, record).await?),
        };
        let (password, credentials) = match secret {
            Some((password, credential)) => (Some(password), vec![credential]),
            None => (None, Vec::new()),
        };
        // Root's account there, so that a password which sudo refuses and a login with it are told apart.
        let account = format!("sudo:{user}");
        let leave = self.leave_to_offer(credentials.clone(), host, &account).await?;
        let root = Arc::new(open.remote.elevated(beffroi_ssh::Sudo { password }));
        match root.run(RunRequest::new(CommandLine::new(["true"]))).await {
            Ok(_) => self.note_taken(leave, host, &account).await,
            Err(error) => {
                if matches!(error, RemoteError::SudoRefused { why: SudoRefusal::WrongPassword }) {
                    self.note_refused(host, &account, "sudo", credentials).await;
                }
                return Err(error.into());
            }
        }
        open.root = Some(Arc::clone(&root));
        Ok(root)
    }

    /// Keeps a connection that was made by hand, for whoever works on the host next.
    pub(crate) async fn adopt_connection(self: &Arc<Self>, record: &TargetRecord, remote: SshRemote, reached: Reached) {
        let slot = self.connections.slot(record.host).await;
        let is_shared = remote.is_inside();
        // Into a guest, one more connection is one more to its host, which its own way says how to make.
        let remote = Arc::new(if is_shared { remote } else { self.with_another(remote, record, reached.access) });
        *slot.lock().await = Some(Open { remote, root: None, made_for: record.clone(), reached, is_shared });
        self.remember_trouble(record.host, None);
    }

    /// A host by its id, authenticated.
    pub(crate) async fn target_of(self: &Arc<Self>, host: HostId) -> Result<TargetRecord, AppError> {
        self.fresh(host).await.map(|target| target.record)
    }

    /// A host's record as it is stored, authenticated.
    async fn fresh(self: &Arc<Self>, host: HostId) -> Result<Target, AppError> {
        self.blocking(move |session| {
            let row = session.catalog.read(|reader| reader.target(host))?;
            session.authenticate(&row.ok_or_else(|| AppError::HostNotFound { name: host.to_string() })?)
        })
        .await
    }

    /// What a host is offered on a way, opened just before it is needed.
    pub(crate) async fn offer(self: &Arc<Self>, record: &TargetRecord, access: &Access) -> Result<Offer, AppError> {
        let (record, access) = (record.clone(), access.clone());
        self.blocking(move |session| session.read_offer(&record, &access)).await
    }

    pub(crate) fn read_offer(&self, record: &TargetRecord, access: &Access) -> Result<Offer, AppError> {
        let text = |secret: SecretId| self.read_secret_text(secret, record);
        let (mut login, mut used) = (Login::default(), [None, None, None]);
        match access.login.as_ref().or(record.login.as_ref()) {
            None => {}
            Some(HostLogin::Agent(fingerprint)) => {
                let socket = std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from).ok_or(AppError::NoAgent)?;
                let name = fingerprint.as_ref().map_or_else(|| "agent".to_owned(), |fingerprint| format!("agent:{fingerprint}"));
                login.key = Some(LoginKey::Agent { socket, fingerprint: fingerprint.clone() });
                used[0] = Some(Credential { name, revision: 0 });
            }
            Some(HostLogin::Secret(secret)) => {
                let (value, credential) = text(*secret)?;
                // Looks at the first line's armour only.
                if is_private_key(value.expose()) {
                    let passphrase = self.secret_detail(*secret)?.and_then(|stored| stored.value.passphrase).map(|kept| kept.0);
                    login.key = Some(LoginKey::Private { key: value, passphrase, certificate: None });
                    used[0] = Some(credential);
                } else {
                    login.password = Some(value);
                    used[1] = Some(credential);
                }
            }
        }
        if let Some(secret) = record.password {
            let (value, credential) = text(secret)?;
            login.password = Some(value);
            used[1] = Some(credential);
        }
        if let Some(secret) = record.one_time {
            let (value, credential) = text(secret)?;
            let codes = OneTime::read(&value)?;
            // Another process may have used one a moment ago: a host takes each once.
            let past = self.catalog.read(|reader| reader.logins_with(&credential))?;
            if let Some(last) = past.iter().filter_map(|row| row.taken_ms.max(row.refused_ms)).max() {
                codes.note_used_at(last / 1000);
            }
            login.one_time = Some(codes);
            used[2] = Some(credential);
        }
        if login.key.is_none() && login.password.is_none() {
            return Err(AppError::NoCredential { name: record.name.to_string() });
        }
        Ok(Offer { login, used })
    }

    pub(crate) async fn secret_text(
        self: &Arc<Self>,
        secret: SecretId,
        record: &TargetRecord,
    ) -> Result<(SecretText, Credential), AppError> {
        let record = record.clone();
        self.blocking(move |session| session.read_secret_text(secret, &record)).await
    }

    /// A secret that a host is given, as text, and what its use is recorded under.
    fn read_secret_text(&self, secret: SecretId, record: &TargetRecord) -> Result<(SecretText, Credential), AppError> {
        let (value, revision) = self.secret_of(secret, &record.stage, record.name.as_str())?;
        let text = value.into_text().map_err(|_| AppError::damaged("a secret that is not text"))?;
        Ok((text, Credential { name: secret.to_string(), revision }))
    }
}

/// What vouches for a host on one of its ways.
pub(crate) fn trust_of(record: &TargetRecord, access: &Access) -> Trust {
    let algorithm = |name: &String| (!name.is_empty()).then(|| name.clone());
    Trust {
        pins: record.pins.iter().map(|pin| Pin { fingerprint: pin.fingerprint.clone(), algorithm: algorithm(&pin.algorithm) }).collect(),
        authorities: record
            .authorities
            .iter()
            // By the address alone, as OpenSSH does: what this person calls the host is no pattern's business.
            .filter(|known| known.patterns.is_empty() || known_hosts::is_for(&known.patterns, &access.address, access.port))
            .map(|known| Authority { fingerprint: known.fingerprint.clone(), patterns: Vec::new() })
            .collect(),
        revoked: record.revoked.clone(),
        names: vec![access.address.clone(), record.name.to_string()],
    }
}

/// A way as it is shown: `USER@ADDRESS:PORT`, of a guest `USER@NAME (DRIVER)`.
pub fn way(access: &Access) -> String {
    match &access.guest {
        Some(guest) => format!("{}@{} ({})", access.user, guest.name, guest.driver.name()),
        None => format!("{}@{}:{}", access.user, access.address, access.port),
    }
}

/// What is said when no way leads to a host: a key that is not the right one goes before everything else, and of a single way
/// its own error.
fn worst(record: &TargetRecord, mut failed: Vec<(String, AppError)>) -> AppError {
    if let Some(at) = failed.iter().position(|(_, error)| error.refused_key().is_some()) {
        return failed.swap_remove(at).1;
    }
    if failed.len() == 1
        && let Some((_, only)) = failed.pop()
    {
        return only;
    }
    let tried = failed.into_iter().map(|(way, error)| format!("{way}: {error}")).collect();
    AppError::NoWay { name: record.name.to_string(), tried }
}
