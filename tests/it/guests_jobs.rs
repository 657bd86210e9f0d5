//! Commands and jobs in real guests of classic LXC, Incus and LXD, one with systemd (Debian) and one with OpenRC (busybox) on each: how
//! they end, a link that is cut, a guest that is started anew.

use std::thread;

use beffroi_tests::{ContainerHost, Containers, Relay, Running, Sandbox, fail, until};
use serde_json::{Value, json};

use crate::jobs_far::{attach, notes, numbers, text};

/// Hosts of the lab, with what leads into a guest and what pulls the plug of `web` and starts it anew.
const HOSTS: [(&str, &str, &str); 3] = [
    ("lxc-1", "lxc-attach --clear-env -n", "lxc-stop -k -n web && lxc-start -n web"),
    ("incus-1", "incus exec -T", "incus restart --force web"),
    ("lxd-1", "lxc exec -T", "lxc restart --force web"),
];
/// The guest with OpenRC, which is there, and the one with systemd, which is made.
const GUESTS: [&str; 2] = ["web", "deb"];

/// A host of guests behind a relay, and the vault that knows it.
struct Place<'a> {
    sandbox: &'a Sandbox,
    host: &'a ContainerHost,
    relay: Relay,
    enter: &'static str,
    anew: &'static str,
}

impl<'a> Place<'a> {
    fn new(lab: &'a Containers, sandbox: &'a Sandbox, (name, enter, anew): (&str, &'static str, &'static str)) -> Self {
        let host = lab.host(name);
        let relay = Relay::before(&host.login("root"));
        let (port, through) = (relay.port().to_string(), relay.host());
        let to = ["host", "add", name, &through.address, "--port", &port, "--user", &through.user];
        drop(sandbox.beffroi(&[&to[..], &["--trust", &through.fingerprint, "--identity", "key"]].concat()).success());
        Self { sandbox, host, relay, enter, anew }
    }

    fn named(&self, guest: &str) -> String {
        format!("{}/{guest}", self.host.name)
    }

    /// What a command says in a guest, past the program.
    #[track_caller]
    fn inside(&self, guest: &str, command: &str) -> String {
        self.host.exec(&format!("{} {guest} -- sh -c '{command}'", self.enter)).trim().to_owned()
    }

    /// Whether a command in a guest succeeds by now: a guest that begins lets nobody in for a moment.
    fn holds(&self, guest: &str, command: &str) -> bool {
        let entered = format!("{} {guest} -- sh -c '{command}' >/dev/null 2>&1 && echo held || :", self.enter);
        self.host.exec(&entered).trim() == "held"
    }

    fn make_debian(&self, image: &str, spec: &str) {
        drop(self.sandbox.json(&["--yes", "guest", "image", "import", image, "--on", &self.host.name, "--name", "debian"]).success());
        drop(self.sandbox.json(&["--yes", "guest", "create", &self.named("deb"), "--spec", spec]).success());
    }

    /// Starts a job in a guest; it says `began` first.
    #[track_caller]
    fn begun(&self, guest: &str, command: &str) -> Running {
        let mut running = self.sandbox.start(&["--yes", "run", "--detach", "--on", &self.named(guest), "--", command]);
        running.wait_for("out began\n");
        running
    }

    /// The job that was recorded last for a guest.
    #[track_caller]
    fn newest(&self, guest: &str) -> Value {
        let mut list = self.sandbox.json(&["job", "list"]).success().data("job-list");
        let Value::Array(jobs) = list["jobs"].take() else { fail("no jobs") };
        jobs.into_iter().find(|job| job["host"] == self.named(guest)).unwrap_or_else(|| fail(format!("{guest} has no job")))
    }

    fn newest_id(&self, guest: &str) -> String {
        self.newest(guest)["id"].as_str().expect("a job has an id").to_owned()
    }

    /// A command that is killed is told with its status, as a shell does; a job with its signal.
    fn ends_are_told(&self, guest: &str) {
        let name = self.named(guest);
        for (signal, status) in [("TERM", 143), ("KILL", 137)] {
            let command = format!("kill -{signal} $$");
            let ran = self.sandbox.json(&["run", "--on", &name, "--", &command]).exit(1).data("run")["results"][0].take();
            assert_eq!(ran["exit_code"], status, "{name}: {ran}");
            let ran =
                self.sandbox.json(&["--yes", "run", "--detach", "--on", &name, "--", &command]).exit(1).data("run")["results"][0].take();
            assert_eq!((&ran["exit_code"], &ran["signal"]), (&Value::Null, &json!(signal)), "{name}: {ran}");
        }
        let ran = self.sandbox.json(&["--yes", "run", "--detach", "--on", &name, "--", "exit 9"]).exit(1).data("run")["results"][0].take();
        assert_eq!((&ran["exit_code"], &ran["signal"]), (&json!(9), &Value::Null), "{name}: {ran}");
        // One that is ended by whoever started it takes along what it started, a daemon too.
        let sleep = format!("sleep 4{}.5", std::process::id());
        let running = self.begun(guest, &format!("setsid {sleep} </dev/null >/dev/null 2>&1 & echo began; trap : TERM; {sleep}; {sleep}"));
        drop(running.kill());
        let cancelled = self.sandbox.json(&["job", "cancel", &self.newest_id(guest)]).success().data("job-cancel");
        assert_eq!(cancelled["results"][0]["status"], "cancelled", "{name}: {cancelled}");
        assert_eq!(self.host.exec(&format!("pgrep -fc '^{sleep}$' || :")).trim(), "0", "{name}: all of it is gone");
        self.nothing_is_left(guest);
    }

    /// Jobs go on while there is no link, in both guests, and are told afterwards.
    fn a_cut_link_costs_nothing(&self) {
        let command = "echo began; until [ -e /root/go ]; do sleep 0.1; done; seq 20000; echo last >&2; touch /root/done; exit 3";
        let running = GUESTS.map(|guest| self.begun(guest, command));
        self.relay.stall();
        for guest in GUESTS {
            self.inside(guest, "touch /root/go");
            until("the end in the guest, which needs no link", || self.holds(guest, "test -e /root/done").then_some(()));
        }
        self.relay.cut();
        self.relay.resume();
        for (guest, running) in GUESTS.into_iter().zip(running) {
            let name = self.named(guest);
            drop(running.wait().exit(1));
            let data = attach(self.sandbox, &self.newest_id(guest)).exit(1).data("job-attach");
            assert_eq!(data["results"][0]["exit_code"], 3, "{name}: {}", data["results"]);
            assert_eq!(
                (text(&data, "stdout"), text(&data, "stderr")),
                (format!("began\n{}", numbers(20000)), "last\n".to_owned()),
                "{name}"
            );
            assert_eq!(notes(&data), ["note.link-lost", "note.attached"], "{name}");
            self.inside(guest, "rm /root/go /root/done");
            self.nothing_is_left(guest);
        }
    }

    /// A guest that goes down under a job is told, and nothing begins again by itself: one whose plug is pulled, and one that boots.
    fn a_start_anew_is_told(&self) {
        self.is_told("web", || self.host.exec(self.anew));
        self.is_told("web", || self.inside("web", "reboot"));
    }

    fn is_told(&self, guest: &str, goes_down: impl FnOnce() -> String) {
        let name = self.named(guest);
        let running = self.begun(guest, "echo began; echo x >>/root/runs; [ -e /root/go ] || exec sleep 1000");
        goes_down();
        drop(running.wait().exit(1));
        let job = self.newest(guest);
        assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("host-rebooted")), "{name}: {job}");
        until("the guest", || self.holds(guest, "touch /root/go").then_some(()));
        assert_eq!(self.inside(guest, "cat /root/runs"), "x", "{name}: nothing begins again by itself");
        let id = job["id"].as_str().expect("an id");
        drop(self.sandbox.json(&["--yes", "job", "retry", id]).success());
        assert_eq!(self.inside(guest, "cat /root/runs; rm /root/runs /root/go"), "x\nx", "{name}");
        self.nothing_is_left(guest);
    }

    #[track_caller]
    fn nothing_is_left(&self, guest: &str) {
        assert_eq!(self.inside(guest, "ls -A /var/lib/beffroi/jobs 2>/dev/null || :"), "", "{}", self.named(guest));
    }
}

#[test]
fn jobs_in_guests_with_systemd_and_with_openrc_outlive_their_link() {
    let Some(lab) = Containers::up(&HOSTS.map(|(host, ..)| host)) else { return };
    let image = lab.images(&["debian"]).remove("debian-unified.tar.gz").expect("a file");
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &[]);
    let spec = sandbox.file("deb.toml", "image = \"debian\"\n\n[network]\noff = true\n");
    let places = HOSTS.map(|host| Place::new(&lab, &sandbox, host));
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let (image, spec) = (image.to_str().expect("a plain name"), spec.to_str().expect("a plain name"));
    thread::scope(|scope| {
        for place in &places {
            scope.spawn(move || {
                place.make_debian(image, spec);
                for guest in GUESTS {
                    place.ends_are_told(guest);
                }
                place.a_cut_link_costs_nothing();
                place.a_start_anew_is_told();
            });
        }
    });
}
