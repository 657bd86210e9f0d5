//! What may cost the operator the way in: the changes that are tied to a lifeline, and what the host needs to go back.
//!
//! Which files decide is read in YunoHost's own hooks (`conf/`, `hooks/conf_regen` of 12.1.25): SSH's configuration and its
//! firewall are made of `settings.yml` and `firewall.yml`; `regenconf.yml` has the sums by which it knows what was made by hand.

use std::time::Duration;

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
    /// `None` for what nobody can put back as it was: the removal of the account that logs in, which is refused; upgrades and
    /// migrations.
    #[must_use]
    pub fn entry(&self, given: &Given, seen: &Seen<'_>) -> Option<Entry> {
        let all = || PATHS.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        let by_files = |paths: Vec<String>| Some(Entry { port: None, paths, undo: Vec::new(), longest: LONGEST });
        let by_undo = |undo: Question| Some(Entry { port: None, paths: Vec::new(), undo: vec![undo], longest: LONGEST });
        let is_login = |name: &String| SERVICES.contains(&name.as_str());
        match self.id {
            "settings-set" if given.text("setting") == WITHOUT_PASSWORD => {
                let on = given.maybe("value").and_then(yes_or_no).unwrap_or_default();
                let before = if on { "no" } else { "yes" };
                by_undo(question(&["settings", "set", WITHOUT_PASSWORD, "-v", before]))
            }
            "settings-set" | "settings-reset" | "settings-reset-all" if self.weight(given) == Weight::LocksOut => {
                Some(Entry { port: new_ssh_port(given, seen), paths: all(), undo: Vec::new(), longest: LONGEST })
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
            "group-remove" if given.text("group") == "admins" => by_undo(again(&["user", "group", "add", "admins"], given.list("users"))),
            "permission-remove" if given.text("permission") == SSH => {
                by_undo(again(&["user", "permission", "add", SSH], given.list("names")))
            }
            _ => None,
        }
    }
}

fn again(words: &[&str], names: &[String]) -> Question {
    [question(words), names.to_vec()].concat()
}
