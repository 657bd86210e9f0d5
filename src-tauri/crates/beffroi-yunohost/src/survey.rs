//! A survey: everything that is worth knowing of a host, in one round trip.

use beffroi_remote::{CommandLine, Output, Remote, RemoteError, RunRequest};

use crate::Cause;
use crate::ask::{Answer, LIMITS, Words, YUNOHOST_PY, none_run, read, request};
use crate::facts::{HostFacts, SurveySchema, SystemFacts, YunohostFacts};
use crate::text::clean;

/// Runs on the host: see the text itself.
const SURVEY_SH: &str = include_str!("../../../../assets/remote/survey.sh");

const SYSTEM: (&str, &str) = ("beffroi-survey/1 begin", "beffroi-survey/1 end");
const YUNOHOST_BEGIN: &str = "beffroi-yunohost/1 begin";

/// Lists users with everything that [`crate::facts::User`] holds.
pub(crate) const USER_LIST: Words =
    &["user", "list", "--fields", "username", "fullname", "mail", "mail-alias", "mail-forward", "mailbox-quota", "groups"];
/// Lists groups and their members.
pub(crate) const GROUP_LIST: Words = &["user", "group", "list"];

/// What a survey asks a YunoHost; none of it takes YunoHost's lock. [`YunohostFacts::read`] relies on the order.
pub(crate) const COMMANDS: [Words; 8] = [
    &["tools", "versions"],
    USER_LIST,
    GROUP_LIST,
    &["user", "permission", "list", "--full"],
    &["app", "list", "--full"],
    &["domain", "list"],
    &["service", "status"],
    &["backup", "list", "--with-info"],
];

/// Why there is no survey.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The command could not be run on the host.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The host did not answer as a Linux with a POSIX shell does.
    #[error("the host did not answer the survey: {message}")]
    NotAnswered {
        /// What it said on standard error, cleaned, 4 KiB at most.
        message: String,
    },
}

/// Surveys a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as; where that is not root, the parts of YunoHost are
/// [`crate::facts::Part::Failed`] with [`crate::Cause::NotRoot`].
///
/// # Errors
/// [`SurveyError`] when nothing came back. A part that failed is told in the facts.
pub async fn survey(remote: &dyn Remote) -> Result<HostFacts, SurveyError> {
    let command = CommandLine::new(["sh", "-c", SURVEY_SH, "beffroi-survey", YUNOHOST_PY]);
    let commands: Vec<Vec<&str>> = COMMANDS.iter().map(|words| words.to_vec()).collect();
    let output = remote.run(RunRequest::new(command).with_stdin(request(&commands)).with_limits(LIMITS)).await?;
    tracing::debug!(bytes = output.stdout.len(), cut = output.cut, "survey answered");
    understand(&output)
}

/// Reads what the probe printed. A login script may have printed before it.
fn understand(output: &Output) -> Result<HostFacts, SurveyError> {
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    if !lines.any(|line| line == SYSTEM.0) {
        return Err(SurveyError::NotAnswered { message: clean(&crate::text::lines(&output.stderr).join(" ")) });
    }
    let system = SystemFacts::read(lines.by_ref().take_while(|line| *line != SYSTEM.1));
    let yunohost = system.yunohost.is_some().then(|| {
        let count = COMMANDS.len();
        let answers = if lines.any(|line| line == YUNOHOST_BEGIN) {
            read(&output.stdout, count).unwrap_or_else(|| none_run(output, count))
        } else {
            (0..count).map(|_| Answer::not_run(Cause::ProgramMissing, String::new())).collect()
        };
        YunohostFacts::read(&answers)
    });
    Ok(HostFacts { schema: SurveySchema, system, yunohost })
}
