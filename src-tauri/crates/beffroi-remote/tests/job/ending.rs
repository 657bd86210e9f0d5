//! Cancelling, vanishing, removing.

use beffroi_domain::Exit;
use beffroi_remote::job::{self, JobError, KEPT, Offsets, StepOnHost};

use super::host::{Host, gone, lives, signal};

fn kill(pid: &str) {
    assert!(std::process::Command::new("kill").args(["-KILL", pid]).status().expect("kill").success());
}

/// When a process began.
fn born(pid: &str) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(19)).expect("a time").to_owned()
}

/// The number of the step's runner.
fn runner(host: &Host, step: &job::StepRef) -> String {
    let text = std::fs::read_to_string(host.path(step).join("pid")).expect("a pid file");
    text.split(' ').next().expect("a number").to_owned()
}

#[tokio::test]
async fn cancelling_ends_the_whole_family() {
    for host in Host::each() {
        let step = Host::step();
        // A child, a grandchild that its parent left, and one in a session of its own.
        let script = format!(
            "sleep 1001 & echo $! >{child}; (sleep 1002 & echo $! >{orphan}); setsid sh -c 'echo $$ >{own}; sleep 1003; :' & sleep 1004; :",
            child = host.file("child").display(),
            orphan = host.file("orphan").display(),
            own = host.file("own").display(),
        );
        host.start(&step, &script).await;
        let family = [host.written("child").await, host.written("orphan").await, host.written("own").await];
        assert_eq!(host.state(&step).await, StepOnHost::Running);
        assert!(matches!(job::remove(&host.remote, &step).await, Err(JobError::StillRunning)));
        job::cancel(&host.remote, &step).await.expect("cancelled");
        assert_eq!(host.state(&step).await, StepOnHost::Ended(signal("TERM")));
        for pid in &family {
            gone(pid).await;
        }
        gone(&runner(&host, &step)).await;
        job::cancel(&host.remote, &step).await.expect("cancelled twice");
        assert_eq!(host.follow(&step, Offsets::default()).await.exit(), signal("TERM"));
        job::remove(&host.remote, &step).await.expect("removed");
    }
}

#[tokio::test]
async fn cancelling_finds_daemons_by_their_mark() {
    for host in Host::each() {
        let step = Host::step();
        // Two that left the session and whose parents are gone; one does not heed a TERM and outlives the runner.
        let script = format!(
            "(setsid sh -c 'echo $$ >{meek}; exec sleep 1011' &); (setsid sh -c 'trap \"\" TERM; echo $$ >{stubborn}; exec sleep 1012' &); \
             sleep 1013",
            meek = host.file("meek").display(),
            stubborn = host.file("stubborn").display(),
        );
        host.start(&step, &script).await;
        let daemons = [host.written("meek").await, host.written("stubborn").await];
        job::cancel(&host.remote, &step).await.expect("cancelled");
        assert!(daemons.iter().all(|pid| !lives(pid)));
        assert!(matches!(host.state(&step).await, StepOnHost::Ended(Exit::Signal(_))));
    }
}

#[tokio::test]
async fn what_ignores_a_term_gets_a_kill() {
    for host in Host::each() {
        let step = Host::step();
        host.start(&step, &format!("trap '' TERM; echo begun >{}; while :; do sleep 0.05; done", host.file("begun").display())).await;
        host.written("begun").await;
        job::cancel(&host.remote, &step).await.expect("cancelled");
        assert_eq!(host.state(&step).await, StepOnHost::Ended(signal("KILL")));
        gone(&runner(&host, &step)).await;
    }
}

#[tokio::test]
async fn a_step_that_tidies_up_after_a_term_may_and_is_cancelled_all_the_same() {
    let host = Host::any();
    let step = Host::step();
    host.start(
        &step,
        &format!("trap 'echo tidy; exit 0' TERM; echo begun >{}; while :; do sleep 0.05; done", host.file("begun").display()),
    )
    .await;
    host.written("begun").await;
    job::cancel(&host.remote, &step).await.expect("cancelled");
    let followed = host.follow(&step, Offsets::default()).await;
    assert_eq!(followed.stdout, b"tidy\n");
    assert_eq!(followed.exit(), signal("TERM"));
}

#[tokio::test]
async fn other_steps_go_on() {
    let host = Host::any();
    let (one, other) = (Host::step(), Host::step());
    host.start(&one, "sleep 1005").await;
    host.start(&other, "sleep 1006").await;
    job::cancel(&host.remote, &one).await.expect("cancelled");
    assert_eq!(host.state(&other).await, StepOnHost::Running);
    job::cancel(&host.remote, &other).await.expect("cancelled");
}

#[tokio::test]
async fn a_cancelled_step_that_was_staged_never_starts() {
    for host in Host::each() {
        let step = Host::step();
        assert!(matches!(job::cancel(&host.remote, &step).await, Err(JobError::Absent)));
        std::fs::create_dir_all(host.path(&step)).expect("a folder");
        job::cancel(&host.remote, &step).await.expect("cancelled");
        assert_eq!(host.state(&step).await, StepOnHost::Ended(signal("TERM")));
        let late = beffroi_remote::CommandLine::shell(format!("echo ran >{}", host.file("ran").display()));
        assert_eq!(job::start(&host.remote, &step, &late, None, KEPT).await.expect("an answer"), job::Started::AlreadyThere);
        assert!(!host.file("ran").exists());
        job::remove(&host.remote, &step).await.expect("removed");
    }
}

#[tokio::test]
async fn a_step_whose_runner_was_killed_has_vanished() {
    for host in Host::each() {
        let step = Host::step();
        host.start(&step, &format!("echo before; echo $$ >{}; sleep 1007; :", host.file("pid").display())).await;
        let command = host.written("pid").await;
        kill(&runner(&host, &step));
        gone(&runner(&host, &step)).await;
        assert_eq!(host.state(&step).await, StepOnHost::Vanished { rebooted: false });
        let followed = host.follow(&step, Offsets::default()).await;
        assert_eq!(followed.stdout, b"before\n");
        assert!(matches!(followed.ended, Err(JobError::Vanished { rebooted: false })), "{:?}", followed.ended);
        // Cancelling takes what the runner left behind, and claims no end that nobody saw.
        assert!(lives(&command));
        job::cancel(&host.remote, &step).await.expect("cancelled");
        gone(&command).await;
        assert_eq!(host.state(&step).await, StepOnHost::Vanished { rebooted: false });
        job::remove(&host.remote, &step).await.expect("removed");
        assert_eq!(host.state(&step).await, StepOnHost::Absent);
    }
}

#[tokio::test]
async fn a_number_that_was_used_again_is_not_taken_for_the_step() {
    let host = Host::any();
    let step = Host::step();
    host.start(&step, "true").await;
    host.follow(&step, Offsets::default()).await.exit();
    let mut innocent = std::process::Command::new("sleep").arg("1008").spawn().expect("a process");
    let pid = innocent.id().to_string();
    std::fs::remove_file(host.path(&step).join("exit")).expect("no exit");
    let recorded = std::fs::read_to_string(host.path(&step).join("pid")).expect("a pid file");
    let boot = recorded.split(' ').nth(2).expect("a boot");
    let elsewhere = "00000000-0000-0000-0000-000000000000/1";
    for (boot, born, rebooted) in [(boot, "1", false), (elsewhere, "1", true), (elsewhere, &born(&pid), true)] {
        std::fs::write(host.path(&step).join("pid"), format!("{pid} {born} {boot} setsid.1.1 1 1\n")).expect("a pid file");
        assert_eq!(host.state(&step).await, StepOnHost::Vanished { rebooted });
        let followed = host.follow(&step, Offsets::default()).await;
        assert!(matches!(followed.ended, Err(JobError::Vanished { rebooted: told }) if told == rebooted));
        job::cancel(&host.remote, &step).await.expect("cancelled");
        assert!(lives(&pid));
    }
    // A crash of the host may leave an empty one.
    std::fs::write(host.path(&step).join("pid"), "").expect("a pid file");
    assert_eq!(host.state(&step).await, StepOnHost::Vanished { rebooted: true });
    innocent.kill().expect("killed");
    innocent.wait().expect("ended");
}

#[tokio::test]
async fn an_end_that_came_by_itself_is_told_from_a_cancelled_one() {
    let host = Host::any();
    let step = Host::step();
    host.start(&step, "exit 7").await;
    assert_eq!(host.follow(&step, Offsets::default()).await.exit(), Exit::Status(7));
    job::cancel(&host.remote, &step).await.expect("nothing to do");
    assert_eq!(host.state(&step).await, StepOnHost::Ended(Exit::Status(7)));
}
