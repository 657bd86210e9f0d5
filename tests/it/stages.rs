//! Stages as people and scripts meet them: exit 6 where something is sealed, exit 7 where a policy says no.

use std::fs;
use std::time::Duration;

use beffroi_tests::{Fleet, Relay, Sandbox, until};
use serde_json::{Value, json};

use crate::jobs_far::text;
use crate::refusals::{refused, refused_by};

const SECRET: &str = "gravel-otter-plinth-umber-quiche-falcon-tundra-wharf";
pub(crate) const OPEN: [&str; 2] = ["--stage-secret", "prod=stage-secret"];

/// `shop`, a host of prod, which is protected by a secret that the file `stage-secret` holds.
#[track_caller]
pub(crate) fn with_prod() -> Fleet {
    let fleet = Fleet::of(&[]);
    let (sandbox, host) = (&fleet.sandbox, fleet.lab.host("plain-1").clone());
    sandbox.file("stage-secret", &format!("{SECRET}\n"));
    drop(sandbox.beffroi(&["stage", "add", "prod"]).success());
    let key = fleet.lab.client_key();
    drop(sandbox.beffroi(&["secret", "set", "prod/key", "--stage", "prod", "--from-file", key.to_str().expect("a plain path")]).success());
    let flags = ["--stage", "prod", "--trust", &host.fingerprint, "--identity", "prod/key"];
    drop(fleet.add_with("shop", &host, &flags).success());
    drop(sandbox.beffroi(&[&["stage", "protect", "prod"], &OPEN[..]].concat()).success());
    fleet
}

#[track_caller]
fn stage(sandbox: &Sandbox, name: &str) -> Value {
    let list = sandbox.json(&["stage", "list"]).success().data("stage-list")["stages"].take();
    list.as_array().expect("the stage").iter().find(|stage| stage["name"] == name).expect("the stage").clone()
}

#[test]
fn a_stage_is_protected_by_a_secret_that_is_shown_once() {
    let sandbox = Sandbox::with_vault();
    drop(sandbox.beffroi(&["stage", "add", "prod"]).success());
    let made = sandbox.beffroi(&["stage", "protect", "prod"]).success();
    let secret = made.stdout.trim().to_owned();
    assert_eq!(secret.split('-').count(), 8, "{made:?}");
    assert!(!made.stderr.contains(&secret), "it is data, and not talked about: {made:?}");
    let facts = stage(&sandbox, "prod");
    assert_eq!((&facts["protected"], &facts["open"], &facts["seconds_left"]), (&json!(true), &json!(false), &Value::Null));
    // One that was chosen is not shown again.
    drop(sandbox.beffroi(&["stage", "add", "staging"]).success());
    sandbox.file("stage-secret", SECRET);
    let chosen = sandbox.json(&["stage", "protect", "staging", "--stage-secret", "staging=stage-secret"]).success();
    assert_eq!(chosen.data("stage-protect")["secret"], Value::Null);
    assert!(!chosen.stdout.contains(SECRET));

    sandbox.file("made", &secret);
    let unsealed = sandbox.json(&["stage", "unseal", "prod", "--for", "5m", "--stage-secret", "prod=made"]).success().data("stage-unseal");
    assert!(unsealed["open"] == true && unsealed["seconds_left"].as_u64().is_some_and(|left| (1..=300).contains(&left)), "{unsealed}");
    let found = beffroi_tests::files_holding(&sandbox.vault(), &beffroi_tests::forms_of(&secret));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_is_of_a_sealed_stage_is_refused_with_exit_6() {
    let fleet = with_prod();
    let sandbox = &fleet.sandbox;
    let key = fleet.lab.client_key();
    let key = key.to_str().unwrap();
    for words in [
        &["host", "trust", "shop", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"][..],
        &["host", "remove", "shop", "--yes"],
        &["host", "add", "shop-2", "127.0.0.1", "--stage", "prod"],
        &["host", "survey", "shop"],
        &["secret", "set", "prod/other", "--stage", "prod", "--from-file", key],
        &["secret", "set", "prod/key", "--from-file", key],
        &["secret", "remove", "prod/key", "--yes"],
        &["stage", "policy", "prod", "--typed", "no"],
        &["--yes", "--confirm", "shop", "run", "--on", "shop", "--", "true"],
        &["--yes", "--confirm", "shop", "run", "--detach", "--on", "shop", "--", "true"],
        &["get", "shop:file", "file"],
    ] {
        let error = sandbox.json(words).exit(6).error();
        assert_eq!(error["code"], "stage-sealed", "{words:?}: {error}");
        assert!(error["message"].as_str().unwrap().contains("prod"), "{words:?}: {error}");
    }
    let run = sandbox.json(&["--confirm", "shop", "run", "--on", "shop", "--", "true"]).exit(6).data("run");
    assert_eq!(run["results"][0]["status"], "sealed", "{run}");
    refused(sandbox, &["host", "remove", "shop", "--yes"], 6, "stage-sealed");
    assert!(!sandbox.files().join("file").exists());

    // For one run, the flag unseals it.
    let words = [&OPEN[..], &["--confirm", "shop", "run", "--on", "shop", "--", "echo here"]].concat();
    assert_eq!(sandbox.json(&words).success().data("run")["results"][0]["stdout"].as_str().map(str::trim), Some("here"));
    assert_eq!(stage(sandbox, "prod")["open"], false, "and no longer");
}

#[test]
fn a_job_of_a_sealed_stage_goes_on_and_is_followed_once_it_is_unsealed() {
    let fleet = with_prod();
    let sandbox = &fleet.sandbox;
    let words = [&OPEN[..], &["--yes", "--confirm", "shop", "run", "--detach", "--on", "shop", "--"]].concat();
    let command = "echo began; while [ ! -e go ]; do sleep 0.05; done; echo over";
    let mut running = sandbox.start(&[&words[..], &[command]].concat());
    running.wait_for("began\n");
    drop(running.kill());
    let job = sandbox.json(&["job", "list"]).success().data("job-list")["jobs"][0].take();
    assert_eq!((&job["state"], &job["attached"]), (&json!("running"), &json!(false)), "{job}");
    assert!(!job.to_string().contains("began"), "what it does is prod's: {job}");
    let id = job["id"].as_str().unwrap();
    for command in ["attach", "cancel", "show"] {
        let error = sandbox.json(&["job", command, id]).exit(6).error();
        assert_eq!(error["code"], "stage-sealed", "{command}: {error}");
    }
    fs::write(fleet.lab.home("plain-1").join("go"), "").unwrap();
    let attached = sandbox.json(&[&OPEN[..], &["job", "attach", id]].concat()).success().data("job-attach");
    assert_eq!(attached["results"][0]["status"], "ok", "{attached}");
    let text: String = attached["output"].as_array().unwrap().iter().filter_map(|piece| piece["text"].as_str()).collect();
    assert_eq!(text, "began\nover\n");
}

#[test]
fn the_time_of_a_stage_goes_on_while_the_machine_sleeps() {
    let mut fleet = with_prod();
    fleet.sandbox.keep_clock();
    let sandbox = &fleet.sandbox;
    let relay = Relay::before(fleet.lab.host("plain-1"));
    drop(sandbox.beffroi(&[&OPEN[..], &["--yes", "host", "edit", "shop", "--port", &relay.port().to_string()]].concat()).success());
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let unseal = || {
        let words = [&["stage", "unseal", "prod", "--for", "5m"], &OPEN[..]].concat();
        assert_eq!(sandbox.json(&words).success().data("stage-unseal")["open"], true);
    };
    unseal();
    let command = "echo began; while [ ! -e go ]; do sleep 0.05; done; echo over; exit 3";
    let mut running = sandbox.start(&["--yes", "--confirm", "shop", "run", "--detach", "--on", "shop", "--", command]);
    running.wait_for("began\n");
    assert_eq!(sandbox.programs().len(), 2, "what follows the job, and what holds the keys");

    sandbox.sleep(Duration::from_secs(600), || relay.cut());
    assert_eq!(stage(sandbox, "prod")["open"], false);
    let refused = sandbox.json(&["--confirm", "shop", "run", "--on", "shop", "--", "true"]).exit(6).error();
    assert_eq!(refused["code"], "stage-sealed", "{refused}");
    // The job goes on, and nobody here has what it takes to follow it.
    let left = running.wait().exit(1);
    assert!(left.stderr.contains("job attach"), "{left:?}");
    let job = sandbox.json(&["job", "list"]).success().data("job-list")["jobs"][0].take();
    assert_eq!((&job["state"], &job["attached"]), (&json!("running"), &json!(false)), "{job}");
    fs::write(fleet.lab.home("plain-1").join("go"), "").unwrap();
    unseal();
    let data = sandbox.json(&["job", "attach", job["id"].as_str().unwrap()]).exit(1).data("job-attach");
    assert_eq!((text(&data, "stdout").as_str(), &data["results"][0]["exit_code"]), ("began\nover\n", &json!(3)), "{data}");
}

#[test]
fn production_asks_for_a_name() {
    let fleet = with_prod();
    let sandbox = &fleet.sandbox;
    let run = |flags: &[&str]| sandbox.json(&[&OPEN[..], flags, &["--yes", "run", "--detach", "--on", "shop", "--", "touch ran"]].concat());
    for flags in [&[][..], &["--confirm", "yes"], &["--confirm", "Shop"]] {
        let error = run(flags).exit(7).error();
        assert_eq!(error["code"], "confirmation-needed", "{flags:?}: {error}");
        assert!(error["message"].as_str().unwrap().contains("shop"), "the names are told: {error}");
    }
    assert!(!fleet.lab.home("plain-1").join("ran").exists());
    drop(run(&["--confirm", "shop"]).success());
    assert!(fleet.lab.home("plain-1").join("ran").exists());
    let words = [&OPEN[..], &["--yes", "run", "--on", "shop", "--", "true"]].concat();
    refused(sandbox, &words, 7, "confirmation-needed");
}

#[test]
fn a_frozen_stage_is_left_alone() {
    let fleet = with_prod();
    let sandbox = &fleet.sandbox;
    let policy = |flags: &[&str]| sandbox.json(&[&OPEN[..], &["stage", "policy", "prod"], flags].concat());
    let set = policy(&["--freeze", "2999-12-31T18:00Z", "--why", "end of the year", "--typed", "no"]).success().data("stage-policy");
    assert_eq!((&set["policy"]["freeze"]["why"], &set["policy"]["typed_confirmation"]), (&json!("end of the year"), &json!(false)));
    for words in [&["--yes", "run", "--detach", "--on", "shop", "--", "touch ran"][..], &["run", "--on", "shop", "--", "touch ran"]] {
        let error = sandbox.json(&[&OPEN[..], words].concat()).exit(7).error();
        assert_eq!(error["code"], "stage-frozen", "{words:?}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("end of the year") && message.contains("2999-12-31"), "why, and until when: {error}");
    }
    refused(sandbox, &[&OPEN[..], &["run", "--on", "shop", "--", "touch ran"]].concat(), 7, "stage-frozen");
    assert!(!fleet.lab.home("plain-1").join("ran").exists());
    drop(policy(&["--freeze", "none"]).success());
    drop(sandbox.beffroi(&[&OPEN[..], &["--yes", "run", "--on", "shop", "--", "touch ran"]].concat()).success());
    assert!(fleet.lab.home("plain-1").join("ran").exists());
    // Limits.
    for flags in [&["--unsealed", "9h"][..], &["--unsealed", "10s"], &["--freeze", "2000-01-01T00:00Z"]] {
        let error = policy(flags).exit(2).error();
        assert_eq!(error["code"], "invalid-request", "{flags:?}: {error}");
    }
    for flags in [&["--unsealed", "soon"][..], &["--freeze", "tomorrow"]] {
        assert_eq!(policy(flags).exit(2).error()["code"], "invalid-name", "{flags:?}");
    }
}

#[test]
fn refusals_of_stages_say_what_they_are() {
    let sandbox = Sandbox::with_vault();
    sandbox.file("stage-secret", SECRET);
    sandbox.file("other", "marmot-lectern-oxbow-sulphur-kelp-andiron-zephyr-truss");
    sandbox.file("weak", "password");
    drop(sandbox.beffroi(&["stage", "add", "prod"]).success());
    drop(sandbox.beffroi(&["stage", "add", "staging"]).success());
    refused(&sandbox, &["stage", "add", "prod"], 2, "stage-exists");
    refused(&sandbox, &["stage", "add", "Not A Name"], 2, "invalid-name");
    refused(&sandbox, &["stage", "protect", "dev"], 2, "stage-unprotectable");
    refused(&sandbox, &["stage", "protect", "none"], 2, "stage-not-found");
    refused(&sandbox, &["stage", "protect", "prod", "--stage-secret", "prod=weak"], 2, "stage-secret-weak");
    refused(&sandbox, &["stage", "seal", "prod"], 2, "stage-not-protected");
    drop(sandbox.beffroi(&["stage", "protect", "prod", "--stage-secret", "prod=stage-secret"]).success());
    refused(&sandbox, &["stage", "protect", "prod"], 2, "stage-is-protected");
    refused(&sandbox, &["stage", "unseal", "prod", "--stage-secret", "prod=other"], 3, "stage-wrong-secret");
    let shared = refused(&sandbox, &["stage", "protect", "staging", "--stage-secret", "staging=stage-secret"], 2, "stage-secret-shared");
    assert!(shared["message"].as_str().unwrap().contains("prod"), "{shared}");
    refused(&sandbox, &["stage", "unseal", "prod", "--for", "9h", "--stage-secret", "prod=stage-secret"], 2, "invalid-request");
    refused(&sandbox, &["stage", "unseal", "prod", "--for", "soon", "--stage-secret", "prod=stage-secret"], 2, "invalid-name");
    refused(&sandbox, &["stage", "unseal", "prod", "--stage-secret", "prod=nowhere"], 1, "local-file");
    // Where nobody can be asked, the flag that is missing is named.
    for words in [&["stage", "unseal", "prod"][..], &["stage", "passwd", "prod"], &["stage", "rekey", "prod"]] {
        let error = refused(&sandbox, words, 2, "flag-missing");
        assert!(error["message"].as_str().unwrap().contains("--stage-secret"), "{words:?}: {error}");
    }
    refused_by(&|flags| sandbox.beffroi(&[flags, &["--stage-secret", "nonsense", "host", "list"]].concat()), 2, "invalid-request");
}

#[test]
fn passwd_and_rekey_of_a_stage_are_what_they_say() {
    let fleet = with_prod();
    let sandbox = &fleet.sandbox;
    let made = sandbox.beffroi(&[&OPEN[..], &["stage", "passwd", "prod"]].concat()).success();
    sandbox.file("new", made.stdout.trim());
    assert_eq!(sandbox.json(&[&OPEN[..], &["stage", "unseal", "prod"]].concat()).exit(3).error()["code"], "stage-wrong-secret");
    let with_new = |words: &[&str]| sandbox.json(&[&["--stage-secret", "prod=new", "--confirm", "shop"], words].concat());
    let rekeyed = with_new(&["stage", "rekey", "prod"]).success().data("stage-rekey");
    assert_eq!((&rekeyed["hosts"], &rekeyed["secrets"]), (&json!(1), &json!(1)));
    drop(with_new(&["run", "--on", "shop", "--", "true"]).success().data("run"));
    assert_eq!(with_new(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

#[test]
fn a_rekey_of_a_stage_that_is_killed_leaves_the_old_key_or_the_new_one() {
    let fleet = with_prod();
    let sandbox = &fleet.sandbox;
    for round in 0..10_u32 {
        let before = fs::metadata(sandbox.vault().join("anchor")).and_then(|about| about.modified()).unwrap();
        let mut running = sandbox.start(&[&["--json"], &OPEN[..], &["stage", "rekey", "prod"]].concat());
        // Half of them as soon as the vault was opened and written to, the others a little later each.
        until("the opening", || {
            let now = fs::metadata(sandbox.vault().join("anchor")).and_then(|about| about.modified());
            (!running.goes_on() || now.is_ok_and(|now| now != before)).then_some(())
        });
        for _ in 0..round * 25 {
            if running.goes_on() {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        }
        drop(running.kill());
        let report = sandbox.json(&[&OPEN[..], &["vault", "verify"]].concat()).success().data("vault-verify");
        assert_eq!(report["intact"], true, "round {round}: {report}");
        let secrets = sandbox.json(&["secret", "list"]).success().data("secret-list")["secrets"].as_array().map(Vec::len);
        assert_eq!(secrets, Some(2), "round {round}");
    }
    drop(sandbox.json(&[&OPEN[..], &["--confirm", "shop", "run", "--on", "shop", "--", "true"]].concat()).success().data("run"));
}
