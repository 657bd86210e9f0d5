//! The round trip: what is sent to the host, and what comes back.

use beffroi_remote::{AskError, Remote, asking, mark};

use crate::model::Reading;
use crate::parse;

/// Runs on the host: see the text itself.
const PROCESSES_SH: &str =
    concat!(include_str!("../../../../assets/remote/pm2.sh"), include_str!("../../../../assets/remote/processes.sh"));

/// More than all parts may have together.
const MOST_BYTES: usize = 24 << 20;

/// Reads what is kept on a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as. Where that is not root, [`Reading::missing`] says whose pm2 is not seen.
///
/// # Errors
/// [`AskError`] when nothing came back, or the link was lost.
pub async fn probe(remote: &dyn Remote) -> Result<Reading, AskError> {
    let mark = mark()?;
    let output = remote.run(asking(format!("n={mark}\n{PROCESSES_SH}"), MOST_BYTES)).await?;
    parse::reading(&output.stdout, &mark).ok_or_else(|| AskError::not_answered(&output.stderr))
}
