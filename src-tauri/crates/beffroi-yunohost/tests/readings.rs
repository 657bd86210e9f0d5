//! Readings, held to what a real YunoHost printed and to hostile answers; and over the lab's stand-in, all of them in one round trip.

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use beffroi_yunohost::facts::Part;
use beffroi_yunohost::reading::{Cell, Entry, Reading, Source};
use beffroi_yunohost::{Answer, Cause, Given, InvalidGiven, Raw, YunohostFacts};
use common::{ON, StandIn, answer, answers, printed, surveyed_with, text};
use serde_json::{Value, json};

fn given(reading: &'static Reading, raw: Vec<(&str, Raw)>) -> Given {
    Given::of(reading.params, raw.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).expect("it fits")
}

/// What came back for one question beside a survey.
fn answered(answer: Value) -> Answer {
    let survey = (0..11).map(|_| printed("{}")).chain([answer]).collect();
    let (_, mut more) = YunohostFacts::from_part(answers(survey).as_bytes(), Some(0), false, 1).expect("a YunoHost");
    more.remove(0)
}

/// The recorded answers as a survey.
fn recorded() -> YunohostFacts {
    let users =
        printed(r#"{"users": {"alice": {"username": "alice", "fullname": "A", "mail": "a@x.org", "groups": ["alice", "friends"]}}}"#);
    let all = ["240", "", "100", "108", "086", "067", "170", "193", "128", "242", "226"];
    let all = all.into_iter().map(|number| if number.is_empty() { users.clone() } else { answer(number) }).collect();
    YunohostFacts::from_part(answers(all).as_bytes(), Some(0), false, 0).expect("a YunoHost").0
}

#[track_caller]
fn read(part: Part<Vec<Entry>>) -> Vec<Entry> {
    match part {
        Part::Read { value } => value,
        Part::Failed { cause, message } => unreachable!("not read: {cause:?} {message}"),
    }
}

#[track_caller]
fn of_survey(id: &str, raw: Vec<(&str, Raw)>) -> Vec<Entry> {
    let reading = Reading::find(id).expect(id);
    read(reading.of_survey(&recorded(), &given(reading, raw)).expect("in a survey"))
}

#[track_caller]
fn of_host(id: &str, answer: Value) -> Part<Vec<Entry>> {
    Reading::find(id).expect(id).of_answer(&answered(answer))
}

#[track_caller]
fn texts(entries: &[Entry], field: &str) -> Vec<String> {
    let shown = |entry: &Entry| serde_json::to_value(entry.get(field)).expect("JSON");
    entries.iter().map(shown).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
}

#[test]
fn every_entry_has_the_fields_that_are_told_and_no_others() {
    let known = ["description", "number"];
    for reading in Reading::all() {
        let Source::Survey(_) = reading.source else { continue };
        let raw = if reading.id == "app-info" { vec![("app", text("hextris"))] } else { Vec::new() };
        let fields: Vec<&str> = reading.fields.iter().map(|field| field.name).collect();
        for entry in of_survey(reading.id, raw) {
            for name in entry.keys() {
                assert!(fields.contains(name) || known.contains(name), "{}: {name}", reading.id);
            }
        }
    }
    let ids: Vec<&str> = Reading::all().map(|reading| reading.id).collect();
    assert_eq!(ids.len(), ids.iter().collect::<std::collections::BTreeSet<_>>().len());
}

#[test]
fn a_recorded_survey_answers_the_lists() {
    let apps = of_survey("app-list", vec![]);
    assert_eq!(apps[0]["id"], Cell::Text("hextris".to_owned()));
    let users = of_survey("user-list", vec![]);
    assert_eq!(users[0]["groups"], Cell::List(vec!["friends".to_owned()]), "neither its own group nor all_users");
    let domains = of_survey("domain-list", vec![]);
    assert_eq!(
        (texts(&domains, "name"), texts(&domains, "days")),
        (vec!["ynh1.test".to_owned(), "second.test".to_owned()], vec!["3649".to_owned(), "3649".to_owned()])
    );
    assert_eq!((&domains[0]["main"], &domains[0]["certificate"]), (&Cell::Switch(true), &Cell::Text("selfsigned".to_owned())));
    let backups = of_survey("backup-list", vec![]);
    assert_eq!(
        (backups.len(), &backups[1]["made_ms"], &backups[1]["bytes"]),
        (3, &Cell::Number(1_795_219_940_000), &Cell::Number(109_643))
    );
    let upgrades = of_survey("upgrades", vec![]);
    assert_eq!((upgrades.len() > 9, &upgrades[0]["touches"]), (true, &Cell::Text("misc utils and libs".to_owned())));
    let app = of_survey("app-info", vec![("app", text("hextris"))]);
    assert_eq!(app[0]["permissions"], Cell::List(vec!["hextris.main: all_users, visitors".to_owned()]));
    let info = Reading::find("app-info").expect("it");
    let unknown = info.of_survey(&recorded(), &given(info, vec![("app", text("nope"))]));
    assert!(matches!(unknown, Some(Part::Failed { cause: Cause::AppUnknown, .. })), "{unknown:?}");
}

#[test]
fn a_recorded_diagnosis_keeps_its_troubles_apart() {
    let shown = of_survey("diagnosis-show", vec![]);
    assert_eq!(texts(&shown, "category"), ["ip", "services"]);
    assert_eq!(texts(&shown, "only_no_internet"), ["true", "false"]);
    assert_eq!(shown[1]["filter"], Cell::List(vec!["services".to_owned(), "service=yunohost-portal-api".to_owned()]));
    assert_eq!(of_survey("diagnosis-show", vec![("all", ON)]).len(), 2);
}

#[test]
fn recorded_answers_of_the_host() {
    let firewall = read(of_host("firewall-list", answer("181")));
    assert_eq!((firewall.len(), &firewall[0]["comment"]), (10, &Cell::Text("Default SSH port".to_owned())));
    let settings = read(of_host("settings-list", answer("160")));
    let port = settings.iter().find(|entry| entry["key"] == Cell::Text("security.ssh.ssh_port".to_owned())).expect("the port");
    assert_eq!(port["value"], Cell::Text("22".to_owned()));
    assert!(!texts(&settings, "key").iter().any(|key| key.ends_with("_explain")), "a note of the panel is no setting");
    let log = read(of_host("service-log", answer("174")));
    assert!(texts(&log, "file").contains(&"journalctl".to_owned()) && log.iter().all(|entry| entry["lines"] != Cell::List(vec![])));
    let backup = read(of_host("backup-info", answer("195")));
    assert_eq!(backup[0]["apps"], Cell::List(vec!["my_webapp 1.0~ynh21 My Webapp".to_owned()]));
    assert!(matches!(of_host("backup-info", answer("196")), Part::Failed { cause: Cause::BackupUnknown, .. }));
    let logs = read(of_host("log-list", answer("s20")));
    assert!(texts(&logs, "name").is_sorted_by(|one, next| one >= next), "the newest first");
    assert_eq!(texts(&logs, "state").iter().filter(|state| *state == "failed").count(), 2);
    let shown = read(of_host("log-show", answer("s21")));
    assert_eq!((texts(&shown, "state")[0].as_str(), texts(&shown, "by")[0].as_str()), ("success", "Non-interactive task"));
    let migrations = read(of_host("migration-list", answer("246")));
    assert_eq!(texts(&migrations, "id")[0], "0027_migrate_to_bookworm");
    let none = read(of_host("regen-conf-diff", answer("s50")));
    assert!(none.is_empty());
    let older = read(of_host("regen-conf-diff", answer("s53")));
    assert_eq!(texts(&older, "file"), ["/etc/dovecot/dovecot.conf"]);
    let sentence = read(of_host("domain-dns", answer("127")));
    assert!(texts(&sentence, "note")[0].starts_with("This domain is based on a special-use") && !sentence[0].contains_key("record"));
}

#[test]
fn a_zone_is_read_record_by_record() {
    let zone = "\n\n; Basic ipv4/ipv6 records\n@ 3600 IN A 203.0.113.5\n; Mail\n@ 3600 IN MX 10 exemple.org.\nmail._domainkey 3600 IN TXT \"v=DKIM1; p=MIG\"\nodd line\n";
    let records = read(of_host("domain-dns", printed(&json!(zone).to_string())));
    assert_eq!(texts(&records, "type"), ["A", "MX", "TXT", "null"]);
    assert_eq!(texts(&records, "value")[2], "\"v=DKIM1; p=MIG\"");
    assert_eq!(texts(&records, "note"), ["Basic ipv4/ipv6 records", "Mail", "Mail", "odd line"]);
}

#[test]
fn a_pending_file_shows_its_difference_and_one_without_is_none() {
    let pending = json!({"dovecot": {"/etc/dovecot/dovecot.conf": {"pending_conf": "/p", "diff": "@@ -1 +1 @@\n-# hand\n+  # ours\u{1b}[0m"}},
        "nsswitch": {"/etc/nsswitch.conf": {"pending_conf": "/p", "diff": ""}}});
    let files = read(of_host("regen-conf-diff", printed(&pending.to_string())));
    assert_eq!(texts(&files, "file"), ["/etc/dovecot/dovecot.conf"]);
    assert_eq!(files[0]["lines"], Cell::List(vec!["@@ -1 +1 @@".to_owned(), "-# hand".to_owned(), "+  # ours".to_owned()]));
}

#[test]
fn a_log_shows_no_value_that_its_metadata_calls_secret() {
    let log = json!({"name": "20261121-001243-app_install-x", "description": "Install", "logs": ["+ pw=canary-value", "   in \u{1b}[1mdeep", 5],
        "metadata": {"success": false, "error": "canary-value is bad", "env": {"YNH_APP_ARG_PASSWORD": "canary-value", "YNH_APP_ID": "deep"}, "args": {"api_key": "k"}}});
    let shown = read(of_host("log-show", printed(&log.to_string())));
    let told = serde_json::to_string(&shown).expect("JSON");
    assert!(!told.contains("canary") && told.contains("   in deep"), "{told}");
    assert!(matches!(&shown[0]["lines"], Cell::List(lines) if lines.len() == 2));
}

#[test]
fn hostile_answers_are_bounded_and_cleaned() {
    let lines: Vec<String> = (0..5000).map(|number| format!("{number}\u{202e}{}", "é".repeat(8000))).collect();
    let log = read(of_host("service-log", printed(&json!({"a\u{7}b": lines, "none": "x"}).to_string())));
    let Cell::List(kept) = &log[0]["lines"] else { unreachable!("lines") };
    assert_eq!((log.len(), kept.len(), texts(&log, "file")), (1, 2000, vec!["ab".to_owned()]));
    assert!(kept.iter().all(|line| line.len() <= 4096 && !line.contains('\u{202e}')) && kept[1999].starts_with("4999"));
    for (id, bad) in [
        ("firewall-list", "[]"),
        ("settings-list", "5"),
        ("log-list", "{}"),
        ("log-show", "{}"),
        ("migration-list", "{}"),
        ("domain-dns", "{}"),
    ] {
        assert!(matches!(of_host(id, printed(bad)), Part::Failed { cause: Cause::AnswerNotUnderstood, .. }), "{id}");
    }
    let share = Given::of(Reading::find("log-show").expect("it").params, BTreeMap::from([("logged".to_owned(), text("--share"))]));
    assert!(matches!(share, Err(InvalidGiven::Unfit { param: "logged", .. })), "a log is never sent to a public site");
}

#[tokio::test]
async fn the_stand_in_answers_every_reading_in_one_round_trip() {
    let host = StandIn::new();
    let about = |reading: &'static Reading| match reading.id {
        "domain-dns" => vec![("domain", text("atelier-dubois.example"))],
        "service-log" => vec![("service", text("nginx")), ("lines", text("5"))],
        "backup-info" => vec![("name", text("before-noon"))],
        "log-show" => vec![("logged", text("last"))],
        "app-info" => vec![("app", text("roundcube"))],
        _ => Vec::new(),
    };
    host.through(
        "backup-create",
        vec![("name", text("before-noon")), ("apps", common::list(&["roundcube"]))],
        beffroi_yunohost::Verdict::Done,
    )
    .await;
    host.through("diagnosis-run", vec![], beffroi_yunohost::Verdict::Done).await;
    let live: Vec<&'static Reading> = Reading::all().filter(|reading| matches!(reading.source, Source::Host(..))).collect();
    let questions: Vec<_> = live.iter().filter_map(|reading| reading.question(&given(reading, about(reading)))).collect();
    let (facts, answers) = surveyed_with(&host.remote, &questions).await.expect("a YunoHost");
    for (reading, answer) in live.iter().zip(&answers) {
        let entries = read(reading.of_answer(answer));
        assert!(!entries.is_empty() || reading.id == "regen-conf-diff" || reading.id == "migration-list", "{}", reading.id);
    }
    for reading in Reading::all().filter(|reading| matches!(reading.source, Source::Survey(_))) {
        let entries = read(reading.of_survey(&facts, &given(reading, about(reading))).expect("in a survey"));
        // A server where all is well has no finding.
        assert!(!entries.is_empty() || reading.id == "diagnosis-show", "{}", reading.id);
    }
}

/// A survey of a YunoHost is one command here, and starts one interpreter there.
#[tokio::test]
async fn a_survey_starts_one_interpreter() {
    let (host, folder) = (StandIn::new(), tempfile::tempdir().expect("a folder"));
    let counted = folder.path().join("starts");
    let real = String::from_utf8(std::process::Command::new("sh").args(["-c", "command -v python3"]).output().expect("it runs").stdout)
        .expect("text");
    let wrapper = folder.path().join("python3");
    std::fs::write(&wrapper, format!("#!/bin/sh\necho started >> '{}'\nexec {} \"$@\"\n", counted.display(), real.trim()))
        .expect("written");
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).expect("it may run");
    let lab = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/lab/yunohost/bin");
    let path = format!("{}:{lab}:{}", folder.path().display(), std::env::var("PATH").expect("PATH"));
    let remote = host.remote.with_variable("PATH", &path);
    let (facts, _) = surveyed_with(&remote, &[]).await.expect("a YunoHost");
    assert!(facts.certificates.value().is_some() && facts.upgrades.value().is_some() && facts.diagnosis.value().is_some());
    assert_eq!(std::fs::read_to_string(&counted).expect("it started").lines().count(), 1);
}
