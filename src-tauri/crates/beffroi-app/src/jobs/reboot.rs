//! A job that takes its host down: what became of it is seen by the host's boot, not by its exit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{Exit, Message, StepState};
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
        let exit = match self.exit_of(driven, follower, 0, new).await {
            // It went down before it could say so: that is what it was for.
            Err(AppError::JobVanished { rebooted: true }) => {
                self.set_step(driven, 0, StepState::Done, Some(Exit::Unknown)).await?;
                self.set_step(driven, 1, StepState::Done, None).await?;
                return Ok(None);
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
        let down = self.goes_down(driven, action.operation == "tools-shutdown").await?;
        self.set_step(driven, 1, if down { StepState::Done } else { StepState::Failed }, None).await?;
        let still_up = || AppError::CheckFailed { why: Why::Found((&Message::new("found.still-up")).into()) };
        Ok((!down).then(still_up))
    }

    /// Whether the host starts again, or where it is to stay down, falls silent.
    async fn goes_down(self: &Arc<Self>, driven: &Driven, for_good: bool) -> Result<bool, AppError> {
        let (step, began, mut silent) = (step_ref(driven, 0), Instant::now(), None);
        while began.elapsed() < PATIENCE {
            let asked = async {
                let remote = self.connect_as(&driven.target, driven.record.rights()).await?;
                Ok::<_, AppError>(job::rebooted(remote.as_ref(), &step).await?)
            };
            match asked.await {
                Ok(true) => return Ok(true),
                Ok(false) => silent = None,
                // Nothing is left of the step: it was cleaned away, and with it what the boot is held against.
                Err(AppError::Job(JobError::Absent)) => return Ok(false),
                Err(error) if error.is_passing() => {
                    self.connections.close(driven.target.host).await;
                    let since: &mut Instant = silent.get_or_insert_with(Instant::now);
                    if for_good && since.elapsed() >= SILENT {
                        return Ok(true);
                    }
                }
                Err(error) => return Err(AppError::JobOutOfReach { why: Box::new(error) }),
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(false)
    }
}
