//! The journal: a chain for each person and device, signed; an export that is checked without the vault.

use std::fs;
use std::path::{Path, PathBuf};

use beffroi_app::{App, AppError, Authority, JournalFacts};
use serde_json::{Value, json};

use crate::kit::{Ground, PASSPHRASE, text};

async fn facts(app: &App) -> JournalFacts {
    let facts = app.verify_journal().await.expect("facts");
    assert_eq!(facts.broken_at, None);
    facts
}

#[tokio::test]
async fn each_device_has_a_chain_of_its_own_and_they_are_one_journal() {
    let ground = Ground::new();
    let first = ground.open().await;
    first.remove_host("web-2").await.expect("removed");
    first.lock_vault().await.expect("locked");
    let other = ground.elsewhere("other-state");
    other.unlock_vault(&ground.path(), ground.authority()).await.expect("open");
    other.set_secret("theirs", text("value"), None).await.expect("stored");
    let told = facts(&other).await;
    assert_eq!(told.chains.len(), 2, "{:?}", told.chains);
    assert_ne!(told.chains[0].device, told.chains[1].device);
    assert_eq!(told.chains.iter().map(|chain| chain.entries).sum::<u64>(), told.entries);
    other.lock_vault().await.expect("locked");

    // The first goes on with its own.
    let first = ground.open().await;
    let own: Vec<_> = crate::kit::journal(&first).await.iter().map(|line| (line.chain, line.entry.device, line.entry.sequence)).collect();
    for chain in facts(&first).await.chains {
        let numbers: Vec<u64> = own.iter().filter(|line| line.0 == chain.id).map(|line| line.2).collect();
        assert_eq!(numbers, (1..=chain.entries).collect::<Vec<_>>(), "counted without a gap");
        assert!(own.iter().filter(|line| line.0 == chain.id).all(|line| line.1 == chain.device));
        assert!(chain.signed > 0 && chain.signer.is_some(), "{chain:?}");
    }
    assert_eq!(facts(&first).await.chains.len(), 2, "no third one");
    // Both signed as the same person.
    let signers: Vec<_> = facts(&first).await.chains.into_iter().filter_map(|chain| Some(chain.signer?.fingerprint())).collect();
    assert!(signers.windows(2).all(|pair| pair[0] == pair[1]), "{signers:?}");
}

#[tokio::test]
async fn it_is_signed_when_the_vault_is_locked_and_every_hundred_entries() {
    let ground = Ground::new();
    let app = ground.open().await;
    let signed = |facts: &JournalFacts| facts.chains.first().map(|chain| (chain.signed, chain.entries)).expect("a chain");
    app.lock_vault().await.expect("locked");
    let app = ground.open().await;
    let (covered, entries) = signed(&facts(&app).await);
    assert_eq!(covered + 1, entries, "all but this opening");
    let mut number = 0;
    while signed(&facts(&app).await).1 < 105 {
        app.set_secret(&format!("n-{number}"), text("value"), None).await.expect("stored");
        number += 1;
    }
    assert_eq!(signed(&facts(&app).await), (100, 105));
}

/// An exported journal of a vault on which two devices worked, and who signed it.
async fn exported(ground: &Ground) -> (App, PathBuf, String) {
    let other = ground.elsewhere("other-state");
    other.unlock_vault(&ground.path(), ground.authority()).await.expect("open");
    other.set_secret("theirs", text("value"), None).await.expect("stored");
    other.lock_vault().await.expect("locked");
    let app = ground.open().await;
    let path = ground.root().join("journal.jsonl");
    let entries = app.export_journal(&path).await.expect("exported");
    let told = facts(&app).await;
    assert_eq!(told.entries, entries + 1, "and the export is an entry of its own");
    let signer = told.chains.first().and_then(|chain| chain.signer.as_ref()).expect("a signer").fingerprint();
    (app, path, signer)
}

async fn check(path: &Path, signer: Option<&str>) -> Result<JournalFacts, AppError> {
    // Without any vault: in an app that has none open.
    crate::kit::app_in(&path.with_extension("nowhere")).check_export(path, signer.map(str::to_owned)).await
}

#[tokio::test]
async fn an_export_is_checked_without_the_vault() {
    let ground = Ground::new();
    let (app, path, signer) = exported(&ground).await;
    for named in [None, Some(signer.as_str())] {
        let told = check(&path, named).await.expect("facts");
        assert_eq!((told.broken_at, told.chains.len()), (None, 2), "{named:?}");
        assert!(told.chains.iter().all(|chain| chain.signed == chain.entries && chain.signer.is_some()), "{:?}", told.chains);
    }
    let stranger = Ground::with_prod();
    let (_, _, others) = exported(&stranger).await;
    for wrong in [others.as_str(), "SHA256:nobody", ""] {
        let told = check(&path, Some(wrong)).await.expect("facts");
        assert!(told.broken_at.is_some(), "{wrong}");
        assert!(told.chains.iter().all(|chain| chain.signed == 0));
    }
    assert!(matches!(app.export_journal(&path).await, Err(AppError::LocalFile { .. })), "a file is not written over");
    for not in ["", "{}\n", "not json\n", "{\"format\":\"beffroi-journal/2\",\"vault\":\"x\",\"chains\":[]}\n"] {
        let file = ground.root().join("other");
        fs::write(&file, not).expect("written");
        assert!(matches!(check(&file, None).await, Err(AppError::LocalFile { .. })), "{not}");
    }
}

#[tokio::test]
async fn an_export_of_which_anything_was_changed_is_found_out() {
    let ground = Ground::new();
    let (_app, path, signer) = exported(&ground).await;
    let whole = fs::read_to_string(&path).expect("an export");
    let lines: Vec<&str> = whole.lines().collect();
    let is_found_out = async |what: String, lines: Vec<String>| {
        let file = path.with_extension("changed");
        fs::write(&file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("written");
        let told = check(&file, Some(&signer)).await;
        assert!(told.as_ref().map_or(true, |told| told.broken_at.is_some()), "{what} was not found out: {told:?}");
    };
    let owned = || lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();

    let mut tried = 0;
    for (index, line) in lines.iter().enumerate() {
        let parsed: Value = serde_json::from_str(line).expect("JSON");
        let mut places = Vec::new();
        leaves(&parsed, String::new(), &mut places);
        for place in places {
            // The name of a host is what it is called today; the entry has its id, which is covered.
            if place == "/host" {
                continue;
            }
            for other in other_values(parsed.pointer(&place).expect("it is there")) {
                let mut changed = parsed.clone();
                *changed.pointer_mut(&place).expect("it is there") = other.clone();
                let mut all = owned();
                all[index] = changed.to_string();
                is_found_out(format!("line {index}, {place} = {other}"), all).await;
                tried += 1;
            }
        }
        if index > 0 {
            let (mut without, mut twice) = (owned(), owned());
            without.remove(index);
            twice.insert(index, (*line).to_owned());
            let signature = parsed.get("checkpoint").map(|point| point["chain"].to_string());
            let covers_more = |chain: &String| lines.iter().skip(index + 1).any(|line| line.contains("checkpoint") && line.contains(chain));
            // Of two signatures of a chain the later one covers all that the earlier one did.
            if !signature.as_ref().is_some_and(covers_more) {
                is_found_out(format!("line {index} taken away"), without).await;
            }
            if signature.is_none() {
                is_found_out(format!("line {index} twice"), twice).await;
            }
        }
        if index + 1 < lines.len() && index > 0 {
            let mut swapped = owned();
            swapped.swap(index, index + 1);
            let chain = |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["chain"].clone();
            // Lines of two chains may come in any order: each chain is checked by itself.
            if chain(line) == chain(lines[index + 1]) && chain(line) != Value::Null {
                is_found_out(format!("lines {index} and the next swapped"), swapped).await;
            }
        }
    }
    assert!(tried > 100, "{tried}");
    // Cut anywhere: what is left is not wholly signed, or it ends where it was signed once. Then it is what it was then, and
    // says so by its number of entries.
    let whole = check(&path, Some(&signer)).await.expect("facts").entries;
    for length in 2..lines.len() {
        let file = path.with_extension("cut");
        fs::write(&file, lines[..length].iter().map(|line| format!("{line}\n")).collect::<String>()).expect("written");
        let told = check(&file, Some(&signer)).await.expect("facts");
        let ends_signed = lines[length - 1].contains("\"checkpoint\"") && told.chains.iter().all(|chain| chain.entries > 0);
        assert!(told.broken_at.is_some() || (ends_signed && told.entries < whole), "cut to {length} lines: {told:?}");
    }
    // An entry added at the end, signed by nobody.
    let mut more = owned();
    let last = lines.iter().rev().find(|line| line.contains("\"entry\"")).expect("an entry");
    more.push((*last).to_owned());
    is_found_out("an entry more".to_owned(), more).await;
}

/// The places of everything in a JSON value that is no list and no object.
fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(value, format!("{at}/{name}"), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| leaves(value, format!("{at}/{index}"), found)),
        _ => found.push(at),
    }
}

fn other_values(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => vec![json!(number.as_u64().unwrap_or(0) + 1), json!(0)],
        Value::String(text) => {
            let mut other: Vec<char> = text.chars().collect();
            let middle = other.len() / 2;
            if let Some(letter) = other.get_mut(middle) {
                *letter = if *letter == '0' { '1' } else { '0' };
            }
            vec![json!(other.into_iter().collect::<String>() + if text.is_empty() { "x" } else { "" })]
        }
        _ => vec![json!("x")],
    }
}

#[tokio::test]
async fn entries_of_another_vault_do_not_pass_for_this_ones() {
    let (ground, stranger) = (Ground::new(), Ground::with_prod());
    let (_a, path, signer) = exported(&ground).await;
    let (_b, other, _) = exported(&stranger).await;
    let (whole, others) = (fs::read_to_string(&path).expect("an export"), fs::read_to_string(&other).expect("an export"));
    let (heading, rest) = whole.split_once('\n').expect("lines");
    let (other_heading, other_rest) = others.split_once('\n').expect("lines");
    for (what, text) in [("its entries", format!("{heading}\n{other_rest}")), ("its heading", format!("{other_heading}\n{rest}"))] {
        let file = path.with_extension("mixed");
        fs::write(&file, text).expect("written");
        let told = check(&file, Some(&signer)).await;
        assert!(told.as_ref().map_or(true, |told| told.broken_at.is_some()), "{what}: {told:?}");
        let told = check(&file, None).await;
        assert!(told.as_ref().map_or(true, |told| told.broken_at.is_some()), "{what}, any signer: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_a_vault_with_a_new_root_key_is_still_signed() {
    let ground = Ground::new();
    let (app, before, signer) = exported(&ground).await;
    let (_, words, _) = app.rekey_vault(Authority::Passphrase(text(PASSPHRASE))).await.expect("rekeyed");
    let after = ground.root().join("after.jsonl");
    app.export_journal(&after).await.expect("exported");
    app.lock_vault().await.expect("locked");
    for path in [&before, &after] {
        let told = check(path, Some(&signer)).await.expect("facts");
        assert_eq!(told.broken_at, None, "{}", path.display());
    }
    // The entries of before are the same to the letter.
    let lines = |path: &Path| -> Vec<String> {
        let text = fs::read_to_string(path).expect("an export");
        text.lines().skip(1).filter(|line| line.contains("\"entry\"")).map(str::to_owned).collect()
    };
    let (old, new) = (lines(&before), lines(&after));
    assert_eq!(new.get(..old.len()), Some(old.as_slice()));
    let app = ground.app();
    app.unlock_vault(&ground.path(), Authority::RecoveryWords(words)).await.expect("open");
    assert_eq!(facts(&app).await.broken_at, None);
}
