//! Output is bounded on the host, and disturbs neither the command nor its end.

use beffroi_domain::Exit;
use beffroi_remote::job::{self, Dropped, Offsets, StepOnHost};

use super::host::{Host, gone, lives};

#[tokio::test]
async fn what_is_beyond_the_limit_is_counted_and_dropped() {
    for host in Host::each() {
        for kept in [0, 1, 63, 1000, 70_000] {
            let step = Host::step();
            host.start_keeping(&step, "seq -w 250000; seq 10 >&2; exit 5", kept).await;
            let followed = host.follow(&step, Offsets::default()).await;
            let (whole, said) = ((1..=250_000).map(|i| format!("{i:06}\n")).collect::<String>(), "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
            let room = usize::try_from(kept).expect("a size");
            assert_eq!(followed.stdout, &whole.as_bytes()[..room], "{kept}");
            assert_eq!(followed.stderr, &said.as_bytes()[..room.min(21)], "{kept}");
            let dropped = Dropped { stdout: 1_750_000 - kept, stderr: 21_u64.saturating_sub(kept), uncounted: false };
            assert_eq!(followed.dropped(), dropped);
            assert_eq!(followed.exit(), Exit::Status(5));
        }
    }
}

#[tokio::test]
async fn output_within_the_limit_is_whole() {
    let host = Host::any();
    let step = Host::step();
    host.start_keeping(&step, "seq -w 1000", 5000).await;
    let followed = host.follow(&step, Offsets::default()).await;
    assert_eq!(followed.stdout.len(), 5000);
    assert!(followed.dropped().is_nothing());
}

#[tokio::test]
async fn hundreds_of_megabytes_go_through_and_take_no_more_room() {
    for host in Host::each() {
        let step = Host::step();
        host.start_keeping(&step, "dd if=/dev/zero bs=65536 count=4800 2>/dev/null; echo $? >&2", 1 << 20).await;
        let followed = host.follow(&step, Offsets::default()).await;
        assert_eq!((followed.stdout.len(), followed.stderr.as_slice()), (1 << 20, &b"0\n"[..]));
        assert_eq!(followed.dropped(), Dropped { stdout: (4800 << 16) - (1 << 20), ..Dropped::default() });
        assert_eq!(std::fs::metadata(host.path(&step).join("out")).expect("a file").len(), 1 << 20);
    }
}

#[tokio::test]
async fn what_a_step_leaves_behind_keeps_its_pipe_and_does_not_hold_the_end() {
    for host in Host::each() {
        for kept in [job::KEPT, 4] {
            let step = Host::step();
            let go = host.file(&format!("go-{kept}"));
            assert!(std::process::Command::new("mkfifo").arg(&go).status().expect("mkfifo").success());
            let (pid, wrote) = (format!("pid-{kept}"), format!("wrote-{kept}"));
            let daemon = format!(
                "(trap '' PIPE; read line <{}; seq 20000; echo $? >{}) & echo $! >{}; echo last",
                go.display(),
                host.file(&wrote).display(),
                host.file(&pid).display()
            );
            host.start_keeping(&step, &daemon, kept).await;
            let followed = host.follow(&step, Offsets::default()).await;
            assert_eq!(followed.stdout, if kept == 4 { &b"last"[..] } else { b"last\n" });
            assert_eq!(followed.dropped().stdout, if kept == 4 { 1 } else { 0 });
            assert_eq!(followed.exit(), Exit::Status(0));
            let daemon = host.written(&pid).await;
            assert!(lives(&daemon));
            assert_eq!(host.state(&step).await, StepOnHost::Ended(Exit::Status(0)));
            job::remove(&host.remote, &step).await.expect("removed");
            std::fs::write(&go, "\n").expect("it goes on");
            assert_eq!(host.written(&wrote).await, "0");
            gone(&daemon).await;
        }
    }
}

#[tokio::test]
async fn steps_of_one_job_are_followed_one_after_the_other() {
    let host = Host::any();
    let first = Host::step();
    let steps: Vec<_> = (1..=3).map(|step| job::StepRef { step, ..first }).collect();
    for step in &steps {
        host.start(step, &format!("echo {}; exit {}", step.step, step.step)).await;
    }
    for step in &steps {
        let followed = host.follow(step, Offsets::default()).await;
        assert_eq!(followed.stdout, format!("{}\n", step.step).as_bytes());
        assert_eq!(followed.exit(), Exit::Status(u32::from(step.step)));
    }
    let ledger = job::list(&host.remote).await.expect("a list");
    assert_eq!(ledger.steps.iter().map(|listed| listed.step).collect::<Vec<_>>(), steps);
}
