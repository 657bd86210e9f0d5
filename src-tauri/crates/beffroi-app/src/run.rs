//! Commands run on many hosts at once, attached: they end when the link does.

use std::time::{Duration, Instant};

use beffroi_domain::{Exit, TargetRecord};
use beffroi_remote::{CommandLine, Limits, Output, Remote, RunRequest};
use tokio::task::JoinSet;

use crate::{App, AppError};

/// A command for several hosts.
#[derive(Debug, Clone)]
pub struct RunOrder {
    /// Which hosts.
    pub on: String,
    /// Shell text.
    pub command: String,
    /// For each host.
    pub timeout: Duration,
    /// Hosts at a time.
    pub parallel: usize,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// What one host gave.
#[derive(Debug)]
pub struct RunAnswer {
    /// The host's name.
    pub host: String,
    /// From connecting to the end.
    pub took: Duration,
    /// The command's output and exit, or why there is none.
    pub output: Result<Output, AppError>,
}

/// Most bytes of each stream that are kept for each host.
const MOST_BYTES: usize = 1 << 20;
/// Most hosts at a time, whatever is asked for: each costs a socket.
const MOST_PARALLEL: usize = 256;

impl App {
    /// Runs a command on every selected host; one that fails does not stop the others. Answers come by name.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host. What fails on a host is in its answer.
    pub async fn run(&self, order: RunOrder) -> Result<Vec<RunAnswer>, AppError> {
        let session = self.session()?;
        let targets = session.select(&order.on).await?;
        session.allow_at_once(&targets, order.typed.as_deref())?;
        // The journal is under no stage's key: what was run in a protected one is that stage's.
        let is_protected = |target: &TargetRecord| session.stage(&target.stage).is_ok_and(|stage| stage.protected);
        let told = if targets.iter().any(is_protected) { "…".to_owned() } else { order.command.clone() };
        let values = vec![("hosts", targets.len().to_string()), ("command", told)];
        session.journal_event("command-run", only(&targets), values).await?;
        let limits = Limits { time: order.timeout, most_bytes: MOST_BYTES };
        let mut waiting = targets.into_iter();
        let mut working = JoinSet::new();
        let mut answers = Vec::new();
        loop {
            while working.len() < order.parallel.clamp(1, MOST_PARALLEL)
                && let Some(target) = waiting.next()
            {
                let request = RunRequest::new(CommandLine::shell(order.command.clone())).with_limits(limits);
                let session = session.clone();
                working.spawn(async move {
                    let started = Instant::now();
                    let output = async { Ok(session.connect(&target).await?.run(request).await?) }.await;
                    RunAnswer { host: target.name.to_string(), took: started.elapsed(), output }
                });
            }
            match working.join_next().await {
                Some(answer) => answers.push(answer.map_err(AppError::internal)?),
                None => break,
            }
        }
        answers.sort_by(|one, other| one.host.cmp(&other.host));
        Ok(answers)
    }
}

/// The host, when there is only one: the journal names it then.
fn only(targets: &[TargetRecord]) -> Option<beffroi_domain::HostId> {
    match targets {
        [target] => Some(target.host),
        _ => None,
    }
}

/// An exit in the words of a shell: `exit 1`, `signal KILL`.
pub(crate) fn exit_words(exit: &Exit) -> String {
    match exit {
        Exit::Status(status) => format!("exit {status}"),
        Exit::Signal(name) => format!("signal {name}"),
        Exit::Unknown => "?".to_owned(),
    }
}
