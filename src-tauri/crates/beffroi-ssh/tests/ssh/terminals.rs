//! Terminals: what is typed and shown, sizes, ends, and what happens when nobody reads.

use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{CommandLine, PtyOutput, PtyRemote, PtyRequest, PtySession, PtySize, RemoteError};
use beffroi_secret::SecretBytes;
use beffroi_ssh::{ConnectLimits, SshRemote};

use super::server::{Server, gone, run};

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize::new(cols, rows).expect("a size")
}

fn request(command: Option<&str>) -> PtyRequest {
    PtyRequest { size: size(80, 24), command: command.map(CommandLine::shell) }
}

async fn open(server: &Server, command: Option<&str>) -> Box<dyn PtySession> {
    server.connect().await.open_pty(request(command)).await.expect("a terminal")
}

async fn type_in(pty: &dyn PtySession, text: &str) {
    pty.write(SecretBytes::new(text.as_bytes().to_vec())).await.expect("typed");
}

/// Reads until something is shown.
async fn shown(pty: &dyn PtySession, what: &str) -> String {
    let mut all = Vec::new();
    loop {
        match pty.read(1 << 16).await.expect("output") {
            PtyOutput::Bytes { bytes, lost } => {
                assert_eq!(lost, 0);
                all.extend(bytes);
            }
            PtyOutput::Ended(exit) => unreachable!("{what:?} was not shown: {exit:?}, {}", String::from_utf8_lossy(&all)),
        }
        let text = String::from_utf8_lossy(&all);
        if text.contains(what) {
            return text.into_owned();
        }
    }
}

/// Reads to the end.
async fn rest(pty: &dyn PtySession) -> (Vec<u8>, Result<Exit, RemoteError>) {
    let mut all = Vec::new();
    loop {
        match pty.read(1 << 16).await {
            Ok(PtyOutput::Bytes { bytes, lost }) => {
                assert_eq!(lost, 0);
                all.extend(bytes);
            }
            Ok(PtyOutput::Ended(exit)) => return (all, Ok(exit)),
            Err(error) => return (all, Err(error)),
        }
    }
}

#[tokio::test]
async fn a_shell_echoes_knows_its_size_and_ends_as_it_says() {
    let server = Server::start();
    let pty = open(&server, None).await;
    type_in(pty.as_ref(), "stty size; echo $TERM $((6*7))\n").await;
    let text = shown(pty.as_ref(), "xterm-256color 42").await;
    assert!(text.contains("24 80") && text.contains("stty size; echo"), "what is typed is echoed: {text:?}");
    pty.resize(size(132, 50)).await.expect("told");
    type_in(pty.as_ref(), "stty size; stty -a; echo end $((6*7))\n").await;
    let text = shown(pty.as_ref(), "end 42").await;
    assert!(text.contains("50 132") && text.contains("erase = ^?") && text.contains(" iutf8"), "{text:?}");
    type_in(pty.as_ref(), "exit 7\n").await;
    assert_eq!(rest(pty.as_ref()).await.1.expect("an end"), Exit::Status(7));
    assert!(matches!(pty.write(SecretBytes::new(b"x".to_vec())).await, Err(RemoteError::InputClosed)));
    assert!(matches!(pty.resize(size(80, 24)).await, Err(RemoteError::InputClosed)));
    pty.close().await;
    pty.close().await;
}

#[tokio::test]
async fn a_signal_is_told_and_control_c_is_one() {
    let server = Server::start();
    let pty = open(&server, Some("kill -TERM $$")).await;
    assert_eq!(rest(pty.as_ref()).await.1.expect("an end"), Exit::Signal("TERM".to_owned()));
    let pty = open(&server, Some("echo go; sleep 1161")).await;
    shown(pty.as_ref(), "go").await;
    type_in(pty.as_ref(), "\u{3}").await;
    let (_, end) = rest(pty.as_ref()).await;
    assert!(matches!(end, Ok(Exit::Signal(ref name)) if name == "INT") || matches!(end, Ok(Exit::Status(130))), "{end:?}");
}

#[tokio::test]
async fn every_byte_comes_as_it_is() {
    let server = Server::start();
    let every = "stty raw -echo; i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %03o $i)\"; i=$((i+1)); done";
    let (bytes, exit) = rest(open(&server, Some(every)).await.as_ref()).await;
    assert_eq!((bytes, exit.expect("an end")), ((0..=255).collect::<Vec<u8>>(), Exit::Status(0)));
    // And what is typed: in raw mode nothing means anything.
    let pty = open(&server, Some("stty raw -echo; echo go; head -c 256 | od -An -v -tu1")).await;
    shown(pty.as_ref(), "go").await;
    pty.write(SecretBytes::new((0..=255).collect())).await.expect("typed");
    let (bytes, _) = rest(pty.as_ref()).await;
    let numbers: Vec<u16> =
        String::from_utf8(bytes).expect("text").split_whitespace().map(|word| word.parse().expect("a number")).collect();
    assert_eq!(numbers, (0..=255).collect::<Vec<u16>>());
}

#[tokio::test]
async fn fifty_megabytes_are_counted_exactly_by_a_reader_who_stops_now_and_then() {
    let server = Server::start();
    let remote = server.connect().await;
    let pty = remote.open_pty(request(Some("stty -onlcr; yes | head -c 52428800"))).await.expect("a terminal");
    let (mut count, mut reads) = (0_usize, 0);
    let exit = loop {
        match pty.read(1 << 16).await.expect("output") {
            PtyOutput::Ended(exit) => break exit,
            PtyOutput::Bytes { bytes, lost } => {
                assert_eq!(lost, 0);
                assert!(bytes.iter().enumerate().all(|(at, byte)| *byte == if (count + at) % 2 == 0 { b'y' } else { b'\n' }));
                count += bytes.len();
            }
        }
        reads += 1;
        if reads % 200 == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    assert_eq!((count, exit), (52_428_800, Exit::Status(0)));
    assert_eq!(run(&remote, "echo here").await.stdout, b"here\n");
}

#[tokio::test]
async fn who_does_not_read_blocks_nobody_for_long_and_is_told_what_is_missing() {
    let server = Server::start();
    let remote = server.connect().await;
    let pty = remote.open_pty(request(Some("stty -onlcr; echo begun; yes | head -c 20000000"))).await.expect("a terminal");
    shown(pty.as_ref(), "begun").await;
    // It has to wait until the reader is held to be gone, and is then answered.
    assert_eq!(run(&remote, "echo here").await.stdout, b"here\n");
    pty.ended().await;
    let (mut count, mut missing, mut pieces) = (0, 0, 0);
    while let PtyOutput::Bytes { bytes, lost } = pty.read(1 << 16).await.expect("output") {
        count += bytes.len();
        missing += lost;
        pieces += usize::from(lost > 0);
    }
    assert!(count <= 256 << 10, "what waits is bounded: {count}");
    assert_eq!(pieces, 1, "it is missing at one place");
    assert!((20_000_000 - (256 << 10)..=20_000_006).contains(&(count as u64 + missing)), "{count} and {missing}");
}

#[tokio::test]
async fn a_dropped_or_closed_terminal_hangs_up_on_what_runs_there() {
    let server = Server::start();
    let remote = server.connect().await;
    for drop_it in [true, false] {
        let pty = remote.open_pty(request(Some("echo pid $$ .; exec sleep 1162"))).await.expect("a terminal");
        let text = shown(pty.as_ref(), " .").await;
        let pid = text.split_whitespace().nth(1).expect("a number").to_owned();
        if drop_it {
            drop(pty);
        } else {
            pty.close().await;
            assert!(matches!(pty.read(10).await, Ok(PtyOutput::Ended(_))));
        }
        gone(&pid).await;
    }
    // Their channels are given back: more than there are at once.
    for _ in 0..20 {
        let pty = remote.open_pty(request(Some("echo go; exec sleep 1163"))).await.expect("a terminal");
        shown(pty.as_ref(), "go").await;
    }
    assert_eq!(run(&remote, "echo here").await.stdout, b"here\n");
}

#[tokio::test]
async fn a_cut_link_is_told_to_reader_and_writer() {
    let server = Server::start();
    let pty = open(&server, None).await;
    type_in(pty.as_ref(), "echo go $((6*7))\n").await;
    shown(pty.as_ref(), "go 42").await;
    server.cut();
    let end = rest(pty.as_ref()).await.1;
    assert!(matches!(end, Err(RemoteError::LinkLost { .. })), "{end:?}");
    assert!(matches!(pty.write(SecretBytes::new(b"x".to_vec())).await, Err(RemoteError::InputClosed)));
    assert!(matches!(pty.read(10).await, Err(RemoteError::LinkLost { .. })), "it stays so");
}

#[tokio::test]
async fn a_host_without_terminals_says_so() {
    let server = Server::with("PermitTTY no");
    let error = server.connect().await.open_pty(request(None)).await.map(drop).expect_err("an error");
    assert!(matches!(&error, RemoteError::Refused { reason } if reason.contains("terminal")), "{error}");
}

#[tokio::test]
async fn what_nobody_reads_there_makes_the_writer_wait_and_typing_goes_on_after() {
    let server = Server::start();
    let remote = server.connect().await;
    let pty = remote.open_pty(request(Some("stty raw -echo; echo go; exec sleep 1164"))).await.expect("a terminal");
    shown(pty.as_ref(), "go").await;
    let piece = || SecretBytes::new(vec![b'x'; 64 << 10]);
    let mut written = 0;
    while written < 1024
        && let Ok(done) = tokio::time::timeout(Duration::from_millis(500), pty.write(piece())).await
    {
        done.expect("typed");
        written += 1;
    }
    assert!(written < 200, "{written} pieces of 64 KiB were taken that nobody reads");
    assert_eq!(run(&remote, "echo here").await.stdout, b"here\n", "it stops nobody else");
    tokio::time::timeout(Duration::from_secs(20), pty.close()).await.expect("it closes all the same");
}

#[test]
fn sizes_have_limits() {
    for (cols, rows, fits) in [(1, 1, true), (1000, 1000, true), (0, 24, false), (80, 0, false), (1001, 24, false), (80, u16::MAX, false)] {
        assert_eq!(PtySize::new(cols, rows).is_some(), fits, "{cols}×{rows}");
    }
}

#[tokio::test]
async fn a_terminal_behind_another_host_is_a_terminal() {
    let (bastion, server) = (Server::start(), Server::start());
    let target = server.target(server.key("id_ed25519"));
    let behind = SshRemote::connect(Some(&bastion.connect().await), &target, ConnectLimits::default()).await.expect("a connection");
    let pty = behind.open_pty(request(None)).await.expect("a terminal");
    type_in(pty.as_ref(), "stty -echo size; echo at $((6*7))\n").await;
    let text = shown(pty.as_ref(), "at 42").await;
    assert!(text.contains("24 80"), "{text:?}");
    pty.resize(size(100, 40)).await.expect("told");
    // More than waits to be read: nothing of it is lost.
    type_in(pty.as_ref(), "stty size; seq 60000\n").await;
    let text = shown(pty.as_ref(), "\r\n60000\r\n").await;
    assert!(text.contains("40 100") && text.lines().filter(|line| line.trim().parse::<u32>().is_ok()).count() >= 60_000);
    type_in(pty.as_ref(), "exit 7\n").await;
    assert_eq!(rest(pty.as_ref()).await.1.expect("an end"), Exit::Status(7));

    // The way breaks under it.
    let pty = behind.open_pty(request(Some("echo $$; exec sleep 1161"))).await.expect("a terminal");
    let pid = shown(pty.as_ref(), "\n").await;
    bastion.cut();
    let (_, end) = rest(pty.as_ref()).await;
    assert!(matches!(end, Err(RemoteError::LinkLost { .. })), "{end:?}");
    gone(pid.trim()).await;
}
