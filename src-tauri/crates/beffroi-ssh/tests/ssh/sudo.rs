//! Commands that run as root by sudo. What stands for sudo is `sudo.sh`, which says how far it is the same.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{Limits, Remote, RemoteError, SudoRefusal};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_ssh::{SshRemote, Sudo};

use super::server::{Server, first_line, for_at_most, gone, kill, request, run};

pub(super) const PASSWORD: &str = "It's the right-1 %p";

/// A server with this sudo.
fn server(how: &str) -> Server {
    let server = Server::start();
    let path = server.file("bin/sudo");
    std::fs::write(&path, include_str!("sudo.sh")).expect("a script");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("permissions");
    std::fs::write(server.file("bin/sudo.how"), how).expect("settings");
    server
}

/// One that asks for the password.
pub(super) fn asking(how: &str) -> Server {
    server(&format!("password=\"{PASSWORD}\"\n{how}\n"))
}

async fn elevated(server: &Server, password: Option<&str>) -> SshRemote {
    server.connect().await.elevated(Sudo { password: password.map(|text| SecretText::new(text.to_owned())) })
}

async fn refusal(server: &Server, password: Option<&str>) -> SudoRefusal {
    let input = SecretBytes::new(b"the payload\n".to_vec());
    let error = elevated(server, password).await.run(request("echo ran; cat").with_stdin(input)).await.expect_err("an error");
    assert!(matches!(error, RemoteError::SudoRefused { .. }), "{error:?}");
    if let RemoteError::SudoRefused { why } = error { why } else { SudoRefusal::Other { said: String::new() } }
}

/// The lines that sudo took as passwords.
fn read_by_sudo(server: &Server) -> String {
    std::fs::read_to_string(server.file("bin/sudo.read")).unwrap_or_default()
}

#[tokio::test]
async fn the_password_is_given_when_asked_for_and_the_rest_is_the_commands() {
    let input: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    for how in ["", "lecture=yes", "lecture=yes language=fr", "dialect=rs"] {
        let server = asking(how);
        let remote = elevated(&server, Some(PASSWORD)).await;
        let limits = Limits { most_bytes: input.len(), ..Limits::default() };
        let asked = request("cat; printf 'an error' >&2; exit 7").with_stdin(SecretBytes::new(input.clone())).with_limits(limits);
        let output = remote.run(asked).await.expect("an output");
        assert!(output.stdout == input, "{how}");
        assert_eq!((output.stderr.as_slice(), output.exit), (&b"an error"[..], Exit::Status(7)), "{how}");
        assert_eq!(read_by_sudo(&server), format!("{PASSWORD}\n"), "{how}");
        assert_eq!(run(&remote, "cat; echo end").await.stdout, b"end\n");
        assert_eq!(run(&remote, "kill -TERM $$").await.exit, Exit::Signal("TERM".to_owned()));
        let called = std::fs::read_to_string(server.file("bin/sudo.called")).expect("calls");
        assert!(called.contains("-k -S -p") && !called.contains("right-1"), "{called}");
    }
}

#[tokio::test]
async fn without_a_prompt_the_password_is_not_written() {
    let server = server("");
    for password in [Some(PASSWORD), None] {
        let remote = elevated(&server, password).await;
        let input = SecretBytes::new(b"first line\nsecond".to_vec());
        let output = remote.run(request("cat; echo; echo \"$HOME\"").with_stdin(input)).await.expect("an output");
        assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"first line\nsecond\n/root\n"[..], &b""[..]));
        // Nothing of what is sent for a command is left for it to read.
        assert_eq!(run(&remote, "cat").await.stdout, b"");
    }
}

#[tokio::test]
async fn a_wrong_password_is_written_once() {
    for how in ["", "language=fr", "lecture=yes", "tries=1", "tries=1 language=fr", "dialect=rs"] {
        let server = asking(how);
        assert_eq!(refusal(&server, Some("wrong")).await, SudoRefusal::WrongPassword, "{how}");
        // Not a second time, nor the payload in its place.
        assert_eq!(read_by_sudo(&server), "wrong\n", "{how}");
        let calls = std::fs::read_to_string(server.file("bin/sudo.called")).expect("calls");
        assert_eq!(calls.matches("-k -S -p").count(), 1, "sudo was started for more than the command: {calls}");
    }
}

#[tokio::test]
async fn why_sudo_refuses_is_told_in_both_languages() {
    for language in ["language=en", "language=fr"] {
        let with = |how: &str| asking(&format!("{how} {language}"));
        assert_eq!(refusal(&with("refuses=sudoers"), Some(PASSWORD)).await, SudoRefusal::NotAllowed);
        assert_eq!(refusal(&with("refuses=command"), Some(PASSWORD)).await, SudoRefusal::NotAllowed);
        assert_eq!(refusal(&with("refuses=tty"), Some(PASSWORD)).await, SudoRefusal::NeedsTty);
        assert_eq!(refusal(&with("refuses=tty"), None).await, SudoRefusal::NeedsTty);
        assert_eq!(refusal(&with(""), None).await, SudoRefusal::PasswordNeeded);
    }
}

#[tokio::test]
async fn what_is_not_known_is_shown_harmless_and_without_the_password() {
    let why = refusal(&asking("refuses=other"), Some(PASSWORD)).await;
    let said = why.to_string();
    assert!(matches!(why, SudoRefusal::Other { .. }) && said.starts_with("sudo: PAM account management error: "), "{said}");
    assert!(!said.contains("right-1") && !said.contains('\u{1b}'), "{said}");
}

#[tokio::test]
async fn a_host_without_sudo_is_told() {
    let server = Server::with("ForceCommand PATH=/nonexistent; eval \"$SSH_ORIGINAL_COMMAND\"");
    assert_eq!(refusal(&server, Some(PASSWORD)).await, SudoRefusal::NotInstalled);
    assert_eq!(refusal(&server, None).await, SudoRefusal::NotInstalled);
}

#[tokio::test]
async fn a_password_that_sudo_would_not_read_whole_is_not_sent() {
    let server = asking("");
    for bad in ["two\nlines", "carriage\rreturn", "nul\0", &"x".repeat(256)] {
        let error = elevated(&server, Some(bad)).await.run(request("true")).await.expect_err("an error");
        assert!(matches!(error, RemoteError::CredentialUnusable { .. }), "{error}");
    }
    assert!(!server.file("bin/sudo.called").exists());
}

#[tokio::test]
async fn sudo_that_neither_asks_nor_runs_ends_with_the_time() {
    let server = asking("hangs=yes");
    let remote = elevated(&server, Some(PASSWORD)).await;
    let error = remote.run(for_at_most("echo ran", Duration::from_millis(500))).await.expect_err("an error");
    assert!(matches!(error, RemoteError::TimedOut { .. }), "{error}");
    // Its place is free again.
    std::fs::write(server.file("bin/sudo.how"), "").expect("settings");
    assert_eq!(run(&remote, "echo free").await.stdout, b"free\n");
    kill(std::fs::read_to_string(server.file("bin/sudo.pid")).expect("a number").trim());
}

#[tokio::test]
async fn a_login_shell_that_shows_its_commands_confuses_nobody() {
    let server = Server::with("ForceCommand echo noise; echo noise >&2; set -vx; eval \"$SSH_ORIGINAL_COMMAND\"");
    let path = server.file("bin/sudo");
    std::fs::write(&path, include_str!("sudo.sh")).expect("a script");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("permissions");
    std::fs::write(server.file("bin/sudo.how"), "").expect("settings");
    let remote = elevated(&server, Some(PASSWORD)).await;
    let input = SecretBytes::new(b"payload".to_vec());
    let output = remote.run(request("cat; echo err >&2").with_stdin(input)).await.expect("an output");
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"payload"[..], &b"err\n"[..]));
}

#[tokio::test]
async fn a_start_that_says_too_much_is_ended() {
    let server = Server::with("ForceCommand exec cat /dev/zero");
    let error = elevated(&server, Some(PASSWORD)).await.run(request("true")).await.expect_err("an error");
    assert!(matches!(error, RemoteError::NotUnderstood { .. }), "{error}");
}

#[tokio::test]
async fn ending_a_command_of_root_ends_all_that_it_started() {
    let server = asking("");
    let remote = elevated(&server, Some(PASSWORD)).await;
    for script in ["echo $$; exec sleep 1121", "sleep 1122 & echo $!; wait", "sh -c 'echo $$; sleep 1123; :' | cat"] {
        let mut process = remote.start(request(script)).await.expect("a process");
        let pid = first_line(process.as_mut()).await;
        process.cancel().await;
        gone(&pid).await;
        let mut process = remote.start(request(script)).await.expect("a process");
        let pid = first_line(process.as_mut()).await;
        drop(process);
        gone(&pid).await;
    }
    let mut late = remote.start(for_at_most("echo $$; exec sleep 1124", Duration::from_secs(1))).await.expect("a process");
    let pid = first_line(late.as_mut()).await;
    assert!(matches!(late.next().await, Err(RemoteError::TimedOut { seconds: 1 })));
    gone(&pid).await;
}

#[tokio::test]
async fn a_detached_job_of_root_outlives_the_command_that_started_it() {
    let server = asking("");
    let remote = elevated(&server, Some(PASSWORD)).await;
    let mut process = remote.start(request("setsid sleep 1125 & echo $!; exec sleep 1126")).await.expect("a process");
    let pid = first_line(process.as_mut()).await;
    while !std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with("sleep")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    process.cancel().await;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    assert!(stat.contains(") S "), "{stat}");
    kill(&pid);
}

#[tokio::test]
async fn a_start_that_is_given_up_at_any_moment_leaves_no_command() {
    let server = asking("");
    let remote = elevated(&server, Some(PASSWORD)).await;
    for round in 0..24 {
        let started = remote.start(request("exec sleep 1127"));
        drop(tokio::time::timeout(Duration::from_millis(round), started).await);
    }
    // As many as there are places: the others have ended.
    let mut all = Vec::new();
    for _ in 0..8 {
        all.push(remote.start(request("exec sleep 1128")).await.expect("a process"));
    }
    assert_eq!(running("sleep 1127"), 0, "a command goes on that was given up");
    for mut process in all {
        process.cancel().await;
    }
    assert_eq!(running("sleep 1128"), 0);
}

/// How many processes of this machine run this.
fn running(command: &str) -> usize {
    let line = format!("{}\0", command.replace(' ', "\0"));
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    processes.filter(|entry| std::fs::read(entry.path().join("cmdline")).is_ok_and(|found| found == line.as_bytes())).count()
}

#[tokio::test]
async fn both_share_the_connection_and_its_end() {
    let server = asking("");
    let plain = server.connect().await;
    let root = plain.elevated(Sudo { password: Some(SecretText::new(PASSWORD.to_owned())) });
    let (one, other) = tokio::join!(run(&plain, "echo plain"), run(&root, "echo root"));
    assert_eq!((one.stdout.as_slice(), other.stdout.as_slice()), (&b"plain\n"[..], &b"root\n"[..]));
    assert!(!format!("{root:?}").contains("right-1"));
    plain.close().await;
    assert!(matches!(root.run(request("true")).await, Err(RemoteError::LinkLost { .. })));
}
