//! The round trip: what is sent to the host, and what comes back.

use beffroi_remote::{AskError, Remote, answer, mark, without_comments};

use crate::model::Reading;
use crate::parse;

/// Runs on the host: see the text itself.
const GUESTS_SH: &str = include_str!("../../../../assets/remote/guests.sh");

/// More than all sections may have together.
const MOST_BYTES: usize = 48 << 20;
/// Reads the guests of a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as. Where that is not root, less is seen, and [`Reading::missing`]
/// says what. An answer that takes too long gives what was read until then.
///
/// # Errors
/// [`AskError`] when nothing came back, or the link was lost.
pub async fn probe(remote: &dyn Remote) -> Result<Reading, AskError> {
    let mark = mark()?;
    let (stdout, stderr) = answer(remote, format!("n={mark}\n{}", without_comments(GUESTS_SH)), MOST_BYTES).await?;
    parse::reading(&stdout, &mark).ok_or_else(|| AskError::not_answered(&stderr))
}
