//! Refusals that a fresh survey can foresee. Some of what YunoHost refuses leaves half of it done: the last
//! administrator leaves `all_users` before YunoHost notices, so it must not be asked at all.

use crate::Cause;
use crate::ask::Answer;
use crate::facts::{Part, YunohostFacts};

/// Why an operation must not be sent to this host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// YunoHost would refuse, or do harm.
    #[error("{cause:?}: {about}")]
    Foreseen {
        /// Why, as if YunoHost had said it.
        cause: Cause,
        /// What it is about: a login, a domain, a service.
        about: String,
    },
    /// What would decide could not be read.
    #[error("{what} could not be read: {cause:?}: {message}")]
    NotRead {
        /// The part of the survey, or the command that was asked.
        what: String,
        /// Why.
        cause: Cause,
        /// The host's own words, cleaned, 4 KiB at most.
        message: String,
    },
}

impl Refusal {
    /// YunoHost would refuse, or do harm.
    pub(crate) fn because(cause: Cause, about: impl Into<String>) -> Self {
        Self::Foreseen { cause, about: about.into() }
    }
}

/// What a host said before a plan: its survey, and the answers to what the operation asked beside it.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The YunoHost part of the survey.
    pub facts: &'a YunohostFacts,
    /// The answers to [`Operation::asks`](super::Operation::asks), in that order.
    pub answers: &'a [Answer],
}

/// Takes a part of a survey that decides.
pub(crate) fn need<'a, T>(part: &'a Part<T>, what: &str) -> Result<&'a T, Refusal> {
    match part {
        Part::Read { value } => Ok(value),
        Part::Failed { cause, message } => Err(Refusal::NotRead { what: what.to_owned(), cause: *cause, message: message.clone() }),
    }
}

impl Seen<'_> {
    /// The JSON of an answer that decides.
    pub(crate) fn answer(&self, number: usize, what: &str) -> Result<serde_json::Value, Refusal> {
        let not_read = |cause, message| Refusal::NotRead { what: what.to_owned(), cause, message };
        let answer = self.answers.get(number).ok_or_else(|| not_read(Cause::AnswerNotUnderstood, String::new()))?;
        answer.json().map_err(|(cause, message)| not_read(cause, message))
    }
}
