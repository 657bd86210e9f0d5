//! Guests of Incus and LXD on hosts whose account may use the daemon's socket, where the client's program is not there; and changes
//! that somebody else makes in between.

use beffroi_tests::{Containers, Sandbox};
use serde_json::{Value, json};

const HOSTS: [(&str, &str); 2] = [("incus-1", "incus"), ("lxd-1", "lxc")];

/// A vault that knows the lab's hosts by an account that may use the socket and has neither root nor the client.
fn without_client(lab: &Containers) -> Sandbox {
    let sandbox = Sandbox::with_vault();
    let key = lab.client_key();
    drop(sandbox.beffroi(&["secret", "set", "key", "--from-file", key.to_str().expect("a plain name")]).success());
    for (name, client) in HOSTS {
        let login = lab.host(name).login("ops");
        let to = ["host", "add", name, &login.address, "--user", "ops", "--trust", &login.fingerprint, "--identity", "key"];
        drop(sandbox.beffroi(&to).success());
        lab.host(name).exec(&format!("mv /usr/bin/{client} /usr/bin/{client}.away; rm -f /etc/sudoers.d/*"));
    }
    sandbox
}

fn guest(sandbox: &Sandbox, name: &str) -> Value {
    sandbox.json(&["guest", "show", name, "--refresh"]).success().data("guest-show")["row"]["guest"].clone()
}

#[test]
fn without_its_client_a_daemon_is_changed_by_requests_to_its_socket() {
    let Some(lab) = Containers::up(&["incus-1", "lxd-1"]) else { return };
    let sandbox = without_client(&lab);
    for (host, client) in HOSTS {
        let web = format!("{host}/web");
        let change = |words: &[&str]| {
            let words = [&["--yes", "guest"], words].concat();
            let answer = sandbox.beffroi(&words).success();
            format!("{}{}", answer.stdout, answer.stderr)
        };
        let stopped = change(&["stop", &web]);
        let request = r#"PUT /1.0/instances/web/state?project=default {"action":"stop","timeout":60,"force":false}"#;
        assert!(stopped.contains(&format!("$ {request}")) && stopped.contains(&format!("+ {request}")), "{stopped}");
        assert_eq!(guest(&sandbox, &web)["state"], "stopped");
        drop(change(&["snapshot", "create", &web, "before"]));
        drop(change(&["copy", &web, "two"]));
        drop(change(&["rename", &format!("{host}/two"), "three"]));
        drop(change(&["start", &web]));
        drop(change(&["freeze", &web]));
        assert_eq!(guest(&sandbox, &web)["state"], "frozen");
        drop(change(&["start", &web]));
        drop(change(&["set", &web, "--memory", "96MiB", "--cpus", "1", "--autostart", "no"]));
        let set = guest(&sandbox, &web);
        assert_eq!(
            (&set["state"], &set["memory_limit_bytes"], &set["cpu_limit_thousandths"], &set["autostart"]),
            (&json!("running"), &json!(96 << 20), &json!(1000), &json!(false)),
            "{set}"
        );
        drop(change(&["set", &web, "--memory", "none"]));
        drop(change(&["restart", &web]));
        drop(change(&["snapshot", "restore", &web, "before"]));
        let restored = guest(&sandbox, &web);
        assert_eq!((&restored["memory_limit_bytes"], &restored["snapshots"][0]["name"]), (&json!(null), &json!("before")), "{restored}");
        drop(change(&["snapshot", "delete", &web, "before"]));
        let three = format!("{host}/three");
        drop(change(&["delete", &three, "--confirm", &three]));
        let list = sandbox.json(&["guest", "list", "--on", host, "--refresh"]).success().data("guest-list");
        let names: Vec<&str> =
            list["hosts"][0]["guests"].as_array().expect("guests").iter().map(|guest| guest["name"].as_str().expect("text")).collect();
        assert_eq!(names, [web.as_str()]);
        drop(lab.host(host).exec(&format!("[ ! -e /usr/bin/{client} ]")));
    }
}

#[test]
fn what_somebody_else_set_since_it_was_planned_stays() {
    let Some(lab) = Containers::up(&["incus-1", "lxd-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["incus-1", "lxd-1"]);
    for (host, client) in HOSTS {
        for has_client in [true, false] {
            let on = lab.host(host);
            let program = if has_client { client.to_owned() } else { format!("{client}.away") };
            if !has_client {
                on.exec(&format!("mv /usr/bin/{client} /usr/bin/{client}.away"));
            }
            on.exec(&format!("{program} config set web limits.memory=64MiB"));
            let web = format!("{host}/web");
            let mut asking = sandbox.in_terminal(&["guest", "set", &web, "--memory", "128MiB"]);
            drop(asking.wait_for("[y/N]"));
            on.exec(&format!("{program} config set web limits.memory=80MiB"));
            asking.type_in("y\n");
            let exit = asking.wait();
            let said = asking.shown();
            assert!(said.contains("'80MiB'") && said.contains("'64MiB'") && exit != Some(0), "{said}");
            assert_eq!(on.exec(&format!("{program} config get web limits.memory")).trim(), "80MiB", "it was not overwritten");
            // Planned again, it is done.
            drop(sandbox.beffroi(&["--yes", "guest", "set", &web, "--memory", "128MiB"]).success());
            assert_eq!(on.exec(&format!("{program} config get web limits.memory")).trim(), (128 << 20).to_string());
        }
    }
}

#[test]
fn a_cluster_tells_its_members_and_on_which_a_guest_is() {
    let Some(lab) = Containers::up(&["incus-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["incus-1"]);
    drop(lab.host("incus-1").exec("incus config set core.https_address 127.0.0.1:8443 && incus cluster enable node-1"));
    let list = sandbox.json(&["guest", "list"]).success().data("guest-list");
    let host = &list["hosts"][0];
    let driver = &host["drivers"][0];
    assert_eq!((&driver["members"][0]["name"], &driver["members"][0]["state"]), (&json!("node-1"), &json!("online")), "{driver}");
    assert_eq!((&driver["node"], &host["missing"]), (&json!("node-1"), &json!([])));
    assert_eq!(host["guests"][0]["guest"]["location"], "node-1");
}
