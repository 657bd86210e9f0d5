//! Files copied to and from a host, and copies that are cancelled.

use std::fs;
use std::path::Path;

use beffroi_app::{App, AppError, CopiedFiles, CopyOrder};
use beffroi_remote::{CopyOptions, Transfer};

use crate::kit::{Ground, Host, run_on, until};

const MIB: u64 = 1 << 20;
const SIZE: u64 = 48 * MIB;

/// A vault with one real host, and a file that takes a while.
async fn ground() -> (Ground, Host, App, std::path::PathBuf) {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "web", "dev").await;
    let from = ground.root().join("large");
    let content: Vec<u8> = (0..SIZE as u32 / 4).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    fs::write(&from, content).expect("written");
    (ground, host, app, from)
}

fn order(remote: &str, resume: bool) -> CopyOrder {
    let options = CopyOptions { resume, ..CopyOptions::default() };
    CopyOrder { host: "web".to_owned(), remote: remote.to_owned(), options, name: Some("mine".to_owned()), ..CopyOrder::default() }
}

/// Copies, and cancels the copies of a name once a few mebibytes are there.
async fn copy(app: &App, up: bool, local: &Path, order: &CopyOrder, cancel: Option<&str>) -> Result<CopiedFiles, AppError> {
    let mut progress = |at: Transfer| {
        if let Some(name) = cancel.filter(|_| at.done > 6 * MIB) {
            app.cancel_copy(name).expect("a vault is open");
        }
    };
    if up { app.put(local, order, &mut progress).await } else { app.get(local, order, &mut progress).await }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_copy_says_so_and_leaves_nothing() {
    let (ground, host, app, from) = ground().await;
    let (there, here) = (host.home().join("there"), ground.root().join("here"));
    let remote = there.join("large").display().to_string();
    fs::create_dir(&there).expect("a folder");
    fs::create_dir(&here).expect("a folder");
    let refused = copy(&app, true, &from, &order(&remote, false), Some("mine")).await;
    assert!(matches!(refused, Err(AppError::CopyCancelled)), "{refused:?}");
    until("the part is removed on the host", async || names(&there).is_empty()).await;

    // Another's name, and one of which nothing goes on: nothing happens.
    let done = copy(&app, true, &from, &order(&remote, false), Some("another's")).await.expect("copied");
    assert_eq!((done.copied.bytes, names(&there)), (SIZE, vec!["large".to_owned()]));
    app.cancel_copy("mine").expect("done");

    let refused = copy(&app, false, &here.join("large"), &order(&remote, false), Some("mine")).await;
    assert!(matches!(refused, Err(AppError::CopyCancelled)), "{refused:?}");
    assert_eq!(names(&here), Vec::<String>::new());
    // The connection goes on, and the name can be used again.
    assert_eq!(run_on(&app, "web", "echo on").await.expect("it runs"), "on");
    drop(copy(&app, false, &here.join("large"), &order(&remote, false), None).await.expect("copied"));
    assert!(fs::read(here.join("large")).expect("a file") == fs::read(&from).expect("a file"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_copy_is_gone_on_with_where_that_was_asked() {
    let (ground, host, app, from) = ground().await;
    for up in [true, false] {
        let folder = if up { host.home().join("there") } else { ground.root().join("here") };
        fs::create_dir(&folder).expect("a folder");
        let local = if up { from.clone() } else { folder.join("large") };
        let remote = host.home().join(if up { "there/large" } else { "there/whole" }).display().to_string();
        let refused = copy(&app, up, &local, &order(&remote, true), Some("mine")).await;
        assert!(matches!(refused, Err(AppError::CopyCancelled)), "{refused:?}");
        let left = names(&folder);
        assert!(left.len() == 1 && left[0].starts_with("large.beffroi-part-"), "{left:?}");
        let done = copy(&app, up, &local, &order(&remote, true), None).await.expect("copied");
        assert!(done.copied.resumed >= 4 * MIB && done.copied.resumed < SIZE && done.copied.verified, "{done:?}");
        assert_eq!(names(&folder), ["large"]);
        fs::rename(folder.join("large"), folder.join("whole")).expect("renamed");
    }
    assert!(fs::read(ground.root().join("here/whole")).expect("a file") == fs::read(&from).expect("a file"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_did_not_connect_yet_is_cancelled_too() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    // It takes the connection, and never says a word.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let mut new = host.as_new("dev", "acme/key");
    new.port = Some(silent.local_addr().expect("an address").port());
    app.add_host("web", new).await.expect("a new host");
    let order = order("x", false);
    let nothing = &mut |_: Transfer| {};
    let cancel = async {
        drop(tokio::task::spawn_blocking(move || silent.accept()).await);
        app.cancel_copy("mine").expect("a vault is open");
    };
    let (refused, ()) = tokio::join!(app.put(Path::new("/etc/hostname"), &order, nothing), cancel);
    assert!(matches!(refused, Err(AppError::CopyCancelled)), "{refused:?}");
}
