//! The [`Remote`] trait and what its calls take and give.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use beffroi_domain::{Exit, Fingerprint};
use beffroi_secret::SecretBytes;
use bytes::Bytes;

use crate::CommandLine;

/// A host on which commands can be run.
///
/// Every call may be dropped at any await point: the remote process is then asked to end, and nothing is left waiting.
#[async_trait]
pub trait Remote: Send + Sync {
    /// Starts a command and gives its output as it comes.
    async fn start(&self, request: RunRequest) -> Result<Box<dyn Process>, RemoteError>;

    /// Copies a local file to the host; it appears there whole or not at all. Gives the number of bytes.
    async fn put(&self, local: &Path, remote: &str, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<u64, RemoteError>;

    /// Copies a file of the host here; it appears whole or not at all. Gives the number of bytes.
    async fn get(&self, remote: &str, local: &Path, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<u64, RemoteError>;

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
    /// What it reads on standard input; end of file follows.
    pub stdin: Option<SecretBytes>,
    /// Time and size.
    pub limits: Limits,
}

impl RunRequest {
    /// A command without input, within the usual limits.
    #[must_use]
    pub fn new(command: CommandLine) -> Self {
        Self { command, stdin: None, limits: Limits::default() }
    }

    /// Gives it standard input.
    #[must_use]
    pub fn with_stdin(self, stdin: SecretBytes) -> Self {
        Self { stdin: Some(stdin), ..self }
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

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes done.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Why work on a host failed before, or apart from, what the command itself says.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RemoteError {
    /// No connection: the name is not found, nothing answers, or the port is closed.
    #[error("{address} cannot be reached: {reason}")]
    Unreachable {
        /// Address and port that were tried.
        address: String,
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
    /// The host refused the credential.
    #[error("{user} was refused")]
    AuthenticationRefused {
        /// The account.
        user: String,
        /// Methods the host would take, such as `publickey,password`.
        methods: String,
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
    /// The host answered what no version of this protocol answers.
    #[error("the host's answer is not understood: {what}")]
    NotUnderstood {
        /// What was expected.
        what: String,
    },
}
