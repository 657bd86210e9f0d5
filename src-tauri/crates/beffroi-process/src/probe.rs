//! The round trip: what is sent to the host, and what comes back.

use beffroi_remote::{AskError, Remote, answer, mark, quote};

use crate::model::{Keeper, Reading};
use crate::parse;

/// Runs on the host: see the text itself.
const PROCESSES_SH: &str =
    concat!(include_str!("../../../../assets/remote/pm2.sh"), include_str!("../../../../assets/remote/processes.sh"));

/// More than all parts may have together.
const MOST_BYTES: usize = 24 << 20;

/// Reads what is kept on a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as. Where that is not root, [`Reading::missing`] says whose pm2 is not seen.
/// An answer that takes too long gives what was read until then, and says that there is more.
///
/// # Errors
/// [`AskError`] when nothing came back, or the link was lost.
pub async fn probe(remote: &dyn Remote) -> Result<Reading, AskError> {
    ask(remote, "").await
}

/// Reads what one keeper keeps, and no others are asked: of systemd only the unit of that name, of pm2 only that account's where
/// one is given. What else would start it is not known then: [`Process::at_boot`](crate::Process::at_boot) of pm2 is not to be relied on.
///
/// # Errors
/// As [`probe`].
pub async fn probe_one(remote: &dyn Remote, keeper: Keeper, owner: Option<&str>, name: &str) -> Result<Reading, AskError> {
    let mut only = format!("only={}\n", keeper.name());
    if let Some(owner) = owner {
        only.push_str(&format!("whose={}\n", quote(owner)));
    }
    let is_of_a_unit = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
    if keeper == Keeper::Systemd && name.bytes().all(is_of_a_unit) {
        only.push_str(&format!("unit={}\n", quote(&format!("{}.service", name.strip_suffix(".service").unwrap_or(name)))));
    }
    ask(remote, &only).await
}

async fn ask(remote: &dyn Remote, only: &str) -> Result<Reading, AskError> {
    let mark = mark()?;
    let (stdout, stderr) = answer(remote, format!("n={mark}\n{only}{PROCESSES_SH}"), MOST_BYTES).await?;
    parse::reading(&stdout, &mark).ok_or_else(|| AskError::not_answered(&stderr))
}
