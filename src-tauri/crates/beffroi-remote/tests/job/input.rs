//! Secret input: exact, and without a trace.

use std::path::Path;

use beffroi_domain::Exit;
use beffroi_remote::job::{self, JobError, Launcher, Offsets, Started};
use beffroi_remote::{CommandLine, LocalRemote};
use beffroi_secret::SecretBytes;

use super::host::{Host, SCRIPT};

const CANARY: &str = "canary-7d1f0c55e2";
/// The same, as `start` sends it.
const ENCODED: &str = "Y2FuYXJ5LTdkMWYwYzU1ZTI";

fn holds(bytes: &[u8]) -> bool {
    [CANARY, ENCODED].iter().any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn search(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path, found);
        } else if std::fs::read(&path).is_ok_and(|bytes| holds(&bytes)) {
            found.push(path.display().to_string());
        }
    }
}

#[tokio::test]
async fn input_arrives_exact() {
    for host in Host::each() {
        let every: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        for input in [&b"a"[..], b"no line end", b"line\n", b"\n\n\0\xff", b" -n  ", &every] {
            let step = Host::step();
            assert_eq!(host.start_with(&step, "cat", input).await.expect("a start"), Started::Now(Launcher::Setsid));
            let followed = host.follow(&step, Offsets::default()).await;
            assert!(followed.stdout == input, "{} of {} bytes", followed.stdout.len(), input.len());
            assert_eq!(followed.exit(), Exit::Status(0));
        }
    }
}

#[tokio::test]
async fn input_leaves_no_trace() {
    for host in Host::each() {
        let step = Host::step();
        let script = format!(
            "read secret; echo begun >{}; read more <{}; test ${{#secret}} = {}",
            host.file("begun").display(),
            host.file("go").display(),
            CANARY.len()
        );
        let status = std::process::Command::new("mkfifo").arg(host.file("go")).status().expect("mkfifo");
        assert!(status.success());
        host.start_with(&step, &script, format!("{CANARY}\n").as_bytes()).await.expect("a start");
        host.written("begun").await;

        // While it runs, the secret is read and held by it alone.
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
            let number = entry.file_name().to_string_lossy().chars().all(|c| c.is_ascii_digit());
            for file in ["cmdline", "environ"] {
                let path = entry.path().join(file);
                if number && std::fs::read(&path).is_ok_and(|bytes| holds(&bytes)) {
                    found.push(path.display().to_string());
                }
            }
        }
        search(&host.path(&step), &mut found);
        for memory in ["/dev/shm", "/run"] {
            let name = step.to_string();
            let left = std::fs::read_dir(memory).into_iter().flatten().flatten();
            found.extend(left.map(|entry| entry.path().display().to_string()).filter(|path| path.contains(&name)));
        }
        assert_eq!(found, Vec::<String>::new());

        std::fs::write(host.file("go"), "\n").expect("it goes on");
        assert_eq!(host.follow(&step, Offsets::default()).await.exit(), Exit::Status(0));
        let mut found = Vec::new();
        search(&host.path(&step), &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}

#[tokio::test]
async fn without_a_place_in_memory_secret_input_is_refused_and_nothing_starts() {
    let host = Host::any();
    let step = Host::step();
    // A login that sees no tmpfs: the same script with an empty table of mounts.
    let script = SCRIPT.replace("/proc/mounts", "/dev/null");
    let command = CommandLine::new(["sh", "-c", &script, "beffroi-job", "start", &step.to_string(), "1000"]);
    let input = SecretBytes::new(b"dHJ1ZQ==\nYQ==\nend\n".to_vec());
    let request = beffroi_remote::RunRequest::new(command).with_stdin(input);
    let output = beffroi_remote::Remote::run(&host.remote, request).await.expect("an answer");
    assert_eq!(output.stdout, b"beffroi-job 1\nerror tmpfs\n");
    assert_eq!(host.state(&step).await, job::StepOnHost::Absent);
}

#[tokio::test]
async fn what_a_host_lacks_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let homeless = LocalRemote::new(folder.path()).with_variable("HOME", "");
    // Root has /var/lib/beffroi, where this test writes nothing: it only asks.
    let state = job::state(&homeless, &Host::step()).await;
    assert!(matches!(state, Ok(job::StepOnHost::Absent) | Err(JobError::Missing { .. })), "{state:?}");
    let shell = LocalRemote::new(folder.path()).with_shell(&["true"]);
    assert!(matches!(job::state(&shell, &Host::step()).await, Err(JobError::NotUnderstood { .. })));
}
