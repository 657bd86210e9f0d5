//! Banned by fail2ban, and a clock that is wrong: on a real Debian.

use std::process::Command;

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};
use serde_json::{Value, json};

use crate::ways::{add, key_of, said};

fn ground() -> Option<(Containers, Sandbox)> {
    let lab = Containers::up(&["deb-1", "deb-2"])?;
    let sandbox = Sandbox::with_vault();
    key_of(&sandbox, &lab);
    for name in ["deb-1", "deb-2"] {
        add(&sandbox, name, lab.host(name), &["--identity", "key"]);
    }
    Some((lab, sandbox))
}

/// Starts fail2ban as Debian ships it, and gives up at passwords until it bans this machine. Gives this machine's address.
#[track_caller]
fn banned(host: &ContainerHost, sandbox: &Sandbox) -> String {
    let own = said(sandbox, &host.name, "echo $SSH_CONNECTION | cut -d' ' -f1");
    host.exec("systemctl start fail2ban");
    until("fail2ban", || host.exec("fail2ban-client ping 2>&1 || true").contains("pong").then_some(()));
    let jail = || host.exec("fail2ban-client status sshd");
    until("the ban", || {
        // One that the ban meets halfway waits for an answer that never comes.
        let mut guess = Command::new("timeout");
        guess.args([
            "10",
            "ssh",
            "-F",
            "none",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ]);
        guess.args(["-o", "ConnectTimeout=2", "-o", "PubkeyAuthentication=no", &format!("somebody@{}", host.address), "true"]);
        let tried = guess.output().expect("ssh can be started");
        assert!(!tried.status.success());
        jail().contains(&own).then_some(())
    });
    own
}

fn bans(sandbox: &Sandbox, host: &str) -> Value {
    sandbox.json(&["host", "bans", host]).success().data("host-bans")["results"][0].take()
}

#[test]
fn who_is_banned_gets_in_through_another_host_and_lifts_it() {
    let Some((lab, sandbox)) = ground() else { return };
    let host = lab.host("deb-1");
    // A password that it refuses, then the key: it is refused logins that make a ban likely.
    sandbox.file("wrong", "not-the-password\n");
    drop(sandbox.beffroi(&["secret", "set", "wrong", "--from-file", "wrong"]).success());
    drop(sandbox.beffroi(&["host", "edit", "deb-1", "--user", "admin", "--identity", "wrong"]).success());
    assert_eq!(sandbox.json(&["run", "--on", "deb-1", "--", "true"]).exit(5).error()["code"], "login-refused");
    drop(sandbox.beffroi(&["host", "edit", "deb-1", "--user", "root", "--identity", "key"]).success());
    let own = banned(host, &sandbox);
    // A new program has no connection that still stands.
    let error = sandbox.json(&["run", "--on", "deb-1", "--", "true"]).exit(5).error();
    assert_eq!(error["code"], "maybe-banned", "{error}");
    assert!(error["remedy"].as_str().unwrap().contains("--through"), "{error}");

    let unban = ["host", "unban", "deb-1", "--through", "deb-2"];
    let plan = sandbox.json(&[&unban[..], &["--plan"]].concat()).success().data("host-unban");
    assert_eq!((&plan["title"]["key"], &plan["title"]["values"]["address"]), (&json!("title.unban"), &json!(own)), "{plan}");
    assert!(host.exec("fail2ban-client status sshd").contains(&own), "a plan changes nothing");
    drop(sandbox.json(&[&["--yes"], &unban[..]].concat()).success());
    assert!(!host.exec("fail2ban-client status sshd | grep 'Banned IP'").contains(&own));
    assert_eq!(said(&sandbox, "deb-1", "echo in"), "in");
    assert_eq!(host.exec("ls -A /var/lib/beffroi/jobs"), "");
    let error = sandbox.json(&[&["--yes"], &unban[..]].concat()).exit(7).error();
    assert_eq!(error["code"], "not-banned", "{error}");
}

#[test]
fn bans_are_listed_and_lifted() {
    let Some((lab, sandbox)) = ground() else { return };
    let host = lab.host("deb-1");
    let none = sandbox.json(&["host", "bans", "deb-2"]).exit(7).data("host-bans");
    assert_eq!(none["results"][0]["error"]["code"], "no-fail2ban", "{none}");
    host.exec("systemctl start fail2ban");
    until("fail2ban", || host.exec("fail2ban-client ping 2>&1 || true").contains("pong").then_some(()));
    host.exec("fail2ban-client set sshd banip 192.0.2.7 198.51.100.9");
    assert_eq!(bans(&sandbox, "deb-1")["jails"], json!([{ "name": "sshd", "banned": ["192.0.2.7", "198.51.100.9"] }]));
    drop(sandbox.json(&["--yes", "host", "unban", "deb-1", "--address", "192.0.2.7"]).success());
    assert_eq!(bans(&sandbox, "deb-1")["jails"][0]["banned"], json!(["198.51.100.9"]));
    let error = sandbox.json(&["--yes", "host", "unban", "deb-1", "--address", "192.0.2.7"]).exit(7).error();
    assert_eq!(error["code"], "not-banned", "{error}");
    assert!(error["message"].as_str().unwrap().contains("198.51.100.9"), "{error}");
}

/// A `date` that is off by what stands in a file, since a container cannot set the machine's clock.
const DATE: &str = r#"cat >/usr/local/bin/date <<'END'
#!/bin/sh
offset=$(cat /root/offset 2>/dev/null || echo 0) now=$(/usr/bin/date +%s)
for last; do :; done
case " $* " in
    *' -s '*) echo "$((${last#@} - now))" >/root/offset ;;
    *) exec /usr/bin/date -d "@$((now + offset))" "$@" ;;
esac
END
chmod +x /usr/local/bin/date; echo 4000 >/root/offset"#;

#[test]
fn a_clock_is_set_from_here_and_what_is_signed_waits_for_it() {
    let Some((lab, sandbox)) = ground() else { return };
    let host = lab.host("deb-1");
    lab.administered("deb-1");
    host.exec(DATE);
    let update = ["--yes", "ynh", "tools", "update", "--on", "deb-1"];
    let error = sandbox.json(&update).exit(7).error();
    assert_eq!(error["code"], "clock-wrong", "{error}");
    assert!(error["remedy"].as_str().unwrap().contains("set-clock"), "{error}");

    host.exec("mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized");
    assert_eq!(sandbox.json(&["--yes", "host", "set-clock", "deb-1"]).exit(7).error()["code"], "clock-follows");
    host.exec("rm -r /run/systemd/timesync");
    drop(sandbox.json(&["--yes", "host", "set-clock", "deb-1"]).success());
    let off: i64 = host.exec("cat /root/offset").trim().parse().unwrap();
    assert!(off.abs() <= 3, "{off}");
    drop(sandbox.json(&update).success());
}
