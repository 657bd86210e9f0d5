//! Disks that are full or read-only: small file systems in memory, in a mount namespace of the test's own.

use std::process::Command;

use beffroi_domain::Exit;
use beffroi_remote::job::{self, FolderProblem, JobError, KEPT, Offsets, StepOnHost};
use beffroi_remote::{CommandLine, LocalRemote};

use super::host::Host;

/// A mounted file system, taken away at the end.
struct Mount(std::path::PathBuf);

impl Mount {
    /// At the host's state folder.
    fn new(host: &Host, options: &str) -> Self {
        let point = host.file("state");
        std::fs::create_dir_all(&point).expect("a folder");
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&point).status().expect("mount");
        assert!(mounted.success(), "these tests mount file systems: run them as root");
        Self(point)
    }

    fn again(&self, options: &str) {
        assert!(Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status().expect("mount").success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // What still writes there keeps it until its end.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

async fn refused(host: &Host) -> FolderProblem {
    let step = Host::step();
    let error = job::start(&host.remote, &step, &CommandLine::shell("true"), None, KEPT).await.expect_err("an error");
    assert_eq!(host.state(&step).await, StepOnHost::Absent);
    let reason = if let JobError::Folder { reason } = &error { Some(*reason) } else { None };
    reason.ok_or(error).expect("an error of the folder")
}

fn entries(mount: &Mount) -> usize {
    std::fs::read_dir(&mount.0).expect("entries").count()
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_with_its_reason_and_nothing_is_left() {
    for host in Host::each() {
        let mount = Mount::new(&host, "size=1m");
        mount.again("ro");
        assert_eq!(refused(&host).await, FolderProblem::ReadOnly);
        mount.again("rw");
        let filler = mount.0.join("filler");
        std::fs::write(&filler, vec![0; 2 << 20]).expect_err("a full disk");
        assert_eq!(refused(&host).await, FolderProblem::Full);
        assert_eq!(entries(&mount), 1);
        std::fs::remove_file(&filler).expect("room");
        // The root and four more: not enough for a step.
        mount.again("nr_inodes=5");
        assert_eq!(refused(&host).await, FolderProblem::Full);
        assert_eq!(entries(&mount), 0);
    }
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_another_problem() {
    let host = Host::any();
    std::fs::write(host.file("state"), "x").expect("a file");
    let error = job::start(&host.remote, &Host::step(), &CommandLine::shell("true"), None, KEPT).await.expect_err("an error");
    assert!(matches!(error, JobError::Folder { reason: FolderProblem::Other }), "{error:?}");
    let nowhere = LocalRemote::new(host.file("")).with_variable("XDG_STATE_HOME", "/proc/self");
    let error = job::start(&nowhere, &Host::step(), &CommandLine::shell("true"), None, KEPT).await.expect_err("an error");
    assert!(matches!(error, JobError::Folder { .. }), "{error:?}");
}

#[tokio::test]
async fn a_disk_that_fills_takes_output_and_not_the_end() {
    for host in Host::each() {
        let mount = Mount::new(&host, "size=1m");
        let step = Host::step();
        host.start(&step, "seq -w 500000; echo $? >&2; exit 7").await;
        let followed = host.follow(&step, Offsets::default()).await;
        let whole: String = (1..=500_000).map(|i| format!("{i:06}\n")).collect();
        assert!(!followed.stdout.is_empty() && whole.as_bytes().starts_with(&followed.stdout), "{}", followed.stdout.len());
        assert!(followed.dropped().uncounted && followed.dropped().stdout > 0);
        assert_eq!(followed.exit(), Exit::Status(7));
        assert!(std::fs::write(mount.0.join("more"), vec![0; 65536]).is_err(), "the disk is full");
        assert_eq!(host.state(&step).await, StepOnHost::Ended(Exit::Status(7)));
        job::remove(&host.remote, &step).await.expect("removed");
        assert_eq!(host.state(&step).await, StepOnHost::Absent);
    }
}
