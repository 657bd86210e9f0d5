//! A shell text that only reads, and is answered by a host in one round trip: how it goes there, and how its answer comes back.

use std::time::Duration;

use beffroi_secret::SecretBytes;

use crate::{Chunk, CommandLine, Limits, Remote, RemoteError, RunRequest, clean};

/// Why a text that was sent to a host was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The command could not be run on the host.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The host did not answer as a Linux with a POSIX shell does.
    #[error("the host did not answer: {message}")]
    NotAnswered {
        /// What it said on standard error, cleaned, 4 KiB at most.
        message: String,
    },
    /// There is no chance to be had from the system here.
    #[error("no random bytes from the system")]
    NoRandom,
}

impl AskError {
    /// Of a host that said this on standard error instead.
    #[must_use]
    pub fn not_answered(stderr: &[u8]) -> Self {
        Self::NotAnswered { message: clean(&String::from_utf8_lossy(stderr).replace('\n', " ")) }
    }
}

/// The text comes on standard input: there it costs nothing, stands in no list of processes and no log of sudo, and has
/// no limit. `cat` gives it whole; bash would read it byte by byte.
const COMMAND: [&str; 3] = ["sh", "-c", "eval \"$(cat)\""];
/// From the start to the end.
const MOST_TIME: Duration = Duration::from_secs(120);
/// The most bytes of standard error.
const MOST_COMPLAINT: usize = 64 << 10;

/// What tells the lines of an answer from whatever else stands in it: 128 bits by chance, in hex.
///
/// # Errors
/// [`AskError::NoRandom`].
pub fn mark() -> Result<String, AskError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| AskError::NoRandom)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A text without its comments and indents: what is sent. It may hold no document of several lines.
#[must_use]
pub fn without_comments(text: &str) -> String {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The command that runs a text, for 120 s at most.
#[must_use]
pub fn asking(text: String, most_bytes: usize) -> RunRequest {
    let limits = Limits { time: MOST_TIME, most_bytes };
    RunRequest::new(CommandLine::new(COMMAND)).with_stdin(SecretBytes::new(text.into_bytes())).with_limits(limits)
}

/// Runs a text and gives standard output, up to that many bytes, and standard error. What came before the time was over is kept,
/// so that a host which is slow to tell one thing still tells the others.
///
/// # Errors
/// [`RemoteError`] when nothing came back, or the link was lost: what came until then would stand in the place of a whole answer.
pub async fn answer(remote: &dyn Remote, text: String, most_bytes: usize) -> Result<(Vec<u8>, Vec<u8>), RemoteError> {
    let mut process = remote.start(asking(text, most_bytes)).await?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        let (stream, most, bytes) = match process.next().await {
            Ok(Some(Chunk::Stdout(bytes))) => (&mut stdout, most_bytes, bytes),
            Ok(Some(Chunk::Stderr(bytes))) => (&mut stderr, MOST_COMPLAINT, bytes),
            Ok(Some(Chunk::Exit(_))) => continue,
            Ok(None) => break,
            Err(error) if stdout.is_empty() || matches!(error, RemoteError::LinkLost { .. }) => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "an answer broke off");
                break;
            }
        };
        let room = most.saturating_sub(stream.len());
        stream.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
        if stdout.len() >= most_bytes {
            // A host that goes on without end is not waited for.
            process.cancel().await;
            break;
        }
    }
    Ok((stdout, stderr))
}
