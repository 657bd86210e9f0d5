//! Several commands that only read, in one round trip.

use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{CommandLine, Limits, Output, Remote, RemoteError, RunRequest};
use beffroi_secret::SecretBytes;
use serde::Deserialize;
use serde_json::Value;

use crate::operation::Question;
use crate::text::last_json;
use crate::{Cause, Outcome};
use beffroi_remote::clean;

/// Runs on the host: see the text itself.
pub(crate) const YUNOHOST_PY: &str = include_str!("../../../../assets/remote/yunohost.py");

/// Seconds that one command may take on the host before it is stopped.
const SECONDS_PER_COMMAND: u32 = 40;

/// For the whole round trip. A stream of one command is cut at 4 MiB on the host.
pub(crate) const LIMITS: Limits = Limits { time: Duration::from_secs(120), most_bytes: 48 << 20 };

/// The answer to one command that only reads.
#[derive(Debug, Deserialize)]
pub struct Answer {
    exit: Option<i64>,
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    stderr: String,
    #[serde(default)]
    cut: bool,
    #[serde(default)]
    timed_out: bool,
    /// Why the command was not even run.
    #[serde(skip)]
    not_run: Option<(Cause, String)>,
}

#[derive(Deserialize)]
struct Answers {
    yunohost_survey: u32,
    results: Vec<Answer>,
}

impl Answer {
    /// Stands for the answer to a command that was not run.
    pub(crate) fn not_run(cause: Cause, message: String) -> Self {
        Self { exit: None, stdout: String::new(), stderr: String::new(), cut: false, timed_out: false, not_run: Some((cause, message)) }
    }

    /// The JSON of a command that succeeded; else why it did not, with the host's own words.
    pub(crate) fn json(&self) -> Result<Value, (Cause, String)> {
        if let Some(reason) = &self.not_run {
            return Err(reason.clone());
        }
        if self.timed_out {
            return Err((Cause::TimedOut, String::new()));
        }
        let outcome = Outcome::read(self.stdout.as_bytes(), self.stderr.as_bytes(), &self.exit());
        // A warning or an error beside a complete answer: the exit status decides for commands that read.
        if self.exit != Some(0) {
            let message = clean(&outcome.errors.join(" "));
            return Err((outcome.cause.unwrap_or(Cause::Other), message));
        }
        let json = if self.cut { None } else { last_json(self.stdout.as_bytes()) };
        json.ok_or((Cause::AnswerNotUnderstood, String::new()))
    }

    /// Whether it succeeded without saying anything, as YunoHost does where there is nothing to tell yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.not_run.is_none() && !self.timed_out && !self.cut && self.exit == Some(0) && self.stdout.trim().is_empty()
    }

    fn exit(&self) -> Exit {
        match self.exit {
            Some(status) if status < 0 => Exit::Signal(status.unsigned_abs().to_string()),
            Some(status) => u32::try_from(status).map_or(Exit::Unknown, Exit::Status),
            None => Exit::Unknown,
        }
    }
}

/// The line that `yunohost.py` reads: the commands, each with `--output-as json`.
pub(crate) fn request_text(commands: &[Question]) -> String {
    let json = ["--output-as".to_owned(), "json".to_owned()];
    let commands: Vec<Question> = commands.iter().map(|words| [words.as_slice(), &json].concat()).collect();
    serde_json::json!({ "survey": commands, "seconds": SECONDS_PER_COMMAND }).to_string()
}

/// Reads the line that `yunohost.py` prints; `None` when it is not that or has not `count` answers.
pub(crate) fn read(stdout: &[u8], count: usize) -> Option<Vec<Answer>> {
    let line = stdout.split(|byte| *byte == b'\n').rfind(|line| line.starts_with(b"{\"yunohost_survey\""))?;
    let answers: Answers = serde_json::from_slice(line).ok()?;
    (answers.yunohost_survey == 1 && answers.results.len() == count).then_some(answers.results)
}

/// Asks a YunoHost several questions at once. Answers come in the order of the commands.
pub(crate) async fn ask(remote: &dyn Remote, commands: &[Question]) -> Result<Vec<Answer>, RemoteError> {
    let command = CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", YUNOHOST_PY]);
    let request = SecretBytes::new(format!("{}\n", request_text(commands)).into_bytes());
    let output: Output = remote.run(RunRequest::new(command).with_stdin(request).with_limits(LIMITS)).await?;
    Ok(read(&output.stdout, commands.len()).unwrap_or_else(|| none_run(&output, commands.len())))
}

/// The answers when `yunohost.py` gave none: all alike, with what it or the shell said instead.
fn none_run(output: &Output, count: usize) -> Vec<Answer> {
    alike(&output.stderr, &output.exit, output.cut, count)
}

/// The same, of a part of a survey.
pub(crate) fn said(output: &[u8], status: Option<u32>, cut: bool, count: usize) -> Vec<Answer> {
    alike(output, &status.map_or(Exit::Unknown, Exit::Status), cut, count)
}

fn alike(said: &[u8], exit: &Exit, cut: bool, count: usize) -> Vec<Answer> {
    let outcome = Outcome::read(b"", said, exit);
    let cause = outcome.cause.filter(|_| !cut).unwrap_or(Cause::AnswerNotUnderstood);
    let message = clean(&outcome.errors.join(" "));
    (0..count).map(|_| Answer::not_run(cause, message.clone())).collect()
}
