//! Protection of this process from others of the same account, and of what it leaves behind.

/// What [`process`] could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hardening {
    /// Other processes of the same account cannot read this one's memory or environment, nor attach to it. Linux only.
    pub not_dumpable: bool,
    /// A crash writes no core file.
    pub no_core: bool,
}

/// Closes this process to its neighbours and forbids core dumps. To be called first in `main`, before a secret is read and
/// before a second thread starts. A program that is started from this one is not dumpable again only if it asks for it;
/// the core limit is inherited.
///
/// Linux: `prctl(PR_SET_DUMPABLE, 0)` and `RLIMIT_CORE` 0, hard. Other Unix systems: the limit alone. Windows: neither.
/// Root, and a debugger with `CAP_SYS_PTRACE`, read everything all the same. While it is not dumpable, the files of
/// `/proc/PID` belong to root: a portal that looks at `/proc/PID/root` to learn who calls refuses this process.
#[must_use]
pub fn process() -> Hardening {
    Hardening { not_dumpable: forbid_reading(), no_core: forbid_core() }
}

#[cfg(target_os = "linux")]
fn forbid_reading() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn forbid_reading() -> bool {
    false
}

#[cfg(unix)]
fn forbid_core() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).is_ok()
}

#[cfg(not(unix))]
fn forbid_core() -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::kit;

    const TEST: &str = "harden::tests::a_neighbour_reads_nothing_and_a_crash_leaves_no_core";
    /// The account `nobody`: root may read everything, so that tests run as root observe nothing as root.
    const NOBODY: u32 = 65534;

    #[test]
    fn a_neighbour_reads_nothing_and_a_crash_leaves_no_core() {
        match kit::step().as_deref() {
            Some("hardened") => {
                assert_eq!(process(), Hardening { not_dumpable: true, no_core: true });
                wait_and_crash();
            }
            Some("as it is") => wait_and_crash(),
            _ => {
                let folder = tempfile::tempdir().expect("a folder");
                fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("ours");
                // Another account may not reach the folder where tests are built.
                let program = folder.path().join("program");
                fs::copy(std::env::current_exe().expect("this test"), &program).expect("copied");

                assert!(is_readable(&program, "as it is"), "by a neighbour: or there is nothing to be seen here");
                assert!(!is_readable(&program, "hardened"));
            }
        }
    }

    /// Says that it is ready, waits to be looked at, and aborts.
    fn wait_and_crash() -> ! {
        std::io::stdout().write_all(b"\nready\n").expect("the pipe");
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::abort()
    }

    /// Starts one step, looks at it as another process of its account, lets it crash. Whether its environment could be read.
    fn is_readable(program: &Path, step: &str) -> bool {
        let folder = program.parent().expect("the folder");
        let mut command = as_nobody(Command::new(program));
        command.args(["--exact", TEST, "--nocapture"]).env(kit::STEP, step).current_dir(folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        assert!(lines.any(|line| line.is_ok_and(|line| line == "ready")));

        let proc = PathBuf::from("/proc").join(child.id().to_string());
        let opens = |file: &str, bytes: &str| {
            let read = as_nobody(Command::new("head")).args(["-c", bytes]).arg(proc.join(file)).output();
            read.expect("head is part of every system").status.success()
        };
        let (environment, memory) = (opens("environ", "1"), opens("mem", "0"));
        let limits = fs::read_to_string(proc.join("limits")).expect("anyone may read the limits");
        let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("a limit");

        drop(child.stdin.take());
        let status = child.wait().expect("it ends");
        assert_eq!(status.signal(), Some(6), "SIGABRT");
        if step == "hardened" {
            assert!(!memory && !status.core_dumped());
            assert_eq!(core.split_whitespace().collect::<Vec<_>>()[..2], ["0", "0"], "soft and hard");
            assert_eq!(fs::read_dir(folder).expect("ours").count(), 1, "the program, and no core file");
        }
        environment
    }

    fn as_nobody(mut command: Command) -> Command {
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}
