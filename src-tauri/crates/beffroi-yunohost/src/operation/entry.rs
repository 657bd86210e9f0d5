//! What may cost the operator the way in: the changes that are tied to a lifeline, and what the host needs to go back.
//!
//! Which files decide is read in YunoHost's own hooks (`conf/`, `hooks/conf_regen` of 12.1.25): SSH's configuration and its
//! firewall are made of `settings.yml` and `firewall.yml`; `regenconf.yml` has the sums by which it knows what was made by hand.

use std::time::Duration;

use serde_json::Value;

use super::{Given, Operation, Question, Seen, Weight, question};
use crate::operations::new_ssh_port;
use crate::text::yes_or_no;

/// What an operation may do to the operator's way in, and what undoes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where SSH listens afterwards, when it moves.
    pub port: Option<u16>,
    /// Files and folders that decide who gets in, as they must be put back. The rules of the firewall and the state of services
    /// are put back with whatever else.
    pub paths: Vec<String>,
    /// What YunoHost has to do to go back, where no file decides; nothing secret.
    pub undo: Vec<Question>,
    /// How long the change may take.
    pub longest: Duration,
}

const PATHS: &[&str] = &[
    "/etc/ssh",
    "/etc/yunohost/settings.yml",
    "/etc/yunohost/firewall.yml",
    "/etc/yunohost/regenconf.yml",
    "/etc/nftables.conf",
    "/etc/nftables.d",
    "/etc/fail2ban/jail.conf",
    "/etc/fail2ban/jail.d",
    "/etc/nsswitch.conf",
    "/etc/nslcd.conf",
    "/etc/pam.d",
    "/etc/sudoers",
    "/etc/sudoers.d",
];

/// Services without which nobody gets in, or which say who does.
const SERVICES: &[&str] = &["ssh", "slapd", "nslcd", "unscd", "nftables", "yunohost-firewall", "fail2ban"];

/// The permission that lets people log in by SSH (`AllowGroups ssh.main`).
const SSH: &str = "ssh.main";
const WITHOUT_PASSWORD: &str = "security.password.passwordless_sudo";

/// YunoHost waits for another operation for ten minutes; then it works.
const LONGEST: Duration = Duration::from_secs(1800);
/// An archive of everything.
const LONGEST_RESTORE: Duration = Duration::from_secs(24 * 3600);

impl Operation {
    /// What it may do to the operator's way in; nothing for what cannot touch it. Asked after the guard said yes.
    ///
    /// `None` for what nobody can put back as it was: the removal of the account that logs in, its password and its login shell,
    /// which are refused; upgrades and migrations.
    #[must_use]
    pub fn entry(&self, given: &Given, seen: &Seen<'_>) -> Option<Entry> {
        let all = || PATHS.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        let by_files = |paths: Vec<String>| Some(Entry { port: None, paths, undo: Vec::new(), longest: LONGEST });
        let by_undo = |undo: Question| Some(Entry { port: None, paths: Vec::new(), undo: vec![undo], longest: LONGEST });
        let again = |words: &[&str], names: Vec<String>| (!names.is_empty()).then(|| by_undo([question(words), names].concat())).flatten();
        let permitted = || seen.facts.permissions.value()?.get(SSH).map(|permission| permission.allowed.as_slice());
        let is_login = |name: &String| SERVICES.contains(&name.as_str());
        match self.id {
            "settings-set" | "settings-reset" | "settings-reset-all" => {
                let back = |before| question(&["settings", "set", WITHOUT_PASSWORD, "-v", if before { "yes" } else { "no" }]);
                let undo: Vec<Question> = without_password_before(given, seen).map(back).into_iter().collect();
                if self.weight(given) == Weight::LocksOut {
                    Some(Entry { port: new_ssh_port(given, seen), paths: all(), undo, longest: LONGEST })
                } else {
                    undo.into_iter().next().and_then(by_undo)
                }
            }
            "firewall-open" | "firewall-close" | "firewall-delete" | "firewall-reload" | "firewall-upnp" | "tools-regen-conf" => {
                by_files(all())
            }
            "backup-restore-system" => Some(Entry { port: None, paths: all(), undo: Vec::new(), longest: LONGEST_RESTORE }),
            // What it makes of YunoHost stays: only who gets in is as before.
            "tools-postinstall" => by_files(vec!["/etc/ssh".to_owned()]),
            "tools-rootpw" => by_files(vec!["/etc/shadow".to_owned()]),
            "ssh-remove-key" => by_files(vec![format!("/home/{}/.ssh", given.text("username"))]),
            "service-stop" | "service-restart" | "service-reload" | "service-reload-or-restart" | "service-disable" | "service-remove" => {
                let named = given.maybe("service").is_some_and(|name| is_login(&name.to_owned()));
                (named || given.list("services").iter().any(is_login)).then(|| by_files(all())).flatten()
            }
            // Only those who were in it: what is undone gives nobody a right that he had not.
            "group-remove" => {
                let group = given.text("group");
                let lets_in = group == "admins" || permitted().is_some_and(|allowed| allowed.iter().any(|name| name == group));
                let members = seen.facts.groups.value()?.get(group).map(|group| group.members.as_slice()).unwrap_or_default();
                let leaving = among(given.list("users"), members);
                lets_in.then(|| again(&["user", "group", "add", group], leaving)).flatten()
            }
            // What it had beside its members and rights does not come back.
            "group-delete" => {
                let group = given.text("group");
                let members = seen.facts.groups.value()?.get(group).map(|group| group.members.clone()).unwrap_or_default();
                let has = |allowed: &[String]| allowed.iter().any(|name| name == group);
                let rights = seen.facts.permissions.value()?.iter().filter(|(_, permission)| has(&permission.allowed));
                let rights = rights.map(|(name, _)| question(&["user", "permission", "add", name, group]));
                let joined = [question(&["user", "group", "add", group]), members.clone()].concat();
                let undo = [question(&["user", "group", "create", group]), joined].into_iter().chain(rights).collect();
                let lets_in = permitted().is_some_and(has) && !members.is_empty();
                lets_in.then_some(Entry { port: None, paths: Vec::new(), undo, longest: LONGEST })
            }
            "permission-remove" if given.text("permission") == SSH => {
                again(&["user", "permission", "add", SSH], among(given.list("names"), permitted().unwrap_or_default()))
            }
            _ => None,
        }
    }
}

fn among(names: &[String], seen: &[String]) -> Vec<String> {
    names.iter().filter(|name| seen.contains(name)).cloned().collect()
}

/// Whether sudo asked for no password, where that is to change.
fn without_password_before(given: &Given, seen: &Seen<'_>) -> Option<bool> {
    let key = given.text("setting");
    let below = |of: &Value, name: &str, id: &str| {
        of.get(name)?.as_array()?.iter().find(|part| part.get("id").and_then(Value::as_str) == Some(id)).cloned()
    };
    let tree = seen.answer(0, "settings").ok()?;
    let section = below(&below(&tree, "panels", "security")?, "sections", "password")?;
    let option = below(&section, "options", "passwordless_sudo")?;
    let default = option.get("default").and_then(is_on).unwrap_or_default();
    let before = option.get("value").or_else(|| option.get("current_value")).and_then(is_on).unwrap_or(default);
    let then = if given.has("value") || given.has("values") {
        let below_key = |(name, value)| (format!("{key}.{name}") == WITHOUT_PASSWORD).then_some(value).flatten();
        given
            .maybe("value")
            .filter(|_| key == WITHOUT_PASSWORD)
            .or_else(|| given.settings("values").find_map(below_key))
            .and_then(yes_or_no)
    } else {
        Some(default)
    };
    then.filter(|then| *then != before).map(|_| before)
}

fn is_on(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::Number(number) => Some(number.as_u64() != Some(0)),
        Value::String(word) => yes_or_no(word),
        _ => None,
    }
}
