//! `shell` in a real terminal: what is typed and shown, sizes, ends, and what is refused.

use beffroi_tests::{Containers, Fleet, OnTerminal, Sandbox, processes_called, send, until};

use crate::agent::events;
use crate::refusals::refused;
use crate::stages;
use crate::ways::{add, key_of, password_of};

/// The terminal of a host, whose shell has answered.
#[track_caller]
fn shell(sandbox: &Sandbox, words: &[&str]) -> OnTerminal {
    let mut terminal = sandbox.in_terminal(words);
    until("a terminal that hands on every key", || (!terminal.is_usual()).then_some(()));
    terminal.type_in("echo ready $((6*7))\r");
    terminal.wait_for("ready 42");
    terminal
}

#[test]
fn a_shell_knows_the_size_exits_as_it_says_and_leaves_the_terminal_as_it_was() {
    let fleet = Fleet::of(&["plain-1"]);
    let mut terminal = shell(&fleet.sandbox, &["shell", "plain-1"]);
    terminal.type_in("stty size; echo $TERM\r");
    let shown = terminal.wait_for("xterm-256color");
    assert!(shown.contains("24 80"), "{shown}");
    terminal.resize(132, 50);
    until("the other size on the host", || {
        terminal.type_in("stty size; echo asked $((6*7))\r");
        terminal.wait_for("asked 42").contains("50 132").then_some(())
    });
    // Control-C is the host's.
    let sleep = format!("sleep 8{}.2", std::process::id());
    terminal.type_in(&format!("{sleep}\r"));
    until("a command on the host", || (!processes_called(&sleep).is_empty()).then_some(()));
    terminal.type_in("\u{3}");
    until("the end of the command on the host", || processes_called(&sleep).is_empty().then_some(()));
    terminal.type_in("exit 3\r");
    assert_eq!((terminal.wait(), terminal.is_usual()), (Some(3), true), "{}", terminal.shown());
    let shown = terminal.wait_for("plain-1");
    assert!(!shown.contains("error"), "{shown}");

    let found = events(&fleet.sandbox);
    let place = |event: &str| found.iter().position(|found| found == event).expect("it is in the journal");
    assert!(place("journal.terminal-closed") < place("journal.terminal-opened"), "the newest first: {found:?}");
    let journal = fleet.sandbox.beffroi(&["journal", "list"]).success().stdout;
    assert!(journal.contains(&fleet.lab.host("plain-1").user) && !journal.contains("ready"), "{journal}");
}

#[test]
fn a_tilde_at_the_beginning_of_a_line_speaks_to_the_program() {
    let fleet = Fleet::of(&["plain-1"]);
    let mut terminal = shell(&fleet.sandbox, &["shell", "plain-1"]);
    terminal.type_in("~?");
    terminal.wait_for("~.");
    let sleep = format!("sleep 8{}.3", std::process::id());
    terminal.type_in(&format!("exec {sleep}\r"));
    until("a command on the host", || (!processes_called(&sleep).is_empty()).then_some(()));
    terminal.type_in("~.");
    assert_eq!((terminal.wait(), terminal.is_usual()), (Some(255), true), "{}", terminal.shown());
    until("the end of the command on the host", || processes_called(&sleep).is_empty().then_some(()));
}

#[test]
fn a_signal_ends_it_and_leaves_the_terminal_as_it_was() {
    let fleet = Fleet::of(&["plain-1"]);
    for (signal, exit) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut terminal = shell(&fleet.sandbox, &["shell", "plain-1"]);
        send(signal, terminal.pid());
        assert_eq!((terminal.wait(), terminal.is_usual()), (Some(exit), true), "{signal}: {}", terminal.shown());
    }
}

#[test]
fn much_output_comes_whole() {
    let fleet = Fleet::of(&["plain-1"]);
    let mut terminal = shell(&fleet.sandbox, &["shell", "plain-1"]);
    terminal.type_in("stty -onlcr; yes 0123456789 | head -n 500000; echo end $((6*7))\r");
    let shown = terminal.wait_for("end 42");
    assert_eq!(shown.matches("0123456789\n").count(), 500_000);
    terminal.type_in("exit\r");
    assert_eq!(terminal.wait(), Some(0));
}

#[test]
fn it_goes_through_the_process_that_holds_the_keys() {
    let fleet = Fleet::of(&["plain-1"]);
    drop(fleet.sandbox.beffroi(&["vault", "unlock"]).success());
    let mut terminal = shell(&fleet.sandbox, &["shell", "plain-1"]);
    terminal.type_in("stty size; exit 4\r");
    terminal.wait_for("24 80");
    assert_eq!(terminal.wait(), Some(4));
    // Killed, it leaves a terminal that nobody reads, and which ends with the vault.
    let sleep = format!("sleep 8{}.4", std::process::id());
    let mut killed = shell(&fleet.sandbox, &["shell", "plain-1"]);
    killed.type_in(&format!("exec {sleep}\r"));
    until("a command on the host", || (!processes_called(&sleep).is_empty()).then_some(()));
    send("KILL", killed.pid());
    let _ = killed.wait();
    // One that is in use is told.
    let mut other = shell(&fleet.sandbox, &["shell", "plain-1"]);
    drop(fleet.sandbox.bare(&["vault", "lock"]).success());
    assert_eq!((other.wait(), other.is_usual()), (Some(3), true), "{}", other.shown());
    until("the end of the command on the host", || processes_called(&sleep).is_empty().then_some(()));
    let found = events(&fleet.sandbox);
    let count = |event: &str| found.iter().filter(|found| *found == event).count();
    assert_eq!((count("journal.terminal-opened"), count("journal.terminal-closed")), (3, 3), "{found:?}");
}

#[test]
fn a_stage_that_is_sealed_ends_it_and_lets_none_begin() {
    let fleet = stages::with_prod();
    let sandbox = &fleet.sandbox;
    let mut sealed = sandbox.in_terminal(&["--confirm", "shop", "shell", "shop"]);
    assert_eq!((sealed.wait(), sealed.is_usual()), (Some(6), true), "{}", sealed.shown());

    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    drop(sandbox.beffroi(&[&["stage", "unseal", "prod"], &stages::OPEN[..]].concat()).success());
    let mut asked = sandbox.in_terminal(&["shell", "shop"]);
    asked.wait_for("shop");
    asked.type_in("no\r");
    assert_eq!(asked.wait(), Some(7), "{}", asked.shown());
    let mut terminal = shell(sandbox, &["--confirm", "shop", "shell", "shop"]);
    drop(sandbox.beffroi(&["stage", "seal", "prod"]).success());
    assert_eq!((terminal.wait(), terminal.is_usual()), (Some(6), true), "{}", terminal.shown());
    assert!(terminal.shown().contains("prod"), "{}", terminal.shown());
}

#[test]
fn sudo_asks_in_the_terminal_where_it_asks_at_all() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    key_of(&sandbox, &lab);
    password_of(&sandbox, "admin/password", host, "admin");
    add(&sandbox, "admin", host, &["--user", "admin", "--identity", "key", "--sudo", "admin/password"]);
    add(&sandbox, "ops", host, &["--user", "ops", "--identity", "key", "--sudo", "without-password"]);
    add(&sandbox, "plain", host, &["--user", "ops", "--identity", "key"]);
    let root = |terminal: &mut OnTerminal| {
        terminal.type_in("echo I am $(id -u) in $HOME; exit 6\r");
        terminal.wait_for("I am 0 in /root");
        assert_eq!((terminal.wait(), terminal.is_usual()), (Some(6), true), "{}", terminal.shown());
    };
    root(&mut sandbox.in_terminal(&["shell", "ops", "--sudo"]));
    let mut asked = sandbox.in_terminal(&["shell", "admin", "--sudo"]);
    asked.wait_for("password for admin");
    let password = host.password("admin");
    asked.type_in(&format!("{}\r", password.trim()));
    // Sudo throws away what was typed before it had the password.
    asked.wait_for("# ");
    root(&mut asked);
    assert!(!asked.shown().contains(password.trim()), "sudo shows no password");
    let mut refused = sandbox.in_terminal(&["shell", "plain", "--sudo"]);
    assert_eq!(refused.wait(), Some(5), "{}", refused.shown());
    let mut account = shell(&sandbox, &["shell", "ops"]);
    account.type_in("id -un; exit\r");
    account.wait_for("ops");
    assert_eq!(account.wait(), Some(0));
}

#[test]
fn without_a_terminal_it_says_what_does_without() {
    let sandbox = Sandbox::with_vault();
    let error = refused(&sandbox, &["shell", "plain-1"], 2, "no-terminal");
    assert!(error["remedy"].as_str().is_some_and(|remedy| remedy.contains("beffroi run --on")), "{error}");
    let mut terminal = sandbox.in_terminal(&["--json", "shell", "plain-1"]);
    assert_eq!(terminal.wait(), Some(2));
    terminal.wait_for("invalid-request");
    let mut unknown = sandbox.in_terminal(&["shell", "nobody"]);
    assert_eq!((unknown.wait(), unknown.is_usual()), (Some(2), true));
    unknown.wait_for("nobody");
}
