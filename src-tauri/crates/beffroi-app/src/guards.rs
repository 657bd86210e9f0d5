//! What of a host's survey speaks against an action there: no room for it, a clock that is wrong, the account that logs in.

use beffroi_domain::{Access, Message, Sudo, TargetRecord};
use beffroi_survey::Facts;
use beffroi_yunohost::facts::{LoggedOperation, Part};
use beffroi_yunohost::{Answer, Given, LOCK_MINUTES, YunohostFacts, is_login_shell};

use crate::surveys::Survey;
use crate::{Action, AppError, GuardError};

const MB: u64 = 1024 * 1024;
const GB: u64 = 1024 * MB;

/// What an operation needs of a host before it is worth beginning.
///
/// The figures are those at which YunoHost 12.1.25 itself gives up or warns: `src/app.py` (512 MB on `/` to install and to
/// upgrade), `src/backup.py` (`APP_MARGIN_SPACE_SIZE`, 100 MB where archives are kept, beside what is saved),
/// `src/migrations/0027_migrate_to_bookworm.py` (1 GB in `/var`), `src/tools.py` (10 GB in all before a first install),
/// `src/diagnosers/50-systemresources.py` (under 100 MB of memory is an error). It finds some of that out in the middle.
struct Needs {
    /// Where, and how many bytes free.
    disk: Option<(&'static str, u64)>,
    /// How many bytes of memory free, swap counted.
    memory: Option<u64>,
}

const APPS: Needs = Needs { disk: Some(("/", 512_000_000)), memory: Some(100 * MB) };
const ARCHIVES: Needs = Needs { disk: Some(("/home/yunohost.backup", 100 * MB)), memory: None };
const SYSTEM: Needs = Needs { disk: Some(("/var", GB)), memory: Some(100 * MB) };
/// The size of `/` and `/var` before a first install.
const FIRST_INSTALL: u64 = 10 * GB;

fn needs(operation: &str) -> Option<Needs> {
    match operation {
        "app-install" | "app-upgrade" => Some(APPS),
        "backup-create" | "backup-restore" | "backup-restore-system" => Some(ARCHIVES),
        "tools-upgrade" | "tools-migrations-run" => Some(SYSTEM),
        _ => None,
    }
}

/// From this many seconds on a clock is wrong where it matters: what is signed is not valid yet, or not any more. Package lists
/// may be ten seconds from the future (`Acquire::Max-FutureTime`, apt.conf(5)) and codes are of 30 seconds (RFC 6238, 5.2), but
/// a survey measures no better than its own round trip; certificates of Let's Encrypt begin an hour before they are made.
const SKEW: u64 = 300;

/// Operations that look at what is signed, or sign.
const TIMED: &[&str] = &[
    "tools-postinstall",
    "tools-update",
    "tools-upgrade",
    "tools-migrations-run",
    "app-install",
    "app-upgrade",
    "domain-cert-install",
    "domain-cert-renew",
];

/// Operations that fetch something from the Internet: packages, applications, certificates, records of DNS.
const FETCHING: &[&str] = &[
    "tools-update",
    "tools-upgrade",
    "app-install",
    "app-upgrade",
    "domain-dns-push",
    "domain-dyndns-subscribe",
    "domain-dyndns-unsubscribe",
    "domain-dyndns-set-recovery-password",
    "dyndns-update",
];

/// That a host on which an operation fetches something has no way to the Internet, as its routes or its own diagnosis say. No
/// refusal: a mirror or a proxy may stand where neither sees it.
pub(crate) fn no_way_out(operation: &str, given: &Given, survey: &Survey) -> Option<Message> {
    let is_sent = given.maybe("source").is_some_and(|source| source.starts_with('/'));
    let no_route = survey.facts.default_routes.as_ref().is_some_and(Vec::is_empty);
    let isolated = || {
        let diagnosis = survey.yunohost.as_ref().and_then(|facts| facts.diagnosis.value());
        diagnosis.is_some_and(beffroi_yunohost::facts::Diagnosis::is_isolated)
    };
    (FETCHING.contains(&operation) && !is_sent && (no_route || isolated())).then(|| Message::new("warning.ynh-no-way-out"))
}

/// Says no to an operation of YunoHost's for which a host has no room, or the wrong time.
pub(crate) fn foreseen(operation: &str, given: &Given, survey: &Survey) -> Result<(), AppError> {
    let facts = &survey.facts;
    if let Some(skew) = survey.clock_skew_s().filter(|skew| TIMED.contains(&operation) && skew.unsigned_abs() >= SKEW) {
        return Err(AppError::Guard(GuardError::ClockWrong { seconds: skew }));
    }
    if operation == "tools-postinstall" && !given.is_on("small-disk") {
        refuse_less(Some(size_of(facts)).filter(|size| *size > 0), FIRST_INSTALL, "/")?;
    }
    let Some(needs) = needs(operation) else { return Ok(()) };
    if let Some((place, least)) = needs.disk {
        refuse_less(free_at(facts, place), least, place)?;
    }
    needs.memory.map_or(Ok(()), |least| refuse_less(free_memory(facts), least, "memory"))
}

/// Where nothing was read, nothing speaks against it.
fn refuse_less(free: Option<u64>, least: u64, place: &str) -> Result<(), AppError> {
    match free {
        Some(free) if free < least => Err(AppError::Guard(GuardError::NoRoom { place: place.to_owned(), free, least })),
        _ => Ok(()),
    }
}

/// What is free on the file system that holds a folder.
fn free_at(facts: &Facts, folder: &str) -> Option<u64> {
    let holds = |mount: &str| mount == "/" || folder == mount || folder.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'));
    let disks = facts.disks.iter().flatten().filter(|disk| holds(&disk.mount));
    let free = disks.max_by_key(|disk| disk.mount.len()).map(|disk| disk.available_bytes);
    free.or_else(|| facts.disk_total_bytes?.checked_sub(facts.disk_used_bytes?))
}

/// The size of what YunoHost lies on.
fn size_of(facts: &Facts) -> u64 {
    let disks = facts.disks.iter().flatten().filter(|disk| matches!(disk.mount.as_str(), "/" | "/var"));
    let size = disks.map(|disk| disk.total_bytes).sum();
    if size > 0 { size } else { facts.disk_total_bytes.unwrap_or(0) }
}

fn free_memory(facts: &Facts) -> Option<u64> {
    facts.memory_available_bytes.map(|free| free.saturating_add(facts.swap_free_bytes.unwrap_or(0)))
}

/// Says no to what the account with which the host is reached would not get in after: its removal, a login shell that is none,
/// and another password where it is asked for one. `by_password`: whether a way asks for it.
pub(crate) fn refuse_own_account(target: &TargetRecord, action: &Action, by_password: impl Fn(&Access) -> bool) -> Result<(), AppError> {
    let Action::Yunohost { operation, given } = action else { return Ok(()) };
    let name = given.text("username");
    let mut ways = target.accesses().filter(|access| access.user == name);
    let shut_out = match operation.id {
        "user-remove" => ways.next().is_some(),
        "user-edit" if given.maybe("shell").is_some_and(|shell| !is_login_shell(shell)) => ways.next().is_some(),
        "user-edit" if given.has("password") => ways.any(|access| matches!(target.sudo, Sudo::Password(_)) || by_password(access)),
        _ => false,
    };
    if shut_out { Err(AppError::Guard(GuardError::OwnAccount { user: name.to_owned() })) } else { Ok(()) }
}

/// What is to be known of YunoHost's lock before an operation is sent that will want it: who holds it, or that it was left behind.
pub(crate) fn lock_held(host: &str, facts: &YunohostFacts, journal: Option<&Answer>) -> Option<Message> {
    let holder = facts.lock.as_ref()?;
    if !holder.alive {
        return Some(Message::new("note.ynh-lock-left").with("host", host).with("pid", holder.pid));
    }
    let journal = journal.map(LoggedOperation::read_list);
    let running = holder.running(journal.as_ref().and_then(Part::value).map_or(&[], Vec::as_slice));
    Some(running.message("warning.ynh-running", "warning.ynh-running-by").with("host", host).with("minutes", LOCK_MINUTES))
}

#[cfg(test)]
mod tests {
    use beffroi_survey::facts::Disk;

    use super::*;

    fn survey(facts: Facts) -> Survey {
        Survey { taken_ms: 1_800_000_000_000, took_ms: 1, facts, yunohost: None }
    }

    fn disk(mount: &str, available_bytes: u64) -> Disk {
        Disk { mount: mount.to_owned(), total_bytes: 20 * GB, available_bytes, ..Disk::default() }
    }

    fn refused(operation: &str, facts: Facts) -> Option<(String, u64)> {
        match foreseen(operation, &Given::default(), &survey(facts)) {
            Ok(()) => None,
            Err(AppError::Guard(GuardError::NoRoom { place, least, .. })) => Some((place, least)),
            Err(other) => Some((other.to_string(), 0)),
        }
    }

    #[test]
    fn room_is_looked_for_where_it_is_needed() {
        let of = |disks: Vec<Disk>| Facts { disks: Some(disks), memory_available_bytes: Some(GB), ..Facts::default() };
        let full = || of(vec![disk("/", 50 * MB), disk("/var", 2 * GB), disk("/home", 2 * GB), disk("/home/yunohost", 0)]);
        assert_eq!(refused("app-install", full()), Some(("/".to_owned(), 512_000_000)));
        assert_eq!(refused("tools-upgrade", full()), None, "/var has a disk of its own");
        assert_eq!(refused("backup-create", full()), None, "not on /home/yunohost, though it begins so");
        assert_eq!(refused("backup-create", of(vec![disk("/", 50 * MB)])), Some(("/home/yunohost.backup".to_owned(), 100 * MB)));
        assert_eq!(refused("user-add", full()), None);
        assert_eq!(refused("app-install", Facts::default()), None, "what was not read does not speak");
        let small = Disk { total_bytes: 8 * GB, ..disk("/", 7 * GB) };
        assert_eq!(refused("tools-postinstall", of(vec![small])), Some(("/".to_owned(), 10 * GB)));
    }

    #[test]
    fn memory_is_counted_with_swap() {
        let of = |free, swap| Facts { memory_available_bytes: Some(free), swap_free_bytes: swap, ..Facts::default() };
        assert_eq!(refused("app-upgrade", of(60 * MB, None)), Some(("memory".to_owned(), 100 * MB)));
        assert_eq!(refused("app-upgrade", of(60 * MB, Some(512 * MB))), None);
    }

    #[test]
    fn what_fetches_something_is_told_where_there_is_no_way_out() {
        let told = |operation: &str, facts: Facts| no_way_out(operation, &Given::default(), &survey(facts)).is_some();
        let without = || Facts { default_routes: Some(Vec::new()), ..Facts::default() };
        assert!(told("app-install", without()) && told("tools-update", without()));
        assert!(!told("user-add", without()), "it fetches nothing");
        assert!(!told("app-install", Facts::default()), "what was not read does not speak");
    }

    #[test]
    fn a_clock_counts_where_something_is_signed() {
        let of = |clock| Facts { clock_seconds: Some(clock), ..Facts::default() };
        for clock in [1_800_000_000 - SKEW, 1_800_000_000 + SKEW] {
            assert!(refused("domain-cert-renew", of(clock)).is_some());
            assert_eq!(refused("user-add", of(clock)), None);
        }
        assert_eq!(refused("domain-cert-renew", of(1_800_000_000 + SKEW - 1)), None);
    }
}
