//! Domains of a YunoHost and their certificates, from the guard to the check, against the lab's stand-in.

mod common;

use beffroi_yunohost::{Cause, CheckResult, Operation, Raw, Refusal, Verdict, Weight};
use common::{ON, Scripted, StandIn, answer, answers, given, list, printed, record, secret, text};
use serde_json::{Value, json};

const MAIN: &str = "atelier-dubois.example";
const OTHER: &str = "dubois-joinery.example";

fn named(domain: &str) -> Vec<(&'static str, Raw)> {
    vec![("domain", text(domain))]
}

fn with(mut raw: Vec<(&'static str, Raw)>, more: Vec<(&'static str, Raw)>) -> Vec<(&'static str, Raw)> {
    raw.extend(more);
    raw
}

#[track_caller]
fn because(refusal: Refusal, wanted: Cause) -> String {
    match refusal {
        Refusal::Foreseen { cause, about } if cause == wanted => about,
        other => unreachable!("{other:?}"),
    }
}

/// Why it did not come out as asked, by the key of its sentence.
fn why(check: &CheckResult) -> &str {
    match check {
        CheckResult::NotHeld(message) | CheckResult::Half(message) | CheckResult::NotKnown(message) => message.key,
        CheckResult::Held => "held",
    }
}

#[tokio::test]
async fn a_domain_comes_becomes_the_main_one_and_goes() {
    let lab = StandIn::new();
    lab.through("domain-add", named("new.example"), Verdict::Done).await;
    because(lab.refused("domain-add", named("new.example")).await, Cause::DomainExists);
    lab.through("domain-main", named("new.example"), Verdict::Done).await;
    because(lab.refused("domain-remove", named("new.example")).await, Cause::MainDomain);
    lab.through("domain-main", named(MAIN), Verdict::Done).await;
    lab.through("domain-remove", named("new.example"), Verdict::Done).await;
    for operation in ["domain-remove", "domain-main"] {
        because(lab.refused(operation, named("new.example")).await, Cause::DomainUnknown);
    }
    let told = lab.unguarded("domain-main", named("new.example")).await;
    assert_eq!(told.cause, Some(Cause::DomainUnknown));
}

#[tokio::test]
async fn a_domain_with_applications_goes_only_with_them() {
    let lab = StandIn::new();
    let about = because(lab.refused("domain-remove", named(OTHER)).await, Cause::DomainHasApps);
    assert_eq!(about, "dubois-joinery.example: wordpress__2");
    let told = lab.unguarded("domain-remove", named(OTHER)).await;
    assert_eq!(told.cause, Some(Cause::DomainHasApps));
    assert_eq!(lab.unguarded("domain-remove", named(MAIN)).await.cause, Some(Cause::MainDomain));
    lab.through("domain-remove", with(named(OTHER), vec![("remove-apps", ON)]), Verdict::Done).await;
}

#[tokio::test]
async fn a_domain_that_went_by_half_is_told() {
    let remove = with(named(OTHER), vec![("remove-apps", ON)]);
    let mut record = record(&given("domain-remove", remove));
    record.before = json!(["one", "two"]);
    let host = |domains: &[&str], apps: &[&str]| {
        let apps: Vec<Value> = apps.iter().map(|id| json!({"id": id, "name": id})).collect();
        let domains = json!({"domains": domains, "main": MAIN}).to_string();
        Scripted::new(answers(vec![printed(&domains), printed(&json!({"apps": apps}).to_string())]))
    };
    for (domains, apps, key, half) in [
        (&[MAIN][..], &[][..], "held", false),
        (&[MAIN, OTHER], &["two"], "found.apps-gone-domain-there", true),
        (&[MAIN, OTHER], &["one", "two"], "found.still-there", false),
        (&[MAIN], &["two"], "found.still-there", true),
    ] {
        let check = record.check(&host(domains, apps)).await.expect("a check");
        assert_eq!((why(&check), matches!(check, CheckResult::Half(_))), (key, half), "{domains:?} {apps:?}");
    }
}

#[tokio::test]
async fn without_a_way_out_a_domain_is_not_begun() {
    let lab = StandIn::seeded(&json!({"no_catalog": true}));
    // Half a minute of work, all of it undone: recording 045.
    let told = lab.unguarded("domain-add", named("new.example")).await;
    assert_eq!(told.cause, Some(Cause::CatalogUnreachable));
    let check = record(&given("domain-add", named("new.example"))).check(&lab.remote).await;
    assert!(check.is_err() || check.is_ok_and(|check| why(&check) == "found.missing"), "it was rolled back");
    because(lab.refused("domain-add", named("new.example")).await, Cause::CatalogUnreachable);
}

#[tokio::test]
async fn names_of_the_dyndns_service_want_its_password_and_a_way_out() {
    let lab = StandIn::new();
    because(lab.refused("domain-add", named("lab.nohost.me")).await, Cause::NeedsTerminal);
    because(lab.refused("domain-add", named("café.example")).await, Cause::InvalidArgument);
    let subscribed = || with(named("lab.nohost.me"), vec![("dyndns-recovery-password", secret("Canary-Passw0rd-1"))]);
    // An internal error of YunoHost in recording 138, told in plain words.
    lab.through("domain-add", subscribed(), Verdict::NotDone).await;
    let told = lab.unguarded("domain-add", subscribed()).await;
    assert_eq!(told.cause, Some(Cause::NetworkUnreachable));
    lab.through("domain-add", with(named("lab.nohost.me"), vec![("ignore-dyndns", ON)]), Verdict::Done).await;

    let password = || vec![("recovery-password", secret("Canary-Passw0rd-1"))];
    because(lab.refused("domain-dyndns-subscribe", with(named(OTHER), password())).await, Cause::DyndnsUnavailable);
    lab.through("domain-dyndns-subscribe", with(named("lab.nohost.me"), password()), Verdict::NotDone).await;
    lab.through("domain-dyndns-unsubscribe", with(named("lab.nohost.me"), password()), Verdict::NotDone).await;
    let told = lab.unguarded("domain-dyndns-set-recovery-password", with(named("lab.nohost.me"), password())).await;
    assert_eq!(told.cause, Some(Cause::DyndnsMissing));
    lab.through("dyndns-update", vec![], Verdict::NotDone).await;
}

#[tokio::test]
async fn a_host_with_a_dyndns_domain_says_that_it_updated_it() {
    let seed = json!({"domains": [MAIN, "lab.nohost.me"], "main_domain": MAIN, "apps": [], "dyndns": ["lab.nohost.me"]});
    let lab = StandIn::seeded(&seed);
    // What the service knows is not to be read: what the command says counts.
    lab.through("dyndns-update", vec![], Verdict::Done).await;
    let password = vec![("recovery-password", secret("Canary-Passw0rd-1"))];
    lab.through("domain-dyndns-set-recovery-password", with(named("lab.nohost.me"), password), Verdict::Done).await;
    let bare = StandIn::new();
    because(bare.refused("dyndns-update", vec![]).await, Cause::DyndnsMissing);
    assert_eq!(bare.unguarded("dyndns-update", vec![]).await.cause, Some(Cause::DyndnsMissing));
}

#[tokio::test]
async fn the_main_domain_changes_though_a_part_of_it_fails() {
    let lab = StandIn::seeded(&json!({"offline": true}));
    // Recording 615.
    lab.through("domain-main", named(OTHER), Verdict::HeldThoughFailed).await;
}

#[tokio::test]
async fn the_panel_of_a_domain() {
    let lab = StandIn::new();
    let set = |domain: &str, key: &str, value: &str| vec![("domain", text(domain)), ("setting", text(key)), ("value", text(value))];
    lab.through("domain-config-set", set(OTHER, "feature.mail.mail_out", "no"), Verdict::Done).await;
    lab.through("domain-config-set", set(MAIN, "feature.portal.portal_theme", "dark"), Verdict::Done).await;
    because(lab.refused("domain-config-set", set(MAIN, "feature.portal.portal_theme", "pink")).await, Cause::InvalidArgument);
    because(lab.refused("domain-config-set", set(MAIN, "feature.nope.x", "1")).await, Cause::SettingUnknown);
    // It has no portal of its own: its parent has.
    let below = "cloud.atelier-dubois.example";
    because(lab.refused("domain-config-set", set(below, "feature.portal.portal_theme", "dark")).await, Cause::SettingUnknown);
    // An application answers at its root: YunoHost refuses.
    lab.through("domain-config-set", set(OTHER, "feature.app.default_app", "wordpress__2"), Verdict::NotDone).await;
    // Of a domain that is not there YunoHost keeps what it is told, and says that all is well.
    because(lab.refused("domain-config-set", set("nope.example", "feature.mail.mail_out", "no")).await, Cause::DomainUnknown);
    assert!(lab.unguarded("domain-config-set", set("nope.example", "feature.mail.mail_out", "no")).await.succeeded);
}

#[tokio::test]
async fn records_are_pushed_to_a_registrar() {
    let old = json!([{"name": "old", "type": "A", "content": "192.0.2.1"}]);
    let lab = StandIn::seeded(&json!({"registrars": {(OTHER): {"name": "gandi", "records": old}}}));
    because(lab.refused("domain-dns-push", named(MAIN)).await, Cause::RegistrarMissing);
    assert_eq!(lab.unguarded("domain-dns-push", named(MAIN)).await.cause, Some(Cause::RegistrarMissing));
    let push = record(&given("domain-dns-push", named(OTHER)));
    assert_eq!(why(&push.check(&lab.remote).await.expect("a check")), "found.records-differ");
    lab.through("domain-dns-push", named(OTHER), Verdict::Done).await;
    lab.through("domain-dns-push", with(named(OTHER), vec![("force", ON)]), Verdict::Done).await;
    lab.through("domain-dns-push", with(named(OTHER), vec![("remove-records", ON)]), Verdict::Done).await;
    let weight = |raw| {
        let (operation, given): (&Operation, _) = given("domain-dns-push", raw);
        operation.weight(&given)
    };
    assert_eq!(weight(named(OTHER)), Weight::Heavy);
    assert_eq!(weight(with(named(OTHER), vec![("remove-records", ON)])), Weight::Destroys);
}

fn certificates(domains: &[&str], more: Vec<(&'static str, Raw)>) -> Vec<(&'static str, Raw)> {
    with(vec![("domains", list(domains))], more)
}

#[tokio::test]
async fn a_certificate_of_its_own_is_made() {
    let good = json!({"CA_type": "letsencrypt", "validity": 60});
    let lab = StandIn::seeded(&json!({"certificates": {(OTHER): good, (MAIN): {"CA_type": "selfsigned", "validity": 100}}}));
    let own = || vec![("self-signed", ON)];
    because(lab.refused("domain-cert-install", certificates(&[MAIN, OTHER], own())).await, Cause::CertificateValid);
    let told = lab.unguarded("domain-cert-install", certificates(&[OTHER], own())).await;
    assert_eq!(told.cause, Some(Cause::CertificateValid));
    lab.through("domain-cert-install", certificates(&[MAIN], own()), Verdict::Done).await;
    lab.through("domain-cert-install", certificates(&[OTHER], with(own(), vec![("force", ON)])), Verdict::Done).await;
    because(lab.refused("domain-cert-install", certificates(&["nope.example"], own())).await, Cause::DomainUnknown);
}

#[tokio::test]
async fn what_lets_encrypt_did_not_give_is_not_done_though_the_exit_says_so() {
    let seed = json!({"reachable": {(OTHER): false}});
    let lab = StandIn::seeded(&seed);
    for domain in [MAIN, OTHER] {
        because(lab.refused("domain-cert-install", certificates(&[domain], vec![])).await, Cause::NotReadyForLetsEncrypt);
    }
    // Recording 130: exit status 0, and nothing done.
    let raw = || certificates(&[MAIN], vec![]);
    let told = lab.unguarded("domain-cert-install", raw()).await;
    assert_eq!((told.exit.is_success(), told.cause), (true, Some(Cause::NotReadyForLetsEncrypt)));
    let check = record(&given("domain-cert-install", raw())).check(&lab.remote).await.expect("a check");
    assert_eq!((why(&check), Verdict::of(&told, &check)), ("found.certificates-are", Verdict::NotDone));
    let told = lab.unguarded("domain-cert-install", certificates(&[OTHER], vec![])).await;
    assert_eq!(told.cause, Some(Cause::NotReadyForLetsEncrypt));
    // Without its checks it tries, and fails.
    lab.through("domain-cert-install", certificates(&[MAIN], vec![("no-checks", ON)]), Verdict::NotDone).await;
}

#[tokio::test]
async fn lets_encrypt_gives_and_renews() {
    let almost = json!({"CA_type": "letsencrypt", "validity": 5});
    let lab = StandIn::seeded(&json!({"reachable": {(MAIN): true, (OTHER): true}, "certificates": {(OTHER): almost}}));
    because(lab.refused("domain-cert-renew", certificates(&[MAIN], vec![("force", ON)])).await, Cause::NotLetsEncrypt);
    lab.through("domain-cert-renew", certificates(&[OTHER], vec![]), Verdict::Done).await;
    because(lab.refused("domain-cert-renew", certificates(&[OTHER], vec![])).await, Cause::CertificateValid);
    lab.through("domain-cert-install", certificates(&[MAIN], vec![]), Verdict::Done).await;
    because(lab.refused("domain-cert-install", certificates(&[MAIN], vec![])).await, Cause::CertificateValid);
    let told = lab.unguarded("domain-cert-renew", certificates(&[OTHER], vec![])).await;
    assert_eq!(told.cause, Some(Cause::CertificateValid));
    // On the day of a certificate a newer one looks the same: what YunoHost says counts.
    lab.through("domain-cert-renew", certificates(&[OTHER], vec![("force", ON)]), Verdict::Done).await;
}

#[tokio::test]
async fn some_certificates_of_several_are_half_done() {
    let mut record = record(&given("domain-cert-install", certificates(&["second.test", "ynh1.test"], vec![("self-signed", ON)])));
    let now = |second: &Value| {
        printed(&json!({"certificates": {"second.test": second, "ynh1.test": {"CA_type": "selfsigned", "validity": 3649}}}).to_string())
    };
    let other = json!({"CA_type": "letsencrypt", "validity": 89});
    let check = record.check(&Scripted::new(answers(vec![now(&other)]))).await.expect("a check");
    assert!(matches!(check, CheckResult::Half(_)), "{check:?}");
    // The answer of recording 128, after certificates that had fewer days, and after such of the same day.
    for (days, key) in [(100, "held"), (3649, "found.not-shown")] {
        record.before = json!({"certificates": {"second.test": {"CA_type": "selfsigned", "validity": days}}});
        let check = record.check(&Scripted::new(answers(vec![answer("128")]))).await.expect("a check");
        assert_eq!(why(&check), key);
    }
}
