//! Operations of YunoHost by the command line: one of each category, and what is refused before anything is sent.

use beffroi_tests::Fleet;
use serde_json::Value;

/// Carries out `ynh WORDS` on the host, which must come to this status; gives the answer of the host.
#[track_caller]
fn done(fleet: &Fleet, command: &str, words: &[&str]) -> Value {
    let answer = fleet.sandbox.json(&[&["--yes", "ynh"], words, &["--on", "ynh-1"]].concat()).success();
    let result = answer.data(command)["results"][0].take();
    assert_eq!(result["status"], "changed", "{words:?}: {result}");
    result
}

#[test]
fn each_category_is_administered() {
    let fleet = Fleet::of(&["ynh-1"]);
    let lab = &fleet.lab;
    let key = format!("ssh-ed25519 {} me@laptop", "A".repeat(68));

    done(&fleet, "ynh-group-create", &["group", "create", "friends"]);
    done(&fleet, "ynh-group-add", &["group", "add", "friends", "noemie", "tom.reed"]);
    assert_eq!(lab.yunohost("ynh-1", "user group info friends")["members"].as_array().map(Vec::len), Some(2));
    done(&fleet, "ynh-permission-add", &["permission", "add", "paperless-ngx.main", "friends"]);
    done(&fleet, "ynh-ssh-add-key", &["ssh", "add-key", "noemie", &key]);
    done(&fleet, "ynh-domain-add", &["domain", "add", "third.example"]);
    assert!(lab.yunohost("ynh-1", "domain list")["domains"].to_string().contains("third.example"));
    done(&fleet, "ynh-app-change-label", &["app", "change-label", "roundcube", "Post"]);
    done(&fleet, "ynh-firewall-open", &["firewall", "open", "8123", "Bells"]);
    done(&fleet, "ynh-backup-create", &["backup", "create", "--name", "before-noon", "--apps", "roundcube"]);
    let listed = fleet.sandbox.json(&["ynh", "backup", "list", "--on", "ynh-1"]).success().data("ynh-backup-list");
    assert!(listed["hosts"][0]["archives"].to_string().contains("before-noon"), "{listed}");
    done(&fleet, "ynh-service-stop", &["service", "stop", "redis-server"]);
    done(&fleet, "ynh-diagnosis-run", &["diagnosis", "run"]);

    let journal = fleet.sandbox.json(&["journal", "list"]).success().data("journal-list").to_string();
    assert!(journal.contains("group-create") && !journal.contains("noemie"), "what was done, and not to whom");
}

#[test]
fn what_would_do_harm_is_not_sent() {
    let fleet = Fleet::of(&["ynh-1"]);
    let refused = |words: &[&str]| {
        let before = fleet.lab.yunohost("ynh-1", "log list");
        let error = fleet.sandbox.json(&[&["--yes", "ynh"], words, &["--on", "ynh-1"]].concat()).exit(7).error();
        assert_eq!(fleet.lab.yunohost("ynh-1", "log list"), before, "{words:?}: nothing ran");
        error
    };
    let main = refused(&["domain", "remove", "atelier-dubois.example"]);
    assert_eq!(main["code"], "ynh-not-possible", "{main}");
    assert!(main["message"].as_str().unwrap().contains("is the main domain"), "{main}");
    assert!(main["remedy"].as_str().unwrap().contains("domain main"), "{main}");
    assert_eq!(refused(&["group", "remove", "admins", "camille", "julien"])["code"], "ynh-last-admin");
    for words in [
        &["settings", "set", "security.ssh.ssh_port", "--value", "2222"][..],
        &["firewall", "close", "22"],
        &["service", "stop", "ssh"],
        &["group", "delete", "all_users"],
    ] {
        assert_eq!(refused(words)["code"], "ynh-not-possible", "{words:?}");
    }
    // In the language of who asks, reason and remedy alike.
    let words = ["--lang", "fr", "--yes", "ynh", "domain", "remove", "atelier-dubois.example", "--on", "ynh-1"];
    let told = fleet.sandbox.beffroi(&words).exit(7).stderr;
    assert!(told.contains("domaine principal"), "{told}");
}
