//! Links that break.

use beffroi_remote::{CopyOptions, Remote, RemoteError};

use super::server::{Server, first_line, kill, request};

#[tokio::test]
async fn a_cut_link_is_told() {
    let server = Server::start();
    let remote = server.connect().await;
    let mut process = remote.start(request("echo $$; exec sleep 1105")).await.expect("a process");
    let pid = first_line(process.as_mut()).await;
    server.cut();
    let error = process.next().await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    assert_eq!(process.next().await.expect("the end"), None);
    let error = remote.run(request("true")).await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    assert!(remote.is_closed());
    // A cut link ends nothing on the host.
    kill(&pid);
}

#[tokio::test]
async fn a_link_cut_during_a_transfer_is_told_and_leaves_nothing_here() {
    let server = Server::start();
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(server.file("large"), vec![7; 30 << 20]).expect("a file");
    let mut cut = |at: beffroi_remote::Transfer| {
        if at.done > 0 {
            server.cut();
        }
    };
    let from = server.file("large").display().to_string();
    let error = remote.get(&from, &folder.path().join("here"), &CopyOptions::default(), &mut cut).await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("entries").count(), 0);
}

#[tokio::test]
async fn closing_cuts_off_what_runs() {
    let server = Server::start();
    let remote = server.connect().await;
    let mut process = remote.start(request("echo $$; exec sleep 1106")).await.expect("a process");
    let pid = first_line(process.as_mut()).await;
    remote.close().await;
    let error = process.next().await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    kill(&pid);
}
