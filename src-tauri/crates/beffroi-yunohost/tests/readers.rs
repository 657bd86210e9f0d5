//! Pending upgrades, the diagnosis and YunoHost's journal, read from what a real one printed, and from hostile answers.

mod common;

use beffroi_domain::Exit;
use beffroi_yunohost::facts::{Diagnosis, LoggedEnd, LoggedOperation, Part, PendingUpgrades};
use beffroi_yunohost::{Answer, Cause, Outcome, YunohostFacts};
use common::{answer, answers, given, list, printed, record, recording, text};
use serde_json::{Value, json};

/// What came back for one question beside a survey.
fn answered(answer: Value) -> Answer {
    let survey = (0..11).map(|_| printed("{}")).chain([answer]).collect();
    let (_, mut more) = YunohostFacts::from_part(answers(survey).as_bytes(), Some(0), false, 1).expect("a YunoHost");
    more.remove(0)
}

#[track_caller]
fn value<T>(part: Part<T>) -> T {
    match part {
        Part::Read { value } => value,
        Part::Failed { cause, message } => unreachable!("not read: {cause:?} {message}"),
    }
}

fn cause<T>(part: Part<T>) -> Option<Cause> {
    match part {
        Part::Read { .. } => None,
        Part::Failed { cause, .. } => Some(cause),
    }
}

#[test]
fn recorded_upgrades_that_wait() {
    let pending = value(PendingUpgrades::read(&answered(answer("242"))));
    let packages = &pending.packages["misc utils and libs"];
    assert_eq!((packages.len(), packages[0].name.as_str()), (10, "ca-certificates"));
    assert_eq!((packages[7].current_version.as_str(), packages[7].new_version.as_str()), ("3.0.20-1~deb12u2", "3.0.22-1~deb12u2"));
    assert!(pending.apps.is_empty() && pending.pending_migrations.is_empty() && !pending.important_yunohost_upgrade);
    assert_eq!((pending.last_apt_update, pending.last_apps_catalog_update), (Some(1), Some(576)));
    // The one that could fetch nothing gives the same answer, beside its errors.
    let offline = value(PendingUpgrades::read(&answered(answer("400"))));
    assert_eq!(offline.packages, pending.packages);
    let kept = serde_json::to_value(&pending).expect("JSON");
    assert_eq!(serde_json::from_value::<PendingUpgrades>(kept).expect("the same"), pending);
}

#[test]
fn upgrades_of_applications_and_what_was_never_fetched() {
    let json = json!({"system": {}, "apps": [
        {"id": "wiki", "name": "Wiki", "version": "1.0~ynh1", "upgrade": {"status": "upgradable", "current_version": "1.0~ynh1", "new_version": "1.1~ynh1"}},
        {"id": "shop", "name": "Shop", "version": "2", "upgrade": {"status": "url_required", "new_version": null}}, {"name": "nobody"}, 5],
        "important_yunohost_upgrade": true, "pending_migrations": [{"id": "0036_x"}, {}], "last_apt_update": 359_996_400_u64, "last_apps_catalog_update": -1});
    let pending = value(PendingUpgrades::read(&answered(printed(&json.to_string()))));
    let apps: Vec<_> = pending
        .apps
        .iter()
        .map(|app| (app.id.as_str(), app.current_version.as_str(), app.new_version.as_deref(), app.is_tried()))
        .collect();
    assert_eq!(apps, [("wiki", "1.0~ynh1", Some("1.1~ynh1"), true), ("shop", "2", None, false)]);
    assert_eq!(pending.pending_migrations, ["0036_x"]);
    assert_eq!((pending.important_yunohost_upgrade, pending.last_apt_update, pending.last_apps_catalog_update), (true, None, None));
    for bad in ["[]", "{}", r#"{"system": [], "apps": []}"#] {
        assert_eq!(cause(PendingUpgrades::read(&answered(printed(bad)))), Some(Cause::AnswerNotUnderstood), "{bad}");
    }
}

#[test]
fn a_recorded_diagnosis_tells_no_internet_from_real_trouble() {
    let diagnosis = value(Diagnosis::read(&answered(answer("226"))));
    let ids: Vec<&str> = diagnosis.reports.iter().map(|report| report.id.as_str()).collect();
    assert_eq!(ids, ["basesystem", "ip", "dnsrecords", "ports", "web", "mail", "services", "systemresources", "regenconf", "apps"]);
    let made: Vec<&str> = diagnosis.reports.iter().filter(|report| report.made_at.is_none()).map(|report| report.id.as_str()).collect();
    assert_eq!(made, ["dnsrecords", "ports", "web", "mail"]);
    assert!(diagnosis.is_isolated());
    assert_eq!(diagnosis.waits_for_internet().collect::<Vec<_>>(), made);

    let troubles: Vec<_> = diagnosis.troubles().collect();
    let [(report, finding)] = troubles.as_slice() else { unreachable!("one trouble: {troubles:?}") };
    assert_eq!((report.id.as_str(), finding.status.as_str()), ("services", "ERROR"));
    assert_eq!(finding.about["service"], "yunohost-portal-api");
    assert_eq!((finding.details.len(), &finding.data["status"], finding.ignored), (1, &json!("auto-restart"), false));
    let disk = diagnosis.reports[7].findings.last().expect("a finding");
    assert_eq!((disk.about["mountpoint"].as_str(), disk.data["free_percent"].as_u64()), ("/", Some(69)));

    let before_any = value(Diagnosis::read(&answered(answer("221"))));
    assert!(before_any.reports.is_empty() && !before_any.is_isolated());
}

#[test]
fn a_hostile_diagnosis_is_cleaned_and_bounded() {
    let finding = json!({"status": "ERROR", "summary": "x\u{1b}[31my", "details": ["a\u{7}b", 5], "meta": {"n\u{1b}c": 4, "ok": true},
        "data": {"deep": "\u{1b}[1mz"}, "ignored": "yes"});
    let long = json!({"status": "WARNING", "data": "x".repeat(1 << 20)});
    let json = json!({"reports": [{"id": "ip", "timestamp": 5, "items": [finding, long, 7]}, {"description": "no id"}, []]});
    let diagnosis = value(Diagnosis::read(&answered(printed(&json.to_string()))));
    let findings = &diagnosis.reports[0].findings;
    assert_eq!((diagnosis.reports.len(), findings.len()), (1, 3));
    assert_eq!((findings[0].summary.as_str(), findings[0].details.as_slice()), ("xy", &["ab".to_owned()][..]));
    assert_eq!((findings[0].about["ok"].as_str(), &findings[0].data), ("true", &json!({"deep": "z"})));
    assert_eq!(findings[1].data, Value::Null);
    assert!(!serde_json::to_string(&diagnosis).expect("JSON").contains("\\u001b"));
    assert!(!diagnosis.is_isolated(), "an error about something else is one");
    assert_eq!(cause(Diagnosis::read(&answered(printed("{}")))), Some(Cause::AnswerNotUnderstood));
}

#[test]
fn the_recorded_journal_tells_how_operations_ended() {
    let journal = value(LoggedOperation::read_list(&answered(answer("215"))));
    let first = &journal[0];
    assert_eq!((first.name.as_str(), first.end), ("20261120-235741-tools_postinstall-ynh1.test", LoggedEnd::Succeeded));
    assert_eq!(first.started_at.map(|time| time.to_string()).as_deref(), Some("2026-11-20T23:57:41Z"));

    let person = |name: &str| {
        record(&given("user-add", vec![("username", text(name)), ("fullname", text("A")), ("password", common::secret("canary-1"))]))
    };
    let moment = |text: &str| text.parse::<jiff::Timestamp>().expect("a time");
    let found =
        |name: &str, sent: &str| LoggedOperation::find(&journal, &person(name), moment(sent)).map(|entry| (entry.name.as_str(), entry.end));
    assert_eq!(found("alice", "2026-11-20T23:58:47Z"), Some(("20261120-235846-user_create-alice", LoggedEnd::Failed)));
    assert_eq!(found("alice", "2026-11-20T23:59:00Z"), Some(("20261121-000054-user_create-alice", LoggedEnd::Succeeded)), "the second try");
    assert_eq!(found("alice", "2026-11-21T00:01:00Z"), None);
    assert_eq!(found("bob", "2026-11-20T23:58:00Z"), None);

    let restore = record(&given("backup-restore", vec![("name", text("lab1")), ("apps", list(&["my_webapp"]))]));
    let entry = LoggedOperation::find(&journal, &restore, moment("2026-11-21T00:12:42Z")).expect("an entry");
    assert_eq!(entry.name, "20261121-001243-backup_restore_app-my_webapp");
    let regen = record(&given("tools-regen-conf", vec![("categories", list(&["nftables"]))]));
    assert!(LoggedOperation::find(&journal, &regen, moment("2026-11-21T00:00:00Z")).is_some());
}

#[test]
fn a_recorded_entry_is_told_with_who_and_how() {
    let journal = value(LoggedOperation::read_list(&answered(answer("s20"))));
    let shown = value(LoggedOperation::read_show(&answered(answer("s21"))));
    assert_eq!(journal.last(), Some(&shown), "the list and the entry say the same");
    assert_eq!((shown.end, shown.started_by.as_deref(), shown.error), (LoggedEnd::Succeeded, Some("Non-interactive task"), None));
    assert_eq!(journal.iter().filter(|entry| entry.end == LoggedEnd::Failed).count(), 2);
}

#[test]
fn an_entry_keeps_no_arguments_and_no_lines() {
    let json = json!({"name": "20261121-001243-user_create-bob", "description": "Add 'bob' user\u{1b}[0m", "logs": ["canary"],
        "metadata": {"success": false, "error": "It broke", "started_by": "camille", "parent": null, "args": {"password": "canary"},
            "env": {"YNH_APP_ARG_PASSWORD": "canary"}}});
    let shown = value(LoggedOperation::read_show(&answered(printed(&json.to_string()))));
    assert_eq!((shown.end, shown.error.as_deref(), shown.started_by.as_deref()), (LoggedEnd::Failed, Some("It broke"), Some("camille")));
    assert!(!format!("{shown:?}").contains("canary"));
    let running = json!({"operation": [{"name": "20269999-001243-app_install-x", "success": "?"}, {"success": true}, {"name": "é"}]});
    let list = value(LoggedOperation::read_list(&answered(printed(&running.to_string()))));
    assert_eq!(list.iter().map(|entry| (entry.started_at, entry.end)).collect::<Vec<_>>(), [(None, LoggedEnd::Running); 2]);
}

#[test]
fn recorded_failures_have_their_causes() {
    let outcome = |number| {
        let recorded = recording(number);
        Outcome::read(recorded.stdout.as_bytes(), recorded.stderr.as_bytes(), &recorded.exit)
    };
    let cases =
        [("400", Some(Cause::PackagesUnreachable)), ("710", Some(Cause::AppInstalled)), ("406", None), ("525", None), ("221", None)];
    for (number, cause) in cases {
        assert_eq!(outcome(number).cause, cause, "{number}");
    }
    // It upgraded nothing, and said that it went well.
    let upgraded = outcome("406");
    assert!(upgraded.exit == Exit::Status(0) && upgraded.warnings.iter().any(|line| line.starts_with("Could not upgrade packages:")));
}
