//! Every way in: passwords, one-time codes, several addresses, hosts behind hosts; and what was refused once.

use beffroi_tests::{Answer, ContainerHost, Containers, Sandbox};
use serde_json::{Value, json};

/// Stores the password of an account of a host as a secret.
#[track_caller]
pub(crate) fn password_of(sandbox: &Sandbox, secret: &str, host: &ContainerHost, user: &str) {
    let file = host.password_file(user).to_str().expect("a plain name");
    drop(sandbox.beffroi(&["secret", "set", secret, "--from-file", file]).success());
}

/// Stores the key that accounts of the lab take as the secret `key`.
#[track_caller]
pub(crate) fn key_of(sandbox: &Sandbox, lab: &Containers) {
    lab.known_to(sandbox, &[]);
}

/// Adds a host under a name, its key trusted, with these flags besides its address.
#[track_caller]
pub(crate) fn add(sandbox: &Sandbox, name: &str, host: &ContainerHost, flags: &[&str]) {
    let to = ["--json", "host", "add", name, &host.address, "--trust", &host.fingerprints["ed25519"]];
    drop(sandbox.beffroi(&[&to, flags].concat()).success());
}

/// What a command says on a host.
#[track_caller]
pub(crate) fn said(sandbox: &Sandbox, host: &str, command: &str) -> String {
    sandbox.beffroi(&["run", "--on", host, "--", command]).success().stdout.trim().to_owned()
}

fn shown(sandbox: &Sandbox, host: &str) -> Value {
    sandbox.json(&["host", "show", host]).success().data("host-show")
}

/// Of a run, each host with its status and the code of its error.
fn outcomes(answer: &Answer) -> Vec<(String, String)> {
    let results = answer.data("run")["results"].take();
    let outcome = |result: &Value| {
        let error = result["error"]["code"].as_str().or(result["status"].as_str());
        (result["host"].as_str().expect("a host").to_owned(), error.expect("a status").to_owned())
    };
    results.as_array().expect("results").iter().map(outcome).collect()
}

/// How many logins a Debian refused since it booted.
fn refused_logins(host: &ContainerHost) -> usize {
    host.exec("journalctl --sync; journalctl -b --no-pager | grep -cE 'sshd.*: Failed [a-z/-]+ for ' || true")
        .trim()
        .parse()
        .expect("a number")
}

#[test]
fn a_password_a_code_and_another_address_lead_in() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    password_of(&sandbox, "admin/password", host, "admin");
    // Nobody listens at the first address.
    let second = format!("admin@{}:22", host.address);
    add(&sandbox, "web", host, &["--port", "9", "--user", "admin", "--identity", "admin/password", "--access", &second]);
    assert_eq!(said(&sandbox, "web", "id -un"), "admin");
    let test = sandbox.json(&["host", "test", "web"]).success().data("host-test");
    assert_eq!(test["passed"], true, "{test}");
    assert_eq!(test["reached"]["way"], second);
    let passed_over = &test["reached"]["passed_over"];
    assert_eq!(passed_over.as_array().map(Vec::len), Some(1), "{test}");
    assert!(passed_over[0]["way"].as_str().unwrap().ends_with(":9"), "{test}");
    assert!(!passed_over[0]["reason"].as_str().unwrap().is_empty(), "{test}");

    // A code and the password, asked for one after the other.
    password_of(&sandbox, "totp/password", host, "totp");
    let seed = std::fs::read_to_string(host.totp_seed_file.as_ref().unwrap()).unwrap();
    sandbox.file("seed", &base32(seed.trim()));
    drop(sandbox.beffroi(&["secret", "set", "totp/seed", "--from-file", "seed"]).success());
    add(&sandbox, "codes", host, &["--user", "totp", "--identity", "totp/password"]);
    for words in [&["host", "test", "codes"][..], &["run", "--on", "codes", "--", "true"]] {
        let missing = sandbox.json(words).exit(5).error();
        let said = missing["message"].as_str().unwrap();
        let wanted = [&format!("{}:22", host.address), "totp", "keyboard-interactive"];
        assert!(missing["code"] == "factor-missing" && wanted.iter().all(|value| said.contains(value)), "{words:?}: {missing}");
    }
    drop(sandbox.beffroi(&["host", "edit", "codes", "--one-time", "totp/seed"]).success());
    assert_eq!(said(&sandbox, "codes", "id -un"), "totp");

    // Old algorithms: only those there are, and only until a day to come.
    let before = shown(&sandbox, "web");
    let legacy = |names: &str, day: &str| {
        sandbox.json(&["host", "edit", "web", "--legacy", names, "--legacy-until", day, "--legacy-why", "an old switch"])
    };
    assert_eq!(legacy("made-up-sha1", "2099-12-31").exit(2).error()["code"], "invalid-name");
    assert_eq!(legacy("diffie-hellman-group14-sha1", "2020-12-31").exit(2).error()["code"], "invalid-request");
    assert_eq!(shown(&sandbox, "web")["host"], before["host"]);
    drop(legacy("diffie-hellman-group14-sha1", "2099-12-31").success());
    assert_eq!(shown(&sandbox, "web")["host"]["legacy"]["algorithms"], json!(["diffie-hellman-group14-sha1"]));
}

#[test]
fn a_host_behind_hosts_is_reached_and_two_at_one_address_are_two() {
    let Some(lab) = Containers::up(&["deep-1", "inner-a", "inner-b"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["bastion", "bastion-a", "bastion-b"]);
    for name in ["inner-2", "deep-1", "inner-a", "inner-b"] {
        let host = lab.host(name);
        add(&sandbox, name, host, &["--identity", "key", "--jump", host.behind.as_deref().unwrap()]);
        assert_eq!(said(&sandbox, name, "hostname"), name);
    }
    let (one, other) = (lab.host("inner-a"), lab.host("inner-b"));
    assert_eq!(one.address, other.address);
    assert_ne!(one.fingerprints, other.fingerprints);
    // What is trusted of the one is nothing to the other.
    drop(sandbox.beffroi(&["host", "edit", "inner-a", "--jump", "bastion-b"]).success());
    let refused = sandbox.json(&["run", "--on", "inner-a", "--", "touch was-here"]).exit(4).error();
    assert_eq!(refused["code"], "host-key-changed", "{refused}");
    assert_eq!(other.exec("ls /root"), "");

    let test = sandbox.json(&["host", "test", "deep-1"]).success().data("host-test");
    assert_eq!((&test["passed"], &test["reached"]["jump"]), (&json!(true), &json!("inner-2")), "{test}");
    let hosts = sandbox.json(&["host", "list"]).success().data("host-list");
    assert_eq!(sandbox.json(&["--yes", "host", "remove", "inner-2"]).exit(2).error()["code"], "host-in-use");
    for (host, through) in [("bastion", "deep-1"), ("inner-2", "deep-1"), ("bastion", "bastion")] {
        assert_eq!(sandbox.json(&["host", "edit", host, "--jump", through]).exit(2).error()["code"], "jump-loop", "{host}");
    }
    assert_eq!(strip_trouble(sandbox.json(&["host", "list"]).success().data("host-list")), strip_trouble(hosts));
}

#[test]
fn a_password_that_one_host_refused_is_offered_to_no_other() {
    let names = ["deb-1", "deb-2", "inner-1"];
    let Some(lab) = Containers::up(&names) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["bastion"]);
    sandbox.file("wrong", "not-the-password\n");
    drop(sandbox.beffroi(&["secret", "set", "shared", "--from-file", "wrong"]).success());
    for name in names {
        let host = lab.host(name);
        let jump = host.behind.as_deref().map(|jump| vec!["--jump", jump]).unwrap_or_default();
        add(&sandbox, name, host, &[&["--user", "admin", "--identity", "shared", "--tag", "shared"], jump.as_slice()].concat());
    }
    let refused = || names.iter().map(|name| refused_logins(lab.host(name))).sum::<usize>();
    let everywhere = ["run", "--on", "tag:shared", "--", "true"];
    let count = |answer: &Answer, code: &str| outcomes(answer).iter().filter(|(_, outcome)| outcome == code).count();

    let first = sandbox.json(&everywhere).exit(1);
    assert_eq!((count(&first, "login-refused"), count(&first, "credential-held")), (1, 2), "{}", first.stdout);
    assert_eq!(refused(), 1);
    assert_eq!(count(&sandbox.json(&everywhere).exit(1), "credential-held"), 3);
    assert_eq!(refused(), 1);
    let secrets = sandbox.json(&["secret", "list"]).success().data("secret-list");
    let held = secrets["secrets"].as_array().unwrap().iter().find(|secret| secret["name"] == "shared").unwrap();
    assert_eq!((&held["held"][0]["user"], held["held"].as_array().unwrap().len()), (&json!("admin"), 1), "{secrets}");

    assert_eq!(sandbox.json(&["run", "--on", "deb-1", "--", "true"]).exit(5).error()["code"], "credential-held");

    // Said to be right: it is offered once more, to one host.
    assert_eq!(sandbox.json(&["secret", "allow", "shared"]).success().data("secret-allow")["refusals"], 1);
    let allowed = sandbox.json(&everywhere).exit(1);
    assert_eq!((count(&allowed, "login-refused"), count(&allowed, "credential-held")), (1, 2), "{}", allowed.stdout);
    assert_eq!(refused(), 2);

    // Another value is another password. What took it once goes on taking it, whatever the others say.
    password_of(&sandbox, "shared", lab.host("deb-1"), "admin");
    assert_eq!(said(&sandbox, "deb-1", "id -un"), "admin");
    assert_eq!(sandbox.json(&["run", "--on", "deb-2", "--", "true"]).exit(5).error()["code"], "login-refused");
    let last = outcomes(&sandbox.json(&everywhere).exit(1));
    let held = |name: &str| (name.to_owned(), "credential-held".to_owned());
    assert_eq!(last, [("deb-1".to_owned(), "ok".to_owned()), held("deb-2"), held("inner-1")]);
    assert_eq!(refused(), 3);
}

/// Why a connection failed last is forgotten when the program ends.
fn strip_trouble(mut list: Value) -> Value {
    for host in list["hosts"].as_array_mut().expect("hosts") {
        host["trouble"].take();
    }
    list
}

/// RFC 4648, 6, of what is written in hexadecimal.
fn base32(hexadecimal: &str) -> String {
    let bits: String = hexadecimal.chars().map(|digit| format!("{:04b}", digit.to_digit(16).expect("hexadecimal"))).collect();
    let letter = |bits: &[u8]| {
        let bits = format!("{:0<5}", String::from_utf8_lossy(bits));
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from_str_radix(&bits, 2).expect("five bits")])
    };
    bits.as_bytes().chunks(5).map(letter).collect()
}
