//! A host gets a key of its own, and is left as if the program had never been there.

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};
use serde_json::{Value, json};

use crate::ways::{add, password_of, said};

fn authorized(host: &ContainerHost, user: &str) -> String {
    host.exec(&format!("cat /home/{user}/.ssh/authorized_keys"))
}

fn secrets(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.json(&["secret", "list"]).success().data("secret-list");
    list["secrets"].as_array().expect("secrets").iter().map(|secret| secret["name"].as_str().expect("a name").to_owned()).collect()
}

fn ledger(sandbox: &Sandbox, host: &str) -> Value {
    sandbox.json(&["host", "ledger", host, "--ask"]).success().data("host-ledger")["entries"].take()
}

#[test]
fn a_host_is_enrolled_and_detached() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    password_of(&sandbox, "admin/password", host, "admin");
    add(&sandbox, "web", host, &["--user", "admin", "--identity", "admin/password"]);
    let before = authorized(host, "admin");

    let planned = sandbox.json(&["--plan", "host", "enrol", "web"]).success().data("host-enrol");
    assert_eq!((&planned["test"]["passed"], &planned["fingerprint"]), (&json!(true), &Value::Null), "{planned}");
    assert_eq!(planned["steps"].as_array().map(Vec::len), Some(5), "{planned}");
    assert_eq!((authorized(host, "admin"), secrets(&sandbox)), (before.clone(), vec!["admin/password".to_owned()]));

    let enrolled = sandbox.json(&["--yes", "host", "enrol", "web"]).success().data("host-enrol");
    let fingerprint = enrolled["fingerprint"].as_str().unwrap();
    let after = authorized(host, "admin");
    let (kept, added) = after.split_at(before.len());
    assert_eq!(kept, before);
    assert_eq!(added.lines().count(), 1, "{after}");
    assert!(host.exec("ssh-keygen -lf /home/admin/.ssh/authorized_keys").contains(fingerprint));
    // The password is forgotten, and the new key is what one logs in with.
    let known = secrets(&sandbox);
    assert!(matches!(known.as_slice(), [only] if only.starts_with("web/key-")), "{known:?}");
    assert_eq!(enrolled["host"]["identity"], known[0].as_str());
    assert_eq!(said(&sandbox, "web", "id -un"), "admin");
    let log = host.exec("journalctl --sync; journalctl -b --no-pager | grep 'Accepted publickey for admin'");
    assert!(log.contains(fingerprint), "{log}");
    let keys = json!([{ "kind": "authorized-key", "what": fingerprint, "ours": true, "state": null, "bytes": null, "started_s": null }]);
    assert_eq!(ledger(&sandbox, "web"), keys);

    // A job that goes on without the program: nothing is removed under it.
    let lasts = "touch began; until [ -e go ]; do sleep 0.1; done";
    let running = sandbox.start(&["--yes", "run", "--detach", "--on", "web", "--", lasts]);
    until("the beginning of the job", || host.exec("ls /home/admin").contains("began").then_some(()));
    drop(running.kill());
    assert_eq!(sandbox.json(&["--yes", "host", "detach", "web"]).exit(1).error()["code"], "job-still-running");
    host.exec("touch /home/admin/go");
    let ended = || ledger(&sandbox, "web").as_array().unwrap().iter().any(|entry| entry["state"] == "ended").then_some(());
    until("the end of the job", ended);
    let removed = sandbox.json(&["--yes", "host", "detach", "web"]).success().data("host-detach");
    assert_eq!((&removed["key_removed"], removed["folders"].as_array().map(Vec::len)), (&json!(true), Some(1)), "{removed}");
    assert_eq!(authorized(host, "admin"), before);
    assert_eq!(host.exec("find / -xdev -ipath '*beffroi*'"), "");
    assert_eq!(sandbox.json(&["run", "--on", "web", "--", "true"]).exit(5).error()["code"], "login-refused");
}

#[test]
fn what_cannot_be_enrolled_is_as_it_was() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    // One account may not write its keys; of the other, the server takes none.
    host.exec("chown -R root:root /home/nosudo/.ssh && chmod 755 /home/nosudo/.ssh && chmod 644 /home/nosudo/.ssh/*");
    host.exec("printf 'Match User fr\\n  PubkeyAuthentication no\\n' >/etc/ssh/sshd_config.d/test.conf");
    host.restart_sshd();
    for user in ["nosudo", "fr"] {
        let secret = format!("{user}/password");
        password_of(&sandbox, &secret, host, user);
        add(&sandbox, user, host, &["--user", user, "--identity", &secret]);
        let folder = || (authorized(host, user), host.exec(&format!("ls -lA --time-style=+ /home/{user}/.ssh")));
        let (before, known) = (folder(), secrets(&sandbox));
        let failed = sandbox.json(&["--yes", "host", "enrol", user]).exit(1).error();
        assert_eq!(failed["code"], "enrol-failed", "{user}: {failed}");
        assert_eq!((folder(), secrets(&sandbox)), (before, known), "{user}");
        let shown = sandbox.json(&["host", "show", user]).success().data("host-show");
        assert_eq!(shown["host"]["identity"], secret.as_str());
        assert_eq!(ledger(&sandbox, user), json!([]), "{user}");
        assert_eq!(said(&sandbox, user, "id -un"), user);
    }
}
