//! The [`Remote`] trait and what its calls take and give.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use beffroi_domain::{Exit, Fingerprint};
use beffroi_secret::SecretBytes;
use bytes::Bytes;

use crate::{CommandLine, Copied, CopyOptions, Transfer};

/// A host on which commands can be run.
///
/// Every call may be dropped at any await point: the remote process is then asked to end, and nothing is left waiting.
#[async_trait]
pub trait Remote: Send + Sync {
    /// Starts a command and gives its output as it comes.
    async fn start(&self, request: RunRequest) -> Result<Box<dyn Process>, RemoteError>;

    /// Copies a local file or folder to the host. A file appears there whole or not at all; a folder that is not there yet
    /// too, and one that is there is changed file by file. Into a folder that is there, it goes under its own name.
    ///
    /// # Errors
    /// [`RemoteError::LocalFile`] and [`RemoteError::RemoteFile`] name what cannot be read or written,
    /// [`RemoteError::NoSpace`] where a disk is full, [`RemoteError::Differs`] when what arrived is not what was sent; and
    /// those of the link.
    async fn put(
        &self,
        local: &Path,
        remote: &str,
        options: &CopyOptions,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, RemoteError>;

    /// Copies a file or folder of the host here, under the same rules. What comes is its owner's alone.
    ///
    /// # Errors
    /// As those of [`Remote::put`].
    async fn get(
        &self,
        remote: &str,
        local: &Path,
        options: &CopyOptions,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, RemoteError>;

    /// Runs a command to its end and collects both streams, up to the limits of the request.
    async fn run(&self, request: RunRequest) -> Result<Output, RemoteError> {
        let limits = request.limits;
        let mut process = self.start(request).await?;
        let mut output = Output { stdout: Vec::new(), stderr: Vec::new(), exit: Exit::Unknown, cut: false };
        while let Some(chunk) = process.next().await? {
            let (stream, bytes) = match chunk {
                Chunk::Stdout(bytes) => (&mut output.stdout, bytes),
                Chunk::Stderr(bytes) => (&mut output.stderr, bytes),
                Chunk::Exit(exit) => {
                    output.exit = exit;
                    continue;
                }
            };
            let room = limits.most_bytes.saturating_sub(stream.len());
            output.cut |= bytes.len() > room;
            stream.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
        }
        Ok(output)
    }
}

/// A command that runs on a host.
#[async_trait]
pub trait Process: Send {
    /// The next piece of output, or the exit; `None` once everything was given.
    ///
    /// # Errors
    /// [`RemoteError::LinkLost`] when the connection ends first; [`RemoteError::TimedOut`] after the request's time.
    async fn next(&mut self) -> Result<Option<Chunk>, RemoteError>;

    /// Writes to the standard input of a command that was started with [`RunRequest::with_open_input`]; waits while the
    /// host takes no more. May be dropped while it waits: then nothing of these bytes was written.
    ///
    /// # Errors
    /// [`RemoteError::InputClosed`] when nothing can be written any more: the command ended, which [`Process::next`]
    /// tells, or its input was closed or never open.
    async fn write(&mut self, _bytes: Bytes) -> Result<(), RemoteError> {
        Err(RemoteError::InputClosed)
    }

    /// Ends the input: the command reads end of file after what was written.
    fn close_input(&mut self) {}

    /// Asks the remote process to end and gives the channel back.
    async fn cancel(&mut self);
}

/// What a [`Process`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// Bytes of standard output.
    Stdout(Bytes),
    /// Bytes of standard error.
    Stderr(Bytes),
    /// How it ended. Output may still follow.
    Exit(Exit),
}

/// A command to run.
#[derive(Debug)]
pub struct RunRequest {
    /// The command, quoted for the host's shell.
    pub command: CommandLine,
    /// What it reads on standard input first.
    pub stdin: Option<SecretBytes>,
    /// Whether more follows by [`Process::write`]. Without, end of file follows.
    pub open_input: bool,
    /// Whether the host waits for a reader that is slow, where output would else be too much: for a connection that nothing else
    /// uses, which is held up.
    pub holds_back: bool,
    /// Time and size.
    pub limits: Limits,
}

impl RunRequest {
    /// A command without input, within the usual limits.
    #[must_use]
    pub fn new(command: CommandLine) -> Self {
        Self { command, stdin: None, open_input: false, holds_back: false, limits: Limits::default() }
    }

    /// Gives it standard input.
    #[must_use]
    pub fn with_stdin(self, stdin: SecretBytes) -> Self {
        Self { stdin: Some(stdin), ..self }
    }

    /// Leaves its input open for [`Process::write`], until [`Process::close_input`].
    #[must_use]
    pub fn with_open_input(self) -> Self {
        Self { open_input: true, ..self }
    }

    /// Has the host wait for a slow reader. Only for a connection that nothing else uses.
    #[must_use]
    pub fn holding_back(self) -> Self {
        Self { holds_back: true, ..self }
    }

    /// Sets its limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}

/// What a host may take of our time and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the end of the command.
    pub time: Duration,
    /// For each stream, when it is collected.
    pub most_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(60), most_bytes: 16 << 20 }
    }
}

/// What a command gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// Standard error, up to the limit.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub exit: Exit,
    /// Whether a stream went over the limit and was cut.
    pub cut: bool,
}

/// How far a connection came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Finding the address of the name.
    Name,
    /// Opening a TCP connection, from here or from the host before on the way.
    Connect,
    /// Waiting for the first line of an SSH server.
    Banner,
    /// Agreeing on keys.
    KeyExchange,
    /// Logging in.
    Login,
}

impl Phase {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connect => "connect",
            Self::Banner => "banner",
            Self::KeyExchange => "key-exchange",
            Self::Login => "login",
        }
    }
}

/// What a host was given to log in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginMethod {
    /// A key, or its certificate.
    Key,
    /// A password.
    Password,
    /// A one-time code.
    OneTime,
    /// A password and a one-time code; the host does not say which of them was wrong.
    PasswordAndOneTime,
}

impl LoginMethod {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Password => "password",
            Self::OneTime => "one-time",
            Self::PasswordAndOneTime => "password-and-one-time",
        }
    }

    /// Reads a [`LoginMethod::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Key, Self::Password, Self::OneTime, Self::PasswordAndOneTime].into_iter().find(|method| method.name() == name)
    }
}

/// Why a host certificate does not vouch for its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Nobody here trusts who signed it.
    #[error("it is signed by an unknown authority")]
    UnknownAuthority,
    /// It does not name the host.
    #[error("it is for other hosts")]
    WrongName,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not begun.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It is the certificate of a person.
    #[error("it is not for hosts")]
    NotForHosts,
    /// It is bound to a condition; none is known for hosts.
    #[error("it has a condition that is not known")]
    UnknownCondition,
    /// Its signature is wrong, or made with SHA-1.
    #[error("its signature is wrong")]
    BadSignature,
}

impl CertificateFault {
    const ALL: [Self; 7] = [
        Self::UnknownAuthority,
        Self::WrongName,
        Self::Expired,
        Self::NotYetValid,
        Self::NotForHosts,
        Self::UnknownCondition,
        Self::BadSignature,
    ];

    /// Reads a [`CertificateFault::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownAuthority => "unknown-authority",
            Self::WrongName => "wrong-name",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::NotForHosts => "not-for-hosts",
            Self::UnknownCondition => "unknown-condition",
            Self::BadSignature => "bad-signature",
        }
    }
}

/// Why work on a host failed before, or apart from, what the command itself says.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RemoteError {
    /// No connection: the name is not found, nothing answers, or the port is closed.
    #[error("{address} cannot be reached: {reason}")]
    Unreachable {
        /// Address and port that were tried.
        address: String,
        /// How far it came.
        phase: Phase,
        /// What the system said.
        reason: String,
    },
    /// The host has no pin in the catalog.
    #[error("the host key of {address} is not known: {offered}")]
    HostKeyUnknown {
        /// Address and port that were tried.
        address: String,
        /// The key it showed.
        offered: Fingerprint,
        /// Its algorithm, such as `ssh-ed25519`.
        algorithm: String,
    },
    /// The host shows a key that is not pinned.
    #[error("the host key of {address} changed: {offered}")]
    HostKeyChanged {
        /// Address and port that were tried.
        address: String,
        /// The key it showed.
        offered: Fingerprint,
        /// Its algorithm.
        algorithm: String,
        /// The keys that are pinned.
        pinned: Vec<Fingerprint>,
    },
    /// The host shows a key that was revoked.
    #[error("the host key of {address} was revoked: {offered}")]
    HostKeyRevoked {
        /// Address and port that were tried.
        address: String,
        /// The revoked key: the host's, or the one that signed its certificate.
        offered: Fingerprint,
    },
    /// The host shows a certificate that does not vouch for it.
    #[error("the host certificate of {address} is refused: {fault}")]
    HostCertificateRefused {
        /// Address and port that were tried.
        address: String,
        /// The host's key.
        offered: Fingerprint,
        /// The key that signed its certificate.
        authority: Fingerprint,
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// The host and this program have no algorithm of a kind in common; an old one may be allowed for this host.
    #[error("{address} offers no {kind} algorithm that is allowed: {theirs}")]
    NoCommonAlgorithm {
        /// Address and port that were tried.
        address: String,
        /// What it is for: `key exchange`, `host key`, `cipher`, `mac` or `compression`.
        kind: &'static str,
        /// What the host offers, separated by commas.
        theirs: String,
    },
    /// An old algorithm that nobody here knows was asked for.
    #[error("{name} is not an algorithm that can be allowed")]
    UnknownAlgorithm {
        /// Its name.
        name: String,
    },
    /// The host refused the credential.
    #[error("{user} was refused by {address} ({})", refused.name())]
    AuthenticationRefused {
        /// Address and port of the host.
        address: String,
        /// The account.
        user: String,
        /// What was refused.
        refused: LoginMethod,
        /// Methods the host would take, such as `publickey,password`.
        methods: String,
    },
    /// The host wants something that there is nothing for; what it was given, it accepted.
    #[error("{address} wants more of {user}: {methods}")]
    FactorMissing {
        /// Address and port of the host.
        address: String,
        /// The account.
        user: String,
        /// What it accepted last; nothing when it wants none of what there is.
        accepted: Option<LoginMethod>,
        /// Methods it would take, such as `keyboard-interactive`.
        methods: String,
    },
    /// Every one-time code of the near future was already used here; a host takes each once.
    #[error("no one-time code is free for {seconds} s")]
    OneTimeCodeSpent {
        /// Until one is free.
        seconds: u64,
    },
    /// The credential cannot be used: not a private key, or an encrypted one.
    #[error("the credential cannot be used: {reason}")]
    CredentialUnusable {
        /// Why.
        reason: String,
    },
    /// Time ran out.
    #[error("no end after {seconds} s")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// The connection broke.
    #[error("the link was lost: {reason}")]
    LinkLost {
        /// What the system said.
        reason: String,
    },
    /// Output came faster than it was read, and more waits than is kept; the command was ended.
    #[error("more than {most} bytes of output wait to be read")]
    TooMuchOutput {
        /// The limit.
        most: usize,
    },
    /// The host refused a channel, a command or a subsystem.
    #[error("the host refused: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// The host does not make us root; the command was not started.
    #[error("sudo refused: {why}")]
    SudoRefused {
        /// Why, as far as it can be told.
        why: SudoRefusal,
    },
    /// The command takes no more input.
    #[error("the command takes no more input")]
    InputClosed,
    /// A local file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    LocalFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file of the host cannot be read or written.
    #[error("{path}: {reason}")]
    RemoteFile {
        /// The file.
        path: String,
        /// What the host said.
        reason: String,
    },
    /// What is copied here has no name of its own, and there is something already where it would go.
    #[error("{path} has no name, and {} exists", destination.display())]
    Nameless {
        /// The path on the host, such as `.`.
        path: String,
        /// What is here already.
        destination: PathBuf,
    },
    /// Something is there already, and is left alone.
    #[error("{path} exists")]
    FileExists {
        /// The file or folder.
        path: String,
    },
    /// A folder has something in it, and was not to be removed with it.
    #[error("{path} is not empty")]
    FolderNotEmpty {
        /// The folder.
        path: String,
    },
    /// What a system or a person stands on is not taken away.
    #[error("{path} is not taken away")]
    PathProtected {
        /// The file or folder.
        path: String,
    },
    /// A disk is full: the host's, or the one here.
    #[error("no space left for {path}")]
    NoSpace {
        /// Whether it is the host's.
        there: bool,
        /// The file that does not fit.
        path: String,
    },
    /// What arrived is not what was sent; nothing was put in the place of the file.
    #[error("{path} does not have the content that was sent")]
    Differs {
        /// The file.
        path: String,
    },
    /// The host answered what no version of this protocol answers.
    #[error("the host's answer is not understood: {what}")]
    NotUnderstood {
        /// What was expected.
        what: String,
    },
}

/// Why sudo runs nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SudoRefusal {
    /// The password is wrong. It was tried once.
    #[error("the password is wrong")]
    WrongPassword,
    /// The account may not run everything as root: it is not in sudoers, or for some commands only.
    #[error("the account may not run everything as root")]
    NotAllowed,
    /// The host asks for a terminal (`requiretty`). None is given: on a terminal the two output streams are one, and
    /// input is changed on its way.
    #[error("the host asks for a terminal")]
    NeedsTty,
    /// It asks for a password, and there is none.
    #[error("it asks for a password")]
    PasswordNeeded,
    /// The host has no sudo.
    #[error("the host has no sudo")]
    NotInstalled,
    /// Something else.
    #[error("{said}")]
    Other {
        /// What the host said, made harmless.
        said: String,
    },
}
