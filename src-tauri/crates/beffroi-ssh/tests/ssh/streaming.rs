//! Input that is written while a command runs, and commands as streams.

use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{Chunk, CommandLine, Limits, Process, Remote, RemoteError};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_ssh::{Sudo, exec_stream};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{Server, first_line, gone, request, run};
use super::sudo::{PASSWORD, asking};

async fn rest(process: &mut dyn Process) -> (Vec<u8>, Exit) {
    let (mut stdout, mut exit) = (Vec::new(), Exit::Unknown);
    while let Some(chunk) = process.next().await.expect("a chunk") {
        match chunk {
            Chunk::Stdout(bytes) => stdout.extend(bytes),
            Chunk::Stderr(bytes) => assert!(bytes.is_empty(), "{bytes:?}"),
            Chunk::Exit(how) => exit = how,
        }
    }
    (stdout, exit)
}

#[tokio::test]
async fn what_is_written_while_it_runs_follows_the_first_input() {
    let server = asking("lecture=yes");
    let plain = server.connect().await;
    let root = plain.elevated(Sudo { password: Some(SecretText::new(PASSWORD.to_owned())) });
    for remote in [&plain, &root] {
        let asked = request("while read -r line; do echo \"got $line\"; done; exit 3");
        let asked = asked.with_stdin(SecretBytes::new(b"first\n".to_vec())).with_open_input();
        let mut process = remote.start(asked).await.expect("a process");
        assert_eq!(first_line(process.as_mut()).await, "got first");
        for word in ["one", "two"] {
            process.write(Bytes::from(format!("{word}\n"))).await.expect("written");
            assert_eq!(first_line(process.as_mut()).await, format!("got {word}"));
        }
        process.write(Bytes::from_static(b"last\n")).await.expect("written");
        process.close_input();
        assert!(matches!(process.write(Bytes::from_static(b"x")).await, Err(RemoteError::InputClosed)));
        assert_eq!(rest(process.as_mut()).await, (b"got last\n".to_vec(), Exit::Status(3)));
    }
}

#[tokio::test]
async fn writing_waits_for_the_reader_and_ends_with_it() {
    let server = Server::start();
    let remote = server.connect().await;
    let mut process = remote.start(request("exec sleep 1141").with_open_input()).await.expect("a process");
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    let mut written = 0;
    // OpenSSH's window is 2 MiB, and its pipe holds some more.
    while written < 64
        && let Ok(done) = tokio::time::timeout(Duration::from_millis(500), process.write(piece.clone())).await
    {
        done.expect("written");
        written += 1;
    }
    assert!((1..16).contains(&written), "{written} MiB were taken that nobody reads");
    // A waiting write stops nobody else.
    assert_eq!(run(&remote, "echo here").await.stdout, b"here\n");
    process.cancel().await;
    assert!(matches!(process.write(piece.clone()).await, Err(RemoteError::InputClosed)));

    let mut deaf = remote.start(request("exit 4").with_open_input()).await.expect("a process");
    let refused = loop {
        if let Err(error) = deaf.write(piece.clone()).await {
            break error;
        }
    };
    assert!(matches!(refused, RemoteError::InputClosed), "{refused}");
    assert_eq!(rest(deaf.as_mut()).await, (Vec::new(), Exit::Status(4)));
    // Never open.
    let mut closed = remote.start(request("cat")).await.expect("a process");
    assert!(matches!(closed.write(piece).await, Err(RemoteError::InputClosed)));
    assert_eq!(rest(closed.as_mut()).await, (Vec::new(), Exit::Status(0)));
}

#[tokio::test]
async fn twenty_megabytes_go_through_a_process_in_pieces() {
    let server = Server::start();
    let remote = server.connect().await;
    let limits = Limits { time: Duration::from_secs(120), ..Limits::default() };
    let mut process = remote.start(request("sha256sum").with_open_input().with_limits(limits)).await.expect("a process");
    let whole: Vec<u8> = (0..=250).cycle().take(20_000_003).collect();
    for piece in whole.chunks(70_001) {
        process.write(Bytes::copy_from_slice(piece)).await.expect("written");
    }
    process.close_input();
    let expected: String = Sha256::digest(&whole).iter().map(|byte| format!("{byte:02x}")).collect();
    let (stdout, exit) = rest(process.as_mut()).await;
    assert_eq!((String::from_utf8(stdout).expect("text"), exit), (format!("{expected}  -\n"), Exit::Status(0)));
}

#[tokio::test]
async fn a_stream_carries_a_protocol_both_ways() {
    let server = asking("lecture=yes language=fr");
    let plain = server.connect().await;
    let root = plain.elevated(Sudo { password: Some(SecretText::new(PASSWORD.to_owned())) });
    for remote in [&plain, &root] {
        let command = CommandLine::new(["sh", "-c", "echo noise >&2; exec cat"]);
        let (mut reader, mut writer) = tokio::io::split(exec_stream(remote, &command).await.expect("a stream"));
        let whole: Vec<u8> = (0..=250).cycle().take(5_000_003).collect();
        let sent = whole.clone();
        let writing = tokio::spawn(async move {
            writer.write_all(&sent).await.expect("written");
            writer.shutdown().await.expect("an end");
            assert!(writer.write_all(b"x").await.is_err());
        });
        let mut read = Vec::new();
        reader.read_to_end(&mut read).await.expect("an end");
        writing.await.expect("a task");
        assert!(read == whole);
    }
}

#[tokio::test]
async fn a_real_sftp_server_answers_on_a_stream_of_root() {
    let server = asking("");
    let root = server.connect().await.elevated(Sudo { password: Some(SecretText::new(PASSWORD.to_owned())) });
    let command = CommandLine::new(["/usr/lib/openssh/sftp-server"]);
    let stream = exec_stream(&root, &command).await.expect("a stream");
    let session = russh_sftp::client::RawSftpSession::new(stream);
    assert_eq!(session.init().await.expect("a version").version, 3);
    let path = server.file("home").display().to_string();
    assert_eq!(session.realpath(path.clone()).await.expect("a path").files.first().map(|file| file.filename.clone()), Some(path));
}

#[tokio::test]
async fn a_dropped_stream_ends_by_itself_or_is_killed() {
    let server = asking("");
    let root = server.connect().await.elevated(Sudo { password: Some(SecretText::new(PASSWORD.to_owned())) });
    let calls = || std::fs::read_to_string(server.file("bin/sudo.called")).expect("calls").matches("-k -S -p").count();
    // The second ignores the end of its input.
    for (script, started) in [("echo $$; exec cat", 1), ("echo $$; exec sleep 1131", 3)] {
        let mut stream = exec_stream(&root, &CommandLine::shell(script)).await.expect("a stream");
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.push(stream.read_u8().await.expect("a byte"));
        }
        drop(stream);
        gone(String::from_utf8(line).expect("text").trim()).await;
        assert_eq!(calls(), started, "{script}");
    }
}

#[tokio::test]
async fn a_stream_that_sudo_refuses_is_an_error_at_its_start() {
    let server = asking("");
    let root = server.connect().await.elevated(Sudo { password: Some(SecretText::new("wrong".to_owned())) });
    let error = exec_stream(&root, &CommandLine::new(["cat"])).await.map(drop).expect_err("an error");
    assert!(matches!(error, RemoteError::SudoRefused { .. }), "{error}");
}
