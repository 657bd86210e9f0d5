//! Many YunoHosts at once, offline, and what is read of one, by the command line.

use beffroi_tests::Fleet;
use serde_json::{Value, json};

/// A finding of a diagnosis, as the stand-in's seed has it.
fn finding(status: &str, summary: &str, meta: &Value) -> Value {
    json!({"meta": meta, "status": status, "data": {}, "summary": summary, "details": []})
}

#[test]
fn a_fleet_is_seen_offline_finding_by_finding() {
    let fleet = Fleet::of(&["ynh-1", "ynh-slow", "plain-1"]);
    fleet.lab.slow("ynh-slow", 1);
    let demo = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/lab/yunohost/seeds/demo.json")).unwrap();
    for (host, extra) in [("ynh-1", None), ("ynh-slow", Some(finding("WARNING", "Only 5% left", &json!({"test": "ram"}))))] {
        let mut seed: Value = serde_json::from_slice(&demo).unwrap();
        let no_internet = finding("ERROR", "The server does not seem to be connected to the Internet at all!?", &json!({"test": "ping"}));
        let down = finding("ERROR", "Service nginx is dead", &json!({"service": "nginx"}));
        seed["diagnosis"] =
            json!({"found": {"ip": [no_internet], "services": [down], "systemresources": extra.into_iter().collect::<Vec<_>>()}});
        fleet.lab.seed(host, &seed);
    }
    let nobody = fleet.sandbox.json(&["ynh", "fleet", "versions"]).exit(2).error();
    assert_eq!(nobody["code"], "nothing-selected", "nothing is known of any host: {nobody}");
    let unknown = fleet.sandbox.json(&["ynh", "fleet", "versions", "--on", "ynh-1"]).exit(1).data("ynh-fleet-versions");
    assert_eq!(unknown["hosts"][0]["error"]["code"], "not-surveyed", "{unknown}");

    let ran = fleet.sandbox.json(&["--yes", "ynh", "diagnosis", "run", "--on", "ynh-1 or ynh-slow"]).success().data("ynh-diagnosis-run");
    assert_eq!(ran["results"].as_array().map(Vec::len), Some(2), "what it finds is no failure of it: {ran}");
    let all = ["ynh", "fleet", "diagnosis", "--on", "all", "--refresh"];
    let diagnosis = fleet.sandbox.json(&all).success().data("ynh-fleet-diagnosis");
    assert_eq!(diagnosis["hosts"].as_array().map(Vec::len), Some(2), "plain-1 has no YunoHost: {diagnosis}");
    let lines = |data: &Value| -> Vec<(String, usize, bool)> {
        let line = |line: &Value| {
            (line["category"].as_str().unwrap().to_owned(), line["hosts"].as_array().unwrap().len(), line["only_no_internet"] == true)
        };
        data["diagnosis"].as_array().unwrap().iter().map(line).collect()
    };
    let expected =
        [("services", 2, false), ("systemresources", 1, false), ("ip", 2, true)].map(|(name, count, only)| (name.to_owned(), count, only));
    assert_eq!(lines(&diagnosis), expected);

    let ignore = ["--yes", "ynh", "diagnosis", "ignore", "--filter", "services", "--filter", "service=nginx", "--on", "role:yunohost"];
    drop(fleet.sandbox.json(&ignore).success());
    let diagnosis = fleet.sandbox.json(&all).success().data("ynh-fleet-diagnosis");
    let last = diagnosis["diagnosis"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["category"], &last["ignored"], last["hosts"].as_array().map(Vec::len)), (&json!("services"), &json!(true), Some(2)));

    // The hosts are gone: what was read of them stays.
    let fleet_before = fleet.sandbox.json(&["ynh", "fleet", "versions"]).success().data("ynh-fleet-versions");
    let Fleet { sandbox, lab } = fleet;
    drop(lab);
    for view in ["versions", "apps", "upgrades", "certificates", "diagnosis", "backups"] {
        let data = sandbox.json(&["ynh", "fleet", view]).success().data(&format!("ynh-fleet-{view}"));
        assert!(data[view].is_array() && data["hosts"][0]["taken_ms"].is_u64(), "{data}");
        assert!(sandbox.beffroi(&["ynh", "fleet", view]).success().stdout.contains("ynh-1"), "{view}");
    }
    assert_eq!(sandbox.json(&["ynh", "fleet", "versions"]).success().data("ynh-fleet-versions"), fleet_before);
    let anew = sandbox.json(&["ynh", "fleet", "versions", "--refresh"]).exit(1).data("ynh-fleet-versions");
    assert_eq!((&anew["hosts"][0]["status"], &anew["versions"]), (&json!("unreachable"), &fleet_before["versions"]));
}

#[test]
fn each_reading_answers_and_says_how_old_it_is() {
    let fleet = Fleet::of(&["ynh-1"]);
    let read = |name: &str, words: &[&str]| {
        fleet.sandbox.json(&[&["ynh"], words, &["--on", "ynh-1"]].concat()).success().data(&format!("ynh-{name}"))["results"][0].take()
    };
    let first = read("user-list", &["user", "list"]);
    assert!(first["duration_ms"].as_u64() > Some(0) && first["taken_ms"].is_u64());
    for (name, words) in [
        ("app-info", &["app", "info", "roundcube"][..]),
        ("domain-dns", &["domain", "dns", "atelier-dubois.example"]),
        ("domain-dns", &["domain", "dns", "atelier-dubois.example", "--check"]),
        ("service-log", &["service", "log", "nginx", "--lines", "5"]),
        ("settings-list", &["settings", "list"]),
        ("firewall-list", &["firewall", "list"]),
        ("log-list", &["log", "list"]),
        ("migration-list", &["migration", "list"]),
        ("regen-conf-diff", &["regen-conf", "diff"]),
        ("diagnosis-show", &["diagnosis", "show", "--all"]),
        ("upgrades", &["upgrades"]),
    ] {
        let result = read(name, words);
        assert!(result["entries"].is_array() && result["taken_ms"].is_u64(), "{words:?}: {result}");
    }
    let again = read("domain-list", &["domain", "list"]);
    assert_eq!((&again["taken_ms"], &again["duration_ms"]), (&first["taken_ms"], &json!(0)), "of the same survey");
    assert!(again["domains"][0].is_string() && again["entries"][0]["certificate"].is_string(), "{again}");
    let told = fleet.sandbox.beffroi(&["ynh", "domain", "list", "--on", "ynh-1"]).success();
    assert!(told.stderr.contains("--refresh") && !told.stdout.contains("--refresh"), "{told:?}");
    let anew =
        fleet.sandbox.json(&["ynh", "domain", "list", "--refresh", "--on", "ynh-1"]).success().data("ynh-domain-list")["results"][0].take();
    assert!(anew["taken_ms"].as_u64() > first["taken_ms"].as_u64());
    let unknown = fleet.sandbox.json(&["ynh", "service", "log", "nope", "--on", "ynh-1"]).exit(7).data("ynh-service-log");
    assert_eq!(unknown["results"][0]["status"], "failed", "{unknown}");
    let share = fleet.sandbox.json(&["ynh", "log", "show", "--on", "ynh-1", "--", "--share"]).exit(2).error();
    assert_eq!(share["code"], "ynh-invalid", "{share}");
}
