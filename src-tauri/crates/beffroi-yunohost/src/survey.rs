//! What a survey asks a YunoHost: a shell part that goes along with the survey of the machine, and reading its answer.

use beffroi_remote::CommandLine;

use crate::Cause;
use crate::ask::{Answer, YUNOHOST_PY, read, request_text, said};
use crate::facts::{
    DIAGNOSIS_SHOW, UPDATE_NOREFRESH, YunohostFacts, backup_runs, backup_runs_script, lacks, lacks_by_version, lock_holder, lock_script,
    offers_script, settings, settings_script,
};
use crate::operation::{Question, question};

/// The words of a command that a survey asks.
type Words = &'static [&'static str];

/// Lists users with everything that [`crate::facts::User`] holds.
pub(crate) const USER_LIST: Words =
    &["user", "list", "--fields", "username", "fullname", "mail", "mail-alias", "mail-forward", "mailbox-quota", "groups"];
/// Lists groups and their members.
pub(crate) const GROUP_LIST: Words = &["user", "group", "list"];

/// Lists permissions with everything that is known of them.
pub(crate) const PERMISSION_LIST: Words = &["user", "permission", "list", "--full"];

/// Tells the certificates of all domains.
pub(crate) const CERT_STATUS: Words = &["domain", "cert", "status", "--full"];

/// What a survey asks a YunoHost; none of it takes YunoHost's lock. [`YunohostFacts::read`] relies on the order.
pub(crate) const COMMANDS: [Words; 11] = [
    &["tools", "versions"],
    USER_LIST,
    GROUP_LIST,
    PERMISSION_LIST,
    &["app", "list", "--full"],
    &["domain", "list"],
    &["service", "status"],
    &["backup", "list", "--with-info"],
    CERT_STATUS,
    UPDATE_NOREFRESH,
    DIAGNOSIS_SHOW,
];

/// How [`SurveyPart::script`] ends where there is no YunoHost, and where it lacks Python.
const NO_YUNOHOST: u32 = 100;
const NO_PYTHON: u32 = 101;

/// A shell part of a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyPart {
    /// Tells its answer apart from those of other parts.
    pub name: &'static str,
    /// POSIX shell text that reads no standard input.
    pub script: String,
    /// The most bytes of its answer: a stream of one command is cut at 4 MiB on the host.
    pub limit: usize,
}

/// What to ask a host in the round trip of its survey: what every survey has, and `more`.
///
/// It runs as the account that the survey runs as; where that is not root, the parts of YunoHost are
/// [`crate::facts::Part::Failed`] with [`Cause::NotRoot`].
#[must_use]
pub fn survey_part(more: &[Question]) -> SurveyPart {
    let commands: Vec<Question> = COMMANDS.iter().map(|words| question(words)).chain(more.iter().cloned()).collect();
    let request = CommandLine::new(["printf", "%s\\n", &request_text(&commands)]);
    let python = CommandLine::new(["python3", "-I", "-c", YUNOHOST_PY]);
    let script = format!(
        "command -v yunohost >/dev/null 2>&1 || exit {NO_YUNOHOST}\ncommand -v python3 >/dev/null 2>&1 || exit {NO_PYTHON}\n{}{}{}{}{request} | {python}\n",
        offers_script(),
        lock_script(),
        settings_script(),
        backup_runs_script()
    );
    SurveyPart { name: "yunohost", script, limit: 40 << 20 }
}

impl YunohostFacts {
    /// Reads the answer to [`survey_part`]: what it printed, both streams together, its exit status, and whether some was
    /// left out. `None` where there is no YunoHost. Beside the facts, the answers to the `more` questions of that part.
    #[must_use]
    pub fn from_part(output: &[u8], status: Option<u32>, cut: bool, more: usize) -> Option<(Self, Vec<Answer>)> {
        let count = COMMANDS.len() + more;
        let none = |cause, message: &str| (0..count).map(|_| Answer::not_run(cause, message.to_owned())).collect();
        let mut answers: Vec<Answer> = match status {
            Some(NO_YUNOHOST) => return None,
            Some(NO_PYTHON) => none(Cause::ProgramMissing, ""),
            _ => read(output, count).unwrap_or_else(|| said(output, status, cut, count)),
        };
        let more = answers.split_off(COMMANDS.len());
        let mut facts = Self { backup_runs: backup_runs(output), settings: settings(output), ..Self::read(&answers) };
        facts.lock = lock_holder(output);
        facts.lacks = lacks(output).unwrap_or_else(|| lacks_by_version(facts.numbers()));
        Some((facts, more))
    }
}
