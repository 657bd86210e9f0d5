//! What stands beside a secret's value: kept, moved along, thrown away and had back.

use beffroi_app::{App, AppError, SecretChange, SecretPart};
use beffroi_secret::SecretText;

use crate::kit::{Ground, Host, STAGE_SECRET, holds, journal, run_on, text};

async fn part(app: &App, name: &str, part: SecretPart) -> Result<String, AppError> {
    // Compared with what was stored.
    app.reveal_part(name, part).await.map(|(_, value): (_, SecretText)| value.expose().clone())
}

fn change() -> SecretChange {
    SecretChange {
        title: Some("Base Dolibarr, accès d’été".to_owned()),
        user: Some("dolibarr".to_owned()),
        urls: Some(vec!["https://erp.example.org".to_owned(), "https://erp.example.org".to_owned()]),
        tags: Some(vec!["compta".to_owned()]),
        notes: Some(text("a note\nof two lines")),
        totp: Some(text("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP")),
        fields: vec![("PIN".to_owned(), text("4711"), true), ("Site".to_owned(), text("Brest"), false)],
        ..SecretChange::default()
    }
}

#[tokio::test]
async fn what_stands_beside_a_value_is_kept_and_asked_for_piece_by_piece() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("prod/erp", text("first-value"), Some("prod")).await.expect("set");
    let about = app.edit_secret("prod/erp", change()).await.expect("edited");
    assert_eq!((about.title.as_str(), about.urls.len(), about.has_notes, about.has_totp), ("Base Dolibarr, accès d’été", 1, true, true));
    let fields: Vec<_> = about.fields.iter().map(|field| (field.name.as_str(), field.value.as_deref())).collect();
    assert_eq!(fields, [("PIN", None), ("Site", Some("Brest"))]);
    assert_eq!(part(&app, "prod/erp", SecretPart::Field("PIN".to_owned())).await.expect("shown"), "4711");
    assert_eq!(part(&app, "prod/erp", SecretPart::Notes).await.expect("shown"), "a note\nof two lines");
    assert!(part(&app, "prod/erp", SecretPart::Passphrase).await.is_err());
    let asked = journal(&app).await.iter().filter(|line| line.entry.event == "secret-revealed").count();
    assert_eq!(asked, 2, "what is not there is not told as seen");
    // An empty value takes a field away; what is not spoken of stays.
    let gone = SecretChange { fields: vec![("PIN".to_owned(), text(""), false)], ..SecretChange::default() };
    let about = app.edit_secret("prod/erp", gone).await.expect("edited");
    assert_eq!((about.fields.len(), about.user.as_str()), (1, "dolibarr"));
    let long = SecretChange { title: Some("x".repeat(501)), ..SecretChange::default() };
    assert!(matches!(app.edit_secret("prod/erp", long).await, Err(AppError::InvalidRequest { .. })));

    app.seal_stage("prod").await.expect("sealed");
    for sealed in [app.secret_about("prod/erp").await.map(drop), app.edit_secret("prod/erp", change()).await.map(drop)] {
        assert!(matches!(sealed, Err(AppError::StageSealed { .. })), "{sealed:?}");
    }
    holds(&app.verify_vault().await.expect("checks"));
}

#[tokio::test]
async fn an_earlier_value_can_be_had_back() {
    let ground = Ground::new();
    let app = ground.open().await;
    for value in ["one", "two", "two", "three"] {
        app.set_secret("box", text(value), None).await.expect("set");
    }
    assert_eq!(app.secret_about("box").await.expect("about").past.len(), 2, "the same value again is no earlier one");
    assert_eq!(part(&app, "box", SecretPart::Past(0)).await.expect("shown"), "one");
    app.revert_secret("box", 0).await.expect("reverted");
    assert_eq!(part(&app, "box", SecretPart::Value).await.expect("shown"), "one");
    assert_eq!(part(&app, "box", SecretPart::Past(2)).await.expect("shown"), "three");
    assert!(matches!(app.revert_secret("box", 9).await, Err(AppError::SecretNotFound { .. })));
    for round in 0..30 {
        app.set_secret("box", text(&format!("value {round}")), None).await.expect("set");
    }
    assert_eq!(app.secret_about("box").await.expect("about").past.len(), 20);
}

#[tokio::test]
async fn a_file_belongs_to_a_secret_and_goes_along_with_it() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    let file = ground.root().join("licence.bin");
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    std::fs::write(&file, &bytes).expect("written");
    app.set_secret("erp", text("value"), None).await.expect("set");
    let about = app.attach("erp", &file).await.expect("attached");
    assert_eq!(about.attachments, [("licence.bin".to_owned(), 100_000)]);
    let saved = ground.root().join("saved.bin");
    app.save_attachment("erp", "licence.bin", &saved, false).await.expect("saved");
    assert!(std::fs::read(&saved).expect("read") == bytes);
    assert!(matches!(app.save_attachment("erp", "licence.bin", &saved, false).await, Err(AppError::LocalFile { .. })));
    // Another stage: all of it is sealed there.
    app.set_secret("erp", text("value"), Some("prod")).await.expect("moved");
    app.save_attachment("erp", "licence.bin", &saved, true).await.expect("saved");
    app.seal_stage("prod").await.expect("sealed");
    assert!(matches!(app.save_attachment("erp", "licence.bin", &saved, true).await, Err(AppError::StageSealed { .. })));
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    app.attach("erp", &file).await.expect("replaced");
    assert_eq!(app.detach_file("erp", "licence.bin").await.expect("taken off").attachments, []);
    holds(&app.verify_vault().await.expect("checks"));
}

#[tokio::test]
async fn what_was_removed_can_be_had_back() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.set_secret("erp", text("value"), None).await.expect("set");
    app.edit_secret("erp", change()).await.expect("edited");
    let id = app.secrets().await.expect("listed").iter().find(|secret| secret.name == "erp").map(|secret| secret.id).expect("there");
    app.remove_secret("erp").await.expect("removed");
    assert!(matches!(app.secret_about("erp").await, Err(AppError::SecretNotFound { .. })));
    assert_eq!(app.trash().await.expect("listed").iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>(), ["erp"]);
    // Its name is free; what lies in the trash does not take it from another.
    app.set_secret("erp", text("another"), None).await.expect("set");
    assert!(matches!(app.restore_secret("erp", None).await, Err(AppError::SecretExists { .. })));
    let back = app.restore_secret("erp", Some("erp-old")).await.expect("restored");
    assert_eq!((back.id, back.name.as_str()), (id, "erp-old"));
    assert_eq!(part(&app, "erp-old", SecretPart::Value).await.expect("shown"), "value");
    assert_eq!(app.secret_about("erp-old").await.expect("about").user, "dolibarr");
    app.remove_secret("erp-old").await.expect("removed");
    app.remove_secret("erp").await.expect("removed");
    assert_eq!(app.empty_trash(Some(&id.to_string())).await.expect("emptied"), 1);
    assert_eq!(app.empty_trash(None).await.expect("emptied"), 1);
    assert_eq!(app.trash().await.expect("listed").len(), 0);
    holds(&app.verify_vault().await.expect("checks"));
}

#[tokio::test]
async fn the_passphrase_that_is_kept_beside_a_key_opens_it() {
    let ground = Ground::new();
    let app = ground.open().await;
    let server = Host::start();
    let file = ground.root().join("key");
    std::fs::write(&file, server.key().expose()).expect("written");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("its owner's only");
    let sealed = std::process::Command::new("ssh-keygen").args(["-q", "-p", "-P", "", "-N", "of the key", "-f"]).arg(&file).status();
    assert!(sealed.expect("ssh-keygen runs").success());
    app.set_secret("sealed-key", text(&std::fs::read_to_string(&file).expect("read")), None).await.expect("set");
    let host = server.as_new("dev", "sealed-key");
    app.add_host("web-9", host).await.expect("added");
    assert!(run_on(&app, "web-9", "true").await.is_err(), "nobody said how it is opened");
    app.edit_secret("sealed-key", SecretChange { passphrase: Some(text("of the key")), ..SecretChange::default() }).await.expect("edited");
    app.allow_credential("sealed-key").await.expect("allowed");
    assert_eq!(run_on(&app, "web-9", "echo in").await.expect("in"), "in");
}
