//! `tools …`: installing, what is always there. Upgrades and migrations are in [`super::upgrades`].

use beffroi_domain::Message;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Elsewhere;
use crate::Cause;
use crate::facts::{Part, ServiceState, domains, service, users};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, WayBack, Weight, missing, not_answered,
    operation, question,
};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("tools maindomain", "`domain-main`: the same under another name"),
    ("tools shell", "a Python prompt inside YunoHost, around everything that is checked here: `beffroi shell`"),
    ("tools update_norefresh", "read as `facts::PendingUpgrades`"),
    ("tools versions", "survey: versions"),
    ("tools migrations list", "asked by the guard and the proof of `tools-migrations-run`"),
    ("tools migrations state", "the states that `tools migrations list` gives, but it waits for YunoHost's lock"),
];

/// Shows that the host answers, for what cannot be seen.
const VERSIONS: &[&str] = &["tools", "versions"];
const SERVICES: &[&str] = &["service", "status"];

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["tools", "postinstall"],
        params: &[
            Param::option("domain", Kind::Domain, "--domain").required(true),
            Param::option("username", Kind::NewUsername, "--username").required(true),
            Param::option("fullname", Kind::Fullname, "--fullname").required(true),
            Param::option("password", Kind::Password, "--password").required(true),
            Param::option("accept-terms", Kind::Switch, "--i-have-read-terms-of-services").required(true).spared(),
            Param::option("ignore-dyndns", Kind::Switch, "--ignore-dyndns"),
            Param::option("dyndns-recovery-password", Kind::Password, "--dyndns-recovery-password"),
            Param::option("small-disk", Kind::Switch, "--force-diskspace"),
        ],
        way_back: WayBack::Lost,
        // From then on root logs in from private networks only, and else only the administrators.
        weight: Weight::LocksOut,
        guard: guard_postinstall,
        proof: |_| vec![question(crate::survey::USER_LIST), question(&["domain", "list"])],
        judge: judge_postinstall,
        ..operation!("tools-postinstall")
    },
    Operation {
        command: &["tools", "rootpw"],
        params: &[Param::option("password", Kind::Password, "--new-password").required(true)],
        way_back: WayBack::Lost,
        proof: |_| vec![question(VERSIONS)],
        judge: |_, _, answers| answers.json(0).map(|_| CheckResult::NotKnown(Message::new("found.not-shown"))),
        ..operation!("tools-rootpw")
    },
    Operation {
        command: &["tools", "regen-conf"],
        params: &[Param::place("categories", Kind::Words).required(false), Param::option("overwrite", Kind::Switch, "--force")],
        way_back: WayBack::Unless(|given| given.is_on("overwrite").then_some("undo.ynh-tools-regen-conf-overwrite")),
        weight: Weight::Heavy,
        heavier: |given| given.is_on("overwrite").then_some(Weight::Destroys),
        asks: |_| vec![question(&["hook", "list", "conf_regen"])],
        guard: guard_regen_conf,
        proof: |given| vec![list_pending(given)],
        judge: judge_regen_conf,
        ..operation!("tools-regen-conf")
    },
    Operation {
        command: &["tools", "basic-space-cleanup"],
        way_back: WayBack::Lost,
        weight: Weight::Destroys,
        proof: |_| vec![question(VERSIONS)],
        judge: |_, _, answers| answers.json(0).map(|_| CheckResult::NotKnown(Message::new("found.not-shown"))),
        ..operation!("tools-basic-space-cleanup")
    },
    Operation {
        command: &["tools", "reboot"],
        always: &["--force"],
        way_back: WayBack::Nothing,
        weight: Weight::Heavy,
        remembers: newest_start,
        proof: |_| vec![question(SERVICES)],
        judge: judge_reboot,
        ..operation!("tools-reboot")
    },
    Operation {
        command: &["tools", "shutdown"],
        always: &["--force"],
        way_back: WayBack::Lost,
        weight: Weight::Heavy,
        proof: |_| vec![question(VERSIONS)],
        // A host that is off does not answer; one that answers may be about to go.
        judge: |_, _, answers| answers.json(0).map(|_| CheckResult::NotKnown(Message::new("found.still-up"))),
        ..operation!("tools-shutdown")
    },
];

/// Only a host that was never post-installed answers so to a list of its users.
fn guard_postinstall(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    match &seen.facts.users {
        Part::Read { .. } => return Err(Refusal::because(Cause::AlreadyPostInstalled, "")),
        Part::Failed { cause: Cause::NotPostInstalled, .. } => {}
        Part::Failed { cause, message } => {
            return Err(Refusal::NotRead { what: "users".to_owned(), cause: *cause, message: message.clone() });
        }
    }
    // YunoHost would ask for the password with which the name can be moved to another host.
    let dynamic = ["nohost.me", "noho.st", "ynh.fr"]
        .iter()
        .any(|zone| given.text("domain").strip_suffix(zone).is_some_and(|name| name.ends_with('.')));
    if dynamic && !given.is_on("ignore-dyndns") && !given.has("dyndns-recovery-password") {
        return Err(Refusal::because(Cause::NeedsTerminal, "dyndns-recovery-password"));
    }
    Ok(())
}

fn judge_postinstall(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let users = match answers.answer(0)?.json() {
        Ok(json) => users(&json).unwrap_or_default(),
        Err((Cause::NotPostInstalled, _)) => return Ok(missing("YunoHost")),
        Err(refused) => return Err(not_answered(refused)),
    };
    let main = answers.read(1, domains)?.main;
    let lacking = [("username", users.contains_key(given.text("username"))), ("domain", main.as_deref() == Some(given.text("domain")))];
    let lacking: Vec<&str> = lacking.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    Ok(if lacking.is_empty() { CheckResult::Held } else { CheckResult::Half(crate::operation::differs(&lacking)) })
}

/// A name that it does not know YunoHost passes by without a word.
fn guard_regen_conf(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let json = seen.answer(0, "hook list")?;
    let known = json.get("hooks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let unknown = given.list("categories").iter().find(|name| !known.iter().any(|known| known.as_str() == Some(name)));
    unknown.map_or(Ok(()), |name| Err(Refusal::because(Cause::NameUnknown, name)))
}

/// It takes YunoHost's lock, and must not wait for it longer than for an answer.
fn list_pending(given: &Given) -> Question {
    let mut words = question(&["tools", "regen-conf"]);
    words.extend_from_slice(given.list("categories"));
    words.extend(question(&["--list-pending", "--timeout", "20"]));
    words
}

/// `{category: {file: pending copy}}`: files that were changed by hand, and that YunoHost left as they are.
fn judge_regen_conf(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let files = answers.read(0, |json| {
        let categories = json.as_object()?.values().filter_map(Value::as_object);
        Some(categories.flat_map(|files| files.keys().map(|file| beffroi_remote::clean(file))).collect::<Vec<_>>())
    })?;
    let told = || Message::new("found.changed-by-hand").with("files", files.join(", "));
    Ok(match (files.is_empty(), given.is_on("overwrite")) {
        (true, _) => CheckResult::Held,
        (false, false) => CheckResult::Half(told()),
        (false, true) => CheckResult::NotHeld(told()),
    })
}

/// When a service that runs last changed its state, the latest of all: a reboot is later than that for each.
fn newest_start(_: &Given, seen: &Seen<'_>) -> Value {
    let services = seen.facts.services.value();
    let moments = services.into_iter().flat_map(|services| services.values().filter_map(running_since));
    json!(moments.max().map(|moment| moment.to_string()))
}

fn running_since(state: &ServiceState) -> Option<Timestamp> {
    state.last_state_change.as_deref().filter(|_| state.status == "running")?.parse().ok()
}

/// After a reboot every service started later than any had before.
fn judge_reboot(_: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let oldest = answers.read(0, |json| {
        let states = json.as_object()?.values().filter(|entry| entry.is_object()).map(service);
        Some(states.filter_map(|state| running_since(&state)).min())
    })?;
    let before = before.as_str().and_then(|moment| moment.parse::<Timestamp>().ok());
    Ok(match (before, oldest) {
        (Some(before), Some(oldest)) if oldest > before => CheckResult::Held,
        // It takes a moment to go down.
        _ => CheckResult::NotKnown(Message::new("found.still-up")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reboot_shows_in_services_that_all_started_later() {
        let state = |status: &str, change: &str| service(&json!({"status": status, "last_state_change": change}));
        assert_eq!(running_since(&state("running", "2026-11-21T01:00:00+01:00")), "2026-11-21T00:00:00Z".parse().ok());
        assert_eq!(running_since(&state("inactive", "2026-11-21T00:00:00+00:00")), None);
        assert_eq!(running_since(&state("running", "unknown")), None);
    }
}
