//! The vault as the use cases keep it: what was written is there again, and what was tampered with is refused.

use beffroi_app::{AppError, Authority, SlotOrder};
use beffroi_domain::TargetRecord;
use beffroi_vault::{OpenError, SlotKind, UnlockError};

use crate::kit::{Colleague, Ground, PASSPHRASE, copy_folder, files, holds, replace_folder, text};

fn is_damaged<T>(result: Result<T, AppError>) -> bool {
    matches!(result, Err(AppError::Damaged { .. }))
}

#[tokio::test]
async fn what_was_written_is_there_again() {
    let ground = Ground::new();
    let app = ground.open().await;
    let hosts = app.hosts().await.expect("hosts");
    assert_eq!(hosts.iter().map(|host| host.record.name.as_str()).collect::<Vec<_>>(), ["web-1", "web-2"]);
    assert_eq!(hosts.first().and_then(|host| host.names.identity.as_deref()), Some("acme/key"));
    assert_eq!(app.secrets().await.expect("secrets").first().map(|secret| secret.used_by.len()), Some(2));
    assert!(matches!(app.remove_secret("acme/key").await, Err(AppError::SecretInUse { .. })));
    holds(&app.verify_vault().await.expect("checks"));
}

#[tokio::test]
async fn a_vault_is_open_once() {
    let ground = Ground::new();
    let first = ground.open().await;
    assert!(matches!(ground.try_open().await, Err(AppError::Open(OpenError::InUse { .. }))));
    first.lock_vault().await.expect("locked");
    assert!(matches!(first.hosts().await, Err(AppError::Locked)));
    ground.open().await;
}

#[tokio::test]
async fn a_wrong_way_in_changes_nothing() {
    let ground = Ground::new();
    let before = ground.listing();
    let app = ground.app();
    let wrong = app.unlock_vault(&ground.path(), Authority::Passphrase(text("not the passphrase"))).await;
    assert!(matches!(wrong, Err(AppError::Open(OpenError::Unlock(UnlockError::WrongPassphrase)))), "{wrong:?}");
    let words = text("abandon ".repeat(24).trim());
    assert!(matches!(app.unlock_vault(&ground.path(), Authority::RecoveryWords(words)).await, Err(AppError::Open(OpenError::Unlock(_)))));
    assert!(matches!(app.unlock_vault(&ground.path(), Authority::Identity).await, Err(AppError::IdentityNotOpen)));
    assert_eq!(app.open_vaults(), 0);
    assert!(ground.listing() == before, "something was written");
    app.unlock_vault(&ground.path(), Authority::Passphrase(text(PASSPHRASE))).await.expect("it opens by the right one");
}

#[tokio::test]
async fn a_host_that_was_pointed_elsewhere_is_refused() {
    let ground = Ground::new();
    Colleague::at(&ground).edit(|writer| {
        let mut row = writer.reader().target_named("web-1")?.expect("it is there");
        let mut record = TargetRecord::from_canonical(&row.record).expect("it is one");
        record.access.address = "198.51.100.66".to_owned();
        row.record = record.to_canonical();
        row.revision += 1;
        writer.update_target(&row)
    });
    assert!(is_damaged(ground.try_open().await));
}

#[tokio::test]
async fn a_host_put_back_as_it_was_is_refused() {
    let ground = Ground::new();
    let before = Colleague::at(&ground).target("web-1");
    let app = ground.open().await;
    let pin = format!("SHA256:{}", "a".repeat(43));
    app.trust("web-1", &pin, false).await.expect("trusted");
    app.lock_vault().await.expect("locked");
    Colleague::at(&ground).edit(|writer| {
        writer.delete_target(before.id)?;
        writer.insert_target(&before)
    });
    assert!(is_damaged(ground.try_open().await), "the row is authentic, but not of the last journal entry");
}

#[tokio::test]
async fn a_host_taken_away_is_noticed() {
    let ground = Ground::new();
    Colleague::at(&ground).edit(|writer| {
        let row = writer.reader().target_named("web-2")?.expect("it is there");
        writer.delete_target(row.id)
    });
    assert!(is_damaged(ground.try_open().await));
}

#[tokio::test]
async fn an_older_folder_put_back_opens_to_be_read_and_says_what_is_missing() {
    let ground = Ground::new();
    let copy = ground.root().join("copy");
    copy_folder(&ground.vault(), &copy);
    let app = ground.open().await;
    app.remove_host("web-2").await.expect("removed");
    let written = app.vault().await.expect("facts").journal_entries + 1;
    app.lock_vault().await.expect("locked");
    replace_folder(&copy, &ground.vault());
    let before = ground.listing();

    let app = ground.open().await;
    let facts = app.vault().await.expect("facts");
    assert_eq!((facts.behind, facts.hosts), (Some(written - facts.journal_entries), 2), "how much is missing");
    assert!(facts.behind > Some(0));
    let removed = app.remove_host("web-2").await;
    assert!(matches!(removed, Err(AppError::Behind { missing }) if Some(missing) == facts.behind), "{removed:?}");
    app.lock_vault().await.expect("locked");
    let after = ground.listing();
    let newest = |listing: &[(std::path::PathBuf, Vec<u8>)]| -> Vec<_> {
        // The list of vaults says when it was opened; the database makes its log anew.
        let kept = |path: &std::path::Path| !(path.ends_with("vaults.json") || path.to_string_lossy().contains("catalog.db-"));
        listing.iter().filter(|(path, _)| kept(path)).cloned().collect()
    };
    assert!(newest(&after) == newest(&before), "something was written");
}

#[tokio::test]
async fn an_older_header_with_a_way_in_that_was_revoked_is_noticed() {
    let ground = Ground::new();
    let names = ["header.json", "header.json.bak"].map(|name| ground.vault().join(name));
    let old = names.clone().map(|path| std::fs::read(path).expect("a header"));
    let app = ground.open().await;
    let order = SlotOrder { kind: SlotKind::Recovery, passphrase: None, key_file: None, identity: None, label: None };
    let (_, words) = app.add_slot(ground.authority(), order).await.expect("added");
    let first = app.slots().await.expect("slots").into_iter().find(|facts| facts.slot.kind == SlotKind::Recovery).expect("the first words");
    let words = words.expect("words");
    app.remove_slot(Authority::RecoveryWords(words.duplicate()), &first.slot.id.to_string()).await.expect("removed");
    app.lock_vault().await.expect("locked");
    assert!(ground.try_open().await.is_err(), "the words were revoked");
    let new = names.clone().map(|path| std::fs::read(path).expect("a header"));
    names.iter().zip(old).for_each(|(path, header)| std::fs::write(path, header).expect("written"));
    assert!(is_damaged(ground.try_open().await), "put back, they open the root key, and are noticed");
    names.iter().zip(new).for_each(|(path, header)| std::fs::write(path, header).expect("written"));
    ground.app().unlock_vault(&ground.path(), Authority::RecoveryWords(words)).await.expect("the new header is the one");
}

#[tokio::test]
async fn a_secret_is_nowhere_in_the_folder() {
    let ground = Ground::new();
    for (path, bytes) in files(&ground.vault()) {
        for canary in [&b"canary-7c1"[..], b"web-1", b"192.0.2.1"] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary), "{} has {canary:?}", path.display());
        }
    }
}

#[tokio::test]
async fn the_same_vault_opened_twice_at_once_in_one_process_is_open_once() {
    let ground = Ground::new();
    let app = ground.app();
    let path = ground.path();
    let (one, other) = tokio::join!(app.unlock_vault(&path, ground.authority()), app.unlock_vault(&path, ground.authority()));
    assert_eq!(one.expect("open").id, other.expect("open").id);
    assert_eq!(app.open_vaults(), 1);
}
