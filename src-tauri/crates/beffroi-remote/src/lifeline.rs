//! The lifeline: a change after which nobody might get in any more is put back by the host itself, unless somebody gets in.
//!
//! # On the host
//! The command of a detached step ([`crate::job`]) is [`tied`] to a lifeline. Before it runs, files that decide who gets in,
//! the rules of the firewall and the state of services are saved in `lifeline/` in the step's folder, and a *keeper* is started
//! that nothing ends which the change does: a unit `beffroi-lifeline-JOB.STEP.service` that a reboot starts again where root has
//! a systemd, a session of its own elsewhere. Where that cannot be made, the command does not run ([`Lifeline::Refused`]).
//!
//! The keeper waits until the command ended, then for a number of seconds; unless the lifeline is released by then, it puts
//! everything back and restarts SSH. Released or put back: whichever comes first makes a link that says so, which succeeds for one only, so
//! that it is never both. What was released stays changed; the copies are removed.
//!
//! # Limits
//! The command is ended after the longest time that it is given: what went on after everything was put back would lock out once
//! more. Without systemd a reboot takes the keeper along. One lifeline at a time: a second one would save what the first may put
//! back. Where nft
//! does not read its own rules back, those of iptables are put back, and `firewall` is told as lacking if rules are not as before.
//! Files beside those that are named, and what is in a database, come back by the text that undoes it, or not at all.

use std::time::Duration;

use crate::job::StepRef;
use crate::{CommandLine, Limits, Remote, RemoteError, RunRequest, clean, quote};

/// The script that speaks this on the host.
const SCRIPT: &str = concat!(
    include_str!("../../../../assets/remote/home.sh"),
    include_str!("../../../../assets/remote/proc.sh"),
    include_str!("../../../../assets/remote/lifeline.sh")
);

const MARK: &str = "beffroi-lifeline 1\n";

/// What a change needs to be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knot {
    /// After the command ended, somebody gets in within this time, or everything is put back.
    pub wait: Duration,
    /// The command is ended after this time.
    pub longest: Duration,
    /// Files and folders that are put back as they were; absolute, without spaces. Those that are not there are removed again.
    pub paths: Vec<String>,
    /// Shell text that undoes what is in no file. Never a secret.
    pub undo: String,
}

/// Where a lifeline is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifeline {
    /// There is none.
    Absent,
    /// It could not be made, so that the command did not run.
    Refused {
        /// `busy`: another one holds; else what is lacking, harmless and short.
        why: String,
    },
    /// It waits for somebody to get in.
    Armed,
    /// Somebody got in: what was changed stays.
    Released,
    /// Everything is being put back.
    Restoring,
    /// Everything was put back, but these parts, harmless and short: empty when it is all.
    Restored {
        /// `files`, `firewall`, `services`, `undo`, or the name of a service.
        failed: Vec<String>,
    },
}

/// The same command, tied to a lifeline; only for a step of a job.
#[must_use]
pub fn tied(command: &CommandLine, knot: &Knot) -> CommandLine {
    let words = |words: &[&str]| words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
    let (wait, longest) = (knot.wait.as_secs().to_string(), knot.longest.as_secs().to_string());
    let begin = words(&["sh", "-c", SCRIPT, "beffroi-lifeline", "run"]);
    let rest = words(&[&wait, &longest, &knot.undo, &knot.paths.join(" "), "sh", "-c", command.as_str()]);
    // The step's script lies in the step's folder.
    CommandLine::shell(format!("{begin} \"${{0%/*}}/lifeline\" {rest}"))
}

/// Where it is.
///
/// # Errors
/// [`RemoteError`].
pub async fn state(remote: &dyn Remote, step: &StepRef) -> Result<Lifeline, RemoteError> {
    ask(remote, "state", step).await
}

/// Lets it go: what was changed stays. The answer says whether it came in time.
///
/// # Errors
/// [`RemoteError`]; it may be released all the same.
pub async fn release(remote: &dyn Remote, step: &StepRef) -> Result<Lifeline, RemoteError> {
    ask(remote, "release", step).await
}

/// Has everything put back now. The answer comes when it is done.
///
/// # Errors
/// [`RemoteError`]; it goes on on the host all the same.
pub async fn restore(remote: &dyn Remote, step: &StepRef) -> Result<Lifeline, RemoteError> {
    ask(remote, "restore", step).await
}

async fn ask(remote: &dyn Remote, verb: &str, step: &StepRef) -> Result<Lifeline, RemoteError> {
    let command = CommandLine::new(["sh", "-c", SCRIPT, "beffroi-lifeline", verb, &step.to_string()]);
    let limits = Limits { time: Duration::from_secs(200), most_bytes: 64 << 10 };
    let output = remote.run(RunRequest::new(command).with_limits(limits)).await?;
    let told = String::from_utf8_lossy(&output.stdout);
    read(&told).ok_or_else(|| RemoteError::NotUnderstood { what: clean(&told) })
}

fn read(told: &str) -> Option<Lifeline> {
    let line = told.split_once(MARK)?.1.lines().next()?;
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    Some(match word {
        "absent" => Lifeline::Absent,
        "refused" => Lifeline::Refused { why: clean(rest) },
        "armed" => Lifeline::Armed,
        "released" => Lifeline::Released,
        "restoring" => Lifeline::Restoring,
        "restored" => {
            let failed = clean(rest).split_whitespace().filter(|word| *word != "incomplete").map(str::to_owned).collect();
            Lifeline::Restored { failed }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let said = |text: &str| read(&format!("Welcome!\nbeffroi-lifeline 1\n{text}\n"));
        assert_eq!(said("armed"), Some(Lifeline::Armed));
        assert_eq!(said("refused missing tar"), Some(Lifeline::Refused { why: "missing tar".to_owned() }));
        assert_eq!(said("restored "), Some(Lifeline::Restored { failed: Vec::new() }));
        let failed = vec!["firewall".to_owned(), "ssh.service".to_owned()];
        assert_eq!(said("restored incomplete firewall ssh.service"), Some(Lifeline::Restored { failed }));
        assert_eq!(said("well"), None);
        assert_eq!(read("armed\n"), None, "only after the mark");
    }
}
