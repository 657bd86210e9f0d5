//! Accounts of people on hosts: all that are theirs, only what was asked for, each under the stage of its host.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use beffroi_app::{
    AccountFacts, App, AppError, CardOrder, DriftKind, HostOrder, Import, ImportOrder, JobFacts, LeavingAccount, MadePlan, PeopleError,
    PersonChange, PersonOrder, RowEffect,
};
use beffroi_vault::Place;

use crate::kit::{Colleague, Ground, Host, STAGE_SECRET, events, text};

/// A server with the lab's stand-in for a YunoHost, as its demonstration has it.
struct Shop {
    host: Host,
    folder: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/lab/yunohost");
        let (at, lab, path) = (folder.path().display(), lab.display(), folder.path().join("came"));
        let state = format!("BEFFROI_LAB_STATE={at}/state BEFFROI_LAB_SEED={lab}/seeds/demo.json BEFFROI_LAB_CACHE={at}/cache");
        let script = format!("#!/bin/sh\nexport {state} BEFFROI_LAB_SPEED=0 PATH={lab}/bin:$PATH\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n");
        std::fs::write(&path, script).expect("written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("it may run");
        Self { host: Host::with(&format!("ForceCommand {at}/came")), folder }
    }

    /// What the stand-in answers, past the program.
    fn yunohost(&self, words: &str) -> serde_json::Value {
        let words: Vec<&str> = words.split(' ').chain(["--output-as", "json"]).collect();
        let output = std::process::Command::new(self.folder.path().join("came"))
            .env("SSH_ORIGINAL_COMMAND", format!("yunohost {}", words.join(" ")))
            .output()
            .expect("the stand-in runs");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    fn users(&self) -> BTreeSet<String> {
        self.yunohost("user list")["users"].as_object().expect("users").keys().cloned().collect()
    }
}

fn named(fullname: &str) -> CardOrder {
    CardOrder { fullname: Some(fullname.to_owned()), ..CardOrder::default() }
}

/// A card with these accounts of hosts.
async fn linked(app: &App, name: &str, accounts: &[(&str, &str)]) {
    app.add_person(name, named(&format!("Of {name}"))).await.expect("a card");
    for (host, login) in accounts {
        app.survey(host, true).await.expect("an answer").pop().expect("a host").survey.expect("a survey");
        app.link_person(name, host, Some(login)).await.expect("linked");
    }
}

async fn plan(app: &App, person: &str, on: &str, change: PersonChange) -> MadePlan {
    let order = PersonOrder { person: person.to_owned(), on: on.to_owned(), change };
    app.plan_people(vec![order]).await.expect("a plan")
}

/// Runs a plan to its end.
async fn run(app: &App, made: &MadePlan) -> Vec<JobFacts> {
    let typed = made.confirm.first().map(String::as_str);
    let mut ended = Vec::new();
    for job in app.run_plan(made.plan.id, typed).await.expect("started") {
        ended.push(app.wait_for_job(job.id).await.expect("it ended"));
    }
    ended
}

/// The same, in which everything succeeds.
async fn done(app: &App, made: &MadePlan) {
    let failed: Vec<_> = run(app, made).await.into_iter().filter_map(|job| Some((job.title.key, job.error?))).collect();
    assert!(failed.is_empty() && made.refused.is_empty(), "{failed:?} {:?}", made.refused);
}

async fn password(app: &App, name: &str) -> String {
    app.reveal_secret(name).await.expect(name).1.expose().to_owned()
}

const AWAY: PersonChange = PersonChange::Offboard { purge: false };

fn brief(accounts: &[AccountFacts]) -> Vec<(&str, &str, &str)> {
    accounts.iter().map(|account| (account.host.as_str(), account.login.as_str(), account.standing.name())).collect()
}

fn told(accounts: &[LeavingAccount]) -> Vec<(&str, &str, bool)> {
    accounts.iter().map(|account| (account.host.as_str(), account.login.as_str(), account.removed)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_account_of_a_host_is_dealt_with() {
    let (ground, shop) = (Ground::new(), Shop::open());
    let app = ground.open().await;
    shop.host.join(&app, "shop", "dev").await;
    linked(&app, "noemie", &[("shop", "noemie"), ("shop", "stagiaire")]).await;
    let theirs = [("shop", "noemie", "linked"), ("shop", "stagiaire", "linked")];
    assert_eq!(brief(&app.person("noemie").await.expect("a person").accounts), theirs);

    // Each has a password of its own, under a name of its own.
    done(&app, &plan(&app, "noemie", "shop", PersonChange::Rotate).await).await;
    let passwords = (password(&app, "people/noemie/shop").await, password(&app, "people/noemie/shop/stagiaire").await);
    assert_ne!(passwords.0, passwords.1);

    // Nobody gets another account where they have one, unless it is said how it is called.
    let add = |login: Option<&str>| PersonChange::Add {
        fullname: None,
        login: login.map(str::to_owned),
        domain: None,
        mailbox_quota: None,
        groups: Vec::new(),
    };
    let again = plan(&app, "noemie", "shop", add(None)).await;
    assert!(again.plan.hosts.is_empty(), "{:?}", again.plan);
    assert!(matches!(again.refused[0].error, AppError::People(PeopleError::AccountTaken { .. })), "{:?}", again.refused);
    done(&app, &plan(&app, "noemie", "shop", add(Some("noemie.g"))).await).await;
    let new = password(&app, "people/noemie/shop/noemie.g").await;
    assert!(new != passwords.0 && password(&app, "people/noemie/shop").await == passwords.0, "the others keep theirs");

    // One of them is not theirs any more; the others are taken away, and the same login elsewhere is nobody's business.
    app.unlink_person("noemie", "shop", Some("noemie.g")).await.expect("unlinked");
    done(&app, &plan(&app, "noemie", "shop", AWAY).await).await;
    let users = shop.users();
    assert!(!users.contains("noemie") && !users.contains("stagiaire") && users.contains("noemie.g"), "{users:?}");
    let report = app.leaving("noemie").await.expect("a report");
    assert_eq!(told(&report.accounts), [("shop", "noemie", true), ("shop", "stagiaire", true)]);
    let steps = |at: usize| report.accounts[at].done.iter().map(|(step, _)| step.values.clone()).collect::<Vec<_>>();
    let names = |at: usize, login: &str| steps(at).iter().all(|values| values.iter().any(|(_, value)| value == login));
    assert!(!steps(0).is_empty() && names(0, "noemie") && names(1, "stagiaire"), "each with its own: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_alone_is_no_leaving() {
    let (ground, shop) = (Ground::new(), Shop::open());
    let app = ground.open().await;
    shop.host.join(&app, "shop", "dev").await;
    linked(&app, "noemie", &[("shop", "noemie")]).await;
    let made = plan(&app, "noemie", "shop", AWAY).await;
    assert_eq!(made.plan.hosts.len(), 1);
    app.forget_plan(made.plan.id);
    assert_eq!(app.person("noemie").await.expect("a person").left_ms, None);
    let report = app.leaving("noemie").await;
    assert!(matches!(report, Err(AppError::People(PeopleError::NotLeaving { .. }))), "{report:?}");
    assert!(!events(&app).await.contains(&"person-leaving".to_owned()));
    let drift = app.people_drift("shop").await.expect("differences");
    assert!(!drift.iter().any(|drift| drift.kind == DriftKind::LeftHasAccount), "{drift:?}");
    assert!(shop.users().contains("noemie"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_every_account_every_try_and_the_reason() {
    let (ground, shop, stall) = (Ground::new(), Shop::open(), Shop::open());
    let app = ground.open().await;
    shop.host.join(&app, "shop", "dev").await;
    app.set_secret("stall/key", stall.host.key(), None).await.expect("a new secret");
    app.add_host("stall", stall.host.as_new("dev", "stall/key")).await.expect("a new host");
    linked(&app, "noemie", &[("shop", "noemie"), ("stall", "noemie")]).await;
    done(&app, &plan(&app, "noemie", "shop", PersonChange::Grant { permissions: vec!["nextcloud.main".to_owned()] }).await).await;

    // The group goes between the plan and its beginning: what comes after it does not begin.
    let made = plan(&app, "noemie", "shop", PersonChange::Offboard { purge: true }).await;
    shop.yunohost("user group delete atelier");
    let failed: Vec<_> = run(&app, &made).await.into_iter().filter_map(|job| job.error).collect();
    assert!(failed.len() > 1 && failed.iter().any(|error| matches!(error, AppError::JobBeforeFailed)), "{failed:?}");
    let first = app.leaving("noemie").await.expect("a report");
    assert_eq!(told(&first.accounts), [("shop", "noemie", false), ("stall", "noemie", false)]);
    let why = |at: usize| first.accounts[at].why.as_ref();
    assert!(matches!(why(0), Some(AppError::Yunohost { .. })), "{:?}", why(0));
    assert!(matches!(why(1), Some(AppError::People(PeopleError::AccountNotPlanned { .. }))), "{:?}", why(1));
    assert!(app.person("noemie").await.expect("a person").left_ms.is_some());

    // Another try begins where that one came to, and hides nothing of it.
    done(&app, &plan(&app, "noemie", "shop", PersonChange::Offboard { purge: true }).await).await;
    done(&app, &plan(&app, "noemie", "stall", AWAY).await).await;
    let second = app.leaving("noemie").await.expect("a report");
    assert_eq!((second.at_ms, told(&second.accounts)), (first.at_ms, vec![("shop", "noemie", true), ("stall", "noemie", true)]));
    let of_shop = &second.accounts[0];
    assert!(of_shop.groups == ["atelier"] && of_shop.permissions.contains(&"nextcloud.main".to_owned()), "{of_shop:?}");
    let revoked = of_shop.done.iter().filter(|(step, _)| step.key == "title.ynh-permission-remove").count();
    assert!(revoked == 1 && of_shop.done.len() > first.accounts[0].done.len() && of_shop.why.is_none(), "{of_shop:?}");
    assert_eq!([second.accounts[0].purged, second.accounts[1].purged], [true, false], "what was asked for there, and seen");
    assert!(!shop.users().contains("noemie") && !stall.users().contains("noemie"));

    // Who gets an account anew has not left.
    let add = PersonChange::Add { fullname: None, login: None, domain: None, mailbox_quota: None, groups: Vec::new() };
    done(&app, &plan(&app, "noemie", "stall", add).await).await;
    assert_eq!(app.person("noemie").await.expect("a person").left_ms, None);
    done(&app, &plan(&app, "noemie", "stall", AWAY).await).await;
    let third = app.leaving("noemie").await.expect("a report");
    assert_eq!(told(&third.accounts), [("stall", "noemie", true)], "another leaving is another report");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_had_is_under_the_stage_of_its_host() {
    let (ground, shop) = (Ground::with_prod(), Shop::open());
    let app = ground.unsealed().await;
    shop.host.join(&app, "shop", "prod").await;
    linked(&app, "helene", &[("shop", "h.moreau"), ("shop", "noemie")]).await;
    app.unlink_person("helene", "shop", Some("noemie")).await.expect("unlinked");
    done(&app, &plan(&app, "helene", "shop", AWAY).await).await;
    assert_eq!(told(&app.leaving("helene").await.expect("a report").accounts), [("shop", "h.moreau", true)]);
    app.lock_vault().await.expect("locked");

    let colleague = Colleague::at(&ground);
    let rows = colleague.catalog.read(|reader| reader.documents("person")).expect("documents");
    let (dev, mut open) = (colleague.compartment("dev"), 0);
    for (row, sealed) in &rows {
        let (compartment, id) = (row.compartment, *row.id.as_bytes());
        let place = Place { compartment, target: None, table: "document", row: id, revision: row.revision, field: "person" };
        match colleague.vault.unseal(&place, sealed) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(bytes.expose()).into_owned();
                assert!(row.compartment == dev && !text.contains("h.moreau") && !text.contains("comptabilite"), "{text}");
                open += 1;
            }
            Err(_) => assert_ne!(row.compartment, dev),
        }
    }
    assert_eq!((open, rows.len()), (1, 2), "the card, and what is not to be read");
    drop(colleague);
    let app = ground.open().await;
    let report = app.leaving("helene").await.expect("a report");
    assert_eq!((report.accounts.len(), report.sealed, report.own.len()), (0, 1, 0), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_their_passwords_go_with_their_host() {
    let (ground, shop) = (Ground::with_prod(), Shop::open());
    let app = ground.unsealed().await;
    shop.host.join(&app, "shop", "dev").await;
    linked(&app, "noemie", &[("shop", "noemie"), ("shop", "stagiaire")]).await;
    done(&app, &plan(&app, "noemie", "shop", PersonChange::Rotate).await).await;
    done(&app, &plan(&app, "noemie", "shop", PersonChange::Grant { permissions: vec!["nextcloud.main".to_owned()] }).await).await;
    let before = password(&app, "people/noemie/shop").await;
    app.set_secret("prod/key", shop.host.key(), Some("prod")).await.expect("a new secret");
    let to = |stage: &str| HostOrder { stage: Some(stage.to_owned()), identity: Some(format!("{stage}/key")), ..HostOrder::default() };
    app.edit_host("shop", None, to("prod")).await.expect("moved");
    assert_eq!(brief(&app.person("noemie").await.expect("a person").accounts).len(), 2);
    app.seal_stage("prod").await.expect("sealed");
    let hidden = app.person("noemie").await.expect("a person");
    assert_eq!((hidden.accounts.len(), hidden.sealed), (0, 2), "{hidden:?}");
    for name in ["people/noemie/shop", "people/noemie/shop/stagiaire"] {
        let sealed = app.reveal_secret(name).await.map(|_| ());
        assert!(matches!(sealed, Err(AppError::StageSealed { .. })), "{sealed:?}");
    }

    // What is done there goes on with what was.
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert_eq!(password(&app, "people/noemie/shop").await, before);
    done(&app, &plan(&app, "noemie", "shop", PersonChange::Rotate).await).await;
    assert_ne!(password(&app, "people/noemie/shop").await, before);
    app.edit_host("shop", None, to("dev")).await.expect("moved back");
    app.seal_stage("prod").await.expect("sealed");
    assert_eq!(app.person("noemie").await.expect("a person").accounts.len(), 2);
}

/// Takes in a list with these rows below the heading.
async fn import(app: &App, rows: &str, update: bool) -> Import {
    let heading = "username;firstname;lastname;password;mail;mail-alias;mail-forward;mailbox-quota;groups";
    let order = ImportOrder { text: text(&format!("{heading}\n{rows}\n")), on: "shop".to_owned(), update };
    app.import_people(order).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_changes_what_was_there_only_where_it_is_said() {
    let (ground, shop) = (Ground::new(), Shop::open());
    let app = ground.open().await;
    shop.host.join(&app, "shop", "dev").await;
    app.survey("shop", true).await.expect("an answer");
    let domain = "atelier-dubois.example";
    let camille = format!("camille;Another;Name;Un-Canard-Violet-72;camille@{domain};boss@{domain};c@example.org;1G;atelier");
    let ada = format!("ada;Ada;Lovelace;;lovelace@{domain};countess@{domain};ada@example.org;500M;atelier");
    let before = (shop.yunohost("user info camille"), shop.yunohost("user group list"));
    let made = import(&app, &format!("{ada}\n{camille}"), false).await;
    let effects: Vec<_> = made.rows.iter().map(|row| row.effects[0].1.clone()).collect();
    assert_eq!(effects, [RowEffect::Made, RowEffect::Left]);
    let plan = made.plan.expect("a plan");
    assert!(!format!("{:?}", plan.plan).contains("camille"), "{:?}", plan.plan);
    done(&app, &plan).await;
    assert_eq!(shop.yunohost("user info camille"), before.0, "nobody asked for changes");
    // All of a new account is made by the one plan.
    let new = shop.yunohost("user info ada");
    let one = |address: &str| serde_json::json!([address]);
    assert_eq!((&new["mail"], &new["mail-aliases"]), (&format!("lovelace@{domain}").into(), &one(&format!("countess@{domain}"))));
    assert_eq!((&new["mail-forward"], &new["mailbox-quota"]["limit"]), (&one("ada@example.org"), &"500M".into()));
    app.survey("shop", true).await.expect("an answer");
    let drift = app.people_drift("shop").await.expect("differences");
    assert!(!drift.iter().any(|drift| drift.login == "ada"), "{drift:?}");

    // Where it is asked for, it is what the plan shows.
    let made = import(&app, &camille, true).await;
    let columns = ["fullname", "mail-alias", "mail-forward", "mailbox-quota", "password", "groups"];
    let RowEffect::Changed(mut changed) = made.rows[0].effects[0].1.clone() else { unreachable!("{:?}", made.rows) };
    changed.sort_unstable();
    let mut wanted = columns.to_vec();
    wanted.sort_unstable();
    assert_eq!(changed, wanted);
    let shown = format!("{:?}", made.plan.as_ref().map(|made| &made.plan));
    for word in ["Another Name", "boss@", "contact@", "c@example.org", "1G", "atelier", "comptabilite"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    // They are the last but one administrator: the list may take them out of that group.
    done(&app, &made.plan.expect("a plan")).await;
    let now = shop.yunohost("user info camille");
    assert_eq!((&now["fullname"], &now["mail-aliases"]), (&"Another Name".into(), &one(&format!("boss@{domain}"))));
    let again = import(&app, &camille.replace("Un-Canard-Violet-72", ""), true).await;
    app.survey("shop", true).await.expect("an answer");
    assert!(matches!(again.rows[0].effects[0].1, RowEffect::Changed(_) | RowEffect::Left));
    let again = import(&app, &camille.replace("Un-Canard-Violet-72", ""), true).await;
    assert!(again.plan.is_none() && again.rows[0].effects[0].1 == RowEffect::Left, "all of it was done at once: {:?}", again.rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_people_with_one_login_the_list_means_the_one_of_that_name() {
    let (ground, shop) = (Ground::new(), Shop::open());
    let app = ground.open().await;
    shop.host.join(&app, "shop", "dev").await;
    app.survey("shop", true).await.expect("an answer");
    for (name, fullname) in [("ada", "Ada Lovelace"), ("ada.b", "Ada Byron")] {
        app.add_person(name, CardOrder { login: Some("ada".to_owned()), ..named(fullname) }).await.expect("a card");
    }
    let row = |last: &str| format!("ada;Ada;{last};;ada@atelier-dubois.example;;;;");
    let unclear = import(&app, &row("Other"), false).await;
    let faults: Vec<_> = unclear.faults.iter().map(|fault| (fault.line, fault.column.as_str(), fault.what)).collect();
    assert!(unclear.plan.is_none() && faults == [(2, "username", "several-people")], "{faults:?}");
    done(&app, &import(&app, &row("Byron"), false).await.plan.expect("a plan")).await;
    assert_eq!(brief(&app.person("ada.b").await.expect("a person").accounts), [("shop", "ada", "not-seen")]);
    assert_eq!(brief(&app.person("ada").await.expect("a person").accounts), []);
    password(&app, "people/ada.b/shop/ada").await;
}
