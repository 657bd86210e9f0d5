//! Drives a job from where it stands to its end.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use beffroi_domain::{Exit, JobId, JobState, StepState, TargetRecord};
use beffroi_remote::job::{self, Ended, JobError, Offsets, StepRef};
use beffroi_remote::{CommandLine, Remote};
use beffroi_secret::SecretBytes;
use beffroi_store::table::job::{JobRow, StepRow};
use beffroi_store::table::ledger::LedgerRow;
use beffroi_yunohost::{Cause, CheckResult, Outcome, Verdict};
use tokio::sync::{Mutex, MutexGuard};

use super::failure::{Failure, Why};
use super::follower::Follower;
use super::output::{OutputNote, Recorder};
use super::proof::Proof;
use super::record::{JobAction, JobInput, JobRecord};
use super::{place_in, reboot, waiting};
use crate::run::{Trouble, exit_words};
use crate::session::{Happening, Session};
use crate::{AppError, Change, GuestError, now_ms};

/// For this long a lost link is tried again; then the job is left running at its host.
pub(super) const PATIENCE: Duration = Duration::from_secs(600);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A job that is being driven.
pub(super) struct Driven {
    pub(super) row: JobRow,
    pub(super) record: JobRecord,
    input: Option<JobInput>,
    pub(super) target: TargetRecord,
    steps: Vec<StepRow>,
}

impl Driven {
    /// When its first step was sent, if it was.
    pub(super) fn first_sent_ms(&self) -> Option<u64> {
        self.steps.first().and_then(|step| step.started_ms)
    }

    /// What must be masked in its output.
    pub(super) fn secrets(&self) -> &[SecretBytes] {
        self.input.as_ref().map_or(&[], |input| input.secrets.as_slice())
    }
}

impl Session {
    /// Drives a job until it ended, cannot be followed for now, or is to be left alone.
    pub(super) async fn drive(self: &Arc<Self>, job: JobId, follower: &Follower, new: bool) {
        let worked = tokio::select! {
            worked = self.work(job, follower, new) => worked,
            () = follower.leaving() => Ok(()),
        };
        let Err(error) = worked else {
            return;
        };
        if error.is_passing() || matches!(error, AppError::Locked | AppError::StageSealed { .. } | AppError::JobOutOfReach { .. }) {
            if let AppError::JobOutOfReach { why } = &error {
                self.out_of_reach.lock().unwrap_or_else(PoisonError::into_inner).insert(job, Trouble::of(why));
            }
            tracing::info!(%job, %error, "the job goes on at its host; it can be attached again");
            return;
        }
        let ended = self.blocking(move |session| session.end(job, Some(&error))).await;
        if let Err(error) = ended {
            tracing::error!(%job, %error, "the end of a job could not be recorded");
        }
    }

    async fn work(self: &Arc<Self>, job: JobId, follower: &Follower, new: bool) -> Result<(), AppError> {
        let mut driven = self.blocking(move |session| session.driven(job)).await?;
        let queue = Arc::clone(self.queues.lock().unwrap_or_else(PoisonError::into_inner).entry(driven.target.host).or_default());
        let begun = driven.steps.iter().any(|step| step.state != StepState::Pending);
        if !begun {
            self.wait_for_the_one_before(&driven, follower).await?;
        }
        let _turn = turn(&queue, follower, begun).await?;
        if let Some(archive) = driven.record.brings.clone().filter(|_| !begun && new) {
            let called = job.to_string();
            tokio::select! {
                brought = Box::pin(self.bring_to(&driven.target, &archive, &called)) => brought.map_err(|error| if error.is_passing() { AppError::JobNotStarted } else { error })?,
                () = follower.stopping() => return Err(AppError::JobCancelled),
            }
        }
        let failed = match driven.record.action.clone() {
            JobAction::Run => self.run_all(&mut driven, follower, new).await?,
            JobAction::Guest { .. } | JobAction::Process { .. } => {
                let failed = self.run_all(&mut driven, follower, new).await?;
                self.guest_said(&driven, failed).await?
            }
            JobAction::Yunohost { record } if driven.record.tie.is_some() => self.run_tied(&mut driven, follower, new, &record).await?,
            JobAction::Yunohost { record } if reboot::takes_down(&record) => self.run_down(&mut driven, follower, new, &record).await?,
            JobAction::Yunohost { record } => self.run_proved(&mut driven, follower, new, (&record).into()).await?,
            JobAction::Certificate { record } => self.run_proved(&mut driven, follower, new, (&record).into()).await?,
        };
        let succeeded = failed.is_none();
        self.blocking(move |session| session.end(job, failed.as_ref())).await?;
        if matches!(driven.record.action, JobAction::Guest { .. }) {
            self.listener.heard(Change::Hosts);
        }
        self.clean(&driven).await;
        if succeeded {
            self.clean_sent(&driven).await;
        }
        Ok(())
    }

    /// One command, and what proves it.
    async fn run_proved(
        self: &Arc<Self>,
        driven: &mut Driven,
        follower: &Follower,
        new: bool,
        proof: Proof<'_>,
    ) -> Result<Option<AppError>, AppError> {
        let exit = match (self.exit_of(driven, follower, 0, new).await, proof) {
            (Err(lost @ (AppError::JobVanished { .. } | AppError::JobNotStarted)), Proof::Yunohost(action)) => {
                self.look_up(driven, follower, action).await?.ok_or(lost)?
            }
            (exit, _) => exit?,
        };
        if follower.is_stopping() && !exit.is_success() {
            self.set_step(driven, 0, StepState::Failed, Some(exit)).await?;
            return Ok(Some(AppError::JobCancelled));
        }
        self.judge(driven, follower, proof, exit).await
    }

    /// Waits until what must be done before a job is. A job whose predecessor failed does not begin.
    async fn wait_for_the_one_before(self: &Arc<Self>, driven: &Driven, follower: &Follower) -> Result<(), AppError> {
        let Some(before) = &driven.record.after else {
            return Ok(());
        };
        let before: JobId = before.parse().map_err(|_| AppError::damaged("a job's record"))?;
        if let Some(other) = self.follower(before) {
            tokio::select! {
                biased;
                () = follower.stopping() => return Err(AppError::JobCancelled),
                () = other.ended() => {}
            }
        }
        let row = self.blocking(move |session| Ok(session.catalog.read(|reader| reader.job(before))?)).await?;
        match row.map(|row| row.state) {
            Some(JobState::Done | JobState::Changed) => Ok(()),
            // It goes on at its host, and nobody follows it for now: this one waits to be attached, as it does.
            Some(state) if !state.has_ended() => Err(AppError::JobOutOfReach { why: Box::new(AppError::JobNotStarted) }),
            _ => Err(AppError::JobBeforeFailed),
        }
    }

    /// The operator's commands, one after the other from the first that is not done; the first that fails is the last.
    async fn run_all(self: &Arc<Self>, driven: &mut Driven, follower: &Follower, new: bool) -> Result<Option<AppError>, AppError> {
        let mut new = new;
        for index in 0..driven.steps.len() {
            if driven.steps.get(index).is_some_and(|step| step.state == StepState::Done) {
                continue;
            }
            if follower.is_stopping() && driven.steps.get(index).is_some_and(|step| step.state == StepState::Pending) {
                return Ok(Some(AppError::JobCancelled));
            }
            let exit = self.exit_of(driven, follower, index, new).await?;
            let failed = (!exit.is_success()).then(|| AppError::CommandFailed { exit: exit_words(&exit) });
            self.set_step(driven, index, if failed.is_some() { StepState::Failed } else { StepState::Done }, Some(exit)).await?;
            if failed.is_some() {
                return Ok(if follower.is_stopping() { Some(AppError::JobCancelled) } else { failed });
            }
            // What was begun here goes on here: the next step is sent.
            new = true;
        }
        Ok(None)
    }

    /// How a detached step ended: what is recorded, else what following it gives.
    pub(super) async fn exit_of(
        self: &Arc<Self>,
        driven: &mut Driven,
        follower: &Follower,
        index: usize,
        new: bool,
    ) -> Result<Exit, AppError> {
        match driven.steps.get(index).map(|step| (step.state, step.exit.clone())) {
            Some((StepState::Pending, _)) if !new => Err(AppError::JobNotStarted),
            Some((StepState::Pending | StepState::Running, _)) => self.run_detached(driven, follower, index, new).await,
            Some((_, exit)) => Ok(exit.unwrap_or(Exit::Unknown)),
            None => Err(AppError::damaged("a job without steps")),
        }
    }

    fn driven(&self, job: JobId) -> Result<Driven, AppError> {
        let (row, steps) = self.catalog.read(|reader| Ok::<_, AppError>((reader.job(job)?, reader.steps(job)?)))?;
        let row = row.ok_or_else(|| AppError::JobNotFound { job: job.to_string() })?;
        let target = self.catalog.read(|reader| reader.target(row.target))?;
        let target = target.ok_or_else(|| AppError::HostNotFound { name: row.target.to_string() })?;
        let input = row.input.as_ref().map(|sealed| JobInput::from_bytes(&self.unseal(&place_in(&row, "input"), sealed)?)).transpose()?;
        Ok(Driven { record: self.job_record(&row)?, input, target: self.authenticate(&target)?.record, steps, row })
    }

    /// Starts a detached step where it may be, and follows it to its end, whatever the link does.
    async fn run_detached(self: &Arc<Self>, driven: &mut Driven, follower: &Follower, index: usize, new: bool) -> Result<Exit, AppError> {
        let fresh = self.mark_started(driven, index).await?;
        let step = step_ref(driven, index);
        let command = driven.record.shell(index).ok_or_else(|| AppError::damaged("a job's step"))?;
        let (command, rights) = (CommandLine::shell(command.to_owned()), driven.record.rights());
        let stored =
            driven.steps.get(index).map_or_else(Offsets::default, |row| Offsets { stdout: row.stdout_offset, stderr: row.stderr_offset });
        let (stdin, secrets) = driven.input.as_ref().map_or((None, &[][..]), |input| (input.stdin.as_ref(), input.secrets.as_slice()));
        // What the job is given is its first step's. The steps of a guest are one text, which keeps nothing of it.
        let stdin = stdin.filter(|_| index == 0 || matches!(driven.record.action, JobAction::Guest { .. }));
        let mut recorder = Recorder::new(self, &driven.row, step.step, stored, secrets)?;
        let (mut to_start, mut to_stop) = (new, false);
        // From here on the step may run there, whatever is known of it here.
        let mut sent = !new;
        let mut completed = false;
        // What an earlier try left there would be taken for this one.
        let mut to_clear = fresh && driven.row.attempt > 1;
        let (mut lost_since, mut pause): (Option<Instant>, _) = (None, FIRST_PAUSE);
        loop {
            let attempt = async {
                let remote = if sent || driven.record.through.is_some() {
                    self.reach_again(driven).await?
                } else {
                    self.connect_as(&driven.target, rights).await?
                };
                if to_start {
                    if to_clear {
                        job::remove(remote.as_ref(), &step).await?;
                        to_clear = false;
                    }
                    sent = true;
                    job::start(remote.as_ref(), &step, &command, stdin, job::KEPT).await?;
                    to_start = false;
                }
                if to_stop {
                    job::cancel(remote.as_ref(), &step).await?;
                }
                if lost_since.take().is_some() {
                    recorder.note(OutputNote::Attached)?;
                }
                pause = FIRST_PAUSE;
                waiting::follow(remote.as_ref(), &step, &mut recorder).await
            };
            let ended: Result<Ended, AppError> = tokio::select! {
                ended = attempt => ended,
                () = follower.stopping(), if !to_stop => {
                    to_stop = true;
                    recorder.rewind();
                    continue;
                }
            };
            match ended {
                Ok(ended) => {
                    recorder.finish()?;
                    if !ended.dropped.is_nothing() {
                        recorder.note(OutputNote::Dropped)?;
                    }
                    return Ok(ended.exit);
                }
                // A guest that is down may be starting again, as a host may.
                Err(error) if error.is_passing() || (sent && matches!(error, AppError::Guest(GuestError::NotEntered { .. }))) => {
                    recorder.rewind();
                    // A link that fell silent may look open for a while yet: the next try makes another.
                    self.connections.close(driven.target.host).await;
                    let since = *lost_since.get_or_insert_with(Instant::now);
                    if pause == FIRST_PAUSE {
                        recorder.note(OutputNote::LinkLost)?;
                        self.listener.heard(Change::Job(driven.row.id));
                    }
                    if since.elapsed() > PATIENCE {
                        return Err(error);
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                // Its start was cut short and may yet go on: started again, it is completed or found to run.
                Err(AppError::Job(JobError::NotStarted)) if !completed && !to_stop => (to_start, completed) = (true, true),
                Err(AppError::Job(JobError::Absent | JobError::NotStarted)) => return Err(AppError::JobNotStarted),
                Err(AppError::Job(JobError::Vanished { rebooted })) => {
                    recorder.finish()?;
                    return Err(AppError::JobVanished { rebooted });
                }
                Err(error @ (AppError::Locked | AppError::StageSealed { .. })) => return Err(error),
                Err(AppError::Job(error)) if !matches!(error, JobError::Remote(_) | JobError::Sink(_)) => return Err(error.into()),
                // What is wrong is the way to the host, not the job.
                Err(error) if sent => return Err(AppError::JobOutOfReach { why: Box::new(error) }),
                Err(error) => return Err(error),
            }
        }
    }

    /// Settles how an action of YunoHost's went: what it said, and what the host's state says.
    pub(super) async fn judge(
        self: &Arc<Self>,
        driven: &mut Driven,
        follower: &Follower,
        proof: Proof<'_>,
        exit: Exit,
    ) -> Result<Option<AppError>, AppError> {
        let row = driven.row.clone();
        let (stdout, stderr) = self.blocking(move |session| session.streams(&row, 1)).await?;
        let mut outcome = Outcome::read(&stdout, &stderr, &exit);
        proof.forgive(&mut outcome);
        self.set_step(driven, 0, if outcome.succeeded { StepState::Done } else { StepState::Failed }, Some(exit)).await?;
        self.set_step(driven, 1, StepState::Running, None).await?;
        let check = proof.weigh(&outcome, self.check(driven, follower, proof).await?);
        let held = !matches!(check, CheckResult::NotHeld(_) | CheckResult::Half(_));
        self.set_step(driven, 1, if held { StepState::Done } else { StepState::Failed }, None).await?;
        let failed = failure_of(&outcome, check, proof.about());
        match failed {
            Some(AppError::Yunohost { cause: Cause::LockHeld, .. }) => Ok(self.busy(driven).await.or(failed)),
            failed => Ok(failed),
        }
    }

    async fn check(self: &Arc<Self>, driven: &Driven, follower: &Follower, proof: Proof<'_>) -> Result<CheckResult, AppError> {
        let (began, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            let checked = async {
                let remote = self.reach_again(driven).await?;
                proof.check(remote.as_ref(), driven.secrets().first()).await
            };
            match checked.await {
                Err(error) if error.is_passing() && began.elapsed() < PATIENCE && !follower.is_stopping() => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                other => return other,
            }
        }
    }

    /// Records that a step begins, and what will lie on the host, before anything is sent. Whether it was not begun before.
    async fn mark_started(self: &Arc<Self>, driven: &mut Driven, index: usize) -> Result<bool, AppError> {
        let left = folder(step_ref(driven, index));
        let Some(step) = driven.steps.get_mut(index).filter(|step| step.state == StepState::Pending) else {
            return Ok(false);
        };
        step.state = StepState::Running;
        step.started_ms = Some(now_ms());
        let (step, row) = (step.clone(), driven.row.clone());
        self.blocking(move |session| {
            let happening = Happening::new("step-started").on(row.target).with("step", step.number);
            session.commit(happening, |writer| {
                writer.set_job_running(row.id)?;
                writer.note_left(row.target, &left, now_ms())?;
                Ok(writer.set_step(row.id, &step)?)
            })
        })
        .await?;
        self.listener.heard(Change::Job(driven.row.id));
        Ok(true)
    }

    pub(super) async fn set_step(
        self: &Arc<Self>,
        driven: &mut Driven,
        index: usize,
        state: StepState,
        exit: Option<Exit>,
    ) -> Result<(), AppError> {
        let Some(step) = driven.steps.get_mut(index) else {
            return Ok(());
        };
        step.state = state;
        step.started_ms = step.started_ms.or_else(|| Some(now_ms()));
        step.ended_ms = (state != StepState::Running).then(now_ms);
        step.exit = exit.or_else(|| step.exit.take());
        let (step, row) = (step.clone(), driven.row.clone());
        self.blocking(move |session| {
            let happening = |event| Happening::new(event).on(row.target).with("step", step.number);
            let happening = match (state, &step.exit) {
                (StepState::Done, Some(exit)) => happening("step-done").with("exit", exit_words(exit)),
                (StepState::Failed, Some(exit)) => happening("step-failed").with("exit", exit_words(exit)),
                (StepState::Done, None) => happening("check-held"),
                (StepState::Failed, None) => happening("check-not-held"),
                _ => happening("step-started"),
            };
            session.commit(happening, |writer| Ok(writer.set_step(row.id, &step)?))
        })
        .await?;
        self.listener.heard(Change::Job(driven.row.id));
        Ok(())
    }

    /// Records a job's end. Steps that were not reached are skipped.
    fn end(&self, job: JobId, failed: Option<&AppError>) -> Result<(), AppError> {
        let (row, steps) = self.catalog.read(|reader| Ok::<_, AppError>((reader.job(job)?, reader.steps(job)?)))?;
        let row = row.ok_or_else(|| AppError::JobNotFound { job: job.to_string() })?;
        let state = match failed {
            None if self.job_record(&row)?.action.is_run() => JobState::Done,
            None => JobState::Changed,
            Some(AppError::JobCancelled) => JobState::Cancelled,
            Some(_) => JobState::Failed,
        };
        let settles = if held(failed) { self.job_record(&row)?.settles } else { Vec::new() };
        let failure = failed.map(|error| self.seal(&place_in(&row, "failure"), &Failure::from(error).to_bytes()?)).transpose()?;
        let event = match state {
            JobState::Changed => "job-changed",
            JobState::Done => "job-done",
            JobState::Cancelled => "job-was-cancelled",
            _ => "job-failed",
        };
        self.commit(Happening::new(event).on(row.target), |writer| {
            for step in steps {
                let state = match step.state {
                    StepState::Pending => StepState::Skipped,
                    StepState::Running => StepState::Failed,
                    _ => continue,
                };
                writer.set_step(job, &StepRow { state, ended_ms: step.started_ms.map(|_| now_ms()), ..step })?;
            }
            self.settle(writer, &row, settles)?;
            Ok(writer.end_job(job, state, failure.as_deref(), keeps_input(state), now_ms())?)
        })?;
        self.listener.heard(Change::Job(job));
        Ok(())
    }

    /// Removes what the job left on its host. What cannot be removed now stays in the ledger.
    async fn clean(self: &Arc<Self>, driven: &Driven) {
        let begun = driven.steps.iter().enumerate().filter(|(_, step)| step.started_ms.is_some()).map(|(index, _)| step_ref(driven, index));
        let steps: Vec<StepRef> = begun.filter(|step| driven.record.shell(usize::from(step.step) - 1).is_some()).collect();
        let host = driven.row.target;
        let removed = async {
            let remote = self.connect_as(&driven.target, driven.record.rights()).await?;
            for step in steps {
                job::remove(remote.as_ref() as &dyn Remote, &step).await?;
                self.blocking(move |session| session.write(|writer| Ok(writer.note_removed(host, &folder(step), now_ms())?))).await?;
            }
            Ok::<_, AppError>(())
        };
        if let Err(error) = removed.await {
            tracing::info!(job = %driven.row.id, %error, "the job's folder stays on its host for now");
        }
    }

    /// Removes what was sent for a job that succeeded; one that failed may be begun again with it.
    async fn clean_sent(self: &Arc<Self>, driven: &Driven) {
        if driven.record.sent.is_empty() {
            return;
        }
        self.forget_catalog(driven.target.host);
        if let Err(error) = self.remove_sent(&driven.target, &driven.record.sent).await {
            tracing::info!(job = %driven.row.id, %error, "what was sent for the job stays on its host for now");
        }
    }
}

/// A job's turn on its host. One that is to be stopped waits for none: before anything of it began it has ended, and what
/// began is ended on the host, whatever else runs there.
async fn turn<'a>(queue: &'a Mutex<()>, follower: &Follower, begun: bool) -> Result<Option<MutexGuard<'a, ()>>, AppError> {
    tokio::select! {
        biased;
        () = follower.stopping() => if begun { Ok(None) } else { Err(AppError::JobCancelled) },
        turn = queue.lock() => Ok(Some(turn)),
    }
}

/// Whether what a job was given is kept sealed for another try of what failed.
fn keeps_input(state: JobState) -> bool {
    matches!(state, JobState::Failed | JobState::Cancelled)
}

/// Whether the host is as a job was to make it, though its command may have failed after that.
fn held(failed: Option<&AppError>) -> bool {
    matches!(failed, None | Some(AppError::HalfDone { why: Why::Said(_) }))
}

/// Names a step on its host.
pub(super) fn step_ref(driven: &Driven, index: usize) -> StepRef {
    StepRef { job: driven.row.id, step: driven.steps.get(index).map_or(0, |step| step.number) }
}

/// A step's folder, in the ledger.
pub(crate) fn folder(step: StepRef) -> LedgerRow {
    LedgerRow { kind: JOB_FOLDER.to_owned(), what: step.to_string() }
}

/// What a job's folder is called in the ledger.
pub(crate) const JOB_FOLDER: &str = "job-folder";

fn failure_of(outcome: &Outcome, check: CheckResult, about: String) -> Option<AppError> {
    let said = outcome.errors.join("\n");
    match (Verdict::of(outcome, &check), check) {
        (Verdict::Done, _) => None,
        // The account that is there is one of before: it is not the one that was to be made, with the password that it was to have.
        (Verdict::HeldThoughFailed, _) if outcome.cause == Some(Cause::UserExists) => {
            Some(AppError::Yunohost { cause: Cause::UserExists, about, said })
        }
        (Verdict::HalfDone, CheckResult::Half(why)) => Some(AppError::HalfDone { why: Why::Found((&why).into()) }),
        (Verdict::HeldThoughFailed | Verdict::HalfDone, _) => Some(AppError::HalfDone { why: Why::Said(said) }),
        (Verdict::NotHeldThoughSaid, CheckResult::NotHeld(why)) => Some(AppError::CheckFailed { why: Why::Found((&why).into()) }),
        (Verdict::NotDone | Verdict::NotHeldThoughSaid, _) => {
            Some(AppError::Yunohost { cause: outcome.cause.unwrap_or(Cause::Other), about, said })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_of_before_is_not_the_one_that_was_to_be_made() {
        let outcome = |said: &str| Outcome::read(b"", said.as_bytes(), &Exit::Status(1));
        let failed = failure_of(&outcome("ERROR The user 'alice' already exists\n"), CheckResult::Held, "alice".to_owned());
        assert!(matches!(failed, Some(AppError::Yunohost { cause: Cause::UserExists, .. })), "{failed:?}");
        assert!(!held(failed.as_ref()), "nothing is recorded of it");
        let failed = failure_of(&outcome("ERROR something came after it\n"), CheckResult::Held, "alice".to_owned());
        assert!(matches!(failed, Some(AppError::HalfDone { .. })) && held(failed.as_ref()), "{failed:?}");
    }

    #[tokio::test]
    async fn what_began_on_a_host_is_ended_there_and_not_in_the_books_alone() {
        let (queue, follower) = (Mutex::new(()), Follower::new());
        assert!(matches!(turn(&queue, &follower, false).await, Ok(Some(_))));
        follower.stop();
        // Whichever of the two comes first: the turn is free, and somebody wants it stopped.
        for _ in 0..64 {
            assert!(matches!(turn(&queue, &follower, true).await, Ok(None)), "it is gone about");
            assert!(matches!(turn(&queue, &follower, false).await, Err(AppError::JobCancelled)), "nothing began");
        }
        let _busy = queue.lock().await;
        assert!(matches!(turn(&queue, &follower, true).await, Ok(None)), "it waits for no other job");
    }
}
