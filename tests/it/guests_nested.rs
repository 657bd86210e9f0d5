//! Guests that are far: one of classic LXC in one of classic LXC, each also where the host itself is reached through another.

use std::fs;

use beffroi_tests::{ContainerHost, Containers, Relay, Sandbox, until};
use serde_json::{Value, json};

use crate::guests_copies::sum_here;
use crate::guests_inside::{content, entered};
use crate::jobs_far::{attach, newest, notes, numbers, text};
use crate::ways::{add, said};

/// Makes `nest`: the host's own Debian once more, started by systemd, with LXC; in it `inner`, which is BusyBox and OpenRC and
/// starts with it. Control groups are given to `nest` to be written, and `/proc` and `/sys` once more where nothing is covered.
const NEST: &str = r"set -eu
home=/var/lib/lxc/nest
mkdir -p $home/rootfs
cd $home/rootfs
mkdir -p usr dev proc sys run tmp root srv var/lib/lxc/inner var/lib/misc var/log var/cache/lxc var/tmp
for link in bin sbin lib lib64; do ln -s usr/$link $link; done
cp -a /etc etc
echo nest >etc/hostname
: >etc/machine-id
rm -r etc/systemd/system/*.wants
mkdir etc/systemd/system/multi-user.target.wants
ln -s /lib/systemd/system/lxc@.service etc/systemd/system/multi-user.target.wants/lxc@inner.service
cp -a /var/lib/lxc/old/rootfs var/lib/lxc/inner/rootfs
echo inner >var/lib/lxc/inner/rootfs/etc/hostname
config() {
  printf 'lxc.include = /usr/share/lxc/config/common.conf\nlxc.apparmor.profile = unconfined\nlxc.net.0.type = empty\n'
  printf 'lxc.uts.name = %s\nlxc.rootfs.path = dir:/var/lib/lxc/%s/rootfs\n' $1 $1
}
config inner >var/lib/lxc/inner/config
config nest >$home/config
printf 'lxc.include = /usr/share/lxc/config/nesting.conf\nlxc.mount.entry = /usr usr none bind,ro 0 0\nlxc.mount.auto = cgroup:rw:force\n' >>$home/config
lxc-start -n nest
";

/// Waits until `inner` runs. In a moment of its start `nest` lets nobody in.
const READY: &str = "until lxc-attach -n nest --clear-env -- /usr/bin/lxc-wait -n inner -s RUNNING -t 30 2>/dev/null; do sleep 0.1; done";

/// The files of `inner`, as the host sees them.
const INNER: &str = "/var/lib/lxc/nest/rootfs/var/lib/lxc/inner/rootfs";

/// A lab with that, besides what the lab always has; and a vault that knows the host.
fn nested(also: &[&str]) -> Option<(Containers, Sandbox)> {
    let lab = Containers::up(&[&["lxc-1"], also].concat())?;
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &[&["lxc-1"], also].concat());
    lab.host("lxc-1").exec(NEST);
    lab.host("lxc-1").exec(READY);
    Some((lab, sandbox))
}

/// The same host behind a link that can be made bad, as `far`.
fn far(sandbox: &Sandbox, host: &ContainerHost) -> Relay {
    let relay = Relay::before(&host.login("root"));
    let (at, port) = (relay.host(), relay.port().to_string());
    let to = ["host", "add", "far", &at.address, "--port", &port, "--user", "root", "--trust", &at.fingerprint, "--identity", "key"];
    drop(sandbox.beffroi(&to).success());
    relay
}

#[test]
fn a_guest_in_a_guest_is_a_host_also_behind_a_bastion() {
    let Some((lab, sandbox)) = nested(&["bastion"]) else { return };
    let host = lab.host("lxc-1");
    add(&sandbox, "behind", host, &["--identity", "key", "--jump", "bastion"]);
    fs::write(sandbox.files().join("here"), content(3_000_000)).expect("room");
    let own = sum_here(&sandbox.files().join("here"));
    for through in ["lxc-1", "behind"] {
        // Named, it is there, and so is what lies between.
        let inner = format!("{through}/nest/inner");
        assert_eq!(said(&sandbox, &inner, "hostname"), "inner");
        assert_eq!(said(&sandbox, &format!("{through}/nest"), "hostname"), "nest");
        let shown = sandbox.json(&["host", "show", &inner]).success().data("host-show");
        assert_eq!(shown["host"]["name"], inner.as_str(), "{shown}");
        let list = sandbox.json(&["guest", "list", "--on", &format!("{through}/nest"), "--refresh"]).success().data("guest-list");
        let guest = &list["hosts"][0]["guests"][0];
        assert_eq!((&guest["name"], &guest["guest"]["state"]), (&json!(inner), &json!("running")), "{list}");

        let run = |command: &str| sandbox.json(&["run", "--on", &inner, "--", command]).data("run")["results"][0].take();
        assert_eq!(run("exit 7")["exit_code"], 7);
        assert_eq!(run("kill -TERM $$")["exit_code"], 143);
        assert_eq!(said(&sandbox, &inner, "cd; pwd; id -u; echo \"it's $HOME\""), "/root\n0\nit's /root");
        let much = said(&sandbox, &inner, "yes 0123456789 | head -n 80000; echo end");
        assert_eq!((much.matches("0123456789\n").count(), much.ends_with("end")), (80_000, true));
        let sleep = format!("sleep 6{}.{}", std::process::id(), through.len());
        drop(sandbox.beffroi(&["run", "--timeout", "3", "--on", &inner, "--", &format!("{sleep} & {sleep}; :")]).exit(1));
        assert_eq!(host.exec(&format!("pgrep -fc '^{sleep}$' || :")).trim(), "0", "told when it was ended, not before");

        let put = sandbox.json(&["put", "here", &format!("{inner}:there")]).success().data("put");
        assert_eq!((&put["sha256"], &put["verified"]), (&json!(own), &json!(true)), "{put}");
        assert_eq!(host.exec(&format!("sha256sum <{INNER}/root/there")).trim_end_matches([' ', '-', '\n']), own);
        let get = sandbox.json(&["get", &format!("{inner}:there"), "back"]).success().data("get");
        assert_eq!((&get["sha256"], &get["verified"]), (&json!(own), &json!(true)), "{get}");
        fs::remove_file(sandbox.files().join("back")).expect("a file");
        host.exec(&format!("rm {INNER}/root/there"));

        let mut terminal = entered(&sandbox, &inner);
        terminal.resize(132, 50);
        until("the other size in the guest", || {
            terminal.type_in("stty size; hostname; echo asked $((6*7))\r");
            terminal.wait_for("asked 42").contains("50 132").then_some(())
        });
        assert!(terminal.shown().contains("inner"), "{}", terminal.shown());
        terminal.type_in("exit 3\r");
        assert_eq!((terminal.wait(), terminal.is_usual()), (Some(3), true), "{}", terminal.shown());
    }
}

#[test]
fn a_job_in_a_guest_in_a_guest_outlives_its_link_and_not_the_guest_around() {
    let Some((lab, sandbox)) = nested(&[]) else { return };
    let host = lab.host("lxc-1");
    let relay = far(&sandbox, host);
    let inner = "far/nest/inner";
    let start_in = |guest: &str, command: &str| {
        let mut running = sandbox.start(&["--yes", "run", "--detach", "--on", guest, "--", command]);
        running.wait_for("out began\n");
        running
    };
    let start = |command: &str| start_in(inner, command);
    let id = |job: &Value| job["id"].as_str().expect("a job has an id").to_owned();
    let left = || host.exec(&format!("ls -A {INNER}/var/lib/beffroi/jobs 2>/dev/null || :"));

    let running = start("echo began; until [ -e /root/go ]; do sleep 0.1; done; seq 20000; echo last >&2; touch /root/done; exit 3");
    relay.stall();
    host.exec(&format!("touch {INNER}/root/go"));
    until("the end in the guest, which needs no link", || host.exec(&format!("ls {INNER}/root")).contains("done").then_some(()));
    relay.cut();
    relay.resume();
    drop(running.wait().exit(1));
    let data = attach(&sandbox, &id(&newest(&sandbox))).exit(1).data("job-attach");
    assert_eq!(data["results"][0]["exit_code"], 3, "{}", data["results"]);
    assert_eq!((text(&data, "stdout"), text(&data, "stderr")), (format!("began\n{}", numbers(20000)), "last\n".to_owned()));
    assert_eq!(notes(&data), ["note.link-lost", "note.attached"]);
    assert_eq!(left(), "");

    // Ended by whoever started it, with all that it began.
    let sleep = format!("sleep 7{}.5", std::process::id());
    drop(start(&format!("setsid {sleep} </dev/null >/dev/null 2>&1 & echo began; trap : TERM; {sleep}; {sleep}")).kill());
    let cancelled = sandbox.json(&["job", "cancel", &id(&newest(&sandbox))]).success().data("job-cancel");
    assert_eq!(cancelled["results"][0]["status"], "cancelled", "{cancelled}");
    assert_eq!(host.exec(&format!("pgrep -fc '^{sleep}$' || :")).trim(), "0");

    // The guest around goes down under it, and nothing begins again by itself.
    let running = start("echo began; echo x >>/root/runs; [ -e /root/again ] || exec sleep 1000");
    host.exec("lxc-stop -k -n nest && lxc-start -n nest");
    drop(running.wait().exit(1));
    let job = newest(&sandbox);
    assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("host-rebooted")), "{job}");
    host.exec(READY);
    assert_eq!(host.exec(&format!("touch {INNER}/root/again; cat {INNER}/root/runs")), "x\n");
    drop(sandbox.json(&["--yes", "job", "retry", &id(&job)]).success());
    assert_eq!(host.exec(&format!("cat {INNER}/root/runs")), "x\nx\n");
    assert_eq!(left(), "");

    // A Debian guest that boots by itself: it ends the job while its boot is still the same, and while one can still look.
    let running = start_in("far/nest", "echo began; exec sleep 1000");
    host.exec("lxc-attach -n nest --clear-env -- systemctl reboot");
    drop(running.wait().exit(1));
    let job = newest(&sandbox);
    assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("host-rebooted")), "{job}");
}

#[test]
fn a_copy_into_a_guest_that_is_given_up_leaves_nothing_and_one_that_is_killed_a_part_that_is_gone_on_with() {
    let Some((lab, sandbox)) = nested(&[]) else { return };
    let host = lab.host("lxc-1");
    let relay = far(&sandbox, host);
    let here = sandbox.files().join("large");
    fs::write(&here, content(48 << 20)).expect("room");
    for (guest, root) in [("far/web", "/var/lib/lxc/web/rootfs"), ("far/nest/inner", INNER)] {
        let there = format!("{guest}:large");
        let parts = |most: &str| host.exec(&format!("cd {root}/root && find . -name 'large*' {most}"));
        let in_the_middle = || until("a part in the guest", || (!parts("-size +1024k").is_empty()).then_some(()));
        // What leads in, and what it leads to: each bears a mark in its arguments.
        let nothing_runs =
            || until("the end of all in the guest", || (host.exec("pgrep -fc 'BEFFROI_CHANNEL[=]' || :").trim() == "0").then_some(()));

        relay.set(&["rate-kb=3000", "buffer-kb=256"]);
        let copying = sandbox.start(&["put", "large", &there]);
        in_the_middle();
        copying.interrupt();
        drop(copying.wait().exit(130));
        assert_eq!(parts(""), "", "{guest}: gone when it is told");
        nothing_runs();

        let copying = sandbox.start(&["put", "large", &there]);
        in_the_middle();
        drop(copying.kill());
        nothing_runs();
        let left = parts("");
        assert!(left.starts_with("./large.beffroi-part-") && left.lines().count() == 1, "{guest}: {left}");

        relay.set(&["rate-kb=0"]);
        let put = sandbox.json(&["put", "--resume", "large", &there]).success().data("put");
        assert!(put["resumed"].as_u64() >= Some(1 << 20), "{guest}: {put}");
        assert_eq!((&put["sha256"], &put["verified"]), (&json!(sum_here(&here)), &json!(true)), "{guest}: {put}");
        assert_eq!(parts(""), "./large\n", "{guest}");
    }
}
