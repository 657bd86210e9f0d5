//! Reports: what they say of hosts, what they never say, what is left out.

use std::path::Path;

use beffroi_app::{App, AppError, HostOrder, Report, ReportCell, ReportKind, ReportOrder, ReportTable, Standing};

use crate::kit::{Ground, Host, events, run_on, text};

fn order(kind: ReportKind) -> ReportOrder {
    ReportOrder { kind, on: "all".to_owned(), since_ms: None, until_ms: None, handed: Vec::new(), now_ms: Some(1_795_320_000_000) }
}

async fn report(app: &App, kind: ReportKind) -> Report {
    app.report(order(kind)).await.expect("a report")
}

fn table<'a>(report: &'a Report, name: &str) -> &'a ReportTable {
    report.sections.iter().flat_map(|section| &section.tables).find(|table| table.name == name).expect(name)
}

/// What stands in a column, as far as it is text.
fn column(table: &ReportTable, name: &str) -> Vec<String> {
    let at = table.columns.iter().position(|column| *column == name).expect(name);
    let text = |row: &Vec<ReportCell>| match &row[at] {
        ReportCell::Text(text) => text.clone(),
        ReportCell::Word(word) => (*word).to_owned(),
        ReportCell::Said(said) => format!("{} {:?}", said.key, said.values),
        ReportCell::List(cells) => format!("{cells:?}"),
        other => format!("{other:?}"),
    };
    table.rows.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_says_how_one_gets_in_and_what_is_to_be_handed_over() {
    let ground = Ground::new();
    let app = ground.open().await;
    let handed = ground.root().join("keys.kdbx");
    std::fs::write(&handed, b"abc").expect("written");
    let dossier = app.report(ReportOrder { handed: vec![handed], ..order(ReportKind::Dossier) }).await.expect("a dossier");
    assert_eq!((dossier.vault.as_str(), dossier.hosts.as_slice()), ("Acme", &["web-1".to_owned(), "web-2".to_owned()][..]));
    assert_eq!(column(table(&dossier, "accesses"), "host"), ["web-1", "web-2"]);
    let methods = column(table(&dossier, "accesses"), "method");
    assert!(methods.iter().all(|method| method.contains("acme/key")), "the secret's name: {methods:?}");
    assert_eq!(column(table(&dossier, "secrets"), "secret"), ["acme/key"]);
    assert_eq!(column(table(&dossier, "receipt"), "file"), ["keys.kdbx"]);
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(column(table(&dossier, "receipt"), "sha256"), [sum], "SHA-256 of abc");
    assert!(dossier.sections.last().is_some_and(|section| section.signed && section.name == "receipt"));
    let steps: String = dossier.sections.iter().flat_map(|section| &section.steps).map(|step| step.code.as_str()).collect();
    assert!(steps.contains("yunohost backup restore") && steps.contains("crypto_aead_xchacha20poly1305_ietf_decrypt"), "{steps}");

    let absent = app.report(ReportOrder { handed: vec!["/nowhere/x".into()], ..order(ReportKind::Dossier) }).await;
    assert!(matches!(absent, Err(AppError::LocalFile { .. })), "{absent:?}");
    // Names of tables are what files and --table go by.
    for kind in [ReportKind::Interventions, ReportKind::State, ReportKind::Dossier] {
        let made = report(&app, kind).await;
        let mut names: Vec<&str> = made.sections.iter().flat_map(|section| &section.tables).map(|table| table.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{kind:?}: {names:?}");
        for table in made.sections.iter().flat_map(|section| &section.tables) {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_told_with_who_and_how_it_ended_within_its_period() {
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "shop", "dev").await;
    app.survey("shop", true).await.expect("an answer");
    for command in ["true", "exit 3"] {
        let plan = app.make_plan("shop", beffroi_app::Action::Run { command: command.to_owned(), root: false }).await.expect("a plan");
        for job in app.run_plan(plan.plan.id, None).await.expect("it runs") {
            app.wait_for_job(job.id).await.expect("it ends");
        }
    }
    run_on(&app, "shop", "echo hello").await.expect("it runs");
    let shop = |order: ReportOrder| app.report(ReportOrder { on: "shop".to_owned(), now_ms: None, ..order });
    let made = shop(order(ReportKind::Interventions)).await.expect("a report");
    let jobs = table(&made, "jobs");
    assert_eq!(column(jobs, "host"), ["shop", "shop"]);
    assert!(column(jobs, "who").iter().all(|who| *who == made.person), "{:?}", column(jobs, "who"));
    let outcomes = column(jobs, "outcome");
    assert!(outcomes[0] == "nothing-to-change" && outcomes[1].contains("failed"), "{outcomes:?}");
    assert!(column(jobs, "way-back").iter().all(|way| way.starts_with("undo.run")), "as the plan said");
    assert_eq!(column(table(&made, "commands"), "outcome"), ["succeeded"]);
    assert!(column(table(&made, "journal"), "what").iter().any(|what| what.starts_with("journal.host-added")));
    let summary = &table(&made, "summary").rows[0];
    assert!(
        matches!(summary[1..5], [ReportCell::Count(2), ReportCell::Count(1), ReportCell::Count(1), ReportCell::Count(1)]),
        "{summary:?}"
    );

    let before = shop(ReportOrder { until_ms: Some(1_000), ..order(ReportKind::Interventions) }).await.expect("a report");
    let rows: usize = ["jobs", "commands", "journal"].iter().map(|name| table(&before, name).rows.len()).sum();
    assert_eq!(rows, 0, "nothing of after the period");
    let backwards = shop(ReportOrder { since_ms: Some(2), until_ms: Some(2), ..order(ReportKind::Interventions) }).await;
    assert!(matches!(backwards, Err(AppError::InvalidRequest { .. })), "{backwards:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_stands_in_any_report_whatever_was_typed() {
    const CANARY: &str = "canary-glacier-umbrella-7431";
    let (ground, host) = (Ground::new(), Host::start());
    let app = ground.open().await;
    host.join(&app, "shop", "dev").await;
    app.set_secret("shop/database", text(CANARY), None).await.expect("stored");
    // Typed where it should not be: into a command, a recipe, a name.
    drop(run_on(&app, "shop", &format!("echo {CANARY}")).await);
    let plan = app.make_plan("shop", beffroi_app::Action::Run { command: format!("echo {CANARY}"), root: false }).await.expect("a plan");
    for job in app.run_plan(plan.plan.id, None).await.expect("it runs") {
        app.wait_for_job(job.id).await.expect("it ends");
    }
    app.set_recipe(format!("name = \"dump\"\n[[steps]]\ncommand = \"mysql -p{CANARY}\"\n")).await.expect("stored");
    for kind in [ReportKind::Interventions, ReportKind::State, ReportKind::Dossier] {
        let said = format!("{:?}", report(&app, kind).await);
        assert!(!said.contains(CANARY), "{kind:?}");
        assert!(!said.contains("PRIVATE KEY"), "{kind:?}");
    }
    let dossier = format!("{:?}", report(&app, ReportKind::Dossier).await);
    assert!(dossier.contains("mysql -p••••••••"), "what is masked is seen to be");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_sealed_stage_nothing_is_told_but_names() {
    let (ground, host) = (Ground::with_prod(), Host::start());
    let app = ground.unsealed().await;
    host.join(&app, "shop", "prod").await;
    app.survey("shop", true).await.expect("an answer");
    drop(run_on(&app, "shop", "echo whatever-was-done").await);
    let open = report(&app, ReportKind::Dossier).await;
    assert!(open.excluded.is_empty() && column(table(&open, "accesses"), "host").contains(&"shop".to_owned()));
    app.seal_stage("prod").await.expect("sealed");
    for kind in [ReportKind::Interventions, ReportKind::State, ReportKind::Dossier] {
        let made = report(&app, kind).await;
        assert_eq!(made.excluded, [("shop".to_owned(), "prod".to_owned(), Standing::Sealed)]);
        let said = format!("{:?}", made.sections);
        assert!(!said.contains("\"shop\"") && !said.contains("whatever-was-done"), "{kind:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_hosts_that_nothing_is_known_of_are_a_report() {
    let ground = Ground::new();
    let app = ground.open().await;
    for number in 0..198 {
        let order = HostOrder { address: Some(format!("192.0.2.{number}")), ..HostOrder::default() };
        app.add_host(&format!("many-{number:03}"), order).await.expect("a host");
    }
    let state = report(&app, ReportKind::State).await;
    assert_eq!((state.hosts.len(), table(&state, "overview").rows.len()), (200, 200));
    assert!(table(&state, "applications").rows.is_empty());
    assert_eq!(table(&report(&app, ReportKind::Dossier).await, "accesses").rows.len(), 200);
    let none = app.report(ReportOrder { on: "tag:nowhere".to_owned(), ..order(ReportKind::State) }).await;
    assert!(matches!(none, Err(AppError::NothingSelected { .. })), "{none:?}");
    app.note_report(ReportKind::State, Path::new("/x.pdf")).await.expect("noted");
    assert!(events(&app).await.contains(&"report-written".to_owned()));
}
