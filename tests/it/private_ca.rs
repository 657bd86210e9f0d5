//! Private authorities by the command line: made, kept to their domains, renewed, given to people; and what is not brought to a host.

use std::path::Path;
use std::process::Command;

use beffroi_tests::{Containers, Fleet, Sandbox};
use serde_json::Value;

use crate::ways::{add, key_of, password_of};

/// What `ca list` says.
fn listed(fleet: &Fleet) -> Value {
    fleet.sandbox.json(&["ca", "list"]).success().data("ca-list")
}

#[test]
fn an_authority_signs_for_its_domains_and_people_get_what_they_need() {
    let fleet = Fleet::of(&["ynh-1"]);
    let ca = |words: &[&str]| fleet.sandbox.json(&[&["ca"], words].concat());
    let made = ca(&["init", "Atelier", "--permit", "atelier-dubois.example"]).success().data("ca-init");
    assert_eq!((&made["stage"], &made["key"]), (&"ca".into(), &"ca/atelier".into()));
    let outside = ca(&["issue", "bank.example", "--host", "ynh-1"]).exit(7).error();
    assert_eq!(outside["code"], "ca-not-permitted", "{outside}");
    let names = ["issue", "atelier-dubois.example", "*.atelier-dubois.example", "--host", "ynh-1"];
    let issued = ca(&names).success().data("ca-issue");
    assert_eq!((&issued["host"], &issued["days_left"], &issued["is_there"]), (&"ynh-1".into(), &396.into(), &false.into()));
    assert_eq!(ca(&names).exit(2).error()["code"], "certificate-exists");

    assert_eq!(ca(&["renew", "--due"]).success().data("ca-renew")["results"], Value::Array(Vec::new()));
    let renewed = ca(&["renew", "--within", "400"]).success().data("ca-renew");
    let new = &renewed["results"][0]["certificate"];
    assert!(new["serial"] != issued["serial"] && new["key"] == issued["key"], "{renewed}");
    assert_eq!(listed(&fleet)["authorities"][0]["revoked"], 1);

    // In French where it is asked for, and nothing of a key in any of it.
    let told = fleet.sandbox.beffroi(&["--lang", "fr", "ca", "trust-kit", "kit"]).success();
    assert!(told.stdout.contains("À comparer au téléphone"), "{}", told.stdout);
    let kit = fleet.sandbox.files().join("kit");
    assert!(kit.join("LISEZ-MOI.html").is_file() && !kit.join("READ-ME.html").exists());
    let searched = Command::new("grep").args(["-rl", "PRIVATE KEY"]).arg(&kit).output().expect("grep");
    assert!(searched.stdout.is_empty(), "{}", String::from_utf8_lossy(&searched.stdout));
    drop(ca(&["export", "atelier-dubois.example", "leaf.pem"]).success());
    let mut verify = Command::new("openssl");
    verify.args(["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "shop.atelier-dubois.example", "-CAfile"]);
    verify.arg(kit.join("atelier.crt")).arg(fleet.sandbox.files().join("leaf.pem"));
    assert!(verify.output().expect("openssl").status.success());
    let journal = fleet.sandbox.json(&["journal", "list"]).success().data("journal-list").to_string();
    for event in ["authority-made", "certificate-issued", "certificate-renewed", "trust-kit-written"] {
        assert!(journal.contains(event), "{event}");
    }
}

#[test]
fn what_a_domain_cannot_use_is_not_brought_there() {
    let fleet = Fleet::of(&["ynh-1", "plain-1"]);
    let ca = |words: &[&str]| fleet.sandbox.json(&[&["--yes", "ca"], words].concat());
    drop(ca(&["init", "Atelier"]).success());
    drop(ca(&["issue", "atelier-dubois.example", "nobody.example", "--host", "ynh-1"]).success());
    let before = fleet.lab.yunohost("ynh-1", "log list");
    let push = ["push", "atelier-dubois.example", "--domain"];
    for domain in ["nobody.example", "nowhere.example"] {
        let error = ca(&[&push[..], &[domain]].concat()).exit(7).error();
        assert!(error["message"].as_str().is_some_and(|told| told.contains(domain)), "{error}");
    }
    let other = ["push", "atelier-dubois.example", "--on", "plain-1"];
    assert_eq!(ca(&other).exit(7).error()["code"], "ynh-absent");
    drop(ca(&["issue", "shop.example", "--host", "ynh-1"]).success());
    let error = ca(&["push", "shop.example", "--domain", "atelier-dubois.example"]).exit(7).error();
    assert_eq!(error["code"], "certificate-not-for", "{error}");
    assert_eq!(fleet.lab.yunohost("ynh-1", "log list"), before, "nothing ran");

    // A plan says what would be done, and shows no key.
    let plan = fleet.sandbox.beffroi(&["--plan", "ca", "push", "atelier-dubois.example", "--domain", "atelier-dubois.example"]).success();
    assert!(plan.stdout.contains("••••••••(key.pem)") && !plan.stdout.contains("BEGIN"), "{}", plan.stdout);
    let jobs = fleet.sandbox.json(&["job", "list"]).success().data("job-list");
    assert_eq!(jobs["jobs"], Value::Array(Vec::new()));
}

/// Makes a Debian with a YunoHost show the certificates of its domains, the way YunoHost keeps them.
fn shows_certificates(lab: &Containers) {
    lab.administered("deb-1");
    drop(lab.host("deb-1").exec("sh /opt/standin/certificates.sh"));
}

/// Whether `curl` takes what the host shows under the domain, trusting this file and nobody else, or just the system.
fn is_taken(lab: &Containers, trusting: Option<&Path>) -> bool {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-m", "20", "-o", "/dev/null", "--resolve"]).arg(format!("atelier-dubois.example:443:{}", lab.host("deb-1").address));
    if let Some(file) = trusting {
        curl.arg("--cacert").arg(file);
    }
    curl.arg("https://atelier-dubois.example/").stderr(std::process::Stdio::null()).status().expect("install curl").success()
}

#[test]
fn a_host_shows_what_it_was_brought_and_curl_takes_it() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    key_of(&sandbox, &lab);
    password_of(&sandbox, "admin/password", lab.host("deb-1"), "admin");
    shows_certificates(&lab);
    add(&sandbox, "deb", lab.host("deb-1"), &["--user", "admin", "--identity", "admin/password", "--sudo", "admin/password"]);
    let ca = |words: &[&str]| sandbox.json(&[&["--yes", "ca"], words].concat()).success();
    drop(ca(&["init", "Atelier", "--permit", "atelier-dubois.example"]));
    drop(ca(&["issue", "atelier-dubois.example", "--host", "deb"]));
    drop(ca(&["trust-kit", "kit"]));
    let root = sandbox.files().join("kit/atelier.crt");
    assert!(!is_taken(&lab, Some(&root)), "what it signed itself is nobody's");

    let is_there = || ca(&["show", "atelier-dubois.example"]).data("ca-show")["is_there"].as_bool();
    let pushed = ca(&["push", "atelier-dubois.example"]).data("ca-push");
    assert_eq!(pushed["results"][0]["status"], "changed", "{pushed}");
    assert!(is_taken(&lab, Some(&root)) && !is_taken(&lab, None), "those who trust the authority, and nobody else");
    assert_eq!(is_there(), Some(true));
    let live = "/etc/yunohost/certs/atelier-dubois.example";
    assert_eq!(lab.host("deb-1").exec(&format!("stat -c '%U:%G %a' {live}/key.pem")).trim(), "root:ssl-cert 640");
    // Of the key, a line that no other text has: it is in its folder and nowhere else.
    let line = lab.host("deb-1").exec(&format!("sed -n 2p {live}/key.pem"));
    let found =
        lab.host("deb-1").exec(&format!("grep -rlF '{}' /etc /var /root /home /tmp /run /dev/shm 2>/dev/null || true", line.trim()));
    assert!(found.lines().all(|file| file.starts_with("/etc/yunohost/certs/")), "{found}");
    assert!(!lab.trace().windows(line.trim().len()).any(|piece| piece == line.trim().as_bytes()), "no program was given it");

    // Renewed: the host shows the old one until it is brought the new.
    drop(ca(&["renew", "atelier-dubois.example"]));
    assert_eq!(is_there(), Some(false));
    assert!(is_taken(&lab, Some(&root)));
    drop(ca(&["push", "atelier-dubois.example"]));
    assert_eq!(is_there(), Some(true));

    // Where SSH forwards nothing, it is seen all the same.
    lab.host("deb-1").exec("echo 'AllowTcpForwarding no' >/etc/ssh/sshd_config.d/forward.conf; systemctl reload ssh");
    drop(ca(&["push", "atelier-dubois.example", "--back"]));
    assert!(is_taken(&lab, Some(&root)), "the one before was ours too");
    drop(ca(&["push", "atelier-dubois.example", "--back"]));
    assert!(!is_taken(&lab, Some(&root)));
    let last = sandbox.json(&["--yes", "ca", "push", "atelier-dubois.example", "--back"]);
    assert_eq!(last.data("ca-push")["results"][0]["status"], "failed", "nothing is known of what was before: {}", last.stdout);
}
