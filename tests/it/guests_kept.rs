//! A snapshot of the guest that a host is, made before something is done on the host.

use beffroi_tests::{Containers, Fleet};
use serde_json::Value;

/// Names of the snapshots of a guest.
fn snapshots(fleet: &Fleet, guest: &str) -> Vec<String> {
    let listed = fleet.sandbox.json(&["guest", "snapshot", "list", guest]).success().data("guest-snapshot-list");
    listed["snapshots"].as_array().expect("a list").iter().map(|one| one["name"].as_str().expect("text").to_owned()).collect()
}

fn groups(fleet: &Fleet) -> String {
    fleet.sandbox.json(&["ynh", "group", "list", "--on", "ynh-1"]).success().data("ynh-group-list").to_string()
}

#[test]
fn nothing_begins_before_the_snapshot_was_made() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let fleet = Fleet::of(&["ynh-1", "plain-1"]);
    let (host, key) = (lab.host("lxc-1").login("root"), lab.client_key());
    drop(fleet.sandbox.beffroi(&["secret", "set", "other", "--from-file", key.to_str().expect("a plain name")]).success());
    drop(fleet.add_with("lxc-1", &host, &["--trust", &host.fingerprint, "--identity", "other"]).success());
    let change = |name: &str, snapshot: &str| fleet.sandbox.json(&["--yes", "ynh", "group", "create", name, "--on", "ynh-1", snapshot]);
    // It has an SSH server of its own: nothing says of which guest.
    let refused = change("friends", "--snapshot").exit(7).error();
    assert_eq!((&refused["code"], &refused["host"]), (&"guest-not-kept".into(), &"ynh-1".into()), "{refused}");
    // None is there.
    let refused = change("friends", "--snapshot=lxc-1/none").exit(2).error();
    assert_eq!(refused["code"], "guest-not-there", "{refused}");
    assert!(!groups(&fleet).contains("friends") && snapshots(&fleet, "lxc-1/web").is_empty());

    let made = change("friends", "--snapshot=lxc-1/web").success().data("ynh-group-create");
    let results = made["results"].as_array().expect("results");
    let hosts: Vec<&Value> = results.iter().map(|result| &result["host"]).collect();
    assert_eq!(hosts, ["lxc-1", "ynh-1"], "{made:#}");
    assert!(groups(&fleet).contains("friends"));
    let kept = snapshots(&fleet, "lxc-1/web");
    assert!(matches!(kept.as_slice(), [name] if name.starts_with("before-")), "{kept:?}");

    // It cannot be made: what was to come after it does not begin.
    let host = lab.host("lxc-1");
    host.exec("mount -t tmpfs -o ro none /var/lib/lxc/web/snaps");
    let failed = change("others", "--snapshot=lxc-1/web").exit(1).data("ynh-group-create");
    let of = |name: &str| {
        failed["results"].as_array().expect("results").iter().find(|one| one["host"] == name).expect("a result")["error"]["code"].clone()
    };
    assert_eq!((of("lxc-1"), of("ynh-1")), ("guest-not-done".into(), "job-before-failed".into()), "{failed:#}");
    host.exec("umount /var/lib/lxc/web/snaps");
    assert!(!groups(&fleet).contains("others"));
}
