//! From a byte stream to a host whose key is known: first line, key exchange, host key.

use std::sync::Arc;
use std::time::Duration;

use beffroi_remote::{Phase, RemoteError};
use russh::AlgorithmKind;
use russh::client::{Config, GexParams, Handle, connect_stream};
use russh::keys::ssh_encoding::Decode;
use tokio::io::BufReader;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout};

use crate::algorithms::{SSH_RSA, preferred};
use crate::dial::{KEEPALIVE, NotDialled, Way};
use crate::greeting::{Heard, Listening};
use crate::login::{Account, Ready};
use crate::pins::{Pins, Seen};
use crate::text::harmless;
use crate::{ConnectLimits, Login, OfferedKey, SshRemote, Trust};

/// Bytes that are read at once when less is asked for; larger packets go past it.
const READ_AHEAD: usize = 4 << 10;
/// Waits before a server that hung up without a word is tried again, give or take half of each. OpenSSH does so when many
/// connect at once (`MaxStartups`).
const PATIENCE: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_millis(3000),
];
/// What OpenSSH says to an address that it punishes (`PerSourcePenalties`, since 9.8): another try only adds to it.
const PUNISHED: &str = "Not allowed at this time";

/// How long each part of reaching a host took; of the last try, where there were several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Finding the address; nothing behind another host, which does that itself.
    pub name: Duration,
    /// Opening the TCP connection, or the channel through another host.
    pub connect: Duration,
    /// Until the first line of the server was there.
    pub banner: Duration,
    /// Agreeing on keys, the host's proof included.
    pub key_exchange: Duration,
    /// How often the server hung up before it said anything.
    pub tries_before: u32,
}

/// A host that was reached and whose key nobody has judged yet: all that can be done with it is look at it, hang up, or
/// [`Unchecked::check`] it. One connection is enough for a first look and the login after it: OpenSSH punishes addresses that
/// connect and do not log in.
#[derive(Debug)]
pub struct Unchecked(Reached);

/// A host that was reached and whose key is trusted, before the login.
pub struct Reached {
    handle: Handle<Pins>,
    permit: OwnedSemaphorePermit,
    seen: Arc<Seen>,
    offered: OfferedKey,
    label: String,
    port: u16,
    banner: String,
    phases: Phases,
    sha1: bool,
}

impl std::fmt::Debug for Reached {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reached").field("label", &self.label).field("banner", &self.banner).finish_non_exhaustive()
    }
}

/// Reaches a host, directly or through another one, up to its host key, whatever that is. `trust` decides only which kind of
/// key the host is asked for first.
///
/// # Errors
/// [`RemoteError::UnknownAlgorithm`] before anything is sent; [`RemoteError::Unreachable`] and
/// [`RemoteError::NoCommonAlgorithm`].
pub async fn look(
    via: Option<&SshRemote>,
    address: &str,
    port: u16,
    trust: &Trust,
    legacy: &[String],
    limits: ConnectLimits,
) -> Result<Unchecked, RemoteError> {
    let preferred = preferred(trust, legacy)?;
    let sha1 = legacy.iter().any(|name| name == SSH_RSA);
    let gex = GexParams::new(2048, 3072, 8192).map_err(|error| RemoteError::NotUnderstood { what: error.to_string() })?;
    let config = Arc::new(Config { preferred, gex, ..config() });
    let way = Way { via, address, port };
    let permit = way.place().await?;
    let mut tries_before = 0;
    for patience in PATIENCE {
        match once(&way, &config, limits).await {
            Err(Failure::Dropped(_)) => {
                tries_before += 1;
                sleep(around(patience)).await;
            }
            Err(Failure::Other(error)) => return Err(error),
            Ok(greeted) => return Ok(greeted.reached(&way, permit, sha1, tries_before)),
        }
    }
    match once(&way, &config, limits).await {
        Ok(greeted) => Ok(greeted.reached(&way, permit, sha1, tries_before)),
        Err(Failure::Dropped(error) | Failure::Other(error)) => Err(error),
    }
}

/// Reaches a host whose key is trusted.
///
/// # Errors
/// Those of [`look`] and of [`Unchecked::check`].
pub async fn reach(
    via: Option<&SshRemote>,
    address: &str,
    port: u16,
    trust: &Trust,
    legacy: &[String],
    limits: ConnectLimits,
) -> Result<Reached, RemoteError> {
    look(via, address, port, trust, legacy, limits).await?.check(trust)
}

/// Shows the key a host offers, without logging in.
///
/// # Errors
/// Those of [`look`].
pub async fn offered_key(address: &str, port: u16, limits: ConnectLimits) -> Result<OfferedKey, RemoteError> {
    Ok(look(None, address, port, &Trust::default(), &[], limits).await?.offered().clone())
}

impl Unchecked {
    /// The key the host shows.
    #[must_use]
    pub fn offered(&self) -> &OfferedKey {
        &self.0.offered
    }

    /// The first line of its server, such as `SSH-2.0-OpenSSH_9.2p1`, as harmless text.
    #[must_use]
    pub fn banner(&self) -> &str {
        &self.0.banner
    }

    /// How long each part took.
    #[must_use]
    pub fn phases(&self) -> Phases {
        self.0.phases
    }

    /// Compares the host's key with what is trusted.
    ///
    /// # Errors
    /// [`RemoteError::HostKeyRevoked`], [`RemoteError::HostKeyUnknown`], [`RemoteError::HostKeyChanged`],
    /// [`RemoteError::HostCertificateRefused`].
    pub fn check(self, trust: &Trust) -> Result<Reached, RemoteError> {
        self.0.seen.check(&self.0.label, self.0.port, trust)?;
        Ok(self.0)
    }
}

impl Reached {
    /// The key the host showed.
    #[must_use]
    pub fn offered(&self) -> &OfferedKey {
        &self.offered
    }

    /// The first line of its server, such as `SSH-2.0-OpenSSH_9.2p1`, as harmless text.
    #[must_use]
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// How long each part took.
    #[must_use]
    pub fn phases(&self) -> Phases {
        self.phases
    }

    /// Logs in on this connection.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`] and [`RemoteError::OneTimeCodeSpent`]; [`RemoteError::AuthenticationRefused`] at the
    /// first thing that the host refuses; [`RemoteError::FactorMissing`] when it wants what there is not;
    /// [`RemoteError::Unreachable`] when it hangs up or takes too long.
    pub async fn log_in(self, user: &str, login: &Login, limits: ConnectLimits) -> Result<SshRemote, RemoteError> {
        let ready = Ready::read(login).await?;
        self.log_in_with(user, &ready, limits).await
    }

    pub(crate) async fn log_in_with(mut self, user: &str, ready: &Ready<'_>, limits: ConnectLimits) -> Result<SshRemote, RemoteError> {
        let account = Account { user, label: &self.label, seen: &self.seen, sha1: self.sha1 };
        let taken = Box::pin(account.log_in(&mut self.handle, ready, limits.login)).await?;
        drop(self.permit);
        tracing::debug!(address = self.label, "logged in");
        Ok(SshRemote::new(self.handle, self.seen, self.label, user, taken))
    }
}

/// A host that went through the key exchange.
struct Greeted {
    handle: Handle<Pins>,
    seen: Arc<Seen>,
    offered: OfferedKey,
    banner: String,
    phases: Phases,
}

impl Greeted {
    fn reached(self, way: &Way<'_>, permit: OwnedSemaphorePermit, sha1: bool, tries_before: u32) -> Unchecked {
        let Self { handle, seen, offered, banner, phases } = self;
        let phases = Phases { tries_before, ..phases };
        Unchecked(Reached { handle, permit, seen, offered, label: way.label(), port: way.port, banner, phases, sha1 })
    }
}

enum Failure {
    /// The server hung up without a word; it may be different the next time.
    Dropped(RemoteError),
    /// Any other failure.
    Other(RemoteError),
}

impl From<NotDialled> for Failure {
    fn from(NotDialled { error, dropped }: NotDialled) -> Self {
        if dropped { Self::Dropped(error) } else { Self::Other(error) }
    }
}

async fn once(way: &Way<'_>, config: &Arc<Config>, limits: ConnectLimits) -> Result<Greeted, Failure> {
    let dialled = way.dial(limits.connect).await?;
    let start = Instant::now();
    let (stream, heard, cutter) = Listening::new(dialled.wire);
    // A packet is read in two: its length, then the rest.
    let stream = BufReader::with_capacity(READ_AHEAD, stream);
    let handler = Pins::new();
    let seen = handler.seen();
    // On the heap: the handshake's state is several kilobytes.
    let handshake = Box::pin(connect_stream(Arc::clone(config), stream, handler));
    let result = timeout(limits.handshake, handshake).await;
    let phase = if heard.line().is_some() { Phase::KeyExchange } else { Phase::Banner };
    let late = || Failure::Other(way.failed(phase, &format!("no SSH handshake in {} s", limits.handshake.as_secs())));
    let handle = result.map_err(|_| late())?.map_err(|error| failure(way, phase, &heard, error))?;
    let (Some((banner, at)), Some(offered)) = (heard.line(), seen.key().cloned()) else {
        return Err(Failure::Other(way.failed(phase, "no host key was shown")));
    };
    if !signed_as_agreed(&handle, config) {
        return Err(Failure::Other(way.failed(phase, "the host signed with an algorithm that it may not use")));
    }
    let phases = Phases { name: dialled.name, connect: dialled.connect, banner: *at - start, key_exchange: at.elapsed(), tries_before: 0 };
    cutter.leave();
    Ok(Greeted { handle, seen, offered, banner: banner.clone(), phases })
}

/// Whether the host's signature is of an algorithm that was proposed. russh verifies the signature by whatever algorithm it
/// names itself, which would let RSA sign with SHA-1.
fn signed_as_agreed(handle: &Handle<Pins>, config: &Config) -> bool {
    let Some(binding) = handle.agent_session_binding() else { return false };
    String::decode(&mut binding.signature()).is_ok_and(|name| config.preferred.key.iter().any(|allowed| *allowed.to_string() == name))
}

fn failure(way: &Way<'_>, phase: Phase, heard: &Heard, error: russh::Error) -> Failure {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    if let russh::Error::NoCommonAlgo { kind, theirs, .. } = error {
        return Failure::Other(RemoteError::NoCommonAlgorithm {
            address: way.label(),
            kind: kind_name(&kind),
            theirs: harmless(&theirs.join(",")),
        });
    }
    let said = heard.other();
    let hung_up = match &error {
        russh::Error::Disconnect | russh::Error::HUP => true,
        russh::Error::IO(error) => matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof),
        _ => false,
    };
    let reason = if phase == Phase::Banner && !said.is_empty() { said.clone() } else { error.to_string() };
    let error = way.failed(phase, &reason);
    // What is lost with the host before on the way does not come back here.
    let again = hung_up && !said.contains(PUNISHED) && !way.via.is_some_and(SshRemote::is_closed);
    if again { Failure::Dropped(error) } else { Failure::Other(error) }
}

fn kind_name(kind: &AlgorithmKind) -> &'static str {
    match kind {
        AlgorithmKind::Kex => "key exchange",
        AlgorithmKind::Key => "host key",
        AlgorithmKind::Cipher => "cipher",
        AlgorithmKind::Mac => "mac",
        AlgorithmKind::Compression => "compression",
    }
}

/// The duration, give or take half of it: those that were dropped together do not come back together.
fn around(duration: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    duration.mul_f64(0.5 + f64::from(random) / f64::from(u32::MAX))
}

fn config() -> Config {
    Config {
        // OpenSSH has no rekey by time; sessions were seen to die at the default of an hour.
        limits: russh::Limits { rekey_time_limit: Duration::from_secs(30 * 24 * 3600), ..russh::Limits::default() },
        window_size: 4 << 20,
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: 3,
        nodelay: true,
        ..Config::default()
    }
}
