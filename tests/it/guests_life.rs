//! The life of guests on real classic LXC, Incus and LXD: what is done to them, what speaks against it, and what is finished when
//! it was cut.

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};
use serde_json::{Value, json};

use crate::jobs_far::{newest, text};

/// Drivers by their hosts of the lab: each with a guest `web` that runs.
const HOSTS: [(&str, &str); 3] = [("lxc-1", "lxc"), ("incus-1", "incus"), ("lxd-1", "lxd")];

/// A driver of a host, asked past the program.
struct Driver<'a> {
    name: &'static str,
    host: &'a ContainerHost,
}

impl Driver<'_> {
    fn client(&self) -> &'static str {
        if self.name == "incus" { "incus" } else { "lxc" }
    }

    /// What a command says inside a guest.
    #[track_caller]
    fn inside(&self, guest: &str, command: &str) -> String {
        let enter = match self.name {
            "lxc" => format!("lxc-attach -n {guest} --clear-env --"),
            _ => format!("{} exec {guest} -T --", self.client()),
        };
        self.host.exec(&format!("{enter} sh -c '{command}'")).trim().to_owned()
    }

    /// Its state, in capitals.
    #[track_caller]
    fn state(&self, guest: &str) -> String {
        let ask = match self.name {
            "lxc" => format!("lxc-info -n {guest} -sH 2>/dev/null || echo ABSENT"),
            _ => format!("{} list '^{guest}$' -f csv -c s", self.client()),
        };
        self.host.exec(&ask).trim().to_owned()
    }

    /// The most memory that its control group gives a guest, in bytes.
    #[track_caller]
    fn memory(&self, guest: &str) -> String {
        let find = format!("find /sys/fs/cgroup -path '*payload*{guest}*' ");
        let ask = format!("cat \"$({find} \\( -name memory.max -o -name memory.limit_in_bytes \\) | sort | head -n 1)\"");
        self.host.exec(&ask).trim().to_owned()
    }

    /// Whether it starts with its host.
    #[track_caller]
    fn autostart(&self, guest: &str) -> String {
        self.host.exec(&match self.name {
            "lxc" => format!("sed -n 's/^lxc.start.auto = //p' /var/lib/lxc/{guest}/config"),
            _ => format!("{} config get {guest} boot.autostart", self.client()),
        })
    }
}

/// Runs a change of guests without asking.
#[track_caller]
fn change(sandbox: &Sandbox, words: &[&str]) -> Value {
    drop(sandbox.json(&[&["--yes", "guest"], words].concat()).success());
    newest(sandbox)
}

/// The names of the hosts of the catalog.
#[track_caller]
fn hosts(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.json(&["host", "list"]).success().data("host-list");
    list["hosts"].as_array().expect("hosts").iter().map(|host| host["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn the_whole_life_of_a_guest_with_each_driver() {
    let Some(lab) = Containers::up(&HOSTS.map(|(host, _)| host)) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &HOSTS.map(|(host, _)| host));
    for (host, name) in HOSTS {
        let driver = Driver { name, host: lab.host(host) };
        let named = |guest: &str| format!("{host}/{guest}");
        let web = named("web");

        change(&sandbox, &["freeze", &web]);
        assert_eq!(driver.state("web"), "FROZEN");
        change(&sandbox, &["start", &web]);
        assert_eq!(driver.state("web"), "RUNNING", "what is frozen is thawed");
        // Done already: it succeeds.
        change(&sandbox, &["start", &web]);

        driver.inside("web", "echo first > /root/mine");
        change(&sandbox, &["snapshot", "create", &web, "before"]);
        let list = sandbox.json(&["guest", "snapshot", "list", &web]).success().data("guest-snapshot-list");
        assert_eq!(list["snapshots"][0]["name"], "before", "{list}");
        driver.inside("web", "echo second > /root/mine; touch /root/more");
        change(&sandbox, &["snapshot", "restore", &web, "before"]);
        assert_eq!(driver.state("web"), "RUNNING", "it ran before");
        assert_eq!(driver.inside("web", "cat /root/mine; ls /root/more 2>/dev/null || true"), "first");
        change(&sandbox, &["snapshot", "delete", &web, "before"]);
        let error = sandbox.json(&["--yes", "guest", "snapshot", "restore", &web, "before"]).exit(2).error();
        assert_eq!(error["code"], "guest-no-snapshot", "{error}");

        change(&sandbox, &["set", &web, "--memory", "64MiB", "--cpus", "1", "--autostart", "no"]);
        assert_eq!(driver.memory("web"), (64_u64 << 20).to_string());
        assert!(matches!(driver.autostart("web").trim(), "0" | "false"), "{}", driver.autostart("web"));
        let error = sandbox.json(&["--yes", "guest", "set", &web, "--memory", "4096GiB"]).exit(7).error();
        assert_eq!(error["code"], "guest-no-memory", "{error}");

        // Its record, which is made when it is first named, follows it.
        drop(sandbox.beffroi(&["run", "--on", &web, "--", "true"]).success());
        let error = sandbox.json(&["--yes", "guest", "rename", &web, "www"]).exit(7).error();
        assert_eq!(error["code"], "guest-not-stopped", "{error}");
        change(&sandbox, &["stop", &web, "--timeout", "30"]);
        assert_eq!(driver.state("web"), "STOPPED");
        change(&sandbox, &["rename", &web, "www"]);
        let www = named("www");
        assert_eq!(
            (driver.state("www"), hosts(&sandbox).contains(&web), hosts(&sandbox).contains(&www)),
            ("STOPPED".to_owned(), false, true)
        );
        change(&sandbox, &["copy", &www, "two"]);
        change(&sandbox, &["start", &named("two")]);
        assert_eq!(driver.inside("two", "cat /root/mine"), "first", "a copy has what it was copied from");
        change(&sandbox, &["restart", &named("two"), "--force"]);
        assert_eq!(driver.state("two"), "RUNNING");
        change(&sandbox, &["stop", &named("two"), "--force"]);

        kept_volume(&driver, "www");
        let delete = |typed: &str| sandbox.json(&["--confirm", typed, "guest", "delete", &www]);
        assert_eq!(delete(host).error()["code"], "confirmation-needed", "its host's name is not its own");
        drop(delete(&www).success());
        assert!(!hosts(&sandbox).contains(&www), "its record is gone with it");
        assert_eq!(driver.host.exec(kept(&driver)).trim(), "kept", "a volume stays");
        assert!(matches!(driver.state("www").as_str(), "" | "ABSENT"));
        drop(sandbox.json(&["--confirm", &named("two"), "guest", "delete", &named("two")]).success());
        assert_eq!(driver.host.exec("ls -A /var/lib/beffroi/jobs"), "", "nothing is left of the jobs");
    }
}

/// Gives a guest a volume with a file.
#[track_caller]
fn kept_volume(driver: &Driver<'_>, guest: &str) {
    let client = driver.client();
    driver.host.exec(&match driver.name {
        "lxc" => format!(
            "mkdir -p /var/lib/lxc/.volumes/{guest}/data && echo kept >/var/lib/lxc/.volumes/{guest}/data/file && \
             echo 'lxc.mount.entry = /var/lib/lxc/.volumes/{guest}/data data none bind,create=dir 0 0' >>/var/lib/lxc/{guest}/config"
        ),
        _ => format!(
            "{client} storage volume create default {guest}.data && \
             {client} config device add {guest} data disk pool=default source={guest}.data path=/data && \
             {client} start {guest} && {client} exec {guest} -T -- sh -c 'echo kept >/data/file' && {client} stop --force {guest}"
        ),
    });
}

/// What says whether that file is still there.
fn kept(driver: &Driver<'_>) -> &'static str {
    match driver.name {
        "lxc" => "cat /var/lib/lxc/.volumes/www/data/file",
        "incus" => "cat /var/lib/incus/storage-pools/default/custom/default_www.data/file",
        _ => "cat /var/lib/lxd/storage-pools/default/custom/default_www.data/file",
    }
}

#[test]
fn a_plan_shows_every_command_that_is_run() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let driver = Driver { name: "lxc", host: lab.host("lxc-1") };
    for words in [
        &["snapshot", "create", "lxc-1/web", "one"][..],
        &["set", "lxc-1/web", "--memory", "128MiB", "--cpus", "0.5", "--autostart", "no"],
        &["snapshot", "restore", "lxc-1/web", "one"],
        &["freeze", "lxc-1/web"],
        &["stop", "lxc-1/web"],
        &["copy", "lxc-1/web", "two"],
        &["rename", "lxc-1/two", "three"],
        &["snapshot", "delete", "lxc-1/web", "one"],
        &["delete", "lxc-1/three"],
    ] {
        let before = driver.host.exec("lxc-ls -f; cat /var/lib/lxc/*/config");
        let name =
            format!("guest-{}", words.iter().take(if words[0] == "snapshot" { 2 } else { 1 }).copied().collect::<Vec<_>>().join("-"));
        let plan = sandbox.json(&[&["--plan", "guest"], words].concat()).success().data(&name);
        assert_eq!(driver.host.exec("lxc-ls -f; cat /var/lib/lxc/*/config"), before, "a plan changes nothing");
        let steps = plan["hosts"][0]["steps"].as_array().expect("steps");
        let shown = steps[0]["command"][0]["text"].as_str().expect("a command");
        assert_eq!((steps.len(), &steps[0]["changes"], &steps[1]["changes"]), (2, &json!(true), &json!(false)));
        drop(sandbox.json(&[&["--yes", "--confirm", "lxc-1/three", "guest"], words].concat()).success());
        let job = newest(&sandbox);
        let shown_job = sandbox.json(&["job", "show", job["id"].as_str().expect("an id")]).success().data("job-show");
        let ran: Vec<String> = text(&shown_job, "stdout").lines().filter_map(|line| line.strip_prefix("+ ").map(str::to_owned)).collect();
        assert!(!ran.is_empty(), "{shown_job}");
        for command in &ran {
            assert!(shown.contains(command.as_str()), "{command}\nis not in\n{shown}");
        }
    }
}

/// A `cp` that copies a part, says so, and goes no further.
const STUCK: &str = "printf '%s\\n' '#!/bin/sh' '[ -e /root/stuck ] || exec /usr/bin/cp \"$@\"' 'for last; do :; done' \
    'mkdir -p \"$last\" && echo half >\"$last/half\" && sync && touch /root/halfway && exec sleep 1000' >/usr/local/bin/cp && \
    chmod +x /usr/local/bin/cp && touch /root/stuck";

#[test]
fn a_restore_that_a_reboot_cut_is_finished_by_the_retry() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let driver = Driver { name: "lxc", host: lab.host("lxc-1") };
    driver.inside("web", "echo first > /root/mine");
    change(&sandbox, &["snapshot", "create", "lxc-1/web", "one"]);
    driver.inside("web", "echo second > /root/mine");
    driver.host.exec(STUCK);
    let running = sandbox.start(&["--yes", "guest", "snapshot", "restore", "lxc-1/web", "one"]);
    until("the restore to be halfway", || driver.host.exec("ls /root").contains("halfway").then_some(()));
    drop(running.kill());
    driver.host.reboot();
    let id = newest(&sandbox)["id"].as_str().expect("an id").to_owned();
    let cut = sandbox.json(&["job", "attach", &id]);
    assert_eq!(cut.data("job-attach")["results"][0]["status"], "failed");
    until("the host to be up", || driver.host.exec("ls /run/lab-ready 2>/dev/null || true").contains("lab-ready").then_some(()));
    driver.host.exec("rm -f /root/stuck");
    drop(sandbox.json(&["--yes", "job", "retry", &id]).success());
    assert_eq!((driver.state("web").as_str(), driver.inside("web", "cat /root/mine").as_str()), ("RUNNING", "first"));
    assert_eq!(driver.host.exec("cd /var/lib/lxc/web && ls -A"), "config\nconfig.beffroi-before\nrootfs\nsnaps\n", "no orphan");
    // The same while nothing but the program dies: the job goes on, and is taken up again.
    driver.inside("web", "echo third > /root/mine");
    driver.host.exec("touch /root/stuck; rm -f /root/halfway");
    let running = sandbox.start(&["--yes", "guest", "snapshot", "restore", "lxc-1/web", "one"]);
    until("the restore to be halfway", || driver.host.exec("ls /root").contains("halfway").then_some(()));
    drop(running.kill());
    let id = newest(&sandbox)["id"].as_str().expect("an id").to_owned();
    let stopped = sandbox.json(&["job", "cancel", &id]);
    assert_eq!(stopped.data("job-cancel")["results"][0]["status"], "cancelled");
    driver.host.exec("rm -f /root/stuck");
    drop(sandbox.json(&["--yes", "job", "retry", &id]).success());
    assert_eq!((driver.state("web").as_str(), driver.inside("web", "cat /root/mine").as_str()), ("RUNNING", "first"));
}
