//! What a command of YunoHost gave: its exit status alone does not tell success from failure.

use beffroi_domain::Exit;

use crate::Cause;
use crate::cause::recognise;
use crate::text::{last_json, lines};

/// The most lines that are kept of one kind.
const MOST_LINES: usize = 200;

/// What a command gave, read from its streams and its exit.
///
/// It says what YunoHost *said*; whether the host is now as wanted is for [`crate::ActionRecord::check`].
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Exit status 0 and no line of standard error that starts with `ERROR `: some commands fail with status 0.
    pub succeeded: bool,
    /// Why it failed; `None` when it succeeded.
    pub cause: Option<Cause>,
    /// What stood behind `ERROR `, or the last line of an internal error, cleaned; 200 lines of 4 KiB at most.
    pub errors: Vec<String>,
    /// What stood behind `WARNING `, with the same limits.
    pub warnings: Vec<String>,
    /// The result, when the last line of standard output is JSON. Many commands that change something print none.
    pub json: Option<serde_json::Value>,
    /// How the command ended.
    pub exit: Exit,
}

impl Outcome {
    /// Reads the streams of a command run with `--output-as json` and `LC_ALL=C`, without a terminal.
    #[must_use]
    pub fn read(stdout: &[u8], stderr: &[u8], exit: &Exit) -> Self {
        let talk = lines(stderr);
        let mut errors = behind(&talk, "ERROR ");
        let warnings = behind(&talk, "WARNING ");
        let quiet = exit.is_success() && errors.is_empty();
        if !quiet && errors.is_empty() {
            // Printed by YunoHost before its logging is set up: on either stream.
            errors = behind(&talk, "Error: ");
            errors.extend(behind(&lines(stdout), "Error: "));
        }
        if !quiet && errors.is_empty() {
            errors.extend(talk.iter().rfind(|line| !line.starts_with("WARNING ")).cloned());
        }
        errors.truncate(MOST_LINES);
        let cause = (!quiet).then(|| cause_of(&errors, &talk, exit));
        Self { succeeded: quiet, cause, errors, warnings, json: last_json(stdout), exit: exit.clone() }
    }
}

fn behind(lines: &[String], level: &str) -> Vec<String> {
    lines.iter().filter_map(|line| line.strip_prefix(level)).take(MOST_LINES).map(|line| line.trim().to_owned()).collect()
}

/// What YunoHost said comes first; how the process ended only explains what it left unsaid.
fn cause_of(errors: &[String], talk: &[String], exit: &Exit) -> Cause {
    if let Some(cause) = errors.iter().find_map(|error| recognise(error)) {
        return cause;
    }
    if talk.iter().any(|line| line.starts_with("Traceback (most recent call last)")) {
        return Cause::Traceback;
    }
    match exit {
        Exit::Unknown => Cause::EndUnknown,
        Exit::Signal(_) => Cause::Killed,
        Exit::Status(2) => Cause::WrongUsage,
        Exit::Status(126 | 127) => Cause::ProgramMissing,
        Exit::Status(_) => Cause::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_explains_what_was_left_unsaid() {
        let cause = |exit| Outcome::read(b"", b"", &exit).cause;
        assert_eq!(cause(Exit::Status(0)), None);
        assert_eq!(cause(Exit::Status(1)), Some(Cause::Other));
        assert_eq!(cause(Exit::Status(2)), Some(Cause::WrongUsage));
        assert_eq!(cause(Exit::Status(127)), Some(Cause::ProgramMissing));
        assert_eq!(cause(Exit::Signal("KILL".to_owned())), Some(Cause::Killed));
        assert_eq!(cause(Exit::Unknown), Some(Cause::EndUnknown));
    }

    #[test]
    fn hostile_streams_are_bounded() {
        let stderr = b"ERROR \x1b[31m\x07spam\n".repeat(10_000);
        let outcome = Outcome::read(&b"[".repeat(1 << 20), &stderr, &Exit::Status(0));
        assert!(!outcome.succeeded);
        assert_eq!(outcome.errors.len(), 200);
        assert_eq!(outcome.errors.first().map(String::as_str), Some("spam"));
        assert_eq!(outcome.json, None);
        let long = Outcome::read(b"", format!("ERROR {}", "é".repeat(100_000)).as_bytes(), &Exit::Status(1));
        assert!(long.errors.iter().all(|line| line.len() <= 4096));
    }

    #[test]
    fn a_word_that_only_begins_like_a_level_is_no_error() {
        assert!(Outcome::read(b"", b"ERRORS: none\nWARNING ERROR x\n", &Exit::Status(0)).succeeded);
    }
}
