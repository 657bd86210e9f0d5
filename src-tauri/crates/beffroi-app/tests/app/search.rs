//! What is typed finds hosts by name, and secrets by what stands beside their values, as the vault is now.

use beffroi_app::{App, AppError, FoundBy, FoundKind, SecretChange};

use crate::kit::{Ground, Host, STAGE_SECRET, text};

/// Secrets as they were found, the nearest first: name, by what, and the text.
async fn found(app: &App, typed: &str) -> Vec<(String, FoundBy, String)> {
    let found = app.search(typed, Some(FoundKind::Secret), 50).await.expect("searched");
    found.into_iter().map(|found| (found.name, found.by, found.text)).collect()
}

async fn names(app: &App, typed: &str) -> Vec<String> {
    found(app, typed).await.into_iter().map(|(name, ..)| name).collect()
}

async fn store(app: &App, name: &str, stage: &str, change: SecretChange) {
    app.set_secret(name, text("hunted-value"), Some(stage)).await.expect("stored");
    app.edit_secret(name, change).await.expect("edited");
}

fn erp() -> SecretChange {
    SecretChange {
        title: Some("Base Dolibarr, accès d’été".to_owned()),
        user: Some("comptable".to_owned()),
        urls: Some(vec!["https://erp.morel.example/login".to_owned()]),
        tags: Some(vec!["facturation".to_owned()]),
        path: Some(vec!["Clients".to_owned(), "Morel".to_owned()]),
        notes: Some(text("noted only")),
        fields: vec![("PIN".to_owned(), text("4711"), true), ("Site".to_owned(), text("Brest"), false)],
        ..SecretChange::default()
    }
}

#[tokio::test]
async fn a_secret_is_found_by_what_may_be_seen_of_it() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    store(&app, "x/1", "dev", erp()).await;
    store(&app, "x/2", "dev", SecretChange { user: Some("root".to_owned()), ..SecretChange::default() }).await;
    for (typed, by, text) in [
        ("X/1", FoundBy::Name, ""),
        ("acces ete", FoundBy::Title, "Base Dolibarr, accès d’été"),
        ("dolibbar", FoundBy::Title, "Base Dolibarr, accès d’été"),
        ("COMPTA", FoundBy::Account, "comptable"),
        ("morel.example", FoundBy::Address, "https://erp.morel.example/login"),
        ("factur", FoundBy::Tag, "facturation"),
        ("clients", FoundBy::Group, "Clients"),
        ("pin", FoundBy::Field, "PIN"),
        ("brest", FoundBy::Field, "Site Brest"),
        ("x/1 brest", FoundBy::Field, "Site Brest"),
    ] {
        assert_eq!(found(&app, typed).await, [("x/1".to_owned(), by, text.to_owned())], "{typed}");
    }
    for hidden in ["hunted", "noted", "4711", "x/1 root"] {
        assert_eq!(names(&app, hidden).await, [""; 0], "{hidden}");
    }
    assert_eq!(names(&app, "x").await, ["x/1", "x/2"], "by name where both fit alike");
    // Each of its own kind, and as many as are asked for.
    let both = app.search("web", None, 1).await.expect("searched");
    assert_eq!(both.iter().map(|found| (found.kind, found.name.as_str())).collect::<Vec<_>>()[0], (FoundKind::Host, "web-1"));
    assert_eq!(both.iter().filter(|found| found.kind == FoundKind::Host).count(), 1);
}

#[tokio::test]
async fn what_changes_is_found_as_it_is_now() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    store(&app, "erp", "dev", erp()).await;
    assert_eq!(names(&app, "compta").await, ["erp"]);
    app.edit_secret("erp", SecretChange { user: Some("root".to_owned()), ..SecretChange::default() }).await.expect("edited");
    assert_eq!(names(&app, "comptable").await, [""; 0]);
    assert_eq!(names(&app, "erp root").await, ["erp"]);
    app.rename_secret("erp", "shop/base").await.expect("renamed");
    assert_eq!(names(&app, "shop").await, ["shop/base"]);
    app.remove_secret("shop/base").await.expect("removed");
    assert_eq!(names(&app, "facturation").await, [""; 0]);
    app.restore_secret("shop/base", None).await.expect("restored");
    assert_eq!(names(&app, "facturation").await, ["shop/base"]);

    // By the host that is given it, under the name that the host has now.
    assert_eq!(found(&app, "web-2").await, [("acme/key".to_owned(), FoundBy::Host, "web-2".to_owned())]);
    app.remove_host("web-2").await.expect("removed");
    assert_eq!(names(&app, "web-2").await, [""; 0]);
    assert_eq!(names(&app, "web-1").await, ["acme/key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_added_or_moves_changes_what_finds_its_secret() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    assert_eq!(names(&app, "bookshop").await, [""; 0]);
    host.join(&app, "bookshop", "dev").await;
    let given = app.secrets().await.expect("secrets").into_iter().find(|secret| secret.used_by == ["bookshop"]).expect("its key");
    assert_eq!(names(&app, "bookshop").await, [given.name]);
}

#[tokio::test]
async fn of_a_sealed_stage_only_names_are_searched() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    store(&app, "vault/1", "prod", erp()).await;
    assert_eq!(names(&app, "comptable").await, ["vault/1"]);
    app.seal_stage("prod").await.expect("sealed");
    assert_eq!(names(&app, "comptable").await, [""; 0]);
    let by_name = app.search("vault/1", None, 5).await.expect("searched");
    assert_eq!(by_name.first().map(|found| found.stage.as_str()), Some("prod"));
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert_eq!(names(&app, "comptable").await, ["vault/1"]);
    app.lock_vault().await.expect("locked");
    assert!(matches!(app.search("vault", None, 5).await, Err(AppError::Locked)));
}
