//! A host with YunoHost 11, as the lab's stand-in plays it by the sources of 11.3.0.2: what it offers is done, what it has not is
//! refused before anything is sent.

mod common;

use beffroi_remote::{CommandLine, Remote, RunRequest};
use beffroi_yunohost::facts::Part;
use beffroi_yunohost::fleet::{Fleet, Instance};
use beffroi_yunohost::reading::{Cell, Reading};
use beffroi_yunohost::{Cause, PanelOf, Raw, Refusal, Verdict, YunohostFacts, read_panels, survey_part};
use common::{ON, StandIn, given, list, secret, surveyed_on, surveyed_with, text};
use serde_json::{Value, json};

const VERSION: &str = "11.3.0.2";

fn eleven() -> StandIn {
    StandIn::seeded(&json!({"version": VERSION}))
}

fn eleven_with(more: Value) -> StandIn {
    let mut seed = more;
    seed["version"] = VERSION.into();
    StandIn::seeded(&seed)
}

/// What the guard says of something that this YunoHost has not.
#[track_caller]
fn has_not(refusal: Refusal, what: &str) {
    assert_eq!(refusal, Refusal::Foreseen { cause: Cause::NotOffered, about: format!("{what} (YunoHost {VERSION})") });
}

/// The words that are sent for an operation.
fn sent(facts: &YunohostFacts, operation: &str, raw: Vec<(&str, Raw)>) -> String {
    let (operation, given) = given(operation, raw);
    let line = operation.command(&given, &facts.lacks).masked.to_line();
    line.strip_suffix(" --timeout 600 --output-as json").expect("its usual end").to_owned()
}

#[tokio::test]
async fn a_survey_reads_what_it_tells() {
    let facts = surveyed_on(&eleven().remote).await.expect("a YunoHost");
    assert_eq!(facts.version(), Some(VERSION));
    let apps = facts.apps.value().expect("applications");
    let upgrade = |id: &str| (apps[id].upgrade_status.as_deref(), apps[id].new_version.as_deref());
    assert_eq!(upgrade("nextcloud"), (Some("upgradable"), Some("31.0.9~ynh1")));
    assert_eq!(upgrade("roundcube"), (Some("up_to_date"), None));
    assert!(facts.users.value().is_some() && facts.groups.value().is_some() && facts.backups.value().is_some());
    assert!(facts.certificates.value().is_some() && facts.domains.value().is_some() && facts.services.value().is_some());
    assert!(facts.permissions.value().expect("permissions").contains_key("xmpp.main"));
    assert!(facts.has_not("firewall open") && facts.has_not("tools postinstall --i-have-read-terms-of-services"));
    assert!(!facts.has_not("user create") && !facts.has_not("app install --label"));

    // What waits is not told as a whole: it is said so, and what the list of applications tells is there.
    assert!(matches!(&facts.upgrades, Part::Failed { cause: Cause::WrongUsage, .. }), "{:?}", facts.upgrades);
    assert_eq!(facts.not_read().map(|(part, cause, _)| (part, cause)), Some(("upgrades", Cause::WrongUsage)));
    let instance = Instance { host: "old", taken_ms: 0, os: None, facts: &facts };
    let waits: Vec<String> = Fleet::of(&[instance], 0).upgrades.into_iter().map(|line| line.name).collect();
    assert!(waits.contains(&"nextcloud".to_owned()) && !waits.contains(&"roundcube".to_owned()), "{waits:?}");
}

#[tokio::test]
async fn a_newer_one_has_it_all() {
    let facts = surveyed_on(&StandIn::new().remote).await.expect("a YunoHost");
    assert!(facts.lacks.is_empty(), "{:?}", facts.lacks);
}

/// Its own action map counts more than its version.
#[tokio::test]
async fn what_it_offers_decides() {
    let (lab, folder) = (StandIn::new(), tempfile::tempdir().expect("a folder"));
    let map = folder.path().join("actionsmap.yml");
    let text = "firewall:\n    actions:\n        reload:\n            arguments:\n                --skip-upnp:\n                    action: store_true\n\
                tools:\n    actions:\n        versions:\n            api: GET\n";
    std::fs::write(&map, text).expect("written");
    let part = survey_part(&[]);
    let script = part.script.replace("/usr/share/yunohost/actionsmap.yml", map.to_str().expect("text"));
    assert_ne!(script, part.script);
    let output = lab.remote.run(RunRequest::new(CommandLine::new(["sh", "-c", &script]))).await.expect("it runs");
    let (facts, _) = YunohostFacts::from_part(&output.stdout, Some(0), false, 0).expect("a YunoHost");
    assert!(facts.version().is_some_and(|version| version.starts_with("12.1.")));
    assert!(facts.has_not("firewall open") && facts.has_not("user create") && facts.has_not("user create --fullname"));
    assert!(!facts.has_not("firewall reload") && !facts.has_not("firewall reload --skip-upnp"));
    assert!(sent(&facts, "firewall-close", vec![("port", common::text("8080"))]).starts_with("yunohost firewall disallow"));
}

#[tokio::test]
async fn what_it_has_not_is_refused_before_anything_is_sent() {
    let lab = eleven_with(json!({"app_catalog": {"wiki": {}}}));
    let upgrade = || vec![("apps", list(&["nextcloud"])), ("ignore-yunohost-version", ON)];
    has_not(lab.refused("app-upgrade", upgrade()).await, "app upgrade --ignore-yunohost-version");
    for (name, value, option) in
        [("description", "x", "--description"), ("order", "3", "--order"), ("hide-from-public", "True", "--hide_from_public")]
    {
        let raw = vec![("permission", text("nextcloud.main")), (name, text(value))];
        has_not(lab.refused("permission-update", raw).await, &format!("user permission update {option}"));
    }
    let domain = || vec![("domain", text("new.example")), ("letsencrypt", ON)];
    has_not(lab.refused("domain-add", domain()).await, "domain add --install-letsencrypt-cert");
    has_not(lab.refused("tools-upgrade", vec![("target", text("system"))]).await, "tools update_norefresh");
    // It would refuse these itself, as what it does not know.
    for (operation, raw) in [("app-upgrade", upgrade()), ("domain-add", domain())] {
        assert_eq!(lab.unguarded(operation, raw).await.cause, Some(Cause::WrongUsage), "{operation}");
    }
    lab.through("tools-update", vec![("target", text("apps"))], Verdict::Done).await;
}

#[tokio::test]
async fn people_are_administered() {
    let lab = eleven();
    let person = vec![("username", text("alice")), ("fullname", text("Alice Liddell")), ("password", secret("Canary-Passw0rd-4711"))];
    lab.through("user-add", person, Verdict::Done).await;
    lab.through("user-edit", vec![("username", text("alice")), ("mailbox-quota", text("2G"))], Verdict::Done).await;
    lab.through("group-create", vec![("group", text("readers"))], Verdict::Done).await;
    lab.through("group-add", vec![("group", text("readers")), ("users", list(&["alice"]))], Verdict::Done).await;
    let permission = || vec![("permission", text("nextcloud.main")), ("names", list(&["readers"]))];
    lab.through("permission-add", permission(), Verdict::Done).await;
    lab.through("permission-remove", permission(), Verdict::Done).await;
    let label = vec![("permission", text("nextcloud.main")), ("label", text("Cloud")), ("show-tile", text("False"))];
    lab.through("permission-update", label, Verdict::Done).await;
    lab.through("user-remove", vec![("username", text("alice"))], Verdict::Done).await;

    // YunoHost 11 lets the last administrator go: nobody but the guard keeps him.
    let both = || vec![("group", text("admins")), ("users", list(&["camille", "julien"]))];
    assert!(matches!(lab.refused("group-remove", both()).await, Refusal::Foreseen { cause: Cause::LastAdmin, .. }));
    assert!(lab.unguarded("group-remove", both()).await.succeeded);
}

#[tokio::test]
async fn applications_and_backups_are_administered() {
    let lab = eleven_with(json!({"app_catalog": {"wiki": {}}}));
    lab.through("backup-create", vec![("name", text("before")), ("apps", list(&["nextcloud"]))], Verdict::Done).await;
    let (facts, _) = surveyed_with(&lab.remote, &[]).await.expect("a YunoHost");
    assert!(facts.backups.value().expect("backups").contains_key("before"));
    let upgrade = || vec![("apps", list(&["nextcloud"]))];
    let warned = lab.warned("app-upgrade", upgrade()).await;
    assert!(warned.iter().any(|note| note.key == "note.ynh-not-told"), "{warned:?}");
    lab.through("app-upgrade", upgrade(), Verdict::Done).await;
    let late = vec![("apps", list(&["roundcube"]))];
    assert!(matches!(lab.refused("app-upgrade", late).await, Refusal::Foreseen { cause: Cause::NothingToUpgrade, .. }));
    lab.through("app-remove", vec![("app", text("nextcloud"))], Verdict::Done).await;
    lab.through("backup-restore", vec![("name", text("before"))], Verdict::Done).await;
    lab.through("backup-remove", vec![("name", text("before"))], Verdict::Done).await;
}

#[tokio::test]
async fn settings_are_set_and_never_reset() {
    let lab = eleven_with(json!({"settings": {"user_strength": "3", "pop3_enabled": 1}}));
    let set = |key: &str, value: &str| vec![("setting", text(key)), ("value", text(value))];
    lab.through("settings-set", set("security.password.admin_strength", "2"), Verdict::Done).await;
    let read =
        lab.remote.run(RunRequest::new(CommandLine::new(["yunohost", "settings", "get", "security.password", "--output-as", "json"])));
    let told: Value = serde_json::from_slice(&read.await.expect("it runs").stdout).expect("JSON");
    assert_eq!(told["security.password.admin_strength"]["value"], json!("2"));
    let panels = read_panels(&lab.remote, PanelOf::Settings).await.expect("panels");
    let strength =
        panels.iter().flat_map(|panel| &panel.sections).flat_map(|section| &section.fields).find(|field| field.id == "user_strength");
    assert_eq!(strength.and_then(|field| field.value.as_deref()), Some("3"), "what it holds, by its older name");

    let harmful = |what: &str| Refusal::Foreseen { cause: Cause::HarmfulThere, about: format!("{what} (YunoHost {VERSION})") };
    let reset = || vec![("setting", text("security.password.admin_strength"))];
    assert_eq!(lab.refused("settings-reset", reset()).await, harmful("settings reset"));
    assert_eq!(lab.refused("settings-reset-all", vec![]).await, harmful("settings reset-all"));
    // It says that all is well, and has forgotten what was not named.
    assert!(lab.unguarded("settings-reset", reset()).await.succeeded);
    let panels = read_panels(&lab.remote, PanelOf::Settings).await.expect("panels");
    let strength =
        panels.iter().flat_map(|panel| &panel.sections).flat_map(|section| &section.fields).find(|field| field.id == "user_strength");
    assert_eq!(strength.and_then(|field| field.value.as_deref()), Some("1"));
}

#[tokio::test]
async fn the_firewall_is_told_in_its_own_words() {
    let lab = eleven();
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    let port = |port: &str, mut more: Vec<(&'static str, Raw)>| {
        more.push(("port", text(port)));
        more
    };
    let open = |number: &str| port(number, vec![("comment", text("a game"))]);
    assert_eq!(sent(&facts, "firewall-open", open("8080")), "yunohost firewall allow TCP 8080 --no-upnp");
    let forwarded = port("8000:8010", vec![("comment", text("x")), ("protocol", text("udp")), ("upnp", ON)]);
    assert_eq!(sent(&facts, "firewall-open", forwarded), "yunohost firewall allow UDP 8000:8010");
    assert_eq!(sent(&facts, "firewall-close", port("8080", vec![("upnp-only", ON)])), "yunohost firewall disallow TCP 8080 --upnp-only");
    assert_eq!(sent(&facts, "firewall-delete", port("8080", vec![])), "yunohost firewall disallow TCP 8080");

    let warned: Vec<&str> = lab.warned("firewall-open", open("8080")).await.iter().map(|message| message.key).collect();
    assert_eq!(warned, ["warning.ynh-reason-not-kept"]);
    lab.through("firewall-open", open("8080"), Verdict::Done).await;
    lab.through("firewall-open", open("8000:8010"), Verdict::Done).await;
    let reading = Reading::find("firewall-list").expect("it");
    let none = beffroi_yunohost::Given::default();
    let Part::Read { value: rules } = reading.ask(&lab.remote, &none).await.expect("it answers") else { unreachable!("read") };
    let opened = |port: &str| rules.iter().any(|rule| rule["port"] == Cell::Text(port.to_owned()) && rule["open"] == Cell::Switch(true));
    assert!(opened("22") && opened("8080") && opened("8000-8010"), "{rules:?}");

    // SSH moves to a port that is open, and to none of YunoHost's own.
    let move_to = |port: &str| vec![("setting", text("security.ssh.ssh_port")), ("value", text(port))];
    let why = |refusal: Refusal| match refusal {
        Refusal::Foreseen { cause, .. } => cause,
        Refusal::NotRead { cause, .. } => cause,
    };
    assert_eq!(why(lab.refused("settings-set", move_to("2222")).await), Cause::PortClosed);
    assert_eq!(why(lab.refused("settings-set", move_to("443")).await), Cause::PortTaken);
    lab.through("settings-set", move_to("8080"), Verdict::Done).await;
    assert_eq!(why(lab.refused("firewall-close", port("8080", vec![])).await), Cause::WouldLockOut);

    lab.through("firewall-close", port("8000:8010", vec![]), Verdict::Done).await;
    lab.through("firewall-delete", port("25", vec![]), Verdict::Done).await;
    lab.through("firewall-reload", vec![], Verdict::Done).await;
}

#[tokio::test]
async fn a_post_installation_says_what_this_version_takes() {
    let lab = eleven_with(json!({"installed": false}));
    let first = || {
        vec![
            ("domain", text("house.example")),
            ("username", text("camille")),
            ("fullname", text("Camille Dubois")),
            ("password", secret("Canary-Passw0rd-4711")),
            ("accept-terms", ON),
        ]
    };
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    assert!(!sent(&facts, "tools-postinstall", first()).contains("terms"));
    lab.through("tools-postinstall", first(), Verdict::Done).await;
}

/// Every reading in one round trip, in the forms of this version.
#[tokio::test]
async fn every_reading_is_answered() {
    let lab = eleven();
    lab.through("backup-create", vec![("name", text("noon")), ("apps", list(&["roundcube"]))], Verdict::Done).await;
    lab.through("diagnosis-run", vec![], Verdict::Done).await;
    for reading in Reading::all() {
        let raw = match reading.id {
            "domain-dns" => vec![("domain", text("atelier-dubois.example"))],
            "service-log" => vec![("service", text("nginx"))],
            "backup-info" => vec![("name", text("noon"))],
            "log-show" => vec![("logged", text("last"))],
            _ => continue,
        };
        let given = beffroi_yunohost::Given::of(reading.params, raw.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        let read = reading.ask(&lab.remote, &given.expect("it fits")).await.expect("it answers");
        assert!(matches!(&read, Part::Read { value } if !value.is_empty()), "{}: {read:?}", reading.id);
    }
    for id in ["settings-list", "firewall-list", "log-list", "migration-list", "regen-conf-diff"] {
        let read = Reading::find(id).expect(id).ask(&lab.remote, &beffroi_yunohost::Given::default()).await.expect("it answers");
        assert!(matches!(read, Part::Read { .. }), "{id}: {read:?}");
    }
}
