//! How secrets are, where they should not be, and what is made of them.

use std::collections::BTreeMap;

use beffroi_api::wire::{
    OneTimeCode, PublicKey, ScanFinding, ScanHook, ScanReport, ScanWhat, SecretFault, SecretHealth, SecretHealthRequest, SecretName,
    SecretScan,
};
use beffroi_secret::SecretBytes;

use crate::args::HealthCommand;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, sentence, talk};
use crate::table::table;

/// The exit status when something was found.
const FOUND: u8 = 1;
/// Digits of a commit that are told.
const SHORT: usize = 10;

pub(super) async fn run(context: &Context, command: HealthCommand) -> Ended {
    match command {
        HealthCommand::Health { leaked, old, strict } => {
            let leaked = leaked.as_deref().map(input::absolute).transpose()?;
            context.open().await?;
            let health = context.api.secret_health(SecretHealthRequest { leaked, old_days: Some(old) }).await?;
            let mut answer = Answer::new(&health, told(context, &health))?;
            answer.exit = if strict && !health.findings.is_empty() { FOUND } else { 0 };
            Ok(answer)
        }
        HealthCommand::Scan { path, install_hook, remove_hook, .. } if install_hook || remove_hook => {
            let hook = context.here.scan_hook(ScanHook { path: input::absolute(&path)?, remove: remove_hook }).await?;
            let key = match (remove_hook, hook.changed) {
                (false, true) => "cli.hook-installed",
                (false, false) => "cli.hook-there",
                (true, true) => "cli.hook-removed",
                (true, false) => "cli.hook-none",
            };
            let text = sentence(context, key, &[("path", hook.path.clone())]);
            Answer::new(&hook, format!("{text}\n"))
        }
        HealthCommand::Scan { path, staged, history, ignored, rules_only, baseline, accept, .. } => {
            let what = match (staged, history, ignored) {
                (true, ..) => ScanWhat::Staged,
                (_, true, _) => ScanWhat::History,
                (_, _, true) => ScanWhat::AllFiles,
                _ => ScanWhat::Files,
            };
            let baseline = baseline.as_deref().map(input::absolute).transpose()?;
            let scan = SecretScan { path: input::absolute(&path)?, what, rules_only, baseline, accept, name: None };
            // Values are looked for where a vault is meant: open elsewhere, or named.
            let by_values = !rules_only && (context.is_answered_elsewhere() || context.global.vault.is_some());
            let report = if by_values {
                context.open().await?;
                context.api.secret_scan(scan).await?
            } else {
                context.here.secret_scan(SecretScan { rules_only: true, ..scan }).await?
            };
            let mut answer = Answer::new(&report, scanned(context, &report))?;
            answer.exit = if report.findings.is_empty() { 0 } else { FOUND };
            Ok(answer)
        }
        HealthCommand::Code { name } => {
            context.open().await?;
            let made: OneTimeCode = context.api.secret_code(SecretName { name }).await?;
            if context.global.json {
                return Answer::secret(&made);
            }
            let left = made.until_ms.saturating_sub(input::now_ms()).div_ceil(1000);
            if !context.global.quiet {
                talk(&format!("{left} s\n"));
            }
            // To standard output, as was asked for.
            Ok(Answer::secret_text(SecretBytes::new(format!("{}\n", made.code.expose()).into_bytes())))
        }
        HealthCommand::Public { name } => {
            context.open().await?;
            let key: PublicKey = context.api.secret_public(SecretName { name }).await?;
            Answer::new(&key, format!("{}\n", key.line))
        }
    }
}

fn told(context: &Context, health: &SecretHealth) -> String {
    let mut text = String::new();
    let mut counts: BTreeMap<SecretFault, usize> = BTreeMap::new();
    for finding in &health.findings {
        *counts.entry(finding.fault).or_default() += 1;
    }
    if !health.findings.is_empty() {
        let heading = ["cli.finding", "cli.of", "cli.stage", "cli.found"].map(|key| context.words(key));
        let rows: Vec<_> = health
            .findings
            .iter()
            .map(|found| {
                let of = found.secret.clone().or_else(|| found.host.clone()).unwrap_or_default();
                vec![context.words(fault_key(found.fault)), of, found.stage.clone(), context.say(&found.what)]
            })
            .collect();
        text.push_str(&table(&heading, &rows));
        text.push('\n');
    }
    let sum: Vec<String> = counts.iter().map(|(fault, count)| format!("{} {count}", context.words(fault_key(*fault)))).collect();
    let mut line = |key: &str, values: &[(&'static str, String)]| text.push_str(&format!("{}\n", sentence(context, key, values)));
    line("cli.health-checked", &[("count", health.checked.to_string())]);
    if !sum.is_empty() {
        line("cli.health-sum", &[("sum", sum.join(", "))]);
    }
    for (stage, count) in &health.sealed {
        line("cli.health-sealed", &[("stage", stage.clone()), ("count", count.to_string())]);
    }
    if health.hosts_unknown > 0 {
        line("cli.health-hosts-unknown", &[("count", health.hosts_unknown.to_string())]);
    }
    if health.keys_unknown > 0 {
        line("cli.health-keys-unknown", &[("count", health.keys_unknown.to_string())]);
    }
    if health.leaked_unknown > 0 {
        line("cli.health-leaked-unknown", &[("count", health.leaked_unknown.to_string())]);
    }
    if health.leaked.is_none() {
        line("cli.health-not-leaked", &[]);
    }
    text
}

fn fault_key(fault: SecretFault) -> &'static str {
    match fault {
        SecretFault::Leaked => "secret-fault.leaked",
        SecretFault::Weak => "secret-fault.weak",
        SecretFault::Expired => "secret-fault.expired",
        SecretFault::Reused => "secret-fault.reused",
        SecretFault::WeakKey => "secret-fault.weak-key",
        SecretFault::PasswordLogin => "secret-fault.password-login",
        SecretFault::SharedKey => "secret-fault.shared-key",
        SecretFault::Old => "secret-fault.old",
        SecretFault::Unused => "secret-fault.unused",
    }
}

fn scanned(context: &Context, report: &ScanReport) -> String {
    let mut text = String::new();
    if !report.findings.is_empty() {
        let heading = ["cli.place", "cli.finding", "cli.what", "cli.fingerprint"].map(|key| context.words(key));
        let row = |found: &ScanFinding| {
            let commit = found.commit.as_deref().map(|commit| format!(" {}", commit.chars().take(SHORT).collect::<String>()));
            let place = format!("{}:{}:{}{}", found.path, found.line, found.column, commit.unwrap_or_default());
            let what = found.known.as_ref().map_or_else(|| found.masked.clone(), |name| format!("{} {}", found.masked, name));
            vec![place, found.rule.clone(), what, found.fingerprint.clone()]
        };
        text.push_str(&table(&heading, &report.findings.iter().map(row).collect::<Vec<_>>()));
        text.push('\n');
    }
    let mut line = |key: &str, values: &[(&'static str, String)]| text.push_str(&format!("{}\n", sentence(context, key, values)));
    let (found, files) = (report.findings.len() as u64 + report.untold, report.files);
    line("cli.scan-sum", &[("found", found.to_string()), ("files", files.to_string()), ("bytes", report.bytes.to_string())]);
    if report.accepted > 0 {
        line("cli.scan-accepted", &[("count", report.accepted.to_string())]);
    }
    if report.binary + report.large + report.unreadable + report.others > 0 {
        let counts = [("binary", report.binary), ("large", report.large), ("unreadable", report.unreadable), ("others", report.others)];
        line("cli.scan-skipped", &counts.map(|(name, count)| (name, count.to_string())));
    }
    match report.values {
        Some(count) => line("cli.scan-values", &[("count", count.to_string())]),
        None => line("cli.scan-rules-only", &[]),
    }
    text
}
