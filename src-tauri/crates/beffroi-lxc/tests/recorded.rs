//! What real drivers answered, and what Proxmox's own documents say that it answers.

use std::collections::BTreeSet;

use beffroi_domain::GuestDriver;
use beffroi_lxc::{Capability, Guest, GuestKind, GuestState, Reading, Shortage, Want, Why, reading};

const CLASSIC: &str = include_str!("../../../../tests/fixtures/guests/lxc/probe.txt");
const MACHINE: &str = "\nM = machine -\n1795361932 +0200\n4\nMemTotal: 4000000\nMemAvailable: 3000000\n\nM ! 0\n";

fn read(text: &str, mark: &str) -> Reading {
    reading(text.as_bytes(), mark).expect("an answer")
}

fn guest<'a>(reading: &'a Reading, name: &'a str) -> &'a Guest {
    reading.named(name).next().expect("the guest")
}

/// The sections of a daemon, of what was recorded.
fn daemon(driver: &str, answers: &[(&str, &str)]) -> Reading {
    let mut text = format!("{MACHINE}\nM = {driver} -\n/var/lib/{driver}/unix.socket 1\n\nM ! 0\n");
    for (name, body) in answers {
        text.push_str(&format!("\nM = {driver}-{name}\n{body}\nM ! 0\n"));
    }
    text.push_str("\nM = incus-members -\n\nM ! 1\n\nM .\n");
    read(&text, "M")
}

macro_rules! recorded {
    ($driver:literal) => {
        daemon(
            $driver,
            &[
                ("server -", include_str!(concat!("../../../../tests/fixtures/guests/", $driver, "/server.json"))),
                ("instances -", include_str!(concat!("../../../../tests/fixtures/guests/", $driver, "/instances.json"))),
                ("images -", include_str!(concat!("../../../../tests/fixtures/guests/", $driver, "/images.json"))),
                ("projects -", include_str!(concat!("../../../../tests/fixtures/guests/", $driver, "/projects.json"))),
                ("pools -", include_str!(concat!("../../../../tests/fixtures/guests/", $driver, "/storage-pools.json"))),
                ("room default", include_str!(concat!("../../../../tests/fixtures/guests/", $driver, "/pool-resources.json"))),
            ],
        )
    };
}

#[test]
fn classic_guests_are_told_whole() {
    let reading = read(CLASSIC, "MARK");
    assert_eq!(reading.missing, []);
    assert_eq!(reading.clock_seconds, Some(1_795_361_932));
    let driver = reading.driver(GuestDriver::Lxc).expect("lxc");
    assert_eq!((driver.version.as_str(), driver.paths.as_slice()), ("5.0.2", &["/var/lib/lxc".to_owned()][..]));
    assert!(driver.can(Capability::Freeze) && !driver.can(Capability::RunningSnapshots) && !driver.can(Capability::ProxyPorts));
    let names: Vec<&str> = reading.guests.iter().map(|guest| guest.name.as_str()).collect();
    assert_eq!(names, ["frozen", "old", "shop", "web"]);

    let web = guest(&reading, "web");
    assert_eq!((web.state, web.pid, web.autostart, web.unprivileged), (GuestState::Running, Some(66), Some(true), Some(false)));
    assert_eq!((web.addresses.as_slice(), web.memory_used_bytes), (&["10.0.3.160".to_owned()][..], Some(753_664)));
    assert_eq!((web.cpu_used_nanoseconds, web.memory_limit_bytes), (Some(96_381_689), None));
    let eth0 = &web.interfaces[0];
    assert_eq!((eth0.name.as_str(), eth0.parent.as_str(), eth0.state.as_str()), ("eth0", "lxcbr0", "up"));
    assert_eq!(
        (eth0.addresses.as_slice(), eth0.received_bytes, eth0.sent_bytes),
        (&["10.0.3.160/24".to_owned()][..], Some(39_042), Some(996))
    );
    assert_eq!((web.os.as_deref(), web.os_release.as_deref(), web.architecture.as_deref()), (Some("busybox"), Some("1"), Some("x86_64")));
    assert_eq!(web.root.as_deref(), Some("dir:/var/lib/lxc/web/rootfs"));
    assert!(web.volumes.is_empty(), "what the distribution mounts for everybody is no volume");

    assert_eq!(guest(&reading, "frozen").state, GuestState::Frozen);
    let snapshots = &guest(&reading, "old").snapshots;
    assert_eq!((snapshots.len(), snapshots[0].name.as_str(), snapshots[0].comment.as_deref()), (2, "snap0", Some("before the update")));
    assert_eq!(snapshots[1].created_seconds, Some(1_795_361_930), "15:38:50 UTC");

    let shop = guest(&reading, "shop");
    assert_eq!((shop.state, shop.memory_limit_bytes, shop.cpu_limit_thousandths), (GuestState::Stopped, Some(64 << 20), Some(1000)));
    assert_eq!(shop.groups, ["front", "shops", "paid"]);
    assert_eq!(shop.mark.as_deref(), Some("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"));
    assert_eq!(shop.environment, ["TOKEN"]);
    assert_eq!(shop.console_log.as_deref(), Some("/var/log/lxc/shop-console.log"));
    let volumes: Vec<(&str, &str, bool)> = shop.volumes.iter().map(|one| (one.source.as_str(), one.path.as_str(), one.read_only)).collect();
    assert_eq!(volumes, [("/srv/shop", "/srv", false), ("/srv/two words", "/data", true)]);

    let pool = &reading.capacity.pools[0];
    assert_eq!(
        (pool.name.as_str(), pool.total_bytes, pool.free_bytes),
        ("/var/lib/lxc", Some(264_212_084 * 1024), Some(36_863_928 * 1024))
    );
    let promised = &reading.capacity.promised;
    assert_eq!((promised.guests, promised.memory_bytes, promised.without_memory_limit), (4, 64 << 20, 3));
}

#[test]
fn what_the_list_does_not_tell_is_told_by_configurations_and_control_groups() {
    let classic = concat!(
        "\nM = lxc /l\n5.0.2\n\nM ! 0\n\nM = lxc-list /l\nSTATE PID RAM SWAP AUTOSTART UNPRIVILEGED NAME\n",
        "RUNNING 77 - - - - one\nRUNNING 78 - - - - two\nSTOPPED - - - - - three\n\nM ! 0\n\nM = lxc-config /l\n",
        ":/l/one/config\n lxc.include = /l/common\n lxc.start.auto = 1\n:/l/two/config\n lxc.idmap = u 0 100000 65536\n",
        ":/l/three/config\n lxc.uts.name = three\n:/l/common\n lxc.start.auto = 0\n lxc.id_map = g 0 100000 65536\n\nM ! 0\n",
        "\nM = lxc-live /l\n:77\n frozen FROZEN\n memory 212992\n memsw 311296\n",
        ":78\n frozen populated 1\n frozen frozen 0\n memory 4096\n swap 8192\n\nM ! 0\n\nM .\n",
    );
    let reading = read(&format!("{MACHINE}{classic}"), "M");
    let told: Vec<_> = reading
        .guests
        .iter()
        .map(|guest| (guest.name.as_str(), guest.state, guest.autostart, guest.unprivileged, guest.swap_used_bytes))
        .collect();
    assert_eq!(
        told,
        [
            ("one", GuestState::Frozen, Some(true), Some(true), Some(98_304)),
            ("three", GuestState::Stopped, Some(false), Some(false), None),
            ("two", GuestState::Running, Some(false), Some(true), Some(8192)),
        ]
    );
}

#[test]
fn both_daemons_are_read_by_the_same_rules() {
    for (reading, driver, version) in [(recorded!("incus"), GuestDriver::Incus, "6.0.4"), (recorded!("lxd"), GuestDriver::Lxd, "5.0.2")] {
        assert_eq!(reading.missing, [], "{driver:?}");
        let there = reading.driver(driver).expect("the driver");
        assert_eq!((there.version.as_str(), there.socket_is_ours, there.members.len()), (version, true, 0));
        assert_eq!(there.projects, ["default", "team"]);
        assert!(there.can(Capability::ProxyPorts) && there.can(Capability::Projects) && there.can(Capability::Volumes));
        assert!(!there.can(Capability::Cluster) && !there.can(Capability::DiskLimit), "a folder has no size");
        let found: Vec<(&str, &str, GuestState)> =
            reading.guests.iter().map(|guest| (guest.project.as_str(), guest.name.as_str(), guest.state)).collect();
        assert_eq!(
            found,
            [
                ("", "shop", GuestState::Stopped),
                ("", "shop2", GuestState::Frozen),
                ("", "web", GuestState::Running),
                ("team", "db", GuestState::Running)
            ]
        );
        let web = reading.guest(driver, "", "web").expect("web");
        assert_eq!((web.memory_limit_bytes, web.cpu_limit_thousandths, web.autostart), (Some(64 << 20), Some(2000), Some(true)));
        assert_eq!((web.unprivileged, web.kind, web.processes), (Some(true), GuestKind::Container, Some(5)));
        assert_eq!(web.addresses.len(), 1);
        assert_eq!((web.interfaces.len(), web.interfaces[0].name.as_str()), (1, "eth0"));
        assert!(web.interfaces[0].host_name.starts_with("veth") && web.interfaces[0].parent.ends_with("br0"));
        assert_eq!((web.image.as_deref(), web.os.as_deref(), web.mark.as_deref()), (Some("OpenRC of the lab"), Some("busybox"), Some("x")));
        assert_eq!((web.snapshots.len(), web.snapshots[0].name.as_str()), (1, "s1"));
        let volume = &web.volumes[0];
        assert_eq!((volume.name.as_str(), volume.pool.as_str(), volume.path.as_str()), ("data", "default", "/srv/data"));
        let port = &web.ports[0];
        assert_eq!((port.listen.as_str(), port.connect.as_str(), port.from_inside), ("tcp:0.0.0.0:8080", "tcp:127.0.0.1:80", false));
        assert_eq!((web.location.as_deref(), web.root.as_deref()), (None, Some("default")));
        assert_eq!(reading.guest(driver, "team", "db").expect("db").volumes[0].source, "/srv/db");
        let stopped = guest(&reading, "shop");
        assert_eq!((stopped.pid, stopped.memory_used_bytes, stopped.processes), (None, None, None));
        assert_eq!((reading.images.len(), reading.images[0].aliases.as_slice()), (1, &["openrc".to_owned()][..]));
        let pool = &reading.capacity.pools[0];
        assert!(pool.name == "default" && pool.kind == "dir" && pool.free_bytes.is_some_and(|free| free > 0));
    }
}

#[test]
fn values_of_the_environment_are_never_kept() {
    let instances = r#"[{"name":"a","config":{"environment.TOKEN":"s3cret-one","user.user-data":"s3cret-two","raw.lxc":"s3cret-three"},
        "expanded_config":{"environment.TOKEN":"s3cret-one","limits.memory":"50%"}}]"#;
    let reading = daemon("incus", &[("instances -", instances)]);
    let a = guest(&reading, "a");
    assert_eq!((a.environment.as_slice(), a.memory_limit_bytes), (&["TOKEN".to_owned()][..], Some(2_048_000_000)));
    let stored = serde_json::to_string(&reading).expect("JSON");
    assert!(!stored.contains("s3cret"), "{stored}");
    assert_eq!(serde_json::from_str::<Reading>(&stored).expect("its own form"), reading);
}

#[test]
fn a_cluster_tells_its_machines_and_where_each_guest_is() {
    let members = r#"[{"server_name":"n1","url":"https://10.0.0.1:8443","status":"Online","roles":["database-leader"],"new":[]},
        {"server_name":"n2","url":"https://10.0.0.2:8443","status":"Offline","roles":null}]"#;
    let server = r#"{"api_extensions":["projects","storage","clustering"],"environment":{"server_version":"6.0.4","server_clustered":true,"server_name":"n1","driver":"lxc | qemu"}}"#;
    let instances = r#"[{"name":"a","location":"n2","status":"Error","state":null,"snapshots":null,"type":"virtual-machine"}]"#;
    let reading = daemon("lxd", &[("server -", server), ("instances -", instances), ("members -", members)]);
    let driver = reading.driver(GuestDriver::Lxd).expect("lxd");
    assert!(driver.can(Capability::Cluster) && driver.can(Capability::VirtualMachines));
    let told: Vec<(&str, &str)> = driver.members.iter().map(|member| (member.name.as_str(), member.state.as_str())).collect();
    assert_eq!((told, driver.node.as_deref()), (vec![("n1", "online"), ("n2", "offline")], Some("n1")));
    let a = guest(&reading, "a");
    assert_eq!((a.location.as_deref(), a.state, a.kind, a.unprivileged), (Some("n2"), GuestState::Error, GuestKind::Vm, None));
}

/// Shapes of `pvesh get /cluster/resources --output-format json`, with numbers as text as old versions give them.
const RESOURCES: &str = r#"[
 {"id":"node/pve1","type":"node","node":"pve1","status":"online","maxcpu":8,"maxmem":33554432000,"mem":1},
 {"id":"node/pve2","type":"node","node":"pve2","status":"offline"},
 {"id":"storage/pve1/local-zfs","type":"storage","node":"pve1","storage":"local-zfs","plugintype":"zfspool","disk":100,"maxdisk":1000,"status":"available"},
 {"id":"storage/pve2/local-zfs","type":"storage","node":"pve2","storage":"local-zfs","plugintype":"zfspool","disk":1,"maxdisk":2},
 {"id":"lxc/101","type":"lxc","vmid":"101","name":"web","node":"pve1","status":"running","template":0,"cpu":0.25,"maxcpu":"2","mem":104857600,
  "maxmem":536870912,"disk":1073741824,"maxdisk":8589934592,"uptime":3600,"tags":"prod;beffroi-abc","netin":1,"netout":2,"diskread":0,"diskwrite":0},
 {"id":"lxc/102","type":"lxc","vmid":102,"name":"tpl","node":"pve1","status":"stopped","template":1,"maxcpu":1,"maxmem":268435456,"lock":"backup"},
 {"id":"qemu/200","type":"qemu","vmid":200,"name":"vm","node":"pve2","status":"stopped","maxcpu":4,"maxmem":1073741824},
 {"id":"sdn/pve1/localnetwork","type":"sdn","node":"pve1","status":"ok"}]"#;
const CONFIGS: &str = ":/etc/pve/nodes/pve1/lxc/101.conf\n arch: amd64\n cores: 2\n hostname: web\n memory: 512\n mp0: local-zfs:subvol-101-disk-1,mp=/srv/data,size=4G\n mp1: /mnt/nas,mp=/srv/nas,ro=1\n net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=192.0.2.10/24,gw=192.0.2.1,type=veth\n onboot: 1\n ostype: debian\n rootfs: local-zfs:subvol-101-disk-0,size=8G\n unprivileged: 1\n [before]\n arch: amd64\n snaptime: 1795361000\n [pve:pending]\n memory: 1024\n";

fn proxmox(classic: &str) -> Reading {
    let images = "-rw-r--r-- 1 0 0 129824858 Nov 22 10:00 /var/lib/vz/template/cache/debian-12.tar.zst\n-rw-r--r-- 1 0 0 7 Nov 22 10:00 /mnt/pve/nas/template/cache/a b.tar.gz\n";
    let text = format!(
        "{MACHINE}{classic}\nM = proxmox -\npve-manager/8.2.2/9355359cd7afbae4 (running kernel: 6.8)\n\nM ! 0\n\nM = proxmox-resources -\n{RESOURCES}\nM ! 0\n\nM = proxmox-config -\n{CONFIGS}\nM ! 0\n\nM = proxmox-node -\npve1\n\nM ! 0\n\nM = proxmox-images -\n{images}\nM ! 0\n\nM .\n"
    );
    read(&text, "M")
}

#[test]
fn proxmox_is_told_by_its_documented_shapes() {
    let reading = proxmox("");
    assert_eq!(reading.missing, []);
    let driver = reading.driver(GuestDriver::Proxmox).expect("proxmox");
    assert_eq!((driver.version.as_str(), driver.node.as_deref(), driver.members.len()), ("8.2.2", Some("pve1"), 2));
    assert!(driver.can(Capability::RunningSnapshots) && driver.can(Capability::Cluster) && !driver.can(Capability::Freeze));
    let web = reading.guest(GuestDriver::Proxmox, "", "101").expect("by number");
    assert_eq!(guest(&reading, "web"), web, "and by host name");
    assert_eq!((web.state, web.cpu_limit_thousandths, web.cpu_now_thousandths), (GuestState::Running, Some(2000), Some(500)));
    assert_eq!((web.unprivileged, web.autostart, web.os.as_deref()), (Some(true), Some(true), Some("debian")));
    assert_eq!((web.disk_limit_bytes, web.root.as_deref(), web.mark.as_deref()), (Some(8 << 30), Some("local-zfs"), Some("abc")));
    assert_eq!((web.addresses.as_slice(), web.interfaces[0].parent.as_str()), (&["192.0.2.10".to_owned()][..], "vmbr0"));
    let volumes: Vec<_> =
        web.volumes.iter().map(|one| (one.pool.as_str(), one.source.as_str(), one.path.as_str(), one.read_only)).collect();
    assert_eq!(volumes, [("local-zfs", "subvol-101-disk-1", "/srv/data", false), ("", "/mnt/nas", "/srv/nas", true)]);
    assert_eq!((web.snapshots.len(), web.snapshots[0].name.as_str(), web.snapshots[0].created_seconds), (1, "before", Some(1_795_361_000)));
    let template = guest(&reading, "tpl");
    assert!(template.template && template.lock.as_deref() == Some("backup"));
    assert_eq!(guest(&reading, "vm").kind, GuestKind::Vm);
    let images: Vec<&str> = reading.images.iter().map(|image| image.id.as_str()).collect();
    assert_eq!(images, ["local:vztmpl/debian-12.tar.zst", "nas:vztmpl/a b.tar.gz"]);
    let pools: BTreeSet<(&str, u64)> = reading.capacity.pools.iter().map(|pool| (pool.name.as_str(), pool.promised_bytes)).collect();
    assert_eq!(pools, BTreeSet::from([("local-zfs", 8 << 30)]), "of this machine, not of the other");
    assert_eq!(reading.capacity.promised.guests, 2, "a template is promised nothing");
}

#[test]
fn what_its_containers_are_made_of_is_not_told_twice() {
    let classic = "\nM = lxc /var/lib/lxc\n6.0.0\n\nM ! 0\n\nM = lxc-list /var/lib/lxc\nSTATE PID RAM SWAP AUTOSTART UNPRIVILEGED NAME\nRUNNING 77 1.00MB 0.00MB 0 true 101\nRUNNING 78 1.00MB 0.00MB 0 true own\n\nM ! 0\n\nM = lxc-live /var/lib/lxc\n:77\n dev   eth0: 1 0 0 0 0 0 0 0 2 0\n inet 192.0.2.99\n\nM ! 0\n";
    let reading = proxmox(classic);
    let of_lxc: Vec<&str> =
        reading.guests.iter().filter(|guest| guest.driver == GuestDriver::Lxc).map(|guest| guest.name.as_str()).collect();
    assert_eq!(of_lxc, ["own"]);
    let web = guest(&reading, "web");
    assert_eq!((web.pid, web.addresses.as_slice()), (Some(77), &["192.0.2.99".to_owned()][..]));
    assert_eq!((web.interfaces[0].parent.as_str(), web.interfaces[0].received_bytes), ("vmbr0", Some(1)));
}

#[test]
fn the_stand_in_of_proxmox_is_told_with_what_runs_inside() {
    let reading = read(include_str!("../../../../tests/fixtures/guests/proxmox/probe.txt"), "MARK");
    assert_eq!(reading.missing, []);
    let found: Vec<(&str, GuestDriver)> = reading.guests.iter().map(|guest| (guest.shown_name(), guest.driver)).collect();
    assert_eq!(found, [("web", GuestDriver::Proxmox), ("old", GuestDriver::Proxmox)]);
    let web = guest(&reading, "web");
    assert_eq!((web.state, web.pid, web.unprivileged, web.autostart), (GuestState::Running, Some(113), Some(true), Some(true)));
    assert_eq!((web.addresses.as_slice(), web.interfaces[0].parent.as_str()), (&["10.0.6.144".to_owned()][..], "vmbr0"));
    assert!(reading.capacity.pools.iter().any(|pool| pool.driver == GuestDriver::Proxmox && pool.name == "local-zfs"));
}

#[test]
fn more_than_there_is_can_be_told_before_it_is_promised() {
    let reading = read(CLASSIC, "MARK");
    let capacity = &reading.capacity;
    assert_eq!(capacity.shortages(&Want { memory_bytes: 1 << 30, cpu_thousandths: 2000, ..Want::default() }), []);
    let total = capacity.memory_total_bytes.expect("memory");
    let much = Want { memory_bytes: total, cpu_thousandths: 2001, disk_bytes: u64::MAX, pool: String::new() };
    let left = total - (64 << 20);
    assert_eq!(
        capacity.shortages(&much),
        [
            Shortage::Memory { wanted: total, left },
            Shortage::Cpu { wanted: 2001, there: 2000 },
            Shortage::Disk { pool: "/var/lib/lxc".to_owned(), wanted: u64::MAX, left: 36_863_928 * 1024 },
        ]
    );
}

#[test]
fn what_fails_is_cut_or_denied_is_said() {
    let text = format!(
        "{MACHINE}\nM = incus -\n/var/lib/incus/unix.socket \n\nM ! 0\n\nM = incus-server -\n{{}}\nM ! 0\n\nM = incus-instances -\n[{{\"name\":\"a\"\nM = incus-images -\n<html>\nM ! 0\n\nM - lxc /var/lib/lxc\n"
    );
    let reading = read(&text, "M");
    let missing: Vec<(Option<GuestDriver>, &str, Why)> =
        reading.missing.iter().map(|one| (one.driver, one.what.as_str(), one.why)).collect();
    assert_eq!(
        missing,
        [
            (Some(GuestDriver::Incus), "images", Why::NotUnderstood),
            (Some(GuestDriver::Incus), "instances", Why::Cut),
            (Some(GuestDriver::Lxc), "/var/lib/lxc", Why::NotAllowed),
            (None, "end", Why::NotAnswered),
        ]
    );
    assert!(!reading.driver(GuestDriver::Incus).expect("incus").socket_is_ours);
    assert!(reading.guests.is_empty());
}
