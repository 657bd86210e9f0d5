//! From the lines of the probe to the model. What is not understood in one process is left out, the others are kept.
//!
//! Properties of systemd: systemctl(1) `show`, org.freedesktop.systemd1(5). Words of `rc-status` and the files of a runlevel:
//! rc-status(8), and OpenRC's `librc.h`. Fields of pm2: its `jlist`, and `dump.pm2`, chosen on the host.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_remote::clean;
use serde_json::Value;

use crate::model::{Keeper, KeeperThere, MOST_ENTRIES, MOST_PROCESSES, Missing, Process, Reading, STARTING_LEVELS, State, Why};

/// The most keepers that are told: accounts whose pm2 it is, and what could not be read of them.
const MOST_KEEPERS: usize = 64;

/// Reads what the probe printed; `None` where it never spoke. `mark` is what it was told to mark its own words with.
#[must_use]
pub fn reading(output: &[u8], mark: &str) -> Option<Reading> {
    let text = String::from_utf8_lossy(output);
    let (_, rest) = text.split_once(&format!("\n{mark} begin\n"))?;
    let (body, ended) = match rest.split_once(&format!("\n{mark} end\n")) {
        Some((body, _)) => (body, true),
        None => (rest, false),
    };
    let mut reading = Reading::default();
    let mut lines = Lines::default();
    for line in body.split('\n') {
        lines.take(line, &mut reading);
    }
    systemd(&lines.units, &mut reading);
    openrc(&lines, &mut reading);
    pm2(&lines, &mut reading);
    reading.processes.sort_by(|one, other| (one.keeper, &one.owner, &one.name).cmp(&(other.keeper, &other.owner, &other.name)));
    reading.processes.dedup_by(|one, other| (one.keeper, &one.owner, &one.name) == (other.keeper, &other.owner, &other.name));
    if !ended || lines.is_cut || reading.processes.len() > MOST_PROCESSES {
        reading.processes.truncate(MOST_PROCESSES);
        reading.missing.push(Missing { keeper: None, owner: None, why: Why::Cut });
    }
    Some(reading)
}

/// The lines, each with those of its kind: [`MOST_PROCESSES`] of a kind at most.
#[derive(Default)]
struct Lines<'a> {
    /// Properties of each unit.
    units: Vec<BTreeMap<&'a str, &'a str>>,
    /// Of `rc-status`.
    states: Vec<&'a str>,
    /// The runlevels of each service.
    levels: BTreeMap<&'a str, Vec<&'a str>>,
    /// What is known of a service, by its name.
    services: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
    /// What each account's pm2 keeps, and would bring back.
    accounts: Vec<Account<'a>>,
    /// Whether there were more than are kept.
    is_cut: bool,
}

struct Account<'a> {
    name: String,
    home: String,
    runs: bool,
    version: String,
    kept: Vec<&'a str>,
    dumped: Vec<&'a str>,
}

impl<'a> Lines<'a> {
    fn take(&mut self, line: &'a str, reading: &mut Reading) {
        let Some((letter, rest)) = line.split_once(' ') else { return };
        match letter {
            "k" => {
                let (name, version) = rest.split_once(' ').unwrap_or((rest, ""));
                if let Some(keeper) = Keeper::from_name(name).filter(|_| reading.keepers.len() < MOST_KEEPERS) {
                    let there = KeeperThere { keeper, version: clean(version), owner: None, home: None, runs: true, at_boot: true };
                    reading.keepers.push(there);
                }
            }
            "u" if rest.is_empty() => self.is_cut |= !push(&mut self.units, BTreeMap::new()),
            // What comes after the last one that is kept is of none.
            "u" if self.is_cut => {}
            "u" => {
                if self.units.is_empty() {
                    self.units.push(BTreeMap::new());
                }
                if let (Some(unit), Some((key, value))) = (self.units.last_mut(), rest.split_once('=')) {
                    unit.insert(key, value);
                }
            }
            "s" => self.is_cut |= !push(&mut self.states, rest),
            "r" => {
                if let Some((level, service)) = rest.split_once('/') {
                    match entry(&mut self.levels, service) {
                        Some(levels) if levels.len() < MOST_ENTRIES => levels.push(level),
                        Some(_) => {}
                        None => self.is_cut = true,
                    }
                }
            }
            "i" => {
                let mut words = rest.splitn(3, ' ');
                if let (Some(name), Some(key), Some(value)) = (words.next(), words.next(), words.next()) {
                    match entry(&mut self.services, name) {
                        Some(known) => drop(known.insert(key, value)),
                        None => self.is_cut = true,
                    }
                }
            }
            "p" if self.accounts.len() < MOST_KEEPERS => {
                let words: Vec<&str> = rest.splitn(4, ' ').collect();
                if let [name, home, runs, ref version @ ..] = words[..] {
                    let version = clean(version.first().unwrap_or(&""));
                    let (kept, dumped) = (Vec::new(), Vec::new());
                    self.accounts.push(Account { name: clean(name), home: clean(home), runs: runs == "1", version, kept, dumped });
                }
            }
            "j" | "d" => {
                if let Some(account) = self.accounts.last_mut() {
                    self.is_cut |= !push(if letter == "j" { &mut account.kept } else { &mut account.dumped }, rest);
                }
            }
            "x" if reading.missing.len() < MOST_KEEPERS => {
                let mut words = rest.split(' ');
                let keeper = words.next().and_then(Keeper::from_name);
                let why = match words.next() {
                    Some("not-allowed") => Why::NotAllowed,
                    Some("no-program") => Why::NoProgram,
                    _ => Why::Failed,
                };
                reading.missing.push(Missing { keeper, owner: words.next().map(clean), why });
            }
            _ => {}
        }
    }
}

/// Keeps one more, where there is room.
fn push<T>(list: &mut Vec<T>, one: T) -> bool {
    let fits = list.len() < MOST_PROCESSES;
    if fits {
        list.push(one);
    }
    fits
}

/// What is known by a name, where it is known or there is room.
fn entry<'a, 'm, T: Default>(map: &'m mut BTreeMap<&'a str, T>, name: &'a str) -> Option<&'m mut T> {
    (map.len() < MOST_PROCESSES || map.contains_key(name)).then(|| map.entry(name).or_default())
}

fn systemd(units: &[BTreeMap<&str, &str>], reading: &mut Reading) {
    for unit in units {
        let of = |key: &str| unit.get(key).copied().unwrap_or("");
        let Some(name) = of("Id").strip_suffix(".service").map(clean).filter(|name| !name.is_empty()) else { continue };
        let says = of("SubState");
        let state = match of("ActiveState") {
            "active" | "reloading" => State::Running,
            "activating" => State::Starting,
            "deactivating" => State::Stopping,
            "failed" => State::Failed,
            _ => State::Stopped,
        };
        if of("LoadState") == "not-found" && state == State::Stopped {
            continue;
        }
        let wanted = words(of("WantedBy"));
        let at_boot = match of("UnitFileState") {
            "enabled" | "linked-enabled" => Some(true),
            "disabled" | "indirect" | "linked" | "linked-runtime" | "enabled-runtime" | "masked" | "masked-runtime" => Some(false),
            // What was made of a script for an older init.
            "generated" => Some(!wanted.is_empty()),
            _ => None,
        };
        let aliases = words(of("Names")).iter().filter_map(|alias| alias.strip_suffix(".service").map(str::to_owned)).collect::<Vec<_>>();
        let failed = state == State::Failed && !matches!(of("Result"), "" | "success");
        reading.processes.push(Process {
            keeper: Keeper::Systemd,
            owner: None,
            state,
            says: if failed { clean(of("Result")) } else { clean(says) },
            at_boot,
            boot_by: wanted,
            saved: None,
            is_oneshot: of("Type") == "oneshot",
            masked: of("LoadState") == "masked",
            pid: number(of("MainPID")).and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0),
            // "[not set]", or the largest number for it.
            memory_bytes: number(of("MemoryCurrent")).filter(|bytes| *bytes < u64::MAX),
            restarts: number(of("NRestarts")),
            instances: 1,
            since_seconds: moment(of("StateChangeTimestamp")),
            // A unit without words of its own is described by its name.
            description: if of("Description") == of("Id") { String::new() } else { clean(of("Description")) },
            aliases: aliases.into_iter().filter(|alias| *alias != name).collect(),
            triggered_by: words(of("TriggeredBy")),
            definition: some(of("FragmentPath")),
            logs: Vec::new(),
            name,
        });
    }
}

fn openrc(lines: &Lines<'_>, reading: &mut Reading) {
    let of_nothing = BTreeMap::new();
    for line in &lines.states {
        // ` NAME   [  STATE HH:MM:SS (RESTARTS)  ]`
        let Some((name, rest)) = line.trim().split_once(char::is_whitespace) else { continue };
        let Some(told) = rest.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { continue };
        let says = told.split_whitespace().next().unwrap_or_default();
        let known = lines.services.get(name).unwrap_or(&of_nothing);
        let of = |key: &str| known.get(key).copied().unwrap_or("");
        let state = match says {
            "started" => State::Running,
            "starting" | "scheduled" | "inactive" | "wasinactive" => State::Starting,
            "stopping" => State::Stopping,
            "crashed" | "failed" | "unsupervised" => State::Failed,
            _ => State::Stopped,
        };
        let levels: Vec<String> = lines.levels.get(name).into_iter().flatten().map(|level| clean(level)).collect();
        let runs = state == State::Running;
        let mut logs: Vec<String> = ["output_log", "error_log"].iter().filter_map(|key| path(of(key), name)).collect();
        logs.dedup();
        reading.processes.push(Process {
            keeper: Keeper::OpenRc,
            name: clean(name),
            owner: None,
            state,
            says: clean(says),
            at_boot: Some(levels.iter().any(|level| STARTING_LEVELS.contains(&level.as_str()))),
            boot_by: levels,
            saved: None,
            is_oneshot: false,
            masked: false,
            pid: number(of("pid")).and_then(|pid| u32::try_from(pid).ok()).filter(|_| runs),
            memory_bytes: memory(of("rss")).filter(|_| runs),
            restarts: number(of("start_count")),
            instances: 1,
            since_seconds: number(of("since")).filter(|_| runs),
            description: clean(unquoted(of("description"))),
            aliases: Vec::new(),
            triggered_by: Vec::new(),
            definition: Some(clean(&format!("/etc/init.d/{name}"))),
            logs,
        });
    }
}

fn pm2(lines: &Lines<'_>, reading: &mut Reading) {
    for account in &lines.accounts {
        let owner = Some(account.name.clone());
        let at_boot = starts_at_boot(&account.name, lines, reading);
        reading.keepers.push(KeeperThere {
            keeper: Keeper::Pm2,
            version: account.version.clone(),
            owner: owner.clone(),
            home: Some(account.home.clone()),
            runs: account.runs,
            at_boot,
        });
        let dumped: BTreeSet<String> = account.dumped.iter().filter_map(|line| name(&json(line)?)).collect();
        let mut found: BTreeMap<String, Process> = BTreeMap::new();
        for told in account.kept.iter().filter_map(|line| json(line)) {
            let Some(name) = name(&told) else { continue };
            let one = of_pm2(&told, &name, owner.clone());
            match found.get_mut(&name) {
                Some(process) => add(process, one),
                None => drop(found.insert(name, one)),
            }
        }
        for name in &dumped {
            found.entry(name.clone()).or_insert_with(|| of_pm2(&Value::Null, name, owner.clone()));
        }
        for mut process in found.into_values() {
            let saved = dumped.contains(&process.name);
            process.saved = Some(saved);
            process.at_boot = Some(saved && at_boot);
            reading.processes.push(process);
        }
    }
}

/// Whether an account's pm2 is started with the machine: by the unit, or the script, that `pm2 startup` makes.
fn starts_at_boot(account: &str, lines: &Lines<'_>, reading: &Reading) -> bool {
    let is_on = |process: &Process| match process.keeper {
        Keeper::Systemd => process.name == format!("pm2-{account}"),
        Keeper::OpenRc if process.name == "pm2" => {
            let script = lines.services.get("pm2");
            let user = script.and_then(|script| script.get("PM2_USER").or_else(|| script.get("user"))).map_or("", |user| unquoted(user));
            // `${PM2_USER:-ada}`, or just the account.
            user.trim_end_matches('}').rsplit(":-").next() == Some(account)
        }
        _ => false,
    };
    reading.processes.iter().any(|process| is_on(process) && process.at_boot == Some(true))
}

fn of_pm2(told: &Value, name: &str, owner: Option<String>) -> Process {
    let text = |key: &str| told[key].as_str().unwrap_or_default();
    let says = text("status");
    let state = match says {
        "online" => State::Running,
        "launching" | "one-launch-status" | "waiting restart" => State::Starting,
        "stopping" => State::Stopping,
        "errored" => State::Failed,
        _ => State::Stopped,
    };
    let runs = state == State::Running;
    let mut logs: Vec<String> = [text("out"), text("err")].into_iter().filter(|file| file.starts_with('/')).map(clean).collect();
    logs.dedup();
    Process {
        keeper: Keeper::Pm2,
        name: name.to_owned(),
        owner,
        state,
        says: clean(says),
        at_boot: None,
        boot_by: Vec::new(),
        saved: None,
        is_oneshot: false,
        masked: false,
        pid: told["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0),
        memory_bytes: told["memory"].as_u64().filter(|_| runs),
        restarts: told["restarts"].as_u64(),
        instances: u32::from(!told.is_null()),
        since_seconds: told["since"].as_u64().map(|milliseconds| milliseconds / 1000).filter(|_| runs),
        description: clean(text("file")),
        aliases: Vec::new(),
        triggered_by: Vec::new(),
        definition: None,
        logs,
    }
}

/// One more of the same name, in cluster mode: the worst state is told.
fn add(process: &mut Process, other: Process) {
    if other.state > process.state {
        (process.state, process.says) = (other.state, other.says);
    }
    process.instances = process.instances.saturating_add(1);
    process.pid = process.pid.or(other.pid);
    let sum = |one: Option<u64>, other: Option<u64>| one.map_or(other, |one| Some(one.saturating_add(other.unwrap_or(0))));
    process.memory_bytes = sum(process.memory_bytes, other.memory_bytes);
    process.restarts = sum(process.restarts, other.restarts);
    process.since_seconds = process.since_seconds.max(other.since_seconds);
    process.logs = bounded(process.logs.iter().cloned().chain(other.logs.into_iter().filter(|log| !process.logs.contains(log))).collect());
}

fn json(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok().filter(Value::is_object)
}

/// Names of pm2 may be numbers too.
fn name(told: &Value) -> Option<String> {
    let name = match &told["name"] {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(name).filter(|name| !name.is_empty())
}

fn some(value: &str) -> Option<String> {
    Some(clean(value)).filter(|text| !text.is_empty())
}

fn words(value: &str) -> Vec<String> {
    bounded(value.split_whitespace().take(MOST_ENTRIES).map(clean).collect())
}

fn bounded(mut list: Vec<String>) -> Vec<String> {
    list.truncate(MOST_ENTRIES);
    list
}

fn number(value: &str) -> Option<u64> {
    value.trim().parse().ok()
}

/// `VmRSS:     1576 kB`
fn memory(line: &str) -> Option<u64> {
    let kib: u64 = line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// `Sun 2026-11-22 19:18:45 UTC`, which the probe asks for in UTC.
fn moment(value: &str) -> Option<u64> {
    let civil = value.strip_suffix(" UTC")?.split_once(' ')?.1;
    let moment: jiff::civil::DateTime = civil.parse().ok()?;
    u64::try_from(moment.in_tz("UTC").ok()?.timestamp().as_second()).ok().filter(|seconds| *seconds > 0)
}

/// A value of a shell script, without its quotes.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let within = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.split(quote).next());
    within('"').or_else(|| within('\'')).unwrap_or_else(|| value.split_whitespace().next().unwrap_or_default())
}

/// A file that a script of OpenRC names, where nothing but the service's name stands in it for something else.
fn path(value: &str, name: &str) -> Option<String> {
    if name.contains('$') {
        return None;
    }
    let (mut file, name) = (clean(unquoted(value)), clean(name));
    for variable in ["${RC_SVCNAME}", "$RC_SVCNAME", "${SVCNAME}", "$SVCNAME"] {
        file = file.replace(variable, &name);
    }
    Some(clean(&file)).filter(|file| file.starts_with('/') && !file.contains(['$', '`', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_is_kept_is_not_gathered_first() {
        let (mut lines, mut reading) = (Lines::default(), Reading::default());
        let most = 3 * MOST_PROCESSES;
        let text: String = (0..most)
            .map(|at| format!("k pm2 1\nu \nu Id=n{at}.service\ns n{at} [ started ]\nr default/n{at}\ni n{at} pid 1\nx pm2 failed n{at}\n"))
            .collect();
        let of_account: String = (0..most).map(|at| format!("j {{\"name\":\"n{at}\"}}\nd {{\"name\":\"n{at}\"}}\n")).collect();
        let levels: String = (0..most).map(|at| format!("r l{at}/n0\n")).collect();
        let text = format!("{text}p web /home/web 1 6\n{of_account}{levels}");
        for line in text.lines() {
            lines.take(line, &mut reading);
        }
        assert!(lines.is_cut);
        assert_eq!([lines.units.len(), lines.states.len(), lines.levels.len(), lines.services.len()], [MOST_PROCESSES; 4]);
        assert_eq!([lines.accounts[0].kept.len(), lines.accounts[0].dumped.len()], [MOST_PROCESSES; 2]);
        assert_eq!(lines.levels["n0"].len(), MOST_ENTRIES);
        assert_eq!((reading.keepers.len(), reading.missing.len()), (MOST_KEEPERS, MOST_KEEPERS));
        assert_eq!(lines.units.last(), Some(&BTreeMap::from([("Id", format!("n{}.service", MOST_PROCESSES - 1).as_str())])));
    }

    #[test]
    fn a_name_does_not_make_a_path_grow_without_end() {
        let (name, value) = ("n".repeat(1 << 20), "/$SVCNAME".repeat(1 << 20));
        assert!(path(&value, &name).is_some_and(|file| file.len() <= 4096));
        assert_eq!(path("/var/log/$RC_SVCNAME.log", "web").as_deref(), Some("/var/log/web.log"));
        assert_eq!(path("/$SVCNAME", &"$SVCNAME".repeat(400)), None);
    }
}
