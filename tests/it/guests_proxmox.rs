//! Proxmox VE as a driver, on the lab's stand-in: its commands and tasks are written from what Proxmox documents, its containers
//! are real ones of classic LXC. No real Proxmox was there.

use beffroi_tests::{ContainerHost, Containers, LabHost, Relay, Sandbox, until};
use serde_json::Value;

use crate::guests_spec::SITE;
use crate::jobs_far::{newest, text};

/// What the stand-in says of a container's number.
#[track_caller]
fn config(host: &ContainerHost, id: &str) -> Value {
    let said = host.exec(&format!("pvesh get /nodes/pve/lxc/{id}/config --output-format json"));
    serde_json::from_str(&said).expect("JSON")
}

#[track_caller]
fn state(host: &ContainerHost, id: &str) -> String {
    host.exec(&format!("pct status {id} 2>/dev/null || true")).trim().trim_start_matches("status: ").to_owned()
}

#[track_caller]
fn inside(host: &ContainerHost, id: &str, command: &str) -> String {
    host.exec(&format!("pct exec {id} --keep-env 0 -- sh -c '{command}'")).trim().to_owned()
}

/// How many tasks of a kind there ever were.
#[track_caller]
fn tasks(host: &ContainerHost, kind: &str) -> usize {
    let said = host.exec(&format!("pvesh get /nodes/pve/tasks --source all --typefilter {kind} --output-format json"));
    serde_json::from_str::<Value>(&said).expect("JSON").as_array().map_or(0, Vec::len)
}

/// Runs a change of guests without asking. Gives what the host said.
#[track_caller]
fn change(sandbox: &Sandbox, words: &[&str]) -> String {
    drop(sandbox.json(&[&["--yes", "guest"], words].concat()).success());
    let job = newest(sandbox);
    text(&sandbox.json(&["job", "show", job["id"].as_str().expect("an id")]).success().data("job-show"), "stdout")
}

#[test]
fn the_whole_life_of_a_container_of_proxmox() {
    let Some(lab) = Containers::up(&["pve-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["pve-1"]);
    let host = lab.host("pve-1");
    let web = "pve-1/web";

    // Proxmox has no command for that; one that somebody else held is let go.
    let error = sandbox.json(&["--yes", "guest", "freeze", web]).exit(7).error();
    assert_eq!(error["code"], "guest-cannot", "{error}");
    host.exec("lxc-freeze -n 101");
    let list = sandbox.json(&["guest", "list", "--refresh", "--on", "pve-1"]).success().data("guest-list");
    let states: Vec<&str> =
        list["hosts"][0]["guests"].as_array().expect("guests").iter().filter_map(|row| row["guest"]["state"].as_str()).collect();
    assert_eq!(states, ["stopped", "frozen"]);
    change(&sandbox, &["start", web]);
    assert_eq!(host.exec("lxc-info -n 101 -sH").trim(), "RUNNING");

    inside(host, "101", "echo first > /root/mine");
    change(&sandbox, &["snapshot", "create", web, "before"]);
    let list = sandbox.json(&["guest", "snapshot", "list", web]).success().data("guest-snapshot-list");
    assert_eq!(list["snapshots"][0]["name"], "before", "{list}");
    inside(host, "101", "echo second > /root/mine");
    let said = change(&sandbox, &["snapshot", "restore", web, "before"]);
    assert!(said.contains("+ pct rollback 101 before\n") && said.contains("+ pct start 101\n"), "{said}");
    assert_eq!((state(host, "101").as_str(), inside(host, "101", "cat /root/mine").as_str()), ("running", "first"), "it ran before");
    change(&sandbox, &["snapshot", "delete", web, "before"]);
    assert_eq!(config(host, "101")["parent"], Value::Null);

    change(&sandbox, &["set", web, "--memory", "64MiB", "--cpus", "1", "--autostart", "no", "--disk", "2GiB"]);
    let now = config(host, "101");
    assert_eq!((&now["memory"], &now["cores"], &now["onboot"]), (&64.into(), &1.into(), &0.into()));
    assert!(now["rootfs"].as_str().is_some_and(|root| root.contains("size=2G")), "{now}");
    assert_eq!(sandbox.json(&["--yes", "guest", "set", web, "--memory", "none"]).error()["code"], "guest-value");
    assert_eq!(sandbox.json(&["--yes", "guest", "set", web, "--memory", "4096GiB"]).exit(7).error()["code"], "guest-no-memory");

    // The number stays and the name is another one; the record follows.
    drop(sandbox.beffroi(&["run", "--on", web, "--", "true"]).success());
    change(&sandbox, &["rename", web, "www"]);
    assert_eq!(config(host, "101")["hostname"], "www");
    let www = "pve-1/www";
    drop(sandbox.beffroi(&["run", "--on", www, "--", "true"]).success());
    change(&sandbox, &["restart", www, "--timeout", "30"]);
    assert_eq!(state(host, "101"), "running");
    let logs = sandbox.json(&["guest", "logs", www]).success().data("guest-logs");
    assert!(logs["from"].as_str().is_some_and(|file| file.ends_with("101.log")), "{logs}");
    change(&sandbox, &["stop", www, "--timeout", "30"]);
    assert_eq!(state(host, "101"), "stopped");
    let said = change(&sandbox, &["copy", www, "two"]);
    assert!(said.contains("+ pct clone 101 103 --hostname two --full 1\n"), "{said}");
    change(&sandbox, &["start", "pve-1/two"]);
    assert_eq!(inside(host, "103", "cat /root/mine"), "first", "a copy has what it was copied from");
    change(&sandbox, &["stop", "pve-1/two", "--force"]);

    // Whom Proxmox works on is left alone.
    host.exec("echo 'lock: backup' >>/etc/pve/nodes/pve/lxc/103.conf");
    let error = sandbox.json(&["--yes", "guest", "start", "pve-1/two"]).exit(7).error();
    assert_eq!(error["code"], "guest-locked", "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
    host.exec("pct unlock 103");

    // What it holds goes with it, and is said.
    host.exec("pct set 103 --mp0 local-zfs:1,mp=/srv/data");
    let error = sandbox.json(&["--confirm", "pve-1/two", "guest", "delete", "pve-1/two"]).exit(7).error();
    assert_eq!(error["code"], "guest-volumes-go", "{error}");
    let plan = sandbox.json(&["--plan", "guest", "delete", "pve-1/two", "--volumes"]).success().data("guest-delete");
    assert_eq!(plan["hosts"][0]["warnings"][0]["values"]["volumes"], "/srv/data", "{plan:#}");
    drop(sandbox.json(&["--confirm", "pve-1/two", "guest", "delete", "pve-1/two", "--volumes"]).success());
    assert_eq!(state(host, "103"), "");
    assert_eq!(host.exec("ls /rpool/data | grep -c 103 || true").trim(), "0");
    assert_eq!(host.exec("ls -A /var/lib/beffroi/jobs"), "", "nothing is left of the jobs");
}

#[test]
fn a_task_of_proxmox_is_followed_and_no_second_one_begun() {
    let Some(lab) = Containers::up(&["pve-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    let host = lab.host("pve-1");
    lab.known_to(&sandbox, &["pve-1"]);
    let direct = host.login("root");
    let relay = Relay::before(&direct);
    let far = LabHost { port: relay.port(), ..direct.clone() };
    let to = ["host", "add", "far", "127.0.0.1", "--port", &far.port.to_string(), "--user", "root"];
    drop(sandbox.beffroi(&[&to[..], &["--trust", &direct.fingerprint, "--identity", "key"]].concat()).success());
    host.exec("echo '{\"slow_seconds\": 4}' >/etc/pve-standin.json");
    let works = || host.exec("pvesh get /nodes/pve/tasks --source active --output-format json").contains("UPID");

    // The link goes away in the middle.
    let running = sandbox.start(&["--json", "--yes", "guest", "stop", "far/web"]);
    until("the task", || works().then_some(()));
    relay.cut();
    let answer = running.wait();
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    assert_eq!((state(host, "101").as_str(), tasks(host, "vzshutdown")), ("stopped", 1));

    // What began it is gone, the task is not: what is begun again waits for it.
    for (begun, kind, words) in [
        ("pct start 101", "vzstart", &["start", "pve-1/web"][..]),
        ("pct snapshot 101 one", "vzsnapshot", &["snapshot", "create", "pve-1/web", "one"]),
        ("pct shutdown 101 --timeout 30 --forceStop 0", "vzshutdown", &["stop", "pve-1/web"]),
    ] {
        let before = tasks(host, kind);
        host.exec(&format!("setsid {begun} </dev/null >/dev/null 2>&1 &"));
        until("the task", || works().then_some(()));
        let said = change(&sandbox, words);
        assert!(said.contains("follows UPID:pve:") && !said.contains("+ pct"), "{said}");
        assert_eq!(tasks(host, kind), before + 1, "{kind}");
    }
    assert_eq!(state(host, "101"), "stopped");
}

fn sized() -> String {
    let site = SITE.replace("path = \"/srv/data\"", "path = \"/srv/data\"\nsize = \"1 GiB\"");
    site.replace("\"128 MiB\"", "\"128 MiB\"\ncpus = 0.5")
}

/// A vault that knows `pve-1`, and the file of a specification of which a part is another one.
fn prepared(lab: &Containers, change: impl Fn(&str) -> String) -> (Sandbox, String) {
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["pve-1"]);
    let token = sandbox.file("token", "a-secret-of-the-site");
    drop(sandbox.beffroi(&["secret", "set", "token", "--from-file", token.to_str().expect("text")]).success());
    let spec = sandbox.file("site.toml", &change(&sized()));
    (sandbox, spec.to_str().expect("text").to_owned())
}

/// Numbers and names of the containers that are there.
#[track_caller]
fn containers(host: &ContainerHost) -> Vec<(String, String)> {
    let said = host.exec("pct list | awk 'NR > 1 { print $1, $NF }'");
    said.lines().filter_map(|line| line.split_once(' ')).map(|(id, name)| (id.to_owned(), name.to_owned())).collect()
}

const PAGE: &str = "cat /srv/data/kept 2>/dev/null; busybox wget -q -O - http://127.0.0.1:8000/";

#[test]
fn a_container_is_made_from_a_specification_and_rebuilt_under_its_volumes() {
    let Some(lab) = Containers::up(&["pve-1"]) else { return };
    let (sandbox, spec) = prepared(&lab, str::to_owned);
    let host = lab.host("pve-1");
    let make = |verb: &str| sandbox.json(&["--yes", "guest", verb, "pve-1/site", "--spec", &spec]);
    drop(make("create").success());
    assert_eq!(inside(host, "103", PAGE), "hello");
    let now = config(host, "103");
    assert_eq!((&now["hostname"], &now["memory"], &now["cpulimit"]), (&"site".into(), &128.into(), &"0.5".into()));
    assert_eq!((&now["unprivileged"], &now["onboot"]), (&1.into(), &1.into()));
    let mounted = ["mp0", "mp1"].map(|key| now[key].as_str().unwrap_or_default().to_owned());
    assert!(mounted.iter().any(|one| one.contains("mp=/srv/data") && one.contains("size=1G")), "{now}");
    assert!(mounted.iter().any(|one| one.contains("mp=/var/log")), "{now}");
    assert!(make("create").success().data("guest-create")["plan"].is_null(), "it is as specified");

    // One part differs: it stays what it is.
    inside(host, "103", "echo kept > /srv/data/kept; echo other > /srv/www/index.html");
    drop(make("create").success());
    assert_eq!((inside(host, "103", PAGE).as_str(), containers(host).len()), ("kept\nhello", 3));

    // A snapshot holds its volumes; what lies outside them is told.
    drop(sandbox.beffroi(&["run", "--on", "pve-1/site", "--", "true"]).success());
    change(&sandbox, &["snapshot", "create", "pve-1/site", "one"]);
    let error = make("rebuild").error();
    assert!(error.to_string().contains("snapshots of site hold its volumes"), "{error}");
    change(&sandbox, &["snapshot", "delete", "pve-1/site", "one"]);
    inside(host, "103", "echo lost > /srv/lost");
    let error = make("rebuild").exit(7).error();
    assert_eq!(error["code"], "guest-strays", "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.lines().any(|line| line == "/srv/lost")), "{error}");
    inside(host, "103", "rm /srv/lost");

    // Another number, the same address on the network, the same name; the record follows.
    let address = |id: &str| config(host, id)["net0"].as_str().unwrap_or_default().to_owned();
    let before = address("103");
    drop(make("rebuild").success());
    assert_eq!(containers(host).last(), Some(&("104".to_owned(), "site".to_owned())), "no orphan");
    assert_eq!((inside(host, "104", PAGE).as_str(), address("104")), ("kept\nhello", before));
    assert!(host.exec("ls /rpool/data").lines().all(|volume| !volume.contains("103")), "the root before is gone");
    let said = sandbox.beffroi(&["run", "--on", "pve-1/site", "--", "cat", "/srv/data/kept"]).success().stdout;
    assert!(said.contains("kept"), "{said}");
    assert!(make("create").success().data("guest-create")["plan"].is_null());

    let ports = sandbox.file("ports.toml", &format!("{}\n[[ports]]\nlisten = \"0.0.0.0:8080\"\nguest = 8000\n", sized()));
    let refused = sandbox.json(&["--yes", "guest", "create", "pve-1/other", "--spec", ports.to_str().expect("text")]).error();
    assert!(refused.to_string().contains("ports"), "{refused}");
}

#[test]
fn a_rebuild_that_a_reboot_cut_keeps_its_volumes_and_leaves_no_orphan() {
    let Some(lab) = Containers::up(&["pve-1"]) else { return };
    let (sandbox, spec) = prepared(&lab, str::to_owned);
    let host = lab.host("pve-1");
    let order = ["--yes", "guest", "create", "pve-1/site", "--spec", &spec];
    drop(sandbox.json(&order).success());
    inside(host, "103", "echo kept > /srv/data/kept");
    let mut last = 103;
    for task in ["vzcreate", "move_volume"] {
        host.exec("echo '{\"slow_seconds\": 3}' >/etc/pve-standin.json");
        let before = tasks(host, task);
        let running = sandbox.start(&["--yes", "guest", "rebuild", "pve-1/site", "--spec", &spec]);
        until("the task", || (tasks(host, task) > before).then_some(()));
        drop(running.kill());
        host.reboot();
        let id = newest(&sandbox)["id"].as_str().expect("an id").to_owned();
        let cut = sandbox.json(&["job", "attach", &id]).data("job-attach");
        assert_eq!(cut["results"][0]["error"]["code"], "host-rebooted", "{cut}");
        until("the host to be up", || host.exec("ls /run/lab-ready 2>/dev/null || true").contains("lab-ready").then_some(()));
        host.exec("rm -f /etc/pve-standin.json");
        drop(sandbox.json(&["--yes", "job", "retry", &id]).success());
        last += 1;
        let number = last.to_string();
        assert_eq!(containers(host).last(), Some(&(number.clone(), "site".to_owned())), "{task}: {:?}", containers(host));
        assert_eq!((inside(host, &number, PAGE).as_str(), containers(host).len()), ("kept\nhello", 3), "{task}");
        let left = host.exec("ls /rpool/data");
        assert!(left.lines().all(|volume| ["-101-", "-102-", &format!("-{number}-")].iter().any(|own| volume.contains(own))), "{left}");
    }
}

#[test]
fn a_host_with_two_drivers_has_two_guests_of_one_name() {
    let Some(lab) = Containers::up(&["pve-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["pve-1"]);
    let host = lab.host("pve-1");
    // Beside what Proxmox has there is a container of classic LXC, of a name that one of Proxmox has too.
    host.exec(
        "mkdir -p /var/lib/lxc/web/rootfs && tar -C /var/lib/lxc/web/rootfs -xzf /var/lib/vz/template/cache/openrc.tar.gz && \
         printf '%s\\n' 'lxc.include = /usr/share/lxc/config/common.conf' 'lxc.rootfs.path = dir:/var/lib/lxc/web/rootfs' \
         'lxc.apparmor.profile = unconfined' 'lxc.uts.name = web' 'lxc.net.0.type = empty' \
         'lxc.cgroup.memory.limit_in_bytes = 67108864' >/var/lib/lxc/web/config",
    );
    let list = sandbox.json(&["guest", "list", "--on", "pve-1"]).success().data("guest-list");
    let rows = list["hosts"][0]["guests"].as_array().expect("guests").clone();
    let of = |driver: &str| rows.iter().filter(|row| row["guest"]["driver"] == driver).count();
    assert_eq!((of("lxc"), of("proxmox")), (1, 2), "each is told once: {list:#}");

    let error = sandbox.json(&["--yes", "guest", "start", "pve-1/web"]).error();
    assert_eq!(error["code"], "guest-ambiguous", "{error}");
    let told = error.to_string();
    assert!(told.contains("web.lxc") && told.contains("web.proxmox"), "{error}");
    change(&sandbox, &["start", "pve-1/web.lxc"]);
    assert_eq!(host.exec("lxc-info -n web -sH").trim(), "RUNNING");
    change(&sandbox, &["stop", "pve-1/web.proxmox", "--force"]);
    assert_eq!((state(host, "101").as_str(), host.exec("lxc-info -n web -sH").trim()), ("stopped", "RUNNING"), "one of two");
    // Each as a host of the catalog.
    drop(sandbox.beffroi(&["run", "--on", "pve-1/web.lxc", "--", "true"]).success());
    change(&sandbox, &["start", "pve-1/web.proxmox"]);
    drop(sandbox.beffroi(&["run", "--on", "pve-1/web.proxmox", "--", "true"]).success());
    let hosts = sandbox.json(&["host", "list"]).success().data("host-list");
    let drivers: Vec<&str> = hosts["hosts"].as_array().expect("hosts").iter().filter_map(|host| host["guest"]["driver"].as_str()).collect();
    assert!(drivers.contains(&"lxc") && drivers.contains(&"proxmox"), "{hosts:#}");
    // What both were promised is one sum.
    let promised = &list["hosts"][0]["capacity"]["promised"];
    assert_eq!((&promised["guests"], &promised["memory_bytes"]), (&3.into(), &((64_u64 + 128 + 128) << 20).into()), "{promised:#}");
}

#[test]
fn the_way_to_a_container_of_proxmox_is_drawn_and_tried() {
    let Some(lab) = Containers::up(&["pve-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["pve-1"]);
    let host = lab.host("pve-1");
    inside(host, "101", "mkdir -p /tmp/www; echo page > /tmp/www/index.html; httpd -p 0.0.0.0:8000 -h /tmp/www");
    let address = until("an address", || host.exec("lxc-info -n 101 -iH").lines().next().map(|line| line.trim().to_owned()));
    host.exec(&format!(
        "nft add table ip forwards; nft 'add chain ip forwards to {{ type nat hook prerouting priority dstnat; }}'; nft add rule ip forwards to tcp dport 8080 dnat to {address}:8000"
    ));
    let told = sandbox.json(&["expose", "show", "pve-1/web"]).success().data("expose-show");
    assert_eq!((&told["ways"][0]["by"], &told["ways"][0]["port"]), (&"dnat".into(), &8080.into()), "{told:#}");
    drop(sandbox.json(&["expose", "test", "pve-1/web", ":8080"]).success());
    inside(host, "101", "killall httpd");
    let broken = sandbox.json(&["expose", "test", "pve-1/web", ":8080"]).exit(1).data("expose-test");
    let at = broken["ways"][0]["culprit"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("one is to blame");
    assert_eq!(broken["ways"][0]["hops"][at]["hop"], "process", "{broken:#}");
}
