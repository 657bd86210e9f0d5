//! The program against whole machines: a Debian that boots, a BusyBox with nothing else on it.

use beffroi_tests::{ContainerHost, Containers, Relay, Sandbox};
use serde_json::Value;

/// Runs a command on a host with the program; gives its result.
fn run(sandbox: &Sandbox, host: &str, words: &[&str]) -> Value {
    let mut data = sandbox.json(&[&["run", "--on", host, "--"], words].concat()).success().data("run");
    data["results"][0].take()
}

fn output(sandbox: &Sandbox, host: &str, words: &[&str]) -> String {
    sandbox.beffroi(&[&["run", "--on", host, "--"], words].concat()).success().stdout
}

#[test]
fn commands_run_on_a_debian_with_systemd_and_on_a_busybox_with_nothing() {
    let Some(lab) = Containers::up(&["deb-1", "busy-1", "busy-2"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["deb-1", "busy-1", "busy-2"]);
    for (name, first) in [("deb-1", "systemd"), ("busy-1", "init"), ("busy-2", "init")] {
        let result = run(&sandbox, name, &["id", "-u"]);
        assert_eq!(result["exit_code"], 0, "{result}");
        let told = output(&sandbox, name, &["id -u; cat /proc/1/comm; hostname"]);
        for wanted in ["0", first, name] {
            assert!(told.lines().any(|line| line.trim().ends_with(wanted)), "{name}: {told}");
        }
    }
    // What is looked for in the trace when the lab goes is really in there.
    let trace = String::from_utf8_lossy(&lab.trace()).into_owned();
    assert!(trace.contains("argv\0id\0-u\0"), "the trace does not show what was started");
}

#[test]
fn a_boot_is_another_boot() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["deb-1"]);
    let host = lab.host("deb-1");
    let seen = || output(&sandbox, "deb-1", &["cat", "/proc/sys/kernel/random/boot_id"]);
    let before = host.boot_id();
    assert!(seen().contains(&before));
    host.reboot();
    let after = host.boot_id();
    assert_ne!(before, after);
    assert!(seen().contains(&after));
}

#[test]
fn another_host_key_is_refused() {
    let Some(lab) = Containers::up(&["busy-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["busy-1"]);
    let before = lab.host("busy-1");
    let after: ContainerHost = before.rekey();
    assert_ne!(before.fingerprints, after.fingerprints);
    let refused = sandbox.json(&["run", "--on", "busy-1", "--", "true"]).exit(4).error();
    assert!(refused.to_string().contains(&after.fingerprints["ed25519"]), "{refused}");
}

#[test]
fn a_host_is_reached_over_a_long_link() {
    let Some(lab) = Containers::up(&["busy-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &[]);
    let relay = Relay::before(&lab.host("busy-1").login("root"));
    relay.set(&["delay-ms=25"]);
    let (host, port) = (relay.host(), relay.port().to_string());
    let to = ["host", "add", "far", &host.address, "--port", &port, "--user", "root"];
    drop(sandbox.beffroi(&[&to[..], &["--trust", &host.fingerprint, "--identity", "key"]].concat()).success());
    assert_eq!(run(&sandbox, "far", &["true"])["exit_code"], 0);
    assert_eq!(relay.state()["accepted"], 1);
}
