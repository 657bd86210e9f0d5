//! Hosts and guests that lie, and the probe in every shell that it may meet.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use beffroi_domain::GuestDriver;
use beffroi_lxc::model::{MOST_ENTRIES, MOST_GUESTS};
use beffroi_lxc::{GuestState, probe, reading};
use beffroi_remote::LocalRemote;
use proptest::prelude::*;

const CLASSIC: &str = include_str!("../../../../tests/fixtures/guests/lxc/probe.txt");
const INCUS: &str = include_str!("../../../../tests/fixtures/guests/incus/instances.json");

fn program(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("made a program");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_probe_speaks_to_every_shell_and_lets_no_value_out() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};

    let folder = tempfile::tempdir().expect("a folder");
    let (bin, lxc) = (folder.path().join("bin"), folder.path().join("lxc"));
    for name in ["a b", "web"] {
        fs::create_dir_all(lxc.join(name).join("rootfs/etc")).expect("made");
        fs::write(lxc.join(name).join("rootfs/etc/os-release"), "NAME=x\nID=alpine\nVERSION_ID=3.20\n").expect("written");
        let root = lxc.join(name).join("rootfs");
        let config = format!(
            "lxc.include = {0}/common.conf\nlxc.rootfs.path = dir:{1}\nlxc.environment = TOKEN=s3cret=two\nlxc.environment=OTHER\n# Parameters passed to the template: s3cret\n",
            lxc.display(),
            root.display()
        );
        fs::write(lxc.join(name).join("config"), config).expect("written");
    }
    fs::write(lxc.join("common.conf"), "lxc.arch = arm64\nlxc.include = /nowhere/\n").expect("written");
    // A guest may have put anything where its distribution is told.
    fs::remove_file(lxc.join("web/rootfs/etc/os-release")).expect("removed");
    std::os::unix::fs::symlink("/etc/shadow", lxc.join("web/rootfs/etc/os-release")).expect("linked");
    fs::create_dir(&bin).expect("made");
    program(&bin, "lxc-config", &format!("#!/bin/sh\necho {}\n", lxc.display()));
    program(
        &bin,
        "lxc-ls",
        "#!/bin/sh\n[ \"$1\" = --version ] && { echo 6.0.1; exit; }\n[ \"$2\" = \"${0%/bin/*}/lxc\" ] || exit 0\nprintf 'STATE PID RAM SWAP AUTOSTART UNPRIVILEGED NAME\\nSTOPPED - - - 1 true a b \\nFROZEN 999999999 1.50MB 0.00MB 0 true web \\n'\n",
    );
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
    let shells = [&["dash"][..], &["bash"], &["busybox", "ash"]];
    for shell in shells {
        // No monitor of theirs runs, and no socket says otherwise.
        let remote = LocalRemote::new(folder.path()).with_shell(shell).with_variable("PATH", &path);
        let reading = probe(&remote).await.expect("an answer");
        let told: Vec<_> = reading.guests.iter().map(|guest| (guest.name.as_str(), guest.state, guest.autostart)).collect();
        assert_eq!(told, [("a b", GuestState::Stopped, Some(false)), ("web", GuestState::Stopped, Some(false))], "{shell:?}");
    }
    // One that listens and is not seen to run: LXC itself is asked.
    let name = format!("{}/web/command", lxc.display());
    let _held = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).expect("a name")).expect("bound");
    for shell in shells {
        let remote = LocalRemote::new(folder.path()).with_shell(shell).with_variable("PATH", &path);
        let reading = probe(&remote).await.expect("an answer");
        let driver = reading.driver(GuestDriver::Lxc).expect("lxc");
        assert_eq!((driver.version.as_str(), driver.paths[0].as_str()), ("6.0.1", lxc.to_str().expect("text")), "{shell:?}");
        let of = |name: &str| reading.guest(GuestDriver::Lxc, "", name).expect("the guest").clone();
        let one = of("a b");
        assert_eq!(
            (one.state, one.autostart, one.os.as_deref(), one.os_release.as_deref()),
            (GuestState::Stopped, Some(true), Some("alpine"), Some("3.20"))
        );
        assert_eq!(
            (one.architecture.as_deref(), one.environment.as_slice()),
            (Some("aarch64"), &["OTHER".to_owned(), "TOKEN".to_owned()][..])
        );
        assert_eq!((of("web").os, of("web").memory_used_bytes), (None, Some(3 << 19)));
        assert!(reading.capacity.cores.is_some() && reading.capacity.memory_total_bytes.is_some() && reading.clock_seconds.is_some());
        assert!(!serde_json::to_string(&reading).expect("JSON").contains("s3cret"));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_anybody_could_have_named_is_not_loaded() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};

    let folder = tempfile::tempdir().expect("a folder");
    let (bin, theirs) = (folder.path().join("bin"), folder.path().join("theirs"));
    fs::create_dir_all(&bin).expect("made");
    fs::create_dir_all(theirs.join("web")).expect("made");
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o777)).expect("anybody writes there");
    // The name under which a container that runs in such a folder would listen.
    let name = format!("{}/web/command", theirs.display());
    let _held = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).expect("a name")).expect("bound");
    program(&bin, "lxc-config", "#!/bin/sh\necho /nowhere\n");
    program(&bin, "lxc-ls", "#!/bin/sh\necho \"$*\" >>\"${0%/bin/*}/loaded\"\n");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
    let reading = probe(&LocalRemote::new(folder.path()).with_variable("PATH", &path)).await.expect("an answer");
    let loaded = fs::read_to_string(folder.path().join("loaded")).expect("its version was asked");
    assert!(loaded.contains("--version") && !loaded.contains("theirs"), "{loaded}");
    assert!(reading.driver(GuestDriver::Lxc).expect("lxc").paths.iter().all(|path| !path.contains("theirs")));
}

#[tokio::test]
async fn a_host_without_guests_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let remote = LocalRemote::new(folder.path());
    let reading = probe(&remote).await.expect("an answer");
    assert!(reading.missing.iter().all(|missing| missing.what != "end"), "{:?}", reading.missing);
}

#[test]
fn terminal_sequences_are_not_kept_and_lists_are_bounded() {
    let mut snapshots = String::new();
    for number in 0..2 * MOST_ENTRIES {
        snapshots.push_str(&format!("{}{{\"name\":\"s{number}\"}}", if number == 0 { "" } else { "," }));
    }
    let instances =
        format!("[{{\"name\":\"\\u001b[31mweb\\u202e\",\"description\":\"{}\",\"snapshots\":[{snapshots}]}}]", "x".repeat(20_000));
    let text = format!("\nM = incus -\n/s 1\n\nM ! 0\n\nM = incus-instances -\n{instances}\nM ! 0\n\nM .\n");
    let found = reading(text.as_bytes(), "M").expect("an answer");
    let guest = found.guests.first().expect("a guest");
    assert_eq!((guest.name.as_str(), guest.snapshots.len()), ("web", MOST_ENTRIES));
    assert_eq!(guest.description.as_ref().map(String::len), Some(4096));

    let mut list = String::from("STATE PID RAM SWAP AUTOSTART UNPRIVILEGED NAME\n");
    for number in 0..2 * MOST_GUESTS {
        list.push_str(&format!("STOPPED - - - 0 false g{number}\n"));
    }
    let text = format!("\nM = lxc /l\n1\n\nM ! 0\n\nM = lxc-list /l\n{list}\nM ! 0\n\nM .\n");
    assert!(reading(text.as_bytes(), "M").expect("an answer").guests.len() <= MOST_GUESTS);
    // JSON that is deeper than any answer.
    let deep = format!("\nM = incus -\n/s 1\n\nM ! 0\n\nM = incus-instances -\n{}\nM ! 0\n\nM .\n", "[".repeat(100_000));
    assert!(reading(deep.as_bytes(), "M").expect("an answer").guests.is_empty());
    // Files that include one another.
    let circle = "\nM = lxc /l\n1\n\nM ! 0\n\nM = lxc-list /l\nh\nSTOPPED - - - 0 false g\n\nM ! 0\n\nM = lxc-config /l\n:/l/g/config\n lxc.include = /l/g/config\n lxc.include = /l/g/config\n\nM ! 0\n";
    assert_eq!(reading(circle.as_bytes(), "M").expect("an answer").guests.len(), 1);
}

proptest! {
    #[test]
    fn what_is_changed_by_chance_is_read_without_harm(at in 0usize..6000, bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        for whole in [CLASSIC.to_owned(), format!("\nMARK = lxd -\n/s 1\n\nMARK ! 0\n\nMARK = lxd-instances -\n{INCUS}\nMARK ! 0\n")] {
            let mut text = whole.into_bytes();
            let at = at.min(text.len());
            let end = (at + bytes.len()).min(text.len());
            text.splice(at..end, bytes.clone());
            if let Some(reading) = reading(&text, "MARK") {
                prop_assert!(reading.guests.iter().all(|guest| !guest.name.contains(char::is_control)));
            }
        }
    }
}

#[test]
fn a_name_of_which_nothing_can_be_shown_is_no_guest() {
    let list = "STATE PID RAM SWAP AUTOSTART UNPRIVILEGED NAME\nSTOPPED - - - 0 false \0\0\nSTOPPED - - - 0 false web\n";
    let told = format!("\nMARK = lxc /var/lib/lxc\n5.0.2\n\nMARK ! 0\n\nMARK = lxc-list /var/lib/lxc\n{list}\nMARK ! 0\n\nMARK .\n");
    let names: Vec<String> = reading(told.as_bytes(), "MARK").expect("it is whole").guests.into_iter().map(|guest| guest.name).collect();
    assert_eq!(names, ["web"]);
}
