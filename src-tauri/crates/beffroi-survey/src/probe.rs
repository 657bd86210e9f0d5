//! The round trip: what is sent to the host, and what comes back.

use beffroi_remote::{AskError, Remote, answer, mark, quote, without_comments};

use crate::facts::{Facts, Upgrades};
use crate::parse;
use crate::wire::{self, Answer};

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

/// Runs on the host: see the text itself.
const SURVEY_SH: &str = include_str!("../../../../assets/remote/survey.sh");

/// The most bytes of the survey itself, the parts left aside: more than all sections may have together.
const MOST_BYTES: usize = 4 << 20;
/// Surveys a host: one command, which changes nothing there.
///
/// It runs as the account that the remote runs commands as. Where that is not root, less is seen, and
/// [`Facts::missing`] says what. An answer that takes too long gives what was read until then.
///
/// # Errors
/// [`AskError`] when nothing came back, or the link was lost: what came until then would stand in the place of a whole answer.
pub async fn survey(remote: &dyn Remote, request: &Request<'_>) -> Result<Survey, AskError> {
    let mark = mark()?;
    let (stdout, stderr) = answer(remote, text(request, &mark), most_bytes(request.parts)).await?;
    let Some((survey, rest)) = wire::split(&stdout, &mark) else { return Err(AskError::not_answered(&stderr)) };
    let survey = String::from_utf8_lossy(survey);
    let facts = parse::facts(&Answer::read(&survey), request.known_upgrades);
    tracing::debug!(bytes = stdout.len(), missing = facts.missing.len(), "survey answered");
    Ok(Survey { facts, parts: wire::parts(rest, &mark, request.parts) })
}

/// What the host's shell reads.
fn text(request: &Request<'_>, mark: &str) -> String {
    let known = request.known_upgrades.map(|known| known.state.as_str()).unwrap_or_default();
    let mut text = format!("n={mark}\nknown={}\nask={}\n", quote(known), u8::from(request.ask_upgrades));
    text.push_str(&without_comments(SURVEY_SH));
    text.push_str("survey\n");
    for (number, part) in request.parts.iter().enumerate() {
        let room = part.limit.saturating_add(wire::STATUS_ROOM);
        text.push_str(&format!("part {number} {room} {}\n", quote(&part.script)));
    }
    text
}

fn most_bytes(parts: &[Part]) -> usize {
    parts.iter().fold(MOST_BYTES, |sum, part| sum.saturating_add(part.limit).saturating_add(2 * wire::STATUS_ROOM))
}
