//! Starting: once, whatever is asked and whoever dies.

use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::job::{self, JobError, KEPT, Launcher, Offsets, Started, StepOnHost};
use beffroi_remote::{CommandLine, Remote, RunRequest};

use super::host::{Host, SCRIPT, lives};

#[tokio::test]
async fn a_step_runs_and_leaves_nothing_once_removed() {
    for host in Host::each() {
        let step = Host::step();
        assert_eq!(host.state(&step).await, StepOnHost::Absent);
        host.start(&step, "echo out; echo err >&2; pwd >/dev/null; exit 3").await;
        let followed = host.follow(&step, Offsets::default()).await;
        assert_eq!((followed.stdout.as_slice(), followed.stderr.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
        assert_eq!(followed.exit(), Exit::Status(3));
        assert_eq!(host.state(&step).await, StepOnHost::Ended(Exit::Status(3)));
        let listed = job::list(&host.remote).await.expect("a list").steps;
        assert_eq!(
            listed.iter().map(|listed| (listed.step, &listed.state)).collect::<Vec<_>>(),
            [(step, &StepOnHost::Ended(Exit::Status(3)))]
        );
        job::remove(&host.remote, &step).await.expect("removed");
        job::remove(&host.remote, &step).await.expect("removed twice");
        assert_eq!(host.state(&step).await, StepOnHost::Absent);
        assert_eq!(job::list(&host.remote).await.expect("a list"), job::Ledger::default());
        let left = std::fs::read_dir(host.path(&step).parent().expect("a folder")).expect("entries").count();
        assert_eq!(left, 0);
    }
}

#[tokio::test]
async fn exits_are_recorded_as_they_are() {
    for host in Host::each() {
        for (script, exit) in [
            ("true", Exit::Status(0)),
            ("exit 42", Exit::Status(42)),
            ("exit 255", Exit::Status(255)),
            ("exit 128", Exit::Status(128)),
            ("no-such-program-x", Exit::Status(127)),
            ("kill -TERM $$", Exit::Signal("TERM".to_owned())),
            ("kill -KILL $$", Exit::Signal("KILL".to_owned())),
            ("kill -USR1 $$", Exit::Signal("USR1".to_owned())),
        ] {
            assert_eq!(host.run(script).await.exit(), exit, "{script}");
        }
    }
}

#[tokio::test]
async fn the_command_is_byte_exact_and_gets_the_logins_umask_and_no_input() {
    let host = Host::any();
    let odd = "printf '%s' 'it'\\''s $x `y` é\\n\\\\' \"a\tb\"; umask; cat; exec 2>&1; echo \"$0\" >&2";
    let followed = host.run(odd).await;
    let text = String::from_utf8(followed.stdout.clone()).expect("UTF-8");
    assert!(text.starts_with("it's $x `y` é\\n\\\\a\tb"), "{text}");
    let umask = host.remote.run(RunRequest::new(CommandLine::shell("umask"))).await.expect("a umask");
    assert!(text.contains(std::str::from_utf8(&umask.stdout).expect("UTF-8")), "{text}");
    assert_eq!(followed.exit(), Exit::Status(0));
}

#[tokio::test]
async fn files_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let host = Host::any();
    let step = Host::step();
    host.start(&step, "echo x").await;
    host.follow(&step, Offsets::default()).await.exit();
    let folder = host.path(&step);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("entries") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} {mode:o}", entry.path());
        names.push(entry.file_name().into_string().expect("UTF-8"));
    }
    names.sort();
    assert_eq!(names, ["cancel", "command", "dropped-err", "dropped-out", "err", "exit", "out", "pid"]);
    assert_eq!(std::fs::metadata(&folder).expect("metadata").permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn asking_twice_runs_it_once() {
    for host in Host::each() {
        let step = Host::step();
        let script = CommandLine::shell(format!("echo ran >>{}", host.file("ran").display()));
        assert_eq!(job::start(&host.remote, &step, &script, None, KEPT).await.expect("a start"), Started::Now(Launcher::Setsid));
        assert_eq!(job::start(&host.remote, &step, &script, None, KEPT).await.expect("a start"), Started::AlreadyThere);
        host.follow(&step, Offsets::default()).await.exit();
        assert_eq!(job::start(&host.remote, &step, &script, None, KEPT).await.expect("a start"), Started::AlreadyThere);
        assert_eq!(std::fs::read_to_string(host.file("ran")).expect("it ran"), "ran\n");
    }
}

#[tokio::test]
async fn asking_ten_times_at_once_runs_it_once() {
    for host in Host::each() {
        let step = Host::step();
        let script = CommandLine::shell(format!("echo ran >>{}; cat", host.file("ran").display()));
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (remote, script) = (host.remote.clone(), script.clone());
            asking.spawn(async move {
                let input = beffroi_secret::SecretBytes::new(b"input".to_vec());
                job::start(&remote, &step, &script, Some(&input), KEPT).await
            });
        }
        let started: Vec<Started> = asking.join_all().await.into_iter().map(|started| started.expect("a start")).collect();
        assert_eq!(started.iter().filter(|started| **started == Started::Now(Launcher::Setsid)).count(), 1, "{started:?}");
        let followed = host.follow(&step, Offsets::default()).await;
        assert_eq!(followed.stdout, b"input");
        // What the other nine had staged goes.
        let hidden = || {
            std::fs::read_dir(host.path(&step))
                .expect("entries")
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with('.'))
        };
        while hidden() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(followed.exit(), Exit::Status(0));
        assert_eq!(std::fs::read_to_string(host.file("ran")).expect("it ran"), "ran\n");
    }
}

#[tokio::test]
async fn a_start_that_died_in_staging_is_completed() {
    for host in Host::each() {
        let step = Host::step();
        let folder = host.path(&step);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("command"), "half a comm").expect("a file");
        std::fs::write(folder.join(".77.command"), "h").expect("a file");
        assert_eq!(host.state(&step).await, StepOnHost::Staged);
        assert!(matches!(host.follow(&step, Offsets::default()).await.ended, Err(JobError::NotStarted)));
        host.start(&step, "echo whole").await;
        let followed = host.follow(&step, Offsets::default()).await;
        assert_eq!(followed.stdout, b"whole\n");
    }
}

#[tokio::test]
async fn input_that_is_cut_off_starts_nothing() {
    let host = Host::any();
    let step = Host::step();
    // `echo ran`, its input, and the end, cut at every place.
    let whole = b"ZWNobyByYW4=\n\nend\n";
    for length in 0..whole.len() {
        let command = CommandLine::new(["sh", "-c", SCRIPT, "beffroi-job", "start", &step.to_string(), "1000"]);
        let cut = beffroi_secret::SecretBytes::new(whole[..length].to_vec());
        let output = host.remote.run(RunRequest::new(command).with_stdin(cut)).await.expect("an answer");
        assert_eq!(output.stdout, b"beffroi-job 1\nerror cut\n", "{length}");
        assert_eq!(host.state(&step).await, StepOnHost::Absent);
    }
}

#[tokio::test]
async fn a_step_outlives_whoever_started_it() {
    for host in Host::each() {
        let step = Host::step();
        // The start and the step in one login, whose whole process group is then killed.
        host.start(&step, &format!("echo $$ >{}; sleep 0.3; echo done", host.file("pid").display())).await;
        let pid = host.written("pid").await;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
        let fields: Vec<&str> = stat.rsplit_once(") ").expect("fields").1.split(' ').collect();
        let (session, own) = (fields[3], std::fs::read_to_string("/proc/self/stat").expect("this test"));
        let own: Vec<&str> = own.rsplit_once(") ").expect("fields").1.split(' ').collect();
        assert_ne!(session, own[3], "it has a session of its own");
        assert_ne!(fields[2], own[2], "and a process group");
        assert_eq!(fields[4], "0", "and no terminal");
        assert!(lives(&pid));
        let followed = host.follow(&step, Offsets::default()).await;
        assert_eq!(followed.stdout, b"done\n");
        assert_eq!(followed.exit(), Exit::Status(0));
    }
}

#[tokio::test]
async fn killing_the_starter_at_any_moment_never_runs_it_twice() {
    let host = Host::any();
    for delay in [0, 1, 2, 4, 6, 8, 10, 12, 15, 20, 30] {
        let step = Host::step();
        let ran = host.file(&format!("ran-{delay}"));
        let script = CommandLine::shell(format!("echo ran >>{}", ran.display()));
        let first = tokio::time::timeout(Duration::from_millis(delay), job::start(&host.remote, &step, &script, None, KEPT));
        drop(first.await);
        job::start(&host.remote, &step, &script, None, KEPT).await.expect("a start");
        assert_eq!(host.follow(&step, Offsets::default()).await.exit(), Exit::Status(0));
        assert_eq!(std::fs::read_to_string(ran).expect("it ran"), "ran\n", "{delay} ms");
    }
}

#[tokio::test]
async fn too_long_a_command_is_refused_here() {
    let host = Host::any();
    let step = Host::step();
    let long = CommandLine::shell(":".repeat(job::MOST_INPUT + 1));
    assert!(matches!(job::start(&host.remote, &step, &long, None, KEPT).await, Err(JobError::TooLong { .. })));
    assert_eq!(host.state(&step).await, StepOnHost::Absent);
}

#[tokio::test]
async fn the_state_folder_of_a_login_is_not_taken_over_by_sudo() {
    let host = Host::any();
    let script = SCRIPT.replace("/var/lib/beffroi", &host.file("root").display().to_string());
    for (variables, there) in [("", true), ("SUDO_UID=1000", false), ("DOAS_USER=x", false), ("XDG_STATE_HOME=relative", false)] {
        let step = Host::step();
        std::fs::create_dir_all(host.path(&step)).expect("a folder");
        let asked = CommandLine::new(["sh", "-c", &script, "beffroi-job", "state", &step.to_string()]);
        let line = CommandLine::shell(format!("{variables} {}", asked.as_str()));
        let output = host.remote.run(RunRequest::new(line)).await.expect("an answer");
        let state = if there { "staged" } else { "absent" };
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("beffroi-job 1\n{state}\n"), "{variables}");
    }
}
