//! People across hosts: accounts with passwords of their own, why somebody can use something, and everything taken away again.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;

use beffroi_tests::{Fleet, Lab, LabHost};
use serde_json::{Value, json};

/// Five YunoHosts, of three labs: each lab has two.
struct Five {
    fleet: Fleet,
    others: [Lab; 2],
}

const NAMES: [&str; 5] = ["ynh-1", "ynh-2", "ynh-3", "ynh-4", "ynh-5"];

impl Five {
    fn up() -> Self {
        let five = Self { fleet: Fleet::of(&["ynh-1"]), others: [Lab::up(), Lab::up()] };
        five.fleet.add("ynh-2", five.fleet.lab.host("ynh-slow"));
        for (number, lab) in five.others.iter().enumerate() {
            let key = format!("key-{number}");
            drop(
                five.fleet
                    .sandbox
                    .beffroi(&["secret", "set", &key, "--from-file", lab.client_key().to_str().expect("as the test needs it")])
                    .success(),
            );
            for (name, host) in NAMES[2 + 2 * number..].iter().zip(["ynh-1", "ynh-slow"]) {
                let host = lab.host(host).clone();
                drop(five.fleet.add_with(name, &host, &["--trust", &host.fingerprint, "--identity", &key]).success());
            }
        }
        // The slow ones are as good as any here: what takes long is shown elsewhere.
        for lab in std::iter::once(&five.fleet.lab).chain(&five.others) {
            lab.slow("ynh-slow", 0);
        }
        five
    }

    fn place(&self, name: &str) -> (&Lab, &'static str) {
        let at = NAMES.iter().position(|known| *known == name).expect("as the test needs it");
        let labs = [&self.fleet.lab, &self.others[0], &self.others[1]];
        (labs[at / 2], ["ynh-1", "ynh-slow"][at % 2])
    }

    fn users(&self, name: &str) -> Vec<String> {
        let (lab, host) = self.place(name);
        lab.users(host)
    }

    fn host(&self, name: &str) -> LabHost {
        let (lab, host) = self.place(name);
        lab.host(host).clone()
    }

    fn secret(&self, name: &str) -> String {
        self.fleet.sandbox.beffroi(&["secret", "get", &format!("people/ada/{name}")]).success().stdout
    }

    /// The answer of `person WORDS`.
    #[track_caller]
    fn person(&self, words: &[&str]) -> Value {
        self.fleet.sandbox.json(&[&["--yes", "person"], words].concat()).success().data(&format!("person-{}", words[0]))
    }

    /// The kinds and subjects of what differs about `ada` on these hosts.
    fn drift(&self, on: &str) -> Vec<(String, String)> {
        let drift = self.person(&["drift", "--refresh", "--on", on])["drift"].take();
        let of_ada = drift.as_array().expect("as the test needs it").iter().filter(|one| one["login"] == "ada");
        of_ada
            .map(|one| {
                (
                    one["kind"].as_str().expect("as the test needs it").to_owned(),
                    one["what"].as_str().expect("as the test needs it").to_owned(),
                )
            })
            .collect()
    }
}

#[test]
fn somebody_comes_to_five_instances_and_leaves_them() {
    let five = Five::up();
    let sandbox = &five.fleet.sandbox;
    let planned = sandbox.json(&["person", "add", "ada", "--fullname", "Ada Lovelace", "--on", "all", "--plan"]).success();
    assert!(
        planned.data("person-add")["hosts"].as_array().expect("as the test needs it").len() == 5
            && five.person(&["list"])["people"] == json!([]),
        "a plan"
    );

    five.person(&["add", "ada", "--fullname", "Ada Lovelace", "--on", "all"]);
    let passwords: BTreeSet<String> = NAMES.iter().map(|name| five.secret(name)).collect();
    assert_eq!(passwords.len(), 5, "each account has a password of its own");
    assert!(NAMES.iter().all(|name| five.users(name).contains(&"ada".to_owned())));
    five.person(&["grant", "ada", "mail.main", "--on", "ynh-1 or ynh-3"]);
    let matrix = five.person(&["matrix", "--person", "ada"]);
    let why = |host: usize| {
        let access = matrix["hosts"][host]["accounts"][0]["access"].as_array().expect("as the test needs it");
        access.iter().find(|access| access["permission"] == "mail.main").expect("as the test needs it")["why"].clone()
    };
    assert_eq!((why(0), why(1)), (json!([{ "kind": "all_users" }, { "kind": "direct" }]), json!([{ "kind": "all_users" }])));

    // Another password where it was asked for, and nowhere else.
    five.person(&["rotate", "ada", "--on", "ynh-2"]);
    let after: BTreeSet<String> = NAMES.iter().map(|name| five.secret(name)).collect();
    assert_eq!((after.len(), after.difference(&passwords).count()), (5, 1));

    // What is done on a host itself is seen, and told.
    assert_eq!(five.drift("all"), []);
    five.fleet.lab.ssh("ynh-1", "yunohost user permission add roundcube.main ada");
    assert_eq!(five.drift("ynh-1"), [("permission-added".to_owned(), "roundcube.main".to_owned())]);
    five.person(&["accept", "ada", "--on", "ynh-1"]);
    assert_eq!(five.drift("ynh-1"), []);

    // One of them cannot be reached when she leaves.
    let nobody =
        TcpListener::bind(("127.0.0.1", 0)).expect("as the test needs it").local_addr().expect("as the test needs it").port().to_string();
    drop(sandbox.beffroi(&["host", "edit", "ynh-5", "--port", &nobody]).success());
    let left = sandbox.json(&["--yes", "person", "offboard", "ada", "--report", "ada.json"]).exit(1).data("person-offboard");
    let report = &left["report"]["report"];
    let removed: Vec<bool> =
        report["accounts"].as_array().expect("as the test needs it").iter().map(|account| account["removed"] == true).collect();
    assert_eq!(removed, [true, true, true, true, false], "{report}");
    assert_eq!(report["accounts"][4]["why"]["code"], "host-unreachable");
    assert!(NAMES[..4].iter().all(|name| !five.users(name).contains(&"ada".to_owned())) && five.users("ynh-5").contains(&"ada".to_owned()));
    let permissions = five.fleet.lab.yunohost("ynh-1", "user permission list --full").to_string();
    assert!(!permissions.contains("\"ada\""), "{permissions}");

    // The report holds as it was written, without any vault, and not a letter otherwise.
    let file = sandbox.files().join("ada.json");
    let checked = sandbox
        .bare(&["--json", "person", "report", "--verify", file.to_str().expect("as the test needs it")])
        .success()
        .data("person-report");
    assert_eq!((&checked["report"], &checked["signer"]), (report, &left["report"]["signer"]));
    let written = fs::read_to_string(&file).expect("as the test needs it");
    sandbox.file("changed.json", &written.replacen("Lovelace", "Lovelase", 1));
    let changed = sandbox.files().join("changed.json");
    assert_eq!(
        sandbox.bare(&["--json", "person", "report", "--verify", changed.to_str().expect("as the test needs it")]).exit(8).error()["code"],
        "statement-broken"
    );
    let french = sandbox.beffroi(&["--lang", "fr", "person", "report", "ada"]).success().stdout;
    assert!(
        french.contains("Comptes supprimés\u{a0}: 4 sur 5") && french.contains("ynh-5\u{a0}: le compte ada n’est PAS supprimé"),
        "{french}"
    );

    // The one that was left is done another day.
    let port = five.host("ynh-5").port.to_string();
    drop(sandbox.beffroi(&["host", "edit", "ynh-5", "--port", &port]).success());
    let left = five.person(&["offboard", "ada", "--purge"]);
    let accounts = left["report"]["report"]["accounts"].as_array().expect("as the test needs it");
    assert!(accounts.len() == 5 && accounts.iter().all(|account| account["removed"] == true), "the whole of it: {left}");
    assert!(!five.users("ynh-5").contains(&"ada".to_owned()));
    let journal = sandbox.json(&["journal", "list", "--limit", "1000"]).success().stdout;
    assert!(passwords.union(&after).all(|password| !journal.contains(password.trim()) && !written.contains(password.trim())));
}

#[test]
fn the_last_administrator_stays_and_the_report_says_why() {
    let fleet = Fleet::of(&["ynh-1"]);
    let sandbox = &fleet.sandbox;
    let person = |words: &[&str]| sandbox.json(&[&["--yes", "person"], words].concat());
    for (name, fullname) in [("camille", "Camille Hautval"), ("julien", "Julien Royer")] {
        drop(person(&["add", name, "--fullname", fullname]).success());
        drop(person(&["link", name, "--on", "ynh-1"]).success());
    }
    // What is only looked at, or cannot be written down afterwards, changes nothing.
    sandbox.file("there.json", "kept");
    for report in ["there.json", "nowhere/new.json"] {
        assert_eq!(person(&["offboard", "camille", "--report", report]).exit(1).error()["code"], "local-file");
    }
    drop(person(&["offboard", "camille", "--plan", "--report", "new.json"]).success());
    assert!(person(&["show", "camille"]).success().data("person-show")["left_ms"].is_null(), "a plan");
    assert!(
        !sandbox.files().join("new.json").exists()
            && fs::read_to_string(sandbox.files().join("there.json")).is_ok_and(|text| text == "kept")
    );
    assert!(fleet.lab.users("ynh-1").contains(&"camille".to_owned()));
    // They have an account there: no other one is made.
    assert_eq!(person(&["add", "camille", "--on", "ynh-1"]).exit(2).error()["code"], "account-taken");
    // Both administer it. The one who goes first leaves the other one alone there.
    drop(person(&["offboard", "camille"]).success());
    let left = person(&["offboard", "julien"]).exit(7).data("person-offboard");
    assert_eq!(left["report"]["report"]["accounts"][0]["why"]["code"], "ynh-last-admin", "{left}");
    assert!(fleet.lab.users("ynh-1").contains(&"julien".to_owned()));
    let admins = fleet.lab.yunohost("ynh-1", "user group info admins")["members"].take();
    assert_eq!(admins, json!(["julien"]), "nothing was taken from them either");
}

#[test]
fn a_list_is_taken_in_whole_or_not_at_all() {
    let fleet = Fleet::of(&["ynh-1"]);
    let sandbox = &fleet.sandbox;
    let before = fleet.lab.users("ynh-1");
    sandbox.file("wrong.csv", "username;firstname;lastname;mail\nAda;Ada;Lovelace;ada@x\ngrace;Grace;Hopper;grace@nowhere.example\n");
    let wrong = sandbox.json(&["--yes", "person", "import", "wrong.csv", "--on", "ynh-1"]).exit(2).data("person-import");
    let faults: Vec<_> = wrong["faults"]
        .as_array()
        .expect("as the test needs it")
        .iter()
        .map(|fault| (fault["line"].as_u64(), fault["column"].as_str()))
        .collect();
    assert_eq!(faults, [(Some(2), Some("username")), (Some(2), Some("mail"))]);
    assert_eq!(fleet.lab.users("ynh-1"), before);

    let domain =
        fleet.lab.yunohost("ynh-1", "domain main-domain")["current_main_domain"].as_str().expect("as the test needs it").to_owned();
    let list = format!(
        "username;firstname;lastname;password;mail;mail-alias;mailbox-quota;groups\n\
         ada;Ada;Lovelace;;ada@{domain};countess@{domain};500M;admins\ngrace;Grace;Hopper;Un-Canard-Violet-71;grace@{domain};;;\n\
         camille;Another;Name;Un-Canard-Violet-72;camille@{domain};;;\n"
    );
    let camille = fleet.lab.yunohost("ynh-1", "user info camille");
    sandbox.file("list.csv", &list);
    drop(sandbox.json(&["--yes", "person", "import", "list.csv", "--on", "ynh-1"]).success());
    assert_eq!(fleet.lab.yunohost("ynh-1", "user info camille"), camille, "nobody asked for changes");
    let ada = fleet.lab.yunohost("ynh-1", "user info ada");
    assert_eq!((&ada["mail-aliases"], &ada["mailbox-quota"]["limit"]), (&json!([format!("countess@{domain}")]), &json!("500M")));
    let admins = fleet.lab.yunohost("ynh-1", "user group info admins")["members"].to_string();
    assert!(admins.contains("ada") && !admins.contains("grace"), "{admins}");
    assert_eq!(sandbox.beffroi(&["secret", "get", "people/grace/ynh-1"]).success().stdout.trim(), "Un-Canard-Violet-71");
    let cards = sandbox.json(&["person", "list"]).success().data("person-list");
    let names: Vec<_> = cards["people"]
        .as_array()
        .expect("as the test needs it")
        .iter()
        .map(|card| card["name"].as_str().expect("as the test needs it").to_owned())
        .collect();
    assert_eq!(names, ["ada", "grace"]);
    // Again, it finds nothing to do.
    let again = sandbox.json(&["--yes", "person", "import", "list.csv", "--on", "ynh-1"]).success().data("person-import");
    assert!(again["plan"].is_null() && again["rows"][0]["effects"][0]["effect"] == "left", "{again}");
    // What a spreadsheet would compute is text there.
    drop(sandbox.beffroi(&["person", "edit", "grace", "--notes", "=HYPERLINK(1)"]).success());
    let exported = sandbox.beffroi(&["person", "export", "people"]).success().stdout;
    assert!(exported.contains("\"'=HYPERLINK(1)\"") && !exported.contains("Canard"), "{exported}");
}
