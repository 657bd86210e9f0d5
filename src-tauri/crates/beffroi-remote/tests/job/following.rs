//! Following: every byte once, from anywhere.

use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::job::{self, JobError, Offsets, Piece, Stream};

use super::host::{Host, SCRIPT, gone};

#[tokio::test]
async fn binary_output_and_nul_bytes_arrive() {
    for host in Host::each() {
        let followed = host.run("printf 'a\\0b\\377\\nO 0 4\\nended 0\\n'; printf '\\0\\0' >&2").await;
        assert_eq!(followed.stdout, b"a\0b\xff\nO 0 4\nended 0\n");
        assert_eq!(followed.stderr, b"\0\0");
        assert_eq!(followed.exit(), Exit::Status(0));
    }
}

#[tokio::test]
async fn following_goes_on_from_any_offset() {
    for host in Host::each() {
        let step = Host::step();
        host.start(&step, "printf 'abc\\ndef'; printf '12345' >&2").await;
        let whole = host.follow(&step, Offsets::default()).await;
        assert_eq!(whole.at, Offsets { stdout: 7, stderr: 5 });
        for stdout in 0..=7_usize {
            for stderr in [0, 2, 5_usize] {
                let from = Offsets { stdout: stdout as u64, stderr: stderr as u64 };
                let rest = host.follow(&step, from).await;
                assert_eq!((rest.stdout.as_slice(), rest.stderr.as_slice()), (&whole.stdout[stdout..], &whole.stderr[stderr..]));
                assert_eq!(rest.exit(), Exit::Status(0));
            }
        }
        let beyond = host.follow(&step, Offsets { stdout: 8, stderr: 0 }).await;
        assert!(matches!(beyond.ended, Err(JobError::Shortened)), "{:?}", beyond.ended);
    }
}

#[tokio::test]
async fn more_than_one_call_gives_arrives_whole() {
    for host in Host::each() {
        // 20 MB in numbered lines of 8 bytes: three calls of 8 MiB.
        let followed = host.run("seq -w 2500000; echo end >&2").await;
        assert_eq!(followed.stdout.len(), 20_000_000);
        let right = followed.stdout.chunks(8).enumerate().all(|(index, line)| line == format!("{:07}\n", index + 1).as_bytes());
        assert!(right);
        assert_eq!(followed.stderr, b"end\n");
        assert_eq!(followed.exit(), Exit::Status(0));
    }
}

#[tokio::test]
async fn output_comes_while_it_runs() {
    for host in Host::each() {
        let step = Host::step();
        let fifo = host.file("go");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
        host.start(&step, &format!("echo first; read line <{}; echo second", fifo.display())).await;
        let mut seen = Vec::new();
        let mut keep = |piece: Piece| {
            if seen.is_empty() {
                // The step waits for this: it had not ended when its first line came.
                std::fs::write(&fifo, "\n")?;
            }
            seen.push(piece);
            Ok(())
        };
        let exit = job::follow(&host.remote, &step, Offsets::default(), &mut keep).await.expect("an exit").exit;
        assert_eq!(exit, Exit::Status(0));
        let texts: Vec<(Stream, u64, &[u8])> = seen.iter().map(|piece| (piece.stream, piece.offset, &piece.bytes[..])).collect();
        assert_eq!(texts, [(Stream::Stdout, 0, &b"first\n"[..]), (Stream::Stdout, 6, &b"second\n"[..])]);
    }
}

#[tokio::test]
async fn a_follower_that_is_cut_off_at_any_moment_goes_on_where_it_was() {
    let host = Host::any();
    let step = Host::step();
    host.start(&step, "i=0; while [ $i -lt 60 ]; do i=$((i + 1)); printf 'line %s\\n' $i; printf 'e%s\\n' $i >&2; sleep 0.01; done").await;
    let (mut stdout, mut stderr, mut at) = (Vec::new(), Vec::new(), Offsets::default());
    let mut cuts = 0;
    let exit = loop {
        let from = at;
        let mut keep = |piece: Piece| {
            assert_eq!(piece.offset, if piece.stream == Stream::Stdout { at.stdout } else { at.stderr });
            at = at.after(&piece);
            match piece.stream {
                Stream::Stdout => stdout.extend(piece.bytes),
                Stream::Stderr => stderr.extend(piece.bytes),
            }
            Ok(())
        };
        let followed = job::follow(&host.remote, &step, from, &mut keep);
        match tokio::time::timeout(Duration::from_millis(40 + 17 * cuts), followed).await {
            Ok(ended) => break ended.expect("an exit").exit,
            Err(_) => cuts += 1,
        }
    };
    let lines = |prefix: &str| (1..=60).map(|i| format!("{prefix}{i}\n")).collect::<String>();
    assert_eq!(String::from_utf8(stdout).expect("UTF-8"), lines("line "));
    assert_eq!(String::from_utf8(stderr).expect("UTF-8"), lines("e"));
    assert_eq!(exit, Exit::Status(0));
}

#[tokio::test]
async fn a_sink_that_fails_ends_the_following_and_not_the_step() {
    let host = Host::any();
    let step = Host::step();
    host.start(&step, "echo a; sleep 0.2; echo b").await;
    let mut full = |_: Piece| Err("the disk is full".into());
    let error = job::follow(&host.remote, &step, Offsets::default(), &mut full).await.expect_err("an error");
    assert!(matches!(&error, JobError::Sink(reason) if reason.to_string() == "the disk is full"), "{error:?}");
    let followed = host.follow(&step, Offsets::default()).await;
    assert_eq!(followed.stdout, b"a\nb\n");
}

#[tokio::test]
async fn a_follower_dies_once_nobody_listens() {
    for host in Host::each() {
        let step = Host::step();
        host.start(&step, "sleep 1000").await;
        let shell = std::fs::canonicalize(host.file("tools/sh")).expect("a shell");
        // As sshd would leave it when the link is cut: running, with nobody at the other end of its output.
        let mut child = std::process::Command::new(shell)
            .args([
                "-c",
                &format!("echo $$ >{}; {SCRIPT}", host.file("follower").display()),
                "beffroi-job",
                "follow",
                &step.to_string(),
                "0",
                "0",
            ])
            .env("XDG_STATE_HOME", host.file("state"))
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("a follower");
        let pid = host.written("follower").await;
        drop(child.stdout.take());
        tokio::task::spawn_blocking(move || child.wait()).await.expect("a task").expect("it ended");
        gone(&pid).await;
        job::cancel(&host.remote, &step).await.expect("cancelled");
    }
}

#[tokio::test]
async fn following_what_is_not_there_is_an_error() {
    for host in Host::each() {
        let followed = host.follow(&Host::step(), Offsets::default()).await;
        assert!(matches!(followed.ended, Err(JobError::Absent)), "{:?}", followed.ended);
    }
}
