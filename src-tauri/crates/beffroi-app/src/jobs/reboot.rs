//! A job that takes its host down: what became of it is seen by the host's boot, not by its exit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{Exit, Message, StepState, TargetRecord};
use beffroi_remote::job::{self, JobError};
use beffroi_yunohost::{ActionRecord, Outcome};

use super::failure::Why;
use super::follow::{Driven, PATIENCE, step_ref};
use super::follower::Follower;
use crate::AppError;
use crate::session::Session;

const PAUSE: Duration = Duration::from_secs(2);
/// A host that was told to go down and is silent for so long is down.
const SILENT: Duration = Duration::from_secs(30);

/// So many other hosts are tried, each for so long, before this machine is taken for cut off itself.
const MOST_OTHERS: usize = 5;
const OTHER: Duration = Duration::from_secs(5);

/// What is seen of a host that goes down.
enum Look {
    Restarted,
    Answers,
    Silent,
}

/// What became of a host that was told to go down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Held,
    /// It answers, and has not gone.
    StillUp,
    /// It went, and was to come again.
    NotBack,
    /// It came again, and was to stay down.
    CameUpAgain,
    /// It is silent, and so is everything else.
    NotKnown,
}

/// A host that is looked at until it is known what became of it.
struct Watch {
    for_good: bool,
    /// Since when, counted from the beginning.
    silent_since: Option<Duration>,
}

impl Watch {
    /// What has become of it; `None` while one has to look again.
    fn sees(&mut self, look: Look, at: Duration) -> Option<Fate> {
        match look {
            Look::Restarted => return Some(if self.for_good { Fate::CameUpAgain } else { Fate::Held }),
            Look::Answers => self.silent_since = None,
            Look::Silent => self.silent_since = self.silent_since.or(Some(at)),
        }
        let too_long = match (self.silent_since, self.for_good) {
            (None, _) => Fate::StillUp,
            (Some(_), false) => Fate::NotBack,
            (Some(_), true) => Fate::NotKnown,
        };
        (at >= PATIENCE).then_some(too_long)
    }

    /// Whether it stays down, if this machine can tell.
    fn is_down(&self, at: Duration) -> bool {
        self.for_good && self.silent_since.is_some_and(|since| at.saturating_sub(since) >= SILENT)
    }
}

/// Whether an operation takes its host down.
pub(super) fn takes_down(action: &ActionRecord) -> bool {
    matches!(action.operation.as_str(), "tools-reboot" | "tools-shutdown")
}

impl Session {
    /// Sees a reboot or a shutdown to its end.
    pub(super) async fn run_down(
        self: &Arc<Self>,
        driven: &mut Driven,
        follower: &Follower,
        new: bool,
        action: &ActionRecord,
    ) -> Result<Option<AppError>, AppError> {
        let for_good = action.operation == "tools-shutdown";
        let exit = match self.exit_of(driven, follower, 0, new).await {
            // It went down before it could say so: that is what it was for.
            Err(AppError::JobVanished { rebooted: true }) => {
                self.set_step(driven, 0, StepState::Done, Some(Exit::Unknown)).await?;
                return self.tell(driven, if for_good { Fate::CameUpAgain } else { Fate::Held }).await;
            }
            exit => exit?,
        };
        let row = driven.row.clone();
        let (stdout, stderr) = self.blocking(move |session| session.streams(&row, 1)).await?;
        let outcome = Outcome::read(&stdout, &stderr, &exit);
        if !outcome.succeeded {
            return self.judge(driven, follower, action.into(), exit).await;
        }
        self.set_step(driven, 0, StepState::Done, Some(exit)).await?;
        self.set_step(driven, 1, StepState::Running, None).await?;
        let fate = self.goes_down(driven, for_good).await?;
        self.tell(driven, fate).await
    }

    /// Records what became of the host, and says what is to be told.
    async fn tell(self: &Arc<Self>, driven: &mut Driven, fate: Fate) -> Result<Option<AppError>, AppError> {
        self.set_step(driven, 1, if fate == Fate::Held { StepState::Done } else { StepState::Failed }, None).await?;
        let found = |what| Some(AppError::CheckFailed { why: Why::Found((&Message::new(what)).into()) });
        Ok(match fate {
            Fate::Held => None,
            Fate::StillUp => found("found.still-up"),
            Fate::NotBack => found("found.not-back"),
            Fate::CameUpAgain => found("found.came-up-again"),
            Fate::NotKnown => found("found.down-not-known"),
        })
    }

    /// What becomes of the host, looked at again and again.
    async fn goes_down(self: &Arc<Self>, driven: &Driven, for_good: bool) -> Result<Fate, AppError> {
        let (step, began, mut watch) = (step_ref(driven, 0), Instant::now(), Watch { for_good, silent_since: None });
        loop {
            let asked = async {
                let remote = self.connect_as(&driven.target, driven.record.rights()).await?;
                Ok::<_, AppError>(job::rebooted(remote.as_ref(), &step).await?)
            };
            let look = match asked.await {
                Ok(true) => Look::Restarted,
                Ok(false) => Look::Answers,
                // Nothing is left of the step: it was cleaned away, and with it what the boot is held against.
                Err(AppError::Job(JobError::Absent)) => return Ok(Fate::StillUp),
                Err(error) if error.is_passing() => {
                    self.connections.close(driven.target.host).await;
                    Look::Silent
                }
                Err(error) => return Err(AppError::JobOutOfReach { why: Box::new(error) }),
            };
            let at = began.elapsed();
            if let Some(fate) = watch.sees(look, at) {
                return Ok(fate);
            }
            if watch.is_down(at) {
                match self.reaches_another(&driven.target).await {
                    Some(true) => return Ok(Fate::Held),
                    None => return Ok(Fate::NotKnown),
                    // The link may come again.
                    Some(false) => {}
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether this machine still reaches another host, up to its key: one through which the host is reached, where it is by
    /// others only. `None` when there is none to try. A host nearby that answers does not prove the way to one far away.
    async fn reaches_another(self: &Arc<Self>, target: &TargetRecord) -> Option<bool> {
        let jumps: Vec<_> = target.accesses().filter_map(|access| access.jump).collect();
        let directly = target.accesses().any(|access| access.jump.is_none());
        let targets = self.blocking(|session| session.targets()).await.ok()?;
        let others = targets.into_iter().map(|other| other.record);
        let others = others.filter(|other| other.host != target.host && (directly || jumps.contains(&other.host)));
        let mut tried = None;
        for other in others.take(MOST_OTHERS) {
            let looked = tokio::time::timeout(OTHER, self.look(&other, &other.access, &[target.host])).await;
            if matches!(looked, Ok(Ok(_))) {
                return Some(true);
            }
            tried = Some(false);
        }
        tried
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_host_that_is_silent_for_too_long_is_not_said_to_answer() {
        let mut watch = Watch { for_good: false, silent_since: None };
        assert_eq!(watch.sees(Look::Answers, seconds(1)), None);
        assert_eq!(watch.sees(Look::Silent, seconds(5)), None);
        assert!(!watch.is_down(seconds(500)), "it is to come again");
        assert_eq!(watch.sees(Look::Silent, PATIENCE), Some(Fate::NotBack));
        assert_eq!(watch.sees(Look::Answers, PATIENCE), Some(Fate::StillUp));
        assert_eq!(watch.sees(Look::Restarted, seconds(6)), Some(Fate::Held));
    }

    #[test]
    fn a_host_that_was_shut_down_is_down_only_while_it_stays_so() {
        let mut watch = Watch { for_good: true, silent_since: None };
        assert_eq!(watch.sees(Look::Silent, seconds(5)), None);
        assert!(!watch.is_down(seconds(5) + SILENT - seconds(1)) && watch.is_down(seconds(5) + SILENT));
        assert_eq!(watch.sees(Look::Answers, seconds(50)), None);
        assert!(!watch.is_down(seconds(50)), "it was the link");
        assert_eq!(watch.sees(Look::Restarted, seconds(60)), Some(Fate::CameUpAgain));
        assert_eq!(watch.sees(Look::Silent, PATIENCE), Some(Fate::NotKnown), "nothing else answered either");
    }
}
