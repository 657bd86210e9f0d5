//! Commands: streams, ends, limits, many at once.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{Chunk, Limits, Remote, RemoteError};
use beffroi_secret::SecretBytes;
use beffroi_ssh::SshRemote;

use super::server::{Server, first_line, for_at_most, gone, kill, request, run};

#[tokio::test]
async fn streams_are_apart_and_ends_are_told() {
    let server = Server::start();
    let remote = server.connect().await;
    let output = run(&remote, "printf 'a\\0\\377'; printf 'b' >&2; exit 7").await;
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice(), output.cut), (&b"a\0\xff"[..], &b"b"[..], false));
    assert_eq!(output.exit, Exit::Status(7));
    for (signal, exit) in [("TERM", "TERM"), ("KILL", "KILL"), ("SEGV", "SEGV")] {
        assert_eq!(run(&remote, &format!("kill -{signal} $$")).await.exit, Exit::Signal(exit.to_owned()));
    }
}

#[tokio::test]
async fn input_arrives_exact_and_ends() {
    let server = Server::start();
    let remote = server.connect().await;
    let input: Vec<u8> = (0..=255).cycle().take(9_000_000).collect();
    let limits = Limits { most_bytes: input.len(), ..Limits::default() };
    let output = remote.run(request("cat").with_stdin(SecretBytes::new(input.clone())).with_limits(limits)).await.expect("an output");
    assert!(output.stdout == input && output.exit == Exit::Status(0));
    assert_eq!(run(&remote, "cat; echo end").await.stdout, b"end\n");
    // A command that does not read its input ends all the same.
    let deaf = remote.run(request("exit 4").with_stdin(SecretBytes::new(input))).await.expect("an output");
    assert_eq!(deaf.exit, Exit::Status(4));
}

#[tokio::test]
async fn what_is_collected_is_bounded() {
    let server = Server::start();
    let remote = server.connect().await;
    let limits = Limits { most_bytes: 1000, ..Limits::default() };
    let output = remote.run(request("head -c 50000 /dev/zero; exit 5").with_limits(limits)).await.expect("an output");
    assert_eq!((output.stdout.len(), output.cut, output.exit), (1000, true, Exit::Status(5)));
}

#[tokio::test]
async fn two_hundred_commands_in_a_row() {
    let server = Server::start();
    let remote = server.connect().await;
    for number in 0..200 {
        assert_eq!(run(&remote, &format!("echo {number}")).await.stdout, format!("{number}\n").into_bytes());
    }
}

#[tokio::test]
async fn thirty_at_once_wait_for_their_turn() {
    let server = Server::start();
    let remote = Arc::new(server.connect().await);
    let mut running = tokio::task::JoinSet::new();
    for number in 0..30 {
        let remote = Arc::clone(&remote);
        running.spawn(async move { (number, run(&remote, &format!("sleep 0.05; echo {number}")).await) });
    }
    for (number, output) in running.join_all().await {
        assert_eq!(output.stdout, format!("{number}\n").into_bytes());
        assert_eq!(output.exit, Exit::Status(0));
    }
}

#[tokio::test]
async fn fifty_megabytes_come_while_other_commands_run() {
    let server = Server::start();
    let remote = Arc::new(server.connect().await);
    let large = {
        let remote = Arc::clone(&remote);
        let limits = Limits { most_bytes: 60 << 20, ..Limits::default() };
        tokio::spawn(async move { remote.run(request("head -c 52428800 /dev/zero").with_limits(limits)).await })
    };
    for _ in 0..20 {
        assert_eq!(run(&remote, "echo small").await.stdout, b"small\n");
    }
    let output = large.await.expect("a task").expect("an output");
    assert_eq!((output.stdout.len(), output.exit), (52_428_800, Exit::Status(0)));
}

#[tokio::test]
async fn an_unread_process_stalls_nobody_and_ends_when_too_much_waits() {
    let server = Server::start();
    let remote = server.connect().await;
    let mut unread = remote.start(request("echo $$; exec cat /dev/zero")).await.expect("a process");
    let pid = first_line(unread.as_mut()).await;
    for _ in 0..20 {
        assert_eq!(run(&remote, "echo here").await.stdout, b"here\n");
    }
    gone(&pid).await;
    let mut kept = 0;
    let error = loop {
        match unread.next().await {
            Ok(Some(Chunk::Stdout(bytes))) => kept += bytes.len(),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, RemoteError::TooMuchOutput { .. }), "{error}");
    assert!(kept <= beffroi_ssh::MOST_WAITING, "{kept}");
    assert_eq!(unread.next().await.expect("the end"), None);
}

#[tokio::test]
async fn time_ends_the_remote_process() {
    let server = Server::start();
    let remote = server.connect().await;
    let mut process = remote.start(for_at_most("echo $$; exec sleep 1100", Duration::from_millis(700))).await.expect("a process");
    let pid = first_line(process.as_mut()).await;
    assert!(matches!(process.next().await, Err(RemoteError::TimedOut { seconds: 0 })));
    gone(&pid).await;
    assert_eq!(process.next().await.expect("the end"), None);
}

#[tokio::test]
async fn cancelling_ends_the_remote_process_and_what_it_started() {
    let server = Server::start();
    let remote = server.connect().await;
    let other = remote.start(request("exec sleep 1108")).await.expect("a process");
    for script in [
        "echo $$; exec sleep 1101",
        "sleep 1109 & echo $!; wait",
        "sh -c 'echo $$; sleep 1110; :' | cat",
        "while echo $$; do sleep 0.01; done",
    ] {
        let mut process = remote.start(request(script)).await.expect("a process");
        let pid = first_line(process.as_mut()).await;
        process.cancel().await;
        gone(&pid).await;
        assert_eq!(process.next().await.expect("the end"), None);
    }
    drop(other);
}

#[tokio::test]
async fn a_dropped_process_ends_and_gives_its_place_back() {
    let server = Server::start();
    let remote = server.connect().await;
    for _ in 0..30 {
        let mut process = remote.start(request("echo $$; exec sleep 1102")).await.expect("a process");
        let pid = first_line(process.as_mut()).await;
        drop(process);
        gone(&pid).await;
    }
    // More than there are places, all dropped at once.
    for _ in 0..3 {
        let mut all = Vec::new();
        for _ in 0..8 {
            all.push(remote.start(request("exec sleep 1103")).await.expect("a process"));
        }
        drop(all);
    }
    assert_eq!(run(&remote, "echo free").await.stdout, b"free\n");
}

#[tokio::test]
async fn a_start_that_is_given_up_at_any_moment_leaves_no_channel() {
    let server = Server::start();
    let remote = server.connect().await;
    for round in 0..60 {
        let started = remote.start(request("exec sleep 1104"));
        drop(tokio::time::timeout(Duration::from_micros(round * 150), started).await);
    }
    for _ in 0..10 {
        assert_eq!(run(&remote, "echo free").await.stdout, b"free\n");
    }
}

#[tokio::test]
async fn a_host_with_few_places_is_waited_for() {
    let server = Server::with("MaxSessions 2");
    let remote = Arc::new(server.connect().await);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let remote = Arc::clone(&remote);
        running.spawn(async move { run(&remote, "sleep 0.02; echo x").await.stdout });
    }
    for stdout in running.join_all().await {
        assert_eq!(stdout, b"x\n");
    }
    // One command at a time, as quickly as they come.
    let one = Server::with("MaxSessions 1");
    let remote = one.connect().await;
    for number in 0..20 {
        assert_eq!(run(&remote, &format!("echo {number}")).await.stdout, format!("{number}\n").into_bytes());
    }
    let none = Server::with("MaxSessions 0");
    let error = none.connect().await.run(request("true")).await.expect_err("an error");
    assert!(matches!(error, RemoteError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_command_on_the_only_place_is_ended_over_another_connection() {
    let server = Arc::new(Server::with("MaxSessions 1"));
    let made = Arc::new(AtomicUsize::new(0));
    let (at, count) = (Arc::clone(&server), Arc::clone(&made));
    let another = move || -> Pin<Box<dyn Future<Output = Option<SshRemote>> + Send>> {
        count.fetch_add(1, Ordering::Relaxed);
        let at = Arc::clone(&at);
        Box::pin(async move { Some(at.connect().await) })
    };
    let remote = server.connect().await.with_another(Arc::new(another));
    let scripts = ["echo $$; exec sleep 1131", "sleep 1132 & echo $!; wait", "sh -c 'echo $$; sleep 1133; :' | cat"];
    for script in scripts {
        let mut process = remote.start(request(script)).await.expect("a process");
        let pid = first_line(process.as_mut()).await;
        process.cancel().await;
        gone(&pid).await;
    }
    // Not what it left behind in a session of its own, nor what others run there.
    let other = server.connect().await;
    let mut others = other.start(request("echo $$; exec sleep 1134")).await.expect("a process");
    let theirs = first_line(others.as_mut()).await;
    let mut process = remote.start(request("setsid sleep 1135 & echo $!; exec sleep 1136")).await.expect("a process");
    let left = first_line(process.as_mut()).await;
    while !std::fs::read_to_string(format!("/proc/{left}/cmdline")).is_ok_and(|line| line.starts_with("sleep")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    process.cancel().await;
    for pid in [left.as_str(), theirs.as_str()] {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
        assert!(stat.contains(") S "), "{stat}");
    }
    kill(&left);
    let mut late = remote.start(for_at_most("echo $$; exec sleep 1137", Duration::from_secs(1))).await.expect("a process");
    let pid = first_line(late.as_mut()).await;
    assert!(matches!(late.next().await, Err(RemoteError::TimedOut { seconds: 1 })));
    gone(&pid).await;
    assert_eq!(run(&remote, "echo free").await.stdout, b"free\n");
    assert_eq!(made.load(Ordering::Relaxed), scripts.len() + 2, "one connection for each");
}
