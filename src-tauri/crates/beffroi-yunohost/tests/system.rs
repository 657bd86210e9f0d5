//! Backups, the system and the diagnosis, from guard to check against the lab's stand-in.

mod common;

use beffroi_yunohost::facts::{Diagnosis, LoggedEnd, LoggedOperation, Part, PendingUpgrades};
use beffroi_yunohost::{Cause, CheckResult, Refusal, Verdict};
use common::{ON, Scripted, StandIn, answers, given, list, printed, record, secret, surveyed_with, text};
use serde_json::{Value, json};

fn foreseen(cause: Cause, about: &str) -> Refusal {
    Refusal::Foreseen { cause, about: about.to_owned() }
}

/// Why a check says that something is not as asked, by the key of its sentence.
fn why(check: &CheckResult) -> &str {
    match check {
        CheckResult::NotHeld(message) | CheckResult::Half(message) | CheckResult::NotKnown(message) => message.key,
        CheckResult::Held => "held",
    }
}

/// A migration that waits.
fn migration(number: u32, name: &str, mode: &str, disclaimer: Value) -> Value {
    json!({"id": format!("{number:04}_{name}"), "number": number, "name": name, "mode": mode, "state": "pending",
        "description": "", "disclaimer": disclaimer})
}

#[tokio::test]
async fn a_backup_is_made_looked_into_and_removed() {
    let lab = StandIn::new();
    let raw = || vec![("name", text("evening")), ("apps", list(&["wordpress"])), ("description", text("Avant la visite"))];
    let record = lab.through("backup-create", raw(), Verdict::Done).await;
    assert_eq!(record.before, json!({"apps": ["wordpress"], "system": []}));
    assert_eq!(lab.refused("backup-create", raw()).await, foreseen(Cause::BackupExists, "evening"));
    assert_eq!(lab.unguarded("backup-create", raw()).await.cause, Some(Cause::BackupExists));

    // Without a choice everything is saved, under a name that is known before.
    let record = lab.through("backup-create", vec![], Verdict::Done).await;
    assert_eq!(record.before["apps"].as_array().map(Vec::len), Some(6));
    assert_eq!(record.before["system"].as_array().map(Vec::len), Some(7));
    let record = lab.through("backup-create", vec![("every-app", ON), ("name", text("apps"))], Verdict::Done).await;
    assert_eq!((record.before["apps"].as_array().map(Vec::len), &record.before["system"]), (Some(6), &json!([])));

    lab.through("backup-remove", vec![("name", text("evening"))], Verdict::Done).await;
    assert_eq!(lab.refused("backup-remove", vec![("name", text("evening"))]).await, foreseen(Cause::BackupUnknown, "evening"));
    assert_eq!(lab.unguarded("backup-remove", vec![("name", text("evening"))]).await.cause, Some(Cause::BackupUnknown));
}

#[tokio::test]
async fn a_backup_that_lacks_something_is_half_done() {
    let lab = StandIn::seeded(&json!({"failing": {"backup": ["wordpress", "data_mail"]}}));
    let some = vec![("name", text("some")), ("apps", list(&["nextcloud", "wordpress"])), ("system", list(&["data_mail"]))];
    let record = lab.through("backup-create", some, Verdict::HalfDone).await;
    let CheckResult::Half(message) = record.check(&lab.remote).await.expect("a check") else { unreachable!("it is half done") };
    assert_eq!(message.values, [("name", "some".to_owned()), ("missing", "wordpress, data_mail".to_owned())]);
    lab.through("backup-create", vec![("name", text("none")), ("apps", list(&["wordpress"]))], Verdict::NotDone).await;

    // A name that the host does not know: an archive without it.
    let ghost = || vec![("name", text("ghost")), ("apps", list(&["nextcloud", "ghost"]))];
    assert_eq!(lab.refused("backup-create", ghost()).await, foreseen(Cause::AppUnknown, "ghost"));
    let said = lab.unguarded("backup-create", ghost()).await;
    assert!(!said.succeeded && said.json.is_some_and(|json| json["name"] == "ghost"), "it makes one all the same");
    let part = vec![("system", list(&["data_moon"]))];
    assert_eq!(lab.refused("backup-create", part).await, foreseen(Cause::NameUnknown, "data_moon"));
    let both = vec![("every-app", ON), ("apps", list(&["nextcloud"]))];
    assert_eq!(lab.refused("backup-create", both).await, foreseen(Cause::InvalidArgument, "apps"));
}

/// In the words of YunoHost's `locales/en.json`.
#[tokio::test]
async fn a_backup_that_cannot_be_read_is_half_done() {
    let broken = json!({"exit": 1, "stdout": "", "stderr": "ERROR It looks like the backup archive 'evening' is corrupted : x\n"});
    let check = |names: &str, info: Value| {
        let remote = Scripted::new(answers(vec![info, printed(names)]));
        async move { record(&given("backup-create", vec![("name", text("evening"))])).check(&remote).await }
    };
    assert_eq!(why(&check(r#"{"archives": ["evening"]}"#, broken.clone()).await.expect("a check")), "found.backup-not-readable");
    assert!(check(r#"{"archives": []}"#, broken).await.is_err());
    let unknown = json!({"exit": 1, "stdout": "", "stderr": "ERROR Unknown local backup archive named 'evening'\n"});
    assert_eq!(why(&check(r#"{"archives": []}"#, unknown).await.expect("a check")), "found.missing");
}

/// An archive of these applications, which the seed knows how to bring back.
fn archive(apps: &[&str]) -> Value {
    let app = |id: &str| {
        json!({"id": id, "settings": {"_permissions": {"main": {"url": "/", "allowed": [], "additional_urls": [],
        "auth_header": true, "protected": false, "show_tile": true}}}, "manifest": {"name": id, "version": "1.0~ynh1",
        "description": {"en": ""}, "resources": {}}, "upgrade": {"status": "up_to_date"}, "from_catalog": {}, "logo": null,
        "is_default": false, "supports": {}})
    };
    let each = |value: &dyn Fn(&str) -> Value| apps.iter().map(|id| ((*id).to_owned(), value(id))).collect::<serde_json::Map<_, _>>();
    json!({"apps": each(&|_| json!({"version": "1.0~ynh1"})), "saved": each(&app), "system": {"conf_ldap": {}, "data_home": {}}})
}

#[tokio::test]
async fn applications_come_back_from_a_backup() {
    let lab = StandIn::seeded(&json!({"backups": {"old": archive(&["wiki", "shop", "nextcloud"])}, "failing": {"restore": ["shop"]}}));
    // Onto one that is installed, not even by force.
    let all = || vec![("name", text("old"))];
    assert_eq!(lab.refused("backup-restore", all()).await, foreseen(Cause::AppInstalled, "nextcloud"));
    assert_eq!(lab.unguarded("backup-restore", all()).await.cause, Some(Cause::AppInstalled));

    let some = |apps: &[&str]| vec![("name", text("old")), ("apps", list(apps))];
    assert_eq!(lab.refused("backup-restore", some(&["wiki", "moon"])).await, foreseen(Cause::NotInBackup, "moon"));
    let record = lab.through("backup-restore", some(&["wiki", "shop"]), Verdict::HalfDone).await;
    assert_eq!(why(&record.check(&lab.remote).await.expect("a check")), "found.not-restored");
    lab.through("backup-restore", some(&["shop"]), Verdict::NotDone).await;
    assert_eq!(lab.refused("backup-restore", vec![("name", text("none"))]).await, foreseen(Cause::BackupUnknown, "none"));

    // The half that was not asked for: of a name that the archive lacks YunoHost only complains.
    let lab = StandIn::seeded(&json!({"backups": {"old": archive(&["wiki"])}}));
    let said = lab.unguarded("backup-restore", some(&["wiki", "moon"])).await;
    assert_eq!((said.cause, said.exit.is_success()), (Some(Cause::NotInBackup), true));
    let lab = StandIn::seeded(&json!({"backups": {"old": archive(&["wiki"])}}));
    let record = lab.through("backup-restore", all(), Verdict::Done).await;
    assert_eq!(record.given["apps"], json!(["wiki"]), "the plan names what comes back");
}

#[tokio::test]
async fn parts_of_the_system_come_back_by_themselves() {
    let seed =
        |failing: &[&str]| json!({"backups": {"old": archive(&["wiki"]), "apps": {"apps": {"wiki": {}}}}, "failing": {"restore": failing}});
    let lab = StandIn::seeded(&seed(&[]));
    let old = || vec![("name", text("old"))];
    let record = lab.through("backup-restore-system", old(), Verdict::Done).await;
    assert_eq!(record.given["system"], json!(["conf_ldap", "data_home"]), "and no application");
    let part = vec![("name", text("old")), ("system", list(&["conf_moon"]))];
    assert_eq!(lab.refused("backup-restore-system", part).await, foreseen(Cause::NotInBackup, "conf_moon"));
    assert_eq!(lab.refused("backup-restore-system", vec![("name", text("apps"))]).await, foreseen(Cause::NotInBackup, "apps"));

    let lab = StandIn::seeded(&seed(&["data_home"]));
    lab.through("backup-restore-system", old(), Verdict::HalfDone).await;
}

#[tokio::test]
async fn an_update_that_fetched_nothing_is_seen() {
    let lab = StandIn::new();
    lab.through("tools-update", vec![], Verdict::Done).await;
    let record = lab.through("tools-update", vec![("target", text("apps"))], Verdict::Done).await;
    assert!(record.before.is_u64());

    let offline = json!({"catalog": {"source": "unreachable"}, "package_sources": {"reachable": false, "dump": ["deb x"]}});
    let lab = StandIn::seeded(&offline);
    lab.through("tools-update", vec![("target", text("apps"))], Verdict::NotDone).await;
    lab.through("tools-update", vec![], Verdict::NotDone).await;
    let said = lab.unguarded("tools-update", vec![("target", text("system"))]).await;
    assert_eq!((said.cause, said.exit.is_success()), (Some(Cause::PackagesUnreachable), true));

    // A host that is told to fetch no catalog says that it did.
    let lab = StandIn::seeded(&json!({"catalog": {"source": "none"}}));
    let record = lab.through("tools-update", vec![("target", text("apps"))], Verdict::Done).await;
    assert_eq!(why(&record.check(&lab.remote).await.expect("a check")), "found.catalog-as-before");
}

#[tokio::test]
async fn an_upgrade_is_judged_by_what_still_waits() {
    let packages = json!({"misc": [{"name": "openssl", "current_version": "3.0.20", "new_version": "3.0.22"},
        {"name": "tzdata", "current_version": "2026b", "new_version": "2026f"}],
        "yunohost": [{"name": "yunohost", "current_version": "12.0.17", "new_version": "12.1.25"}]});
    let target = |target| vec![("target", text(target))];

    let lab = StandIn::seeded(&json!({"packages": packages, "package_sources": {"reachable": false}}));
    let (_, answers) = surveyed_with(&lab.remote, &[PendingUpgrades::question()]).await.expect("a YunoHost");
    let Part::Read { value: pending } = PendingUpgrades::read(&answers[0]) else { unreachable!("it was read") };
    assert!(pending.important_yunohost_upgrade);
    let record = lab.through("tools-upgrade", target("system"), Verdict::NotHeldThoughSaid).await;
    assert_eq!(record.before, json!(["openssl", "tzdata", "yunohost"]));

    let lab = StandIn::seeded(&json!({"packages": packages, "failing": {"upgrade": ["tzdata", "wordpress__2"]}}));
    lab.through("tools-upgrade", target("system"), Verdict::HalfDone).await;
    let record = lab.through("tools-upgrade", target("apps"), Verdict::HalfDone).await;
    assert_eq!(record.before, json!(["nextcloud", "wordpress__2"]));
    // Once more: only the one that failed waits.
    lab.through("tools-upgrade", target("apps"), Verdict::NotDone).await;

    let lab = StandIn::seeded(&json!({"packages": packages}));
    lab.through("tools-upgrade", target("system"), Verdict::Done).await;
    lab.through("tools-upgrade", target("apps"), Verdict::Done).await;
    lab.through("tools-upgrade", target("apps"), Verdict::Done).await;
}

#[tokio::test]
async fn migrations_are_accepted_run_and_seen_done() {
    let waiting = || {
        json!({"migrations": [migration(40, "first", "auto", Value::Null), migration(41, "terms", "manual", json!("Read this.")),
            migration(42, "broken", "auto", Value::Null)], "failing": {"migration": ["0042_broken"]}})
    };
    let lab = StandIn::seeded(&waiting());
    let targets = |names: &[&str]| vec![("targets", list(names))];
    assert_eq!(lab.refused("tools-migrations-run", vec![]).await, foreseen(Cause::DisclaimerNotAccepted, "0041_terms"));
    assert!(lab.unguarded("tools-migrations-run", targets(&["terms"])).await.succeeded, "without it, YunoHost ends well and did nothing");
    assert_eq!(lab.refused("tools-migrations-run", targets(&["moon"])).await, foreseen(Cause::NameUnknown, "moon"));
    assert_eq!(lab.unguarded("tools-migrations-run", targets(&["moon"])).await.cause, Some(Cause::NameUnknown));
    assert_eq!(
        lab.refused("tools-migrations-run", vec![("skip", ON)]).await,
        foreseen(Cause::InvalidArgument, "skip, force-rerun, auto"),
        "nothing is skipped that was not named"
    );

    let notes = lab.warned("tools-migrations-run", vec![("accept-disclaimer", ON)]).await;
    let keys: Vec<_> = notes.iter().map(|note| note.key).collect();
    let (migration, first) = ("note.ynh-migration", ["warning.ynh-upgrades-first", "warning.ynh-backup-first"]);
    assert_eq!(keys[..4], [migration, migration, "note.ynh-disclaimer", migration]);
    assert!(keys[4..].iter().all(|key| first.contains(key)) && keys.contains(&first[0]), "{keys:?}");
    assert!(notes[2].values.iter().any(|(_, value)| value == "Read this."), "{notes:?}");
    let record = lab.through("tools-migrations-run", vec![("accept-disclaimer", ON)], Verdict::HalfDone).await;
    assert_eq!(record.before, json!(["0040_first", "0041_terms", "0042_broken"]));
    lab.through("tools-migrations-run", targets(&["0042"]), Verdict::NotDone).await;
    assert_eq!(lab.refused("tools-migrations-run", targets(&["0040"])).await, foreseen(Cause::NotPending, "0040_first"));
    assert_eq!(lab.unguarded("tools-migrations-run", targets(&["0040"])).await.cause, Some(Cause::NotPending));
    let again = vec![("targets", list(&["first"])), ("force-rerun", ON)];
    lab.through("tools-migrations-run", again, Verdict::Done).await;
    let skip = vec![("targets", list(&["broken"])), ("skip", ON)];
    lab.through("tools-migrations-run", skip, Verdict::Done).await;

    let lab = StandIn::seeded(&waiting());
    let record = lab.through("tools-migrations-run", vec![("auto", ON)], Verdict::HalfDone).await;
    assert_eq!(record.before, json!(["0040_first", "0042_broken"]), "those for a person's hand are left");
    let nothing = StandIn::seeded(&json!({"migrations": []}));
    assert_eq!(nothing.refused("tools-migrations-run", vec![]).await, foreseen(Cause::NothingToMigrate, ""));
}

#[tokio::test]
async fn a_bare_host_is_installed_once() {
    let lab = StandIn::seeded(&json!({"installed": false, "users": [], "groups": [], "apps": []}));
    let first = |password, domain| {
        vec![
            ("domain", text(domain)),
            ("username", text("camille")),
            ("fullname", text("Camille Dubois")),
            ("password", secret(password)),
            ("accept-terms", ON),
        ]
    };
    let weak = lab.unguarded("tools-postinstall", first("password", "new.example")).await;
    assert!(matches!(weak.cause, Some(Cause::PasswordListed | Cause::PasswordTooSimple)));
    let dynamic = lab.refused("tools-postinstall", first("Canary-Passw0rd-1", "new.nohost.me")).await;
    assert_eq!(dynamic, foreseen(Cause::NeedsTerminal, "dyndns-recovery-password"));
    lab.through("tools-postinstall", first("password", "new.example"), Verdict::NotDone).await;
    let record = lab.through("tools-postinstall", first("Canary-Passw0rd-1", "new.example"), Verdict::Done).await;
    assert!(!format!("{record:?}").contains("Canary"));

    let again = lab.refused("tools-postinstall", first("Canary-Passw0rd-1", "new.example")).await;
    assert_eq!(again, foreseen(Cause::AlreadyPostInstalled, ""));
    let said = lab.unguarded("tools-postinstall", first("Canary-Passw0rd-1", "new.example")).await;
    assert_eq!(said.cause, Some(Cause::AlreadyPostInstalled));
    lab.through("tools-rootpw", vec![("password", secret("Canary-Passw0rd-2"))], Verdict::Done).await;
    lab.through("tools-rootpw", vec![("password", secret("password"))], Verdict::NotDone).await;
}

#[tokio::test]
async fn a_bare_host_without_a_network_is_installed_though_a_hook_complains() {
    let seed =
        json!({"installed": false, "users": [], "groups": [], "apps": [], "no_catalog": true, "package_sources": {"reachable": false}});
    let lab = StandIn::seeded(&seed);
    let raw = vec![
        ("domain", text("new.example")),
        ("username", text("camille")),
        ("fullname", text("Camille Dubois")),
        ("password", secret("Canary-Passw0rd-1")),
        ("accept-terms", ON),
    ];
    lab.through("tools-postinstall", raw, Verdict::HeldThoughFailed).await;
}

#[tokio::test]
async fn configuration_changed_by_hand_is_left_unless_it_is_forced() {
    let lab =
        StandIn::seeded(&json!({"pending_conf": {"nginx": {"/etc/nginx/nginx.conf": "/var/cache/yunohost/regenconf/pending/nginx"}}}));
    let names = |names: &[&str]| vec![("categories", list(names))];
    lab.through("tools-regen-conf", names(&["postfix"]), Verdict::Done).await;
    let record = lab.through("tools-regen-conf", vec![], Verdict::HalfDone).await;
    assert_eq!(why(&record.check(&lab.remote).await.expect("a check")), "found.changed-by-hand");
    lab.through("tools-regen-conf", vec![("categories", list(&["nginx"])), ("overwrite", ON)], Verdict::Done).await;
    lab.through("tools-regen-conf", vec![], Verdict::Done).await;
    assert_eq!(lab.refused("tools-regen-conf", names(&["moon"])).await, foreseen(Cause::NameUnknown, "moon"));
    assert!(lab.unguarded("tools-regen-conf", names(&["postfix", "moon"])).await.succeeded, "it is passed by without a word");
}

#[tokio::test]
async fn a_reboot_shows_and_what_cannot_be_seen_is_said_so() {
    let lab = StandIn::new();
    let record = lab.through("tools-reboot", vec![], Verdict::Done).await;
    assert_eq!(record.check(&lab.remote).await.expect("a check"), CheckResult::Held);
    let record = lab.through("tools-shutdown", vec![], Verdict::Done).await;
    assert_eq!(why(&record.check(&lab.remote).await.expect("a check")), "found.still-up");
    let record = lab.through("tools-basic-space-cleanup", vec![], Verdict::Done).await;
    assert_eq!(why(&record.check(&lab.remote).await.expect("a check")), "found.not-shown");
}

#[tokio::test]
async fn the_diagnosis_is_run_and_findings_are_ignored() {
    let found = json!({"found": {"ip": [{"meta": {"test": "ping"}, "status": "SUCCESS", "summary": "ok"}],
        "services": [{"meta": {"service": "paperless_webserver"}, "status": "ERROR", "summary": "Service paperless_webserver is dead :("}]}});
    let lab = StandIn::seeded(&json!({ "diagnosis": found }));
    let filter = |words: &[&str]| vec![("filter", list(words))];
    let service = || filter(&["services", "service=paperless_webserver"]);
    assert_eq!(lab.refused("diagnosis-ignore", service()).await, foreseen(Cause::NoSuchFinding, "services service=paperless_webserver"));
    assert_eq!(lab.unguarded("diagnosis-ignore", service()).await.cause, Some(Cause::Traceback), "before the first report it breaks off");

    // The findings are told in lines that begin as those of failures do.
    lab.through("diagnosis-run", vec![], Verdict::HeldThoughFailed).await;
    lab.through("diagnosis-run", vec![("categories", list(&["ip", "apps"]))], Verdict::Done).await;
    assert_eq!(lab.refused("diagnosis-run", vec![("categories", list(&["moon"]))]).await, foreseen(Cause::NameUnknown, "moon"));
    assert_eq!(lab.unguarded("diagnosis-run", vec![("categories", list(&["moon"]))]).await.cause, Some(Cause::NameUnknown));

    lab.through("diagnosis-ignore", service(), Verdict::Done).await;
    let (_, answers) = surveyed_with(&lab.remote, &[Diagnosis::question()]).await.expect("a YunoHost");
    let Part::Read { value: diagnosis } = Diagnosis::read(&answers[0]) else { unreachable!("it was read") };
    assert_eq!(diagnosis.troubles().count(), 0, "it is ignored");
    let other = || filter(&["services", "service=moon"]);
    assert_eq!(lab.refused("diagnosis-ignore", other()).await, foreseen(Cause::NoSuchFinding, "services service=moon"));
    assert_eq!(lab.unguarded("diagnosis-ignore", other()).await.cause, Some(Cause::NoSuchFinding));
    assert_eq!(lab.refused("diagnosis-ignore", filter(&["moon"])).await, foreseen(Cause::NameUnknown, "moon"));
    assert_eq!(lab.refused("diagnosis-ignore", filter(&["ip", "test"])).await, foreseen(Cause::InvalidArgument, "test"));

    assert_eq!(lab.refused("diagnosis-unignore", other()).await, foreseen(Cause::NoSuchFinding, "services service=moon"));
    assert!(lab.unguarded("diagnosis-unignore", other()).await.succeeded, "of a filter that is not there YunoHost only warns");
    lab.through("diagnosis-unignore", service(), Verdict::Done).await;
}

#[tokio::test]
async fn an_isolated_host_is_diagnosed_as_far_as_it_can_be() {
    let found = json!({"found": {"ip": [{"meta": {"test": "ping"}, "status": "ERROR",
        "summary": "The server does not seem to be connected to the Internet at all!?"}]}});
    let lab = StandIn::seeded(&json!({ "diagnosis": found }));
    lab.through("diagnosis-run", vec![], Verdict::HeldThoughFailed).await;
    let needs_it = lab.through("diagnosis-run", vec![("categories", list(&["mail"]))], Verdict::NotDone).await;
    assert_eq!(why(&needs_it.check(&lab.remote).await.expect("a check")), "found.no-new-report");
    let (_, answers) = surveyed_with(&lab.remote, &[Diagnosis::question()]).await.expect("a YunoHost");
    let Part::Read { value: diagnosis } = Diagnosis::read(&answers[0]) else { unreachable!("it was read") };
    assert!(diagnosis.is_isolated());
    assert_eq!(diagnosis.waits_for_internet().collect::<Vec<_>>(), ["dnsrecords", "ports", "web", "mail"]);
    assert_eq!(diagnosis.troubles().count(), 0);
}

#[tokio::test]
async fn an_operation_whose_end_was_not_seen_is_found_in_the_journal_of_the_host() {
    let lab = StandIn::seeded(&json!({"backups": {"old": archive(&["wiki", "shop"])}, "failing": {"restore": ["shop"]}}));
    let before = jiff::Timestamp::now();
    let both = vec![("name", text("old")), ("apps", list(&["wiki", "shop"]))];
    let restored = lab.through("backup-restore", both, Verdict::HalfDone).await;
    let made = lab.through("backup-create", vec![], Verdict::Done).await;

    let (_, answers) = surveyed_with(&lab.remote, &[LoggedOperation::list_question(50)]).await.expect("a YunoHost");
    let Part::Read { value: journal } = LoggedOperation::read_list(&answers[0]) else { unreachable!("it was read") };
    let first = LoggedOperation::find(&journal, &restored, before).expect("an entry");
    assert_eq!((first.end, first.started_by.as_deref()), (LoggedEnd::Succeeded, Some("root")));
    assert!(first.name.ends_with("-backup_restore_app-wiki"), "{}", first.name);
    assert_eq!(LoggedOperation::find(&journal, &made, before).map(|entry| entry.end), Some(LoggedEnd::Succeeded));
    let later = before + jiff::SignedDuration::from_hours(1);
    assert_eq!(LoggedOperation::find(&journal, &restored, later), None, "an older one is another one");

    let failed = journal.iter().find(|entry| entry.end == LoggedEnd::Failed).expect("one that failed");
    let (_, answers) = surveyed_with(&lab.remote, &[LoggedOperation::show_question(&failed.name)]).await.expect("a YunoHost");
    let Part::Read { value: shown } = LoggedOperation::read_show(&answers[0]) else { unreachable!("it was read") };
    assert_eq!((shown.end, shown.name.as_str()), (LoggedEnd::Failed, failed.name.as_str()));
    assert!(shown.error.expect("a reason").starts_with("Could not restore shop"));
}
