//! The SSH server, and the keys that open accounts.

use std::collections::BTreeMap;

use beffroi_survey::{Area, Facts};

use super::{Check, Judged, Seen, check, no_fix, set};

pub(super) const CHECKS: &[Check] = &[
    check!("ssh-passwords", High, passwords, |seen| set(seen, "security.ssh.ssh_password_authentication", "no")),
    check!("ssh-root", High, root, no_fix),
    check!("ssh-loose", High, loose, no_fix),
    check!("ssh-algorithms", Medium, algorithms, no_fix),
    check!("ssh-port", Low, port, no_fix),
    check!("ssh-weak-keys", Medium, weak_keys, no_fix),
    check!("ssh-unknown-keys", Medium, unknown_keys, no_fix),
];

/// What sshd says of itself. What only some of its files say is not enough: the first value counts, and may stand in another.
fn settings<'a>(seen: &Seen<'a>) -> Option<&'a BTreeMap<String, String>> {
    known(seen.facts)
}

fn known(facts: &Facts) -> Option<&BTreeMap<String, String>> {
    facts.sshd.as_ref().filter(|_| !facts.missing.contains_key(&Area::Sshd))
}

/// The settings that are as they should not be, each as `name value`.
fn wrong(settings: &BTreeMap<String, String>, bad: &[(&str, &str)]) -> Vec<String> {
    let is = |(name, value): &&(&str, &str)| settings.get(*name).is_some_and(|found| found.eq_ignore_ascii_case(value));
    bad.iter().filter(is).map(|(name, value)| format!("{name} {value}")).collect()
}

/// Whether a password, asked by sshd or by PAM, is enough to get in.
fn taken(settings: &BTreeMap<String, String>) -> Vec<String> {
    // Each alternative of `AuthenticationMethods` must be passed whole.
    let needs_key = |methods: &String| methods.split_whitespace().all(|way| way.split(',').any(|method| method.starts_with("publickey")));
    if settings.get("authenticationmethods").is_some_and(needs_key) {
        return Vec::new();
    }
    wrong(settings, &[("passwordauthentication", "yes"), ("kbdinteractiveauthentication", "yes")])
}

/// By which settings a host lets in who knows a password; nothing where that is not known.
pub(crate) fn takes_passwords(facts: &Facts) -> Option<Vec<String>> {
    known(facts).map(taken)
}

fn passwords(seen: &Seen<'_>) -> Judged {
    takes_passwords(seen.facts).map_or(Judged::Unknown(Some(Area::Sshd)), Judged::of)
}

fn root(seen: &Seen<'_>) -> Judged {
    let bad = |settings| Judged::of(wrong(settings, &[("permitrootlogin", "yes")]));
    settings(seen).map_or(Judged::Unknown(Some(Area::Sshd)), bad)
}

fn loose(seen: &Seen<'_>) -> Judged {
    let bad = [
        ("permitemptypasswords", "yes"),
        ("hostbasedauthentication", "yes"),
        ("permituserenvironment", "yes"),
        ("strictmodes", "no"),
        ("ignorerhosts", "no"),
    ];
    settings(seen).map_or(Judged::Unknown(Some(Area::Sshd)), |settings| Judged::of(wrong(settings, &bad)))
}

/// Algorithms that are broken, or within reach of somebody with means (the failures of ssh-audit 3.3). `-cbc` ends a name.
const BROKEN: &[&str] = &[
    "3des-cbc",
    "arcfour",
    "arcfour128",
    "arcfour256",
    "blowfish-cbc",
    "cast128-cbc",
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "hmac-md5",
    "hmac-md5-96",
    "hmac-md5-96-etm@openssh.com",
    "hmac-md5-etm@openssh.com",
    "hmac-ripemd160",
    "hmac-sha1-96",
    "hmac-sha1-96-etm@openssh.com",
    "none",
    "ssh-dss",
    "ssh-dss-cert-v01@openssh.com",
    "ssh-rsa",
    "ssh-rsa-cert-v01@openssh.com",
];

fn algorithms(seen: &Seen<'_>) -> Judged {
    let Some(settings) = settings(seen) else { return Judged::Unknown(Some(Area::Sshd)) };
    let lists = ["ciphers", "macs", "kexalgorithms", "hostkeyalgorithms", "pubkeyacceptedalgorithms"];
    let all = lists.iter().filter_map(|list| settings.get(*list)).flat_map(|list| list.split(','));
    let mut broken: Vec<String> = all.filter(|name| BROKEN.contains(name) || name.ends_with("-cbc")).map(str::to_owned).collect();
    broken.sort();
    broken.dedup();
    Judged::of(broken)
}

/// Everybody who guesses passwords begins at port 22. Where none is taken there is nothing to guess.
fn port(seen: &Seen<'_>) -> Judged {
    let Some(settings) = settings(seen) else { return Judged::Unknown(Some(Area::Sshd)) };
    let usual = settings.get("port").is_none_or(|ports| ports.split(' ').any(|port| port == "22"));
    Judged::of(if usual && !taken(settings).is_empty() { vec!["22".to_owned()] } else { Vec::new() })
}

/// The shortest key of RSA's that is still good for years to come (BSI TR-02102-1, 3000 bits; ssh-keygen's own is 3072).
const SHORTEST_RSA: u32 = 3000;

fn weak_keys(seen: &Seen<'_>) -> Judged {
    let Some(keys) = &seen.facts.authorized_keys else { return Judged::Unknown(Some(Area::AuthorizedKeys)) };
    let weak = keys.iter().filter(|key| key.algorithm == "ssh-dss" || key.bits.is_some_and(|bits| bits < SHORTEST_RSA));
    let found: Vec<String> = weak
        .map(|key| {
            let length = key.bits.map(|bits| format!(" {bits}")).unwrap_or_default();
            format!("{}: {}{length} {}", key.account, key.algorithm, key.fingerprint)
        })
        .collect();
    // Earlier versions did not read the length.
    let unread = keys.iter().any(|key| key.algorithm == "ssh-rsa" && key.bits.is_none());
    if found.is_empty() && unread { Judged::Unknown(None) } else { Judged::of_part(found, seen.facts, Area::AuthorizedKeys) }
}

fn unknown_keys(seen: &Seen<'_>) -> Judged {
    let Some(keys) = &seen.facts.authorized_keys else { return Judged::Unknown(Some(Area::AuthorizedKeys)) };
    let unknown = keys.iter().filter(|key| !seen.known_keys.contains(&key.fingerprint));
    let found = unknown.map(|key| format!("{}: {} {}", key.account, key.fingerprint, key.comment).trim_end().to_owned()).collect();
    Judged::of_part(found, seen.facts, Area::AuthorizedKeys)
}
