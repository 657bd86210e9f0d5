//! How an operation ended whose traces on its host are gone, as YunoHost's own journal has it.

use std::time::{SystemTime, UNIX_EPOCH};

use beffroi_remote::{CommandLine, Remote, RemoteError, RunRequest};
use jiff::Timestamp;
use serde_json::Value;

use super::{LoggedEnd, LoggedOperation, Part, Running};
use crate::ask::ask;
use crate::operation::{ActionRecord, Question, question};
use crate::text::text;
use beffroi_remote::clean;

/// Operations among which it is looked for.
const LATEST: u16 = 50;
/// Lines of it that are asked for.
const MOST_LINES: &str = "2000";

/// What YunoHost's journal says of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedUp {
    /// It is not there, or it was left without an end.
    Unknown,
    /// It runs.
    Running,
    /// It ended.
    Ended {
        /// Well, as YunoHost wrote down.
        succeeded: bool,
        /// What it said, each line as it would have been printed: with its level first. Traces of scripts are left out: they may
        /// hold secrets.
        lines: Vec<String>,
    },
}

impl LookedUp {
    /// Looks in the journal of a host for an operation that was sent at this moment of our clock.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub async fn ask(remote: &dyn Remote, record: &ActionRecord, sent: Timestamp) -> Result<Self, RemoteError> {
        let sent = sent.checked_add(ahead(remote).await?).unwrap_or(sent);
        let answers = ask(remote, &[LoggedOperation::list_question(LATEST)]).await?;
        let journal = answers.first().map(LoggedOperation::read_list);
        let journal = journal.as_ref().and_then(Part::value).map_or(&[][..], Vec::as_slice);
        let Some(entry) = LoggedOperation::find(journal, record, sent) else { return Ok(Self::Unknown) };
        if entry.end == LoggedEnd::Running {
            // What was killed has no end either, but it holds no lock.
            return Ok(if Running::ask(remote).await?.is_some() { Self::Running } else { Self::Unknown });
        }
        let answers = ask(remote, &[lines_question(&entry.name)]).await?;
        let shown = answers.first().and_then(|answer| answer.json().ok()).unwrap_or_default();
        Ok(Self::Ended { succeeded: entry.end == LoggedEnd::Succeeded, lines: lines(&shown) })
    }
}

/// By how much the clock of a host is ahead of ours, to the second.
async fn ahead(remote: &dyn Remote) -> Result<jiff::SignedDuration, RemoteError> {
    let output = remote.run(RunRequest::new(CommandLine::new(["date", "+%s"]))).await?;
    let theirs = String::from_utf8_lossy(&output.stdout).trim().parse::<i64>().ok();
    let ours = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok());
    let seconds = theirs.zip(ours).and_then(|(theirs, ours)| theirs.checked_sub(ours));
    Ok(jiff::SignedDuration::from_secs(seconds.unwrap_or(0)))
}

fn lines_question(name: &str) -> Question {
    question(&["log", "show", name, "--number", MOST_LINES])
}

/// Reads `{"logs": ["2026-11-21 21:34:13,659: INFO - text"], "metadata": {"error"}}`.
fn lines(shown: &Value) -> Vec<String> {
    let said = shown.get("logs").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).filter_map(line);
    let mut lines: Vec<String> = said.collect();
    let error = shown.get("metadata").map(|details| text(details, "error")).filter(|error| !error.is_empty());
    lines.extend(error.map(|error| format!("ERROR {error}")).filter(|error| !lines.contains(error)));
    lines
}

fn line(logged: &str) -> Option<String> {
    let (head, said) = logged.split_once(" - ")?;
    let (_, level) = head.rsplit_once(": ")?;
    let told = matches!(level, "INFO" | "SUCCESS" | "WARNING" | "ERROR");
    told.then(|| format!("{level} {}", clean(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_level_first_and_traces_are_left_out() {
        let shown = serde_json::json!({"logs": ["2026-11-21 21:34:13,659: DEBUG - + password=canary", "no line", 7,
            "2026-11-21 21:34:13,659: INFO - [####] > Step - one", "2026-11-21 21:34:13,700: SUCCESS - Done",
            "2026-11-21 21:34:14,000: ERROR - It failed"], "metadata": {"error": "It failed", "env": {"x": "canary"}}});
        assert_eq!(lines(&shown), ["INFO [####] > Step - one", "SUCCESS Done", "ERROR It failed"]);
        let killed = serde_json::json!({"logs": [], "metadata": {"error": "Boom"}});
        assert_eq!(lines(&killed), ["ERROR Boom"]);
        assert!(lines(&Value::Null).is_empty());
    }
}
