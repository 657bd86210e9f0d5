//! Settings of sshd that matter for security.

use std::collections::BTreeMap;

use super::text;
use crate::facts::{Area, Facts, Missing};
use crate::wire::Answer;

/// Settings that are kept, by lower-case name (sshd_config(5)).
pub(crate) const KEPT: [&str; 40] = [
    "allowagentforwarding",
    "allowgroups",
    "allowtcpforwarding",
    "allowusers",
    "authenticationmethods",
    "authorizedkeyscommand",
    "authorizedkeysfile",
    "chrootdirectory",
    "ciphers",
    "clientalivecountmax",
    "clientaliveinterval",
    "denygroups",
    "denyusers",
    "forcecommand",
    "gatewayports",
    "gssapiauthentication",
    "hostbasedauthentication",
    "hostkeyalgorithms",
    "ignorerhosts",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "logingracetime",
    "loglevel",
    "macs",
    "maxauthtries",
    "maxsessions",
    "maxstartups",
    "passwordauthentication",
    "permitemptypasswords",
    "permitrootlogin",
    "permittunnel",
    "permituserenvironment",
    "persourcemaxstartups",
    "persourcepenalties",
    "port",
    "pubkeyacceptedalgorithms",
    "pubkeyauthentication",
    "strictmodes",
    "trustedusercakeys",
    "x11forwarding",
];

/// Settings of which every line counts; of others the first.
const REPEATED: [&str; 5] = ["allowgroups", "allowusers", "denygroups", "denyusers", "port"];

/// What sshd says itself, where it may be asked; else what its files set, which leaves its defaults out.
pub(super) fn read(answer: &Answer<'_>, facts: &mut Facts) {
    let said = answer.section("sshd").filter(|section| !section.failed);
    let said = said.map(|section| settings(section.lines())).filter(|settings| !settings.is_empty());
    let whole = said.is_some();
    let set = answer.section("sshd_config").filter(|section| !section.files.is_empty());
    facts.sshd = said.or_else(|| Some(settings(of_files(&set?.files).into_iter())));
    if !whole {
        let why = match (&facts.sshd, answer.section("sshd")) {
            (None, _) => Missing::NoTool,
            (Some(_), Some(_)) => Missing::Failed,
            (Some(_), None) => Missing::NotReadable,
        };
        facts.missing.entry(Area::Sshd).or_insert(why);
    }
}

/// The lines in the order in which sshd reads them, without those for some connections only (`Match`). Distributions
/// include the folder at the top of the main file, which the probe reads last.
fn of_files<'a>(files: &[(&'a str, Vec<&'a str>)]) -> Vec<&'a str> {
    let is_match = |line: &&&str| !line.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("match "));
    files.iter().flat_map(|(_, lines)| lines.iter().take_while(is_match).copied()).collect()
}

fn settings<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    for line in lines {
        let Some((name, value)) = line.trim().split_once([' ', '\t', '=']) else { continue };
        let name = match name.to_ascii_lowercase().as_str() {
            "challengeresponseauthentication" => "kbdinteractiveauthentication".to_owned(),
            "pubkeyacceptedkeytypes" => "pubkeyacceptedalgorithms".to_owned(),
            other => other.to_owned(),
        };
        if !KEPT.contains(&name.as_str()) {
            continue;
        }
        let value = match value.trim_matches([' ', '\t', '=', '"', '\r']) {
            "without-password" => "prohibit-password",
            other => other,
        };
        let Some(value) = text(value) else { continue };
        match settings.get_mut(&name) {
            Some(known) if REPEATED.contains(&name.as_str()) && known.len() < beffroi_remote::MOST_VALUE_BYTES => {
                known.push(' ');
                known.push_str(&value);
            }
            Some(_) => {}
            None => {
                settings.insert(name, value);
            }
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_setting_counts_and_match_ends_a_file() {
        let files = [
            ("d", vec!["PasswordAuthentication no", "Match User a", "PermitRootLogin yes"]),
            ("m", vec!["passwordauthentication yes", "PermitRootLogin=without-password", "Port 22", "Port 2222", "AcceptEnv X", "Odd"]),
        ];
        let settings = settings(of_files(&files).into_iter());
        let expected = [("passwordauthentication", "no"), ("permitrootlogin", "prohibit-password"), ("port", "22 2222")];
        assert_eq!(settings, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert!(KEPT.is_sorted());
    }
}
