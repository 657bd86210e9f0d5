//! Recipes: kept as they were written, authenticated, filled in with values that stay words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use beffroi_app::{AppError, Pace, RecipeError, RecipeOrder, RunEnd, RunFacts, Trouble};
use beffroi_domain::{Canonical, Exit};
use beffroi_store::table::recipe::RecipeRow;

use crate::kit::{Colleague, Ground, Host, events, run_on, until};

const TIDY: &str = r#"
name = "tidy"
description = "Writes its values down"

# A comment that is kept.
[[parameters]]
name = "what"
type = "text"

[[parameters]]
name = "times"
type = "integer"
min = 1
max = 3
default = 1

[[parameters]]
name = "where"
type = "host"
default = "web-1"

[[steps]]
title = "Write it down"
command = "cd; printf '%s\\n' {what} {times} --at={where} >noted"

[[steps]]
command = "test {times} -lt 3"

[[steps]]
command = "cd; touch third"
"#;

fn order(on: &str, values: &[(&str, &str)]) -> RecipeOrder {
    let values: BTreeMap<String, String> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    RecipeOrder { recipe: "tidy".to_owned(), on: on.to_owned(), values, sudo: false, timeout_s: None, pace: Pace::default(), typed: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_is_kept_as_it_was_written_and_run_step_by_step() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "lab", "dev").await;
    assert_eq!(app.set_recipe(TIDY.to_owned()).await.expect("stored").revision, 1);
    app.lock_vault().await.expect("locked");
    let app = ground.open().await;
    let facts = app.recipe("tidy").await.expect("it is there");
    assert_eq!((facts.text.as_str(), facts.recipe.steps.len()), (TIDY, 3));

    for hostile in ["; rm -rf /", "a\nb; touch third #", "$(touch third)`touch third`", "'\"\\", "é\u{202e}漢字", "-n", "*"] {
        let plan = app.plan_recipe(&order("lab", &[("what", hostile), ("times", "3")])).await.expect("planned");
        let started = app.start_recipe(order("lab", &[("what", hostile), ("times", "3")])).await.expect("started");
        assert_eq!(plan.what.commands, started.what.expect("not sealed").commands);
        let ended = app.wait_run(&started.run.to_string()).await.expect("it ended");
        assert_eq!((&ended.results[0].end, ended.results[0].step), (&RunEnd::Exit(Exit::Status(1)), Some(2)), "the second step fails");
        let noted = fs::read_to_string(host.home().join("noted")).expect("the first step wrote it");
        assert_eq!(noted, format!("{hostile}\n3\n--at=web-1\n"));
        assert!(!host.home().join("third").exists(), "nothing follows a step that failed: {hostile:?}");
    }
    let started = app.start_recipe(order("lab", &[("what", "x")])).await.expect("started");
    let ended = app.wait_run(&started.run.to_string()).await.expect("it ended");
    assert!(ended.results[0].succeeded() && host.home().join("third").exists(), "{ended:?}");
    assert_eq!(ended.what.and_then(|what| what.recipe).as_deref(), Some("tidy"));
    let unknown = app.start_recipe(order("lab", &[("what", "x"), ("where", "nowhere")])).await;
    assert!(matches!(unknown, Err(AppError::HostNotFound { name }) if name == "nowhere"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_is_replaced_listed_and_removed() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.set_recipe(TIDY.to_owned()).await.expect("stored");
    let changed = app.set_recipe(TIDY.replace("touch third", "touch fourth")).await.expect("stored");
    assert_eq!(changed.revision, 2);
    let listed = app.recipes().await.expect("recipes");
    assert!(matches!(&listed[..], [(name, Ok(facts))] if name == "tidy" && facts.text.contains("fourth")));
    assert!(matches!(app.set_recipe("name = \"x\"".to_owned()).await, Err(AppError::Recipe(RecipeError::Syntax { .. }))));
    app.remove_recipe("tidy").await.expect("removed");
    for missing in [app.remove_recipe("tidy").await.err(), app.recipe("tidy").await.err()] {
        assert!(matches!(missing, Some(AppError::Recipe(RecipeError::NotFound { .. }))));
    }
    let events = events(&app).await;
    assert_eq!(events.iter().filter(|event| event.starts_with("recipe-")).count(), 3, "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_that_is_older_or_altered_is_refused() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.set_recipe(TIDY.to_owned()).await.expect("stored");
    app.lock_vault().await.expect("locked");
    let row = |colleague: &Colleague| colleague.catalog.read(|reader| reader.recipe_named("tidy")).expect("read").expect("it is there");
    let before = row(&Colleague::at(&ground));
    let app = ground.open().await;
    app.set_recipe(TIDY.replace("touch third", "touch fourth")).await.expect("stored");
    app.lock_vault().await.expect("locked");

    // Another command, and all that covers it up but the row's own MAC: it is not run, and the others are.
    let colleague = Colleague::at(&ground);
    let now = row(&colleague);
    let record = Canonical::new("beffroi/recipe/1").text("tidy").text(&TIDY.replace("touch third", "reboot")).finish();
    colleague.edit_covertly(|writer| writer.update_recipe(&RecipeRow { record, revision: now.revision + 1, ..now.clone() }));
    let app = ground.open().await;
    assert!(matches!(app.start_recipe(order("web-1", &[("what", "x")])).await, Err(AppError::Damaged { .. })));
    assert!(matches!(&app.recipes().await.expect("recipes")[..], [(name, Err(AppError::Damaged { .. }))] if name == "tidy"));
    app.remove_recipe("tidy").await.expect("it can be removed all the same");
    app.set_recipe(TIDY.to_owned()).await.expect("stored");
    app.lock_vault().await.expect("locked");

    // The one from before, with its own MAC: the state is not that of the journal.
    Colleague::at(&ground).edit(|writer| {
        let now = writer.reader().recipe_named("tidy")?.expect("it is there");
        writer.delete_recipe(now.id)?;
        writer.insert_recipe(&before)
    });
    assert!(matches!(ground.try_open().await, Err(AppError::Damaged { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn recipes_and_runs_are_kept_when_the_vault_gets_a_new_key() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "lab", "dev").await;
    app.set_recipe(TIDY.to_owned()).await.expect("stored");
    let started = app.start_recipe(order("lab", &[("what", "x")])).await.expect("started");
    let run = started.run.to_string();
    assert!(app.wait_run(&run).await.expect("it ended").results[0].succeeded());
    let (_, words, _) =
        app.rekey_vault(beffroi_app::Authority::Passphrase(crate::kit::text(crate::kit::PASSPHRASE))).await.expect("rekeyed");
    app.lock_vault().await.expect("locked");
    let app = ground.app();
    app.unlock_vault(&ground.path(), beffroi_app::Authority::RecoveryWords(words)).await.expect("it opens");
    assert_eq!(app.recipe("tidy").await.expect("it is there").text, TIDY);
    let stored = app.show_run(&run).await.expect("it is stored");
    assert!(stored.results[0].succeeded() && stored.what.is_some_and(|what| what.commands.len() == 3));
}

/// Its second step waits for a word, and succeeds when that is empty. Nothing is left of it once the folder is gone.
const WAITING: &str = r#"
name = "waiting"

[[steps]]
command = "cd; echo first >>done"

[[steps]]
command = "cd; echo $$ >pid; echo second >>done; while [ -e done ] && [ ! -e word ]; do sleep 0.02; done; test ! -s word"

[[steps]]
command = "cd; echo third >>done"
"#;

/// Starts it, and waits until its second step runs.
async fn waiting(app: &beffroi_app::App, host: &Host) -> String {
    for name in ["done", "word"] {
        let _ = fs::remove_file(host.home().join(name));
    }
    let order = RecipeOrder { recipe: "waiting".to_owned(), ..order("lab", &[]) };
    let started = app.start_recipe(order).await.expect("started");
    until("the second step", async || done(host) == "first\nsecond\n").await;
    started.run.to_string()
}

fn done(host: &Host) -> String {
    fs::read_to_string(host.home().join("done")).unwrap_or_default()
}

async fn ended(app: &beffroi_app::App, run: &str) -> RunFacts {
    app.wait_run(run).await.expect("it ended")
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_take_one_place_of_a_host_and_give_it_back_however_they_end() {
    for places in 1..=2 {
        let (ground, host) = (Ground::new(), Host::with(&format!("MaxSessions {places}")));
        let app = ground.open().await;
        host.join(&app, "lab", "dev").await;
        app.set_recipe(WAITING.to_owned()).await.expect("stored");
        // Keeps the host's keys, so that no later connection does, and takes the place of another one for it.
        app.test_host("lab", false).await.expect("it is reached");
        // Whole when it is there: the step looks at any moment.
        let (draft, place) = (host.home().join("draft"), host.home().join("word"));
        let word = |word: &str| fs::write(&draft, word).and_then(|()| fs::rename(&draft, &place)).expect("written");

        let run = waiting(&app, &host).await;
        match places {
            1 => {
                assert!(run_on(&app, "lab", "true").await.is_err(), "there is no other place");
                word("");
            }
            // While a step runs, the other place is free for others.
            _ => drop(run_on(&app, "lab", "cd; : >word").await.expect("there is a place")),
        }
        let facts = ended(&app, &run).await;
        assert!(facts.results[0].succeeded() && done(&host).ends_with("third\n"), "{facts:?}");

        let run = waiting(&app, &host).await;
        word("no");
        let facts = ended(&app, &run).await;
        assert_eq!((&facts.results[0].end, facts.results[0].step), (&RunEnd::Exit(Exit::Status(1)), Some(2)));
        assert_eq!(run_on(&app, "lab", "echo free").await.expect("a place"), "free");

        let run = waiting(&app, &host).await;
        let pid = fs::read_to_string(host.home().join("pid")).expect("a process");
        let facts = app.cancel_run(&run).await.expect("it ended");
        assert!(matches!(facts.results[0].end, RunEnd::Trouble(Trouble::Cancelled)), "{facts:?}");
        until("the end of the step on the host", async || !Path::new("/proc").join(pid.trim()).exists()).await;
        for _ in 0..3 {
            assert_eq!(run_on(&app, "lab", "echo free").await.expect("a place"), "free");
        }
        assert_eq!((done(&host).as_str(), host.connections()), ("first\nsecond\n", 1), "nothing follows a step that was ended");
    }
}
