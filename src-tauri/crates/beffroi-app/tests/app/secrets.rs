//! Secrets that are revealed, made and renamed; views that are kept.

use std::process::Command;

use beffroi_app::{App, AppError, FleetView, PasswordOrder};
use beffroi_secret::SecretText;

use crate::kit::{Ground, Host, events, holds, text};

async fn revealed(app: &App, name: &str) -> Result<String, AppError> {
    app.reveal_secret(name).await.map(|(_, value)| value.expose().clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_told_on_request_and_the_journal_says_that_it_was() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("lab/console", text("teapot-canyon\n"), None).await.expect("stored");
    app.set_secret("prod/console", text("orbit"), Some("prod")).await.expect("stored");
    let before = events(&app).await.iter().filter(|event| *event == "secret-revealed").count();
    assert_eq!(revealed(&app, "lab/console").await.expect("told"), "teapot-canyon\n", "as it was put in");
    assert_eq!(revealed(&app, "prod/console").await.expect("told"), "orbit");
    assert!(matches!(revealed(&app, "none").await, Err(AppError::SecretNotFound { .. })));

    app.seal_stage("prod").await.expect("sealed");
    assert!(matches!(revealed(&app, "prod/console").await, Err(AppError::StageSealed { .. })));
    assert_eq!(events(&app).await.iter().filter(|event| *event == "secret-revealed").count(), before + 2, "each that was told, no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_leaves_the_value_and_the_hosts_as_they_are() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "dev").await;
    let used = app.secrets().await.expect("secrets").into_iter().find(|secret| secret.used_by == ["shop"]).expect("its key");
    let value = revealed(&app, &used.name).await.expect("told");
    app.set_secret("other", text("teapot"), None).await.expect("stored");

    assert!(matches!(app.rename_secret(&used.name, "other").await, Err(AppError::SecretExists { name }) if name == "other"));
    assert!(app.rename_secret(&used.name, "no name").await.is_err());
    let renamed = app.rename_secret(&used.name, "shop/key-2").await.expect("renamed");
    assert_eq!((renamed.id, renamed.used_by, renamed.changed_ms), (used.id, vec!["shop".to_owned()], used.changed_ms));
    assert_eq!(revealed(&app, "shop/key-2").await.expect("told"), value);
    assert!(matches!(revealed(&app, &used.name).await, Err(AppError::SecretNotFound { .. })));
    let survey = app.survey("shop", true).await.expect("an answer").pop().expect("an answer");
    assert!(survey.survey.is_ok(), "the host is still logged in to: {:?}", survey.survey.map(drop));
    // The digest covers it as it is now.
    holds(&app.verify_vault().await.expect("checked"));
}

/// A key that no host knows.
fn stray_key() -> SecretText {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path).status();
    assert!(made.expect("install openssh-client: there is no ssh-keygen").success());
    SecretText::new(std::fs::read_to_string(path).expect("a key"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_secret_stays_held_back_under_its_new_name() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    app.set_secret("stray", stray_key(), None).await.expect("stored");
    app.add_host("shop", host.as_new("dev", "stray")).await.expect("added");
    let survey = async || app.survey("shop", true).await.expect("an answer").pop().expect("an answer").survey;
    assert!(survey().await.is_err(), "the host refuses it");
    let held = async || app.secrets().await.expect("secrets").into_iter().find(|secret| secret.held.len() == 1).map(|secret| secret.name);
    assert_eq!(held().await.as_deref(), Some("stray"));

    app.rename_secret("stray", "still-stray").await.expect("renamed");
    assert_eq!(held().await.as_deref(), Some("still-stray"));
    assert!(matches!(survey().await, Err(AppError::CredentialHeld { .. })), "it is not offered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_can_be_stored_and_is_told_as_it_was_made() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    let order = PasswordOrder { length: 40, lower: true, upper: true, digits: true, symbols: true, look_alikes: false };
    let (made, bits) = order.make().expect("made");
    assert!(bits > 200.0, "{bits}");
    app.set_secret("made", made.duplicate(), None).await.expect("stored");
    assert_eq!(&revealed(&app, "made").await.expect("told"), made.expose());
}

fn view(name: &str) -> FleetView {
    FleetView {
        name: name.to_owned(),
        filter: "tag:acme and not stage:prod".to_owned(),
        tab: "updates".to_owned(),
        sort: "disk".to_owned(),
        descending: true,
        group: "stage".to_owned(),
        columns: vec!["host".to_owned(), "disk".to_owned()],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_kept_in_the_vault() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    assert_eq!(app.fleet_views().await.expect("none yet"), []);
    app.keep_fleet_views(vec![view("Acme"), view("Other")]).await.expect("kept");
    for wrong in [vec![view("twice"), view("twice")], vec![view(" ")], vec![FleetView { filter: "x".repeat(300_000), ..view("long") }]] {
        assert!(matches!(app.keep_fleet_views(wrong).await, Err(AppError::InvalidRequest { .. })));
    }
    app.lock_vault().await.expect("locked");
    assert!(app.fleet_views().await.is_err());
    let again = ground.unsealed().await;
    assert_eq!(again.fleet_views().await.expect("as they were kept"), [view("Acme"), view("Other")]);
}
