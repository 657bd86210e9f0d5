//! Guests and the stages and names of a vault.

use beffroi_tests::{Containers, Sandbox};
use serde_json::Value;

use crate::agent::opened;
use crate::refusals::refused;

const SECRET: &str = "gravel-otter-plinth-umber-quiche-falcon-tundra-wharf";

/// A host of the lab under a stage that is protected, in a vault that an agent has open.
fn under_stage() -> Option<(Containers, Sandbox)> {
    let lab = Containers::up(&["lxc-1"])?;
    let sandbox = opened();
    sandbox.file("stage-secret", &format!("{SECRET}\n"));
    drop(sandbox.beffroi(&["stage", "add", "site"]).success());
    let key = lab.client_key();
    drop(sandbox.beffroi(&["secret", "set", "key", "--stage", "site", "--from-file", key.to_str().expect("a plain path")]).success());
    let host = lab.host("lxc-1").login("root");
    let port = host.port.to_string();
    let to = ["host", "add", "lxc-1", &host.address, "--port", &port, "--user", &host.user, "--stage", "site"];
    drop(sandbox.beffroi(&[&to[..], &["--trust", &host.fingerprint, "--identity", "key"]].concat()).success());
    drop(sandbox.beffroi(&["stage", "protect", "site", "--stage-secret", "site=stage-secret"]).success());
    Some((lab, sandbox))
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.json(&["host", "list"]).success().data("host-list");
    list["hosts"].as_array().expect("hosts").iter().map(|host| host["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_guest_of_another_stage_is_out_of_reach_when_its_hosts_stage_is_sealed() {
    let Some((_lab, sandbox)) = under_stage() else { return };
    let unseal = ["stage", "unseal", "site", "--for", "5m", "--stage-secret", "site=stage-secret"];
    drop(sandbox.beffroi(&unseal).success());
    let echo = ["run", "--on", "lxc-1/web", "--", "echo in"];
    assert_eq!(sandbox.beffroi(&echo).success().stdout, "in\n");
    // It is of its host's stage until somebody says otherwise.
    let shown = sandbox.json(&["host", "show", "lxc-1/web"]).success().data("host-show");
    assert_eq!((&shown["host"]["stage"], &shown["host"]["jump"]), (&Value::from("site"), &Value::from("lxc-1")), "{shown}");
    drop(sandbox.beffroi(&["host", "edit", "lxc-1/web", "--stage", "dev"]).success());
    assert_eq!(sandbox.beffroi(&echo).success().stdout, "in\n");
    // The agent keeps a connection for it, which was made with what the host's stage has.
    drop(sandbox.beffroi(&["stage", "seal", "site"]).success());
    refused(&sandbox, &echo, 6, "stage-sealed");
    drop(sandbox.beffroi(&unseal).success());
    assert_eq!(sandbox.beffroi(&echo).success().stdout, "in\n");
}

#[test]
fn guests_go_along_with_the_name_of_their_host_and_with_the_host() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    refused(&sandbox, &["run", "--on", "lxc-1/none", "--", "true"], 2, "guest-not-there");
    refused(&sandbox, &["run", "--on", "other/web", "--", "true"], 2, "host-not-found");
    drop(sandbox.beffroi(&["run", "--on", "lxc-1/web", "--", "true"]).success());
    assert_eq!(names(&sandbox), ["lxc-1", "lxc-1/web"]);
    for flags in [&["--address", "192.0.2.1"][..], &["--port", "2222"], &["--identity", "key"], &["--name", "lxc-1/www"]] {
        refused(&sandbox, &[&["host", "edit", "lxc-1/web"], flags].concat(), 2, "guest-no-ssh");
    }
    refused(&sandbox, &["host", "enrol", "lxc-1/web", "--yes"], 2, "guest-no-ssh");
    drop(sandbox.beffroi(&["host", "edit", "lxc-1", "--name", "rack"]).success());
    assert_eq!(names(&sandbox), ["rack", "rack/web"]);
    assert_eq!(sandbox.beffroi(&["run", "--on", "rack/web", "--", "hostname"]).success().stdout, "web\n");
    drop(sandbox.beffroi(&["host", "remove", "rack", "--yes"]).success());
    assert!(names(&sandbox).is_empty());
}
