//! Who holds YunoHost's one lock: whatever changes something waits for it.
//!
//! The lock is a file with the process that holds it, which is ignored where that process is gone (`MoulinetteLock` of
//! `moulinette/core.py` 12.1). What its command was given may be secret: of it only the words of an action that is known here are
//! kept; what it does in full is said by YunoHost's own journal.

use std::collections::BTreeSet;

use beffroi_domain::Message;
use beffroi_remote::{CommandLine, Remote, RemoteError, RunRequest, clean};
use jiff::Timestamp;

use super::{LoggedEnd, LoggedOperation, Part};
use crate::ask::{LIMITS, YUNOHOST_PY, read, request_text};
use crate::operation::{Operation, Question};

/// How lines of [`script`] begin, among those of others.
const MARK: &str = "BeffroiLock";
/// Operations of the journal among which the one that runs is looked for: others may have been left without an end.
const LATEST: u16 = 5;
/// Seconds by which an entry may seem older than the lock: its name has no fractions.
const SLACK: i64 = 2;
/// Characters of a host's words in a sentence.
const MOST_WORDS: usize = 200;

/// The lock as it is held, or was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// The process.
    pub pid: u32,
    /// Whether it is still there; else YunoHost ignores the lock.
    pub alive: bool,
    /// When the lock was taken, by the clock of the host.
    pub since: Option<Timestamp>,
    /// What the process is called: `yunohost`, `yunohost-api`, `python3`…
    pub program: String,
    /// The action of its command, such as `user create`, without what it was given.
    pub action: Option<String>,
}

/// What runs on a host, as sentences say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The operation in YunoHost's words, else its command, else the program.
    pub what: String,
    /// Who started it, where YunoHost's journal says so.
    pub by: Option<String>,
    /// Since when, by the clock of the host.
    pub since: Option<Timestamp>,
}

/// Shell text that tells who holds the lock, one line each; nothing where nobody does.
pub(crate) fn script() -> String {
    format!(
        r#"lock=${{BEFFROI_ROOT:-}}/run/moulinette_yunohost.lock pid=
{{ [ -s "$lock" ] && read -r pid <"$lock"; }} 2>/dev/null || :
case $pid in '' | *[!0-9]* | ???????????*) ;; *)
echo "{MARK}=pid=$pid"
echo "{MARK}=since=$(stat -c %Y "$lock" 2>/dev/null)"
if [ -e "/proc/$pid/exe" ]; then
echo "{MARK}=alive=yes"
name=
read -r name 2>/dev/null <"/proc/$pid/comm" || :
echo "{MARK}=program=$name"
tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | head -c 4096 | {{
while read -r word; do case $word in yunohost | */yunohost) break ;; esac; done
left=3
while [ $left -gt 0 ] && read -r word; do
case $word in '' | -* | *[!a-z-]*) break ;; esac
echo "{MARK}=word=$word"
left=$((left - 1))
done
}}
fi ;;
esac
"#
    )
}

/// Reads what [`script`] printed, among other lines.
pub(crate) fn lock_holder(output: &[u8]) -> Option<LockHolder> {
    let lines = output.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"{"));
    let mut said: Vec<(String, String)> = Vec::new();
    for line in lines.map(|line| clean(&String::from_utf8_lossy(line))) {
        let Some((name, value)) = line.strip_prefix(MARK).and_then(|line| line.strip_prefix('=')?.split_once('=')) else { continue };
        said.push((name.to_owned(), value.trim().to_owned()));
    }
    let of = |name: &str| said.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let words: Vec<&str> = said.iter().filter(|(name, _)| name == "word").map(|(_, word)| word.as_str()).collect();
    Some(LockHolder {
        pid: of("pid")?.parse().ok()?,
        alive: of("alive").is_some(),
        since: of("since").and_then(|since| Timestamp::from_second(since.parse().ok()?).ok()),
        program: of("program").filter(|name| !name.is_empty()).unwrap_or("?").to_owned(),
        action: action(&words),
    })
}

/// The action that a command begins with; what follows it may be anything.
fn action(words: &[&str]) -> Option<String> {
    let known: BTreeSet<String> = Operation::all()
        .map(|operation| operation.command.join(" "))
        .chain(Operation::elsewhere().map(|(action, _)| action.to_owned()))
        .collect();
    (1..=words.len().min(3)).rev().filter_map(|count| words.get(..count)).map(|words| words.join(" ")).find(|said| known.contains(said))
}

impl LockHolder {
    /// What is read of the journal to tell more of it.
    #[must_use]
    pub fn question() -> Question {
        LoggedOperation::list_question(LATEST)
    }

    /// What it does, with the latest operations of the journal.
    #[must_use]
    pub fn running(&self, journal: &[LoggedOperation]) -> Running {
        let of_it = |entry: &&LoggedOperation| {
            let begun = |since: Timestamp| entry.started_at.is_some_and(|started| started.as_second() >= since.as_second() - SLACK);
            entry.end == LoggedEnd::Running && self.since.is_none_or(begun)
        };
        let entry = journal.iter().rev().find(of_it);
        let command = || self.action.as_ref().map_or_else(|| self.program.clone(), |action| format!("yunohost {action}"));
        let what = entry.map(|entry| entry.description.clone()).filter(|what| !what.is_empty()).unwrap_or_else(command);
        let cut = |text: String| text.chars().take(MOST_WORDS).collect();
        Running { what: cut(what), by: entry.and_then(|entry| entry.started_by.clone()).map(cut), since: self.since }
    }
}

impl Running {
    /// Asks a host what holds its lock; `None` where nobody does, or only somebody who is gone.
    ///
    /// # Errors
    /// When the host cannot be asked. What it does not say of its journal is left out.
    pub async fn ask(remote: &dyn Remote) -> Result<Option<Self>, RemoteError> {
        let request = CommandLine::new(["printf", "%s\\n", &request_text(&[LockHolder::question()])]);
        let python = CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", YUNOHOST_PY]);
        // Nobody starts Python where nobody holds the lock.
        let shell = format!("{}case $pid in '') ;; *) {request} | {python} ;; esac\n", script());
        let output = remote.run(RunRequest::new(CommandLine::new(["sh", "-c", &shell])).with_limits(LIMITS)).await?;
        let Some(holder) = lock_holder(&output.stdout).filter(|holder| holder.alive) else { return Ok(None) };
        let answers = read(&output.stdout, 1).unwrap_or_default();
        let journal = answers.first().map(LoggedOperation::read_list);
        Ok(Some(holder.running(journal.as_ref().and_then(Part::value).map_or(&[], Vec::as_slice))))
    }

    /// A sentence with `what` and `since`: of two keys the one with `-by` at its end also has `by`.
    #[must_use]
    pub fn message(&self, alone: &'static str, with_by: &'static str) -> Message {
        let since = self.since.map_or_else(|| "?".to_owned(), |since| since.strftime("%Y-%m-%d %H:%M UTC").to_string());
        let message = |key| Message::new(key).with("what", &self.what).with("since", since.clone());
        self.by.as_ref().map_or_else(|| message(alone), |by| message(with_by).with("by", by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_under(root: &std::path::Path) -> Vec<u8> {
        let text = script();
        std::process::Command::new("sh").args(["-euc", &text]).env("BEFFROI_ROOT", root).output().expect("a shell").stdout
    }

    #[test]
    fn the_shell_tells_who_holds_the_lock_and_nothing_that_it_was_given() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(said_under(folder.path()), b"", "nobody holds it");
        std::fs::create_dir(folder.path().join("run")).expect("made");
        let file = folder.path().join("run/moulinette_yunohost.lock");
        // A shell that waits takes any words.
        let shell = |words: &[&str]| {
            let mut command = std::process::Command::new("sh");
            command.args(["-c", "read -r line", "/usr/bin/yunohost"]).args(words).stdin(std::process::Stdio::piped());
            command.spawn().expect("a shell")
        };
        for (words, action) in [
            (&["user", "create", "canary", "-p", "canary"][..], Some("user create")),
            (&["user", "group", "add", "canary"], Some("user group add")),
            (&["canary", "canary"], None),
            (&["-p", "canary", "user", "list"], None),
        ] {
            let mut child = shell(words);
            std::fs::write(&file, child.id().to_string()).expect("written");
            let holder = lock_holder(&said_under(folder.path())).expect("a holder");
            assert_eq!((holder.pid, holder.alive, holder.action.as_deref()), (child.id(), true, action), "{words:?}");
            assert!(holder.since.is_some() && !format!("{holder:?}").contains("canary"), "{holder:?}");
            child.kill().expect("killed");
            child.wait().expect("it ended");
            let left = lock_holder(&said_under(folder.path())).expect("a lock that was left");
            assert!(!left.alive, "{left:?}");
        }
        for hostile in ["", "x", "1 2", "99999999999999999", "-1", "$(touch x)", "../1"] {
            std::fs::write(&file, hostile).expect("written");
            assert_eq!(lock_holder(&said_under(folder.path())), None, "{hostile}");
        }
    }

    #[test]
    fn what_runs_is_told_by_the_journal_where_it_began_after_the_lock_was_taken() {
        let holder =
            lock_holder(b"BeffroiLock=pid=7\nBeffroiLock=since=1763780000\nBeffroiLock=alive=yes\nBeffroiLock=program=python3\n\x1b\n")
                .expect("a holder");
        let entry = |since: i64, end| LoggedOperation {
            description: "Install the 'shop' app".to_owned(),
            started_at: Timestamp::from_second(since).ok(),
            started_by: Some("root".to_owned()),
            end,
            ..LoggedOperation::default()
        };
        let what = |entry: LoggedOperation| holder.running(&[entry]).what;
        assert_eq!(what(entry(1_763_780_001, LoggedEnd::Running)), "Install the 'shop' app");
        assert_eq!(what(entry(1_763_779_000, LoggedEnd::Running)), "python3", "left without an end");
        assert_eq!(what(entry(1_763_780_001, LoggedEnd::Succeeded)), "python3");
        let message = holder.running(&[entry(1_763_780_001, LoggedEnd::Running)]).message("alone", "by");
        assert_eq!(message.key, "by");
        assert!(message.values.iter().any(|(name, value)| *name == "since" && value == "2025-11-22 02:53 UTC"), "{message:?}");
        assert_eq!(lock_holder(b"{\nBeffroiLock=pid=7\n"), None, "not said by the shell");
    }
}
