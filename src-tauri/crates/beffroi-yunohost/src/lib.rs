//! Typed YunoHost operations over a [`beffroi_remote::Remote`]: reading what a host is, and what its administrators can
//! change, each with a check of the state afterwards.
//!
//! What is deliberately missing: how the host is reached, sudo, and running detached: the caller's remote does these.
//! No secret is ever in a [`beffroi_remote::CommandLine`], nor in anything here that can be stored.

pub mod archive;
mod ask;
pub mod catalog;
mod cause;
mod certificate;
pub mod facts;
pub mod fleet;
mod forms;
pub mod manifest;
mod operation;
mod operations;
mod outcome;
mod package;
pub mod reading;
mod survey;
mod text;

pub use ask::Answer;
pub use cause::Cause;
pub use certificate::certificate_of;
pub use facts::YunohostFacts;
pub use forms::{Origin, PanelOf, ReadError, read_manifest, read_panels};
pub use operation::{
    ActionRecord, Answers, CheckError, CheckResult, Entry, Given, How, InvalidGiven, Kind, LOCK_MINUTES, Operation, Param, Question, Raw,
    Refusal, RemoteInvocation, Seen, Setting, Value, Verdict, WayBack, Weight, Words,
};
pub use operations::is_login_shell;
pub use outcome::Outcome;
pub use package::{LocalPackage, NoPackage};
pub use survey::{SurveyPart, survey_part};
