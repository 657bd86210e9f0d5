//! What is read of YunoHosts: from what is stored where it is fresh, in one command and one interpreter where it is not.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use beffroi_app::{Action, App, AppError, GuardError, HostOperation};
use beffroi_yunohost::reading::{Cell, Entry, Reading};
use beffroi_yunohost::{Cause, Given, Operation, Raw};

use crate::kit::{Ground, Host, STAGE_SECRET, text};

/// A host with the lab's stand-in for a YunoHost, which counts the commands that come and the interpreters that start.
struct Counted {
    host: Host,
    folder: tempfile::TempDir,
}

impl Counted {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/lab/yunohost");
        let python = std::process::Command::new("sh").args(["-c", "command -v python3"]).output().expect("sh");
        let python = String::from_utf8(python.stdout).expect("UTF-8");
        let at = folder.path().display();
        let script = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("it may run");
        };
        script("python3", format!("#!/bin/sh\necho started >>{at}/interpreters\nexec {} \"$@\"\n", python.trim()));
        let state = format!(
            "export BEFFROI_LAB_STATE={at}/state BEFFROI_LAB_SEED={0}/seeds/demo.json BEFFROI_LAB_CACHE={at}/cache BEFFROI_LAB_SPEED=0 PATH={at}:{0}/bin:$PATH",
            lab.display()
        );
        script("came", format!("#!/bin/sh\necho came >>{at}/commands\n{state}\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n"));
        let host = Host::with(&format!("ForceCommand {at}/came"));
        Self { host, folder }
    }

    fn count(&self, what: &str) -> usize {
        let path: PathBuf = self.folder.path().join(what);
        std::fs::read_to_string(path).unwrap_or_default().lines().count()
    }
}

fn given(reading: &'static Reading, raw: &[(&str, &str)]) -> Given {
    let raw = raw.iter().map(|(name, value)| ((*name).to_owned(), Raw::Text((*value).to_owned()))).collect();
    Given::of(reading.params, raw).expect("it fits")
}

async fn read(app: &App, id: &str, raw: &[(&str, &str)], refresh: bool) -> Result<(u64, Vec<Entry>), AppError> {
    let reading = Reading::find(id).expect(id);
    app.ynh_read("shop", reading, given(reading, raw), refresh).await.expect("an answer").pop().expect("a host").read
}

fn operation(id: &str, raw: Vec<(&str, Raw)>) -> (&'static Operation, Given) {
    let operation = Operation::find(id).expect(id);
    (operation, Given::read(operation, raw.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).expect("it fits"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_host_costs_one_command_and_one_interpreter_and_lists_cost_none() {
    let (ground, shop) = (Ground::new(), Counted::start());
    let app = ground.open().await;
    shop.host.join(&app, "shop", "dev").await;
    // The first connection looks what the host is.
    app.survey("shop", true).await.expect("an answer").pop().expect("a host").survey.expect("a survey");
    let before = (shop.count("commands"), shop.count("interpreters"));
    let survey = app.survey("shop", true).await.expect("an answer").pop().expect("a host").survey.expect("a survey");
    assert_eq!((shop.count("commands") - before.0, shop.count("interpreters") - before.1), (1, 1), "one round trip, one start of Python");
    let facts = survey.yunohost.expect("a YunoHost");
    assert!(facts.certificates.value().is_some() && facts.upgrades.value().is_some() && facts.diagnosis.value().is_some());

    let before = shop.count("commands");
    for id in ["app-list", "user-list", "group-list", "permission-list", "domain-list", "service-list", "diagnosis-show", "upgrades"] {
        assert_eq!(read(&app, id, &[], false).await.expect(id).0, survey.taken_ms, "{id} is of the survey");
    }
    let (hosts, fleet) = app.ynh_fleet("role:yunohost", false).await.expect("the fleet");
    assert_eq!((hosts.len(), hosts[0].taken_ms, hosts[0].error.is_none()), (1, Some(survey.taken_ms), true));
    assert!(fleet.versions.iter().any(|line| line.what == "yunohost" && line.hosts == ["shop"]) && !fleet.apps.is_empty());
    assert!(
        matches!(read(&app, "app-info", &[("app", "nope")], false).await, Err(AppError::Yunohost { cause: Cause::AppUnknown, about, .. }) if about == "nope")
    );
    assert_eq!(shop.count("commands"), before, "nothing was asked");

    let log = read(&app, "service-log", &[("service", "nginx"), ("lines", "3")], false).await.expect("a log").1;
    assert!(log.iter().any(|entry| matches!(entry.get("lines"), Some(Cell::List(lines)) if !lines.is_empty())));
    assert_eq!(shop.count("commands"), before + 1, "what no survey has is one command");
    assert!(
        matches!(read(&app, "service-log", &[("service", "nope")], false).await, Err(AppError::Yunohost { cause: Cause::ServiceUnknown, about, .. }) if about == "nope")
    );
    app.lock_vault().await.expect("locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_is_read_anew_and_operations_differ_from_host_to_host() {
    let (ground, shop) = (Ground::new(), Counted::start());
    let app = ground.open().await;
    shop.host.join(&app, "shop", "dev").await;
    let before = read(&app, "group-list", &[], false).await.expect("groups");
    let (create, friends) = operation("group-create", vec![("group", Raw::Text("friends".to_owned()))]);
    let (label, post) =
        operation("app-change-label", vec![("app", Raw::Text("roundcube".to_owned())), ("label", Raw::Text("Post".to_owned()))]);
    let orders = vec![
        HostOperation { host: "shop".to_owned(), operation: create, given: friends },
        HostOperation { host: "shop".to_owned(), operation: label, given: post },
    ];
    let plan = app.plan_operations(orders).await.expect("a plan");
    assert!(plan.refused.is_empty(), "{:?}", plan.refused);
    let jobs = app.run_plan(plan.plan.id, None).await.expect("it runs");
    assert_eq!(jobs.len(), 2);
    for job in jobs {
        app.wait_for_job(job.id).await.expect("it ends");
    }
    let after = read(&app, "group-list", &[], false).await.expect("groups");
    assert!(after.0 > before.0, "the survey was of before");
    assert!(after.1.iter().any(|entry| entry["name"] == Cell::Text("friends".to_owned())));
    assert!(matches!(app.plan_operations(Vec::new()).await, Err(AppError::InvalidRequest { .. })));
    app.lock_vault().await.expect("locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_seen_without_any_host_and_not_through_a_seal() {
    let (ground, shop) = (Ground::with_prod(), Counted::start());
    let app = ground.unsealed().await;
    shop.host.join(&app, "shop", "prod").await;
    let (hosts, fleet) = app.ynh_fleet("shop or web-1", false).await.expect("the fleet");
    assert!(hosts.iter().all(|host| matches!(host.error, Some(AppError::NotSurveyed { .. })) && host.taken_ms.is_none()), "{hosts:?}");
    assert!(fleet.versions.is_empty());
    let (hosts, _) = app.ynh_fleet("shop", true).await.expect("the fleet");
    assert!(hosts[0].error.is_none() && hosts[0].version.is_some(), "{hosts:?}");
    drop(shop);
    let (hosts, fleet) = app.ynh_fleet("shop", true).await.expect("the fleet");
    assert!(hosts[0].error.is_some() && hosts[0].taken_ms.is_some() && !fleet.apps.is_empty(), "what was known stays: {hosts:?}");

    app.seal_stage("prod").await.expect("sealed");
    let (hosts, fleet) = app.ynh_fleet("shop", false).await.expect("the fleet");
    assert!(
        matches!(hosts[0].error, Some(AppError::StageSealed { .. })) && hosts[0].taken_ms.is_none() && hosts[0].version.is_none(),
        "{hosts:?}"
    );
    assert!(fleet.versions.is_empty() && fleet.apps.is_empty() && fleet.backups.is_empty());
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
    assert!(!app.ynh_fleet("shop", false).await.expect("the fleet").1.apps.is_empty());
    assert!(matches!(
        app.make_plan("shop", Action::Run { command: String::new(), root: false }).await,
        Err(AppError::InvalidRequest { .. })
    ));
    app.lock_vault().await.expect("locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_begins_on_its_pilot_and_goes_no_further_when_that_fails() {
    let (ground, one, two) = (Ground::new(), Counted::start(), Counted::start());
    let app = ground.open().await;
    one.host.join(&app, "one", "dev").await;
    app.set_secret("two/key", two.host.key(), Some("dev")).await.expect("a new secret");
    app.add_host("two", two.host.as_new("dev", "two/key")).await.expect("a new host");
    let create = |group: &str| {
        let (operation, given) = operation("group-create", vec![("group", Raw::Text(group.to_owned()))]);
        Action::Yunohost { operation, given }
    };
    let made = app.make_plan("one or two", create("friends")).await.expect("a plan");
    let unplanned = app.run_plan_from(made.plan.id, None, Some("three")).await;
    assert!(matches!(unplanned, Err(AppError::Guard(GuardError::PilotNotPlanned { host })) if host == "three"));
    let jobs = app.run_plan_from(made.plan.id, None, Some("two")).await.expect("it runs");
    assert_eq!(jobs.iter().map(|job| job.host.as_str()).collect::<Vec<_>>(), ["two", "one"]);
    let mut ended = Vec::new();
    for job in jobs {
        ended.push(app.wait_for_job(job.id).await.expect("it ends"));
    }
    assert!(ended.iter().all(|job| job.error.is_none()), "{ended:?}");

    // What cannot succeed on the pilot is not begun elsewhere.
    let made = app.make_plan("one or two", Action::Run { command: "test -e /nonexistent".to_owned(), root: false }).await.expect("a plan");
    let jobs = app.run_plan_from(made.plan.id, None, Some("one")).await.expect("it runs");
    let mut errors = Vec::new();
    for job in jobs {
        errors.push(app.wait_for_job(job.id).await.expect("it ends").error);
    }
    assert!(matches!(errors.as_slice(), [Some(AppError::CommandFailed { .. }), Some(AppError::JobBeforeFailed)]), "{errors:?}");
    app.lock_vault().await.expect("locked");
}
