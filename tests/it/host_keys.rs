//! What is trusted of hosts: where it comes from, what a known_hosts file brings and takes, keys that change.

use std::path::Path;
use std::process::{Command, Stdio};

use beffroi_tests::{ContainerHost, Containers, Sandbox};
use serde_json::{Value, json};

use crate::ways::{add, said};

fn shown(sandbox: &Sandbox, host: &str) -> Value {
    sandbox.json(&["host", "show", host]).success().data("host-show")
}

/// A public key of a host, as it stands in a known_hosts file after the name.
fn public_key(host: &ContainerHost, kind: &str) -> String {
    let line = host.exec(&format!("cat /etc/ssh/ssh_host_{kind}_key.pub"));
    line.split(' ').take(2).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// Asserts that the host is refused for the key it shows, by a test and by a run, and that nothing is done there. Gives
/// what is said of it.
fn refused(sandbox: &Sandbox, host: &ContainerHost, code: &str) -> String {
    let test = sandbox.json(&["host", "test", &host.name]).exit(4).error();
    let run = sandbox.json(&["run", "--on", &host.name, "--", "touch /was-here"]).exit(4).error();
    assert_eq!((&run["code"], &run), (&json!(code), &test));
    let said = run["message"].as_str().expect("a sentence").to_owned();
    assert!(said.contains(&format!("{}:22", host.address)) && said.contains(&host.fingerprints["ed25519"]), "{said}");
    assert_eq!(host.exec("ls -d /was-here 2>/dev/null || true"), "");
    said
}

fn add_untrusted(sandbox: &Sandbox, host: &ContainerHost) {
    drop(sandbox.beffroi(&["host", "add", &host.name, &host.address, "--identity", "key"]).success());
}

fn import(sandbox: &Sandbox, flags: &[&str]) -> Value {
    sandbox.json(&[&["host", "import-keys", "known"], flags].concat()).success().data("host-import-keys")
}

#[test]
fn a_key_comes_from_somewhere_and_what_a_host_announces_can_be_trusted() {
    let Some(lab) = Containers::up(&["deb-1", "busy-1"]) else { return };
    let (sandbox, deb, busy) = (Sandbox::with_vault(), lab.host("deb-1"), lab.host("busy-1"));
    lab.known_to(&sandbox, &["deb-1", "busy-1"]);
    let given = shown(&sandbox, "deb-1")["keys"].take();
    assert_eq!((&given[0]["how"], &given[0]["fingerprint"]), (&json!("given"), &json!(deb.fingerprints["ed25519"])), "{given}");
    assert!(given[0]["at_ms"].as_u64() > Some(0) && !given[0]["by"].as_str().unwrap().is_empty(), "{given}");

    assert_eq!(sandbox.json(&["host", "test", "deb-1"]).success().data("host-test")["passed"], true);
    let seen = shown(&sandbox, "deb-1");
    assert_eq!(seen["keys"][0]["algorithm"], "ssh-ed25519", "{seen}");
    let mut announced: Vec<&str> = seen["announced"].as_array().unwrap().iter().map(|key| key["fingerprint"].as_str().unwrap()).collect();
    let others = deb.fingerprints.iter().filter(|(kind, _)| *kind != "ed25519");
    let mut expected: Vec<&str> = others.map(|(_, fingerprint)| fingerprint.as_str()).collect();
    announced.sort_unstable();
    expected.sort_unstable();
    assert_eq!(announced, expected, "{seen}");
    assert!(seen["announced"].as_array().unwrap().iter().all(|key| key["proven"] == true), "{seen}");
    // Announced is not trusted: somebody says so.
    let ecdsa = deb.fingerprints["ecdsa"].as_str();
    assert_eq!(seen["keys"].as_array().map(Vec::len), Some(1), "{seen}");
    drop(sandbox.beffroi(&["host", "trust", "deb-1", ecdsa]).success());
    let trusted = shown(&sandbox, "deb-1");
    let key = trusted["keys"].as_array().unwrap().iter().find(|key| key["fingerprint"] == ecdsa).unwrap();
    assert_eq!((&key["how"], &key["algorithm"]), (&json!("announced"), &json!("ecdsa-sha2-nistp256")), "{trusted}");

    // Another key than the one that is trusted: nothing of a login is sent.
    let logins = |host: &ContainerHost| host.exec("grep -c 'Accepted' /var/log/sshd.log || true");
    assert_eq!(said(&sandbox, "busy-1", "id -un"), "root");
    let before = logins(busy);
    let changed = busy.rekey();
    let told = refused(&sandbox, &changed, "host-key-changed");
    assert!(told.contains(&busy.fingerprints["ed25519"]), "the one that was trusted: {told}");
    assert_eq!(logins(busy), before);
    drop(sandbox.beffroi(&["host", "trust", "busy-1", &changed.fingerprints["ed25519"]]).success());
    assert_eq!(said(&sandbox, "busy-1", "id -un"), "root");
    // Revoked, whatever else is trusted.
    drop(sandbox.beffroi(&["host", "revoke", "busy-1", &changed.fingerprints["ed25519"]]).success());
    drop(refused(&sandbox, &changed, "host-key-revoked"));
    assert_eq!(shown(&sandbox, "busy-1")["revoked"], json!([changed.fingerprints["ed25519"]]));
}

#[test]
fn known_hosts_come_in_and_go_out() {
    let Some(lab) = Containers::up(&["deb-1", "busy-1"]) else { return };
    let (sandbox, deb, busy) = (Sandbox::with_vault(), lab.host("deb-1"), lab.host("busy-1"));
    lab.known_to(&sandbox, &[]);
    add_untrusted(&sandbox, deb);
    add_untrusted(&sandbox, busy);

    // Hashed by OpenSSH itself.
    let line = |host: &ContainerHost, kind: &str| format!("{} {}\n", host.address, public_key(host, kind));
    let path = sandbox.file("known", &(line(deb, "ed25519") + &line(deb, "rsa") + "203.0.113.9 " + &public_key(busy, "ed25519") + "\n"));
    assert!(
        Command::new("ssh-keygen")
            .args(["-q", "-H", "-f"])
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    );
    assert!(!std::fs::read_to_string(&path).unwrap().contains(&deb.address));
    let would = import(&sandbox, &["--dry-run"]);
    drop(refused(&sandbox, deb, "host-key-unknown"));
    let brought = import(&sandbox, &[]);
    assert_eq!(brought, would);
    let keys = [&deb.fingerprints["ed25519"], &deb.fingerprints["rsa"]];
    assert_eq!((&brought["hosts"][0]["host"], &brought["hosts"][0]["trusted"]), (&json!("deb-1"), &json!(keys)), "{brought}");
    assert_eq!((&brought["hosts"][1], &brought["unused"]), (&Value::Null, &json!(1)), "{brought}");
    assert_eq!(said(&sandbox, "deb-1", "id -un"), "root");
    let kept = shown(&sandbox, "deb-1")["keys"].take();
    assert!(kept.as_array().unwrap().iter().all(|key| key["how"] == "known-hosts"), "{kept}");

    // In plain, with an authority, what is no entry at all, and a key that was revoked.
    let authority = format!("@cert-authority {} {}\n", deb.address, public_key(deb, "ecdsa"));
    let garbage = "\n# a comment\nnot an entry\n192.0.2.1 ssh-ed25519 %%%%\n";
    sandbox.file("known", &format!("{}{garbage}{authority}", line(busy, "ed25519")));
    let brought = import(&sandbox, &[]);
    let lines: Vec<_> = brought["not_understood"].as_array().unwrap().iter().map(|line| line["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [4, 5], "{brought}");
    assert_eq!(brought["hosts"][0]["trusted"], json!([busy.fingerprints["ed25519"]]), "{brought}");
    assert_eq!(brought["hosts"][1]["authorities"], json!([deb.fingerprints["ecdsa"]]), "{brought}");
    assert_eq!(said(&sandbox, "busy-1", "id -un"), "root");

    // What goes out is what OpenSSH trusts.
    for (file, flags) in [("plain", &[][..]), ("hashed", &["--hashed"])] {
        let out = sandbox.json(&[&["host", "export-keys", file], flags].concat()).success().data("host-export-keys");
        assert_eq!((&out["lines"], &out["unseen"]), (&json!(4), &json!([])), "{out}");
        let path = sandbox.files().join(file);
        assert_eq!(std::fs::read_to_string(&path).unwrap().contains(&deb.address), file == "plain");
        for host in [deb, busy] {
            assert_eq!(openssh(&path, &lab.client_key(), host), (Some(0), host.name.clone()), "{file}");
        }
        if file == "hashed" {
            // What OpenSSH does not find in a file, it refuses.
            std::fs::write(&path, "").unwrap();
            assert_ne!(openssh(&path, &lab.client_key(), deb).0, Some(0));
        }
    }

    sandbox.file("known", &format!("@revoked {}", line(busy, "ed25519")));
    let brought = import(&sandbox, &["--on", "busy-1"]);
    assert_eq!(brought["hosts"][0]["revoked"], json!([busy.fingerprints["ed25519"]]), "{brought}");
    drop(refused(&sandbox, busy, "host-key-revoked"));
    add(&sandbox, "other", deb, &["--identity", "key"]);
    assert_eq!(said(&sandbox, "other", "id -un"), "root");
}

/// Connects with OpenSSH's own client, which asks nothing and trusts what the file says alone; gives its status and what
/// `hostname` says there.
fn openssh(known: &Path, key: &Path, host: &ContainerHost) -> (Option<i32>, String) {
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "GlobalKnownHostsFile=/dev/null"]);
    ssh.args(["-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=30", "-o"]).arg(format!("UserKnownHostsFile={}", known.display()));
    ssh.arg("-i").arg(key).arg(format!("root@{}", host.address)).arg("hostname");
    let output = ssh.stdin(Stdio::null()).output().expect("ssh is installed (apt install openssh-client)");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
