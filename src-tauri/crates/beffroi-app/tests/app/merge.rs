//! Two copies of one vault that were worked on apart, by two people on two machines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use beffroi_app::{
    App, AppError, CardOrder, HostOrder, MergeConflict, MergeError, MergeFacts, MergeKeep, MergeOrder, RotationError, RotationOrder,
    RotationWay, SecretChange, SecretPart,
};
use beffroi_domain::DocumentId;
use beffroi_secret::SecretBytes;
use beffroi_store::table::document::DocumentRow;
use beffroi_vault::{OpenError, Place};

use crate::kit::{Colleague, Ground, STAGE_SECRET, copy_folder, events, holds, text};

mod decided;
mod templates;

/// The vault here, and a copy of it on another machine.
struct Pair {
    ground: Ground,
    here: App,
    there: App,
    copy: PathBuf,
}

impl Pair {
    async fn of(ground: Ground, furnish: impl AsyncFnOnce(&App)) -> Self {
        let here = ground.open().await;
        furnish(&here).await;
        let copy = here.copy_vault(&ground.root().join("copies")).await.expect("copied").path;
        let there = ground.elsewhere("other-state");
        there.unlock_vault(&copy.display().to_string(), ground.authority()).await.expect("it opens");
        Self { ground, here, there, copy }
    }

    async fn new() -> Self {
        Self::of(Ground::new(), async |_: &App| {}).await
    }

    fn taking_theirs(&self, keep: Option<MergeKeep>) -> MergeOrder {
        MergeOrder { other: self.copy.display().to_string(), keep, ..MergeOrder::default() }
    }

    fn taking_ours(&self, keep: Option<MergeKeep>) -> MergeOrder {
        MergeOrder { other: self.ground.path(), keep, ..MergeOrder::default() }
    }

    /// Merges both ways; what is there then is the same.
    async fn both_ways(&self, keep: Option<MergeKeep>) -> MergeFacts {
        let merged = self.here.merge_vault(self.taking_theirs(keep)).await.expect("merged");
        let back = self.there.merge_vault(self.taking_ours(None)).await.expect("merged back without a question");
        assert_eq!(back.conflicts, []);
        assert_eq!(content(&self.here).await, content(&self.there).await);
        merged
    }
}

async fn set(app: &App, name: &str, value: &str) {
    app.set_secret(name, text(value), None).await.expect("stored");
}

async fn value(app: &App, name: &str) -> String {
    app.reveal_secret(name).await.expect("told").1.expose().clone()
}

async fn host(app: &App, name: &str) -> Result<(), AppError> {
    let identity = Some("acme/key".to_owned());
    let new = HostOrder { address: Some("192.0.2.7".to_owned()), identity, ..HostOrder::default() };
    app.add_host(name, new).await.map(drop)
}

async fn tag(app: &App, name: &str, tag: &str) -> Result<(), AppError> {
    let order = HostOrder { tags: Some(vec![tag.to_owned()]), ..HostOrder::default() };
    app.edit_host(name, None, order).await.map(drop)
}

fn user(user: &str) -> SecretChange {
    SecretChange { user: Some(user.to_owned()), ..SecretChange::default() }
}

/// Everything a vault holds, by what stays the same of it: its name, and the rest in words.
async fn content(app: &App) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    for host in app.hosts().await.expect("hosts") {
        let mut record = host.record;
        let name = record.name.to_string();
        record.name = "same".parse().expect("a name");
        found.insert(format!("host:{}", record.host), (name, format!("{:?} {record:?}", host.standing)));
    }
    for secret in app.secrets().await.expect("secrets") {
        let about = app.secret_about(&secret.name).await.expect("about");
        let rest = format!("{} {} {} {} {:?}", secret.stage, secret.kind, value(app, &secret.name).await, about.user, about.attachments);
        found.insert(format!("secret:{}", secret.id), (secret.name, rest));
    }
    for gone in app.trash().await.expect("the trash") {
        found.insert(format!("secret:{}", gone.id), (gone.name, format!("in the trash of {}", gone.stage)));
    }
    for (name, recipe) in app.recipes().await.expect("recipes") {
        found.insert(format!("recipe:{name}"), (name, recipe.expect("a recipe").text));
    }
    for person in app.people().await.expect("people") {
        found.insert(format!("person:{}", person.name), (person.name.clone(), format!("{:?}", person.mail)));
    }
    for stage in app.stages().await.expect("stages") {
        found.insert(format!("stage:{}", stage.name), (stage.name, format!("{:?}", stage.policy)));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_operators_did_apart_is_all_there() {
    let pair = Pair::of(Ground::new(), async |app: &App| set(app, "shared", "first").await).await;
    host(&pair.here, "mail").await.expect("added");
    set(&pair.here, "mine", "one").await;
    host(&pair.there, "shop").await.expect("added");
    pair.there.edit_secret("shared", user("root")).await.expect("edited");
    set(&pair.there, "shared", "second").await;
    pair.there.remove_host("web-2").await.expect("removed");
    pair.there.add_stage("staging").await.expect("a stage");
    let files = pair.there.vault().await.expect("facts").journal_entries;

    let rehearsed = pair.here.merge_vault(MergeOrder { rehearse: true, ..pair.taking_theirs(None) }).await.expect("told");
    assert!(!rehearsed.merged && pair.here.host("shop").await.is_err());
    let taken: BTreeSet<String> = rehearsed.taken.iter().map(|taken| format!("{} {} {:?}", taken.what, taken.name, taken.effect)).collect();
    for expected in ["host shop Added", "host web-2 Removed", "secret shared Changed", "stage staging Added"] {
        assert!(taken.contains(expected), "{expected} in {taken:?}");
    }
    assert!(rehearsed.conflicts.is_empty() && rehearsed.entries > 0 && files > rehearsed.entries);

    let merged = pair.both_ways(None).await;
    assert!(merged.merged && merged.taken == rehearsed.taken);
    assert_eq!(events(&pair.here).await.iter().filter(|event| *event == "vault-merged").count(), 1);
    assert_eq!((value(&pair.here, "shared").await.as_str(), value(&pair.there, "mine").await.as_str()), ("second", "one"));
    assert!(pair.here.host("web-2").await.is_err() && pair.there.host("mail").await.is_ok());
    // Both histories, each with its signatures.
    for app in [&pair.here, &pair.there] {
        holds(&app.verify_vault().await.expect("checked"));
        let journal = app.verify_journal().await.expect("checked");
        assert_eq!((journal.broken_at, journal.chains.len()), (None, 2));
    }
    // What was merged is there after the vault was locked, and the stage that came can be worked in.
    set(&pair.here, "after", "x").await;
    pair.here.set_secret("staged", text("y"), Some("staging")).await.expect("stored");
    pair.here.lock_vault().await.expect("locked");
    let again = pair.ground.open().await;
    assert_eq!(value(&again, "staged").await, "y");
    holds(&again.verify_vault().await.expect("checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_merge_changes_nothing() {
    let pair = Pair::new().await;
    host(&pair.there, "shop").await.expect("added");
    host(&pair.here, "shop").await.expect("added");
    pair.both_ways(None).await;
    let (before, entries) = (content(&pair.here).await, events(&pair.here).await.len());
    let entries = (entries, pair.here.vault().await.expect("facts").journal_entries);
    // The other copy was merged back meanwhile: its entry is all that is new.
    let merged = pair.here.merge_vault(pair.taking_theirs(None)).await.expect("merged");
    assert!(merged.taken.is_empty() && merged.conflicts.is_empty());
    let after = pair.here.vault().await.expect("facts").journal_entries;
    let merged = pair.here.merge_vault(pair.taking_theirs(None)).await.expect("merged");
    assert!(!merged.merged && merged.entries == 0);
    assert_eq!(pair.here.vault().await.expect("facts").journal_entries, after);
    assert!(after > entries.1);
    assert_eq!(content(&pair.here).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_were_given_twice_are_both_there() {
    let pair = Pair::new().await;
    host(&pair.here, "shop").await.expect("added");
    host(&pair.there, "shop").await.expect("added");
    set(&pair.here, "token", "ours").await;
    set(&pair.there, "token", "theirs").await;
    let merged = pair.both_ways(None).await;
    let renamed: Vec<_> = merged.renames.iter().map(|rename| (rename.what, rename.from.as_str(), rename.to.as_str())).collect();
    assert_eq!(renamed, [("host", "shop", "shop-2"), ("secret", "token", "token-2")]);
    assert_eq!((value(&pair.here, "token").await.as_str(), value(&pair.here, "token-2").await.as_str()), ("ours", "theirs"));
    assert!(pair.there.host("shop-2").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_both_changed_is_shown_without_its_value_and_the_other_value_is_kept() {
    let pair = Pair::of(Ground::new(), async |app: &App| set(app, "shared", "first").await).await;
    set(&pair.here, "shared", "canary-ours").await;
    pair.here.edit_secret("shared", user("anna")).await.expect("edited");
    set(&pair.there, "shared", "canary-theirs").await;
    pair.there.edit_secret("shared", user("bert")).await.expect("edited");
    tag(&pair.here, "web-1", "left").await.expect("tagged");
    tag(&pair.there, "web-1", "right").await.expect("tagged");

    let before = pair.here.vault().await.expect("facts").journal_entries;
    let refused = pair.here.merge_vault(pair.taking_theirs(None)).await;
    assert!(matches!(refused, Err(AppError::Merge(MergeError::Unresolved { count: 2 }))), "{refused:?}");
    assert_eq!(pair.here.vault().await.expect("facts").journal_entries, before);
    let shown = pair.here.merge_vault(MergeOrder { rehearse: true, ..pair.taking_theirs(None) }).await.expect("told");
    assert!(!format!("{shown:?}").contains("canary"));
    let of = |what: &str| shown.conflicts.iter().find(|conflict| conflict.what == what).cloned().expect("a conflict");
    let field = |conflict: &MergeConflict, name: &str| {
        let field = conflict.fields.iter().find(|field| field.field == name).expect("a field");
        (field.ours.clone(), field.theirs.clone(), field.hidden)
    };
    let both = |ours: &str, theirs: &str| (Some(ours.to_owned()), Some(theirs.to_owned()), false);
    assert_eq!(field(&of("host"), "tags"), both("left", "right"));
    assert_eq!(field(&of("secret"), "user"), both("anna", "bert"));
    assert_eq!(field(&of("secret"), "value"), (None, None, true));
    assert!(of("host").fields.iter().all(|field| field.field != "address"));

    let resolved = vec![(of("secret").key, MergeKeep::Theirs), ("host:web-1".to_owned(), MergeKeep::Ours)];
    let unknown = MergeOrder { resolved: vec![("host:web-2".to_owned(), MergeKeep::Ours)], ..pair.taking_theirs(Some(MergeKeep::Ours)) };
    let refused = pair.here.merge_vault(unknown).await;
    assert!(matches!(refused, Err(AppError::Merge(MergeError::NoConflict { .. }))), "{refused:?}");
    pair.here.merge_vault(MergeOrder { resolved, ..pair.taking_theirs(None) }).await.expect("merged");
    pair.both_ways(None).await;
    for app in [&pair.here, &pair.there] {
        assert_eq!(value(app, "shared").await, "canary-theirs");
        let about = app.secret_about("shared").await.expect("about");
        assert_eq!((about.user.as_str(), about.past.len()), ("bert", 2));
        let mut past = Vec::new();
        for number in 0..2 {
            past.push(app.reveal_part("shared", SecretPart::Past(number)).await.expect("told").1.expose().clone());
        }
        assert_eq!(past, ["first", "canary-ours"]);
        let (facts, _) = app.host("web-1").await.expect("a host");
        assert_eq!(facts.record.tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), ["left"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_on_one_side_and_used_on_the_other_is_asked_about() {
    let pair = Pair::of(Ground::new(), async |app: &App| {
        set(app, "spare", "key").await;
        set(app, "unused", "key").await;
    })
    .await;
    pair.here.remove_secret("spare").await.expect("removed");
    pair.here.remove_secret("unused").await.expect("removed");
    let order = HostOrder { address: Some("192.0.2.9".to_owned()), identity: Some("spare".to_owned()), ..HostOrder::default() };
    pair.there.add_host("needs", order).await.expect("added");
    let shown = pair.here.merge_vault(MergeOrder { rehearse: true, ..pair.taking_theirs(None) }).await.expect("told");
    let conflicts: Vec<_> = shown.conflicts.iter().map(|it| (it.what, it.name.as_str(), it.removed_here, it.removed_there)).collect();
    assert_eq!(conflicts, [("secret", "spare", true, false)]);
    let users = shown.conflicts[0].fields.iter().find(|field| field.field == "used-by").expect("who uses it");
    assert_eq!((users.ours.as_deref(), users.theirs.as_deref()), (None, Some("needs")));
    // What is said of everything takes nothing from whoever uses it.
    let refused = pair.here.merge_vault(pair.taking_theirs(Some(MergeKeep::Ours))).await;
    assert!(matches!(refused, Err(AppError::Merge(MergeError::Unresolved { count: 1 }))), "{refused:?}");
    pair.both_ways(Some(MergeKeep::Theirs)).await;
    assert_eq!(value(&pair.here, "spare").await, "key");
    let trashed: Vec<_> = pair.there.trash().await.expect("the trash").into_iter().map(|it| it.name).collect();
    assert_eq!(trashed, ["unused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_an_authority_is_not_removed_by_the_other_copy() {
    let pair = Pair::of(Ground::new(), async |app: &App| set(app, "plain", "key").await).await;
    pair.here.lock_vault().await.expect("locked");
    let colleague = Colleague::at(&pair.ground);
    let (secret, _) = colleague.secret("plain");
    let row = DocumentRow { id: DocumentId::make(), kind: "authority".to_owned(), compartment: secret.compartment, revision: 1 };
    let place =
        Place { compartment: row.compartment, target: None, table: "document", row: *row.id.as_bytes(), revision: 1, field: &row.kind };
    let bytes = format!("{{\"name\":\"Home\",\"key\":\"{}\"}}", secret.id).into_bytes();
    let sealed = colleague.vault.seal(&place, &SecretBytes::new(bytes)).expect("sealed");
    colleague.edit_covertly(|writer| writer.insert_document(&row, &sealed));
    let here = pair.ground.open().await;
    pair.there.remove_secret("plain").await.expect("nothing there uses it");
    for keep in [None, Some(MergeKeep::Theirs)] {
        let refused = here.merge_vault(pair.taking_theirs(keep)).await;
        assert!(matches!(refused, Err(AppError::Merge(MergeError::Unresolved { count: 1 }))), "{refused:?}");
    }
    let merged = here.merge_vault(pair.taking_theirs(Some(MergeKeep::Ours))).await.expect("merged");
    let said = merged.conflicts[0].fields.iter().find(|field| field.field == "used-by").and_then(|field| field.ours.clone());
    assert_eq!((said.as_deref(), value(&here, "plain").await.as_str()), (Some("Home"), "key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_earlier_values_the_last_ones_stay() {
    let pair = Pair::of(Ground::new(), async |app: &App| set(app, "shared", "base").await).await;
    for number in 0..=20 {
        set(&pair.there, "shared", &format!("theirs-{number}")).await;
    }
    for number in 0..=20 {
        set(&pair.here, "shared", &format!("ours-{number}")).await;
    }
    let expected: Vec<String> = (1..20).map(|number| format!("ours-{number}")).chain(["theirs-20".to_owned()]).collect();
    pair.both_ways(Some(MergeKeep::Ours)).await;
    for app in [&pair.here, &pair.there] {
        assert_eq!((value(app, "shared").await.as_str(), past(app, "shared").await), ("ours-20", expected.clone()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_for_good_and_changed_meanwhile_lies_in_the_trash() {
    let pair = Pair::of(Ground::new(), async |app: &App| set(app, "shared", "base").await).await;
    pair.here.remove_secret("shared").await.expect("removed");
    pair.here.empty_trash(None).await.expect("for good");
    set(&pair.there, "shared", "newer").await;
    pair.both_ways(Some(MergeKeep::Ours)).await;
    for app in [&pair.here, &pair.there] {
        assert!(app.secret_about("shared").await.is_err());
        let trashed: Vec<_> = app.trash().await.expect("the trash").into_iter().map(|it| it.name).collect();
        assert_eq!(trashed, ["shared"]);
    }
    pair.here.restore_secret("shared", None).await.expect("had back");
    assert_eq!(value(&pair.here, "shared").await, "newer");
    assert_eq!(past(&pair.here, "shared").await, ["base"]);
    holds(&pair.here.verify_vault().await.expect("checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_of_one_copy() {
    let rotate = async |app: &App| {
        let way = RotationWay::Begin { keep_old: false };
        let facts = app.rotate_secret(RotationOrder { name: "acme/key".to_owned(), on: None, way, typed: None }).await;
        assert!(!facts.expect("begun").over, "no host answers");
    };
    let closed = async |app: &App| {
        let order = HostOrder { address: Some("127.0.0.1".to_owned()), port: Some(1), ..HostOrder::default() };
        for name in ["web-1", "web-2"] {
            app.edit_host(name, None, order.clone()).await.expect("edited");
        }
    };
    let pair = Pair::of(Ground::new(), async |app: &App| closed(app).await).await;
    rotate(&pair.here).await;
    // What the other copy did beside it is taken.
    set(&pair.there, "other", "x").await;
    pair.here.merge_vault(pair.taking_theirs(None)).await.expect("merged");
    set(&pair.there, "shared", "x").await;
    rotate(&pair.there).await;
    let refused = pair.here.merge_vault(pair.taking_theirs(Some(MergeKeep::Theirs))).await;
    assert!(matches!(&refused, Err(AppError::Rotation(RotationError::GoesOn { name })) if name == "acme/key"), "{refused:?}");
    assert!(pair.here.reveal_secret("shared").await.is_err(), "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_merge_left_is_removed() {
    let pair = Pair::new().await;
    host(&pair.there, "shop").await.expect("added");
    pair.there.lock_vault().await.expect("locked");
    let (parent, name) = (pair.ground.vault().parent().expect("a folder").to_owned(), pair.ground.vault());
    let name = name.file_name().expect("a name").to_string_lossy().into_owned();
    let copy = parent.join(format!("{name}.merge"));
    std::fs::rename(&pair.copy, &copy).expect("renamed");
    let foreign = parent.join(format!(".{name}.merge-foreign"));
    copy_folder(&copy, &foreign);
    let left = parent.join(format!(".{name}.merge-left"));
    copy_folder(&copy, &left);
    std::fs::write(left.join(format!("merging-{}", pair.here.vault().await.expect("facts").id)), "").expect("a marker");
    let order = |path: &std::path::Path| MergeOrder { other: path.display().to_string(), ..MergeOrder::default() };
    // One that is merged itself is not removed first.
    let rehearsed = pair.here.merge_vault(MergeOrder { rehearse: true, ..order(&left) }).await.expect("told");
    assert!(!rehearsed.merged && left.exists());
    let merged = pair.here.merge_vault(order(&copy)).await.expect("merged");
    assert!(merged.merged && pair.here.host("shop").await.is_ok());
    assert!(copy.join("catalog.db").exists() && foreign.join("catalog.db").exists() && !left.exists());
    let hidden = std::fs::read_dir(&parent).expect("listed").flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
    assert_eq!(hidden.map(|entry| entry.path()).collect::<Vec<_>>(), [foreign]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_copy_that_somebody_has_open_is_told_as_such() {
    let pair = Pair::new().await;
    let torn = pair.ground.root().join("torn");
    copy_folder(&pair.copy, &torn);
    let catalog = torn.join("catalog.db");
    let mut bytes = std::fs::read(&catalog).expect("read");
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&catalog, bytes).expect("written");
    let order = || MergeOrder { other: torn.display().to_string(), ..MergeOrder::default() };
    let damaged = pair.here.merge_vault(order()).await;
    assert!(damaged.is_err() && !matches!(damaged, Err(AppError::Open(_))), "{damaged:?}");
    std::fs::write(torn.join("lock"), "4711\n").expect("written");
    let lock = std::fs::File::open(torn.join("lock")).expect("opened");
    lock.try_lock().expect("locked");
    let open = pair.here.merge_vault(order()).await;
    assert!(matches!(open, Err(AppError::Open(OpenError::InUse { pid: Some(4711) }))), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_stage_travels_sealed() {
    let pair = Pair::of(Ground::with_prod(), async |app: &App| {
        app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
        app.set_secret("prod/old", text("old"), Some("prod")).await.expect("stored");
    })
    .await;
    pair.here.set_secret("prod/key", text("orbit"), Some("prod")).await.expect("stored");
    pair.here.set_secret("prod/old", text("newer"), Some("prod")).await.expect("stored");
    let order = HostOrder { address: Some("192.0.2.9".to_owned()), stage: Some("prod".to_owned()), ..HostOrder::default() };
    pair.here.add_host("vault-1", order).await.expect("added");
    pair.here.seal_stage("prod").await.expect("sealed");
    // Nobody there has the stage's secret, and nobody needs it.
    let merged = pair.there.merge_vault(pair.taking_ours(None)).await.expect("merged");
    assert!(merged.merged && pair.there.host("vault-1").await.is_ok());
    assert!(matches!(pair.there.reveal_secret("prod/key").await, Err(AppError::StageSealed { .. })));
    pair.there.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert_eq!((value(&pair.there, "prod/key").await.as_str(), value(&pair.there, "prod/old").await.as_str()), ("orbit", "newer"));
    holds(&pair.there.verify_vault().await.expect("checked"));

    // What both changed has to be sealed anew: that needs the key.
    pair.there.set_secret("prod/key", text("two"), Some("prod")).await.expect("stored");
    pair.here.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    pair.here.set_secret("prod/key", text("three"), Some("prod")).await.expect("stored");
    pair.here.seal_stage("prod").await.expect("sealed");
    let refused = pair.here.merge_vault(pair.taking_theirs(Some(MergeKeep::Ours))).await;
    assert!(matches!(&refused, Err(AppError::StageSealed { name }) if name == "prod"), "{refused:?}");
    pair.here.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    pair.both_ways(Some(MergeKeep::Ours)).await;
    assert_eq!(value(&pair.there, "prod/key").await, "three");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_copy_of_this_vault_is_refused() {
    let pair = Pair::new().await;
    let merge = async |path: String| pair.here.merge_vault(MergeOrder { other: path, ..MergeOrder::default() }).await;
    let itself = merge(pair.ground.path()).await;
    assert!(matches!(itself, Err(AppError::Merge(MergeError::Itself))), "{itself:?}");
    let (another, app) = (pair.ground.root().join("another.beffroi").display().to_string(), pair.ground.elsewhere("third"));
    app.create_vault(&another, None, text(crate::kit::PASSPHRASE)).await.expect("made");
    let other = merge(another).await;
    assert!(matches!(other, Err(AppError::Merge(MergeError::OtherVault { .. }))), "{other:?}");
    pair.there.add_stage("staging").await.expect("a stage");
    pair.here.add_stage("staging").await.expect("a stage");
    let apart = merge(pair.copy.display().to_string()).await;
    assert!(matches!(&apart, Err(AppError::Merge(MergeError::StageApart { stage })) if stage == "staging"), "{apart:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_machine_that_wrote_in_both_copies_is_told() {
    let ground = Ground::new();
    let here = ground.open().await;
    let copy = here.copy_vault(&ground.root().join("copies")).await.expect("copied").path;
    // The same machine, as it was when the copy was made.
    copy_folder(&ground.root().join("state"), &ground.root().join("as-it-was"));
    set(&here, "one", "1").await;
    let there = ground.elsewhere("as-it-was");
    there.unlock_vault(&copy.display().to_string(), ground.authority()).await.expect("it opens");
    set(&there, "two", "2").await;
    let forked = here.merge_vault(MergeOrder { other: copy.display().to_string(), ..MergeOrder::default() }).await;
    assert!(matches!(forked, Err(AppError::Merge(MergeError::Forked { .. }))), "{forked:?}");
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }
}

const RECIPES: [&str; 2] = ["tidy", "look"];

/// One thing that an operator does. What is refused (a name that is taken, a secret in use) is not done.
async fn act(app: &App, dice: &mut Dice, turn: usize, side: &str) {
    let hosts: Vec<String> = app.hosts().await.expect("hosts").into_iter().map(|host| host.record.name.to_string()).collect();
    let secrets: Vec<String> = app.secrets().await.expect("secrets").into_iter().map(|secret| secret.name).collect();
    let people: Vec<String> = app.people().await.expect("people").into_iter().map(|person| person.name).collect();
    let host_name = hosts.get(dice.roll(hosts.len().max(1))).cloned().unwrap_or_default();
    let secret_name = secrets.get(dice.roll(secrets.len())).cloned().unwrap_or_default();
    let person = people.get(dice.roll(people.len().max(1))).cloned().unwrap_or_default();
    let word = format!("{side}-{turn}");
    // Of few names, so that both sides take the same now and then.
    let new = format!("n-{}", dice.roll(6));
    let recipe = RECIPES[dice.roll(2)];
    match dice.roll(14) {
        0 | 1 => drop(host(app, &new).await),
        2 => drop(tag(app, &host_name, &word).await),
        3 => drop(app.edit_host(&host_name, Some(&new), HostOrder::default()).await),
        4 => drop(app.remove_host(&host_name).await),
        5 if !secrets.contains(&new) => drop(app.set_secret(&new, text(&word), None).await),
        5 | 6 => drop(app.set_secret(&secret_name, text(&word), None).await),
        7 => drop(app.rename_secret(&secret_name, &new).await),
        8 => drop(app.remove_secret(&secret_name).await),
        9 => drop(app.edit_secret(&secret_name, user(&word)).await),
        10 => drop(app.add_person(&word, CardOrder { fullname: Some("A Person".to_owned()), ..CardOrder::default() }).await),
        11 => drop(app.edit_person(&person, CardOrder { mail: Some(format!("{word}@example.org")), ..CardOrder::default() }).await),
        12 => drop(app.set_recipe(format!("name = \"{recipe}\"\n[[steps]]\ncommand = \"echo {word}\"\n")).await),
        _ => drop(app.remove_recipe(recipe).await),
    }
}

/// Every earlier value of a secret.
async fn past(app: &App, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for number in 0..app.secret_about(name).await.expect("about").past.len() {
        found.push(app.reveal_part(name, SecretPart::Past(number)).await.expect("told").1.expose().clone());
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_loses_work_whatever_they_did() {
    let (mut conflicts, mut renames, mut taken) = (0, 0, 0);
    for seed in 0..12 {
        let pair = Pair::of(Ground::new(), async |app: &App| {
            for name in ["s-1", "s-2", "s-3"] {
                set(app, name, &format!("base of {name}")).await;
            }
            host(app, "base").await.expect("added");
            app.add_person("carla", CardOrder { fullname: Some("Carla".to_owned()), ..CardOrder::default() }).await.expect("added");
        })
        .await;
        let before = content(&pair.here).await;
        let mut dice = Dice(seed);
        for turn in 0..8 {
            act(&pair.here, &mut dice, turn, "here").await;
            act(&pair.there, &mut dice, turn, "there").await;
        }
        let (ours, theirs) = (content(&pair.here).await, content(&pair.there).await);
        let merged = pair.both_ways(Some(MergeKeep::Ours)).await;
        (conflicts, renames, taken) = (conflicts + merged.conflicts.len(), renames + merged.renames.len(), taken + merged.taken.len());
        let after = content(&pair.here).await;
        let asked: BTreeSet<&str> = merged.conflicts.iter().map(|conflict| conflict.key.as_str()).collect();
        for key in before.keys().chain(ours.keys()).chain(theirs.keys()) {
            let (base, mine, other) = (before.get(key), ours.get(key), theirs.get(key));
            // What only the other changed is theirs, unless a host here needs what they removed: that was asked about.
            let expected = if mine == base && !asked.contains(key.as_str()) && mine != other { other } else { mine };
            let same = match (after.get(key), expected) {
                (Some((name, rest)), Some((meant, said))) => {
                    rest == said && (name == meant || name.strip_prefix(meant.as_str()).is_some_and(|end| end.starts_with('-')))
                }
                (found, expected) => found == expected,
            };
            assert!(same, "seed {seed}: {key} is {:?}, not {expected:?}; {merged:?}", after.get(key));
            // A value that was not kept is an earlier one.
            if let (Some((name, _)), Some((_, said)), Some((_, gone))) = (after.get(key), mine, other)
                && key.starts_with("secret:")
                && said != gone
                && other != base
                && !name.is_empty()
                && !after.get(key).is_some_and(|(_, rest)| rest.starts_with("in the trash"))
                && let Some(gone) = gone.split(' ').nth(2).filter(|_| gone.starts_with("dev password") && !gone.contains("base of"))
                && said.split(' ').nth(2) != Some(gone)
            {
                let now = after.get(key).and_then(|(_, rest)| rest.split(' ').nth(2));
                assert!(
                    now == Some(gone) || past(&pair.here, name).await.iter().any(|value| value == gone),
                    "seed {seed}: {key} lost {gone}"
                );
            }
        }
        assert!(after.keys().all(|key| ours.contains_key(key) || theirs.contains_key(key)), "seed {seed}");
        for app in [&pair.here, &pair.there] {
            holds(&app.verify_vault().await.expect("checked"));
        }
    }
    assert!(conflicts > 0 && taken > 0, "the histories met: {conflicts} conflicts, {renames} renames, {taken} taken");
}
