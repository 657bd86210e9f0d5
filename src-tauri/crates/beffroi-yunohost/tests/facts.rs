//! Surveys: from what a host prints to facts and back from their stored form, with honest and hostile hosts.

mod common;

use beffroi_yunohost::facts::{Domains, Part};
use beffroi_yunohost::{Action, ActionRecord, Cause, Refusal, UserChanges, YunohostFacts, survey_part};
use common::{answer, answers, printed, recording};

const USERS: &str = r#"{"users": {
    "adminone": {"username": "adminone", "fullname": "Admin One", "mail": "adminone@ynh1.test", "mail-alias": ["root@ynh1.test"],
        "mail-forward": [], "mailbox-quota": "0", "groups": ["admins"]},
    "alice": {"username": "alice", "fullname": "\u00c9lise D\u00fbpont", "mail": "alice@ynh1.test", "mail-alias": ["alias@second.test"],
        "mail-forward": ["a@b.org"], "mailbox-quota": "500M", "groups": []}}}"#;

fn users() -> serde_json::Value {
    printed(&USERS.replace('\n', ""))
}

fn surveyed(results: Vec<serde_json::Value>) -> YunohostFacts {
    YunohostFacts::from_part(answers(results).as_bytes(), Some(0), false).expect("a YunoHost")
}

fn healthy() -> YunohostFacts {
    surveyed(vec![answer("240"), users(), answer("100"), answer("108"), answer("086"), answer("067"), answer("170"), answer("193")])
}

#[test]
fn recorded_answers_become_facts() {
    let facts = healthy();
    let yunohost = &facts;
    assert_eq!(yunohost.version(), Some("12.1.25"));

    let users = yunohost.users.value().expect("users");
    assert_eq!(users["alice"].fullname, "Élise Dûpont");
    assert_eq!(users["alice"].mail_aliases, ["alias@second.test"]);
    assert_eq!(users["alice"].mail_forwards, ["a@b.org"]);
    assert_eq!(users["adminone"].groups, ["admins"]);
    assert_eq!(yunohost.groups.value().expect("groups")["all_users"].members, ["adminone", "alice"]);

    let permissions = yunohost.permissions.value().expect("permissions");
    assert_eq!(permissions["hextris.main"].url.as_deref(), Some("second.test/hextris"));
    assert_eq!(permissions["hextris.main"].allowed, ["all_users", "visitors"]);
    assert_eq!(permissions["ssh.main"].corresponding_users, ["adminone"]);
    assert!(permissions["ssh.main"].protected && permissions["ssh.main"].url.is_none());

    let app = &yunohost.apps.value().expect("apps")["hextris"];
    assert_eq!((app.name.as_str(), app.version.as_str()), ("Hextris", "2023.06.09~ynh2"));
    assert_eq!(app.upgrade_status.as_deref(), Some("up_to_date"));
    assert_eq!(app.domain_path.as_deref(), Some("second.test/hextris"));

    let domains = Domains { names: vec!["second.test".to_owned(), "ynh1.test".to_owned()], main: Some("ynh1.test".to_owned()) };
    assert_eq!(yunohost.domains.value(), Some(&domains));
    let nginx = &yunohost.services.value().expect("services")["nginx"];
    assert_eq!((nginx.status.as_str(), nginx.configuration.as_str()), ("running", "valid"));
    assert_eq!(nginx.last_state_change.as_deref(), Some("2026-11-21T00:10:26.758409+00:00"));
    assert_eq!(yunohost.backups.value().expect("backups")["lab1"].size_bytes, Some(109_643));
}

#[test]
fn the_stored_form_comes_back_and_others_are_refused() {
    let facts = healthy();
    let text = serde_json::to_string(&facts).expect("JSON");
    let read = |text: &str| serde_json::from_str::<YunohostFacts>(text);
    assert_eq!(read(&text).expect("facts"), facts);
    let newer = text.replacen('{', "{\"of_a_newer_version\":[1],", 1);
    assert_eq!(read(&newer).expect("unknown fields are passed over"), facts);
    for bad in [text.replace("\"users\":{\"state\":\"read\"", "\"users\":{\"state\":\"odd\""), "{".to_owned(), "[".repeat(1 << 20)] {
        assert!(read(&bad).is_err());
    }
}

#[test]
fn one_part_asks_for_everything() {
    let part = survey_part();
    assert_eq!(part.script.matches("\"--output-as\",\"json\"").count(), 8);
    assert!(!part.script.contains("--quiet"));
}

#[test]
fn a_part_that_failed_fails_alone() {
    let mut hung = printed("{}");
    hung["timed_out"] = true.into();
    hung["exit"] = (-9).into();
    let mut cut = answer("240");
    cut["cut"] = true.into();
    let facts = surveyed(vec![answer("240"), answer("302"), answer("002"), hung, answer("138"), cut, answer("170"), answer("190")]);
    let yunohost = facts;
    assert_eq!(yunohost.version(), Some("12.1.25"));
    assert!(yunohost.services.value().is_some());
    let message = "yunohost command must be run as root or with sudo.".to_owned();
    assert_eq!(yunohost.users, Part::Failed { cause: Cause::NotRoot, message });
    assert!(matches!(yunohost.groups, Part::Failed { cause: Cause::NotPostInstalled, .. }));
    assert!(matches!(yunohost.permissions, Part::Failed { cause: Cause::TimedOut, .. }));
    assert!(matches!(yunohost.apps, Part::Failed { cause: Cause::Traceback, .. }));
    assert!(matches!(yunohost.domains, Part::Failed { cause: Cause::AnswerNotUnderstood, .. }));
    // A list of names where a map was asked for.
    assert!(matches!(yunohost.backups, Part::Failed { cause: Cause::AnswerNotUnderstood, .. }));
}

#[test]
fn wrong_types_cost_only_what_they_stand_in() {
    let facts = surveyed(vec![
        printed(r#"{"yunohost": {"version": ["12"]}, "x": 7, "\u001b[31m": {}}"#),
        printed(r#"{"users": {"a": {"fullname": 5, "mail": [], "mail-alias": "no list", "groups": [1, "g", null]}, "b": null}}"#),
        printed(r#"{"groups": []}"#),
        printed(r#"{"permissions": {"p": {"allowed": {}, "protected": "yes", "label": "\u001b[2Jx\u202e\u0007"}}}"#),
        printed(r#"{"apps": [5, {"name": "no id"}, {"id": "a", "upgrade": "x"}]}"#),
        printed(r#"{"domains": ["b", 1, "a"], "main": 5}"#),
        printed(r#"{"nginx": {"status": "running", "last_state_change": "unknown"}}"#),
        printed(r#"{"archives": []}"#),
    ]);
    let yunohost = facts;
    assert_eq!(yunohost.version(), Some(""));
    assert_eq!(yunohost.versions.value().expect("packages").len(), 1);
    let users = yunohost.users.value().expect("users");
    assert_eq!(users.len(), 1);
    assert_eq!((users["a"].fullname.as_str(), users["a"].mail.as_str()), ("5", ""));
    assert_eq!(users["a"].groups, ["g"]);
    assert!(yunohost.groups.value().is_none());
    assert_eq!(yunohost.permissions.value().expect("permissions")["p"].label, "x");
    assert_eq!(yunohost.apps.value().expect("apps").keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(yunohost.domains.value().expect("domains").names, ["a", "b"]);
    assert_eq!(yunohost.services.value().expect("services")["nginx"].last_state_change, None);
    assert!(yunohost.backups.value().expect("backups").is_empty());
}

#[test]
fn huge_and_deep_answers_are_bounded() {
    let many: String = (0..20_000).map(|number| format!(r#","u{number}": {{"fullname": "x"}}"#)).collect();
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let long = format!(r#"{{"groups": {{"{}": {{"members": ["{}"]}}}}}}"#, "n".repeat(100_000), "m".repeat(100_000));
    let unreadable = printed("{\"permissions\": {\"a\"");
    let mut results = vec![printed(&deep), printed(&format!(r#"{{"users": {{"a": {{}}{many}}}}}"#)), printed(&long), unreadable];
    results.extend([printed("null"), printed("{}"), printed("[]"), printed("\"text\"")]);
    let yunohost = surveyed(results);
    assert!(matches!(yunohost.versions, Part::Failed { cause: Cause::AnswerNotUnderstood, .. }));
    assert_eq!(yunohost.users.value().expect("users").len(), 10_000);
    let groups = yunohost.groups.value().expect("groups");
    assert!(groups.iter().all(|(name, group)| name.len() == 4096 && group.members[0].len() == 4096));
    assert!(yunohost.permissions.value().is_none() && yunohost.apps.value().is_none() && yunohost.domains.value().is_none());
    assert!(yunohost.services.value().is_none() && yunohost.backups.value().is_none());
}

#[test]
fn hosts_without_an_answer_say_why() {
    assert_eq!(YunohostFacts::from_part(b"", Some(100), false), None);
    let no_python = YunohostFacts::from_part(b"", Some(101), false).expect("a YunoHost");
    assert!(matches!(no_python.users, Part::Failed { cause: Cause::ProgramMissing, .. }));

    let few = answers(vec![printed("{}")]);
    for (garbage, status) in [
        ("", None),
        ("", Some(0)),
        ("Traceback\n", Some(1)),
        ("{\"yunohost_survey\": 2, \"results\": []}\n", Some(0)),
        ("{\"yunohost_survey\": 1, \"results\": 5}\n", Some(0)),
        (few.as_str(), Some(0)),
        ("\u{1b}[1mModuleNotFoundError: x\n", Some(1)),
    ] {
        let yunohost = YunohostFacts::from_part(garbage.as_bytes(), status, status.is_none()).expect("a YunoHost");
        assert!(matches!(&yunohost.users, Part::Failed { message, .. } if !message.contains('\u{1b}')), "{garbage}: {:?}", yunohost.users);
        assert_eq!(yunohost.version(), None, "{garbage}");
    }
}

fn add(username: &str, domain: Option<&str>) -> Action {
    Action::UserAdd {
        username: username.to_owned(),
        fullname: "Bob Bobby".to_owned(),
        password: beffroi_secret::SecretText::new("canary-password".to_owned()),
        domain: domain.map(str::to_owned),
        mailbox_quota: None,
    }
}

fn remove(username: &str) -> Action {
    Action::UserRemove { username: username.to_owned(), purge: false }
}

fn alias(username: &str, address: &str) -> Action {
    let changes = UserChanges { add_mailalias: vec![address.to_owned()], ..UserChanges::default() };
    Action::UserEdit { username: username.to_owned(), changes }
}

#[test]
fn the_guard_refuses_what_the_survey_foresees() {
    let facts = healthy();
    let text = str::to_owned;
    for (action, refusal) in [
        (add("alice", Some("ynh1.test")), Refusal::UserExists { username: text("alice") }),
        (add("friends", Some("ynh1.test")), Refusal::GroupExists { name: text("friends") }),
        (add("bob", Some("nope.test")), Refusal::DomainUnknown { domain: text("nope.test") }),
        (add("bob", None), Refusal::DomainNeeded),
        (add("alias", Some("second.test")), Refusal::AddressTaken { address: text("alias@second.test"), username: text("alice") }),
        (alias("bob", "x@ynh1.test"), Refusal::UserUnknown { username: text("bob") }),
        (alias("alice", "x@nope.test"), Refusal::DomainUnknown { domain: text("nope.test") }),
        (alias("alice", "adminone@ynh1.test"), Refusal::AddressTaken { address: text("adminone@ynh1.test"), username: text("adminone") }),
        (remove("bob"), Refusal::UserUnknown { username: text("bob") }),
        (remove("adminone"), Refusal::LastAdmin { username: text("adminone") }),
        (Action::ServiceRestart { name: text("nope") }, Refusal::ServiceUnknown { name: text("nope") }),
    ] {
        assert_eq!(action.guard(Some(&facts)), Err(refusal), "{action:?}");
    }
    let restart = Action::ServiceRestart { name: text("nginx") };
    for action in
        [add("bob", Some("second.test")), alias("alice", "x@second.test"), alias("alice", "alias@second.test"), remove("alice"), restart]
    {
        assert_eq!(action.guard(Some(&facts)), Ok(()), "{action:?}");
    }
    let mut completed = add("bob", None);
    completed.complete(Some(&facts));
    assert_eq!(completed.guard(Some(&facts)), Ok(()));
    assert!(completed.command().masked.to_line().contains("--domain ynh1.test"));
}

#[test]
fn what_was_not_read_decides_nothing() {
    let refused = || answer("302");
    let facts = surveyed((0..8).map(|_| refused()).collect());
    assert_eq!(remove("alice").guard(Some(&facts)), Err(Refusal::PartNotRead { part: "users" }));
    assert_eq!(Action::ServiceRestart { name: "nginx".to_owned() }.guard(Some(&facts)), Err(Refusal::PartNotRead { part: "services" }));
    let facts = surveyed(vec![refused(), users(), refused(), refused(), refused(), refused(), refused(), refused()]);
    assert_eq!(remove("adminone").guard(Some(&facts)), Err(Refusal::PartNotRead { part: "groups" }));
    assert_eq!(remove("adminone").guard(None), Err(Refusal::NoYunohost));
}

#[test]
fn a_record_holds_no_secret_and_comes_back() {
    let facts = healthy();
    let changes = UserChanges { password: Some(beffroi_secret::SecretText::new("canary-password".to_owned())), ..UserChanges::default() };
    let edit = Action::UserEdit { username: "alice".to_owned(), changes };
    for action in [add("bob", Some("second.test")), edit, remove("alice"), Action::ServiceRestart { name: "nginx".to_owned() }] {
        let record = ActionRecord::of(&action, Some(&facts));
        let stored = serde_json::to_string(&record).expect("JSON");
        assert!(!stored.contains("canary"), "{stored}");
        assert_eq!(serde_json::from_str::<ActionRecord>(&stored).expect("a record"), record);
    }
    let restart = ActionRecord::of(&Action::ServiceRestart { name: "nginx".to_owned() }, Some(&facts));
    let before = serde_json::from_str::<serde_json::Value>(&recording("171").stdout).expect("JSON")["last_state_change"].clone();
    assert_eq!(
        serde_json::to_value(restart).expect("JSON"),
        serde_json::json!({"action": "service-restart/1", "name": "nginx", "changed_before": before})
    );
}
