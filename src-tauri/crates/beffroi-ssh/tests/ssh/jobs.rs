//! Detached jobs over SSH: the two protocols together.

use beffroi_domain::{Exit, JobId};
use beffroi_remote::job::{self, JobError, Launcher, Offsets, Piece, Started, StepOnHost, StepRef};
use beffroi_remote::{CommandLine, RemoteError};
use beffroi_secret::SecretBytes;

use super::server::Server;

#[tokio::test]
async fn a_step_outlives_its_connection_and_is_followed_by_the_next() {
    let server = Server::start();
    let step = StepRef { job: JobId::make(), step: 1 };
    let go = server.file("go");
    assert!(std::process::Command::new("mkfifo").arg(&go).status().expect("mkfifo").success());
    let script = CommandLine::shell(format!("cat; echo first; read line <{}; seq -w 2500000; echo last >&2; exit 9", go.display()));

    let first = server.connect().await;
    let input = SecretBytes::new(b"input\n".to_vec());
    let started = job::start(&first, &step, &script, Some(&input), job::KEPT).await.expect("a start");
    assert!(matches!(started, Started::Now(Launcher::Setsid | Launcher::Systemd)), "{started:?}");
    let (mut stdout, mut stderr, mut at) = (Vec::new(), Vec::new(), Offsets::default());
    let error = {
        let mut keep = |piece: Piece| {
            at = at.after(&piece);
            stdout.extend(piece.bytes);
            if stdout.ends_with(b"first\n") {
                server.cut();
            }
            Ok(())
        };
        job::follow(&first, &step, Offsets::default(), &mut keep).await.expect_err("a lost link")
    };
    assert!(matches!(error, JobError::Remote(RemoteError::LinkLost { .. })), "{error}");
    assert_eq!(stdout, b"input\nfirst\n");

    let second = server.connect().await;
    assert_eq!(job::start(&second, &step, &script, None, job::KEPT).await.expect("a start"), Started::AlreadyThere);
    assert_eq!(job::state(&second, &step).await.expect("a state"), StepOnHost::Running);
    std::fs::write(&go, "\n").expect("it goes on");
    let mut keep = |piece: Piece| {
        match piece.stream {
            job::Stream::Stdout => stdout.extend(piece.bytes),
            job::Stream::Stderr => stderr.extend(piece.bytes),
        }
        Ok(())
    };
    let ended = job::follow(&second, &step, at, &mut keep).await.expect("an exit");
    assert_eq!((&ended.exit, ended.dropped.is_nothing()), (&Exit::Status(9), true));
    assert_eq!((stdout.len(), stderr.as_slice()), (12 + 20_000_000, &b"last\n"[..]));
    assert!(stdout.ends_with(b"2499999\n2500000\n"));
    job::remove(&second, &step).await.expect("removed");
    assert_eq!(job::state(&second, &step).await.expect("a state"), StepOnHost::Absent);
}
