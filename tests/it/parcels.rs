//! Parcels: handed over, opened, and what is known of them afterwards; held to the real `age`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use beffroi_tests::Sandbox;
use serde_json::{Value, json};

use crate::refusals::refused;

/// Somebody with a vault and an identity of their own.
fn person(name: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::with_vault();
    let made = sandbox.json(&["identity", "create", name]).success().data("identity-create");
    drop(sandbox.json(&["identity", "export", "card"]).success());
    (sandbox, made["fingerprint"].as_str().expect("a fingerprint").to_owned())
}

fn knows(who: &Sandbox, whom: &Sandbox) {
    let card = whom.files().join("card");
    drop(who.json(&["identity", "import", card.to_str().expect("UTF-8")]).success());
}

/// Two people who know each other. The first one has `web-1` behind `gate`, what opens them, a password, and more that is nobody's
/// business.
fn two() -> (Sandbox, Sandbox) {
    let ((alice, _), (bob, _)) = (person("Alice"), person("Bob"));
    knows(&alice, &bob);
    knows(&bob, &alice);
    drop(alice.beffroi(&["secret", "generate", "deploy", "--kind", "key"]).success());
    drop(alice.beffroi_reading("canary-1", &["secret", "set", "shop/root"]).success());
    drop(alice.beffroi_reading("canary-other", &["secret", "set", "other/root"]).success());
    drop(alice.beffroi(&["host", "add", "gate", "192.0.2.1", "--identity", "deploy"]).success());
    drop(alice.beffroi(&["host", "add", "web-1", "192.0.2.7", "--port", "2222", "--jump", "gate", "--identity", "deploy"]).success());
    drop(alice.beffroi(&["host", "add", "elsewhere", "192.0.2.9", "--identity", "other/root"]).success());
    (alice, bob)
}

fn create(from: &Sandbox, file: &str, more: &[&str]) -> String {
    drop(from.json(&[&["--yes", "parcel", "create", file], more].concat()).success().data("parcel-create"));
    from.files().join(file).display().to_string()
}

fn open(who: &Sandbox, file: &str, more: &[&str]) -> Value {
    who.json(&[&["--yes", "parcel", "open", file], more].concat()).success().data("parcel-open")
}

fn listed(sandbox: &Sandbox, what: &str) -> Vec<String> {
    let command = format!("{what}-list");
    let list = sandbox.json(&[what, "list"]).success().data(&command);
    let rows = list[format!("{what}s")].as_array().expect("a list").iter();
    rows.map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

fn value(sandbox: &Sandbox, name: &str) -> String {
    sandbox.beffroi(&["secret", "get", name]).success().stdout.trim_end().to_owned()
}

/// Runs a program of this machine on bytes. Gives what it wrote.
fn ran(program: &str, words: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it can be started");
    let (mut stdin, bytes) = (child.stdin.take().expect("piped"), input.to_vec());
    let writes = std::thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &bytes)));
    let output = child.wait_with_output().expect("it ends");
    writes.join().expect("written");
    assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn age_key(sandbox: &Sandbox, name: &str) -> (String, String) {
    let file = sandbox.files().join(name).display().to_string();
    drop(ran("age-keygen", &["-o", &file], b""));
    let recipient = String::from_utf8(ran("age-keygen", &["-y", &file], b"")).expect("text").trim().to_owned();
    (file, recipient)
}

#[test]
fn what_is_chosen_goes_and_comes_and_nothing_else() {
    let (alice, bob) = two();
    let words = ["parcel", "create", "p.age", "--for", "Bob", "--hosts", "web-1", "--secrets", "shop/root"];
    let planned = alice.json(&[&["--plan"], &words[..]].concat()).success().data("parcel-create");
    let names = |list: &Value| list.as_array().expect("a list").iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(&planned["hosts"]), names(&planned["secrets"])),
        (vec![json!("gate"), json!("web-1")], vec![json!("deploy"), json!("shop/root")])
    );
    assert_eq!(
        (&planned["hosts"][0]["through"], &planned["hosts"][1]["through"], &planned["id"]),
        (&json!(true), &json!(false), &Value::Null)
    );
    assert!(!alice.files().join("p.age").exists(), "a plan makes nothing");
    refused(&alice, &words, 2, "flag-missing");

    let file = create(&alice, "p.age", &words[3..]);
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    assert!(!fs::read(&file).expect("read").windows(6).any(|part| part == b"canary" || part == b"deploy"));
    refused(&alice, &words, 2, "export-exists");

    let shown = bob.json(&["--plan", "parcel", "open", &file]).success();
    assert!(!shown.stdout.contains("canary"), "{shown:?}");
    let preview = shown.data("parcel-open");
    assert_eq!(
        (&preview["format"], &preview["signer"]["name"], &preview["signer"]["known"]),
        (&json!("parcel"), &json!("Alice"), &json!(true))
    );
    assert_eq!((listed(&bob, "host").len(), listed(&bob, "secret").len()), (0, 0), "a look changes nothing");
    let done = open(&bob, &file, &[])["done"].take();
    assert_eq!((&done["added"], &done["hosts_added"], &done["refused"]), (&json!(2), &json!(2), &json!(0)));
    assert_eq!(
        (listed(&bob, "host"), listed(&bob, "secret")),
        (vec!["gate".to_owned(), "web-1".to_owned()], vec!["deploy".to_owned(), "shop/root".to_owned()])
    );
    assert_eq!((value(&bob, "shop/root"), value(&bob, "deploy")), ("canary-1".to_owned(), value(&alice, "deploy")));
    let web = bob.json(&["host", "show", "web-1"]).success().data("host-show");
    assert_eq!(
        (&web["host"]["jump"], &web["host"]["identity"], &web["host"]["port"]),
        (&json!("gate"), &json!("deploy"), &json!(2222)),
        "{web}"
    );

    let again = open(&bob, &file, &[])["done"].take();
    assert_eq!((&again["added"], &again["changed"], &again["same"]), (&json!(0), &json!(0), &json!(2)), "{again}");
    assert_eq!((&again["hosts_added"], &again["hosts_changed"]), (&json!(0), &json!(0)));
    let journal = bob.json(&["journal", "list"]).success().data("journal-list").to_string();
    assert!(journal.contains("journal.parcel-opened"), "{journal}");
    assert!(alice.json(&["journal", "list"]).success().data("journal-list").to_string().contains("journal.parcel-made"));
}

#[test]
fn the_real_age_opens_it_with_a_key_of_age_and_of_ssh() {
    let (alice, bob) = two();
    let (identity, recipient) = age_key(&alice, "key");
    let ssh = alice.files().join("id").display().to_string();
    drop(ran("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "carol@laptop", "-f", &ssh], b""));
    let file = create(&alice, "p.age", &["--for", &recipient, "--for", "id.pub", "--secrets", "shop/root"]);
    for key in [&identity, &ssh] {
        let clear = String::from_utf8(ran("age", &["-d", "-i", key, &file], b"")).expect("text");
        assert!(clear.starts_with("beffroi-parcel-1\n") && clear.contains("canary-1") && clear.contains("carol@laptop"), "{clear}");
        assert!(!clear.contains("canary-other") && !clear.contains("elsewhere") && !clear.contains("gate"), "{clear}");
    }
    refused(&bob, &["parcel", "open", &file], 2, "import-needs-identity");
    for key in [&identity, &ssh] {
        let preview = bob.json(&["--plan", "parcel", "open", &file, "--identity-file", key]).success().data("parcel-open");
        assert_eq!((&preview["rows"][0]["name"], &preview["signer"]["readers"][1]), (&json!("shop/root"), &json!("carol@laptop")));
    }

    // What age encrypts for an identity of a vault, the vault opens.
    let shown = bob.json(&["identity", "show"]).success().data("identity-show");
    let own = shown["identities"].as_array().expect("a list").iter().find(|identity| identity["own"] == true).expect("own").clone();
    let sealed = ran("age", &["-r", own["recipient"].as_str().expect("age1…")], b"A=canary-2\n");
    let path = bob.files().join("x.env.age");
    fs::write(&path, sealed).expect("written");
    drop(bob.json(&["--yes", "secret", "import", path.to_str().expect("UTF-8")]).success());
    assert_eq!(value(&bob, "A"), "canary-2");
}

#[test]
fn who_is_not_known_is_compared_first() {
    let ((alice, fingerprint), (bob, other)) = (person("Alice"), person("Bob"));
    knows(&alice, &bob);
    drop(alice.beffroi_reading("canary-1", &["secret", "set", "shop/root"]).success());
    let file = create(&alice, "p.age", &["--for", &other, "--secrets", "shop/root"]);
    let unknown = refused(&bob, &["parcel", "open", &file, "--yes"], 7, "parcel-signer-unknown");
    assert!(unknown["message"].as_str().expect("a sentence").contains(&fingerprint), "{unknown}");
    refused(&bob, &["parcel", "open", &file, "--yes", "--from", &other], 1, "parcel-other-signer");
    assert!(listed(&bob, "secret").is_empty());
    let opened = open(&bob, &file, &["--from", &fingerprint]);
    assert_eq!(opened["done"]["added"], 1, "{opened}");

    let (carol, _) = person("Carol");
    refused(&carol, &["parcel", "open", &file, "--from", &fingerprint], 2, "import-needs-identity");
    let (wrong, _) = age_key(&carol, "key");
    refused(&carol, &["parcel", "open", &file, "--from", &fingerprint, "--identity-file", &wrong], 2, "import-wrong-identity");
}

#[test]
fn what_was_touched_or_passed_on_is_refused() {
    let (alice, bob) = two();
    let (identity, recipient) = age_key(&bob, "key");
    let file = create(&alice, "p.age", &["--for", &recipient, "--hosts", "web-1", "--secrets", "shop/root"]);
    let bytes = fs::read(&file).expect("read");
    let at = |path: &str| bob.files().join(path).display().to_string();
    let refuses = |name: &str, bytes: &[u8]| {
        fs::write(at(name), bytes).expect("written");
        let answer = bob.json(&["--yes", "parcel", "open", &at(name), "--identity-file", &identity]);
        assert!(!answer.stdout.contains("canary"), "{answer:?}");
        answer.json()["error"]["code"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("{name}: {answer:?}"))
    };
    let outside =
        ["import-malformed", "import-altered", "import-truncated", "import-wrong-identity", "import-unsupported", "import-no-format"];
    let regions = 24;
    for region in 0..regions {
        let mut changed = bytes.clone();
        let place = bytes.len() * region / regions;
        changed[place] ^= 0x20;
        let code = refuses("changed.age", &changed);
        assert!(outside.contains(&code.as_str()), "byte {place}: {code}");
        let code = refuses("cut.age", &bytes[..place]);
        assert!(outside.contains(&code.as_str()) || code == "invalid-request", "cut at {place}: {code}");
    }

    // Whoever has the recipient's public key can encrypt for them: what was signed tells.
    let clear = ran("age", &["-d", "-i", &identity, &file], b"");
    let mut codes = Vec::new();
    for region in 0..regions {
        let mut changed = clear.clone();
        let place = clear.len() * region / regions;
        changed[place] ^= 1;
        codes.push(refuses("inside.age", &ran("age", &["-r", &recipient], &changed)));
    }
    let inside =
        ["parcel-signature", "import-malformed", "import-not-text", "import-unsupported", "import-truncated", "parcel-not-for-you"];
    assert!(codes.iter().all(|code| inside.contains(&code.as_str())), "{codes:?}");
    assert!(codes.iter().any(|code| code == "parcel-signature"), "{codes:?}");
    let text = String::from_utf8(clear.clone()).expect("text");
    assert_eq!(refuses("value.age", &ran("age", &["-r", &recipient], text.replace("canary-1", "canary-9").as_bytes())), "parcel-signature");

    let (other, others) = age_key(&bob, "other");
    fs::write(at("passed.age"), ran("age", &["-r", &others], &clear)).expect("written");
    refused(&bob, &["parcel", "open", &at("passed.age"), "--identity-file", &other], 1, "parcel-not-for-you");
    assert_eq!((listed(&bob, "host").len(), listed(&bob, "secret").len()), (0, 0), "nothing came of any");
}

#[test]
fn an_older_one_changes_nothing_unasked() {
    let (alice, bob) = two();
    let older = create(&alice, "one.age", &["--for", "Bob", "--secrets", "shop/root"]);
    drop(alice.beffroi_reading("canary-2", &["secret", "set", "shop/root"]).success());
    let newer = create(&alice, "two.age", &["--for", "Bob", "--secrets", "shop/root"]);
    assert_eq!(open(&bob, &newer, &[])["done"]["added"], 1);
    let replayed = open(&bob, &older, &[]);
    assert_eq!((&replayed["done"]["changed"], &replayed["done"]["conflicts"]), (&json!(0), &json!(1)), "{replayed}");
    assert_eq!(value(&bob, "shop/root"), "canary-2");
    let said = bob.beffroi(&["--plan", "parcel", "open", &older]).success().stdout;
    assert!(said.contains("Older than the one of"), "{said}");
    // In their order they change what they say.
    drop(alice.beffroi_reading("canary-3", &["secret", "set", "shop/root"]).success());
    let third = create(&alice, "three.age", &["--for", "Bob", "--secrets", "shop/root"]);
    assert_eq!(open(&bob, &third, &[])["done"]["changed"], 1);
    assert_eq!(value(&bob, "shop/root"), "canary-3");
}

#[test]
fn what_is_handed_over_is_known_until_it_is_changed() {
    let (alice, _bob) = two();
    drop(create(&alice, "p.age", &["--for", "Bob", "--hosts", "web-1", "--secrets", "shop/root", "--secrets", "other/root"]));
    let given = |who: &[&str]| alice.json(&[&["parcel", "given"], who].concat()).success().data("parcel-given");
    let told = given(&["Bob"]);
    assert_eq!((&told["parcels"][0]["secrets"], &told["parcels"][0]["open"]), (&json!(3), &json!(3)));
    let of = |told: &Value, name: &str| {
        told["secrets"].as_array().expect("a list").iter().find(|secret| secret["name"] == name).cloned().unwrap_or(Value::Null)
    };
    assert_eq!((&of(&told, "deploy")["rotatable"], &of(&told, "shop/root")["rotatable"]), (&json!(true), &json!(false)), "{told}");
    assert_eq!(
        of(&told, "deploy")["hosts"],
        json!(["elsewhere", "gate", "web-1"].into_iter().filter(|host| *host != "elsewhere").collect::<Vec<_>>())
    );
    let said = alice.beffroi(&["parcel", "given"]).success().stdout;
    assert!(said.contains("beffroi secret rotate deploy\n") && said.contains("by hand"), "{said}");
    assert!(given(&["Carol"])["parcels"].as_array().is_some_and(Vec::is_empty));

    drop(alice.beffroi_reading("changed", &["secret", "set", "shop/root"]).success());
    assert_eq!(of(&given(&["Bob"]), "shop/root")["standing"], "changed");
    // Given back its earlier value, it is what they have again.
    drop(alice.beffroi(&["--yes", "secret", "revert", "shop/root"]).success());
    assert_eq!(of(&given(&["Bob"]), "shop/root")["standing"], "same");
    drop(alice.beffroi(&["host", "remove", "elsewhere", "--yes"]).success());
    drop(alice.beffroi(&["--yes", "secret", "remove", "other/root"]).success());
    assert_eq!(of(&given(&["Bob"]), "other/root")["standing"], "gone");
}

#[test]
fn who_has_a_way_into_the_vault_could_read_everything() {
    let (alice, _bob) = two();
    let words = ["vault", "slot", "add", "identity", "--identity", "Bob", "--label", "Bob's"];
    let slot = alice.json(&words).success().data("vault-slot-add")["slot"]["id"].as_str().expect("an id").to_owned();
    let given = || alice.json(&["parcel", "given", "Bob"]).success().data("parcel-given");
    let told = given();
    assert_eq!((&told["ways"][0]["slot"], told["secrets"].as_array().map(Vec::len)), (&json!(slot), Some(3)), "{told}");
    drop(alice.beffroi(&["--yes", "vault", "slot", "remove", &slot]).success());
    drop(alice.beffroi_reading("changed", &["secret", "set", "shop/root"]).success());
    drop(alice.beffroi_reading("new", &["secret", "set", "later"]).success());
    let told = given();
    assert_eq!((&told["ways"][0]["slot"], told["ways"][0]["until_ms"].is_u64()), (&Value::Null, true), "{told}");
    let standing = |name: &str| {
        let found = told["secrets"].as_array().expect("a list").iter().find(|secret| secret["name"] == name);
        found.map(|secret| secret["standing"].clone())
    };
    assert_eq!((standing("shop/root"), standing("other/root"), standing("later")), (Some(json!("changed")), Some(json!("same")), None));
}

#[test]
fn what_is_sealed_or_never_handed_over_stays() {
    let (alice, _bob) = two();
    drop(alice.beffroi(&["stage", "add", "prod"]).success());
    drop(alice.beffroi_reading("canary-prod", &["secret", "set", "prod/root", "--stage", "prod"]).success());
    alice.file("stage-secret", "orbit-velvet-canoe-timber-ladder-magnet-walnut-prism\n");
    let secret = ["--stage-secret", "prod=stage-secret"];
    drop(alice.beffroi(&[&["stage", "protect", "prod"], &secret[..]].concat()).success());
    let words = ["parcel", "create", "p.age", "--for", "Bob", "--secrets", "prod/root", "--yes"];
    refused(&alice, &words, 6, "stage-sealed");
    refused(&alice, &["parcel", "create", "p.age", "--for", "Bob", "--stage", "prod", "--yes"], 6, "stage-sealed");
    refused(&alice, &["parcel", "create", "p.age", "--for", "nobody", "--secrets", "shop/root"], 2, "parcel-reader-unknown");
    refused(&alice, &["parcel", "create", "p.age", "--for", "Bob"], 2, "parcel-empty");
    refused(&alice, &["parcel", "create", "p.age", "--for", "Bob", "--secrets", "missing"], 2, "secret-not-found");
    assert!(!alice.files().join("p.age").exists());

    drop(alice.json(&[&secret[..], &words[..]].concat()).success());
    let sealed = alice.json(&["parcel", "given", "Bob"]).success().data("parcel-given");
    assert_eq!(
        (&sealed["sealed"], sealed["secrets"].as_array().map(Vec::len)),
        (&json!(1), Some(0)),
        "not told while it is sealed: {sealed}"
    );
    let open = alice.json(&[&secret[..], &["parcel", "given", "Bob"]].concat()).success().data("parcel-given");
    assert_eq!(open["secrets"][0]["name"], "prod/root");

    // The key of an authority is a secret of the catalog, and stays there.
    drop(alice.beffroi(&["ca", "init", "Workshop"]).success());
    assert!(listed(&alice, "secret").contains(&"ca/workshop".to_owned()));
    refused(&alice, &["parcel", "create", "ca.age", "--for", "Bob", "--secrets", "ca/workshop"], 2, "parcel-never");
    refused(&alice, &["parcel", "create", "ca.age", "--for", "Bob", "--stage", "ca"], 2, "parcel-empty");
}
