//! `guest list` and `guest show` on hosts with real drivers: classic LXC, Incus, LXD.

use beffroi_tests::{Containers, Sandbox};
use serde_json::{Value, json};

use crate::refusals::refused;

const HOSTS: [&str; 3] = ["lxc-1", "incus-1", "lxd-1"];

fn host<'a>(list: &'a Value, name: &str) -> &'a Value {
    list["hosts"].as_array().expect("hosts").iter().find(|host| host["host"] == name).expect("the host")
}

fn row<'a>(host: &'a Value, name: &str) -> &'a Value {
    host["guests"].as_array().expect("guests").iter().find(|guest| guest["name"] == name).expect("the guest")
}

#[test]
fn guests_of_every_driver_are_told_in_one_form() {
    let Some(lab) = Containers::up(&HOSTS) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &HOSTS);
    let never = sandbox.json(&["guest", "list", "--stored"]).success().data("guest-list");
    assert!(HOSTS.iter().all(|name| host(&never, name)["taken_ms"].is_null()), "{never}");

    let list = sandbox.json(&["guest", "list"]).success().data("guest-list");
    for (name, driver) in HOSTS.iter().zip(["lxc", "incus", "lxd"]) {
        let host = host(&list, name);
        assert_eq!(
            (&host["status"], &host["drivers"][0]["driver"], &host["missing"]),
            (&json!("ok"), &json!(driver), &json!([])),
            "{host}"
        );
        let guest = &row(host, &format!("{name}/web"))["guest"];
        assert_eq!((&guest["state"], &guest["autostart"]), (&json!("running"), &json!(true)), "{guest}");
        assert!(guest["pid"].as_u64().is_some_and(|pid| pid > 1) && guest["memory_used_bytes"].as_u64().is_some_and(|bytes| bytes > 0));
        assert!(guest["interfaces"][0]["parent"].as_str().is_some_and(|bridge| bridge.ends_with("br0")), "{guest}");
        assert!(
            guest["addresses"].as_array().expect("addresses").iter().all(|address| address.as_str().expect("text").starts_with("10.0."))
        );
        assert!(host["capacity"]["pools"][0]["free_bytes"].as_u64().is_some_and(|free| free > 0));
        assert!(host["capacity"]["promised"]["guests"].as_u64().is_some_and(|guests| guests > 0));
    }
    assert_eq!(row(host(&list, "lxc-1"), "lxc-1/old")["guest"]["state"], "stopped");
    assert_eq!(host(&list, "incus-1")["images"][0]["aliases"], json!(["openrc"]));

    // What the guest itself does is told by the next reading.
    lab.host("lxc-1").exec("lxc-freeze -n web");
    lab.host("incus-1").exec("incus config set web limits.memory=64MiB environment.TOKEN=s3cret-of-the-guest");
    let known = sandbox.json(&["guest", "show", "lxc-1/web"]).success().data("guest-show");
    assert_eq!((&known["row"]["guest"]["state"], &known["row"]["presence"]), (&json!("running"), &json!("present")), "it is young");
    let read = sandbox.json(&["guest", "show", "lxc-1/web", "--refresh"]).success().data("guest-show");
    assert_eq!(read["row"]["guest"]["state"], "frozen");
    let limited = sandbox.json(&["guest", "list", "--on", "incus-1", "--refresh"]).success();
    assert!(!limited.stdout.contains("s3cret"), "{}", limited.stdout);
    let guest = row(host(&limited.data("guest-list"), "incus-1"), "incus-1/web")["guest"].clone();
    assert_eq!((&guest["memory_limit_bytes"], &guest["environment"]), (&json!(64 << 20), &json!(["TOKEN"])));

    let text = sandbox.beffroi(&["guest", "list", "--on", "incus-1"]).success().stdout;
    assert!(text.contains("incus-1/web") && text.contains("64.0 MiB") && text.contains("default (dir)"), "{text}");
    let text = sandbox.beffroi(&["guest", "show", "lxc-1/web"]).success().stdout;
    assert!(text.contains("frozen") && text.contains("lxcbr0"), "{text}");
    drop(refused(&sandbox, &["guest", "show", "lxc-1/none"], 2, "guest-not-there"));
    drop(refused(&sandbox, &["guest", "show", "lxc-1"], 2, "guest-name-wanted"));
}

#[test]
fn an_account_without_root_sees_what_it_may_and_is_told_what_it_may_not() {
    let Some(lab) = Containers::up(&["lxc-1", "incus-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    let key = lab.client_key();
    drop(sandbox.beffroi(&["secret", "set", "key", "--from-file", key.to_str().expect("a plain name")]).success());
    for name in ["lxc-1", "incus-1"] {
        let login = lab.host(name).login("nosudo");
        let to = ["host", "add", name, &login.address, "--user", "nosudo", "--trust", &login.fingerprint, "--identity", "key"];
        drop(sandbox.beffroi(&to).success());
    }
    let list = sandbox.json(&["guest", "list"]).success().data("guest-list");
    assert_eq!(host(&list, "lxc-1")["missing"][0], json!({ "driver": "lxc", "what": "/var/lib/lxc", "why": "not-allowed" }), "{list}");
    assert_eq!(host(&list, "incus-1")["missing"][0], json!({ "driver": "incus", "what": "instances", "why": "not-allowed" }), "{list}");
    assert!(host(&list, "incus-1")["guests"].as_array().expect("guests").is_empty());
}

#[test]
fn a_daemon_whose_client_is_not_there_is_asked_on_its_socket() {
    let Some(lab) = Containers::up(&["incus-1", "lxd-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    let key = lab.client_key();
    drop(sandbox.beffroi(&["secret", "set", "key", "--from-file", key.to_str().expect("a plain name")]).success());
    for (name, client) in [("incus-1", "incus"), ("lxd-1", "lxc")] {
        let login = lab.host(name).login("ops");
        let to = ["host", "add", name, &login.address, "--user", "ops", "--trust", &login.fingerprint, "--identity", "key"];
        drop(sandbox.beffroi(&to).success());
        lab.host(name).exec(&format!("mv /usr/bin/{client} /usr/bin/{client}.away"));
        let list = sandbox.json(&["guest", "list", "--on", name]).success().data("guest-list");
        let host = host(&list, name);
        assert_eq!(host["missing"], json!([]), "{host}");
        let guest = &row(host, &format!("{name}/web"))["guest"];
        assert_eq!((&guest["state"], &host["images"][0]["aliases"]), (&json!("running"), &json!(["openrc"])), "{host}");
        assert!(host["drivers"][0]["version"].as_str().is_some_and(|version| version.starts_with(['5', '6'])));
    }
}
