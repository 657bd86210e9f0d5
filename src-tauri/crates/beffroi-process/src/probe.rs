//! The round trip: what is sent to the host, and what comes back.

use std::time::Duration;

use beffroi_remote::{CommandLine, Limits, Remote, RemoteError, RunRequest, clean};
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
const PROCESSES_SH: &str =
    concat!(include_str!("../../../../assets/remote/pm2.sh"), include_str!("../../../../assets/remote/processes.sh"));

/// The text comes on standard input: in no list of processes and no log of sudo.
const COMMAND: [&str; 3] = ["sh", "-c", "eval \"$(cat)\""];

/// From the start to the end: several keepers may each take as long as the text lets them.
const MOST_TIME: Duration = Duration::from_secs(120);
/// More than all parts may have together.
const MOST_BYTES: usize = 24 << 20;

/// Reads what is kept on a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as. Where that is not root, [`Reading::missing`] says whose pm2 is not seen.
///
/// # Errors
/// [`ProbeError`] when nothing came back, or the link was lost.
pub async fn probe(remote: &dyn Remote) -> Result<Reading, ProbeError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| ProbeError::NoRandom)?;
    let mark = u128::from_ne_bytes(bytes).to_string();
    let text = format!("n={mark}\n{PROCESSES_SH}");
    let request = RunRequest::new(CommandLine::new(COMMAND))
        .with_stdin(SecretBytes::new(text.into_bytes()))
        .with_limits(Limits { time: MOST_TIME, most_bytes: MOST_BYTES });
    let output = remote.run(request).await?;
    let said = || clean(&String::from_utf8_lossy(&output.stderr).replace('\n', " "));
    parse::reading(&output.stdout, &mark).ok_or_else(|| ProbeError::NotAnswered { message: said() })
}
