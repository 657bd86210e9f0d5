//! Typed YunoHost operations over a [`beffroi_remote::Remote`]: reading what a host is, and changing its users and
//! services with a check of the state afterwards.
//!
//! What is deliberately missing: how the host is reached, sudo, and running detached: the caller's remote does these.
//! No secret is ever in a [`beffroi_remote::CommandLine`], nor in anything here that can be stored.

mod action;
mod ask;
mod cause;
pub mod facts;
mod outcome;
mod survey;
mod text;

pub use action::{
    Action, ActionRecord, CheckError, CheckResult, InvalidAction, NotHeld, NotKnown, Refusal, RemoteInvocation, UserChanges, Verdict,
};
pub use cause::Cause;
pub use facts::YunohostFacts;
pub use outcome::Outcome;
pub use survey::{SurveyPart, survey_part};
