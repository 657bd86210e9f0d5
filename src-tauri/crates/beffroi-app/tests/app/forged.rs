//! A colleague holds the vault's passphrase, and so its root key, but not the secret of stage prod. Whatever they write with
//! it, and however well they cover it up: prod's credential goes nowhere, and the operator is told.

use beffroi_app::{AppError, Standing};
use beffroi_domain::{Canonical, Login, StageName, StagePolicy};
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::policy::PolicyRow;
use beffroi_store::table::run_result::RunResultRow;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::target::TargetRow;
use beffroi_vault::{KdfCost, Place};

use crate::kit::{Colleague, Ground, Host, OTHER_SECRET, STAGE_SECRET, Trap, events, holds, journal, run_on, text};

/// A vault whose prod has `shop`, on a host that is there, and whose dev has `lab`, on the same; locked.
async fn with_hosts() -> (Ground, Host) {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    host.join(&app, "lab", "dev").await;
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("it works"), "here");
    app.seal_stage("prod").await.expect("sealed");
    app.lock_vault().await.expect("locked");
    (ground, host)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_who_edits_the_address_of_a_production_host_gets_nothing() {
    // The operator protects prod, adds a host there, works on it, and seals it.
    let (ground, _host) = with_hosts().await;

    // A colleague opens the vault: prod is sealed to them.
    let theirs = ground.open().await;
    assert!(matches!(run_on(&theirs, "shop", "true").await, Err(AppError::StageSealed { .. })));
    assert!(matches!(theirs.remove_host("shop").await, Err(AppError::StageSealed { .. })));
    theirs.lock_vault().await.expect("locked");

    // So they write the record with their own tools, to a machine of theirs, and cover it up with the root key.
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    let forged = colleague.with_record(colleague.target("shop"), |record| {
        record.access.address = "127.0.0.1".to_owned();
        record.access.port = trap.port();
        record.pins.clear();
    });
    colleague.edit_covertly(|writer| writer.update_target(&forged));

    // The vault opens: nothing that the root key covers is wrong. The host is not connected to while prod is sealed,
    let app = ground.open().await;
    assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::StageSealed { .. })));
    trap.saw_nobody();
    // and once the operator unseals prod, it is known for what it is.
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    let refused = run_on(&app, "shop", "true").await;
    assert!(matches!(&refused, Err(AppError::RecordForged { name }) if name == "shop"), "{refused:?}");
    let survey = app.survey("shop", true).await.expect("an answer").pop().expect("an answer");
    assert!(matches!(survey.survey, Err(AppError::RecordForged { .. })), "{:?}", survey.survey.map(|_| ()));
    let trusted = app.trust("shop", &format!("SHA256:{}", "a".repeat(43)), false).await;
    assert!(matches!(trusted, Err(AppError::RecordForged { .. })), "{:?}", trusted.map(|_| ()));
    let facts = app.host("shop").await.expect("it is shown").0;
    assert_eq!(facts.standing, Standing::Forged);
    // Nothing was sent to the other machine, not even a connection.
    trap.saw_nobody();

    // The journal says so, the check says so, and the other hosts work.
    let told: Vec<_> = journal(&app).await.into_iter().filter(|line| line.entry.event == "host-forged").collect();
    assert_eq!(told.iter().map(|line| line.host.as_deref()).collect::<Vec<_>>(), [Some("shop")]);
    let checks = app.verify_vault().await.expect("checks");
    let failed: Vec<_> = checks.iter().filter(|check| !check.held).map(|check| check.what.key).collect();
    assert_eq!(failed, ["verify.records"]);
    assert_eq!(run_on(&app, "lab", "echo here").await.expect("it works"), "here");

    // It can be taken away, and then all is well.
    app.remove_host("shop").await.expect("removed");
    holds(&app.verify_vault().await.expect("checks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_a_forged_host_goes_nowhere_either() {
    let (ground, _host) = with_hosts().await;
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    let forged = colleague.with_record(colleague.target("shop"), |record| record.access.port = trap.port());
    colleague.edit_covertly(|writer| writer.update_target(&forged));
    let app = ground.unsealed().await;
    match app.test_host("shop", false).await {
        Err(AppError::RecordForged { .. }) => {}
        Err(error) => unreachable!("{error}"),
        Ok(test) => {
            let error = test.steps.last().and_then(|step| step.error.as_ref());
            assert!(matches!(error, Some(AppError::RecordForged { .. })), "{error:?}");
        }
    }
    trap.saw_nobody();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_begun_does_not_follow_its_host_elsewhere() {
    let (ground, host) = with_hosts().await;
    let app = ground.unsealed().await;
    let plan =
        app.make_plan("shop", beffroi_app::Action::Run { command: "echo began; sleep 600".to_owned(), root: false }).await.expect("a plan");
    let jobs = app.run_plan(plan.plan.id, Some("shop")).await.expect("it runs");
    let job = jobs.first().expect("a job").id.to_string();
    crate::kit::until("its output", async || app.job_output(&job, 0).await.is_ok_and(|(pieces, _)| !pieces.is_empty())).await;
    app.lock_vault().await.expect("locked");
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    let forged = colleague.with_record(colleague.target("shop"), |record| record.access.port = trap.port());
    colleague.edit_covertly(|writer| writer.update_target(&forged));
    let app = ground.unsealed().await;
    // Whether it is refused at once or as soon as it is followed: it never connects.
    if let Ok(facts) = app.attach_job(&job).await {
        let facts = app.wait_for_job(facts.id).await.expect("the job");
        assert!(!facts.attached);
    }
    trap.saw_nobody();
    drop(host);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_production_host_that_was_made_a_host_of_dev_does_not_get_productions_credential() {
    let (ground, _host) = with_hosts().await;
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    let dev = colleague.compartment("dev");
    let row = TargetRow { compartment: dev, ..colleague.target("shop") };
    let relabelled = colleague.with_record(row, |record| {
        record.stage = StageName::dev();
        record.access.port = trap.port();
        record.pins.clear();
    });
    colleague.edit_covertly(|writer| writer.update_target(&relabelled));

    let app = ground.unsealed().await;
    // Of dev it is authentic: whoever holds the root key may write there. The credential is not opened for it.
    let refused = run_on(&app, "shop", "true").await;
    let is_other = matches!(&refused, Err(AppError::SecretOfOtherStage { name, stage, host }) if name == "prod/key" && stage == "prod" && host == "shop");
    assert!(is_other, "{refused:?}");
    trap.saw_nobody();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_says_another_stage_than_where_it_stands_is_forged() {
    let (ground, _host) = with_hosts().await;
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    // Left in prod, but saying dev.
    let forged = colleague.with_record(colleague.target("shop"), |record| {
        record.stage = StageName::dev();
        record.access.port = trap.port();
    });
    colleague.edit_covertly(|writer| writer.update_target(&forged));
    let app = ground.open().await;
    let sealed = run_on(&app, "shop", "true").await;
    assert!(matches!(sealed, Err(AppError::RecordForged { .. } | AppError::StageSealed { .. })), "{sealed:?}");
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::RecordForged { .. })));
    trap.saw_nobody();
    assert!(events(&app).await.contains(&"host-forged".to_owned()), "the journal says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_credentials_open_nothing() {
    let (ground, _host) = with_hosts().await;
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    // A host of dev, at a machine of theirs, is given the id of prod's credential.
    let credential = colleague.catalog.read(|reader| reader.secret_named("prod/key")).expect("read").expect("there").id;
    let swapped = colleague.with_record(colleague.target("lab"), |record| {
        record.login = Some(Login::Secret(credential));
        record.access.port = trap.port();
        record.pins.clear();
    });
    colleague.edit_covertly(|writer| writer.update_target(&swapped));
    let app = ground.unsealed().await;
    assert!(matches!(run_on(&app, "lab", "true").await, Err(AppError::SecretOfOtherStage { .. })));
    trap.saw_nobody();
    assert_eq!(run_on(&app, "shop", "echo here").await.expect("the others work"), "here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_secret_that_was_copied_to_dev_does_not_open_there() {
    let (ground, _host) = with_hosts().await;
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    let dev = colleague.compartment("dev");
    let (secret, sealed) = colleague.secret("prod/key");
    let copy = SecretRow { id: beffroi_domain::SecretId::make(), name: "mine".to_owned(), compartment: dev, ..secret.clone() };
    let lured = colleague.with_record(colleague.target("lab"), |record| {
        record.login = Some(Login::Secret(copy.id));
        record.access.port = trap.port();
        record.pins.clear();
    });
    colleague.edit_covertly(|writer| {
        writer.insert_secret(&copy, &sealed)?;
        writer.update_target(&lured)
    });
    let app = ground.unsealed().await;
    let refused = run_on(&app, "lab", "true").await;
    assert!(matches!(refused, Err(AppError::Damaged { .. })), "{refused:?}");
    app.lock_vault().await.expect("locked");

    // Nor when the secret itself is moved, whatever its id.
    let colleague = Colleague::at(&ground);
    let moved = SecretRow { compartment: dev, ..secret.clone() };
    let lured = colleague.with_record(colleague.target("lab"), |record| record.login = Some(Login::Secret(moved.id)));
    colleague.edit_covertly(|writer| {
        writer.delete_secret(moved.id)?;
        writer.insert_secret(&moved, &sealed)?;
        writer.update_target(&lured)
    });
    let app = ground.unsealed().await;
    assert!(matches!(run_on(&app, "lab", "true").await, Err(AppError::Damaged { .. })));
    let refused = run_on(&app, "shop", "true").await;
    assert!(matches!(refused, Err(AppError::SecretOfOtherStage { .. })), "{refused:?}");
    trap.saw_nobody();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_authentic_record_is_noticed_by_the_digest() {
    let (ground, _host) = with_hosts().await;
    let before = Colleague::at(&ground).target("shop");
    let app = ground.unsealed().await;
    app.trust("shop", &format!("SHA256:{}", "a".repeat(43)), false).await.expect("trusted");
    app.lock_vault().await.expect("locked");
    // Put back by somebody who has only the database's key: its MAC is right, the state is not.
    Colleague::at(&ground).edit(|writer| {
        writer.delete_target(before.id)?;
        writer.insert_target(&before)
    });
    assert!(matches!(ground.try_open().await, Err(AppError::Damaged { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_a_colleague_wrote_is_refused() {
    let (ground, _host) = with_hosts().await;
    let app = ground.unsealed().await;
    let freeze = beffroi_domain::Freeze { from_ms: 0, until_ms: u64::MAX, why: "holidays".to_owned() };
    let policy = StagePolicy { freeze: Some(freeze), ..StagePolicy::of_new(&"prod".parse().expect("a name")) };
    app.set_stage_policy("prod", policy.clone()).await.expect("set");
    app.lock_vault().await.expect("locked");

    let lenient = StagePolicy { typed_confirmation: false, refuse_warnings: false, freeze: None, ..policy };
    let colleague = Colleague::at(&ground);
    let prod = colleague.compartment("prod");
    colleague.edit_covertly(|writer| {
        let row = writer.reader().policy(prod)?.expect("a policy");
        writer.update_policy(&PolicyRow { record: lenient.to_canonical(), revision: row.revision + 1, ..row })
    });
    let app = ground.open().await;
    let unsealed = app.unseal_stage("prod", text(STAGE_SECRET), None).await;
    assert!(matches!(unsealed, Err(AppError::Damaged { .. })), "{:?}", unsealed.map(|_| ()));
    let stages = app.stages().await.expect("stages");
    assert!(stages.iter().all(|stage| stage.name == "dev" || !stage.open), "prod stays sealed: {stages:?}");
    assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::StageSealed { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_a_colleague_took_away_is_missed() {
    let (ground, _host) = with_hosts().await;
    let app = ground.unsealed().await;
    let prod: StageName = "prod".parse().expect("a name");
    let freeze = beffroi_domain::Freeze { from_ms: 0, until_ms: u64::MAX, why: "holidays".to_owned() };
    app.set_stage_policy("prod", StagePolicy { freeze: Some(freeze), ..StagePolicy::of_new(&prod) }).await.expect("set");
    app.lock_vault().await.expect("locked");
    let colleague = Colleague::at(&ground);
    let (prod, dev) = (colleague.compartment("prod"), colleague.compartment("dev"));
    // No call of the store deletes a policy: it is moved to where it harms nobody.
    colleague.edit_covertly(|writer| {
        let row = writer.reader().policy(prod)?.expect("a policy");
        writer.move_policy(prod, &PolicyRow { compartment: dev, ..row })
    });
    // Whether the vault or the stage does not open: the freeze is not lifted.
    let Ok(app) = ground.try_open().await else { return };
    match app.unseal_stage("prod", text(STAGE_SECRET), None).await {
        Err(_) => {}
        Ok(_) => assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::StageFrozen { .. })), "the freeze was lifted"),
    }
}

/// Puts a compartment of the colleague's in the place of prod's, with the host and the credential in it, and the host lured
/// to another port.
fn replace_prod(colleague: Colleague, made: beffroi_vault::NewCompartment, port: u16) {
    let old = colleague.compartment("prod");
    let place = Place { compartment: made.id, target: None, table: "compartment", row: *made.id.as_bytes(), revision: 9, field: "row" };
    let content = Canonical::new("beffroi/compartment-row/1").text("prod").bytes(&made.wrapped).finish();
    let mac = colleague.vault.row_mac(&place, &content).expect("a MAC");
    let row = CompartmentRow { id: made.id, stage: "prod".to_owned(), wrapped: made.wrapped, revision: 9, mac };
    let target = TargetRow { compartment: made.id, ..colleague.target("shop") };
    let lured = colleague.with_record(target, |record| {
        record.access.port = port;
        record.pins.clear();
    });
    let (secret, sealed) = colleague.secret("prod/key");
    let secret = SecretRow { compartment: made.id, ..secret };
    let record = StagePolicy::of_new(&StageName::dev()).to_canonical();
    let revision = colleague.catalog.read(|reader| reader.policy(old)).expect("read").expect("a policy").revision;
    let at = Place { table: "policy", field: "record", revision, ..place };
    let policy = PolicyRow { compartment: made.id, mac: colleague.vault.row_mac(&at, &record).expect("a MAC"), record, revision };
    colleague.edit_covertly(|writer| {
        writer.exchange_compartment(old, &row)?;
        writer.move_policy(old, &policy)?;
        writer.delete_secret(secret.id)?;
        writer.insert_secret(&secret, &sealed)?;
        for run in writer.reader().runs()? {
            let results = writer.reader().run_results(run)?.into_iter().filter(|result| result.compartment == old);
            results.map(|result| RunResultRow { compartment: row.id, ..result }).try_for_each(|row| writer.put_run_result(&row))?;
        }
        writer.update_target(&lured)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_was_replaced_by_an_open_one_of_a_colleagues_opens_nothing_of_the_old_one() {
    let (ground, _host) = with_hosts().await;
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    let made = colleague.vault.make_compartment(&"prod".parse().expect("a name")).expect("made");
    replace_prod(colleague, made, trap.port());

    // This machine remembers that prod had a secret.
    let refused = ground.try_open().await.map(drop);
    assert!(matches!(&refused, Err(AppError::StageUnprotected { name }) if name == "prod"), "{refused:?}");
    // On one that never saw it the stage of that name is not protected, which cannot be missed; and nothing of the old one
    // opens under it.
    let app = ground.elsewhere("other-state");
    app.unlock_vault(&ground.path(), ground.authority()).await.expect("it opens");
    let refused = app.unseal_stage("prod", text(STAGE_SECRET), None).await;
    assert!(matches!(refused, Err(AppError::StageNotProtected { .. })), "{:?}", refused.map(|_| ()));
    let findings = app.health().await.expect("findings");
    let worst = findings.iter().find(|finding| finding.what.key == "health.stage-unprotected").expect("it is said");
    assert_eq!(worst.grade, beffroi_app::Grade::Bad);
    let sent = run_on(&app, "shop", "true").await;
    assert!(matches!(sent, Err(AppError::Damaged { .. })), "{sent:?}");
    trap.saw_nobody();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_was_replaced_by_a_protected_one_of_a_colleagues_does_not_open() {
    let (ground, _host) = with_hosts().await;
    let trap = Trap::set();
    let colleague = Colleague::at(&ground);
    let prod: StageName = "prod".parse().expect("a name");
    let made = colleague.vault.make_protected_compartment(&prod, &text(OTHER_SECRET), KdfCost::floor()).expect("made");
    replace_prod(colleague, made, trap.port());

    let app = ground.open().await;
    let refused = app.unseal_stage("prod", text(STAGE_SECRET), None).await;
    assert!(matches!(refused, Err(AppError::WrongStageSecret { .. })), "{:?}", refused.map(|_| ()));
    assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::StageSealed { .. })));
    // Whoever knows the colleague's secret opens what is the colleague's.
    app.unseal_stage("prod", text(OTHER_SECRET), None).await.expect("unsealed");
    assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::Damaged { .. })));
    trap.saw_nobody();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrapped_key_in_another_stages_row_is_damage() {
    let ground = Ground::with_prod();
    let colleague = Colleague::at(&ground);
    let rows = colleague.catalog.read(|reader| reader.compartments()).expect("read");
    let of = |stage: &str| rows.iter().find(|row| row.stage == stage).expect("the stage").clone();
    let swapped = CompartmentRow { wrapped: of("dev").wrapped, revision: of("prod").revision + 1, ..of("prod") };
    colleague.edit_covertly(|writer| writer.update_compartment(&swapped));
    assert!(matches!(ground.try_open().await, Err(AppError::Damaged { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_host_is_not_made_authentic_by_giving_its_stage_another_key() {
    let (ground, _host) = with_hosts().await;
    let colleague = Colleague::at(&ground);
    let forged = colleague.with_record(colleague.target("shop"), |record| record.access.port = 1);
    colleague.edit_covertly(|writer| writer.update_target(&forged));
    let app = ground.unsealed().await;
    let rekeyed = app.rekey_stage("prod", text(STAGE_SECRET)).await;
    assert!(matches!(&rekeyed, Err(AppError::RecordForged { name }) if name == "shop"), "{:?}", rekeyed.map(|_| ()));
    assert!(matches!(run_on(&app, "shop", "true").await, Err(AppError::RecordForged { .. })));
}
