//! A host for a test: this machine, with a state folder of its own.

use std::path::PathBuf;
use std::time::Duration;

use beffroi_domain::{Exit, JobId};
use beffroi_remote::job::{self, Dropped, Ended, JobError, KEPT, Offsets, Piece, Started, StepOnHost, StepRef, Stream};
use beffroi_remote::{CommandLine, LocalRemote};
use beffroi_secret::SecretBytes;

/// What a host is sent.
pub(super) const SCRIPT: &str = concat!(
    include_str!("../../../../../assets/remote/home.sh"),
    include_str!("../../../../../assets/remote/proc.sh"),
    include_str!("../../../../../assets/remote/sweep.sh"),
    include_str!("../../../../../assets/remote/job.sh")
);

/// The shells that the script has to run in. The first word is what must be installed.
const SHELLS: [&[&str]; 3] = [&["dash"], &["bash", "--posix"], &["busybox", "ash"]];

/// What the script calls.
const TOOLS: [&str; 26] = [
    "base64", "cat", "date", "dd", "du", "env", "find", "grep", "id", "kill", "ln", "mkdir", "mkfifo", "mv", "printf", "rm", "rmdir",
    "setsid", "sleep", "stat", "sync", "tar", "timeout", "tr", "true", "wc",
];

pub(super) struct Host {
    pub(super) remote: LocalRemote,
    folder: tempfile::TempDir,
}

impl Host {
    /// One host for each shell: as its login shell, and as the `sh` that runs script, runner and command.
    pub(super) fn each() -> Vec<Self> {
        SHELLS.iter().map(|shell| Self::with_shell(shell)).collect()
    }

    pub(super) fn any() -> Self {
        Self::with_shell(SHELLS[0])
    }

    fn with_shell(shell: &[&str]) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|entry| entry.join(shell[0])).find(|file| file.is_file());
        let program = found.expect("a shell: install dash, bash and busybox");
        let tools = folder.path().join("tools");
        std::fs::create_dir(&tools).expect("a folder");
        if shell[0] == "busybox" {
            // All tools are busybox's, as on Alpine.
            for tool in TOOLS {
                std::os::unix::fs::symlink(&program, tools.join(tool)).expect("a link");
            }
        }
        let words: Vec<&str> = shell[1..].to_vec();
        let script = format!("#!/bin/sh\nexec {} {} \"$@\"\n", program.display(), words.join(" "));
        std::fs::write(tools.join("sh"), script).expect("a shell");
        std::fs::set_permissions(tools.join("sh"), PermissionsExt::from_mode(0o755)).expect("permissions");
        let remote = LocalRemote::new(folder.path())
            .with_shell(&[tools.join("sh").to_str().expect("UTF-8")])
            .with_variable("PATH", &format!("{}:{path}", tools.display()))
            .with_variable("XDG_STATE_HOME", folder.path().join("state").to_str().expect("UTF-8"));
        Self { remote, folder }
    }

    pub(super) fn step() -> StepRef {
        StepRef { job: JobId::make(), step: 1 }
    }

    /// The step's folder.
    pub(super) fn path(&self, step: &StepRef) -> PathBuf {
        self.folder.path().join("state/beffroi/jobs").join(step.to_string())
    }

    /// A path for the commands of the test.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits for a file that a command writes, and reads it.
    pub(super) async fn written(&self, name: &str) -> String {
        loop {
            if let Ok(text) = std::fs::read_to_string(self.file(name))
                && text.ends_with('\n')
            {
                return text.trim().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) async fn start(&self, step: &StepRef, script: &str) {
        self.start_keeping(step, script, KEPT).await;
    }

    pub(super) async fn start_keeping(&self, step: &StepRef, script: &str, kept: u64) {
        let started = job::start(&self.remote, step, &CommandLine::shell(script), None, kept).await.expect("a start");
        assert!(matches!(started, Started::Now(_)), "{started:?}");
    }

    pub(super) async fn start_with(&self, step: &StepRef, script: &str, input: &[u8]) -> Result<Started, JobError> {
        job::start(&self.remote, step, &CommandLine::shell(script), Some(&SecretBytes::new(input.to_vec())), KEPT).await
    }

    pub(super) async fn state(&self, step: &StepRef) -> StepOnHost {
        job::state(&self.remote, step).await.expect("a state")
    }

    /// Follows to the end.
    pub(super) async fn follow(&self, step: &StepRef, from: Offsets) -> Followed {
        let mut followed = Followed { stdout: Vec::new(), stderr: Vec::new(), at: from, ended: Err(JobError::Absent) };
        let (mut stdout, mut stderr, mut at) = (Vec::new(), Vec::new(), from);
        let mut keep = |piece: Piece| {
            at = at.after(&piece);
            match piece.stream {
                Stream::Stdout => stdout.extend(piece.bytes),
                Stream::Stderr => stderr.extend(piece.bytes),
            }
            Ok(())
        };
        followed.ended = job::follow(&self.remote, step, from, &mut keep).await;
        Followed { stdout, stderr, at, ..followed }
    }

    /// Runs a step to its end.
    pub(super) async fn run(&self, script: &str) -> Followed {
        let step = Self::step();
        self.start(&step, script).await;
        self.follow(&step, Offsets::default()).await
    }
}

pub(super) struct Followed {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) at: Offsets,
    pub(super) ended: Result<Ended, JobError>,
}

impl Followed {
    pub(super) fn exit(self) -> Exit {
        self.ended.expect("an exit").exit
    }

    pub(super) fn dropped(&self) -> Dropped {
        self.ended.as_ref().expect("an exit").dropped
    }
}

/// Whether a process of that number runs (one that nobody waited for does not).
pub(super) fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Waits until a process is gone.
pub(super) async fn gone(pid: &str) {
    while lives(pid) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(super) fn signal(name: &str) -> Exit {
    Exit::Signal(name.to_owned())
}
