//! `domain …`

pub(super) mod certificates;
pub(super) mod dyndns;

use beffroi_domain::Message;
use serde_json::Value;

use super::Elsewhere;
use super::panels::{KEY, VALUE, VALUES, guard_values, judge_values, remember_types, section, tree, whole};
use crate::Cause;
use crate::facts::{YunohostFacts, domains};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, WayBack, Weight, missing, need,
    not_understood, operation, question, still_there,
};
use certificates::has_wanted;

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("domain list", "survey: domains"),
    ("domain info", "guard of domain-dns-push; applications and certificates are in the survey and in `domain cert status`"),
    ("domain config get", "guard and judge of domain-config-set"),
    ("domain dns suggest", "a reading: the records to copy"),
    ("domain cert status", "guards and judges of domain-cert-install and domain-cert-renew"),
    ("domain url-available", "guard of the operations on applications: the survey knows where each answers"),
    ("domain action-run", "domain-cert-install and domain-cert-renew: the panel of a domain has no other action (12.1.25)"),
    ("dyndns subscribe", "domain-dyndns-subscribe: this is its name of YunoHost 11"),
];

const DOMAIN: Param = Param::place("domain", Kind::Domain);
const RECOVERY: Param = Param::option("dyndns-recovery-password", Kind::Password, "--dyndns-recovery-password");
const IGNORE_DYNDNS: Param = Param::option("ignore-dyndns", Kind::Switch, "--ignore-dyndns");

const LIST: &[&str] = &["domain", "list"];

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["domain", "add"],
        params: &[DOMAIN.making(), IGNORE_DYNDNS, RECOVERY, Param::option("letsencrypt", Kind::Switch, "--install-letsencrypt-cert")],
        asks: |_| vec![question(&["app", "catalog"])],
        guard: guard_add,
        proof: |given| vec![question(LIST), question(&["domain", "cert", "status", given.text("domain")])],
        judge: judge_add,
        ..operation!("domain-add")
    },
    Operation {
        command: &["domain", "remove"],
        // Asks otherwise whether the applications are meant to go too; the plan has asked.
        always: &["--force"],
        params: &[DOMAIN, Param::option("remove-apps", Kind::Switch, "--remove-apps"), IGNORE_DYNDNS, RECOVERY],
        way_back: WayBack::Unless(|given| given.is_on("remove-apps").then_some("undo.ynh-domain-remove-apps")),
        weight: Weight::Destroys,
        guard: guard_remove,
        remembers: |given, seen| apps_on(given, seen.facts).into(),
        proof: |_| vec![question(LIST), question(&["app", "list"])],
        judge: judge_remove,
        ..operation!("domain-remove")
    },
    Operation {
        command: &["domain", "main-domain"],
        params: &[Param::option("domain", Kind::Domain, "--new-main-domain").required(true)],
        weight: Weight::Heavy,
        guard: guard_known,
        proof: |_| vec![question(LIST)],
        judge: |given, _, answers| {
            let main = answers.read(0, domains)?.main.unwrap_or_default();
            let now = || CheckResult::NotHeld(Message::new("found.main-domain-is").with("domain", &main));
            Ok(if main == given.text("domain") { CheckResult::Held } else { now() })
        },
        ..operation!("domain-main")
    },
    Operation {
        command: &["domain", "config", "set"],
        params: &[DOMAIN, KEY, VALUE, VALUES],
        needs_a_change: true,
        asks: |given| vec![whole(&config(given), given.text("setting"))],
        guard: guard_config,
        remembers: remember_types,
        proof: |given| vec![section(&config(given), given)],
        judge: |given, types, answers| Ok(judge_values(given, types, answers.or_cause(0)?)),
        ..operation!("domain-config-set")
    },
    Operation {
        command: &["domain", "dns", "push"],
        params: &[DOMAIN, Param::option("force", Kind::Switch, "--force"), Param::option("remove-records", Kind::Switch, "--purge")],
        way_back: WayBack::Unless(|given| given.is_on("remove-records").then_some("undo.ynh-domain-dns-purge")),
        weight: Weight::Heavy,
        heavier: |given| (given.is_on("remove-records") || given.is_on("force")).then_some(Weight::Destroys),
        asks: |given| vec![question(&["domain", "info", given.text("domain")])],
        guard: guard_push,
        proof: |given| vec![dry_run(given)],
        judge: judge_push,
        ..operation!("domain-dns-push")
    },
];

/// The domain must be there.
pub(super) fn must_exist(facts: &YunohostFacts, domain: &str) -> Result<(), Refusal> {
    let known = need(&facts.domains, "domains")?.names.iter().any(|name| name == domain);
    if known { Ok(()) } else { Err(Refusal::because(Cause::DomainUnknown, domain)) }
}

fn guard_known(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    must_exist(seen.facts, given.text("domain"))
}

fn guard_add(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let domain = given.text("domain");
    if must_exist(seen.facts, domain).is_ok() {
        return Err(Refusal::because(Cause::DomainExists, domain));
    }
    need(&seen.facts.domains, "domains")?;
    // YunoHost would keep it under another name, that of RFC 3490.
    if !domain.is_ascii() {
        return Err(Refusal::because(Cause::InvalidArgument, domain));
    }
    // Asks for the password after it has spoken with the service.
    if dyndns::is_dyndns(domain) && !given.is_on("ignore-dyndns") && !given.has("dyndns-recovery-password") {
        return Err(Refusal::because(Cause::NeedsTerminal, "dyndns-recovery-password"));
    }
    // Half a minute of work that is then undone.
    match seen.answer(0, "catalog") {
        Err(Refusal::NotRead { cause: Cause::CatalogUnreachable, .. }) => Err(Refusal::because(Cause::CatalogUnreachable, domain)),
        _ => Ok(()),
    }
}

fn judge_add(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let domain = given.text("domain");
    if !answers.read(0, domains)?.names.iter().any(|name| name == domain) {
        return Ok(missing(domain));
    }
    let wanted = if given.is_on("letsencrypt") { "letsencrypt" } else { "" };
    let Ok(status) = answers.or_cause(1)? else { return Err(not_understood()) };
    Ok(has_wanted(&status, domain, wanted).map_or(CheckResult::Held, CheckResult::Half))
}

/// The applications that answer on the domain.
fn apps_on(given: &Given, facts: &YunohostFacts) -> Vec<String> {
    let domain = given.text("domain");
    let on = |place: &Option<String>| place.as_deref().and_then(|place| place.split_once('/')).is_some_and(|(name, _)| name == domain);
    facts.apps.value().into_iter().flatten().filter(|(_, app)| on(&app.domain_path)).map(|(id, _)| id.clone()).collect()
}

fn guard_remove(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let domain = given.text("domain");
    must_exist(seen.facts, domain)?;
    if need(&seen.facts.domains, "domains")?.main.as_deref() == Some(domain) {
        return Err(Refusal::because(Cause::MainDomain, domain));
    }
    need(&seen.facts.apps, "apps")?;
    let apps = apps_on(given, seen.facts);
    if apps.is_empty() || given.is_on("remove-apps") {
        return Ok(());
    }
    Err(Refusal::because(Cause::DomainHasApps, format!("{domain}: {}", apps.join(", "))))
}

fn judge_remove(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let domain = given.text("domain");
    let apps = answers.read(1, crate::facts::apps)?;
    let mut before = before.as_array().into_iter().flatten().filter_map(Value::as_str).peekable();
    let there = answers.read(0, domains)?.names.iter().any(|name| name == domain);
    Ok(match (there, before.peek().is_some()) {
        (true, true) if given.is_on("remove-apps") && before.any(|app| !apps.contains_key(app)) => {
            CheckResult::Half(Message::new("found.apps-gone-domain-there").with("domain", domain))
        }
        (true, _) => still_there(domain),
        (false, _) => before.find(|app| apps.contains_key(*app)).map_or(CheckResult::Held, |app| match still_there(app) {
            CheckResult::NotHeld(message) => CheckResult::Half(message),
            other => other,
        }),
    })
}

fn config(given: &Given) -> [&str; 4] {
    ["domain", "config", "get", given.text("domain")]
}

fn guard_config(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_known(given, seen)?;
    guard_values(given, &tree(given.text("setting"), seen)?)
}

/// YunoHost must know a registrar that it can speak to.
fn guard_push(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_known(given, seen)?;
    let info = seen.answer(0, "domain info")?;
    let registrar = info.get("registrar").and_then(Value::as_str).filter(|name| !name.is_empty() && *name != "None");
    registrar.map_or_else(|| Err(Refusal::because(Cause::RegistrarMissing, given.text("domain"))), |_| Ok(()))
}

/// What another push would change. Reads the records at the registrar; takes YunoHost's lock, for a moment.
fn dry_run(given: &Given) -> Question {
    let mut words = vec!["domain", "dns", "push", given.text("domain"), "--dry-run", "--timeout", "20"];
    for (name, option) in [("force", "--force"), ("remove-records", "--purge")] {
        if given.is_on(name) {
            words.push(option);
        }
    }
    question(&words)
}

fn judge_push(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let json = answers.json(0)?;
    let changes = |what: &str| json.get(what).and_then(Value::as_array);
    let Some(left) = ["create", "update", "delete"].iter().map(|what| changes(what)).collect::<Option<Vec<_>>>() else {
        // DynDNS: its records are pushed by themselves, and not listed.
        return Ok(CheckResult::NotKnown(Message::new("found.not-shown")));
    };
    // Records that YunoHost did not make are left alone unless it is told otherwise; the lines say so.
    let ignored = |line: &&Value| line.as_str().is_some_and(|line| line.contains("(ignored"));
    let left = left.into_iter().flatten().filter(|line| given.is_on("force") || !ignored(line)).count();
    Ok(match left {
        0 => CheckResult::Held,
        _ => CheckResult::NotHeld(Message::new("found.records-differ").with("count", left.to_string())),
    })
}
