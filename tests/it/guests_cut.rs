//! Guests whose making, rebuilding or restoring is cut in the middle, by a lost link or by a boot of their host: they end as they were
//! declared, and nothing is left over.

use beffroi_tests::{ContainerHost, Containers, Relay, Sandbox, until};

use crate::guests_spec::{import, inside, is_same, prepared};
use crate::jobs_far::newest;

/// A driver's host, and what is under way there in the middle of a making and of a restoring: a program, and a word of its arguments.
struct Place {
    host: &'static str,
    driver: &'static str,
    makes: (&'static str, &'static str),
    restores: (&'static str, &'static str),
}

const PLACES: [Place; 2] = [
    Place { host: "lxc-1", driver: "lxc", makes: ("gzip", ""), restores: ("cp", "rootfs") },
    Place { host: "incus-1", driver: "incus", makes: ("incus", "init"), restores: ("incus", "restore") },
];

/// Puts something before a program that says that it was begun, and waits while it is told to.
fn hold(host: &ContainerHost, (program, word): (&str, &str)) {
    host.exec(&format!(
        "cat >/usr/local/bin/{program} <<'END'\n#!/bin/sh\ncase \"$*\" in\n*{word}*) [ ! -e /root/stuck ] || touch /root/halfway; \
         while [ -e /root/stuck ]; do sleep 0.1; done ;;\nesac\nexec /usr/bin/{program} \"$@\"\nEND\n\
         chmod +x /usr/local/bin/{program}; rm -f /root/halfway; touch /root/stuck"
    ));
}

fn let_go(host: &ContainerHost, (program, _): (&str, &str)) {
    host.exec(&format!("rm -f /root/stuck /root/halfway /usr/local/bin/{program}"));
}

fn is_halfway(host: &ContainerHost) {
    until("it to be halfway", || host.exec("ls /root").contains("halfway").then_some(()));
}

/// Everything is as it was declared, and nothing else is there.
fn is_whole(sandbox: &Sandbox, host: &ContainerHost, driver: &str, guest: &str, spec: &str, what: &str) {
    assert_eq!(inside(host, driver, "site", "busybox wget -q -O - http://127.0.0.1:8000/; ls /srv"), "hello\ndata\nwww", "{what}");
    let same = sandbox.json(&["--yes", "guest", "create", guest, "--spec", spec]).success().data("guest-create");
    assert!(is_same(&same), "{what}: {same}");
    let left = match driver {
        "lxc" => host.exec("cd /var/lib/lxc/site && ls -A | grep -vx snaps; lxc-ls -1 | grep site; ls -A /var/lib/lxc/.volumes/site"),
        _ => host.exec(
            "incus list --format csv --columns n | grep site; incus storage volume list default --format csv --columns tn | sed -n s/^custom,site/site/p",
        ),
    };
    let expected = match driver {
        "lxc" => ".beffroi\nconfig\nconfig.beffroi-before\nrootfs\nsite\ndata\ndhcp\nlogs\n",
        _ => "site\nsite.data\nsite.dhcp\nsite.logs\n",
    };
    assert_eq!(left.replace("config.beffroi-before\n", ""), expected.replace("config.beffroi-before\n", ""), "{what}");
    assert_eq!(host.exec("ls -A /var/lib/beffroi/sent /var/lib/beffroi/jobs | grep -v : || true").trim(), "", "{what}");
}

/// What is done to a guest, in the order in which it can be.
fn orders(guest: &str, spec: &str) -> [(&'static str, Vec<String>); 3] {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    [
        ("create", words(&["--yes", "guest", "create", guest, "--spec", spec])),
        ("rebuild", words(&["--yes", "guest", "rebuild", guest, "--spec", spec])),
        ("restore", words(&["--yes", "guest", "snapshot", "restore", guest, "made"])),
    ]
}

/// A snapshot of what was made, and something that it has not.
fn kept(sandbox: &Sandbox, host: &ContainerHost, driver: &str, guest: &str) {
    drop(sandbox.json(&["--yes", "guest", "snapshot", "create", guest, "made"]).success());
    inside(host, driver, "site", "echo gone > /srv/gone; echo kept > /srv/data/kept");
}

#[test]
fn a_link_that_is_cut_while_a_guest_is_made_rebuilt_or_restored_costs_nothing() {
    let Some(lab) = Containers::up(&PLACES.map(|place| place.host)) else { return };
    for place in PLACES {
        let (sandbox, spec) = prepared(&lab, place.host);
        let host = lab.host(place.host);
        if place.driver == "incus" {
            // The lab's own image of this name is another one.
            host.exec("incus image alias delete openrc");
        }
        import(&sandbox, place.host);
        let relay = Relay::before(&host.login("root"));
        let (far, port) = (relay.host().clone(), relay.host().port.to_string());
        let to = ["host", "add", "far", &far.address, "--port", &port, "--user", "root", "--trust", &far.fingerprint];
        drop(sandbox.beffroi(&[&to[..], &["--identity", "key"]].concat()).success());
        for (verb, order) in orders("far/site", &spec) {
            let program = if verb == "restore" { place.restores } else { place.makes };
            if verb == "restore" {
                kept(&sandbox, host, place.driver, "far/site");
            }
            hold(host, program);
            let running = sandbox.start(&order.iter().map(String::as_str).collect::<Vec<_>>());
            is_halfway(host);
            relay.cut();
            let_go(host, program);
            drop(running.wait().success());
            is_whole(&sandbox, host, place.driver, "far/site", &spec, &format!("{} {verb}", place.driver));
        }
        assert_eq!(inside(host, place.driver, "site", "cat /srv/data/kept"), "kept");
    }
}

#[test]
fn a_host_that_boots_while_a_guest_is_made_rebuilt_or_restored_ends_as_it_was_declared() {
    let Some(lab) = Containers::up(&PLACES.map(|place| place.host)) else { return };
    for place in PLACES {
        let (sandbox, spec) = prepared(&lab, place.host);
        let (host, guest) = (lab.host(place.host), format!("{}/site", place.host));
        if place.driver == "incus" {
            host.exec("incus image alias delete openrc");
        }
        import(&sandbox, place.host);
        for (verb, order) in orders(&guest, &spec) {
            let what = format!("{} {verb}", place.driver);
            let program = if verb == "restore" { place.restores } else { place.makes };
            if verb == "restore" {
                kept(&sandbox, host, place.driver, &guest);
            }
            hold(host, program);
            let running = sandbox.start(&order.iter().map(String::as_str).collect::<Vec<_>>());
            is_halfway(host);
            drop(running.kill());
            host.reboot();
            let id = newest(&sandbox)["id"].as_str().expect("an id").to_owned();
            let cut = sandbox.json(&["job", "attach", &id]).data("job-attach");
            assert_eq!(cut["results"][0]["error"]["code"], "host-rebooted", "{what}: {cut}");
            until("the host to be up", || host.exec("ls /run/lab-ready 2>/dev/null || true").contains("lab-ready").then_some(()));
            let_go(host, program);
            drop(sandbox.json(&["--yes", "job", "retry", &id]).success());
            is_whole(&sandbox, host, place.driver, &guest, &spec, &what);
        }
        assert_eq!(inside(host, place.driver, "site", "cat /srv/data/kept"), "kept");
    }
}
