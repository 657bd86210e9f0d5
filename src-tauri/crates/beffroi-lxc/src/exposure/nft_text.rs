//! Rules of nftables for people: from what `nft -j` prints (libnftables-json(5)) to what nft(8) itself writes. What is not known here
//! is told by its name alone.

use serde_json::Value;

use super::nft::word;

/// Members of a set that are shown.
const MOST_MEMBERS: usize = 8;

/// The expressions of a rule, such as `tcp dport 8443 dnat to 10.0.3.5:8000`.
pub(super) fn rule(expressions: &[Value]) -> String {
    let said = expressions.iter().filter_map(Value::as_object).filter_map(|one| one.iter().next()).map(|(kind, value)| said(kind, value));
    said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

fn said(kind: &str, value: &Value) -> String {
    match kind {
        "counter" => String::new(),
        "match" => {
            let op = match word(value, "op") {
                "==" | "in" | "" => String::new(),
                op => format!("{op} "),
            };
            format!("{} {op}{}", key(&value["left"]), member(&value["right"]))
        }
        "jump" | "goto" => format!("{kind} {}", word(value, "target")),
        "dnat" | "snat" | "redirect" => {
            let [address, port] = ["addr", "port"].map(|name| value.get(name).map(member).unwrap_or_default());
            let port = if port.is_empty() { port } else { format!(":{port}") };
            format!("{kind} to {address}{port}")
        }
        "vmap" => format!("{} vmap {}", key(&value["key"]), member(&value["data"])),
        other => other.to_owned(),
    }
}

/// What a rule looks at, such as `tcp dport`.
fn key(value: &Value) -> String {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else { return member(value) };
    match kind.as_str() {
        "payload" => format!("{} {}", word(value, "protocol"), word(value, "field")),
        "meta" if matches!(word(value, "key"), "iif" | "oif" | "iifname" | "oifname") => word(value, "key").to_owned(),
        "fib" => format!("fib {} {}", member(&value["flags"]), word(value, "result")),
        "meta" | "ct" => format!("{kind} {}", word(value, "key")),
        other => other.to_owned(),
    }
}

/// What it is compared with: a value, a range, a network, a set, a verdict.
fn member(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => members(list, ","),
        Value::Object(object) => match object.iter().next().map(|(kind, inner)| (kind.as_str(), inner)) {
            Some(("set", Value::Array(list))) => format!("{{ {} }}", members(list, ", ")),
            Some(("set", one)) => member(one),
            Some(("range", Value::Array(list))) => members(list, "-"),
            Some(("prefix", prefix)) => format!("{}/{}", word(prefix, "addr"), member(&prefix["len"])),
            Some(("elem", element)) => member(&element["val"]),
            Some((kind, inner)) => said(kind, inner),
            None => String::new(),
        },
        Value::Null | Value::Bool(_) => String::new(),
    }
}

fn members(list: &[Value], between: &str) -> String {
    let shown = list.iter().take(MOST_MEMBERS).map(|one| match one {
        // Of a map: what for, and what then.
        Value::Array(pair) if pair.len() == 2 => format!("{} : {}", member(&pair[0]), member(&pair[1])),
        one => member(one),
    });
    let more = (list.len() > MOST_MEMBERS).then(|| "…".to_owned());
    shown.chain(more).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_written_as_nft_writes_them() {
        let of = |value: Value| rule(value.as_array().expect("expressions"));
        let port = json!({"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 8443}});
        assert_eq!(
            of(json!([port, {"counter": {"packets": 1, "bytes": 2}}, {"dnat": {"family": "ip", "addr": "10.0.3.5", "port": 8000}}])),
            "tcp dport 8443 dnat to 10.0.3.5:8000"
        );
        let ports = json!({"set": [{"range": [8000, 8080]}, 9000]});
        let not = json!({"match": {"op": "!=", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": ports}});
        assert_eq!(of(json!([not, {"limit": {"rate": 5}}, {"accept": null}])), "tcp dport != { 8000-8080, 9000 } limit accept");
        let state = json!({"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["invalid", {"drop": null}], ["new", {"jump": {"target": "in"}}]]}}});
        assert_eq!(of(json!([state])), "ct state vmap { invalid : drop, new : jump in }");
        let from = json!({"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "eth0"}});
        let network = json!({"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}});
        assert_eq!(of(json!([from, network, {"redirect": {"port": 8080}}])), "iifname eth0 ip saddr 10.0.0.0/8 redirect to :8080");
        let local = json!({"match": {"op": "==", "left": {"fib": {"result": "type", "flags": ["daddr"]}}, "right": "local"}});
        assert_eq!(of(json!([local])), "fib daddr type local");
        let many: Vec<u32> = (0..5000).collect();
        let set = json!({"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": many}}});
        assert_eq!(of(json!([set])), "tcp dport { 0, 1, 2, 3, 4, 5, 6, 7, … }");
        assert_eq!(of(json!([7, {}, {"match": 3}, {"xt": {"type": "match"}}, {"dnat": null}])), "  xt dnat to ");
    }
}
