//! Surveys: from what a host prints to facts and back from their stored form, with honest and hostile hosts.

mod common;

use beffroi_yunohost::facts::{Domains, Part};
use beffroi_yunohost::{ActionRecord, Cause, Given, InvalidGiven, Operation, Raw, Refusal, Seen, YunohostFacts, survey_part};
use common::{answer, answers, given, list, printed, recording, secret, text};

const USERS: &str = r#"{"users": {
    "adminone": {"username": "adminone", "fullname": "Admin One", "mail": "adminone@ynh1.test", "mail-alias": ["root@ynh1.test"],
        "mail-forward": [], "mailbox-quota": "0", "groups": ["admins"]},
    "alice": {"username": "alice", "fullname": "\u00c9lise D\u00fbpont", "mail": "alice@ynh1.test", "mail-alias": ["alias@second.test"],
        "mail-forward": ["a@b.org"], "mailbox-quota": "500M", "groups": []}}}"#;

fn users() -> serde_json::Value {
    printed(&USERS.replace('\n', ""))
}

fn surveyed(results: Vec<serde_json::Value>) -> YunohostFacts {
    let nothing = (results.len()..11).map(|_| printed("{}"));
    let results = results.into_iter().chain(nothing).collect();
    YunohostFacts::from_part(answers(results).as_bytes(), Some(0), false, 0).expect("a YunoHost").0
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
    let part = survey_part(&[]);
    assert_eq!(part.script.matches("\"--output-as\",\"json\"").count(), 11);
    let more = survey_part(&[vec!["settings".to_owned(), "list".to_owned()]]);
    assert_eq!(more.script.matches("\"--output-as\",\"json\"").count(), 12, "what an operation wants to know goes along");
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
    assert!(matches!(yunohost.apps, Part::Failed { cause: Cause::NetworkUnreachable, .. }));
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
    assert!(YunohostFacts::from_part(b"", Some(100), false, 0).is_none());
    let (no_python, more) = YunohostFacts::from_part(b"", Some(101), false, 2).expect("a YunoHost");
    assert_eq!(more.len(), 2, "each question has its answer, be it none");
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
        let (yunohost, _) = YunohostFacts::from_part(garbage.as_bytes(), status, status.is_none(), 0).expect("a YunoHost");
        assert!(matches!(&yunohost.users, Part::Failed { message, .. } if !message.contains('\u{1b}')), "{garbage}: {:?}", yunohost.users);
        assert_eq!(yunohost.version(), None, "{garbage}");
    }
}

type Action = (&'static Operation, Given);

fn add(username: &str, domain: Option<&str>) -> Action {
    let mut raw = vec![("username", text(username)), ("fullname", text("Bob Bobby")), ("password", secret("canary-password"))];
    raw.extend(domain.map(|domain| ("domain", text(domain))));
    given("user-add", raw)
}

fn remove(username: &str) -> Action {
    given("user-remove", vec![("username", text(username))])
}

fn alias(username: &str, address: &str) -> Action {
    given("user-edit", vec![("username", text(username)), ("add-mailalias", list(&[address]))])
}

fn shell(username: &str, path: &str) -> Action {
    given("user-edit", vec![("username", text(username)), ("shell", text(path))])
}

fn restart(service: &str) -> Action {
    given("service-restart", vec![("service", text(service))])
}

fn guarded((operation, given): &mut Action, facts: &YunohostFacts) -> Result<(), Refusal> {
    operation.guard(given, &Seen { facts, answers: &[] })
}

#[test]
fn the_guard_refuses_what_the_survey_foresees() {
    let facts = healthy();
    for (mut action, cause, about) in [
        (add("alice", Some("ynh1.test")), Cause::UserExists, "alice"),
        (add("friends", Some("ynh1.test")), Cause::UserExists, "friends"),
        (add("bob", Some("nope.test")), Cause::DomainUnknown, "nope.test"),
        (add("alias", Some("second.test")), Cause::AddressTaken, "alias@second.test"),
        (alias("bob", "x@ynh1.test"), Cause::UserUnknown, "bob"),
        (alias("alice", "x@nope.test"), Cause::DomainUnknown, "nope.test"),
        (alias("alice", "adminone@ynh1.test"), Cause::AddressTaken, "adminone@ynh1.test"),
        (remove("bob"), Cause::UserUnknown, "bob"),
        (remove("adminone"), Cause::LastAdmin, "adminone"),
        (shell("adminone", "/usr/sbin/nologin"), Cause::LastAdmin, "adminone"),
        (restart("nope"), Cause::ServiceUnknown, "nope"),
    ] {
        assert_eq!(guarded(&mut action, &facts), Err(Refusal::Foreseen { cause, about: about.to_owned() }), "{action:?}");
    }
    let shells = [shell("adminone", "/bin/zsh"), shell("alice", "/usr/sbin/nologin")];
    for mut action in shells.into_iter().chain([add("bob", Some("second.test")), remove("alice"), restart("nginx")]) {
        assert_eq!(guarded(&mut action, &facts), Ok(()), "{action:?}");
    }
    let mut completed = add("bob", None);
    assert_eq!(guarded(&mut completed, &facts), Ok(()));
    assert!(completed.0.command(&completed.1, &facts.lacks).masked.to_line().contains("--domain ynh1.test"), "the main one of this host");
}

#[test]
fn a_group_that_lets_people_in_comes_back_with_them() {
    let mut facts = healthy();
    let (Part::Read { value: groups }, Part::Read { value: permissions }) = (&mut facts.groups, &mut facts.permissions) else {
        panic!("both are read");
    };
    groups.get_mut("friends").expect("a group").members = vec!["alice".to_owned()];
    permissions.values_mut().for_each(|permission| permission.allowed.retain(|name| name != "friends"));
    let (operation, given) = given("group-delete", vec![("group", text("friends"))]);
    let undo = |facts: &YunohostFacts| {
        let entry = operation.entry(&given, &Seen { facts, answers: &[] })?;
        Some(entry.undo.iter().map(|words| words.join(" ")).collect::<Vec<_>>())
    };
    assert_eq!(undo(&facts), None, "it lets nobody in");
    let Part::Read { value: permissions } = &mut facts.permissions else { panic!("they are read") };
    permissions.get_mut("ssh.main").expect("a permission").allowed.push("friends".to_owned());
    let again = ["user group create friends", "user group add friends alice", "user permission add ssh.main friends"];
    assert_eq!(undo(&facts), Some(again.map(str::to_owned).to_vec()));
}

#[test]
fn what_was_not_read_decides_nothing() {
    let refused = || answer("302");
    let not_read = |result: Result<(), Refusal>| match result {
        Err(Refusal::NotRead { what, cause: Cause::NotRoot, .. }) => what,
        other => format!("{other:?}"),
    };
    let facts = surveyed((0..11).map(|_| refused()).collect());
    assert_eq!(not_read(guarded(&mut remove("alice"), &facts)), "users");
    assert_eq!(not_read(guarded(&mut restart("nginx"), &facts)), "services");
    let facts = surveyed(vec![refused(), users(), refused(), refused(), refused(), refused(), refused(), refused()]);
    assert_eq!(not_read(guarded(&mut remove("adminone"), &facts)), "groups");
}

#[test]
fn what_does_not_fit_is_refused_without_being_shown() {
    let read = |operation: &str, raw: Vec<(&str, Raw)>| {
        let operation = Operation::find(operation).expect("an operation");
        Given::read(operation, raw.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).expect_err("it does not fit")
    };
    assert_eq!(read("user-remove", vec![]), InvalidGiven::Missing { param: "username" });
    assert_eq!(read("user-edit", vec![("username", text("bob"))]), InvalidGiven::NothingToChange);
    assert_eq!(
        read("user-remove", vec![("username", text("bob")), ("force", Raw::Switch(true))]),
        InvalidGiven::Unknown { param: "force".to_owned() }
    );
    let many = vec!["a@x.org"; 1001];
    assert_eq!(
        read("user-edit", vec![("username", text("bob")), ("add-mailalias", list(&many))]),
        InvalidGiven::TooMany { param: "add-mailalias", count: 1001 }
    );
    let bad = read("user-edit", vec![("username", text("bob")), ("password", secret("canary\n"))]);
    assert_eq!(bad, InvalidGiven::Unfit { param: "password", kind: "password", value: "7 characters".to_owned() });
    for wrong in [Raw::Switch(true), list(&["bob"]), secret("canary")] {
        assert_eq!(
            read("user-remove", vec![("username", wrong)]),
            InvalidGiven::Unfit { param: "username", kind: "username", value: String::new() }
        );
    }
}

#[test]
fn a_record_holds_no_secret_and_comes_back() {
    let facts = healthy();
    let seen = Seen { facts: &facts, answers: &[] };
    let edit = given("user-edit", vec![("username", text("alice")), ("password", secret("canary-password"))]);
    for (operation, given) in [add("bob", Some("second.test")), edit, remove("alice"), restart("nginx")] {
        let record = ActionRecord::of(operation, &given, &seen);
        let stored = serde_json::to_string(&record).expect("JSON");
        assert!(!stored.contains("canary"), "{stored}");
        assert_eq!(serde_json::from_str::<ActionRecord>(&stored).expect("a record"), record);
    }
    let (operation, given) = restart("nginx");
    let before = serde_json::from_str::<serde_json::Value>(&recording("171").stdout).expect("JSON")["last_state_change"].clone();
    assert_eq!(
        serde_json::to_value(ActionRecord::of(operation, &given, &seen)).expect("JSON"),
        serde_json::json!({"operation": "service-restart", "given": {"service": "nginx"}, "before": before})
    );
}
