//! What the script answers in one line, after whatever the login itself printed.

use beffroi_domain::Exit;

use super::{Dropped, FolderProblem, JobError, Launcher, Started, StepOnHost, StepRef};
use crate::Output;

/// The line after which the script's own output begins: a login may print a greeting first.
pub(super) const MARK: &[u8] = b"beffroi-job 1\n";

/// The most bytes that may stand before [`MARK`].
pub(super) const MOST_GREETING: usize = 64 << 10;

/// The most bytes of one line of an answer.
pub(super) const MOST_LINE: usize = 128;

/// An answer of one line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Started(Started),
    Step(StepOnHost),
    /// Follow: more output is there, ask again.
    More,
    /// Follow: a sign of life.
    Alive,
    /// Follow: what is missing of the output.
    Dropped(Dropped),
}

impl Answer {
    /// Reads the first line after [`MARK`].
    pub(super) fn read(output: &Output) -> Result<Self, JobError> {
        let lines = after_mark(output)?;
        let line = lines.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Self::of_line(line)
    }

    /// Reads one line, without its end.
    pub(super) fn of_line(line: &[u8]) -> Result<Self, JobError> {
        let text = text_of(line)?;
        if let Some(code) = text.strip_prefix("error ") {
            return Err(error(code));
        }
        match text {
            "started systemd" => Ok(Self::Started(Started::Now(Launcher::Systemd))),
            "started setsid" => Ok(Self::Started(Started::Now(Launcher::Setsid))),
            "already" => Ok(Self::Started(Started::AlreadyThere)),
            "more" => Ok(Self::More),
            "alive" => Ok(Self::Alive),
            _ => {
                let read =
                    text.strip_prefix("dropped ").map_or_else(|| step(text).map(Self::Step), |rest| dropped(rest).map(Self::Dropped));
                read.ok_or_else(|| not_understood(line))
            }
        }
    }

    /// The error for an answer that does not fit the question.
    pub(super) fn unexpected(&self) -> JobError {
        JobError::NotUnderstood { what: format!("{self:?}") }
    }
}

/// A line as text, within its limit.
pub(super) fn text_of(line: &[u8]) -> Result<&str, JobError> {
    std::str::from_utf8(line).ok().filter(|text| text.len() <= MOST_LINE).ok_or_else(|| not_understood(line))
}

/// Reads `JOB.STEP`.
pub(super) fn reference(name: &str) -> Option<StepRef> {
    let (job, step) = name.split_once('.')?;
    let reference = StepRef { job: job.parse().ok()?, step: step.parse().ok()? };
    (reference.to_string() == name).then_some(reference)
}

/// Reads where a step stands.
pub(super) fn step(text: &str) -> Option<StepOnHost> {
    Some(match text.trim_end() {
        "absent" => StepOnHost::Absent,
        "staged" => StepOnHost::Staged,
        "running" => StepOnHost::Running,
        "vanished" => StepOnHost::Vanished { rebooted: false },
        "vanished rebooted" => StepOnHost::Vanished { rebooted: true },
        other => StepOnHost::Ended(exit(other.strip_prefix("ended ")?)?),
    })
}

/// Reads `STDOUT STDERR WHETHER`, where the last is `counted` or `uncounted`.
fn dropped(text: &str) -> Option<Dropped> {
    let mut words = text.split(' ');
    let (stdout, stderr) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let uncounted = match words.next()? {
        "counted" => false,
        "uncounted" => true,
        _ => return None,
    };
    words.next().is_none().then_some(Dropped { stdout, stderr, uncounted })
}

/// Reads what the `exit` file holds: a status, or `signal NAME`.
fn exit(text: &str) -> Option<Exit> {
    if let Some(name) = text.strip_prefix("signal ") {
        let plain = name.len() <= 16 && name.starts_with(|c: char| c.is_ascii_uppercase());
        let plain = plain && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '+' | '-'));
        return plain.then(|| Exit::Signal(name.to_owned()));
    }
    text.parse::<u8>().ok().map(|status| Exit::Status(u32::from(status)))
}

/// The error that the script names.
pub(super) fn error(code: &str) -> JobError {
    match code {
        "tmpfs" => JobError::NoTmpfs,
        "folder read-only" => JobError::Folder { reason: FolderProblem::ReadOnly },
        "folder full" => JobError::Folder { reason: FolderProblem::Full },
        "folder not-allowed" => JobError::Folder { reason: FolderProblem::NotAllowed },
        "folder other" => JobError::Folder { reason: FolderProblem::Other },
        "cut" => JobError::CutShort,
        "unstarted" => JobError::NotStarted,
        "running" => JobError::StillRunning,
        "alive" => JobError::WontDie,
        "offset" => JobError::Shortened,
        other => match other.strip_prefix("missing ") {
            Some(what) => JobError::Missing { what: harmless(what.as_bytes()) },
            None => not_understood(code.as_bytes()),
        },
    }
}

/// What stands after [`MARK`].
pub(super) fn after_mark(output: &Output) -> Result<&[u8], JobError> {
    let greeting = output.stdout.get(..MOST_GREETING + MARK.len()).unwrap_or(&output.stdout);
    match find_mark(greeting) {
        Some(at) => Ok(output.stdout.get(at..).unwrap_or_default()),
        None => Err(no_mark(&output.stdout, &output.stderr, &output.exit)),
    }
}

/// Where the script's output begins.
pub(super) fn find_mark(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK).map(|at| at + MARK.len())
}

/// The error for a login that never came to the script.
pub(super) fn no_mark(stdout: &[u8], stderr: &[u8], exit: &Exit) -> JobError {
    let said = if stderr.is_empty() { stdout } else { stderr };
    JobError::NotUnderstood { what: format!("{exit:?}: {}", harmless(said)) }
}

pub(super) fn not_understood(line: &[u8]) -> JobError {
    JobError::NotUnderstood { what: harmless(line) }
}

/// At most 200 characters, with what is not plain text escaped.
fn harmless(bytes: &[u8]) -> String {
    let start = bytes.get(..200).unwrap_or(bytes);
    String::from_utf8_lossy(start).chars().flat_map(char::escape_debug).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(stdout: &[u8]) -> Output {
        Output { stdout: stdout.to_vec(), stderr: Vec::new(), exit: Exit::Status(0), cut: false }
    }

    #[test]
    fn a_greeting_before_the_mark_is_skipped() {
        let answer = Answer::read(&output(b"Welcome!\nno line end: beffroi-job 1\nstarted systemd\n"));
        assert_eq!(answer.expect("an answer"), Answer::Started(Started::Now(Launcher::Systemd)));
    }

    #[test]
    fn exits_are_a_status_or_the_name_of_a_signal() {
        let ended = |text: &str| step(text);
        assert_eq!(ended("ended 0"), Some(StepOnHost::Ended(Exit::Status(0))));
        assert_eq!(ended("ended signal KILL   "), Some(StepOnHost::Ended(Exit::Signal("KILL".to_owned()))));
        assert_eq!(ended("vanished"), Some(StepOnHost::Vanished { rebooted: false }));
        assert_eq!(ended("vanished rebooted"), Some(StepOnHost::Vanished { rebooted: true }));
        for bad in ["ended", "ended ", "ended 256", "ended -1", "ended signal ", "ended signal kill", "ended signal \u{1b}[2J", "gone", ""]
        {
            assert_eq!(ended(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn errors_have_their_kind() {
        for (code, expected) in [("error tmpfs", "NoTmpfs"), ("error missing setsid", "Missing"), ("error what", "NotUnderstood")] {
            let error = Answer::of_line(code.as_bytes()).expect_err("an error");
            assert!(format!("{error:?}").starts_with(expected), "{error:?}");
        }
    }

    #[test]
    fn silence_is_told_with_what_the_login_said() {
        let silent = Output { stderr: b"sh: not\x1b found".to_vec(), exit: Exit::Status(127), ..output(b"") };
        let error = Answer::read(&silent).expect_err("an error").to_string();
        assert!(error.contains("127") && error.contains("not\\u{1b} found"), "{error}");
    }

    #[test]
    fn what_was_dropped_is_three_words() {
        let read = |line: &str| Answer::of_line(line.as_bytes());
        let all = Dropped { stdout: 10, stderr: 0, uncounted: true };
        assert_eq!(read("dropped 10 0 uncounted").expect("an answer"), Answer::Dropped(all));
        assert_eq!(read("dropped 10 0 counted").expect("an answer"), Answer::Dropped(Dropped { uncounted: false, ..all }));
        for bad in ["dropped ", "dropped 1 2", "dropped 1 2 full", "dropped -1 2 counted", "dropped 1 2 counted ", "dropped 1  counted"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
