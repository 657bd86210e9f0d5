//! Terminals: who may open one, what ends it, what the journal says of it.

use std::time::Duration;

use beffroi_app::{App, AppError, ReachError, TerminalEnd, TerminalFacts, TerminalOrder};
use beffroi_domain::Exit;
use beffroi_remote::RemoteError;
use beffroi_secret::SecretBytes;

use crate::kit::{Ground, Host, STAGE_SECRET, events, journal, text, until};

const LONG: Duration = Duration::from_secs(30);

fn order(host: &str) -> TerminalOrder {
    TerminalOrder { host: host.to_owned(), cols: 80, rows: 24, root: false, console: false, typed: Some(host.to_owned()) }
}

async fn open(app: &App, host: &str) -> TerminalFacts {
    app.open_terminal(&order(host)).await.expect("a terminal")
}

async fn type_in(app: &App, terminal: &TerminalFacts, typed: &str) {
    app.write_terminal(&terminal.id.to_string(), SecretBytes::new(typed.as_bytes().to_vec())).await.expect("typed");
}

/// Reads until something is shown.
async fn shown(app: &App, terminal: &TerminalFacts, what: &str) -> String {
    let mut all = Vec::new();
    loop {
        let output = app.read_terminal(&terminal.id.to_string(), LONG).await.expect("output");
        all.extend(output.bytes);
        let text = String::from_utf8_lossy(&all).into_owned();
        if text.contains(what) {
            return text;
        }
        assert!(output.ended.is_none() && output.lost == 0, "{what:?} was not shown: {text}");
    }
}

/// Reads to the end, be it the vault's.
async fn end(app: &App, terminal: &TerminalFacts) -> TerminalEnd {
    loop {
        match app.read_terminal(&terminal.id.to_string(), LONG).await {
            Ok(output) => {
                if let Some(end) = output.ended {
                    return end;
                }
            }
            // Who was not waiting at that moment is told so.
            Err(error) => {
                assert!(matches!(error, AppError::Locked), "{error:?}");
                return TerminalEnd::Locked;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_opened_used_and_told_of_once() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "here", "dev").await;
    let terminal = open(&app, "here").await;
    assert_eq!((terminal.host.as_str(), terminal.stage.as_str(), terminal.root, terminal.ended), ("here", "dev", false, false));
    let id = terminal.id.to_string();
    app.resize_terminal(&id, 132, 50).await.expect("told");
    type_in(&app, &terminal, "stty size; echo canary-9d2 $((6*7))\n").await;
    assert!(shown(&app, &terminal, "canary-9d2 42").await.contains("50 132"));
    assert_eq!(app.terminals().expect("terminals").len(), 1);
    assert!(matches!(app.resize_terminal(&id, 0, 24).await, Err(AppError::InvalidRequest { .. })));
    let much = SecretBytes::new(vec![b'x'; (64 << 10) + 1]);
    assert!(matches!(app.write_terminal(&id, much).await, Err(AppError::InvalidRequest { .. })));

    // Who waits is answered when another one reads.
    let waiting = {
        let (app, id) = (app.clone(), id.clone());
        tokio::spawn(async move { while app.read_terminal(&id, LONG).await.is_ok_and(|output| !output.bytes.is_empty()) {} })
    };
    until("the first reader's answer", async || {
        let _ = app.read_terminal(&id, Duration::ZERO).await.expect("output");
        waiting.is_finished()
    })
    .await;

    type_in(&app, &terminal, "exit 5\n").await;
    assert!(matches!(end(&app, &terminal).await, TerminalEnd::Exit(Exit::Status(5))));
    assert!(matches!(app.read_terminal(&id, LONG).await, Err(AppError::TerminalNotFound { .. })), "it is told once");
    app.close_terminal(&id).await.expect("it is closed already");
    until("the journal", async || events(&app).await.contains(&"terminal-closed".to_owned())).await;
    let lines = journal(&app).await;
    let line = |event: &str| lines.iter().find(|line| line.entry.event == event).expect("an entry");
    let (opened, closed) = (line("terminal-opened"), line("terminal-closed"));
    assert!(opened.sequence < closed.sequence);
    assert_eq!((opened.host.as_deref(), closed.host.as_deref()), (Some("here"), Some("here")));
    assert!(opened.entry.values.iter().any(|(name, value)| name == "account" && *value == terminal.account));
    assert!(closed.entry.values.iter().any(|(name, _)| name == "seconds"));
    assert!(!format!("{lines:?}").contains("canary-9d2"), "what is typed and shown is not recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_its_stage_its_host_and_its_vault() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    host.join(&app, "here", "dev").await;
    let untyped = TerminalOrder { typed: None, ..order("shop") };
    assert!(matches!(app.open_terminal(&untyped).await, Err(AppError::NameNotTyped { .. })));

    let (sealed, other) = (open(&app, "shop").await, open(&app, "here").await);
    let id = sealed.id.to_string();
    type_in(&app, &sealed, "echo go $((6*7))\n").await;
    shown(&app, &sealed, "go 42").await;
    app.seal_stage("prod").await.expect("sealed");
    // What was typed or shown meanwhile goes nowhere.
    assert!(matches!(app.write_terminal(&id, SecretBytes::new(b"x".to_vec())).await, Err(AppError::StageSealed { .. })));
    let ended = end(&app, &sealed).await;
    assert!(matches!(&ended, TerminalEnd::Sealed { stage } if stage == "prod"), "{ended:?}");
    assert!(matches!(app.open_terminal(&order("shop")).await, Err(AppError::StageSealed { .. })));
    type_in(&app, &other, "echo there $((6*7))\n").await;
    shown(&app, &other, "there 42").await;

    app.remove_host("here").await.expect("removed");
    assert!(matches!(end(&app, &other).await, TerminalEnd::HostGone { host } if host == "here"));

    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    let locked = open(&app, "shop").await;
    let reading = {
        let (app, locked) = (app.clone(), locked.clone());
        tokio::spawn(async move { end(&app, &locked).await })
    };
    type_in(&app, &locked, "true\n").await;
    app.lock_vault().await.expect("locked");
    let told = reading.await.expect("no panic");
    assert!(matches!(told, TerminalEnd::Locked), "{told:?}");
    assert!(matches!(app.terminals(), Err(AppError::Locked)));
    until("no connection", async || host.connections() == 0).await;

    let app = ground.unsealed().await;
    assert!(app.terminals().expect("terminals").is_empty());
    let all = events(&app).await;
    let count = |event: &str| all.iter().filter(|found| *found == event).count();
    assert_eq!((count("terminal-opened"), count("terminal-closed")), (3, 3), "{all:?}");
    let at = |event: &str| all.iter().rposition(|found| found == event).expect("an entry");
    assert!(at("terminal-closed") < at("vault-locked"), "the last word of a vault is that it was locked: {all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_link_is_told_as_one() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "here", "dev").await;
    let terminal = open(&app, "here").await;
    // The shell's parent is the process of sshd that serves the connection.
    type_in(&app, &terminal, "kill -KILL $PPID\n").await;
    let ended = end(&app, &terminal).await;
    assert!(matches!(ended, TerminalEnd::Lost(RemoteError::LinkLost { .. })), "{ended:?}");
    // Another one is a new connection.
    let again = open(&app, "here").await;
    app.close_terminal(&again.id.to_string()).await.expect("closed");
    app.close_terminal("no such terminal").await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_so_many_and_no_more_and_other_work_goes_on() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "here", "dev").await;
    let mut terminals = Vec::new();
    for _ in 0..5 {
        terminals.push(open(&app, "here").await);
    }
    let refused = app.open_terminal(&order("here")).await;
    assert!(matches!(refused, Err(AppError::Reach(ReachError::TooManyTerminals { most: 32, most_here: 5 }))), "{refused:?}");
    assert_eq!(crate::kit::run_on(&app, "here", "echo here").await.expect("an output"), "here");
    let listed: Vec<_> = app.terminals().expect("terminals").into_iter().map(|terminal| terminal.id).collect();
    assert_eq!(listed, terminals.iter().map(|terminal| terminal.id).collect::<Vec<_>>());
    // One that ended makes place at once, read or not.
    type_in(&app, &terminals[0], "exit\n").await;
    until("the end of the first", async || app.terminals().expect("terminals")[0].ended).await;
    let next = open(&app, "here").await;
    app.close_terminal(&next.id.to_string()).await.expect("closed");
    assert_eq!(app.terminals().expect("terminals").len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn root_is_become_by_sudo_where_the_record_says_so() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "here", "dev").await;
    let terminal = app.open_terminal(&TerminalOrder { root: true, ..order("here") }).await;
    let user = host.as_new("dev", "dev/key").user.expect("an account");
    if user == "root" {
        let terminal = terminal.expect("it is root's already");
        assert_eq!((terminal.account.as_str(), terminal.root), ("root", true));
        type_in(&app, &terminal, "id -u; exit\n").await;
        assert!(matches!(end(&app, &terminal).await, TerminalEnd::Exit(Exit::Status(0))));
    } else {
        assert!(matches!(terminal, Err(AppError::NoSudo { .. })), "{terminal:?}");
    }
}
