//! What is to be believed, when a command and the state of the host each have their say.

use super::{CheckResult, NotHeld};
use crate::Outcome;

/// How an action went, the state of the host counting more than what the command said.
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
            (CheckResult::Held | CheckResult::NotKnown { .. }, true) => Self::Done,
            (CheckResult::Held, false) => Self::HeldThoughFailed,
            (CheckResult::NotKnown { .. }, false) => Self::NotDone,
            (CheckResult::NotHeld { why: NotHeld::UserOutsideAllUsers }, _) => Self::HalfDone,
            (CheckResult::NotHeld { .. }, true) => Self::NotHeldThoughSaid,
            (CheckResult::NotHeld { why: NotHeld::UserOtherwise { .. } }, false) => Self::HalfDone,
            (CheckResult::NotHeld { .. }, false) => Self::NotDone,
        }
    }
}
