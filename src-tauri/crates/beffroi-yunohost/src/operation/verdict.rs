//! What is to be believed, when a command and the state of the host each have their say.

use super::CheckResult;
use crate::Outcome;

/// How an operation went, the state of the host counting more than what the command said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done as asked.
    Done,
    /// The state is as asked, though the command failed: something after it was not done. The outcome says what.
    HeldThoughFailed,
    /// Something was done, and it is not what was asked.
    HalfDone,
    /// Not done, nothing changed.
    NotDone,
    /// The command said it was done, and the state says it was not.
    NotHeldThoughSaid,
}

impl Verdict {
    /// Joins the outcome of a command with the check of its effect.
    #[must_use]
    pub fn of(outcome: &Outcome, check: &CheckResult) -> Self {
        match (check, outcome.succeeded) {
            (CheckResult::Held | CheckResult::NotKnown(_), true) => Self::Done,
            (CheckResult::Held, false) => Self::HeldThoughFailed,
            (CheckResult::Half(_), _) => Self::HalfDone,
            (CheckResult::NotHeld(_), true) => Self::NotHeldThoughSaid,
            (CheckResult::NotKnown(_) | CheckResult::NotHeld(_), false) => Self::NotDone,
        }
    }
}
