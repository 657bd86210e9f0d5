//! Refusals that a fresh survey can foresee. Some of what YunoHost refuses leaves half of it done: the last
//! administrator leaves `all_users` before YunoHost notices, so it must not be asked at all.

use std::collections::BTreeSet;

use super::{Given, How, Operation, Param};
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

impl Operation {
    /// Says no to what this YunoHost has not: the command, or an option of what was given.
    pub(super) fn offered(&self, given: &Given, facts: &YunohostFacts) -> Result<(), Refusal> {
        if self.older_on(&facts.lacks).is_some() {
            return Ok(());
        }
        let refused = |name: String| Err(Refusal::because(Cause::NotOffered, facts.named_here(&name)));
        let command = self.command.join(" ");
        if facts.has_not(&command) {
            return refused(command);
        }
        let mut asked = self.params.iter().filter(|param| !param.spared && given.has(param.name));
        match asked.find(|param| self.is_without(param, &facts.lacks)).map(|param| param.how) {
            Some(How::Option(option)) => refused(format!("{command} {option}")),
            _ => Ok(()),
        }
    }

    /// How this YunoHost is told, where it is an older one.
    pub(super) fn older_on(&self, lacks: &BTreeSet<String>) -> Option<fn(&Given) -> Vec<&str>> {
        self.older.filter(|_| lacks.contains(&self.command.join(" ")))
    }

    /// Whether this YunoHost has not the option of a parameter.
    pub(super) fn is_without(&self, param: &Param, lacks: &BTreeSet<String>) -> bool {
        match param.how {
            How::Option(option) => lacks.contains(&format!("{} {option}", self.command.join(" "))),
            How::Place => false,
        }
    }
}
