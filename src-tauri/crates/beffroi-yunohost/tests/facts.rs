//! Surveys: from what a host prints to facts and back from their stored form, with honest and hostile hosts.

mod common;

use beffroi_domain::Exit;
use beffroi_yunohost::facts::{Domains, Part, SystemFacts};
use beffroi_yunohost::{Action, ActionRecord, Cause, HostFacts, Refusal, SurveyError, UserChanges, survey};
use common::{Scripted, answer, answers, printed, probe, recording};

const USERS: &str = r#"{"users": {
    "adminone": {"username": "adminone", "fullname": "Admin One", "mail": "adminone@ynh1.test", "mail-alias": ["root@ynh1.test"],
        "mail-forward": [], "mailbox-quota": "0", "groups": ["admins"]},
    "alice": {"username": "alice", "fullname": "\u00c9lise D\u00fbpont", "mail": "alice@ynh1.test", "mail-alias": ["alias@second.test"],
        "mail-forward": ["a@b.org"], "mailbox-quota": "500M", "groups": []}}}"#;

fn users() -> serde_json::Value {
    printed(&USERS.replace('\n', ""))
}

async fn surveyed(results: Vec<serde_json::Value>) -> HostFacts {
    survey(&Scripted::new(probe("hostname=ynh1\nuid=0", &answers(results)))).await.expect("a survey")
}

async fn healthy() -> HostFacts {
    surveyed(vec![answer("240"), users(), answer("100"), answer("108"), answer("086"), answer("067"), answer("170"), answer("193")]).await
}

#[tokio::test]
async fn recorded_answers_become_facts() {
    let facts = healthy().await;
    assert_eq!(facts.system.hostname.as_deref(), Some("ynh1"));
    assert_eq!(facts.system.uid, Some(0));
    let yunohost = facts.yunohost.as_ref().expect("a YunoHost");
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

#[tokio::test]
async fn the_stored_form_comes_back_and_others_are_refused() {
    let facts = healthy().await;
    let stored = facts.to_stored();
    assert!(stored.starts_with(br#"{"schema":"beffroi/survey/1","#));
    assert_eq!(HostFacts::from_stored(&stored).expect("facts"), facts);
    let text = String::from_utf8(stored).expect("text");
    let newer = text.replace("\"system\":{", "\"system\":{\"of_a_newer_version\":[1],");
    assert_eq!(HostFacts::from_stored(newer.as_bytes()).expect("unknown fields are passed over"), facts);
    for bad in [
        text.replace("survey/1", "survey/2"),
        text.replace("\"users\":{\"state\":\"read\"", "\"users\":{\"state\":\"odd\""),
        "{".to_owned(),
        String::new(),
    ] {
        assert!(HostFacts::from_stored(bad.as_bytes()).is_err());
    }
    assert!(HostFacts::from_stored(&b"[".repeat(1 << 20)).is_err());
}

#[tokio::test]
async fn one_command_asks_for_everything() {
    let remote = Scripted::new(probe("", &answers(Vec::new())));
    survey(&remote).await.expect("a survey");
    let request = remote.only_stdin();
    let commands = request["survey"].as_array().expect("commands");
    assert_eq!(commands.len(), 8);
    assert!(commands.iter().all(|words| words.as_array().expect("words").ends_with(&["--output-as".into(), "json".into()])));
    assert!(!request.to_string().contains("--quiet"));
}

#[tokio::test]
async fn a_part_that_failed_fails_alone() {
    let mut hung = printed("{}");
    hung["timed_out"] = true.into();
    hung["exit"] = (-9).into();
    let mut cut = answer("240");
    cut["cut"] = true.into();
    let facts = surveyed(vec![answer("240"), answer("302"), answer("002"), hung, answer("138"), cut, answer("170"), answer("190")]).await;
    let yunohost = facts.yunohost.expect("a YunoHost");
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

#[tokio::test]
async fn wrong_types_cost_only_what_they_stand_in() {
    let facts = surveyed(vec![
        printed(r#"{"yunohost": {"version": ["12"]}, "x": 7, "\u001b[31m": {}}"#),
        printed(r#"{"users": {"a": {"fullname": 5, "mail": [], "mail-alias": "no list", "groups": [1, "g", null]}, "b": null}}"#),
        printed(r#"{"groups": []}"#),
        printed(r#"{"permissions": {"p": {"allowed": {}, "protected": "yes", "label": "\u001b[2Jx\u202e\u0007"}}}"#),
        printed(r#"{"apps": [5, {"name": "no id"}, {"id": "a", "upgrade": "x"}]}"#),
        printed(r#"{"domains": ["b", 1, "a"], "main": 5}"#),
        printed(r#"{"nginx": {"status": "running", "last_state_change": "unknown"}}"#),
        printed(r#"{"archives": []}"#),
    ])
    .await;
    let yunohost = facts.yunohost.expect("a YunoHost");
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

#[tokio::test]
async fn huge_and_deep_answers_are_bounded() {
    let many: String = (0..20_000).map(|number| format!(r#","u{number}": {{"fullname": "x"}}"#)).collect();
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let long = format!(r#"{{"groups": {{"{}": {{"members": ["{}"]}}}}}}"#, "n".repeat(100_000), "m".repeat(100_000));
    let unreadable = printed("{\"permissions\": {\"a\"");
    let mut results = vec![printed(&deep), printed(&format!(r#"{{"users": {{"a": {{}}{many}}}}}"#)), printed(&long), unreadable];
    results.extend([printed("null"), printed("{}"), printed("[]"), printed("\"text\"")]);
    let yunohost = surveyed(results).await.yunohost.expect("a YunoHost");
    assert!(matches!(yunohost.versions, Part::Failed { cause: Cause::AnswerNotUnderstood, .. }));
    assert_eq!(yunohost.users.value().expect("users").len(), 10_000);
    let groups = yunohost.groups.value().expect("groups");
    assert!(groups.iter().all(|(name, group)| name.len() == 4096 && group.members[0].len() == 4096));
    assert!(yunohost.permissions.value().is_none() && yunohost.apps.value().is_none() && yunohost.domains.value().is_none());
    assert!(yunohost.services.value().is_none() && yunohost.backups.value().is_none());
}

#[tokio::test]
async fn hosts_without_an_answer_say_why() {
    let refused = survey(&Scripted::with("", "sh: \u{1b}[1msyntax error\n", Exit::Status(2))).await;
    assert!(matches!(refused, Err(SurveyError::NotAnswered { message }) if message == "sh: syntax error"));

    let plain = survey(&Scripted::new("beffroi-survey/1 begin\nos_id=alpine\nbeffroi-survey/1 end\n")).await.expect("a survey");
    assert_eq!(plain.system, SystemFacts { os_id: Some("alpine".to_owned()), ..SystemFacts::default() });
    assert_eq!(plain.yunohost, None);

    let no_python = "beffroi-survey/1 begin\nyunohost=/usr/bin/yunohost\nbeffroi-survey/1 end\n";
    let yunohost = survey(&Scripted::new(no_python)).await.expect("a survey").yunohost.expect("a YunoHost");
    assert!(matches!(yunohost.users, Part::Failed { cause: Cause::ProgramMissing, .. }));

    for garbage in [
        "",
        "Traceback\n",
        "{\"yunohost_survey\": 2, \"results\": []}\n",
        "{\"yunohost_survey\": 1, \"results\": 5}\n",
        &answers(vec![printed("{}")]),
    ] {
        let facts = survey(&Scripted::with(probe("", garbage), "ModuleNotFoundError: x\n", Exit::Status(0))).await.expect("a survey");
        let yunohost = facts.yunohost.expect("a YunoHost");
        assert!(matches!(&yunohost.users, Part::Failed { cause: Cause::AnswerNotUnderstood, .. }), "{garbage}: {:?}", yunohost.users);
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

#[tokio::test]
async fn the_guard_refuses_what_the_survey_foresees() {
    let facts = healthy().await;
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
        assert_eq!(action.guard(&facts), Err(refusal), "{action:?}");
    }
    let restart = Action::ServiceRestart { name: text("nginx") };
    for action in
        [add("bob", Some("second.test")), alias("alice", "x@second.test"), alias("alice", "alias@second.test"), remove("alice"), restart]
    {
        assert_eq!(action.guard(&facts), Ok(()), "{action:?}");
    }
    let mut completed = add("bob", None);
    completed.complete(&facts);
    assert_eq!(completed.guard(&facts), Ok(()));
    assert!(completed.command().masked.to_line().contains("--domain ynh1.test"));
}

#[tokio::test]
async fn what_was_not_read_decides_nothing() {
    let refused = || answer("302");
    let facts = surveyed((0..8).map(|_| refused()).collect()).await;
    assert_eq!(remove("alice").guard(&facts), Err(Refusal::PartNotRead { part: "users" }));
    assert_eq!(Action::ServiceRestart { name: "nginx".to_owned() }.guard(&facts), Err(Refusal::PartNotRead { part: "services" }));
    let facts = surveyed(vec![refused(), users(), refused(), refused(), refused(), refused(), refused(), refused()]).await;
    assert_eq!(remove("adminone").guard(&facts), Err(Refusal::PartNotRead { part: "groups" }));
    let plain = HostFacts { yunohost: None, ..facts };
    assert_eq!(remove("adminone").guard(&plain), Err(Refusal::NoYunohost));
}

#[tokio::test]
async fn a_record_holds_no_secret_and_comes_back() {
    let facts = healthy().await;
    let changes = UserChanges { password: Some(beffroi_secret::SecretText::new("canary-password".to_owned())), ..UserChanges::default() };
    let edit = Action::UserEdit { username: "alice".to_owned(), changes };
    for action in [add("bob", Some("second.test")), edit, remove("alice"), Action::ServiceRestart { name: "nginx".to_owned() }] {
        let record = ActionRecord::of(&action, &facts);
        let stored = serde_json::to_string(&record).expect("JSON");
        assert!(!stored.contains("canary"), "{stored}");
        assert_eq!(serde_json::from_str::<ActionRecord>(&stored).expect("a record"), record);
    }
    let restart = ActionRecord::of(&Action::ServiceRestart { name: "nginx".to_owned() }, &facts);
    let before = serde_json::from_str::<serde_json::Value>(&recording("171").stdout).expect("JSON")["last_state_change"].clone();
    assert_eq!(
        serde_json::to_value(restart).expect("JSON"),
        serde_json::json!({"action": "service-restart/1", "name": "nginx", "changed_before": before})
    );
}
