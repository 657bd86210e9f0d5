//! What is put back by itself, and what is not.

use std::path::PathBuf;
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::job::{self, JobError, Offsets, StepRef};
use beffroi_remote::lifeline::{self, Knot, Lifeline};
use beffroi_remote::{CommandLine, LocalRemote};

use super::host::Host;

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_secs(1);

/// A host whose file system is a folder of the test's: no service and no firewall is touched.
struct Tied {
    host: Host,
    remote: LocalRemote,
}

impl Tied {
    fn each() -> Vec<Self> {
        Host::each().into_iter().map(Self::of).collect()
    }

    fn of(host: Host) -> Self {
        let root = host.file("root");
        std::fs::create_dir_all(root.join("etc/ssh")).expect("a folder");
        for (file, content) in [("sshd_config", "Port 22\n"), ("moduli", "2\n")] {
            std::fs::write(root.join("etc/ssh").join(file), content).expect("a file");
        }
        let remote = host.remote.clone().with_variable("BEFFROI_ROOT", root.to_str().expect("UTF-8"));
        Self { host, remote }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.host.file("root/etc/ssh").join(name)
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.path(name)).ok()
    }

    /// Begins a change that is tied to a lifeline.
    async fn begin(&self, script: &str, wait: Duration, longest: Duration) -> StepRef {
        self.begin_with(&["/etc/ssh", "/etc/nothing", "/etc/made"], script, wait, longest).await
    }

    async fn begin_with(&self, paths: &[&str], script: &str, wait: Duration, longest: Duration) -> StepRef {
        let step = Host::step();
        let undo = format!("echo undone >{}", self.host.file("undone").display());
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let knot = Knot { wait, longest, paths, undo };
        let command = lifeline::tied(&CommandLine::shell(format!("cd {}; {script}", self.path(".").display())), &knot);
        job::start(&self.remote, &step, &command, None, job::KEPT).await.expect("a start");
        step
    }

    async fn ended(&self, step: &StepRef) -> Exit {
        self.host.follow(step, Offsets::default()).await.exit()
    }

    async fn state(&self, step: &StepRef) -> Lifeline {
        lifeline::state(&self.remote, step).await.expect("a state")
    }

    async fn until(&self, step: &StepRef, expected: &Lifeline) {
        while self.state(step).await != *expected {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn is_as_before(&self) {
        assert_eq!(self.read("sshd_config").as_deref(), Some("Port 22\n"));
        assert_eq!((self.read("moduli").as_deref(), self.read("new")), (Some("2\n"), None));
        assert!(!self.host.file("root/etc/made").exists());
    }
}

const CHANGE: &str = "echo Port 2222 >sshd_config; rm moduli; echo x >new; echo y >../made; echo told";
const ALL_OF_IT: Lifeline = Lifeline::Restored { failed: Vec::new() };

#[tokio::test]
async fn what_is_released_stays() {
    for tied in Tied::each() {
        let step = tied.begin(CHANGE, LONG, LONG).await;
        let followed = tied.host.follow(&step, Offsets::default()).await;
        assert_eq!(followed.stdout, b"told\n");
        assert_eq!((followed.exit(), tied.state(&step).await), (Exit::Status(0), Lifeline::Armed));
        assert!(matches!(job::remove(&tied.remote, &step).await, Err(JobError::StillRunning)), "the keeper needs it");
        let kept = job::clean(&tied.remote, Duration::ZERO).await.expect("cleaned");
        assert!(kept.steps.is_empty() && tied.host.path(&step).exists(), "{kept:?}");
        assert_eq!(lifeline::release(&tied.remote, &step).await.expect("released"), Lifeline::Released);
        assert_eq!(lifeline::release(&tied.remote, &step).await.expect("twice"), Lifeline::Released);
        assert_eq!(lifeline::restore(&tied.remote, &step).await.expect("too late"), Lifeline::Released);
        assert_eq!(tied.read("sshd_config").as_deref(), Some("Port 2222\n"));
        assert!(!tied.host.path(&step).join("lifeline/saved.tar").exists());
        job::remove(&tied.remote, &step).await.expect("removed");
        assert_eq!(tied.state(&step).await, Lifeline::Absent);
        assert_eq!(lifeline::restore(&tied.remote, &step).await.expect("nothing to put back"), Lifeline::Absent);
    }
}

#[tokio::test]
async fn what_nobody_releases_is_put_back_by_itself() {
    for tied in Tied::each() {
        // It fails too: what it did until then counts.
        let step = tied.begin(&format!("{CHANGE}; exit 3"), SHORT, LONG).await;
        assert_eq!(tied.ended(&step).await, Exit::Status(3));
        tied.until(&step, &ALL_OF_IT).await;
        tied.is_as_before();
        assert_eq!(tied.host.written("undone").await, "undone");
        assert_eq!(lifeline::release(&tied.remote, &step).await.expect("too late"), ALL_OF_IT);
        job::remove(&tied.remote, &step).await.expect("removed");
    }
}

#[tokio::test]
async fn what_was_cancelled_or_hangs_is_put_back_too() {
    for tied in Tied::each() {
        let step = tied.begin(&format!("{CHANGE}; sleep 1100; :"), LONG, LONG).await;
        while tied.read("new").is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        job::cancel(&tied.remote, &step).await.expect("cancelled");
        assert_eq!(tied.state(&step).await, Lifeline::Armed, "ending the change ends not what puts it back");
        assert_eq!(lifeline::restore(&tied.remote, &step).await.expect("put back"), ALL_OF_IT);
        tied.is_as_before();

        let hangs = tied.begin(&format!("{CHANGE}; sleep 1101; :"), SHORT, SHORT).await;
        assert!(!tied.ended(&hangs).await.is_success(), "it was ended");
        tied.until(&hangs, &ALL_OF_IT).await;
        tied.is_as_before();
    }
}

/// A power cut may come right after the change: what goes back is on the disk before it.
#[tokio::test]
async fn what_is_saved_is_on_the_disk_before_the_change() {
    use std::os::unix::fs::PermissionsExt;
    // A busybox has its own.
    let tied = Tied::of(Host::any());
    let (program, told) = (tied.host.file("tools/sync"), tied.host.file("synced"));
    let sync = |text: &str| {
        // Where it is a link, what it leads to is left alone.
        drop(std::fs::remove_file(&program));
        std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).expect("a program");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("permissions");
    };
    sync("exit 1");
    let refused = tied.begin(CHANGE, LONG, LONG).await;
    assert_eq!(tied.ended(&refused).await, Exit::Status(1));
    assert_eq!(tied.state(&refused).await, Lifeline::Refused { why: "sync".to_owned() });
    tied.is_as_before();
    sync(&format!("{{ cat '{}'; printf '%s\\n' \"$@\"; }} >'{}'", tied.path("sshd_config").display(), told.display()));
    let step = tied.begin(CHANGE, LONG, LONG).await;
    assert!(tied.ended(&step).await.is_success());
    let told = std::fs::read_to_string(&told).expect("it was asked for");
    assert!(told.starts_with("Port 22\n"), "the change came after: {told}");
    for file in ["saved.tar", "keeper", "armed", "undo"] {
        assert!(told.lines().any(|line| line.ends_with(&format!("/lifeline/{file}"))), "{file}: {told}");
    }
    assert_eq!(lifeline::restore(&tied.remote, &step).await.expect("put back"), ALL_OF_IT);
}

#[tokio::test]
async fn without_a_lifeline_nothing_is_changed() {
    for tied in Tied::each() {
        let holds = tied.begin("true", LONG, LONG).await;
        assert!(tied.ended(&holds).await.is_success());
        let second = tied.begin(CHANGE, LONG, LONG).await;
        assert_eq!(tied.ended(&second).await, Exit::Status(1));
        assert_eq!(tied.state(&second).await, Lifeline::Refused { why: "busy".to_owned() });
        tied.is_as_before();
        job::remove(&tied.remote, &second).await.expect("removed");
        assert_eq!(lifeline::release(&tied.remote, &holds).await.expect("released"), Lifeline::Released);
        let third = tied.begin(CHANGE, LONG, LONG).await;
        assert!(tied.ended(&third).await.is_success());
        assert_eq!(lifeline::restore(&tied.remote, &third).await.expect("put back"), ALL_OF_IT);
        tied.is_as_before();
    }
}

#[tokio::test]
async fn without_paths_no_file_is_removed() {
    for tied in Tied::each() {
        std::fs::write(tied.host.file("beside"), "").expect("a file");
        let step = tied.begin_with(&[], CHANGE, SHORT, LONG).await;
        assert!(tied.ended(&step).await.is_success());
        tied.until(&step, &ALL_OF_IT).await;
        assert_eq!(tied.read("sshd_config").as_deref(), Some("Port 2222\n"), "no file is put back either");
        assert!(tied.read("new").is_some() && tied.host.file("root/etc/made").exists());
        assert!(tied.host.file("beside").exists(), "in the folder that one works in");
        assert!(tied.host.path(&step).join("lifeline/keeper").exists(), "in the keeper's");
        assert_eq!(tied.host.written("undone").await, "undone");
    }
}

#[tokio::test]
async fn what_was_cut_short_is_put_back_to_its_end() {
    for tied in Tied::each() {
        let step = tied.begin(CHANGE, LONG, LONG).await;
        assert!(tied.ended(&step).await.is_success());
        let lifeline = tied.host.path(&step).join("lifeline");
        // As a power cut leaves it: somebody puts back, and nobody does any more.
        std::os::unix::fs::symlink("back", lifeline.join("decided")).expect("a claim");
        std::fs::write(lifeline.join("armed"), "1 1 another-boot\n").expect("a file");
        assert_eq!(tied.state(&step).await, Lifeline::Restoring);
        assert!(matches!(job::remove(&tied.remote, &step).await, Err(JobError::StillRunning)));
        assert_eq!(lifeline::release(&tied.remote, &step).await.expect("too late"), Lifeline::Restoring);
        assert_eq!(lifeline::restore(&tied.remote, &step).await.expect("put back"), ALL_OF_IT);
        tied.is_as_before();
    }
}

#[tokio::test]
async fn names_with_line_ends_make_nothing_else_go() {
    for tied in Tied::each() {
        std::fs::create_dir_all(tied.path("x\n")).expect("a folder");
        let victim = tied.host.file("root/etc/other");
        std::fs::write(&victim, "").expect("a file");
        // What a reader of lines would take for two files.
        let script = format!("f=$(printf 'x\\nx'); f=${{f%x}}{}; mkdir -p \"${{f%/*}}\" && echo x >\"$f\"", victim.display());
        let step = tied.begin(&script, SHORT, LONG).await;
        assert!(tied.ended(&step).await.is_success());
        tied.until(&step, &ALL_OF_IT).await;
        assert!(victim.exists());
    }
}
