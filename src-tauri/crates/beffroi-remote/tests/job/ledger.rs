//! What lies on a host, and its removal.

use std::path::Path;
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::job::{self, Cleaned, Offsets, StepOnHost};

use super::host::Host;

/// Leftovers in memory are those of all hosts of these tests: one test at a time.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test]
async fn the_ledger_tells_state_size_and_start() {
    let _turn = TURN.lock().await;
    for host in Host::each() {
        let (ended, running) = (Host::step(), Host::step());
        host.start(&ended, "seq -w 100000").await;
        host.follow(&ended, Offsets::default()).await.exit();
        host.start(&running, "sleep 1009").await;
        let ledger = job::list(&host.remote).await.expect("a list");
        assert_eq!((ledger.steps.len(), ledger.leftovers), (2, 0));
        for listed in &ledger.steps {
            assert!(listed.started.is_some_and(|at| at > 1_700_000_000), "{listed:?}");
            if listed.step == ended {
                assert_eq!(listed.state, StepOnHost::Ended(Exit::Status(0)));
                assert!(listed.size >= 700_000, "{listed:?}");
            } else {
                assert_eq!((listed.step, &listed.state), (running, &StepOnHost::Running));
            }
        }
        let cleaned = job::clean(&host.remote, Duration::from_secs(3600)).await.expect("cleaned");
        assert_eq!(cleaned, Cleaned::default());
        let cleaned = job::clean(&host.remote, Duration::ZERO).await.expect("cleaned");
        assert_eq!(cleaned, Cleaned { steps: vec![ended], leftovers: 0 });
        assert_eq!(host.state(&running).await, StepOnHost::Running);
        job::cancel(&host.remote, &running).await.expect("cancelled");
    }
}

#[tokio::test]
async fn only_what_is_old_enough_is_cleaned() {
    let _turn = TURN.lock().await;
    let host = Host::any();
    let (old, young) = (Host::step(), Host::step());
    for step in [&old, &young] {
        host.start(step, "true").await;
        host.follow(step, Offsets::default()).await.exit();
    }
    let exit = host.path(&old).join("exit");
    std::fs::write(&exit, "0\n1700000000\n").expect("a file");
    let cleaned = job::clean(&host.remote, Duration::from_secs(3600)).await.expect("cleaned");
    assert_eq!(cleaned.steps, [old]);
    assert_eq!(host.state(&young).await, StepOnHost::Ended(Exit::Status(0)));
}

#[tokio::test]
async fn leftovers_of_the_dead_are_found_and_removed_and_those_of_the_living_stay() {
    let _turn = TURN.lock().await;
    for host in Host::each() {
        let (staged, running) = (Host::step(), Host::step());
        host.start(&running, "sleep 1010").await;
        let folder = host.path(&staged);
        std::fs::create_dir_all(&folder).expect("a folder");
        let own = std::fs::read_to_string("/proc/self/stat").expect("this test");
        let born = own.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(19)).expect("a time");
        let living = folder.join(format!(".setsid.{}.{born}.command", std::process::id()));
        let dead = [
            folder.join(format!(".setsid.{}.1.command", std::process::id())),
            folder.join(".systemd.4194305.7.run"),
            folder.parent().expect("jobs").join(format!(".gone-{staged}.4194305.7")),
            format!("/dev/shm/beffroi-{staged}.4194305.7").into(),
        ];
        for file in dead.iter().chain([&living]) {
            std::fs::write(file, "x").expect("a file");
        }
        assert!(job::list(&host.remote).await.expect("a list").leftovers >= 4);
        assert!(dead.iter().all(|file| file.exists()));
        let cleaned = job::clean(&host.remote, Duration::ZERO).await.expect("cleaned");
        assert!(cleaned.leftovers >= 3 && cleaned.steps.is_empty(), "{cleaned:?}");
        assert!(dead.iter().all(|file| !file.exists()));
        assert!(living.exists());
        std::fs::remove_file(&living).expect("removed");
        assert_eq!(job::clean(&host.remote, Duration::ZERO).await.expect("cleaned").steps, [staged]);
        // The place for the exit of a step that runs is no leftover, though its starter is long gone.
        job::cancel(&host.remote, &running).await.expect("cancelled");
        assert!(matches!(host.state(&running).await, StepOnHost::Ended(_)));
    }
}

#[tokio::test]
async fn foreign_folders_are_left_alone() {
    let _turn = TURN.lock().await;
    let host = Host::any();
    let step = Host::step();
    let jobs = host.path(&step).parent().expect("jobs").to_owned();
    for name in ["notes", "a b", "-x", "x\ny"] {
        std::fs::create_dir_all(jobs.join(name)).expect("a folder");
    }
    assert_eq!(job::list(&host.remote).await.expect("a list").steps, []);
    assert_eq!(job::clean(&host.remote, Duration::ZERO).await.expect("cleaned").steps, []);
    assert_eq!(std::fs::read_dir(&jobs).expect("entries").count(), 4);
}

#[tokio::test]
async fn folders_that_became_empty_go_and_those_above_them_stay() {
    let _turn = TURN.lock().await;
    for host in Host::each() {
        let step = Host::step();
        let base = host.path(&step).parent().and_then(Path::parent).expect("the state's folder").to_owned();
        host.start(&step, "true").await;
        host.follow(&step, Offsets::default()).await.exit();
        job::clean(&host.remote, Duration::from_secs(3600)).await.expect("cleaned");
        assert!(base.join("jobs").exists());
        std::fs::write(base.join("another's"), "x").expect("a file");
        job::clean(&host.remote, Duration::ZERO).await.expect("cleaned");
        assert!(!base.join("jobs").exists() && base.exists(), "what is not ours stays");
        std::fs::create_dir(base.join("jobs")).expect("a folder");
        std::fs::remove_file(base.join("another's")).expect("removed");
        job::clean(&host.remote, Duration::ZERO).await.expect("cleaned");
        assert!(!base.exists() && base.parent().is_some_and(Path::exists));
        // Nothing is left to be cleaned, and the next step finds its place again.
        assert_eq!(job::clean(&host.remote, Duration::ZERO).await.expect("cleaned"), Cleaned::default());
        host.start(&step, "true").await;
        host.follow(&step, Offsets::default()).await.exit();
    }
}
