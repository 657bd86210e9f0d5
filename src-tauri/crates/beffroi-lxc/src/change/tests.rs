use super::*;
use crate::model::{Driver, Snapshot};

fn reading(driver: GuestDriver, guests: Vec<Guest>) -> Reading {
    use Capability::{Copy, DiskLimit, Freeze, LiveLimits, Rename, RunningSnapshots, Snapshots};
    let capabilities = [Copy, DiskLimit, Freeze, LiveLimits, Rename, RunningSnapshots, Snapshots].into();
    let driver = Driver {
        driver,
        version: String::new(),
        capabilities,
        socket: None,
        socket_is_ours: false,
        has_client: true,
        paths: Vec::new(),
        projects: Vec::new(),
        members: Vec::new(),
        node: None,
    };
    let mut reading = Reading { drivers: vec![driver], guests, ..Reading::default() };
    reading.capacity.memory_total_bytes = Some(8 << 30);
    reading.capacity.cores = Some(2);
    reading.sum_up();
    reading
}

fn guest(driver: GuestDriver, state: GuestState) -> Guest {
    let name = if driver == GuestDriver::Proxmox { "101" } else { "web" };
    let root = Some("/var/lib/lxc/web/rootfs".to_owned());
    let snapshots = vec![Snapshot { name: "before".to_owned(), ..Snapshot::default() }];
    Guest { state, root, snapshots, memory_limit_bytes: Some(1 << 30), ..Guest::new(driver, "", name) }
}

fn prepare(change: &Change, guest: &Guest) -> Result<Changing, ChangeRefusal> {
    change.prepare("lxc-1/web", guest, &reading(guest.driver, vec![guest.clone()]))
}

const MINUTE: Stop = Stop { timeout: Duration::from_secs(60), force: false };

#[test]
fn each_driver_is_told_in_its_own_words() {
    use GuestDriver::{Incus, Lxc, Lxd, Proxmox};
    let name = || "before".to_owned();
    for (change, lxc, incus, lxd, proxmox) in [
        (
            Change::Stop(MINUTE),
            "lxc-stop -n web --nokill -t 60",
            "incus stop web --timeout 60 --project default",
            "lxc stop web --timeout 60 --project default",
            "pct shutdown 101 --timeout 60 --forceStop 0",
        ),
        (
            Change::Restore { name: name() },
            "lxc-stop -n web --nokill -t 60",
            "incus snapshot restore web before --project default",
            "lxc restore web before --project default",
            "pct rollback 101 before",
        ),
        (
            Change::Forget { name: name() },
            "lxc-snapshot -n web -d before",
            "incus snapshot delete web before --project default",
            "lxc delete web/before --project default",
            "pct delsnapshot 101 before",
        ),
        (
            Change::Set(Settings { autostart: Some(true), ..Settings::default() }),
            "edit /var/lib/lxc/web/config: lxc.start.auto = 1",
            "incus config set web boot.autostart=true --project default",
            "lxc config set web boot.autostart=true --project default",
            "pct set 101 --onboot 1",
        ),
    ] {
        for (driver, command) in [(Lxc, lxc), (Incus, incus), (Lxd, lxd), (Proxmox, proxmox)] {
            let changing = prepare(&change, &guest(driver, GuestState::Running)).expect("nothing speaks against it");
            assert_eq!(changing.steps[0].commands[0], command, "{driver:?}");
            let kinds: Vec<_> = changing.steps.iter().map(|step| step.kind).collect();
            assert_eq!(kinds, [StepKind::Change, StepKind::Read], "what changes is read back");
            assert!(changing.steps.iter().all(|step| step.shell.starts_with("set -- ")));
        }
    }
}

#[test]
fn a_container_of_proxmox_runs_again_after_a_restore() {
    let restore = Change::Restore { name: "before".to_owned() };
    for (state, commands, word) in [
        (GuestState::Running, &["pct rollback 101 before", "pct start 101"][..], "running"),
        (GuestState::Stopped, &["pct rollback 101 before"], "stopped"),
    ] {
        let changing = prepare(&restore, &guest(GuestDriver::Proxmox, state)).expect("nothing speaks against it");
        assert_eq!(changing.steps[0].commands, commands);
        assert!(changing.steps[0].shell.starts_with(&format!("set -- restore 101 before {word}\n")));
        assert!(changing.steps[1].shell.starts_with(&format!("set -- is 101 restored {word} before\n")));
    }
    // Proxmox holds nobody; whom somebody else held is let go.
    let frozen = guest(GuestDriver::Proxmox, GuestState::Frozen);
    assert_eq!(prepare(&Change::Start, &frozen).expect("it can").steps[0].commands, ["lxc-unfreeze -n 101"]);
    assert_eq!(prepare(&Change::Stop(MINUTE), &frozen).expect("it can").steps[0].commands[0], "lxc-unfreeze -n 101");
}

#[test]
fn what_is_done_names_the_guest_in_its_place() {
    let mut other = guest(GuestDriver::Lxc, GuestState::Stopped);
    other.project = "/srv/it's here".to_owned();
    let changing = prepare(&Change::Copy { to: "two".to_owned() }, &other).expect("nothing speaks against it");
    assert_eq!(
        changing.steps[0].commands,
        [
            r"lxc-copy -n web -P '/srv/it'\''s here' -N two.beffroi-copy -p '/srv/it'\''s here'",
            r"mv '/srv/it'\''s here/two.beffroi-copy' '/srv/it'\''s here/two'",
            r"edit '/srv/it'\''s here/two/config'",
        ]
    );
    assert!(changing.steps[0].shell.starts_with(r"set -- copy web '/srv/it'\''s here' two"), "{}", changing.steps[0].shell);
    assert!(changing.steps[1].shell.starts_with(r"set -- is two '/srv/it'\''s here' there"), "the new one is looked at");
    let changing = prepare(&Change::Copy { to: "two".to_owned() }, &guest(GuestDriver::Proxmox, GuestState::Stopped)).expect("it can");
    assert_eq!(changing.steps[0].commands, ["pct clone 101 102 --hostname two --full 1"], "a number that nobody has");
    assert!(changing.steps[1].shell.starts_with("set -- is 102 there\n"));
}

#[test]
fn what_speaks_against_a_change_is_said_before_it() {
    let running = guest(GuestDriver::Lxc, GuestState::Running);
    let stopped = guest(GuestDriver::Lxc, GuestState::Stopped);
    let refused = |change: &Change, guest: &Guest| prepare(change, guest).expect_err("it is refused");
    let wants_stopped = ChangeRefusal::State { state: GuestState::Running, wanted: GuestState::Stopped };
    let rename = |to: &str| Change::Rename { to: to.to_owned() };
    assert_eq!(refused(&rename("two"), &running), wants_stopped);
    assert_eq!(refused(&Change::Delete { volumes: false }, &running), wants_stopped);
    assert_eq!(refused(&rename("web"), &stopped), ChangeRefusal::There { name: "web".to_owned() });
    for bad in ["", "-a", "a b", "../a", "a/b", "1a", "a-", &"a".repeat(41)] {
        assert_eq!(refused(&rename(bad), &stopped), ChangeRefusal::NotAName { name: bad.to_owned() });
    }
    let named = |name: &str| Change::Restore { name: name.to_owned() };
    assert_eq!(refused(&named("after"), &stopped), ChangeRefusal::NoSnapshot { name: "after".to_owned(), has: vec!["before".to_owned()] });
    assert_eq!(refused(&Change::Snapshot { name: "before".to_owned() }, &stopped), ChangeRefusal::There { name: "before".to_owned() });
    let locked = Guest { lock: Some("backup".to_owned()), ..guest(GuestDriver::Proxmox, GuestState::Running) };
    assert_eq!(refused(&Change::Start, &locked), ChangeRefusal::Locked { lock: "backup".to_owned() });
    assert_eq!(refused(&Change::Set(Settings::default()), &stopped), ChangeRefusal::Nothing);
    let mut bare = reading(GuestDriver::Lxc, vec![stopped.clone()]);
    bare.drivers[0].capabilities.clear();
    let cannot = Change::Snapshot { name: "one".to_owned() }.prepare("web", &stopped, &bare).expect_err("it cannot");
    assert_eq!(cannot, ChangeRefusal::Cannot { driver: GuestDriver::Lxc, what: Capability::Snapshots });
}

#[test]
fn nobody_is_promised_what_the_host_has_not() {
    let set = |memory: u64| Change::Set(Settings { memory_bytes: Some(Some(memory)), ..Settings::default() });
    let one = guest(GuestDriver::Lxc, GuestState::Stopped);
    let two = Guest { name: "two".to_owned(), memory_limit_bytes: Some(4 << 30), ..one.clone() };
    let reading = reading(GuestDriver::Lxc, vec![one.clone(), two]);
    // 8 GiB, of which the other one has 4 and it has 1 itself.
    assert!(set(4 << 30).prepare("web", &one, &reading).is_ok());
    let refused = set(5 << 30).prepare("web", &one, &reading).expect_err("too much");
    assert_eq!(refused, ChangeRefusal::Short(Shortage::Memory { wanted: 4 << 30, left: 3 << 30 }));
    let processors = |thousandths| Change::Set(Settings { cpu_thousandths: Some(Some(thousandths)), ..Settings::default() });
    assert!(processors(1500).prepare("web", &one, &reading).is_ok());
    let refused = processors(3000).prepare("web", &one, &reading).expect_err("there are two");
    assert_eq!(refused, ChangeRefusal::Short(Shortage::Cpu { wanted: 3000, there: 2000 }));
    let incus = Guest { driver: GuestDriver::Incus, ..one };
    assert!(matches!(prepare(&processors(1500), &incus), Err(ChangeRefusal::NotWhole { .. })), "it counts whole ones");
}

#[test]
fn only_volumes_of_its_own_go_with_a_guest() {
    use crate::model::Volume;
    let volume = |source: &str, pool: &str| Volume {
        source: source.to_owned(),
        pool: pool.to_owned(),
        path: "/data".to_owned(),
        ..Volume::default()
    };
    let mut gone = guest(GuestDriver::Lxc, GuestState::Stopped);
    gone.volumes = ["/var/lib/lxc/.volumes/web/data", "/home", "/var/lib/lxc/.volumes/web/../other", "/var/lib/lxc/.volumes/other/data"]
        .map(|source| volume(source, ""))
        .to_vec();
    let first = |volumes| prepare(&Change::Delete { volumes }, &gone).expect("it can").steps[0].clone();
    assert!(first(false).shell.starts_with("set -- delete web ''\n"));
    assert!(first(true).shell.starts_with("set -- delete web '' /var/lib/lxc/.volumes/web/data\n"), "{}", first(true).shell);
    let mut gone = guest(GuestDriver::Incus, GuestState::Stopped);
    let named = |source: &str, name: &str| Volume { name: name.to_owned(), ..volume(source, "default") };
    // One that an operator attached stays.
    gone.volumes = vec![named("web.data", "data"), named("backups", "backups"), volume("/home", "")];
    let words = prepare(&Change::Delete { volumes: true }, &gone).expect("it can").steps[0].shell.clone();
    assert!(words.starts_with("set -- delete incus '' web default web.data\n"), "{words}");
    let words = prepare(&Change::Rename { to: "two".to_owned() }, &gone).expect("it can").steps[0].commands.clone();
    let renamed = "incus storage volume rename default web.data two.data --project default";
    assert_eq!(words, ["incus rename web two --project default", renamed]);
    let shared = prepare(&Change::Copy { to: "two".to_owned() }, &gone).expect_err("two would write into one");
    assert!(matches!(shared, ChangeRefusal::VolumesShared { .. }));
    let mut proxmox = guest(GuestDriver::Proxmox, GuestState::Stopped);
    proxmox.volumes = vec![volume("local-lvm:vm-101-disk-1", "local-lvm")];
    assert!(matches!(prepare(&Change::Delete { volumes: false }, &proxmox), Err(ChangeRefusal::VolumesGo { .. })));
}

#[test]
fn what_was_before_is_said_as_it_is_typed() {
    let settings = Settings { memory_bytes: Some(None), cpu_thousandths: Some(Some(1500)), disk_bytes: None, autostart: Some(false) };
    assert_eq!(settings.to_text(), "--memory none --cpus 1.5 --autostart no");
    assert_eq!(settings.was(&guest(GuestDriver::Lxc, GuestState::Running)), "--memory 1GiB --cpus none --autostart no");
    assert_eq!((size(1536 << 20).as_str(), size(1000).as_str(), processors(2000).as_str()), ("1536MiB", "1000B", "2"));
}

#[test]
fn what_is_set_is_held_against_what_was_read() {
    let mut read = guest(GuestDriver::Incus, GuestState::Running);
    read.settings = Some([("memory".to_owned(), "64MiB".to_owned())].into());
    let settings = Settings { memory_bytes: Some(Some(1 << 27)), cpu_thousandths: Some(Some(2000)), ..Settings::default() };
    let changing = prepare(&Change::Set(settings), &read).expect("nothing speaks against it");
    let words = "set -- set incus '' web was-memory 64MiB memory 134217728 was-cpu none cpu 2\n";
    assert!(changing.steps[0].shell.starts_with(words), "{}", changing.steps[0].shell.lines().next().unwrap_or_default());
    assert!(changing.steps[1].shell.starts_with("set -- holds incus '' web memory 134217728 cpu 2\n"));
}

#[test]
fn without_a_client_a_plan_shows_the_requests() {
    let shown = |change: &Change, guest: &Guest| {
        let mut reading = reading(guest.driver, vec![guest.clone()]);
        reading.drivers[0].has_client = false;
        let steps = change.prepare("incus-1/web", guest, &reading).expect("it can").steps;
        assert!(steps[1].commands[0].starts_with("GET /1.0/instances/web?project="), "{:?}", steps[1].commands);
        steps[0].commands.clone()
    };
    let frozen = guest(GuestDriver::Incus, GuestState::Frozen);
    assert_eq!(
        shown(&Change::Stop(MINUTE), &frozen),
        [
            r#"PUT /1.0/instances/web/state?project=default {"action":"unfreeze","timeout":-1,"force":false}"#,
            r#"PUT /1.0/instances/web/state?project=default {"action":"stop","timeout":60,"force":false}"#,
        ]
    );
    let mut other = guest(GuestDriver::Lxd, GuestState::Stopped);
    other.project = "team".to_owned();
    let settings = Settings { memory_bytes: Some(None), disk_bytes: Some(1 << 33), ..Settings::default() };
    assert_eq!(
        shown(&Change::Set(settings), &other),
        [
            r#"PATCH /1.0/instances/web?project=team {"config":{"limits.memory":""}}"#,
            r#"PATCH /1.0/instances/web?project=team {"devices":{"root":{"size":"8589934592"}}}"#,
        ]
    );
    assert_eq!(shown(&Change::Delete { volumes: false }, &other), ["DELETE /1.0/instances/web?project=team"]);
}
