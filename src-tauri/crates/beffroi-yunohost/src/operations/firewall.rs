//! `firewall …`

use beffroi_domain::Message;
use serde_json::Value;

use super::Elsewhere;
use super::services::compare;
use crate::Cause;
use crate::facts::{firewall_rules, service};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, Weight, held_or, operation, ports, question,
    still_there,
};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("firewall list", "guards of settings-set and settings-reset; judge of the operations on the firewall"),
    ("firewall is-open", "firewall-open judges by the list: this answers no for every port (12.1.25)"),
    ("firewall allow", "firewall-open: this is its name of YunoHost 11"),
    ("firewall disallow", "firewall-close: this is its name of YunoHost 11"),
    ("firewall stop", "nowhere: it leaves every port of the host open; firewall-open and firewall-close change what must be"),
];

/// The port of SSH as the settings have it, the rules, and the service that loads them.
pub(super) const SSH_PORT: &str = "security.ssh.ssh_port";
pub(super) const LIST: &[&str] = &["firewall", "list", "--raw"];
const SERVICE: &str = "nftables";

const PORT: Param = Param::place("port", Kind::PortRange);
const PROTOCOL: Param = Param::option("protocol", Kind::Choice(&["tcp", "udp"]), "--protocol");

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["firewall", "open"],
        older: Some(allow),
        warns: |given, seen| {
            let kept = !seen.facts.has_not("firewall open");
            if kept { Vec::new() } else { vec![given.message("warning.ynh-reason-not-kept")] }
        },
        // Without a reason YunoHost writes that there is none.
        params: &[PORT, Param::place("comment", Kind::Line(256)), PROTOCOL, Param::option("upnp", Kind::Switch, "--upnp")],
        proof: rules,
        judge: judge_open,
        ..operation!("firewall-open")
    },
    Operation {
        command: &["firewall", "close"],
        older: Some(disallow),
        params: &[PORT, PROTOCOL, Param::option("upnp-only", Kind::Switch, "--upnp-only")],
        weight: Weight::Heavy,
        asks: ssh_port,
        guard: guard_close,
        proof: rules,
        judge: judge_close,
        ..operation!("firewall-close")
    },
    Operation {
        command: &["firewall", "delete"],
        older: Some(disallow),
        params: &[PORT, PROTOCOL],
        weight: Weight::Heavy,
        asks: ssh_port,
        guard: guard_close,
        proof: rules,
        judge: judge_delete,
        ..operation!("firewall-delete")
    },
    Operation {
        command: &["firewall", "reload"],
        params: &[Param::option("skip-upnp", Kind::Switch, "--skip-upnp")],
        remembers: |_, seen| {
            let services = seen.facts.services.value();
            services.and_then(|services| services.get(SERVICE)?.last_state_change.clone()).into()
        },
        proof: |_| vec![question(&["service", "status", SERVICE])],
        judge: judge_reload,
        ..operation!("firewall-reload")
    },
    Operation {
        command: &["firewall", "upnp"],
        params: &[Param::place("state", Kind::Choice(&["enable", "disable"]))],
        proof: |_| vec![question(LIST)],
        judge: |given, _, answers| {
            let on = firewall_rules(&answers.json(0)?).get("router_forwarding_upnp").and_then(Value::as_bool).unwrap_or_default();
            let now = || Message::new("found.upnp-is").with("state", if on { "enable" } else { "disable" });
            Ok(held_or(on == (given.text("state") == "enable"), now))
        },
        ..operation!("firewall-upnp")
    },
];

/// Before 12.1 a port was forwarded unless one said otherwise, and no reason was kept.
fn allow(given: &Given) -> Vec<&str> {
    let mut words = vec!["firewall", "allow", protocol_before(given), given.text("port")];
    if !given.is_on("upnp") {
        words.push("--no-upnp");
    }
    words
}

/// Of a port that is closed nothing was left.
fn disallow(given: &Given) -> Vec<&str> {
    let mut words = vec!["firewall", "disallow", protocol_before(given), given.text("port")];
    if given.is_on("upnp-only") {
        words.push("--upnp-only");
    }
    words
}

fn protocol_before(given: &Given) -> &'static str {
    if protocol(given) == "udp" { "UDP" } else { "TCP" }
}

fn ssh_port(_: &Given) -> Vec<Question> {
    vec![question(&["settings", "get", SSH_PORT])]
}

fn protocol(given: &Given) -> &str {
    given.maybe("protocol").unwrap_or("tcp")
}

/// The port by which this very connection comes stays open. YunoHost opens it again by itself when it is closed, and breaks
/// off with an internal error when it is deleted, the rules written and not loaded.
fn guard_close(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let ssh = seen.answer(0, SSH_PORT)?;
    let Some(ssh) = ssh.as_u64().or_else(|| ssh.as_str()?.parse().ok()) else {
        return Err(Refusal::NotRead { what: SSH_PORT.to_owned(), cause: Cause::AnswerNotUnderstood, message: String::new() });
    };
    let port = given.text("port");
    let within = ports(port).is_none_or(|(first, last)| (u64::from(first)..=u64::from(last)).contains(&ssh));
    if within && protocol(given) == "tcp" && !given.is_on("upnp-only") {
        return Err(Refusal::because(Cause::WouldLockOut, port));
    }
    Ok(())
}

fn rules(_: &Given) -> Vec<Question> {
    vec![question(LIST), question(&["service", "status", SERVICE])]
}

/// What is written of a port, and whether it counts: rules that are written are not always loaded.
struct Rule {
    listed: bool,
    open: bool,
    upnp: bool,
    loaded: bool,
}

fn rule(given: &Given, answers: &Answers) -> Result<Rule, CheckError> {
    // A range is written with a dash and asked for with a colon.
    let list = firewall_rules(&answers.json(0)?);
    let rule = list.get(protocol(given)).and_then(|rules| rules.get(given.text("port").replace(':', "-")));
    let is = |what: &str| rule.and_then(|rule| rule.get(what)).and_then(Value::as_bool).unwrap_or_default();
    // YunoHost 11 has no service of that name.
    let loaded = answers.or_cause(1)?.is_ok_and(|state| matches!(service(&state).status.as_str(), "failed" | "dead" | "inactive"));
    Ok(Rule { listed: rule.is_some(), open: is("open"), upnp: is("upnp"), loaded: !loaded })
}

/// As written, unless the rules are not loaded.
fn as_loaded(rule: &Rule, result: CheckResult) -> CheckResult {
    match result {
        CheckResult::Held if !rule.loaded => CheckResult::Half(Message::new("found.firewall-not-loaded")),
        result => result,
    }
}

fn judge_open(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let rule = rule(given, answers)?;
    let result = match (rule.open, rule.upnp || !given.is_on("upnp")) {
        (true, true) => CheckResult::Held,
        (true, false) => CheckResult::Half(Message::new("found.upnp-is").with("state", "disable")),
        (false, _) => CheckResult::NotHeld(Message::new("found.port-closed").with("port", given.text("port"))),
    };
    Ok(as_loaded(&rule, result))
}

fn judge_close(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let rule = rule(given, answers)?;
    let is_open = if given.is_on("upnp-only") { rule.upnp } else { rule.open };
    Ok(as_loaded(&rule, held_or(!is_open, || Message::new("found.port-open").with("port", given.text("port")))))
}

fn judge_delete(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let rule = rule(given, answers)?;
    Ok(match (rule.listed, rule.open) {
        (false, _) => as_loaded(&rule, CheckResult::Held),
        (true, true) => still_there(given.text("port")),
        (true, false) => CheckResult::Half(Message::new("found.still-there").with("what", given.text("port"))),
    })
}

/// Rules that were loaded already need not show in the time of the service.
fn judge_reload(_: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let not_shown = CheckResult::NotKnown(Message::new("found.not-shown"));
    let Ok(state) = answers.or_cause(0)? else { return Ok(not_shown) };
    let now = service(&state);
    Ok(match compare(&now, before.as_str()) {
        CheckResult::NotHeld(_) if now.status == "running" => not_shown,
        result => result,
    })
}
