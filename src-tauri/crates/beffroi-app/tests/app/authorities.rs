//! Authorities of a `known_hosts` file, and the hosts for which they are.

use std::fs;

use beffroi_app::{App, AppError, HostOrder, KnownHostsImport};
use beffroi_remote::RemoteError;

use crate::kit::{Ground, Host, run_on};

async fn import(app: &App, ground: &Ground, lines: &str) -> KnownHostsImport {
    let file = ground.root().join("known");
    fs::write(&file, lines).expect("written");
    app.import_known_hosts(&file, None, false).await.expect("read")
}

async fn patterns(app: &App, host: &str) -> Vec<Vec<String>> {
    app.host(host).await.expect("it is there").0.record.authorities.into_iter().map(|known| known.patterns).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_is_for_the_addresses_of_its_patterns_as_long_as_a_host_has_one() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    app.set_secret("dev/key", host.key(), None).await.expect("a new secret");
    for name in ["one", "two"] {
        let order = HostOrder { trust: Vec::new(), ..host.as_new("dev", "dev/key") };
        app.add_host(name, order).await.expect("a new host");
    }
    let (ca, port) = (host.authority(), host.port);
    let nothing = import(&app, &ground, &format!("@cert-authority 127.*,!127.0.0.? {ca}\n@cert-authority [127.0.0.1]:1 {ca}\n")).await;
    assert_eq!((nothing.hosts.len(), nothing.unused), (0, 2), "{nothing:?}");

    let line = format!("@cert-authority 127.0.0.*,!127.0.0.9 {ca}\n");
    let brought = import(&app, &ground, &line).await;
    let hosts: Vec<_> = brought.hosts.iter().map(|found| (found.host.as_str(), found.authorities.len())).collect();
    assert_eq!(hosts, [("one", 1), ("two", 1)]);
    assert_eq!(patterns(&app, "one").await, [["127.0.0.*", "!127.0.0.9"]]);
    assert!(import(&app, &ground, &line).await.hosts.is_empty(), "nothing new");
    assert_eq!(run_on(&app, "one", "echo on").await.expect("its certificate vouches for it"), "on");

    // At another address the same authority says nothing, whatever the host is called here.
    for rename in [None, Some("127.0.0.1")] {
        let moved = HostOrder { address: Some("localhost".to_owned()), ..HostOrder::default() };
        app.edit_host("one", rename, moved).await.expect("changed");
        let refused = run_on(&app, rename.unwrap_or("one"), "echo on").await;
        assert!(matches!(refused, Err(AppError::Remote(RemoteError::HostKeyUnknown { .. }))), "{refused:?}");
    }
    drop(import(&app, &ground, &format!("@cert-authority [local*]:{port} {ca}\n")).await);
    assert_eq!(
        patterns(&app, "127.0.0.1").await,
        [vec!["127.0.0.*".to_owned(), "!127.0.0.9".to_owned()], vec![format!("[local*]:{port}")]]
    );
    assert_eq!(run_on(&app, "127.0.0.1", "echo on").await.expect("it vouches again"), "on");

    // Out as they came in, each once; hashed, for the hosts for which they are.
    let (plain, hashed) = (ground.root().join("plain"), ground.root().join("hashed"));
    let only_authorities = |path: &std::path::Path| {
        let text = fs::read_to_string(path).expect("a file");
        text.lines().filter_map(|line| line.strip_prefix("@cert-authority ")?.split(' ').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    app.export_known_hosts(&plain, None, false).await.expect("written");
    assert_eq!(only_authorities(&plain), ["127.0.0.*,!127.0.0.9".to_owned(), format!("[local*]:{port}")]);
    app.export_known_hosts(&hashed, None, true).await.expect("written");
    let names = only_authorities(&hashed);
    assert!(names.len() == 2 && names.iter().all(|name| name.starts_with("|1|")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_keys_than_a_host_can_have_change_nothing() {
    let ground = Ground::new();
    let app = ground.open().await;
    let key = format!("ssh-ed25519 {}", "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");
    let lines: String = (0..65).map(|number| format!("@cert-authority 192.0.2.1,number-{number} {key}\n")).collect();
    let brought = import(&app, &ground, &lines).await;
    assert!(brought.hosts.iter().all(|host| matches!(host.error, Some(AppError::InvalidRequest { .. }))), "{brought:?}");
    assert_eq!((brought.hosts.len(), patterns(&app, "web-1").await.len()), (2, 0));
}
