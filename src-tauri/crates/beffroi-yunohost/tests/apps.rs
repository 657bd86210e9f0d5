//! Operations on applications, through the lab's stand-in.

mod common;

use std::collections::BTreeMap;

use beffroi_secret::SecretText;
use beffroi_yunohost::{
    Cause, CheckResult, LocalPackage, Origin, Outcome, PanelOf, Raw, ReadError, Refusal, Setting, Verdict, read_manifest, read_panels,
};
use common::{ON, Scripted, StandIn, answers, given, list, printed, record, recording, text};
use serde_json::json;

const DOMAIN: &str = "atelier-dubois.example";

/// Answers, those that begin with `!` as secrets.
fn settings(values: &[(&str, &str)]) -> Raw {
    let setting = |value: &str| match value.strip_prefix('!') {
        Some(secret) => Setting::Secret(SecretText::new(secret.to_owned())),
        None => Setting::Shown(value.to_owned()),
    };
    Raw::Settings(values.iter().map(|(name, value)| ((*name).to_owned(), setting(value))).collect::<BTreeMap<_, _>>())
}

fn wiki(more: &[(&str, &str)]) -> Vec<(&'static str, Raw)> {
    let answers = [&[("domain", DOMAIN), ("path", "/wiki"), ("password", "!Canary-Passw0rd-1")][..], more].concat();
    // The site at the root of the other domain leaves no room there: one with no application.
    vec![("source", text("dokuwiki")), ("answers", settings(&answers))]
}

/// A host where a domain has room.
fn roomy() -> StandIn {
    StandIn::seeded(&json!({"domains": [DOMAIN, "room.example"], "main_domain": "room.example", "apps": []}))
}

fn cause(refusal: &Refusal) -> Cause {
    match refusal {
        Refusal::Foreseen { cause, .. } | Refusal::NotRead { cause, .. } => *cause,
    }
}

#[tokio::test]
async fn an_application_is_installed_with_its_defaults_named() {
    let lab = roomy();
    let record = lab.through("app-install", wiki(&[("motto", "h&i thére=")]), Verdict::Done).await;
    let args = &record.given["answers"];
    assert_eq!((&args["language"], &args["pages"], &args["admin"]), (&"fr".into(), &"3".into(), &"camille".into()));
    assert_eq!((&args["password"], &record.before["package"]), (&serde_json::Value::Null, &"dokuwiki".into()));
    // Again, at another place: a second instance.
    let second = vec![
        ("source", text("dokuwiki")),
        ("label", text("Second")),
        ("answers", settings(&[("path", "/w2"), ("password", "!Other-Passw0rd-1")])),
    ];
    let second = lab.through("app-install", second, Verdict::Done).await;
    assert_eq!(second.before["instances"], json!(["dokuwiki"]));
    assert_eq!(second.check(&lab.remote).await.expect("a check"), CheckResult::Held, "again, by a later program");
}

#[tokio::test]
async fn what_yunohost_would_take_or_leave_without_a_word_is_refused() {
    let lab = roomy();
    for (answers, expected) in [
        (&[("nosuch", "1")][..], Cause::AnswerUnknown),
        (&[("language", "de")], Cause::InvalidArgument),
        (&[("pages", "10")], Cause::InvalidArgument),
        (&[("admin", "nobody")], Cause::InvalidArgument),
        (&[("domain", "nowhere.example")], Cause::InvalidArgument),
        (&[("password", "in-the-open")], Cause::SettingIsSecret),
    ] {
        assert_eq!(cause(&lab.refused("app-install", wiki(answers)).await), expected, "{answers:?}");
    }
    let missing = vec![("source", text("dokuwiki")), ("answers", settings(&[("path", "/wiki")]))];
    assert_eq!(cause(&lab.refused("app-install", missing).await), Cause::AnswerMissing);
    // Without the guard: an answer to no question has no effect, and YunoHost says that all is well.
    assert!(lab.unguarded("app-install", wiki(&[("nosuch", "1"), ("admin", "camille")])).await.succeeded);
    let missing = vec![("source", text("dokuwiki")), ("answers", settings(&[("path", "/w2")]))];
    assert_eq!(lab.unguarded("app-install", missing).await.cause, Some(Cause::AnswerMissing));
}

#[tokio::test]
async fn a_host_that_is_not_what_an_application_needs_is_not_asked() {
    let lab = roomy();
    let source = |source: &str| vec![("source", text(source))];
    for (name, expected) in [
        ("bigsearch", Cause::RequirementNotMet),
        ("faraway", Cause::SourceUnreachable),
        ("nosuch", Cause::AppNotInCatalog),
        ("/root/apps/nosuch_ynh", Cause::AppNotInCatalog),
        ("oldchat", Cause::AppNotVouchedFor),
        ("/root/apps/atelier_ynh", Cause::AppNotVouchedFor),
    ] {
        assert_eq!(cause(&lab.refused("app-install", source(name)).await), expected, "{name}");
    }
    // Of level 1, YunoHost installs it without the question that it asks on a terminal.
    assert!(lab.unguarded("app-install", source("oldchat")).await.succeeded);
    assert_eq!(lab.unguarded("app-install", source("/root/apps/atelier_ynh")).await.cause, Some(Cause::NeedsTerminal));
    assert_eq!(lab.unguarded("app-install", source("faraway")).await.cause, Some(Cause::SourceUnreachable));
    assert_eq!(lab.unguarded("app-install", source("bigsearch")).await.cause, Some(Cause::RequirementNotMet));

    lab.through("app-install", source("onlyone"), Verdict::Done).await;
    let twice = vec![("source", text("onlyone")), ("answers", settings(&[("path", "/two")]))];
    assert_eq!(cause(&lab.refused("app-install", twice).await), Cause::RequirementNotMet);
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused() {
    let lab = StandIn::new();
    let refused = lab.refused("app-install", wiki(&[])).await;
    assert_eq!(cause(&refused), Cause::UrlTaken, "the whole domain is another application's");
    assert_eq!(lab.unguarded("app-install", wiki(&[("admin", "camille")])).await.cause, Some(Cause::UrlTaken));
}

#[tokio::test]
async fn a_host_without_a_catalog_is_told_before() {
    let lab = StandIn::seeded(&json!({"no_catalog": true}));
    let folder = vec![("source", text("/root/apps/atelier_ynh")), ("force", ON)];
    for (operation, raw) in [
        ("app-install", folder),
        ("app-upgrade", vec![("apps", list(&["nextcloud"]))]),
        ("app-remove", vec![("app", text("roundcube"))]),
        ("app-ssowatconf", vec![]),
    ] {
        assert_eq!(cause(&lab.refused(operation, raw).await), Cause::CatalogUnreachable, "{operation}");
    }
    // What happens then: it is gone, and YunoHost says that it failed.
    let record = record(&given("app-remove", vec![("app", text("roundcube"))]));
    let outcome = lab.unguarded("app-remove", vec![("app", text("roundcube"))]).await;
    assert_eq!(outcome.cause, Some(Cause::CatalogUnreachable));
    assert_eq!(Verdict::of(&outcome, &record.check(&lab.remote).await.expect("a check")), Verdict::HeldThoughFailed);
}

#[tokio::test]
async fn an_installation_that_fails_leaves_nothing_or_is_told() {
    let lab = roomy();
    let atelier = |fail| {
        vec![("source", text("/root/apps/atelier_ynh")), ("force", ON), ("answers", settings(&[("domain", DOMAIN), ("fail", fail)]))]
    };
    lab.through("app-install", atelier("1"), Verdict::NotDone).await;
    lab.through("app-install", vec![("source", text("nosources"))], Verdict::NotDone).await;
    lab.through("app-install", atelier("0"), Verdict::Done).await;

    // Left behind: its journal says that it failed.
    let mut record = record(&given("app-install", atelier("0")));
    record.before = json!({"package": "hextris", "instances": [], "log": "20261121-000000-user_create-a"});
    let app = json!({"apps": [{"id": "hextris", "name": "Hextris", "version": "1"}]}).to_string();
    let permission = json!({"permissions": {"hextris.main": {}}}).to_string();
    let journal = |success: bool| json!({"operation": [{"name": "20261121-000100-app_install-hextris", "success": success}]}).to_string();
    let check = record.check(&Scripted::new(answers(vec![printed(&app), printed(&permission), printed(&journal(false))]))).await;
    let CheckResult::Half(message) = check.expect("a check") else { unreachable!("half") };
    assert_eq!(message.key, "found.app-left-by-failure");
    let check = record.check(&Scripted::new(answers(vec![printed(&app), printed(&permission), printed(&journal(true))]))).await;
    assert_eq!(check.expect("a check"), CheckResult::Held);
    let check = record.check(&Scripted::new(answers(vec![printed(&app), printed("{\"permissions\": {}}"), printed(&journal(true))]))).await;
    assert!(matches!(check.expect("a check"), CheckResult::Half(_)), "nobody may use it");
}

#[tokio::test]
async fn an_upgrade_that_was_rolled_back_is_not_done_though_the_status_is_0() {
    let lab = StandIn::new();
    let apps = |names: &[&str]| vec![("apps", list(names))];
    let record = lab.through("app-upgrade", apps(&["wordpress__2"]), Verdict::NotDone).await;
    assert_eq!(record.before["versions"]["wordpress__2"], "6.8.1~ynh2");
    lab.through("app-upgrade", apps(&["nextcloud"]), Verdict::Done).await;

    // What was recorded on a real one: status 0, an ERROR line, the version as before.
    let recorded = recording("149");
    let outcome = Outcome::read(recorded.stdout.as_bytes(), recorded.stderr.as_bytes(), &recorded.exit);
    assert_eq!((outcome.succeeded, outcome.cause), (false, Some(Cause::AppScriptFailed)));
}

#[tokio::test]
async fn an_upgrade_of_all_names_them_and_tells_which_were_left() {
    let lab = StandIn::new();
    let record = lab.through("app-upgrade", vec![("continue-on-failure", ON)], Verdict::HalfDone).await;
    assert_eq!(record.given["apps"], json!(["nextcloud", "wordpress__2"]));
    let CheckResult::Half(message) = record.check(&lab.remote).await.expect("a check") else { unreachable!("half") };
    assert_eq!(message.values, [("done", "nextcloud".to_owned()), ("left", "wordpress__2".to_owned())]);
    // Then one is left that fails; with only it, nothing is done.
    lab.through("app-upgrade", vec![], Verdict::NotDone).await;
}

#[tokio::test]
async fn what_cannot_be_upgraded_is_not_sent() {
    let lab = StandIn::new();
    let refused = async |raw| cause(&lab.refused("app-upgrade", raw).await);
    assert_eq!(refused(vec![("apps", list(&["nosuch"]))]).await, Cause::AppUnknown);
    assert_eq!(refused(vec![("apps", list(&["nextcloud", "roundcube"]))]).await, Cause::NothingToUpgrade);
    assert_eq!(refused(vec![("source", text("/root/apps/atelier_ynh"))]).await, Cause::InvalidArgument);
    let two = vec![("source", text("/root/apps/atelier_ynh")), ("apps", list(&["roundcube", "nextcloud"]))];
    assert_eq!(refused(two).await, Cause::InvalidArgument);
    let none = StandIn::seeded(&json!({"apps": []}));
    assert_eq!(cause(&none.refused("app-upgrade", vec![]).await), Cause::NothingToUpgrade);
    // Left out without a word where another one is upgraded.
    assert!(lab.unguarded("app-upgrade", vec![("apps", list(&["nextcloud", "roundcube"]))]).await.succeeded);
    assert_eq!(lab.unguarded("app-upgrade", vec![("apps", list(&["roundcube"]))]).await.cause, Some(Cause::NothingToUpgrade));
    // To the same version, which the version alone cannot show.
    lab.through("app-upgrade", vec![("apps", list(&["roundcube"])), ("even-if-up-to-date", ON)], Verdict::Done).await;
}

#[tokio::test]
async fn an_application_that_did_not_come_back_is_told() {
    let upgrade = given("app-upgrade", vec![("apps", list(&["a", "b"]))]);
    let mut record = record(&upgrade);
    record.before = json!({"versions": {"a": "1", "b": "1"}, "log": null});
    let apps = json!({"apps": [{"id": "a", "version": "2"}]}).to_string();
    let check = record.check(&Scripted::new(answers(vec![printed(&apps), printed("{\"operation\": []}")]))).await.expect("a check");
    let CheckResult::Half(message) = check else { unreachable!("half") };
    assert_eq!((message.key, message.values), ("found.apps-lost", vec![("apps", "b".to_owned())]));
}

#[tokio::test]
async fn an_application_is_removed_with_its_permissions() {
    let lab = StandIn::new();
    assert_eq!(cause(&lab.refused("app-remove", vec![("app", text("nosuch"))]).await), Cause::AppUnknown);
    assert_eq!(lab.unguarded("app-remove", vec![("app", text("nosuch"))]).await.cause, Some(Cause::AppUnknown));
    let record = lab.through("app-remove", vec![("app", text("vaultwarden")), ("purge", ON)], Verdict::Done).await;
    let gone = json!({"apps": []}).to_string();
    let left = json!({"permissions": {"vaultwarden.admin": {}}}).to_string();
    let check = record.check(&Scripted::new(answers(vec![printed(&gone), printed(&left)]))).await.expect("a check");
    assert!(matches!(check, CheckResult::Half(_)));
    let still = json!({"apps": [{"id": "vaultwarden"}]}).to_string();
    let check = record.check(&Scripted::new(answers(vec![printed(&still), printed(&left)]))).await.expect("a check");
    assert!(matches!(check, CheckResult::NotHeld(_)));
}

#[tokio::test]
async fn an_application_moves_only_to_where_there_is_room() {
    let lab = StandIn::new();
    let to = |app: &str, domain: &str, path: &str| vec![("app", text(app)), ("domain", text(domain)), ("path", text(path))];
    let room = "cloud.atelier-dubois.example";
    for (raw, expected) in [
        (to("paperless-ngx", room, "/vault"), Cause::UrlTaken),
        (to("paperless-ngx", room, "/paperless"), Cause::UrlTaken),
        (to("paperless-ngx", "nowhere.example", "/p"), Cause::DomainUnknown),
        (to("nosuch", room, "/p"), Cause::AppUnknown),
        (to("vaultwarden", DOMAIN, "/v"), Cause::ChangeUrlUnsupported),
    ] {
        assert_eq!(cause(&lab.refused("app-change-url", raw).await), expected);
    }
    assert_eq!(lab.unguarded("app-change-url", to("paperless-ngx", room, "/vault")).await.cause, Some(Cause::UrlTaken));
    assert_eq!(lab.unguarded("app-change-url", to("vaultwarden", DOMAIN, "/v")).await.cause, Some(Cause::ChangeUrlUnsupported));

    let lab = roomy();
    lab.through("app-install", vec![("source", text("onlyone"))], Verdict::Done).await;
    let record = lab.through("app-change-url", to("onlyone", DOMAIN, "/moved"), Verdict::Done).await;
    let at = |place: &str| json!({"apps": [{"id": "onlyone", "domain_path": place}]}).to_string();
    let map = json!({}).to_string();
    let check = record.check(&Scripted::new(answers(vec![printed(&at("room.example/one")), printed(&map)]))).await.expect("a check");
    assert!(matches!(check, CheckResult::NotHeld(_)));
    let check =
        record.check(&Scripted::new(answers(vec![printed(&at("atelier-dubois.example/moved")), printed(&map)]))).await.expect("a check");
    assert!(matches!(check, CheckResult::Half(_)), "its settings say so, nobody is led there");
}

#[tokio::test]
async fn labels_and_settings_are_looked_for() {
    let lab = StandIn::new();
    lab.through("app-change-label", vec![("app", text("roundcube")), ("label", text("Courriel"))], Verdict::Done).await;
    assert_eq!(
        cause(&lab.refused("app-change-label", vec![("app", text("roundcube")), ("label", text(" "))]).await),
        Cause::InvalidArgument
    );
    let key = |key: &str| vec![("app", text("roundcube")), ("setting", text(key))];
    let set = |name: &str, value: &str| [key(name), vec![("value", text(value))]].concat_raw();
    lab.through("app-setting-set", set("lab_key", "a value"), Verdict::Done).await;
    lab.through("app-setting-unset", key("lab_key"), Verdict::Done).await;
    assert_eq!(cause(&lab.refused("app-setting-unset", key("lab_key")).await), Cause::SettingUnknown);
    assert!(lab.unguarded("app-setting-unset", key("lab_key")).await.succeeded, "says nothing of a key that is not there");
    assert_eq!(cause(&lab.refused("app-setting-set", set("path", "/x")).await), Cause::SettingProtected);
    // Without the guard: YunoHost now looks for it where nothing answers.
    assert!(lab.unguarded("app-setting-set", set("path", "/x")).await.succeeded);
    lab.through("app-dismiss-notification", vec![("app", text("roundcube")), ("notification", text("post_install"))], Verdict::Done).await;
    lab.through("app-ssowatconf", vec![], Verdict::Done).await;
}

/// Joins lists of values, which cannot be copied.
trait ConcatRaw {
    fn concat_raw(self) -> Vec<(&'static str, Raw)>;
}

impl<const N: usize> ConcatRaw for [Vec<(&'static str, Raw)>; N] {
    fn concat_raw(self) -> Vec<(&'static str, Raw)> {
        self.into_iter().flatten().collect()
    }
}

#[tokio::test]
async fn the_root_of_a_domain_leads_to_an_application() {
    let makedefault = given("app-makedefault", vec![("app", text("a")), ("domain", text(DOMAIN))]);
    let undo = given("app-makedefault-undo", vec![("app", text("a")), ("domain", text(DOMAIN))]);
    for (now, made, unmade) in [("\"a\"", true, false), ("\"b\"", false, false), ("\"_none\"", false, true)] {
        let check = async |given: &_| record(given).check(&Scripted::new(answers(vec![printed(now)]))).await.expect("a check");
        assert_eq!(check(&makedefault).await == CheckResult::Held, made, "{now}");
        assert_eq!(check(&undo).await == CheckResult::Held, unmade, "{now}");
    }
    let lab = StandIn::new();
    assert_eq!(cause(&lab.refused("app-makedefault", vec![("app", text("nosuch"))]).await), Cause::AppUnknown);
    let elsewhere = vec![("app", text("roundcube")), ("domain", text("nowhere.example"))];
    assert_eq!(cause(&lab.refused("app-makedefault", elsewhere).await), Cause::DomainUnknown);
}

fn config(more: Vec<(&'static str, Raw)>) -> Vec<(&'static str, Raw)> {
    [vec![("app", text("nextcloud"))], more].concat_raw()
}

#[tokio::test]
async fn a_panel_is_set_and_looked_at() {
    let lab = StandIn::new();
    let one = config(vec![("setting", text("main.general.max_upload")), ("value", text("1024"))]);
    let record = lab.through("app-config-set", one, Verdict::Done).await;
    assert_eq!(record.before, json!({"main.general.max_upload": "512"}));
    let several = settings(&[("system_addressbook_exposed", "no"), ("maintenance_window", "never")]);
    lab.through("app-config-set", config(vec![("values", several)]), Verdict::Done).await;
    let secret = settings(&[("admin_password", "!Canary-Passw0rd-2"), ("max_upload", "7")]);
    let record = lab.through("app-config-set", config(vec![("setting", text("main")), ("values", secret)]), Verdict::Done).await;
    assert!(!serde_json::to_string(&record).expect("JSON").contains("Canary"));
    let check = record.check(&lab.remote).await.expect("a check");
    assert!(matches!(&check, CheckResult::NotKnown(_)), "a password is not looked at: {check:?}");
}

#[tokio::test]
async fn a_panel_is_not_sent_what_it_does_not_have() {
    let lab = StandIn::new();
    let refused = async |raw| cause(&lab.refused("app-config-set", raw).await);
    let one = |key: &str, value: &str| config(vec![("setting", text(key)), ("value", text(value))]);
    assert_eq!(refused(one("main.general.nosuch", "1")).await, Cause::AnswerUnknown);
    assert_eq!(refused(one("main.general.max_upload", "9999")).await, Cause::InvalidArgument);
    assert_eq!(refused(one("main.general.admin_password", "in-the-open")).await, Cause::SettingIsSecret);
    assert_eq!(refused(one("actions.files.scan", "1")).await, Cause::SettingUnknown);
    assert_eq!(refused(config(vec![("setting", text("main.general.max_upload"))])).await, Cause::InvalidArgument);
    assert_eq!(refused(config(vec![("values", settings(&[("nosuch", "1")]))])).await, Cause::AnswerUnknown);
    let none = vec![("app", text("roundcube")), ("setting", text("a.b.c")), ("value", text("1"))];
    assert_eq!(refused(none).await, Cause::ConfigPanelMissing);
    // Without the guard, an unknown one among several is left out without a word.
    assert!(lab.unguarded("app-config-set", config(vec![("values", settings(&[("nosuch", "1")]))])).await.succeeded);
    assert_eq!(lab.unguarded("app-config-set", one("main.general.nosuch", "1")).await.cause, Some(Cause::SettingUnknown));
}

#[tokio::test]
async fn a_panel_applied_by_half_is_told() {
    let raw = config(vec![("values", settings(&[("count", "7"), ("colour", "green")]))]);
    let mut record = record(&given("app-config-set", raw));
    record.before = json!({"main.general.count": "3", "main.general.colour": "red"});
    let panel = |count: i64, colour: &str| {
        let options = json!([{"type": "number", "id": "count", "value": count}, {"type": "select", "id": "colour", "value": colour}]);
        json!({"panels": [{"id": "main", "sections": [{"id": "general", "options": options}]}]}).to_string()
    };
    for (count, colour, expected) in [(7, "green", "held"), (7, "red", "half"), (3, "red", "not held")] {
        let check = record.check(&Scripted::new(answers(vec![printed(&panel(count, colour))]))).await.expect("a check");
        let found = match check {
            CheckResult::Held => "held",
            CheckResult::Half(_) => "half",
            CheckResult::NotHeld(_) => "not held",
            CheckResult::NotKnown(_) => "not known",
        };
        assert_eq!(found, expected, "{count} {colour}");
    }
}

#[tokio::test]
async fn an_action_is_run_and_its_end_is_in_the_journal() {
    let lab = StandIn::new();
    let action = |name: &str| config(vec![("action", text(name))]);
    let scan = [action("actions.files.scan"), vec![("answers", settings(&[("folder", "/photos")]))]].concat_raw();
    let record = lab.through("app-action-run", scan, Verdict::Done).await;
    assert_eq!(record.check(&lab.remote).await.expect("a check"), CheckResult::Held);
    let repair = lab.through("app-action-run", action("actions.files.repair"), Verdict::NotDone).await;
    // YunoHost writes no end of an action that failed: what the command said counts.
    assert!(matches!(repair.check(&lab.remote).await.expect("a check"), CheckResult::NotKnown(_)));
    let failed = json!({"operation": [{"name": "99991121-000100-app_action_run-nextcloud", "success": false}]}).to_string();
    let check = repair.check(&Scripted::new(answers(vec![printed(&failed)]))).await.expect("a check");
    assert!(matches!(check, CheckResult::NotHeld(_)));
    for unknown in ["scan", "actions.files.nosuch", "main.general.max_upload", "_core.operations.uninstall"] {
        assert_eq!(cause(&lab.refused("app-action-run", action(unknown.trim_start_matches('_'))).await), Cause::ActionUnknown, "{unknown}");
    }
    let wrong = [action("actions.files.scan"), vec![("answers", settings(&[("nosuch", "1")]))]].concat_raw();
    assert_eq!(cause(&lab.refused("app-action-run", wrong).await), Cause::AnswerUnknown);
}

/// The folder of a package `workshop` at a version, whose upgrade fails where that is said.
fn package_folder(at: &std::path::Path, version: &str, fails: bool) -> String {
    for folder in ["scripts", "doc"] {
        std::fs::create_dir_all(at.join(folder)).expect("a folder");
    }
    let manifest = format!(
        "packaging_format = 2\nid = \"workshop\"\nname = \"Workshop\"\nversion = \"{version}\"\n\
         [install.domain]\ntype = \"domain\"\n[install.path]\ntype = \"path\"\ndefault = \"/workshop\"\n\
         [install.with_mail]\ntype = \"boolean\"\ndefault = false\n"
    );
    std::fs::write(at.join("manifest.toml"), manifest).expect("written");
    std::fs::write(at.join("scripts/install"), "#!/bin/bash\n").expect("written");
    let upgrade = if fails { "ynh_die \"Out of paint\"\n" } else { "" };
    std::fs::write(at.join("scripts/upgrade"), upgrade).expect("written");
    std::fs::write(at.join("doc/PRE_UPGRADE.md"), "Close the paint first.\n").expect("written");
    at.to_str().expect("text").to_owned()
}

#[tokio::test]
async fn a_folder_is_installed_and_upgraded_and_a_failed_upgrade_is_told() {
    let lab = roomy();
    let folder = tempfile::tempdir().expect("a folder");
    let source = package_folder(&folder.path().join("one_ynh"), "1.0~ynh1", false);
    LocalPackage::read(std::path::Path::new(&source)).expect("it is a package");
    let install = || vec![("source", text(&source)), ("answers", settings(&[("domain", DOMAIN)])), ("force", ON)];
    let record = lab.through("app-install", install(), Verdict::Done).await;
    assert_eq!((&record.given["answers"]["path"], &record.before["package"]), (&"/workshop".into(), &"workshop".into()));

    let next = package_folder(&folder.path().join("two_ynh"), "1.1~ynh1", false);
    let upgrade = |source: &str| vec![("apps", list(&["workshop"])), ("source", text(source))];
    let notes = lab.warned("app-upgrade", upgrade(&next)).await;
    assert_eq!(notes.iter().map(|note| note.key).collect::<Vec<_>>(), ["note.ynh-before-upgrade"]);
    assert!(notes[0].values.iter().any(|(_, value)| value == "Close the paint first."), "{notes:?}");
    lab.through("app-upgrade", upgrade(&next), Verdict::Done).await;
    let broken = package_folder(&folder.path().join("three_ynh"), "1.2~ynh1", true);
    lab.through("app-upgrade", upgrade(&broken), Verdict::NotDone).await;
    let (manifest, origin) = read_manifest(&lab.remote, "workshop").await.expect("what is installed");
    assert_eq!((manifest.version.as_str(), origin), ("1.1~ynh1", Origin::Installed), "put back from the safety backup");

    let other = vec![("apps", list(&["roundcube"])), ("source", text(&next))];
    let with_roundcube = StandIn::new();
    assert_eq!(cause(&with_roundcube.refused("app-upgrade", other).await), Cause::OtherPackage);
}

#[tokio::test]
async fn what_was_not_read_before_an_upgrade_is_said() {
    let lab = StandIn::new();
    let keys = |notes: Vec<beffroi_domain::Message>| notes.into_iter().map(|note| note.key).collect::<Vec<_>>();
    assert_eq!(keys(lab.warned("app-upgrade", vec![("apps", list(&["nextcloud"]))]).await), Vec::<&str>::new());
    assert_eq!(keys(lab.warned("app-upgrade", Vec::new()).await), ["note.ynh-not-read"]);
}

#[tokio::test]
async fn a_manifest_and_a_panel_are_read_for_their_forms() {
    let lab = StandIn::new();
    let (manifest, origin) = read_manifest(&lab.remote, "dokuwiki").await.expect("a manifest");
    assert_eq!(origin, Origin::Package);
    let domain = manifest.questions.iter().find(|field| field.id == "domain").expect("a question");
    assert!(domain.choices.iter().any(|choice| choice.value == DOMAIN), "the choices are the host's: {domain:?}");
    assert!(matches!(read_manifest(&lab.remote, "nosuch").await, Err(ReadError::Refused { cause: Cause::AppNotInCatalog, .. })));
    let panels = read_panels(&lab.remote, PanelOf::Settings).await.expect("settings");
    assert!(panels.iter().any(|panel| panel.id == "security"));
    let panels = read_panels(&lab.remote, PanelOf::Domain(DOMAIN)).await.expect("a panel");
    assert!(panels.iter().any(|panel| panel.id == "feature"));
    let nowhere = read_panels(&lab.remote, PanelOf::App("nosuch")).await;
    assert!(matches!(nowhere, Err(ReadError::Refused { cause: Cause::AppUnknown, .. })), "{nowhere:?}");
}
