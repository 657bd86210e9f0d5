//! Hosts: added, trusted, tested, surveyed, removed.

use beffroi_tests::Fleet;
use serde_json::{Value, json};

#[test]
fn a_host_is_added_tested_shown_and_removed() {
    let fleet = Fleet::of(&[]);
    let host = fleet.lab.host("plain-1");
    let flags = ["--trust", &host.fingerprint, "--identity", "key", "--tag", "web", "--tag", "lyon", "--test", "--json"];
    let tested = fleet.add_with("web-1", host, &flags).success().data("host-add");
    assert_eq!(tested["passed"], true, "{tested}");

    let list = fleet.sandbox.json(&["host", "list"]).success().data("host-list");
    let row = &list["hosts"][0];
    assert_eq!(list["hosts"].as_array().map(Vec::len), Some(1));
    assert_eq!((&row["name"], &row["address"], &row["port"]), (&json!("web-1"), &json!(host.address), &json!(host.port)));
    assert_eq!((&row["user"], &row["stage"], &row["identity"]), (&json!(host.user), &json!("dev"), &json!("key")));
    assert_eq!((&row["pins"], &row["tags"]), (&json!([host.fingerprint]), &json!(["lyon", "web"])));

    let detail = fleet.sandbox.json(&["host", "show", "web-1"]).success().data("host-show");
    assert_eq!(&detail["host"], row);
    // The last step of a test is a survey, and that is kept.
    let kernel = fleet.lab.ssh("plain-1", "uname -r");
    assert_eq!((&detail["survey"]["system"]["kernel"], &detail["jobs"]), (&json!(kernel.trim()), &json!([])));

    let steps = fleet.sandbox.json(&["host", "test", "web-1"]).success().data("host-test")["steps"].take();
    let tried: Vec<_> = steps.as_array().unwrap().iter().map(|step| step["what"]["key"].as_str().unwrap()).collect();
    assert_eq!(tried, ["connect", "key", "login", "command", "system", "clock", "disk", "roles"].map(|step| format!("test.{step}")));

    drop(fleet.sandbox.json(&["host", "remove", "web-1", "--yes"]).success().data("host-remove"));
    assert_eq!(fleet.sandbox.json(&["host", "list"]).success().data("host-list")["hosts"], json!([]));
    drop(fleet.lab.ssh("plain-1", "true"));
}

#[test]
fn a_key_is_trusted_after_it_was_compared() {
    let fleet = Fleet::of(&[]);
    let host = fleet.lab.host("plain-1");
    drop(fleet.add_with("web-1", host, &["--identity", "key"]).success());
    let shown = fleet.sandbox.json(&["host", "trust", "web-1"]).exit(4).error();
    assert!(shown["message"].as_str().unwrap().contains(&host.fingerprint), "the key to compare is told: {shown}");
    let row = fleet.sandbox.json(&["host", "trust", "web-1", &host.fingerprint]).success().data("host-trust");
    assert_eq!(row["pins"], json!([host.fingerprint]));
    assert_eq!(fleet.sandbox.json(&["host", "test", "web-1"]).success().data("host-test")["passed"], true);
}

#[test]
fn a_survey_tells_what_is_on_a_host_and_is_kept() {
    let fleet = Fleet::of(&["plain-1", "ynh-1"]);
    let results = fleet.sandbox.json(&["host", "survey", "all"]).success().data("host-survey")["results"].take();
    let [plain, yunohost] = results.as_array().unwrap().as_slice() else { panic!("two hosts: {results}") };
    assert_eq!((&plain["host"], &plain["survey"]["yunohost"]), (&json!("plain-1"), &Value::Null));
    let kernel = fleet.lab.ssh("plain-1", "uname -r");
    assert_eq!(plain["survey"]["system"]["kernel"], kernel.trim());

    let users: Vec<&str> = logins(&yunohost["survey"]["yunohost"]["users"]);
    assert_eq!(users, fleet.lab.users("ynh-1"));
    assert_eq!(yunohost["survey"]["yunohost"]["version"], fleet.lab.yunohost("ynh-1", "tools versions")["yunohost"]["version"]);

    let kept = fleet.sandbox.json(&["host", "show", "ynh-1"]).success().data("host-show");
    assert_eq!(kept["survey"], yunohost["survey"]);
    assert_eq!(kept["host"]["role"], "yunohost");
    // Younger than ten minutes: read from the vault.
    let again = fleet.sandbox.json(&["host", "survey", "ynh-1"]).success().data("host-survey")["results"].take();
    assert_eq!(again[0]["survey"]["taken_ms"], yunohost["survey"]["taken_ms"]);
    let anew = fleet.sandbox.json(&["host", "survey", "ynh-1", "--refresh"]).success().data("host-survey")["results"].take();
    assert_ne!(anew[0]["survey"]["taken_ms"], yunohost["survey"]["taken_ms"]);
}

#[test]
fn hosts_are_selected_by_name_tag_stage_role_and_vault() {
    let fleet = Fleet::of(&[]);
    for (name, host, tag) in [("web-1", "plain-1", "web"), ("cloud-1", "ynh-1", "web"), ("cloud-2", "ynh-slow", "spare")] {
        let host = fleet.lab.host(host);
        drop(fleet.add_with(name, host, &["--trust", &host.fingerprint, "--identity", "key", "--tag", tag]).success());
    }
    drop(fleet.sandbox.json(&["host", "survey", "all"]).success().data("host-survey"));
    let selected = |selector: &str| {
        let results = fleet.sandbox.json(&["run", "--on", selector, "--", "true"]).success().data("run")["results"].take();
        results.as_array().unwrap().iter().map(|result| result["host"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(selected("all"), ["cloud-1", "cloud-2", "web-1"]);
    assert_eq!(selected("web-1,cloud-2"), ["cloud-2", "web-1"]);
    assert_eq!(selected("tag:web and not web-1"), ["cloud-1"]);
    assert_eq!(selected("role:yunohost"), ["cloud-1", "cloud-2"]);
    assert_eq!(selected("stage:dev and (tag:spare or web-1)"), ["cloud-2", "web-1"]);
    assert_eq!(selected("vault:vault and tag:spare"), ["cloud-2"]);
}

fn logins(users: &Value) -> Vec<&str> {
    users.as_array().expect("the survey lists accounts").iter().filter_map(|user| user["username"].as_str()).collect()
}
