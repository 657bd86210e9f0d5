//! What `nft -j list ruleset` prints (libnftables-json(5)): chains and rules, as far as they are understood.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use serde_json::Value;

use super::nft_text;
use super::rules::{Chain, Hook, Looks, Rule, Rules, Says};

/// Objects of a ruleset.
const MOST_OBJECTS: usize = 20_000;
/// Ports and ranges of ports of one rule.
const MOST_RANGES: usize = 64;
/// Characters of a rule as it is shown.
const MOST_TEXT: usize = 240;

/// Reads a ruleset; nothing when it is none.
#[must_use]
pub(super) fn read(text: &str) -> Option<Rules> {
    let whole: Value = serde_json::from_str(text).ok()?;
    let objects = whole.get("nftables")?.as_array()?;
    let mut sets: HashMap<(String, String), &Value> = HashMap::new();
    let mut chains: Vec<Chain> = Vec::new();
    for object in objects.iter().take(MOST_OBJECTS) {
        if let Some(chain) = object.get("chain") {
            let hook = match chain.get("hook").and_then(Value::as_str) {
                Some("input") => Some(Hook::Input),
                Some("forward") => Some(Hook::Forward),
                Some("prerouting") => Some(Hook::Prerouting),
                _ => None,
            };
            // What filters in another family concerns no connection of IPv4.
            let hook = hook.filter(|_| matches!(word(chain, "family"), "ip" | "inet"));
            chains.push(Chain {
                table: table(chain),
                name: word(chain, "name").to_owned(),
                hook,
                priority: chain.get("prio").and_then(Value::as_i64).unwrap_or(0),
                drops: word(chain, "policy") == "drop",
                rules: Vec::new(),
            });
        } else if let Some(set) = object.get("set").or_else(|| object.get("map")) {
            sets.insert((table(set), word(set, "name").to_owned()), set.get("elem").unwrap_or(&Value::Null));
        }
    }
    for rule in objects.iter().take(MOST_OBJECTS).filter_map(|object| object.get("rule")) {
        let (table, name) = (table(rule), word(rule, "chain"));
        let Some(chain) = chains.iter_mut().find(|chain| chain.table == table && chain.name == name) else { continue };
        let expressions = rule.get("expr").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let comment = rule.get("comment").and_then(Value::as_str);
        chain.rules.extend(rules_of(expressions, &table, name, comment, &sets));
    }
    Some(Rules(chains))
}

pub(super) fn word<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn table(object: &Value) -> String {
    format!("{} {}", word(object, "family"), word(object, "table"))
}

/// A rule, or one for each verdict of a map.
fn rules_of(expressions: &[Value], table: &str, chain: &str, comment: Option<&str>, sets: &HashMap<(String, String), &Value>) -> Vec<Rule> {
    let text = shown(table, chain, expressions, comment);
    let (mut looks, mut rules) = (Vec::new(), Vec::new());
    let mut says = Says::Nothing;
    for expression in expressions {
        let Some((kind, value)) = expression.as_object().and_then(|object| object.iter().next()) else { continue };
        match kind.as_str() {
            "match" => looks.push(look(value, table, sets)),
            "accept" => says = Says::Accept,
            "drop" | "reject" => says = Says::Drop,
            "return" => says = Says::Return,
            "jump" => says = Says::Jump(word(value, "target").to_owned()),
            "goto" => says = Says::Goto(word(value, "target").to_owned()),
            "dnat" => {
                let port = value.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
                says = Says::Dnat(word(value, "addr").parse().ok(), port);
            }
            "vmap" => {
                let pairs = value.pointer("/data/set").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                for pair in pairs.iter().filter_map(Value::as_array) {
                    let [key, verdict] = pair.as_slice() else { continue };
                    let found = value.get("key").map_or((Looks::Unknown, false), |left| (known(left, key, table, sets), false));
                    let looks = [looks.clone(), vec![found]].concat();
                    rules.extend(rules_of(std::slice::from_ref(verdict), table, chain, comment, sets).into_iter().map(|rule| Rule {
                        looks: looks.clone(),
                        text: text.clone(),
                        ..rule
                    }));
                }
            }
            "counter" | "log" | "comment" | "masquerade" | "mangle" | "notrack" | "quota" => {}
            // Limits, sets that change, what iptables hides: whether the rule goes on is not known.
            _ => looks.push((Looks::Unknown, false)),
        }
    }
    rules.push(Rule { looks, says, text });
    rules
}

fn look(value: &Value, table: &str, sets: &HashMap<(String, String), &Value>) -> (Looks, bool) {
    let not = word(value, "op") == "!=";
    let (Some(left), Some(right)) = (value.get("left"), value.get("right")) else { return (Looks::Unknown, not) };
    (known(left, right, table, sets), not)
}

/// What a comparison looks at, of a new connection of TCP that comes from another machine.
fn known(left: &Value, right: &Value, table: &str, sets: &HashMap<(String, String), &Value>) -> Looks {
    let right = match right.as_str().and_then(|name| name.strip_prefix('@')) {
        Some(name) => sets.get(&(table.to_owned(), name.to_owned())).copied().unwrap_or(&Value::Null),
        None => right,
    };
    let protocol = left.pointer("/payload/protocol").and_then(Value::as_str);
    let field = left.pointer("/payload/field").and_then(Value::as_str);
    let meta = left.pointer("/meta/key").and_then(Value::as_str);
    let ct = left.pointer("/ct/key").and_then(Value::as_str);
    let has = |word: &str| all(right).iter().any(|one| one.as_str() == Some(word));
    match (protocol, field, meta, ct) {
        (Some("tcp" | "th"), Some("dport"), ..) => ports(right).map_or(Looks::Unknown, Looks::Port),
        (Some("udp" | "icmp" | "icmpv6" | "ip6" | "sctp"), ..) => Looks::Always(false),
        (Some("ip"), Some("protocol"), ..) | (_, _, Some("l4proto"), _) => {
            Looks::Always(has("tcp") || all(right).iter().any(|one| one.as_u64() == Some(6)))
        }
        (Some("ip"), Some("daddr"), ..) => network(right).map_or(Looks::Unknown, |(to, bits)| Looks::To(to, bits)),
        (Some("ip"), Some("saddr"), ..) => Looks::From,
        (_, _, Some("nfproto"), _) => Looks::Always(has("ipv4")),
        (_, _, Some("iifname" | "iif"), _) if has("lo") && all(right).len() == 1 => Looks::Always(false),
        (_, _, _, Some("state")) => Looks::Always(has("new")),
        _ => Looks::Unknown,
    }
}

/// The members of a set, or the one value.
fn all(value: &Value) -> Vec<&Value> {
    match value.get("set").unwrap_or(value) {
        Value::Array(list) => list.iter().map(|one| one.pointer("/elem/val").unwrap_or(one)).collect(),
        one => vec![one],
    }
}

fn ports(value: &Value) -> Option<Vec<(u16, u16)>> {
    // Every rule that names a set has a copy of it.
    if all(value).len() > MOST_RANGES {
        return None;
    }
    let port = |value: &Value| value.as_u64().and_then(|port| u16::try_from(port).ok());
    all(value)
        .into_iter()
        .map(|one| match one.get("range").and_then(Value::as_array).map(Vec::as_slice) {
            Some([first, last]) => Some((port(first)?, port(last)?)),
            _ => port(one).map(|port| (port, port)),
        })
        .collect()
}

fn network(value: &Value) -> Option<(Ipv4Addr, u8)> {
    match value.get("prefix") {
        Some(prefix) => Some((
            word(prefix, "addr").parse().ok()?,
            prefix.get("len")?.as_u64().and_then(|bits| u8::try_from(bits).ok()).filter(|bits| *bits <= 32)?,
        )),
        None => Some((value.as_str()?.parse().ok()?, 32)),
    }
}

/// A rule for people: where it stands, and its expressions.
fn shown(table: &str, chain: &str, expressions: &[Value], comment: Option<&str>) -> String {
    let comment = comment.map(|comment| format!(" ({comment})")).unwrap_or_default();
    beffroi_remote::clean(&format!("{table} {chain}{comment}: {}", nft_text::rule(expressions))).chars().take(MOST_TEXT).collect()
}
