//! What a plan can be made of, and the steps it comes to.

use beffroi_domain::{CommandPart, MaskedCommand, Message, Step, StepKind, Undo};
use beffroi_remote::lifeline::{self, Knot};
use beffroi_remote::{CommandLine, quote};
use beffroi_secret::SecretBytes;
use beffroi_yunohost::{ActionRecord, Entry, Given, Operation, Question, Refusal, Seen, Weight};

use crate::AppError;
use crate::archives::Restoring;
use crate::catalogs::CatalogChange;
use crate::certificates::Push;
use crate::guests::GuestWork;
use crate::jobs::{JobAction, JobRecord, StoredStep, Tie, WAIT};
use crate::processes::ProcessWork;
use crate::sent::place_of;
use crate::surveys::{Read, Survey};

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
    /// Commands of this program's own, as root, one after the other.
    Script {
        /// What all of it is for.
        title: Message,
        /// What each is for, and its shell text. It exits well only when what it is for is so.
        steps: Vec<(Message, String)>,
    },
    /// Of the catalog of applications that a host keeps.
    Catalog(CatalogChange),
    /// A certificate of the vault's own authority, for a domain of a YunoHost.
    Certificate(Box<Push>),
    /// Of a guest of the host: see [`App::plan_guests`](crate::App::plan_guests).
    Guest(Box<GuestWork>),
    /// Of a process that is kept on the host: see [`App::plan_process`](crate::App::plan_process).
    Process(Box<ProcessWork>),
    /// An archive that lies here, sent to the host and restored there.
    RestoreArchive(Box<Restoring>),
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
    /// A name that must be typed before it is run, whatever the stage asks: it, and no other one.
    pub(crate) confirm: Option<String>,
}

impl Action {
    pub(crate) fn title(&self) -> Message {
        match self {
            Self::Run { command, .. } => Message::new("title.run").with("command", command),
            Self::RunSteps { steps, .. } => Message::new("title.run-steps").with("count", steps.len()),
            Self::Yunohost { operation, given } => operation.title(given),
            Self::Script { title, .. } => title.clone(),
            Self::Catalog(change) => change.title(),
            Self::Certificate(push) => push.title(),
            Self::Guest(work) => work.title.clone(),
            Self::Process(work) => work.title(),
            Self::RestoreArchive(restoring) => restoring.title(),
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
            Self::Catalog(change) if !change.is_valid() => Err(AppError::InvalidRequest { what: "not a catalog that was sent" }),
            // What YunoHost is given was checked when it was read.
            Self::Run { .. }
            | Self::RunSteps { .. }
            | Self::Yunohost { .. }
            | Self::Script { .. }
            | Self::Catalog(_)
            | Self::Certificate(_)
            | Self::Guest(_)
            | Self::Process(_)
            | Self::RestoreArchive(_) => Ok(()),
        }
    }

    /// What is to be read from a host before the action can be planned there, beside its survey; nothing when it needs no
    /// survey either.
    pub(crate) fn asks(&self) -> Option<Vec<Question>> {
        match self {
            Self::Yunohost { operation, given } => Some((operation.asks)(given)),
            // The survey says whether it is a YunoHost at all.
            Self::Catalog(_) | Self::Certificate(_) | Self::RestoreArchive(_) => Some(Vec::new()),
            // A guest, or a process, was read with its host when the change was made.
            Self::Run { .. } | Self::RunSteps { .. } | Self::Script { .. } | Self::Guest(_) | Self::Process(_) => None,
        }
    }

    /// Whether it waits while another operation of YunoHost's runs.
    pub(crate) fn wants_lock(&self) -> bool {
        matches!(self, Self::Yunohost { .. } | Self::RestoreArchive(_))
    }

    /// Makes what was read of a host what it will be once the action is done, as far as guards of what comes after it on the same
    /// host look at it: that who is to be put into a group is there, and that somebody is left who administers the host.
    pub(crate) fn foresee(&self, survey: &mut Survey) {
        if let (Self::Yunohost { operation, given }, Some(facts)) = (self, &mut survey.yunohost) {
            crate::people::foresee(operation.id, given, facts);
        }
    }

    /// The action on one host: guarded, completed, in steps.
    pub(crate) fn prepare(&self, read: Option<&Read>) -> Result<Prepared, AppError> {
        let title = self.title();
        match self {
            Self::Run { command, root } => Ok(Prepared::run(&title, vec![(words(None), command.clone())], *root)),
            Self::RunSteps { steps, root } => {
                let steps = steps.iter().map(|(title, command)| (words(title.as_deref()), command.clone()));
                Ok(Prepared::run(&title, steps.collect(), *root))
            }
            Self::Script { title, steps } => {
                let mut prepared = Prepared::run(title, steps.clone(), true);
                prepared.steps.iter_mut().for_each(|step| step.undo = Undo::Not(Message::new("undo.script")));
                Ok(prepared)
            }
            Self::Certificate(push) => push.prepare(read),
            Self::Guest(work) => work.prepare(),
            Self::Process(work) => work.prepare(),
            Self::RestoreArchive(restoring) => {
                let read = read.ok_or(AppError::YunohostAbsent)?;
                let facts = read.survey.yunohost.as_ref().ok_or(AppError::YunohostAbsent)?;
                restoring.guard(facts, &read.survey)?;
                let (operation, given) = restoring.given()?;
                let seen = Seen { facts, answers: &read.answers };
                let mut prepared = Prepared::yunohost(&title, operation, &given, &seen, &read.survey, Some(restoring.first()))?;
                prepared.record.brings = Some(restoring.archive.clone());
                Ok(prepared)
            }
            Self::Catalog(change) => {
                read.and_then(|read| read.survey.yunohost.as_ref()).ok_or(AppError::YunohostAbsent)?;
                Ok(Prepared::catalog(change, &title))
            }
            Self::Yunohost { operation, given } => {
                let read = read.ok_or(AppError::YunohostAbsent)?;
                let facts = read.survey.yunohost.as_ref().ok_or(AppError::YunohostAbsent)?;
                let seen = Seen { facts, answers: &read.answers };
                // Guards put what is missing: another host completes it from its own facts.
                let mut given = given.duplicate();
                operation.guard(&mut given, &seen).map_err(refused)?;
                let mut prepared = Prepared::yunohost(&title, operation, &given, &seen, &read.survey, None)?;
                prepared.record.sent = given.maybe("source").and_then(place_of).map(str::to_owned).into_iter().collect();
                Ok(prepared)
            }
        }
    }
}

impl Prepared {
    /// A command of YunoHost's on a host that may have it, with what speaks against it. `first`: what its step does, where that is
    /// more than the command.
    fn yunohost(
        title: &Message,
        operation: &'static Operation,
        given: &Given,
        seen: &Seen<'_>,
        survey: &Survey,
        first: Option<Message>,
    ) -> Result<Self, AppError> {
        crate::guards::foreseen(operation.id, given, survey)?;
        let invocation = operation.command(given, &seen.facts.lacks);
        let record = JobAction::Yunohost { record: ActionRecord::of(operation, given, seen) };
        let mut steps = steps(operation, given, invocation.masked);
        if let (Some(step), Some(what)) = (steps.first_mut(), first) {
            step.what = what;
        }
        let entry = operation.entry(given, seen);
        let (command, steps) = match &entry {
            Some(entry) => tie(&invocation.command, entry, steps),
            None => (invocation.command, steps),
        };
        let mut prepared = Self::new(title, record, &command, Some(invocation.stdin), given.secrets(), steps);
        prepared.record.tie = entry.map(|entry| Tie { port: entry.port });
        if operation.weight(given) == Weight::LocksOut {
            prepared.warnings.push(Message::new("warning.ynh-locks-out"));
        }
        prepared.warnings.extend(crate::guards::no_way_out(operation.id, given, survey));
        prepared.warnings.extend(operation.warnings(given, seen));
        Ok(prepared)
    }

    /// What changes the catalog that a host keeps, each step with its way back.
    fn catalog(change: &CatalogChange, title: &Message) -> Self {
        let steps = change.steps();
        let commands = steps.iter().map(|(step, shell)| (step.what.clone(), shell.clone())).collect();
        let mut prepared = Self::run(title, commands, true);
        prepared.steps = steps.into_iter().map(|(step, _)| step).collect();
        prepared.record.sent = change.places();
        prepared
    }

    /// Commands, each a detached step.
    fn run(title: &Message, commands: Vec<(Message, String)>, root: bool) -> Self {
        let step = |(number, (what, command)): (u16, &(Message, String))| Step {
            number,
            kind: StepKind::Change,
            what: what.clone(),
            command: MaskedCommand(vec![CommandPart::Text(command.clone())]),
            check: Message::new("check.exit"),
            undo: Undo::Not(Message::new("undo.run")),
        };
        let steps: Vec<Step> = (1..).zip(&commands).map(step).collect();
        let first = commands.first().map(|(_, command)| command.clone()).unwrap_or_default();
        let mut prepared = Self::new(title, JobAction::Run, &CommandLine::shell(first), None, Vec::new(), steps);
        prepared.record.root = root;
        for (stored, (_, command)) in prepared.record.steps.iter_mut().zip(commands) {
            stored.shell = Some(command);
        }
        prepared
    }

    pub(crate) fn new(
        title: &Message,
        action: JobAction,
        command: &CommandLine,
        input: Option<SecretBytes>,
        secrets: Vec<SecretBytes>,
        steps: Vec<Step>,
    ) -> Self {
        let stored = steps.iter().map(StoredStep::from).collect();
        let record = JobRecord {
            title: title.into(),
            action,
            steps: stored,
            command: command.as_str().to_owned(),
            root: false,
            after: None,
            settles: Vec::new(),
            tie: None,
            through: None,
            brings: None,
            sent: Vec::new(),
        };
        Self { record, input, secrets, steps, warnings: Vec::new(), confirm: None }
    }
}

/// What a step of the operator's is for.
fn words(title: Option<&str>) -> Message {
    title.map_or_else(|| Message::new("step.run"), |title| Message::new("step.run-titled").with("title", title))
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

/// What may cost the way in, so that the host puts it back unless somebody gets in anew; and the steps that this takes.
fn tie(command: &CommandLine, entry: &Entry, mut steps: Vec<Step>) -> (CommandLine, Vec<Step>) {
    let yunohost = |words: &beffroi_yunohost::Question| {
        let words: Vec<_> = words.iter().map(|word| quote(word)).collect();
        format!("LC_ALL=C yunohost {} --timeout 60", words.join(" "))
    };
    let undo = entry.undo.iter().map(yunohost).collect::<Vec<_>>().join("\n");
    let knot = Knot { wait: WAIT, longest: entry.longest, paths: entry.paths.clone(), undo };
    let mut add = |what: Message, command: String, check: Message| {
        let number = u16::try_from(steps.len()).unwrap_or(u16::MAX).saturating_add(1);
        let command = MaskedCommand(vec![CommandPart::Text(command)]);
        steps.push(Step { number, kind: StepKind::Read, what, command, check, undo: Undo::NothingToUndo });
    };
    let release = "beffroi-lifeline release".to_owned();
    add(Message::new("step.get-in"), release, Message::new("check.get-in").with("minutes", WAIT.as_secs() / 60));
    if let Some(port) = entry.port {
        let edit = format!("beffroi host edit --port {port}");
        add(Message::new("step.keep-way").with("port", port), edit, Message::new("check.keep-way"));
    }
    (lifeline::tied(command, &knot), steps)
}

/// What a guard said no with.
pub(crate) fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::Foreseen { cause, about } => AppError::Yunohost { cause, about, said: String::new() },
        Refusal::NotRead { what, cause, message } => AppError::Yunohost { cause, about: what, said: message },
    }
}
