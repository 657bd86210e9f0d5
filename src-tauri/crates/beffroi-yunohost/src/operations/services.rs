//! `service …`

use std::collections::BTreeMap;

use beffroi_domain::Message;
use jiff::Timestamp;
use serde_json::Value;

use super::Elsewhere;
use crate::Cause;
use crate::facts::{ServiceState, service};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, Weight, differs, missing, need, operation,
    question, still_there,
};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] =
    &[("service status", "survey: services; judge of the operations on services"), ("service log", "`beffroi shell`: it changes nothing")];

const SERVICE: Param = Param::place("service", Kind::Service);
const SERVICES: Param = Param::place("services", Kind::Services);

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["service", "start"],
        params: &[SERVICES],
        guard: guard_known,
        proof: status,
        judge: judge_running,
        ..operation!("service-start")
    },
    Operation {
        command: &["service", "stop"],
        params: &[SERVICES],
        weight: Weight::Heavy,
        heavier: for_logins,
        guard: guard_stop,
        proof: status,
        judge: |given, _, answers| judge_each(given, answers, |now| now.status != "running" && now.status != "auto-restart"),
        ..operation!("service-stop")
    },
    Operation {
        command: &["service", "restart"],
        params: &[SERVICE],
        weight: Weight::Heavy,
        heavier: for_logins,
        guard: guard_up_again,
        remembers: last_changes,
        proof: status,
        judge: judge_restart,
        ..operation!("service-restart")
    },
    Operation {
        command: &["service", "reload"],
        params: &[SERVICES],
        guard: guard_up_again,
        remembers: last_changes,
        proof: status,
        judge: judge_reload,
        ..operation!("service-reload")
    },
    Operation {
        command: &["service", "reload_or_restart"],
        params: &[SERVICES],
        weight: Weight::Heavy,
        heavier: for_logins,
        guard: guard_up_again,
        remembers: last_changes,
        proof: status,
        judge: judge_reload,
        ..operation!("service-reload-or-restart")
    },
    Operation {
        command: &["service", "enable"],
        params: &[SERVICES],
        guard: guard_known,
        proof: status,
        judge: |given, _, answers| judge_each(given, answers, |now| now.start_on_boot == "enabled"),
        ..operation!("service-enable")
    },
    Operation {
        command: &["service", "disable"],
        params: &[SERVICES],
        weight: Weight::Heavy,
        heavier: for_logins,
        guard: guard_stop,
        proof: status,
        // Fails after it disabled a service that the diagnosis finds nothing wrong with: the state decides.
        judge: |given, _, answers| judge_each(given, answers, |now| now.start_on_boot != "enabled"),
        ..operation!("service-disable")
    },
    Operation {
        command: &["service", "add"],
        params: &[
            SERVICE.making(),
            Param::option("description", Kind::Line(256), "--description"),
            Param::option("log", Kind::Words, "--log"),
            Param::option("test-status", Kind::Line(1024), "--test_status"),
            Param::option("test-conf", Kind::Line(1024), "--test_conf"),
            Param::option("needs-exposed-ports", Kind::Words, "--needs_exposed_ports"),
            Param::option("need-lock", Kind::Switch, "--need_lock"),
        ],
        guard: guard_add,
        proof: status,
        judge: judge_add,
        ..operation!("service-add")
    },
    Operation {
        command: &["service", "remove"],
        params: &[SERVICE],
        guard: guard_known,
        proof: status,
        // YunoHost says that it removed one of its own, which is there again when it is read the next time.
        judge: |given, _, answers| Ok(answers.or_cause(0)?.map_or(CheckResult::Held, |_| still_there(given.text("service")))),
        ..operation!("service-remove")
    },
];

/// Without them nobody gets in, or no administrator is known to the system: `slapd` keeps the accounts.
const LOGINS: &[&str] = &["ssh", "slapd", "nslcd", "unscd"];

/// The services that it is about.
fn names(given: &Given) -> Vec<&str> {
    given.maybe("service").into_iter().chain(given.list("services").iter().map(String::as_str)).collect()
}

fn for_logins(given: &Given) -> Option<Weight> {
    names(given).iter().any(|name| LOGINS.contains(name)).then_some(Weight::LocksOut)
}

fn guard_known(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let known = need(&seen.facts.services, "services")?;
    let unknown = names(given).into_iter().find(|name| !known.contains_key(*name));
    unknown.map_or(Ok(()), |name| Err(Refusal::because(Cause::ServiceUnknown, name)))
}

/// What comes by SSH does not stop SSH, and does not leave it off at the next start of the machine.
fn guard_stop(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_known(given, seen)?;
    let ssh = names(given).into_iter().find(|name| matches!(*name, "ssh" | "sshd" | "ssh.service"));
    ssh.map_or(Ok(()), |name| Err(Refusal::because(Cause::WouldLockOut, name)))
}

/// A service whose configuration is broken runs until it is told to read it again.
fn guard_up_again(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_known(given, seen)?;
    let known = need(&seen.facts.services, "services")?;
    let broken = |name: &&str| known.get(*name).is_some_and(|state| state.configuration == "broken");
    names(given).into_iter().find(broken).map_or(Ok(()), |name| Err(Refusal::because(Cause::ServiceConfigurationBroken, name)))
}

/// YunoHost would put the new one in the place of one that is there, without a word.
fn guard_add(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let name = given.text("service");
    let known = need(&seen.facts.services, "services")?.contains_key(name);
    if known { Err(Refusal::because(Cause::ServiceExists, name)) } else { Ok(()) }
}

/// When each last changed its state.
fn last_changes(given: &Given, seen: &Seen<'_>) -> Value {
    let services = seen.facts.services.value();
    let last = |name: &str| services.and_then(|services| services.get(name)?.last_state_change.clone());
    if given.has("service") {
        return last(given.text("service")).into();
    }
    names(given).into_iter().map(|name| (name.to_owned(), Value::from(last(name)))).collect::<serde_json::Map<_, _>>().into()
}

fn status(given: &Given) -> Vec<Question> {
    vec![[question(&["service", "status"]), question(&names(given))].concat()]
}

/// The state of each; `None` when YunoHost does not know one of them. One alone comes without its name.
fn states(given: &Given, answers: &Answers) -> Result<Option<BTreeMap<String, ServiceState>>, CheckError> {
    let Ok(json) = answers.or_cause(0)? else { return Ok(None) };
    let Some(map) = json.as_object() else { return Ok(None) };
    Ok(Some(match names(given).as_slice() {
        [name] => BTreeMap::from([((*name).to_owned(), service(&json))]),
        _ => map.iter().map(|(name, state)| (name.clone(), service(state))).collect(),
    }))
}

/// Whether it is so of all, of some or of none.
fn judge_each(given: &Given, answers: &Answers, holds: impl Fn(&ServiceState) -> bool) -> Result<CheckResult, CheckError> {
    let names = names(given);
    let Some(states) = states(given, answers)? else { return Ok(missing(&names.join(" "))) };
    let not: Vec<&str> = names.iter().filter(|name| !states.get(**name).is_some_and(&holds)).copied().collect();
    let told = || {
        let told: Vec<String> = not
            .iter()
            .map(|name| {
                states.get(*name).map_or_else(|| (*name).to_owned(), |now| format!("{name}: {}, {}", now.status, now.start_on_boot))
            })
            .collect();
        Message::new("found.services-are").with("services", told.join("; "))
    };
    Ok(match not.len() {
        0 => CheckResult::Held,
        count if count == names.len() => CheckResult::NotHeld(told()),
        _ => CheckResult::Half(told()),
    })
}

fn judge_running(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    // Of a service that does its work once and ends, YunoHost does not say how it is.
    let unknown = states(given, answers)?.is_some_and(|states| states.values().any(|now| now.status == "unknown"));
    let all = judge_each(given, answers, |now| now.status == "running" || now.status == "unknown")?;
    Ok(if unknown && all == CheckResult::Held { CheckResult::NotKnown(Message::new("found.not-shown")) } else { all })
}

fn judge_restart(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let name = given.text("service");
    let state = states(given, answers)?.and_then(|mut states| states.remove(name));
    Ok(state.map_or_else(|| missing(name), |now| compare(&now, before.as_str())))
}

/// A reload need not show in the time of the last change; that the service runs must be so.
fn judge_reload(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let running = judge_running(given, before, answers)?;
    if running != CheckResult::Held {
        return Ok(running);
    }
    let states = states(given, answers)?.unwrap_or_default();
    let changed = |(name, now): (&String, &ServiceState)| compare(now, before.get(name).and_then(Value::as_str)) == CheckResult::Held;
    Ok(if states.iter().all(changed) { CheckResult::Held } else { CheckResult::NotKnown(Message::new("found.not-shown")) })
}

fn judge_add(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let name = given.text("service");
    let Some(now) = states(given, answers)?.and_then(|mut states| states.remove(name)) else { return Ok(missing(name)) };
    // What systemd does not know is listed all the same.
    if now.description.starts_with("Error: failed to get information") {
        return Ok(CheckResult::Half(Message::new("found.unit-missing").with("service", name)));
    }
    let same = given.maybe("description").is_none_or(|description| now.description == description);
    Ok(if same { CheckResult::Held } else { CheckResult::Half(differs(&["description"])) })
}

/// Whether a service came up again.
pub(super) fn compare(now: &ServiceState, before: Option<&str>) -> CheckResult {
    if now.status != "running" {
        return CheckResult::NotHeld(Message::new("found.service-is").with("status", &now.status));
    }
    let moment = |text: &str| text.parse::<Timestamp>().ok();
    match (before.and_then(moment), now.last_state_change.as_deref().and_then(moment)) {
        (Some(before), Some(now)) if now > before => CheckResult::Held,
        (Some(_), Some(_)) => CheckResult::NotHeld(Message::new("found.service-not-restarted")),
        _ => CheckResult::NotKnown(Message::new("found.not-shown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: &str, change: &str) -> ServiceState {
        service(&serde_json::json!({"status": status, "last_state_change": change}))
    }

    #[test]
    fn a_restart_shows_in_the_time_of_the_last_change() {
        let before = Some("2026-11-21T00:10:26.758409+00:00");
        assert_eq!(compare(&state("running", "2026-11-21T00:10:27+00:00"), before), CheckResult::Held);
        let same = compare(&state("running", "2026-11-21T01:10:26.758409+01:00"), before);
        assert_eq!(same, CheckResult::NotHeld(Message::new("found.service-not-restarted")));
        let dead = compare(&state("dead", "2026-11-21T00:10:27+00:00"), before);
        assert_eq!(dead, CheckResult::NotHeld(Message::new("found.service-is").with("status", "dead")));
        for (before, now) in [(before, "unknown"), (None, "2026-11-21T00:10:27+00:00"), (before, "yesterday"), (None, "unknown")] {
            assert!(matches!(compare(&state("running", now), before), CheckResult::NotKnown(_)), "{before:?} {now}");
        }
    }
}
