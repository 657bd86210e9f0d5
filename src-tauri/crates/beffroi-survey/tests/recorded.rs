//! Answers recorded on a Debian with systemd, as root and as a user, on a BusyBox and on one that OpenRC starts.

mod common;

use beffroi_survey::facts::{Listener, Password, Protocol, SudoMember};
use beffroi_survey::{Area, Diffs, Facts, Missing, Severity, diff};
use common::Scripted;

async fn recorded(sections: &str) -> Facts {
    Scripted::probe(sections).facts().await
}

async fn debian() -> Facts {
    recorded(include_str!("fixtures/debian-root.txt")).await
}

#[tokio::test]
async fn a_debian_as_root_tells_everything() {
    let facts = debian().await;
    assert_eq!((facts.os_id.as_deref(), facts.os_version.as_deref()), (Some("debian"), Some("12")));
    assert_eq!((facts.virtualisation.as_deref(), facts.init.as_deref()), (Some("lxc"), Some("systemd")));
    assert_eq!((facts.user.as_deref(), facts.uid), (Some("root"), Some(0)));
    assert!(facts.clock_seconds.is_some() && facts.clock_nanoseconds.is_some());
    assert_eq!(facts.utc_offset_minutes, Some(0));
    assert_eq!(facts.resolvers.as_deref(), Some(&["192.0.2.53".to_owned()][..]));
    let disks = facts.disks.as_ref().expect("disks");
    assert_eq!((disks.len(), disks[0].mount.as_str(), disks[0].kind.as_str()), (1, "/", "overlay"));
    assert_eq!((facts.disk_total_bytes, facts.inodes_used), (Some(disks[0].total_bytes), Some(disks[0].inodes_used)));
    assert_eq!(facts.interfaces.as_ref().expect("interfaces")[0].addresses, ["127.0.0.1/8", "::1/128"]);

    let ssh = |address: &str| Listener { protocol: Protocol::Tcp, address: address.to_owned(), port: 22, process: Some("sshd".to_owned()) };
    let listeners = facts.listeners.as_ref().expect("listeners");
    assert!(listeners.contains(&ssh("0.0.0.0")) && listeners.contains(&ssh("::")), "{listeners:?}");
    assert_eq!(facts.failed_services.as_deref(), Some(&["broken.service".to_owned()][..]));
    let timers = facts.timers.as_ref().expect("timers");
    assert!(timers.iter().any(|timer| timer.active) && timers.iter().any(|timer| !timer.active));
    assert_eq!(facts.upgrades.as_ref().map(|upgrades| upgrades.packages.len()), Some(0));
    let reboot = facts.reboot.as_ref().expect("known");
    assert_eq!((reboot.required, reboot.packages.as_slice()), (true, &["linux-image-amd64".to_owned()][..]));
}

#[tokio::test]
async fn a_debian_as_root_tells_who_can_get_in() {
    let facts = debian().await;
    let accounts = facts.accounts.as_ref().expect("accounts");
    let anna = accounts.iter().find(|account| account.name == "anna").expect("anna");
    assert_eq!((anna.groups.as_slice(), anna.password), (&["anna".to_owned(), "sudo".to_owned()][..], Some(Password::Locked)));
    let sudo = facts.sudo.as_ref().expect("sudo");
    assert!(sudo.members.contains(&SudoMember { group: "sudo".to_owned(), account: "anna".to_owned() }));
    let free: Vec<_> = sudo.rules.as_ref().expect("rules").iter().filter(|rule| rule.no_password).map(|rule| rule.rule.as_str()).collect();
    assert_eq!(free, ["ops ALL=(ALL:ALL) NOPASSWD: ALL"]);
    let [key] = facts.authorized_keys.as_deref().expect("keys") else { unreachable!("one key") };
    assert_eq!((key.account.as_str(), key.options.as_str()), ("anna", "from=\"192.0.2.0/24\",no-pty"));
    assert_eq!((key.comment.as_str(), key.file.as_str()), ("anna@laptop", "/home/anna/.ssh/authorized_keys"));
    assert!(key.fingerprint.starts_with("SHA256:") && key.fingerprint.len() == 50);
    assert_eq!(facts.host_keys.as_ref().map(Vec::len), Some(3));
    let sshd = facts.sshd.as_ref().expect("settings");
    assert_eq!(
        (sshd["permitrootlogin"].as_str(), sshd["x11forwarding"].as_str(), sshd["port"].as_str()),
        ("prohibit-password", "yes", "22")
    );
    assert!(facts.cron.as_ref().expect("cron").iter().any(|entry| entry.account == "anna" && entry.schedule == "*/5 * * * *"));
    let certificates = facts.certificates.as_ref().expect("certificates");
    let [first, second] = certificates.as_slice() else { unreachable!("two: {certificates:?}") };
    assert_eq!((first.subject.as_str(), first.issuer.as_str()), ("a.example", "a.example"));
    assert_eq!(first.names, ["a.example", "www.a.example"]);
    assert_eq!(first.not_after_seconds - first.not_before_seconds, 90 * 86_400);
    assert_eq!((first.fingerprint.as_str(), second.path.as_str()), (second.fingerprint.as_str(), "/etc/ssl/b.pem"));
    // The probe's own keys and the machine id are not kept as they came.
    let stored = serde_json::to_string(&facts).expect("JSON");
    assert!(!stored.contains("AAAAC3Nza") && !stored.contains("BEGIN CERTIFICATE"));
    assert_eq!(facts.missing, [(Area::Firewall, Missing::NoTool)].into());
}

#[tokio::test]
async fn a_user_sees_less_and_is_told_what() {
    let (facts, root) = (recorded(include_str!("fixtures/debian-user.txt")).await, debian().await);
    assert_eq!((facts.user.as_deref(), facts.uid.is_some_and(|uid| uid > 0)), (Some("anna"), true));
    for area in [Area::Sudo, Area::AuthorizedKeys, Area::Cron, Area::Certificates, Area::Firewall, Area::Sshd] {
        assert_eq!(facts.missing.get(&area), Some(&Missing::NotReadable), "{area:?}");
    }
    assert_eq!(facts.missing.get(&Area::Packages), Some(&Missing::NotAsked));
    assert_eq!(facts.sudo.as_ref().expect("members").rules, None);
    assert_eq!(facts.authorized_keys, root.authorized_keys, "her own");
    assert!(facts.listeners.expect("listeners").iter().all(|listener| listener.process.is_none()));
    assert!(facts.accounts.expect("accounts").iter().all(|account| account.password.is_none()));
    // What a user cannot see is not told as gone, nor as new the other way round.
    let user = recorded(include_str!("fixtures/debian-user.txt")).await;
    for (before, after) in [(&root, &user), (&user, &root)] {
        let told = diff(before, after, Diffs::default());
        assert!(told.iter().all(|difference| difference.severity != Severity::Security), "{told:?}");
    }
}

#[tokio::test]
async fn a_busybox_tells_what_it_can() {
    for (sections, services) in [(include_str!("fixtures/busybox.txt"), Some(Missing::NoTool)), (include_str!("fixtures/openrc.txt"), None)]
    {
        let facts = recorded(sections).await;
        assert_eq!((facts.os_id.as_deref(), facts.virtualisation.as_deref()), (Some("busybox"), Some("lxc")));
        assert!(facts.clock_seconds.is_some() && facts.clock_nanoseconds.is_none(), "its date has no fraction");
        assert!(facts.kernel.is_some() && facts.cpus.is_some() && facts.memory_available_bytes.is_some() && facts.disks.is_some());
        assert_eq!(facts.accounts.as_ref().map(Vec::len), Some(1));
        assert_eq!(facts.missing.get(&Area::Services), services.as_ref());
        assert_eq!(facts.failed_services.is_some(), services.is_none());
        assert_eq!(facts.missing.get(&Area::Packages), Some(&Missing::NoTool));
        assert_eq!(facts.missing.get(&Area::Listeners), None);
    }
    let facts = recorded(include_str!("fixtures/busybox.txt")).await;
    let listeners = facts.listeners.expect("listeners");
    assert_eq!(listeners, [Listener { protocol: Protocol::Tcp, address: "::".to_owned(), port: 8023, process: None }]);
}

#[tokio::test]
async fn what_an_earlier_version_stored_still_reads() {
    let old = r#"{"hostname":"ynh1","os_id":"debian","os_version":"12","os_name":"Debian","kernel":"6.1","architecture":"x86_64",
        "uptime_seconds":5,"load":[0.1,0.2,0.3],"cpus":2,"memory_total_bytes":1,"memory_available_bytes":1,"swap_total_bytes":0,
        "swap_free_bytes":0,"disk_total_bytes":9,"disk_used_bytes":3,"inodes_total":9,"inodes_used":1,"virtualisation":"kvm","user":"root",
        "uid":0,"clock_seconds":7,"python3":"/usr/bin/python3","yunohost":null}"#;
    let old: Facts = serde_json::from_str(old).expect("facts");
    assert_eq!((old.hostname.as_deref(), old.disk_used_bytes, old.authorized_keys.as_ref()), (Some("ynh1"), Some(3), None));
    let told = diff(&old, &debian().await, Diffs::default());
    assert!(told.iter().all(|difference| difference.severity == Severity::Change), "what was not asked then is not new: {told:?}");
}
