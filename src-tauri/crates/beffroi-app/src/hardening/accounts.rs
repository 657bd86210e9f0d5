//! Who can become root, and by what.

use beffroi_survey::Area;
use beffroi_survey::facts::Password;

use super::{Check, Judged, Seen, check, no_fix};

pub(super) const CHECKS: &[Check] = &[
    check!("root-accounts", High, root_accounts, no_fix),
    check!("empty-passwords", High, empty_passwords, no_fix),
    check!("sudo-passwords", Medium, sudo_passwords, no_fix),
    check!("root-groups", Medium, root_groups, no_fix),
    check!("loose-files", High, loose_files, no_fix),
];

fn root_accounts(seen: &Seen<'_>) -> Judged {
    let Some(accounts) = &seen.facts.accounts else { return Judged::Unknown(Some(Area::Accounts)) };
    let others = accounts.iter().filter(|account| account.uid == 0 && account.name != "root");
    Judged::of_part(others.map(|account| account.name.clone()).collect(), seen.facts, Area::Accounts)
}

fn empty_passwords(seen: &Seen<'_>) -> Judged {
    let Some(accounts) = &seen.facts.accounts else { return Judged::Unknown(Some(Area::Accounts)) };
    let empty = accounts.iter().filter(|account| account.password == Some(Password::Empty));
    let found: Vec<String> = empty.map(|account| account.name.clone()).collect();
    // Accounts of a directory have their passwords there; those of this machine are the ones below 1000, and root's is among them.
    let unread = accounts.iter().any(|account| account.name == "root" && account.password.is_none());
    if found.is_empty() && unread { Judged::Unknown(None) } else { Judged::of_part(found, seen.facts, Area::Accounts) }
}

fn sudo_passwords(seen: &Seen<'_>) -> Judged {
    let Some(rules) = seen.facts.sudo.as_ref().and_then(|sudo| sudo.rules.as_ref()) else { return Judged::Unknown(Some(Area::Sudo)) };
    let free = rules.iter().filter(|rule| rule.no_password && rule.who != "root");
    Judged::of_part(free.map(|rule| format!("{} ({})", rule.rule, rule.file)).collect(), seen.facts, Area::Sudo)
}

/// Groups whose members can become root without being asked for anything.
const ROOT_GROUPS: [&str; 8] = ["disk", "docker", "incus", "incus-admin", "kmem", "libvirt", "lxd", "shadow"];

fn root_groups(seen: &Seen<'_>) -> Judged {
    let Some(accounts) = &seen.facts.accounts else { return Judged::Unknown(Some(Area::Accounts)) };
    let of = |name: &str, groups: &[String]| {
        let strong = groups.iter().filter(|group| ROOT_GROUPS.contains(&group.as_str()));
        strong.map(|group| format!("{name}: {group}")).collect::<Vec<_>>()
    };
    let people = accounts.iter().filter(|account| account.uid != 0);
    Judged::of_part(people.flat_map(|account| of(&account.name, &account.groups)).collect(), seen.facts, Area::Accounts)
}

fn loose_files(seen: &Seen<'_>) -> Judged {
    seen.facts.loose_files.as_ref().map_or(Judged::Unknown(None), |files| Judged::of(files.clone()))
}
