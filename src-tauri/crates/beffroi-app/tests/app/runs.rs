//! Runs on many hosts: canary, waves, budget, what is kept of them, running again, stopping.

use std::fs;

use beffroi_app::{App, AppError, Change, Pace, RunEnd, RunFacts, RunOrder, RunWhat, Trouble};

use crate::kit::{Ground, Host, STAGE_SECRET, events, journal, run_on, text, until};

/// A machine whose vault knows one real host by several names, and one by which nobody answers.
async fn fleet(names: &[&str], dead: &[&str]) -> (Ground, Host, App) {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    app.set_secret("dev/key", host.key(), None).await.expect("a new secret");
    for name in names {
        app.add_host(name, host.as_new("dev", "dev/key")).await.expect("a new host");
    }
    for name in dead {
        let mut new = host.as_new("dev", "dev/key");
        new.port = Some(1);
        app.add_host(name, new).await.expect("a new host");
    }
    (ground, host, app)
}

fn order(on: &str, command: &str, pace: Pace) -> RunOrder {
    let what = RunWhat { recipe: None, commands: vec![command.to_owned()], sudo: false, timeout_s: 60 };
    RunOrder { on: on.to_owned(), what, pace, typed: None }
}

async fn run(app: &App, on: &str, command: &str, pace: Pace) -> RunFacts {
    let started = app.start_run(order(on, command, pace)).await.expect("started");
    assert!(started.results.iter().all(|result| result.end == RunEnd::Running || !started.running));
    app.wait_run(&started.run.to_string()).await.expect("it ended")
}

/// Each host with a letter for its result.
fn letters(facts: &RunFacts) -> String {
    let letter = |end: &RunEnd| match end {
        RunEnd::Running => 'r',
        RunEnd::Exit(exit) if exit.is_success() => 'k',
        RunEnd::Exit(_) => 'f',
        RunEnd::Trouble(Trouble::Skipped { .. }) => 's',
        RunEnd::Trouble(Trouble::Cancelled) => 'c',
        RunEnd::Trouble(Trouble::Unreachable { .. }) => 'u',
        RunEnd::Trouble(_) => 't',
    };
    facts.results.iter().map(|result| letter(&result.end)).collect()
}

const FIVE: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Fails where the file says so, by the number of runs before it: with one host at a time, the hosts in their order.
const COUNTED: &str = "cd; echo >>ran; grep -qx \"$(wc -l <ran)\" fails && exit 3; true";

fn fails(host: &Host, numbers: &str) {
    fs::write(host.home().join("fails"), numbers).expect("written");
    let _ = fs::remove_file(host.home().join("ran"));
}

fn ran(host: &Host) -> usize {
    fs::read_to_string(host.home().join("ran")).map(|text| text.lines().count()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_stops_what_was_not_begun_as_the_pace_says() {
    let (_ground, host, app) = fleet(&FIVE, &[]).await;
    let one = |pace: Pace| Pace { parallel: Some(1), ..pace };
    let waves = |text: &str| Some(text.to_owned());
    for (why, failing, pace, expected) in [
        ("no pace", "1\n2\n", Pace::default(), "ffkkk"),
        ("a canary that fails", "1\n", Pace { canary: Some(1), ..Pace::default() }, "fssss"),
        ("a canary of two whose second fails", "2\n", Pace { canary: Some(2), ..Pace::default() }, "kfsss"),
        ("a canary that succeeds", "4\n", Pace { canary: Some(1), ..Pace::default() }, "kkkfk"),
        ("waves without a budget", "3\n", Pace { waves: waves("1,2"), ..Pace::default() }, "kkfss"),
        ("the rest of a wave goes on", "2\n", Pace { waves: waves("1,2"), ..Pace::default() }, "kfkss"),
        ("waves with a budget", "2\n", Pace { waves: waves("2"), budget: waves("1"), ..Pace::default() }, "kfkkk"),
        ("a budget of one", "1\n3\n", Pace { budget: waves("1"), ..Pace::default() }, "fkfss"),
        ("a budget of nothing", "2\n", Pace { budget: waves("0%"), ..Pace::default() }, "kfsss"),
        ("a budget of 40 %", "1\n2\n3\n", Pace { budget: waves("40%"), ..Pace::default() }, "fffss"),
    ] {
        fails(&host, failing);
        let facts = run(&app, "a or b or c or d or e", COUNTED, one(pace)).await;
        assert_eq!(letters(&facts), expected, "{why}");
        assert_eq!(ran(&host), expected.len() - expected.matches('s').count(), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_run_again_only_where_it_did_not_succeed() {
    let (ground, host, app) = fleet(&FIVE, &["dead"]).await;
    fails(&host, "2\n4\n");
    let pace = Pace { parallel: Some(1), ..Pace::default() };
    let first = run(&app, "a or b or c or d or e or dead", COUNTED, pace.clone()).await;
    assert_eq!(letters(&first), "kfkfuk", "a, b, c, d, dead, e");
    app.lock_vault().await.expect("locked");

    // Another process knows it from what is stored: no output, but all the rest.
    let app = ground.open().await;
    let id = first.run.to_string();
    let stored = app.show_run(&id).await.expect("it is stored");
    assert_eq!((letters(&stored), stored.running, stored.groups.len()), (letters(&first), false, 0));
    assert_eq!(stored.what, first.what);
    assert!(stored.results.iter().all(|result| result.output.is_none()));
    let listed = app.runs().await.expect("runs");
    assert_eq!(listed.iter().map(|facts| facts.run).collect::<Vec<_>>(), [first.run]);

    fails(&host, "");
    app.remove_host("dead").await.expect("removed");
    let ending = id.get(id.len() - 8..).expect("an id is long").to_owned();
    let again = app.retry_run(&ending, None, &pace, None).await.expect("started");
    let again = app.wait_run(&again.run.to_string()).await.expect("it ended");
    let hosts: Vec<&str> = again.results.iter().map(|result| result.host.as_str()).collect();
    assert_eq!((letters(&again), hosts, ran(&host)), ("kk".to_owned(), vec!["b", "d"], 2), "{stored:?}");
    let nothing = app.retry_run(&again.run.to_string(), None, &pace, None).await;
    assert!(matches!(nothing, Err(AppError::RunNothingLeft { .. })), "{nothing:?}");
    assert!(matches!(app.show_run("0000").await, Err(AppError::RunNotFound { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_waiting_stops_the_run_and_what_runs_on_the_hosts() {
    let (_ground, host, app) = fleet(&FIVE, &[]).await;
    // The process tells that it goes on; it must not be the shell itself that is ended alone.
    let command = "cd; echo begun; echo $$ >>began; while :; do sleep 0.05; echo . >>ticks; done";
    let started = app.start_run(order("a or b or c or d or e", command, Pace { parallel: Some(2), ..Pace::default() })).await.expect("it");
    let id = started.run.to_string();
    let waiting = {
        let (app, id) = (app.clone(), id.clone());
        tokio::spawn(async move { app.wait_run(&id).await })
    };
    let began = || fs::read_to_string(host.home().join("began")).map(|text| text.lines().count()).unwrap_or(0);
    until("two hosts at work", async || began() == 2).await;
    waiting.abort();
    let facts = app.cancel_run(&id).await.expect("it ended");
    assert_eq!((letters(&facts), facts.running, began()), ("ccsss".to_owned(), false, 2));
    // What it wrote until then, as far as it had come.
    assert!(facts.results[0].output.as_ref().is_none_or(|output| output.stdout == b"begun\n"), "{facts:?}");
    let ticks = || fs::read(host.home().join("ticks")).map(|ticks| ticks.len()).unwrap_or(0);
    until("the end of what ran there", async || {
        let before = ticks();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        ticks() == before
    })
    .await;
    let refused = app.start_run(order("a", " ", Pace::default())).await;
    assert!(matches!(refused, Err(AppError::InvalidRequest { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_outputs_are_grouped_and_progress_is_told() {
    let ears = std::sync::Arc::new(crate::kit::Ears::default());
    let (ground, _host, app) = fleet(&FIVE, &["dead"]).await;
    app.lock_vault().await.expect("locked");
    let places = beffroi_app::Places::new(ground.root().join("state"));
    let app = App::new(places, std::sync::Arc::clone(&ears) as _);
    app.unlock_vault(&ground.path(), ground.authority()).await.expect("it opens");
    let command = "cd; seq 100; mkdir odd 2>/dev/null && echo odd; true";
    let facts = run(&app, "a or b or c or d or e or dead", command, Pace::default()).await;
    let sizes: Vec<usize> = facts.groups.iter().map(|group| group.hosts.len()).collect();
    assert_eq!(sizes, [4, 1]);
    assert!(facts.groups[1].diff.as_deref().is_some_and(|diff| diff.contains("+odd\n")), "{:?}", facts.groups[1].diff);
    let told = || -> Vec<_> {
        let of_run = |change| match change {
            Change::RunProgress { run, done, total, failed } if run == facts.run => Some((done, total, failed)),
            _ => None,
        };
        ears.heard().into_iter().filter_map(of_run).collect()
    };
    // The last word comes after the end, so that who hears it finds the run ended.
    until("the last word", async || told().last() == Some(&(6, 6, 1))).await;
    assert_eq!(told().first(), Some(&(0, 6, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_run_in_a_sealed_stage_is_not_to_be_had() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    let what = RunWhat { recipe: None, commands: vec!["echo canary-31e".to_owned()], sudo: false, timeout_s: 60 };
    let order = RunOrder { on: "shop".to_owned(), what, pace: Pace::default(), typed: Some("shop".to_owned()) };
    let started = app.start_run(order).await.expect("started");
    let id = started.run.to_string();
    let facts = app.wait_run(&id).await.expect("it ended");
    assert_eq!((letters(&facts).as_str(), facts.groups.len()), ("k", 1));

    app.seal_stage("prod").await.expect("sealed");
    let sealed = app.show_run(&id).await.expect("it is known");
    assert!(matches!(&sealed.results[0].end, RunEnd::Trouble(Trouble::Sealed { stage }) if stage == "prod"), "{sealed:?}");
    assert!(!format!("{sealed:?}{:?}", app.runs().await.expect("runs")).contains("canary-31e"));
    let again = app.retry_run(&id, None, &Pace::default(), None).await;
    assert!(matches!(again, Err(AppError::StageSealed { .. })), "{again:?}");

    // Under another key of the stage it is read all the same.
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    app.rekey_stage("prod", text(STAGE_SECRET)).await.expect("rekeyed");
    app.lock_vault().await.expect("locked");
    let app = ground.unsealed().await;
    let facts = app.show_run(&id).await.expect("it is stored");
    assert_eq!(facts.what.expect("it can be read").commands, ["echo canary-31e"]);
    assert_eq!(facts.results[0].end, RunEnd::Exit(beffroi_domain::Exit::Status(0)));
    assert!(events(&app).await.contains(&"command-run".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_learned_on_a_connection_does_not_end_it() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "lab", "dev").await;
    assert_eq!(run_on(&app, "lab", "echo here").await.expect("it is reached"), "here");
    let serving = host.serving();
    assert_eq!(serving.len(), 1);
    until("the key that was learned", async || journal(&app).await.iter().any(|line| line.entry.event == "host-key-seen")).await;
    assert_eq!(run_on(&app, "lab", "echo again").await.expect("it is reached"), "again");
    assert_eq!(host.serving(), serving, "over another connection");
}
