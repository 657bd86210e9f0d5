//! Root's work on accounts that are not root's.

use std::fs;

use beffroi_tests::{ContainerHost, Containers, Sandbox};
use serde_json::json;

use crate::ways::{add, key_of, password_of, said};

/// How often sudo or PAM refused a password since the host booted.
fn refused_passwords(host: &ContainerHost) -> usize {
    let count = "journalctl -b --no-pager | grep -cE 'pam_unix\\(sudo:auth\\): authentication failure' || true";
    host.exec(&format!("journalctl --sync; {count}")).trim().parse().expect("a number")
}

fn as_root(sandbox: &Sandbox, host: &str, command: &str) -> String {
    sandbox.beffroi(&["run", "--sudo", "--on", host, "--", command]).success().stdout.trim().to_owned()
}

#[test]
fn root_is_become_with_a_password_and_without() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    key_of(&sandbox, &lab);
    for user in ["admin", "fr"] {
        let secret = format!("{user}/password");
        password_of(&sandbox, &secret, host, user);
        add(&sandbox, user, host, &["--user", user, "--identity", "key", "--sudo", &secret]);
    }
    add(&sandbox, "ops", host, &["--user", "ops", "--identity", "key", "--sudo", "without-password"]);

    // Every byte there is, and what sudo itself could take for an answer.
    let mut content: Vec<u8> = b"password\n[sudo] \n".to_vec();
    content.extend((0..70_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8));
    fs::write(sandbox.files().join("content"), &content).unwrap();
    for user in ["admin", "fr", "ops"] {
        assert_eq!((said(&sandbox, user, "id -u") == "0", as_root(&sandbox, user, "id -u").as_str()), (false, "0"), "{user}");
        let (there, back) = (format!("{user}:/root/kept-{user}"), format!("back-{user}"));
        let refused = sandbox.json(&["put", "content", &there]).exit(1).error();
        assert_eq!(refused["code"], "remote-file", "{user}: {refused}");
        drop(sandbox.beffroi(&["put", "--sudo", "content", &there]).success());
        assert_eq!(host.exec(&format!("stat -c %U /root/kept-{user}")).trim(), "root");
        assert_eq!(sandbox.json(&["get", &there, &back]).exit(1).error()["code"], "remote-file");
        drop(sandbox.beffroi(&["get", "--sudo", &there, &back]).success());
        assert!(fs::read(sandbox.files().join(&back)).unwrap() == content, "{user}: other bytes came back");
    }
    assert_eq!(host.exec("ls -A /root | grep -v '^\\.'").lines().collect::<Vec<_>>(), ["kept-admin", "kept-fr", "kept-ops"]);
    assert_eq!(refused_passwords(host), 0);
    // Of a failed command, sudo passes the status on.
    let failed = sandbox.json(&["run", "--sudo", "--on", "admin", "--", "exit 3"]).exit(1).data("run");
    assert_eq!(failed["results"][0]["exit_code"], 3, "{failed}");
}

#[test]
fn sudo_refuses_once_and_says_why() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    key_of(&sandbox, &lab);
    let refused = |name: &str| {
        let error = sandbox.json(&["run", "--sudo", "--on", name, "--", "touch /was-here"]).exit(5).error();
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    };
    for user in ["nosudo", "tty"] {
        let secret = format!("{user}/password");
        password_of(&sandbox, &secret, host, user);
        add(&sandbox, user, host, &["--user", user, "--identity", "key", "--sudo", &secret]);
    }
    let (nosudo, tty) = (refused("nosudo"), refused("tty"));
    assert_eq!((nosudo.0.as_str(), tty.0.as_str()), ("sudo-refused", "sudo-refused"), "{nosudo:?} {tty:?}");
    assert_ne!(nosudo.1, tty.1);
    assert_eq!(refused_passwords(host), 0);

    // Nothing was said of how to become root.
    add(&sandbox, "plain", host, &["--user", "admin", "--identity", "key"]);
    assert_eq!(refused("plain").0, "no-sudo");

    // A wrong password is told from every other refusal, in French too, and is tried once.
    sandbox.file("wrong", "not-the-password\n");
    drop(sandbox.beffroi(&["secret", "set", "wrong", "--from-file", "wrong"]).success());
    for (at, user) in ["fr", "admin"].iter().enumerate() {
        let name = format!("wrong-{user}");
        add(&sandbox, &name, host, &["--user", user, "--identity", "key", "--sudo", "wrong"]);
        assert_eq!(refused(&name).0, "sudo-refused", "{user}");
        assert_eq!(refused_passwords(host), at + 1, "{user}");
        assert_eq!(refused(&name).0, "credential-held", "{user}");
        assert_eq!(refused_passwords(host), at + 1, "{user}");
        drop(sandbox.beffroi(&["secret", "allow", "wrong"]).success());
        // The login itself is none of sudo's.
        assert_eq!(said(&sandbox, &name, "id -un"), *user);
    }
    assert_eq!(host.exec("ls -d /was-here 2>/dev/null || true"), "");
    let secrets = sandbox.json(&["secret", "list"]).success().data("secret-list");
    let held = |secret: &&serde_json::Value| secret["held"] != json!([]);
    assert_eq!(secrets["secrets"].as_array().unwrap().iter().filter(held).count(), 0, "{secrets}");
}
