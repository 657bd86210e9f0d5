//! What is not to be had of a stage that is sealed, and how it comes to be sealed.

use beffroi_app::{Action, App, AppError, Change, CopyOrder, Standing};
use beffroi_domain::JobState;
use beffroi_vault::Place;

use crate::kit::{Colleague, Ground, Host, OTHER_SECRET, STAGE_SECRET, events, run_on, text, until};

#[track_caller]
fn is_sealed<T>(result: Result<T, AppError>) {
    let error = result.map(drop).expect_err("it is sealed");
    assert!(matches!(&error, AppError::StageSealed { name } if name == "prod"), "{error:?}");
}

/// A vault whose prod, unsealed, has `shop` on a host that is there.
async fn with_shop() -> (Ground, Host, App) {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    (ground, host, app)
}

/// Starts a job on `shop` that says it began, and ends when the file `go` is in the host's home.
async fn waiting_job(app: &App) -> String {
    let command = "echo secret-output; while [ ! -e ~/go ]; do sleep 0.05; done; echo the-end".to_owned();
    let plan = app.make_plan("shop", Action::Run { command, root: false }).await.expect("a plan");
    assert!(plan.refused.is_empty(), "{:?}", plan.refused);
    let jobs = app.run_plan(plan.plan.id, Some("shop")).await.expect("it runs");
    let job = jobs.first().expect("a job").id.to_string();
    until("its output", async || output(app, &job).await.is_ok_and(|text| text.contains("secret-output"))).await;
    job
}

async fn output(app: &App, job: &str) -> Result<String, AppError> {
    let (pieces, _) = app.job_output(job, 0).await?;
    Ok(pieces.iter().map(|piece| String::from_utf8_lossy(&piece.bytes)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_sealed_stage_is_to_be_had_and_nothing_in_it_can_be_changed() {
    let (ground, host, app) = with_shop().await;
    let surveyed = app.survey("shop", true).await.expect("an answer").pop().expect("an answer");
    assert!(surveyed.survey.is_ok(), "{:?}", surveyed.survey.map(drop));
    let job = waiting_job(&app).await;
    std::fs::write(host.home().join("go"), "").expect("written");
    app.wait_for_job(job.parse().expect("an id")).await.expect("it ends");
    assert!(output(&app, &job).await.expect("output").contains("the-end"));
    let waiting = app.make_plan("shop", Action::Run { command: "true".to_owned(), root: false }).await.expect("a plan");
    app.seal_stage("prod").await.expect("sealed");

    // Where a host is and that there is a job is known to whoever has the vault; what was read from the host is not.
    let (facts, jobs) = app.host("shop").await.expect("it is shown");
    assert_eq!(facts.standing, Standing::Sealed);
    assert!(facts.survey.is_none() && facts.trouble.is_none());
    assert_eq!(jobs.len(), 1);
    for facts in jobs.iter().chain(&app.jobs().await.expect("jobs")).chain([&app.job(&job).await.expect("the job")]) {
        assert_eq!(facts.state, JobState::Done);
        assert!(facts.steps.is_empty() && facts.error.is_none());
        assert!(!format!("{:?}", facts.title).contains("secret-output"), "{:?}", facts.title);
    }
    is_sealed(app.job_output(&job, 0).await);
    is_sealed(app.survey("shop", false).await.expect("an answer").pop().expect("an answer").survey);
    is_sealed(app.survey("shop", true).await.expect("an answer").pop().expect("an answer").survey);
    is_sealed(run_on(&app, "shop", "true").await);
    // What the journal, which every colleague reads, says of it: not the command.
    let told = format!("{:?}", crate::kit::journal(&app).await.iter().map(|line| &line.entry.values).collect::<Vec<_>>());
    assert!(!told.contains("secret-output"), "{told}");

    // No plan is made or run.
    let plan = app.make_plan("shop", Action::Run { command: "true".to_owned(), root: false }).await.expect("a plan");
    assert!(plan.plan.hosts.is_empty());
    is_sealed(plan.refused.into_iter().next().map_or(Ok(()), |refused| Err(refused.error)));
    is_sealed(app.run_plan(waiting.plan.id, Some("shop")).await);

    // Its hosts and secrets are neither added, changed nor removed.
    is_sealed(app.add_host("second", host.as_new("prod", "prod/key")).await);
    is_sealed(app.trust("shop", &format!("SHA256:{}", "a".repeat(43)), false).await);
    is_sealed(app.remove_host("shop").await);
    is_sealed(app.set_secret("prod/other", text("value"), Some("prod")).await);
    is_sealed(app.set_secret("prod/key", text("value"), Some("prod")).await);
    is_sealed(app.set_secret("prod/key", text("value"), None).await);
    is_sealed(app.set_stage_policy("prod", facts_of(&app).await).await);
    let mut copied = |_| {};
    let copy = |remote: &str| CopyOrder {
        host: "shop".to_owned(),
        remote: remote.to_owned(),
        typed: Some("shop".to_owned()),
        ..CopyOrder::default()
    };
    is_sealed(app.get(&ground.root().join("got"), &copy("/etc/hostname"), &mut copied).await);
    is_sealed(app.put(&ground.vault().join("header.json"), &copy("/tmp/never"), &mut copied).await);

    // All of it is there again once it is unsealed.
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert!(output(&app, &job).await.expect("output").contains("the-end"));
    assert!(app.host("shop").await.expect("shown").0.survey.is_some());
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("it works"), "here");
}

async fn facts_of(app: &App) -> beffroi_domain::StagePolicy {
    app.stages().await.expect("stages").into_iter().find(|stage| stage.name == "prod").expect("prod").policy
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_a_sealed_stage_is_not_removed() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("prod/key", text("value"), Some("prod")).await.expect("stored");
    app.seal_stage("prod").await.expect("sealed");
    is_sealed(app.remove_secret("prod/key").await);
    assert!(app.secrets().await.expect("secrets").iter().any(|secret| secret.name == "prod/key" && secret.stage == "prod"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_unseals_nothing() {
    let ground = Ground::with_prod();
    let app = ground.open().await;
    let before = events(&app).await;
    for wrong in [OTHER_SECRET, "", crate::kit::PASSPHRASE] {
        let refused = app.unseal_stage("prod", text(wrong), None).await;
        assert!(matches!(refused, Err(AppError::WrongStageSecret { .. })), "{wrong}: {:?}", refused.map(drop));
    }
    assert!(matches!(app.unseal_stage("dev", text(STAGE_SECRET), None).await, Err(AppError::StageNotProtected { .. })));
    assert!(matches!(app.unseal_stage("none", text(STAGE_SECRET), None).await, Err(AppError::StageNotFound { .. })));
    for seconds in [0, 8 * 3600 + 1, u64::MAX] {
        let refused = app.unseal_stage("prod", text(STAGE_SECRET), Some(seconds)).await;
        assert!(matches!(refused, Err(AppError::InvalidRequest { .. })), "{seconds}: {:?}", refused.map(drop));
    }
    assert!(app.stages().await.expect("stages").iter().any(|stage| stage.name == "prod" && !stage.open && stage.left.is_none()));
    assert_eq!(events(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_whose_time_is_over_seals_itself_and_ends_what_works_there() {
    let (_ground, host, app) = with_shop().await;
    let job = waiting_job(&app).await;
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("it works"), "here");
    assert!(host.connections() > 0);
    let unsealed = app.unseal_stage("prod", text(STAGE_SECRET), Some(1)).await.expect("unsealed");
    assert!(unsealed.open && unsealed.left <= Some(std::time::Duration::from_secs(1)));

    until("the entry that says so", async || events(&app).await.last().is_some_and(|event| event == "stage-sealed-itself")).await;
    let stage = app.stages().await.expect("stages").into_iter().find(|stage| stage.name == "prod").expect("prod");
    assert!(stage.protected && !stage.open && stage.left.is_none());
    is_sealed(app.set_secret("prod/other", text("value"), Some("prod")).await);
    is_sealed(run_on(&app, "shop", "true").await);
    until("the end of the connection", async || host.connections() == 0).await;

    // The job is left, not ended: it goes on at its host, and is followed again once the stage is unsealed.
    until("the job to be left", async || !app.job(&job).await.expect("the job").attached).await;
    assert_eq!(app.job(&job).await.expect("the job").state, JobState::Running);
    is_sealed(app.attach_job(&job).await);
    is_sealed(app.cancel_job(&job).await);
    is_sealed(app.job_output(&job, 0).await);
    std::fs::write(host.home().join("go"), "").expect("written");
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    let attached = app.attach_job(&job).await.expect("attached");
    let ended = app.wait_for_job(attached.id).await.expect("it ends");
    assert_eq!(ended.state, JobState::Done);
    let said = output(&app, &job).await.expect("output");
    assert_eq!((said.matches("secret-output").count(), said.matches("the-end").count()), (1, 1), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sealing_ends_what_works_there_at_once_and_is_journalled_once() {
    let (_ground, host, app) = with_shop().await;
    let job = waiting_job(&app).await;
    let sealed = app.seal_stage("prod").await.expect("sealed");
    assert!(!sealed.open && sealed.left.is_none());
    let ended = app.wait_for_job(job.parse().expect("an id")).await.expect("the job");
    assert_eq!((ended.state, ended.attached), (JobState::Running, false));
    until("the end of the connection", async || host.connections() == 0).await;
    app.seal_stage("prod").await.expect("sealed already");
    assert_eq!(events(&app).await.iter().filter(|event| *event == "stage-sealed").count(), 1);
    assert!(matches!(app.seal_stage("dev").await, Err(AppError::StageNotProtected { .. })));
    std::fs::write(host.home().join("go"), "").expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_the_vault_seals_its_stages() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.lock_vault().await.expect("locked");
    let app = ground.open().await;
    assert!(app.stages().await.expect("stages").iter().all(|stage| stage.open == (stage.name == "dev")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_vault_open_without_the_secret_cannot_open_a_value() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("prod/key", text("canary-9d4"), Some("prod")).await.expect("stored");
    app.lock_vault().await.expect("locked");
    let colleague = Colleague::at(&ground);
    let (row, sealed) = colleague.secret("prod/key");
    let place =
        |compartment| Place { compartment, target: None, table: "secret", row: *row.id.as_bytes(), revision: row.revision, field: "value" };
    for stage in ["prod", "dev"] {
        assert!(colleague.vault.unseal(&place(colleague.compartment(stage)), &sealed).is_err(), "{stage}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_show_stages_hear_of_it() {
    let ground = Ground::with_prod();
    let ears = std::sync::Arc::new(crate::kit::Ears::default());
    let app = App::new(beffroi_app::Places::new(ground.root().join("state")), ears.clone());
    app.unlock_vault(&ground.path(), ground.authority()).await.expect("open");
    let count = || ears.heard().iter().filter(|change| **change == Change::Stages).count();
    app.unseal_stage("prod", text(STAGE_SECRET), Some(1)).await.expect("unsealed");
    let unsealed = count();
    assert!(unsealed > 0);
    until("word of the sealing", async || count() > unsealed).await;
}
