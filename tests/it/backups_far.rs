//! Backups that are made while they are brought, and those that a host makes by itself at its times: on a Debian with systemd.

use std::fs;
use std::path::PathBuf;

use beffroi_tests::{ContainerHost, Containers, Relay, Sandbox, until};
use serde_json::{Value, json};

/// Bytes of what an application of the story keeps: more than what may be on its way at once.
const MUCH: usize = 24 << 20;

struct Ground {
    lab: Containers,
    sandbox: Sandbox,
    stick: PathBuf,
}

impl Ground {
    /// A Debian with a YunoHost, in the catalog as `deb-1`.
    fn set() -> Option<Self> {
        let lab = Containers::up(&["deb-1"])?;
        let sandbox = Sandbox::with_vault();
        lab.known_to(&sandbox, &["deb-1"]);
        lab.administered("deb-1");
        let stick = sandbox.files().join("stick");
        let ground = Self { lab, sandbox, stick };
        ground.host().exec("yunohost app list >/dev/null && mkdir -p /home/yunohost.backup/archives");
        ground.state(&format!("['backup_bytes'] = {MUCH}"));
        Some(ground)
    }

    fn host(&self) -> &ContainerHost {
        self.lab.host("deb-1")
    }

    /// Changes what the host is.
    fn state(&self, change: &str) {
        let path = "/var/lib/standin/state.json";
        let text = format!("import json; s = json.load(open('{path}')); s{change}; json.dump(s, open('{path}', 'w'))");
        self.host().exec(&format!("python3 -c \"{text}\""));
    }

    /// The same host behind a link that is not fast, as `far`.
    fn far(&self) -> Relay {
        let relay = Relay::before(&self.host().login("root"));
        let (host, port) = (relay.host().clone(), relay.host().port.to_string());
        let to = ["host", "add", "far", &host.address, "--port", &port, "--user", "root", "--trust", &host.fingerprint];
        drop(self.sandbox.beffroi(&[&to[..], &["--identity", "key"]].concat()).success());
        relay.set(&["rate-kb=8000"]);
        relay
    }

    #[track_caller]
    fn backup(&self, words: &[&str]) -> Value {
        let name = format!("ynh-backup-{}", words.first().expect("a verb"));
        self.sandbox.json(&[&["--yes", "ynh", "backup"], words].concat()).success().data(&name)
    }

    fn place(&self) -> &str {
        self.stick.to_str().expect("plain")
    }

    /// Whether more than so many bytes of a backup that is not whole are here.
    fn has_more_than(&self, bytes: u64) -> bool {
        let volumes = fs::read_dir(&self.stick).into_iter().flatten().flatten().map(|part| part.path().join("0000"));
        volumes.filter_map(|volume| fs::metadata(volume).ok()).any(|about| about.len() > bytes)
    }

    /// The archives that lie on the host.
    fn there(&self) -> Vec<String> {
        self.host().exec("cd /home/yunohost.backup/archives && ls -A | grep '\\.tar$' || true").lines().map(str::to_owned).collect()
    }

    #[track_caller]
    fn nothing_of_making_is_left(&self) {
        let places = "/home/yunohost.backup/archives /home/yunohost.backup/tmp /etc/yunohost /run/beffroi-backup-*";
        let list = format!("find {places} -mindepth 1 ! -path /etc/yunohost/hooks.d 2>/dev/null || true");
        until("nothing is left", || self.host().exec(&list).is_empty().then_some(()));
    }
}

#[test]
fn what_is_brought_while_it_is_made_never_lies_on_the_host() {
    let Some(ground) = Ground::set() else { return };
    let (host, _relay) = (ground.host(), ground.far());
    // Everything large that is on the host at any time meanwhile, and all that is where archives lie or are made.
    host.exec(
        "systemd-run --quiet --unit=look sh -c 'while echo round; do find /home /run /tmp /var /root /etc /dev/shm -type f -size +2M \
         ! -path \"*/journal/*\" ! -path /root/seen; find /home/yunohost.backup -mindepth 2 -maxdepth 2; done >/root/seen 2>/dev/null'",
    );
    let rounds = || host.exec("grep -c round /root/seen || true").trim().parse::<u32>().unwrap_or(0);
    until("somebody looked twice", || (rounds() > 1).then_some(()));
    let before = host.exec("sort -u /root/seen");
    let order = ["create", "--on", "far", "--to", ground.place(), "--name", "night", "--apps", "roundcube"];
    let brought = ground.backup(&order);
    host.exec("systemctl stop look");
    let after = host.exec("sort -u /root/seen");
    let new: Vec<_> = after.lines().filter(|line| !before.lines().any(|known| known == *line)).collect();
    // What the application keeps, where it always lies, and the folder in which YunoHost lists what it saves.
    assert_eq!(new, ["/home/yunohost.backup/tmp/night", "/var/www/roundcube/data"], "{before}");
    ground.nothing_of_making_is_left();
    assert_eq!((&brought["backup"]["streamed"], &brought["lacks"], &brought["backup"]["lacks"]), (&json!(true), &json!([]), &json!([])));
    assert_eq!(ground.backup(&["rehearse", "night"])["good"], true);

    // A part that YunoHost cannot save is told, now and later.
    ground.state("['failing']['backup'] = ['nextcloud']");
    let order = ["create", "--on", "deb-1", "--to", ground.place(), "--name", "short", "--apps", "roundcube", "--apps", "nextcloud"];
    let short = ground.sandbox.json(&[&["ynh", "backup"], &order[..]].concat()).exit(1).data("ynh-backup-create");
    assert_eq!(short["lacks"], json!(["nextcloud"]), "{short}");
    assert_eq!(ground.backup(&["info", "short"])["lacks"], json!(["nextcloud"]));
    let said = ground.sandbox.beffroi(&["ynh", "backup", "list"]).success().stdout;
    assert!(said.contains("It lacks: nextcloud"), "{said}");
}

#[test]
fn what_is_cut_while_it_is_made_leaves_nothing_on_either_side() {
    let Some(ground) = Ground::set() else { return };
    let _relay = ground.far();
    let order = ["create", "--on", "far", "--to", ground.place(), "--name", "night", "--apps", "roundcube"];
    let making = ground.sandbox.start(&[&["ynh", "backup"], &order[..]].concat());
    until("a part of it is here", || ground.has_more_than(3 << 20).then_some(()));
    making.interrupt();
    drop(making.wait().exit(130));
    assert_eq!(fs::read_dir(&ground.stick).expect("the stick is there").count(), 0);
    ground.nothing_of_making_is_left();
    assert_eq!(ground.backup(&["list"])["kept"], json!([]));
    // Nobody waits for it: the next one is made as if nothing had been.
    assert_eq!(ground.backup(&order)["backup"]["good"], true);
}

#[test]
fn a_host_makes_backups_by_itself_and_they_are_collected_at_the_next_visit() {
    let Some(ground) = Ground::set() else { return };
    let host = ground.host();
    ground.state("['backup_bytes'] = 100000");
    host.exec("yunohost backup create --name by-hand --apps wordpress >/dev/null");
    let ledger = || ground.sandbox.json(&["host", "ledger", "deb-1"]).success().data("host-ledger")["entries"].take();
    let units = "systemctl is-active beffroi-backup.timer; ls /etc/systemd/system/beffroi-backup.* | wc -l";
    let refused = ground.sandbox.json(&["ynh", "backup", "schedule", "--on", "deb-1", "--at", "at some time"]).exit(2).error();
    assert_eq!((&refused["code"], ledger()), (&json!("invalid-request"), json!([])), "{refused}");

    let what = ["--apps", "roundcube", "--apps", "nextcloud"];
    ground.backup(&[&["schedule", "--on", "deb-1", "--at", "Mon..Fri 03:00", "--keep-last", "2"][..], &what].concat());
    assert_eq!((ledger()[0]["kind"].clone(), ledger()[0]["what"].clone()), (json!("backup-schedule"), json!("beffroi-backup.timer")));
    assert_eq!(host.exec(units), "active\n2\n");
    let times = |name: &str| ground.backup(&["list", "--on", "deb-1"])["hosts"][0]["schedule"][name].take();
    assert_eq!((times("calendar"), times("last_began_s")), (json!("Mon..Fri 03:00"), Value::Null));
    assert!(times("next_s").as_u64().is_some(), "systemd waits for it");

    // What the timer starts: the second run cannot save one of the applications, and with the third one is too many.
    let run =
        || host.exec("sleep 1; systemctl start beffroi-backup.service; systemctl show -P ExecMainStatus beffroi-backup.service || true");
    assert_eq!((run().trim(), times("last_good")), ("0", json!(true)));
    ground.state("['failing']['backup'] = ['nextcloud']");
    host.exec("sleep 1; systemctl start beffroi-backup.service || true");
    assert_eq!((times("last_good"), times("lacks")), (json!(false), json!(["nextcloud"])));
    ground.state("['failing']['backup'] = []");
    assert_eq!((run().trim(), times("last_good")), ("0", json!(true)));
    let there = ground.there();
    assert_eq!((there.len(), &there[2]), (3, &"by-hand.tar".to_owned()), "two of its own, and what it did not make");
    assert!(host.exec("cat /var/lib/beffroi-backup/last.json").contains("removed\": [\"beffroi-"));

    let collect = || ground.backup(&["collect", "--on", "deb-1", "--to", ground.place()])["results"].take();
    let brought = collect();
    let lacking = |one: &Value| (one["name"].as_str().expect("a name").to_owned(), one["backup"]["lacks"].clone());
    let brought: Vec<_> = brought.as_array().expect("results").iter().map(lacking).collect();
    assert_eq!(brought.len(), 3, "{brought:?}");
    assert_eq!(brought.iter().map(|one| one.1.clone()).collect::<Vec<_>>(), [json!(["nextcloud"]), json!([]), json!([])]);
    assert_eq!(collect(), json!([]), "what is here is not brought again");

    ground.backup(&["schedule", "--on", "deb-1", "--off"]);
    assert_eq!((ledger(), times("calendar")), (json!([]), Value::Null));
    assert_eq!(host.exec("find / -xdev -path '*beffroi-backup*' -not -path '/proc/*'"), "");
    assert_eq!(ground.there(), there, "what was made stays");
}
