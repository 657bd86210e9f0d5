//! What was decided, and what somebody would decide behind the operator's back.

use std::path::PathBuf;

use beffroi_app::{App, AppError, CardOrder, HostOrder, MergeError, MergeKeep};
use beffroi_store::table::merge::RowKey;

use super::{Pair, set, tag, value};
use crate::kit::{Colleague, Ground, STAGE_SECRET, holds, text};

/// A colleague without the stage's secret has no key to write under it. He has what was written there once.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_stage_said_before_is_not_put_back_by_a_colleague() {
    let order = |address: &str| HostOrder { address: Some(address.to_owned()), ..HostOrder::default() };
    let (mut older, ground) = (PathBuf::new(), Ground::with_prod());
    let folder = ground.root().join("before");
    let pair = Pair::of(ground, async |app: &App| {
        app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
        app.set_secret("prod/value", text("first"), Some("prod")).await.expect("stored");
        app.add_host("shop", HostOrder { stage: Some("prod".to_owned()), ..order("192.0.2.1") }).await.expect("added");
        older = app.copy_vault(&folder).await.expect("copied").path;
        app.edit_host("shop", None, order("192.0.2.2")).await.expect("edited");
        app.set_secret("prod/value", text("second"), None).await.expect("stored");
        app.seal_stage("prod").await.expect("sealed");
    })
    .await;
    let (host, secret) = {
        let before = Colleague::in_copy(&pair.ground, &older, "older-state");
        (before.target("shop"), before.secret("prod/value"))
    };
    // Something of his own, so that the journal of the copy is his.
    set(&pair.there, "his", "own").await;
    pair.there.lock_vault().await.expect("locked");
    Colleague::in_copy(&pair.ground, &pair.copy, "other-state").edit_covertly(|writer| {
        writer.put_target(&host)?;
        writer.put_secret(&secret.0, &secret.1)?;
        let last = writer.reader().last_entry()?.expect("an entry");
        let keys = [("target", *host.id.as_bytes()), ("secret", *secret.0.id.as_bytes())].map(|(table, id)| RowKey::new(table, id));
        writer.note_changed(last.chain, last.number + 1, &keys.map(|key| key.expect("a noted table")))
    });
    let refused = pair.here.merge_vault(pair.taking_theirs(None)).await;
    assert!(matches!(refused, Err(AppError::Merge(MergeError::Unresolved { count: 2 }))), "{refused:?}");
    // Somebody who says so against the question needs the stage's secret for it.
    let taken = pair.here.merge_vault(pair.taking_theirs(Some(MergeKeep::Theirs))).await;
    assert!(matches!(&taken, Err(AppError::StageSealed { name }) if name == "prod"), "{taken:?}");
    pair.here.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    pair.here.merge_vault(pair.taking_theirs(Some(MergeKeep::Ours))).await.expect("merged");
    assert_eq!(pair.here.host("shop").await.expect("a host").0.record.access.address, "192.0.2.2");
    assert_eq!(value(&pair.here, "prod/value").await, "second");
    holds(&pair.here.verify_vault().await.expect("checked"));
}

/// What was decided is newer than what it was decided against, however often that was changed.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_is_asked_no_second_time() {
    for keep in [MergeKeep::Ours, MergeKeep::Theirs] {
        let pair = Pair::of(Ground::new(), async |app: &App| {
            set(app, "shared", "first").await;
            app.set_recipe("name = \"tidy\"\n[[steps]]\ncommand = \"true\"\n".to_owned()).await.expect("stored");
            app.add_person("carla", CardOrder { fullname: Some("Carla".to_owned()), ..CardOrder::default() }).await.expect("added");
        })
        .await;
        let (often, once) = if keep == MergeKeep::Ours { (&pair.there, &pair.here) } else { (&pair.here, &pair.there) };
        for (app, turns, word) in [(often, 4, "often"), (once, 1, "once")] {
            for turn in 0..turns {
                let word = format!("{word}-{turn}");
                tag(app, "web-1", &word).await.expect("tagged");
                set(app, "shared", &word).await;
                app.set_recipe(format!("name = \"tidy\"\n[[steps]]\ncommand = \"echo {word}\"\n")).await.expect("stored");
                let mail = CardOrder { mail: Some(format!("{word}@example.org")), ..CardOrder::default() };
                app.edit_person("carla", mail).await.expect("edited");
            }
        }
        let merged = pair.both_ways(Some(keep)).await;
        assert_eq!(merged.conflicts.len(), 4);
        for app in [&pair.here, &pair.there] {
            assert_eq!(value(app, "shared").await, "once-0");
            assert_eq!(
                app.host("web-1").await.expect("a host").0.record.tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(),
                ["once-0"]
            );
            holds(&app.verify_vault().await.expect("checked"));
        }
    }
}
