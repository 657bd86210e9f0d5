//! The login: each thing that there is, offered once, as the host asks for it.

use std::time::Duration;

use beffroi_remote::{LoginMethod, Phase, RemoteError};
use beffroi_secret::SecretText;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse as Asked};
use russh::keys::{Algorithm, HashAlg};
use russh::{MethodKind, MethodSet};
use tokio::time::{Instant, timeout_at};

use crate::agent::Agent;
use crate::pins::{Pins, Seen};
use crate::prompts::{MOST_ROUNDS, Prompts, Want};
use crate::signing::{SignError, SigningKey, unusable};
use crate::text::harmless;
use crate::{Login, LoginKey, OneTime, Taken};

/// What there is to log in with, read and found usable.
pub(crate) struct Ready<'a> {
    key: Option<ReadyKey<'a>>,
    password: Option<&'a SecretText>,
    one_time: Option<&'a OneTime>,
}

enum ReadyKey<'a> {
    Own(Box<SigningKey>),
    Agent(Agent<'a>),
}

impl<'a> Ready<'a> {
    /// Reads what there is, before any connection is made.
    pub(crate) async fn read(login: &'a Login) -> Result<Self, RemoteError> {
        let key = match &login.key {
            None => None,
            Some(LoginKey::Private { key, passphrase, certificate }) => {
                let key = SigningKey::read(key, passphrase.as_ref(), certificate.as_deref()).await?;
                Some(ReadyKey::Own(Box::new(key)))
            }
            Some(LoginKey::Agent { socket, fingerprint }) => Some(ReadyKey::Agent(Agent::find(socket, fingerprint.as_ref()).await?)),
        };
        if key.is_none() && login.password.is_none() && login.one_time.is_none() {
            return Err(unusable("there is nothing to log in with"));
        }
        Ok(Self { key, password: login.password.as_ref(), one_time: login.one_time.as_ref() })
    }
}

/// Who logs in, and where.
pub(crate) struct Account<'a> {
    pub(crate) user: &'a str,
    pub(crate) label: &'a str,
    pub(crate) seen: &'a Seen,
    /// Whether RSA with SHA-1 is allowed.
    pub(crate) sha1: bool,
}

/// A login under way.
struct Attempt<'a> {
    account: &'a Account<'a>,
    ready: &'a Ready<'a>,
    handle: &'a mut Handle<Pins>,
    deadline: Instant,
    limit: Duration,
    /// What was offered already.
    key_given: bool,
    password_given: bool,
    code_given: bool,
    accepted: Option<LoginMethod>,
    taken: Taken,
}

/// What the host said to a step.
struct Answer {
    result: AuthResult,
    /// What it was given in this step.
    given: Option<LoginMethod>,
}

impl Account<'_> {
    /// Logs in, and gives what the host took. The handle comes of a connection whose host key was checked.
    pub(crate) async fn log_in(&self, handle: &mut Handle<Pins>, ready: &Ready<'_>, limit: Duration) -> Result<Taken, RemoteError> {
        let deadline = Instant::now() + limit;
        let (key_given, password_given, code_given) = (ready.key.is_none(), ready.password.is_none(), ready.one_time.is_none());
        let (accepted, taken) = (None, Taken::default());
        let mut attempt = Attempt { account: self, ready, handle, deadline, limit, key_given, password_given, code_given, accepted, taken };
        attempt.run().await?;
        Ok(attempt.taken)
    }
}

impl Attempt<'_> {
    async fn run(&mut self) -> Result<(), RemoteError> {
        // A key alone is offered at once, which saves a round trip. With more than that, the host says first what it wants:
        // OpenSSH does not count this question (`none`) as a failure, but a password that nobody asked for.
        let mut open = if self.password_given && self.code_given {
            MethodSet::from(&[MethodKind::PublicKey][..])
        } else {
            let user = self.account.user.to_owned();
            match self.within(|handle| Box::pin(handle.authenticate_none(user))).await? {
                AuthResult::Success => return Ok(()),
                AuthResult::Failure { remaining_methods, .. } => self.still_there(remaining_methods, None)?,
            }
        };
        loop {
            let Answer { result, given } = match self.next(&open) {
                Some(MethodKind::PublicKey) => self.offer_key().await?,
                Some(MethodKind::KeyboardInteractive) => self.answer_prompts().await?,
                Some(MethodKind::Password) => self.offer_password().await?,
                _ => return Err(self.missing(&open)),
            };
            match result {
                AuthResult::Success => {
                    self.taken.note(given);
                    return Ok(());
                }
                AuthResult::Failure { remaining_methods, partial_success: true } => {
                    self.taken.note(given);
                    open = self.still_there(remaining_methods, given)?;
                    self.accepted = given.or(self.accepted);
                }
                AuthResult::Failure { remaining_methods, partial_success: false } => {
                    open = self.still_there(remaining_methods, given)?;
                    match given {
                        // A host that does not take keys at all did not judge this one.
                        Some(LoginMethod::Key) if !open.contains(&MethodKind::PublicKey) => {}
                        Some(given) => return Err(self.refused(given, &open)),
                        None => return Err(self.missing(&open)),
                    }
                }
            }
        }
    }

    /// What to do next, of what the host takes now. With a one-time secret the prompts go before the plain password: a host
    /// that wants both asks for them there.
    fn next(&self, open: &MethodSet) -> Option<MethodKind> {
        let prompts = !self.password_given || !self.code_given;
        let order = if self.code_given {
            [MethodKind::PublicKey, MethodKind::Password, MethodKind::KeyboardInteractive]
        } else {
            [MethodKind::PublicKey, MethodKind::KeyboardInteractive, MethodKind::Password]
        };
        order.into_iter().find(|method| {
            open.contains(method)
                && match method {
                    MethodKind::PublicKey => !self.key_given,
                    MethodKind::Password => !self.password_given,
                    _ => prompts,
                }
        })
    }

    async fn offer_key(&mut self) -> Result<Answer, RemoteError> {
        self.key_given = true;
        let ready = self.ready;
        let result = match &ready.key {
            Some(ReadyKey::Own(key)) => self.offer_own(key).await?,
            Some(ReadyKey::Agent(agent)) => self.offer_agent(agent).await?,
            None => return Err(unusable("there is no key")),
        };
        Ok(Answer { result, given: Some(LoginMethod::Key) })
    }

    async fn offer_own(&mut self, key: &SigningKey) -> Result<AuthResult, RemoteError> {
        let mut last = not_offered();
        for hash in self.hashes(key.public().algorithm()).await? {
            let user = self.account.user.to_owned();
            let mut signer = key;
            let answer = self.signed(|handle| {
                Box::pin(async move {
                    match key.certificate() {
                        Some(certificate) => handle.authenticate_certificate_with(user, certificate.clone(), hash, &mut signer).await,
                        None => handle.authenticate_publickey_with(user, key.public().clone(), hash, &mut signer).await,
                    }
                })
            });
            last = answer.await?;
            if !turned_down(&last) {
                break;
            }
        }
        Ok(last)
    }

    /// Offers the agent's identities until the host takes one: a single one, unless they are all of the key that was asked for.
    async fn offer_agent(&mut self, agent: &Agent<'_>) -> Result<AuthResult, RemoteError> {
        let mut holder = agent.open(self.handle.agent_session_binding()).await?;
        let mut last = not_offered();
        for identity in holder.identities().await? {
            for hash in self.hashes(identity.public_key().algorithm()).await? {
                let (user, identity, signer) = (self.account.user.to_owned(), identity.clone(), &mut holder);
                last = self.signed(|handle| Box::pin(async move { signer.authenticate(handle, user, identity, hash).await })).await?;
                if !turned_down(&last) {
                    return Ok(last);
                }
            }
        }
        Ok(last)
    }

    async fn offer_password(&mut self) -> Result<Answer, RemoteError> {
        self.password_given = true;
        let Some(password) = self.ready.password else { return Err(unusable("there is no password")) };
        // To the host, inside the encrypted connection whose key is trusted. russh takes a plain copy.
        let (user, password) = (self.account.user.to_owned(), password.expose().clone());
        let result = self.within(|handle| Box::pin(handle.authenticate_password(user, password))).await?;
        Ok(Answer { result, given: Some(LoginMethod::Password) })
    }

    async fn answer_prompts(&mut self) -> Result<Answer, RemoteError> {
        let user = self.account.user.to_owned();
        let mut asked = self.within(|handle| Box::pin(handle.authenticate_keyboard_interactive_start(user, None))).await?;
        let mut given = None;
        for _ in 0..MOST_ROUNDS {
            let prompts = match asked {
                Asked::Success => return Ok(Answer { result: AuthResult::Success, given }),
                Asked::Failure { remaining_methods, partial_success } => {
                    return Ok(Answer { result: AuthResult::Failure { remaining_methods, partial_success }, given });
                }
                Asked::InfoRequest { prompts, .. } => prompts,
            };
            let texts = prompts.iter().map(|prompt| (prompt.prompt.as_str(), prompt.echo));
            let Some(wants) = Prompts { password: !self.password_given, code: !self.code_given }.judge(texts) else {
                // Asked again for what was given, or for what there is not: answering would be one more failure.
                let open = MethodSet::from(&[MethodKind::KeyboardInteractive][..]);
                return Err(given.map_or_else(|| self.missing(&open), |given| self.refused(given, &open)));
            };
            let mut answers = Vec::with_capacity(wants.len());
            for want in wants {
                answers.push(self.answer(want, &mut given).await?);
            }
            asked = self.within(|handle| Box::pin(handle.authenticate_keyboard_interactive_respond(answers))).await?;
        }
        Err(self.failed("the host asks without end"))
    }

    /// The answer to one prompt. russh takes plain copies; they go to the host, whose key is trusted.
    async fn answer(&mut self, want: Want, given: &mut Option<LoginMethod>) -> Result<String, RemoteError> {
        match (want, self.ready.password, self.ready.one_time) {
            (Want::Password, Some(password), _) => {
                self.password_given = true;
                *given = Some(if given.is_some() { LoginMethod::PasswordAndOneTime } else { LoginMethod::Password });
                Ok(password.expose().clone())
            }
            (Want::Code, _, Some(one_time)) => {
                self.code_given = true;
                let (code, waited) = one_time.fresh().await?;
                self.deadline += waited;
                *given = Some(if given.is_some() { LoginMethod::PasswordAndOneTime } else { LoginMethod::OneTime });
                Ok(code.expose().clone())
            }
            _ => Ok(String::new()),
        }
    }

    /// What an RSA key signs with, in the order in which it is tried: SHA-512 or SHA-256; SHA-1 after it where that is allowed
    /// (a host may say that it takes the others and not do so), and alone where the host says nothing of others (RFC 8308), as
    /// old ones do. A host that says nothing and may not use SHA-1 gets SHA-256, which RFC 8332 recommends to all.
    async fn hashes(&mut self, algorithm: Algorithm) -> Result<Vec<Option<HashAlg>>, RemoteError> {
        if !algorithm.is_rsa() {
            return Ok(vec![None]);
        }
        let said = self.within(|handle| Box::pin(handle.best_supported_rsa_hash())).await?.flatten();
        let modern = said.or_else(|| (!self.account.sha1).then_some(HashAlg::Sha256));
        Ok(modern.map(Some).into_iter().chain(self.account.sha1.then_some(None)).collect())
    }

    /// Does a step in the time that is left.
    async fn within<'h, T>(&'h mut self, step: impl FnOnce(&'h mut Handle<Pins>) -> Step<'h, T, russh::Error>) -> Result<T, RemoteError> {
        let (deadline, label, limit) = (self.deadline, self.account.label, self.limit);
        match timeout_at(deadline, step(self.handle)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(failed(label, &error.to_string())),
            Err(_) => Err(failed(label, &late(limit))),
        }
    }

    /// The same for a step in which something is signed.
    async fn signed<'h>(
        &'h mut self,
        step: impl FnOnce(&'h mut Handle<Pins>) -> Step<'h, AuthResult, SignError>,
    ) -> Result<AuthResult, RemoteError> {
        let (deadline, label, limit) = (self.deadline, self.account.label, self.limit);
        match timeout_at(deadline, step(self.handle)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(SignError::Unusable(error))) => Err(error),
            Ok(Err(SignError::Gone)) => Err(failed(label, "the host hung up")),
            Err(_) => Err(failed(label, &late(limit))),
        }
    }

    /// russh gives a failure without methods when the connection ended while it waits. A host that takes its leave right after
    /// it was given something refused that: OpenSSH says so only in words ("Too many authentication failures").
    fn still_there(&self, open: MethodSet, given: Option<LoginMethod>) -> Result<MethodSet, RemoteError> {
        match given {
            _ if !open.is_empty() || !self.handle.is_closed() => Ok(open),
            Some(given) if self.account.seen.dismissed() => Err(self.refused(given, &open)),
            _ => Err(self.failed("the host hung up")),
        }
    }

    fn refused(&self, refused: LoginMethod, open: &MethodSet) -> RemoteError {
        RemoteError::AuthenticationRefused {
            address: self.account.label.to_owned(),
            user: harmless(self.account.user),
            refused,
            methods: names(open),
        }
    }

    fn missing(&self, open: &MethodSet) -> RemoteError {
        let accepted = self.accepted;
        RemoteError::FactorMissing {
            address: self.account.label.to_owned(),
            user: harmless(self.account.user),
            accepted,
            methods: names(open),
        }
    }

    fn failed(&self, reason: &str) -> RemoteError {
        failed(self.account.label, reason)
    }
}

impl Taken {
    fn note(&mut self, given: Option<LoginMethod>) {
        match given {
            None => {}
            Some(LoginMethod::Key) => self.key = true,
            Some(LoginMethod::Password) => self.password = true,
            Some(LoginMethod::OneTime) => self.one_time = true,
            Some(LoginMethod::PasswordAndOneTime) => (self.password, self.one_time) = (true, true),
        }
    }
}

/// What stands for an answer before there was one.
fn not_offered() -> AuthResult {
    AuthResult::Failure { remaining_methods: MethodSet::empty(), partial_success: false }
}

/// Whether the host takes keys and did not take this one.
fn turned_down(answer: &AuthResult) -> bool {
    matches!(answer, AuthResult::Failure { remaining_methods, partial_success: false } if remaining_methods.contains(&MethodKind::PublicKey))
}

type Step<'h, T, E> = std::pin::Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'h>>;

fn failed(label: &str, reason: &str) -> RemoteError {
    RemoteError::Unreachable { address: label.to_owned(), phase: Phase::Login, reason: harmless(reason) }
}

fn late(limit: Duration) -> String {
    format!("no answer to the login in {} s", limit.as_secs())
}

fn names(methods: &MethodSet) -> String {
    methods.iter().map(<&str>::from).collect::<Vec<_>>().join(",")
}
