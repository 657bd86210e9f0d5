//! Rotations where hosts stand in each other's way, are not there, or ask for nothing.

use beffroi_tests::{ContainerHost, Containers, Sandbox};
use serde_json::{Value, json};

use crate::rotation::{is_step, killed_when, known, takes};
use crate::ways::{add, key_of, said};

/// A vault with one password, and accounts of hosts that have it.
fn sharing(lab: &Containers, accounts: &[(&str, &str)]) -> (Sandbox, String) {
    let sandbox = Sandbox::with_vault();
    key_of(&sandbox, lab);
    let first = format!("Gemeinsam-{}-am-Anfang", std::process::id());
    sandbox.file("first", &first);
    drop(sandbox.beffroi(&["secret", "set", "shared", "--from-file", "first"]).success());
    for (host, user) in accounts {
        lab.host(host).exec(&format!("printf '%s:%s\\n' {user} {first} | chpasswd"));
    }
    (sandbox, first)
}

fn value(sandbox: &Sandbox) -> String {
    sandbox.beffroi(&["secret", "get", "shared"]).success().stdout.trim().to_owned()
}

fn refusals(host: &ContainerHost) -> usize {
    let count = "journalctl --sync; journalctl -b --no-pager | grep -cE 'Failed password|authentication failure' || true";
    host.exec(count).trim().parse().expect("a number")
}

fn steps(rotation: &Value) -> Vec<(&str, &str)> {
    let hosts = rotation["hosts"].as_array().expect("hosts").iter();
    hosts.map(|host| (host["host"].as_str().expect("a name"), host["step"].as_str().expect("a step"))).collect()
}

#[test]
fn the_password_of_the_host_on_the_way_changes_when_nobody_works_behind_it() {
    let Some(lab) = Containers::up(&["deb-1", "deb-2"]) else { return };
    let (sandbox, first) = sharing(&lab, &[("deb-1", "admin"), ("deb-2", "admin")]);
    let (gate, behind) = (lab.host("deb-1"), lab.host("deb-2"));
    add(&sandbox, "gate", gate, &["--user", "admin", "--identity", "shared", "--sudo", "shared"]);
    add(&sandbox, "behind", behind, &["--user", "admin", "--identity", "shared", "--sudo", "shared", "--jump", "gate"]);
    let rotated = sandbox.json(&["--yes", "secret", "rotate", "shared"]).success().data("secret-rotate");
    assert_eq!(rotated["over"], true, "{rotated}");
    let second = value(&sandbox);
    for host in [gate, behind] {
        assert!(takes(host, "admin", &second) && !takes(host, "admin", &first), "{}", host.name);
        assert_eq!(refusals(host), 0, "{} was offered what it does not take", host.name);
    }
    assert_eq!(said(&sandbox, "behind", "id -un"), "admin");

    // Cut short wherever: the way there is put in order first, and then what lies behind it.
    for most in 1.. {
        let resumed = ["--yes", "secret", "rotate", "shared", "--resume"];
        let words = if known(&sandbox, "shared.next") { &resumed[..] } else { &resumed[..4] };
        let killed = killed_when(&sandbox, words, |told| told.lines().filter(|line| is_step(line)).count() >= most);
        let names = ["shared", "shared.next"].into_iter().filter(|name| known(&sandbox, name));
        let values: Vec<String> = names.map(|name| sandbox.beffroi(&["secret", "get", name]).success().stdout.trim().to_owned()).collect();
        for host in [gate, behind] {
            assert!(values.iter().any(|value| takes(host, "admin", value)), "locked out of {}", host.name);
        }
        if !killed || !known(&sandbox, "shared.next") {
            break;
        }
    }
    let last = value(&sandbox);
    assert!(last != second && takes(gate, "admin", &last) && takes(behind, "admin", &last));
    assert_eq!(said(&sandbox, "behind", "id -un"), "admin");

    // Hosts are asked, and one of them was given another by hand.
    let states = |found: &Value| {
        let places = found["places"].as_array().expect("places").iter();
        places.map(|place| format!("{} {}", place["host"].as_str().unwrap_or_default(), place["check"]["state"])).collect::<Vec<_>>()
    };
    let ask = ["secret", "where", "shared", "--check"];
    let found = sandbox.json(&ask).success().data("secret-where");
    assert!(states(&found).len() == 4 && states(&found).iter().all(|state| state.ends_with("\"opens\"")), "{found}");
    behind.exec("printf 'admin:Somebody-else-was-here-1\\n' | chpasswd");
    let found = sandbox.json(&ask).exit(7).data("secret-where");
    assert_eq!(states(&found)[0], "behind \"refused\"", "{found}");
    assert_eq!(states(&found)[2], "gate \"opens\"", "{found}");
}

#[test]
fn a_host_that_is_away_all_along_is_left_behind_and_keeps_what_it_needs() {
    let Some(lab) = Containers::up(&["deb-1", "deb-2", "busy-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    key_of(&sandbox, &lab);
    add(&sandbox, "here", lab.host("deb-1"), &["--user", "root", "--identity", "key"]);
    add(&sandbox, "away", lab.host("deb-2"), &["--user", "root", "--identity", "key"]);
    lab.host("deb-2").stop();
    let stands = sandbox.json(&["--yes", "secret", "rotate", "key"]).exit(1).data("secret-rotate");
    assert_eq!((steps(&stands), &stands["over"]), (vec![("away", "waiting"), ("here", "switched")], &json!(false)), "{stands}");
    let keys = |name: &str| lab.host(name).exec("grep -c . /root/.ssh/authorized_keys").trim().to_owned();
    assert_eq!(keys("deb-1"), "2", "the old key is taken away nowhere as long as somebody needs it");
    assert_eq!(sandbox.json(&["--yes", "secret", "rotate", "key"]).exit(2).error()["code"], "rotation-goes-on");
    // A host that comes to use it in the middle has its turn too.
    add(&sandbox, "new", lab.host("busy-1"), &["--user", "root", "--identity", "key"]);
    lab.host("deb-2").start();
    let ended = sandbox.json(&["--yes", "secret", "rotate", "key", "--resume"]).success().data("secret-rotate");
    assert_eq!((&ended["over"], steps(&ended).len()), (&json!(true), 3), "{ended}");
    for (name, host) in [("here", "deb-1"), ("away", "deb-2"), ("new", "busy-1")] {
        assert_eq!((keys(host).as_str(), said(&sandbox, name, "echo in").as_str()), ("1", "in"), "{name}");
    }
}

#[test]
fn a_host_that_lets_everybody_in_proves_nothing_and_that_is_told() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, first) = sharing(&lab, &[("deb-1", "nosudo")]);
    let host = lab.host("deb-1");
    // keyboard-interactive without a prompt, as a module that has said yes already leaves it.
    host.exec(
        "printf 'Match User nosudo\\n    AuthenticationMethods keyboard-interactive\\n    KbdInteractiveAuthentication yes\\n' \
         >/etc/ssh/sshd_config.d/open.conf; \
         sed -i '1i auth [success=done default=ignore] pam_succeed_if.so quiet user = nosudo' /etc/pam.d/sshd; systemctl restart ssh",
    );
    add(&sandbox, "open", host, &["--user", "nosudo", "--identity", "shared"]);
    let rotated = sandbox.json(&["--yes", "secret", "rotate", "shared"]).success().data("secret-rotate");
    assert_eq!((&rotated["over"], &rotated["hosts"][0]["unproven"]), (&json!(true), &json!(true)), "{rotated}");
    assert!(takes(host, "nosudo", &value(&sandbox)) && !takes(host, "nosudo", &first));
    let told = sandbox.beffroi(&["--yes", "secret", "rotate", "shared"]).success().stdout;
    assert!(told.contains("on the host's own word"), "{told}");
    let found = sandbox.json(&["secret", "where", "shared"]).success().data("secret-where");
    assert_eq!(found["places"][0]["taken_ms"], Value::Null, "nothing was seen to open: {found}");
    let found = sandbox.json(&["secret", "where", "shared", "--check"]).success().data("secret-where");
    assert_eq!(found["places"][0]["check"]["state"], "unasked", "{found}");
}
