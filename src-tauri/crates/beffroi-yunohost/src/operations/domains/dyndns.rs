//! `domain dyndns …` and `dyndns …`: names under `nohost.me`, `noho.st` and `ynh.fr`, which YunoHost's own service gives.
//!
//! No reading of YunoHost tells whether a domain is subscribed: what the command says counts.

use beffroi_domain::Message;
use serde_json::Value;

use super::{LIST, must_exist};
use crate::Cause;
use crate::facts::domains;
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, Weight, missing, need, operation, question,
};

/// `YNH_DYNDNS_DOMAINS` of YunoHost 12 (`src/utils/dns.py`).
const ZONES: &[&str] = &[".nohost.me", ".noho.st", ".ynh.fr"];

const DOMAIN: Param = Param::place("domain", Kind::Domain);
const RECOVERY: Param = Param::option("recovery-password", Kind::Password, "--recovery-password");

pub(in super::super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["domain", "dyndns", "subscribe"],
        // YunoHost asks for it otherwise.
        params: &[DOMAIN, RECOVERY.required(true)],
        guard: guard_dyndns,
        proof: read_domains,
        judge: judge_listed,
        ..operation!("domain-dyndns-subscribe")
    },
    Operation {
        command: &["domain", "dyndns", "unsubscribe"],
        params: &[DOMAIN, RECOVERY],
        weight: Weight::Destroys,
        guard: guard_name,
        proof: read_domains,
        judge: |_, _, answers| answers.read(0, domains).map(|_| not_shown()),
        ..operation!("domain-dyndns-unsubscribe")
    },
    Operation {
        command: &["domain", "dyndns", "set-recovery-password"],
        params: &[DOMAIN, RECOVERY.required(true)],
        guard: guard_dyndns,
        proof: read_domains,
        judge: judge_listed,
        ..operation!("domain-dyndns-set-recovery-password")
    },
    Operation {
        command: &["dyndns", "update"],
        params: &[Param::option("domain", Kind::Domain, "--domain"), Param::option("force", Kind::Switch, "--force")],
        guard: guard_update,
        proof: read_domains,
        judge: judge_listed,
        ..operation!("dyndns-update")
    },
];

/// Whether the service gives such names: one label before the zone.
pub(super) fn is_dyndns(domain: &str) -> bool {
    ZONES.iter().any(|zone| domain.strip_suffix(zone).is_some_and(|label| !label.is_empty() && !label.contains('.')))
}

fn guard_name(given: &mut Given, _: &Seen<'_>) -> Result<(), Refusal> {
    let domain = given.text("domain");
    if is_dyndns(domain) { Ok(()) } else { Err(Refusal::because(Cause::DyndnsUnavailable, domain)) }
}

fn guard_dyndns(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_name(given, seen)?;
    must_exist(seen.facts, given.text("domain"))
}

fn guard_update(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    if given.has("domain") {
        return guard_dyndns(given, seen);
    }
    let any = need(&seen.facts.domains, "domains")?.names.iter().any(|name| is_dyndns(name));
    if any { Ok(()) } else { Err(Refusal::because(Cause::DyndnsMissing, "")) }
}

fn read_domains(_: &Given) -> Vec<Question> {
    vec![question(LIST)]
}

fn not_shown() -> CheckResult {
    CheckResult::NotKnown(Message::new("found.not-shown"))
}

fn judge_listed(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let names = answers.read(0, domains)?.names;
    let listed = given.maybe("domain").is_none_or(|domain| names.iter().any(|name| name == domain));
    Ok(if listed { not_shown() } else { missing(given.text("domain")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_label_before_the_zone() {
        for name in ["a.nohost.me", "my-box.noho.st", "x.ynh.fr"] {
            assert!(is_dyndns(name), "{name}");
        }
        for name in ["nohost.me", "a.b.nohost.me", "anohost.me", "a.nohost.me.test"] {
            assert!(!is_dyndns(name), "{name}");
        }
    }
}
