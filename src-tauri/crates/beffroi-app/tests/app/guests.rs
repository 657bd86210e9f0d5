//! What hosts tell of their guests: one command for each, kept with its date, sealed under the host's stage.

use std::os::unix::fs::PermissionsExt;

use beffroi_app::{AppError, GuestError, HostOrder, Newness, Presence};
use beffroi_domain::GuestDriver;

use crate::kit::{Ground, Host, STAGE_SECRET, text};

/// How many guests the host says it has.
const GUESTS: usize = 50;

/// A host with programs that answer as those of classic LXC do, which counts the commands that come.
struct Counted {
    host: Host,
    folder: tempfile::TempDir,
}

impl Counted {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().display();
        let script = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("it may run");
        };
        for number in 1..=GUESTS {
            let guest = folder.path().join(format!("guests/g{number:02}"));
            std::fs::create_dir_all(&guest).expect("made");
            std::fs::write(guest.join("config"), "lxc.cgroup2.memory.max = 64M\n").expect("written");
        }
        script("lxc-config", format!("#!/bin/sh\necho {at}/guests\n"));
        let each = "for one in \"$2\"/*; do echo \"STOPPED - - - 0 false ${one##*/}\"; done";
        script(
            "lxc-ls",
            format!("#!/bin/sh\n[ \"$1\" != --version ] || exec echo 6.0.1\n[ \"$2\" = {at}/guests ] || exit 0\necho STATE\n{each}\n"),
        );
        script("came", format!("#!/bin/sh\necho came >>{at}/commands\nexport PATH={at}:$PATH\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n"));
        let host = Host::with(&format!("ForceCommand {at}/came"));
        Self { host, folder }
    }

    fn commands(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("commands")).unwrap_or_default().lines().count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_guests_cost_one_command_and_those_that_are_known_cost_none() {
    let (ground, counted) = (Ground::new(), Counted::start());
    let app = ground.open().await;
    counted.host.join(&app, "srv", "dev").await;
    let never = app.list_guests(Some("srv"), Newness::Stored).await.expect("an answer").pop().expect("a host");
    assert!(never.reading.expect("nothing is wrong").is_none() && never.guests.is_empty() && counted.commands() == 0);

    // The first connection looks what the host is.
    drop(app.list_guests(Some("srv"), Newness::New).await.expect("an answer"));
    let before = counted.commands();
    let read = app.list_guests(Some("srv"), Newness::New).await.expect("an answer").pop().expect("a host");
    assert_eq!(counted.commands() - before, 1, "one round trip");
    assert_eq!(read.guests.len(), GUESTS);
    let promised = read.reading.expect("a reading").expect("it was read").reading.capacity.promised;
    assert_eq!((promised.guests, promised.memory_bytes, promised.without_memory_limit), (50, 50 * (64 << 20), 0));
    assert_eq!((read.guests[0].name.as_str(), read.guests[0].presence), ("srv/g01", Presence::Present));

    let before = counted.commands();
    for newness in [Newness::Young, Newness::Stored] {
        let known = app.list_guests(Some("srv"), newness).await.expect("an answer").pop().expect("a host");
        assert_eq!((known.guests.len(), known.took.is_zero()), (GUESTS, true));
    }
    let shown = app.show_guest("srv/g07", Newness::Young).await.expect("a guest");
    assert_eq!((shown.host.as_str(), shown.guest.guest.expect("it is there").memory_limit_bytes), ("srv", Some(64 << 20)));
    assert_eq!(shown.driver.expect("its driver").driver, GuestDriver::Lxc);
    assert_eq!(counted.commands(), before, "what is young is not read again");
    let missing = app.show_guest("srv/none", Newness::Young).await;
    assert!(matches!(missing, Err(AppError::Guest(GuestError::NotThere { .. }))));
    assert!(matches!(app.show_guest("srv", Newness::Young).await, Err(AppError::Guest(GuestError::NotAGuest { .. }))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_is_sealed_under_the_stage_of_its_host_and_goes_along_with_it() {
    let (ground, counted) = (Ground::with_prod(), Counted::start());
    let app = ground.unsealed().await;
    counted.host.join(&app, "srv", "dev").await;
    let known = async || app.list_guests(Some("srv"), Newness::Stored).await.expect("an answer").pop().expect("a host");
    drop(app.list_guests(Some("srv"), Newness::New).await.expect("an answer"));
    app.set_secret("prod/key", counted.host.key(), Some("prod")).await.expect("a new secret");
    let to_prod = HostOrder { stage: Some("prod".to_owned()), identity: Some("prod/key".to_owned()), ..HostOrder::default() };
    app.edit_host("srv", None, to_prod).await.expect("moved");
    assert_eq!(known().await.guests.len(), GUESTS, "it was sealed anew");
    app.rekey_stage("prod", text(STAGE_SECRET)).await.expect("another key");
    assert_eq!(known().await.guests.len(), GUESTS, "and again");

    app.seal_stage("prod").await.expect("sealed");
    let sealed = known().await;
    assert!(sealed.sealed && sealed.guests.is_empty() && matches!(sealed.reading, Err(AppError::StageSealed { .. })), "{sealed:?}");
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert_eq!((known().await.sealed, known().await.guests.len()), (false, GUESTS));
    app.remove_host("srv").await.expect("removed");
    app.lock_vault().await.expect("locked");
}
