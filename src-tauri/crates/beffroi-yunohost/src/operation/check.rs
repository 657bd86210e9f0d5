//! The check of an operation: the state of the host afterwards is the truth, whatever the command said.

use beffroi_domain::Message;
use beffroi_remote::{Remote, RemoteError};
use serde_json::Value;

use super::{ActionRecord, Given, Operation};
use crate::Cause;
use crate::ask::{Answer, ask};

/// What the state of the host says of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckResult {
    /// It is as was asked.
    Held,
    /// It is not, and nothing of it was done.
    NotHeld(Message),
    /// Something was done, and it is not what was asked.
    Half(Message),
    /// Nothing speaks against it, but the state cannot show it: what the command said counts.
    NotKnown(Message),
}

/// Why there is no check.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The host cannot be asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The host refused to answer, or its answer is not understood.
    #[error("the host did not answer the check: {cause:?}: {message}")]
    NotAnswered {
        /// Why.
        cause: Cause,
        /// Its own words, cleaned, 4 KiB at most.
        message: String,
    },
    /// A job of a program that knew an operation which this one does not.
    #[error("the operation {operation:?} is not known")]
    Unknown {
        /// Its name.
        operation: String,
    },
}

/// The answers to what [`Operation::proof`](super::Operation::proof) asked, in that order.
#[derive(Debug)]
pub struct Answers(Vec<Answer>);

impl Answers {
    /// The JSON of one of them.
    pub(crate) fn json(&self, number: usize) -> Result<Value, CheckError> {
        self.0.get(number).map_or_else(|| Err(not_understood()), |answer| answer.json().map_err(not_answered))
    }

    /// The same, read: `None` from `read` is an answer that is not understood.
    pub(crate) fn read<T>(&self, number: usize, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, CheckError> {
        read(&self.json(number)?).ok_or_else(not_understood)
    }

    /// One of them as it came.
    pub(crate) fn answer(&self, number: usize) -> Result<&Answer, CheckError> {
        self.0.get(number).ok_or_else(not_understood)
    }

    /// The JSON of one of them, or why YunoHost refused to give it: to ask for something that is gone is an answer too.
    pub(crate) fn or_cause(&self, number: usize) -> Result<Result<Value, Cause>, CheckError> {
        match self.0.get(number).ok_or_else(not_understood)?.json() {
            Ok(json) => Ok(Ok(json)),
            Err((cause, _)) if cause.is_about_what_was_asked() => Ok(Err(cause)),
            Err(refused) => Err(not_answered(refused)),
        }
    }
}

pub(crate) fn not_answered((cause, message): (Cause, String)) -> CheckError {
    CheckError::NotAnswered { cause, message }
}

pub(crate) fn not_understood() -> CheckError {
    CheckError::NotAnswered { cause: Cause::AnswerNotUnderstood, message: String::new() }
}

impl ActionRecord {
    /// Reads the part of the host's state that the operation was to change, in one round trip that changes nothing.
    ///
    /// # Errors
    /// [`CheckError`] when the state cannot be read.
    pub async fn check(&self, remote: &dyn Remote) -> Result<CheckResult, CheckError> {
        let operation = Operation::find(&self.operation).ok_or_else(|| CheckError::Unknown { operation: self.operation.clone() })?;
        let given = Given::stored(operation, &self.given);
        let answers = Answers(ask(remote, &(operation.proof)(&given)).await?);
        (operation.judge)(&given, &self.before, &answers)
    }
}

/// Of an operation that says nothing of its proof; none is so, see the test of all operations.
pub(super) fn unproved(_: &Given, _: &Value, _: &Answers) -> Result<CheckResult, CheckError> {
    Err(not_understood())
}

/// It holds, or this is what is wrong.
pub(crate) fn held_or(holds: bool, wrong: impl FnOnce() -> Message) -> CheckResult {
    if holds { CheckResult::Held } else { CheckResult::NotHeld(wrong()) }
}

/// What was asked for and is not there.
pub(crate) fn missing(what: &str) -> CheckResult {
    CheckResult::NotHeld(Message::new("found.missing").with("what", what))
}

/// What should be gone and is still there.
pub(crate) fn still_there(what: &str) -> CheckResult {
    CheckResult::NotHeld(Message::new("found.still-there").with("what", what))
}

/// Fields that are not as asked.
pub(crate) fn differs(fields: &[&str]) -> Message {
    Message::new("found.differs").with("fields", fields.join(", "))
}
