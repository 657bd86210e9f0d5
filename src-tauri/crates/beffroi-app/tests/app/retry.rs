//! Jobs of several steps: they end where one fails, and are begun again from there.

use std::fs;

use beffroi_app::{Action, App, AppError, JobFacts};
use beffroi_domain::{JobState, StepState};
use beffroi_store::table::output::OutputStream;

use crate::kit::{Ground, Host, STAGE_SECRET, events, text};

/// Starts a job on `shop` and waits for its end.
async fn steps(app: &App, commands: &[&str]) -> JobFacts {
    let steps = commands.iter().map(|command| (None, (*command).to_owned())).collect();
    let made = app.make_plan("shop", Action::RunSteps { steps, root: false }).await.expect("a plan");
    let job = app.run_plan(made.plan.id, Some("shop")).await.expect("started").pop().expect("a job");
    app.wait_for_job(job.id).await.expect("it ended")
}

async fn again(app: &App, job: &JobFacts) -> Result<JobFacts, AppError> {
    let job = app.retry_job(&job.id.to_string(), Some("shop")).await?;
    app.wait_for_job(job.id).await
}

fn states(job: &JobFacts) -> Vec<StepState> {
    job.steps.iter().map(|(_, row)| row.state).collect()
}

/// What a job wrote, each step's number before its line, and what is noted between.
async fn output(app: &App, job: &JobFacts) -> Vec<String> {
    let (pieces, more) = app.job_output(&job.id.to_string(), 0).await.expect("its output");
    assert!(!more, "it fits one page");
    let line = |piece: &beffroi_app::OutputText| match &piece.note {
        Some(note) => note.message().key,
        None => format!("{} {}", piece.step, String::from_utf8_lossy(&piece.bytes).trim()),
    };
    pieces.iter().filter(|piece| piece.stream != OutputStream::Stderr).map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_begun_again_and_what_was_done_is_not() {
    use StepState::{Done, Failed, Skipped};
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    let job = steps(&app, &["echo one | tee -a ~/ran", "echo two | tee -a ~/ran; test -e ~/go", "echo three | tee -a ~/ran"]).await;
    assert!(matches!(&job.error, Some(AppError::CommandFailed { .. })), "{:?}", job.error);
    assert_eq!((job.state, states(&job)), (JobState::Failed, vec![Done, Failed, Skipped]));

    // By another process, once the stage is open and the host's name was typed.
    app.lock_vault().await.expect("locked");
    let app = ground.open().await;
    assert!(matches!(again(&app, &job).await, Err(AppError::StageSealed { .. })));
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    let untyped = app.retry_job(&job.id.to_string(), None).await;
    assert!(matches!(untyped, Err(AppError::NameNotTyped { .. })), "{:?}", untyped.map(|job| job.state));
    fs::write(host.home().join("go"), "").expect("written");
    let job = again(&app, &job).await.expect("begun again");
    assert_eq!((job.state, states(&job), job.error.is_none()), (JobState::Done, vec![Done; 3], true));
    assert_eq!(fs::read_to_string(host.home().join("ran")).expect("written"), "one\ntwo\ntwo\nthree\n");
    assert_eq!(output(&app, &job).await, ["1 one", "2 two", "note.retried", "2 two", "3 three"]);

    let done = again(&app, &job).await;
    assert!(matches!(done, Err(AppError::JobNotFailed { .. })), "{:?}", done.map(|job| job.state));
    assert_eq!(events(&app).await.iter().filter(|event| *event == "job-retried").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_is_begun_again() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "shop", "dev").await;
    let made =
        app.make_plan("shop", Action::Run { command: "echo x >>~/ran; test -e ~/go || exec sleep 600".to_owned(), root: false }).await;
    let job = app.run_plan(made.expect("a plan").plan.id, None).await.expect("started").pop().expect("a job");
    crate::kit::until("its beginning", async || host.home().join("ran").exists()).await;
    app.cancel_job(&job.id.to_string()).await.expect("asked");
    let job = app.wait_for_job(job.id).await.expect("it ended");
    assert!(job.state == JobState::Cancelled && matches!(job.error, Some(AppError::JobCancelled)), "{:?}", job.error);
    fs::write(host.home().join("go"), "").expect("written");
    let job = again(&app, &job).await.expect("begun again");
    assert_eq!((job.state, states(&job)), (JobState::Done, vec![StepState::Done]));
    assert_eq!(fs::read_to_string(host.home().join("ran")).expect("written"), "x\nx\n");
    let missing = app.retry_job("0000", None).await;
    assert!(matches!(missing, Err(AppError::JobNotFound { .. })), "{:?}", missing.map(|job| job.state));
}
