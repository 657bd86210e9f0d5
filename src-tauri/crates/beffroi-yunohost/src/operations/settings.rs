//! `settings …`

use serde_json::Value;

use super::Elsewhere;
use super::firewall::{LIST, SSH_PORT};
use super::panels::{
    KEY, VALUE, VALUES, guard_values, held, is_default, judge_values, options, pairs, remember_types, section, tree, whole,
};
use crate::Cause;
use crate::facts::firewall_rules;
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Operation, Question, Refusal, Seen, Weight, differs, not_understood, operation, ports,
    question,
};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] =
    &[("settings list", "judge of settings-reset-all"), ("settings get", "guards and judges of settings-set and settings-reset")];

const GET: &[&str] = &["settings", "get"];

/// What YunoHost writes of a port where no reason was given.
const NO_REASON: &str = "Manually set without comment";
/// The ports that YunoHost 11 opens for its own services, but SSH (`conf/yunohost/firewall.yml`).
const OF_YUNOHOST: &[&str] = &["25", "53", "80", "443", "587", "993", "5222", "5269"];

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["settings", "set"],
        params: &[KEY, VALUE, VALUES],
        needs_a_change: true,
        heavier: for_ssh,
        asks,
        guard: guard_set,
        remembers: remember_types,
        proof: |given| vec![section(GET, given)],
        judge: |given, types, answers| Ok(judge_values(given, types, answers.or_cause(0)?)),
        ..operation!("settings-set")
    },
    Operation {
        command: &["settings", "reset"],
        params: &[KEY],
        heavier: for_ssh,
        asks,
        guard: guard_reset,
        proof: |given| vec![whole(GET, given.text("setting"))],
        judge: judge_reset,
        ..operation!("settings-reset")
    },
    Operation {
        command: &["settings", "reset-all"],
        weight: Weight::LocksOut,
        asks,
        guard: guard_reset,
        proof: |_| vec![question(&["settings", "list", "--full"])],
        judge: judge_reset,
        ..operation!("settings-reset-all")
    },
];

/// Whether a key, which may be a panel or a section, is about that option; no key is all of them.
fn covers(key: &str, option: &str) -> bool {
    key.is_empty() || key == option || option.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'))
}

fn for_ssh(given: &Given) -> Option<Weight> {
    let key = given.text("setting");
    (key.starts_with("security.ssh.") || covers(key, "security.ssh")).then_some(Weight::LocksOut)
}

/// What is to be changed, with its type; and for the port of SSH what the firewall lets through.
fn asks(given: &Given) -> Vec<Question> {
    // All of them: the panel that has what decides who gets in, and who is root.
    let key = given.maybe("setting").unwrap_or("security");
    let mut asks = vec![whole(GET, key)];
    if covers(key, SSH_PORT) {
        asks.push(question(LIST));
    }
    asks
}

fn guard_set(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let tree = tree(given.text("setting"), seen)?;
    guard_values(given, &tree)?;
    let pairs = pairs(given);
    let Some(port) = pairs.iter().find(|(key, _)| key == SSH_PORT).map(|(_, port)| port.unwrap_or_default()) else { return Ok(()) };
    // YunoHost takes any number here; SSH then ends and does not come up again.
    if port.contains(':') || ports(port).is_none() {
        return Err(Refusal::because(Cause::InvalidArgument, format!("{SSH_PORT}: {port}")));
    }
    guard_port(port, &tree, seen)
}

/// YunoHost 11 writes the defaults of what is named in the place of all that is set, and applies none (`SettingsConfigPanel.reset`).
fn guard_reset(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    if seen.facts.numbers().is_some_and(|(major, _)| major < 12) {
        let what = if given.has("setting") { "settings reset" } else { "settings reset-all" };
        return Err(Refusal::because(Cause::HarmfulThere, seen.facts.named_here(what)));
    }
    let tree = tree(given.text("setting"), seen)?;
    let default = options(&tree).find(|(name, _)| name == SSH_PORT).map(|(_, option)| option.get("default").map(Value::to_string));
    default.map_or(Ok(()), |port| guard_port(&port.unwrap_or_default(), &tree, seen))
}

/// Where SSH listens afterwards, when it moves.
pub(crate) fn new_ssh_port(given: &Given, seen: &Seen<'_>) -> Option<u16> {
    let tree = tree(given.text("setting"), seen).ok()?;
    let option = options(&tree).find(|(name, _)| name == SSH_PORT).map(|(_, option)| option);
    let now = option.and_then(held).and_then(number);
    let then = if given.has("value") || given.has("values") {
        pairs(given).iter().find(|(key, _)| key == SSH_PORT).and_then(|(_, port)| port.and_then(|port| port.parse().ok()))
    } else {
        option.and_then(|option| option.get("default")).and_then(number)
    };
    then.filter(|then| now != Some(*then))
}

fn number(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|number| u16::try_from(number).ok()).or_else(|| value.as_str()?.parse().ok())
}

/// SSH may only move to a port that the firewall lets through, and for nothing else.
///
/// YunoHost moves SSH first, then looks for the port among its rules, and breaks off with an internal error where it has
/// none (`firewall.py`, `apply`): SSH then listens where nobody gets through.
fn guard_port(port: &str, tree: &Value, seen: &Seen<'_>) -> Result<(), Refusal> {
    let now = options(tree).find(|(name, _)| name == SSH_PORT).and_then(|(_, option)| held(option));
    if now.and_then(number).is_some_and(|now| port.parse() == Ok(now)) {
        return Ok(());
    }
    let list = firewall_rules(&seen.answer(1, "firewall")?);
    let Some(rule) = list.get("tcp").and_then(|rules| rules.get(port)) else {
        return Err(Refusal::because(Cause::PortClosed, port));
    };
    // An older YunoHost keeps no reason: only what it opens itself is known.
    let unknown = if OF_YUNOHOST.contains(&port) { "YunoHost" } else { NO_REASON };
    let comment = rule.get("comment").and_then(Value::as_str).unwrap_or(unknown);
    if !comment.to_lowercase().contains("ssh") && comment != NO_REASON {
        return Err(Refusal::because(Cause::PortTaken, format!("{port} ({})", beffroi_remote::clean(comment))));
    }
    let open = rule.get("open") == Some(&true.into());
    if open { Ok(()) } else { Err(Refusal::because(Cause::PortClosed, port)) }
}

/// All options that YunoHost resets have their defaults.
fn judge_reset(_: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let full = answers.json(0)?;
    if !full.get("panels").is_some_and(Value::is_array) {
        return Err(not_understood());
    }
    let reset: Vec<(String, bool)> = options(&full).filter_map(|(key, option)| Some((key, is_default(option)?))).collect();
    let other: Vec<&str> = reset.iter().filter(|(_, is_default)| !is_default).map(|(key, _)| key.as_str()).collect();
    Ok(if other.is_empty() { CheckResult::Held } else { CheckResult::NotHeld(differs(&other)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_covers_what_is_below_it() {
        for key in ["", "security", "security.ssh", SSH_PORT] {
            assert!(covers(key, SSH_PORT), "{key}");
        }
        for key in ["sec", "security.ssh.ssh", "security.ssh.ssh_port.x", "email"] {
            assert!(!covers(key, SSH_PORT), "{key}");
        }
    }
}
