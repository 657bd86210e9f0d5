//! The rules of the firewall, in one form whatever the version.

use serde_json::{Map, Value, json};

/// The rules as YunoHost 12.1 has them: `{"tcp": {"22": {"open", "upnp", "comment"}}, "udp": {}, "router_forwarding_upnp"}`.
///
/// Before, they are lists: `{"ipv4": {"TCP": [22, "8000:8010"]}, "ipv6": {}, "uPnP": {"enabled", "TCP": []}}`. A port is open where
/// it is for one of the two; there are no comments. What has neither form comes back as it is.
pub(crate) fn firewall_rules(list: &Value) -> Value {
    let Some(upnp) = list.get("uPnP") else { return list.clone() };
    let ports = |of: Option<&Value>, protocol: &str| -> Vec<String> {
        let ports = of.and_then(|of| of.get(protocol)).and_then(Value::as_array).into_iter().flatten();
        ports.map(|port| port.as_str().map_or_else(|| port.to_string(), |range| range.replace(':', "-"))).collect()
    };
    let rules = |protocol: &str| -> Value {
        let (open, forwarded) =
            ([ports(list.get("ipv4"), protocol), ports(list.get("ipv6"), protocol)].concat(), ports(Some(upnp), protocol));
        let rule = |port: &String| (port.clone(), json!({"open": open.contains(port), "upnp": forwarded.contains(port)}));
        Value::Object(open.iter().chain(&forwarded).map(rule).collect::<Map<_, _>>())
    };
    json!({"tcp": rules("TCP"), "udp": rules("UDP"), "router_forwarding_upnp": upnp.get("enabled").cloned().unwrap_or_default()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let older = json!({"ipv4": {"TCP": [22, "8000:8010"], "UDP": [53]}, "ipv6": {"TCP": [22, 443], "UDP": []},
            "uPnP": {"enabled": false, "TCP": [22, 9], "UDP": [], "TCP_TO_CLOSE": []}});
        let rules = firewall_rules(&older);
        assert_eq!(rules["tcp"]["22"], json!({"open": true, "upnp": true}));
        assert_eq!(rules["tcp"]["443"]["open"], json!(true), "open for one of the two");
        assert_eq!(rules["tcp"]["9"], json!({"open": false, "upnp": true}));
        assert_eq!((&rules["tcp"]["8000-8010"]["open"], &rules["udp"]["53"]["open"]), (&json!(true), &json!(true)));
        assert_eq!(rules["router_forwarding_upnp"], json!(false));
        let newer = json!({"tcp": {"22": {"open": true, "upnp": false, "comment": "x"}}, "udp": {}});
        assert_eq!(firewall_rules(&newer), newer);
        assert_eq!(firewall_rules(&json!([])), json!([]));
    }
}
