//! Files of other programs: what they bring, what a second time changes, and that nobody loses what they wrote.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use beffroi_app::{
    App, AppError, ExportSecrets, ImportChoice, ImportChoices, ImportDone, ImportHostStanding, ImportPreview, ImportRules, ImportSource,
    ImportStanding, ImportingError, SecretChange, SecretPart,
};
use beffroi_import::{Entry, Field, Host, Parsed, write::age_json};

use crate::kit::{Ground, events, holds, text};

/// A folder whose files are imported.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn put(&self, name: &str, text: &str) -> ImportSource {
        let path: PathBuf = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("written");
        ImportSource { path, ..ImportSource::default() }
    }
}

async fn look(app: &App, source: ImportSource) -> ImportPreview {
    app.import_read(source, ImportRules::default()).await.expect("read")
}

async fn take(app: &App, source: ImportSource, all: Option<ImportChoice>) -> ImportDone {
    let id = look(app, source).await.id;
    let choices = ImportChoices { all, ..ImportChoices::default() };
    app.import_apply(id, ImportRules::default(), choices).await.expect("taken in")
}

fn standings(preview: &ImportPreview) -> BTreeMap<&str, ImportStanding> {
    preview.rows.iter().map(|row| (row.name.as_str(), row.standing)).collect()
}

async fn value(app: &App, name: &str) -> String {
    app.reveal_secret(name).await.expect("told").1.expose().clone()
}

/// Its earlier values.
async fn past(app: &App, name: &str) -> Vec<String> {
    let mut values = Vec::new();
    for at in 0..app.secret_about(name).await.expect("told").past.len() {
        values.push(app.reveal_part(name, SecretPart::Past(at)).await.expect("told").1.expose().clone());
    }
    values
}

async fn names(app: &App) -> Vec<String> {
    app.secrets().await.expect("secrets").into_iter().map(|secret| secret.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_once_however_often_it_is_taken_in() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    let file = || desk.put("shop/.env", "DB_PASSWORD='teapot canyon'\nAPI_TOKEN=orbit\nacme/key=x\n".replace("acme/key", "KEY").as_str());
    let preview = look(&app, file()).await;
    assert_eq!((preview.format, preview.name.as_str()), ("env", ".env"));
    assert!(preview.rows.iter().all(|row| row.standing == ImportStanding::New && row.stage == "dev"));
    assert!(!format!("{preview:?}").contains("teapot"), "no value leaves the core");
    assert_eq!(names(&app).await, ["acme/key"], "a look changes nothing");

    let done = take(&app, file(), None).await;
    assert_eq!((done.added, done.changed, done.same), (3, 0, 0));
    assert_eq!(value(&app, "DB_PASSWORD").await, "teapot canyon");
    let changed = |app: &App| {
        let app = app.clone();
        async move { app.secrets().await.expect("secrets").iter().map(|secret| (secret.id, secret.changed_ms)).collect::<Vec<_>>() }
    };
    let (before, digest) = (changed(&app).await, about(&app, "API_TOKEN").await);
    let again = take(&app, file(), None).await;
    assert_eq!((again.added, again.changed, again.same), (0, 0, 3));
    assert_eq!((changed(&app).await, about(&app, "API_TOKEN").await), (before, digest));
    assert_eq!(events(&app).await.iter().filter(|event| *event == "secrets-imported").count(), 2, "one entry each time");
    holds(&app.verify_vault().await.expect("checked"));

    // Another project's file of the same name is another source.
    let other = look(&app, desk.put("blog/.env", "DB_PASSWORD=other\n")).await;
    assert_eq!(standings(&other), BTreeMap::from([("DB_PASSWORD-2", ImportStanding::New)]));
    // Also where the folders have one name.
    let staging = || desk.put("staging/shop/.env", "DB_PASSWORD=other\n");
    assert_eq!(standings(&look(&app, staging()).await), BTreeMap::from([("DB_PASSWORD-2", ImportStanding::New)]));
    take(&app, staging(), None).await;
    assert_eq!((value(&app, "DB_PASSWORD").await.as_str(), value(&app, "DB_PASSWORD-2").await.as_str()), ("teapot canyon", "other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rows_of_one_file_are_never_one_secret() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    app.set_secret("web", text("here"), None).await.expect("stored");
    let file = || desk.put("list.csv", "\"Title\",\"Username\",\"Password\"\nweb,root,one\nweb,admin,two\n");
    let expected = [("web-2", ImportStanding::Differs), ("web-3", ImportStanding::New)];
    assert_eq!(standings(&look(&app, file()).await), BTreeMap::from(expected));
    let done = take(&app, file(), Some(ImportChoice::Theirs)).await;
    assert_eq!((done.added, done.changed), (1, 1));
    assert_eq!((value(&app, "web").await.as_str(), value(&app, "web-3").await.as_str()), ("one", "two"));
    assert_eq!(take(&app, file(), None).await.same, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_one_name_are_numbered_at_once() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    let lines: String = (0..2_000).map(|at| format!("密码,user-{at},value-{at}\n")).collect();
    let preview = look(&app, desk.put("list.csv", &format!("\"Title\",\"Username\",\"Password\"\n{lines}"))).await;
    assert_eq!(preview.rows.last().map(|row| row.name.as_str()), Some("secret-2000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_hosts_are_taken_for_hosts_that_come_with_them_only() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    let key = |last: char| format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}{last}", "A".repeat(42));
    let trust =
        format!("web-1,192.0.2.1,fresh,192.0.2.44 {}\n@cert-authority elsewhere {}\nweb-1,192.0.2.1 {}\n", key('A'), key('E'), key('I'));
    desk.put(".ssh/known_hosts", &trust);
    desk.put(".ssh/config", "Host fresh\n  HostName 192.0.2.44\nHost web-1\n  HostName 192.0.2.1\n  SendEnv PASSWORD=hunter2\n");
    let folder = || ImportSource { path: desk.0.path().join(".ssh"), ..ImportSource::default() };
    let trusted = async |name: &str| app.host(name).await.expect("there").0.record.pins.len();
    let before = trusted("web-1").await;
    let preview = look(&app, folder()).await;
    assert_eq!((preview.host_keys, preview.host_keys_left), (3, 2));
    assert!(!format!("{preview:?}").contains("hunter2"), "what a host says may be a secret");
    take(&app, folder(), Some(ImportChoice::Theirs)).await;
    assert_eq!((trusted("fresh").await, trusted("web-1").await), (1, before));
    let account = app.host("fresh").await.expect("there").0.record.access.user;
    assert_eq!(account, beffroi_import::formats::ssh_config::local_user(), "as ssh does where no account is named");
    assert!(app.host("web-1").await.expect("there").0.record.authorities.is_empty());
}

async fn about(app: &App, name: &str) -> String {
    format!("{:?}", app.secret_about(name).await.expect("told"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_there_is_taken_and_what_was_edited_here_stays() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    let file = |text: &str| desk.put("keepass.csv", &format!("\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\"\n{text}"));
    take(&app, file("P/Morel,web,root,one,,first\nP/Morel,db,root,two,,\nP/Morel,mail,root,three,,\n"), None).await;
    assert_eq!(names(&app).await, ["Morel/db", "Morel/mail", "Morel/web", "acme/key"]);

    // Here: the notes of one, the value of two others. There: the value of all three.
    app.edit_secret("Morel/web", SecretChange { notes: Some(text("mine")), ..SecretChange::default() }).await.expect("changed");
    app.set_secret("Morel/db", text("two-here"), None).await.expect("changed");
    app.set_secret("Morel/mail", text("three-there"), None).await.expect("changed");
    let changed = || file("P/Morel,web,root,one-there,,first\nP/Morel,db,root,two-there,,\nP/Morel,mail,root,three-there,,changed\n");
    let preview = look(&app, changed()).await;
    let expected =
        [("Morel/db", ImportStanding::Conflict), ("Morel/mail", ImportStanding::Changed), ("Morel/web", ImportStanding::Changed)];
    assert_eq!(standings(&preview), BTreeMap::from(expected));
    let fields: HashMap<&str, Vec<String>> = preview.rows.iter().map(|row| (row.name.as_str(), row.fields.clone())).collect();
    assert_eq!((&fields["Morel/db"], &fields["Morel/mail"]), (&vec!["value".to_owned()], &vec!["notes".to_owned()]));

    let done = take(&app, changed(), None).await;
    assert_eq!((done.changed, done.conflicts, done.added), (2, 1, 0));
    assert_eq!((value(&app, "Morel/web").await.as_str(), past(&app, "Morel/web").await), ("one-there", vec!["one".to_owned()]));
    assert_eq!(app.reveal_part("Morel/web", SecretPart::Notes).await.expect("told").1.expose(), "mine");
    assert_eq!(value(&app, "Morel/db").await, "two-here", "until somebody says otherwise");
    assert_eq!(app.reveal_part("Morel/mail", SecretPart::Notes).await.expect("told").1.expose(), "changed");

    // Asked again, until it is settled: here for the file, then nothing is left to do.
    assert_eq!(standings(&look(&app, changed()).await)["Morel/db"], ImportStanding::Conflict);
    assert_eq!(take(&app, changed(), Some(ImportChoice::Theirs)).await.changed, 1);
    assert_eq!(value(&app, "Morel/db").await, "two-there");
    assert_eq!(past(&app, "Morel/db").await, ["two", "two-here"], "what was edited here is an earlier value");
    assert_eq!(take(&app, changed(), None).await.same, 3);

    // What vanished is told, and stays.
    let fewer = look(&app, file("P/Morel,web,root,one-there,,first\n")).await;
    assert_eq!(fewer.vanished, ["Morel/db", "Morel/mail"]);
    take(&app, file("P/Morel,web,root,one-there,,first\n"), None).await;
    assert_eq!(names(&app).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_is_kept_and_what_was_removed_here_does_not_come_back_by_itself() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    let file = |text: &str| desk.put("a/.env", text);
    app.set_secret("TOKEN", text("mine"), None).await.expect("stored");
    take(&app, file("TOKEN=theirs\nGONE=x\n"), None).await;
    assert_eq!(names(&app).await, ["GONE", "TOKEN", "TOKEN-2", "acme/key"], "another value of the same name: both");
    assert_eq!((value(&app, "TOKEN").await.as_str(), value(&app, "TOKEN-2").await.as_str()), ("mine", "theirs"));

    app.remove_secret("GONE").await.expect("removed");
    let preview = look(&app, file("TOKEN=theirs\nGONE=y\n")).await;
    assert_eq!(preview.rows[1].standing, ImportStanding::Trashed);
    let choices = ImportChoices { rows: HashMap::from([(1, ImportChoice::Take)]), ..ImportChoices::default() };
    assert_eq!(take(&app, file("TOKEN=theirs\nGONE=y\n"), None).await.added, 0);
    app.import_apply(preview.id, ImportRules::default(), choices).await.expect("taken in");
    assert_eq!(value(&app, "GONE").await, "y");

    // The vault's is kept, and nobody is asked about it again.
    app.set_secret("TOKEN-2", text("here"), None).await.expect("changed");
    assert_eq!(take(&app, file("TOKEN=there\nGONE=y\n"), Some(ImportChoice::Mine)).await.kept, 1);
    assert_eq!(value(&app, "TOKEN-2").await, "here");
    assert_eq!(take(&app, file("TOKEN=there\nGONE=y\n"), None).await.same, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_stage_takes_nothing_and_then_nothing_else_comes_either() {
    let (ground, desk) = (Ground::with_prod(), Desk::new());
    let app = ground.open().await;
    let file = || desk.put("keepass.csv", "\"Group\",\"Title\",\"Username\",\"Password\"\nProduction,web,root,one\nHome,box,me,two\n");
    let preview = look(&app, file()).await;
    let expected = [("Home/box", ImportStanding::New), ("Production/web", ImportStanding::Sealed)];
    assert_eq!(standings(&preview), BTreeMap::from(expected), "the stage by the name of the group");
    let refused = app.import_apply(preview.id, ImportRules::default(), ImportChoices::default()).await;
    assert!(matches!(refused, Err(AppError::StageSealed { name }) if name == "prod"));
    assert_eq!(names(&app).await, ["acme/key"]);

    app.unseal_stage("prod", text(crate::kit::STAGE_SECRET), None).await.expect("unsealed");
    take(&app, file(), None).await;
    let stages: Vec<_> = app.secrets().await.expect("secrets").into_iter().map(|secret| (secret.name, secret.stage)).collect();
    assert!(
        stages.contains(&("Production/web".to_owned(), "prod".to_owned())) && stages.contains(&("Home/box".to_owned(), "dev".to_owned()))
    );
    app.lock_vault().await.expect("locked");
    let app = ground.open().await;
    let gone = app.import_preview(preview.id, ImportRules::default()).await;
    assert!(matches!(gone, Err(AppError::Import(ImportingError::NotFound))), "a lock drops what waits");
    assert_eq!(standings(&look(&app, file()).await)["Production/web"], ImportStanding::Sealed, "it cannot be compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_say_what_goes_where_and_what_is_meant() {
    let (ground, desk) = (Ground::with_prod(), Desk::new());
    let app = ground.unsealed().await;
    let file = || {
        desk.put(
            "keepass.csv",
            "\"Group\",\"Title\",\"Username\",\"Password\"\nClé/Noël,web,root,one\nHome,web,me,password\nHome,web,me,password\n",
        )
    };
    let rules = ImportRules {
        stage: Some("prod".to_owned()),
        stage_of: vec![("home".to_owned(), "dev".to_owned())],
        under: Some("Morel".to_owned()),
        ..ImportRules::default()
    };
    let preview = app.import_read(file(), rules).await.expect("read");
    let rows: Vec<_> = preview.rows.iter().map(|row| (row.name.as_str(), row.stage.as_str())).collect();
    assert_eq!(rows, [("Morel/Cle/Noel/web", "prod"), ("Morel/Home/web", "dev"), ("Morel/Home/web-2", "dev")]);
    let findings: Vec<_> = preview.rows[1].findings.iter().map(|finding| finding.key).collect();
    assert_eq!(findings, ["weak", "reused"]);
    let only = ImportRules { only: Some("home/*".to_owned()), ..ImportRules::default() };
    assert_eq!(app.import_preview(preview.id, only.clone()).await.expect("seen").rows.len(), 2);
    let missing = ImportRules { stage: Some("qa".to_owned()), ..ImportRules::default() };
    assert!(matches!(app.import_preview(preview.id, missing).await, Err(AppError::StageNotFound { .. })));
    let choices = ImportChoices { rows: HashMap::from([(1, ImportChoice::Skip)]), ..ImportChoices::default() };
    let done = app.import_apply(preview.id, only, choices).await.expect("taken in");
    assert_eq!((done.added, done.left), (1, 1));
    assert_eq!(names(&app).await, ["Home/web-2", "acme/key"], "named as it was shown");
    assert!(matches!(app.forget_import(preview.id), Ok(())));
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_and_their_keys_are_left_out_one_by_one() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    desk.put(".ssh/known_hosts", &format!("fresh,192.0.2.44 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}A\n", "A".repeat(42)));
    let config = "Host fresh\n  HostName 192.0.2.44\nHost gate\n  HostName 192.0.2.45\nHost inner\n  HostName 10.0.0.5\n  ProxyJump gate\nHost printer\n  HostName 192.0.2.46\n";
    desk.put(".ssh/config", config);
    let preview = look(&app, ImportSource { path: desk.0.path().join(".ssh"), ..ImportSource::default() }).await;
    let row = |name: &str| preview.hosts.iter().find(|host| host.name == name).map(|host| host.row).expect("there");
    let rules = ImportRules {
        without: vec!["PRINT*".to_owned()],
        without_hosts: vec![row("gate")],
        without_host_keys: true,
        ..ImportRules::default()
    };
    let left = app.import_preview(preview.id, rules.clone()).await.expect("seen");
    let hosts: BTreeMap<&str, ImportHostStanding> = left.hosts.iter().map(|host| (host.name.as_str(), host.standing)).collect();
    let expected = [("fresh", ImportHostStanding::New), ("inner", ImportHostStanding::Refused("jump-missing"))];
    assert_eq!((hosts, left.host_keys_left), (BTreeMap::from(expected), 1), "what is reached through it cannot come without it");
    let done = app.import_apply(preview.id, rules, ImportChoices::default()).await.expect("taken in");
    assert_eq!((done.hosts_added, done.refused), (1, 1));
    assert!(app.host("fresh").await.expect("there").0.record.pins.is_empty(), "no key is trusted");
    assert!(app.host("gate").await.is_err() && app.host("printer").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_come_without_trust_and_log_in_with_what_their_file_says() {
    let (ground, desk) = (Ground::with_prod(), Desk::new());
    let app = ground.unsealed().await;
    let config = "Host gate\n  HostName 203.0.113.9\n  Port 2222\n  User op\nHost web-1\n  HostName 192.0.2.1\n\
                  Host db\n  HostName 10.0.0.5\n  ProxyJump gate\nHost far\n  HostName 10.0.0.6\n  ProxyJump ops@203.0.113.10:2200\n";
    let file = || desk.put("ssh/config", config);
    let preview = look(&app, ImportSource { format: Some("ssh-config".to_owned()), ..file() }).await;
    let hosts: BTreeMap<&str, ImportHostStanding> = preview.hosts.iter().map(|host| (host.name.as_str(), host.standing)).collect();
    let new = ImportHostStanding::New;
    let expected = [("203.0.113.10-2200", new), ("db", new), ("far", new), ("gate", new), ("web-1", ImportHostStanding::Known)];
    assert_eq!(hosts, BTreeMap::from(expected));
    let again = || ImportSource { format: Some("ssh-config".to_owned()), ..file() };
    let done = take(&app, again(), None).await;
    assert_eq!((done.hosts_added, done.hosts_changed), (4, 0));
    let facts = async |name: &str| app.host(name).await.expect("there").0;
    let gate = facts("gate").await.record;
    assert_eq!((gate.access.address.as_str(), gate.access.port, gate.access.user.as_str()), ("203.0.113.9", 2222, "op"));
    assert!(gate.pins.is_empty(), "nothing is trusted by it");
    assert_eq!(facts("db").await.record.access.jump, Some(gate.host));
    assert_eq!(facts("far").await.record.access.jump, Some(facts("203.0.113.10-2200").await.record.host));
    let done = take(&app, again(), None).await;
    assert_eq!((done.hosts_added, done.hosts_changed), (0, 0));

    // A list that says what opens a host of the catalog: bound where the stage is the same and nothing is there.
    let list = "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\"\nx,gate login,op,orbit,ssh://op@203.0.113.9:2222\nx,other,nobody,y,ssh://203.0.113.10:2200\n";
    let preview = look(&app, desk.put("list.csv", list)).await;
    assert_eq!(preview.rows.iter().map(|row| row.hosts.join(",")).collect::<Vec<_>>(), ["gate", "203.0.113.10-2200"]);
    assert!(preview.rows.iter().all(|row| row.opens));
    take(&app, desk.put("list.csv", list), None).await;
    assert_eq!(facts("gate").await.names.identity.as_deref(), Some("x/gate-login"));
    assert_eq!(facts("203.0.113.10-2200").await.names.identity, None, "another account");
    assert_eq!(facts("web-1").await.names.identity.as_deref(), Some("acme/key"), "what is there stays");
    holds(&app.verify_vault().await.expect("checked"));
}

/// A generator of its own: the same histories each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Both sides edit at random, and the file is taken in now and then. Whatever the history: what one side alone changed is what the vault
/// has afterwards, what both changed is the vault's until somebody says otherwise, and every value that the vault ever had is
/// there or an earlier one.
#[tokio::test(flavor = "multi_thread")]
async fn over_random_histories_nothing_is_ever_lost() {
    const NAMES: [&str; 3] = ["ONE", "TWO", "THREE"];
    let ground = Ground::new();
    let app = ground.open().await;
    for seed in 0..12 {
        let (desk, mut dice, mut count) = (Desk::new(), Dice(seed), 0_u32);
        let mut fresh = || {
            count += 1;
            format!("value-{seed}-{count}")
        };
        // Of each name: what the file says, what it said when it was last taken in (and settled), what the vault has, all it ever had.
        let mut there: HashMap<&str, String> = NAMES.iter().map(|name| (*name, fresh())).collect();
        let (mut said, mut here, mut ever) = (HashMap::new(), HashMap::<&str, String>::new(), HashMap::<&str, Vec<String>>::new());
        let called = |name: &str| format!("h{seed}/{name}");
        let rules = ImportRules { under: Some(format!("h{seed}")), ..ImportRules::default() };
        for _ in 0..14 {
            let name = NAMES[usize::try_from(dice.roll(3)).expect("small")];
            match dice.roll(4) {
                0 => drop(there.insert(name, fresh())),
                1 if here.contains_key(name) => {
                    let new = fresh();
                    app.set_secret(&called(name), text(&new), None).await.expect("changed");
                    ever.entry(name).or_default().push(new.clone());
                    here.insert(name, new);
                }
                // Both come to say the same.
                2 if here.contains_key(name) => drop(there.insert(name, here[name].clone())),
                _ => {
                    let lines: String = NAMES.iter().map(|name| format!("{name}={}\n", there[name])).collect();
                    let all = [None, Some(ImportChoice::Mine), Some(ImportChoice::Theirs)][usize::try_from(dice.roll(3)).expect("small")];
                    let id = app.import_read(desk.put(".env", &lines), rules.clone()).await.expect("read").id;
                    let choices = ImportChoices { all, ..ImportChoices::default() };
                    app.import_apply(id, rules.clone(), choices).await.expect("taken in");
                    for name in NAMES {
                        let (theirs, base) = (&there[name], said.get(name).cloned());
                        let expected = match here.get(name) {
                            Some(ours) if base.as_ref() == Some(theirs) => ours.clone(),
                            Some(ours) if ours != theirs && Some(ours) != base.as_ref() && all != Some(ImportChoice::Theirs) => {
                                if all == Some(ImportChoice::Mine) {
                                    said.insert(name, theirs.clone());
                                }
                                assert_eq!(&value(&app, &called(name)).await, ours, "both changed: seed {seed}");
                                continue;
                            }
                            _ => theirs.clone(),
                        };
                        said.insert(name, theirs.clone());
                        assert_eq!(value(&app, &called(name)).await, expected, "seed {seed}, {name}");
                        if here.get(name) != Some(&expected) {
                            ever.entry(name).or_default().push(expected.clone());
                        }
                        here.insert(name, expected);
                    }
                }
            }
        }
        for (name, values) in &ever {
            let mut kept = past(&app, &called(name)).await;
            kept.push(value(&app, &called(name)).await);
            assert!(values.iter().all(|value| kept.contains(value)), "seed {seed}, {name}: {values:?} in {kept:?}");
        }
    }
    holds(&app.verify_vault().await.expect("checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_why_and_changes_nothing() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    let refused = async |source| app.import_read(source, ImportRules::default()).await.expect_err("refused");
    let malformed = refused(desk.put("a/.env", "no line of it\n")).await;
    assert!(matches!(
        malformed,
        AppError::Import(ImportingError::File { error: beffroi_import::ImportError::Malformed { at: 1, .. }, .. })
    ));
    let unknown = refused(desk.put("notes.bin", "\u{1}\u{2}")).await;
    assert!(matches!(unknown, AppError::Import(ImportingError::File { error: beffroi_import::ImportError::UnknownFormat, .. })));
    let named = refused(ImportSource { format: Some("floppy".to_owned()), ..desk.put("b/.env", "A=1\n") }).await;
    assert!(matches!(named, AppError::Import(ImportingError::FormatUnknown { .. })));
    assert_eq!(names(&app).await, ["acme/key"]);
    assert!(!events(&app).await.contains(&"secrets-imported".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_of_names_and_values_leaves_is_told_and_an_age_file_has_one_kind_of_reader() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    app.set_secret("plain", text("one-7f3a"), None).await.expect("set");
    app.set_secret("shop/full", text("two-91bd"), None).await.expect("set");
    let beside = SecretChange { totp: Some(text("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP")), ..SecretChange::default() };
    app.edit_secret("shop/full", beside).await.expect("edited");
    let order = |format: &str, password: Option<&str>, recipients: &[&str]| ExportSecrets {
        path: desk.0.path().join(format!("out.{format}")),
        format: format.to_owned(),
        on: None,
        stage: None,
        find: None,
        password: password.map(text),
        recipients: recipients.iter().map(|reader| (*reader).to_owned()).collect(),
        force: false,
    };
    let written = app.export_secrets(ground.authority(), order("env", None, &[])).await.expect("written");
    let left: Vec<_> = written.left.iter().map(|(what, why)| (what.as_str(), *why)).collect();
    assert!(left.contains(&("shop/full", "beside-value")) && !left.iter().any(|(what, _)| *what == "plain"), "{left:?}");
    let reader = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let both = app.export_secrets(ground.authority(), order("age", Some("a passphrase of the file"), &[reader])).await;
    assert!(matches!(both, Err(AppError::Import(ImportingError::TwoReaders { format: "age" }))), "{both:?}");
    for format in ["env", "csv", "ssh-config"] {
        let plain = app.export_secrets(ground.authority(), order(format, Some("a passphrase of the file"), &[])).await;
        assert!(matches!(plain, Err(AppError::Import(ImportingError::NotSealed { .. }))), "{plain:?}");
    }
    assert!(!desk.0.path().join("out.age").exists());
    app.export_secrets(ground.authority(), order("age", None, &[reader])).await.expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_here_is_the_same_when_it_comes_back() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    take(&app, desk.put(".env", "DB_PASSWORD=one-7f3a\n"), None).await;
    app.set_secret("console", text("two-91bd"), None).await.expect("set");
    let before = names(&app).await;
    let export = ExportSecrets {
        path: desk.0.path().join("out.kdbx"),
        format: "kdbx".to_owned(),
        on: None,
        stage: None,
        find: None,
        password: Some(text("a passphrase of the file")),
        recipients: Vec::new(),
        force: false,
    };
    app.export_secrets(ground.authority(), export).await.expect("written");
    let back = || ImportSource {
        path: desk.0.path().join("out.kdbx"),
        password: Some(text("a passphrase of the file")),
        ..ImportSource::default()
    };
    for round in 0..2 {
        let done = take(&app, back(), None).await;
        assert_eq!((done.added, done.changed, done.conflicts), (0, 0, 0), "round {round}: {done:?}");
        assert_eq!(names(&app).await, before);
    }
    // The file that it came from first is still known.
    let done = take(&app, desk.put(".env", "DB_PASSWORD=new-20aa\n"), None).await;
    assert_eq!((done.added, done.changed), (0, 1), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_knows_a_secrets_id_has_no_host_log_in_with_it() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    app.set_secret("acme/root", text("teapot canyon"), None).await.expect("stored");
    let id = app.secrets().await.expect("secrets").into_iter().find(|secret| secret.name == "acme/root").expect("there").id;
    let file = |value: Option<&str>| {
        let field = Field { name: "x".to_owned(), value: text("y"), hidden: false };
        let entry =
            Entry { origin: id.to_string(), title: "root".to_owned(), value: value.map(text), fields: vec![field], ..Entry::default() };
        let host = Host {
            origin: "h".to_owned(),
            name: "lure".to_owned(),
            address: "192.0.2.66".to_owned(),
            credential: Some(id.to_string()),
            ..Host::default()
        };
        let parsed = Parsed { entries: vec![entry], hosts: vec![host], ..Parsed::default() };
        let path = desk.0.path().join("given.age");
        std::fs::write(&path, age_json::write(&parsed, age_json::For::Passphrase(&text("given"))).expect("sealed")).expect("written");
        ImportSource { path, password: Some(text("given")), ..ImportSource::default() }
    };
    let done = take(&app, file(None), Some(ImportChoice::Theirs)).await;
    assert_eq!((done.hosts_added, done.unbound.len()), (1, 0));
    assert_eq!(app.host("lure").await.expect("there").0.record.login, None, "it is the author's host");
    assert_eq!(value(&app, "acme/root").await, "teapot canyon");
    // Whoever has the value has no need of the trick.
    take(&app, file(Some("teapot canyon")), Some(ImportChoice::Theirs)).await;
    assert!(app.host("lure").await.expect("there").0.record.login.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lay_in_the_bin_of_the_other_program_comes_under_a_name_of_its_own() {
    let (ground, desk) = (Ground::new(), Desk::new());
    let app = ground.open().await;
    let item = |id: u8, deleted: &str| {
        format!("{{\"id\":\"{id}\",\"type\":1,\"name\":\"root\",\"deletedDate\":{deleted},\"login\":{{\"password\":\"value-{id}\"}}}}")
    };
    let gone = "\"2026-01-01T00:00:00Z\"";
    let items = [item(1, gone), item(2, "null"), item(3, gone)].join(",");
    let file = desk.put("bitwarden.json", &format!("{{\"encrypted\":false,\"folders\":[],\"items\":[{items}]}}"));
    let preview = look(&app, file).await;
    let expected = [("root", ImportStanding::New), ("root-2", ImportStanding::Discarded), ("root-3", ImportStanding::Discarded)];
    assert_eq!(standings(&preview), BTreeMap::from(expected));
    let choices = ImportChoices { rows: HashMap::from([(0, ImportChoice::Take), (2, ImportChoice::Take)]), ..ImportChoices::default() };
    let done = app.import_apply(preview.id, ImportRules::default(), choices).await.expect("taken in");
    assert_eq!((done.added, value(&app, "root").await.as_str(), value(&app, "root-3").await.as_str()), (3, "value-2", "value-3"));
}
