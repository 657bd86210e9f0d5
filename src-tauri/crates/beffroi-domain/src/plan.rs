//! A plan: what would be done, step by step, before anything is.

use crate::{HostId, Message, PlanId};

/// What an action would do, shown before it is run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Names it until it is run or forgotten.
    pub id: PlanId,
    /// What it is for.
    pub title: Message,
    /// One part per host.
    pub hosts: Vec<HostPlan>,
}

/// The part of a plan that concerns one host.
#[derive(Debug, Clone)]
pub struct HostPlan {
    /// The host.
    pub host: HostId,
    /// Its name when the plan was made.
    pub host_name: String,
    /// In the order in which they run. A failed one stops those after it.
    pub steps: Vec<Step>,
}

/// Whether a step changes the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Only reads.
    Read,
    /// Changes something; runs detached on the host.
    Change,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Counted from 1.
    pub number: u16,
    /// Whether it changes anything.
    pub kind: StepKind,
    /// What it does.
    pub what: Message,
    /// The exact command, secrets masked.
    pub command: MaskedCommand,
    /// How success is checked.
    pub check: Message,
    /// The way back.
    pub undo: Undo,
}

/// The way back from a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// The step changes nothing.
    NothingToUndo,
    /// How to go back.
    By(Message),
    /// There is no complete way back; says what is lost.
    Not(Message),
}

/// A command as it may be shown: secrets are only named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MaskedCommand(pub Vec<CommandPart>);

/// A word of a [`MaskedCommand`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandPart {
    /// Shown as it is, already quoted for the shell.
    Text(String),
    /// A secret, shown as dots and this name.
    Secret(String),
}

impl MaskedCommand {
    /// One line of text; a secret shows as `••••••••`.
    #[must_use]
    pub fn to_line(&self) -> String {
        let words: Vec<&str> = self
            .0
            .iter()
            .map(|part| match part {
                CommandPart::Text(text) => text.as_str(),
                CommandPart::Secret(_) => "••••••••",
            })
            .collect();
        words.join(" ")
    }
}
