//! What a plan can be made of, and the steps it comes to.

use beffroi_domain::{CommandPart, MaskedCommand, Message, Step, StepKind, Undo};
use beffroi_remote::CommandLine;
use beffroi_secret::SecretBytes;
use beffroi_yunohost::Action as Yunohost;
use beffroi_yunohost::{ActionRecord, Cause, InvalidAction, Refusal, UserChanges};

use crate::AppError;
use crate::jobs::{JobAction, JobRecord, StoredStep};
use crate::surveys::Survey;

/// A change to hosts.
#[derive(Debug)]
pub enum Action {
    /// Of what YunoHost keeps.
    Yunohost(Yunohost),
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
}

impl Action {
    pub(crate) fn title(&self) -> Message {
        match self {
            Self::Run { command, .. } => Message::new("title.run").with("command", command),
            Self::RunSteps { steps, .. } => Message::new("title.run-steps").with("count", steps.len()),
            Self::Yunohost(action) => match action {
                Yunohost::UserAdd { username, .. } => Message::new("title.ynh-user-add").with("user", username),
                Yunohost::UserEdit { username, .. } => Message::new("title.ynh-user-edit").with("user", username),
                Yunohost::UserRemove { username, .. } => Message::new("title.ynh-user-remove").with("user", username),
                Yunohost::ServiceRestart { name } => Message::new("title.ynh-service-restart").with("service", name),
            },
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
            Self::Run { .. } | Self::RunSteps { .. } => Ok(()),
            Self::Yunohost(action) => action.validate().map_err(invalid),
        }
    }

    /// Whether the host must be surveyed before the action can be planned.
    pub(crate) fn needs_survey(&self) -> bool {
        matches!(self, Self::Yunohost(_))
    }

    /// The action on one host: guarded, completed, in steps.
    pub(crate) fn prepare(&mut self, survey: Option<&Survey>) -> Result<Prepared, AppError> {
        let title = self.title();
        match self {
            Self::Run { command, root } => Ok(Prepared::run(&title, &[(None, command.clone())], *root)),
            Self::RunSteps { steps, root } => Ok(Prepared::run(&title, steps, *root)),
            Self::Yunohost(action) => {
                let facts = survey.and_then(|survey| survey.yunohost.as_ref());
                let asked_without_domain = matches!(action, Yunohost::UserAdd { domain: None, .. });
                action.complete(facts);
                let prepared = action.guard(facts).map_err(refused).map(|()| {
                    let invocation = action.command();
                    let steps = steps(action, invocation.masked);
                    let record = JobAction::Yunohost { record: ActionRecord::of(action, facts) };
                    Prepared::new(&title, record, &invocation.command, Some(invocation.stdin), secrets(action), steps)
                });
                // The next host completes it from its own facts.
                if let (Yunohost::UserAdd { domain, .. }, true) = (action, asked_without_domain) {
                    *domain = None;
                }
                prepared
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
        Self { record, input, secrets, steps }
    }
}

fn steps(action: &Yunohost, command: MaskedCommand) -> Vec<Step> {
    let user = |key, username: &str| Message::new(key).with("user", username);
    let (what, undo, state) = match action {
        Yunohost::UserAdd { username, .. } => {
            (user("step.ynh-user-add", username), Undo::By(user("undo.user-remove", username)), user("check.user-present", username))
        }
        Yunohost::UserEdit { username, .. } => {
            (user("step.ynh-user-edit", username), Undo::By(Message::new("undo.user-edit")), user("check.user-present", username))
        }
        Yunohost::UserRemove { username, purge: false } => {
            (user("step.ynh-user-remove", username), Undo::Not(Message::new("undo.user-removed")), user("check.user-absent", username))
        }
        Yunohost::UserRemove { username, purge: true } => {
            (user("step.ynh-user-purge", username), Undo::Not(user("undo.user-purged", username)), user("check.user-absent", username))
        }
        Yunohost::ServiceRestart { name } => (
            Message::new("step.ynh-service-restart").with("service", name),
            Undo::By(Message::new("undo.service")),
            Message::new("check.service-running").with("service", name),
        ),
    };
    let read = match action {
        Yunohost::ServiceRestart { name } => vec!["yunohost", "service", "status", name.as_str()],
        _ => vec!["yunohost", "user", "list"],
    };
    let read = read.into_iter().map(|word| CommandPart::Text(beffroi_remote::quote(word))).collect();
    vec![
        Step { number: 1, kind: StepKind::Change, what, command, check: Message::new("check.exit-and-errors"), undo },
        Step {
            number: 2,
            kind: StepKind::Read,
            what: Message::new("step.read-back"),
            command: MaskedCommand(read),
            check: state,
            undo: Undo::NothingToUndo,
        },
    ]
}

fn secrets(action: &Yunohost) -> Vec<SecretBytes> {
    match action {
        Yunohost::UserAdd { password, .. } | Yunohost::UserEdit { changes: UserChanges { password: Some(password), .. }, .. } => {
            vec![password.to_bytes()]
        }
        _ => Vec::new(),
    }
}

fn invalid(error: InvalidAction) -> AppError {
    let (field, value) = match error {
        InvalidAction::Username { username } | InvalidAction::ReservedUsername { username } => ("username", username),
        InvalidAction::Fullname { fullname } => ("fullname", fullname),
        InvalidAction::Password { characters } => ("password", format!("{characters} characters")),
        InvalidAction::MailboxQuota { quota } => ("mailbox-quota", quota),
        InvalidAction::Domain { domain } => ("domain", domain),
        InvalidAction::Address { address } => ("mail", address),
        InvalidAction::ServiceName { name } => ("service", name),
        InvalidAction::TooManyAddresses { .. } => return AppError::InvalidRequest { what: "too many addresses" },
        InvalidAction::NothingToChange => return AppError::InvalidRequest { what: "nothing to change was given" },
    };
    AppError::YunohostInvalid { field: field.to_owned(), value }
}

fn refused(refusal: Refusal) -> AppError {
    let (cause, about) = match refusal {
        Refusal::NoYunohost => return AppError::YunohostAbsent,
        Refusal::PartNotRead { part } => (Cause::AnswerNotUnderstood, part.to_owned()),
        Refusal::UserExists { username } => (Cause::UserExists, username),
        Refusal::GroupExists { name } => (Cause::UserExists, name),
        Refusal::UserUnknown { username } => (Cause::UserUnknown, username),
        Refusal::AddressTaken { address, .. } => (Cause::UserExists, address),
        Refusal::LastAdmin { username } => (Cause::LastAdmin, username),
        Refusal::DomainUnknown { domain } => (Cause::DomainUnknown, domain),
        Refusal::DomainNeeded => (Cause::DomainUnknown, String::new()),
        Refusal::ServiceUnknown { name } => (Cause::ServiceUnknown, name),
    };
    AppError::Yunohost { cause, about, said: String::new() }
}
