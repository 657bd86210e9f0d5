//! What a plan can be made of, and the steps it comes to.

use beffroi_domain::{CommandPart, MaskedCommand, Message, Step, StepKind, Undo};
use beffroi_remote::{CommandLine, quote};
use beffroi_secret::SecretBytes;
use beffroi_yunohost::{ActionRecord, Given, Operation, Question, Refusal, Seen, Weight};

use crate::AppError;
use crate::jobs::{JobAction, JobRecord, StoredStep};
use crate::surveys::Read;

/// A change to hosts.
#[derive(Debug)]
pub enum Action {
    /// Of what YunoHost keeps.
    Yunohost {
        /// What is done.
        operation: &'static Operation,
        /// With what.
        given: Given,
    },
    /// Whatever a command of the operator's does.
    Run {
        /// Shell text, as typed.
        command: String,
        /// Whether it runs as root.
        root: bool,
    },
    /// Whatever several of them do, one after the other.
    RunSteps {
        /// What each is for, and its shell text.
        steps: Vec<(Option<String>, String)>,
        /// Whether they run as root.
        root: bool,
    },
}

/// The most commands of one plan.
const MOST_STEPS: usize = 100;

/// An action on one host, ready to become a job.
pub(crate) struct Prepared {
    pub(crate) record: JobRecord,
    /// What the detached step reads on standard input.
    pub(crate) input: Option<SecretBytes>,
    /// What must be masked in its output.
    pub(crate) secrets: Vec<SecretBytes>,
    pub(crate) steps: Vec<Step>,
    /// What speaks against it there, without forbidding it.
    pub(crate) warnings: Vec<Message>,
}

impl Action {
    pub(crate) fn title(&self) -> Message {
        match self {
            Self::Run { command, .. } => Message::new("title.run").with("command", command),
            Self::RunSteps { steps, .. } => Message::new("title.run-steps").with("count", steps.len()),
            Self::Yunohost { operation, given } => operation.title(given),
        }
    }

    /// Checks what can be checked before any host is asked.
    pub(crate) fn validate(&self) -> Result<(), AppError> {
        match self {
            Self::Run { command, .. } if command.trim().is_empty() => Err(AppError::InvalidRequest { what: "the command is empty" }),
            Self::RunSteps { steps, .. } if steps.is_empty() || steps.len() > MOST_STEPS => {
                Err(AppError::InvalidRequest { what: "between 1 and 100 commands" })
            }
            Self::RunSteps { steps, .. } if steps.iter().any(|(_, command)| command.trim().is_empty()) => {
                Err(AppError::InvalidRequest { what: "a command is empty" })
            }
            // What YunoHost is given was checked when it was read.
            Self::Run { .. } | Self::RunSteps { .. } | Self::Yunohost { .. } => Ok(()),
        }
    }

    /// What is to be read from a host before the action can be planned there, beside its survey; nothing when it needs no
    /// survey either.
    pub(crate) fn asks(&self) -> Option<Vec<Question>> {
        match self {
            Self::Yunohost { operation, given } => Some((operation.asks)(given)),
            Self::Run { .. } | Self::RunSteps { .. } => None,
        }
    }

    /// The action on one host: guarded, completed, in steps.
    pub(crate) fn prepare(&self, read: Option<&Read>) -> Result<Prepared, AppError> {
        let title = self.title();
        match self {
            Self::Run { command, root } => Ok(Prepared::run(&title, &[(None, command.clone())], *root)),
            Self::RunSteps { steps, root } => Ok(Prepared::run(&title, steps, *root)),
            Self::Yunohost { operation, given } => {
                let read = read.ok_or(AppError::YunohostAbsent)?;
                let facts = read.survey.yunohost.as_ref().ok_or(AppError::YunohostAbsent)?;
                let seen = Seen { facts, answers: &read.answers };
                // Guards put what is missing: another host completes it from its own facts.
                let mut given = given.duplicate();
                operation.guard(&mut given, &seen).map_err(refused)?;
                let invocation = operation.command(&given);
                let record = JobAction::Yunohost { record: ActionRecord::of(operation, &given, &seen) };
                let steps = steps(operation, &given, invocation.masked);
                let mut prepared = Prepared::new(&title, record, &invocation.command, Some(invocation.stdin), given.secrets(), steps);
                if operation.weight(&given) == Weight::LocksOut {
                    prepared.warnings.push(Message::new("warning.ynh-locks-out"));
                }
                prepared.warnings.extend(operation.warnings(&given, &seen));
                Ok(prepared)
            }
        }
    }
}

impl Prepared {
    /// Commands of the operator's, each a detached step.
    fn run(title: &Message, commands: &[(Option<String>, String)], root: bool) -> Self {
        let step = |(number, (title, command)): (u16, &(Option<String>, String))| Step {
            number,
            kind: StepKind::Change,
            what: title.as_ref().map_or_else(|| Message::new("step.run"), |title| Message::new("step.run-titled").with("title", title)),
            command: MaskedCommand(vec![CommandPart::Text(command.clone())]),
            check: Message::new("check.exit"),
            undo: Undo::Not(Message::new("undo.run")),
        };
        let steps: Vec<Step> = (1..).zip(commands).map(step).collect();
        let first = commands.first().map(|(_, command)| command.clone()).unwrap_or_default();
        let mut prepared = Self::new(title, JobAction::Run, &CommandLine::shell(first), None, Vec::new(), steps);
        prepared.record.root = root;
        for (stored, (_, command)) in prepared.record.steps.iter_mut().zip(commands) {
            stored.shell = Some(command.clone());
        }
        prepared
    }

    fn new(
        title: &Message,
        action: JobAction,
        command: &CommandLine,
        input: Option<SecretBytes>,
        secrets: Vec<SecretBytes>,
        steps: Vec<Step>,
    ) -> Self {
        let stored = steps.iter().map(StoredStep::from).collect();
        let record = JobRecord { title: title.into(), action, steps: stored, command: command.as_str().to_owned(), root: false };
        Self { record, input, secrets, steps, warnings: Vec::new() }
    }
}

/// The change, and the reading that proves it.
fn steps(operation: &Operation, given: &Given, command: MaskedCommand) -> Vec<Step> {
    let mut reading = Vec::new();
    for words in (operation.proof)(given) {
        if !reading.is_empty() {
            reading.push(CommandPart::Text(";".to_owned()));
        }
        reading.push(CommandPart::Text("yunohost".to_owned()));
        reading.extend(words.iter().map(|word| CommandPart::Text(quote(word))));
    }
    vec![
        Step {
            number: 1,
            kind: StepKind::Change,
            what: operation.title(given),
            command,
            check: Message::new("check.exit-and-errors"),
            undo: operation.undo(given),
        },
        Step {
            number: 2,
            kind: StepKind::Read,
            what: Message::new("step.read-back"),
            command: MaskedCommand(reading),
            check: operation.check(given),
            undo: Undo::NothingToUndo,
        },
    ]
}

fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::Foreseen { cause, about } => AppError::Yunohost { cause, about, said: String::new() },
        Refusal::NotRead { what, cause, message } => AppError::Yunohost { cause, about: what, said: message },
    }
}
