//! Cards of people, and statements that are signed.

use std::fs;

use beffroi_app::{AppError, CardOrder, PeopleError, PersonChange, PersonOrder};

use crate::kit::{Ground, events};

fn named(fullname: &str) -> CardOrder {
    CardOrder { fullname: Some(fullname.to_owned()), ..CardOrder::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_made_changed_and_removed() {
    let ground = Ground::new();
    let app = ground.open().await;
    let made = app.add_person("ines", named("Inès Morvane")).await.expect("a card");
    assert_eq!((made.login.as_str(), made.fullname.as_str(), made.accounts.len()), ("ines", "Inès Morvane", 0));
    let again = app.add_person("ines", named("Another")).await;
    assert!(matches!(again, Err(AppError::People(PeopleError::Exists { .. }))), "{again:?}");
    for (name, order) in [("Ines", named("X")), ("-x", named("X")), (&"a".repeat(49), named("X")), ("x", named(" ")), ("x", named("a\nb"))]
    {
        assert!(app.add_person(name, order).await.is_err(), "{name:?}");
    }
    let edit = CardOrder { notes: Some("since 2019\nworkshop".to_owned()), login: Some("imorvane".to_owned()), ..CardOrder::default() };
    let edited = app.edit_person("ines", edit).await.expect("changed");
    assert_eq!((edited.login.as_str(), edited.fullname.as_str()), ("imorvane", "Inès Morvane"));

    // It is there for the next who opens the vault, and whoever has the file alone does not read it.
    app.lock_vault().await.expect("locked");
    let files = ground.listing();
    assert!(!files.iter().any(|(_, bytes)| bytes.windows(8).any(|part| part == b"workshop")));
    let app = ground.open().await;
    assert_eq!(app.people().await.expect("people").len(), 1);
    app.remove_person("ines").await.expect("removed");
    assert!(matches!(app.person("ines").await, Err(AppError::People(PeopleError::NotFound { .. }))));
    let told = events(&app).await;
    for event in ["person-added", "person-changed", "person-removed"] {
        assert_eq!(told.iter().filter(|other| *other == event).count(), 1, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_planned_for_somebody_who_has_no_account_there() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.add_person("ines", named("Inès Morvane")).await.expect("a card");
    let plan = |person: &str, change| {
        let order = PersonOrder { person: person.to_owned(), on: "all".to_owned(), change };
        app.plan_people(vec![order])
    };
    let rotated = plan("ines", PersonChange::Rotate).await;
    assert!(matches!(rotated, Err(AppError::People(PeopleError::NoAccount { .. }))), "{rotated:?}");
    let unknown = plan("nobody", PersonChange::Grant { permissions: vec!["mail.main".to_owned()] }).await;
    assert!(matches!(unknown, Err(AppError::People(PeopleError::NotFound { .. }))), "{unknown:?}");
    let not_seen = app.link_person("ines", "web-1", None).await;
    assert!(matches!(not_seen, Err(AppError::People(PeopleError::AccountNotSeen { .. }))), "{not_seen:?}");
    let stayed = app.leaving("ines").await;
    assert!(matches!(stayed, Err(AppError::People(PeopleError::NotLeaving { .. }))), "{stayed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_holds_as_it_was_signed_and_no_other() {
    let ground = Ground::new();
    let app = ground.open().await;
    let signed = app.sign_statement("offboarding", "what was done".to_owned()).await.expect("signed");
    let path = ground.root().join("statement.json");
    let written = |text: &str| fs::write(&path, text).expect("written");
    written(&signed.text);
    let check = |kind, signer: Option<&str>| app.check_statement(&path, kind, signer.map(str::to_owned));
    let facts = check("offboarding", Some(&signed.signer)).await.expect("it holds");
    assert_eq!((facts.text.as_str(), facts.signer.as_str()), ("what was done", signed.signer.as_str()));
    let other = check("offboarding", Some("SHA256:other")).await;
    assert!(matches!(other, Err(AppError::People(PeopleError::StatementBroken { .. }))), "{other:?}");
    let kind = check("receipt", None).await;
    assert!(matches!(kind, Err(AppError::LocalFile { .. })), "{kind:?}");
    for (from, to) in [("what was done", "what was undone"), ("\"at_ms\": 1", "\"at_ms\": 2"), ("offboarding", "offboardinh")] {
        written(&signed.text.replacen(from, to, 1));
        assert!(check("offboarding", None).await.is_err(), "{to}");
    }
    // A key that is not the signer's, with a signature of its own over nothing.
    let (before, after) = signed.text.split_once("\"signature\": \"").expect("a signature");
    written(&format!("{before}\"signature\": \"{}{}", "A".repeat(86), after.get(86..).unwrap_or_default()));
    let forged = check("offboarding", None).await;
    assert!(matches!(forged, Err(AppError::People(PeopleError::StatementBroken { .. }))), "{forged:?}");
}
