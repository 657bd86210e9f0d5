//! Settings, services and the firewall of a YunoHost, from the guard to the check, against the lab's stand-in.

mod common;

use beffroi_yunohost::{Cause, Operation, Raw, Refusal, Seen, Setting, Verdict, Weight};
use common::{ON, StandIn, given, list, surveyed_with, text};
use serde_json::{Value, json};

const SSH_PORT: &str = "security.ssh.ssh_port";

fn set(key: &str, value: &str) -> Vec<(&'static str, Raw)> {
    vec![("setting", text(key)), ("value", text(value))]
}

fn set_many(key: &str, values: Vec<(&str, Setting)>) -> Vec<(&'static str, Raw)> {
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    vec![("setting", text(key)), ("values", Raw::Settings(values))]
}

fn shown(value: &str) -> Setting {
    Setting::Shown(value.to_owned())
}

fn hidden(value: &str) -> Setting {
    Setting::Secret(beffroi_secret::SecretText::new(value.to_owned()))
}

#[track_caller]
fn because(refusal: Refusal, wanted: Cause) {
    assert!(matches!(refusal, Refusal::Foreseen { cause, .. } if cause == wanted), "{refusal:?}");
}

/// What a reading of the stand-in answers.
async fn read(lab: &StandIn, words: &[&str]) -> Value {
    use beffroi_remote::{CommandLine, Remote, RunRequest};
    let words = [&["yunohost"], words, &["--output-as", "json"]].concat();
    let output = lab.remote.run(RunRequest::new(CommandLine::new(words))).await.expect("it runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test]
async fn a_setting_is_set_and_seen() {
    let lab = StandIn::new();
    lab.through("settings-set", set("security.password.user_strength", "3"), Verdict::Done).await;
    lab.through("settings-set", set("security.nginx.nginx_redirect_to_https", "0"), Verdict::Done).await;
    // Alone YunoHost breaks off over it; with its section it works.
    let relay = vec![("smtp_relay_enabled", shown("yes")), ("smtp_relay_host", shown("mail.example")), ("smtp_relay_port", shown("465"))];
    lab.through("settings-set", set_many("email.smtp", relay), Verdict::Done).await;
    let password = vec![("smtp_relay_enabled", shown("yes")), ("smtp_relay_password", hidden("canary&1"))];
    lab.through("settings-set", set_many("email.smtp", password), Verdict::Done).await;
    assert_eq!(read(&lab, &["settings", "get", "email.smtp.smtp_relay_password"]).await, json!("canary&1"));

    // It takes the value of an option that is not there without a word, and leaves it as it is.
    let unseen = || vec![("smtp_relay_enabled", shown("no")), ("smtp_relay_host", shown("other.example"))];
    because(lab.refused("settings-set", set_many("email.smtp", unseen())).await, Cause::SettingDependsOnOthers);
    assert!(lab.unguarded("settings-set", set_many("email.smtp", unseen())).await.succeeded);
    assert_eq!(read(&lab, &["settings", "get", "email.smtp.smtp_relay_host"]).await, json!("mail.example"));

    lab.through("settings-reset", vec![("setting", text("security.password"))], Verdict::Done).await;
    assert_eq!(read(&lab, &["settings", "get", "security.password.user_strength"]).await, json!("1"));
    lab.through("settings-reset-all", vec![], Verdict::Done).await;
    assert_eq!(read(&lab, &["settings", "get", "security.nginx.nginx_redirect_to_https"]).await, json!(1));
}

#[tokio::test]
async fn a_value_that_a_setting_does_not_take_is_not_sent() {
    let lab = StandIn::new();
    let cases = [
        (set("nope.nope.nope", "1"), Cause::SettingUnknown),
        (set("security.ssh.nope", "1"), Cause::SettingUnknown),
        (set("security.ssh", "1"), Cause::InvalidArgument),
        (set("security.password.user_strength", "9"), Cause::InvalidArgument),
        (set("security.nginx.nginx_redirect_to_https", "maybe"), Cause::InvalidArgument),
        (set("email.smtp.smtp_relay_port", "many"), Cause::InvalidArgument),
        (set("security.root_access.root_access_explain", "x"), Cause::InvalidArgument),
        (set("email.smtp.smtp_relay_password", "canary-1"), Cause::SettingIsSecret),
        (set("email.smtp.smtp_relay_host", "mail.example"), Cause::SettingDependsOnOthers),
        (set_many("email.smtp", vec![("nope", shown("x"))]), Cause::SettingUnknown),
        (set_many("email.smtp.smtp_relay_host", vec![("smtp_relay_host", shown("x"))]), Cause::InvalidArgument),
    ];
    for (raw, cause) in cases {
        let refusal = lab.refused("settings-set", raw).await;
        assert!(!format!("{refusal:?}").contains("canary"), "{refusal:?}");
        because(refusal, cause);
    }
    because(lab.refused("settings-reset", vec![("setting", text("nope"))]).await, Cause::SettingUnknown);
    let told = lab.unguarded("settings-set", set("nope.nope.nope", "1")).await;
    assert_eq!(told.cause, Some(Cause::SettingUnknown));
    let told = lab.unguarded("settings-set", set("email.smtp.smtp_relay_host", "mail.example")).await;
    assert_eq!(told.cause, Some(Cause::Traceback));
    let told = lab.unguarded("settings-set", set("security.nginx.nginx_redirect_to_https", "maybe")).await;
    assert_eq!(told.cause, Some(Cause::InvalidArgument));
}

#[tokio::test]
async fn a_port_on_which_nobody_gets_in_is_refused() {
    let lab = StandIn::new();
    for bad in ["99999999", "0", "022", "22:23"] {
        because(lab.refused("settings-set", set(SSH_PORT, bad)).await, Cause::InvalidArgument);
    }
    because(lab.refused("settings-set", set(SSH_PORT, "2222")).await, Cause::PortClosed);
    because(lab.refused("settings-set", set(SSH_PORT, "443")).await, Cause::PortTaken);
    because(lab.refused("settings-set", set_many("security.ssh", vec![("ssh_port", shown("443"))])).await, Cause::PortTaken);

    // What it does where no guard looked: it is taken, and SSH is gone.
    let told = lab.unguarded("settings-set", set(SSH_PORT, "99999999")).await;
    assert!(!told.succeeded, "{told:?}");
    assert_eq!(read(&lab, &["settings", "get", SSH_PORT]).await, json!(99_999_999));
    let lost = StandIn::seeded(&json!({"services": {"ssh": {}}}));
    lost.unguarded("settings-set", set(SSH_PORT, "99999999")).await;
    assert_eq!(read(&lost, &["service", "status", "ssh"]).await["status"], json!("failed"));
    // A port that is good in itself: SSH moves, and the firewall does not know it.
    let lost = StandIn::new();
    let told = lost.unguarded("settings-set", set(SSH_PORT, "2222")).await;
    assert_eq!(told.cause, Some(Cause::Traceback));
    assert_eq!(read(&lost, &["settings", "get", SSH_PORT]).await, json!(2222));
}

#[tokio::test]
async fn ssh_moves_to_a_port_that_was_opened_for_it_and_back() {
    let lab = StandIn::new();
    let open = vec![("port", text("2222")), ("comment", text("SSH, the new one"))];
    lab.through("firewall-open", open, Verdict::Done).await;
    lab.through("settings-set", set(SSH_PORT, "2222"), Verdict::Done).await;
    because(lab.refused("firewall-close", vec![("port", text("2222"))]).await, Cause::WouldLockOut);
    lab.through("firewall-close", vec![("port", text("22"))], Verdict::Done).await;
    for (operation, raw) in [("settings-reset", vec![("setting", text("security"))]), ("settings-reset-all", vec![])] {
        because(lab.refused(operation, raw).await, Cause::PortClosed);
    }
    lab.through("firewall-open", vec![("port", text("22")), ("comment", text("SSH"))], Verdict::Done).await;
    lab.through("settings-reset", vec![("setting", text(SSH_PORT))], Verdict::Done).await;
}

#[test]
fn what_may_lock_out_is_said_to() {
    let weight = |operation: &str, raw| {
        let (operation, given): (&Operation, _) = given(operation, raw);
        operation.weight(&given)
    };
    assert_eq!(weight("settings-set", set(SSH_PORT, "2222")), Weight::LocksOut);
    assert_eq!(weight("settings-set", set_many("security.ssh", vec![("ssh_port", shown("2222"))])), Weight::LocksOut);
    assert_eq!(weight("settings-set", set("misc.backup.backup_compress_tar_archives", "1")), Weight::Light);
    assert_eq!(weight("settings-reset", vec![("setting", text("security"))]), Weight::LocksOut);
    assert_eq!(weight("settings-reset", vec![("setting", text("email"))]), Weight::Light);
    assert_eq!(weight("settings-reset-all", vec![]), Weight::LocksOut);
    assert_eq!(weight("service-stop", vec![("services", list(&["nginx", "slapd"]))]), Weight::LocksOut);
    assert_eq!(weight("service-stop", vec![("services", list(&["nginx"]))]), Weight::Heavy);
}

/// What undoes an operation that is tied to a lifeline, as lines; nothing where it is not tied.
async fn tied(lab: &StandIn, operation: &str, raw: Vec<(&'static str, Raw)>) -> Option<Vec<String>> {
    let (operation, given) = given(operation, raw);
    let (facts, answers) = surveyed_with(&lab.remote, &(operation.asks)(&given)).await.expect("a YunoHost");
    let entry = operation.entry(&given, &Seen { facts: &facts, answers: &answers })?;
    Some(entry.undo.iter().map(|words| words.join(" ")).collect())
}

#[tokio::test]
async fn what_is_undone_is_as_it_was_seen() {
    const SUDO: &str = "security.password.passwordless_sudo";
    let (lab, section) = (StandIn::new(), || vec![("setting", text("security.password"))]);
    let many = |value: &str| set_many("security.password", vec![("passwordless_sudo", shown(value))]);
    let back = |value: &str| Some(vec![format!("settings set {SUDO} -v {value}")]);
    assert_eq!(tied(&lab, "settings-set", set(SUDO, "no")).await, None, "it is so already");
    assert_eq!(tied(&lab, "settings-set", set(SUDO, "yes")).await, back("no"));
    assert_eq!(tied(&lab, "settings-reset", section()).await, None);
    assert_eq!(tied(&lab, "settings-reset-all", vec![]).await, Some(Vec::new()), "tied for SSH; sudo is as it will be");
    lab.through("settings-set", set(SUDO, "yes"), Verdict::Done).await;
    for raw in [set(SUDO, "no"), many("0")] {
        assert_eq!(tied(&lab, "settings-set", raw).await, back("yes"));
    }
    assert_eq!(tied(&lab, "settings-set", many("1")).await, None);
    for key in [SUDO, "security.password", "security"] {
        assert_eq!(tied(&lab, "settings-reset", vec![("setting", text(key))]).await, back("yes"), "{key}");
    }
    assert_eq!(tied(&lab, "settings-reset-all", vec![]).await, back("yes"), "what would ask for a password again");

    let group = |name: &str, users: &[&str]| vec![("group", text(name)), ("users", list(users))];
    let again = Some(vec!["user group add admins julien".to_owned()]);
    assert_eq!(tied(&lab, "group-remove", group("admins", &["julien", "noemie"])).await, again, "noemie never was one");
    assert_eq!(tied(&lab, "group-remove", group("admins", &["noemie"])).await, None);
    assert_eq!(tied(&lab, "group-remove", group("atelier", &["julien"])).await, None, "it lets nobody in");
    let ssh = |names: &[&str]| vec![("permission", text("ssh.main")), ("names", list(names))];
    assert_eq!(tied(&lab, "permission-remove", ssh(&["visitors"])).await, None);
    let (names, facts) = (["admins", "visitors"], surveyed_with(&lab.remote, &[]).await.expect("a YunoHost").0);
    let allowed = facts.permissions.value().expect("permissions")["ssh.main"].allowed.contains(&"admins".to_owned());
    let again = allowed.then(|| vec!["user permission add ssh.main admins".to_owned()]);
    assert_eq!(tied(&lab, "permission-remove", ssh(&names)).await, again);
}

#[tokio::test]
async fn services_are_stopped_started_and_read_again() {
    let lab = StandIn::new();
    let two = || vec![("services", list(&["nginx", "postfix"]))];
    lab.through("service-stop", two(), Verdict::Done).await;
    lab.through("service-start", two(), Verdict::Done).await;
    lab.through("service-reload", two(), Verdict::Done).await;
    lab.through("service-reload-or-restart", vec![("services", list(&["nginx"]))], Verdict::Done).await;
    // It fails although it did it: the diagnosis has found nothing to be silent about.
    lab.through("service-disable", vec![("services", list(&["nginx"]))], Verdict::HeldThoughFailed).await;
    lab.through("service-enable", vec![("services", list(&["nginx"]))], Verdict::Done).await;
}

#[tokio::test]
async fn a_service_that_would_not_come_up_again_is_left_alone() {
    let services = json!({"ssh": {"configuration": "broken"}, "nginx": {}, "web": {"configuration": "broken"}, "bad": {"broken": true}});
    let lab = StandIn::seeded(&json!({"services": services}));
    because(lab.refused("service-restart", vec![("service", text("ssh"))]).await, Cause::ServiceConfigurationBroken);
    for operation in ["service-reload", "service-reload-or-restart"] {
        because(lab.refused(operation, vec![("services", list(&["nginx", "web"]))]).await, Cause::ServiceConfigurationBroken);
    }
    // It passes over it and ends well, with an error.
    let told = lab.unguarded("service-reload-or-restart", vec![("services", list(&["web"]))]).await;
    assert_eq!((told.exit.is_success(), told.cause), (true, Some(Cause::ServiceConfigurationBroken)));

    lab.through("service-reload-or-restart", vec![("services", list(&["nginx", "bad"]))], Verdict::Done).await;
    lab.through("service-stop", vec![("services", list(&["bad"]))], Verdict::Done).await;
    lab.through("service-start", vec![("services", list(&["nginx", "bad"]))], Verdict::HalfDone).await;
    lab.through("service-start", vec![("services", list(&["bad"]))], Verdict::NotDone).await;
}

#[tokio::test]
async fn ssh_is_not_stopped_and_what_is_not_there_is_not_asked_for() {
    let lab = StandIn::new();
    for operation in ["service-stop", "service-disable"] {
        because(lab.refused(operation, vec![("services", list(&["nginx", "ssh"]))]).await, Cause::WouldLockOut);
    }
    let told = lab.unguarded("service-stop", vec![("services", list(&["ssh"]))]).await;
    assert!(told.succeeded, "nothing of YunoHost keeps one from it: {told:?}");
    for operation in ["service-start", "service-reload"] {
        because(lab.refused(operation, vec![("services", list(&["nginx", "nope"]))]).await, Cause::ServiceUnknown);
    }
    assert_eq!(lab.unguarded("service-stop", vec![("services", list(&["nope"]))]).await.cause, Some(Cause::ServiceUnknown));
}

#[tokio::test]
async fn a_custom_service_comes_and_goes() {
    let lab = StandIn::new();
    let cron = || vec![("service", text("cron")), ("description", text("Runs things")), ("log", list(&["/var/log/cron.log"]))];
    lab.through("service-add", cron(), Verdict::Done).await;
    because(lab.refused("service-add", cron()).await, Cause::ServiceExists);
    lab.through("service-remove", vec![("service", text("cron"))], Verdict::Done).await;
    because(lab.refused("service-remove", vec![("service", text("cron"))]).await, Cause::ServiceUnknown);
    // Without a word YunoHost puts another in the place of one that is there.
    because(lab.refused("service-add", vec![("service", text("nginx"))]).await, Cause::ServiceExists);
    assert!(lab.unguarded("service-add", vec![("service", text("nginx"))]).await.succeeded);
    // One that systemd does not know is listed, and is nothing.
    lab.through("service-add", vec![("service", text("nowhere"))], Verdict::HalfDone).await;
    // It says that it removed one of its own, which is there again.
    lab.through("service-remove", vec![("service", text("nginx"))], Verdict::NotHeldThoughSaid).await;
}

#[tokio::test]
async fn ports_are_opened_closed_and_forgotten() {
    let lab = StandIn::new();
    let range = || vec![("port", text("8000:8010")), ("protocol", text("udp"))];
    let open = [range(), vec![("comment", text("lab")), ("upnp", ON)]].into_iter().flatten().collect();
    lab.through("firewall-open", open, Verdict::Done).await;
    assert_eq!(read(&lab, &["firewall", "list", "--raw"]).await["udp"]["8000-8010"]["comment"], json!("lab"));
    let forwarded = [range(), vec![("upnp-only", ON)]].into_iter().flatten().collect();
    lab.through("firewall-close", forwarded, Verdict::Done).await;
    lab.through("firewall-close", range(), Verdict::Done).await;
    lab.through("firewall-delete", range(), Verdict::Done).await;
    assert_eq!(read(&lab, &["firewall", "list", "--raw"]).await["udp"].get("8000-8010"), None);
    lab.through("firewall-reload", vec![], Verdict::Done).await;
    // No router answers.
    lab.through("firewall-upnp", vec![("state", text("enable"))], Verdict::NotDone).await;
    lab.through("firewall-upnp", vec![("state", text("disable"))], Verdict::Done).await;
    let told = lab.unguarded("firewall-upnp", vec![("state", text("enable"))]).await;
    assert_eq!(told.cause, Some(Cause::UpnpMissing));
}

#[tokio::test]
async fn the_port_of_this_very_connection_stays_open() {
    let lab = StandIn::new();
    for port in ["22", "20:30", "1:65535"] {
        for operation in ["firewall-close", "firewall-delete"] {
            because(lab.refused(operation, vec![("port", text(port))]).await, Cause::WouldLockOut);
        }
    }
    lab.through("firewall-close", vec![("port", text("22")), ("protocol", text("udp"))], Verdict::Done).await;
    lab.through("firewall-close", vec![("port", text("22")), ("upnp-only", ON)], Verdict::Done).await;
    // It opens it again when it is closed, and says that it closed it.
    assert!(lab.unguarded("firewall-close", vec![("port", text("22"))]).await.succeeded);
    assert_eq!(read(&lab, &["firewall", "list", "--raw"]).await["tcp"]["22"]["open"], json!(true));
    // Deleted, it breaks off with the rules written and not loaded: the next start of the machine locks everybody out.
    let told = lab.unguarded("firewall-delete", vec![("port", text("22"))]).await;
    assert_eq!(told.cause, Some(Cause::Traceback));
    assert_eq!(read(&lab, &["firewall", "list", "--raw"]).await["tcp"].get("22"), None);
}

#[tokio::test]
async fn rules_that_are_not_loaded_are_half_done() {
    let lab = StandIn::seeded(&json!({"services": {"nftables": {"status": "failed"}}}));
    lab.through("firewall-open", vec![("port", text("8888")), ("comment", text("lab"))], Verdict::HalfDone).await;
    lab.through("firewall-delete", vec![("port", text("8888"))], Verdict::HalfDone).await;
}
