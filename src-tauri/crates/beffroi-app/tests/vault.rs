//! The vault as the use cases keep it: what was written is there again, and what was tampered with is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_app::{App, AppError, Change, Listener, NewHost, Places, UnlockWith};
use beffroi_domain::TargetRecord;
use beffroi_secret::SecretText;
use beffroi_store::{Catalog, StoreError};
use beffroi_vault::Unlock;

struct Deaf;

impl Listener for Deaf {
    fn heard(&self, _: Change) {}
}

/// A vault with two hosts and a secret, locked again.
struct Sandbox {
    folder: tempfile::TempDir,
    words: SecretText,
}

impl Sandbox {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let app = app(folder.path());
        let passphrase = SecretText::new("a passphrase of the test".to_owned());
        let path = folder.path().join("acme").display().to_string();
        let (facts, words) = app.create_vault(&path, Some("Acme".to_owned()), passphrase).await.expect("a new vault");
        assert_eq!(facts.name, "Acme");
        app.set_secret("acme/key", SecretText::new("canary-7c1".to_owned()), None).await.expect("a new secret");
        for name in ["web-1", "web-2"] {
            let identity = Some("acme/key".to_owned());
            let new = NewHost { name: name.to_owned(), address: "192.0.2.1".to_owned(), identity, ..NewHost::default() };
            app.add_host(new).await.expect("a new host");
        }
        app.lock_vault().await.expect("locked");
        Self { folder, words }
    }

    fn vault(&self) -> PathBuf {
        self.folder.path().join("acme.beffroi")
    }

    async fn open(&self) -> Result<App, AppError> {
        let app = app(self.folder.path());
        app.unlock_vault(&self.vault().display().to_string(), UnlockWith::RecoveryWords(self.words.duplicate())).await?;
        Ok(app)
    }

    /// Works on the catalog as somebody who has the root key would, without this program.
    fn tamper(&self, work: impl FnOnce(&beffroi_store::Writer<'_>) -> Result<(), StoreError>) {
        let places = beffroi_vault::Places { anchors: self.folder.path().join("state/anchors") };
        let vault = beffroi_vault::open(&self.vault(), Unlock::RecoveryWords(&self.words), &places).expect("it opens");
        let catalog = Catalog::open(&vault.catalog_path(), vault.database_key()).expect("it opens");
        catalog.write(work).expect("it can be written");
    }
}

fn app(folder: &Path) -> App {
    App::new(Places::new(folder.join("state")), Arc::new(Deaf))
}

fn is_damaged<T>(result: Result<T, AppError>) -> bool {
    matches!(result, Err(AppError::Damaged { .. }))
}

#[tokio::test]
async fn what_was_written_is_there_again() {
    let sandbox = Sandbox::new().await;
    let app = sandbox.open().await.expect("it opens by the recovery words");
    let hosts = app.hosts().await.expect("hosts");
    assert_eq!(hosts.iter().map(|host| host.record.name.as_str()).collect::<Vec<_>>(), ["web-1", "web-2"]);
    assert_eq!(hosts.first().and_then(|host| host.identity.as_deref()), Some("acme/key"));
    assert_eq!(app.secrets().await.expect("secrets").first().map(|secret| secret.used_by.len()), Some(2));
    assert!(matches!(app.remove_secret("acme/key").await, Err(AppError::SecretInUse { .. })));
    assert!(app.verify_vault().await.expect("checks").iter().all(|check| check.held));
}

#[tokio::test]
async fn a_vault_is_open_once() {
    let sandbox = Sandbox::new().await;
    let first = sandbox.open().await.expect("it opens");
    assert!(matches!(sandbox.open().await, Err(AppError::Open(beffroi_vault::OpenError::InUse { .. }))));
    first.lock_vault().await.expect("locked");
    assert!(matches!(first.hosts().await, Err(AppError::Locked)));
    sandbox.open().await.expect("it opens again");
}

#[tokio::test]
async fn a_host_that_was_pointed_elsewhere_is_refused() {
    let sandbox = Sandbox::new().await;
    sandbox.tamper(|writer| {
        let mut row = writer.reader().target_named("web-1")?.expect("it is there");
        let mut record = TargetRecord::from_canonical(&row.record).expect("it is one");
        record.access.address = "198.51.100.66".to_owned();
        row.record = record.to_canonical();
        row.revision += 1;
        writer.update_target(&row)
    });
    assert!(is_damaged(sandbox.open().await));
}

#[tokio::test]
async fn a_host_put_back_as_it_was_is_refused() {
    let sandbox = Sandbox::new().await;
    let mut before = None;
    sandbox.tamper(|writer| {
        before = writer.reader().target_named("web-1")?;
        Ok(())
    });
    let app = sandbox.open().await.expect("it opens");
    let pin = format!("SHA256:{}", "a".repeat(43));
    app.trust("web-1", &pin).await.expect("trusted");
    app.lock_vault().await.expect("locked");
    sandbox.tamper(|writer| {
        let before = before.expect("it was read");
        writer.delete_target(before.id)?;
        writer.insert_target(&before)
    });
    assert!(is_damaged(sandbox.open().await), "the row is authentic, but not of the last journal entry");
}

#[tokio::test]
async fn a_host_taken_away_is_noticed() {
    let sandbox = Sandbox::new().await;
    sandbox.tamper(|writer| {
        let row = writer.reader().target_named("web-2")?.expect("it is there");
        writer.delete_target(row.id)
    });
    assert!(is_damaged(sandbox.open().await));
}

#[tokio::test]
async fn an_older_folder_put_back_is_noticed() {
    let sandbox = Sandbox::new().await;
    let copy = sandbox.folder.path().join("copy");
    copy_folder(&sandbox.vault(), &copy);
    let app = sandbox.open().await.expect("it opens");
    app.remove_host("web-2").await.expect("removed");
    app.lock_vault().await.expect("locked");
    std::fs::remove_dir_all(sandbox.vault()).expect("removed");
    copy_folder(&copy, &sandbox.vault());
    assert!(matches!(sandbox.open().await, Err(AppError::Behind { missing }) if missing > 0));
}

#[tokio::test]
async fn a_secret_is_nowhere_in_the_folder() {
    let sandbox = Sandbox::new().await;
    for file in std::fs::read_dir(sandbox.vault()).expect("a folder") {
        let path = file.expect("an entry").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        for canary in [&b"canary-7c1"[..], b"web-1", b"192.0.2.1"] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary), "{} has {canary:?}", path.display());
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a new folder");
    for file in std::fs::read_dir(from).expect("a folder") {
        let file = file.expect("an entry");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("copied");
    }
}
