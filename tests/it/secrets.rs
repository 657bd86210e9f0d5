//! Secrets that are made, and that are given out.

use beffroi_tests::Sandbox;
use serde_json::json;

fn got(sandbox: &Sandbox, name: &str) -> String {
    sandbox.beffroi(&["secret", "get", name]).success().stdout
}

#[test]
fn a_passphrase_is_made_of_words_of_the_language_that_is_asked_for() {
    let sandbox = Sandbox::with_vault();
    let made = sandbox.beffroi(&["secret", "generate", "plain", "--words"]).success();
    assert_eq!(made.stdout, "", "it is not shown");
    let words = got(&sandbox, "plain");
    let words: Vec<&str> = words.trim_end().split('-').collect();
    assert!(words.len() == 7 && words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())), "{words:?}");

    let flags = ["--words=9", "--word-list", "fr", "--separator", "", "--capitals", "--digit"];
    drop(sandbox.beffroi(&[&["secret", "generate", "french"][..], &flags].concat()).success());
    let text = got(&sandbox, "french");
    let count = |is: fn(&u8) -> bool| text.trim_end().bytes().filter(is).count();
    assert_eq!((count(u8::is_ascii_uppercase), count(u8::is_ascii_digit)), (9, 1), "{text}");
    assert!(text.trim_end().bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");

    for (wrong, exit) in
        [(&["--words=3"][..], 2), (&["--words", "--separator", ""], 2), (&["--words", "--length", "20"], 2), (&["--capitals"], 2)]
    {
        drop(sandbox.beffroi(&[&["secret", "generate", "other"], wrong].concat()).exit(exit));
    }
    drop(sandbox.beffroi(&["secret", "generate", "plain", "--words"]).exit(2));
    assert_eq!(got(&sandbox, "plain").trim_end(), words.join("-"), "what is there is left");
}

#[test]
fn a_secret_is_given_out_as_it_is() {
    let sandbox = Sandbox::with_vault();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nnot a real one\n-----END OPENSSH PRIVATE KEY-----";
    for (name, value) in [("word", "pa\"ss\\wörd"), ("key", key)] {
        let file = sandbox.file(name, value);
        drop(sandbox.beffroi(&["secret", "set", name, "--from-file", file.to_str().unwrap()]).success());
        assert_eq!(got(&sandbox, name), format!("{value}\n"));
        let data = sandbox.json(&["secret", "get", name]).success().data("secret-get");
        assert_eq!((&data["name"], &data["value"]), (&name.into(), &value.into()));
    }
    let error = sandbox.json(&["secret", "get", "missing"]).exit(2).error();
    assert_eq!(error["code"], "secret-not-found");
}

#[test]
fn a_secret_is_found_by_what_stands_beside_it_and_never_by_its_value() {
    let sandbox = Sandbox::with_vault();
    for (name, value) in [("morel/erp", "teapot-canyon"), ("morel/web", "orbit-lectern"), ("other", "plain")] {
        let file = sandbox.file("value", value);
        drop(sandbox.beffroi(&["secret", "set", name, "--from-file", file.to_str().unwrap()]).success());
    }
    let beside = ["--title", "Accès d’été", "--user", "comptable", "--url", "https://erp.example.org", "--tag", "facturation"];
    drop(sandbox.beffroi(&[&["secret", "edit", "morel/erp"][..], &beside].concat()).success());
    let found = |text: &str| {
        let data = sandbox.json(&["secret", "list", "--find", text]).success().data("secret-list");
        let secrets = data["secrets"].as_array().expect("a list").clone();
        secrets.iter().map(|secret| secret["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    for typed in ["ACCES", "comtable", "erp.example", "factur morel"] {
        assert_eq!(found(typed), ["morel/erp"], "{typed}");
    }
    assert_eq!(found("morel"), ["morel/erp", "morel/web"]);
    assert_eq!(found("teapot"), [""; 0]);
    let table = sandbox.beffroi(&["secret", "list", "--find", "compta"]).success().stdout;
    assert!(table.contains("Account comptable") && !table.contains("morel/web"), "{table}");
    let all = sandbox.json(&["search", "facturation"]).success().data("search");
    assert_eq!((&all["found"][0]["name"], &all["found"][0]["by"]), (&"morel/erp".into(), &"tag".into()));
}

#[test]
fn a_template_says_what_is_asked_for_beside_a_value() {
    let sandbox = Sandbox::with_vault();
    for (file, text) in [("value", "a-password\n"), ("user", "caisse\n"), ("pin", "4711\n"), ("day", "2027-06-30\n"), ("no-day", "soon\n")]
    {
        drop(sandbox.file(file, text));
    }
    let kept = ["secret", "template", "set", "Till", "--account", "--expires", "--field", "shop", "--hidden-field", "PIN"];
    assert_eq!(sandbox.json(&kept).success().data("secret-template-set")["own"], true);
    let list = sandbox.json(&["secret", "template", "list"]).success().data("secret-template-list");
    assert_eq!(list["templates"].as_array().map(Vec::len), Some(9), "eight that everybody has, and one");
    let in_words = sandbox.beffroi(&["--lang", "fr", "secret", "template", "list"]).success().stdout;
    assert!(in_words.contains("Base de données") && in_words.contains("Till"), "{in_words}");

    let set = |name: &str, rest: &[&str]| sandbox.json(&[&["secret", "set", name, "--from-file", "value"], rest].concat());
    let fill = ["--template", "Till", "--fill", "account=user", "--fill", "PIN=pin", "--fill", "expires=day"];
    drop(set("shop/till", &fill).success());
    let about = sandbox.json(&["secret", "show", "shop/till"]).success();
    assert!(!about.stdout.contains("4711"), "{}", about.stdout);
    let about = about.data("secret-show");
    assert_eq!((&about["user"], &about["fields"]), (&json!("caisse"), &json!([{ "name": "PIN", "value": null }])), "{about}");
    assert!(about["expires_ms"].is_u64(), "{about}");
    let pin = sandbox.json(&["secret", "get", "shop/till", "--field", "PIN"]).success().data("secret-get");
    assert_eq!(pin["value"], "4711");

    // What is wrong with the fields is said before the value is stored.
    for (fill, code) in [("expires=no-day", "invalid-name"), ("colour=pin", "invalid-request"), ("PIN=-", "invalid-request")] {
        assert_eq!(set("shop/other", &["--template", "Till", "--fill", fill]).exit(2).error()["code"], code, "{fill}");
    }
    assert_eq!(set("shop/other", &["--template", "Tills"]).exit(2).error()["code"], "template-unknown");
    assert_eq!(sandbox.json(&["secret", "template", "set", "wifi", "--account"]).exit(2).error()["code"], "template-known");
    assert_eq!(sandbox.json(&["secret", "template", "set", "Empty"]).exit(2).error()["code"], "template-fields");
    let secrets = sandbox.json(&["secret", "list"]).success().data("secret-list");
    assert!(!secrets.to_string().contains("shop/other"), "{secrets}");

    drop(sandbox.json(&["secret", "template", "remove", "Till"]).success());
    assert_eq!(sandbox.json(&["secret", "template", "remove", "Till"]).exit(2).error()["code"], "template-unknown");
}
