//! Links that break.

use beffroi_remote::{Remote, RemoteError};

use super::server::{Server, first_line, kill, request};

#[tokio::test]
async fn a_cut_link_is_told() {
    let server = Server::start();
    let remote = server.connect().await;
    let mut process = remote.start(request("echo begun; exec sleep 1105")).await.expect("a process");
    assert_eq!(first_line(process.as_mut()).await, "begun");
    for child in server.children() {
        kill(&child);
    }
    let error = process.next().await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    assert_eq!(process.next().await.expect("the end"), None);
    let error = remote.run(request("true")).await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    assert!(remote.is_closed());
}

#[tokio::test]
async fn a_link_cut_during_a_transfer_is_told_and_leaves_nothing_here() {
    let server = Server::start();
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(server.file("large"), vec![7; 30 << 20]).expect("a file");
    let mut cut = |at: beffroi_remote::Transfer| {
        if at.done > 0 {
            for child in server.children() {
                kill(&child);
            }
        }
    };
    let from = server.file("large").display().to_string();
    let error = remote.get(&from, &folder.path().join("here"), &mut cut).await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("entries").count(), 0);
}

#[tokio::test]
async fn closing_ends_what_runs() {
    let server = Server::start();
    let remote = server.connect().await;
    let mut process = remote.start(request("echo begun; exec sleep 1106")).await.expect("a process");
    first_line(process.as_mut()).await;
    remote.close().await;
    let error = process.next().await.expect_err("an error");
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
}
