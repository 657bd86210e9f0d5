//! A YunoHost host administered.

use beffroi_tests::Fleet;
use serde_json::{Value, json};

#[test]
fn an_account_is_added_changed_and_removed() {
    let fleet = Fleet::of(&["ynh-1"]);
    let (sandbox, lab) = (&fleet.sandbox, &fleet.lab);
    let before = lab.users("ynh-1");
    sandbox.file("password", "Un-Canard-Violet-71\n");
    let user = |words: &[&str]| sandbox.json(&[&["--yes", "ynh", "user"], words, &["--on", "ynh-1"]].concat());

    let plan = user(&["add", "marie.c", "--fullname", "Marie Curie", "--password-file", "password", "--plan"]).success();
    assert!(!plan.stdout.contains("Canard"), "{}", plan.stdout);
    assert_eq!(plan.data("ynh-user-add")["hosts"][0]["steps"].as_array().map(Vec::len), Some(2));
    assert_eq!(lab.users("ynh-1"), before, "a plan changes nothing");

    let quota = ["--mailbox-quota", "500M"];
    let added = user(&[&["add", "marie.c", "--fullname", "Marie Curie", "--password-file", "password"][..], &quota].concat());
    changed(&added.success().data("ynh-user-add"));
    let info = lab.yunohost("ynh-1", "user info marie.c");
    assert_eq!((&info["fullname"], &info["mailbox-quota"]["limit"]), (&json!("Marie Curie"), &json!("500M")));

    let list = user(&["list"]).success().data("ynh-user-list");
    let users = list["results"][0]["users"].as_array().unwrap();
    assert_eq!(users.iter().map(|user| user["username"].as_str().unwrap()).collect::<Vec<_>>(), lab.users("ynh-1"));

    let edited = user(&["edit", "marie.c", "--fullname", "Marie Skłodowska", "--mailbox-quota", "0", "--password-file", "password"]);
    changed(&edited.success().data("ynh-user-edit"));
    let info = lab.yunohost("ynh-1", "user info marie.c");
    assert_eq!((&info["fullname"], &info["mailbox-quota"]["limit"]), (&json!("Marie Skłodowska"), &json!("No quota")));

    changed(&user(&["remove", "marie.c", "--purge"]).success().data("ynh-user-remove"));
    assert_eq!(lab.users("ynh-1"), before);
}

#[test]
fn an_account_is_added_on_several_hosts_at_once() {
    let fleet = Fleet::of(&["plain-1", "ynh-1", "ynh-slow"]);
    fleet.lab.slow("ynh-slow", 1);
    fleet.sandbox.file("password", "Un-Canard-Violet-71\n");
    let words = ["--yes", "ynh", "user", "add", "ada", "--fullname", "Ada L", "--password-file", "password", "--on", "all"];
    let results = fleet.sandbox.json(&words).exit(1).data("ynh-user-add")["results"].take();
    let status: Vec<_> = results.as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["failed", "changed", "changed"], "{results}");
    assert_eq!(results[0]["error"]["code"], "ynh-absent");
    for host in ["ynh-1", "ynh-slow"] {
        assert!(fleet.lab.users(host).contains(&"ada".to_owned()));
    }
}

#[test]
fn services_and_apps_are_listed_and_a_service_is_restarted() {
    let fleet = Fleet::of(&["ynh-1"]);
    let before = fleet.lab.yunohost("ynh-1", "service status nginx")["last_state_change"].take();
    let listed = |part: &str| {
        let words = ["ynh", part, "list", "--on", "role:yunohost"];
        fleet.sandbox.json(&words).success().data(&format!("ynh-{part}-list"))["results"][0].take()
    };
    drop(fleet.sandbox.json(&["host", "survey", "all"]).success().data("host-survey"));
    let services = listed("service")["services"].take();
    let there = fleet.lab.yunohost("ynh-1", "service status");
    assert_eq!(names(&services, "name"), there.as_object().unwrap().keys().collect::<Vec<_>>());
    let apps = listed("app")["apps"].take();
    let there = fleet.lab.yunohost("ynh-1", "app list")["apps"].take();
    assert_eq!(names(&apps, "id"), names(&there, "id"));

    let words = ["--yes", "ynh", "service", "restart", "nginx", "--on", "ynh-1"];
    changed(&fleet.sandbox.json(&words).success().data("ynh-service-restart"));
    let after = fleet.lab.yunohost("ynh-1", "service status nginx");
    assert_eq!(after["status"], "running");
    assert_ne!(after["last_state_change"], before);
}

fn names<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|item| item[field].as_str()).collect();
    names.sort_unstable();
    names
}

/// The only result says that its host was changed.
#[track_caller]
fn changed(data: &Value) {
    let [result] = data["results"].as_array().expect("results").as_slice() else { beffroi_tests::fail(format!("one host: {data}")) };
    assert_eq!((&result["status"], &result["exit_code"], &result["error"]), (&json!("changed"), &json!(0), &Value::Null), "{result}");
    assert!(result["duration_ms"].is_u64(), "{result}");
}
