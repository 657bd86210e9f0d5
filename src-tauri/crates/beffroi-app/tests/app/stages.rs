//! Stages: protected, given other secrets and keys, and what is asked of those who act on them.

use beffroi_app::{Action, App, AppError, Authority, CopyOrder, Grade, SlotOrder};
use beffroi_domain::{Freeze, StageName, StagePolicy};
use beffroi_vault::{Place, SlotKind};

use crate::kit::{Colleague, Ground, Host, OTHER_SECRET, PASSPHRASE, STAGE_SECRET, copy_folder, events, holds, run_on, text};

fn prod() -> StageName {
    "prod".parse().expect("a name")
}

async fn policy(app: &App, stage: &str) -> StagePolicy {
    app.stages().await.expect("stages").into_iter().find(|facts| facts.name == stage).expect("the stage").policy
}

#[tokio::test(flavor = "multi_thread")]
async fn protecting_a_stage_moves_everything_that_is_in_it() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    app.add_stage("prod").await.expect("a new stage");
    assert!(matches!(app.add_stage("prod").await, Err(AppError::StageExists { .. })));
    host.join(&app, "shop", "prod").await;
    let strict = StagePolicy { unsealed_s: 120, ..StagePolicy::of_new(&prod()) };
    app.set_stage_policy("prod", strict.clone()).await.expect("set");
    assert!(app.survey("shop", true).await.expect("an answer").iter().all(|answer| answer.survey.is_ok()));
    let plan = app.make_plan("shop", Action::Run { command: "echo kept; exit 3".to_owned(), root: false }).await.expect("a plan");
    let jobs = app.run_plan(plan.plan.id, Some("prod")).await.expect("it runs");
    let job = app.wait_for_job(jobs.first().expect("a job").id).await.expect("it ends");
    let unprotected = |findings: Vec<beffroi_app::Finding>| {
        findings.iter().any(|finding| finding.grade == Grade::Bad && finding.what.key == "health.stage-unprotected")
    };
    assert!(unprotected(app.health().await.expect("findings")));

    let (stage, made) = app.protect_stage("prod", None).await.expect("protected");
    let secret = made.expect("a secret was made");
    assert!(stage.protected && stage.open && (stage.hosts, stage.secrets) == (1, 1));
    assert!(stage.left <= Some(std::time::Duration::from_secs(120)) && stage.left.is_some(), "{:?}", stage.left);
    assert!(!unprotected(app.health().await.expect("findings")));
    for again in [Some(text(OTHER_SECRET)), None] {
        assert!(matches!(app.protect_stage("prod", again).await, Err(AppError::StageProtected { .. })));
    }
    assert!(matches!(app.protect_stage("dev", None).await, Err(AppError::StageNotProtectable)));
    assert!(matches!(app.protect_stage("none", None).await, Err(AppError::StageNotFound { .. })));

    // After the vault was closed, only the secret opens it, and then it is all there.
    app.lock_vault().await.expect("locked");
    let app = ground.open().await;
    assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::StageSealed { .. })));
    app.unseal_stage("prod", secret, None).await.expect("unsealed by the secret that was made");
    assert_eq!(policy(&app, "prod").await, strict);
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("it works"), "here");
    let facts = app.job(&job.id.to_string()).await.expect("the job");
    assert!(matches!(&facts.error, Some(AppError::CommandFailed { exit }) if exit == "exit 3"), "{:?}", facts.error);
    let (pieces, _) = app.job_output(&job.id.to_string(), 0).await.expect("output");
    assert_eq!(pieces.iter().map(|piece| String::from_utf8_lossy(&piece.bytes)).collect::<String>(), "kept\n");
    assert!(app.host("shop").await.expect("shown").0.survey.is_some());
    holds(&app.verify_vault().await.expect("checks"));
    assert!(events(&app).await.contains(&"stage-protected".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_weak_or_used_elsewhere_is_refused() {
    let ground = Ground::with_prod();
    let app = ground.open().await;
    app.add_stage("staging").await.expect("a new stage");
    let before = events(&app).await;
    for weak in ["", "password", "correct horse battery staple", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Tr0ub4dor&3"] {
        let refused = app.protect_stage("staging", Some(text(weak))).await;
        assert!(matches!(refused, Err(AppError::StageSecretWeak)), "{weak}: {:?}", refused.map(drop));
    }
    let refused = app.protect_stage("staging", Some(text(STAGE_SECRET))).await;
    assert!(matches!(&refused, Err(AppError::StageSecretShared { with }) if with == "prod"), "{:?}", refused.map(drop));
    let refused = app.protect_stage("staging", Some(text(PASSPHRASE))).await;
    assert!(matches!(&refused, Err(AppError::StageSecretShared { with }) if with == "Acme"), "{:?}", refused.map(drop));
    let refused = app.change_stage_secret("prod", text(STAGE_SECRET), Some(text(PASSPHRASE))).await;
    assert!(matches!(&refused, Err(AppError::StageSecretShared { with }) if with == "Acme"), "{:?}", refused.map(drop));
    let refused = app.change_stage_secret("prod", text(STAGE_SECRET), Some(text("password"))).await;
    assert!(matches!(refused, Err(AppError::StageSecretWeak)), "{:?}", refused.map(drop));
    // And the other way round: a stage's secret does not become a way into the vault.
    let refused = app.change_passphrase(ground.authority(), text(STAGE_SECRET)).await;
    assert!(matches!(&refused, Err(AppError::StageSecretShared { with }) if with == "prod"), "{refused:?}");
    let kind = SlotKind::Passphrase;
    let order = SlotOrder { kind, passphrase: Some(text(STAGE_SECRET)), key_file: None, identity: None, label: None };
    let refused = app.add_slot(ground.authority(), order).await;
    assert!(matches!(&refused, Err(AppError::StageSecretShared { with }) if with == "prod"), "{:?}", refused.map(drop));
    assert_eq!(events(&app).await, before, "nothing was changed");
    assert!(app.stages().await.expect("stages").iter().all(|stage| stage.protected == (stage.name == "prod")));
    assert!(app.stages().await.expect("stages").iter().all(|stage| stage.open == (stage.name != "prod")), "and prod is still sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_secret_takes_the_place_of_the_old_one_and_leaves_the_stage_as_it_is() {
    let ground = Ground::with_prod();
    let app = ground.open().await;
    let wrong = app.change_stage_secret("prod", text(OTHER_SECRET), None).await;
    assert!(matches!(wrong, Err(AppError::WrongStageSecret { .. })), "{:?}", wrong.map(drop));
    let (stage, made) = app.change_stage_secret("prod", text(STAGE_SECRET), Some(text(OTHER_SECRET))).await.expect("changed");
    assert!(!stage.open && made.is_none(), "it was sealed and still is");
    let old = app.unseal_stage("prod", text(STAGE_SECRET), None).await;
    assert!(matches!(old, Err(AppError::WrongStageSecret { .. })), "{:?}", old.map(drop));
    let stage = app.unseal_stage("prod", text(OTHER_SECRET), Some(600)).await.expect("unsealed");
    let left = stage.left.expect("a time");
    app.set_secret("prod/key", text("value"), Some("prod")).await.expect("stored");
    let (stage, made) = app.change_stage_secret("prod", text(OTHER_SECRET), None).await.expect("changed");
    assert!(stage.open && stage.left.is_some_and(|now| now <= left), "it was unsealed and still is, for no longer");
    let made = made.expect("one was made");
    app.lock_vault().await.expect("locked");

    let app = ground.open().await;
    let old = app.unseal_stage("prod", text(OTHER_SECRET), None).await;
    assert!(matches!(old, Err(AppError::WrongStageSecret { .. })), "{:?}", old.map(drop));
    app.unseal_stage("prod", made, None).await.expect("unsealed by the one that was made");
    holds(&app.verify_vault().await.expect("checks"));
    assert_eq!(events(&app).await.iter().filter(|event| *event == "stage-secret-changed").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_under_the_same_secret_opens_everything_and_the_old_key_nothing_new() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    let before = copy_of_dev(&ground, &app).await;
    app.lock_vault().await.expect("locked");
    let old = Colleague::at(&ground);
    let old_row =
        old.catalog.read(|reader| reader.compartments()).expect("read").into_iter().find(|row| row.stage == "prod").expect("prod");
    drop(old);

    let app = ground.open().await;
    let wrong = app.rekey_stage("prod", text(OTHER_SECRET)).await;
    assert!(matches!(wrong, Err(AppError::WrongStageSecret { .. })), "{:?}", wrong.map(drop));
    let stage = app.rekey_stage("prod", text(STAGE_SECRET)).await.expect("rekeyed");
    assert!(stage.open && stage.protected && (stage.hosts, stage.secrets) == (1, 1));
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("it works"), "here");
    app.set_secret("prod/new", text("canary-3e8"), Some("prod")).await.expect("stored");
    holds(&app.verify_vault().await.expect("checks"));
    assert_eq!(copy_of_dev(&ground, &app).await, before, "the other stage is untouched");
    app.lock_vault().await.expect("locked");

    // Somebody who kept the old key, and has the vault open: it opens neither what was moved nor what is new.
    let kept = Colleague::at(&ground);
    kept.vault.unseal_compartment(old_row.id, &prod(), &old_row.wrapped, &text(STAGE_SECRET)).expect("the old key");
    assert_ne!(kept.compartment("prod"), old_row.id);
    for name in ["prod/new", "prod/key"] {
        let (row, sealed) = kept.secret(name);
        for compartment in [old_row.id, row.compartment] {
            let place =
                Place { compartment, target: None, table: "secret", row: *row.id.as_bytes(), revision: row.revision, field: "value" };
            assert!(kept.vault.unseal(&place, &sealed).is_err(), "{name}");
        }
    }
    drop(kept);
    let app = ground.unsealed().await;
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("it works"), "here");
}

/// What stands in stage dev: its hosts, and that its secret is there.
async fn copy_of_dev(_: &Ground, app: &App) -> String {
    let hosts = app.hosts().await.expect("hosts").into_iter().filter(|host| host.record.stage == StageName::dev());
    let secrets = app.secrets().await.expect("secrets").into_iter().filter(|secret| secret.stage == "dev");
    format!("{:?} {:?}", hosts.map(|host| host.record).collect::<Vec<_>>(), secrets.collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_before_still_opens_with_the_old_secret() {
    let ground = Ground::with_prod();
    let copy = ground.root().join("before.beffroi");
    copy_folder(&ground.vault(), &copy);
    let app = ground.open().await;
    app.change_stage_secret("prod", text(STAGE_SECRET), Some(text(OTHER_SECRET))).await.expect("changed");
    app.lock_vault().await.expect("locked");
    // Which the guide says: the copy is as it was.
    let elsewhere = ground.elsewhere("other-state");
    elsewhere.unlock_vault(&copy.display().to_string(), ground.authority()).await.expect("it opens");
    elsewhere.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_production_needs_a_name_to_be_typed() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    let action = || Action::Run { command: "touch ~/ran".to_owned(), root: false };
    let plan = app.make_plan("shop", action()).await.expect("a plan");
    assert_eq!(plan.confirm, ["prod", "shop"]);
    for typed in [None, Some(""), Some("yes"), Some("Shop"), Some("web-1"), Some("shop ")] {
        let refused = app.run_plan(plan.plan.id, typed).await;
        assert!(matches!(&refused, Err(AppError::NameNotTyped { names }) if *names == ["prod", "shop"]), "{typed:?}");
    }
    assert!(app.jobs().await.expect("jobs").is_empty() && !host.home().join("ran").exists());
    let jobs = app.run_plan(plan.plan.id, Some("shop")).await.expect("it runs");
    app.wait_for_job(jobs.first().expect("a job").id).await.expect("it ends");
    assert!(host.home().join("ran").exists());
    assert!(matches!(app.run_plan(plan.plan.id, Some("shop")).await, Err(AppError::PlanNotFound)), "a plan is run once");

    // Of several hosts a single one says too little.
    app.add_host("shop-2", host.as_new("prod", "prod/key")).await.expect("a new host");
    let plan = app.make_plan("stage:prod", action()).await.expect("a plan");
    assert_eq!(plan.confirm, ["prod"]);
    assert!(matches!(app.run_plan(plan.plan.id, Some("shop")).await, Err(AppError::NameNotTyped { .. })));
    // A stage that does not ask for it does not get it.
    let lenient = StagePolicy { typed_confirmation: false, ..policy(&app, "prod").await };
    app.set_stage_policy("prod", lenient).await.expect("set");
    assert!(app.make_plan("stage:prod", action()).await.expect("a plan").confirm.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_in_a_stage_that_is_frozen() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    let action = || Action::Run { command: "touch ~/ran".to_owned(), root: false };
    let made_before = app.make_plan("shop", action()).await.expect("a plan");
    let usual = policy(&app, "prod").await;
    let freeze = Freeze { from_ms: 0, until_ms: u64::MAX, why: "end of the year".to_owned() };
    app.set_stage_policy("prod", StagePolicy { freeze: Some(freeze.clone()), ..usual.clone() }).await.expect("set");

    #[track_caller]
    fn is_frozen<T>(result: Result<T, AppError>) {
        let error = result.map(drop).expect_err("it is frozen");
        let says = matches!(&error, AppError::StageFrozen { name, why, until_ms: u64::MAX } if name == "prod" && why == "end of the year");
        assert!(says, "{error:?}");
    }
    let plan = app.make_plan("shop", action()).await.expect("a plan");
    assert!(plan.plan.hosts.is_empty());
    is_frozen(plan.refused.into_iter().next().map_or(Ok(()), |refused| Err(refused.error)));
    is_frozen(app.run_plan(made_before.plan.id, Some("shop")).await);
    is_frozen(run_on(&app, "shop", "touch ~/ran").await);
    let order = CopyOrder { host: "shop".to_owned(), remote: "never".to_owned(), typed: Some("shop".to_owned()), ..CopyOrder::default() };
    is_frozen(app.put(&ground.vault().join("header.json"), &order, &mut |_| {}).await);
    assert!(app.jobs().await.expect("jobs").is_empty() && host.home().read_dir().expect("a folder").next().is_none());
    // Reading goes on.
    assert!(app.survey("shop", true).await.expect("an answer").iter().all(|answer| answer.survey.is_ok()));

    // It is kept, and it ends.
    app.lock_vault().await.expect("locked");
    let app = ground.unsealed().await;
    assert_eq!(policy(&app, "prod").await.freeze, Some(freeze.clone()));
    app.set_stage_policy("prod", StagePolicy { freeze: Some(Freeze { until_ms: 1, ..freeze }), ..usual }).await.expect("set");
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("it works"), "here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_outside_its_limits_is_refused() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    let usual = policy(&app, "prod").await;
    let freeze = |from_ms, until_ms, why: String| StagePolicy { freeze: Some(Freeze { from_ms, until_ms, why }), ..usual.clone() };
    let bad = [
        StagePolicy { unsealed_s: 0, ..usual.clone() },
        StagePolicy { unsealed_s: 59, ..usual.clone() },
        StagePolicy { unsealed_s: 8 * 3600 + 1, ..usual.clone() },
        freeze(2, 1, String::new()),
        freeze(2, 2, String::new()),
        freeze(1, 2, "x".repeat(501)),
    ];
    for policy in bad {
        let refused = app.set_stage_policy("prod", policy.clone()).await;
        assert!(matches!(refused, Err(AppError::InvalidRequest { .. })), "{policy:?}: {:?}", refused.map(drop));
    }
    assert_eq!(policy(&app, "prod").await, usual);
    // What it says of the time holds for the next unsealing.
    app.set_stage_policy("prod", StagePolicy { unsealed_s: 60, ..usual }).await.expect("set");
    app.seal_stage("prod").await.expect("sealed");
    let stage = app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert!(stage.left <= Some(std::time::Duration::from_secs(60)), "{:?}", stage.left);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_is_still_sealed_to_whoever_opens_the_vault_by_its_passphrase() {
    let ground = Ground::with_prod();
    let app = ground.app();
    app.unlock_vault(&ground.path(), Authority::Passphrase(text(PASSPHRASE))).await.expect("open");
    let stages = app.stages().await.expect("stages");
    assert_eq!(stages.iter().map(|stage| (stage.name.as_str(), stage.open)).collect::<Vec<_>>(), [("dev", true), ("prod", false)]);
}
