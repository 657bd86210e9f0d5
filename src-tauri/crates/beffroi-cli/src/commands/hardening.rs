//! `host hardening`: what could be safer, grouped by what is to be done.

use std::collections::BTreeMap;

use beffroi_api::wire::{HardeningCheck, HardeningFix, HardeningSeverity, HardeningVerdict, HostHardening, HostHardeningRequest, YnhValue};

use crate::commands::host::described_json;
use crate::context::Context;
use crate::output::{Ended, error_text, exit_of, plain, sentence};

pub(super) async fn show(context: &Context, on: String, refresh: bool) -> Ended {
    let found = context.api.host_hardening(HostHardeningRequest { on, refresh }).await?;
    if let ([host], false) = (found.results.as_slice(), context.global.json)
        && let (Some(error), None) = (&host.error, host.taken_ms)
    {
        return Err(error.clone().into());
    }
    let exit = exit_of(found.results.iter().map(|host| (host.status, host.error.as_ref())));
    Ok(described_json(context, &found, text(context, &found))?.exiting(exit))
}

/// A check, and the hosts of which it says so, each with what was found there.
struct Group<'a> {
    check: &'a HardeningCheck,
    hosts: Vec<(&'a str, &'a HardeningCheck)>,
}

/// The checks that are not well, the same on several hosts once; what is to be done first.
fn groups(found: &HostHardening) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(HardeningVerdict, HardeningSeverity, &str), Group<'_>> = BTreeMap::new();
    for host in &found.results {
        for check in host.checks.iter().filter(|check| check.verdict != HardeningVerdict::Ok) {
            let key = (check.verdict, check.severity, check.id.as_str());
            groups.entry(key).or_insert_with(|| Group { check, hosts: Vec::new() }).hosts.push((&host.host, check));
        }
    }
    groups.into_values().collect()
}

fn text(context: &Context, found: &HostHardening) -> String {
    let mut text: String = groups(found).iter().map(|group| told(context, group)).collect();
    for host in &found.results {
        text.extend(host.error.as_ref().map(|error| error_text(context.language, error)));
        let well = host.checks.iter().filter(|check| check.verdict == HardeningVerdict::Ok).count();
        let all = host.checks.len();
        if all > 0 {
            let counts = [("well", well.to_string()), ("count", all.to_string())];
            let key = if well == all { "cli.hardening-all-well" } else { "cli.hardening-count" };
            text.push_str(&format!("{}{}{}\n", plain(&host.host), context.language.colon(), sentence(context, key, &counts)));
        }
    }
    text
}

fn told(context: &Context, group: &Group<'_>) -> String {
    let Group { check, hosts } = group;
    let severity = match check.severity {
        HardeningSeverity::High => "cli.hardening-high",
        HardeningSeverity::Medium => "cli.hardening-medium",
        HardeningSeverity::Low => "cli.hardening-low",
    };
    let verdict = if check.verdict == HardeningVerdict::ToDo { "cli.hardening-to-do" } else { "cli.hardening-unknown" };
    let words = [context.words(verdict), context.words(severity)].join(", ");
    let mut text = format!("{} ({words}) [{}]\n", context.say(&check.title), check.id);
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (host, check) in hosts {
        found.entry(check.found.as_ref().map(|found| context.say(found)).unwrap_or_default()).or_default().push(host);
    }
    for (found, hosts) in found {
        text.push_str(&format!("  {}{}{}\n", plain(&hosts.join(", ")), context.language.colon(), plain(&found)));
    }
    if check.verdict == HardeningVerdict::ToDo {
        text.push_str(&format!("  {}\n", context.say(&check.why)));
        text.extend(check.remedy.as_ref().map(|remedy| format!("  → {}\n", context.say(remedy))));
    }
    let mut fixes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (host, check) in hosts {
        if let Some(words) = check.fix.as_ref().map(command) {
            fixes.entry(words).or_default().push(host);
        }
    }
    for (words, hosts) in fixes {
        text.push_str(&format!("  $ beffroi {}\n", words.replace("SELECTOR", &quoted(&hosts.join(",")))));
    }
    text.push('\n');
    text
}

/// The command of this program that does it, with `SELECTOR` for the hosts.
fn command(fix: &HardeningFix) -> String {
    match fix {
        HardeningFix::SetClock => "host set-clock SELECTOR".to_owned(),
        HardeningFix::Run { command, .. } => format!("run --on SELECTOR --sudo --detach -- {}", quoted(command)),
        HardeningFix::Ynh { operation, given } => {
            let all = beffroi_api::ynh_operations();
            let params = all.iter().find(|known| known.id == *operation).map(|known| known.params.as_slice()).unwrap_or_default();
            let mut words = vec!["ynh".to_owned(), operation.replacen('-', " ", 1)];
            for param in params {
                let values: Vec<&str> = match given.get(&param.name) {
                    Some(YnhValue::Text(text)) => vec![text],
                    Some(YnhValue::List(list)) => list.iter().map(String::as_str).collect(),
                    _ => continue,
                };
                words.extend((!param.place).then(|| format!("--{}", param.name)));
                words.extend(values.into_iter().map(quoted));
            }
            words.join(" ") + " --on SELECTOR"
        }
    }
}

/// As a POSIX shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Arguments;

    #[test]
    fn what_is_told_is_taken() {
        let text = |value: &str| YnhValue::Text(value.to_owned());
        let ynh = |operation: &str, given: Vec<(&str, YnhValue)>| HardeningFix::Ynh {
            operation: operation.to_owned(),
            given: given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        let fixes = [
            ynh("settings-set", vec![("setting", text("security.ssh.ssh_compatibility")), ("value", text("modern"))]),
            ynh("service-stop", vec![("services", YnhValue::List(vec!["yunohost-api".to_owned()]))]),
            ynh("tools-upgrade", vec![("target", text("system"))]),
            ynh("tools-reboot", Vec::new()),
            ynh("backup-create", Vec::new()),
            ynh("firewall-reload", Vec::new()),
            HardeningFix::SetClock,
        ];
        for fix in &fixes {
            let words = command(fix).replace("SELECTOR", "a,b");
            let parsed = Arguments::try_parse_from(std::iter::once("beffroi").chain(words.split(' ')));
            assert!(parsed.is_ok(), "{words}: {:?}", parsed.err().map(|error| error.to_string()));
        }
        let run = command(&HardeningFix::Run { command: "apt-get update && echo 'x'".to_owned(), root: true });
        assert_eq!(run, r"run --on SELECTOR --sudo --detach -- 'apt-get update && echo '\''x'\'''");
    }
}
