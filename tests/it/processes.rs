//! Processes that systemd, OpenRC and pm2 keep, on real hosts and in real guests: listed, changed, and whether it lasts.

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};
use serde_json::Value;

/// A process of a host, as it is told.
#[track_caller]
fn shown(sandbox: &Sandbox, host: &str, name: &str) -> Value {
    sandbox.json(&["process", "show", host, name]).success().data("process-show")["process"].clone()
}

/// A change, and the end of its job.
#[track_caller]
fn done(sandbox: &Sandbox, change: &str, host: &str, name: &str) {
    drop(sandbox.beffroi(&["--yes", "process", change, host, name]).success());
}

/// A change that does not last, and what is said of it.
#[track_caller]
fn failed(sandbox: &Sandbox, change: &str, host: &str, name: &str) -> String {
    let answer = sandbox.beffroi(&["--yes", "process", change, host, name]).exit(1);
    format!("{}{}", answer.stdout, answer.stderr)
}

/// The names that a list has.
#[track_caller]
fn listed(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let list = sandbox.json(&[&["process", "list"], words].concat()).success().data("process-list");
    let hosts = list["hosts"].as_array().expect("hosts");
    let processes = hosts.iter().flat_map(|host| host["processes"].as_array().expect("processes").iter());
    processes.map(|process| process["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn services_of_systemd_are_kept_and_what_does_not_last_is_told() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["deb-1"]);
    let host = lab.host("deb-1");
    host.exec("printf '[Service]\\nExecStart=/bin/sh -c \"echo cannot bind; exit 3\"\\n' >/etc/systemd/system/dies.service; systemctl daemon-reload");

    let cron = shown(&sandbox, "deb-1", "cron");
    assert_eq!((&cron["state"], &cron["at_boot"], &cron["keeper"]), (&"running".into(), &true.into(), &"systemd".into()));
    let pid: u64 = host.exec("systemctl show --property MainPID --value cron").trim().parse().expect("a number");
    assert_eq!(cron["pid"], pid);
    assert!(cron["since_seconds"].as_u64().is_some_and(|since| since > 1_700_000_000), "{cron}");

    done(&sandbox, "restart", "deb-1", "cron");
    assert_ne!(host.exec("systemctl show --property MainPID --value cron").trim(), pid.to_string());
    done(&sandbox, "stop", "deb-1", "cron");
    assert_eq!(shown(&sandbox, "deb-1", "cron")["state"], "stopped");
    // Once more is nothing more.
    done(&sandbox, "stop", "deb-1", "cron");
    done(&sandbox, "start", "deb-1", "cron.service");
    assert_eq!(host.exec("systemctl is-active cron").trim(), "active");
    done(&sandbox, "disable", "deb-1", "cron");
    assert_eq!(shown(&sandbox, "deb-1", "cron")["at_boot"], false);
    done(&sandbox, "enable", "deb-1", "cron");
    assert_eq!(host.exec("systemctl is-enabled cron").trim(), "enabled");

    // It starts, and dies at once.
    let said = failed(&sandbox, "start", "deb-1", "dies");
    assert!(said.contains("cannot bind") && said.contains("failed (exit-code, status 3)"), "{said}");
    assert_eq!(listed(&sandbox, &["--on", "deb-1", "--state", "failed"]), ["dies"]);
    assert!(!listed(&sandbox, &["--on", "deb-1", "--all", "--keeper", "systemd"]).is_empty());
    let logs = sandbox.beffroi(&["process", "logs", "deb-1", "dies", "--lines", "50"]).success().stdout;
    assert!(logs.contains("cannot bind"), "{logs}");

    // What leads there is left alone, by its other name too; it may be restarted where it accepts its configuration.
    for (change, name) in [("stop", "ssh"), ("disable", "sshd")] {
        assert_eq!(sandbox.json(&["--yes", "process", change, "deb-1", name]).exit(7).error()["code"], "process-would-cut");
    }
    done(&sandbox, "restart", "deb-1", "ssh");
    host.exec("echo 'NoSuchWord yes' >/etc/ssh/sshd_config.d/wrong.conf");
    assert!(failed(&sandbox, "restart", "deb-1", "ssh").contains("has faults"));
    host.exec("rm /etc/ssh/sshd_config.d/wrong.conf");
    drop(sandbox.beffroi(&["process", "show", "deb-1", "nothing"]).exit(2));
}

/// A guest `kept` of classic LXC that runs: OpenRC, Python, Node and pm2, and the wheels of Flask in `/srv/wheels`.
pub(crate) fn kept_guest(lab: &Containers) -> &ContainerHost {
    let (node, app) = (lab.images(&["node"]), lab.images(&["app"]));
    let host = lab.host("lxc-1");
    let guest = lab.folder().join("hosts/lxc-1/guests/kept");
    let root = guest.join("rootfs");
    std::fs::create_dir_all(root.join("usr/local")).expect("a folder of the lab");
    for (archive, below) in [("node.tar.gz", root.clone()), ("pm2.tar.gz", root.join("usr/local"))] {
        let unpacked = std::process::Command::new("tar").arg("xzf").arg(&node[archive]).arg("-C").arg(below).status();
        assert!(unpacked.expect("tar").success(), "{archive}");
    }
    let copied = std::process::Command::new("cp").arg("-r").arg(&app["wheels"]).arg(root.join("srv/wheels")).status();
    assert!(copied.expect("cp").success());
    host.exec("sed 's/web/kept/g' /var/lib/lxc/web/config >/var/lib/lxc/kept/config; lxc-start -n kept");
    until("the guest runs", || (host.exec("lxc-attach -n kept -- rc-status -r 2>/dev/null || :").trim() == "default").then_some(()));
    host
}

/// What a shell says inside of it.
pub(crate) fn in_kept(host: &ContainerHost, text: &str) -> String {
    host.exec(&format!("lxc-attach -n kept --clear-env -- env HOME=/root sh -c '{text}'")).trim().to_owned()
}

/// A Flask application in that guest, on port 8000, which OpenRC keeps as `shop`; pm2 may keep `/srv/shop/shop.py` instead, with `--interpreter python3`.
pub(crate) fn flask(host: &ContainerHost) {
    in_kept(host, "python3 -m pip install --no-index --find-links /srv/wheels --break-system-packages flask waitress >/dev/null 2>&1");
    in_kept(
        host,
        r##"mkdir -p /srv/shop; cd /srv/shop
printf "import os, flask, waitress\napp = flask.Flask(\"shop\")\n@app.get(\"/\")\ndef page(): return \"open\"\nprint(\"ready\", flush=True)\nwaitress.serve(app, port=8000)\n" >shop.py
printf "#!/bin/sh\nexec python3 /srv/shop/shop.py\n" >run; chmod +x run
printf "#!/sbin/openrc-run\ndescription=\"The shop\"\nsupervisor=supervise-daemon\ncommand=/srv/shop/run\noutput_log=/var/log/shop.log\nerror_log=/var/log/shop.err\nrespawn_delay=1\n" >/etc/init.d/shop; chmod +x /etc/init.d/shop"##,
    );
}

#[test]
fn a_flask_application_is_kept_by_openrc_and_by_pm2_in_a_guest() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let host = kept_guest(&lab);
    flask(host);
    let guest = "lxc-1/kept";

    // By OpenRC, which starts it again when it is killed.
    done(&sandbox, "start", guest, "shop");
    done(&sandbox, "enable", guest, "shop");
    let shop = shown(&sandbox, guest, "shop");
    assert_eq!((&shop["state"], &shop["at_boot"], &shop["keeper"]), (&"running".into(), &true.into(), &"openrc".into()), "{shop}");
    let pid = shop["pid"].as_u64().expect("its process");
    assert_eq!(in_kept(host, "wget -qO- http://127.0.0.1:8000/"), "open");
    in_kept(host, &format!("kill -9 {pid}"));
    until("it is started again", || shown(&sandbox, guest, "shop")["pid"].as_u64().filter(|now| *now != pid));
    assert!(sandbox.beffroi(&["process", "logs", guest, "shop"]).success().stdout.contains("ready"));
    done(&sandbox, "stop", guest, "shop");
    done(&sandbox, "disable", guest, "shop");
    let shop = shown(&sandbox, guest, "shop");
    assert_eq!((&shop["state"], &shop["at_boot"]), (&"stopped".into(), &false.into()), "{shop}");

    // Nothing of pm2 runs yet, and looking starts nothing.
    in_kept(host, "mkdir -p /root/.pm2");
    assert!(listed(&sandbox, &["--on", guest, "--keeper", "pm2"]).is_empty());
    assert_eq!(in_kept(host, "ls -A /root/.pm2"), "");

    // By pm2, adopted as somebody left it, with a secret in its environment.
    in_kept(host, "cd /srv/shop; TOKEN=canary-of-the-shop pm2 start shop.py --interpreter python3 --name shop-pm2 >/dev/null 2>&1");
    let told = sandbox.json(&["process", "list", "--on", guest, "--all"]).success().stdout;
    assert!(told.contains("shop-pm2") && !told.contains("canary-of-the-shop"), "values of the environment stay there");
    done(&sandbox, "restart", guest, "shop-pm2");
    done(&sandbox, "stop", guest, "shop-pm2");
    assert_eq!(shown(&sandbox, guest, "shop-pm2")["state"], "stopped");
    done(&sandbox, "start", guest, "shop-pm2");
    let kept = shown(&sandbox, guest, "shop-pm2");
    assert_eq!((&kept["at_boot"], &kept["saved"], &kept["owner"]), (&false.into(), &false.into(), &"root".into()), "{kept}");
    done(&sandbox, "enable", guest, "shop-pm2");
    assert_eq!(shown(&sandbox, guest, "shop-pm2")["at_boot"], true);
    let pid = shown(&sandbox, guest, "shop-pm2")["pid"].as_u64().expect("its process");
    in_kept(host, &format!("kill -9 {pid}"));
    until("pm2 starts it again", || shown(&sandbox, guest, "shop-pm2")["pid"].as_u64().filter(|now| *now != pid));
    assert!(sandbox.beffroi(&["process", "logs", guest, "shop-pm2"]).success().stdout.contains("ready"));

    // The guest starts anew: it comes back by itself.
    host.exec("lxc-stop -n kept -k; lxc-start -n kept");
    until("it came back with the guest", || {
        let list =
            sandbox.json(&["process", "list", "--on", guest, "--keeper", "pm2", "--state", "running"]).success().data("process-list");
        list["hosts"][0]["processes"].as_array().is_some_and(|all| all.len() == 1).then_some(())
    });
    until("it answers", || (in_kept(host, "wget -qO- http://127.0.0.1:8000/ || :") == "open").then_some(()));
    // It goes on, and does not come back any more.
    done(&sandbox, "disable", guest, "shop-pm2");
    let kept = shown(&sandbox, guest, "shop-pm2");
    assert_eq!((&kept["state"], &kept["at_boot"], &kept["saved"]), (&"running".into(), &false.into(), &false.into()), "{kept}");

    // One that dies at once, by pm2.
    in_kept(
        host,
        "printf \"#!/bin/sh\\necho cannot bind >&2; exit 3\\n\" >/srv/dies; pm2 start /srv/dies --interpreter sh --name dies >/dev/null 2>&1 || :",
    );
    let said = failed(&sandbox, "start", guest, "dies");
    assert!(said.contains("cannot bind"), "{said}");
}
