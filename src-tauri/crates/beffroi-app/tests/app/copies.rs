//! Copies of a vault: made, checked, rehearsed, restored; and vaults that are older than what this machine has seen.

use std::fs;
use std::path::{Path, PathBuf};

use beffroi_app::{Action, App, AppError, Authority, HostOrder, SlotOrder};
use beffroi_domain::StagePolicy;
use beffroi_vault::{CreateError, SlotKind};

use crate::kit::{Ground, STAGE_SECRET, copy_folder, events, files, holds, replace_folder, text};

async fn copied(app: &App, ground: &Ground) -> PathBuf {
    app.copy_vault(&ground.root().join("copies")).await.expect("copied").path
}

fn at(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test]
async fn a_copy_is_dated_checked_and_opens_on_another_machine() {
    let ground = Ground::new();
    let app = ground.open().await;
    assert_eq!(app.vault().await.expect("facts").last_copy_ms, None);
    let facts = app.copy_vault(&ground.root().join("copies/of/acme")).await.expect("copied");
    holds(&facts.checks);
    let name = facts.path.file_name().and_then(|name| name.to_str()).expect("a name");
    let is_date = |text: &str| text.len() == "2026-01-31-2359".len() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    assert!(name.strip_prefix("acme-").and_then(|rest| rest.strip_suffix(".beffroi")).is_some_and(is_date), "{name}");
    assert_eq!(facts.bytes, files(&facts.path).iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&facts.path), 0o700);
    assert!(files(&facts.path).iter().all(|(path, _)| mode(path) == 0o600));
    assert_eq!(app.vault().await.expect("facts").last_copy_ms, Some(facts.at_ms));
    assert_eq!(events(&app).await.last().map(String::as_str), Some("vault-copied"));
    // A second one in the same minute has a name of its own.
    let second = app.copy_vault(&ground.root().join("copies/of/acme")).await.expect("copied");
    assert_ne!(second.path, facts.path);
    let listed = fs::read_dir(ground.root().join("copies/of/acme")).expect("a folder").count();
    assert_eq!(listed, 2, "nothing but the copies");

    let elsewhere = ground.elsewhere("other-state");
    let opened = elsewhere.unlock_vault(&at(&facts.path), ground.authority()).await.expect("it opens");
    assert_eq!((opened.hosts, opened.secrets, opened.behind), (2, 1, None));
    holds(&elsewhere.verify_vault().await.expect("checks"));
}

#[tokio::test]
async fn a_copy_is_made_while_the_vault_is_written() {
    let ground = Ground::new();
    let app = ground.open().await;
    let into = ground.root().join("copies");
    let writing = async {
        for number in 0..20 {
            app.set_secret(&format!("n-{number}"), text("value"), None).await.expect("stored");
        }
    };
    let (made, ()) = tokio::join!(app.copy_vault(&into), writing);
    let made = made.expect("copied");
    holds(&made.checks);
    let elsewhere = ground.elsewhere("other-state");
    elsewhere.unlock_vault(&at(&made.path), ground.authority()).await.expect("it opens");
    holds(&elsewhere.verify_vault().await.expect("checks"));
}

#[tokio::test]
async fn a_rehearsal_changes_nothing() {
    let ground = Ground::with_prod();
    let app = ground.open().await;
    let copy = copied(&app, &ground).await;
    app.remove_host("web-2").await.expect("removed");
    app.lock_vault().await.expect("locked");
    let everything = || files(ground.root());
    let before = everything();
    let destination = ground.root().join("restored");
    let told = ground.app().restore_vault(&at(&copy), &at(&destination), ground.authority(), true).await.expect("rehearsed");
    assert_eq!((told.path, told.name.as_str(), told.hosts, told.secrets), (None, "Acme", 2, 1));
    assert!(told.missing > 0 && told.last_entry_ms > 0);
    holds(&told.checks);
    assert!(everything() == before, "something was written");
    // It can be rehearsed while the vault is open, too.
    let app = ground.open().await;
    app.restore_vault(&at(&copy), &at(&destination), ground.authority(), true).await.expect("rehearsed");
    assert!(!ground.root().join("restored.beffroi").exists());
    holds(&app.verify_vault().await.expect("checks"));
}

#[tokio::test]
async fn a_copy_becomes_the_vault_and_says_what_it_lacks() {
    let ground = Ground::new();
    let app = ground.open().await;
    let copy = copied(&app, &ground).await;
    let before = app.vault().await.expect("facts").journal_entries;
    app.remove_host("web-2").await.expect("removed");
    let destination = ground.root().join("restored");
    let refused = app.restore_vault(&at(&copy), &at(&destination), ground.authority(), false).await;
    assert!(matches!(refused, Err(AppError::VaultOpen { .. })), "{:?}", refused.map(drop));
    app.lock_vault().await.expect("locked");
    let refused = app.restore_vault(&at(&copy), &ground.path(), ground.authority(), false).await;
    assert!(matches!(refused, Err(AppError::Create(CreateError::Exists { .. }))), "{:?}", refused.map(drop));
    let wrong = Authority::RecoveryWords(text("abandon ".repeat(24).trim()));
    assert!(app.restore_vault(&at(&copy), &at(&destination), wrong, false).await.is_err());
    let nowhere = app.restore_vault(&at(&ground.root().join("nowhere")), &at(&destination), ground.authority(), false).await;
    assert!(matches!(nowhere, Err(AppError::Open(_))), "{:?}", nowhere.map(drop));
    assert!(!ground.root().join("restored.beffroi").exists() && !ground.root().join("restored.beffroi.part").exists());

    // Two entries are missing: the removal, and the locking.
    let original = files(&copy);
    let told = app.restore_vault(&at(&copy), &at(&destination), ground.authority(), false).await.expect("restored");
    assert_eq!((told.hosts, told.journal_entries, told.missing), (2, before, 2));
    let path = told.path.expect("a folder");
    assert_eq!(path, ground.root().join("restored.beffroi"));
    assert!(files(&copy) == original, "the copy is left as it is");

    // It is the vault now, on this machine: nothing is missing of what it holds, and the journal says what became of it.
    let restored = ground.app();
    let facts = restored.unlock_vault(&at(&path), ground.authority()).await.expect("it opens");
    assert_eq!((facts.behind, facts.hosts), (None, 2));
    holds(&restored.verify_vault().await.expect("checks"));
    let lines = crate::kit::journal(&restored).await;
    let line = lines.iter().find(|line| line.entry.event == "vault-restored").expect("it is journalled");
    assert!(line.entry.values.contains(&("missing".to_owned(), "2".to_owned())), "{:?}", line.entry.values);
    restored.remove_host("web-1").await.expect("it is not read-only");
}

#[tokio::test]
async fn a_damaged_copy_is_refused_and_nothing_of_it_is_left() {
    let ground = Ground::new();
    let app = ground.open().await;
    let copy = copied(&app, &ground).await;
    app.lock_vault().await.expect("locked");
    let seen = || files(&ground.root().join("state"));
    let before = seen();
    let mut tried = 0;
    for (path, whole) in files(&copy) {
        if path.ends_with("header.json.bak") {
            continue;
        }
        for at_byte in [whole.len() / 3, whole.len() / 2, whole.len() - 2] {
            let mut changed = whole.clone();
            changed[at_byte] ^= 1;
            fs::write(&path, changed).expect("written");
            for rehearse in [true, false] {
                let destination = ground.root().join("restored");
                let told = app.restore_vault(&at(&copy), &at(&destination), ground.authority(), rehearse).await;
                let refused = match &told {
                    Err(error) => matches!(error, AppError::Damaged { .. } | AppError::Open(_) | AppError::Store(_)),
                    Ok(told) => told.path.is_none() && told.checks.iter().any(|check| !check.held),
                };
                assert!(refused, "byte {at_byte} of {}: {told:?}", path.display());
                assert!(!ground.root().join("restored.beffroi").exists() && !ground.root().join("restored.beffroi.part").exists());
                tried += 1;
            }
        }
        fs::write(&path, whole).expect("written");
    }
    assert!(tried >= 18, "{tried}");
    assert!(seen() == before, "what this machine has seen is as it was");
    app.restore_vault(&at(&copy), &at(&ground.root().join("restored")), ground.authority(), false).await.expect("the whole one is taken");
}

#[tokio::test]
async fn a_copy_without_one_of_its_files_is_refused() {
    let ground = Ground::new();
    let app = ground.open().await;
    let copy = copied(&app, &ground).await;
    app.lock_vault().await.expect("locked");
    for name in ["header.json", "catalog.db", "anchor"] {
        let cut = ground.root().join("cut.beffroi");
        copy_folder(&copy, &cut);
        fs::remove_file(cut.join(name)).expect("removed");
        let told = app.restore_vault(&at(&cut), &at(&ground.root().join("restored")), ground.authority(), false).await;
        assert!(told.is_err(), "without {name}: {told:?}");
        assert!(!ground.root().join("restored.beffroi").exists() && !ground.root().join("restored.beffroi.part").exists(), "{name}");
        fs::remove_dir_all(cut).expect("removed");
    }
}

/// A vault that was put back as it was some entries ago, both its catalog and its anchor.
async fn put_back() -> Ground {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("prod/key", text("value"), Some("prod")).await.expect("stored");
    app.lock_vault().await.expect("locked");
    let old = ground.root().join("old");
    copy_folder(&ground.vault(), &old);
    let app = ground.open().await;
    app.set_secret("later", text("value"), None).await.expect("stored");
    app.lock_vault().await.expect("locked");
    replace_folder(&old, &ground.vault());
    ground
}

#[tokio::test]
async fn a_vault_that_lacks_entries_is_read_and_not_changed() {
    let ground = put_back().await;
    let app = ground.open().await;
    let facts = app.vault().await.expect("facts");
    assert_eq!(facts.behind, Some(3), "the opening, the secret, the locking");
    let before = events(&app).await;

    // What is there can be read, of a protected stage too.
    assert_eq!(app.hosts().await.expect("hosts").len(), 2);
    assert_eq!(app.secrets().await.expect("secrets").len(), 2);
    let stage = app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert!(stage.open);
    let checks = app.verify_vault().await.expect("checks");
    let failed: Vec<_> =
        checks.iter().filter(|check| !check.held).map(|check| (check.what.key, check.why.as_ref().map(|why| why.key))).collect();
    assert_eq!(failed, [("verify.anchor", Some("verify.why.behind"))]);

    // Each kind of change is refused, for the same reason.
    #[track_caller]
    fn is_behind<T>(what: &str, result: Result<T, AppError>) {
        let error = result.map(drop).expect_err(what);
        assert!(matches!(error, AppError::Behind { missing: 3 }), "{what}: {error:?}");
    }
    let host = HostOrder { address: Some("192.0.2.3".to_owned()), ..HostOrder::default() };
    let pin = format!("SHA256:{}", "a".repeat(43));
    is_behind("add_host", app.add_host("web-3", host).await);
    is_behind("remove_host", app.remove_host("web-1").await);
    is_behind("trust", app.trust("web-1", &pin, false).await);
    is_behind("set_secret", app.set_secret("new", text("value"), None).await);
    is_behind("remove_secret", app.remove_secret("prod/key").await);
    is_behind("add_stage", app.add_stage("staging").await);
    is_behind("set_stage_policy", app.set_stage_policy("dev", StagePolicy::of_new(&"dev".parse().expect("a name"))).await);
    is_behind("change_stage_secret", app.change_stage_secret("prod", text(STAGE_SECRET), None).await);
    is_behind("rekey_stage", app.rekey_stage("prod", text(STAGE_SECRET)).await);
    is_behind("create_identity", app.create_identity("Léa").await);
    let header = fs::read(ground.vault().join("header.json")).expect("a header");
    let recovery = SlotOrder { kind: SlotKind::Recovery, passphrase: None, key_file: None, identity: None, label: None };
    is_behind("add_slot", app.add_slot(ground.authority(), recovery).await);
    let slot = app.slots().await.expect("slots").remove(0).slot.id.to_string();
    is_behind("remove_slot", app.remove_slot(ground.authority(), &slot).await);
    is_behind("change_passphrase", app.change_passphrase(ground.authority(), text("a passphrase that is new")).await);
    is_behind("rekey_vault", app.rekey_vault(Authority::Passphrase(text(crate::kit::PASSPHRASE))).await);
    let plan = app.make_plan("web-1", Action::Run { command: "true".to_owned(), root: false }).await.expect("a plan");
    is_behind("run_plan", app.run_plan(plan.plan.id, None).await);
    is_behind("run", crate::kit::run_on(&app, "web-1", "true").await);
    app.seal_stage("prod").await.expect("it can be sealed");
    assert_eq!(events(&app).await, before, "and nothing was written");
    assert_eq!(fs::read(ground.vault().join("header.json")).expect("a header"), header, "nor a way in changed");
    app.lock_vault().await.expect("locked");
    // It stays so.
    assert_eq!(ground.open().await.vault().await.expect("facts").behind, Some(3));
}

#[tokio::test]
async fn a_vault_that_lacks_entries_can_be_copied_and_restored_from_itself() {
    let ground = put_back().await;
    let app = ground.open().await;
    let copy = copied(&app, &ground).await;
    let exported = ground.root().join("journal.jsonl");
    app.export_journal(&exported).await.expect("exported");
    app.lock_vault().await.expect("locked");
    // To take the older state for good is an act of its own, which the journal has.
    let told = app.restore_vault(&at(&copy), &at(&ground.root().join("taken")), ground.authority(), false).await.expect("restored");
    assert_eq!(told.missing, 3);
    let taken = ground.app();
    let facts = taken.unlock_vault(&at(&told.path.expect("a folder")), ground.authority()).await.expect("it opens");
    assert_eq!(facts.behind, None);
    taken.remove_host("web-1").await.expect("it is not read-only");
}

#[tokio::test]
async fn what_a_synchroniser_left_is_named() {
    let ground = Ground::new();
    let names = [
        "catalog.sync-conflict-20260101-120000-ABCDEFG.db",
        "catalog (conflicted copy 2026-01-01 120000).db",
        "header-LAPTOP7.json",
        "anchor~",
    ];
    let app = ground.open().await;
    assert!(app.vault().await.expect("facts").warnings.is_empty());
    for name in names {
        fs::write(ground.vault().join(name), "whatever").expect("written");
        let told = |message: &beffroi_domain::Message| message.values.iter().any(|(_, value)| value == name);
        assert!(app.vault().await.expect("facts").warnings.iter().any(told), "{name}");
        let findings = app.health().await.expect("findings");
        assert!(findings.iter().any(|finding| finding.grade == beffroi_app::Grade::Bad && told(&finding.what)), "{name}");
        let checks = app.verify_vault().await.expect("checks");
        assert!(checks.iter().any(|check| check.what.key == "verify.strays" && !check.held), "{name}");
        fs::remove_file(ground.vault().join(name)).expect("removed");
        holds(&app.verify_vault().await.expect("checks"));
    }
}
