//! Accounts that are YunoHost's: they stand in its directory and not in passwd(5), so that YunoHost alone sets their password.
//!
//! The lock of the file is the process's: where a link was lost in the middle, the command goes on there, and would set its password
//! after whatever is done next. So nothing is done next while it lives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{Exit, Message, TargetRecord};
use beffroi_remote::{CommandLine, Limits, Remote, RunRequest};
use beffroi_secret::SecretText;
use beffroi_ssh::SshRemote;
use beffroi_store::table::secret::SecretRow;
use beffroi_yunohost::{ActionRecord, Given, LOCK_MINUTES, Operation, Outcome, Raw, Seen};

use super::document::{Rotated, accounts};
use super::host::found;
use crate::AppError;
use crate::session::Session;
use crate::surveys::Survey;

/// Runs a command while no other one that was started so runs: flock(1) of util-linux, which no Debian is without. The file is there
/// wherever YunoHost is, and is only opened. 20 seconds; ends with 75 when the other one still runs then.
const ALONE: [&str; 6] = ["flock", "-w", "20", "-E", "75", "/usr/bin/yunohost"];
/// What it ends with then.
const NOT_ALONE: u32 = 75;
/// Its wait for the other one, YunoHost's own for its lock, and a minute for the work.
const MOST_TIME: Duration = Duration::from_secs(20 + LOCK_MINUTES * 60 + 60);

/// The users of a host's YunoHost, as it was surveyed.
pub(super) fn users_of(survey: &Survey) -> BTreeSet<String> {
    let users = survey.yunohost.as_ref().and_then(|facts| facts.users.value());
    users.map(|users| users.keys().cloned().collect()).unwrap_or_default()
}

impl Session {
    /// Whether a password is one of an account of a YunoHost's, by the last surveys.
    pub(super) fn has_yunohost_accounts(&self, row: &SecretRow) -> Result<bool, AppError> {
        if Rotated::of(&row.kind) == Rotated::Key {
            return Ok(false);
        }
        let surveys = self.last_surveys()?;
        let is_one = |record: &TargetRecord| {
            let ours = surveys.get(&record.host).map(users_of).unwrap_or_default();
            accounts(record, row.id).iter().any(|account| ours.contains(account))
        };
        Ok(self.using(row, None)?.iter().any(is_one))
    }

    /// Sets the password of an account of the host's YunoHost, as root, with the guards of that operation: the login shell stays what
    /// it is.
    ///
    /// # Errors
    /// Where the account is none of YunoHost's; what YunoHost says no with; when an earlier change goes on there.
    pub(super) async fn set_in_yunohost(
        self: &Arc<Self>,
        record: &TargetRecord,
        account: &str,
        new: SecretText,
        remote: &SshRemote,
    ) -> Result<(), AppError> {
        let operation = Operation::find("user-edit").ok_or_else(|| AppError::internal("the operation of YunoHost's users"))?;
        let raw = [("username", Raw::Text(account.to_owned())), ("password", Raw::Secret(new))];
        let mut given = Given::read(operation, BTreeMap::from(raw.map(|(name, value)| (name.to_owned(), value))))?;
        let read = self.read_over(remote, record, &(operation.asks)(&given)).await?;
        let not_local = || found(Message::new("rotation.not-local").with("user", account));
        let facts = read.survey.yunohost.as_ref().ok_or_else(not_local)?;
        if !users_of(&read.survey).contains(account) && facts.users.value().is_some() {
            return Err(not_local());
        }
        let seen = Seen { facts, answers: &read.answers };
        operation.guard(&mut given, &seen).map_err(crate::action::refused)?;
        let invocation = operation.command(&given, &facts.lacks);
        let command = CommandLine::new([&ALONE[..], &["sh", "-c", invocation.command.as_str()]].concat());
        let limits = Limits { time: MOST_TIME, ..Limits::default() };
        let output = remote.run(RunRequest::new(command).with_stdin(invocation.stdin).with_limits(limits)).await?;
        match output.exit {
            Exit::Status(NOT_ALONE) => return Err(found(Message::new("rotation.still-changing").with("user", account))),
            Exit::Unknown => return Err(found(Message::new("rotation.no-end"))),
            _ => {}
        }
        let mut outcome = Outcome::read(&output.stdout, &output.stderr, &output.exit);
        ActionRecord::of(operation, &given, &seen).forgive(&mut outcome);
        match outcome.cause {
            None => Ok(()),
            Some(cause) => Err(AppError::Yunohost { cause, about: account.to_owned(), said: outcome.errors.join(" ") }),
        }
    }
}
