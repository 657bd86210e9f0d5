//! Nobody is locked out: what costs the way in is put back, at once or by the host itself.
//!
//! Each change is made twice: on the host, by nobody who looks after it, and nobody gets in; then by the program.

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};
use serde_json::{Value, json};

use crate::ways::{add, key_of, password_of, said};

/// A Debian with a YunoHost, in the catalog as `deb`, which lets SSH in at 2222 too.
fn ground(flags: &[&str]) -> Option<(Containers, Sandbox)> {
    let lab = Containers::up(&["deb-1"])?;
    let sandbox = Sandbox::with_vault();
    key_of(&sandbox, &lab);
    password_of(&sandbox, "admin/password", lab.host("deb-1"), "admin");
    lab.administered("deb-1");
    lab.host("deb-1").exec("yunohost firewall open 2222 SSH");
    add(&sandbox, "deb", lab.host("deb-1"), flags);
    Some((lab, sandbox))
}

const ROOT: &[&str] = &["--identity", "key"];
const BY_PASSWORD: &[&str] = &["--user", "admin", "--identity", "admin/password", "--sudo", "admin/password"];
const PORT: &[&str] = &["security.ssh.ssh_port", "--value", "2222"];
const NO_PASSWORDS: &[&str] = &["security.ssh.ssh_password_authentication", "--value", "no"];

fn set<'a>(setting: &[&'a str]) -> Vec<&'a str> {
    [&["--yes", "ynh", "settings", "set"][..], setting, &["--on", "deb"]].concat()
}

/// What a change came to: its status, and the code of its error.
fn changed(sandbox: &Sandbox, setting: &[&str]) -> (String, Value) {
    let answer = sandbox.json(&set(setting));
    let result = answer.data("ynh-settings-set")["results"][0].take();
    (result["status"].as_str().expect("a status").to_owned(), result["error"]["code"].clone())
}

/// A firewall of somebody else's, which lets nobody in at 2222.
fn drops_2222(host: &ContainerHost) {
    host.exec(
        "nft add table inet away && nft add chain inet away in '{ type filter hook input priority 0; }' && \
         nft add rule inet away in tcp dport 2222 drop",
    );
}

/// Waits for a file of the lifeline.
#[track_caller]
fn await_file(host: &ContainerHost, file: &str) {
    until(file, || host.exec(&format!("ls /var/lib/beffroi/jobs/*/lifeline/{file} 2>/dev/null || true")).contains(file).then_some(()));
}

/// The same change by nobody who looks after it; then nobody gets in. Undone past the server.
#[track_caller]
fn locks_out(host: &ContainerHost, sandbox: &Sandbox, setting: &[&str]) {
    let before = host.exec("tar -c -C / etc/ssh var/lib/standin | base64 -w0");
    host.exec(&format!("yunohost settings set {}", setting.join(" ")));
    let lost = sandbox.json(&["run", "--on", "deb", "--", "true"]);
    assert_ne!(lost.code, Some(0), "{setting:?} locks nobody out by itself: {}", lost.stdout);
    host.exec("rm -rf /etc/ssh/sshd_config.d /var/lib/standin");
    for piece in before.as_bytes().chunks(100_000) {
        host.exec(&format!("printf %s {} >>/root/before", String::from_utf8_lossy(piece)));
    }
    host.exec("base64 -d /root/before | tar -x -C / && rm /root/before && systemctl restart ssh");
    if lost.stdout.contains("authentication") {
        drop(sandbox.beffroi(&["secret", "allow", "admin/password"]).success());
    }
    assert_eq!(said(sandbox, "deb", "echo in"), "in");
}

/// SSH is as it was, nothing is left of the lifeline, and one gets in without a further word.
#[track_caller]
fn is_as_before(host: &ContainerHost, sandbox: &Sandbox) {
    assert_eq!(host.exec("ls /etc/ssh/sshd_config.d").trim(), "lab.conf");
    assert_eq!(port_of(sandbox), 22);
    assert_eq!(said(sandbox, "deb", "echo in"), "in");
    nothing_left(host);
}

#[track_caller]
fn nothing_left(host: &ContainerHost) {
    assert_eq!(host.exec("find /etc/systemd -name 'beffroi-*'; ls -A /var/lib/beffroi/jobs"), "");
}

fn port_of(sandbox: &Sandbox) -> Value {
    sandbox.json(&["host", "show", "deb"]).success().data("host-show")["host"]["port"].take()
}

#[test]
fn ssh_moves_and_the_record_of_the_host_with_it() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let plan = sandbox.json(&[&set(PORT)[..], &["--plan"]].concat()).success().data("ynh-settings-set");
    let steps: Vec<_> = plan["hosts"][0]["steps"].as_array().unwrap().iter().map(|step| step["what"]["key"].as_str().unwrap()).collect();
    assert_eq!(steps, ["title.ynh-settings-set", "step.read-back", "step.get-in", "step.keep-way"], "{plan}");
    assert_eq!(changed(&sandbox, PORT), ("changed".to_owned(), Value::Null));
    assert_eq!(port_of(&sandbox), 2222);
    assert_eq!(said(&sandbox, "deb", "echo $SSH_CONNECTION | cut -d' ' -f4"), "2222");
    nothing_left(lab.host("deb-1"));
    let journal = sandbox.json(&["journal", "list"]).success().data("journal-list").to_string();
    assert!(journal.contains("host-port-moved"), "{journal}");
}

#[test]
fn a_firewall_on_the_way_puts_ssh_back() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let host = lab.host("deb-1");
    drops_2222(host);
    locks_out(host, &sandbox, PORT);
    assert_eq!(changed(&sandbox, PORT), ("failed".to_owned(), json!("put-back")));
    is_as_before(host, &sandbox);
    assert!(host.exec("nft list ruleset").contains("dport 2222 drop"), "what was there before is there");
}

#[test]
fn a_server_that_does_not_come_up_is_put_back() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let host = lab.host("deb-1");
    // Somebody else has the port.
    host.exec("systemd-run --quiet python3 -m http.server 2222 && sleep 1");
    locks_out(host, &sandbox, PORT);
    assert_eq!(changed(&sandbox, PORT), ("failed".to_owned(), json!("put-back")));
    is_as_before(host, &sandbox);
}

#[test]
fn a_login_that_is_refused_is_put_back_and_not_held() {
    let Some((lab, sandbox)) = ground(BY_PASSWORD) else { return };
    let host = lab.host("deb-1");
    locks_out(host, &sandbox, NO_PASSWORDS);
    assert_eq!(changed(&sandbox, NO_PASSWORDS), ("failed".to_owned(), json!("put-back")));
    is_as_before(host, &sandbox);
}

/// Moves SSH to where nobody gets in, and has the change let go while it tries, as by a program that was killed before it had the
/// answer; then `meanwhile`, as soon as it is to be put back.
fn let_go_meanwhile(host: &ContainerHost, sandbox: &Sandbox, meanwhile: &str) -> Value {
    drops_2222(host);
    let running = sandbox.start(&[&["--json"], &set(PORT)[..]].concat());
    await_file(host, "ended");
    host.exec("ln -s let-go $(echo /var/lib/beffroi/jobs/*/lifeline)/decided");
    await_file(host, "now");
    host.exec(meanwhile);
    let result = running.wait().data("ynh-settings-set")["results"][0].take();
    assert!(host.exec("ls /etc/ssh/sshd_config.d").contains("ssh_port"), "the change stands: {result}");
    result
}

#[test]
fn what_was_let_go_is_not_said_to_be_put_back() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let result = let_go_meanwhile(lab.host("deb-1"), &sandbox, "true");
    assert_eq!((&result["status"], &result["error"]["code"]), (&json!("failed"), &json!("lifeline-released")), "{result}");
}

#[test]
fn what_was_let_go_is_kept_where_one_gets_in_after_all() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let result = let_go_meanwhile(lab.host("deb-1"), &sandbox, "nft delete table inet away");
    assert_eq!((&result["status"], &result["error"]), (&json!("changed"), &Value::Null), "{result}");
    assert_eq!(port_of(&sandbox), 2222);
    assert_eq!(said(&sandbox, "deb", "echo $SSH_CONNECTION | cut -d' ' -f4"), "2222");
}

#[test]
fn a_firewall_that_cannot_be_read_back_is_said_not_to_be() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let host = lab.host("deb-1");
    drops_2222(host);
    // As it says of what iptables made with an extension.
    host.exec(
        "printf '#!/bin/sh\\n[ \"$1\" != -c ] || exit 1\\nexec /usr/sbin/nft \"$@\"\\n' >/usr/local/sbin/nft && \
         chmod 755 /usr/local/sbin/nft",
    );
    let running = sandbox.start(&[&["--json"], &set(PORT)[..]].concat());
    await_file(host, "ended");
    host.exec("nft add table inet later");
    let result = running.wait().data("ynh-settings-set")["results"][0].take();
    let error = &result["error"];
    assert_eq!(error["code"], "put-back-in-part", "{result}");
    assert!(error["message"].as_str().unwrap().ends_with(": firewall."), "{result}");
    assert_eq!(port_of(&sandbox), 22);
    assert_eq!(said(&sandbox, "deb", "echo in"), "in", "SSH is as before");
}

#[test]
fn the_account_that_logs_in_keeps_its_password_and_its_shell() {
    let Some((_lab, sandbox)) = ground(BY_PASSWORD) else { return };
    sandbox.file("new-password", "-Other-Passw0rd-4711");
    let edit = |user, what: &[&str]| {
        sandbox.json(&[&["--yes", "ynh", "user", "edit", user], what, &["--on", "deb"]].concat()).error()["code"].take()
    };
    assert_eq!(edit("admin", &["--password-file", "new-password"]), "own-account");
    assert_eq!(edit("admin", &["--shell", "/usr/sbin/nologin"]), "own-account");
    // It is nobody of YunoHost's, which is what is said of it otherwise.
    assert_eq!(edit("admin", &["--shell", "/bin/bash"]), "ynh-user-unknown");
}

#[test]
fn what_a_killed_program_began_the_host_puts_back_by_itself() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let host = lab.host("deb-1");
    drops_2222(host);
    let running = sandbox.start(&set(PORT));
    until("SSH at its new port", || host.exec("ls /etc/ssh/sshd_config.d").contains("ssh_port").then_some(()));
    until("the end of the change", || host.exec("ls /var/lib/beffroi/jobs/*/lifeline").contains("ended").then_some(()));
    drop(running.kill());
    assert_eq!(host.exec("readlink /var/lib/beffroi/jobs/*/lifeline/decided || true").trim(), "", "nobody put it back yet");
    // The host does not wait as long as it would.
    host.exec("echo 1 >$(echo /var/lib/beffroi/jobs/*/lifeline)/seconds");
    until("the host as it was", || host.exec("ls /var/lib/beffroi/jobs/*/lifeline").contains("restored").then_some(()));
    let jobs = sandbox.json(&["job", "list"]).success().data("job-list");
    let id = jobs["jobs"][0]["id"].as_str().unwrap();
    let attached = sandbox.json(&["job", "attach", id]).exit(1).data("job-attach");
    assert_eq!(attached["results"][0]["error"]["code"], "put-back-by-host", "{attached}");
    is_as_before(host, &sandbox);
}

#[test]
fn a_reboot_in_the_middle_keeps_the_lifeline() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let host = lab.host("deb-1");
    let running = sandbox.start(&set(PORT));
    until("the change", || host.exec("ls /etc/ssh/sshd_config.d").contains("ssh_port").then_some(()));
    drop(running.kill());
    // Long enough to pull the plug, and not much longer.
    host.exec("echo 10 >$(echo /var/lib/beffroi/jobs/*/lifeline)/seconds");
    host.stop();
    // One can log in again only because the host puts SSH back.
    host.start();
    until("the host as it was", || host.exec("ls /var/lib/beffroi/jobs/*/lifeline").contains("restored").then_some(()));
    assert_eq!(host.exec("ls /etc/ssh/sshd_config.d").trim(), "lab.conf");
    assert_eq!(said(&sandbox, "deb", "echo in"), "in");
}

#[test]
fn a_reboot_is_seen_by_the_boot() {
    let Some((lab, sandbox)) = ground(ROOT) else { return };
    let host = lab.host("deb-1");
    let before = host.boot_id();
    let answer = sandbox.json(&["--yes", "ynh", "tools", "reboot", "--on", "deb"]).success().data("ynh-tools-reboot");
    assert_eq!(answer["results"][0]["status"], "changed", "{answer}");
    assert_ne!(host.boot_id(), before);
    assert_eq!(said(&sandbox, "deb", "echo in"), "in");
}
