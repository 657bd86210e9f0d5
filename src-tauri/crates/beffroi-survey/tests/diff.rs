//! What differs between two surveys.

mod common;

use beffroi_survey::facts::{AuthorizedKey, Firewall, FirewallKind, Listener, Protocol, SudoMember};
use beffroi_survey::{Area, Difference, Diffs, Facts, Missing, Severity, diff};
use common::full;
use proptest::prelude::*;
use serde_json::Value;

const ALL: Diffs = Diffs { noise: true };

/// What is told, without noise, as short text.
fn told(before: &Facts, after: &Facts) -> Vec<String> {
    diff(before, after, Diffs::default()).iter().map(short).collect()
}

fn short(difference: &Difference) -> String {
    let Difference { severity, path, before, after, .. } = difference;
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    format!("{severity:?} {}: {} > {}", path.join("/"), side(before), side(after))
}

fn key(account: &str, fingerprint: &str) -> AuthorizedKey {
    AuthorizedKey {
        account: account.to_owned(),
        file: format!("/home/{account}/.ssh/authorized_keys"),
        fingerprint: fingerprint.to_owned(),
        algorithm: "ssh-ed25519".to_owned(),
        ..AuthorizedKey::default()
    }
}

fn listener(address: &str, port: u16) -> Listener {
    Listener { protocol: Protocol::Tcp, address: address.to_owned(), port, process: None }
}

/// Every leaf of a JSON value, by the way to it.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(number, value)| leaves(value, &format!("{at}/{number}"), found)),
        _ => found.push(at.to_owned()),
    }
}

/// Another value that the same field could have.
fn another(value: &Value, at: &str) -> Value {
    match value {
        Value::Bool(value) => Value::Bool(!value),
        Value::Number(number) if number.is_f64() => (number.as_f64().unwrap_or_default() + 1.0).into(),
        Value::Number(number) => (number.as_i64().unwrap_or_default() + 1).into(),
        _ => match at.rsplit('/').find(|word| word.parse::<usize>().is_err()) {
            Some("protocol") => "udp".into(),
            Some("kind") if at.contains("firewall") => "iptables".into(),
            Some("password") => "empty".into(),
            Some("roles") => "ldap".into(),
            Some(_) if at.contains("missing") => "failed".into(),
            _ => format!("{}2", value.as_str().unwrap_or_default()).into(),
        },
    }
}

fn full_json() -> Value {
    serde_json::to_value(full()).expect("JSON")
}

fn all_leaves() -> Vec<String> {
    let mut found = Vec::new();
    leaves(&full_json(), "", &mut found);
    found
}

/// The full facts, with one leaf changed.
fn changed(leaf: &str) -> Facts {
    let mut json = full_json();
    let value = json.pointer_mut(leaf).expect("a leaf");
    *value = another(value, leaf);
    serde_json::from_value(json).expect(leaf)
}

#[test]
fn the_full_facts_leave_nothing_out() {
    let json = full_json();
    for (name, value) in json.as_object().expect("fields") {
        assert!(!value.is_null() && value != &Value::from(Vec::<Value>::new()), "{name}: give it a value in the test's facts");
    }
}

#[test]
fn every_leaf_is_compared_or_named_as_left_aside() {
    for leaf in all_leaves() {
        let differences = diff(&full(), &changed(&leaf), ALL);
        let name = leaf.trim_start_matches('/').replace('/', ".");
        assert_eq!(differences.is_empty(), beffroi_survey::diff::IGNORED.contains(&name.as_str()), "{name}: {differences:?}");
    }
}

#[test]
fn a_field_that_one_does_not_know_is_noise() {
    for (name, _) in full_json().as_object().expect("fields") {
        let mut json = full_json();
        json[name] = Value::Null;
        if name == "missing" || beffroi_survey::diff::IGNORED.contains(&name.as_str()) {
            continue;
        }
        let less: Facts = serde_json::from_value(json).expect("facts");
        for (before, after) in [(full(), less.clone()), (less, full())] {
            assert_eq!(told(&before, &after), Vec::<String>::new(), "{name}");
            assert!(!diff(&before, &after, ALL).is_empty(), "{name}");
        }
    }
}

#[test]
fn security_comes_first_and_noise_only_when_asked() {
    let before = full();
    let mut after = before.clone();
    after.load = Some([9.0; 3]);
    after.uptime_seconds = Some(1);
    after.kernel = Some("6.1.0-40-amd64".to_owned());
    after.failed_services = Some(vec!["nginx.service".to_owned()]);
    after.listeners.get_or_insert_default().extend([listener("0.0.0.0", 4444), listener("127.0.0.1", 5555)]);
    after.authorized_keys.get_or_insert_default().push(key("root", "SHA256:new"));
    after.sudo.get_or_insert_default().members.push(SudoMember { group: "sudo".to_owned(), account: "mallory".to_owned() });
    after.sshd.get_or_insert_default().insert("passwordauthentication".to_owned(), "yes".to_owned());
    after.firewall = Some(Firewall { kind: FirewallKind::Nftables, rules: Some(0), ..Firewall::default() });
    let expected = [
        "Security authorized_keys/root/SHA256:new//home/root/.ssh/authorized_keys: - > ssh-ed25519",
        "Security sudo/sudo/mallory: - > mallory",
        "Security listeners/tcp/0.0.0.0/4444: - > ",
        "Security sshd/passwordauthentication: no > yes",
        "Security firewall/input_policies/inet filter input: drop > -",
        "Security firewall/rules: 12 > 0",
        "Security firewall/ufw: true > -",
        "Change listeners/tcp/127.0.0.1/5555: - > ",
        "Change failed_services/nginx.service: - > nginx.service",
        "Change failed_services/old.service: old.service > -",
        "Change kernel: 6.1.0-39-amd64 > 6.1.0-40-amd64",
    ];
    assert_eq!(told(&before, &after), expected);
    let noise = diff(&before, &after, ALL);
    assert_eq!(noise.iter().filter(|difference| difference.severity == Severity::Noise).count(), 2);
}

#[test]
fn what_gets_stronger_is_only_a_change() {
    let mut before = full();
    before.sshd.get_or_insert_default().insert("permitrootlogin".to_owned(), "yes".to_owned());
    before.hardening.get_or_insert_default().insert("kernel.kptr_restrict".to_owned(), "0".to_owned());
    let after = full();
    assert!(diff(&before, &after, ALL).iter().all(|difference| difference.severity == Severity::Change));
    assert_eq!(diff(&before, &after, ALL).len(), 2);
    assert!(diff(&after, &before, ALL).iter().all(|difference| difference.severity == Severity::Security));
}

#[test]
fn what_was_not_read_to_its_end_does_not_look_gone_or_new() {
    let whole = full();
    let mut part = whole.clone();
    part.authorized_keys = Some(Vec::new());
    part.missing.insert(Area::AuthorizedKeys, Missing::NotReadable);
    assert_eq!(told(&whole, &part), Vec::<String>::new());
    assert_eq!(told(&part, &whole), Vec::<String>::new());
    part.authorized_keys = Some(vec![key("eve", "SHA256:x")]);
    assert_eq!(told(&whole, &part).len(), 1, "what is seen is told");
}

#[test]
fn a_firewall_that_was_removed_is_missed() {
    let before = full();
    let mut after = before.clone();
    after.firewall = None;
    after.missing.insert(Area::Firewall, Missing::NoTool);
    assert!(told(&before, &after).contains(&"Security firewall/rules: 12 > -".to_owned()));
    after.missing.insert(Area::Firewall, Missing::NotReadable);
    assert_eq!(told(&before, &after), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Two mixes of changed leaves: the same both ways, and nothing against itself.
    #[test]
    fn both_ways_tell_the_same_things(one in prop::collection::vec(any::<prop::sample::Index>(), 0..6), other in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let leaves = all_leaves();
        let mix = |chosen: &[prop::sample::Index]| {
            let mut json = full_json();
            for leaf in chosen.iter().map(|index| index.get(&leaves)) {
                let value = json.pointer_mut(leaf).expect("a leaf");
                *value = another(value, leaf);
            }
            serde_json::from_value::<Facts>(json).expect("facts")
        };
        let (one, other) = (mix(&one), mix(&other));
        prop_assert_eq!(diff(&one, &one, ALL), Vec::new());
        let paths = |differences: Vec<Difference>| {
            let mut paths: Vec<_> = differences.into_iter().map(|difference| (difference.path, difference.before, difference.after)).collect();
            paths.sort();
            paths
        };
        let mut back: Vec<_> = paths(diff(&other, &one, ALL)).into_iter().map(|(path, before, after)| (path, after, before)).collect();
        back.sort();
        prop_assert_eq!(paths(diff(&one, &other, ALL)), back);
    }
}
