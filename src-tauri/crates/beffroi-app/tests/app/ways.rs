//! Ways into a vault: added, opened with, removed; another passphrase; another root key; identities.

use std::path::PathBuf;

use beffroi_app::{App, AppError, Authority, SlotFacts, SlotOrder};
use beffroi_domain::IdentityId;
use beffroi_secret::SecretText;
use beffroi_vault::{IdentityKeys, OpenError, SlotError, SlotKind, UnlockError};

use crate::kit::{Ground, PASSPHRASE, STAGE_SECRET, copy_folder, events, holds, text};

const NEW_PASSPHRASE: &str = "a passphrase that is new";

fn order(kind: SlotKind) -> SlotOrder {
    SlotOrder { kind, passphrase: None, key_file: None, identity: None, label: None }
}

/// Opens the vault anew in this way, and locks it again.
async fn opens(ground: &Ground, authority: Authority) -> Result<(), AppError> {
    let app = ground.app();
    app.unlock_vault(&ground.path(), authority).await?;
    holds(&app.verify_vault().await.expect("checks"));
    app.lock_vault().await
}

async fn add(app: &App, ground: &Ground, order: SlotOrder) -> (SlotFacts, Option<SecretText>) {
    app.add_slot(ground.authority(), order).await.expect("added")
}

fn kinds(slots: &[SlotFacts]) -> Vec<&'static str> {
    slots.iter().map(|facts| facts.slot.kind.name()).collect()
}

#[track_caller]
fn is_wrong(result: Result<(), AppError>) {
    let error = result.expect_err("it does not open");
    let is_unlock = matches!(error, AppError::Open(OpenError::Unlock(_)) | AppError::Slot(SlotError::Unlock(_)));
    assert!(is_unlock, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_words_are_added_and_removed() {
    let ground = Ground::new();
    let app = ground.open().await;
    let label = Some("in the safe".to_owned());
    let (slot, words) = add(&app, &ground, SlotOrder { label: label.clone(), ..order(SlotKind::Recovery) }).await;
    assert_eq!((slot.slot.kind, &slot.label), (SlotKind::Recovery, &label));
    assert!(slot.added_ms.is_some() && !slot.weakest);
    let words = words.expect("they are shown once");
    assert_eq!(words.expose().split(' ').count(), 24);
    assert_eq!(kinds(&app.slots().await.expect("slots")), ["passphrase", "recovery", "recovery"]);
    app.lock_vault().await.expect("locked");
    opens(&ground, Authority::RecoveryWords(words.duplicate())).await.expect("the new ones open");
    opens(&ground, ground.authority()).await.expect("so do the old ones");

    let app = ground.open().await;
    app.remove_slot(ground.authority(), &slot.slot.id.to_string()).await.expect("removed");
    let again = app.remove_slot(ground.authority(), &slot.slot.id.to_string()).await;
    assert!(matches!(again, Err(AppError::SlotNotFound { .. })), "{again:?}");
    assert!(matches!(app.remove_slot(ground.authority(), "none").await, Err(AppError::SlotNotFound { .. })));
    app.lock_vault().await.expect("locked");
    is_wrong(opens(&ground, Authority::RecoveryWords(words)).await);
    opens(&ground, ground.authority()).await.expect("the old ones still do");
    let told = events(&ground.open().await).await;
    for event in ["slot-added", "slot-removed"] {
        assert_eq!(told.iter().filter(|told| *told == event).count(), 1, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_passphrase_is_added_and_removed() {
    let ground = Ground::new();
    let app = ground.open().await;
    let (slot, words) = add(&app, &ground, SlotOrder { passphrase: Some(text(NEW_PASSPHRASE)), ..order(SlotKind::Passphrase) }).await;
    assert!(words.is_none() && slot.slot.cost.is_some());
    app.lock_vault().await.expect("locked");
    opens(&ground, Authority::Passphrase(text(NEW_PASSPHRASE))).await.expect("the new one opens");
    opens(&ground, Authority::Passphrase(text(PASSPHRASE))).await.expect("so does the old one");
    let app = ground.open().await;
    app.remove_slot(ground.authority(), &slot.slot.id.to_string()).await.expect("removed");
    app.lock_vault().await.expect("locked");
    is_wrong(opens(&ground, Authority::Passphrase(text(NEW_PASSPHRASE))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_with_a_key_file_opens_only_with_both() {
    let ground = Ground::new();
    let app = ground.open().await;
    let path = ground.root().join("key-file");
    let with_file =
        |path: PathBuf| SlotOrder { passphrase: Some(text(NEW_PASSPHRASE)), key_file: Some(path), ..order(SlotKind::PassphraseKeyFile) };
    let (slot, _) = add(&app, &ground, with_file(path.clone())).await;
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&path).expect("it was made").permissions().mode() & 0o777, 0o600);
    let made = std::fs::read(&path).expect("it was made");
    // What is no key file is neither taken nor written over.
    let note = ground.root().join("note");
    std::fs::write(&note, "a note of mine").expect("written");
    assert!(matches!(app.add_slot(ground.authority(), with_file(note.clone())).await, Err(AppError::NotAKeyFile { .. })));
    assert_eq!(std::fs::read_to_string(&note).expect("it is there"), "a note of mine");
    // One that is there is taken as it is.
    assert_eq!(std::fs::read(&path).expect("it is there"), made);
    app.lock_vault().await.expect("locked");

    let both = |passphrase: &str, path: &PathBuf| Authority::KeyFile { passphrase: text(passphrase), path: path.clone() };
    opens(&ground, both(NEW_PASSPHRASE, &path)).await.expect("both open");
    is_wrong(opens(&ground, Authority::Passphrase(text(NEW_PASSPHRASE))).await);
    is_wrong(opens(&ground, both(PASSPHRASE, &path)).await);
    assert!(matches!(opens(&ground, both(NEW_PASSPHRASE, &note)).await, Err(AppError::NotAKeyFile { .. })));
    let missing = ground.root().join("nowhere");
    assert!(matches!(opens(&ground, both(NEW_PASSPHRASE, &missing)).await, Err(AppError::LocalFile { .. })));
    let other = ground.root().join("other-key-file");
    let app = ground.open().await;
    let (second, _) = add(&app, &ground, with_file(other.clone())).await;
    app.remove_slot(ground.authority(), &second.slot.id.to_string()).await.expect("removed");
    app.lock_vault().await.expect("locked");
    is_wrong(opens(&ground, both(NEW_PASSPHRASE, &other)).await);

    // The passphrase of this way in can be changed by this way in; the file stays.
    let app = ground.app();
    app.unlock_vault(&ground.path(), both(NEW_PASSPHRASE, &path)).await.expect("open");
    app.change_passphrase(both(NEW_PASSPHRASE, &path), text("yet another passphrase")).await.expect("changed");
    app.lock_vault().await.expect("locked");
    opens(&ground, both("yet another passphrase", &path)).await.expect("the new one opens");
    is_wrong(opens(&ground, both(NEW_PASSPHRASE, &path)).await);
    opens(&ground, Authority::Passphrase(text(PASSPHRASE))).await.expect("the other way in is as it was");
    let app = ground.open().await;
    app.remove_slot(ground.authority(), &slot.slot.id.to_string()).await.expect("removed");
    app.lock_vault().await.expect("locked");
    is_wrong(opens(&ground, both("yet another passphrase", &path)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_lacks_or_has_too_much_is_said_and_nothing_is_added() {
    let ground = Ground::new();
    let app = ground.open().await;
    let header = std::fs::read(ground.vault().join("header.json")).expect("a header");
    let before = events(&app).await;
    for kind in [SlotKind::Passphrase, SlotKind::PassphraseKeyFile, SlotKind::Identity] {
        let refused = app.add_slot(ground.authority(), order(kind)).await;
        assert!(matches!(refused, Err(AppError::InvalidRequest { .. })), "{kind:?}: {:?}", refused.map(drop));
    }
    let short = SlotOrder { passphrase: Some(text("eleven char")), ..order(SlotKind::Passphrase) };
    assert!(matches!(app.add_slot(ground.authority(), short).await, Err(AppError::PassphraseWeak { least: 12 })));
    for label in ["x".repeat(101), "two\nlines".to_owned()] {
        let long = SlotOrder { label: Some(label), ..order(SlotKind::Recovery) };
        assert!(matches!(app.add_slot(ground.authority(), long).await, Err(AppError::InvalidName { kind: "label", .. })));
    }
    let nobody = SlotOrder { identity: Some("nobody".to_owned()), ..order(SlotKind::Identity) };
    assert!(matches!(app.add_slot(ground.authority(), nobody).await, Err(AppError::IdentityNotFound { .. })));
    // One whose private half is in this very vault would open it only when it is open.
    let own = app.identities().await.expect("identities").into_iter().find(|identity| identity.own).expect("who signs");
    let own = SlotOrder { identity: Some(own.card.fingerprint()), ..order(SlotKind::Identity) };
    assert!(matches!(app.add_slot(ground.authority(), own).await, Err(AppError::IdentityNotFound { .. })));
    // Nor is anything changed by who cannot open the vault.
    let wrong = || Authority::Passphrase(text("not the passphrase"));
    is_wrong(app.add_slot(wrong(), order(SlotKind::Recovery)).await.map(drop));
    let slot = app.slots().await.expect("slots").pop().expect("a slot").slot.id.to_string();
    is_wrong(app.remove_slot(wrong(), &slot).await);
    is_wrong(app.change_passphrase(wrong(), text(NEW_PASSPHRASE)).await);
    assert!(matches!(app.change_passphrase(ground.authority(), text("eleven char")).await, Err(AppError::PassphraseWeak { least: 12 })));
    assert_eq!(std::fs::read(ground.vault().join("header.json")).expect("a header"), header);
    assert_eq!(events(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_ways_in_are_enough_and_the_last_is_kept() {
    let ground = Ground::new();
    let app = ground.open().await;
    for _ in 2..16 {
        add(&app, &ground, order(SlotKind::Recovery)).await;
    }
    let refused = app.add_slot(ground.authority(), order(SlotKind::Recovery)).await;
    assert!(matches!(refused, Err(AppError::Slot(SlotError::TooMany { most: 16 }))), "{:?}", refused.map(drop));
    for slot in app.slots().await.expect("slots") {
        let removed = app.remove_slot(ground.authority(), &slot.slot.id.to_string()).await;
        if let Err(error) = removed {
            // The words that were the authority are gone by now, or it is the last.
            assert!(matches!(error, AppError::Slot(SlotError::Unlock(_) | SlotError::OnlyKeyring)), "{error:?}");
        }
    }
    let left = app.slots().await.expect("slots");
    assert!(!left.is_empty(), "a vault that nobody opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_way_in_is_not_removed() {
    let ground = Ground::new();
    let app = ground.open().await;
    let of =
        |slots: Vec<SlotFacts>, kind| slots.into_iter().find(|facts| facts.slot.kind == kind).expect("it is there").slot.id.to_string();
    let passphrase = of(app.slots().await.expect("slots"), SlotKind::Passphrase);
    app.remove_slot(ground.authority(), &passphrase).await.expect("removed");
    let words = of(app.slots().await.expect("slots"), SlotKind::Recovery);
    let refused = app.remove_slot(ground.authority(), &words).await;
    assert!(matches!(refused, Err(AppError::Slot(SlotError::OnlyKeyring))), "{refused:?}");
    app.lock_vault().await.expect("locked");
    opens(&ground, ground.authority()).await.expect("it opens by the last");
    is_wrong(opens(&ground, Authority::Passphrase(text(PASSPHRASE))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_passphrase_is_changed_by_each_who_may() {
    let ground = Ground::new();
    let copy = ground.root().join("before.beffroi");
    copy_folder(&ground.vault(), &copy);
    let app = ground.open().await;
    app.change_passphrase(Authority::Passphrase(text(PASSPHRASE)), text(NEW_PASSPHRASE)).await.expect("by the passphrase");
    app.lock_vault().await.expect("locked");
    is_wrong(opens(&ground, Authority::Passphrase(text(PASSPHRASE))).await);
    opens(&ground, Authority::Passphrase(text(NEW_PASSPHRASE))).await.expect("the new one opens");
    let app = ground.open().await;
    app.change_passphrase(ground.authority(), text(PASSPHRASE)).await.expect("by the recovery words");
    app.change_passphrase(Authority::Passphrase(text(PASSPHRASE)), text(NEW_PASSPHRASE)).await.expect("and it is at once the one");
    assert_eq!(kinds(&app.slots().await.expect("slots")), ["passphrase", "recovery"]);
    app.lock_vault().await.expect("locked");
    opens(&ground, ground.authority()).await.expect("the words are as they were");
    // Copies made before still open with the old one, which the command says.
    let elsewhere = ground.elsewhere("other-state");
    elsewhere.unlock_vault(&copy.display().to_string(), Authority::Passphrase(text(PASSPHRASE))).await.expect("the copy opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_of_one_vault_opens_another_while_it_is_open() {
    let (own, clients) = (Ground::new(), Ground::with_prod());
    let card = own.root().join("lea.card");
    let one = own.open().await;
    assert!(matches!(one.create_identity("").await, Err(AppError::InvalidName { .. })));
    let lea = one.create_identity("Léa").await.expect("made");
    assert!(lea.own && lea.card.name() == "Léa");
    let exported = one.export_identity(&card).await.expect("written");
    assert_eq!(exported.card.fingerprint(), lea.card.fingerprint());
    assert!(matches!(one.export_identity(&card).await, Err(AppError::LocalFile { .. })), "a file is not written over");
    one.lock_vault().await.expect("locked");

    // The other vault takes in the card, and gives it a way in.
    let app = clients.open().await;
    let imported = app.import_identity(&card).await.expect("taken in");
    assert!(!imported.own && imported.card.fingerprint() == lea.card.fingerprint());
    assert!(matches!(app.import_identity(&card).await, Err(AppError::IdentityExists { .. })));
    let torn = own.root().join("torn.card");
    std::fs::write(&torn, std::fs::read_to_string(&card).expect("a card").replace("L", "M")).expect("written");
    assert!(matches!(app.import_identity(&torn).await, Err(AppError::LocalFile { .. })), "a card that was changed");
    let by_name = SlotOrder { identity: Some("Léa".to_owned()), ..order(SlotKind::Identity) };
    let (slot, words) = add(&app, &clients, by_name).await;
    assert!(words.is_none() && slot.slot.kind == SlotKind::Identity);
    app.lock_vault().await.expect("locked");

    // By itself it opens nothing; while the vault with its private half is open, no passphrase is needed.
    let fleet = own.app();
    assert!(matches!(fleet.unlock_vault(&clients.path(), Authority::Identity).await, Err(AppError::IdentityNotOpen)));
    fleet.unlock_vault(&own.path(), own.authority()).await.expect("open");
    let facts = fleet.unlock_vault(&clients.path(), Authority::Identity).await.expect("open by the identity");
    assert_eq!((fleet.open_vaults(), facts.hosts), (2, 2));
    assert!(matches!(fleet.hosts().await, Err(AppError::SeveralVaults { .. })), "none was named");
    let other = fleet.on(&facts.id.to_string()).expect("by its id");
    assert!(other.stages().await.expect("stages").iter().any(|stage| stage.name == "prod" && !stage.open), "a stage stays sealed");
    other.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    other.lock_vault().await.expect("locked");
    assert_eq!(fleet.open_vaults(), 1);

    // Without the way in, it does not.
    let app = clients.open().await;
    app.remove_slot(clients.authority(), &slot.slot.id.to_string()).await.expect("removed");
    app.lock_vault().await.expect("locked");
    is_wrong(fleet.unlock_vault(&clients.path(), Authority::Identity).await.map(drop));
    // Nor does a stranger's.
    let stranger = Ground::new();
    let other = stranger.open().await;
    is_wrong(other.unlock_vault(&clients.path(), Authority::Identity).await.map(drop));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_root_key_keeps_everything_but_the_old_words() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("prod/key", text("canary-5f2"), Some("prod")).await.expect("stored");
    let label = Some("Léa".to_owned());
    let card = ground.root().join("lea.card");
    let lea = IdentityKeys::make().expect("keys").card(IdentityId::make(), "Léa", 1).expect("a card");
    std::fs::write(&card, lea.to_text()).expect("written");
    app.import_identity(&card).await.expect("taken in");
    let by_card = SlotOrder { identity: Some(lea.fingerprint()), label: label.clone(), ..order(SlotKind::Identity) };
    add(&app, &ground, by_card).await;
    add(&app, &ground, SlotOrder { passphrase: Some(text(NEW_PASSPHRASE)), ..order(SlotKind::Passphrase) }).await;
    let old = ground.root().join("old.beffroi");
    let (hosts, secrets) = (app.hosts().await.expect("hosts").len(), app.secrets().await.expect("secrets").len());
    let told = events(&app).await;
    app.lock_vault().await.expect("locked");
    copy_folder(&ground.vault(), &old);

    // Everything must be there to be encrypted anew; and a way in that goes on must be one that can.
    let app = ground.open().await;
    let sealed = app.rekey_vault(Authority::Passphrase(text(PASSPHRASE))).await;
    assert!(matches!(sealed, Err(AppError::StageSealed { .. })), "{:?}", sealed.map(drop));
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    let wrong = app.rekey_vault(Authority::Passphrase(text("not the passphrase"))).await;
    assert!(wrong.is_err());
    assert_eq!(app.open_vaults(), 1, "it is as it was: {:?}", wrong.map(drop));
    assert_eq!(app.hosts().await.expect("hosts").len(), hosts);
    let id = app.vault().await.expect("facts").id;

    unseal_again(&app).await;
    let (facts, words, dropped) = app.rekey_vault(Authority::Passphrase(text(PASSPHRASE))).await.expect("rekeyed");
    assert_eq!((facts.id, facts.hosts, facts.secrets, facts.behind), (id, hosts, secrets, None));
    assert_eq!(kinds(&dropped), ["passphrase"], "the other passphrase is not known here");
    let mut kept = kinds(&facts.slots);
    kept.sort_unstable();
    assert_eq!(kept, ["identity", "passphrase", "recovery"]);
    assert_eq!(facts.slots.iter().find(|facts| facts.slot.kind == SlotKind::Identity).and_then(|facts| facts.label.clone()), label);

    // The stage's secret is the same, and what is sealed under it is there.
    holds(&app.verify_vault().await.expect("checks"));
    unseal_again(&app).await;
    holds(&app.verify_vault().await.expect("checks"));
    assert_eq!(app.secrets().await.expect("secrets").len(), secrets);
    // The journal is the same one, its signatures still hold, and it goes on.
    let now = events(&app).await;
    assert_eq!(now.get(..told.len()), Some(told.as_slice()));
    assert!(now.contains(&"vault-rekeyed".to_owned()));
    let journal = app.verify_journal().await.expect("facts");
    assert!(journal.broken_at.is_none());
    assert!(journal.chains.iter().all(|chain| chain.signed > 0 && chain.signer.is_some()), "{:?}", journal.chains);
    app.lock_vault().await.expect("locked");

    is_wrong(opens(&ground, ground.authority()).await);
    is_wrong(opens(&ground, Authority::Passphrase(text(NEW_PASSPHRASE))).await);
    opens(&ground, Authority::RecoveryWords(words)).await.expect("the new words open");
    opens(&ground, Authority::Passphrase(text(PASSPHRASE))).await.expect("so does the passphrase");
    assert!(!ground.vault().join("rekey").exists(), "nothing of the work is left");
    // The folder of before opens with the old words, on a machine that saw nothing newer.
    let elsewhere = ground.elsewhere("other-state");
    let facts = elsewhere.unlock_vault(&old.display().to_string(), ground.authority()).await.expect("the copy opens");
    assert_eq!(facts.secrets, secrets);
}

async fn unseal_again(app: &App) {
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_is_not_rekeyed_by_words_which_then_would_not_open_it() {
    let ground = Ground::new();
    let app = ground.open().await;
    let refused = app.rekey_vault(ground.authority()).await;
    assert!(matches!(refused, Err(AppError::InvalidRequest { .. })), "{:?}", refused.map(drop));
    assert_eq!(app.open_vaults(), 1, "it is open as it was");
    holds(&app.verify_vault().await.expect("checks"));
    app.lock_vault().await.expect("locked");
    opens(&ground, ground.authority()).await.expect("the words still open it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_in_that_is_not_there_is_said_to_be_absent() {
    let ground = Ground::new();
    let app = ground.app();
    let path = ground.root().join("key-file");
    let made = ground.open().await;
    let with_file =
        SlotOrder { passphrase: Some(text(NEW_PASSPHRASE)), key_file: Some(path.clone()), ..order(SlotKind::PassphraseKeyFile) };
    let (slot, _) = add(&made, &ground, with_file).await;
    made.remove_slot(ground.authority(), &slot.slot.id.to_string()).await.expect("removed");
    made.lock_vault().await.expect("locked");
    let refused = app.unlock_vault(&ground.path(), Authority::KeyFile { passphrase: text(NEW_PASSPHRASE), path }).await;
    let absent = matches!(refused, Err(AppError::Open(OpenError::Unlock(UnlockError::NoSlot { kind: SlotKind::PassphraseKeyFile }))));
    assert!(absent, "{:?}", refused.map(drop));
}
