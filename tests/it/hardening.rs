//! What could be safer about a host, from its survey: found, mended, gone.

use beffroi_tests::{Containers, Fleet, Sandbox};
use serde_json::{Value, json};

use crate::ways::{add, key_of};

fn checks(sandbox: &Sandbox, words: &[&str]) -> Value {
    sandbox.json(&[&["host", "hardening"], words].concat()).success().data("host-hardening")["results"][0].take()
}

fn check(of: &Value, id: &str) -> Value {
    let found = of["checks"].as_array().and_then(|checks| checks.iter().find(|check| check["id"] == id));
    assert!(found.is_some(), "{id}: {of}");
    found.cloned().unwrap_or_default()
}

#[test]
fn what_is_found_on_a_real_debian_is_gone_once_it_is_mended() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    key_of(&sandbox, &lab);
    add(&sandbox, "deb", host, &["--identity", "key"]);
    let none = sandbox.json(&["host", "hardening", "deb"]).exit(1).data("host-hardening");
    assert_eq!(none["results"][0]["error"]["code"], "not-surveyed", "{none}");

    host.exec("useradd --create-home --shell /bin/bash mallory && passwd -d mallory && chmod 666 /etc/crontab");
    host.exec("ssh-keygen -q -t rsa -b 2048 -N '' -C old -f /root/old && cat /root/old.pub >>/root/.ssh/authorized_keys");
    let found = checks(&sandbox, &["deb", "--refresh"]);
    let order: Vec<&str> = found["checks"].as_array().unwrap().iter().map(|check| check["verdict"].as_str().unwrap()).collect();
    assert!(order.is_sorted_by_key(|verdict| ["to_do", "unknown", "ok"].iter().position(|known| known == verdict)), "{order:?}");
    let what = |id: &str| {
        let check = check(&found, id);
        assert_eq!(check["verdict"], "to_do", "{check}");
        check["found"]["values"]["what"].as_str().unwrap().to_owned()
    };
    assert!(what("ssh-passwords").contains("passwordauthentication yes"));
    assert_eq!((what("empty-passwords").as_str(), what("loose-files").as_str()), ("mallory", "/etc/crontab"));
    assert!(what("ssh-weak-keys").starts_with("root: ssh-rsa 2048 SHA256:"), "{found}");
    assert!(what("ssh-unknown-keys").ends_with(" old"), "the key that the vault logs in with is known: {found}");
    assert!(what("sudo-passwords").contains("ops ALL=(ALL:ALL) NOPASSWD: ALL"));
    assert_eq!(check(&found, "root-accounts")["verdict"], "ok");

    let text = sandbox.beffroi(&["--lang", "fr", "host", "hardening", "deb"]).success().stdout;
    assert!(text.contains("SSH n’accepte que des clés") && text.contains("mallory"), "{text}");
    host.exec("userdel -r mallory; chmod 644 /etc/crontab; sed -i '$d' /root/.ssh/authorized_keys");
    host.exec("printf 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n' >/etc/ssh/sshd_config.d/00-keys.conf");
    let mended = checks(&sandbox, &["deb", "--refresh"]);
    for id in ["ssh-passwords", "ssh-port", "empty-passwords", "loose-files", "ssh-weak-keys", "ssh-unknown-keys"] {
        assert_eq!(check(&mended, id)["verdict"], "ok", "{id}: {mended}");
    }
    // Without a new survey nothing is asked, and an account that sees less knows less.
    assert_eq!(checks(&sandbox, &["deb"])["taken_ms"], mended["taken_ms"]);
    add(&sandbox, "seen-by-fr", host, &["--identity", "key", "--user", "fr"]);
    let less = checks(&sandbox, &["seen-by-fr", "--refresh"]);
    for id in ["ssh-passwords", "sudo-passwords", "empty-passwords", "firewall"] {
        assert_eq!(check(&less, id)["verdict"], "unknown", "{id}: {less}");
    }
}

#[test]
fn hosts_that_are_no_yunohost_have_no_check_of_one() {
    let fleet = Fleet::of(&["plain-1", "ynh-1"]);
    fleet.add_dead("dead");
    let found = fleet.sandbox.json(&["host", "hardening", "all", "--refresh"]).exit(1).data("host-hardening");
    let results = found["results"].as_array().unwrap();
    let names: Vec<_> = results.iter().map(|result| (result["host"].as_str().unwrap(), result["status"].as_str().unwrap())).collect();
    assert_eq!(names, [("dead", "unreachable"), ("plain-1", "ok"), ("ynh-1", "ok")]);
    assert_eq!(results[0]["checks"], json!([]));
    let has = |result: &Value| result["checks"].as_array().unwrap().iter().any(|check| check["id"] == "ynh-https");
    assert_eq!((has(&results[1]), has(&results[2])), (false, true));
    let text = fleet.sandbox.beffroi(&["host", "hardening", "all"]).exit(1);
    assert!(text.stdout.contains("\nplain-1: ") && text.stdout.contains("\nynh-1: "), "{text:?}");
}
