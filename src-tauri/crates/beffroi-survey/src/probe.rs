//! The round trip: what is sent to the host, and what comes back.

use std::time::Duration;

use beffroi_remote::{Chunk, CommandLine, Limits, Remote, RemoteError, RunRequest, quote};
use beffroi_secret::SecretBytes;

use crate::facts::{Facts, Upgrades};
use crate::parse;
use crate::wire::{self, Answer};
use beffroi_remote::clean;

/// What to ask a host, besides what every survey asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// Questions of other crates, answered in the same round trip.
    pub parts: &'a [Part],
    /// Upgradable packages as an earlier survey of this host knew them. They are taken over when neither package lists
    /// nor installed packages changed since: asking apt costs the host one to two seconds of processor time.
    pub known_upgrades: Option<&'a Upgrades>,
    /// Whether to ask the package manager when they did change, or nothing was known.
    pub ask_upgrades: bool,
}

/// A question of another crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Tells its answer apart; the host never sees it.
    pub name: String,
    /// POSIX shell text. It runs in a shell of its own without standard input; what it needs, it holds.
    pub script: String,
    /// The most bytes of its answer.
    pub limit: usize,
}

/// The answer to a [`Part`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartAnswer {
    /// What it printed, up to its limit: standard output and standard error together.
    pub output: Vec<u8>,
    /// Its exit status; `None` when the answer ended before.
    pub status: Option<u32>,
    /// Whether it printed more.
    pub cut: bool,
}

/// What a survey gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// What is known of the machine.
    pub facts: Facts,
    /// The answers to the parts, by name, in the order of the request.
    pub parts: Vec<(String, PartAnswer)>,
}

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
    /// There is no chance to be had from the system here.
    #[error("no random bytes from the system")]
    NoRandom,
}

/// Runs on the host: see the text itself.
const SURVEY_SH: &str = include_str!("../../../../assets/remote/survey.sh");

/// The text comes on standard input: there it costs nothing, stands in no list of processes and no log of sudo, and has
/// no limit. `cat` gives it whole; bash would read it byte by byte.
const COMMAND: [&str; 3] = ["sh", "-c", "eval \"$(cat)\""];

/// From the start to the end.
const MOST_TIME: Duration = Duration::from_secs(120);
/// The most bytes of the survey itself, the parts left aside: more than all sections may have together.
const MOST_BYTES: usize = 4 << 20;
/// The most bytes of standard error.
const MOST_COMPLAINT: usize = 64 << 10;

/// Surveys a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as. Where that is not root, less is seen, and
/// [`Facts::missing`] says what. An answer that takes too long gives what was read until then.
///
/// # Errors
/// [`SurveyError`] when nothing came back, or the link was lost: what came until then would stand in the place of a whole answer.
pub async fn survey(remote: &dyn Remote, request: &Request<'_>) -> Result<Survey, SurveyError> {
    let mark = mark()?;
    let command = RunRequest::new(CommandLine::new(COMMAND))
        .with_stdin(SecretBytes::new(text(request, &mark).into_bytes()))
        .with_limits(Limits { time: MOST_TIME, most_bytes: MOST_BYTES });
    let (stdout, stderr) = collect(remote, command, most_bytes(request.parts)).await?;
    let Some((survey, rest)) = wire::split(&stdout, &mark) else {
        return Err(SurveyError::NotAnswered { message: clean(&String::from_utf8_lossy(&stderr).replace('\n', " ")) });
    };
    let survey = String::from_utf8_lossy(survey);
    let facts = parse::facts(&Answer::read(&survey), request.known_upgrades);
    tracing::debug!(bytes = stdout.len(), missing = facts.missing.len(), "survey answered");
    Ok(Survey { facts, parts: wire::parts(rest, &mark, request.parts) })
}

/// What the host's shell reads.
fn text(request: &Request<'_>, mark: &str) -> String {
    let known = request.known_upgrades.map(|known| known.state.as_str()).unwrap_or_default();
    let mut text = format!("n={mark}\nknown={}\nask={}\n", quote(known), u8::from(request.ask_upgrades));
    for line in SURVEY_SH.lines().map(str::trim_start).filter(|line| !line.starts_with('#')) {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("survey\n");
    for (number, part) in request.parts.iter().enumerate() {
        let room = part.limit.saturating_add(wire::STATUS_ROOM);
        text.push_str(&format!("part {number} {room} {}\n", quote(&part.script)));
    }
    text
}

/// 128 bits by chance, in hex.
fn mark() -> Result<String, SurveyError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| SurveyError::NoRandom)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn most_bytes(parts: &[Part]) -> usize {
    parts.iter().fold(MOST_BYTES, |sum, part| sum.saturating_add(part.limit).saturating_add(2 * wire::STATUS_ROOM))
}

/// Both streams, each up to its limit. What came before the time was over is kept.
async fn collect(remote: &dyn Remote, command: RunRequest, most: usize) -> Result<(Vec<u8>, Vec<u8>), RemoteError> {
    let mut process = remote.start(command).await?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        let (stream, most, bytes) = match process.next().await {
            Ok(Some(Chunk::Stdout(bytes))) => (&mut stdout, most, bytes),
            Ok(Some(Chunk::Stderr(bytes))) => (&mut stderr, MOST_COMPLAINT, bytes),
            Ok(Some(Chunk::Exit(_))) => continue,
            Ok(None) => break,
            Err(error) if stdout.is_empty() || matches!(error, RemoteError::LinkLost { .. }) => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "survey broke off");
                break;
            }
        };
        let room = most.saturating_sub(stream.len());
        stream.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
        if stdout.len() >= most {
            // A host that goes on without end is not waited for.
            process.cancel().await;
            break;
        }
    }
    Ok((stdout, stderr))
}
