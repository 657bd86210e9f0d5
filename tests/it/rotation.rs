//! A credential gets a new value on five hosts, whatever kills the program on the way: nobody is ever locked out, and whoever goes
//! on ends with every host rotated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};
use serde_json::{Value, json};

use crate::ways::{add, key_of, said};

/// What is told when a host is so far, in the order of the steps.
pub(crate) const DEPLOYING: &str = "the value is being brought there";
const DEPLOYED: &str = "the value is there";
pub(crate) const SWITCHED: &str = "proven, and used from now on";
const REVOKING: &str = "the other key is being taken away";
const DONE: &str = ": done";

/// A host, the account it is logged in to with, and the host that leads there.
const FIVE: [(&str, &str, Option<&str>); 5] = [
    ("deb-1", "admin", None),
    ("deb-2", "root", None),
    ("busy-1", "root", None),
    ("bastion", "root", None),
    ("inner-1", "ops", Some("bastion")),
];

/// Five hosts with one key.
struct Five {
    lab: Containers,
    sandbox: Sandbox,
}

impl Five {
    fn up() -> Option<Self> {
        let lab = Containers::up(&FIVE.map(|(name, _, _)| name))?;
        let sandbox = Sandbox::with_vault();
        key_of(&sandbox, &lab);
        for (name, user, jump) in FIVE {
            let jump: Vec<&str> = jump.iter().flat_map(|jump| ["--jump", jump]).collect();
            add(&sandbox, name, lab.host(name), &[&["--user", user, "--identity", "key"], jump.as_slice()].concat());
        }
        Some(Self { lab, sandbox })
    }

    /// The values that the vault has, each in a file.
    fn values(&self) -> Vec<PathBuf> {
        let names = ["key", "key.next"].into_iter().filter(|name| known(&self.sandbox, name));
        names.map(|name| self.kept(name, &format!("value-{name}"))).collect()
    }

    /// A secret's value in a file that OpenSSH takes.
    fn kept(&self, secret: &str, file: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.sandbox.file(file, &self.sandbox.beffroi(&["secret", "get", secret]).success().stdout);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
        path
    }

    fn authorized(&self, name: &str, user: &str) -> String {
        let home = if user == "root" { "/root".to_owned() } else { format!("/home/{user}") };
        self.lab.host(name).exec(&format!("cat {home}/.ssh/authorized_keys"))
    }

    /// Every host lets in somebody who has one of these keys, by OpenSSH's word.
    #[track_caller]
    fn all_open(&self, keys: &[PathBuf]) {
        for (name, user, jump) in FIVE {
            let by = |key: &PathBuf| match jump {
                None => opens(self.lab.host(name), user, key, None),
                Some(jump) => keys.iter().any(|first| opens(self.lab.host(name), user, key, Some((self.lab.host(jump), first)))),
            };
            assert!(keys.iter().any(by), "locked out of {name}");
        }
    }

    /// Rotates and kills the program once it said this; whether it was killed, and did not end before.
    fn killed_at(&self, words: &[&str], said: &str) -> bool {
        killed_when(&self.sandbox, words, |told| told.contains(said))
    }
}

/// Starts the program and kills it once what it told is enough; whether it had not ended before.
pub(crate) fn killed_when(sandbox: &Sandbox, words: &[&str], is_enough: impl Fn(&str) -> bool) -> bool {
    let mut running = sandbox.start(words);
    let killed = until("a step, or the end", || match (is_enough(&running.told()), running.goes_on()) {
        (true, true) => Some(true),
        (_, false) => Some(false),
        (false, true) => None,
    });
    let answer = running.kill();
    assert!(killed || answer.code == Some(0), "{}", answer.stderr);
    killed
}

pub(crate) fn known(sandbox: &Sandbox, name: &str) -> bool {
    let list = sandbox.json(&["secret", "list"]).success().data("secret-list");
    list["secrets"].as_array().expect("secrets").iter().any(|secret| secret["name"] == name)
}

pub(crate) fn places(sandbox: &Sandbox, name: &str) -> Value {
    sandbox.json(&["secret", "where", name]).success().data("secret-where")
}

/// Whether OpenSSH gets in with this key alone.
fn opens(host: &ContainerHost, user: &str, key: &Path, through: Option<(&ContainerHost, &PathBuf)>) -> bool {
    let common = |key: &Path| {
        let options =
            ["BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"];
        let options = options.iter().flat_map(|option| ["-o".to_owned(), (*option).to_owned()]);
        options
            .chain(["-F", "none", "-o", "LogLevel=ERROR", "-i"].map(str::to_owned))
            .chain([key.display().to_string()])
            .collect::<Vec<_>>()
    };
    let mut command = Command::new("ssh");
    command.args(common(key));
    if let Some((jump, key)) = through {
        command.arg("-o").arg(format!("ProxyCommand=ssh {} -W %h:%p root@{}", common(key).join(" "), jump.address));
    }
    let output = command.arg(format!("{user}@{}", host.address)).arg("true").stdin(Stdio::null()).output();
    output.expect("ssh is missing: install OpenSSH").status.success()
}

fn body(line: &str) -> String {
    line.split(' ').nth(1).expect("a public key").to_owned()
}

fn public(key: &Path) -> String {
    let output = Command::new("ssh-keygen").arg("-yf").arg(key).output().expect("ssh-keygen");
    body(&String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn a_key_is_rotated_on_five_hosts_whatever_kills_the_program() {
    let Some(five) = Five::up() else { return };
    let sandbox = &five.sandbox;
    let (old, before) = (five.kept("key", "old"), FIVE.map(|(name, user, _)| five.authorized(name, user)));
    let planned = sandbox.json(&["--plan", "secret", "rotate", "key"]).success().data("secret-rotate");
    let hosts = planned["rotation"]["hosts"].as_array().expect("hosts");
    assert_eq!((hosts.len(), hosts.iter().all(|host| host["steps"].as_array().map(Vec::len) == Some(4))), (5, true), "{planned}");
    assert_eq!(FIVE.map(|(name, user, _)| five.authorized(name, user)), before, "a plan changes nothing");

    // At each step, until there is none left.
    let mut kills = Vec::new();
    assert!(five.killed_at(&["--yes", "secret", "rotate", "key"], DEPLOYING));
    for step in [DEPLOYING, DEPLOYED, SWITCHED, REVOKING, DONE] {
        five.all_open(&five.values());
        if !known(sandbox, "key.next") {
            break;
        }
        // What holds the new value is not to be lost.
        let refused = sandbox.json(&["--yes", "secret", "remove", "key.next"]).exit(2).error();
        assert!(refused["code"] == "rotation-goes-on" || refused["code"] == "secret-in-use", "{refused}");
        if five.killed_at(&["--yes", "secret", "rotate", "key", "--resume"], step) {
            kills.push(step);
        }
    }
    assert!(kills.len() >= 4, "{kills:?}");
    five.all_open(&five.values());
    if known(sandbox, "key.next") {
        let ended = sandbox.json(&["--yes", "secret", "rotate", "key", "--resume"]).success().data("secret-rotate");
        assert_eq!(ended["over"], true, "{ended}");
    }

    let new = five.kept("key", "new");
    assert_ne!(public(&old), public(&new));
    for (name, user, _) in FIVE {
        let lines = five.authorized(name, user);
        assert_eq!((lines.contains(&public(&old)), lines.contains(&public(&new))), (false, true), "{name}: {lines}");
        assert_eq!(said(sandbox, name, "echo in"), "in");
    }
    assert!(!known(sandbox, "key.next") && !opens(five.lab.host("deb-2"), "root", &old, None));
    let found = places(sandbox, "key");
    let opened =
        found["places"].as_array().expect("places").iter().filter(|place| place["taken_ms"].is_u64() && place["refused_ms"].is_null());
    assert_eq!((opened.count(), &found["rotation"]), (5, &Value::Null), "{found}");
    let about = sandbox.json(&["secret", "show", "key"]).success().data("secret-show");
    assert_eq!(about["past"].as_array().map(Vec::len), Some(1), "{about}");
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

#[test]
fn a_rotation_goes_back_until_a_key_was_taken_away() {
    let Some(five) = Five::up() else { return };
    let sandbox = &five.sandbox;
    let (old, before) = (five.kept("key", "old"), FIVE.map(|(name, user, _)| five.authorized(name, user)));
    assert_eq!(sandbox.json(&["--yes", "secret", "rotate", "key", "--resume"]).exit(2).error()["code"], "rotation-none");
    // One host first: nothing is taken away there as long as the others wait.
    let begun = sandbox.json(&["--yes", "secret", "rotate", "key", "--on", "deb-1"]).success().data("secret-rotate");
    let steps: Vec<&str> = begun["hosts"].as_array().expect("hosts").iter().filter_map(|host| host["step"].as_str()).collect();
    assert_eq!((steps, &begun["over"]), (vec!["waiting", "waiting", "switched", "waiting", "waiting"], &json!(false)), "{begun}");
    assert_eq!(said(sandbox, "deb-1", "echo in"), "in");
    assert_eq!(sandbox.json(&["--yes", "secret", "rotate", "key"]).exit(2).error()["code"], "rotation-goes-on");
    assert!(five.killed_at(&["--yes", "secret", "rotate", "key", "--resume"], DEPLOYED));
    assert!(five.killed_at(&["--yes", "secret", "rotate", "key", "--back"], SWITCHED));
    five.all_open(&five.values());
    let back = sandbox.json(&["--yes", "secret", "rotate", "key", "--resume"]).success().data("secret-rotate");
    assert_eq!((&back["over"], &back["back"]), (&json!(true), &json!(true)), "{back}");
    assert_eq!(FIVE.map(|(name, user, _)| five.authorized(name, user)), before);
    assert!(!known(sandbox, "key.next") && public(&five.kept("key", "now")) == public(&old));
    five.all_open(&[old]);

    // Once a key was taken away there is no way back, and the way on leads to the end.
    assert!(five.killed_at(&["--yes", "secret", "rotate", "key"], DONE));
    if known(sandbox, "key.next") {
        assert_eq!(sandbox.json(&["--yes", "secret", "rotate", "key", "--back"]).exit(7).error()["code"], "rotation-no-way-back");
        five.all_open(&five.values());
        drop(sandbox.beffroi(&["--yes", "secret", "rotate", "key", "--resume"]).success());
    }
    five.all_open(&five.values());
    assert!(!known(sandbox, "key.next"));
}

/// A host of the catalog, an account of a host of the lab, and how it is logged in to: with the password, by the key and sudo with the
/// password, with the rights of root or without.
const ACCOUNTS: [(&str, &str, &str, &[&str]); 5] = [
    ("one", "deb-1", "admin", &["--identity", "shared", "--sudo", "shared"]),
    ("two", "deb-1", "fr", &["--identity", "shared"]),
    ("three", "deb-2", "admin", &["--identity", "key", "--sudo", "shared"]),
    ("four", "deb-2", "nosudo", &["--identity", "shared"]),
    ("five", "inner-1", "admin", &["--identity", "shared", "--sudo", "shared", "--jump", "bastion"]),
];

/// Whether an account of a host takes a password, by what the host keeps of it.
pub(crate) fn takes(host: &ContainerHost, user: &str, password: &str) -> bool {
    let look = "my ($hash) = (split /:/, `getent shadow $ARGV[0]`)[1]; exit(crypt($ARGV[1], $hash) eq $hash ? 0 : 1)";
    host.exec(&format!("perl -e '{look}' '{user}' '{password}' && echo yes || echo no")).trim() == "yes"
}

/// Each of the five takes one of the vault's values.
#[track_caller]
fn all_take(lab: &Containers, sandbox: &Sandbox) {
    let names = ["shared", "shared.next"].into_iter().filter(|name| known(sandbox, name));
    let values: Vec<String> = names.map(|name| sandbox.beffroi(&["secret", "get", name]).success().stdout.trim().to_owned()).collect();
    for (name, host, user, _) in ACCOUNTS {
        assert!(values.iter().any(|value| takes(lab.host(host), user, value)), "locked out of {name}");
    }
}

#[test]
fn a_password_is_rotated_on_five_hosts_whatever_kills_the_program() {
    let Some(lab) = Containers::up(&["deb-1", "deb-2", "bastion", "inner-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    key_of(&sandbox, &lab);
    let first = format!("Gemeinsam-{}-am-Anfang", std::process::id());
    sandbox.file("first", &first);
    drop(sandbox.beffroi(&["secret", "set", "shared", "--from-file", "first"]).success());
    add(&sandbox, "bastion", lab.host("bastion"), &["--user", "root", "--identity", "key"]);
    for (name, host, user, flags) in ACCOUNTS {
        lab.host(host).exec(&format!("printf '%s:%s\\n' {user} {first} | chpasswd"));
        add(&sandbox, name, lab.host(host), &[&["--user", user], flags].concat());
    }
    let refusals = |lab: &Containers| {
        let count = "journalctl --sync; journalctl -b --no-pager | grep -cE 'Failed password|authentication failure' || true";
        ["deb-1", "deb-2", "inner-1"]
            .map(|name| lab.host(name).exec(count).trim().parse::<usize>().expect("a number"))
            .iter()
            .sum::<usize>()
    };

    // Undisturbed, no host is ever offered what it does not take.
    let rotated = sandbox.json(&["--yes", "secret", "rotate", "shared"]).success().data("secret-rotate");
    assert_eq!(rotated["over"], true, "{rotated}");
    assert_eq!(refusals(&lab), 0);
    let second = sandbox.beffroi(&["secret", "get", "shared"]).success().stdout.trim().to_owned();
    for (name, host, user, _) in ACCOUNTS {
        assert!(takes(lab.host(host), user, &second) && !takes(lab.host(host), user, &first), "{name}");
        assert_eq!(said(&sandbox, name, "id -un"), user);
    }

    // Killed after ever more of the steps, until there is none left.
    assert!(killed_when(&sandbox, &["--yes", "secret", "rotate", "shared"], |told| told.contains(DEPLOYING)));
    let mut kills = 1;
    all_take(&lab, &sandbox);
    for most in 2.. {
        let words = ["--yes", "secret", "rotate", "shared", "--resume"];
        let killed = killed_when(&sandbox, &words, |told| told.lines().filter(|line| is_step(line)).count() >= most);
        all_take(&lab, &sandbox);
        if !killed || !known(&sandbox, "shared.next") {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 3, "{kills}");
    let third = sandbox.beffroi(&["secret", "get", "shared"]).success().stdout.trim().to_owned();
    for (name, host, user, _) in ACCOUNTS {
        assert!(takes(lab.host(host), user, &third) && !takes(lab.host(host), user, &second), "{name}");
        assert_eq!(said(&sandbox, name, "id -un"), user);
    }
    let held = sandbox.json(&["secret", "list"]).success().data("secret-list")["secrets"].take();
    assert!(held.as_array().expect("secrets").iter().all(|secret| secret["held"] == json!([])), "{held}");

    // And the way back, with some of them changed.
    let words = ["--yes", "secret", "rotate", "shared"];
    assert!(killed_when(&sandbox, &words, |told| told.contains(SWITCHED)));
    drop(sandbox.beffroi(&["--yes", "secret", "rotate", "shared", "--back"]).success());
    assert_eq!(sandbox.beffroi(&["secret", "get", "shared"]).success().stdout.trim(), third);
    for (name, host, user, _) in ACCOUNTS {
        assert!(takes(lab.host(host), user, &third), "{name}");
        assert_eq!(said(&sandbox, name, "id -un"), user);
    }
    assert!(!known(&sandbox, "shared.next"));
}

pub(crate) fn is_step(line: &str) -> bool {
    [DEPLOYING, DEPLOYED, SWITCHED, REVOKING, DONE].iter().any(|step| line.ends_with(step))
}

#[test]
fn a_key_is_not_told_gone_while_it_opens() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    key_of(&sandbox, &lab);
    let host = lab.host("deb-1");
    add(&sandbox, "deb-1", host, &["--user", "admin", "--identity", "key"]);
    let authorized = || host.exec("cat /home/admin/.ssh/authorized_keys");
    let old = body(authorized().lines().next().expect("its key"));
    // As somebody's editor left it, and in a place of the administrator's own.
    host.exec(
        "install -m 644 /home/admin/.ssh/authorized_keys /etc/ssh/keys-of-admin; \
         sed -i 's/^\\(ssh-[a-z0-9]*\\) /\\1 \\t /' /home/admin/.ssh/authorized_keys; \
         echo 'AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys-of-%u' >/etc/ssh/sshd_config.d/places.conf; systemctl reload ssh",
    );
    let waits = sandbox.json(&["--yes", "secret", "rotate", "key"]).data("secret-rotate");
    assert_eq!((&waits["over"], &waits["hosts"][0]["step"]), (&json!(false), &json!("revoking")), "{waits}");
    assert!(waits["hosts"][0]["error"].to_string().contains("AuthorizedKeysFile"), "{waits}");
    assert!(!authorized().contains(&old), "{}", authorized());
    host.exec("rm /etc/ssh/keys-of-admin");
    let ended = sandbox.json(&["--yes", "secret", "rotate", "key", "--resume"]).success().data("secret-rotate");
    assert_eq!((&ended["over"], said(&sandbox, "deb-1", "id -un").as_str()), (&json!(true), "admin"), "{ended}");
}
