//! The round trip: what is sent to the host, and what comes back.

use std::time::Duration;

use beffroi_remote::{Chunk, CommandLine, Limits, Remote, RemoteError, RunRequest, clean};
use beffroi_secret::SecretBytes;

use crate::model::Reading;
use crate::parse;

/// Why there is no reading.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
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

/// Runs on the host: see the text itself.
const GUESTS_SH: &str = include_str!("../../../../assets/remote/guests.sh");

/// The text comes on standard input, as a survey's: in no list of processes and no log of sudo, without a limit.
const COMMAND: [&str; 3] = ["sh", "-c", "eval \"$(cat)\""];

/// From the start to the end.
const MOST_TIME: Duration = Duration::from_secs(120);
/// More than all sections may have together.
const MOST_BYTES: usize = 48 << 20;
/// The most bytes of standard error.
const MOST_COMPLAINT: usize = 64 << 10;

/// Reads the guests of a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as. Where that is not root, less is seen, and [`Reading::missing`]
/// says what. An answer that takes too long gives what was read until then.
///
/// # Errors
/// [`ProbeError`] when nothing came back, or the link was lost.
pub async fn probe(remote: &dyn Remote) -> Result<Reading, ProbeError> {
    let mark = mark()?;
    let command = RunRequest::new(CommandLine::new(COMMAND))
        .with_stdin(SecretBytes::new(text(&mark).into_bytes()))
        .with_limits(Limits { time: MOST_TIME, most_bytes: MOST_BYTES });
    let (stdout, stderr) = collect(remote, command).await?;
    let answer = parse::reading(&stdout, &mark);
    answer.ok_or_else(|| ProbeError::NotAnswered { message: clean(&String::from_utf8_lossy(&stderr).replace('\n', " ")) })
}

/// What the host's shell reads.
fn text(mark: &str) -> String {
    let mut text = format!("n={mark}\n");
    for line in GUESTS_SH.lines().map(str::trim_start).filter(|line| !line.starts_with('#')) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// 128 bits by chance, in hex.
fn mark() -> Result<String, ProbeError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| ProbeError::NoRandom)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Both streams, each up to its limit. What came before the time was over is kept.
async fn collect(remote: &dyn Remote, command: RunRequest) -> Result<(Vec<u8>, Vec<u8>), RemoteError> {
    let mut process = remote.start(command).await?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        let (stream, most, bytes) = match process.next().await {
            Ok(Some(Chunk::Stdout(bytes))) => (&mut stdout, MOST_BYTES, bytes),
            Ok(Some(Chunk::Stderr(bytes))) => (&mut stderr, MOST_COMPLAINT, bytes),
            Ok(Some(Chunk::Exit(_))) => continue,
            Ok(None) => break,
            Err(error) if stdout.is_empty() || matches!(error, RemoteError::LinkLost { .. }) => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "the reading of guests broke off");
                break;
            }
        };
        let room = most.saturating_sub(stream.len());
        stream.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
        if stdout.len() >= MOST_BYTES {
            process.cancel().await;
            break;
        }
    }
    Ok((stdout, stderr))
}
