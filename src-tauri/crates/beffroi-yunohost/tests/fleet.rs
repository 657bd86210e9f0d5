//! Views over several instances, from surveys that are kept.

mod common;

use beffroi_yunohost::YunohostFacts;
use beffroi_yunohost::facts::{App, Backup, BackupRun, Part};
use beffroi_yunohost::fleet::{Fleet, Instance};
use common::{answer, answers, printed};
use serde_json::{Value, json};

const DAY: u64 = 24 * 60 * 60 * 1000;
const NOW: u64 = 1_795_300_000_000;

/// A survey of recorded answers, with others at these places.
fn surveyed(others: &[(usize, Value)]) -> YunohostFacts {
    let users = printed(r#"{"users": {}}"#);
    let numbers = ["240", "", "100", "108", "086", "067", "170", "193", "128", "242", "226"];
    let mut all: Vec<Value> = numbers.into_iter().map(|number| if number.is_empty() { users.clone() } else { answer(number) }).collect();
    for (at, other) in others {
        all[*at] = printed(&other.to_string());
    }
    YunohostFacts::from_part(answers(all).as_bytes(), Some(0), false, 0).expect("a YunoHost").0
}

fn fleet(hosts: &[(&str, &YunohostFacts)]) -> Fleet {
    let instances = hosts.iter().map(|&(host, facts)| Instance { host, taken_ms: NOW - 2 * DAY, os: Some("Debian GNU/Linux 12"), facts });
    Fleet::of(&instances.collect::<Vec<_>>(), NOW)
}

#[test]
fn versions_and_apps_say_what_is_behind() {
    let one = surveyed(&[]);
    let old = surveyed(&[(0, json!({"yunohost": {"version": "12.1.9", "repo": "stable"}}))]);
    let told = fleet(&[("a", &one), ("b", &one), ("c", &old)]);
    let yunohost: Vec<_> = told
        .versions
        .iter()
        .filter(|line| line.what == "yunohost")
        .map(|line| (line.version.as_str(), line.hosts.len(), line.behind))
        .collect();
    assert_eq!(yunohost, [("12.1.25", 2, false), ("12.1.9", 1, true)], "by number, not by letter");
    assert_eq!(told.versions[2].what, "os");

    let mut newer = surveyed(&[]);
    if let Part::Read { value } = &mut newer.apps {
        let second = App { version: "2024.01~ynh1".to_owned(), ..value["hextris"].clone() };
        value.insert("hextris__2".to_owned(), second);
    }
    let told = fleet(&[("a", &one), ("b", &newer)]);
    let hextris: Vec<_> = told
        .apps
        .iter()
        .filter(|line| line.app == "hextris")
        .map(|line| (line.version.as_str(), line.behind, line.instances.len()))
        .collect();
    assert_eq!(
        hextris.iter().map(|(version, behind, _)| (*version, *behind)).collect::<Vec<_>>(),
        [("2023.06.09~ynh2", true), ("2024.01~ynh1", false)]
    );
    assert_eq!(hextris[1].2, 1, "a second instance is the same application");
}

#[test]
fn upgrades_are_one_line_with_their_hosts_and_what_they_touch() {
    let one = surveyed(&[]);
    let app = json!({"id": "hextris", "name": "Hextris", "upgrade": {"status": "upgradable", "current_version": "1", "new_version": "2"}});
    let second = surveyed(&[(
        9,
        json!({"system": {"yunohost": [{"name": "yunohost", "current_version": "12.1.25", "new_version": "12.2.1"}]},
        "apps": [app], "important_yunohost_upgrade": true, "pending_migrations": [{"id": "0036_x"}], "last_apt_update": 5}),
    )]);
    let told = fleet(&[("a", &one), ("b", &one), ("c", &second)]);
    let first: Vec<_> = told.upgrades.iter().take(3).map(|line| (line.kind.as_str(), line.name.as_str(), line.important)).collect();
    assert_eq!(first, [("app", "hextris", false), ("migration", "0036_x", false), ("package", "yunohost", true)]);
    assert_eq!(told.upgrades[0].hosts[0].touches.as_deref(), Some("second.test/hextris"));
    let certificates = told.upgrades.iter().find(|line| line.name == "ca-certificates").expect("a package");
    assert_eq!((certificates.hosts.len(), certificates.hosts[0].touches.as_deref()), (2, Some("misc utils and libs")));
}

#[test]
fn certificates_count_their_days_from_now() {
    let soon = json!({"certificates": {"x.org": {"CA_name": "R11", "CA_type": "letsencrypt", "validity": 1, "style": "danger", "summary": "expired"}}});
    let (one, soon) = (surveyed(&[]), surveyed(&[(8, soon)]));
    let told = fleet(&[("a", &one), ("b", &soon)]);
    let first = &told.certificates[0];
    assert_eq!((first.host.as_str(), first.domain.as_str(), first.days, first.issuer.as_str()), ("b", "x.org", Some(-1), "R11"));
    assert_eq!(told.certificates[1].days, Some(3647), "the survey is two days old");
    assert_eq!(told.certificates.iter().filter(|line| line.main).count(), 1);
}

#[test]
fn a_finding_is_one_line_and_no_internet_is_told_apart() {
    let one = surveyed(&[]);
    let ignored = json!({"reports": [{"id": "services", "timestamp": 5, "items": [
        {"status": "ERROR", "summary": "down", "meta": {"service": "yunohost-portal-api"}, "ignored": true},
        {"status": "WARNING", "summary": "8% left on b", "meta": {"test": "ram"}}, {"status": "SUCCESS", "summary": "fine"}]}]});
    let second = surveyed(&[(10, ignored)]);
    let told = fleet(&[("a", &one), ("b", &second), ("c", &one)]);
    let lines: Vec<_> =
        told.diagnosis.iter().map(|line| (line.category.as_str(), line.hosts.len(), line.ignored, line.only_no_internet)).collect();
    assert_eq!(lines, [("services", 2, false, false), ("services", 1, false, false), ("ip", 2, false, true), ("services", 1, true, false)]);
    assert_eq!(told.diagnosis[0].filter, ["services", "service=yunohost-portal-api"]);
    assert_eq!((told.diagnosis[1].hosts[0].summary.as_str(), told.diagnosis[1].hosts[0].made_ms), ("8% left on b", Some(5000)));
    let kept = serde_json::to_string(&second.diagnosis).expect("JSON");
    assert!(!kept.contains("fine"), "what is well is not kept: {kept}");
}

#[test]
fn backups_are_those_of_yunohost_and_of_programs() {
    let mut one = surveyed(&[]);
    if let Part::Read { value } = &mut one.apps {
        value.insert("borg__2".to_owned(), App::default());
        value.insert("archivist".to_owned(), App::default());
    }
    one.backup_runs.insert("borg__2.timer".to_owned(), BackupRun { last_ms: Some(NOW), result: "success".to_owned() });
    one.backup_runs.insert("borg__2.service".to_owned(), BackupRun { last_ms: None, result: "exit-code".to_owned() });
    let mut none = surveyed(&[(7, json!({"archives": []}))]);
    none.backup_runs.clear();
    let mut odd = surveyed(&[]);
    odd.backups = Part::Read { value: [("x".to_owned(), Backup { created_at: Some("soon".to_owned()), ..Backup::default() })].into() };
    let told = fleet(&[("a", &one), ("b", &none), ("c", &odd)]);
    let lines: Vec<_> = told.backups.iter().map(|line| (line.host.as_str(), line.archives, line.newest.as_deref())).collect();
    assert_eq!(lines, [("b", Some(0), None), ("c", Some(1), None), ("a", Some(3), Some("lab2"))], "who has none comes first");
    let programs: Vec<_> =
        told.backups[2].programs.iter().map(|program| (program.id.as_str(), program.last_ms, program.result.as_str())).collect();
    assert_eq!(programs, [("archivist", None, ""), ("borg__2", Some(NOW), "exit-code")]);
    assert_eq!(told.backups[2].bytes, 113_045 + 109_643 + 27_871);
}
